"""Alternative texts: the values of a picture in words, as many as fit."""

from __future__ import annotations

import numpy as np
import pytest

from inpaintlib import _alt, figures
from inpaintlib.figures import Strip

ORDER = {"low": (1.0, 0.5, 1.5), "high": (5.0, 4.5, 5.5), "below": (-0.25, -0.5, 0.0)}
IMAGES = np.random.default_rng(0).random((6, 8, 8))
EVERYWHERE = np.ones((6, 8, 8), bool)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1.00"),
        (0.953, "0.95"),
        (12.74, "12.7"),
        (-3.25, "−3.2"),
        (2e-5, "0.00002"),
        (-3e-15, "nearly 0"),
    ],
)
def test_a_number_has_the_digits_that_count(value, text):
    assert _alt.number(value) == text


def test_the_longest_form_that_fits_is_taken():
    long, short = "7" * (_alt.LIMIT - 30), "few words: 3"
    assert _alt.complete("A sentence.", "", [long, short]) == f"A sentence. {long}."
    assert _alt.complete("A sentence.", "f" * 30, [long, short]) == "A sentence. few words: 3."
    assert _alt.complete("A sentence.", "f" * _alt.LIMIT, [long, short]) == "A sentence."
    assert _alt.complete("A sentence.", "", ["", ""]) == "A sentence."


def test_values_that_the_facts_have_are_told_once():
    assert _alt.complete("Two.", "mean: a 1.5 dB, b 2 dB", ["mean: a 1.5; b 2"]) == "Two."
    assert _alt.complete("Two.", "mean: a 1.5 dB", ["mean: a 1.5; b 2"]) == "Two. mean: a 1.5; b 2."


def test_a_voice_skips_no_minus_and_names_a_mark():
    heard = _alt.spoken("Gains:\n -0.4 dB (-3 to 2),  0: ► -1.5 ◄; class-pca, 3-4, digits-07")
    assert heard == "Gains: −0.4 dB (−3 to 2), 0: marked −1.5; class-pca, 3-4, digits-07"


def test_a_number_is_apart_from_one_in_its_name():
    [told, *_] = _alt.means({"": {"steps: 60": (0.5, -1.0, 1.0), "above 9 (25)": (-0.25, -1, 0)}})
    assert (
        told == "Highest first: steps: 60 = 0.50 (−1.00 to 1.00), above 9 (25) = −0.25 (−1.00 to 0)"
    )


def test_a_curve_is_told_by_its_ends_and_by_extremes_beyond_them():
    lines = {"up": np.array([0.0, 5.0, 10.0]), "hill": np.array([1.0, 20.0, 2.0])}
    picture = figures.curves({"panel": lines}, x=np.array([2, 4, 8]), x_label="side", alt="Two.")
    assert picture.alt == (
        "Two. From left to right (side, 2 to 8): "
        "panel: up 0 to 10.0, hill 1.00 to 2.00 (highest 20.0 at 4)."
    )


def test_on_a_logarithmic_axis_distance_is_a_quotient():
    curve = {"norm": {"": np.array([100.0, 0.001, 1.0])}}
    [told, *_] = _alt.curves(curve, None, "step", ["norm"])
    assert told.endswith("norm: 100.0 to 1.00 (lowest 0.001 at 1)")
    [told, *_] = _alt.curves(curve, None, "step", [])
    assert told.endswith("norm: 100.0 to 1.00")


def test_a_band_is_told_by_its_middle():
    middle = np.array([1.0, 2.0])
    band = {"": {"x": np.stack([middle, middle - 9, middle + 9])}}
    assert _alt.curves(band, None, "step", [])[0].endswith("1.00 to 2.00")


def test_many_curves_are_told_by_their_right_ends():
    lines = {f"a rather long name {k}": np.array([0.0, float(k)]) for k in range(30)}
    picture = figures.curves({"panel": lines}, alt="Thirty.")
    assert len(picture.alt) <= _alt.LIMIT
    assert "At the right end, highest first: panel: a rather long name 29 = 29.0," in picture.alt
    assert "lowest a rather long name 0 = 0." in picture.alt


def test_means_are_told_in_order_with_intervals_where_these_fit():
    picture = figures.forest({"score": ORDER}, alt="Three means.")
    assert picture.alt == (
        "Three means. Highest first: score: "
        "high 5.0 (4.5 to 5.5), low 1.00 (0.50 to 1.50), below −0.25 (−0.50 to 0)."
    )
    many = {f"a rather long name {k}": (float(k), k - 1.0, k + 1.0) for k in range(30)}
    told = figures.forest({"score": many}, alt="Thirty means.").alt
    assert "a rather long name 29 = 29.0, a rather long name 28 = 28.0," in told
    assert told.endswith("lowest a rather long name 0 = 0.")
    assert len(told) <= _alt.LIMIT


