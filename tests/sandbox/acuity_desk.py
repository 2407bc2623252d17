"""A desk at Acuity's twin without a network: a call is a method, a path below /api/v1, a query and a body."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from higherself_sync.sandbox.acuity import AcuityTwin
from higherself_sync.sandbox.wire import Request

RECORDED = Path(__file__).parents[2].parent / "shared" / "recorded" / "acuity"
BASE = "http://127.0.0.1:8090/acuity"
START = datetime(2026, 11, 23, 17, 0, 0, tzinfo=UTC)
Json = dict[str, Any]
ANNA = {"firstName": "Anna", "lastName": "Vogel", "email": "anna@example.com", "phone": "+49 30 23125 001"}


def basic(user: str = "10000001", key: str = "acuity_sandbox") -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(f'{user}:{key}'.encode()).decode()}"}


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def ids(self) -> list[int]:
        return [thing["id"] for thing in self.body]

    @property
    def error(self) -> tuple[int, str]:
        assert self.status == self.body["status_code"]
        return self.status, self.body["error"]


@dataclass
class Desk:
    """`now` is the sandbox's clock and moves only when told."""

    twin: AcuityTwin = field(default_factory=AcuityTwin)
    now: datetime = START
    headers: Mapping[str, str] = field(default_factory=basic)

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Answer:
        """A body that is text or bytes goes out as it is."""
        content = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
        request = Request(method, f"/api/v1/{path}", urlencode(query), dict(self.headers), content, BASE)
        response = self.twin.answer(request, self.now)
        return Answer(response.status, json.loads(response.body) if response.body else None, response.headers)

    def get(self, path: str, /, **query: Any) -> Answer:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any, **query: Any) -> Answer:
        return self.call("POST", path, body, **query)

    def put(self, path: str, body: Any, **query: Any) -> Answer:
        return self.call("PUT", path, body, **query)

    def add(self, stream: str = "appointments", **data: Any) -> Json:
        """Done by the outside world."""
        added: Json = self.twin.add(stream, data, self.now)
        return added

    def change(self, record: Json, stream: str = "appointments", **data: Any) -> Json:
        """Done by a person at the screen."""
        changed: Json = self.twin.change(stream, str(record["id"]), data, self.now)
        return changed

    def shown(self, record: Json) -> Json:
        """The appointment as it is now."""
        answer = self.get(f"appointments/{record['id']}")
        assert answer.status == 200, answer.body
        shown: Json = answer.body
        return shown


def whole_day(desk: Desk) -> Json:
    """A calendar in Berlin and a type of an hour that is booked there."""
    calendar = desk.add("calendars", name="Studio", timezone="Europe/Berlin")
    return desk.add("appointment-types", name="Massage", duration=60, price="80", calendarIDs=[calendar["id"]])


def booking(kind: Json, **other: Any) -> Json:
    """The body of a create: tomorrow at three in Berlin."""
    return {**ANNA, "datetime": "2026-11-24T15:00:00+0100", "appointmentTypeID": kind["id"], **other}


def exchange(name: str) -> Json:
    recorded: Json = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return recorded


def answered(name: str) -> Any:
    return exchange(name)["response"]["body"]
