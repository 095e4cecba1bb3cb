"""Patience for nbval, which gives a kernel five seconds to hand out what a cell printed."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let it wait for an output as long as for a cell; a busy machine needs more."""
    for item in items:
        if hasattr(item, "output_timeout"):
            item.output_timeout = float(config.getoption("nbval_cell_timeout"))
