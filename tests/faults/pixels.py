"""Descents, odd input to public functions, and metrics."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from helpers import RIGHT_SETTINGS
from hypothesis import strategies as st

from faults.kinds import kind, refused_or_right
from inpaintlib import Recipe, baselines, classifiers, datasets, energy, holes, inpaint, metrics
from inpaintlib.networks import LeNet
from inpaintlib.recipes import REGIONS, STARTS

SIDE = 16
seeds = st.integers(0, 2**32 - 1)


@cache
def classifier(channels: int) -> classifiers.Classifier:
    """An untrained one, sure enough of itself to have gradients that matter."""
    shape = (SIDE, SIDE) if channels == 0 else (channels, SIDE, SIDE)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(channels)
        net = LeNet(shape, ["a", "b", "c"], name="small")
    with torch.no_grad():
        net.dense[-1].weight.mul_(30)
    random = np.random.default_rng(channels)
    return classifiers.of(
        net, averages=random.random((3, *shape)), parts=random.random((3, 4, *shape))
    )


def drawn_images(data: st.DataObject, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Noise, or one of the extremes."""
    random = np.random.default_rng(data.draw(seeds, label=f"{name}: seed"))
    images = random.random(shape)
    style = data.draw(st.sampled_from(["noise", "black", "white", "ink"]), label=name)
    if style == "noise":
        return images
    return np.round(images) if style == "ink" else np.full(shape, float(style == "white"))


def drawn_hole(data: st.DataObject) -> np.ndarray:
    random = np.random.default_rng(data.draw(seeds, label="hole: seed"))
    if data.draw(st.booleans(), label="hole: of a kind"):
        return holes.random((SIDE, SIDE), seed=int(random.integers(2**32)))
    hole = random.random((SIDE, SIDE)) < data.draw(st.floats(0.01, 1), label="hole: share")
    hole[0, 0] |= not hole.any()
    return hole


SETTINGS: dict[str, st.SearchStrategy] = {
    "content": st.sampled_from(sorted(energy.CONTENTS)),
    "total_variation": st.sampled_from([0, 1e-4, 0.03, 1, 100]),
    "region": st.sampled_from(REGIONS),
    "rim_width": st.integers(1, 20),
    "binary": st.sampled_from([0, 1e-3, 0.1, 10]),
    "binary_begin": st.floats(0, 0.99),
    "start": st.sampled_from(STARTS),
    "start_value": st.floats(0, 1),
    "step_size": st.sampled_from([0, 1e-30, 1e-6, 1e-3, 0.1, 1, 1e3, 1e30]),
    "max_steps": st.integers(0, 4),
    "momentum": st.floats(0, 0.99),
    "tolerance": st.sampled_from([0, 1e-3, 1, 1e9]),
    "jitter": st.integers(0, 5),
    "patches": st.integers(0, 3),
    "window_sides": st.sampled_from([(1, 1), (1, SIDE), (5, 9), (SIDE, SIDE)]),
    "seed": seeds,
}


@kind(
    "descents",
    "random images, holes, terms, starts and settings: known pixels stay bit-identical, all "
    "numbers are finite, and the same seed gives the same result",
    examples=40,
)
def descents(data: st.DataObject) -> None:
    channels = data.draw(st.sampled_from([0, 0, 1, 3]), label="channels")
    own = classifier(channels)
    count = data.draw(st.integers(0, 3), label="batch")
    shape = (count, *own.shape) if count else own.shape
    images = drawn_images(data, shape, "images")
    if data.draw(st.booleans(), label="float32"):
        images = images.astype(np.float32)
    hole = drawn_hole(data)
    label = data.draw(st.integers(0, 2), label="label")
    given = data.draw(st.fixed_dictionaries({}, optional=SETTINGS), label="settings")
    settings = {"max_steps": 3} | given
    before = images.copy()
    result = None
    with refused_or_right():
        result, again = (
            inpaint(images, hole, label, recipe="paper-digits", classifier=own, **settings)
            for _ in range(2)
        )
    if result is None:  # a start without a known pixel, a step beyond the precision
        return
    assert np.array_equal(images, before), "the input was changed"
    known = np.broadcast_to(~hole, images.shape)
    for pixels in (result.image, result.start):
        assert pixels.dtype == images.dtype
        assert np.isfinite(pixels).all()
        assert np.array_equal(pixels[known], images[known]), "known pixels changed"
    assert np.isfinite(result.history.energy).all() or settings.get("step_size", 0) > 1
    assert (result.steps <= settings["max_steps"]).all()
    assert np.array_equal(result.image, again.image), "not the same again"


