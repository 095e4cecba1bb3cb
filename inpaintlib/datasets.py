"""Images and labels: digits and faces, bundled with the package or read from the full sets.

Two sets are known, each in two variants:

- ``"digits"``, 28×28: all of MNIST :cite:p:`lecun1998gradient` (variant ``mnist``), or the 6,000
  of its digits that are bundled (``mnist-sample``);
- ``"faces"``, 48×42: Extended Yale B :cite:p:`georghiades2001few,lee2005acquiring` (``yale``), or
  the AT&T faces :cite:p:`samaria1994parameterisation`, which are bundled (``att``).

A full set is looked for in the folder that the environment variable ``INPAINTLIB_DATA`` names, then
in the cache (``INPAINTLIB_CACHE``, or the system's place for caches). Nothing is downloaded unless
``download`` is called, or ``python -m inpaintlib.datasets --download digits``.

Explained in the chapter *Data and classifiers*.
"""

from __future__ import annotations

import argparse
import operator
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaintlib import _cache, _readers
from inpaintlib._readers import Arrays, DataError

__all__ = [
    "DataError",
    "Dataset",
    "Location",
    "class_averages",
    "download",
    "load",
    "locate",
    "part_averages",
]

_COMMAND = "python -m inpaintlib.datasets"
_SPLITS = ("train", "validation", "test")
_SOURCES = ("auto", "bundled")


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Images with their labels, all of one split of one variant of a set.

    Indexing with a slice, an index array or a bool array gives the ``Dataset`` of those images.
    Explained in the chapter *Data and classifiers*.

    Attributes:
        name: ``"digits"`` or ``"faces"``.
        variant: ``"mnist"``, ``"mnist-sample"``, ``"yale"`` or ``"att"``.
        split: ``"train"``, ``"validation"`` or ``"test"``.
        images: ``(N, H, W)`` float32, grey values in [0, 1].
        labels: ``(N,)`` int64, counted from 0 in the order of ``classes``.
        classes: What the labels stand for: ``"0"`` to ``"9"``, or the people's names in the set.
        details: ``(N,)`` str, which picture it is: a digit's index in the full split, the name of
            the light (``"A+005E+10"``: azimuth and elevation in degrees), or the number of the
            AT&T picture.
        origin: One line that says which set this is and where it came from.
        citation: Keys into the book's bibliography, separated by commas.
    """

    name: str
    variant: str
    split: str
    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    details: NDArray[np.str_]
    origin: str
    citation: str

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __getitem__(self, index: slice | NDArray[Any] | Sequence[int]) -> Dataset:
        """Return the ``Dataset`` of the images that a slice, index array or bool array selects."""
        if not isinstance(index, slice) and np.ndim(index) != 1:
            raise TypeError(
                f"index: got {index!r}, wanted a slice or a list or array of indices or bools; "
                "for one image, index .images"
            )
        chosen = index if isinstance(index, slice) else np.asarray(index)
        return replace(
            self,
            images=self.images[chosen],
            labels=self.labels[chosen],
            details=self.details[chosen],
        )

    def of_class(self, label: int) -> Dataset:
        """Return the images of one class; ``label`` counts from 0 in the order of ``classes``."""
        if not 0 <= operator.index(label) < len(self.classes):
            raise ValueError(f"label: got {label}, wanted 0 to {len(self.classes) - 1}")
        return self[self.labels == label]

    def __repr__(self) -> str:
        """Say what is in here, in one line."""
        images = f"{len(self)} {self.split} images of {_size(self.images)}"
        return f"<Dataset {self.name}: {images}, {self.origin}>"


@dataclass(frozen=True)
class Location:
    """Where a full set lies.

    Attributes:
        path: The folder that holds the files, or the archive.
        via: ``"INPAINTLIB_DATA"`` or ``"cache"``, whichever led there.
    """

    path: Path
    via: str


@dataclass(frozen=True)
class _Variant:
    name: str
    title: str
    citation: str
    validation: Callable[[Arrays], NDArray[np.bool_]]  # which of the stored training images


@dataclass(frozen=True)
class _Set:
    """Everything that differs between digits and faces."""

    full: _Variant
    bundled: _Variant
    find: Callable[[Path], Path | None]  # in a folder, what `sources` and `read` take
    sources: Callable[[Path], list[Path]]
    read: Callable[[Path], Arrays]
    files: Callable[[str], dict[str, str]]  # for a mirror, file name to address
    mirrors: tuple[str, ...]


def _last_twelfth(arrays: Arrays) -> NDArray[np.bool_]:
    labels = arrays["train_labels"]
    last = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        of_class = np.flatnonzero(labels == label)
        last[of_class[len(of_class) - len(of_class) // 12 :]] = True
    return last


def _every_sixth_light(arrays: Arrays) -> NDArray[np.bool_]:
    lights = arrays["train_details"]
    return np.isin(lights, np.unique(lights)[5::6])


def _sixth_picture(arrays: Arrays) -> NDArray[np.bool_]:
    return np.isin(arrays["train_details"].astype(str), ["6"])


_SETS: Mapping[str, _Set] = {
    "digits": _Set(
        full=_Variant("mnist", "MNIST", "lecun1998gradient", _last_twelfth),
        bundled=_Variant("mnist-sample", "MNIST sample", "lecun1998gradient", _last_twelfth),
        find=_readers.find_mnist,
        sources=_readers.mnist_sources,
        read=_readers.read_mnist,
        files=_readers.mnist_files,
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
    ),
    "faces": _Set(
        full=_Variant(
            "yale", "Extended Yale B", "georghiades2001few,lee2005acquiring", _every_sixth_light
        ),
        bundled=_Variant("att", "AT&T faces", "samaria1994parameterisation", _sixth_picture),
        find=_readers.find_yale,
        sources=_readers.yale_sources,
        read=_readers.read_yale,
        files=_readers.yale_files,
        mirrors=("http://vision.ucsd.edu/extyaleb/CroppedYaleBZip/CroppedYale.zip",),
    ),
}


def load(name: str, *, split: str = "train", source: str = "auto") -> Dataset:
    """Load one split of a set.

    Explained in the chapter *Data and classifiers*.

    Args:
        name: ``"digits"`` (MNIST :cite:p:`lecun1998gradient`, 28×28) or ``"faces"`` (48×42:
            Extended Yale B :cite:p:`georghiades2001few,lee2005acquiring`, reduced 4× by block
            means, or the AT&T faces :cite:p:`samaria1994parameterisation`).
        split: ``"train"``, ``"validation"`` for choosing parameters, or ``"test"``. Of the digits
            the 10,000 published for testing are the test split; of the others the last twelfth of
            each class, about 5,000 of MNIST, are the validation split. Extended Yale B is
            split by light: of the 64 light names, sorted as strings, ``lights[3::4]`` are the test
            split, and of the other 48 ``[5::6]`` the validation split. Of each person's ten AT&T
            pictures, numbers 4 and 8 are the test split and number 6 is the validation split.
        source: ``"auto"`` is the full set where it is found and otherwise the bundled sample,
            ``"bundled"`` always the sample.

    Returns:
        The images and labels; ``.origin`` says which set they are from.

    Raises:
        ValueError: ``name``, ``split`` or ``source`` is unknown.
        DataError: The full set is there, but broken or incomplete.
    """
    known = _SETS[_one_of("name", name, _SETS)]
    _one_of("split", split, _SPLITS)
    _one_of("source", source, _SOURCES)
    location = locate(name) if source == "auto" else None
    if location is None:
        arrays, variant, where = _read_bundled(known.bundled), known.bundled, "bundled"
    else:
        arrays, variant = _read_full(name, location), known.full
        where = "downloaded" if location.via == "cache" else "local copy"
    stored, chosen = "test", np.s_[:]
    if split != "test":
        stored, chosen = "train", variant.validation(arrays) == (split == "validation")
    return Dataset(
        name=name,
        variant=variant.name,
        split=split,
        images=arrays[f"{stored}_images"][chosen].astype(np.float32) / np.float32(255),
        labels=arrays[f"{stored}_labels"][chosen].astype(np.int64),
        classes=tuple(arrays["classes"].tolist()),
        details=arrays[f"{stored}_details"][chosen].astype(np.str_),
        origin=f"{variant.title} ({where})",
        citation=variant.citation,
    )


def class_averages(data: Dataset) -> NDArray[np.float32]:
    """Return the mean image of each class, ``(classes, H, W)`` float32 in [0, 1].

    Explained in the chapter *Data and classifiers*.

    Raises:
        ValueError: A class has no image.
    """
    groups = [data.images[data.labels == label] for label in range(len(data.classes))]
    for title, group in zip(data.classes, groups, strict=True):
        if not len(group):
            raise ValueError(f"data: got no image of class {title}, wanted one of each at least")
    return np.stack([group.mean(axis=0, dtype=np.float64) for group in groups]).astype(np.float32)


def part_averages(data: Dataset, *, parts: int, smallest: int = 3) -> NDArray[np.float32]:
    """Cut each class into parts of images that look alike, and return the mean image of each.

    A class is cut in two along its principal direction, where the sum of squared distances to
    the two means is least; then the part that gains most from it is cut, and so on
    :cite:p:`boley1998principal`. Of faces a part gathers similar light, of digits a way of
    writing. Beyond the paper, whose class average (section 3.3) is the case of one part.

    Args:
        data: The images.
        parts: How many each class is cut into, at least 1.
        smallest: No part has fewer images than this.

    Returns:
        ``(classes, parts, H, W)`` float32 in [0, 1]. Where a class can be cut no further, its
        class average fills the remaining places.

    Raises:
        ValueError: ``parts`` or ``smallest`` is below 1, or a class has no image.
    """
    for argument, value in {"parts": parts, "smallest": smallest}.items():
        if value < 1:
            raise ValueError(f"{argument}: got {value}, wanted at least 1")
    whole = class_averages(data)
    averages = np.repeat(whole[:, None], parts, axis=1)
    for label in range(len(data.classes)):
        images = data.images[data.labels == label]
        for i, part in enumerate(_parts(images.reshape(len(images), -1), parts, smallest)):
            averages[label, i] = images[part].mean(axis=0)
    return averages


def _parts(points: NDArray[np.float32], parts: int, smallest: int) -> list[NDArray[np.intp]]:
    """Return the rows of at most ``parts`` groups of ``points`` ``(N, D)``, cut one by one."""
    groups = [np.arange(len(points))]
    cuts = [_cut(points, groups[0], smallest)]
    while len(groups) < parts:
        best = int(np.argmax([gain for gain, *_ in cuts]))
        gain, left, right = cuts[best]
        if gain == -np.inf:
            break
        groups[best : best + 1] = left, right
        cuts[best : best + 1] = (_cut(points, group, smallest) for group in (left, right))
    return groups


def _cut(
    points: NDArray[np.float32], group: NDArray[np.intp], smallest: int
) -> tuple[float, NDArray[np.intp], NDArray[np.intp]]:
    """Return what the best cut of a group gains, and its two sides; -∞ if it is too small."""
    count = len(group)
    if count < 2 * smallest:
        return -np.inf, group, group[:0]
    centred = points[group].astype(np.float64)
    centred -= centred.mean(axis=0)
    # The smaller of the two Gram matrices knows the principal direction as well.
    if count <= centred.shape[1]:
        along = np.linalg.eigh(centred @ centred.T)[1][:, -1]
    else:
        along = centred @ np.linalg.eigh(centred.T @ centred)[1][:, -1]
    order = np.argsort(along, kind="stable")
    sums = np.cumsum(centred[order], axis=0)
    left = np.arange(smallest, count - smallest + 1)
    # The sums of the two sides are opposite, so this is what the sum of squares falls by.
    gains = np.square(sums[left - 1]).sum(axis=1) * (1 / left + 1 / (count - left))
    at = left[np.argmax(gains)]
    return float(gains.max()), group[order[:at]], group[order[at:]]


def locate(name: str) -> Location | None:
    """Say where the full set is found: in ``INPAINTLIB_DATA``, in the cache, or (``None``) nowhere.

    Explained in the chapter *Data and classifiers*.

    Raises:
        ValueError: ``name`` is unknown.
        DataError: ``INPAINTLIB_DATA`` is set to something that is not a folder.
    """
    find = _SETS[_one_of("name", name, _SETS)].find
    local = os.environ.get("INPAINTLIB_DATA")
    if local:
        if not os.path.isdir(local) or not os.access(local, os.R_OK | os.X_OK):
            raise DataError(
                f"INPAINTLIB_DATA is {local}, not a folder to read; correct or unset it"
            )
        if path := find(Path(local)):
            return Location(path, "INPAINTLIB_DATA")
    path = find(_cache.folder())
    return Location(path, "cache") if path else None


def download(
    name: str,
    *,
    urls: Sequence[str] | None = None,
    report: Callable[[str], object] = lambda line: None,
) -> Location:
    """Fetch a full set into the cache with a progress bar, and check what is in it.

    Explained in the chapter *Data and classifiers*.

    Args:
        name: ``"digits"`` or ``"faces"``.
        urls: The mirrors, tried in turn, instead of the usual ones: for digits the folder that
            holds the four files, for faces the archive.
        report: Is given a line whenever a mirror failed and the next one is tried.

    Returns:
        Where the files are now.

    Raises:
        ValueError: ``name`` is unknown, or ``urls`` is empty.
        DataError: No mirror gives the whole set, or the cache cannot be written. The cache is then
            as it was before.
    """
    chosen = _SETS[_one_of("name", name, _SETS)]
    mirrors = [chosen.files(url) for url in (chosen.mirrors if urls is None else urls)]
    if not mirrors:
        raise ValueError("urls: got none, wanted at least one address")

    def check(folder: Path) -> None:
        chosen.read(chosen.find(folder) or folder)

    folder = _cache.fetch(mirrors, check, report=report)
    return Location(chosen.find(folder) or folder, "cache")


def _size(images: NDArray[Any]) -> str:
    height, width = images.shape[1:]
    return f"{height}×{width}"


def _one_of(argument: str, value: str, known: Iterable[str]) -> str:
    if value not in known:
        raise ValueError(f"{argument}: got {value!r}, wanted one of {', '.join(known)}")
    return value


def _read_bundled(variant: _Variant) -> Arrays:
    path = resources.files("inpaintlib") / "assets" / f"{variant.name}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}
    except (OSError, ValueError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise DataError(f"{path} cannot be read ({error}); install inpaintlib again") from error


def _read_full(name: str, location: Location) -> Arrays:
    chosen, path = _SETS[name], location.path
    try:
        sources = chosen.sources(path)
        return _cache.decoded(chosen.full.name, sources, lambda: chosen.read(path))
    except (DataError, OSError) as error:
        remedy = (
            f"run `{_COMMAND} --download {name}` to fetch it again"
            if location.via == "cache"
            else "put a whole copy there, or unset INPAINTLIB_DATA"
        )
        raise DataError(f"{error}; {remedy}") from error


def _full_row(name: str) -> tuple[str, ...]:
    location = locate(name)
    if location is None:
        where = f"not here: {_COMMAND} --download {name}"
        return name, _SETS[name].full.name, "-", "-", "-", "-", where
    return _row(name, "auto", f", {location.via}: {location.path}")


def _row(name: str, source: str, place: str = "") -> tuple[str, ...]:
    splits = [load(name, split=split, source=source) for split in _SPLITS]
    counts = [str(len(data)) for data in splits]
    test = splits[-1]
    return name, test.variant, *counts, _size(test.images), test.origin + place


def _show() -> int:
    """Print what is here, a row for each variant, and what is wrong with it."""
    layout = "{:<7} {:<13} {:>6} {:>11} {:>6}  {:<6} {}"
    problems = []
    print(layout.format("set", "variant", *_SPLITS, "size", "from"))
    for name in _SETS:
        try:
            print(layout.format(*_full_row(name)))
        except DataError as error:
            print(layout.format(name, _SETS[name].full.name, *"----", "broken, see below"))
            problems.append(str(error))
        print(layout.format(*_row(name, "bundled")))
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_COMMAND,
        description="Show which images are here and where they came from, or fetch a full set.",
        epilog="A full set is looked for in the folder that INPAINTLIB_DATA names, then in the "
        "cache (INPAINTLIB_CACHE, or the system's place for caches). Otherwise the sample that is "
        "bundled with the package is used.",
    )
    parser.add_argument(
        "--download",
        metavar="SET",
        choices=tuple(_SETS),
        help="fetch a full set into the cache: 'digits' (MNIST, 11 MB) or 'faces' (Extended Yale "
        "B, 58 MB; free for research, cite Lee, Ho and Kriegman 2005)",
    )
    parser.add_argument(
        "--url",
        action="append",
        help="with --download: fetch from here instead of the usual addresses; for digits the "
        "folder of the four files, for faces the zip archive; may be given again, as a mirror",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, ``python -m inpaintlib.datasets``, and return its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.url and not options.download:
        parser.error("--url goes with --download")
    try:
        if options.download is None:
            return _show()
        location = download(options.download, urls=options.url, report=_complain)
        print(f"{options.download}: whole and checked, in {location.path}")
        return 0
    except DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _complain(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
