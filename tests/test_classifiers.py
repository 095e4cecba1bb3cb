"""Classifiers: the LeNet itself, its file, and the weights that ship."""

from __future__ import annotations

import datetime
import os
import re
import shutil
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import SMALL, lenet, pictures
from safetensors import safe_open
from safetensors.torch import save_file
from torch.nn import functional

from inpaintlib import _files, classifiers, datasets, experts, gaussians
from inpaintlib.datasets import LEARNED
from inpaintlib.networks import SIZES, LeNet
from inpaintlib.training import PARTS, accuracy, with_files

ASSETS = Path(str(resources.files("inpaintlib"))) / "assets"

#: What the classifiers must reach on test images of the full sets.
LEAST = {
    "digits-whole": 0.990,
    "digits-patches": 0.988,
    "faces-whole-yale": 0.95,
    "faces-patches-yale": 0.92,
}

every_shipped = pytest.mark.parametrize("name", with_files())


def needs_its_data(name: str) -> pytest.ParameterSet:
    """The name of a classifier or of averages, marked if their data are not bundled."""
    bundled = name.endswith("att") or name.startswith("emoji")
    return pytest.param(name, marks=() if bundled else pytest.mark.full_data)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache of the tests' own, filled once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INPAINTLIB_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


# The network


@pytest.mark.parametrize(
    ("size", "shape", "parameters"),
    [
        ("lenet-5", (28, 28), 44_426),
        ("lenet", (28, 28), 431_080),
        ("lenet-5", (48, 42), 134_666),
    ],
)
def test_lenet_has_the_parameters_of_its_size(size, shape, parameters):
    net = LeNet(shape, [str(label) for label in range(10)], size=SIZES[size])
    assert sum(weights.numel() for weights in net.parameters()) == parameters


def test_lenet_is_convolution_relu_pooling_twice_and_dense_layers():
    net, images = lenet((20, 24), classes=3), pictures(2, 20, 24)
    weights = dict(net.named_parameters())

    def layer(kind: str, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        return weights[f"{kind}.{number}.weight"], weights[f"{kind}.{number}.bias"]

    x = images[:, None]
    for number in range(2):
        x = functional.conv2d(x, *layer("convolutions", number)).clamp(min=0)
        height, width = (side // 2 for side in x.shape[-2:])
        x = x[..., : 2 * height, : 2 * width].unfold(2, 2, 2).unfold(3, 2, 2).amax(dim=(-2, -1))
    x = x.reshape(2, -1)
    for number in range(2):
        x = functional.linear(x, *layer("dense", number)).clamp(min=0)
    torch.testing.assert_close(net(images), functional.linear(x, *layer("dense", 2)))


def test_probabilities_are_the_softmax_of_the_scores():
    net, images = lenet().requires_grad_(True), pictures(2, *SMALL)
    probabilities = classifiers.of(net).probabilities(images)
    torch.testing.assert_close(probabilities, net(images).softmax(dim=1))
    assert not probabilities.requires_grad


@pytest.mark.parametrize(
    "shape", [(15, 28), (28, 15), (3, 15, 28), (16, 16, 3), (28,), (1, 3, 28, 28)]
)
def test_lenet_wants_images_that_its_layers_can_take(shape):
    with pytest.raises(ValueError, match=rf"shape: got {re.escape(str(shape))}, wanted .* 16"):
        LeNet(shape, ["a", "b"])


def test_lenet_for_colour_adds_up_what_its_first_layer_sees_in_each_channel():
    net, images = lenet((3, *SMALL)), pictures(2, 3, *SMALL)
    grey = lenet()
    weights = net.state_dict()
    first = "convolutions.0.weight"
    mean = pictures(2, *SMALL)
    grey.load_state_dict({**weights, first: weights[first].sum(dim=1, keepdim=True)})
    same_in_all = mean.unsqueeze(1).expand(-1, 3, -1, -1)
    torch.testing.assert_close(net(same_in_all), grey(mean))
    assert not torch.allclose(net(images), net(images.flip(1)))


def test_a_lenet_of_one_channel_is_shown_it_as_it_is():
    net, grey = lenet((1, *SMALL)), lenet()
    images = pictures(2, *SMALL)
    assert torch.equal(net(images.unsqueeze(1)), grey(images))


# The file


@pytest.fixture(params=[(16, 18), (3, 16, 18)], ids=["grey", "colour"])
def net(request) -> LeNet:
    """A classifier with weights that are exact in half precision, as training leaves them."""
    made = lenet(request.param, classes=3, data="mnist").half().float()
    made.name, made.size = "mine", SIZES["lenet-5"]
    return made


def test_a_saved_classifier_is_read_back_bit_identical(net, tmp_path):
    path = tmp_path / "mine.safetensors"
    classifiers.save(net, path, facts={"seed": "7"})
    back = classifiers.read(path)
    assert list(back.state_dict()) == list(net.state_dict())
    assert all(
        torch.equal(back.state_dict()[key], value) for key, value in net.state_dict().items()
    )
    for fact in ("shape", "classes", "size", "name", "data"):
        assert getattr(back, fact) == getattr(net, fact)
    assert back.facts == {"seed": "7"}
    images = pictures(2, *net.shape).float()
    assert torch.equal(back(images), net(images))


def test_a_classifier_that_was_read_is_ready_to_use(net, tmp_path):
    classifiers.save(net.train(), tmp_path / "mine.safetensors", facts={})
    back = classifiers.read(tmp_path / "mine.safetensors")
    assert not back.training
    for weights in back.parameters():
        assert weights.dtype == torch.float32
        assert not weights.requires_grad


def test_a_file_is_as_small_as_half_precision_makes_it(net, tmp_path):
    path = tmp_path / "mine.safetensors"
    classifiers.save(net, path, facts={})
    parameters = sum(weights.numel() for weights in net.parameters())
    assert path.stat().st_size < 2 * parameters + 2000


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_save_leaves_the_old_file(step, net, tmp_path, monkeypatch):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(b"old")

    def fail(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="disk full"):
        classifiers.save(net, path, facts={})
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {path.name: b"old"}


def spoil(net: LeNet, weight: float) -> None:
    with torch.no_grad():
        net.dense[-1].bias[0] = weight


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), 1e9])  # too large for half
def test_what_could_not_be_read_back_replaces_nothing(weight, net, tmp_path):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(b"old")
    spoil(net, weight)
    with pytest.raises(ValueError, match=r"dense\.2\.bias"):
        classifiers.save(net, path, facts={})
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {path.name: b"old"}


