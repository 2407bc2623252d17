"""How the twin's shop behaves beyond the recorded samples and the traps: writes, lists, stock, refunds, controls."""

import time
from datetime import timedelta
from typing import Any

import pytest

from higherself_sync.sandbox.wire import Request, Twin
from higherself_sync.sandbox.woocommerce import WooCommerceTwin
from higherself_sync.sandbox.woocommerce.order_args import STATUSES
from tests.sandbox.woocommerce_client import SITE, Client, whole_shop


@pytest.fixture
def shop() -> Client:
    return Client()


def test_it_is_a_twin() -> None:
    twin: Twin = WooCommerceTwin()
    assert twin.name == "woocommerce"


# meta data


def keys(thing: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(entry["key"], entry["value"]) for entry in thing["meta_data"]]


@pytest.mark.parametrize("path", ["orders", "products", "customers"])
def test_meta_is_written_by_key_or_by_id_and_null_deletes(shop: Client, path: str) -> None:
    first = [{"key": "b", "value": "1"}, {"key": "a", "value": "2"}, {"key": "b", "value": "last wins"}]
    thing = shop.made(path, {"email": "a@example.com", "password": "x", "meta_data": first})
    ids = {entry["key"]: entry["id"] for entry in thing["meta_data"]}
    by_key = path == "orders"
    assert keys(thing) == ([("a", "2"), ("b", "last wins")] if by_key else [("b", "last wins"), ("a", "2")])
    changes = [{"key": "b", "value": "in place"}, {"id": ids["a"], "key": "c", "value": "renamed"}]
    changed = shop.put(f"{path}/{thing['id']}", {"meta_data": changes}).body
    assert {entry["key"]: entry["id"] for entry in changed["meta_data"]} == {"b": ids["b"], "c": ids["a"]}
    gone = [{"key": "b", "value": None}, {"id": ids["a"], "value": None}]
    assert shop.put(f"{path}/{thing['id']}", {"meta_data": gone}).body["meta_data"] == []


def test_scalars_come_back_as_strings_and_lists_as_they_were(shop: Client) -> None:
    values = {"t": True, "f": False, "n": 5, "x": 2.5, "l": [1, {"a": True}], "_hidden": "shown"}
    product = shop.made("products", {"meta_data": [{"key": key, "value": value} for key, value in values.items()]})
    assert dict(keys(product)) == {"t": "1", "f": "", "n": "5", "x": "2.5", "l": [1, {"a": True}], "_hidden": "shown"}


def test_orders_list_their_meta_by_key_on_hpos_and_by_id_among_posts(shop: Client) -> None:
    meta = [{"key": "notion_page_id", "value": "x"}, {"key": "notion_managed", "value": "true"}]
    order = shop.made("orders", {"meta_data": meta})
    shop.twin.knobs({"storage": "posts"})
    assert [key for key, _ in keys(order)] == ["notion_managed", "notion_page_id"]
    assert [key for key, _ in keys(shop.get(f"orders/{order['id']}").body)] == ["notion_page_id", "notion_managed"]


def test_only_the_meta_asked_for_is_shown(shop: Client) -> None:
    meta = [{"key": key, "value": "x"} for key in ("a", "b", "c")]
    order = shop.made("orders", {"meta_data": meta})["id"]
    (listed,) = shop.get("orders", include_meta="a,c").body
    assert [key for key, _ in keys(listed)] == ["a", "c"]
    assert [key for key, _ in keys(shop.get(f"orders/{order}", exclude_meta="b").body)] == ["a", "c"]


# products


def test_a_name_keeps_its_markup_and_gets_its_ampersand_encoded(shop: Client) -> None:
    product = shop.made("products", {"name": 'Draft & "quoted" <b>thing</b> &amp; 1 < 2', "status": "draft"})
    assert product["name"] == 'Draft &amp; "quoted" <b>thing</b> &amp; 1 &lt; 2'
    assert product["slug"] == ""
    assert product["permalink"] == f"https://127.0.0.1:8090/?post_type=product&p={product['id']}"


def test_a_description_is_answered_as_typed_and_read_in_paragraphs(shop: Client) -> None:
    product = shop.made("products", {"description": "One & two\nthree\n\nfour"})
    assert product["description"] == "One &amp; two\nthree\n\nfour"
    read = shop.get(f"products/{product['id']}").body
    assert read["description"] == "<p>One &amp; two<br />\nthree</p>\n<p>four</p>\n"
    assert set(product) - set(read) == {"permalink_template", "generated_slug"}


