"""The ablation: its ladders lead to our recipes, and its tables hold what they say."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import ablation
import numpy as np
import protocol
import pytest
import torch
from ablation import Experiment
from helpers import classifier

from inpaintlib import datasets
from inpaintlib.energy import NegativeScore
from inpaintlib.recipes import RECIPES, Recipe
from inpaintlib.training import Training

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"

each_set = pytest.mark.parametrize("name", ["digits", "faces"])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(row: dict[str, str], *columns: str) -> list[float]:
    return [float(row[column]) for column in columns]


@each_set
def test_a_ladder_leads_from_the_papers_recipe_to_ours(name):
    rungs = list(ablation.ladder(name))
    assert len(rungs) >= 5
    assert Recipe(**rungs[0].settings) == RECIPES[f"paper-{name}"]
    assert Recipe(**rungs[-1].settings) == RECIPES[name]
    for before, rung in pairwise(rungs):
        assert rung.changes
        assert rung.settings == {**before.settings, **rung.changes}


@each_set
def test_variations_change_one_thing_of_our_recipe(name):
    ours, *others = ablation.variations(name)
    assert Recipe(**ours.settings) == RECIPES[name]
    assert len(others) > 20
    for _, setting, changes, settings in others:
        assert Recipe(**settings) == replace(RECIPES[name], **changes) != RECIPES[name]
        wanted = 2 if "patches in the descent" in setting else 1
        assert setting.startswith("recipe: ") or 1 <= len(changes) <= wanted


@each_set
def test_no_setting_comes_twice(name):
    for part in (ablation.ladder(name), ablation.variations(name)):
        names = [experiment.setting for experiment in part]
        assert len(set(names)) == len(names)


@each_set
def test_the_stored_table_is_of_todays_recipes(name):
    rows = rows_of(RESULTS / f"ablation-{name}.csv")
    stored = [(row["part"], row["setting"], json.loads(row["changes"])) for row in rows]
    now = [*ablation.ladder(name), *ablation.variations(name)]
    assert stored == [
        (part, setting, json.loads(json.dumps(changes))) for part, setting, changes, _ in now
    ]


@each_set
def test_a_stored_recipe_is_compared_with_itself(name):
    rows = rows_of(RESULTS / f"ablation-{name}.csv")
    ladder = [row for row in rows if row["part"] == "ladder"]
    assert number(ladder[-1], "difference", "difference_low", "difference_high") == [0, 0, 0]
    for before, row in pairwise(ladder):
        gain = float(row["psnr"]) - float(before["psnr"])
        assert float(row["gain"]) == pytest.approx(gain, abs=2e-4)
    for row in rows:
        low, mean, high = number(row, "difference_low", "difference", "difference_high")
        assert low <= mean <= high


def test_the_stored_trainings_are_those_that_were_tried():
    rows = rows_of(RESULTS / "ablation-trainings.csv")
    assert [row["training"] for row in rows] == [*ablation.SHIPPED, *ablation.TRIED]
    assert all(-1 <= float(row["cosine"]) <= 1 for row in rows)


@pytest.fixture
def bundled(monkeypatch):
    """The protocol on bundled digits."""

    def load(name: str, split: str) -> datasets.Dataset:
        return datasets.load(name, split=split, source="bundled")

    monkeypatch.setattr(protocol, "full_set", load)
    monkeypatch.setattr(ablation, "full_set", load)


def test_a_table_has_a_row_for_each_setting(bundled, monkeypatch, tmp_path, capsys):
    ours = vars(RECIPES["digits"])
    rung = {**ours, "start": "harmonic", "max_steps": 0}
    ladder = [
        Experiment("ladder", "first", {}, {**rung, "start": "constant"}),
        Experiment("ladder", "second", {"start": "harmonic"}, rung),
    ]
    monkeypatch.setattr(ablation, "ladder", lambda name: ladder)
    monkeypatch.setattr(
        ablation, "variations", lambda name: [Experiment("variation", "ours", {}, ours)]
    )
    ablation.main(["digits", "--count", "2", "--output", str(tmp_path)])
    first, second, last = rows_of(tmp_path / "ablation-digits.csv")
    assert json.loads(second["changes"]) == {"start": "harmonic"}
    assert (first["kind"], first["count"]) == ("square", "2")
    assert first["gain"] == ""
    assert number(last, "difference", "difference_low", "difference_high") == [0, 0, 0]
    gain, *psnr = number(second, "gain", "psnr"), *number(first, "psnr")
    assert gain[0] == pytest.approx(gain[1] - psnr[0], abs=2e-4)
    assert float(second["difference"]) == pytest.approx(
        float(second["psnr"]) - float(last["psnr"]), abs=2e-4
    )
    assert number(first, "above_start") == [0.0]
    assert {**first, **ablation.VERSIONS, "seed": "0"} == first
    assert "second" in capsys.readouterr().out

    ablation.main(["digits", "--count", "2", "--kinds", "all", "--output", str(tmp_path)])
    row = rows_of(tmp_path / "ablation-digits.csv")[0]
    assert (row["kind"], row["count"]) == ("all", "8")


def test_a_trial_writes_nothing(bundled, monkeypatch, capsys):
    ours = vars(RECIPES["digits"])
    monkeypatch.setattr(ablation, "ladder", lambda name: [])
    monkeypatch.setattr(
        ablation, "variations", lambda name: [Experiment("variation", "ours", {}, ours)]
    )
    monkeypatch.setattr(ablation, "write", lambda *_: pytest.fail("it wrote"))
    ablation.main(["digits", "--count", "1"])
    assert "+0.00 dB" in capsys.readouterr().out


def test_trainings_are_made_once_and_again_when_they_change(bundled, monkeypatch, tmp_path):
    tiny = Training(variant="mnist", epochs=1, batch=2500, learning_rate=1e-3)
    monkeypatch.setattr(ablation, "SHIPPED", ("digits-whole",))
    monkeypatch.setattr(ablation, "TRIED", {"tiny": tiny})
    command = ["trainings", "--count", "1", "--train", str(tmp_path), "--output", str(tmp_path)]
    ablation.main(command)
    shipped, tried = rows_of(tmp_path / "ablation-trainings.csv")
    assert [row["training"] for row in (shipped, tried)] == ["digits-whole", "tiny"]
    assert float(shipped["accuracy"]) > float(tried["accuracy"])
    assert (tried["sides"], tried["robust"]) == ("whole", "0.0")

    made = (tmp_path / "tiny.safetensors").stat().st_mtime_ns
    ablation.main(command)
    assert (tmp_path / "tiny.safetensors").stat().st_mtime_ns == made
    monkeypatch.setattr(ablation, "TRIED", {"tiny": replace(tiny, seed=1)})
    ablation.main(command)
    assert (tmp_path / "tiny.safetensors").stat().st_mtime_ns != made


def test_a_gradient_that_leads_to_the_original_is_aligned():
    cases = protocol.cases(datasets.load("digits", split="test"), count=4, each=1)
    net = classifier((28, 28)).float()
    starts = np.where(cases.holes, np.float32(0.5), cases.images)
    content = NegativeScore(net, torch.from_numpy(cases.labels))
    _, slope = content.value_and_gradient(torch.from_numpy(starts))
    painted = np.where(cases.holes, starts - slope.numpy(), starts)
    towards = protocol.Cases(**{**vars(cases), "images": painted})
    away = protocol.Cases(**{**vars(cases), "images": 2 * starts - painted})
    assert ablation.alignment(net, towards, starts) == pytest.approx(1, abs=1e-3)
    assert ablation.alignment(net, away, starts) == pytest.approx(-1, abs=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["digits", "--count", "0"], "at least 1"),
        (["trainings"], "trainings need --train FOLDER"),
    ],
)
def test_what_cannot_be_measured_is_said(arguments, message, capsys):
    with pytest.raises(SystemExit):
        ablation.main(arguments)
    assert message in capsys.readouterr().err


def test_it_wants_the_full_set(bundled_only, capsys):
    with pytest.raises(SystemExit):
        ablation.main(["faces"])
    assert "let INPAINTLIB_DATA name the folder" in capsys.readouterr().err
