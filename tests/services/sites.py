"""Stand-ins for WordPress sites, below the HTTP door: the twins with a clock that moves only when told."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx

from higherself_sync.core.record import MarkedReplica, Record
from higherself_sync.http import open_door
from higherself_sync.sandbox.tutorlm import TutorLMTwin
from higherself_sync.sandbox.userfeedback import UserFeedbackTwin
from higherself_sync.sandbox.wire import Request
from higherself_sync.services import load as adapter_of
from higherself_sync.services.base import Service

RECORDED = Path(__file__).parent.parent / "recorded"
URL = "http://127.0.0.1:8090"
START = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
KEYS = {
    "userfeedback": {"user": "sandbox", "application_password": "app_sandbox"},
    "tutorlm": {"api_key": "key_sandbox", "api_secret": "secret_sandbox"},
}

Twin = UserFeedbackTwin | TutorLMTwin
Meddle = Callable[[httpx.Request, httpx.Response], httpx.Response | None]


class Site(httpx.BaseTransport):
    """A twin in place of the network. `between` is called before each request with how many there were, `meddle` may
    give another answer."""

    def __init__(self, twin: Twin) -> None:
        self.twin, self.now = twin, START
        self.requests: list[httpx.Request] = []
        self.between: Callable[[int], object] = lambda _: None
        self.meddle: Meddle = lambda _, __: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.between(len(self.requests))
        self.requests.append(request)
        url = request.url
        headers = {name.lower(): value for name, value in request.headers.items()}
        seen = Request(request.method, url.path, url.query.decode(), headers, request.content, URL)
        answer = self.twin.answer(seen, self.now)
        date = {"date": format_datetime(self.now, usegmt=True)}
        response = httpx.Response(answer.status, headers={**answer.headers, **date}, content=answer.body)
        return self.meddle(request, response) or response

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def add(self, stream: str, **data: Any) -> Any:
        return self.twin.add(stream, data, self.now)

    def change(self, stream: str, record_id: Any, **data: Any) -> Any:
        return self.twin.change(stream, str(record_id), data, self.now)

    def writes(self) -> int:
        return sum(request.method != "GET" for request in self.requests)

    def asked(self) -> list[str]:
        """Paths below `wp-json` with their queries, since this was called last."""
        said = [_said(request) for request in self.requests]
        self.requests.clear()
        return said


def _said(request: httpx.Request) -> str:
    query = "&".join(f"{name}={value}" for name, value in parse_qsl(request.url.query.decode()))
    path = request.url.path.removeprefix("/wp-json").lstrip("/")
    return f"{path}?{query}" if query else path


def opened(
    kind: str, transport: httpx.BaseTransport | None, cache: dict[str, str] | None = None, **settings: Any
) -> Service:
    """The adapter as the tool connects it, with `transport` in place of the network (None), and no waiting."""
    adapter = adapter_of(kind)
    door = partial(open_door, timeout=5.0, max_wait=5.0, transport=transport, sleeper=lambda _: None)
    model = adapter.Settings.model_validate({"url": URL, **KEYS[kind], **settings})
    service: Service = adapter.connect("site", model, door, {} if cache is None else cache)
    return service


def everything(replica: MarkedReplica, since: datetime | None = None) -> dict[str, Record]:
    return {record.id: record for batch in replica.read(since) for record in batch.records}


def sample(kind: str, name: str) -> Any:
    return json.loads((RECORDED / kind / f"{name}.json").read_text(encoding="utf-8"))


def answer(status: int, body: Any, date: datetime = START, **headers: str) -> httpx.Response:
    kept: Mapping[str, str] = {"date": format_datetime(date, usegmt=True), **headers}
    return httpx.Response(status, json=body, headers=kept)