@pytest.mark.parametrize(
    ("typed", "price"),
    [("24.5", "24.5"), ("29.90", "29.90"), ("abc", ""), ("", ""), ("1.200.50", "1200.50"), ("0", "0")],
)
def test_a_price_stays_as_typed(shop: Client, typed: str, price: str) -> None:
    product = shop.made("products", {"regular_price": typed})
    assert (product["regular_price"], product["price"], product["purchasable"]) == (price, price, price != "")


def test_a_price_as_a_number_is_refused_but_not_in_a_batch(shop: Client) -> None:
    answer = shop.post("products", {"regular_price": 24.5})
    assert (answer.status, answer.code) == (400, "rest_invalid_param")
    assert answer.body["data"]["params"] == {"regular_price": "regular_price is not of type string."}
    assert answer.body["data"]["details"]["regular_price"] == {
        "code": "rest_invalid_type",
        "message": "regular_price is not of type string.",
        "data": {"param": "regular_price"},
    }
    (created,) = shop.post("products/batch", {"create": [{"regular_price": 24.5}]}).body["create"]
    assert created["price"] == "24.5"


def test_a_sale_has_its_days(shop: Client) -> None:
    sale = {"regular_price": "10", "sale_price": "8", "date_on_sale_to": "2026-11-23T17:59:59"}
    over = shop.made("products", sale)
    running = shop.made("products", {**sale, "date_on_sale_to": "2026-11-24"})
    assert (over["on_sale"], over["price"], over["date_on_sale_to_gmt"]) == (False, "10", "2026-11-23T16:59:59")
    assert (running["on_sale"], running["price"]) == (True, "8")


def test_a_sku_is_one_products_in_whatever_case(shop: Client) -> None:
    first = shop.made("products", {"sku": "Gong-1"})
    answer = shop.post("products", {"sku": "GONG-1"})
    assert (answer.status, answer.code) == (400, "product_invalid_sku")
    assert answer.body["data"] == {"status": 400, "resource_id": first["id"], "unique_sku": "GONG-1-1"}
    assert shop.put(f"products/{first['id']}", {"sku": "GONG-1"}).status == 200
    shop.delete(f"products/{first['id']}")
    assert shop.made("products", {"sku": "gong-1"})["sku"] == "gong-1"
    assert shop.get(f"products/{first['id']}").body["sku"] == "GONG-1"


def test_slugs_are_unique_and_the_trash_leaves_them_free(shop: Client) -> None:
    first = shop.made("products", {"name": "Kurse für Anfänger & Profis"})
    second = shop.made("products", {"name": "Kurse für Anfänger & Profis"})
    assert (first["slug"], second["slug"]) == ("kurse-fur-anfanger-profis", "kurse-fur-anfanger-profis-2")
    shop.delete(f"products/{first['id']}")
    trashed = shop.get(f"products/{first['id']}").body
    assert trashed["slug"] == "kurse-fur-anfanger-profis__trashed"
    assert keys(trashed)[0] == ("_wp_trash_meta_status", "publish")
    restored = shop.put(f"products/{first['id']}", {"status": "publish"}).body
    assert (restored["status"], restored["slug"]) == ("publish", "kurse-fur-anfanger-profis")
    assert [key for key, _ in keys(restored)] == ["_wp_trash_meta_status", "_wp_trash_meta_time"]


@pytest.mark.parametrize("stream", ["orders", "products"])
def test_to_throw_away_twice_is_a_410(shop: Client, stream: str) -> None:
    made = shop.made(stream, {})
    assert shop.delete(f"{stream}/{made['id']}").body["status"] == made["status"]
    again = shop.delete(f"{stream}/{made['id']}")
    assert (again.status, again.code) == (410, "woocommerce_rest_already_trashed")


def test_what_counts_its_stock_follows_the_number(shop: Client) -> None:
    product = shop.made("products", {"manage_stock": True, "stock_quantity": 1})
    assert (product["stock_quantity"], product["stock_status"]) == (1, "instock")
    path = f"products/{product['id']}"
    assert shop.put(path, {"stock_quantity": 0}).body["stock_status"] == "outofstock"
    assert shop.put(path, {"backorders": "yes"}).body["backordered"] is True
    assert shop.put(path, {"manage_stock": False}).body["stock_quantity"] is None


