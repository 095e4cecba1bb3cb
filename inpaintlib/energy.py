r"""The energy: a weighted sum of penalties of an image.

A term takes a batch of images, grey ``(B, H, W)`` or colour ``(B, C, H, W)``, and returns a number
per image; terms are scaled with ``*`` and added with ``+``. The paper's energy (section 3.1) is

.. math:: E(X) = \|\mathrm{softmax}(\mathrm{CNN}(X)) - \ell\|_2^2
          + \lambda\,(\|M_{TV} D_h X\|_1 + \|M_{TV} D_v X\|_1)

and is written ``ProbabilityDistance(classifier, labels) + 0.01 * TotalVariation()``.
Explained in the chapter *The energy*.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor
from torch.nn import functional

from inpaintlib import checks
from inpaintlib._ambient import usual
from inpaintlib.holes import over

#: Maps images to the classifier's input – V views of each, in a new first dimension,
#: ``(V, B, H, W)`` of ``(B, H, W)``.
View = Callable[[Tensor], Tensor]

#: Penalties ``(B,)`` of raw scores ``(B, K)`` for labels, int64 ``(B,)``.
Penalty = Callable[[Tensor, Tensor], Tensor]

#: Raw scores ``(B, K)`` of images, by a :class:`inpaintlib.classifiers.Classifier` or a function.
Scores = Callable[[Tensor], Tensor]

#: A weight, or how it changes while the descent's progress goes from 0 to 1.
Weight = float | Callable[[float], float]


class Term(ABC):
    """One penalty of the energy: images ``(B, H, W)`` or ``(B, C, H, W)`` in, values ``(B,)`` out.

    ``weight * term`` and ``term + term`` make an :class:`Energy`. A term of your own needs a
    ``name`` and ``__call__``; back-propagation gives its gradient.
    """

    #: The term's name in a history, a legend, a table.
    name: ClassVar[str]

    #: Whether the term uses the classifier, and so the step's view.
    sees_view: ClassVar[bool] = False

    @abstractmethod
    def __call__(self, images: Tensor) -> Tensor:
        """Return the values ``(B,)`` of a batch of images."""

    def of_views(self, views: Tensor) -> Tensor:
        """Return the values ``(V, B)`` of the V views of a batch, ``(V, B, …)``."""
        _check_views(views)
        return torch.stack([self(images) for images in views])

    def value_and_gradient(self, images: Tensor, view: View | None = None) -> tuple[Tensor, Tensor]:
        """Return the values ``(B,)`` and the gradients, shaped like the images.

        Args:
            images: The batch.
            view: Gives the classifier's input; the value is the mean over the views, and the
                gradient is propagated through them to the image. Terms with ``sees_view`` False
                ignore it.

        Raises:
            TypeError: The values are no tensor.
            ValueError: There is not one value for each image, or torch cannot differentiate them.
        """
        check_images(images)
        _check_view(view)
        with usual():
            images = images.detach().requires_grad_()
            if view is not None and self.sees_view:
                values = self.of_views(_seen(view, images)).mean(dim=0)
            else:
                values = self(images)
            self.check_values(values, images)
            if not values.requires_grad:
                raise ValueError(
                    f"{self.name}: got values without a gradient, wanted ones that torch can "
                    "differentiate with respect to the images"
                )
            (gradient,) = torch.autograd.grad(values.sum(), images)
        return values.detach(), gradient

    def check_values(self, values: Tensor, images: Tensor) -> None:
        """Check that there is one value for each image, so that none is spread over others.

        Raises:
            TypeError: The values are no tensor.
            ValueError: They have another shape than ``(B,)``.
        """
        if not isinstance(values, Tensor):
            raise TypeError(
                f"{self.name}: got {type(values).__name__}, wanted a tensor of values, one for "
                "each image"
            )
        if values.shape != images.shape[:1]:
            raise ValueError(
                f"{self.name}: got values of shape {tuple(values.shape)}, "
                f"wanted one for each image, {tuple(images.shape[:1])}"
            )

    def __mul__(self, weight: Weight) -> Energy:
        return Energy((weight, self))

    __rmul__ = __mul__

    def __add__(self, other: Term | Energy) -> Energy:
        return 1.0 * self + other


@dataclass(frozen=True, eq=False)
class Evaluation:
    """An energy at one batch of images.

    Attributes:
        energy: ``(B,)``.
        terms: The value of each term by name, before its weight, ``(B,)`` each.
        gradient: Of the energy with respect to every pixel, shaped like the images.
    """

    energy: Tensor
    terms: dict[str, Tensor]
    gradient: Tensor


class Energy:
    r"""A weighted sum of terms: :math:`E(X) = \sum_i w_i P_i(X)`.

    Made by scaling and adding terms. Paper section 3.1; explained in the chapter *The energy*.

    Args:
        *weighted: Pairs of a weight and a term.

    Raises:
        TypeError: A pair is none, or its weight neither a number nor a function.
        ValueError: There is no term, a weight is not finite, or two terms have the same name, so
            that a history could not tell them apart.
    """

    def __init__(self, *weighted: tuple[Weight, Term]) -> None:
        if not weighted:
            raise ValueError("terms: got none, wanted at least one with its weight")
        for pair in weighted:
            if not (isinstance(pair, tuple | list) and len(pair) == 2):
                raise TypeError(f"terms: got {checks.shown(pair)}, wanted a weight and a Term")
            checks.instance("terms", pair[1], Term, "a Term")
        names = [term.name for _, term in weighted]
        if len(set(names)) < len(names):
            raise ValueError(f"terms: got {', '.join(names)}, wanted each name once")
        self.weighted: tuple[tuple[Weight, Term], ...] = tuple(
            (weight if callable(weight) else checks.finite("terms", weight), term)
            for weight, term in weighted
        )

    def __add__(self, other: Term | Energy) -> Energy:
        more = 1.0 * other if isinstance(other, Term) else other
        if not isinstance(more, Energy):
            return NotImplemented
        return Energy(*self.weighted, *more.weighted)

    def __call__(self, images: Tensor, *, progress: float = 1.0) -> Tensor:
        """Return the energies ``(B,)`` of a batch of images, without shift or windows."""
        check_images(images)
        progress = checks.between("progress", progress, 0, 1)
        if not images.isfinite().all():
            raise ValueError("images: got NaN or infinity, wanted finite numbers")
        values = []
        with usual(), torch.no_grad():
            for weight, term in self.weighted:
                value = term(images.clone())
                term.check_values(value, images)
                values.append(_at(weight, progress) * value)
            return torch.stack(values).sum(dim=0)

    def evaluate(
        self, images: Tensor, *, view: View | None = None, progress: float = 1.0
    ) -> Evaluation:
        """Return the energy, its terms and its gradient at a batch of images.

        Args:
            images: The batch.
            view: The classifier's view in this step, see :class:`inpaintlib.descent.Views`.
            progress: Of the descent, in [0, 1], for weights that change.

        Raises:
            TypeError: The images are no tensor of floats, or a term's values no tensor.
            ValueError: A term gives values or a gradient of a wrong shape.
        """
        check_images(images)
        progress = checks.between("progress", progress, 0, 1)
        _check_view(view)
        with usual():
            # A tensor of inference mode could not be added to outside of it.
            energy = images.new_zeros(len(images))
            gradient = torch.zeros_like(images)
            terms = {}
            for weight, term in self.weighted:
                value, slope = term.value_and_gradient(images.clone(), view)
                term.check_values(value, images)
                if slope.shape != images.shape:
                    raise ValueError(
                        f"{term.name}: got a gradient of shape {tuple(slope.shape)}, "
                        f"wanted that of the images, {tuple(images.shape)}"
                    )
                energy += _at(weight, progress) * value
                gradient += _at(weight, progress) * slope
                terms[term.name] = value
        return Evaluation(energy, terms, gradient)


@dataclass(frozen=True)
class Ramp:
    """A weight that is 0 until progress ``begin`` and then grows linearly to ``end``.

    Raises:
        TypeError: A setting is not a number.
        ValueError: ``begin`` is outside [0, 1), or ``end`` is not finite.
    """

    end: float
    begin: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "end", checks.finite("end", self.end))
        object.__setattr__(self, "begin", checks.below_one("begin", self.begin))

    def __call__(self, progress: float) -> float:
        """Return the weight at ``progress`` in [0, 1]."""
        progress = checks.between("progress", progress, 0, 1)
        return self.end * max(progress - self.begin, 0.0) / (1 - self.begin)


class Content(Term):
    r"""Distance of the classifier's output from the desired label; base of the content terms.

    Args:
        classifier: Maps a batch of images to raw scores ``(B, K)``.
        labels: The desired class of each image, int64 ``(B,)``.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: A label is below 0; when called, if there are fewer scores than a label needs.

    Paper section 3.1, :math:`P_{content}`.
    """

    name = "content"
    sees_view = True

    def __init__(self, classifier: Scores, labels: Tensor) -> None:
        checks.function("classifier", classifier, "a Classifier, or a function of images")
        checks.instance("labels", labels, Tensor, "a tensor of classes (B,)")
        if not labels.numel():
            raise ValueError("labels: got none, wanted one for each image")
        known = len(getattr(classifier, "classes", ())) or checks.MOST
        with usual():  # labels of inference mode would serve nowhere else
            found = checks.labels_of("labels", labels, batch=labels.numel(), classes=known)
            found = found.to(labels.device)
        checks.same_shape("labels", labels.shape, found.shape, "a batch")
        self.classifier = classifier
        self.labels = found
        self._least = int(found.max()) + 1  # scores that the labels need

    def __call__(self, images: Tensor) -> Tensor:
        """Return the penalties ``(B,)`` of a batch of images."""
        return self.of_labels(images, self.labels)

    def of_views(self, views: Tensor) -> Tensor:
        """Return the penalties ``(V, B)`` of views ``(V, B, …)``, all seen in one batch."""
        _check_views(views)
        count, batch = views.shape[:2]
        found = self.of_labels(views.flatten(0, 1), self.labels.repeat(count))
        return found.reshape(count, batch)

    def of_labels(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the penalties ``(B,)`` of images for labels ``(B,)``."""
        check_images(images)
        checks.instance("labels", labels, Tensor, "a tensor of classes (B,)")
        scores = self.classifier(images)
        if scores.ndim != 2 or len(scores) != len(labels) or scores.shape[1] < self._least:
            raise ValueError(
                f"classifier: got scores of shape {tuple(scores.shape)}, wanted "
                f"({len(labels)}, K) with K at least {self._least}"
            )
        return self.penalty(scores, labels)

    @abstractmethod
    def penalty(self, scores: Tensor, labels: Tensor) -> Tensor:
        """Return the penalties ``(B,)`` of raw scores ``(B, K)`` for labels ``(B,)``."""


