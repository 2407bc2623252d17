"""Appointments and bookings of the booking site's paid edition: what they show, and what is refused."""

import json
from typing import Any

import pytest

from higherself_sync.sandbox.wire import Request
from tests.sandbox.amelia_client import AJAX, KEY, Client, body, furnished, visit


@pytest.fixture
def site() -> Client:
    return furnished()


# ------------------------------------------------------------------------------------------- appointments, bookings


def test_the_customer_stands_on_the_booking_and_in_part(site: Client) -> None:
    site.change("customers", 2, birthday="1980-01-01", countryPhoneIso="de")
    visit(site, "2026-12-01")
    (listed,) = site.get("/appointments", asArray=1).data["appointments"]
    in_list = listed["bookings"][0]["customer"]
    assert "customer" not in listed
    assert (in_list["email"], in_list["birthday"], in_list["countryPhoneIso"]) == ("anna@example.com", None, None)
    alone = site.one(1)["bookings"][0]["customer"]
    assert alone["birthday"] == {"date": "1980-01-01 17:40:00.000000", "timezone_type": 3, "timezone": "UTC"}
    assert (alone["countryPhoneIso"], alone["zoomUserId"]) == ("de", None)


def test_alone_service_and_provider_have_a_short_form(site: Client) -> None:
    site.add("locations", name="The 7 Space", address="Kastanienallee 12")
    visit(site, "2026-12-01", locationId=1)
    one = site.one(1)
    assert (one["service"]["name"], one["service"]["duration"], one["service"]["categoryId"]) == ("Massage 60", None, 1)
    assert (one["provider"]["email"], one["provider"]["phone"]) == ("petra@example.com", None)
    assert (one["location"]["name"], one["location"]["address"]) == ("The 7 Space", "")


def test_some_fields_are_json_within_a_text(site: Client) -> None:
    answers = {"1": {"label": "Left or right?", "type": "text", "value": "Ł/R"}}
    visit(site, "2026-12-01", customFields=answers)
    (booking,) = site.one(1)["bookings"]
    assert isinstance(booking["customFields"], str)
    assert isinstance(booking["info"], str)
    assert json.loads(booking["customFields"]) == answers
    assert json.loads(booking["info"])["firstName"] == "Anna"
    assert r"\/" in booking["customFields"], "as PHP writes it"


def test_times_are_the_site_s_and_stamps_of_creation_are_not_uniform(site: Client) -> None:
    """One act at 17:40 UTC, 18:40 in Berlin."""
    visit(site, "2026-12-01")
    (booking,) = site.one(1)["bookings"]
    (payment,) = booking["payments"]
    assert booking["created"] == "2026-11-23 18:40:00"
    assert payment["created"] == "2026-11-23 17:40:00"
    assert payment["dateTime"] == "2026-12-01 10:00:00"
    assert site.get("/payments").data["payments"][0]["created"] == "2026-11-23 18:40:00"
    alone = site.get("/payments/1").data["payment"]
    assert (alone["created"], alone["dateTime"]) == ("2026-11-23 17:40:00", "2026-12-01 09:00:00")


def test_an_appointment_lasts_across_a_change_of_the_clocks(site: Client) -> None:
    """In the night to 25 October 2026 the hour from 2 to 3 comes twice."""
    one = site.add("appointments", bookingStart="2026-10-25 01:30", serviceId=2, customerId=2)
    assert one["bookingEnd"] == "2026-10-25 02:00:00", "an hour and a half later"


def test_a_group_is_pending_while_each_of_its_bookings_is_approved(site: Client) -> None:
    tour = site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=2, customerId=2)
    assert (tour["status"], tour["bookings"][0]["status"]) == ("pending", "approved")
    friend = {"customer": {"firstName": "Mai", "lastName": "", "email": "mai@example.com"}}
    tour = site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=2, **friend)
    assert (tour["status"], [one["status"] for one in tour["bookings"]]) == ("approved", ["approved", "approved"])
    assert site.get("/appointments").data["appointments"]["2026-12-01"]["appointments"][0]["isGroup"] is False


