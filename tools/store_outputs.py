"""Run notebooks in place and store the text that nbval compares, without pictures and widgets.

``python tools/store_outputs.py`` does so for all of notebooks/, ``… FILE`` for some of them, and
``… --no-run FILE`` only drops pictures, widgets and metadata.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from inpaintlib import _files

ROOT = Path(__file__).parent.parent
DROPPED = ("image/", "application/")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def strip(notebook: NotebookNode) -> None:
    """Keep the text of each output, and no metadata that changes from machine to machine."""
    notebook.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data = {k: v for k, v in output.data.items() if not k.startswith(DROPPED)}
                output.metadata = {}
        if "outputs" in cell:  # an explorer's picture is an output without text
            cell.outputs = [output for output in cell.outputs if output.get("data", True)]


def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of notebooks/")
    parser.add_argument("--no-run", action="store_true", help="keep the stored outputs")
    options = parser.parse_args(arguments)
    for path in options.notebooks or sorted((ROOT / "notebooks").glob("*.ipynb")):
        stored = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(stored, as_version=4)
        if not options.no_run:
            print(path.name, flush=True)
            NotebookClient(
                notebook,
                timeout=300,
                kernel_name="python3",
                resources={"metadata": {"path": str(path.parent)}},
                store_widget_state=False,
            ).execute()
        strip(notebook)
        text = nbformat.writes(notebook) + "\n"
        if text != stored:
            _files.write(path, text.encode())


if __name__ == "__main__":
    main()
