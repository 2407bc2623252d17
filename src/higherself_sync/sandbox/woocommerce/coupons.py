"""Coupons, as far as orders use them: a code that takes a percentage or a fixed amount off."""

import html
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, goods, schema, text
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.resource import (
    DATED,
    PAGING,
    Resource,
    Test,
    Values,
    date_tests,
    equals,
    id_tests,
)
from higherself_sync.sandbox.woocommerce.schema import Arg, array, boolean, integer, string
from higherself_sync.sandbox.woocommerce.store import Record, Store

ARGS: dict[str, Arg] = {
    "code": string(),
    "amount": string(),
    "status": string(),
    "discount_type": string("percent", "fixed_cart", "fixed_product"),
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
PARAMS: dict[str, Arg] = {**PAGING, **DATED, "code": string()}
_AMOUNTS = ("amount", "minimum_amount", "maximum_amount")


class Coupons(Resource):
    name = "coupons"
    table = "coupons"
    kind = "shop_coupon"
    args = ARGS
    params = PARAMS

    def tests(self, params: Values) -> list[Test]:
        tests = [*id_tests(params), *date_tests(params)]
        tests.append(lambda r: r["status"] != "trash")
        if code := params["code"]:
            tests.append(equals("code", code.lower()))
        return tests

    def create(self, data: Values) -> Record:
        if not data.get("code"):
            message = "Missing parameter(s): code"
            raise Refused("rest_missing_callback_param", message, 400, {"status": 400, "params": ["code"]})
        draft = blank() | dates.pair("date_created", self.visit.now)
        self._write(draft, data)
        return self._save(draft | {"id": self.store.new_id("coupons")})

    def update(self, record_id: int, data: Values) -> Record:
        self.found(record_id, 400)
        draft = self.store.draft("coupons", record_id)
        self._write(draft, data)
        return self._save(draft)

    def _write(self, draft: Record, data: Values) -> None:
        draft |= {field: data[field] for field in ARGS if data.get(field) is not None and field != "meta_data"}
        draft |= {field: text.money(text.amount(draft[field])) for field in _AMOUNTS}
        draft["code"] = str(draft["code"]).lower()
        other = find(self.store, draft["code"])
        if other and other["id"] != draft["id"]:
            raise Refused("woocommerce_rest_coupon_code_already_exists", "The coupon code already exists")
        goods.write_meta(self.store, draft, data.get("meta_data"))

    def _save(self, draft: Record) -> Record:
        return self.store.put("coupons", draft | dates.pair("date_modified", self.visit.now))

    def trash(self, record_id: int) -> None:
        self._save(self.store.draft("coupons", record_id) | {"status": "trash"})


def blank() -> Record:
    """An empty coupon, its fields in the order of the API."""
    return {
        "id": 0, "code": "", "amount": "0.00", "status": "publish",
        **dates.pair("date_created", None), **dates.pair("date_modified", None),
        "discount_type": "fixed_cart", "description": "", **dates.pair("date_expires", None), "usage_count": 0,
        "individual_use": False, "product_ids": [], "excluded_product_ids": [], "usage_limit": None,
        "usage_limit_per_user": None, "limit_usage_to_x_items": None, "free_shipping": False, "product_categories": [],
        "excluded_product_categories": [], "exclude_sale_items": False, "minimum_amount": "0.00",
        "maximum_amount": "0.00", "email_restrictions": [], "used_by": [], "meta_data": [],
    }  # fmt: skip


def find(store: Store, code: str) -> Record | None:
    alive = (coupon for coupon in store.all("coupons") if coupon["status"] == "publish")
    return next((coupon for coupon in alive if coupon["code"] == code.lower()), None)


def apply(store: Store, order: Record, given: list[Mapping[str, Any]]) -> None:
    """Sets `coupon_lines` and each line's discounted total. Raises Refused for a coupon that does not exist."""
    chosen = [_valid(store, line) for line in given]
    order["line_items"] = [{**line, "total": line["subtotal"]} for line in order["line_items"]]
    order["coupon_lines"] = [_applied(store, order, coupon) for coupon in chosen]


def _valid(store: Store, line: Mapping[str, Any]) -> Record:
    if line.get("id"):
        raise Refused("woocommerce_rest_coupon_item_id_readonly", "Coupon item ID is readonly.")
    code = str(line.get("code") or "").strip().lower()
    if not code:
        raise Refused("woocommerce_rest_invalid_coupon", "Coupon code is required.")
    coupon = find(store, code)
    if coupon is None:
        message = f"Coupon &quot;{html.escape(code)}&quot; cannot be applied because it does not exist."
        raise Refused("woocommerce_rest_invalid_coupon", message)
    return coupon


def _applied(store: Store, order: Record, coupon: Record) -> Record:
    """Takes the discount off the lines; a fixed amount for the whole cart is spent to the cent on the last one."""
    lines, rate = order["line_items"], text.amount(coupon["amount"])
    whole = sum((text.amount(line["total"]) for line in lines), Decimal(0))
    taken = Decimal(0)
    for n, line in enumerate(lines):
        price = text.amount(line["total"])
        is_rest = coupon["discount_type"] == "fixed_cart" and n == len(lines) - 1
        off = min(rate - taken if is_rest else _discount(coupon, rate, line, whole), price)
        taken += off
        lines[n] = {**line, "total": text.money(price - off)}
    return _line(store, coupon, rate, taken)


def _discount(coupon: Record, rate: Decimal, line: Mapping[str, Any], whole: Decimal) -> Decimal:
    price = text.amount(line["total"])
    match coupon["discount_type"]:
        case "percent":
            share = price * rate / 100
        case "fixed_product":
            share = rate * line["quantity"]
        case _:
            share = rate * price / whole if whole else Decimal(0)
    return Decimal(text.money(share))


def _line(store: Store, coupon: Record, rate: Decimal, taken: Decimal) -> Record:
    facts = [coupon["id"], coupon["code"], coupon["discount_type"], text.number(rate)]
    info = json.dumps(facts, separators=(",", ":"))
    entry = {"id": store.next("itemmeta"), "key": "coupon_info", "value": info}
    return {
        "id": store.next("items"), "code": coupon["code"], "discount": str(text.number(taken)), "discount_tax": "0",
        "meta_data": [{**entry, "display_key": "coupon_info", "display_value": info}],
        "discount_type": coupon["discount_type"], "nominal_amount": text.number(rate),
        "free_shipping": coupon["free_shipping"],
    }  # fmt: skip
