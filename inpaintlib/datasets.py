"""Images and labels: the sets that are bundled with the package, and two that are not.

A name means the same images on every machine:

- ``"digits"``, 28×28: 6,000 digits of MNIST :cite:p:`lecun1998gradient`, bundled;
- ``"mnist"``, 28×28: all of MNIST;
- ``"faces-att"``, 48×42: the AT&T faces :cite:p:`samaria1994parameterisation`, bundled;
- ``"faces-yale"``, 48×42: Extended Yale B :cite:p:`georghiades2001few,lee2005acquiring`;
- ``"emoji"``, 32×32 in colour: things, each drawn by eight foundries, bundled.

The two that are not bundled are read from the folder in the environment variable
``INPAINTLIB_DATA``, or else from the cache (``INPAINTLIB_CACHE``, or the system's cache folder).
Where they are not found, loading fails. Where ``INPAINTLIB_DATA`` is set to a folder that holds
neither, loading another set warns. Nothing is downloaded unless :func:`download` is called,
or ``python -m inpaintlib.datasets --download mnist``.

Explained in the chapter *Data and classifiers*.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaintlib import _cache, _command, _files, _readers, checks
from inpaintlib._readers import Arrays, DataError
from inpaintlib._signatures import checked

__all__ = [
    "DataError",
    "Dataset",
    "Location",
    "class_averages",
    "collection",
    "download",
    "full_name",
    "load",
    "locate",
    "names",
    "part_averages",
]

_COMMAND = "python -m inpaintlib.datasets"
_SPLITS = ("train", "validation", "test")


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Images with their labels, all of one split of one set.

    Indexing with a slice, an index array or a bool array gives the ``Dataset`` of those images.
    Explained in the chapter *Data and classifiers*.

    Attributes:
        name: The set, see :func:`load`.
        collection: The source of the images and classes: ``"mnist"``, ``"att"``, ``"yale"`` or
            ``"emoji"``. The classifiers and averages of a collection serve all sets that are part
            of it.
        split: ``"train"``, ``"validation"`` or ``"test"``.
        images: ``(N, H, W)`` float32, grey values in [0, 1]; of emoji ``(N, 3, H, W)``, red,
            green and blue.
        labels: ``(N,)`` int64, counted from 0 in the order of ``classes``.
        classes: The meaning of the labels: ``"0"`` to ``"9"``, the people's names in the set, or
            the things.
        details: ``(N,)`` str, identifies the picture: a digit's index in the full split, the name
            of the light (``"A+005E+10"``: azimuth and elevation in degrees), the number of the
            AT&T picture, or foundry and drawing (``"twemoji/strawberry"``).
        origin: One line that says which set this is and where it was found.
        citation: Keys into the book's bibliography, separated by commas; none for emoji, whose
            authors and licences are in ``assets/emoji-credits.csv``.
    """

    name: str
    collection: str
    split: str
    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    details: NDArray[np.str_]
    origin: str
    citation: str

    def __post_init__(self) -> None:
        for argument in ("labels", "details"):
            count = (len(self.images),)
            checks.same_shape(argument, getattr(self, argument).shape, count, "the images")

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __getitem__(self, index: slice | NDArray[Any] | Sequence[int]) -> Dataset:
        """Return the ``Dataset`` of the images that a slice, index array or bool array selects.

        Raises:
            TypeError: The index is none of them.
            IndexError: There are not as many images.
        """
        if isinstance(index, slice):
            chosen: slice | NDArray[Any] = index
        else:
            chosen = checks.array_of("index", index)
            if chosen.size == 0:
                chosen = chosen.astype(np.intp)
            if chosen.ndim != 1 or chosen.dtype.kind not in "biu":
                raise TypeError(
                    f"index: got {checks.shown(index)}, wanted a slice or a list or array of "
                    "indices or bools; for one image, index .images"
                )
        return replace(
            self,
            images=self.images[chosen],
            labels=self.labels[chosen],
            details=self.details[chosen],
        )

    def of_class(self, label: int) -> Dataset:
        """Return the images of one class; ``label`` counts from 0 in the order of ``classes``.

        Raises:
            TypeError: An argument is of the wrong kind.
            ValueError: There is no such class.
        """
        checks.whole_number("label", label, 0, len(self.classes) - 1)
        return self[self.labels == label]

    def __repr__(self) -> str:
        """Describe the images in one line."""
        images = f"{len(self)} {self.split} images of {_size(self.images)}"
        return f"<Dataset {self.name}: {images}, {self.origin}>"