def test_a_mean_without_an_interval_is_told_alone():
    assert "(" not in _alt.means({"": {"x": (1.0, float("nan"), float("nan"))}})[0]


def test_a_comparison_tells_the_psnr_of_few_images_and_the_mean_of_many():
    fills = {"half of\nit": IMAGES / 2}
    many = figures.comparison(IMAGES, EVERYWHERE, fills, alt="Six.").alt
    mean = figures.psnr(fills["half of\nit"], IMAGES, EVERYWHERE).mean()
    assert many.startswith(f"Six. PSNR in the hole, dB, mean and range: half of it {mean:.1f} (")
    few = {name: fill[:2] for name, fill in fills.items()}
    two = figures.comparison(IMAGES[:2], EVERYWHERE[:2], few, alt="Two.").alt
    each = ", ".join(f"{v:.1f}" for v in figures.psnr(IMAGES[:2] / 2, IMAGES[:2], EVERYWHERE[:2]))
    assert two == f"Two. PSNR in the hole, dB: half of it {each}."
    assert figures.decibels(fills, IMAGES, EVERYWHERE) == (
        f"PSNR in the hole, dB, mean: half of it {mean:.1f}."
    )


def test_a_gallery_tells_its_captions_with_their_columns_if_these_fit():
    rows = {"a": Strip(IMAGES), "b\nc": Strip(IMAGES, captions=["", *"12345"])}
    titles = [f"t{k}" for k in range(6)]
    told = figures.gallery(rows, columns=titles, alt="Rows.").alt
    assert told == "Rows. Below the images: b c: t1: 1, t2: 2, t3: 3, t4: 4, t5: 5."
    wide = [title * 40 for title in titles]
    assert _alt.captions({"b": rows["b\nc"].captions}, wide)[1] == "Below the images: b: 1 2 3 4 5"
    assert figures.gallery({"a": Strip(IMAGES)}, alt="Rows.").alt == "Rows."


def test_a_table_tells_the_largest_number_of_each_row():
    values = np.array([[1.0, 3.0], [4.0, 2.0]])
    told = figures.heat_map(values, rows=["a", "b"], columns=["c", "d"], alt="Numbers.").alt
    assert told == "Numbers. Largest in each row: a: 3 at d, b: 4 at c."


def test_a_course_tells_its_curve():
    curve = np.array([4.0, 8.0, 1.0])
    picture = figures.course(
        curve, Strip(IMAGES[:1]), marks=[1], title="norm", alt="A norm.", columns=["x"]
    )
    assert picture.alt == (
        "A norm. From left to right (step, 0 to 2): norm: 4.0 to 1.00 (highest 8.0 at 1)."
    )


ROWS, COLUMNS = np.mgrid[:8, :8] / 8.0
SLOPE, MIDDLE = ROWS / 2 + COLUMNS / 4, np.zeros((8, 8), bool)
MIDDLE[2:7, 1:7] = True


def told_of(image):
    return _alt.fill(np.where(MIDDLE, image, SLOPE), SLOPE, SLOPE, MIDDLE)


def test_a_fill_is_told_by_its_texture_and_by_the_rows_that_changed():
    checked = np.indices((8, 8)).sum(axis=0) % 2 * 0.5
    line = SLOPE + 0.2 * (np.arange(8) == 4)[:, None] - 0.1 * (np.arange(8) == 2)[:, None]
    assert told_of(SLOPE) == (
        "The hole is as rough as the original: neighbours in it differ 1.0 times as much; "
        "nothing has changed yet."
    )
    assert told_of(checked).startswith("The hole is grainy, rougher than the original: ")
    flat = np.full((8, 8), SLOPE[MIDDLE].mean())
    assert told_of(flat).startswith("The hole is smoother than the original: neighbours in it ")
    assert told_of(line).endswith(
        "; row 5 of 8 is 0.20 brighter and row 3 of 8 is 0.10 darker than at the start."
    )
    assert told_of(SLOPE + 0.005).endswith("; no row is brighter or darker than at the start.")


def test_only_what_lies_in_the_hole_is_told_of_it():
    outside = np.where(MIDDLE, SLOPE, np.random.default_rng(0).random((8, 8)))
    assert _alt.fill(outside, outside, SLOPE, MIDDLE) == told_of(SLOPE)
