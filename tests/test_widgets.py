"""Widgets: every setting has its frame, and the browser can find it without a kernel."""

from __future__ import annotations

import ipywidgets
import pytest

from inpaintlib.figures import Picture
from inpaintlib.widgets import Explorer


def draw(**values: object) -> Picture:
    return Picture(b"png", f"the values {values}")


def shown(explorer: Explorer) -> str:
    """Return the HTML that a browser shows: what its links make of the sliders' indices."""
    widget = explorer.children[-1]
    sliders = list(explorer.sliders.values())
    while isinstance(widget, ipywidgets.Stack):
        widget = widget.children[sliders.pop(0).index]
    return widget.value


def links(explorer: Explorer) -> list[tuple[str, ipywidgets.Widget, ipywidgets.Stack]]:
    """Return the links that the browser follows, as (trait, slider, stack)."""
    found = []
    for widget in ipywidgets.widgets.widget._instances.values():
        if isinstance(widget, ipywidgets.widgets.widget_link.Link):
            (source, trait), (target, target_trait) = widget.source, widget.target
            if source in explorer.sliders.values():
                assert target_trait == "selected_index"
                found.append((trait, source, target))
    return found


def test_every_combination_is_drawn_once():
    drawn = []

    def record(**values: int) -> Picture:
        drawn.append(tuple(values.values()))
        return draw(**values)

    explorer = Explorer(record, a=[1, 2, 3], b=[10, 20])
    assert sorted(drawn) == [(a, b) for a in (1, 2, 3) for b in (10, 20)]
    assert set(explorer.frames) == set(drawn)


@pytest.mark.parametrize("b", [10, 20])
@pytest.mark.parametrize("a", [1, 2, 3])
def test_the_sliders_lead_to_the_frame_of_their_values(a, b):
    explorer = Explorer(draw, a=[1, 2, 3], b=[10, 20])
    explorer.sliders["a"].value, explorer.sliders["b"].value = a, b
    assert f"'a': {a}, 'b': {b}" in shown(explorer).replace("&#x27;", "'")
    assert explorer.picture is explorer.frames[a, b]


def test_the_browser_links_every_stack_to_its_slider():
    explorer = Explorer(draw, a=[1, 2, 3], b=[10, 20])
    outer = explorer.children[-1]
    expected = {(explorer.sliders["a"], outer)}
    expected |= {(explorer.sliders["b"], inner) for inner in outer.children}
    assert {(slider, stack) for _, slider, stack in links(explorer)} == expected
    assert {trait for trait, _, _ in links(explorer)} == {"index"}


def test_it_starts_where_it_is_told():
    explorer = Explorer(draw, a=[1, 2, 3], start={"a": 2})
    assert explorer.sliders["a"].value == 2
    assert explorer.children[-1].selected_index == 1
    assert repr(explorer) == "a = 2: the values {'a': 2}"


def test_labels_stand_beside_the_controls():
    explorer = Explorer(draw, a=[1], labels={"a": "λ"})
    assert explorer.sliders["a"].description == "λ"


def test_a_function_that_fails_to_draw_fails_in_the_cell():
    def broken(a: int) -> Picture:
        raise RuntimeError(f"cannot draw {a}")

    with pytest.raises(RuntimeError, match="cannot draw 1"):
        Explorer(broken, a=[1, 2])


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


def test_an_unknown_start_is_refused():
    with pytest.raises(ValueError, match="start: got a=7, wanted one of"):
        Explorer(draw, a=[1, 2], start={"a": 7})
