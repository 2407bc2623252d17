"""The traps of a real WooCommerce, 1 to 15 of the list in the service's reference, in the twin, on both storages."""

import json
from datetime import timedelta
from typing import Any

import pytest

from higherself_sync.sandbox.woocommerce import WooCommerceTwin
from tests.sandbox.woocommerce_client import Client, basic


@pytest.fixture(params=["hpos", "posts"])
def shop(request: pytest.FixtureRequest) -> Client:
    client = Client()
    client.twin.knobs({"storage": request.param})
    return client


def storage(shop: Client) -> str:
    return str(shop.twin.knobs({})["storage"])


def local(gmt: str) -> str:
    """The site is an hour east of UTC on the day of these tests."""
    hour = int(gmt[11:13]) + 1
    return f"{gmt[:11]}{hour:02}{gmt[13:]}"


@pytest.mark.parametrize("stream", ["orders", "products"])
def test_1_modified_after_leaves_an_equal_second_out(shop: Client, stream: str) -> None:
    first = shop.made(stream, {})
    when = first["date_modified_gmt"]
    shop.now += timedelta(milliseconds=400)
    second = shop.made(stream, {})
    assert second["date_modified_gmt"] == when
    assert shop.get(stream, modified_after=when, dates_are_gmt="true").ids == []
    earlier = when[:-1] + str(int(when[-1]) - 1) if when[-1] != "0" else "2026-11-23T16:59:59"
    assert shop.get(stream, modified_after=earlier, dates_are_gmt="true").ids == [second["id"], first["id"]]
    assert shop.get(stream, modified_before=when, dates_are_gmt="true").ids == []


@pytest.mark.parametrize("stream", ["orders", "products"])
def test_2_dates_are_gmt_and_a_suffix_move_the_bound_by_the_sites_offset(shop: Client, stream: str) -> None:
    made = shop.made(stream, {})
    gmt = made["date_modified_gmt"]
    assert gmt == "2026-11-23T17:00:00"
    assert made["date_modified"] == "2026-11-23T18:00:00"
    before = "2026-11-23T16:59:59"

    def found(value: str, **more: str) -> bool:
        return shop.get(stream, modified_after=value, **more).ids == [made["id"]]

    assert found(before, dates_are_gmt="true")
    assert found(before + "Z")
    assert found("2026-11-23T18:59:59+02:00")
    assert found(local(before))
    assert not found(gmt + "Z")
    assert not found(before + "Z", dates_are_gmt="true")  # HTTP 200, and an hour of changes is missing
    assert found("2026-11-23T15:59:59Z", dates_are_gmt="true")
    assert not found("2026-11-23T18:00:00")  # no suffix and no flag: site-local, and exclusive


@pytest.mark.parametrize("junk", ["2026-01-01", "yesterday", "2026-13-01T00:00:00", "2026-01-01T00:00"])
def test_2_a_plain_date_or_junk_is_refused(shop: Client, junk: str) -> None:
    answer = shop.get("orders", modified_after=junk)
    assert answer.status == 400
    assert answer.body["data"]["details"]["modified_after"]["code"] == "rest_invalid_date"


def test_3_customers_ignore_modified_after_and_refuse_to_be_ordered_by_it(shop: Client) -> None:
    customer = shop.made("customers", {"email": "a@example.com"})
    assert shop.get("customers", modified_after="2030-01-01T00:00:00").ids == [customer["id"]]
    assert shop.get("customers", modified_after="garbage").ids == [customer["id"]]
    refused = shop.get("customers", orderby="modified")
    assert (refused.status, refused.code) == (400, "rest_invalid_param")


def test_4_only_customers_are_listed_unless_all_roles_are_asked_for(shop: Client) -> None:
    buyer = shop.made("customers", {"email": "buyer@example.com"})["id"]
    staff = shop.twin.add("customers", {"email": "boss@example.com", "role": "shop_manager"}, shop.now)["id"]
    guest = shop.twin.add("orders", {"billing": {"email": "guest@example.com"}}, shop.now)
    assert shop.get("customers").ids == [buyer]
    assert sorted(shop.get("customers", role="all").ids) == [buyer, staff]
    assert shop.get("customers", role="shop_manager").ids == [staff]
    assert guest["customer_id"] == 0
    assert shop.get("customers", role="all", email="guest@example.com").ids == []


