"""What people do outside the API: a client books on the scheduling page, the owner edits at the screen."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from higherself_sync.sandbox.acuity import (
    account,
    answers,
    appointments,
    blocks,
    catalogue,
    clients,
    dates,
    hooks,
    phones,
)
from higherself_sync.sandbox.acuity.appointments import Booking
from higherself_sync.sandbox.acuity.store import Record, Store, whole

Data: TypeAlias = Mapping[str, Any]

STREAMS = ("appointments", "appointment-types", "calendars", "clients", "forms", "labels", "blocks")
_SOMEBODY = {"firstName": "Robin", "lastName": "Sample", "email": "robin.sample@example.com"}
_TAKEN = ("firstName", "lastName", "email", "phone", "notes", "certificate", "timezone", "category", "location")
_MONEY = ("price", "priceSold", "amountPaid")
_OTHERS = ("datetime", "calendarID", "appointmentTypeID", "duration", "paid", "labels", "fields", "canceled", "noShow")
_SAID = ("firstName", "lastName", "email", "phone", "timezone")
_BOOKED = ("datetime", "calendarID", "appointmentTypeID", "fields", *_SAID)
"""What a client says when booking; the rest of what is added happened to the appointment afterwards."""
_KEYS = (*_TAKEN, *_MONEY, *_OTHERS)


def add(store: Store, stream: str, data: Data, now: datetime) -> Record:
    """Raises KeyError for an unknown stream, ValueError for what it does not take."""
    match stream:
        case "appointments":
            return _booked(store, data, now)
        case "clients":
            return clients.create(store, data)
        case "blocks":
            catalogue.furnish(store)
            return blocks.create(store, {"calendarID": next(iter(store.tables["calendars"])), **data})
        case _ if stream in catalogue.KINDS:
            return catalogue.add(store, stream, data)
        case _:
            raise KeyError(stream)


def change(store: Store, stream: str, record_id: str, data: Data) -> Record:
    """Edited at the screen, where no rule for clients holds. Raises KeyError for what is not there, else ValueError."""
    if stream in catalogue.KINDS:
        return catalogue.change(store, stream, record_id, data)
    record = store.get(stream, record_id) if stream == "appointments" else None
    if record is None:
        raise KeyError(f"{stream}/{record_id}")
    return _edited(store, record, data)


def _booked(store: Store, data: Data, now: datetime) -> Record:
    """By default the first type, on its first calendar, tomorrow at ten there, by somebody."""
    catalogue.furnish(store)
    _refuse_strangers(data)
    kind = _chosen(store, "appointment-types", data.get("appointmentTypeID"), store.all("appointment-types"))
    offered = catalogue.offering(store, kind) or store.all("calendars")
    calendar = _chosen(store, "calendars", data.get("calendarID"), offered)
    told = {**_SOMEBODY, **data} if "firstName" not in data and "email" not in data else data
    first, last, email, phone, timezone = (_text(told.get(name)) for name in _SAID)
    _check_zone(data)
    given = answers.read(data.get("fields"), catalogue.attached(store, kind))
    start = _start(store, data, calendar, now)
    booking = Booking(kind, calendar, start, first, last, email, phone, timezone, answers=given)
    record = appointments.book(store, booking, now)
    later = {name: value for name, value in data.items() if name not in _BOOKED}
    return _edited(store, record, later) if later else record


def _edited(store: Store, record: Record, data: Data) -> Record:
    _refuse_strangers(data)
    if record["canceled"] and data.get("canceled") is False:
        raise ValueError("a cancellation cannot be undone")
    before, edited = record, record | _plain(data)
    if kind := _named(store, "appointment-types", data.get("appointmentTypeID")):
        edited |= {"type": kind["name"], "appointmentTypeID": kind["id"], "category": kind["category"]}
    if "labels" in data:
        edited["labels"] = None if data["labels"] is None else [_label(store, each) for each in data["labels"]]
    if "fields" in data:
        edited["forms"] = _answered(store, edited, data["fields"])
    if any(name in data for name in ("datetime", "calendarID", "duration")):
        edited = _moved(store, edited, data)
    if data.get("canceled") and not before["canceled"]:
        edited = appointments.closed(edited)
    if "noShow" in data:
        if not edited["canceled"]:
            raise ValueError("only a canceled appointment can be a no-show")
        edited["noShow"] = bool(data["noShow"])
    if edited != before:
        edited = appointments.save(store, edited)
        hooks.announce(store, _what_happened(before, edited), edited)
    return edited


def _what_happened(before: Record, after: Record) -> hooks.Action:
    if after["canceled"] and not before["canceled"]:
        return "canceled"
    return "rescheduled" if after["datetime"] != before["datetime"] else "changed"


def _plain(data: Data) -> Record:
    plain: Record = {name: _text(data[name]) for name in _TAKEN if name in data}
    if "certificate" in data:
        plain["certificate"] = data["certificate"] or None
    _check_zone(data)
    plain |= {name: account.money(data[name]) for name in _MONEY if name in data}
    if "price" in data and "priceSold" not in data:
        plain["priceSold"] = plain["price"]
    if "phone" in data:
        plain["phone"] = phones.kept(str(data["phone"]))
    if "paid" in data:
        plain["paid"] = data["paid"] if data["paid"] in ("yes", "no") else "yes" if data["paid"] else "no"
    if "duration" in data:
        if not whole(data["duration"]):
            raise ValueError("a duration is a whole number of minutes")
        plain["duration"] = str(data["duration"])
    return plain


def _moved(store: Store, record: Record, data: Data) -> Record:
    own = {"id": record["calendarID"], "name": record["calendar"], "timezone": record["calendarTimezone"]}
    own = store.get("calendars", record["calendarID"]) or own | {"location": record["location"]}
    calendar = _named(store, "calendars", data.get("calendarID")) or own
    start = _time(store, data["datetime"]) if "datetime" in data else appointments.start_of(record)
    return appointments.moved(store, record, start, calendar)


def _answered(store: Store, record: Record, fields: Any) -> list[Any]:
    kind = store.get("appointment-types", record["appointmentTypeID"])
    forms = catalogue.attached(store, kind) if kind else []
    return answers.forms_of(store, forms, answers.of(record) | answers.read(fields, forms), record["forms"])


def _start(store: Store, data: Data, calendar: Record, now: datetime) -> datetime:
    if "datetime" in data:
        return _time(store, data["datetime"])
    where = dates.zone(calendar["timezone"]) or store.zone
    tomorrow = (now.astimezone(where) + timedelta(days=1)).date()
    return _time(store, dates.stamp(datetime(tomorrow.year, tomorrow.month, tomorrow.day, 10, tzinfo=where), where))


def _time(store: Store, text: object) -> datetime:
    moment = dates.read(str(text), store.zone)
    if moment is None:
        raise ValueError(f"{text!r} is no time")
    return moment


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _label(store: Store, given: Any) -> Record:
    """By its id, or as an object that has one."""
    return _chosen(store, "labels", given.get("id") if isinstance(given, Mapping) else given, ())


def _chosen(store: Store, table: str, asked: object, among: Any) -> Record:
    """The one that is named, else the first of those there are to choose from."""
    found = _named(store, table, asked) or next(iter(among), None)
    if found is None:
        raise ValueError(f"there are no {table} to choose from")
    return dict(found)


def _named(store: Store, table: str, asked: object) -> Record | None:
    found = store.get(table, asked)
    if found is None and asked is not None:
        raise ValueError(f"there is no {table}/{asked}")
    return found


def _check_zone(data: Data) -> None:
    if "timezone" in data and dates.zone(data["timezone"]) is None:
        raise ValueError(f"{data['timezone']!r} is no time zone")


def _refuse_strangers(data: Data) -> None:
    if unknown := sorted(data.keys() - set(_KEYS)):
        raise ValueError(f"an appointment has no {', '.join(unknown)} that a person could set")
