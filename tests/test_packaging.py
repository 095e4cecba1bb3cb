"""The project's files agree with each other: version, dependencies, lock, commands."""

from __future__ import annotations

import ast
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
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
PACKAGE = ROOT / "inpaintlib"
MODULES = sorted(PACKAGE.rglob("*.py"))

# What some packages are called in an import.
IMPORTED_AS = {
    "ipython": "IPython",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "scikit-image": "skimage",
}


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


def name_of(module: Path) -> str:
    """The name of a module within the package, as in ``"study.numbers"``."""
    return ".".join(module.relative_to(PACKAGE).with_suffix("").parts)


each_module = pytest.mark.parametrize("module", MODULES, ids=name_of)


def imported(module: Path) -> set[str]:
    """What a module imports: ``"numpy"``, and of this package ``"inpaintlib.study.numbers"``."""
    found = set()
    for node in ast.walk(ast.parse(read(module))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {
                f"inpaintlib.{name_of(known).removesuffix('.__init__')}" for known in MODULES
            }
            found |= (inside & modules) or {str(node.module)}
    return found


@each_module
def test_module_imports_only_what_is_declared(module):
    extra = {"_myst": "book", "__main__": "cluster"}.get(module.stem, "baselines")
    declared = names(PROJECT["dependencies"]) | names(PROJECT["optional-dependencies"][extra])
    allowed = {IMPORTED_AS.get(name, name) for name in declared} | {"inpaintlib"}
    found = {name.split(".")[0] for name in imported(module)}
    assert found - set(sys.stdlib_module_names) <= allowed


#: Each module imports only from the groups before its own, or from its own group.
RANKS = [
    [
        "_readers",
        "_cache",
        "_command",
        "_files",
        "_intervals",
        "_ambient",
        "_alt",
        "checks",
        "_signatures",
    ],
    ["datasets", "holes"],
    ["networks", "starts", "energy"],
    ["descent"],
    ["augment"],
    ["gaussians", "experts"],
    ["classifiers"],
    ["recipes", "fitting"],
    ["training"],
    ["baselines"],
    ["metrics"],
    ["figures"],
    ["widgets"],
]
STUDY_RANKS = [
    ["scales"],
    ["numbers", "gradients", "algorithm"],
    ["tables", "protocol"],
    ["parts"],
    ["methods"],
    ["quality", "ablation", "descents", "search", "chapters", "applications", "readings"],
    ["claims", "catalogue"],
    ["records"],
    ["cards", "multiverse"],
    ["paper_figures", "first_page"],
    ["__main__"],
]


def in_order(module: Path, ranks: list[list[str]], prefix: str) -> None:
    """Fail if a module imports one that stands behind it, or one that has no rank."""
    rank = {name: number for number, group in enumerate(ranks) for name in group}
    own = name_of(module).removeprefix(prefix).split(".")[0]
    for name in imported(module):
        inside = name.removeprefix(f"inpaintlib.{prefix}")
        if name.startswith(f"inpaintlib.{prefix}"):
            assert rank[inside.split(".")[0]] <= rank[own], f"{own} imports {inside}"


@each_module
def test_a_module_imports_only_what_stands_before_it(module):
    """Data flows one way: see CONTRIBUTING.md."""
    name = name_of(module)
    if name.startswith("study."):
        if name != "study.__init__":
            in_order(module, STUDY_RANKS, "study.")
    elif not module.stem.startswith("_") or module.stem in RANKS[0]:
        in_order(module, RANKS, "")


@each_module
def test_only_the_study_imports_the_study(module):
    if not name_of(module).startswith("study."):
        assert not {name for name in imported(module) if name.startswith("inpaintlib.study")}


def test_every_file_of_the_package_is_packed():
    tool = tomllib.loads(read(ROOT / "pyproject.toml"))["tool"]["setuptools"]
    packed = {
        path
        for package, patterns in tool["package-data"].items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    files = {
        path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    assert {path for path in files if path.suffix != ".py"} == packed


def test_the_sdist_has_no_tests_since_they_need_a_checkout(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(ROOT / "tests", source / "tests")
    shutil.copytree(PACKAGE / "assets", source / "inpaintlib" / "assets")
    for name in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, source)
    (source / "inpaintlib" / "__init__.py").touch()
    build = "import setuptools.build_meta as build; build.build_sdist('dist')"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    [packed] = (source / "dist").glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        names = ["/".join(name.split("/")[1:]) for name in archive.getnames()]
    assert "inpaintlib/assets/README.md" in names
    assert [name for name in names if name.startswith("tests")] == []


def test_nothing_is_imported_by_a_path():
    """Chapters, pages, tests and tools import the installed package, and nothing beside it."""
    chapters = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "book").rglob("*.md")]
    scripts = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "tools").glob("*.py")]
    assert len(chapters) > 20
    for path in (*chapters, *scripts):
        if "node_modules" not in path.parts:
            assert "sys" + ".path" not in read(path), path.name


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


def test_no_script_can_leave_a_file_of_the_project_half_written():
    for script in (ROOT / "tools").glob("*.py"):
        found = re.search(r"write_text|write_bytes|open\([^)]*[\"']w|savez\w*\(path", read(script))
        assert not found, f"{script.name}: {found}; inpaintlib._files.write does it as a whole"


def test_every_file_is_opened_with_its_encoding():
    rule = ["--isolated", "--preview", "--select", "PLW1514", "--target-version", "py311"]
    ours = ["inpaintlib", "book/_ext", "book/live", "tools", "tests", "benchmarks", "notebooks"]
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", *rule, *ours]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
