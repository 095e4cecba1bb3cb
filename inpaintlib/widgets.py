"""Widgets: sliders that change a picture, in a notebook and on the published page.

An :class:`Explorer` draws one picture for each setting of its controls. In JupyterLab it computes
the picture when a control is moved. The published page has no kernel: all pictures are computed
when the book is built, and the page shows the same controls over them.
Explained on the page *How to read this book*.
"""

from __future__ import annotations

import base64
import contextlib
import html
import inspect
import io
import itertools
import os
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import ipywidgets
from IPython.display import display, update_display
from PIL import Image
from torch import Tensor

from inpaintlib import checks
from inpaintlib.figures import BOOK_BUILD, Picture

#: MIME type of the frames, which :class:`inpaintlib._myst.Frames` renders as HTML.
FRAMES = "application/vnd.inpaintlib.frames+json"

# MIME type of the live widget in a notebook.
_WIDGET = "application/vnd.jupyter.widget-view+json"

#: Seconds that a newer request waits for a job that does not stop.
PATIENCE = 10.0

_IDLE = "&nbsp;"  # keeps the line's height
_LONGEST_LINE, _LONGEST_TEXT = 500, 20_000  # characters
_STREAMS = ("stdout", "stderr")


class Superseded(Exception):  # noqa: N818  # nothing went wrong
    """Ends a computation whose result is no longer needed."""


