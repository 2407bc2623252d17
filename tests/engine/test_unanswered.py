"""One thing whose write never gets an answer: it is set aside and tried again with growing waits, and nobody waits."""

import pytest

from higherself_sync.core.record import Draft, Marks, Record, Values
from higherself_sync.errors import Unanswered, Unauthorised
from tests.engine.market import Market
from tests.engine.memory import Fault
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


@pytest.mark.parametrize("first", ["notion", "shop"])
def test_what_never_answers_a_deletion_is_set_aside(first: str) -> None:
    market = Market(12)
    side, other = market.sides(first)
    side.trash(min(side.records))
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
    market = Market(12)
    side, _ = market.sides(first)
    side.trash(min(side.records))
    market.run_that_meets(fault, force=True)
    market.run()
    assert market.causes() == ["deleted by force"]


def test_a_create_that_was_forbidden_is_no_create_without_an_answer() -> None:
    """A token that may not write: an answer it is. With the right token the row is made at once."""
    town = Town()
    town.person()
    real = town.hub.create

    def forbidden(draft: Draft) -> Record:
        raise Unauthorised("the token may read but not do this")

    town.hub.create = forbidden  # type: ignore[method-assign]
    assert town.run().exit_code == 5
    assert town.state.intents() == []
    town.hub.create = real  # type: ignore[method-assign]
    assert town.run(later=5).exit_code == 0
    assert len(town.hub.records) == 1
