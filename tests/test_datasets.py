"""Datasets: what is bundled, what is read from full sets, and what is said when they are broken.

The full sets are stood in for by tiny ones, written here, whose sizes and hashes the reader is told
to expect. Tests marked ``full_data`` read the real ones.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import http.server
import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pooch
import pytest

from inpaintlib import _cache, _files, _readers, datasets
from inpaintlib.datasets import DataError, Dataset

pytestmark = pytest.mark.usefixtures("bundled_only")

FULL_DATA = os.environ.get("INPAINTLIB_DATA")
SPLITS = ("train", "validation", "test")
ASSETS = Path(str(resources.files("inpaintlib"))) / "assets"
LIGHTS = [
    f"A{azimuth:+04d}E{elevation:+03d}" for azimuth in (-20, 0, 35, 110) for elevation in (-5, 40)
]
PEOPLE = ("yaleB01", "yaleB13")


@pytest.fixture
def cache(tmp_path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """The folder that INPAINTLIB_DATA names."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("INPAINTLIB_DATA", str(folder))
    return folder


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.astype(np.uint8).tobytes()


def pgm(image: np.ndarray) -> bytes:
    height, width = image.shape
    return b"P5\n%d %d\n255\n" % (width, height) + image.astype(np.uint8).tobytes()


@pytest.fixture
def digits(data, monkeypatch) -> dict[str, np.ndarray]:
    """A tiny MNIST in `data`, and what is in it."""
    random = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", 120), ("test", 20)):
        arrays[f"{split}_images"] = random.integers(0, 256, (count, 28, 28))
        arrays[f"{split}_labels"] = np.arange(count) % 10
    expected = {}
    for key, array in arrays.items():
        name, raw = _readers.MNIST_FILES[key].name, idx(array)
        (data / name).write_bytes(gzip.compress(raw))
        expected[key] = _readers.IdxFile(name, array.shape, hashlib.sha256(raw).hexdigest())
    monkeypatch.setattr(_readers, "MNIST_FILES", expected)
    return arrays


@pytest.fixture
def photographs(monkeypatch) -> dict[str, np.ndarray]:
    """A tiny Extended Yale B: two people in eight lights each, in no particular order."""
    random = np.random.default_rng(1)
    names = [f"{person}_P00{light}.pgm" for person in PEOPLE for light in LIGHTS]
    images = {name: random.integers(0, 256, _readers.YALE_SIZE) for name in reversed(names)}
    pixels = b"".join(images[name].astype(np.uint8).tobytes() for name in sorted(images))
    monkeypatch.setattr(_readers, "YALE_PEOPLE", len(PEOPLE))
    monkeypatch.setattr(_readers, "YALE_IMAGES", len(images))
    monkeypatch.setattr(_readers, "YALE_SHA256", hashlib.sha256(pixels).hexdigest())
    return images


def yale_files(photographs: dict[str, np.ndarray]) -> dict[str, bytes]:
    """The files of an Extended Yale B, strays among them."""
    files = {f"{name[:7]}/{name}": pgm(image) for name, image in photographs.items()}
    return files | {
        "yaleB01/yaleB01_P00_Ambient.pgm": pgm(np.zeros(_readers.YALE_SIZE)),
        "yaleB13/yaleB13_P00A+050E-40.pgm.bad": b"damaged",
        "yaleB13/yaleB13_P00.info": b"yaleB13_P00A+050E-40.pgm",
        "yaleB01/WS_FTP.LOG": b"stray",
        "yaleB13/DEADJOE": b"stray",
    }


