"""Rollups: what a column says of the rows that a relation names."""

from collections.abc import Callable, Mapping
from statistics import fmean, median
from typing import Any

from . import clock
from .formula import tidy
from .store import Json

Values = list[Any]


def empty(value: Any) -> bool:
    return value is None or value in ("", [], False)


def _bare(kind: str, shown: Any) -> Any:
    """The number or date object in a read value, whether it stands there itself or in a formula or rollup."""
    if kind in ("formula", "rollup"):
        return shown.get(shown["type"]) if shown else None
    return {"start": shown, "end": None, "time_zone": None} if kind in ("created_time", "last_edited_time") else shown


def _numbers(kind: str, values: Values) -> list[float]:
    bare = (_bare(kind, value) for value in values)
    return [value for value in bare if isinstance(value, int | float) and not isinstance(value, bool)]


def _extreme(pick: Callable[..., Any]) -> Callable[[str, Values], Json]:
    def number(kind: str, values: Values) -> Json:
        found = _numbers(kind, values)
        return _number(pick(found) if found else None)

    return number


def _date(pick: Callable[..., Any]) -> Callable[[str, Values], Json]:
    def date(kind: str, values: Values) -> Json:
        found = [value for one in values if isinstance(value := _bare(kind, one), dict) and value.get("start")]
        chosen = pick(found, key=lambda value: clock.parse(value["start"])) if found else None
        start = chosen and {"start": chosen["start"], "end": None, "time_zone": None}
        return {"type": "date", "date": start}

    return date


def _count(test: Callable[[Any], bool]) -> Callable[[str, Values], Json]:
    return lambda _, values: _number(sum(test(value) for value in values))


def _number(value: float | None) -> Json:
    return {"type": "number", "number": None if value is None else tidy(value)}


def _original(kind: str, values: Values) -> Json:
    return {"type": "array", "array": [{"type": kind, kind: value} for value in values]}


def _how_many(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(not empty(value))


FUNCTIONS: Mapping[str, Callable[[str, Values], Json]] = {
    "show_original": _original,
    "count": _count(lambda _: True),
    "count_values": lambda _, values: _number(sum(_how_many(value) for value in values)),
    "empty": _count(empty),
    "not_empty": _count(lambda value: not empty(value)),
    "checked": _count(lambda value: value is True),
    "unchecked": _count(lambda value: value is False),
    "sum": lambda kind, values: _number(sum(_numbers(kind, values))),
    "average": _extreme(fmean),
    "median": _extreme(median),
    "min": _extreme(min),
    "max": _extreme(max),
    "range": _extreme(lambda found: max(found) - min(found)),
    "earliest_date": _date(min),
    "latest_date": _date(max),
}
UNSERVED = (
    "unique",
    "show_unique",
    "percent_empty",
    "percent_not_empty",
    "date_range",
    "percent_checked",
    "percent_unchecked",
    "count_per_group",
    "percent_per_group",
)
"""Real functions that the twin does not work out."""


def of(function: str, kind: str, values: Values) -> Json:
    """The rollup as it reads: `values` are the read values of a column of type `kind`, one a related row."""
    return FUNCTIONS[function](kind, values) | {"function": function}
