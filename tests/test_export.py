"""What the live pages load: whole, named by its content, small, and only what they can run."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any

import export
import numpy as np
import pytest
import torch

from inpaintlib import classifiers, datasets, experts, holes, recipes
from inpaintlib.energy import Binary
from inpaintlib.study import protocol

ENGINE = Path(__file__).parents[1] / "book" / "live"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "made" / "on the way"
    export.write(folder)
    return folder


@pytest.fixture(scope="module")
def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def entries(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of all files that the manifest names; a sum of classifiers has none."""
    averages = [file for each in manifest["averages"].values() for file in each["files"]]
    return [*(each for each in manifest["classifiers"].values() if "file" in each), *averages]


def size(manifest: dict[str, Any], name: str) -> int:
    """Bytes that a classifier loads, with its members."""
    entry = manifest["classifiers"][name]
    members = entry.get("members", [])
    return entry.get("bytes", 0) + sum(size(manifest, member["name"]) for member in members)


def decoded(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8)


def pixels(example: dict[str, Any]) -> np.ndarray:
    """The bytes of an example, which are deflated in the manifest."""
    content = zlib.decompress(base64.b64decode(example["pixels"]))
    return np.frombuffer(content, np.uint8).reshape(example["shape"])


def test_every_file_is_what_the_manifest_says_and_is_named_by_its_content(folder, manifest):
    listed = {entry["file"] for entry in entries(manifest)}
    assert listed | {"manifest.json"} == {path.name for path in folder.iterdir()}
    for entry in entries(manifest):
        content = (folder / entry["file"]).read_bytes()
        assert len(content) == entry["bytes"]
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert entry["file"].endswith(f"-{entry['sha256'][:10]}.bin")


def written(folder: Path, entry: dict[str, Any]) -> dict[str, np.ndarray]:
    """The tensors of a classifier's file, which holds one after the other and nothing else."""
    content = (folder / entry["file"]).read_bytes()
    tensors, read = {}, 0
    for tensor in entry["tensors"]:
        assert tensor["offset"] == read
        dtype = np.dtype(tensor["dtype"]).newbyteorder("<")
        values = np.frombuffer(content, dtype, int(np.prod(tensor["shape"])), read)
        tensors[tensor["name"]] = values.reshape(tensor["shape"])
        read += values.nbytes
    assert read == entry["bytes"]
    return tensors


@pytest.mark.parametrize("name", export.shown())
def test_weights_are_the_package_s_to_the_last_bit(folder, manifest, name):
    entry = manifest["classifiers"][name]
    net = classifiers.load(name).scores
    assert entry["classes"] == list(net.classes)
    assert entry["shape"] == list(net.shape)
    assert entry["data"] == net.data
    if entry["kind"] == "experts":
        wanted = experts.SUMS[name]
        assert {each["name"]: each["weight"] for each in entry["members"]} == wanted
        assert wanted.keys() <= manifest["classifiers"].keys()
        assert "file" not in entry
        return
    tensors = {key: torch.tensor(values) for key, values in written(folder, entry).items()}
    if entry["kind"] == "gaussians":
        assert entry["floor"] == net.floor
        for key in ("lengths", "middles"):
            assert torch.equal(tensors.pop(key), getattr(net, key))
    assert all(torch.equal(value, tensors[key]) for key, value in net.packed().items())
    copy = type(net).built(net.build())
    copy.unpack(tensors)
    for key, value in net.state_dict().items():
        assert torch.equal(copy.state_dict()[key], value), key


def test_no_judge_and_no_image_that_may_not_be_passed_on_is_written(manifest):
    assert not [name for name in manifest["classifiers"] if "judge" in name or "yale" in name]
    assert set(manifest["averages"]) == {"mnist", "att", "emoji"}
    credits = {example["credit"] for example in manifest["examples"].values()}
    assert len(credits) == 3
    assert "Yale" not in " ".join(credits)


@pytest.mark.parametrize("data", ["mnist", "att", "emoji"])
def test_averages_are_the_package_s(folder, manifest, data):
    entry = manifest["averages"][data]
    whole = classifiers.class_averages(data).numpy()
    parts = np.empty((len(whole), 0, *whole.shape[1:]))
    if data in classifiers.PARTED:
        parts = classifiers.part_averages(data).numpy()
    size = int(np.prod(entry["shape"]))
    for label, file in enumerate(entry["files"]):
        content = (folder / file["file"]).read_bytes()
        average = np.frombuffer(content, "<f2", size).reshape(entry["shape"])
        assert np.allclose(average, whole[label], atol=1e-3)
        rest = np.frombuffer(content, np.uint8, offset=2 * size)
        assert np.allclose(rest.reshape(parts[label].shape) / 255, parts[label], atol=0.5 / 255)
        assert entry["parts"] == len(parts[label])


