"""What UserFeedback does that nobody would guess: logins, surveys, and what is not there."""

import pytest

from higherself_sync.sandbox.userfeedback import UserFeedbackTwin
from tests.sandbox.wordpress_client import SITE, Answer, Client, basic
from tests.sandbox.wordpress_sites import QUESTIONS, feedback_site

Site = Client[UserFeedbackTwin]


@pytest.fixture
def site() -> Site:
    return feedback_site()


def ids(answer: Answer) -> list[str]:
    return [item["id"] for item in answer.body["items"]]


# Who is asking


def test_spaces_in_an_application_password_do_not_matter(site: Site) -> None:
    site.headers = basic("sandbox", "app_ sand box")
    assert site.get("surveys").status == 200


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "rest_forbidden"),
        ({"authorization": "Bearer app_sandbox"}, 401, "rest_forbidden"),
        (basic("sandbox", "wrong"), 401, "incorrect_password"),
        (basic("nobody", "app_sandbox"), 401, "invalid_username"),
        (basic("nobody@example.com", "app_sandbox"), 401, "invalid_email"),
        (basic("manager", "app_manager"), 403, "rest_forbidden"),
    ],
)
@pytest.mark.parametrize(
    "path", ["surveys", "surveys/1", "surveys/1/responses", "surveys/1/results", "results-summary"]
)
def test_who_may_not_read_is_told_so(headers: dict[str, str], status: int, code: str, path: str, site: Site) -> None:
    site.headers = headers
    answer = site.get(path)
    assert (answer.status, answer.code, answer.body["data"]) == (status, code, {"status": status})


def test_a_wrong_login_is_told_before_the_route_is_looked_up(site: Site) -> None:
    assert site.get("nowhere").code == "rest_no_route"
    site.headers = basic("sandbox", "wrong")
    assert site.get("nowhere").code == "incorrect_password"
    assert site.get("/wp-json/").code == "incorrect_password"


def test_the_index_is_public_and_tells_the_zone(site: Site) -> None:
    site.headers = {}
    index = site.get("/wp-json/").body
    assert (index["timezone_string"], index["gmt_offset"], index["url"]) == ("Europe/Berlin", 1, SITE)
    assert "userfeedback/v1" in index["namespaces"]
    assert not any(name.startswith("wc") for name in index["namespaces"])


# Surveys


def test_surveys_are_a_bare_list_until_a_page_is_asked_for(site: Site) -> None:
    assert [survey["id"] for survey in site.get("surveys").body] == ["3", "2", "1"]
    assert [survey["id"] for survey in site.get("surveys", per_page=1).body] == ["3", "2", "1"]
    paged = site.get("surveys", page=2, per_page=2)
    assert ids(paged) == ["1"]
    assert paged.body["pagination"] == {"total": 3, "pages": 2, "page": "2", "per_page": 2}
    assert paged.body["status_filters"] == [
        {"status": "all", "count": 3},
        {"status": "publish", "count": "2"},
        {"status": "draft", "count": "1"},
    ]


def test_surveys_in_the_trash_are_left_out_unless_asked_for(site: Site) -> None:
    site.change("surveys", 2, status="trash")
    assert [survey["id"] for survey in site.get("surveys").body] == ["3", "1"]
    assert [survey["id"] for survey in site.call("GET", "surveys", "filter[status]=trash").body] == ["2"]
    assert [survey["id"] for survey in site.call("GET", "surveys", "filter[status]=publish").body] == ["1"]
    assert [survey["id"] for survey in site.call("GET", "surveys", "filter[status]=all").body] == ["3", "1"]
    assert site.call("GET", "surveys", "filter[colour]=red").body == []
    assert site.get("surveys/2").status == 200


def test_surveys_that_are_to_appear_later_are_scheduled(site: Site) -> None:
    site.change("surveys", 2, publish_at="2026-11-30 00:00:00")
    assert [survey["id"] for survey in site.call("GET", "surveys", "filter[status]=scheduled").body] == ["2"]
    assert [survey["id"] for survey in site.call("GET", "surveys", "filter[status]=publish").body] == ["1"]
    counts = site.get("surveys", page=1).body["status_filters"]
    assert {"status": "scheduled", "count": "1"} in counts


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({"order": "asc"}, "321"),  # without orderby the order is not looked at
        ({"orderby": "title"}, "132"),
        ({"orderby": "title", "order": "asc"}, "231"),
        ({"orderby": "title", "order": "upwards"}, "132"),
        ({"orderby": "id", "order": "ASC"}, "123"),
        ({"orderby": "colour", "order": "asc"}, "123"),
        ({"orderby": "status", "order": "asc"}, "123"),
    ],
)
def test_surveys_are_sorted_by_any_column(query: dict[str, str], order: str, site: Site) -> None:
    assert "".join(survey["id"] for survey in site.get("surveys", **query).body) == order


def test_empty_objects_come_back_as_lists_but_for_the_columns_themselves(site: Site) -> None:
    survey = site.add("surveys", title="Odd", questions=QUESTIONS, settings={}, notifications={"to": {}})
    shown = site.get(f"surveys/{survey['id']}").body
    assert shown["questions"][0]["config"] == []
    assert shown["questions"][0]["settings"] == {"required": True}
    assert shown["settings"] == {}
    assert shown["notifications"] == {"to": []}


@pytest.mark.parametrize("path", ["surveys/99", "surveys/99/results", "surveys/abc"])
def test_an_unknown_survey_is_a_404_without_a_body(path: str, site: Site) -> None:
    answer = site.get(path)
    assert (answer.status, answer.raw) == (404, b"")
    assert answer.headers["allow"] == "GET"