def write_zip(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(f"CroppedYale/{name}", raw)


def write_folder(path: Path, files: dict[str, bytes]) -> None:
    for name, raw in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(raw)


@pytest.fixture
def faces(data, photographs) -> Path:
    """The tiny Extended Yale B as an archive in `data`."""
    write_zip(data / "CroppedYale.zip", yale_files(photographs))
    return data / "CroppedYale.zip"


def fails(name: str = "mnist", split: str = "train") -> str:
    """Load what must not load, and give the one line that is said about it."""
    with pytest.raises(DataError) as caught:
        datasets.load(name, split=split)
    message = str(caught.value)
    assert "\n" not in message
    return message


def leftovers(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir()) if cache.is_dir() else []


# What is bundled


@pytest.mark.parametrize(
    ("name", "split", "collection", "of_each", "shape"),
    [
        ("digits", "train", "mnist", 459, (4590, 28, 28)),
        ("digits", "validation", "mnist", 41, (410, 28, 28)),
        ("digits", "test", "mnist", 100, (1000, 28, 28)),
        ("faces-att", "train", "att", 7, (280, 48, 42)),
        ("faces-att", "validation", "att", 1, (40, 48, 42)),
        ("faces-att", "test", "att", 2, (80, 48, 42)),
    ],
)
def test_bundled_sample(name, split, collection, of_each, shape):
    sample = datasets.load(name, split=split)
    assert (sample.name, sample.collection, sample.split) == (name, collection, split)
    assert sample.images.shape == shape
    assert sample.images.dtype == np.float32
    assert 0 <= sample.images.min() < 0.1
    assert 0.8 < sample.images.max() <= 1
    assert sample.labels.dtype == np.int64
    assert np.bincount(sample.labels).tolist() == [of_each] * len(sample.classes)
    assert sample.details.dtype.kind == "U"
    assert "bundled" in sample.origin
    assert len(np.unique(sample.images, axis=0)) == len(sample)


def test_bundled_classes_and_details():
    digits = datasets.load("digits", split="test")
    assert digits.classes == tuple("0123456789")
    indices = digits.details.astype(int)
    assert (np.diff(indices) > 0).all()
    assert indices[0] == 0
    faces = datasets.load("faces-att", split="test")
    assert faces.classes == tuple(f"s{number}" for number in range(1, 41))
    assert set(faces.details) == {"4", "8"}
    train = datasets.load("faces-att")
    assert set(train.details) == {"1", "2", "3", "5", "7", "9", "10"}


def test_bundled_files_are_those_of_the_table():
    readme = (ASSETS / "README.md").read_text(encoding="utf-8")
    samples = readme.split("## Samples")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\S+)` \| ([\d,]+) \| `([0-9a-f]{64})` \|$", samples, re.MULTILINE)
    assert {name for name, _, _ in rows} == {
        "mnist-sample.npz",
        "att.npz",
        "emoji.npz",
        "emoji-credits.csv",
    }
    for name, size, sha256 in rows:
        raw = (ASSETS / name).read_bytes()
        assert hashlib.sha256(raw).hexdigest() == sha256
        assert len(raw) == int(size.replace(",", ""))
    assert sum((ASSETS / name).stat().st_size for name, _, _ in rows) <= 4_000_000


def test_faces_are_reduced_by_exact_areas():
    tool = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "bundle_samples.py"))
    weights = tool["box_weights"](7, 2, 2.5)
    assert weights.tolist() == [[0, 0.4, 0.4, 0.2, 0, 0, 0], [0, 0, 0, 0.2, 0.4, 0.4, 0]]
    rows, columns = np.mgrid[:112, :92]
    reduced = tool["reduce_face"]((rows + columns).astype(np.uint8))
    box = 92 / 42
    centres = box * (np.mgrid[:48, :42] + 0.5).sum(axis=0) + (112 - 48 * box) / 2 - 1
    # Half a grey value of rounding, and pixels are steps where the centres are a slope.
    assert np.abs(reduced - centres).max() < 0.65
    assert abs((reduced - centres).mean()) < 0.01


def test_broken_bundled_file(tmp_path, monkeypatch):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "att.npz").write_bytes((ASSETS / "att.npz").read_bytes()[:1000])
    shutil.copy(ASSETS / "README.md", tmp_path / "assets")
    monkeypatch.setattr(_files.resources, "files", lambda package: tmp_path)
    assert re.search(r"att\.npz cannot be read .*; install inpaintlib again", fails("faces-att"))


@pytest.mark.parametrize("name", ["digits", "faces-att"])
def test_a_bundled_set_is_the_same_whatever_else_is_on_the_machine(
    name, digits, faces, cache, monkeypatch
):
    beside = datasets.load(name, split="test")
    monkeypatch.delenv("INPAINTLIB_DATA")
    alone = datasets.load(name, split="test")
    assert beside.origin == alone.origin
    assert np.array_equal(beside.images, alone.images)
    assert not cache.exists()


@pytest.mark.parametrize(("name", "bundled"), [("mnist", "digits"), ("faces-yale", None)])
def test_a_set_that_is_not_here_is_an_error_and_never_another_set(
    name, bundled, data, cache, monkeypatch
):
    monkeypatch.setattr(pooch, "HTTPDownloader", None)
    assert datasets.locate(name) is None
    said = fails(name)
    assert (
        f"{name}: not found in {data} (INPAINTLIB_DATA) and the cache; set INPAINTLIB_DATA" in said
    )
    assert f"--download {name}`" in said
    assert ("is a part of it that is bundled" in said) == (bundled is not None)
    monkeypatch.delenv("INPAINTLIB_DATA")
    assert f"{name}: not found in the cache; " in fails(name)
    assert not cache.exists()


def test_an_empty_folder_of_yale_leaves_the_att_faces_as_they_are(data):
    (data / "CroppedYale").mkdir()
    assert "bundled" in datasets.load("faces-att").origin
    assert "CroppedYale holds 0 images" in fails("faces-yale")


def test_a_collection_is_that_of_a_set_or_of_its_name():
    assert datasets.collection("faces-yale") == "yale"
    assert datasets.collection("digits") == datasets.collection("mnist") == "mnist"
    assert datasets.collection(datasets.load("faces-att")) == "att"
    with pytest.raises(ValueError, match="data: got 'faces', wanted one of digits, mnist"):
        datasets.collection("faces")
    with pytest.raises(TypeError, match="data: got int, wanted a Dataset or the name of one"):
        datasets.collection(7)  # type: ignore[arg-type]


def test_a_family_name_means_the_member_of_the_images_set():
    names = ["faces-att", "faces-yale", "digits"]
    assert datasets.full_name("recipe", "digits", names, None) == "digits"
    assert datasets.full_name("recipe", "faces-att", names, None) == "faces-att"
    assert datasets.full_name("recipe", "faces", names, "faces-yale") == "faces-yale"
    with pytest.raises(ValueError, match=r"recipe: got 'faces', .*wanted one of faces-att"):
        datasets.full_name("recipe", "faces", names, None)
    with pytest.raises(ValueError, match="recipe: got 'faces' for images of digits, wanted faces-"):
        datasets.full_name("recipe", "faces", names, "digits")
    with pytest.raises(
        ValueError, match="recipe: got 'cakes', wanted one of faces-att, faces-yale"
    ):
        datasets.full_name("recipe", "cakes", names, None)


# Dataset


