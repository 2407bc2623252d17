"""A client of Typeform's twin without a network: a call is a method, a path, a query and a body."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from higherself_sync.sandbox.typeform import TypeformTwin
from higherself_sync.sandbox.wire import Request

START = datetime(2026, 11, 23, 17, 0, 0, 250_000, UTC)
Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def tokens(self) -> list[str]:
        return [item["token"] for item in self.body["items"]]


@dataclass
class Client:
    """`now` is the sandbox's clock and moves only when told."""

    twin: TypeformTwin = field(default_factory=TypeformTwin)
    now: datetime = START
    headers: Mapping[str, str] = field(default_factory=lambda: {"authorization": "Bearer tfp_sandbox"})

    def wait(self, seconds: float = 1) -> None:
        self.now += timedelta(seconds=seconds)

    def call(self, method: str, path: str, query: str = "", body: Any = None) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        response = self.twin.answer(Request(method, path, query, self.headers, content), self.now)
        return Answer(response.status, json.loads(response.body) if response.body else None, response.headers)

    def get(self, path: str, /, **query: Any) -> Answer:
        return self.call("GET", path, urlencode(query))

    def form(self, *fields: Json, **more: Any) -> str:
        """The id of a new form with these questions."""
        return str(self.twin.add("forms", {"title": "A form", "fields": list(fields), **more}, self.now)["id"])

    def submit(self, form_id: str, answers: Mapping[str, Any] | None = None, **more: Any) -> Json:
        """Somebody answers; a second goes by first, so that no two have the same time."""
        self.wait()
        given = {"form_id": form_id, "answers": answers or {}, **more}
        added: Json = self.twin.add("responses", given, self.now)
        return added

    def responses(self, form_id: str, /, **query: Any) -> Answer:
        return self.get(f"/forms/{form_id}/responses", **query)

    def walk(self, form_id: str, /, size: int = 2, **query: Any) -> list[str]:
        """The tokens of all pages, from the newest back, as the reference says to page."""
        found: list[str] = []
        cursor: dict[str, str] = {}
        while page := self.responses(form_id, page_size=size, **cursor, **query).tokens:
            found += page
            cursor = {"before": page[-1]}
        return found


def question(kind: str, ref: str = "", **properties: Any) -> Json:
    """`labels` become choices."""
    if labels := properties.pop("labels", None):
        properties["choices"] = [{"label": label} for label in labels]
    named = {"type": kind, "title": f"A {kind}", "ref": ref or kind}
    return named | ({"properties": properties} if properties else {})
