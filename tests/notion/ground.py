"""The Notion twin in process, with a clock that tests move, and faults that tests place."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from higherself_sync.core.record import Entity
from higherself_sync.notion.client import Api
from higherself_sync.notion.hub import Hub
from higherself_sync.notion.init import initialise
from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.wire import Request, Response

Fault = Callable[[httpx.Request], httpx.Response | None]
URL = "https://notion.test"


class TwinTransport(httpx.BaseTransport):
    """`before` may answer in the twin's stead, or raise; `after` may replace what the twin answered, or raise."""

    def __init__(self, twin: NotionTwin, clock: Callable[[], datetime]) -> None:
        self._twin, self._clock = twin, clock
        self.before: Fault = lambda request: None
        self.after: Callable[[httpx.Request, httpx.Response], httpx.Response] = lambda request, response: response
        self.log: list[str] = []
        self.bodies: list[Any] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.log.append(f"{request.method} {request.url.path}")
        self.bodies.append(json.loads(request.content) if request.content else None)
        early = self.before(request)
        if early is not None:
            return early
        answer = self._twin.answer(as_twin_request(request), self._clock())
        return self.after(request, httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body))


def as_twin_request(request: httpx.Request) -> Request:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, path, query, headers, request.read(), URL)


class Ground:
    """A workspace with the six databases, and ways for a person to change it."""

    def __init__(self, *, prepared: bool = True) -> None:
        self.twin = NotionTwin(seed=0)
        self.now = datetime(2026, 11, 24, 10, 0, 20, tzinfo=UTC)
        self.transport = TwinTransport(self.twin, lambda: self.now)
        self.cache: dict[str, str] = {}
        self.slept: list[float] = []
        self.databases: dict[Entity, str] = {}
        if prepared:
            self.init()

    def init(self, *entities: Entity, known: Mapping[Entity, str] | None = None, **options: Any) -> None:
        page = options.pop("page", NotionTwin.ROOT_PAGE)
        wanted = entities or tuple(Entity)
        known = self.databases if known is None else known
        found = initialise(self.api(), page, wanted, ("shop",), dict(known), self.databases.__setitem__, **options)
        self.databases.update(found)

    def api(self, token: str = "ntn_sandbox") -> Api:
        return Api(token, base_url=URL, requests_per_minute=0, transport=self.transport, sleeper=self.slept.append)

    def hub(self, token: str = "ntn_sandbox", **options: Any) -> Hub:
        return Hub(self.api(token), **{"databases": self.databases, "cache": self.cache, **options})

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def source(self, entity: Entity) -> str:
        """The id of an entity's data source."""
        return str(self.person("GET", f"databases/{self.databases[entity]}")["data_sources"][0]["id"])

    def person(self, method: str, path: str, body: Any = None) -> Any:
        """A request as a person's; the answer's body. Asserts that it was taken."""
        content = b"" if body is None else json.dumps(body).encode()
        answer: Response = self.twin.person(Request(method, f"/v1/{path}", body=content), self.now)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)
