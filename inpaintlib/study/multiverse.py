"""What the readings show: coverage, the specification curve, which choices matter, the best.

The numbers are those of the experiments ``readings-digits`` and ``readings-faces``, see
:mod:`inpaintlib.study.readings`. Shown on the page *Many readings*.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import NamedTuple

import numpy as np
from IPython.display import Markdown
from numpy.typing import NDArray
from scipy import stats

from inpaintlib import figures
from inpaintlib._signatures import check_module
from inpaintlib.figures import Picture
from inpaintlib.study import numbers, tables
from inpaintlib.study.numbers import Estimate
from inpaintlib.study.readings import CHOICES, EFFORT, GIVEN, Reading, design

#: The scores by the words of the page.
SCORES = {
    "psnr minus start": "PSNR minus the start's, dB",
    "psnr minus harmonic": "PSNR minus interpolation's, dB",
    "judge minus start": "judge minus the start's",
}

#: What the paper says of each single reading, and the score that must be above 0 for it.
OF_EACH = {
    "The descent improves on its start.": "psnr minus start",
    "The result is better than interpolation.": "psnr minus harmonic",
    "The result is read as the label more often than its start.": "judge minus start",
}

#: What the paper says of a choice, with that choice, the options said to be better, and the others.
OF_CHOICES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "Patches in training improve the result (3.4).": ("training", ("patches",), ("whole images",)),
    "Jitter improves the result (3.4).": ("jitter", ("1", "2", "4"), ("0",)),
    "A binary penalty improves digits (3.4).": ("binary", ("constant", "growing"), ("none",)),
    "The start matters: a good guess beats an empty hole (3.3).": (
        "start",
        ("harmonic", "class average"),
        ("black",),
    ),
}


@cache
def drawn(name: str) -> tuple[Reading, ...]:
    """Return the readings of ``"digits"`` or ``"faces"``."""
    return tuple(design(name, EFFORT[name]))


def values(name: str, score: str) -> NDArray[np.float64]:
    """Return a score of every reading, ``(R,)``."""
    measured = numbers.read(f"readings-{name}")
    return np.array([measured[str(one), score].value for one in drawn(name)])


def estimates(name: str, score: str) -> list[Estimate]:
    """Return a score of every reading with the ends of its interval; equal values have none."""
    measured = numbers.read(f"readings-{name}")
    found = (measured[str(one), score].estimate for one in drawn(name))
    return [
        (value, value, value) if np.isnan(low) else (value, low, high) for value, low, high in found
    ]


def options_of(name: str, choice: str) -> NDArray[np.str_]:
    """Return the option of every reading, ``(R,)``."""
    return np.array([getattr(one, choice) for one in drawn(name)])


def open_choices(name: str) -> list[str]:
    """Return the choices of which the readings have several options."""
    return [choice for choice in CHOICES if len(set(options_of(name, choice)) - {GIVEN}) > 1]


def coverage() -> Markdown:
    """Return how many readings have each option."""
    rows = [["choice", "options, with the readings of digits and of faces that have them"]]
    for choice, options in CHOICES.items():
        counts = [f"{option} ({_counts(choice, option)})" for option in dict.fromkeys(options)]
        rows.append([choice, ", ".join(counts)])
    return tables.markdown(rows, text=2)


def _counts(choice: str, option: str) -> str:
    return " / ".join(str((options_of(name, choice) == option).sum()) for name in EFFORT)


def efforts() -> Markdown:
    """Return how much was computed, as a table, with the accuracy of the readings' networks."""
    rows = [["", *EFFORT]]
    for title, of in {
        "training images": _images,
        "epochs, whole images": lambda name: str(EFFORT[name].epochs[0]),
        "epochs, patches": lambda name: str(EFFORT[name].epochs[1]),
        "accuracy on validation images": _accuracies,
        "validation images to choose λ and μ": lambda name: str(EFFORT[name].choosing),
        "steps in each of these descents": lambda name: str(EFFORT[name].choosing_steps),
        "test images": lambda name: str(EFFORT[name].cases),
    }.items():
        rows.append([title, *map(of, EFFORT)])
    return tables.markdown(rows)


def _images(name: str) -> str:
    count = EFFORT[name].images
    return "all" if count is None else f"{count:,}"


def _accuracies(name: str) -> str:
    """Return the lowest, the median and the highest accuracy of the networks that were trained."""
    own = options_of(name, "output") != "absolute"
    low, middle, high = np.quantile(values(name, "validation accuracy")[own], [0, 0.5, 1])
    return f"{low:.1%} to {high:.1%}, median {middle:.1%}"


