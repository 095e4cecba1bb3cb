"""Scales: the range of each score, so that an interval and a check know what is possible.

A number's score is the last part of its address. A number is a difference if its subject or its
score says *minus*, *effect of* or *gain*; then its range is that of differences.
"""

from __future__ import annotations

import math

from inpaintlib._signatures import check_module

# The lowest and the highest possible value.
Range = tuple[float, float]

UNIT, POSITIVE, ANY = (0.0, 1.0), (0.0, math.inf), (-math.inf, math.inf)

#: The scores that are 0 or 1 for each case, so that their means are shares of the cases.
SHARES = (
    "judge",
    "right",
    "accuracy",
    "unsure",
    "classifier",
    "judge agrees",
    "classifier agrees",
    "above start",
    "known pixels changed",
    "stopped by tolerance",
    "so named",
    "named right",
    "named right, below 20 dB",
    "below 10 dB",
    "below 20 dB",
    "windows too dark",
)

#: The scores that checks use or that can be constant. A distance of grey values is at most 1.
RANGES: dict[str, Range] = {
    **dict.fromkeys(SHARES, UNIT),
    **dict.fromkeys(("probability", "probability at the start", "probability at the end"), UNIT),
    **dict.fromkeys(("right when shifted", "realism", "grey", "share", "flipped"), UNIT),
    **dict.fromkeys(("seam", "variation", "moved", "distance", "spread", "from average"), UNIT),
    **dict.fromkeys(("psnr", "pull", "last over first", "roughness"), POSITIVE),
    **dict.fromkeys(("ssim", "order", "cosine", "rank correlation"), (-1.0, 1.0)),
    **dict.fromkeys(("gain", "psnr above start", "energy", "behind"), ANY),
}


def is_difference(subject: str, score: str) -> bool:
    """Return whether a number is a difference of two others of one scale."""
    return (
        " minus " in subject
        or " minus " in score
        or "effect of " in subject
        or score.endswith(" gain")
    )


def base(score: str) -> str:
    """Return the score of which another one is the difference, ``"psnr"`` of ``"psnr gain"``."""
    return score.partition(" minus ")[0].removesuffix(" gain")


def range_of(subject: str, score: str) -> Range:
    """Return the lowest and the highest possible value of a number.

    Raises:
        KeyError: The score is not in :data:`RANGES`.
    """
    low, high = RANGES[base(score)]
    return (low - high, high - low) if is_difference(subject, score) else (low, high)


check_module(__name__)
