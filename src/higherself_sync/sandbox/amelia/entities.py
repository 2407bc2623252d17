"""`GET /entities`: of everything that a booking form needs, the types that are asked for, in the site's own order.

Two keys always come, and a word that is no type is passed over (read: `GetEntitiesCommandHandler`).
"""

from collections.abc import Iterator
from typing import Any

from higherself_sync.sandbox.amelia import catalogue, query
from higherself_sync.sandbox.amelia.answers import NotServed, Told
from higherself_sync.sandbox.amelia.shapes import part, shaped
from higherself_sync.sandbox.amelia.store import Store
from higherself_sync.sandbox.amelia.visit import Ask

_UNSERVED = frozenset(("events", "tags", "appointments", "coupons", "settings", "resources", "taxes", "ivy", "spaces",
                       "lessonSpace_spaces"))  # fmt: skip
_OF_ONE = {"elite": frozenset({"customers"}), "lite": frozenset({"employees"})}
_OF_CUSTOMER = ("id", "firstName", "lastName", "email", "note", "phone", "gender", "status", "translations")


def told(ask: Ask) -> Told:
    types = ask.params.get("types") or []
    if not types and ask.visit.is_lite:
        raise NotServed("entities of no type")
    if unserved := [name for name in types if name in _UNSERVED | _OF_ONE[ask.visit.edition]]:
        raise NotServed(f"entities of the types {', '.join(unserved)}")
    return Told("Successfully retrieved entities", dict(_parts(ask, types)))


def _parts(ask: Ask, types: list[str]) -> Iterator[tuple[str, Any]]:
    """The free edition has neither places nor questions nor packages, so that these are empty."""
    store, is_lite = ask.store, ask.visit.is_lite
    if "locations" in types:
        yield "locations", [] if is_lite else [shaped("location", one, "elite") for one in store.all("locations")]
    if "categories" in types:
        yield "categories", catalogue.every_category(store)
    yield "customers", [] if ask.is_guest or "customers" not in types else _customers(store)
    if "employees" in types:
        yield "entitiesRelations", _relations(store)
        yield "employees", [shaped("provider", one, "elite") for one in store.all("providers")]
    yield "appointments", {"futureAppointments": []}
    if {"customFields", "custom_fields"} & set(types):
        yield "customFields", [] if is_lite else catalogue.every_field(store)
    if "packages" in types:
        yield "packages", []


def _customers(store: Store) -> list[dict[str, Any] | None]:
    found = sorted(store.all("customers"), key=lambda one: query.full_name(one).casefold())
    return [part("customer", one, _OF_CUSTOMER, "lite") for one in found]


def _relations(store: Store) -> Any:
    """Provider → service → the locations where; of those only who give something."""
    found = {
        str(one["id"]): {str(n): [one["locationId"]] if one["locationId"] else [] for n in given}
        for one in store.all("providers")
        if (given := catalogue.services_of(one))
    }
    return found or []
