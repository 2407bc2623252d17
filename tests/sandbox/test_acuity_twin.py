"""The traps of Acuity's API, in the twin: signing in, routes, limits, lists and bookings."""

import pytest

from higherself_sync.sandbox.wire import Request
from tests.sandbox.acuity_desk import ANNA, Desk, Json, basic, booking, whole_day

DIGITS = "9" * 5000


@pytest.fixture
def desk() -> Desk:
    return Desk()


# signing in, routes and limits


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic(key="wrong"),
        basic(user="10000002"),
        {"authorization": "Bearer acuity_sandbox"},
        {"authorization": "Basic ?"},
    ],
)
def test_whoever_is_not_signed_in_is_told_nothing(desk: Desk, headers: dict[str, str]) -> None:
    desk.headers = headers
    for path in ("me", "appointments", "no/such/route"):
        answer = desk.get(path)
        assert answer.body == {"status_code": 401, "message": "Unauthorized", "error": "unauthorized"}
    assert desk.get("meta").status == 200


def test_a_json_suffix_works(desk: Desk) -> None:
    assert desk.get("labels.json").body == desk.get("labels").body == []
    record = desk.add()
    assert desk.get(f"appointments/{record['id']}.json").body["id"] == record["id"]


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("appointment/7", "/appointments/{id:number}"),
        ("appointments/seven", "/appointments/{id:number}"),
        ("appointments/7/canceled", "/appointments/{id:number}/cancel"),
        ("calendar", "/calendars"),
    ],
)
def test_a_wrong_route_suggests_the_right_one(desk: Desk, path: str, meant: str) -> None:
    answer = desk.get(path)
    assert answer.error == (404, "not_found")
    assert answer.body["message"] == f"Not Found. Did you mean `{meant}`?"


def test_what_is_like_no_route_suggests_none(desk: Desk) -> None:
    assert desk.get("xyzzy").body["message"] == "Not Found"
    assert desk.get("appointments/7").error == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "appointments/7"), ("POST", "labels"), ("PUT", "appointments")]
)
def test_a_method_that_a_route_has_not_is_a_405(desk: Desk, method: str, path: str) -> None:
    assert desk.call(method, path).error == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "certificates"),
        ("DELETE", "certificates/7"),
    ],
)
def test_what_accounts_have_and_the_twin_has_not_is_a_501_by_name(desk: Desk, method: str, path: str) -> None:
    answer = desk.call(method, path)
    assert answer.status == 501
    assert f"{method} /{path}" in answer.body["message"]


def test_what_the_account_does_not_sell_is_an_empty_list(desk: Desk) -> None:
    for path in ("appointment-addons", "certificates", "orders", "products"):
        assert (desk.get(path).status, desk.get(path).body) == (200, [])
    for path in ("orders/7", "products/7"):
        assert desk.get(path).error == (404, "not_found")


def test_a_code_of_a_certificate_is_none_of_this_account_s(desk: Desk) -> None:
    kind = whole_day(desk)
    asked = {"certificate": "BFB0E13E", "appointmentTypeID": kind["id"]}
    assert desk.get("certificates/check", **asked).error == (400, "invalid_certificate")
    assert desk.get("certificates/check", **asked | {"appointmentTypeID": 7}).error == (400, "invalid_appointment_type")


def test_an_account_without_classes_lists_none_and_those_of_another_are_not_served(desk: Desk) -> None:
    whole_day(desk)
    assert (desk.get("availability/classes").status, desk.get("availability/classes").body) == (200, [])
    desk.add("appointment-types", name="Yoga", type="class", classSize=8)
    assert desk.get("availability/classes").status == 501


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        (f"appointments/{DIGITS}", {}, 404),
        ("appointments", {"calendarID": DIGITS}, 200),
        ("appointments", {f"field:{DIGITS}": "x"}, 200),
        ("appointments", {"max": DIGITS}, 501),
        ("appointments", {"minDate": f"{DIGITS}-01-01"}, 501),
        ("appointments", {"minDate": "9999-12-31"}, 501),
        ("availability/dates", {"month": "9999-12", "appointmentTypeID": 94000001}, 501),
    ],
    ids=lambda value: str(value)[:40],
)
def test_numbers_beyond_all_bounds_are_answered_too(desk: Desk, path: str, asked: Json, status: int) -> None:
    whole_day(desk)
    assert desk.get(path, **asked).status == status


def test_ten_requests_a_second_and_no_more_if_limits_are_on(desk: Desk) -> None:
    statuses = [desk.get("labels").status for _ in range(30)]
    assert set(statuses) == {200}
    desk.twin.limits = True
    assert [desk.get("labels").status for _ in range(12)] == [200] * 10 + [429] * 2
    desk.now = desk.now.replace(second=1)
    assert desk.get("labels").status == 200


