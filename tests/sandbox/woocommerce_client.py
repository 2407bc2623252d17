"""A client of the shop's twin without a network: a call is a method, a path below wc/v3, a query and a body."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from higherself_sync.sandbox.wire import Request
from higherself_sync.sandbox.woocommerce import WooCommerceTwin

RECORDED = Path(__file__).parents[1] / "recorded"
SITE = "http://127.0.0.1:8090"
START = datetime(2026, 11, 23, 17, 0, 0, tzinfo=UTC)


def basic(key: str = "ck_sandbox", secret: str = "cs_sandbox") -> dict[str, str]:
    """Headers of a request that came over https, as a proxy tells it."""
    credentials = base64.b64encode(f"{key}:{secret}".encode()).decode()
    return {"x-forwarded-proto": "https", "authorization": f"Basic {credentials}"}


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def ids(self) -> list[int]:
        return [thing["id"] for thing in self.body]


@dataclass
class Client:
    """`now` is the sandbox's clock and moves only when told."""

    twin: WooCommerceTwin = field(default_factory=WooCommerceTwin)
    now: datetime = START
    headers: Mapping[str, str] = field(default_factory=basic)

    def wait(self, seconds: float = 1) -> None:
        self.now += timedelta(seconds=seconds)

    def call(self, method: str, path: str, query: str = "", body: Any = None, **headers: str) -> Answer:
        """`path` starts below wc/v3; one with a slash in front starts at the site's root."""
        full = path if path.startswith("/") else f"/wp-json/wc/v3/{path}"
        sent = {"content-type": "application/json"} | dict(self.headers) | headers
        content = b"" if body is None else json.dumps(body).encode()
        response = self.twin.answer(Request(method, full, query, sent, content, SITE), self.now)
        return Answer(response.status, json.loads(response.body) if response.body else None, response.headers)

    def get(self, path: str, /, **query: Any) -> Answer:
        return self.call("GET", path, urlencode(query))

    def post(self, path: str, body: Any) -> Answer:
        return self.call("POST", path, body=body)

    def put(self, path: str, body: Any) -> Answer:
        return self.call("PUT", path, body=body)

    def delete(self, path: str, /, **query: Any) -> Answer:
        return self.call("DELETE", path, urlencode(query))

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """What a create gave back; it must have worked."""
        answer = self.post(path, body)
        assert answer.status == 201, answer.body
        made: dict[str, Any] = answer.body
        return made

    def order(self, **values: Any) -> dict[str, Any]:
        """An order of one product line, made for it."""
        product = self.made("products", {"name": "Gong bath", "regular_price": "49.00"})
        return self.made("orders", {"line_items": [{"product_id": product["id"], "quantity": 1}], **values})


def keys(thing: dict[str, Any]) -> list[tuple[str, Any]]:
    """The meta data of a thing as keys and values, in the order given."""
    return [(entry["key"], entry["value"]) for entry in thing["meta_data"]]


def sample(folder: str, name: str) -> Any:
    return json.loads((RECORDED / folder / f"{name}.json").read_text(encoding="utf-8"))


def whole_shop() -> dict[str, Any]:
    """The recorded shop in the form that the twin loads."""
    return {path.stem: sample("woocommerce-shop", path.stem) for path in (RECORDED / "woocommerce-shop").glob("*.json")}
