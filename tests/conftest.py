"""What all tests share.

Tests marked ``full_data`` need the whole of MNIST or Extended Yale B and run when INPAINTLIB_DATA
says where that is. With INPAINTLIB_REQUIRE_FULL_DATA=1, as in CI, one that is skipped fails.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not os.environ.get("INPAINTLIB_DATA"):
        skip = pytest.mark.skip(reason="needs the full data: set INPAINTLIB_DATA to its folder")
        for item in items:
            if "full_data" in item.keywords:
                item.add_marker(skip)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    required = os.environ.get("INPAINTLIB_REQUIRE_FULL_DATA") == "1"
    if required and report.skipped and "full_data" in item.keywords:
        report.outcome = "failed"
        report.longrepr = f"skipped, although the full data must be here: {report.longrepr[2]}"
    return report


@pytest.fixture
def bundled_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No full set to be found, and a cache of the test's own."""
    monkeypatch.delenv("INPAINTLIB_DATA", raising=False)
    monkeypatch.setenv("INPAINTLIB_CACHE", str(tmp_path / "cache"))
