"""What the API does to appointments, with the checks in the order in which the vendor lists their errors."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from higherself_sync.sandbox.acuity import answers, appointments, catalogue, dates, hooks, phones
from higherself_sync.sandbox.acuity.appointments import Booking
from higherself_sync.sandbox.acuity.errors import (
    NotServed,
    Refused,
    not_available,
    not_found,
    required_attribute,
    required_parameter,
    unknown_calendar,
    unknown_type,
)
from higherself_sync.sandbox.acuity.store import Record, Store

Body: TypeAlias = Mapping[str, Any]

TYPE_WANTED = ("appointmentTypeID", "required_appointment_type_id")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")


def found(store: Store, appointment_id: int) -> Record:
    record = store.get("appointments", appointment_id)
    if record is None:
        raise not_found()
    return record


def create(store: Store, body: Body, admin: bool, now: datetime) -> Record:
    """As if a client booked, or with `admin` in the owner's name: then no rule holds, but a calendar must be named."""
    first, last = (_name(body, name) for name in ("firstName", "lastName"))
    email = _email(body, admin)
    asked = body.get("appointmentTypeID")
    kind = _bookable(store, asked)
    given = _answers(store, kind, body, admin) if kind else {}
    if kind is None:
        raise unknown_type(asked) if asked else required_parameter(*TYPE_WANTED)
    calendar = _calendar(store, body, admin)
    start, text = _start(store, body)
    timezone = _timezone(store, body)
    place = calendar or _free_calendar(store, kind, start)
    if not admin:
        _check_slot(store, kind, place, start, text, now)
    _check_unserved(kind, body)
    booking = Booking(
        kind, place, start, first, last, email, _text(body, "phone"), timezone,
        _text(body, "notes") if admin else "", _labels(store, body), given, store.me["email"] if admin else None,
    )  # fmt: skip
    return appointments.book(store, booking, now)


def update(store: Store, record: Record, body: Body, admin: bool) -> Record:
    """What is not on the list of what may be updated is ignored in silence, and without `admin` so are the notes."""
    changes: Record = {name: _name(body, name) for name in ("firstName", "lastName") if name in body}
    if "email" in body:
        changes["email"] = _email(body, admin)
    if "phone" in body:
        changes["phone"] = phones.kept(_text(body, "phone"))
    if "fields" in body:
        changes["forms"] = _updated_forms(store, record, body, admin)
    if body.get("labels") is not None:
        changes["labels"] = _labels(store, body)
    if admin and "notes" in body:
        changes["notes"] = _text(body, "notes")
    if admin and body.get("certificate"):
        raise _certificate(body["certificate"])
    if all(record[name] == value for name, value in changes.items()):
        return record
    updated = appointments.save(store, record | changes)
    hooks.announce(store, "changed", updated)
    return updated


def check_time(store: Store, asked: Body, now: datetime) -> Record:
    """Whether a client could book that time. What keeps a client from it is told; what is no question is refused."""
    kind = _bookable(store, asked.get("appointmentTypeID"))
    if kind is None:
        wanted = asked.get("appointmentTypeID")
        raise unknown_type(wanted) if wanted else required_parameter(*TYPE_WANTED)
    calendar = _calendar(store, asked, admin=False)
    start, text = _start(store, asked)
    shown: Record = {"datetime": dates.stamp(start, store.zone), "appointmentTypeID": kind["id"]}
    shown |= {"calendarID": calendar["id"]} if calendar else {}
    try:
        _check_slot(store, kind, calendar or _free_calendar(store, kind, start), start, text, now)
    except Refused as refusal:
        return shown | {"valid": False, "error": refusal.error, "message": refusal.message}
    return shown | {"valid": True}


def check_certificate(store: Store, asked: Body) -> Record:
    """Raises Refused: the sandbox's account has none."""
    wanted = asked.get("appointmentTypeID")
    if _bookable(store, wanted) is None:
        raise unknown_type(wanted) if wanted else required_parameter(*TYPE_WANTED)
    raise _certificate(asked.get("certificate") or "")


