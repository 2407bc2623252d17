"""The refunds of one order, and `/refunds`, which lists those of all orders."""

from decimal import Decimal
from typing import Any

from higherself_sync.sandbox.woocommerce import lifecycle, refunding, schema, text
from higherself_sync.sandbox.woocommerce.errors import Refused, crash
from higherself_sync.sandbox.woocommerce.orders import Orders, forgetful
from higherself_sync.sandbox.woocommerce.resource import (
    DATED,
    PAGING,
    Page,
    Resource,
    Test,
    Values,
    Visit,
    date_tests,
    id_tests,
    item_link,
)
from higherself_sync.sandbox.woocommerce.schema import Arg, array, boolean, integer, record, string
from higherself_sync.sandbox.woocommerce.store import Record, Store

ARGS: dict[str, Arg] = {
    "amount": string(),
    "reason": string(),
    "refunded_by": integer(),
    "api_refund": boolean(),
    "api_restock": boolean(),
    "meta_data": schema.META,
    "line_items": array(record(id=integer(), quantity=integer(), refund_total=schema.NUMBER, meta_data=schema.META)),
}
PARAMS: dict[str, Arg] = {**PAGING, **DATED, "dp": integer(default=2)}
GATEWAYS = ("bacs", "cheque", "cod")
"""The shop's own ways to pay. None of them can pay back by itself."""


class Refunds(Resource):
    """`order_id` is None for those of all orders, which are only read."""

    name = "refunds"
    table = "refunds"
    kind = "shop_order_refund"
    args = ARGS
    params = PARAMS
    repeated = ("dp", "context")
    view_only = ("refunded_payment",)

    def __init__(self, store: Store, visit: Visit, order_id: int | None) -> None:
        super().__init__(store, visit)
        self.order_id = order_id

    @property
    def path(self) -> str:
        return "refunds" if self.order_id is None else f"orders/{self.order_id}/refunds"

    def found(self, record_id: int, status: int) -> Record:
        """What is no refund is a 404; one of another order makes the real shop stumble."""
        refund = super().found(record_id, status)
        self._order()
        if refund["parent_id"] != self.order_id:
            raise crash("woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.", 404)
        return refund

    def _order(self) -> Record:
        order = self.store.get("orders", self.order_id or 0)
        if order is None:
            raise crash("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404)
        return order

    def search(self, params: Values) -> Page:
        return forgetful(super().search(params), self.visit)

    def tests(self, params: Values) -> list[Test]:
        order_id = self.order_id
        own: list[Test] = [] if order_id is None else [lambda r: r["parent_id"] == order_id]
        return [*own, *id_tests(params), *date_tests(params)]

    def face(self, record: Record) -> Record:
        hidden = {"date_modified", "date_modified_gmt"} | ({"parent_id"} if self.order_id is not None else set())
        return {name: value for name, value in record.items() if name not in hidden}

    def links(self, record: Record, api: str) -> dict[str, Any]:
        order = f"{api}/orders/{record['parent_id']}"
        links = {
            "self": [item_link(f"{order}/refunds/{record['id']}", ("GET", "DELETE"))],
            "collection": [{"href": f"{order}/refunds"}],
            "up": [{"href": order}],
        }
        if self.order_id is not None:
            return links
        user = f"{self.visit.base}/wp-json/wp/v2/users/{record['refunded_by']}"
        return {**links, "refunded_by": [{"embeddable": True, "href": user}]}

    def create(self, data: Values) -> Record:
        if data.get("id"):
            raise Refused("woocommerce_rest_shop_order_refund_exists", "Cannot create existing shop_order_refund.")
        order, amount = self._order(), _amount(data)
        if amount < 0:
            raise crash("woocommerce_rest_invalid_order_refund", "Refund amount must be greater than zero.", 400)
        if amount > refunding.left(order):
            raise _impossible("Invalid refund amount.")
        if data.get("api_refund") is not False and self.visit.via == "rest-api":
            raise _impossible(_why_not_by_gateway(order))
        refund = refunding.make(self.store, self.visit, order, amount, data)
        if data.get("api_restock") is not False:
            self._restock(data)
        changed = self._order()
        if refunding.left(changed) <= 0 and changed["status"] != "refunded":
            Orders(self.store, self.visit).update(changed["id"], {"status": "refunded"})
        return refund

    def _restock(self, data: Values) -> None:
        wanted = {line["id"]: int(line.get("quantity") or 0) for line in data.get("line_items") or [] if line.get("id")}
        if wanted:
            order = self.store.draft("orders", self.order_id or 0)
            lifecycle.give_back(self.store, order, wanted, self.visit.now)
            self.store.put("orders", order)

    def delete(self, record_id: int, force: bool) -> None:
        """There is no trash for refunds; the order no longer shows it."""
        if not force:
            message = "The shop_order_refund does not support trashing."
            raise Refused("woocommerce_rest_trash_not_supported", message, 501)
        super().delete(record_id, force)
        order = self._order()
        kept = [entry for entry in order["refunds"] if entry["id"] != record_id]
        self.store.put("orders", order | {"refunds": kept})


def _amount(data: Values) -> Decimal:
    """Without an amount it is the sum of the lines."""
    if data.get("amount") is not None:
        return text.amount(data["amount"])
    return sum((text.amount(line.get("refund_total") or 0) for line in data.get("line_items") or []), Decimal(0))


def _impossible(why: str) -> Refused:
    return crash("woocommerce_rest_cannot_create_order_refund", why, 500)


def _why_not_by_gateway(order: Record) -> str:
    """`api_refund` is true unless said otherwise, and no gateway of this shop can do it."""
    if order["payment_method"] in GATEWAYS:
        return "The payment gateway for this order does not support automatic refunds."
    return "The payment gateway for this order does not exist."
