"""From one response to one row: what each kind of answer says, and which question plays which part."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from higherself_sync.core.record import Record, When
from higherself_sync.services.typeform.names import name_part
from higherself_sync.services.typeform.reading import Reader
from higherself_sync.services.typeform.settings import Roles
from higherself_sync.services.typeform.wire import Form, Question, Response
from higherself_sync.services.typeform.words import plain

Json = dict[str, Any]
PAGE = "1f0a2b3c-0000-4000-8000-000000000001"


def asked(kind: str, ref: str, title: str = "", fields: list[Json] | None = None, labels: Json | None = None) -> Json:
    """`labels`: what each choice is called, by its ref."""
    properties: Json = {"fields": fields} if fields else {}
    if labels:
        properties["choices"] = [{"id": f"id-{ref_}", "ref": ref_, "label": label} for ref_, label in labels.items()]
    return {"id": f"q-{ref}", "ref": ref, "type": kind, "title": title, "properties": properties}


def told(ref: str, kind: str, value: Any, asked_as: str = "", **field: str) -> Json:
    """An answer of that type to the question with that ref."""
    return {"type": kind, kind: value, "field": {"id": f"q-{ref}", "ref": ref, "type": asked_as, **field}}


def response(*answers: Json, **more: Any) -> Response:
    item = {"token": "t1", "landed_at": "2026-11-20T09:00:00Z", "submitted_at": "2026-11-20T09:01:59Z"}
    return Response.model_validate({**item, "answers": list(answers), **more})


def reader(
    *fields: Json, roles: Json | None = None, title: str = "After your retreat", products: bool = False
) -> Reader:
    form = Form.model_validate({"id": "F1", "title": title, "fields": list(fields)})
    return Reader("forms", form, Roles.model_validate(roles or {}), products)


def read(fields: list[Json], *answers: Json, roles: Json | None = None, **more: Any) -> Record:
    return reader(*fields, roles=roles).feedback(response(*answers, **more))


def content(fields: list[Json], *answers: Json, roles: Json | None = None) -> Any:
    return read(fields, *answers, roles=roles).values["content"]


# ----------------------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("text", "Very calm.\nReally!", "Very calm.\nReally!"),
        ("text", "  \n ", None),
        ("choice", {"label": "The garden"}, "The garden"),
        ("choice", {"id": "id-tea", "ref": "tea", "label": "Tea, as it was called then"}, "Tea, as it was called then"),
        ("choice", {"id": "id-tea", "ref": "tea"}, "Tea ceremony"),
        ("choice", {"ref": "gone"}, None),
        ("choice", {"other": "The silence"}, "The silence"),
        ("choices", {"labels": ["Tokyo", "New York"]}, "Tokyo, New York"),
        ("choices", {"ids": ["id-tea"], "refs": ["tea"], "labels": ["Tea"], "other": "Birds"}, "Tea, Birds"),
        ("choices", {"ids": ["id-tea", "gone"]}, "Tea ceremony"),
        ("choices", {"other": "Birds"}, "Birds"),
        ("choices", [{"id": "id-tea", "ref": "tea", "label": "Tea"}, {"label": "Art"}], "Tea, Art"),
        ("boolean", True, "yes"),
        ("boolean", False, "no"),
        ("date", "2012-03-20T00:00:00Z", "2012-03-20"),
        ("date", "2005-10-15", "2005-10-15"),
        ("url", "https://calendly.com/scheduled_events/1", "https://calendly.com/scheduled_events/1"),
        ("file_url", "https://api.typeform.com/forms/a/responses/b", "https://api.typeform.com/forms/a/responses/b"),
        ("number", float("nan"), None),
        ("choices", {"labels": 7, "ids": None}, None),
        ("payment", {"amount": "12.50", "last4": "4242", "name": "Ana Lopez", "success": True}, "12.50"),
        ("payment", {"amount": "12.50", "last4": "4242", "name": "Ana Lopez", "success": False}, "12.50 (not paid)"),
        ("signature", {"url": "https://example.com/1.png", "type": "draw"}, "signed"),
        ("multi_format", {"media_id": "m1", "transcript": "I loved it"}, "I loved it"),
        ("multi_format", {"media_id": "m1"}, "a recording"),
        ("something_new", "in words", "in words"),
        ("something_new", {"deep": ["down"]}, None),
        ("text", None, None),
    ],
)  # fmt: skip
def test_an_answer_is_content_as_a_person_reads_it(kind: str, value: Any, words: str | None) -> None:
    question = asked("whatever", "q", labels={"tea": "Tea ceremony"})
    assert content([question], told("q", kind, value)) == words


def test_content_is_question_and_answer_in_the_forms_order() -> None:
    fields = [asked("dropdown", "which", "Which retreat?"), asked("yes_no", "quote", "May we quote you:")]
    answers = [told("quote", "boolean", True), told("which", "text", "Azores")]
    assert content(fields, *answers) == "Which retreat?: Azores\nMay we quote you: yes"


def test_a_dropdown_may_answer_with_a_choice_or_with_a_text() -> None:
    fields = [asked("dropdown", "which", "Which")]
    as_text, as_choice = told("which", "text", "Azores"), told("which", "choice", {"label": "Azores"})
    assert content(fields, as_text) == content(fields, as_choice) == "Which: Azores"


def test_questions_within_a_group_stand_where_the_group_stands() -> None:
    matrix = asked(
        "matrix", "m", "How were", fields=[asked("multiple_choice", "food", "Food"), asked("x", "bed", "Bed")]
    )
    fields = [asked("long_text", "a", "First"), matrix, asked("long_text", "z", "Last")]
    answers = [told(ref, "text", ref) for ref in ("z", "bed", "food", "a")]
    assert content(fields, *answers) == "First: a\nFood: food\nBed: bed\nLast: z"


def test_two_questions_with_one_ref_are_told_apart_by_their_ids() -> None:
    one, other = asked("short_text", "same", "One"), asked("short_text", "same", "Other") | {"id": "q-2"}
    answers = [told("same", "text", "2", id="q-2"), told("same", "text", "1")]
    assert content([one, other], *answers) == "One: 1\nOther: 2"


def test_two_answers_with_one_ref_and_ids_that_the_form_has_not_both_stay() -> None:
    """A copied form keeps refs and gets new ids."""
    answers = [told("same", "text", "1", id="old-1"), told("same", "text", "2", id="old-2")]
    assert content([asked("short_text", "same", "Now")], *answers) == "Now: 1\n2"


def test_the_answer_to_a_question_that_is_gone_comes_last_and_has_no_title() -> None:
    fields = [asked("long_text", "now", "Now")]
    assert (
        content(fields, told("gone", "text", "then", "long_text"), told("now", "text", "today")) == "Now: today\nthen"
    )


def test_a_question_that_came_later_is_missing_from_older_answers() -> None:
    fields = [asked("long_text", "now", "Now"), asked("long_text", "later", "Later")]
    assert content(fields, told("now", "text", "today")) == "Now: today"


def test_a_response_without_answers_is_still_a_row() -> None:
    record = read([asked("long_text", "now", "Now")])
    assert (record.values["feedback"], record.values["content"]) == ("After your retreat", None)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Thanks, {{answer_60906475}}! What's it like?", "Thanks! What's it like?"),
        ("{{field:01GHC6}}, how was it", ", how was it"),
        ("Hi {{hidden:name}} and\n{{var:score}}  welcome", "Hi and welcome"),
        ("Two\nlines", "Two lines"),
        ("With a colon: ", "With a colon"),
        ("{not a recall}", "{not a recall}"),
        ("", ""),
    ],
)
def test_a_title_is_one_line_without_recalls(title: str, shown: str) -> None:
    assert plain(title) == shown


# -------------------------------------------------------------------------------------------------------- the title

LONG = (
    "Ich bin als andere abgereist,\nals ich gekommen bin. Danke für alles, liebes Team, und bis zum nächsten Jahr! 🌿"
)


def test_a_row_is_called_by_what_was_written_at_length() -> None:
    fields = [asked("short_text", "s", "Short"), asked("long_text", "l", "Long")]
    values = read(fields, told("s", "text", "short"), told("l", "text", LONG)).values
    assert values["feedback"] == "Ich bin als andere abgereist, als ich gekommen bin. Danke für alles, liebes Team"
    assert values["content"] == f"Short: short\nLong: {LONG}"


def test_without_a_long_answer_by_all_of_them_and_without_any_by_the_form() -> None:
    fields = [asked("short_text", "s", "Short"), asked("long_text", "l", "Long"), asked("rating", "r", "Stars")]
    assert read(fields, told("s", "text", "yes")).values["feedback"] == "Short: yes"
    assert read(fields, told("r", "number", 5)).values["feedback"] == "After your retreat"


# -------------------------------------------------------------------------------------------------------- the rating


def test_the_first_question_that_is_answered_by_a_number_is_the_rating_and_the_others_are_content() -> None:
    fields = [asked("nps", "nps", "Recommend"), asked("rating", "stars", "Stars"), asked("number", "nights", "Nights")]
    answers = [told("nights", "number", 3), told("stars", "number", 4), told("nps", "number", 9)]
    values = read(fields, *answers).values
    assert (values["rating"], values["content"]) == (Decimal(9), "Stars: 4\nNights: 3")


def test_a_rating_that_was_skipped_is_not_filled_from_another_scale() -> None:
    fields = [asked("rating", "stars", "Stars"), asked("nps", "nps", "Recommend")]
    values = read(fields, told("nps", "number", 9)).values
    assert (values["rating"], values["content"]) == (None, "Recommend: 9")


@pytest.mark.parametrize(("raw", "rating"), [(4.5, "4.5"), (0, "0"), (10, "10"), (0.1, "0.1"), (3.0, "3")])
def test_a_rating_is_exact(raw: float, rating: str) -> None:
    assert read([asked("rating", "r")], told("r", "number", raw)).values["rating"] == Decimal(rating)


def test_the_config_says_which_number_is_the_rating() -> None:
    fields = [asked("number", "age", "Your age"), asked("rating", "stars", "Stars")]
    answers = [told("age", "number", 41), told("stars", "number", 5)]
    values = read(fields, *answers, roles={"rating": "stars"}).values
    assert (values["rating"], values["content"]) == (Decimal(5), "Your age: 41")


def test_a_rating_in_words_is_content() -> None:
    values = read([asked("short_text", "r", "Stars?")], told("r", "text", "five"), roles={"rating": "r"}).values
    assert (values["rating"], values["content"]) == (None, "Stars?: five")


def test_a_product_in_words_is_content() -> None:
    of_products = reader(asked("short_text", "what", "Which one?"), roles={"product": "what"}, products=True)
    values = of_products.feedback(response(told("what", "text", "The gong"))).values
    assert (values["product"], values["content"]) == (frozenset(), "Which one?: The gong")


# ------------------------------------------------------------------------------------------------------------ people

CONTACT = asked(
    "contact_info",
    "contact",
    "Who are you?",
    fields=[
        asked("short_text", "contact_first_name", "First name"),
        asked("short_text", "contact_last_name", "Last name"),
        asked("phone_number", "contact_phone", "Phone number"),
        asked("email", "contact_email", "Email"),
        asked("short_text", "contact_company", "Company"),
    ],
)


def test_a_contact_is_a_person_and_no_content() -> None:
    answers = [
        told("contact_first_name", "text", " Ana "),
        told("contact_last_name", "text", "de la Cruz"),
        told("contact_phone", "phone_number", "+34911234567"),
        told("contact_email", "email", "Ana@Example.com "),
        told("contact_company", "text", "The 7 Space"),
    ]
    record = read([CONTACT], *answers)
    (person,) = record.people
    assert (person.id, person.key) == ("ana@example.com", "ana@example.com")
    assert person.values == {"name": "Ana de la Cruz", "email": "Ana@Example.com", "phone": "+34911234567"}
    assert person.modified == datetime(2026, 11, 20, 9, 1, 59, tzinfo=UTC)
    assert record.values["client"] == {"forms:people:ana@example.com"}
    assert record.values["content"] == "Company: The 7 Space"


def test_who_leaves_no_address_is_nobody() -> None:
    fields = [asked("short_text", "name", "Your name"), asked("email", "email"), asked("long_text", "c", "Comment")]
    answers = [told("name", "text", "Ana"), told("c", "text", "Lovely")]
    record = read(fields, *answers)
    assert (record.people, record.values["client"]) == ((), frozenset())
    assert record.values["content"] == "Your name: Ana\nComment: Lovely", "there is no Client to hold the name"
    assert reader(*fields).lead(response(*answers)) is None


def test_nobody_is_called_by_an_address() -> None:
    """A row with that address may well have a name, which an address would contradict."""
    (person,) = read([asked("email", "email")], told("email", "email", "ana@example.com")).people
    assert person.values == {"name": None, "email": "ana@example.com", "phone": None}


def test_the_first_address_asked_for_is_the_respondents_and_another_one_is_content() -> None:
    fields = [asked("email", "mine", "Your address"), asked("email", "friend", "A friend's address")]
    mine, friend = told("mine", "email", "ana@example.com"), told("friend", "email", "bo@example.com")
    record = read(fields, friend, mine)
    assert [each.id for each in record.people] == ["ana@example.com"]
    assert record.values["content"] == "A friend's address: bo@example.com"
    assert read(fields, friend).people == ()


def test_the_address_given_to_a_question_that_is_gone_still_counts() -> None:
    record = read([asked("long_text", "now")], told("gone", "email", "ana@example.com", "email"))
    assert [each.id for each in record.people] == ["ana@example.com"]


@pytest.mark.parametrize(
    ("title", "ref", "part"),
    [
        ("First name", "01GHC6KQ5Y", "first"),
        ("What is your first name?", "x", "first"),
        ("Hi! What's your *name*?", "x", "whole"),
        ("Full name (required)", "x", "whole"),
        ("First and last name", "x", "whole"),
        ("May we know your surname, please?", "x", "last"),
        ("Wie ist dein Vorname?", "x", "first"),
        ("Bitte Ihr Nachname:", "x", "last"),
        ("", "last_name", "last"),
        ("Comment t'appelles-tu ?", "name", "whole"),
        ("{{hidden:greeting}}, your name?", "x", "whole"),
        ("What is your company's name?", "x", None),
        ("Name of the retreat", "which", None),
        ("Who are you?", "x", None),
        ("", "01GHC6KQ5Y6S9ZQH5CHKZPT1RM", None),
        ("", "", None),
    ],
)
def test_a_question_asks_for_a_name_when_all_its_words_are_about_one(title: str, ref: str, part: str | None) -> None:
    assert name_part(Question(id="q", ref=ref, type="short_text", title=title)) == part


def test_a_whole_name_goes_before_its_parts_where_it_was_given() -> None:
    fields = [asked("email", "e"), asked("short_text", "first_name"), asked("short_text", "name")]
    given = [told("e", "email", "a@example.com"), told("first_name", "text", "Ana")]
    (person,) = read(fields, *given, told("name", "text", "Ana Lopez")).people
    assert person.values["name"] == "Ana Lopez"
    (person,) = read(fields, *given).people
    assert person.values["name"] == "Ana"


def test_the_config_says_who_is_who() -> None:
    fields = [asked("short_text", "who", "Who?"), asked("short_text", "where", "Where may we write?"),
              asked("short_text", "call", "And call?"), asked("email", "boss", "Your boss's address")]  # fmt: skip
    answers = [told("who", "text", "Ana Lopez"), told("where", "text", "ana@example.com"),
               told("call", "text", "+34 1"), told("boss", "email", "boss@example.com")]  # fmt: skip
    record = read(fields, *answers, roles={"name": "who", "email": "where", "phone": "call"})
    (person,) = record.people
    assert person.values == {"name": "Ana Lopez", "email": "ana@example.com", "phone": "+34 1"}
    assert record.values["content"] == "Your boss's address: boss@example.com"


def test_a_role_may_be_a_hidden_field_that_the_link_carried() -> None:
    hidden = {"mail": "Ana@example.com", "who": "Ana", "tel": "", "stars": "4", "words": "by letter"}
    roles = {"email": "mail", "name": "who", "phone": "tel", "rating": "stars", "content": "words"}
    record = read([asked("rating", "r")], told("r", "number", 1), roles=roles, hidden=hidden)
    (person,) = record.people
    assert person.values == {"name": "Ana", "email": "Ana@example.com", "phone": None}
    assert (record.values["rating"], record.values["content"]) == (Decimal(4), "by letter")


def test_a_lead_is_its_person_and_known_by_its_token() -> None:
    fields = [asked("short_text", "name"), asked("email", "email"), asked("long_text", "message")]
    answers = [told("name", "text", "Ana"), told("email", "email", "a@b.example"), told("message", "text", "Hello")]
    lead = reader(*fields).lead(response(*answers))
    assert lead is not None
    assert (lead.id, lead.key) == ("t1", "t1")
    assert lead.values == lead.people[0].values == {"name": "Ana", "email": "a@b.example", "phone": None}


# ------------------------------------------------------------------------------------------------ what the config names


def test_content_can_be_one_answer() -> None:
    fields = [asked("yes_no", "quote", "Quote?"), asked("long_text", "c", "Comment"), asked("long_text", "d", "More")]
    answers = [told("quote", "boolean", True), told("c", "text", "Lovely"), told("d", "text", "nothing")]
    values = read(fields, *answers, roles={"content": "c"}).values
    assert (values["feedback"], values["content"]) == ("Lovely", "Lovely")
    values = read(fields, answers[0], answers[2], roles={"content": "c"}).values
    assert (values["feedback"], values["content"]) == ("After your retreat", None)


@pytest.mark.parametrize(
    ("raw", "product"),
    [
        ("shop:products:37", {"shop:products:37"}),
        ("shop-2:products:37", {"shop-2:products:37"}),
        (PAGE.upper(), {f"notion:products:{PAGE}"}),
        ("37", set()),
        ("https://shop.example.com", set()),
        ("", set()),
    ],
)
def test_a_product_is_named_as_external_id_names_it_or_by_its_row(raw: str, product: set[str]) -> None:
    of_products = reader(asked("short_text", "what"), roles={"product": "what"}, products=True)
    assert of_products.feedback(response(told("what", "text", raw))).values["product"] == product
    assert of_products.feedback(response(hidden={"what": raw})).values["product"] == product


def test_product_is_not_touched_where_no_form_speaks_of_one() -> None:
    assert "product" not in read([]).values


# ------------------------------------------------------------------------------------------------------- the record


def test_a_response_never_changes_so_its_time_is_that_of_its_last_change() -> None:
    record = read([])
    assert record.modified == record.created == datetime(2026, 11, 20, 9, 1, 59, tzinfo=UTC)
    assert record.values["submitted"] == When(datetime(2026, 11, 20, 9, 1, tzinfo=UTC))
    assert record.native == {"form": "F1"}, "which nobody could tell from a token"


@pytest.mark.parametrize(
    ("raw", "page"),
    [
        (PAGE, PAGE),
        (PAGE.upper(), PAGE),
        (PAGE.replace("-", ""), PAGE),
        (f" {PAGE} ", PAGE),
        (f"{{{PAGE}}}", None),
        (f"urn:uuid:{PAGE}", None),
        ("pg-1", None),
        ("", None),
        (7, None),
    ],
)
def test_a_link_to_the_form_may_name_the_row(raw: object, page: str | None) -> None:
    assert read([], hidden={"notion_page_id": raw}).marks.page_id == page


def test_a_form_is_an_option_that_notion_takes() -> None:
    long = "Your visit,\nand what we could do better: " + "please " * 20
    value = reader(title=long).feedback(response()).values["form"]
    assert isinstance(value, str)
    assert value.startswith("Your visit, and what")
    assert len(value) <= 100
    assert reader(title="").feedback(response()).values["form"] is None


def test_nothing_tells_who_somebody_is_but_what_was_answered() -> None:
    metadata = {"user_agent": "Mozilla/5.0 (made up)", "network_id": "9f8e7d6c5b", "referer": "https://ref.example"}
    item = response(
        told("c", "text", "Lovely"), metadata=metadata, hidden={"utm_source": "ig"}, calculated={"score": 3}
    )
    shown = repr(reader(asked("long_text", "c")).feedback(item)) + repr(item)
    assert not [each for each in metadata.values() if each in shown]
    assert "utm_source" not in repr(reader().feedback(item))


@pytest.mark.parametrize(
    ("more", "completed"),
    [
        ({}, True),
        ({"response_type": "completed"}, True),
        ({"response_type": "partial", "staged_at": "2026-11-20T09:01:00Z"}, False),
        ({"response_type": "started"}, False),
        ({"submitted_at": "0001-01-01T00:00:00Z"}, False),
        ({"submitted_at": None}, False),
    ],
)
def test_only_what_was_submitted_is_completed(more: Json, completed: bool) -> None:
    assert response(**more).completed is completed


def test_nulls_are_what_is_left_out() -> None:
    item = response(answers=None, hidden=None, response_type=None)
    assert (item.answers, item.hidden, item.completed) == ((), {}, True)
    assert Form.model_validate({"id": "F", "title": None, "fields": None, "hidden": None}).fields == ()
