r"""The descent: Algorithm 1 of the paper, over any energy.

Each step moves the missing pixels, and no others, against the gradient:

.. math:: X \leftarrow X - \mu \nabla E(X)

until :math:`\|\nabla E\| \le \epsilon` or a limit of steps. Explained in the chapter
*The algorithm*.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from inpaintlib import checks
from inpaintlib._ambient import usual
from inpaintlib._signatures import checked
from inpaintlib.energy import Energy, Term, View, check_images
from inpaintlib.holes import over


class Diverged(ValueError):  # noqa: N818  # it says what happened
    """Energy, gradient or images became infinite or NaN on the way."""


#: Called with the step and a copy of the batch of images of that step; True stops the descent.
Callback = Callable[[int, Tensor], bool | None]


@dataclass(frozen=True, eq=False)
class Views:
    r"""The classifier's input in one step: the shifted image, or windows of it.

    Called with images ``(B, H, W)`` it returns ``(V, B, H, W)``, and likewise in colour. The
    gradient through a view is shifted back by the exact inverse, as in paper section 3.4, so that
    the image itself never moves. The draw is the same for every image of a batch.

    Attributes:
        shift: Circular shift in rows and columns, pixels.
        windows: The pixels kept, bool ``(V, H, W)``, or None for the whole image.

    Raises:
        TypeError: The shift or the windows are of the wrong kind.
        ValueError: The windows have another shape.
    """

    shift: tuple[int, int] = (0, 0)
    windows: Tensor | None = None

    def __post_init__(self) -> None:
        if not (isinstance(self.shift, tuple) and len(self.shift) == 2):
            raise TypeError(f"shift: got {checks.shown(self.shift)}, wanted rows and columns")
        for pixels in self.shift:
            if type(pixels) is not int:  # each step makes one
                checks.whole_number("shift", pixels, -checks.MOST)
        if self.windows is not None:
            checks.instance("windows", self.windows, Tensor, "a torch tensor")
            windows = checks.bools_of("windows", self.windows)
            if windows.ndim != 3 or not len(windows):
                raise ValueError(f"windows: got shape {tuple(windows.shape)}, wanted (V, H, W)")

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

        Raises:
            TypeError: An argument is of the wrong kind.
            ValueError: An argument is out of range.
        """
        checks.whole_number("jitter", jitter, 0)
        checks.whole_number("patches", patches, 0)
        checks.instance("generator", generator, torch.Generator, "a torch.Generator")
        shift = torch.randint(
            -jitter, jitter + 1, (2,), generator=generator, device=generator.device
        ).tolist()
        windows = (
            random_windows(patches, shape, sides=sides, generator=generator) if patches else None
        )
        return cls((shift[0], shift[1]), windows)

    def __call__(self, images: Tensor) -> Tensor:
        """Return the views, in a first dimension of their own, of a batch of images."""
        check_images(images)
        if self.windows is not None:
            sides = self.windows.shape[1:]
            checks.same_shape("images", images.shape[-2:], sides, "the windows")
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
    shape = checks.sides_of("shape", shape)
    checks.whole_number("jitter", jitter, 0)
    checks.whole_number("patches", patches, 0)
    generator = checks.generator_of("seed", seed)
    checks.whole_numbers_of("window_sides", window_sides, (2,), "two whole numbers")
    if patches:
        check_sides("window_sides", window_sides, shape)
    return (
        Views.draw(shape, jitter=jitter, patches=patches, sides=window_sides, generator=generator)
        for _ in repeat(None)
    )


def check_sides(argument: str, sides: tuple[int, int], shape: tuple[int, int]) -> None:
    """Check the smallest and the largest side of windows of an image.

    Raises:
        TypeError: Not two whole numbers.
        ValueError: The smallest is above the largest, or one is larger than the image.
    """
    low, high = checks.whole_numbers_of(argument, sides, (2,), "two whole numbers")
    if not low <= high <= min(shape):
        raise ValueError(
            f"{argument}: got {sides}, "
            f"wanted the smallest and the largest side, from 1 to {min(shape)}"
        )