def cancel(store: Store, record: Record, body: Body, admin: bool, now: datetime) -> Record:
    """Cannot be undone. Once it is canceled, only `noShow` can change, and only by `admin`."""
    if not (record["canceled"] or admin):
        _check_client_right(store, record, now, "cancel")
    canceled = record if record["canceled"] else appointments.closed(record)
    if admin and isinstance(body.get("noShow"), bool):
        canceled = canceled | {"noShow": body["noShow"]}
    if canceled == record:
        return record
    canceled = appointments.save(store, canceled)
    hooks.announce(store, "changed" if record["canceled"] else "canceled", canceled)
    return canceled


def reschedule(store: Store, record: Record, body: Body, admin: bool, now: datetime) -> Record:
    """To another time, and to another calendar if one is named; `"calendarID": null` is any that is free."""
    if not admin:
        _check_client_right(store, record, now, "reschedule")
    kind = store.get("appointment-types", record["appointmentTypeID"])
    if kind and kind["type"] == "series":
        raise Refused("reschedule_series", "Class series may not be rescheduled.")
    if record["canceled"]:
        raise Refused("reschedule_canceled", "Canceled appointments may not be rescheduled.")
    calendar = _other_calendar(store, record, body)
    start, text = _start(store, body)
    changes = {"timezone": _timezone(store, body)} if body.get("timezone") else {}
    own, own_place = _own_kind(record, kind), frozenset({int(record["id"])})
    place = calendar or _free_calendar(store, own, start, but=own_place)
    if not admin:
        _check_slot(store, own, place, start, text, now, but=own_place)
    rescheduled = appointments.save(store, appointments.moved(store, record | changes, start, place))
    hooks.announce(store, "rescheduled", rescheduled)
    return rescheduled


# the parts of a body; each raises Refused


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    return "" if value is None else str(value)


def _name(body: Body, name: str) -> str:
    value = _text(body, name).strip()
    if not value:
        raise required_attribute(name, "required_first_name" if name == "firstName" else "required_last_name")
    return value


def _email(body: Body, admin: bool) -> str:
    email = _text(body, "email").strip()
    if admin:
        return email
    if not email:
        raise required_attribute("email", "required_email")
    if not _EMAIL.fullmatch(email):
        raise Refused("invalid_email", 'Invalid "email" attribute value.')
    return email


def _bookable(store: Store, asked: object) -> Record | None:
    kind = store.get("appointment-types", asked)
    return kind if kind and kind["active"] else None


def _answers(store: Store, kind: Record, body: Body, admin: bool) -> dict[int, str]:
    forms = catalogue.attached(store, kind)
    given = answers.read(body.get("fields"), forms)
    if not admin:
        answers.require(given, forms)
    return given


def _updated_forms(store: Store, record: Record, body: Body, admin: bool) -> list[Any]:
    """The answers given take the place of those to the same fields, in all forms that the type has now."""
    kind = store.get("appointment-types", record["appointmentTypeID"])
    forms = catalogue.attached(store, kind) if kind else []
    given = answers.of(record) | answers.read(body["fields"], forms)
    if not admin:
        answers.require(given, forms)
    return answers.forms_of(store, forms, given, record["forms"])


def _labels(store: Store, body: Body) -> list[Record] | None:
    """One label, or none. What the account says to more, or to one that it has not, is not known."""
    given = body.get("labels")
    if given is None:
        return None
    asked = given if isinstance(given, list) else [given]
    labels = [store.get("labels", each.get("id")) if isinstance(each, Mapping) else None for each in asked]
    if len(labels) > 1 or None in labels:
        raise NotServed(f"labels such as {given}")
    return [label for label in labels if label]


