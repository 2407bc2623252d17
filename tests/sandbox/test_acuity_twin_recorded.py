"""Acuity's twin against everything that was recorded from a real account or stands in the vendor's documentation."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.acuity_desk import RECORDED, Answer, Desk, Json, answered, basic, exchange

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"there are no recordings at {RECORDED}")

NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))
HOOK = "webhook_static_scheduled"
EXAMPLE = "appointment_docs_example_forms_labels"
LISTS = ("appointment-types", "calendars", "labels", "blocks", "clients")
ONLY_LATER = {
    "datetimeCreated", "priceSold", "confirmationPagePaymentLink", "calendarTimezone", "canceled", "isVerified",
    "scheduledBy",
}  # fmt: skip
"""What an appointment has today, and the documentation's example of 2013 has not."""


def at(clock: str) -> datetime:
    """A moment of the day of the recording."""
    return datetime.fromisoformat(f"2026-06-15T{clock}").replace(tzinfo=UTC)


@pytest.fixture
def desk() -> Desk:
    """The recorded account, with its appointments as the list has them."""
    desk = Desk(now=at("14:42:06"))
    desk.twin.load({"me": answered("me"), "meta": answered("meta")}, desk.now)
    desk.twin.load({name: answered(f"{name.replace('-', '_')}_list") for name in LISTS}, desk.now)
    desk.twin.load({"appointments": answered("appointments_list")}, desk.now)
    return desk


# what had happened before each


def before_cancel(desk: Desk) -> None:
    gone = {name: value for name, value in answered("appointment_cancel").items() if name != "noShow"}
    rights = {"canClientCancel": True, "canClientReschedule": True}
    desk.twin.load({"appointments": [gone | rights | {"canceled": False}]}, desk.now)


def before_reschedule(desk: Desk) -> None:
    """It had lain on another day; where is not known."""
    words = {"date": "June 29, 2026", "time": "10:30am", "endTime": "11:20am"}
    moved = answered("appointment_reschedule") | words | {"datetime": "2026-06-29T10:30:00+0300"}
    desk.twin.load({"appointments": [moved]}, desk.now)


def noted(desk: Desk) -> None:
    ask(desk, "appointment_put_notes_admin")


def exemplary(desk: Desk) -> None:
    desk.twin.load({"appointments": [answered(EXAMPLE)]}, desk.now)


def with_forms(desk: Desk) -> None:
    desk.twin.load({"forms": answered("forms_list_field_types")}, desk.now)


def signed_out(desk: Desk) -> None:
    desk.headers = {}


def in_a_hurry(desk: Desk) -> None:
    desk.twin.limits = True
    for _ in range(10):
        desk.get("labels")


BEFORE: Mapping[str, Callable[[Desk], None]] = {
    "appointment_cancel": before_cancel,
    "appointment_reschedule": before_reschedule,
    "appointments_day_2026-06-15": noted,
    "forms_list_field_types": with_forms,
    "error_401": signed_out,
    "error_429": in_a_hurry,
    "meta": signed_out,
    EXAMPLE: exemplary,
}


def prepare(name: str, desk: Desk) -> None:
    if name in BEFORE:
        BEFORE[name](desk)


def ask(desk: Desk, name: str) -> Answer:
    request = exchange(name)["request"]
    path = request["path"].removeprefix("/")
    return desk.call(request["method"], path, request.get("body"), **request.get("query", {}))


PAGES = {
    "confirmationPage": r"https://app\.acuityscheduling\.com/schedule\.php\?owner=39594627&action=appt&id%5B%5D=(\w{32})",
    "confirmationPagePaymentLink": (
        r"https://app\.acuityscheduling\.com/schedule/f40d4c97/pay/(\w{32})/\?owner=39594627"
    ),
}


def comparable(name: str, body: Any) -> Any:
    """All of it but what nobody can foresee in a new record: its id, and the key in its links, whose form is held."""
    if name != "appointment_create":
        return body
    keys = [re.fullmatch(pattern, body[link]) for link, pattern in PAGES.items()]
    assert all(keys)
    assert len({found[1] for found in keys if found}) == 1, "both links have the same key"
    assert isinstance(body["id"], int)
    return {field: value for field, value in body.items() if field not in ("id", *PAGES)}


def typed(value: Any) -> str:
    """The same in which 1 and "1" and True differ, and so does the order of an object's keys."""
    return json.dumps(value)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in (HOOK, EXAMPLE)])
def test_the_twin_answers_as_the_account_did(name: str, desk: Desk) -> None:
    prepare(name, desk)
    recorded, answer = exchange(name)["response"], ask(desk, name)
    assert answer.status == recorded["status"]
    assert (
        answer.headers["content-type"] == recorded.get("headers", {"content-type": "application/json"})["content-type"]
    )
    assert typed(comparable(name, answer.body)) == typed(comparable(name, recorded["body"]))


