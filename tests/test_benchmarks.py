"""Benchmarks: what they stored is what the package uses, and the protocol's cases are fair."""

from __future__ import annotations

import csv
from pathlib import Path

import applications
import methods
import numpy as np
import protocol
import pytest
import quality

from inpaintlib import datasets, metrics, recipes

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"


@pytest.mark.parametrize("name", sorted(recipes.RECIPES))
def test_a_recipe_has_the_numbers_that_the_search_found_best(name):
    with (RESULTS / f"parameters-{name}.csv").open(newline="") as file:
        best = next(csv.DictReader(file))
    recipe = recipes.get(name)
    scores = ("judge", "psnr", "grey above real")
    found = {name: float(value) for name, value in best.items() if name not in scores}
    assert found
    assert found == {name: getattr(recipe, name) for name in found}


each_set = pytest.mark.parametrize("name", ["digits", "faces"])


def drawn(name: str, *, split: str = "test", **settings: int) -> protocol.Cases:
    """Cases from the bundled images; the faces are AT&T's, at the same size."""
    return protocol.cases(datasets.load(name, split=split, source="bundled"), **settings)


@each_set
def test_cases_depend_on_the_seed_alone(name):
    first, again = (drawn(name, count=20, each=3) for _ in range(2))
    for field in ("images", "holes", "labels", "details", "kinds"):
        assert np.array_equal(getattr(first, field), getattr(again, field))
    other = drawn(name, count=20, each=3, seed=1)
    assert not np.array_equal(first.details, other.details)
    assert not np.array_equal(first.holes, other.holes)


@each_set
def test_fewer_cases_are_the_first_of_more(name):
    few, many = drawn(name, count=5, each=2), drawn(name, count=12, each=2)
    assert len(few) == 10
    assert np.array_equal(few.holes, many[:10].holes)
    assert np.array_equal(few.images, many.images[:10])


@each_set
def test_every_kind_of_hole_comes_equally_often_and_leaves_something(name):
    kinds = protocol.KINDS[name]
    cases = drawn(name, count=4 * len(kinds), each=1)
    found, counts = np.unique(cases.kinds, return_counts=True)
    assert sorted(found) == sorted(kinds)
    assert set(counts) == {4}
    share = cases.holes.mean(axis=(1, 2))
    assert share.min() > 0
    assert share.max() <= 0.5
    assert len({hole.tobytes() for hole in cases.holes}) > 2 * len(kinds)


def test_every_digit_has_every_kind_of_hole_and_it_touches_ink():
    cases = drawn("digits", count=12, each=4)
    assert (cases.kinds.reshape(12, 4) == list(protocol.KINDS["digits"])).all()
    assert (cases.images.reshape(12, 4, 28, 28) == cases.images[::4, None]).all()
    on_ink = np.isin(cases.kinds, ["square", "stroke"])
    assert ((cases.images > 0.5) & cases.holes)[on_ink].any(axis=(1, 2)).all()
    sides = np.sqrt(cases.holes[cases.kinds == "square"].sum(axis=(1, 2)))
    assert sides.tolist() == [8, 10, 12, 14] * 3
    assert cases.holes[cases.kinds == "half"][:4, [0, 0, -1], [0, -1, 0]].tolist() == [
        [True, False, True],
        [False, True, False],
        [True, True, False],
        [False, False, True],
    ]


def test_dark_faces_are_left_out():
    data = datasets.load("faces-att", split="test")
    dimmed = np.where(np.arange(len(data))[:, None, None] % 2, data.images, data.images * 0.01)
    cases = protocol.cases(
        datasets.Dataset(**{**vars(data), "images": dimmed}), count=len(data), each=1
    )
    assert len(cases) == len(data) // 2
    assert cases.images.mean(axis=(1, 2)).min() > 0.2


def test_the_protocol_wants_the_full_set(bundled_only, capsys):
    with pytest.raises(datasets.DataError, match="needs the full set, mnist, and finds mnist-s"):
        protocol.scored("digits")
    with pytest.raises(SystemExit):
        quality.main(["faces"])
    assert "let INPAINTLIB_DATA name the folder" in capsys.readouterr().err


