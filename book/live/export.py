"""Export: the files with which the book's live pages run the descent in the reader's browser.

``python book/live/export.py FOLDER`` writes the weights as plain little-endian numbers, as small as
those that ship, the class and part averages, example images, holes, and ``manifest.json``, which
lists the files and all settings of every recipe. ``types.d.ts`` in the same folder describes the
manifest; ``model.js``, also there, reads it. A file's name holds a part of its SHA-256, so that a
browser never mixes an old file with a new one. The files are build products. Explained in the
chapter *Data and classifiers*.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import inpaintlib
from inpaintlib import classifiers, datasets, gaussians, holes
from inpaintlib.classifiers import Classifier
from inpaintlib.datasets import Dataset
from inpaintlib.experts import Experts
from inpaintlib.holes import Hole
from inpaintlib.networks import Gaussians, Network, kind
from inpaintlib.recipes import RECIPES, Recipe
from inpaintlib.study import protocol

#: Increased whenever a page of the book cannot read the files of an older version of this module.
FORMAT = 4

#: The values that the engine supports, by the setting of :class:`inpaintlib.recipes.Recipe`. The
#: engine's own tables have the same names, as a test checks.
SUPPORTED: Mapping[str, tuple[str, ...]] = {
    "content": ("probabilities", "scores", "cross-entropy", "margin", "negative-score"),
    "region": ("image", "rim"),
    "start": (
        "harmonic",
        "class-average",
        "blended-class-average",
        "part-mixture",
        "constant",
        "noise",
    ),
}

#: The settings that the engine supports; it has no custom terms.
SETTINGS = (
    "classifier",
    "content",
    "total_variation",
    "region",
    "rim_width",
    "binary",
    "binary_begin",
    "start",
    "start_value",
    "step_size",
    "max_steps",
    "momentum",
    "tolerance",
    "jitter",
    "patches",
    "window_sides",
)

#: The collections that the published pages show; the images of the others may not be redistributed.
COLLECTIONS = ("mnist", "att", "emoji")

#: The recipe of the pages alone, for drawings in colour – the one that the chapter *Your own
#: classifier and images* writes out for its robust network.
EMOJI = Recipe(
    classifier="emoji-robust",
    content="negative-score",
    total_variation=0.03,
    start="harmonic",
    step_size=0.01,
    max_steps=40,
    tolerance=0.0,
    jitter=1,
)

_DIGIT, _FACE, _EMOJI = (28, 28), (48, 42), (32, 32)

#: The sets with examples: the name of an example, and the number of classes with one.
_EXAMPLES = {"digits": ("digit", 10), "faces-att": ("face", 8), "emoji": ("emoji", 10)}

#: The direction of the dark face's lamp, in degrees to the right of the camera.
_AZIMUTH = 75

#: The ambient light of the dark face, as a part of the lamp's light.
_AMBIENT = 0.03

_CREDITS = {
    "digits": "MNIST, by Y. LeCun, C. Cortes and C. J. C. Burges, CC BY-SA 3.0",
    "faces-att": "AT&T Laboratories Cambridge",
    "emoji": "EmojiOne 2.3, by Emoji One, CC BY 4.0, reduced to 32×32 pixels",
}


def shown() -> tuple[str, ...]:
    """Return the pages' classifiers: those of :data:`COLLECTIONS`, without judges.

    Judges only score results, see the page *How results are scored*.
    """
    theirs = (name for name in classifiers.names() if "judge" not in name)
    return tuple(name for name in theirs if _collection(name) in COLLECTIONS)


def _collection(name: str) -> str | None:
    """Return the collection of a classifier, without fitting it: its images may not be here."""
    return gaussians.FITS[name].collection if name in gaussians.FITS else _loaded(name).origin


@cache
def _loaded(name: str) -> Classifier:
    return classifiers.load(name)


def write(folder: Path, *, names: Iterable[str] | None = None) -> None:
    """Write all files of the pages into a folder.

    Args:
        folder: Made if it is missing. Files of an earlier export stay.
        names: The classifiers, those of :func:`shown` if None. No image of Extended Yale B is
            written in any case.

    Raises:
        ValueError: A recipe asks for something that the pages cannot do; the message has its name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    nets = _with_members(_network(name) for name in (shown() if names is None else names))
    shapes = (_DIGIT, _FACE, _EMOJI)
    manifest = {
        "format": FORMAT,
        "supports": {**SUPPORTED, "settings": SETTINGS},
        "recipes": recipes(),
        "classifiers": {net.name: _classifier(folder, net) for net in nets},
        "averages": {data: _averages(folder, data) for data in sorted({net.data for net in nets})},
        "examples": examples(),
        "holes": {"x".join(map(str, shape)): _holes(shape) for shape in shapes},
    }
    text = json.dumps(manifest, ensure_ascii=False, separators=(",", ":"))
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def sources() -> list[Path]:
    """Return the files that the result of :func:`write` depends on: code, weights and images."""
    package = Path(inpaintlib.__file__).parent
    assets = (path for path in (package / "assets").iterdir() if path.suffix != ".md")
    return sorted([Path(__file__), Path(protocol.__file__), *package.glob("*.py"), *assets])


