"""Variations of a variable product. A change of one stamps its parent too and settles the parent's price."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from higherself_sync.sandbox.woocommerce import dates, meta, pricing, products, text
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.product_args import PRICED, STATUSES
from higherself_sync.sandbox.woocommerce.resource import (
    DATED,
    PAGING,
    Resource,
    Test,
    Values,
    Visit,
    date_tests,
    id_tests,
)
from higherself_sync.sandbox.woocommerce.schema import Arg, array, integer, record, string
from higherself_sync.sandbox.woocommerce.store import Record, Store

COPIED = (
    "virtual", "downloadable", "downloads", "download_limit", "download_expiry", "tax_status", "tax_class", "weight",
    "menu_order", "global_unique_id",
)  # fmt: skip
ARGS: dict[str, Arg] = {
    **PRICED,
    "status": string(*STATUSES[:4], "future", "auto-draft", "trash"),
    "attributes": array(record(id=integer(), name=string(), option=string())),
    "image": record(id=integer(), src=string(), name=string(), alt=string()),
}


class Variations(Resource):
    name = "variations"
    table = "variations"
    kind = "product_variation"
    args = ARGS
    params = {
        **PAGING, **DATED,
        "orderby": string("date", "id", "include", "title", "slug", "modified", "menu_order", default="date"),
        "status": string("any", "future", "trash", *STATUSES[:4], default="any"),
        "sku": string(),
        "parent": integer(),
    }  # fmt: skip

    def of(self, parent_id: int) -> "Variations":
        """This resource below one product. Raises Refused for a product that is not there when a record is asked for."""
        below = Variations(self.store, self.settings)
        below.parent_id = parent_id
        return below

    parent_id: int = 0

    def parent(self) -> Record:
        product = self.store.get("products", self.parent_id)
        if product is None:
            raise Refused("woocommerce_rest_product_invalid_id", "Invalid product ID.", 404)
        return product

    def found(self, record_id: int, status: int) -> Record:
        variation = self.store.get("variations", record_id)
        if variation is None or variation["parent_id"] != self.parent_id:
            raise self.unknown(status)
        return variation

    def tests(self, params: Values) -> list[Test]:
        parent_id = self.parent_id
        tests: list[Test] = [lambda r: r["parent_id"] == parent_id, *id_tests(params), *date_tests(params)]
        if (status := params["status"]) == "any":
            tests.append(lambda r: r["status"] != "trash")
        else:
            tests.append(lambda r: r["status"] == status)
        if sku := params.get("sku"):
            tests.append(lambda r: r["sku"].lower() in {part.strip().lower() for part in sku.split(",")})
        return tests

    def show(self, record: Record, visit: Visit, context: str = "view") -> dict[str, Any]:
        shown = super().show(record, visit, context)
        if context == "view":
            shown["description"] = text.paragraphs(shown["description"])
        return shown

    def links(self, record: Record, api: str) -> dict[str, Any]:
        up = f"{api}/products/{record['parent_id']}"
        links = super().links(record, up)
        return {**links, "up": [{"href": up}]}

    # writing

    def create(self, data: Values, visit: Visit) -> Record:
        if data.get("id"):
            raise Refused("woocommerce_rest_product_variation_exists", "Cannot create existing product_variation.", 400)
        parent = self.parent()
        draft = {**_blank(), **dates.pair("date_created", visit.now), "parent_id": parent["id"]}
        self._write(draft, parent, data)
        draft["id"] = self.store.new_id("variations")
        return self._save(draft, visit)

    def update(self, record_id: int, data: Values, visit: Visit) -> Record:
        self.found(record_id, 400)
        draft = self.store.draft("variations", record_id)
        self._write(draft, self.parent(), data)
        return self._save(draft, visit)

    def _write(self, draft: Record, parent: Record, data: Values) -> None:
        for field in COPIED:
            if data.get(field) is not None:
                draft[field] = data[field]
        if data.get("description") is not None:
            draft["description"] = text.encoded(str(data["description"]))
        if data.get("status") is not None:
            draft["status"] = data["status"]
        products.write_sku(self.store, draft, data)
        products.write_prices(draft, data)
        products.write_stock(draft, data)
        products.write_dimensions(draft, data)
        if isinstance(given := data.get("attributes"), list):
            draft["attributes"] = [found for one in given if (found := _option(parent, one))]
        draft["meta_data"] = meta.by_id(
            meta.written(draft["meta_data"], data.get("meta_data"), self.store.next_meta_id)
        )

    def _save(self, draft: Record, visit: Visit) -> Record:
        pricing.settle(draft, visit.now)
        products.settle_stock(draft)
        draft["purchasable"] = draft["price"] != ""
        draft["name"] = ", ".join(option["option"] for option in draft["attributes"])
        draft["permalink"] = _permalink(self.parent(), draft)
        draft |= dates.pair("date_modified", visit.now)
        stored = self.store.put("variations", draft)
        touch_parent(self.store, products.Products(self.store, self.settings), self.parent_id, visit)
        return stored

    def trash(self, record_id: int, visit: Visit) -> None:
        draft = self.store.draft("variations", record_id)
        products.put_in_trash(draft, visit.now, self.store)
        self.store.put("variations", draft | dates.pair("date_modified", visit.now))

    def destroy(self, record_id: int) -> None:
        parent_id = self.store.tables["variations"][record_id]["parent_id"]
        self.store.remove("variations", record_id)
        if parent := self.store.get("products", parent_id):
            kept = [n for n in parent["variations"] if n != record_id]
            self.store.put("products", parent | {"variations": kept})


def touch_parent(store: Store, shelf: products.Products, parent_id: int, visit: Visit) -> None:
    parent = store.draft("products", parent_id)
    parent["variations"] = sorted(v["id"] for v in store.all("variations") if v["parent_id"] == parent_id)
    shelf.save(parent, visit)


def _option(parent: Record, given: Mapping[str, Any]) -> Record | None:
    """One of the parent's attributes with the option chosen; others are left out."""
    wanted = text.slug(str(given.get("name") or given.get("slug") or ""))
    known = next((a for a in parent["attributes"] if text.slug(a["name"]) == wanted and a["variation"]), None)
    if known is None:
        return None
    return {
        "id": known["id"],
        "name": known["name"],
        "slug": text.slug(known["name"]),
        "option": str(given.get("option") or ""),
    }


