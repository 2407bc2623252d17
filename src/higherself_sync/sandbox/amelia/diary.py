"""What is done to appointments, whoever does it: entered, edited, given a status, canceled, deleted.

The API and the sandbox's controls come here both; only the API minds whether the time is free.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from higherself_sync.sandbox.amelia import dates, drafts, rules
from higherself_sync.sandbox.amelia.answers import Refused, taken, unknown
from higherself_sync.sandbox.amelia.query import filled, whole
from higherself_sync.sandbox.amelia.shapes import FORMS, Values
from higherself_sync.sandbox.amelia.store import Record, Store
from higherself_sync.sandbox.amelia.visit import Visit

ALREADY_BOOKED = "You have already booked this appointment"
MEETINGS = (
    "googleMeetUrl", "microsoftTeamsUrl", "zoomMeeting", "lessonSpace", "googleCalendarEventId",
    "outlookCalendarEventId", "appleCalendarEventId",
)  # fmt: skip
"""What the plugin gets from other systems when an appointment is made. The addresses hold the host's keys."""


@dataclass(frozen=True, slots=True)
class Act:
    """An appointment before (None where it is new) and after, and its bookings that are new or changed their status."""

    before: Record | None
    after: Record
    touched: tuple[int, ...]

    @property
    def bookings(self) -> list[Record]:
        return [booking for booking in self.after["bookings"] if booking["id"] in self.touched]

    @property
    def is_moved(self) -> bool:
        return self.before is not None and self.before["bookingStart"] != self.after["bookingStart"]

    @property
    def is_status_changed(self) -> bool:
        return self.before is not None and self.before["status"] != self.after["status"]


def found(store: Store, appointment_id: int) -> Record:
    """A copy that may be edited. Raises Failed."""
    if store.get("appointments", appointment_id) is None:
        raise unknown(appointment_id)
    return store.draft("appointments", appointment_id)


def service_of(store: Store, appointment: Record) -> Record:
    """Where it is not known, one that is as long as the appointment."""
    if service := store.get("services", appointment["serviceId"]):
        return service
    span = dates.parse(appointment["bookingEnd"]) - dates.parse(appointment["bookingStart"])
    return {**FORMS["service"], "minCapacity": 1, "maxCapacity": 1, "duration": int(span.total_seconds())}


def enter(store: Store, data: Values, visit: Visit, *, joins: Callable[[Record], bool], is_checked: bool) -> Act:
    """A new appointment, or new bookings in one of the same service, provider and start that `joins` lets in.

    Raises Refused where the time is taken, and is looked at.
    """
    wanted = drafts.appointment(data)
    wanted["notifyParticipants"] = _flag(wanted["notifyParticipants"], visit)
    service = service_of(store, wanted)
    wanted["bookings"] = [drafts.booking(raw, service, visit) for raw in data["bookings"]]
    beside = [other for other in store.around(wanted["bookingStart"]) if rules.is_same_session(other, wanted)]
    before = next((other for other in beside if joins(other)), None)
    after = store.draft("appointments", before["id"]) if before else wanted
    if before:
        if is_checked:
            _check_guests(before, wanted["bookings"])
        after["bookings"] += wanted["bookings"]
        notes = [notes for notes in (before["internalNotes"], wanted["internalNotes"]) if notes]
        after["internalNotes"] = "\n\n".join(notes)
    _settle(after, service)
    is_full = before is not None and rules.taken(after) > (service["maxCapacity"] or 1)
    if is_checked and (is_full or not rules.is_free(store, after, service)):
        raise taken()
    after["id"] = after["id"] or store.new_id("appointments")
    for booking in wanted["bookings"]:
        _number(store, after, booking, _wish(data), visit)
    store.put("appointments", after)
    return Act(before, after, tuple(booking["id"] for booking in wanted["bookings"]))


def edit(store: Store, appointment_id: int, data: Values, visit: Visit, *, is_checked: bool = True) -> Act:
    """The given fields laid over what is there, bookings by their ids. Raises Failed, Refused."""
    after = found(store, appointment_id)
    before = store.tables["appointments"][appointment_id]
    after = drafts.appointment(data, after)
    if "notifyParticipants" in data:
        after["notifyParticipants"] = _flag(data["notifyParticipants"], visit)
    service = service_of(store, before if before["serviceId"] == after["serviceId"] else after)
    for raw in data.get("bookings") or ():
        _overlay(store, after, raw, service, visit, _wish(data))
    gone = {whole(raw.get("id")) for raw in data.get("removedBookings") or ()}
    after["bookings"] = [booking for booking in after["bookings"] if booking["id"] not in gone]
    if before["serviceId"] != after["serviceId"]:
        for booking in after["bookings"]:
            booking["price"] = rules.price(service, booking["duration"])
    if "bookings" in data or "bookingStart" in data or before["serviceId"] != after["serviceId"]:
        _settle(after, service)
    return _kept(store, before, after, service, is_checked=is_checked)


def move(store: Store, appointment_id: int, start: str, *, is_checked: bool = True) -> Act:
    after = found(store, appointment_id)
    before = store.tables["appointments"][appointment_id]
    after["bookingStart"] = start
    service = service_of(store, before)
    after["bookingEnd"] = rules.end(after, service)
    return _kept(store, before, after, service, is_checked=is_checked)


