"""Better recipes: the stored ablations as tables.

The numbers are those of :mod:`inpaintlib.study.ablation` and :mod:`inpaintlib.study.descents`.
"""

from __future__ import annotations

from collections.abc import Mapping

from IPython.display import Markdown

from inpaintlib._signatures import check_module
from inpaintlib.study import numbers, tables
from inpaintlib.study.ablation import SHIPPED, TRIED
from inpaintlib.study.descents import WAYS
from inpaintlib.training import TRAININGS

#: The scores that are differences, shown with a sign; not every setting has all of them.
_SIGNED = ("psnr minus mixture", "psnr minus before")


def scores_table(name: str, rows: Mapping[str, str], columns: Mapping[str, str]) -> Markdown:
    """Return stored scores of a set's ablation as a table.

    Args:
        name: ``"digits"`` or ``"faces"``.
        rows: Subjects, such as ``"ladder/jitter"``, by the titles of the rows.
        columns: The scores, by their titles.
    """
    return _table(f"ablation-{name}", rows, columns, first="setting")


def descents_table(columns: Mapping[str, str]) -> Markdown:
    """Return the stored scores of all other ways to descend as a table.

    Args:
        columns: The scores, by their titles.
    """
    return _table("descents", {way: way for way in WAYS}, columns, first="way")


def trainings_table(columns: Mapping[str, str]) -> Markdown:
    """Return the trainings of classifiers, with their stored scores, as a table.

    Args:
        columns: The scores besides accuracy and cosine, by their titles.
    """
    measured = numbers.read("ablation-trainings")
    lines = [["training", "ε", "windows", "accuracy", "cosine", *columns]]
    for name in (*SHIPPED, *TRIED):
        how = {**TRAININGS, **TRIED}[name]
        windows = "whole" if how.sides is None else "{}-{}".format(*how.sides)
        scores = [
            tables.cell(measured[name, score], signed=score in _SIGNED)
            for score in ("cosine", *columns.values())
        ]
        accuracy = f"{measured[name, 'accuracy'].value:.4f}"
        lines.append([name, str(how.robust), windows, accuracy, *scores])
    return tables.markdown(lines)


def _table(
    experiment: str, rows: Mapping[str, str], columns: Mapping[str, str], *, first: str
) -> Markdown:
    optional = ("psnr minus before",)  # the first rung has none before it
    return tables.table(experiment, rows, columns, first=first, signed=_SIGNED, optional=optional)


check_module(__name__)
