"""Two uses of the best recipes that need no original: digits out of nothing, and lighting a face.

    python benchmarks/applications.py

Hallucination (paper section 4.4.1): everything is missing, the start is noise, and the recipe
``digits`` is asked for each digit, from ten seeds. Counted is how often the judge reads the digit.

Illumination (paper section 4.4.2): on the darker half of the test lights of Extended Yale B the
pixels below a threshold are declared missing, and the recipe ``faces`` fills them, from a start
that does not keep the light: the class average. Counted is how often the judge names the person,
before and after.

Rows go to ``benchmarks/results/applications.csv``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from protocol import full_set
from quality import RESULTS, VERSIONS, Row, write
from topics.illumination import LIGHTING, THRESHOLDS
from tqdm import tqdm

from inpaintlib import holes, inpaint, metrics

#: From noise the way is longer than from a mixture of averages.
FROM_NOISE = {"recipe": "digits", "start": "noise", "step_size": 0.05, "max_steps": 300}


def hallucinated(seed: int) -> NDArray[np.floating]:
    """Return ten digits out of nothing, ``(10, 28, 28)``; the same noise is the start of all."""
    nothing = np.zeros((10, 28, 28), np.float32)
    return inpaint(nothing, holes.everything((28, 28)), range(10), seed=seed, **FROM_NOISE).image


def hallucination(seeds: int) -> Iterator[Row]:
    """Score ten digits from each of ``seeds`` random starts."""
    for seed in tqdm(range(seeds), desc="hallucination", unit="start"):
        right = metrics.judged(hallucinated(seed)) == np.arange(10)
        yield {"task": "hallucination", "setting": f"seed {seed}", "count": 10, "before": "",
               "after": float(right.mean()), "grey before": "", "grey after": "",
               **VERSIONS}  # fmt: skip


def dark_faces(count: int | None) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """Return the test faces under the darker half of the test lights, and who they are."""
    faces = full_set("faces", "test")
    lights = np.unique(faces.details)
    brightness = [faces.images[faces.details == light].mean() for light in lights]
    darker = lights[np.argsort(brightness)[: len(lights) // 2]]
    chosen = faces[np.isin(faces.details, darker)][:count]
    return chosen.images, chosen.labels


def illumination(count: int | None) -> Iterator[Row]:
    """Score the lighting of dark faces, for each threshold."""
    images, labels = dark_faces(count)
    before = float((metrics.judged(images, judge="faces-judge") == labels).mean())
    for threshold in tqdm(THRESHOLDS, desc="illumination", unit="threshold"):
        missing = images < threshold
        lit = np.concatenate(
            [
                inpaint(images[part], missing[part], labels[part], **LIGHTING).image
                for part in np.array_split(np.arange(len(images)), max(len(images) // 76, 1))
            ]
        )
        after = float((metrics.judged(lit, judge="faces-judge") == labels).mean())
        yield {"task": "illumination", "setting": f"threshold {threshold}", "count": len(images),
               "before": round(before, 4), "after": round(after, 4),
               "grey before": round(float(images.mean()), 4),
               "grey after": round(float(lit.mean()), 4), **VERSIONS}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="random starts of hallucination")
    parser.add_argument("--count", type=int, help="how many dark faces; all if not given")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the file goes")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = [*hallucination(options.seeds), *illumination(options.count)]
    for row in rows:
        print(*row.values(), sep="\t")
    write(options.output / "applications.csv", rows)


if __name__ == "__main__":
    main()
