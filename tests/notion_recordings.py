"""What a recording of Notion's API tells of the workspace before its first exchange, and the mapping of its ids."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

Json = dict[str, Any]

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIMES = ("created_time", "last_edited_time")
_HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_REFERENCE = re.compile(r"(?<=notion:block_property:)[^:}]+")
_KINDS = ("page", "data_source", "database", "block")
_LATER = "2026-06-27T17:00:00.000Z"
_SOMEONE = {"object": "user", "id": "00000000-0000-4000-8000-0000000000fa"}


def dashed(text: str) -> str:
    """An id in the form of answers; anything else as it is."""
    bare = text.replace("-", "")
    if not re.fullmatch("[0-9a-f]{32}", bare):
        return text
    return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"


def dicts(value: Any) -> Iterator[Json]:
    """Every object in a body, outermost first."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from dicts(inner)


def objects(value: Any) -> Iterator[Json]:
    """Every whole page, data source, database and block in an answer."""
    return (one for one in dicts(value) if one.get("object") in _KINDS and "created_time" in one)


def path_of(exchange: Json) -> str:
    return str(exchange["path"].partition("?")[0])


def target_of(exchange: Json) -> str:
    """The object that an exchange is about: the one in its path, else the one it made."""
    parts = path_of(exchange).split("/")
    if len(parts) > 3:
        return dashed(parts[3])
    answer = exchange["response"]
    return str(answer.get("id", "")) if isinstance(answer, dict) else ""


def reads(exchange: Json) -> bool:
    return exchange["method"] == "GET" or path_of(exchange).endswith(("/query", "/search"))


def written_at(exchange: Json) -> datetime | None:
    """The latest time in a write's answer, None for a read."""
    if reads(exchange) or exchange["status"] != 200:
        return None
    return max(_times(exchange), default=None)


def _times(exchange: Json) -> list[datetime]:
    shown = objects(exchange["response"])
    return [datetime.fromisoformat(one[key]) for one in shown for key in TIMES if isinstance(one.get(key), str)]


class Ids:
    """Recorded ids and what they are in the twin: learned from answers by position, used in requests.

    Columns are kept as `column ID`, ID not percent-encoded, so that none is taken for another kind of thing.
    """

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self._taken: set[str] = set()

    def put(self, recorded: str, actual: str) -> None:
        self.known[recorded] = actual
        self._taken.add(actual)

    def keep(self, text: str) -> None:
        """What was loaded keeps its id."""
        if text not in self.known:
            self.put(text, text)

    def same(self, recorded: str, actual: str) -> bool:
        """Whether the two stand for one thing, learning it at first sight."""
        if recorded not in self.known and actual not in self._taken:
            self.put(recorded, actual)
        return self.known.get(recorded) == actual

    def same_column(self, recorded: str, actual: str) -> bool:
        return self.same(f"column {unquote(recorded)}", f"column {unquote(actual)}")

    def column(self, encoded: str) -> str:
        """A percent-encoded column id in the twin's terms, encoded."""
        known = self.known.get(f"column {unquote(encoded)}")
        return quote(known.removeprefix("column "), safe="-_.~") if known else encoded

    def translated(self, text: str) -> str:
        """A string of a request, or of an error's message, in the twin's ids."""
        if text in self.known:
            return self.known[text]
        text = UUID.sub(lambda match: self.known.get(match[0], match[0]), text)
        text = _HEX.sub(lambda match: self.known.get(dashed(match[0]), match[0]).replace("-", ""), text)
        return _REFERENCE.sub(lambda match: self.column(match[0]), text)

    def request(self, value: Any) -> Any:
        """A body in the twin's ids. Keys and filters may name a column by its id."""
        match value:
            case dict():
                named = {self._name(key): self.request(inner) for key, inner in value.items()}
                if isinstance(value.get("property"), str):
                    named["property"] = self._name(value["property"])
                return named
            case list():
                return [self.request(inner) for inner in value]
            case str():
                return self.translated(value)
            case _:
                return value

    def _name(self, text: str) -> str:
        translated = self.column(text)
        return translated if translated != text else self.translated(text)

    def path(self, path: str) -> str:
        parts = path.split("/")
        return "/".join(self.column(part) if index == 5 else self._part(part) for index, part in enumerate(parts))

    def _part(self, part: str) -> str:
        return self.known.get(dashed(part), part)