@pytest.fixture
def three() -> Dataset:
    return Dataset(
        name="digits",
        collection="mnist",
        split="test",
        images=np.stack([np.full((4, 2), grey, np.float32) for grey in (0, 0.5, 1)]),
        labels=np.array([1, 0, 1]),
        classes=("0", "1"),
        details=np.array(["a", "b", "c"]),
        origin="a test",
        citation="",
    )


@pytest.mark.parametrize("index", [slice(1, 3), [1, 2], np.array([1, 2]), [False, True, True]])
def test_indexing_keeps_images_labels_and_details_together(three, index):
    part = three[index]
    assert len(part) == 2
    assert part.images[:, 0, 0].tolist() == [0.5, 1]
    assert part.labels.tolist() == [0, 1]
    assert part.details.tolist() == ["b", "c"]
    assert part.classes == three.classes


def test_indexing_with_a_number_is_refused(three):
    with pytest.raises(TypeError, match=r"index: got 1, wanted a slice.*\.images"):
        three[1]


def test_of_class(three):
    assert three.of_class(1).details.tolist() == ["a", "c"]
    assert three.of_class(np.int64(0)).details.tolist() == ["b"]
    for label in (-1, 2):
        with pytest.raises(ValueError, match=f"label: got {label}, wanted a whole number"):
            three.of_class(label)


def test_repr_is_one_line(three):
    assert repr(three) == "<Dataset digits: 3 test images of 4×2, a test>"


def test_class_averages(three):
    averages = datasets.class_averages(three)
    assert averages.dtype == np.float32
    assert averages.shape == (2, 4, 2)
    assert np.array_equal(averages[:, 0, 0], [0.5, 0.5])
    with pytest.raises(ValueError, match="data: got no image of class 1"):
        datasets.class_averages(three[[1]])


def of_groups(*centres: float, count: int = 6) -> datasets.Dataset:
    """A class of images in tight groups, each around one grey value."""
    random = np.random.default_rng(0)
    images = [random.uniform(c - 0.01, c + 0.01, (count, 4, 2)) for c in centres]
    images = random.permutation(np.concatenate(images)).astype(np.float32)
    return datasets.Dataset(
        name="digits",
        collection="mnist",
        split="train",
        images=images,
        labels=np.zeros(len(images), dtype=np.int64),
        classes=("0",),
        details=np.arange(len(images)).astype(str),
        origin="a test",
        citation="",
    )


def test_part_averages_are_the_means_of_the_groups():
    data = of_groups(0.1, 0.3, 0.8)
    averages = datasets.part_averages(data, parts=3)
    assert averages.dtype == np.float32
    assert averages.shape == (1, 3, 4, 2)
    assert sorted(averages.mean(axis=(0, 2, 3)).round(1)) == [0.1, 0.3, 0.8]


def test_part_averages_with_one_part_are_class_averages(three):
    averages = datasets.part_averages(three, parts=1)
    assert np.array_equal(averages[:, 0], datasets.class_averages(three))


def test_more_parts_are_nearer_to_the_images():
    data = datasets.load("faces-att")
    distances = []
    for parts in (1, 2, 3):
        averages = datasets.part_averages(data, parts=parts, smallest=2)[data.labels]
        away = np.square(averages - data.images[:, None]).sum(axis=(2, 3))
        distances.append(away.min(axis=1).mean())
    assert distances == sorted(distances, reverse=True)
    assert distances[2] < 0.75 * distances[0]


def test_no_part_is_smaller_than_asked_and_the_class_average_fills_the_rest():
    data = of_groups(0.1, 0.9, count=4)
    for smallest, groups in [(1, 8), (3, 2), (4, 2), (5, 1)]:
        parts = datasets.cut(data.images.reshape(8, -1), 8, smallest)
        assert len(parts) == groups
        assert min(map(len, parts)) >= smallest
        assert sorted(np.concatenate(parts)) == list(range(8))
        averages = datasets.part_averages(data, parts=8, smallest=smallest)[0]
        for average in averages[groups:]:
            assert np.array_equal(average, datasets.class_averages(data)[0])


@pytest.mark.parametrize("argument", ["parts", "smallest"])
def test_part_averages_want_a_positive_number(three, argument):
    with pytest.raises(ValueError, match=f"{argument}: got 0, wanted a whole number of at least 1"):
        datasets.part_averages(three, **{"parts": 2, argument: 0})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"name": "letters"},
            "name: got 'letters', wanted one of digits, mnist, faces-att, faces-",
        ),
        (
            {"name": "faces"},
            "name: got 'faces', wanted one of digits, mnist, faces-att, faces-yale",
        ),
        ({"split": "dev"}, "split: got 'dev', wanted one of train, validation, test"),
    ],
)
def test_unknown_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        datasets.load(**{"name": "digits"} | arguments)


def test_unknown_name_elsewhere():
    for function in (datasets.locate, datasets.download):
        with pytest.raises(ValueError, match="name: got 'letters'"):
            function("letters")
        with pytest.raises(ValueError, match="name: got 'digits', wanted one of mnist, faces-yale"):
            function("digits")


# Full MNIST


@pytest.mark.parametrize(
    ("split", "stored", "chosen"),
    [
        ("train", "train", range(110)),
        ("validation", "train", range(110, 120)),
        ("test", "test", range(20)),
    ],
)
def test_full_digits(digits, data, split, stored, chosen):
    loaded = datasets.load("mnist", split=split)
    assert (loaded.collection, loaded.origin) == ("mnist", "MNIST (local copy)")
    assert loaded.images.dtype == np.float32
    np.testing.assert_allclose(loaded.images, digits[f"{stored}_images"][chosen] / 255, atol=1e-7)
    assert np.array_equal(loaded.labels, digits[f"{stored}_labels"][chosen])
    assert loaded.details.tolist() == [str(n) for n in chosen]
    assert loaded.classes == tuple("0123456789")
    assert datasets.locate("mnist") == datasets.Location(data, "INPAINTLIB_DATA")


