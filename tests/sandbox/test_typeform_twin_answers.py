"""Each type of question with its answer, and what made-up people write into the made-up forms."""

import random
from collections import Counter
from itertools import islice
from typing import Any

import pytest

from higherself_sync.sandbox.people import PLACES, people
from higherself_sync.sandbox.typeform.made_up import CONTACT, RETREAT, VISIT
from higherself_sync.sandbox.typeform.voices import VOICES
from tests.sandbox.typeform_client import START, Client, Json, question

LABELS = ("London", "Sydney", "Tokyo")


@pytest.fixture
def client() -> Client:
    return Client()


def answered(client: Client, *fields: Json, **answers: Any) -> list[Json]:
    form_id = client.form(*fields)
    client.submit(form_id, answers)
    found: list[Json] = client.responses(form_id).body["items"][0]["answers"]
    return found


PLAIN = [
    ("short_text", "Ann", "text", "Ann"),
    ("long_text", "A\nB", "text", "A\nB"),
    ("email", "a@example.com", "email", "a@example.com"),
    ("phone_number", "+4930123456", "phone_number", "+4930123456"),
    ("website", "https://example.com", "url", "https://example.com"),
    ("calendly", "https://calendly.com/x", "url", "https://calendly.com/x"),
    ("number", 1.5, "number", 1.5),
    ("rating", 4, "number", 4),
    ("opinion_scale", 0, "number", 0),
    ("nps", 10, "number", 10),
    ("yes_no", False, "boolean", False),
    ("legal", True, "boolean", True),
    ("date", "2012-03-20", "date", "2012-03-20T00:00:00Z"),
    ("payment", {"amount": "5.00", "last4": "4242", "name": "Ann", "success": True}, "payment", None),
    ("signature", {"url": "https://x/y.png", "type": "image"}, "signature", None),
    ("multi_format", {"text": "hm"}, "multi_format", None),
]


@pytest.mark.parametrize(("kind", "given", "answer_type", "shown"), PLAIN)
def test_an_answer_stands_under_its_type(kind: str, given: Any, answer_type: str, shown: Any, client: Client) -> None:
    (answer,) = answered(client, question(kind, "q"), q=given)
    assert list(answer) == ["field", "type", answer_type]
    assert list(answer["field"]) == ["id", "type", "ref"]
    assert (answer["field"]["type"], answer["field"]["ref"], answer["type"]) == (kind, "q", answer_type)
    assert answer[answer_type] == (given if shown is None else shown)
    assert type(answer[answer_type]) is type(given)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [("short_text", 5), ("number", "5"), ("number", True), ("yes_no", 1), ("date", "20/03/2012"), ("rating", "5"),
     ("dropdown", "Paris"), ("ranking", "London"), ("statement", "x"), ("hologram", "x"), ("payment", "5")],
)  # fmt: skip
def test_an_answer_that_the_question_does_not_take_is_refused(kind: str, wrong: Any, client: Client) -> None:
    form_id = client.form(question(kind, "q", labels=LABELS))
    with pytest.raises(ValueError, match="isoformat" if kind == "date" else "'q'"):
        client.submit(form_id, {"q": wrong})


def test_a_question_that_was_skipped_has_no_answer(client: Client) -> None:
    (answer,) = answered(client, question("rating"), question("nps"), question("yes_no"), rating=None, nps=0)
    assert answer["field"]["type"] == "nps"


def test_one_choice_has_an_id_a_ref_and_a_label(client: Client) -> None:
    for kind in ("multiple_choice", "picture_choice", "dropdown"):
        (answer,) = answered(client, question(kind, "q", labels=LABELS), q="Sydney")
        assert list(answer["choice"]) == ["id", "ref", "label"]
        assert answer["choice"]["label"] == "Sydney"


def test_a_dropdown_may_be_answered_with_text(client: Client) -> None:
    client.twin.knobs({"dropdown": "text"})
    (answer,) = answered(client, question("dropdown", "q", labels=LABELS), q="Sydney")
    assert (answer["type"], answer["text"]) == ("text", "Sydney")