def test_tags_are_made_by_name_and_unknown_categories_passed_over(shop: Client) -> None:
    category = shop.made("products/categories", {"name": "Kurse & mehr"})
    body = {"tags": [{"name": "new"}, {"name": "New"}], "categories": [{"id": category["id"]}, {"id": 999}]}
    product = shop.made("products", body)
    assert [tag["name"] for tag in product["tags"]] == ["new", "new"]
    assert product["categories"] == [{"id": category["id"], "name": "Kurse &amp; mehr", "slug": "kurse-mehr"}]
    assert shop.made("products", {"categories": [{"id": 999}]})["categories"][0]["name"] == "Uncategorized"
    listed = shop.get("products/categories", search="kurse")
    assert [(found["id"], found["count"]) for found in listed.body] == [(category["id"], 1)]


# variations


def framed(shop: Client) -> tuple[int, list[dict[str, Any]]]:
    size = {"name": "Size", "variation": True, "visible": True, "options": ["A4", "A3"]}
    parent = shop.made("products", {"name": "Print", "type": "variable", "sku": "PR", "attributes": [size]})["id"]
    options = (("A4", "90"), ("A3", "140.50"))
    return parent, [
        shop.made(
            f"products/{parent}/variations",
            {"regular_price": price, "sku": f"PR-{name}", "attributes": [{"name": "Size", "option": name}]},
        )
        for name, price in options
    ]


def test_variations_make_their_parents_price_and_stamp_it(shop: Client) -> None:
    parent, (small, _) = framed(shop)
    product = shop.get(f"products/{parent}").body
    assert (product["price"], product["variations"]) == ("90", [small["id"], small["id"] + 1])
    assert "Price range: &euro;90.00 through &euro;140.50" in product["price_html"]
    shop.wait(5)
    shop.put(f"products/{parent}/variations/{small['id']}", {"regular_price": "95"})
    changed = shop.get(f"products/{parent}").body
    assert (changed["price"], changed["date_modified_gmt"]) == ("95", "2026-11-23T17:00:05")


def test_a_variation_is_found_by_its_sku_among_the_products(shop: Client) -> None:
    _, (small, _) = framed(shop)
    (found,) = shop.get("products", sku="pr-a4").body
    assert (found["id"], found["type"], found["name"]) == (small["id"], "variation", "Print - A4")
    assert small["name"] == "A4"
    assert small["permalink"].endswith("/product/print/?attribute_size=A4")
    elsewhere = shop.put(f"products/{small['id']}", {"name": "x"})
    assert (elsewhere.status, elsewhere.code) == (404, "woocommerce_rest_invalid_product_id")


def test_a_variation_belongs_to_one_product(shop: Client) -> None:
    parent, (small, _) = framed(shop)
    other = shop.made("products", {"type": "variable"})["id"]
    assert shop.get(f"products/{other}/variations").ids == []
    assert shop.get(f"products/{other}/variations/{small['id']}").status == 404
    assert shop.put(f"products/{other}/variations/{small['id']}", {}).status == 403
    answer = shop.post(f"products/{parent}/variations/batch", {"update": [{"id": small["id"], "sku": "NEW"}]})
    assert answer.body["update"][0]["sku"] == "NEW"


def test_a_line_names_the_variation_and_its_product(shop: Client) -> None:
    parent, (small, _) = framed(shop)
    (line,) = shop.made("orders", {"line_items": [{"product_id": parent, "variation_id": small["id"]}]})["line_items"]
    assert (line["product_id"], line["variation_id"], line["name"]) == (parent, small["id"], "Print - A4")
    assert (line["sku"], line["parent_name"], line["price"]) == ("PR-A4", "Print", 90)
    (entry,) = line["meta_data"]
    assert (entry["key"], entry["value"], entry["display_key"]) == ("size", "A4", "Size")


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


# customers


