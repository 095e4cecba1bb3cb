"""Two uses of the recipes without an original: hallucinating digits, and lighting a face.

Hallucination (paper section 4.4.1): everything is missing, the start is noise, and the recipe
``digits`` is run with each label, from ten seeds. The score is the share of digits that the judge
reads: ``hallucination``, ``judge``.

Illumination (paper section 4.4.2): on the darker half of the test lights of Extended Yale B the
pixels below a threshold are declared missing, and the recipe ``faces-mixture`` fills them, from a
start that does not keep the light: the class average. The scores are the share of persons that the
judge recognises, and the mean grey: ``illumination/dark`` and ``illumination/THRESHOLD``, ``judge``
and ``grey``.

Shown in the chapters *Hallucination* and *How good is it?*.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from inpaintlib import holes, inpaint, metrics
from inpaintlib._signatures import check_module
from inpaintlib.study import numbers
from inpaintlib.study.chapters.illumination import LIGHTING, THRESHOLDS, darker_half
from inpaintlib.study.methods import OURS
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import SETS, full_set

#: The recipe as it is, from another start.
FROM_NOISE: dict[str, Any] = {"recipe": OURS["digits"], "start": "noise"}

#: Number of random starts.
STARTS = 10

#: Number of random starts and faces that the tests measure again.
FEW = 2

#: Number of faces filled at a time.
BATCH = 76


def hallucinated(seed: int) -> NDArray[np.floating]:
    """Return ten hallucinated digits, ``(10, 28, 28)``; all start from the same noise."""
    nothing = np.zeros((10, 28, 28), np.float32)
    return inpaint(nothing, holes.everything((28, 28)), range(10), seed=seed, **FROM_NOISE).image


def measure(*, count: int | None) -> Iterator[Number]:
    """Yield all numbers.

    Args:
        count: Number of random starts and faces; None for all.
    """
    seeds = tqdm(range(count or STARTS), desc="hallucination", unit="start")
    right = [metrics.named_right(hallucinated(seed), np.arange(10)) for seed in seeds]
    yield numbers.mean(
        "hallucination",
        "judge",
        np.concatenate(right),
        tolerance=0.1,
        groups=np.tile(np.arange(10), len(right)),
    )
    faces = darker_half(full_set("faces", "test"))[:count]
    yield from brightness("illumination/dark", faces.images, faces.labels)
    for threshold in tqdm(THRESHOLDS, desc="illumination", unit="threshold"):
        parts = (faces[begin : begin + BATCH] for begin in range(0, len(faces), BATCH))
        lit = [
            inpaint(
                part.images, part.images < threshold, part.labels, data=SETS["faces"], **LIGHTING
            ).image
            for part in parts
        ]
        yield from brightness(f"illumination/{threshold}", np.concatenate(lit), faces.labels)


def brightness(
    subject: str, images: NDArray[np.floating], labels: NDArray[np.int64]
) -> Iterator[Number]:
    """Yield the share of persons that the judge recognises, and the mean grey."""
    named = metrics.named_right(images, labels, judge="faces-judge", data=SETS["faces"])
    yield numbers.mean(subject, "judge", named, tolerance=0.005, groups=labels)
    grey = images.mean(axis=(1, 2))
    yield numbers.mean(subject, "grey", grey, tolerance=0.002, groups=labels)


check_module(__name__)
