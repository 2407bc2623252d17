"""The sums by question and by day, what may be written, and the made-up data."""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from higherself_sync.sandbox.people import people
from higherself_sync.sandbox.userfeedback import UserFeedbackTwin
from tests.sandbox.wordpress_client import START, Client, basic
from tests.sandbox.wordpress_sites import ADMIN, QUESTIONS, feedback_site

Site = Client[UserFeedbackTwin]


@pytest.fixture
def site() -> Site:
    return feedback_site()


# Sums


def test_an_answer_that_is_no_option_counts_for_the_first(site: Site) -> None:
    nps = site.get("surveys/1/results").body["question_stats"][0]
    assert [option["count"] for option in nps["options"]] == [3, 1, 1, 1, 1, 1, 1, 1, 1, 1]  # 1, and 0 twice
    assert (nps["total_answers"], nps["skipped"]) == (12, 0)


def test_a_counted_question_without_answers_has_no_list_of_them(site: Site) -> None:
    stats = {question["id"]: question for question in site.get("surveys/2/results").body["question_stats"]}
    assert "answers" not in stats["q2"]
    assert stats["q3"]["answers"] == []


def test_where_there_are_no_options_one_without_a_value_appears(site: Site) -> None:
    site.add("surveys", title="Empty", status="publish", questions=[{**QUESTIONS[1], "config": {"options": []}}])
    site.twin.load(
        {
            "responses": [
                {
                    "id": "90",
                    "survey_id": "4",
                    "answers": [{"question_id": "q2", "value": "Old option"}] * 2,
                    "submitted_at": "2026-11-01 00:00:00",
                }
            ]
        },
        site.now,
    )
    (stats,) = site.get("surveys/4/results").body["question_stats"]
    assert stats["options"] == [{"count": 1}]


def test_text_counts_as_the_number_it_is(site: Site) -> None:
    for value in ("10", 10, "10.0"):
        site.add("responses", survey_id="2", answers=[{"question_id": "q1", "value": value}])
    nps = site.get("surveys/2/results").body["question_stats"][0]
    assert nps["options"][9] == {"value": 10, "count": 3}


def test_todays_responses_are_in_no_count_of_days(site: Site) -> None:
    assert site.get("surveys/1/results").body["responses_count_7_days"] == 0
    site.wait(86400)
    assert site.get("surveys/1/results").body["responses_count_7_days"] == 12
    site.wait(8 * 86400)
    results = site.get("surveys/1/results").body
    assert (results["responses_count_7_days"], results["responses_count_30_days"]) == (0, 12)


def test_sums_hold_what_is_in_the_trash_too(site: Site) -> None:
    site.change("responses", 12, status="trash")
    assert site.get("surveys/1/results").body["responses_count"] == 12
    assert site.get("surveys/1").body["responses_count"] == 12


def test_the_summary_counts_by_day_for_a_week_and_a_day(site: Site) -> None:
    site.wait(2 * 86400)
    summary = site.get("results-summary").body
    assert [point["count"] for point in summary["data_points"]] == [0, 0, 0, 0, 0, 13, 0, 0]
    assert summary["total_responses"] == 13
    one = site.get("results-summary", survey_id=2).body
    assert one["total_responses"] == 1
    assert [survey["range_responses_count"] for survey in one["surveys"]] == [0, 1, 0]


def nps_site(*values: Any) -> Site:
    """Survey 4 is of the type nps, and was answered with these."""
    site = feedback_site()
    site.add("surveys", title="NPS", type="nps", status="publish", questions=QUESTIONS[:1])
    for value in values:
        site.add("responses", survey_id="4", answers=[{"question_id": "q1", "value": value}] if value != "" else [])
    return site


