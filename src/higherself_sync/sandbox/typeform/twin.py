"""The account itself: Typeform's Create, Responses and Webhooks APIs, answering as was recorded and documented."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never
from urllib.parse import unquote

from higherself_sync.sandbox.typeform import (
    errors,
    form_list,
    forms,
    made_up,
    outside,
    responses,
    webhooks,
)
from higherself_sync.sandbox.typeform.errors import NotServed, Refused
from higherself_sync.sandbox.typeform.knobs import Knobs
from higherself_sync.sandbox.typeform.parameters import Parameters
from higherself_sync.sandbox.typeform.responses import Query
from higherself_sync.sandbox.typeform.store import Delivery, Store
from higherself_sync.sandbox.wire import Request, Response, json_response

TOKEN = "tfp_sandbox"  # noqa: S105 - the sandbox's own, written in its documentation
A_SECOND = timedelta(seconds=1)
PER_SECOND = 2

_ROUTE = re.compile(r"/forms(?:/(?P<form>[^/]+)(?:/(?P<part>responses|webhooks)(?:/(?P<tag>[^/]+))?)?)?")
# Each of the three APIs writes its own content type.
_CONTENT = {
    None: "application/json",
    "responses": "application/json; charset=utf-8",
    "webhooks": "application/json; charset=UTF-8",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a route: the form, its part and the tag in the path, None where the path ends before."""

    method: str
    form_id: str | None
    part: str | None
    tag: str | None
    given: Parameters
    content: bytes
    named: str
    """For a 501."""

    @property
    def body(self) -> Any:
        """Raises Refused."""
        try:
            return json.loads(self.content) if self.content.strip() else None
        except ValueError as error:
            raise errors.bad_payload(errors.wrong_type("", "object")) from error


