"""What happens when an order's status changes: dates, stock, sales, and the buyer."""

from collections.abc import Mapping
from datetime import datetime

from higherself_sync.sandbox.woocommerce import dates, goods, lines
from higherself_sync.sandbox.woocommerce.order_args import PAID, SELLING
from higherself_sync.sandbox.woocommerce.store import Record, Store
from higherself_sync.sandbox.woocommerce.webhooks import announce

_PAYABLE = ("on-hold", "pending", "failed", "cancelled", "checkout-draft")
_REDUCED = "_reduced_stock"


def enter(store: Store, order: Record, status: str, now: datetime) -> None:
    """The order goes over to `status`; nothing happens where it has it already."""
    if order["status"] == status:
        return
    order["status"] = status
    if status in PAID and order["date_paid"] is None and (status == "completed" or needs_processing(store, order)):
        order |= dates.pair("date_paid", now)
    if status == "completed":
        order |= dates.pair("date_completed", now)
        _mark_paying(store, order, now)
    _move_goods(store, order, now)


def pay(store: Store, order: Record, now: datetime) -> None:
    """`set_paid`: the payment went through."""
    if order["status"] not in _PAYABLE:
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


def follow_lines(store: Store, before: Record, order: Record, now: datetime) -> None:
    """Stock that was taken for a line follows the line's new quantity, and comes back with a line that is removed."""
    kept = {line["id"]: line for line in order["line_items"]}
    for old in before["line_items"]:
        taken = _reduced(old)
        line = kept.get(old["id"])
        quantity = line["quantity"] if line else 0
        if taken is None or taken == quantity:
            continue
        _change_stock(store, old, taken - quantity, now)
        if line:
            _note_reduced(store, order, line, quantity)


def give_back(store: Store, order: Record, quantities: Mapping[int, int], now: datetime) -> None:
    """Goods of a refund, {line's id: how many}, return to the stock they were taken from."""
    for line in list(order["line_items"]):
        taken, back = _reduced(line), quantities.get(line["id"], 0)
        if taken is not None and back and _change_stock(store, line, back, now):
            _note_reduced(store, order, line, taken - back)


def _mark_paying(store: Store, order: Record, now: datetime) -> None:
    """A customer's first paid or completed order stamps the customer."""
    customer = store.get("customers", order["customer_id"])
    if customer and not customer["is_paying_customer"]:
        store.put("customers", customer | {"is_paying_customer": True} | dates.pair("date_modified", now))
        announce(store, "customer", "updated", customer["id"])


def _move_goods(store: Store, order: Record, now: datetime) -> None:
    status, is_sold = order["status"], store.sold.get(order["id"], False)
    if status in SELLING:
        _take_stock(store, order, now)
    if status in ("cancelled", "pending"):
        _put_back_stock(store, order, now)
    if status in SELLING and not is_sold:
        _count_sales(store, order, 1)
    if status in ("cancelled", "trash") and is_sold:
        _count_sales(store, order, -1)


def _count_sales(store: Store, order: Record, sign: int) -> None:
    """Does not stamp the product."""
    store.sold[order["id"]] = sign > 0
    for line in order["line_items"]:
        if product := store.get("products", line["product_id"]):
            sales = max(product["total_sales"] + sign * line["quantity"], 0)
            store.put("products", product | {"total_sales": sales})


def _take_stock(store: Store, order: Record, now: datetime) -> None:
    for line in list(order["line_items"]):
        if _reduced(line) is None and _change_stock(store, line, -line["quantity"], now):
            _note_reduced(store, order, line, line["quantity"])


def _put_back_stock(store: Store, order: Record, now: datetime) -> None:
    for n, line in enumerate(order["line_items"]):
        if (taken := _reduced(line)) is not None:
            _change_stock(store, line, taken, now)
            order["line_items"][n] = {**line, "meta_data": [e for e in line["meta_data"] if e["key"] != _REDUCED]}


def _reduced(line: lines.Line) -> int | None:
    return next((int(entry["value"]) for entry in line["meta_data"] if entry["key"] == _REDUCED), None)


def _note_reduced(store: Store, order: Record, line: lines.Line, quantity: int) -> None:
    others = [entry for entry in line["meta_data"] if entry["key"] != _REDUCED]
    old = [entry["id"] for entry in line["meta_data"] if entry["key"] == _REDUCED]
    note = lines.displayed({"id": old[0] if old else store.next("itemmeta"), "key": _REDUCED, "value": str(quantity)})
    changed = {**line, "meta_data": [*others, note]}
    order["line_items"] = [changed if other["id"] == line["id"] else other for other in order["line_items"]]


def _change_stock(store: Store, line: lines.Line, by: int, now: datetime) -> bool:
    """Stamps the product; False where nobody counts its stock."""
    for table, product_id in (("variations", line["variation_id"]), ("products", line["product_id"])):
        product = store.get(table, product_id)
        if product and product["manage_stock"] is True:
            changed = product | {"stock_quantity": (product["stock_quantity"] or 0) + by}
            goods.settle_stock(changed)
            store.put(table, changed | dates.pair("date_modified", now))
            announce(store, "product", "updated", product_id)
            return True
    return False
