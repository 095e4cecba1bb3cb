"""The state of torch that the whole process shares, and how a computation keeps apart from it.

Gradients, inference, autocast, the default device, the number of threads and the shared generator
belong to the caller. A computation of the package gives the same result whatever they are, and
leaves them as they were. The default precision cannot be set for one thread alone, so whatever
computes here names its precision instead.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import torch


@contextmanager
def usual(device: torch.device | None = None) -> Iterator[None]:
    """Compute with gradients, outside of inference mode, and without autocast.

    Args:
        device: The default device meanwhile; the caller's if None, which costs a step of a descent
            nothing.
    """
    with ExitStack() as modes:
        if torch.is_inference_mode_enabled():
            modes.enter_context(torch.inference_mode(False))
        if not torch.is_grad_enabled():
            modes.enter_context(torch.enable_grad())
        for kind in ("cpu", "cuda"):
            if torch.is_autocast_enabled(kind):
                modes.enter_context(torch.autocast(kind, enabled=False))
        if device is not None and torch.get_default_device() != device:
            modes.enter_context(device)
        yield


class _OneThread(threading.local):
    """Whether this thread computes with one OpenMP thread already."""

    inside = False


class _Shared:
    """What the threads of the process have to agree on."""

    def __init__(self) -> None:
        self.counting = threading.Lock()
        self.drawing = threading.RLock()


_shared, _own = _Shared(), _OneThread()


def _after_fork() -> None:
    """Forget the threads, and the locks that they held, since they do not exist in the child."""
    global _shared, _own
    _shared, _own = _Shared(), _OneThread()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one OpenMP thread, and restore torch's number of threads."""
    own = _own
    if own.inside:
        yield
        return
    threads = _set_threads(1)
    own.inside = True
    try:
        yield
    finally:
        own.inside = False
        _set_threads(threads)


def _set_threads(number: int) -> int:
    """Set the number of OpenMP threads with which this thread computes; return what it was.

    torch keeps a number for each thread that has computed, and one for all those that will, and
    sets both at once. The second is what a new thread reads, so a new thread puts it back.
    """
    with _shared.counting, ThreadPoolExecutor(1) as new:
        before, later = torch.get_num_threads(), new.submit(torch.get_num_threads).result()
        torch.set_num_threads(number)
        new.submit(torch.set_num_threads, later).result()
        return before


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let torch's shared generator draw from a seed, in float32, and restore it.

    For the first weights of layers, which take no generator of their own.
    """
    with _shared.drawing:
        state, precision = torch.default_generator.get_state(), torch.get_default_dtype()
        torch.default_generator.manual_seed(seed)
        if precision != torch.float32:
            torch.set_default_dtype(torch.float32)
        try:
            yield
        finally:
            torch.default_generator.set_state(state)
            if precision != torch.float32:
                torch.set_default_dtype(precision)
