"""Filters: a JSON condition becomes one predicate over pages, built once a query and cheap to call."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from . import clock
from .errors import MISSING, fix_one, invalid, line, misfit, unserved
from .ids import parse_uuid
from .rows import Rows
from .schema import find
from .store import DataSource, Json, Page, Property
from .texts import plain

Test = Callable[[Page], bool]
Check = Callable[[Any], bool]

TEXTS = ("title", "rich_text", "url", "email", "phone_number")
_PEOPLE = ("people", "created_by", "last_edited_by")
_EMPTY = ("is_empty", "is_not_empty")
_DEEPEST = 2


class Filters:
    """Builds predicates for one data source at one moment."""

    def __init__(self, source: DataSource, rows: Rows, now: datetime, me: str, any_formula: bool) -> None:
        """`me` is who asks; `any_formula` also filters on formula columns that the API created."""
        self._source = source
        self._rows = rows
        self._now = now
        self._me = me
        self._any_formula = any_formula

    def build(self, given: object, place: str = "body.filter", depth: int = 0) -> Test:
        """Raises ApiError in Notion's words."""
        if not isinstance(given, dict):
            raise misfit(place, "an object or `undefined`", given)
        for word, combine in (("and", all), ("or", any)):
            if word in given:
                return self._compound(given[word], f"{place}.{word}", depth, combine)
        if "timestamp" in given:
            return self._timestamp(given, place)
        if "property" in given:
            return self._property(given, place)
        raise fix_one([line(f"{place}.{key}", "defined", MISSING) for key in ("or", "and", "property", "timestamp")])

    def _compound(self, given: object, place: str, depth: int, combine: Callable[[Any], bool]) -> Test:
        if not isinstance(given, list):
            raise misfit(place, "an array", given)
        if depth >= _DEEPEST:
            raise misfit(place, "not present", given)
        if len(given) > 100:
            raise misfit(f"{place}.length", "≤ `100`", len(given))
        tests = [self.build(one, f"{place}[{index}]", depth + 1) for index, one in enumerate(given)]
        return lambda page: combine(test(page) for test in tests)

    def _timestamp(self, given: Json, place: str) -> Test:
        stamp = given["timestamp"]
        if stamp not in ("created_time", "last_edited_time"):
            raise misfit(f"{place}.timestamp", '`"created_time"` or `"last_edited_time"`', stamp)
        check = self._instants(given.get(stamp), f"{place}.{stamp}")
        return (lambda page: check(page.created)) if stamp == "created_time" else (lambda page: check(page.edited))

    def _property(self, given: Json, place: str) -> Test:
        item = find(self._source, str(given["property"]))
        if item is None:
            raise invalid(f"Could not find property with name or id: {given['property']}")
        kind = next((key for key in given if key not in ("property", "type")), None)
        if kind is None:
            raise fix_one([line(f"{place}.{item.type}", "defined", MISSING)])
        if not _fits(item.type, kind):
            raise invalid(
                "The property type in the database does not match the property type of the filter provided: "
                f"database property {item.type} does not match filter {kind}"
            )
        return self._leaf(item, given[kind], f"{place}.{kind}")

    def _leaf(self, item: Property, condition: object, place: str) -> Test:
        key = item.id
        match item.type:
            case "title" | "rich_text" | "url" | "email" | "phone_number":
                check = texts(condition, place)
                return lambda page: check(_folded(page, key))
            case "created_time":
                moment = self._instants(condition, place)
                return lambda page: moment(page.created)
            case "last_edited_time":
                moment = self._instants(condition, place)
                return lambda page: moment(page.edited)
            case "created_by":
                people = self._members(condition, place)
                return lambda page: people([page.created_by])
            case "last_edited_by":
                people = self._members(condition, place)
                return lambda page: people([page.edited_by])
            case "formula":
                return self._formula(item, condition, place)
            case "rollup":
                return self._rollup(item, condition, place)
            case _:
                stored = self._stored(item, condition, place)
                return lambda page: stored(page.values.get(key))

    def _stored(self, item: Property, condition: object, place: str) -> Check:
        match item.type:
            case "number" | "unique_id":
                return numbers(condition, place)
            case "checkbox":
                return _checkbox(condition, place)
            case "select" | "status":
                return _options(item, condition, place)
            case "multi_select":
                return _option_lists(item, condition, place)
            case "date":
                check = self._instants(condition, place)
                return lambda value: check(clock.parse(value["start"]) if value else None)
            case "people":
                return self._members(condition, place)
            case "relation":
                members = self._members(condition, place)
                return lambda value: members(self._rows.targets(value or []))
            case "files":
                return _emptiness(condition, place)
            case other:
                raise unserved(f"filters on columns of type {other}")

    def _members(self, condition: object, place: str) -> Check:
        word, wanted = _single(condition, place, ("contains", "does_not_contain", *_EMPTY))
        if word in _EMPTY:
            return _emptiness(condition, place)
        target = self._me if wanted == "me" else parse_uuid(wanted)
        if target is None:
            raise misfit(f"{place}.{word}", "a valid uuid", wanted)
        if word == "contains":
            return lambda value: target in (value or [])
        return lambda value: target not in (value or [])

    def _instants(self, condition: object, place: str) -> Check:
        return instants(condition, place, self._now)

    def _formula(self, item: Property, condition: object, place: str) -> Test:
        if item.config.get("made_by_api") and not self._any_formula:
            raise invalid("Unable to filter based on a formula of unknown type")
        kinds = {"string": "string", "checkbox": "boolean", "number": "number", "date": "date"}
        kind, inner = _single(condition, place, tuple(kinds))
        check = self._value_check(kind, inner, f"{place}.{kind}")
        wanted = kinds[kind]

        def test(page: Page) -> bool:
            value = self._rows.full(page, item, self._now) or {}
            return check(value.get(wanted)) if value.get("type") == wanted else check(None)

        return test

    def _value_check(self, kind: str, condition: object, place: str) -> Check:
        """A check over a computed value: text, number, boolean or date object."""
        match kind:
            case "string":
                check = texts(condition, place)
                return lambda value: check((value or "").casefold())
            case "number":
                return numbers(condition, place)
            case "checkbox":
                return _checkbox(condition, place)
            case _:
                moment = self._instants(condition, place)
                return lambda value: moment(clock.parse(value["start"]) if value else None)

    def _rollup(self, item: Property, condition: object, place: str) -> Test:
        kind, inner = _single(condition, place, ("any", "every", "none", "number", "date"))
        place = f"{place}.{kind}"
        if kind in ("number", "date"):
            check = self._value_check(kind, inner, place)
            return lambda page: check((self._rows.full(page, item, self._now) or {}).get(kind))
        element = self._element_check(inner, place)

        def test(page: Page) -> bool:
            hits = [element(one) for one in (self._rows.full(page, item, self._now) or {}).get("array", [])]
            # an empty rollup satisfies "none" alone (recorded: "every" over no rows does not match)
            return {"any": any(hits), "every": bool(hits) and all(hits), "none": not any(hits)}[kind]

        return test

    def _element_check(self, condition: object, place: str) -> Check:
        """A check over one element of a rolled-up array."""
        kinds = (
            *TEXTS,
            "number",
            "checkbox",
            "date",
            "select",
            "status",
            "multi_select",
            "people",
            "relation",
            "files",
        )
        kind, inner = _single(condition, place, kinds)
        place = f"{place}.{kind}"
        if kind in TEXTS:
            check = texts(inner, place)
            return lambda element: check(_element_text(element))
        if kind in ("number", "checkbox", "date"):
            value = self._value_check(kind, inner, place)
            return lambda element: value(element.get(kind))
        raise unserved(f"rollup filters by {kind}")