def test_somebody_may_wait_in_an_appointment_of_others(site: Client) -> None:
    bookings = [{"customerId": 2, "persons": 2}, {"customer": {"email": "w@example.com"}, "status": "waiting"}]
    tour = site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=2, bookings=bookings)
    assert (tour["status"], [one["status"] for one in tour["bookings"]]) == ("approved", ["approved", "waiting"])
    assert site.get("/appointments", status="waiting").data["appointments"] == []


def test_a_canceled_appointment_stays_in_the_list_and_ends_when_it_starts(site: Client) -> None:
    visit(site, "2026-12-01")
    site.change("appointments", 1, status="canceled")
    (one,) = site.get("/appointments", asArray=1).data["appointments"]
    assert (one["status"], one["bookings"][0]["status"]) == ("canceled", "canceled")
    assert one["bookingEnd"] == one["bookingStart"] == "2026-12-01 10:00:00"


def test_meeting_addresses_hold_the_host_s_key_which_must_go_nowhere(site: Client) -> None:
    zoom = {"id": 1, "startUrl": "https://zoom.example/s/1?zak=host", "joinUrl": "https://zoom.example/j/1?pwd=guest"}
    visit(site, "2026-12-01", zoomMeeting=zoom, googleMeetUrl="https://meet.example/x?authuser=host")
    (one,) = site.get("/appointments", asArray=1).data["appointments"]
    assert one["zoomMeeting"] == zoom
    assert "host" in one["googleMeetUrl"]


def test_whether_customers_get_mail_is_a_text_in_lists_and_a_number_in_the_answer_to_it(site: Client) -> None:
    made = site.post("/appointments", **body()).data["appointment"]
    assert made["notifyParticipants"] == 0
    assert site.one(made["id"])["notifyParticipants"] == "0"


def test_one_alone_can_be_shown_in_another_zone(site: Client) -> None:
    visit(site, "2026-12-01")
    one = site.get("/appointments/1", timeZone="America/New_York").data["appointment"]
    assert (one["bookingStart"], one["bookingEnd"]) == ("2026-12-01 04:00:00", "2026-12-01 05:00:00")
    assert site.get("/appointments/1", timeZone="Mars/Olympus").status == 500


def test_the_other_form_of_one_alone_is_not_served(site: Client) -> None:
    visit(site, "2026-12-01")
    assert site.get("/appointments/1", drawer=1).status == 501


# --------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/appointments/999", "Invalid key 999."),
        ("/payments/999", "Record not found."),
        ("/users/customers/999", "Record not found."),
        ("/services/999", "Record not found."),
    ],
)
def test_what_is_missing_is_a_500(site: Client, path: str, message: str) -> None:
    answer = site.get(path)
    assert (answer.status, answer.body, answer.content_type) == (500, {"message": message}, "application/json")


@pytest.mark.parametrize(("path", "query"), [
    ("/appointments", "&page=-1"), ("/users/customers", "&page=-2&limit=5"), ("/payments", "&page=-1"),
    ("/appointments", "&dates=2026-13-01,2026-12-31"), ("/payments", "&dates=2026-12-01,2026-12-32"),
])  # fmt: skip
def test_what_the_database_or_php_cannot_read_is_a_500(site: Client, path: str, query: str) -> None:
    assert site.call("GET", path, query).status == 500


def test_a_day_that_its_month_has_not_is_a_later_one(site: Client) -> None:
    visit(site, "2027-03-02")
    assert site.get("/appointments", dates="2027-02-30,2027-03-31").ids == [1]
    assert site.get("/appointments", dates="2027-02-31,2027-03-31").ids == []


@pytest.mark.parametrize("path", ["/appointments/status/9", "/appointments/delete/9", "/appointments/9"])
def test_a_write_to_what_is_missing_is_a_500_too(site: Client, path: str) -> None:
    answer = site.post(path, status="approved")
    assert (answer.status, answer.body) == (500, {"message": "Invalid key 9."})


