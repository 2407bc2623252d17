"""What a request for an appointment sends, as far as it is listened to."""

from collections.abc import Mapping, Sequence
from typing import Any

from higherself_sync.sandbox.amelia import diary
from higherself_sync.sandbox.amelia.answers import NotServed, Refused
from higherself_sync.sandbox.amelia.query import whole
from higherself_sync.sandbox.amelia.store import Record
from higherself_sync.sandbox.amelia.visit import Ask

_UNHEARD = frozenset(("price", "payments", "created", "token", "customer", "appointmentId"))
"""What a booking in a request may hold and nobody looks at: the price is the service's."""


def heard(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if name not in _UNHEARD}


def heard_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Without the status, which follows from the bookings, and without what other systems give."""
    return {name: value for name, value in body.items() if name not in ("status", *diary.MEETINGS)}


def bookings(ask: Ask) -> list[Mapping[str, Any]]:
    given = ask.body["bookings"]
    if (
        not given
        or not _are_objects(given)
        or not all(isinstance(raw.get("customer"), Mapping | None) for raw in given)
    ):
        raise NotServed("bookings that are no list of objects")
    return list(given)


def _are_objects(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(raw, Mapping) for raw in given)


def customer(ask: Ask, raw: Mapping[str, Any]) -> Record | None:
    return ask.store.get("customers", whole(raw.get("customerId")))


def check_entities(ask: Ask, raws: Sequence[Mapping[str, Any]]) -> None:
    """Raises Refused where something is named that there is not."""
    store, body = ask.store, ask.body
    known = {
        "customer": all(customer(ask, raw) for raw in raws),
        "service": store.get("services", whole(body.get("serviceId"))),
        "provider": store.get("providers", whole(body.get("providerId"))),
        "location": not body.get("locationId") or store.get("locations", whole(body["locationId"])),
    }
    for kind, is_known in known.items():
        if not is_known:
            message = f"Entity missing ({kind}). Please refresh page and try again."
            raise Refused(message, {"entityMissing": True})


def check_recurring(ask: Ask) -> None:
    if ask.body.get("recurring") or ask.body.get("package"):
        raise NotServed("recurring appointments and packages")


def check_removed(ask: Ask) -> None:
    if not _are_objects(ask.body.get("removedBookings") or []):
        raise NotServed("removedBookings that are no list of objects")
