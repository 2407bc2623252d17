"""Formulas: kept with column ids in place of names, so that a renamed column changes nothing, and worked out on read.

A value is text, a number, a boolean, a `Moment`, a list or None; text that is not there is "".
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from . import clock
from .errors import invalid, unserved
from .ids import decode, encode
from .store import Json, Property
from .syntax import Apply, BadFormulaError, Column, Literal, Node, parse
from .texts import plain

_PROP = re.compile(r"prop\(\s*(\"(?:[^\"\\]|\\.)*\")\s*\)")
_REFERENCE = re.compile(r"\{\{notion:block_property:([^:}]+)[^}]*\}\}")
_STORED = re.compile(r"\{\{([^}]*)\}\}")


def stored(expression: str, properties: Mapping[str, Property]) -> str:
    """A written expression with each reference as `{{encoded id}}`. Raises ApiError for an unknown column."""
    names = {item.name: item.id for item in properties.values()}

    def by_id(match: re.Match[str]) -> str:
        name = json.loads(match[1])
        if name not in names:
            raise invalid(f'Type error with formula: Undefined property "{name}"')
        return "{{" + encode(names[name]) + "}}"

    return _REFERENCE.sub(lambda match: "{{" + encode(decode(match[1])) + "}}", _PROP.sub(by_id, expression))


def check(expression: str) -> None:
    """Refuse what cannot be parsed (400) and functions that are not built (501). Raises ApiError."""
    try:
        node = parse(expression)
    except BadFormulaError as error:
        raise invalid(f"Type error with formula: {error}") from None
    unknown = sorted(_functions(node) - _ALL)
    if unknown:
        raise unserved(f"the formula function {unknown[0]}")


@lru_cache(maxsize=256)
def readable(expression: str) -> bool:
    """Whether a stored expression, loaded perhaps, can be worked out here."""
    try:
        return _functions(parse(expression)) <= _ALL
    except BadFormulaError:
        return False


def _functions(node: Node) -> set[str]:
    match node:
        case Apply(name, args):
            return {name}.union(*(_functions(arg) for arg in args))
        case _:
            return set()


def shown(expression: str, source_id: str, workspace_id: str) -> str:
    """How an expression reads back."""
    return _STORED.sub(lambda match: f"{{{{notion:block_property:{match[1]}:{source_id}:{workspace_id}}}}}", expression)


# ---- values ----


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, with or without a time."""

    at: datetime
    day_only: bool

    def shown(self) -> Json:
        start = self.at.strftime("%Y-%m-%d") if self.day_only else clock.offset_stamp(self.at)
        return {"start": start, "end": None, "time_zone": None}


def moment(value: Json | None) -> Moment | None:
    """From a date property's value."""
    return Moment(clock.parse(value["start"]), clock.is_day(value["start"])) if value else None


def references(expression: str) -> set[str]:
    """Decoded ids of the columns that a stored expression names."""
    return {decode(match) for match in _STORED.findall(expression)}


def kind(expression: str, column_kind: Callable[[str], str]) -> str:
    """The type of a formula's result, which an empty value does not tell. `column_kind` gives that of a column."""
    return _kind(_parsed(expression), column_kind)


def _kind(node: Node, column_kind: Callable[[str], str]) -> str:
    match node:
        case Literal(value):
            return result(value)["type"] if not isinstance(value, str) else "string"
        case Column(column_id):
            return column_kind(decode(column_id))
        case Apply("if", (_, yes, no)):
            return _kind(yes if yes != Literal("") else no, column_kind)
        case Apply("+", args):
            return "number" if all(_kind(arg, column_kind) == "number" for arg in args) else "string"
        case Apply(name, _) if name in _BOOLEANS:
            return "boolean"
        case Apply(name, _) if name in _DATES:
            return "date"
        case Apply(name, _) if name in _TEXTS:
            return "string"
        case _:
            return "number"


_BOOLEANS = ("==", "!=", "<", ">", "<=", ">=", "not", "and", "or", "empty", "includes", "contains")
_DATES = ("now", "dateAdd", "dateSubtract", "fromTimestamp")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXTS = ("format", "lower", "upper")


def result(value: Any, empty_as: str = "string") -> Json:
    """A value as the API gives it."""
    match value:
        case bool():
            return {"type": "boolean", "boolean": value}
        case int() | float():
            return {"type": "number", "number": tidy(value)}
        case Moment():
            return {"type": "date", "date": value.shown()}
        case list():
            return {"type": "string", "string": ", ".join(text(one) for one in value)}
        case None:
            return {"type": empty_as, empty_as: None}
        case _:
            return {"type": "string", "string": value}


def tidy(number: float) -> float:
    """JSON has one kind of number: whole ones are written without a point."""
    return int(number) if float(number).is_integer() else number


def text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(tidy(value))
        case Moment(at, day_only):
            return at.strftime("%B %-d, %Y") if day_only else at.strftime("%B %-d, %Y %-I:%M %p")
        case list():
            return ", ".join(text(one) for one in value)
        case _:
            return str(value)


# ---- evaluation ----


class Formula:
    """`column` gives the value of another column of the same row by its decoded id."""

    def __init__(self, column: Callable[[str], Any], now: datetime) -> None:
        self._column = column
        self._now = Moment(clock.floor(now), day_only=False)

    def value(self, expression: str) -> Any:
        return self._of(_parsed(expression))

    def _of(self, node: Node) -> Any:
        match node:
            case Literal(value):
                return value
            case Column(column_id):
                return self._column(decode(column_id))
            case Apply("if", (condition, yes, no)):
                return self._of(yes if _true(self._of(condition)) else no)
            case Apply("and", args):
                return all(_true(self._of(arg)) for arg in args)
            case Apply("or", args):
                return any(_true(self._of(arg)) for arg in args)
            case Apply("now", ()):
                return self._now
            case Apply(name, args):
                return FUNCTIONS[name](*(self._of(arg) for arg in args))


