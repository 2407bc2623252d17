"""The vendors' own clients, unchanged and with their default options, over a socket."""

import logging
from collections.abc import Iterator
from typing import Any

import httpx
import notion_client
import pytest
import woocommerce
from notion_client.errors import APIResponseError
from notion_client.helpers import collect_paginated_api

from higherself_sync.sandbox.build import build_sandbox
from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.server import serve

Json = dict[str, Any]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(build_sandbox(records=40)) as base_url:
        yield base_url


@pytest.fixture
def notion(url: str) -> Iterator[notion_client.Client]:
    """Its default logger gets a handler more with each client: they are taken off again."""
    logger = logging.getLogger("notion_client")
    before = logger.handlers[:]
    with notion_client.Client(auth="ntn_sandbox", base_url=f"{url}/notion") as client:
        yield client
    logger.handlers[:] = before


@pytest.fixture
def shop(url: str) -> woocommerce.API:
    return woocommerce.API(url=f"{url}/woocommerce", consumer_key="ck_sandbox", consumer_secret="cs_sandbox")


# Notion


@pytest.fixture
def source(notion: notion_client.Client) -> str:
    parent = {"type": "page_id", "page_id": NotionTwin.ROOT_PAGE}
    columns: Json = {"Name": {"title": {}}, "Price": {"number": {}}}
    made: Any = notion.databases.create(parent=parent, initial_data_source={"properties": columns})
    return str(made["data_sources"][0]["id"])


def row(name: str, price: float) -> Json:
    return {"Name": {"title": [{"text": {"content": name}}]}, "Price": {"number": price}}


def test_rows_are_made_read_changed_and_trashed(notion: notion_client.Client, source: str) -> None:
    parent = {"type": "data_source_id", "data_source_id": source}
    pages: list[Any] = [notion.pages.create(parent=parent, properties=row(f"Bowl {n}", n)) for n in range(5)]
    changed: Any = notion.pages.update(pages[0]["id"], properties={"Price": {"number": 89.5}})
    assert changed["properties"]["Price"]["number"] == 89.5
    notion.pages.update(pages[1]["id"], in_trash=True)
    found = collect_paginated_api(notion.data_sources.query, data_source_id=source, page_size=2)
    assert {page["id"] for page in found} == {pages[n]["id"] for n in (0, 2, 3, 4)}
    dear = {"property": "Price", "number": {"greater_than": 3}}
    some: Any = notion.data_sources.query(source, filter=dear, sorts=[{"property": "Price", "direction": "ascending"}])
    assert [page["properties"]["Price"]["number"] for page in some["results"]] == [4, 89.5]


def test_an_error_is_one_that_the_client_knows(notion: notion_client.Client, source: str) -> None:
    with pytest.raises(APIResponseError) as caught:
        notion.pages.create(parent={"type": "data_source_id", "data_source_id": source}, properties={"Nope": {}})
    assert (caught.value.code, caught.value.status) == ("validation_error", 400)
    with pytest.raises(APIResponseError) as caught:
        notion.pages.retrieve("f0e1d2c3-b4a5-4697-8877-665544332211")
    assert (caught.value.code, caught.value.status) == ("object_not_found", 404)


def test_the_client_waits_as_it_is_told_and_tries_again(url: str, notion: notion_client.Client) -> None:
    body = {"object": "error", "status": 429, "code": "rate_limited", "message": "slow down"}
    rule = {"service": "notion", "path": "/v1/users/me",
            "do": {"status": 429, "headers": {"retry-after": "0"}, "body": body}}  # fmt: skip
    httpx.post(f"{url}/_sandbox/faults", json={"rules": [rule]}).raise_for_status()
    before = len(httpx.get(f"{url}/_sandbox/requests").json()["requests"])
    me: Any = notion.users.me()
    assert me["type"] == "bot"
    asked = httpx.get(f"{url}/_sandbox/requests").json()["requests"][before:]
    assert [each["status"] for each in asked] == [429, 200]


# WooCommerce


def test_a_product_is_made_read_changed_and_deleted(shop: woocommerce.API) -> None:
    made = shop.post("products", {"name": "Klangschale & Kissen", "regular_price": "89.90", "sku": "BOWL-V"})
    assert (made.status_code, made.json()["status"]) == (201, "publish")
    place = f"products/{made.json()['id']}"
    assert shop.put(place, {"regular_price": "79.00"}).json()["regular_price"] == "79.00"
    assert [each["id"] for each in shop.get("products", params={"sku": "BOWL-V"}).json()] == [made.json()["id"]]
    assert shop.delete(place).json()["status"] == "publish"  # what it was
    assert shop.get(place).json()["status"] == "trash"
    assert shop.delete(place, params={"force": True}).status_code == 200
    assert shop.get(place).json()["code"] == "woocommerce_rest_product_invalid_id"


def test_lists_come_page_by_page(shop: woocommerce.API) -> None:
    first = shop.get("orders", params={"per_page": 3, "orderby": "id", "order": "asc"})
    pages = int(first.headers["X-WP-TotalPages"])
    found = [each["id"] for page in range(1, pages + 1) for each in shop.get(
        "orders", params={"per_page": 3, "page": page, "orderby": "id", "order": "asc"}).json()]  # fmt: skip
    assert found == sorted(set(found))
    assert len(found) == int(first.headers["X-WP-Total"])


def test_a_batch_marks_several(shop: woocommerce.API) -> None:
    ids = [each["id"] for each in shop.get("customers", params={"role": "all", "per_page": 2}).json()]
    meta = [{"key": "notion_managed", "value": "true"}]
    done = shop.post("customers/batch", {"update": [{"id": each, "meta_data": meta} for each in ids]})
    assert [each["id"] for each in done.json()["update"]] == ids


@pytest.mark.parametrize(("key", "status"), [("ck_nobody", 401), ("ck_readonly", 401), ("ck_sandbox", 400)])
def test_a_write_is_refused(url: str, key: str, status: int) -> None:
    client = woocommerce.API(f"{url}/woocommerce", key, key.replace("ck_", "cs_"))
    assert client.post("products", {"name": "x", "regular_price": 5}).status_code == status