@pytest.mark.parametrize("stream", ["orders", "products"])
def test_5_any_status_never_holds_the_trash(shop: Client, stream: str) -> None:
    kept, binned = shop.made(stream, {})["id"], shop.made(stream, {})["id"]
    shop.wait()
    shop.delete(f"{stream}/{binned}")
    assert shop.get(stream).ids == [kept]
    assert shop.get(stream, status="any").ids == [kept]
    assert shop.get(stream, include=binned).ids == []
    item = shop.get(f"{stream}/{binned}")
    assert (item.status, item.body["status"]) == (200, "trash")
    bound = {"modified_after": "2026-11-23T17:00:00", "dates_are_gmt": "true"}
    assert shop.get(stream, status="trash", **bound).ids == [binned]  # trashing stamps
    if stream == "orders":
        assert shop.get(stream, status="any,trash").ids == [kept]  # any wins
        assert sorted(shop.get(stream, status="trash,pending").ids) == [kept, binned]
    shop.delete(f"{stream}/{binned}", force="true")
    assert shop.get(f"{stream}/{binned}").status == 404
    assert shop.get(stream, status="trash").ids == []


def stamped(shop: Client, path: str, change: dict[str, Any]) -> bool:
    """Whether a change stamps the record."""
    before = shop.get(path).body["date_modified_gmt"]
    shop.wait(5)
    assert shop.put(path, change).status == 200
    return bool(shop.get(path).body["date_modified_gmt"] != before)


SAME = {"meta_data": [{"key": "notion_page_id", "value": "1f0a2b3c-0000-4000-8000-0000000000aa"}]}


def test_6_every_write_stamps_a_product(shop: Client) -> None:
    path = f"products/{shop.made('products', {})['id']}"
    assert [stamped(shop, path, change) for change in (SAME, SAME, {})] == [True, True, True]


def test_6_every_write_stamps_a_customer(shop: Client) -> None:
    path = f"customers/{shop.made('customers', {'email': 'a@example.com'})['id']}"
    assert [stamped(shop, path, change) for change in (SAME, {})] == [True, True]


def test_6_meta_billing_and_lines_stamp_an_order_on_hpos_only(shop: Client) -> None:
    order = shop.order()
    path, line = f"orders/{order['id']}", order["line_items"][0]["id"]
    lines = {"line_items": [{"id": line, "quantity": 2, "total": "98.00"}]}
    quiet: list[dict[str, Any]] = [SAME, SAME, {}, {"billing": {"city": "Berlin"}}, lines]
    assert [stamped(shop, path, change) for change in quiet] == [storage(shop) == "hpos"] * 5
    assert shop.get(path).body["billing"]["city"] == "Berlin"
    loud = [{"status": "processing"}, {"customer_note": "ring twice"}]
    assert [stamped(shop, path, change) for change in loud] == [True, True]


def test_6_a_refund_and_a_person_in_wp_admin_stamp_an_order_on_both(shop: Client) -> None:
    order = shop.order(status="completed")
    shop.wait(5)
    shop.made(f"orders/{order['id']}/refunds", {"amount": "5.00", "api_refund": False})
    assert shop.get(f"orders/{order['id']}").body["date_modified_gmt"] == "2026-11-23T17:00:05"
    shop.wait(5)
    shop.twin.change("orders", str(order["id"]), {"billing": {"city": "Kiel"}}, shop.now)
    assert shop.get(f"orders/{order['id']}").body["date_modified_gmt"] == "2026-11-23T17:00:10"


def test_7_an_id_in_the_body_wins_over_the_one_in_the_path(shop: Client) -> None:
    one, other = shop.order()["id"], shop.order()["id"]
    answer = shop.put(f"orders/{one}", {"id": other, "customer_note": "meant for one"})
    assert (answer.status, answer.body["id"]) == (200, other)
    assert shop.get(f"orders/{other}").body["customer_note"] == "meant for one"
    assert shop.get(f"orders/{one}").body["customer_note"] == ""


