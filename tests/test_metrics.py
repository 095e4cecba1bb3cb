"""Metrics: by hand on small images, and blind to what is outside the hole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import untouched_random_numbers
from scipy import stats

from inpaintlib import classifiers, datasets, holes, metrics
from inpaintlib.metrics import Pairs

HOLE = np.array([[True, True], [False, False]])
ORIGINAL = np.array([[0.5, 0.5], [0.2, 0.9]])


def filled(first: float, second: float, *, outside: float = 0.0) -> np.ndarray:
    return np.array([[first, second], [outside, outside]])


@pytest.mark.parametrize(
    ("fill", "decibels"),
    [((0.4, 0.6), 20), ((0.5, 0.5), np.inf), ((0.5, 0.6), 10 * np.log10(200)), ((0.49, 0.51), 40)],
)
@pytest.mark.parametrize("outside", [0.0, 1.0, 0.3])
def test_psnr_is_that_of_the_holes_pixels(fill, decibels, outside):
    images = filled(*fill, outside=outside)[None]
    np.testing.assert_allclose(metrics.psnr(images, ORIGINAL[None], HOLE[None]), [decibels])


def test_psnr_of_a_batch_is_that_of_each_image_in_its_own_hole():
    images = np.stack([filled(0.4, 0.6), filled(0.6, 0.5)]).astype(np.float32)
    originals, gaps = np.stack([ORIGINAL] * 2), np.stack([HOLE, [[True, False], [False, False]]])
    np.testing.assert_allclose(metrics.psnr(images, originals, gaps), [20, 20], rtol=1e-6)
    one_hole = metrics.psnr(images, originals, HOLE)
    np.testing.assert_allclose(one_hole, [20, 10 * np.log10(200)], rtol=1e-6)


@pytest.mark.parametrize(
    ("fill", "share"),
    [((0, 1), 0), ((0.25, 0.75), 1), ((0.5, 1), 0.5), ((0.24, 0.76), 0)],
)
def test_grey_share_is_that_of_the_holes_pixels(fill, share):
    images = np.stack([filled(*fill, outside=0.5), filled(0.5, 0.5)])
    assert metrics.grey_share(images, HOLE).tolist() == [share, 1]


def test_ssim_is_that_of_the_holes_pixels():
    rng = np.random.default_rng(0)
    originals = rng.uniform(size=(3, 30, 24))
    gap = holes.rectangle((30, 24), top=2, left=3, height=6, width=5)
    far = originals.copy()
    far[:, 20:, 15:] = 0  # further from the hole than the window reaches
    np.testing.assert_array_equal(metrics.ssim(far, originals, gap), [1, 1, 1])
    noise = np.where(gap, rng.uniform(size=originals.shape), originals)
    half_way = np.where(gap, (noise + originals) / 2, originals)
    worst, better = metrics.ssim(noise, originals, gap), metrics.ssim(half_way, originals, gap)
    assert (worst < better).all()
    assert (better < 1).all()
    alone = metrics.ssim(noise[1:2].astype(np.float32), originals[1:2], gap[None])
    np.testing.assert_allclose(alone, worst[1:2], atol=1e-5)


def test_ssim_of_two_flat_images_is_the_formula():
    # Without variance what remains is the comparison of the means.
    gap = np.ones((1, 20, 20), dtype=bool)
    dark, bright = np.full((1, 20, 20), 0.3), np.full((1, 20, 20), 0.6)
    expected = (2 * 0.3 * 0.6 + 1e-4) / (0.3**2 + 0.6**2 + 1e-4)
    np.testing.assert_allclose(metrics.ssim(dark, bright, gap), [expected], rtol=1e-6)


def test_interval_is_where_the_mean_of_new_draws_falls():
    values = np.random.default_rng(0).normal(3, 2, size=400)
    low, high = metrics.interval(values)
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * 2 / np.sqrt(400), rel=0.15)
    narrow = metrics.interval(values, level=0.5)
    assert low < narrow[0] < narrow[1] < high
    assert metrics.interval(values) == (low, high)
    assert metrics.interval(values, seed=1) != (low, high)


NOTHING = pytest.approx((np.nan, np.nan), nan_ok=True)


@pytest.mark.parametrize(("right", "count"), [(0, 30), (14, 14), (35, 35), (3, 10), (199, 200)])
def test_a_share_has_wilsons_interval(right, count):
    values = np.arange(count) < right
    expected = stats.binomtest(right, count).proportion_ci(method="wilson")
    assert metrics.interval(values) == pytest.approx((expected.low, expected.high))
    assert metrics.interval(values.astype(float), bounds=(0, 1)) == metrics.interval(values)
    assert metrics.interval(values)[0] < metrics.interval(values)[1]


def test_values_of_one_group_count_less():
    alone = np.arange(200) < 150
    groups = np.arange(200) // 4
    assert metrics.interval(alone, groups=np.arange(200)) == metrics.interval(alone)
    # Four equal values of a group tell what one of them does.
    together = metrics.interval(alone, groups=groups)
    assert np.ptp(together) == pytest.approx(np.ptp(metrics.interval(alone[::4])), rel=0.03)
    # Values that differ within their group as much as between groups count in full.
    mixed = np.tile([True, True, True, False], 50)
    assert metrics.interval(mixed, groups=groups) == metrics.interval(mixed)
    # Where all are right, nothing is known about the groups.
    perfect = metrics.interval(np.ones(200, bool), groups=groups)
    assert perfect == metrics.interval(np.ones(50, bool))


def test_a_paired_difference_of_shares_has_width_where_nothing_differs():
    for gains, losses in ((0, 0), (8, 1), (0, 30)):
        values = np.repeat([1.0, -1.0, 0.0], [gains, losses, 30 - gains - losses])
        low, high = metrics.interval(values, bounds=(-1, 1))
        more, less = (gains + 1) / 32, (losses + 1) / 32
        half = 1.959964 * np.sqrt((more + less - (more - less) ** 2) / 32)
        assert low == pytest.approx(max(more - less - half, -1), abs=1e-5)
        assert high == pytest.approx(more - less + half, abs=1e-5)
        assert low <= values.mean() <= high


def test_four_of_two_hundred_do_not_yet_make_a_difference():
    values = np.repeat([1.0, 0.0], [4, 196])
    assert metrics.interval(values)[0] > 0, "the bootstrap takes them for certain"
    assert metrics.interval(values, bounds=(-1, 1))[0] < 0


def test_a_mean_resamples_groups():
    rng = np.random.default_rng(0)
    of_group = rng.normal(size=40)
    values, groups = of_group.repeat(5), np.arange(40).repeat(5)
    assert metrics.interval(values, groups=groups) == pytest.approx(metrics.interval(of_group))
    assert np.ptp(metrics.interval(values)) < 0.6 * np.ptp(metrics.interval(of_group))


def test_the_interval_of_few_values_is_as_wide_as_students():
    rng = np.random.default_rng(1)
    widths = []
    for _ in range(20):
        values = rng.normal(size=7)
        student = 2 * stats.t.ppf(0.975, 6) * values.std(ddof=1) / np.sqrt(7)
        widths.append(np.ptp(metrics.interval(values)) / student)
    assert np.mean(widths) == pytest.approx(1, abs=0.1)


def test_values_that_say_nothing_about_their_spread_have_no_interval_unless_bounded():
    assert metrics.interval([2.0]) == NOTHING
    assert metrics.interval(np.arange(5.0)) == NOTHING
    assert metrics.interval(np.arange(12.0), groups=np.arange(12) // 3) == NOTHING
    assert np.isfinite(metrics.interval(np.arange(6.0))).all()
    assert metrics.interval(np.full(60, 0.5)) == NOTHING
    low, high = metrics.interval(np.full(60, 0.5), bounds=(0, 1))
    unseen = 1 - 0.05 ** (1 / 60)
    assert (low, high) == pytest.approx((0.5 - unseen / 2, 0.5 + unseen / 2))


@pytest.mark.parametrize(
    ("values", "settings", "message"),
    [
        ([], {}, "values: got shape"),
        ([[1.0]], {}, "values: got shape"),
        ([1.0, np.inf], {}, "values: got one that is not finite"),
        ([1.0], {"level": 1.0}, "level: got 1.0"),
        ([1.0], {"resamples": 0}, "resamples: got 0"),
        ([1.0, 2.0], {"bounds": (0, 1)}, "values: got 1 to 2, wanted numbers from 0 to 1"),
        ([1.0, 2.0], {"groups": [0]}, "groups: got shape"),
    ],
)
def test_interval_names_bad_input(values, settings, message):
    with pytest.raises(ValueError, match=message):
        metrics.interval(values, **settings)


def pairs(split: str, fill: float | None) -> Pairs:
    """Digits with a square on ink, filled with one grey value or, for None, as they were."""
    real = datasets.load("digits", split=split).images[:60]
    gaps = holes.squares_on_ink(real, sides=[8, 10])
    filled = real if fill is None else np.where(gaps, np.float32(fill), real)
    return Pairs(real, filled, gaps)


def test_realism_tells_a_grey_square_from_ink():
    learning, test = pairs("validation", 0.5), pairs("test", 0.5)
    told = metrics.realism(learning, test, steps=60, batch=8)
    assert told.shape == (60,)
    assert set(told) <= {0, 0.5, 1}
    assert told.mean() > 0.9


def test_realism_depends_on_its_seed_alone():
    learning, test = pairs("validation", 0.5), pairs("test", 0.5)
    with untouched_random_numbers():
        first = metrics.realism(learning, test, steps=10, batch=8)
    assert np.array_equal(first, metrics.realism(learning, test, steps=10, batch=8))


def test_realism_of_the_originals_is_a_half():
    told = metrics.realism(pairs("validation", None), pairs("test", None), steps=3)
    assert (told == 0.5).all()
    # Less than 8 bits show does not give a fill away either.
    shown = pairs("test", None)
    real, gaps = shown.real, shown.holes
    eight = (real * 255).round() / 255
    nearly = Pairs(eight, (eight + 0.001 * gaps).clip(0, 1), gaps)
    assert (metrics.realism(pairs("validation", 0.5), nearly, steps=3) == 0.5).all()


def test_realism_names_bad_input():
    good = pairs("test", 0.5)
    with pytest.raises(ValueError, match="learning: got real images of shape"):
        metrics.realism(replace(good, filled=good.filled[1:]), good)
    with pytest.raises(TypeError, match=r"test\.holes: got torch\.uint8, wanted bool"):
        metrics.realism(good, replace(good, holes=good.holes.astype(np.uint8)))
    with pytest.raises(ValueError, match="steps: got 0"):
        metrics.realism(good, good, steps=0)


def test_judge_reads_the_classes():
    test = datasets.load("digits", split="test")[:50]
    read = metrics.judged(test.images, judge="digits-judge")
    assert read.dtype == np.int64
    net = classifiers.load("digits-judge")
    assert np.array_equal(read, net(torch.from_numpy(test.images)).argmax(dim=1))
    assert (read == test.labels).mean() >= 0.9


def test_probabilities_are_the_classifiers():
    images = datasets.load("digits", split="test").images[:3]
    expected = classifiers.load("digits-patches").probabilities(torch.from_numpy(images))
    given = metrics.probabilities(images, classifier="digits-patches")
    assert np.array_equal(given, expected)
    np.testing.assert_allclose(
        metrics.probabilities(images.astype(np.float64), classifier="digits-patches"),
        expected,
        rtol=1e-4,
    )


def test_table_averages_each_metric_over_the_images(monkeypatch):
    monkeypatch.setattr(metrics, "judged", lambda images, **given: np.array([3, 4, 5, 6]))
    fills = {
        "good": np.stack([filled(0.4, 0.6)] * 4),
        "grey and black": np.stack([filled(0.5, 0.0)] * 2 + [filled(0.4, 0.6)] * 2),
    }
    originals, gaps = np.stack([ORIGINAL] * 4), np.stack([HOLE] * 4)
    table = metrics.table(fills, originals, gaps, np.array([3, 4, 5, 0])).splitlines()
    assert [line.split() for line in table] == [
        ["PSNR", "in", "hole", "judge", "grey"],
        ["good", "20.0", "dB", "0.75", "1.00"],
        ["grey", "and", "black", "14.5", "dB", "0.75", "0.75"],
    ]
    assert len({len(line) for line in table}) == 1


def test_named_right_compares_what_the_judge_reads_with_the_labels():
    digits = datasets.load("digits", split="test")[:20]
    read = metrics.judged(digits.images)
    assert metrics.named_right(digits.images, read).all()
    assert not metrics.named_right(digits.images, (read + 1) % 10).any()
    assert metrics.named_right(digits.images, digits.labels).mean() > 0.9


def test_metrics_name_bad_images():
    with pytest.raises(TypeError, match=r"images: got torch\.uint8, wanted floats"):
        metrics.judged(np.zeros((1, 28, 28), dtype=np.uint8), judge="digits-judge")
    with pytest.raises(ValueError, match="classifier: got 'jury', wanted one of"):
        metrics.judged(np.zeros((1, 28, 28)), judge="jury")
