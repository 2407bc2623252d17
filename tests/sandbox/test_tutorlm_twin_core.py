"""WordPress's own route to the courses, what is not there, and the made-up data."""

import random
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from higherself_sync.sandbox.people import people
from higherself_sync.sandbox.tutorlm import TutorLMTwin
from tests.sandbox.wordpress_client import SITE, START, Client
from tests.sandbox.wordpress_sites import course_site

Site = Client[TutorLMTwin]


@pytest.fixture
def site() -> Site:
    return course_site()


CORE = "/wp-json/wp/v2/courses"


def core_ids(site: Site, **query: Any) -> list[int]:
    answer = site.get(CORE, **query)
    assert answer.status == 200, answer.body
    return [course["id"] for course in answer.body]


@pytest.fixture
def public(site: Site) -> Site:
    site.headers = {}
    return site


def test_core_lists_published_courses_newest_first_with_totals_and_links(public: Site) -> None:
    first = public.get(CORE, per_page=3)
    assert [course["id"] for course in first.body] == [5, 3, 2]
    assert (first.headers["x-wp-total"], first.headers["x-wp-totalpages"]) == ("4", "2")
    assert first.headers["link"] == f'<{SITE}{CORE}?per_page=3&page=2>; rel="next"'
    last = public.get(CORE, page=2, per_page=3)
    assert last.headers["link"] == f'<{SITE}{CORE}?page=1&per_page=3>; rel="prev"'
    assert public.get(CORE).headers["link"].endswith('rel="https://api.w.org/"')


def test_core_refuses_a_page_past_the_end_unless_there_is_nothing(public: Site) -> None:
    answer = public.get(CORE, page=2)
    assert (answer.status, answer.code) == (400, "rest_post_invalid_page_number")
    assert answer.headers["allow"] == "GET"
    empty = public.get(CORE, page=2, include=99)
    assert (empty.status, empty.body, empty.headers["x-wp-total"]) == (200, [], "0")


@pytest.mark.parametrize("query", [{"per_page": 0}, {"per_page": 101}, {"page": "x"}, {"modified_after": "2026-11-23"}])
def test_core_refuses_what_is_out_of_bounds(query: dict[str, Any], public: Site) -> None:
    answer = public.get(CORE, **query)
    assert (answer.status, answer.code) == (400, "rest_invalid_param")
    assert list(answer.body["data"]["params"]) == list(query)


def test_modified_after_is_exclusive_and_reads_zones(public: Site) -> None:
    public.now = START + timedelta(hours=2)
    public.change("courses", 2, price="1")
    public.wait()
    public.change("courses", 1, price="1")
    assert core_ids(public, modified_after="2026-11-23T19:00:00Z") == [1]
    assert core_ids(public, modified_after="2026-11-23T20:00:00") == [1]  # without a zone it is the site's
    assert core_ids(public, modified_after="2026-11-23T20:00:00+01:00") == [1]
    assert core_ids(public, modified_after="2026-11-23T18:59:59Z") == [2, 1]
    assert core_ids(public, modified_before="2026-11-23T19:00:01Z", orderby="modified", order="asc") == [3, 5, 2]
    assert core_ids(public, orderby="modified") == [1, 2, 5, 3]
    assert core_ids(public, after="2026-11-23T17:02:00Z") == [5]


def test_core_sorts_and_picks(public: Site) -> None:
    assert core_ids(public, orderby="title", order="asc") == [3, 2, 5, 1]
    assert core_ids(public, orderby="id", order="asc") == [1, 2, 3, 5]
    assert core_ids(public, orderby="slug") == [1, 5, 2, 3]
    assert core_ids(public, include="1,4,5") == [5, 1]
    assert core_ids(public, exclude="1,5", offset=1) == [2]
    assert core_ids(public, slug="zen-tea") == [1]


def test_core_has_times_with_a_letter_and_titles_with_entities(public: Site) -> None:
    course = public.get(f"{CORE}/1").body
    assert course["title"] == {"rendered": "Zen &#038; tea"}
    assert (course["date"], course["date_gmt"]) == ("2026-11-23T18:00:00", "2026-11-23T17:00:00")
    assert course["link"] == f"{SITE}/courses/zen-tea/"
    public.change("courses", 1, post_title="""It's "here" -- R&amp;D ... 'now'""")
    assert public.get(f"{CORE}/1").body["title"]["rendered"] == (
        "It&#8217;s &#8220;here&#8221; &#8211; R&amp;D &#8230; &#8216;now&#8217;"
    )


