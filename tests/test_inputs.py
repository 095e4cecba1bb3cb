"""Bad input, by its kind: what would change a result without a word is an error that names it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from helpers import SMALL, classifier, lenet, pictures
from torch import Tensor, nn

from inpaintlib import (
    Recipe,
    baselines,
    classifiers,
    datasets,
    energy,
    fitting,
    gaussians,
    holes,
    inpaint,
    metrics,
    recipes,
    starts,
    training,
)
from inpaintlib.augment import Moves
from inpaintlib.classifiers import Classifier
from inpaintlib.descent import descend, random_views
from inpaintlib.energy import Binary, CrossEntropy, Energy, Ramp, Term, TotalVariation

NET = classifier()
DIGITS = datasets.load("digits", split="test")
IMAGES = pictures(2, *SMALL).numpy()
HOLE = holes.rectangle(SMALL, top=4, left=5, height=7, width=6)
BOTH = np.stack([HOLE, HOLE])
FILLED = np.where(HOLE, 0.5, IMAGES)
TENSOR, GAPS = torch.from_numpy(IMAGES), torch.from_numpy(BOTH)


def fill(image: Any = IMAGES, hole: Any = HOLE, label: Any = 3, **settings: Any) -> Any:
    brief = {"recipe": "paper-digits", "classifier": NET, "max_steps": 2}
    return inpaint(image, hole, label, **brief | settings)


def move(images: Any = TENSOR, gaps: Any = GAPS, *, of: Any = None, **settings: Any) -> Any:
    return descend(of or Binary(), images, gaps, **{"step_size": 0.1, "max_steps": 2} | settings)


# Arrays and tensors of a kind that would be computed with wrongly


class Unit(np.ndarray):
    """As of a package for physical units."""


class Tracked(Tensor):
    """As of a package that follows tensors."""


quantized = torch.quantize_per_tensor

ODD: dict[str, tuple[Callable[[np.ndarray], Any], str]] = {
    "masked": (lambda x: np.ma.masked_array(x, x > 0.5), "MaskedArray"),
    "matrix": (lambda x: x.reshape(-1, x.shape[-1]).view(np.matrix), "matrix"),
    "unit": (lambda x: x.view(Unit), "Unit"),
    "subclass": (lambda x: torch.from_numpy(x).as_subclass(Tracked), "Tracked"),
    "sparse": (lambda x: torch.from_numpy(x).to_sparse(), "a tensor of layout torch.sparse_coo"),
    "meta": (lambda x: torch.from_numpy(x).to("meta"), "a tensor on the device 'meta'"),
    "list": (lambda x: x.tolist(), "list"),
    "structured": (lambda x: x.view([("a", x.dtype)]), r"\[\('a'"),
    "text": (lambda x: x.astype(str), "<U"),
}

#: What takes an array: the function of it, the argument's name, and a good array.
TAKERS: dict[str, tuple[Callable[[Any], Any], str, np.ndarray]] = {
    "inpaint, image": (lambda x: fill(image=x), "image", IMAGES),
    "inpaint, hole": (lambda x: fill(hole=x), "hole", BOTH),
    "inpaint, start": (lambda x: fill(start=x), "start", FILLED),
    "Recipe.begin": (
        lambda x: recipes.get("paper-digits", classifier=NET).begin(x, HOLE, 3),
        "images",
        IMAGES,
    ),
    "psnr, images": (lambda x: metrics.psnr(x, IMAGES, BOTH), "images", FILLED),
    "psnr, originals": (lambda x: metrics.psnr(FILLED, x, BOTH), "originals", IMAGES),
    "psnr, holes": (lambda x: metrics.psnr(FILLED, IMAGES, x), "holes", BOTH),
    "ssim, images": (lambda x: metrics.ssim(x, IMAGES, BOTH), "images", FILLED),
    "ssim, holes": (lambda x: metrics.ssim(FILLED, IMAGES, x), "holes", BOTH),
    "grey_share, images": (lambda x: metrics.grey_share(x, BOTH), "images", FILLED),
    "probabilities": (lambda x: metrics.probabilities(x, classifier=NET), "images", IMAGES),
    "realism": (
        lambda x: metrics.realism(metrics.Pairs(IMAGES, x, BOTH), None, steps=1),  # type: ignore[arg-type]
        "learning.filled",
        FILLED,
    ),
    "zeros": (lambda x: baselines.zeros(x, HOLE), "images", IMAGES),
    "biharmonic, holes": (lambda x: baselines.biharmonic(IMAGES, x), "holes", BOTH),
    "squares_on_ink": (lambda x: holes.squares_on_ink(x, sides=[3]), "images", IMAGES),
    "averages": (
        lambda x: classifiers.of(lenet(), averages=x),
        "averages",
        np.resize(IMAGES, (10, *SMALL)),
    ),
}


@pytest.mark.parametrize(("make", "kind"), ODD.values(), ids=ODD)
@pytest.mark.parametrize(("take", "argument", "good"), TAKERS.values(), ids=TAKERS)
def test_an_array_of_another_kind_is_refused_by_name(make, kind, take, argument, good):
    if argument == "averages" and isinstance(made := make(good), list):
        assert take(made).averages.shape == good.shape, "any nested list of numbers will do"
        return
    with pytest.raises(TypeError, match=rf"{argument}: got {kind}.*, wanted "):
        take(make(good))


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors", "ignore:.*quantiz")
def test_tensors_that_hold_no_plain_numbers_are_refused_by_name():
    for odd, kind in (
        (quantized(TENSOR.float(), 0.1, 0, torch.quint8), "a quantized tensor"),
        (torch.nested.nested_tensor([TENSOR[0], TENSOR[1]]), "a nested tensor"),
        (TENSOR.to(torch.float8_e5m2), "torch.float8_e5m2"),
        (TENSOR * 1j, "torch.complex128"),
    ):
        for take in (fill, move):
            with pytest.raises(TypeError, match=f"images?: got {kind}, wanted"):
                take(odd)


def test_a_masked_label_is_refused():
    masked = np.ma.masked_array([3, 8], [False, True])
    for take in (
        lambda: fill(label=masked),
        lambda: metrics.named_right(IMAGES, masked, judge=NET),
        lambda: metrics.interval(masked),
        lambda: metrics.interval([1.0, 2.0], groups=masked),
        lambda: energy.OwnContent(NET, masked, torch.add),
    ):
        with pytest.raises(TypeError, match="got MaskedArray, wanted"):
            take()


def test_ordinary_arrays_of_every_kind_are_taken(tmp_path):
    np.save(tmp_path / "images.npy", IMAGES)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    expected = fill().image
    for image in (mapped, np.asfortranarray(IMAGES), nn.Parameter(TENSOR)):
        assert np.array_equal(fill(image).image, expected)
    half = TENSOR.to(torch.bfloat16)
    assert fill(half).image.dtype == torch.bfloat16
    assert np.isfinite(metrics.psnr(half, IMAGES, HOLE)).all()  # type: ignore[arg-type]


# Scores

SCORES: dict[str, Callable[..., Any]] = {
    "psnr": metrics.psnr,
    "ssim": metrics.ssim,
    "grey": lambda images, originals, gaps: metrics.grey_share(images, gaps),
}

BAD_SCORES: dict[str, tuple[Any, type, str]] = {
    "hole of integers": ((FILLED, IMAGES, BOTH.astype("uint8")), TypeError, "holes: got torch.ui"),
    "hole of floats": ((FILLED, IMAGES, BOTH.astype(float)), TypeError, "holes: got torch.float64"),
    "empty hole": ((FILLED, IMAGES, BOTH & False), ValueError, "holes: got one in which nothing"),
    "one empty hole": (
        (FILLED, IMAGES, np.stack([HOLE, HOLE & False])),
        ValueError,
        "holes: got one in which nothing",
    ),
    "another hole": ((FILLED, IMAGES, BOTH[:, 1:]), ValueError, r"holes: got shape \(2, 15, 16\)"),
    "three holes": ((FILLED, IMAGES, BOTH[[0, 0, 0]]), ValueError, r"holes: got shape \(3, 16"),
    "integers": (((255 * FILLED).astype("uint8"), IMAGES, BOTH), TypeError, "images: got torch.u"),
    "8-bit values": ((255 * FILLED, IMAGES, BOTH), ValueError, "images: got values from"),
    "NaN": ((np.where(HOLE, np.nan, IMAGES), IMAGES, BOTH), ValueError, "images: got NaN"),
    "one image": ((FILLED[0], IMAGES[0], HOLE), ValueError, r"images: got shape \(16, 16\)"),
    "no image": ((FILLED[:0], IMAGES[:0], HOLE), ValueError, r"images: got shape \(0, 16, 16\)"),
}

BAD_PAIRS: dict[str, tuple[Any, type, str]] = {
    "one original": ((FILLED, IMAGES[:1], BOTH), ValueError, r"originals: got shape \(1, 16, 16\)"),
    "a bare original": ((FILLED, IMAGES[0], BOTH), ValueError, r"originals: got shape \(16, 16\)"),
    "colour and grey": (
        (np.stack([FILLED] * 3, axis=1), IMAGES, BOTH),
        ValueError,
        "originals: got shape",
    ),
    "originals of integers": (
        (FILLED, IMAGES.astype(int), BOTH),
        TypeError,
        "originals: got torch.int64",
    ),
}


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
@pytest.mark.parametrize(("given", "error", "message"), BAD_SCORES.values(), ids=BAD_SCORES)
def test_a_score_of_what_cannot_be_scored_is_refused(score, given, error, message):
    with pytest.raises(error, match=message):
        score(*given)


@pytest.mark.parametrize("score", [metrics.psnr, metrics.ssim])
@pytest.mark.parametrize(("given", "error", "message"), BAD_PAIRS.values(), ids=BAD_PAIRS)
def test_originals_are_never_repeated(score, given, error, message):
    with pytest.raises(error, match=message):
        score(*given)


@pytest.mark.parametrize(
    ("score", "error", "message"),
    [
        (lambda: metrics.ssim(FILLED[:, :8], IMAGES[:, :8], HOLE[:8]), ValueError, "at least 11×"),
        (lambda: metrics.named_right(IMAGES, [1], judge=NET), ValueError, r"labels: got shape \(1"),
        (lambda: metrics.named_right(IMAGES, 10, judge=NET), ValueError, "labels: got 10, wanted"),
        (lambda: metrics.named_right(IMAGES, [1.0, 2.0], judge=NET), TypeError, "labels: got floa"),
        (lambda: metrics.table({}, IMAGES, HOLE, [1, 2]), ValueError, "fills: got none, wanted"),
        (lambda: metrics.interval(["1", "2"]), TypeError, "values: got <U1, wanted numbers"),
        (lambda: metrics.interval([1j]), TypeError, "values: got complex128, wanted numbers"),
        (lambda: metrics.interval([1.0], level=True), TypeError, "level: got True, wanted a num"),
        (lambda: metrics.interval([1.0], bounds=(1, 0)), ValueError, r"bounds: got \(1, 0\), wa"),
        (lambda: metrics.interval([1.0], bounds=0), TypeError, "bounds: got 0, wanted two numbers"),
        (lambda: metrics.realism(None, None), TypeError, "learning: got NoneType, wanted Pairs"),
    ],
)
def test_other_scores_name_what_they_refuse(score, error, message):
    with pytest.raises(error, match=message):
        score()


# Numbers

#: What is no number, or none that a float can hold.
NO_NUMBERS: dict[str, tuple[Any, type, str]] = {
    "bool": (True, TypeError, "got True, wanted a number"),
    "NumPy's bool": (np.True_, TypeError, "got .*True.*, wanted a number"),
    "text": ("0.1", TypeError, "got '0.1', wanted a number"),
    "None": (None, TypeError, "got None, wanted a number"),
    "array": (np.array([0.1, 0.2]), TypeError, r"got array\(\[0.1, 0.2\]\), wanted a number"),
    "array of one": (np.array(0.1), TypeError, r"got array\(0.1\), wanted a number"),
    "tensor": (torch.tensor(0.1), TypeError, r"got tensor\(0.1000\), wanted a number"),
    "complex": (1j, TypeError, "got 1j, wanted a number"),
    "huge": (10**400, ValueError, "got 1000.*, wanted a number of at most"),
    "beyond print": (10**5000, ValueError, "got .*, wanted a number of at most"),
    "huge fraction": (Fraction(10**400, 3), ValueError, "got .*, wanted a number of at most"),
    "NaN": (float("nan"), ValueError, "got nan, wanted"),
    "infinity": (float("inf"), ValueError, "got inf, wanted"),
}

#: Every setting that is a number: the function of it, and its name in the message.
SETTINGS: dict[str, tuple[Callable[[Any], Any], str]] = {
    **{
        name: (lambda x, name=name: recipes.get("digits", **{name: x}), name)  # type: ignore[misc]
        for name in (
            "total_variation",
            "binary",
            "binary_begin",
            "start_value",
            "step_size",
            "momentum",
            "tolerance",
        )
    },
    "descend, step_size": (lambda x: move(step_size=x), "step_size"),
    "descend, momentum": (lambda x: move(momentum=x), "momentum"),
    "descend, tolerance": (lambda x: move(tolerance=x), "tolerance"),
    "weight of a term": (lambda x: Energy((x, Binary())), "terms"),
    "ramp, end": (lambda x: Ramp(x), "end"),
    "ramp, begin": (lambda x: Ramp(1.0, begin=x), "begin"),
    "constant": (lambda x: starts.constant(TENSOR, GAPS, value=x), "value"),
    "scatter": (lambda x: holes.scatter(SMALL, fraction=x, seed=0), "fraction"),
    "stroke": (lambda x: holes.stroke(SMALL, points=[(1, 1)], width=x), "width"),
    "a point": (lambda x: holes.stroke(SMALL, points=[(1, x)], width=1), "points"),
    "centre": (lambda x: holes.ellipse(SMALL, center=(x, 1), radii=(2, 2)), "center"),
    "radii": (lambda x: holes.ellipse(SMALL, center=(1, 1), radii=(2, x)), "radii"),
    "dark": (lambda x: holes.dark(IMAGES[0], threshold=x), "threshold"),
    "PDHG": (lambda x: baselines.total_variation(IMAGES, HOLE, step_size=x), "step_size"),
    "floor": (lambda x: gaussians.Fit(directions=1, floor=x), "floor"),
    "scale": (lambda x: fitting.FitTraining(scale=x, pool=1, steps=1), "scale"),
    "learning rate": (
        lambda x: training.Training(epochs=1, batch=1, learning_rate=x),
        "learning_rate",
    ),
    "moves": (
        lambda x: gaussians.Fit(directions=1, floor=1, copies=1, moves=Moves(shift=x)),
        "moves.shift",
    ),
    "mean": (lambda x: classifiers.of(lenet(), mean=[x]), "mean"),
}


@pytest.mark.parametrize(("value", "error", "message"), NO_NUMBERS.values(), ids=NO_NUMBERS)
@pytest.mark.parametrize(("take", "name"), SETTINGS.values(), ids=SETTINGS)
def test_a_setting_that_is_no_number_is_named(value, error, message, take, name):
    with pytest.raises(error, match=f"{name}: {message}"):
        take(value)


def test_numbers_of_other_types_are_taken():
    expected = fill(step_size=0.5, total_variation=0.25, binary=0.5, momentum=0.5).image
    for kind in (Fraction, np.float32, np.float64):
        half, quarter = kind(1) / 2, kind(1) / 4
        again = fill(step_size=half, total_variation=quarter, binary=half, momentum=half)
        assert np.array_equal(again.image, expected)
        assert hash(again.recipe) == hash(again.recipe)


class Heavy(Binary):
    """A term of a reader's own."""

    name = "heavy"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"step_size": 4e38}, r"step_size: got 4e\+38, wanted 0 or a number from .* float32"),
        ({"step_size": 2**140}, "step_size: got 1393.*, wanted 0 or a number"),
        ({"step_size": 1e-50}, "step_size: got 1e-50, wanted 0 or a number"),
        ({"total_variation": 1e39}, r"total_variation: got 1e\+39, wanted 0 or a number"),
        ({"binary": 1e39}, r"binary: got 1e\+39, wanted 0 or a number from"),
        ({"tolerance": 1e39}, r"tolerance: got 1e\+39, wanted 0 or a number from"),
        ({"terms": [(1e39, Heavy())]}, r"weight of heavy: got 1e\+39, wanted 0 or a number from"),
    ],
)
def test_a_setting_beyond_the_precision_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        fill(precision="float32", **settings)


