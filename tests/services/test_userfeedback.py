"""The traps of UserFeedback, one at a time, and that the adapter gets each right."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from higherself_sync.core.record import Gone, Record, When
from higherself_sync.errors import ConfigError, Refused, Unauthorised, Unreachable
from higherself_sync.sandbox.userfeedback import UserFeedbackTwin
from higherself_sync.services.userfeedback import Settings
from tests.services.sites import Site, answer, everything, opened
from tests.services.test_userfeedback_contract import QUESTIONS, site

INDEX = "?_fields=timezone_string,gmt_offset,namespaces"
FIRST = "page=1&per_page=50"


def responses(made: Site, cache: dict[str, str] | None = None, **settings: Any) -> Any:
    return opened("userfeedback", made, cache, **settings).replica("responses")


def survey(made: Site, **more: Any) -> str:
    added = made.add("surveys", **{"title": "Retreat", "questions": QUESTIONS, "status": "publish", **more})
    return str(added["id"])


def respond(made: Site, number: str = "1", **answers: Any) -> str:
    given = [{"question_id": name, "value": value} for name, value in (answers or {"q1": 5}).items()]
    return f"{number}-{made.add('responses', survey_id=number, answers=given)['id']}"


def only(made: Site, **settings: Any) -> Record:
    (record,) = everything(responses(made, **settings)).values()
    return record


# -------------------------------------------------------------------------------------------------- new responses alone


def test_at_rest_it_asks_for_the_zone_the_surveys_and_the_top_of_each_open_one() -> None:
    made, cache = site(), dict[str, str]()
    everything(responses(made, cache))
    made.wait(600)
    made.asked()
    assert everything(responses(made, cache), made.now) == {}
    assert made.asked() == [
        INDEX,
        "userfeedback/v1/surveys",
        f"userfeedback/v1/surveys/2/responses?{FIRST}",
        f"userfeedback/v1/surveys/1/responses?{FIRST}",
    ]


def test_what_a_run_read_and_did_not_store_is_read_again() -> None:
    """The cache is written all the same. Only a later cursor tells that the former read was stored."""
    made, cache = site(), dict[str, str]()
    everything(responses(made, cache))
    first = made.now
    made.wait(600)
    new = respond(made)
    for _ in range(2):
        made.wait(60)
        assert set(everything(responses(made, cache), first)) == {new}
    assert everything(responses(made, cache), made.now) == {}


def test_many_new_responses_are_read_in_large_pages() -> None:
    made, cache = site(), dict[str, str]()
    everything(responses(made, cache))
    first = made.now
    made.wait(60)
    new = {respond(made) for _ in range(120)}
    made.asked()
    assert set(everything(responses(made, cache), first)) == new
    assert "userfeedback/v1/surveys/1/responses?page=1&per_page=500" in made.asked()


def test_a_closed_survey_is_asked_only_where_the_count_of_its_responses_changed() -> None:
    made, cache = site(), dict[str, str]()
    everything(responses(made, cache))
    made.change("surveys", "1", status="draft")
    made.wait(60)
    then = made.now
    everything(responses(made, cache), then)
    made.asked()
    assert everything(responses(made, cache), then) == {}
    assert all("surveys/1/" not in each for each in made.asked())
    made.change("surveys", "1", status="publish")
    last = respond(made)
    made.change("surveys", "1", status="draft")
    made.wait(60)
    assert set(everything(responses(made, cache), then)) == {last}


def test_a_closed_survey_whose_last_response_went_and_that_got_another_is_asked() -> None:
    made, cache = Site(UserFeedbackTwin()), dict[str, str]()
    number = survey(made)
    respond(made)
    everything(responses(made, cache))
    made.change("responses", "1", deleted=True)
    made.wait(60)
    everything(responses(made, cache), made.now)
    last = respond(made)
    made.change("surveys", number, status="draft")
    made.wait(60)
    assert set(everything(responses(made, cache), made.now)) == {last}


# ----------------------------------------------------------------------------------------- lists that do not hold still


def crowd(size: int = 1100) -> Site:
    made = Site(UserFeedbackTwin())
    survey(made)
    for _ in range(size):
        respond(made)
    return made


def when_asked(made: Site, number: int, do: Callable[[], object]) -> None:
    """Something happens before the request of that number; 0 is the index, 1 and 2 are surveys, then come the pages."""
    made.between = lambda count: do() if count == number else None


def test_pages_that_shift_while_new_responses_arrive_lose_none() -> None:
    made = crowd()
    when_asked(made, 4, lambda: [respond(made) for _ in range(3)])
    batches = list(responses(made).read(None))
    ids = [int(record.id.split("-")[1]) for batch in batches for record in batch.records]
    assert sorted(set(ids)) == list(range(1, 1101))
    assert len(ids) == 1103, "three came twice"
    assert len(made.requests) == 6, "nothing was begun again"


def test_a_list_from_which_some_went_meanwhile_is_begun_again() -> None:
    made = crowd()
    when_asked(made, 4, lambda: made.change("responses", "1100", status="trash"))
    found = everything(responses(made))
    assert {int(each.split("-")[1]) for each in found} >= set(range(1, 1100)), "601 had slipped to the page before"


def test_new_responses_of_which_some_go_meanwhile_are_all_read() -> None:
    """Such a list is left at the last known response, so that it is shorter than its total says nothing."""
    made, cache = crowd(10), dict[str, str]()
    everything(responses(made, cache))
    first = made.now
    made.wait(60)
    new = {respond(made) for _ in range(600)}
    made.asked()
    when_asked(made, 3, lambda: made.change("responses", "610", status="trash"))
    assert set(everything(responses(made, cache), first)) == new


def test_one_that_comes_while_another_goes_hides_nothing() -> None:
    """The total is as before, and yet a response has slipped past."""
    made = crowd(600)

    def swap() -> None:
        made.change("responses", "600", status="trash")
        made.change("responses", "599", status="trash")
        respond(made)
        respond(made)

    when_asked(made, 4, swap)
    found = everything(responses(made))
    assert {int(each.split("-")[1]) for each in found} >= set(range(1, 599))


def test_a_list_that_keeps_shrinking_is_never_taken_for_complete() -> None:
    made = crowd()
    alive = iter(range(1100, 0, -1))
    made.between = lambda _: made.change("responses", next(alive), status="trash")
    with pytest.raises(Unreachable, match="kept changing"):
        everything(responses(made))


def test_a_list_shorter_than_its_total_is_never_taken_for_complete() -> None:
    made = site()
    made.meddle = lambda request, _: (
        answer(200, {"items": [], "pagination": {"total": 3}}) if "/1/responses" in request.url.path else None
    )
    with pytest.raises(Unreachable, match="kept changing"):
        everything(responses(made))


# --------------------------------------------------------------------------------------------------------- what is gone


def told_as_gone(made: Site, cache: dict[str, str], since: datetime) -> set[str]:
    return {each.id for each in everything(responses(made, cache), since).values() if each.trashed}


def test_what_is_put_into_the_trash_is_told_by_the_next_read_and_by_that_alone() -> None:
    """The filter forgets which survey was asked for: 2-4 comes with what survey 1 is asked for, and 1-3 lay there."""
    made, cache = site(), dict[str, str]()
    everything(responses(made, cache))
    first = made.now
    made.wait(60)
    made.change("responses", "4", status="trash")
    assert told_as_gone(made, cache, first) == {"1-3", "2-4"}
    assert sum("filter[status]=trash" in each for each in made.asked()) == 1 + 1  # the first read's of surveys
    made.wait(60)
    assert told_as_gone(made, cache, made.now) == set()
    assert not [each for each in made.asked() if "trash" in each]


def test_a_newer_release_hides_the_trash_and_the_next_complete_read_proves_it() -> None:
    made, cache = site(), dict[str, str]()
    made.twin.knobs({"release": "1.8.0"})
    before = everything(responses(made, cache))
    first = made.now
    made.wait(60)
    made.change("responses", "5", status="trash")
    assert told_as_gone(made, cache, first) == set()
    assert set(before) - set(everything(responses(made, cache))) == {"1-5"}
    assert responses(made).fetch(["1-5"]) == {"1-5": Gone.DELETED}


def test_a_release_that_shows_each_surveys_own_trash_is_asked_for_that_of_each() -> None:
    made, cache = site(), dict[str, str]()
    everything(responses(made, cache))
    first = made.now
    made.wait(60)
    made.change("responses", "4", status="trash")

    def own(request: httpx.Request, plain: httpx.Response) -> httpx.Response | None:
        if "filter" not in request.url.query.decode() or not request.url.path.endswith("/responses"):
            return None
        items = [each for each in plain.json()["items"] if f"/surveys/{each['survey_id']}/" in request.url.path]
        return answer(200, {**plain.json(), "items": items, "pagination": {"total": len(items)}})

    made.meddle = own
    assert told_as_gone(made, cache, first) == {"1-3", "2-4"}
    assert responses(made).fetch(["1-3", "2-4"]) == {"1-3": Gone.TRASHED, "2-4": Gone.TRASHED}


def test_a_release_that_knows_no_filter_throws_nothing_away() -> None:
    """Up to 1.0.9 `filter` was not looked at, and the list is that of what is there."""
    made, cache = site(), dict[str, str]()
    everything(responses(made, cache))
    first = made.now
    made.wait(60)
    made.change("responses", "5", status="trash")
    made.meddle = lambda request, _: (
        answer(200, listing(made))
        if "filter" in request.url.query.decode() and "responses" in request.url.path
        else None
    )
    assert told_as_gone(made, cache, first) == set()
    assert responses(made).fetch(["1-5"]) == {"1-5": Gone.DELETED}  # its survey's own list has others and not it


def test_a_list_of_the_whole_site_makes_no_row_of_another_survey() -> None:
    """A release between 1.0.9 and 1.2 forgot which survey was asked for even without a filter."""
    made, cache = site(), dict[str, str]()
    everything(responses(made))
    right = everything(responses(made))
    made.meddle = lambda request, _: (
        answer(200, listing(made))
        if request.url.path.endswith("/responses") and "filter" not in request.url.query.decode()
        else None
    )
    assert everything(responses(made, cache)) == right
    assert responses(made).fetch(list(right)) == right
    first = made.now
    made.wait(60)
    new = respond(made, "2")
    assert set(everything(responses(made, cache), first)) == {new}


def listing(made: Site) -> dict[str, Any]:
    """What is there of all surveys, the newest first."""
    there = [each for each in made.twin.dump()["responses"] if each["status"] != "trash"]
    counts = [{"status": "all", "count": len(there)}]
    return {"items": there[::-1], "pagination": {"total": len(there)}, "status_filters": counts}


def test_a_response_in_the_trash_is_told_from_one_that_is_no_more() -> None:
    made = site()
    made.change("responses", "5", deleted=True)
    made.change("surveys", "2", deleted=True)
    found = responses(made).fetch(["1-3", "1-5", "2-2", "9-1", "1", "x-y", "1-0"])
    assert found == {
        "1-3": Gone.TRASHED,
        "1-5": Gone.DELETED,
        "2-2": Gone.DELETED,  # its survey is no more
        "9-1": Gone.DELETED,
        **dict.fromkeys(("1", "x-y", "1-0"), Gone.HIDDEN),
    }


def test_an_empty_list_proves_nothing() -> None:
    """An error in the plugin's database looks just like that."""
    made = site()
    empty = {"items": [], "pagination": {"total": 0}, "status_filters": [{"status": "all", "count": 0}]}
    made.meddle = lambda request, _: answer(200, empty) if "/responses" in request.url.path else None
    assert responses(made).fetch(["1-1"]) == {"1-1": Gone.HIDDEN}


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(404, html="<html>Not found</html>"),
        answer(404, {"code": "rest_no_route", "message": "No route was found"}),
        httpx.Response(500, html="<!DOCTYPE html><title>WordPress &rsaquo; Error</title>"),
        httpx.Response(200, html="<html>Just a moment…</html>"),
    ],
    ids=["a page of the web server", "the plugin is off", "a PHP fatal", "a firewall's page"],
)
def test_a_failed_look_is_no_proof(refusal: httpx.Response) -> None:
    made = site()
    made.meddle = lambda request, _: (
        httpx.Response(refusal.status_code, headers=refusal.headers, content=refusal.content)
        if request.url.path.endswith("/surveys/1")
        else None
    )
    with pytest.raises(Unreachable):
        responses(made).fetch(["1-1"])


