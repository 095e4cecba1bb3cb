"""Explorers in a storm of moves, whose draws do what they like."""

from __future__ import annotations

import gc
import sys
import threading
import warnings
import weakref
from functools import cache
from unittest import mock

import numpy as np
from hypothesis import strategies as st

from faults.kinds import kind
from inpaintlib import figures, widgets
from inpaintlib.figures import Picture
from inpaintlib.widgets import Explorer, Superseded


@cache
def png() -> bytes:
    return figures.gallery({"": figures.Strip(np.full((1, 4, 4), 0.5))}, alt="grey").png


class Draw:
    """Draws a picture for even values, and something else for odd ones."""

    def __init__(self, deeds: list[str]) -> None:
        self.deeds = deeds
        self.free = threading.Event()

    def __call__(self, a: int) -> Picture:
        if a % 2:
            getattr(self, self.deeds[a // 2])()
        return Picture(png(), f"the picture of {a}")

    def fails(self) -> None:
        raise RuntimeError("no\npicture" * 1000)

    def recurses(self) -> None:
        self.recurses()

    def ends(self) -> None:
        raise SystemExit("enough")

    def is_interrupted(self) -> None:
        raise KeyboardInterrupt

    def gives_way(self) -> None:
        raise Superseded

    def prints(self) -> None:
        print("out" * 10_000)
        print("err", file=sys.stderr)

    def warns(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("beware", stacklevel=1)

    def hangs(self) -> None:
        self.free.wait()

    def closes_its_output(self) -> None:
        sys.stdout = sys.__stdout__


DEEDS = [name for name in vars(Draw) if not name.startswith("_")]


@kind(
    "explorers",
    "moves in any order over draws that fail, end the program, hang, print or give way: the last "
    "move is served, output goes where it belongs, and a closed explorer is freed",
    examples=25,
)
def storm(data: st.DataObject) -> None:
    deeds = data.draw(st.lists(st.sampled_from(DEEDS), min_size=1, max_size=5), label="deeds")
    moves = data.draw(st.lists(st.integers(1, 2 * len(deeds)), max_size=30), label="moves")
    draw, streams = Draw(deeds), (sys.stdout, sys.stderr)
    with mock.patch.object(widgets, "PATIENCE", 0.0):
        explorer = Explorer(draw, a=range(2 * len(deeds) + 1))
        try:
            for move in moves:
                explorer.sliders["a"].value = move
            explorer.set(a=0)
            assert explorer.picture.alt == "the picture of 0"
            assert explorer._progress.value == "&nbsp;"
            assert explorer._shown.value == explorer.picture.html()
        finally:
            draw.free.set()
            sys.stdout, sys.stderr = streams
            explorer.close()
        kept = weakref.ref(explorer)
        del explorer
    for thread in threading.enumerate():  # one that has yet to end keeps what it worked for
        if thread.daemon and ("_work" in thread.name or isinstance(thread, threading.Timer)):
            thread.join()
    gc.collect()
    assert kept() is None, "a closed explorer is kept"
