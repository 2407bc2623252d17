"""Traps 16 and 17 of the reference: who gets in, and the list of courses with its odd paging."""

from datetime import timedelta

import pytest

from higherself_sync.sandbox.tutorlm import TutorLMTwin
from tests.sandbox.wordpress_client import SITE, START, Answer, Client, basic
from tests.sandbox.wordpress_sites import course_site

PASSWORD = basic("sandbox", "app_sandbox")
Site = Client[TutorLMTwin]


@pytest.fixture
def site() -> Site:
    return course_site()


def titles(answer: Answer) -> list[str]:
    return [post["post_title"] for post in answer.body["data"]["posts"]]


# Who is asking


@pytest.mark.parametrize(
    ("headers", "version", "status", "code"),
    [
        ({}, "4.0.2", 401, "rest_forbidden"),
        (basic("key_wrong", "secret_sandbox"), "4.0.2", 401, "invalid_username"),
        (basic("key_sandbox", "secret_wrong"), "4.0.2", 401, "invalid_username"),
        (PASSWORD, "4.0.2", 403, "rest_forbidden"),
        (PASSWORD, "2.7.6", 401, "incorrect_password"),
        (basic("sandbox", "wrong"), "4.0.2", 401, "incorrect_password"),
    ],
)
def test_only_the_key_gets_in(headers: dict[str, str], version: str, status: int, code: str, site: Site) -> None:
    site.twin.knobs({"version": version})
    site.headers = headers
    for path in ("courses", "courses/1", "course-rating/3", "topics"):
        answer = site.get(path)
        assert (answer.status, answer.code, answer.body["data"]) == (status, code, {"status": status})
        assert "allow" not in answer.headers


def test_an_id_in_the_query_wins_over_that_in_the_path_and_has_to_be_a_number(site: Site) -> None:
    assert site.get("course-rating/1", id=3).body["data"]["rating_count"] == "3"
    assert site.get("COURSE-rating/1", id="3e0").body["data"]["rating_count"] == "3"
    assert site.get("courses/1", id="9" * 400).code == "course_detail"
    for headers, allow in ((site.headers, "GET"), ({}, None)):
        site.headers = headers
        answer = site.get("courses/1", id="abc")
        assert (answer.status, answer.code, answer.headers.get("allow")) == (400, "rest_invalid_param", allow)
        assert answer.body["data"] == {"status": 400, "params": {"id": "Invalid parameter."}, "details": []}


def test_what_claims_to_be_json_has_to_be_it(site: Site) -> None:
    answer = site.call("GET", "courses", body=b"{", **{"content-type": "application/json"})
    assert (answer.status, answer.code, answer.headers["allow"]) == (400, "rest_invalid_json", "GET")
    assert site.call("GET", "topics", body={"course_id": 3}).body["message"] != site.get("topics").body["message"]


@pytest.mark.parametrize(
    ("path", "fields", "left"),
    [
        ("courses", "code,data.total_course", {"code": "success", "data": {"total_course": 4}}),
        ("courses", "data.posts.ID", {"data": {"posts": []}}),
        ("courses/1", "data.disable_qa", {"data": {"disable_qa": False}}),
        ("course-rating/1", "data.colour", {"data": None}),  # an object: shown whole
        ("author-information/1", "data.ID", {"data": None}),
    ],
)
def test_fields_trim_what_php_has_as_arrays(path: str, fields: str, left: dict[str, object], site: Site) -> None:
    whole = site.get(path).body
    expected = {name: whole[name] if value is None else value for name, value in left.items()}
    assert site.get(path, _fields=fields).body == expected


def test_the_key_is_worse_than_nothing_outside_of_tutors_routes(site: Site) -> None:
    for path in ("/wp-json/wp/v2/courses", "/wp-json/"):
        assert site.get(path).code == "invalid_username"
    for site.headers in ({}, PASSWORD):
        assert site.get("/wp-json/wp/v2/courses").status == 200


