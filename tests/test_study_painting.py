"""What a classifier must know to paint: the ladder's rungs, and how a descent is chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from inpaintlib import classifiers, datasets
from inpaintlib.fitting import FitTraining
from inpaintlib.gaussians import Fit
from inpaintlib.study import protocol
from inpaintlib.study.chapters import painting
from inpaintlib.study.chapters.painting import Reading

pytestmark = pytest.mark.usefixtures("bundled_only")

both = pytest.mark.parametrize("name", ["digits", "faces"])


@both
def test_one_rung_differs_from_the_next_in_what_its_title_says(name):
    rungs = painting.ladder(name)
    fits = [rung.settings for rung in rungs.values() if isinstance(rung.settings, FitTraining)]
    same = ["channels", "hidden", "scale", "pool", "steps", "batch", "learning_rate", "moves"]
    assert all(getattr(fits[0], each) == getattr(other, each) for other in fits for each in same)
    base = fits[-1]
    assert rungs["graded labels"].settings == replace(base, slope=0.0, own=False)
    assert rungs["hard labels"].settings == replace(base, slope=0.0, own=False, graded=False)
    assert rungs["graded, slope"].settings == replace(base, own=False)
    assert rungs["graded, own descents"].settings == replace(base, slope=0.0)
    assert not rungs["softmax"].settings.filled
    assert rungs["softmax"].settings == rungs["raw score"].settings


@pytest.mark.parametrize(
    "title", ["softmax", "robust", "hard labels", "graded, slope", "Gaussians"]
)
def test_each_kind_of_rung_can_be_trained(title):
    rung = painting.ladder("faces")[title]
    net = painting.network("faces", rung, seed=1, steps=2)
    outputs = 40 if isinstance(rung.settings, Fit) else 41
    assert net(torch.zeros(2, 48, 42)).shape == (2, outputs)


def test_a_rung_is_trained_once_and_kept(tmp_path, monkeypatch):
    made = []
    rung = painting.ladder("faces")["Gaussians, few directions"]
    original = painting.network

    def counted(*args, **settings):
        made.append(args)
        return original(*args, **settings)

    monkeypatch.setattr(painting, "network", counted)
    nets = [painting.kept("faces", rung, 0, tmp_path) for _ in range(2)]
    assert len(made) == 1
    assert torch.equal(nets[0].means, nets[1].means)
    file = next(tmp_path.iterdir())
    classifiers.save(nets[0], file, facts={"settings": "others"})
    painting.kept("faces", rung, 0, tmp_path)
    assert len(made) == 2, "one of other settings is not taken"


def test_the_best_descent_has_the_highest_psnr_of_all_that_are_tried():
    tried = protocol.cases(datasets.load("faces-att", split="validation"), count=3, each=1)
    known = classifiers.load("faces-gaussians-att")
    reading = Reading("negative-score", (0.01, 1.0))
    chosen = painting.best(painting.recipe_of(known, reading), reading, tried)

    def psnr(step_size: float, steps: int) -> float:
        way = replace(chosen, step_size=step_size, max_steps=steps)
        return painting.filled_and_scored("faces", way, tried)["psnr"].mean()

    found = {
        (step_size, steps): psnr(step_size, steps)
        for step_size in reading.step_sizes
        for steps in painting.STEPS
    }
    assert (chosen.step_size, chosen.max_steps) == max(found, key=found.get)


def test_the_literal_formula_for_distances_is_zero_where_only_the_label_fits():
    values = torch.tensor([[0.0, -50.0, -50.0], [-50.0, -50.0, -50.0], [-1.0, 0.0, -50.0]])
    penalties = painting.literal(values, torch.tensor([0, 0, 0]))
    np.testing.assert_allclose(penalties, [0, 1, (np.exp(-1) - 1) ** 2 + 1], atol=1e-6)


def test_gain_is_the_psnr_above_the_start():
    cases = protocol.cases(datasets.load("faces-att", split="test"), count=4, each=1)
    recipe = painting.recipe_of(
        classifiers.load("faces-gaussians-att"), Reading("negative-score", (1.0,))
    )
    none = painting.filled_and_scored("faces", replace(recipe, max_steps=0), cases)
    some = painting.filled_and_scored("faces", recipe, cases)
    np.testing.assert_allclose(some["gain"], some["psnr"] - none["psnr"])
    assert (none["gain"] == 0).all()
    assert (some["above start"] == (some["gain"] > 0)).all()


@both
def test_the_tables_have_a_row_for_each_formula_and_start(name):
    contents = painting.contents_table(name).data
    assert all(f"| {content} |" in contents for content in painting.READINGS)
    starts = painting.starts_table(name, "psnr").data
    assert all(f"| {start} |" in starts for start in painting.STARTS)


@pytest.mark.parametrize("name", painting.MEASURED)
def test_the_ladder_has_a_row_for_each_rung(name):
    table = painting.ladder_table(name).data
    assert all(f"| {title} |" in table for title in painting.ladder(name))
    spread, accuracy = painting.spread(name), painting.accuracies(name)
    assert set(accuracy) == set(painting.ladder(name))
    assert all(low <= high for low, high in spread.values())