@pytest.mark.parametrize("kind", ["multiple_choice", "picture_choice", "ranking"])
def test_many_choices_are_parallel_lists_in_the_respondents_order(kind: str, client: Client) -> None:
    many = {} if kind == "ranking" else {"allow_multiple_selection": True}
    (answer,) = answered(client, question(kind, "q", labels=LABELS, **many), q=["Tokyo", "London"])
    assert (answer["type"], list(answer["choices"])) == ("choices", ["ids", "refs", "labels"])
    assert answer["choices"]["labels"] == ["Tokyo", "London"]
    assert len(answer["choices"]["ids"]) == len(answer["choices"]["refs"]) == 2


def test_what_people_write_themselves_is_other(client: Client) -> None:
    own = {"labels": LABELS, "allow_other_choice": True}
    (one,) = answered(client, question("multiple_choice", "q", **own), q="Paris")
    assert one["choice"] == {"other": "Paris"}
    many = question("multiple_choice", "q", allow_multiple_selection=True, **own)
    (several,) = answered(client, many, q=["Tokyo", {"other": "Paris"}])
    assert list(several["choices"]) == ["ids", "refs", "labels", "other"]
    assert (several["choices"]["labels"], several["choices"]["other"]) == (["Tokyo"], "Paris")
    (alone,) = answered(client, many, q=["Paris"])
    assert alone["choices"] == {"other": "Paris"}


def test_the_choices_of_a_checkbox_are_a_list_of_objects(client: Client) -> None:
    (answer,) = answered(client, question("checkbox", "q", labels=LABELS), q=["Tokyo", "London"])
    assert answer["type"] == "choices"
    assert [list(choice) for choice in answer["choices"]] == [["id", "label", "ref"]] * 2
    assert [choice["label"] for choice in answer["choices"]] == ["Tokyo", "London"]


def test_choices_of_an_old_form_have_labels_alone(client: Client) -> None:
    form_id = client.form(question("multiple_choice", "q", labels=LABELS, allow_multiple_selection=True))
    form = client.get(f"/forms/{form_id}").body
    form["fields"][0]["properties"]["choices"] = [{"label": label} for label in LABELS]
    client.twin.load({"forms": [form]}, client.now)
    assert client.submit(form_id, {"q": ["Tokyo"]})["answers"][0]["choices"] == {"labels": ["Tokyo"]}


def test_a_file_is_an_address_with_the_ids_of_form_response_and_question(client: Client) -> None:
    form_id = client.form(question("file_upload", "q"))
    added = client.submit(form_id, {"q": "me.png"})
    (answer,) = added["answers"]
    path = f"forms/{form_id}/responses/{added['token']}/fields/{answer['field']['id']}/files/me.png"
    assert (answer["type"], answer["file_url"]) == ("file_url", f"https://api.typeform.com/{path}")


@pytest.mark.parametrize("kind", ["group", "contact_info", "address", "matrix"])
def test_questions_within_one_are_answered_flat_and_the_outer_one_never(kind: str, client: Client) -> None:
    inner = [question("short_text", "first"), question("email", "mail")]
    outer = question(kind, "outer", fields=inner)
    for given in ({"first": "Ann", "mail": "a@example.com"}, {"outer": {"first": "Ann", "mail": "a@example.com"}}):
        found = answered(client, outer, question("yes_no", "last"), **given, last=True)
        assert [answer["field"]["type"] for answer in found] == ["short_text", "email", "yes_no"]
        assert [answer["field"]["ref"] for answer in found] == ["first", "mail", "last"]
    with pytest.raises(ValueError, match="third"):
        answered(client, outer, outer={"third": "x"})


def test_two_questions_may_share_a_ref(client: Client) -> None:
    form_id = client.form(question("number", "same"), question("number", "same"))
    first, second = (field["id"] for field in client.get(f"/forms/{form_id}").body["fields"])
    found = client.submit(form_id, {first: 1, second: 2})["answers"]
    assert [(answer["field"]["ref"], answer["field"]["id"], answer["number"]) for answer in found] == [
        ("same", first, 1),
        ("same", second, 2),
    ]
    (answer,) = client.submit(form_id, {"same": 7})["answers"]
    assert answer["field"]["id"] == first