ODD: dict[str, Callable[[Any], Any]] = {
    "None": lambda value: None,
    "text": lambda value: "odd",
    "bytes": lambda value: b"odd",
    "true": lambda value: True,
    "negative": lambda value: -1,
    "zero": lambda value: 0,
    "half": lambda value: 0.5,
    "nan": lambda value: math.nan,
    "infinite": lambda value: math.inf,
    "huge": lambda value: 2**70,
    "huge float": lambda value: 1e300,
    "fraction": lambda value: Fraction(1, 2),
    "complex": lambda value: 1j,
    "list": lambda value: [],
    "dictionary": lambda value: {},
    "object": lambda value: object(),
    "function": lambda value: len,
    "empty": lambda value: np.zeros(0),
    "scalar array": lambda value: np.array(1),
    "integers": lambda value: np.asarray(value).astype(int),
    "bytes of pixels": lambda value: np.asarray(value).astype(np.uint8),
    "bools": lambda value: np.asarray(value).astype(bool),
    "float16": lambda value: np.asarray(value).astype(np.float16),
    "complex array": lambda value: np.asarray(value).astype(complex),
    "objects": lambda value: np.asarray(value).astype(object),
    "texts": lambda value: np.asarray(value).astype(str),
    "dates": lambda value: np.zeros((SIDE, SIDE), "M8[s]"),
    "masked": lambda value: np.ma.masked_array(value, mask=np.ones(np.shape(value))),
    "not numbers": lambda value: np.full(np.shape(value), math.nan),
    "beyond one": lambda value: np.full(np.shape(value), 1.5),
    "cut": lambda value: np.asarray(value)[..., 1:],
    "more dimensions": lambda value: np.asarray(value)[None, None, None],
    "one dimension": lambda value: np.asarray(value).ravel(),
    "no rows": lambda value: np.asarray(value)[:0],
    "sparse": lambda value: torch.as_tensor(np.asarray(value, dtype=float)).to_sparse(),
    "without values": lambda value: torch.zeros(np.shape(value), device="meta"),
    "tensor of integers": lambda value: torch.ones(np.shape(value), dtype=torch.int64),
}


@cache
def calls() -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Public functions with arguments that are right."""
    random = np.random.default_rng(0)
    image, other = random.random((2, SIDE, SIDE))
    hole = np.zeros((SIDE, SIDE), bool)
    hole[4:9, 5:11] = True
    one = {"images": image[None], "holes": hole[None]}
    shape = {"shape": (SIDE, SIDE)}
    own = classifier(0)
    use = partial(inpaint, recipe="paper-digits", classifier=own)

    def recipe(**given: Any) -> str:  # its parts are looked at where they are used
        return repr(Recipe(**given))

    settings = {**RIGHT_SETTINGS, "seed": 0}
    return {
        "inpaint": (use, {"image": image, "hole": hole, "label": 1, **settings}),
        "Recipe": (recipe, {"classifier": own, **settings} | {"seed": None}),
        "psnr": (metrics.psnr, {**one, "originals": other[None]}),
        "ssim": (metrics.ssim, {**one, "originals": other[None]}),
        "grey_share": (metrics.grey_share, one),
        "rectangle": (holes.rectangle, {**shape, "top": 1, "left": 2, "height": 3, "width": 4}),
        "ellipse": (holes.ellipse, {**shape, "center": (5.0, 6.0), "radii": (2.0, 3.0)}),
        "stroke": (holes.stroke, {**shape, "points": [(1.0, 2.0), (8.0, 9.0)], "width": 2.0}),
        "scatter": (holes.scatter, {**shape, "fraction": 0.5, "seed": 0}),
        "half": (holes.half, {**shape, "side": "left"}),
        "dark": (holes.dark, {"image": image, "threshold": 0.5}),
        "everything": (holes.everything, shape),
        "square_on_ink": (holes.square_on_ink, {"image": image, "side": 4, "seed": 0}),
        "rim": (energy.rim, {"hole": hole, "width": 2}),
        "zeros": (baselines.zeros, one),
        "biharmonic": (baselines.biharmonic, one),
        "datasets.load": (datasets.load, {"name": "digits", "split": "test"}),
        "classifiers.load": (classifiers.load, {"name": "digits-judge"}),
    }


def finite(value: object) -> bool:
    """Whether the numbers in a result are, or infinite in the way that says perfect."""
    if isinstance(value, np.ndarray | torch.Tensor):
        numbers = np.asarray(value)
        return numbers.dtype.kind != "f" or not np.isnan(numbers).any()
    if isinstance(value, float):
        return not math.isnan(value)
    parts = getattr(value, "__dict__", {})
    return all(finite(part) for part in parts.values() if not callable(part))


@kind(
    "odd inputs",
    "one argument of a public function is replaced by something odd: the result is whole, or the "
    "error names the argument, what came and what is wanted",
    examples=250,
)
def inputs(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(calls())), label="function")
    function, right = calls()[name]
    arguments = {key: value for key, value in right.items() if value is not None}
    argument = data.draw(st.sampled_from(sorted(arguments)), label="argument")
    change = data.draw(st.sampled_from(sorted(ODD)), label="becomes")
    if change == "function" and argument in ("content", "start"):
        return  # a function is right there, and its errors are its own
    try:
        odd = ODD[change](arguments[argument])
    except Exception:
        return  # this argument cannot become that
    with refused_or_right():
        assert finite(function(**arguments | {argument: odd})), "a number is NaN"


@kind(
    "metrics",
    "random fills: PSNR and SSIM do not depend on the batch, nor on anything outside the hole; a "
    "perfect fill has the highest of each",
    examples=25,
)
def scores(data: st.DataObject) -> None:
    shape = (data.draw(st.integers(1, 4), label="batch"), SIDE, SIDE)
    images, originals = (drawn_images(data, shape, name) for name in ("images", "originals"))
    hole = drawn_hole(data)
    images = np.where(hole, images, originals)
    for score, best in ((metrics.psnr, math.inf), (metrics.ssim, 1.0)):
        with refused_or_right():  # SSIM needs room for its window
            values = score(images, originals, hole)
            assert not np.isnan(values).any()
            assert (values <= best + 1e-9).all()
            for i, value in enumerate(values):
                alone = score(images[i : i + 1], originals[i : i + 1], hole)
                assert np.allclose(value, alone), "a score depends on the batch"
            assert np.allclose(score(originals, originals, hole), best)