class Latest:
    """Runs jobs on its own thread, one after the other, and only the latest request.

    A new request replaces a waiting one. A running job can check :attr:`superseded` and stop. One
    that does not stop is left behind after :data:`PATIENCE`, and the newer one gets a new thread.

    Args:
        job: Called with the request. An exception that it does not handle is lost.

    Raises:
        TypeError: The job is no function.
    """

    def __init__(self, job: Callable[[dict[str, Any]], None]) -> None:
        checks.function("job", job, "a function of the request")
        self._job = job
        self._lock = threading.Lock()
        self._waiting: dict[str, Any] | None = None
        self._thread: threading.Thread | None = None
        self._impatient: threading.Timer | None = None
        self._idle = threading.Event()
        self._idle.set()
        self._stopped = False

    @property
    def superseded(self) -> bool:
        """Whether a newer request than that of the calling thread's job is waiting or running."""
        return self.current()()

    def current(self) -> Callable[[], bool]:
        """Return a function that tells whether the calling thread's job is superseded.

        Unlike :attr:`superseded` it can be called on another thread.
        """
        own = threading.current_thread()
        return lambda: self._stopped or self._waiting is not None or self._thread is not own

    def request(self, what: dict[str, Any]) -> None:
        """Request a job, and return at once."""
        with self._lock:
            if self._stopped:
                return
            self._waiting = what
            if self._thread is None:
                self._begin()
            elif self._impatient is None:
                self._impatient = threading.Timer(PATIENCE, self._leave_behind, [self._thread])
                self._impatient.daemon = True
                self._impatient.start()

    def wait(self) -> None:
        """Return when all requests are done."""
        self._idle.wait()

    def stop(self) -> None:
        """Start no job any more; the running one is superseded."""
        with self._lock:
            self._stopped, self._waiting = True, None
            self._be_patient()

    def _begin(self) -> None:
        self._idle.clear()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _be_patient(self) -> None:
        if self._impatient is not None:
            self._impatient.cancel()
            self._impatient = None

    def _leave_behind(self, thread: threading.Thread) -> None:
        with self._lock:
            if self._impatient is threading.current_thread() and self._thread is thread:
                self._impatient = None
                self._begin()

    def _work(self) -> None:
        own = threading.current_thread()
        while True:
            with self._lock:
                if self._thread is not own:  # left behind
                    return
                self._be_patient()
                what, self._waiting = self._waiting, None
                if what is None:
                    self._thread = None
                    self._idle.set()
                    return
            with contextlib.suppress(BaseException):  # the next request is served all the same
                self._job(what)


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One or two controls, and the picture that belongs to their values.

    A control is a slider if its values are numbers, and a row of buttons if they are names.

    The picture of the first setting is drawn at once, so a function that fails to draw fails in its
    cell. After that, moving a control computes its picture in the background: a newer value stops
    the computation for an older one, or leaves it behind after :data:`PATIENCE`. An exception of
    any kind is shown in place of the progress, with its traceback folded, and the picture of the
    values before it fades. What ``draw`` prints meanwhile is shown there too.

    In a notebook the picture is an output of its own, so a saved notebook shows the last one.

    Args:
        draw: Returns the picture for the controls' values, given as keywords. If it takes a
            keyword ``callback``, it gets one to pass to :func:`inpaintlib.inpaint`: it shows the
            progress of the descent, and stops it when a newer value is requested.
        start: The first value of each control, by name; by default the first in its list.
        labels: The text beside each control, by name; by default its name.
        **controls: For each control its possible values, in order.

    Attributes:
        sliders: The controls by name.
        picture: The picture shown.

    Raises:
        TypeError: ``draw`` does not return a picture.
        ValueError: Not one or two controls, or one without values, or an unknown start.
    """

    def __init__(
        self,
        draw: Callable[..., Picture],
        *,
        start: Mapping[str, Any] | None = None,
        labels: Mapping[str, str] | None = None,
        **controls: Sequence[Any],
    ) -> None:
        checks.function("draw", draw, "a function that returns a Picture")
        for argument, given in {"start": start, "labels": labels}.items():
            if given is not None:
                checks.instance(argument, given, Mapping, "a dictionary by the controls' names")
        for name, choices in controls.items():
            wanted = "its values in a list"
            controls[name] = (
                choices if isinstance(choices, range) else checks.several(name, choices, wanted)
            )
        for name, text in (labels or {}).items():
            checks.instance("labels", text, str, "text")
            _known("labels", name, controls)
        if not 1 <= len(controls) <= 2 or not all(len(values) for values in controls.values()):
            raise ValueError(
                f"controls: got {', '.join(controls) or 'none'}, "
                "wanted one or two, each with at least one value"
            )
        values = {name: choices[0] for name, choices in controls.items()} | dict(start or {})
        _check("start", values, controls)
        self._draw = draw
        self._controls = controls
        self._error: BaseException | None = None
        # Weak, so that a draw that never ends does not keep a closed explorer.
        me = weakref.ref(self)
        self._latest = Latest(lambda wanted: _compute(me, draw, wanted))
        self._displayed = False
        self.sliders = {
            name: _control(choices, values[name], (labels or {}).get(name, name))
            for name, choices in controls.items()
        }
        self.picture = _picture(draw(**values))
        self._drawn = self._state()
        self._shown = ipywidgets.HTML(self.picture.html())
        self._progress = ipywidgets.HTML(_IDLE)
        super().__init__([*self.sliders.values(), self._progress, self._shown])
        for slider in self.sliders.values():
            slider.observe(self._moved, "value")

    @property
    def values(self) -> dict[str, Any]:
        """The controls' current values by name."""
        return {name: slider.value for name, slider in self.sliders.items()}

    def set(self, **values: Any) -> None:
        """Move controls, and return when their picture is drawn.

        Args:
            **values: The new values, by the controls' names.

        Raises:
            ValueError: There is no such control, or it has no such value.
            Exception: Any exception of ``draw``.
            RuntimeError: ``draw`` raised one that would end the program.
        """
        _check("set", values, self._controls)
        for name, value in values.items():
            self.sliders[name].value = value
        self._latest.wait()
        if isinstance(self._error, Exception):
            raise self._error
        if self._error is not None:
            raise RuntimeError(f"draw: raised {self._error!r}") from self._error

    def frames(self) -> dict[tuple[Any, ...], Picture]:
        """Draw every setting: the pictures by the tuple of their controls' values, in order."""
        return {
            combination: _picture(self._draw(**dict(zip(self._controls, combination, strict=True))))
            for combination in itertools.product(*self._controls.values())
        }

    def close(self) -> None:
        """Free the explorer and all its parts; the running computation is told to stop."""
        if hasattr(self, "_latest"):  # not where the first picture failed
            self._latest.stop()
        for child in self.children:
            child.unobserve_all()
            _close(child)
        _close_parts(self)
        super().close()

    def __repr__(self) -> str:
        return f"{self._state()}: {self.picture!r}"

    def _state(self) -> str:
        return ", ".join(
            f"{slider.description} = {slider.value}" for slider in self.sliders.values()
        )

    def _moved(self, _: object) -> None:
        self._report("computing …")
        self._latest.request(self.values)

    def _finish(self, state: str, outcome: Picture | BaseException, printed: str) -> None:
        """Show a picture, or why there is none, and what was printed meanwhile."""
        if isinstance(outcome, Picture):
            self._error, self.picture, self._drawn = None, outcome, state
            self._show(outcome)
            told = _IDLE
        else:
            self._error = outcome
            self._show(_faded(self.picture))
            told = _failure(outcome, f"the picture is still that of {self._drawn}")
        self._progress.value = told + _folded("output", printed)

    def _show(self, picture: Picture) -> None:
        self._shown.value = picture.html()
        if self._displayed:
            data, metadata = _static(picture)
            update_display(data, metadata=metadata, raw=True, display_id=self._display_id)

    @property
    def _display_id(self) -> str:
        return f"explorer-{self.model_id}"

    def _report(self, text: str) -> None:
        line = html.escape(text)
        self._progress.value = f'<span class="explorer-progress" role="status">{line}</span>'

    def _ipython_display_(self, **options: Any) -> None:
        """Display the controls and, as an output of its own that a notebook keeps, the picture."""
        if self._repr_mimebundle_ is None:  # closed
            print(repr(self))
            return
        bundle = self._repr_mimebundle_(**options)
        shown = bundle[0] if isinstance(bundle, tuple) else bundle
        display(shown, raw=True)
        if FRAMES not in shown:
            self._displayed = True
            self._shown.layout.display = "none"
            data, metadata = _static(self.picture)
            display(data, metadata=metadata, raw=True, display_id=self._display_id)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        if os.environ.get(BOOK_BUILD) != "1":
            inherited = getattr(super(), "_repr_mimebundle_", None)
            return inherited(**options) if inherited else self._view()
        pictures = self.frames().values()
        content = {
            "controls": [
                {
                    "label": slider.description,
                    "options": [label for label, _ in slider.options],
                    "index": slider.index,
                    "names": isinstance(slider, ipywidgets.ToggleButtons),
                }
                for slider in self.sliders.values()
            ],
            "frames": [
                {"webp": _webp(picture), "alt": repr(picture), "width": picture.width}
                for picture in pictures
            ],
        }
        return {FRAMES: content, "text/plain": repr(self)}

    def _view(self) -> dict[str, Any]:
        """Return the MIME bundle of ipywidgets 8, for version 7, which Colab has."""
        model = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {_WIDGET: model, "text/plain": repr(self)}


