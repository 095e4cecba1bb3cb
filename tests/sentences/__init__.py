"""The book's sentences about pictures and numbers, each with what makes it true.

`results` has the means: what a sentence may read, and the limits of its words. The other modules
have the sentences: `paper` those of chapters 1 to 6, `experiments` of 7 to 12, `beyond` of 13 to
17 and of the pages that are text. `tests/test_sentences.py` checks them.
"""

from __future__ import annotations

from sentences import beyond, experiments, paper
from sentences.results import Sentence

ALL: list[Sentence] = [*paper.SENTENCES, *experiments.SENTENCES, *beyond.SENTENCES]
