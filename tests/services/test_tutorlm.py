"""The traps of Tutor LMS, one at a time, and that the adapter gets each right."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from higherself_sync.core.record import Gone, When
from higherself_sync.errors import ConfigError, Unauthorised, Unreachable
from higherself_sync.sandbox.tutorlm import TutorLMTwin
from higherself_sync.services.tutorlm import Settings, streams
from tests.services.sites import KEYS, URL, Site, answer, everything, opened
from tests.services.test_tutorlm_contract import site

INDEX = "?_fields=timezone_string,gmt_offset,namespaces"
COURSES = "tutor/v1/courses?orderby=ID&order=ASC&paged={}"
RATING = "tutor/v1/course-rating/{}?limit=100&offset=0"


def course(made: Site, **more: Any) -> str:
    return str(made.add("courses", **{"post_title": "Breathing Basics", **more})["ID"])


def review(made: Site, number: str, **more: Any) -> str:
    who = {"comment_author": f"student{len(made.twin.dump()['reviews'])}", "rating": 5}
    return f"{number}-{made.add('reviews', comment_post_ID=number, **{**who, **more})['comment_ID']}"


def run(made: Site, cache: dict[str, str], since: datetime | None = None, **settings: Any) -> dict[str, set[str]]:
    """All streams once, by one service, as a run reads them; the ids that each gave."""
    service = opened("tutorlm", made, cache, **settings)
    return {each.name: set(everything(service.replica(each.name), since)) for each in service.streams}


def replica(made: Site, stream: str, cache: dict[str, str] | None = None, **settings: Any) -> Any:
    return opened("tutorlm", made, cache, **settings).replica(stream)


# ------------------------------------------------------------------------------------------------------ what a run asks


def test_at_rest_the_list_of_courses_is_read_once_for_courses_and_reviews() -> None:
    made, cache = site(), dict[str, str]()
    made.change("reviews", "4", deleted=True)  # the one that is not approved
    run(made, cache)
    made.wait(600)
    made.asked()
    assert run(made, cache, made.now) == {"courses": set(), "reviews": set(), "enrolments": set()}
    assert made.asked() == [INDEX, COURSES.format(1)]


def test_a_course_with_a_review_that_is_not_approved_is_asked_in_every_run() -> None:
    """It is counted and not shown, and approving it changes no count."""
    made, cache = site(), dict[str, str]()
    run(made, cache)
    made.wait(600)
    made.asked()
    assert run(made, cache, made.now)["reviews"] == set()
    assert made.asked() == [INDEX, COURSES.format(1), RATING.format(2)]
    made.change("reviews", "4", comment_status="approved")
    assert run(made, cache, made.now)["reviews"] == {"2-2", "2-4"}


def test_what_is_shown_and_not_approved_is_left_out() -> None:
    """The key's own user is shown what they wrote themselves."""
    made = Site(TutorLMTwin())
    number = course(made)
    shown, held = review(made, number), review(made, number)

    def one_is_not(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if "course-rating" not in request.url.path:
            return None
        body = response.json()
        body["data"]["reviews"][0]["comment_status"] = "hold"
        return answer(200, body)

    made.meddle = one_is_not
    assert set(everything(replica(made, "reviews"))) == {shown}
    assert replica(made, "reviews").fetch([held]) == {held: Gone.HIDDEN}


@pytest.mark.parametrize("what", ["a new one", "other stars", "the last one goes and another comes"])
def test_what_happens_to_reviews_is_seen_by_the_ratings_of_their_course(what: str) -> None:
    made, cache = Site(TutorLMTwin()), dict[str, str]()
    first, second = course(made), course(made, post_title="Zen")
    kept = review(made, first, rating=4)
    review(made, second)
    run(made, cache)
    match what:
        case "a new one":
            expected = {kept, review(made, first, rating=1)}
        case "other stars":
            made.change("reviews", kept.split("-")[1], rating=3)
            expected = {kept}
        case _:
            made.change("reviews", kept.split("-")[1], deleted=True)
            made.wait(60)
            run(made, cache, made.now)
            expected = {review(made, first, rating=4)}
    made.wait(60)
    assert run(made, cache, made.now)["reviews"] == expected
    made.wait(60)
    assert run(made, cache, made.now)["reviews"] == set()


def test_reviews_that_a_run_read_and_did_not_store_are_read_again() -> None:
    made, cache = site(), dict[str, str]()
    run(made, cache)
    first = made.now
    made.wait(600)
    new = review(made, "1")
    for _ in range(2):
        made.wait(60)
        assert new in run(made, cache, first)["reviews"]
    assert run(made, cache, made.now)["reviews"] == set()


def test_two_edits_of_courses_in_one_second_are_both_seen() -> None:
    made = site()
    made.wait(60)
    made.change("courses", "1", post_title="One")
    cursor = made.now
    made.change("courses", "2", post_title="Two")
    assert run(made, {}, cursor)["courses"] == {"1", "2"}
    assert run(made, {}, cursor + timedelta(milliseconds=700))["courses"] == {"1", "2"}
    assert run(made, {}, cursor + timedelta(seconds=1))["courses"] == set()


def test_a_second_reader_gets_no_list_that_has_grown_old() -> None:
    made, cache = site(), dict[str, str]()
    service = opened("tutorlm", made, cache)
    everything(service.replica("courses"))
    new = course(made, post_title="Sound bath")
    said = review(made, new)
    made.wait(61)
    everything(service.replica("enrolments"))  # its answer tells the site's time
    assert said in everything(service.replica("reviews"))


# ----------------------------------------------------------------------------------------- lists that do not hold still


def test_the_pages_of_courses_are_as_long_as_the_site_says() -> None:
    made = site()
    made.twin.knobs({"page_size": 1})
    assert set(everything(replica(made, "courses"))) == {"1", "2", "3"}
    assert made.asked() == [INDEX, *(COURSES.format(page) for page in (1, 2, 3))], "none past the last, without totals"


def test_courses_that_shift_while_they_are_read_are_read_once_more() -> None:
    made = site()
    made.twin.knobs({"page_size": 2})
    made.between = lambda count: made.change("courses", "1", post_status="trash") if count == 2 else None
    assert set(everything(replica(made, "courses"))) == {"2", "3"}


def test_a_list_of_courses_that_keeps_changing_is_never_taken_for_complete() -> None:
    made = Site(TutorLMTwin())
    made.twin.knobs({"page_size": 2})
    for _ in range(9):
        course(made)
    made.between = lambda count: made.change("courses", str(count), post_status="draft") if count else None
    with pytest.raises(Unreachable, match="kept changing"):
        everything(replica(made, "courses"))


def test_more_reviews_than_one_answer_holds_lose_none_while_others_arrive() -> None:
    made = Site(TutorLMTwin())
    number = course(made)
    old = {review(made, number) for _ in range(230)}
    made.between = lambda count: review(made, number) if count == 3 else None
    records = [record.id for batch in replica(made, "reviews").read(None) for record in batch.records]
    assert set(records) >= old
    assert len(made.requests) == 5


def test_reviews_from_which_some_went_meanwhile_are_read_again() -> None:
    made = Site(TutorLMTwin())
    number = course(made)
    old = [review(made, number) for _ in range(150)]
    made.between = lambda count: made.change("reviews", "150", deleted=True) if count == 3 else None
    records = [record.id for batch in replica(made, "reviews").read(None) for record in batch.records]
    assert set(records) >= set(old[:-1])
    made.between = lambda count: made.change("reviews", str(150 - count), deleted=True)
    with pytest.raises(Unreachable, match="kept changing"):
        everything(replica(made, "reviews"))


@pytest.mark.parametrize(
    "body",
    [
        {"code": "success", "message": "", "data": {"posts": [{"ID": 1}], "total_course": 1, "total_page": 1}},
        {"code": "success", "message": "", "data": {"posts": [], "total_course": 3, "total_page": 1}},
        {"code": "rest_something", "message": "Another plugin answers", "data": []},
        ["courses"],
    ],
)
def test_what_is_no_list_of_courses_is_an_error_and_never_empty(body: object) -> None:
    made = site()
    made.meddle = lambda request, _: answer(200, body) if request.url.path.endswith("/courses") else None
    with pytest.raises(Unreachable):
        everything(replica(made, "courses"))


def test_a_site_without_courses_has_none() -> None:
    """ "Not found" is a 200; the code tells."""
    made = Site(TutorLMTwin())
    (batch,) = replica(made, "courses").read(None)
    assert (batch.records, batch.as_of) == ((), made.now)


# --------------------------------------------------------------------------------------------------------- what is gone


def test_a_deleted_course_is_told_from_one_that_is_not_public() -> None:
    made = site()
    made.change("courses", "1", deleted=True)
    made.change("courses", "2", post_status="trash")
    found = replica(made, "courses").fetch(["1", "2", "3", "4", "99", "x"])
    assert {each: one for each, one in found.items() if isinstance(one, Gone)} == {
        "1": Gone.DELETED,
        "2": Gone.HIDDEN,
        "4": Gone.HIDDEN,  # a draft
        "99": Gone.DELETED,
        "x": Gone.HIDDEN,
    }
    assert set(found) == {"1", "2", "3", "4", "99", "x"}


def test_what_a_key_would_spoil_is_asked_without_it() -> None:
    """At `wp/v2` the key is a login that WordPress does not know: a 401 for what anybody may read."""
    made = site()
    replica(made, "courses").fetch(["99"])
    signed = {request.url.path: "authorization" in request.headers for request in made.requests}
    assert signed == {"/wp-json/": False, "/wp-json/tutor/v1/courses": True, "/wp-json/wp/v2/courses/99": False}
    assert {each for each in made.asked() if "wp/v2" in each} == {"wp/v2/courses/99?_fields=id"}


@pytest.mark.parametrize(
    "refusal",
    [
        answer(401, {"code": "rest_not_logged_in", "message": "You are not logged in."}),
        answer(404, {"code": "rest_no_route", "message": "No route was found"}),
        httpx.Response(404, html="<html>Not found</html>"),
    ],
    ids=["closed to strangers", "no such route", "a page of the web server"],
)
def test_where_wordpress_does_not_tell_nothing_is_proved(refusal: httpx.Response) -> None:
    made = site()
    made.meddle = lambda request, _: (
        httpx.Response(refusal.status_code, headers=refusal.headers, content=refusal.content)
        if "wp/v2" in request.url.path
        else None
    )
    assert replica(made, "courses").fetch(["99"]) == {"99": Gone.HIDDEN}


def test_a_review_is_gone_where_its_course_shows_all_that_it_counts() -> None:
    made = site()
    made.change("reviews", "3", deleted=True)
    made.change("reviews", "2", deleted=True)
    assert replica(made, "reviews").fetch(["1-3", "2-2", "1"]) == {
        "1-3": Gone.DELETED,
        "2-2": Gone.HIDDEN,  # one of that course is not approved, and may be it
        "1": Gone.HIDDEN,
    }
    for number in ("1", "5"):
        made.change("reviews", number, deleted=True)
    assert replica(made, "reviews").fetch(["1-1"]) == {"1-1": Gone.HIDDEN}, "an empty list proves nothing"
    made.change("courses", "1", deleted=True)
    assert replica(made, "reviews").fetch(["1-1"]) == {"1-1": Gone.DELETED}


def test_reviews_of_a_course_that_is_not_listed_are_no_suspects() -> None:
    made = site()
    service = opened("tutorlm", made)
    before = everything(service.replica("reviews"))
    made.change("courses", "1", post_status="draft")
    said: Any = service.replica("reviews")
    assert set(before) - set(everything(said)) == {"1-1", "1-3", "1-5"}
    assert {each for each, record in before.items() if said.covers(record)} == {"2-2"}


# ----------------------------------------------------------------------------------------------------------- enrolments


def test_the_free_edition_is_asked_for_enrolments_once_a_day() -> None:
    made, cache = site(), dict[str, str]()
    assert run(made, cache)["enrolments"] == set()
    assert "tutor/v1/enrollments" in made.asked()
    made.wait(23 * 3600)
    run(made, cache, made.now)
    assert "tutor/v1/enrollments" not in made.asked()
    made.twin.knobs({"edition": "pro"})
    made.wait(2 * 3600)
    assert run(made, cache, made.now)["enrolments"] == {"5", "6"}


def test_what_was_paid_through_the_shop_is_no_second_order() -> None:
    made = site()
    made.twin.knobs({"edition": "pro"})
    made.add("enrollments", user_id="2", course_id="2")  # a course with a price
    assert set(everything(replica(made, "enrolments"))) == {"5", "6", "7"}
    found = everything(replica(made, "enrolments", same_site="shop"))
    assert {each: dict(record.values) for each, record in found.items()} == {
        number: {
            "order": f"Enrolment {number}",
            "client": {f"shop:customers:{user}"},
            "products": {"site:courses:1"},
            "status": "completed",
        }
        for number, user in (("5", "2"), ("6", "3"))
    }


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, {"code": "success", "data": {"enrollments": [{"id": 7}]}}),
        answer(200, {"code": "success", "data": [{"enrollment_id": 7, "student": "ana"}]}),
        answer(200, [1, 2]),
        answer(400, {"code": "rest_missing_callback_param", "message": "Missing parameter(s): course_id"}),
        answer(403, {"code": "rest_forbidden", "message": "Sorry."}),
    ],
)
def test_enrolments_that_nobody_understands_stop_nothing_else(reply: httpx.Response) -> None:
    made = site()
    made.meddle = lambda request, _: (
        httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)
        if request.url.path.endswith("/enrollments")
        else None
    )
    assert {each: len(ids) for each, ids in run(made, {}).items()} == {"courses": 3, "enrolments": 0, "reviews": 4}
    check = list(opened("tutorlm", made).health())[-1]
    assert (check.name, check.status, check.exit_code) == ("edition", "warn", 0)


