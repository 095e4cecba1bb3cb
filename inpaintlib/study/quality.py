"""Quality: every method on the same cases of the full sets, scored inside the holes only.

The cases are those of :mod:`~inpaintlib.study.protocol`, the methods those of
:mod:`~inpaintlib.study.methods`. Subjects of the experiments ``quality-digits`` and
``quality-faces``, and of ``quality-faces-att``, which scores the AT&T faces without realism:

- ``METHOD/KIND``: the scores of a method on a kind of hole, or on all kinds, ``METHOD/all``; the
  latter has also ``milliseconds``, the time per image;
- ``METHOD minus OTHER/KIND``: paired differences of every method to our recipe, and of the paper's
  recipe to every method, for all scores but realism, which has none for a single case;
- ``METHOD, best 10`` and ``METHOD, worst 10``, by PSNR, for our recipe: the range of the PSNR, and
  the shares of the kinds of holes and of cases in which the judge is right;
- ``METHOD, named right``: among the cases in which the judge is right, the share that is still far
  from the original, ``below 10 dB``.

Shown in the chapter *How good is it?* and wherever a chapter compares methods.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator

import numpy as np
from IPython.display import Markdown
from numpy.typing import NDArray
from tqdm import tqdm

from inpaintlib import datasets, metrics
from inpaintlib._signatures import check_module
from inpaintlib.metrics import Pairs
from inpaintlib.study import numbers, protocol, tables
from inpaintlib.study.methods import (
    OURS,
    PAPER,
    RECIPES,
    SLOW,
    SLOW_CASES,
    UNTOUCHED,
    Method,
    methods,
)
from inpaintlib.study.numbers import Estimate, Number, Numbers
from inpaintlib.study.protocol import ALL, TEST, Cases, Scores, learned, scored, scores

#: Number of images that the tests measure again, and the methods besides the recipes.
FEW = {"digits": 2, "faces": 7}
FEW_METHODS = ("zeros", "harmonic", UNTOUCHED)
FEW_ATT = (*FEW_METHODS, *RECIPES["faces"])

#: The scores, and the allowed difference of a new measurement. The steps of the paper's recipe for
#: faces are long, and rounding decides on which side of a kink they end.
TOLERANCES = {"psnr": 0.05, "ssim": 0.005, "judge": 0.01, "grey": 0.01, "realism": 0.05}
COARSE = {**TOLERANCES, "psnr": 0.4, "ssim": 0.02, "judge": 0.02}

#: Number of best and of worst cases.
EXTREME = 10

#: The faces that come with the package.
ATT = "faces-att"

#: A fill with a lower PSNR is far from the original, in dB.
FAR = {"digits": 10, "faces": 20}


def measure(name: str, *, count: int | None) -> Iterator[Number]:
    """Yield all numbers of a set.

    Args:
        name: ``"digits"`` or ``"faces"``.
        count: Number of images; None for all of the protocol's, by all methods.
    """
    cases = scored(name, count=count)
    known = methods(name)
    if count is not None:
        known = {way: known[way] for way in known if way in (*FEW_METHODS, PAPER[name], OURS[name])}
    found: dict[str, Scores] = {}
    progress = tqdm(known.items(), desc=f"quality of {name}", unit="method")
    for method, fill in progress:
        progress.set_postfix_str(method)
        found[method], milliseconds = filled_and_scored(name, method, fill, cases, few=bool(count))
        yield from means(method, found[method], cases)
        if method != UNTOUCHED:
            cases_filled = int(np.isfinite(found[method]["psnr"]).sum())
            yield numbers.plain(
                f"{method}/{ALL}",
                "milliseconds",
                milliseconds,
                cases=cases_filled,
                tolerance=math.inf,
            )
    yield from paired(name, found, cases)
    for method in dict.fromkeys((PAPER[name], OURS[name])):
        yield from far_and_right(name, method, found[method], cases)
    if count is None:
        yield from extremes(OURS[name], found[OURS[name]], cases)


def measure_att(*, count: int | None) -> Iterator[Number]:
    """Yield the scores of the AT&T faces, whose test images are too few for realism.

    A person has seven training images, too few for the mean of the 15 nearest.

    Args:
        count: Number of images; None for all.
    """
    test = datasets.load(ATT, split="test")
    drawn = protocol.cases(test, count=count or len(test), each=1)
    known = methods("faces", data=ATT)
    fast = [method for method in known if method not in (*SLOW, "nearest-15")]
    chosen = [method for method in fast if not count or method in FEW_ATT]
    found: dict[str, Scores] = {}
    for method in tqdm(chosen, desc=f"quality of {ATT}", unit="method"):
        found[method] = scores("faces", known[method](drawn), drawn)
        yield from means(method, found[method], drawn)
    yield from paired("faces", found, drawn)


def filled_and_scored(
    name: str, method: str, fill: Method, cases: Cases, *, few: bool
) -> tuple[Scores, float]:
    """Return the scores ``(N,)`` of a method, and its milliseconds per image.

    A slow method gets only a few cases; the others have no number there.
    """
    chosen = np.ones(len(cases), bool)
    if method in SLOW:
        chosen = np.isin(
            np.arange(len(cases)), np.arange(0, len(cases), TEST[name][1])[:SLOW_CASES]
        )
    some = cases[chosen]
    fill(some[:1])  # warm up before timing: weights are loaded, networks trained
    begin = time.perf_counter()
    filled = fill(some)
    milliseconds = 1000 * (time.perf_counter() - begin) / len(some)
    found = scores(name, filled, some)
    if method == UNTOUCHED:
        found["realism"] = np.full(len(some), 0.5)  # both images of a pair are equal
    elif method not in SLOW and not few:
        learning = learned(name)
        found["realism"] = metrics.realism(
            Pairs(learning.images, fill(learning), learning.holes),
            Pairs(some.images, filled, some.holes),
            seed=0,
        )
    return {score: _spread_out(values, chosen) for score, values in found.items()}, milliseconds


def means(subject: str, found: Scores, cases: Cases) -> Iterator[Number]:
    """Yield the mean of each score over every kind of hole, and over all."""
    tolerances = COARSE if PAPER["faces"] in subject else TOLERANCES
    for kind in (ALL, *dict.fromkeys(cases.kinds.tolist())):
        of_kind = np.ones(len(cases), bool) if kind == ALL else cases.kinds == kind
        for score, values in found.items():
            there = of_kind & np.isfinite(values)
            if there.any():
                yield numbers.mean(
                    f"{subject}/{kind}",
                    score,
                    values[there],
                    tolerance=tolerances[score],
                    groups=cases.units[there],
                )


def paired(name: str, found: dict[str, Scores], cases: Cases) -> Iterator[Number]:
    """Yield the paired differences: every method to ours, and the paper's recipe to every method.

    PSNR and SSIM of the originals are left out, since the originals are a perfect fill.
    """
    ours, paper = OURS[name], PAPER[name]
    pairs = [(method, ours) for method in found if method not in (ours, UNTOUCHED)]
    pairs += [(paper, method) for method in found if method not in (paper, ours)]
    for one, other in pairs:
        compared = ["judge", "grey"] if other == UNTOUCHED else ["psnr", "ssim", "judge", "grey"]
        gains: Scores = {
            score: found[one][score] - found[other][score]
            for score in compared
            if score in found[one]
        }
        yield from means(f"{one} minus {other}", gains, cases)


def extremes(method: str, found: Scores, cases: Cases) -> Iterator[Number]:
    """Yield the numbers of a method's best and worst cases."""
    order = np.argsort(-found["psnr"], kind="stable")
    for title, chosen in (("best", order[:EXTREME]), ("worst", order[-EXTREME:])):
        subject, size = f"{method}, {title} {EXTREME}", len(chosen)
        psnr = found["psnr"][chosen]
        for score, value in (("lowest psnr", psnr.min()), ("highest psnr", psnr.max())):
            yield numbers.plain(subject, score, value, cases=size, tolerance=0.5)
        shares = {"judge": found["judge"][chosen]}
        for kind in dict.fromkeys(cases.kinds.tolist()):
            shares[kind] = cases.kinds[chosen] == kind
        for score, values in shares.items():
            yield numbers.mean(subject, score, values, tolerance=0.1, groups=cases.units[chosen])