def test_examples_are_bundled_images_with_their_labels(manifest):
    digits = datasets.load("digits", split="test")
    for label, title in enumerate(digits.classes):
        example = manifest["examples"][f"digit-{title}"]
        assert example["label"] == label
        image = pixels(example)
        assert np.allclose(image / 255, digits.of_class(label).images[0], atol=1e-6)
        row, column = example["centre"]
        assert image[row, column] > 127, "a square of the control hits ink"


def test_emoji_are_the_first_of_the_test_foundry_in_colour(manifest):
    shown = datasets.load("emoji", split="test")
    examples = [each for name, each in manifest["examples"].items() if name.startswith("emoji-")]
    assert len(examples) == 10
    for label, example in enumerate(examples):
        assert example["label"] == label
        assert example["title"] == f"emoji {shown.classes[label]}"
        assert example["centre"] == [16, 16]
        assert "EmojiOne" in example["credit"]
        assert "CC BY 4.0" in example["credit"]
        assert np.allclose(pixels(example) / 255, shown.of_class(label).images[0], atol=1e-6)


def test_dark_face_is_the_first_one_with_less_light(manifest):
    face, dark = (
        pixels(manifest["examples"][name]).astype(int) for name in ("face-s1", "face-dark")
    )
    assert (dark <= face).all()
    assert dark[:, :10].mean() < 0.1 * face[:, :10].mean()
    assert dark[:, -10:].mean() > 0.6 * face[:, -10:].mean()


@pytest.mark.parametrize("shape", [(28, 28), (32, 32)])
def test_holes_of_digits_and_emoji_are_the_package_s(manifest, shape):
    check_holes(manifest, holes.examples(shape), shape=shape)


def test_holes_of_faces_are_the_protocol_s(manifest):
    image = np.zeros((48, 42))
    wanted = {kind: make(image, 0, 0) for kind, make in protocol.KINDS["faces"].items()}
    check_holes(manifest, wanted, shape=(48, 42))


def check_holes(manifest, wanted: dict[str, holes.Hole], *, shape: tuple[int, int]) -> None:
    height, width = shape
    found = {
        kind: np.unpackbits(decoded(text), bitorder="little")[: height * width].reshape(shape)
        for kind, text in manifest["holes"][f"{height}x{width}"].items()
    }
    assert list(found) == [*wanted, "everything"]
    for kind, hole in wanted.items():
        assert np.array_equal(found[kind], hole), kind
    assert found["everything"].all()


def test_recipes_come_complete_and_their_classifiers_are_there(manifest):
    known = {name: recipe for name, recipe in recipes.RECIPES.items() if "yale" not in name}
    known["emoji"] = export.EMOJI
    assert list(manifest["recipes"]) == list(known)
    for name, settings in manifest["recipes"].items():
        wanted = json.loads(json.dumps(dataclasses.asdict(known[name])))
        assert wanted.pop("terms") == []
        net = manifest["classifiers"][settings["classifier"]]
        assert settings.keys() == {*wanted, "shape", "data"}
        assert wanted == {setting: settings[setting] for setting in wanted}
        assert settings["shape"] == net["shape"]
        assert settings["data"] == net["data"]


def test_recipe_of_the_emoji_is_the_one_that_its_chapter_writes_out():
    """It has a recipe for the reader's network, and what differs for the robust one."""
    notebook = ENGINE.parents[1] / "notebooks" / "17-your-own.ipynb"
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = "".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "code")
    plain = eval(
        re.search(r"plain = (Recipe\(.*?\n\))", code, re.S)[1], {**vars(recipes), "mine": "mine"}
    )
    calm = [eval(part) for part in re.findall(r"^calm \|?= (\{.*?\})", code, re.M)]
    assert len(calm) == 2
    assert dataclasses.replace(plain, **calm[0], **calm[1]) == export.EMOJI


#: What the playground alone loads.
PLAYGROUND = {"compare.js", "link.js", "photo.js", "playground.js", "presets.js", "upload.js"}


def test_only_the_playground_loads_what_is_its_own():
    rest = [path for path in ENGINE.glob("*.js") if path.name not in PLAYGROUND]
    for path in rest:
        static = re.findall(r'^import .* from "\./(.*?)"', path.read_text(encoding="utf-8"), re.M)
        assert not set(static) & PLAYGROUND, path.name


