"""What an adapter of the booking site can trip over, as the references tell it, in the paid edition."""

import json
from typing import Any

import pytest

from higherself_sync.sandbox.amelia import AmeliaTwin
from higherself_sync.sandbox.wire import Request
from tests.sandbox.amelia_client import AJAX, KEY, SITE, Client


@pytest.fixture
def site() -> Client:
    """With a massage for one, a tour for a group of two to ten, and one who gives both."""
    client = Client()
    client.add("services", name="Massage 60", price=60)
    client.add("services", name="Guided Tour", price=15, minCapacity=2, maxCapacity=10, duration=5400)
    client.add("providers", firstName="Petra", lastName="Trainer", email="petra@example.com")
    client.add("customers", firstName="Anna", lastName="Lindner", email="anna@example.com", phone="+49 30 23125 001")
    return client


def visit(site: Client, day: str, hour: int = 10, /, **more: Any) -> dict[str, Any]:
    """A massage of Anna's."""
    return site.add("appointments", bookingStart=f"{day} {hour}:00", customerId=2, **more)


def body(site: Client, **more: Any) -> dict[str, Any]:
    """Of a create, complete."""
    bookings = [{"customerId": 2, "status": "approved", "persons": 1, "duration": 3600}]
    given = {"bookings": bookings, "bookingStart": "2026-12-01 10:00", "serviceId": 1, "providerId": 1}
    return {**given, "notifyParticipants": 0, **more}


# ------------------------------------------------------------------------------------------------- address and key


def test_all_goes_through_one_address_and_the_path_is_a_value_of_the_query(site: Client) -> None:
    assert site.send("GET", "action=wpamelia_api&call=/api/v1/appointments&page=1&limit=5").status == 200
    assert site.send("GET", "action=wpamelia_api&call=/api/v1/appointments?page=1").status == 404


def test_slashes_may_be_encoded_as_php_decodes_the_query(site: Client) -> None:
    assert site.send("GET", "action=wpamelia_api&call=%2Fapi%2Fv1%2Fappointments").status == 200


@pytest.mark.parametrize(
    ("key", "api", "message"),
    [
        ({}, "on", "Missing API key. Please provide a valid API key to access this resource."),
        ({"amelia": "wrong"}, "on", "Invalid API key. Please provide a valid API key to access this resource."),
        (KEY, "off", "API is not enabled."),
    ],
)
def test_no_key_a_wrong_one_and_a_closed_api_are_all_403(
    site: Client, key: dict[str, str], api: str, message: str
) -> None:
    site.twin.knobs({"api": api})
    answer = site.send("GET", "action=wpamelia_api&call=/api/v1/appointments", headers=key)
    assert (answer.status, answer.body, answer.content_type) == (403, {"message": message}, "application/json")


@pytest.mark.parametrize("path", ["/nowhere", "/appointments/abc", "/appointments/1/2", "/settings", ""])
def test_an_unknown_route_is_404_and_ids_are_digits(site: Client, path: str) -> None:
    answer = site.get(path)
    assert (answer.status, answer.body) == (404, {"message": "Not found."})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/appointments", "GET, POST"),
        ("PATCH", "/appointments/1", "GET, POST"),
        ("DELETE", "/users/customers/1", "GET, POST"),
        ("GET", "/appointments/status/1", "POST"),
        ("POST", "/entities", "GET"),
    ],
)
def test_any_verb_but_get_and_post_is_405(site: Client, method: str, path: str, allowed: str) -> None:
    answer = site.call(method, path)
    assert (answer.status, answer.body) == (405, {"message": f"Method not allowed. Must be one of: {allowed}"})


def test_what_the_browser_asks_of_a_paid_site_is_not_served(site: Client) -> None:
    assert site.send("GET", "action=wpamelia_api&call=/appointments").status == 501


def test_without_the_plugin_wordpress_answers_zero(site: Client) -> None:
    site.twin.knobs({"plugin": "off"})
    response = site.twin.answer(Request("GET", AJAX, "action=wpamelia_api&call=/api/v1/services", KEY), site.now)
    assert (response.status, response.body) == (400, b"0")
    assert response.headers["content-type"].startswith("text/html")