@pytest.mark.full_data
@each_set
def test_no_scored_image_is_one_that_realism_learns_on(name):
    scored, learned = protocol.scored(name), protocol.learned(name)
    assert len(scored) == {"digits": 800, "faces": 210}[name]
    assert len(learned) == {"digits": 2000, "faces": 522}[name]
    train = datasets.load(name, split="train").images
    seen = {image.tobytes() for image in (*learned.images, *train)}
    assert not seen & {image.tobytes() for image in scored.images}


@pytest.mark.parametrize("method", ["zeros", "telea", "nearest", "blended-class-average"])
def test_a_method_fills_the_cases(method, monkeypatch):
    monkeypatch.setattr(
        methods, "full_set", lambda name, split: datasets.load(name, split=split, source="bundled")
    )
    cases = drawn("digits", count=2, each=2)
    filled = methods.methods("digits")[method](cases)
    assert np.array_equal(filled[~cases.holes], cases.images[~cases.holes])


@each_set
def test_every_recipe_of_a_set_is_a_method(name):
    every = set().union(*(methods.recipes(each) for each in ("digits", "faces")))
    assert every == set(recipes.RECIPES)
    assert set(methods.recipes(name)) <= set(methods.methods(name))
    assert set(methods.FEW) | {methods.UNTOUCHED} <= set(methods.methods(name))


@pytest.fixture
def bundled_protocol(monkeypatch):
    """The protocol on bundled digits, few of them."""
    load = datasets.load
    monkeypatch.setattr(
        protocol, "full_set", lambda name, split: load(name, split=split, source="bundled")
    )
    monkeypatch.setattr(quality.metrics, "realism", lambda *pairs, seed: np.full(8, 0.75))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_quality_writes_a_row_for_each_method_and_kind(bundled_protocol, tmp_path, capsys):
    command = ["digits", "--count", "2", "--output", str(tmp_path)]
    quality.main([*command, "--methods", "zeros", "untouched", "harmonic"])
    rows = rows_of(tmp_path / "quality-digits.csv")
    kinds = ["all", "square", "stroke", "half", "scattered"]
    order = ["zeros", "harmonic", "untouched"]
    assert [(row["method"], row["kind"]) for row in rows] == [(m, k) for m in order for k in kinds]
    assert [row["count"] for row in rows] == ["8", "2", "2", "2", "2"] * 3
    for row in rows:
        for score in quality.SCORES:
            low, mean, high = (float(row[score + end]) for end in ("_low", "", "_high"))
            assert low <= mean <= high
    assert rows[-5]["psnr"] == "60.0000"
    assert rows[-5]["ssim"] == "1.0000"
    assert rows[-5]["realism"] == "0.5000"
    assert {**rows[0], **quality.VERSIONS, "seed": "0"} == rows[0]
    cases = rows_of(tmp_path / "quality-digits-cases.csv")
    assert len(cases) == 24
    assert np.mean([float(row["psnr"]) for row in cases[:8]]) == pytest.approx(
        float(rows[0]["psnr"]), abs=1e-3
    )
    assert "zeros" in capsys.readouterr().out

    # One method anew: the others' rows stay as they are.
    quality.main([*command, "--methods", "harmonic"])
    anew = rows_of(tmp_path / "quality-digits.csv")
    untimed = [{**row, "seconds": ""} for row in rows]
    assert [{**row, "seconds": ""} for row in anew] == untimed
    assert [row for row in anew if row["method"] != "harmonic"] == [
        row for row in rows if row["method"] != "harmonic"
    ]
    assert rows_of(tmp_path / "quality-digits-cases.csv") == cases

    # Rows of other cases are not mixed with them.
    with pytest.raises(SystemExit):
        quality.main([*command, "--methods", "harmonic", "--seed", "1"])
    assert "has other cases; measure all methods anew" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "quality-digits-cases.csv",
        "quality-digits.csv",
    ]


def test_quality_names_unknown_methods(capsys):
    with pytest.raises(SystemExit):
        quality.main(["digits", "--methods", "zeros", "magic"])
    assert "no such method: magic; there are zeros, harmonic" in capsys.readouterr().err


def test_digits_out_of_nothing_are_read_as_what_they_should_be():
    made = applications.hallucinated(seed=0)
    assert np.array_equal(metrics.judged(made), np.arange(10))
