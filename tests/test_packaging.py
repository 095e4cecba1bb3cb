"""The project's files agree with each other: version, dependencies, lock, commands."""

from __future__ import annotations

import ast
import hashlib
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
LOCK = read(ROOT / "requirements.lock")
MODULES = sorted((ROOT / "inpaintlib").glob("*.py"))

# What some packages are called in an import.
IMPORTED_AS = {"opencv-python-headless": "cv2", "pillow": "PIL", "scikit-image": "skimage"}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[; ]", requirement, maxsplit=1)[0] for requirement in requirements}


def test_version_is_the_same_everywhere():
    version = PROJECT["version"]
    assert metadata.version("inpaintlib") == version
    assert str(yaml.safe_load(read(ROOT / "CITATION.cff"))["version"]) == version
    assert f"\n## {version} " in read(ROOT / "CHANGELOG.md")


def test_lock_fixes_every_version_and_names_no_place():
    lines = [line for line in LOCK.splitlines() if line and not line.startswith("#")]
    for line in lines:
        assert re.match(r"[a-z0-9-]+==[\w.!]+( +# via .*)?$", line), line
    assert "://" not in LOCK
    assert "torch==2.13.0 " in LOCK


def test_lock_holds_every_dependency():
    locked = set(re.findall(r"^([a-z0-9-]+)==", LOCK, re.M))
    extras = PROJECT["optional-dependencies"].values()
    wanted = names(PROJECT["dependencies"]).union(*(names(extra) for extra in extras))
    assert wanted <= locked


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_module_imports_only_what_is_declared(module):
    extra = "book" if module.stem == "_myst" else "baselines"
    declared = names(PROJECT["dependencies"]) | names(PROJECT["optional-dependencies"][extra])
    allowed = {IMPORTED_AS.get(name, name) for name in declared} | {"inpaintlib"}
    found = set()
    for node in ast.walk(ast.parse(read(module))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "inpaintlib").split(".")[0])
    assert found - set(sys.stdlib_module_names) <= allowed


def test_modules_import_only_what_stands_before_them():
    """Data flows one way: see CONTRIBUTING.md."""
    ranks = [
        ["_readers", "_cache", "checks"],
        ["datasets", "holes"],
        ["classifiers"],
        ["starts", "energy"],
        ["descent"],
        ["recipes", "training"],
        ["baselines"],
        ["metrics"],
        ["figures"],
        ["widgets"],
    ]
    rank = {name: number for number, group in enumerate(ranks) for name in group}
    for module in MODULES:
        if module.stem.startswith("__") or module.stem not in rank:
            continue
        for node in ast.walk(ast.parse(read(module))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("inpaintlib"):
                inside = node.module.removeprefix("inpaintlib").lstrip(".")
                for name in [inside] if inside else [alias.name for alias in node.names]:
                    assert rank[name] <= rank[module.stem], f"{module.stem} imports {name}"


def test_commands_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.M))
    texts = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "book/preface.md"]
    told = set(re.findall(r"(?:^|`)make ([a-z-]+)", "\n".join(map(read, texts)), re.M))
    assert {"book", "test"} <= told <= targets


def test_renderers_are_registered():
    points = metadata.entry_points(group="myst_nb.mime_renderers")
    registered = {point.value for point in points}
    assert {"inpaintlib._myst:AltText", "inpaintlib._myst:Frames"} <= registered


def test_every_asset_is_listed_with_its_checksum():
    folder = ROOT / "inpaintlib" / "assets"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", readme, re.M))
    present = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.suffix in (".csv", ".npz", ".safetensors")
    }
    assert listed == present
