"""The adapter reads what was recorded of Typeform, value by value, as a person wrote down beforehand.

The recordings stay where they are; without them these tests are skipped. Where no form was recorded beside its
responses, its questions are written down here, with the ids that the responses name.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from higherself_sync.core.record import Record, Value, when
from higherself_sync.errors import ConfigError, Unauthorised
from higherself_sync.services.typeform.reading import Reader
from higherself_sync.services.typeform.settings import Roles
from higherself_sync.services.typeform.wire import Form, Response
from tests.services.shop import Told, answer
from tests.services.typeform_account import Json, adapter, records

RECORDED = Path(__file__).parents[2].parent / "shared" / "recorded" / "typeform"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"there are no recordings at {RECORDED}")
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))


def exchange(name: str) -> Json:
    read: Json = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return read


def body(name: str) -> Any:
    return exchange(name)["response"]["body"]


def form(form_id: str, title: str, *questions: tuple[str, str, str]) -> Json:
    """`questions`: id, type, title."""
    fields = [{"id": each, "ref": f"ref-{each}", "type": kind, "title": words} for each, kind, words in questions]
    return {"id": form_id, "title": title, "fields": fields}


NOT_RECORDED = (
    form(
        "lR6F4j", "Cities",
        ("hVONkQcnSNRj", "dropdown", "Why did you move?"),
        ("RUqkXSeXBXSd", "yes_no", "Do you have a favourite?"),
        ("gFFf3xAkJKsr", "legal", "May we keep this?"),
        ("JwWggjAKtOkA", "short_text", "What is your first name?"),
        ("SMEUb7VJz92Q", "email", "Your address?"),
        ("pn48RmPazVdM", "number", "How is life there?"),
        ("Q7M2XAwY04dW", "number", "And the weather?"),
        ("WOTdC00F8A3h", "rating", "Stars"),
        ("DlXFaesGBpoF", "long_text", "Thanks, {{answer_1}}! What is it like?"),
        ("NRsxU591jIW9", "opinion_scale", "Does weather matter?"),
        ("PNe8ZKBK8C2Q", "picture_choice", "Pictures"),
        ("KoJxDM3c6x8h", "date", "Since when?"),
        ("ceIXxpbP3t2q", "multiple_choice", "Who told you?"),
        ("abISxvbD5t1p", "ranking", "Rank them"),
        ("k6TP9oLGgHjl", "multiple_choice", "Favourite"),
    ),
    form(
        "XtrcGoGJ", "It changed, over time",
        ("8VK4KwNd0DgB", "short_text", "Say something"),
        ("6lGZzhNfrqwB", "multiple_choice", "Pick some"),
        ("X6dq0mumvtKq", "multiple_choice", "How are you?"),
    ),
    form(
        "SdMKQYkv", "Hello",
        ("63WvXUnvSCa9", "short_text", "What's your name?"),
        ("kwpFrd2lI3ok", "email", "E-mail"),
        ("1Ua3d1mzhJwj", "picture_choice", "Thirsty?"),
        ("MmrPLXSaCF5B", "short_text", "What would you like?"),
        ("gurSOcuvNnvb", "long_text", "Anything else?"),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def account() -> Mapping[str, Record]:
    """All recorded responses by token, as one complete read of an account that has all those forms gives them."""
    lists = {exchange(name)["request"]["path"]: body(name) for name in NAMES if name.startswith("responses_")}
    whole = [*NOT_RECORDED, *(body(name) for name in ("form_get", "form_get_multiple_choice"))]
    shown = {f"/forms/{each['id']}": each for each in whole}
    listed = [{"id": each["id"], "title": each["title"], "last_updated_at": "x"} for each in whole]
    shown |= lists | {"/forms": {"items": listed, "total_items": len(listed), "page_count": 1}}
    return records(adapter(Told(lambda request: answer(200, shown[request.url.path]))))


def row(submitted: str, title: str, **values: Any) -> dict[str, Value]:
    """A row of Feedback; what is not named is empty."""
    at = when(datetime.fromisoformat(submitted))
    nothing: dict[str, Value] = {"feedback": None, "client": frozenset(), "content": None, "rating": None}
    return {**nothing, "submitted": at, "form": title, **values}


CITY = (
    "It's a big, busy city. I moved here for a job, but I like it, so I am planning to stay. "
    "I have made good friends here."
)
FURL = "There is a new library called furl. I find this library to be most pythonic for doing url algebra. To install:"
TIMES = "What times work for you to visit San Francisco to work with the team?"
MEETUP, CHANGED = "Connector Extensibility meetup", "It changed, over time"


def times(submitted: str, *labels: str) -> dict[str, Value]:
    content = f"{TIMES}: {', '.join(labels)}"
    return row(submitted, MEETUP, feedback=content[:80].rstrip(), content=content)


def said(submitted: str, *lines: str) -> dict[str, Value]:
    content = "\n".join(lines)
    return row(submitted, CHANGED, feedback=" ".join(content.split())[:80].rstrip(), content=content)


EXPECTED: Mapping[str, dict[str, Value]] = {
    "test21085286190ffad1248d17c4135ee56f": row(
        "2017-09-14T22:38:22Z", "Cities",
        feedback="It's a big, busy city. I moved here for a job, but I like it, so I am planning t",
        client=frozenset({"forms:people:lian1078@example.com"}),
        rating=Decimal(1),
        content="\n".join([
            "Why did you move?: Job opportunities",
            "Do you have a favourite?: no",
            "May we keep this?: yes",
            "And the weather?: 1",
            "Stars: 3",
            f"Thanks! What is it like?: {CITY}",
            "Does weather matter?: 1",
            "Pictures: New York, Tokyo",
            "Since when?: 2012-03-20",
            "Who told you?: A friend's experience in Sydney",
            "Rank them: New York, Tokyo",
            "Favourite: Tokyo",
        ]),
    ),
    "w9yrjygpz00o1vop20h68tlw9yriwyqr": row(
        "2021-06-27T15:18:12Z", "Hello",
        feedback="do you know who I am ?",
        client=frozenset({"forms:people:mrx@example.com"}),
        content="Thirsty?: Yes\nWhat would you like?: water\nAnything else?: do you know who I am ?",
    ),
    "s3ah741anof3uot3340qs3ah7q62w544": said(
        "2021-09-04T14:35:30Z", "Say something: test123", "Pick some: choice 4, choice2, choice1, choice 3",
        "How are you?: Terrific!",
    ),
    "zn4d1osa0ou5gitzn4k3e3am0c0q7vgd": said(
        "2021-07-01T14:07:03Z", "Say something: 124125125", "How are you?: Not so well..."
    ),
    "9f7s89wh4wagc4qbr1c9f7s89tr0cu6g": said(
        "2021-06-27T15:32:39Z", f"Say something: {FURL}", "How are you?: Terrific!"
    ),
    "74zhlkhbmspze5nllpl143674zhlkh81": said(
        "2021-06-27T15:32:14Z", "Say something: 222", "How are you?: Not so well..."
    ),
    "ohgpotzjg8w852pohgpo1ub0gq76tks2": said(
        "2021-06-20T16:49:20Z", "Say something: 11", "How are you?: Terrific!"
    ),
    "trdyqvm2wmf9b0dhoostrdtugo8fdcoa": times(
        "2022-11-15T02:39:52Z", "Jan 9-14", "Jan 16-20", "Jan 22-26", "Jan30 - Feb3", "Feb 6 - 11", "Feb 19-24"
    ),
    "ic7ydv73zomudp1p9ic7yp9spye7h72b": times(
        "2022-11-15T02:34:53Z", "Jan 9-14", "Jan 16-20", "Jan 22-26", "Jan30 - Feb3", "Feb 6 - 11", "Feb 19-24"
    ),
    "r4epuzzxlonggr4epp07wenb3a58sm6h": times("2022-11-09T14:35:10Z", "Feb 6 - 11", "Feb 13-17", "Feb 19-24"),
    "e7hli3wynwfkiwaebwe7h2aeeso4xrum": times("2022-11-09T08:33:38Z", "Dec 12-16", "Jan 16-20", "Jan 22-26"),
    "ng2hh3i6cy7ikeyorbnl0ng2hh3icyvq": times(
        "2022-11-09T06:16:10Z", "Dec 12-16", "Jan 16-20", "Jan 22-26", "Jan30 - Feb3", "Feb 6 - 11", "Feb 13-17",
        "Feb 19-24",
    ),
    "0dc8djmlrkmxuwu7s7mmia0dc8dj4a1r": times(
        "2022-11-08T22:10:04Z", "Dec 12-16", "Jan 16-20", "Jan 9-14", "Feb 6 - 11", "Feb 13-17", "Feb 19-24"
    ),
    "fr2wm964fnyxpdx9a8tfr2wmlph34hqi": times(
        "2022-11-08T22:00:24Z", "Dec 12-16", "Dec 19-23", "Jan 9-14", "Jan 16-20", "Jan 22-26", "Jan30 - Feb3",
        "Feb 19-24",
    ),
}  # fmt: skip
PEOPLE = {
    "test21085286190ffad1248d17c4135ee56f": {"name": "Lian", "email": "lian1078@example.com", "phone": None},
    "w9yrjygpz00o1vop20h68tlw9yriwyqr": {"name": "Mr X", "email": "mrx@example.com", "phone": None},
}


@pytest.mark.parametrize("token", EXPECTED)
def test_a_recorded_response_becomes_the_row_written_by_hand(account: Mapping[str, Record], token: str) -> None:
    record = account[token]
    assert dict(record.values) == EXPECTED[token]
    assert [dict(person.values) for person in record.people] == ([PEOPLE[token]] if token in PEOPLE else [])


def test_nothing_else_is_read_and_what_was_never_submitted_is_not(account: Mapping[str, Record]) -> None:
    assert set(account) == set(EXPECTED)
    items = [each for name in NAMES if name.startswith("responses_") for each in body(name)["items"]]
    never = {each["token"] for each in items if each["submitted_at"].startswith("0001")}
    assert never == {"test5fcb3f9c162e1fcdaadff4405b741080"}
    assert {each["token"] for each in items} == set(EXPECTED) | never


def test_no_word_of_any_recorded_answer_is_lost(account: Mapping[str, Record]) -> None:
    """Whatever somebody wrote or picked is in the row or in its person."""

    def words(value: Any) -> list[str]:
        match value:
            case {"labels": list() as labels}:
                return labels
            case {"label": str() as label}:
                return [label]
            case bool():
                return ["yes" if value else "no"]
            case _:
                return [str(value).removesuffix("T00:00:00Z")]

    for name in NAMES:
        for item in body(name)["items"] if name.startswith("responses_") else ():
            if item["token"] in account:
                record = account[item["token"]]
                shown = "\n".join(str(each) for one in (record, *record.people) for each in one.values.values())
                for each in item["answers"]:
                    assert [word for word in words(each[each["type"]]) if word not in shown] == []


def test_a_delivered_response_reads_like_one_that_was_listed() -> None:
    """The documented webhook: its answers have no refs, its form is cut down."""
    told = exchange("webhook_form_response")["request"]["body"]["form_response"]
    record = Reader("forms", Form.model_validate(told["definition"]), Roles()).feedback(Response.model_validate(told))
    weather = "How important is the weather to your opinion about a city? 1 is not important, 5 is very important."
    cold = (
        "It's cold right now! I live in an older medium-sized city with a university. "
        "Geographically, the area is hilly."
    )
    legal = (
        "By submitting this form, you understand and accept that we will share your answers with city management. "
        "Your answers will be anonymous will not be shared."
    )
    life = "On a scale of 1 to 5, what rating would you give the general quality of life in Sydney?"
    assert dict(record.values) == row(
        "2018-01-18T18:17:02Z", "Webhooks example",
        feedback="It's cold right now! I live in an older medium-sized city with a university. Geo",
        client=frozenset({"forms:people:laura@example.com"}),
        rating=Decimal(5),
        content="\n".join([
            f"Thanks! What's it like where you live? Tell us in a few sentences.: {cold}",
            "When did you move to the place where you live?: 2005-10-15",
            "Which pictures do you like? You can choose as many as you like.: London, Sydney",
            f"{legal}: yes",
            "Which of these cities is your favorite?: London",
            "Do you have a favorite city we haven't listed?: no",
            f"{weather}: 2",
            "How would you rate the weather where you currently live? 1 is poor weather, 5 is excellent weather.: 3",
            f"{life} 1 is poor, 5 is excellent: 4",
            "Book a time with me: https://calendly.com/scheduled_events/EVENT_TYPE/invitees/INVITEE",
        ]),
    )  # fmt: skip
    (person,) = record.people
    assert dict(person.values) == {"name": "Laura", "email": "laura@example.com", "phone": None}


def test_nothing_recorded_of_the_respondents_machine_is_in_a_row(account: Mapping[str, Record]) -> None:
    items = [each for name in NAMES if name.startswith("responses_") for each in body(name)["items"]]
    private = {str(value) for each in items for key, value in each["metadata"].items()
               if key in ("network_id", "user_agent", "referer")}  # fmt: skip
    assert len(private) > 10
    shown = repr(dict(account))
    assert not [each for each in private if each in shown]


# ------------------------------------------------------------------------------------------------- forms and refusals


def test_a_recorded_list_of_forms_is_read() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return answer(200, body("forms_list" if request.url.path == "/forms" else "responses_empty"))

    (_, forms, _) = adapter(Told(lambda r: answer(200, {}) if r.url.path == "/me" else handler(r))).health()
    assert forms.message == (
        "cubic update-form test (SL7F7h3f), Nango test form (szrGKUSm), Temp response test form (cMwSsTQE), "
        "Updated Temp Delete Target (VaoMqukV), Patched form title (WMpBq4vc)"
    )


def test_every_type_of_question_is_read_in_the_forms_order() -> None:
    read = Form.model_validate(body("form_all_question_types"))
    assert [each.ref.removesuffix("-typeform") for each in read.questions()] == [
        "question-group-yes-no", "question-group-file-upload", "yes-no", "statement", "number", "number-min-max",
        "date", "opinion-scale", "opinion-scale-no-labels", "single-choice", "multiple-choice", "select-dropdown",
        "short-text", "long-text",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["form_get", "form_create", "form_get_multiple_choice"])
def test_a_recorded_form_is_read_with_its_choices(name: str) -> None:
    read, recorded = Form.model_validate(body(name)), body(name)
    assert (read.id, read.title) == (recorded["id"], recorded["title"])
    for question, field in zip(read.questions(), recorded["fields"], strict=True):
        assert (question.id, question.ref, question.type) == (field["id"], field["ref"], field["type"])
        for choice in field.get("properties", {}).get("choices", ()):
            assert question.label(choice["id"]) == question.label(choice["ref"]) == choice["label"]


def test_the_recorded_refusals_mean_what_they_mean() -> None:
    with pytest.raises(Unauthorised, match="credentials not found"):
        records(adapter(Told(lambda _: answer(401, body("error_401_no_header")))))

    def handler(request: httpx.Request) -> httpx.Response:
        return answer(200, body("forms_list")) if request.url.path == "/forms" else answer(404, body("error_404_form"))

    with pytest.raises(ConfigError, match="no form nope"):
        records(adapter(Told(handler), forms=["nope"]))


def test_every_recording_is_read_or_is_none_of_the_adapters() -> None:
    """It asks for no webhooks; of those the delivery alone holds a response."""
    of_webhooks = {"webhook_put", "webhook_put_with_secret", "webhook_delete", "webhooks_list"}
    lists = {name for name in NAMES if name.startswith("responses_")}
    forms = {"forms_list", "form_get", "form_create", "form_get_multiple_choice", "form_all_question_types"}
    errors = {"error_401_no_header", "error_404_form"}
    assert sorted({*of_webhooks, *lists, *forms, *errors, "webhook_form_response"}) == NAMES
