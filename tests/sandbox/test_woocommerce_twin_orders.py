"""Orders and refunds of the twin, beyond the recorded samples and the traps."""

from typing import Any

import pytest

from tests.sandbox.woocommerce_client import Client, keys


@pytest.fixture
def shop() -> Client:
    return Client()


# orders


def test_an_empty_order_is_pending_and_an_empty_product_is_published(shop: Client) -> None:
    assert shop.made("orders", {})["status"] == "pending"
    product = shop.made("products", {})
    assert (product["name"], product["status"]) == ("Product", "publish")


def test_lines_without_an_id_are_added_and_totals_stay_when_the_quantity_changes(shop: Client) -> None:
    order = shop.order()
    path, line = f"orders/{order['id']}", order["line_items"][0]
    added = shop.put(path, {"line_items": [{"product_id": line["product_id"], "quantity": 2}]}).body
    assert (len(added["line_items"]), added["total"]) == (2, "147.00")
    more = shop.put(path, {"line_items": [{"id": line["id"], "quantity": 3}]}).body
    assert (more["line_items"][0]["quantity"], more["line_items"][0]["total"], more["total"]) == (3, "49.00", "147.00")
    assert more["line_items"][0]["price"] == pytest.approx(16.33, abs=0.01)
    less = shop.put(path, {"line_items": [{"id": line["id"], "product_id": None}]}).body
    assert (len(less["line_items"]), less["total"]) == (1, "98.00")
    wrong = shop.put(path, {"line_items": [{"id": 999, "quantity": 1}]})
    assert (wrong.status, wrong.code) == (400, "woocommerce_rest_invalid_item_id")


def test_totals_are_of_products_shipping_and_fees(shop: Client) -> None:
    shipping = [{"method_id": "flat_rate", "method_title": "Flat", "total": "9.9"}]
    order = shop.order(shipping_lines=shipping, fee_lines=[{"name": "Tip", "total": "5"}])
    assert (order["shipping_total"], order["total"]) == ("9.90", "63.90")
    for line, code in (("shipping_lines", "invalid_shipping_item"), ("fee_lines", "invalid_fee_item")):
        assert shop.post("orders", {line: [{"total": "1"}]}).code == f"woocommerce_rest_{code}"
    assert shop.post("orders", {"line_items": [{"quantity": 1}]}).code == "woocommerce_rest_required_product_reference"


def test_a_coupon_takes_its_share_off_the_lines(shop: Client) -> None:
    shop.made("coupons", {"code": "MINUS10", "discount_type": "percent", "amount": "10"})
    order = shop.order(coupon_lines=[{"code": "Minus10"}])
    (line,) = order["coupon_lines"]
    assert (line["code"], line["discount"], line["discount_tax"]) == ("minus10", "4.9", "0")
    assert (order["total"], order["discount_total"], order["line_items"][0]["subtotal"]) == ("44.10", "4.90", "49.00")
    assert "nominal_amount" not in line  # a write is answered without it
    assert shop.get(f"orders/{order['id']}").body["coupon_lines"][0]["nominal_amount"] == 10


def test_an_unknown_customer_is_refused_and_a_known_ones_email_is_taken(shop: Client) -> None:
    answer = shop.post("orders", {"customer_id": 999})
    assert (answer.status, answer.code) == (400, "woocommerce_rest_invalid_customer_id")
    assert shop.get("orders").ids == []
    customer = shop.made("customers", {"email": "a@example.com"})["id"]
    assert shop.made("orders", {"customer_id": customer})["billing"]["email"] == "a@example.com"


def test_the_days_of_payment_and_completion_stay(shop: Client) -> None:
    order = shop.order()
    assert (order["date_paid"], order["needs_payment"], order["is_editable"]) == (None, True, True)
    shop.wait(5)
    path = f"orders/{order['id']}"
    done = shop.put(path, {"status": "completed"}).body
    assert (done["date_paid_gmt"], done["date_completed_gmt"]) == ("2026-11-23T17:00:05",) * 2
    shop.wait(5)
    back = shop.put(path, {"status": "pending"}).body
    assert (back["date_paid_gmt"], back["date_completed_gmt"]) == ("2026-11-23T17:00:05",) * 2


def test_read_only_fields_are_ignored(shop: Client) -> None:
    order = shop.order()
    fields = {
        "date_created": "2020-01-01T00:00:00",
        "date_modified": "2020-01-01T00:00:00",
        "total": "1.00",
        "number": "9",
    }
    changed = shop.put(f"orders/{order['id']}", fields).body
    assert {name: changed[name] for name in fields} == {name: order[name] for name in fields}


def test_set_paid_depends_on_what_must_be_sent(shop: Client) -> None:
    assert shop.order(set_paid=True)["status"] == "processing"
    file = shop.made("products", {"virtual": True, "downloadable": True, "regular_price": "5"})["id"]
    order = shop.made("orders", {"line_items": [{"product_id": file}], "set_paid": True})
    assert (order["status"], order["needs_processing"]) == ("completed", False)


@pytest.mark.parametrize("status", ["trash", "wc-completed", "bogus"])
def test_a_status_that_is_none_is_refused(shop: Client, status: str) -> None:
    path = f"orders/{shop.order()['id']}"
    assert shop.put(path, {"status": status}).status == 400
    assert shop.get("orders", status=status).status == (200 if status == "trash" else 400)


