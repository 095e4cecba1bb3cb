"""Experts: the sum of scores, its slope, and what is refused."""

from __future__ import annotations

import pytest
import torch
from helpers import lenet

from inpaintlib import classifiers, datasets
from inpaintlib.experts import SUMS, Experts
from inpaintlib.networks import StridedNet

pytestmark = pytest.mark.usefixtures("bundled_only")

EXPERTS = "digits-experts"


def digits() -> torch.Tensor:
    return torch.from_numpy(datasets.load("digits", split="test").images[:6])


def test_the_scores_are_the_weighted_sum_of_what_the_members_say():
    images = digits()
    total = classifiers.load(EXPERTS)(images)
    each = []
    for name, weight in SUMS[EXPERTS].items():
        scores = classifiers.load(name)(images)
        # A score more than classes stands for "fits no class", and takes part in the softmax.
        each.append(weight * (scores.log_softmax(1)[:, :10] if scores.shape[1] > 10 else scores))
    torch.testing.assert_close(total, torch.stack(each).sum(dim=0))


def test_the_slope_of_the_sum_is_the_sum_of_the_slopes():
    images = digits()

    def slope(network: torch.nn.Module) -> torch.Tensor:
        shown = images.clone().requires_grad_()
        (found,) = torch.autograd.grad(network.log_fits(shown)[:, 3].sum(), shown)
        return found

    members = [classifiers.load(name).scores for name in SUMS[EXPERTS]]
    weights = SUMS[EXPERTS].values()
    weighted = [weight * slope(net) for weight, net in zip(weights, members, strict=True)]
    found = slope(classifiers.load(EXPERTS).scores)
    torch.testing.assert_close(found, torch.stack(weighted).sum(dim=0), atol=1e-5, rtol=1e-4)


def test_a_sum_says_of_what_it_is_made():
    loaded = classifiers.load(EXPERTS)
    assert loaded.ours
    assert loaded.origin == "mnist"
    assert loaded.averages is not None
    assert loaded.facts["sum"] == "1 digits-gaussians + 10 digits-absolute"
    assert not any(weights.requires_grad for weights in loaded.scores.parameters())


def test_experts_read_better_than_chance_alone_and_together():
    test = datasets.load("digits", split="test")
    images, labels = torch.from_numpy(test.images), torch.from_numpy(test.labels)
    for name in (EXPERTS, *SUMS[EXPERTS]):
        net = classifiers.load(name).scores
        assert (net.log_fits(images).argmax(dim=1) == labels).double().mean() > 0.95


def test_the_score_of_a_label_alone_is_that_among_all():
    net = classifiers.load(EXPERTS)
    labels = torch.tensor([3, 1, 3, 0, 9, 9])
    among = net(digits()).gather(1, labels[:, None]).squeeze(1)
    torch.testing.assert_close(net.label_scores(digits(), labels), among)


def test_a_fit_is_at_most_perfect():
    for name in (EXPERTS, "digits-absolute"):
        assert (classifiers.load(name).scores.log_fits(digits()) <= 0).all()


@pytest.mark.parametrize(
    ("members", "error", "told"),
    [
        ([], ValueError, "got none"),
        ([(0.0, lenet())], ValueError, "got 0.0, wanted a number above 0"),
        ([(1.0, torch.nn.Flatten())], TypeError, "got Flatten, wanted our networks"),
        (
            [(1.0, StridedNet((8, 8), "ab")), (1.0, StridedNet((8, 9), "ab"))],
            ValueError,
            r"whose shape differ \(\(8, 8\) and \(8, 9\)\)",
        ),
        (
            [(1.0, StridedNet((8, 8), "ab")), (1.0, StridedNet((8, 8), "ac"))],
            ValueError,
            "whose classes differ",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(members, error, told):
    with pytest.raises(error, match=f"members: .*{told}"):
        Experts(members, name="sum")
