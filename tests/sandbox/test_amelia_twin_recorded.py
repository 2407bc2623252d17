"""The booking site's twin against what was recorded of both editions: status, content type, body.

The free edition's answers, of our own recording, have to be the same to the order of keys. The paid edition's lie
outside the repository and are of three kinds: answers that the vendor saved in 2023, with a version 6 (the twin is a
9.x and has more keys, each of which is named here); two answers put together from lists of fields of a live 9.7; and
what was read in the source.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from higherself_sync.sandbox.amelia.store import Store
from tests.sandbox.amelia_client import LITE, LOGIN, NONCE, START, Answer, Client, lite_sample

# ------------------------------------------------------------------------------------------------- the free edition

LITE_INDEX: dict[str, Any] = lite_sample("index")


@pytest.fixture
def lite() -> Client:
    """The site as it was when the samples were taken: two services and customers, three appointments."""
    client = Client("lite")
    objects = {
        "customers": [*lite_sample("customers_list")["data"]["users"], lite_sample("customer")["data"]["user"]],
        "services": lite_sample("services_list")["data"]["services"],
        "categories": lite_sample("categories_list")["data"]["categories"],
        "appointments": lite_sample("appointments_list")["data"]["appointments"],
        "payments": lite_sample("payments_list")["data"]["payments"],
    }
    client.twin.load(objects, START)
    client.twin.load({"appointments": [lite_sample("appointment")["data"]["appointment"]]}, START)  # knows less
    return client


def lite_body(name: str) -> Any:
    text = (LITE / LITE_INDEX[name]["file"]).read_text(encoding="utf-8")
    return json.loads(text) if text.strip() else None


def asked(name: str, client: Client) -> Answer:
    """The recorded request. The recordings leave the nonce out, and so name nobody where they are anonymous."""
    request = LITE_INDEX[name]["request"]
    query = "&".join(f"{key}={value}" for key, value in request["query"].items())
    nonce = NONCE if request["method"] == "POST" else ""
    return client.send(request["method"], query + nonce, request["body"], {} if "anonymous" in name else LOGIN)


@pytest.mark.parametrize("name", LITE_INDEX)
def test_the_free_edition_answers_as_the_real_one_did(name: str, lite: Client) -> None:
    answer = asked(name, lite)
    assert answer.status == LITE_INDEX[name]["status"]
    assert answer.content_type == LITE_INDEX[name]["headers"]["content-type"]
    assert typed(answer.body) == typed(lite_body(name))


def test_every_sample_of_the_free_edition_is_compared() -> None:
    assert {f"{entry['file']}" for entry in LITE_INDEX.values()} | {"index.json", "README.md"} == {
        path.name for path in LITE.iterdir()
    }


def test_a_whole_list_of_the_free_edition_can_be_loaded_from_its_dump(lite: Client) -> None:
    again = Client("lite")
    again.twin.load(lite.twin.dump(), START)
    assert typed(again.twin.dump()) == typed(lite.twin.dump())
    for name in ("appointments_list", "customers_list", "payments_list", "services_list", "categories_list"):
        assert typed(asked(name, again).body) == typed(lite_body(name))


def typed(value: Any) -> str:
    """The same in which 1 and "1" and True differ, and so does the order of an object's keys."""
    return json.dumps(value)


# ------------------------------------------------------------------------------------------------- the paid edition

RECORDED = Path(__file__).parents[2].parent / "shared" / "recorded" / "amelia"
needs_recordings = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"there are no recordings at {RECORDED}")

SINCE_2023 = frozenset((
    "assignedEmployeeId", "microsoftTeamsUrl", "appleCalendarEventId", "isChangedStatus", "isFull",
    "initialAppointmentDateTime", "createPaymentLinks", "tax", "ivyEntryId", "isNew", "isUpdated", "qrCodes",
    "icsFiles", "triggeredActions", "wcOrderItemId", "transactionId", "transfers", "invoiceNumber", "paymentLinks",
    "appleCalendarId", "googleCalendarId", "outlookCalendarId", "stripeConnect", "totalCount", "filteredCount",
    "customersNoShowCount",
))  # fmt: skip
"""Keys that the vendor's answers of 2023 lack, each of which stands in the 9.7 field list or in 1.2.9's answers."""
IN_A_CUSTOMER = frozenset({"customFields"})


