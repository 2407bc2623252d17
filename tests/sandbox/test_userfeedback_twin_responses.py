"""Trap 19 of the reference and more: pages, filters and types of responses, as the plugin has them."""

from datetime import datetime
from typing import Any

import pytest

from higherself_sync.sandbox.userfeedback import UserFeedbackTwin
from tests.sandbox.wordpress_client import SITE, Answer, Client, typed
from tests.sandbox.wordpress_sites import ADMIN, feedback_site

Site = Client[UserFeedbackTwin]


@pytest.fixture
def site() -> Site:
    return feedback_site()


def ids(answer: Answer) -> list[str]:
    return [item["id"] for item in answer.body["items"]]


def answered(site: Site, question: str, value: Any) -> Any:
    """What the twin makes of one answer, as the API then shows it."""
    site.add("responses", survey_id="1", answers=[{"question_id": question, "value": value}])
    return site.get("surveys/1/responses", per_page=1).body["items"][0]["answers"][0]["value"]


def test_responses_come_ten_at_a_time_newest_id_first_whatever_is_asked(site: Site) -> None:
    plain = site.get("surveys/1/responses")
    assert ids(plain) == [str(n) for n in range(12, 2, -1)]
    assert plain.body["pagination"] == {"total": 12, "pages": 2, "page": None, "per_page": 10}
    assert ids(site.get("surveys/1/responses", orderby="id", order="asc")) == ids(plain)
    assert ids(site.get("surveys/1/responses", per_page="0")) == ids(plain)


def test_there_is_no_largest_page_and_minus_one_is_all(site: Site) -> None:
    assert site.get("surveys/1/responses", per_page=1000).body["pagination"]["pages"] == 1
    everything = site.get("surveys/1/responses", per_page=-1)
    assert len(ids(everything)) == 12
    assert everything.body["pagination"] == {"total": 12, "pages": -12, "page": None, "per_page": -1}
    assert ids(site.get("surveys/1/responses", per_page=-1, page=2)) == []


def test_past_the_end_there_are_no_items_and_the_total_stays(site: Site) -> None:
    answer = site.get("surveys/1/responses", page=7)
    assert (answer.status, ids(answer)) == (200, [])
    assert answer.body["pagination"] == {"total": 12, "pages": 2, "page": "7", "per_page": 10}


@pytest.mark.parametrize(
    "query", ["page=1&per_page=many", "page=1&per_page=0.5", "page=1&per_page=%20", "page=many", "page[]=2"]
)
@pytest.mark.parametrize("path", ["surveys/1/responses", "surveys"])
def test_a_page_that_is_no_number_kills_php(path: str, query: str, site: Site) -> None:
    answer = site.call("GET", path, query)
    assert answer.status == 500
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert b"critical error" in answer.raw


@pytest.mark.parametrize(("page", "first"), [("2x", "9"), ("0", "12"), ("-3", "12"), ("", "12"), ("1e0", "12")])
def test_other_pages_are_read_as_php_reads_numbers(page: str, first: str, site: Site) -> None:
    answer = site.get("surveys/1/responses", per_page="3 or so", page=page)
    assert ids(answer)[0] == first
    assert (answer.body["pagination"]["page"], answer.body["pagination"]["per_page"]) == (page, 3)


def test_pages_shift_while_new_answers_arrive(site: Site) -> None:
    first = ids(site.get("surveys/1/responses", per_page=4, page=1))
    site.add("responses", survey_id="1", answers=[])
    second = ids(site.get("surveys/1/responses", per_page=4, page=2))
    assert first[-1] == second[0]


def test_an_unknown_survey_has_no_responses(site: Site) -> None:
    answer = site.get("surveys/99/responses")
    assert (answer.status, ids(answer)) == (200, [])
    assert answer.body["pagination"] == {"total": 0, "pages": 0, "page": None, "per_page": 10}


def test_the_counts_by_status_are_those_of_all_surveys(site: Site) -> None:
    site.change("responses", 4, status="trash")
    expected = [
        {"status": "all", "count": 12},
        {"status": "publish", "count": "12"},
        {"status": "trash", "count": "1"},
    ]
    assert site.get("surveys/1/responses").body["status_filters"] == expected
    assert site.get("surveys/99/responses").body["status_filters"] == expected


def test_an_empty_site_counts_nothing() -> None:
    client = Client(UserFeedbackTwin(), "userfeedback/v1", ADMIN)
    assert client.get("surveys/1/responses").body["status_filters"] == [{"status": "all", "count": 0}]
    assert client.get("surveys").body == []


def test_the_trash_is_left_out_unless_asked_for(site: Site) -> None:
    site.change("responses", 12, status="trash")
    assert ids(site.get("surveys/1/responses"))[0] == "11"
    trash = site.call("GET", "surveys/1/responses", "filter[status]=trash")
    assert [(item["id"], item["status"]) for item in trash.body["items"]] == [("12", "trash")]
    site.change("responses", 12, status="publish")
    assert ids(site.get("surveys/1/responses"))[0] == "12"


def test_a_filter_forgets_which_survey_was_asked_for(site: Site) -> None:
    site.change("responses", 13, status="trash")  # it belongs to survey 2
    assert ids(site.call("GET", "surveys/1/responses", "filter[status]=trash")) == ["13"]
    assert site.call("GET", "surveys/1/responses", "filter[status]=publish").body["pagination"]["total"] == 12