def test_a_survey_in_the_trash_keeps_its_responses() -> None:
    made = site()
    before = everything(responses(made))
    made.change("surveys", "2", status="trash")
    assert everything(responses(made)) == before
    assert set(responses(made).fetch(["2-2"])) == {"2-2"}


# ----------------------------------------------------------------------------------------------------- the site's clock


def test_times_are_the_sites_in_summer_and_in_winter() -> None:
    made = Site(UserFeedbackTwin())
    survey(made)
    for number, moment in enumerate(("2026-07-01 12:00:59", "2026-12-01 12:00:00", "2026-10-25 02:30:00"), 1):
        made.twin.load({"responses": [{"id": str(number), "survey_id": "1", "submitted_at": moment}]}, made.now)
    found = everything(responses(made))
    assert [found[f"1-{n}"].values["submitted"] for n in (1, 2, 3)] == [
        When(datetime(2026, 7, 1, 10, 0, tzinfo=UTC)),
        When(datetime(2026, 12, 1, 11, 0, tzinfo=UTC)),
        When(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the hour comes twice: the first
    ]
    assert found["1-1"].created == datetime(2026, 7, 1, 10, 0, 59, tzinfo=UTC)


def test_a_wrong_time_zone_is_told_before_anything_is_read() -> None:
    made = site()
    with pytest.raises(ConfigError) as caught:
        everything(responses(made, timezone="Europe/London"))
    assert 'timezone = "Europe/Berlin"' in caught.value.remedy
    assert made.asked() == [INDEX]


def indexed(made: Site, **index: Any) -> None:
    made.meddle = lambda request, _: answer(200, index, made.now) if request.url.path == "/wp-json/" else None


@pytest.mark.parametrize(
    ("index", "timezone", "hour"),
    [
        ({"timezone_string": "", "gmt_offset": 5.5}, None, 12),
        ({"timezone_string": "", "gmt_offset": "1"}, "Europe/Berlin", 17),
        ({}, "Europe/Berlin", 17),  # the index is closed to strangers, or does not tell
    ],
)
def test_a_site_without_a_named_zone(index: dict[str, Any], timezone: str | None, hour: int) -> None:
    made = Site(UserFeedbackTwin())
    survey(made)
    made.twin.load({"responses": [{"id": "1", "survey_id": "1", "submitted_at": "2026-11-23 18:30:00"}]}, made.now)
    indexed(made, **index)
    minute = 0 if timezone is None else 30
    wanted = datetime(2026, 11, 23, hour + 1 if timezone is None else hour, minute, tzinfo=UTC)
    assert only(made, timezone=timezone).values["submitted"] == When(wanted)


@pytest.mark.parametrize(
    ("index", "timezone", "remedy"),
    [
        ({"timezone_string": "", "gmt_offset": 2}, "Europe/Berlin", "leave timezone out"),
        ({}, None, 'timezone = "…"'),
        ({"timezone_string": "Europe/Narnia"}, None, "tzdata"),
    ],
)
def test_a_zone_that_cannot_be_told_stops_the_read(index: dict[str, Any], timezone: str | None, remedy: str) -> None:
    made = site()
    indexed(made, **index)
    with pytest.raises(ConfigError) as caught:
        everything(responses(made, timezone=timezone))
    assert remedy in caught.value.remedy


def test_a_site_that_moves_to_another_zone_is_not_followed_unasked() -> None:
    made, cache = site(), dict[str, str]()
    everything(responses(made, cache))
    indexed(made, timezone_string="Europe/London")
    with pytest.raises(ConfigError, match="Europe/London, not Europe/Berlin"):
        everything(responses(made, cache))
    assert everything(responses(made, cache, timezone="Europe/London"))


# ---------------------------------------------------------------------------------------------- what is made of answers


def test_an_answer_keeps_its_question_when_that_leaves_the_survey() -> None:
    made, cache = site(), dict[str, str]()
    before = everything(responses(made, cache))["2-2"]
    made.change("surveys", "2", questions=QUESTIONS[:1])
    assert everything(responses(made, cache))["2-2"] == before
    assert everything(responses(made))["2-2"].values["content"] != before.values["content"], "who never knew it cannot"


@pytest.mark.parametrize(
    ("answers", "content"),
    [
        ({"q2": "Tea & <b>silence</b> 茶"}, "Anything?: Tea & silence 茶"),  # the plugin takes tags out
        ({"q2": "less than 3 < 4 & more"}, "Anything?: less than 3 < 4 & more"),  # and writes this with entities
        ({"q2": "&amp; as typed"}, "Anything?: &amp; as typed"),
        ({"q4": ["Price", "Größe"]}, "Why?: Price, Größe"),
        ({"q1": 0, "q4": []}, "How was it?: 0"),
        ({"q1": "7", "q2": ""}, "How was it?: 7"),
        ({"q1": None}, None),
        ({"q9": "no question has this number"}, "q9: no question has this number"),
    ],
)
def test_content_is_question_and_answer_a_line_each(answers: dict[str, Any], content: str | None) -> None:
    made = Site(UserFeedbackTwin())
    config = {"options": ["Price", "Größe"]}
    questions = [
        {"id": "q1", "type": "nps", "title": "How was it?"},
        {"id": "q2", "type": "long-text", "title": "Anything?"},
        {"id": "q4", "type": "checkbox", "title": "Why?", "config": config},
    ]
    survey(made, questions=questions)
    respond(made, **answers)
    assert only(made).values["content"] == content


def test_an_answer_that_is_an_object_is_told_by_its_values() -> None:
    made = Site(UserFeedbackTwin())
    survey(made)
    given = [{"question_id": "q2", "value": {"label": "Tea", "more": ["green", None]}}]
    made.twin.load({"responses": [{"id": "1", "survey_id": "1", "answers": given}]}, made.now)
    assert only(made).values["content"] == "What can we improve?: Tea, green"


def test_what_was_typed_beside_a_choice_stands_beside_it() -> None:
    made = Site(UserFeedbackTwin())
    survey(made)
    made.add("responses", survey_id="1", answers=[{"question_id": "q2", "value": "Other", "extra": {"other": "tea"}}])
    assert only(made).values["content"] == "What can we improve?: Other (tea)"


@pytest.mark.parametrize(
    ("answers", "rating"),
    [
        ({"q1": 0}, Decimal(0)),
        ({"q1": "10"}, Decimal(10)),
        ({"q5": 4, "q1": 9}, Decimal(9)),  # the survey's first, in whatever order they were given
        ({"q5": 4}, Decimal(4)),
        ({"q1": "great", "q5": 4}, Decimal(4)),
        ({"q2": "5"}, None),  # a number, but no rating
    ],
)
def test_rating_is_the_surveys_first_rating_that_was_given(answers: dict[str, Any], rating: Decimal | None) -> None:
    made = Site(UserFeedbackTwin())
    survey(made, questions=[*QUESTIONS, {"id": "q5", "type": "star-rating", "title": "Stars"}])
    respond(made, **answers)
    assert only(made).values["rating"] == rating


@pytest.mark.parametrize(
    ("answers", "title"),
    [
        ({"q1": 9, "q2": "So calm.  " + "Tea " * 40}, "So calm. " + ("Tea " * 40)[:71].rstrip()),
        ({"q1": 9}, "Would you come again?: 9"),
        ({"q3": "ana@example.com"}, "Retreat"),  # an address alone is nothing that was said
    ],
)
def test_the_title_is_what_was_said_at_length_else_all_that_was_said(answers: dict[str, Any], title: str) -> None:
    made = Site(UserFeedbackTwin())
    survey(made)
    respond(made, **answers)
    found = only(made).values["feedback"]
    assert found == title
    assert len(str(found)) <= 80


def test_who_left_an_address_is_a_client_and_the_address_is_no_part_of_what_was_said() -> None:
    made = Site(UserFeedbackTwin())
    survey(made)
    respond(made, q1=9, q3="Ana@Example.com")
    record = only(made)
    assert record.values["client"] == {"site:people:ana@example.com"}
    assert [(each.id, each.key, dict(each.values)) for each in record.people] == [
        ("ana@example.com", "ana@example.com", {"email": "Ana@Example.com"})
    ]
    assert record.values["content"] == "Would you come again?: 9"


@pytest.mark.parametrize("typed", ["ana@example", "write to ana@example.com or bo@example.com", "me@"])
def test_what_is_no_address_makes_no_client_and_is_not_lost(typed: str) -> None:
    made = Site(UserFeedbackTwin())
    survey(made, questions=[{"id": "q3", "type": "text", "title": "Your e-mail"}])
    respond(made, q3=typed)
    made.change("surveys", "1", questions=QUESTIONS)
    record = only(made)
    assert (record.values["client"], record.people) == (frozenset(), ())
    assert record.values["content"] == f"Your e-mail: {typed}"


def test_nothing_of_the_visitors_machine_is_kept() -> None:
    made, cache = Site(UserFeedbackTwin()), dict[str, str]()
    survey(made)
    answers = [{"question_id": "q1", "value": 5}]
    machine = {"user_browser": "Lynx 2.9", "user_os": "Plan 9", "user_device": "Toaster"}
    made.add("responses", survey_id="1", answers=answers, user_ip="203.0.113.7", **machine)
    kept = str(everything(responses(made, cache))) + str(cache)
    assert not [each for each in (*machine.values(), "203.0.113.7") if each in kept]


def test_a_long_survey_title_fits_into_a_select() -> None:
    made = Site(UserFeedbackTwin())
    survey(made, title="Größe " * 40)
    respond(made)
    assert len(str(only(made).values["form"])) <= 100


# ----------------------------------------------------------------------------------------------------- refusals, health


@pytest.mark.parametrize(
    ("settings", "remedy"),
    [
        ({"application_password": "wrong"}, "check application_password"),
        ({"user": "nobody"}, "check user:"),
        ({"user": "nobody@example.com"}, "check user:"),
        ({"user": "manager", "application_password": "app_manager"}, "a shop manager has not"),
    ],
)
def test_a_refusal_names_what_to_correct_and_no_secret(settings: dict[str, Any], remedy: str) -> None:
    made = site()
    with pytest.raises(Unauthorised) as caught:
        everything(responses(made, **settings))
    assert remedy in caught.value.remedy
    assert settings.get("application_password", "app_sandbox") not in str(caught.value.as_json())
    checks = list(opened("userfeedback", made, **settings).health())
    assert [(each.name, each.status, each.exit_code) for each in checks] == [
        ("site", "ok", 0),
        ("surveys", "fail", 5),
        ("responses", "fail", 5),
    ]
    assert remedy in checks[1].remedy


def test_a_login_that_wordpress_does_not_get_to_see() -> None:
    made = site()
    made.meddle = lambda request, response: (
        answer(401, {"code": "rest_forbidden", "message": "Sorry."}) if "userfeedback" in request.url.path else None
    )
    with pytest.raises(Unauthorised) as caught:
        everything(responses(made))
    assert "hides the Authorization header" in caught.value.remedy


def test_only_the_plugins_own_requests_are_signed() -> None:
    made = site()
    everything(responses(made))
    list(opened("userfeedback", made).health())
    signed = {request.url.path: "authorization" in request.headers for request in made.requests}
    assert {path for path, each in signed.items() if not each} == {"/wp-json/"}


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (301, {"location": "https://www.example.com/wp-json/"}, ConfigError),  # from this machine, over http
        (302, {"location": "http://elsewhere.example.com/"}, Unreachable),
        (503, {}, Unreachable),
        (418, {}, Unreachable),
    ],
)
def test_a_site_that_is_not_there(status: int, headers: dict[str, Any], error: type[Exception]) -> None:
    made = site()
    made.meddle = lambda *_: answer(status, None, **headers)
    with pytest.raises(error):
        everything(responses(made))


