"""Mutated scripts: no crash, no hang, only diagnostics."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.script_frontend.fuzz import examine, fuzz


@pytest.mark.parametrize("seed", range(4))
def test_mutants(seed: int) -> None:
    assert fuzz(250, seed) == []


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200) | st.text("(){}[];,.?:\"'/\\*#=+-<>&|!~^%$ \nabif01_", max_size=200))
def test_any_text(text: str) -> None:
    assert examine(text) == ""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_two_hundred_thousand_mutants(seed: int) -> None:
    assert fuzz(10_000, seed) == []
