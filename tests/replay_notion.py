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
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

if not __package__:  # run as a command: the tests are a package beside this file's folder
    sys.path.insert(0, str(Path(__file__).parents[1]))

from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.wire import Request
from tests.notion_recordings import UUID, Before, Ids, Json, path_of, reads, target_of, written_at

ENOUGH = 95.0
_HOST = re.compile(r"^https://(?:www\.notion\.so|app\.notion\.com)/(?:p/)?")
_API = re.compile(r"^https://[^/]+")
_INTEGRATION = re.compile(r"(?<=your integration )\"[^\"]*\"")
_SERVED = re.compile(
    r"/v1/(users(/[^/]+)?|(databases|data_sources|pages)(/[^/]+)?|pages/[^/]+/move|data_sources/[^/]+/query"
    r"|pages/[^/]+/properties/.+|blocks/[^/]+(/children)?|search)"
)
_ID_KEYS = ("id", "page_id", "database_id", "data_source_id", "block_id", "workspace_id")
_COLUMN_KEYS = ("synced_property_id", "rollup_property_id", "relation_property_id")
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


class Recording:
    """One file, replayed on one fresh twin."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.before = Before(path)
        self.twin = NotionTwin()
        self.ids = Ids()
        self.integrations = Ids()
        self.now = self.before.start()
        self.touched: set[str] = set()
        self.complete: set[str] = set()
        self.stored = False
        """Whether the object being compared was loaded, with its computed values."""
        self._load()

    def _load(self) -> None:
        me, twin_bot = self.before.own_bot(), str(self._ask("GET", "/v1/users/me", "", None, "2026-03-11")[1]["id"])
        users = self.before.users()
        for user in users:
            self.ids.put(user["id"], twin_bot if user["id"] == me else user["id"])
        for text in UUID.findall(json.dumps(self.before.shapes)):
            self.ids.keep(text)
        for shape in (*self.before.shapes["pages"], *self.before.shapes["data_sources"]):
            for item in shape["properties"].values():
                self.ids.keep(f"column {unquote(item['id'])}")
        self.twin.load(self.ids.request({"users": users} | self.before.shapes), self.now)

    def run(self, tally: Tally) -> None:
        for number, exchange in enumerate(self.before.exchanges):
            if not _SERVED.fullmatch(path_of(exchange)):
                tally.skipped += 1
                continue
            differences = self._replay(exchange)
            if not self._counts(exchange):
                tally.skipped += 1
                continue
            tally.counted += 1
            tally.agreed += not differences
            where = f"{self.name} #{number} {exchange['method']} {exchange['path']}"
            tally.differences += [f"{where}: {difference}" for difference in differences[:5]]

    def _replay(self, exchange: Json) -> list[str]:
        """What differs. A write sets the clock."""
        if (written := written_at(exchange)) is not None:
            self.now = max(self.now, written)
        query = urlencode([(key, self.ids.translated(value)) for key, value in exchange["query"]])
        request = self.ids.request(exchange["request"])
        path = self.ids.path(path_of(exchange))
        try:
            status, answer = self._ask(exchange["method"], path, query, request, exchange["notion_version"])
        except Exception as error:  # a twin that breaks disagrees; the other exchanges still count
            return [f"the twin broke: {type(error).__name__}: {error}"]
        return list(self._compare(exchange, status, answer))

    def _ask(self, method: str, path: str, query: str, body: Any, version: str) -> tuple[int, Json]:
        headers = {"authorization": "Bearer ntn_sandbox", "notion-version": version}
        content = b"" if body is None else json.dumps(body).encode()
        response = self.twin.answer(Request(method, path, query, headers, content), self.now)
        return response.status, json.loads(response.body)

    # ---- compare ----

    def _compare(self, exchange: Json, status: int, answer: Json) -> Iterator[str]:
        self.stored = target_of(exchange) in self.before.loaded
        if exchange["status"] != status:
            yield f"status: {exchange['status']}, the twin {status} {answer.get('message', '')}"
        elif path_of(exchange) == "/v1/search":
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
        elif not self._same(recorded, actual, at.rpartition(".")[2].partition("[")[0]):
            yield f"{at}: {json.dumps(recorded, ensure_ascii=False)}, the twin {json.dumps(actual, ensure_ascii=False)}"

    def _objects_differ(self, recorded: Json, actual: Json, at: str) -> Iterator[str]:
        yield from _keys(recorded, actual, at)
        if recorded.get("object") == "page":
            self.stored = recorded.get("id") in self.before.loaded
        if at.endswith("properties") and all(_is_property(one) for one in actual.values()):
            yield from _disorder(actual, at)
        names = list(recorded)
        both = recorded.keys() & actual.keys() - {"request_id"}
        for key in sorted(both, key=lambda key: (key not in _ID_KEYS, names.index(key))):
            if key in _COMPUTED and recorded.get("type") == key and self.stored and "expression" not in recorded[key]:
                continue  # computed values of what was loaded may have been stored, so they prove nothing
            yield from self._differences(recorded[key], actual[key], f"{at}.{key}" if at else key)

    def _same(self, recorded: Any, actual: Any, name: str) -> bool:
        if not (isinstance(recorded, str) and isinstance(actual, str)):
            return _same_plain(recorded, actual)
        match name:
            case "created_time" | "last_edited_time":
                return _shape(recorded) == _shape(actual)
            case "expression":
                return True
            case "integration_id":
                return self.integrations.same(recorded, actual)
            case "next_url":
                return self._same_next(recorded, actual)
            case "url" if _HOST.match(recorded):
                return self.ids.translated(_HOST.sub("", recorded)) == _HOST.sub("", actual)
            case "next_cursor":
                return self._same_cursor(recorded, actual)
            case "message":  # who the integration is, no exchange tells for sure
                return _INTEGRATION.sub("", self.ids.translated(recorded)) == _INTEGRATION.sub("", actual)
            case _ if name in _COLUMN_KEYS or (name == "id" and not UUID.fullmatch(recorded)):
                return self.ids.same_column(recorded, actual)
            case _ if name in _ID_KEYS or name == "option_ids":
                return bool(UUID.fullmatch(actual)) and self.ids.same(recorded, actual)
            case _:
                return self.ids.translated(recorded) == actual

    def _same_cursor(self, recorded: str, actual: str) -> bool:
        """A query's cursor names a row; another is an id, or an opaque one that goes into the next request."""
        self.ids.put(recorded, actual)
        if recorded.startswith("s:"):
            return actual.startswith("s:") and self.ids.same(recorded.rpartition(":")[2], actual.rpartition(":")[2])
        return bool(UUID.fullmatch(recorded)) == bool(UUID.fullmatch(actual))

    def _same_next(self, recorded: str, actual: str) -> bool:
        """The address of a property's next items: the cursor at its end is told by `next_cursor`."""
        wanted, found = (_API.sub("", text).partition("?")[0] for text in (recorded, actual))
        return self.ids.path(wanted) == found

    # ---- count ----

    def _counts(self, exchange: Json) -> bool:
        counts = self._proves(exchange)
        self._remember(exchange)
        return counts

    def _proves(self, exchange: Json) -> bool:
        path, target = path_of(exchange), target_of(exchange)
        if path.startswith(("/v1/search", "/v1/users")):
            return False
        if exchange["status"] >= 400 or target in self.before.made or path.count("/") == 2:
            return True
        if "/properties/" in path or target in self.touched or not reads(exchange):
            return True
        return path.endswith("/query") and _selective(exchange) and target in self.complete

    def _remember(self, exchange: Json) -> None:
        answer = exchange["response"]
        if exchange["status"] != 200 or not isinstance(answer, dict):
            return
        if not reads(exchange):
            self.touched |= {target_of(exchange), answer.get("parent", {}).get("data_source_id", target_of(exchange))}
        elif path_of(exchange).endswith("/query") and not _selective(exchange) and not answer.get("has_more"):
            self.complete.add(target_of(exchange))


def _selective(exchange: Json) -> bool:
    """Filtered, sorted or paged."""
    body = exchange["request"] or {}
    return bool(body.get("filter") or body.get("sorts") or body.get("start_cursor") or body.get("page_size", 100) < 100)


def _shape(time: str) -> str:
    return re.sub(r"\d", "0", time)


def _same_plain(recorded: Any, actual: Any) -> bool:
    """JSON has one kind of number, but a boolean is none."""
    return isinstance(recorded, bool) == isinstance(actual, bool) and bool(recorded == actual)


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
