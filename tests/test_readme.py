"""The code of the README and of the pages runs as it stands there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent

#: Python that is shown to readers; pages also have cells, which run when the book is built.
TEXTS = ["README.md", "book/api/index.md"]


def blocks(path: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", path.read_text("utf-8"), re.M | re.S)


def run(name: str) -> dict[str, object]:
    """Run a text's blocks one after the other, as a reader would paste them; return their names."""
    names: dict[str, object] = {}
    for block in blocks(ROOT / name):
        exec(compile(block, name, "exec"), names)
    return names


@pytest.mark.parametrize("name", TEXTS)
def test_code_runs_and_changes_the_hole_alone(name):
    names = run(name)
    image, hole, result = names["digits"].images[0], names["hole"], names["result"]
    assert np.array_equal(result.image[~hole], image[~hole])
    assert not np.array_equal(result.image[hole], image[hole])


def test_readme_prints_the_shape_why_it_stopped_and_the_energy(capsys):
    run("README.md")
    printed = capsys.readouterr().out
    assert re.fullmatch(r"\(28, 28\) (step limit|tolerance) -?\d\S*\n", printed), printed


def test_no_other_page_shows_python_that_is_not_run():
    pages = [*ROOT.glob("*.md"), *(ROOT / "book").glob("*.md"), *(ROOT / "book/api").glob("*.md")]
    assert {page.relative_to(ROOT).as_posix() for page in pages if blocks(page)} == set(TEXTS)


def test_the_picture_is_what_the_recipe_paints_today(tmp_path):
    """Its tool draws the same again, but for the rounding of another machine."""
    tool = runpy.run_path(str(ROOT / "tools" / "readme_picture.py"))
    shipped, drawn = tool["TARGET"], tmp_path / "drawn.png"
    tool["main"].__globals__["TARGET"] = drawn
    tool["main"]()
    before, after = (
        np.asarray(Image.open(path).convert("RGB"), dtype=float) for path in (shipped, drawn)
    )
    assert before.shape == after.shape
    assert np.abs(before - after).mean() < 0.5, "draw it again: python tools/readme_picture.py"