def test_another_action_is_nobody_s(site: Client) -> None:
    response = site.twin.answer(Request("GET", AJAX, "action=heartbeat", KEY), site.now)
    assert (response.status, response.body) == (400, b"0")


def test_the_site_tells_its_zone_to_anybody(site: Client) -> None:
    response = site.twin.answer(Request("GET", "/wp-json/", base=SITE), site.now)
    assert json.loads(response.body)["timezone_string"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("method", "path", "query", "name"),
    [
        ("GET", "/slots", "", "/slots"),
        ("GET", "/events/1", "", "/events/1"),
        ("GET", "/users/providers/1", "", "one provider"),
        ("GET", "/entities", "&types=events", "events"),
        ("GET", "/payments", "&sort=invoiceNumber", "invoiceNumber"),
        ("POST", "/services", "", "POST /services"),
        ("POST", "/bookings/reassign/1", "", "reassign"),
    ],
)
def test_what_a_real_site_has_and_the_twin_has_not_is_501_by_name(
    site: Client, method: str, path: str, query: str, name: str
) -> None:
    answer = site.call(method, path, query)
    assert answer.status == 501
    assert name in answer.body["message"]


# -------------------------------------------------------------------------------------------------- the list


def test_a_list_is_keyed_by_date_and_an_empty_one_is_a_list(site: Client) -> None:
    assert site.get("/appointments").data["appointments"] == []
    visit(site, "2026-12-01")
    visit(site, "2026-12-03")
    days = site.get("/appointments").data["appointments"]
    assert list(days) == ["2026-12-01", "2026-12-03"]
    assert days["2026-12-01"]["date"] == "2026-12-01"


def test_a_plain_list_lacks_what_depends_on_the_hour(site: Client) -> None:
    visit(site, "2026-12-01")
    (plain,) = site.get("/appointments", asArray="true").data["appointments"]
    (dated,) = site.get("/appointments").data["appointments"]["2026-12-01"]["appointments"]
    assert dated.keys() - plain.keys() == {"cancelable", "reschedulable", "past", "isGroup"}


def test_without_a_page_there_is_no_limit(site: Client) -> None:
    for day in range(1, 29):
        visit(site, f"2026-12-{day:02}")
    assert len(site.get("/appointments").ids) == 28
    assert len(site.get("/appointments", limit=5).ids) == 28
    assert len(site.get("/appointments", page=1).ids) == 12, "the setting of a new site"
    site.twin.knobs({"items_per_page": 20})
    assert len(site.get("/appointments", page=1).ids) == 20
    assert len(site.get("/appointments", page=2).ids) == 8
    assert site.get("/appointments", page=3).data["appointments"] == []
    assert len(site.get("/appointments", page=1, limit=5).ids) == 5


def test_a_limit_is_held_to_500(site: Client) -> None:
    for day in range(1, 32):
        for hour in range(5, 22):
            visit(site, f"2026-12-{day:02}", hour)
    assert len(site.get("/appointments", page=1, limit=10_000).ids) == 500
    assert len(site.get("/appointments", page=2, limit=10_000).ids) == 31 * 17 - 500


def test_counts_follow_the_filters_and_not_the_page(site: Client) -> None:
    for day in range(1, 6):
        visit(site, f"2026-12-0{day}", status="pending" if day == 2 else "approved")
    site.change("appointments", 3, status="canceled")
    answer = site.get("/appointments", page=2, limit=1, dates="2026-12-01,2026-12-04").data
    counts = {"total": 4, "totalApproved": 2, "totalPending": 1, "totalCount": 5, "filteredCount": 4}
    assert {name: answer[name] for name in counts} == counts


