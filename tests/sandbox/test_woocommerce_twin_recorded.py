"""The twin against everything that was recorded from a real WooCommerce 10.5: status, headers that matter, body."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.woocommerce_client import SITE, Answer, Client, basic, sample, whole_shop

INDEX: dict[str, Any] = sample("woocommerce", "index")
ANSWERS = sorted(name for name, entry in INDEX.items() if "request" in entry)
DELIVERIES = sorted(name for name, entry in INDEX.items() if "request" not in entry)

# What nobody could foresee: ids drawn by the database inside a record, the order's secret, the lots of "related".
RANDOM = {
    "order_key": r"wc_order_[A-Za-z0-9]{13}",
    "payment_url": r".*/checkout/order-pay/\d+/\?pay_for_order=true&key=wc_order_\w{13}",
}
WITH_IDS = ("meta_data", "line_items", "shipping_lines", "fee_lines", "coupon_lines")


def at(clock: str) -> datetime:
    """A moment of the day of the recording, site-local."""
    return datetime.fromisoformat(f"2026-11-23T{clock}+01:00").astimezone(UTC)


@pytest.fixture
def shop() -> Client:
    """The shop as it was when the samples were taken: three products, customers and orders, a coupon, categories."""
    client = Client(now=at("18:24:18"))
    coupon = {"id": 36, "code": "minus10", "amount": "10.00", "discount_type": "percent", "status": "publish"}
    objects = {
        "products": sample("woocommerce", "products_list"),
        "customers": sample("woocommerce", "customers_list"),
        "orders": sample("woocommerce", "orders_list"),
        "categories": sample("woocommerce", "categories_list"),
        "coupons": [{**coupon, "meta_data": [], "free_shipping": False}],
    }
    client.twin.load(objects, client.now)
    for others in range(30, 33):  # the rest of the shop, of which only the category's count tells
        product = {**objects["products"][2], "id": others, "sku": "", "slug": f"other-{others}"}
        client.twin.load({"products": [product]}, client.now)
    # The recorded shop had made this many things before.
    for sequence, last in {"posts": 169, "items": 25, "webhooks": 14}.items():
        client.twin._store.note_ids(sequence, [last])
    return client


LIFE = {
    "order_create": "18:24:18",
    "order_update_status_and_meta": "18:24:20",
    "order_delete_to_trash": "18:24:20",
    "order_get_when_trashed": "18:24:20",
    "order_delete_force": "18:24:21",
    "error_order_not_found": "18:24:21",
}
"""The samples that tell one order's life, in order, and when each was taken."""


def live_until(name: str, shop: Client) -> None:
    """What had happened to that order when this sample was taken."""
    stages = list(LIFE)
    for stage in stages[: stages.index(name)] if name in LIFE else []:
        shop.now = at(LIFE[stage])
        asked(stage, shop)
    shop.now = at(LIFE.get(name, "18:24:22"))


def asked(name: str, shop: Client) -> Answer:
    request = INDEX[name]["request"]
    query = "&".join(f"{key}={value}" for key, value in request["query"].items())
    shop.headers = CREDENTIALS.get(name, basic())
    return shop.call(request["method"], request["path"], query, request["body"])


CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "error_no_credentials": {"x-forwarded-proto": "https"},
    "error_wrong_secret": basic(secret="cs_wrong"),
    "error_unknown_key": basic("ck_unknown", "cs_unknown"),
    "error_read_only_key_write": basic("ck_readonly", "cs_readonly"),
    "error_user_without_capability": basic("ck_norights", "cs_norights"),
    "error_basic_auth_over_plain_http": {"authorization": basic()["authorization"]},
}


def comparable(value: Any) -> Any:
    """Without what is random, after its form was checked."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if not isinstance(value, dict):
        return value
    for name, pattern in RANDOM.items():
        assert re.fullmatch(pattern, value.get(name, "")) or name not in value, value[name]
    kept = {name: comparable(item) for name, item in value.items() if name not in (*RANDOM, "related_ids")}
    for name in WITH_IDS:
        for entry in kept.get(name) or ():
            assert isinstance(entry.pop("id"), int)
    return kept


def typed(value: Any) -> Any:
    """The same in which 1 and "1" and True differ, and so does the order of an object's keys."""
    return json.dumps(value)


