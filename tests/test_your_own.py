"""A value wherever a name goes: own classifiers, contents, starts, terms, judges; and colour."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import torch
from helpers import SMALL, classifier, lenet, missing, pictures
from torch import Tensor, nn

from inpaintlib import Recipe, classifiers, datasets, figures, holes, inpaint, metrics, recipes
from inpaintlib.energy import Binary, CrossEntropy, Ramp, Term, TotalVariation

COLOUR = (3, 12, 10)
HOLE = holes.rectangle(COLOUR[1:], top=3, left=2, height=6, width=5)


class Network(nn.Module):
    """What a reader brings: batch norm, dropout, a pooled head; for images ``(B, C, H, W)``."""

    def __init__(self, channels: int = 3, classes: int = 4) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.first = nn.Conv2d(channels, 8, 3, padding=1)
            self.norm = nn.BatchNorm2d(8)
            self.drop = nn.Dropout(0.5)
            self.last = nn.Linear(8, classes)

    def forward(self, images: Tensor) -> Tensor:
        features = self.drop(self.norm(self.first(images)).relu())
        scores: Tensor = self.last(10 * features.mean(dim=(2, 3)))
        return scores


def own(module: Any = None, **changes: Any) -> classifiers.Classifier:
    """A classifier of a reader's network."""
    settings: dict[str, Any] = {"name": "mine", "shape": COLOUR, "classes": 4}
    return classifiers.of(Network() if module is None else module, **settings | changes)


def recipe(mine: classifiers.Classifier | None = None, **changes: Any) -> Recipe:
    settings: dict[str, Any] = {
        "classifier": own() if mine is None else mine,
        "content": "cross-entropy",
        "total_variation": 0.01,
        "start": "harmonic",
        "step_size": 0.05,
        "max_steps": 3,
        "tolerance": 0,
    }
    return Recipe(**settings | changes)


def colours(*batch: int, seed: int = 0) -> np.ndarray:
    return pictures(*batch, *COLOUR, seed=seed).numpy()


# A network as it comes


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("frozen", [True, False])
def test_a_network_comes_back_as_it_was(training, frozen):
    network = Network().train(training).requires_grad_(not frozen)
    network.norm.train(not training)
    before = copy.deepcopy(network.state_dict())
    modes = [module.training for module in network.modules()]
    result = inpaint(colours(2), HOLE, [1, 2], recipe=recipe(own(network)))
    assert not np.array_equal(result.image, result.start)
    assert [module.training for module in network.modules()] == modes
    after = network.state_dict()
    assert all(torch.equal(value, after[key]) for key, value in before.items())
    assert all(value.dtype == after[key].dtype for key, value in before.items())
    for weights in network.parameters():
        assert weights.requires_grad is not frozen
        assert weights.grad is None


def test_a_network_is_asked_in_evaluation_mode():
    results = [
        inpaint(colours(), HOLE, 1, recipe=recipe(own(Network().train(training))))
        for training in (True, False)
    ]
    assert np.array_equal(results[0].image, results[1].image)


def test_the_network_may_be_trained_on_after_it_was_wrapped():
    network = Network()
    mine = own(network)
    before = inpaint(colours(), HOLE, 1, recipe=recipe(mine)).image
    with torch.no_grad():
        network.last.weight.neg_()
    assert not np.array_equal(before, inpaint(colours(), HOLE, 1, recipe=recipe(mine)).image)


def test_a_function_is_a_classifier():
    def brightness(images: Tensor) -> Tensor:
        mean = images.flatten(1).mean(dim=1)
        return torch.stack([-mean, mean], dim=1)

    mine = own(brightness, classes=["dark", "bright"])
    up, down = (
        inpaint(colours(), HOLE, label, recipe=recipe(mine, step_size=2, max_steps=10)).image
        for label in (1, 0)
    )
    assert up.mean() > down.mean()
    assert np.array_equal(up[:, ~HOLE], colours()[:, ~HOLE])