def test_dates_are_of_the_site_s_days_both_included_in_either_spelling(site: Client) -> None:
    first, _, _ = (visit(site, f"2026-12-0{day}", 23)["id"] for day in (1, 2, 3))
    assert site.get("/appointments", dates="2026-12-01,2026-12-02").ids == [first, first + 1]
    assert site.call("GET", "/appointments", "&dates[]=2026-12-02&dates[]=2026-12-03").ids == [first + 1, first + 2]
    assert site.get("/appointments", dates="2026-12-03,").ids == [first + 2], "open to the right"


@pytest.mark.parametrize("wrong", ["01.12.2026", "2026-12-1", "tomorrow", "2026-12-01T00:00:00"])
def test_a_malformed_date_silently_becomes_today(site: Client, wrong: str) -> None:
    today = visit(site, "2026-11-23", 19)["id"]
    visit(site, "2026-12-01")
    answer = site.get("/appointments", dates=f"{wrong},{wrong}")
    assert (answer.status, answer.ids) == (200, [today])


def test_the_order_is_that_of_the_start_unless_asked_otherwise(site: Client) -> None:
    late, early = visit(site, "2026-12-02")["id"], visit(site, "2026-12-01")["id"]
    assert site.get("/appointments").ids == [early, late]
    assert site.get("/appointments", sort="id", asArray=1).ids == [late, early]
    assert site.get("/appointments", sort="-id", asArray=1).ids == [early, late]


def test_filters_by_status_service_provider_and_customer(site: Client) -> None:
    site.add("providers", firstName="Ömer", lastName="Aydın")
    massage = visit(site, "2026-12-01")["id"]
    guest = {"firstName": "Mai", "lastName": "Trần", "email": "mai@example.com"}
    start = {"bookingStart": "2026-12-01 12:00"}
    tour = site.add("appointments", **start, serviceId=2, customer=guest, status="pending", providerId=3)["id"]
    assert site.get("/appointments", status="pending").ids == [tour]
    assert site.get("/appointments", services="2,9").ids == [tour]
    assert site.get("/appointments", providers=1).ids == [massage]
    assert site.get("/appointments", customerId=2).ids == [massage]
    assert site.get("/appointments", customers="2,4").ids == [massage, tour]
    assert site.get("/appointments", search="trần mai").ids == [tour]
    assert site.get("/appointments", search="massage").ids == [massage]
    assert site.get("/appointments", search="aydın").ids == [tour]


def test_a_search_that_finds_nobody_answers_with_fewer_keys(site: Client) -> None:
    visit(site, "2026-12-01")
    answer = site.get("/appointments", search="nobody")
    assert answer.data == {
        "appointments": [], "availablePackageBookings": [], "occupied": [], "total": 0, "totalApproved": 0,
        "totalPending": 0, "totalCount": 1, "filteredCount": 0,
    }  # fmt: skip


def test_service_and_provider_are_in_the_list_unless_skipped_with_any_word(site: Client) -> None:
    visit(site, "2026-12-01")
    (one,) = site.get("/appointments", asArray="true").data["appointments"]
    assert (one["service"]["name"], one["provider"]["lastName"]) == ("Massage 60", "Trainer")
    (one,) = site.get("/appointments", asArray="true", skipServices="false", skipProviders=0).data["appointments"]
    assert (one["service"], one["provider"]["lastName"]) == (None, "Trainer")


def test_the_one_who_asks_is_a_made_up_administrator(site: Client) -> None:
    user = site.get("/appointments").data["currentUser"]
    assert (user["firstName"], user["email"], user["type"]) == ("AmeliaApi", "admin@amelia.api", "admin")


# ------------------------------------------------------------------------------------------ appointments, bookings


def test_the_customer_stands_on_the_booking_and_in_part(site: Client) -> None:
    site.change("customers", 2, birthday="1980-01-01", countryPhoneIso="de")
    visit(site, "2026-12-01")
    (listed,) = site.get("/appointments", asArray=1).data["appointments"]
    in_list = listed["bookings"][0]["customer"]
    assert "customer" not in listed
    assert (in_list["email"], in_list["birthday"], in_list["countryPhoneIso"]) == ("anna@example.com", None, None)
    alone = site.one(1)["bookings"][0]["customer"]
    assert (alone["birthday"], alone["countryPhoneIso"], alone["zoomUserId"]) == ("1980-01-01", "de", None)


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
    made = site.post("/appointments", **body(site)).data["appointment"]
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


