"""Training a classifier to say how well an image fits: pool, targets, slope."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import pictures, untouched_random_numbers
from torch.nn import functional

from inpaintlib import fitting
from inpaintlib.augment import Moves
from inpaintlib.fitting import FitTraining, Pool, make_pool, random_hole, train

TINY = FitTraining(
    channels=(3, 4, 4), hidden=8, scale=2.0, pool=20, chains=6, steps=4, batch=6, age=6
)


def examples(*shape: int) -> tuple[torch.Tensor, torch.Tensor]:
    return pictures(20, *shape).float(), torch.arange(20) % 4


def averages(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.stack([images[labels == label].mean(dim=0) for label in range(4)])


def pool_of(training: FitTraining, *shape: int) -> Pool:
    images, labels = examples(*shape)
    generator = torch.Generator().manual_seed(0)
    return make_pool(training, images, labels, averages(images, labels), generator=generator)


@pytest.mark.parametrize("on_ink", [False, True])
def test_holes_of_training_are_of_all_kinds_and_never_everything(on_ink):
    image = np.zeros((24, 20))
    image[8:12, 6:14] = 1
    generator = np.random.default_rng(0)
    holes = [random_hole(image, on_ink=on_ink, generator=generator) for _ in range(200)]
    sizes = np.array([hole.sum() for hole in holes])
    assert all(hole.shape == (24, 20) and hole.dtype == bool for hole in holes)
    assert (sizes > 0).all()
    assert (sizes < 24 * 20).all()
    assert (sizes == 240).any(), "a half of the image is among them"
    if on_ink:
        assert np.mean([hole[8:12, 6:14].any() for hole in holes]) > 0.9


@pytest.mark.parametrize("shape", [(16, 18), (3, 16, 18)], ids=["grey", "colour"])
def test_a_pool_holds_its_images_filled_in_the_hole_only(shape):
    training = replace(TINY, moves=Moves(shift=0.1), gain=2.0, pool=30)
    pool = pool_of(training, *shape)
    assert pool.images.shape == (30, *shape)
    assert pool.fills.shape == (3, 30, *shape)
    rows = torch.arange(30).repeat(20)
    filled = pool.filled(rows, torch.Generator().manual_seed(1))
    inside = pool.holes[rows] if len(shape) == 2 else pool.holes[rows].unsqueeze(1)
    assert torch.equal(filled.masked_fill(inside, 0), pool.images[rows].masked_fill(inside, 0))
    assert ((filled >= 0) & (filled <= 1)).all()
    black = (filled.masked_fill(~inside, 0) == 0).flatten(1).all(dim=1).float().mean()
    assert 0.03 < black < 0.13, "as often as FILLS says"


def test_the_target_falls_with_the_squared_distance(monkeypatch):
    pool = pool_of(TINY, 16, 18)
    rows = torch.arange(6)
    images = pool.images[rows].clone()
    images[2:] = torch.where(pool.holes[2:6], (images[2:] + 0.2).clamp(max=1), images[2:])
    asked = []

    class Net(torch.nn.Module):
        classes = tuple("abcd")

        def forward(self, shown):
            asked.append(shown)
            return torch.zeros(len(shown), 5) + 0 * shown.sum()

    training = replace(TINY, slope=0.0, shift=0)
    generator = torch.Generator().manual_seed(0)
    loss = fitting._loss(training, Net(), pool, images.clone(), rows, generator)
    squares = (images - pool.images[rows]).square().flatten(1).sum(dim=1)
    fits = torch.exp(-squares / 2.0)
    target = functional.one_hot(pool.labels[rows], 5) * fits[:, None]
    target[:, 4] = 1 - fits
    expected = functional.cross_entropy(torch.zeros(6, 5), target)
    torch.testing.assert_close(loss, expected)
    assert (fits[:2] == 1).all()
    assert (fits[2:] < 1).all()


def test_a_network_whose_slope_is_right_has_no_loss_from_it():
    pool = pool_of(TINY, 16, 18)
    rows = torch.arange(6)
    originals = pool.images[rows]
    images = torch.where(pool.holes[rows], originals.flip(1), originals)

    class Right(torch.nn.Module):
        """Its probability of the right class is what the targets say."""

        classes = tuple("abcd")

        def forward(self, shown):
            energy = (shown - originals).square().flatten(1).sum(dim=1) / TINY.scale
            right = functional.one_hot(pool.labels[rows], 5).bool()
            rest = torch.log1p(-torch.exp(-energy).clamp(max=1 - 1e-6))
            scores = torch.full((6, 5), -50.0)
            scores[:, 4] = rest
            return torch.where(right, -energy[:, None], scores)

    settings = replace(TINY, shift=0)
    generator = torch.Generator().manual_seed(0)
    parts = [
        fitting._loss(
            replace(settings, slope=slope), Right(), pool, images.clone(), rows, generator
        )
        for slope in (0.0, 1.0)
    ]
    torch.testing.assert_close(parts[0], parts[1], atol=1e-3, rtol=1e-3)


def test_a_trained_slope_leads_from_a_fill_to_the_original():
    patterns = pictures(4, 1, 4, 4, seed=3).float()
    images = functional.interpolate(patterns, (16, 16))[:, 0].repeat(5, 1, 1)
    labels = torch.arange(20) % 4
    settings = replace(TINY, steps=200, batch=24, learning_rate=1e-2, average=0.05, shift=0)
    net = train(settings, images, labels, list("abcd"), name="tiny")
    pool = make_pool(
        settings,
        images,
        labels,
        averages(images, labels),
        generator=torch.Generator().manual_seed(7),
    )
    filled = pool.fills[0].clone().requires_grad_()
    energy = functional.cross_entropy(net(filled), pool.labels, reduction="sum")
    (slope,) = torch.autograd.grad(energy, filled)
    gap = filled.detach() - pool.images
    along = (slope * pool.holes * gap).flatten(1).sum(dim=1)
    assert (along > 0).float().mean() > 0.8


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("shape", [(16, 18), (3, 16, 18)], ids=["grey", "colour"])
def test_the_same_seed_trains_the_same_network(shape, own):
    images, labels = examples(*shape)
    training = replace(TINY, own=own)
    with untouched_random_numbers():
        one, same = (train(training, images, labels, list("abcd"), name="tiny") for _ in range(2))
    other = train(replace(training, seed=1), images, labels, list("abcd"), name="tiny")
    shown = images[:3]
    assert torch.equal(one(shown), same(shown))
    assert not torch.equal(one(shown), other(shown))
    assert one(shown).shape == (3, 5)


def test_a_mixed_image_lies_between_two_of_its_class():
    images, labels = examples(4, 5)
    rows = torch.arange(20).repeat(10)
    generator = torch.Generator().manual_seed(0)
    mixed = fitting.mix(images, labels, rows, share=0.5, generator=generator)
    alone = (mixed == images[rows]).flatten(1).all(dim=1)
    assert 0.4 < alone.float().mean() < 0.75, "a half, and those mixed with themselves"
    for image, row in zip(mixed[~alone], rows[~alone], strict=True):
        alike = images[labels == labels[row]]
        parts = [
            ((image - images[row]) / (other - images[row])).flatten()
            for other in alike
            if not torch.equal(other, images[row])
        ]
        assert any(part.std() < 1e-3 and 0 <= part.mean() <= 1 for part in parts)


def test_watching_changes_nothing():
    images, labels = examples(16, 18)
    steps = []
    plain = train(TINY, images, labels, list("abcd"), name="tiny")
    watched = train(
        TINY, images, labels, list("abcd"), name="tiny", watch=lambda done, net: steps.append(done)
    )
    assert steps == [1, 2, 3, 4]
    assert torch.equal(plain(images), watched(images))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch": 7}, "batch: got 7, wanted a multiple of 3"),
        ({"scale": 0.0}, "scale: got 0.0, wanted a number above 0"),
        ({"slope": -1.0}, "slope: got -1.0, wanted"),
        ({"pool": 0}, "pool: got 0, wanted"),
        ({"steps": 0}, "steps: got 0, wanted"),
    ],
)
def test_settings_out_of_range_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **change)


def test_each_class_needs_an_image():
    images, labels = examples(16, 18)
    with pytest.raises(ValueError, match="images: got none of class e, wanted one of each"):
        train(TINY, images, labels, list("abcde"), name="tiny")
