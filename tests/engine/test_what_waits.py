"""What waits for a person, in memory: how it is said, when it is said again, and what `hsn resolve` does about it."""

import pytest

from higherself_sync.core.plan import HoldKind
from higherself_sync.core.record import Side
from higherself_sync.errors import UsageError
from higherself_sync.state import Problem, Topic
from tests.engine.market import Market
from tests.engine.town import PERSON, Town, met


def only(town: Town) -> Problem:
    (problem,) = town.state.problems()
    return problem


# ------------------------------------------------------------------------------------------------- how it is said


def test_engine_9_a_problem_whose_reason_has_changed_is_named_again() -> None:
    town = met()
    copy = town.hub.put(PERSON, town.page().marks)
    assert len(town.run().news) == 1
    assert town.run().news == []
    town.remark(town.hub.records[copy.id], lines=())
    (line,) = town.run().news
    assert "e-mail" in line, "what they share, and where"
    assert "shop:customers:1" in line
    assert town.run().news == []


def test_engine_9_what_was_decided_of_one_question_is_not_taken_for_the_answer_to_another() -> None:
    town = met()
    topic = Topic(town.streams["shop"], page_id="a page")
    town.state.report_problem(topic, HoldKind.AMBIGUOUS, "one question", town.world.now)
    town.state.decide(only(town).id, Side.SERVICE)
    town.state.report_problem(topic, HoldKind.AMBIGUOUS, "another question", town.world.now)
    assert only(town).decision is None


def test_engine_10_what_was_put_back_once_keeps_its_reason_as_long_as_it_waits() -> None:
    town = met()
    for _ in range(2):
        town.hub.edit(town.page().id, "address", "nowhere")
        town.run()
    reason = only(town).reason
    assert "put back once" in reason
    town.run()
    assert only(town).reason == reason
    assert town.run().news == []


def test_no_field_of_the_programs_own_is_named_on_stderr() -> None:
    market = Market()
    page = next(iter(market.hub.records))
    market.hub.destroy(page)
    (line,) = market.run().news
    assert "*" not in line
    assert line.startswith("shop:products:1: ambiguous: its Notion page cannot be found")


def test_what_a_side_refuses_is_set_aside_with_what_to_do() -> None:
    town = met()
    town.hub.edit(town.page().id, "phone", "2")
    town.world.faults = {town.world.sent + 1: "refuse"}
    (line,) = town.run().news
    assert line.endswith("set_aside: not today; correct it in the row or in the record: the next run tries again")


def test_what_gets_no_answer_is_said_to_be_tried_again() -> None:
    town = met()
    town.hub.edit(town.page().id, "phone", "2")
    town.world.faults = {town.world.sent + 1: "lost before"}
    (line,) = town.run().news
    assert line.endswith("set_aside: no answer; it is tried again by itself")


# ------------------------------------------------------------------------------------------------- what resolve does


@pytest.mark.parametrize("keep", list(Side))
def test_a_copied_row_is_nothing_to_choose_about_and_nobody_is_told_to(keep: Side) -> None:
    town = met()
    town.hub.put({**PERSON, "email": "new@example.com"}, town.page().marks)
    (line,) = town.run().news
    assert "resolve" not in line
    with pytest.raises(UsageError, match="copy of another") as refused:
        town.state.resolve(only(town).id, keep)
    assert "delete it, or empty its External ID" in refused.value.message


def test_which_row_is_a_question_only_where_a_row_was_found() -> None:
    town = Town()
    for name in ("Kim", "Kim A"):
        town.hub.put({**PERSON, "name": name})
    town.person("shop")
    (line,) = town.run().news
    assert line.endswith("--keep service"), "two rows were found, and nobody can say `the one`"
    with pytest.raises(UsageError):
        town.state.resolve(only(town).id, Side.NOTION)
    town.state.resolve(only(town).id, Side.SERVICE)
    town.run()
    assert len(town.hub.records) == 3


def test_another_row_is_another_question() -> None:
    town = Town()
    first = town.hub.put({**PERSON, "name": "Somebody Else"})
    town.person("shop")
    assert town.run().problems[0].notion_value == first.id
    town.state.resolve(only(town).id, Side.NOTION)
    town.hub.destroy(first.id)
    town.hub.put({**PERSON, "name": "A Third"})
    town.run(full=True)
    assert only(town).decision is None


@pytest.mark.parametrize(("keep", "rows"), [(Side.NOTION, 0), (Side.SERVICE, 1)])
def test_a_row_that_cannot_be_found_is_settled_by_the_very_next_run(keep: Side, rows: int) -> None:
    town = met()
    town.hub.destroy(town.page().id)
    town.run(full=True)
    town.state.resolve(only(town).id, keep)
    town.run()
    assert town.state.problems() == []
    assert len(town.hub.records) == rows


def test_a_row_that_is_found_after_all_is_not_settled_away() -> None:
    town = met()
    page = town.page()
    del town.hub.records[page.id]
    town.run(full=True)
    town.state.resolve(only(town).id, Side.SERVICE)
    town.hub.records[page.id] = page
    town.run()
    assert town.state.problems() == []
    assert list(town.hub.records) == [page.id]


@pytest.mark.parametrize(("keep", "shown"), [(Side.NOTION, "nowhere"), (Side.SERVICE, None)])
def test_a_field_of_the_services_own_that_was_edited_twice_is_kept_as_a_person_says(keep: Side, shown: str) -> None:
    town = met()
    for _ in range(2):
        town.hub.edit(town.page().id, "address", "nowhere")
        town.run()
    town.state.resolve(only(town).id, keep)
    for _ in range(2):
        town.run()
        assert town.state.problems() == []
        assert town.page().values["address"] == shown
    town.services["shop"].edit("1", "address", "Street 1")
    town.run()
    assert town.page().values["address"] == "Street 1", "it is the service's all the same"


@pytest.mark.parametrize("keep", list(Side))
def test_what_was_never_sent_cannot_be_tried_again(keep: Side) -> None:
    town = met()
    topic = Topic(town.streams["shop"], page_id=town.page().id)
    town.state.report_problem(topic, HoldKind.SET_ASIDE, "shop needs: Name; fill it in", town.world.now)
    with pytest.raises(UsageError, match="fill it in"):
        town.state.resolve(only(town).id, keep)