@pytest.mark.parametrize("asked", [{"max": "all"}, {"max": 0}, {"direction": "up"}, {"minDate": "soon"}])
def test_how_a_strange_list_is_answered_nobody_knows(desk: Desk, asked: Json) -> None:
    answer = desk.get("appointments", **asked)
    assert answer.status == 501
    assert "=".join(map(str, next(iter(asked.items())))) in answer.body["message"]


def test_past_answers_are_not_served_unless_the_account_has_no_forms(desk: Desk) -> None:
    path = f"appointments/{desk.add()['id']}"
    assert desk.get(path, pastFormAnswers="true").body == desk.get(path).body
    desk.add("forms", name="Intake", fields=[{"name": "Goal"}])
    assert desk.get(path, pastFormAnswers="true").status == 501


def test_outside_the_api_nothing_is_served(desk: Desk) -> None:
    answer = desk.twin.answer(Request("POST", "/oauth2/token"), desk.now)
    assert (answer.status, b"POST /oauth2/token" in answer.body) == (501, True)


# lists


def test_a_list_is_cut_at_a_hundred_in_silence(desk: Desk) -> None:
    for n in range(103):
        desk.add(datetime=f"2026-12-{n % 28 + 1:02}T{n % 12 + 8:02}:00")
    assert len(desk.get("appointments").body) == 100
    assert len(desk.get("appointments", max=2200).body) == 103
    assert len(desk.get("appointments", max=7).body) == 7
    assert set(desk.get("appointments", max=1).headers) == {"content-type"}
    desk.twin.knobs({"max_ceiling": 50})
    assert len(desk.get("appointments", max=2200).body) == 50


def test_the_latest_start_comes_first_unless_asked_otherwise(desk: Desk) -> None:
    starts = ("2026-12-03T10:00", "2026-12-01T10:00", "2026-12-02T10:00")
    third, first, second = (desk.add(datetime=start)["id"] for start in starts)
    assert desk.get("appointments").ids == [third, second, first]
    assert desk.get("appointments", direction="ASC").ids == [first, second, third]
    assert desk.get("appointments", direction="ASC", max=1).ids == [first]
    twin = desk.add(datetime=starts[0])["id"]
    assert desk.get("appointments").ids[:2] == [third, twin]


def test_canceled_ones_are_hidden_unless_asked_for(desk: Desk) -> None:
    kept, gone = desk.add()["id"], desk.add(canceled=True)["id"]
    assert desk.get("appointments").ids == [kept]
    assert desk.get("appointments", canceled="false").ids == [kept]
    assert desk.get("appointments", canceled="true").ids == [gone]
    assert sorted(desk.get("appointments", showall="true").ids) == [kept, gone]


def test_days_are_inclusive_and_those_of_the_business(desk: Desk) -> None:
    """Half an hour into 2 December in Berlin it is still the day before in Portland."""
    desk.add("calendars", name="Portland", timezone="America/Los_Angeles")
    late = desk.add(datetime="2026-12-02T00:30")["id"]
    assert desk.get("appointments", minDate="2026-12-02", maxDate="2026-12-02").ids == [late]
    assert desk.get("appointments", maxDate="2026-12-01").ids == []
    assert desk.get("appointments", minDate="2026-12-03").ids == []


def test_filters_are_exact(desk: Desk) -> None:
    desk.add(firstName="Annalena", lastName="Vogel", email="annalena@example.com", phone="4155550199")
    found = desk.add(**ANNA)["id"]
    for name in ("firstName", "email"):
        assert desk.get("appointments", **{name: ANNA[name]}).ids == [found]
    assert len(desk.get("appointments", lastName="Vogel").ids) == 2
    assert desk.get("appointments", email="anna").ids == []
    assert desk.get("appointments", phone="+493023125001").ids == [found]
    assert desk.get("appointments", phone=" 493023125001").ids == [], "a plus that is not %2b is a space"


def test_calendars_and_types_filter_too(desk: Desk) -> None:
    kind = whole_day(desk)
    other = desk.add("appointment-types", name="Yoga")
    first, second = desk.add(appointmentTypeID=kind["id"]), desk.add(appointmentTypeID=other["id"])
    assert desk.get("appointments", appointmentTypeID=kind["id"]).ids == [first["id"]]
    assert sorted(desk.get("appointments", calendarID=first["calendarID"]).ids) == [first["id"], second["id"]]
    assert desk.get("appointments", calendarID=999).ids == []


