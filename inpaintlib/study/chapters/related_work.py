"""Section 2: networks that are trained to inpaint, and their results on other kinds of holes.

The paper says that such a network needs a new training for every new type of corruption. So small
U-Nets of one size are trained on one kind of hole each, and one is trained on all of them. On every
kind of hole of the protocol each is compared with the network that was trained on that kind, case
by case: ``behind``, of the subject ``SEEN/KIND``, is the loss of PSNR, and of ``SEEN/others`` the
same over the kinds that it was not trained on. The paper also says of two such works that they
train on sub-images: ``windows`` was trained on all kinds of holes in windows of 16 × 16 pixels.

The recipes' scores on the same cases are in the experiment ``quality-digits``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inpaintlib import baselines, holes, metrics
from inpaintlib._signatures import check_module
from inpaintlib.datasets import Dataset
from inpaintlib.study import numbers
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import ALL, KINDS, full_set, scored

#: Number of images that the tests measure again.
FEW = 10

#: The trainings – a small network, half a minute each; the tests train for a few steps only.
CHANNELS = (8, 16, 32)
STEPS, FEW_STEPS = 600, 10

#: Number of training images with a hole of each kind.
SHOWN = 2000

#: Side of the windows, in pixels.
WINDOW = 16

WINDOWS, OTHERS = "windows", "others"

Holes = NDArray[np.bool_]


def holes_of_kind(images: NDArray[np.floating], kind: str) -> Holes:
    """Return one hole of a kind of the protocol for each image, ``(N, H, W)``."""
    maker = KINDS["digits"][kind]
    return np.stack([maker(image, turn, turn) for turn, image in enumerate(images)])


def windows(training: Dataset) -> Dataset:
    """Return one window of each image, around a random pixel that has ink."""
    squares = holes.squares_on_ink(training.images, sides=[WINDOW])
    return replace(training, images=training.images[squares].reshape(-1, WINDOW, WINDOW))


def networks(training: Dataset, *, steps: int) -> Iterator[tuple[str, baselines.UNet]]:
    """Train a network on each kind of hole, then on all of them, then on all in windows."""
    kinds = list(KINDS["digits"])
    for name, seen in {**{kind: [kind] for kind in kinds}, ALL: kinds, WINDOWS: kinds}.items():
        shown = windows(training) if name == WINDOWS else training
        missing = np.concatenate([holes_of_kind(shown.images[:SHOWN], kind) for kind in seen])
        yield (
            name,
            baselines.train_unet(shown, holes=missing, channels=CHANNELS, steps=steps),
        )


def measure(*, count: int | None) -> Iterator[Number]:
    """Yield the scores of every network on every kind of hole."""
    training, cases = full_set("digits", "train"), scored("digits", count=count)
    decibels, right = {}, {}
    for name, net in networks(training, steps=STEPS if count is None else FEW_STEPS):
        filled = baselines.unet(cases.images, cases.holes, net)
        decibels[name] = metrics.psnr(filled, cases.images, cases.holes)
        right[name] = metrics.named_right(filled, cases.labels)
    own = np.choose(
        [list(KINDS["digits"]).index(kind) for kind in cases.kinds],
        [decibels[kind] for kind in KINDS["digits"]],
    )
    for name in decibels:
        groups = {kind: cases.kinds == kind for kind in KINDS["digits"]}
        if name in KINDS["digits"]:
            groups[OTHERS] = cases.kinds != name
        for kind, of_kind in groups.items():
            behind = (own - decibels[name])[of_kind]
            subject = f"{name}/{kind}"
            yield numbers.mean(
                subject, "psnr", decibels[name][of_kind], tolerance=0.5, groups=cases.units[of_kind]
            )
            yield numbers.mean(
                subject, "judge", right[name][of_kind], tolerance=0.1, groups=cases.units[of_kind]
            )
            yield numbers.mean(
                subject, "behind", behind, tolerance=0.5, groups=cases.units[of_kind]
            )


check_module(__name__)