def test_full_set_in_the_cache(digits, data, cache, monkeypatch):
    shutil.copytree(data, cache)
    monkeypatch.delenv("INPAINTLIB_DATA")
    assert datasets.locate("mnist") == datasets.Location(cache, "cache")
    assert datasets.load("mnist").origin == "MNIST (downloaded)"


IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"


def rewrite(path: Path, change) -> None:
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw[:7] + b"\x1f" + raw[8:], "promises 31×28×28 bytes, but 94080 follow"),
        (lambda raw: raw[:4] + b"\xff" * 12 + raw[16:], "promises 4294967295×.* but 94080 follow"),
        (lambda raw: raw[:-1], "promises 120×28×28 bytes, but 94079 follow"),
        (lambda raw: raw + b"\0", "promises 120×28×28 bytes, but 94081 follow, at least"),
        (lambda raw: idx(np.zeros((5, 28, 28))), "holds 5×28×28 values, wanted 120×28×28"),
        (lambda raw: idx(np.zeros((30, 20, 20))), "holds 30×20×20 values, wanted 120×28×28"),
        (lambda raw: idx(np.zeros(30)), "not an IDX file of bytes in 3 dimension"),
        (lambda raw: raw[:6], "not an IDX file"),
        (lambda raw: b"", "not an IDX file"),
        (lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), "the contents have the SHA-256 .* wanted"),
    ],
)
def test_broken_idx(digits, data, cache, change, message):
    rewrite(data / IMAGES, change)
    said = fails()
    assert re.search(rf"{IMAGES}.*{message}.*; put a complete copy there, or unset", said), said
    assert leftovers(cache) == []


def test_truncated_gzip(digits, data, cache):
    (data / IMAGES).write_bytes((data / IMAGES).read_bytes()[:-20])
    assert f"{IMAGES} is cut short" in fails()
    assert leftovers(cache) == []


@pytest.mark.parametrize("raw", [b"", b"<html>not found</html>"])
def test_no_gzip(digits, data, raw):
    (data / LABELS).write_bytes(raw)
    assert LABELS in fails()


def test_flipped_bit_in_gzip(digits, data):
    raw = bytearray((data / IMAGES).read_bytes())
    raw[len(raw) // 2] ^= 0x10
    (data / IMAGES).write_bytes(raw)
    assert IMAGES in fails()


def test_missing_file(digits, data):
    (data / LABELS).unlink()
    assert f"{LABELS} is missing; put a complete copy there" in fails()


def test_broken_file_in_the_cache_says_how_to_fetch_it(digits, data, cache, monkeypatch):
    shutil.copytree(data, cache)
    monkeypatch.delenv("INPAINTLIB_DATA")
    rewrite(cache / IMAGES, lambda raw: raw[:-1])
    assert "run `python -m inpaintlib.datasets --download mnist`" in fails()


def test_data_folder_that_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("INPAINTLIB_DATA", str(tmp_path / "nowhere"))
    assert re.search(
        r"INPAINTLIB_DATA is .*nowhere, not a folder that can be read.*correct or unset it", fails()
    )
    with pytest.warns(UserWarning, match="nowhere, in which no set is found"):
        assert len(datasets.load("digits")) == 4590


def test_data_folder_without_this_set_is_passed_over(data, digits, cache, monkeypatch):
    shutil.copytree(data, cache)
    for file in data.iterdir():
        file.unlink()
    with pytest.warns(UserWarning, match="in which no set is found"):
        assert datasets.load("mnist").origin == "MNIST (downloaded)"


# Extended Yale B


@pytest.mark.parametrize("packed", [True, False])
def test_full_faces(data, photographs, packed):
    place = data / ("CroppedYale.zip" if packed else "CroppedYale")
    (write_zip if packed else write_folder)(place, yale_files(photographs))
    assert datasets.locate("faces-yale") == datasets.Location(place, "INPAINTLIB_DATA")
    lights = sorted(LIGHTS)
    learned = [light for light in lights if light not in lights[3::4]]
    for split, chosen in (
        ("test", lights[3::4]),
        ("validation", learned[5::6]),
        ("train", [light for light in learned if light not in learned[5::6]]),
    ):
        loaded = datasets.load("faces-yale", split=split)
        assert (loaded.collection, loaded.origin) == ("yale", "Extended Yale B (local copy)")
        assert loaded.classes == PEOPLE
        assert loaded.images.shape == (len(PEOPLE) * len(chosen), 48, 42)
        assert loaded.images.dtype == np.float32
        for image, label, light in zip(loaded.images, loaded.labels, loaded.details, strict=True):
            whole = photographs[f"{PEOPLE[label]}_P00{light}.pgm"]
            assert image[1, 2] == pytest.approx(whole[4:8, 8:12].mean() / 255, abs=1e-6)
            assert image.mean() == pytest.approx(whole.mean() / 255, abs=1e-5)
        assert loaded.labels.tolist() == sorted(loaded.labels)
        assert loaded.of_class(1).details.tolist() == chosen


@pytest.mark.parametrize(
    ("header", "shape"),
    [
        (b"P5 2 3 255\n", (3, 2)),
        (b"P5\n# made by hand\n2 3\n# more\n255\n", (3, 2)),
        (b"P5 # one\n\t2#two\r\n #three\n3\n255 ", (3, 2)),
        (b"P5\r# ends here\r2\r3\r255\r", (3, 2)),
    ],
)
def test_pgm(header, shape):
    # The first pixels look like white space and a comment; only one byte ends the header.
    pixels = np.frombuffer(b"\n#\n 1\xff", np.uint8)
    assert np.array_equal(_readers.read_pgm(header + pixels.tobytes(), "x"), pixels.reshape(shape))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not a binary PGM"),
        (b"P2\n1 1\n255\n7", "not a binary PGM"),
        (b"P5\n1 1\n255", "not a binary PGM"),
        (b"P5\n-1 1\n255\n7", "not a binary PGM"),
        (b"P5\n1 1\n65535\n77", "its largest grey value is 65535, wanted 255"),
        (b"P5\n2 2\n255\n777", "2×2 pixels promised, 3 bytes follow"),
        (b"P5\n2 2\n255\n77777", "2×2 pixels promised, 5 bytes follow"),
        (b"P5\n999999999 999999999\n255\n7", "pixels promised, 1 bytes follow"),
    ],
)
def test_broken_pgm(raw, message):
    with pytest.raises(DataError, match=f"face.pgm.*{message}"):
        _readers.read_pgm(raw, "face.pgm")


