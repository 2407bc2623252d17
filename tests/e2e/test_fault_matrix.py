"""A part of the fault matrix: every kind of trouble in each scenario. `python tests/fault_matrix.py` is the whole."""

from collections.abc import Mapping

import pytest

from tests.matrix.fault import Result, fault
from tests.matrix.kinds import KINDS
from tests.matrix.scenarios import SCENARIOS


@pytest.fixture(scope="module")
def results() -> Mapping[tuple[str, str], Result]:
    """Of each scenario and kind: the requests at which it struck."""
    found = fault(list(SCENARIOS), list(KINDS), every=25)
    return {(each.scenario, each.kind): each for each in found}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_one_request_meets_one_more_run_makes_it_good(
    results: Mapping[tuple[str, str], Result], kind: str
) -> None:
    mine = [results[scenario, kind] for scenario in SCENARIOS]
    assert all(each.cases for each in mine)
    assert {each.scenario: each.failures for each in mine if each.failures} == {}
