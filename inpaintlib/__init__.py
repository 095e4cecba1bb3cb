"""Image inpainting with a pre-trained classifier.

Fill a hole in an image by minimising an energy over the missing pixels: how far a classifier is
from the desired label, plus total variation :cite:p:`kerzhner2018inpainting`. The book that
comes with the package explains every part of it; start with :func:`inpaintlib.recipes.inpaint`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inpaintlib.recipes import Inpainting, Recipe, inpaint

__all__ = ["Inpainting", "Recipe", "inpaint"]


def __getattr__(name: str) -> object:
    # Imported on first use, so that the commands of single modules do not wait for torch.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from inpaintlib import recipes

    return getattr(recipes, name)