class TypeformTwin:
    """Satisfies `Twin`. Knobs: see `Knobs`. `limits` switches the two requests a second on."""

    name = "typeform"
    service = "forms"
    share = 10

    def __init__(self, seed: int = 0) -> None:
        self.limits = False
        self._store = Store(seed)
        self._knobs = Knobs()
        self._recent: tuple[datetime, ...] = ()
        """The last requests that were let through."""

    def answer(self, request: Request, now: datetime) -> Response:
        self._store.sweep(now)
        try:
            self._admit(request, now)
            call = _call(request)
            status, body = self._reply(call, now)
        except Refused as refusal:
            return json_response(refusal.status, refusal.body(), {"content-type": _content(request)} | refusal.headers)
        except NotServed as missing:
            message = f"The sandbox's Typeform does not serve {missing}."
            return json_response(501, {"code": "SANDBOX_NOT_SERVED", "description": message})
        if body is None:
            return Response(status)
        return json_response(status, body, {"content-type": _content(request)})

    def _admit(self, request: Request, now: datetime) -> None:
        """The token, then the limit. Raises Refused."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise errors.no_credentials()
        if token.strip() != TOKEN or self._knobs.data_centre == "elsewhere":
            raise errors.bad_token()
        recent = tuple(moment for moment in self._recent if now - A_SECOND < moment <= now)
        if self.limits and len(recent) >= PER_SECOND:
            raise errors.too_many(1)
        self._recent = (*recent, now)

    def _reply(self, call: Call, now: datetime) -> tuple[int, Any]:
        """Status and body, None for an empty one."""
        match call.form_id, call.part:
            case None, _:
                return self._account(call, now)
            case form_id, None:
                return self._form(form_id, call, now)
            case form_id, "responses":
                return self._responses(form_id, call, now)
            case form_id, _:
                return self._webhooks(form_id, call, now)
            case _ as never:
                assert_never(never)

    def _account(self, call: Call, now: datetime) -> tuple[int, Any]:
        match call.method, call.named:
            case "GET", "/me":
                return 200, self._store.me
            case "GET", "/forms":
                return 200, form_list.page(self._store, call.given)
            case "POST", "/forms":
                return self._knobs.form_created, forms.written(forms.make(self._store, call.body, now))
            case _:
                raise NotServed(f"{call.method} {call.named}")

    def _form(self, form_id: str, call: Call, now: datetime) -> tuple[int, Any]:
        match call.method:
            case "GET":
                return 200, forms.shown(self._store.form(form_id))
            case "PUT":
                return 200, forms.written(forms.overwrite(self._store, form_id, call.body, now))
            case "PATCH":
                forms.patch(self._store, form_id, call.body, now)
                return 204, None
            case "DELETE":
                if not self._store.has(form_id):
                    raise errors.no_form(form_id)
                self._store.forget(form_id)
                return 204, None
            case _:
                raise NotServed(f"{call.method} {call.named}")

    def _responses(self, form_id: str, call: Call, now: datetime) -> tuple[int, Any]:
        match call.method, call.tag:
            case "GET", None if self._knobs.data_centre == "sibling":
                return 200, responses.nothing()
            case "GET", None:
                query = Query.of(call.given, self._knobs.after_order)
                return 200, responses.page(self._store, form_id, query, now, self._knobs.lag)
            case "DELETE", None:
                responses.delete(self._store, form_id, call.given, call.body, now)
                return 200, None
            case _:
                raise NotServed(f"{call.method} {call.named}")

    def _webhooks(self, form_id: str, call: Call, now: datetime) -> tuple[int, Any]:
        match call.method, call.tag:
            case "GET", None:
                return 200, webhooks.listed(self._store, form_id)
            case "GET", str(tag):
                return 200, webhooks.get(self._store, form_id, tag)
            case "PUT", str(tag):
                return 200, webhooks.put(self._store, form_id, tag, call.body, now)
            case "DELETE", str(tag):
                webhooks.delete(self._store, form_id, tag)
                return 204, None
            case _:
                raise NotServed(f"{call.method} {call.named}")

    @staticmethod
    def settings(url: str, *, budget: bool) -> dict[str, Any]:
        table = {"kind": "typeform", "base_url": url, "token": TOKEN}
        return table if budget else table | {"requests_per_second": 0}

    # what the sandbox does to it

    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any:
        """Somebody answers a form (`responses`), or an author makes one (`forms`, the body of its POST)."""
        match stream:
            case "responses":
                return outside.add_response(self._store, data, now, self._knobs.dropdown)
            case "forms":
                return forms.shown(forms.make(self._store, dict(data), now))
            case _:
                raise KeyError(stream)

    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any:
        """More of a response that is not completed, or an author's edit of a form; `{"deleted": true}` of both."""
        match stream:
            case "responses":
                return outside.change_response(self._store, record_id, data, now, self._knobs.dropdown)
            case "forms" if data.get("deleted"):
                return outside.remove_form(self._store, record_id)
            case "forms":
                return forms.shown(forms.edit(self._store, record_id, data, now))
            case _:
                raise KeyError(stream)

    def load(self, objects: Mapping[str, Any], now: datetime) -> None:
        outside.load(self._store, objects, now)

    def dump(self) -> dict[str, list[Any]]:
        return outside.dump(self._store)

    def fill(self, records: int, seed: int, now: datetime) -> None:
        """`records` made-up responses in all, over the year before `now`, to forms made for them."""
        made_up.fill(self._store, records, seed, now)

    def deliveries(self) -> list[Delivery]:
        """What webhooks have sent since this was asked last."""
        due = list(self._store.due)
        self._store.due.clear()
        return due

    def clear(self) -> None:
        self._store.clear()

    def snapshot(self) -> Any:
        return self._store.snapshot(), self._knobs, self._recent

    def restore(self, snapshot: Any) -> None:
        state, self._knobs, self._recent = snapshot
        self._store.restore(state)

    def knobs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raises KeyError for an unknown knob, ValueError for a value that it has not."""
        self._knobs = self._knobs.turned(values)
        return self._knobs.shown()


def _call(request: Request) -> Call:
    """Raises NotServed for what is no route here."""
    path = request.path.rstrip("/")
    match = _ROUTE.fullmatch(path)
    if match is None and path != "/me":
        raise NotServed(f"{request.method} {request.path}")
    form_id, part, tag = (match and match[name] for name in ("form", "part", "tag"))
    form_id, tag = (name and unquote(name) for name in (form_id, tag))
    return Call(request.method, form_id, part, tag, Parameters.of(request), request.body, path)


def _content(request: Request) -> str:
    match = _ROUTE.fullmatch(request.path.rstrip("/"))
    return _CONTENT[match["part"] if match else None]
