"""Orders: how they are made, changed, found and thrown away, on either storage."""

import string as alphabet
from collections.abc import Callable, Mapping
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, goods, lifecycle, lines, meta, refunding, text
from higherself_sync.sandbox.woocommerce.customers import address
from higherself_sync.sandbox.woocommerce.errors import NotServed, Refused
from higherself_sync.sandbox.woocommerce.order_args import ARGS, BILLING, PARAMS, SHIPPING, STATUSES
from higherself_sync.sandbox.woocommerce.resource import Page, Resource, Test, Values, Visit, date_tests, id_tests
from higherself_sync.sandbox.woocommerce.store import Record
from higherself_sync.sandbox.woocommerce.webhooks import announce

VERSION = "10.5.0"
CURRENCY_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF"}
COPIED: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("parent_id", "customer_id"), text.whole),
    **dict.fromkeys(("currency", "customer_note", "payment_method", "payment_method_title", "transaction_id"), str),
}
SUMMED = ("billing", "shipping", *lines.KINDS, "coupon_lines")
"""A change of one of these makes the shop add up the order anew."""
_COUPON_VIEW_ONLY = ("discount_type", "nominal_amount", "free_shipping")


class Orders(Resource):
    name = "orders"
    table = "orders"
    kind = "shop_order"
    args = ARGS
    params = PARAMS
    unserved = frozenset(("order_item_display_meta",))
    repeated = ("status", "dp", "context")
    is_crowded = False
    """Whether a list of several orders is being shown."""

    # reading

    def search(self, params: Values) -> Page:
        if params["dp"] != 2:
            raise NotServed("other than two decimals")
        page = forgetful(super().search(params), self.visit)
        self.is_crowded = len(page.records) > 1
        return page

    def tests(self, params: Values) -> list[Test]:
        tests = [*id_tests(params), *date_tests(params), _status_test(params["status"])]
        if (customer := params["customer"]) is not None:
            tests.append(lambda r: r["customer_id"] == customer)
        if product := params["product"]:
            tests.append(lambda r: any(line["product_id"] == product for line in r["line_items"]))
        if parents := params["parent"]:
            tests.append(lambda r: r["parent_id"] in parents)
        if origins := params["created_via"]:
            tests.append(lambda r: r["created_via"] in origins)
        if words := params["search"].lower():
            tests.append(lambda r: words in _searched(r))
        return tests

    def show(self, record: Record, context: str = "view") -> dict[str, Any]:
        shown = super().show(record, context)
        if context == "edit":
            shown["coupon_lines"] = [
                {name: value for name, value in line.items() if name not in _COUPON_VIEW_ONLY}
                for line in shown["coupon_lines"]
            ]
        return shown

    def face(self, record: Record) -> Record:
        """HPOS reads one order's meta data by key, but that of several orders by id (seen in the recordings)."""
        in_order = meta.by_key if self.visit.storage == "hpos" and not self.is_crowded else meta.by_id
        products = [lines.as_read(self.store, line) for line in record["line_items"]]
        return {**record, "meta_data": in_order(record["meta_data"]), "line_items": products}

    def links(self, record: Record, api: str) -> dict[str, Any]:
        links = super().links(record, api)
        templates = f"{api}/orders/{record['id']}/actions/email_templates"
        links["email_templates"] = [{"embeddable": True, "href": templates}]
        if record["customer_id"]:
            links["customer"] = [{"href": f"{api}/customers/{record['customer_id']}"}]
        if record["parent_id"]:
            links["up"] = [{"href": f"{api}/orders/{record['parent_id']}"}]
        return links

    # writing

    def create(self, data: Values) -> Record:
        if data.get("id"):
            raise Refused("woocommerce_rest_shop_order_exists", "Cannot create existing shop_order.")
        draft = blank() | dates.pair("date_created", self.visit.now) | dates.pair("date_modified", self.visit.now)
        draft["created_via"] = str(data.get("created_via") or self.visit.via)
        self._write(draft, data)
        draft |= {"id": self.store.new_id("orders"), "order_key": self._new_key()}
        draft |= {"number": str(draft["id"]), "payment_url": _payment_url(draft)}
        lines.sum_up(draft)
        self._take_coupons(draft, data)
        lifecycle.enter(self.store, draft, _valid_status(data.get("status")) or "pending", self.visit.now)
        if data.get("set_paid") is True:
            self._pay(draft, data)
        announce(self.store, "order", "created", draft["id"])
        return self._save(blank(), draft)

    def update(self, record_id: int, data: Values) -> Record:
        before = self.found(record_id, 400)
        draft = self.store.draft("orders", record_id)
        self._write(draft, data)
        lifecycle.follow_lines(self.store, before, draft, self.visit.now)
        if any(data.get(name) is not None for name in SUMMED):
            lines.sum_up(draft)
        lines.write_coupons(self.store, draft, data)
        if status := _valid_status(data.get("status")):
            lifecycle.enter(self.store, draft, status, self.visit.now)
        if data.get("set_paid") is True and _needs_payment(draft):
            self._pay(draft, data)
        if self._is_stamped(before, draft):
            draft |= dates.pair("date_modified", self.visit.now)
        return self._save(before, draft)

    def _is_stamped(self, before: Record, after: Record) -> bool:
        """On HPOS every save stamps the order; on post storage only what lives in the post itself does (trap 6)."""
        if self.visit.storage == "hpos" or self.visit.via == "admin":
            return True
        return any(before[field] != after[field] for field in ("status", "customer_note", "parent_id"))

    def _write(self, draft: Record, data: Values) -> None:
        customer_id = text.whole(data.get("customer_id"))
        if customer_id and not self.store.get("customers", customer_id):
            raise Refused("woocommerce_rest_invalid_customer_id", "Customer ID is invalid.")
        goods.copy_fields(draft, data, COPIED)
        draft["currency_symbol"] = CURRENCY_SIGNS.get(draft["currency"], draft["currency"])
        for field in ("billing", "shipping"):
            if isinstance(given := data.get(field), Mapping):
                draft[field] = address(draft[field], given, "order")
        lines.write(self.store, draft, data, lenient=self.visit.via != "rest-api")
        draft["meta_data"] = meta.written(draft["meta_data"], data.get("meta_data"), self.store.next_meta_id)

    def _take_coupons(self, draft: Record, data: Values) -> None:
        """A coupon is looked at after the order was saved, so that a bad one leaves a draft behind (trap 11)."""
        try:
            lines.write_coupons(self.store, draft, data)
        except Refused as refusal:
            self._save(draft, draft | {"status": "checkout-draft"})
            raise refusal.with_data(new_draft_order_id=draft["id"]) from refusal

    def _pay(self, draft: Record, data: Values) -> None:
        draft["transaction_id"] = str(data.get("transaction_id") or draft["transaction_id"])
        lifecycle.pay(self.store, draft, self.visit.now)

    def _save(self, before: Record, draft: Record) -> Record:
        customer = self.store.get("customers", draft["customer_id"])
        if customer and not draft["billing"]["email"]:
            draft["billing"] = {**draft["billing"], "email": customer["email"]}
        self._settle(draft)
        self.store.put("orders", draft)
        if draft["status"] == "refunded" != before["status"]:
            refunding.give_back_rest(self.store, self.visit, draft)
        if before["status"] != "trash":  # coming back from the trash announces nothing (trap 15)
            announce(self.store, "order", "updated", draft["id"])
        return self.found(draft["id"], 404)

    def _settle(self, draft: Record) -> None:
        draft["needs_processing"] = lifecycle.needs_processing(self.store, draft)
        draft["is_editable"] = draft["status"] in ("pending", "on-hold", "auto-draft")
        draft["needs_payment"] = _needs_payment(draft)

    def _new_key(self) -> str:
        letters = alphabet.ascii_letters + alphabet.digits
        return "wc_order_" + "".join(self.store.random.choices(letters, k=13))

    # the trash

    def trash(self, record_id: int) -> None:
        draft = self.store.draft("orders", record_id)
        notes = {"_wp_trash_meta_status": f"wc-{draft['status']}"}
        notes["_wp_trash_meta_time"] = str(int(self.visit.now.timestamp()))
        entries = [{"key": key, "value": value} for key, value in notes.items()]
        draft["meta_data"] = meta.written(draft["meta_data"], entries, self.store.next_meta_id)
        lifecycle.enter(self.store, draft, "trash", self.visit.now)
        self._settle(draft)
        self.store.put("orders", draft | dates.pair("date_modified", self.visit.now))
        announce(self.store, "order", "deleted", record_id)

    def destroy(self, record_id: int) -> None:
        """For good, and without putting the goods back in stock."""
        for refund in self.store.tables["orders"][record_id]["refunds"]:
            if self.store.get("refunds", refund["id"]):
                self.store.remove("refunds", refund["id"])
        super().destroy(record_id)


