"""Every public function, one argument after the other replaced by something odd.

Either the result is whole, or the error names the argument, what came and what is wanted.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
import re
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers import RIGHT_SETTINGS, SMALL, lenet, pictures
from torch import Tensor

import inpaintlib
from inpaintlib import (
    Recipe,
    augment,
    baselines,
    classifiers,
    datasets,
    descent,
    energy,
    experts,
    figures,
    fitting,
    gaussians,
    holes,
    inpaint,
    metrics,
    networks,
    recipes,
    starts,
    training,
    widgets,
)
from inpaintlib._signatures import checked, fits
from inpaintlib.augment import Moves
from inpaintlib.datasets import DataError
from inpaintlib.figures import Picture, Strip

#: Makes something odd of a right argument, or fails where that cannot be.
ODD: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda value: None,
    "text": lambda value: "odd",
    "bytes": lambda value: b"odd",
    "true": lambda value: True,
    "negative": lambda value: -1,
    "half": lambda value: 0.5,
    "NaN": lambda value: math.nan,
    "huge": lambda value: 2**70,
    "huge float": lambda value: 1e300,
    "fraction": lambda value: Fraction(1, 3),
    "complex": lambda value: 1j,
    "list": lambda value: [],
    "list of nothing": lambda value: [None, None],
    "dictionary": lambda value: {},
    "dictionary of nothing": lambda value: {None: None},
    "object": lambda value: object(),
    "scalar array": lambda value: np.array(1),
    "8-bit": lambda value: np.asarray(value).astype(np.uint8),
    "complex array": lambda value: np.asarray(value).astype(complex),
    "objects": lambda value: np.asarray(value).astype(object),
    "texts": lambda value: np.asarray(value).astype(str),
    "masked": lambda value: np.ma.masked_array(value, mask=np.ones(np.shape(value))),
    "NaNs": lambda value: np.full(np.shape(value), math.nan),
    "cut": lambda value: value[..., 1:],
    "deeper": lambda value: np.asarray(value)[None, None, None],
    "none of them": lambda value: value[:0],
    "sparse": lambda value: torch.as_tensor(np.asarray(value, dtype=float)).to_sparse(),
    "without values": lambda value: torch.zeros(np.shape(value), device="meta"),
    "tensor of integers": lambda value: torch.ones(np.shape(value), dtype=torch.int64),
    "tensor of NaN": lambda value: torch.full(np.shape(value), math.nan),
}

GREY, OTHER = pictures(2, *SMALL).numpy(), pictures(2, *SMALL, seed=1).numpy()
HOLE = holes.rectangle(SMALL, top=4, left=5, height=7, width=6)
HOLES = np.stack([HOLE, HOLE])
TENSOR, GAPS = torch.from_numpy(GREY), torch.from_numpy(HOLES)
LABELS = torch.tensor([0, 1])
MANY, CLASSES = pictures(12, *SMALL).numpy(), ["a", "b", "c"]
THREES = np.arange(12) % 3
NET = lenet(classes=3)
OWN = classifiers.of(NET, averages=pictures(3, *SMALL), parts=pictures(3, 4, *SMALL))
DIGITS = datasets.load("digits", split="test")
SIXTY = DIGITS[:60]
MISSING = holes.rectangle((28, 28), top=8, left=8, height=9, width=9)
LABELLED: dict[str, Any] = {
    "images": SIXTY.images[:2],
    "holes": MISSING,
    "labels": SIXTY.labels[:2],
    "training": SIXTY,
}
RECIPE = recipes.get("paper-digits", classifier=OWN, max_steps=2)
ENERGY = energy.Energy((0.1, energy.Binary()))
SHAPE: dict[str, Any] = {"shape": SMALL}
ONE: dict[str, Any] = {"images": GREY, "holes": HOLES}
TWO: dict[str, Any] = {"images": TENSOR, "holes": GAPS}
DRAWN: dict[str, Any] = {"alt": "Grey.", "facts": "some", "dpi": 50, "width": 200}


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def strip_of(**given: Any) -> Picture:
    return figures.gallery({"row": Strip(**given)}, alt="Grey.", dpi=50, width=200)


def explored(**given: Any) -> None:
    widgets.Explorer(**given).close()


def moved(a: int) -> None:
    explorer = widgets.Explorer(lambda a: small_picture(), a=[1, 2])
    try:
        explorer.set(a=a)
    finally:
        explorer.close()


@cache
def small_picture() -> Picture:
    return strip_of(images=GREY)


@cache
def calls(folder: Path) -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Public functions and methods, each with arguments that are right."""
    done, alone = (
        inpaint(GREY, HOLES, [0, 1], recipe=RECIPE),
        inpaint(GREY[0], HOLE, 0, recipe=RECIPE),
    )
    absolute = fitting.FitTraining(scale=1.0, pool=6, steps=1, batch=3, chains=6, hidden=4)
    rule = training.Training(epochs=1, batch=4, learning_rate=0.001)
    kinds = gaussians.Fit(directions=2, floor=0.1)
    fitted = gaussians.fit(kinds, MANY, THREES, CLASSES, name="fitted").double()
    strided = networks.StridedNet(SMALL, CLASSES, channels=(2, 2, 2), hidden=3).double()
    many, labels = torch.from_numpy(MANY).float(), torch.from_numpy(THREES)
    means = pictures(3, *SMALL).float()
    pool = fitting.make_pool(absolute, many, labels, means, generator=generator())
    pairs = metrics.Pairs(MANY, MANY[::-1].copy(), np.stack([HOLE] * 12))
    shifted = recipes.get(RECIPE, jitter=1, patches=1, window_sides=(5, 9), start="noise")
    several = experts.Experts([(1.0, NET), (2.0, NET)], name="sum")
    classifiers.save(NET, folder / "net.safetensors", facts={})
    found: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
        "augment.Moves": (
            lambda **given: augment.check_moves("moves", Moves(**given)),
            {"shift": 0.1, "scale": 1.2, "turn": 3.0, "mirror": True},
        ),
        "augment.patch": (
            augment.patch,
            {"images": TENSOR, "sides": (3, 5), "dark": 0.1, "generator": generator()},
        ),
        "augment.brighten": (
            augment.brighten,
            {"images": TENSOR, "most": 2.0, "generator": generator()},
        ),
        "augment.move": (
            augment.move,
            {"images": TENSOR, "moves": Moves(0.1), "generator": generator()},
        ),
        "augment.for_each": (augment.for_each, {"values": torch.ones(2), "images": TENSOR}),
        "baselines.zeros": (baselines.zeros, ONE),
        "baselines.telea": (baselines.telea, ONE),
        "baselines.navier_stokes": (baselines.navier_stokes, ONE),
        "baselines.biharmonic": (baselines.biharmonic, ONE),
        "baselines.total_variation": (
            baselines.total_variation,
            {**ONE, "steps": 3, "step_size": 0.1},
        ),
        "baselines.nearest": (
            baselines.nearest,
            {**LABELLED, "neighbours": 2},
        ),
        "baselines.class_pca": (
            baselines.class_pca,
            {**LABELLED, "components": 2, "ridge": 0.1},
        ),
        "baselines.UNet": (baselines.UNet, {"channels": (2, 4)}),
        "baselines.train_unet": (
            baselines.train_unet,
            {
                "training": SIXTY[:8],
                "holes": MISSING[None],
                "channels": (2, 4),
                "steps": 1,
                "batch": 2,
                "learning_rate": 0.01,
                "seed": 0,
            },
        ),
        "baselines.unet": (
            baselines.unet,
            {"images": SIXTY.images[:2], "holes": MISSING, "net": baselines.UNet(channels=(2, 4))},
        ),
        "baselines.deep_image_prior": (
            baselines.deep_image_prior,
            {"image": GREY[0], "hole": HOLE, "steps": 1, "learning_rate": 0.01, "seed": 0},
        ),
        "classifiers.Classifier": (
            classifiers.Classifier,
            {
                "scores": NET,
                "name": "own",
                "shape": SMALL,
                "classes": tuple(CLASSES),
                "averages": means,
                "parts": pictures(3, 2, *SMALL),
                "origin": "mnist",
                "facts": {"seed": "0"},
            },
        ),
        "Classifier.__call__": (lambda images: OWN(images), {"images": TENSOR}),
        "Classifier.label_scores": (OWN.label_scores, {"images": TENSOR, "labels": LABELS}),
        "Classifier.probabilities": (OWN.probabilities, {"images": TENSOR}),
        "Classifier.to": (lambda images: OWN.to(images) and None, {"images": TENSOR}),
        "classifiers.of": (
            classifiers.of,
            {
                "scores": NET,
                "name": "own",
                "shape": SMALL,
                "classes": CLASSES,
                "averages": means,
                "parts": pictures(3, 2, *SMALL),
                "origin": "mnist",
                "mean": 0.5,
                "std": 0.5,
                "add_channel": False,
                "dtype": torch.float64,
            },
        ),
        "classifiers.load": (classifiers.load, {"name": "digits-patches", "data": "mnist"}),
        "classifiers.check_fits": (
            classifiers.check_fits,
            {"argument": "it", "name": "own", "origin": "mnist", "data": "mnist"},
        ),
        "classifiers.check_facts": (classifiers.check_facts, {"facts": {"seed": "0"}}),
        "classifiers.save": (
            classifiers.save,
            {"classifier": NET, "path": folder / "other.safetensors", "facts": {"seed": "0"}},
        ),
        "classifiers.read": (classifiers.read, {"path": folder / "net.safetensors"}),
        "classifiers.class_averages": (classifiers.class_averages, {"data": "mnist"}),
        "classifiers.part_averages": (classifiers.part_averages, {"data": "mnist"}),
        "datasets.Dataset": (
            lambda **given: repr(datasets.Dataset(**given)),
            {name: getattr(SIXTY, name) for name in datasets.Dataset.__dataclass_fields__},
        ),
        "Dataset.__getitem__": (lambda index: SIXTY[index], {"index": slice(0, 2)}),
        "Dataset.of_class": (SIXTY.of_class, {"label": 3}),
        "datasets.collection": (datasets.collection, {"data": "mnist"}),
        "datasets.full_name": (
            datasets.full_name,
            {"argument": "it", "name": "a", "known": ["a"], "data": "mnist"},
        ),
        "datasets.load": (datasets.load, {"name": "digits", "split": "test"}),
        "datasets.class_averages": (datasets.class_averages, {"data": DIGITS}),
        "datasets.part_averages": (
            datasets.part_averages,
            {"data": DIGITS, "parts": 2, "smallest": 20},
        ),
        "datasets.cut": (
            datasets.cut,
            {"points": GREY[0, :9, :2].copy(), "parts": 2, "smallest": 1},
        ),
        "descent.Views": (
            lambda **given: descent.Views(**given)(TENSOR),
            {"shift": (1, 2), "windows": GAPS},
        ),
        "Views.draw": (
            descent.Views.draw,
            {**SHAPE, "jitter": 1, "patches": 1, "sides": (3, 5), "generator": generator()},
        ),
        "Views.__call__": (lambda images: descent.Views((1, 1))(images), {"images": TENSOR}),
        "descent.random_views": (
            lambda **given: next(descent.random_views(**given)),
            {**SHAPE, "jitter": 1, "patches": 1, "window_sides": (3, 5), "seed": 0},
        ),
        "descent.random_windows": (
            descent.random_windows,
            {"count": 2, **SHAPE, "sides": (3, 5), "generator": generator()},
        ),
        "History.of": (done.history.of, {"index": 0, "steps": 1}),
        "descent.descend": (
            descent.descend,
            {
                "energy": ENERGY,
                **TWO,
                "step_size": 0.1,
                "max_steps": 2,
                "momentum": 0.1,
                "tolerance": 0.0,
                "clip": True,
                "views": None,
                "callback": None,
                "callback_every": 1,
            },
        ),
        "energy.Energy": (
            lambda terms: energy.Energy(terms),
            {"terms": (1.0, energy.Binary())},
        ),
        "Energy.__call__": (ENERGY.__call__, {"images": TENSOR, "progress": 0.5}),
        "Energy.evaluate": (ENERGY.evaluate, {"images": TENSOR, "view": None, "progress": 0.5}),
        "energy.Ramp": (energy.Ramp, {"end": 1.0, "begin": 0.5}),
        "Ramp.__call__": (energy.Ramp(1.0).__call__, {"progress": 0.5}),
        "energy.OwnContent": (
            energy.OwnContent,
            {"classifier": OWN, "labels": LABELS, "penalty": lambda scores, labels: scores[:, 0]},
        ),
        "energy.TotalVariation": (energy.TotalVariation, {"region": GAPS}),
        "energy.rim": (energy.rim, {"hole": HOLE, "width": 2}),
        "experts.Experts": (experts.Experts, {"members": [(1.0, NET), (2.0, NET)], "name": "sum"}),
        "Experts.label_scores": (several.label_scores, {"images": TENSOR, "labels": LABELS}),
        "figures.Picture": (
            lambda **given: figures.Picture(**given).html(),
            {"png": b"png", "alt": "Grey.", "facts": "some", "width": 3, "svg": "<svg/>"},
        ),
        "figures.Strip": (
            strip_of,
            {"images": GREY, "holes": HOLES, "captions": CLASSES[:2], "signed": False},
        ),
        "figures.Strip, signed": (
            strip_of,
            {"images": GREY - 0.5, "captions": CLASSES[:2], "signed": True, "limit": 1.0},
        ),
        "figures.scaled": (figures.scaled, {"maps": GREY, "captions": CLASSES[:2]}),
        "figures.case": (
            figures.case,
            {"image": GREY[0], "hole": HOLE, "fills": GREY, "captions": CLASSES[:2]},
        ),
        "figures.gallery": (
            figures.gallery,
            {"rows": {"row": Strip(GREY)}, "columns": CLASSES[:2], "origin": "here", **DRAWN},
        ),
        "figures.completion": (
            figures.completion,
            {"original": GREY[0], "result": alone, "alt": "Grey.", "origin": "here", "width": 200},
        ),
        "figures.comparison": (
            figures.comparison,
            {
                "originals": GREY,
                "holes": HOLES,
                "fills": {"other": OTHER},
                "origin": "here",
                **DRAWN,
            },
        ),
        "figures.decibels": (
            figures.decibels,
            {"fills": {"other": OTHER}, "originals": GREY, "holes": HOLES},
        ),
        "figures.curves": (
            figures.curves,
            {
                "panels": {"panel": {"curve": GREY[0, 0]}},
                "x": np.arange(16.0),
                "x_label": "step",
                "y_label": "value",
                "log": ("panel",),
                **DRAWN,
            },
        ),
        "figures.course": (
            figures.course,
            {
                "curve": GREY[0, 0],
                "strip": Strip(GREY),
                "marks": [0, 2],
                "title": "title",
                "columns": CLASSES[:2],
                "origin": "here",
                "log": False,
                **DRAWN,
            },
        ),
        "figures.forest": (
            figures.forest,
            {
                "panels": {"panel": {"name": (1.0, 0.5, 1.5)}},
                "groups": {"name": "group"},
                "lines": {"panel": 1.0},
                **DRAWN,
            },
        ),
        "figures.specification_curve": (
            figures.specification_curve,
            {
                "values": [(1.0, 0.5, 1.5), (2.0, 1.0, 3.0)],
                "options": {"choice": {"one": [True, False], "other": [False, True]}},
                "label": "value",
                **DRAWN,
            },
        ),
        "figures.heat_map": (
            figures.heat_map,
            {
                "values": GREY[0, :2, :3].copy(),
                "rows": CLASSES[:2],
                "columns": CLASSES,
                "row_label": "row",
                "column_label": "column",
                "form": ".0f",
                **DRAWN,
            },
        ),
        "figures.descents": (
            figures.descents,
            {"history": done.history, "names": CLASSES[:2], "alt": "Grey.", "width": 300},
        ),
        "fitting.FitTraining": (
            fitting.FitTraining,
            {name: getattr(absolute, name) for name in absolute.__dataclass_fields__},
        ),
        "fitting.random_hole": (
            fitting.random_hole,
            {"image": GREY[0], "on_ink": True, "generator": np.random.default_rng(0)},
        ),
        "fitting.mix": (
            fitting.mix,
            {
                "images": many,
                "labels": labels,
                "rows": torch.arange(12),
                "share": 0.5,
                "generator": generator(),
            },
        ),
        "fitting.make_pool": (
            fitting.make_pool,
            {
                "training": absolute,
                "images": many,
                "labels": labels,
                "averages": means,
                "generator": generator(),
            },
        ),
        "Pool.filled": (pool.filled, {"rows": torch.arange(3), "generator": generator()}),
        "fitting.train": (
            fitting.train,
            {
                "training": absolute,
                "images": MANY,
                "labels": THREES,
                "classes": CLASSES,
                "name": "trained",
            },
        ),
        "gaussians.Fit": (
            gaussians.Fit,
            {name: getattr(kinds, name) for name in kinds.__dataclass_fields__},
        ),
        "gaussians.fit": (
            gaussians.fit,
            {
                "settings": kinds,
                "images": MANY,
                "labels": THREES,
                "classes": CLASSES,
                "name": "fitted",
            },
        ),
        "gaussians.fit_set": (gaussians.fit_set, {"name": "faces-gaussians-att"}),
        "holes.rectangle": (
            holes.rectangle,
            {**SHAPE, "top": 1, "left": 2, "height": 3, "width": 4},
        ),
        "holes.ellipse": (holes.ellipse, {**SHAPE, "center": (5.0, 6.0), "radii": (2.0, 3.0)}),
        "holes.stroke": (
            holes.stroke,
            {**SHAPE, "points": [(1.0, 2.0), (8.0, 9.0)], "width": 2.0},
        ),
        "holes.scatter": (holes.scatter, {**SHAPE, "fraction": 0.5, "seed": 0}),
        "holes.half": (holes.half, {**SHAPE, "side": "left"}),
        "holes.dark": (holes.dark, {"image": GREY[0], "threshold": 0.5}),
        "holes.everything": (holes.everything, SHAPE),
        "holes.square_on_ink": (holes.square_on_ink, {"image": GREY[0], "side": 4, "seed": 0}),
        "holes.squares_on_ink": (
            holes.squares_on_ink,
            {"images": GREY, "sides": [3, 4], "seed": 0},
        ),
        "holes.examples": (holes.examples, SHAPE),
        "holes.random": (holes.random, {**SHAPE, "seed": 0}),
        "metrics.psnr": (metrics.psnr, {**ONE, "originals": OTHER}),
        "metrics.ssim": (metrics.ssim, {**ONE, "originals": OTHER}),
        "metrics.grey_share": (metrics.grey_share, ONE),
        "metrics.probabilities": (
            metrics.probabilities,
            {"images": GREY, "classifier": OWN, "data": None},
        ),
        "metrics.judged": (metrics.judged, {"images": GREY, "judge": OWN, "data": None}),
        "metrics.named_right": (
            metrics.named_right,
            {"images": GREY, "labels": [0, 1], "judge": OWN, "data": None},
        ),
        "metrics.Pairs": (
            lambda **given: metrics.realism(metrics.Pairs(**given), pairs, steps=1, batch=4),
            {"real": pairs.real, "filled": pairs.filled, "holes": pairs.holes},
        ),
        "metrics.realism": (
            metrics.realism,
            {
                "learning": pairs,
                "test": pairs,
                "steps": 1,
                "batch": 4,
                "learning_rate": 0.01,
                "seed": 0,
            },
        ),
        "metrics.interval": (
            metrics.interval,
            {
                "values": np.arange(9.0) % 4,
                "groups": np.arange(9),
                "bounds": (0.0, 5.0),
                "level": 0.9,
                "resamples": 20,
                "seed": 0,
            },
        ),
        "metrics.table": (
            metrics.table,
            {
                "fills": {"other": OTHER},
                "originals": GREY,
                "holes": HOLES,
                "labels": np.array([0, 1]),
                "judge": OWN,
                "data": None,
            },
        ),
        "networks.Size": (
            lambda **given: networks.check_size("size", networks.Size(**given)),
            {"channels": (2, 3), "hidden": (4,)},
        ),
        "networks.LeNet": (
            networks.LeNet,
            {
                **SHAPE,
                "classes": CLASSES,
                "size": networks.Size((2, 3), (4,)),
                "name": "own",
                "data": "none",
            },
        ),
        "networks.StridedNet": (
            networks.StridedNet,
            {
                **SHAPE,
                "classes": CLASSES,
                "channels": (2, 3, 3),
                "hidden": 4,
                "name": "own",
                "data": "none",
            },
        ),
        "networks.Gaussians": (
            networks.Gaussians,
            {
                **SHAPE,
                "classes": CLASSES,
                "parts": 1,
                "directions": 2,
                "floor": 0.1,
                "name": "own",
                "data": "none",
            },
        ),
        "networks.kind": (networks.kind, {"network": NET}),
        "recipes.Recipe": (
            lambda **given: repr(Recipe(**given)),
            {"classifier": OWN, **RIGHT_SETTINGS},
        ),
        "Recipe.energy": (shifted.energy, {**ONE, "labels": [0, 1], "data": None}),
        "Recipe.begin": (shifted.begin, {**ONE, "labels": [0, 1], "seed": 0, "data": None}),
        "Recipe.views": (shifted.views, {**SHAPE, "seed": 0}),
        "recipes.get": (
            lambda **given: repr(recipes.get(**given)),
            {"recipe": "digits", "data": "mnist", **RIGHT_SETTINGS},
        ),
        "Inpainting.__getitem__": (lambda index: done[index].image, {"index": 1}),
        "recipes.inpaint": (
            inpaint,
            {
                "image": GREY,
                "hole": HOLES,
                "label": [0, 1],
                "recipe": RECIPE,
                "data": None,
                "seed": 0,
                "precision": "float64",
                "callback": None,
                "callback_every": 1,
                **RIGHT_SETTINGS,
            },
        ),
        "starts.constant": (starts.constant, {**TWO, "value": 0.5}),
        "starts.noise": (starts.noise, {**TWO, "generator": generator()}),
        "starts.harmonic": (starts.harmonic, TWO),
        "starts.class_average": (
            starts.class_average,
            {**TWO, "averages": torch.from_numpy(OTHER)},
        ),
        "starts.blended_class_average": (
            starts.blended_class_average,
            {**TWO, "averages": torch.from_numpy(OTHER)},
        ),
        "starts.part_mixture": (starts.part_mixture, {**TWO, "averages": pictures(2, 3, *SMALL)}),
        "starts.solve_laplace": (starts.solve_laplace, {"image": TENSOR[0], "hole": GAPS[0]}),
        "training.Training": (
            training.Training,
            {
                "collection": "none",
                "size": networks.Size((2, 3), (4,)),
                "sides": (3, 5),
                "dark": 0.1,
                "gain": 1.0,
                "moves": None,
                "robust": 0.1,
                "relative": False,
                "warm_up": 0.1,
                "repeats": 1,
                "epochs": 1,
                "batch": 2,
                "learning_rate": 0.01,
                "loss": None,
                "seed": 0,
            },
        ),
        "training.perturb": (
            training.perturb,
            {"classifier": NET, "images": TENSOR, "labels": LABELS, "length": 0.5, "steps": 1},
        ),
        "training.perturb, of a Classifier": (
            training.perturb,
            {"classifier": OWN, "images": TENSOR, "labels": LABELS, "length": 0.5, "steps": 1},
        ),
        "training.train": (
            training.train,
            {
                "training": rule,
                "images": MANY,
                "labels": THREES,
                "classes": CLASSES,
                "name": "trained",
                "network": None,
            },
        ),
        "training.steps": (training.steps, {"training": rule, "images": 5}),
        "training.accuracy": (
            training.accuracy,
            {"classifier": NET, "images": TENSOR, "labels": LABELS},
        ),
        "widgets.Latest": (widgets.Latest, {"job": lambda wanted: None}),
        "widgets.Explorer": (
            explored,
            {
                "draw": lambda a: small_picture(),
                "start": {"a": 2},
                "labels": {"a": "A"},
                "a": [1, 2],
            },
        ),
        "Explorer.set": (moved, {"a": 2}),
    }
    for net in (NET, strided, fitted):
        kind = type(net).__name__
        found |= {
            f"{kind}.forward": (net.forward, {"images": TENSOR}),
            f"{kind}.log_fits": (net.log_fits, {"images": TENSOR}),
            f"{kind}.label_scores": (net.label_scores, {"images": TENSOR, "labels": LABELS}),
            f"{kind}.label_fits": (net.label_fits, {"images": TENSOR, "labels": LABELS}),
            f"{kind}.built": (type(net).built, {"build": net.build()}),
            f"{kind}.unpack": (type(net).built(net.build()).unpack, {"tensors": net.packed()}),
        }
    for content in energy.CONTENTS.values():
        term, kind = content(OWN, LABELS), content.__name__
        found |= {
            f"energy.{kind}": (content, {"classifier": OWN, "labels": LABELS}),
            f"{kind}.of_labels": (term.of_labels, {"images": TENSOR, "labels": LABELS}),
            f"{kind}.of_views": (term.of_views, {"views": TENSOR[None]}),
            f"{kind}.penalty": (content.penalty, {"scores": torch.ones(2, 3), "labels": LABELS}),
        }
    for part in (energy.TotalVariation(GAPS), energy.Binary(), energy.CrossEntropy(OWN, LABELS)):
        kind = type(part).__name__
        found |= {
            f"{kind}.__call__": (part.__call__, {"images": TENSOR}),
            f"{kind}.value_and_gradient": (
                part.value_and_gradient,
                {"images": TENSOR, "view": None},
            ),
        }
    return found


