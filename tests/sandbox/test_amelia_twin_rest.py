"""Customers, payments, webhooks of the booking site's paid edition, and what the sandbox does to it."""

import json
from typing import Any

import pytest

from higherself_sync.sandbox.amelia import AmeliaTwin
from tests.sandbox.amelia_client import AJAX, SITE, Client, body, furnished, visit


@pytest.fixture
def site() -> Client:
    return furnished()


# -------------------------------------------------------------------------------------------------------- customers


def test_a_list_of_customers_has_no_null_and_one_alone_has(site: Client) -> None:
    (listed,) = site.get("/users/customers").data["users"]
    assert None not in listed.values()
    assert listed["note"] == listed["birthday"] == listed["externalId"] == ""
    alone = site.get("/users/customers/2").data["user"]
    assert alone["note"] is alone["birthday"] is alone["externalId"] is None


def test_pages_of_customers_have_ten_unless_a_limit_is_given(site: Client) -> None:
    for n in range(14):
        site.add("customers", firstName=f"{n}", lastName="", email=f"{n}@example.com")
    assert len(site.get("/users/customers", page=1).data["users"]) == 10
    assert len(site.get("/users/customers", page=2).data["users"]) == 5
    assert len(site.get("/users/customers", page=1, limit=100).data["users"]) == 15
    assert len(site.get("/users/customers").data["users"]) == 15, "without a page there is no limit here either"
    assert site.get("/users/customers", page=1).data["totalCount"] == 15
    assert site.get("/users/customers", search="lindner").data["filteredCount"] == 1
    assert "totalCount" not in site.get("/users/customers", skipCount=1).data


@pytest.mark.parametrize("refusals", [409, 500])
def test_an_address_that_is_taken_is_409_on_every_site(site: Client, refusals: int) -> None:
    site.twin.knobs({"refusals": refusals})
    answer = site.post("/users/customers", firstName="A", lastName="B", email="Anna@Example.com")
    assert (answer.status, answer.body) == (
        409, {"message": "Email already exist.", "data": "This email is already in use."},
    )  # fmt: skip


def test_customers_without_an_address_are_not_the_same(site: Client) -> None:
    first, second = (site.post("/users/customers", firstName="X", lastName="Y", email="").data["user"] for _ in "ab")
    assert first["id"] != second["id"]


def test_an_update_of_a_customer_is_laid_over_what_is_stored(site: Client) -> None:
    site.change("customers", 2, birthday="1980-01-01", note="kept", countryPhoneIso="de")
    before = site.get("/users/customers/2").data["user"]
    answer = site.post("/users/customers/2", firstName="Ännchen")
    assert answer.body["message"] == "Successfully updated user"
    assert site.get("/users/customers/2").data["user"] == {**before, "firstName": "Ännchen"}
    site.post("/users/customers/2", phone="")
    user = site.get("/users/customers/2").data["user"]
    born = {"date": "1980-01-01 17:40:00.000000", "timezone_type": 3, "timezone": "UTC"}
    assert (user["phone"], user["countryPhoneIso"], user["birthday"]) == (None, None, born)
    again = Client()
    again.twin.load({"customers": [user]}, again.now)
    assert again.get("/users/customers/2").data["user"] == user
    assert site.get("/users/customers").data["users"][0]["birthday"] == "1980-01-01", "in the list it is a day"


def test_an_update_of_a_customer_who_is_not_there_says_so_in_the_plugin_s_own_words(site: Client) -> None:
    answer = site.post("/users/customers/99", firstName="X")
    message = "Data not found in AmeliaBooking\\Infrastructure\\Repository\\AbstractRepository"
    assert (answer.status, answer.body) == (500, {"message": message})


def test_a_customer_needs_a_name_and_no_address(site: Client) -> None:
    answer = site.post("/users/customers", phone="1")
    assert answer.body == {"message": "Mandatory fields not passed! Missing: firstName, lastName"}
    made = site.post("/users/customers", firstName=" X ", lastName="Y", email="", phone="", gender="Male", note=None)
    user = made.data["user"]
    assert (user["firstName"], user["email"], user["phone"], user["gender"]) == ("X", None, None, "male")
    assert user["status"] is None, "what was not sent is not in the answer, though it is kept"
    assert site.get(f"/users/customers/{user['id']}").data["user"]["status"] == "visible"
    answer = site.post("/users/customers", firstName="X", lastName="Y", email="nobody")
    assert (answer.status, answer.body) == (500, {"message": "Email 'nobody' is not a valid email"})