def blank() -> Record:
    """An empty order, its fields in the order of the API."""
    return {
        "id": 0, "parent_id": 0, "status": "pending", "currency": "EUR", "version": VERSION,
        "prices_include_tax": False, "date_created": None, "date_modified": None, "discount_total": "0.00",
        "discount_tax": "0.00", "shipping_total": "0.00", "shipping_tax": "0.00", "cart_tax": "0.00", "total": "0.00",
        "total_tax": "0.00", "customer_id": 0, "order_key": "", "billing": dict.fromkeys(BILLING, ""),
        "shipping": dict.fromkeys(SHIPPING, ""), "payment_method": "", "payment_method_title": "",
        "transaction_id": "", "customer_ip_address": "", "customer_user_agent": "", "created_via": "",
        "customer_note": "", "date_completed": None, "date_paid": None, "cart_hash": "", "number": "",
        "meta_data": [], "line_items": [], "tax_lines": [], "shipping_lines": [], "fee_lines": [], "coupon_lines": [],
        "refunds": [], "payment_url": "", "is_editable": True, "needs_payment": False, "needs_processing": False,
        "date_created_gmt": None, "date_modified_gmt": None, "date_completed_gmt": None, "date_paid_gmt": None,
        "currency_symbol": "€",
    }  # fmt: skip