def _element_text(element: Json) -> str:
    value = element.get(element["type"])
    return (plain(value) if isinstance(value, list) else value or "").casefold()


def _fits(column: str, filtered: str) -> bool:
    if filtered == column or (filtered == "rich_text" and column in TEXTS):
        return True
    return filtered == "people" and column in _PEOPLE


def _folded(page: Page, key: str) -> str:
    text = page.folded.get(key)
    if text is None:
        raw = page.values.get(key)
        text = page.folded[key] = (plain(raw) if isinstance(raw, list) else raw or "").casefold()
    return text


def _single(condition: object, place: str, allowed: tuple[str, ...]) -> tuple[str, Any]:
    """The one word of a condition and its operand."""
    if not isinstance(condition, dict):
        raise misfit(place, "an object", MISSING if condition is None else condition)
    known = [key for key in condition if key in allowed]
    if not known:
        raise fix_one([line(f"{place}.{key}", "defined", MISSING) for key in allowed])
    return known[0], condition[known[0]]


def texts(condition: object, place: str) -> Check:
    """Over case-folded text: matching ignores case (recorded)."""
    words = ("equals", "does_not_equal", "contains", "does_not_contain", "starts_with", "ends_with", *_EMPTY)
    word, wanted = _single(condition, place, words)
    if word in _EMPTY:
        return _emptiness(condition, place)
    if not isinstance(wanted, str):
        raise misfit(f"{place}.{word}", "a string", wanted)
    folded = wanted.casefold()
    checks: dict[str, Check] = {
        "equals": lambda text: text == folded,
        "does_not_equal": lambda text: text != folded,
        "contains": lambda text: folded in text,
        "does_not_contain": lambda text: folded not in text,
        "starts_with": lambda text: text.startswith(folded),
        "ends_with": lambda text: text.endswith(folded),
    }
    return checks[word]


def numbers(condition: object, place: str) -> Check:
    words = (
        "equals",
        "does_not_equal",
        "greater_than",
        "less_than",
        "greater_than_or_equal_to",
        "less_than_or_equal_to",
        *_EMPTY,
    )
    word, wanted = _single(condition, place, words)
    if word in _EMPTY:
        return (lambda value: value is None) if word == "is_empty" else (lambda value: value is not None)
    if not isinstance(wanted, int | float) or isinstance(wanted, bool):
        raise misfit(f"{place}.{word}", "a number", wanted)
    checks: dict[str, Check] = {
        "equals": lambda value: value == wanted,
        "does_not_equal": lambda value: value != wanted,
        "greater_than": lambda value: value is not None and value > wanted,
        "less_than": lambda value: value is not None and value < wanted,
        "greater_than_or_equal_to": lambda value: value is not None and value >= wanted,
        "less_than_or_equal_to": lambda value: value is not None and value <= wanted,
    }
    return checks[word]