def test_an_address_that_is_emptied_takes_along_what_was_typed(site: Client) -> None:
    visit(site, "2026-12-01")
    site.post("/users/customers/2", email=None, lastName=None)
    assert site.one(1)["bookings"][0]["info"]
    site.post("/users/customers/2", email="")
    assert site.one(1)["bookings"][0]["info"] is None
    user = site.get("/users/customers/2").data["user"]
    assert (user["email"], user["lastName"]) == (None, "Lindner")


def test_a_customer_is_deleted_through_the_api_unless_sessions_are_ahead(site: Client) -> None:
    visit(site, "2026-11-20")
    visit(site, "2026-12-01")
    visit(site, "2026-12-02", status="canceled")
    refused = site.post("/users/customers/delete/2")
    assert (refused.status, refused.body) == (409, {"message": "Could not delete user.", "data": []})
    ahead = "Could not delete user.\n                This user has 1 appointment in the future."
    told = {"message": "Successfully retrieved message.", "data": {"valid": False, "message": ahead}}
    assert site.get("/users/customers/effect/2").body == told
    site.change("appointments", 2, status="canceled")
    behind = {"valid": True, "message": "This user has 1 appointment in the past."}
    assert site.get("/users/customers/effect/2").data == behind
    answer = site.post("/users/customers/delete/2")
    assert (answer.status, answer.body) == (200, {"message": "Successfully deleted user.", "data": []})
    assert site.get("/users/customers").data["users"] == site.get("/appointments").data["appointments"] == []
    assert site.post("/users/customers/delete/2").body == {"message": "Record not found."}
    assert site.get("/users/customers/effect/2").status == 500


def test_entities_are_those_of_the_types_that_are_known_and_two_that_always_come(site: Client) -> None:
    base = {"customers": [], "appointments": {"futureAppointments": []}}
    assert site.get("/entities").data == site.get("/entities", types="nothing,entitiesRelations").data == base
    told = site.get("/entities", types="packages,customFields,employees,locations,categories").data
    assert list(told) == ["locations", "categories", "customers", "entitiesRelations", "employees", "appointments",
                          "customFields", "packages"]  # fmt: skip
    assert told["entitiesRelations"] == [], "of nobody who gives nothing"


# --------------------------------------------------------------------------------------------------------- payments


def test_every_booking_has_a_payment_even_one_for_nothing(site: Client) -> None:
    site.add("services", name="Consultation", price=0)
    site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=3, customerId=2)
    (row,) = site.get("/payments").data["payments"]
    assert (row["appointmentId"], row["customerBookingId"], row["amount"], row["bookedPrice"]) == (1, 1, 0, None)


def test_new_bookings_are_found_by_the_day_on_which_they_were_paid_for_newest_first(site: Client) -> None:
    for day in range(1, 13):
        site.wait(3600)
        visit(site, f"2026-12-{day:02}")
    rows = site.get("/payments", sort="-created", page=1).data["payments"]
    assert [row["appointmentId"] for row in rows] == list(range(12, 2, -1)), "ten of them"
    assert len(site.get("/payments", page=1, limit=50).data["payments"]) == 12
    answer = site.get("/payments", dates="2026-11-23,2026-11-23", sort="created")
    assert [row["appointmentId"] for row in answer.data["payments"]] == [1, 2, 3, 4, 5], "until midnight in Berlin"
    assert (answer.data["filteredCount"], answer.data["totalCount"]) == (5, 12)


# --------------------------------------------------------------------------------------------------------- webhooks


@pytest.fixture
def hooked(site: Client) -> Client:
    for action in ("bookingAdded", "bookingTimeUpdated", "bookingStatusUpdated", "bookingCanceled"):
        site.add("webhooks", url=f"http://127.0.0.1:8080/{action}", action=action)
    return site


