"""Where a classifier that can say no paints little: a style that it never saw.

The experiment ``limits-style`` fills the same square in emoji by Gaussians that were fitted to
moved copies of the training images, and through the robust network: in the training images
themselves (``seen``) and in those of the test split's foundry (``unseen``). Subjects are
``CLASSIFIER/seen`` and ``CLASSIFIER/unseen``, scores ``gain`` (PSNR minus that of the harmonic
start) and ``above start``.

The step size and the number of steps are the best on validation images.

Shown in the chapter *What a classifier must know to paint*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from IPython.display import Markdown

from inpaintlib import classifiers, datasets, gaussians, holes, metrics
from inpaintlib._signatures import check_module
from inpaintlib.augment import Moves
from inpaintlib.datasets import Dataset
from inpaintlib.gaussians import Fit
from inpaintlib.study import numbers, tables
from inpaintlib.study.chapters import painting
from inpaintlib.study.chapters.painting import Reading
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import Cases

#: How many images of each split the tests fill.
FEW = 2

#: Gaussians of emoji. The few drawings of a thing are not enough without moved copies.
STYLE = Fit(
    directions=60,
    floor=0.05,
    moves=Moves(shift=0.1, scale=1.2, turn=15, mirror=True),
    copies=40,
)

#: How the two classifiers of emoji are asked, and which step sizes are tried.
ASKED = {
    "Gaussians": Reading("negative-score", (0.5, 1.0)),
    "robust network": Reading("negative-score", (0.003, 0.01, 0.03)),
}


def with_square(data: Dataset, *, count: int | None) -> Cases:
    """Return emoji ``(N, 3, 32, 32)`` with the same square in their middle.

    Args:
        data: The emoji.
        count: How many, from the first on; None for all.
    """
    some = data if count is None else data[:count]
    middle = holes.rectangle((32, 32), top=10, left=10, height=13, width=13)
    missing = np.stack([middle] * len(some))
    return Cases.of(some.images, missing, some.labels, data="emoji")


def measure_style(*, count: int | None) -> Iterator[Number]:
    """Yield the gains in emoji of the training images and of another foundry.

    Args:
        count: How many images of each split are filled; None for all.
    """
    splits = ("train", "validation", "test")
    sets = {split: datasets.load("emoji", split=split) for split in splits}
    train = sets["train"]
    images, labels = torch.from_numpy(train.images), torch.from_numpy(train.labels)
    fit = STYLE if count is None else replace(STYLE, copies=1)
    fitted = gaussians.fit(fit, images, labels, train.classes, name="Gaussians")
    known = {
        "Gaussians": classifiers.of(fitted),
        "robust network": classifiers.load("emoji-robust"),
    }
    drawn = {split: with_square(data, count=count) for split, data in sets.items()}
    for name, classifier in known.items():
        asked = painting.recipe_of(classifier, ASKED[name])
        chosen = painting.best(asked, ASKED[name], drawn["validation"])
        for seen, split in {"seen": "train", "unseen": "test"}.items():
            cases = drawn[split]
            done = cases.filled(chosen)
            after, before = (
                metrics.psnr(x, cases.images, cases.holes) for x in (done.image, done.start)
            )
            gain = after - before
            yield numbers.mean(f"{name}/{seen}", "gain", gain, tolerance=0.1)
            yield numbers.mean(f"{name}/{seen}", "above start", gain > 0, tolerance=0.05)


def style_table() -> Markdown:
    """Return the stored gains over the start in emoji: a row for a classifier."""
    return tables.table(
        "limits-style",
        {name: name for name in ASKED},
        {"drawings that it has seen": "seen", "another foundry's": "unseen"},
        address="{row}/{column}/gain",
        first="classifier",
        signed=("seen", "unseen"),
    )


check_module(__name__)
