"""What the engine of the live pages is held to: values that inpaintlib computes in float64.

:func:`write` leaves the exported files and ``golden.json`` for ``tests/live/engine.mjs`` to read.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import export
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from inpaintlib import classifiers, datasets, energy, holes, inpaint, networks, recipes, starts
from inpaintlib.classifiers import Classifier
from inpaintlib.descent import Views, descend
from inpaintlib.energy import CONTENTS, Binary, Ramp, TotalVariation, rim
from inpaintlib.experts import Experts
from inpaintlib.networks import LeNet, Network, Size, StridedNet
from inpaintlib.recipes import STARTS
from inpaintlib.study import protocol

DIGIT, FACE, EMOJI = (28, 28), (48, 42), (32, 32)

#: The classifiers but one, which is fitted to Extended Yale B, a set that is not on every machine.
NAMES = tuple(name for name in classifiers.names() if name != "faces-gaussians-yale")

#: The classifiers that each recipe is run with. ``paper-faces-att`` is chaotic with the weights of
#: Extended Yale B: where the softmax is silent nothing holds the pixels together, and a change of
#: the image by 1e-13 moves pixels by grey levels within 300 steps, in either language.
CLASSIFIERS = {
    "paper-digits": ("digits-patches", "digits-whole", "digits-judge"),
    "digits": ("digits-experts",),
    "digits-soft": ("digits-experts",),
    "digits-gaussians": ("digits-gaussians",),
    "digits-absolute": ("digits-absolute",),
    "digits-absolute-literal": ("digits-absolute",),
    "digits-mixture": ("digits-robust",),
    "digits-mixture-soft": ("digits-robust",),
    "paper-faces-att": ("faces-patches-att", "faces-whole-att"),
    "faces-att": ("faces-gaussians-att",),
    "faces-absolute-att": ("faces-absolute-att", "faces-absolute-yale"),
    "faces-mixture-att": (
        "faces-robust-att",
        "faces-judge-att",
        "faces-robust-yale",
        "faces-patches-yale",
        "faces-whole-yale",
        "faces-judge-yale",
    ),
    "emoji": ("emoji-robust", "emoji-judge"),
}

#: The hole of each recipe's first descents, by the height and width of its images.
FIRST_HOLES = {DIGIT: "rectangle", FACE: "both eyes", EMOJI: "left half"}

#: The weights of the two untrained networks in their sum.
WEIGHTS = (0.5, 2.0)


def write(folder: Path, *, steps: int, faces: bool) -> None:
    """Write everything.

    Args:
        folder: Where to.
        steps: For how long every recipe is run, whatever its own limit.
        faces: Whether descents of faces and their starts are part of it; they take longest.
    """
    export.write(folder / "export", names=NAMES)
    golden = {
        "draws": list(draws()),
        "halves": floats(np.arange(2**16, dtype=np.uint16).view(np.float16)),
        "examples": {name: floats(image) for name, image in examples().items()},
        "holes": {
            f"{height}x{width}/{kind}": "".join(map(str, hole.flatten().astype(int)))
            for height, width in (DIGIT, FACE, EMOJI)
            for kind, hole in kinds((height, width)).items()
        },
        "scores": [scores(name) for name in NAMES],
        "untrained": untrained(),
        "contents": list(contents()),
        "variations": list(variations()),
        "rims": list(rims()),
        "ramps": list(ramps()),
        "views": list(views()),
        "starts": list(all_starts(faces=faces)),
        "descents": [descent(*case) for case in descents(steps=steps, faces=faces)],
        "switched": switched(),
        "flat": descent("flat colours", "emoji", "emoji-robust", "scatter", 5, 0, {}),
    }
    (folder / "golden.json").write_text(json.dumps(golden), encoding="utf-8")


def floats(values: ArrayLike | Tensor) -> str:
    """Return float64s as base64 of their bytes."""
    array = values.numpy() if isinstance(values, Tensor) else np.asarray(values)
    return base64.b64encode(array.astype("<f8").tobytes()).decode()


def mask(hole: NDArray[np.bool_]) -> list[int]:
    """Return a hole as the engine has it, 1 where missing."""
    return hole.flatten().astype(int).tolist()


@cache
def net(name: str) -> Classifier:
    """Return a shipped classifier in float64."""
    return classifiers.load(name).to(torch.empty(0, dtype=torch.float64))


@cache
def examples() -> dict[str, NDArray[np.float64]]:
    """Return some of the pages' examples, straight from the sets."""
    digits = datasets.load("digits", split="test")
    faces = datasets.load("faces-att", split="test")
    emoji = datasets.load("emoji", split="test")
    return {
        **{f"digit-{label}": digits.of_class(label).images[0].astype(float) for label in range(10)},
        "face-s1": faces.of_class(0).images[0].astype(float),
        "face-s3": faces.of_class(2).images[0].astype(float),
        "emoji-panda": emoji.images[emoji.classes.index("panda")].astype(float),
    }