def test_of_several_filters_the_last_is_the_only_one(site: Site) -> None:
    site.change("responses", 13, status="trash")
    both = "filter[status]=publish&filter[survey_id]=2"
    assert ids(site.call("GET", "surveys/1/responses", both)) == ["13"]  # in the trash, and not of survey 1
    site.twin.knobs({"release": "1.8.0"})
    assert ids(site.call("GET", "surveys/2/responses", both)) == []


def test_a_later_release_forgets_the_trash_instead(site: Site) -> None:
    site.twin.knobs({"release": "1.8.0"})
    for response in (12, 13):
        site.change("responses", response, status="trash")
    assert ids(site.call("GET", "surveys/1/responses", "filter[status]=trash")) == []
    published = site.call("GET", "surveys/1/responses", "filter[status]=publish")
    assert published.body["pagination"]["total"] == 11
    assert published.body["status_filters"][1:] == [
        {"status": "publish", "count": "11"},
        {"status": "trash", "count": "1"},
    ]


def test_an_unknown_filter_gives_nothing(site: Site) -> None:
    answer = site.call("GET", "surveys/1/responses", "filter[colour]=red")
    assert (answer.status, ids(answer)) == (200, [])
    assert ids(site.call("GET", "surveys/1/responses", "filter=red"))[0] == "12"


def test_times_are_the_sites_without_a_zone(site: Site) -> None:
    site.now = datetime.fromisoformat("2026-07-01T22:30:00+00:00")
    site.add("responses", survey_id="1", answers=[])
    newest = site.get("surveys/1/responses").body["items"][0]
    assert newest["submitted_at"] == "2026-07-02 00:30:00"


@pytest.mark.parametrize(
    ("question", "sent", "shown"),
    [
        ("q1", 9, 9),
        ("q1", "10", "10"),
        ("q1", 7.9, 7),
        ("q1", None, None),
        ("q1", True, None),
        ("q2", ["Price", "Größe"], ["Price", "Größe"]),
        ("q2", [], None),
        ("q3", " <b>Ann</b>\n O’Neil <script>alert(1)</script>", "Ann O’Neil"),
        ("q3", "3 < 5 %41 ok", "3 &lt; 5 ok"),
        ("q3", "شكراً 🙇", "شكراً 🙇"),
        ("q4", "Anna@Example.com", "Anna@Example.com"),
    ],
)
def test_an_answer_keeps_the_type_that_the_browser_sent(question: str, sent: Any, shown: Any, site: Site) -> None:
    assert typed(answered(site, question, sent)) == typed(shown)


@pytest.mark.parametrize(
    ("question", "value"), [("q2", ["Cheap"]), ("q3", ["a", "b"]), ("q3", "é" * 201), ("q4", "nobody at all")]
)
def test_an_answer_that_the_form_refuses_is_no_response(question: str, value: Any, site: Site) -> None:
    with pytest.raises(ValueError, match=r"allowed|array|400|valid"):
        answered(site, question, value)
    assert site.get("surveys/1/responses").body["pagination"]["total"] == 12


def test_nobody_answers_a_survey_that_is_not_open(site: Site) -> None:
    with pytest.raises(ValueError, match="not available"):
        site.add("responses", survey_id="3", answers=[])
    with pytest.raises(KeyError):
        site.add("responses", survey_id="99", answers=[])


def test_what_is_no_form_is_told(site: Site) -> None:
    for answers in (["x"], [{"value": 1}], 5):
        with pytest.raises(ValueError, match="question_id"):
            site.add("responses", survey_id="1", answers=answers)
    with pytest.raises(ValueError, match="objects with id"):
        site.add("surveys", title="Odd", questions=[5])
    with pytest.raises(ValueError, match="colour"):
        site.add("surveys", colour="red")


def test_an_extra_and_a_page_are_shown(site: Site) -> None:
    answer = {"question_id": "q1", "value": 3, "extra": {"comment": "<i>too</i> loud"}}
    page = {"id": 31, "name": "Retreats", "url": "/retreats/"}
    site.add("responses", survey_id="1", answers=[answer], page_submitted=page, user_ip="203.0.113.7")
    newest = site.get("surveys/1/responses").body["items"][0]
    assert newest["answers"] == [{"question_id": "q1", "value": 3, "extra": {"comment": "too loud"}}]
    assert newest["page_submitted"] == {"id": 31, "name": "Retreats", "url": f"{SITE}/retreats/"}
    assert (newest["user_ip"], newest["user_browser"]) == ("203.0.113.7", "Chrome 120.0")


def test_nobody_edits_a_response(site: Site) -> None:
    with pytest.raises(ValueError, match="answers"):
        site.change("responses", 1, answers=[])
    with pytest.raises(ValueError, match="status"):
        site.change("responses", 1, status="gone")


def test_a_deleted_response_is_gone_and_its_id_is_not_given_again(site: Site) -> None:
    assert site.change("responses", 13, deleted=True)["id"] == "13"
    assert site.get("surveys/2/responses").body["pagination"]["total"] == 0
    assert site.add("responses", survey_id="2", answers=[])["id"] == "14"


def test_a_deleted_survey_takes_its_responses_along(site: Site) -> None:
    site.change("surveys", 1, deleted=True)
    assert [response["id"] for response in site.twin.dump()["responses"]] == ["13"]
