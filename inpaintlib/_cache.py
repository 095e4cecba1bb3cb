"""The cache folder: decoded arrays, and files that the user asked to download.

Every file is completed in a temporary folder inside the cache and then moved into place, so the
cache never holds a partial file and nothing outside it is touched.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pooch

from inpaintlib._readers import Arrays, DataError

# Part of every key: raise it when the decoded arrays change their meaning.
_LAYOUT = 1
_TIMEOUT_SECONDS = 30


def folder() -> Path:
    """Return the cache folder: ``INPAINTLIB_CACHE``, else the system's default."""
    return Path(os.environ.get("INPAINTLIB_CACHE") or pooch.os_cache("inpaintlib"))


def decoded(variant: str, sources: Iterable[Path], decode: Callable[[], Arrays]) -> Arrays:
    """Return the stored result of ``decode``, decoded again if a source changed or it is broken.

    A cache that cannot be written costs only time, so this is a warning.
    """
    stored, key = folder() / f"{variant}-decoded.npz", _key(sources)
    arrays = _recall(stored, key)
    if arrays is None:
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
    report: Callable[[str], object],
) -> Path:
    """Download a set of files into the cache from the first mirror that delivers all of them.

    ``mirrors`` map each file's name to its address; ``check`` reads the files in a folder and
    raises ``DataError`` if they are wrong; ``report`` is called with a line that says why the next
    mirror is tried.
    Returns the cache folder.
    """
    failures = []
    try:
        for mirror in mirrors:
            with _workbench() as bench:
                try:
                    _get(mirror, bench)
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


def _get(mirror: Mapping[str, str], bench: Path) -> None:
    for name, url in mirror.items():
        download = pooch.HTTPDownloader(
            progressbar=True, chunk_size=1 << 16, timeout=_TIMEOUT_SECONDS
        )
        try:
            download(url, str(bench / name), None)
        except OSError as error:
            # The network's errors carry no errno; a full disk's do, and are not the mirror's fault.
            if error.errno is not None:
                raise
            raise DataError(f"{url}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
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
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            if stored["key"].item() != key:
                return None
            return {name: stored[name] for name in stored.files if name != "key"}
    # A missing or damaged file raises many exceptions, all with the same remedy: decode it again.
    except Exception:
        return None


@contextmanager
def _workbench() -> Iterator[Path]:
    """Yield a temporary folder on the cache's own disk, so that moving out of it is atomic."""
    folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder(), prefix=".partial-") as name:
        yield Path(name)
