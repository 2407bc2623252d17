"""Takes in objects in the forms in which the API gives them, of both editions, keeping ids and times."""

from collections.abc import Iterable, Mapping
from typing import Any

from higherself_sync.sandbox.amelia import dates, payments
from higherself_sync.sandbox.amelia.desk import KINDS
from higherself_sync.sandbox.amelia.shapes import FORMS, Values
from higherself_sync.sandbox.amelia.store import Record, Store

_ORDER = (
    "customers", "providers", "locations", "fields", "customFields", "services", "categories", "appointments",
    "payments", "webhooks",
)  # fmt: skip


def load(store: Store, objects: Mapping[str, Any]) -> None:
    """What an appointment holds goes first, wherever it stands. Raises KeyError for a stream that there is not."""
    if unknown := sorted(objects.keys() - set(_ORDER)):
        raise KeyError(unknown[0])
    for stream in (name for name in _ORDER if name in objects):
        for thing in _things(objects[stream]):
            _take(store, stream, thing)


def _things(value: Any) -> Iterable[Values]:
    """A list, or what `GET /appointments` gives: lists by date."""
    if isinstance(value, Mapping):
        return [thing for day in value.values() for thing in day["appointments"]]
    return list(value)


def _take(store: Store, stream: str, thing: Values) -> None:
    match stream:
        case "appointments":
            _take_appointment(store, thing)
        case "payments":
            _take_payment(store, thing)
        case "customers":
            _take_customer(store, thing)
        case "categories":
            for service in thing.get("serviceList", ()):
                _take_if_new(store, "services", service)
            _put(store, "categories", thing)
        case "customFields":
            _put(store, "fields", thing)
        case "webhooks":
            store.put("webhooks", dict(thing))
        case _:
            _put(store, stream, thing)


def _put(store: Store, stream: str, thing: Values) -> None:
    form = FORMS[KINDS[stream]]
    stored = {name: value for name, value in thing.items() if name in form}
    if stream == "categories":
        stored["serviceList"] = []
    store.put(stream, {**form, **stored})


def _take_customer(store: Store, thing: Values) -> None:
    """In a list every null is "", so that is taken for one there; what a form leaves out is kept."""
    form = FORMS["customer"]
    known = store.get("customers", thing["id"]) or form
    is_listed = "wpUserPhotoUrl" in thing
    empty = {name for name, default in form.items() if default is None and is_listed}
    stored = {name: None if value == "" and name in empty else value for name, value in thing.items() if name in form}
    if isinstance(birthday := stored.get("birthday"), Mapping):
        stored["birthday"] = str(birthday["date"])[:10]
    store.put("customers", {**known, **stored, "type": "customer"})


def _take_if_new(store: Store, stream: str, thing: Values | None) -> None:
    if thing and store.get(stream, thing["id"]) is None:
        if stream == "customers":
            _take_customer(store, thing)
        else:
            _put(store, stream, thing)


def _take_appointment(store: Store, thing: Values) -> None:
    for name, stream in (("provider", "providers"), ("service", "services"), ("location", "locations")):
        _take_if_new(store, stream, thing.get(name))
    for booking in thing["bookings"]:
        _take_if_new(store, "customers", booking.get("customer"))
    form = FORMS["appointment"]
    made = {"provider": None, "service": None, "location": None, "isRescheduled": None}
    stored = {name: value for name, value in thing.items() if name in form}
    bookings = [_booking(store, booking, thing["id"]) for booking in thing["bookings"]]
    store.put("appointments", {**form, **stored, **made, "bookings": bookings})


def _booking(store: Store, thing: Values, appointment_id: int) -> Record:
    form = FORMS["booking"]
    made = {"customer": None, "appointmentId": appointment_id, "isChangedStatus": None, "isUpdated": None}
    made |= {"actionsCompleted": None}
    stored = {name: value for name, value in thing.items() if name in form}
    if stored.get("aggregatedPrice") is None:
        made["aggregatedPrice"] = True
    paid = [_payment(store, payment) for payment in thing["payments"]]
    return {**form, **stored, **made, "payments": paid}


def _payment(store: Store, thing: Values) -> Record:
    """An appointment alone does not tell when a payment was made, nor of what it is one."""
    known = payments.found(store, thing["id"]) or {}
    form = FORMS["payment"]
    stored = {name: value for name, value in thing.items() if name in form}
    kept = {"created": stored.get("created") or known.get("created"), "entity": stored.get("entity") or "appointment"}
    store.tables["payments"].pop(thing["id"], None)
    return {**form, **stored, **kept, "actionsCompleted": None}


def _take_payment(store: Store, thing: Values) -> None:
    """A row of the list, or one alone, whose times are UTC. For a known booking only what is missing is taken."""
    record = _from_row(thing) if "bookingStart" in thing else _from_item(thing)
    appointment_id = store.paid.get(thing["id"])
    if appointment_id is None:
        store.note_ids("payments", [thing["id"]])
        before = store.tables["payments"].get(thing["id"], {})
        store.tables["payments"][thing["id"]] = {**FORMS["payment"], **before, **record}
        return
    appointment = store.draft("appointments", appointment_id)
    for booking in appointment["bookings"]:
        for payment in booking["payments"]:
            if payment["id"] == thing["id"]:
                payment["created"] = payment["created"] or record.get("created")
                payment["wcOrderId"] = payment["wcOrderId"] or record.get("wcOrderId")
    store.put("appointments", appointment)


def _from_row(thing: Values) -> Record:
    stored = {name: value for name, value in thing.items() if name in FORMS["payment"]}
    if created := stored.get("created"):
        stored["created"] = dates.local_to_utc(created)
    return {**stored, "entity": "appointment", payments.ROW: dict(thing)}


def _from_item(thing: Values) -> Record:
    stored = {name: value for name, value in thing.items() if name in FORMS["payment"]}
    return {**stored, "dateTime": dates.utc_to_local(stored["dateTime"])}
