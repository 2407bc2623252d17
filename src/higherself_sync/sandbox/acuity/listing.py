"""`GET /appointments`: a bare array, cut at `max` in silence. There is no offset, no total and no modified-since."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeAlias

from higherself_sync.sandbox.acuity import answers, appointments, dates, phones
from higherself_sync.sandbox.acuity.errors import NotServed
from higherself_sync.sandbox.acuity.store import Record, Store, whole

Test: TypeAlias = Callable[[Record], bool]

DEFAULT_MAX = 100


def page(store: Store, asked: Mapping[str, str], now: datetime) -> list[Record]:
    """By start, the latest first unless `direction=ASC`; of two at the same time the older record first (recorded)."""
    tests = [*_tests(store, asked), *_by_state(asked)]
    records = [record for record in store.all("appointments") if all(test(record) for test in tests)]
    records.sort(key=lambda record: record["id"])
    records.sort(key=appointments.start_of, reverse=_is_descending(asked))
    shown = [appointments.listed(store, record, now) for record in records[: most(store, asked)]]
    if is_true(asked.get("excludeForms")):
        return [{name: value for name, value in record.items() if name != "forms"} for record in shown]
    return shown


def is_true(value: str | None) -> bool:
    return (value or "").lower() in ("true", "1")


def most(store: Store, asked: Mapping[str, str]) -> int:
    """How many are shown. No ceiling is documented, and nobody has met one; the knob `max_ceiling` sets one."""
    text = asked.get("max", "")
    wanted, ceiling = whole(text) if text else DEFAULT_MAX, store.settings.max_ceiling
    if not wanted:
        raise NotServed(f"max={text}")
    return wanted if ceiling is None else min(wanted, ceiling)


def day_of(store: Store, asked: Mapping[str, str], name: str) -> date | None:
    """A bound, as a day in the business's zone; a time in it does not count."""
    text = asked.get(name)
    if not text:
        return None
    moment = dates.read(text, store.zone)
    if moment is None:
        raise NotServed(f"{name}={text}")
    return moment.astimezone(store.zone).date()


def between(first: date | None, last: date | None, day: date) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _tests(store: Store, asked: Mapping[str, str]) -> list[Test]:
    first, last = day_of(store, asked, "minDate"), day_of(store, asked, "maxDate")
    tests = [_equals(name, asked[name]) for name in ("firstName", "lastName", "email") if asked.get(name)]
    tests += [_has_id(name, asked[name]) for name in ("calendarID", "appointmentTypeID") if asked.get(name)]
    tests += [_answered(name, value) for name, value in asked.items() if name.startswith("field:")]
    if phone := asked.get("phone"):
        tests.append(_equals("phone", phones.kept(phone)))
    if first or last:
        where = store.zone
        tests.append(lambda record: between(first, last, appointments.start_of(record).astimezone(where).date()))
    return tests


def _by_state(asked: Mapping[str, str]) -> list[Test]:
    """Canceled ones are hidden, unless only they are asked for, or all."""
    if is_true(asked.get("showall")):
        return []
    canceled = is_true(asked.get("canceled"))
    return [lambda record: bool(record["canceled"] == canceled)]


def _is_descending(asked: Mapping[str, str]) -> bool:
    direction = asked.get("direction") or "DESC"
    if direction.upper() not in ("ASC", "DESC"):
        raise NotServed(f"direction={direction}")
    return direction.upper() == "DESC"


def _equals(name: str, value: str) -> Test:
    return lambda record: bool(record[name] == value)


def _has_id(name: str, value: str) -> Test:
    number = whole(value)
    return lambda record: bool(record[name] == number)


def _answered(name: str, value: str) -> Test:
    number = whole(name.partition(":")[2])
    return lambda record: number is not None and answers.of(record).get(number) == value
