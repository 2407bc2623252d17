"""The shop itself: a WooCommerce 10.5 on WordPress 6.9, answering wc/v3 as one was recorded to.

The order of the checks is the real one: credentials, the key's own rights, the route, the arguments, and only then
whether the user may do it. So a wrong argument is told to anybody, and a read-only key learns nothing of routes.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from higherself_sync.sandbox.wire import Request, Response
from higherself_sync.sandbox.woocommerce import auth, deliveries, loading, made_up, routes, shop, site
from higherself_sync.sandbox.woocommerce.auth import Gate
from higherself_sync.sandbox.woocommerce.deliveries import Delivery, encoded
from higherself_sync.sandbox.woocommerce.errors import NotServed, Refused
from higherself_sync.sandbox.woocommerce.resource import Visit
from higherself_sync.sandbox.woocommerce.routes import Reply
from higherself_sync.sandbox.woocommerce.store import Store

STORAGES = ("hpos", "posts")
"""Where orders live: in tables of their own, as a new shop has them, or among the posts, as an old one does."""


class WooCommerceTwin:
    """Satisfies `Twin`. Knob: `storage`, "hpos" (default) or "posts"."""

    name = "woocommerce"
    service = "shop"
    share = 40

    def __init__(self, seed: int = 0) -> None:
        self._store = Store(seed)
        self._storage = STORAGES[0]
        self._gate = Gate()
        shop.furnish(self._store)

    def answer(self, request: Request, now: datetime) -> Response:
        visit = self._visit(now, base=auth.site_url(request))
        headers = {"content-type": "application/json; charset=UTF-8", "link": _api_link(visit.base)}
        try:
            reply = self._reply(request, visit)
        except Refused as refusal:
            reply = Reply(refusal.status, refusal.body())
        except NotServed as missing:
            message = f"The sandbox's shop does not serve {missing}."
            reply = Reply(501, {"code": "sandbox_not_served", "message": message, "data": {"status": 501}})
        body = b"" if request.method == "HEAD" else encoded(reply.body)
        return Response(reply.status, body, {**headers, **reply.headers})

    def _reply(self, request: Request, visit: Visit) -> Reply:
        path = request.path.removeprefix("/index.php").rstrip("/")
        if path != "/wp-json" and not path.startswith("/wp-json/"):
            raise NotServed(f"{request.method} {request.path}")
        route = path.removeprefix("/wp-json")
        if not route.startswith("/wc"):
            return _outside(request, route, visit)
        key = self._gate.admit(request, time.time())
        auth.check_rights(key, request.method)
        return routes.dispatch(self._store, request, route, key, visit)

    def _visit(self, now: datetime, base: str = "", via: str = "rest-api") -> Visit:
        return Visit(now.astimezone(UTC).replace(microsecond=0), self._storage, base, via)

    @staticmethod
    def settings(url: str, *, budget: bool) -> dict[str, Any]:  # noqa: ARG004 - a shop counts no requests
        return {
            "kind": "woocommerce",
            "url": url,
            "consumer_key": "ck_sandbox",
            "consumer_secret": "cs_sandbox",
            "timezone": "Europe/Berlin",
            "streams": {"customers": {"create": True, "mails": True}, "orders": {"mails": True}},
        }

    # what the sandbox does to it

    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any:
        via = "checkout" if stream == "orders" else "admin"
        return shop.add(self._store, stream, data, self._visit(now, via=via))

    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any:
        number = int(record_id) if str(record_id).isdecimal() else 0
        return shop.change(self._store, stream, number, data, self._visit(now, via="admin"))

    def load(self, objects: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG002 - they bring their own times
        loading.load(self._store, objects)

    def fill(self, records: int, seed: int, now: datetime) -> None:
        made_up.fill_shop(self, records, seed, now)

    def deliveries(self, now: datetime, base: str = "http://127.0.0.1") -> list[Delivery]:
        """What webhooks have to send, built now; asking takes them out of the queue. `base` is the site's URL."""
        return deliveries.deliver(self._store, self._visit(now, base=base))

    def dump(self) -> dict[str, list[Any]]:
        return shop.dump(self._store, self._visit(datetime.fromtimestamp(0, UTC)))

    def clear(self) -> None:
        """Without records; the next id is above all that were ever given."""
        self._store.clear()
        shop.furnish(self._store)

    def snapshot(self) -> Any:
        return self._store.snapshot(), self._storage

    def restore(self, snapshot: Any) -> None:
        state, self._storage = snapshot
        self._store.restore(state)

    def knobs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raises KeyError for an unknown knob, ValueError for a storage there is not."""
        for name, value in values.items():
            if name != "storage":
                raise KeyError(name)
            if value not in STORAGES:
                raise ValueError(f"storage is {' or '.join(STORAGES)}, not {value!r}")
            self._storage = value
        return {"storage": self._storage}


def _outside(request: Request, route: str, visit: Visit) -> Reply:
    """WordPress's own routes: a shop's key is no login there, and worse than none."""
    if auth.logs_in(request):
        raise Refused("invalid_username", "Unknown username. Check again or try your email address.", 401)
    if route == "" and request.method in ("GET", "HEAD"):
        return Reply(200, site.index(visit.base, visit.now), {"allow": "GET"})
    raise NotServed(f"{request.method} /wp-json{route}")


def _api_link(base: str) -> str:
    return f'<{base}/wp-json/>; rel="https://api.w.org/"'
