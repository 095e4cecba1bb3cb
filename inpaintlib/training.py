"""Training: how the shipped weights were made.

``python -m inpaintlib.training NAME`` rebuilds one file of the package's assets. Classifiers
are trained only to classify; they differ in their training images: whole images, or patches, as
paper sections 3.4 and 4.1 propose. Explained in the chapter *Data and classifiers*.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from safetensors.torch import save as bytes_of
from torch import Tensor
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from inpaintlib import _command, _files, checks, classifiers, datasets, fitting, gaussians
from inpaintlib._ambient import seeded, usual
from inpaintlib._signatures import checked
from inpaintlib.augment import Moves, brighten, check_moves, for_each, move, patch
from inpaintlib.checks import known_name
from inpaintlib.classifiers import Classifier
from inpaintlib.datasets import Dataset
from inpaintlib.energy import Penalty
from inpaintlib.networks import SIZES, LeNet, Network, Size, check_size

#: Number of parts of each class of a collection, see
#: :func:`inpaintlib.datasets.part_averages`, and the smallest number of images in a part.
PARTS = {"mnist": (32, 3), "yale": (10, 3), "att": (3, 2)}

#: The stored averages of training images, and their collections.
AVERAGES = {"averages": classifiers.AVERAGED, "part-averages": classifiers.PARTED}

ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True, kw_only=True)
class Training:
    """All settings of a classifier's training.

    Attributes:
        collection: The collection of the training set, see
            :data:`inpaintlib.datasets.LEARNED`; ``"none"`` for images of your own.
        size: The classifier's size.
        sides: Smallest and largest side in pixels of the window that is kept of an image, with
            everything else set to 0; None for whole images.
        dark: A window whose mean square is below this is replaced by the whole image
            (paper section 4.2).
        gain: Largest brightness factor, drawn again each time; 1 disables it.
        moves: Random moves of each image, see :class:`inpaintlib.augment.Moves`; None disables
            them. Beyond the paper.
        robust: The length ε of the adversarial perturbation in training, Euclidean, in pixel values
            over the whole image and all its channels; 0 for none. Beyond the paper.
        relative: Whether ``robust`` is a share of the image's own Euclidean length instead. Faces
            may be nearly black, and a fixed length would be too large for them.
        warm_up: The share of the training in which the perturbation grows from 0 to its length.
        repeats: How often an epoch uses each image, each time with another window.
        epochs: Number of epochs.
        batch: Images in a step of the optimiser.
        learning_rate: The highest of the one-cycle schedule, for AdamW.
        loss: What is minimised, the mean of this penalty of raw scores ``(B, K)`` for labels
            ``(B,)``; the cross-entropy if None.
        seed: Of the first weights, the order, the windows and the moves.

    Raises:
        TypeError: A setting is of the wrong kind.
        ValueError: A setting is out of range.
    """

    collection: str = "none"
    size: Size = SIZES["lenet-5"]
    sides: tuple[int, int] | None = None
    dark: float = 0.0
    gain: float = 1.0
    moves: Moves | None = None
    robust: float = 0.0
    relative: bool = False
    warm_up: float = 0.0
    repeats: int = 1
    epochs: int
    batch: int
    learning_rate: float
    loss: Penalty | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.loss is not None:
            checks.function("loss", self.loss, "a function of scores and labels")
        checks.instance("collection", self.collection, str, "the name of a collection")
        check_size("size", self.size)
        if self.sides is not None:
            checks.whole_numbers_of("sides", self.sides, (2,), "two whole numbers")
        for argument in ("repeats", "epochs", "batch"):
            checks.whole_number(argument, getattr(self, argument), 1)
        for argument in ("dark", "robust"):
            checks.at_least(argument, getattr(self, argument), 0)
        checks.at_least("gain", self.gain, 1)
        checks.between("warm_up", self.warm_up, 0, 1)
        checks.above("learning_rate", self.learning_rate, 0)
        checks.in_precision("learning_rate", self.learning_rate, torch.float32)
        checks.truth("relative", self.relative)
        checks.seed_of("seed", self.seed)
        if self.moves is not None:
            check_moves("moves", self.moves)


_DIGITS = Training(collection="mnist", epochs=12, batch=128, learning_rate=3e-3)
_FACES = Training(
    collection="yale",
    size=Size(channels=(20, 50), hidden=(100,)),
    epochs=60,
    batch=64,
    learning_rate=2e-3,
)
_JUDGE = Size(channels=(24, 48), hidden=(160,))


# Each thing has only six training drawings, so they are moved; 300 epochs are 1,800 steps.
_EMOJI = Training(
    collection="emoji",
    size=Size(channels=(24, 48), hidden=(160,)),
    moves=Moves(shift=0.1, scale=1.2, turn=15, mirror=True),
    epochs=300,
    batch=40,
    learning_rate=2e-3,
)


def _face_trainings(collection: str) -> dict[str, Training]:
    # The lights of Extended Yale B differ much in brightness; those of the AT&T faces do not.
    whole = replace(_FACES, collection=collection, gain={"yale": 4.0, "att": 1.0}[collection])
    return {
        f"faces-whole-{collection}": whole,
        f"faces-patches-{collection}": replace(
            whole, sides=(12, 34), dark=0.01, repeats=5, epochs=40
        ),
        f"faces-robust-{collection}": replace(
            whole,
            gain=1.0,
            sides=(20, 42),
            robust=0.05,
            relative=True,
            warm_up=0.3,
            repeats=5,
            epochs={"yale": 20, "att": 60}[collection],  # AT&T has a fifth of the images
        ),
        f"faces-judge-{collection}": replace(whole, gain=1.0, size=_JUDGE, epochs=100, seed=77),
    }


#: The shipped LeNets by the names of their files.
TRAININGS: dict[str, Training] = {
    "digits-whole": _DIGITS,
    "digits-patches": replace(_DIGITS, sides=(7, 20), repeats=5, epochs=8),
    "digits-robust": replace(_DIGITS, sides=(9, 24), robust=1.0, repeats=4, epochs=6),
    "digits-judge": replace(_DIGITS, size=_JUDGE, epochs=10, learning_rate=2e-3, seed=77),
    **_face_trainings("yale"),
    **_face_trainings("att"),
    "emoji-robust": replace(_EMOJI, robust=1.0, warm_up=0.3),
    "emoji-judge": replace(_EMOJI, size=Size(channels=(32, 64), hidden=(128,)), seed=77),
}


def with_files() -> dict[str, Training | fitting.FitTraining | gaussians.Fit]:
    """Return how each classifier that has a file is made, by its name."""
    fits = {
        name: settings
        for name, settings in gaussians.FITS.items()
        if name not in classifiers.FITTED
    }
    return {**TRAININGS, **fitting.TRAININGS, **fits}


@checked
def perturb(
    classifier: Network | Classifier,
    images: Tensor,
    labels: Tensor,
    *,
    length: float | Tensor,
    steps: int = 3,
) -> Tensor:
    r"""Change images slightly so that the classifier's loss is as large as possible.

    Projected gradient ascent on the cross-entropy, within a ball of radius ``length``. Training
    on such images makes a classifier's gradient follow the structures that people see in an image
    :cite:p:`santurkar2019image,kaur2019perceptually`. Beyond the paper.

    Args:
        classifier: The classifier to attack.
        images: ``(B, H, W)`` or ``(B, C, H, W)`` in [0, 1].
        labels: Their true classes, int64 ``(B,)``.
        length: Largest Euclidean length of the change of an image, in pixel values over all
            channels; one for all, or one for each, ``(B,)``.
        steps: Number of steps of ascent.

    Returns:
        The changed images, in the same shape and in [0, 1], at most ``length`` away from
        ``images``.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument is out of range, or its shape does not fit.
    """
    with usual(images.device):
        wanted = "floats of (B, H, W) or (B, C, H, W)"  # moves may round a pixel to 1.0000001
        images = checks.floats_of("images", images, (3, 4), wanted)
        classes = len(classifier.classes)
        labels = checks.labels_of("labels", labels, batch=len(images), classes=classes)
        labels = labels.to(images.device)
        checks.whole_number("steps", steps, 1)
        if isinstance(length, Tensor):
            if not ((length >= 0) & length.isfinite()).all() or length.shape not in (
                (),
                labels.shape,
            ):
                raise ValueError(
                    f"length: got {checks.shown(length)}, wanted one number of at least 0, or "
                    f"{len(labels)}"
                )
        else:
            length = checks.at_least("length", length, 0)
            checks.in_precision("length", length, images.dtype)
        length = for_each(
            torch.as_tensor(length, dtype=images.dtype).to(images).expand(len(images)), images
        )
        change = torch.zeros_like(images)
        for _ in range(steps):
            change.requires_grad_()
            loss = cross_entropy(classifier(images + change), labels, reduction="sum")
            (slope,) = torch.autograd.grad(loss, change)
            change = change.detach() + 2.5 * length / steps * slope / _lengths(slope).clamp(
                min=1e-12
            )
            change = change * (length / torch.maximum(_lengths(change), length).clamp(min=1e-12))
            change = (images + change).clamp(0, 1) - images
        return images + change


def _lengths(images: Tensor) -> Tensor:
    return for_each(images.flatten(1).norm(dim=1), images)


def train(
    training: Training,
    images: NDArray[np.floating] | Tensor,
    labels: ArrayLike | Tensor,
    classes: Sequence[str],
    *,
    name: str,
    network: Network | None = None,
    report: Callable[[int, float], None] = lambda done, loss: None,
) -> Network:
    """Train a classifier; the same seed on the same machine gives the same weights.

    Images of your own work like those of the package, also for robust training: scale them to
    [0, 1], all to one height and width of at least 16, and number the classes from 0.
    ``Training(robust=1.0, moves=Moves(shift=0.1, mirror=True), epochs=100, batch=64,
    learning_rate=2e-3)`` is a good first setting. Pass the result to
    :func:`inpaintlib.classifiers.of`.

    Args:
        training: The settings.
        images: ``(N, H, W)`` grey or ``(N, C, H, W)`` colour, floats in [0, 1]; N at least
            the ``batch`` of the training.
        labels: ``(N,)``, whole numbers from 0 to the number of classes minus one.
        classes: The names of the classes.
        name: What the classifier will be called.
        network: An untrained network of :mod:`inpaintlib.networks`, which is trained in place; a
            new :class:`inpaintlib.networks.LeNet` if None.
        report: Called after each step with the number of steps done and the loss.

    Returns:
        The classifier; its weights are rounded to half precision, as its file will hold them.

    Raises:
        TypeError: Images or labels are of the wrong kind.
        ValueError: Their shapes or values do not fit, there are fewer images than in a batch, or
            the loss became infinite or NaN.

    Explained in the chapters *Data and classifiers* and *Your own classifier and images*.
    """
    checks.instance("training", training, Training, "a Training")
    checks.function("report", report, "a function of the steps done and the loss")
    checks.instance("name", name, str, "text")
    if network is not None:
        checks.instance("network", network, Network, "a network of inpaintlib.networks, or None")
    with usual(images.device if isinstance(images, Tensor) else torch.device("cpu")):
        shown, known = checks.examples_of(images, labels, classes)
        return _trained(training, shown, known, classes, name=name, network=network, report=report)


def _trained(
    training: Training,
    shown: Tensor,
    known: Tensor,
    classes: Sequence[str],
    *,
    name: str,
    network: Network | None,
    report: Callable[[int, float], None],
) -> Network:
    if len(shown) < training.batch:
        raise ValueError(
            f"images: got {len(shown)}, wanted at least a batch of the training, {training.batch}"
        )
    generator = torch.Generator().manual_seed(training.seed)
    net = network if network is not None else _new(training, tuple(shown.shape[1:]), classes, name)
    net = net.to(shown.device)
    total = steps(training, len(shown))
    optimizer = torch.optim.AdamW(net.parameters(), lr=training.learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, training.learning_rate, total_steps=total
    )
    order = torch.empty(0, dtype=torch.int64)
    for step in range(total):
        if len(order) < training.batch:
            order = torch.randperm(len(shown), generator=generator)
        chosen, order = order[: training.batch], order[training.batch :]
        batch, truth = shown[chosen], known[chosen]
        batch = _changed(training, batch, generator)
        if training.robust:
            length = _perturbation(training, batch, progress=step / total)
            batch = perturb(net, batch, truth, length=length)
        scores = net(batch)
        loss = (
            training.loss(scores, truth).mean() if training.loss else cross_entropy(scores, truth)
        )
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        report(step + 1, checks.finite("loss", loss.item()))
    return net.rounded()


def _new(training: Training, shape: tuple[int, ...], classes: Sequence[str], name: str) -> Network:
    with seeded(training.seed):
        return LeNet(shape, classes, size=training.size, name=name, data=training.collection)


def _changed(training: Training, images: Tensor, generator: torch.Generator) -> Tensor:
    """Return a batch with the training's random changes: moved, brightened, cut to windows."""
    if training.moves is not None:
        images = move(images, moves=training.moves, generator=generator)
    if training.gain != 1:
        images = brighten(images, most=training.gain, generator=generator)
    if training.sides is not None:
        images = patch(images, sides=training.sides, dark=training.dark, generator=generator)
    return images


