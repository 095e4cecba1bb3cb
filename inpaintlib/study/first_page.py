"""The pictures and lines of the book's first page, from descents that run when it is built.

The pictures are SVG inside the page, so that their lines and words have its colours, light and
dark. Each says in its alternative text what it shows, with the numbers of this run.

Explained in the chapters *Introduction* and *What a classifier must know to paint*.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

import numpy as np
import torch
from IPython.display import Markdown
from numpy.typing import NDArray
from PIL import Image

from inpaintlib import classifiers, datasets, energy, holes, metrics, recipes
from inpaintlib._signatures import check_module
from inpaintlib.recipes import Inpainting
from inpaintlib.study import gradients, multiverse, numbers
from inpaintlib.study.claims import Verdict
from inpaintlib.study.records import Record, counts

Images = NDArray[np.floating]

#: The recipe of all pictures, with a small network that can say that an image fits no class.
RECIPE = "digits-absolute"

#: The example is the first test digit of this class, with the hole of the page's panels.
LABEL, TOP, LEFT, HEIGHT, WIDTH = 4, 2, 4, 13, 20

#: The steps that the third picture shows, the last of which is the end.
STEPS = (0, 5, 20, 80)

#: How many test digits the best and the worst picture are chosen from, and the side of their holes.
CASES, SIDE = 100, 12

# The signs of a change: brighter in the book's orange, darker in blue.
_BRIGHTER, _DARKER = (230, 159, 0), (59, 130, 196)

_SIDE = 84  # of a picture of pixels, in units of the SVG

# A network: three layers of nodes, from the left to the right; 52 units wide.
_NET = (
    '<g class="net"><path d="M0 12L26 4M0 12L26 30M0 12L26 56M0 42L26 4M0 42L26 30M0 42L26 56M26 4'
    'L52 18M26 4L52 42M26 30L52 18M26 30L52 42M26 56L52 18M26 56L52 42"/>'
    + "".join(
        f'<circle cx="{x}" cy="{y}" r="4"/>'
        for x, y in ((0, 12), (0, 42), (26, 4), (26, 30), (26, 56), (52, 18), (52, 42))
    )
    + "</g>"
)


@dataclass(frozen=True)
class Example:
    """The digit of the pictures, and its descent.

    Attributes:
        image: The original ``(H, W)``.
        hole: bool, True where missing.
        done: The result.
        frames: The image at each of :data:`STEPS`, ``(S, H, W)``.
    """

    image: Images
    hole: NDArray[np.bool_]
    done: Inpainting[Images]
    frames: Images


@cache
def example() -> Example:
    """Return the example, with its descent."""
    digit = datasets.load("digits", split="test").of_class(LABEL).images[0].astype("float64")
    hole = holes.rectangle(digit.shape, top=TOP, left=LEFT, height=HEIGHT, width=WIDTH)
    seen: dict[int, Images] = {}

    def keep(step: int, images: torch.Tensor) -> None:
        seen[step] = images[0].numpy()

    done = recipes.inpaint(digit, hole, LABEL, recipe=RECIPE, callback=keep)
    return Example(digit, hole, done, np.stack([seen[step] for step in STEPS]))


def idea() -> Markdown:
    """Return the idea in three pictures: the network reads, answers, and the pixels move."""
    shown = example()
    return _figures(_reads(shown), _answers(shown), _moves(shown))


@cache
def labelled() -> Inpainting[Images]:
    """Return the example, filled once for each of the ten labels."""
    copies = np.repeat(example().image[None], 10, axis=0)
    return recipes.inpaint(copies, example().hole, range(10), recipe=RECIPE)


@dataclass(frozen=True)
class Many:
    """Many results, and what the descent added to each.

    Attributes:
        images: The originals ``(B, H, W)``.
        holes: bool, True where missing.
        done: The results.
        gains: PSNR minus that of the start, dB, ``(B,)``.
    """

    images: Images
    holes: NDArray[np.bool_]
    done: Inpainting[Images]
    gains: NDArray[np.float64]


@cache
def many() -> Many:
    """Return the first test digits with squares on their ink, filled with their own labels."""
    digits = datasets.load("digits", split="test")[:CASES]
    images = digits.images.astype("float64")
    missing = holes.squares_on_ink(images, sides=[SIDE])
    done = recipes.inpaint(images, missing, digits.labels, recipe=RECIPE)
    gains = metrics.psnr(done.image, images, missing) - metrics.psnr(done.start, images, missing)
    return Many(images, missing, done, gains)


def ten_labels() -> Markdown:
    """Return the ten fills of one hole as a picture."""
    read = metrics.judged(labelled().image)
    right = [str(label) for label in range(10) if read[label] == label]
    alt = (
        f"The same {LABEL} without its upper half, filled for each label from 0 to 9. Another "
        f"network reads the wanted label in those for {_list(right)}."
    )
    words = [f"“{label}”" for label in range(10)]
    return _figures(_strip(labelled().image, words, alt, columns=5))


def extremes() -> Markdown:
    """Return the best and the worst of many results, by the gain in PSNR over the start."""
    found, parts = many(), []
    for title, index in (("The best", found.gains.argmax()), ("The worst", found.gains.argmin())):
        frames = np.stack([found.images[index], found.done.start[index], found.done.image[index]])
        gain = f"{_signed(found.gains[index])} dB"
        alt = (
            f"{title} of {len(found.gains)} results: a {found.done.label[index]}, its smooth "
            f"start, and the result, {gain} against the start."
        )
        words = ["original", "start", "result"]
        hole = found.holes[index]
        parts.append(_strip(frames, words, alt, columns=3, hole=hole, title=f"{title}: {gain}."))
    return _figures(*parts)


def findings(records: Sequence[Record]) -> Markdown:
    """Return what the book found, in five lines with their links."""
    verdict, plain = counts(records), numbers.get("ladder-digits", "softmax", "gain")
    able = numbers.get("ladder-digits", "graded, slope, own descents", "gain")
    read = int((metrics.judged(labelled().image) == np.arange(10)).sum())
    gains = many().gains
    better, readings = multiverse.beats_interpolation("digits")
    lines = (
        f"Taken literally, the paper's text reproduces {verdict[Verdict.REPRODUCED]} of its "
        f"{len(records)} claims, and {verdict[Verdict.PARTLY]} in part: "
        + _link("book/claims", "Claims")
        + f". Read in {readings} other ways, with networks that only compare the ten digits, "
        f"its method is better than plain interpolation beyond doubt in {better}: "
        + _link("book/readings", "Many readings"),
        f"The surprise: through a network that only compares the ten digits, the descent adds "
        f"{_signed(plain.value)} dB to a smooth fill. Through the same network, trained also to "
        f"say <em>this fits none</em>, it adds {_signed(able.value)} dB: "
        + _link("notebooks/16-what-to-know", "What a classifier must know to paint"),
        f"The label decides. One hole, ten labels: another network reads the wanted digit in "
        f"{read} of ten: " + _link("notebooks/12-all-labels", "Filling with every label"),
        f"The best of {len(gains)} digits gains {_signed(gains.max())} dB over its smooth start: "
        + _link("notebooks/07-digits", "Inpainting digits"),
        f"The worst ends {_signed(gains.min())} dB from it, and {int((gains < 0).sum())} of "
        f"{len(gains)} are further from the original than their start: "
        + _link("notebooks/09-failures", "Failure cases, and how large a hole must be"),
    )
    items = "".join(f"<li>{line}.</li>" for line in lines)
    return Markdown(f'<ol class="first-findings">{items}</ol>')


def _link(page: str, title: str) -> str:
    return f'<a href="{page}.html">{escape(title)}</a>'


def _reads(shown: Example) -> str:
    start = shown.done.start
    net = classifiers.load(RECIPE)
    [probabilities] = net.probabilities(torch.from_numpy(start[None]).float()).numpy()
    names = [*net.classes, *["none"] * (len(probabilities) - len(net.classes))]
    order = np.argsort(-probabilities)[:3]
    bars = "".join(
        f'<text x="208" y="{26 + 28 * i}" text-anchor="end">{escape(names[k])}</text>'
        f'<rect class="bar" x="214" y="{16 + 28 * i}" height="12" '
        f'width="{max(58 * probabilities[k], 1):.1f}"/>'
        for i, k in enumerate(order)
    )
    meant = {name: f"the {name}" for name in net.classes} | {"none": "none of the digits"}
    first = ", ".join(f"{100 * probabilities[k]:.0f} % for {meant[names[k]]}" for k in order)
    body = (
        f"{_pixels(start)}{_outline(shown.hole)}"
        f'<g transform="translate(104 12)">{_NET}</g>{_arrow(88, 98)}{_arrow(162, 180)}{bars}'
    )
    return _figure(
        body,
        f"A {LABEL} whose upper half is blurred goes into the network. It answers: {first}.",
        "1. It reads",
        f"The network looks at the picture and says how well it fits each digit. Here it answers: "
        f"{first}.",
    )


def _answers(shown: Example) -> str:
    term = energy.CrossEntropy(
        classifiers.load(RECIPE).to(torch.from_numpy(shown.image)), torch.tensor([LABEL])
    )
    wish = gradients.asked(term, shown.done.start[None], shown.hole)[0]
    up = float((wish > 0).sum() / shown.hole.sum())
    body = (
        f"{_signs(wish)}{_outline(shown.hole)}"
        f'<g transform="translate(122 12)">{_NET}</g>{_arrow(112, 92)}{_arrow(206, 184)}'
        f'<text x="214" y="46">more {LABEL}!</text>'
    )
    return _figure(
        body,
        f"Back from the network comes a change for each pixel of the hole: {up:.0%} should become "
        f"brighter, the others darker.",
        "2. It answers, pixel by pixel",
        f"We ask: which change would make this more of a {LABEL}? The answer comes back through "
        f"the same network, for each missing pixel: brighter (orange) or darker (blue).",
    )


def _moves(shown: Example) -> str:
    energies = [float(shown.done.history.energy[step]) for step in STEPS]
    size = 62
    body = "".join(
        f'<g transform="translate({70 * i} 0)">{_pixels(frame, size)}'
        f'{_outline(shown.hole, size)}<text x="{size / 2}" y="{size + 18}" text-anchor="middle">'
        f"{value:.2f}</text></g>"
        for i, (frame, value) in enumerate(zip(shown.frames, energies, strict=True))
    )
    told = ", ".join(f"{value:.2f}" for value in energies)
    return _figure(
        body,
        f"The picture at steps {', '.join(map(str, STEPS))}: the blur turns into the strokes of a "
        f"{LABEL}, and the energy falls: {told}.",
        "3. The pixels move",
        f"Every missing pixel moves a little that way, and the network is asked again. After "
        f"{STEPS[-1]} small steps the strokes are there. The number is the energy: how far the "
        f"network still is from a clear {LABEL}.",
    )


def _strip(
    frames: Images,
    words: Sequence[str],
    alt: str,
    *,
    columns: int,
    hole: NDArray[np.bool_] | None = None,
    title: str = "",
) -> str:
    """Return a figure of pictures in rows, with a word below each."""
    cells = "".join(
        f'<g transform="translate({_SIDE * 1.1 * (i % columns):.1f} {(i // columns) * 110})">'
        f"{_pixels(frame)}{_outline(hole) if hole is not None else ''}"
        f'<text x="{_SIDE / 2}" y="{_SIDE + 18}" text-anchor="middle">{escape(word)}</text></g>'
        for i, (frame, word) in enumerate(zip(frames, words, strict=True))
    )
    width = _SIDE * 1.1 * columns - _SIDE * 0.1
    rows = -(-len(frames) // columns)
    return _figure(cells, alt, title, "", size=(width, rows * 110))


def _figure(
    body: str, alt: str, title: str, words: str, *, size: tuple[float, float] = (276, 96)
) -> str:
    caption = f"<strong>{title}</strong> {words}".strip() if title else ""
    caption = f"<figcaption>{caption}</figcaption>" if caption else ""
    return (
        f'<figure><svg class="pixels" viewBox="-1 -1 {size[0] + 2:.0f} {size[1] + 2:.0f}" '
        f'role="img" aria-label="{escape(alt)}">{body}</svg>{caption}</figure>'
    )


def _figures(*figures: str) -> Markdown:
    return Markdown(f'<div class="first-figures first-{len(figures)}">{"".join(figures)}</div>')


def _pixels(image: Images, size: float = _SIDE) -> str:
    """Return an image ``(H, W)`` in [0, 1] as an SVG image."""
    return _image(Image.fromarray(np.rint(image * 255).astype(np.uint8)), size)


def _signs(wish: Images) -> str:
    """Return a change ``(H, W)`` in two colours, as strong as the change is."""
    strength = np.abs(wish) / np.abs(wish).max()
    colours = np.where((wish > 0)[..., None], _BRIGHTER, _DARKER)
    alpha = np.rint(255 * np.sqrt(strength))[..., None]
    pixels = np.concatenate([colours, alpha], axis=-1).astype(np.uint8)
    frame = f'<rect class="frame" width="{_SIDE}" height="{_SIDE}"/>'
    return frame + _image(Image.fromarray(pixels, "RGBA"), _SIDE)


def _image(picture: Image.Image, size: float) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    content = base64.b64encode(file.getvalue()).decode()
    return f'<image width="{size}" height="{size}" href="data:image/png;base64,{content}"/>'


def _outline(hole: NDArray[np.bool_], size: float = _SIDE) -> str:
    """Return the frame around a rectangular hole."""
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    unit = size / len(hole)
    top, left = rows[0] * unit, columns[0] * unit
    height, width = len(rows) * unit, len(columns) * unit
    return (
        f'<rect class="hole" x="{left:.1f}" y="{top:.1f}" '
        f'width="{width:.1f}" height="{height:.1f}"/>'
    )


def _arrow(begin: float, end: float) -> str:
    back = 5 if end > begin else -5
    return f'<path class="arrow" d="M{begin} 42H{end}m{-back} -4l{back} 4l{-back} 4"/>'


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _list(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


check_module(__name__)
