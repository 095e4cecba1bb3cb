"""Widgets: sliders that change a picture, in a notebook and on the published page.

An :class:`Explorer` draws one frame for each setting of its controls when it is made, and links
the controls to the frames in the browser. So it works without a kernel, and a function that
fails to draw fails where it is seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from inpaintlib.figures import Picture


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One or two sliders, and the picture that belongs to their values.

    Args:
        draw: Called once for each combination with the controls' values as keywords.
        start: The value that each control has at first, by name; the first one if left out.
        labels: What is written beside each control, by name; its name if left out.
        **controls: For each control the values that it can take, in order.

    Attributes:
        sliders: The controls by name.
        frames: The pictures by the tuple of their controls' values.

    Raises:
        ValueError: Not one or two controls, or one without values, or an unknown start.
    """

    def __init__(
        self,
        draw: Callable[..., Picture],
        *,
        start: dict[str, Any] | None = None,
        labels: dict[str, str] | None = None,
        **controls: Sequence[Any],
    ) -> None:
        if not 1 <= len(controls) <= 2 or not all(len(values) for values in controls.values()):
            raise ValueError(
                f"controls: got {', '.join(controls) or 'none'}, "
                "wanted one or two, each with at least one value"
            )
        values = {name: (start or {}).get(name, choices[0]) for name, choices in controls.items()}
        for name, value in values.items():
            if value not in controls[name]:
                raise ValueError(f"start: got {name}={value!r}, wanted one of {controls[name]}")
        self.frames: dict[tuple[Any, ...], Picture] = {
            combination: draw(**dict(zip(controls, combination, strict=True)))
            for combination in itertools.product(*controls.values())
        }
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
        super().__init__([*self.sliders.values(), self._stack((), list(self.sliders.values()))])

    def _stack(
        self, chosen: tuple[Any, ...], sliders: list[ipywidgets.SelectionSlider]
    ) -> ipywidgets.Widget:
        """Return the frames that begin with the ``chosen`` values, linked to their sliders."""
        if not sliders:
            return ipywidgets.HTML(self.frames[chosen].html())
        slider, *rest = sliders
        children = [self._stack((*chosen, value), rest) for _, value in slider.options]
        stack = ipywidgets.Stack(children, selected_index=slider.index)
        ipywidgets.jslink((slider, "index"), (stack, "selected_index"))
        return stack

    @property
    def picture(self) -> Picture:
        """The frame of the sliders' present values."""
        return self.frames[tuple(slider.value for slider in self.sliders.values())]

    def __repr__(self) -> str:
        state = ", ".join(
            f"{slider.description} = {slider.value}" for slider in self.sliders.values()
        )
        return f"{state}: {self.picture!r}"
