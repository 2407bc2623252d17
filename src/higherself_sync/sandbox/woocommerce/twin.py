"""The shop itself: a WooCommerce 10.5 on WordPress 6.9, answering wc/v3 as one was recorded to.

The order of the checks is the real one: credentials, the key's own rights, the route, the arguments, and only then
whether the user may do it. So a wrong argument is told to anybody, and a read-only key learns nothing of routes.
"""

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.wire import Request, Response
from higherself_sync.sandbox.woocommerce import auth, loading, routes, site
from higherself_sync.sandbox.woocommerce.auth import Gate
from higherself_sync.sandbox.woocommerce.errors import NotServed, Refused
from higherself_sync.sandbox.woocommerce.resource import Resource, Settings, Visit
from higherself_sync.sandbox.woocommerce.shop import Shop
from higherself_sync.sandbox.woocommerce.store import Store

STORAGES = ("hpos", "posts")


class WooCommerceTwin:
    """Satisfies `Twin`. Knob: `storage`, "hpos" (default) or "posts"."""

    name = "woocommerce"

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._settings = Settings()
        self._store = Store(seed)
        self._shop = Shop(self._store, self._settings)
        self._gate = Gate()

    def answer(self, request: Request, now: datetime) -> Response:
        base = request.base.rstrip("/")
        if auth.is_https(request) and base.startswith("http:"):
            base = "https:" + base.removeprefix("http:")
        visit = Visit(now.replace(microsecond=0), base)
        headers = {
            "content-type": "application/json; charset=UTF-8",
            "link": f'<{base}/wp-json/>; rel="https://api.w.org/"',
        }
        try:
            reply = self._reply(request, visit)
        except Refused as refusal:
            reply = routes.Reply(refusal.status, refusal.body())
        except NotServed as missing:
            message = f"The sandbox's shop does not serve {missing.what}."
            reply = routes.Reply(501, {"code": "sandbox_not_served", "message": message, "data": {"status": 501}})
        body = b"" if request.method == "HEAD" else encoded(reply.body)
        return Response(reply.status, body, {**headers, **reply.headers})

    def _reply(self, request: Request, visit: Visit) -> routes.Reply:
        path = request.path.removeprefix("/index.php").rstrip("/")
        if path != "/wp-json" and not path.startswith("/wp-json/"):
            raise NotServed(f"{request.method} {request.path}")
        route = path.removeprefix("/wp-json")
        if not route.startswith("/wc"):
            return _outside(request, route, visit)
        key = self._gate.admit(request, time.time())
        auth.check_rights(key, request.method)
        return routes.dispatch(self._shop, request, route, key, visit)

    # what the sandbox does to it

    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any:
        return self._shop.add(stream, data, now.replace(microsecond=0))

    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any:
        return self._shop.change(stream, int(record_id), data, now.replace(microsecond=0))

    def load(self, objects: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG002 - loaded objects bring their times
        loading.load(self._store, objects)

    def dump(self) -> dict[str, list[Any]]:
        return self._shop.dump()

    def clear(self) -> None:
        """An empty shop; ids go on from where they were, as in a database."""
        self._shop.clear()

    def snapshot(self) -> Any:
        return self._store.snapshot(), self._settings.storage

    def restore(self, snapshot: Any) -> None:
        state, self._settings.storage = snapshot
        self._store.restore(state)

    def knobs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in values.items():
            if name != "storage":
                raise KeyError(name)
            if value not in STORAGES:
                raise ValueError(f"storage is one of {', '.join(STORAGES)}, not {value!r}")
            self._settings.storage = value
        return {"storage": self._settings.storage}


def _outside(request: Request, route: str, visit: Visit) -> routes.Reply:
    """WordPress's own routes: a shop's key is no login there, and worse than none."""
    if auth.offers_key(request):
        message = "Unknown username. Check again or try your email address."
        raise Refused("invalid_username", message, 401)
    if route == "" and request.method in ("GET", "HEAD"):
        return routes.Reply(200, site.index(visit.base, visit.now), {"allow": "GET"})
    raise NotServed(f"{request.method} /wp-json{route}")


def encoded(body: Any) -> bytes:
    """JSON as PHP writes it: ASCII only, slashes escaped."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()
