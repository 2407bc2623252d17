"""The shop's kinds of record over one store, and what happens to them outside the API."""

from collections.abc import Mapping
from typing import Any

from higherself_sync.sandbox.woocommerce.categories import Categories, blank
from higherself_sync.sandbox.woocommerce.coupons import Coupons
from higherself_sync.sandbox.woocommerce.customers import Customers
from higherself_sync.sandbox.woocommerce.orders import Orders
from higherself_sync.sandbox.woocommerce.products import UNCATEGORIZED, Products
from higherself_sync.sandbox.woocommerce.refunds import Refunds
from higherself_sync.sandbox.woocommerce.resource import Resource, Visit
from higherself_sync.sandbox.woocommerce.store import Store
from higherself_sync.sandbox.woocommerce.variations import Variations
from higherself_sync.sandbox.woocommerce.webhooks import Webhooks

KINDS: dict[str, type[Resource]] = {
    "products": Products,
    "orders": Orders,
    "customers": Customers,
    "products/categories": Categories,
    "coupons": Coupons,
    "webhooks": Webhooks,
}
STREAMS = ("products", "orders", "customers", "variations", "refunds")
CHANGED = STREAMS[:-1]
"""What a person may change in wp-admin; a refund is not among it."""
# What a browser leaves in an order, and a REST client does not.
_CHECKOUT = {"customer_ip_address": "203.0.113.7", "customer_user_agent": "Mozilla/5.0 (made up)"}
_CASH = {"status": "processing", "payment_method": "cod", "payment_method_title": "Cash on delivery"}


def open_kind(store: Store, visit: Visit, name: str, parent_id: int | None = None) -> Resource:
    """One kind of record for one visit; `parent_id` is a variation's product or a refund's order."""
    match name:
        case "variations":
            return Variations(store, visit, parent_id or 0)
        case "refunds":
            return Refunds(store, visit, parent_id)
        case _:
            return KINDS[name](store, visit)


def furnish(store: Store) -> None:
    """What a shop has from the first day."""
    if store.get("categories", UNCATEGORIZED) is None:
        store.put("categories", blank(UNCATEGORIZED, "Uncategorized"))


def add(store: Store, stream: str, data: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
    """Done by a buyer or in wp-admin; an order without a status is one that was paid for.

    A variation and a refund name their `parent_id`. Raises KeyError for an unknown stream, Refused for bad data.
    """
    if stream not in STREAMS:
        raise KeyError(stream)
    resource = open_kind(store, visit, stream, int(data.get("parent_id") or 0))
    if stream != "orders":
        return resource.show(resource.create({name: value for name, value in data.items() if name != "parent_id"}))
    order = resource.create({**_CASH, **data})
    return resource.show(store.put("orders", order | _CHECKOUT))


def change(store: Store, stream: str, record_id: int, data: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
    """Edited in wp-admin, which stamps the record on either storage. `{"status": "trash"}` throws it away.

    Raises KeyError for what is not there, Refused for bad data.
    """
    if stream not in CHANGED or record_id not in store.tables[stream]:
        raise KeyError(f"{stream}/{record_id}")
    resource = open_kind(store, visit, stream, store.tables[stream][record_id].get("parent_id"))
    changes = {name: value for name, value in data.items() if name != "id"}
    if changes.get("status") == "trash" and stream != "customers":
        del changes["status"]
        if store.tables[stream][record_id]["status"] != "trash":
            resource.trash(record_id)
    if changes:
        resource.update(record_id, changes)
    return resource.show(store.tables[stream][record_id])


def dump(store: Store, visit: Visit) -> dict[str, list[Any]]:
    """Everything as the API shows it, the trash included."""
    return {stream: [_shown(store, visit, stream, record) for record in store.all(stream)] for stream in STREAMS}


def _shown(store: Store, visit: Visit, stream: str, record: Mapping[str, Any]) -> dict[str, Any]:
    parent_id = record["parent_id"] if stream == "variations" else None
    return open_kind(store, visit, stream, parent_id).show(dict(record))
