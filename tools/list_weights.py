"""Update the table of weights in ``inpaintlib/assets/README.md`` from the files themselves.

python tools/list_weights.py
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from safetensors import safe_open

from inpaintlib import _files

ASSETS = Path(__file__).parent.parent / "inpaintlib" / "assets"
HEADING = "## Weights and class averages\n"
TEXT = """
Made by `python -m inpaintlib.training NAME`, where NAME is the file's name without its ending.
Numbers are in half precision, which is exact for weights; part averages have 8 bits, like images.
More facts about a file are in its metadata, and on the book's page *Data and classifiers*.
Weights and averages are licensed like the code; only `averages-emoji.safetensors`, means of
drawings, is under CC BY-SA 4.0. Those from Extended Yale B hold none of its images, only weights,
the mean image of each person, and means of at least three images of a person.

| file | bytes | from | date | SHA-256 |
| --- | ---: | --- | --- | --- |
"""


def row(path: Path) -> str:
    """Return the table's row for one file."""
    with safe_open(path, framework="np") as file:
        facts = file.metadata()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return (
        f"| `{path.name}` | {path.stat().st_size:,} | {facts['data']}, training split "
        f"| {facts['date']} | `{digest}` |\n"
    )


def main() -> None:
    """Replace the section, or append it."""
    readme = ASSETS / "README.md"
    before = readme.read_text(encoding="utf-8").partition(HEADING)[0].rstrip("\n")
    rows = "".join(row(path) for path in sorted(ASSETS.glob("*.safetensors")))
    _files.write(readme, f"{before}\n\n{HEADING}{TEXT}{rows}".encode())


if __name__ == "__main__":
    main()
