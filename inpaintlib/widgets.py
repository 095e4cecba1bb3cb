"""Widgets: sliders that change a picture, in a notebook and on the published page.

An :class:`Explorer` draws one picture for each setting of its controls. In JupyterLab it computes
the picture when a control is moved. The published page has no kernel: all pictures are computed
when the book is built, and the page shows the same controls over them.
Explained on the page *How to read this book*.
"""

from __future__ import annotations

import base64
import html
import inspect
import io
import itertools
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
from PIL import Image
from torch import Tensor

from inpaintlib.figures import Picture

#: The build of the book sets it to 1, and an explorer then outputs all its frames.
FRAMES_WANTED = "INPAINTLIB_FRAMES"

#: MIME type of the frames, which :class:`inpaintlib._myst.Frames` renders as HTML.
FRAMES = "application/vnd.inpaintlib.frames+json"

# MIME type of the live widget in a notebook.
_WIDGET = "application/vnd.jupyter.widget-view+json"

_IDLE = "&nbsp;"  # keeps the line's height


class Superseded(Exception):  # noqa: N818  # nothing went wrong
    """Ends a computation whose result is no longer needed."""


class Latest:
    """Runs jobs on its own thread, one after the other, and only the latest request.

    A new request replaces a waiting one. A running job can check :attr:`superseded` and stop.

    Args:
        job: Called with the request. It has to handle its own exceptions.
    """

    def __init__(self, job: Callable[[dict[str, Any]], None]) -> None:
        self._job = job
        self._lock = threading.Lock()
        self._waiting: dict[str, Any] | None = None
        self._thread: threading.Thread | None = None

    @property
    def superseded(self) -> bool:
        """Whether a newer request is waiting."""
        return self._waiting is not None

    def request(self, what: dict[str, Any]) -> None:
        """Request a job, and return at once."""
        with self._lock:
            self._waiting = what
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Return when all requests are done."""
        while (thread := self._thread) is not None:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                what, self._waiting = self._waiting, None
                if what is None:
                    self._thread = None
                    return
            self._job(what)


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One or two sliders, and the picture that belongs to their values.

    The picture of the first setting is drawn at once, so a function that fails to draw fails in its
    cell. After that, moving a slider computes its picture in the background: a newer value stops
    the computation for an older one, and an exception is shown in place of the progress.

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
        if not 1 <= len(controls) <= 2 or not all(len(values) for values in controls.values()):
            raise ValueError(
                f"controls: got {', '.join(controls) or 'none'}, "
                "wanted one or two, each with at least one value"
            )
        values = {name: choices[0] for name, choices in controls.items()} | dict(start or {})
        _check("start", values, controls)
        self._draw = draw
        self._controls = controls
        self._reports = "callback" in inspect.signature(draw).parameters
        self._latest = Latest(self._compute)
        self._error: Exception | None = None
        self.sliders = {
            name: ipywidgets.SelectionSlider(
                options=[(str(choice), choice) for choice in choices],
                value=values[name],
                description=(labels or {}).get(name, name),
                style={"description_width": "initial"},
                layout={"width": "min(100%, 480px)"},
            )
            for name, choices in controls.items()
        }
        self.picture = draw(**values)
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
        """
        _check("set", values, self._controls)
        for name, value in values.items():
            self.sliders[name].value = value
        self._latest.wait()
        if self._error is not None:
            raise self._error

    def frames(self) -> dict[tuple[Any, ...], Picture]:
        """Draw every setting: the pictures by the tuple of their controls' values, in order."""
        return {
            combination: self._draw(**dict(zip(self._controls, combination, strict=True)))
            for combination in itertools.product(*self._controls.values())
        }

    def __repr__(self) -> str:
        state = ", ".join(
            f"{slider.description} = {slider.value}" for slider in self.sliders.values()
        )
        return f"{state}: {self.picture!r}"

    def _moved(self, _: object) -> None:
        self._report("computing …")
        self._latest.request(self.values)

    def _compute(self, values: dict[str, Any]) -> None:
        """Draw the picture of ``values`` and show it, unless a newer request is waiting."""
        more = {"callback": self._tell_step} if self._reports else {}
        self._report("computing …")
        try:
            picture = self._draw(**values, **more)
        except Superseded:
            return
        except Exception as error:
            self._error = error
            self._report(f"failed: {type(error).__name__}: {error}", kind="explorer-error")
            return
        if not self._latest.superseded:
            self._error, self.picture = None, picture
            self._shown.value = picture.html()
            self._progress.value = _IDLE

    def _tell_step(self, step: int, images: Tensor) -> None:
        if self._latest.superseded:
            raise Superseded
        if step % 10 == 0:
            self._report(f"computing … step {step}")

    def _report(self, text: str, *, kind: str = "explorer-progress") -> None:
        self._progress.value = f'<span class="{kind}" role="status">{html.escape(text)}</span>'

    def _repr_mimebundle_(self, **options: Any) -> Any:
        if os.environ.get(FRAMES_WANTED) != "1":
            inherited = getattr(super(), "_repr_mimebundle_", None)
            return inherited(**options) if inherited else self._view()
        pictures = self.frames().values()
        content = {
            "controls": [
                {
                    "label": slider.description,
                    "options": [label for label, _ in slider.options],
                    "index": slider.index,
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


def _check(argument: str, values: Mapping[str, Any], controls: Mapping[str, Sequence[Any]]) -> None:
    for name, value in values.items():
        if name not in controls:
            raise ValueError(f"{argument}: got {name}, wanted one of {', '.join(controls)}")
        if value not in controls[name]:
            wanted = ", ".join(map(str, controls[name]))
            raise ValueError(f"{argument}: got {name}={value!r}, wanted one of {wanted}")


def _webp(picture: Picture) -> str:
    """Return a picture as WebP in base64: half of the PNG's size, so that pages stay light."""
    encoded = io.BytesIO()
    Image.open(io.BytesIO(picture.png)).convert("RGB").save(encoded, "WEBP", quality=80)
    return base64.b64encode(encoded.getvalue()).decode()