@checked
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

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument is out of range.
    """
    checks.whole_number("count", count, 0)
    height, width = checks.sides_of("shape", shape)
    check_sides("sides", sides, (height, width))
    here = generator.device
    side = torch.randint(sides[0], sides[1] + 1, (count, 1), generator=generator, device=here)
    place = torch.rand(2, count, 1, generator=generator, dtype=torch.float32, device=here)
    inside = []
    for fraction, length in zip(place, shape, strict=True):
        begin = (fraction * (length - side + 1)).long()
        pixels = torch.arange(length, device=here)
        inside.append((pixels >= begin) & (pixels < begin + side))
    rows, columns = inside
    return rows.unsqueeze(2) & columns.unsqueeze(1)


@dataclass(frozen=True, eq=False)
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
        """Return one image's history up to its own ``steps``, without the batch's dimension.

        Raises:
            TypeError: An argument is not a whole number, or this is that of a single image.
            IndexError: There is no such image.
            ValueError: There are not as many steps.
        """
        if self.energy.ndim != 2:
            raise TypeError("index: got one into the history of a single image, wanted a batch's")
        index = checks.index_of("index", index, self.energy.shape[1])
        checks.whole_number("steps", steps, 0, len(self) - 1)
        rows = np.s_[: steps + 1, index]
        terms = {name: values[rows] for name, values in self.terms.items()}
        return History(self.energy[rows], terms, self.gradient_norm[rows])


@dataclass(frozen=True, eq=False)
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
    clip: bool = True,
    views: Iterator[View] | None = None,
    callback: Callback | None = None,
    callback_every: int = 1,
) -> Descended:
    """Descend from ``images`` against the energy's gradient, inside the holes only.

    Known pixels stay bit-identical at every step; missing ones stay in [0, 1] unless ``clip`` is
    False. At a terminal, a descent that takes longer than a second shows a progress bar.

    Args:
        energy: The energy to minimise, or a single term.
        images: The starts in [0, 1], ``(B, H, W)`` or, in colour, ``(B, C, H, W)``.
        holes: bool ``(B, H, W)``, True where a pixel may change.
        step_size: The paper's μ.
        max_steps: The largest number of updates.
        momentum: Share of the last update that is added to each, in [0, 1); the paper has none
            :cite:p:`polyak1964some`.
        tolerance: The paper's ε: an image stops once its gradient norm is not above it.
        clip: Whether missing pixels are kept in [0, 1] in each step. The paper does not say.
        views: The classifier's view in each step, see :func:`random_views`; the whole image,
            without a shift, if None.
        callback: Called with the step's number and a copy of its images, every
            ``callback_every`` steps from step 0 on; returning True stops the whole batch.
        callback_every: See ``callback``.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: A setting is out of range, also of the images' precision; or the shapes do not
            fit.
        Diverged: Energy, gradient or images became infinite or NaN on the way. It is a ValueError.

    Paper section 3.2, Algorithm 1; jitter from section 3.4. Explained in *The algorithm*.
    """
    checks.instance("energy", energy, (Energy, Term), "an Energy or a Term")
    for argument, tensor in {"images": images, "holes": holes}.items():
        checks.instance(argument, tensor, Tensor, "a torch tensor")
    checks.at_least("step_size", step_size, 0)
    checks.at_least("tolerance", tolerance, 0)
    checks.below_one("momentum", momentum)
    checks.truth("clip", clip)
    checks.whole_number("max_steps", max_steps, 0)
    checks.whole_number("callback_every", callback_every, 1)
    if views is not None:
        checks.instance("views", views, Iterator, "an iterator of views, as of random_views")
    if callback is not None:
        checks.function("callback", callback, "a function of the step and the images")
    with usual(images.device):
        images = checks.batch_of("images", images).clone()
        given = checks.bools_of("holes", holes)
        full = (len(images), *images.shape[-2:])
        if tuple(given.shape) != full:
            raise ValueError(
                f"holes: got shape {tuple(given.shape)}, wanted one for each image, {full}"
            )
        missing = checks.hole_of("holes", given, images.shape).to(images.device)
        energy = energy if isinstance(energy, Energy) else 1.0 * energy
        for setting, value in {"step_size": step_size, "tolerance": tolerance}.items():
            checks.in_precision(setting, value, images.dtype)
        for weight, term in energy.weighted:
            if not callable(weight):
                checks.in_precision(f"weight of {term.name}", weight, images.dtype)
        return _descended(
            energy,
            images,
            missing,
            step_size=float(step_size),
            max_steps=int(max_steps),
            momentum=float(momentum),
            tolerance=float(tolerance),
            clip=clip,
            views=views,
            callback=callback,
            callback_every=int(callback_every),
        )


def _descended(
    energy: Energy,
    images: Tensor,
    holes: Tensor,
    *,
    step_size: float,
    max_steps: int,
    momentum: float,
    tolerance: float,
    clip: bool,
    views: Iterator[View] | None,
    callback: Callback | None,
    callback_every: int,
) -> Descended:
    """Descend with arguments that are checked; see :func:`descend`."""
    inside = over(holes, images)
    running = torch.ones(len(images), dtype=torch.bool, device=images.device)
    before = images
    stopped = ["step limit"] * len(images)
    steps = torch.zeros_like(running, dtype=torch.int64)
    rows: list[dict[str, Tensor]] = []
    with _bar(max_steps + 1) as bar:
        for step in bar:
            view = None if views is None else _next(views, step, max_steps)
            now = energy.evaluate(images, view=view, progress=step / max(max_steps, 1))
            norm = (now.gradient * inside).flatten(1).norm(dim=1)
            row = {"energy": now.energy, "gradient norm": norm, **now.terms}
            rows.append({name: value.where(running, torch.nan) for name, value in row.items()})
            for i in torch.nonzero(running & (norm <= tolerance)).flatten().tolist():
                running[i], stopped[i] = False, "tolerance"
            asked = callback is not None and step % callback_every == 0
            if asked and _stops(callback, step, images):
                stopped = [
                    "callback" if active else why
                    for active, why in zip(running.tolist(), stopped, strict=True)
                ]
                break
            if step == max_steps or not running.any():
                break
            moving = over(holes & running[:, None, None], images)
            moved = images - step_size * now.gradient + momentum * (images - before)
            moved = moved.clamp(0, 1) if clip else moved
            before, images = images, torch.where(moving, moved, images)
            steps += running
    table = {name: torch.stack([row[name] for row in rows]).numpy(force=True) for name in rows[0]}
    updates = steps.numpy(force=True)
    _check_finite(table, updates, images)
    history = History(table.pop("energy"), gradient_norm=table.pop("gradient norm"), terms=table)
    return Descended(images, history, updates, tuple(stopped))


def _bar(count: int) -> AbstractContextManager[Iterable[int]]:
    """Return the numbers from 0 on; at a terminal, with a progress bar if they take long.

    Elsewhere there is no bar at all, since even a hidden one starts a thread that stays.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        return nullcontext(range(count))
    return tqdm(range(count), "descent", unit="step", delay=1, leave=False)