#: What a part of a descent may give for numbers that are not finite. :func:`descend` looks at the
#: whole energy in each step, so its parts do not have to.
PARTS = re.compile(
    r"(Classifier\.(__call__|label_scores)|\w+\.(forward|log_fits|label_\w+|of_\w+|penalty)"
    r"|\w+\.value_and_gradient|(TotalVariation|Binary|CrossEntropy|Views)\.__call__"
    r"|augment\.for_each|metrics\.interval)"  # an interval of too few groups is documented as NaN
)

#: ``got …, wanted …``, after the name of the argument or of the set of them that it belongs to.
NAMED = re.compile(r"[\w. \[\]'-]+: .*\bwanted\b", re.DOTALL)

#: The modules that a reader may import; those of the study have their own test below.
MODULES = [
    name
    for _, name, _ in pkgutil.iter_modules(inpaintlib.__path__)
    if not name.startswith("_") and name not in ("checks", "study")
]

#: What takes no argument that could be odd, is made by the package alone, or is tested elsewhere.
ELSEWHERE = {
    "augment.check_moves": "augment.Moves",
    "classifiers.names": "",
    "datasets.Location": "made by the package",
    "datasets.download": "test_datasets, with a network",
    "datasets.locate": "test_datasets, with full sets",
    "datasets.main": "test_commands",
    "datasets.names": "",
    "descent.Descended": "made by the package",
    "descent.Diverged": "an error",
    "descent.History": "made by the package",
    "descent.check_sides": "descent.random_windows",
    "energy.Binary": "",
    "energy.Content": "abstract",
    "energy.Evaluation": "made by the package",
    "energy.Term": "abstract",
    "energy.adjoint_difference": "energy.difference",
    "energy.check_images": "Energy.__call__",
    "energy.difference": "below, with its dimension",
    "fitting.Pool": "made by fitting.make_pool",
    "holes.over": "below, since it takes arrays of every kind",
    "networks.Network": "abstract",
    "networks.check_size": "networks.Size",
    "recipes.Inpainting": "made by the package",
    "training.main": "test_training",
    "training.rebuild": "test_training, with full sets",
    "training.with_files": "",
    "widgets.Superseded": "an error",
}


