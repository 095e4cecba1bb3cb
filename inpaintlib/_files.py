"""Files: written completely or not at all, and those of the package, checked before use."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from inpaintlib._readers import DataError

_LISTED = re.compile(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.MULTILINE)


def write(
    path: Path | str, contents: bytes, *, check: Callable[[Path], object] = lambda unfinished: None
) -> Path:
    """Write a file completely, or leave the one that is there as it is.

    The contents go into a new file of a unique name beside it, with the mode that the umask gives,
    and take the place of ``path`` after ``check`` accepted them. The new file never stays behind.

    Args:
        path: The file; a link is followed.
        contents: Its bytes.
        check: Called with the new file; raises an exception where it cannot be read back.

    Returns:
        The file.

    Raises:
        OSError: It cannot be written.
    """
    target = Path(os.path.realpath(path))
    unfinished = _beside(target)
    try:
        # mkstemp would allow its owner alone to read the file, whatever the umask.
        number = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o666)
        with open(number, "wb") as file:
            file.write(contents)
            file.flush()
            os.fsync(number)
        check(unfinished)
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    return Path(path)


_BINARY = getattr(os, "O_BINARY", 0)  # Windows


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.unfinished")


def check_writable(argument: str, folder: Path, *names: str) -> None:
    """Check, before hours of work, that files can be written.

    Args:
        argument: The argument's name, for the message.
        folder: Their folder.
        names: Their names.

    Raises:
        NotADirectoryError: The folder does not exist.
        IsADirectoryError: One of them is a folder.
        PermissionError: No file can be made in the folder.
    """
    if not os.path.isdir(folder):
        raise NotADirectoryError(f"{argument}: got {folder}, wanted one that exists")
    for name in names:
        if os.path.isdir(folder / name):
            raise IsADirectoryError(f"{argument}: got {folder}, where {name} is a folder")
    trial = _beside(folder / "trial")
    try:
        trial.touch(exist_ok=False)
    except OSError as error:
        raise PermissionError(
            f"{argument}: got {folder}, wanted one that can be written ({error.strerror})"
        ) from error
    finally:
        trial.unlink(missing_ok=True)


def shipped(name: str) -> bytes:
    """Return a file of the package's assets, whose SHA-256 is listed in their ``README.md``.

    Raises:
        DataError: It is missing, not listed, or differs from the listed one.
    """
    folder = resources.files("inpaintlib") / "assets"
    path = folder / name
    try:
        contents = path.read_bytes()
        listed = dict(_LISTED.findall((folder / "README.md").read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read ({error}); install inpaintlib again") from error
    found, wanted = hashlib.sha256(contents).hexdigest(), listed.get(name)
    if found != wanted:
        reason = f"wanted {wanted[:12]}…" if wanted else "and README.md does not list it"
        raise DataError(
            f"{path} cannot be read (its SHA-256 is {found[:12]}…, {reason}); "
            "install inpaintlib again"
        )
    return contents
