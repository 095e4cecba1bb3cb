r"""The descent: Algorithm 1 of the paper, over any energy.

Each step moves the missing pixels, and no others, against the gradient:

.. math:: X \leftarrow X - \mu \nabla E(X)

until :math:`\|\nabla E\| \le \epsilon` or a limit of steps. Explained in the chapter
*The algorithm*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from inpaintlib import checks
from inpaintlib.energy import Energy, Term, View
from inpaintlib.holes import over

#: Called with the step and the batch of images of that step; True stops the descent.
Callback = Callable[[int, Tensor], bool | None]


@dataclass(frozen=True)
class Views:
    r"""The classifier's input in one step: the shifted image, or windows of it.

    Called with images ``(B, H, W)`` it returns ``(V, B, H, W)``, and likewise in colour. The
    gradient through a view is shifted back by the exact inverse, as in paper section 3.4, so that
    the image itself never moves. The draw is the same for every image of a batch.

    Attributes:
        shift: Circular shift in rows and columns, pixels.
        windows: The pixels kept, bool ``(V, H, W)``, or None for the whole image.
    """

    shift: tuple[int, int] = (0, 0)
    windows: Tensor | None = None

    @classmethod
    def draw(
        cls,
        shape: tuple[int, int],
        *,
        jitter: int,
        patches: int,
        sides: tuple[int, int],
        generator: torch.Generator,
    ) -> Views:
        """Draw a step's shift and windows.

        Args:
            shape: Height and width of the images.
            jitter: The shift is uniform in [-jitter, jitter] on each axis.
            patches: How many windows; 0 for the whole image.
            sides: Smallest and largest side of the square windows, in pixels.
            generator: Source of the random numbers.
        """
        shift = torch.randint(-jitter, jitter + 1, (2,), generator=generator).tolist()
        windows = (
            random_windows(patches, shape, sides=sides, generator=generator) if patches else None
        )
        return cls((shift[0], shift[1]), windows)

    def __call__(self, images: Tensor) -> Tensor:
        """Return the views, in a first dimension of their own, of a batch of images."""
        shifted = images.roll(self.shift, dims=(-2, -1))
        if self.windows is None:
            return shifted.unsqueeze(0)
        alike = (len(self.windows), *(1 for _ in images.shape[:-2]), *images.shape[-2:])
        return shifted * self.windows.reshape(alike).to(images.device)


def random_views(
    shape: tuple[int, int],
    *,
    jitter: int = 0,
    patches: int = 0,
    window_sides: tuple[int, int] = (7, 20),
    seed: int | torch.Generator = 0,
) -> Iterator[Views]:
    """Return the classifier's view in each step of a descent, drawn again each time.

    Args:
        shape: Height and width of the images.
        jitter: Largest shift in pixels, on each axis.
        patches: Number of random windows of the image, instead of the whole image.
        window_sides: Smallest and largest side of these windows, in pixels.
        seed: Of the draws, or their generator.

    Returns:
        An endless iterator of views, for :func:`descend`.

    Raises:
        TypeError: A setting is not a whole number.
        ValueError: A setting is out of range.

    Paper section 3.4; explained in the chapter *Improvements*.
    """
    checks.whole_number("jitter", jitter, 0)
    checks.whole_number("patches", patches, 0)
    generator = checks.generator_of("seed", seed)
    if patches and not 1 <= window_sides[0] <= window_sides[1] <= min(shape):
        raise ValueError(
            f"window_sides: got {window_sides}, "
            f"wanted the smallest and the largest side, from 1 to {min(shape)}"
        )
    return (
        Views.draw(shape, jitter=jitter, patches=patches, sides=window_sides, generator=generator)
        for _ in repeat(None)
    )


def random_windows(
    count: int, shape: tuple[int, int], *, sides: tuple[int, int], generator: torch.Generator
) -> Tensor:
    """Draw square windows of random side and place, as in patch training (paper 3.4, 4.1).

    Args:
        count: How many.
        shape: Height and width of the images.
        sides: Smallest and largest side in pixels, both inclusive.
        generator: Source of the random numbers.

    Returns:
        bool ``(count, H, W)``, True inside the window.
    """
    side = torch.randint(sides[0], sides[1] + 1, (count, 1), generator=generator)
    place = torch.rand(2, count, 1, generator=generator)
    inside = []
    for fraction, length in zip(place, shape, strict=True):
        begin = (fraction * (length - side + 1)).long()
        pixels = torch.arange(length)
        inside.append((pixels >= begin) & (pixels < begin + side))
    rows, columns = inside
    return rows.unsqueeze(2) & columns.unsqueeze(1)


@dataclass(frozen=True)
class History:
    """Energy, terms and gradient norm, one row per step; row ``k`` is after ``k`` updates.

    For a batch every array is ``(steps + 1, B)``, with NaN after an image has stopped; for a
    single image ``(steps + 1,)``.

    Attributes:
        energy: The energy, through the step's view.
        terms: The value of each term by name, before its weight.
        gradient_norm: Euclidean norm of the gradient over the missing pixels.
    """

    energy: NDArray[np.floating]
    terms: dict[str, NDArray[np.floating]]
    gradient_norm: NDArray[np.floating]

    def __len__(self) -> int:
        return len(self.energy)

    def of(self, index: int, steps: int) -> History:
        """Return one image's history up to its own ``steps``, without the batch's dimension."""
        rows = np.s_[: steps + 1, index]
        terms = {name: values[rows] for name, values in self.terms.items()}
        return History(self.energy[rows], terms, self.gradient_norm[rows])


@dataclass(frozen=True)
class Descended:
    """Where a descent ended.

    Attributes:
        images: The batch, shaped like the starts.
        history: See :class:`History`.
        steps: Updates made to each image, int64 ``(B,)``.
        stopped: The reason for each image: ``"tolerance"``, ``"step limit"`` or ``"callback"``.
    """

    images: Tensor
    history: History
    steps: NDArray[np.int64]
    stopped: tuple[str, ...]


def descend(
    energy: Energy | Term,
    images: Tensor,
    holes: Tensor,
    *,
    step_size: float,
    max_steps: int,
    momentum: float = 0.0,
    tolerance: float = 0.0,
    views: Iterator[View] | None = None,
    callback: Callback | None = None,
    callback_every: int = 1,
) -> Descended:
    """Descend from ``images`` against the energy's gradient, inside the holes only.

    Known pixels stay bit-identical at every step; missing ones stay in [0, 1]. At a terminal, a
    descent that takes longer than a second shows a progress bar.

    Args:
        energy: The energy to minimise, or a single term.
        images: The starts in [0, 1], ``(B, H, W)`` or, in colour, ``(B, C, H, W)``.
        holes: bool ``(B, H, W)``, True where a pixel may change.
        step_size: The paper's μ.
        max_steps: The largest number of updates.
        momentum: Share of the last update that is added to each, in [0, 1); the paper has none
            :cite:p:`polyak1964some`.
        tolerance: The paper's ε: an image stops once its gradient norm is not above it.
        views: The classifier's view in each step, see :func:`random_views`; the whole image,
            without a shift, if None.
        callback: Called with the step's number and images, every ``callback_every`` steps
            from step 0 on; returning True stops the whole batch.
        callback_every: See ``callback``.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: A setting is out of range, or the shapes do not fit.

    Paper section 3.2, Algorithm 1; jitter from section 3.4. Explained in *The algorithm*.
    """
    if not isinstance(energy, Energy | Term):
        raise TypeError(f"energy: got {type(energy).__name__}, wanted an Energy or a Term")
    for argument, tensor in {"images": images, "holes": holes}.items():
        if not isinstance(tensor, Tensor):
            raise TypeError(f"{argument}: got {type(tensor).__name__}, wanted a torch tensor")
    images = checks.batch_of("images", images)
    if holes.dtype != torch.bool:
        raise TypeError(f"holes: got {holes.dtype}, wanted bool, True where missing")
    if holes.shape != (len(images), *images.shape[-2:]):
        raise ValueError(
            f"holes: got shape {tuple(holes.shape)}, "
            f"wanted one for each image, {(len(images), *images.shape[-2:])}"
        )
    checks.at_least("step_size", step_size, 0)
    checks.at_least("tolerance", tolerance, 0)
    checks.below_one("momentum", momentum)
    checks.whole_number("max_steps", max_steps, 0)
    checks.whole_number("callback_every", callback_every, 1)
    energy = energy if isinstance(energy, Energy) else 1.0 * energy
    inside = over(holes, images)
    running = torch.ones(len(images), dtype=torch.bool, device=images.device)
    before = images
    stopped = ["step limit"] * len(images)
    steps = torch.zeros_like(running, dtype=torch.int64)
    rows: list[dict[str, Tensor]] = []
    # Only at a terminal, so that nothing goes into files and notebooks.
    bar = tqdm(range(max_steps + 1), "descent", unit="step", delay=1, leave=False, disable=None)
    for step in bar:
        view = None if views is None else next(views)
        now = energy.evaluate(images, view=view, progress=step / max(max_steps, 1))
        norm = (now.gradient * inside).flatten(1).norm(dim=1)
        row = {"energy": now.energy, "gradient norm": norm, **now.terms}
        rows.append({name: value.where(running, torch.nan) for name, value in row.items()})
        for i in torch.nonzero(running & (norm <= tolerance)).flatten().tolist():
            running[i], stopped[i] = False, "tolerance"
        if callback is not None and step % callback_every == 0 and callback(step, images):
            stopped = [
                "callback" if active else why
                for active, why in zip(running.tolist(), stopped, strict=True)
            ]
            break
        if step == max_steps or not running.any():
            break
        moving = over(holes & running[:, None, None], images)
        moved = images - step_size * now.gradient + momentum * (images - before)
        before, images = images, torch.where(moving, moved.clamp(0, 1), images)
        steps += running
    bar.close()
    table = {name: torch.stack([row[name] for row in rows]).numpy(force=True) for name in rows[0]}
    history = History(table.pop("energy"), gradient_norm=table.pop("gradient norm"), terms=table)
    return Descended(images, history, steps.numpy(force=True), tuple(stopped))
