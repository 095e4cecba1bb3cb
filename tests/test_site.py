"""Around the book: how it is published, and how a reader gets from a page to a running notebook."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parent.parent

chapters = pytest.importorskip("chapters", reason="needs docutils, which comes with jupyter-book")
plain = pytest.importorskip("plain")

CHAPTER = "notebooks/03-energy"
MAKE = re.compile(r"\bmake ([a-z-]+)")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))


# Publishing


@pytest.fixture
def workflow() -> dict:
    parsed = yaml.safe_load(read(".github/workflows/book.yml"))
    return parsed | {"on": parsed[True]}  # YAML 1.1 reads the word as yes


def test_workflow_runs_what_ci_runs(workflow):
    steps = workflow["jobs"]["build"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands[-1] == ".ci/run"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert set(MAKE.findall(read(".ci/run"))) <= targets()
    assert "INPAINTLIB_REQUIRE_BROWSER=1" in read(".ci/run")


def test_tests_with_a_browser_are_part_of_make_test():
    """Those of the book's pages run after it was built; test-notebooks is test-standalone here."""
    text = read("Makefile")
    rules = [text.partition(f"\n{name}:")[2] for name in ("test", "test-book", "test-beside")]
    calls = [
        call for rule in rules for call in re.findall(r"\$\(MAKE\)(.*)", rule.partition("\n\n")[0])
    ]
    assert set(re.findall(r"test-[a-z]+", " ".join(calls))) == {
        target for target in targets() if target.startswith("test-")
    } - {"test-notebooks"}
    assert "tests/test_browser.py" in read("Makefile")
    assert "tests/test_jupyterlab.py" in read("Makefile")


def test_workflow_and_project_name_the_same_pythons(workflow):
    named = workflow["jobs"]["pythons"]["strategy"]["matrix"]["python"]
    for version in named[:-1]:  # the newest may not have all of the stack
        assert f'"Programming Language :: Python :: {version}"' in read("pyproject.toml")
    assert all(f"python{version}" in read(".ci/pythons") for version in named[1:])
    assert os.access(ROOT / ".ci" / "pythons", os.X_OK)
    assert ".ci/pythons" in read(".ci/run")


def test_workflow_publishes_main_alone_and_what_was_tested(workflow):
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    [upload] = [step for step in build["steps"] if "upload-pages" in step.get("uses", "")]
    site = re.search(r"^SITE +:= (\S+)", read("Makefile"), re.M)
    assert site
    assert upload["with"]["path"] == site[1]
    assert publish["needs"] == "build"
    assert f"github.ref == 'refs/heads/{chapters.BRANCH}'" in publish["if"]
    assert "pull_request" in workflow["on"]
    assert workflow["on"]["push"]["branches"] == [chapters.BRANCH]


