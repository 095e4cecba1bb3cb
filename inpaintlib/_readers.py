"""Readers of the two full sets: IDX files for MNIST, PGM files for Extended Yale B.

A reader checks everything that it reads and raises a ``DataError`` of one line that names the file.
The remedy depends on where the file lies, so the caller adds it.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
"""A whole set: ``{split}_images`` with grey values of 0 to 255, ``{split}_labels``,
``{split}_details``, and ``classes``."""


_KINDS = ("images", "labels", "details")


class DataError(RuntimeError):
    """A data set cannot be read, fetched or stored; the message is one line."""


@dataclass(frozen=True)
class IdxFile:
    """One of MNIST's four files, as it must be; ``sha256`` is that of the uncompressed file."""

    name: str
    shape: tuple[int, ...]
    sha256: str


MNIST_FILES = {
    "train_images": IdxFile(
        "train-images-idx3-ubyte.gz",
        (60_000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "train_labels": IdxFile(
        "train-labels-idx1-ubyte.gz",
        (60_000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "test_images": IdxFile(
        "t10k-images-idx3-ubyte.gz",
        (10_000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "test_labels": IdxFile(
        "t10k-labels-idx1-ubyte.gz",
        (10_000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}

YALE_ZIP = "CroppedYale.zip"
YALE_FOLDER = "CroppedYale"
YALE_PEOPLE = 38
YALE_IMAGES = 2414
YALE_SIZE = (192, 168)
YALE_SHA256 = "bfa23584d09de1e373a90ded680347f090ca303d19b7391c9981c11d33142ee6"
"""SHA-256 of the full-size pixels, one byte each, of all images in the order of their names."""

_REDUCTION = 4
# The damaged ``.pgm.bad`` files, the ``_Ambient.pgm`` ones and stray files do not match.
_YALE_NAME = re.compile(r"(?P<person>yaleB\d\d)_P00(?P<light>A[+-]\d{3}E[+-]\d\d)\.pgm")
# No image needs more; a hostile archive cannot unpack to more.
_LARGEST_PGM = 2 * math.prod(YALE_SIZE)
_GAP = rb"(?:\s|#[^\r\n]*[\r\n])+"
_PGM_HEADER = re.compile(rb"P5" + _GAP + (rb"(\d{1,9})" + _GAP) * 2 + rb"(\d{1,9})\s")


def mnist_files(url: str) -> dict[str, str]:
    """Map MNIST's four files to their addresses in the folder at ``url``."""
    return {file.name: f"{url.rstrip('/')}/{file.name}" for file in MNIST_FILES.values()}


def mnist_largest() -> dict[str, int]:
    """Map each file to the most bytes that it can have: packed, it is no larger than unpacked."""
    return {file.name: math.prod(file.shape) + 10_000 for file in MNIST_FILES.values()}


def find_mnist(folder: Path) -> Path | None:
    """Return ``folder`` if any of MNIST's four files lies in it."""
    return folder if mnist_sources(folder) else None


def mnist_sources(folder: Path) -> list[Path]:
    """Return those of MNIST's four files that are in ``folder``."""
    paths = [folder / file.name for file in MNIST_FILES.values()]
    # Unlike Path.is_file, this is also False in a folder without read permission.
    return [path for path in paths if os.path.isfile(path)]


def read_mnist(folder: Path) -> Arrays:
    """Read and check MNIST's files: images ``(N, 28, 28)`` uint8, details = index in the file."""
    arrays: Arrays = {key: read_idx(folder / file.name, file) for key, file in MNIST_FILES.items()}
    for split in ("train", "test"):
        arrays[f"{split}_details"] = np.arange(len(arrays[f"{split}_labels"])).astype("U5")
    arrays["classes"] = np.arange(10).astype("U1")
    return arrays


def holds_mnist(arrays: Arrays) -> bool:
    """Return whether arrays are those of :func:`read_mnist` by name, shape and type."""
    counts = {split: MNIST_FILES[f"{split}_labels"].shape[0] for split in ("train", "test")}
    size = MNIST_FILES["train_images"].shape[1:]
    return _holds(arrays, size, np.uint8, classes=10) and counts == _counts(arrays)


def holds_yale(arrays: Arrays) -> bool:
    """Return whether arrays are those of :func:`read_yale` by name, shape and type."""
    size = tuple(side // _REDUCTION for side in YALE_SIZE)
    whole = _holds(arrays, size, np.float32, classes=YALE_PEOPLE)
    return whole and sum(_counts(arrays).values()) == YALE_IMAGES


def _counts(arrays: Arrays) -> dict[str, int]:
    return {split: len(arrays[f"{split}_labels"]) for split in ("train", "test")}


def _holds(arrays: Arrays, size: tuple[int, ...], dtype: type, *, classes: int) -> bool:
    """Return whether arrays are a whole set with images of that size and type."""
    names = {f"{split}_{kind}" for split in ("train", "test") for kind in _KINDS} | {"classes"}
    if set(arrays) != names or arrays["classes"].shape != (classes,):
        return False
    if arrays["classes"].dtype.kind != "U":
        return False
    for split in ("train", "test"):
        images, labels, details = (arrays[f"{split}_{kind}"] for kind in _KINDS)
        if images.dtype != dtype or images.shape[1:] != size or not np.isfinite(images).all():
            return False
        if labels.dtype.kind not in "iu" or details.dtype.kind != "U":
            return False
        if labels.shape != images.shape[:1] or details.shape != images.shape[:1]:
            return False
        if not ((labels >= 0) & (labels < classes)).all() or images.min(initial=0) < 0:
            return False
        if images.max(initial=0) > 255:
            return False
    return True


def read_idx(path: Path, wanted: IdxFile) -> NDArray[np.uint8]:
    """Read one gzip-compressed IDX file of bytes; its header, length and SHA-256 must agree."""
    dimensions = len(wanted.shape)
    start = 4 + 4 * dimensions
    most = start + math.prod(wanted.shape)
    raw = _gunzip(path, most)
    if len(raw) < start or raw[:4] != bytes([0, 0, 8, dimensions]):
        raise DataError(f"{path} is not an IDX file of bytes in {dimensions} dimension(s)")
    shape = tuple(int(n) for n in np.frombuffer(raw, ">u4", dimensions, offset=4))
    follow = len(raw) - start
    if len(raw) <= most and math.prod(shape) != follow:
        raise DataError(f"{path}: its header promises {_times(shape)} bytes, but {follow} follow")
    if shape != wanted.shape:
        raise DataError(f"{path} holds {_times(shape)} values, wanted {_times(wanted.shape)}")
    if len(raw) > most:
        raise DataError(
            f"{path}: its header promises {_times(shape)} bytes, but {follow} follow, at least"
        )
    _check_sha256(path, hashlib.sha256(raw).hexdigest(), wanted.sha256)
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)


def _gunzip(path: Path, most: int) -> bytes:
    """Unpack a file, up to one byte more than the most that it may hold."""
    if not os.path.lexists(path):
        raise DataError(f"{path} is missing")
    with _readable(path, "cannot be read as gzip"), gzip.open(path) as file:
        return file.read(most + 1)


@contextmanager
def _readable(path: Path, otherwise: str) -> Iterator[None]:
    """Turn any exception into a ``DataError`` of one line that names the file.

    What is in a broken file decides which exception a decoder raises: there are a dozen, and the
    remedy is the same for all.
    """
    try:
        if not path.is_dir() and not path.is_file():
            raise OSError("not a file")  # opening a pipe would wait for ever
        yield
    except DataError:
        raise
    except Exception as error:
        if isinstance(error, EOFError):
            otherwise = f"is cut short: it {otherwise}"
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path} {otherwise} ({reason})") from error


def yale_files(url: str) -> dict[str, str]:
    """Map the archive's name to its address, which is ``url`` itself."""
    return {YALE_ZIP: url}


def yale_largest() -> dict[str, int]:
    """Map the archive's name to the most bytes that it can have; the known one has 58 MB."""
    return {YALE_ZIP: 100_000_000}


def find_yale(folder: Path) -> Path | None:
    """Return the archive, or else the unpacked folder, of Extended Yale B in ``folder``."""
    archive, unpacked = folder / YALE_ZIP, folder / YALE_FOLDER
    if os.path.isfile(archive):
        return archive
    return unpacked if os.path.isdir(unpacked) else None


def yale_sources(path: Path) -> list[Path]:
    """Return the archive itself, or the image files in an unpacked folder, sorted."""
    if path.is_dir():
        return sorted(file for file in path.rglob("*.pgm") if _YALE_NAME.fullmatch(file.name))
    return [path]


def read_yale(path: Path) -> Arrays:
    """Read and check Extended Yale B: images ``(N, 48, 42)`` float32, details = name of the light.

    The images are sorted by person and light, and split by light: of the sorted names, every
    fourth from the fourth on (``lights[3::4]``) is the test split.
    """
    files = _folder_files(path) if path.is_dir() else _zip_files(path)
    images = {_yale_name(name): _yale_image(path, name, raw) for name, raw in files.items()}
    people = sorted({person for person, _ in images})
    if (len(images), len(people)) != (YALE_IMAGES, YALE_PEOPLE):
        raise DataError(
            f"{path} holds {len(images)} images of {len(people)} people, "
            f"wanted {YALE_IMAGES} of {YALE_PEOPLE}"
        )
    names = sorted(images)
    pixels = np.stack([images[name] for name in names])
    _check_sha256(path, hashlib.sha256(pixels.tobytes()).hexdigest(), YALE_SHA256)

    reduced = block_means(pixels, _REDUCTION)
    labels = np.array([people.index(person) for person, _ in names])
    lights = np.array([light for _, light in names])
    test = np.isin(lights, np.unique(lights)[3::4])
    arrays: Arrays = {"classes": np.array(people)}
    for split, chosen in (("train", ~test), ("test", test)):
        arrays[f"{split}_images"] = reduced[chosen]
        arrays[f"{split}_labels"] = labels[chosen]
        arrays[f"{split}_details"] = lights[chosen]
    return arrays


def block_means(images: NDArray[np.uint8], factor: int) -> NDArray[np.float32]:
    """Reduce ``(N, H, W)`` to ``(N, H/factor, W/factor)`` by the means of square blocks."""
    count, height, width = images.shape
    blocks = images.reshape(count, height // factor, factor, width // factor, factor)
    return blocks.mean(axis=(2, 4), dtype=np.float32)


def read_pgm(raw: bytes, name: str) -> NDArray[np.uint8]:
    """Decode one binary PGM image of 8 bits, ``(H, W)``; ``name`` is for the error message."""
    header = _PGM_HEADER.match(raw)
    if header is None:
        raise DataError(f"{name} is not a binary PGM (P5) image")
    width, height, maximum = (int(field) for field in header.groups())
    if maximum != 255:
        raise DataError(f"{name}: its largest grey value is {maximum}, wanted 255")
    pixels = np.frombuffer(raw, np.uint8, offset=header.end())
    if len(pixels) != height * width:
        raise DataError(f"{name}: {height}×{width} pixels promised, {len(pixels)} bytes follow")
    return pixels.reshape(height, width)


def _yale_name(name: str) -> tuple[str, str]:
    match = _YALE_NAME.fullmatch(name)
    assert match is not None
    return match["person"], match["light"]


def _yale_image(path: Path, name: str, raw: bytes) -> NDArray[np.uint8]:
    image = read_pgm(raw, f"{path}: {name}")
    if image.shape != YALE_SIZE:
        raise DataError(f"{path}: {name} is {_times(image.shape)}, wanted {_times(YALE_SIZE)}")
    return image


def _folder_files(folder: Path) -> dict[str, bytes]:
    with _readable(folder, "cannot be read"):
        paths = yale_sources(folder)
        _check_names(folder, [path.name for path in paths])
        return {path.name: _folder_file(path) for path in paths}


def _folder_file(path: Path) -> bytes:
    with _readable(path, "cannot be read"), path.open("rb") as file:
        return file.read(_LARGEST_PGM)


def _zip_files(path: Path) -> dict[str, bytes]:
    """Return the images in an archive by name, without unpacking anything to the disk."""
    with _readable(path, "is not a whole zip archive"), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        _check_inside(path, names)
        images = {
            name: short for name in names if _YALE_NAME.fullmatch(short := PurePosixPath(name).name)
        }
        _check_names(path, [PurePosixPath(name).name for name in names])
        return {short: _zip_member(path, archive, name) for name, short in images.items()}


def _zip_member(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    # Other methods unpack each block of a file as a whole, however large it becomes.
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"{path}: its member {name!r} is neither deflated nor stored")
    with _readable(path, f"is not a whole zip archive: {name!r}"), archive.open(name) as member:
        return member.read(_LARGEST_PGM)


def _check_inside(path: Path, names: Iterable[str]) -> None:
    for name in names:
        parts = name.replace("\\", "/").split("/")
        if parts[0] == "" or ":" in parts[0] or ".." in parts:
            raise DataError(f"{path}: its member {name!r} leaves the folder, so it is not trusted")


def _check_names(path: Path, names: Iterable[str]) -> None:
    """Check, before any is read, that the images are not too many, and none is there twice."""
    counts = Counter(name for name in names if _YALE_NAME.fullmatch(name))
    for name, count in counts.most_common(1):
        if count > 1:
            raise DataError(f"{path} holds {name} more than once")
    if len(counts) > YALE_IMAGES:
        raise DataError(f"{path} holds {len(counts)} images, wanted {YALE_IMAGES}")


def _check_sha256(path: Path, found: str, wanted: str) -> None:
    if found != wanted:
        raise DataError(
            f"{path}: the contents have the SHA-256 {found[:12]}…, wanted {wanted[:12]}…"
        )


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(str(n) for n in shape)