def test_panels_load_little_and_no_file_is_heavy(folder, manifest):
    """The engine with one network is as light as a picture.

    The experts of ``digits`` are not: what they know about whole digits is a thousand directions,
    each as large as an image. They load as the panel comes into view, with a bar. Faces have more
    pixels and more classes; their Gaussians load when a reader chooses them, or a chapter on faces.
    """
    comments = re.compile(r"^ *(//|/\*\*|\*).*\n", re.M)  # no page loads them
    scripts = [path for path in ENGINE.glob("*.js") if path.name not in PLAYGROUND]
    texts = [path.read_text(encoding="utf-8") for path in scripts]
    engine = sum(len(comments.sub("", text).encode()) for text in texts)
    first = engine + (folder / "manifest.json").stat().st_size
    loads = {
        name: first + size(manifest, each["classifier"])
        for name, each in manifest["recipes"].items()
    }
    assert max(loads[name] for name in ("paper-digits", "digits-mixture")) <= 270_000
    assert max(loads[name] for name in loads if "digits" in name) <= 2_000_000
    assert max(entry["bytes"] for entry in entries(manifest)) <= 4_500_000


def test_writing_again_changes_nothing(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    export.write(folder)
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_some_classifiers_alone(tmp_path, monkeypatch):
    export.write(tmp_path, names=["digits-robust"])
    assert len(list(tmp_path.glob("digits-*.bin"))) == 1
    assert not list(tmp_path.glob("faces-*"))


def test_a_sum_comes_with_its_members(tmp_path):
    export.write(tmp_path, names=["digits-experts"])
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    names = ["digits-absolute", "digits-experts", "digits-gaussians"]
    assert list(manifest["classifiers"]) == names
    assert len(list(tmp_path.glob("digits-*.bin"))) == 2


def test_it_runs_from_the_command_line(tmp_path, folder):
    export.main([str(tmp_path / "new")])
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {path.name for path in folder.iterdir()}


# Refused by name


@pytest.mark.parametrize(
    ("setting", "value"),
    [("content", "margin"), ("region", "rim"), ("start", "noise")],
)
def test_a_recipe_that_the_pages_cannot_run_is_refused(monkeypatch, tmp_path, setting, value):
    theirs = tuple(name for name in export.SUPPORTED[setting] if name != value)
    monkeypatch.setattr(export, "SUPPORTED", {**export.SUPPORTED, setting: theirs})
    new = dataclasses.replace(recipes.get("digits"), **{setting: value})
    monkeypatch.setattr(export, "RECIPES", {"tomorrow": new})
    message = f"recipe 'tomorrow': got {setting} '{value}', unknown to the live pages; they know"
    with pytest.raises(ValueError, match=message):
        export.write(tmp_path / "site")
    assert not list(tmp_path.rglob("*.json")), "nothing is written for a page that cannot work"


def test_a_recipe_with_a_setting_that_the_pages_do_not_know_is_refused(monkeypatch):
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Longer(recipes.Recipe):
        warm_up: float = 0.9

    usual = recipes.get("digits")
    plain = {field.name: getattr(usual, field.name) for field in dataclasses.fields(usual)}
    monkeypatch.setitem(export.RECIPES, "heavy", Longer(**plain))
    with pytest.raises(ValueError, match="recipe 'heavy': its setting warm_up is unknown"):
        export.recipes()


def test_a_recipe_with_a_classifier_of_one_s_own_is_refused(monkeypatch):
    own = dataclasses.replace(recipes.get("digits"), classifier=classifiers.load("digits-whole"))
    monkeypatch.setitem(export.RECIPES, "mine", own)
    with pytest.raises(ValueError, match="recipe 'mine': got a custom classifier"):
        export.recipes()


def test_a_recipe_with_terms_of_one_s_own_is_refused(monkeypatch):
    own = dataclasses.replace(recipes.get("digits"), terms=((0.1, Binary()),))
    monkeypatch.setitem(export.RECIPES, "mine", own)
    with pytest.raises(ValueError, match="recipe 'mine': got custom terms"):
        export.recipes()


def test_what_the_pages_can_do_is_what_recipes_can_say():
    settings = {field.name for field in dataclasses.fields(recipes.Recipe)}
    assert set(export.SETTINGS) == settings - {"terms"}
    assert set(export.SUPPORTED["start"]) == set(recipes.STARTS)
    assert set(export.SUPPORTED["region"]) == set(recipes.REGIONS)


@pytest.mark.parametrize("number", [-1, 10**6])
def test_a_digit_that_is_not_there_is_refused(number):
    with pytest.raises(ValueError, match=rf"number: got {number}, wanted one from 0 to \d+"):
        export.digit(number)


def test_an_unknown_classifier_is_refused(tmp_path):
    with pytest.raises(ValueError, match="nonsense"):
        export.write(tmp_path, names=["nonsense"])
