"""The adapter reads what a real Tutor LMS 4.0.2 (free) gave, value by value, as a person wrote down beforehand."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from higherself_sync.core.record import Record, Value, when
from higherself_sync.errors import Unauthorised
from higherself_sync.services.tutorlm.listing import told
from tests.services.sites import answer, everything, opened, sample

INDEX = sample("tutor", "index")
MADE = datetime(2026, 11, 23, 17, 26, 7, tzinfo=UTC)
SAID = datetime(2026, 11, 23, 17, 10, tzinfo=UTC)

COURSES: Mapping[str, Mapping[str, Value]] = {
    "174": {"name": "Breathing Basics", "type": "course", "status": "publish", "price": None},
    "175": {
        "name": "Kundalini für Anfänger – “Größe” 日本",
        "type": "course",
        "status": "publish",
        "price": Decimal("99.9"),
    },
}
REVIEWS: Mapping[str, Mapping[str, Value]] = {
    "174-30": {
        "feedback": "Lovely course — danke!",
        "client": frozenset({"shop:customers:8"}),
        "product": frozenset({"site:courses:174"}),
        "content": "Lovely course — danke!",
        "rating": Decimal(5),
        "submitted": when(SAID),
    },
    "174-31": {
        "feedback": "Not for me",
        "client": frozenset({"shop:customers:9"}),
        "product": frozenset({"site:courses:174"}),
        "content": "Not for me",
        "rating": Decimal(2),
        "submitted": when(SAID),
    },
}


class RecordedSite(httpx.BaseTransport):
    """Answers with the samples; its index was not recorded, and says the zone that their README names.

    Of the site's 16 courses two were recorded, those of one category: here it has no others.
    """

    def __init__(self, courses: str = "courses_list_category") -> None:
        self.courses = courses

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        match request.url.path.removeprefix("/wp-json/"):
            case "":
                return answer(200, {"timezone_string": "Europe/Berlin"})
            case "tutor/v1/courses":
                name = "courses_page_beyond_last" if request.url.params["paged"] == "99" else self.courses
            case "tutor/v1/course-rating/174":
                name = "course_rating"
            case "tutor/v1/lessons":
                name = "error_not_found_is_200"
            case "tutor/v1/enrollments":
                name = "error_enrollments_route_missing_in_free"
            case path:
                raise AssertionError(path)
        return answer(INDEX[name]["status"], sample("tutor", name))


def records(stream: str) -> dict[str, Record]:
    return everything(opened("tutorlm", RecordedSite(), same_site="shop").replica(stream))


def test_recorded_courses_become_the_rows_written_by_hand() -> None:
    found = records("courses")
    assert {each: record.values for each, record in found.items()} == COURSES
    assert {(record.created, record.modified) for record in found.values()} == {(MADE, MADE)}


def test_recorded_reviews_become_the_rows_written_by_hand() -> None:
    """The ratings of the second course are the number 0, not text: it is not asked."""
    found = records("reviews")
    assert {each: record.values for each, record in found.items()} == REVIEWS


def test_a_review_asked_for_by_itself_is_the_same() -> None:
    found = opened("tutorlm", RecordedSite(), same_site="shop").replica("reviews").fetch(["174-30"])
    assert found == {"174-30": records("reviews")["174-30"]}


def test_a_recorded_site_is_of_the_free_edition() -> None:
    assert records("enrolments") == {}
    checks = list(opened("tutorlm", RecordedSite()).health())
    assert [each.status for each in checks] == ["ok"] * 3
    assert "the free edition" in checks[-1].message


@pytest.mark.parametrize(("path", "params"), [("courses", {"paged": "99"}), ("lessons", {"topic_id": "999"})])
def test_not_found_is_told_by_the_code(path: str, params: dict[str, str]) -> None:
    service: Any = opened("tutorlm", RecordedSite())
    assert told(service._site, path, params, path)[0] is None


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("error_no_credentials", "hides the Authorization header"),
        ("error_wrong_key", "Tutor LMS > Tools > REST API"),
    ],
)
def test_a_recorded_refusal_names_its_remedy(name: str, remedy: str) -> None:
    with pytest.raises(Unauthorised) as caught:
        everything(opened("tutorlm", RecordedSite(name)).replica("courses"))
    assert remedy in caught.value.remedy
    assert "<strong>" not in caught.value.message


def test_no_sample_was_forgotten() -> None:
    refusals = {"error_no_credentials", "error_wrong_key"}
    codes = {"courses_page_beyond_last", "error_not_found_is_200", "error_enrollments_route_missing_in_free"}
    read = {"courses_list_category", "course_rating"}
    below = {"topics", "lessons", "quizzes", "quiz_attempts", "announcements", "course_contents"}
    # No row is made of what is below a course, of a course's details or of its author; of WordPress's own list of
    # courses the adapter asks for single ones alone, and only whether they are there.
    unread = below | {"course_detail", "author", "wp_v2_courses"}
    assert set(INDEX) == refusals | codes | read | unread
