"""Who may come in: OAuth 1.0a over http, Basic or the query over https, and the vendor's own client over a socket."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import woocommerce
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_QUERY
from oauthlib.oauth1 import Client as Signer

from higherself_sync.sandbox.app import Sandbox
from higherself_sync.sandbox.server import serve
from higherself_sync.sandbox.wire import Request
from higherself_sync.sandbox.woocommerce import WooCommerceTwin
from tests.sandbox.woocommerce_client import SITE, START, Answer, Client, basic


@pytest.fixture
def shop() -> Client:
    return Client(headers={})


def signed(shop: Client, path: str = "orders", query: str = "", base: str = SITE, **options: Any) -> Answer:
    """A request signed by another implementation of OAuth 1.0a than the twin's."""
    key = {"client_key": "ck_sandbox", "client_secret": "cs_sandbox", "signature_method": SIGNATURE_HMAC_SHA256}
    signer = Signer(**{**key, **options})
    url = f"{base}/wp-json/wc/v3/{path}" + (f"?{query}" if query else "")
    uri, headers, _ = signer.sign(url)
    parts = urlsplit(uri)
    lower = {name.lower(): value for name, value in headers.items()}
    local_path = parts.path.removeprefix(urlsplit(base).path)
    response = shop.twin.answer(Request("GET", local_path, parts.query, lower, b"", base), shop.now)
    return Answer(response.status, json.loads(response.body), response.headers)


@pytest.mark.parametrize("method", [SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256])
@pytest.mark.parametrize("place", ["AUTH_HEADER", SIGNATURE_TYPE_QUERY])
def test_a_signature_is_accepted_in_the_header_and_in_the_query(shop: Client, method: str, place: str) -> None:
    answer = signed(shop, signature_method=method, signature_type=place)
    assert (answer.status, answer.body) == (200, [])


@pytest.mark.parametrize(
    "query",
    ["search=a%20b%26c", "search=caf%C3%A9~%2B", "sku=A-1%2CB%2F2&per_page=2", "modified_after=2026-11-23T17:00:00Z"],
)
def test_whatever_is_in_the_query_is_signed(shop: Client, query: str) -> None:
    assert signed(shop, "products", query).status == 200
    tampered = Signer("ck_sandbox", client_secret="cs_sandbox", signature_type=SIGNATURE_TYPE_QUERY)
    uri, _, _ = tampered.sign(f"{SITE}/wp-json/wc/v3/products?{query}")
    response = shop.twin.answer(
        Request("GET", "/wp-json/wc/v3/products", urlsplit(uri).query + "&page=2", {}, b"", SITE), START
    )
    assert response.status == 401


def test_the_url_that_is_signed_has_the_sites_own_path(shop: Client) -> None:
    assert signed(shop, base="http://127.0.0.1:8000/woocommerce").status == 200


def test_a_trailing_slash_and_index_php_lead_to_the_same_routes(shop: Client) -> None:
    assert signed(shop, "orders/").status == 200
    shop.headers = basic()
    assert shop.call("GET", "/index.php/wp-json/wc/v3/orders").status == 200


