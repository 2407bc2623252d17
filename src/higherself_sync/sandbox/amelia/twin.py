"""The booking site itself: WordPress with Amelia, the paid 9.x ("elite") or the free 1.2.9 ("lite").

Everything goes through one address, `/wp-admin/admin-ajax.php?action=wpamelia_api&call=PATH&…`. The paid edition's API
is below `/api/v1` and takes a key; the free one has none, and its routes want a login cookie and, to write, a nonce.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from higherself_sync.sandbox import wordpress
from higherself_sync.sandbox.amelia import answers, desk, filling, hooks, loading, query, routes
from higherself_sync.sandbox.amelia.answers import Failed, NotServed, Refused
from higherself_sync.sandbox.amelia.store import Store
from higherself_sync.sandbox.amelia.visit import Ask, Visit
from higherself_sync.sandbox.wire import Request, Response
from higherself_sync.sandbox.woocommerce.dates import SITE_NAME
from higherself_sync.sandbox.woocommerce.deliveries import Delivery

KEY = "amelia_sandbox"
_AJAX = "/wp-admin/admin-ajax.php"
_LOGIN = "wordpress_logged_in_"
_NO_ACTION = b"0"
_CHOICES: Mapping[str, tuple[Any, ...]] = {
    "edition": ("elite", "lite"),
    "api": ("on", "off"),
    "refusals": (409, 500),
    "plugin": ("on", "off"),
}


class AmeliaTwin:
    """Satisfies `Twin`. Knobs: those of `_CHOICES`, the first value of each by default, and `items_per_page`."""

    name = "amelia"
    service = "booking"
    share = 15

    def __init__(self, seed: int = 0) -> None:
        self._store = Store(seed)
        self._knobs: dict[str, Any] = {name: values[0] for name, values in _CHOICES.items()} | {"items_per_page": None}

    def answer(self, request: Request, now: datetime) -> Response:
        if request.method == "HEAD":
            return replace(self.answer(replace(request, method="GET"), now), body=b"")
        path = request.path.rstrip("/")
        if path.startswith("/wp-json"):
            return wordpress.answer(request, "booking", partial(_rest, request, now))
        if path != _AJAX:
            return answers.not_served(NotServed(f"{request.method} {request.path}"))
        params = query.read(request.pairs())
        if params.pop("action", None) != "wpamelia_api" or self._knobs["plugin"] == "off":
            return answers.bare(400, _NO_ACTION)
        visit = self._visit(now, request.base)
        try:
            return answers.success(self._told(request, params, visit))
        except Refused as refused:
            return answers.refusal(refused, self._knobs["refusals"])
        except Failed as failed:
            return answers.failure(failed, visit.edition)
        except NotServed as missing:
            return answers.not_served(missing)

    def _told(self, request: Request, params: dict[str, Any], visit: Visit) -> answers.Told:
        call = str(params.pop("call", ""))
        nonce = str(params.get("wpAmeliaNonce") or params.get("ameliaNonce") or "")
        is_guest = visit.is_lite and _LOGIN not in request.headers.get("cookie", "")
        ask = Ask(self._store, visit, params, _body(request), is_guest=is_guest)
        is_api = f"{call}/".startswith(f"{routes.PREFIX}/")
        if visit.is_lite:
            if is_api:
                raise Failed("Not found.", 404)
            return routes.dispatch(request.method, call, ask, nonce)
        if not is_api:
            raise NotServed(f"{call}, which is for a browser; the API is below {routes.PREFIX}")
        path = call.removeprefix(routes.PREFIX)
        routes.find(request.method, path, visit)
        self._check_key(request.headers.get("amelia", ""))
        return routes.dispatch(request.method, path, ask, nonce)

    def _check_key(self, key: str) -> None:
        if self._knobs["api"] == "off":
            raise Failed("API is not enabled. Please enable API in the features page.", 403)
        if key != KEY:
            word = "Invalid" if key else "Missing"
            raise Failed(f"{word} API key. Please provide a valid API key to access this resource.", 403)

    def _visit(self, now: datetime, base: str = "") -> Visit:
        moment = now.astimezone(UTC).replace(microsecond=0)
        return Visit(moment, self._knobs["edition"], self._knobs["items_per_page"], base)

    @staticmethod
    def settings(url: str, *, budget: bool) -> dict[str, Any]:  # noqa: ARG004 - the site counts no requests
        return {"kind": "amelia", "url": url, "api_key": KEY, "timezone": SITE_NAME}

    # what the sandbox does to it

    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any:
        return copy.deepcopy(desk.add(self._store, stream, data, self._visit(now)))

    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any:
        number = int(record_id) if str(record_id).isdecimal() else 0
        return copy.deepcopy(desk.change(self._store, stream, number, data, self._visit(now)))

    def load(self, objects: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG002 - they bring their own times
        loading.load(self._store, copy.deepcopy(dict(objects)))

    def fill(self, records: int, seed: int, now: datetime) -> None:
        """Made-up data of The 7 Space, `records` services, customers and appointments in all."""
        filling.fill(self._store, records, seed, self._visit(now))

    def deliveries(self, now: datetime, base: str = "http://127.0.0.1") -> list[Delivery]:  # noqa: ARG002 - built before
        """What webhooks have sent since this was asked last. `base` is the site's URL."""
        return hooks.deliver(self._store, base)

    def dump(self) -> dict[str, list[Any]]:
        return copy.deepcopy(desk.dump(self._store, self._visit(datetime.fromtimestamp(0, UTC))))

    def clear(self) -> None:
        """Without records; the next id is above all that were ever given."""
        self._store.clear()

    def snapshot(self) -> Any:
        return self._store.snapshot(), dict(self._knobs)

    def restore(self, snapshot: Any) -> None:
        state, knobs = snapshot
        self._store.restore(state)
        self._knobs = dict(knobs)

    def knobs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raises KeyError for an unknown knob, ValueError for a value that it has not."""
        for name, value in values.items():
            if name not in self._knobs:
                raise KeyError(name)
            if name == "items_per_page":
                if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                    raise ValueError("items_per_page is a number from 1 on, or null for that of a new site")
            elif value not in _CHOICES[name]:
                raise ValueError(f"{name} is {' or '.join(map(str, _CHOICES[name]))}, not {value!r}")
            self._knobs[name] = value
        return dict(self._knobs)


def _rest(request: Request, now: datetime, route: str) -> wordpress.Reply:
    """The plugin has no routes there: only WordPress itself has."""
    if route or request.method != "GET":
        raise wordpress.elsewhere(request, route)
    return wordpress.index(request, now)


def _body(request: Request) -> Mapping[str, Any]:
    """JSON or a form, as its type says; anything else, and JSON that is none, is no fields at all."""
    kind = request.headers.get("content-type", "")
    if "json" in kind:
        try:
            values = json.loads(request.body or b"{}")
        except ValueError:
            return {}
        return values if isinstance(values, Mapping) else {}
    return query.read(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