def sample(name: str) -> Mapping[str, Any]:
    exchange: Mapping[str, Any] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return exchange


def recorded(name: str) -> Any:
    return sample(name)["response"]["body"]


def as_in_2023(answered: Any, old: Any) -> Any:
    """The answer without keys that are younger than the recording. Any other key more is a difference."""
    if isinstance(answered, dict) and isinstance(old, dict):
        younger = SINCE_2023 | (IN_A_CUSTOMER if answered.get("type") == "customer" else frozenset())
        return {
            key: as_in_2023(value, old.get(key)) for key, value in answered.items() if key in old or key not in younger
        }
    if isinstance(answered, list) and isinstance(old, list) and len(answered) == len(old):
        return [as_in_2023(one, other) for one, other in zip(answered, old, strict=True)]
    return answered


def agrees(answer: Answer, name: str, old: Any = None) -> None:
    response = sample(name)["response"]
    assert answer.status == response["status"]
    assert answer.content_type == response["headers"]["content-type"]
    expected = old or response["body"]
    assert as_in_2023(answer.body, expected) == expected


def query_of(name: str, record_id: int = 0) -> str:
    query: str = re.sub(r"\{\{\w+\}\}", str(record_id), sample(name)["request"]["path"].partition("?")[2])
    return query


@pytest.fixture
def elite() -> Client:
    """On the day of the vendor's first answers, with nothing yet."""
    return Client(now=datetime(2023, 4, 28, 13, 22, 51, tzinfo=UTC))


def store(client: Client) -> Store:
    return client.twin._store


@needs_recordings
@pytest.mark.parametrize("name", ["error_403_missing_key", "error_403_invalid_key"])
def test_a_key_is_refused_in_the_plugins_words(name: str, elite: Client) -> None:
    headers = {"amelia": "another"} if sample(name)["request"]["headers"] else {}
    agrees(elite.send("GET", query_of(name), headers=headers), name)


@needs_recordings
def test_a_list_of_2023_comes_back(elite: Client) -> None:
    elite.twin.load({"appointments": recorded("appointments_list")["data"]["appointments"]}, elite.now)
    agrees(elite.send("GET", query_of("appointments_list")), "appointments_list")


@needs_recordings
def test_an_appointment_of_2023_comes_back(elite: Client) -> None:
    """Nothing but the appointment is loaded, so that its customer is as little known as the recording tells him."""
    elite.twin.load({"appointments": [recorded("appointment_get")["data"]["appointment"]]}, elite.now)
    agrees(elite.send("GET", query_of("appointment_get", 1)), "appointment_get")


def furnish(client: Client) -> None:
    """What the vendor's site had when its answers to writes were saved, as far as they show it."""
    booked = recorded("booking_create")["data"]
    made = recorded("appointment_create")["data"]["appointment"]
    places = [booked["appointment"]["location"], {**booked["appointment"]["location"], "id": 2}]
    people = [made["bookings"][0]["customer"], {**booked["customer"], "status": "visible"}]
    client.twin.load({"services": [booked["bookable"]], "locations": places, "customers": people}, client.now)
    staff = [{"id": n, "firstName": "Employee", "lastName": str(n), "email": f"{n}@example.com"} for n in (1, 3)]
    client.twin.load({"providers": staff}, client.now)


def with_last_ids(client: Client, appointment: Mapping[str, Any]) -> None:
    booking = appointment["bookings"][0]
    ids = {"appointments": appointment["id"], "bookings": booking["id"], "payments": booking["payments"][0]["id"]}
    for sequence, made in ids.items():
        store(client).last_ids[sequence] = made - 1


def without(body: Any, *names: str) -> Any:
    """The body with these keys of every object checked for their form and taken out."""
    if isinstance(body, list):
        return [without(item, *names) for item in body]
    if not isinstance(body, dict):
        return body
    assert re.fullmatch(r"[0-9a-f]{10}", body.get("token") or "0123456789")
    return {key: without(value, *names) for key, value in body.items() if key not in names}


