"""Rules of the engine, each told as a story in memory. The name of a test says which rule it stands for."""

import pytest

from higherself_sync.core.record import Marks, Side
from tests.engine.town import PERSON, Town, met


def test_engine_1_an_edit_made_between_our_read_and_our_write_travels() -> None:
    town = met()
    town.services["shop"].edit("1", "phone", "2")
    town.world.during = {town.world.requests + 4: lambda: town.hub.edit(town.page().id, "name", "Kim A")}
    town.run()
    town.run()
    assert town.shown("phone") == ["2", "2"]
    assert town.shown("name") == ["Kim A", "Kim A"], "though the answer to our write showed it before any read did"


def test_engine_2_what_one_direction_may_not_write_is_not_forgotten() -> None:
    town = met()
    town.services["shop"].edit("1", "phone", "2")
    for _ in range(3):
        town.run("push")
    assert town.shown("phone") == ["1", "2"]
    town.run()
    assert town.shown("phone") == ["2", "2"]


def test_engine_3_what_is_edited_while_a_read_goes_on_is_read_by_the_next() -> None:
    town = Town()
    for number in range(6):
        town.person(email=f"p{number}@example.com", name=f"Kim {number}")
    town.run()
    first = town.services["shop"].records["1"]
    town.services["shop"].touch("1")

    def edited_late() -> None:
        """Behind the back of the read, and long before it is over."""
        town.services["shop"].edit("1", "phone", "77")
        town.world.advance(600)

    town.world.during = {town.world.requests + 3: edited_late}
    town.run()
    town.run(later=1)
    assert town.pages(str(first.values["email"]))[0].values["phone"] == "77"


def test_engine_7_two_services_that_meet_somebody_new_make_one_row_with_one_write() -> None:
    town = Town()
    town.person("shop")
    town.person("desk", phone=None)
    report = town.run()
    assert [len(each.records) for each in (town.hub, *town.services.values())] == [1, 1, 1]
    assert sum(each.created["notion"] for each in report.streams) == 1
    assert town.page().marks.sources == {"shop", "desk"}
    assert set(town.page().marks.lines) == {"shop:customers:1", "desk:customers:1"}
    assert town.shown("phone") == ["1", "1", "1"]


def test_engine_13_a_changed_e_mail_travels_and_the_former_one_stays_an_alias() -> None:
    town = met()
    town.services["shop"].edit("1", "email", "kim@new.example.com")
    town.run()
    assert town.page().values["email"] == "kim@new.example.com"
    town.person("desk", phone=None)
    town.run()
    assert len(town.hub.records) == 1, "the desk knows her by her former address"


def test_engine_13_an_alias_never_joins_two_accounts_of_one_service() -> None:
    town = met()
    town.services["shop"].edit("1", "email", "kim@new.example.com")
    town.run()
    town.person("shop", name="Kim B")
    town.run()
    assert len(town.hub.records) == 2


@pytest.mark.parametrize("where", ["notion", "shop"])
def test_engine_13_an_e_mail_that_is_another_rows_makes_two_people_not_one(where: str) -> None:
    town = met()
    town.person("shop", email="eve@example.com", name="Eve")
    town.run()
    side, one = (town.hub, town.pages("eve@example.com")[0].id) if where == "notion" else (town.services["shop"], "2")
    side.edit(one, "email", "kim@example.com")
    town.run()
    assert town.kinds() == ["ambiguous"]
    assert "two people" in town.state.problems()[0].reason
    shown = sorted(
        str(each.values["email"]) for each in (*town.hub.records.values(), *town.services["shop"].records.values())
    )
    assert shown == ["eve@example.com", *["kim@example.com"] * 3], "it was not carried over"
    side.edit(one, "email", "eve@example.com")
    town.run()
    assert town.kinds() == []


def test_engine_13_one_row_is_never_two_records_of_one_stream() -> None:
    town = met()
    town.person("shop", name="Kim")
    report = town.run()
    assert [(each.record_id, each.kind.value) for each in report.problems] == [("2", "ambiguous")]
    assert len(town.hub.records) == 1


@pytest.mark.parametrize(("keep", "rows"), [(Side.NOTION, 1), (Side.SERVICE, 2)])
def test_engine_9_who_is_who_is_settled_by_a_person_and_never_asked_twice(keep: Side, rows: int) -> None:
    town = Town()
    town.hub.put({**PERSON, "name": "Somebody Else"})
    town.person("shop", name="Kim")
    (question,) = town.run().problems
    assert town.run().news == [], "it is shown once when it is new"
    town.state.resolve(question.id, keep)
    town.run()
    assert len(town.hub.records) == rows
    for problem in town.state.problems():  # the two names differ, and that is another question
        town.state.resolve(problem.id, Side.NOTION)
    town.run()
    assert town.run().problems == []


def test_engine_5_what_was_not_taken_is_given_up_or_sent_again_as_a_person_says() -> None:
    for keep, shown in ((Side.SERVICE, ["Kim", "Kim"]), (Side.NOTION, ["Kim refuse-me", "Kim"])):
        town = met()
        town.hub.edit(town.page().id, "name", "Kim refuse-me")
        (problem,) = town.run().problems
        assert problem.kind.value == "not_taken"
        town.state.resolve(problem.id, keep)
        town.run()
        before = town.world.writes
        town.run()
        assert town.world.writes == before, "it was tried once more, and no more than once"
        assert town.shown("name") == shown


