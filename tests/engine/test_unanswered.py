"""One thing whose write never gets an answer: it is set aside and tried again with growing waits, and nobody waits."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from higherself_sync.bench import Seat
from higherself_sync.cast import Cast, Request
from higherself_sync.core.plan import Policy
from higherself_sync.core.record import Entity, Marks, Record, Values
from higherself_sync.errors import Unanswered
from higherself_sync.report import Report
from higherself_sync.run import story
from higherself_sync.state import State
from tests.engine.memory import Crash, Fault, Memory, World, goods, hub, service
from tests.engine.town import Town


def test_a_page_that_never_answers_a_write_is_set_aside_alone() -> None:
    town = Town()
    town.person(email="kim@example.com", name="Kim", phone="1")
    town.person(email="eve@example.com", name="Eve", phone="1")
    town.run()
    kim, eve = town.pages("kim@example.com")[0], town.pages("eve@example.com")[0]
    shop = town.services["shop"]
    for record_id in list(shop.records):
        shop.edit(record_id, "phone", "2")
    real, tried = town.hub.update, 0

    def fails_at_kim(current: Record, values: Values, marks: Marks) -> Record:
        nonlocal tried
        if current.id != kim.id:
            return real(current, values, marks)
        tried += 1
        raise Unanswered("HTTP 500")

    town.hub.update = fails_at_kim  # type: ignore[method-assign]
    for _ in range(8):
        assert town.run(later=60).exit_code == 3
    assert [(each.kind, each.reason) for each in town.state.problems()] == [("set_aside", "HTTP 500")]
    assert 2 <= tried <= 4
    assert town.hub.records[eve.id].values["phone"] == "2"
    town.hub.update = real  # type: ignore[method-assign]
    assert town.run(later=3600).exit_code == 0
    assert town.hub.records[kim.id].values["phone"] == "2"


class Market:
    """Twelve products that are in step; a day may not carry over more than ten deletions."""

    def __init__(self) -> None:
        self.world, self.state = World(), State(":memory:")
        self.hub, self.shop = hub(self.world, Entity.PRODUCTS), service(self.world, "shop", entity=Entity.PRODUCTS)
        self.shop.tells_trash = True
        self.stream = goods("shop")
        for number in range(12):
            self.shop.put({"name": f"Bowl {number}", "type": None, "status": None, "sku": f"B{number}"})
        self.run()

    def run(self, *, force: bool = False) -> Report:
        self.world.advance(700)
        policy = Policy(mails=True, on_notion_delete="archive")
        cast = Cast(
            [Seat(self.stream, policy, self.shop)], {Entity.PRODUCTS: self.hub}, timedelta(0), timedelta(0),
            side_by_side=False, names=frozenset({"shop"}), trash=self.hub.hints,
        )  # fmt: skip
        report = Report(f"run {self.world.requests}", self.world.now, "both")
        with suppress(Crash):
            story(self.state, cast, Request(full=True, force=force), report)
        self.state.died()
        return report

    def sides(self, first: str) -> tuple[Memory, Memory]:
        return (self.hub, self.shop) if first == "notion" else (self.shop, self.hub)

    def trash(self, side: Memory, numbers: Sequence[int]) -> None:
        for each in numbers:
            side.trash(sorted(side.records)[each])

    def causes(self) -> list[Any]:
        return [each["cause"] for each in self.state.log_rows() if each["cause"] in ("deleted", "deleted by force")]


@pytest.mark.parametrize("first", ["notion", "shop"])
def test_what_never_answers_a_deletion_is_set_aside(first: str) -> None:
    market = Market()
    side, other = market.sides(first)
    market.trash(side, [0])
    real, tried = other.archive, 0

    def fails(record_id: str) -> Record:
        nonlocal tried
        tried += 1
        raise Unanswered(f"HTTP 500 at {record_id}")

    other.archive = fails  # type: ignore[method-assign]
    reports = [market.run() for _ in range(8)]
    assert {report.exit_code for report in reports} == {3}
    assert [each.kind for each in market.state.problems()] == ["set_aside"]
    assert 2 <= tried <= 6
    other.archive = real  # type: ignore[method-assign]
    market.world.advance(7 * 24 * 3600)
    assert market.run().exit_code == 0
    assert sum(each.trashed for each in other.records.values()) == 1


@pytest.mark.parametrize("first", ["notion", "shop"])
@pytest.mark.parametrize("fault", ["crash after", "lost after"])
def test_a_forced_deletion_whose_answer_is_lost_counts_as_forced(first: str, fault: Fault) -> None:
    market = Market()
    side, _ = market.sides(first)
    market.trash(side, [0])
    market.world.faults = {market.world.sent + 1: fault}
    market.run(force=True)
    assert not market.world.faults, "nothing was written"
    market.run()
    assert market.causes() == ["deleted by force"]
