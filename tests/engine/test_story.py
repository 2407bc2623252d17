"""Stories that once went wrong: found by reading and by the machine, each with what has to happen instead."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from higherself_sync.cast import Direction
from higherself_sync.core.record import Entity, Marks, Record, Side, Values
from higherself_sync.errors import ConfigError, Refused, Remade, Unanswered
from higherself_sync.report import Report
from higherself_sync.run import twice_at_most
from tests.engine.memory import stream
from tests.engine.town import PERSON, Town, fields, met


@pytest.mark.parametrize("direction", ["pull", "push"])
def test_a_decision_outlives_a_run_in_the_other_direction(direction: Direction) -> None:
    town = met("ask")
    town.hub.edit(town.page().id, "phone", "2")
    town.services["shop"].edit("1", "phone", "9")
    (question,) = town.run().problems
    keep = Side.NOTION if direction == "pull" else Side.SERVICE
    town.state.resolve(question.id, keep)
    town.run(direction)
    town.run()
    assert town.shown("phone") == (["2", "2"] if keep is Side.NOTION else ["9", "9"])


def test_engine_2_what_a_service_told_while_notion_could_not_be_read_is_read_again() -> None:
    """Its streams have left the run by then: nothing of them is stored, so their cursors must not go on either."""
    town = met("ask")
    town.services["shop"].edit("1", "phone", "5")
    town.hub.unshared = True
    assert town.run().exit_code == 5
    town.hub.unshared = False
    town.run()
    assert town.shown("phone") == ["5", "5"]


def test_engine_6_an_edit_that_a_slow_service_hides_is_still_seen() -> None:
    """The database was read minutes before the last service had answered."""
    town = met("ask")
    town.services["shop"].edit("1", "phone", "3")

    def slow() -> None:
        town.hub.edit(town.page().id, "phone", "2")
        town.world.advance(240)

    town.world.during = {town.world.requests + 2: slow}
    assert [each.kind for each in town.run().problems] == ["conflict"]
    assert town.shown("phone") == ["2", "3"]


def test_engine_6_a_replanned_write_goes_to_what_was_asked() -> None:
    town = met("ask")
    town.services["shop"].edit("1", "name", "Kim A")

    def both() -> None:
        town.hub.edit(town.page().id, "phone", "2")
        town.services["shop"].edit("1", "phone", "9")

    town.world.during = {town.world.requests + 4: both}
    town.run()
    town.run()
    assert town.shown("phone") == ["2", "9"]
    assert [each.kind for each in town.state.problems()] == ["conflict"]


def test_engine_20_a_linked_row_goes_to_a_second_service_too() -> None:
    town = met()
    page = town.page()
    marks = Marks(page.marks.lines, page.marks.sources | {"desk"}, None, page.marks.synced)
    town.hub.edit(page.id, "name", "Kim A")
    town.hub.records[page.id] = Record(**{**fields(town.page()), "marks": marks})
    town.run()
    town.run()
    assert town.shown("name") == ["Kim A"] * 3
    assert len(town.services["desk"].records) == 1


def test_engine_24_a_record_that_comes_back_gets_the_edits_made_meanwhile() -> None:
    town = met()
    town.hub.edit(town.page().id, "phone", "2")
    gone = town.services["shop"].records.pop("1")
    town.run()
    town.services["shop"].records["1"] = gone
    town.services["shop"].touch("1")
    town.run()
    town.run()
    assert town.shown("phone") == ["2", "2"]


def test_a_row_that_no_longer_asks_for_anything_is_no_problem() -> None:
    town = Town()
    town.hub.put({**PERSON, "name": None}, Marks(sources=frozenset({"shop"})))
    assert [each.kind for each in town.run().problems] == ["set_aside"]
    town.hub.records = {
        key: Record(**{**fields(page), "marks": Marks(), "modified": town.world.now})
        for key, page in town.hub.records.items()
    }
    assert town.run().problems == []


def test_a_refused_external_id_is_tried_again_with_growing_waits() -> None:
    town = Town()
    town.hub.put(PERSON)
    town.person()
    tried = 0

    def refuse(*_: object) -> Record:
        nonlocal tried
        tried += 1
        raise Refused("locked")

    town.hub.update = refuse  # type: ignore[assignment, method-assign]
    for _ in range(8):
        report = town.run(later=60)
    assert [each.kind for each in report.problems] == ["set_aside"]
    assert 2 <= tried <= 4


def test_a_write_that_one_record_never_answers_is_set_aside_and_tried_again_with_growing_waits() -> None:
    """A plugin of a shop may fail at one object every time: nobody else waits for it, and it is not passed over."""
    town, shop = met(), "shop"
    town.person(email="eve@example.com", name="Eve")
    town.run()
    kim, eve = town.pages("kim@example.com")[0], town.pages("eve@example.com")[0]
    town.hub.edit(kim.id, "phone", "2")
    town.hub.edit(eve.id, "phone", "3")
    real, tried = town.services[shop].update, 0

    def fails_at_kim(current: Record, values: Values, marks: Marks) -> Record:
        nonlocal tried
        if current.id != "1":
            return real(current, values, marks)
        tried += 1
        raise Unanswered("HTTP 500")

    town.services[shop].update = fails_at_kim  # type: ignore[method-assign]
    for _ in range(8):
        assert town.run(later=60).exit_code == 3
    assert [(each.kind, each.reason) for each in town.state.problems()] == [
        ("set_aside", "HTTP 500; it is tried again by itself")
    ]
    assert 2 <= tried <= 4
    assert town.services[shop].records["2"].values["phone"] == "3"
    town.services[shop].update = real  # type: ignore[method-assign]
    assert town.run(later=3600).exit_code == 0
    assert town.services[shop].records["1"].values["phone"] == "2"


def test_a_lost_answer_that_was_found_written_counts() -> None:
    town = met()
    town.hub.edit(town.page().id, "phone", "2")
    town.world.faults = {town.world.sent + 1: "lost after"}
    report = town.run()
    assert town.shown("phone") == ["2", "2"]
    assert report.of(town.streams["shop"]).updated == {"service": 1, "notion": 0}
    assert report.of(town.streams["shop"]).unchanged == 0


def test_two_links_of_which_one_was_written_leave_one_unchanged() -> None:
    town = met()
    town.person(email="eve@example.com", name="Eve")
    town.run()
    town.services["shop"].edit("1", "phone", "5")
    assert town.run().of(town.streams["shop"]).unchanged == 1


def guests(town: Town) -> Callable[[str], Record]:
    """Orders are not in this town; the state is asked directly."""

    def order(phone: str) -> Record:
        person = Record("kim@example.com", {**PERSON, "phone": phone}, town.world.now, key="kim@example.com")
        return Record("7", {}, town.world.now, people=(person,))

    return order


def test_engine_14_a_guests_edit_is_seen_by_the_read_even_if_a_write_saw_it_first() -> None:
    """The answer to our own write shows the new phone before any read does."""
    town = Town()
    orders = stream("shop", only_digits=False, create=False)
    order = guests(town)
    town.state.store_record(orders, order("1"), town.world.now)
    town.state.store_people(orders, order("1"))
    town.state.store_record(orders, order("2"), town.world.now, {})
    known = town.state.people_of(orders, "7", Entity.CLIENTS)
    assert known["kim@example.com"]["phone"] == "1", "so that the next read knows it for an edit"


def test_columns_that_are_made_anew_again_and_again_end_the_run() -> None:
    begun = []

    def once() -> None:
        begun.append(True)
        raise Remade("Products: sku")

    with pytest.raises(ConfigError, match="made anew while this runs: Products: sku"):
        twice_at_most(once, Report("run", datetime.now(UTC), "both"))
    assert len(begun) == 2
