"""Stand-ins for a Typeform account, below the HTTP door: the twin, with a clock that moves only when told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

import httpx

from higherself_sync.core.record import Record
from higherself_sync.http import open_door
from higherself_sync.sandbox.typeform import TypeformTwin
from higherself_sync.sandbox.wire import Request
from higherself_sync.services.typeform import Settings, Typeform, connect

START = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
HERE = "https://api.typeform.com"
Json = dict[str, Any]


class TwinTransport(httpx.BaseTransport):
    """The twin in place of the network. `cut`: so many responses a page at most, whatever was asked for."""

    def __init__(self, twin: TypeformTwin | None = None) -> None:
        self.twin = twin or TypeformTwin()
        self.now = START
        self.requests: list[httpx.Request] = []
        self.home = HERE
        self.cut: int | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        url = request.url
        date = {"date": format_datetime(self.now, usegmt=True)}
        if f"{url.scheme}://{url.host}" != self.home:  # another data centre knows nobody
            body = {"code": "AUTHENTICATION_FAILED", "description": "Authentication failed"}
            return httpx.Response(403, json=body, headers=date)
        if self.cut is not None and url.path.endswith("/responses"):
            url = url.copy_set_param("page_size", str(min(self.cut, int(url.params["page_size"]))))
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Request(request.method, url.path, url.query.decode(), headers, request.content)
        answer = self.twin.answer(asked, self.now)
        return httpx.Response(answer.status, headers={**answer.headers, **date}, content=answer.body)

    # ---- what people do

    def form(self, title: str, *fields: Json, form_id: str = "", **more: Any) -> str:
        """A new form with these questions; its id."""
        made = self.twin.add("forms", {"title": title, "fields": list(fields), **more}, self.now)
        return str(made["id"])

    def answer(self, form_id: str, answers: Mapping[str, Any] | None = None, **more: Any) -> str:
        """Somebody answers, a second later; the token."""
        self.now += timedelta(seconds=1)
        given = {"form_id": form_id, "answers": answers or {}, **more}
        return str(self.twin.add("responses", given, self.now)["token"])

    # ---- what was asked

    def asked(self, path: str = "") -> list[Json]:
        """The queries of the requests to that path, or the paths of all."""
        return [dict(each.url.params) for each in self.requests if each.url.path == path]

    def paths(self) -> list[str]:
        return [each.url.path for each in self.requests]


def adapter(transport: httpx.BaseTransport, cache: dict[str, str] | None = None, **settings: Any) -> Typeform:
    """The adapter as the tool connects it, with `transport` in place of the network and no waiting."""
    door = partial(open_door, timeout=5.0, max_wait=5.0, transport=transport, sleeper=lambda _: None)
    given = Settings.model_validate({"token": "tfp_sandbox", "requests_per_second": 0, **settings})
    return connect("forms", given, door, {} if cache is None else cache)


@contextmanager
def connected(
    transport: httpx.BaseTransport, cache: dict[str, str] | None = None, **settings: Any
) -> Iterator[Typeform]:
    service = adapter(transport, cache, **settings)
    try:
        yield service
    finally:
        service.close()


def records(service: Typeform, stream: str = "responses", since: datetime | None = None) -> dict[str, Record]:
    return {each.id: each for batch in service.replica(stream).read(since) for each in batch.records}


def question(kind: str, ref: str, title: str = "", **properties: Any) -> Json:
    """`labels` become choices, `fields` the questions within."""
    if labels := properties.pop("labels", None):
        properties["choices"] = [{"label": label} for label in labels]
    named = {"type": kind, "ref": ref, "title": title or f"A {kind}"}
    return named | ({"properties": properties} if properties else {})