def far_and_right(name: str, method: str, found: Scores, cases: Cases) -> Iterator[Number]:
    """Yield the share far from the original among the cases in which the judge is right."""
    right = found["judge"] == 1
    far = found["psnr"][right] < FAR[name]
    if far.size:
        subject, score = f"{method}, named right", f"below {FAR[name]} dB"
        yield numbers.mean(subject, score, far, tolerance=0.02, groups=cases.units[right])


def _spread_out(values: NDArray[np.floating], chosen: NDArray[np.bool_]) -> NDArray[np.floating]:
    """Put the values of the chosen cases in their places, and NaN in the others."""
    everywhere = np.full(len(chosen), np.nan)
    everywhere[chosen] = values
    return everywhere


def compared(measured: Numbers) -> list[str]:
    """Return the methods in a set's numbers, in the order of the tables."""
    totals = [subject for subject in measured.subjects() if subject.endswith(f"/{ALL}")]
    return [each.removesuffix(f"/{ALL}") for each in totals if " minus " not in each]


def estimates(measured: Numbers, score: str, *, kind: str = ALL) -> dict[str, Estimate]:
    """Return a score of every method that has it, by method, in the order of the tables.

    The PSNR of the originals is left out: it is infinite.

    Args:
        measured: The numbers of a set, ``numbers.read("quality-digits")``.
        score: The score.
        kind: Of hole.
    """
    return {
        method: measured[f"{method}/{kind}", score].estimate
        for method in compared(measured)
        if (f"{method}/{kind}", score) in measured and (score, method) != ("psnr", UNTOUCHED)
    }


def differences(measured: Numbers, ours: str, score: str = "psnr") -> dict[str, Number]:
    """Return the paired differences of every other method to ours, over all kinds of holes.

    Two methods are compared on the same cases, so the variation between cases cancels: a difference
    can be certain although the intervals of the two means overlap.
    """
    return {
        method: measured[f"{method} minus {ours}/{ALL}", score]
        for method in compared(measured)
        if method not in (ours, UNTOUCHED)
    }


def by_kind(name: str, score: str, kinds: Iterable[str], methods: Iterable[str]) -> Markdown:
    """Return a score as a table: a row for each kind of hole, a column for each method.

    Args:
        name: ``"digits"`` or ``"faces"``.
        score: The score.
        kinds: The rows; ``"all"`` stands for all kinds together.
        methods: The columns.
    """
    return tables.table(
        f"quality-{name}",
        {kind: kind for kind in kinds},
        {f"`{method}`": method for method in methods},
        address=f"{{column}}/{{row}}/{score}",
        first="hole",
        digits=tables.DIGITS.get(score, 2),
        to="–",
    )


check_module(__name__)
