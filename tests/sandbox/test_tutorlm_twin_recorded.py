"""The twin against everything that was recorded from a real Tutor LMS 4.0.2 (free): status, headers, body.

Nothing is forgiven: types, key order and values are the recorded ones.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from higherself_sync.sandbox.tutorlm import TutorLMTwin
from higherself_sync.sandbox.wire import Request
from tests.sandbox.wordpress_client import Client, basic, differences, sample, typed

Site = Client[TutorLMTwin]
INDEX: dict[str, Any] = sample("tutor", "index")
KEY = basic("key_sandbox", "secret_sandbox")
CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "error_no_credentials": {},
    "error_wrong_key": basic("key_wrong", "secret_wrong"),
    "wp_v2_courses": {},
}
RECORDED_AT = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)


def courses() -> list[dict[str, Any]]:
    """The two that were listed in full, and fifteen more of which the samples tell id and title; one was a draft."""
    listed: list[dict[str, Any]] = sample("tutor", "courses_list_category")["data"]["posts"]
    fillers = []
    for number in range(176, 191):
        name = f"filler-course-{number - 176}"
        filler = {
            **listed[0],
            "ID": number,
            "post_title": f"Filler course {number - 176}",
            "post_name": name,
            "guid": f"http://127.0.0.1:8090/courses/{name}/",
            "post_status": "draft" if number == 176 else "publish",
            "course_category": [],
        }
        fillers.append(filler)
    return [*listed, *fillers]


@pytest.fixture
def site() -> Site:
    twin = TutorLMTwin()
    lists = {
        "topics_of_174": "topics",
        "contents_of_174": "course_contents",
        "announcements_of_174": "announcements",
        "lessons_of_191": "lessons",
        "quizzes_of_191": "quizzes",
        "attempts_of_195": "quiz_attempts",
    }
    objects: dict[str, Any] = {name: sample("tutor", file)["data"] for name, file in lists.items()}
    objects |= {"courses": courses(), "reviews": sample("tutor", "course_rating")["data"]["reviews"]}
    twin.load(objects, RECORDED_AT)
    return Client(twin, "tutor/v1", KEY, RECORDED_AT)


@pytest.mark.parametrize("name", INDEX)
def test_the_twin_answers_as_the_real_site_did(name: str, site: Site) -> None:
    request = INDEX[name]["request"]
    site.headers = CREDENTIALS.get(name, site.headers)
    answer = site.call(request["method"], request["path"], urlencode(request["query"]), request["body"])
    assert differences(answer, INDEX[name], sample("tutor", name)) == []


def test_every_sample_is_compared() -> None:
    assert len(INDEX) == 16


def test_the_list_of_all_has_the_recorded_order_and_totals(site: Site) -> None:
    """Sixteen published courses by their titles; the sample of core's route tells the same number."""
    data = site.get("courses").body["data"]
    assert (data["total_course"], data["total_page"]) == (16, 1)
    assert [post["post_title"] for post in data["posts"]][:4] == [
        "Breathing Basics",
        "Filler course 1",
        "Filler course 10",
        "Filler course 11",
    ]
    assert data["posts"][-1]["ID"] == 175


def test_what_was_loaded_is_shown_and_another_takes_it_in(site: Site) -> None:
    dumped = site.twin.dump()
    fresh = TutorLMTwin()
    fresh.load(dumped, RECORDED_AT)
    assert typed(fresh.dump()) == typed(dumped)
    assert typed(dumped["lessons_of_191"]) == typed(sample("tutor", "lessons")["data"])
    assert dumped["courses"][0]["guid"] == "/courses/breathing-basics/"


def test_what_was_loaded_leads_to_this_site_wherever_it_is(site: Site) -> None:
    request = Request("GET", "/wp-json/tutor/v1/courses", headers=KEY, base="https://sandbox.example/tutorlm")
    course = json.loads(site.twin.answer(request, RECORDED_AT).body)["data"]["posts"][0]
    assert course["guid"] == "https://sandbox.example/tutorlm/courses/breathing-basics/"
    assert course["post_author"]["user_url"] == "https://sandbox.example/tutorlm"


def test_ratings_that_came_without_their_reviews_stay_until_there_is_one() -> None:
    client = Client(TutorLMTwin(), "tutor/v1", KEY, RECORDED_AT)
    client.twin.load({"courses": courses()[:1]}, RECORDED_AT)
    assert client.get("course-rating/174").body["data"]["rating_count"] == "2"
    client.add("reviews", comment_post_ID=174, comment_author="cleo", rating=4)
    assert client.get("course-rating/174").body["data"]["rating_count"] == "1"


def test_what_is_made_after_loading_gets_higher_ids(site: Site) -> None:
    assert site.add("courses", post_title="Next")["ID"] > 198
    assert site.add("reviews", comment_post_ID=174, comment_author="cleo", rating=4)["comment_ID"] == "32"
