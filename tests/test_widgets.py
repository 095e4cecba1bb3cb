"""Widgets: the picture follows the sliders, the latest value wins, and no exception is hidden."""

from __future__ import annotations

import base64
import gc
import io
import sys
import threading
import weakref

import ipywidgets
import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from inpaintlib import figures, inpaint, widgets
from inpaintlib.figures import Picture
from inpaintlib.widgets import FRAMES, Explorer, Latest

GREY = figures.gallery({"": figures.Strip(np.full((1, 4, 4), 0.5))}, alt="grey").png
PATIENCE = 20  # seconds, for threads that have nothing to wait for


def draw(**values: object) -> Picture:
    return Picture(GREY, f"the values {values}")


def test_names_are_buttons_and_numbers_are_sliders():
    explorer = Explorer(draw, number=[1, 2.5], name=["harmonic", "noise"], start={"name": "noise"})
    assert isinstance(explorer.sliders["number"], ipywidgets.SelectionSlider)
    assert isinstance(explorer.sliders["name"], ipywidgets.ToggleButtons)
    assert repr(explorer).startswith("number = 1, name = noise: ")
    explorer.set(name="harmonic", number=2.5)
    assert explorer.values == {"number": 2.5, "name": "harmonic"}
    assert "'name': 'harmonic'" in repr(explorer)
    explorer.close()


