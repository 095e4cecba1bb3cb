"""The ablation: its ladders lead to the mixtures' recipes, and its tables hold what they say."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from helpers import lenet

from inpaintlib import classifiers, datasets
from inpaintlib.energy import NegativeScore
from inpaintlib.recipes import Recipe
from inpaintlib.study import ablation, numbers, protocol
from inpaintlib.study.ablation import Setting
from inpaintlib.study.chapters import better_recipes
from inpaintlib.study.descents import WAYS
from inpaintlib.study.methods import mixture_recipe, paper_recipe
from inpaintlib.study.numbers import Number, Numbers
from inpaintlib.training import Training

each_set = pytest.mark.parametrize("name", ["digits", "faces"])


@each_set
def test_a_ladder_leads_from_the_papers_recipe_to_the_mixtures(name):
    rungs = list(ablation.ladder(name))
    assert len(rungs) >= 5
    assert Recipe(**rungs[0].settings) == paper_recipe(name)
    assert Recipe(**rungs[-1].settings) == mixture_recipe(name)
    for before, rung in pairwise(rungs):
        assert rung.changes
        assert rung.settings == {**before.settings, **rung.changes}


@each_set
def test_variations_change_one_thing_of_the_mixture(name):
    ours, *others = ablation.variations(name)
    assert Recipe(**ours.settings) == mixture_recipe(name)
    assert len(others) > 20
    for _, setting, changes, settings in others:
        assert (
            Recipe(**settings) == replace(mixture_recipe(name), **changes) != mixture_recipe(name)
        )
        wanted = 2 if "patches in the descent" in setting else 1
        assert setting.startswith("recipe: ") or 1 <= len(changes) <= wanted


@each_set
def test_no_setting_comes_twice(name):
    for part in (ablation.ladder(name), ablation.variations(name)):
        names = [setting.title for setting in part]
        assert len(set(names)) == len(names)


@each_set
def test_the_stored_numbers_are_of_todays_settings(name):
    stored = numbers.read(f"ablation-{name}")
    now = [*ablation.ladder(name), *ablation.variations(name)]
    assert stored.subjects() == [setting.subject for setting in now]


@each_set
def test_the_mixture_is_compared_with_itself_and_each_rung_with_the_one_before(name):
    stored = numbers.read(f"ablation-{name}")
    ladder = [setting.subject for setting in ablation.ladder(name)]
    assert stored[ladder[-1], "psnr minus mixture"].value == 0
    for before, rung in pairwise(ladder):
        gain = stored[rung, "psnr"].value - stored[before, "psnr"].value
        assert stored[rung, "psnr minus before"].value == pytest.approx(gain, abs=2e-4)


def test_the_stored_trainings_are_those_that_were_tried():
    stored = numbers.read("ablation-trainings")
    names = [*ablation.SHIPPED, *ablation.TRIED]
    assert [name for name in stored.subjects() if " minus " not in name] == names
    for name in ablation.SHIPPED[1:]:
        gain = stored[name, "cosine"].value - stored["digits-whole", "cosine"].value
        of_cases = stored[f"{name} minus digits-whole", "cosine"]
        assert of_cases.value == pytest.approx(gain, abs=2e-4)
        assert of_cases.low < of_cases.value < of_cases.high


@pytest.fixture
def bundled(monkeypatch):
    """The protocol on bundled digits."""

    def load(name: str, split: str) -> datasets.Dataset:
        return datasets.load({"digits": "digits", "faces": "faces-att"}[name], split=split)

    monkeypatch.setattr(protocol, "full_set", load)
    monkeypatch.setattr(ablation, "full_set", load)


@pytest.mark.usefixtures("bundled")
def test_each_setting_is_scored_and_compared(monkeypatch):
    ours = vars(mixture_recipe("digits"))
    rung = {**ours, "start": "harmonic", "max_steps": 0}
    ladder = [
        Setting("ladder", "first", {}, {**rung, "start": "constant"}),
        Setting("ladder", "second", {"start": "harmonic"}, rung),
    ]
    monkeypatch.setattr(ablation, "ladder", lambda name: ladder)
    monkeypatch.setattr(
        ablation, "variations", lambda name: [Setting("variation", "ours", {}, ours)]
    )
    found = Numbers("ablation-digits", ablation.measure("digits", count=2))
    assert found.subjects() == ["ladder/first", "ladder/second", "variation/ours"]
    assert ("ladder/first", "psnr minus before") not in found
    assert found["variation/ours", "psnr minus mixture"].value == 0
    assert found["ladder/first", "above start"].value == 0
    first, second, own = (found[subject, "psnr"].value for subject in found.subjects())
    assert found["ladder/second", "psnr minus before"].value == pytest.approx(second - first)
    assert found["ladder/second", "psnr minus mixture"].value == pytest.approx(second - own)
    assert found["ladder/first", "psnr"].cases == 2


@pytest.mark.usefixtures("bundled")
def test_trainings_are_made_once_and_again_when_they_change(monkeypatch, tmp_path):
    tiny = Training(collection="mnist", epochs=1, batch=2500, learning_rate=1e-3)
    monkeypatch.setattr(ablation, "TRIED", {"tiny": tiny})
    net = ablation.trained("tiny", tmp_path)
    made = (tmp_path / "tiny.safetensors").stat().st_mtime_ns
    again = ablation.trained("tiny", tmp_path)
    assert (tmp_path / "tiny.safetensors").stat().st_mtime_ns == made
    image = torch.rand(1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert torch.equal(net(image), again(image))
    monkeypatch.setattr(ablation, "TRIED", {"tiny": replace(tiny, seed=1)})
    assert not torch.equal(ablation.trained("tiny", tmp_path)(image), net(image))


@pytest.mark.usefixtures("bundled")
def test_a_shipped_training_has_its_accuracy_and_its_scores():
    found = Numbers("ablation-trainings", ablation.measure_trainings(count=1))
    assert [name for name in found.subjects() if " minus " not in name] == list(ablation.SHIPPED)
    assert found["digits-whole", "accuracy"].value > 0.9
    assert found["digits-robust", "psnr minus mixture"].value == 0


def test_a_gradient_that_leads_to_the_original_is_aligned():
    cases = protocol.cases(datasets.load("digits", split="test"), count=4, each=1)
    net = classifiers.of(lenet((28, 28)).float())
    starts = np.where(cases.holes, np.float32(0.5), cases.images)
    content = NegativeScore(net, torch.from_numpy(cases.labels))
    _, slope = content.value_and_gradient(torch.from_numpy(starts))
    painted = np.where(cases.holes, starts - slope.numpy(), starts)
    towards = protocol.Cases(**{**vars(cases), "images": painted})
    away = protocol.Cases(**{**vars(cases), "images": 2 * starts - painted})
    assert ablation.alignment(net, towards, starts) == pytest.approx(1, abs=1e-3)
    assert ablation.alignment(net, away, starts) == pytest.approx(-1, abs=1e-3)


def test_a_change_is_better_or_worse_only_where_its_interval_leaves_no_doubt():
    def difference(low: float, high: float) -> Number:
        return Number("", "variation", "psnr minus mixture", (low + high) / 2, low, high, 9, 0.1)

    found = [ablation.verdict(difference(*ends)) for ends in ((0.1, 0.3), (-0.1, 0.2), (-2, -1))]
    assert found == ["better", "not distinguishable", "worse"]


@each_set
def test_what_was_tried_is_in_the_order_of_its_difference(name):
    found = ablation.by_difference(name)
    values = [number.value for number in found.values()]
    assert values == sorted(values)
    assert "our recipe" not in found


def test_the_tables_of_the_chapter_have_all_rows():
    rungs = {rung.title: rung.subject for rung in ablation.ladder("digits")}
    columns = {"PSNR": "psnr", "gain": "psnr minus before"}
    _, _, first, second, *_ = better_recipes.scores_table(
        "digits", rungs, columns
    ).data.splitlines()
    assert first.endswith("| – |"), "there is no rung before it"
    assert "| +0.33<br>" in second
    ways = better_recipes.descents_table({"PSNR": "psnr"}).data.splitlines()
    assert len(ways) == 2 + len(WAYS)
    trainings = better_recipes.trainings_table({"PSNR": "psnr"}).data.splitlines()
    assert trainings[-1].startswith("| robust-2 | 2.0 | 9-24 | 0.9758 | ")