@dataclass(frozen=True)
class Location:
    """The location of a full set.

    Attributes:
        path: The folder that holds the files, or the archive.
        via: ``"INPAINTLIB_DATA"`` or ``"cache"``, where it was found.
    """

    path: Path
    via: str


@dataclass(frozen=True)
class _Full:
    """How a set that is not bundled is found, read and downloaded."""

    find: Callable[[Path], Path | None]  # in a folder, the path for `sources` and `read`
    sources: Callable[[Path], list[Path]]
    read: Callable[[Path], Arrays]
    holds: Callable[[Arrays], bool]  # whether arrays have the names, shapes and types of `read`'s
    files: Callable[[str], dict[str, str]]  # for a mirror, file name to address
    largest: Callable[[], dict[str, int]]  # file name to the most bytes of a download
    mirrors: tuple[str, ...]
    wanted: str  # the files that a folder must hold, in words


@dataclass(frozen=True)
class _Set:
    """Everything that differs between the sets."""

    collection: str
    title: str
    citation: str
    validation: Callable[[Arrays], NDArray[np.bool_]]  # which of the stored training images
    stored: str | _Full  # the file of the assets, or how to find the full set


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


def _first_foundry(arrays: Arrays) -> NDArray[np.bool_]:
    """The first in the alphabet; the test foundry, chosen the same way, is stored separately."""
    foundries = np.array([details.split("/")[0] for details in arrays["train_details"].tolist()])
    return foundries == min(foundries)


_SETS: Mapping[str, _Set] = {
    "digits": _Set("mnist", "MNIST sample", "lecun1998gradient", _last_twelfth, "mnist-sample.npz"),
    "mnist": _Set(
        "mnist",
        "MNIST",
        "lecun1998gradient",
        _last_twelfth,
        _Full(
            find=_readers.find_mnist,
            sources=_readers.mnist_sources,
            read=_readers.read_mnist,
            holds=_readers.holds_mnist,
            files=_readers.mnist_files,
            largest=_readers.mnist_largest,
            mirrors=(
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
            ),
            wanted="MNIST's four .gz files",
        ),
    ),
    "faces-att": _Set(
        "att", "AT&T faces", "samaria1994parameterisation", _sixth_picture, "att.npz"
    ),
    "faces-yale": _Set(
        "yale",
        "Extended Yale B",
        "georghiades2001few,lee2005acquiring",
        _every_sixth_light,
        _Full(
            find=_readers.find_yale,
            sources=_readers.yale_sources,
            read=_readers.read_yale,
            holds=_readers.holds_yale,
            files=_readers.yale_files,
            largest=_readers.yale_largest,
            mirrors=("http://vision.ucsd.edu/extyaleb/CroppedYaleBZip/CroppedYale.zip",),
            wanted="CroppedYale.zip, or the folder CroppedYale",
        ),
    ),
    "emoji": _Set("emoji", "Emoji", "", _first_foundry, "emoji.npz"),
}


#: The set that the classifiers and averages of each collection are made from.
LEARNED = {"mnist": "mnist", "yale": "faces-yale", "att": "faces-att", "emoji": "emoji"}


def names() -> tuple[str, ...]:
    """Return the names of all sets, for :func:`load`."""
    return tuple(_SETS)


