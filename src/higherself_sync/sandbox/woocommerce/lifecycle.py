"""What happens when an order's status changes: dates, stock, sales, and the buyer."""

from datetime import datetime

from higherself_sync.sandbox.woocommerce import dates, lines, products
from higherself_sync.sandbox.woocommerce.order_args import PAID, SELLING
from higherself_sync.sandbox.woocommerce.store import Record, Store

_UNPAID = ("on-hold", "pending", "failed", "cancelled", "checkout-draft")


def enter(store: Store, order: Record, status: str, now: datetime, is_new: bool = False) -> None:
    """The order goes over to `status`; nothing happens where it already has it."""
    if order["status"] == status and not (is_new and status != "pending"):
        return
    order["status"] = status
    if status in PAID and order["date_paid"] is None and _counts_as_paid(store, order):
        order |= dates.pair("date_paid", now)
    if status == "completed":
        order |= dates.pair("date_completed", now)
        _mark_paying(store, order, now)
    _move_goods(store, order, now)


def pay(store: Store, order: Record, now: datetime) -> None:
    """`set_paid`: the payment went through."""
    if order["status"] not in _UNPAID:
        return
    if order["date_paid"] is None:
        order |= dates.pair("date_paid", now)
    enter(store, order, "processing" if needs_processing(store, order) else "completed", now)
    _mark_paying(store, order, now)


def needs_processing(store: Store, order: Record) -> bool:
    """Whether somebody must send or do something: some line is not both virtual and downloadable."""
    for line in order["line_items"]:
        product = store.get("variations", line["variation_id"]) or store.get("products", line["product_id"])
        if product and not (product["virtual"] and product["downloadable"]):
            return True
    return False


def _counts_as_paid(store: Store, order: Record) -> bool:
    return order["status"] == "completed" or needs_processing(store, order)


def _mark_paying(store: Store, order: Record, now: datetime) -> None:
    """The first paid order stamps its customer."""
    customer = store.get("customers", order["customer_id"])
    if customer and not customer["is_paying_customer"]:
        store.put("customers", customer | {"is_paying_customer": True} | dates.pair("date_modified", now))


def _move_goods(store: Store, order: Record, now: datetime) -> None:
    if order["status"] in SELLING:
        _take_stock(store, order, now)
        if not store.sold.get(order["id"]):
            _count_sales(store, order, 1)
    elif order["status"] in ("cancelled", "pending"):
        _put_back_stock(store, order, now)
    if order["status"] in ("cancelled", "trash") and store.sold.get(order["id"]):
        _count_sales(store, order, -1)


def _count_sales(store: Store, order: Record, sign: int) -> None:
    """Does not stamp the product."""
    store.sold[order["id"]] = sign > 0
    for line in order["line_items"]:
        if product := store.get("products", line["product_id"]):
            sales = max(product["total_sales"] + sign * line["quantity"], 0)
            store.put("products", product | {"total_sales": sales})


def _take_stock(store: Store, order: Record, now: datetime) -> None:
    for n, line in enumerate(order["line_items"]):
        if _reduced(line) is None and _change_stock(store, line, -line["quantity"], now):
            note = {"id": store.next("itemmeta"), "key": "_reduced_stock", "value": str(line["quantity"])}
            order["line_items"][n] = {**line, "meta_data": [*line["meta_data"], lines.with_display(note)]}


def _put_back_stock(store: Store, order: Record, now: datetime) -> None:
    for n, line in enumerate(order["line_items"]):
        if (taken := _reduced(line)) is not None:
            _change_stock(store, line, taken, now)
            kept = [entry for entry in line["meta_data"] if entry["key"] != "_reduced_stock"]
            order["line_items"][n] = {**line, "meta_data": kept}


def _reduced(line: lines.Line) -> int | None:
    return next((int(entry["value"]) for entry in line["meta_data"] if entry["key"] == "_reduced_stock"), None)


def _change_stock(store: Store, line: lines.Line, by: int, now: datetime) -> bool:
    """Stamps the product; False where nobody counts its stock."""
    for table, product_id in (("variations", line["variation_id"]), ("products", line["product_id"])):
        product = store.get(table, product_id)
        if product and product["manage_stock"] is True:
            changed = product | {"stock_quantity": (product["stock_quantity"] or 0) + by}
            products.settle_stock(changed)
            store.put(table, changed | dates.pair("date_modified", now))
            return True
    return False