WRONG: dict[str, tuple[dict[str, Any] | int, str]] = {  # a number: seconds off the time of the machine
    "secret": ({"client_secret": "cs_wrong"}, "Invalid signature - provided signature does not match."),
    "key": ({"client_key": "ck_unknown"}, "Consumer key is invalid."),
    "method": ({"signature_method": "PLAINTEXT"}, "Invalid signature - signature method is invalid."),
    "early": (-16 * 60, "Invalid timestamp."),
    "late": (16 * 60, "Invalid timestamp."),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_signature_says_what_is_wrong(shop: Client, what: str) -> None:
    wrong, message = WRONG[what]
    options = wrong if isinstance(wrong, dict) else {"timestamp": str(int(time.time()) + wrong)}
    answer = signed(shop, **options)
    assert (answer.status, answer.code) == (401, "woocommerce_rest_authentication_error")
    assert answer.body["message"] == message


def test_the_machines_time_counts_and_not_the_sandboxs(shop: Client) -> None:
    shop.now = START.replace(year=2031)
    assert signed(shop, timestamp=str(int(time.time()) - 14 * 60)).status == 200


def test_a_nonce_is_good_once(shop: Client) -> None:
    assert signed(shop, nonce="once").status == 200
    again = signed(shop, nonce="once")
    assert (again.status, again.body["message"]) == (401, "Invalid nonce - nonce has already been used.")
    assert signed(shop, nonce="once", client_key="ck_readonly", client_secret="cs_readonly").status == 200


def test_half_a_signature_names_what_is_missing(shop: Client) -> None:
    answer = shop.call("GET", "orders", "oauth_consumer_key=ck_sandbox&oauth_nonce=x&oauth_timestamp=1")
    assert (answer.status, answer.code) == (401, "woocommerce_rest_authentication_missing_parameter")
    assert answer.body["message"] == "Missing OAuth parameters oauth_signature, oauth_signature_method"


def test_over_https_the_key_may_stand_in_the_query(shop: Client) -> None:
    keys = "consumer_key=ck_sandbox&consumer_secret=cs_sandbox"
    https = {"x-forwarded-proto": "https"}
    assert shop.call("GET", "orders", keys, **https).status == 200
    assert shop.call("GET", "orders", keys).status == 401
    wrong = shop.call("GET", "orders", keys + "x", **https)
    assert (wrong.status, wrong.body["message"]) == (401, "Consumer secret is invalid.")
    assert shop.call("GET", "orders", keys, **https).headers["link"].startswith("<https://")


def test_a_wrong_argument_is_told_before_the_rights_are_looked_at(shop: Client) -> None:
    assert shop.get("orders", per_page=101).status == 400
    assert shop.get("nope").code == "rest_no_route"
    assert (shop.get("products/999").status, shop.get("orders/999").status) == (404, 401)


def test_a_read_only_key_learns_nothing_of_routes(shop: Client) -> None:
    shop.headers = basic("ck_readonly", "cs_readonly")
    assert shop.post("nope", {}).status == 401
    assert shop.get("nope").status == 404


def test_the_index_is_public_and_a_shops_key_is_worse_than_none_there(shop: Client) -> None:
    index = shop.call("GET", "/wp-json/")
    assert index.status == 200
    assert (index.body["timezone_string"], index.body["gmt_offset"], index.body["url"]) == ("Europe/Berlin", 1, SITE)
    assert "wc/v3" in index.body["namespaces"]
    summer = Client(now=START.replace(month=7), headers={})
    assert summer.call("GET", "/wp-json").body["gmt_offset"] == 2
    shop.headers = basic()
    assert (shop.call("GET", "/wp-json/").status, shop.call("GET", "/wp-json/").code) == (401, "invalid_username")


# the vendor's client, unchanged, over a socket


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serve(Sandbox([WooCommerceTwin()])) as base_url:
        yield f"{base_url}/woocommerce"


@pytest.fixture
def vendor(site: str) -> Any:
    return woocommerce.API(url=site, consumer_key="ck_sandbox", consumer_secret="cs_sandbox", version="wc/v3")


def test_the_vendors_client_reads_writes_and_deletes(vendor: Any) -> None:
    """It sends every query parameter twice, and signs it once."""
    made = vendor.post("products", {"name": "Gong & bath", "regular_price": "24.5", "sku": "GONG-1"})
    assert made.status_code == 201
    product = made.json()
    listed = vendor.get("products", params={"sku": "gong-1", "per_page": 5, "orderby": "id"})
    assert [thing["id"] for thing in listed.json()] == [product["id"]]
    assert listed.headers["X-WP-Total"] == "1"
    assert listed.json()[0]["name"] == "Gong &amp; bath"
    path = f"products/{product['id']}"
    assert vendor.put(path, {"regular_price": "30"}).json()["price"] == "30"
    assert vendor.delete(path, params={"force": True}).status_code == 200
    assert vendor.get(path).status_code == 404


def test_the_vendors_client_pages_and_batches(vendor: Any) -> None:
    created = vendor.post("products/batch", {"create": [{"name": f"Bowl {n}"} for n in range(5)]}).json()["create"]
    answer = vendor.get("products", params={"per_page": 2, "page": 2, "order": "asc", "orderby": "id"})
    assert [thing["id"] for thing in answer.json()] == [created[2]["id"], created[3]["id"]]
    assert answer.links["next"]["url"].startswith(f"{vendor.url}/wp-json/wc/v3/products?")
    assert "page=3" in answer.links["next"]["url"]


def test_the_vendors_client_with_a_wrong_key_is_told(site: str) -> None:
    stranger = woocommerce.API(url=site, consumer_key="ck_unknown", consumer_secret="cs_sandbox")
    answer = stranger.get("orders")
    assert (answer.status_code, answer.json()["message"]) == (401, "Consumer key is invalid.")