def test_a_network_computes_in_the_precision_that_it_asks_for():
    seen = []

    class Watching(Network):
        def forward(self, images: Tensor) -> Tensor:
            seen.append(images.dtype)
            return super().forward(images)

    mine = own(Watching(), dtype=torch.float32)
    result = inpaint(colours(), HOLE, 1, recipe=recipe(mine))
    assert set(seen) == {torch.float32}
    assert result.history.energy.dtype == np.float64
    seen.clear()
    inpaint(colours(), HOLE, 1, recipe=recipe(own(Watching())))
    assert set(seen) == {torch.float64}


def test_images_are_normalised_as_the_network_wants_them():
    network, batch = Network().double().eval(), torch.from_numpy(colours(2))
    mine = own(network, mean=(0.1, 0.2, 0.3), std=(0.5, 1, 2)).to(batch)
    mean, std = (torch.tensor(v, dtype=torch.float64) for v in ((0.1, 0.2, 0.3), (0.5, 1, 2)))
    shown = (batch - mean[:, None, None]) / std[:, None, None]
    torch.testing.assert_close(mine(batch), network(shown))
    torch.testing.assert_close(own(network, mean=0.5).to(batch)(batch), network(batch - 0.5))


def test_a_network_for_one_channel_takes_grey_images():
    mine = own(Network(1), shape=(12, 10), add_channel=True)
    image = pictures(12, 10).numpy()
    result = inpaint(image, HOLE, 1, recipe=recipe(mine))
    assert result.image.shape == (12, 10)
    with pytest.raises(ValueError, match=r"scores: got ValueError .*wanted scores \(1, 4\)"):
        own(Network(1), shape=(12, 10))


def test_a_lenet_knows_what_it_is():
    net = lenet()
    mine = classifiers.of(net)
    assert (mine.name, mine.shape, mine.classes) == (net.name, net.shape, net.classes)
    assert classifiers.of(net, name="other").name == "other"


def test_scores_beyond_the_classes_are_nobodys_label():
    mine = own(Network(classes=5), classes=4)
    result = inpaint(colours(), HOLE, 3, recipe=recipe(mine, content="probabilities"))
    assert 0 <= result.probability <= 1
    with pytest.raises(ValueError, match="label: got 4, wanted a class from 0 to 3"):
        inpaint(colours(), HOLE, 4, recipe=recipe(mine))
    assert metrics.probabilities(colours(2), classifier=mine).shape == (2, 5)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"module": 7}, TypeError, "scores: got int, wanted a network or a function of images"),
        ({"shape": (3, 3, 12, 10)}, ValueError, r"shape: got \(3, 3, 12, 10\), wanted \(H, W\)"),
        ({"shape": (3, 0, 10)}, ValueError, "shape: got 0, wanted a whole number of at least 1"),
        ({"shape": None}, TypeError, "shape: got None, wanted shape of the network"),
        ({"classes": ()}, TypeError, r"classes: got \(\), wanted their names or how many"),
        ({"classes": 0}, ValueError, "classes: got 0, wanted a whole number of at least 1"),
        ({"classes": 5}, ValueError, r"scores: got shape \(1, 4\), wanted scores \(1, 5\) or more"),
        ({"module": lambda x: x}, ValueError, r"scores: got shape \(1, 3, 12, 10\), wanted"),
        (
            {"module": lambda x: x.new_full((1, 4), torch.nan)},
            ValueError,
            "scores: got NaN or an infinite number",
        ),
        (
            {"module": lambda x: x.new_zeros(1, 4)},
            ValueError,
            "scores: got numbers without a gradient",
        ),
        ({"mean": (0.5, 0.5)}, ValueError, r"mean: got \(0.5, 0.5\), wanted one number or 3"),
        ({"std": 0}, ValueError, "std: got 0, wanted numbers above 0"),
        ({"add_channel": True}, ValueError, "add_channel: got True with the shape"),
        (
            {"averages": np.zeros((4, 12, 10))},
            ValueError,
            r"averages: got torch.float64 of shape \(4, 12, 10\), wanted floats of \(4, 3, 12, 10",
        ),
        (
            {"parts": np.zeros((4, *COLOUR))},
            ValueError,
            r"wanted floats of \(4, parts, 3, 12, 10\)",
        ),
        ({"origin": "letters"}, ValueError, "data: got 'letters', wanted one of digits"),
    ],
)
def test_a_network_that_will_not_do_is_refused_when_it_is_wrapped(changes, error, message):
    with pytest.raises(error, match=message):
        own(**changes)


