"""The traps of Acuity's API, in the twin: updates, cancellations, clients, types, blocks and free times."""

from typing import Any

import pytest

from tests.sandbox.acuity_desk import ANNA, Desk, booking, whole_day


@pytest.fixture
def desk() -> Desk:
    return Desk()


# updates


def test_what_may_not_be_updated_is_ignored_in_silence(desk: Desk) -> None:
    record = desk.add()
    ignored = {
        "datetime": "2027-01-01T10:00", "price": "1.00", "paid": "yes", "canceled": True, "calendarID": 1,
        "timezone": "Asia/Tokyo", "notes": "psst", "certificate": "GIFT", "type": "x", "nonsense": 1, "smsOptIn": True,
    }  # fmt: skip
    answer = desk.put(f"appointments/{record['id']}", ignored)
    assert (answer.status, answer.body) == (200, record)
    assert desk.shown(record) == record


def test_notes_are_written_by_admin_alone(desk: Desk) -> None:
    record = desk.add(notes="as it was")
    path = f"appointments/{record['id']}"
    assert desk.put(path, {"notes": "new"}).body["notes"] == "as it was"
    assert desk.put(path, {"notes": "new"}, admin="false").body["notes"] == "as it was"
    assert desk.put(path, {"notes": "new"}, admin="true").body == record | {"notes": "new"}
    assert desk.put(path, {"certificate": "GIFT"}, admin="true").error == (400, "invalid_certificate")


def test_who_it_is_may_be_changed_but_not_removed(desk: Desk) -> None:
    record = desk.add(**ANNA)
    path = f"appointments/{record['id']}"
    changed = desk.put(path, {"firstName": "Anne", "phone": "(415) 555-0136"}).body
    assert (changed["firstName"], changed["lastName"], changed["phone"]) == ("Anne", "Vogel", "4155550136")
    assert changed["formsText"].startswith("Name: Anne Vogel\nPhone: (415) 555-0136\nEmail: anna@example.com\n")
    assert desk.put(path, {"firstName": ""}, admin="true").error == (400, "required_first_name")
    assert desk.put(path, {"email": ""}).error == (400, "required_email")
    assert desk.put(path, {"email": "x"}).error == (400, "invalid_email")
    assert desk.put(path, {"email": ""}, admin="true").body["email"] == ""
    assert desk.shown(record)["firstName"] == "Anne"


def test_answers_are_text_and_keep_their_ids(desk: Desk) -> None:
    kind = whole_day(desk)
    fields = [{"name": "Notion page"}, {"name": "Languages", "type": "checkboxlist", "options": ["English", "Deutsch"]}]
    page, languages = (field["id"] for field in desk.add("forms", name="Intake", fields=fields)["fields"])
    record = desk.add(appointmentTypeID=kind["id"], fields=[{"id": languages, "value": "English, Deutsch"}])
    path = f"appointments/{record['id']}"
    changed = desk.put(path, {"fields": [{"id": page, "value": 37}]}).body
    assert [value["value"] for value in changed["forms"][0]["values"]] == ["37", "English, Deutsch"]
    ids = [value["id"] for value in record["forms"][0]["values"]]
    assert [value["id"] for value in changed["forms"][0]["values"]] == ids
    assert desk.put(path, {"fields": [{"id": str(page), "value": None}]}).body == record
    assert desk.put(path, {"fields": [{"id": 1, "value": "x"}]}).error == (400, "invalid_fields")


def test_an_old_booking_takes_the_answers_of_a_new_form(desk: Desk) -> None:
    record = desk.add()
    page = desk.add("forms", name="Later", fields=[{"name": "Notion page"}])["fields"][0]["id"]
    assert desk.shown(record)["forms"] == []
    changed = desk.put(f"appointments/{record['id']}", {"fields": [{"id": page, "value": "x"}]}).body
    assert [(form["name"], form["values"][0]["value"]) for form in changed["forms"]] == [("Later", "x")]


