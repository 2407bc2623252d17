"""What happens without the API: customers book on the website, and staff sits at the plugin's screens."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from higherself_sync.sandbox.amelia import (
    bookings,
    catalogue,
    customers,
    dates,
    diary,
    drafts,
    faces,
    hooks,
    payments,
    rules,
    users,
)
from higherself_sync.sandbox.amelia.shapes import FORMS, Values, shaped
from higherself_sync.sandbox.amelia.store import Record, Store
from higherself_sync.sandbox.amelia.visit import Visit

KINDS = {
    "services": "service", "categories": "category", "providers": "provider", "locations": "location",
    "fields": "field",
}  # fmt: skip
"""Streams of plain records, which are as they are given."""
_NEW: Mapping[str, Values] = {
    "services": {
        "name": "Massage 60", "description": "", "color": "#1788FB", "minCapacity": 1, "maxCapacity": 1,
        "duration": 3600, "bringingAnyone": False, "aggregatedPrice": True, "mandatoryExtra": False,
        "status": "visible", "categoryId": 1, "priority": "least_expensive",
    },
    "providers": {"firstName": "Petra", "lastName": "Trainer", "phone": "", "status": "visible"},
    "locations": {"status": "visible", "name": "The 7 Space", "description": "", "phone": "", "pin": ""},
}  # fmt: skip
_GUEST = {"firstName": "Guest", "lastName": "Of The Sandbox"}


def add(store: Store, stream: str, data: Values, visit: Visit) -> dict[str, Any]:
    """Raises KeyError for an unknown stream, ValueError for bad data."""
    if stream == "appointments":
        return _shown(store, book(store, data, visit), visit)
    if stream == "customers":
        return customers.alone(customers.register(store, {"firstName": "", "lastName": "", **data}), visit)
    if stream == "webhooks":
        return store.put(
            "webhooks", {"type": "appointment", "action": "bookingAdded", **data, "id": store.new_id(stream)}
        )
    return _face(stream, put(store, stream, data))


def change(store: Store, stream: str, record_id: int, data: Values, visit: Visit) -> dict[str, Any]:
    """`{"deleted": true}` deletes for good. Raises KeyError for what is not there, ValueError for bad data."""
    if record_id not in store.tables.get(stream, {}):
        raise KeyError(f"{stream}/{record_id}")
    if stream == "appointments":
        return _shown(store, _change_appointment(store, record_id, data, visit), visit)
    if data.get("deleted"):
        return _delete(store, stream, record_id, visit)
    if stream == "customers":
        return customers.alone(customers.edit(store, record_id, data), visit)
    if stream == "payments":
        raise KeyError(f"payments/{record_id}")
    old = store.tables[stream][record_id]
    return _face(stream, store.put(stream, {**old, **_given(stream, data), "id": record_id}))


def put(store: Store, stream: str, data: Values) -> Record:
    """A record of one of `KINDS`, new, with what such a record has at first. Raises KeyError."""
    form = FORMS[KINDS[stream]]
    number = store.new_id(stream)
    return store.put(stream, {**form, **_NEW.get(stream, {}), **_given(stream, data), "id": number})


def book(store: Store, data: Values, visit: Visit) -> diary.Act:
    """A customer books: what is not said is made up, from the service to the hour; the calendar is not looked at.

    `customer` or `customerId`, `status`, `persons`, `price` and `customFields` may stand in the place of `bookings` of
    one. A booking of a group session joins the others of the same service, provider and start.
    """
    service = store.get("services", _whole(data, "serviceId")) or _any(store, "services", data.get("serviceId"))
    provider = store.get("providers", _whole(data, "providerId")) or _any(store, "providers", data.get("providerId"))
    near = {name: data[name] for name in ("customer", "customerId", "status", "persons", "price", "customFields")
            if name in data}  # fmt: skip
    raws = data.get("bookings") or [near]
    wanted = {
        "bookingStart": dates.local(visit.now + timedelta(days=1))[:10] + " 10:00:00",
        **data,
        "serviceId": service["id"],
        "providerId": provider["id"],
        "notifyParticipants": data.get("notifyParticipants", 1),
        "bookings": [_booking(store, raw) for raw in raws],
    }

    def joins(other: Record) -> bool:
        return other["status"] in rules.ACTIVE and bookings.has_room(store, other)

    act = diary.enter(store, wanted, visit, joins=joins, is_checked=False)
    hooks.tell(store, visit, "bookingAdded", act)
    return act


def dump(store: Store, visit: Visit) -> dict[str, list[Any]]:
    """Everything: appointments as `asArray=true` lists them, customers as each alone, payments as rows."""
    found = sorted(store.all("appointments"), key=lambda one: (one["bookingStart"], one["id"]))
    return {
        "appointments": [faces.in_list(store, one, visit) for one in found],
        "customers": [customers.alone(one, visit) for one in store.all("customers")],
        **{stream: [_face(stream, one) for one in store.all(stream)] for stream in KINDS},
        "payments": [row for _, row in sorted(payments.rows(store, visit), key=lambda each: each[0])],
        "webhooks": list(store.all("webhooks")),
    }


def _change_appointment(store: Store, appointment_id: int, data: Values, visit: Visit) -> diary.Act:
    if data.get("deleted"):
        act = diary.delete(store, appointment_id)
        hooks.tell(store, visit, "bookingStatusUpdated", act)
        return act
    given = {name: value for name, value in data.items() if name != "status"}
    if "bookings" in given:
        inside = {one["id"] for one in store.tables["appointments"][appointment_id]["bookings"]}
        given["bookings"] = [raw if _whole(raw, "id") in inside else _booking(store, raw) for raw in given["bookings"]]
    act = diary.edit(store, appointment_id, given, visit, is_checked=False)
    if "status" in data:
        rules.check_status(data["status"], "save", visit.edition)
        later = diary.set_status(store, appointment_id, data["status"], is_checked=False)
        act = diary.Act(act.before, later.after, tuple({*act.touched, *later.touched}))
    hooks.tell_of_change(store, visit, act)
    return act


def _booking(store: Store, raw: Values) -> dict[str, Any]:
    """With the customer's id, who is registered where that is needed; what was typed is kept with the booking."""
    known = store.get("customers", _whole(raw, "customerId"))
    if raw.get("customerId") and known is None:
        raise ValueError(f"there is no customer {raw['customerId']}")
    typed = {**_GUEST, **(raw.get("customer") or {})} if known is None else known
    person = known or customers.new_or_known(store, typed)
    return {"info": drafts.info({**person, **typed}), **raw, "customerId": person["id"]}


