"""Algorithm 1 as the paper numbers it, beside the code of this package that does each line.

The code is taken from the package when it is shown, so it is always the code that runs. A line of
the paper whose code is no longer found raises an error instead of showing something else.

Explained in the chapter *The algorithm*.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import dedent
from typing import Any

from IPython.display import Markdown

from inpaintlib import descent, energy, recipes
from inpaintlib._signatures import check_module


@dataclass(frozen=True)
class Line:
    """A line of the paper's Algorithm 1.

    Attributes:
        number: In the paper, or ``"4–5"`` for a formula over several lines.
        says: What it asks for, in our own words.
        formula: The same in symbols, empty if it has none.
        function: The function of this package that does it.
        code: The pieces of that function's source, each as the beginning of its first line, without
            the indentation, and its number of lines.
    """

    number: str
    says: str
    formula: str
    function: Callable[..., Any]
    code: Sequence[tuple[str, int]]

    @property
    def name(self) -> str:
        """The function's name within the package."""
        module = self.function.__module__.removeprefix("inpaintlib.")
        return f"{module}.{self.function.__qualname__}"

    def source(self) -> str:
        """Return the pieces of the function's source, in its order.

        Raises:
            ValueError: A piece is not found, or found more than once.
        """
        return "\n".join(self._piece(*piece) for piece in self.code)

    def _piece(self, beginning: str, count: int) -> str:
        lines = inspect.getsource(self.function).splitlines()
        places = [i for i, line in enumerate(lines) if line.lstrip().startswith(beginning)]
        if len(places) != 1:
            raise ValueError(
                f"line {self.number}: got {len(places)} lines of {self.name} that begin with "
                f"{beginning!r}, wanted one"
            )
        return dedent("\n".join(lines[places[0] : places[0] + count]))


#: The lines, in the paper's order.
LINES: Sequence[Line] = (
    Line(
        "1",
        "Put a first guess into the hole.",
        "",
        recipes.inpaint,
        [("begun = ", 1)],
    ),
    Line(
        "2",
        "Repeat while the gradient is longer than ε.",
        "while ‖∇E(X)‖ > ε",
        descent._descended,
        [("norm = ", 1), ("for i in torch.nonzero", 2), ("if step == max_steps", 2)],
    ),
    Line(
        "3",
        "The gradient of the content term, by back-propagation to the pixels.",
        "∇E(X) = ∇<sub>X</sub> P<sub>content</sub>(X)",
        descent._descended,
        [("now = energy.evaluate", 1)],
    ),
    Line(
        "4–5",
        "Add λ times the gradient of total variation, along rows and along columns.",
        "+ λ (D<sub>h</sub><sup>T</sup> M<sub>TV</sub><sup>T</sup>"
        " sign(M<sub>TV</sub> D<sub>h</sub> X)"
        " + D<sub>v</sub><sup>T</sup> M<sub>TV</sub><sup>T</sup>"
        " sign(M<sub>TV</sub> D<sub>v</sub> X))",
        energy.TotalVariation.value_and_gradient,
        [("horizontal, vertical = ", 1), ("gradient = ", 2)],
    ),
    Line(
        "6",
        "Step against the gradient, in the hole only.",
        "X = X − μ ∇E(X)",
        descent._descended,
        [("moving = ", 4)],
    ),
    Line("7", "Go back to line 2.", "end", descent._descended, [("for step in bar", 1)]),
)


def page(lines: Sequence[Line] = LINES) -> Markdown:
    """Return the lines, each beside its code."""
    rows = "".join(_row(line) for line in lines)
    head = "<tr><th>line</th><th>Algorithm 1 of the paper</th><th>the code that runs</th></tr>"
    return Markdown(f'<table class="algorithm"><thead>{head}</thead><tbody>{rows}</tbody></table>')


def _row(line: Line) -> str:
    formula = f'<br><span class="algorithm-formula">{line.formula}</span>' if line.formula else ""
    code = escape(line.source()).replace("\n", "&#10;")  # one line, as Markdown wants it
    return (
        f'<tr><th scope="row">{line.number}</th><td>{line.says}{formula}</td>'
        f"<td><code>{line.name}</code><pre>{code}</pre></td></tr>"
    )


check_module(__name__)