def test_a_bare_network_as_classifier_is_told_how_to_be_wrapped():
    with pytest.raises(TypeError, match=r"classifier: got Network, .*classifiers.of makes one"):
        recipes.get("digits", classifier=Network())


# Averages or none


@pytest.mark.parametrize("start", ["class-average", "blended-class-average"])
def test_a_start_from_averages_asks_for_them(start):
    with pytest.raises(ValueError, match=f"start: got '{start}' with mine, .*without averages"):
        inpaint(colours(), HOLE, 1, recipe=recipe(start=start))
    averages = colours(4, seed=1)
    mine = own(averages=averages)
    begun = recipe(mine, start=start).begin(colours(1), HOLE, [2])
    assert np.array_equal(begun[..., ~HOLE], colours(1)[..., ~HOLE])
    if start == "class-average":
        assert np.array_equal(begun[0][:, HOLE], averages[2][:, HOLE])


def test_a_start_from_parts_asks_for_them():
    with pytest.raises(ValueError, match=r"start: got 'part-mixture' with mine, .*without parts"):
        inpaint(colours(), HOLE, 1, recipe=recipe(start="part-mixture"))
    image = colours(1)
    parts = np.stack([colours(2, seed=seed) for seed in range(1, 5)])
    parts[2, 1] = image[0]  # one part is the image itself: nothing is better
    begun = recipe(own(parts=parts), start="part-mixture").begin(image, HOLE, 2)
    assert metrics.psnr(begun, image, HOLE) > 25


# Content, terms, start


def test_a_content_of_ones_own_is_a_function_of_scores_and_labels():
    def cross_entropy(scores: Tensor, labels: Tensor) -> Tensor:
        return nn.functional.cross_entropy(scores, labels, reduction="none")

    for views in ({}, {"jitter": 1}, {"patches": 3, "window_sides": (4, 8)}):
        named, given = (
            inpaint(colours(2), HOLE, [1, 2], recipe=recipe(content=content, **views)).image
            for content in ("cross-entropy", cross_entropy)
        )
        assert np.array_equal(named, given)


def test_a_content_has_to_give_one_penalty_for_each_image():
    with pytest.raises(ValueError, match=r"content: got penalties of shape \(\), wanted .*\(1,\)"):
        inpaint(colours(), HOLE, 1, recipe=recipe(content=lambda scores, labels: scores.sum()))


def test_terms_of_ones_own_are_added():
    class Dark(Term):
        name = "dark"

        def __call__(self, images: Tensor) -> Tensor:
            return images.flatten(1).sum(dim=1)

    plain = inpaint(colours(), HOLE, 1, recipe=recipe())
    darker = inpaint(colours(), HOLE, 1, recipe=recipe(), terms=[(0.5, Dark())])
    assert darker.image.mean() < plain.image.mean()
    assert set(darker.history.terms) == {"content", "total variation", "dark"}
    expected = (
        darker.history.terms["content"]
        + 0.01 * darker.history.terms["total variation"]
        + 0.5 * darker.history.terms["dark"]
    )
    np.testing.assert_allclose(darker.history.energy, expected)
    ramped = inpaint(colours(), HOLE, 1, recipe=recipe(terms=((Ramp(0.5, begin=0.9), Dark()),)))
    assert ramped.image.mean() > darker.image.mean()


