"""What an order is made of: product, shipping, fee and coupon lines, and the totals that follow from them."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from higherself_sync.sandbox.woocommerce import coupons, goods, meta, text
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.store import Record, Store

Line = dict[str, Any]
Values = Mapping[str, Any]

KINDS = ("line_items", "shipping_lines", "fee_lines")
_NULLED = ("product_id", "method_id", "method_title", "name", "code")
"""A line is removed by a null in one of these."""


def write(store: Store, order: Record, data: Values, lenient: bool) -> None:
    """Adds, changes and removes lines; one without an id is always a new one.

    `lenient` lets a product line name no product, as a checkout's own line may. Raises Refused for the rest.
    """
    for kind in KINDS:
        given = data.get(kind)
        for posted in given if isinstance(given, list) else []:
            if isinstance(posted, Mapping):
                order[kind] = _written(store, kind, order[kind], posted, lenient)


def _written(store: Store, kind: str, lines: list[Line], posted: Values, lenient: bool) -> list[Line]:
    wanted = posted.get("id")
    is_removal = any(name in posted and posted[name] is None for name in _NULLED) or posted.get("quantity") == 0
    if not wanted and not is_removal:
        return [*lines, _set(store, _MAKERS[kind](store, posted, lenient), posted)]
    if wanted not in [line["id"] for line in lines]:
        raise Refused("woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order.")
    if is_removal:
        return [line for line in lines if line["id"] != wanted]
    return [_changed(store, line, posted) if line["id"] == wanted else line for line in lines]


def _changed(store: Store, line: Line, posted: Values) -> Line:
    """A new quantity leaves the totals alone; only `subtotal` and `total` change them."""
    product = _product(store, posted, lenient=True) if "product_id" in line else None
    is_other = product is not None and product["id"] != (line["variation_id"] or line["product_id"])
    return _set(store, line | _of_product(product, store) if product and is_other else dict(line), posted)


def _set(store: Store, line: Line, posted: Values) -> Line:
    for field in ("name", "tax_class", "tax_status", "method_id", "method_title", "instance_id"):
        if field in line and posted.get(field) is not None:
            line[field] = str(posted[field])
    if "quantity" in line and posted.get("quantity") is not None:
        line["quantity"] = int(posted["quantity"])
    _set_totals(line, posted)
    line["id"] = line["id"] or store.next("items")
    entries = meta.written(line["meta_data"], posted.get("meta_data"), lambda: store.next("itemmeta"))
    line["meta_data"] = [displayed(entry) for entry in entries]
    return priced(line)


def _set_totals(line: Line, posted: Values) -> None:
    """A total above the subtotal raises it, unless the subtotal is given too."""
    if posted.get("total") is not None:
        line["total"] = text.money(text.amount(posted["total"]))
        if "subtotal" in line and text.amount(line["subtotal"]) < text.amount(line["total"]):
            line["subtotal"] = line["total"]
    if "subtotal" in line and posted.get("subtotal") is not None:
        line["subtotal"] = text.money(text.amount(posted["subtotal"]))


def displayed(entry: Mapping[str, Any]) -> Record:
    """A line's meta entry as it is shown; a product's attribute keeps the name that it is known by."""
    return {**entry, "display_key": entry.get("display_key", entry["key"]), "display_value": entry["value"]}


def priced(line: Line) -> Line:
    """`price` is the one amount that is a number: total by quantity."""
    if "price" in line:
        line["price"] = text.number(float(line["total"]) / line["quantity"]) if line["quantity"] else 0
    return line


def _product_line(store: Store, posted: Values, lenient: bool) -> Line:
    line: Line = {
        "id": 0, "name": "", "product_id": 0, "variation_id": 0, "quantity": 1, "tax_class": "", "subtotal": "0.00",
        "subtotal_tax": "0.00", "total": "0.00", "total_tax": "0.00", "taxes": [], "meta_data": [], "sku": None,
        "global_unique_id": "", "price": 0, "image": {"id": 0, "src": ""}, "parent_name": None,
    }  # fmt: skip
    if product := _product(store, posted, lenient):
        quantity = posted.get("quantity")
        each = text.amount(product["price"])
        line["subtotal"] = line["total"] = text.money(each * (1 if quantity is None else int(quantity)))
        line |= _of_product(product, store)
    return line


def _product(store: Store, posted: Values, lenient: bool) -> Record | None:
    """By SKU, else by id; one that is not there is no mistake (trap 11), naming none is."""
    if sku := posted.get("sku"):
        wanted = goods.by_sku(store, str(sku))
    else:
        wanted = text.whole(posted.get("variation_id")) or text.whole(posted.get("product_id"))
        if not wanted and not lenient:
            raise Refused("woocommerce_rest_required_product_reference", "Product ID or SKU is required.")
    return store.get("variations", wanted) or store.get("products", wanted)


def _of_product(product: Record, store: Store) -> Line:
    common = {field: product[field] for field in ("sku", "tax_class", "global_unique_id")}
    if product["type"] != "variation":
        ids = {"product_id": product["id"], "variation_id": 0}
        return {**common, **ids, "name": product["name"], "parent_name": None, "image": {"id": "", "src": ""}}
    parent = store.get("products", product["parent_id"])
    title = parent["name"] if parent else ""
    options = [
        {"id": store.next("itemmeta"), "key": o["slug"], "value": o["option"], "display_key": o["name"]}
        for o in product["attributes"]
    ]
    ids = {"product_id": product["parent_id"], "variation_id": product["id"]}
    names = {"name": f"{title} - {product['name']}", "parent_name": title, "image": {"id": 0, "src": ""}}
    return {**common, **ids, **names, "meta_data": options}


def _shipping_line(store: Store, posted: Values, lenient: bool) -> Line:  # noqa: ARG001 - one signature for all three
    if not posted.get("method_id"):
        raise Refused("woocommerce_rest_invalid_shipping_item", "Shipping method ID is required.")
    return {
        "id": 0, "method_title": "", "method_id": "", "instance_id": "", "total": "0.00", "total_tax": "0.00",
        "taxes": [], "tax_status": "taxable", "meta_data": [],
    }  # fmt: skip


def _fee_line(store: Store, posted: Values, lenient: bool) -> Line:  # noqa: ARG001 - one signature for all three
    if not posted.get("name"):
        raise Refused("woocommerce_rest_invalid_fee_item", "Fee name is required.")
    return {
        "id": 0, "name": "", "tax_class": "", "tax_status": "taxable", "amount": "", "total": "0.00",
        "total_tax": "0.00", "taxes": [], "meta_data": [],
    }  # fmt: skip


_MAKERS: Mapping[str, Callable[[Store, Values, bool], Line]] = {
    "line_items": _product_line,
    "shipping_lines": _shipping_line,
    "fee_lines": _fee_line,
}


def sum_up(order: Record) -> None:
    """Sets the order's totals from its lines (this shop charges no taxes)."""
    products, fees, shipping = (_sum(order[kind], "total") for kind in ("line_items", "fee_lines", "shipping_lines"))
    order["discount_total"] = text.money(_sum(order["line_items"], "subtotal") - products)
    order["shipping_total"] = text.money(shipping)
    order["total"] = text.money(max(products + fees + shipping, Decimal(0)))


def _sum(lines: list[Line], field: str) -> Decimal:
    return sum((text.amount(line[field]) for line in lines), Decimal(0))


def write_coupons(store: Store, order: Record, data: Values) -> None:
    """The coupons given become the order's only ones, and its lines are discounted anew."""
    if isinstance(given := data.get("coupon_lines"), list):
        coupons.apply(store, order, given)
        order["line_items"] = [priced(line) for line in order["line_items"]]
        sum_up(order)


def as_read(store: Store, line: Line) -> Line:
    """A product line as it is shown: the SKU is the product's of today, and one deleted for good is named no more."""
    product_id = line["variation_id"] or line["product_id"]
    if product_id in store.gone:
        nobody = {"product_id": 0, "variation_id": 0, "sku": None, "image": {"id": 0, "src": ""}, "parent_name": None}
        return line | nobody
    product = store.get("variations", product_id) or store.get("products", product_id)
    return line | {"sku": product["sku"]} if product else line
