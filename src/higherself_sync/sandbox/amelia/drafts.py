"""From what somebody gives to what the site stores: an appointment, a booking, a payment."""

import re
from typing import Any

from higherself_sync.sandbox.amelia import dates, rules
from higherself_sync.sandbox.amelia.query import whole
from higherself_sync.sandbox.amelia.shapes import FORMS, Values, number
from higherself_sync.sandbox.amelia.store import Record
from higherself_sync.sandbox.amelia.visit import Visit
from higherself_sync.sandbox.woocommerce.deliveries import encoded

_MADE = frozenset(("id", "bookings", "provider", "service", "location", "bookingEnd", "isRescheduled",
                   "isChangedStatus", "isFull", "initialAppointmentDateTime"))  # fmt: skip
"""What an appointment shows and nobody can give."""
_TAG = re.compile(r"<[^>]*>")
KEPT = ("customerId", "status", "duration", "persons", "couponId", "coupon", "extras", "customFields", "utcOffset")
"""What can be given of a booking."""


def appointment(data: Values, stored: Values = FORMS["appointment"]) -> Record:
    """The given fields over those that are stored. A time zone is that of a start that is given with it."""
    given = {name: data[name] for name in FORMS["appointment"] if name in data and name not in _MADE}
    if "bookingStart" in given:
        zone = str(data.get("timeZone") or "")
        start = dates.sent(str(given["bookingStart"]), is_utc=bool(data.get("utc")), zone_name=zone)
        given |= {"bookingStart": start, "bookingEnd": start}
    if "internalNotes" in given:
        given["internalNotes"] = _TAG.sub("", str(given["internalNotes"] or ""))
    for name in ("serviceId", "providerId", "locationId"):
        if name in given:
            given[name] = whole(given[name]) or None
    return {**stored, **given}


def booking(raw: Values, service: Record, visit: Visit) -> Record:
    word = raw.get("status") or "approved"
    rules.check_status(word, "add", visit.edition)
    given = {name: raw[name] for name in KEPT if raw.get(name) is not None}
    duration = whole(raw.get("duration")) or None
    return {
        **FORMS["booking"],
        **given,
        "status": word,
        "customerId": whole(raw["customerId"]),
        "persons": whole(raw.get("persons")) or 1,
        "duration": duration,
        "price": rules.price(service, duration) if raw.get("price") is None else amount(raw["price"]),
        "customFields": as_json_text(raw.get("customFields")),
        "info": as_json_text(raw.get("info")),
        "created": dates.local(visit.now),
        "payments": [],
    }


def payment(payment_id: int, booking: Record, start: str, wish: Values, visit: Visit) -> Record:
    """Whoever pays on site has paid nothing, and that is due when the appointment starts."""
    is_on_site = wish.get("gateway", "onSite") == "onSite"
    made = {
        "id": payment_id,
        "customerBookingId": booking["id"],
        "amount": 0 if is_on_site else number(booking["price"] * booking["persons"]),
        "gateway": "onSite",
        "status": "pending" if is_on_site else "paid",
        "dateTime": start if is_on_site else dates.local(visit.now),
        "created": dates.utc(visit.now),
        "entity": "appointment",
    }
    if is_on_site and "status" not in wish:
        return {**FORMS["payment"], **made}
    given = {name: value for name, value in wish.items() if name in FORMS["payment"] and name not in ("id", "data")}
    return {**FORMS["payment"], **made, **given, "amount": amount(given.get("amount", made["amount"]))}


def as_json_text(value: Any) -> str | None:
    """Fields that are JSON within a text, given as an object or as that text."""
    if value is None or isinstance(value, str):
        return value or None
    return encoded(value).decode()


def info(person: Values) -> str:
    """What the customer typed into the booking form, as it is kept with the booking."""
    names = {name: person.get(name) for name in ("firstName", "lastName", "phone")}
    more = {"locale": person.get("locale", "en_US"), "timeZone": person.get("timeZone", "Europe/Berlin")}
    return encoded({**names, **more, "urlParams": None}).decode()


def amount(value: Any) -> float:
    try:
        return number(float(value))
    except (TypeError, ValueError):
        return 0
