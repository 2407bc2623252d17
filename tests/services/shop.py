"""Stand-ins for a shop, below the HTTP door: lists recorded from a real one, and answers told one by one."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from higherself_sync.http import open_door
from higherself_sync.services.woocommerce import Settings, WooCommerce, connect

RECORDED = Path(__file__).parent.parent / "recorded"
DATE = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
HTTP_DATE = "Mon, 23 Nov 2026 19:00:00 GMT"
KEYS = {"consumer_key": "ck_sandbox", "consumer_secret": "cs_sandbox"}

Handler = Callable[[httpx.Request], httpx.Response]


def adapter(
    transport: httpx.BaseTransport, cache: dict[str, str] | None = None, url: str = "https://shop.test", **more: str
) -> WooCommerce:
    """The adapter as the tool connects it, with `transport` in place of the network and no waiting."""
    door = partial(open_door, timeout=5.0, max_wait=5.0, transport=transport, sleeper=lambda _: None)
    settings = Settings.model_validate({"url": url, **KEYS, **more})
    return connect("shop", settings, door, {} if cache is None else cache)


def answer(status: int, body: Any, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers={"date": HTTP_DATE, **names})


def listed(items: list[Any], total: int | None = None) -> httpx.Response:
    return answer(200, items, x_wp_total=str(len(items) if total is None else total))


class Told(httpx.BaseTransport):
    """Answers by a function; keeps what was asked."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        if request.url.path.endswith("/data/currencies/current"):
            return answer(200, {"code": "EUR", "name": "Euro", "symbol": "&euro;"})
        return self.handler(request)

    def asked(self, path: str) -> list[dict[str, str]]:
        """The queries of the requests to that path below `wc/v3`."""
        wanted = f"/wp-json/wc/v3/{path}"
        return [dict(request.url.params) for request in self.requests if request.url.path == wanted]


def body_of(request: httpx.Request) -> Any:
    return json.loads(request.content)


class RecordedShop(Told):
    """Serves recorded lists: pages, `include`, single objects, the trash. No filter by date."""

    def __init__(self, lists: Mapping[str, list[Any]], trash: Mapping[str, list[Any]] | None = None) -> None:
        super().__init__(self._answer)
        self.lists, self.trash = lists, trash or {}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path, _, number = request.url.path.removeprefix("/wp-json/wc/v3/").rpartition("/")
        if path and number != "variations":
            return self._item(path, number)
        query, name = request.url.params, f"{path}/{number}".strip("/")
        items = sorted(self.lists.get(name, []), key=lambda item: int(item["id"]))
        if "include" in query:
            items = [item for item in items if str(item["id"]) in query["include"].split(",")]
        size = int(query["per_page"])
        start = (int(query["page"]) - 1) * size
        return listed(items[start : start + size], len(items))

    def _item(self, name: str, number: str) -> httpx.Response:
        items = (*self.lists.get(name, []), *self.trash.get(name, []))
        found = [each for each in items if str(each["id"]) == number]
        code = {"products": "woocommerce_rest_product_invalid_id", "orders": "woocommerce_rest_shop_order_invalid_id"}
        below = "woocommerce_rest_product_variation_invalid_id" if name.endswith("variations") else "wc_user_invalid_id"
        missing = {"code": code.get(name, below), "message": "Invalid ID.", "data": {"status": 404}}
        return answer(200, found[0]) if found else answer(404, missing)


def load(folder: str, name: str) -> Any:
    return json.loads((RECORDED / folder / f"{name}.json").read_text(encoding="utf-8"))


def whole_shop() -> RecordedShop:
    lists = {name: load("woocommerce-shop", name) for name in ("customers", "products", "orders")}
    lists["products/289/variations"] = load("woocommerce-shop", "variations_of_289")
    trash = {name: load("woocommerce-shop", f"{name}_trash") for name in ("products", "orders")}
    return RecordedShop(lists, trash)


def small_shop() -> RecordedShop:
    return RecordedShop({name: load("woocommerce", f"{name}_list") for name in ("customers", "products", "orders")})