def _perturbation(training: Training, images: Tensor, *, progress: float) -> Tensor:
    """Return the current length of each image's perturbation, ``(B,)``."""
    grown = min(1.0, progress / training.warm_up) if training.warm_up else 1.0
    lengths = images.flatten(1).norm(dim=1) if training.relative else images.new_ones(len(images))
    return grown * training.robust * lengths


@checked
def steps(training: Training, images: int) -> int:
    """Return the number of optimiser steps of a training on that many images.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The number is negative.
    """
    checks.whole_number("images", images, 0)
    return training.epochs * training.repeats * (images // training.batch)


@checked
def accuracy(classifier: Network | Classifier, images: Tensor, labels: Tensor) -> float:
    """Return the share of images ``(N, …)`` whose label ``(N,)`` has the highest score.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: There is not one label for each image, or an image or label is out of range.
    """
    classes = len(classifier.classes)
    images = checks.batch_of("images", images)
    checks.same_shape("labels", labels.shape, images.shape[:1], "a batch of the images")
    labels = checks.labels_of("labels", labels, batch=len(images), classes=classes)
    labels = labels.to(images.device)
    scores = torch.cat([classifier(part)[:, :classes] for part in torch.split(images, 500)])
    read = scores.argmax(dim=1)
    return (read == labels).double().mean().item()


@checked
def rebuild(name: str, folder: Path) -> Path:
    """Rebuild one file of the assets: a classifier of :func:`with_files`, or averages.

    Args:
        name: One of :func:`with_files`, ``"averages-mnist"``, ``"part-averages-mnist"`` or the
            like.
        folder: The folder of the file, which is written completely or not at all. It is checked
            before the work begins.

    Returns:
        The file.

    Raises:
        NotADirectoryError: The folder does not exist.
        OSError: The file cannot be written.
        ValueError: The name is unknown.
        DataError: The full data that it was made from is not found.
    """
    path = folder / f"{name}.safetensors"
    _files.check_writable("folder", folder, path.name)
    kind, _, collection = name.rpartition("-")
    if collection in AVERAGES.get(kind, ()):
        learned, _ = _load(collection)
        return _save_averages(name, learned, path)
    known = with_files()
    settings = known[known_name("name", name, known)]
    learned, held_out = _load(settings.collection)
    net = _made(name, learned)
    facts = {
        **_facts(name, learned),
        "test images": str(len(held_out)),
        "accuracy": f"{accuracy(net, *_tensors(held_out)):.4f}",
        "seed": str(settings.seed),
        "parameters": str(sum(weights.numel() for weights in net.state_dict().values())),
    }
    classifiers.save(net, path, facts=facts)
    return path


def _made(name: str, learned: Dataset) -> Network:
    """Train or fit what a name of :func:`with_files` stands for."""
    images, labels = _tensors(learned)
    if name in gaussians.FITS:
        return gaussians.fit(gaussians.FITS[name], images, labels, learned.classes, name=name)
    absolute = fitting.TRAININGS.get(name)
    total = absolute.steps if absolute else steps(TRAININGS[name], len(images))
    with tqdm(total=total, desc=name, unit="step") as bar:

        def report(done: int, loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
            bar.update()

        if absolute:
            return fitting.train(
                absolute, images, labels, learned.classes, name=name, report=report
            )
        return train(TRAININGS[name], images, labels, learned.classes, name=name, report=report)


def _save_averages(name: str, learned: Dataset, path: Path) -> Path:
    """Write the averages of classes, in half precision, or of their parts, in 8 bits."""
    if name.startswith("part-"):
        parts, smallest = PARTS[learned.collection]
        grey = datasets.part_averages(learned, parts=parts, smallest=smallest)
        averages = torch.from_numpy(np.rint(255 * grey).astype(np.uint8))
    else:
        averages = torch.from_numpy(datasets.class_averages(learned)).half()
    contents = bytes_of({"averages": averages}, metadata=_facts(name, learned))
    return _files.write(path, contents)


def _load(collection: str) -> tuple[Dataset, Dataset]:
    """Return the training and the test split of the set that a collection's files are made from."""
    name = datasets.LEARNED[collection]
    return datasets.load(name, split="train"), datasets.load(name, split="test")


def _tensors(data: Dataset) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(data.images), torch.from_numpy(data.labels)


def _facts(name: str, data: Dataset) -> dict[str, str]:
    return {
        "command": f"python -m inpaintlib.training {name}",
        "data": data.origin.split(" (")[0],
        "training images": str(len(data)),
        "date": datetime.date.today().isoformat(),
        "torch": torch.__version__,
    }


@checked
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, ``python -m inpaintlib.training``, and return its exit status."""
    averages = [f"{kind}-{one}" for kind, of in AVERAGES.items() for one in of]
    known = (*with_files(), *averages)
    parser = argparse.ArgumentParser(
        prog="python -m inpaintlib.training",
        description="Rebuild one file of the package's assets.",
    )
    parser.add_argument("name", metavar="NAME", choices=known, help=", ".join(known))
    parser.add_argument(
        "--folder", type=Path, default=ASSETS, help="folder for the file; the package's assets"
    )
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)  # small layers: a second thread costs more than it computes
    try:
        path = rebuild(options.name, options.folder)
    except BrokenPipeError:
        raise  # of the output, not of the file
    except (OSError, ValueError, datasets.DataError) as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    print(path)
    if options.name in with_files():
        for key, value in classifiers.read(path).facts.items():
            print(f"  {key}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(_command.run(main))