# ---------------------------------------------------------------------------------------------------- values, the clock


@pytest.mark.parametrize(
    ("title", "name"),
    [("Tea &amp; talk", "Tea & talk"), ('How to hang a picture "straight"', 'How to hang a picture "straight"')],
)
def test_a_courses_name_is_as_it_was_typed(title: str, name: str) -> None:
    made = Site(TutorLMTwin())
    course(made, post_title=title)
    (record,) = everything(replica(made, "courses")).values()
    assert record.values["name"] == name


@pytest.mark.parametrize(("price", "value"), [("", None), ("24.50", Decimal("24.5")), ("24,50 €", None)])
def test_a_price_is_a_number_or_none(price: str, value: Decimal | None) -> None:
    made = Site(TutorLMTwin())
    course(made, price=price)
    (record,) = everything(replica(made, "courses")).values()
    assert record.values["price"] == value


@pytest.mark.parametrize(("version", "asks"), [("4.0.2", "comment_date_gmt"), ("2.7.6", "comment_date")])
def test_a_reviews_time_is_the_same_whichever_clock_tells_it(version: str, asks: str) -> None:
    made = Site(TutorLMTwin())
    made.twin.knobs({"version": version})
    made.now = datetime(2026, 7, 1, 10, 0, 59, tzinfo=UTC)
    review(made, course(made))
    (record,) = everything(replica(made, "reviews")).values()
    assert record.values["submitted"] == When(datetime(2026, 7, 1, 10, 0, tzinfo=UTC)), asks


