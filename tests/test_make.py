"""The Makefile: it deletes only what the project made, and a path may hold spaces and accents."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: What `make clean` removes, one file of each.
MADE = (
    "_build/html/index.html",
    "book/web/node_modules/.done",
    "tools/javascript/node_modules/.done",
    "inpaintlib.egg-info/PKG-INFO",
    ".pytest_cache/README.md",
    ".mypy_cache/3.11/a.json",
    ".ruff_cache/0/a",
    ".hypothesis/examples/a",
    "inpaintlib/__pycache__/a.pyc",
    "inpaintlib/study/chapters/__pycache__/a.pyc",
    "book/_ext/__pycache__/a.pyc",
)

#: What a user may keep beside it, all of which stays.
KEPT = (
    "notebooks/01-introduction.ipynb",
    "notebooks/.ipynb_checkpoints/mine-checkpoint.ipynb",
    "notebooks copy/.ipynb_checkpoints/mine-checkpoint.ipynb",
    "notebooks copy/mine.ipynb",
    "inpaintlib copy/__pycache__/a.pyc",
    "inpaintlib/my module/notes.txt",
    "copy of/inpaintlib/__pycache__/a.pyc",
    "mine.egg-info/PKG-INFO",
    "_build copy/index.html",
    ".venv/lib/__pycache__/a.pyc",
    "benchmarks/speed.py",
    "book/préface à part/page.md",
    "tests/a.py",
    "tools/a.py",
    "__pycache__/mine.pyc",
)

#: Stands for every program of the virtual environment: writes its name and its arguments down.
RECORDER = """#!/bin/sh
{ printf '%s' "$(basename "$0")"; for each in "$@"; do printf '|%s' "$each"; done; echo; } >> calls
"""


@pytest.fixture(params=["plain", "été à part", "two  spaces 'and' quotes"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the Makefile, in a folder of that name, with an environment that only records."""
    folder = tmp_path / request.param
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
        os.utime(folder / name, (1, 1))
    for name in ("python", "ruff", "mypy", "jupyter-book", "jupyter-lab"):
        (programs / name).write_text(RECORDER, encoding="utf-8")
        (programs / name).chmod(stat.S_IRWXU)
    (folder / ".venv" / ".installed").touch()
    for name in (*MADE, *KEPT):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def make(folder: Path, *targets: str) -> list[str]:
    """Run make in a folder and return the calls that its programs wrote down."""
    ran = subprocess.run(
        ["make", "-C", str(folder), *targets], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    calls = folder / "calls"
    return calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_clean_removes_what_the_project_made_and_nothing_else(tree):
    before = files(tree)
    make(tree, "clean")
    assert files(tree) == before - set(MADE)
    make(tree, "clean")  # and again, when nothing is left to remove
    assert files(tree) == before - set(MADE)


def test_clean_follows_no_link(tree, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "__pycache__").mkdir(parents=True)
    (elsewhere / "__pycache__" / "a.pyc").touch()
    shutil.rmtree(tree / "_build")
    for name in ("_build", "inpaintlib/linked"):
        (tree / name).symlink_to(elsewhere)
    make(tree, "clean")
    assert (elsewhere / "__pycache__" / "a.pyc").is_file()


def test_every_target_runs_its_programs_wherever_the_folder_lies(tree):
    calls = make(
        tree, "install", "lint", "format", "test-quick", "test-notebooks", "notebooks", "lab"
    )
    assert "ruff|check" in calls
    assert "mypy" in calls
    assert "jupyter-lab|notebooks" in calls
    assert "python|tools/store_outputs.py" in calls
    assert sum(call.startswith("python|-m|pytest") for call in calls) == 2
    assert any("|--ignore|tests/test_book.py|" in call for call in calls)
    assert not any("part" in call or "spaces" in call for call in calls), "paths are relative"


def test_a_build_removes_the_last_one_and_nothing_else(tree):
    before = files(tree)
    ran = subprocess.run(["make", "-C", str(tree), "book"], capture_output=True, check=False)
    assert ran.returncode, "the stand-in for jupyter-book builds nothing"
    assert files(tree) == before - {"_build/html/index.html"} | {"calls"}


def test_another_python_may_lie_anywhere(tree, tmp_path):
    """``make PYTHON=…`` where the environment is missing."""
    other = tmp_path / "my pythons" / "python"
    other.parent.mkdir()
    other.write_text(RECORDER, encoding="utf-8")
    other.chmod(stat.S_IRWXU)
    (tree / ".venv" / ".installed").unlink()
    calls = make(tree, "install", f"PYTHON={other}")
    assert calls[0].startswith("python|-c|import sys;")
    assert calls[-1].endswith("|--editable|.")
