"""Queries: filter, sort, page through and cap the rows of one data source."""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from . import clock
from .errors import invalid, misfit
from .filters import TEXTS, Test
from .ids import Ids, parse_uuid
from .rows import Rows
from .schema import find
from .store import DataSource, Json, Page, Property, Store
from .texts import plain

CAP = 10_000
"""A query gives no more results than this, however it is paged."""
INCOMPLETE = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
LARGEST_PAGE = 100

Key = Callable[[Page], Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """`s:<uuid>:<page id>`: the page is the first of the next answer; the uuid's tail counts what was given before."""

    page: str
    given: int

    def text(self, ids: Ids) -> str:
        return f"s:{ids.uuid()[:-8]}{self.given:08x}:{self.page}"


def parse_cursor(text: object) -> Cursor | None:
    if text is None:
        return None
    parts = text.split(":") if isinstance(text, str) else []
    if len(parts) != 3 or parts[0] != "s" or not parse_uuid(parts[1]) or not (page := parse_uuid(parts[2])):
        raise invalid(f"The start_cursor provided is invalid: {text}")
    return Cursor(page, int(parts[1][-8:], 16))


def page_size(value: object, place: str) -> int:
    """1 to 100; absent or 0 means 100. Raises ApiError."""
    if value is None:
        return LARGEST_PAGE
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise misfit(place, "a number or `undefined`", value)
    if value > LARGEST_PAGE:
        raise misfit(place, f"≤ `{LARGEST_PAGE}` or `undefined`", value)
    if value < 0:
        raise misfit(place, "≥ `1` or `undefined`", value)
    return int(value) or LARGEST_PAGE


def number(text: str | None) -> int | str | None:
    """A query string's number, or what else stands there, for `page_size` to refuse."""
    return int(text) if text is not None and text.isdigit() else text


@dataclass(frozen=True, slots=True)
class Slice:
    pages: list[Page]
    next: Cursor | None
    capped: bool


class Query:
    """One reading of a data source: rows newest first unless sorted."""

    def __init__(self, store: Store, source: DataSource, rows: Rows, now: datetime, knobs: Mapping[str, Any]) -> None:
        self._store = store
        self._source = source
        self._rows = rows
        self._now = now
        self._visible = now - timedelta(seconds=knobs["query_lag"])
        self._empties_last = knobs["empties_last"]

    def run(self, test: Test | None, sorts: object, cursor: Cursor | None, size: int, archived: bool) -> Slice:
        keys = self._sorts(sorts)
        if not keys:
            found = self._matching(test, archived, cursor)
            given = cursor.given if cursor else 0
        else:
            ranked = self._ranked(list(self._matching(test, archived, None)), keys)
            given = _position(ranked, cursor)
            found = iter(ranked[given:])
        return self._slice(found, given, size, self._capped(test, archived))

    def _slice(self, found: Iterator[Page], given: int, size: int, capped: bool) -> Slice:
        room = min(size, CAP - given)
        pages = list(islice(found, max(room, 0)))
        follower = None if given + len(pages) >= CAP else next(found, None)
        return Slice(pages, Cursor(follower.id, given + len(pages)) if follower else None, capped)

    def _capped(self, test: Test | None, archived: bool) -> bool:
        """Whether the whole result is larger than the cap; counted only where it can be."""
        if len(self._source.rows) <= CAP:
            return False
        return any(count == CAP for count, _ in enumerate(self._matching(test, archived, None)))

    def _matching(self, test: Test | None, archived: bool, cursor: Cursor | None) -> Iterator[Page]:
        """Newest first, from the cursor's row on."""
        rows, pages = self._source.rows, self._store.pages
        for index in range(self._start(cursor), -1, -1):
            page = pages[rows[index][2]]
            if page.in_trash or page.archived is not archived or page.born > self._visible:
                continue
            if test is None or test(page):
                yield page

    def _start(self, cursor: Cursor | None) -> int:
        rows = self._source.rows
        if cursor is None:
            return len(rows) - 1
        page = self._store.pages.get(cursor.page)
        if page is None:
            return len(rows) - 1 - cursor.given
        at = bisect_left(rows, (page.created, page.order, page.id))
        return min(at, len(rows) - 1)

    # ---- sorts ----

    def _sorts(self, given: object) -> list[tuple[Key, bool]]:
        if given is None:
            return []
        if not isinstance(given, list):
            raise misfit("body.sorts", "an array or `undefined`", given)
        return [self._sort(one, f"body.sorts[{index}]") for index, one in enumerate(given)]

    def _sort(self, given: object, place: str) -> tuple[Key, bool]:
        if not isinstance(given, dict):
            raise misfit(place, "an object", given)
        direction = given.get("direction", "ascending")
        if direction not in ("ascending", "descending"):
            raise misfit(f"{place}.direction", '`"ascending"` or `"descending"`', direction)
        return self._key(given, place), direction == "descending"

    def _key(self, given: Json, place: str) -> Key:
        match given.get("timestamp"):
            case "created_time":
                return lambda page: page.created
            case "last_edited_time":
                return lambda page: page.edited
            case None if "property" in given:
                item = find(self._source, str(given["property"]))
                if item is None:
                    raise invalid(f"Could not find sort property with name or id: {given['property']}")
                return self._property_key(item)
            case other:
                raise misfit(f"{place}.timestamp", '`"created_time"` or `"last_edited_time"`', other)

    def _property_key(self, item: Property) -> Key:
        """A comparable value, or None where the property is empty."""
        key = item.id
        match item.type:
            case kind if kind in TEXTS:
                return lambda page: _text(page.values.get(key)).casefold() or None
            case "number" | "unique_id":
                return lambda page: page.values.get(key)
            case "checkbox":
                return lambda page: bool(page.values.get(key))
            case "date":
                return lambda page: clock.parse(value["start"]) if (value := page.values.get(key)) else None
            case "select" | "status":
                rank = {option["id"]: index for index, option in enumerate(item.config["options"])}
                return lambda page: rank.get(page.values.get(key))
            case "multi_select":
                rank = {option["id"]: index for index, option in enumerate(item.config["options"])}
                return lambda page: [rank[one] for one in page.values.get(key) or [] if one in rank] or None
            case "created_time":
                return lambda page: page.created
            case "last_edited_time":
                return lambda page: page.edited
            case _:
                return lambda page: _computed(self._rows.full(page, item, self._now))

    def _ranked(self, pages: list[Page], keys: list[tuple[Key, bool]]) -> list[Page]:
        """Stable, the first key weighing most; rows without a value stand together, whatever the direction."""
        for key, downwards in reversed(keys):
            filled = [(key(page), page) for page in pages]
            full = [pair for pair in filled if pair[0] is not None]
            full.sort(key=lambda pair: pair[0], reverse=downwards)
            empty = [page for value, page in filled if value is None]
            ranked = [page for _, page in full]
            pages = ranked + empty if self._empties_last else empty + ranked
        return pages


def _position(ranked: list[Page], cursor: Cursor | None) -> int:
    if cursor is None:
        return 0
    return next((index for index, page in enumerate(ranked) if page.id == cursor.page), min(cursor.given, len(ranked)))


def _text(value: Any) -> str:
    return plain(value) if isinstance(value, list) else value or ""


def _computed(value: Any) -> tuple[str, Any] | None:
    """A value that is worked out, a user or a list, in a form that can be compared within one column."""
    inner = value.get(value.get("type", "")) if isinstance(value, dict) else value
    match inner:
        case None | "" | []:
            return None
        case str():
            return ("text", inner.casefold())
        case int() | float():
            return ("number", inner)
        case {"start": start}:
            return ("date", start)
        case _:
            return ("other", json.dumps(value, sort_keys=True))
