"""The chapter on related work: the holes that networks see, and the windows that they are shown."""

from __future__ import annotations

import numpy as np
import pytest

from inpaintlib import datasets
from inpaintlib.study.chapters import related_work
from inpaintlib.study.protocol import ALL, KINDS


@pytest.fixture(scope="module")
def training() -> datasets.Dataset:
    return datasets.load("digits")[:40]


@pytest.mark.parametrize("kind", KINDS["digits"])
def test_every_image_gets_a_hole_of_the_kind(training, kind):
    missing = related_work.holes_of_kind(training.images, kind)
    assert missing.shape == training.images.shape
    assert 0 < missing.mean(axis=(1, 2)).min() <= missing.mean(axis=(1, 2)).max() <= 0.5
    assert len(np.unique(missing, axis=0)) >= 4


def test_windows_are_pieces_of_their_images_and_have_ink(training):
    pieces = related_work.windows(training)
    side = related_work.WINDOW
    assert pieces.images.shape == (len(training), side, side)
    assert (pieces.images.max(axis=(1, 2)) > 0.5).all()
    assert np.array_equal(pieces.labels, training.labels)
    cuts = np.lib.stride_tricks.sliding_window_view(training.images[0], (side, side))
    assert (cuts == pieces.images[0]).all(axis=(2, 3)).any()


def test_a_network_is_trained_for_each_kind_for_all_and_in_windows(training):
    nets = dict(related_work.networks(training, steps=1))
    assert list(nets) == [*KINDS["digits"], ALL, related_work.WINDOWS]
    sizes = {sum(weights.numel() for weights in net.parameters()) for net in nets.values()}
    assert len(sizes) == 1
