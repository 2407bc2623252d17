"""The acts on appointments and bookings through the API, and what each is answered with."""

from collections.abc import Mapping
from typing import Any

from higherself_sync.sandbox.amelia import bookings, dates, diary, faces, hooks, rules, sent
from higherself_sync.sandbox.amelia.answers import NotServed, Told
from higherself_sync.sandbox.amelia.bookings import CHANGED, ZOOM
from higherself_sync.sandbox.amelia.diary import Act
from higherself_sync.sandbox.amelia.query import whole
from higherself_sync.sandbox.amelia.shapes import shaped
from higherself_sync.sandbox.amelia.store import Record
from higherself_sync.sandbox.amelia.visit import Ask
from higherself_sync.sandbox.woocommerce.dates import SITE

_NEEDED = ("bookings", "bookingStart", "notifyParticipants", "serviceId", "providerId")
_EDITED = (*_NEEDED, "removedBookings", "createPaymentLinks", "internalNotes", "locationId", "payment", "utc",
           "timeZone", "lessonSpace")  # fmt: skip


def get(ask: Ask) -> Told:
    ask.needs_login()
    if ask.params.get("drawer"):
        raise NotServed("an appointment with drawer=1")
    record = diary.found(ask.store, ask.id)
    shown = faces.alone(ask.store, record, ask.visit)
    if name := ask.params.get("timeZone"):
        there = dates.zone(str(name))
        shown |= {key: dates.moved(shown[key], SITE, there) for key in ("bookingStart", "bookingEnd")}
    return Told("Successfully retrieved appointment", {"appointment": shown, "recurring": []})


def create(ask: Ask) -> Told:
    ask.needs_fields(*_NEEDED)
    raws = sent.bookings(ask)
    sent.check_entities(ask, raws)
    ask.needs_login()
    sent.check_recurring(ask)
    body = {**sent.heard_of(ask.body), "bookings": [sent.heard(raw) for raw in raws]}

    def joins(other: Record) -> bool:
        return other["status"] not in rules.ACTIVE or (not ask.visit.is_lite and bookings.has_room(ask.store, other))

    act = diary.enter(ask.store, body, ask.visit, joins=joins, is_checked=True)
    hooks.tell(ask.store, ask.visit, "bookingAdded", act)
    named = {whole(raw["customerId"]): raw.get("customer") for raw in raws}

    def booking(one: Record) -> dict[str, Any]:
        more = {
            "isChangedStatus": True,
            "actionsCompleted": True,
            "payments": bookings.paid(one, ask, actionsCompleted=True),
        }
        return shaped("booking", {**one, "customer": _named(ask, one, named), **more}, ask.visit.edition)

    shown = faces.written(act.after, ask.visit, booking, notifyParticipants=ask.body["notifyParticipants"])
    return Told("Successfully added new appointment", {"appointment": shown, "recurring": []})


def update(ask: Ask) -> Told:
    """The paid edition lays the given fields over what is stored; the free one needs all of them."""
    if ask.visit.is_lite:
        ask.needs_fields(*_NEEDED)
    ask.needs_login()
    given = {name: ask.body[name] for name in _EDITED if name in ask.body}
    sent.check_removed(ask)
    if given.get("bookings"):
        inside = {one["id"] for one in diary.found(ask.store, ask.id)["bookings"]}
        raws = [raw for raw in sent.bookings(ask) if whole(raw.get("id")) in inside or sent.customer(ask, raw)]
        given["bookings"] = [sent.heard(raw) for raw in raws]
    act = diary.edit(ask.store, ask.id, given, ask.visit)
    assert act.before is not None
    hooks.tell_of_change(ask.store, ask.visit, act)
    before = {name: act.before[name] for name in ("bookingStart", "bookingEnd")}
    appointment = _updated(ask, act, before)
    provider = act.before["providerId"]
    data = {
        "appointment": appointment,
        "appointmentStatusChanged": act.is_status_changed,
        "appointmentRescheduled": act.is_moved,
        "initialAppointmentDateTime": before,
        "bookingsWithChangedStatus": [one for one in appointment["bookings"] if one["id"] in act.touched],
        "appointmentEmployeeChanged": provider if provider != act.after["providerId"] else None,
        **(_zoom_of_lite(ask, act) if ask.visit.is_lite else {**ZOOM, "lessonSpaceChanged": False}),
    }
    return Told("Successfully updated appointment", data)


