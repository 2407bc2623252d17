"""What an order is made of: product, shipping, fee and coupon lines, and the totals that follow from them."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from higherself_sync.sandbox.woocommerce import meta, text
from higherself_sync.sandbox.woocommerce.coupons import apply_coupons
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.store import Record, Store

KINDS = ("line_items", "shipping_lines", "fee_lines")
_NULLED = ("product_id", "method_id", "method_title", "name", "code")
Line = dict[str, Any]


def write(store: Store, order: Record, data: Mapping[str, Any], lenient: bool) -> None:
    """Adds, changes and removes lines; one without an id is always a new one (the sheet's "appends").

    `lenient` lets a product line name no product, as a checkout's custom line does. Raises Refused for the rest.
    """
    for kind in KINDS:
        given = data.get(kind)
        for posted in given if isinstance(given, list) else []:
            if isinstance(posted, Mapping):
                order[kind] = _written(store, kind, order[kind], posted, lenient)


def _written(store: Store, kind: str, lines: list[Line], posted: Mapping[str, Any], lenient: bool) -> list[Line]:
    wanted = posted.get("id")
    if _is_removal(posted):
        return [line for line in lines if line["id"] != wanted]
    if not wanted:
        return [*lines, _new(store, kind, posted, lenient)]
    if wanted not in [line["id"] for line in lines]:
        raise Refused("woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order.", 400)
    return [_changed(store, kind, line, posted) if line["id"] == wanted else line for line in lines]


def _is_removal(posted: Mapping[str, Any]) -> bool:
    return any(name in posted and posted[name] is None for name in _NULLED) or posted.get("quantity") == 0


def _new(store: Store, kind: str, posted: Mapping[str, Any], lenient: bool) -> Line:
    make: Mapping[str, Callable[[], Line]] = {
        "line_items": lambda: _product_line(store, posted, lenient),
        "shipping_lines": lambda: _shipping_line(posted),
        "fee_lines": lambda: _fee_line(posted),
    }
    line = make[kind]()
    line["id"] = store.next("items")
    return _set(store, line, posted)


def _changed(store: Store, kind: str, line: Line, posted: Mapping[str, Any]) -> Line:
    """A new quantity leaves the totals alone; only `subtotal` and `total` change them."""
    changed = dict(line)
    if kind == "line_items" and (product := _product(store, posted, True)) and not _is_of(line, product):
        changed |= _of_product(product, store)
    return _set(store, changed, posted)


def _set(store: Store, line: Line, posted: Mapping[str, Any]) -> Line:
    for field in ("name", "quantity", "tax_class", "tax_status", "method_id", "method_title", "instance_id"):
        if field in line and posted.get(field) is not None:
            line[field] = int(posted[field]) if field == "quantity" else str(posted[field])
    for field in ("total", "subtotal"):
        if field in line and posted.get(field) is not None:
            line[field] = text.money(text.amount(posted[field]))
            if field == "total" and text.amount(line.get("subtotal", line["total"])) < text.amount(line["total"]):
                line["subtotal"] = line["total"]
    entries = meta.written(line["meta_data"], posted.get("meta_data"), lambda: store.next("itemmeta"))
    line["meta_data"] = [with_display(entry) for entry in entries]
    return priced(line)


def with_display(entry: Mapping[str, Any], label: str = "") -> Record:
    shown = label or entry.get("display_key", entry["key"])
    return {**entry, "display_key": shown, "display_value": entry["value"]}


def priced(line: Line) -> Line:
    """`price` is the one amount that is a number: total by quantity."""
    if "price" in line:
        quantity = line["quantity"]
        line["price"] = text.number(float(line["total"]) / quantity) if quantity else 0
    return line


def _product_line(store: Store, posted: Mapping[str, Any], lenient: bool) -> Line:
    line: Line = {
        "id": 0, "name": "", "product_id": 0, "variation_id": 0, "quantity": 1, "tax_class": "", "subtotal": "0.00",
        "subtotal_tax": "0.00", "total": "0.00", "total_tax": "0.00", "taxes": [], "meta_data": [], "sku": None,
        "global_unique_id": "", "price": 0, "image": {"id": 0, "src": ""}, "parent_name": None,
    }  # fmt: skip
    if product := _product(store, posted, lenient):
        line |= _of_product(product, store)
        quantity = posted.get("quantity")
        each = text.amount(product["price"])
        line["subtotal"] = line["total"] = text.money(each * (1 if quantity is None else int(quantity)))
    return line


def _product(store: Store, posted: Mapping[str, Any], lenient: bool) -> Record | None:
    """By SKU, else by id; one that is not there is no mistake (trap 11), naming none is."""
    if sku := posted.get("sku"):
        holders = store.skus.get(str(sku).lower(), ())
        wanted = holders[0] if holders else 0
    else:
        wanted = int(posted.get("variation_id") or posted.get("product_id") or 0)
        if not wanted and not lenient:
            raise Refused("woocommerce_rest_required_product_reference", "Product ID or SKU is required.", 400)
    return store.get("variations", wanted) or store.get("products", wanted)


def _is_of(line: Line, product: Record) -> bool:
    return bool((line["variation_id"] or line["product_id"]) == product["id"])


def _of_product(product: Record, store: Store) -> Line:
    common = {"sku": product["sku"], "tax_class": product["tax_class"], "global_unique_id": product["global_unique_id"]}
    if product["type"] != "variation":
        plain = {"product_id": product["id"], "variation_id": 0, "name": product["name"], "parent_name": None}
        return {**common, **plain, "image": {"id": "", "src": ""}}
    parent = store.get("products", product["parent_id"])
    title = parent["name"] if parent else ""
    options = [
        with_display({"id": store.next("itemmeta"), "key": option["slug"], "value": option["option"]}, option["name"])
        for option in product["attributes"]
    ]
    ids = {"product_id": product["parent_id"], "variation_id": product["id"]}
    names = {"name": f"{title} - {product['name']}", "parent_name": title}
    return {**common, **ids, **names, "image": {"id": 0, "src": ""}, "meta_data": options}


def _shipping_line(posted: Mapping[str, Any]) -> Line:
    if not posted.get("method_id"):
        raise Refused("woocommerce_rest_invalid_shipping_item", "Shipping method ID is required.", 400)
    return {
        "id": 0, "method_title": "", "method_id": "", "instance_id": "", "total": "0.00", "total_tax": "0.00",
        "taxes": [], "tax_status": "taxable", "meta_data": [],
    }  # fmt: skip


def _fee_line(posted: Mapping[str, Any]) -> Line:
    if not posted.get("name"):
        raise Refused("woocommerce_rest_invalid_fee_item", "Fee name is required.", 400)
    return {
        "id": 0, "name": "", "tax_class": "", "tax_status": "taxable", "amount": "", "total": "0.00",
        "total_tax": "0.00", "taxes": [], "meta_data": [],
    }  # fmt: skip


def sum_up(order: Record) -> None:
    """Sets the order's totals from its lines (the shop here charges no taxes)."""
    goods = _sum(order["line_items"], "total")
    fees = _sum(order["fee_lines"], "total")
    shipping = _sum(order["shipping_lines"], "total")
    order["discount_total"] = text.money(_sum(order["line_items"], "subtotal") - goods)
    order["shipping_total"] = text.money(shipping)
    order["total"] = text.money(max(goods + fees + shipping, Decimal(0)))


def _sum(lines: list[Line], field: str) -> Decimal:
    return sum((text.amount(line[field]) for line in lines), Decimal(0))


def write_coupons(store: Store, order: Record, data: Mapping[str, Any]) -> None:
    """The coupons given become the order's only ones, and its lines are discounted anew."""
    if isinstance(given := data.get("coupon_lines"), list):
        apply_coupons(store, order, given)
        order["line_items"] = [priced(dict(line)) for line in order["line_items"]]
        sum_up(order)