def recipes() -> dict[str, dict[str, Any]]:
    """Return the recipes that the engine can run, for :data:`COLLECTIONS`, by name.

    Raises:
        ValueError: A recipe asks for something that the pages cannot do; the message has its name.
    """
    return {
        name: _recipe(name, recipe)
        for name, recipe in {**RECIPES, "emoji": EMOJI}.items()
        if not isinstance(recipe.classifier, str) or _collection(recipe.classifier) in COLLECTIONS
    }


def _recipe(name: str, recipe: Recipe) -> dict[str, Any]:
    settings = {field.name: getattr(recipe, field.name) for field in fields(recipe)}
    if settings.pop("terms"):
        raise ValueError(f"recipe {name!r}: got custom terms, unknown to the live pages")
    for setting in settings:
        if setting not in SETTINGS:
            raise ValueError(f"recipe {name!r}: its setting {setting} is unknown to the live pages")
    for setting, supported in SUPPORTED.items():
        if settings[setting] not in supported:
            raise ValueError(
                f"recipe {name!r}: got {setting} {settings[setting]!r}, unknown to the live pages; "
                f"they know {', '.join(supported)}"
            )
    if not isinstance(recipe.classifier, str):
        raise ValueError(f"recipe {name!r}: got a custom classifier, wanted a shipped one")
    net = _loaded(recipe.classifier)
    return {**settings, "shape": net.shape, "data": net.origin}


def _network(name: str) -> Network:
    """Return the network of a shipped classifier."""
    net = _loaded(name).scores
    assert isinstance(net, Network)
    return net


def _with_members(nets: Iterable[Network]) -> list[Network]:
    """Return networks and the members of those that are sums, each once, by their names."""
    found: dict[str, Network] = {}
    for net in nets:
        members = net.members if isinstance(net, Experts) else ()
        found |= {each.name: each for each in (net, *members) if isinstance(each, Network)}
    return [found[name] for name in sorted(found)]


def _classifier(folder: Path, net: Network) -> dict[str, Any]:
    """Write a classifier's weights; return its entry in the manifest."""
    about: dict[str, Any] = {"shape": net.shape, "classes": net.classes, "data": net.data}
    if isinstance(net, Experts):
        pairs = zip(net.members, net.weights, strict=True)
        members = [{"name": member.name, "weight": weight} for member, weight in pairs]
        return {"kind": "experts", **about, "members": members}
    tensors = net.packed()
    if isinstance(net, Gaussians):
        # Two products that Python keeps in single precision; a page's own would differ in the end.
        tensors |= {"lengths": net.lengths, "middles": net.middles}
        about["floor"] = net.floor
    arrays = {key: value.numpy() for key, value in tensors.items()}
    little = {key: array.astype(array.dtype.newbyteorder("<")) for key, array in arrays.items()}
    offsets = np.cumsum([0, *(array.nbytes for array in little.values())])
    return {
        **_write(folder, net.name, b"".join(array.tobytes() for array in little.values())),
        "kind": kind(net),
        **about,
        "tensors": [
            {"name": key, "shape": array.shape, "offset": int(offset), "dtype": array.dtype.name}
            for (key, array), offset in zip(arrays.items(), offsets, strict=False)
        ],
    }


def _averages(folder: Path, data: str) -> dict[str, Any]:
    """Write a file for each class: its average in half precision, then its parts' as bytes."""
    whole = classifiers.class_averages(data).numpy().astype("<f2")
    parts = np.empty((len(whole), 0, *whole.shape[1:]), np.uint8)
    if data in classifiers.PARTED:
        parts = np.rint(classifiers.part_averages(data).numpy() * 255).astype(np.uint8)
    files = [
        _write(folder, f"{data}-averages-{label}", whole[label].tobytes() + parts[label].tobytes())
        for label in range(len(whole))
    ]
    return {"shape": whole.shape[1:], "parts": parts.shape[1], "files": files}


