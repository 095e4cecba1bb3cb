"""Metrics: by hand on small images, and blind to what is outside the hole."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inpaintlib import classifiers, datasets, metrics

HOLE = np.array([[True, True], [False, False]])
ORIGINAL = np.array([[0.5, 0.5], [0.2, 0.9]])


def filled(first: float, second: float, *, outside: float = 0.0) -> np.ndarray:
    return np.array([[first, second], [outside, outside]])


@pytest.mark.parametrize(
    ("fill", "decibels"),
    [((0.4, 0.6), 20), ((0.5, 0.5), np.inf), ((0.5, 0.6), 10 * np.log10(200)), ((0.49, 0.51), 40)],
)
@pytest.mark.parametrize("outside", [0.0, 1.0, np.nan])
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


def test_judge_reads_the_classes():
    test = datasets.load("digits", split="test", source="bundled")[:50]
    read = metrics.judged(test.images, judge="digits-judge")
    assert read.dtype == np.int64
    net = classifiers.load("digits-judge")
    assert np.array_equal(read, net(torch.from_numpy(test.images)).argmax(dim=1))
    assert (read == test.labels).mean() >= 0.9


def test_probabilities_are_the_classifiers():
    images = datasets.load("digits", split="test", source="bundled").images[:3]
    expected = classifiers.load("digits-patches").probabilities(torch.from_numpy(images))
    given = metrics.probabilities(images, classifier="digits-patches")
    assert np.array_equal(given, expected)
    np.testing.assert_allclose(
        metrics.probabilities(images.astype(np.float64), classifier="digits-patches"),
        expected,
        rtol=1e-4,
    )


def test_table_averages_each_metric_over_the_images(monkeypatch):
    monkeypatch.setattr(metrics, "judged", lambda images, judge: np.array([3, 4, 5, 6]))
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


def test_metrics_name_bad_images():
    with pytest.raises(TypeError, match=r"images: got torch\.uint8, wanted floats"):
        metrics.judged(np.zeros((1, 28, 28), dtype=np.uint8), judge="digits-judge")
    with pytest.raises(ValueError, match="classifier: got 'jury', wanted one of"):
        metrics.judged(np.zeros((1, 28, 28)), judge="jury")
