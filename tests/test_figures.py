"""Figures: what is drawn, and that it can be read without being seen."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import matplotlib.colors
import matplotlib.image
import numpy as np
import pytest

from inpaintlib import figures, holes
from inpaintlib.figures import Picture, Strip
from inpaintlib.study import methods

RNG = np.random.default_rng(0)
IMAGES = RNG.random((3, 28, 28))


def pixels(picture: Picture) -> np.ndarray:
    return matplotlib.image.imread(io.BytesIO(picture.png), format="png")[..., :3]


def has_colour(picture: Picture, colour: tuple[float, float, float]) -> bool:
    return bool((np.abs(pixels(picture) - colour).max(axis=-1) < 0.02).any())


def test_a_picture_shows_itself_as_png_with_alternative_text():
    picture = figures.gallery({"digits": Strip(IMAGES)}, alt="Three squares.", facts="noise")
    data, metadata = picture._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"] == "Three squares.\nnoise"
    assert metadata["image/png"] == {"alt": "Three squares.\nnoise", "width": picture.width}


LINES = {
    "curves": lambda: figures.curves({"a": {"x": IMAGES[0, 0]}}, alt="A curve."),
    "forest": lambda: figures.forest({"score": {"first": (1.0, 0.5, 1.5)}}, alt="A mean."),
    "heat_map": lambda: figures.heat_map(
        np.eye(2), rows=["a", "b"], columns=["c", "d"], alt="Two ones."
    ),
}


@pytest.mark.parametrize("draw", LINES.values(), ids=LINES)
def test_a_picture_of_lines_is_an_svg_too_the_same_in_every_build(draw):
    picture = draw()
    assert picture.svg == draw().svg
    drawing = ElementTree.fromstring(picture.svg)
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    height, width = pixels(picture).shape[:2]
    assert (drawing.get("width"), drawing.get("height")) == (str(width), str(height))
    used = {element.tag.rpartition("}")[2] for element in drawing.iter()}
    assert "path" in used
    assert not used & {"text", "image", "script", "metadata"}


def test_only_the_books_build_gets_the_svg(monkeypatch):
    picture = LINES["curves"]()
    monkeypatch.delenv(figures.BOOK_BUILD, raising=False)
    data, metadata = picture._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}
    monkeypatch.setenv(figures.BOOK_BUILD, "1")
    data, metadata = picture._repr_mimebundle_()
    assert data["image/svg+xml"] == picture.svg
    assert metadata["image/svg+xml"] == {"alt": repr(picture), "width": picture.width}
    pixel_images = figures.gallery({"": Strip(IMAGES)}, alt="Three squares.")
    assert "image/svg+xml" not in pixel_images._repr_mimebundle_()[0]


def test_html_escapes_the_alternative_text():
    picture = Picture(b"", 'a "quoted" <word>')
    assert 'alt="a &quot;quoted&quot; &lt;word&gt;"' in picture.html()


@pytest.mark.parametrize("alt", ["", "  "])
def test_a_picture_without_alternative_text_is_refused(alt):
    with pytest.raises(ValueError, match="alt: got nothing"):
        Picture(b"", alt)


def test_missing_pixels_are_painted_orange_and_nothing_else_is():
    missing = np.stack([holes.rectangle((28, 28), top=5, left=5, height=9, width=9)] * 3)
    whole = figures.gallery({"": Strip(IMAGES)}, alt="Three squares.")
    with_holes = figures.gallery({"": Strip(IMAGES, missing)}, alt="Three squares.")
    assert has_colour(with_holes, figures.HOLE_COLOUR)
    assert not has_colour(whole, figures.HOLE_COLOUR)


def test_signed_strips_are_red_above_zero_and_blue_below():
    up, down = (
        pixels(figures.gallery({"": Strip(np.full((1, 20, 20), v), signed=True)}, alt="A square."))
        for v in (1.0, -1.0)
    )
    centre = tuple(side // 2 for side in up.shape[:2])
    assert up[centre][0] > up[centre][2]
    assert down[centre][2] > down[centre][0]


def test_scaled_maps_have_their_own_largest_value_and_keep_their_sign():
    ramp = np.linspace(-1, 0.5, 20).reshape(4, 5)
    strip = figures.scaled(np.stack([ramp, 1e-3 * ramp, 0 * ramp]), captions=["a", "b", "c"])
    assert strip.signed
    np.testing.assert_allclose(strip.images, [ramp, ramp, 0 * ramp])
    assert strip.captions == ["a", "b", "c"]


def test_a_case_is_the_original_its_hole_and_what_was_put_there():
    image, hole = np.full((4, 5), 0.5), np.zeros((4, 5), bool)
    hole[1, 2] = True
    fills = [np.where(hole, grey, image) for grey in (0.0, 1.0)]
    strip = figures.case(image, hole, fills, captions=["black", "white"])
    np.testing.assert_array_equal(strip.images, [image, image, *fills])
    assert strip.holes[1].sum() == strip.holes.sum() == 1
    assert strip.captions == ["", "", "black", "white"]
    assert figures.case(image, hole, np.stack(fills)).captions is None


def test_rows_of_different_length_are_refused():
    with pytest.raises(ValueError, match=r"rows: got rows of \[2, 3\] images"):
        figures.gallery({"a": Strip(IMAGES), "b": Strip(IMAGES[:2])}, alt="Squares.")


def test_notes_make_a_picture_taller_and_leave_the_images_alone():
    plain = figures.gallery({"": Strip(IMAGES)}, alt="Three squares.")
    noted = figures.gallery({"": Strip(IMAGES)}, alt="Three squares.", facts="a", origin="here")
    assert pixels(noted).shape[0] > pixels(plain).shape[0]
    assert pixels(noted).shape[1] == pixels(plain).shape[1]


def test_the_same_data_give_the_same_picture():
    draw = [figures.curves({"a": {"x": IMAGES[0, 0]}}, alt="A curve.").png for _ in range(2)]
    assert draw[0] == draw[1]


def test_curves_draw_every_panel():
    lines = {"first": np.arange(5.0), "second": np.arange(5.0) ** 2}
    one = figures.curves({"a": lines}, alt="Two curves.")
    two = figures.curves({"a": lines, "b": lines}, alt="Two curves, twice.")
    assert pixels(one).shape == pixels(two).shape
    assert not np.array_equal(pixels(one), pixels(two))


def test_curves_name_the_vertical_axis_at_the_left():
    def margin(y_label: str) -> np.ndarray:
        panels = {title: {"x": np.arange(5.0)} for title in "ab"}
        picture = pixels(figures.curves(panels, y_label=y_label, alt="Two lines."))
        inked = np.flatnonzero((picture < 0.5).any(axis=(0, 2)))
        rows = (picture[:, inked[0] : inked[0] + 6] < 0.5).any(axis=(1, 2))
        return np.flatnonzero(rows)

    assert np.ptp(margin("energy")) > 2 * np.ptp(margin("e")) > 0


def test_a_curve_with_intervals_has_a_band():
    middle = np.arange(5.0)
    plain = figures.curves({"a": {"x": middle}}, alt="A curve.")
    narrow = figures.curves({"a": {"x": np.stack([middle] * 3)}}, alt="A curve.")
    wide = figures.curves({"a": {"x": np.stack([middle, middle - 1, middle + 1])}}, alt="A curve.")
    assert np.array_equal(pixels(plain), pixels(narrow))
    assert not np.array_equal(pixels(plain), pixels(wide))


ESTIMATES = {"first": (1.0, 0.5, 1.5), "second": (2.0, 1.8, 2.3)}


def test_a_course_has_a_dot_for_each_mark_and_draws_the_images_below():
    def drawn(*marks: int, images: np.ndarray = IMAGES) -> np.ndarray:
        text = {"title": "norm", "alt": "A curve.", "columns": ["a", "b", "c"]}
        return pixels(figures.course(np.geomspace(1, 0.01, 40), Strip(images), marks=marks, **text))

    def orange(picture: np.ndarray) -> int:
        return int((np.abs(picture - (0.835, 0.369, 0.0)).max(axis=-1) < 0.03).sum())

    none, one, three = (orange(drawn(*marks)) for marks in ((), (20,), (5, 20, 35)))
    assert none == 0 < one < three
    differs = (drawn() != drawn(images=1 - IMAGES)).any(axis=(1, 2))
    assert not differs[: len(differs) // 2].any()
    assert differs[len(differs) // 2 :].any()


def test_a_forest_has_a_row_for_each_name_and_draws_every_panel():
    one = figures.forest({"score": ESTIMATES}, alt="Two means.")
    two = figures.forest({"score": ESTIMATES, "other": {"third": (0, 0, 0)}}, alt="Three means.")
    assert pixels(two).shape[0] > pixels(one).shape[0]
    assert pixels(two).shape[1] == pixels(one).shape[1]
    assert one.png == figures.forest({"score": ESTIMATES}, alt="Two means.").png


def test_groups_of_a_forest_have_colours_of_their_own():
    plain = figures.forest({"score": ESTIMATES}, alt="Two means.")
    grouped = figures.forest(
        {"score": ESTIMATES}, alt="Two means.", groups={"first": "a", "second": "b"}
    )
    blue = (0x56 / 255, 0xB4 / 255, 0xE9 / 255)
    assert has_colour(grouped, blue)
    assert not has_colour(plain, blue)
    second = {"second": ESTIMATES["second"]}
    alone = figures.forest({"score": second}, alt="A mean.", groups={"first": "a", "second": "b"})
    assert has_colour(alone, blue)


@pytest.mark.parametrize("method", figures.COLOURS)
def test_a_method_has_one_colour_in_curves_and_in_forests(method):
    colour = matplotlib.colors.to_rgb(figures.COLOURS[method])
    rows, kinds = {"another": ESTIMATES["first"], method: ESTIMATES["second"]}, "abcdef"
    curve = figures.curves({"": {method: np.arange(9.0), "b": np.arange(9.0)}}, alt="Two.")
    assert has_colour(curve, colour)
    for kind in "ad":  # whatever it knows
        groups = {**{each: each for each in kinds}, "another": "a", method: kind}
        assert has_colour(figures.forest({"": rows}, alt="Two.", groups=groups), colour)


def test_no_compared_method_has_the_colour_of_another_group():
    groups = list(dict.fromkeys(methods.KNOWS.values()))
    shown = {}
    for name, kind in methods.KNOWS.items():
        mark = figures._MARKS[groups.index(kind)]
        shown.setdefault(figures._style_of(name, mark)[0], set()).add(kind)
    assert not [kinds for kinds in shown.values() if len(kinds) > 1]


def test_a_line_of_a_forest_is_drawn_in_its_panel_only():
    panels = {"a": ESTIMATES, "b": ESTIMATES}
    plain = pixels(figures.forest(panels, alt="Two means, twice."))
    lined = pixels(figures.forest(panels, alt="Two means, twice.", lines={"b": 1.2}))
    changed = np.flatnonzero((plain != lined).any(axis=(0, 2)))
    assert changed.size
    assert changed.min() > plain.shape[1] / 2


def test_a_mean_without_an_interval_is_a_mark_alone():
    nothing = float("nan")
    both = {"first": (1.0, 0.5, 1.5), "second": (1.2, 0.7, 1.6)}
    alone = {**both, "second": (1.2, nothing, nothing)}
    full, less = (pixels(figures.forest({"a": rows}, alt="Two.")) for rows in (both, alone))
    assert full.shape == less.shape
    assert (full != less).any()


def test_a_forest_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match="panels: got nothing"):
        figures.forest({"score": {}}, alt="Nothing.")
    with pytest.raises(ValueError, match=r"panels: got 3 for first, wanted it in its interval"):
        figures.forest({"score": {"first": (3, 1, 2)}}, alt="A mean.")
    many = {str(number): (0.0, 0.0, 0.0) for number in range(7)}
    with pytest.raises(ValueError, match="groups: got 7 of them, wanted at most 6"):
        figures.forest({"score": many}, alt="Means.", groups={name: name for name in many})


def test_a_specification_curve_orders_values_and_has_a_row_for_each_option():
    values = [(0.5, 0.1, 0.9), (-0.4, -0.8, 0.0), (0.1, -0.2, 0.4)]
    start = {"start": {"a": [True, False, True], "b": [False, True, False]}}

    def drawn(values, options):
        return figures.specification_curve(values, options, label="gain", alt="Three readings.")

    one = drawn(values, start)
    turned = {"start": {"a": [False, True, True], "b": [True, False, False]}}
    assert one.png == drawn([values[1], values[0], values[2]], turned).png
    assert one.png != drawn(values, turned).png
    more = drawn(values, {**start, "steps": {"300": [True, True, True]}})
    assert pixels(more).shape[0] > pixels(one).shape[0]
    with pytest.raises(ValueError, match="options: got 2 of start: a, wanted 3"):
        drawn(values, {"start": {"a": [True, False]}})


def test_a_comparison_has_two_rows_more_than_fills_and_paints_the_holes():
    missing = np.stack([holes.rectangle((28, 28), top=5, left=5, height=9, width=9)] * 3)
    one = figures.comparison(IMAGES, missing, {"half": IMAGES / 2}, alt="Three squares.")
    two = figures.comparison(
        IMAGES, missing, {"half": IMAGES / 2, "third": IMAGES / 3}, alt="Three squares."
    )
    assert has_colour(one, figures.HOLE_COLOUR)
    assert pixels(two).shape[0] > pixels(one).shape[0]


def table_of(values: np.ndarray, **settings: object) -> Picture:
    rows, columns = ([str(number) for number in range(side)] for side in values.shape)
    return figures.heat_map(values, rows=rows, columns=columns, alt="Numbers.", **settings)


def test_a_heat_map_is_darkest_at_the_largest_number_and_leaves_zeros_white():
    values = np.zeros((4, 4))
    values[0, 0], values[3, 3] = 1, 9
    drawn = pixels(table_of(values))
    height, width = drawn.shape[:2]
    largest = drawn[int(0.9 * height), int(0.9 * width)].mean()
    zero = drawn[int(0.9 * height), int(0.5 * width)].mean()
    assert largest < 0.4
    assert zero > 0.99
    assert pixels(table_of(values, facts="a fact")).shape[0] > height


def test_a_heat_map_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match=r"values: got shape \(2, 3\), wanted \(2, 2\)"):
        figures.heat_map(np.ones((2, 3)), rows=["a", "b"], columns=["c", "d"], alt="Numbers.")
    with pytest.raises(ValueError, match="values: got a negative number"):
        table_of(np.array([[1.0, -1.0]]))


def test_a_method_has_the_same_colour_in_every_figure_whatever_else_is_drawn():
    curve = np.linspace(0, 1, 9)
    blue = (0x00, 0x72 / 255, 0xB2 / 255)
    for names in (["digits"], ["a", "b", "digits"], ["digits", "a"]):
        curves = {name: curve * (1 + place) for place, name in enumerate(names)}
        assert has_colour(figures.curves({"": curves}, alt="Curves."), blue)
    others = {name: curve * (1 + place) for place, name in enumerate("ab")}
    own = figures._colours_of(["a", "digits", "b"])
    assert len(set(own.values())) == 3
    assert figures._colours_of(others)["a"] == "#0072b2", "free where no method has it"


def test_a_legend_lies_below_its_panel_and_covers_no_curve():
    flat = {str(number): np.full(20, float(number)) for number in range(6)}
    one = figures.curves({"": {"0": flat["0"]}}, alt="A curve.")
    six = figures.curves({"": flat}, alt="Six curves.")
    assert pixels(six).shape[0] > pixels(one).shape[0]
    red = np.abs(pixels(six) - np.array([0xD5, 0x5E, 0x00]) / 255).max(axis=-1) < 0.02
    rows = np.flatnonzero(red.any(axis=1))
    longest = max(rows, key=lambda row: red[row].sum())  # of the curve; the others are the legend's
    assert np.flatnonzero(red[longest]).size > 0.8 * np.ptp(np.flatnonzero(red[longest]))
    assert rows.max() > 0.8 * red.shape[0]


def test_a_text_that_does_not_fit_is_told():
    with pytest.warns(UserWarning, match="cut off at its edge"):
        figures.gallery({"": Strip(IMAGES)}, columns=["a" * 200, "b", "c"], alt="Three squares.")


def test_a_long_name_of_a_row_gets_the_space_that_it_needs():
    figures.gallery({"a name that is rather long": Strip(IMAGES)}, alt="Three squares.")