def _delete(store: Store, stream: str, record_id: int, visit: Visit) -> dict[str, Any]:
    old = store.tables[stream][record_id]
    if stream == "customers":
        users.remove(store, record_id)
        return customers.alone(old, visit)
    store.remove(stream, record_id)
    return dict(old)


def _any(store: Store, stream: str, wanted: Any) -> Record:
    """The first there is, or a new one where there is none. Raises ValueError where another was named."""
    if wanted:
        raise ValueError(f"there is no {KINDS[stream]} {wanted}")
    return next(store.all(stream), None) or put(store, stream, {})


def _given(stream: str, data: Values) -> dict[str, Any]:
    unknown = sorted(data.keys() - FORMS[KINDS[stream]].keys())
    if unknown:
        raise ValueError(f"a {KINDS[stream]} has no {', '.join(unknown)}")
    return dict(data)


def _whole(data: Values, name: str) -> int:
    value = str(data.get(name) or "")
    return int(value) if value.isdecimal() else 0


def _face(stream: str, record: Record) -> dict[str, Any]:
    if stream == "services":
        return catalogue.service(record, priority=record["priority"])
    return dict(record) if stream == "webhooks" else shaped(KINDS[stream], record, "elite")


def _shown(store: Store, act: diary.Act, visit: Visit) -> dict[str, Any]:
    return faces.in_list(store, act.after, visit)