class Before:
    """The workspace as a recording found it: everything that none of its exchanges made, as it was at first sight."""

    def __init__(self, path: Path) -> None:
        self.exchanges: list[Json] = json.loads(path.read_text())["exchanges"]
        self.made = self._made()
        self.first = self._first()
        self.shapes = self._shapes()
        self.loaded = {one["id"] for shapes in self.shapes.values() for one in shapes}

    def _made(self) -> set[str]:
        made: set[str] = set()
        for exchange in self.exchanges:
            answer = exchange["response"]
            if exchange["status"] != 200 or reads(exchange) or not isinstance(answer, dict):
                continue
            if exchange["method"] == "POST" and path_of(exchange).count("/") == 2 and "id" in answer:
                made |= {answer["id"], *(one["id"] for one in answer.get("data_sources", ()))}
            if path_of(exchange).endswith("/children"):
                made |= {one["id"] for one in answer.get("results", ())}
        return made

    def _first(self) -> list[Json]:
        """First appearances in readings, given before any write to the object. A page may also appear as a block."""
        first: dict[tuple[str, bool], Json] = {}
        written: set[str] = set()
        for exchange in self.exchanges:
            if not reads(exchange):
                written.add(target_of(exchange))
                continue
            for shown in objects(exchange["response"]):
                if shown["id"] not in self.made | written:
                    first.setdefault((shown["id"], shown["object"] == "block"), shown)
        return list(first.values())

    def _shapes(self) -> dict[str, list[Json]]:
        kinds: dict[str, list[Json]] = {"page": [], "data_source": [], "database": [], "block": []}
        for shown in self.first:
            if shown["object"] in ("page", "data_source") and "properties" not in shown:
                continue
            kinds[shown["object"]].append(shown)
        sources = kinds["data_source"] + self._guessed_sources({one["id"] for one in kinds["data_source"]} | self.made)
        held = {one["id"] for one in kinds["database"]} | {one["parent"]["database_id"] for one in sources}
        lone = [one for one in kinds["block"] if one["type"] == "child_database" and one["id"] not in held]
        databases = kinds["database"] + [_titled_database(one) for one in lone]
        pages = kinds["page"] + self._empty_pages([*self.first, *sources])
        return {"databases": databases, "data_sources": sources, "pages": pages, "blocks": kinds["block"]}

    def _guessed_sources(self, known: set[str]) -> list[Json]:
        """Schemas never shown, made from their rows."""
        rows: dict[str, list[Json]] = {}
        for page in (one for exchange in self.exchanges for one in objects(exchange["response"])):
            source_id = page.get("parent", {}).get("data_source_id")
            if source_id and source_id not in known and page["object"] == "page" and "properties" in page:
                rows.setdefault(source_id, []).append(page)
        return [_guessed(source_id, found) for source_id, found in rows.items()]

    def _empty_pages(self, shown: list[Json]) -> list[Json]:
        """Pages that only appear as a parent, or as a block of another page."""
        blocks = {one["id"]: one for one in shown if one.get("type") == "child_page"}
        named = {holder for one in shown for key in ("parent", "database_parent") if (holder := _page_id(one.get(key)))}
        asked = [exchange["request"] for exchange in self.exchanges if not reads(exchange)]
        named |= {holder for body in asked if isinstance(body, dict) and (holder := _page_id(body.get("parent")))}
        whole = {one["id"] for one in shown if one["object"] == "page"} | self.made
        return [_empty_page(one, blocks.get(one, {})) for one in sorted((named | blocks.keys()) - whole)]

    def users(self) -> list[Json]:
        """The users named anywhere, each in the fullest form in which it was shown."""
        found: dict[str, Json] = {}
        for user in (one for exchange in self.exchanges for one in dicts(exchange["response"])):
            if user.get("object") != "user" or "id" not in user:
                continue
            before = found.get(user["id"], {})
            if len(user) > len(before) or "owner" in user.get("bot", {}):
                found[user["id"]] = before | user
        return [_whole_user(user) for user in found.values()]

    def own_bot(self) -> str | None:
        """Who made what the recording made."""
        for exchange in self.exchanges:
            for shown in objects(exchange["response"]):
                if shown["id"] in self.made and "created_by" in shown:
                    return str(shown["created_by"]["id"])
        return next((one["id"] for one in self.users() if "owner" in one.get("bot", {})), None)

    def start(self) -> datetime:
        """The time of the first write, else the latest that was shown."""
        writes = [time for exchange in self.exchanges if (time := written_at(exchange))]
        shown = [time for exchange in self.exchanges for time in _times(exchange)]
        return min(writes) if writes else max(shown, default=datetime.fromisoformat(_LATER).astimezone(UTC))


