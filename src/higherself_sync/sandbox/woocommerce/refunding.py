"""How money is given back: what a refund is made of, and what it does to its order."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, meta, text
from higherself_sync.sandbox.woocommerce.resource import Visit
from higherself_sync.sandbox.woocommerce.store import Record, Store
from higherself_sync.sandbox.woocommerce.webhooks import announce

Values = Mapping[str, Any]


def left(order: Record) -> Decimal:
    """What has not been given back yet."""
    return text.amount(order["total"]) + sum((text.amount(r["total"]) for r in order["refunds"]), Decimal(0))


def make(store: Store, visit: Visit, order: Record, amount: Decimal, data: Values) -> Record:
    """Stores the refund and enters it in its order, which it stamps on either storage; the total stays as it is."""
    kind = "full" if amount == left(order) else "partial"
    notes = [{"key": "_refund_type", "value": kind}, *(data.get("meta_data") or [])]
    refund = {
        "id": store.new_id("refunds"), "parent_id": order["id"],
        **dates.pair("date_created", visit.now), **dates.pair("date_modified", visit.now),
        "amount": text.money(amount), "reason": str(data.get("reason") or ""), "refunded_by": visit.user,
        "refunded_payment": False, "meta_data": meta.written([], notes, store.next_meta_id),
        "line_items": _lines(store, order, data), "shipping_lines": [], "tax_lines": [], "fee_lines": [],
    }  # fmt: skip
    store.put("refunds", refund)
    entry = {"id": refund["id"], "reason": refund["reason"], "total": f"-{refund['amount']}"}
    changed = order | {"refunds": [entry, *order["refunds"]]} | dates.pair("date_modified", visit.now)
    store.put("orders", changed)
    announce(store, "order", "updated", order["id"])
    return refund


def give_back_rest(store: Store, visit: Visit, order: Record) -> None:
    """An order that is called refunded gets a refund of whatever was not given back yet."""
    if rest := left(order):
        make(store, visit, order, rest, {"reason": "Order fully refunded."})


def _lines(store: Store, order: Record, data: Values) -> list[Record]:
    by_id = {line["id"]: line for line in order["line_items"]}
    given = [line for line in data.get("line_items") or [] if line.get("id") in by_id]
    return [_line(store, by_id[line["id"]], line) for line in given]


def _line(store: Store, line: Record, given: Values) -> Record:
    back, quantity = text.amount(given.get("refund_total") or 0), int(given.get("quantity") or 0)
    origin = str(line["id"])
    note = {"id": store.next("itemmeta"), "key": "_refunded_item_id", "value": origin}
    return line | {
        "id": store.next("items"), "quantity": -quantity, "subtotal": text.money(-back), "total": text.money(-back),
        "price": text.number(back / quantity) if quantity else 0,
        "meta_data": [note | {"display_key": note["key"], "display_value": origin}],
    }  # fmt: skip