def test_a_customers_name_and_password_are_made_where_they_are_missing(shop: Client) -> None:
    customer = shop.made("customers", {"email": "Anna.B+x@example.com"})
    assert customer["username"] == "anna.bx"
    assert keys(customer) == [("default_password_nag", "1")]
    assert shop.made("customers", {"email": "info@shop.example", "password": "x"})["username"] == "shop.example"
    assert customer["avatar_url"].startswith("https://secure.gravatar.com/avatar/")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no e-mail": ({}, "rest_missing_callback_param"),
    "a taken one": ({"email": "A@example.com"}, "registration-error-email-exists"),
    "an empty one": ({"email": ""}, "registration-error-invalid-email"),
    "umlauts": ({"email": "jörg@example.com"}, "customer_invalid_email"),
    "a taken name": ({"email": "b@example.com", "username": "A"}, "registration-error-username-exists"),
    "an empty billing e-mail": ({"email": "b@example.com", "billing": {"email": ""}}, "rest_invalid_param"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_customer_is_refused_for(shop: Client, what: str) -> None:
    shop.made("customers", {"email": "a@example.com"})
    body, code = REFUSED[what]
    answer = shop.post("customers", body)
    assert (answer.status, answer.code) == (400, code)
    assert len(shop.get("customers").ids) == 1


def test_a_change_of_email_is_checked_against_the_others(shop: Client) -> None:
    shop.made("customers", {"email": "a@example.com"})
    path = f"customers/{shop.made('customers', {'email': 'b@example.com'})['id']}"
    assert shop.put(path, {"email": "a@example.com"}).code == "woocommerce_rest_customer_invalid_email"
    assert shop.put(path, {"email": "nonsense"}).code == "rest_invalid_param"
    assert shop.put(path, {"username": "other"}).code == "woocommerce_rest_customer_invalid_argument"
    assert shop.put(path, {"email": "c@example.com", "first_name": None}).body["email"] == "c@example.com"
    assert shop.get("customers", email="C@EXAMPLE.COM").ids == [int(path.split("/")[1])]


def test_customers_know_no_trash_and_staff_may_not_be_deleted(shop: Client) -> None:
    customer = shop.made("customers", {"email": "a@example.com"})["id"]
    assert shop.delete(f"customers/{customer}").code == "woocommerce_rest_trash_not_supported"
    assert shop.delete(f"customers/{customer}").status == 501
    assert shop.delete(f"customers/{customer}", force="true").status == 200
    assert (shop.get(f"customers/{customer}").status, shop.get(f"customers/{customer}").code) == (
        404,
        "wc_user_invalid_id",
    )
    assert shop.put(f"customers/{customer}", {}).status == 404
    boss = shop.twin.add("customers", {"email": "boss@example.com", "role": "administrator"}, shop.now)["id"]
    assert shop.delete(f"customers/{boss}", force="true").status == 403
    assert shop.put(f"customers/{boss}", {"email": "x@example.com"}).status == 403


# lists


def test_a_list_is_sorted_as_asked(shop: Client) -> None:
    ids = []
    for name in ("b", "c", "a"):
        ids.append(shop.made("products", {"name": name})["id"])
        shop.wait()
    shop.put(f"products/{ids[0]}", {})
    b, c, a = ids
    assert shop.get("products").ids == [a, c, b]
    assert shop.get("products", orderby="title", order="asc").ids == [a, b, c]
    assert shop.get("products", orderby="modified").ids == [b, a, c]
    assert shop.get("products", orderby="include", include=f"{c},{a}").ids == [c, a]
    assert shop.call("GET", "products", f"include[]={c}&include[]={b}&orderby=id&order=asc").ids == [b, c]
    assert shop.get("products", exclude=f"{a},{b}").ids == [c]
    assert shop.get("products", offset=1, per_page=1).ids == [c]
    assert shop.get("products", unknown="ignored").ids == [a, c, b]


def test_paging_links_repeat_the_query(shop: Client) -> None:
    for _ in range(3):
        shop.made("products", {})
    answer = shop.get("products", per_page=1, page=2, search="prod", dates_are_gmt="false")
    here = "https://127.0.0.1:8090/wp-json/wc/v3/products?per_page=1&page={}&search=prod"
    assert answer.headers["link"] == f'<{here.format(1)}>; rel="prev", <{here.format(3)}>; rel="next"'
    assert (answer.headers["x-wp-total"], answer.headers["x-wp-totalpages"]) == ("3", "3")


def test_fields_trims_and_head_has_no_body(shop: Client) -> None:
    order = shop.order()
    assert shop.get("orders", _fields="id,status").body == [{"id": order["id"], "status": "pending"}]
    assert shop.get(f"orders/{order['id']}", _fields="billing.email,nope").body == {"billing": {"email": ""}}
    head = shop.call("HEAD", "orders")
    assert (head.status, head.body, head.headers["x-wp-total"]) == (200, None, "1")


def test_orders_are_found_by_customer_product_search_and_status(shop: Client) -> None:
    customer = shop.made("customers", {"email": "a@example.com"})["id"]
    one = shop.order(customer_id=customer, meta_data=[{"key": "k", "value": "needle"}])
    guest = shop.order(billing={"email": "guest@example.com", "last_name": "Łukasz"}, status="on-hold")
    assert shop.get("orders", customer=customer).ids == [one["id"]]
    assert shop.get("orders", customer=0).ids == [guest["id"]]
    assert shop.get("orders", product=one["line_items"][0]["product_id"]).ids == [one["id"]]
    assert shop.get("orders", search="guest@").ids == [guest["id"]]
    assert shop.get("orders", search="needle").ids == []
    assert shop.get("orders", status="on-hold,completed").ids == [guest["id"]]


def test_products_are_found_by_sku_status_category_and_price(shop: Client) -> None:
    cheap = shop.made("products", {"sku": "A-1", "regular_price": "5"})["id"]
    draft = shop.made("products", {"sku": "B-2", "regular_price": "50", "status": "draft", "featured": True})["id"]
    assert shop.get("products", sku="b-2,a-1", orderby="id", order="asc").ids == [cheap, draft]
    assert shop.get("products", status="draft").ids == [draft]
    assert shop.get("products", exclude_status="draft").ids == [cheap]
    assert shop.get("products", min_price="10").ids == [draft]
    assert shop.get("products", featured="true").ids == [draft]
    assert shop.get("products", category="15").ids == [draft, cheap]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"per_page": "0"}, "per_page must be between 1 (inclusive) and 100 (inclusive)"),
        ({"per_page": "x"}, "per_page is not of type integer."),
        ({"page": "0"}, "page must be greater than or equal to 1"),
        ({"order": "up"}, "order is not one of asc and desc."),
        (
            {"status": "bogus"},
            f"status[0] is not one of {', '.join(('any', 'trash', *STATUSES[:-1]))}, and checkout-draft.",
        ),
    ],
)
def test_a_wrong_parameter_is_named(shop: Client, query: dict[str, str], message: str) -> None:
    answer = shop.get("orders", **query)
    assert (answer.status, answer.code) == (400, "rest_invalid_param")
    assert answer.body["data"]["params"] == {next(iter(query)): message}