@pytest.mark.parametrize(("stream", "kind"), [("orders", "shop_order"), ("products", "product")])
def test_8_an_unknown_id_is_a_400_to_write_and_a_404_to_read_or_delete(shop: Client, stream: str, kind: str) -> None:
    answers = {
        "GET": shop.get(f"{stream}/999"),
        "DELETE": shop.delete(f"{stream}/999"),
        "PUT": shop.put(f"{stream}/999", {}),
        "PATCH": shop.call("PATCH", f"{stream}/999", body={}),
        "POST": shop.post(f"{stream}/999", {}),
    }
    assert {answer.code for answer in answers.values()} == {f"woocommerce_rest_{kind}_invalid_id"}
    assert {method: answer.status for method, answer in answers.items()} == {
        "GET": 404, "DELETE": 404, "PUT": 400, "PATCH": 400, "POST": 400,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "method", "status", "code"),
    [
        (basic("ck_readonly", "cs_readonly"), "POST", 401, "woocommerce_rest_authentication_error"),
        (basic("ck_writeonly", "cs_writeonly"), "GET", 401, "woocommerce_rest_authentication_error"),
        (basic(secret="wrong"), "GET", 401, "woocommerce_rest_authentication_error"),
        (basic("ck_unknown", "x"), "GET", 401, "woocommerce_rest_cannot_view"),
        ({}, "GET", 401, "woocommerce_rest_cannot_view"),
        (basic("ck_norights", "cs_norights"), "GET", 403, "woocommerce_rest_cannot_view"),
        (basic("ck_norights", "cs_norights"), "POST", 403, "woocommerce_rest_cannot_create"),
        (basic("ck_readonly", "cs_readonly"), "GET", 200, ""),
        (basic("ck_writeonly", "cs_writeonly"), "POST", 201, ""),
    ],
)
def test_9_each_kind_of_wrong_key(shop: Client, headers: dict[str, str], method: str, status: int, code: str) -> None:
    shop.headers = headers
    answer = shop.call(method, "orders", body={} if method == "POST" else None)
    assert answer.status == status
    assert not code or answer.code == code


def test_10_basic_over_plain_http_is_no_login(shop: Client) -> None:
    shop.headers = {"authorization": basic()["authorization"]}
    answer = shop.get("orders")
    assert (answer.status, answer.code) == (401, "woocommerce_rest_cannot_view")


def test_11_a_bad_coupon_leaves_a_listed_draft_behind(shop: Client) -> None:
    product = shop.made("products", {"regular_price": "10"})
    body = {"line_items": [{"product_id": product["id"], "quantity": 1}], "coupon_lines": [{"code": "nope"}]}
    answer = shop.post("orders", body)
    assert (answer.status, answer.code) == (400, "woocommerce_rest_invalid_coupon")
    assert "&quot;nope&quot;" in answer.body["message"]
    left = answer.body["data"]["new_draft_order_id"]
    assert shop.get("orders").ids == [left]
    draft = shop.get(f"orders/{left}").body
    assert (draft["status"], draft["total"]) == ("checkout-draft", "10.00")


def test_11_an_unknown_product_is_accepted(shop: Client) -> None:
    (line,) = shop.made("orders", {"line_items": [{"product_id": 12345, "quantity": 3}]})["line_items"]
    assert (line["product_id"], line["name"], line["total"], line["sku"]) == (0, "", "0.00", None)


def test_11_there_is_no_idempotency_and_no_filter_by_meta(shop: Client) -> None:
    body = {"meta_data": [{"key": "notion_page_id", "value": "x"}]}
    first, second = shop.made("orders", body)["id"], shop.made("orders", body)["id"]
    assert first != second
    assert sorted(shop.get("orders", meta_key="notion_page_id", meta_value="y").ids) == [first, second]