def test_a_label_takes_the_place_of_the_one_there_was(desk: Desk) -> None:
    first, second = (desk.add("labels", name=name, color="pink") for name in ("Completed", "Checked In"))
    record = desk.add()
    path = f"appointments/{record['id']}"
    assert record["labels"] is None
    assert desk.put(path, {"labels": [{"id": first["id"]}]}).body["labels"] == [first]
    assert desk.put(path, {"labels": [{"id": second["id"], "name": "whatever"}]}).body["labels"] == [second]
    assert desk.put(path, {"labels": []}).body["labels"] == []
    for strange in ([{"id": first["id"]}, {"id": second["id"]}], [first["id"]], "x"):
        assert desk.put(path, {"labels": strange}).status == 501
    assert [label["name"] for label in desk.get("labels").body] == ["Checked In", "Completed"]


# cancellations


def test_a_cancellation_has_a_no_show_and_cannot_be_undone(desk: Desk) -> None:
    record = desk.add()
    path = f"appointments/{record['id']}"
    canceled = desk.put(f"{path}/cancel", {"noShow": True, "cancelNote": "ill"}).body
    rights = {"canClientCancel": False, "canClientReschedule": False}
    assert canceled == record | rights | {"canceled": True, "noShow": False}
    assert "noShow" not in record
    assert list(canceled)[-3:] == ["noShow", "isVerified", "scheduledBy"]
    assert desk.put(path, {"canceled": False}, admin="true").body["canceled"] is True
    assert desk.put(f"{path}/cancel", {}).body == canceled
    assert desk.put(f"{path}/cancel", {"noShow": True}, admin="true").body == canceled | {"noShow": True}
    assert desk.put(f"{path}/reschedule", {"datetime": "2026-12-01 10:00"}).error == (400, "reschedule_canceled")
    (listed,) = desk.get("appointments", canceled="true").body
    assert listed["noShow"] is True


def test_a_series_cannot_be_rescheduled(desk: Desk) -> None:
    record = desk.add()
    (kind,) = desk.get("appointment-types").body
    desk.change(kind, "appointment-types", type="series")
    answer = desk.put(f"appointments/{record['id']}/reschedule", {"datetime": "2026-12-01 10:00"})
    assert (answer.error, answer.body["message"]) == (
        (400, "reschedule_series"), "Class series may not be rescheduled.",
    )  # fmt: skip


def test_clients_may_not_cancel_what_is_over_and_admin_may(desk: Desk) -> None:
    record = desk.add(datetime="2026-11-23T10:00")
    assert (record["canClientCancel"], record["canClientReschedule"]) == (False, False)
    path = f"appointments/{record['id']}"
    answer = desk.put(f"{path}/cancel", {})
    assert answer.error == (400, "cancel_too_close")
    assert answer.body["message"] == "Clients are not allowed to cancel this close to the time of the appointment."
    assert desk.put(f"{path}/reschedule", {"datetime": "2026-12-01 10:00"}).error == (400, "reschedule_too_close")
    assert desk.put(f"{path}/reschedule", {"datetime": "2026-12-01 10:00"}, admin="true").status == 200
    assert desk.put(f"{path}/cancel", {"noShow": True}, admin="true").body["noShow"] is True


def test_the_owner_may_forbid_it_altogether(desk: Desk) -> None:
    record = desk.add()
    desk.twin.knobs({"clients_may_cancel": False, "clients_may_reschedule": False})
    shown = desk.shown(record)
    assert (shown["canClientCancel"], shown["canClientReschedule"]) == (False, False)
    path = f"appointments/{record['id']}"
    answer = desk.put(f"{path}/cancel", {})
    assert (answer.error, answer.body["message"]) == ((400, "cancel_not_allowed"), "Clients are not allowed to cancel.")
    assert desk.put(f"{path}/reschedule", {"datetime": "2026-12-01"}).error == (400, "reschedule_not_allowed")


def test_a_clients_rights_end_by_themselves(desk: Desk) -> None:
    """So a hash over the whole record changes though nobody has touched it."""
    record = desk.add()
    desk.now = desk.now.replace(month=12)
    assert desk.shown(record) == record | {"canClientCancel": False, "canClientReschedule": False}


# clients, types, blocks


