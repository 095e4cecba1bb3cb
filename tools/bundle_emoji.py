"""Make the set of emoji that is bundled with the package, from the foundries' drawings.

    npm pack @iconify-json/emojione@1.2.3 …        (each of PACKAGES, in an empty FOLDER)
    pip install resvg_py==0.5.0
    python tools/bundle_emoji.py FOLDER [--sheet sheet.png]

Writes `inpaintlib/assets/emoji.npz` and `emoji-credits.csv` (the same bytes for the same packages,
resvg_py, NumPy and zlib), and prints their rows for the tables in `inpaintlib/assets/README.md`.
`--sheet` draws all images, a row per thing and a column per foundry.

Choice of the things. All eight foundries draw 242 things under one of the two names that Unicode
has for them (that of the character and the short name) in the groups Animals & Nature, Food &
Drink, Travel & Places, Objects and Activities. From a sheet of all of them at 32×32, without a
classifier, eight of each of five kinds were taken, such that

- every foundry draws the same thing from a similar side, without scenery behind it;
- it is recognisable at 32×32, and differs in outline or colour from every other thing taken;
- it is no human face, hand, flag, text, weapon or drug;
- no two foundries' drawings of it are nearly the same: `LEAST_DIFFERENCE` is checked.

Split. One foundry is the test split. Since all of them draw every thing, it is the first in the
alphabet; `inpaintlib.datasets` takes the next one for validation.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import itertools
import json
import re
import tarfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bundle_samples import ASSETS, box_weights, write
from numpy.typing import NDArray
from PIL import Image

from inpaintlib import _files
from inpaintlib._readers import Arrays

#: The npm packages below @iconify-json by foundry: version and integrity (`npm view … dist`).
PACKAGES = {
    "emojione": (
        "1.2.3",
        "sha512-T9+T3HIbJNLKKsmxYKlaYhvnHYkz/HNYTV7SHCXVZPfeUi4FqskY70YeN8yYAZT8cCv7w5vJxS4Q1m8zb9CMMg==",
    ),
    "fluent-emoji-flat": (
        "1.2.6",
        "sha512-RY47RgPb47fYUiyrA64sIOL0+UU02s29sXpNBbIQRBUlPlfNFTKUmZDERGuxDs/7yNGWqQYvuaSYM1M4fRXlUw==",
    ),
    "fxemoji": (
        "1.2.2",
        "sha512-UAasRaxzFUKfIGSmLwnoarsssA4LX0VLLuEmplIqM6ZNQqIQRtav8tZ4H1neTlBreXuMQyAifr5jP4kn78DpiQ==",
    ),
    "noto": (
        "1.2.9",
        "sha512-DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==",
    ),
    "noto-v1": (
        "1.2.5",
        "sha512-/DsVMius69Q0fRS53z7QK1TROSuar606jiIx+laXtdsYGMXpf6LtHBx6CGfoo3UHHb/XpBsw+1L1x3eyPqMuVA==",
    ),
    "openmoji": (
        "1.2.29",
        "sha512-vXdhkqcXVSO6suy+m9LbcUM3OdVyuNOtpV8/als/WqfkQIRxevL5Geb/g+6GH/Qwnq1OqksEmaDGTCmZ5nFKJQ==",
    ),
    "streamline-emojis": (
        "1.2.4",
        "sha512-iNr9T9XuZVTyQPJO8ZlLxBzPkpi7qMl+z1l0C31vpEMqhPMelth3n7CeWQYtixdetDPdI81yeG4ROqjWpYJE6A==",
    ),
    "twemoji": (
        "1.2.5",
        "sha512-uKpuIEV0v6K5BW3Mjdyl+XKFVAbbcPxAgifKvEMtZoUZB5+YiY5zaMm2uNNCxyXzAWU9yNLlj41WU6/mvgALsw==",
    ),
}

#: Licences that differ from the package's own entry: Mozilla's code is under Apache 2.0, as the
#: package says, but its LICENSE.md puts the visual design under CC BY 4.0.
LICENCES = {"fxemoji": "CC-BY-4.0"}

#: The classes, and the character of each.
THINGS = {
    # animals
    "elephant": "🐘",
    "frog": "🐸",
    "honeybee": "🐝",
    "lady beetle": "🐞",
    "octopus": "🐙",
    "panda": "🐼",
    "snail": "🐌",
    "turtle": "🐢",
    # nature
    "cactus": "🌵",
    "fire": "🔥",
    "four leaf clover": "🍀",
    "maple leaf": "🍁",
    "mushroom": "🍄",
    "palm tree": "🌴",
    "sunflower": "🌻",
    "tulip": "🌷",
    # food
    "cherries": "🍒",
    "doughnut": "🍩",
    "french fries": "🍟",
    "grapes": "🍇",
    "hamburger": "🍔",
    "pear": "🍐",
    "strawberry": "🍓",
    "watermelon": "🍉",
    # travel
    "airplane": "✈",
    "anchor": "⚓",
    "bicycle": "🚲",
    "helicopter": "🚁",
    "locomotive": "🚂",
    "rocket": "🚀",
    "tractor": "🚜",
    "traffic light": "🚦",
    # objects
    "balloon": "🎈",
    "bell": "🔔",
    "christmas tree": "🎄",
    "crown": "👑",
    "dress": "👗",
    "guitar": "🎸",
    "hourglass": "⌛",
    "microscope": "🔬",
}

RENDERED = 512
SIDE, MARGIN = 32, 2
#: Root mean square difference in [0, 1] between two foundries' drawings of the same thing.
LEAST_DIFFERENCE = 0.08


@dataclass(frozen=True)
class Foundry:
    """One package: its drawings and their licence."""

    name: str
    package: str
    icons: dict[str, Any]
    characters: dict[str, str]
    author: str
    licence: str
    source: str

    @classmethod
    def read(cls, folder: Path, name: str) -> Foundry:
        """Read a package that `npm pack` fetched, after checking its checksum."""
        version, integrity = PACKAGES[name]
        path = folder / f"iconify-json-{name}-{version}.tgz"
        digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != integrity:
            raise SystemExit(f"{path} is not version {version} of @iconify-json/{name}")

        def member(file: str) -> Any:
            contents = archive.extractfile(f"package/{file}.json")
            assert contents is not None  # it is a file, not a folder
            return json.loads(contents.read())

        with tarfile.open(path) as archive:
            icons, characters, info = (member(file) for file in ("icons", "chars", "info"))
        return cls(
            name=name,
            package=f"@iconify-json/{name}@{version}",
            icons=icons,
            characters=characters,
            author=info["author"]["name"],
            licence=LICENCES.get(name, info["license"]["spdx"]),
            source=info["author"]["url"],
        )

    def drawing(self, names: set[str]) -> str:
        """Return the drawing that has one of these names, the first of its variants if several."""
        plain = sorted(self.icons["icons"])
        return next(name for name in plain if squashed(re.sub(r"-\d+$", "", name)) in names)

    def svg(self, drawing: str) -> str:
        """Return one drawing as an SVG file, in the middle of a square."""
        icon = {**self.icons, **self.icons["icons"][drawing]}
        width, height = icon["width"], icon["height"]
        side = max(width, height)
        left = icon.get("left", 0) - (side - width) / 2
        top = icon.get("top", 0) - (side - height) / 2
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" '
            'xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="{left} {top} {side} {side}">{icon["body"]}</svg>'
        )


def squashed(name: str) -> str:
    """Return a name in a form that is the same for all foundries."""
    return re.sub("[^a-z0-9]", "", name.lower())


def names_of(character: str, noto: Foundry) -> set[str]:
    """Return the character's name and its short name, which Noto's files have."""
    short = noto.characters[f"{ord(character):x}"]
    return {squashed(unicodedata.name(character)), squashed(short)}


def render(svg: str) -> NDArray[np.float64]:
    """Return a drawing as ``(RENDERED, RENDERED, 4)`` in [0, 1]: red, green, blue and opacity."""
    import resvg_py  # tests of everything else do without it

    png = resvg_py.svg_to_bytes(
        svg_string=svg, width=RENDERED, height=RENDERED, skip_system_fonts=True
    )
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"), dtype=np.float64) / 255


def reduced(drawing: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Lay a drawing on white, with its longer side 28 pixels long, and return ``(3, 32, 32)``.

    Foundries leave margins of different widths; so that a drawing has the same size in all of
    them, the box around what is not transparent is fitted into the middle of the image. Each
    pixel is the mean over its box, as in `bundle_samples`.
    """
    opaque = drawing[..., 3] > 0
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    box = longer / (SIDE - 2 * MARGIN)
    down, across = (
        box_weights(RENDERED, SIDE, box, middle=(ends[0] + ends[-1] + 1) / 2)
        for ends in (rows, columns)
    )
    # Darkness relative to white, which is 0 beyond the drawing's edge.
    ink = (1 - drawing[..., :3]) * drawing[..., 3:]
    means = down @ ink.transpose(2, 0, 1) @ across.T
    return np.rint(255 * (1 - means)).astype(np.uint8)


