"""Speed of the descent, everything in one run: a benchmark, not a test.

    python benchmarks/speed.py

Prints image-steps per second in both precisions, compared with a plain autograd loop for one image
and with the bare matrix products of a step; the seconds of whole calls of the best recipes, with
one thread and with two; and, where a C++ compiler is found, the gain of torch.compile.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from inpaintlib import classifiers, datasets, holes, inpaint
from inpaintlib.networks import LeNet

RECIPE = {"recipe": "paper-digits", "binary": 0.0, "tolerance": 0.0}


def plain_loop(
    image: Tensor,
    hole: Tensor,
    label: int,
    *,
    net: LeNet,
    total_variation: float,
    step_size: float,
    steps: int,
) -> Tensor:
    """Algorithm 1 for one image in the simplest way: autograd for everything."""
    target = torch.nn.functional.one_hot(torch.tensor([label]), len(net.classes)).float()
    x = torch.where(hole, 0.5, image)
    for _ in range(steps):
        x = x.detach().requires_grad_()
        content = (net(x[None]).softmax(dim=1) - target).square().sum()
        variation = x.diff(dim=0).abs().sum() + x.diff(dim=1).abs().sum()
        (content + total_variation * variation).backward()
        x = torch.where(hole, (x - step_size * x.grad).clamp(0, 1), image)
    return x


class Seconds(NamedTuple):
    """The shortest of a few runs: on the clock, and on the processor."""

    wall: float
    cpu: float


def seconds(action: Callable[[], object], *, repeats: int = 3) -> Seconds:
    """Time a few runs. A busy machine lengthens the wall time more than the CPU time."""
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        action()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Seconds(min(walls), min(cpus))


def products(net: LeNet, batch: int) -> Callable[[], object]:
    """Return a function that does only the multiplications which a step cannot avoid.

    A forward pass multiplies each layer's input, as a matrix, with its weights; the backward pass
    to the input multiplies as much again.
    """
    generator = torch.Generator().manual_seed(0)
    pairs = []

    def note(layer: nn.Module, _: object, output: Tensor) -> None:
        weights = layer.weight.flatten(1).T
        rows = output.numel() // weights.shape[1]
        pairs.append((torch.rand(rows, len(weights), generator=generator), weights))

    layers = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(note) for layer in layers]
    net(torch.zeros(batch, *net.shape))
    for hook in hooks:
        hook.remove()
    return lambda: [(inputs @ weights) @ weights.T for inputs, weights in pairs]


def steps_of_a_plain_loop(steps: int) -> None:
    """Compare the package's steps with those of the plain loop and with the matrix products."""
    images, missing, labels = digits(256)
    one = torch.from_numpy(images[0]), torch.from_numpy(missing[0]), int(labels[0])
    net = classifiers.load("digits-patches").scores
    settings = {"net": net, "total_variation": 0.001, "step_size": 0.1, "steps": steps}
    plain = seconds(lambda: plain_loop(*one, **settings))
    print(f"one thread, {steps} steps; image-steps per second, on the clock / per CPU second:")
    print(f"{'batch':>6}{'float64':>17}{'float32':>17}{'plain loop':>17}{'products alone':>17}")
    for batch in (1, 16, 256):
        run = images[:batch], missing[:batch], labels[:batch]
        work = batch * steps
        cells = []
        for precision in ("float64", "float32"):
            options = {"precision": precision, "max_steps": steps, **RECIPE}
            cells.append(rates(work, seconds(lambda run=run, o=options: inpaint(*run, **o))))
        cells.append(rates(steps, plain) if batch == 1 else "")
        cells.append(rates(batch, seconds(products(net, batch), repeats=steps)))
        print(f"{batch:6}" + "".join(f"{cell:>17}" for cell in cells))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {memory:.0f} MB")


def rates(work: int, taken: Seconds) -> str:
    """Return how much is done in a second on the clock, and in one of the processor."""
    return f"{work / taken.wall:,.0f} / {work / taken.cpu:,.0f}"


def whole_recipes() -> None:
    """Time whole calls of the best recipes in both precisions, with one thread and with two."""
    print("\nwhole calls, seconds on the clock / of the processor:")
    print(f"{'recipe':<14}{'images':>7}{'precision':>11}{'1 thread':>15}{'2 threads':>15}")
    faces = datasets.load("faces-att", split="test")
    band = holes.rectangle(faces.images.shape[1:], top=12, left=4, height=10, width=34)
    runs = {
        ("digits", 1): digits(1),
        ("digits", 256): digits(256),
        ("faces-att", 1): (faces.images[:1], band, faces.labels[:1]),
    }
    for (recipe, batch), run in runs.items():
        for precision in ("float64", "float32"):
            cells = []
            for threads in (1, 2):
                torch.set_num_threads(threads)
                options = {"recipe": recipe, "precision": precision}
                taken = seconds(lambda run=run, o=options: inpaint(*run, **o))
                cells.append(f"{taken.wall:.2f} / {taken.cpu:.2f}")
            print(f"{recipe:<14}{batch:7}{precision:>11}" + "".join(f"{c:>15}" for c in cells))
    torch.set_num_threads(1)


def compiled(steps: int) -> None:
    """Compare the plain classifier with the result of torch.compile."""
    print("\nforward and backward pass of digits-robust, milliseconds of CPU time:")
    print(f"{'batch':>6}{'plain':>10}{'compiled':>10}")
    net = classifiers.load("digits-robust").scores
    faster = torch.compile(net)

    def sweep(classifier: Callable[[Tensor], Tensor], x: Tensor) -> None:
        for _ in range(steps):
            torch.autograd.grad(classifier(x.requires_grad_()).sum(), x)

    for batch in (1, 256):
        x = torch.rand(batch, *net.shape, generator=torch.Generator().manual_seed(0))
        sweep(faster, x)  # compiles
        taken = [seconds(lambda c=c, x=x: sweep(c, x)) for c in (net, faster)]
        times = [1000 * sweeps.cpu / steps for sweeps in taken]
        print(f"{batch:6}{times[0]:10.2f}{times[1]:10.2f}")


def digits(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return test digits with squares on ink, and their labels."""
    some = datasets.load("digits", split="test")[:count]
    return some.images, holes.squares_on_ink(some.images, sides=[12]), some.labels


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100, help="steps of each descent")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}")
    steps_of_a_plain_loop(options.steps)
    whole_recipes()
    if shutil.which("c++"):
        compiled(options.steps)
    else:
        print("\ntorch.compile: no C++ compiler here")


if __name__ == "__main__":
    main()
