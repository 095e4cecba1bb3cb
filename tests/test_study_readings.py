"""The readings of the paper: their sample, their networks, what is measured, and the page."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path

import joblib
import numpy as np
import pytest
import torch
from helpers import classifier, few, seeds
from hypothesis import given

from inpaintlib import holes
from inpaintlib.study import __main__ as command
from inpaintlib.study import multiverse, numbers, readings
from inpaintlib.study.protocol import Cases
from inpaintlib.study.readings import CHOICES, EFFORT, GIVEN, OF_NETWORK, Learned, Reading, Scaled

each_set = pytest.mark.parametrize("name", EFFORT)

READING = Reading(
    network="LeNet-5",
    loss="cross-entropy",
    output="probabilities",
    training="whole images",
    input="0 to 1",
    start="harmonic",
    region="whole image",
    jitter="0",
    binary="none",
    clipping="yes",
    steps="300",
)


def cases(count: int = 3) -> Cases:
    """Random images with a square hole."""
    images = np.random.default_rng(0).random((count, 16, 16), dtype=np.float32)
    hole = holes.rectangle((16, 16), top=4, left=5, height=6, width=6)
    return Cases.of(images, np.repeat(hole[None], count, axis=0), np.arange(count), data="none")


@each_set
def test_each_option_is_drawn_as_often_as_it_is_listed(name):
    effort = EFFORT[name]._replace(readings=60)
    drawn = readings.design(name, effort, seed=3)
    assert len(drawn) > 50  # two draws may be the same
    assert len(set(drawn)) == len(drawn)
    for choice in ("output", "start", "jitter", "clipping", "steps"):
        options = CHOICES[choice]
        for option in set(options):
            count = sum(getattr(one, choice) == option for one in drawn)
            expected = 60 * options.count(option) / len(options)
            assert expected - (60 - len(drawn)) <= count <= expected


@each_set
def test_a_given_network_leaves_no_choice_of_its_training(name):
    for one in readings.design(name, EFFORT[name]):
        given = [getattr(one, choice) == GIVEN for choice in OF_NETWORK]
        assert given == [one.output == "absolute"] * 4
        assert all(option in (*CHOICES[choice], GIVEN) for choice, option in asdict(one).items())
    assert {one.binary for one in readings.design("faces", EFFORT["faces"])} == {"none"}


def test_a_square_loss_is_that_of_the_content():
    square = replace(READING, loss="square")
    assert Learned.of(READING).loss == "cross-entropy"
    assert Learned.of(square).loss == "probabilities"
    assert Learned.of(replace(square, output="scores")).loss == "scores"


def test_a_scaled_network_shifts_its_input():
    torch.manual_seed(0)
    mean = torch.rand(16, 16)
    net = Scaled((16, 16), list("ab"), scale=2.0, offset=mean)
    images = torch.rand(3, 16, 16)
    plain = Scaled((16, 16), list("ab"), scale=1.0, offset=torch.zeros(()))
    plain.load_state_dict({**net.state_dict(), "offset": torch.zeros(())})
    torch.testing.assert_close(net(images), plain(2 * images - mean))
    assert not torch.allclose(net(images), plain(images))


def recipe(reading: Reading, total_variation: float = 0.1):
    return readings.recipe_of(
        reading, classifier(), total_variation=total_variation, step_size=0.5, steps=4
    )


def test_a_reading_decides_its_recipe():
    plain = recipe(READING)
    assert (plain.content, plain.region, plain.start) == ("probabilities", "image", "harmonic")
    assert (plain.total_variation, plain.step_size, plain.max_steps) == (0.1, 0.5, 4)
    assert (plain.binary, plain.terms, plain.jitter) == (0, (), 0)
    growing = recipe(replace(READING, binary="growing", region="rim", jitter="4"))
    assert growing.binary == pytest.approx(readings.BINARY * 0.1)
    assert (growing.region, growing.jitter) == ("rim", 4)
    ((weight, term),) = recipe(replace(READING, binary="constant")).terms
    assert (weight, term.name) == (growing.binary, "binary")
    black = recipe(replace(READING, start="black", output="scores"))
    assert (black.start, black.start_value, black.content) == ("constant", 0, "scores")
    assert recipe(replace(READING, output="absolute")).content == "probabilities"


def test_without_clipping_pixels_leave_the_range_on_the_way_only():
    long = replace(recipe(READING, 0.0), step_size=50.0, max_steps=2)
    some = cases()
    free = readings.fill(long, some, clip=False)
    kept = readings.fill(long, some, clip=True)
    assert not np.array_equal(free.results, kept.results)
    for filled in (free, kept):
        assert filled.results.min() >= 0
        assert filled.results.max() <= 1
        np.testing.assert_array_equal(filled.results[~some.holes], some.images[~some.holes])


def test_the_pair_with_the_highest_psnr_comes_first():
    some, net = cases(), classifier()
    chosen = readings.ranked(READING, net, some, steps=3)
    found = {}
    for total_variation in readings.TRIED["probabilities"][0]:
        for step_size in readings.TRIED["probabilities"][1]:
            tried = readings.recipe_of(
                READING, net, total_variation=total_variation, step_size=step_size, steps=3
            )
            filled = readings.fill(tried, some, clip=True)
            found[total_variation, step_size] = readings.psnr(filled.results, some).mean()
    assert [one.psnr for one in chosen] == pytest.approx(sorted(found.values(), reverse=True))
    for one in chosen:
        assert found[one.total_variation, one.step_size] == pytest.approx(one.psnr)


def test_a_descent_that_overflows_is_not_chosen(monkeypatch):
    monkeypatch.setitem(readings.TRIED, "scores", ((0.1,), (1e30, 1e-3)))
    free = replace(READING, output="scores", clipping="no")
    (only,) = readings.ranked(free, classifier(), cases(), steps=5)
    assert only.step_size == 1e-3


def test_a_local_dask_cluster_of_two_workers_does_the_work():
    from dask.distributed import LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        command.workers(jobs=1, cluster=cluster.scheduler_address),
    ):
        assert readings._each("squares", pow, [(number, 2) for number in range(5)]) == [
            number * number for number in range(5)
        ]


def test_the_command_wants_a_process(capsys):
    with pytest.raises(SystemExit):
        command.main(["measure", "readings-digits", "--few", "--jobs", "0"])
    assert "--jobs: got 0, wanted the number of processes" in capsys.readouterr().err


def test_a_cluster_needs_its_package(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    wanted = ["--few", "--folder", str(tmp_path), "--cluster", "tcp://127.0.0.1:1"]
    with pytest.raises(SystemExit):
        command.main(["measure", "readings-digits", *wanted])
    assert "pip install 'inpaintlib[cluster]'" in capsys.readouterr().err


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path):
    memory = joblib.Memory(tmp_path, verbose=0)
    calls = tmp_path / "calls"

    def work(number: int) -> int:
        with calls.open("a", encoding="utf-8") as file:
            file.write(f"{number}\n")
        if number == 2 and len(calls.read_text(encoding="utf-8").split()) < 4:
            raise KeyboardInterrupt
        return number

    kept = memory.cache(work)
    wanted = [(number,) for number in range(4)]
    with pytest.raises(KeyboardInterrupt):
        readings._each("work", kept, wanted)
    assert readings._each("work", kept, wanted) == [0, 1, 2, 3]
    assert calls.read_text(encoding="utf-8").split() == ["0", "1", "2", "2", "3"]


@given(seed=seeds)
@few
def test_what_options_explain_is_corrected_for_chance(seed):
    rng = np.random.default_rng(seed)
    alike = [rng.normal(size=40) for _ in range(4)]
    apart = [group + 20 * number for number, group in enumerate(alike)]
    assert 0 <= multiverse._explained(alike) < 0.3
    assert 0.95 < multiverse._explained(apart) <= 1
    assert multiverse._explained([np.ones(3), np.ones(3)]) == 0


@each_set
def test_every_reading_of_the_design_is_stored(name):
    measured = numbers.read(f"readings-{name}")
    wanted = {str(one) for one in multiverse.drawn(name)}
    assert set(measured.subjects()) == {*wanted, f"paper-{name}"}
    assert len(wanted) >= {"digits": 200, "faces": 60}[name]
    assert min(number.cases for number in measured.values()) >= 60


@each_set
def test_the_shares_of_the_claims_table_are_those_of_the_numbers(name):
    measured = numbers.read(f"readings-{name}")
    lines = multiverse.claims_table().data.splitlines()
    for says, score in multiverse.OF_EACH.items():
        found = [measured[str(one), score] for one in multiverse.drawn(name)]
        holds = np.mean([n.low > 0 if np.isfinite(n.low) else n.value > 0 for n in found])
        (line,) = [each for each in lines if f"| {says} | {name} |" in each]
        assert line.split(" | ")[2] == f"{holds:.0%}"


@each_set
def test_the_best_reading_is_chosen_on_validation_images(name):
    measured = numbers.read(f"readings-{name}")
    psnr = {one: measured[str(one), "validation psnr"].value for one in multiverse.drawn(name)}
    assert psnr[multiverse.best(name, trained=False)] == max(psnr.values())
    literal = multiverse.best(name, trained=True)
    assert literal.output != "absolute"
    assert psnr[literal] == max(v for one, v in psnr.items() if one.output != "absolute")


def test_the_page_tells_what_the_code_does():
    page = (Path(__file__).parent.parent / "book" / "readings.md").read_text(encoding="utf-8")
    assert "of the binary penalty is three times λ" in " ".join(page.split())
    assert readings.BINARY == 3
    assert "descents of 2,000 steps" in page
    assert max(map(int, CHOICES["steps"])) == 2000
    assert "All combinations would be tens of thousands." in page
    assert 10_000 < np.prod([len(set(options)) for options in CHOICES.values()]) < 100_000


def test_starts_from_noise_and_from_black_gain_most():
    means = multiverse.effect("digits", "start", "psnr minus start").means
    assert set(list(means)[:2]) == {"noise", "black"}


@each_set
def test_the_summary_tells_the_shares_of_the_numbers(name):
    measured = numbers.read(f"readings-{name}")
    told = multiverse.summary().data.splitlines()[list(EFFORT).index(name)]
    for absolute in (False, True):
        some = [
            measured[str(one), "psnr minus harmonic"].low > 0
            for one in multiverse.drawn(name)
            if (one.output == "absolute") == absolute
        ]
        assert f" {sum(some)} of {len(some)}" in told