def test_an_answer_finds_its_appointment(desk: Desk) -> None:
    kind = whole_day(desk)
    page = desk.add("forms", name="Intake", fields=[{"name": "Notion page"}])["fields"][0]["id"]
    desk.add(appointmentTypeID=kind["id"], fields=[{"id": page, "value": "other"}])
    marked = desk.add(appointmentTypeID=kind["id"], fields=[{"id": page, "value": "1f0a 2b3c"}])
    assert desk.get("appointments", **{f"field:{page}": "1f0a 2b3c"}).ids == [marked["id"]]
    assert desk.get("appointments", **{f"field:{page}": "1f0a"}).ids == []
    (without,) = desk.get("appointments", excludeForms="true", **{f"field:{page}": "1f0a 2b3c"}).body
    assert "forms" not in without


def test_only_a_call_for_one_says_who_scheduled_it(desk: Desk) -> None:
    kind = whole_day(desk)
    by_client = desk.add(appointmentTypeID=kind["id"])
    calendar = by_client["calendarID"]
    by_owner = desk.post("appointments", booking(kind, calendarID=calendar), admin="true").body
    assert (desk.shown(by_client)["scheduledBy"], desk.shown(by_owner)["scheduledBy"]) == (None, "owner@example.com")
    for listed in desk.get("appointments", showall="true").body:
        assert not {"isVerified", "scheduledBy"} & set(listed)
    listed = {record["id"]: record for record in desk.get("appointments").body}
    assert listed[by_owner["id"]] == {n: v for n, v in by_owner.items() if n not in ("isVerified", "scheduledBy")}


# booking


def test_a_booking_is_answered_with_200_and_the_record(desk: Desk) -> None:
    kind = whole_day(desk)
    answer = desk.post("appointments", booking(kind))
    assert answer.status == 200
    assert desk.shown(answer.body) == answer.body
    told = ("phone", "price", "paid", "amountPaid", "duration", "labels", "forms", "canceled", "certificate")
    assert [answer.body[name] for name in told] == ["+493023125001", "80.00", "no", "0.00", "60", None, [], False, None]
    assert desk.post("appointments", booking(kind, datetime="2026-11-24T17:00:00+0100")).body["id"] > answer.body["id"]


COMPLAINTS: list[tuple[Json, str, str]] = [
    ({"firstName": ""}, "required_first_name", 'Attribute "firstName" is required.'),
    ({"lastName": None}, "required_last_name", 'Attribute "lastName" is required.'),
    ({"email": ""}, "required_email", 'Attribute "email" is required.'),
    ({"email": "anna"}, "invalid_email", 'Invalid "email" attribute value.'),
    ({"fields": [{"id": 1, "value": "x"}]}, "invalid_fields", 'The field "1" does not exist on this appointment.'),
    ({"appointmentTypeID": None}, "required_appointment_type_id", 'The parameter "appointmentTypeID" is required.'),
    ({"appointmentTypeID": 987654321}, "invalid_appointment_type", 'The appointment type "987654321" does not exist.'),
    ({"calendarID": 987654321}, "invalid_calendar", 'The calendar "987654321" does not exist.'),
    ({"datetime": ""}, "required_datetime", 'The parameter "datetime" is required.'),
    ({"datetime": "asdf"}, "invalid_datetime", 'The datetime "asdf" is invalid.'),
    ({"timezone": "Aint/No_Timezone"}, "invalid_timezone", 'Invalid timezone "Aint/No_Timezone".'),
    ({"datetime": "2026-11-22T16:00:00-0800"}, "not_available_min_hours_in_advance",
     'The time "2026-11-22T16:00:00-0800" is not far enough in advance.'),
    ({"datetime": "2027-02-07T16:00:00"}, "not_available_max_days_in_advance",
     'The time "2027-02-07T16:00:00" is too far in advance.'),
    ({"certificate": "GIFT"}, "invalid_certificate", 'The certificate "GIFT" is invalid.'),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "error", "message"), COMPLAINTS)
def test_each_refusal_of_a_booking(desk: Desk, wrong: Json, error: str, message: str) -> None:
    kind = whole_day(desk)
    desk.twin.knobs({"max_days_in_advance": 60})
    answer = desk.post("appointments", booking(kind) | wrong)
    assert answer.body == {"status_code": 400, "message": message, "error": error}
    assert desk.get("appointments").body == []


def test_refusals_come_in_the_documented_order(desk: Desk) -> None:
    """A body with everything wrong is put right bit by bit, and each time the next complaint is heard."""
    kind = whole_day(desk)
    desk.twin.knobs({"max_days_in_advance": 60})
    every = [wrong for wrong, *_ in COMPLAINTS]
    kept: list[Json] = [*every[:4], *every[5:7], *every[7:11]]
    for n, (_, error, _) in enumerate(COMPLAINTS[:4] + COMPLAINTS[5:11]):
        body = booking(kind)
        for wrong in reversed(kept[n:]):
            body |= wrong
        assert desk.post("appointments", body).error == (400, error)


