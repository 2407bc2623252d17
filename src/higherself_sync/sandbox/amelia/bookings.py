"""The acts on bookings through the API, and what each is answered with."""

from collections.abc import Mapping
from typing import Any

from higherself_sync.sandbox.amelia import customers, dates, diary, drafts, faces, hooks, rules, sent
from higherself_sync.sandbox.amelia.answers import Failed, NotServed, Refused, Told, unknown
from higherself_sync.sandbox.amelia.diary import Act
from higherself_sync.sandbox.amelia.shapes import shaped
from higherself_sync.sandbox.amelia.store import Record, Store
from higherself_sync.sandbox.amelia.visit import Ask

CHANGED = "Appointment status has been changed to "
ZOOM = {"appointmentZoomUserChanged": False, "appointmentZoomUsersLicenced": False}


def book(ask: Ask) -> Told:
    """As a customer does in the browser; who has booked before is found again. Nobody is told before `success`."""
    ask.needs_fields("bookings", "bookingStart", "serviceId", "providerId")
    sent.check_recurring(ask)
    (raw, *others) = sent.bookings(ask)
    if others:
        raise NotServed("several bookings by one customer")
    sent.check_entities(ask, ())
    typed = {"locale": ask.body.get("locale"), "timeZone": ask.body.get("timeZone"), **(raw.get("customer") or {})}
    before = len(ask.store.tables["customers"])
    person = sent.customer(ask, raw) or customers.new_or_known(ask.store, typed)
    heard = {
        **sent.heard(raw),
        "customerId": person["id"],
        "status": "approved",
        "info": drafts.info({**person, **typed}),
    }
    body = {**sent.heard_of(ask.body), "bookings": [heard], "internalNotes": ""}
    try:
        act = diary.enter(ask.store, body, ask.visit, joins=lambda one: _is_open(ask.store, one), is_checked=True)
    except (Failed, Refused):
        if len(ask.store.tables["customers"]) > before:
            ask.store.remove("customers", person["id"])
        raise
    if ask.body.get("runInstantPostBookingActions"):
        hooks.tell(ask.store, ask.visit, "bookingAdded", act)
    return Told("Successfully added booking", _booked(ask, act, person, typed))


def succeed(ask: Ask) -> Told:
    """What follows a booking is done: mail, calendars, webhooks. The answer says nothing (read)."""
    ask.needs_fields("appointmentStatusChanged")
    if ask.id not in ask.store.bookings:
        raise unknown(ask.id)
    appointment = diary.found(ask.store, ask.store.bookings[ask.id])
    act = Act(None, appointment, (ask.id,))
    hooks.tell(ask.store, ask.visit, "bookingAdded", act)
    return Told("Successfully get booking", [])


def cancel(ask: Ask) -> Told:
    ask.needs_login()
    act = diary.cancel_booking(ask.store, ask.id)
    hooks.tell(ask.store, ask.visit, "bookingCanceled", act, [ask.id])
    appointment, _ = faces.changed(ask.store, act.after, ask.visit, act.touched)
    booking = next(one for one in appointment["bookings"] if one["id"] == ask.id)
    words = {"type": "appointment", "status": "canceled", "message": f"{CHANGED}canceled"}
    data = {"appointment": appointment, "appointmentStatusChanged": act.is_status_changed, "booking": booking, **words}
    return Told("Successfully updated booking status", data)


def delete(ask: Ask) -> Told:
    ask.needs_right("You are not allowed to delete appointment")
    act = diary.remove_booking(ask.store, ask.id)
    is_gone = ask.store.get("appointments", act.after["id"]) is None
    appointment, _ = faces.changed(ask.store, act.after, ask.visit, act.touched)
    hooks.tell(ask.store, ask.visit, "bookingStatusUpdated", act)
    assert act.before is not None
    removed = [one for one in act.before["bookings"] if one["id"] == ask.id]
    show = faces.alone_booking(ask.store, ask.visit)
    data: dict[str, Any] = {"appointment": appointment, "bookingsWithChangedStatus": [show(one) for one in removed]}
    data |= {"bookingDeleted": True, "appointmentDeleted": is_gone}
    more: dict[str, Any] = {"appointmentStatusChanged": act.is_status_changed, "appointmentRescheduled": False}
    more |= {"appointmentEmployeeChanged": None, **ZOOM}
    return Told("Successfully deleted booking", data if is_gone else {**data, **more})


def has_room(store: Store, appointment: Record) -> bool:
    """Whether it is a group that somebody may still join."""
    room = diary.service_of(store, appointment)["maxCapacity"] or 1
    return room > 1 and rules.taken(appointment) < room


def _is_open(store: Store, appointment: Record) -> bool:
    return appointment["status"] not in rules.ACTIVE or has_room(store, appointment)


def paid(booking: Record, ask: Ask, **more: Any) -> list[dict[str, Any]]:
    shown = {"entity": "appointment", "created": None, **more}
    return [faces.payment(each, ask.visit, **shown) for each in booking["payments"]]


def _booked(ask: Ask, act: Act, person: Record, typed: Mapping[str, Any]) -> dict[str, Any]:
    customer = shaped("customer", person, ask.visit.edition, status=None)

    def booking(one: Record) -> dict[str, Any]:
        made = {"customer": customer, "actionsCompleted": False, "payments": paid(one, ask)}
        return shaped("booking", {**one, **made}, ask.visit.edition)

    new = act.bookings[0]
    more = {"location": faces.whole(ask.store, "location", act.after["locationId"]), "internalNotes": None}
    more |= {"notifyParticipants": ask.body.get("notifyParticipants", 1)}
    times = {
        name: dates.local_to_utc(act.after[key]) for name, key in (("start", "bookingStart"), ("end", "bookingEnd"))
    }
    (payment,) = paid(new, ask)
    return {
        "type": "appointment",
        "appointment": faces.written(act.after, ask.visit, booking, **more),
        "booking": booking(new),
        "utcTime": [times],
        "appointmentStatusChanged": act.is_status_changed,
        "recurring": [],
        "package": [],
        "packageId": None,
        "customer": {**customer, "locale": typed.get("locale"), "timeZone": typed.get("timeZone")},
        "bookable": faces.whole(ask.store, "service", act.after["serviceId"]),
        "paymentId": payment["id"],
        "packageCustomerId": None,
        "payment": payment,
        "customerCabinetUrl": "",
    }