FIRST = f"yaleB01/yaleB01_P00{LIGHTS[0]}.pgm"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({FIRST: pgm(np.zeros((10, 20)))}, r"yaleB01_P00.* is 10×20, wanted 192×168"),
        ({FIRST: pgm(np.zeros((168, 192)))}, r"yaleB01_P00.* is 168×192, wanted 192×168"),
        ({FIRST: b"P5\n168 192\n255\n"}, r"192×168 pixels promised, 0 bytes follow"),
        ({FIRST: None}, "holds 15 images of 2 people, wanted 16 of 2"),
        ({FIRST: pgm(np.zeros((192, 168)))}, "the contents have the SHA-256 .* wanted"),
        ({"copy/" + FIRST: b""}, "yaleB01_P00A.* more than once"),
    ],
)
def test_broken_faces(data, cache, photographs, packed, change, message):
    files = {
        name: raw for name, raw in (yale_files(photographs) | change).items() if raw is not None
    }
    place = data / ("CroppedYale.zip" if packed else "CroppedYale")
    (write_zip if packed else write_folder)(place, files)
    said = fails("faces-yale")
    assert re.search(rf"{place.name}.*{message}.*; put a complete copy there", said), said
    assert leftovers(cache) == []


def test_empty_folder_of_faces(data):
    (data / "CroppedYale").mkdir()
    assert "CroppedYale holds 0 images of 0 people" in fails("faces-yale")


@pytest.mark.parametrize(
    "member", ["../evil.pgm", "/etc/evil", "CroppedYale/../../evil", "..\\evil", "C:\\evil"]
)
def test_zip_that_leaves_its_folder(faces, data, cache, member):
    with zipfile.ZipFile(faces, "a") as archive:
        archive.writestr(member, b"evil")
    before = sorted(data.parent.rglob("*"))
    said = fails("faces-yale")
    assert "CroppedYale.zip: its member" in said
    assert "leaves the folder" in said
    assert sorted(data.parent.rglob("*")) == before


@pytest.mark.parametrize("keep", [0, 100, -100])
def test_truncated_zip(faces, keep):
    faces.write_bytes(faces.read_bytes()[:keep])
    assert "CroppedYale.zip is not a whole zip archive" in fails("faces-yale")


def test_flipped_bits_in_zip(faces):
    raw = bytearray(faces.read_bytes())
    raw[1000:1010] = b"\0" * 10
    faces.write_bytes(raw)
    assert "CroppedYale.zip" in fails("faces-yale")


def test_member_that_unpacks_to_much_more(data, photographs):
    files = yale_files(photographs) | {FIRST: pgm(np.zeros((4000, 4000)))}
    write_zip(data / "CroppedYale.zip", files)
    assert f"4000×4000 pixels promised, {2 * 192 * 168 - 17} bytes follow" in fails("faces-yale")


# The cache of decoded arrays


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """A list that grows by four each time that the full digits are decoded."""
    counted: list[str] = []
    decode = _readers.read_idx

    def count(path: Path, wanted: _readers.IdxFile) -> np.ndarray:
        counted.append(path.name)
        return decode(path, wanted)

    monkeypatch.setattr(_readers, "read_idx", count)
    return counted


def test_second_load_does_not_decode(digits, cache, reads):
    first = datasets.load("mnist")
    assert len(reads) == 4
    second = datasets.load("mnist")
    assert len(reads) == 4
    assert np.array_equal(first.images, second.images)
    assert first.details.tolist() == second.details.tolist()
    assert leftovers(cache) == ["mnist-decoded.npz"]


def test_changed_source_is_read_again(digits, data, reads):
    datasets.load("mnist")
    os.utime(data / IMAGES, ns=(0, 0))
    datasets.load("mnist")
    assert len(reads) == 8


def test_broken_source_is_not_hidden_by_the_cache(digits, data):
    datasets.load("mnist")
    rewrite(data / IMAGES, lambda raw: raw[:-1])
    assert IMAGES in fails()


