"""`GET /appointments`: what is found, in which order, how much of it, and the counts beside it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from higherself_sync.sandbox.amelia import customers, dates, faces, query
from higherself_sync.sandbox.amelia.answers import NotServed, Told
from higherself_sync.sandbox.amelia.shapes import USER
from higherself_sync.sandbox.amelia.store import Record, Store
from higherself_sync.sandbox.amelia.visit import Ask, Visit

MESSAGE = "Successfully retrieved appointments"
ITEMS_PER_PAGE = {"elite": 12, "lite": 30}
"""The settings of a new site: `itemsPerPage`, and `itemsPerPageBackEnd` in 1.2.9."""
_LIMITS = (1, 500)
_VISITORS: Mapping[str, Mapping[str, Any]] = {
    "elite": {"firstName": "AmeliaApi", "lastName": "AmeliaApi", "email": "admin@amelia.api", "status": "visible"},
    "lite": {"firstName": "admin", "lastName": "admin", "email": "admin@example.test", "externalId": 1},
}
"""Who asks, as the answer tells it: a key is a made-up administrator, a login the one who logged in."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which appointments are asked for. No ids are all ids; `hits`, by kind, are what a search has found."""

    first: str
    last: str
    status: str | None
    ids: Mapping[str, frozenset[int]]
    customers: frozenset[int]
    hits: Mapping[str, frozenset[int]] | None

    def passes(self, record: Record) -> bool:
        day = record["bookingStart"][:10]
        guests = {booking["customerId"] for booking in record["bookings"]}
        return (
            (not self.first or day >= self.first)
            and (not self.last or day <= self.last)
            and (self.status is None or record["status"] == self.status)
            and all(not wanted or record[name] in wanted for name, wanted in self.ids.items())
            and (not self.customers or bool(guests & self.customers))
            and (self.hits is None or self._is_hit(record, guests))
        )

    def with_status(self, status: str) -> "Filter":
        return Filter(self.first, self.last, status, self.ids, self.customers, self.hits)

    def _is_hit(self, record: Record, guests: set[int]) -> bool:
        assert self.hits is not None
        is_service = record["serviceId"] in self.hits["services"]
        return is_service or record["providerId"] in self.hits["providers"] or bool(guests & self.hits["customers"])


def listed(ask: Ask) -> Told:
    ask.needs_login()
    if query.filled(ask.params.get("packageId")) or query.filled(ask.params.get("packageBookings")):
        raise NotServed("appointments of packages")
    wanted = _filter(ask)
    if wanted.hits is not None and not any(wanted.hits.values()):
        return Told(MESSAGE, _nothing_found(ask))
    found = _sorted(ask, [one for one in ask.store.all("appointments") if wanted.passes(one)])
    page = query.paged(found, ask.params.get("page"), _limit(ask))
    return Told(MESSAGE, {"appointments": _shown(ask, page, wanted), **_beside(ask, wanted, len(found))})


def days_of(ask: Ask) -> tuple[str, str]:
    """The first and the last day asked for; empty where that side is open.

    A date of another form silently becomes today (read: `Controller::setArrayParams`). One date alone is that day
    (recorded). Raises Failed for one of that form that is none.
    """
    today = dates.local(ask.visit.now)[:10]
    given = ask.params.get("dates") or []
    days = [dates.day(text) or (today if text or ask.visit.is_lite else "") for text in given]
    return (days[0], days[1 if len(days) > 1 else 0]) if days else ("", "")


def _filter(ask: Ask) -> Filter:
    first, last = days_of(ask)
    ids = {f"{name}Id": query.ids(ask.params, f"{name}s") for name in ("service", "provider", "location")}
    guests = query.ids(ask.params, "customerId") or query.ids(ask.params, "customers")
    words = str(ask.params.get("search") or "")
    return Filter(first, last, ask.params.get("status"), ids, guests, _hits(ask.store, words) if words else None)


