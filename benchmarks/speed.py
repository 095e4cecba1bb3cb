"""Speed of the descent beside a plain per-image autograd loop, in one run: a benchmark, not a test.

    python benchmarks/speed.py

Prints, for batches of 1, 16 and 256 digits, image-steps a second of both, their ratio, and the
peak memory of the process. One thread: the networks are small, and a second thread costs more
than it computes.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from inpaintlib import classifiers, datasets, holes, inpaint

RECIPE = {"recipe": "paper-digits", "binary": 0.0, "tolerance": 0.0}


def plain_loop(image: Tensor, hole: Tensor, label: int, *, steps: int) -> Tensor:
    """Algorithm 1 for one image, written as one would at first: autograd for everything."""
    net = classifiers.load("digits-patches")
    target = torch.nn.functional.one_hot(torch.tensor([label]), 10).float()
    x = torch.where(hole, 0.5, image)
    for _ in range(steps):
        x = x.detach().requires_grad_()
        content = (net(x[None]).softmax(dim=1) - target).square().sum()
        variation = x.diff(dim=0).abs().sum() + x.diff(dim=1).abs().sum()
        (content + 0.001 * variation).backward()
        x = torch.where(hole, (x - 0.1 * x.grad).clamp(0, 1), image)
    return x


def seconds(action: Callable[[], object], *, repeats: int = 3) -> float:
    """Return the shortest of a few runs, in seconds."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100, help="steps of each descent")
    steps = parser.parse_args().steps
    torch.set_num_threads(1)
    digits = datasets.load("digits", split="test", source="bundled")
    images = digits.images[:256]
    missing = np.stack([holes.square_on_ink(x, side=12, seed=i) for i, x in enumerate(images)])

    one = torch.from_numpy(images[0]), torch.from_numpy(missing[0]), int(digits.labels[0])
    plain = steps / seconds(lambda: plain_loop(*one, steps=steps))
    print(f"torch {torch.__version__}, one thread, {steps} steps; image-steps a second:")
    print(f"{'batch':>6}{'inpaintlib':>12}{'plain loop':>12}{'ratio':>7}{'peak memory':>13}")
    for batch in (1, 16, 256):
        run = images[:batch], missing[:batch], digits.labels[:batch]
        ours = batch * steps / seconds(lambda run=run: inpaint(*run, max_steps=steps, **RECIPE))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{batch:6}{ours:12,.0f}{plain:12,.0f}{ours / plain:7.1f}{memory:10.0f} MB")


if __name__ == "__main__":
    main()