def test_missing_fields_are_a_500_that_names_them(site: Client) -> None:
    answer = site.post("/appointments", bookingStart="2026-12-01 10:00", serviceId=1)
    message = "Mandatory fields not passed! Missing: bookings, notifyParticipants, providerId"
    assert (answer.status, answer.body) == (500, {"message": message})
    visit(site, "2026-12-01")
    assert site.post("/appointments/status/1").body == {"message": "Mandatory fields not passed! Missing: status"}


@pytest.mark.parametrize("status", [409, 500])
def test_a_refused_act_is_409_or_500_as_the_site_is_set(site: Client, status: int) -> None:
    site.twin.knobs({"refusals": status})
    visit(site, "2026-12-01")
    answer = site.post("/appointments", **body(bookingStart="2026-12-01 10:30"))
    assert (answer.status, answer.content_type) == (status, "application/json;charset=utf-8")
    assert answer.body == {"message": "Time slot is unavailable", "data": {"timeSlotUnavailable": True}}
    assert site.get("/appointments").data["total"] == 1


def test_the_time_after_another_and_that_of_a_canceled_one_are_free(site: Client) -> None:
    visit(site, "2026-12-01")
    assert site.post("/appointments", **body(bookingStart="2026-12-01 11:00")).status == 200
    site.change("appointments", 1, status="canceled")
    assert site.post("/appointments", **body(bookingStart="2026-12-01 10:00")).status == 200


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"bookings": [{"customerId": 99}]}, "customer"),
        ({"bookings": [{"status": "approved"}]}, "customer"),
        ({"serviceId": 99}, "service"),
        ({"providerId": "x"}, "provider"),
        ({"locationId": 99}, "location"),
    ],
)
def test_an_entity_that_there_is_not_is_refused(site: Client, more: dict[str, Any], kind: str) -> None:
    answer = site.post("/appointments", **body(**more))
    assert answer.status == 409
    assert answer.body["message"] == f"Entity missing ({kind}). Please refresh page and try again."
    assert answer.data == {"entityMissing": True}


def test_a_status_that_is_none_is_an_error_of_the_database(site: Client) -> None:
    visit(site, "2026-12-01")
    for path, sent in (("/appointments/status/1", {"status": "cancelled"}), ("/appointments", None)):
        given = sent or body(bookings=[{"customerId": 2, "status": "cancelled"}])
        answer = site.post(path, **given)
        assert answer.status == 500
        assert answer.body["message"].endswith("CustomerBookingRepository. Data truncated for column 'status' at row 1")
    assert site.one(1)["status"] == "approved"


@pytest.mark.parametrize("sent", [b"", b"{", b"[]", b"null", b'"x"'])
def test_a_body_that_is_no_object_has_no_fields(site: Client, sent: bytes) -> None:
    query, headers = "action=wpamelia_api&call=/api/v1/appointments", {**KEY, "content-type": "application/json"}
    response = site.twin.answer(Request("POST", AJAX, query, headers, sent), site.now)
    assert response.status == 500
    assert b"Mandatory fields not passed!" in response.body


@pytest.mark.parametrize(
    "more",
    [
        {"bookings": "x"}, {"bookings": [1]}, {"bookings": []}, {"bookingStart": "soon"}, {"bookingStart": 5},
        {"timeZone": "Mars"}, {"recurring": [{}]}, {"payment": "cash"}, {"serviceId": []},
        {"bookings": [{"customerId": 2, "persons": "two", "duration": "long", "customFields": [1]}]},
    ],
)  # fmt: skip
def test_odd_values_are_answered_and_never_break_the_twin(site: Client, more: dict[str, Any]) -> None:
    visit(site, "2026-12-01", 15)
    for path, given in (
        ("/appointments", body(**more)),
        ("/bookings", body(**more)),
        ("/appointments/1", more),
    ):
        assert site.post(path, **given).status in (200, 409, 500, 501)
    assert site.get("/appointments").status == site.get("/payments").status == 200
