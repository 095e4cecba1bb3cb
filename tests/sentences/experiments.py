"""Chapters 7 to 12: the paper's experiments."""

from __future__ import annotations

from inpaintlib.study.chapters.failures import SIDES
from inpaintlib.study.chapters.hallucination import STARTS
from inpaintlib.study.protocol import KINDS
from sentences.results import (
    LIMITS,
    Results,
    about_as,
    close,
    falls,
    few,
    hardly_any,
    many_decibels,
    most,
    nearly_all,
    of,
    rises,
    same,
    several_decibels,
)

DIGITS = [*KINDS["digits"], "all"]
FACES = [*KINDS["faces"], "all"]


def digits(r: Results, method: str, score: str, kind: str = "all") -> float:
    return r("quality-digits", f"{method}/{kind}", score)


def faces(r: Results, method: str, score: str, kind: str = "all") -> float:
    return r("quality-faces", f"{method}/{kind}", score)


def lit(r: Results, way: str, score: str, threshold: float = 0.2) -> float:
    return r("illumination", f"{way}/{threshold}", score)


def by_side(r: Results, fill: str, score: str, data: str = "digits") -> list[float]:
    return [r("failures", f"{data}/side {side}/{fill}", score) for side in SIDES[data]]


def in_table(method: str) -> str:
    """A row of chapter 7's tables: PSNR, judge and grey."""
    return rf"{method} +([\d.]+) dB +([\d.]+) +([\d.]+)"


def right(r: Results, subject: str) -> float:
    return r("all-labels", subject, "right")


