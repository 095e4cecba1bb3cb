"""The emoji: a bundled set in colour, split by foundry, with credits for every image."""

from __future__ import annotations

import csv
import itertools
import runpy
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from inpaintlib import datasets
from inpaintlib.datasets import Dataset

ASSETS = Path(str(resources.files("inpaintlib"))) / "assets"
SPLITS = ("train", "validation", "test")

#: The licences that the package's own licence expression and the assets' README have to name.
LICENCES = {"Apache-2.0", "CC-BY-4.0", "CC-BY-SA-4.0", "MIT"}


@pytest.fixture(scope="module")
def splits() -> dict[str, Dataset]:
    return {split: datasets.load("emoji", split=split) for split in SPLITS}


@pytest.fixture(scope="module")
def credit_rows() -> list[dict[str, str]]:
    with (ASSETS / "emoji-credits.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def foundries(data: Dataset) -> set[str]:
    return {details.split("/")[0] for details in data.details}


@pytest.mark.parametrize(("split", "count"), [("train", 6), ("validation", 1), ("test", 1)])
def test_every_foundry_of_a_split_draws_every_thing_once(splits, split, count):
    data = splits[split]
    assert len(foundries(data)) == count
    assert data.images.shape == (40 * count, 3, 32, 32)
    assert data.images.dtype == np.float32
    assert data.labels.dtype == np.int64
    assert data.images.min() >= 0
    assert data.images.max() == 1
    drawn = [
        (details.split("/")[0], label)
        for details, label in zip(data.details, data.labels, strict=True)
    ]
    assert sorted(drawn) == sorted(itertools.product(foundries(data), range(40)))
    assert data.origin == "Emoji (bundled)"


def test_things_are_the_same_in_all_splits_and_at_least_thirty(splits):
    classes = {data.classes for data in splits.values()}
    assert len(classes) == 1
    assert len(set(classes.pop())) >= 30


def test_no_foundry_is_in_two_splits_and_the_alphabet_decides(splits):
    names = {split: foundries(data) for split, data in splits.items()}
    assert all(a.isdisjoint(b) for a, b in itertools.combinations(names.values(), 2))
    first, second, *others = sorted(set.union(*names.values()))
    assert names == {"test": {first}, "validation": {second}, "train": set(others)}


def test_no_image_is_in_the_set_twice(splits):
    images = np.concatenate([data.images.reshape(len(data), -1) for data in splits.values()])
    assert len(np.unique(images, axis=0)) == 320


def test_drawings_are_in_colour_on_white_with_a_margin(splits):
    for data in splits.values():
        inner = np.zeros((32, 32), dtype=bool)
        inner[2:-2, 2:-2] = True
        assert (data.images[..., ~inner] == 1).all()
        drawn = (data.images < 1).any(axis=1)
        longer = np.maximum(drawn.any(axis=1).sum(axis=1), drawn.any(axis=2).sum(axis=1))
        assert (longer >= 27).all()  # of 28: the last row may be too faint for eight bits
        coloured = np.ptp(data.images, axis=1).max(axis=(1, 2)) > 0.1
        assert coloured.mean() > 0.9


def test_a_drawing_is_laid_on_white_and_fitted_into_the_middle(monkeypatch):
    tools = Path(__file__).parents[1] / "tools"
    monkeypatch.syspath_prepend(tools)
    reduced = runpy.run_path(str(tools / "bundle_emoji.py"))["reduced"]
    drawing = np.zeros((512, 512, 4))
    drawing[10:66, 300:412] = [1, 0.5, 0, 0.5]  # orange, half transparent, 56 by 112 pixels
    image = reduced(drawing)
    assert image.shape == (3, 32, 32)
    assert image.dtype == np.uint8
    outside = np.ones((32, 32), dtype=bool)
    outside[9:23, 2:30] = False
    assert (image[:, outside] == 255).all()
    assert (image[:, ~outside] == np.array([[255], [191], [128]])).all()


def test_every_image_has_its_row_of_credits(splits, credit_rows):
    wanted = {
        (data.classes[label], *details.split("/"))
        for data in splits.values()
        for details, label in zip(data.details, data.labels, strict=True)
    }
    rows = [(row["thing"], row["foundry"], row["drawing"]) for row in credit_rows]
    assert set(rows) == wanted
    assert len(rows) == len(wanted) == 320
    for row in credit_rows:
        assert row["author"]
        assert row["source"].startswith("https://github.com/")
        assert row["package"].startswith(f"@iconify-json/{row['foundry']}@")
        assert row["licence"] in LICENCES


def test_licences_are_named_where_the_package_names_its_own(credit_rows):
    assert {row["licence"] for row in credit_rows} == LICENCES
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    expression = next(line for line in project.splitlines() if line.startswith("license = "))
    assert all(f" AND {licence}" in expression for licence in LICENCES)
    readme = (ASSETS / "README.md").read_text(encoding="utf-8").split("### `emoji.npz`")[1]
    for row in credit_rows:
        assert f"`{row['foundry']}`" in readme
    for licence in ("MIT", "Apache 2.0", "CC BY 4.0", "CC BY-SA 4.0"):
        assert licence in readme
    texts = (ASSETS / "emoji-licences.txt").read_text(encoding="utf-8")
    assert "Copyright (c) Microsoft Corporation." in texts
    assert "Apache License" in texts


def test_the_set_is_small():
    files = [ASSETS / "emoji.npz", ASSETS / "emoji-credits.csv"]
    assert sum(file.stat().st_size for file in files) <= 1_000_000


def test_the_set_is_the_same_whatever_is_on_the_disk(splits, monkeypatch, tmp_path):
    monkeypatch.setenv("INPAINTLIB_DATA", str(tmp_path))
    with pytest.warns(UserWarning, match="in which no set is found"):
        again = datasets.load("emoji", split="test")
    assert np.array_equal(again.images, splits["test"].images)
    assert repr(again) == "<Dataset emoji: 40 test images of 3×32×32, Emoji (bundled)>"
    assert datasets.class_averages(again).shape == (40, 3, 32, 32)
