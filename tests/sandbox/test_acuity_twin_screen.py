"""What happens to Acuity's twin outside its API: the screen, webhooks, loading, dumping, made-up data and knobs."""

import base64
import hashlib
import hmac
import random
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from urllib.parse import parse_qsl

import pytest

from higherself_sync.sandbox.acuity import AcuityTwin
from higherself_sync.sandbox.people import people
from tests.sandbox.acuity_desk import ANNA, START, Desk, Json, booking, whole_day


@pytest.fixture
def desk() -> Desk:
    return Desk()


# at the screen


def test_a_client_books_with_nothing_said(desk: Desk) -> None:
    """In an empty account there is then something to book, and a day to book it on."""
    record = desk.add()
    assert (record["type"], record["datetime"], record["scheduledBy"]) == (
        "Consultation", "2026-11-24T10:00:00+0100", None,
    )  # fmt: skip
    assert (len(desk.get("calendars").body), len(desk.get("appointment-types").body)) == (1, 1)
    assert desk.get("clients").body[0]["email"] == record["email"]


def test_a_person_may_change_what_the_api_may_not(desk: Desk) -> None:
    label = desk.add("labels", name="Completed")
    other = desk.add("calendars", name="Upstairs")
    kind = desk.add("appointment-types", name="Yoga", category="Body", calendarIDs=[other["id"]])
    record = desk.add(appointmentTypeID=kind["id"])
    changed = desk.change(
        record, notes="tea", price="50", paid="yes", amountPaid="20.5", timezone="Asia/Tokyo", labels=[label["id"]],
        datetime="2026-12-24T18:00:00Z", duration=75, phone="(415) 555-0136", email="r@example.com",
    )  # fmt: skip
    expected = {
        "notes": "tea", "price": "50.00", "priceSold": "50.00", "paid": "yes", "amountPaid": "20.50",
        "timezone": "Asia/Tokyo", "labels": [label], "datetime": "2026-12-24T19:00:00+0100", "duration": "75",
        "time": "7:00pm", "endTime": "8:15pm", "phone": "4155550136", "email": "r@example.com",
    }  # fmt: skip
    assert {name: changed[name] for name in expected} == expected
    assert "Price: €50.00\n" in changed["formsText"]
    assert desk.shown(record) == changed
    canceled = desk.change(record, canceled=True, noShow=True)
    assert (canceled["canceled"], canceled["noShow"]) == (True, True)


@pytest.mark.parametrize(
    "bad",
    [
        {"colour": "red"}, {"datetime": "asdf"}, {"timezone": "Mars"}, {"price": "dear"}, {"duration": "long"},
        {"labels": [7]}, {"noShow": True}, {"calendarID": 7}, {"appointmentTypeID": 7}, {"fields": [{"id": 7}]},
    ],
)  # fmt: skip
def test_what_a_person_cannot_do_either_changes_nothing(desk: Desk, bad: dict[str, Any]) -> None:
    record = desk.add()
    held = desk.twin.dump()
    with pytest.raises(ValueError, match=r"\w"):
        desk.change(record, **bad)
    with pytest.raises(ValueError, match=r"\w"):
        desk.add(**bad)
    assert desk.twin.dump() == held


def test_nobody_can_undo_a_cancellation(desk: Desk) -> None:
    record = desk.add(canceled=True)
    with pytest.raises(ValueError, match="cannot be undone"):
        desk.change(record, canceled=False)