def test_engine_15_a_record_that_was_copied_gets_its_own_row_and_marker() -> None:
    town = met()
    original = town.services["shop"].records["1"]
    copy = town.services["shop"].put({**PERSON, "email": "copy@example.com", "name": "Kim (copy)"}, original.marks)
    town.run()
    assert len(town.hub.records) == 2
    assert town.services["shop"].records[copy.id].marks.page_id == town.pages("copy@example.com")[0].id
    assert original.marks.page_id == town.pages("kim@example.com")[0].id


def test_engine_15_a_row_that_was_copied_is_left_until_its_external_id_is_emptied() -> None:
    town = met()
    original = town.page()
    copy = town.hub.put({**PERSON, "email": "new@example.com", "name": "Kim New"}, original.marks)
    assert [each.page_id for each in town.run().problems] == [copy.id]
    town.services["shop"].edit("1", "phone", "2")
    town.run()
    assert town.hub.records[copy.id].values["phone"] == "1"
    town.remark(town.hub.records[copy.id], lines=())
    town.run()
    town.run()
    assert town.kinds() == []
    assert len(town.services["shop"].records) == 2, "now it is a row of its own, which Source addresses to the shop"


def test_engine_16_deleted_and_made_anew_with_the_same_key_the_row_goes_on() -> None:
    town = met()
    page = town.page()
    town.hub.edit(page.id, "phone", "2")
    town.services["shop"].destroy("1")
    town.person("shop")
    town.run()
    town.run()
    assert town.page().id == page.id
    assert "shop:customers:2" in town.page().marks.lines
    assert town.shown("phone") == ["2", "2"], "the base was kept, so the edit in Notion is one"


def test_engine_16_while_the_old_one_lives_it_is_ambiguous() -> None:
    town = met()
    town.person("shop")
    town.run()
    assert town.kinds() == ["ambiguous"]
    town.services["shop"].destroy("1")
    town.run(full=True)
    town.run(full=True)
    assert town.kinds() == []
    assert "shop:customers:2" in town.page().marks.lines


def test_engine_18_external_id_costs_one_write_of_its_own_and_then_none() -> None:
    town = Town()
    town.hub.put(PERSON, Marks(lines=("desk:seats:9",)))
    town.person("shop")
    town.run()
    assert set(town.page().marks.lines) == {"desk:seats:9", "shop:customers:1"}, "unknown lines are kept"
    before = town.world.writes
    town.remark(town.page(), lines=(*town.page().marks.lines, "by hand"))
    town.run()
    assert town.world.writes == before


@pytest.mark.parametrize("fault", ["lost before", "lost after"])
def test_engine_19_a_create_without_an_answer_is_looked_up_and_sent_again_only_when_it_has_settled(fault: str) -> None:
    town = Town()
    town.hub.put(PERSON, Marks(sources=frozenset({"shop"})))
    town.world.advance(700)
    town.world.faults = {town.world.sent + 1: fault}  # type: ignore[dict-item]
    town.run(later=0)
    town.run(later=5)
    assert len(town.services["shop"].records) == (1 if fault == "lost after" else 0), "too soon to be sure"
    town.run(later=90)
    town.run()
    assert len(town.services["shop"].records) == 1
    assert town.services["shop"].records["1"].marks.page_id == town.page().id


def test_engine_28_the_log_has_what_was_there_before_and_why_it_went() -> None:
    town = met()
    town.services["shop"].edit("1", "phone", "2")
    town.run()
    (row,) = [each for each in town.state.log_rows() if each["field"] == "phone"]
    assert (row["side"], row["before"], row["after"], row["cause"]) == ("notion", '"1"', '"2"', "edit")
    assert (row["record_id"], row["page_id"], row["reversible"]) == ("1", town.page().id, 1)


def test_engine_29_a_run_at_rest_asks_each_side_once_and_writes_nothing() -> None:
    town = met()
    town.run()
    before, writes = town.world.requests, town.world.writes
    town.run()
    assert town.world.requests - before == 3
    assert town.world.writes == writes


@pytest.mark.parametrize("where", ["notion", "shop"])
def test_engine_23_a_field_that_is_emptied_on_very_many_records_is_not_emptied_on_the_other_side(where: str) -> None:
    town = Town()
    for number in range(8):
        town.person(email=f"p{number}@example.com", name=f"Kim {number}", phone=f"1{number}")
    town.run()
    side, other = (town.hub, town.services["shop"]) if where == "notion" else (town.services["shop"], town.hub)
    records = list(side.records)
    for record_id in records[:5]:
        side.edit(record_id, "phone", None)
    assert town.run().exit_code == 0
    assert [each.values["phone"] for each in other.records.values()].count(None) == 5
    side.edit(records[5], "phone", None)
    assert town.run().exit_code == 6, "one more in the same day"
    assert [each.values["phone"] for each in other.records.values()].count(None) == 5
    assert town.run(later=90_000).exit_code == 0
    assert [each.values["phone"] for each in other.records.values()].count(None) == 6
