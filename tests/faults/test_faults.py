"""A few cases of each kind, the same in every run; ``make soak`` tries many others."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faults import explorers, files, links, pixels
from faults.kinds import KINDS, Kind

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_kind_of_fault_is_not_found(kind: Kind):
    trial = settings(
        max_examples=kind.examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )(given(st.data())(kind.trial))
    trial()


def test_every_module_has_registered_its_kinds():
    modules = {kind.trial.__module__ for kind in KINDS.values()}
    assert modules == {module.__name__ for module in (explorers, files, links, pixels)}
