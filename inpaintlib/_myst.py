"""Renderers for the outputs of notebooks that MyST-NB alone does not render well.

MyST-NB takes the width and the height of a picture from the metadata of its output, but not the
alternative text; :class:`AltText` adds it. It shows a widget without function, and with a
JavaScript library from another host; :class:`Frames` shows an explorer that works. MyST-NB finds
both through the entry points ``myst_nb.mime_renderers`` in ``pyproject.toml``; nothing else imports
this module.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from docutils import nodes

from inpaintlib import _alt
from inpaintlib.widgets import FRAMES


class AltText:
    """Renders a picture with the ``alt`` from its output's metadata.

    An object shown in a notebook gives its alternative text by returning the metadata
    ``{"image/png": {"alt": "..."}}`` from ``_repr_mimebundle_``. nbconvert has the same convention.
    """

    mime_priority_overrides: ClassVar[Sequence[tuple[str, str, int | None]]] = ()

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[Any] | None:
        """Render one entry of an output; ``None`` leaves it to MyST-NB's own renderer."""
        options = data.output_metadata.get(data.mime_type)
        alt = options.get("alt") if isinstance(options, dict) else None
        if inline or not alt:
            return None
        pictures: list[Any] = renderer.render_image(data)
        for picture in pictures:
            picture["alt"] = _alt.spoken(alt)
        return pictures


class Frames:
    """Renders an :class:`inpaintlib.widgets.Explorer` as controls over pictures drawn beforehand.

    Every frame is an image of the page with its own alternative text; ``book/_static/explorer.js``
    shows the one that the controls select. Without JavaScript the first setting's frame stays, and
    no control is shown.
    """

    mime_priority_overrides: ClassVar[Sequence[tuple[str, str, int | None]]] = (("*", FRAMES, 1),)

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[Any] | None:
        """Render one entry of an output; ``None`` leaves it to MyST-NB's own renderer."""
        if data.mime_type != FRAMES or inline:
            return None
        controls, frames = data.content["controls"], data.content["frames"]
        chosen = 0
        for control in controls:
            chosen = chosen * len(control["options"]) + control["index"]
        name = f"explorer-{hashlib.sha256(json.dumps(data.content).encode()).hexdigest()[:8]}"
        inputs = "".join(
            (_choice if control["names"] else _slider)(f"{name}-{number}", control)
            for number, control in enumerate(controls)
        )
        pictures = []
        for number, frame in enumerate(frames):
            content = base64.b64decode(frame["webp"])
            file = f"{hashlib.sha256(content).hexdigest()}.webp"
            picture = nodes.image(
                uri=renderer.write_file([file], content, exists_ok=True),
                alt=_alt.spoken(frame["alt"]),
                width=f"{frame['width']}px",
                loading="lazy",
                classes=["no-scaled-link", "explorer-frame"],
            )
            picture["classes"] += ["explorer-shown"] if number == chosen else []
            pictures.append(picture)
        labels = " and ".join(control["label"] for control in controls)
        group = html.escape(f"Picture by {labels}")
        begin = (
            f'<div class="explorer" id="{name}" role="group" aria-label="{group}">\n'
            f'<div class="explorer-controls" hidden>{inputs}</div>'
        )
        end = '<p class="explorer-status" role="status"></p>\n</div>'
        return [
            nodes.raw(text=begin, format="html"),
            *pictures,
            nodes.raw(text=end, format="html"),
        ]


def _slider(identity: str, control: dict[str, Any]) -> str:
    """Return the HTML of one control: a native range with its label and its current value."""
    options, index = control["options"], control["index"]
    label, value = html.escape(control["label"]), html.escape(options[index])
    return (
        f'<label for="{identity}">{label}</label>'
        f'<input type="range" id="{identity}" min="0" max="{len(options) - 1}" value="{index}" '
        f'autocomplete="off" aria-valuetext="{value}" '
        f'data-options="{html.escape(json.dumps(options))}">'
        f'<output for="{identity}" aria-live="off">{value}</output>'  # the slider itself says it
    )


def _choice(identity: str, control: dict[str, Any]) -> str:
    """Return the HTML of a control whose values are names: buttons, all of them in sight."""
    options, index = control["options"], control["index"]
    buttons = "".join(
        f'<label><input type="radio" name="{identity}" value="{number}" autocomplete="off"'
        f"{' checked' if number == index else ''}>{html.escape(option)}</label>"
        for number, option in enumerate(options)
    )
    return (
        f'<span id="{identity}">{html.escape(control["label"])}</span>'
        f'<div class="explorer-choice" role="radiogroup" aria-labelledby="{identity}" '
        f'data-options="{html.escape(json.dumps(options))}">{buttons}</div>'
    )
