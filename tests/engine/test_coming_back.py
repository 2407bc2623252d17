"""A record or a page is taken out of the trash again, and just that write meets trouble."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from higherself_sync.bench import Seat
from higherself_sync.cast import Cast, Request
from higherself_sync.core.plan import Policy
from higherself_sync.core.record import Entity, Gone, Record
from higherself_sync.errors import Unreachable
from higherself_sync.report import Report
from higherself_sync.run import story
from higherself_sync.state import State
from tests.engine.memory import Crash, Fault, Memory, World, goods, hub, service


class Market:
    """One product that was synced, then trashed on one side, and the other side followed."""

    def __init__(self, first: str) -> None:
        self.world = World()
        self.hub, self.shop = hub(self.world, Entity.PRODUCTS), service(self.world, "shop", entity=Entity.PRODUCTS)
        self.shop.tells_trash = True
        self.stream, self.state = goods("shop"), State(":memory:")
        self.shop.put({"name": "Bowl", "type": None, "status": None, "sku": "B"})
        self.run()
        self.first, self.other = (self.hub, self.shop) if first == "notion" else (self.shop, self.hub)
        self.first.trash(self.thing(self.first).id)
        self.run()
        assert self.thing(self.other).trashed, "it followed"
        self.first.untrash(self.thing(self.first).id)

    def thing(self, side: Memory) -> Record:
        (only,) = side.records.values()
        return only

    def run(self) -> Report:
        self.world.advance(700)
        policy = Policy(mails=True, on_notion_delete="archive")
        cast = Cast(
            [Seat(self.stream, policy, self.shop)], {Entity.PRODUCTS: self.hub}, timedelta(0), timedelta(0),
            side_by_side=False, names=frozenset({"shop"}), trash=self.hub.hints,
        )  # fmt: skip
        report = Report(f"run {self.world.requests}", self.world.now, "both")
        story(self.state, cast, Request(full=True), report)
        return report

    def run_that_meets(self, fault: Fault) -> None:
        """Taking it out of the trash is the run's first write."""
        self.world.faults = {self.world.sent + 1: fault}
        with suppress(Crash):
            self.run()
        assert not self.world.faults, "nothing was written"
        self.state.died()

    def returns(self) -> int:
        return sum(each["cause"] == "returned" for each in self.state.log_rows())


@pytest.mark.parametrize("first", ["notion", "shop"])
@pytest.mark.parametrize("fault", ["crash before", "crash after", "lost before", "lost after"])
def test_engine_28_what_came_back_is_in_the_log_once_whatever_befell_the_write(first: str, fault: Fault) -> None:
    market = Market(first)
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
    market = Market(first)
    market.world.faults = {market.world.sent + 1: "lost before"}
    there = market.other.fetch

    def down(ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        raise Unreachable("no connection")

    market.other.fetch = down  # type: ignore[method-assign]
    assert market.run().exit_code == 5
    market.other.fetch = there  # type: ignore[method-assign]
    market.run()
    assert not market.thing(market.other).trashed
