"""The study's commands: list the experiments, measure them, compare with the stored numbers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import joblib
import torch

from inpaintlib import _command, _files
from inpaintlib.datasets import DataError
from inpaintlib.study.catalogue import EXPERIMENTS, differing, measure
from inpaintlib.study.numbers import RESULTS, Store


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    known = argparse.ArgumentParser(
        prog="python -m inpaintlib.study",
        description="Without a command: list the experiments and how many numbers are stored.",
    )
    commands = known.add_subparsers(dest="command")
    for command, text in (
        ("measure", "measure experiments on the full sets, and store their numbers"),
        (
            "compare",
            "measure experiments, compare with the stored numbers; exit with 1 if they differ",
        ),
    ):
        one = commands.add_parser(command, help=text, description=text)
        one.add_argument("name", nargs="+", metavar="NAME", help="an experiment, or all")
        one.add_argument("--few", action="store_true", help="use few images, takes a minute")
        one.add_argument(
            "--folder", type=Path, default=RESULTS, help="folder of numbers; default: the package's"
        )
        one.add_argument(
            "--jobs", type=int, default=1, help="processes for the readings; -1 for one per core"
        )
        one.add_argument(
            "--cluster", metavar="ADDRESS", help="a Dask scheduler whose workers do the readings"
        )
    return known


@contextmanager
def workers(*, jobs: int, cluster: str | None) -> Iterator[None]:
    """Let joblib use this many processes, or the workers of a Dask cluster.

    Only the readings are computed by joblib; other experiments use this process alone.
    """
    if cluster is None:
        with joblib.parallel_config(n_jobs=jobs):
            yield
        return
    from dask.distributed import Client  # an optional package

    with Client(cluster), joblib.parallel_config(backend="dask"):
        yield


def listed(store: Store) -> str:
    """Return every experiment with the count of its stored numbers."""
    lines = [f"{'experiment':22}{'numbers':>8}{'few':>6}  measurement"]
    for name, experiment in EXPERIMENTS.items():
        counts = [
            str(len(store.read(name, few=few))) if store.path(name, few=few).exists() else "-"
            for few in (False, True)
        ]
        lines.append(f"{name:22}{counts[0]:>8}{counts[1]:>6}  {experiment.about}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    known = parser()
    options = known.parse_args(arguments)
    if getattr(options, "jobs", 1) == 0:
        known.error("--jobs: got 0, wanted the number of processes, or -1 for one per core")
    if options.command is None:
        print(listed(Store(RESULTS)))
        return 0
    names = list(EXPERIMENTS) if options.name == ["all"] else options.name
    if unknown := [name for name in names if name not in EXPERIMENTS]:
        known.error(f"no such experiment: {', '.join(unknown)}; there are {', '.join(EXPERIMENTS)}")
    torch.set_num_threads(1)
    run = measure_and_store if options.command == "measure" else compare
    store = Store(options.folder)
    try:
        if options.command == "measure":
            check_writable(store, names, few=options.few)
        with workers(jobs=options.jobs, cluster=options.cluster):
            fine = [run(name, store, few=options.few) for name in names]
    except DataError as error:
        known.error(str(error))
    except ModuleNotFoundError as error:
        known.error(f"--cluster: needs the package {error.name}: pip install 'inpaintlib[cluster]'")
    except BrokenPipeError:
        raise  # of the output, not of a file
    except OSError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0 if all(fine) else 1


def check_writable(store: Store, names: Sequence[str], *, few: bool) -> None:
    """Check, before a quarter of an hour of work, that the numbers can be stored."""
    for on_few in (True,) if few else (False, True):
        paths = [store.path(name, few=on_few) for name in names]
        folder = paths[0].parent
        while not folder.exists():  # it will be made
            folder = folder.parent
        _files.check_writable("folder", folder, *(path.name for path in paths))


def measure_and_store(name: str, store: Store, *, few: bool) -> bool:
    """Measure an experiment, on all cases and on few, and store the numbers."""
    for on_few in (True,) if few else (False, True):
        found = measure(name, few=on_few)
        store.write(name, found, few=on_few)
        print(f"{store.path(name, few=on_few)}: {len(found)} numbers")
    return True


def compare(name: str, store: Store, *, few: bool) -> bool:
    """Measure an experiment; print differences from the store; return whether there are none."""
    told = differing(store.read(name, few=few), measure(name, few=few))
    print(*(f"{name}: {line}" for line in told or ["as stored"]), sep="\n")
    return not told


if __name__ == "__main__":
    sys.exit(_command.run(main))
