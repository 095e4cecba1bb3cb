"""The world around a call: modes, threads and processes change no result, and stay as they are."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from helpers import SMALL, classifier, lenet, missing, pictures, untouched_random_numbers

from inpaintlib import (
    baselines,
    classifiers,
    datasets,
    fitting,
    gaussians,
    holes,
    inpaint,
    metrics,
    training,
)
from inpaintlib._ambient import one_thread, seeded
from inpaintlib.augment import Moves
from inpaintlib.descent import descend, random_views
from inpaintlib.energy import Binary, CrossEntropy, TotalVariation

NET = classifier()
IMAGES, HOLES = pictures(2, *SMALL).numpy().astype(np.float32), missing(2).numpy()


@contextmanager
def default_precision(precision: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(precision)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


#: The modes that a caller may be in.
WORLDS: dict[str, Callable[[], Any]] = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "device meta": lambda: torch.device("meta"),
    "float64 by default": lambda: default_precision(torch.float64),
    "float16 by default": lambda: default_precision(torch.float16),
    "anomalies": lambda: torch.autograd.set_detect_anomaly(True),
    "strict NumPy": lambda: np.errstate(all="raise"),
    "strict warnings": lambda: warnings.catch_warnings(action="error"),
}


def filled(precision: str = "float64", **settings: Any) -> list[np.ndarray]:
    """A short descent with every term and every draw; everything that came out."""
    result = inpaint(
        IMAGES,
        HOLES,
        [3, 8],
        classifier=NET,
        total_variation=0.01,
        binary=0.05,
        content="cross-entropy",
        max_steps=3,
        precision=precision,
        **{"start": "noise", "jitter": 1, "patches": 2, "window_sides": (5, 9)} | settings,
    )
    terms = result.history.terms.values()
    return [result.image, result.start, result.probability, result.history.energy, *terms]


def descended() -> list[np.ndarray]:
    images, gaps = torch.from_numpy(IMAGES).double(), torch.from_numpy(HOLES)
    energy = CrossEntropy(NET, torch.tensor([3, 8], device="cpu")) + 0.1 * TotalVariation()
    views = random_views(SMALL, jitter=2, seed=0)
    ended = descend(energy, images, gaps, step_size=0.1, max_steps=3, views=views)
    return [ended.images.numpy(), ended.history.energy]


def scored() -> list[np.ndarray]:
    other = np.where(HOLES, np.float32(0.5), IMAGES)
    return [
        metrics.psnr(IMAGES, other, HOLES),
        metrics.ssim(IMAGES, other, HOLES),
        metrics.probabilities(IMAGES, classifier=NET),
        baselines.total_variation(IMAGES, HOLES, steps=5),
    ]


def loaded() -> list[np.ndarray]:
    images = torch.full((1, 28, 28), 0.5, dtype=torch.float32, device="cpu")
    nets = [classifiers.load(name) for name in ("digits-patches", "digits-gaussians")]
    return [net.probabilities(images).numpy() for net in nets]


def learned() -> list[np.ndarray]:
    """Networks that are trained on the spot, from seeded first weights."""
    pairs = metrics.Pairs(IMAGES, np.where(HOLES, np.float32(0.5), IMAGES), HOLES)
    prior = baselines.deep_image_prior(IMAGES[0], HOLES[0], steps=2)
    return [metrics.realism(pairs, pairs, steps=2, batch=2), prior]


def trained() -> list[np.ndarray]:
    """What training makes of images, and what it shows of them."""
    images = torch.from_numpy(np.resize(IMAGES, (6, *SMALL)))
    labels = torch.tensor([0, 1] * 3, device="cpu")
    absolute = fitting.FitTraining(
        scale=1.0, pool=6, steps=2, batch=3, chains=6, mixed=0.5, channels=(2, 2, 2), hidden=4
    )
    settings = gaussians.Fit(directions=2, floor=0.1, moves=Moves(shift=0.1, mirror=True), copies=1)
    rule = training.Training(
        epochs=1,
        batch=3,
        learning_rate=1e-3,
        robust=0.5,
        gain=2.0,
        sides=(5, 9),
        moves=Moves(shift=0.1, turn=5, mirror=True),
    )
    nets = [
        fitting.train(absolute, images, labels, ["a", "b"], name="absolute"),
        gaussians.fit(settings, images, labels, ["a", "b"], name="gaussians"),
        training.train(rule, images, labels, ["a", "b"], name="robust"),
    ]
    weights = [tensor.numpy() for net in nets for tensor in net.state_dict().values()]
    perturbed = training.perturb(nets[2], images, labels, length=0.5)
    return [*weights, perturbed.numpy()]


def evaluated() -> list[np.ndarray]:
    images = torch.from_numpy(IMAGES).double()
    energy = CrossEntropy(NET, torch.tensor([3, 8], device="cpu")) + 0.1 * TotalVariation()
    found = energy.evaluate(images)
    return [energy(images).numpy(), found.energy.numpy(), found.gradient.numpy()]


COMPUTED: dict[str, Callable[[], list[np.ndarray]]] = {
    "inpaint": filled,
    "inpaint in float32": lambda: filled("float32"),
    "inpaint from a harmonic start": lambda: filled(start="harmonic", region="rim"),
    "descend": descended,
    "scores": scored,
    "shipped classifiers": loaded,
    "learned": learned,
    "trained": trained,
    "evaluated": evaluated,
}


def bits(arrays: list[np.ndarray]) -> list[bytes]:
    return [array.tobytes() for array in arrays]


def surroundings() -> tuple[Any, ...]:
    """Everything that a call could leave changed."""
    return (
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.get_default_device(),
        torch.get_default_dtype(),
        torch.get_num_threads(),
        torch.is_anomaly_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        list(warnings.filters),
        np.geterr(),
        threading.active_count(),
    )


@pytest.mark.parametrize("compute", COMPUTED.values(), ids=COMPUTED)
def test_a_result_is_bit_for_bit_the_same_in_every_world_and_leaves_it_as_it_was(compute):
    usual = bits(compute())
    for name, world in WORLDS.items():
        with untouched_random_numbers(), world():
            before = surroundings()
            assert bits(compute()) == usual, name
            assert surroundings() == before, name


def test_tensors_of_inference_mode_serve_outside_of_it():
    with torch.inference_mode():
        images, gaps = torch.from_numpy(IMAGES).clone(), torch.from_numpy(HOLES).clone()
        net = classifiers.of(lenet(), name="made there")
    assert images.is_inference()
    ended = descend(1.0 * Binary(), images, gaps, step_size=0.1, max_steps=2)
    assert not ended.images.is_inference()
    assert torch.isfinite(inpaint(images, gaps, 3, classifier=net, max_steps=2).image).all()


def test_threads_at_once_agree_and_give_their_number_back():
    shown = datasets.load("digits", split="test").images[:1]
    hole = holes.rectangle((28, 28), top=5, left=5, height=4, width=4)

    def one(_: int) -> bytes:
        return inpaint(shown, hole, 3, recipe="paper-digits", max_steps=3).image.tobytes()

    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        alone = one(0)
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(one, range(8))) == {alone}
        assert torch.get_num_threads() == 3
        with ThreadPoolExecutor(1) as pool:  # a thread that begins later gets torch's number
            assert pool.submit(torch.get_num_threads).result() == 3
    finally:
        torch.set_num_threads(before)


def test_a_thread_that_begins_while_another_computes_has_the_number_of_all_others():
    held, done = threading.Event(), threading.Event()

    def hold() -> int:
        with one_thread():
            held.set()
            assert done.wait(60)
            return torch.get_num_threads()

    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with ThreadPoolExecutor(1) as busy, ThreadPoolExecutor(1) as late:
            computing = busy.submit(hold)
            assert held.wait(60)
            assert late.submit(torch.get_num_threads).result() == 3
            done.set()
            assert computing.result() == 1
            assert busy.submit(torch.get_num_threads).result() == 3
    finally:
        torch.set_num_threads(before)


def test_one_thread_inside_of_one_thread_stays_one():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_thread():
            with one_thread():
                assert torch.get_num_threads() == 1
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_two_threads_that_draw_first_weights_do_not_mix_them():
    def draw(seed: int) -> list[float]:
        with seeded(seed):
            return [torch.rand(()).item() for _ in range(200)]

    alone = [draw(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(draw, range(4))) == alone


def test_an_event_loop_may_ask():
    async def ask() -> list[bytes]:
        inside = bits(filled())
        assert bits(await asyncio.to_thread(filled)) == inside
        return inside

    assert asyncio.run(ask()) == bits(filled())


FORKS = """
import os, sys, threading, numpy as np
from inpaintlib import inpaint, holes
from inpaintlib._ambient import one_thread

hole = holes.rectangle((28, 28), top=5, left=5, height=4, width=4)
images = np.full((64, 28, 28), 0.5)  # enough of them for torch to share the work out
def one():
    return inpaint(images, hole, 3, recipe="paper-digits", max_steps=3).image.tobytes()

alone, held, done = one(), threading.Event(), threading.Event()
def hold():
    with one_thread():
        held.set(); done.wait()
thread = threading.Thread(target=hold); thread.start(); held.wait()
child = os.fork()
if child == 0:
    os._exit(0 if one() == alone else 1)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
done.set(); thread.join()
sys.exit(status)
"""


@pytest.mark.skipif(not hasattr(sys, "getdlopenflags"), reason="only Unix forks")
def test_a_forked_process_may_ask_even_while_a_thread_of_its_parent_computes():
    ran = subprocess.run(
        [sys.executable, "-c", FORKS],
        env=os.environ | {"OMP_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
