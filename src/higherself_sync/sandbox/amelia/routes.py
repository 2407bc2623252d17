"""From a call to what is done. Ids are digits; what is no route is one to nobody, with a key or without."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from higherself_sync.sandbox.amelia import bookings, catalogue, customers, entities, listing, payments, users, writes
from higherself_sync.sandbox.amelia.answers import Failed, NotServed, Told
from higherself_sync.sandbox.amelia.visit import Ask, Visit

Handler: TypeAlias = Callable[[Ask], Told]

PREFIX = "/api/v1"
"""Of the routes of the paid edition's API. The free one has the same below the root, for whoever is logged in."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path whose `#` are digits; `edition` is the only one that has it."""

    path: str
    get: Handler | None = None
    post: Handler | None = None
    edition: str = ""

    @property
    def methods(self) -> list[str]:
        return [name for name, handler in (("GET", self.get), ("POST", self.post)) if handler]

    def match(self, path: str) -> re.Match[str] | None:
        return re.fullmatch(self.path.replace("#", r"(\d+)"), path)


def _missing(what: str) -> Handler:
    def answer(_: Ask) -> Told:
        raise NotServed(what)

    return answer


def _lacking(command: str) -> Handler:
    """The free edition has the routes of all users, and not all of the acts (read: `Licence`, in the Lite folder)."""

    def answer(_: Ask) -> Told:
        name = f"AmeliaBooking\\Application\\Commands\\User\\Provider\\{command}Command"
        raise Failed(f"Missing handler for command {name}")

    return answer


ROUTES = (
    Route("/appointments", listing.listed, writes.create),
    Route("/appointments/#", writes.get, writes.update),
    Route("/appointments/status/#", post=writes.set_status),
    Route("/appointments/time/#", post=writes.set_time),
    Route("/appointments/delete/#", post=writes.delete),
    Route("/bookings", post=bookings.book),
    Route("/bookings/cancel/#", post=bookings.cancel),
    Route("/bookings/delete/#", post=bookings.delete),
    Route("/bookings/success/#", post=bookings.succeed),
    Route("/bookings/reassign/#", post=_missing("POST /bookings/reassign")),
    Route("/users/customers", customers.listed, customers.created),
    Route("/users/customers/#", customers.one, customers.updated),
    Route("/users/customers/delete/#", post=users.delete),
    Route("/users/customers/effect/#", users.effect),
    Route("/users/current", users.current, None, "lite"),
    Route("/users/providers", catalogue.providers, _missing("POST /users/providers"), "elite"),
    Route("/users/providers/#", _missing("one provider"), _missing("POST /users/providers"), "elite"),
    Route("/users/providers", _lacking("GetProviders"), _missing("POST /users/providers"), "lite"),
    Route("/users/providers/#", _lacking("GetProvider"), _missing("POST /users/providers"), "lite"),
    Route("/users/providers/status/#", None, _lacking("UpdateProviderStatus"), "lite"),
    Route("/services", catalogue.services, _missing("POST /services")),
    Route("/services/#", catalogue.one_service, _missing("POST /services")),
    Route("/categories", catalogue.categories, _missing("POST /categories")),
    Route("/categories/#", catalogue.one_category, _missing("POST /categories")),
    Route("/locations", catalogue.locations, _missing("POST /locations"), "elite"),
    Route("/locations/#", catalogue.one_location, _missing("POST /locations"), "elite"),
    Route("/fields", catalogue.fields, _missing("POST /fields"), "elite"),
    Route("/events", catalogue.events, _missing("POST /events"), "lite"),
    Route("/entities", entities.told),
    Route("/payments", payments.listed, _missing("POST /payments")),
    Route("/payments/#", payments.one, _missing("POST /payments")),
)
_UNSERVED = re.compile(
    r"/(?:events|slots|stats|notifications|users/(?:providers|current|wp-users|authenticate|customers/reauthorize)"
    r"|services|categories|payments|payment)(?:/.*)?"
)
"""Real paths, or as good as real: the twin had better say that it does not know."""
_OF_ONE = {
    "elite": re.compile(r"/(?:coupons|packages|resources|taxes|search|report|extras|fields|locations)(?:/.*)?"),
    "lite": re.compile(r"/(?:settings|stash|import|whats-new|test|bookings/(?:ics|reject)|event)(?:/.*)?"),
}
"""The same, of those that only one edition has. What is below `settings` is for the browser, in both."""
_LINK = re.compile(r"/bookings/(?:cancel|success)/\d+")
"""What mails link to: a GET that cancels or approves."""
_OPEN = ("/bookings", "/bookings/success/#")
"""What a browser may post in the free edition without a nonce."""


def dispatch(method: str, path: str, ask: Ask, nonce: str) -> Told:
    """Raises Refused, Failed and NotServed. `path` is below the edition's prefix."""
    handler, route, number = find(method, path, ask.visit)
    if method == "POST" and ask.visit.is_lite and not nonce and route.path not in _OPEN:
        raise Failed("", 403)
    return handler(Ask(ask.store, ask.visit, ask.params, ask.body, number, ask.is_guest))


def find(method: str, path: str, visit: Visit) -> tuple[Handler, Route, int]:
    """What answers, and the id in the path or 0. Raises Failed (404, 405) and NotServed."""
    if visit.is_lite and method == "GET" and _LINK.fullmatch(path):
        raise NotServed(path)
    for route in ROUTES:
        if (match := route.match(path)) and route.edition in ("", visit.edition):
            if handler := {"GET": route.get, "POST": route.post}.get(method):
                return handler, route, int(match[1]) if match.groups() else 0
            raise Failed(f"Method not allowed. Must be one of: {', '.join(route.methods)}", 405)
    if _UNSERVED.fullmatch(path) or _OF_ONE[visit.edition].fullmatch(path):
        raise NotServed(path)
    raise Failed("Not found.", 404)