@needs_recordings
def test_a_create_is_answered_as_in_2023(elite: Client) -> None:
    """The body was edited after its answer was saved (README): here it has the answer's time and place again.

    The token is drawn by lot. `created` of the booking was null in version 6; it is set since (read, `add`).
    """
    old = recorded("appointment_create")
    furnish(elite)
    with_last_ids(elite, old["data"]["appointment"])
    body = {**sample("appointment_create")["request"]["body"], "bookingStart": "2023-05-11 10:00", "locationId": 1}
    answer = elite.send("POST", query_of("appointment_create"), body)
    assert answer.data["appointment"]["bookings"][0]["created"] == "2023-04-28 15:22:51"
    assert answer.data["appointment"]["bookings"][0]["payments"][0]["created"] is None
    stripped = Answer(answer.status, without(answer.body, "token", "created"), answer.content_type)
    agrees(stripped, "appointment_create", without(old, "token", "created"))


@needs_recordings
def test_an_update_is_answered_as_in_2023(elite: Client) -> None:
    """With the time of the answer in the body again, and the provider that it kept, whom 9.x would show in full."""
    old = recorded("appointment_update")
    furnish(elite)
    before = {**recorded("appointment_create")["data"]["appointment"]}
    before["outlookCalendarEventId"] = old["data"]["appointment"]["outlookCalendarEventId"]
    elite.twin.load({"appointments": [before]}, elite.now)
    body = {**sample("appointment_update")["request"]["body"], "bookingStart": "2023-05-20 10:00", "providerId": 1}
    answer = elite.send("POST", query_of("appointment_update", 173), body)
    assert answer.data["appointment"]["provider"].pop("id") == 1
    answer.data["appointment"]["provider"] = None
    agrees(answer, "appointment_update")


@needs_recordings
def test_a_status_is_answered_as_in_2023(elite: Client) -> None:
    """The appointment is the only thing that is known, as in the test of one alone."""
    old = recorded("appointment_status")["data"]["appointment"]
    booking = {**old["bookings"][0], "status": "approved"}
    before = {**old, "status": "approved", "bookings": [booking]}
    elite.twin.load({"appointments": [before]}, elite.now)
    answer = elite.send("POST", query_of("appointment_status", 173), sample("appointment_status")["request"]["body"])
    agrees(answer, "appointment_status")


@needs_recordings
def test_a_booking_is_answered_as_in_2023(elite: Client) -> None:
    """By the customer whom the answer names, at its time and place; `created` and the token as in a create.

    The address of the customers' page is the site's own, and the twin's has none.
    """
    old = recorded("booking_create")
    furnish(elite)
    with_last_ids(elite, old["data"]["appointment"])
    body = json.loads(json.dumps(sample("booking_create")["request"]["body"]))
    body |= {"bookingStart": "2023-05-22 12:30", "locationId": 1, "providerId": 3}
    person = {name: old["data"]["customer"][name] for name in ("firstName", "lastName", "email", "phone")}
    body["bookings"][0]["customer"] |= person
    answer = elite.send("POST", query_of("booking_create"), body)
    assert answer.data["customerCabinetUrl"] == ""
    unsteady = ("token", "created", "customerCabinetUrl")
    stripped = Answer(answer.status, without(answer.body, *unsteady), answer.content_type)
    agrees(stripped, "booking_create", without(old, *unsteady))


@needs_recordings
def test_a_list_of_payments_of_2023_comes_back(elite: Client) -> None:
    """`totalCount` is of a site with 265 of them, of which the recording shows six."""
    old = recorded("payments_list")
    elite.twin.load({"payments": old["data"]["payments"]}, elite.now)
    answer = elite.send("GET", query_of("payments_list"))
    assert answer.data["totalCount"] == len(old["data"]["payments"])
    answer.data["totalCount"] = old["data"]["totalCount"]
    agrees(answer, "payments_list")


@needs_recordings
def test_a_payment_of_2023_comes_back_alone_and_in_the_list(elite: Client) -> None:
    """Its time is 13:00 alone and 15:00 in the list, in the site's zone (recorded)."""
    rows = [row for row in recorded("payments_list")["data"]["payments"] if row["id"] == 312]
    elite.twin.load({"payments": rows}, elite.now)
    elite.twin.load({"payments": [recorded("payment_get")["data"]["payment"]]}, elite.now)
    agrees(elite.send("GET", query_of("payment_get", 312)), "payment_get")
    (row,) = elite.get("/payments", page=1).data["payments"]
    assert row == rows[0]