def test_a_review_without_words_is_called_by_its_stars() -> None:
    made = Site(TutorLMTwin())
    review(made, course(made), rating=4)
    (record,) = everything(replica(made, "reviews")).values()
    assert (record.values["feedback"], record.values["content"], record.values["rating"]) == ("4 ★", None, Decimal(4))


def test_only_where_the_shop_is_named_a_review_has_a_client() -> None:
    made = Site(TutorLMTwin())
    review(made, course(made), comment_content="Good & <clear>")
    (alone,) = everything(replica(made, "reviews")).values()
    assert "client" not in alone.values
    (record,) = everything(replica(made, "reviews", same_site="shop")).values()
    assert record.values["client"] == {"shop:customers:2"}
    assert record.values["product"] == {"site:courses:1"}
    assert record.values["feedback"] == "Good & <clear>"
    made.twin.load({"reviews": [{**made.twin.dump()["reviews"][0], "user_id": "0"}]}, made.now)
    (nobodys,) = everything(replica(made, "reviews", same_site="shop")).values()
    assert nobodys.values["client"] == frozenset()


def test_a_wrong_time_zone_is_told_before_anything_is_read() -> None:
    made = site()
    for stream in ("courses", "reviews", "enrolments"):
        with pytest.raises(ConfigError) as caught:
            everything(replica(made, stream, timezone="Asia/Tokyo"))
        assert 'timezone = "Europe/Berlin"' in caught.value.remedy
    assert made.asked() == [INDEX] * 3


