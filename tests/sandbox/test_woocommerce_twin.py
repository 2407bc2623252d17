"""Customers, lists, what is not served, and the sandbox's controls of the shop's twin."""

from datetime import timedelta
from typing import Any

import pytest

from higherself_sync.sandbox.wire import Request, Twin
from higherself_sync.sandbox.woocommerce import WooCommerceTwin
from higherself_sync.sandbox.woocommerce.order_args import STATUSES
from tests.sandbox.woocommerce_client import SITE, Client, keys, whole_shop


@pytest.fixture
def shop() -> Client:
    return Client()


def test_it_is_a_twin() -> None:
    twin: Twin = WooCommerceTwin()
    assert twin.name == "woocommerce"


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
