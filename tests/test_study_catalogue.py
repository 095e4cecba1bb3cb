"""The catalogue and the commands: what there is, measured again, is what is stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inpaintlib.study import __main__ as command
from inpaintlib.study import catalogue, numbers
from inpaintlib.study.catalogue import EXPERIMENTS, Experiment, differing
from inpaintlib.study.numbers import Number, Numbers, Store

STORED = [
    Number("made-up", "digits/harmonic", "psnr", 12.3, 11.0, 13.0, 20, 0.1, "torch 2"),
    Number("made-up", "digits/harmonic", "judge", 0.95, 0.9, 1.0, 20, 0.05, "torch 2"),
]


def test_everything_that_is_stored_can_be_measured_and_the_other_way_round():
    assert set(numbers.STORE.experiments()) == set(EXPERIMENTS)
    few = {path.stem for path in (numbers.RESULTS / "few").glob("*.csv")}
    assert few == set(EXPERIMENTS)


each_experiment = pytest.mark.parametrize("name", EXPERIMENTS)


@pytest.mark.full_data
@pytest.mark.slow
@each_experiment
def test_few_cases_measured_again_give_what_is_stored(name):
    fresh = catalogue.measure(name, few=True)
    assert differing(numbers.read(name, few=True), fresh) == []


def told(fresh: list[Number], stored: list[Number] = STORED) -> list[str]:
    return differing(Numbers("made-up", stored), fresh)


def test_a_difference_beyond_the_tolerance_is_told():
    first, second = STORED
    name = "digits/harmonic/judge"
    assert told(STORED) == []
    assert told([first, replace(second, value=0.99)]) == []
    beyond = replace(second, value=0.85)
    assert told([first, beyond]) == [f"{name}: 0.95 stored, now 0.8500, ± 0.05"]
    assert told([second]) == ["digits/harmonic/psnr: only stored"]
    assert told([second], stored=[]) == [f"{name}: not stored"]
    assert told([first, replace(second, cases=21)]) == [f"{name}: 20 cases stored, now 21"]
    assert told([first, replace(second, value=np.nan)])


def test_an_unknown_experiment_is_named(capsys):
    with pytest.raises(ValueError, match="experiment: got 'magic', wanted one of"):
        catalogue.measure("magic")
    for action in ("measure", "compare"):
        with pytest.raises(SystemExit):
            command.main([action, "magic"])
        assert "no such experiment: magic; there are related-work" in capsys.readouterr().err


def test_without_a_command_all_experiments_are_listed(capsys):
    assert command.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(EXPERIMENTS)
    assert lines[1].split()[1:3] == ["84", "84"]


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An experiment that gives the values that its number of images gives."""

    def measure(*, count: int | None):
        values = np.linspace(0, 1, count or 10)
        yield numbers.mean("digits", "share", values, tolerance=0.01)

    monkeypatch.setitem(EXPERIMENTS, "made-up", Experiment("made up", measure, few=3))


@pytest.mark.usefixtures("made_up")
def test_what_is_measured_is_stored_and_compared(tmp_path: Path, capsys):
    place = ["made-up", "--folder", str(tmp_path)]
    assert command.main(["measure", *place]) == 0
    assert "made-up.csv: 1 numbers" in capsys.readouterr().out
    store = Store(tmp_path)
    found = store.get("made-up", "digits", "share")
    assert (found.experiment, found.value, found.cases) == ("made-up", 0.5, 10)
    assert found.versions == numbers.versions()
    assert store.get("made-up", "digits", "share", few=True).cases == 3
    assert command.main(["compare", *place]) == 0
    assert command.main(["compare", "--few", *place]) == 0
    assert capsys.readouterr().out == "made-up: as stored\n" * 2

    store.write("made-up", [replace(found, value=0.4, low=0.3)], few=True)
    assert command.main(["compare", *place]) == 0
    capsys.readouterr()
    assert command.main(["compare", "--few", *place]) == 1
    out = capsys.readouterr().out
    assert "made-up: digits/share: 0.4 stored, now 0.5000, ± 0.01" in out
    assert command.main(["measure", "--few", *place]) == 0
    assert command.main(["compare", "--few", *place]) == 0


def test_the_full_sets_are_asked_for(bundled_only, tmp_path, capsys):
    with pytest.raises(SystemExit):
        command.main(["measure", "energy", "--folder", str(tmp_path)])
    assert "set INPAINTLIB_DATA to a folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_asked_before_anything_is_measured(monkeypatch, capsys):
    monkeypatch.setattr(command, "measure", lambda *names, **few: pytest.fail("measured first"))
    assert command.main(["measure", "energy", "--folder", "/proc/self/numbers"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: folder: got /proc/self, wanted one that can be written (")
    assert error.count("\n") == 1