def collection(data: Dataset | str) -> str:
    """Return the collection of a set, see :class:`Dataset`.

    Args:
        data: The set or its name.

    Raises:
        TypeError: Neither a ``Dataset`` nor a name.
        ValueError: No set has that name.
    """
    if isinstance(data, Dataset):
        return data.collection
    if not isinstance(data, str):
        raise TypeError(f"data: got {type(data).__name__}, wanted a Dataset or the name of one")
    return _SETS[checks.known_name("data", data, _SETS)].collection


@checked
def full_name(argument: str, name: str, known: Iterable[str], data: Dataset | str | None) -> str:
    """Return the full name of a recipe, a classifier or the like, which may depend on a set.

    Some names stand for a family with one member for each collection, as ``"faces"`` does for
    ``"faces-att"`` and ``"faces-yale"``. The set of the images then selects one.

    Args:
        argument: The kind of thing that is named, for the message.
        name: A full name, or that of a family.
        known: The full names that exist.
        data: The set that the images come from, or None where it is not known.

    Raises:
        TypeError: ``data`` is of the wrong kind.
        ValueError: The name is unknown, or that of a family that has no member for the set, or
            of one where ``data`` is None.
    """
    names = list(known)
    if data is not None:
        collection(data)
    if name in names:
        return name
    collections = sorted({known_set.collection for known_set in _SETS.values()})
    members = [full for one in collections if (full := f"{name}-{one}") in names]
    if not members:
        raise ValueError(f"{argument}: got {name!r}, wanted one of {', '.join(names)}")
    if data is None:
        raise ValueError(
            f"{argument}: got {name!r}, which differs between sets; wanted one of "
            f"{', '.join(members)}, or data=, the set that the images come from"
        )
    full = f"{name}-{collection(data)}"
    if full not in members:
        given = data.name if isinstance(data, Dataset) else data
        raise ValueError(
            f"{argument}: got {name!r} for images of {given}, wanted {', '.join(members)}"
        )
    return full


def load(name: str, *, split: str = "train") -> Dataset:
    """Load one split of a set.

    Explained in the chapter *Data and classifiers*.

    Args:
        name: ``"digits"`` or ``"mnist"`` (28×28, :cite:p:`lecun1998gradient`), ``"faces-att"``
            (48×42, :cite:p:`samaria1994parameterisation`), ``"faces-yale"`` (48×42,
            :cite:p:`georghiades2001few,lee2005acquiring`, reduced 4× by block means), or
            ``"emoji"`` (32×32 in red, green and blue, on white).
        split: ``"train"``, ``"validation"`` for choosing parameters, or ``"test"``. Of the digits
            the 10,000 published for testing are the test split; of the others the last twelfth of
            each class, about 5,000 of MNIST, are the validation split. Extended Yale B is
            split by light: of the 64 light names, sorted as strings, ``lights[3::4]`` are the test
            split, and of the other 48 ``[5::6]`` the validation split. Of each person's ten AT&T
            pictures, numbers 4 and 8 are the test split and number 6 is the validation split.
            Of the eight foundries that drew the emoji the first in the alphabet is the test split
            and the second the validation split.

    Returns:
        The images and labels; ``.origin`` says where they were found.

    Raises:
        ValueError: ``name`` or ``split`` is unknown.
        DataError: A set that is not bundled is not found, or is broken or incomplete.
    """
    known = _SETS[checks.known_name("name", name, _SETS)]
    checks.known_name("split", split, _SPLITS)
    if isinstance(known.stored, str):
        _warn_of_empty_folder()
        arrays, where = _read_bundled(known.stored), "bundled"
    else:
        location = _found(name)
        arrays = _read_full(name, location)
        where = "downloaded" if location.via == "cache" else "local copy"
    stored, chosen = "test", np.s_[:]
    if split != "test":
        stored, chosen = "train", known.validation(arrays) == (split == "validation")
    return Dataset(
        name=name,
        collection=known.collection,
        split=split,
        images=arrays[f"{stored}_images"][chosen].astype(np.float32) / np.float32(255),
        labels=arrays[f"{stored}_labels"][chosen].astype(np.int64),
        classes=tuple(arrays["classes"].tolist()),
        details=arrays[f"{stored}_details"][chosen].astype(np.str_),
        origin=f"{known.title} ({where})",
        citation=known.citation,
    )