def flip(raw: bytes) -> bytes:
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 0xFF]) + raw[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [lambda raw: b"", lambda raw: raw[: len(raw) // 2], lambda raw: b"garbage" * 99, flip],
    ids=["empty", "truncated", "garbage", "flipped"],
)
def test_broken_cache_is_made_anew(digits, cache, reads, damage):
    datasets.load("mnist")
    stored = cache / "mnist-decoded.npz"
    whole = stored.read_bytes()
    stored.write_bytes(damage(whole))
    loaded = datasets.load("mnist")
    assert len(reads) == 8
    np.testing.assert_allclose(loaded.images, digits["train_images"][:110] / 255, atol=1e-7)
    assert stored.read_bytes() == whole


def test_cache_that_cannot_be_written_is_a_warning(digits, cache):
    cache.write_text("a file where the folder should be", "utf-8")
    with pytest.warns(UserWarning, match=r"the cache .* cannot be written .*set INPAINT") as caught:
        loaded = datasets.load("mnist")
    assert caught[0].filename == __file__
    assert len(loaded) == 110
    assert cache.is_file()


def test_nothing_half_written(digits, cache, monkeypatch):
    def fill_the_disk(path: Path, **arrays: np.ndarray) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_cache.np, "savez", fill_the_disk)
    with pytest.warns(UserWarning, match="No space left"):
        datasets.load("mnist")
    assert leftovers(cache) == []


@pytest.mark.parametrize(
    "change",
    [
        {"train_images": lambda images: images[:, :27]},
        {"train_images": lambda images: images.astype(float)},
        {"train_labels": lambda labels: labels[1:]},
        {"train_labels": lambda labels: labels + 1},
        {"test_details": lambda details: np.arange(len(details))},
        {"classes": lambda classes: classes[:9]},
        {"test_labels": None},
    ],
    ids=["size", "type", "count", "range", "kind", "classes", "name"],
)
def test_a_cache_of_other_contents_is_made_anew(digits, cache, reads, change):
    first = datasets.load("mnist")
    stored = cache / "mnist-decoded.npz"
    with np.load(stored) as file:
        arrays = dict(file)
    for name, changed in change.items():
        arrays |= {name: changed(arrays[name])} if changed else {}
        if changed is None:
            del arrays[name]
    np.savez(stored, **arrays)
    assert np.array_equal(datasets.load("mnist").images, first.images)
    assert len(reads) == 8


def test_a_cache_that_unpacks_to_more_is_not_read(digits, cache, reads):
    datasets.load("mnist")
    stored = cache / "mnist-decoded.npz"
    with np.load(stored) as file:
        arrays = dict(file)
    np.savez_compressed(stored, **arrays)
    datasets.load("mnist")
    assert len(reads) == 8


#: Fills a workbench of the cache, says so, and waits to be killed.
WORKER = """
import sys
from inpaintlib import _cache
with _cache._workbench() as bench:
    (bench / "mnist-decoded.npz").write_bytes(bytes(1000))
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def worker(cache) -> Iterator[subprocess.Popen]:
    command = [sys.executable, "-c", WORKER]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, encoding="utf-8") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def test_what_a_killed_process_left_is_swept_and_a_running_one_is_left_alone(digits, cache, worker):
    datasets.load("mnist")
    names = leftovers(cache)
    assert len(names) == 2, "the worker's folder is gone"
    worker.kill()
    worker.wait()
    datasets.load("mnist")
    assert leftovers(cache) == ["mnist-decoded.npz"]


def test_only_what_was_made_here_and_is_stale_is_swept(cache):
    kept = [".partial-copy", ".partial-abcd1234", ".partial-ABCDEFGH"]
    for name in (*kept, ".partial-left_000"):
        (cache / name).mkdir(parents=True)
        (cache / name / "mnist-decoded.npz").touch()
    (cache / ".partial-abcd1234" / "thesis.txt").touch()
    (cache / ".partial-linked_0").symlink_to(cache / ".partial-copy")
    _cache.sweep()
    assert leftovers(cache) == sorted([*kept, ".partial-linked_0"])


def test_where_folders_cannot_be_locked_the_stale_ones_are_swept(cache, monkeypatch):
    def no_locks(number: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(_cache.fcntl, "flock", no_locks)
    for name in (".partial-new_0000", ".partial-old_0000"):
        (cache / name).mkdir(parents=True)
        (cache / name / "mnist-decoded.npz").touch()
    for path in (cache / ".partial-old_0000" / "mnist-decoded.npz", cache / ".partial-old_0000"):
        os.utime(path, ns=(0, 0))
    _cache.sweep()
    assert leftovers(cache) == [".partial-new_0000"]


# What is larger than it may be


def test_a_file_that_unpacks_to_much_more_is_refused_after_what_it_may_hold(digits, data):
    bomb = gzip.compress(idx(np.zeros(0)) + bytes(200_000_000))
    (data / LABELS).write_bytes(bomb)
    tracemalloc.start()
    try:
        assert LABELS in fails()
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_pipe_in_the_place_of_a_file_is_refused(digits, data):
    (data / LABELS).unlink()
    os.mkfifo(data / LABELS)
    assert f"{LABELS} cannot be read as gzip (not a file)" in fails()


def test_too_many_images_are_refused_before_any_is_read(data, photographs):
    files = {f"yaleB{person:02}/yaleB{person:02}_P00A+000E+00.pgm": b"" for person in range(17)}
    write_zip(data / "CroppedYale.zip", files)
    assert "CroppedYale.zip holds 17 images, wanted 16" in fails("faces-yale")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_member_that_unpacks_unboundedly_is_refused(data, photographs, method):
    with zipfile.ZipFile(data / "CroppedYale.zip", "w", method) as archive:
        for name, raw in yale_files(photographs).items():
            archive.writestr(name, raw)
    assert "is neither deflated nor stored" in fails("faces-yale")


def test_a_name_that_is_no_text_is_refused(faces):
    with zipfile.ZipFile(faces, "a") as archive:
        archive.writestr("é.txt", b"")
    faces.write_bytes(faces.read_bytes().replace("é.txt".encode(), b"\xff\xff.txt"))
    assert "CroppedYale.zip is not a whole zip archive (" in fails("faces-yale")


# Downloads


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


class CutShort(QuietHandler):
    """Promises more than it sends."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half")