def test_the_documented_example_comes_back_with_what_was_added_since(desk: Desk) -> None:
    """Forgiving, as the example is of 2013: it lacks fields that every recorded record has."""
    exemplary(desk)
    answer = ask(desk, EXAMPLE)
    assert set(answer.body) - set(answered(EXAMPLE)) <= ONLY_LATER
    assert {name: answer.body[name] for name in answered(EXAMPLE)} == answered(EXAMPLE)


def test_every_file_is_compared() -> None:
    assert len(NAMES) == 23
    assert {HOOK, EXAMPLE, *BEFORE} <= set(NAMES)


@pytest.mark.parametrize("field", ["phone", "datetimeCreated", "canClientCancel", "formsText"])
def test_the_comparison_sees_what_differs(field: str, desk: Desk) -> None:
    body = ask(desk, "appointment_create").body
    recorded = answered("appointment_create")
    damaged = body | {field: f"{body[field]}."}
    assert typed(comparable("appointment_create", damaged)) != typed(comparable("appointment_create", recorded))
    turned = {field: body[field]} | body
    assert typed(comparable("appointment_create", turned)) != typed(comparable("appointment_create", recorded))


def test_a_static_webhook_says_what_the_documented_one_says(desk: Desk) -> None:
    recorded = exchange(HOOK)["request"]
    desk.twin.knobs({"static_webhook": "https://127.0.0.1/hook"})
    ask(desk, "appointment_create")
    first, second = desk.twin.deliveries(desk.now)
    assert set(first.headers) == set(recorded["headers"])
    assert first.headers["content-type"] == recorded["headers"]["content-type"]
    form = r"action=(\w+)&id=\d+&calendarID=\d+&appointmentTypeID=\d+"
    told = [re.fullmatch(form, text) for text in (recorded["body_raw"], first.body.decode(), second.body.decode())]
    assert [found[1] for found in told if found] == ["scheduled", "scheduled", "changed"]


# what was recorded follows from what had been typed


def rebuilt(desk: Desk, record: Json) -> Json:
    """The same booking made anew, at the time at which it was made."""
    desk.now = datetime.fromisoformat(record["datetimeCreated"]).astimezone(UTC)
    names = ("firstName", "lastName", "email", "phone", "datetime", "calendarID", "appointmentTypeID", "notes")
    answer = desk.post("appointments", {name: record[name] for name in names}, admin="true")
    assert answer.status == 200
    made: Json = answer.body
    return made


def test_each_recorded_appointment_follows_from_what_was_typed(desk: Desk) -> None:
    """`paid` and the client's rights apart, which are not what was typed."""
    for record in answered("appointments_list"):
        made = rebuilt(desk, record)
        unforeseen = {"id", *PAGES, "paid", "canClientCancel", "canClientReschedule"}
        assert {n: v for n, v in made.items() if n in record and n not in unforeseen} == {
            n: v for n, v in record.items() if n not in unforeseen
        }


def test_the_recorded_rights_of_clients_follow_from_the_clock(desk: Desk) -> None:
    """Jane's time was over when the account was recorded; the others' were to come."""
    for record in answered("appointments_list"):
        made = rebuilt(desk, record)
        desk.now = at("14:42:06")
        shown = desk.shown(made)
        rights = ("canClientCancel", "canClientReschedule")
        assert {name: shown[name] for name in rights} == {name: record[name] for name in rights}


def test_a_list_differs_from_a_single_record_only_by_what_is_only_there(desk: Desk) -> None:
    single = answered("appointment_get")
    (listed,) = [record for record in answered("appointments_list") if record["id"] == single["id"]]
    assert set(single) - set(listed) == {"isVerified", "scheduledBy"}
    assert typed(desk.get("appointments", max=1, direction="ASC").body) == typed([listed])


def test_the_recorded_blocks_follow_from_their_times(desk: Desk) -> None:
    for block in answered("blocks_list"):
        asked = {name: block[name] for name in ("start", "end", "calendarID", "notes")}
        made = desk.post("blocks", asked).body
        assert typed(made | {"id": block["id"]}) == typed(block)


@pytest.mark.parametrize("name", ["appointment_create", "appointment_reschedule", "appointment_put_notes_admin"])
def test_appointments_alone_tell_of_their_account(name: str) -> None:
    """Whoever loads the list, and what can be booked, but not `me`, gets zone, currency and links right."""
    desk = Desk(now=at("14:42:06"))
    loaded = {"appointment-types": answered("appointment_types_list"), "calendars": answered("calendars_list")}
    desk.twin.load(loaded | {"appointments": answered("appointments_list")}, desk.now)
    prepare(name, desk)
    assert typed(comparable(name, ask(desk, name).body)) == typed(comparable(name, answered(name)))


def test_what_is_made_after_loading_gets_higher_ids(desk: Desk) -> None:
    highest = max(record["id"] for record in answered("appointments_list"))
    assert ask(desk, "appointment_create").body["id"] > highest
    assert desk.headers == basic()
