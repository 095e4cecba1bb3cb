"""Chapters 13 to 17, beyond the paper, and the pages that are text."""

from __future__ import annotations

import numpy as np

from inpaintlib import recipes
from inpaintlib.study import multiverse
from sentences.results import (
    LIMITS,
    Results,
    about_as,
    close,
    falls,
    hardly_any,
    many_decibels,
    most,
    nearly_all,
    of,
    rises,
    same,
    several_decibels,
    spread,
)

STARTS = (
    "zeros",
    "constant",
    "noise",
    "harmonic",
    "class-average",
    "blended-class-average",
    "part-mixture",
)
COMPARING = ("softmax", "raw score", "robust")
TRAINED = (
    *COMPARING,
    "hard labels",
    "graded labels",
    "graded, own descents",
    "graded, slope",
    "graded, slope, own descents",
)
WEIGHTS = (0, 2, 5, 10, 20, 40)

#: Steps a second on the page, and in PyTorch.
FASTER = ("steps a second", "steps a second of a plain loop")


def better(r: Results, *, absolute: bool) -> list[bool]:
    """Which readings of the digits are better than interpolation, beyond doubt."""
    return [
        r.low("readings-digits", str(one), "psnr minus harmonic") > 0
        for one in multiverse.drawn("digits")
        if (one.output == "absolute") == absolute
    ]


def quality(r: Results, method: str, score: str, name: str = "digits") -> float:
    return r(f"quality-{name}", f"{method}/all", score)


def rung(r: Results, title: str, score: str = "psnr minus before", name: str = "digits") -> float:
    return r(f"ablation-{name}", f"ladder/{title}", score)


def variation(r: Results, title: str, score: str = "psnr minus mixture") -> float:
    return r("ablation-digits", f"variation/{title}", score)


def gain(r: Results, title: str, name: str = "digits") -> float:
    """Of a rung of chapter 16's ladder."""
    return r(f"ladder-{name}", title, "gain")


def momentum(r: Results, steps: int, value: float) -> float:
    """PSNR of `faces` on validation faces, with the recipe's step size."""
    size = recipes.get("faces", data="faces-yale").step_size
    subject = f"step_size {size:g}, max_steps {steps}, momentum {value:g}"
    return r("search-faces", subject, "psnr")


def content(r: Results, net: str, formula: str, name: str = "digits") -> float:
    return r(f"painting-{name}", f"{net}/content/{formula}", "gain")


def starts(r: Results, recipe: str, score: str = "psnr", name: str = "digits") -> list[float]:
    return [r(f"painting-{name}", f"{recipe}/start/{start}", score) for start in STARTS]


def cosine(r: Results, net: str, term: int = 2) -> float:
    """Of a content term, in chapter 13's first table; the last is the negative score."""
    return r.fact(
        rf"\b{net}" + r" +[\d.]+" * term + r" +([\d.]+)" + r" +[\d.]+" * (2 - term) + r" +[\d.]+ dB"
    )


