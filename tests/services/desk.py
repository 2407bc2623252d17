"""A desk at Acuity for the adapter's tests: its twin below the HTTP door, and a small practice to fill it with."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import httpx

from higherself_sync.core.record import Gone, Marks, Record
from higherself_sync.http import open_door
from higherself_sync.sandbox.acuity import AcuityTwin
from higherself_sync.sandbox.wire import Request
from higherself_sync.services.acuity import Acuity, Settings, connect

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # six in the evening in Berlin
KEYS: Mapping[str, Any] = {"user_id": "10000001", "api_key": "acuity_sandbox"}
URL = "https://acuity.test/api/v1"
Json = dict[str, Any]


PAGE = "1f0a2b3c-0000-4000-8000-000000000001"
MARKS = Marks(page_id=PAGE, synced=datetime(2026, 11, 23, 17, 0, 5, tzinfo=UTC))
LINE = f"notion_page_id={PAGE} notion_managed=true notion_last_synced=2026-11-23T17:00:05Z"


class Waiting:
    """A clock for a door's budget: it goes on only while somebody waits."""

    def __init__(self) -> None:
        self.passed = 0.0

    def sleep(self, seconds: float) -> None:
        self.passed += seconds

    def __call__(self) -> float:
        return self.passed


def adapter(transport: httpx.BaseTransport, cache: dict[str, str] | None = None, **more: Any) -> Acuity:
    """The adapter as the tool connects it, with `transport` in place of the network and no waiting."""
    clock = Waiting()
    door = partial(open_door, timeout=5.0, max_wait=5.0, transport=transport, sleeper=clock.sleep, monotonic=clock)
    settings = Settings.model_validate({**KEYS, "base_url": URL, **more})
    return connect("desk", settings, door, {} if cache is None else cache)


@dataclass(frozen=True)
class Asked:
    """A request that has reached the twin; `path` is below the API's."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Desk(httpx.BaseTransport):
    """The twin in place of the network, with a clock that moves only when told.

    `lose`: so many answers to writes are lost after the twin acted. `before`: done as a request arrives, ahead of it.
    """

    def __init__(self) -> None:
        self.twin = AcuityTwin()
        self.now = NOW
        self.asked: list[Asked] = []
        self.lose = 0
        self.before: Callable[[Asked], None] = lambda _: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path, query, content = request.url.path, request.url.query.decode(), request.read()
        asked = Asked(
            request.method,
            path.removeprefix("/api/v1/"),
            dict(parse_qsl(query, keep_blank_values=True)),
            json.loads(content) if content else None,
        )
        self.asked.append(asked)
        self.before(asked)
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = self.twin.answer(Request(request.method, path, query, headers, content), self.now)
        if request.method != "GET" and self.lose:
            self.lose -= 1
            raise httpx.ReadError("the connection was lost")
        date = format_datetime(self.now, usegmt=True)
        return httpx.Response(answer.status, headers={**answer.headers, "date": date}, content=answer.body)

    def writes(self) -> list[str]:
        return [str(each) for each in self.asked if each.method != "GET"]

    def lists(self) -> list[tuple[str, str]]:
        """The days of the lists of appointments that were asked for, from and to."""
        listed = [each.query for each in self.asked if str(each) == "GET appointments"]
        return [(query.get("minDate", ""), query.get("maxDate", "")) for query in listed]

    # what the outside world does

    def add(self, stream: str = "appointments", **data: Any) -> Json:
        added: Json = self.twin.add(stream, data, self.now)
        return added

    def change(self, number: object, stream: str = "appointments", **data: Any) -> Json:
        changed: Json = self.twin.change(stream, str(number), data, self.now)
        return changed

    def book(self, who: Mapping[str, str], days: float, **more: Any) -> str:
        """The id of an appointment that a client makes, so many days from now."""
        start = (self.now + timedelta(days=days)).isoformat()
        return str(self.add(**{"datetime": start, **who, **more})["id"])

    def held(self, stream: str) -> dict[str, Json]:
        return {str(each.get("id")): each for each in self.twin.dump()[stream]}

    def shown(self, number: str) -> Json:
        return self.held("appointments")[number]

    def client(self, email: str) -> Json:
        (found,) = (each for each in self.twin.dump()["clients"] if each["email"] == email)
        client: Json = found
        return client


ANNA = {"firstName": "Anna", "lastName": "Vogel", "email": "Anna.Vogel@example.com", "phone": "+49 30 23125 001"}
MARY = {"firstName": "Mary Jo", "lastName": "St. John", "email": "mary@example.com", "phone": "(415) 555-0100"}
NOOR = {"firstName": "Noor", "lastName": "van den Berg", "email": "noor@example.com", "phone": ""}


def booked(desk: Desk, **more: Any) -> str:
    """An appointment of an hour, in a practice of its own, tomorrow at ten in Berlin."""
    desk.add("calendars", name="Studio", timezone="Europe/Berlin")
    desk.add("appointment-types", name="Massage", duration=60, price="80")
    return str(desk.add(**{**ANNA, "datetime": "2026-11-24T10:00:00+0100", **more})["id"])


def practice() -> Desk:
    """Two calendars in two zones, four types, and eight appointments of three people around now."""
    desk = Desk()
    berlin = desk.add("calendars", name="Studio Berlin ", timezone="Europe/Berlin")["id"]
    portland = desk.add("calendars", name="Portland", timezone="America/Los_Angeles")["id"]
    talk = desk.add("appointment-types", name="Consultation ", duration=50, price="45.00", calendarIDs=[berlin])
    two = desk.add(
        "appointment-types", name="Mediation, two parties", duration=120, price="280", calendarIDs=[portland]
    )
    desk.add("appointment-types", name="Retreat Intake", duration=30, price="0.00", private=True)
    old = desk.add("appointment-types", name="Old", duration=30, price="5.00")
    desk.book(ANNA, -20, appointmentTypeID=talk["id"], paid="yes", amountPaid="45.00")
    desk.book(ANNA, 3, appointmentTypeID=talk["id"], notes="Back room.\nBrings her dog")
    desk.book(ANNA, 40, appointmentTypeID=two["id"], calendarID=portland)
    desk.book(MARY, -0.5, appointmentTypeID=talk["id"], notes="Calls ahead ")
    desk.book(MARY, 60, appointmentTypeID=two["id"])
    desk.book(NOOR, 2, appointmentTypeID=talk["id"], canceled=True)
    desk.book(NOOR, -2, appointmentTypeID=talk["id"], canceled=True, noShow=True)
    desk.book(MARY, 200, appointmentTypeID=talk["id"])  # beyond the window
    desk.change(old["id"], "appointment-types", active=False)
    return desk


def record(service: Acuity, number: str, stream: str = "appointments") -> Record:
    found = service.replica(stream).fetch([number])[number]
    assert not isinstance(found, Gone), found
    return found


def everything(service: Acuity, stream: str = "appointments", since: datetime | None = None) -> dict[str, Record]:
    return {each.id: each for batch in service.replica(stream).read(since) for each in batch.records}


def in_the_window(desk: Desk, back: int = 30, ahead: int = 90) -> list[Json]:
    """The appointments whose day lies so many days at most before or after today, in Berlin."""
    zone = ZoneInfo("Europe/Berlin")
    today = desk.now.astimezone(zone).date()
    return [
        each
        for each in desk.twin.dump()["appointments"]
        if -back <= (datetime.fromisoformat(each["datetime"]).astimezone(zone).date() - today).days <= ahead
    ]
