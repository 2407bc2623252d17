"""The account itself, answering `/api/v1` as one was recorded and documented to.

The order of the checks: the rate limit, the sign-in (of `/meta` alone there is none), the route, the method, the body.
"""

import base64
import copy
import hmac
import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from higherself_sync.sandbox.acuity import (
    account,
    appointments,
    clients,
    filling,
    hooks,
    knobs,
    loading,
    routes,
    screen,
)
from higherself_sync.sandbox.acuity.errors import NotServed, Refused, too_many_requests, unauthorized
from higherself_sync.sandbox.acuity.hooks import Delivery
from higherself_sync.sandbox.acuity.store import Store
from higherself_sync.sandbox.wire import Request, Response

API = "/api/v1"
A_SECOND = 10
"""Requests that are answered within any second, if `limits` are on."""
_SIGN_IN = f"{account.USER_ID}:{account.API_KEY}".encode()


class AcuityTwin:
    """Satisfies `Twin`. Knobs: see `knobs`. `limits` switches the real limit of ten requests a second on."""

    name = "acuity"
    service = "desk"
    share = 15

    def __init__(self, seed: int = 0) -> None:  # noqa: ARG002 - nothing in it is left to chance
        self.limits = False
        self._store = Store()
        self._recent: deque[datetime] = deque(maxlen=A_SECOND)

    def answer(self, request: Request, now: datetime) -> Response:
        try:
            self._count(now)
            body = self._body(request, self._visit(now))
        except Refused as refusal:
            return _response(refusal.status, refusal.body())
        except NotServed as missing:
            message = f"The sandbox's Acuity does not serve {missing}."
            return _response(501, {"status_code": 501, "message": message, "error": "sandbox_not_served"})
        return Response(204) if body is routes.NO_CONTENT else _response(200, body)

    def _body(self, request: Request, now: datetime) -> Any:
        path = request.path.rstrip("/").removesuffix(".json")
        if path != API and not path.startswith(f"{API}/"):
            raise NotServed(f"{request.method} {request.path}")
        path = path.removeprefix(API)
        if path == routes.META and request.method == "GET":
            return self._store.meta
        if not _is_signed_in(request.headers.get("authorization", "")):
            raise unauthorized()
        return routes.dispatch(self._store, request, path, now)

    def _count(self, now: datetime) -> None:
        """Refused requests do not count."""
        if not self.limits:
            return
        is_full = len(self._recent) == A_SECOND
        if is_full and timedelta(0) <= now - self._recent[0] < timedelta(seconds=1):
            raise too_many_requests()
        self._recent.append(now)

    def _visit(self, now: datetime) -> datetime:
        self._store.now = appointments.as_utc(now)
        return self._store.now

    @staticmethod
    def settings(url: str, *, budget: bool) -> dict[str, Any]:
        """Its window holds all that is made up."""
        keys = {"user_id": str(account.USER_ID), "api_key": account.API_KEY, "base_url": f"{url}{API}"}
        table = {"kind": "acuity", **keys, "back": filling.DAYS, "ahead": filling.DAYS}
        return table if budget else table | {"requests_per_second": 0}

    # what the sandbox does to it

    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any:
        moment = self._visit(now)
        with self._all_or_nothing():
            return self._shown(stream, screen.add(self._store, stream, data, moment))

    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any:
        self._visit(now)
        with self._all_or_nothing():
            return self._shown(stream, screen.change(self._store, stream, record_id, data))

    def load(self, objects: Mapping[str, Any], now: datetime) -> None:
        self._visit(now)
        with self._all_or_nothing():
            loading.load(self._store, copy.deepcopy(dict(objects)))

    def fill(self, records: int, seed: int, now: datetime) -> None:
        """Made-up data of the two businesses: `records` types and appointments in all."""
        filling.fill(self._store, records, seed, self._visit(now))

    def deliveries(self, now: datetime) -> list[Delivery]:
        """What webhooks have to send; asking takes them out of the queue."""
        self._visit(now)
        return hooks.deliver(self._store)

    def dump(self) -> dict[str, list[Any]]:
        """As the API shows it: appointments as a call for each one alone does, by the time of the last visit."""
        rows = {"clients": clients.list_all(self._store)}
        rows |= {name: self._store.all(name) for name in screen.STREAMS if name != "clients"}
        return {stream: [self._shown(stream, record) for record in rows[stream]] for stream in screen.STREAMS}

    def clear(self) -> None:
        """Without records; the next id is above all that were ever given."""
        self._store.clear()

    def snapshot(self) -> Any:
        return self._store.snapshot()

    def restore(self, snapshot: Any) -> None:
        self._store.restore(snapshot)
        self._recent.clear()

    def knobs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raises KeyError for an unknown knob, ValueError for a value it does not take."""
        for name, value in values.items():
            knobs.turn(self._store, name, value)
        return asdict(self._store.settings)

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """What is refused half-way has not happened."""
        before = self._store.snapshot()
        try:
            yield
        except (LookupError, ValueError):
            self._store.restore(before)
            raise

    def _shown(self, stream: str, record: Mapping[str, Any]) -> Any:
        shown = appointments.shown(self._store, dict(record), self._store.now) if stream == "appointments" else record
        return copy.deepcopy(dict(shown))


def _is_signed_in(header: str) -> bool:
    """HTTP Basic: the numeric user id and the API key."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        return hmac.compare_digest(base64.b64decode(encoded.strip()), _SIGN_IN)
    except ValueError:
        return False


def _response(status: int, body: Any) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, content, {"content-type": "application/json"})