def test_core_tells_a_courses_page_and_terms_by_number(public: Site) -> None:
    answer = public.get(f"{CORE}/1")
    assert answer.headers["link"] == f'<{SITE}/courses/zen-tea/>; rel="alternate"; type=text/html'
    assert answer.headers["allow"] == "GET"
    told = {name: answer.body[name] for name in ("author", "featured_media", "template")}
    assert told == {"author": 1, "featured_media": 0, "template": ""}
    named = public.get(CORE, slug="zen-tea", _fields="course-category,course-tag").body
    assert named == [{"course-category": answer.body["course-category"], "course-tag": answer.body["course-tag"]}]
    assert len({*answer.body["course-category"], *answer.body["course-tag"]}) == 2
    assert public.get(f"{CORE}/1", id=2).body["id"] == 2
    assert public.get(f"{CORE}/1", id="one").code == "rest_invalid_param"


def test_core_tells_strangers_what_they_may_not_ask_for(public: Site) -> None:
    forbidden = {"code": "rest_forbidden_status", "message": "Status is forbidden.", "data": {"status": 401}}
    for status in ("draft", "publish,draft", "gone"):
        answer = public.get(CORE, status=status)
        assert (answer.status, answer.code, answer.headers["allow"]) == (400, "rest_invalid_param", "GET")
        assert answer.body["data"]["params"] == {"status": "Status is forbidden."}
        assert answer.body["data"]["details"] == {"status": forbidden}
    assert core_ids(public, status="") == core_ids(public, status="publish") == core_ids(public)
    for path in (CORE, f"{CORE}/1"):
        answer = public.get(path, context="edit")
        assert (answer.status, answer.code) == (401, "rest_forbidden_context")
        assert "allow" not in answer.headers
        assert public.get(path, context="all").code == "rest_invalid_param"


def test_core_orders_by_what_is_asked_for_only_where_something_is(public: Site) -> None:
    assert core_ids(public, orderby="include", include="5,1,99,2", order="asc") == [5, 1, 2]
    answers = [public.get(CORE, orderby="include"), public.get(CORE, orderby="relevance")]
    assert [(each.status, each.code) for each in answers] == [
        (400, "rest_orderby_include_missing_include"),
        (400, "rest_no_search_term_defined"),
    ]


def test_core_shows_an_empty_list_where_no_field_is_left(public: Site) -> None:
    assert public.get(f"{CORE}/1", _fields="colour").body == []
    assert public.get(CORE, _fields="title.raw", per_page=1).body == [{"title": []}]


def test_core_hides_drafts(public: Site) -> None:
    assert (public.get(f"{CORE}/4").status, public.get(f"{CORE}/4").code) == (401, "rest_forbidden")
    assert (public.get(f"{CORE}/99").status, public.get(f"{CORE}/99").code) == (404, "rest_post_invalid_id")


# The rest


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{CORE}?search=zen"),
        ("GET", f"{CORE}?context=embed"),
        ("GET", f"{CORE}/1?context=embed"),
        ("GET", f"{CORE}?orderby=author"),
        ("GET", f"{CORE}?_envelope=1"),
        ("POST", CORE),
        ("OPTIONS", "/wp-json/tutor/v1/courses"),
        ("GET", "/wp-json/wp/v2/posts"),
        ("GET", "/wp-json/tutor/v1"),
        ("GET", "/courses/zen-tea/"),
    ],
)
def test_what_a_real_site_has_and_the_twin_has_not_is_named(method: str, path: str, public: Site) -> None:
    answer = public.call(method, *path.split("?"))
    assert answer.status == 501
    assert path.rpartition("/wp-json")[2].split("?")[-1].split("=")[0].strip("/") in answer.body["message"]


@pytest.mark.parametrize("query", ["orderby=rand", "orderby=price"])
def test_orders_that_are_not_served_are_named(query: str, site: Site) -> None:
    assert site.call("GET", "courses", query).status == 501


def test_a_list_where_text_is_expected_kills_php_or_is_nothing(site: Site) -> None:
    assert site.call("GET", "courses", "categories[]=Wellness").status == 500
    assert site.call("GET", "courses", "tags[]=tea").status == 500
    plain = site.get("courses").body
    for name in ("order", "orderby", "paged"):
        assert site.call("GET", "courses", f"{name}[]=2").body == plain
    assert site.call("GET", "course-rating/3", "limit[]=1&offset[]=1").body == site.get("course-rating/3").body