#: Every whole number that is no seed, and every seed, likewise.
WHOLE: dict[str, tuple[Callable[[Any], Any], str]] = {
    **{
        name: (lambda x, name=name: recipes.get("digits", **{name: x}), name)  # type: ignore[misc]
        for name in ("max_steps", "jitter", "patches", "rim_width")
    },
    "window side": (lambda x: recipes.get("digits", window_sides=(3, x)), "window_sides"),
    "descend, max_steps": (lambda x: move(max_steps=x), "max_steps"),
    "descend, callback_every": (lambda x: move(callback_every=x), "callback_every"),
    "rim": (lambda x: energy.rim(HOLE, width=x), "width"),
    "shape": (lambda x: holes.everything((x, 4)), "shape"),
    "rectangle": (lambda x: holes.rectangle(SMALL, top=x, left=0, height=1, width=1), "top"),
    "side": (lambda x: holes.square_on_ink(IMAGES[0], side=x, seed=0), "side"),
    "interval": (lambda x: metrics.interval([1.0], resamples=x), "resamples"),
    "classes": (lambda x: datasets.part_averages(DIGITS[:1], parts=x), "parts"),
    "epochs": (lambda x: training.Training(epochs=x, batch=1, learning_rate=1), "epochs"),
    "pool": (lambda x: fitting.FitTraining(scale=1, pool=x, steps=1), "pool"),
}