@checked
def class_averages(data: Dataset) -> NDArray[np.float32]:
    """Return the mean image of each class, ``(classes, *shape)`` float32 in [0, 1].

    Explained in the chapter *Data and classifiers*.

    Raises:
        TypeError: ``data`` is no ``Dataset``.
        ValueError: A class has no image.
    """
    checks.instance("data", data, Dataset, "a Dataset")
    groups = [data.images[data.labels == label] for label in range(len(data.classes))]
    for title, group in zip(data.classes, groups, strict=True):
        if not len(group):
            raise ValueError(f"data: got no image of class {title}, wanted one of each at least")
    return np.stack([group.mean(axis=0, dtype=np.float64) for group in groups]).astype(np.float32)


@checked
def part_averages(data: Dataset, *, parts: int, smallest: int = 3) -> NDArray[np.float32]:
    """Divide each class into parts of images that look alike; return the mean image of each.

    A class is cut in two along its principal direction, where the sum of squared distances to
    the two means is smallest; then the part with the largest gain from a cut is cut, and so on
    :cite:p:`boley1998principal`. A part of a face's class has similar light, a part of a digit's
    class one way of writing. Beyond the paper, whose class average (section 3.3) is the case of one
    part.

    Args:
        data: The images.
        parts: Number of parts of each class, at least 1.
        smallest: Smallest number of images in a part.

    Returns:
        ``(classes, parts, *shape)`` float32 in [0, 1]. Where a class can be cut no further, its
        class average fills the remaining places.

    Raises:
        TypeError: ``data`` is no ``Dataset``, or a number not whole.
        ValueError: ``parts`` or ``smallest`` is below 1, or a class has no image.
    """
    for argument, value in {"parts": parts, "smallest": smallest}.items():
        checks.whole_number(argument, value, 1)
    whole = class_averages(data)
    averages = np.repeat(whole[:, None], parts, axis=1)
    for label in range(len(data.classes)):
        images = data.images[data.labels == label]
        for i, part in enumerate(cut(images.reshape(len(images), -1), parts, smallest)):
            averages[label, i] = images[part].mean(axis=0)
    return averages


@checked
def cut(points: NDArray[np.floating], parts: int, smallest: int) -> list[NDArray[np.intp]]:
    """Cut points into groups along principal directions, see :func:`part_averages`.

    Args:
        points: ``(N, D)``.
        parts: The most groups.
        smallest: The fewest points of a group.

    Returns:
        The rows of each group.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The points have another shape, or a number is below 1.
    """
    if points.ndim != 2:
        raise ValueError(f"points: got shape {points.shape}, wanted (N, D)")
    for argument, value in {"parts": parts, "smallest": smallest}.items():
        checks.whole_number(argument, value, 1)
    groups = [np.arange(len(points))]
    if parts == 1:
        return groups
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
    points: NDArray[np.floating], group: NDArray[np.intp], smallest: int
) -> tuple[float, NDArray[np.intp], NDArray[np.intp]]:
    """Return the gain of the best cut of a group and its two sides; -∞ if it is too small."""
    count = len(group)
    if count < 2 * smallest:
        return -np.inf, group, group[:0]
    centred = points[group].astype(np.float64)
    centred -= centred.mean(axis=0)
    # Both Gram matrices give the principal direction; the smaller one is faster.
    if count <= centred.shape[1]:
        along = np.linalg.eigh(centred @ centred.T)[1][:, -1]
    else:
        along = centred @ np.linalg.eigh(centred.T @ centred)[1][:, -1]
    order = np.argsort(along, kind="stable")
    sums = np.cumsum(centred[order], axis=0)
    left = np.arange(smallest, count - smallest + 1)
    # The sums of the two sides are opposite, so this is the reduction of the sum of squares.
    gains = np.square(sums[left - 1]).sum(axis=1) * (1 / left + 1 / (count - left))
    at = left[np.argmax(gains)]
    return float(gains.max()), group[order[:at]], group[order[at:]]


