"""Replays recorded exchanges of the live Notion API on fresh twins and compares the answers.

    python tests/replay_notion.py FOLDER

Each `*.json` of the folder is `{"exchanges": [{method, path, query, notion_version, request, status, response}]}`. What
no exchange creates is loaded from its first appearance. Ids are mapped by position; request ids, URL hosts, times
(format only) and formula text are left out. Counted are exchanges on what the recording made, and on loaded objects
what tests the twin rather than the loading: filtered, sorted or paged queries after a complete one, property items, and
reads after a write. The last line is `agree A of C counted (P %), N not counted`; the exit code is 1 under 95 %.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.wire import Request

Json = dict[str, Any]

ENOUGH = 95.0
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_HOST = re.compile(r"^https://(?:www\.notion\.so|app\.notion\.com)/(?:p/)?")
_INTEGRATION = re.compile(r"(?<=your integration )\"[^\"]*\"")
_SERVED = re.compile(
    r"/v1/(users(/[^/]+)?|(databases|data_sources|pages)(/[^/]+)?|pages/[^/]+/move|data_sources/[^/]+/query"
    r"|pages/[^/]+/properties/.+|blocks/[^/]+(/children)?|search)"
)
_TIMES = ("created_time", "last_edited_time")
_ID_KEYS = ("id", "page_id", "database_id", "data_source_id", "block_id", "workspace_id", "synced_property_id")
_COLUMN_KEYS = ("rollup_property_id", "relation_property_id")
_KINDS = {"page": "pages", "data_source": "data_sources", "database": "databases"}
_COMPUTED = ("formula", "rollup")


@dataclass
class Tally:
    agreed: int = 0
    counted: int = 0
    skipped: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return 100 * self.agreed / self.counted if self.counted else 0.0

    def line(self) -> str:
        return f"agree {self.agreed} of {self.counted} counted ({self.share:.1f} %), {self.skipped} not counted"


def replay(folder: Path) -> Tally:
    tally = Tally()
    for path in sorted(folder.glob("*.json")):
        Recording(path).run(tally)
    return tally


def dashed(text: str) -> str:
    bare = text.replace("-", "")
    if not re.fullmatch("[0-9a-f]{32}", bare):
        return text
    return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"


def objects(value: Any) -> Iterator[Json]:
    """Every full page, data source and database in an answer."""
    if isinstance(value, dict):
        if value.get("object") in _KINDS and "created_time" in value:
            yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def users(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if value.get("object") == "user" and "id" in value:
            yield value
        for inner in value.values():
            yield from users(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from users(inner)


class Ids:
    """Recorded ids and what they are in the twin. Learned from answers by position, used in requests."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self._taken: set[str] = set()

    def put(self, recorded: str, actual: str) -> None:
        self.known[recorded] = actual
        self._taken.add(actual)

    def same(self, recorded: str, actual: str) -> bool:
        """Whether the two stand for one thing, learning it at first sight."""
        if recorded not in self.known and actual not in self._taken:
            self.put(recorded, actual)
        return self.known.get(recorded) == actual

    def translated(self, text: str) -> str:
        """A string of a request, or of an error's message, in the twin's ids."""
        if text in self.known:
            return self.known[text]
        text = _UUID.sub(lambda match: self.known.get(match[0], match[0]), text)
        return _HEX.sub(lambda match: self.known.get(dashed(match[0]), match[0]).replace("-", ""), text)

    def request(self, value: Any) -> Any:
        match value:
            case dict():
                return {self.translated(key): self.request(inner) for key, inner in value.items()}
            case list():
                return [self.request(inner) for inner in value]
            case str():
                return self.translated(value)
            case _:
                return value