SEEDS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "inpaint": (lambda x: fill(seed=x), "seed"),
    "views": (lambda x: random_views(SMALL, seed=x), "seed"),
    "scatter": (lambda x: holes.scatter(SMALL, fraction=0.5, seed=x), "seed"),
    "random": (lambda x: holes.random(SMALL, seed=x), "seed"),
    "square": (lambda x: holes.square_on_ink(IMAGES[0], side=3, seed=x), "seed"),
    "squares": (lambda x: holes.squares_on_ink(IMAGES, sides=[3], seed=x), "seed"),
    "interval": (lambda x: metrics.interval([1.0], seed=x), "seed"),
    "realism": (lambda x: metrics.realism(None, None, seed=x), "seed"),  # type: ignore[arg-type]
    "prior": (lambda x: baselines.deep_image_prior(IMAGES[0], HOLE, seed=x), "seed"),
    "U-Net": (lambda x: baselines.train_unet(DIGITS, seed=x), "seed"),
    "fit": (lambda x: gaussians.Fit(directions=1, floor=1, seed=x), "seed"),
    "fit training": (lambda x: fitting.FitTraining(scale=1, pool=1, steps=1, seed=x), "seed"),
    "training": (lambda x: training.Training(epochs=1, batch=1, learning_rate=1, seed=x), "seed"),
}


