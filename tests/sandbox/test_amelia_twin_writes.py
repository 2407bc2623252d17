"""What is written through the API of the booking site's paid edition, and what that is answered with."""

import json

import pytest

from tests.sandbox.amelia_client import Client, body, furnished, visit


@pytest.fixture
def site() -> Client:
    return furnished()


# ---------------------------------------------------------------------------------------------------------- writing


def test_a_create_answers_with_what_it_made(site: Client) -> None:
    answer = site.post("/appointments", **body(internalNotes="By <b>phone</b>"))
    made = answer.data["appointment"]
    assert answer.body["message"] == "Successfully added new appointment"
    assert (made["bookingStart"], made["bookingEnd"]) == ("2026-12-01 10:00:00", "2026-12-01 11:00:00")
    assert made["internalNotes"] == "By phone", "tags are stripped"
    assert made["bookings"][0]["payments"][0]["entity"] == "appointment"
    assert site.one(made["id"])["internalNotes"] == "By phone"


def test_a_start_may_be_given_in_utc_or_another_zone(site: Client) -> None:
    made = site.post("/appointments", **body(bookingStart="2026-12-01 09:00", utc=True)).data["appointment"]
    assert made["bookingStart"] == "2026-12-01 10:00:00"
    sent = body(bookingStart="2026-12-02 04:00", timeZone="America/New_York")
    assert site.post("/appointments", **sent).data["appointment"]["bookingStart"] == "2026-12-02 10:00:00"


def test_a_price_in_a_request_is_not_listened_to(site: Client) -> None:
    sent = body(bookings=[{"customerId": 2, "price": 1, "token": "x", "created": "2020-01-01 00:00:00"}])
    made = site.post("/appointments", **sent).data["appointment"]
    assert made["bookings"][0]["price"] == 60
    site.post(f"/appointments/{made['id']}", bookings=[{"id": 1, "price": 2, "persons": 1}])
    assert site.one(1)["bookings"][0]["price"] == 60


def test_a_create_joins_a_group_of_the_same_start_and_so_answers_with_an_id_that_is_known(site: Client) -> None:
    tour = site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=2, customerId=2, internalNotes="A")
    site.add("customers", firstName="Mai", lastName="Trần", email="mai@example.com")
    sent = body(serviceId=2, bookings=[{"customerId": 3, "status": "approved"}], internalNotes="B")
    made = site.post("/appointments", **sent).data["appointment"]
    assert (made["id"], len(made["bookings"]), made["internalNotes"]) == (tour["id"], 2, "A\n\nB")
    again = site.post("/appointments", **sent)
    assert again.data == {"customerAlreadyBooked": True}


def test_a_create_revives_a_canceled_one_of_the_same_start(site: Client) -> None:
    visit(site, "2026-12-01")
    site.change("appointments", 1, status="canceled")
    made = site.post("/appointments", **body()).data["appointment"]
    assert (made["id"], made["status"]) == (1, "approved")
    assert [one["status"] for one in made["bookings"]] == ["canceled", "approved"]


def test_an_update_is_laid_over_what_is_stored(site: Client) -> None:
    tour = {"bookingStart": "2026-12-01 10:00", "serviceId": 2}
    site.add("appointments", **tour, bookings=[{"customerId": 2}, {"customer": {"email": "mai@example.com"}}])
    before = site.one(1)
    answer = site.post("/appointments/1", internalNotes="hsn: 1", notifyParticipants=0)
    assert answer.status == 200
    assert site.one(1) == {**before, "internalNotes": "hsn: 1", "notifyParticipants": "0"}
    site.post("/appointments/1", bookings=[{"id": 2, "persons": 3}])
    assert [one["persons"] for one in site.one(1)["bookings"]] == [1, 3]


def test_what_an_update_answers_is_less_than_what_is_stored(site: Client) -> None:
    visit(site, "2026-12-01")
    answer = site.post("/appointments/1", bookingStart="2026-12-02 12:00")
    (booking,) = answer.data["appointment"]["bookings"]
    assert (booking["payments"], booking["appointmentId"], booking["aggregatedPrice"]) == ([], None, None)
    assert answer.data["appointmentRescheduled"] is True
    assert answer.data["initialAppointmentDateTime"]["bookingStart"] == "2026-12-01 10:00:00"
    (stored,) = site.one(1)["bookings"]
    assert (stored["payments"][0]["dateTime"], stored["appointmentId"]) == ("2026-12-02 12:00:00", 1)


def test_a_stored_start_is_not_moved_by_a_zone_alone(site: Client) -> None:
    visit(site, "2026-12-01")
    site.post("/appointments/1", timeZone="Asia/Tokyo", internalNotes="x")
    assert site.one(1)["bookingStart"] == "2026-12-01 10:00:00"


def test_an_update_to_a_taken_time_changes_nothing(site: Client) -> None:
    visit(site, "2026-12-01")
    visit(site, "2026-12-02")
    for answer in (
        site.post("/appointments/2", bookingStart="2026-12-01 10:30"),
        site.post("/appointments/time/2", bookingStart="2026-12-01 10:30"),
    ):
        assert (answer.status, answer.data) == (409, {"timeSlotUnavailable": True})
    assert site.one(2)["bookingStart"] == "2026-12-02 10:00:00"