class Recording:
    """One file, replayed on one fresh twin."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.exchanges: list[Json] = json.loads(path.read_text())["exchanges"]
        self.twin = NotionTwin()
        self.ids = Ids()
        self.integrations = Ids()
        self.made = self._made()
        self.loaded: set[str] = set()
        self.touched: set[str] = set()
        self.complete: set[str] = set()
        self.now = self._start()
        self._load()

    # ---- before ----

    def _made(self) -> set[str]:
        """Ids of what the recording's own exchanges created."""
        made: set[str] = set()
        for exchange in self.exchanges:
            if exchange["method"] == "POST" and exchange["status"] == 200 and exchange["path"].count("/") == 2:
                answer = exchange["response"]
                if exchange["path"] != "/v1/search":
                    made |= {answer["id"], *(one["id"] for one in answer.get("data_sources", ()))}
        return made

    def _start(self) -> datetime:
        """Just before the first write, else just after everything."""
        times = [time for exchange in self.exchanges if (time := _written_at(exchange))]
        shown = [time for exchange in self.exchanges for one in objects(exchange["response"]) for time in _times(one)]
        return min(times) if times else max(shown, default=datetime(2026, 6, 27, 17, 0, tzinfo=UTC))

    def _load(self) -> None:
        """Everything that is only found, as it was at first sight before any write to it."""
        first: dict[str, Json] = {}
        written: set[str] = set()
        for exchange in self.exchanges:
            target = _target(exchange)
            for shown in objects(exchange["response"]):
                reading = exchange["method"] == "GET" or exchange["path"].endswith(("/query", "/search"))
                if reading and shown["id"] not in self.made | written:
                    first.setdefault(shown["id"], shown)
            if exchange["method"] in ("PATCH", "DELETE"):
                written.add(target)
        self._load_users()
        self._load_objects(first)

    def _load_users(self) -> None:
        found: dict[str, Json] = {}
        for user in [user for exchange in self.exchanges for user in users(exchange["response"])]:
            before = found.get(user["id"], {})
            if len(user) > len(before) or "owner" in user.get("bot", {}):
                found[user["id"]] = before | user
        me = self._own_bot(found)
        shapes = []
        for user_id, shape in found.items():
            own = self._twin_bot() if user_id == me else user_id
            self.ids.put(user_id, own)
            shapes.append(_full_user(shape) | {"id": own})
        self.twin.load({"users": shapes}, self.now)

    def _own_bot(self, found: dict[str, Json]) -> str | None:
        for exchange in self.exchanges:
            for shown in objects(exchange["response"]):
                if shown["id"] in self.made and "created_by" in shown:
                    return str(shown["created_by"]["id"])
        return next((one for one, shape in found.items() if "owner" in shape.get("bot", {})), None)

    def _twin_bot(self) -> str:
        return str(self._ask("GET", "/v1/users/me", "", None, "2026-03-11")[1]["id"])

    def _load_objects(self, first: dict[str, Json]) -> None:
        pages = [shown for shown in first.values() if shown["object"] == "page" and "properties" in shown]
        sources = [shown for shown in first.values() if shown["object"] == "data_source" and "properties" in shown]
        databases = [shown for shown in first.values() if shown["object"] == "database"]
        sources += self._guessed_sources(pages, {one["id"] for one in sources} | self.made)
        known = {one["id"] for one in pages} | self.made
        pages += _empty_pages(self._missing_parents([*pages, *sources, *databases], known))
        self.loaded = {one["id"] for one in (*pages, *sources, *databases)}
        self.loaded |= {one["parent"]["database_id"] for one in sources if "database_id" in one["parent"]}
        for text in _UUID.findall(json.dumps([*pages, *sources, *databases])):
            self.ids.known.setdefault(text, text)
        _share_ids(self.ids, [*pages, *sources])
        loaded = {"databases": databases, "data_sources": sources, "pages": pages}
        self.twin.load(self.ids.request(loaded), self.now)

    def _guessed_sources(self, pages: list[Json], known: set[str]) -> list[Json]:
        """Schemas never shown, made from their rows: those loaded, and those made in them."""
        rows: dict[str, list[Json]] = {}
        answers = [shown for exchange in self.exchanges for shown in objects(exchange["response"])]
        for page in (*pages, *(one for one in answers if one["object"] == "page")):
            if page["parent"]["type"] == "data_source_id" and page["parent"]["data_source_id"] not in known:
                rows.setdefault(page["parent"]["data_source_id"], []).append(page)
        return [_guessed(source_id, found) for source_id, found in rows.items()]

    def _missing_parents(self, shown: list[Json], known: set[str]) -> set[str]:
        """Pages that only appear as somebody's parent."""
        parents = {one["parent"].get("page_id") for one in shown}
        parents |= {one["database_parent"].get("page_id") for one in shown if "database_parent" in one}
        for exchange in self.exchanges:
            if exchange["method"] == "POST" and isinstance(exchange["request"], dict):
                parents.add((exchange["request"].get("parent") or {}).get("page_id"))
        return {dashed(one) for one in parents if one} - known

    # ---- run ----

    def run(self, tally: Tally) -> None:
        for number, exchange in enumerate(self.exchanges):
            self._replay(number, exchange, tally)

    def _replay(self, number: int, exchange: Json, tally: Tally) -> None:
        if not _SERVED.fullmatch(exchange["path"].partition("?")[0]):
            tally.skipped += 1
            return
        if (written := _written_at(exchange)) is not None:
            self.now = max(self.now, written)
        path = "/".join(self._path_part(part) for part in exchange["path"].split("/"))
        query = urlencode([(key, self.ids.translated(value)) for key, value in exchange["query"]])
        request = self.ids.request(exchange["request"])
        status, answer = self._ask(exchange["method"], path, query, request, exchange["notion_version"])
        differences = list(self._compare(exchange, status, answer))
        counted = self._counts(exchange)
        self._remember(exchange)
        if not counted:
            tally.skipped += 1
            return
        tally.counted += 1
        tally.agreed += not differences
        where = f"{self.name} #{number} {exchange['method']} {exchange['path']}"
        tally.differences += [f"{where}: {difference}" for difference in differences[:5]]

    def _path_part(self, part: str) -> str:
        """An id of the path in the twin's ids, a column's with its encoding kept."""
        known = self.ids.known.get(dashed(part)) or self.ids.known.get("column " + unquote(part), "")
        if known.startswith("column "):
            return quote(known.removeprefix("column "), safe="-_.~")
        return known or part

    def _ask(self, method: str, path: str, query: str, body: Any, version: str) -> tuple[int, Json]:
        headers = {"authorization": "Bearer ntn_sandbox", "notion-version": version}
        content = b"" if body is None else json.dumps(body).encode()
        response = self.twin.answer(Request(method, path, query, headers, content), self.now)
        return response.status, json.loads(response.body)

    # ---- compare ----

    def _compare(self, exchange: Json, status: int, answer: Json) -> Iterator[str]:
        if exchange["status"] != status:
            yield f"status: {exchange['status']}, the twin {status} {answer.get('message', '')}"
        elif exchange["path"] == "/v1/search":
            yield from _keys(exchange["response"], answer, "")
        else:
            yield from self._differences(exchange["response"], answer, "")

    def _differences(self, recorded: Any, actual: Any, at: str) -> Iterator[str]:
        """`path: recorded value, the twin's value` of everything that differs."""
        if isinstance(recorded, dict) and isinstance(actual, dict):
            yield from self._objects_differ(recorded, actual, at)
        elif isinstance(recorded, list) and isinstance(actual, list):
            if len(recorded) != len(actual):
                yield f"{at}: {len(recorded)} items, the twin {len(actual)}"
            for index, (one, other) in enumerate(zip(recorded, actual, strict=False)):
                yield from self._differences(one, other, f"{at}[{index}]")
        elif not self._same(recorded, actual, at.rpartition(".")[2]):
            yield f"{at}: {json.dumps(recorded, ensure_ascii=False)}, the twin {json.dumps(actual, ensure_ascii=False)}"

    def _objects_differ(self, recorded: Json, actual: Json, at: str) -> Iterator[str]:
        yield from _keys(recorded, actual, at)
        if at.endswith("properties") and actual and all(_is_property(one) for one in actual.values()):
            yield from _disorder(actual, at)
        kept = recorded.keys() & actual.keys() - {"request_id"}
        for key in sorted(kept, key=lambda key: (key not in _ID_KEYS, list(recorded).index(key))):
            if key in _COMPUTED and self._is_loaded_value(recorded, at):
                continue
            yield from self._differences(recorded[key], actual[key], f"{at}.{key}" if at else key)

    def _is_loaded_value(self, recorded: Json, at: str) -> bool:
        """Computed values of loaded pages may have been stored, so they prove nothing."""
        return recorded.get("type") in _COMPUTED and at != "" and bool(self.loaded) and self._on_loaded

    def _same(self, recorded: Any, actual: Any, key: str) -> bool:
        name = key.partition("[")[0]
        if not (isinstance(recorded, str) and isinstance(actual, str)):
            return (type(recorded) is type(actual) and bool(recorded == actual)) or _same_number(recorded, actual)
        if name in _TIMES:
            return _shape(recorded) == _shape(actual)
        if name == "expression":
            return True
        if name == "integration_id":
            return self.integrations.same(recorded, actual)
        if name in ("url", "next_url") and _HOST.match(recorded):
            return self.ids.translated(_HOST.sub("", recorded)) == _HOST.sub("", actual)
        if name == "next_cursor":
            return self._same_cursor(recorded, actual)
        if name in (*_ID_KEYS, *_COLUMN_KEYS, "option_ids"):
            return self._same_id(recorded, actual)
        if name == "message":  # who the integration is, no exchange tells for sure
            return _INTEGRATION.sub("", self.ids.translated(recorded)) == _INTEGRATION.sub("", actual)
        return self.ids.translated(recorded) == actual

    def _same_id(self, recorded: str, actual: str) -> bool:
        if _UUID.fullmatch(recorded):
            return bool(_UUID.fullmatch(actual)) and self.ids.same(recorded, actual)
        return self.ids.same("column " + unquote(recorded), "column " + unquote(actual))

    def _same_cursor(self, recorded: str, actual: str) -> bool:
        if recorded.startswith("s:") and actual.startswith("s:"):
            self.ids.put(recorded, actual)
            return self.ids.same(recorded.rpartition(":")[2], actual.rpartition(":")[2])
        return self._same_id(recorded, actual)

    # ---- count ----

    def _counts(self, exchange: Json) -> bool:
        path, method, target = exchange["path"].partition("?")[0], exchange["method"], _target(exchange)
        self._on_loaded = target in self.loaded
        if path.startswith(("/v1/search", "/v1/users")):
            return False
        if exchange["status"] >= 400 or target in self.made or path.count("/") == 2:
            return True
        if "/properties/" in path or target in self.touched or method in ("PATCH", "DELETE"):
            return True
        return path.endswith("/query") and _selective(exchange) and target in self.complete

    _on_loaded = False

    def _remember(self, exchange: Json) -> None:
        path, target = exchange["path"], _target(exchange)
        if exchange["method"] in ("PATCH", "DELETE"):
            self.touched.add(target)
        if exchange["method"] == "POST" and path == "/v1/pages" and exchange["status"] == 200:
            self.touched.add(exchange["response"]["parent"].get("data_source_id", ""))
        if path.endswith("/query") and not _selective(exchange) and not exchange["response"].get("has_more"):
            self.complete.add(target)