def test_no_author_is_kept() -> None:
    made, cache = site(), dict[str, str]()
    service = opened("tutorlm", made, cache)
    kept = [everything(service.replica(each.name)) for each in service.streams]
    assert "admin@example.com" not in str(kept) + str(cache)


# ----------------------------------------------------------------------------------------------------- refusals, health


@pytest.mark.parametrize(
    "keys",
    [
        {"api_key": "key_nobody"},
        {"api_secret": "secret_wrong"},
        {"api_key": "sandbox", "api_secret": "app_sandbox"},  # an application password
    ],
)
@pytest.mark.parametrize("version", ["4.0.2", "2.7.6"])
def test_a_wrong_key_names_where_right_ones_are_made(keys: dict[str, Any], version: str) -> None:
    made = site()
    made.twin.knobs({"version": version})
    with pytest.raises(Unauthorised) as caught:
        everything(replica(made, "courses", **keys))
    assert "Tutor LMS > Tools > REST API" in caught.value.remedy
    assert [(each.name, each.status) for each in opened("tutorlm", made, **keys).health()] == [
        ("site", "ok"),
        ("courses", "fail"),
    ]


def test_a_login_that_wordpress_does_not_get_to_see() -> None:
    made = site()
    refusal = {"code": "rest_forbidden", "message": "Sorry, you are not allowed to do that."}
    made.meddle = lambda request, _: answer(401, refusal) if "tutor" in request.url.path else None
    with pytest.raises(Unauthorised) as caught:
        everything(replica(made, "courses"))
    assert "hides the Authorization header" in caught.value.remedy