def served(handler) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def mirror(data, monkeypatch) -> Iterator[str]:
    """A server of what is in `data`, which is no longer found there directly."""
    monkeypatch.delenv("INPAINTLIB_DATA")
    yield from served(partial(QuietHandler, directory=str(data)))


@pytest.fixture
def cut_short() -> Iterator[str]:
    yield from served(CutShort)


@pytest.fixture
def closed() -> str:
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


DIGIT_FILES = sorted(file.name for file in _readers.MNIST_FILES.values())


def test_download_digits_from_the_second_mirror(digits, mirror, closed, cache):
    reports: list[str] = []
    location = datasets.download("mnist", urls=[closed, mirror + "/"], report=reports.append)
    assert location == datasets.Location(cache, "cache") == datasets.locate("mnist")
    assert leftovers(cache) == DIGIT_FILES
    assert len(reports) == 1
    assert reports[0].startswith(closed)
    assert reports[0].endswith("trying the next mirror")
    loaded = datasets.load("mnist")
    assert loaded.origin == "MNIST (downloaded)"
    assert np.array_equal(loaded.labels, digits["train_labels"][:110])


def test_download_faces(faces, mirror, cache):
    location = datasets.download("faces-yale", urls=[f"{mirror}/CroppedYale.zip"])
    assert location == datasets.Location(cache / "CroppedYale.zip", "cache")
    assert leftovers(cache) == ["CroppedYale.zip"]
    assert datasets.load("faces-yale").origin == "Extended Yale B (downloaded)"


def test_no_network(closed, cache):
    with pytest.raises(DataError) as caught:
        datasets.download("faces-yale", urls=[f"{closed}/a.zip", f"{closed}/b.zip"])
    message = str(caught.value)
    assert "\n" not in message
    assert f"{closed}/a.zip: it cannot be fetched (ConnectionError)" in message
    assert f"{closed}/b.zip" in message
    assert "check the network" in message
    assert "INPAINTLIB_DATA" in message
    assert leftovers(cache) == []


def test_download_of_what_is_not_there(mirror, cache):
    with pytest.raises(DataError, match=r"/none\.zip: the server says 404"):
        datasets.download("faces-yale", urls=[f"{mirror}/none.zip"])
    assert leftovers(cache) == []


def test_download_that_ends_early(cut_short, cache):
    with pytest.raises(DataError, match=r"x\.zip: it cannot be fetched"):
        datasets.download("faces-yale", urls=[f"{cut_short}/x.zip"])
    assert leftovers(cache) == []


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/x.zip", "http://"])
def test_download_from_what_is_no_address(url, cache):
    with pytest.raises(DataError, match=f"{url}: it cannot be fetched"):
        datasets.download("faces-yale", urls=[url])
    assert leftovers(cache) == []


def test_download_without_addresses():
    with pytest.raises(ValueError, match="urls: got none"):
        datasets.download("faces-yale", urls=[])


def test_a_download_ends_at_the_size_that_is_known(mirror, data, cache):
    (data / "CroppedYale.zip").write_bytes(bytes(5_000))
    with pytest.MonkeyPatch.context() as patch:
        bounded = replace(datasets._full("faces-yale"), largest=lambda: {"CroppedYale.zip": 4_999})
        patch.setattr(datasets, "_full", lambda name: bounded)
        with pytest.raises(DataError, match="it is larger than 4,999 bytes"):
            datasets.download("faces-yale", urls=[f"{mirror}/CroppedYale.zip"])
    assert leftovers(cache) == []


def test_broken_download_leaves_what_was_there(digits, data, mirror, cache):
    datasets.download("mnist", urls=[mirror])
    before = {path.name: path.read_bytes() for path in cache.iterdir()}
    rewrite(data / DIGIT_FILES[-1], lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(
        DataError, match=rf"{DIGIT_FILES[-1]}: the contents have the SHA-256"
    ) as caught:
        datasets.download("mnist", urls=[mirror])
    assert ".partial" not in str(caught.value)
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == before


def test_download_into_a_cache_that_cannot_be_written(mirror, cache):
    cache.write_text("a file where the folder should be", "utf-8")
    with pytest.raises(DataError, match=r"the cache .* cannot be written .*set INPAINTLIB_CACHE"):
        datasets.download("faces-yale", urls=[mirror])


def test_full_disk_is_not_blamed_on_the_mirror(cache, monkeypatch):
    def fill_the_disk(self: object, url: str, file: BinaryIO, pooch: object) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", fill_the_disk)
    with pytest.raises(DataError, match=r"cannot be written .*No space left"):
        datasets.download("mnist")
    assert leftovers(cache) == []


def test_usual_mirrors():
    tried: list[str] = []

    def note(self: object, url: str, file: str, pooch: object) -> None:
        tried.append(url)
        raise ConnectionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooch.HTTPDownloader, "__call__", note)
        for name in ("mnist", "faces-yale"):
            with pytest.raises(DataError):
                datasets.download(name)
    assert tried == [
        "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz",
        "https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz",
        "http://vision.ucsd.edu/extyaleb/CroppedYaleBZip/CroppedYale.zip",
    ]


