"""What is wrong with rows as they stand, in memory: External ID and Source by hand, and two rows for one person."""

import pytest

from higherself_sync.core.record import Marks, Side
from tests.engine.town import PERSON, Town, met


def reasons(town: Town) -> list[str]:
    return [each.reason for each in town.state.problems()]


# --------------------------------------------------------------------------------------------------- External ID


def two() -> Town:
    town = met()
    town.person(email="eve@example.com", name="Eve")
    town.run()
    town.run()
    return town


def test_engine_15_a_line_of_another_rows_record_is_named_and_nothing_is_done() -> None:
    town = two()
    page = town.pages("kim@example.com")[0]
    town.remark(page, lines=(*page.marks.lines, "shop:customers:2"))
    before = town.world.writes
    (line,) = town.run().news
    assert f"row {page.id}" in line
    assert "shop:customers:2" in line
    assert "take that line out" in line
    assert (town.run().news, town.world.writes) == ([], before)
    town.remark(town.hub.records[page.id], lines=("shop:customers:1",))
    town.run()
    assert town.state.problems() == []


def test_engine_18_a_line_that_was_exchanged_is_written_again_and_the_strange_one_is_named() -> None:
    town = two()
    page = town.pages("kim@example.com")[0]
    town.remark(page, lines=("shop:customers:2",))
    town.run()
    assert set(town.hub.records[page.id].marks.lines) == {"shop:customers:1", "shop:customers:2"}
    town.run()
    assert [("shop:customers:2" in each, "take that line out" in each) for each in reasons(town)] == [(True, True)]


def test_engine_18_an_external_id_that_was_emptied_is_written_again_once() -> None:
    town = met()
    town.remark(town.page(), lines=())
    before = town.world.writes
    town.run()
    assert town.page().marks.lines == ("shop:customers:1",)
    assert (town.world.writes, town.state.problems()) == (before + 1, [])
    requests = town.world.requests
    town.run()
    assert (town.world.requests - requests, town.world.writes) == (3, before + 1), "at rest it costs nothing"


def test_engine_18_nobody_is_fought_about_external_id() -> None:
    town = met()
    town.remark(town.page(), lines=())
    town.run()
    town.remark(town.page(), lines=())
    before = town.world.writes
    (line,) = town.run().news
    assert "External ID" in line
    assert "shop:customers:1" in line
    assert town.run().news == []
    assert (town.page().marks.lines, town.world.writes) == ((), before)
    town.remark(town.page(), lines=("shop:customers:1",))
    town.run()
    assert town.state.problems() == []


def test_engine_18_a_line_that_could_not_be_written_again_stays_due() -> None:
    town = met()
    town.remark(town.page(), lines=())
    town.world.faults = {town.world.sent + 1: "refuse"}
    town.run()
    town.run()
    assert (town.page().marks.lines, town.state.problems()) == (("shop:customers:1",), [])


# ----------------------------------------------------------------------------------------------- two people


def restored() -> Town:
    """Her row was in the trash while the desk met her, and is back."""
    town = met()
    page = town.page()
    town.hub.trash(page.id)
    town.run(full=True)
    town.person("desk", phone="2")
    town.run()
    town.hub.untrash(page.id)
    return town


def test_engine_13_two_rows_with_one_e_mail_are_two_people_and_nothing_is_done() -> None:
    town = restored()
    before = town.world.writes
    (line,) = town.run().news
    assert line.startswith("desk:customers:1: ambiguous: two people:")
    assert all(page_id in line for page_id in town.hub.records)
    assert (len(town.hub.records), town.world.writes, town.run().news) == (2, before, [])
    town.hub.edit(town.pages("kim@example.com")[0].id, "email", "kim@elsewhere.example.com")
    town.run()
    assert town.state.problems() == []
    mails = [[each.values["email"] for each in side.records.values()] for side in town.services.values()]
    assert mails == [["kim@elsewhere.example.com"], ["kim@example.com"]]


@pytest.mark.parametrize("keep", list(Side))
def test_engine_13_two_rows_with_one_e_mail_may_stay_two(keep: Side) -> None:
    town = restored()
    (problem,) = town.run().problems
    town.state.resolve(problem.id, keep)
    for _ in range(2):
        town.run()
        assert town.state.problems() == []


def test_engine_13_whom_a_person_has_told_apart_is_not_asked_about_again() -> None:
    town = met()
    town.person("desk", name="Somebody Else")
    (question,) = town.run().problems
    town.state.resolve(question.id, Side.SERVICE)
    for _ in range(2):
        town.run()
        assert (len(town.hub.records), town.state.problems()) == (2, [])


# --------------------------------------------------------------------------------------------------- Source


def addressed(*sources: str) -> Town:
    """A person wrote a row with that Source, after the first run."""
    town = met()
    town.hub.put({**PERSON, "email": "new@example.com"}, Marks(sources=frozenset(sources)))
    return town


def test_engine_20_a_source_that_no_service_has_is_a_problem_of_its_row_until_it_is_corrected() -> None:
    town = addressed("shopp")
    page = town.pages("new@example.com")[0]
    (line,) = town.run().news
    assert f"row {page.id}" in line
    assert "*" not in line
    assert "`shopp`" in line
    assert "did you mean `shop`" in line
    assert town.run().news == []
    town.remark(town.hub.records[page.id], sources=frozenset({"shop"}))
    town.run()
    assert (town.state.problems(), len(town.services["shop"].records)) == ([], 2)


def test_engine_20_of_several_names_each_wrong_one_is_told_and_the_right_ones_are_served() -> None:
    town = addressed("shop", "shopp", "Instagram")
    town.run()
    assert len(town.services["shop"].records) == 2
    assert sorted("`shopp`" in each for each in reasons(town)) == [False, True]
    page = town.pages("new@example.com")[0]
    town.remark(page, sources=frozenset({"shop", "Instagram"}))
    town.run()
    assert ["`Instagram`" in each for each in reasons(town)] == [True]


def test_engine_20_words_that_were_in_source_before_hsn_came_are_nobodys_problem() -> None:
    town = Town()
    town.hub.put(PERSON, Marks(sources=frozenset({"Instagram"})))
    town.hub.put({**PERSON, "email": "eve@example.com"}, Marks(sources=frozenset({"shpo"})))
    town.run()
    town.run()
    assert ["`shpo`" in each for each in reasons(town)] == [True], "but a name that is nearly a service's was meant"


def test_engine_20_a_service_that_has_left_the_config_is_no_problem_of_the_rows_it_made() -> None:
    town = met()
    town.remark(town.page(), lines=(*town.page().marks.lines, "old:customers:7"), sources=frozenset({"shop", "old"}))
    town.run()
    assert reasons(town) == []


def test_engine_20_a_source_that_makes_nothing_of_such_rows_is_a_problem() -> None:
    town = Town()
    town.streams["desk"] = town.cannot_create("desk")
    town.run()
    page = town.hub.put({**PERSON, "email": "new@example.com"}, Marks(sources=frozenset({"desk"})))
    (line,) = town.run().news
    assert line.startswith(f"desk:customers:row {page.id}: set_aside: Source names desk")
    assert "no clients are made" in line
    town.remark(town.hub.records[page.id], sources=frozenset())
    assert town.run().problems == []


def test_engine_20_a_row_that_is_linked_to_such_a_service_is_none() -> None:
    town = Town()
    town.streams["desk"] = town.cannot_create("desk")
    town.person("desk")
    town.run()
    town.run()
    assert (set(town.page().marks.sources), reasons(town)) == ({"desk"}, [])