@cache
def kinds(shape: tuple[int, int]) -> dict[str, NDArray[np.bool_]]:
    """Return holes that the pages have for a height and width: some of faces, all of others."""
    everything = {"everything": holes.everything(shape)}
    if shape != FACE:
        return holes.examples(shape) | everything
    makers = protocol.KINDS["faces"]
    drawn = {kind: makers[kind](np.zeros(shape), 0, 0) for kind in ("both eyes", "half")}
    return drawn | everything


def example(name: str) -> tuple[NDArray[np.float64], int]:
    """Return an image for a classifier, and its label.

    No image of Extended Yale B may be passed on, but the average of a part of its third person
    ships.
    """
    if net(name).origin == "mnist":
        return examples()["digit-5"], 5
    if net(name).origin == "att":
        return examples()["face-s3"], 2
    if net(name).origin == "emoji":
        return examples()["emoji-panda"], net(name).classes.index("panda")
    return classifiers.part_averages("yale")[2, 0].double().numpy(), 2


def draws() -> Iterator[dict[str, Any]]:
    """Draw from torch's generator in turn, more than it holds ready."""
    for seed in (0, 1, 12345, 2**32 - 1, 2**32 + 5):
        generator = torch.Generator().manual_seed(seed)
        made = []
        for low, high in ((0, 2), (-2, 3), (7, 21), (0, 1)):
            values = torch.randint(low, high, (200,), generator=generator)
            made.append({"kind": "integer", "range": [low, high], "values": values.tolist()})
            singles = torch.rand(100, generator=generator)
            made.append({"kind": "single", "range": [], "values": singles.double().tolist()})
            doubles = torch.rand(100, generator=generator, dtype=torch.float64)
            made.append({"kind": "double", "range": [], "values": doubles.tolist()})
        yield {"seed": seed, "draws": made}


def scores(name: str) -> dict[str, Any]:
    """Score an image by a classifier, and differentiate every content term."""
    classifier = net(name)
    image, label = example(name)
    batch = torch.from_numpy(image)[None]
    terms = {content: term(classifier, torch.tensor([label])) for content, term in CONTENTS.items()}
    values = {content: term.value_and_gradient(batch) for content, term in terms.items()}
    return {
        "classifier": name,
        "image": floats(image),
        "label": label,
        "scores": floats(classifier(batch)),
        "probabilities": floats(classifier.probabilities(batch)),
        "contents": {
            content: {"value": value.item(), "gradient": floats(gradient)}
            for content, (value, gradient) in values.items()
        },
    }


