"""Training: reproducible from its seed, on windows as the paper says, and its command."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import pytest
import torch
from helpers import SMALL, few, pictures, seeds, untouched_random_numbers
from hypothesis import given
from safetensors import safe_open
from torch import Tensor

from inpaintlib import classifiers, datasets, training
from inpaintlib.classifiers import LeNet
from inpaintlib.training import (
    TRAININGS,
    Training,
    brighten,
    main,
    patch,
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


@pytest.mark.parametrize("length", [0.1, 1.0, "one for each"])
def test_a_perturbation_keeps_its_length_and_the_range_of_grey_values(digits, length):
    images, labels = digits
    if length == "one for each":
        length = torch.linspace(0.1, 1.0, len(images))
    changed = perturb(trained(digits), images, labels, length=length)
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