@pytest.mark.parametrize(("take", "name"), [*WHOLE.values(), *SEEDS.values()])
@pytest.mark.parametrize(
    "value", [None, 1.0, True, "1", Fraction(1), np.array(1), np.array([1, 2]), torch.tensor(1)]
)
def test_a_whole_number_of_another_type_is_named(take, name, value):
    with pytest.raises(TypeError, match=f"{name}: got .*, wanted a whole number"):
        take(value)


@pytest.mark.parametrize(("take", "name"), WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("value", [2**31, 2**70, 10**5000], ids=["31 bits", "70 bits", "all"])
def test_a_whole_number_that_is_too_large_is_named(take, name, value):
    with pytest.raises(ValueError, match=f"{name}: got .*, wanted a whole number from"):
        take(value)


@pytest.mark.parametrize(("take", "name"), SEEDS.values(), ids=SEEDS)
@pytest.mark.parametrize("value", [-1, 2**64, 2**70])
def test_a_seed_is_of_64_bits_everywhere(take, name, value):
    with pytest.raises(ValueError, match=f"{name}: got {value}, wanted a whole number"):
        take(value)


def test_the_largest_seed_draws():
    assert holes.scatter(SMALL, fraction=0.5, seed=2**64 - 1).any()
    assert np.isfinite(fill(seed=2**64 - 1, start="noise").image).all()


@pytest.mark.parametrize("value", [1, "no", None, np.array(True)])
def test_a_switch_is_true_or_false(value):
    for take, name in (
        (lambda: classifiers.of(lenet(), add_channel=value), "add_channel"),
        (lambda: gaussians.Fit(directions=1, floor=1, shared=value), "shared"),
        (lambda: fitting.FitTraining(scale=1, pool=1, steps=1, own=value), "own"),
    ):
        with pytest.raises(TypeError, match=f"{name}: got .*, wanted True or False"):
            take()


@pytest.mark.parametrize("name", [None, 7, ["digits"], np.array(["a", "b"])])
def test_a_name_that_is_no_text_is_refused(name):
    for take, argument in (
        (lambda: datasets.load(name), "name"),
        (lambda: datasets.load("digits", split=name), "split"),
        (lambda: holes.half(SMALL, side=name), "side"),
        (lambda: fill(precision=name), "precision"),
        (lambda: recipes.get("digits", region=name), "region"),
    ):
        with pytest.raises(ValueError, match=rf"{argument}: got .*, wanted one of"):
            take()


@pytest.mark.parametrize("label", [2**63, 2**70, np.array([2**63, 3], np.uint64)])
def test_a_huge_label_is_named(label):
    with pytest.raises(ValueError, match=r"label: got \d+, wanted a class"):
        fill(label=label)


def test_a_pixel_just_outside_is_shown_in_all_its_digits():
    for value, text in ((np.float32(1.0000001), "1.0000001"), (1 + 2e-16, "1.0000000000000002")):
        image = IMAGES.astype(type(value))
        image[0, 0, 0] = value
        with pytest.raises(ValueError, match=rf"image: got values from [\d.e-]+ to {text}"):
            fill(image)


# What a user's own function does


def test_nothing_that_a_callback_does_to_its_images_changes_the_result():
    expected = fill()

    spoiled = fill(callback=lambda step, images: images.zero_())
    assert spoiled.image.tobytes() == expected.image.tobytes()
    assert spoiled.start.tobytes() == expected.start.tobytes()
    assert spoiled.stopped == expected.stopped, "images that are returned do not stop it"
    images, gaps = TENSOR.clone(), GAPS.clone()

    def spoil_input(step: int, _: Tensor) -> None:
        images.zero_()
        gaps.fill_(True)

    assert torch.equal(move(images, gaps, callback=spoil_input).images, move().images)


def test_nothing_that_an_own_start_content_or_term_does_to_its_input_changes_the_rest():
    class Spoiling(Term):
        name = "spoiling"

        def __call__(self, images: Tensor) -> Tensor:
            values = 0 * images.flatten(1).sum(dim=1)
            images.data.zero_()
            return values

    def start(images: Tensor, gaps: Tensor, labels: Tensor) -> Tensor:
        begun = starts.constant(images, gaps, value=0.5)
        for given in (images, gaps, labels):
            given.zero_()
        return begun

    def content(scores: Tensor, labels: Tensor, *, spoils: bool = True) -> Tensor:
        wanted = nn.functional.one_hot(labels, 10)
        labels.mul_(0 if spoils else 1)
        return (scores * wanted).sum(dim=1)

    expected = fill(start="constant", content=partial(content, spoils=False))
    spoiled = fill(start=start, content=content, terms=[(1.0, Spoiling())])
    assert spoiled.image.tobytes() == expected.image.tobytes()
    assert spoiled.label.tolist() == [3, 3]


class Returns(Term):
    """Gives whatever it was made with, computed from the images."""

    name = "odd"

    def __init__(self, make: Callable[[Tensor], Any]) -> None:
        self.make = make

    def __call__(self, images: Tensor) -> Any:
        return self.make(images)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        (
            {"of": Returns(lambda x: x.sum())},
            ValueError,
            r"odd: got values of shape \(\), wanted o",
        ),
        ({"of": Returns(lambda x: x.sum(dim=2))}, ValueError, r"odd: got values of shape \(2, 16"),
        ({"of": Returns(lambda x: 0.0)}, TypeError, "odd: got float, wanted a tensor of values"),
        ({"of": Returns(lambda x: torch.zeros(2))}, ValueError, "odd: got values without a grad"),
        ({"of": Returns(lambda x: x.sum((1, 2)) / 0)}, ValueError, "odd: got inf at step 0 of im"),
        ({"of": CrossEntropy(NET, torch.tensor([3]))}, ValueError, "classifier: got scores of sha"),
        ({"of": TotalVariation(GAPS[:1])}, ValueError, r"region: got shape \(1, 16, 16\), wanted"),
        ({"of": Energy((lambda p: None, Binary()))}, TypeError, "weight: got None, wanted a numb"),
        ({"callback": 7}, TypeError, "callback: got int, wanted a function of the step"),
        ({"views": [None]}, TypeError, "views: got list, wanted an iterator of views"),
        ({"views": iter([])}, ValueError, "views: got 0, wanted one for each step .*, 3"),
        ({"views": iter([None])}, TypeError, "views: got NoneType, wanted functions of images"),
        ({"gaps": GAPS & False}, ValueError, "holes: got one in which nothing is missing"),
        ({"gaps": GAPS.float()}, TypeError, "holes: got torch.float32, wanted bool"),
        ({"images": IMAGES}, TypeError, "images: got ndarray, wanted a torch tensor"),
    ],
)
def test_a_descent_names_what_it_refuses(settings, error, message):
    with pytest.raises(error, match=message):
        move(**settings)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Energy(), ValueError, "terms: got none, wanted at least one"),
        (lambda: Energy(Binary()), TypeError, "terms: got <.*, wanted a weight and a Term"),
        (lambda: TotalVariation(GAPS.float()), TypeError, "region: got torch.float32, wanted bool"),
        (lambda: TotalVariation(GAPS[None]), ValueError, r"region: got shape \(1, 2, 16, 16\)"),
        (lambda: CrossEntropy(7, torch.tensor([1])), TypeError, "classifier: got int, wanted a C"),
        (lambda: CrossEntropy(NET, torch.tensor([1.0])), TypeError, "labels: got torch.float32"),
        (lambda: CrossEntropy(NET, torch.tensor([10])), ValueError, "labels: got 10, wanted a cl"),
        (lambda: energy.rim(HOLE.astype(int), width=1), TypeError, "hole: got torch.int64, wanted"),
        (lambda: energy.rim(HOLE & False, width=1), ValueError, "hole: got one in which nothing"),
        (lambda: (1.0 * Binary())(IMAGES), TypeError, "images: got .*, wanted a tensor of floats"),
        (
            lambda: starts.class_average(TENSOR, GAPS, averages=TENSOR[:1]),
            ValueError,
            r"averages: got shape \(1, 16, 16\), wanted that of the images",
        ),
        (
            lambda: starts.class_average(TENSOR, GAPS, averages=2 * TENSOR),
            ValueError,
            "averages: got values from",
        ),
        (
            lambda: starts.noise(TENSOR, GAPS, generator=None),  # type: ignore[arg-type]
            TypeError,
            "generator: got NoneType, wanted a torch.Generator",
        ),
        (
            lambda: starts.solve_laplace(TENSOR[0], torch.ones(SMALL, dtype=torch.bool)),
            ValueError,
            "hole: got one that covers everything",
        ),
        (lambda: holes.rectangle((3, 4, 4), top=0, left=0, height=1, width=1), ValueError, "shape"),
        (lambda: holes.dark((255 * IMAGES[0]).astype("uint8"), threshold=0.1), TypeError, "image"),
        (lambda: holes.dark(IMAGES, threshold=0.1), ValueError, r"image: got shape \(2, 16, 16\)"),
        (lambda: datasets.class_averages(IMAGES), TypeError, "data: got ndarray, wanted a Dataset"),
    ],
)
def test_a_part_of_a_descent_names_what_it_refuses(make, error, message):
    with pytest.raises(error, match=message):
        make()