def public(module: str) -> set[str]:
    """The functions and classes that a module defines for others."""
    found = vars(importlib.import_module(f"inpaintlib.{module}"))
    return {
        f"{module}.{name}"
        for name, value in found.items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == f"inpaintlib.{module}"
    }


def whole(value: object) -> bool:
    """Whether no number in a result is NaN."""
    if isinstance(value, Tensor):
        return value.is_meta or value.is_sparse or not value.isnan().any()
    if isinstance(value, np.ndarray):
        return value.dtype.kind != "f" or not np.isnan(value).any()
    if isinstance(value, float):
        return not math.isnan(value)
    return all(map(whole, value)) if isinstance(value, tuple | list) else True


def wrong(name: str, function: Callable[..., Any], right: dict[str, Any]) -> list[str]:
    """What went wrong with odd arguments, in words."""
    found = []
    for argument, good in right.items():
        for kind, make in ODD.items():
            try:
                odd = make(good)
            except Exception:
                continue  # this argument cannot become that
            try:
                result = function(**right | {argument: odd})
                if not whole(result) and not PARTS.fullmatch(name):
                    found.append(f"{name}, {argument}, {kind}: a result of NaN")
            except (TypeError, ValueError, IndexError, OSError) as error:
                if not NAMED.match(str(error)) and not isinstance(error, DataError):
                    found.append(f"{name}, {argument}, {kind}: {type(error).__name__}: {error}")
            except Exception as error:
                found.append(f"{name}, {argument}, {kind}: {type(error).__name__}: {error}")
    return found


