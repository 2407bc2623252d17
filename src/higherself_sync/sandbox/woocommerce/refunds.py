"""Refunds of an order. A partial one leaves the order's total as it is; a full one turns its status to `refunded`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, meta, schema, text
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.orders import Orders
from higherself_sync.sandbox.woocommerce.resource import (
    DATED,
    PAGING,
    Resource,
    Test,
    Values,
    Visit,
    date_tests,
    id_tests,
    item_link,
)
from higherself_sync.sandbox.woocommerce.schema import Arg, array, boolean, integer, record, string
from higherself_sync.sandbox.woocommerce.store import Record

ARGS: dict[str, Arg] = {
    "amount": string(),
    "reason": string(),
    "refunded_by": integer(),
    "api_refund": boolean(),
    "api_restock": boolean(),
    "meta_data": schema.META,
    "line_items": array(record(id=integer(), quantity=integer(), refund_total=schema.NUMBER, meta_data=schema.META)),
}


class Refunds(Resource):
    """`/orders/{id}/refunds`; with no order (`/refunds`) those of all orders, to be read only."""

    name = "refunds"
    table = "refunds"
    kind = "shop_order_refund"
    args = ARGS
    params = {**PAGING, **DATED, "dp": integer(default=2)}
    repeats = frozenset(("dp", "context"))

    order_id: int = 0

    def of(self, order_id: int) -> "Refunds":
        below = Refunds(self.store, self.settings)
        below.order_id = order_id
        return below

    def order(self) -> Record:
        order = self.store.get("orders", self.order_id)
        if order is None:
            raise Refused("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404)
        return order

    def get(self, record_id: int) -> Record:
        self.order()
        refund = self.store.get("refunds", record_id)
        if refund is None or refund["parent_id"] != self.order_id:
            raise Refused("woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.", 404)
        return refund

    def tests(self, params: Values) -> list[Test]:
        tests = [*id_tests(params), *date_tests(params)]
        if order_id := self.order_id:
            tests.append(lambda r: r["parent_id"] == order_id)
        return tests

    def show(self, record: Record, visit: Visit, context: str = "view") -> dict[str, Any]:
        shown = super().show(record, visit, context)
        if self.order_id:
            del shown["parent_id"]
        return {name: value for name, value in shown.items() if not name.startswith("date_modified")}

    def links(self, record: Record, api: str) -> dict[str, Any]:
        order = f"{api}/orders/{record['parent_id']}"
        here = f"{order}/refunds"
        return {
            "self": [item_link(f"{here}/{record['id']}", ("GET", "DELETE"))],
            "collection": [{"href": here}],
            "up": [{"href": order}],
        }

    def create(self, data: Values, visit: Visit) -> Record:
        order = self.order()
        amount = _amount(data)
        if amount <= 0 or amount > _left(order):
            raise Refused(
                "woocommerce_rest_invalid_order_refund",
                "Refund amount must be greater than zero." if amount <= 0 else "Invalid refund amount.",
                400,
            )
        refund = {
            "id": self.store.new_id("refunds"), "parent_id": order["id"],
            **dates.pair("date_created", visit.now), **dates.pair("date_modified", visit.now),
            "amount": text.money(amount), "reason": str(data.get("reason") or ""),
            "refunded_by": int(data.get("refunded_by") or visit.user), "refunded_payment": False,
            "meta_data": self._meta(order, amount, data), "line_items": self._lines(order, data),
            "shipping_lines": [], "tax_lines": [], "fee_lines": [],
        }  # fmt: skip
        self.store.put("refunds", refund)
        self._tell_order(order, refund, visit)
        return refund

    def _meta(self, order: Record, amount: Decimal, data: Values) -> list[Record]:
        kind = "full" if amount == _left(order) else "partial"
        entries = [*(data.get("meta_data") or []), {"key": "_refund_type", "value": kind}]
        return meta.written([], entries, self.store.next_meta_id)

    def _lines(self, order: Record, data: Values) -> list[Record]:
        by_id = {line["id"]: line for line in order["line_items"]}
        return [
            self._line(by_id[given["id"]], given) for given in data.get("line_items") or [] if given.get("id") in by_id
        ]

    def _line(self, line: Record, given: Mapping[str, Any]) -> Record:
        back = text.amount(given.get("refund_total") or 0)
        quantity = int(given.get("quantity") or 0)
        origin = {"id": self.store.next("itemmeta"), "key": "_refunded_item_id", "value": str(line["id"])}
        origin |= {"display_key": "_refunded_item_id", "display_value": str(line["id"])}
        return {
            **line, "id": self.store.next("items"), "quantity": -quantity, "subtotal": text.money(-back),
            "total": text.money(-back), "meta_data": [origin],
            "price": text.number(float(back) / quantity) if quantity else 0,
        }  # fmt: skip

    def _tell_order(self, order: Record, refund: Record, visit: Visit) -> None:
        entry = {"id": refund["id"], "reason": refund["reason"], "total": f"-{refund['amount']}"}
        changed = order | {"refunds": [entry, *order["refunds"]]} | dates.pair("date_modified", visit.now)
        self.store.put("orders", changed)
        if _left(changed) == 0 and order["status"] != "refunded":
            Orders(self.store, self.settings).update(order["id"], {"status": "refunded"}, visit, bump=True)

    def delete(self, record_id: int, force: bool, visit: Visit) -> Record:
        refund = self.get(record_id)
        if not force:
            raise Refused(
                "woocommerce_rest_trash_not_supported", "The shop_order_refund does not support trashing.", 501
            )
        self.store.remove("refunds", record_id)
        order = self.order()
        kept = [entry for entry in order["refunds"] if entry["id"] != record_id]
        self.store.put("orders", order | {"refunds": kept})
        return refund


def _amount(data: Values) -> Decimal:
    if data.get("amount") is not None:
        return text.amount(data["amount"])
    return sum((text.amount(line.get("refund_total") or 0) for line in data.get("line_items") or []), Decimal(0))


def _left(order: Record) -> Decimal:
    """What has not been given back."""
    return text.amount(order["total"]) + sum((text.amount(r["total"]) for r in order["refunds"]), Decimal(0))