def _calendar(store: Store, body: Body, admin: bool) -> Record | None:
    """None for any calendar, which is not for `admin` to ask for."""
    asked = body.get("calendarID")
    if asked is None and not admin:
        return None
    calendar = store.get("calendars", asked)
    if calendar is None:
        raise unknown_calendar("" if asked is None else asked)
    return calendar


def _other_calendar(store: Store, record: Record, body: Body) -> Record | None:
    """The one that is named, None for any; the appointment's own if the body says nothing of it."""
    if "calendarID" in body:
        return _calendar(store, body, admin=False)
    known = {"id": record["calendarID"], "name": record["calendar"], "location": record["location"]}
    return store.get("calendars", record["calendarID"]) or known | {"timezone": record["calendarTimezone"]}


def _start(store: Store, body: Body) -> tuple[datetime, str]:
    """Without an offset it is in the business's zone, whatever the calendar's."""
    text = _text(body, "datetime")
    if not text:
        raise required_parameter("datetime", "required_datetime")
    start = dates.read(text, store.zone)
    if start is None:
        raise Refused("invalid_datetime", f'The datetime "{text}" is invalid.')
    return start, text


def _timezone(store: Store, body: Body) -> str:
    name = body.get("timezone")
    if name and dates.zone(name) is None:
        raise Refused("invalid_timezone", f'Invalid timezone "{name}".')
    return str(name or store.me["timezone"])


def _check_unserved(kind: Record, body: Body) -> None:
    if body.get("certificate"):
        raise _certificate(body["certificate"])
    if kind["type"] != "service":
        raise NotServed(f"a booking of type {kind['type']}")
    if body.get("addonIDs"):
        raise NotServed("addonIDs")


def _certificate(code: object) -> Refused:
    """The sandbox's account has none. The code is documented, the words are the sandbox's."""
    return Refused("invalid_certificate", f'The certificate "{code}" is invalid.')


# the rules for clients


def _check_slot(
    store: Store,
    kind: Record,
    calendar: Record,
    start: datetime,
    text: str,
    now: datetime,
    but: frozenset[int] = frozenset(),
) -> None:
    settings, duration = store.settings, timedelta(minutes=int(kind["duration"]))
    is_offered = calendar["id"] in kind["calendarIDs"]
    if not is_offered or not appointments.is_free(store, calendar, start, duration, but):
        raise not_available(text)
    if start < now + timedelta(hours=settings.min_hours_in_advance):
        message = f'The time "{text}" is not far enough in advance.'
        raise Refused("not_available_min_hours_in_advance", message)
    days = settings.max_days_in_advance
    if days is not None and start > now + timedelta(days=days):
        raise Refused("not_available_max_days_in_advance", f'The time "{text}" is too far in advance.')


def _free_calendar(store: Store, kind: Record, start: datetime, but: frozenset[int] = frozenset()) -> Record:
    duration = timedelta(minutes=int(kind["duration"]))
    for calendar in catalogue.offering(store, kind):
        if appointments.is_free(store, calendar, start, duration, but):
            return calendar
    raise Refused("no_available_calendar", "We could not find an available calendar.")


def _own_kind(record: Record, kind: Record | None) -> Record:
    """The type, or what is known of one that is gone, with the appointment's own duration and calendar."""
    offered = kind["calendarIDs"] if kind else []
    return {"calendarIDs": [*offered, record["calendarID"]], "duration": record["duration"]}


def _check_client_right(store: Store, record: Record, now: datetime, act: str) -> None:
    """What `canClientCancel` and `canClientReschedule` tell decides; a canceled appointment has refusals of its own."""
    right = "canClientCancel" if act == "cancel" else "canClientReschedule"
    if record["canceled"] or appointments.shown(store, record, now)[right]:
        return
    settings = store.settings
    allowed = settings.clients_may_cancel if act == "cancel" else settings.clients_may_reschedule
    if not allowed:
        raise Refused(f"{act}_not_allowed", f"Clients are not allowed to {act}.")
    message = f"Clients are not allowed to {act} this close to the time of the appointment."
    raise Refused(f"{act}_too_close", message)
