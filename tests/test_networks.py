"""Networks: what the smooth one and the Gaussians compute, and what their files hold."""

from __future__ import annotations

import re

import pytest
import torch
from helpers import pictures
from torch import Tensor
from torch.nn import functional

from inpaintlib import classifiers
from inpaintlib.networks import Gaussians, Network, StridedNet

SHAPES = [(12, 14), (3, 12, 14)]


def strided(shape: tuple[int, ...] = (12, 14)) -> StridedNet:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = StridedNet(shape, list("abc"), channels=(4, 5, 6), hidden=7, name="mine")
    return net.rounded()


def gaussians(shape: tuple[int, ...] = (12, 14), *, parts: int = 2) -> Gaussians:
    net = Gaussians(shape, list("abc"), parts=parts, directions=4, floor=0.05, name="mine")
    pixels = torch.Size(shape).numel()
    net.means.copy_(pictures(3, parts, pixels, seed=1))
    directions = torch.linalg.qr(pictures(3 * parts, pixels, 4, seed=2)).Q.mT
    net.directions.copy_(directions.reshape(3, parts, 4, pixels))
    net.shares.copy_(pictures(3, parts, 4, seed=3))
    net.offsets.copy_(-0.1 * pictures(3, parts, seed=4))
    return net.rounded()


MADE = {"strided": strided, "gaussians": gaussians}


@pytest.mark.parametrize("shape", SHAPES, ids=["grey", "colour"])
def test_a_strided_net_is_three_smooth_convolutions_and_dense_layers(shape):
    net, images = strided(shape).double(), pictures(2, *shape)
    weights = dict(net.named_parameters())

    def layer(kind: str, number: int) -> tuple[Tensor, Tensor]:
        return weights[f"{kind}.{number}.weight"], weights[f"{kind}.{number}.bias"]

    x = images if len(shape) == 3 else images[:, None]
    for number, (stride, padding) in enumerate([(2, 2), (2, 1), (1, 1)]):
        x = functional.conv2d(x, *layer("convolutions", number), stride=stride, padding=padding)
        x = x * torch.sigmoid(x)
    x = functional.linear(x.flatten(1), *layer("dense", 0))
    x = functional.linear(x * torch.sigmoid(x), *layer("dense", 1))
    torch.testing.assert_close(net(images), x)
    assert x.shape == (2, 4), "three classes, and one score for no class"


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("shape", SHAPES, ids=["grey", "colour"])
def test_gaussians_score_by_the_distance_that_the_directions_do_not_explain(shape, parts):
    net, images = gaussians(shape, parts=parts).double(), pictures(2, *shape, seed=5)
    for image, scores in zip(images.flatten(1), net(images), strict=True):
        for label in range(3):
            of_parts = []
            for part in range(parts):
                gap = image - net.means[label, part]
                along = net.directions[label, part] @ gap
                squares = gap @ gap - net.shares[label, part] @ along.square()
                of_parts.append(-0.5 * squares + net.offsets[label, part])
            total = torch.stack(of_parts) / net.floor
            torch.testing.assert_close(
                scores[label], net.floor * total.logsumexp(0), rtol=1e-5, atol=1e-4
            )


def test_gaussians_of_one_part_score_the_mean_with_zero():
    net = gaussians(parts=1)
    with torch.no_grad():
        net.offsets.zero_()
    scores = net(net.means[:, 0].reshape(3, 12, 14))
    assert scores.diagonal().abs().max() < 1e-3
    assert (scores.diagonal() >= scores.max(dim=1).values - 1e-3).all()


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("shape", SHAPES, ids=["grey", "colour"])
def test_a_network_is_read_back_as_it_was_saved(kind, shape, tmp_path):
    net = MADE[kind](shape)
    path = tmp_path / "mine.safetensors"
    classifiers.save(net, path, facts={"seed": "7"})
    back = classifiers.read(path)
    assert type(back) is type(net)
    assert back.build() == net.build()
    assert back.facts == {"seed": "7"}
    images = pictures(2, *shape).float()
    assert torch.equal(back(images), net(images))
    assert all(not weights.requires_grad for weights in back.parameters())


def test_a_file_of_gaussians_has_a_byte_for_each_number_of_a_direction(tmp_path):
    net = gaussians()
    classifiers.save(net, tmp_path / "mine.safetensors", facts={})
    others = sum(numbers.numel() for numbers in (net.means, net.shares, net.offsets))
    size = (tmp_path / "mine.safetensors").stat().st_size
    assert size < net.directions.numel() + 2 * others + 4 * net.shares.numel() + 2000


def test_rounding_changes_directions_by_less_than_half_a_step():
    net = Gaussians((8, 8), ["a"], parts=1, directions=3, floor=0.1)
    directions = torch.linalg.qr(pictures(64, 3).float()).Q.T
    net.directions.copy_(directions[None, None])
    net.rounded()
    steps = directions.abs().amax(dim=1, keepdim=True) / 127
    assert ((net.directions[0, 0] - directions).abs() <= 0.501 * steps).all()


@pytest.mark.parametrize(
    ("make", "least"),
    [
        (lambda shape: StridedNet(shape, ["a"]), 8),
        (lambda shape: Gaussians(shape, ["a"], parts=1, directions=1, floor=0.1), 1),
    ],
    ids=["strided", "gaussians"],
)
@pytest.mark.parametrize("shape", [(12,), (1, 1, 12, 12)])
def test_a_shape_that_no_image_has_is_refused(make, least, shape):
    message = rf"shape: got {re.escape(str(shape))}, wanted \(H, W\) .* at least {least}"
    with pytest.raises(ValueError, match=message):
        make(shape)


def test_sides_are_whole_numbers_from_one_on():
    with pytest.raises(ValueError, match="shape: got 0, wanted a whole number of at least 1"):
        StridedNet((0, 12), ["a"])
    with pytest.raises(ValueError, match=r"shape: got \(7, 12\), wanted .* at least 8"):
        StridedNet((7, 12), ["a"])


def test_a_network_without_a_kind_cannot_be_saved(tmp_path):
    class Own(Network):
        def forward(self, images: Tensor) -> Tensor:
            return images

    net = Own((8, 8), ["a"], name="own", data="none")
    with pytest.raises(TypeError, match="network: got Own, wanted one of LeNet, StridedNet, Gau"):
        classifiers.save(net, tmp_path / "own.safetensors", facts={})
    assert list(tmp_path.iterdir()) == []