def _permalink(parent: Record, variation: Record) -> str:
    chosen = "&".join(f"attribute_{quote_plus(o['slug'])}={quote_plus(o['option'])}" for o in variation["attributes"])
    mark = "&" if "?" in parent["permalink"] else "?"
    return parent["permalink"] + (mark + chosen if chosen else "")


def _blank() -> Record:
    return {
        "id": 0, "type": "variation", **dates.pair("date_created", None), **dates.pair("date_modified", None),
        "description": "", "permalink": "", "sku": "", "global_unique_id": "", "price": "", "regular_price": "",
        "sale_price": "", **dates.pair("date_on_sale_from", None), **dates.pair("date_on_sale_to", None),
        "on_sale": False, "status": "publish", "purchasable": False, "virtual": False, "downloadable": False,
        "downloads": [], "download_limit": -1, "download_expiry": -1, "tax_status": "taxable", "tax_class": "",
        "manage_stock": False, "stock_quantity": None, "stock_status": "instock", "backorders": "no",
        "backorders_allowed": False, "backordered": False, "low_stock_amount": None, "weight": "",
        "dimensions": {"length": "", "width": "", "height": ""}, "shipping_class": "", "shipping_class_id": 0,
        "image": None, "attributes": [], "menu_order": 0, "meta_data": [], "name": "", "parent_id": 0,
    }  # fmt: skip