@pytest.mark.parametrize(
    ("facts", "error", "message"),
    [
        ({"seed": 1}, TypeError, "facts: got 'seed': 1, wanted names and texts"),
        ({"build": "{}"}, ValueError, "facts: got 'build', wanted names other than build, sha256"),
    ],
)
def test_facts_are_texts_and_leave_the_files_own_names_alone(facts, error, message, net, tmp_path):
    with pytest.raises(error, match=message):
        classifiers.save(net, tmp_path / "mine.safetensors", facts=facts)
    assert list(tmp_path.iterdir()) == []


def test_a_saved_file_has_the_umasks_mode_and_nothing_of_the_users_is_touched(net, tmp_path):
    beside = tmp_path / "mine.unfinished"
    beside.write_text("the user's", encoding="utf-8")
    before = os.umask(0o027)
    try:
        classifiers.save(net, tmp_path / "mine.safetensors", facts={})
    finally:
        os.umask(before)
    assert (tmp_path / "mine.safetensors").stat().st_mode & 0o777 == 0o640
    assert beside.read_text("utf-8") == "the user's"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("place", ["", ".", "none/mine.safetensors", None, 7, b"mine"])
def test_a_place_where_no_file_can_be_is_named_before_anything_is_written(
    place, net, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((OSError, TypeError), match=r"path: got .*, (wanted|where) "):
        classifiers.save(net, place, facts={})
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_followed(net, tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link.safetensors").symlink_to(tmp_path / "target")
    classifiers.save(net, tmp_path / "link.safetensors", facts={})
    assert (tmp_path / "link.safetensors").is_symlink()
    assert classifiers.read(tmp_path / "target").classes == net.classes


def test_a_flipped_bit_is_noticed(net, tmp_path):
    path = tmp_path / "mine.safetensors"
    classifiers.save(net, path, facts={})
    raw = bytearray(path.read_bytes())
    raw[-1001] ^= 1
    path.write_bytes(raw)
    with pytest.raises(ValueError, match="do not have the SHA-256 that it names"):
        classifiers.read(path)


@pytest.fixture
def own_assets(tmp_path, monkeypatch) -> Path:
    """A copy of the shipped files, to be spoiled."""
    shutil.copytree(resources.files("inpaintlib") / "assets", tmp_path / "assets")
    monkeypatch.setattr(_files.resources, "files", lambda package: tmp_path)
    return tmp_path / "assets"


@pytest.mark.parametrize(
    ("file", "use"),
    [
        ("digits-robust.safetensors", lambda: classifiers._network("digits-robust")),
        ("averages-mnist.safetensors", lambda: classifiers.class_averages("mnist")),
        ("part-averages-mnist.safetensors", lambda: classifiers.part_averages("mnist")),
        ("mnist-sample.npz", lambda: datasets.load("digits")),
    ],
)
@pytest.mark.parametrize("damage", ["flipped", "missing", "unlisted"])
def test_shipped_files_are_checked_against_their_list(file, use, damage, own_assets):
    if damage == "flipped":
        raw = bytearray((own_assets / file).read_bytes())
        raw[-1001] ^= 1
        (own_assets / file).write_bytes(raw)
    elif damage == "missing":
        (own_assets / file).unlink()
    else:
        text = (own_assets / "README.md").read_text("utf-8").replace(f"`{file}`", "")
        (own_assets / "README.md").write_text(text, "utf-8")
    with pytest.raises(datasets.DataError, match=f"{file} cannot be read .*; install inpaintlib"):
        use()


def without_metadata(path: Path, net: LeNet) -> None:
    save_file(net.state_dict(), path)


def truncated(path: Path, net: LeNet) -> None:
    classifiers.save(net, path, facts={})
    path.write_bytes(path.read_bytes()[:-100])


def changed(path: Path, change: Callable[[dict], object]) -> None:
    """Write a file as before there was a checksum, its weights changed."""
    with safe_open(path, framework="pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        metadata = {"build": file.metadata()["build"]}
    change(tensors)
    save_file(tensors, path, metadata=metadata)


def without_a_weight(path: Path, net: LeNet) -> None:
    classifiers.save(net, path, facts={})
    changed(path, lambda tensors: tensors.pop("dense.2.bias"))


def of_other_weights(path: Path, net: LeNet) -> None:
    classifiers.save(net, path, facts={})
    changed(path, lambda tensors: tensors.update({"dense.2.bias": torch.zeros(5)}))


@pytest.mark.parametrize(
    "make",
    [
        lambda path, net: None,
        lambda path, net: path.write_bytes(b"no weights"),
        lambda path, net: path.write_bytes(b""),
        lambda path, net: save_file({"x": torch.zeros(1)}, path, metadata={"build": "{}"}),
        lambda path, net: save_file({"x": torch.zeros(1)}, path, metadata={"build": "[]"}),
        lambda path, net: save_file({"x": torch.zeros(1)}, path, metadata={"build": "{"}),
        without_metadata,
        truncated,
        without_a_weight,
        of_other_weights,
    ],
    ids=[
        "missing",
        "other",
        "empty",
        "incomplete",
        "list",
        "broken JSON",
        "without metadata",
        "truncated",
        "without a weight",
        "of other weights",
    ],
)
def test_a_file_that_is_no_classifiers_is_a_clear_error(make, net, tmp_path):
    path = tmp_path / "mine.safetensors"
    make(path, net)
    message = f"{re.escape(str(path))}: not a classifier's weights .*; rebuild it with python -m"
    with pytest.raises(ValueError, match=re.compile(message, re.DOTALL)):
        classifiers.read(path)


# Names


def test_unknown_names_are_told_the_known_ones():
    with pytest.raises(
        ValueError, match=r"classifier: got 'digit', wanted one of .*digits-patches"
    ):
        classifiers.load("digit")
    with pytest.raises(ValueError, match="classifier: got 'faces-half', wanted one of "):
        classifiers.load("faces-half")
    with pytest.raises(ValueError, match="data: got 'cats', wanted one of mnist, yale, att"):
        classifiers.class_averages("cats")
    with pytest.raises(ValueError, match="data: got 'cats', wanted one of mnist, yale, att"):
        classifiers.part_averages("cats")


@pytest.mark.parametrize("kind", ["whole", "patches", "robust", "judge"])
@pytest.mark.parametrize("collection", ["att", "yale"])
def test_the_set_of_the_images_decides_which_faces_a_classifier_knows(kind, collection):
    name = f"faces-{kind}-{collection}"
    loaded = classifiers.load(f"faces-{kind}", data=f"faces-{collection}")
    assert (loaded.name, loaded.origin) == (name, collection)
    assert repr(loaded) == f"<Classifier {name}: {len(loaded.classes)} classes of 48×42>"


def test_a_shipped_classifier_brings_the_averages_of_its_set():
    loaded = classifiers.load("digits-robust")
    assert torch.equal(loaded.averages, classifiers.class_averages("mnist"))
    assert torch.equal(loaded.parts, classifiers.part_averages("mnist"))


# What ships


def test_exactly_the_trainings_ship():
    files = {file.stem for file in ASSETS.glob("*.safetensors") if "averages" not in file.stem}
    assert files == set(with_files())
    made = {*classifiers.FITTED, *experts.SUMS}
    assert set(classifiers.names()) == files | made
    assert not files & made
    assert set(classifiers.FITTED) == set(gaussians.FITS) - files


def test_all_weights_together_stay_small():
    assert sum(file.stat().st_size for file in ASSETS.glob("*.safetensors")) < 16e6


@every_shipped
def test_shipped_weights_say_how_they_came_about(name):
    loaded, training = classifiers.load(name), with_files()[name]
    net = loaded.scores
    assert (loaded.name, loaded.origin) == (name, training.collection)
    assert (net.name, net.data) == (name, training.collection)
    if isinstance(net, LeNet):
        assert net.size == training.size
    shapes = {"mnist": (28, 28), "yale": (48, 42), "att": (48, 42), "emoji": (3, 32, 32)}
    assert net.shape == shapes[training.collection]
    classes = {"mnist": 10, "yale": 38, "att": 40, "emoji": 40}
    assert len(net.classes) == classes[training.collection]
    facts = loaded.facts
    assert facts["command"] == f"python -m inpaintlib.training {name}"
    titles = {"mnist": "MNIST", "yale": "Extended Yale B", "att": "AT&T faces", "emoji": "Emoji"}
    assert facts["data"] == titles[training.collection]
    counts = {
        "mnist": ("55006", "10000"),
        "yale": ("1502", "608"),
        "att": ("280", "80"),
        "emoji": ("240", "40"),
    }
    assert (facts["training images"], facts["test images"]) == counts[training.collection]
    assert facts["seed"] == str(training.seed)
    weights = net.state_dict().values()
    assert facts["parameters"] == str(sum(numbers.numel() for numbers in weights))
    assert datetime.date.fromisoformat(facts["date"])
    assert LEAST.get(name, 0.5) <= float(facts["accuracy"]) <= 1


@every_shipped
def test_shipped_weights_are_finite(name):
    weights = classifiers.load(name).scores.state_dict().values()
    assert all(numbers.isfinite().all() for numbers in weights)


@pytest.mark.parametrize("name", [needs_its_data(name) for name in with_files()])
def test_accuracy_on_all_test_images_is_what_the_file_says(name, cache):
    net = classifiers.load(name)
    test = datasets.load(LEARNED[with_files()[name].collection], split="test")
    assert test.classes == net.classes
    measured = accuracy(net.scores, torch.from_numpy(test.images), torch.from_numpy(test.labels))
    assert abs(measured - float(net.facts["accuracy"])) <= 0.0005
    assert measured >= LEAST.get(name, 0.5)


@pytest.mark.parametrize("collection", [needs_its_data(name) for name in classifiers.AVERAGED])
def test_shipped_averages_are_those_of_the_training_images(collection, cache):
    train = datasets.load(LEARNED[collection], split="train")
    assert train.collection == collection
    np.testing.assert_allclose(
        classifiers.class_averages(collection), datasets.class_averages(train), atol=0.0003
    )
    if collection not in classifiers.PARTED:
        return
    parts, smallest = PARTS[collection]
    np.testing.assert_allclose(
        classifiers.part_averages(collection),
        datasets.part_averages(train, parts=parts, smallest=smallest),
        atol=0.51 / 255,
    )


@pytest.mark.parametrize(
    ("collection", "shape"),
    [
        ("mnist", (10, 28, 28)),
        ("yale", (38, 48, 42)),
        ("att", (40, 48, 42)),
        ("emoji", (40, 3, 32, 32)),
    ],
)
def test_class_averages_are_images_of_each_class(collection, shape):
    averages = classifiers.class_averages(collection)
    assert averages.dtype == torch.float32
    assert tuple(averages.shape) == shape
    assert averages.min() >= 0
    assert averages.max() <= 1


@pytest.mark.parametrize("collection", classifiers.PARTED)
def test_part_averages_are_grey_images_of_each_part_of_a_class(collection):
    averages = classifiers.part_averages(collection)
    assert averages.dtype == torch.float32
    classes, *shape = classifiers.class_averages(collection).shape
    assert tuple(averages.shape) == (classes, PARTS[collection][0], *shape)
    assert averages.min() >= 0
    assert averages.max() <= 1
