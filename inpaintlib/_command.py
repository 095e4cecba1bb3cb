"""What all commands, ``python -m inpaintlib.…``, have in common: any terminal, any pipe."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable

_PLAIN = str.maketrans({"×": "x", "–": "-", "−": "-", "…": "...", "’": "'", "“": '"', "”": '"'})
_PIPE_CLOSED, _INTERRUPTED = 141, 130  # as a shell reports SIGPIPE and SIGINT


def run(main: Callable[[], int]) -> int:
    """Run a command's main function; return its exit status.

    A character that the terminal does not have is replaced. Output into a pipe that nobody reads
    any more, and an interruption by the user, end the command without a traceback.
    """
    codecs.register_error("inpaintlib-plain", _in_plain_letters)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not where the stream is closed, or a test's own
            stream.reconfigure(errors="inpaintlib-plain")
    try:
        try:
            return main()
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED


def _in_plain_letters(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    part = error.object[error.start : error.end].translate(_PLAIN)
    return part.encode("ascii", "backslashreplace").decode("ascii"), error.end
