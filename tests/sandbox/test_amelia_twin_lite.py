"""What the free edition does, beyond the recorded answers, as those who ran it tell."""

from typing import Any

import pytest

from tests.sandbox.amelia_client import LOGIN, NONCE, Client


@pytest.fixture
def site() -> Client:
    client = Client("lite")
    client.add("services", name="Massage 60", price=60)
    client.add("providers", firstName="Petra", lastName="Trainer", email="petra@example.com")
    client.add("customers", firstName="Anna", lastName="Lindner", email="anna@example.com")
    return client


def visit(site: Client, day: str, /, **more: Any) -> dict[str, Any]:
    return site.add("appointments", bookingStart=f"{day} 10:00", customerId=2, **more)


def body(**more: Any) -> dict[str, Any]:
    """Of a create, complete."""
    bookings = [{"customerId": 2, "status": "approved", "persons": 1, "duration": 3600}]
    given = {"bookings": bookings, "bookingStart": "2026-12-01 10:00", "serviceId": 1, "providerId": 1}
    return {**given, "notifyParticipants": 0, **more}


def anonymous(site: Client, method: str, path: str, sent: Any = None, nonce: str = "") -> Any:
    return site.send(method, f"action=wpamelia_api&call={path}{nonce}", sent, {})


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/appointments", 409, {"message": None, "data": {"reauthorize": True}}),
        ("/appointments/1", 409, {"message": None, "data": {"reauthorize": True}}),
        ("/users/customers", 403, {"message": "You are not allowed to read customers."}),
        ("/users/customers/2", 403, {"message": "You are not allowed to read user"}),
        ("/services", 403, {"message": "You are not allowed to read services."}),
        ("/payments", 403, {"message": "You are not allowed to read payments."}),
    ],
)
def test_without_a_login_each_route_says_no_in_its_own_way(site: Client, path: str, status: int, told: Any) -> None:
    visit(site, "2026-12-01")
    answer = anonymous(site, "GET", path)
    assert (answer.status, answer.body) == (status, told)
    assert answer.content_type == ("text/html;charset=UTF-8" if status == 403 else "application/json;charset=utf-8")


def test_categories_are_told_to_anybody(site: Client) -> None:
    assert anonymous(site, "GET", "/categories").status == 200


def test_a_password_for_applications_is_no_login_here(site: Client) -> None:
    answer = site.send("GET", "action=wpamelia_api&call=/users/customers", headers={"authorization": "Basic YTpi"})
    assert answer.status == 403


@pytest.mark.parametrize("path", ["/appointments", "/appointments/status/1", "/users/customers"])
def test_a_write_without_a_nonce_is_403_without_a_body(site: Client, path: str) -> None:
    answer = site.send("POST", f"action=wpamelia_api&call={path}", body(status="pending"), LOGIN)
    assert (answer.status, answer.body, answer.content_type) == (403, None, "text/html; charset=UTF-8")


def test_a_nonce_is_no_login(site: Client) -> None:
    visit(site, "2026-12-01")
    forbidden = {
        "/appointments/status/1": "You are not allowed to update appointment status",
        "/appointments/delete/1": "You are not allowed to delete appointment",
        "/users/customers": "You are not allowed to perform this action!",
    }
    for path, message in forbidden.items():
        assert anonymous(site, "POST", path, {"status": "x"}, NONCE).body == {"message": message}
    assert anonymous(site, "POST", "/appointments", body(bookingStart="2026-12-05 10:00"), NONCE).status == 409
    assert [one["status"] for one in site.get("/appointments", asArray=1).data["appointments"]] == ["approved"]


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nowhere", 404), ("GET", "/appointments/x", 404), ("PUT", "/appointments", 405),
    ("GET", "/api/v1/appointments", 404), ("POST", "/api/v1/appointments", 404),
])  # fmt: skip
def test_what_is_no_route_has_no_body(site: Client, method: str, path: str, status: int) -> None:
    answer = site.call(method, path)
    assert (answer.status, answer.body, answer.content_type) == (status, None, "text/html; charset=UTF-8")