def test_a_survey_of_the_type_nps_is_summed_up_in_whole_percents() -> None:
    results = nps_site(0, 1, 6, 7, "9", 10, "").get("surveys/4/results").body
    assert results["nps_overview"] == {"detractor": 28, "passive": 14, "promoter": 28, "nps": 0}
    assert list(results) == [
        "id", "title", "status", "impressions", "type", "nps_overview", "responses_count", "question_stats",
    ]  # fmt: skip
    empty = nps_site().get("surveys/4/results").body
    assert empty["nps_overview"] == {"detractor": 0, "passive": 0, "promoter": 0, "nps": "N/A"}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 1),  # the last thirty days
        ({"from": "2026-11-24"}, 0),
        ({"from": "2026-11-23"}, 1),
        ({"to": "2026-11-23"}, 1),
        ({"to": "2026-11-22"}, 0),
        ({"from": "", "to": ""}, 1),
    ],
)
def test_sums_of_the_type_nps_are_those_of_a_span_of_days(query: dict[str, str], count: int) -> None:
    site = nps_site(9)
    assert site.get("surveys/4/results", **query).body["responses_count"] == count
    site.wait(31 * 86400)
    assert site.get("surveys/4/results").body["responses_count"] == 0
    assert site.get("surveys/4/results", **{"from": "soon"}).status == 501


def test_lite_reads_a_start_of_the_summary_and_does_without_it(site: Site) -> None:
    assert site.get("results-summary", start_date="2020-01-01").body == site.get("results-summary").body


def test_a_choice_without_options_kills_the_sums(site: Site) -> None:
    site.add("surveys", title="Broken", status="publish", questions=[{**QUESTIONS[1], "config": {}}])
    assert site.get("surveys/4/results").status == 500


# Writes


def test_only_a_page_of_the_site_can_send_a_response(site: Site) -> None:
    for site.headers in (ADMIN, {}):
        answer = site.call("POST", "surveys/1/responses", body={"answers": [], "nonce": "0123456789"})
        assert (answer.status, answer.raw) == (403, b"")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("how", ["json", "query", "form"])
def test_responses_are_deleted_by_their_ids_whatever_the_survey(how: str, site: Site) -> None:
    match how:
        case "json":
            answer = site.call("DELETE", "surveys/1/responses", body={"response_ids": [12, "13"]})
        case "query":
            answer = site.call("DELETE", "surveys/1/responses", "response_ids[]=12&response_ids[]=13")
        case _:
            form = {"content-type": "application/x-www-form-urlencoded"}
            answer = site.call("DELETE", "surveys/1/responses", body=b"response_ids[]=12&response_ids[]=13", **form)
    assert (answer.status, answer.raw) == (204, b"")
    assert len(site.twin.dump()["responses"]) == 11


@pytest.mark.parametrize(
    ("body", "code", "params"),
    [
        ({}, "rest_missing_callback_param", ["response_ids"]),
        ({"response_ids": [1, 99]}, "rest_invalid_param", {"response_ids": "Invalid parameter."}),
        ({"response_ids": [1, 1]}, "rest_invalid_param", {"response_ids": "Invalid parameter."}),
    ],
)
def test_a_wrong_delete_deletes_nothing_and_is_told_to_anybody(body: Any, code: str, params: Any, site: Site) -> None:
    for site.headers in (ADMIN, {}):
        answer = site.call("DELETE", "surveys/1/responses", body=body)
        assert (answer.status, answer.code, answer.body["data"]["params"]) == (400, code, params)
    assert len(site.twin.dump()["responses"]) == 13


def test_responses_are_thrown_away_and_come_back_and_those_that_changed_are_counted(site: Site) -> None:
    def act(what: str, *ids: int) -> Any:
        answer = site.call("POST", f"surveys/1/responses/{what}", body={"response_ids": list(ids)})
        assert (answer.status, answer.headers["allow"]) == (200, "POST")
        return answer.body

    assert [act("trash", 11, 12), act("trash", 12, 13)] == [2, 1]
    assert site.get("surveys/1/responses").body["pagination"]["total"] == 10
    assert [act("restore", 11), act("restore", 1), act("restore")] == [1, 0, False]
    assert [each["id"] for each in site.twin.dump()["responses"] if each["status"] == "trash"] == ["12", "13"]