def test_a_php_fatal_is_no_empty_list() -> None:
    made = site()
    fatal = "<!DOCTYPE html><title>WordPress &rsaquo; Error</title>"
    made.meddle = lambda request, _: httpx.Response(500, html=fatal) if "/responses" in request.url.path else None
    with pytest.raises(Unreachable, match="HTTP 500"):
        everything(responses(made))


@pytest.mark.parametrize("body", [{"items": []}, "surveys", [{"title": "no id"}], [{"id": "one"}]])
def test_what_are_no_surveys_is_an_error_and_never_empty(body: object) -> None:
    made = site()
    made.meddle = lambda request, _: answer(200, body) if request.url.path.endswith("/surveys") else None
    with pytest.raises(Unreachable):
        everything(responses(made))


def test_another_site_behind_the_address_is_noticed_before_anything_of_it_is_read() -> None:
    made, cache = site(), dict[str, str]()
    everything(responses(made, cache))
    other = Site(UserFeedbackTwin())
    other.wait(7)
    for title in ("Somebody", "Else"):
        survey(other, title=title)
    respond(other)
    with pytest.raises(ConfigError, match="another site answers"):
        everything(responses(other, cache))
    assert not [each for each in other.asked() if "responses" in each]


def test_health_is_three_requests_and_names_the_wrong_zone() -> None:
    made = site()
    service = opened("userfeedback", made, timezone="America/New_York")
    (where, *others) = service.health()
    assert (where.name, where.status, where.exit_code) == ("site", "fail", 4)
    assert 'timezone = "Europe/Berlin"' in where.remedy
    assert {each.status for each in others} == {"ok"}
    assert service.requests() == 3