# The command line


def test_command_shows_what_is_here(digits, data, capsys):
    assert datasets.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:6] for line in lines[1:]] == [
        ["digits", "MNIST", "sample", "4590", "410", "1000"],
        ["mnist", "MNIST", "110", "10", "20", "28×28"],
        ["faces-att", "AT&T", "faces", "280", "40", "80"],
        ["faces-yale", "Extended", "Yale", "B", "-", "-"],
        ["emoji", "Emoji", "240", "40", "40", "3×32×32"],
    ]
    assert f"INPAINTLIB_DATA: {data}" in lines[2]
    assert "not found: python -m inpaintlib.datasets --download faces-yale" in lines[4]


def test_command_says_what_is_broken(digits, data, capsys):
    (data / LABELS).unlink()
    assert datasets.main([]) == 1
    shown = capsys.readouterr()
    assert "MNIST sample (bundled)" in shown.out
    assert re.fullmatch(rf"error: .*{LABELS} is missing; .*\n", shown.err)


def test_command_downloads(digits, mirror, closed, cache, capsys):
    assert datasets.main(["--download", "mnist", "--url", closed, "--url", mirror]) == 0
    shown = capsys.readouterr()
    assert f"complete and checked, in {cache}" in shown.out
    assert closed in shown.err
    assert leftovers(cache) == DIGIT_FILES


def test_command_without_network_prints_one_line_and_exits_1(closed):
    command = [sys.executable, "-W", "error", "-m", "inpaintlib.datasets"]
    run = subprocess.run(
        [*command, "--download", "faces-yale", "--url", closed],
        capture_output=True,
        encoding="utf-8",
        cwd=Path(__file__).parents[1],
        check=False,
    )
    assert run.returncode == 1
    assert run.stdout == ""
    assert re.fullmatch(r"error: no mirror delivered complete CroppedYale\.zip .*\n", run.stderr)


@pytest.mark.parametrize(
    "arguments", [["--download", "letters"], ["--url", "http://x"], ["digits"]]
)
def test_command_with_bad_arguments(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        datasets.main(arguments)
    assert caught.value.code == 2
    assert "python -m inpaintlib.datasets" in capsys.readouterr().err


# The real sets


@pytest.fixture(scope="session")
def shared_cache() -> Iterator[Path]:
    """One cache for all tests on the full data, so that it is decoded once."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def real(monkeypatch, shared_cache) -> Path:
    assert FULL_DATA is not None
    monkeypatch.setenv("INPAINTLIB_DATA", FULL_DATA)
    monkeypatch.setenv("INPAINTLIB_CACHE", str(shared_cache))
    return Path(FULL_DATA)


@pytest.mark.full_data
def test_real_digits(real):
    train, held_out, test = (datasets.load("mnist", split=split) for split in SPLITS)
    assert train.collection == "mnist"
    assert (len(train) + len(held_out), len(test)) == (60_000, 10_000)
    assert np.array_equal(
        np.bincount(held_out.labels), np.bincount(np.r_[train.labels, held_out.labels]) // 12
    )
    assert not set(train.details) & set(held_out.details)
    assert train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert np.bincount(test.labels).tolist() == [
        980,
        1135,
        1032,
        1010,
        982,
        892,
        958,
        1028,
        974,
        1009,
    ]


@pytest.mark.full_data
@pytest.mark.parametrize(("split", "of_each"), [("train", 459), ("test", 100)])
def test_sample_is_the_first_digits_of_each_class(real, split, of_each):
    full = datasets.load("mnist", split=split)
    sample = datasets.load("digits", split=split)
    for label in range(10):
        first, of_class = full.of_class(label)[:of_each], sample.of_class(label)
        assert np.array_equal(of_class.images, first.images)
        assert np.array_equal(of_class.details, first.details)


@pytest.mark.full_data
def test_real_faces(real):
    train, held_out, test = (datasets.load("faces-yale", split=split) for split in SPLITS)
    assert train.collection == "yale"
    assert len(train) + len(held_out) + len(test) == 2414
    assert len(train.classes) == 38
    assert "yaleB14" not in train.classes
    assert list(train.classes) == sorted(train.classes)
    assert train.classes[13] == "yaleB15"
    lights = sorted({*train.details, *held_out.details, *test.details})
    assert len(lights) == 64
    assert set(test.details) == set(lights[3::4])
    assert [len(set(data.details)) for data in (train, held_out, test)] == [40, 8, 16]
    assert train.images.shape[1:] == (48, 42)
    assert np.bincount(test.labels).min() >= 14
    assert np.ptp(train.images[0]) > 0.3


@pytest.mark.full_data
def test_unpacked_real_faces(real, tmp_path, monkeypatch):
    packed = datasets.load("faces-yale", split="test")
    monkeypatch.setenv("INPAINTLIB_CACHE", str(tmp_path / "cache"))
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(real / "CroppedYale.zip") as archive:
            archive.extractall(folder)
        monkeypatch.setenv("INPAINTLIB_DATA", folder)
        unpacked = datasets.load("faces-yale", split="test")
    assert np.array_equal(packed.images, unpacked.images)
    assert np.array_equal(packed.labels, unpacked.labels)