def _target(exchange: Json) -> str:
    """The object that an exchange is about: the one in its path, else what it made."""
    parts = exchange["path"].partition("?")[0].split("/")
    if len(parts) > 3:
        return dashed(parts[3])
    return str(exchange["response"].get("id", ""))


def _written_at(exchange: Json) -> datetime | None:
    """The minute of a write's answer."""
    if exchange["method"] == "GET" or exchange["path"].endswith(("/query", "/search")) or exchange["status"] != 200:
        return None
    return max(_times(exchange["response"]), default=None)


def _times(shown: Json) -> list[datetime]:
    return [datetime.fromisoformat(shown[key]) for key in _TIMES if key in shown]


def _selective(exchange: Json) -> bool:
    """Filtered, sorted or paged."""
    body = exchange["request"] or {}
    return bool(body.get("filter") or body.get("sorts") or body.get("start_cursor") or body.get("page_size", 100) < 100)


def _shape(time: str) -> str:
    return re.sub(r"\d", "0", time)


def _same_number(recorded: Any, actual: Any) -> bool:
    numbers = isinstance(recorded, int | float) and isinstance(actual, int | float)
    return numbers and not isinstance(recorded, bool) and not isinstance(actual, bool) and recorded == actual


def _keys(recorded: Json, actual: Json, at: str) -> Iterator[str]:
    for key in recorded.keys() - actual.keys():
        yield f"{at}.{key}: {json.dumps(recorded[key])[:80]}, the twin has no such key"
    for key in actual.keys() - recorded.keys():
        yield f"{at}.{key}: no such key, the twin {json.dumps(actual[key])[:80]}"


