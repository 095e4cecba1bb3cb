"""What the paper claims, in our own words, and what it leaves open.

The limits of the checks are ours: the paper has words where these are numbers. A reason is given
for the verdict that the stored numbers give today, see ``claims.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import parameters
from claims import Check, Claim, Gap, Verdict
from tables import ALL
from topics import hallucination, illumination

from inpaintlib import classifiers
from inpaintlib.recipes import RECIPES
from inpaintlib.training import TRAININGS

REPRODUCED, PARTLY, NOT, UNTESTED = Verdict

#: As good as the originals, of which the judge reads at most so many fewer.
AS_ORIGINALS = -0.02

#: A change that is substantial, in dB.
SUBSTANTIAL = 0.5

#: Two images look different if their root mean square distance is above this, in grey values,
VISIBLE = 0.05

#: or if the PSNR of one to the other is below this, in dB.
DIFFERENT = 30.0

#: What most means, and nearly all, and hardly any, of a share.
MOST, NEARLY_ALL, HARDLY = 0.5, 0.95, 0.05

#: A change of a recognition rate, or of a grey value, that is none.
SAME = 0.01

#: Realism that is nearer to that of an original than to that of a fill that gives itself away.
NEARLY_PERFECT = 0.75

SETS = ("digits", "faces")

DIGIT_KINDS = ("square", "stroke", "half", "scattered")
FACE_KINDS = ("both eyes", "one eye", "nose", "mouth", "half", "strokes", "scattered")

#: The threshold at which the chapter on light lights its faces.
LIT = illumination.OTHER_THRESHOLD


def both(
    number: str, what: str, *, above: float = -math.inf, below: float = math.inf
) -> tuple[Check, ...]:
    """Return the same check for digits and for faces; ``SET`` stands for either."""
    return tuple(
        Check(number.replace("SET", name), f"{what}, {name}", above, below) for name in SETS
    )


def compared(
    name: str, score: str, other: str, *, above: float = 0.0, kind: str = ALL, title: str = ""
) -> Check:
    """Return a check of by how much the paper's recipe is above another method, case by case."""
    titles = {"psnr": "PSNR", "judge": "judge"}
    others = {"untouched": "the originals'", "harmonic": "interpolation's", "zeros": "empty hole's"}
    what = f"{titles[score]} less {others.get(other, other)}, {title or name}"
    return Check(f"quality-{name}: paper-{name} less {other}/{kind}/{score}", what, above)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "abstract",
        (),
        "The method works very well, on digits and on faces.",
        "14-how-good",
        tuple(
            check
            for name in SETS
            for check in (
                compared(name, "psnr", "harmonic"),
                compared(name, "judge", "untouched", above=AS_ORIGINALS),
            )
        ),
        {
            PARTLY: (
                "On digits it beats interpolation by a little; on faces it does not. Too many "
                "results cannot be read: where the network is sure of the label in spite of "
                "the hole, the descent has nothing to do. The recipes that go beyond the "
                "paper do better."
            ),
        },
    ),
    Claim(
        "1",
        (1,),
        "A digit with a hole is completed, so that it can be read again.",
        "01-introduction",
        (compared("digits", "judge", "zeros"), compared("digits", "psnr", "zeros")),
        {
            REPRODUCED: (
                "Not every digit, but clearly more than with the hole empty. Most of the gain "
                "is the start's."
            ),
        },
    ),
    Claim(
        "1",
        (),
        "With the hole empty, the classifier misreads the image or is hardly sure.",
        "01-introduction",
        (
            *both(
                "energy: SET/empty less untouched/probability",
                "probability of the label, hole empty less untouched",
                below=0,
            ),
            *both("energy: SET/empty/unsure", "share misread or unsure", above=MOST),
        ),
        {
            PARTLY: (
                "It does become less sure. But it was trained on patches, so it is used to "
                "reading an image of which most is missing."
            ),
        },
    ),
    Claim(
        "1",
        (),
        "The descent makes the classifier surer of the label.",
        "01-introduction",
        both(
            "energy: SET/result less start/probability",
            "probability of the label, result less start",
            above=0,
        ),
        {
            PARTLY: (
                "It does for digits. A face that begins as the class average is read with "
                "certainty before the first step."
            ),
        },
    ),
    Claim(
        "1",
        (),
        "A classifier has memorised what it was trained on, and so can serve to inpaint.",
        "10-hallucination",
        (
            Check(
                "hallucination: paper-digits/noise/judge",
                "share of digits out of noise that the judge reads",
                above=MOST,
            ),
            Check(
                "quality-digits: paper-digits less harmonic/all/psnr",
                "PSNR less its start's, digits",
                above=SUBSTANTIAL,
            ),
        ),
        {
            NOT: (
                "Read by the letter, no: what the network reads as a digit with certainty is "
                "a digit to nobody else, and it adds little to the start. A robust network "
                "and a content term that never falls silent do bring digits out of noise."
            ),
        },
    ),
    Claim(
        "1",
        (),
        "The hole must impair the classification; otherwise the network refuses to inpaint.",
        "09-failures",
        both(
            "failures: SET/doubt and pull",
            "rank correlation of doubt and the length of content's gradient",
            above=MOST,
        ),
        {
            REPRODUCED: (
                "It follows from the formula: the gradient of content vanishes with the doubt."
            ),
        },
    ),
    Claim(
        "1",
        (),
        "The size of the hole is critical.",
        "09-failures",
        tuple(
            Check(
                f"failures: {name}/side {side}/empty/right",
                f"recognition with the {size} hole, {name}",
                **limit,
            )
            for name, small, large in (("digits", 2, 24), ("faces", 4, 40))
            for size, side, limit in (
                ("smallest", small, {"above": 1 - 2 * HARDLY}),
                ("largest", large, {"below": MOST}),
            )
        ),
        {
            REPRODUCED: (
                "A small hole is overlooked; of an image that is nearly all hole nothing can "
                "be read."
            ),
        },
    ),
    Claim(
        "1",
        (),
        "Total variation makes the result smooth, and leaves no rim at the edge of the hole.",
        "03-energy",
        (
            *both(
                "energy: SET/with total variation less without/variation",
                "jumps inside the hole, with less without",
                below=0,
            ),
            *both(
                "energy: SET/with total variation less without/seam",
                "jumps at the rim, with less without",
                below=0,
            ),
            *both(
                "energy: SET/result less original/seam",
                "jumps at the rim, result less original",
                below=SAME,
            ),
        ),
        {
            PARTLY: (
                "The rim disappears. Inside the hole the start is smooth already, and a "
                "penalty with kinks moves pixels by steps of one length, which leave a ripple "
                "of their own."
            ),
        },
    ),
    Claim(
        "1",
        (),
        "No network has to be made for inpainting; one that classifies will do.",
        "14-how-good",
        tuple(
            Check(
                f"quality-{name}: paper-{name} less unet/all/psnr",
                f"PSNR less that of a network made for it, {name}",
                above=-SUBSTANTIAL,
            )
            for name in SETS
        ),
        {
            NOT: (
                "A network that was trained on pairs with and without a hole comes nearer to "
                "the original, although nobody tells it the label."
            ),
        },
    ),
    Claim(
        "1",
        (),
        "Training on patches leaves the recognition rate as it was.",
        "06-improvements",
        both(
            "improvements: SET/patches above whole/accuracy",
            "accuracy, patches less whole images",
            above=-SAME,
            below=SAME,
        ),
        {
            PARTLY: (
                "It does for digits. Faces are recognised more often than before, perhaps "
                "since a network that learns from patches sees each image more often."
            ),
        },
    ),
    Claim(
        "2",
        (),
        "A network that is trained to inpaint needs a new training for each kind of hole.",
        "02-related-work",
        tuple(
            Check(
                f"related_work: {kind}/others/behind",
                f"PSNR lost on other holes, trained on: {kind}",
                above=SUBSTANTIAL,
            )
            for kind in DIGIT_KINDS
        ),
        {
            REPRODUCED: (
                "Each network is good at the holes that it was trained on and loses on the "
                "others. One that saw all kinds loses much less."
            ),
        },
    ),
    Claim(
        "2",
        (),
        "Training on patches is critical to the success of the method.",
        "13-why-patches",
        both("improvements: SET/effect of patches/judge", "judge gained by patches", above=0),
        {
            NOT: (
                "With the energy read by the letter it does harm on digits: a network that "
                "can do with a patch does not miss what is in the hole, and asks for less."
            ),
        },
    ),
    Claim(
        "3",
        (),
        "Other methods of inpainting could gain from the two penalties.",
        "02-related-work",
        (),
        {
            UNTESTED: ("A suggestion about other networks, which are no part of this book."),
        },
    ),
    Claim(
        "3.1",
        (),
        "A small content term means that the classifier reads the label.",
        "03-energy",
        both("energy: SET/result/right", "share of results so read", above=NEARLY_ALL),
        {
            REPRODUCED: (
                "All results are read so by the network that was descended through. That "
                "others read the label, too, does not follow."
            ),
        },
    ),
    Claim(
        "3.1",
        (),
        "Total variation makes the result more natural.",
        "03-energy",
        both(
            "energy: SET/with total variation less without/psnr",
            "PSNR, with less without",
            above=0,
        ),
        {
            REPRODUCED: (
                "Natural in the sense of near to the original. For faces it does nearly all "
                "of the work."
            ),
        },
    ),
    Claim(
        "3.1",
        (),
        "For digits, total variation works best in the whole image.",
        "03-energy",
        (
            Check(
                "energy: digits/image less rim/psnr",
                "PSNR, whole image less band around the rim",
                above=0,
            ),
        ),
        {
            NOT: (
                "There is next to no difference: outside of the hole nothing moves, and a "
                "band of this width holds nearly all of the holes."
            ),
        },
    ),
    Claim(
        "3.1",
        (),
        "For faces, total variation works best in a region around the hole.",
        "03-energy",
        (
            Check(
                "energy: faces/image less rim/psnr",
                "PSNR, whole image less band around the rim",
                below=0,
            ),
        ),
        {
            NOT: ("Open: the difference is smaller than its uncertainty."),
        },
    ),
    Claim(
        "3.2",
        (),
        "Gradient descent, by backpropagation to the image, minimises the energy.",
        "04-algorithm",
        both("energy: SET/end less start/energy", "energy, result less start", below=0),
        {
            REPRODUCED: (
                "It falls from start to end. From step to step it need not, since the steps "
                "are constant and total variation has kinks."
            ),
        },
    ),
    Claim(
        "3.2",
        (),
        "The loop runs until the norm of the gradient is at most ε, and so it ends.",
        "04-algorithm",
        both("energy: SET/stopped by tolerance", "share of descents that end so", above=MOST),
        {
            NOT: (
                "The gradient of total variation does not shrink near a minimum, its signs "
                "change. So every descent goes on to its last step."
            ),
        },
    ),
    Claim(
        "3.3",
        (2,),
        "Each start leads to another result.",
        "05-initialization",
        both("initialization: paper-SET/spread", "distance between the results", above=VISIBLE),
        {
            REPRODUCED: (
                "Digits hardly move from their starts. Faces do, and end nearer to one "
                "another than they began, but not in one place."
            ),
        },
    ),
    Claim(
        "3.3",
        (3,),
        "For digits, linear interpolation is the best start.",
        "05-initialization",
        (
            Check(
                "initialization: paper-digits/harmonic-less-class-average",
                "PSNR, from interpolation less from the class average",
                above=0,
            ),
            Check(
                "initialization: paper-digits/harmonic/judge",
                "judge, from interpolation",
                above="initialization: paper-digits/class-average/judge",
            ),
        ),
        {
            NOT: (
                "By PSNR the two cannot be told apart, and the judge prefers the class "
                "average, which has the label in it."
            ),
        },
    ),
    Claim(
        "3.3",
        (3,),
        "For faces, the average image of the label is the best start.",
        "05-initialization",
        (
            Check(
                "initialization: paper-faces/harmonic-less-class-average",
                "PSNR, from interpolation less from the class average",
                below=0,
            ),
            Check(
                "initialization: paper-faces/class-average/judge",
                "judge, from the class average",
                above="initialization: paper-faces/harmonic/judge",
            ),
        ),
        {
            NOT: ("The two cannot be told apart: total variation evens out most of what differs."),
        },
    ),
    Claim(
        "3.3",
        (),
        "The average is a successful first guess for the classifier.",
        "05-initialization",
        both("energy: SET/class average/right", "share of these starts that it reads", above=0.9),
        {
            REPRODUCED: (
                "It is an average of the label's own images, and the network reads it as one."
            ),
        },
    ),
    Claim(
        "3.3",
        (),
        "No result matches the average that it started from.",
        "05-initialization",
        both(
            "initialization: paper-SET/class-average/from-average",
            "distance to the average",
            above=VISIBLE,
        ),
        {
            PARTLY: (
                "Faces leave it. Digits, of which the network is sure at once, stay so near "
                "that it can hardly be seen."
            ),
        },
    ),
    Claim(
        "3.4",
        (),
        "Jitter improves the results significantly.",
        "06-improvements",
        (
            *both("improvements: SET/effect of jitter/psnr", "PSNR gained by jitter", above=0),
            *both("improvements: SET/effect of jitter/judge", "judge gained by jitter", above=0),
        ),
        {
            PARTLY: (
                "On digits the judge reads more of them, and PSNR is open. On faces PSNR "
                "rises by a trifle, and the judge reads all of them either way."
            ),
        },
    ),
    Claim(
        "3.4",
        (),
        "Training on patches improves the results substantially.",
        "06-improvements",
        both(
            "improvements: SET/effect of patches/psnr",
            "PSNR gained by patches",
            above=SUBSTANTIAL,
        ),
        {
            NOT: (
                "A network that reads patches is sure of the label in spite of the hole. If "
                "the descent shows it windows, too, it does gain; the chapter has the "
                "numbers."
            ),
        },
    ),
    Claim(
        "3.4",
        (),
        "Patches make the network take in what each label looks like, small pieces of it too.",
        "13-why-patches",
        (
            Check(
                "ablation-trainings: digits-patches/cosine",
                "agreement of its gradient with the missing stroke, above that of whole images",
                above="ablation-trainings: digits-whole/cosine",
            ),
        ),
        {
            NOT: (
                "Its gradient becomes longer, not better: it asks for speckle. Robust "
                "training is what turns it towards strokes."
            ),
        },
    ),
    Claim(
        "3.4",
        (),
        "For digits, a penalty on grey is beneficial.",
        "06-improvements",
        (
            Check("improvements: digits/effect of binary/psnr", "PSNR gained by it", above=0),
            Check("improvements: digits/effect of binary/judge", "judge gained by it", above=0),
            Check(
                "improvements: digits/none/grey",
                "share of grey without it",
                above="improvements: digits/binary/grey",
            ),
        ),
        {
            PARTLY: (
                "It takes away grey, as its formula says. A crisp fill has to bet and loses "
                "PSNR, and the judge does not mind either way."
            ),
        },
    ),
    Claim(
        "4",
        (4, 5),
        "One energy, one network and one set of parameters serve holes of all kinds and sizes.",
        "07-digits",
        tuple(
            compared(
                name,
                "judge",
                "untouched",
                above=AS_ORIGINALS,
                kind=kind,
                title=f"{name}, {kind}",
            )
            for name, kinds in zip(SETS, (DIGIT_KINDS, FACE_KINDS), strict=True)
            for kind in kinds
        ),
        {
            PARTLY: (
                "They serve where the known pixels tell enough, as with strokes and scattered "
                "pixels. Half a digit, or a face without its mouth, is too much for them. Of "
                "some kinds there are too few cases to say."
            ),
        },
    ),
    Claim(
        "4.1",
        (4,),
        "Completed digits are nearly perfect.",
        "07-digits",
        (
            compared("digits", "judge", "untouched", above=AS_ORIGINALS),
            compared("digits", "psnr", "harmonic"),
            Check(
                "quality-digits: paper-digits/all/realism",
                "share that a detective tells from real ones",
                below=NEARLY_PERFECT,
            ),
        ),
        {
            PARTLY: (
                "A little better than interpolation, and easily told from real digits. The "
                "strokes do not come, since content falls silent once the network is sure."
            ),
        },
    ),
    Claim(
        "4.1",
        (4,),
        "Completed digits may differ from what was in the hole.",
        "07-digits",
        (Check("quality-digits: paper-digits/all/psnr", "PSNR", below=DIFFERENT),),
        {
            REPRODUCED: ("The label allows many digits, and nothing else is known of the hole."),
        },
    ),
    Claim(
        "4.2",
        (5,),
        "Faces are completed as digits are.",
        "08-faces",
        (
            compared("faces", "judge", "untouched", above=AS_ORIGINALS),
            compared("faces", "psnr", "harmonic"),
            Check(
                "quality-faces: paper-faces/all/realism",
                "share that a detective tells from real ones",
                below=NEARLY_PERFECT,
            ),
        ),
        {
            NOT: (
                "Interpolation comes nearer to the original. The class average is lit in its "
                "own way, and total variation draws only its edge to the rim."
            ),
        },
    ),
    Claim(
        "4.2",
        (),
        "Jitter is for faces; digits do without it.",
        "06-improvements",
        (
            Check("improvements: faces/effect of jitter/psnr", "PSNR gained, faces", above=0),
            Check("improvements: digits/effect of jitter/psnr", "PSNR gained, digits", below=0),
            Check("improvements: digits/effect of jitter/judge", "judge gained, digits", below=0),
        ),
        {
            PARTLY: (
                "It helps faces, by a trifle. But it helps the digits as well, to which the "
                "paper does not give it."
            ),
        },
    ),
    Claim(
        "4.2",
        (),
        "Many windows of dark faces hold nothing that could be learned.",
        "08-faces",
        (Check("faces: training/windows too dark", "share of the windows", above=HARDLY),),
        {
            REPRODUCED: (
                "So many are darker than our threshold; the training shows the whole image instead."
            ),
        },
    ),
    Claim(
        "4.2",
        (5,),
        "Where a completed face differs, it shows what the network itself has in mind for it.",
        "08-faces",
        (
            Check("quality-faces: paper-faces/all/psnr", "PSNR", below=DIFFERENT),
            Check(
                "faces: paper-faces/named right, below 20 dB",
                "share far from the original and yet named right",
                above=HARDLY,
            ),
            Check(
                "faces: paper-faces, another name/so named",
                "share named as somebody else, if that name is told from the same start",
                above=HARDLY,
            ),
        ),
        {
            PARTLY: (
                "Many fills are far from the original and still named rightly. But what is in them "
                "is the class average of the start: told another name from a start that knows "
                "none, the network changes next to nothing."
            ),
        },
    ),
    Claim(
        "4.2",
        (6,),
        "The norm of the gradient converges to zero.",
        "08-faces",
        tuple(
            Check(
                f"faces: {weight}, {way}/last over first",
                f"mean norm of the last steps over that of the first, {weight}, {way}",
                below=HARDLY,
            )
            for weight in ("λ of the recipe", "λ / 100", "λ = 0")
            for way in ("jitter", "no jitter")
        ),
        {
            NOT: (
                "The pixels are as good as at rest, but where total variation has its kinks the "
                "norm does not vanish. Without it the norm falls, and jumps up again, or is "
                "nothing from the first step on."
            ),
        },
    ),
    Claim(
        "4.2",
        (6,),
        "Each shift of the jitter makes a peak in the norm.",
        "08-faces",
        tuple(
            Check(
                f"faces: {weight}/roughness by jitter",
                f"relative change of the norm from step to step, with less without, {weight}",
                above=0,
            )
            for weight in ("λ of the recipe", "λ / 100", "λ = 0")
        ),
        {
            REPRODUCED: (
                "A shifted image has another gradient. It shows the better, the less total "
                "variation weighs."
            ),
        },
    ),
    Claim(
        "4.3",
        (7,),
        "With a network trained on whole images, the inpainting fails.",
        "09-failures",
        tuple(
            Check(
                f"failures: digits/trained on whole images/{score}",
                f"{title}, whole images less patches",
                below=0,
            )
            for score, title in (("gain", "PSNR"), ("judge less unchanged", "judge"))
        ),
        {
            NOT: (
                "It does a little better than the one trained on patches, which is surer of "
                "the label and so changes less."
            ),
        },
    ),
    Claim(
        "4.3",
        (7,),
        "The weight of total variation has a cosmetic effect.",
        "09-failures",
        tuple(
            Check(
                f"failures: digits/{row}/{score}",
                f"{title} less the unchanged recipe's, {row}",
                above=-limit,
                below=limit,
            )
            for score, title, limit in (
                ("gain", "PSNR", SUBSTANTIAL),
                ("judge less unchanged", "judge", HARDLY),
            )
            for row in ("λ × 0", "λ × 10", "λ × 100")
        ),
        {
            PARTLY: (
                "Up to ten times as much, or none, changes little, as smoothness only chooses "
                "among the many fills that content the network. Far more wipes strokes out."
            ),
        },
    ),
    Claim(
        "4.3",
        (7,),
        "The start is critical: another one leads to another result.",
        "09-failures",
        tuple(
            Check(
                f"failures: digits/start: {start}/distance",
                f"distance to the unchanged result, from {words}",
                above=VISIBLE,
            )
            for start, words in (("black", "black"), ("class average", "the class average"))
        ),
        {
            REPRODUCED: ("The literal descent moves so little that the start decides nearly all."),
        },
    ),
    Claim(
        "4.3",
        (7,),
        "A hole that is too small is not noticed, and not filled.",
        "09-failures",
        (
            Check(
                "failures: digits/probability above 0.99/alone/moved",
                "mean change of a hole that leaves the network sure",
                below=SAME,
            ),
            Check(
                "failures: digits/side 2/alone/moved",
                "mean change of the smallest hole",
                below=SAME,
            ),
            Check(
                "failures: digits/doubt and alone/moved",
                "rank correlation of doubt and change",
                above=MOST,
            ),
        ),
        {
            PARTLY: (
                "What leaves the network sure is left alone. But a tiny hole in the wrong "
                "place may be noticed, so it is doubt that counts, and not size."
            ),
        },
    ),
    Claim(
        "4.4.1",
        (8,),
        "With everything missing, the descent shows how the network envisions each digit.",
        "10-hallucination",
        (
            Check(
                "hallucination: paper-digits/noise/classifier",
                "share that the network itself reads as the label, from noise",
                above=NEARLY_ALL,
            ),
            *(
                Check(
                    f"hallucination: paper-digits/{start}/judge",
                    f"share that the judge reads as the label, from {start}",
                    above=MOST,
                )
                for start in ("noise", "grey", "black")
            ),
        ),
        {
            PARTLY: (
                "The network is content with every result, and the judge with few: they look "
                "like noise, slightly changed. The recipe that goes beyond the paper makes "
                "digits that the judge reads."
            ),
        },
    ),
    Claim(
        "4.4.2",
        (9,),
        "Dark faces can be lit, by declaring the pixels below a threshold missing.",
        "11-illumination",
        (
            Check(
                f"illumination: psnr/paper-faces/{LIT}",
                "PSNR to a well-lit picture, above that of the dark one",
                above=f"illumination: psnr/dark/{LIT}",
            ),
            Check(
                f"illumination: judge/paper-faces/{LIT}",
                "judge, above that of the dark face",
                above=f"illumination: judge/dark/{LIT}",
            ),
        ),
        {
            REPRODUCED: (
                "They are brighter and named more often. The class average, pasted in, does "
                "as much: the light comes with the label."
            ),
        },
    ),
    Claim(
        "4.4.2",
        (9,),
        "All details of the dark face remain; the method only adds to the dark parts.",
        "11-illumination",
        (
            Check(
                f"illumination: known pixels changed/paper-faces/{LIT}",
                "share of faces with a known pixel changed",
                below=SAME,
            ),
            Check(
                f"illumination: order/paper-faces/{LIT}",
                "rank correlation of dark and lit pixels",
                above=MOST,
            ),
        ),
        {
            PARTLY: (
                "The known pixels stay, by construction. In the dark parts most of the order "
                "of brightness is lost: they are replaced rather than lit."
            ),
        },
    ),
    Claim(
        "4.4.3",
        (10,),
        "The lowest energy of all labels may be that of a wrong one.",
        "12-all-labels",
        (
            Check(
                "all_labels: paper-digits/energy/right",
                "share of digits whose own label has the lowest energy",
                below=1,
            ),
        ),
        {
            REPRODUCED: (
                "Often, even. Total variation is part of the sum and has no label; content "
                "alone finds the right one more often, and so does reading the smooth start."
            ),
        },
    ),
    Claim(
        "4.4.3",
        (10,),
        "Such a wrong result can be convincing.",
        "12-all-labels",
        (
            Check(
                "all_labels: paper-digits/wrong/judge agrees",
                "share of them that the judge reads as the wrong label",
                above=HARDLY,
            ),
        ),
        {
            REPRODUCED: (
                "Some are. Most are not: the lowest energy need not look like its label to "
                "anyone but the network."
            ),
        },
    ),
)

