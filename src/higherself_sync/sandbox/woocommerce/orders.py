"""Orders: how they are made, changed, found and thrown away, on either storage."""

import string as alphabet
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, lifecycle, lines, meta, text
from higherself_sync.sandbox.woocommerce.customers import address
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.order_args import ARGS, BILLING, PARAMS, SHIPPING, STATUSES
from higherself_sync.sandbox.woocommerce.resource import Page, Resource, Test, Values, Visit, date_tests, id_tests
from higherself_sync.sandbox.woocommerce.store import Record

VERSION = "10.5.0"
PLAIN = (
    "parent_id",
    "currency",
    "customer_id",
    "customer_note",
    "payment_method",
    "payment_method_title",
    "transaction_id",
)


class Orders(Resource):
    name = "orders"
    table = "orders"
    kind = "shop_order"
    args = ARGS
    params = PARAMS
    repeats = frozenset(("status", "dp", "context"))

    @property
    def on_hpos(self) -> bool:
        return self.settings.storage == "hpos"

    # reading

    def tests(self, params: Values) -> list[Test]:
        tests = [*id_tests(params), *date_tests(params), self._status_test(params["status"])]
        if (customer := params.get("customer")) is not None:
            tests.append(lambda r: r["customer_id"] == customer)
        if product := params.get("product"):
            tests.append(lambda r: any(line["product_id"] == product for line in r["line_items"]))
        if parents := params["parent"]:
            tests.append(lambda r: r["parent_id"] in parents)
        if words := params.get("search"):
            tests.append(lambda r: words.lower() in _searched(r))
        return tests

    def _status_test(self, wanted: list[str]) -> Test:
        """`any` wins over whatever stands beside it, and never contains the trash (trap 5)."""
        if "any" in wanted:
            return lambda record: record["status"] not in ("trash", "auto-draft")
        return lambda record: record["status"] in wanted

    def search(self, params: Values) -> Page:
        page = super().search(params)
        if self.on_hpos and not page.records:
            return Page([], 0, 0)  # beyond the last page HPOS forgets the totals, post storage does not (trap 13)
        return page

    def show(self, record: Record, visit: Visit, context: str = "view") -> dict[str, Any]:
        order = meta.by_key if self.on_hpos else meta.by_id
        return {**super().show(record, visit, context), "meta_data": order(record["meta_data"])}

    def links(self, record: Record, api: str) -> dict[str, Any]:
        links = super().links(record, api)
        links["email_templates"] = [
            {"embeddable": True, "href": f"{api}/orders/{record['id']}/actions/email_templates"}
        ]
        if record["customer_id"]:
            links["customer"] = [{"href": f"{api}/customers/{record['customer_id']}"}]
        if record["parent_id"]:
            links["up"] = [{"href": f"{api}/orders/{record['parent_id']}"}]
        return links

    # writing

    def create(self, data: Values, visit: Visit) -> Record:
        if data.get("id"):
            raise Refused("woocommerce_rest_shop_order_exists", "Cannot create existing shop_order.", 400)
        draft = {**blank(), **dates.pair("date_created", visit.now), "created_via": visit.via}
        self._write(draft, data, visit)
        lines.sum_up(draft)
        draft |= {"id": self.store.new_id("orders"), "order_key": self._new_key()}
        draft |= {"number": str(draft["id"]), "payment_url": _payment_url(draft)}
        self._with_coupons(draft, data, visit)
        lifecycle.enter(self.store, draft, _valid_status(data.get("status")) or "pending", visit.now, is_new=True)
        return self._save(draft, data, visit, bump=True)

    def update(self, record_id: int, data: Values, visit: Visit, bump: bool = False) -> Record:
        before = self.found(record_id, 400)
        draft = self.store.draft("orders", record_id)
        self._write(draft, data, visit)
        if any(data.get(name) is not None for name in ("billing", "shipping", *lines.KINDS, "coupon_lines")):
            lines.sum_up(draft)
        lines.write_coupons(self.store, draft, data)
        if status := _valid_status(data.get("status")):
            lifecycle.enter(self.store, draft, status, visit.now)
        return self._save(draft, data, visit, bump or self._bumps(before, draft))

    def _bumps(self, before: Record, after: Record) -> bool:
        """On HPOS every save stamps the order; on post storage only what lives in the post itself does (trap 6)."""
        return self.on_hpos or any(before[field] != after[field] for field in ("status", "customer_note", "parent_id"))

    def _write(self, draft: Record, data: Values, visit: Visit) -> None:
        for field in PLAIN:
            if data.get(field) is not None:
                draft[field] = data[field]
        for field in ("billing", "shipping"):
            if isinstance(given := data.get(field), Mapping):
                draft[field] = address(draft[field], given)
        if draft["customer_id"] and data.get("customer_id") and not self.store.get("customers", draft["customer_id"]):
            raise Refused("woocommerce_rest_invalid_customer_id", "Customer ID is invalid.", 400)
        lines.write(self.store, draft, data, lenient=visit.via != "rest-api")
        draft["meta_data"] = meta.written(draft["meta_data"], data.get("meta_data"), self.store.next_meta_id)

    def _with_coupons(self, draft: Record, data: Values, visit: Visit) -> None:
        """A coupon is looked at after the order was saved: a bad one leaves a draft of it behind (trap 11)."""
        try:
            lines.write_coupons(self.store, draft, data)
        except Refused as refusal:
            left = draft | {"status": "checkout-draft"} | dates.pair("date_modified", visit.now)
            self._settle(left)
            self.store.put("orders", left)
            raise Refused(
                refusal.code, refusal.message, refusal.status, {"new_draft_order_id": left["id"]}
            ) from refusal

    def _save(self, draft: Record, data: Values, visit: Visit, bump: bool) -> Record:
        if data.get("set_paid") is True:
            lifecycle.pay(self.store, draft, visit.now)
        customer = self.store.get("customers", draft["customer_id"])
        if customer and not draft["billing"]["email"]:
            draft["billing"] = {**draft["billing"], "email": customer["email"]}
        if bump:
            draft |= dates.pair("date_modified", visit.now)
        self._settle(draft)
        return self.store.put("orders", draft)

    def _settle(self, draft: Record) -> None:
        draft["needs_processing"] = lifecycle.needs_processing(self.store, draft)
        draft["is_editable"] = draft["status"] in ("pending", "on-hold", "auto-draft")
        draft["needs_payment"] = draft["status"] in ("pending", "failed") and text.amount(draft["total"]) > 0

    def _new_key(self) -> str:
        letters = alphabet.ascii_letters + alphabet.digits
        return "wc_order_" + "".join(self.store.random.choices(letters, k=13))

    # the trash

    def trash(self, record_id: int, visit: Visit) -> None:
        draft = self.store.draft("orders", record_id)
        notes = [
            {"key": "_wp_trash_meta_status", "value": f"wc-{draft['status']}"},
            {"key": "_wp_trash_meta_time", "value": str(int(visit.now.timestamp()))},
        ]
        draft["meta_data"] = meta.written(draft["meta_data"], notes, self.store.next_meta_id)
        lifecycle.enter(self.store, draft, "trash", visit.now)
        self._settle(draft)
        self.store.put("orders", draft | dates.pair("date_modified", visit.now))

    def destroy(self, record_id: int) -> None:
        """For good, without putting the goods back in stock."""
        for refund in [r["id"] for r in self.store.all("refunds") if r["parent_id"] == record_id]:
            self.store.remove("refunds", refund)
        self.store.remove("orders", record_id)


