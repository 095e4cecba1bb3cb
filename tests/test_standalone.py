"""Each notebook alone, as a reader has it: one file in an empty folder, and the wheel installed.

``make test-standalone`` runs it. The environment is made for the test, outside the checkout, and
holds the package as a wheel, put there by the notebooks' own first cell, and what runs a notebook.
nbval compares the text outputs with the stored ones, so this is ``make test-notebooks`` as well.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BESIDE = ["ipykernel", "nbclient", "nbformat", "nbval", "pytest"]  # what runs a notebook

#: As in the Makefile, and with the same patience.
NBVAL = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout", "300"]
NBVAL += ["--nbval-kernel-startup-timeout", "300"]

pytestmark = pytest.mark.slow

#: Runs a notebook in the present folder, and stores it with its outputs.
RUN = """
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""


def call(command: list[str | Path], folder: Path, **settings: str) -> str:
    """Run a command that knows nothing of this checkout; return what it prints."""
    known = ("INPAINTLIB_", "PYTHON", "JUPYTER", "VIRTUAL_ENV")
    rest = {name: value for name, value in os.environ.items() if not name.startswith(known)}
    ran = subprocess.run(
        command,
        cwd=folder,
        env=rest | {"IPYTHONDIR": str(folder / ".ipython")} | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def run(python: Path, notebook: Path, **settings: str) -> None:
    """Run a notebook from top to bottom where it lies, and store its outputs there."""
    call([python, "-c", RUN, notebook.name], notebook.parent, **settings)


def read(notebook: Path) -> dict:
    return json.loads(notebook.read_text("utf-8"))


def first_code(notebook: dict) -> dict:
    return next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")


def build(folder: Path) -> Path:
    """Build the wheel, from a copy, since building leaves files behind."""
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "inpaintlib", folder / "source" / "inpaintlib", ignore=leave)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source")
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", folder, folder / "source"]
    call([sys.executable, "-m", "pip", "wheel", *options], folder)
    [wheel] = folder.glob("inpaintlib-*.whl")
    return wheel


def environment(folder: Path) -> None:
    """Make an environment in ``folder``; the package comes by the first cell of a notebook."""
    wheel = build(folder)
    allowed = folder / "constraints.txt"
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    allowed.write_text(f"{lock}\ninpaintlib @ {wheel.as_uri()}\n", encoding="utf-8")
    call([sys.executable, "-m", "venv", "venv"], folder)
    python = folder / "venv" / "bin" / "python"
    call([python, "-m", "pip", "install", "--constraint", allowed, *BESIDE], folder)

    notebook = read(NOTEBOOKS[0])
    notebook["cells"] = [first_code(notebook)]
    install = folder / "first-cell" / "install.ipynb"
    install.parent.mkdir()
    install.write_text(json.dumps(notebook), encoding="utf-8")
    run(python, install, PIP_CONSTRAINT=str(allowed))


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The interpreter of the environment, which parallel tests share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "standalone"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            folder.mkdir()
            environment(folder)
            (folder / "ready").touch()
    assert (folder / "ready").exists(), "the environment could not be made: see the first failure"
    return folder / "venv" / "bin" / "python"


def test_package_is_that_of_the_wheel(python, tmp_path):
    where = call([python, "-c", "import inpaintlib; print(inpaintlib.__file__)"], tmp_path)
    assert Path(where.strip()).is_relative_to(python.parent.parent)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_alone_prints_what_it_stores(python, path, tmp_path):
    alone = tmp_path / "empty" / path.name
    alone.parent.mkdir()
    shutil.copy(path, alone)
    shutil.copy(path.with_name("conftest.py"), alone.parent)
    settings = {"INPAINTLIB_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}
    told = call([python, "-m", "pytest", *NBVAL, path.name], alone.parent, **settings)
    code = [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]
    assert f"{len(code)} passed" in told
    assert first_code(read(path))["outputs"] == [], "the first cell does something"
