"""A client of a WordPress site's twin without a network: a call is a method, a path below `api`, a query and a body."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from higherself_sync.sandbox.wire import Request, Twin

RECORDED = Path(__file__).parents[1] / "recorded"
SITE = "http://127.0.0.1:8090"
START = datetime(2026, 11, 23, 17, 0, 0, tzinfo=UTC)

T = TypeVar("T", bound=Twin)


def basic(name: str, password: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"}


def sample(kind: str, name: str) -> Any:
    return json.loads((RECORDED / kind / f"{name}.json").read_text(encoding="utf-8"))


def typed(value: Any) -> str:
    """The same in which 1 and "1" and True differ, and so does the order of an object's keys."""
    return json.dumps(value)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]
    raw: bytes

    @property
    def code(self) -> str:
        return str(self.body["code"])


@dataclass
class Client(Generic[T]):
    """`now` is the sandbox's clock and moves only when told. A path with a slash in front starts at the site's root."""

    twin: T
    api: str
    headers: Mapping[str, str] = field(default_factory=dict)
    now: datetime = START

    def wait(self, seconds: float = 1) -> None:
        self.now += timedelta(seconds=seconds)

    def call(self, method: str, path: str, query: str = "", body: Any = None, **headers: str) -> Answer:
        full = path if path.startswith("/") else f"/wp-json/{self.api}/{path}"
        sent = ({"content-type": "application/json"} if body is not None else {}) | dict(self.headers) | headers
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        response = self.twin.answer(Request(method, full, query, sent, content, SITE), self.now)
        is_json = response.body and response.headers["content-type"].startswith("application/json")
        return Answer(response.status, json.loads(response.body) if is_json else None, response.headers, response.body)

    def get(self, path: str, /, **query: Any) -> Answer:
        return self.call("GET", path, urlencode(query))

    def add(self, stream: str, **data: Any) -> Any:
        return self.twin.add(stream, data, self.now)

    def change(self, stream: str, record_id: Any, **data: Any) -> Any:
        return self.twin.change(stream, str(record_id), data, self.now)


def differences(answer: Answer, recorded: Mapping[str, Any], body: Any) -> list[str]:
    """In what an answer is not the recorded one: status, each header that was kept, an `Allow` too many, the body."""
    found = [] if answer.status == recorded["status"] else [f"status {answer.status}"]
    for name, value in recorded["headers"].items():
        if answer.headers.get(name) != value:
            found.append(f"{name}: {answer.headers.get(name)}")
    if "allow" in answer.headers and "allow" not in recorded["headers"]:
        found.append(f"allow: {answer.headers['allow']}")
    if typed(answer.body) != typed(body):
        found.append(typed(answer.body))
    return found