def test_a_start_is_a_function_or_images():
    def grey(images: Tensor, gaps: Tensor, labels: Tensor) -> Tensor:
        assert (images.masked_select(gaps[:, None]) == 0).all()
        return torch.where(gaps[:, None], labels[:, None, None, None].double() / 10, images)

    given = colours(2), HOLE, [1, 2]
    made = inpaint(*given, recipe=recipe(start=grey))
    assert np.unique(made.start[0][:, HOLE]).tolist() == [0.1]
    filled = np.stack([np.full(COLOUR, 0.1), np.full(COLOUR, 0.2)])
    for images in (filled, torch.from_numpy(filled)):
        again = inpaint(*given, recipe=recipe(start=images))
        assert np.array_equal(made.start, again.start)
        assert np.array_equal(made.image, again.image)
        assert np.array_equal(again.start[..., ~HOLE], colours(2)[..., ~HOLE])
    single = inpaint(*given, recipe=recipe(start=filled[0])).start
    assert np.array_equal(single[0], made.start[0])


@pytest.mark.parametrize(
    ("setting", "error", "message"),
    [
        (
            {"start": 7},
            TypeError,
            "start: got int, wanted one of harmonic, .* or a function, or im",
        ),
        ({"start": np.zeros((5, *COLOUR))}, ValueError, "start: got 5 images, wanted one, or 2"),
        ({"start": np.zeros((4, 4))}, ValueError, r"start: got shape \(4, 4\), wanted \(C, H, W\)"),
        ({"start": np.full(COLOUR, np.nan)}, ValueError, r"start: got NaN, wanted values in"),
        ({"start": lambda *given: None}, TypeError, "start: got NoneType, wanted a NumPy array"),
        ({"content": 7}, TypeError, "content: got int, wanted one of probabilities, .* or a funct"),
        ({"terms": 0.1}, TypeError, "terms: got 0.1, wanted pairs of a weight and a Term"),
        ({"terms": [TotalVariation()]}, TypeError, "terms: got <.*, wanted a pair of a weight and"),
        ({"terms": [("1", Binary())]}, TypeError, "terms: got '1', wanted a number"),
        ({"terms": [(1, TotalVariation())]}, ValueError, "terms: got content, total variation, to"),
        ({"precision": "half"}, ValueError, "precision: got 'half', wanted one of float64, float"),
        ({"recipe": None}, TypeError, "recipe: got NoneType, wanted a Recipe or one of paper-dig"),
    ],
)
def test_a_wrong_value_is_named(setting, error, message):
    with pytest.raises(error, match=message):
        inpaint(colours(2), HOLE, [1, 2], **{"recipe": recipe(), **setting})


# What fits together


def test_the_set_of_the_images_decides_between_recipes():
    faces = datasets.load("faces-att", split="test")[:1]
    hole = holes.rectangle((48, 42), top=12, left=6, height=8, width=8)
    given = faces.images, hole, faces.labels
    named = inpaint(*given, recipe="faces-att", max_steps=2)
    for data in (faces, "faces-att"):
        chosen = inpaint(*given, recipe="faces", data=data, max_steps=2)
        assert np.array_equal(named.image, chosen.image)
    assert recipes.get("paper-faces", data="faces-yale") is not None
    assert recipes.get("faces", data="faces-yale").classifier == "faces-gaussians-yale"


@pytest.mark.parametrize(
    ("do", "message"),
    [
        (
            lambda *given: inpaint(*given, recipe="faces-yale", data="faces-att"),
            "classifier: got 'faces-gaussians-yale', which knows the classes of yale, wanted one "
            "for att, since the images are those of faces-att",
        ),
        (
            lambda *given: inpaint(*given, recipe="faces"),
            "recipe: got 'faces', which differs between sets; wanted one of faces-att, faces-yale",
        ),
        (
            lambda *given: inpaint(*given, recipe="faces", data="digits"),
            "recipe: got 'faces' for images of digits, wanted faces-att, faces-yale",
        ),
        (
            lambda *given: inpaint(*given, recipe="digits", data="faces-att"),
            "classifier: got 'digits-experts', which knows the classes of mnist, wanted one for "
            "att",
        ),
        (
            lambda *given: inpaint(*given, recipe="digits"),
            "image: got 48×42 pixels, wanted 28×28, which digits-experts takes",
        ),
        (
            lambda image, hole, label: metrics.judged(image, judge="digits-judge"),
            "images: got 48×42 pixels, wanted 28×28, which digits-judge takes",
        ),
        (
            lambda image, hole, label: metrics.judged(
                image, judge="faces-judge-yale", data="faces-att"
            ),
            "classifier: got 'faces-judge-yale', which knows the classes of yale, wanted one",
        ),
        (
            lambda image, hole, label: metrics.judged(image, judge="faces-judge"),
            "classifier: got 'faces-judge', which differs between sets",
        ),
        (
            lambda *given: classifiers.load("faces-patches"),
            "classifier: got 'faces-patches', which differs between sets; wanted one of "
            "faces-patches-att, faces-patches-yale",
        ),
    ],
)
def test_what_belongs_to_another_set_is_refused_with_both_names(do, message):
    faces = datasets.load("faces-att", split="test")[:2]
    hole = holes.rectangle((48, 42), top=12, left=6, height=8, width=8)
    with pytest.raises(ValueError, match=message):
        do(faces.images, hole, faces.labels)