def test_workflow_may_do_no_more_than_it_must(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in workflow["jobs"]["build"]
    assert workflow["jobs"]["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            assert re.match(r"actions/[\w-]+@v\d+$", step.get("uses", "actions/none@v0"))


# What the pages load


@pytest.mark.parametrize("folder", ["book/web", "tools/javascript"])
def test_what_npm_fetches_is_fixed_by_version_and_hash(folder):
    asked = json.loads(read(f"{folder}/package.json"))
    locked = json.loads(read(f"{folder}/package-lock.json"))["packages"]
    wanted = asked.get("dependencies", {}) | asked["devDependencies"]
    for name, version in wanted.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    for place, package in locked.items():
        assert not place or package["integrity"].startswith("sha512-")
        assert "resolved" not in package, "names a registry"


def test_build_says_in_one_line_when_npm_cannot_fetch(tmp_path):
    for name in ("_ext", "web"):
        leave = shutil.ignore_patterns("node_modules", "__pycache__")
        shutil.copytree(ROOT / "book" / name, tmp_path / name, ignore=leave)
    nowhere = {
        "npm_config_registry": "http://127.0.0.1:9",
        "npm_config_cache": str(tmp_path / "cache"),
        "npm_config_fetch_retry_mintimeout": "1",
    }
    ran = subprocess.run(
        [sys.executable, "_ext/npm.py", "web"],
        cwd=tmp_path,
        env=os.environ | nowhere,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 1
    [line] = ran.stderr.splitlines()
    assert line.startswith("The JavaScript that web/package-lock.json lists could not be fetched: ")
    assert not (tmp_path / "web" / "node_modules" / ".done").exists()


# From a page to a running notebook


@pytest.fixture
def at_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INPAINTLIB_REPOSITORY", "https://github.com/someone/book")


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INPAINTLIB_REPOSITORY", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("ending", ["", "/", ".git"])
def test_repository_is_what_the_environment_says(monkeypatch, ending):
    assert chapters.repository() is None
    monkeypatch.setenv("GITHUB_REPOSITORY", "an-owner/a.name")
    assert chapters.repository() == ("an-owner", "a.name")
    monkeypatch.setenv("INPAINTLIB_REPOSITORY", f"https://github.com/someone/book{ending}")
    assert chapters.repository() == ("someone", "book")


@pytest.mark.parametrize(
    "address", ["github.com/a/b", "https://example.org/a/b", "https://github.com/a"]
)
def test_other_addresses_stop_the_build(monkeypatch, address):
    monkeypatch.setenv("INPAINTLIB_REPOSITORY", address)
    with pytest.raises(
        SystemExit, match=r"INPAINTLIB_REPOSITORY: got .*, wanted https://github.com"
    ):
        chapters.repository()


def test_launch_links_have_the_services_form():
    links = chapters.launch_links(CHAPTER, "someone", "book")
    binder, colab = urlsplit(links["Binder"]), urlsplit(links["Colab"])
    assert (binder.netloc, binder.path) == ("mybinder.org", "/v2/gh/someone/book/main")
    assert parse_qs(binder.query) == {"urlpath": [f"lab/tree/{CHAPTER}.ipynb"]}
    assert colab.netloc == "colab.research.google.com"
    assert colab.path == f"/github/someone/book/blob/main/{CHAPTER}.ipynb"
    assert (ROOT / f"{CHAPTER}.ipynb").is_file()


@pytest.mark.usefixtures("at_github")
def test_box_has_every_way_to_run_a_chapter():
    box = BeautifulSoup(chapters.run_box(CHAPTER, "../x.ipynb", 12.3), "html.parser")
    addresses = [link["href"] for link in box.find_all("a")]
    assert addresses == ["../x.ipynb", *chapters.launch_links(CHAPTER, "someone", "book").values()]
    assert "make lab" in box.get_text()
    assert "lab" in targets()
    assert "12 s" in box.get_text()


@pytest.mark.usefixtures("nowhere")
def test_box_shows_no_link_that_could_not_work():
    box = BeautifulSoup(chapters.run_box(CHAPTER, "../x.ipynb", None), "html.parser")
    assert [link["href"] for link in box.find_all("a")] == ["../x.ipynb"]
    assert "missing" not in box.get_text(), "no apology in every chapter"


NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def first_code(notebook: dict) -> str:
    return "".join(
        next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")["source"]
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_downloaded_notebook_knows_the_repository_and_the_published_pages(path):
    stored = json.loads(path.read_text("utf-8"))
    given = chapters.standalone(
        path.read_text("utf-8"), f"notebooks/{path.stem}", "Someone", "book"
    )
    alone = json.loads(given)
    assert chapters.INSTALL in first_code(stored)
    assert "%pip install --quiet git+https://github.com/Someone/book" in first_code(alone)
    text = "\n".join("".join(cell["source"]) for cell in alone["cells"])
    links = re.findall(r"\]\(([^()\s]+)\)", text)
    assert all(urlsplit(link).scheme == "https" for link in links)
    assert any(link.startswith("https://someone.github.io/book/book/") for link in links)
    panels = sum("live" in cell["metadata"].get("book", {}) for cell in alone["cells"])
    page = f"(https://someone.github.io/book/notebooks/{path.stem}.html)"
    assert text.count(f"[{plain.PAGE}]{page}") == panels


def test_downloaded_notebook_is_made_once():
    """A second build finds the first one's copies."""
    text = NOTEBOOKS[2].read_text("utf-8")
    once = chapters.standalone(text, CHAPTER, "someone", "book")
    assert chapters.standalone(once, CHAPTER, "someone", "book") == once


def test_the_book_of_an_owner_has_no_folder():
    assert chapters.site("Someone", "someone.github.io") == "https://someone.github.io/"


# Binder


def test_binder_installs_what_notebooks_need_in_the_locks_versions():
    """JupyterLab and, by postBuild, the package: no tool of the book, of tests or of linters."""
    lines = [line for line in read("binder/requirements.txt").splitlines() if line[0] != "#"]
    assert lines == ["--constraint ../requirements.lock", "jupyterlab"]
    dry = ["pip", "install", "--dry-run", "--no-index", "--no-deps"]
    wanted = subprocess.run(
        [sys.executable, "-m", *dry, "--requirement", "binder/requirements.txt"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert wanted.returncode == 0, wanted.stderr  # it is here
    assert "Would install" not in wanted.stdout


def test_binder_has_the_python_of_the_tests():
    version = read("binder/runtime.txt").strip()
    assert version.removeprefix("python-") in read("pyproject.toml").partition("classifiers")[2]
    assert version.removeprefix("python-") in read("Makefile")


def test_binder_installs_the_package(tmp_path):
    """postBuild itself, in a copy, into a folder of the test's own."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "inpaintlib", copy / "inpaintlib")
    shutil.copytree(ROOT / "binder", copy / "binder")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    shutil.copy(ROOT / "requirements.lock", copy)
    here = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PIP_TARGET": str(tmp_path / "installed"),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads a no as: without isolation
    }
    ran = subprocess.run(
        ["binder/postBuild"],
        cwd=copy,
        env=os.environ | here,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    shipped = {path.name for path in (ROOT / "inpaintlib" / "assets").iterdir()}
    assert {p.name for p in (tmp_path / "installed/inpaintlib/assets").iterdir()} == shipped
