"""Training: reproducible from its seed, on windows as the paper says, and its command."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import SMALL, few, pictures, seeds, untouched_random_numbers
from hypothesis import given
from safetensors import safe_open
from torch import Tensor

from inpaintlib import classifiers, datasets, training
from inpaintlib.augment import Moves, brighten, move, patch
from inpaintlib.energy import ScoreDistance
from inpaintlib.networks import LeNet
from inpaintlib.training import (
    TRAININGS,
    Training,
    main,
    perturb,
    rebuild,
    steps,
    train,
)

pytestmark = pytest.mark.usefixtures("bundled_only")

TINY = replace(TRAININGS["digits-patches"], epochs=2, repeats=2, batch=20)
TINY_FACES = replace(TRAININGS["faces-patches-att"], epochs=1, repeats=1)


@pytest.fixture(scope="module")
def digits() -> tuple[Tensor, Tensor]:
    """The first 50 bundled training digits."""
    some = datasets.load("digits")[:50]
    return torch.from_numpy(some.images), torch.from_numpy(some.labels)


@pytest.fixture
def tiny_faces(monkeypatch) -> str:
    """The name of a training that takes less than a second."""
    monkeypatch.setitem(TRAININGS, "tiny", TINY_FACES)
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    return "tiny"


def trained(digits: tuple[Tensor, Tensor], **changes) -> LeNet:
    return train(replace(TINY, **changes), *digits, list("0123456789"), name="tiny")


def same(one: LeNet, other: LeNet) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(*pair) for pair in pairs)


# Windows


@few
@given(seed=seeds)
def test_patch_keeps_exactly_one_window(seed):
    images = pictures(4, *SMALL, seed=seed)
    patches = patch(images, sides=(3, 6), generator=torch.Generator().manual_seed(seed))
    for image, shown in zip(images, patches, strict=True):
        inside = shown != 0
        rows, columns = inside.any(dim=1).nonzero(), inside.any(dim=0).nonzero()
        side = len(rows)
        assert 3 <= side <= 6
        assert side == len(columns) == rows[-1] - rows[0] + 1 == columns[-1] - columns[0] + 1
        assert inside.sum() == side**2
        assert torch.equal(shown[inside], image[inside])


def test_patch_shows_the_whole_image_instead_of_a_dark_window():
    images = torch.zeros(200, *SMALL)
    images[:, :, 8:] = 0.5  # mean square 0.25
    patches = patch(images, sides=(4, 4), dark=0.125, generator=torch.Generator().manual_seed(0))
    whole = (patches == images).flatten(1).all(dim=1)
    bright = (patches > 0).sum(dim=(1, 2))
    assert (bright[~whole] >= 8).all()
    assert 0 < whole.sum() < 200
    windows = patch(images, sides=(4, 4), generator=torch.Generator().manual_seed(0))
    assert torch.equal(whole, (windows > 0).sum(dim=(1, 2)) < 8)


@pytest.mark.parametrize("dark", [0.0, 0.3])
def test_a_window_of_a_colour_image_is_the_same_in_all_channels(dark):
    grey = pictures(50, *SMALL)
    colour = grey.unsqueeze(1).expand(-1, 3, -1, -1)
    cut = [
        patch(images, sides=(3, 6), dark=dark, generator=torch.Generator().manual_seed(0))
        for images in (grey, colour)
    ]
    assert torch.equal(cut[1], cut[0].unsqueeze(1).expand_as(colour))


# Moves


def moved(images: Tensor, *, seed: int = 0, **moves) -> Tensor:
    return move(images, moves=Moves(**moves), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(4, *SMALL), (4, 3, 16, 20)])
def test_no_move_leaves_images_as_they_are(shape):
    images = pictures(*shape)
    torch.testing.assert_close(moved(images), images, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "moves", [{"shift": 0.2}, {"scale": 1.5}, {"turn": 30.0}, {"mirror": True}]
)
def test_moves_differ_from_image_to_image_and_keep_range_and_channels_together(moves):
    one = pictures(1, *SMALL)
    images = moved(one.expand(8, -1, -1), **moves)
    kinds = torch.unique((images * 1e6).round(), dim=0)
    assert len(kinds) == (2 if "mirror" in moves else 8)
    assert images.min() >= 0
    assert images.max() <= 1
    colour = moved(one.unsqueeze(1).expand(8, 3, -1, -1), **moves)
    torch.testing.assert_close(colour, images.unsqueeze(1).expand_as(colour))


def test_a_mirrored_image_is_the_image_or_its_mirror():
    one = pictures(1, *SMALL)
    for image in moved(one.expand(20, -1, -1), mirror=True):
        assert any(torch.allclose(image, other, atol=1e-6) for other in (one[0], one[0].flip(1)))


def test_moves_stay_within_their_bounds():
    """A white square on black keeps its middle, area and direction within what was asked."""
    height, width = 48, 64
    image = torch.zeros(1, height, width, dtype=torch.float64)
    image[:, 16:32, 16:48] = 1  # twice as wide as high
    rows, columns = torch.meshgrid(
        torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij"
    )

    def moments(images: Tensor) -> list[Tensor]:
        """Area, middle row and column, and direction in degrees."""
        area = images.sum(dim=(1, 2))
        down, across = ((images * at).sum(dim=(1, 2)) / area for at in (rows, columns))
        dy, dx = rows - down[:, None, None], columns - across[:, None, None]
        covariance = (images * dy * dx).sum(dim=(1, 2))
        spread = (images * (dx**2 - dy**2)).sum(dim=(1, 2))
        return [area, down, across, torch.rad2deg(torch.atan2(2 * covariance, spread) / 2)]

    many = image.expand(400, -1, -1)
    area, down, across, _ = moments(moved(many, shift=0.125))
    for middle, at, most in ((down, 24, 6), (across, 32, 8)):
        assert (middle - at).abs().max() <= most + 0.01
        assert (middle - at).abs().max() > 0.95 * most
    torch.testing.assert_close(area, torch.full_like(area, 512), rtol=0.01, atol=0)
    area, down, *_ = moments(moved(many, scale=1.25))
    assert 1 / 1.25 - 0.01 < (area / 512).sqrt().min() < 0.83
    assert 1.22 < (area / 512).sqrt().max() < 1.25 + 0.01
    torch.testing.assert_close(down, torch.full_like(down, 24), rtol=0, atol=0.05)
    area, _, _, direction = moments(moved(many, turn=20.0))
    assert 19 < direction.abs().max() < 20.2
    assert abs(direction.mean()) < 2
    torch.testing.assert_close(area, torch.full_like(area, 512), rtol=0.01, atol=0)


def test_what_moves_in_from_outside_is_the_colour_of_the_edge():
    images = torch.full((20, 3, *SMALL), 0.7)
    torch.testing.assert_close(moved(images, shift=0.5, scale=2.0, turn=90.0), images)


# Training


def test_training_repeats_bit_by_bit_whatever_was_drawn_before(digits):
    once = trained(digits)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(99)
        assert same(once, trained(digits))


def test_another_seed_trains_another_classifier(digits):
    assert not same(trained(digits), trained(digits, seed=1))


def test_training_draws_nobody_elses_random_numbers(digits):
    with untouched_random_numbers():
        trained(digits)


def test_training_learns(digits):
    net = trained(digits, sides=None, epochs=25)
    assert training.accuracy(net, *digits) > 0.9


def test_accuracy_is_the_share_of_labels_read(digits):
    images, labels = digits
    net = trained(digits, epochs=1, repeats=1)
    read = net(images).argmax(dim=1)
    assert training.accuracy(net, images, read) == 1
    assert training.accuracy(net, images, (read + (labels > 4)) % 10) == (labels <= 4).sum() / 50


def test_trained_weights_are_exact_in_their_file(digits, tmp_path):
    net, path = trained(digits), tmp_path / "tiny.safetensors"
    classifiers.save(net, path, facts={})
    assert same(net, classifiers.read(path))
    assert not net.training
    assert not any(weights.requires_grad for weights in net.parameters())


@pytest.mark.parametrize(("epochs", "repeats"), [(1, 5), (2, 3)])
def test_an_epoch_shows_each_image_as_often_as_it_says(monkeypatch, epochs, repeats):
    images, labels = pictures(40, 28, 28).float(), torch.arange(40) % 10
    shown: Counter[int] = Counter()
    windows = []
    reported = []
    original = training.patch

    def recording(batch, **settings):
        shown.update(int((images == image).flatten(1).all(dim=1).nonzero()) for image in batch)
        windows.append(original(batch, **settings))
        return windows[-1]

    monkeypatch.setattr(training, "patch", recording)
    plan = replace(TINY, epochs=epochs, repeats=repeats)
    train(
        plan,
        images,
        labels,
        list("0123456789"),
        name="tiny",
        report=lambda done, loss: reported.append(done),
    )
    assert shown == dict.fromkeys(range(40), epochs * repeats)
    assert reported == list(range(1, steps(plan, 40) + 1))
    assert not torch.equal(windows[0] != 0, windows[1] != 0)


# Images of one's own

SMALL_SET = Training(epochs=2, batch=8, learning_rate=1e-3, robust=0.5, moves=Moves(shift=0.1))


@pytest.mark.parametrize("shape", [SMALL, (3, *SMALL)], ids=["grey", "colour"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_robust_training_takes_arrays_of_ones_own(shape, dtype):
    images = pictures(20, *shape).numpy().astype(dtype)
    labels = [number % 3 for number in range(20)]
    net = train(SMALL_SET, images, labels, ["a", "b", "c"], name="mine")
    assert (net.shape, net.classes, net.name, net.data) == (shape, ("a", "b", "c"), "mine", "none")
    again = train(
        SMALL_SET,
        torch.from_numpy(images).float(),
        torch.tensor(labels),
        ["a", "b", "c"],
        name="mine",
    )
    assert same(net, again)
    assert classifiers.of(net)(torch.from_numpy(images).float()).shape == (20, 3)


def test_robust_training_learns_colours():
    labels = torch.arange(60) % 3
    images = 0.3 * pictures(60, 3, *SMALL).float()
    images[torch.arange(60), labels] += 0.3
    plan = replace(SMALL_SET, epochs=20)
    net = train(plan, images, labels, ["red", "green", "blue"], name="colours")
    attacked = perturb(net, images, labels, length=0.5)
    assert training.accuracy(net, attacked, labels) == 1


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"images": [[0.5]]}, TypeError, "images: got list, wanted a NumPy array"),
        ({"images": np.zeros((20, 16, 16), np.uint8)}, TypeError, "images: got torch.uint8"),
        ({"images": np.full((20, 16, 16), 255.0)}, ValueError, "images: got values from 255"),
        ({"images": np.zeros((16, 16))}, ValueError, r"images: got shape \(16, 16\)"),
        ({"images": np.zeros((20, 16, 16, 3))}, ValueError, r"shape: got \(16, 16, 3\)"),
        ({"images": np.zeros((7, 16, 16)), "labels": [0] * 7}, ValueError, "images: got 7, .* 8"),
        ({"labels": [0] * 19}, ValueError, r"labels: got shape \(19,\), wanted .* 20 images"),
        ({"labels": 0}, ValueError, r"labels: got shape \(\), wanted one for each"),
        ({"labels": [3] * 20}, ValueError, "labels: got 3, wanted a class from 0 to 1"),
        ({"labels": [0.5] * 20}, TypeError, "labels: got float64"),
    ],
)
def test_training_says_what_is_wrong_with_arrays(changes, error, message):
    given = {"images": np.zeros((20, *SMALL)), "labels": [0, 1] * 10, **changes}
    with pytest.raises(error, match=message):
        train(SMALL_SET, given["images"], given["labels"], ["a", "b"], name="mine")


# Rebuilding, and the command


def test_rebuild_writes_a_file_that_says_how_it_came_about(tiny_faces, tmp_path):
    path = rebuild(tiny_faces, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["tiny.safetensors"]
    net = classifiers.read(path)
    assert net.facts.pop("date")
    assert net.facts.pop("torch") == torch.__version__
    test = datasets.load("faces-att", split="test")
    measured = training.accuracy(net, torch.from_numpy(test.images), torch.from_numpy(test.labels))
    assert net.facts == {
        "command": "python -m inpaintlib.training tiny",
        "data": "AT&T faces",
        "training images": "280",
        "test images": "80",
        "accuracy": f"{measured:.4f}",
        "seed": "0",
        "parameters": str(sum(weights.numel() for weights in net.parameters())),
    }
    assert net.classes == test.classes
    assert net.data == "att"


@pytest.mark.parametrize(
    ("name", "scale", "shipped"),
    [
        ("averages-att", 1, classifiers.class_averages),
        ("part-averages-att", 255, classifiers.part_averages),
    ],
)
def test_rebuilt_averages_are_those_that_ship(name, scale, shipped, tmp_path):
    path = rebuild(name, tmp_path)
    with safe_open(path, framework="pt") as file:
        assert file.metadata()["command"] == f"python -m inpaintlib.training {name}"
        assert torch.equal(file.get_tensor("averages").float() / scale, shipped("att"))
    assert [file.name for file in tmp_path.iterdir()] == [f"{name}.safetensors"]


def test_the_command_prints_the_file_and_its_facts(tiny_faces, tmp_path, capsys):
    assert main([tiny_faces, "--folder", str(tmp_path)]) == 0
    first, *facts = capsys.readouterr().out.splitlines()
    assert first == str(tmp_path / "tiny.safetensors")
    assert "  data: AT&T faces" in facts
    assert any(fact.startswith("  accuracy: ") for fact in facts)


def test_the_command_without_the_full_data_says_how_to_get_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    for name, wanted in [
        ("digits-whole", "mnist"),
        ("averages-mnist", "mnist"),
        ("part-averages-mnist", "mnist"),
        ("faces-whole-yale", "faces-yale"),
    ]:
        assert main([name, "--folder", str(tmp_path)]) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"error: {wanted}: not found in the cache; set INPAINTLIB_DATA")
        assert f"python -m inpaintlib.datasets --download {wanted}`" in error
    assert not list(tmp_path.iterdir())


def test_the_command_wants_a_folder_before_it_trains(tiny_faces, tmp_path, capsys):
    assert main([tiny_faces, "--folder", str(tmp_path / "nowhere")]) == 1
    error = capsys.readouterr().err
    assert error == f"error: folder: got {tmp_path / 'nowhere'}, wanted one that exists\n"


def test_the_command_asks_the_folder_before_it_trains(tiny_faces, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(training, "_made", lambda *arguments: pytest.fail("trained first"))
    assert main([tiny_faces, "--folder", "/proc/self"]) == 1  # not even root can write there
    error = capsys.readouterr().err
    assert error.startswith("error: folder: got /proc/self, wanted one that can be written (")
    (tmp_path / "tiny.safetensors").mkdir()
    assert main([tiny_faces, "--folder", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"error: folder: got {tmp_path}, where tiny.safetensors is a folder\n"
    )


def test_the_command_lists_the_names_that_it_knows(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["digits"])
    error = capsys.readouterr().err
    assert all(name in error for name in (*TRAININGS, "averages-mnist", "part-averages-yale"))


def test_rebuild_names_what_it_knows(tmp_path):
    with pytest.raises(ValueError, match="name: got 'averages-cats', wanted one of digits-whole"):
        rebuild("averages-cats", tmp_path)


# Brightness


def test_a_gain_keeps_the_range_of_grey_values_and_differs_from_image_to_image():
    images = torch.full((400, *SMALL), 0.2)
    shown = brighten(images, most=4.0, generator=torch.Generator().manual_seed(0))
    levels = shown[:, 0, 0]
    assert torch.equal(shown, levels[:, None, None].expand_as(shown))
    assert 0.2 / 4 <= levels.min() < 0.06
    assert 0.7 < levels.max() <= 0.2 * 4
    assert abs(levels.log().mean() - torch.tensor(0.2).log()) < 0.1
    bright = brighten(0.9 * images / 0.2, most=4.0, generator=torch.Generator().manual_seed(0))
    assert bright.max() == 1


# Perturbations


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
@pytest.mark.parametrize("length", [0.1, 1.0, "one for each"])
def test_a_perturbation_keeps_its_length_and_the_range_of_values(digits, length, colour):
    images, labels = digits
    if colour:
        images = torch.stack([images, images.flip(1), 1 - images], dim=1)
    if length == "one for each":
        length = torch.linspace(0.1, 1.0, len(images))
    changed = perturb(trained((images, labels)), images, labels, length=length)
    lengths = (changed - images).flatten(1).norm(dim=1)
    assert (lengths <= length * 1.0001).all()
    assert (lengths > 0.2 * length).all()
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_a_perturbation_misleads_more_than_noise_of_the_same_length(digits):
    images, labels = digits
    net = trained(digits)
    changed = perturb(net, images, labels, length=1.0)
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    noise *= 1 / noise.flatten(1).norm(dim=1)[:, None, None]

    def loss(shown: Tensor) -> float:
        return torch.nn.functional.cross_entropy(net(shown), labels).item()

    assert loss(changed) > loss((images + noise).clamp(0, 1)) > 0
    assert loss(changed) > loss(images)


def test_robust_training_makes_other_weights(digits):
    settings = [
        {},
        {"robust": 0.5},
        {"robust": 0.5, "relative": True},
        {"robust": 0.5, "warm_up": 0.5},
    ]
    nets = [trained(digits, **setting) for setting in settings]
    assert not any(same(a, b) for a, b in itertools.combinations(nets, 2))


def test_a_loss_of_ones_own_is_minimised(digits):
    images, labels = digits

    def distance(scores: Tensor, labels: Tensor) -> Tensor:
        return ScoreDistance.penalty(scores, labels)

    usual, own = (trained(digits, loss=loss, epochs=20) for loss in (None, distance))
    assert not same(usual, own)
    assert distance(own(images), labels).mean() < distance(usual(images), labels).mean()
    assert training.accuracy(own, images, labels) > 0.5
    with pytest.raises(TypeError, match="loss: got str, wanted a function of scores"):
        replace(TINY, loss="square")


def test_a_relative_perturbation_spares_dark_images_and_grows_while_it_warms_up():
    setting = Training(
        collection="mnist",
        robust=0.1,
        relative=True,
        warm_up=0.5,
        epochs=1,
        batch=1,
        learning_rate=1,
    )
    images = torch.stack([torch.full((28, 28), 0.5), torch.full((28, 28), 0.05)])
    for progress, share in [(0.0, 0.0), (0.25, 0.05), (0.5, 0.1), (1.0, 0.1)]:
        lengths = training._perturbation(setting, images, progress=progress)
        torch.testing.assert_close(lengths, share * images.flatten(1).norm(dim=1))