def test_a_site_where_tutor_is_switched_off() -> None:
    made = site()
    refusal = {"code": "rest_no_route", "message": "No route was found matching the URL and request method."}
    made.meddle = lambda request, _: answer(404, refusal) if "tutor" in request.url.path else None
    with pytest.raises(Unreachable) as caught:
        everything(replica(made, "courses"))
    assert "install and activate Tutor LMS" in caught.value.remedy


def test_another_site_behind_the_address_is_noticed() -> None:
    made, cache = site(), dict[str, str]()
    run(made, cache)
    other = Site(TutorLMTwin())
    other.wait(3600)
    course(other)
    with pytest.raises(ConfigError, match="another site answers"):
        run(other, cache)


@pytest.mark.parametrize(("edition", "said"), [("free", "the free edition"), ("pro", "the Pro edition")])
def test_health_is_three_requests_and_names_the_edition(edition: str, said: str) -> None:
    made = site()
    made.twin.knobs({"edition": edition})
    service = opened("tutorlm", made)
    checks = list(service.health())
    assert [(each.name, each.status) for each in checks] == [("site", "ok"), ("courses", "ok"), ("edition", "ok")]
    assert said in checks[-1].message
    assert service.requests() == 3


def test_health_tells_a_list_that_was_made_for_strangers() -> None:
    """From 4.2 on whoever is not seen to have a key gets a 200, too, with less of each course."""
    made = site()
    card = {"ID": 1, "post_title": "Breathing", "post_name": "breathing", "price": ""}
    body = {"code": "success", "message": "", "data": {"posts": [card], "total_course": 1, "total_page": 1}}
    made.meddle = lambda request, _: answer(200, body) if request.url.path.endswith("/courses") else None
    checks = {each.name: each for each in opened("tutorlm", made).health()}
    assert (checks["courses"].status, checks["courses"].exit_code) == ("fail", Unreachable.exit_code)
    with pytest.raises(Unreachable):
        everything(replica(made, "courses"))


# --------------------------------------------------------------------------------------------------------- the settings


@pytest.mark.parametrize(
    ("key", "value"),
    [("url", "http://www.example.com"), ("same_site", "notion!"), ("timezone", "Narnia"), ("currency", "EUR")],
)
def test_wrong_settings_are_refused(key: str, value: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"url": URL, **KEYS["tutorlm"], key: value})


def test_the_shop_of_the_same_site_adds_the_client_to_what_is_declared() -> None:
    for shop in (None, "shop"):
        settings = Settings.model_validate({"url": URL, **KEYS["tutorlm"], "same_site": shop})
        declared = {each.name: "client" in each.fields for each in streams("site", settings)}
        assert declared == {"courses": False, "enrolments": bool(shop), "reviews": bool(shop)}


@pytest.mark.parametrize("kind", ["tutorlm", "userfeedback"])
def test_an_adapter_is_loaded_without_an_http_client(kind: str) -> None:
    script = f"""
import sys
from higherself_sync import services
services.load({kind!r})
heavy = {{"httpx", "notion_client", "rich", "oauthlib"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", script], check=True)
