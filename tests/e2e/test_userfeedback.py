"""UserFeedback and a shop of the same people, met by the whole tool."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.scene import Scene
from tests.sandboxed import sandbox

NAME = "feedback"
BOTH = ("shop", NAME)
BERLIN = ZoneInfo("Europe/Berlin")


def responses(here: Scene, status: str = "publish") -> dict[str, dict[str, Any]]:
    """By the line of External ID."""
    found = here.ground.control("GET", "dump")["userfeedback"]["responses"]
    return {f"{NAME}:responses:{each['survey_id']}-{each['id']}": each for each in found if each["status"] == status}


def address(here: Scene, response: dict[str, Any]) -> str | None:
    surveys = {each["id"]: each for each in here.ground.control("GET", "dump")["userfeedback"]["surveys"]}
    kinds = {each["id"]: each["type"] for each in surveys[response["survey_id"]]["questions"]}
    left = [each["value"] for each in response["answers"] if kinds.get(each["question_id"]) == "email"]
    return str(left[0]).lower() if left and left[0] else None


def respond(here: Scene, survey: str, **answers: Any) -> str:
    given = [{"question_id": name, "value": value} for name, value in answers.items()]
    added = here.ground.control("POST", "userfeedback/responses", {"survey_id": survey, "answers": given})
    return f"{NAME}:responses:{survey}-{added['id']}"


def feedback(here: Scene) -> dict[str, dict[str, Any]]:
    return {line: row for line, row in here.rows().items() if line.startswith(f"{NAME}:responses:")}


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A shop and a site with surveys, synced and come to rest."""
    with sandbox(tmp_path_factory.mktemp("userfeedback"), "--records", "120", services=BOTH) as ground:
        here = Scene(ground)
        here.sync()
        here.later(600)
        here.sync()
        yield here


@pytest.fixture
def here(synced: Scene) -> Scene:
    synced.later(600)
    synced.forget_requests()
    return synced


def test_every_response_has_a_row_and_none_is_there_twice(here: Scene) -> None:
    rows, there = feedback(here), responses(here)
    assert set(rows) == set(there)
    for line, response in there.items():
        row = rows[line]
        assert row["Source"] == [NAME]
        assert row["Form"]
        local = datetime.fromisoformat(response["submitted_at"]).replace(tzinfo=BERLIN, second=0)
        assert datetime.fromisoformat(row["Submitted"]) == local
        assert all(row["Content"] is not None and part not in row["Content"] for part in ("Chrome", "Windows", "@"))


def test_who_also_buys_in_the_shop_is_one_client_and_related_to_what_they_said(here: Scene) -> None:
    rows = here.rows()
    by_email: dict[str, set[str]] = {}
    for row in rows.values():
        if row.get("Email"):
            by_email.setdefault(row["Email"].lower(), set()).add(row["id"])
    assert [each for each, pages in by_email.items() if len(pages) > 1] == []
    both = 0
    for line, response in responses(here).items():
        left = address(here, response)
        assert rows[line]["Client"] == sorted(by_email[left] if left else ())
        if left and f"{NAME}:people:{left}" in rows:
            lines = rows[f"{NAME}:people:{left}"]["External ID"].splitlines()
            both += any(each.startswith("shop:") for each in lines)
    assert both >= 5


def test_at_rest_it_costs_two_requests_and_one_a_survey_that_is_open(here: Scene) -> None:
    here.sync()
    asked = [f"{each['method']} {each['path']}" for each in here.requests() if each["service"] == "userfeedback"]
    assert asked == [
        "GET /wp-json/",
        "GET /wp-json/userfeedback/v1/surveys",
        "GET /wp-json/userfeedback/v1/surveys/1/responses",
    ]
    assert here.writes() == []


