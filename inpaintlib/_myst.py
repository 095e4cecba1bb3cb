"""Alternative text for the pictures of an executed notebook.

MyST-NB takes the width and the height of a picture from the metadata of its output, but not the
alternative text. This renderer adds it. MyST-NB finds it through the entry point
``myst_nb.mime_renderers`` in ``pyproject.toml``; nothing else imports it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class AltText:
    """Renders a picture with the ``alt`` that its output carries.

    An object shown in a notebook says what its picture shows by returning the metadata
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
            picture["alt"] = " ".join(alt.split())
        return pictures
