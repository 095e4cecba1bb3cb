"""Baselines: known pixels stay, the hole's content plays no part, and each beats doing nothing."""

from __future__ import annotations

import sys
from functools import cache, partial

import numpy as np
import pytest
import torch
from helpers import untouched_random_numbers

from inpaintlib import baselines, datasets, holes, metrics, starts

SHAPE = (28, 28)


@cache
def training() -> datasets.Dataset:
    return datasets.load("digits")[:600]


@cache
def cases() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Digits with a square on ink, a scattered hole, half of them missing, and a stroke."""
    test = datasets.load("digits", split="test")[:4]
    missing = np.stack(
        [
            holes.square_on_ink(test.images[0], side=10, seed=1),
            holes.scatter(SHAPE, fraction=0.5, seed=0),
            holes.half(SHAPE, side="left"),
            holes.stroke(SHAPE, points=[(4, 20), (24, 9)], width=3),
        ]
    )
    return test.images, missing, test.labels


@cache
def small_unet(seed: int = 0, steps: int = 30) -> tuple[baselines.UNet, list[float]]:
    losses: list[float] = []
    net = baselines.train_unet(
        training(), steps=steps, batch=16, seed=seed, report=lambda done, loss: losses.append(loss)
    )
    return net, losses


def prior(images, missing):
    pairs = zip(images, np.broadcast_to(missing, np.shape(images)), strict=True)
    return np.stack([baselines.deep_image_prior(*pair, steps=25) for pair in pairs])


#: Every baseline as a function of images and holes; those of a class are given the right one.
FILLS = {
    "zeros": baselines.zeros,
    "total variation": baselines.total_variation,
    "telea": baselines.telea,
    "navier-stokes": baselines.navier_stokes,
    "biharmonic": baselines.biharmonic,
    "deep image prior": prior,
    "nearest": lambda x, h: baselines.nearest(x, h, cases()[2], training()),
    "nearest 5": lambda x, h: baselines.nearest(x, h, cases()[2], training(), neighbours=5),
    "class pca": lambda x, h: baselines.class_pca(x, h, cases()[2], training()),
    "unet": lambda x, h: baselines.unet(x, h, small_unet()[0]),
}

every_baseline = pytest.mark.parametrize("fill", FILLS.values(), ids=FILLS)


@every_baseline
def test_a_baseline_changes_the_hole_only_and_fills_it_with_grey_values(fill):
    images, missing, _ = cases()
    before = images.copy(), missing.copy()
    filled = fill(images, missing)
    assert filled.dtype == np.float32
    assert filled.shape == images.shape
    assert np.array_equal(images, before[0])
    assert np.array_equal(missing, before[1])
    assert np.array_equal(filled[~missing], images[~missing])
    assert filled.min() >= 0
    assert filled.max() <= 1


@every_baseline
def test_what_the_hole_holds_plays_no_part_and_a_repeat_gives_the_same(fill):
    images, missing, _ = cases()
    other = np.where(missing, 1 - images, images).astype(np.float64)
    assert np.array_equal(fill(images, missing), fill(other, missing))


@every_baseline
def test_one_hole_serves_all_images(fill):
    images, missing, _ = cases()
    assert np.array_equal(fill(images, missing[2]), fill(images, np.stack([missing[2]] * 4)))


@pytest.mark.parametrize("fill", [f for name, f in FILLS.items() if name != "zeros"])
def test_a_baseline_beats_leaving_the_hole_black(fill):
    images, missing, _ = cases()
    nothing = metrics.psnr(baselines.zeros(images, missing), images, missing)
    better = metrics.psnr(fill(images, missing), images, missing) > nothing
    assert better[[1, 3]].all()  # black is hard to beat where a large part of a digit is missing


@every_baseline
def test_a_baseline_names_bad_input(fill):
    images, missing, _ = cases()
    everything = np.stack([*missing[:3], holes.everything(SHAPE)])
    with pytest.raises(ValueError, match="holes: got one that covers everything"):
        fill(images, everything)
    with pytest.raises(TypeError, match=r"holes: got torch\.uint8, wanted bool"):
        fill(images, missing.astype(np.uint8))
    with pytest.raises(ValueError, match=r"images?: got values from 0 to 255"):
        fill(images * 255, missing)


@pytest.mark.parametrize("fill", [f for name, f in FILLS.items() if name != "deep image prior"])
def test_a_baseline_wants_a_batch(fill):
    images, missing, _ = cases()
    with pytest.raises(ValueError, match=r"images: got shape \(28, 28\), wanted \(B, H, W\)"):
        fill(images[0], missing[0])


def test_zeros_are_zeros():
    images, missing, _ = cases()
    assert (baselines.zeros(images, missing)[missing] == 0).all()


@pytest.mark.parametrize("fill", [baselines.telea, baselines.navier_stokes, baselines.biharmonic])
def test_a_flat_image_is_continued(fill):
    image = np.full((1, *SHAPE), np.float32(0.6))
    filled = fill(image, holes.rectangle(SHAPE, top=9, left=8, height=6, width=9))
    np.testing.assert_allclose(filled, 0.6, atol=2.1 / 255)


def test_biharmonic_continues_a_slope():
    image = np.tile(np.linspace(0, 1, 28, dtype=np.float32), (1, 28, 1))
    filled = baselines.biharmonic(image, holes.rectangle(SHAPE, top=9, left=8, height=6, width=9))
    np.testing.assert_allclose(filled, image, atol=1e-4)


def variation(images: np.ndarray) -> np.ndarray:
    return sum(np.abs(np.diff(images, axis=axis)).sum(axis=(1, 2)) for axis in (1, 2))


def test_total_variation_is_less_than_that_of_any_other_fill():
    images, missing, _ = cases()
    least = variation(baselines.total_variation(images, missing))
    harmonic = starts.harmonic(torch.from_numpy(images), torch.from_numpy(missing)).numpy()
    assert (least < variation(harmonic)).all()
    for fill in (baselines.zeros, baselines.telea, baselines.biharmonic):
        assert (least <= variation(fill(images, missing)) * 1.0001).all()
    longer = variation(baselines.total_variation(images, missing, steps=1500))
    np.testing.assert_allclose(least, longer, rtol=1e-3)


def test_total_variation_keeps_an_edge_where_it_is():
    image = np.zeros((1, *SHAPE), dtype=np.float32)
    image[:, :, 14:] = 1
    hole = holes.rectangle(SHAPE, top=10, left=8, height=6, width=12)
    np.testing.assert_allclose(baselines.total_variation(image, hole), image, atol=0.02)


def test_opencv_is_asked_for_by_name_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    images, missing, _ = cases()
    with pytest.raises(ImportError, match=r"pip install 'inpaintlib\[baselines\]'"):
        baselines.telea(images, missing)


@pytest.mark.parametrize("kind", range(4))
def test_the_nearest_of_a_training_image_is_itself(kind):
    shown = training()[:6]
    missing = cases()[1][kind]
    filled = baselines.nearest(shown.images, missing, shown.labels, training())
    np.testing.assert_allclose(filled, shown.images, atol=1e-5)


def test_neighbours_are_averaged_and_of_the_class_only():
    flat = np.stack([np.full(SHAPE, value, dtype=np.float32) for value in (0, 0.2, 0.4, 0.5)])
    known = training()[:4]
    data = datasets.Dataset(
        **{
            **vars(known),
            "images": flat,
            "labels": np.array([3, 3, 3, 5]),
            "classes": known.classes,
        }
    )
    # The mean of 0.2 and 0.4 lies on the image's own grey without a seam to mend; 0.5 is another's.
    image = np.full((1, *SHAPE), np.float32(0.3))
    hole = holes.half(SHAPE, side="left")
    np.testing.assert_allclose(
        baselines.nearest(image, hole, 3, data, neighbours=2), 0.3, atol=1e-6
    )
    with pytest.raises(ValueError, match="training: got 1 images of class 5, wanted at least 2"):
        baselines.nearest(image, hole, 5, data, neighbours=2)
    with pytest.raises(ValueError, match="training: got 0 images of class 7"):
        baselines.nearest(image, hole, 7, data)


def test_pca_fills_an_image_of_the_subspace_exactly():
    rng = np.random.default_rng(0)
    directions = rng.uniform(-1, 1, size=(3, *SHAPE))
    weights = rng.uniform(-0.15, 0.15, size=(20, 3))
    images = (0.5 + np.tensordot(weights, directions, axes=1)).astype(np.float32)
    known = training()[:20]
    data = datasets.Dataset(**{**vars(known), "images": images, "labels": np.full(20, 4)})
    filled = baselines.class_pca(images[:5], cases()[1][2], 4, data, components=3, ridge=1e-7)
    np.testing.assert_allclose(filled, images[:5], atol=1e-4)
    heavy = baselines.class_pca(images[:5], cases()[1][2], 4, data, components=3, ridge=1e9)
    mean = np.broadcast_to(images.mean(axis=0), (5, *SHAPE))[:, cases()[1][2]]
    np.testing.assert_allclose(heavy[:, cases()[1][2]], mean, atol=1e-4)


@pytest.mark.parametrize(
    ("fill", "settings", "message"),
    [
        (baselines.nearest, {"neighbours": 0}, "neighbours: got 0, wanted a whole number"),
        (baselines.class_pca, {"components": 0}, "components: got 0, wanted a whole number"),
        (baselines.class_pca, {"ridge": 0.0}, "ridge: got 0.0, wanted a number above"),
        (baselines.class_pca, {"ridge": -1.0}, "ridge: got -1"),
    ],
)
def test_baselines_of_a_class_name_bad_settings(fill, settings, message):
    images, missing, labels = cases()
    with pytest.raises(ValueError, match=message):
        fill(images, missing, labels, training(), **settings)


@pytest.mark.parametrize("fill", [baselines.nearest, baselines.class_pca])
def test_baselines_of_a_class_name_bad_labels_and_other_shapes(fill):
    images, missing, labels = cases()
    with pytest.raises(ValueError, match="labels: got 10, wanted a class from 0 to 9"):
        fill(images, missing, 10, training())
    with pytest.raises(ValueError, match=r"training: got images of shape \(28, 28\), wanted that"):
        fill(
            np.zeros((4, 20, 20)),
            np.ones((20, 20), bool) & ~np.eye(20, dtype=bool),
            labels,
            training(),
        )


def test_training_a_unet_lowers_its_loss_and_is_repeatable():
    net, losses = small_unet()
    assert len(losses) == 30
    assert np.mean(losses[-5:]) < np.mean(losses[:5])
    with untouched_random_numbers():
        again = baselines.train_unet(training(), steps=3, batch=16, seed=1).state_dict()
    same = baselines.train_unet(training(), steps=3, batch=16, seed=1).state_dict()
    other = baselines.train_unet(training(), steps=3, batch=16, seed=2).state_dict()
    assert all(torch.equal(again[name], same[name]) for name in again)
    assert not torch.equal(again["last.weight"], other["last.weight"])
    assert not any(weights.requires_grad for weights in net.parameters())


def test_a_unet_takes_images_whose_sides_do_not_halve():
    filled = baselines.UNet().eval()(torch.zeros(2, 21, 30), torch.ones(2, 21, 30).bool())
    assert filled.shape == (2, 21, 30)


def test_a_unet_learns_the_holes_that_it_is_shown():
    images, _, _ = cases()
    settings = {"channels": (4, 8), "steps": 80, "batch": 16}
    scattered = np.stack([holes.scatter((28, 28), fraction=0.5, seed=i) for i in range(20)])
    squares = np.stack([holes.square_on_ink(images[0], side=12, seed=i) for i in range(20)])
    error = {}
    for name, seen in {"scattered": scattered, "squares": squares}.items():
        net = baselines.train_unet(training(), holes=seen, **settings)
        filled = baselines.unet(images, scattered[0], net)
        error[name] = np.square(filled - images)[:, scattered[0]].mean()
    assert error["scattered"] < 0.7 * error["squares"]


@pytest.mark.parametrize(
    ("seen", "error", "message"),
    [
        (np.zeros((3, 28, 28)), TypeError, r"holes: got torch.float64, wanted bool"),
        (np.ones((3, 20, 28), bool), ValueError, r"holes: got shape \(3, 20, 28\), wanted \(N, 28"),
        (np.ones((0, 28, 28), bool), ValueError, r"holes: got shape \(0, 28, 28\)"),
        (np.zeros((3, 28, 28), bool), ValueError, r"holes: got one that is empty"),
        (np.ones((3, 28, 28), bool), ValueError, r"or covers everything"),
    ],
)
def test_a_unet_says_which_holes_it_wants(seen, error, message):
    with pytest.raises(error, match=message):
        baselines.train_unet(training(), holes=seen, steps=1)


def test_holes_to_train_on_leave_something():
    missing = baselines._training_holes((20, 16), seed=0)
    share = missing.float().mean(dim=(1, 2))
    assert share.min() > 0
    assert share.max() < 1
    assert len(missing.unique(dim=0)) > len(missing) / 2


def test_deep_image_prior_fits_the_image_and_depends_on_its_seed_alone():
    images, missing, _ = cases()
    with untouched_random_numbers():
        first = baselines.deep_image_prior(images[1], missing[1], steps=5)
    assert np.array_equal(first, baselines.deep_image_prior(images[1], missing[1], steps=5))
    other = baselines.deep_image_prior(images[1], missing[1], steps=5, seed=1)
    assert not np.array_equal(first, other)
    longer = baselines.deep_image_prior(images[1], missing[1], steps=120)
    decibels = partial(metrics.psnr, originals=images[1:2], holes=missing[1:2])
    assert decibels(longer[None]) > decibels(first[None]) + 1
    with pytest.raises(ValueError, match=r"image: got shape \(4, 28, 28\), wanted \(H, W\)"):
        baselines.deep_image_prior(images, missing)