def test_an_update_may_remove_and_add_bookings(site: Client) -> None:
    bookings = [{"customerId": 2}, {"customer": {"email": "mai@example.com"}}]
    site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=2, bookings=bookings)
    site.add("customers", firstName="Saga", lastName="", email="saga@example.com")
    sent = {"bookings": [{"customerId": 4, "status": "approved"}, {"customerId": 99}], "removedBookings": [{"id": 1}]}
    assert site.post("/appointments/1", **sent).status == 200
    assert [one["customerId"] for one in site.one(1)["bookings"]] == [3, 4]


def test_a_status_is_that_of_all_bookings(site: Client) -> None:
    visit(site, "2026-12-01")
    answer = site.post("/appointments/status/1", status="no-show")
    assert answer.body["message"] == "Successfully updated appointment status"
    assert answer.data["message"] == "Appointment status has been changed to no-show"
    assert (answer.data["oldStatus"], answer.data["status"]) == ("approved", "no-show")
    assert [one["id"] for one in answer.data["bookingsWithChangedStatus"]] == [1]
    assert (site.one(1)["status"], site.one(1)["bookings"][0]["status"]) == ("no-show", "no-show")


def test_a_canceled_one_whose_time_is_taken_by_now_is_not_approved_again(site: Client) -> None:
    visit(site, "2026-12-01")
    site.change("appointments", 1, status="canceled")
    visit(site, "2026-12-01")
    answer = site.post("/appointments/status/1", status="approved")
    assert (answer.status, answer.data) == (409, {"timeSlotUnavailable": True, "status": "canceled"})


def test_more_bookings_than_there_is_room_are_not_approved_and_that_is_a_200(site: Client) -> None:
    bookings = [{"customerId": 2}, {"customer": {"email": "mai@example.com"}}]
    site.add("appointments", bookingStart="2026-12-01 10:00", bookings=bookings, status="pending")
    answer = site.post("/appointments/status/1", status="approved")
    assert (answer.status, answer.body["message"]) == (200, "Appointment status not updated")


def test_a_new_time_keeps_the_length(site: Client) -> None:
    visit(site, "2026-12-01")
    one = site.post("/appointments/time/1", bookingStart="2026-12-05 09:30").data["appointment"]
    assert (one["bookingStart"], one["bookingEnd"]) == ("2026-12-05 09:30:00", "2026-12-05 10:30:00")
    assert one["isRescheduled"] is True
    assert site.one(1)["isRescheduled"] is None


def test_what_was_deleted_is_told_as_rejected_and_then_gone_without_trace(site: Client) -> None:
    visit(site, "2026-12-01")
    answer = site.post("/appointments/delete/1")
    assert (answer.data["appointment"]["status"], answer.data["bookingsWithChangedStatus"][0]["status"]) == (
        "rejected", "approved",
    )  # fmt: skip
    assert site.get("/appointments").data["total"] == site.get("/payments").data["totalCount"] == 0
    assert site.post("/appointments/delete/1").body == {"message": "Invalid key 1."}


def test_the_last_booking_takes_its_appointment_along(site: Client) -> None:
    bookings = [{"customerId": 2}, {"customer": {"email": "mai@example.com"}}]
    site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=2, bookings=bookings)
    first = site.post("/bookings/delete/1")
    assert (first.data["bookingDeleted"], first.data["appointmentDeleted"]) == (True, False)
    assert site.one(1)["status"] == "pending", "one is less than the tour's two"
    assert site.post("/bookings/delete/2").data["appointmentDeleted"] is True
    assert site.get("/appointments/1").status == 500


def test_a_canceled_booking_leaves_the_others(site: Client) -> None:
    bookings = [{"customerId": 2, "persons": 2}, {"customer": {"email": "mai@example.com"}}]
    site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=2, bookings=bookings)
    answer = site.post("/bookings/cancel/2")
    assert (answer.data["booking"]["status"], answer.data["appointment"]["status"]) == ("canceled", "approved")
    assert answer.data["message"] == "Appointment status has been changed to canceled"


def test_a_booking_that_is_refused_registers_nobody(site: Client) -> None:
    visit(site, "2026-12-01")
    guest = {"firstName": "Mai", "lastName": "Trần", "email": "mai@example.com"}
    answer = site.post("/bookings", **body(bookings=[{"customer": guest}]))
    assert (answer.status, answer.data) == (409, {"timeSlotUnavailable": True})
    assert site.get("/users/customers").data["totalCount"] == 1


def test_a_group_that_is_too_small_for_all_who_come_is_not_joined(site: Client) -> None:
    site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=2, customerId=2, persons=8)
    site.add("customers", firstName="Mai", lastName="", email="mai@example.com")
    for persons, status in ((3, 409), (2, 200)):
        given = body(serviceId=2, bookings=[{"customerId": 3, "persons": persons}])
        assert site.post("/appointments", **given).status == status


def test_whoever_books_again_is_known_by_the_address_whatever_is_typed(site: Client) -> None:
    guest = {"firstName": "Änn", "lastName": "L.", "email": "ANNA@example.com", "phone": "1"}
    sent = body(bookings=[{"customerId": None, "customer": guest, "persons": 1}])
    booked = site.post("/bookings", **sent).data
    assert booked["customer"]["id"] == 2
    assert site.get("/users/customers/2").data["user"]["firstName"] == "Anna"
    assert json.loads(booked["booking"]["info"])["firstName"] == "Änn"
    assert site.get("/payments").data["payments"][0]["customerFirstName"] == "Änn"