def test_a_renamed_choice_and_a_later_question_leave_old_answers_as_they_were(client: Client) -> None:
    form_id = client.form(question("dropdown", "q", labels=LABELS))
    old = client.submit(form_id, {"q": "Sydney"})
    fields = client.get(f"/forms/{form_id}").body["fields"]
    fields[0]["properties"]["choices"][1]["label"] = "Perth"
    client.twin.change("forms", form_id, {"fields": [*fields, question("nps")]}, client.now)
    new = client.submit(form_id, {"q": "Perth", "nps": 9})
    assert client.responses(form_id).body["items"] == [new, old]
    choices = [item["answers"][0]["choice"] for item in (new, old)]
    assert [choice["label"] for choice in choices] == ["Perth", "Sydney"]
    assert len({choice["id"] for choice in choices}) == 1


# What is made up


def filled(records: int, seed: int = 7) -> dict[str, list[Any]]:
    client = Client()
    client.twin.fill(records, seed, START)
    return client.twin.dump()


def emails(item: Json) -> list[str]:
    return [answer["email"].lower() for answer in item["answers"] if answer["type"] == "email"]


@pytest.mark.parametrize("records", [0, 1, 2, 3, 30, 240])
def test_records_counts_responses_and_all_are_completed(records: int) -> None:
    held = filled(records)
    assert len(held["responses"]) == records
    assert {item["response_type"] for item in held["responses"]} <= {"completed"}
    assert bool(held["forms"]) is bool(records)


def test_a_seed_makes_the_same_responses_each_time() -> None:
    assert filled(60) == filled(60)
    assert filled(60) != filled(60, seed=8)


def test_the_people_are_the_first_of_those_whom_other_services_know() -> None:
    """Most come once; some come again, and some write their address in capitals."""
    known = [person.email for person in islice(people(random.Random(7)), 160)]
    held = filled(240)
    given = Counter(email for item in held["responses"] for email in emails(item))
    assert set(given) <= set(known)
    assert len(given) > 100
    assert max(given.values()) > 1
    written = [answer["email"] for item in held["responses"] for answer in item["answers"] if answer["type"] == "email"]
    assert any(email != email.lower() for email in written)
    assert any(not emails(item) for item in held["responses"])


def test_all_lie_in_the_year_before_now_and_were_landed_first() -> None:
    for item in filled(240)["responses"]:
        assert "2025-11-23" <= item["landed_at"] < item["submitted_at"] < "2026-11-23T17:00:00Z"


def test_every_form_is_answered_in_many_languages_and_every_question_is_answered_by_somebody() -> None:
    held = filled(240)
    assert {form["id"] for form in held["forms"]} == {RETREAT, VISIT, CONTACT} == {
        item["form_id"] for item in held["responses"]
    }  # fmt: skip
    comments = {answer["text"] for item in held["responses"] for answer in item["answers"]
                if answer["field"]["ref"] == "comment"}  # fmt: skip
    languages = {country for country, said in VOICES.items() if comments & set(said)}
    assert len(languages) > 15
    asked = {inner["ref"] for form in held["forms"] for field in form["fields"]
             for inner in (field.get("properties", {}).get("fields") or [field])}  # fmt: skip
    assert asked == {answer["field"]["ref"] for item in held["responses"] for answer in item["answers"]}


def test_there_is_a_voice_for_everybody() -> None:
    assert set(VOICES) == {place.country for place in PLACES}


def test_phones_have_the_countrys_code() -> None:
    phones = [answer["phone_number"] for item in filled(240)["responses"] for answer in item["answers"]
              if answer["type"] == "phone_number"]  # fmt: skip
    assert len(phones) > 50
    assert all(phone.startswith("+") and phone[1:].isdigit() for phone in phones)


def test_who_is_glad_gives_more_stars_than_who_is_not() -> None:
    glad, cross = ({said[mood] for said in VOICES.values()} for mood in (0, 2))
    for item in filled(240)["responses"]:
        by_ref = {answer["field"]["ref"]: answer[answer["type"]] for answer in item["answers"]}
        if by_ref.get("comment") in glad:
            assert by_ref["rating"] >= 4
        if by_ref.get("comment") in cross:
            assert by_ref["rating"] <= 2