@pytest.mark.parametrize(
    "path", ["/settings", "/events/1", "/stats", "/slots", "/users/wp-users", "/bookings/cancel/1"]
)
def test_what_it_has_and_the_twin_has_not_is_501(site: Client, path: str) -> None:
    assert site.get(path).status == 501


@pytest.mark.parametrize("path", ["/locations", "/locations/1", "/fields", "/coupons", "/packages", "/resources",
                                  "/taxes", "/search", "/report/payments"])  # fmt: skip
def test_what_only_a_licence_brings_is_no_route_at_all(site: Client, path: str) -> None:
    answer = site.get(path)
    assert (answer.status, answer.body, answer.content_type) == (404, None, "text/html; charset=UTF-8")


@pytest.mark.parametrize(
    ("method", "path", "command"),
    [
        ("GET", "/users/providers", "GetProviders"),
        ("GET", "/users/providers/1", "GetProvider"),
        ("POST", "/users/providers/status/1", "UpdateProviderStatus"),
    ],
)
def test_a_route_whose_act_it_lacks_is_a_500(site: Client, method: str, path: str, command: str) -> None:
    answer = site.call(method, path)
    name = f"AmeliaBooking\\Application\\Commands\\User\\Provider\\{command}Command"
    assert (answer.status, answer.content_type) == (500, "text/html;charset=UTF-8")
    assert answer.body == {"message": f"Missing handler for command {name}"}


@pytest.mark.parametrize(
    ("query", "count"), [("", 0), ("&page=1", 0), ("&page=0&group=1", 0), ("&page=0", None), ("&skipCount=1", None)]
)
def test_of_events_there_are_none(site: Client, query: str, count: int | None) -> None:
    answer = site.call("GET", "/events", query)
    data: dict[str, Any] = {"events": [], "count": count, "customersNoShowCount": []}
    assert (answer.status, answer.body) == (200, {"message": "Successfully retrieved events", "data": data})


def test_a_page_of_events_is_for_anybody_and_all_of_them_are_not(site: Client) -> None:
    assert anonymous(site, "GET", "/events&page=1").status == 200
    for path in ("/events", "/events&page=1&group=1"):
        assert anonymous(site, "GET", path).body == {"message": None, "data": {"reauthorize": True}}
    assert site.call("POST", "/events").status == 501


def test_one_service_and_one_category_are_told_to_anybody(site: Client) -> None:
    site.add("categories", name="Wellness")
    visit(site, "2026-12-01")
    alone = anonymous(site, "GET", "/services/1").data
    (listed,) = site.get("/services").data["services"]
    assert alone == {"service": {**listed, "priority": []}, "futureAppointmentsProvidersIds": [1]}
    (category,) = site.get("/categories").data["categories"]
    assert anonymous(site, "GET", "/categories/1").data == {"category": category}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/appointments/9", "Invalid key 9."),
        ("/services/9", "Invalid key 9."),
        ("/categories/9", "Data not found in AmeliaBooking\\Infrastructure\\Repository\\AbstractRepository"),
        ("/payments/9", "Data not found in AmeliaBooking\\Infrastructure\\Repository\\AbstractRepository"),
    ],
)
def test_what_is_missing_is_a_500(site: Client, path: str, message: str) -> None:
    answer = site.get(path)
    assert (answer.status, answer.body, answer.content_type) == (500, {"message": message}, "text/html;charset=UTF-8")


def test_entities_are_told_to_anybody_but_customers_to_staff(site: Client) -> None:
    site.add("categories", name="Wellness")
    base = {"customers": [], "appointments": {"futureAppointments": []}}
    answer = anonymous(site, "GET", "/entities", nonce="&types=nothing,customers,packages")
    assert answer.body == {"message": "Successfully retrieved entities", "data": {**base, "packages": []}}
    told = site.get("/entities", types="customers,categories,locations").data
    assert list(told) == ["locations", "categories", "customers", "appointments"]
    assert told["locations"] == []
    assert told["categories"] == site.get("/categories").data["categories"]
    assert [(one["firstName"], one["email"], one["externalId"]) for one in told["customers"]] == [
        ("Anna", "anna@example.com", None)
    ]