def forgetful(page: Page, visit: Visit) -> Page:
    """Beyond the last page HPOS forgets the totals, post storage does not (trap 13)."""
    return Page([], 0, 0) if visit.storage == "hpos" and not page.records else page


def _status_test(wanted: list[str]) -> Test:
    """`any` wins over whatever stands beside it, and never contains the trash (trap 5)."""
    if "any" in wanted:
        return lambda record: record["status"] not in ("trash", "auto-draft")
    return lambda record: record["status"] in wanted


def _valid_status(value: Any) -> str | None:
    """Only the batch route lets an unknown status through, and it becomes `pending` (trap 12)."""
    if not value:
        return None
    status = str(value).removeprefix("wc-")
    return status if status in STATUSES or status == "trash" else "pending"


def _needs_payment(order: Record) -> bool:
    return order["status"] in ("pending", "failed") and text.amount(order["total"]) > 0


def _payment_url(order: Record) -> str:
    return f"/checkout/order-pay/{order['id']}/?pay_for_order=true&key={order['order_key']}"


def _searched(order: Record) -> str:
    """What a search looks in: the number, names and addresses, line names; not meta data."""
    places = "\n".join(str(value) for part in ("billing", "shipping") for value in order[part].values())
    names = "\n".join(str(line["name"]) for line in order["line_items"])
    return f"{order['id']}\n{places}\n{names}".lower()
