"""The adapter reads what real sites gave, value by value, as a person wrote down beforehand.

The free edition's answers (our own recording, of 1.2.9) have the shapes that the plugin has inside, and stand here for
the API's. The API's own lie outside the repository: answers that the vendor saved in 2023, and lists of a 9.7 put
together from its fields.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from higherself_sync.core.record import Gone, Record, Values, when
from higherself_sync.errors import HsnError, Refused, Unauthorised, Unreachable
from higherself_sync.services.amelia import Amelia
from higherself_sync.services.amelia.wire import Appointment, Offer, PaymentRow, Person
from tests.contract.service_contract import marks
from tests.services.booking_site import LITE, Told, adapter, answer, index, lite, samples

RECORDED = Path(__file__).parents[2].parent / "shared" / "recorded" / "amelia"
needs_recordings = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"there are no recordings at {RECORDED}")

LITE_NAMES = sorted(path.stem for path in LITE.glob("*.json") if path.stem != "index")
PAID_NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))


def paid(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))["response"]["body"]


def site(bodies: Mapping[str, Any], zone: str = "Europe/Berlin", date: str = "Mon, 23 Nov 2026 17:40:00 GMT") -> Amelia:
    """A site that has these bodies at these paths, whatever more the call says."""

    def told(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/wp-json/":
            return index(timezone_string=zone)
        path = dict(request.url.params)["call"].removeprefix("/api/v1")
        body = bodies.get(path, {"message": "Invalid key 999999."})
        return answer(200 if "data" in body else 500, body, date=date)

    return adapter(Told(told), timezone=zone)


def read(service: Amelia, stream: str) -> dict[str, Record]:
    return {record.id: record for batch in service.replica(stream).read(None) for record in batch.records}


def values(records: Mapping[str, Record]) -> dict[str, Values]:
    return {key: dict(record.values) for key, record in records.items()}


def berlin(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour - 1, 0, tzinfo=UTC)


# ------------------------------------------------------------------------------------------------- the free edition

VISITS: dict[str, dict[str, Any]] = {
    "1": {
        "appointment": "Massage 60, Anna Beispiel",
        "client": frozenset({"booking:customers:2"}),
        "when": when(berlin(1, 10), berlin(1, 11)),
        "service_type": "Massage 60",
        "status": "approved",
        "price": Decimal(60),
        "paid": Decimal(0),
        "calendar": "Petra Trainer",
        "notes": None,
    },
    "2": {
        "appointment": "Massage 60, Łukasz Ñandú 李",
        "client": frozenset({"booking:customers:3"}),
        "when": when(berlin(2, 11)),  # canceled: for the plugin it ends when it starts
        "service_type": "Massage 60",
        "status": "canceled",
        "price": Decimal(60),
        "paid": Decimal(0),
        "calendar": "Petra Trainer",
        "notes": None,
    },
    "3": {
        "appointment": "Massage 60, Anna Beispiel",
        "client": frozenset({"booking:customers:2"}),
        "when": when(berlin(4, 9), berlin(4, 10)),
        "service_type": "Massage 60",
        "status": "approved",
        "price": Decimal(60),
        "paid": Decimal(0),
        "calendar": "Petra Trainer",
        "notes": None,
    },
}


def test_the_recorded_list_of_appointments_becomes_the_rows_written_by_hand() -> None:
    records = read(site({"/appointments": lite("appointments_list")}), "appointments")
    assert values(records) == VISITS
    assert {key: record.key for key, record in records.items()} == {
        "1": "2026-12-01T09:00:00Z anna@example.test",
        "2": None,
        "3": "2026-12-04T08:00:00Z anna@example.test",
    }
    assert {key: record.markable for key, record in records.items()} == {"1": True, "2": False, "3": True}


def test_the_recorded_day_and_the_recorded_empty_list() -> None:
    assert set(read(site({"/appointments": lite("appointments_one_day")}), "appointments")) == {"1"}
    assert read(site({"/appointments": lite("appointments_empty")}), "appointments") == {}


def test_the_recorded_appointment_alone_is_the_same_as_in_the_list() -> None:
    """It names neither who comes nor what for: those are asked for."""
    bodies = {
        "/appointments": lite("appointments_list"),
        "/appointments/1": lite("appointment"),
        "/users/customers/2": lite("customer"),
        "/services": lite("services_list"),
        "/entities": {
            "data": {"employees": [{"id": 1, "firstName": "Petra", "lastName": "Trainer"}], "entitiesRelations": []}
        },
    }
    service = site(bodies)
    listed = read(service, "appointments")
    assert service.replica("appointments").fetch(["1"]) == {"1": listed["1"]}


def test_the_recorded_customers_become_the_rows_written_by_hand() -> None:
    service = site({"/users/customers": lite("customers_list"), "/users/customers/2": lite("customer")})
    records = read(service, "customers")
    assert values(records) == {
        "2": {"name": "Anna Beispiel", "email": "anna@example.test", "phone": "+49301"},
        "3": {"name": "Łukasz Ñandú 李", "email": "lukasz@example.test", "phone": "+49301"},
    }
    assert records["3"].native == {"first_name": "Łukasz", "last_name": "Ñandú 李"}
    assert service.replica("customers").fetch(["2"]) == {"2": records["2"]}, "with null where the list has nothing"


def test_the_recorded_services_become_the_rows_written_by_hand() -> None:
    assert values(read(site({"/services": lite("services_list")}), "services")) == {
        "1": {"name": "Massage 60", "type": "service", "status": "visible", "price": Decimal(60)},
        "2": {"name": "Größe & Coaching", "type": "service", "status": "visible", "price": Decimal("90.5")},
    }


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("error_anonymous_appointments", 409, Unauthorised),
        ("error_anonymous_customers", 403, Unauthorised),
    ],
)
def test_recorded_refusals(name: str, status: int, error: type[HsnError]) -> None:
    told = Told(lambda request: index() if "wp-json" in request.url.path else answer(status, lite(name)))
    with pytest.raises(error):
        read(adapter(told), "appointments")


def test_a_recorded_taken_slot_refuses_a_write_of_that_session_alone() -> None:
    def told(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return answer(409, lite("error_slot_taken"))
        return index() if "wp-json" in request.url.path else answer(200, lite("appointments_list"))

    service = adapter(Told(lambda request: alone(told(request), request)))
    record = read(service, "appointments")["1"]
    with pytest.raises(Refused) as caught:
        service.replica("appointments").update(record, {"when": when(berlin(2, 11))}, marks(1))
    assert (caught.value.status, caught.value.message) == (409, "HTTP 409: Time slot is unavailable")


def alone(response: httpx.Response, request: httpx.Request) -> httpx.Response:
    """A look at the first appointment of the recorded list."""
    if request.method == "GET" and str(request.url.params.get("call", "")).endswith("/appointments/1"):
        (first, *_) = samples(lite("appointments_list")["data"])
        return answer(200, {"message": "", "data": {"appointment": first}})
    return response


def test_the_recorded_unknown_customer_is_proved_gone() -> None:
    body = lite("error_unknown_customer_is_500")
    told = Told(lambda _: answer(500, body, content_type="text/html;charset=UTF-8"))
    assert adapter(told).replica("customers").fetch(["999"]) == {"999": Gone.DELETED}
    assert len(told.requests) == 1, "a 500 of the plugin's own is an answer"


def test_the_recorded_free_edition_is_told_apart() -> None:
    raw = (LITE / "error_api_v1_missing_in_lite.txt").read_bytes()
    service = adapter(Told(lambda request: index() if "wp-json" in request.url.path else answer(404, content=raw)))
    with pytest.raises(Unreachable) as caught:
        read(service, "appointments")
    assert "the free edition has none" in caught.value.message


# ------------------------------------------------------------------------------------------------- the paid edition


@needs_recordings
def test_the_vendors_list_becomes_the_rows_written_by_hand() -> None:
    """Services and employees were skipped there; two groups, one of them pending though both bookings are approved."""
    bodies = {
        "/appointments": paid("appointments_list"),
        "/services": {"data": {"services": [{"id": 2, "name": "first service", "price": 100}], "countFiltered": 1}},
        "/entities": {"data": {"employees": [{"id": 1, "firstName": "Employee", "lastName": "1"}]}},
    }
    service = site(bodies, "Europe/Belgrade", "Fri, 28 Apr 2023 13:22:51 GMT")
    records = read(service, "appointments")
    eleven, half_past = datetime(2023, 5, 9, 9, 0, tzinfo=UTC), datetime(2023, 5, 9, 9, 30, tzinfo=UTC)
    assert values(records) == {
        key: {
            "appointment": f"first service, {who}",
            "client": frozenset({f"booking:customers:{number}"}),
            "when": when(eleven.replace(day=day), half_past.replace(day=day)),
            "service_type": "first service",
            "status": "approved",
            "price": Decimal(100),
            "paid": Decimal(paid_),
            "calendar": "Employee 1",
            "notes": None,
        }
        for key, who, number, day, paid_ in (
            ("228", "Ada Test1", 16, 9, 0),
            ("229", "Ben Test2", 17, 9, 0),
            ("237", "Cleo Test3", 2, 10, 120),
            ("238", "Ada Test1", 11, 10, 120),
        )
    }
    assert {record.native["appointment"] for record in records.values()} == {"151", "157"}
    assert all("when" in record.locked for record in records.values())
    assert "zoom" not in repr(records), "the host's key goes nowhere"


@needs_recordings
def test_the_list_of_a_9_7_becomes_the_rows_written_by_hand() -> None:
    """The flag is a text there; what was typed is JSON within a text; the total counts all 1,216 that there are."""
    bodies = {
        "/appointments": paid("appointments_list_9_7_assembled"),
        "/services": {"data": {"services": [{"id": 4, "name": "Piano, 60"}], "countFiltered": "1"}},
        "/entities": {"data": {"employees": [], "locations": [], "entitiesRelations": []}},
    }
    records = read(site(bodies, "Europe/London", "Tue, 21 Jul 2026 08:00:00 GMT"), "appointments")
    assert values(records) == {
        "533": {
            "appointment": "Piano, 60, Jane Doe",
            "client": frozenset({"booking:customers:75"}),
            "when": when(datetime(2026, 7, 20, 13, 30, tzinfo=UTC), datetime(2026, 7, 20, 14, 30, tzinfo=UTC)),
            "service_type": "Piano, 60",
            "status": "approved",
            "price": Decimal(30),
            "paid": Decimal(30),
            "calendar": None,
            "notes": "Migrated from Acuity 2026-07-19",
        },
        "541": {
            "appointment": "Piano, 60, Ada Example",
            "client": frozenset({"booking:customers:76"}),
            "when": when(datetime(2026, 7, 21, 9, 0, tzinfo=UTC), datetime(2026, 7, 21, 10, 0, tzinfo=UTC)),
            "service_type": "Piano, 60",
            "status": "canceled",
            "price": Decimal(30),
            "paid": Decimal(0),
            "calendar": None,
            "notes": None,
        },
    }


@needs_recordings
def test_the_customers_of_a_9_7_become_the_rows_written_by_hand() -> None:
    """Every null is "" there; two were found, of 255."""
    assert values(read(site({"/users/customers": paid("customers_list_9_7_assembled")}), "customers")) == {
        "75": {"name": "Jane Doe", "email": "jane@example.com", "phone": "+442079460000"},
        "76": {"name": "Ada Example", "email": "ada@example.com", "phone": "+442079460000"},
    }


@needs_recordings
def test_the_vendors_appointment_alone_is_read_though_it_names_nobody() -> None:
    bodies = {
        "/appointments": {"data": {"appointments": [paid("appointment_get")["data"]["appointment"]], "total": 1}},
        "/users/customers/2": {"data": {"user": {"id": 2, "firstName": "Cleo", "lastName": "Test3"}}},
        "/services": {"data": {"services": [{"id": 1, "name": "amelia service"}], "countFiltered": 1}},
        "/entities": {"data": {"employees": [{"id": 1, "firstName": "Employee", "lastName": "1"}]}},
    }
    (record,) = read(site(bodies, "Europe/Belgrade"), "appointments").values()
    assert dict(record.values) == {
        "appointment": "amelia service, Cleo Test3",
        "client": frozenset({"booking:customers:2"}),
        "when": when(datetime(2023, 3, 21, 9, 0, tzinfo=UTC), datetime(2023, 3, 21, 9, 30, tzinfo=UTC)),
        "service_type": "amelia service",
        "status": "approved",
        "price": Decimal(20),
        "paid": Decimal(20),
        "calendar": "Employee 1",
        "notes": None,
    }


@needs_recordings
def test_the_vendors_rows_of_payments_name_appointment_and_booking() -> None:
    rows = [PaymentRow.model_validate(row) for row in paid("payments_list")["data"]["payments"]]
    assert [(row.id, row.appointment_id, row.customer_booking_id, row.booking_start) for row in rows] == [
        (234, 128, 196, "2023-05-05 11:00:00"),
        (260, 144, 219, "2023-05-05 11:00:00"),
        (261, 144, 220, "2023-05-05 11:00:00"),
        (257, 142, 216, "2023-05-05 12:00:00"),
        (258, 142, 217, "2023-05-05 12:00:00"),
        (312, 181, 268, "2023-05-23 09:00:00"),
    ]


@needs_recordings
@pytest.mark.parametrize(
    ("name", "remedy"), [("error_403_missing_key", "let the header Amelia"), ("error_403_invalid_key", "check api_key")]
)
def test_recorded_words_about_keys_are_told_apart(name: str, remedy: str) -> None:
    body = paid(name)
    told = Told(lambda request: index() if "wp-json" in request.url.path else answer(403, body))
    with pytest.raises(Unauthorised) as caught:
        read(adapter(told), "customers")
    assert remedy in caught.value.remedy


# ----------------------------------------------------------------------------------------------- nothing gets lost


def everything(sample: Any) -> Iterator[dict[str, Any]]:
    """Every object within a sample."""
    if isinstance(sample, dict):
        yield sample
        for each in sample.values():
            yield from everything(each)
    elif isinstance(sample, list):
        for each in sample:
            yield from everything(each)


def check_appointment(raw: dict[str, Any]) -> None:
    read_ = Appointment.model_validate(raw)
    assert (read_.id, read_.booking_start, read_.booking_end) == (raw["id"], raw["bookingStart"], raw["bookingEnd"])
    assert read_.internal_notes == (raw["internalNotes"] or "")
    assert (read_.service_id, read_.provider_id, read_.location_id) == tuple(
        raw[f"{name}Id"] for name in ("service", "provider", "location")
    )
    assert read_.notify_participants is (str(raw["notifyParticipants"]) == "1")
    for booking, kept in zip(raw["bookings"], read_.bookings, strict=True):
        assert (kept.id, kept.customer_id, kept.status) == (booking["id"], booking["customerId"], booking["status"])
        assert (float(kept.price), kept.persons) == (booking["price"], booking["persons"])
        assert [(float(each.amount), each.status) for each in kept.payments] == [
            (each["amount"], each["status"]) for each in booking["payments"]
        ]
        assert (kept.customer is None) == (booking["customer"] is None)


def check_person(raw: dict[str, Any]) -> None:
    kept = Person.model_validate(raw)
    assert (kept.id, kept.first_name, kept.last_name) == (raw["id"], raw["firstName"], raw["lastName"])
    assert (kept.email, kept.phone) == (raw["email"] or "", raw["phone"] or "")


def check_offer(raw: dict[str, Any]) -> None:
    kept = Offer.model_validate(raw)
    assert (kept.id, kept.name, float(kept.price)) == (raw["id"], raw["name"], raw["price"])
    assert kept.duration == raw["duration"]


def check_row(raw: dict[str, Any]) -> None:
    kept = PaymentRow.model_validate(raw)
    assert (kept.appointment_id, kept.customer_booking_id) == (raw["appointmentId"], raw["customerBookingId"])


CHECKS: tuple[tuple[frozenset[str], Callable[[dict[str, Any]], None]], ...] = (
    (frozenset({"bookings", "bookingStart", "internalNotes"}), check_appointment),
    (frozenset({"firstName", "lastName", "email", "phone", "externalId"}), check_person),
    (frozenset({"categoryId", "minCapacity", "duration"}), check_offer),
    (frozenset({"customerBookingId", "bookedPrice"}), check_row),
)


def checked(body: Any) -> int:
    count = 0
    for raw in everything(body):
        for keys, check in CHECKS:
            if keys <= raw.keys() and raw.get("id") is not None:
                check(raw)
                count += 1
    return count


HOLD_NOTHING = {"entities_custom_fields_excerpt", "payment_get"}  # of what is read


@pytest.mark.parametrize("name", LITE_NAMES)
def test_no_mapped_field_of_a_recorded_object_is_lost(name: str) -> None:
    assert bool(checked(lite(name))) is not (name.startswith("error") or name == "appointments_empty")


@needs_recordings
@pytest.mark.parametrize("name", PAID_NAMES)
def test_no_mapped_field_of_a_vendors_object_is_lost(name: str) -> None:
    if name == "webhook_appointment_2020":
        pytest.skip("a delivery, not an answer: every list in it is an object")
    assert bool(checked(paid(name))) is not (name.startswith("error") or name in HOLD_NOTHING)