@pytest.mark.parametrize("types", ["", "employees", "events", "settings", "appointments"])
def test_entities_that_are_not_known_of_it_are_not_served(site: Client, types: str) -> None:
    assert site.get("/entities", types=types).status == 501


def test_whoever_is_logged_in_can_be_asked_for(site: Client) -> None:
    answer = site.get("/users/current")
    assert answer.body["message"] == "Successfully retrieved current user"
    assert answer.data["user"] == site.get("/appointments").data["currentUser"]
    assert anonymous(site, "GET", "/users/current").data == {"user": None}


def test_an_employee_is_told_under_the_address_of_customers_too(site: Client) -> None:
    user = site.get("/users/customers/1").data["user"]
    assert (user["type"], user["lastName"], user["weekDayList"]) == ("provider", "Trainer", [])


def test_pages_have_the_site_s_size_and_a_limit_is_not_listened_to(site: Client) -> None:
    for day in range(1, 32):
        visit(site, f"2026-12-{day:02}")
    assert len(site.get("/appointments", page=1, limit=5).ids) == 30
    assert len(site.get("/appointments").ids) == 31
    site.twin.knobs({"items_per_page": 4})
    assert len(site.get("/appointments", page=8).ids) == 3
    assert site.get("/appointments", page=8).data["total"] == 31


def test_pages_of_customers_listen_to_a_limit(site: Client) -> None:
    for n in range(14):
        site.add("customers", firstName=f"{n}", lastName="", email=f"{n}@example.com")
    assert [len(site.get("/users/customers", page=n).data["users"]) for n in (1, 2)] == [12, 3]
    assert len(site.get("/users/customers", page=1, limit=5).data["users"]) == 5
    assert len(site.get("/users/customers").data["users"]) == 15


def test_counts_of_a_customer_are_numbers_but_for_one(site: Client) -> None:
    visit(site, "2026-12-01", status="pending")
    visit(site, "2026-12-04")
    (row,) = site.get("/users/customers").data["users"]
    assert (row["countPendingAppointments"], row["totalAppointments"]) == ("1", 2)
    assert row["lastAppointment"] == "2026-12-04 10:00:00"
    site.add("customers", firstName="Mai", lastName="", email="mai@example.com")
    assert site.get("/users/customers").data["users"][1]["lastAppointment"] == ""


def test_payments_are_filtered_by_when_they_are_due(site: Client) -> None:
    visit(site, "2026-12-01")
    assert site.get("/payments", dates="2026-12-01,2026-12-01").data["filteredCount"] == 1
    assert site.get("/payments", dates="2026-11-23,2026-11-23").data["filteredCount"] == 0


def test_filters_and_the_plain_list(site: Client) -> None:
    visit(site, "2026-12-01")
    visit(site, "2026-12-02", status="canceled")
    assert site.get("/appointments", status="canceled", asArray="true").ids == [2]
    assert site.get("/appointments", customerId=2).ids == [1, 2]
    assert site.get("/appointments", customerId=3).data["appointments"] == []
    assert site.get("/appointments", search="nobody").data["total"] == 0
    assert "currentUser" not in site.get("/appointments", search="nobody").data
    assert site.call("GET", "/appointments", "&dates[]=2026-12-02&dates[]=2026-12-09").ids == [2]


def test_a_create_shows_its_payment_and_the_customer_only_as_sent(site: Client) -> None:
    (booking,) = site.post("/appointments", **body()).data["appointment"]["bookings"]
    assert (booking["customer"], booking["created"]) == (None, "2026-11-23 18:40:00")
    assert booking["payments"][0]["status"] == "pending"
    sent = {"customerId": 2, "customer": {"id": 2, "firstName": "Anna"}}
    (booking,) = site.post("/appointments", **body(bookingStart="2026-12-02 10:00", bookings=[sent])).data[
        "appointment"
    ]["bookings"]
    assert booking["customer"]["firstName"] == "Anna"


