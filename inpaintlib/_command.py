"""What all commands, ``python -m inpaintlib.…``, have in common: any terminal, any pipe."""

from __future__ import annotations

import codecs
import os
import sys
import warnings
from collections.abc import Callable

_PLAIN = str.maketrans({"×": "x", "–": "-", "−": "-", "…": "...", "’": "'", "“": '"', "”": '"'})
_FAILED, _PIPE_CLOSED, _INTERRUPTED = 1, 141, 130  # as a shell reports SIGPIPE and SIGINT


def run(main: Callable[[], int]) -> int:
    """Run a command's main function; return its exit status.

    A character that the terminal does not have is replaced, and a warning is one line. Output into
    a pipe that nobody reads any more or onto a full disk, and an interruption by the user, end the
    command without a traceback.
    """
    codecs.register_error("inpaintlib-plain", _in_plain_letters)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not where the stream is closed, or a test's own
            stream.reconfigure(errors="inpaintlib-plain")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _told
            try:
                return main()
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()
    except BrokenPipeError:
        _discard_the_rest()
        return _PIPE_CLOSED
    except OSError as error:
        _discard_the_rest()
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED


def _discard_the_rest() -> None:
    """Send what is still to be written nowhere, as Python flushes once more when it ends."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(message: Warning | str, *where: object, **details: object) -> None:
    if sys.stderr is not None:
        print(f"warning: {' '.join(str(message).split())}", file=sys.stderr)


def _in_plain_letters(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    part = error.object[error.start : error.end].translate(_PLAIN)
    return part.encode("ascii", "backslashreplace").decode("ascii"), error.end