def untrained() -> dict[str, Any]:
    """Score an image in colour by networks of the other kinds, whose weights are drawn."""
    shape, label = (3, 17, 19), torch.tensor([1])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        drawn: list[Network] = [
            LeNet(shape, "abcd", size=Size(channels=(3, 4), hidden=(9,))),
            StridedNet(shape, "abcd", channels=(4, 8, 4), hidden=8),
        ]
        batch = torch.rand(1, *shape, dtype=torch.float64)
    drawn = [network.double().requires_grad_(False) for network in drawn]
    members = list(zip(WEIGHTS, drawn, strict=True))

    def scored(network: Network) -> dict[str, str]:
        at = batch.clone().requires_grad_()
        scores = network(at)
        (gradient,) = torch.autograd.grad(scores.gather(1, label[:, None]).sum(), at)
        return {"scores": floats(scores.detach()), "gradient": floats(gradient)}

    return {
        "shape": shape,
        "label": label.item(),
        "image": floats(batch),
        "networks": [
            {
                "kind": networks.kind(network),
                "tensors": {key: floats(value) for key, value in network.state_dict().items()},
                **scored(network),
            }
            for network in drawn
        ],
        "weights": WEIGHTS,
        "sum": scored(Experts(members, name="sum")),
    }


def contents() -> Iterator[dict[str, Any]]:
    """Differentiate the content terms at scores that are far apart, or equal."""
    for given in (
        [0.3, -1.2, 2.0, 0.1],
        [50.0, -80.0, 30.0],
        [1.0, 3.0, 3.0, 2.0],
        [5.0, 1.0, 1.0],
    ):
        for label in range(3):
            for content, term in CONTENTS.items():
                at = torch.tensor([given], dtype=torch.float64, requires_grad=True)
                value = term.penalty(at, torch.tensor([label]))
                (slope,) = torch.autograd.grad(value.sum(), at)
                yield {
                    "content": content,
                    "scores": given,
                    "label": label,
                    "value": value.item(),
                    "slope": slope[0].tolist(),
                }


def variations() -> Iterator[dict[str, Any]]:
    """Differentiate total variation and the binary penalty; a digit has many equal neighbours."""
    for (name, image), region in (
        (pair, region)
        for pair in examples().items()
        if pair[0] in ("digit-0", "digit-1", "digit-2", "face-s1", "emoji-panda")
        for region in ("image", "rim")
    ):
        hole = next(iter(kinds(image.shape[-2:]).values()))
        band = torch.from_numpy(rim(hole, width=2)) if region == "rim" else None
        batch = torch.from_numpy(image)[None]
        value, gradient = TotalVariation(band).value_and_gradient(batch)
        binary, binary_gradient = Binary().value_and_gradient(batch)
        yield {
            "name": f"{name}, {region}",
            "image": floats(image),
            "shape": image.shape[-2:],
            "hole": mask(hole) if region == "rim" else None,
            "width": 2,
            "value": value.item(),
            "gradient": floats(gradient),
            "binary": {"value": binary.item(), "gradient": floats(binary_gradient)},
        }


def rims() -> Iterator[dict[str, Any]]:
    """Find the rims of all holes."""
    for shape in (DIGIT, FACE):
        for kind, hole in kinds(shape).items():
            for width in (1, 2, 4):
                found = mask(rim(hole, width=width))
                yield {
                    "shape": shape,
                    "kind": kind,
                    "hole": mask(hole),
                    "width": width,
                    "rim": "".join(map(str, found)),
                }


def ramps() -> Iterator[dict[str, float]]:
    """Follow weights that grow."""
    for begin in (0.0, 0.3, 0.5):
        for progress in (0.0, 0.2, 0.3, 0.55, 1.0):
            value = Ramp(0.15, begin=begin)(progress)
            yield {"end": 0.15, "begin": begin, "progress": progress, "value": value}