SENTENCES = [
    *of(
        "13-why-patches",
        (
            "All three classifiers know something.",
            lambda r: all(
                cosine(r, net, term) > LIMITS["hardly any"]
                for net in ("whole", "patches", "robust")
                for term in range(3)
            ),
        ),
        (
            "The columns differ little",
            lambda r: all(
                spread([cosine(r, net, term) for term in range(3)]) < LIMITS["visible"]
                for net in ("whole", "patches", "robust")
            ),
        ),
        (
            "the patch-trained one agrees with it *least*",
            lambda r: (
                r.fact(
                    r"patches minus whole, negative-score: between [+−-][\d.]+ and ([+−-][\d.]+)"
                )
                < 0
            ),
        ),
        (
            "And even then a single step gains little",
            lambda r: r.fact(r"\brobust +[\d.]+ +[\d.]+ +[\d.]+ +([\d.]+) dB") < 1,
        ),
        (
            "the network *did* become more sensitive to the content of a small region",
            lambda r: rises(
                r.facts(r"whole length of the gradient in the hole, median: ([\d.]+)")
                + r.facts(r"patches length of the gradient in the hole, median: ([\d.]+)")
            ),
        ),
        (
            "The robust network has the shortest gradient of the three, and the best one.",
            lambda r: (
                falls(
                    r.facts(r"patches length of the gradient in the hole, median: ([\d.]+)")
                    + r.facts(r"whole length of the gradient in the hole, median: ([\d.]+)")
                    + r.facts(r"robust length of the gradient in the hole, median: ([\d.]+)")
                )
                and all(cosine(r, "robust") > cosine(r, other) for other in ("whole", "patches"))
            ),
        ),
        (
            "The patch-trained network is the surest of the three when the hole is empty",
            lambda r: (lambda whole, patches, robust: patches > max(whole, robust))(
                *r.facts(r"surer than 0\.9: whole (\d+%), patches (\d+%), robust (\d+%)")
            ),
        ),
        (
            "so the literal recipe hardly changes the image",
            lambda r: (
                r.fact(r"reach of \d+ steps: ([\d.e+-]+) grey")
                < r.fact(r"distance to the original: ([\d.e+-]+) grey")
                / LIMITS["orders of magnitude"]
            ),
        ),
        (
            "while *whole* already prefers every label",
            lambda r: most(r.fact(r"after 10 steps\..+? least probability: whole ([\d.]+)")),
        ),
        (
            "the patch-trained classifier fails first, Figure 13.4",
            lambda r: (lambda whole, patches, robust: patches < whole < robust)(
                *r.facts(r"at ε = 1: whole (\d+%), patches (\d+%), robust (\d+%)")
            ),
        ),
        (
            "Not much, on digits.",
            lambda r: same(
                r.fact(r"whole +([\d.]+%) of 10000 test digits"),
                r.fact(r"robust +([\d.]+%) of 10000 test digits"),
            ),
        ),
        (
            "It is also less often sure when a hole is empty",
            lambda r: falls(r.facts(r"surer than 0\.9: whole (\d+%), .*robust (\d+%)")),
        ),
        (
            "Each of the three points better at the missing stroke than the robust network, and "
            "their sum points best.",
            lambda r: (
                lambda robust, absolute, gaussians, experts: (
                    robust < min(absolute, gaussians) and max(absolute, gaussians) < experts
                )
            )(
                *r.facts(
                    r"robust +cosine ([\d.]+), .*absolute +cosine ([\d.]+), "
                    r".*gaussians +cosine ([\d.]+), .*experts +cosine ([\d.]+)"
                )
            ),
        ),
        (
            "and agrees no better with the missing stroke, equation (13.1), than that of a network "
            "trained on whole images",
            lambda r: cosine(r, "patches") <= cosine(r, "whole"),
        ),
        (
            "It is also the surest when the hole is empty.",
            lambda r: (lambda whole, patches, robust: patches > max(whole, robust))(
                *r.facts(r"surer than 0\.9: whole (\d+%), patches (\d+%), robust (\d+%)")
            ),
        ),
        (
            "Its gradient, shorter than the others, points better at the stroke.",
            lambda r: (
                cosine(r, "robust") > cosine(r, "whole")
                and falls(
                    r.facts(r"whole length of the gradient in the hole, median: ([\d.]+)")
                    + r.facts(r"robust length of the gradient in the hole, median: ([\d.]+)")
                )
            ),
        ),
        (
            "has a gradient that agrees better still",
            lambda r: r.fact(r"experts minus robust: between ([+−-][\d.]+) and") > 0,
        ),
    ),
    *of(
        "14-how-good",
        (
            "has a higher [PSNR](../book/notation.md#term-PSNR) than most of the others",
            lambda r: falls(
                r.facts(r"their average: ([\d.]+) dB")
                + r.facts(r"each of the ten: ([\d.]+) dB on average")
            ),
        ),
        (
            "But a network that has learned nothing guesses, too.",
            lambda r: (
                r.facts(r"squares, 1 steps: realism ([\d.]+)")
                + r.facts(r"squares, 60 steps: realism ([\d.]+)")
                == [0.5, 1.0]
            ),
        ),
        (
            "a hole left black has no grey at all",
            lambda r: quality(r, "zeros", "grey") <= LIMITS["same"],
        ),
        (
            "`digits-soft` has the highest PSNR of them, and `digits`, next to it, is sharper.",
            lambda r: (
                rises([quality(r, recipe, "psnr") for recipe in ("digits", "digits-soft")])
                and quality(r, "digits", "grey") < quality(r, "digits-soft", "grey")
            ),
        ),
        (
            "Each of their two experts alone, `digits-gaussians` and `digits-absolute`, is behind "
            "the sum.",
            lambda r: all(
                quality(r, expert, score) < quality(r, "digits-soft", score)
                for expert in ("digits-gaussians", "digits-absolute")
                for score in ("psnr", "ssim")
            ),
        ),
        (
            "`paper-digits` and `paper-faces` stay near the filters",
            lambda r: all(
                abs(
                    quality(r, f"paper-{name}", "psnr", name) - quality(r, "harmonic", "psnr", name)
                )
                < LIMITS["several decibels"]
                for name in ("digits", "faces")
            ),
        ),
        (
            "By realism, and a little by grey, `digits-mixture` is ahead",
            lambda r: (
                quality(r, "digits-mixture", "realism") < quality(r, "digits", "realism")
                and -0.01 < quality(r, "digits-mixture minus digits", "grey") < 0
                and quality(r, "digits-mixture", "psnr") < quality(r, "digits", "psnr")
            ),
        ),
        (
            "On Extended Yale B that is nearly `class-pca`, which does not need a descent, and is "
            "slightly ahead. On the AT&T faces",
            lambda r: (
                0
                < quality(r, "class-pca", "psnr", "faces") - quality(r, "faces", "psnr", "faces")
                < 1
                and quality(r, "faces", "psnr", "faces-att")
                > quality(r, "class-pca", "psnr", "faces-att")
            ),
        ),
        (
            "comes within about half a decibel of them on digits",
            lambda r: abs(quality(r, "unet", "psnr") - quality(r, "digits", "psnr") - 0.5) < 0.2,
        ),
        (
            "SSIM, which measures structure, ranks its two recipes first",
            lambda r: all(
                min(quality(r, "digits", "ssim"), quality(r, "digits-soft", "ssim"))
                > quality(r, other, "ssim")
                for other in ("unet", "class-pca", "nearest-15")
            ),
        ),
        (
            "Most of the mixtures' gain comes from their start",
            lambda r: (
                variation(r, "steps: 0") > -0.5
                and r("ablation-faces", "variation/steps: 0", "psnr minus mixture") > -0.5
            ),
        ),
        (
            "Their difference is its effect, and all three scores show it.",
            lambda r: (
                lambda psnr, judge, grey, before, judged, greyer: (
                    psnr > before and judge > judged and grey < greyer
                )
            )(
                *r.facts(r"grey digits +([\d.]+) dB +([\d.]+) +([\d.]+)"),
                *r.facts(r"its start +([\d.]+) dB +([\d.]+) +([\d.]+)"),
            ),
        ),
        (
            "Most are whole digits, written in another way.",
            lambda r: most(
                r.fact(r"The ten digits with the lowest PSNR .*ours read correctly: (\d+) of 10")
                / 10
            ),
        ),
        (
            "The best recipe of each set has a classifier that can say that nothing fits",
            lambda r: (
                quality(r, "digits-soft", "psnr") > quality(r, "digits-mixture-soft", "psnr")
                and quality(r, "digits", "psnr") > quality(r, "digits-mixture", "psnr")
                and quality(r, "faces", "psnr", "faces")
                > quality(r, "faces-mixture", "psnr", "faces")
            ),
        ),
    ),
    *of(
        "15-better-recipes",
        (
            "**A stronger content term alone helps little.**",
            lambda r: 0 < rung(r, "raw score, with its λ, μ and steps") < 0.5,
        ),
        (
            "**The PSNR comes from the start and the network.**",
            lambda r: all(
                rung(r, title) > 0.5
                for title in (
                    "start: class average, no seam",
                    "robust classifier",
                    "start: mixture of parts",
                )
            ),
        ),
        (
            "**The last change costs PSNR, but the recipe makes it.** It removes the grey.",
            lambda r: (
                rung(r, "binary penalty, strong: the mixture") < 0
                and rung(r, "binary penalty, strong: the mixture", "grey")
                < rung(r, "start: mixture of parts", "grey") - LIMITS["hardly any"]
            ),
        ),
        (
            "Which is better? By PSNR the soft one.",
            lambda r: (
                r.low(
                    "ablation-digits", "variation/recipe: digits-mixture-soft", "psnr minus mixture"
                )
                > 0
            ),
        ),
        (
            "The left panel of Figure 15.3 has a maximum",
            lambda r: (lambda begin, most_, end: begin < most_ and end < most_)(
                *r.facts(r"at the end: digits-mixture ([\d.]+), ([\d.]+), ([\d.]+);")
            ),
        ),
        (
            "Here nearly all of the gain comes from the start.",
            lambda r: all(
                rung(r, start, name="faces") > 10 * rung(r, other, name="faces")
                for start in (
                    "start: class average, no seam",
                    "start: mixture of parts: the mixture",
                )
                for other in ("robust classifier", "jitter")
            ),
        ),
        (
            "adds almost nothing to the PSNR, or lowers it slightly",
            lambda r: all(
                -0.1 < r(f"ablation-{name}", "variation/steps: 0", "psnr minus mixture") < 0.5
                for name in ("digits", "faces")
            ),
        ),
        (
            "varies by many decibels, and the probability of the right person hardly at all",
            lambda r: (lambda probability, psnr: hardly_any(probability) and many_decibels(psnr))(
                *r.facts(r"probability of the person ([\d.]+), PSNR (\d+) dB")
            ),
        ),
        (
            "though the judge reads it",
            lambda r: r.fact(r"strong: the mixture\. PSNR.+? the judge reads (\d+) of 10") == 10,
        ),
        (
            "Adam gives every pixel a step of about the same length, however small its slope: its "
            "results are the sharpest of all, and the farthest from the original.",
            lambda r: all(
                r("descents", "Adam, scaled by 1", "grey") < r("descents", way, "grey")
                and r("descents", "Adam, scaled by 1", "psnr") < r("descents", way, "psnr")
                for way in ("our descent", "robust and patches", "Adam, scaled by 0.3")
            ),
        ),
        (
            "The schedule of λ and the kind of step for total variation do not matter.",
            lambda r: all(
                close(r("descents", way, "psnr minus mixture"), 0)
                for way in (
                    "λ falls to 0",
                    "λ grows from 0",
                    "proximal step for total variation",
                )
            ),
        ),
        (
            "a second classifier that is not robust spoils the gradient of the robust one",
            lambda r: all(
                r.high("descents", f"robust and {other}", "psnr minus mixture") < 0
                for other in ("whole", "patches")
            ),
        ),
        (
            "Results nearer to the original are greyer again.",
            lambda r: all(
                r("descents", way, "psnr") > r("descents", "our descent", "psnr")
                and r("descents", way, "grey") > r("descents", "our descent", "grey")
                for way in ("momentum 0.9", "mean of the last 30 images", "μ falls to 0")
            ),
        ),
        (
            "even the best of them is far from 1",
            lambda r: all(
                r("ablation-trainings", net, "cosine") < 0.3
                for net in ("digits-robust", "robust-2")
            ),
        ),
        (
            "and the share of grey distinguishes them",
            lambda r: (
                variation(r, "recipe: digits-mixture-soft", "grey")
                > variation(r, "the mixture", "grey") + LIMITS["hardly any"]
            ),
        ),
        (
            "A stronger content term is useful for digits only with a robust classifier.",
            lambda r: (
                0 < rung(r, "raw score, with its λ, μ and steps") < 0.5
                and rung(r, "robust classifier") > 1
            ),
        ),
        (
            "Sharpness and PSNR conflict.",
            lambda r: (
                variation(r, "recipe: digits-mixture-soft", "psnr")
                > variation(r, "the mixture", "psnr")
                and variation(r, "recipe: digits-mixture-soft", "grey")
                > variation(r, "the mixture", "grey")
            ),
        ),
        (
            "on digits it sharpens, on faces it changes hardly anything",
            lambda r: (
                variation(r, "the mixture", "grey") < variation(r, "steps: 0", "grey")
                and close(r("ablation-faces", "variation/steps: 0", "psnr minus mixture"), 0)
            ),
        ),
        (
            "The descent adds next to nothing to the mixture",
            lambda r: all(
                r(f"ablation-{name}", "variation/steps: 0", "psnr minus mixture") > -0.1
                for name in ("digits", "faces")
            ),
        ),
    ),
    *of(
        "15-better-recipes",
        (
            "The start and the robust classifier have the largest effect.",
            lambda r: (lambda start, net, others: min(start, net) > max(others))(
                rung(r, "start: mixture of parts"),
                rung(r, "robust classifier"),
                [rung(r, other) for other in ("raw score, with its λ, μ and steps", "jitter")],
            ),
        ),
        together=True,
    ),
    *of(
        "16-what-to-know",
        (
            "The curve of the absolute network falls far below that of the relative one.",
            lambda r: (
                lambda relative, absolute: (
                    nearly_all(relative) and absolute < relative / LIMITS["several times"]
                )
            )(*r.facts(r"smooth fill: relative ([\d.]+), absolute ([\d.]+)")),
        ),
        (
            "The strokes in the last three rows come from the gradient of a classifier.",
            lambda r: (lambda relative, *rest: relative < 0 and all(map(several_decibels, rest)))(
                *r.facts(
                    r"relative, literal ([+−-][\d.]+) dB, absolute, literal ([+−-][\d.]+) dB, "
                    r"absolute, −log p ([+−-][\d.]+) dB, Gaussians ([+−-][\d.]+) dB"
                )
            ),
        ),
        (
            "By PSNR the Gaussians are best here.",
            lambda r: (lambda gaussians, *others: gaussians > max(others))(
                *r.facts(
                    r"and PSNR: Gaussians .*?, ([\d.]+) dB; .*?, ([\d.]+) dB; .*?, ([\d.]+) dB"
                )
            ),
        ),
        (
            "Where the known pixels allow it, it is one: the 2 becomes a 3, the 4 a 5, the 8 a 9.",
            lambda r: r.fact(r"the next label: paper-digits \d+ of 10, digits (\d+)") == 3,
        ),
        (
            "for each of the ten digits the next label ends far lower than the right one.",
            lambda r: r.fact(r"the score is lower by ([\d.−-]+)") > 5,
        ),
        (
            "By the softmax the descent gains little, by the raw score of the same network more. "
            "Training against perturbations, which shapes the gradient, gains more again.",
            lambda r: (
                rises([gain(r, title) for title in COMPARING]) and 0 < gain(r, "softmax") < 0.5
            ),
        ),
        (
            "and the descent does harm",
            lambda r: r.high("ladder-digits", "hard labels", "gain") < 0,
        ),
        (
            "Too much momentum overshoots in a short descent; in a longer one it arrives where "
            "plain descent has not yet come.",
            lambda r: (
                momentum(r, 30, 0.9) < momentum(r, 30, 0.0)
                and momentum(r, 120, 0.9) > momentum(r, 120, 0.0)
            ),
        ),
        (
            "Graded labels make a slope, and a slope that is trained is worth most.",
            lambda r: (
                gain(r, "hard labels") < gain(r, "graded labels")
                and gain(r, "graded, slope") - gain(r, "graded labels")
                > gain(r, "graded labels") - gain(r, "hard labels")
            ),
        ),
        (
            "change little. So what counts is not the additional class",
            lambda r: (
                close(gain(r, "graded, own descents"), gain(r, "graded labels"))
                and close(gain(r, "graded, slope, own descents"), gain(r, "graded, slope"))
            ),
        ),
        (
            "No trained network gains more than a few tenths of a decibel",
            lambda r: all(gain(r, title, "faces") < 0.5 for title in TRAINED),
        ),
        (
            "and gain more the more directions they keep",
            lambda r: rises(
                [
                    gain(r, title, "faces")
                    for title in ("Gaussians, shared", "Gaussians, few directions", "Gaussians")
                ]
            ),
        ),
        (
            "`faces-mixture`, of the chapter before, begins near its end and stays there.",
            lambda r: (lambda begin, end: close(begin, end))(
                *r.facts(r"as a start ([\d.]+) dB, faces-mixture ([\d.]+) dB")
            ),
        ),
        (
            "The recipe `faces` begins with a smooth fill, and ends nearer to the original.",
            lambda r: (lambda start, ours, mixture: start < mixture < ours)(
                *r.facts(
                    r"smooth start ([\d.]+) dB, faces ([\d.]+) dB, .*faces-mixture ([\d.]+) dB"
                )
            ),
        ),
        (
            "With the same start, the networks make the difference.",
            lambda r: (lambda paper, mixture, ours: max(paper, mixture) < 0.5 < ours - 1)(
                *r.facts(
                    r"paper-digits ([+−-][\d.]+) dB, the mixture's network ([+−-][\d.]+) dB, "
                    r"digits ([+−-][\d.]+) dB"
                )
            ),
        ),
        (
            "Class PCA gains nearly as much, and is blurred.",
            lambda r: (
                about_as(*r.facts(r"dB, digits ([+−-][\d.]+) dB, class-pca ([+−-][\d.]+) dB"))
                and quality(r, "class-pca", "grey") > quality(r, "digits", "grey") * 1.5
            ),
        ),
        (
            "The Gaussians do not mind the noise and draw the whole digit, but greyer",
            lambda r: falls(r.facts(r"Gaussians (\d+%), .*?; network (\d+%), .*?; both (\d+%)")),
        ),
        (
            "The experts draw strokes of the wanted digit. Where the known pixels allow it, it is "
            "one",
            lambda r: rises(r.facts(r"next label: paper-digits (\d+) of 10, digits (\d+)")),
        ),
        (
            "The relative network gains by its raw score and its margin, which do not saturate, "
            "and hardly anything by its probabilities.",
            lambda r: (
                0 < content(r, "digits-robust", "probabilities") < 0.5
                and content(r, "digits-robust", "raw score") > 1
                and content(r, "digits-robust", "margin") > 1
            ),
        ),
        (
            "gains by every formula that was made for probabilities or scores",
            lambda r: all(
                several_decibels(content(r, "digits-absolute", formula))
                for formula in ("raw score", "probabilities", "cross-entropy", "margin")
            ),
        ),
        (
            "the descent falls silent again",
            lambda r: all(
                0 < content(r, net, "probabilities") < 0.5
                for net in ("digits-gaussians", "digits-experts")
            ),
        ),
        (
            "The raw score keeps it, and by it the experts gain most of all.",
            lambda r: all(
                content(r, "digits-experts", "raw score") > content(r, net, "raw score")
                for net in ("digits-robust", "digits-absolute", "digits-gaussians")
            ),
        ),
        (
            "The exponential keeps it for the Gaussians.",
            lambda r: several_decibels(content(r, "digits-gaussians", "exponential")),
        ),
        (
            "That is the classifier with which the paper's literal formula paints.",
            lambda r: several_decibels(content(r, "digits-absolute", "probabilities")),
        ),
        (
            "In the drawings that they have seen, the Gaussians gain nearly as much as those of "
            "digits in new digits.",
            lambda r: about_as(r("limits-style", "Gaussians/seen", "gain"), gain(r, "Gaussians")),
        ),
        (
            "In another foundry's drawing of the same thing no gain is seen: the interval holds "
            "help and harm.",
            lambda r: r.holds_zero("limits-style", "Gaussians/unseen", "gain"),
        ),
        (
            "The robust network only compares, and changes little in either.",
            lambda r: all(
                close(r("limits-style", f"robust network/{which}", "gain"), 0)
                for which in ("seen", "unseen")
            ),
        ),
        (
            "the robust network has the highest, and the Gaussians gain most",
            lambda r: (
                all(
                    r("ladder-digits", "robust, seed 0", "accuracy")
                    >= r("ladder-digits", f"{title}, seed 0", "accuracy")
                    for title in (
                        "softmax",
                        "raw score",
                        "hard labels",
                        "graded labels",
                        "Gaussians",
                    )
                )
                and all(gain(r, "Gaussians") > gain(r, title) for title in TRAINED)
            ),
        ),
        (
            "paints from a smooth start, by the paper's own formula as well",
            lambda r: all(
                several_decibels(content(r, "digits-absolute", formula))
                for formula in ("cross-entropy", "probabilities")
            ),
        ),
        (
            "In drawings of a style that it never saw no gain is seen.",
            lambda r: r.holds_zero("limits-style", "Gaussians/unseen", "gain"),
        ),
        (
            "Under the Gaussians, for faces in the recipe `faces`, the rows are nearly equal",
            lambda r: (
                spread(starts(r, "digits-gaussians")) < 0.5
                and spread(starts(r, "faces", name="faces")) < 0.5
            ),
        ),
        (
            "Under the relative recipes the result follows the start",
            lambda r: all(
                rises(
                    [
                        r(f"painting-{name}", f"{recipe}/start/{start}", "psnr")
                        for start in ("zeros", "harmonic", "part-mixture")
                    ]
                )
                for recipe, name in {
                    "paper-digits": "digits",
                    "digits-mixture": "digits",
                    "faces-mixture": "faces",
                }.items()
            ),
        ),
        (
            "black, noise and a mixture of training images end nearly equally well",
            lambda r: spread(starts(r, "digits")) < 1,
        ),
        (
            "The slope matters most.",
            lambda r: (
                gain(r, "graded, slope") - gain(r, "graded labels")
                > gain(r, "graded labels") - gain(r, "hard labels")
            ),
        ),
        (
            "The Gaussians know the whole digit and blur, the network knows strokes and is sharp",
            lambda r: falls(r.facts(r"Gaussians (\d+%), .*?; network (\d+%)")),
        ),
        (
            "Accuracy does not tell which classifier paints.",
            lambda r: (
                r("ladder-digits", "Gaussians, seed 0", "accuracy")
                < r("ladder-digits", "robust, seed 0", "accuracy")
                and gain(r, "Gaussians") > gain(r, "robust")
            ),
        ),
    ),
    *of(
        "16-what-to-know",
        (
            "the PSNR is highest in between, and the larger the weight, the less grey",
            lambda r: (
                lambda psnr, grey: 0 < psnr.index(max(psnr)) < len(WEIGHTS) - 1 and falls(grey)
            )(
                *(
                    [r("experts-digits", f"weight {weight}", score) for weight in WEIGHTS]
                    for score in ("psnr", "grey")
                )
            ),
        ),
        (
            "from noise it reads well and stays further from the original",
            lambda r: (lambda psnr, judge: psnr[2] == min(psnr) and nearly_all(judge[2]))(
                starts(r, "digits-absolute"), starts(r, "digits-absolute", "judge")
            ),
        ),
        (
            "For digits, most of those with the absolute network are better than interpolation "
            "beyond doubt, and none with a network that only compares.",
            lambda r: (lambda compares, absolute: not any(compares) and most(np.mean(absolute)))(
                better(r, absolute=False), better(r, absolute=True)
            ),
        ),
        (
            "Then the descent adds several decibels to the smooth start, and the start matters "
            "little.",
            lambda r: (
                several_decibels(r("painting-digits", "digits/start/harmonic", "gain"))
                and spread(starts(r, "digits")) < 1
            ),
        ),
        together=True,
    ),
    *of(
        "protocol",
        (
            "**Digits**: 200 images of the test split of MNIST",
            lambda r: r.cases("quality-digits", "digits/square", "psnr") == 200,
        ),
        (
            "**Faces**: 210 images of the test split of Extended Yale B",
            lambda r: r.cases("quality-faces", "faces/all", "psnr") == 210,
        ),
        (
            "so it is run on the first ten cases only",
            lambda r: (
                r.cases("quality-digits", "deep-image-prior/all", "psnr")
                == r.cases("quality-faces", "deep-image-prior/all", "psnr")
                == 10
            ),
        ),
    ),
    *of(
        "17-your-own",
        (
            "The network reads the label in nearly all of its own results.",
            lambda r: nearly_all(r.fact(r"your network +(\d+%) +\d+% PSNR in")),
        ),
        (
            "The judge reads it in far fewer of them, hardly more than with the smooth start",
            lambda r: (
                lambda own, judge, start: (
                    judge < own - LIMITS["much"] and abs(judge - start) <= LIMITS["much"]
                )
            )(
                *r.facts(r"your network +(\d+%) +(\d+%) PSNR in"),
                r.fact(r"start +\d+% +(\d+%)"),
            ),
        ),
        (
            "on average the results are further from the originals than the start",
            lambda r: r.fact(r"result minus start: ([+−-][\d.]+) dB; above it") < 0,
        ),
        (
            "a few tenths of a decibel above its start in the mean, and the judge reads a few more",
            lambda r: (
                lambda before, judged, after, judge: (
                    0 < after - before < 1 and 0 < judge - judged <= 0.15
                )
            )(
                *r.facts(r"start +([\d.]+) dB +([\d.]+) your"),
                *r.facts(r"robust network +([\d.]+) dB +([\d.]+)"),
            ),
        ),
        (
            "but they are those of another drawing, and its PSNR is below the start's",
            lambda r: falls(
                r.facts(r"start +([\d.]+) dB +[\d.]+ your")
                + r.facts(r"nearest drawing +([\d.]+) dB")
            ),
        ),
        (
            "An ordinary network paints strong noise that it then reads as the label; an "
            "independent judge shows this in numbers.",
            lambda r: (lambda own, judge: nearly_all(own) and judge < own - LIMITS["much"])(
                *r.facts(r"your network +(\d+%) +(\d+%) PSNR in")
            ),
        ),
        (
            "A robust network paints no noise, and changes its start little.",
            lambda r: close(
                r.fact(r"start +([\d.]+) dB +[\d.]+ your"),
                r.fact(r"robust network +([\d.]+) dB +[\d.]+"),
            ),
        ),
    ),
    *of(
        "playground",
        (
            "both recipes for digits run faster on the page.",
            lambda r: all(
                r.times("browser", subject, *FASTER) > 1
                for subject in (
                    "experts, digits, digits-experts",
                    "digit, paper-digits, digits-patches",
                )
            ),
        ),
        (
            "The larger network for faces runs faster in PyTorch.",
            lambda r: r.times("browser", "face, paper-faces-att, faces-patches-att", *FASTER) < 1,
        ),
    ),
]