def test_types_are_renamed_and_bookings_keep_their_names(desk: Desk) -> None:
    kind = whole_day(desk)
    record = desk.add(appointmentTypeID=kind["id"])
    renamed = desk.change(kind, "appointment-types", name="Long massage", price=90)
    assert (renamed["name"], renamed["price"]) == ("Long massage", "90.00")
    assert desk.shown(record) == record
    with pytest.raises(KeyError):
        desk.change({"id": 7}, "calendars", name="x")
    for kind_of, bad in (
        ("calendars", {"timezone": "Mars"}),
        ("appointment-types", {"duration": "long"}),
        ("labels", {"mood": 1}),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            desk.add(kind_of, **bad)


def test_a_form_is_attached_to_the_types_that_it_names(desk: Desk) -> None:
    first, second = (desk.add("appointment-types", name=name) for name in ("Yoga", "Tea"))
    everywhere = desk.add("forms", name="All", fields=[{"name": "Notion page"}])
    only = desk.add("forms", name="Tea", appointmentTypeIDs=[second["id"]])
    ids = {kind["name"]: kind["formIDs"] for kind in desk.get("appointment-types").body}
    assert ids == {"Yoga": [everywhere["id"]], "Tea": [everywhere["id"], only["id"]]}
    with pytest.raises(ValueError, match="a field is one of"):
        desk.add("forms", fields=[{"type": "crystal ball"}])
    (field,) = everywhere["fields"]
    assert list(field) == ["id", "name", "required", "type", "lines", "options"]
    assert [form["name"] for form in desk.add(appointmentTypeID=first["id"])["forms"]] == ["All"]


# webhooks


def hooked(desk: Desk, *events: str) -> None:
    for event in events:
        answer = desk.post("webhooks", {"event": event, "target": "https://127.0.0.1/hook"})
        assert answer.status == 200


def sent(desk: Desk) -> list[str]:
    return [dict(parse_qsl(delivery.body.decode()))["action"] for delivery in desk.twin.deliveries(desk.now)]


def test_every_act_is_told_and_then_told_as_a_change(desk: Desk) -> None:
    hooked(desk, *(f"appointment.{action}" for action in ("scheduled", "rescheduled", "canceled", "changed")))
    kind = whole_day(desk)
    record = desk.post("appointments", booking(kind)).body
    assert sent(desk) == ["appointment.scheduled", "appointment.changed"]
    path = f"appointments/{record['id']}"
    desk.put(f"{path}/reschedule", {"datetime": "2026-12-01 10:00"})
    assert sent(desk) == ["appointment.rescheduled", "appointment.changed"]
    desk.put(path, {"firstName": "Anne"})
    assert sent(desk) == ["appointment.changed"]
    desk.put(path, {"firstName": "Anne", "notes": "psst"})
    assert sent(desk) == [], "nothing has changed"
    desk.put(f"{path}/cancel", {"noShow": True}, admin="true")
    assert sent(desk) == ["appointment.canceled", "appointment.changed"]
    desk.put(f"{path}/cancel", {})
    assert sent(desk) == []


def test_what_people_do_is_told_too(desk: Desk) -> None:
    hooked(desk, "appointment.scheduled", "appointment.canceled")
    record = desk.add()
    desk.change(record, canceled=True)
    assert sent(desk) == ["appointment.scheduled", "appointment.canceled"]


def test_static_hooks_spell_it_shorter(desk: Desk) -> None:
    desk.twin.knobs({"static_webhook": "https://127.0.0.1/static"})
    hooked(desk, "appointment.scheduled")
    desk.add()
    assert sent(desk) == ["scheduled", "appointment.scheduled", "changed"]


def test_a_delivery_names_the_appointment_and_is_signed_over_its_bytes(desk: Desk) -> None:
    hooked(desk, "appointment.scheduled")
    record = desk.add()
    (delivery,) = desk.twin.deliveries(desk.now)
    pairs = [("action", "appointment.scheduled")]
    pairs += [(name, str(record[name])) for name in ("id", "calendarID", "appointmentTypeID")]
    assert parse_qsl(delivery.body.decode()) == pairs
    signature = base64.b64encode(hmac.new(b"acuity_sandbox", delivery.body, hashlib.sha256).digest()).decode()
    assert delivery.headers == {
        "content-type": "application/x-www-form-urlencoded", "x-acuity-signature": signature,
    }  # fmt: skip
    assert delivery.url == "https://127.0.0.1/hook"


def test_webhooks_are_listed_deleted_and_at_most_25(desk: Desk) -> None:
    hooked(desk, *["appointment.changed"] * 25)
    body = {"event": "appointment.changed", "target": "https://127.0.0.1/hook"}
    assert desk.post("webhooks", body).error == (400, "bad_request")
    first = desk.get("webhooks").body[0]
    assert first == {"id": 1, **body, "status": "active"}
    assert desk.call("DELETE", f"webhooks/{first['id']}").status == 204
    assert desk.call("DELETE", f"webhooks/{first['id']}").error == (404, "not_found")
    assert desk.post("webhooks", body).body["id"] == 26


@pytest.mark.parametrize(
    "bad",
    [{"event": "appointment.dreamt"}, {"target": "https://127.0.0.1:8080/"}, {"target": "ftp://x"}, {"target": 7}],
)
def test_a_webhook_has_an_event_and_a_usual_port(desk: Desk, bad: dict[str, Any]) -> None:
    body = {"event": "order.completed", "target": "http://127.0.0.1:80/hook"}
    assert desk.post("webhooks", body).status == 200
    assert desk.post("webhooks", body | bad).error == (400, "bad_request")


# loading and dumping


def test_a_dump_loads_into_another_account(desk: Desk) -> None:
    desk.twin.fill(90, 5, desk.now)
    fresh = AcuityTwin()
    fresh.load(desk.twin.dump(), desk.now)
    assert fresh.dump() == desk.twin.dump()


def test_loading_is_all_or_nothing(desk: Desk) -> None:
    for bad in ({"calendars": [{"id": 1}], "dreams": []}, {"calendars": [{"id": 1}, {"name": "x"}]}):
        with pytest.raises((KeyError, ValueError)):
            desk.twin.load(bad, desk.now)
    assert desk.get("calendars").body == []


def test_the_account_itself_can_be_loaded(desk: Desk) -> None:
    for me in ({"timezone": "Asia/Tokyo", "timeFormat": "military"}, [{"dateFormat": "%e %B %Y", "currency": "JPY"}]):
        desk.twin.load({"me": me}, desk.now)
    record = desk.add(datetime="2026-12-01 15:00")
    assert (record["date"], record["time"], record["datetime"]) == (
        "1 December 2026", "15:00", "2026-12-01T15:00:00+0900",
    )  # fmt: skip
    assert "Price: JPY 45.00" in record["formsText"]
    with pytest.raises(ValueError, match="no time zone"):
        desk.twin.load({"me": {"timezone": "Mars"}}, desk.now)


def test_an_object_that_was_shortened_gets_what_it_lacks(desk: Desk) -> None:
    desk.twin.load({"calendars": [{"id": 7, "timezone": "Asia/Tokyo", "name": "Kyoto"}]}, desk.now)
    desk.twin.load({"appointment-types": [{"id": 8, "name": "Tea", "duration": 45}]}, desk.now)
    record = desk.post("appointments", booking({"id": 8})).body
    assert (record["calendarID"], record["datetime"]) == (7, "2026-11-24T23:00:00+0900")


# made-up data


def filled(records: int, seed: int = 0) -> dict[str, list[Any]]:
    twin = AcuityTwin()
    twin.fill(records, seed, START)
    return twin.dump()


def starts(record: Json) -> datetime:
    return datetime.fromisoformat(record["datetime"])


@pytest.mark.parametrize("records", [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 23, 24, 30, 60, 240, 600])
def test_records_counts_what_can_be_booked_and_what_was(records: int) -> None:
    held = filled(records)
    assert len([kind for kind in held["appointment-types"] if kind["active"]]) + len(held["appointments"]) == records
    assert bool(held["calendars"]) is bool(records)


def test_a_seed_makes_the_same_account_each_time() -> None:
    assert filled(120, seed=7) == filled(120, seed=7)
    assert filled(120, seed=7)["appointments"] != filled(120, seed=8)["appointments"]


def test_the_clients_are_the_first_people_of_the_seed() -> None:
    emails = [client["email"] for client in filled(240, seed=3)["clients"]]
    first = [person.email for person in islice(people(random.Random(3)), len(emails))]
    assert sorted(emails) == sorted(first)
    assert {record["email"].lower() for record in filled(240, seed=3)["appointments"]} == set(first)


def test_appointments_lie_around_now_and_were_made_before_it() -> None:
    records = filled(240)["appointments"]
    near = timedelta(days=60)
    assert all(abs(starts(record) - START) < near for record in records)
    assert {starts(record) < START for record in records} == {True, False}
    created = [datetime.fromisoformat(record["datetimeCreated"]) for record in records]
    assert created == sorted(created)
    assert max(created) <= START
    assert all(made < starts(record) for made, record in zip(created, records, strict=True))


def test_nothing_overlaps_on_a_calendar_while_there_is_room() -> None:
    records = sorted(filled(180)["appointments"], key=lambda record: (record["calendarID"], starts(record)))
    pairs = [(a, b) for a, b in pairwise(records) if a["calendarID"] == b["calendarID"]]
    assert all(starts(a) + timedelta(minutes=int(a["duration"])) <= starts(b) for a, b in pairs)


def test_the_account_is_as_odd_as_real_ones_are() -> None:
    held = filled(600)
    records = held["appointments"]
    assert {calendar["timezone"] for calendar in held["calendars"]} == {"Europe/Berlin", "America/Los_Angeles"}
    assert len({record["timezone"] for record in records}) > 10
    assert any(kind["name"].endswith(" ") for kind in held["appointment-types"])
    assert {kind["active"] for kind in held["appointment-types"]} == {True, False}
    assert {(record["canceled"], record.get("noShow")) for record in records} == {
        (False, None), (True, False), (True, True),
    }  # fmt: skip
    assert {(record["paid"], record["amountPaid"] == "0.00") for record in records} == {
        ("no", True), ("yes", True), ("yes", False),
    }  # fmt: skip
    assert all(starts(record) < START for record in records if record.get("noShow"))
    assert {None if record["labels"] is None else len(record["labels"]) for record in records} == {None, 0, 1}
    assert any(record["email"] != record["email"].lower() for record in records)
    assert all(record["phone"].lstrip("+").isdigit() for record in records)


def test_every_appointment_has_a_field_for_the_notion_page() -> None:
    held = filled(60)
    (form,) = held["forms"]
    page = next(field for field in form["fields"] if field["name"] == "Notion page")
    assert (page["type"], page["required"]) == ("textbox", False)
    assert form["appointmentTypeIDs"] == [kind["id"] for kind in held["appointment-types"]]
    answers = [value for record in held["appointments"] for each in record["forms"] for value in each["values"]]
    assert {value["value"] for value in answers if value["fieldID"] == page["id"]} == {""}
    assert any(", " in value["value"] for value in answers), "several ticked boxes are joined by commas"


# knobs and state


@pytest.mark.parametrize(
    ("knob", "bad"),
    [
        ("time_format", "sundial"), ("created_zone", "Berlin"), ("max_ceiling", 0), ("min_hours_in_advance", -1),
        ("max_days_in_advance", "ten"), ("clients_may_cancel", 1), ("close_hours", True), ("static_webhook", None),
    ],
)  # fmt: skip
def test_a_knob_takes_only_what_it_knows(desk: Desk, knob: str, bad: Any) -> None:
    before = desk.twin.knobs({})
    with pytest.raises(ValueError, match="does not take"):
        desk.twin.knobs({knob: bad})
    assert desk.twin.knobs({}) == before


def test_hours_of_notice_are_the_owners_to_set(desk: Desk) -> None:
    kind = whole_day(desk)
    desk.twin.knobs({"min_hours_in_advance": 48, "close_hours": 24})
    assert desk.post("appointments", booking(kind)).error == (400, "not_available_min_hours_in_advance")
    assert desk.add(datetime="2026-11-24T17:00:00Z")["canClientCancel"] is False
    assert desk.add(datetime="2026-11-24T17:01:00Z")["canClientCancel"] is True


def test_a_snapshot_holds_webhooks_deliveries_and_settings(desk: Desk) -> None:
    hooked(desk, "appointment.scheduled")
    desk.add(**ANNA)
    desk.twin.knobs({"time_format": "24hour"})
    snapshot = desk.twin.snapshot()
    desk.twin.clear()
    desk.twin.knobs({"time_format": "ampm"})
    desk.twin.restore(snapshot)
    assert sent(desk) == ["appointment.scheduled"]
    assert (desk.get("me").body["timeFormat"], len(desk.get("webhooks").body)) == ("24hour", 1)
    assert desk.get("clients").body[0]["lastName"] == "Vogel"


def test_limits_go_on_after_the_clock_was_put_back(desk: Desk) -> None:
    desk.twin.limits = True
    for _ in range(10):
        desk.get("labels")
    desk.now = datetime(2026, 1, 1, tzinfo=UTC)
    assert desk.get("labels").status == 200