def views() -> Iterator[dict[str, Any]]:
    """Show a digit, a face and an emoji through drawn views."""
    for seed, (image, jitter, patches, sides) in enumerate(
        [
            (examples()["digit-4"], 0, 0, (7, 20)),
            (examples()["digit-4"], 5, 0, (7, 20)),
            (examples()["digit-4"], 0, 3, (7, 20)),
            (examples()["digit-4"], 2, 8, (1, 28)),
            (examples()["face-s1"], 5, 0, (7, 20)),
            (examples()["face-s1"], 3, 8, (7, 42)),
            (examples()["emoji-panda"], 3, 0, (7, 20)),
            (examples()["emoji-panda"], 2, 4, (7, 20)),
        ]
    ):
        view = (
            Views()
            if not jitter and not patches
            else Views.draw(
                image.shape[-2:],
                jitter=jitter,
                patches=patches,
                sides=sides,
                generator=torch.Generator().manual_seed(seed),
            )
        )
        yield {
            "seed": seed,
            "shape": image.shape[-2:],
            "recipe": {"jitter": jitter, "patches": patches, "window_sides": sides},
            "image": floats(image),
            "shown": [floats(shown) for shown in view(torch.from_numpy(image)[None]).flatten(0, 1)],
        }


def all_starts(*, faces: bool) -> Iterator[dict[str, Any]]:
    """Make every start, for holes of all kinds; of a label that is wrong and a white image as well.

    No class average becomes as bright as the white image by the largest gain. In colour, four kinds
    of holes will do.
    """
    for classifier in ("digits-robust", "faces-robust-att", "faces-robust-yale", "emoji-robust"):
        image, right = example(classifier)
        if image.shape == FACE and not faces:
            continue
        parts = drawings(right) if net(classifier).parts is None else None
        forms = kinds(image.shape[-2:])
        if image.ndim == 3:
            few = ("rectangle", "left half", "scatter", "everything")
            forms = {form: forms[form] for form in few}
        for start, (form, hole), (title, given, label) in product(
            STARTS,
            forms.items(),
            [("own", image, right), ("wrong", image, 0), ("white", np.ones_like(image), right)],
        ):
            if start == "harmonic" and hole.all():
                continue
            settings = {"classifier": classifier, "start": start, "start_value": 0.3}
            batch, missing = torch.from_numpy(given)[None], torch.from_numpy(hole)[None]
            own = parts is not None and start == "part-mixture"
            begun = (
                starts.part_mixture(batch, missing, averages=parts[None])
                if own
                else recipes.get("digits-mixture", **settings).begin(batch, hole, label, seed=7)
            )
            yield {
                "name": f"{start}, {classifier}, {form}, {title}",
                "recipe": settings,
                "image": floats(given),
                "shape": image.shape[-2:],
                "hole": mask(hole),
                "label": label,
                "seed": 7,
                "parts": floats(parts) if own else None,
                "result": floats(begun[0]),
            }


def drawings(label: int) -> Tensor:
    """Return the training drawings of a thing, as parts of a class that ships without them."""
    return torch.from_numpy(datasets.load("emoji").of_class(label).images).double()


#: Name, recipe, classifier, kind of hole, label, seed, and settings that differ.
Case = tuple[str, str, str, str, int, int, dict[str, Any]]