def test_the_index_is_public_and_tells_the_zone(site: Site) -> None:
    site.headers = {}
    index = site.get("/wp-json/").body
    assert (index["timezone_string"], index["gmt_offset"], index["url"]) == ("Europe/Berlin", 1, SITE)
    assert "tutor/v1" in index["namespaces"]


# The list of courses


def test_courses_are_the_published_ones_by_their_titles(site: Site) -> None:
    answer = site.get("courses")
    assert titles(answer) == ["Ärger, and what is below it", "breathing", "Connection", "Zen & tea"]
    assert (answer.body["data"]["total_course"], answer.body["data"]["total_page"]) == (4, 1)


def test_per_page_and_page_are_ignored_and_paged_is_not(site: Site) -> None:
    site.twin.knobs({"page_size": 3})
    assert titles(site.get("courses", per_page=1, page=2)) == titles(site.get("courses"))
    second = site.get("courses", paged=2)
    assert titles(second) == ["Zen & tea"]
    assert (second.body["data"]["total_course"], second.body["data"]["total_page"]) == (4, 2)
    assert (
        titles(site.get("courses", paged=0)) == titles(site.get("courses", paged="one")) == titles(site.get("courses"))
    )


def test_past_the_end_the_totals_vanish(site: Site) -> None:
    answer = site.get("courses", paged=2)
    assert answer.status == 200
    assert answer.body == {"code": "not_found", "message": "Course not found", "data": []}


def test_a_page_holds_twenty_courses(site: Site) -> None:
    for n in range(20):
        site.add("courses", post_title=f"Filler {n}")
    assert len(titles(site.get("courses"))) == 20
    assert len(titles(site.get("courses", paged=2))) == 4


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({"order": "desc"}, "1 5 2 3"),
        ({"order": "upwards"}, "1 5 2 3"),
        ({"orderby": "date"}, "1 2 3 5"),
        ({"orderby": "date", "order": "DESC"}, "5 3 2 1"),
        ({"orderby": "colour"}, "1 2 3 5"),
        ({"orderby": "id", "order": "desc"}, "5 3 2 1"),  # it is called ID, so this is the date
        ({"orderby": "ID"}, "1 2 3 5"),
        ({"orderby": "post_modified"}, "2 3 5 1"),
        ({"orderby": "author title"}, "3 2 5 1"),
    ],
)
def test_courses_are_sorted_as_wordpress_sorts_posts(query: dict[str, str], order: str, site: Site) -> None:
    site.change("courses", 1, post_excerpt="New")
    posts = site.get("courses", **query).body["data"]["posts"]
    assert " ".join(str(post["ID"]) for post in posts) == order


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"categories": "Wellness"}, [2, 1]),
        ({"categories": "wellness , connection practice"}, [3, 2, 5, 1]),
        ({"tags": "tea"}, [1]),
        ({"categories": "Wellness", "tags": "empathy"}, [3, 2, 5, 1]),  # either
        ({"categories": "Nothing", "tags": "tea"}, [1]),
    ],
)
def test_terms_are_named_and_any_of_them_will_do(query: dict[str, str], found: list[int], site: Site) -> None:
    assert [post["ID"] for post in site.get("courses", **query).body["data"]["posts"]] == found


def test_no_course_of_that_term_is_a_200(site: Site) -> None:
    for query in ({"categories": "Nothing"}, {"categories": ""}):
        answer = site.get("courses", **query)
        assert (answer.status, answer.code, answer.body["data"]) == (200, "not_found", [])


def test_a_category_called_db_is_always_among_those_asked_for(site: Site) -> None:
    course = site.add("courses", post_title="Drums & bass", course_category=["DB"])
    posts = site.get("courses", categories="Wellness").body["data"]["posts"]
    assert course["ID"] in [post["ID"] for post in posts]


