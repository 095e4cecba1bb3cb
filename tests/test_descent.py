"""The descent: its views, its steps, its stops, and what it writes down."""

from __future__ import annotations

import io
import itertools
import sys

import numpy as np
import pytest
import torch
from helpers import SMALL, Distance, Slope, classifier, few, lenet, missing, pictures, seeds
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from inpaintlib.descent import Views, descend, random_views, random_windows
from inpaintlib.energy import Binary, CrossEntropy, Energy, Ramp, TotalVariation

ALL = torch.ones(1, *SMALL, dtype=torch.bool)
LABELS = torch.tensor([3, 8])


def draws(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class Recorder(nn.Module):
    """A classifier that keeps what it is shown; the score of a class is the sum of a row."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Tensor] = []

    def forward(self, images: Tensor) -> Tensor:
        self.shown.append(images.detach().clone())
        return images.sum(dim=2)


def energy_of_everything(net: nn.Module | None = None) -> Energy:
    content = CrossEntropy(net or classifier(), LABELS)
    return content + 0.1 * TotalVariation() + Ramp(0.2) * Binary()


# Views

shifts = st.tuples(st.integers(-20, 20), st.integers(-20, 20))


@few
@given(shift=shifts)
def test_shift_then_inverse_shift_is_the_identity(shift):
    images = pictures(2, 5, 7)
    there = Views(shift)(images)
    assert there.shape == (1, 2, 5, 7)
    back = Views((-shift[0], -shift[1]))(there[0])
    assert torch.equal(back[0], images)


def test_shift_is_circular_rows_first():
    image = torch.zeros(1, 4, 5)
    image[0, 3, 0] = 1
    assert torch.nonzero(Views((1, -2))(image)[0, 0]).tolist() == [[0, 3]]


@few
@given(shift=shifts)
def test_gradient_comes_back_by_the_inverse_shift(shift):
    image, weights = pictures(1, 5, 7), pictures(5, 7, seed=1)
    gradient = Slope(weights).value_and_gradient(image, Views(shift))[1][0]
    back = np.roll(weights.numpy(), (-shift[0], -shift[1]), axis=(0, 1))
    assert np.array_equal(gradient.numpy(), back)


@few
@given(shift=shifts, seed=seeds)
def test_gradient_is_0_outside_the_windows(shift, seed):
    windows = random_windows(3, SMALL, sides=(3, 6), generator=draws(seed))
    view, images = Views(shift, windows), pictures(1, *SMALL, seed=seed)
    gradient = CrossEntropy(classifier(), LABELS[:1]).value_and_gradient(images, view)[1][0]
    shown = windows.any(dim=0).roll((-shift[0], -shift[1]), dims=(0, 1))
    assert not gradient[~shown].any()
    assert gradient[shown].any()


def test_windows_keep_what_is_inside_and_zero_the_rest():
    images, windows = pictures(2, 5, 7), pictures(3, 5, 7, seed=1) < 0.5
    seen = Views((0, 0), windows)(images)
    assert seen.shape == (3, 2, 5, 7)
    for window, view in zip(windows, seen, strict=True):
        assert torch.equal(view[:, window], images[:, window])
        assert not view[:, ~window].any()


def test_draws_reach_every_shift_in_each_axis_and_no_other():
    generator = draws()
    shifts = {
        Views.draw((5, 7), jitter=1, patches=0, sides=(1, 1), generator=generator).shift
        for _ in range(200)
    }
    assert shifts == {(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)}


def test_draws_without_jitter_and_patches_show_the_image_itself():
    view = Views.draw((5, 7), jitter=0, patches=0, sides=(1, 1), generator=draws())
    images = pictures(2, 5, 7)
    assert torch.equal(view(images), images[None])


def test_random_windows_are_squares_of_every_size_in_every_place():
    shape = (6, 9)
    windows = random_windows(3000, shape, sides=(2, 4), generator=draws())
    assert windows.dtype == torch.bool
    found = set()
    for window in windows:
        rows, columns = window.any(dim=1).nonzero().flatten(), window.any(dim=0).nonzero().flatten()
        assert len(rows) == len(columns)
        assert window.sum() == len(rows) ** 2
        assert len(rows) == rows[-1] - rows[0] + 1
        found.add((len(rows), rows[0].item(), columns[0].item()))
    assert found == {
        (side, top, left)
        for side in (2, 3, 4)
        for top in range(shape[0] - side + 1)
        for left in range(shape[1] - side + 1)
    }


# Steps


@pytest.mark.parametrize("momentum", [0, 0.5])
def test_a_step_is_algorithm_1_inside_the_hole_kept_in_0_to_1(momentum):
    images, holes = pictures(2, *SMALL), missing(2)
    energy = energy_of_everything()
    before = expected = images.clone()
    for step in range(3):
        update = -0.3 * energy.evaluate(expected, progress=step / 3).gradient
        moved = expected + update + momentum * (expected - before)
        before, expected = expected, torch.where(holes, moved.clamp(0, 1), expected)
    assert ((expected == 0) | (expected == 1)).any()
    ended = descend(energy, images, holes, step_size=0.3, max_steps=3, momentum=momentum)
    torch.testing.assert_close(ended.images, expected)


def test_without_clipping_missing_pixels_may_leave_the_range():
    images, holes = pictures(2, *SMALL), missing(2)
    energy = 1.0 * Slope(torch.full(SMALL, 5.0, dtype=images.dtype))
    free = descend(energy, images, holes, step_size=0.1, max_steps=4, clip=False)
    torch.testing.assert_close(free.images, torch.where(holes, images - 2.0, images))
    kept = descend(energy, images, holes, step_size=0.1, max_steps=4)
    torch.testing.assert_close(kept.images, torch.where(holes, 0.0, images))


@few
@given(
    seed=seeds,
    jitter=st.integers(0, 5),
    patches=st.integers(0, 3),
    step_size=st.sampled_from([0.01, 1.0, 1e4]),
)
def test_known_pixels_stay_and_missing_ones_stay_grey_values_at_every_step(
    seed, jitter, patches, step_size
):
    images, holes = pictures(2, *SMALL, seed=seed).float(), missing(2, seed=seed % 1000)
    before, visited = images.clone(), []
    ended = descend(
        energy_of_everything(lenet().float()),
        images,
        holes,
        step_size=step_size,
        max_steps=4,
        views=random_views(SMALL, jitter=jitter, patches=patches, window_sides=(3, 9), seed=seed),
        callback=lambda step, now: visited.append(now),
    )
    assert torch.equal(images, before)
    assert len(visited) == 5
    for now in [*visited, ended.images]:
        assert torch.equal(now[~holes], before[~holes])
        assert now.min() >= 0
        assert now.max() <= 1
    assert not torch.equal(ended.images, before)


def test_energy_falls_at_a_small_step_without_jitter():
    images, holes = pictures(2, *SMALL), missing(2)
    energy = CrossEntropy(classifier(), LABELS) + 0.01 * TotalVariation() + 0.1 * Binary()
    history = descend(energy, images, holes, step_size=1e-3, max_steps=50).history
    assert (np.diff(history.energy, axis=0) < 0).all()


def test_a_descent_ends_where_the_energy_is_lowest():
    target, images, holes = pictures(2, *SMALL, seed=1), pictures(2, *SMALL), missing(2)
    ended = descend(1.0 * Distance(target), images, holes, step_size=0.5, max_steps=60)
    torch.testing.assert_close(ended.images, torch.where(holes, target, images))


def test_momentum_reaches_the_end_of_a_narrow_valley_in_fewer_steps():
    target, images, holes = pictures(2, *SMALL, seed=1), pictures(2, *SMALL), missing(2)

    def gap(momentum: float) -> float:
        energy = 0.01 * Distance(target)
        ended = descend(energy, images, holes, step_size=1.0, max_steps=60, momentum=momentum)
        return float((ended.images - target)[holes].abs().max())

    assert gap(0.8) < gap(0.0) / 5


# Draws


def shown_in_10_steps(images: Tensor, *, jitter: int = 0, patches: int = 0) -> list[Tensor]:
    net = Recorder()
    descend(
        1.0 * CrossEntropy(net, LABELS[: len(images)]),
        images,
        ALL.expand(images.shape),
        step_size=0.0,
        max_steps=9,
        views=random_views(SMALL, jitter=jitter, patches=patches, window_sides=(2, 6), seed=0),
    )
    assert len(net.shown) == 10
    return net.shown


def test_jitter_shows_another_shift_in_each_step():
    image = pictures(1, *SMALL)
    found = set()
    for shown in shown_in_10_steps(image, jitter=3):
        (place,) = torch.nonzero(shown[0] == image[0, 0, 0]).tolist()
        assert torch.equal(shown, image.roll(place, dims=(1, 2)))
        found.add(tuple((index + 3) % 16 - 3 for index in place))
    assert len(found) > 5
    assert all(abs(row) <= 3 and abs(column) <= 3 for row, column in found)


def test_patches_show_other_windows_in_each_step():
    image = pictures(1, *SMALL)
    found = set()
    for shown in shown_in_10_steps(image, patches=4):
        assert shown.shape == (4, *SMALL)
        for window in shown:
            assert torch.equal(window[window > 0], image[0][window > 0])
            found.add(tuple(torch.nonzero(window)[0].tolist()))
    assert len(found) > 20


@pytest.mark.parametrize("choice", [{"jitter": 3}, {"patches": 2}])
def test_draws_are_the_same_for_every_image_of_a_batch(choice):
    image = pictures(1, *SMALL)
    for shown in shown_in_10_steps(image.repeat(2, 1, 1), **choice):
        first, second = shown.unflatten(0, (-1, 2)).unbind(dim=1)
        assert torch.equal(first, second)


# Stops


def test_an_image_stops_once_its_gradient_norm_is_not_above_the_tolerance():
    """With μ = 1/2 the distance halves in each step: 1, 1/2, 1/4, 1/8."""
    images = torch.zeros(1, *SMALL, dtype=torch.float64)
    target, hole = images.clone(), torch.zeros_like(images, dtype=torch.bool)
    target[0, 0, 0], hole[0, 0, 0] = 1, True
    ended = descend(
        1.0 * Distance(target), images, hole, step_size=0.5, max_steps=50, tolerance=0.125
    )
    assert ended.stopped == ("tolerance",)
    assert ended.steps.tolist() == [3]
    assert ended.images[0, 0, 0] == 0.875
    np.testing.assert_allclose(ended.history.gradient_norm[:, 0], [1, 1 / 2, 1 / 4, 1 / 8])


@pytest.mark.parametrize("max_steps", [0, 1, 5])
def test_a_descent_stops_at_the_step_limit(max_steps):
    ended = descend(
        energy_of_everything(),
        pictures(2, *SMALL),
        missing(2),
        step_size=0.01,
        max_steps=max_steps,
    )
    assert ended.stopped == ("step limit", "step limit")
    assert ended.steps.tolist() == [max_steps, max_steps]
    assert len(ended.history) == max_steps + 1


def test_a_callback_stops_the_batch_when_it_returns_true():
    images, calls = pictures(2, *SMALL), []

    def callback(step: int, now: Tensor) -> bool:
        calls.append((step, now))
        return step == 4

    ended = descend(
        energy_of_everything(),
        images,
        missing(2),
        step_size=0.01,
        max_steps=50,
        callback=callback,
        callback_every=2,
    )
    assert [step for step, _ in calls] == [0, 2, 4]
    assert torch.equal(calls[0][1], images)
    assert torch.equal(calls[-1][1], ended.images)
    assert ended.stopped == ("callback", "callback")
    assert ended.steps.tolist() == [4, 4]
    assert len(ended.history) == 5


def test_each_image_of_a_batch_stops_by_itself():
    target = pictures(3, *SMALL, seed=1)
    images = target.clone()
    images[1, 0, 0] += torch.where(target[1, 0, 0] > 0.5, -0.25, 0.25)
    images[2] = 1 - target[2]
    holes = ALL.repeat(3, 1, 1)
    visited: list[Tensor] = []

    def callback(step: int, now: Tensor) -> bool:
        visited.append(now)
        return step == 6

    ended = descend(
        1.0 * Distance(target),
        images,
        holes,
        step_size=0.5,
        max_steps=50,
        tolerance=0.1,
        callback=callback,
    )
    assert ended.stopped == ("tolerance", "tolerance", "callback")
    assert ended.steps.tolist() == [0, 2, 6]
    history = ended.history
    for values in (history.energy, history.gradient_norm, history.terms["distance"]):
        assert values.shape == (7, 3)
        for image, steps in enumerate(ended.steps):
            assert not np.isnan(values[: steps + 1, image]).any()
            assert np.isnan(values[steps + 1 :, image]).all()
    assert torch.equal(ended.images[0], images[0])
    assert torch.equal(ended.images[1], visited[2][1])


def test_an_image_that_stopped_by_itself_was_not_stopped_by_the_callback():
    image = pictures(1, *SMALL)
    ended = descend(
        1.0 * Distance(image), image, ALL, step_size=1, max_steps=9, callback=lambda *_: True
    )
    assert ended.stopped == ("tolerance",)


# History


def test_row_k_of_the_history_belongs_to_the_image_after_k_updates():
    images, holes, visited = pictures(2, *SMALL), missing(2), []
    energy = energy_of_everything()
    history = descend(
        energy,
        images,
        holes,
        step_size=0.1,
        max_steps=4,
        callback=lambda step, now: visited.append(now),
    ).history
    assert list(history.terms) == ["content", "total variation", "binary"]
    for step, now in enumerate(visited):
        expected = energy.evaluate(now, progress=step / 4)
        inside = torch.stack([g[h].norm() for g, h in zip(expected.gradient, holes, strict=True)])
        np.testing.assert_allclose(history.energy[step], expected.energy)
        np.testing.assert_allclose(history.gradient_norm[step], inside)
        for name, values in expected.terms.items():
            np.testing.assert_allclose(history.terms[name][step], values)


def test_history_of_an_image_ends_with_its_own_stop():
    history = descend(
        energy_of_everything(), pictures(2, *SMALL), missing(2), step_size=0.1, max_steps=4
    ).history
    one = history.of(1, steps=2)
    assert np.array_equal(one.energy, history.energy[:3, 1])
    assert np.array_equal(one.gradient_norm, history.gradient_norm[:3, 1])
    assert np.array_equal(one.terms["binary"], history.terms["binary"][:3, 1])
    assert list(one.terms) == list(history.terms)


# Bad settings


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"step_size": -1}, ValueError, "step_size: got -1, wanted a finite number of at least 0"),
        ({"step_size": None}, TypeError, "step_size: got None, wanted a number"),
        ({"tolerance": -1}, ValueError, "tolerance: got -1, wanted a finite number of at least 0"),
        ({"momentum": 1}, ValueError, "momentum: got 1, wanted a number below it"),
        ({"clip": "no"}, TypeError, "clip: got 'no', wanted True or False"),
        ({"max_steps": -1}, ValueError, "max_steps: got -1, wanted a whole number of at least 0"),
        ({"callback_every": 0}, ValueError, "callback_every: got 0, wanted .* at least 1"),
    ],
)
def test_bad_settings_are_named(settings, error, message):
    with pytest.raises(error, match=message):
        descend(
            1.0 * Binary(),
            pictures(1, *SMALL),
            ALL,
            **{"step_size": 0.1, "max_steps": 1, **settings},
        )


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"jitter": 1.5}, TypeError, "jitter: got 1.5, wanted a whole number"),
        ({"patches": -1}, ValueError, "patches: got -1, wanted a whole number of at least 0"),
        ({"seed": None}, TypeError, "seed: got None, wanted a whole number"),
        (
            {"patches": 1, "window_sides": (7, 17)},
            ValueError,
            r"window_sides: got \(7, 17\), wanted .* from 1 to 16",
        ),
    ],
)
def test_bad_views_are_named_before_the_first_is_drawn(settings, error, message):
    with pytest.raises(error, match=message):
        random_views(SMALL, **settings)


GREY, COLOUR = torch.zeros(2, 16, 16), torch.zeros(2, 3, 16, 16)


@pytest.mark.parametrize(
    ("energy", "images", "holes", "error", "message"),
    [
        (7, GREY, GREY > 0, TypeError, "energy: got int, wanted an Energy or a Term"),
        (Binary(), GREY.numpy(), GREY > 0, TypeError, "images: got ndarray, wanted a torch tensor"),
        (Binary(), GREY, GREY.numpy() > 0, TypeError, "holes: got ndarray, wanted a torch tensor"),
        (Binary(), GREY.long(), GREY > 0, TypeError, "images: got torch.int64, wanted floats"),
        (Binary(), GREY, GREY, TypeError, "holes: got torch.float32, wanted bool, True where"),
        (
            Binary(),
            GREY[0],
            GREY[0] > 0,
            ValueError,
            r"images: got shape \(16, 16\), wanted \(B, H",
        ),
        (Binary(), GREY - 1, GREY > 0, ValueError, "images: got values from -1 to -1, wanted them"),
        (Binary(), GREY, GREY[:1] > 0, ValueError, r"holes: got shape \(1, 16, 16\), wanted one f"),
        (Binary(), GREY, GREY[0] > 0, ValueError, r"holes: got shape \(16, 16\), wanted one for e"),
        (Binary(), COLOUR, COLOUR > 0, ValueError, r"wanted one for each image, \(2, 16, 16\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(energy, images, holes, error, message):
    with pytest.raises(error, match=message):
        descend(energy, images, holes, step_size=0.1, max_steps=1)


def test_a_single_term_is_an_energy():
    images, holes = pictures(2, *SMALL), missing(2)
    term, energy = (
        descend(given, images, holes, step_size=0.1, max_steps=3).images
        for given in (Binary(), 1.0 * Binary())
    )
    assert torch.equal(term, energy)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "shows"), [(Terminal, True), (io.StringIO, False)])
@pytest.mark.parametrize("pause", [0.3, 0.0])
def test_a_bar_is_shown_at_a_terminal_when_it_takes_longer_than_a_second(
    stream, shows, pause, monkeypatch
):
    monkeypatch.setattr("sys.stderr", stream())
    clock = itertools.count()
    monkeypatch.setattr("tqdm.std.time", lambda: pause * next(clock))  # seconds, for the bar alone
    descend(1.0 * Binary(), pictures(1, *SMALL), missing(1), step_size=0.0, max_steps=9)
    assert ("descent" in sys.stderr.getvalue()) == (shows and pause > 0)