class OwnContent(Content):
    """A content term with a penalty of your own.

    Args:
        classifier: Maps a batch of images to raw scores ``(B, K)``.
        labels: The desired class of each image, int64 ``(B,)``.
        penalty: Maps scores ``(B, K)`` and labels ``(B,)`` to penalties ``(B,)``; torch has to be
            able to differentiate it.

    Raises:
        ValueError: When called, if the penalties are not ``(B,)``.

    Explained in the chapter *Your own classifier and images*.
    """

    def __init__(self, classifier: Scores, labels: Tensor, penalty: Penalty) -> None:
        super().__init__(classifier, labels)
        checks.function("content", penalty, "a function of scores and labels")
        self._penalty = penalty

    def penalty(self, scores: Tensor, labels: Tensor) -> Tensor:
        """Return the function's penalties, with their shape checked."""
        penalties = self._penalty(scores, labels.clone())
        checks.instance("content", penalties, Tensor, "a tensor of penalties (B,)")
        if penalties.shape != labels.shape:
            raise ValueError(
                f"content: got penalties of shape {tuple(penalties.shape)}, "
                f"wanted one for each image, {tuple(labels.shape)}"
            )
        return penalties


class ProbabilityDistance(Content):
    r""":math:`\|\mathrm{softmax}(\mathrm{CNN}(X)) - \ell\|_2^2`, in [0, 2]; ℓ is one-hot.

    The interpretation of the paper's section 3.1 that its recipes use. The gradient vanishes where
    the classifier is sure, of the label or of another one.
    """

    @staticmethod
    def penalty(scores: Tensor, labels: Tensor) -> Tensor:
        """Squared distance of the probabilities from the one-hot label."""
        _check_scores(scores, labels)
        return (scores.softmax(dim=1) - _one_hot(scores, labels)).square().sum(dim=1)


