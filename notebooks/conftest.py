"""Patience for nbval, which waits five seconds for what a cell printed."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Let it wait for an output as long as for a cell."""
    for item in items:
        if hasattr(item, "output_timeout"):
            item.output_timeout = float(config.getoption("nbval_cell_timeout"))