def test_a_new_response_arrives_and_finds_its_client(here: Scene) -> None:
    person = next(row for line, row in here.rows().items() if line.startswith("shop:customers:"))
    line = respond(here, "1", q1=10, q3="Thank you & see you in May ❤️", q4=person["Email"].upper())
    report = here.sync()
    row = here.row(line)
    assert (row["Feedback"], row["Rating"], row["Client"]) == ("Thank you & see you in May ❤️", 10, [person["id"]])
    assert sum(each["created"]["notion"] for each in report["streams"]) == 1
    assert here.row(f"{NAME}:people:{person['Email'].lower()}")["id"] == person["id"]
    here.at_rest()


def test_somebody_new_becomes_a_client_of_whom_no_name_is_known(here: Scene) -> None:
    line = respond(here, "1", q1=3, q4="somebody.new@example.com")
    here.sync()
    row = here.rows()[f"{NAME}:people:somebody.new@example.com"]
    assert (row["Name"], row["Email"], row["Feedback"]) == ("", "somebody.new@example.com", [here.row(line)["id"]])
    here.at_rest()


def test_a_trashed_response_trashes_its_row_and_brings_it_back(here: Scene) -> None:
    line, response = next(iter(responses(here).items()))
    page = here.row(line)["id"]
    here.ground.control("PATCH", f"userfeedback/responses/{response['id']}", {"status": "trash"})
    here.sync()
    assert here.pages()[page]["in_trash"]
    here.at_rest()
    here.ground.control("PATCH", f"userfeedback/responses/{response['id']}", {"status": "publish"})
    here.later(600)
    here.sync("sync", "--all", "--full")
    assert here.row(line)["id"] == page
    here.at_rest()


def test_a_response_that_is_deleted_for_good_is_found_by_the_next_complete_read(here: Scene) -> None:
    line, response = list(responses(here).items())[3]
    page = here.row(line)["id"]
    here.ground.control("PATCH", f"userfeedback/responses/{response['id']}", {"deleted": True})
    here.sync()
    assert not here.pages()[page]["in_trash"]
    here.later(600)
    here.sync("sync", "--all", "--full")
    assert here.pages()[page]["in_trash"]


def test_what_a_person_writes_into_a_row_is_put_back_once(here: Scene) -> None:
    line = next(iter(responses(here)))
    rating = here.row(line)["Rating"]
    here.edit_row(line, Rating={"number": 99})
    report = here.sync()
    assert sum(each["restored"] for each in report["streams"]) == 1
    assert here.row(line)["Rating"] == rating


def test_keep_leaves_the_row_of_a_trashed_response(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "60", services=BOTH)
    here.configure(NAME, streams={"responses": {"on_service_delete": "keep"}})
    here.sync()
    here.later(600)
    line, response = next(iter(responses(here).items()))
    here.ground.control("PATCH", f"userfeedback/responses/{response['id']}", {"status": "trash"})
    here.sync()
    assert not here.pages()[here.row(line)["id"]]["in_trash"]
    here.at_rest()


def test_a_wrong_time_zone_is_told_before_anything_is_written(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "60", services=BOTH)
    here.configure(NAME, timezone="America/Los_Angeles")
    report = here.sync(exit_code=4)
    errors = {each["service"]: each["error"] for each in report["streams"]}
    assert errors["shop"] is None
    assert 'timezone = "Europe/Berlin"' in errors[NAME]["remedy"]
    assert feedback(here) == {}
    assert [each["path"] for each in here.requests() if each["service"] == "userfeedback"] == ["/wp-json/"]
    health = here.ground.hsn("health", "--json")
    assert health.returncode == 4
    assert "Europe/Berlin" in health.stdout


def test_a_lost_state_doubles_nothing(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "60", services=BOTH)
    here.sync()
    before = here.rows()
    here.later(600)
    here.lose_the_state()
    report = here.sync()
    assert sum(each["created"]["notion"] for each in report["streams"]) == 0
    assert {line: row["id"] for line, row in here.rows().items()} == {line: row["id"] for line, row in before.items()}
