"""The study: the book's measurements, and the verdicts on the paper's claims.

- :mod:`~inpaintlib.study.protocol`: the images and holes that every result is scored on, and their
  scores; :mod:`~inpaintlib.study.methods`: the compared methods, by name.
- :mod:`~inpaintlib.study.numbers`: the stored numbers, one shape, one store, one reader;
  :mod:`~inpaintlib.study.scales`: the ranges of their scores;
  :mod:`~inpaintlib.study.tables`: Markdown made from them.
- :mod:`~inpaintlib.study.claims`: the paper's claims, and the verdicts that follow;
  :mod:`~inpaintlib.study.records`: the same as data; :mod:`~inpaintlib.study.cards`: as a page;
  :mod:`~inpaintlib.study.paper_figures`: the paper's figures beside ours.
- Experiments that several chapters read: :mod:`~inpaintlib.study.quality`,
  :mod:`~inpaintlib.study.ablation`, :mod:`~inpaintlib.study.descents`,
  :mod:`~inpaintlib.study.search`, :mod:`~inpaintlib.study.applications`; and one module for each
  chapter that measures something, in :mod:`inpaintlib.study.chapters`.
- :mod:`~inpaintlib.study.catalogue`: every experiment by name, for ``python -m inpaintlib.study``.

The study uses the rest of the package; nothing in the rest of the package uses the study.
"""
