"""What can be booked, with whom, where, and what is asked of whoever books: all of it read only."""

import unicodedata
from typing import Any

from higherself_sync.sandbox.amelia import dates, query
from higherself_sync.sandbox.amelia.answers import Told, not_found, unknown
from higherself_sync.sandbox.amelia.shapes import shaped
from higherself_sync.sandbox.amelia.store import Record, Store
from higherself_sync.sandbox.amelia.visit import Ask

_PRIORITY = "least_expensive"
"""What a new service has; only the list of services selects it."""
_SERVICES_PER_PAGE = {"elite": 10, "lite": 100}
_PER_PAGE = 10


def services(ask: Ask) -> Told:
    """By name in the free edition, by id in the paid one, which also tells who gives each."""
    ask.needs_right("You are not allowed to read services.")
    size = ask.visit.items_per_page if ask.visit.is_lite else query.whole(ask.params.get("limit"))
    found = [one for one in ask.store.all("services") if _is_wanted(ask, one)]
    found.sort(key=_by_name if ask.visit.is_lite else lambda one: (one["id"],))
    page = query.paged(found, ask.params.get("page"), size or _SERVICES_PER_PAGE[ask.visit.edition])
    shown = [service(one, priority=one["priority"] or _PRIORITY) for one in page]
    counts = {"countFiltered": len(found), "countTotal": len(ask.store.tables["services"])}
    if not ask.visit.is_lite:
        shown = [{**each, "employees": _employees(ask.store, each["id"])} for each in shown]
        counts = {"countFiltered": len(found), "countTotalByCategory": len(found), "countTotal": counts["countTotal"]}
    return Told("Successfully retrieved services.", {"services": shown, **counts})


def one_service(ask: Ask) -> Told:
    """With whoever has it ahead, and in the paid edition whoever gives it."""
    record = ask.store.get("services", ask.id)
    if record is None:
        # Looked for in a collection (read: `GetServiceCommandHandler`); the key API is said to have words of its own.
        raise unknown(ask.id) if ask.visit.is_lite else not_found(ask.visit.edition)
    now = dates.local(ask.visit.now)
    ahead = [one for one in ask.store.all("appointments") if one["bookingStart"] > now and one["serviceId"] == ask.id]
    providers: list[Any] = list(dict.fromkeys(one["providerId"] for one in ahead))
    shown = service(record)
    if not ask.visit.is_lite:
        providers = [str(each) for each in providers]  # as 9.6 reads its tables
        shown["providers"] = [one["id"] for one in ask.store.all("providers") if ask.id in services_of(one)]
    return Told("Successfully retrieved service.", {"service": shown, "futureAppointmentsProvidersIds": providers})


def categories(ask: Ask) -> Told:
    return Told("Successfully retrieved categories.", {"categories": every_category(ask.store)})


def one_category(ask: Ask) -> Told:
    return Told("Successfully retrieved category.", {"category": _category(ask.store, _found(ask, "categories"))})


def events(ask: Ask) -> Told:
    """None, as the site has none. A page of them is what the site's visitors see (read: `GetEventsCommandHandler`)."""
    page = None if query.filled(ask.params.get("group")) else ask.params.get("page")
    if page is None:
        ask.needs_login()
    is_uncounted = query.filled(ask.params.get("skipCount")) or (page is not None and not query.whole(page))
    count = None if is_uncounted else 0
    return Told("Successfully retrieved events", {"events": [], "count": count, "customersNoShowCount": []})


def locations(ask: Ask) -> Told:
    return _listed(ask, "locations", "location", "Successfully retrieved locations.", "locations")


def one_location(ask: Ask) -> Told:
    location = shaped("location", _found(ask, "locations"), "elite")
    return Told("Successfully retrieved location.", {"location": location})


def providers(ask: Ask) -> Told:
    return _listed(ask, "providers", "provider", "Successfully retrieved users.", "users")


def fields(ask: Ask) -> Told:
    return Told("Successfully retrieved custom fields.", {"customFields": every_field(ask.store)})


def service(record: Record, **more: Any) -> dict[str, Any]:
    """In a list of services, or within its category: with what the table does not leave empty."""
    filled = {
        "bringingAnyone": record["bringingAnyone"] or False,
        "aggregatedPrice": True if record["aggregatedPrice"] is None else record["aggregatedPrice"],
        "mandatoryExtra": record["mandatoryExtra"] or False,
    }
    return shaped("service", record, "elite", **{**filled, "priority": [], **more})


def _listed(ask: Ask, table: str, kind: str, message: str, name: str) -> Told:
    found = sorted(ask.store.all(table), key=lambda one: int(one["id"]))
    size = query.whole(ask.params.get("limit")) or _PER_PAGE
    page = query.paged(found, ask.params.get("page"), size)
    counts = {"countFiltered": len(found), "countTotal": len(found)}
    return Told(message, {name: [shaped(kind, one, "elite") for one in page], **counts})


def _found(ask: Ask, table: str) -> Record:
    record = ask.store.get(table, ask.id)
    if record is None:
        raise not_found(ask.visit.edition)
    return record


def _is_wanted(ask: Ask, record: Record) -> bool:
    category = query.whole(ask.params.get("categoryId"))
    words = str(ask.params.get("search") or "")
    return (not category or record["categoryId"] == category) and query.has_words(record, ("name",), words)


def _employees(store: Store, service_id: int) -> list[dict[str, Any]]:
    names = {"id": "id", "firstName": "firstName", "lastName": "lastName", "picture": "pictureThumbPath"}
    giving = [one for one in store.all("providers") if service_id in services_of(one)]
    return [{shown: one[name] for shown, name in names.items()} for one in giving]


def services_of(provider: Record) -> list[int]:
    return [each["id"] for each in provider["serviceList"]]


def every_category(store: Store) -> list[dict[str, Any]]:
    return [_category(store, one) for one in store.all("categories")]


def _category(store: Store, record: Record) -> dict[str, Any]:
    inside = sorted((one for one in store.all("services") if one["categoryId"] == record["id"]), key=_by_name)
    return shaped("category", record, "elite", serviceList=[service(one) for one in inside])


def every_field(store: Store) -> list[dict[str, Any]]:
    return [shaped("field", one, "elite") for one in sorted(store.all("fields"), key=lambda one: int(one["position"]))]


def _by_name(record: Record) -> tuple[Any, ...]:
    """As the database sorts: without regard to case and accents."""
    plain = unicodedata.normalize("NFD", record["name"])
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold(), record["id"]