@pytest.mark.parametrize("topic", ["abc", ""])
def test_a_topic_that_is_no_number_is_not_served(topic: str, site: Site) -> None:
    assert site.get("lessons", topic_id=topic).status == 501
    assert site.get("topics", course_id=topic).body["data"] == []


@pytest.mark.parametrize("route", ["lesson", "lessons/193", "tutor_quiz", "quizzes", "tutor_enrolled", "enrollments"])
def test_core_knows_nothing_below_a_course(route: str, public: Site) -> None:
    assert (public.get(f"/wp-json/wp/v2/{route}").status, public.get(f"/wp-json/wp/v2/{route}").code) == (
        404,
        "rest_no_route",
    )


def test_an_unknown_namespace_is_no_route(public: Site) -> None:
    assert public.get("/wp-json/lms/v1/courses").code == "rest_no_route"


@pytest.mark.parametrize(
    ("stream", "data", "why"),
    [
        ("courses", {}, "post_title"),
        ("courses", {"post_title": "x", "colour": "red"}, "colour"),
        ("courses", {"post_title": "x", "post_status": "gone"}, "status"),
        ("courses", {"post_title": "x", "additional_info": 5}, "additional_info"),
        ("courses", {"post_title": "x", "course_category": "Wellness"}, "course_category"),
        ("reviews", {"comment_post_ID": 3, "rating": 5}, "comment_author"),
        ("reviews", {"comment_post_ID": 3, "comment_author": "anna", "rating": 12}, "stars"),
        ("reviews", {"comment_post_ID": 99, "comment_author": "anna", "rating": 1}, "courses/99"),
        ("enrollments", {"course_id": 3, "user_id": 77}, "users/77"),
    ],
)
def test_what_nobody_can_enter_is_told(stream: str, data: dict[str, Any], why: str, site: Site) -> None:
    with pytest.raises((KeyError, ValueError), match=why):
        site.add(stream, **data)


@pytest.mark.parametrize("knob", [{"page_size": 0}, {"page_size": "20"}, {"edition": "plus"}, {"version": "1.0"}])
def test_a_knob_is_not_turned_to_what_there_is_not(knob: dict[str, Any], site: Site) -> None:
    before = site.twin.knobs({})
    with pytest.raises(ValueError, match=next(iter(knob))):
        site.twin.knobs(knob)
    assert site.twin.knobs({}) == before


# Made-up data


def filled(records: int, seed: int = 0) -> dict[str, list[Any]]:
    twin = TutorLMTwin()
    twin.fill(records, seed, START)
    return twin.dump()


@pytest.mark.parametrize("records", [0, 1, 2, 8, 9, 60, 300])
def test_records_counts_courses_and_reviews_together(records: int) -> None:
    held = filled(records)
    assert len(held["courses"]) + len(held["reviews"]) == records


def test_a_seed_makes_the_same_data_each_time() -> None:
    assert filled(120, 7) == filled(120, 7)
    assert filled(120, 7)["reviews"] != filled(120, 8)["reviews"]


def test_students_are_the_first_of_the_people() -> None:
    first = {person.email for person in islice(people(random.Random(3)), 150)}
    students = {user["user_email"] for user in filled(300, 3)["authors"]} - {"admin@example.com"}
    assert students
    assert students <= first


def test_made_up_courses_are_as_odd_as_real_ones() -> None:
    held = filled(300)
    assert {course["post_status"] for course in held["courses"]} == {"publish", "draft"}
    assert {bool(course["price"]) for course in held["courses"]} == {True, False}
    assert {review["rating"] for review in held["reviews"]} == set("12345")
    assert len({course["post_name"] for course in held["courses"]}) == len(held["courses"])
    reviewed = {review["comment_post_ID"] for review in held["reviews"]}
    assert reviewed <= {str(course["ID"]) for course in held["courses"] if course["post_status"] == "publish"}


def test_everything_happened_in_the_year_before_now_in_the_order_of_its_id() -> None:
    held = filled(300)
    made = [course["post_date_gmt"] for course in held["courses"]]
    said = [review["comment_date_gmt"] for review in held["reviews"]]
    assert made == sorted(made)
    assert said == sorted(said)
    assert made[0] > "2025-11-23 17:00:00"
    assert made[-1] < said[0]
    assert said[-1] < "2026-11-23 17:00:00"