# Classifiers


def spoiled(value: float, *, at: str = "dense.0.weight") -> nn.Module:
    net = lenet().float()
    with torch.no_grad():
        net.get_parameter(at).view(-1)[0] = value
    return net


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_not_finite_are_refused(value, tmp_path):
    net = spoiled(value)
    message = r"got NaN or infinity in (0\.)?dense\.0\.weight"
    for make in (
        lambda: classifiers.of(net),
        lambda: classifiers.of(net.forward, name="x", shape=SMALL, classes=10, dtype=torch.float32),
        lambda: Classifier(net, name="x", shape=SMALL, classes=net.classes),
        lambda: classifiers.of(nn.Sequential(net), name="x", shape=SMALL, classes=10),
        net.rounded,
    ):
        with pytest.raises(ValueError, match=f"{message}|scores: got NaN or an infinite"):
            make()
    path = tmp_path / "net.safetensors"
    classifiers.save(lenet(), path, facts={})
    from safetensors import safe_open
    from safetensors.torch import save_file

    with safe_open(path, "pt") as file:
        tensors, facts = {key: file.get_tensor(key) for key in file.keys()}, file.metadata()  # noqa: SIM118
    tensors["dense.0.weight"].view(-1)[0] = value
    facts.pop(classifiers._DIGEST)  # as of a file from before they were named
    save_file(tensors, path, metadata=facts)
    with pytest.raises(ValueError, match=message):
        classifiers.read(path)


