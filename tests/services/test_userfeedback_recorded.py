"""The adapter reads what a real UserFeedback 1.2.0 gave, value by value, as a person wrote down beforehand."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from higherself_sync.core.record import Record, Value, number, when
from higherself_sync.errors import Unauthorised
from tests.services.sites import answer, everything, opened, sample

INDEX = sample("userfeedback", "index")
API = "/wp-json/userfeedback/v1"
ASKED = "How likely are you to recommend us?"
EVENING, SECOND = datetime(2026, 11, 23, 17, 27, tzinfo=UTC), datetime(2026, 11, 23, 17, 28, tzinfo=UTC)

# (feedback, client, content, rating, submitted, form), by hand from the samples
ROWS: Mapping[str, tuple[str, str | None, str, int, datetime]] = {
    "1-1": (
        "More evening courses please",
        "anna@example.test",
        f"{ASKED}: 9\nWhat can we improve?: More evening courses please\nWhich course?: Yoga\nWhy?: Price",
        9,
        EVENING,
    ),
    "1-2": (
        "Zu teuer – “schade” 🙁 x",
        None,
        f"{ASKED}: 3\nWhat can we improve?: Zu teuer – “schade” 🙁 x\nWhy?: Price, Größe",
        3,
        EVENING,
    ),
    "1-3": (f"{ASKED}: 0", None, f"{ASKED}: 0", 0, EVENING),
    "1-15": (f"{ASKED}: 9", None, f"{ASKED}: 9", 9, SECOND),
    "1-16": (f"{ASKED}: 10", None, f"{ASKED}: 10", 10, SECOND),
    "1-17": (f"{ASKED}: 0", None, f"{ASKED}: 0", 0, SECOND),
}
RATINGS = {6: 0, 7: 1, 8: 2, 9: 3, 10: 4, 11: 5, 12: 6, 13: 7, 14: 8}  # of the others, by the number of the response


def recorded_responses() -> dict[str, Any]:
    pages = ("responses_page1", "responses_last_page")
    return {item["id"]: item for name in pages for item in sample("userfeedback", name)["items"]}


def all_responses() -> list[dict[str, Any]]:
    """All that were recorded as such, and the others put together from the survey's sums, which name every answer.

    One of the 16 answered nothing and so is not in the sums; its id was never recorded.
    """
    found: dict[str, dict[str, Any]] = {}
    for question in sample("userfeedback", "survey_results")["question_stats"]:
        for given in question["answers"]:
            number_ = given["response_id"]
            response = {"id": number_, "survey_id": "1", "answers": [], "status": "publish"}
            made = found.setdefault(number_, {**response, "submitted_at": given["date"]})
            made["answers"].append({"question_id": question["id"], "value": given["value"]})
    for number_, response in recorded_responses().items():
        same = ("id", "survey_id", "answers", "status", "submitted_at")
        assert {name: response[name] for name in same} == found[number_], "the two samples say the same"
    return [found[each] for each in sorted(found, key=int, reverse=True)]


class RecordedSite(httpx.BaseTransport):
    """Answers with the samples; its index was not recorded, and says the zone that their README names."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(API)
        match path:
            case "/wp-json/":
                return answer(200, {"timezone_string": "Europe/Berlin"})
            case "/surveys" if "page" in request.url.params:
                return answer(200, sample("userfeedback", "surveys_paged"))
            case "/surveys" if request.url.params.get("filter[status]") == "trash":
                return answer(200, [])
            case "/surveys":
                return answer(200, sample("userfeedback", "surveys_no_page"))
            case "/surveys/1":
                return answer(200, sample("userfeedback", "survey"), **INDEX["survey"]["headers"])
            case "/surveys/0/responses":  # so it was seen, but not recorded
                return answer(200, {"items": [], "pagination": {"total": 0}})
            case "/surveys/1/responses" if request.url.params["per_page"] == "3":
                name = {"1": "responses_page1", "6": "responses_last_page"}[request.url.params["page"]]
                return answer(200, sample("userfeedback", name))
            case "/surveys/1/responses":
                items = all_responses()
                counts = sample("userfeedback", "responses_page1")["status_filters"]
                page = {"items": items, "pagination": {"total": len(items)}, "status_filters": counts}
                return answer(200, page)
            case _:
                raise AssertionError(path)


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    return everything(opened("userfeedback", RecordedSite()).replica("responses"))


def values(row: tuple[str, str | None, str, int, datetime]) -> dict[str, Value]:
    title, email, content, rating, submitted = row
    return {
        "feedback": title,
        "client": frozenset({f"site:people:{email}"} if email else ()),
        "content": content,
        "rating": number(rating),
        "submitted": when(submitted),
        "form": "Course feedback",
    }


@pytest.mark.parametrize(("record_id", "row"), ROWS.items())
def test_a_recorded_response_becomes_the_row_written_by_hand(
    records: dict[str, Record], record_id: str, row: tuple[str, str | None, str, int, datetime]
) -> None:
    assert records[record_id].values == values(row)


def test_the_other_responses_are_their_ratings(records: dict[str, Record]) -> None:
    others = {each: record.values["rating"] for each, record in records.items() if each not in ROWS}
    assert others == {f"1-{number_}": number(rating) for number_, rating in RATINGS.items()}


def test_the_one_who_left_an_address_is_the_one_client(records: dict[str, Record]) -> None:
    people = {each: record.people for each, record in records.items() if record.people}
    assert {each: [dict(person.values) for person in found] for each, found in people.items()} == {
        "1-1": [{"email": "anna@example.test"}]
    }


def test_a_response_asked_for_by_itself_is_the_same(records: dict[str, Record]) -> None:
    """By the survey as it was recorded alone."""
    assert opened("userfeedback", RecordedSite()).replica("responses").fetch(["1-1", "1-17"]) == {
        "1-1": records["1-1"],
        "1-17": records["1-17"],
    }


def test_recorded_pages_are_read_with_their_totals() -> None:
    from higherself_sync.services.userfeedback.listing import Lists

    service: Any = opened("userfeedback", RecordedSite())
    pages = [Lists(service._site).page("1", page, 3) for page in (1, 6)]
    assert [[each.record_id for each in page.items] for page in pages] == [["1-17", "1-16", "1-15"], ["1-1"]]
    assert [(page.pagination.total, page.counted("publish"), page.counted("trash")) for page in pages] == [
        (16, 16, 0),
        (16, 16, 0),
    ]


def test_the_paged_list_of_surveys_is_what_health_reads() -> None:
    assert [check.status for check in opened("userfeedback", RecordedSite()).health()] == ["ok"] * 3


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("error_bad_password", "check application_password"),
        ("error_no_capability", "a shop manager has not"),
        ("error_no_credentials", "hides the Authorization header"),
    ],
)
def test_a_recorded_refusal_names_its_remedy(name: str, remedy: str) -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/wp-json/":
            return answer(200, {"timezone_string": "Europe/Berlin"})
        assert request.url.path == INDEX[name]["request"]["path"]
        return answer(INDEX[name]["status"], sample("userfeedback", name))

    with pytest.raises(Unauthorised) as caught:
        everything(opened("userfeedback", httpx.MockTransport(refused)).replica("responses"))
    assert remedy in caught.value.remedy


def test_no_sample_was_forgotten() -> None:
    refusals = {"error_bad_password", "error_no_capability", "error_no_credentials"}
    read = {"surveys_no_page", "surveys_paged", "survey", "responses_page1", "responses_last_page"}
    sums = {"results_summary", "survey_results"}  # of routes that the adapter has no use for
    assert set(INDEX) == refusals | read | sums