# ------------------------------------------------------------------------------------------------------- refusals


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
    answer = site.post("/appointments", **body(site, bookingStart="2026-12-01 10:30"))
    assert (answer.status, answer.content_type) == (status, "application/json;charset=utf-8")
    assert answer.body == {"message": "Time slot is unavailable", "data": {"timeSlotUnavailable": True}}
    assert site.get("/appointments").data["total"] == 1


def test_the_time_after_another_and_that_of_a_canceled_one_are_free(site: Client) -> None:
    visit(site, "2026-12-01")
    assert site.post("/appointments", **body(site, bookingStart="2026-12-01 11:00")).status == 200
    site.change("appointments", 1, status="canceled")
    assert site.post("/appointments", **body(site, bookingStart="2026-12-01 10:00")).status == 200


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
    answer = site.post("/appointments", **body(site, **more))
    assert answer.status == 409
    assert answer.body["message"] == f"Entity missing ({kind}). Please refresh page and try again."
    assert answer.data == {"entityMissing": True}


def test_a_status_that_is_none_is_an_error_of_the_database(site: Client) -> None:
    visit(site, "2026-12-01")
    for path, sent in (("/appointments/status/1", {"status": "cancelled"}), ("/appointments", None)):
        given = sent or body(site, bookings=[{"customerId": 2, "status": "cancelled"}])
        answer = site.post(path, **given)
        assert answer.status == 500
        assert "SQLSTATE" in answer.body["message"]
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
        ("/appointments", body(site, **more)),
        ("/bookings", body(site, **more)),
        ("/appointments/1", more),
    ):
        assert site.post(path, **given).status in (200, 409, 500, 501)
    assert site.get("/appointments").status == site.get("/payments").status == 200


# ------------------------------------------------------------------------------------------------------- writing


def test_a_create_answers_with_what_it_made(site: Client) -> None:
    answer = site.post("/appointments", **body(site, internalNotes="By <b>phone</b>"))
    made = answer.data["appointment"]
    assert answer.body["message"] == "Successfully added new appointment"
    assert (made["bookingStart"], made["bookingEnd"]) == ("2026-12-01 10:00:00", "2026-12-01 11:00:00")
    assert made["internalNotes"] == "By phone", "tags are stripped"
    assert made["bookings"][0]["payments"][0]["entity"] == "appointment"
    assert site.one(made["id"])["internalNotes"] == "By phone"


def test_a_start_may_be_given_in_utc_or_another_zone(site: Client) -> None:
    made = site.post("/appointments", **body(site, bookingStart="2026-12-01 09:00", utc=True)).data["appointment"]
    assert made["bookingStart"] == "2026-12-01 10:00:00"
    sent = body(site, bookingStart="2026-12-02 04:00", timeZone="America/New_York")
    assert site.post("/appointments", **sent).data["appointment"]["bookingStart"] == "2026-12-02 10:00:00"


def test_a_price_in_a_request_is_not_listened_to(site: Client) -> None:
    sent = body(site, bookings=[{"customerId": 2, "price": 1, "token": "x", "created": "2020-01-01 00:00:00"}])
    made = site.post("/appointments", **sent).data["appointment"]
    assert made["bookings"][0]["price"] == 60
    site.post(f"/appointments/{made['id']}", bookings=[{"id": 1, "price": 2, "persons": 1}])
    assert site.one(1)["bookings"][0]["price"] == 60