def pairs(name: str) -> tuple[int, int]:
    """Return how many pairs of options of two choices occur in some reading, and how many exist."""
    of_choices = {choice: options_of(name, choice) for choice in open_choices(name)}
    seen = possible = 0
    for one, other in itertools.combinations(of_choices.values(), 2):
        options = [sorted(set(each) - {GIVEN}) for each in (one, other)]
        possible += len(options[0]) * len(options[1])
        seen += sum(bool(((one == a) & (other == b)).any()) for a, b in itertools.product(*options))
    return seen, possible


def curve(name: str, score: str) -> Picture:
    """Return the specification curve of a score: all readings in order, and their options below.

    Args:
        name: ``"digits"`` or ``"faces"``.
        score: One of :data:`SCORES`.
    """
    found = estimates(name, score)
    above, below = (sum(test(one) for one in found) for test in (_holds, _fails))
    middle = float(np.median([value for value, *_ in found]))
    facts = (
        f"{len(found)} readings: the interval is above 0 in {above}, below 0 in {below}; "
        f"the median is {middle:+.2f}, the lowest {min(found)[0]:+.2f}, "
        f"the highest {max(found)[0]:+.2f}."
    )
    return figures.specification_curve(
        found,
        {
            choice: {
                option: options_of(name, choice) == option for option in dict.fromkeys(options)
            }
            for choice, options in CHOICES.items()
            if choice in open_choices(name)
        },
        label=SCORES[score],
        alt=f"Readings of {name} in the order of {SCORES[score]}, with the options of each.",
        facts=facts,
    )


def _holds(found: Estimate) -> bool:
    return found[1] > 0


def _fails(found: Estimate) -> bool:
    return found[2] < 0


def summary() -> Markdown:
    """Return, in sentences, how often the networks that the paper asks for beat interpolation."""
    sentences = []
    for name in EFFORT:
        count, trained = beats_interpolation(name)
        absolute = options_of(name, "output") == "absolute"
        better = _better(name, "psnr minus harmonic")[absolute]
        most = effects(name, "psnr minus harmonic")[0]
        sentences.append(
            f"- **{name.capitalize()}**: with a network trained to tell classes apart, the "
            f"result is better than interpolation in {count} of {trained} readings; with the "
            f"absolute outputs in {better.sum()} of {len(better)}. The choice that explains most "
            f"of the differences is *{most.choice}*: {next(iter(most.means))} is best on average, "
            f"{list(most.means)[-1]} worst."
        )
    return Markdown("\n".join([*sentences, _accurate_only()]))


#: From which accuracy on validation images a network has learned its classes well.
ACCURATE = 0.9


def _accurate_only() -> str:
    """Say the same of the networks that learned well, since some had too few epochs for faces."""
    told = []
    for name in EFFORT:
        known = values(name, "validation accuracy") >= ACCURATE
        chosen = known & (options_of(name, "output") != "absolute")
        better = _better(name, "psnr minus harmonic")[chosen]
        told.append(f"{better.sum()} of {len(better)} readings of {name}")
    return (
        f"- Of these, counting only the networks that are right on at least {ACCURATE:.0%} of the "
        f"validation images: {' and '.join(told)}."
    )


def beats_interpolation(name: str) -> tuple[int, int]:
    """Return how many readings beat interpolation, of how many, with a network as in the paper.

    Such a network was trained to tell classes apart; the absolute outputs are left out.
    """
    trained = options_of(name, "output") != "absolute"
    return int(_better(name, "psnr minus harmonic")[trained].sum()), int(trained.sum())


def _better(name: str, score: str) -> NDArray[np.bool_]:
    """Return in which readings the whole interval of a score is above 0, ``(R,)``."""
    return np.array([_holds(found) for found in estimates(name, score)])


class Effect(NamedTuple):
    """How much a choice matters.

    Attributes:
        choice: Its name.
        means: The mean of the score by option, the highest first.
        difference: That of the highest and the lowest, with its 95 % interval.
        share: Of the variance of all readings, what the options explain beyond chance.
    """

    choice: str
    means: dict[str, float]
    difference: Estimate
    share: float


def effect(name: str, choice: str, score: str) -> Effect:
    """Return how much a choice matters for a score, over the readings in which it is open."""
    options, found = options_of(name, choice), values(name, score)
    there = options != GIVEN
    groups = {
        option: found[there & (options == option)] for option in dict.fromkeys(options[there])
    }
    means = {option: float(of.mean()) for option, of in groups.items()}
    order = sorted(means, key=lambda option: -means[option])
    return Effect(
        choice,
        {option: means[option] for option in order},
        _difference(groups[order[0]], groups[order[-1]]),
        _explained(list(groups.values())),
    )


