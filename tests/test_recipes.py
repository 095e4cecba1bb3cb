"""Recipes and the one call: what comes out of `inpaint`, and what is said about bad input."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from helpers import (
    SMALL,
    classifier,
    few,
    lenet,
    missing,
    pictures,
    seeds,
    untouched_random_numbers,
)
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from inpaintlib import Inpainting, classifiers, datasets, holes, inpaint, recipes
from inpaintlib.classifiers import Classifier

NET = classifier()
IMAGE = pictures(*SMALL).numpy()
HOLE = holes.rectangle(SMALL, top=4, left=5, height=7, width=6)

#: Every setting that draws random numbers.
DRAWN = {"start": "noise", "jitter": 2, "patches": 2, "window_sides": (5, 9)}

#: A descent of a few steps with every term: all settings that the tests rely on.
BRIEF: dict[str, Any] = {
    "classifier": NET,
    "content": "cross-entropy",
    "total_variation": 0.01,
    "region": "image",
    "binary": 0.05,
    "binary_begin": 0.0,
    "start": "harmonic",
    "step_size": 0.1,
    "max_steps": 4,
    "momentum": 0.0,
    "tolerance": 0,
    "jitter": 0,
    "patches": 0,
    "window_sides": (3, 6),
}


def brief(
    image: np.ndarray | Tensor = IMAGE,
    hole: np.ndarray | Tensor = HOLE,
    label: Any = 3,
    **settings: Any,
) -> Inpainting:
    return inpaint(image, hole, label, **{**BRIEF, **settings})


def stand_in(recipe: str) -> Classifier:
    """A classifier of the kind that the recipe names, made on the spot."""
    if str(recipes.RECIPES[recipe].classifier).startswith("digits"):
        return classifier((28, 28), data="mnist")
    return classifier((48, 42), classes=40, data="att")


every_recipe = pytest.mark.parametrize("recipe", recipes.RECIPES)
every_start = pytest.mark.parametrize("start", recipes.STARTS)


# What comes out


@every_recipe
@pytest.mark.parametrize("precision", [np.float32, np.float64])
@few
@given(seed=seeds)
def test_known_pixels_are_bit_identical_at_every_step(recipe, precision, seed):
    net = stand_in(recipe)
    image = pictures(*net.shape, seed=seed).numpy().astype(precision)
    hole = holes.random(net.shape, seed=seed)
    if hole.all():
        hole[0, 0] = False
    image[tuple(np.argwhere(~hole)[0])] = -0.0  # equal to 0.0, but of other bits
    visited: list[Tensor] = []
    result = inpaint(
        image,
        hole,
        seed % 10,
        recipe=recipe,
        seed=seed,
        classifier=net,
        max_steps=3,
        tolerance=0,
        callback=lambda step, now: visited.append(now[0]),
    )
    assert len(visited) == result.steps + 1, "a gradient of exactly 0 ends it earlier"
    for now in [*(step.numpy() for step in visited), result.start, result.image]:
        assert now[~hole].tobytes() == image[~hole].astype(now.dtype).tobytes()
        assert now.min() >= 0
        assert now.max() <= 1


@pytest.mark.parametrize("region", recipes.REGIONS)
@every_start
def test_what_the_image_holds_in_the_hole_does_not_matter(start, region):
    net = stand_in("paper-digits")
    image, other = pictures(2, *net.shape).numpy()
    hole = holes.ellipse(net.shape, center=(14, 14), radii=(6, 4))
    one, two = (
        brief(
            np.where(hole, filling, image),
            hole,
            classifier=net,
            start=start,
            region=region,
            jitter=2,
        )
        for filling in (image, other)
    )
    assert np.array_equal(one.image, two.image)
    assert np.array_equal(one.history.energy, two.history.energy)


@every_start
def test_every_start_leads_somewhere_else(start):
    net = stand_in("paper-digits")
    image, hole = pictures(*net.shape).numpy(), holes.half(net.shape, side="left")
    result = brief(image, hole, classifier=net, start=start)
    others = [
        brief(image, hole, classifier=net, start=other)
        for other in recipes.STARTS
        if other != start
    ]
    assert not any(np.array_equal(result.start, other.start) for other in others)
    assert np.array_equal(result.start[~hole], image[~hole])
    assert not np.array_equal(result.start, result.image)


def test_class_averages_are_those_of_each_label():
    net = stand_in("paper-digits")
    images, hole = pictures(2, *net.shape).numpy(), holes.half(net.shape, side="left")
    result = brief(images, hole, [7, 1], classifier=net, start="class-average")
    averages = classifiers.class_averages("mnist").numpy()
    for i, label in enumerate((7, 1)):
        assert np.array_equal(result.start[i][hole], averages[label][hole])


def test_a_hole_that_covers_everything_is_hallucinated():
    result = brief(hole=holes.everything(SMALL), start="constant", start_value=0.25)
    assert (result.start == 0.25).all()
    assert result.steps == 4


def test_a_hole_that_covers_everything_leaves_harmonic_nothing_to_start_from():
    with pytest.raises(
        ValueError, match="start: got 'harmonic' with a hole that covers everything"
    ):
        brief(hole=holes.everything(SMALL), start="harmonic")


@pytest.mark.parametrize("content", ["probabilities", "cross-entropy", "margin", "negative-score"])
def test_a_descent_makes_the_label_more_probable(content):
    hole = holes.half(SMALL, side="left")
    settings = {"content": content, "total_variation": 0, "binary": 0, "step_size": 0.01}
    before = brief(hole=hole, max_steps=0, **settings).probability
    assert before < 0.9
    assert brief(hole=hole, max_steps=30, **settings).probability > before


def test_probability_is_the_classifiers_of_the_label_at_the_end():
    result = brief(pictures(2, *SMALL).numpy(), HOLE, [3, 8])
    expected = NET(torch.from_numpy(result.image)).softmax(dim=1)
    np.testing.assert_allclose(result.probability, [expected[0, 3], expected[1, 8]])


def test_steps_stops_and_recipe_are_reported():
    result = brief(max_steps=7, callback=lambda step, now: step == 4, callback_every=2)
    assert (result.stopped, result.steps, len(result.history)) == ("callback", 4, 5)
    assert brief().stopped == "step limit"
    assert brief(tolerance=1e9).stopped == "tolerance"
    assert brief(tolerance=1e9).steps == 0
    assert result.recipe == recipes.get("paper-digits", **{**BRIEF, "max_steps": 7})


# What the settings do


def terms_of(**settings: Any) -> set[str]:
    return set(brief(**settings).history.terms)


def test_terms_of_weight_0_are_left_out():
    assert terms_of(total_variation=0.1, binary=0.1) == {"content", "total variation", "binary"}
    assert terms_of(total_variation=0, binary=0) == {"content"}


@pytest.mark.parametrize(
    "setting",
    [
        {"content": "margin"},
        {"total_variation": 0.5},
        {"region": "rim"},
        {"region": "rim", "rim_width": 1},
        {"binary": 1.0},
        {"binary_begin": 0.5},
        {"start": "constant"},
        {"start": "constant", "start_value": 0.1},
        {"step_size": 0.01},
        {"max_steps": 5},
        {"momentum": 0.5},
        {"jitter": 1},
        {"patches": 1},
        {"patches": 1, "window_sides": (8, 8)},
        {"classifier": classifier(seed=1)},
    ],
    ids=lambda setting: " ".join(setting),
)
def test_every_setting_makes_a_difference(setting):
    *others, last = setting
    without = {name: setting[name] for name in others}
    assert not np.array_equal(brief(**setting).image, brief(**without).image), last


def test_energy_is_the_sum_that_the_recipe_says():
    history = brief(total_variation=0.3, binary=0.2, binary_begin=0.5, max_steps=4).history
    ramp = 0.2 * np.array([0, 0, 0, 0.5, 1])
    np.testing.assert_allclose(
        history.energy,
        history.terms["content"]
        + 0.3 * history.terms["total variation"]
        + ramp * history.terms["binary"],
    )


def test_rim_region_counts_around_each_images_own_hole():
    image, gaps = pictures(1, *SMALL).repeat(2, 1, 1).numpy(), missing(2).numpy()
    both = brief(image, gaps, region="rim", start="constant")
    for i in range(2):
        alone = brief(image[i], gaps[i], region="rim", start="constant")
        np.testing.assert_allclose(
            both.history.terms["total variation"][:, i], alone.history.terms["total variation"]
        )


# Reproducible


@few
@given(seed=seeds)
def test_the_same_seed_gives_the_same_result(seed):
    one, two = (brief(seed=seed, **DRAWN) for _ in range(2))
    assert one.image.tobytes() == two.image.tobytes()
    assert one.history.energy.tobytes() == two.history.energy.tobytes()


@pytest.mark.parametrize(
    "drawn", [{"start": "noise"}, {"jitter": 2}, {"patches": 2, "window_sides": (5, 9)}]
)
def test_another_seed_gives_another_result_where_something_is_drawn(drawn):
    one, two = (brief(seed=seed, **drawn) for seed in (0, 1))
    assert not np.array_equal(one.image, two.image)


def test_another_seed_gives_the_same_result_where_nothing_is_drawn():
    one, two = (brief(seed=seed) for seed in (0, 1))
    assert one.image.tobytes() == two.image.tobytes()


@few
@given(seed=seeds, drawn=st.sampled_from([{}, DRAWN, {"jitter": 3, "region": "rim"}]))
def test_a_batch_and_its_images_alone_agree(seed, drawn):
    images = pictures(3, *SMALL, seed=seed).numpy()
    gaps, labels = missing(3, seed=seed % 1000).numpy(), np.array([3, 8, 0])
    batch = brief(images, gaps, labels, seed=seed, **drawn)
    for i in range(3):
        alone = brief(images[i], gaps[i], labels[i], seed=seed, **drawn)
        np.testing.assert_allclose(batch.image[i], alone.image, atol=1e-12)
        np.testing.assert_allclose(batch.start[i], alone.start, atol=1e-12)
        np.testing.assert_allclose(batch.history.energy[:, i], alone.history.energy)
        np.testing.assert_allclose(batch.probability[i], alone.probability)


@pytest.mark.parametrize("index", [0, 1, -1])
def test_an_image_of_a_batchs_result_is_the_result_of_that_image(index):
    images, labels = pictures(3, *SMALL).numpy(), [3, 8, 0]
    norms = brief(images, HOLE, labels, max_steps=1).history.gradient_norm
    settings = {"tolerance": float(np.sort(norms[0])[1])}  # two stop before their first step
    part = brief(images, HOLE, labels, **settings)[index]
    alone = brief(images[index], HOLE, labels[index], **settings)
    assert (part.steps, part.stopped, part.label) == (alone.steps, alone.stopped, alone.label)
    assert part.probability.shape == ()
    for mine, other in [
        (part.image, alone.image),
        (part.start, alone.start),
        (part.hole, alone.hole),
        (part.probability, alone.probability),
        (part.history.energy, alone.history.energy),
        (part.history.gradient_norm, alone.history.gradient_norm),
        *zip(part.history.terms.values(), alone.history.terms.values(), strict=True),
    ]:
        np.testing.assert_allclose(mine, other, atol=1e-12)


def test_a_batchs_result_is_its_images_results_in_turn():
    assert [part.label for part in brief(pictures(2, *SMALL), label=[3, 8])] == [3, 8]


def test_the_result_of_a_single_image_has_no_parts():
    with pytest.raises(TypeError, match="index: got one into the result of a single image"):
        brief()[0]


def test_nobody_elses_random_numbers_are_drawn(tmp_path):
    path = tmp_path / "net.safetensors"
    classifiers.save(lenet(), path, facts={})
    with untouched_random_numbers():
        classifiers.read(path)
        brief(**DRAWN)


# Containers, precisions, shapes


@pytest.mark.parametrize("shape", [(), (1,), (3,)], ids=["one", "batch of one", "batch"])
@pytest.mark.parametrize("precision", ["float16", "float32", "float64"])
@pytest.mark.parametrize("container", ["array", "tensor"])
def test_the_result_is_of_the_inputs_kind(container, precision, shape):
    image = pictures(*shape, *SMALL).to(getattr(torch, precision))
    gap = torch.from_numpy(HOLE)
    result = brief(image, gap) if container == "tensor" else brief(image.numpy(), HOLE)
    for part in (result.image, result.start, result.hole):
        assert type(part) is (torch.Tensor if container == "tensor" else np.ndarray)
        assert tuple(part.shape) == (*shape, *SMALL)
    assert result.image.dtype == (image if container == "tensor" else image.numpy()).dtype
    assert result.start.dtype == result.image.dtype
    assert torch.equal(torch.as_tensor(result.hole), gap.expand(image.shape))
    assert torch.equal(torch.as_tensor(result.image)[..., ~gap], image[..., ~gap])
    assert result.label.shape == result.probability.shape == result.steps.shape == shape
    assert result.history.energy.shape == (5, *shape)
    assert result.stopped == (("step limit",) * shape[0] if shape else "step limit")


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_descent_computes_in_double_precision_unless_told_otherwise(kind):
    image = IMAGE.astype(np.float32).astype(kind)
    usual, single = brief(image), brief(image, precision="float32")
    assert usual.image.dtype == single.image.dtype == kind
    assert usual.history.energy.dtype == np.float64
    assert single.history.energy.dtype == np.float32
    assert np.array_equal(usual.history.energy, brief(image.astype(np.float64)).history.energy)
    np.testing.assert_allclose(single.image, usual.image, atol=1e-3)


def test_array_and_tensor_give_the_same():
    array, tensor = brief(), brief(torch.from_numpy(IMAGE), torch.from_numpy(HOLE))
    assert np.array_equal(array.image, tensor.image.numpy())


@pytest.mark.parametrize(
    "label", [3, np.uint8(3), np.uint64(3), [3], np.array([3]), torch.tensor(3)]
)
def test_a_label_is_any_kind_of_int(label):
    assert np.array_equal(brief(label=label).image, brief().image)
    assert brief(label=label).label == 3


def test_one_hole_and_one_label_serve_a_batch():
    images = pictures(3, *SMALL).numpy()
    one = brief(images, HOLE, 3)
    each = brief(images, np.stack([HOLE] * 3), [3, 3, 3])
    assert np.array_equal(one.image, each.image)
    assert np.array_equal(one.label, [3, 3, 3])
    assert not np.array_equal(one.image, brief(images, HOLE, [3, 8, 3]).image)


@pytest.mark.parametrize(
    "make",
    [
        lambda array: array[::-1, ::-1].copy()[::-1, ::-1],
        lambda array: np.asfortranarray(array),
        lambda array: array.astype(array.dtype.newbyteorder()),
        lambda array: np.broadcast_to(array, array.shape),
    ],
    ids=["flipped", "in Fortran's order", "byte-swapped", "read-only"],
)
def test_an_array_may_lie_in_memory_as_it_likes(make):
    assert np.array_equal(brief(make(IMAGE), make(HOLE)).image, brief().image)


@pytest.mark.parametrize("container", [np.array, torch.tensor], ids=["array", "tensor"])
def test_the_input_is_neither_changed_nor_shared(container):
    image, hole, label = container(IMAGE), container(HOLE), container([3])
    result = brief(image[None], hole, label, max_steps=0)
    assert np.array_equal(image, IMAGE)
    assert np.array_equal(hole, HOLE)
    outputs = [np.asarray(part) for part in (result.image, result.start, result.hole, result.label)]
    inputs = [np.asarray(part) for part in (image, hole, label)]
    for one, other in itertools.combinations([*inputs, *outputs], 2):
        assert not np.shares_memory(one, other)


# Recipes by name


@every_recipe
def test_a_recipe_is_there_by_name_and_can_be_changed(recipe):
    changed = recipes.get(recipe, step_size=0.123)
    assert changed.step_size == 0.123
    assert recipes.get(recipe) == recipes.RECIPES[recipe]
    assert recipes.get(recipe, step_size=recipes.RECIPES[recipe].step_size) == recipes.get(recipe)


def test_the_papers_recipes_are_what_its_text_says():
    digits, faces = recipes.get("paper-digits"), recipes.get("paper-faces-yale")
    for recipe in (digits, faces):
        assert recipe.content == "probabilities"
        assert recipe.total_variation > 0
        assert recipe.patches == 0
    assert (digits.start, digits.region, digits.jitter) == ("harmonic", "image", 0)
    assert digits.binary > 0
    assert (faces.start, faces.region) == ("class-average", "rim")
    assert faces.jitter > 0
    assert faces.binary == 0


@pytest.mark.parametrize("recipe", [name for name in recipes.RECIPES if name != "faces-yale"])
def test_a_recipe_runs_with_the_weights_that_ship(recipe, monkeypatch, tmp_path):
    monkeypatch.delenv("INPAINTLIB_DATA", raising=False)
    monkeypatch.setenv("INPAINTLIB_CACHE", str(tmp_path))
    name = "digits" if stand_in(recipe).shape == (28, 28) else "faces-att"
    examples = datasets.load(name, split="test")[:2]
    hole = holes.rectangle(examples.images.shape[1:], top=9, left=9, height=10, width=10)
    result = inpaint(examples.images, hole, examples.labels, recipe=recipe, max_steps=2)
    assert not np.array_equal(result.image, result.start)


# Bad input


def with_value(value: float) -> np.ndarray:
    image = IMAGE.copy()
    image[0, 0] = value
    return image


BAD_ARGUMENTS = {
    "no array": ({"image": [[0.5]]}, TypeError, "image: got list, wanted a NumPy array or a torch"),
    "integers": (
        {"image": (IMAGE * 255).astype(np.uint8)},
        TypeError,
        r"image: got torch.uint8, wanted floats in \[0, 1\]; divide 8-bit values by 255",
    ),
    "integers in a tensor": (
        {"image": torch.zeros(16, 16, dtype=torch.int64)},
        TypeError,
        "image: got torch.int64, wanted floats",
    ),
    "complex": ({"image": IMAGE * 1j}, TypeError, "image: got torch.complex128, wanted floats"),
    "objects": ({"image": IMAGE.astype(object)}, TypeError, "image: got object, wanted floats"),
    "NaN": (
        {"image": with_value(np.nan)},
        ValueError,
        r"image: got NaN, wanted values in \[0, 1\]",
    ),
    "infinity": (
        {"image": with_value(np.inf)},
        ValueError,
        r"image: got values from [\d.e-]+ to inf, wanted them in \[0, 1\]",
    ),
    "too dark": (
        {"image": with_value(-0.5)},
        ValueError,
        r"image: got values from -0.5 to [\d.]+, wanted them in \[0, 1\]",
    ),
    "too bright": ({"image": IMAGE * 255}, ValueError, r"image: got values from [\d.]+ to 25"),
    "too few dimensions": (
        {"image": IMAGE[0]},
        ValueError,
        r"image: got shape \(16,\), wanted \(H, W\) or \(B, H, W\)",
    ),
    "colour": ({"image": IMAGE[None, None]}, ValueError, r"image: got shape \(1, 1, 16, 16\)"),
    "no image": ({"image": np.zeros((0, 16, 16))}, ValueError, r"image: got shape \(0, 16, 16\)"),
    "image of another size": (
        {"image": np.zeros((28, 28)), "hole": holes.everything((28, 28))},
        ValueError,
        "image: got 28×28 pixels, wanted 16×16, which untrained takes",
    ),
    "image of another width": (
        {"image": np.zeros((16, 18)), "hole": holes.everything((16, 18))},
        ValueError,
        "image: got 16×18 pixels, wanted 16×16",
    ),
    "image of another height": (
        {"image": np.zeros((18, 16)), "hole": holes.everything((18, 16))},
        ValueError,
        "image: got 18×16 pixels, wanted 16×16",
    ),
    "turned image": (
        {
            "image": np.zeros((16, 18)),
            "hole": holes.everything((16, 18)),
            "classifier": classifier((18, 16)),
        },
        ValueError,
        "image: got 16×18 pixels, wanted 18×16",
    ),
    "hole that is no array": (
        {"hole": [[True]]},
        TypeError,
        "hole: got list, wanted a NumPy array",
    ),
    "hole of integers": (
        {"hole": HOLE.astype(np.uint8)},
        TypeError,
        "hole: got torch.uint8, wanted bool, True where missing",
    ),
    "hole of floats": ({"hole": torch.ones(16, 16)}, TypeError, "hole: got torch.float32, wanted"),
    "hole of another shape": (
        {"hole": HOLE[:-1]},
        ValueError,
        r"hole: got shape \(15, 16\), wanted that of the image, \(16, 16\) or \(1, 16, 16\)",
    ),
    "holes for another batch": (
        {"image": pictures(3, *SMALL), "hole": np.stack([HOLE] * 2)},
        ValueError,
        r"hole: got shape \(2, 16, 16\), wanted that of the image, \(16, 16\) or \(3, 16, 16\)",
    ),
    "empty hole": (
        {"hole": np.zeros_like(HOLE)},
        ValueError,
        "hole: got one in which nothing is missing, wanted a True pixel",
    ),
    "one empty hole of two": (
        {"image": pictures(2, *SMALL), "hole": np.stack([HOLE, HOLE & False])},
        ValueError,
        "hole: got one in which nothing is missing",
    ),
    "label too large": ({"label": 10}, ValueError, "label: got 10, wanted a class from 0 to 9"),
    "label below 0": ({"label": -1}, ValueError, "label: got -1, wanted a class from 0 to 9"),
    "one label of two too large": (
        {"image": pictures(2, *SMALL), "label": [3, 12]},
        ValueError,
        "label: got 12, wanted a class from 0 to 9",
    ),
    "labels for another batch": (
        {"image": pictures(3, *SMALL), "label": [1, 2]},
        ValueError,
        r"label: got shape \(2,\), wanted one int, or 3 of them",
    ),
    "label of float": ({"label": 3.0}, TypeError, "label: got float64, wanted an int"),
    "label of bool": ({"label": True}, TypeError, "label: got bool, wanted an int"),
    "label of text": ({"label": "3"}, TypeError, "label: got <U1, wanted an int"),
    "no label": ({"label": None}, TypeError, "label: got object, wanted an int"),
    "ragged labels": ({"label": [[1], [2, 3]]}, TypeError, "label: got .*, wanted an int"),
    "unknown recipe": (
        {"recipe": "pancakes"},
        ValueError,
        "recipe: got 'pancakes', wanted one of paper-digits, .*faces-yale",
    ),
    "seed below 0": ({"seed": -1}, ValueError, "seed: got -1, wanted a whole number of at least 0"),
    "seed of float": ({"seed": 0.5}, TypeError, "seed: got 0.5, wanted a whole number"),
    "callback never": ({"callback_every": 0}, ValueError, "callback_every: got 0, wanted"),
}

BAD_SETTINGS = {
    "unknown setting": (
        {"stepsize": 0.1},
        TypeError,
        "stepsize: no such setting, wanted one of classifier, content, .*step_size.*window_sides",
    ),
    "unknown classifier": (
        {"classifier": "digits-hole"},
        ValueError,
        "classifier: got 'digits-hole', wanted one of .*digits-patches",
    ),
    "no classifier": (
        {"classifier": 7},
        TypeError,
        "classifier: got int, wanted a name or a Classifier",
    ),
    "another network": (
        {"classifier": torch.nn.Linear(2, 2)},
        TypeError,
        "classifier: got Linear, wanted a name or a Classifier; classifiers.of makes one",
    ),
    "unknown content": (
        {"content": "style"},
        ValueError,
        "content: got 'style', wanted one of probabilities, scores, cross-entropy, margin",
    ),
    "unknown region": (
        {"region": "hole"},
        ValueError,
        "region: got 'hole', wanted one of image, rim",
    ),
    "unknown start": ({"start": "zeros"}, ValueError, "start: got 'zeros', wanted one of harmonic"),
    "negative step size": (
        {"step_size": -0.1},
        ValueError,
        "step_size: got -0.1, wanted a finite number of at least 0",
    ),
    "infinite step size": (
        {"step_size": np.inf},
        ValueError,
        "step_size: got inf, wanted a finite",
    ),
    "step size of text": ({"step_size": "0.1"}, TypeError, "step_size: got '0.1', wanted a number"),
    "negative total variation": ({"total_variation": -1}, ValueError, "total_variation: got -1"),
    "negative binary": ({"binary": -1}, ValueError, "binary: got -1, wanted a finite number"),
    "binary from the end on": ({"binary_begin": 1}, ValueError, "binary_begin: got 1, wanted"),
    "binary after the end": ({"binary_begin": 2}, ValueError, "binary_begin: got 2, wanted"),
    "momentum of one": ({"momentum": 1}, ValueError, "momentum: got 1, wanted a number below it"),
    "negative momentum": ({"momentum": -0.1}, ValueError, "momentum: got -0.1, wanted a number"),
    "tolerance NaN": ({"tolerance": np.nan}, ValueError, "tolerance: got nan, wanted a finite"),
    "no rim": ({"rim_width": 0}, ValueError, "rim_width: got 0, wanted .* at least 1"),
    "start too bright": (
        {"start_value": 2},
        ValueError,
        "start_value: got 2, wanted a number from 0 to 1",
    ),
    "negative steps": ({"max_steps": -1}, ValueError, "max_steps: got -1, wanted a whole number"),
    "half a step": ({"max_steps": 0.5}, TypeError, "max_steps: got 0.5, wanted a whole number"),
    "true steps": ({"max_steps": True}, TypeError, "max_steps: got True, wanted a whole number"),
    "negative jitter": ({"jitter": -1}, ValueError, "jitter: got -1, wanted a whole number"),
    "negative patches": ({"patches": -1}, ValueError, "patches: got -1, wanted a whole number"),
    "one window side": ({"window_sides": 7}, TypeError, "window_sides: got 7, wanted two"),
    "window of no side": ({"window_sides": (0, 7)}, ValueError, "window_sides: got 0, wanted"),
    "turned window sides": (
        {"patches": 1, "window_sides": (9, 7)},
        ValueError,
        r"window_sides: got \(9, 7\), wanted the smallest and the largest side, from 1 to 16",
    ),
    "windows larger than the image": (
        {"patches": 1, "window_sides": (7, 20)},
        ValueError,
        r"window_sides: got \(7, 20\), wanted .* from 1 to 16",
    ),
}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [*BAD_ARGUMENTS.values(), *BAD_SETTINGS.values()],
    ids=[*BAD_ARGUMENTS, *BAD_SETTINGS],
)
def test_bad_input_is_named_with_what_came_and_what_is_wanted(changes, error, message):
    with pytest.raises(error, match=message):
        brief(**changes)


@pytest.mark.parametrize("ours", [True, False])
def test_one_thread_computes_for_the_packages_networks_and_the_number_is_given_back(ours):
    known = classifiers.load("digits-patches")
    own = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))
    other = classifiers.of(own, name="own", shape=(28, 28), classes=10)
    seen = []
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        image, hole = (
            np.full((28, 28), 0.5),
            holes.rectangle((28, 28), top=5, left=5, height=4, width=4),
        )
        inpaint(
            image,
            hole,
            3,
            recipe="paper-digits",
            classifier=known if ours else other,
            max_steps=2,
            callback=lambda step, images: seen.append(torch.get_num_threads()),
        )
        assert torch.get_num_threads() == 2
        with pytest.raises(RuntimeError, match="stop"):
            inpaint(image, hole, 3, recipe="paper-digits", callback=stop)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert set(seen) == {1 if ours else 2}


def stop(step: int, images: torch.Tensor) -> None:
    raise RuntimeError("stop")