def sent(site: Client) -> list[str]:
    """The actions that were sent since the last look."""
    return [delivery.url.rpartition("/")[2] for delivery in site.twin.deliveries(site.now, SITE)]


def test_a_webhook_says_neither_what_happened_nor_who_sends_it(hooked: Client) -> None:
    visit(hooked, "2026-12-01", customFields={"1": {"value": "x"}})
    (delivery,) = hooked.twin.deliveries(hooked.now, SITE)
    assert dict(delivery.headers) == {"content-type": "application/json"}
    assert "bookingAdded" not in delivery.body.decode()


def test_every_list_in_a_webhook_is_an_object(hooked: Client) -> None:
    visit(hooked, "2026-12-01", customFields={"1": {"value": "x"}})
    (delivery,) = hooked.twin.deliveries(hooked.now, SITE)
    told = json.loads(delivery.body)
    assert "[" not in delivery.body.decode()
    booking = told["bookings"]["0"]
    assert booking["extras"] == told["appointment"]["resources"] == {}
    assert booking["customFields"] == {"1": {"value": "x"}}, "decoded here"
    assert booking["infoArray"]["firstName"] == "Anna"
    assert booking["cancelUrl"].startswith(f"{SITE}{AJAX}?action=wpamelia_api&call=/bookings/cancel/1&token=")
    assert told["appointment"]["service"]["name"] == "Massage 60"


def test_each_act_sends_its_action_and_notes_alone_send_nothing(hooked: Client) -> None:
    hooked.post("/appointments", **body())
    assert sent(hooked) == ["bookingAdded"]
    hooked.post("/appointments/1", internalNotes="hsn: 1")
    assert sent(hooked) == []
    hooked.post("/appointments/1", bookingStart="2026-12-02 10:00")
    assert sent(hooked) == ["bookingTimeUpdated"]
    hooked.post("/appointments/status/1", status="pending")
    assert sent(hooked) == ["bookingStatusUpdated"]
    hooked.post("/bookings/cancel/1")
    assert sent(hooked) == ["bookingCanceled"]
    hooked.change("appointments", 1, status="approved")
    assert sent(hooked) == ["bookingStatusUpdated"]


def test_a_deletion_is_told_as_a_change_of_status_to_rejected(hooked: Client) -> None:
    visit(hooked, "2026-12-01")
    sent(hooked)
    hooked.change("appointments", 1, deleted=True)
    (delivery,) = hooked.twin.deliveries(hooked.now, SITE)
    assert delivery.url.endswith("bookingStatusUpdated")
    assert json.loads(delivery.body)["appointment"]["status"] == "rejected"


def test_a_booking_through_the_api_is_not_told_of_before_it_is_finished(hooked: Client) -> None:
    made = hooked.post("/bookings", **body()).data
    assert sent(hooked) == []
    answer = hooked.post(f"/bookings/success/{made['booking']['id']}", appointmentStatusChanged=False)
    assert answer.body == {"message": "Successfully get booking", "data": []}
    assert sent(hooked) == ["bookingAdded"]
    hooked.post("/bookings", **body(bookingStart="2026-12-03 10:00", runInstantPostBookingActions=True))
    assert sent(hooked) == ["bookingAdded"]


# --------------------------------------------------------------------------------------------------------- the rest


def test_services_tell_who_gives_them_and_come_by_id(site: Client) -> None:
    site.change("providers", 1, serviceList=[{"id": 2}])
    answer = site.get("/services").data
    assert [one["name"] for one in answer["services"]] == ["Massage 60", "Guided Tour"]
    assert [[who["lastName"] for who in one["employees"]] for one in answer["services"]] == [[], ["Trainer"]]
    assert answer["countTotal"] == 2
    assert site.get("/services/1").data["service"]["price"] == 60
    assert site.get("/entities", types="employees").data["entitiesRelations"] == {"1": {"2": []}}
    visit(site, "2026-12-01")
    alone = site.get("/services/2").data
    assert (alone["service"]["providers"], alone["futureAppointmentsProvidersIds"]) == ([1], [])
    assert site.get("/services/1").data["futureAppointmentsProvidersIds"] == ["1"], "a text, as 9.6 reads its tables"