def _hits(store: Store, words: str) -> dict[str, frozenset[int]]:
    people = {
        name: frozenset(one["id"] for one in store.all(name) if customers.matches(one, words))
        for name in ("customers", "providers")
    }
    services = frozenset(one["id"] for one in store.all("services") if query.has_words(one, ("name",), words))
    return {**people, "services": services}


def _limit(ask: Ask) -> int:
    size = ask.visit.items_per_page or ITEMS_PER_PAGE[ask.visit.edition]
    if ask.visit.is_lite or not query.filled(ask.params.get("limit")):
        return size
    low, high = _LIMITS
    return max(low, min(high, query.whole(ask.params["limit"])))


def _sorted(ask: Ask, found: list[Record]) -> list[Record]:
    """By start; the paid edition also by id, customer or service."""
    found = sorted(found, key=lambda one: (one["bookingStart"], one["id"]))
    sort = "" if ask.visit.is_lite else str(ask.params.get("sort") or "")
    keys: dict[str, Callable[[Record], Any]] = {
        "id": lambda one: one["id"],
        "customer": lambda one: _first_customer(ask.store, one),
        "service": lambda one: str((ask.store.get("services", one["serviceId"]) or {}).get("name", "")).casefold(),
    }
    if key := keys.get(sort.lstrip("-")):
        return sorted(found, key=key, reverse=sort.startswith("-"))
    return found


def _first_customer(store: Store, record: Record) -> str:
    first = next(iter(record["bookings"]), {"customerId": 0})
    customer = store.get("customers", first["customerId"])
    return query.full_name(customer).casefold() if customer else ""


def _shown(ask: Ask, page: Iterable[Record], wanted: Filter) -> Any:
    """The free edition, asked for `customers`, leaves out the bookings of others in a group (read: `getFiltered`)."""
    if ask.visit.is_lite and "customers" in ask.params:
        page = [
            {**one, "bookings": [b for b in one["bookings"] if b["customerId"] in wanted.customers]} for one in page
        ]
    skipped = {name for name in ("service", "provider") if query.filled(ask.params.get(f"skip{name.capitalize()}s"))}
    if query.is_true(ask.params.get("asArray")):
        return [faces.in_list(ask.store, one, ask.visit, skipped) for one in page]
    days: dict[str, Any] = {}
    for one in page:
        day = one["bookingStart"][:10]
        days.setdefault(day, {"date": day, "appointments": []})
        days[day]["appointments"].append(faces.in_day(ask.store, one, ask.visit, skipped))
    return days or []


def _beside(ask: Ask, wanted: Filter, count: int) -> dict[str, Any]:
    """Counts follow the filters and not the page; those of a status go by that one whatever was asked for."""

    def counted(status: str) -> int:
        by_status = wanted.with_status(status)
        return sum(by_status.passes(one) for one in ask.store.all("appointments"))

    packages: dict[str, Any] = {"availablePackageBookings": [], "emptyPackageBookings": [], "occupied": []}
    totals = {"total": count, "totalApproved": counted("approved"), "totalPending": counted("pending")}
    later = {} if ask.visit.is_lite else {"totalCount": len(ask.store.tables["appointments"]), "filteredCount": count}
    return {**packages, **totals, **later, "currentUser": visitor(ask.visit), "customersNoShowCount": []}


def _nothing_found(ask: Ask) -> dict[str, Any]:
    """A search for what nobody and nothing is called answers without looking further, and with fewer keys."""
    nothing = {"appointments": [], "availablePackageBookings": [], "occupied": [], "total": 0, "totalApproved": 0}
    later = {} if ask.visit.is_lite else {"totalCount": len(ask.store.tables["appointments"]), "filteredCount": 0}
    return {**nothing, "totalPending": 0, **later}


def visitor(visit: Visit) -> dict[str, Any]:
    return {**USER, "type": "admin", **_VISITORS[visit.edition]}