@pytest.mark.parametrize("path", ["surveys/1/responses/trash", "surveys/1/responses/restore"])
def test_who_may_not_throw_away_is_told_so_once_the_responses_are_named(path: str, site: Site) -> None:
    site.headers = {}
    assert site.call("POST", path, body={}).code == "rest_missing_callback_param"
    assert site.call("POST", path, body={"response_ids": [99]}).code == "rest_invalid_param"
    answer = site.call("POST", path, body={"response_ids": [1]})
    assert (answer.status, answer.code, answer.headers.get("allow")) == (401, "rest_forbidden", None)


def test_only_a_page_of_the_site_can_count_an_impression(site: Site) -> None:
    for site.headers in (ADMIN, {}):
        answer = site.call("POST", "surveys/1/impression", body={})
        assert (answer.status, answer.raw, answer.headers["allow"]) == (403, b"", "POST")


def test_who_may_not_delete_is_told_so(site: Site) -> None:
    for site.headers, status in (({}, 401), (basic("manager", "app_manager"), 403)):
        answer = site.call("DELETE", "surveys/1/responses", body={"response_ids": [1]})
        assert (answer.status, answer.code, answer.headers["allow"]) == (status, "rest_forbidden", "POST")
    assert len(site.twin.dump()["responses"]) == 13


def test_bodies_that_are_no_json_are_told(site: Site) -> None:
    json = {"content-type": "application/json"}
    for method in ("GET", "POST", "DELETE"):
        answer = site.call(method, "surveys/1/responses", body=b"{", **json)
        assert (answer.code, answer.headers["allow"]) == ("rest_invalid_json", "GET, DELETE, POST")
    assert site.call("DELETE", "surveys/1/responses", body={"response_ids": 5}).status == 500


# Made-up data


def filled(records: int, seed: int = 0) -> dict[str, list[Any]]:
    twin = UserFeedbackTwin()
    twin.fill(records, seed, START)
    return twin.dump()


@pytest.mark.parametrize("records", [0, 1, 2, 25, 26, 60, 300])
def test_records_counts_surveys_and_responses_together(records: int) -> None:
    held = filled(records)
    assert len(held["surveys"]) + len(held["responses"]) == records


def test_a_seed_makes_the_same_data_each_time() -> None:
    assert filled(120, 7) == filled(120, 7)
    assert filled(120, 7)["responses"] != filled(120, 8)["responses"]


def values(held: dict[str, list[Any]], kind: str) -> Iterator[Any]:
    wanted = {(s["id"], q["id"]) for s in held["surveys"] for q in s["questions"] if q["type"] == kind}
    for response in held["responses"]:
        for answer in response["answers"]:
            if (response["survey_id"], answer["question_id"]) in wanted:
                yield answer["value"]


def test_those_who_answer_are_the_first_of_the_people() -> None:
    first = {person.email for person in islice(people(random.Random(3)), 150)}
    addresses = {address.lower() for address in values(filled(300, 3), "email")}
    assert addresses
    assert addresses <= first


def test_made_up_answers_are_as_odd_as_real_ones() -> None:
    held = filled(300)
    assert {type(value) for value in values(held, "nps")} == {int, str}
    assert 0 in values(held, "nps")
    assert any(address != address.lower() for address in values(held, "email"))
    assert all(isinstance(value, list) for value in values(held, "checkbox"))
    assert {"🙁", "<", "\n"} & set("".join(values(held, "long-text"))) == {"🙁"}
    assert {response["status"] for response in held["responses"]} == {"publish", "trash"}
    assert {survey["status"] for survey in held["surveys"]} == {"publish", "draft"}


def test_everything_happened_in_the_year_before_now_in_the_order_of_its_id() -> None:
    held = filled(300)
    times = [response["submitted_at"] for response in held["responses"]]
    assert times == sorted(times)
    earliest = (START - timedelta(days=366)).strftime("%Y-%m-%d %H:%M:%S")
    assert earliest < held["surveys"][0]["created_at"] < times[0]
    assert times[-1] < "2026-11-23 18:00:00"