def _is_property(value: Any) -> bool:
    return isinstance(value, dict) and {"id", "type"} <= value.keys()


def _disorder(properties: Json, at: str) -> Iterator[str]:
    """The twin's own order: byte order of decoded ids, then title, then verification."""
    last = {"title": 1, "verification": 2, "verification_owner": 3}
    found = [unquote(one["id"]) for one in properties.values()]
    wanted = sorted(found, key=lambda one: (last.get(one, 0), one.encode()))
    if found != wanted:
        yield f"{at}: order {wanted}, the twin {found}"


# ---- what is loaded without having been shown ----


def _full_user(shape: Json) -> Json:
    if "type" in shape:
        return shape
    return shape | {"name": None, "avatar_url": None, "type": "person", "person": {}}


def _share_ids(ids: Ids, shown: list[Json]) -> None:
    """Columns of loaded objects keep their ids."""
    for one in shown:
        for item in one["properties"].values():
            column = "column " + unquote(item["id"])
            ids.put(column, column)


def _empty_pages(page_ids: set[str]) -> list[Json]:
    someone = {"object": "user", "id": "00000000-0000-4000-8000-0000000000fa"}
    return [
        {
            "object": "page",
            "id": page_id,
            "created_time": "2026-01-01T00:00:00.000Z",
            "last_edited_time": "2026-01-01T00:00:00.000Z",
            "created_by": someone,
            "last_edited_by": someone,
            "cover": None,
            "icon": None,
            "parent": {"type": "workspace", "workspace": True},
            "in_trash": False,
            "properties": {"title": {"id": "title", "type": "title", "title": []}},
        }
        for page_id in sorted(page_ids)
    ]


def _guessed(source_id: str, rows: list[Json]) -> Json:
    """A data source as its rows suggest it."""
    columns: Json = {}
    for row in rows:
        for name, value in row["properties"].items():
            column = columns.setdefault(
                name, {"id": value["id"], "name": name, "description": None, "type": value["type"]}
            )
            _guess_column(column, value, source_id)
    row = rows[0]
    shared = {key: row[key] for key in ("created_time", "created_by", "last_edited_time", "last_edited_by")}
    return shared | {
        "object": "data_source",
        "id": source_id,
        "cover": None,
        "icon": None,
        "title": [],
        "description": [],
        "is_inline": False,
        "properties": columns,
        "parent": {"type": "database_id", "database_id": row["parent"]["database_id"]},
        "database_parent": {"type": "workspace", "workspace": True},
        "in_trash": False,
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


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write(f"{__doc__}\n")
        return 2
    tally = replay(Path(arguments[0]))
    for difference in tally.differences:
        sys.stdout.write(f"{difference}\n")
    sys.stdout.write(f"{tally.line()}\n")
    return 0 if tally.share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