def test_a_create_joins_a_group_of_the_same_start_and_so_answers_with_an_id_that_is_known(site: Client) -> None:
    tour = site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=2, customerId=2, internalNotes="A")
    site.add("customers", firstName="Mai", lastName="Trần", email="mai@example.com")
    sent = body(site, serviceId=2, bookings=[{"customerId": 3, "status": "approved"}], internalNotes="B")
    made = site.post("/appointments", **sent).data["appointment"]
    assert (made["id"], len(made["bookings"]), made["internalNotes"]) == (tour["id"], 2, "A\n\nB")
    again = site.post("/appointments", **sent)
    assert again.data == {"customerAlreadyBooked": True}


def test_a_create_revives_a_canceled_one_of_the_same_start(site: Client) -> None:
    visit(site, "2026-12-01")
    site.change("appointments", 1, status="canceled")
    made = site.post("/appointments", **body(site)).data["appointment"]
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
    answer = site.post("/bookings", **body(site, bookings=[{"customer": guest}]))
    assert (answer.status, answer.data) == (409, {"timeSlotUnavailable": True})
    assert site.get("/users/customers").data["totalCount"] == 1


def test_a_group_that_is_too_small_for_all_who_come_is_not_joined(site: Client) -> None:
    site.add("appointments", bookingStart="2026-12-01 10:00", serviceId=2, customerId=2, persons=8)
    site.add("customers", firstName="Mai", lastName="", email="mai@example.com")
    for persons, status in ((3, 409), (2, 200)):
        given = body(site, serviceId=2, bookings=[{"customerId": 3, "persons": persons}])
        assert site.post("/appointments", **given).status == status


def test_whoever_books_again_is_known_by_the_address_whatever_is_typed(site: Client) -> None:
    guest = {"firstName": "Änn", "lastName": "L.", "email": "ANNA@example.com", "phone": "1"}
    sent = body(site, bookings=[{"customerId": None, "customer": guest, "persons": 1}])
    booked = site.post("/bookings", **sent).data
    assert booked["customer"]["id"] == 2
    assert site.get("/users/customers/2").data["user"]["firstName"] == "Anna"
    assert json.loads(booked["booking"]["info"])["firstName"] == "Änn"
    assert site.get("/payments").data["payments"][0]["customerFirstName"] == "Änn"


# ------------------------------------------------------------------------------------------------------ customers


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


def test_an_update_of_a_customer_empties_what_is_left_out_of_phone_and_birthday(site: Client) -> None:
    site.change("customers", 2, birthday="1980-01-01", note="kept")
    answer = site.post("/users/customers/2", firstName="Ännchen")
    assert answer.body["message"] == "Successfully updated user"
    user = site.get("/users/customers/2").data["user"]
    assert (user["firstName"], user["phone"], user["birthday"], user["note"]) == ("Ännchen", None, None, "kept")


# ------------------------------------------------------------------------------------------------------- payments


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


# ------------------------------------------------------------------------------------------------------- webhooks


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
    hooked.post("/appointments", **body(hooked))
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
    made = hooked.post("/bookings", **body(hooked)).data
    assert sent(hooked) == []
    answer = hooked.post(f"/bookings/success/{made['booking']['id']}", appointmentStatusChanged=False)
    assert answer.body == {"message": "Successfully get booking", "data": []}
    assert sent(hooked) == ["bookingAdded"]
    hooked.post("/bookings", **body(hooked, bookingStart="2026-12-03 10:00", runInstantPostBookingActions=True))
    assert sent(hooked) == ["bookingAdded"]


# -------------------------------------------------------------------------------------------------------- the rest


def test_services_tell_who_gives_them_and_come_by_id(site: Client) -> None:
    site.change("providers", 1, serviceList=[{"id": 2}])
    answer = site.get("/services").data
    assert [one["name"] for one in answer["services"]] == ["Massage 60", "Guided Tour"]
    assert [[who["lastName"] for who in one["employees"]] for one in answer["services"]] == [[], ["Trainer"]]
    assert answer["countTotal"] == 2
    assert site.get("/services/1").data["service"]["price"] == 60
    assert site.get("/entities", types="entitiesRelations").data["entitiesRelations"] == {"1": {"2": []}}


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


# ----------------------------------------------------------------------------------------- what the sandbox does


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