class ScoreDistance(Content):
    r""":math:`\|\mathrm{CNN}(X) - \ell\|_2^2` with the raw scores; ℓ is one-hot.

    The other literal interpretation of the paper's section 3.1.
    """

    @staticmethod
    def penalty(scores: Tensor, labels: Tensor) -> Tensor:
        """Squared distance of the raw scores from the one-hot label."""
        _check_scores(scores, labels)
        return (scores - _one_hot(scores, labels)).square().sum(dim=1)


class CrossEntropy(Content):
    r""":math:`-\log \mathrm{softmax}(\mathrm{CNN}(X))_\ell`, the classifier's training loss."""

    @staticmethod
    def penalty(scores: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy, in nats."""
        _check_scores(scores, labels)
        return functional.cross_entropy(scores, labels, reduction="none")


class Margin(Content):
    r""":math:`\max_{k \ne \ell} \mathrm{CNN}(X)_k - \mathrm{CNN}(X)_\ell`: negative when right.

    Never saturates: its gradient does not vanish where the classifier is already sure.
    """

    @staticmethod
    def penalty(scores: Tensor, labels: Tensor) -> Tensor:
        """Best other score minus the label's."""
        _check_scores(scores, labels)
        others = scores.masked_fill(_one_hot(scores, labels).bool(), -torch.inf)
        return others.amax(dim=1) - scores.gather(1, labels[:, None]).squeeze(1)


class NegativeScore(Content):
    r""":math:`-\mathrm{CNN}(X)_\ell`, the raw score of the label alone; can be negative."""

    def of_labels(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the label's raw score, negated, ``(B,)``; no other is computed if possible."""
        check_images(images)
        checks.instance("labels", labels, Tensor, "a tensor of classes (B,)")
        alone = getattr(self.classifier, "label_scores", None)
        return super().of_labels(images, labels) if alone is None else -alone(images, labels)

    @staticmethod
    def penalty(scores: Tensor, labels: Tensor) -> Tensor:
        """The label's raw score, negated."""
        _check_scores(scores, labels)
        return -scores.gather(1, labels[:, None]).squeeze(1)


#: The content terms by the names that recipes use.
CONTENTS: dict[str, type[Content]] = {
    "probabilities": ProbabilityDistance,
    "scores": ScoreDistance,
    "cross-entropy": CrossEntropy,
    "margin": Margin,
    "negative-score": NegativeScore,
}


class TotalVariation(Term):
    r""":math:`\|M_{TV} D_h X\|_1 + \|M_{TV} D_v X\|_1`: the differences between neighbours.

    :math:`D_h` and :math:`D_v` are forward differences that are 0 in the last column and row.
    The gradient is the paper's formula, with sign(0) = 0.

    Args:
        region: Where differences count, bool ``(B, H, W)`` or ``(H, W)``; the whole image if None.
            A difference belongs to its left or upper pixel. For a colour image the channels are
            summed; they share the region.

    Raises:
        TypeError: The region is not bool.
        ValueError: It has another shape; when called, if it is not that of the images.

    Paper section 3.1; :cite:p:`rudin1992nonlinear`. Explained in the chapter *The energy*.
    """

    name = "total variation"

    def __init__(self, region: Tensor | None = None) -> None:
        if region is not None:
            region = checks.bools_of("region", region)
            if region.ndim not in (2, 3):
                raise ValueError(
                    f"region: got shape {tuple(region.shape)}, wanted (H, W) or (B, H, W)"
                )
        self.region = region

    def __call__(self, images: Tensor) -> Tensor:
        """Return the total variation ``(B,)`` of a batch, in grey values."""
        horizontal, vertical = self._differences(images)
        return (horizontal.abs() + vertical.abs()).flatten(1).sum(dim=1)

    def value_and_gradient(self, images: Tensor, view: View | None = None) -> tuple[Tensor, Tensor]:
        r"""Return values ``(B,)`` and gradients :math:`D^T M^T \mathrm{sign}(M D X)`."""
        horizontal, vertical = self._differences(images)
        values = (horizontal.abs() + vertical.abs()).flatten(1).sum(dim=1)
        gradient = adjoint_difference(horizontal.sign(), -1)
        return values, gradient + adjoint_difference(vertical.sign(), -2)

    def _differences(self, images: Tensor) -> tuple[Tensor, Tensor]:
        check_images(images)
        horizontal, vertical = difference(images, -1), difference(images, -2)
        if self.region is None:
            return horizontal, vertical
        full = (len(images), *images.shape[-2:])
        if self.region.shape not in (full, full[1:]):
            raise ValueError(
                f"region: got shape {tuple(self.region.shape)}, "
                f"wanted that of the images, {full[1:]} or {full}"
            )
        region = self.region if self.region.ndim == 2 else over(self.region, images)
        return horizontal * region, vertical * region


class Binary(Term):
    r""":math:`\sum_p 4 x_p (1 - x_p)`: 1 for a pixel of middle grey, 0 for black and white.

    Paper section 3.4 uses such a penalty without giving its formula. Summed over the whole image,
    like total variation; known pixels only add a constant.
    """

    name = "binary"

    def __call__(self, images: Tensor) -> Tensor:
        """Return the penalties ``(B,)`` of a batch in [0, 1]; channels are summed."""
        check_images(images)
        return (4 * images * (1 - images)).flatten(1).sum(dim=1)

    def value_and_gradient(self, images: Tensor, view: View | None = None) -> tuple[Tensor, Tensor]:
        """Return values ``(B,)`` and gradients ``4 - 8 x``."""
        return self(images), 4 - 8 * images


def difference(images: Tensor, dim: int) -> Tensor:
    """Return the forward differences of images along ``dim``: same shape, 0 in the last place.

    ``dim=-1`` is the paper's :math:`D_h`, ``dim=-2`` its :math:`D_v`.
    """
    _check_dimension("images", images, dim)
    return torch.diff(images, dim=dim, append=images.narrow(dim, -1, 1))


def adjoint_difference(values: Tensor, dim: int) -> Tensor:
    r"""Return :math:`D^T` of ``values``: :math:`\langle Dx, y\rangle = \langle x, D^T y\rangle`."""
    _check_dimension("values", values, dim)
    inner = values.narrow(dim, 0, values.shape[dim] - 1)
    edge = torch.zeros_like(values.narrow(dim, 0, 1))
    return -torch.diff(torch.cat([edge, inner, edge], dim=dim), dim=dim)


def rim(hole: NDArray[np.bool_], *, width: int) -> NDArray[np.bool_]:
    """Return the band around a hole's rim: pixels at most ``width`` steps from the other side.

    The middle of a hole wider than ``2 * width`` is left out. This matters: a region that holds the
    whole hole and its neighbours gives the same gradient in the hole as the whole image does.

    Args:
        hole: bool ``(H, W)``.
        width: In pixels, at least 1.

    Returns:
        bool ``(H, W)``. All True if the hole covers everything, since there is no rim then.

    Raises:
        TypeError: The hole is not bool, or ``width`` not a whole number.
        ValueError: ``width`` is below 1, the hole has another shape, or nothing is missing.

    Paper section 3.1, :math:`M_{TV}`. Explained in the chapter *The energy*.
    """
    checks.whole_number("width", width, 1)
    given = checks.bools_of("hole", hole)
    if given.ndim != 2:
        raise ValueError(f"hole: got shape {tuple(given.shape)}, wanted (H, W)")
    hole = checks.hole_of("hole", given, (1, *given.shape))[0].numpy(force=True)
    if hole.all():
        return np.ones_like(hole)
    width = min(width, sum(hole.shape))  # no pixel is further away than that
    outer = ndimage.binary_dilation(hole, iterations=width)
    inner = ndimage.binary_erosion(hole, iterations=width, border_value=1)
    band: NDArray[np.bool_] = outer & ~inner
    return band


def check_images(images: Tensor) -> None:
    """Check what an energy is asked of, as far as it costs nothing: it is asked in each step.

    Raises:
        TypeError: No dense tensor of floats, ``(B, H, W)`` or ``(B, C, H, W)``.
    """
    if not (_plain_floats(images) and images.ndim in (3, 4)):
        raise TypeError(
            f"images: got {checks.shown(getattr(images, 'shape', images))}, "
            "wanted a tensor of floats, (B, H, W) or (B, C, H, W)"
        )


def _plain_floats(values: object) -> bool:
    return (
        isinstance(values, Tensor)
        and values.is_floating_point()
        and values.layout == torch.strided
        and not values.is_meta
    )


def _check_views(views: Tensor) -> None:
    if not (_plain_floats(views) and views.ndim in (4, 5)):
        raise TypeError(
            f"views: got {checks.shown(getattr(views, 'shape', views))}, "
            "wanted a tensor of floats, (V, B, H, W) or (V, B, C, H, W)"
        )


def _check_view(view: View | None) -> None:
    if view is not None:
        checks.function("view", view, "a function of images, or None")


def _check_scores(scores: Tensor, labels: Tensor) -> None:
    """Check what a penalty is asked of, likewise; a label for each image, as none is repeated."""
    if not (_plain_floats(scores) and scores.ndim == 2):
        raise TypeError(
            f"scores: got {checks.shown(getattr(scores, 'shape', scores))}, "
            "wanted a tensor of floats (B, K)"
        )
    if not (isinstance(labels, Tensor) and labels.dtype == torch.int64):
        raise TypeError(
            f"labels: got {checks.shown(getattr(labels, 'dtype', labels))}, wanted int64 (B,)"
        )
    checks.same_shape("labels", labels.shape, scores.shape[:1], "a batch of the scores")


def _check_dimension(argument: str, values: Tensor, dim: int) -> None:
    plain = isinstance(values, Tensor) and values.layout == torch.strided and values.ndim > 1
    if plain and type(dim) is int and dim in (-1, -2):  # as each step asks
        return
    if not plain:
        raise TypeError(
            f"{argument}: got {checks.shown(getattr(values, 'shape', values))}, "
            "wanted a dense tensor (…, H, W)"
        )
    checks.whole_number("dim", dim, -values.ndim, values.ndim - 1)


def _seen(view: View, images: Tensor) -> Tensor:
    """Return the views of images; there is at least one, each of the images' batch."""
    views = view(images)
    if not isinstance(views, Tensor) or views.ndim != images.ndim + 1 or not len(views):
        raise ValueError(
            f"views: got {checks.shown(getattr(views, 'shape', views))}, "
            f"wanted a tensor with one dimension more than the images, (V, …)"
        )
    return views


def _one_hot(scores: Tensor, labels: Tensor) -> Tensor:
    return functional.one_hot(labels, scores.shape[1]).to(scores.dtype)


def _at(weight: Weight, progress: float) -> float:
    return checks.finite("weight", weight(progress)) if callable(weight) else weight
