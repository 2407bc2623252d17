"""From a method and a path below /api/v1 to what is done. Who asks has been admitted by then."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, TypeAlias

from higherself_sync.sandbox.acuity import appointments, availability, blocks, booking, clients, hooks, listing
from higherself_sync.sandbox.acuity.errors import NotServed, method_not_allowed, no_object, not_found
from higherself_sync.sandbox.acuity.store import Record, Store, whole
from higherself_sync.sandbox.wire import Request

NO_CONTENT = object()
"""The body of a 204."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `number` is the id in its path (0 for none), a repeated query key counts with its last value."""

    store: Store
    request: Request
    number: int
    query: Mapping[str, str]
    now: datetime

    @property
    def admin(self) -> bool:
        return listing.is_true(self.query.get("admin"))

    @property
    def content(self) -> Any:
        """No body is an empty object. Raises Refused for what is no JSON."""
        try:
            return json.loads(self.request.body or b"{}")
        except ValueError:
            raise no_object() from None

    @property
    def body(self) -> Mapping[str, Any]:
        """Raises Refused for what is no object."""
        body = self.content
        if not isinstance(body, dict):
            raise no_object()
        return body

    @property
    def ignored(self) -> frozenset[int]:
        """Of a list, whose brackets may be empty or numbered."""
        found = (whole(value) for name, value in self.request.pairs() if name.startswith("ignoreAppointmentIDs"))
        return frozenset(number for number in found if number is not None)

    @property
    def appointment(self) -> Record:
        return booking.found(self.store, self.number)

    def shown(self, record: Record) -> Record:
        return appointments.shown(self.store, record, self.now)


Handler: TypeAlias = Callable[[Call], Any]


def _appointment(call: Call) -> Any:
    if listing.is_true(call.query.get("pastFormAnswers")) and call.store.tables["forms"]:
        raise NotServed("pastFormAnswers=true")
    return call.shown(call.appointment)


def _payments(call: Call) -> Any:
    """None: in this account everything is paid on the spot."""
    booking.found(call.store, call.number)
    return []


def _create(call: Call) -> Any:
    return call.shown(booking.create(call.store, call.body, call.admin, call.now))


def _update(call: Call) -> Any:
    return call.shown(booking.update(call.store, call.appointment, call.body, call.admin))


def _cancel(call: Call) -> Any:
    return call.shown(booking.cancel(call.store, call.appointment, call.body, call.admin, call.now))


def _reschedule(call: Call) -> Any:
    return call.shown(booking.reschedule(call.store, call.appointment, call.body, call.admin, call.now))


def _check_times(call: Call) -> Any:
    """One time, or a list of them."""
    if not isinstance(call.content, list):
        return booking.check_time(call.store, call.body, call.now)
    if not all(isinstance(each, dict) for each in call.content):
        raise no_object()
    return [booking.check_time(call.store, each, call.now) for each in call.content]


def _none(call: Call) -> Any:  # noqa: ARG001 - whatever is asked for
    """The sandbox's account sells nothing of the kind."""
    return []


def _nowhere(call: Call) -> Any:  # noqa: ARG001 - whatever its number
    raise not_found()


def _unserved(call: Call) -> Any:
    raise NotServed(f"{call.request.method} {call.request.path.removeprefix('/api/v1')}")


def _types(call: Call) -> Any:
    deleted_too = listing.is_true(call.query.get("includeDeleted"))
    return [kind for kind in call.store.all("appointment-types") if kind["active"] or deleted_too]


def _labels(call: Call) -> Any:
    """By name (recorded)."""
    return sorted(call.store.all("labels"), key=lambda label: label["name"].casefold())


def _delete_client(call: Call) -> Any:
    clients.delete(call.store, call.query)
    return NO_CONTENT


def _delete_block(call: Call) -> Any:
    blocks.delete(call.store, call.number)
    return NO_CONTENT


def _delete_webhook(call: Call) -> Any:
    if call.store.tables["webhooks"].pop(call.number, None) is None:
        raise not_found()
    return NO_CONTENT


ROUTES: Mapping[str, Mapping[str, Handler]] = {
    "/me": {"GET": lambda call: call.store.me},
    "/appointments": {
        "GET": lambda call: listing.page(call.store, call.query, call.now),
        "POST": _create,
    },
    "/appointments/{id:number}": {"GET": _appointment, "PUT": _update},
    "/appointments/{id:number}/payments": {"GET": _payments},
    "/appointments/{id:number}/cancel": {"PUT": _cancel},
    "/appointments/{id:number}/reschedule": {"PUT": _reschedule},
    "/clients": {
        "GET": lambda call: clients.list_all(call.store, call.query.get("search", "")),
        "POST": lambda call: clients.create(call.store, call.body),
        "PUT": lambda call: clients.replace(call.store, call.query, call.body),
        "DELETE": _delete_client,
    },
    "/appointment-types": {"GET": _types},
    "/calendars": {"GET": lambda call: call.store.all("calendars")},
    "/forms": {"GET": lambda call: call.store.all("forms")},
    "/labels": {"GET": _labels},
    "/blocks": {
        "GET": lambda call: blocks.page(call.store, call.query),
        "POST": lambda call: blocks.create(call.store, call.body),
    },
    "/blocks/{id:number}": {
        "GET": lambda call: blocks.found(call.store, call.number),
        "DELETE": _delete_block,
    },
    "/availability/dates": {"GET": lambda call: availability.days(call.store, call.query, call.now)},
    "/availability/times": {"GET": lambda call: availability.times(call.store, call.query, call.now, call.ignored)},
    "/availability/classes": {"GET": lambda call: availability.classes(call.store)},
    "/availability/check-times": {"POST": _check_times},
    "/webhooks": {
        "GET": lambda call: call.store.all("webhooks"),
        "POST": lambda call: hooks.create(call.store, call.body),
    },
    "/webhooks/{id:number}": {"DELETE": _delete_webhook},
    "/appointment-addons": {"GET": _none},
    "/certificates": {"GET": _none, "POST": _unserved},
    "/certificates/check": {"GET": lambda call: booking.check_certificate(call.store, call.query)},
    "/certificates/{id:number}": {"DELETE": _unserved},
    "/orders": {"GET": _none},
    "/orders/{id:number}": {"GET": _nowhere},
    "/products": {"GET": _none},
    "/products/{id:number}": {"GET": _nowhere},
}
META = "/meta"
_PATTERNS = {re.compile(template.replace("{id:number}", r"(\d+)")): template for template in (*ROUTES, META)}


def dispatch(store: Store, request: Request, path: str, now: datetime) -> Any:
    """`path` is what follows /api/v1, without `.json`. Raises Refused and NotServed."""
    template, number = _matched(path)
    handler = ROUTES[template].get(request.method) if template in ROUTES else None
    if handler is None:
        raise method_not_allowed()
    return handler(Call(store, request, number, dict(request.pairs()), now))


def _matched(path: str) -> tuple[str, int]:
    """An id of more digits than any has is none that there is."""
    for pattern, template in _PATTERNS.items():
        if match := pattern.fullmatch(path):
            return template, (whole(match[1]) or 0) if match.groups() else 0
    raise not_found(_nearest(path))


def _nearest(path: str) -> str | None:
    """The route that was meant: one of as many parts if there is one that is like it."""
    asked = re.sub(r"/\d+", "/{id:number}", path)
    likeness = {template: SequenceMatcher(None, asked, template).ratio() for template in _PATTERNS.values()}
    alike = [template for template, ratio in likeness.items() if ratio >= 0.6]
    return max(alike, key=lambda template: (template.count("/") == path.count("/"), likeness[template]), default=None)