def check_differences(thing: str, images: dict[str, NDArray[np.uint8]]) -> None:
    """Stop if two foundries draw a thing in nearly the same way."""
    for one, other in itertools.combinations(images, 2):
        difference = images[one].astype(np.float64) - images[other]
        size = np.sqrt(np.square(difference / 255).mean())
        if size < LEAST_DIFFERENCE:
            raise SystemExit(f"{thing}: {one} and {other} differ by {size:.3f} only")


def emoji(foundries: list[Foundry]) -> tuple[Arrays, list[dict[str, str]]]:
    """Return the arrays of the set, and a row of credits per image."""
    noto = next(foundry for foundry in foundries if foundry.name == "noto")
    images: dict[str, list[NDArray[np.uint8]]] = {foundry.name: [] for foundry in foundries}
    credits = []
    for thing, character in THINGS.items():
        names = names_of(character, noto)
        for foundry in foundries:
            drawing = foundry.drawing(names)
            images[foundry.name].append(reduced(render(foundry.svg(drawing))))
            credits.append(
                {
                    "thing": thing,
                    "foundry": foundry.name,
                    "drawing": drawing,
                    "licence": foundry.licence,
                    "author": foundry.author,
                    "source": foundry.source,
                    "package": foundry.package,
                }
            )
        check_differences(thing, {name: drawn[-1] for name, drawn in images.items()})
    arrays: Arrays = {"classes": np.array(list(THINGS))}
    test = min(images)
    for split, chosen in (("train", [name for name in images if name != test]), ("test", [test])):
        rows = [row for name in chosen for row in credits if row["foundry"] == name]
        arrays[f"{split}_images"] = np.concatenate([images[name] for name in chosen])
        arrays[f"{split}_labels"] = np.tile(np.arange(len(THINGS), dtype=np.uint8), len(chosen))
        arrays[f"{split}_details"] = np.array(
            [f"{row['foundry']}/{row['drawing']}" for row in rows]
        )
    return arrays, credits


