r"""Adding up what several classifiers say about an image: a product of experts.

Each expert says how well an image fits each class, on a logarithmic scale with 0 for a perfect fit.
The score of a class is the weighted sum

.. math:: s_\ell(x) = \sum_i w_i \, s_{i, \ell}(x)

so an image must satisfy all of them: one may know the strokes, the other one the shape of the whole
digit. Explained in the chapter *What a classifier must know to paint*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from inpaintlib import checks
from inpaintlib.networks import Network


class Experts(Network):
    """Several networks for the same images and classes, whose scores are added.

    Args:
        members: The networks, each with its weight, a number above 0. What one says is its
            :meth:`inpaintlib.networks.Network.log_fits`.
        name: What the classifier is called in tables and figures.

    Raises:
        TypeError: A member is not one of our networks.
        ValueError: There is none, a weight is not above 0, or their shapes, classes or sets differ.

    A product of experts :cite:p:`hinton2002training`. Beyond the paper; explained in the chapter
    *What a classifier must know to paint*.
    """

    scores_fit = True

    def __init__(self, members: Sequence[tuple[float, Network]], *, name: str) -> None:
        pairs = checks.several("members", members, "networks, each with its weight")
        if not pairs:
            raise ValueError("members: got none, wanted at least one network with its weight")
        for pair in pairs:
            if not (isinstance(pair, tuple | list) and len(pair) == 2):
                raise TypeError(
                    f"members: got {checks.shown(pair)}, wanted a weight and one of our networks"
                )
            weight, network = pair
            if not isinstance(network, Network):
                raise TypeError(f"members: got {type(network).__name__}, wanted our networks")
            checks.above("members", weight, 0)
        first = members[0][1]
        for _, network in members[1:]:
            for what in ("shape", "classes", "data"):
                one, other = getattr(first, what), getattr(network, what)
                if one != other:
                    raise ValueError(
                        f"members: got {first.name} and {network.name}, whose {what} differ "
                        f"({one} and {other}), wanted the same"
                    )
        super().__init__(first.shape, first.classes, name=name, data=first.data)
        self.weights = tuple(float(weight) for weight, _ in members)
        self.members = nn.ModuleList(network for _, network in members)
        added = " + ".join(f"{weight:g} {network.name}" for weight, network in members)
        self.facts = {"sum": added}

    def forward(self, images: Tensor) -> Tensor:
        """Return the scores ``(B, classes)`` of images ``(B, *shape)`` in [0, 1]."""
        checks.batch_for("images", images, self.shape)
        return self._sum(lambda network: network.log_fits(images))

    def label_scores(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the score ``(B,)`` of one label for each image, without the others."""
        checks.batch_for("images", images, self.shape)
        checks.batch_labels("labels", labels, len(images))
        return self._sum(lambda network: network.label_fits(images, labels))

    def _sum(self, says: Callable[[Network], Tensor]) -> Tensor:
        """Return the weighted sum of what the members say."""
        networks = cast("Iterable[Network]", self.members)  # a ModuleList knows only modules
        said = [weight * says(net) for weight, net in zip(self.weights, networks, strict=True)]
        return torch.stack(said).sum(dim=0)


#: The sums by name, each with its members' names and their weights, chosen on validation images.
SUMS: dict[str, dict[str, float]] = {
    "digits-experts": {"digits-gaussians": 1.0, "digits-absolute": 10.0},
}
