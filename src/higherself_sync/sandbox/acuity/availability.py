"""`/availability/dates` and `/availability/times`: which starts are free.

Their form is documented. The opening hours are the sandbox's: Monday to Friday, 9 to 17 in the calendar's zone. A
booking is not held to them; it only must not lie on another one, on a block, or in the past.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from higherself_sync.sandbox.acuity import appointments, catalogue, dates
from higherself_sync.sandbox.acuity.errors import (
    NotServed,
    Refused,
    required_parameter,
    unknown_calendar,
    unknown_type,
)
from higherself_sync.sandbox.acuity.store import Record, Store

OPENS, CLOSES, WEEKDAYS = time(9), time(17), range(5)


def days(store: Store, asked: Mapping[str, str], now: datetime) -> list[Any]:
    """`month` is YYYY-MM, or a day in it."""
    kind, calendars = _asked(store, asked)
    month = _day(asked, "month", (asked.get("month") or "")[:7] + "-01")
    following = (month + timedelta(days=31)).replace(day=1)
    every = [month + timedelta(days=n) for n in range((following - month).days)]
    return [{"date": day.isoformat()} for day in every if next(_starts(store, kind, calendars, day, now), None)]


def times(store: Store, asked: Mapping[str, str], now: datetime, but: frozenset[int] = frozenset()) -> list[Any]:
    """One after the other, each a duration after the one before; in the zone asked for, or the calendar's.

    Appointments `but` these are in the way.
    """
    kind, calendars = _asked(store, asked)
    day = _day(asked, "date", asked.get("date") or "")
    shown_in = dates.zone(asked.get("timezone")) if asked.get("timezone") else None
    if asked.get("timezone") and shown_in is None:
        raise Refused("invalid_timezone", f'Invalid timezone "{asked["timezone"]}".')
    found: dict[datetime, list[Record]] = {}
    for start, calendar in _starts(store, kind, calendars, day, now, but):
        found.setdefault(start, []).append(calendar)
    return [
        {"time": dates.stamp(start, shown_in or _zone(store, free[0])), "slotsAvailable": len(free)}
        for start, free in sorted(found.items(), key=lambda entry: entry[0])
    ]


def classes(store: Store) -> list[Any]:
    """None, as long as nothing but services can be booked."""
    if any(kind["type"] != "service" for kind in store.all("appointment-types")):
        raise NotServed("the classes of an account that has some")
    return []


def _starts(
    store: Store,
    kind: Record,
    calendars: list[Record],
    day: date,
    now: datetime,
    but: frozenset[int] = frozenset(),
) -> Iterator[tuple[datetime, Record]]:
    if day.weekday() not in WEEKDAYS:
        return
    length = timedelta(minutes=int(kind["duration"]))
    earliest = now + timedelta(hours=store.settings.min_hours_in_advance)
    for calendar in calendars:
        where = _zone(store, calendar)
        start, closes = (appointments.as_utc(datetime.combine(day, at, where)) for at in (OPENS, CLOSES))
        while start + length <= closes:
            if start >= earliest and appointments.is_free(store, calendar, start, length, but):
                yield start, calendar
            start += length


def _asked(store: Store, asked: Mapping[str, str]) -> tuple[Record, list[Record]]:
    if any(name.startswith("addonIDs") for name in asked):
        raise NotServed("addonIDs")
    wanted = asked.get("appointmentTypeID")
    if not wanted:
        raise required_parameter("appointmentTypeID", "required_appointment_type_id")
    kind = store.get("appointment-types", wanted)
    if kind is None or not kind["active"]:
        raise unknown_type(wanted)
    if kind["type"] != "service":
        raise NotServed(f"the availability of type {kind['type']}")
    offering = catalogue.offering(store, kind)
    if not asked.get("calendarID"):
        return kind, offering
    calendar = store.get("calendars", asked["calendarID"])
    if calendar is None:
        raise unknown_calendar(asked["calendarID"])
    return kind, [each for each in offering if each["id"] == calendar["id"]]


def _day(asked: Mapping[str, str], name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        day = date.min
    if day.year not in dates.YEARS:
        raise NotServed(f"availability with {name}={asked.get(name, '')}")
    return day


def _zone(store: Store, calendar: Record) -> Any:
    return dates.zone(calendar["timezone"]) or store.zone
