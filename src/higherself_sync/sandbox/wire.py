"""What a twin sees and says: plain values, so that a twin needs no server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Request:
    """`path` has no service prefix; `query` is raw; `headers` have lower-case names; `base` is scheme://host[:port]/prefix."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = "http://127.0.0.1"

    def pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, content, {"content-type": "application/json; charset=utf-8", **(headers or {})})


class Twin(Protocol):
    """A stand-in for one system, over its own small store. `now` is the sandbox's clock (UTC, with microseconds)."""

    @property
    def name(self) -> str:
        """The service's prefix in the sandbox's paths."""
        ...

    def answer(self, request: Request, now: datetime) -> Response:
        """What the real system would answer. 501 by name for what is not served; never anything made up."""
        ...

    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any:
        """Add a record as the outside world would (`POST /_sandbox/SERVICE/STREAM`); the object as the API shows it."""
        ...

    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any:
        """Change one as the outside world would."""
        ...

    def load(self, objects: Mapping[str, Any], now: datetime) -> None:
        """Take objects in the form in which the API gave them, keeping ids and times."""
        ...

    def dump(self) -> dict[str, list[Any]]:
        """`{stream: [objects as the API gives them]}`."""
        ...

    def clear(self) -> None:
        """Forget all records (for Notion: rows, not databases)."""
        ...

    def snapshot(self) -> Any:
        """An opaque copy of the whole state, for `reset`."""
        ...

    def restore(self, snapshot: Any) -> None: ...

    def knobs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Set and show what the reference leaves unsettled. Raises KeyError for an unknown knob."""
        ...