def test_weights_that_became_nan_later_are_found_by_the_next_descent():
    net = lenet().float()
    mine = classifiers.of(net)
    with torch.no_grad():
        net.dense[0].weight[0, 0] = float("nan")
    with pytest.raises(ValueError, match=r"NaN or infinity in dense\.0\.weight"):
        fill(classifier=mine)


def test_weights_too_large_for_a_file_are_refused():
    with pytest.raises(ValueError, match="got NaN or infinity in"):
        spoiled(1e6).rounded()  # type: ignore[operator]


def test_a_function_that_becomes_nan_on_the_way_is_an_error_that_says_where():
    mine = classifiers.of(scores_but_for_black, name="x", shape=SMALL, classes=2)
    with pytest.raises(ValueError, match="content: got nan at step 0 of image 0, wanted finite"):
        fill(classifier=mine, label=1)


def scores_but_for_black(images: Tensor) -> Tensor:
    """Scores of a black image, and NaN of any other."""
    sums = images.flatten(1).sum(dim=1, keepdim=True)
    return torch.cat([sums, -sums], dim=1) + 0 / (sums == 0)


def test_averages_have_to_fit_the_classes():
    net, ten = lenet(classes=20), np.resize(IMAGES, (10, *SMALL))
    for make in (
        lambda: classifiers.of(net, averages=ten),
        lambda: Classifier(
            net, name="x", shape=SMALL, classes=net.classes, averages=torch.from_numpy(ten)
        ),
    ):
        with pytest.raises(ValueError, match=r"averages: got .* \(10, 16, 16\), wanted .*\(20, 16"):
            make()