#: The recipes that are shown beside what the paper leaves open.
SHOWN = ("paper-digits", "paper-faces", "digits", "faces")

#: The classifiers of the paper's recipes, by the names of their trainings.
TRAINED = ("digits-patches", "faces-patches-yale")


def of_recipes(setting: str, recipes: tuple[str, ...] = SHOWN) -> dict[str, object]:
    """Return a setting of recipes, by their names."""
    return {name: getattr(RECIPES[name], setting) for name in recipes}


def of_trainings(setting: str) -> dict[str, object]:
    """Return a setting of the trainings, by their names."""
    return {name: getattr(TRAININGS[name], setting) for name in TRAINED}


def grid(setting: str) -> str:
    """Return in words where a setting was searched, and among what."""
    found = [
        f"{', '.join(map(str, tried[setting]))} (`{name}`)"
        for name, tried in parameters.GRIDS.items()
        if setting in tried and name in SHOWN
    ]
    return f"Searched on the validation split, among {'; '.join(found)}."


def gaps() -> Iterator[Gap]:
    """Yield what the paper leaves open, in the order of its sections."""
    yield Gap(
        "What the output of the network is",
        "3.1",
        of_recipes("content"),
        "Only probabilities can be compared with ones and zeros, so that is how the paper's "
        "recipes read it. Ours take the raw score, which never falls silent.",
    )
    yield Gap(
        "The weight λ of total variation",
        "3.1",
        of_recipes("total_variation"),
        grid("total_variation"),
    )
    yield Gap(
        "How wide the region around the hole is, to either side of the rim, in pixels",
        "3.1",
        of_recipes("rim_width", ("paper-faces",)),
        grid("rim_width"),
    )
    yield Gap("The step size μ", "3.2", of_recipes("step_size"), grid("step_size"))
    yield Gap(
        "The bound ε on the norm of the gradient",
        "3.2",
        of_recipes("tolerance"),
        "Set. No descent of the paper's recipes reaches it, and ours do not look at it.",
    )
    yield Gap(
        "The number of steps",
        "3.2",
        of_recipes("max_steps"),
        f"{grid('max_steps')} For the others it is set.",
    )
    yield Gap(
        "What linear interpolation is in a hole of any shape",
        "3.3",
        of_recipes("start", ("paper-digits",)),
        "Each missing pixel is the mean of its neighbours: diffusion, as the paper says.",
    )
    yield Gap(
        "The largest shift of jitter, in pixels",
        "3.4",
        of_recipes("jitter"),
        "Set. An exercise of the chapter on improvements tries others.",
    )
    yield Gap("The weight of the penalty on grey", "3.4", of_recipes("binary"), grid("binary"))
    yield Gap(
        "When that penalty sets in, as a share of the steps",
        "3.4",
        of_recipes("binary_begin"),
        "Set. From the first step on it would freeze the start; the chapter on improvements "
        "compares times.",
    )
    yield Gap(
        "The sides of the windows of faces, in pixels",
        "4.2",
        of_trainings("sides"),
        "Those of digits are the paper's. Those of faces have the same proportion to the height "
        "of the image.",
    )
    yield Gap(
        "How often an epoch shows each image",
        "4.2",
        of_trainings("repeats"),
        "The paper's number for digits, for faces as well.",
    )
    yield Gap(
        "Below which mean square a window of a face is too dark",
        "4.2",
        of_trainings("dark"),
        "Set. The table of claims has the share of windows that it replaces.",
    )
    yield Gap(
        "Up to which factor training makes images brighter or darker",
        "4.2",
        of_trainings("gain"),
        "Not in the paper. It keeps the network from going by brightness.",
    )
    yield Gap(
        "The layers of LeNet: channels, and units between",
        "4.1",
        {name: f"{size.channels}, {size.hidden}" for name, size in of_trainings("size").items()},
        "Two forms of it are in use; the page on data and classifiers says why these.",
    )
    for what, setting in (
        ("Epochs", "epochs"),
        ("Images in a step of the training", "batch"),
        ("The highest learning rate", "learning_rate"),
    ):
        yield Gap(what, "4.1", of_trainings(setting), "Set to usual values, not searched.")
    yield Gap(
        "The size of the images of faces, in pixels",
        "4.2",
        {name: "×".join(map(str, classifiers.load(name).shape)) for name in ("faces-patches",)},
        "Means of blocks of the published images, for the sake of time.",
    )
    yield Gap(
        "Which images are for training, and which for testing",
        "4",
        {
            name: "{training images} and {test images}".format_map(classifiers.load(name).facts)
            for name in TRAINED
        },
        "MNIST has its own split. Faces are split by light; see the page on data and classifiers.",
    )
    yield Gap(
        "Where the descent starts when everything is missing",
        "4.4.1",
        {"tried": ", ".join(hallucination.STARTS)},
        "Each was tried, since there are no known pixels to interpolate.",
    )
    yield Gap(
        "The threshold below which a pixel of a dark face is missing",
        "4.4.2",
        {"tried": ", ".join(map(str, illumination.THRESHOLDS)), "table above": LIT},
        "Each was tried; the chapter has the numbers of all.",
    )