def _titled_database(block: Json) -> Json:
    head = {key: block[key] for key in ("id", "parent", "created_time", "last_edited_time")}
    return head | {"object": "database", "title": [_text(block["child_database"]["title"])], "description": []}


def _text(content: str) -> Json:
    return {"type": "text", "text": {"content": content, "link": None}, "plain_text": content, "href": None}


def _page_id(parent: Any) -> str | None:
    holder = parent.get("page_id") if isinstance(parent, dict) else None
    return dashed(holder) if isinstance(holder, str) else None


def _whole_user(shape: Json) -> Json:
    return {"name": None, "avatar_url": None, "type": "person"} | shape


def _empty_page(page_id: str, block: Json) -> Json:
    """A page of which at most the block was seen."""
    title = block.get("child_page", {}).get("title")
    known = {key: block[key] for key in (*TIMES, "created_by", "last_edited_by", "parent") if key in block}
    return {
        "object": "page",
        "id": page_id,
        "created_time": "2026-01-01T00:00:00.000Z",
        "last_edited_time": "2026-01-01T00:00:00.000Z",
        "created_by": _SOMEONE,
        "last_edited_by": _SOMEONE,
        "parent": {"type": "workspace", "workspace": True},
        "properties": {"title": {"id": "title", "type": "title", "title": [_text(title)] if title else []}},
    } | known


def _guessed(source_id: str, rows: list[Json]) -> Json:
    """A data source as its rows suggest it."""
    columns: Json = {}
    for row in rows:
        for name, value in row["properties"].items():
            head = {"id": value["id"], "name": name, "description": None, "type": value["type"]}
            _guess_column(columns.setdefault(name, head), value, source_id)
    row = rows[0]
    shared = {key: row[key] for key in ("created_time", "created_by", "last_edited_time", "last_edited_by")}
    return shared | {
        "object": "data_source",
        "id": source_id,
        "title": [],
        "description": [],
        "properties": columns,
        "parent": {"type": "database_id", "database_id": row["parent"]["database_id"]},
        "database_parent": {"type": "workspace", "workspace": True},
    }


def _guess_column(column: Json, value: Json, source_id: str) -> None:
    kind = value["type"]
    seen = value[kind]
    match kind:
        case "select" | "status" | "multi_select":
            known = column.setdefault(kind, {"options": [], **({"groups": []} if kind == "status" else {})})["options"]
            for option in [seen] if isinstance(seen, dict) else seen or []:
                if option["id"] not in {one["id"] for one in known}:
                    known.append({**option, "description": None})
        case "relation":
            column[kind] = {"data_source_id": source_id, "type": "single_property", "single_property": {}}
        case "rollup":
            column[kind] = {"function": seen["function"], "relation_property_id": "", "rollup_property_id": ""}
        case "formula":
            column[kind] = {"expression": ""}
        case "unique_id":
            column[kind] = {"prefix": seen["prefix"]}
        case "number":
            column[kind] = {"format": "number"}
        case _:
            column[kind] = {}
