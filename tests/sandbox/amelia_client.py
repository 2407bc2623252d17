"""A client of the booking site's twin without a network: a call is a method, a path, a query and a body."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from higherself_sync.sandbox.amelia import AmeliaTwin
from higherself_sync.sandbox.wire import Request

LITE = Path(__file__).parents[1] / "recorded" / "amelia-lite"
SITE = "http://127.0.0.1:8090"
START = datetime(2026, 11, 23, 17, 40, 0, tzinfo=UTC)
AJAX = "/wp-admin/admin-ajax.php"
KEY = {"amelia": "amelia_sandbox"}
LOGIN = {"cookie": "wordpress_logged_in_0123=admin%7C1"}
NONCE = "&wpAmeliaNonce=0123456789"


def lite_sample(name: str) -> Any:
    return json.loads((LITE / f"{name}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    content_type: str

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def ids(self) -> list[int]:
        """Of the appointments, in the order in which they are listed."""
        listed = self.data["appointments"]
        days = listed.values() if isinstance(listed, dict) else [{"appointments": listed}]
        return [one["id"] for day in days for one in day["appointments"]]


@dataclass
class Client:
    """Of the paid edition, unless `edition` is "lite". `now` is the sandbox's clock and moves only when told."""

    edition: str = "elite"
    twin: AmeliaTwin = field(default_factory=AmeliaTwin)
    now: datetime = START
    headers: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""

    def __post_init__(self) -> None:
        self.twin.knobs({"edition": self.edition})
        is_lite = self.edition == "lite"
        self.headers = self.headers or (LOGIN if is_lite else KEY)
        self.prefix = "" if is_lite else "/api/v1"

    def wait(self, seconds: float = 60) -> None:
        self.now += timedelta(seconds=seconds)

    def send(self, method: str, query: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        sent = {"content-type": "application/json"} | dict(self.headers if headers is None else headers)
        content = b"" if body is None else json.dumps(body).encode()
        response = self.twin.answer(Request(method, AJAX, query, sent, content, SITE), self.now)
        told = json.loads(response.body) if response.body else None
        return Answer(response.status, told, response.headers["content-type"])

    def call(self, method: str, path: str, query: str = "", body: Any = None) -> Answer:
        nonce = NONCE if method == "POST" and self.edition == "lite" else ""
        return self.send(method, f"action=wpamelia_api&call={self.prefix}{path}{query}{nonce}", body)

    def get(self, path: str, /, **params: Any) -> Answer:
        return self.call("GET", path, "".join(f"&{name}={quote(str(value))}" for name, value in params.items()))

    def post(self, path: str, /, **body: Any) -> Answer:
        return self.call("POST", path, body=body)

    def add(self, stream: str, /, **data: Any) -> dict[str, Any]:
        added: dict[str, Any] = self.twin.add(stream, data, self.now)
        return added

    def change(self, stream: str, record_id: int, /, **data: Any) -> dict[str, Any]:
        changed: dict[str, Any] = self.twin.change(stream, str(record_id), data, self.now)
        return changed

    def one(self, appointment_id: int) -> dict[str, Any]:
        answer = self.get(f"/appointments/{appointment_id}")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.data["appointment"]
        return found


def furnished() -> Client:
    """With a massage for one, a tour for a group of two to ten, and one who gives both."""
    client = Client()
    client.add("services", name="Massage 60", price=60)
    client.add("services", name="Guided Tour", price=15, minCapacity=2, maxCapacity=10, duration=5400)
    client.add("providers", firstName="Petra", lastName="Trainer", email="petra@example.com")
    client.add("customers", firstName="Anna", lastName="Lindner", email="anna@example.com", phone="+49 30 23125 001")
    return client


def visit(site: Client, day: str, hour: int = 10, /, **more: Any) -> dict[str, Any]:
    """A massage of Anna's."""
    return site.add("appointments", bookingStart=f"{day} {hour}:00", customerId=2, **more)


def body(**more: Any) -> dict[str, Any]:
    """Of a create, complete."""
    bookings = [{"customerId": 2, "status": "approved", "persons": 1, "duration": 3600}]
    given = {"bookings": bookings, "bookingStart": "2026-12-01 10:00", "serviceId": 1, "providerId": 1}
    return {**given, "notifyParticipants": 0, **more}
