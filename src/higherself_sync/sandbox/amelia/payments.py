"""What was paid, or is to be: a row a booking, whatever it cost."""

from collections.abc import Iterator
from typing import Any

from higherself_sync.sandbox.amelia import dates, faces, listing, query
from higherself_sync.sandbox.amelia.answers import NotServed, Told, not_found
from higherself_sync.sandbox.amelia.shapes import number, shaped
from higherself_sync.sandbox.amelia.store import Record, Store
from higherself_sync.sandbox.amelia.visit import Ask, Visit

ROW = "row"
"""Under this key a payment that was loaded without its booking keeps the row that told of it."""
_PER_PAGE = 10
_SORTED_BY = ("id", "created", "status", "amount")


def listed(ask: Ask) -> Told:
    """The free edition filters by when a payment is due, the paid one by when it was made."""
    ask.needs_right("You are not allowed to read payments.")
    every = [row for _, row in rows(ask.store, ask.visit)]
    days = listing.days_of(ask)
    found = _sorted(ask, [row for row in every if _is_wanted(ask, row, *days)])
    page = query.paged(found, ask.params.get("page"), _size(ask))
    counts = {"filteredCount": len(found), "totalCount": len(every)}
    return Told("Successfully retrieved payments.", {"payments": list(page), **counts})


def one(ask: Ask) -> Told:
    """Alone its times are UTC, both of them (recorded)."""
    record = found(ask.store, ask.id)
    if record is None:
        raise not_found(ask.visit.edition)
    ask.needs_right("You are not allowed to read payment.")
    due = dates.local_to_utc(record["dateTime"])
    payment = shaped("payment", record, ask.visit.edition, dateTime=due, actionsCompleted=None)
    return Told("Successfully retrieved payment.", {"payment": payment})


def found(store: Store, payment_id: int) -> Record | None:
    appointment = store.get("appointments", store.paid.get(payment_id))
    bookings = appointment["bookings"] if appointment else ()
    inside = (each for booking in bookings for each in booking["payments"] if each["id"] == payment_id)
    return next(inside, None) or store.get("payments", payment_id)


def rows(store: Store, visit: Visit) -> Iterator[tuple[int, dict[str, Any]]]:
    """(payment, row) of every booking that has one; a second payment stands within the row of the first."""
    for appointment in store.all("appointments"):
        for booking in appointment["bookings"]:
            if booking["payments"]:
                first, *more = sorted(booking["payments"], key=lambda each: int(each["id"]))
                yield first["id"], _row(store, appointment, booking, first, more, visit)
    yield from ((record["id"], record[ROW]) for record in store.all("payments") if record.get(ROW))


def _row(
    store: Store, appointment: Record, booking: Record, payment: Record, more: list[Record], visit: Visit
) -> dict[str, Any]:
    service = store.get("services", appointment["serviceId"]) or {"name": None}
    made = dates.utc_to_local(payment["created"]) if payment["created"] else None
    return {
        "id": payment["id"],
        "dateTime": payment["dateTime"],
        "created": made,
        "bookingStart": appointment["bookingStart"],
        "status": payment["status"],
        "wcOrderId": payment["wcOrderId"],
        "wcOrderItemId": payment["wcOrderItemId"],
        "gateway": payment["gateway"],
        "gatewayTitle": payment["gatewayTitle"],
        "transactionId": payment["transactionId"],
        "name": service["name"],
        "customerBookingId": booking["id"],
        "packageCustomerId": None,
        "amount": number(payment["amount"]),
        "providers": _providers(store, appointment["providerId"]),
        "location": _location(store, appointment["locationId"]),
        "customerId": booking["customerId"],
        "serviceId": appointment["serviceId"],
        "appointmentId": appointment["id"],
        "packageId": None,
        "bookedPrice": number(booking["price"]) or None,
        "bookedTax": booking["tax"],
        "bookableName": service["name"],
        **_customer(store, booking),
        "coupon": booking["coupon"],
        "persons": booking["persons"],
        "aggregatedPrice": int(booking["aggregatedPrice"]),
        "bookingExtrasSum": 0,
        "secondaryPayments": [faces.payment(each, visit, entity=each["entity"]) for each in more],
    }


def _providers(store: Store, provider_id: int) -> list[dict[str, Any]]:
    record = store.get("providers", provider_id)
    if record is None:
        return []
    return [{"id": record["id"], "fullName": query.full_name(record), "email": record["email"]}]


def _location(store: Store, location_id: int | None) -> dict[str, Any] | None:
    record = store.get("locations", location_id)
    if record is None:
        return None
    return {"id": record["id"], "location_name": record["name"], "location_address": record["address"]}


def _customer(store: Store, booking: Record) -> dict[str, Any]:
    """The name as it was typed into the booking form, where it was."""
    record = store.get("customers", booking["customerId"]) or {"firstName": "", "lastName": "", "email": None}
    typed = faces.decoded(booking["info"]) or record
    names = {"customerFirstName": typed.get("firstName"), "customerLastName": typed.get("lastName")}
    return {**names, "info": booking["info"], "customerEmail": record["email"]}


def _is_wanted(ask: Ask, row: dict[str, Any], first: str, last: str) -> bool:
    when = row["dateTime"] if ask.visit.is_lite else row.get("created") or row["dateTime"]
    customer, status = query.whole(ask.params.get("customerId")), ask.params.get("status")
    services = query.ids(ask.params, "services")
    return (
        (not first or first <= when[:10])
        and (not last or when[:10] <= last)
        and (not customer or row["customerId"] == customer)
        and (not services or row["serviceId"] in services)
        and (not status or row["status"] == status)
    )


def _sorted(ask: Ask, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = sorted(found, key=lambda row: (row["dateTime"], row["id"]))
    sort = "" if ask.visit.is_lite else str(ask.params.get("sort") or "")
    name = sort.lstrip("-")
    if not name:
        return found
    if name not in _SORTED_BY:
        raise NotServed(f"payments sorted by {sort}")
    return sorted(found, key=lambda row: (row.get(name) or "", row["id"]), reverse=sort.startswith("-"))


def _size(ask: Ask) -> int:
    if ask.visit.is_lite:
        return ask.visit.items_per_page or listing.ITEMS_PER_PAGE["lite"]
    return query.cast(ask.params.get("limit")) or _PER_PAGE