def locate(name: str) -> Location | None:
    """Find a set that is not bundled, in ``INPAINTLIB_DATA`` or else in the cache.

    Explained in the chapter *Data and classifiers*.

    Args:
        name: ``"mnist"`` or ``"faces-yale"``.

    Returns:
        The location, or None if it is not found.

    Raises:
        ValueError: ``name`` is unknown, or is that of a bundled set.
        DataError: ``INPAINTLIB_DATA`` is set to something that is not a folder.
    """
    find = _full(name).find
    local = os.environ.get("INPAINTLIB_DATA")
    if local:
        if not os.path.isdir(local) or not os.access(local, os.R_OK | os.X_OK):
            raise DataError(
                f"INPAINTLIB_DATA is {local}, not a folder that can be read; correct or unset it"
            )
        if path := find(Path(local)):
            return Location(path, "INPAINTLIB_DATA")
    path = find(_cache.folder())
    if path:
        _warn_of_empty_folder()
    return Location(path, "cache") if path else None


def _warn_of_empty_folder() -> None:
    """Warn where ``INPAINTLIB_DATA`` is set and holds none of the sets.

    The images then come from the package or the cache, while the user thinks otherwise.
    """
    local = os.environ.get("INPAINTLIB_DATA")
    if not local or any(_full(name).find(Path(local)) for name in _full_names()):
        return
    wanted = " nor ".join(_full(name).wanted for name in _full_names())
    warnings.warn(
        f"INPAINTLIB_DATA is {local}, in which no set is found: it holds neither {wanted}"
        f"{_uncompressed(Path(local))}; correct or unset it",
        stacklevel=3,
    )


def _uncompressed(folder: Path) -> str:
    """Return a remark about a file of MNIST without its compression, if there is one."""
    names = [file.name.removesuffix(".gz") for file in _readers.MNIST_FILES.values()]
    for name in (*names, *(name.replace("-idx", ".idx") for name in names)):
        if os.path.isfile(folder / name):
            return f"; {name} is there, but not compressed: run gzip on MNIST's four files"
    return ""


def download(
    name: str,
    *,
    urls: Sequence[str] | None = None,
    report: Callable[[str], object] = lambda line: None,
) -> Location:
    """Fetch a set that is not bundled into the cache with a progress bar, and check its contents.

    Explained in the chapter *Data and classifiers*.

    Args:
        name: ``"mnist"`` or ``"faces-yale"``.
        urls: The mirrors, tried in turn, instead of the usual ones: for MNIST the folder that
            holds the four files, for faces the archive.
        report: Called with a line whenever a mirror failed and the next one is tried.

    Returns:
        The location of the files.

    Raises:
        ValueError: ``name`` is unknown, or that of a bundled set, or ``urls`` is empty.
        DataError: No mirror delivers the complete set, or the cache cannot be written. The cache is
            then unchanged.
    """
    chosen = _full(name)
    if urls is not None and checks.several("urls", urls, "addresses in a list"):
        checks.names_of("urls", urls, "addresses in a list")
    checks.function("report", report, "a function of a line")
    mirrors = [chosen.files(url) for url in (chosen.mirrors if urls is None else urls)]
    if not mirrors:
        raise ValueError("urls: got none, wanted at least one address")

    def check(folder: Path) -> None:
        chosen.read(chosen.find(folder) or folder)

    folder = _cache.fetch(mirrors, check, largest=chosen.largest(), report=report)
    return Location(chosen.find(folder) or folder, "cache")


def _full_names() -> tuple[str, ...]:
    """Return the names of the sets that are not bundled."""
    return tuple(name for name, known in _SETS.items() if isinstance(known.stored, _Full))