def test_an_update_needs_all_fields(site: Client) -> None:
    visit(site, "2026-12-01")
    answer = site.post("/appointments/1", internalNotes="x")
    message = "Mandatory fields not passed! Missing: bookings, bookingStart, notifyParticipants, serviceId, providerId"
    assert (answer.status, answer.body, answer.content_type) == (500, {"message": message}, "text/html;charset=UTF-8")
    bookings = [{"id": 1, "customerId": 2, "status": "approved", "persons": 1}]
    told = site.post("/appointments/1", **body(bookings=bookings, internalNotes="x", createPaymentLinks=False)).data
    assert site.one(1)["internalNotes"] == "x"
    assert list(told) == ["appointment", "appointmentStatusChanged", "appointmentRescheduled",
                          "initialAppointmentDateTime", "bookingsWithChangedStatus", "appointmentEmployeeChanged",
                          "appointmentZoomUserChanged", "bookingAdded", "appointmentZoomUsersLicenced",
                          "createPaymentLinks"]  # fmt: skip
    assert (told["bookingAdded"], told["createPaymentLinks"]) == (False, False)


def test_a_move_tells_from_where(site: Client) -> None:
    visit(site, "2026-12-01")
    told = site.post("/appointments/time/1", bookingStart="2026-12-02 09:00").data
    assert list(told) == ["appointment", "initialAppointmentDateTime"]
    assert (told["appointment"]["bookingStart"], told["appointment"]["isRescheduled"]) == ("2026-12-02 09:00:00", True)
    assert told["initialAppointmentDateTime"] == {
        "bookingStart": "2026-12-01 10:00:00", "bookingEnd": "2026-12-01 11:00:00",
    }  # fmt: skip


def test_deleting_again_is_a_500(site: Client) -> None:
    visit(site, "2026-12-01")
    assert site.post("/appointments/delete/1").data["appointment"]["status"] == "rejected"
    answer = site.post("/appointments/delete/1")
    assert (answer.status, answer.content_type) == (500, "text/html;charset=UTF-8")


def test_an_unknown_customer_and_a_taken_address_are_409(site: Client) -> None:
    assert site.post("/appointments", **body(bookings=[{"customerId": 99}])).status == 409
    person = {"type": "customer", "firstName": "A", "lastName": "B", "email": "anna@example.com"}
    assert site.post("/users/customers", **person).status == 409
    assert site.post("/users/customers", **{**person, "email": "a@example.com"}).data["user"]["id"] == 3


def test_an_update_of_a_customer_empties_what_is_left_out_of_phone_and_birthday(site: Client) -> None:
    site.change("customers", 2, birthday="1980-01-01", phone="1", note="kept")
    assert site.post("/users/customers/2", firstName="Ännchen").body["message"] == "Successfully updated user"
    user = site.get("/users/customers/2").data["user"]
    assert (user["firstName"], user["phone"], user["birthday"], user["note"]) == ("Ännchen", None, None, "kept")


def test_a_bad_status_is_a_500_of_the_database(site: Client) -> None:
    visit(site, "2026-12-01")
    answer = site.post("/appointments/status/1", status="cancelled")
    assert (answer.status, answer.content_type) == (500, "text/html;charset=UTF-8")
    repository = "AmeliaBooking\\Infrastructure\\Repository\\Booking\\Appointment\\CustomerBookingRepository"
    cause = "SQLSTATE[01000]: Warning: 1265 Data truncated for column 'status' at row 1"
    assert answer.body == {"message": f"Unable to save data in {repository} {cause}"}


def test_it_sends_no_webhooks(site: Client) -> None:
    site.add("webhooks", url="http://127.0.0.1/hook", action="bookingAdded")
    visit(site, "2026-12-01")
    assert site.twin.deliveries(site.now) == []


def test_a_booking_as_in_a_browser_needs_neither_login_nor_nonce(site: Client) -> None:
    guest = {"firstName": "Mai", "lastName": "Trần", "email": "mai@example.com"}
    sent = body(bookings=[{"customerId": None, "customer": guest}])
    assert anonymous(site, "POST", "/bookings", sent).status == 200
    assert site.one(1)["bookings"][0]["customerId"] == 3