def test_categories_hold_their_services(site: Client) -> None:
    site.add("categories", name="Wellness")
    (category,) = site.get("/categories").data["categories"]
    assert [one["name"] for one in category["serviceList"]] == ["Guided Tour", "Massage 60"], "by name"
    assert site.get("/categories/1").data["category"] == category


def test_providers_and_locations_are_listed(site: Client) -> None:
    site.add("locations", name="The 7 Space")
    assert [one["firstName"] for one in site.get("/users/providers").data["users"]] == ["Petra"]
    assert site.get("/locations").data["locations"] == [site.get("/locations/1").data["location"]]


def test_customers_and_providers_draw_their_ids_from_one_table(site: Client) -> None:
    assert site.add("providers", firstName="Ömer", lastName="Aydın")["id"] == 3


# -------------------------------------------------------------------------------------------- what the sandbox does


def test_a_booking_from_outside_needs_nothing_but_to_be_wished_for() -> None:
    client = Client()
    made = client.add("appointments")
    assert (made["status"], made["bookingStart"]) == ("approved", "2026-11-24 10:00:00")
    assert made["service"]["name"] == "Massage 60"
    assert made["bookings"][0]["customer"]["firstName"] == "Guest"


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        ("appointments", {"customerId": 99}),
        ("appointments", {"serviceId": 99}),
        ("appointments", {"bookingStart": "soon"}),
        ("appointments", {"status": "cancelled"}),
        ("customers", {"email": "anna@example.com"}),
        ("services", {"colour": "red"}),
    ],
)
def test_bad_data_from_outside_is_an_error_that_the_sandbox_knows(site: Client, stream: str, data: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of its errors, only the twin knows
        site.twin.add(stream, data, site.now)


def test_staff_may_change_status_time_notes_and_bookings(site: Client) -> None:
    visit(site, "2026-12-01")
    guest = {"customer": {"firstName": "Mai", "lastName": "", "email": "mai@example.com"}}
    changed = site.change("appointments", 1, bookingStart="2026-12-02 09:00", internalNotes="N", bookings=[guest])
    assert (changed["bookingStart"], changed["internalNotes"]) == ("2026-12-02 09:00:00", "N")
    assert [one["customerId"] for one in changed["bookings"]] == [2, 3]
    changed = site.change("appointments", 1, status="canceled", bookings=[{"id": 1, "persons": 2}])
    assert [(one["status"], one["persons"]) for one in changed["bookings"]] == [("canceled", 2), ("canceled", 1)]


def test_a_customer_is_deleted_with_the_bookings(site: Client) -> None:
    bookings = [{"customerId": 2}, {"customer": {"firstName": "Mai", "lastName": "", "email": "mai@example.com"}}]
    site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=2, bookings=bookings)
    visit(site, "2026-12-02")
    site.change("customers", 2, deleted=True)
    assert site.get("/users/customers/2").status == 500
    (left,) = site.get("/appointments", asArray=1).data["appointments"]
    assert [one["customerId"] for one in left["bookings"]] == [3]
    assert site.add("customers", firstName="Anna", lastName="", email="anna@example.com")["id"] == 4


def test_what_was_answered_is_no_handle_on_what_is_held(site: Client) -> None:
    made = visit(site, "2026-12-01")
    made["bookings"][0]["payments"].clear()
    made["resources"].append("stolen")
    assert len(site.one(1)["bookings"][0]["payments"]) == 1
    assert site.one(1)["resources"] == []


def test_knobs_take_only_what_they_have() -> None:
    twin = AmeliaTwin()
    default = {"edition": "elite", "api": "on", "refusals": 409, "plugin": "on", "items_per_page": None}
    assert twin.knobs({}) == default
    for name in default:
        with pytest.raises(ValueError, match=name):
            twin.knobs({name: "neither"})
    with pytest.raises(KeyError):
        twin.knobs({"limits": 1})
    assert twin.knobs({"items_per_page": 5})["items_per_page"] == 5
