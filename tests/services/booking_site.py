"""Stand-ins for a site that takes bookings, below the HTTP door: its twin, and answers told one by one."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from higherself_sync.core.record import Marks, Record
from higherself_sync.http import open_door
from higherself_sync.sandbox.amelia import AmeliaTwin
from higherself_sync.sandbox.wire import Request
from higherself_sync.services.amelia import Amelia, Settings, connect

LITE = Path(__file__).parent.parent / "recorded" / "amelia-lite"
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)  # 21:00 in Berlin, the twin's zone
KEY = "amelia_sandbox"
SITE = "https://site.test"

Handler = Callable[[httpx.Request], httpx.Response]


def adapter(
    transport: httpx.BaseTransport, cache: dict[str, str] | None = None, url: str = SITE, **more: Any
) -> Amelia:
    """The adapter as the tool connects it, with `transport` in place of the network and no waiting."""
    door = partial(open_door, timeout=5.0, max_wait=5.0, transport=transport, sleeper=lambda _: None)
    settings = Settings.model_validate({"url": url, "api_key": KEY, "timezone": "Europe/Berlin", **more})
    return connect("booking", settings, door, {} if cache is None else cache)


class TwinTransport(httpx.BaseTransport):
    """The twin in place of the network, with a clock that moves only when told."""

    def __init__(self) -> None:
        self.twin = AmeliaTwin()
        self.now = NOW
        self.requests: list[Request] = []
        self.lose = 0  # so many answers to writes are lost after the twin acted

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        headers = {name.lower(): value for name, value in request.headers.items()}
        seen = Request(request.method, url.path, url.query.decode(), headers, request.read(), SITE)
        self.requests.append(seen)
        answer = self.twin.answer(seen, self.now)
        if request.method != "GET" and self.lose:
            self.lose -= 1
            raise httpx.ReadError("the connection was lost")
        date = format_datetime(self.now, usegmt=True)
        return httpx.Response(answer.status, headers={**answer.headers, "date": date}, content=answer.body)

    def writes(self) -> int:
        return sum(request.method != "GET" for request in self.requests)

    def asked(self, path: str = "") -> list[str]:
        """What followed the API's root in the calls since the last look, of those that begin with `path`."""
        calls = [each.query.partition("&call=/api/v1")[2] for each in self.requests if "wpamelia_api" in each.query]
        return [each for each in calls if each.startswith(path)]

    def bodies(self) -> list[Any]:
        return [json.loads(request.body) for request in self.requests if request.method != "GET"]

    # what happens there

    def add(self, stream: str, /, **data: Any) -> dict[str, Any]:
        added: dict[str, Any] = self.twin.add(stream, data, self.now)
        return added

    def change(self, stream: str, number: int, /, **data: Any) -> dict[str, Any]:
        changed: dict[str, Any] = self.twin.change(stream, str(number), data, self.now)
        return changed

    def one(self, number: int) -> dict[str, Any]:
        """An appointment as it is held."""
        return next(each for each in self.twin.dump()["appointments"] if each["id"] == number)

    def furnish(self) -> None:
        """Two services, two employees, a place, three people; employees and customers are numbered together."""
        self.add("locations", name="The 7 Space")
        massage = self.add("services", name="Massage, 60 min", price=60)
        tour = self.add("services", name="Guided Tour", price=15, minCapacity=2, maxCapacity=10, duration=5400)
        given = [{"id": each["id"], "name": each["name"]} for each in (massage, tour)]
        self.add("providers", firstName="Petra", lastName="Trainer", email="petra@example.com", serviceList=given,
                 locationId=1)  # fmt: skip
        self.add("providers", firstName="Ömer", lastName="Aydın", email="oemer@example.com", serviceList=given[:1])
        self.add("customers", firstName="Anna", lastName="Lindner", email="anna@example.com", phone="+49 30 23125 001")
        self.add("customers", firstName="Zoë", lastName="de la Cruz", email="Zoe+tour@Example.com")
        self.add("customers", firstName="Suparman", lastName="", email="suparman@example.com")

    def visit(self, start: str, customer: int = 3, /, **more: Any) -> dict[str, Any]:
        """A massage, of Anna's unless somebody else is named."""
        return self.add("appointments", bookingStart=start, customerId=customer, serviceId=1, providerId=1, **more)

    def tour(self, start: str, *guests: int, **more: Any) -> dict[str, Any]:
        bookings = [{"customerId": each} for each in guests]
        return self.add("appointments", bookingStart=start, serviceId=2, providerId=1, bookings=bookings, **more)


class Told(httpx.BaseTransport):
    """Answers by a function; keeps what was asked."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return self.handler(request)


def answer(status: int, body: Any = None, content: bytes | None = None, **headers: str) -> httpx.Response:
    told = {"date": format_datetime(NOW, usegmt=True), **{key.replace("_", "-"): each for key, each in headers.items()}}
    raw = content if content is not None else json.dumps(body).encode()
    return httpx.Response(status, headers=told, content=raw)


def index(**more: Any) -> httpx.Response:
    return answer(200, {"namespaces": ["wp/v2"], "timezone_string": "Europe/Berlin", "gmt_offset": 1, **more})


def read(service: Amelia, stream: str, since: datetime | None = None) -> dict[str, Record]:
    return {record.id: record for batch in service.replica(stream).read(since) for record in batch.records}


def fetched(service: Amelia, stream: str, record_id: str) -> Record:
    found = service.replica(stream).fetch([record_id])[record_id]
    assert isinstance(found, Record), found
    return found


def utc(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def client(name: str, email: str | None, *lines: str) -> Record:
    """A row of Clients, as a draft has it."""
    return Record("page-of-somebody", {"name": name, "email": email, "phone": None}, marks=Marks(lines=lines))


def lite(name: str) -> Any:
    return json.loads((LITE / f"{name}.json").read_text(encoding="utf-8"))


def samples(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The appointments of an answer's `data`, under whatever key and in whatever form."""
    listed = data.get("appointments")
    if isinstance(listed, dict):
        yield from (one for day in listed.values() for one in day["appointments"])
    if isinstance(data.get("appointment"), dict):
        yield data["appointment"]