def _difference(one: NDArray[np.float64], other: NDArray[np.float64]) -> Estimate:
    """Return the difference of two means, with Welch's 95 % interval."""
    ends = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    return float(one.mean() - other.mean()), float(ends.low), float(ends.high)


def _explained(groups: Sequence[NDArray[np.float64]]) -> float:
    """Return the share of variance between groups, corrected for chance: epsilon squared."""
    everything = np.concatenate(groups)
    total = float(((everything - everything.mean()) ** 2).sum())
    inside = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    chance = (len(groups) - 1) * inside / (len(everything) - len(groups))
    return max(0.0, (total - inside - chance) / total) if total else 0.0


def effects(name: str, score: str) -> list[Effect]:
    """Return the effects of all open choices, the one that explains most first."""
    found = [effect(name, choice, score) for choice in open_choices(name)]
    return sorted(found, key=lambda one: -one.share)


def effects_table(name: str, score: str) -> Markdown:
    """Return the effects of all choices on a score as a table."""
    rows = [["choice", "best option", "worst option", "difference", "variance explained"]]
    for one in effects(name, score):
        means = list(one.means.items())
        (best, high), (worst, low) = means[0], means[-1]
        rows.append(
            [
                one.choice,
                f"{best} ({high:+.2f})",
                f"{worst} ({low:+.2f})",
                tables.estimated(one.difference),
                f"{one.share:.0%}",
            ]
        )
    return tables.markdown(rows, text=3)


def claims_table() -> Markdown:
    """Return in what share of the readings each claim holds, and which choice decides it."""
    rows = [["claim", "set", "holds", "open", "contradicted", "decided most by"]]
    for says, score in OF_EACH.items():
        for name in EFFORT:
            found = estimates(name, score)
            holds, fails = (sum(test(one) for one in found) for test in (_holds, _fails))
            most = effects(name, score)[0]
            shares = (count / len(found) for count in (holds, len(found) - holds - fails, fails))
            rows.append(
                [
                    says,
                    name,
                    *(f"{share:.0%}" for share in shares),
                    f"{most.choice} ({most.share:.0%})",
                ]
            )
    return tables.markdown(rows, text=2)


def contrasts_table() -> Markdown:
    """Return what the paper says of single choices: the difference that they make."""
    rows = [["claim", "set", "PSNR, dB", "judge", "better in"]]
    for says, (choice, better, others) in OF_CHOICES.items():
        for name in EFFORT:
            options = options_of(name, choice)
            chosen, rest = np.isin(options, better), np.isin(options, others)
            if not chosen.any():
                continue
            cells = []
            for score in ("psnr", "judge"):
                found = values(name, score)
                difference = _difference(found[chosen], found[rest])
                cells.append(tables.estimated(difference, signed=True))
            found = values(name, "psnr")
            wins = np.sign(found[chosen][:, None] - found[rest][None])
            rows.append([says, name, *cells, f"{(1 + wins.mean()) / 2:.0%} of pairs"])
    return tables.markdown(rows, text=2)


def best(name: str, *, trained: bool) -> Reading:
    """Return the reading with the highest PSNR on validation images.

    Args:
        name: ``"digits"`` or ``"faces"``.
        trained: Whether only networks count that were trained as the paper says, to tell classes
            apart.
    """
    found = values(name, "validation psnr")
    if trained:
        found = np.where(options_of(name, "output") == "absolute", -np.inf, found)
    return drawn(name)[int(found.argmax())]


def best_table(name: str) -> Markdown:
    """Return the best readings, chosen on validation images, beside the recipe of the chapters."""
    return tables.table(
        f"readings-{name}",
        {
            "best reading": str(best(name, trained=True)),
            "best reading, absolute outputs allowed": str(best(name, trained=False)),
            f"`paper-{name}`": f"paper-{name}",
        },
        {
            "PSNR, dB": "psnr",
            "minus start": "psnr minus start",
            "minus interpolation": "psnr minus harmonic",
            "judge": "judge",
        },
        signed=("minus start", "minus interpolation"),
    )


def options_table(name: str) -> Markdown:
    """Return the options of the best readings, a column for each of the two."""
    chosen = [best(name, trained=trained) for trained in (True, False)]
    measured = numbers.read(f"readings-{name}")
    rows = [["choice", "best reading", "absolute outputs allowed"]]
    rows += [[choice, *(asdict(one)[choice] for one in chosen)] for choice in CHOICES]
    for title, score in {"λ": "lambda", "μ": "mu"}.items():
        rows.append([title, *(f"{measured[str(one), score].value:g}" for one in chosen)])
    return tables.markdown(rows, text=3)


check_module(__name__)