@pytest.mark.parametrize("name", ANSWERS)
def test_the_twin_answers_as_the_real_shop_did(name: str, shop: Client) -> None:
    live_until(name, shop)
    answer = asked(name, shop)
    recorded = INDEX[name]
    assert answer.status == recorded["status"]
    assert {key: answer.headers.get(key) for key in recorded["headers"]} == recorded["headers"]
    if "allow" not in recorded["headers"]:
        assert "allow" not in answer.headers
    assert comparable(answer.body) == comparable(sample("woocommerce", name))
    assert typed(comparable(answer.body)) == typed(comparable(sample("woocommerce", name)))


def test_every_sample_is_compared() -> None:
    assert len(ANSWERS) == 33
    assert len(DELIVERIES) == 3


def hooked(shop: Client, topic: str) -> None:
    """A webhook of that topic; its ping is out of the way."""
    shop.headers = basic()
    hook = {"topic": topic, "delivery_url": "http://127.0.0.1:8080/hook", "secret": "s3cr3t-key"}
    shop.made("webhooks", hook)
    shop.twin.deliveries(shop.now)


@pytest.mark.parametrize("event", ["created", "updated"])
def test_a_delivery_is_the_one_the_real_shop_sent(event: str, shop: Client) -> None:
    recorded = sample("woocommerce", f"webhook_delivery_order_{event}")
    hooked(shop, f"order.{event}")
    shop.twin._store.last_ids["posts"] = 158
    shop.now = at("18:19:10")
    line = {"product_id": 27, "quantity": 1, "total": "50.00", "subtotal": "50.00"}
    billing = {"first_name": "Zoë", "email": "zoe@example.test"}
    order = shop.made("orders", {"customer_id": 8, "billing": billing, "line_items": [line]})
    if event == "updated":
        shop.now = at("18:19:15")
        shop.put(f"orders/{order['id']}", {"status": "completed"})
        shop.now = at("18:19:16")
        shop.put(f"orders/{order['id']}", {})
    (delivery,) = shop.twin.deliveries(shop.now, base=SITE)
    own = ("X-WC", "User", "Content-T")
    headers = {name.lower(): value for name, value in recorded["headers"].items() if name.startswith(own)}
    fixed = {name for name in headers if not name.endswith(("signature", "-id"))}
    assert {name: delivery.headers[name] for name in fixed} == {name: headers[name] for name in fixed}
    assert set(delivery.headers) == set(headers)
    assert re.fullmatch(r"[0-9a-f]{32}", delivery.headers["x-wc-webhook-delivery-id"])
    assert typed(comparable(json.loads(delivery.body))) == typed(comparable(json.loads(recorded["body"])))
    assert b"Zo\\u00eb" in delivery.body
    assert b"http:\\/\\/127.0.0.1" in delivery.body


@pytest.mark.parametrize("event", ["created", "updated"])
def test_a_signature_is_over_the_raw_body(event: str, shop: Client) -> None:
    """The recorded one and the twin's are checked by the same few lines."""

    def signature(body: bytes) -> str:
        return base64.b64encode(hmac.new(b"s3cr3t-key", body, hashlib.sha256).digest()).decode()

    recorded = sample("woocommerce", f"webhook_delivery_order_{event}")
    assert signature(recorded["body"].encode()) == recorded["headers"]["X-WC-Webhook-Signature"]
    hooked(shop, f"order.{event}")
    shop.made("orders", {})
    (delivery,) = shop.twin.deliveries(shop.now)
    assert delivery.headers["x-wc-webhook-signature"] == signature(delivery.body)


