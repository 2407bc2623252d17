"""What follows from what: an appointment's status, its end, its price, and whether its time is free."""

import json
from collections.abc import Iterable
from typing import Any

from higherself_sync.sandbox.amelia import dates
from higherself_sync.sandbox.amelia.answers import Edition, Failed
from higherself_sync.sandbox.amelia.shapes import number
from higherself_sync.sandbox.amelia.store import Record, Store

STATUSES = ("approved", "pending", "canceled", "rejected", "no-show", "waiting")
ACTIVE = frozenset({"approved", "pending"})
_OVER = ("canceled", "no-show", "rejected", "waiting")


def status(bookings: Iterable[Record], service: Record) -> str:
    """An appointment's, from its bookings: `pending` as long as a group has not its least number of approved persons.

    Read: `getAppointmentStatusWhenEditAppointment`.
    """
    persons = dict.fromkeys(STATUSES, 0)
    for booking in bookings:
        persons[booking["status"]] += booking["persons"]
    total = sum(persons.values())
    for word in _OVER:
        if persons[word] == total:
            return word
    if not persons["approved"] and not persons["pending"]:
        return "canceled"
    return "approved" if persons["approved"] >= (service["minCapacity"] or 1) else "pending"


def end(appointment: Record, service: Record) -> str:
    """As late as the longest booking that still stands; where none does, the end is the start.

    Recorded: a canceled appointment ends when it starts. Read: `getAppointmentLengthTime`.
    """
    lengths = [_length(booking, service) for booking in appointment["bookings"] if booking["status"] in ACTIVE]
    return dates.later(appointment["bookingStart"], max(lengths, default=0))


def price(service: Record, duration: int | None) -> float:
    """The service's, or what it costs for that duration; never what a request says."""
    pricing = json.loads(service["customPricing"]) if service.get("customPricing") else {}
    if duration and pricing.get("enabled") and str(duration) in pricing.get("durations", {}):
        return number(pricing["durations"][str(duration)]["price"])
    return number(service["price"])


def is_free(store: Store, appointment: Record, service: Record) -> bool:
    """Whether the provider has nobody else then. A group of the same service and start shares its time while it lasts.

    Working hours, days off and time between appointments are not looked at.
    """
    start, until = appointment["bookingStart"], end(appointment, service)
    room = service["maxCapacity"] or 1
    for other in store.around(start):
        if other["id"] == appointment["id"] or other["providerId"] != appointment["providerId"]:
            continue
        if other["status"] not in ACTIVE or not (start < other["bookingEnd"] and other["bookingStart"] < until):
            continue
        if not is_same_session(other, appointment) or taken(other) + taken(appointment) > room:
            return False
    return True


def is_same_session(one: Record, other: Record) -> bool:
    return all(one[name] == other[name] for name in ("bookingStart", "serviceId", "providerId"))


def taken(appointment: Record) -> int:
    """The persons that an appointment has room for no longer."""
    return sum(booking["persons"] for booking in appointment["bookings"] if booking["status"] in ACTIVE)


def check_status(word: Any, act: str, edition: Edition) -> None:
    """The database is the first to notice a word that is none. Raises Failed, in MySQL's words.

    The free edition speaks to it through PDO, 9.6 through WordPress (read: `QueryExecutionException`, `Statement`).
    """
    if word not in STATUSES:
        where = "AmeliaBooking\\Infrastructure\\Repository\\Booking\\Appointment\\CustomerBookingRepository"
        cause = " SQLSTATE[01000]: Warning: 1265 " if edition == "lite" else ". "
        raise Failed(f"Unable to {act} data in {where}{cause}Data truncated for column 'status' at row 1")


def _length(booking: Record, service: Record) -> int:
    return int(booking["duration"] or service["duration"] or 0)