def test_what_is_no_json_is_refused(shop: Client) -> None:
    headers = {**shop.headers, "content-type": "application/json"}
    broken = shop.twin.answer(Request("POST", "/wp-json/wc/v3/products", "", headers, b"{", SITE), shop.now)
    assert broken.status == 400
    assert b"rest_invalid_json" in broken.body
    assert shop.call("POST", "products").status == 201  # no body at all is an empty object


# what is there and not there


def test_the_currency_is_told(shop: Client) -> None:
    answer = shop.get("data/currencies/current")
    assert {name: answer.body[name] for name in ("code", "name", "symbol")} == {
        "code": "EUR",
        "name": "Euro",
        "symbol": "&euro;",
    }


@pytest.mark.parametrize(
    "path", ["taxes", "orders/1/notes", "settings/general", "/wp-json/wc/v2/orders", "/wp-json/wp/v2/courses", "/shop/"]
)
def test_what_a_real_shop_has_and_the_twin_has_not_is_a_501_by_name(shop: Client, path: str) -> None:
    shop.headers = {"x-forwarded-proto": "https"}
    answer = shop.get(path)
    assert answer.status == 501
    assert path.rstrip("/") in answer.body["message"]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "nope"), ("DELETE", "orders"), ("PUT", "products"), ("GET", "orders/batch")]
)
def test_what_no_shop_has_is_no_route(shop: Client, method: str, path: str) -> None:
    answer = shop.call(method, path)
    assert (answer.status, answer.code) == (404, "rest_no_route")


def test_a_parameter_that_is_not_served_says_so(shop: Client) -> None:
    answer = shop.get("products", search_sku="x")
    assert (answer.status, "search_sku" in answer.body["message"]) == (501, True)


# the sandbox's controls


def test_a_buyer_at_the_checkout_pays_and_leaves_traces(shop: Client) -> None:
    product = shop.made("products", {"regular_price": "7"})["id"]
    shop.wait(30)
    billing = {"email": "Guest@Example.com", "first_name": "Zoë"}
    order = shop.twin.add("orders", {"billing": billing, "line_items": [{"product_id": product}]}, shop.now)
    assert (order["status"], order["created_via"], order["customer_id"]) == ("processing", "checkout", 0)
    assert (order["total"], order["date_paid_gmt"], order["date_created_gmt"]) == ("7.00",) + (
        "2026-11-23T17:00:30",
    ) * 2
    assert order["customer_ip_address"] != ""
    assert order["billing"]["email"] == "Guest@Example.com"
    assert shop.get("orders").ids == [order["id"]]