def blank() -> Record:
    """An empty order, its fields in the order of the API."""
    return {
        "id": 0, "parent_id": 0, "status": "pending", "currency": "EUR", "version": VERSION,
        "prices_include_tax": False, "date_created": None, "date_modified": None, "discount_total": "0.00",
        "discount_tax": "0.00", "shipping_total": "0.00", "shipping_tax": "0.00", "cart_tax": "0.00", "total": "0.00",
        "total_tax": "0.00", "customer_id": 0, "order_key": "", "billing": dict.fromkeys(BILLING, ""),
        "shipping": dict.fromkeys(SHIPPING, ""), "payment_method": "", "payment_method_title": "",
        "transaction_id": "", "customer_ip_address": "", "customer_user_agent": "", "created_via": "rest-api",
        "customer_note": "", "date_completed": None, "date_paid": None, "cart_hash": "", "number": "",
        "meta_data": [], "line_items": [], "tax_lines": [], "shipping_lines": [], "fee_lines": [], "coupon_lines": [],
        "refunds": [], "payment_url": "", "is_editable": True, "needs_payment": False, "needs_processing": False,
        "date_created_gmt": None, "date_modified_gmt": None, "date_completed_gmt": None, "date_paid_gmt": None,
        "currency_symbol": "€",
    }  # fmt: skip


def _valid_status(value: Any) -> str | None:
    """Only the batch route lets an unknown status through, and it becomes `pending` (trap 12)."""
    if not value:
        return None
    status = str(value).removeprefix("wc-")
    return status if status in STATUSES or status == "trash" else "pending"


def _payment_url(order: Record) -> str:
    return f"/checkout/order-pay/{order['id']}/?pay_for_order=true&key={order['order_key']}"


def _searched(order: Record) -> str:
    """What a search looks in: numbers, names and addresses, line names; not meta data."""
    places = "\n".join(str(v) for part in ("billing", "shipping") for v in order[part].values())
    names = "\n".join(str(line["name"]) for line in order["line_items"])
    return f"{order['id']}\n{places}\n{names}".lower()