def test_a_new_webhook_pings_as_the_real_one_did(shop: Client) -> None:
    recorded = sample("woocommerce", "webhook_ping_request")
    asked("webhook_create", shop)
    (ping,) = shop.twin.deliveries(shop.now)
    assert ping.body.decode() == recorded["body"]
    assert ping.url.endswith(recorded["path"])
    assert ping.headers["content-type"] == recorded["headers"]["Content-Type"]
    assert not any(name.startswith("x-wc") for name in ping.headers)


# the whole recorded shop

FILES = {
    "products": "products", "products_trash": "products", "orders": "orders", "orders_trash": "orders",
    "customers": "customers", "variations_of_289": "products/289/variations",
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded() -> Client:
    client = Client()
    client.twin.load(whole_shop(), client.now)
    return client


@pytest.mark.parametrize("file", FILES)
def test_what_was_loaded_comes_back_value_by_value(file: str, loaded: Client) -> None:
    for thing in whole_shop()[file]:
        answer = loaded.get(f"{FILES[file]}/{thing['id']}")
        assert typed(answer.body) == typed(thing)


def test_loaded_refunds_come_back_by_order(loaded: Client) -> None:
    for order_id, refunds in whole_shop()["refunds_by_order"].items():
        assert loaded.get(f"orders/{order_id}/refunds").body == refunds


def test_links_of_what_was_loaded_lead_to_this_site(loaded: Client) -> None:
    loaded_elsewhere = Client(twin=loaded.twin, headers={})
    answer = loaded.call("GET", "orders/297", **{"x-forwarded-proto": "https"})
    assert answer.body["payment_url"].startswith("https://127.0.0.1:8090/checkout/order-pay/297/")
    dumped = loaded_elsewhere.twin.dump()
    assert all("127.0.0.1" not in product["permalink"] for product in dumped["products"])


def test_the_dump_holds_everything_the_trash_too(loaded: Client) -> None:
    dumped = loaded.twin.dump()
    assert {name: len(things) for name, things in dumped.items()} == {
        "products": 27, "orders": 60, "customers": 30, "variations": 3, "refunds": 3,
    }  # fmt: skip


def test_what_is_made_after_loading_gets_higher_ids() -> None:
    client = Client()
    client.twin.load(whole_shop(), client.now)
    highest = max(thing["id"] for name in ("products", "orders", "orders_trash") for thing in whole_shop()[name])
    assert client.made("products", {})["id"] > highest
    assert client.made("customers", {"email": "new@example.com"})["id"] > max(
        c["id"] for c in whole_shop()["customers"]
    )


def test_a_whole_shop_was_sold_as_the_twin_counts_it(loaded: Client) -> None:
    """The recorded sales of each product follow from the recorded orders by the twin's own rule."""
    sold: dict[int, int] = {}
    for order in whole_shop()["orders"]:
        if order["status"] in ("processing", "completed", "on-hold"):
            for line in order["line_items"]:
                sold[line["product_id"]] = sold.get(line["product_id"], 0) + line["quantity"]
    products = [*whole_shop()["products"], *whole_shop()["products_trash"]]
    assert {p["id"]: p["total_sales"] for p in products} == {p["id"]: sold.get(p["id"], 0) for p in products}


def test_the_recorded_prices_follow_from_what_was_typed(loaded: Client) -> None:
    """An empty change makes the twin work out everything anew: it comes to what the real shop had."""
    derived = "price on_sale price_html purchasable permalink shipping_required shipping_taxable stock_status slug"
    derived += " backordered backorders_allowed has_options variations categories"
    client = Client()
    client.twin.load(whole_shop(), client.now)
    for product in whole_shop()["products"]:
        changed = client.put(f"products/{product['id']}", {}).body
        assert {name: changed[name] for name in derived.split()} == {name: product[name] for name in derived.split()}


def test_the_recorded_totals_follow_from_the_lines() -> None:
    derived = "total shipping_total discount_total line_items needs_payment needs_processing is_editable"
    client = Client()
    client.twin.load(whole_shop(), client.now)
    for order in whole_shop()["orders"]:
        changed = client.put(f"orders/{order['id']}", {"billing": {}}).body
        assert {name: changed[name] for name in derived.split()} == {name: order[name] for name in derived.split()}
