"""One module for each chapter with measurements: its numbers, and functions for its notebook.

Each has a function ``measure(count)`` that yields its numbers on ``count`` images, or on all of the
chapter's images if ``count`` is None, and ``FEW``, the number of images that the tests measure
again.
"""
