"""One module for each chapter that measures something: its numbers, and what its notebook calls.

Each has a function ``measure(count)`` that yields its numbers on ``count`` images, or on all that
the chapter needs if ``count`` is None, and ``FEW``, the number of images that the tests measure
again.
"""