def test_a_term_is_kept_and_found_with_its_ampersand_as_an_entity(site: Site) -> None:
    for _ in range(2):
        site.add("courses", post_title="Food", course_category=["Food & Tea"])
    terms = [post["course_category"][0] for post in site.get("courses", categories="food & tea").body["data"]["posts"]]
    assert [(term["name"], term["slug"], term["count"]) for term in terms] == [("Food &amp; Tea", "food-tea", 2)] * 2


def test_a_category_stands_for_those_below_it(site: Site) -> None:
    course = site.twin.dump()["courses"][0]
    parent = course["course_category"][0]["term_id"]
    below = {**course["course_category"][0], "term_id": 77, "name": "Baths", "parent": parent}
    site.twin.load({"courses": [{**course, "ID": 70, "course_category": [below]}]}, site.now)
    posts = site.get("courses", categories="Wellness").body["data"]["posts"]
    assert {post["ID"] for post in posts} == {1, 2, 70}


def test_a_course_is_a_raw_post_with_its_authors_address(site: Site) -> None:
    course = next(post for post in site.get("courses").body["data"]["posts"] if post["ID"] == 2)
    assert course["post_author"]["user_email"] == "admin@example.com"
    assert course["post_author"]["user_url"] == SITE
    assert course["post_date"] == "2026-11-23 18:01:00"
    assert course["post_date_gmt"] == "2026-11-23 17:01:00"
    assert (course["price"], course["thumbnail_url"]) == ("99.90", False)
    assert course["additional_info"]["course_price_type"] == ["paid"]
    assert (course["course_category"][0]["name"], course["course_category"][0]["count"]) == ("Wellness", 2)
    assert course["guid"] == f"{SITE}/courses/breathing/"


def test_ids_are_of_differing_types(site: Site) -> None:
    site.twin.load({"topics_of_3": [{"ID": "30", "post_title": "", "post_content": "", "post_name": ""}]}, site.now)
    course = site.get("courses").body["data"]["posts"][0]
    review = site.get("course-rating/3").body["data"]["reviews"][0]
    topic = site.get("topics", course_id=3).body["data"][0]
    shown = (course["ID"], course["post_author"]["ID"], review["comment_ID"], review["comment_post_ID"], topic["ID"])
    assert shown == (3, "1", "3", "3", "30")


def test_editing_a_course_gives_it_a_new_date(site: Site) -> None:
    before = site.twin.dump()["courses"][0]
    site.now = START + timedelta(days=200)
    changed = site.change("courses", 1, price="20", post_title="Zen")
    assert (changed["post_modified"], changed["post_modified_gmt"]) == ("2027-06-11 19:00:00", "2027-06-11 17:00:00")
    assert (changed["post_date"], changed["post_name"]) == (before["post_date"], "zen-tea")
    assert changed["additional_info"]["course_price_type"] == ["paid"]


def test_a_course_in_the_trash_is_in_no_list_and_comes_back_with_its_name(site: Site) -> None:
    assert site.change("courses", 2, post_status="trash")["post_name"] == "breathing__trashed"
    assert "breathing" not in titles(site.get("courses"))
    assert site.change("courses", 2, post_status="publish")["post_name"] == "breathing"
    assert site.twin.dump()["courses"][0]["course_category"][0]["count"] == 2


def test_a_deleted_course_takes_its_reviews_along(site: Site) -> None:
    site.change("courses", 3, deleted=True)
    assert site.twin.dump()["reviews"] == []
    assert site.add("courses", post_title="Next")["ID"] == 6


def test_two_courses_of_one_title_have_two_names(site: Site) -> None:
    assert site.add("courses", post_title="Breathing")["post_name"] == "breathing-2"
    odd = site.add("courses", post_title="Kundalini für Anfänger – “Größe” 日本")
    assert odd["post_name"] == "kundalini-fur-anfanger-grose-%e6%97%a5%e6%9c%ac"
