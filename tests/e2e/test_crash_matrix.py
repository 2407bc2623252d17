"""A part of the crash matrix: some kills of each scenario. `python tests/crash_matrix.py` does them all."""

import pytest

from tests.matrix.crash import crash
from tests.matrix.scenarios import SCENARIOS

EVERY = {"first": 27, "edits": 13, "new": 11, "deletions": 11, "returns": 7, "adoption": 23, "everybody": 67}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_killed_run_leaves_nothing_lost_or_doubled_after_one_more(name: str) -> None:
    result = crash(SCENARIOS[name], every=EVERY[name])
    assert result.kills > 10
    assert result.failures == {}, str(result)


def test_so_does_one_that_is_killed_again_while_it_makes_good_what_was_left() -> None:
    assert crash(SCENARIOS["new"], every=19, twice=True).failures == {}