def set_status(ask: Ask) -> Told:
    ask.needs_right("You are not allowed to update appointment status")
    ask.needs_fields("status")
    word = ask.body["status"]
    before = diary.found(ask.store, ask.id)
    rules.check_status(word, "save", ask.visit.edition)
    room = diary.service_of(ask.store, before)["maxCapacity"] or 1
    if word == "approved" and len(before["bookings"]) > room:
        return _full(ask, before)
    act = diary.set_status(ask.store, ask.id, word)
    hooks.tell_of_change(ask.store, ask.visit, act)
    appointment, touched = faces.changed(ask.store, act.after, ask.visit, act.touched)
    words = {"status": word, "oldStatus": before["status"], "message": CHANGED + word}
    data = {"appointment": appointment, "bookingsWithChangedStatus": touched, **words}
    return Told("Successfully updated appointment status", data)


def set_time(ask: Ask) -> Told:
    ask.needs_fields("bookingStart")
    ask.needs_login()
    zone = str(ask.body.get("timeZone") or "")
    act = diary.move(ask.store, ask.id, dates.sent(str(ask.body["bookingStart"]), zone_name=zone))
    assert act.before is not None
    hooks.tell_of_change(ask.store, ask.visit, act)
    before = {name: act.before[name] for name in ("bookingStart", "bookingEnd")}
    shown = faces.alone(ask.store, act.after, ask.visit, isRescheduled=True)
    data = {"appointment": shown, "initialAppointmentDateTime": before}
    return Told("Successfully updated appointment time", data)


def delete(ask: Ask) -> Told:
    ask.needs_right("You are not allowed to delete appointment")
    act = diary.delete(ask.store, ask.id)
    hooks.tell(ask.store, ask.visit, "bookingStatusUpdated", act)
    appointment, _ = faces.changed(ask.store, act.after, ask.visit, act.touched)
    return Told(
        "Successfully deleted appointment",
        {"appointment": appointment, "bookingsWithChangedStatus": _as_they_were(ask, act)},
    )


def _named(ask: Ask, booking: Record, named: Mapping[int, Any]) -> dict[str, Any] | None:
    """The customer: in full in the paid edition (recorded), in the free one as it was sent (read)."""
    if ask.visit.is_lite:
        told = named.get(booking["customerId"])
        return shaped("customer", told, "lite") if told else None
    return faces.whole(ask.store, "customer", booking["customerId"])


def _updated(ask: Ask, act: Act, before: Mapping[str, str]) -> dict[str, Any]:
    """Made of what was sent, so the payments are not known, nor to which appointment a booking belongs."""
    assert act.before is not None
    old = {one["id"]: one for one in act.before["bookings"]}
    named = {whole(raw.get("id")): raw.get("customer") for raw in ask.body.get("bookings") or ()}
    is_other = any(act.before[name] != act.after[name] for name in ("locationId", "providerId", "lessonSpace"))

    def booking(one: Record) -> dict[str, Any]:
        was = old.get(one["id"])
        same = was is not None and was["status"] == one["status"]
        edited = was is not None and any(was[name] != one[name] for name in ("persons", "duration", "customFields"))
        customer = _named(ask, one, {one["customerId"]: named.get(one["id"])})
        blank: dict[str, Any] = {"appointmentId": None, "token": None, "payments": [], "aggregatedPrice": None}
        marks = {"isChangedStatus": one["id"] in act.touched, "isUpdated": is_other or edited if same else None}
        return shaped("booking", {**one, "customer": customer, **blank, **marks}, ask.visit.edition)

    provider = None if ask.visit.is_lite else faces.whole(ask.store, "provider", act.after["providerId"])
    more = {"isRescheduled": True if act.is_moved else None, "initialAppointmentDateTime": before, "provider": provider}
    more |= {name: ask.body[name] for name in ("notifyParticipants",) if name in ask.body}
    return faces.written(act.after, ask.visit, booking, **more)


def _zoom_of_lite(ask: Ask, act: Act) -> dict[str, Any]:
    """The rest of the free edition's answer to an update (read: `UpdateAppointmentCommandHandler`)."""
    assert act.before is not None
    known = {one["id"] for one in act.before["bookings"]}
    return {
        "appointmentZoomUserChanged": False,
        "bookingAdded": any(one["id"] not in known for one in act.after["bookings"]),
        "appointmentZoomUsersLicenced": False,
        "createPaymentLinks": ask.body.get("createPaymentLinks"),
    }


def _full(ask: Ask, record: Record) -> Told:
    word = record["status"]
    shown = faces.alone(ask.store, record, ask.visit)
    words = {"status": word, "oldStatus": word, "message": "Maximum capacity is reached"}
    return Told("Appointment status not updated", {"appointment": shown, "bookingsWithChangedStatus": [], **words})


def _as_they_were(ask: Ask, act: Act) -> list[dict[str, Any]]:
    assert act.before is not None
    show = faces.alone_booking(ask.store, ask.visit, isChangedStatus=True)
    return [show(one) for one in act.before["bookings"] if one["id"] in act.touched]
