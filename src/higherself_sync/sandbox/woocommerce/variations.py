"""Variations of a variable product. A change of one stamps its parent too and settles the parent's price."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

from higherself_sync.sandbox.woocommerce import dates, goods, pricing, text
from higherself_sync.sandbox.woocommerce.errors import NotServed, Refused
from higherself_sync.sandbox.woocommerce.goods import plain
from higherself_sync.sandbox.woocommerce.product_args import LISTED, PRICED, STATUSES, WRITTEN_STATUSES
from higherself_sync.sandbox.woocommerce.products import Products
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
from higherself_sync.sandbox.woocommerce.webhooks import announce

COPIED: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("virtual", "downloadable"), text.truth),
    **dict.fromkeys(("tax_status", "tax_class", "weight", "global_unique_id"), str),
    **dict.fromkeys(("download_limit", "download_expiry", "menu_order"), int),
    "downloads": plain,
}
ARGS: dict[str, Arg] = {
    **PRICED,
    "status": string(*STATUSES),
    "attributes": array(record(id=integer(), name=string(), option=string())),
    "image": record(id=integer(), src=string(), name=string(), alt=string()),
}
PARAMS: dict[str, Arg] = {
    **PAGING,
    **DATED,
    "orderby": string("date", "id", "include", "title", "slug", "modified", "menu_order", default="date"),
    "status": string("any", "future", "trash", *WRITTEN_STATUSES, default="any"),
    "sku": string(),
}


class Variations(Resource):
    """Those of one product."""

    name = "variations"
    table = "variations"
    kind = "product_variation"
    args = ARGS
    params = PARAMS
    is_open_when_absent = True

    def __init__(self, store: Store, visit: Visit, parent_id: int) -> None:
        super().__init__(store, visit)
        self.parent_id = parent_id

    @property
    def path(self) -> str:
        return f"products/{self.parent_id}/variations"

    def found(self, record_id: int, status: int) -> Record:
        variation = super().found(record_id, status)
        if variation["parent_id"] != self.parent_id:
            raise self.unknown(status)
        return variation

    def permit(self, method: str, record_id: int, data: Values) -> None:  # noqa: ARG002 - the base's signature
        variation = self.store.get("variations", record_id)
        if method not in ("GET", "DELETE") and variation and variation["parent_id"] != self.parent_id:
            message = "Parent product does not match current variation."
            raise Refused("woocommerce_rest_cannot_edit", message, 403)

    def tests(self, params: Values) -> list[Test]:
        parent_id, status, skus = self.parent_id, params["status"], (params["sku"] or "").lower().split(",")
        statuses = LISTED if status == "any" else {status}
        tests: list[Test] = [lambda r: r["parent_id"] == parent_id, lambda r: r["status"] in statuses]
        if params["sku"]:
            tests.append(lambda r: r["sku"].lower() in skus)
        return [*tests, *id_tests(params), *date_tests(params)]

    def face(self, record: Record) -> Record:
        return record | {"description": text.paragraphs(record["description"])}

    def links(self, record: Record, api: str) -> dict[str, Any]:
        return {**super().links(record, api), "up": [{"href": f"{api}/products/{self.parent_id}"}]}

    # writing

    def create(self, data: Values) -> Record:
        if data.get("id"):
            raise Refused("woocommerce_rest_product_variation_exists", "Cannot create existing product_variation.")
        parent = self._parent()
        draft = {**blank(), **dates.pair("date_created", self.visit.now), "parent_id": parent["id"]}
        self._write(draft, parent, data)
        draft["id"] = self.store.new_id("variations")
        return self._save(draft)

    def update(self, record_id: int, data: Values) -> Record:
        self.found(record_id, 400)
        draft = self.store.draft("variations", record_id)
        self._write(draft, self._parent(), data)
        return self._save(draft)

    def _parent(self) -> Record:
        product = self.store.get("products", self.parent_id)
        if product is None:
            message = "Cannot set attributes due to invalid parent product."
            raise Refused("woocommerce_rest_product_variation_invalid_parent", message, 404)
        return product

    def _write(self, draft: Record, parent: Record, data: Values) -> None:
        if data.get("image"):
            raise NotServed("images of variations")
        goods.copy_fields(draft, data, COPIED)
        goods.copy_fields(draft, data, {"description": lambda value: text.encoded(str(value)), "status": str})
        goods.write_sku(self.store, draft, data)
        goods.write_prices(draft, data)
        goods.write_stock(draft, data)
        goods.write_dimensions(draft, data)
        if isinstance(given := data.get("attributes"), list):
            draft["attributes"] = [option for one in given if (option := _option(parent, one))]
        goods.write_meta(self.store, draft, data.get("meta_data"))

    def _save(self, draft: Record) -> Record:
        pricing.settle(draft, self.visit.now)
        goods.settle_stock(draft)
        draft["purchasable"] = draft["price"] != ""
        draft["name"] = ", ".join(option["option"] for option in draft["attributes"])
        draft["permalink"] = _permalink(self._parent(), draft)
        stored = self.store.put("variations", draft | dates.pair("date_modified", self.visit.now))
        self._settle_parent()
        announce(self.store, "product", "updated", stored["id"])
        return stored

    def _settle_parent(self) -> None:
        parent = self.store.draft("products", self.parent_id)
        below = (v["id"] for v in self.store.all("variations") if v["parent_id"] == self.parent_id)
        parent["variations"] = sorted(below)
        Products(self.store, self.visit).save(parent)

    def trash(self, record_id: int) -> None:
        draft = self.store.draft("variations", record_id)
        goods.put_in_trash(self.store, draft, self.visit.now)
        self.store.put("variations", draft | dates.pair("date_modified", self.visit.now))

    def destroy(self, record_id: int) -> None:
        super().destroy(record_id)
        self.store.gone[record_id] = True
        self._settle_parent()


def blank() -> Record:
    """An empty variation, its fields in the order of the API."""
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


def _option(parent: Record, given: Mapping[str, Any]) -> Record | None:
    """One of the parent's attributes with its option chosen; an attribute that it does not have is passed over."""
    wanted = text.slug(str(given.get("name") or given.get("slug") or ""))
    known = next((a for a in parent["attributes"] if text.slug(a["name"]) == wanted and a["variation"]), None)
    if known is None:
        return None
    option = text.cleaned(str(given.get("option") or ""))
    return {"id": known["id"], "name": known["name"], "slug": text.slug(known["name"]), "option": option}


def _permalink(parent: Record, variation: Record) -> str:
    chosen = "&".join(f"attribute_{quote_plus(o['slug'])}={quote_plus(o['option'])}" for o in variation["attributes"])
    mark = "&" if "?" in parent["permalink"] else "?"
    return f"{parent['permalink']}{mark}{chosen}" if chosen else str(parent["permalink"])