def digit(number: int) -> dict[str, Any]:
    """Return a bundled test digit as an example, for a panel that shows a chapter's own.

    Args:
        number: Which, counted from 0.

    Raises:
        ValueError: There is no such digit.
    """
    data = datasets.load("digits", split="test")
    if not 0 <= number < len(data):
        raise ValueError(f"number: got {number}, wanted one from 0 to {len(data) - 1}")
    return _example(data, number)


def _example(data: Dataset, number: int) -> dict[str, Any]:
    """Return an image as an entry of the manifest."""
    image, label = data.images[number], int(data.labels[number])
    return {
        "title": f"{_EXAMPLES[data.name][0]} {data.classes[label]}",
        "shape": image.shape,
        "label": label,
        "pixels": _pixels(image),
        "centre": _centre(data, image),
        "credit": _CREDITS[data.name],
    }


@cache
def examples() -> dict[str, Any]:
    """Return the examples by name, from the sets that are bundled and may be passed on."""
    examples = {}
    for name, (noun, count) in _EXAMPLES.items():
        data = datasets.load(name, split="test")
        for label, title in enumerate(data.classes[:count]):
            examples[f"{noun}-{title}"] = _example(data.of_class(label), 0)
    faces = datasets.load("faces-att", split="test")
    examples["face-dark"] = {
        **examples[f"face-{faces.classes[0]}"],
        "title": f"face {faces.classes[0]} in simulated side light",
        "pixels": _pixels(_side_light(faces.of_class(0).images[0])),
    }
    return examples


def _side_light(image: NDArray[np.float32]) -> NDArray[np.floating]:
    """Return a face lit by a lamp at one side, as if heads were upright cylinders.

    A column is lit by Lambert's law, with some ambient light.
    """
    columns = (2 * np.arange(image.shape[1]) + 1) / image.shape[1] - 1
    lambert = np.cos(np.arcsin(columns) - np.deg2rad(_AZIMUTH)).clip(0)
    return image * (_AMBIENT + (1 - _AMBIENT) * lambert)


def _centre(data: Dataset, image: NDArray[np.float32]) -> Sequence[int]:
    """Return the centre of a square hole: a digit's ink nearest to its middle, else the middle."""
    if data.collection != "mnist":
        return image.shape[-2] // 2, image.shape[-1] // 2
    ink = np.argwhere(image > 0.5)
    nearest = np.linalg.norm(ink - ink.mean(axis=0), axis=1).argmin()
    return tuple(ink[nearest].tolist())


def _holes(shape: tuple[int, int]) -> dict[str, str]:
    """Return the holes of :func:`kinds`, one bit per pixel, the first pixel in the lowest bit."""
    return {
        kind: _base64(np.packbits(hole, bitorder="little").tobytes())
        for kind, hole in kinds(shape).items()
    }


def kinds(shape: tuple[int, int]) -> dict[str, Hole]:
    """Return holes by their kinds.

    Faces get the kinds of the protocol, the others one of each kind in the book's galleries.
    """
    found = _face_holes() if shape == _FACE else holes.examples(shape)
    return {**found, "everything": holes.everything(shape)}


def _face_holes() -> dict[str, Hole]:
    """Return the first hole of each kind that the protocol has for faces."""
    makers = protocol.KINDS["faces"]
    return {kind: make(np.zeros(_FACE), 0, 0) for kind, make in makers.items()}


def _write(folder: Path, name: str, content: bytes) -> dict[str, Any]:
    """Write a file whose name holds a part of its hash; return its entry in the manifest."""
    digest = hashlib.sha256(content).hexdigest()
    file = f"{name}-{digest[:10]}.bin"
    unfinished = folder / f"{file}.unfinished"
    unfinished.write_bytes(content)
    unfinished.replace(folder / file)
    return {"file": file, "bytes": len(content), "sha256": digest}


def _pixels(image: NDArray[np.floating]) -> str:
    """Return an image as deflated bytes; on paper of one colour that is a third of them."""
    return _base64(zlib.compress(np.rint(image * 255).astype(np.uint8).tobytes(), 9))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python book/live/export.py", description="Write what the live pages load."
    )
    parser.add_argument("folder", type=Path, help="made if it is missing")
    write(parser.parse_args(arguments).folder)


if __name__ == "__main__":
    main()
