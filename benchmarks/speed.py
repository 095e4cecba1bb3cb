"""Speed of the descent, everything in one run: a benchmark, not a test.

    python benchmarks/speed.py

Prints image-steps per second, compared with a plain per-image autograd loop, with the peak memory
of the process; the seconds of whole calls of the best recipes, with one thread and with two; and,
where a C++ compiler is found, the gain of torch.compile.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from inpaintlib import classifiers, datasets, holes, inpaint
from inpaintlib.classifiers import LeNet

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


def seconds(action: Callable[[], object], *, repeats: int = 3) -> float:
    """Return the shortest of a few runs, in seconds."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return min(times)


def steps_of_a_plain_loop(steps: int) -> None:
    """Compare the package's steps with those of the plain loop."""
    images, missing, labels = digits(256)
    one = torch.from_numpy(images[0]), torch.from_numpy(missing[0]), int(labels[0])
    settings = {"net": classifiers.load("digits-patches"), "total_variation": 0.001}
    plain = steps / seconds(lambda: plain_loop(*one, **settings, step_size=0.1, steps=steps))
    print(f"one thread, {steps} steps; image-steps per second:")
    print(f"{'batch':>6}{'inpaintlib':>12}{'plain loop':>12}{'ratio':>7}{'peak memory':>13}")
    for batch in (1, 16, 256):
        run = images[:batch], missing[:batch], labels[:batch]
        ours = batch * steps / seconds(lambda run=run: inpaint(*run, max_steps=steps, **RECIPE))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{batch:6}{ours:12,.0f}{plain:12,.0f}{ours / plain:7.1f}{memory:10.0f} MB")


def whole_recipes() -> None:
    """Time whole calls of the best recipes, with one thread and with two."""
    print("\nwhole calls, seconds:")
    print(f"{'recipe':<14}{'images':>7}{'1 thread':>10}{'2 threads':>11}")
    faces = datasets.load("faces", split="test")
    band = holes.rectangle(faces.images.shape[1:], top=12, left=4, height=10, width=34)
    for recipe, batch in (("digits", 1), ("digits", 256), ("faces", 1)):
        if recipe == "digits":
            run = tuple(array[:batch] for array in digits(batch))
        else:
            run = faces.images[:batch], band, faces.labels[:batch]
        times = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            times.append(seconds(lambda run=run, recipe=recipe: inpaint(*run, recipe=recipe)))
        torch.set_num_threads(1)
        print(f"{recipe:<14}{batch:7}{times[0]:10.2f}{times[1]:11.2f}")


def compiled(steps: int) -> None:
    """Compare the plain classifier with the result of torch.compile."""
    print("\nforward and backward pass of digits-robust, milliseconds:")
    print(f"{'batch':>6}{'plain':>10}{'compiled':>10}")
    net = classifiers.load("digits-robust")
    faster = torch.compile(net)

    def sweep(classifier: Callable[[Tensor], Tensor], x: Tensor) -> None:
        for _ in range(steps):
            torch.autograd.grad(classifier(x.requires_grad_()).sum(), x)

    for batch in (1, 256):
        x = torch.rand(batch, *net.shape, generator=torch.Generator().manual_seed(0))
        sweep(faster, x)  # compiles
        times = [1000 * seconds(lambda c=c, x=x: sweep(c, x)) / steps for c in (net, faster)]
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