def test_a_booking_makes_its_client_known_once(desk: Desk) -> None:
    desk.add(**ANNA)
    desk.add(**ANNA | {"email": "ANNA@example.com"})
    desk.add(firstName="Zoë", lastName="Adler", email="zoe@example.com", phone="123 555 0101")
    anna = {name: ANNA[name] for name in ("firstName", "lastName", "email")} | {"phone": "+493023125001", "notes": ""}
    zoe = {"firstName": "Zoë", "lastName": "Adler", "email": "zoe@example.com", "phone": "(123) 555-0101", "notes": ""}
    assert desk.get("clients").body == [zoe, anna]
    for search in ("vog", "Anna V", "23125"):
        assert desk.get("clients", search=search).body == [anna]
    assert desk.get("clients", search="example.com").body == []


def test_a_partial_put_blanks_the_rest_of_a_client(desk: Desk) -> None:
    desk.add(**ANNA)
    who = {"firstName": "anna", "lastName": "Vogel", "phone": "+49 3023125001"}
    body = {"firstName": "Anna", "lastName": "Vogel", "notes": "Likes tea"}
    answer = desk.put("clients", body, **who)
    assert (answer.status, answer.body) == (200, {**body, "email": "", "phone": ""})
    assert list(answer.body) == ["firstName", "lastName", "email", "phone", "notes"]
    assert desk.get("clients").body == [answer.body]
    assert desk.put("clients", body, **who).error == (404, "not_found")
    whole = desk.put(
        "clients", body | {"email": "a@example.com", "phone": "4155550136"}, firstName="Anna", lastName="Vogel"
    )
    assert (whole.body["email"], whole.body["phone"]) == ("a@example.com", "(415) 555-0136")
    assert desk.put("clients", {"notes": "x"}, firstName="Anna", lastName="Vogel").error == (400, "required_first_name")


def test_a_client_can_be_made_and_deleted(desk: Desk) -> None:
    assert desk.post("clients", {"firstName": "Kofi"}).error == (400, "required_last_name")
    made = desk.post("clients", {"firstName": "Kofi", "lastName": "A", "notes": "new"})
    assert made.body == {"firstName": "Kofi", "lastName": "A", "email": "", "phone": "", "notes": "new"}
    again = desk.post("clients", {"firstName": "Kofi", "lastName": "a", "phone": "1"}).body
    assert desk.get("clients").body == [again]
    gone = desk.call("DELETE", "clients", firstName="Kofi", lastName="A")
    assert (gone.status, gone.body) == (204, None)
    assert desk.call("DELETE", "clients", firstName="Kofi", lastName="A").error == (404, "not_found")
    assert desk.get("clients").body == []


def test_deleted_types_are_shown_if_asked_for_and_cannot_be_booked(desk: Desk) -> None:
    kind = whole_day(desk)
    assert isinstance(kind["duration"], int)
    desk.change(kind, "appointment-types", active=False)
    assert desk.get("appointment-types").body == []
    (shown,) = desk.get("appointment-types", includeDeleted="true").body
    assert (shown["id"], shown["active"], shown["price"]) == (kind["id"], False, "80.00")
    assert desk.post("appointments", booking(kind)).error == (400, "invalid_appointment_type")


def test_blocks_can_be_made_found_and_deleted(desk: Desk) -> None:
    calendar = desk.add("calendars", name="Portland", timezone="America/Los_Angeles")["id"]
    body = {"start": "2026-12-01T18:00", "end": "2026-12-02T18:00", "calendarID": calendar, "notes": "away"}
    block = desk.post("blocks", body).body
    assert (block["start"], block["end"]) == ("2026-12-01T09:00:00-0800", "2026-12-02T09:00:00-0800")
    assert block["description"] == "Tuesday, December 1, 2026 9:00am - Wednesday, December 2, 2026 9:00am"
    later = desk.post("blocks", body | {"start": "2026-12-02T10:00"}).body
    assert desk.get("blocks").ids == [later["id"], block["id"]]
    assert desk.get("blocks", max=1).ids == [later["id"]]
    assert desk.get("blocks", maxDate="2026-12-01").ids == [block["id"]]
    assert desk.get("blocks", minDate="2026-12-03", calendarID=calendar).ids == []
    assert desk.get(f"blocks/{block['id']}").body == block
    assert desk.call("DELETE", f"blocks/{block['id']}").status == 204
    assert desk.get(f"blocks/{block['id']}").error == (404, "not_found")
    assert desk.post("blocks", body | {"calendarID": 7}).error == (400, "invalid_calendar")
    assert desk.post("blocks", body | {"start": ""}).error == (400, "required_start")
    assert desk.post("blocks", body | {"end": "x"}).error == (400, "invalid_datetime")