def _checkbox(condition: object, place: str) -> Check:
    word, wanted = _single(condition, place, ("equals", "does_not_equal"))
    if not isinstance(wanted, bool):
        raise misfit(f"{place}.{word}", "a boolean", wanted)
    if word == "equals":
        return lambda value: bool(value) is wanted
    return lambda value: bool(value) is not wanted


def _emptiness(condition: object, place: str) -> Check:
    word, wanted = _single(condition, place, _EMPTY)
    if wanted is not True:
        raise misfit(f"{place}.{word}", "`true`", wanted)
    return (lambda value: not value) if word == "is_empty" else bool


def _options(item: Property, condition: object, place: str) -> Check:
    word, wanted = _single(condition, place, ("equals", "does_not_equal", *_EMPTY))
    if word in _EMPTY:
        return _emptiness(condition, place)
    ids = _named_options(item, wanted, f"{place}.{word}")
    return (lambda value: value in ids) if word == "equals" else (lambda value: value not in ids)


def _option_lists(item: Property, condition: object, place: str) -> Check:
    word, wanted = _single(condition, place, ("contains", "does_not_contain", *_EMPTY))
    if word in _EMPTY:
        return _emptiness(condition, place)
    ids = _named_options(item, wanted, f"{place}.{word}")
    if word == "contains":
        return lambda value: not ids.isdisjoint(value or ())
    return lambda value: ids.isdisjoint(value or ())


def _named_options(item: Property, wanted: object, place: str) -> set[str]:
    names = wanted if isinstance(wanted, list) else [wanted]
    if not all(isinstance(name, str) for name in names):
        raise misfit(place, "a string", wanted)
    return {option["id"] for option in item.config["options"] if option["name"] in names}


# ---- times ----

_RELATIVE: Mapping[str, tuple[int, int]] = {
    "today": (0, 0),
    "tomorrow": (1, 0),
    "yesterday": (-1, 0),
    "one_week_ago": (-7, 0),
    "one_week_from_now": (7, 0),
    "one_month_ago": (0, -1),
    "one_month_from_now": (0, 1),
}
"""Days and calendar months from today."""
_SPANS: Mapping[str, tuple[int, int]] = {
    "past_week": (-7, 0),
    "past_month": (0, -1),
    "past_year": (0, -12),
    "next_week": (7, 0),
    "next_month": (0, 1),
    "next_year": (0, 12),
}
"""The far end of a window, as days and calendar months from today, which is the other end."""


def instants(condition: object, place: str, now: datetime) -> Check:
    """Over an instant or None. Both sides are compared at minute precision (recorded)."""
    words = ("equals", "before", "after", "on_or_before", "on_or_after")
    word, wanted = _single(condition, place, (*words, "this_week", *_SPANS, *_EMPTY))
    if word in _EMPTY:
        return (lambda value: value is None) if word == "is_empty" else (lambda value: value is not None)
    if word in words:
        first, end = _span(wanted, f"{place}.{word}", now)
        return _compare(word, first, end)
    if wanted != {}:
        raise misfit(f"{place}.{word}", "an object", wanted)
    first, end = _window(word, now)
    return lambda value: value is not None and first <= value < end


def _compare(word: str, first: datetime, end: datetime) -> Check:
    checks: dict[str, Check] = {
        "equals": lambda value: value is not None and first <= value < end,
        "before": lambda value: value is not None and value < first,
        "after": lambda value: value is not None and value >= end,
        "on_or_before": lambda value: value is not None and value < end,
        "on_or_after": lambda value: value is not None and value >= first,
    }
    return checks[word]


def _span(wanted: object, place: str, now: datetime) -> tuple[datetime, datetime]:
    """The minute, or the UTC day, that an operand covers."""
    if isinstance(wanted, str) and wanted in _RELATIVE:
        day = _away(now, _RELATIVE[wanted])
        return day, day + timedelta(days=1)
    try:
        if not isinstance(wanted, str):
            raise ValueError(wanted)
        moment = clock.parse(wanted)
    except ValueError:
        raise misfit(place, "a valid ISO 8601 date string", wanted) from None
    if clock.is_day(wanted):
        return moment, moment + timedelta(days=1)
    minute = clock.floor(moment)
    return minute, minute + timedelta(minutes=1)


def _window(word: str, now: datetime) -> tuple[datetime, datetime]:
    """The days that a word like `past_week` covers; both end days are in (recorded)."""
    today = _midnight(now)
    if word == "this_week":
        monday = today - timedelta(days=today.weekday())
        return monday, monday + timedelta(days=7)
    first, last = sorted((today, _away(now, _SPANS[word])))
    return first, last + timedelta(days=1)


def _away(now: datetime, distance: tuple[int, int]) -> datetime:
    days, months = distance
    return clock.months_later(_midnight(now), months) + timedelta(days=days)


def _midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
