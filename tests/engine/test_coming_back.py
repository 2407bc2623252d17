"""A record or a page is taken out of the trash again, and just that write meets trouble."""

from collections.abc import Mapping, Sequence

import pytest

from higherself_sync.core.record import Gone, Record
from higherself_sync.errors import Unreachable
from tests.engine.market import Market
from tests.engine.memory import Fault, Memory


class Returning(Market):
    """One product that was trashed on one side, the other side followed, and the first took it out again."""

    def __init__(self, first: str) -> None:
        super().__init__()
        self.first, self.other = self.sides(first)
        self.first.trash(self.thing(self.first).id)
        self.run()
        assert self.thing(self.other).trashed, "it followed"
        self.first.untrash(self.thing(self.first).id)

    def thing(self, side: Memory) -> Record:
        (only,) = side.records.values()
        return only

    def returns(self) -> int:
        return self.causes().count("returned")


@pytest.mark.parametrize("first", ["notion", "shop"])
@pytest.mark.parametrize("fault", ["crash before", "crash after", "lost before", "lost after"])
def test_engine_28_what_came_back_is_in_the_log_once_whatever_befell_the_write(first: str, fault: Fault) -> None:
    market = Returning(first)
    market.run_that_meets(fault)
    market.run()
    market.run()
    assert not market.thing(market.other).trashed
    assert market.returns() == 1
    assert market.state.intents() == []
    writes = market.world.writes
    market.run()
    assert market.world.writes == writes


@pytest.mark.parametrize("first", ["notion", "shop"])
def test_a_side_that_is_down_when_something_is_to_come_back_is_named(first: str) -> None:
    """Its write has no answer, and reading back shows why."""
    market = Returning(first)
    market.world.faults = {market.world.sent + 1: "lost before"}
    there = market.other.fetch

    def down(ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        raise Unreachable("no connection")

    market.other.fetch = down  # type: ignore[method-assign]
    assert market.run().exit_code == 5
    market.other.fetch = there  # type: ignore[method-assign]
    market.run()
    assert not market.thing(market.other).trashed


def test_a_row_trashed_before_the_run_that_made_it_was_over_stays_away() -> None:
    """It was made, the run died, and a person trashed it: nothing has read it yet."""
    market = Market()
    made = market.shop.put({"name": "Vase", "type": None, "status": None, "sku": "V"})
    market.run_that_meets("crash after")
    (row,) = [each for each in market.hub.records.values() if each.values["sku"] == "V"]
    market.hub.trash(row.id)
    market.run()
    market.run()
    rows = [each for each in market.hub.records.values() if each.values["sku"] == "V"]
    assert [(each.id, each.trashed) for each in rows] == [(row.id, True)]
    assert not market.shop.records[made.id].trashed