def _next(views: Iterator[View], step: int, max_steps: int) -> View:
    """Return the view of a step."""
    try:
        view = next(views)
    except StopIteration:
        raise ValueError(
            f"views: got {step}, wanted one for each step and one for the end, {max_steps + 1}"
        ) from None
    checks.function("views", view, "functions of images")
    return view


def _stops(callback: Callback | None, step: int, images: Tensor) -> bool:
    """Call a callback with a copy of the images; return whether it stops the descent.

    What is neither true nor false does not, such as the images, which a lambda may return.
    """
    assert callback is not None
    answer = callback(step, images.clone())
    try:
        return bool(answer)
    except (TypeError, ValueError, RuntimeError):
        return False


def _check_finite(
    table: dict[str, NDArray[np.floating]], steps: NDArray[np.int64], images: Tensor
) -> None:
    """Check that nothing became infinite or NaN while an image was on its way.

    Raises:
        Diverged: It did; the message has the term, the step and the image.
    """
    remedy = (
        "wanted finite numbers; see step_size, the weights of the terms, and the classifier's own"
    )
    on_the_way = np.arange(len(table["energy"]))[:, None] <= steps
    # The terms first: the energy is their sum.
    for name in sorted(table, key=lambda name: name in ("energy", "gradient norm")):
        wrong = np.argwhere(on_the_way & ~np.isfinite(table[name]))
        if len(wrong):
            step, image = wrong[0].tolist()
            raise Diverged(
                f"{name}: got {table[name][step, image]} at step {step} of image {image}, {remedy}"
            )
    if not images.isfinite().all():
        raise Diverged(f"images: got NaN at the end of the descent, {remedy}")
