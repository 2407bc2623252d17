"""What can be set from outside: the account's settings, and what is not known of real ones."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from higherself_sync.sandbox.acuity import appointments, dates
from higherself_sync.sandbox.acuity.store import Store

_FORMS = get_args(dates.ClockForm)
_CREATED = ("daylight", "fixed")


def turn(store: Store, name: str, value: Any) -> None:
    """Raises KeyError for an unknown knob, ValueError for a value that it does not take."""
    if not _KNOBS[name](value):
        raise ValueError(f"it does not take {value!r}")
    store.turn(**{name: value})
    if name == "time_format":
        store.me = store.me | {"timeFormat": "24hour" if value == "24hour" else "ampm"}
        _restate(store)


def _restate(store: Store) -> None:
    """All appointments tell their times in the form that is the account's now."""
    for record in store.all("appointments"):
        store.put("appointments", record | appointments.words_of(store, record, appointments.start_of(record)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


_KNOBS: Mapping[str, Callable[[Any], bool]] = {
    "time_format": lambda value: value in _FORMS,
    "created_zone": lambda value: value in _CREATED,
    "max_ceiling": lambda value: value is None or (isinstance(value, int) and _is_number(value) and value > 0),
    "min_hours_in_advance": _is_number,
    "max_days_in_advance": lambda value: value is None or _is_number(value),
    "clients_may_cancel": _is_flag,
    "clients_may_reschedule": _is_flag,
    "close_hours": _is_number,
    "static_webhook": lambda value: isinstance(value, str),
}
