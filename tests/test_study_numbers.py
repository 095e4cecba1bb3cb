"""Numbers: how they are stored and read; what is not stored, or was changed, is refused."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inpaintlib import metrics
from inpaintlib.study import numbers, scales
from inpaintlib.study.numbers import Number, Store, UnknownNumber

SOME = [
    Number("made-up", "digits/harmonic", "psnr", 12.34567, 11.0, 13.0, 20, 0.1, "torch 2"),
    Number("made-up", "digits/harmonic", "judge", 0.95, 0.9, 1.0, 20, 0.05, "torch 2"),
    Number("made-up", "digits, λ / 100", "milliseconds", 3.0, math.nan, math.nan, 20, math.inf),
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    made.write("made-up", SOME)
    made.write("made-up", SOME[:1], few=True)
    return made


def test_a_mean_has_its_interval():
    values = np.array([True, False, True, True])
    found = numbers.mean("digits", "share", values, tolerance=0.1)
    low, high = metrics.interval(values)
    assert found == Number("", "digits", "share", 0.75, low, high, 4, 0.1)


def test_the_score_tells_the_kind_of_a_mean():
    values = np.repeat([1.0, 0.0], [4, 196])
    share = numbers.mean("digits/harmonic", "judge", values, tolerance=0.1)
    assert share.estimate[1:] == metrics.interval(values > 0)
    for subject, score in (
        ("digits/paper minus harmonic", "judge"),
        ("digits/effect of jitter", "judge"),
        ("digits/paper", "judge minus unchanged"),
        ("digits/paper", "judge gain"),
    ):
        difference = numbers.mean(subject, score, values, tolerance=0.1)
        assert difference.estimate[1:] == metrics.interval(values, bounds=(-1, 1)), score
    decibels = numbers.mean("digits/paper", "gain", values, tolerance=0.1)
    assert decibels.estimate[1:] == metrics.interval(values)
    assert len({share.low, difference.low, decibels.low}) == 3


def test_a_mean_of_groups_is_less_certain():
    values, groups = np.repeat([True, False], [60, 40]), np.arange(100) // 4
    of_cases = numbers.mean("digits", "judge", values, tolerance=0.1)
    of_images = numbers.mean("digits", "judge", values, tolerance=0.1, groups=groups)
    assert of_images.low < of_cases.low < of_cases.value == of_images.value
    assert of_images.cases == 100


def test_a_rank_correlation_takes_all_entries_together_and_resamples_rows():
    first = np.arange(24.0).reshape(8, 3)
    found = numbers.rank_correlation("doubt", first, -(first**3), tolerance=0.1)
    assert found.value == pytest.approx(-1)
    assert math.isnan(found.low), "all draws agree"
    assert (found.key, found.cases) == (("doubt", "rank correlation"), 24)
    constant = numbers.rank_correlation("doubt", first, np.ones((8, 3)), tolerance=0.1)
    assert constant.value == 0
    assert math.isnan(constant.high)
    other = np.random.default_rng(0).normal(size=(8, 3)) + first / 10
    some = numbers.rank_correlation("doubt", first, other, tolerance=0.1)
    assert some.low < some.value < some.high
    groups = np.arange(8) // 4
    assert math.isnan(
        numbers.rank_correlation("doubt", first, other, tolerance=0.1, groups=groups).low
    )


def test_numbers_are_read_as_they_were_stored(store):
    read = store.read("made-up")
    assert list(read) == [number.key for number in SOME]
    assert read["digits/harmonic", "psnr"] == replace(SOME[0], value=12.3457)
    assert store.get("made-up", "digits/harmonic", "judge") == SOME[1]
    untimed = read["digits, λ / 100", "milliseconds"]
    assert math.isnan(untimed.low)
    assert untimed.tolerance == math.inf
    assert list(store.read("made-up", few=True)) == [SOME[0].key]
    assert store.experiments() == ["made-up"]
    assert list(store.folder.rglob("*.unfinished")) == []


def test_what_was_written_is_read_although_something_was_read_before(store):
    store.read("made-up")
    store.write("made-up", [replace(SOME[1], value=0.91)])
    assert store.get("made-up", "digits/harmonic", "judge").value == 0.91


def test_several_numbers_are_read_for_a_figure(store):
    read = store.read("made-up")
    assert read.estimates({"smooth": "digits/harmonic"}, "judge") == {"smooth": (0.95, 0.9, 1.0)}
    curve = read.curve(["digits/harmonic", "digits/harmonic"], "judge")
    assert curve.tolist() == [[0.95, 0.95], [0.9, 0.9], [1.0, 1.0]]
    assert read.at("digits/harmonic/judge") == SOME[1]


@pytest.mark.parametrize(
    ("experiment", "subject", "score", "message"),
    [
        ("made-down", "digits/harmonic", "psnr", "experiment: got 'made-down', wanted one of made"),
        ("made-up", "digits/harmonc", "psnr", "subject: got 'digits/harmonc'.*'digits/harmonic'"),
        ("made-up", "digits/harmonic", "ssim", "score: got 'ssim', wanted one.*psnr, judge$"),
    ],
)
def test_an_unknown_number_raises(store, experiment, subject, score, message):
    with pytest.raises(UnknownNumber, match=message):
        store.get(experiment, subject, score)


def test_one_unknown_subject_of_several_raises(store):
    read = store.read("made-up")
    with pytest.raises(UnknownNumber, match="subject"):
        read.curve(["digits/harmonic", "digits/noise"], "psnr")
    with pytest.raises(UnknownNumber, match="score"):
        read.estimates({"smooth": "digits/harmonic"}, "grey")


@pytest.mark.parametrize(
    ("old", "new"), [("0.95", "0.96"), ("0.9,", "0.8,"), ("judge", "jury"), (",20,", ",21,")]
)
def test_a_number_that_was_changed_by_hand_is_refused(store, old, new):
    path = store.path("made-up")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=r"made-up\.csv: its rows are not those.*measure made-up"):
        Store(store.folder).read("made-up")


@pytest.mark.parametrize("line", [1, -1])
def test_a_row_that_was_left_out_is_noticed(store, line):
    path = store.path("made-up")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    del lines[line]
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match="its rows are not those"):
        Store(store.folder).read("made-up")


def test_a_subject_has_a_score_once(store):
    with pytest.raises(ValueError, match="got the score psnr twice"):
        store.write("made-up", [SOME[0], SOME[0]])
    assert len(store.read("made-up")) == len(SOME), "nothing was written"


def test_a_score_has_no_slash():
    with pytest.raises(ValueError, match="score: got 'a/b', wanted a name without a slash"):
        replace(SOME[0], score="a/b")


def test_versions_name_what_decides_the_numbers():
    told = numbers.versions()
    assert "torch 2" in told
    assert "numpy " in told
    assert "inpaintlib " in told


def stored_files() -> list[Path]:
    return sorted(numbers.RESULTS.rglob("*.csv"))


@pytest.mark.parametrize("path", stored_files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_stored_numbers_are_as_they_were_written_and_make_sense(path):
    found = numbers.read(path.stem, few=path.parent.name == "few")
    assert found
    for number in found.values():
        assert math.isfinite(number.value)
        assert math.isnan(number.low) or number.low <= number.value <= number.high
        if scales.base(number.score) in scales.RANGES:
            low, high = scales.range_of(number.subject, number.score)
            assert low <= number.value <= high, number.key
        if scales.base(number.score) in scales.SHARES:
            assert number.low != number.high, number.key
        assert number.cases > 0
        assert number.tolerance >= 0
        assert "torch" in number.versions