def descents(*, steps: int, faces: bool) -> Iterator[Case]:
    """List the descents: all recipes and classifiers, and each setting on its own."""
    forever = {"max_steps": steps, "tolerance": 0.0}
    for recipe, names in CLASSIFIERS.items():
        for name in names:
            plane = net(name).shape[-2:]
            if faces or plane != FACE:
                yield recipe, recipe, name, FIRST_HOLES[plane], example(name)[1], 0, forever
    for content in CONTENTS:
        settings = {**forever, "content": content, "start": "harmonic", "step_size": 0.03}
        yield content, "digits-mixture", "digits-robust", "two strokes", 3, 1, settings
    for start in ("constant", "noise", "class-average", "blended-class-average"):
        settings = {**forever, "start": start, "start_value": 0.2}
        yield start, "digits-mixture", "digits-robust", "left half", 5, 2, settings
    alone = {
        "plain": {"tolerance": 0.0},
        "rim": {"region": "rim", "rim_width": 1},
        "binary from the beginning": {"binary": 0.1, "binary_begin": 0.0},
        "jitter": {"jitter": 3, "max_steps": steps},
        "patches": {"patches": 4, "max_steps": steps},
        "jitter and patches": {"jitter": 2, "patches": 2, "window_sides": (5, 28)},
        "tolerance": {"tolerance": 0.2},
        "no step": {"max_steps": 0, "binary_begin": 0.0},
        "large steps": {"step_size": 1.0},
        "momentum": {"momentum": 0.9},
    }
    for name, settings in alone.items():
        usual = {"start": "harmonic", "max_steps": 60, "tolerance": 0.0}
        yield name, "paper-digits", "digits-patches", "upper half", 5, 3, {**usual, **settings}
    for content in CONTENTS:
        settings = {**forever, "content": content, "step_size": 0.03}
        yield content, "digits", "digits-experts", "two strokes", 3, 1, settings
    for recipe in ("paper-digits", "digits", "digits-gaussians", "digits-mixture"):
        name = CLASSIFIERS[recipe][0]
        yield f"{recipe} as it is", recipe, name, "ellipse", 5, 4, {}
        out_of_nothing = {"start": "noise", "max_steps": 100}
        yield f"{recipe} out of nothing", recipe, name, "everything", 8, 5, out_of_nothing
    # No harmonic fill of scattered pixels, see "flat": on flat colours neighbours are equal but for
    # rounding, and total variation moves each by the sign of that, in either language.
    in_colour: dict[str, tuple[str, dict[str, Any]]] = {
        "as it is": ("rectangle", {}),
        "rim and binary": ("left half", {"region": "rim", "rim_width": 1, "binary": 0.1}),
        "patches": ("scatter", {"patches": 2, "window_sides": (5, 32), "start": "noise"}),
        "class average": ("ellipse", {"start": "blended-class-average", "momentum": 0.5}),
        "out of nothing": ("everything", {"start": "noise", "content": "probabilities"}),
    }
    for name, (form, settings) in in_colour.items():
        yield f"emoji, {name}", "emoji", "emoji-robust", form, 5, 3, {"max_steps": 20, **settings}


def descent(
    name: str,
    recipe: str,
    classifier: str,
    form: str,
    label: int,
    seed: int,
    settings: dict[str, Any],
) -> dict[str, Any]:
    """Run one of :func:`descents`."""
    image, _ = example(classifier)
    hole = kinds(image.shape[-2:])[form]
    changed = {"classifier": classifier} | settings
    known = export.EMOJI if recipe == "emoji" else recipes.get(recipe)
    done = inpaint(image, hole, label, recipe=known, seed=seed, **changed)
    spelled = export.recipes()[recipe] | changed
    return {
        "name": f"{name}, {classifier}, {form}, {int(done.steps)} steps",
        "recipe": spelled,
        "image": floats(image),
        "hole": mask(hole),
        "label": label,
        "seed": seed,
        "steps": int(done.steps),
        "result": floats(done.image),
        "energy": floats(done.history.energy),
        "norm": floats(done.history.gradient_norm),
        "parts": {term: values[-1].item() for term, values in done.history.terms.items()},
        "stopped": done.stopped,
    }


def switched() -> dict[str, Any]:
    """Descend towards one label, and from there towards another."""
    classifier = net("digits-robust")
    image, _ = example(classifier.name)
    hole = kinds(DIGIT)["rectangle"]
    settings = {"content": "negative-score", "step_size": 0.02, "total_variation": 0.03}
    spelled = export.recipes()["digits-mixture"] | settings
    spelled |= {"binary": 0.0, "jitter": 0, "start": "harmonic", "max_steps": 100}
    given = torch.from_numpy(hole)[None]
    now = starts.harmonic(torch.from_numpy(image)[None], given)
    labels, steps, results = (6, 3), 40, []
    for label in labels:
        wanted = CONTENTS["negative-score"](classifier, torch.tensor([label]))
        total = wanted + 0.03 * energy.TotalVariation()
        now = descend(total, now, given, step_size=0.02, max_steps=steps).images
        results.append(floats(now))
    return {
        "recipe": spelled,
        "image": floats(image),
        "hole": mask(hole),
        "labels": labels,
        "seed": 0,
        "steps": steps,
        "results": results,
    }
