"""The cache folder: decoded arrays, and files that the user asked to download.

Every file is completed in a temporary folder inside the cache and then moved into place, so the
cache never holds a partial file and nothing outside it is touched. What a killed process leaves is
swept by the next one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pooch

from inpaintlib._readers import Arrays, DataError

if sys.platform != "win32":
    import fcntl

# Part of every key: raise it when the decoded arrays change their meaning.
_LAYOUT = 1
_TIMEOUT_SECONDS = 30

# Temporary folders, and the files that they may hold.
_PARTIAL = ".partial-"
_PARTIAL_NAME = re.compile(r"\.partial-[a-z0-9_]{8}")
_OURS = re.compile(r"[\w-]+-decoded\.npz|[\w-]+\.gz|CroppedYale\.zip")
_A_DAY = 24 * 60 * 60


def folder() -> Path:
    """Return the cache folder: ``INPAINTLIB_CACHE``, else the system's default."""
    return Path(os.environ.get("INPAINTLIB_CACHE") or pooch.os_cache("inpaintlib"))


def decoded(
    variant: str,
    sources: Iterable[Path],
    decode: Callable[[], Arrays],
    *,
    holds: Callable[[Arrays], bool],
) -> Arrays:
    """Return the stored result of ``decode``, decoded again if a source changed or it is broken.

    ``holds`` tells whether stored arrays are those of the set by name, shape and type.
    A cache that cannot be written costs only time, so this is a warning.
    """
    sweep()
    stored, key = folder() / f"{variant}-decoded.npz", _key(sources)
    arrays = _recall(stored, key)
    if arrays is None or not holds(arrays):
        arrays = decode()
        try:
            with _workbench() as bench:
                contents: dict[str, Any] = {"key": np.array(key), **arrays}
                np.savez(bench / stored.name, **contents)
                os.replace(bench / stored.name, stored)
        except OSError as error:
            warnings.warn(
                f"the cache {folder()} cannot be written ({error}), so {variant} is decoded again "
                "each time; set INPAINTLIB_CACHE to a folder that can be",
                stacklevel=4,
            )
    return arrays


def fetch(
    mirrors: Sequence[Mapping[str, str]],
    check: Callable[[Path], object],
    *,
    largest: Mapping[str, int],
    report: Callable[[str], object],
) -> Path:
    """Download a set of files into the cache from the first mirror that delivers all of them.

    ``mirrors`` map each file's name to its address; ``check`` reads the files in a folder and
    raises ``DataError`` if they are wrong; ``largest`` has the most bytes of each file; ``report``
    is called with a line that says why the next mirror is tried.
    Returns the cache folder.
    """
    failures = []
    sweep()
    try:
        for mirror in mirrors:
            with _workbench() as bench:
                try:
                    _get(mirror, bench, largest)
                    check(bench)
                except DataError as error:
                    # The temporary folder no longer exists when the message is read.
                    failures.append(str(error).replace(f"{bench}{os.sep}", ""))
                    if len(failures) < len(mirrors):
                        report(f"{failures[-1]}; trying the next mirror")
                    continue
                for name in mirror:
                    os.replace(bench / name, folder() / name)
                return folder()
    except OSError as error:
        raise DataError(
            f"the cache {folder()} cannot be written ({error}); "
            "set INPAINTLIB_CACHE to a folder that can be"
        ) from error
    names = ", ".join(mirrors[0])
    raise DataError(
        f"no mirror delivered complete {names} ({'; '.join(failures)}); check the network or "
        "give another address (--url), or put the files into a folder and set INPAINTLIB_DATA to it"
    )


def _get(mirror: Mapping[str, str], bench: Path, largest: Mapping[str, int]) -> None:
    for name, url in mirror.items():
        download = pooch.HTTPDownloader(
            progressbar=True, chunk_size=1 << 16, timeout=_TIMEOUT_SECONDS
        )
        try:
            with (bench / name).open("wb") as file:
                download(url, _Bounded(file, url, largest[name]), None)
        # An answer that is no HTTP raises all kinds of ValueError.
        except (OSError, ValueError) as error:
            # The network's errors carry no errno; a full disk's do, and are not the mirror's fault.
            if getattr(error, "errno", None) is not None:
                raise
            raise DataError(f"{url}: {_reason(error)}") from error


class _Bounded:
    """A file that takes a number of bytes at most, so that no server can fill the disk."""

    def __init__(self, file: BinaryIO, url: str, largest: int) -> None:
        self._file, self._url = file, url
        self._left = self._largest = largest

    def write(self, part: bytes) -> int:
        self._left -= len(part)
        if self._left < 0:
            raise DataError(f"{self._url}: it is larger than {self._largest:,} bytes")
        return self._file.write(part)

    def flush(self) -> None:
        self._file.flush()


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is None:
        return f"it cannot be fetched ({type(error).__name__})"
    return f"the server says {response.status_code} {response.reason}"


def _key(sources: Iterable[Path]) -> str:
    facts = [
        (str(path.resolve()), (stat := path.stat()).st_size, stat.st_mtime_ns) for path in sources
    ]
    return hashlib.sha256(repr((_LAYOUT, facts)).encode()).hexdigest()


def _recall(path: Path, key: str) -> Arrays | None:
    try:
        with zipfile.ZipFile(path) as archive:
            # As written here; and nothing that unpacks to more than it takes on the disk.
            if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
                return None
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            if stored["key"].item() != key:
                return None
            return {name: stored[name] for name in stored.files if name != "key"}
    # A missing or damaged file raises many exceptions, all with the same remedy: decode it again.
    except Exception:
        return None


@contextmanager
def _workbench() -> Iterator[Path]:
    """Yield a temporary folder on the cache's own disk, so that moving out of it is atomic.

    It is locked while this process works in it, see :func:`sweep`.
    """
    folder().mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with _locked(folder()):  # nobody sweeps between making the folder and locking it
            name = tempfile.TemporaryDirectory(dir=folder(), prefix=_PARTIAL)
            bench = Path(stack.enter_context(name))
            stack.enter_context(_locked(bench))
        yield bench


def sweep() -> None:
    """Remove what processes that were killed left in the cache; nothing else, no error.

    Those are the temporary folders that no process has locked, as a process that ends loses its
    locks; where folders cannot be locked, those that did not change for a day.
    """
    with _locked(folder(), wait=False) as certain:
        try:
            found = [path for path in folder().iterdir() if _PARTIAL_NAME.fullmatch(path.name)]
        except OSError:
            return
        for path in found:
            if path.is_dir() and not path.is_symlink() and _abandoned(path, certain=certain):
                shutil.rmtree(path, ignore_errors=True)


def _abandoned(bench: Path, *, certain: bool) -> bool:
    try:
        contents = list(bench.iterdir())
        if any(not _OURS.fullmatch(path.name) or path.is_dir() for path in contents):
            return False
        if not certain:
            return max(path.stat().st_mtime for path in (bench, *contents)) < time.time() - _A_DAY
    except OSError:
        return False
    with _locked(bench, wait=False) as free:
        return free


@contextmanager
def _locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Lock a folder for this process; yield whether that is done."""
    if sys.platform == "win32":
        yield False
        return
    try:
        number = os.open(path, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            locked = True
        except OSError:
            locked = False
        yield locked
    finally:
        os.close(number)