@pytest.mark.parametrize("full", [False, True])
def test_a_name_means_the_same_whatever_lies_on_the_disk(full, monkeypatch, tmp_path):
    monkeypatch.setenv("INPAINTLIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("INPAINTLIB_DATA", str(tmp_path))
    (tmp_path / ("CroppedYale" if full else "else")).mkdir()  # a folder of images, or another one
    with nullcontext() if full else pytest.warns(UserWarning, match="in which no set is found"):
        faces = datasets.load("faces-att", split="test")[:3]
    assert classifiers.load("faces-robust", data=faces).origin == "att"
    assert recipes.get("faces", data=faces).classifier == "faces-gaussians-att"
    assert (metrics.judged(faces.images, judge="faces-judge", data=faces) == faces.labels).all()


# An own judge


def test_a_judge_is_a_name_or_a_classifier():
    mine = classifier()
    images = pictures(3, *SMALL).numpy()
    expected = mine(torch.from_numpy(images)).argmax(dim=1).numpy()
    assert np.array_equal(metrics.judged(images, judge=mine), expected)
    with pytest.raises(TypeError, match="classifier: got int, wanted a name or a Classifier"):
        metrics.judged(images, judge=7)  # type: ignore[arg-type]


# Parts of a recipe


def test_a_recipe_hands_out_what_inpaint_is_made_of():
    from inpaintlib.descent import descend

    mine = recipe(start="noise", jitter=1, patches=2, window_sides=(4, 8), binary=0.1)
    images, labels = colours(2), [1, 2]
    whole = inpaint(images, HOLE, labels, recipe=mine, seed=5)
    generator = torch.Generator().manual_seed(5)
    begun = mine.begin(torch.from_numpy(images), HOLE, labels, seed=generator)
    ended = descend(
        mine.energy(images, HOLE, labels),
        begun,
        torch.from_numpy(np.stack([HOLE, HOLE])),
        step_size=mine.step_size,
        max_steps=mine.max_steps,
        views=mine.views(images.shape, seed=generator),
    )
    assert np.array_equal(ended.images.numpy(), whole.image)
    assert np.array_equal(begun.numpy(), whole.start)
    assert np.array_equal(ended.history.energy, whole.history.energy)


def test_the_energy_of_a_recipe_can_be_asked_of_any_images():
    images, labels = pictures(2, *SMALL), torch.tensor([1, 2])
    mine = classifier()
    chosen = recipes.get("digits-mixture", classifier=mine, content="cross-entropy")
    energy = chosen.energy(images, missing(2), labels)
    expected = (
        CrossEntropy(mine, labels)(images)
        + chosen.total_variation * TotalVariation()(images)
        + chosen.binary * Binary()(images)
    )
    torch.testing.assert_close(energy(images), expected)


def test_begin_returns_the_kind_and_precision_that_came():
    image = pictures(1, *SMALL).float()
    mine = recipes.get("paper-digits", classifier=classifier())
    assert mine.begin(image, missing(1), 3).dtype == torch.float32
    array = mine.begin(image.numpy(), missing(1).numpy(), 3)
    assert isinstance(array, np.ndarray)
    assert array.dtype == np.float32
    with pytest.raises(ValueError, match=r"images: got one of shape \(16, 16\), wanted a batch"):
        mine.begin(image[0], missing(1), 3)


def test_views_are_none_where_the_image_itself_is_shown():
    assert recipe().views(COLOUR) is None
    assert recipe(jitter=1).views(COLOUR) is not None


# Colour


def test_three_dimensions_are_what_the_classifier_says():
    grey = own(Network(1), shape=(12, 10), add_channel=True)
    same = pictures(3, 12, 10).numpy()
    batch = inpaint(same, HOLE, 1, recipe=recipe(grey))
    assert batch.label.shape == (3,)
    single = inpaint(same, HOLE, 1, recipe=recipe())
    assert single.label.shape == ()
    assert single.image.shape == batch.image.shape == same.shape
    assert single.hole.shape == (12, 10)
    assert batch.hole.shape == (3, 12, 10)


@pytest.mark.parametrize("start", ["harmonic", "constant", "noise"])
def test_the_channels_share_the_hole(start):
    image = colours()
    result = inpaint(image, HOLE, 1, recipe=recipe(start=start, region="rim", binary=0.1))
    assert np.array_equal(result.image[:, ~HOLE], image[:, ~HOLE])
    assert (result.image[:, HOLE] != image[:, HOLE]).any(axis=1).all()


def test_colour_images_of_three_equal_channels_start_like_grey_ones():
    grey = pictures(2, 12, 10)
    colour = grey[:, None].repeat(1, 3, 1, 1)
    gaps = torch.from_numpy(np.stack([HOLE, HOLE]))
    from inpaintlib import starts

    parts = pictures(2, 4, 12, 10, seed=1)
    for make in (
        lambda images, wide: starts.harmonic(images, gaps),
        lambda images, wide: starts.constant(images, gaps, value=0.3),
        lambda images, wide: starts.class_average(images, gaps, averages=wide(parts)[:, 0]),
        lambda images, wide: starts.blended_class_average(images, gaps, averages=wide(parts)[:, 0]),
    ):
        one = make(grey, lambda averages: averages)
        three = make(colour, lambda averages: averages[:, :, None].repeat(1, 1, 3, 1, 1))
        torch.testing.assert_close(three, one[:, None].expand_as(three))


def test_terms_and_scores_of_three_equal_channels():
    grey, other = pictures(2, 12, 10), pictures(2, 12, 10, seed=1)
    colour, others = (images[:, None].repeat(1, 3, 1, 1) for images in (grey, other))
    for term in (TotalVariation(), TotalVariation(torch.from_numpy(HOLE)), Binary()):
        torch.testing.assert_close(term(colour), 3 * term(grey))
        value, gradient = term.value_and_gradient(colour)
        torch.testing.assert_close(value, term(colour))
        torch.testing.assert_close(gradient[:, 0], term.value_and_gradient(grey)[1])
    for score in (metrics.psnr, metrics.ssim):
        sized = [np.kron(x.numpy(), np.ones((2, 2))) for x in (colour, others, grey, other)]
        hole = np.kron(HOLE, np.ones((2, 2), dtype=bool))
        np.testing.assert_allclose(score(sized[0], sized[1], hole), score(sized[2], sized[3], hole))
    with pytest.raises(ValueError, match=r"images: got shape \(2, 3, 12, 10\), wanted grey ones"):
        metrics.grey_share(colour.numpy(), HOLE)


def test_figures_show_colour():
    image = np.zeros(COLOUR)
    image[0] = 1.0  # red
    red = inpaint(image, HOLE, 1, recipe=recipe())
    picture = figures.completion(image, red, alt="A red picture, completed.")
    shown = decoded(picture)
    assert ((shown[..., 0] > 250) & (shown[..., 1] < 5)).mean() > 0.2
    with pytest.raises(ValueError, match=r"images: got colour images .* with signed=True"):
        figures.gallery({"": figures.Strip(image[None], signed=True)}, alt="A signed picture.")


def decoded(picture: figures.Picture) -> np.ndarray:
    import io

    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))
