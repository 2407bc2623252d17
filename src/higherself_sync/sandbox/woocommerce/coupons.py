"""Coupons, as far as orders use them: a code that takes a percentage or a fixed amount off."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, meta, schema, text
from higherself_sync.sandbox.woocommerce.errors import Refused
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
from higherself_sync.sandbox.woocommerce.schema import array, boolean, integer, string
from higherself_sync.sandbox.woocommerce.store import Record, Store

TYPES = ("percent", "fixed_cart", "fixed_product")
ARGS = {
    "code": string(),
    "amount": string(),
    "status": string(),
    "discount_type": string(*TYPES),
    "description": string(),
    "date_expires": schema.DATE,
    "date_expires_gmt": schema.DATE,
    "individual_use": boolean(),
    "product_ids": array(integer()),
    "excluded_product_ids": array(integer()),
    "usage_limit": integer(),
    "usage_limit_per_user": integer(),
    "limit_usage_to_x_items": integer(),
    "free_shipping": boolean(),
    "product_categories": array(integer()),
    "excluded_product_categories": array(integer()),
    "exclude_sale_items": boolean(),
    "minimum_amount": string(),
    "maximum_amount": string(),
    "email_restrictions": array(string()),
    "meta_data": schema.META,
}
_UNCHECKED = (
    "individual_use", "product_ids", "excluded_product_ids", "usage_limit_per_user", "limit_usage_to_x_items",
    "product_categories", "excluded_product_categories", "exclude_sale_items", "minimum_amount", "maximum_amount",
    "email_restrictions",
)  # fmt: skip


class Coupons(Resource):
    name = "coupons"
    table = "coupons"
    kind = "shop_coupon"
    args = ARGS
    params = {**PAGING, **DATED, "code": string()}

    def tests(self, params: Values) -> list[Test]:
        tests = [*id_tests(params), *date_tests(params)]
        tests.append(lambda r: r["status"] != "trash")
        if code := params.get("code"):
            tests.append(lambda r: r["code"] == code.lower())
        return tests

    def create(self, data: Values, visit: Visit) -> Record:
        if not data.get("code"):
            raise Refused("woocommerce_rest_shop_coupon_not_created", "Coupon code cannot be empty.", 400)
        draft = {**_blank(), **dates.pair("date_created", visit.now), "id": 0}
        self._write(draft, data)
        draft["id"] = self.store.new_id("coupons")
        return self.store.put("coupons", draft | dates.pair("date_modified", visit.now))

    def update(self, record_id: int, data: Values, visit: Visit) -> Record:
        self.found(record_id, 400)
        draft = self.store.draft("coupons", record_id)
        self._write(draft, data)
        return self.store.put("coupons", draft | dates.pair("date_modified", visit.now))

    def _write(self, draft: Record, data: Values) -> None:
        for field in ARGS:
            if data.get(field) is not None and field != "meta_data":
                draft[field] = data[field]
        draft["code"] = str(draft["code"]).lower()
        draft["amount"] = text.money(text.amount(draft["amount"]))
        if find(self.store, draft["code"], draft["id"]):
            message = "The coupon code already exists"
            raise Refused("woocommerce_rest_coupon_code_already_exists", message, 400)
        draft["meta_data"] = meta.by_id(
            meta.written(draft["meta_data"], data.get("meta_data"), self.store.next_meta_id)
        )

    def trash(self, record_id: int, visit: Visit) -> None:
        draft = self.store.draft("coupons", record_id)
        self.store.put("coupons", draft | {"status": "trash"} | dates.pair("date_modified", visit.now))


def _blank() -> Record:
    return {
        "id": 0, "code": "", "amount": "0.00", "status": "publish",
        **dates.pair("date_created", None), **dates.pair("date_modified", None),
        "discount_type": "fixed_cart", "description": "", **dates.pair("date_expires", None), "usage_count": 0,
        "individual_use": False, "product_ids": [], "excluded_product_ids": [], "usage_limit": None,
        "usage_limit_per_user": None, "limit_usage_to_x_items": None, "free_shipping": False, "product_categories": [],
        "excluded_product_categories": [], "exclude_sale_items": False, "minimum_amount": "0.00",
        "maximum_amount": "0.00", "email_restrictions": [], "used_by": [], "meta_data": [],
    }  # fmt: skip


def find(store: Store, code: str, other_than: int = 0) -> Record | None:
    alive = (c for c in store.all("coupons") if c["status"] == "publish" and c["id"] != other_than)
    return next((coupon for coupon in alive if coupon["code"] == code.lower()), None)


def apply_coupons(store: Store, order: Record, given: list[Mapping[str, Any]]) -> None:
    """Sets `coupon_lines` and each line's discounted total. Raises Refused for a coupon that does not exist."""
    chosen = [_valid(store, line) for line in given]
    order["line_items"] = [{**line, "total": line["subtotal"]} for line in order["line_items"]]
    order["coupon_lines"] = [_applied(store, order, coupon) for coupon in chosen]


def _valid(store: Store, line: Mapping[str, Any]) -> Record:
    if line.get("id"):
        raise Refused("woocommerce_rest_coupon_item_id_readonly", "Coupon item ID is readonly.", 400)
    code = str(line.get("code") or "").strip()
    if not code:
        raise Refused("woocommerce_rest_invalid_coupon", "Coupon code is required.", 400)
    coupon = find(store, code)
    if coupon is None:
        message = f"Coupon &quot;{text.cleaned(code.lower())}&quot; cannot be applied because it does not exist."
        raise Refused("woocommerce_rest_invalid_coupon", message, 400)
    return coupon


def _applied(store: Store, order: Record, coupon: Record) -> Record:
    lines, rate = order["line_items"], text.amount(coupon["amount"])
    total = sum((text.amount(line["total"]) for line in lines), Decimal(0))
    taken = Decimal(0)
    for n, line in enumerate(lines):
        price = text.amount(line["total"])
        off = min(_discount(coupon, rate, price, line["quantity"], total), price)
        if coupon["discount_type"] == "fixed_cart" and n == len(lines) - 1:
            off = min(rate - taken, price)
        taken += off
        lines[n] = {**line, "total": text.money(price - off)}
    info = json.dumps([coupon["id"], coupon["code"], coupon["discount_type"], text.number(rate)], separators=(",", ":"))
    entry = {
        "id": store.next("itemmeta"),
        "key": "coupon_info",
        "value": info,
        "display_key": "coupon_info",
        "display_value": info,
    }
    return {
        "id": store.next("items"), "code": coupon["code"], "discount": str(text.number(taken)), "discount_tax": "0",
        "meta_data": [entry], "discount_type": coupon["discount_type"], "nominal_amount": text.number(rate),
        "free_shipping": coupon["free_shipping"],
    }  # fmt: skip


def _discount(coupon: Record, rate: Decimal, price: Decimal, quantity: int, total: Decimal) -> Decimal:
    match coupon["discount_type"]:
        case "percent":
            share = price * rate / 100
        case "fixed_product":
            share = rate * quantity
        case _:
            share = rate * price / total if total else Decimal(0)
    return Decimal(text.money(share))
