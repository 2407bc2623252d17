"""The shop's kinds of record over one store, and what happens to them outside the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.woocommerce.categories import Categories, blank
from higherself_sync.sandbox.woocommerce.coupons import Coupons
from higherself_sync.sandbox.woocommerce.customers import Customers
from higherself_sync.sandbox.woocommerce.orders import Orders
from higherself_sync.sandbox.woocommerce.products import UNCATEGORIZED, Products
from higherself_sync.sandbox.woocommerce.refunds import Refunds
from higherself_sync.sandbox.woocommerce.resource import Resource, Settings, Visit
from higherself_sync.sandbox.woocommerce.store import Record, Store
from higherself_sync.sandbox.woocommerce.variations import Variations
from higherself_sync.sandbox.woocommerce.webhooks import Webhooks

STREAMS = ("products", "orders", "customers", "variations", "refunds")


class Shop:
    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.products = Products(store, settings)
        self.variations = Variations(store, settings)
        self.orders = Orders(store, settings)
        self.refunds = Refunds(store, settings)
        self.customers = Customers(store, settings)
        self.categories = Categories(store, settings)
        self.coupons = Coupons(store, settings)
        self.webhooks = Webhooks(store, settings)
        self._furnish()

    def _furnish(self) -> None:
        if self.store.get("categories", UNCATEGORIZED) is None:
            self.store.put("categories", blank(UNCATEGORIZED, "Uncategorized"))

    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any:
        """Done by a buyer or in wp-admin. Raises KeyError for an unknown stream, Refused for bad data."""
        visit = Visit(now, via="checkout" if stream == "orders" else "admin")
        resource = self._resource(stream, int(data.get("parent_id") or 0))
        if stream == "orders":
            data = {"status": "processing", "payment_method": "cod", "payment_method_title": "Cash on delivery", **data}
        return resource.show(resource.create(data, visit), visit)

    def change(self, stream: str, record_id: int, data: Mapping[str, Any], now: datetime) -> Any:
        """Edited in wp-admin, which stamps the record on either storage. Raises KeyError for what is not there."""
        visit = Visit(now, via="admin")
        resource = self._resource(stream, 0)
        record = self.store.tables[stream][record_id]
        if isinstance(resource, Variations):
            resource = resource.of(record["parent_id"])
        changes = {name: value for name, value in data.items() if name != "id"}
        if changes.get("status") == "trash" and stream != "customers":
            del changes["status"]
            if record["status"] != "trash":
                resource.trash(record_id, visit)
        if changes:
            record = self._edit(resource, record_id, changes, visit)
        return resource.show(self.store.tables[stream][record_id], visit)

    def _edit(self, resource: Resource, record_id: int, changes: Mapping[str, Any], visit: Visit) -> Record:
        if isinstance(resource, Orders):
            return resource.update(record_id, changes, visit, bump=True)
        return resource.update(record_id, changes, visit)

    def _resource(self, stream: str, parent_id: int) -> Resource:
        match stream:
            case "products" | "orders" | "customers" | "coupons" | "categories":
                found: Resource = getattr(self, stream)
                return found
            case "variations":
                return self.variations.of(parent_id)
            case "refunds":
                return self.refunds.of(parent_id)
            case _:
                raise KeyError(stream)

    def dump(self) -> dict[str, list[Any]]:
        """Everything as the API shows it, the trash included."""
        visit = Visit(datetime.min)  # noqa: DTZ901 - nothing shown depends on it
        return {name: [self._resource(name, 0).show(r, visit) for r in self.store.all(name)] for name in STREAMS}

    def clear(self) -> None:
        self.store.clear()
        self._furnish()