def test_health_tells_a_site_without_the_plugin() -> None:
    made = site()
    indexed(made, timezone_string="Europe/Berlin", namespaces=["wp/v2"])
    check = next(iter(opened("userfeedback", made).health()))
    assert (check.status, check.remedy) == ("fail", "install and activate UserFeedback there, or correct url")


def test_nothing_is_ever_restored_or_made() -> None:
    made = site()
    replica = responses(made)
    with pytest.raises(Refused):
        replica.restore("1-3", {})
    assert made.requests == []


# --------------------------------------------------------------------------------------------------------- the settings


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://www.example.com", "https://www.example.com"),
        ("https://www.example.com/", "https://www.example.com"),
        ("https://www.example.com/blog/wp-json/userfeedback/v1", "https://www.example.com/blog"),
        ("https://www.example.com/wp-admin/", "https://www.example.com"),
        ("http://127.0.0.1:8080/site", "http://127.0.0.1:8080/site"),
    ],
)
def test_the_root_of_the_site_is_taken_from_what_was_pasted(url: str, root: str) -> None:
    assert Settings(url=url, user="a", application_password="b").url == root  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("url", "http://www.example.com"),  # the password could be read on the way
        ("url", "www.example.com"),
        ("url", "https://user:secret@www.example.com"),
        ("timezone", "Berlin"),
        ("timezone", "../etc/passwd"),
        ("surveys", 3),
    ],
)
def test_wrong_settings_are_refused_without_showing_them(key: str, value: object) -> None:
    table = {"url": "https://www.example.com", "user": "a", "application_password": "b", key: value}
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(table)
    assert "secret" not in str(caught.value)