def test_free_starts_are_told_by_day_and_by_time(desk: Desk) -> None:
    kind = whole_day(desk)
    desk.post("appointments", booking(kind))
    times = desk.get("availability/times", date="2026-11-24", appointmentTypeID=kind["id"]).body
    hours = [f"2026-11-24T{hour:02}:00:00+0100" for hour in (9, 10, 11, 12, 13, 14, 16)]
    assert times == [{"time": hour, "slotsAvailable": 1} for hour in hours]
    days = desk.get("availability/dates", month="2026-11", appointmentTypeID=kind["id"]).body
    assert days == [{"date": f"2026-11-{day}"} for day in (24, 25, 26, 27, 30)]
    assert desk.get("availability/times", date="2026-11-28", appointmentTypeID=kind["id"]).body == []
    upstairs = desk.add("calendars", name="Upstairs")["id"]
    asked = {"date": "2026-11-24", "appointmentTypeID": kind["id"]}
    assert desk.get("availability/times", **asked, calendarID=upstairs).body == []
    taken = desk.get("appointments").ids[0]
    for ignoring in ("ignoreAppointmentIDs[]", "ignoreAppointmentIDs[0]"):
        assert "2026-11-24T15:00:00+0100" in [
            each["time"] for each in desk.get("availability/times", **asked, **{ignoring: taken}).body
        ]
    assert desk.get("availability/times", **asked, **{"addonIDs[]": 7}).status == 501
    assert desk.get("availability/times", **asked, timezone="Asia/Tokyo").body[0]["time"] == "2026-11-24T17:00:00+0900"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"appointmentTypeID": ""}, (400, "required_appointment_type_id")),
        ({"appointmentTypeID": 7}, (400, "invalid_appointment_type")),
        ({"calendarID": 7}, (400, "invalid_calendar")),
        ({"timezone": "Mars"}, (400, "invalid_timezone")),
        ({"date": "soon"}, (501, "sandbox_not_served")),
    ],
)
def test_free_times_of_what_is_not_there_are_refused(desk: Desk, asked: dict[str, Any], error: tuple[int, str]) -> None:
    kind = whole_day(desk)
    asked = {"date": "2026-11-24", "appointmentTypeID": kind["id"]} | asked
    assert desk.get("availability/times", **asked).error == error


def test_a_time_is_checked_as_a_booking_of_it_would_be(desk: Desk) -> None:
    """The form of a yes is documented; that a no tells the refusal of a booking was seen in a client."""
    kind = whole_day(desk)
    desk.post("appointments", booking(kind))
    free = {"datetime": "2026-11-24T16:00:00+0100", "appointmentTypeID": kind["id"]}
    here = kind["calendarIDs"][0]
    taken = free | {"datetime": "2026-11-24T15:00:00+0100", "calendarID": here}
    assert desk.post("availability/check-times", free).body == free | {"valid": True}
    refused = taken | {
        "valid": False, "error": "not_available",
        "message": 'The time "2026-11-24T15:00:00+0100" is not an available time slot.',
    }  # fmt: skip
    assert desk.post("availability/check-times", taken).body == refused
    both = [free | {"calendarID": here}, taken]
    assert desk.post("availability/check-times", both).body == [both[0] | {"valid": True}, refused]
    for wrong, error in (
        ({"datetime": ""}, "required_datetime"),
        ({"datetime": "asdf"}, "invalid_datetime"),
        ({"appointmentTypeID": None}, "required_appointment_type_id"),
        ({"calendarID": 7}, "invalid_calendar"),
    ):
        assert desk.post("availability/check-times", free | wrong).error == (400, error)
    assert desk.post("availability/check-times", "[3]").error == (400, "bad_request")
    assert len(desk.get("appointments").ids) == 1, "nothing is booked by it"