def test_an_id_is_what_stands_in_front(site: Site) -> None:
    assert site.get("surveys/1abc").body["id"] == "1"
    assert site.get("surveys/1abc/responses").body["pagination"]["total"] == 12


def test_a_list_is_no_column_and_no_order(site: Site) -> None:
    assert [survey["id"] for survey in site.call("GET", "surveys", "orderby[]=title&order=asc").body] == ["1", "2", "3"]
    assert site.call("GET", "surveys", "orderby=id&order[]=asc").status == 500
    assert site.call("GET", "surveys", "order[]=asc").status == 200


# The rest


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "surveys"),
        ("DELETE", "surveys"),
        ("POST", "surveys/trash"),
        ("POST", "surveys/1/duplicate"),
        ("GET", "survey-templates"),
        ("OPTIONS", "/wp-json/wp/v2/posts"),
        ("OPTIONS", "/wp-json/"),
        ("GET", "/wp-json/userfeedback/v1"),
        ("GET", "/wp-json/wp/v2/posts"),
        ("GET", "/sample-page/"),
    ],
)
def test_what_a_real_site_has_and_the_twin_has_not_is_named(method: str, path: str, site: Site) -> None:
    answer = site.call(method, path)
    assert answer.status == 501
    assert path.rpartition("/wp-json")[2].strip("/") in answer.body["message"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("surveys", "select[]=title"),
        ("surveys/1", "with=responses"),
        ("surveys", "orderby=questions"),
        ("surveys/1/responses", "filter[answers]=x"),
        ("surveys/1/responses", "filter[]=x"),
        ("results-summary", "end_date=2026-11-23"),
        ("results-summary", "start_date=yesterday"),
        ("surveys", "_envelope"),
        ("surveys", "_jsonp=callback"),
        ("surveys", "_method=DELETE"),
    ],
)
def test_parameters_that_are_not_served_are_named(path: str, query: str, site: Site) -> None:
    assert site.call("GET", path, query).status == 501


@pytest.mark.parametrize(("method", "path"), [("POST", "surveys"), ("DELETE", "surveys"), ("GET", "survey-templates")])
def test_whoever_may_not_is_told_so_even_where_the_twin_could_not_do_it(method: str, path: str, site: Site) -> None:
    for site.headers, status in (({}, 401), (basic("manager", "app_manager"), 403)):
        answer = site.call(method, path)
        assert (answer.status, answer.code) == (status, "rest_forbidden")
        assert "allow" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "surveys"), ("GET", "surveys/1/responses/5"), ("GET", "polls"), ("GET", "surveys/é")]
)
def test_what_nobody_has_is_no_route(method: str, path: str, site: Site) -> None:
    answer = site.call(method, path)
    assert (answer.status, answer.code) == (404, "rest_no_route")
    assert "allow" not in answer.headers


@pytest.mark.parametrize(
    ("path", "fields", "body"),
    [
        ("surveys/1/responses", "pagination.total", {"pagination": {"total": 12}}),
        ("surveys/1/responses", "pagination.total pagination.pages", {"pagination": {"total": 12, "pages": 2}}),
        ("surveys/1/responses", "items.id", {"items": []}),
        ("surveys/1/responses", "colour", []),
        ("results-summary", "total_responses", {"total_responses": 13}),
    ],
)
def test_fields_trim_what_php_has_as_arrays(path: str, fields: str, body: object, site: Site) -> None:
    assert site.get(path, _fields=fields).body == body


@pytest.mark.parametrize("path", ["surveys", "surveys/1", "surveys/1/results"])
def test_fields_kill_php_where_it_has_an_object(path: str, site: Site) -> None:
    assert site.get(path, _fields="id,title").status == 500
    assert site.get(path, _fields=" , ").status == 200


def test_an_id_in_the_query_or_the_body_wins_over_that_in_the_path(site: Site) -> None:
    assert site.get("surveys/1", id=2).body["title"] == "Gallery"
    assert site.get("surveys/1/responses", id=2).body["pagination"]["total"] == 1
    assert site.call("GET", "surveys/1", "id=3", {"id": 2}).body["title"] == "Gallery"
    assert site.call("GET", "surveys/1", body={"id": None}).body["title"] == "Retreat"


def test_options_tell_what_a_route_takes_and_what_this_user_may(site: Site) -> None:
    answer = site.call("OPTIONS", "surveys")
    assert (answer.status, answer.headers["allow"]) == (200, "GET, POST, DELETE")
    assert answer.body == {
        "namespace": "userfeedback/v1",
        "methods": ["GET", "POST", "DELETE"],
        "endpoints": [{"methods": [each], "args": []} for each in ("GET", "POST", "DELETE")],
        "_links": {"self": [{"href": f"{SITE}/wp-json/userfeedback/v1/surveys"}]},
    }
    site.headers = {}
    answer = site.call("OPTIONS", "surveys/1/responses")
    assert (answer.status, answer.headers["allow"], answer.body["methods"]) == (200, "POST", ["GET", "DELETE", "POST"])
    assert answer.body["endpoints"][1]["args"]["response_ids"]["required"] is True
    assert "_links" not in answer.body
    assert "allow" not in site.call("OPTIONS", "surveys/restore").headers
    assert (site.call("OPTIONS", "polls").status, site.call("OPTIONS", "polls").body) == (200, [])
    site.headers = basic("sandbox", "wrong")
    assert site.call("OPTIONS", "surveys").status == 401


def test_head_has_the_headers_alone(site: Site) -> None:
    answer = site.call("HEAD", "surveys")
    assert (answer.status, answer.raw) == (200, b"")
    assert answer.headers["allow"] == "GET, POST, DELETE"
