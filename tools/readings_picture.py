"""Draw the picture of the page *Many readings*: ten digits, filled by the best readings.

python tools/readings_picture.py

Networks that the cache does not hold are trained again.
"""

from __future__ import annotations

from pathlib import Path

import joblib

from inpaintlib import _cache, _files, figures
from inpaintlib.study import multiverse, numbers, protocol, readings
from inpaintlib.study.readings import Filled, Reading

TARGET = Path(__file__).parent.parent / "book" / "images" / "readings.png"
COUNT = 10


def filled(reading: Reading, cases: protocol.Cases) -> Filled:
    """Return a reading's results with its stored λ and μ."""
    memory = joblib.Memory(_cache.folder() / "readings", verbose=0)
    measured = numbers.read("readings-digits")
    recipe = readings.recipe_of(
        reading,
        readings.classifier_of("digits", reading, readings.EFFORT["digits"], memory),
        total_variation=measured[str(reading), "lambda"].value,
        step_size=measured[str(reading), "mu"].value,
        steps=int(reading.steps),
    )
    done = readings.fill(recipe, cases, clip=reading.clipping == "yes")
    assert done is not None, "it was measured, so it does not overflow"
    return done


def main() -> None:
    """Draw it and write it."""
    test = protocol.full_set("digits", "test")
    cases = protocol.cases(test, count=readings.EFFORT["digits"].cases, each=1)[:COUNT]
    trained, absolute = (
        filled(multiverse.best("digits", trained=trained), cases) for trained in (True, False)
    )
    picture = figures.gallery(
        {
            "hole": figures.Strip(cases.images, cases.holes),
            "start": figures.Strip(trained.starts),
            "best reading": figures.Strip(trained.results),
            "absolute outputs": figures.Strip(absolute.results),
            "original": figures.Strip(cases.images),
        },
        alt="Ten digits with holes, starts, results of two readings, and the originals.",
    )
    _files.write(TARGET, picture.png)


if __name__ == "__main__":
    main()