def set_status(store: Store, appointment_id: int, word: str, *, is_checked: bool = True) -> Act:
    """Of an appointment and all its bookings. Raises Failed, Refused."""
    after = found(store, appointment_id)
    before = store.tables["appointments"][appointment_id]
    service = service_of(store, before)
    for booking in after["bookings"]:
        booking["status"] = word
    after |= {"status": word, "bookingEnd": rules.end(after, service)}
    if is_checked and _revives(before, after) and not rules.is_free(store, after, service):
        refused = taken()
        raise Refused(refused.message, {**refused.data, "status": before["status"]})
    return _kept(store, before, after, service, is_checked=False)


def cancel_booking(store: Store, booking_id: int) -> Act:
    """Raises Failed."""
    after, before = _around(store, booking_id)
    for booking in after["bookings"]:
        if booking["id"] == booking_id:
            booking["status"] = "canceled"
    service = service_of(store, before)
    _settle(after, service)
    return _kept(store, before, after, service, is_checked=False)


def remove_booking(store: Store, booking_id: int) -> Act:
    """The last one takes the appointment with it. Raises Failed."""
    after, before = _around(store, booking_id)
    after["bookings"] = [booking for booking in after["bookings"] if booking["id"] != booking_id]
    if not after["bookings"]:
        return delete(store, before["id"])
    service = service_of(store, before)
    _settle(after, service)
    return _kept(store, before, after, service, is_checked=False)


def delete(store: Store, appointment_id: int) -> Act:
    """For good. What is told of it afterwards says `rejected`. Raises Failed."""
    after = found(store, appointment_id)
    before = store.tables["appointments"][appointment_id]
    stood = tuple(booking["id"] for booking in before["bookings"] if booking["status"] in rules.ACTIVE)
    for booking in after["bookings"]:
        booking["status"] = "rejected"
    store.remove("appointments", appointment_id)
    return Act(before, {**after, "status": "rejected"}, stood)


def _overlay(store: Store, after: Record, raw: Values, service: Record, visit: Visit, wish: Values) -> None:
    known = next((booking for booking in after["bookings"] if booking["id"] == whole(raw.get("id"))), None)
    if known is None:
        booking = drafts.booking(raw, service, visit)
        after["bookings"].append(booking)
        _number(store, after, booking, wish, visit)
        return
    rules.check_status(raw.get("status", known["status"]), "save", visit.edition)
    given = {name: raw[name] for name in drafts.KEPT if name in raw}
    given |= {name: whole(given[name]) or known[name] for name in ("customerId", "persons") if name in given}
    if "duration" in given:
        given["duration"] = whole(given["duration"]) or None
    if "customFields" in given:
        given["customFields"] = drafts.as_json_text(given["customFields"])
    is_longer = given.get("duration", known["duration"]) != known["duration"]
    known |= given
    if is_longer:
        known["price"] = rules.price(service, known["duration"])


def _number(store: Store, appointment: Record, booking: Record, wish: Values, visit: Visit) -> None:
    booking["id"] = store.new_id("bookings")
    booking["appointmentId"] = appointment["id"]
    booking["token"] = f"{store.random.getrandbits(40):010x}"
    booking["payments"] = [drafts.payment(store.new_id("payments"), booking, appointment["bookingStart"], wish, visit)]


def _flag(value: Any, visit: Visit) -> str | int:
    """As the database gives it back: the paid edition reads a text."""
    number = int(filled(value))
    return number if visit.is_lite else str(number)


def _wish(data: Values) -> Values:
    value = data.get("payment")
    return value if isinstance(value, Mapping) else {}


def _settle(appointment: Record, service: Record) -> None:
    appointment["status"] = rules.status(appointment["bookings"], service)
    appointment["bookingEnd"] = rules.end(appointment, service)


def _kept(store: Store, before: Record, after: Record, service: Record, *, is_checked: bool) -> Act:
    is_moved = before["bookingStart"] != after["bookingStart"]
    if is_checked and (is_moved or _revives(before, after)) and not rules.is_free(store, after, service):
        raise taken()
    for each in _payments(after) if is_moved else ():
        if each["gateway"] == "onSite":
            each["dateTime"] = after["bookingStart"]
    store.put("appointments", after)
    words = {booking["id"]: booking["status"] for booking in before["bookings"]}
    touched = (booking["id"] for booking in after["bookings"] if words.get(booking["id"]) != booking["status"])
    return Act(before, after, tuple(touched))


def _payments(appointment: Record) -> Iterable[Record]:
    return (each for booking in appointment["bookings"] for each in booking["payments"])


def _revives(before: Record, after: Record) -> bool:
    return before["status"] not in rules.ACTIVE and after["status"] in rules.ACTIVE


def _around(store: Store, booking_id: int) -> tuple[Record, Record]:
    appointment_id = store.bookings.get(booking_id)
    if appointment_id is None:
        raise unknown(booking_id)
    return found(store, appointment_id), store.tables["appointments"][appointment_id]


def _check_guests(appointment: Record, bookings: Iterable[Mapping[str, Any]]) -> None:
    here = {booking["customerId"] for booking in appointment["bookings"] if booking["status"] in rules.ACTIVE}
    if any(booking["customerId"] in here for booking in bookings):
        raise Refused(ALREADY_BOOKED, {"customerAlreadyBooked": True})