def test_a_taken_time_is_not_available(desk: Desk) -> None:
    kind = whole_day(desk)
    taken = desk.post("appointments", booking(kind)).body
    calendar = taken["calendarID"]
    late = booking(kind, datetime="2026-11-24T15:59", calendarID=calendar)
    answer = desk.post("appointments", late)
    assert answer.error == (400, "not_available")
    assert answer.body["message"] == 'The time "2026-11-24T15:59" is not an available time slot.'
    anywhere = {name: value for name, value in late.items() if name != "calendarID"}
    assert desk.post("appointments", anywhere).error == (400, "no_available_calendar")
    assert desk.post("appointments", booking(kind, datetime="2026-11-24T16:00")).status == 200
    assert desk.post("appointments", late, admin="true").status == 200


def test_a_canceled_time_is_free_again_and_a_blocked_one_is_not(desk: Desk) -> None:
    kind = whole_day(desk)
    taken = desk.post("appointments", booking(kind)).body
    desk.put(f"appointments/{taken['id']}/cancel", {})
    block = desk.add("blocks", start="2026-11-24T15:30", end="2026-11-24T15:45", calendarID=taken["calendarID"])
    assert desk.post("appointments", booking(kind)).error == (400, "no_available_calendar")
    assert desk.call("DELETE", f"blocks/{block['id']}").status == 204
    assert desk.post("appointments", booking(kind)).status == 200


def test_another_calendar_is_found_if_none_is_named(desk: Desk) -> None:
    whole_day(desk)
    second = desk.add("calendars", name="Upstairs")
    kind = desk.add("appointment-types", name="Yoga")
    first = desk.post("appointments", booking(kind)).body
    other = desk.post("appointments", booking(kind)).body
    assert (first["calendar"], other["calendar"], other["calendarID"]) == ("Studio", "Upstairs", second["id"])


def test_admin_skips_the_rules_but_must_name_a_calendar(desk: Desk) -> None:
    kind = whole_day(desk)
    (calendar,) = desk.get("calendars").ids
    bare = {"firstName": "A", "lastName": "V", "datetime": "2020-01-01 09:00", "appointmentTypeID": kind["id"]}
    assert desk.post("appointments", bare, admin="true").error == (400, "invalid_calendar")
    told = {"calendarID": calendar, "notes": "walked in", "timezone": "Asia/Tokyo"}
    made = desk.post("appointments", bare | told, admin="true", noEmail="true").body
    assert (made["email"], made["notes"], made["timezone"]) == ("", "walked in", "Asia/Tokyo")
    assert desk.post("appointments", booking(kind, notes="psst")).body["notes"] == ""
    assert desk.post("appointments", bare | {"calendarID": calendar}).error == (400, "required_email")


def test_required_fields_are_required_of_clients(desk: Desk) -> None:
    kind = whole_day(desk)
    fields = [{"name": "Pain?", "type": "yesno", "required": True}, {"name": "Notion page"}]
    pain, page = (field["id"] for field in desk.add("forms", name="", fields=fields)["fields"])
    answer = desk.post("appointments", booking(kind))
    assert answer.body["message"] == f'The field "{pain}" is required.'
    made = desk.post("appointments", booking(kind, fields=[{"id": pain, "value": True}])).body
    ((form,), values) = (made["forms"], made["forms"][0]["values"])
    assert (form["name"], [value["value"] for value in values]) == ("", ["yes", ""])
    assert made["formsText"].endswith("Price: €80.00\n\n\n\n============\nPain?: yes\n\nNotion page: \n\n")
    assert [list(value) for value in values] == [["value", "name", "fieldID", "id"]] * 2
    assert values[1]["fieldID"] == page


@pytest.mark.parametrize("other", [{"addonIDs": [3]}, {"appointmentTypeID": 9}])
def test_classes_and_add_ons_cannot_be_booked_here(desk: Desk, other: Json) -> None:
    kind = whole_day(desk)
    desk.twin.load({"appointment-types": [kind | {"id": 9, "type": "class", "classSize": 8}]}, desk.now)
    assert desk.post("appointments", booking(kind) | other).status == 501
    assert desk.get("appointments").body == []


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "a=b"])
def test_a_body_must_be_a_json_object(desk: Desk, body: str) -> None:
    answer = desk.call("POST", "appointments", body)
    assert answer.body == {"status_code": 400, "message": "Expected a JSON object.", "error": "bad_request"}