@needs_recordings
def test_custom_fields_come_back(elite: Client) -> None:
    """The recording is an excerpt: of the types that were asked for only the fields were kept."""
    old = recorded("entities_custom_fields_excerpt")["data"]["customFields"]
    elite.twin.load({"fields": old}, elite.now)
    answer = elite.send("GET", query_of("entities_custom_fields_excerpt"))
    response = sample("entities_custom_fields_excerpt")["response"]
    assert (answer.status, answer.content_type) == (200, response["headers"]["content-type"])
    assert answer.body["message"] == response["body"]["message"]
    assert typed(answer.data["customFields"]) == typed(old)
    assert elite.get("/fields").data["customFields"] == old


# ------------------------------------------------------------------------------- put together from field lists of 9.7

NOT_IN_THE_FIELD_LIST = ("availablePackageBookings", "emptyPackageBookings", "customersNoShowCount")
"""Of the envelope; in the 2023 recording, in 1.2.9's, and in the source of 9.x."""


@needs_recordings
def test_an_appointment_has_the_keys_of_the_live_site_in_its_order(elite: Client) -> None:
    """Put together, not recorded, and in three places not what any recording says: `occupied` as `{}`, where PHP can
    only write `[]`; three keys missing; and counts of 1216 appointments, of which it shows two. There the twin goes by
    the recordings and the source, by which `total` is the number found."""
    old = recorded("appointments_list_9_7_assembled")
    elite.twin.load({"appointments": old["data"]["appointments"]}, elite.now)
    elite.now = datetime(2026, 7, 28, tzinfo=UTC)
    answer = elite.send("GET", query_of("appointments_list_9_7_assembled"))
    assert (answer.status, answer.content_type) == (200, "application/json;charset=utf-8")
    assert answer.data["occupied"] == []
    counts = {"total": 2, "totalApproved": 1, "totalPending": 0, "totalCount": 2, "filteredCount": 2}
    assert {name: answer.data[name] for name in counts} == counts
    apart = ("occupied", *counts)
    kept = {name: value for name, value in answer.data.items() if name not in (*apart, *NOT_IN_THE_FIELD_LIST)}
    assert typed(kept) == typed({name: value for name, value in old["data"].items() if name not in apart})


@needs_recordings
def test_a_customer_in_a_list_has_the_keys_of_the_live_site(elite: Client) -> None:
    """`totalCount` is of a site with 255."""
    old = recorded("customers_list_9_7_assembled")
    elite.twin.load({"customers": old["data"]["users"]}, elite.now)
    answer = elite.send("GET", query_of("customers_list_9_7_assembled"))
    assert (answer.status, answer.content_type) == (200, "application/json;charset=utf-8")
    assert typed(answer.body) == typed({**old, "data": {**old["data"], "totalCount": 2}})


# ------------------------------------------------------------------------------------------------------ the webhook


@needs_recordings
def test_a_webhook_has_the_form_of_the_recorded_one() -> None:
    """Of 2020, so what is younger is left out: it is compared key by key for the kinds of its values.

    The list of a provider's working week is empty in the twin, which knows of none.
    """
    old = sample("webhook_appointment_2020")["request"]["body"]["appointment"]
    client = Client()
    client.add("webhooks", url="http://127.0.0.1/hook", action="bookingAdded")
    client.add("appointments", customer={"firstName": "First", "lastName": "Last", "email": "test@example.com"})
    (delivery,) = client.twin.deliveries(client.now)
    body = json.loads(delivery.body)
    assert list(body) == ["appointment", "bookings"]
    assert same_kinds(body["appointment"], old, "appointment") == []
    assert body["bookings"]["0"] == body["appointment"]["bookings"]["0"]


def same_kinds(new: Any, old: Any, place: str) -> list[str]:
    """Where the two are of another kind. A null in one of them is of every kind."""
    if isinstance(old, dict):
        if not isinstance(new, dict):
            return [] if new is None else [place]
        keys = [key for key in old if key in new or not key.isdecimal()]
        return [fault for key in keys for fault in same_kinds(new.get(key, Ellipsis), old[key], f"{place}.{key}")]
    kinds = {bool: "truth", int: "number", float: "number", str: "text", type(None): "", type(Ellipsis): "missing"}
    found = {kinds.get(type(value), "other") for value in (new, old)} - {""}
    return [place] if len(found) > 1 or "missing" in found else []