def _control(choices: Sequence[Any], value: Any, label: str) -> Any:
    """Return a slider for numbers, and for names, which have no order, buttons."""
    settings = {
        "options": [(str(choice), choice) for choice in choices],
        "value": value,
        "description": label,
    }
    if all(_is_number(str(choice)) for choice in choices):
        return ipywidgets.SelectionSlider(
            **settings,
            style={"description_width": "initial"},
            layout={"width": "min(100%, 480px)"},
        )
    return ipywidgets.ToggleButtons(
        **settings, style={"description_width": "initial", "button_width": "auto"}
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _compute(me: weakref.ref[Explorer], draw: Callable[..., Picture], wanted: Any) -> None:
    """Draw the picture of the wanted values and show it, unless a newer request is waiting.

    Holds no explorer while it draws.
    """
    explorer = me()
    if explorer is None:
        return
    superseded, state = explorer._latest.current(), explorer._state()
    explorer._report("computing …")
    del explorer

    def tell(step: int, images: Tensor) -> None:
        watching = me()
        if watching is None or superseded():
            raise Superseded
        if step % 10 == 0:
            watching._report(f"computing … step {step}")

    more = {"callback": tell} if "callback" in inspect.signature(draw).parameters else {}
    outcome: Picture | BaseException
    with _captured() as printed:
        try:
            outcome = _picture(draw(**wanted, **more))
        except Superseded:
            return
        except BaseException as error:  # also one that would end the program
            outcome = error
    explorer = me()
    if explorer is not None and not superseded():
        explorer._finish(state, outcome, printed.text)


def _picture(drawn: object) -> Picture:
    if not isinstance(drawn, Picture):
        raise TypeError(f"draw: returned {type(drawn).__name__}, wanted a Picture")
    return drawn


def _static(picture: Picture) -> tuple[dict[str, str], dict[str, Any]]:
    """Return a picture as an output; without text, which would be compared under test."""
    code = base64.b64encode(picture.png).decode()
    return {"image/png": code}, {"image/png": {"alt": repr(picture), "width": picture.width}}


def _faded(picture: Picture) -> Picture:
    """Return a picture that is seen to be out of date."""
    whole = Image.open(io.BytesIO(picture.png)).convert("RGB")
    encoded = io.BytesIO()
    Image.blend(whole, Image.new("RGB", whole.size, "white"), 0.7).save(encoded, "PNG")
    return replace(picture, png=encoded.getvalue(), alt=f"Out of date: {picture.alt}")


def _failure(error: BaseException, remark: str) -> str:
    """Return an exception as HTML: one line, and its traceback to unfold."""
    [*_, last] = traceback.format_exception_only(error)
    line = html.escape(f"failed: {' '.join(last.split())[:_LONGEST_LINE]}; {remark}")
    whole = "".join(traceback.format_exception(error))
    said = f'<span class="explorer-error" role="alert">{line}</span>'
    return said + _folded("traceback", whole)


def _folded(title: str, text: str) -> str:
    if not text.strip():
        return ""
    lines = html.escape(text[-_LONGEST_TEXT:].strip("\n"))
    style = "white-space: pre-wrap; line-height: 1.3; max-height: 20em; overflow: auto"
    return f'<details><summary>{title}</summary><pre style="{style}">{lines}</pre></details>'


def _close(widget: Any) -> None:
    _close_parts(widget)
    widget.close()


def _close_parts(widget: Any) -> None:
    for name in ("layout", "style"):
        if isinstance(part := getattr(widget, name, None), ipywidgets.Widget):
            part.close()


class _Printed:
    """The end of what a thread printed."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text = (self.text + text)[-_LONGEST_TEXT:]
        return len(text)


class _Routed:
    """Stands in for a stream while pictures are drawn: the drawing threads write elsewhere."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> Any:
        return _PRINTED.get(threading.get_ident(), self.stream).write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


_PRINTED: dict[int, _Printed] = {}  # by thread
_ROUTING = threading.Lock()


@contextlib.contextmanager
def _captured() -> Iterator[_Printed]:
    """Keep what this thread prints meanwhile, and leave alone what others print."""
    printed, own = _Printed(), threading.get_ident()
    with _ROUTING:
        _PRINTED[own] = printed
        for name in _STREAMS:
            stream = getattr(sys, name)
            if stream is not None and not isinstance(stream, _Routed):
                setattr(sys, name, _Routed(stream))
    try:
        yield printed
    finally:
        with _ROUTING:
            del _PRINTED[own]
            for name in _STREAMS:
                stream = getattr(sys, name)
                if not _PRINTED and isinstance(stream, _Routed):
                    setattr(sys, name, stream.stream)


def _check(argument: str, values: Mapping[str, Any], controls: Mapping[str, Sequence[Any]]) -> None:
    for name, value in values.items():
        _known(argument, name, controls)
        try:
            there = value in controls[name]
        except (TypeError, ValueError, RuntimeError):  # of a value that cannot be compared
            there = False
        if not there:
            wanted = ", ".join(map(str, controls[name]))
            raise ValueError(
                f"{argument}: got {name}={checks.shown(value)}, wanted one of {wanted}"
            )


def _known(argument: str, name: object, controls: Mapping[str, Sequence[Any]]) -> None:
    if name not in controls:
        raise ValueError(f"{argument}: got {name}, wanted one of {', '.join(controls)}")


def _webp(picture: Picture) -> str:
    """Return a picture as WebP in base64: less than the PNG's size, so that pages stay light.

    Lines are smallest without loss; as SVG a frame would have three times that size.
    """
    encoded, lines = io.BytesIO(), picture.svg is not None
    drawn = Image.open(io.BytesIO(picture.png)).convert("RGB")
    drawn.save(encoded, "WEBP", quality=80, lossless=lines)
    return base64.b64encode(encoded.getvalue()).decode()
