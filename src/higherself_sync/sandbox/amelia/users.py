"""What is asked of people whatever they are: who is logged in, what hangs on somebody, and to be rid of them."""

from collections.abc import Iterator

from higherself_sync.sandbox.amelia import dates, diary, listing, rules
from higherself_sync.sandbox.amelia.answers import NotServed, Refused, Told, not_found
from higherself_sync.sandbox.amelia.store import Record, Store
from higherself_sync.sandbox.amelia.visit import Ask

_FORBIDDEN = "You are not allowed to read user"
_AHEAD = "Could not delete user.\n                This user has {} in the future."
_BEHIND = "This user has {} in the past."


def current(ask: Ask) -> Told:
    """Nobody is null."""
    user = None if ask.is_guest else listing.visitor(ask.visit)
    return Told("Successfully retrieved current user", {"user": user})


def effect(ask: Ask) -> Told:
    """What the screen says before somebody is deleted."""
    ask.needs_right(_FORBIDDEN)
    ahead, behind = _counted(ask)
    message = _AHEAD.format(_named(ahead)) if ahead else _BEHIND.format(_named(behind)) if behind else ""
    return Told("Successfully retrieved message.", {"valid": not ahead, "message": message})


def delete(ask: Ask) -> Told:
    """Not while a session stands ahead: that is 409 on every site."""
    ask.needs_right(_FORBIDDEN)
    ahead, _ = _counted(ask)
    if ahead:
        raise Refused("Could not delete user.", [], always=True)
    remove(ask.store, ask.id)
    return Told("Successfully deleted user.", [])


def remove(store: Store, customer_id: int) -> None:
    """With the bookings, and with appointments that then have none."""
    for booking_id in [booking["id"] for _, booking in _bookings(store, customer_id)]:
        diary.remove_booking(store, booking_id)
    store.remove("customers", customer_id)


def _counted(ask: Ask) -> tuple[int, int]:
    """Of a customer's appointments those that stand ahead, and all that are over. Raises Failed."""
    if ask.store.get("providers", ask.id):
        raise NotServed(f"the deletion of the provider {ask.id}")
    if ask.store.get("customers", ask.id) is None:
        raise not_found(ask.visit.edition)
    now = dates.local(ask.visit.now)
    mine = {one["id"]: one for one, _ in _bookings(ask.store, ask.id)}.values()
    ahead = sum(one["bookingStart"] >= now and one["status"] in rules.ACTIVE for one in mine)
    return ahead, sum(one["bookingStart"] < now for one in mine)


def _bookings(store: Store, customer_id: int) -> Iterator[tuple[Record, Record]]:
    for appointment in store.all("appointments"):
        for booking in appointment["bookings"]:
            if booking["customerId"] == customer_id:
                yield appointment, booking


def _named(count: int) -> str:
    return f"{count} appointment{'' if count == 1 else 's'}"