@lru_cache(maxsize=256)
def _parsed(expression: str) -> Node:
    return parse(expression)


def _true(value: Any) -> bool:
    return not _empty(value)


def _empty(value: Any) -> bool:
    return value in (None, "", 0, False) or value == []


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _equal(one: Any, other: Any) -> bool:
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    """What comparisons look at: text that is not there is empty text."""
    return value.at if isinstance(value, Moment) else "" if value is None else value


def _less(one: Any, other: Any) -> bool:
    """False where either side is empty."""
    if one is None or other is None or one == "" or other == "":
        return False
    return bool(_plain(one) < _plain(other))


def _add(one: Any, other: Any) -> Any:
    if isinstance(one, str | Moment | list) or isinstance(other, str | Moment | list):
        return text(one) + text(other)
    return _number(one) + _number(other)


def _length(value: Any) -> float:
    return float(len(value)) if isinstance(value, str | list) else 0.0


def _includes(whole: Any, part: Any) -> bool:
    return part in whole if isinstance(whole, str | list) else False


def _shift(value: Any, amount: Any, unit: Any) -> Moment | None:
    if not isinstance(value, Moment):
        return None
    count, unit = int(_number(amount)), _unit(unit)
    if unit in _MONTHS:
        return Moment(clock.months_later(value.at, count * _MONTHS[unit]), value.day_only)
    day_only = value.day_only and unit in ("days", "weeks")
    return Moment(value.at + count * _SPANS[unit], day_only)


_SPANS = {
    "weeks": timedelta(weeks=1),
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
}
_MONTHS = {"years": 12, "quarters": 3, "months": 1}


def _unit(unit: Any) -> str:
    if unit not in _SPANS and unit not in _MONTHS:
        raise unserved(f"the formula unit {unit}")
    return str(unit)


def _between(one: Any, other: Any, unit: Any) -> float | None:
    """Whole units from `other` to `one`, cut towards zero."""
    if not (isinstance(one, Moment) and isinstance(other, Moment)):
        return None
    unit = _unit(unit)
    if unit in _SPANS:
        return float(int((one.at - other.at) / _SPANS[unit]))
    return float(int(_whole_months(other.at, one.at) / _MONTHS[unit]))


def _whole_months(start: datetime, end: datetime) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and clock.months_later(start, months) > end:
        return months - 1
    if months < 0 and clock.months_later(start, months) < end:
        return months + 1
    return months


def _to_number(value: Any) -> float | None:
    try:
        return float(value.at.timestamp() * 1000) if isinstance(value, Moment) else float(value)
    except (TypeError, ValueError):
        return None


def _part(name: str) -> Callable[[Any], float | None]:
    return lambda value: float(getattr(value.at.astimezone(UTC), name)) if isinstance(value, Moment) else None


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "==": _equal,
    "!=": lambda one, other: not _equal(one, other),
    "<": _less,
    ">": lambda one, other: _less(other, one),
    "<=": lambda one, other: _less(one, other) or _equal(one, other),
    ">=": lambda one, other: _less(other, one) or _equal(one, other),
    "+": _add,
    "-": lambda one, other: _number(one) - _number(other),
    "*": lambda one, other: _number(one) * _number(other),
    "/": lambda one, other: _number(one) / _number(other) if _number(other) else None,
    "%": lambda one, other: _number(one) % _number(other) if _number(other) else None,
    "^": lambda one, other: _number(one) ** _number(other),
    "not": lambda value: not _true(value),
    "empty": _empty,
    "format": text,
    "length": _length,
    "includes": _includes,
    "contains": _includes,
    "dateAdd": _shift,
    "dateSubtract": lambda value, amount, unit: _shift(value, -_number(amount), unit),
    "dateBetween": _between,
    "minute": _part("minute"),
    "hour": _part("hour"),
    "date": _part("day"),
    "month": _part("month"),
    "year": _part("year"),
    "lower": lambda value: text(value).lower(),
    "upper": lambda value: text(value).upper(),
    "abs": lambda value: abs(_number(value)),
    "toNumber": _to_number,
    "fromTimestamp": lambda value: None if value is None else Moment(_EPOCH + timedelta(milliseconds=value), False),
}


_ALL = {*FUNCTIONS, "if", "and", "or", "now"}


def of_property(kind: str, shown: Any) -> Any:
    """A property's read value as formulas see it."""
    match kind:
        case "title" | "rich_text":
            return plain(shown)
        case "select" | "status":
            return shown["name"] if shown else None
        case "multi_select":
            return [one["name"] for one in shown]
        case "people":
            return [one.get("name") for one in shown]
        case "date":
            return moment(shown)
        case "created_time" | "last_edited_time":
            return Moment(clock.parse(shown), day_only=False)
        case "unique_id":
            return f"{shown['prefix']}-{shown['number']}" if shown["prefix"] else str(shown["number"])
        case "formula":
            inner = shown.get(shown["type"]) if shown else None
            return moment(inner) if isinstance(inner, dict) else inner
        case "rollup":
            inner = shown.get(shown["type"]) if shown else None
            return moment(inner) if isinstance(inner, dict) else inner
        case "created_by" | "last_edited_by":
            return shown.get("name")
        case _:
            return shown