SENTENCES = [
    *of(
        "07-digits",
        (
            "Those in Figure 7.1 and Figure 7.2 are not.",
            lambda r: r.fact(r"the starts, the results\. PSNR.+? read correctly: ([1-7]) of 8") < 8,
        ),
        (
            "it is blurred, as its share of grey shows, and yet easy to read",
            lambda r: (
                lambda psnr, judge, grey, real: (
                    nearly_all(judge) and grey > LIMITS["several times"] * real and psnr > 0
                )
            )(
                *r.facts(in_table("class average pasted in")),
                r.fact(r"untouched +inf dB +[\d.]+ +([\d.]+)"),
            ),
        ),
        (
            "The PSNR is several decibels above that of the start, the judge reads more results, "
            "and the share of grey is that of real digits.",
            lambda r: (
                lambda begun, judged, psnr, judge, grey, real: (
                    several_decibels(psnr - begun)
                    and judge > judged
                    and abs(grey - real) < LIMITS["hardly any"]
                )
            )(
                *r.facts(r"the start of both +([\d.]+) dB +([\d.]+)"),
                *r.facts(rf"(?<!-){in_table('digits')} the same"),
                r.fact(r"untouched +inf dB +[\d.]+ +([\d.]+)"),
            ),
        ),
        (
            "under digits every hole has clean strokes, the two halves, too.",
            lambda r: r.fact(r"digits, read correctly: (\d) of 8") == 8,
        ),
        (
            'taken literally, "nearly perfect" holds for strokes and for scattered pixels, where '
            "it also holds for the smooth start.",
            lambda r: all(
                digits(r, method, "judge", kind) - digits(r, "untouched", "judge", kind)
                > LIMITS["nearly as often"]
                for method in ("paper-digits", "harmonic")
                for kind in ("stroke", "scattered")
            ),
        ),
        (
            "there the whole interval of `paper-digits` lies below that of the untouched digits",
            lambda r: all(
                r.high("quality-digits", f"paper-digits/{kind}", "judge")
                < r.low("quality-digits", f"untouched/{kind}", "judge")
                for kind in ("square", "half")
            ),
        ),
        (
            "With the recipe `digits` the judge reads every kind of hole as often as the untouched "
            "digits, from the same starts.",
            lambda r: all(
                digits(r, "digits", "judge", kind) >= digits(r, "untouched", "judge", kind) - 0.01
                for kind in DIGITS
            ),
        ),
        (
            "still succeeds more often than by chance, which would be half of the answers",
            lambda r: r.low("quality-digits", "digits/all", "realism") > 0.5,
        ),
        (
            "With `digits` they are far fewer.",
            lambda r: (
                r("quality-digits", "digits, named right", "below 10 dB")
                < r("quality-digits", "paper-digits, named right", "below 10 dB")
                / LIMITS["several times"]
            ),
        ),
        (
            "Its PSNR is above that of `paper-digits` for each kind of hole, and the whole "
            "intervals are apart.",
            lambda r: all(
                r.low("quality-digits", f"digits/{kind}", "psnr")
                > r.high("quality-digits", f"paper-digits/{kind}", "psnr")
                for kind in DIGITS
            ),
        ),
        (
            "`paper-digits` is hardly better than its own smooth start, and worse on squares.",
            lambda r: (
                0 <= digits(r, "paper-digits", "psnr") - digits(r, "harmonic", "psnr") < 0.5
                and digits(r, "paper-digits", "psnr", "square")
                < digits(r, "harmonic", "psnr", "square")
                and abs(digits(r, "paper-digits", "judge") - digits(r, "harmonic", "judge"))
                < LIMITS["hardly any"]
            ),
        ),
        (
            "`digits` is better than `paper-digits` in all three.",
            lambda r: (
                digits(r, "digits", "psnr") > digits(r, "paper-digits", "psnr")
                and digits(r, "digits", "judge") > digits(r, "paper-digits", "judge")
                and digits(r, "digits", "grey") < digits(r, "paper-digits", "grey")
            ),
        ),
        (
            "200 digits with four holes each",
            lambda r: (
                r.cases("quality-digits", "digits/all", "psnr")
                == 4 * 200
                == 4 * r.cases("quality-digits", "digits/square", "psnr")
            ),
        ),
        (
            'even if they may differ" does not hold for the literal text',
            lambda r: (
                digits(r, "paper-digits", "judge")
                < digits(r, "untouched", "judge") + LIMITS["as the originals"]
            ),
        ),
        (
            "By the judge's score it holds for `digits`.",
            lambda r: (
                digits(r, "digits", "judge")
                > digits(r, "untouched", "judge") + LIMITS["as the originals"]
            ),
        ),
    ),
    *of(
        "08-faces",
        (
            "With `faces` most holes are hard to find.",
            lambda r: (lambda paper, ours: paper < ours == 7)(
                *r.facts(r"by PSNR: paper-faces \d of 7 and (\d), faces \d of 7 and (\d)")
            ),
        ),
        (
            "Nearly one in ten. So the paper's remark holds",
            lambda r: 0.08 < r("faces", "training", "windows too dark") < 0.1,
        ),
        (
            "`paper-faces` gains several decibels over the class average from which it starts",
            lambda r: several_decibels(
                faces(r, "paper-faces", "psnr") - faces(r, "class-average", "psnr")
            ),
        ),
        (
            "is nearer to the original on average, and a network distinguishes most of the results "
            "from real pictures",
            lambda r: (
                faces(r, "harmonic", "psnr") > faces(r, "paper-faces", "psnr")
                and faces(r, "paper-faces", "realism") > LIMITS["nearly perfect"]
            ),
        ),
        (
            "is the best of them in PSNR and realism for every kind of hole, and far above its "
            "start",
            lambda r: all(
                many_decibels(faces(r, "faces", "psnr", kind) - faces(r, "harmonic", "psnr", kind))
                and faces(r, "faces", "psnr", kind)
                > max(faces(r, m, "psnr", kind) for m in ("class-average", "paper-faces"))
                and faces(r, "faces", "realism", kind)
                < min(
                    faces(r, m, "realism", kind)
                    for m in ("harmonic", "class-average", "paper-faces")
                )
                for kind in FACES
            ),
        ),
        together=True,
    ),
    *of(
        "08-faces",
        (
            "The network that judges realism does little better than guessing, and the judge "
            "recognises the results as often as the originals.",
            lambda r: (
                faces(r, "faces", "realism") < 0.6
                and faces(r, "faces", "judge")
                >= faces(r, "untouched", "judge") + LIMITS["as the originals"]
            ),
        ),
        (
            "every second one. With `faces` there are none.",
            lambda r: (
                0.4 < r("faces", "paper-faces", "named right, below 20 dB") < 0.6
                and r("faces", "faces", "named right, below 20 dB") <= LIMITS["same"]
            ),
        ),
        (
            "With `paper-faces` it is small, and hardly anybody is taken for the other person.",
            lambda r: (
                r("faces", "paper-faces", "RMS between the names") < LIMITS["visible"]
                and hardly_any(r("faces", "paper-faces, another name", "so named"))
            ),
        ),
        (
            "The network is sure of the right label before the descent begins",
            lambda r: (
                nearly_all(r("faces", "paper-faces, own name", "probability at the start"))
                and hardly_any(r("faces", "paper-faces, another name", "probability at the start"))
            ),
        ),
        (
            "Here are all 210 cases of Extended Yale B, thirty of each kind",
            lambda r: (
                r.cases("quality-faces", "faces/all", "psnr") == 210
                and r.cases("quality-faces", "faces/nose", "psnr") == 30
            ),
        ),
        (
            "is too dark for training, equation (8.1); the whole image replaces it",
            lambda r: 0.08 < r("faces", "training", "windows too dark") < 0.1,
        ),
        (
            "a network distinguishes most of its results from real pictures",
            lambda r: faces(r, "paper-faces", "realism") > LIMITS["nearly perfect"],
        ),
        (
            "It does not converge to zero. It *rises*, and then stays constant.",
            lambda r: (lambda lowest, end: lowest > 0.5 and end > 1)(
                *r.facts(r"λ of the recipe; .*lowest ([\d.]+), mean of the last 250 steps ([\d.]+)")
            ),
        ),
        (
            "between them a floor that does not go to zero either: in the long run it rises",
            lambda r: r.fact(r"λ / 100; .*mean of the last 250 steps ([\d.]+)") > 1,
        ),
        (
            "With `faces` the two results are far apart.",
            lambda r: r("faces", "faces", "RMS between the names") > LIMITS["far"],
        ),
        (
            "With the recipe's λ the norm is higher at the end than at the start.",
            lambda r: (
                r("faces", "λ of the recipe, jitter", "last over first") > 1
                and r("faces", "λ of the recipe, no jitter", "last over first") > 1
            ),
        ),
        (
            "The norm changes more from step to step with jitter than without, for every λ.",
            lambda r: all(
                r.low("faces", f"{weight}, jitter minus no jitter", "roughness") > 0
                for weight in ("λ of the recipe", "λ / 100", "λ = 0")
            ),
        ),
        (
            "With a smaller λ the peaks are far above the rest",
            lambda r: r("faces", "λ / 100, jitter", "highest peak over median") > 10,
        ),
        (
            "all curves fall, by several powers of ten.",
            lambda r: r.fact(r"all are below a millionth after (\d+) steps") > 1,
        ),
        (
            "By PSNR the literal recipe is worse than a plain smooth fill",
            lambda r: faces(r, "paper-faces", "psnr") < faces(r, "harmonic", "psnr"),
        ),
    ),
    *of(
        "09-failures",
        (
            "From zero to ten times the recipe's value this is right",
            lambda r: all(
                same(r("failures", f"digits/λ × {times}", "judge minus unchanged"), 0)
                and r("failures", f"digits/λ × {times}", "distance") < LIMITS["visible"]
                for times in (0, 10)
            ),
        ),
        (
            "A stroke has edges, edges cost, so the stroke disappears.",
            lambda r: (
                r.high("failures", "digits/λ × 100", "judge minus unchanged") < 0
                and r.high("failures", "digits/λ × 100", "gain") < 0
            ),
        ),
        (
            "From black, the result is far from the unchanged one, and worse; from the class "
            "average it is just as far away, but better.",
            lambda r: (
                r("failures", "digits/start: black", "distance") > LIMITS["far"]
                and about_as(
                    r("failures", "digits/start: class average", "distance"),
                    r("failures", "digits/start: black", "distance"),
                )
                and r.high("failures", "digits/start: black", "gain")
                < 0
                < r.low("failures", "digits/start: class average", "gain")
            ),
        ),
        (
            "The numbers are for sixty test digits of the full set",
            lambda r: r.cases("failures", "digits/unchanged", "psnr") == 60,
        ),
        (
            "The same with fourteen test faces of Extended Yale B",
            lambda r: r.cases("failures", "faces/side 4/empty", "probability") == 14,
        ),
        (
            "In `digits` the same exchange is a failure, the only one of the three",
            lambda r: (
                lambda unchanged, network, weight, start: (
                    several_decibels(unchanged - network)
                    and close(weight, unchanged)
                    and close(start, unchanged)
                )
            )(*r.facts(r"; digits ([\d.]+), changed ([\d.]+), ([\d.]+), ([\d.]+)")),
        ),
        (
            "even slightly better. [Improvements",
            lambda r: 0 < r("failures", "digits/trained on whole images", "gain") < 0.5,
        ),
        (
            "In no row does the descent clearly raise PSNR above that of the start",
            lambda r: all(
                r.low("failures", f"digits/{row}", "psnr above start") <= 0
                for row in (
                    "unchanged",
                    "trained on whole images",
                    "λ × 0",
                    "λ × 10",
                    "λ × 100",
                    "start: black",
                    "start: class average",
                )
            ),
        ),
        (
            "With `digits`, from the same smooth start, the judge reads nearly all digits with a "
            "hole of any size",
            lambda r: all(map(nearly_all, by_side(r, "ours", "judge"))),
        ),
        (
            "recognition falls slowly and steadily as the hole grows, and fast only at the end",
            lambda r: falls(by_side(r, "empty", "probability")),
        ),
        (
            "changes the pixels a little at any size, and the gain is small but real",
            lambda r: all(
                r.low("failures", f"digits/side {side}/alone", "gain") > 0
                and r("failures", f"digits/side {side}/alone", "moved") < LIMITS["visible"]
                for side in SIDES["digits"]
            ),
        ),
        (
            "and gains at every size: most in the smallest holes",
            lambda r: (
                falls(by_side(r, "ours", "gain"))
                and all(
                    r.low("failures", f"digits/side {side}/ours", "gain") > 0
                    for side in SIDES["digits"]
                )
            ),
        ),
        (
            "the rank correlations are high",
            lambda r: all(
                r("failures", f"digits/doubt and {what}", "rank correlation") > 0.7
                for what in ("pull", "alone/moved", "alone/gain")
            ),
        ),
        (
            "and the gain is unrelated to doubt",
            lambda r: r.holds_zero("failures", "digits/doubt and paper/gain", "rank correlation"),
        ),
        (
            "the correlation is negative",
            lambda r: r.high("failures", "digits/doubt and ours/gain", "rank correlation") < 0,
        ),
        (
            "the patch-trained network recognises every face up to a side of 24",
            lambda r: all(
                r("failures", f"faces/side {side}/empty", "right") == 1 for side in (4, 8, 16, 24)
            ),
        ),
        (
            "the judge fails from 16 on",
            lambda r: all(
                not most(r("failures", f"faces/side {side}/empty", "judge"))
                for side in (16, 24, 32, 40)
            ),
        ),
        (
            "class average, the network is sure of every face at every size",
            lambda r: all(map(nearly_all, by_side(r, "start", "probability", "faces"))),
        ),
        (
            "`paper-faces` gains much over its start, and most in the smallest holes",
            lambda r: falls(by_side(r, "paper", "gain", "faces")),
        ),
        (
            "Still it gains far more in all but the smallest holes, and more the larger the hole",
            lambda r: (
                rises(by_side(r, "ours", "gain", "faces"))
                and all(
                    several_decibels(
                        r("failures", f"faces/side {side}/ours", "gain")
                        - r("failures", f"faces/side {side}/paper", "gain")
                    )
                    for side in SIDES["faces"][1:]
                )
            ),
        ),
    ),
    *of(
        "09-failures",
        (
            "is no better than its own smooth start, within the intervals",
            lambda r: all(
                r.low("failures", f"digits/side {side}/paper", "judge")
                < r.high("failures", f"digits/side {side}/start", "judge")
                for side in SIDES["digits"]
            ),
        ),
        (
            "cost PSNR at nearly every size",
            lambda r: (
                sum(gain < 0 for gain in by_side(r, "paper", "gain")) >= len(SIDES["digits"]) - 2
            ),
        ),
        (
            "the recipes `digits` and `faces` fill holes of every size",
            lambda r: all(
                gain > 0
                for data in ("digits", "faces")
                for gain in by_side(r, "ours", "gain", data)
            ),
        ),
        together=True,
    ),
    *of(
        "10-hallucination",
        (
            "But the network is nearly certain of every one of them.",
            lambda r: all(
                nearly_all(sure)
                for start in ("noise", "grey", "black")
                for sure in r.facts(rf"\b{start} +network ([\d.]+) sure")
            ),
        ),
        (
            "the [judge](../book/notation.md#term-judge) does not read them either",
            lambda r: all(
                few(share)
                for start in ("noise", "grey", "black")
                for share in r.facts(rf"\b{start} +network [\d.]+ sure on average, judge (\d+%)")
            ),
        ),
        (
            "they are those of the start; the descent has hardly changed them",
            lambda r: (lambda judge, moved: nearly_all(judge) and moved < LIMITS["visible"])(
                *r.facts(r"class average +network .*?judge (\d+%), moved ([\d.]+)")
            ),
        ),
        (
            "Every row has ten digits that can be read",
            lambda r: r.fact(r"the judge's reading: (\d+%) as asked") == 1,
        ),
        (
            "is exactly zero on black, and also on a dark grey",
            lambda r: (
                r.facts(r"digits-robust, grey 0\.00: largest gradient ([\d.]+)")
                + r.facts(r"digits-robust, grey 0\.05: largest gradient ([\d.]+)")
                == [0, 0]
            ),
        ),
        (
            "With the paper's recipe the network reads every image, and is sure of all of them, "
            "while the judge reads few of those from noise, grey and black",
            lambda r: all(
                nearly_all(r("hallucination", f"paper-digits/{start}", "classifier"))
                and nearly_all(r("hallucination", f"paper-digits/{start}", "probability"))
                and few(r("hallucination", f"paper-digits/{start}", "judge"))
                for start in ("noise", "grey", "black")
            ),
        ),
        (
            "With `digits` the two agree, from every start.",
            lambda r: all(
                nearly_all(r("hallucination", f"digits/{start}", score))
                for start in STARTS
                for score in ("judge", "classifier")
            ),
        ),
        (
            "Jitter hardly matters here.",
            lambda r: same(
                r("hallucination", "digits/no jitter", "judge"),
                r("hallucination", "digits/noise", "judge"),
            ),
        ),
        (
            "the same network leaves the noise as it is",
            lambda r: hardly_any(r.fact(r"largest change of a pixel is ([\d.]+)")),
        ),
        (
            "by the paper's formula it draws digits, of which the judge reads all ten.",
            lambda r: (
                r.facts(r"the judge reads: from black (\d+%), from class average (\d+%)") == [1, 1]
            ),
        ),
        (
            "The judge reads all of these images. Few people would read",
            lambda r: r("hallucination", "digits/a network that compares", "judge") == 1,
        ),
        (
            "differ from one another nearly as much as real digits do, and are about as near to a "
            "training image as a new digit is",
            lambda r: (
                about_as(
                    r("hallucination", "digits/noise", "RMS between results"),
                    r("hallucination", "digits/noise", "RMS between real images"),
                )
                and about_as(
                    r("hallucination", "digits/noise", "RMS to the nearest training image, result"),
                    r(
                        "hallucination",
                        "digits/noise",
                        "RMS to the nearest training image, real image",
                    ),
                )
            ),
        ),
        (
            "Faces from different noises are nearly the same picture.",
            lambda r: (
                r("hallucination", "faces/noise", "RMS between results")
                < LIMITS["visible"]
                < r("hallucination", "faces/noise", "RMS between real images")
            ),
        ),
        (
            "even its own network recognises all of the people from no start, and only some from "
            "noise or grey.",
            lambda r: (
                max(r("hallucination", f"paper-faces/{start}", "classifier") for start in STARTS)
                < 1
                and not any(
                    nearly_all(r("hallucination", f"paper-faces/{start}", "classifier"))
                    for start in ("noise", "grey")
                )
            ),
        ),
        (
            "`faces` draws each person, and the judge recognises them, from any start.",
            lambda r: all(
                nearly_all(r("hallucination", f"faces/{start}", "judge")) for start in STARTS
            ),
        ),
        (
            "black gives a dark one, of which the recipe's own classifier is less sure",
            lambda r: (
                r("hallucination", "faces/black", "probability")
                < r("hallucination", "faces/noise", "probability") - LIMITS["much"]
            ),
        ),
        (
            "from the average, of which that classifier is not sure, either,",
            lambda r: not nearly_all(r("hallucination", "faces/class average", "probability")),
        ),
        (
            "the descent has nothing to do. So `faces` shows",
            lambda r: (
                r("hallucination", "faces/class average", "RMS to the start") < LIMITS["visible"]
            ),
        ),
        (
            "the judge reads all of them. Each noise gives other digits, about as different as "
            "real ones.",
            lambda r: (
                all(
                    nearly_all(r("hallucination", f"digits/{start}", "judge"))
                    for start in ("noise", "grey", "black")
                )
                and about_as(
                    r("hallucination", "digits/noise", "RMS between results"),
                    r("hallucination", "digits/noise", "RMS between real images"),
                )
            ),
        ),
        (
            "Ten clear digits from noise by the recipe `digits`",
            lambda r: nearly_all(r("hallucination", "digits/noise", "judge")),
        ),
        (
            "The judge is lenient with the blots of a network that compares.",
            lambda r: nearly_all(r("hallucination", "digits/a network that compares", "judge")),
        ),
        (
            "The judge reads few of them.",
            lambda r: all(
                few(r("hallucination", f"paper-digits/{start}", "judge"))
                for start in ("noise", "grey", "black")
            ),
        ),
    ),
    *of(
        "10-hallucination",
        (
            "The experts have their steepest slope on black",
            lambda r: (lambda slopes: slopes[0] == max(slopes))(
                r.facts(r"digits-experts, grey [\d.]+: largest gradient ([\d.]+)")
            ),
        ),
        together=True,
    ),
    *of(
        "11-illumination",
        (
            "The judge, trained on well-lit faces, recognises hardly anybody before or after.",
            lambda r: all(
                few(read / 6)
                for read in r.facts(
                    r"dark (\d) of 6, .*paper-faces (\d) of 6, "
                    r"faces-mixture (\d) of 6, faces (\d) of 6"
                )
            ),
        ),
        (
            "the judge recognises more people in them than in the dark ones",
            lambda r: all(
                lit(r, way, "judge") > lit(r, "dark", "judge")
                and many_decibels(lit(r, way, "psnr") - lit(r, "dark", "psnr"))
                for way in ("class-average", "paper-faces", "blended-average", "faces-mixture")
            ),
        ),
        (
            "`paper-faces` is *below* its own start in PSNR, SSIM and the judge's score.",
            lambda r: all(
                lit(r, "paper-faces", score) < lit(r, "class-average", score)
                for score in ("psnr", "ssim", "judge")
            ),
        ),
        (
            "`faces-mixture` hardly changes its start.",
            lambda r: (
                close(lit(r, "faces-mixture", "psnr"), lit(r, "blended-average", "psnr"))
                and same(lit(r, "faces-mixture", "ssim"), lit(r, "blended-average", "ssim"))
            ),
        ),
        (
            "their results are less similar to real light than the averages",
            lambda r: all(
                lit(r, curve, score) < lit(r, average, score)
                for curve in ("gamma", "equalised")
                for average in ("class-average", "blended-average")
                for score in ("psnr", "ssim")
            ),
        ),
        (
            "At 0.05 the recipe `faces-mixture` hardly adds light",
            lambda r: (
                lit(r, "faces-mixture", "grey", 0.05) - lit(r, "dark", "grey", 0.05)
                < LIMITS["visible"]
            ),
        ),
        (
            "the judge recognises the person in nearly all of its results",
            lambda r: all(nearly_all(lit(r, "faces", "judge", t)) for t in (0.05, 0.1, 0.2, 0.3)),
        ),
        (
            "It is about as much as with the class average alone, less with `paper-faces`, and "
            "somewhat more with `faces`",
            lambda r: (
                about_as(lit(r, "faces-mixture", "order"), lit(r, "class-average", "order"))
                and lit(r, "paper-faces", "order")
                < lit(r, "class-average", "order")
                < lit(r, "faces", "order")
            ),
        ),
        (
            "Here is each way on sixty dark photographs of Extended Yale B",
            lambda r: r.cases("illumination", "faces/0.2", "psnr") == 60,
        ),
        (
            "With another label, it reads that one more often than the person.",
            lambda r: all(
                r("illumination", f"{recipe}/other label", "who was asked for")
                > r("illumination", f"{recipe}/other label", "the person")
                for recipe in ("paper-faces", "faces-mixture")
            ),
        ),
        (
            "Gamma and equalisation keep the order",
            lambda r: all(lit(r, curve, "order") > 0.99 for curve in ("gamma", "equalised")),
        ),
        (
            "with a wrong label the judge reads the wrong label more often than the person, with "
            "every recipe",
            lambda r: all(
                r("illumination", f"{recipe}/other label", "who was asked for")
                > r("illumination", f"{recipe}/other label", "the person")
                for recipe in ("paper-faces", "faces-mixture", "faces")
            ),
        ),
        (
            "The literal recipe scores lower than its start, `faces-mixture` about the same.",
            lambda r: (
                lit(r, "paper-faces", "psnr") < lit(r, "class-average", "psnr")
                and close(lit(r, "faces-mixture", "psnr"), lit(r, "blended-average", "psnr"))
            ),
        ),
        (
            "The judge recognises more people afterwards than before",
            lambda r: all(
                r.low("illumination", f"{way}/0.2", "judge gain") > 0
                for way in ("paper-faces", "faces-mixture")
            ),
        ),
    ),
    *of(
        "12-all-labels",
        (
            "In this picture the lowest energy is at the true label in every row.",
            lambda r: (
                r.fact(r"by the recipe digits\. .*at the true label in (\d+) of 10 rows") == 10
            ),
        ),
        (
            "By `digits` all of them become threes",
            lambda r: r.fact(r"reads a 3: digits (\d+) of 10") == 10,
        ),
        (
            "at the true label for most, and at the 3 for one",
            lambda r: (lambda three, five: three == 1 and most(five / 10))(
                *r.facts(r"at 3 for (\d+), at 5 for (\d+) of 10")
            ),
        ),
        (
            "a 3 is hard to find, though the judge reads one in some",
            lambda r: 0 < r.fact(r"reads a 3: .*paper-digits (\d+) of 10") < 10,
        ),
        (
            "errors are rare but in the largest holes",
            lambda r: (
                all(hardly_any(1 - right(r, f"digits/side {side}")) for side in (8, 10, 12))
                and right(r, "digits/side 14") < 0.9
            ),
        ),
        (
            "For `paper-digits` the answer is no. Its wrong choices seldom convince the judge.",
            lambda r: few(r("all-labels", "paper-digits/wrong", "judge agrees")),
        ),
        (
            "Its few wrong choices all convince the judge.",
            lambda r: r("all-labels", "digits/wrong", "judge agrees") == 1,
        ),
        (
            "even the best wrong label has a positive score on average",
            lambda r: (
                r.fact(r"digits-robust: right label [\d.−-]+, best wrong label ([\d.−-]+)") > 0
            ),
        ),
        (
            "For the experts the right labels of all classes are near 0, and the best wrong label "
            "is far below.",
            lambda r: (lambda mine, other: -10 < mine < 0 and other < 5 * mine)(
                *r.facts(r"digits-experts: right label ([\d.−-]+), best wrong label ([\d.−-]+)")
            ),
        ),
        (
            "with a wide gap the lowest energy is right far more often",
            lambda r: all(
                right(r, f"{recipe}/wide gap") > right(r, f"{recipe}/narrow gap") + LIMITS["much"]
                for recipe in ("paper-digits", "digits")
            ),
        ),
        (
            "without the penalties much of the loss disappears. For `digits` the penalties change "
            "nothing.",
            lambda r: (
                right(r, "paper-digits/content") > right(r, "paper-digits/energy") + LIMITS["much"]
                and same(right(r, "digits/content"), right(r, "digits/energy"))
            ),
        ),
        (
            "cross-entropy is clearly worse than the energy",
            lambda r: right(r, "digits/cross-entropy") < right(r, "digits/energy") - LIMITS["much"],
        ),
        (
            "The fall is the worst choice, for both.",
            lambda r: all(
                right(r, f"{recipe}/fall") < right(r, f"{recipe}/{way}") - LIMITS["much"]
                for recipe in ("paper-digits", "digits")
                for way in ("energy", "content", "cross-entropy", "judge")
            ),
        ),
        (
            "With `paper-digits` it is not: the ten descents make the result worse, and the whole "
            "interval is below zero. With `digits` it is, and the whole interval is above zero.",
            lambda r: (
                r.high("all-labels", "paper-digits/energy minus plain reading", "right")
                < 0
                < r.low("all-labels", "digits/energy minus plain reading", "right")
            ),
        ),
        (
            "but not distinguishable from the best plain reading by another network",
            lambda r: (
                right(r, "digits/energy") > right(r, "digits-robust/smooth")
                and r.low("all-labels", "digits/energy", "right")
                < r.high("all-labels", "digits-robust/smooth", "right")
            ),
        ),
        (
            "often gives another label than the true one with the paper's literal recipe",
            lambda r: r.high("all-labels", "paper-digits/energy", "right") < 0.7,
        ),
        (
            "fives without their upper half become threes that the judge reads",
            lambda r: r.fact(r"reads a 3: digits (\d+) of 10") == 10,
        ),
        (
            "Here are two hundred, the test digits of the protocol",
            lambda r: r.cases("all-labels", "digits/energy", "right") == 200,
        ),
        (
            "The lowest energy of `digits` is at the true label more often than the same "
            "classifier reads it on a smooth fill; that of `paper-digits` less often.",
            lambda r: (
                right(r, "digits/energy") > right(r, "digits-experts/smooth")
                and right(r, "paper-digits/energy") < right(r, "digits-patches/smooth")
            ),
        ),
        (
            "The fall of the energy is worst.",
            lambda r: all(
                right(r, f"{recipe}/fall") < right(r, f"{recipe}/{way}")
                for recipe in ("paper-digits", "digits")
                for way in ("energy", "content", "cross-entropy", "judge")
            ),
        ),
        (
            "With `paper-digits` the judge seldom agrees with the chosen fill",
            lambda r: few(r("all-labels", "paper-digits/wrong", "judge agrees")),
        ),
        (
            "For `paper-digits` content is better than the energy.",
            lambda r: (
                right(r, "paper-digits/content") > right(r, "paper-digits/energy") + LIMITS["much"]
            ),
        ),
    ),
    *of(
        "12-all-labels",
        (
            "and the judge reads one in most of the ten",
            lambda r: most(r.facts(r"ten blurred fills .*label 9:" + r" (\d)" * 10).count(3) / 10),
        ),
        (
            "Nobody would read that digit there, and the judge does not either.",
            lambda r: (lambda chosen, read: all(read[int(label)] != label for label in chosen[:1]))(
                [label for label in r.facts(r"of the ten fives at:" + r" (\d)" * 10) if label != 5],
                r.facts(r"ten blurred fills .*label 9:" + r" (\d)" * 10),
            ),
        ),
        together=True,
    ),
]