@pytest.mark.parametrize("module", [*MODULES, "methods"])
@pytest.mark.filterwarnings("ignore")
def test_odd_arguments_are_refused_by_name(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # "odd" is a place for weights
    mine = {
        name: call
        for name, call in calls(tmp_path).items()
        if (name.split(".")[0] == module) or (module == "methods" and name[0].isupper())
    }
    assert mine
    for name, (function, right) in mine.items():
        try:
            function(**right)
        except DataError:
            assert name == "gaussians.fit_set"
    assert [told for name, call in mine.items() for told in wrong(name, *call)] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_is_tried(module, tmp_path):
    tried = {name.split(",")[0] for name in calls(tmp_path)}
    assert public(module) - tried - set(ELSEWHERE) == set()
    assert {name for name in ELSEWHERE if name.startswith(f"{module}.")} <= public(module)


def test_parts_that_take_tensors_of_every_kind_refuse_other_things():
    for take in (
        lambda odd: energy.difference(odd, -1),
        lambda odd: energy.difference(TENSOR, odd),
        lambda odd: energy.adjoint_difference(odd, -1),
        lambda odd: holes.over(odd, GREY),
        lambda odd: holes.over(HOLES, odd),
    ):
        for odd in (None, "odd", 0.5, [], {}, object(), GREY[0, 0]):
            with pytest.raises((TypeError, ValueError), match=r"\w+: got .*, wanted "):
                take(odd)


# The study


def study_modules() -> list[str]:
    package = importlib.import_module("inpaintlib.study")
    found = pkgutil.walk_packages(package.__path__, "inpaintlib.study.")
    return [name for _, name, folder in found if not folder and not name.endswith("__main__")]


@pytest.mark.parametrize("name", study_modules())
def test_every_function_of_the_study_refuses_an_object_by_name(name):
    module = importlib.import_module(name)
    for title, made in vars(module).items():
        if title.startswith("_") or not inspect.isfunction(made) or made.__module__ != name:
            continue
        if (name, title) in {
            ("inpaintlib.study.readings", "train"),
            ("inpaintlib.study.readings", "score"),
        }:
            continue  # joblib looks at their code
        for argument, parameter in inspect.signature(made).parameters.items():
            if parameter.annotation in ("Any", "object", "ArrayLike"):
                continue
            others = {
                other: None
                for other, each in inspect.signature(made).parameters.items()
                if other != argument
                and each.default is each.empty
                and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
            }
            before = list(others)[: list(inspect.signature(made).parameters).index(argument)]
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or before:
                continue  # the first ones are refused before it
            with pytest.raises(TypeError, match=rf"{argument}: got .*, wanted "):
                made(**{argument: object()}, **others)


# The gate itself


@pytest.mark.parametrize(
    ("hint", "good", "bad", "message"),
    [
        (int, 3, 3.0, "it: got 3.0, wanted a whole number"),
        (int, np.int64(3), True, "it: got True, wanted a whole number"),
        (float, Fraction(1, 2), "1", "it: got '1', wanted a number"),
        (bool, True, 1, "it: got 1, wanted True or False"),
        (str | None, None, 7, "it: got int, wanted text or None"),
        (tuple[int, int], (1, 2), (1, 2, 3), r"it: got \(1, 2, 3\), wanted 2 values"),
        (tuple[int, ...], (1, 2, 3), [1, None], "it: got None, wanted a whole number"),
        (list[str], ["a"], "a", "it: got 'a', wanted several values in a list or a tuple"),
        (dict[str, int], {"a": 1}, {"a": "b"}, r"it\['a'\]: got 'b', wanted a whole number"),
        (dict[str, int], {}, [], r"it: got \[\], wanted a dictionary"),
        (Callable[[int], int], abs, 7, "it: got int, wanted a function"),
        (Tensor, TENSOR, GREY, "it: got ndarray, wanted a torch tensor"),
        (datasets.Dataset, SIXTY, "digits", "it: got str, wanted a Dataset"),
    ],
)
def test_a_value_is_held_to_its_annotation(hint, good, bad, message):
    fits("it", good, hint)
    with pytest.raises(TypeError, match=message):
        fits("it", bad, hint)


def test_a_checked_function_is_the_same_to_whoever_looks_at_it():
    @checked
    def double(number: int, *more: int, **named: float) -> int:
        """Return it."""
        return 2 * number + sum(more) + int(sum(named.values()))

    assert (double.__name__, double.__doc__) == ("double", "Return it.")
    assert str(inspect.signature(double)).startswith("(number: 'int', *more: 'int'")
    assert double(1, 2, three=3.0) == 7
    for call, message in (
        (lambda: double("1"), "number: got '1', wanted a whole number"),
        (lambda: double(1, None), "more: got None, wanted a whole number"),
        (lambda: double(1, three="3"), "three: got '3', wanted a number"),
        (lambda: double(), "missing 1 required positional argument"),
    ):
        with pytest.raises(TypeError, match=message):
            call()