def test_12_a_batch_does_not_check_and_is_a_200_whatever_happens(shop: Client) -> None:
    body = {"create": [{"status": "bogus"}], "update": [{"id": 999, "status": "completed"}], "delete": [998]}
    answer = shop.post("orders/batch", body)
    assert answer.status == 200
    assert answer.body["create"][0]["status"] == "pending"
    error = {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID."}
    assert answer.body["update"] == [{"id": 999, "error": {**error, "data": {"status": 400}}}]
    assert answer.body["delete"] == [{"id": 998, "error": {**error, "data": {"status": 404}}}]


def test_12_more_than_a_hundred_items_are_refused_and_nothing_is_done(shop: Client) -> None:
    kept = shop.made("products", {})["id"]
    body = {"create": [{}] * 99, "update": [{"id": kept, "name": "changed"}], "delete": [kept]}
    answer = shop.post("products/batch", body)
    assert (answer.status, answer.code) == (413, "woocommerce_rest_request_entity_too_large")
    assert (shop.get("products").ids, shop.get(f"products/{kept}").body["name"]) == ([kept], "Product")
    assert shop.post("products/batch", {"create": [{}] * 99, "delete": [kept]}).status == 200


def test_12_a_batch_deletes_for_good(shop: Client) -> None:
    order = shop.order()["id"]
    (deleted,) = shop.post("orders/batch", {"delete": [order]}).body["delete"]
    assert deleted["status"] == "pending"
    assert shop.get(f"orders/{order}").status == 404


def test_13_beyond_the_last_page_hpos_forgets_the_totals(shop: Client) -> None:
    for _ in range(3):
        shop.made("orders", {})
    answer = shop.get("orders", per_page=2, page=4)
    assert (answer.status, answer.body) == (200, [])
    totals = (answer.headers["x-wp-total"], answer.headers["x-wp-totalpages"])
    assert totals == (("0", "0") if storage(shop) == "hpos" else ("3", "2"))
    assert f"page={0 if storage(shop) == 'hpos' else 2}" in answer.headers["link"]
    assert 'rel="prev"' in answer.headers["link"]
    assert 'rel="next"' not in answer.headers["link"]


@pytest.mark.parametrize("stream", ["products", "customers"])
def test_13_what_is_no_order_keeps_its_totals(shop: Client, stream: str) -> None:
    for n in range(3):
        shop.made(stream, {"email": f"{n}@example.com"} if stream == "customers" else {})
    answer = shop.get(stream, per_page=2, page=4)
    assert (answer.body, answer.headers["x-wp-total"], answer.headers["x-wp-totalpages"]) == ([], "3", "2")


# 14 and 15: webhooks, as far as deliveries can be asked for


def hooked(shop: Client, *topics: str) -> WooCommerceTwin:
    for topic in topics:
        shop.made("webhooks", {"topic": topic, "delivery_url": f"http://127.0.0.1/{topic}", "secret": "s"})
    shop.twin.deliveries(shop.now)
    return shop.twin


def sent(shop: Client) -> list[tuple[str, Any]]:
    return [(d.headers["x-wc-webhook-topic"], json.loads(d.body)) for d in shop.twin.deliveries(shop.now)]


def test_14_a_body_is_built_when_it_is_delivered(shop: Client) -> None:
    hooked(shop, "order.created")
    order = shop.order()
    shop.put(f"orders/{order['id']}", {"status": "completed"})
    ((topic, body),) = sent(shop)
    assert (topic, body["id"], body["status"]) == ("order.created", order["id"], "completed")


def test_14_of_an_order_that_is_gone_an_error_is_delivered(shop: Client) -> None:
    hooked(shop, "order.created")
    order = shop.order()
    shop.delete(f"orders/{order['id']}", force="true")
    ((_, body),) = sent(shop)
    assert body["code"] == "woocommerce_rest_shop_order_invalid_id"


def test_14_updates_collapse_and_a_creation_is_an_update_too(shop: Client) -> None:
    hooked(shop, "order.created", "order.updated")
    order = shop.order()
    for n in range(3):
        shop.put(f"orders/{order['id']}", {"customer_note": str(n)})
    assert [(topic, body["customer_note"]) for topic, body in sent(shop)] == [
        ("order.created", "2"),
        ("order.updated", "2"),
    ]
    assert sent(shop) == []


@pytest.mark.parametrize("kind", ["order", "product"])
def test_15_deleted_means_trashed_and_nothing_else_is_told(shop: Client, kind: str) -> None:
    made = shop.made(f"{kind}s", {})["id"]
    hooked(shop, *(f"{kind}.{event}" for event in ("deleted", "restored")), "order.updated")
    shop.delete(f"{kind}s/{made}")
    assert sent(shop) == [(f"{kind}.deleted", {"id": made})]
    shop.put(f"{kind}s/{made}", {"status": "pending"})
    assert sent(shop) == []
    shop.delete(f"{kind}s/{made}", force="true")
    assert sent(shop) == []