class Gate:
    """A draw function that computes until it is let through, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.began = threading.Semaphore(0)
        self.open = threading.Event()

    def __call__(self, a: int) -> Picture:
        self.asked.append(a)
        self.began.release()
        if a:
            assert self.open.wait(PATIENCE)
        return Picture(GREY, f"the picture of {a}")


@pytest.fixture
def gate() -> Gate:
    return Gate()


def settled(explorer: Explorer) -> str:
    explorer._latest.wait()
    assert explorer._progress.value == "&nbsp;"
    assert explorer._shown.value == explorer.picture.html()
    return explorer.picture.alt


def test_only_the_first_setting_is_drawn_when_it_is_made(gate):
    explorer = Explorer(gate, a=[0, 1, 2])
    assert gate.asked == [0]
    assert settled(explorer) == "the picture of 0"


@pytest.mark.parametrize("b", [10, 20])
@pytest.mark.parametrize("a", [1, 2, 3])
def test_the_picture_follows_the_sliders(a, b):
    explorer = Explorer(draw, a=[1, 2, 3], b=[10, 20])
    explorer.sliders["a"].value, explorer.sliders["b"].value = a, b
    assert settled(explorer) == f"the values {{'a': {a}, 'b': {b}}}"


def test_progress_shows_at_once_and_until_the_picture_is_there(gate):
    explorer = Explorer(gate, a=[0, 1])
    explorer.sliders["a"].value = 1
    assert "explorer-progress" in explorer._progress.value
    assert gate.began.acquire(timeout=PATIENCE)
    assert explorer.picture.alt == "the picture of 0"
    gate.open.set()
    assert settled(explorer) == "the picture of 1"


def test_the_last_value_wins_and_those_between_are_never_computed(gate):
    explorer = Explorer(gate, a=range(100))
    gate.began.acquire()
    shown = [explorer._shown.value]
    explorer._shown.observe(lambda change: shown.append(change["new"]), "value")
    explorer.sliders["a"].value = 1
    assert gate.began.acquire(timeout=PATIENCE)
    for value in range(2, 100):
        explorer.sliders["a"].value = value
    gate.open.set()
    assert settled(explorer) == "the picture of 99"
    assert gate.asked == [0, 1, 99]
    assert len(shown) == 2, "the picture of 1 came too late to be shown"


def test_a_descent_reports_its_steps_and_is_interrupted_by_the_next_value():
    began, steps = threading.Event(), []
    image, hole = np.zeros((28, 28)), np.pad(np.ones((4, 4), bool), 12)

    def show(label, callback=None):
        def count(step, images):
            steps.append((label, step))
            began.set()
            return callback(step, images)

        more = {"callback": count, "max_steps": 10**6} if label == 1 else {"max_steps": 1}
        result = inpaint(image, hole, label, start="constant", **more)
        return Picture(GREY, f"label {label}, {result.steps} steps")

    explorer = Explorer(show, label=[0, 1, 2])
    told = []
    explorer._progress.observe(lambda change: told.append(change["new"]), "value")
    explorer.sliders["label"].value = 1
    assert began.wait(PATIENCE)
    explorer.sliders["label"].value = 2
    assert settled(explorer) == "label 2, 1 steps"
    assert len(steps) < 10**6
    assert any("step 0" in text for text in told)


def test_an_exception_is_shown_and_the_next_value_works():
    def fails_at_1(a):
        if a == 1:
            raise RuntimeError("cannot <draw>")
        return draw(a=a)

    explorer = Explorer(fails_at_1, a=[0, 1, 2])
    explorer.sliders["a"].value = 1
    explorer._latest.wait()
    assert "RuntimeError: cannot &lt;draw&gt;" in explorer._progress.value
    assert "explorer-error" in explorer._progress.value
    assert explorer.picture.alt == "the values {'a': 0}"
    explorer.sliders["a"].value = 2
    assert settled(explorer) == "the values {'a': 2}"
    with pytest.raises(RuntimeError, match="cannot <draw>"):
        explorer.set(a=1)


def test_a_first_setting_that_fails_to_draw_fails_in_the_cell():
    def broken(a: int) -> Picture:
        raise RuntimeError(f"cannot draw {a}")

    with pytest.raises(RuntimeError, match="cannot draw 1"):
        Explorer(broken, a=[1, 2])


def test_set_moves_the_sliders_and_waits():
    explorer = Explorer(draw, a=[1, 2], b=[1, 2])
    explorer.set(b=2)
    assert explorer.values == {"a": 1, "b": 2}
    assert explorer.picture.alt == "the values {'a': 1, 'b': 2}"
    assert repr(explorer) == "a = 1, b = 2: the values {'a': 1, 'b': 2}"


def test_it_starts_where_it_is_told():
    explorer = Explorer(draw, a=[1, 2, 3], start={"a": 2})
    assert explorer.sliders["a"].value == 2
    assert repr(explorer) == "a = 2: the values {'a': 2}"


def test_labels_stand_beside_the_controls():
    explorer = Explorer(draw, a=[1], labels={"a": "λ"})
    assert explorer.sliders["a"].description == "λ"


@pytest.mark.parametrize(
    ("controls", "message"),
    [
        ({}, "controls: got none"),
        ({"a": [1], "b": [1], "c": [1]}, "controls: got a, b, c, wanted one or two"),
        ({"a": []}, "each with at least one value"),
    ],
)
def test_bad_controls_are_refused(controls, message):
    with pytest.raises(ValueError, match=message):
        Explorer(draw, **controls)


def test_unknown_values_are_refused():
    with pytest.raises(ValueError, match="start: got a=7, wanted one of 1, 2"):
        Explorer(draw, a=[1, 2], start={"a": 7})
    with pytest.raises(ValueError, match="start: got b, wanted one of a"):
        Explorer(draw, a=[1, 2], start={"b": 1})
    with pytest.raises(ValueError, match="set: got a=7, wanted one of 1, 2"):
        Explorer(draw, a=[1, 2]).set(a=7)


def test_latest_does_one_job_at_a_time_and_ends_its_thread():
    running, most, done = [], [], []

    def job(what):
        running.append(what)
        most.append(len(running))
        done.append(what["number"])
        running.remove(what)

    latest = Latest(job)
    for number in range(50):
        latest.request({"number": number})
    latest.wait()
    assert done[-1] == 49
    assert done == sorted(done)
    assert set(most) == {1}
    assert threading.active_count() == 1 or latest._thread is None


# Whatever a draw does.


def none(a: int) -> None:
    return None


def ends_the_program(a: int) -> Picture:
    raise SystemExit(3)


def is_interrupted(a: int) -> Picture:
    raise KeyboardInterrupt


def says_no_words(a: int) -> Picture:
    raise Wordless


class Wordless(Exception):  # noqa: N818
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize("fault", [none, ends_the_program, is_interrupted, says_no_words])
def test_whatever_a_draw_does_is_shown_and_the_next_move_is_served(fault):
    explorer = Explorer(lambda a: fault(a) if a == 1 else draw(a=a), a=[0, 1, 2])
    whole = explorer.picture
    explorer.sliders["a"].value = 1
    explorer._latest.wait()
    told = BeautifulSoup(explorer._progress.value, "html.parser")
    line = told.select_one(".explorer-error").get_text()
    assert line.startswith("failed: ")
    assert line.endswith("; the picture is still that of a = 0")
    folded = told.select_one("details pre").get_text()
    assert fault is none or fault.__name__ in folded
    stale = BeautifulSoup(explorer._shown.value, "html.parser").img
    assert stale["alt"].startswith("Out of date: the values {'a': 0}")
    assert stale["src"] not in whole.html()
    assert explorer.picture is whole
    explorer.sliders["a"].value = 2
    assert settled(explorer) == "the values {'a': 2}"


def test_set_raises_what_would_end_the_program_as_an_error():
    explorer = Explorer(lambda a: ends_the_program(a) if a else draw(a=a), a=[0, 1])
    with pytest.raises(RuntimeError, match=r"draw: raised SystemExit\(3\)"):
        explorer.set(a=1)


def test_a_first_picture_that_is_none_fails_in_the_cell():
    with pytest.raises(TypeError, match="draw: returned NoneType, wanted a Picture"):
        Explorer(none, a=[1])


def test_what_a_draw_prints_is_shown_and_others_print_where_they_did(capsys):
    def chatty(a: int) -> Picture:
        if a:
            print("out <a>")
            print("err", file=sys.stderr)
            sys.stdout.writelines(["more", "lines"])
            other = threading.Thread(target=print, args=("not mine",))
            other.start()
            other.join()
        return draw(a=a)

    before = sys.stdout, sys.stderr
    explorer = Explorer(chatty, a=[0, 1])
    explorer.set(a=1)
    told = BeautifulSoup(explorer._progress.value, "html.parser")
    assert told.select_one("details pre").get_text() == "out <a>\nerr\nmorelines"
    assert capsys.readouterr().out == "not mine\n"
    assert (sys.stdout, sys.stderr) == before
    explorer.set(a=0)
    assert explorer._progress.value == "&nbsp;"


def test_endless_output_is_cut():
    explorer = Explorer(lambda a: print("x" * 10**6 * a) or draw(a=a), a=[0, 1])
    explorer.set(a=1)
    assert 10_000 < len(explorer._progress.value) < 30_000


def test_a_draw_that_hangs_is_left_behind(gate, monkeypatch):
    monkeypatch.setattr(widgets, "PATIENCE", 0)
    explorer = Explorer(lambda a: gate(a) if a == 1 else draw(a=a), a=[0, 1, 2])
    explorer.sliders["a"].value = 1
    assert gate.began.acquire(timeout=PATIENCE)
    explorer.sliders["a"].value = 2
    assert settled(explorer) == "the values {'a': 2}"
    gate.open.set()  # the one left behind ends now, and nobody looks
    explorer.set(a=0)
    assert settled(explorer) == "the values {'a': 0}"


def test_closed_explorers_are_freed_even_while_a_draw_hangs(gate):
    gc.collect()
    before = len(ipywidgets.widgets.widget._instances)
    explorers = [Explorer(gate, a=[0, 1]) for _ in range(50)]
    explorers[0].sliders["a"].value = 1
    for _ in range(51):
        assert gate.began.acquire(timeout=PATIENCE)
    kept = [weakref.ref(part) for each in explorers for part in (each, *each.children)]
    for explorer in explorers:
        explorer.close()
    assert len(ipywidgets.widgets.widget._instances) == before
    del explorers, explorer
    gc.collect()
    assert [part for part in kept if part() is not None] == []
    gate.open.set()


def test_a_closed_explorer_computes_nothing_and_closes_again(gate):
    explorer = Explorer(gate, a=[0, 1])
    explorer.close()
    explorer.sliders["a"].value = 1
    explorer._moved(None)
    explorer._latest.wait()
    assert gate.asked == [0]
    explorer.close()


class Notebook:
    """Stands in for a notebook: the outputs as they would be saved."""

    def __init__(self) -> None:
        self.outputs: list[dict] = []
        self.places: dict[str, int] = {}

    def display(self, data: dict, *, raw: bool, display_id: str = "", **rest: object) -> None:
        assert raw
        self.places[display_id] = len(self.outputs)
        self.outputs.append(data)

    def update(self, data: dict, *, raw: bool, display_id: str, **rest: object) -> None:
        assert raw
        self.outputs[self.places[display_id]] = data


def test_a_notebook_keeps_the_last_picture_beside_the_controls(monkeypatch):
    notebook = Notebook()
    monkeypatch.setattr(widgets, "display", notebook.display)
    monkeypatch.setattr(widgets, "update_display", notebook.update)
    monkeypatch.delenv(figures.BOOK_BUILD, raising=False)

    def coloured(a: int) -> Picture:
        strip = figures.Strip(np.full((1, 4, 4), a / 2))
        return figures.gallery({"": strip}, alt=f"the picture of {a}")

    explorer = Explorer(coloured, a=[0, 1, 2])
    explorer._ipython_display_()
    controls, picture = notebook.outputs
    assert "application/vnd.jupyter.widget-view+json" in controls
    assert base64.b64decode(picture["image/png"]) == explorer.picture.png
    explorer.set(a=2)
    assert len(notebook.outputs) == 2
    assert list(notebook.outputs[1]) == ["image/png"], "nbval would compare text"
    assert base64.b64decode(notebook.outputs[1]["image/png"]) == coloured(2).png


# On the published page.


@pytest.fixture
def bundle(monkeypatch: pytest.MonkeyPatch) -> dict:
    monkeypatch.setenv(figures.BOOK_BUILD, "1")
    explorer = Explorer(draw, a=[1, 2, 3], b=[10, 20], start={"a": 2, "b": 20}, labels={"a": "λ<"})
    return explorer._repr_mimebundle_()


def test_without_the_wish_for_frames_it_shows_itself_as_a_widget(monkeypatch):
    monkeypatch.delenv(figures.BOOK_BUILD, raising=False)
    shown = Explorer(draw, a=[1, 2])._repr_mimebundle_()
    shown = shown[0] if isinstance(shown, tuple) else shown
    assert FRAMES not in shown
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_it_does_so_with_version_7_of_ipywidgets_too(monkeypatch):
    """Colab has that version, whose widgets have no mime bundle of their own."""
    monkeypatch.delenv(figures.BOOK_BUILD, raising=False)
    monkeypatch.delattr(ipywidgets.Widget, "_repr_mimebundle_", raising=False)
    explorer = Explorer(draw, a=[1, 2])
    shown = explorer._repr_mimebundle_(include=None, exclude=None)
    assert shown["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id
    assert shown["text/plain"] == repr(explorer)


def test_with_it_every_setting_is_drawn_in_order(bundle):
    alts = [frame["alt"] for frame in bundle[FRAMES]["frames"]]
    assert alts == [f"the values {{'a': {a}, 'b': {b}}}" for a in (1, 2, 3) for b in (10, 20)]
    image = Image.open(io.BytesIO(base64.b64decode(bundle[FRAMES]["frames"][0]["webp"])))
    assert image.format == "WEBP"
    assert image.size == Image.open(io.BytesIO(GREY)).size


def test_a_frame_of_lines_loses_nothing(monkeypatch):
    monkeypatch.setenv(figures.BOOK_BUILD, "1")
    lines = figures.curves({"": {"x": np.arange(9.0) ** 2}}, alt="A curve.")
    [frame] = Explorer(lambda a: lines, a=[1])._repr_mimebundle_()[FRAMES]["frames"]
    drawn, shown = (
        np.asarray(Image.open(io.BytesIO(code)).convert("RGB"))
        for code in (lines.png, base64.b64decode(frame["webp"]))
    )
    assert np.array_equal(drawn, shown)
