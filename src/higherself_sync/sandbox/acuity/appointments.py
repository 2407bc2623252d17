"""An appointment's record: how it is made, what follows from its start, and how it is shown in a list and alone."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from higherself_sync.sandbox.acuity import account, answers, catalogue, clients, dates, hooks, phones
from higherself_sync.sandbox.acuity.store import Record, Store

ALONE = {"isVerified": False, "scheduledBy": None}
"""What only an answer about one appointment has, never a list; with the values of a client's own booking."""


@dataclass(frozen=True, slots=True)
class Booking:
    """What is asked for, checked. `answers` are by field id; `scheduled_by` is None for a client's own booking."""

    kind: Record
    calendar: Record
    start: datetime
    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""
    timezone: str = ""
    notes: str = ""
    labels: Sequence[Record] | None = None
    answers: Mapping[int, str] = field(default_factory=dict)
    scheduled_by: str | None = None


def book(store: Store, booking: Booking, now: datetime) -> Record:
    """Make the record, tell the webhooks, and see that its client is in the list."""
    number, kind, calendar = store.next_id("appointments"), booking.kind, booking.calendar
    forms = answers.forms_of(store, catalogue.attached(store, kind), booking.answers, ())
    dated = {
        "dateCreated": dates.words(now, store.zone, store.me["dateFormat"]),
        "datetimeCreated": dates.stamp(now, _created_zone(store)),
    }
    draft: Record = {
        "id": number, "firstName": booking.first_name, "lastName": booking.last_name,
        "phone": phones.kept(booking.phone), "email": booking.email,
        **dict.fromkeys(("date", "time", "endTime")), **dated, "datetime": None,
        "price": kind["price"], "priceSold": kind["price"], "paid": "no", "amountPaid": "0.00",
        "type": kind["name"], "appointmentTypeID": kind["id"], "classID": None, "addonIDs": [],
        "category": kind["category"], "duration": str(kind["duration"]), "calendar": None, "calendarID": None,
        "certificate": None, **account.confirmation_pages(store.me, number), "location": None, "notes": booking.notes,
        "timezone": booking.timezone or store.me["timezone"], "calendarTimezone": None, "canceled": False,
        "canClientCancel": True, "canClientReschedule": True,
        "labels": None if booking.labels is None else list(booking.labels), "forms": forms, "formsText": "",
        **ALONE, "scheduledBy": booking.scheduled_by,
    }  # fmt: skip
    record = save(store, moved(store, draft, booking.start, calendar))
    hooks.announce(store, "scheduled", record)
    return record


def save(store: Store, record: Record) -> Record:
    """Put a new state of a record in its place, with the text of its forms; no longer is it as it was loaded."""
    before = store.get("appointments", record["id"])
    if before is None or any(before[name] != record[name] for name in clients.TOLD):
        clients.meet(store, record)
    store.pinned -= {record["id"]}
    return store.put("appointments", record | {"formsText": answers.text(store.me, record)})


def moved(store: Store, record: Record, start: datetime, calendar: Record) -> Record:
    """The record at another time, on a calendar."""
    there = {"calendar": calendar["name"], "calendarID": calendar["id"], "location": calendar["location"]}
    record = record | there | {"calendarTimezone": calendar["timezone"]}
    return record | words_of(store, record, start)


def words_of(store: Store, record: Record, start: datetime) -> Record:
    """`date`, `time` and `endTime` in the account's zone and form; `datetime` in the calendar's zone."""
    where, form = store.zone, store.settings.time_format
    return {
        "date": dates.words(start, where, store.me["dateFormat"]),
        "time": dates.clock(start, where, form),
        "endTime": dates.clock(start + length(record), where, form),
        "datetime": dates.stamp(start, dates.zone(record.get("calendarTimezone")) or where),
    }


def length(record: Record) -> timedelta:
    return timedelta(minutes=int(record["duration"]))


def start_of(record: Record) -> datetime:
    return dates.moment(record["datetime"])


def closed(record: Record) -> Record:
    """The record, canceled. `noShow` comes into being here, before what only single answers have."""
    alone = {name: record[name] for name in ALONE}
    kept = {name: value for name, value in record.items() if name not in ALONE}
    return {**kept, "canceled": True, "noShow": False, **alone}


def shown(store: Store, record: Record, now: datetime) -> Record:
    """As a call for it alone shows it."""
    if record["id"] in store.pinned:
        return record
    return record | client_rights(store, record, now)


def listed(store: Store, record: Record, now: datetime) -> Record:
    return {name: value for name, value in shown(store, record, now).items() if name not in ALONE}


def client_rights(store: Store, record: Record, now: datetime) -> dict[str, bool]:
    """What turns false by itself when the time has come (recorded: a future, a past and a canceled appointment)."""
    close = timedelta(hours=store.settings.close_hours)
    is_open = not record["canceled"] and start_of(record) - close > now
    return {
        "canClientCancel": is_open and store.settings.clients_may_cancel,
        "canClientReschedule": is_open and store.settings.clients_may_reschedule,
    }


def is_free(
    store: Store, calendar: Record, start: datetime, duration: timedelta, but: Container[int] = frozenset()
) -> bool:
    """Whether no other appointment than `but` these and no block is there at that time."""
    end = start + duration
    for other in store.tables["appointments"].values():
        if other["calendarID"] == calendar["id"] and not other["canceled"] and other["id"] not in but:
            begins = start_of(other)
            if begins < end and start < begins + length(other):
                return False
    blocks = (block for block in store.all("blocks") if block["calendarID"] == calendar["id"])
    return not any(dates.moment(block["start"]) < end and start < dates.moment(block["end"]) for block in blocks)


def whole_record(loaded: Mapping[str, Any]) -> Record:
    """A loaded object in its own order, with what its kind of answer, or its age, left out."""
    record = dict(loaded)
    alone = {name: record.pop(name) for name in ALONE if name in record}
    record.setdefault("canceled", False)
    record.setdefault("calendarTimezone", None)
    record.setdefault("forms", [])
    record.setdefault("location", "")
    if record["canceled"]:
        record.setdefault("noShow", False)
    return record | ALONE | alone


def _created_zone(store: Store) -> tzinfo:
    """US Central, whatever the account's zone. Whether the real one keeps summer time in winter nobody has seen."""
    return dates.CENTRAL if store.settings.created_zone == "daylight" else dates.SUMMER_ALL_YEAR


def as_utc(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(microsecond=0)