def _full(name: str) -> _Full:
    stored = _SETS[checks.known_name("name", name, _full_names())].stored
    assert isinstance(stored, _Full)
    return stored


def _found(name: str) -> Location:
    """Return the location of a set that is not bundled.

    Raises:
        DataError: It is not found.
    """
    location = locate(name)
    if location is None:
        folder = os.environ.get("INPAINTLIB_DATA")
        searched = f"{folder} (INPAINTLIB_DATA) and the cache" if folder else "the cache"
        alike = [
            other
            for other, known in _SETS.items()
            if known.collection == _SETS[name].collection and other != name
        ]
        bundled = f"; {alike[0]!r} is a part of it that is bundled" if alike else ""
        remark = _uncompressed(Path(folder)) if folder and name == "mnist" else ""
        raise DataError(
            f"{name}: not found in {searched}{remark}; set INPAINTLIB_DATA to a folder that holds "
            f"{_full(name).wanted}, or run `{_COMMAND} --download {name}`{bundled}"
        )
    return location


def _size(images: NDArray[Any]) -> str:
    return "×".join(map(str, images.shape[1:]))


def _read_bundled(name: str) -> Arrays:
    with np.load(io.BytesIO(_files.shipped(name)), allow_pickle=False) as stored:
        return {key: stored[key] for key in stored.files}


def _read_full(name: str, location: Location) -> Arrays:
    full, path = _full(name), location.path
    try:
        sources = full.sources(path)
        return _cache.decoded(name, sources, lambda: full.read(path), holds=full.holds)
    except (DataError, OSError) as error:
        remedy = (
            f"run `{_COMMAND} --download {name}` to fetch it again"
            if location.via == "cache"
            else "put a complete copy there, or unset INPAINTLIB_DATA"
        )
        raise DataError(f"{error}; {remedy}") from error


def _row(name: str) -> tuple[str, ...]:
    """Return the size and location of a set, as the cells of a row."""
    known, place = _SETS[name], ""
    if isinstance(known.stored, _Full):
        location = locate(name)
        if location is None:
            return name, known.title, *"----", f"not found: {_COMMAND} --download {name}"
        place = f", {location.via}: {location.path}"
    splits = [load(name, split=split) for split in _SPLITS]
    counts = [str(len(data)) for data in splits]
    test = splits[-1]
    return name, known.title, *counts, _size(test.images), test.origin + place


def _show() -> int:
    """Print a row for each set, and the problems found."""
    layout = "{:<10} {:<15} {:>6} {:>11} {:>6}  {:<8} {}"
    problems = []
    print(layout.format("set", "title", *_SPLITS, "size", "from"))
    for name, known in _SETS.items():
        try:
            print(layout.format(*_row(name)))
        except DataError as error:
            print(layout.format(name, known.title, *"----", "broken, see below"))
            problems.append(str(error))
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_COMMAND,
        description="Show which sets are found and where they come from, or fetch a set.",
        epilog="A set that is not bundled is searched in the folder INPAINTLIB_DATA, "
        "then in the cache (INPAINTLIB_CACHE, or the system's cache folder).",
    )
    parser.add_argument(
        "--download",
        metavar="SET",
        choices=_full_names(),
        help="fetch a set into the cache: 'mnist' (11 MB) or 'faces-yale' (Extended Yale B, "
        "58 MB; free for research, cite Lee, Ho and Kriegman 2005)",
    )
    parser.add_argument(
        "--url",
        action="append",
        help="with --download: fetch from here instead of the usual addresses; for mnist the "
        "folder of the four files, for faces-yale the zip archive; repeat it to give mirrors",
    )
    return parser


@checked
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, ``python -m inpaintlib.datasets``, and return its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.url and not options.download:
        parser.error("--url goes with --download")
    _cache.sweep()
    try:
        if options.download is None:
            return _show()
        location = download(options.download, urls=options.url, report=_complain)
        print(f"{options.download}: complete and checked, in {location.path}")
        return 0
    except DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _complain(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(_command.run(main))
