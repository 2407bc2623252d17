"""An appointment as each kind of answer shows it.

In lists it holds its customer, service and provider as far as the list's query selects them. Alone, the free edition
leaves all of them out and the paid one joins a short form (recorded, and read in 9.6.1). The answer to a write is made
of what was sent, so it knows less again.
"""

import json
from collections.abc import Callable, Container
from typing import Any, TypeAlias

from higherself_sync.sandbox.amelia import dates, shapes
from higherself_sync.sandbox.amelia.shapes import part, shaped
from higherself_sync.sandbox.amelia.store import Record, Store
from higherself_sync.sandbox.amelia.visit import Visit

BookingFace: TypeAlias = Callable[[Record], dict[str, Any]]

_TABLES = {"customer": "customers", "provider": "providers", "service": "services", "location": "locations"}


def in_list(store: Store, record: Record, visit: Visit, skipped: Container[str] = ()) -> dict[str, Any]:
    """As `asArray=true` lists it. `skipped` are "service" and "provider", as the caller wishes."""

    def booking(one: Record) -> dict[str, Any]:
        customer = store.get("customers", one["customerId"])
        payments = [payment(each, visit, created=each["created"]) for each in one["payments"]]
        more = {"customer": part("customer", customer, shapes.CUSTOMER_IN_LIST, visit.edition), "payments": payments}
        return shaped("booking", {**one, **more}, visit.edition, token=None, utcOffset=None)

    joined = {
        "provider": part("provider", store.get("providers", record["providerId"]), shapes.PROVIDER_IN_LIST, "elite"),
        "service": part("service", store.get("services", record["serviceId"]), shapes.SERVICE_IN_LIST, "elite"),
    }
    return _appointment(record, visit, booking, **{name: None if name in skipped else joined[name] for name in joined})


def in_day(store: Store, record: Record, visit: Visit, skipped: Container[str] = ()) -> dict[str, Any]:
    """As it is listed under its date. `isGroup` is for customers who look: to staff it is always false."""
    now = dates.local(visit.now)
    is_ahead = now <= record["bookingStart"]
    tail = {"cancelable": is_ahead, "reschedulable": is_ahead, "past": now >= record["bookingStart"], "isGroup": False}
    return {**in_list(store, record, visit, skipped), **tail}


def alone(store: Store, record: Record, visit: Visit, **more: Any) -> dict[str, Any]:
    return _appointment(record, visit, alone_booking(store, visit), **_short(store, record, visit), **more)


def alone_booking(store: Store, visit: Visit, **more: Any) -> BookingFace:
    """What a booking looks like within an appointment alone, with `more` set in each."""

    def booking(one: Record) -> dict[str, Any]:
        customer = None if visit.is_lite else store.get("customers", one["customerId"])
        payments = [
            payment(each, visit, created=None if visit.is_lite else each["created"]) for each in one["payments"]
        ]
        joined = part("customer", customer, shapes.CUSTOMER_IN_ITEM, visit.edition)
        if joined:
            joined["birthday"] = dates.as_php(joined["birthday"], visit.now)
        values = {"token": None, "customer": joined, "payments": payments, **more}
        return shaped("booking", {**one, **values}, visit.edition)

    return booking


def changed(
    store: Store, record: Record, visit: Visit, touched: Container[int], **more: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The appointment alone after a change of status, and those of its bookings whose status is another now."""
    plain, marked = alone_booking(store, visit), alone_booking(store, visit, isChangedStatus=True)

    def booking(one: Record) -> dict[str, Any]:
        return marked(one) if one["id"] in touched or one["status"] == "approved" else plain(one)

    shown = _appointment(record, visit, booking, **_short(store, record, visit), **more)
    return shown, [marked(one) for one in record["bookings"] if one["id"] in touched]


def written(record: Record, visit: Visit, booking: BookingFace, **more: Any) -> dict[str, Any]:
    """As the answer to a create or an update shows it; `booking` shows its bookings."""
    return _appointment(record, visit, booking, **more)


def hooked(store: Store, record: Record, visit: Visit) -> dict[str, Any]:
    """As webhooks send it: with everybody in full, and the token of each booking."""

    def booking(one: Record) -> dict[str, Any]:
        payments = [payment(each, visit, created=None) for each in one["payments"]]
        return shaped("booking", {**one, "customer": whole(store, "customer", one["customerId"]), "payments": payments},
                      visit.edition)  # fmt: skip

    joined = {
        "provider": whole(store, "provider", record["providerId"]),
        "service": whole(store, "service", record["serviceId"]),
        "location": whole(store, "location", record["locationId"]),
    }
    return _appointment(record, visit, booking, **joined)


def payment(record: Record, visit: Visit, **more: Any) -> dict[str, Any]:
    """Within a booking: its time is the site's, its creation UTC, and of the rest little is selected."""
    return shaped("payment", record, visit.edition, **{"entity": None, "actionsCompleted": None, **more})


def whole(store: Store, kind: str, record_id: int | None, **more: Any) -> dict[str, Any] | None:
    """With all keys of the paid edition; None for what is not there."""
    record = store.get(_TABLES[kind], record_id)
    if record is None:
        return None
    return shaped(kind, record, "elite", **({"priority": []} if kind == "service" else {}), **more)


def decoded(text: str | None) -> Any:
    """What a field holds that is JSON within a text; None for nothing, and for what is no JSON."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _short(store: Store, record: Record, visit: Visit) -> dict[str, Any]:
    if visit.is_lite:
        return {"provider": None, "service": None, "location": None}
    return {
        "provider": part("provider", store.get("providers", record["providerId"]), shapes.PROVIDER_IN_ITEM, "elite"),
        "service": part("service", store.get("services", record["serviceId"]), shapes.SERVICE_IN_ITEM, "elite"),
        "location": part("location", store.get("locations", record["locationId"]), shapes.LOCATION_IN_ITEM, "elite"),
    }


def _appointment(record: Record, visit: Visit, booking: BookingFace, **more: Any) -> dict[str, Any]:
    made = {
        "provider": None,
        "service": None,
        "location": None,
        "bookings": [booking(one) for one in record["bookings"]],
    }
    return shaped("appointment", record, visit.edition, **{**made, **more})