def test_stock_goes_and_comes_with_the_status_and_stamps_the_product(shop: Client) -> None:
    product = shop.made("products", {"manage_stock": True, "stock_quantity": 10, "regular_price": "1"})["id"]
    order = shop.made("orders", {"line_items": [{"product_id": product, "quantity": 3}]})

    def state() -> tuple[int, int, str]:
        now = shop.get(f"products/{product}").body
        return now["stock_quantity"], now["total_sales"], now["date_modified_gmt"][-2:]

    path = f"orders/{order['id']}"
    seen = [state()]
    for status in ("processing", "completed", "cancelled", "on-hold"):
        shop.wait(5)
        shop.put(path, {"status": status})
        seen.append(state())
    assert seen == [(10, 0, "00"), (7, 3, "05"), (7, 3, "05"), (10, 0, "15"), (7, 3, "20")]
    (line,) = shop.get(path).body["line_items"]
    assert [(entry["key"], entry["value"]) for entry in line["meta_data"]] == [("_reduced_stock", "3")]
    shop.put(path, {"line_items": [{"id": line["id"], "quantity": 5}]})
    assert state()[0] == 5
    shop.delete(path, force="true")
    assert state()[0] == 5  # a deletion for good does not restock


def test_a_completed_order_stamps_its_customer_once(shop: Client) -> None:
    customer = shop.made("customers", {"email": "a@example.com"})["id"]
    stamps = []
    for status in ("processing", "completed", "completed"):
        shop.wait(5)
        shop.order(customer_id=customer, status=status)
        found = shop.get(f"customers/{customer}").body
        stamps.append((found["is_paying_customer"], found["date_modified_gmt"][-2:]))
    assert stamps == [(False, "00"), (True, "10"), (True, "10")]


def test_a_product_deleted_for_good_is_named_no_more(shop: Client) -> None:
    order = shop.order()
    shop.delete(f"products/{order['line_items'][0]['product_id']}", force="true")
    (line,) = shop.get(f"orders/{order['id']}").body["line_items"]
    assert (line["product_id"], line["sku"], line["name"], line["total"]) == (0, None, "Gong bath", "49.00")


# refunds


def test_a_part_given_back_leaves_the_total_and_the_rest_turns_the_status(shop: Client) -> None:
    order = shop.order(status="completed")
    path = f"orders/{order['id']}"
    part = shop.made(f"{path}/refunds", {"amount": "10", "reason": "kindness", "api_refund": False})
    assert (part["amount"], part["reason"], keys(part)) == ("10.00", "kindness", [("_refund_type", "partial")])
    now = shop.get(path).body
    assert (now["total"], now["status"]) == ("49.00", "completed")
    assert now["refunds"] == [{"id": part["id"], "reason": "kindness", "total": "-10.00"}]
    rest = shop.made(f"{path}/refunds", {"amount": "39", "api_refund": False})
    assert shop.get(path).body["status"] == "refunded"
    assert [refund["total"] for refund in shop.get(path).body["refunds"]] == ["-39.00", "-10.00"]
    assert shop.get(f"{path}/refunds").ids == [rest["id"], part["id"]]
    assert [(refund["id"], refund["parent_id"]) for refund in shop.get("refunds").body] == [
        (rest["id"], order["id"]), (part["id"], order["id"]),
    ]  # fmt: skip


def test_an_order_called_refunded_gets_a_refund_of_the_rest(shop: Client) -> None:
    order = shop.order(status="completed")
    changed = shop.put(f"orders/{order['id']}", {"status": "refunded"}).body
    (refund,) = changed["refunds"]
    assert (refund["reason"], refund["total"], changed["total"]) == ("Order fully refunded.", "-49.00", "49.00")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"amount": "99", "api_refund": False}, "Invalid refund amount."),
        ({"amount": "1"}, "The payment gateway for this order does not exist."),
        ({"amount": "-1", "api_refund": False}, "Refund amount must be greater than zero."),
    ],
)
def test_a_refund_that_cannot_be_is_a_500(shop: Client, body: dict[str, Any], message: str) -> None:
    """WordPress makes a 500 of every error whose data is a bare number."""
    answer = shop.post(f"orders/{shop.order(status='completed')['id']}/refunds", body)
    assert (answer.status, answer.body["message"]) == (500, message)
    assert answer.body["data"] in (400, 500)
    assert shop.get("refunds").body == []


def test_refunds_of_an_unknown_order_are_none_and_one_of_another_order_is_not_found(shop: Client) -> None:
    assert shop.get("orders/999/refunds").body == []
    order, other = shop.order(status="completed")["id"], shop.order()["id"]
    refund = shop.made(f"orders/{order}/refunds", {"amount": "1", "api_refund": False})["id"]
    assert shop.get(f"orders/{other}/refunds/{refund}").code == "woocommerce_rest_invalid_order_refund_id"
    assert shop.get(f"orders/{order}/refunds/999").status == 404
    assert shop.delete(f"orders/{order}/refunds/{refund}").status == 200
    assert shop.get(f"orders/{order}").body["refunds"] == []


def test_a_refund_of_a_line_puts_its_goods_back(shop: Client) -> None:
    product = shop.made("products", {"manage_stock": True, "stock_quantity": 10, "regular_price": "5"})["id"]
    order = shop.made("orders", {"line_items": [{"product_id": product, "quantity": 4}], "status": "completed"})
    line = {"id": order["line_items"][0]["id"], "quantity": 1, "refund_total": 5}
    refund = shop.made(f"orders/{order['id']}/refunds", {"line_items": [line], "api_refund": False})
    assert refund["amount"] == "5.00"
    assert (refund["line_items"][0]["quantity"], refund["line_items"][0]["total"]) == (-1, "-5.00")
    assert shop.get(f"products/{product}").body["stock_quantity"] == 7