# Identity


def test_results_can_be_compared_and_kept_in_sets():
    one, other = fill(), fill()
    parts = [one, one.history, move(), (1.0 * Binary()).evaluate(TENSOR), next(random_views(SMALL))]
    for part in [*parts, one.recipe]:
        assert part == part
        assert len({part, part}) == 1
    assert one != other
    assert one.history != other.history
    assert one.recipe == other.recipe
    starting = [Recipe(**{**BRIEF, "start": images}) for images in (IMAGES, IMAGES.copy())]
    assert starting[0] == Recipe(**{**BRIEF, "start": IMAGES})
    assert starting[0] != starting[1]
    assert len(set(starting)) == 2


BRIEF: dict[str, Any] = {
    "classifier": NET,
    "total_variation": 0.1,
    "step_size": 0.1,
    "max_steps": 1,
    "window_sides": [3, 6],
}


# The folder of the full sets

MNIST = "train-images-idx3-ubyte"


@pytest.mark.parametrize(
    ("holds", "message"),
    [
        ([], "INPAINTLIB_DATA is .*, in which no set is found: it holds neither MNIST's four"),
        ([MNIST], f"{MNIST} is there, but not compressed: run gzip on MNIST's four files"),
        (["train-images.idx3-ubyte"], "train-images.idx3-ubyte is there, but not compressed"),
    ],
)
def test_a_folder_in_which_nothing_is_found_is_told(holds, message, tmp_path, monkeypatch):
    monkeypatch.setenv("INPAINTLIB_DATA", str(tmp_path))
    monkeypatch.setenv("INPAINTLIB_CACHE", str(tmp_path / "cache"))
    for name in holds:
        (tmp_path / name).touch()
    for name in ("digits", "faces-att"):
        with pytest.warns(UserWarning, match=message):
            datasets.load(name, split="test")
    with pytest.raises(datasets.DataError, match=f"mnist: not found in {tmp_path}"):
        datasets.load("mnist")
    if holds:
        with pytest.raises(datasets.DataError, match=message):
            datasets.load("mnist")
    (tmp_path / f"{MNIST}.gz").touch()
    datasets.load("digits", split="test")  # no warning: one of the sets is meant


def test_every_pair_of_seeds_names_two_holes():
    drawn = [holes.scatter(SMALL, fraction=0.5, seed=seed).tobytes() for seed in range(4)]
    assert all(one != other for one, other in itertools.combinations(drawn, 2))
