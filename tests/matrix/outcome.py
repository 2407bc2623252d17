"""What both sides and the state hold after it all, in a form in which two runs of one scenario can be compared.

What is the same page by page and value by value must be equal. What no two runs can have in common is taken out, and
this is all of it:

* ids of pages and records that were made after the mark, in whatever text they stand: a page is called by its External
  ID, a record by the page that its marker names;
* stamps: Last Synced, `notion_last_synced`, and the times at which something was made or changed (`STAMPS`);
* ids and colours of options: an option is its name; of meta data: an entry is its key;
* relations from and to pages in the trash, which nobody is shown; what was last agreed on related rows, and log entries
  of them: both depend on what was there to relate to when it came to that;
* whether the log calls a change an edit or a fan-out of one that another service's run had already brought to the row;
* links that merely repeat an id (`_links`, `url`, `permalink`), request ids, and what the order of making decides:
  the order of rows, of related pages, of options.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.e2e.scene import Scene, plain

Plain: TypeAlias = dict[str, Any]

STAMPS = frozenset({
    *("created_time", "last_edited_time", "notion_last_synced", "Last Synced", "_wp_trash_meta_time"),
    *(f"date_{what}{gmt}" for what in ("created", "modified") for gmt in ("", "_gmt")),
})  # fmt: skip
REPEATING = frozenset({"_links", "url", "public_url", "permalink", "request_id", "slug"})
RELATIONS = ("client", "product", "products")
STREAMS = ("customers", "products", "orders", "variations", "refunds")


@dataclass(frozen=True)
class Known:
    """The ids of pages and records that were there at the mark."""

    pages: frozenset[str]
    records: Mapping[str, frozenset[str]]

    @classmethod
    def at(cls, here: Scene) -> "Known":
        return cls(frozenset(here.pages()), {stream: frozenset(here.shop(stream)) for stream in STREAMS})


def outcome(here: Scene, known: Known) -> Plain:
    """Everything there is, normalised: see above. `outcome["doubled"]` names what there is twice."""
    dump = here.ground.control("GET", "dump")
    names = _Names(dump, known)
    found: Plain = {"notion": {}, "shop": {}, "state": _state(here, names)}
    for page in dump["notion"]["pages"]:
        found["notion"][names.said(page["id"])] = _page(page, names)
    for kind in ("databases", "data_sources", "blocks"):
        found["notion"][kind] = {each["id"]: _without_options(_bare(each)) for each in dump["notion"][kind]}
    for stream in STREAMS:
        for record in dump["woocommerce"][stream]:
            found["shop"][names.record(stream, str(record["id"]))] = _record(stream, record, names)
    found["doubled"] = names.doubled()
    return found


# ------------------------------------------------------------------------------------------------------- the names


class _Names:
    """What new pages and records are called."""

    def __init__(self, dump: Mapping[str, Any], known: Known) -> None:
        self._pages: dict[str, str] = {}
        self._records: dict[tuple[str, str], str] = {}
        self.trashed = {page["id"] for page in dump["notion"]["pages"] if page["in_trash"]}
        for page in dump["notion"]["pages"]:
            if page["id"] not in known.pages:
                row = plain(page)
                lines = " + ".join(sorted((row.get("External ID") or "").splitlines()))
                self._pages[page["id"]] = f"page of {lines or json.dumps(row, sort_keys=True)}"
        for stream in STREAMS:
            for record in dump["woocommerce"][stream]:
                if str(record["id"]) not in known.records[stream]:
                    marks = {each["key"]: each["value"] for each in record["meta_data"]}
                    maker = marks.get("notion_page_id") or record.get("name") or record.get("email")
                    self._records[stream, str(record["id"])] = f"record of {maker}"

    def record(self, stream: str, number: str) -> str:
        return f"{stream} {self._records.get((stream, number), number)}"

    def said(self, text: str) -> str:
        """A text in which new pages and records are called so."""
        for page_id, name in self._pages.items():
            text = text.replace(page_id, name)
        for (stream, number), name in self._records.items():
            text = re.sub(rf"\bshop:{stream}:{number}(?![\d-])", f"shop:{stream}:{name}", text)
        return text

    def doubled(self) -> list[str]:
        counts = Counter([*self._pages.values(), *self._records.values()])
        return sorted(name for name, count in counts.items() if count > 1)


# -------------------------------------------------------------------------------------------------------- both sides


def _page(page: Mapping[str, Any], names: _Names) -> Plain:
    """Its properties as a person reads them, and all that the API says of the page itself."""
    values = {name: value for name, value in plain(page).items() if name not in STAMPS}
    for name in [name for name, each in page["properties"].items() if each["type"] == "relation"]:
        values[name] = [] if page["in_trash"] else [each for each in values[name] if each not in names.trashed]
    about = {name: value for name, value in _bare(page).items() if name != "properties"}
    shown: Plain = _renamed({**about, "properties": values}, names)
    return shown


def _record(stream: str, record: Mapping[str, Any], names: _Names) -> Plain:
    metas = {each["key"]: each["value"] for each in record.get("meta_data", ()) if each["key"] not in STAMPS}
    bare = {**_bare(record), "id": names.record(stream, str(record["id"])), "meta_data": metas}
    shown: Plain = _renamed(bare, names)
    return shown


def _bare(value: Any) -> Any:
    """Without stamps and repetitions, at any depth."""
    if isinstance(value, Mapping):
        return {name: _bare(each) for name, each in value.items() if name not in STAMPS | REPEATING}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def _without_options(source: Plain) -> Plain:
    """A data source with the names of its options only."""
    for column in source.get("properties", {}).values():
        options = column.get(column["type"], {}).get("options") if isinstance(column, dict) else None
        if options is not None:
            column[column["type"]]["options"] = sorted(each["name"] for each in options)
    return source


def _renamed(value: Any, names: _Names) -> Any:
    """With new things called by their names; lists of texts (related pages) in the order of those."""
    match value:
        case str():
            return names.said(value)
        case dict():
            return {name: _renamed(each, names) for name, each in value.items()}
        case list() if value and all(isinstance(each, str) for each in value):
            return sorted(names.said(each) for each in value)
        case list():
            return [_renamed(each, names) for each in value]
        case _:
            return value


# --------------------------------------------------------------------------------------------------------- the state


def _state(here: Scene, names: _Names) -> Plain:
    """Links with all that they remember, what waits, what is open, and the log of changes."""

    def rows(columns: str, table: str) -> list[tuple[Any, ...]]:
        """With stream and record as one first column."""
        found = here.state(f"SELECT service, stream, record_id, {columns} FROM {table}")
        return [
            (
                _whose(service, names.record(stream, record_id or "")),
                *(names.said(each) if isinstance(each, str) else each for each in row),
            )
            for service, stream, record_id, *row in found
        ]

    return {
        "links": {
            record: [page, flags, _agreed(json.loads(base))]
            for record, page, base, *flags in rows(
                "page_id, base, asleep, followed, dirty, mark_due, line_due", "links"
            )
        },
        "problems": sorted(
            map(repr, rows("page_id, field, kind, memory, reason, side_service, side_notion", "problems"))
        ),
        "open": sorted(map(repr, rows("page_id, op", "journal"))),
        "log": sorted(
            repr(_caused((record, page, side, field, *change)))
            for record, page, side, field, *change in rows("page_id, side, field, before, after, cause", "log")
            if field not in RELATIONS
        ),
    }


def _whose(service: str, record: str) -> str:
    return record if service == "shop" else f"{service} {record}"


def _caused(entry: tuple[Any, ...]) -> tuple[Any, ...]:
    """What had come to the row from one service when the process died is an edit for the others afterwards."""
    return tuple("edit" if each == "fan-out" else each for each in entry)


def _agreed(base: Plain) -> Plain:
    """Without related rows: see above."""
    return {name: both for name, both in base.items() if name not in RELATIONS}


# -------------------------------------------------------------------------------------------------------- differences


def differences(expected: Any, found: Any, place: str = "") -> Iterator[str]:
    """Where two outcomes differ, a line each."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in [*expected, *(each for each in found if each not in expected)]:
            below = f"{place}/{name}"
            if name not in found:
                yield f"{below}: missing"
            elif name not in expected:
                yield f"{below}: should not be there: {_short(found[name])}"
            else:
                yield from differences(expected[name], found[name], below)
    elif isinstance(expected, list) and isinstance(found, list) and place.endswith(("/log", "/problems", "/open")):
        less, more = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
        yield from (f"{place}: missing: {each}" for each in less.elements())
        yield from (f"{place}: should not be there: {each}" for each in more.elements())
    elif expected != found:
        yield f"{place}: {_short(expected)} became {_short(found)}"


def _short(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) < 400 else f"{shown[:400]}…"