def test_a_person_throws_away_and_edits_in_wp_admin(shop: Client) -> None:
    order, product = shop.order()["id"], shop.made("products", {})["id"]
    shop.wait(5)
    changed = shop.twin.change("products", str(product), {"name": "New & name"}, shop.now)
    assert (changed["name"], changed["date_modified_gmt"]) == ("New &amp; name", "2026-11-23T17:00:05")
    assert shop.twin.change("orders", str(order), {"status": "trash"}, shop.now)["status"] == "trash"
    assert shop.get("orders").ids == []
    with pytest.raises(KeyError):
        shop.twin.change("orders", "999", {}, shop.now)
    with pytest.raises(KeyError):
        shop.twin.add("dreams", {}, shop.now)
    with pytest.raises(ValueError, match="Invalid or duplicated SKU"):
        [shop.twin.add("products", {"sku": "TWICE"}, shop.now) for _ in range(2)]


def test_a_snapshot_brings_everything_back(shop: Client) -> None:
    shop.order()
    before, dumped = shop.twin.snapshot(), shop.twin.dump()
    shop.order(status="completed")
    shop.delete(f"products/{shop.made('products', {'sku': 'X'})['id']}", force="true")
    shop.twin.knobs({"storage": "posts"})
    shop.twin.clear()
    assert shop.twin.dump() == {name: [] for name in dumped}
    for _ in range(2):
        shop.twin.restore(before)
        assert shop.twin.dump() == dumped
        assert shop.twin.knobs({}) == {"storage": "hpos"}
        made = shop.made("products", {"sku": "X"})
        assert made["id"] == max(thing["id"] for name in ("products", "orders") for thing in dumped[name]) + 1


def test_the_same_seed_gives_the_same_shop() -> None:
    def key(seed: int) -> str:
        return str(Client(twin=WooCommerceTwin(seed)).made("orders", {})["order_key"])

    assert key(1) == key(1) != key(2)


def test_unknown_knobs_and_files_are_errors(shop: Client) -> None:
    with pytest.raises(KeyError):
        shop.twin.knobs({"colour": "red"})
    with pytest.raises(ValueError, match="hpos or posts"):
        shop.twin.knobs({"storage": "floppy"})
    with pytest.raises(KeyError):
        shop.twin.load({"dreams": []}, shop.now)


def test_reading_changes_nothing() -> None:
    shop = Client()
    shop.twin.load(whole_shop(), shop.now)
    before = shop.twin.snapshot()
    paths = (
        "orders",
        "products",
        "customers",
        "refunds",
        "products/289/variations",
        "orders/297",
        "orders/297/refunds",
    )
    for path in (*paths, "products/categories", "nope", "orders/999999"):
        shop.wait()
        shop.get(path, per_page=100)
    assert shop.twin.snapshot() == before


def test_microseconds_are_cut_off(shop: Client) -> None:
    shop.now += timedelta(microseconds=999_999)
    assert shop.made("orders", {})["date_created_gmt"] == "2026-11-23T17:00:00"


# speed: it must never be what a benchmark measures


def test_a_thousand_small_requests_take_less_than_a_second(shop: Client) -> None:
    order = shop.order()["id"]
    started = time.perf_counter()
    for _ in range(1000):
        shop.get(f"orders/{order}")
    assert time.perf_counter() - started < 1


def test_changes_among_ten_thousand_records_are_found_fast(shop: Client) -> None:
    for n in range(100):
        shop.post("products/batch", {"create": [{"name": f"Bowl {n} {m}"} for m in range(100)]})
    shop.wait(60)
    changed = shop.get("products", per_page=1).ids[0]
    shop.put(f"products/{changed}", {})
    started = time.perf_counter()
    for _ in range(20):
        found = shop.get("products", modified_after="2026-11-23T17:00:30", dates_are_gmt="true", per_page=100)
    assert found.ids == [changed]
    assert time.perf_counter() - started < 1
    assert shop.get("products", per_page=100, page=100).headers["x-wp-total"] == "10000"