def write_credits(rows: list[dict[str, str]]) -> None:
    """Write the table of credits and print its row for the README."""
    path = ASSETS / "emoji-credits.csv"
    file = io.StringIO(newline="")
    table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    _files.write(path, file.getvalue().encode())
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    print(f"| `{path.name}` | {path.stat().st_size:,} | `{sha256}` |")


def draw_sheet(arrays: Arrays, path: Path, *, scale: int = 2) -> None:
    """Draw all images, a row per thing and a column per foundry; the test foundry comes last."""
    images = np.concatenate([arrays["train_images"], arrays["test_images"]])
    tiles = images.reshape(-1, len(THINGS), 3, SIDE, SIDE)
    sheet = tiles.transpose(1, 3, 0, 4, 2).reshape(len(THINGS) * SIDE, -1, 3)
    Image.fromarray(sheet.repeat(scale, axis=0).repeat(scale, axis=1)).save(path)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Make the emoji bundled with the package.")
    parser.add_argument("folder", type=Path, help="folder of the packages from `npm pack`")
    parser.add_argument("--sheet", type=Path, help="draw all images into this PNG file")
    options = parser.parse_args()
    arrays, credits = emoji([Foundry.read(options.folder, name) for name in sorted(PACKAGES)])
    write("emoji", arrays)
    write_credits(credits)
    if options.sheet:
        draw_sheet(arrays, options.sheet)


if __name__ == "__main__":
    main()
