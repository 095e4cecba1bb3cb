"""How every method is scored, and what the chapters read from the scores."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import numpy as np
import pytest

from inpaintlib import datasets
from inpaintlib.study import methods, numbers, protocol, quality
from inpaintlib.study.chapters import how_good
from inpaintlib.study.numbers import Number, Numbers
from inpaintlib.study.protocol import Cases

KINDS = ("square", "half")


def cases_of(count: int) -> Cases:
    """Cases of which nothing matters but their kinds, which alternate."""
    nothing = np.zeros((count, 4, 4))
    kinds = np.array([KINDS[number % 2] for number in range(count)])
    details = np.arange(count).astype(str)
    of = np.arange(count)
    return Cases(nothing, nothing > 0, np.zeros(count, np.int64), details, kinds, of, "digits")


def by_key(found: Iterable[Number]) -> Numbers:
    return Numbers("made-up", found)


@pytest.fixture(scope="module")
def measured() -> Numbers:
    """Made-up scores of some methods on ten cases each; of ``deep-image-prior``, on two."""
    levels = {
        "zeros": 5.0,
        "class-average": 8.0,
        "nearest": 12.0,
        "deep-image-prior": 7.0,
        "paper-digits": 9.0,
        "digits": 10.0,
        "untouched": 60.0,
    }
    cases, found = cases_of(10), {}
    # The differences vary a little, without a change of the means over the cases of a kind.
    wave = 0.01 * np.repeat([1, -1, 0, 1, -1], 2)
    for method, level in levels.items():
        varies = method not in ("deep-image-prior", "digits", "untouched")
        scores = {
            "psnr": level + np.arange(10) + level * varies * wave,
            "ssim": np.full(10, level / 60),
            "judge": (np.arange(10) > (method != "untouched")).astype(float),
            "grey": np.full(10, 0.1),
            "realism": np.full(10, 0.5 if method == "untouched" else 0.9),
        }
        if method == "deep-image-prior":
            del scores["realism"]
            scores = {score: np.where(np.arange(10) < 2, x, np.nan) for score, x in scores.items()}
        found[method] = scores
    made = [number for method in found for number in quality.means(method, found[method], cases)]
    made += [
        numbers.plain(f"{method}/all", "milliseconds", 2.0, cases=10, tolerance=math.inf)
        for method in levels
    ]
    made += quality.paired("digits", found, cases)
    made += quality.extremes("digits", found["digits"], cases_of(10))
    return by_key(made)


def test_a_mean_is_taken_over_each_kind_of_hole_and_over_all(measured):
    assert measured["digits/all", "psnr"].value == pytest.approx(14.5)
    assert measured["digits/square", "psnr"].value == pytest.approx(14)
    assert measured["digits/half", "psnr"].cases == 5
    assert measured["deep-image-prior/all", "psnr"].cases == 2
    assert ("deep-image-prior/all", "realism") not in measured


def test_differences_are_paired(measured):
    # The spread of the cases cancels.
    gains = quality.differences(measured, "digits")
    assert list(gains) == ["zeros", "class-average", "nearest", "deep-image-prior", "paper-digits"]
    assert gains["nearest"].estimate == pytest.approx((2, 2, 2), abs=0.1)
    assert gains["deep-image-prior"].value == pytest.approx(-3)
    assert math.isnan(gains["deep-image-prior"].low), "two cases"
    assert gains["deep-image-prior"].cases == 2
    assert measured["paper-digits minus zeros/half", "psnr"].value == pytest.approx(4)
    read = measured["paper-digits minus untouched/all", "judge"]
    assert read.value == pytest.approx(-0.1)
    assert ("paper-digits minus untouched/all", "psnr") not in measured


def test_estimates_come_in_the_order_of_the_tables_and_only_where_there_are_any(measured):
    means = quality.estimates(measured, "ssim")
    assert list(means)[:2] == ["zeros", "class-average"]
    assert "deep-image-prior" not in quality.estimates(measured, "realism")
    assert "untouched" not in quality.estimates(measured, "psnr")
    assert quality.estimates(measured, "psnr", kind="half")["zeros"][0] == pytest.approx(10)


def test_the_table_has_a_row_for_each_method_and_sets_off_ours(measured):
    lines = how_good.table("digits", measured=measured).data.splitlines()
    assert len(lines) == 2 + 7
    assert lines[0].startswith("| method | cases | PSNR, dB |")
    assert lines[7].startswith("| **`digits`** | 10 | 14.5<br><small>")
    assert lines[7].endswith("| 2.0 |")
    assert lines[5].endswith("| – | 2.0 |")  # deep image prior: no realism
    assert lines[8].startswith("| `untouched` | 10 | – |")
    assert lines[8].endswith("| – |")


def test_standing_names_the_methods_on_either_side(measured):
    lines = how_good.standing("digits", measured=measured).data.splitlines()
    assert lines[2] == (
        "| PSNR, dB | `nearest` (+2.0) | `deep-image-prior` (-3.0) | `zeros` (-5.0), "
        "`class-average` (-2.0), `paper-digits` (-1.0) |"
    )
    assert lines[4].startswith("| judge | none | `zeros` (+0.00), ")


def test_the_best_and_the_worst_are_described(measured):
    ends = [measured[f"digits, {end} 10", "lowest psnr"].value for end in ("best", "worst")]
    assert ends == [10, 10], "there are ten cases, so that both are the same"
    assert measured["digits, best 10", "highest psnr"].value == 19
    assert measured["digits, best 10", "square"].value == 0.5
    for line in how_good.extremes("digits").splitlines():
        assert re.match(r"(best|worst) 10: [\d.]+ to [\d.]+ dB; correct label \d+; holes: ", line)
        counts = re.findall(r"[a-z]+ (\d+)", line.partition("holes: ")[2])
        assert sum(map(int, counts)) == 10


def test_aims_are_met_missed_or_open(measured):
    lines = how_good.aims("digits", measured=measured).splitlines()
    assert lines == [
        "open    a higher PSNR than every method that knows the known pixels only",
        "met     a higher PSNR than the class averages",
        "missed  a higher PSNR than every method that has training images, or was trained on holes",
        "met     a higher PSNR than the paper's recipe",
        "met     the judge is right as often as on the originals",
        "met     the same share of grey pixels as in the originals",
        "missed  indistinguishable from the originals",
    ]
    doubtful = Number("", "paper-digits minus digits/all", "psnr", -1.0, -2.0, 0.1, 10, 0.1)
    unsure = by_key([*measured.values(), doubtful])
    assert "open    a higher PSNR than the paper's recipe" in how_good.aims(
        "digits", measured=unsure
    )


def test_the_share_that_is_far_and_right_is_of_those_named_right():
    scores = {"psnr": np.array([5.0, 9.0, 11.0, 12.0]), "judge": np.array([0.0, 1.0, 1.0, 1.0])}
    (number,) = quality.far_and_right("digits", "digits", scores, cases_of(len(scores["psnr"])))
    assert number.key == ("digits, named right", "below 10 dB")
    assert (number.value, number.cases) == (pytest.approx(1 / 3), 3)


@pytest.mark.parametrize("name", ["digits", "faces"])
def test_every_method_is_stored_with_all_kinds_of_holes(name):
    stored = numbers.read(f"quality-{name}")
    assert quality.compared(stored) == list(methods.methods(name))
    for kind in (protocol.ALL, *protocol.KINDS[name]):
        found = quality.estimates(stored, "judge", kind=kind)
        # A slow method gets few cases, and so not every kind.
        assert set(found) | set(methods.SLOW) == set(methods.methods(name))
    assert stored["untouched/all", "realism"].value == 0.5


def test_the_measurement_scores_each_method_on_the_same_cases(monkeypatch):
    load = datasets.load
    monkeypatch.setattr(protocol, "full_set", lambda name, split: load("digits", split=split))
    found = by_key(quality.measure("digits", count=2))
    chosen = ["zeros", "harmonic", "paper-digits", "digits", "untouched"]
    assert quality.compared(found) == chosen
    for method in chosen:
        assert found[f"{method}/all", "psnr"].cases == 8
        assert found[f"{method}/square", "psnr"].cases == 2
    assert found["untouched/all", "psnr"].value == protocol.PERFECT
    assert found["untouched/all", "ssim"].value == pytest.approx(1)
    gain = found["paper-digits minus harmonic/all", "psnr"].value
    means = [found[f"{method}/all", "psnr"].value for method in ("paper-digits", "harmonic")]
    assert gain == pytest.approx(means[0] - means[1])
    assert found["zeros/all", "milliseconds"].value > 0


def test_the_table_of_applications_counts_random_starts_together():
    _, _, made, *thresholds = how_good.applications().data.splitlines()
    read = numbers.get("applications", "hallucination", "judge")
    assert made == f"| ten digits from 10 random starts | 100 |  | {read.value:.3f} |  |  |"
    assert len(thresholds) == 4
