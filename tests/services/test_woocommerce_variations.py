"""Variations: what is asked for, what an answer is taken for, and what they share with the products' read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from higherself_sync.core.record import Draft, Gone, Marks, Record
from higherself_sync.errors import Absent, Refused
from higherself_sync.services.woocommerce import WooCommerce
from tests.services.shop import Told, adapter, answer, body_of, listed

PAGE = "1f0a2b3c-0000-4000-8000-000000000001"
SINCE = datetime(2026, 11, 23, 18, 0, 7, tzinfo=UTC)
MARKS = Marks(page_id=PAGE, synced=SINCE)
STAMP = "2026-11-23T17:13:10"


def product(number: int, **more: Any) -> dict[str, Any]:
    made = {"name": f"Print {number}", "type": "variable", "status": "publish", "sku": f"P-{number}"}
    return {"id": number, **made, "regular_price": "", "date_modified_gmt": STAMP, "meta_data": [], **more}


def variation(number: int, **more: Any) -> dict[str, Any]:
    made = {"name": "A4", "status": "publish", "sku": f"V-{number}", "regular_price": "90"}
    return {"id": number, **made, "date_modified_gmt": STAMP, "attributes": [{"name": "Size", "option": "A4"}], **more}


class Shop(Told):
    """Products and their variations, by the status whose list they are in."""

    def __init__(self, products: Mapping[str, list[Any]], below: Mapping[int, list[Any]]) -> None:
        super().__init__(self._answer)
        self.products, self.below = products, below

    def _answer(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        parts = request.url.path.removeprefix("/wp-json/wc/v3/").split("/")
        match parts:
            case ["products"]:
                items = self.products.get(query["status"], [])
            case ["products", number, "variations"]:
                items = [each for each in self.below.get(int(number), []) if _is_in(each, query["status"])]
            case ["products", number, "variations", one]:
                found = [each for each in self.below.get(int(number), []) if str(each["id"]) == one]
                return answer(200, found[0]) if found else _missing("product_variation")
            case _:
                return _missing("product")
        if "include" in query:
            items = [each for each in items if str(each["id"]) in query["include"].split(",")]
        start = (int(query["page"]) - 1) * 100
        return listed(items[start : start + 100], len(items))

    def lists(self) -> list[str]:
        return [request.url.path.removeprefix("/wp-json/wc/v3/") for request in self.requests]


def _is_in(item: Mapping[str, Any], status: str) -> bool:
    return bool((item["status"] == "trash") == (status == "trash"))


def _missing(kind: str) -> httpx.Response:
    return answer(404, {"code": f"woocommerce_rest_{kind}_invalid_id", "message": "Invalid ID.", "data": {}})


def read(shop: Told, since: datetime | None = None) -> dict[str, Record]:
    return {each.id: each for batch in adapter(shop).replica("variations").read(since) for each in batch.records}


def one(product_: dict[str, Any], variation_: dict[str, Any]) -> Record:
    (record,) = read(Shop({"any": [product_]}, {product_["id"]: [variation_]})).values()
    return record


# -------------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("product_", "variation_", "name"),
    [
        (product(37, name="Print"), variation(41, name="A4, Red"), "Print - A4, Red"),
        (product(37, name="Tea &amp; Talk"), variation(41, name="Black &amp; white"), "Tea & Talk - Black & white"),
        (product(37, name="Print"), variation(41, name=""), "Print - A4"),  # an older shop tells no name
        (product(37, name="Print"), variation(41, name="", attributes=[]), "Print"),  # every size alike
    ],
)
def test_a_variation_is_called_as_an_orders_line_calls_it(
    product_: dict[str, Any], variation_: dict[str, Any], name: str
) -> None:
    record = one(product_, variation_)
    assert (record.id, record.values["name"], record.values["type"]) == ("37-41", name, "variation")


@pytest.mark.parametrize(
    ("shown", "sku"), [("V-1", "V-1"), ("P-37", None), ("p-37", None), ("", None)], ids=["own", "same", "case", "none"]
)
def test_a_sku_that_is_only_its_products_is_none_of_its_own(shown: str, sku: str | None) -> None:
    """The shop shows the product's where there is no other: two such variations would be taken for one thing."""
    record = one(product(37, sku="P-37"), variation(41, sku=shown))
    assert record.values["sku"] == sku
    assert record.key == (sku.casefold() if sku else None)


@pytest.mark.parametrize(
    ("raw", "price", "locked"), [("90", Decimal(90), False), ("", None, False), ("1,200.00", None, True)]
)
def test_a_variations_price_is_its_own(raw: str, price: Decimal | None, locked: bool) -> None:
    record = one(product(37), variation(41, regular_price=raw))
    assert record.values["price"] == price
    assert ("price" in record.locked) is locked


def test_every_kind_of_variable_product_has_variations_and_no_other() -> None:
    kinds = ("simple", "grouped", "external", "variable", "variable-subscription")
    products = [product(number, type=kind) for number, kind in enumerate(kinds, 1)]
    shop = Shop({"any": products}, {number: [variation(10 + number)] for number in range(1, 6)})
    assert list(read(shop)) == ["4-14", "5-15"]


def test_all_pages_of_a_products_variations_are_read() -> None:
    many = [variation(number) for number in range(1, 252)]
    assert len(read(Shop({"any": [product(900)]}, {900: many}))) == 251


def test_a_shop_without_variable_products_still_tells_when_it_was_read() -> None:
    batches = list(adapter(Shop({"any": []}, {})).replica("variations").read(None))
    assert [batch.records for batch in batches] == [()]
    assert batches[0].as_of == datetime(2026, 11, 23, 19, 0, tzinfo=UTC)


def test_with_a_product_in_the_trash_its_variations_are_told_as_gone() -> None:
    gone = product(37, status="trash")
    shop = Shop({"any": [], "trash": [gone]}, {37: [variation(41, status="trash"), variation(42, status="trash")]})
    assert {key: each.trashed for key, each in read(shop, SINCE).items()} == {"37-41": True, "37-42": True}
    assert read(shop) == {}


# --------------------------------------------------------------------------------------------------- the shared lists


def service_of(shop: Told) -> WooCommerce:
    return adapter(shop)


def drain(service: WooCommerce, stream: str, since: datetime | None) -> set[datetime]:
    return {batch.as_of for batch in service.replica(stream).read(since)}


@pytest.mark.parametrize("order", [("products", "variations"), ("variations", "products")])
def test_at_rest_products_and_variations_together_cost_two_lists(order: tuple[str, str]) -> None:
    shop = Shop({}, {})
    service = service_of(shop)
    moments = [drain(service, stream, SINCE) for stream in order]
    assert [(each["status"], each["modified_after"]) for each in shop.asked("products")] == [
        ("any", "2026-11-23T18:00:06"),
        ("trash", "2026-11-23T18:00:06"),
    ]
    assert moments[0] == moments[1], "one cursor for both, or the next run could not share"


def test_a_list_that_was_shared_once_is_asked_for_again() -> None:
    shop = Shop({}, {})
    service = service_of(shop)
    for stream in ("products", "variations", "variations", "products", "products"):
        drain(service, stream, SINCE)
    assert len(shop.asked("products")) == 6


def test_a_list_from_earlier_on_serves_whoever_asks_from_later_on_and_not_the_other_way_round() -> None:
    later = SINCE + timedelta(seconds=1)
    for first, second, lists in ((SINCE, later, 2), (later, SINCE, 4)):
        shop = Shop({}, {})
        service = service_of(shop)
        drain(service, "products", first)
        drain(service, "variations", second)
        assert len(shop.asked("products")) == lists
    shop = Shop({}, {})
    service = service_of(shop)
    drain(service, "products", None)
    drain(service, "variations", SINCE)
    assert len(shop.asked("products")) == 3, "a list of everything is no list of what changed"


def test_two_readers_that_missed_each_other_have_one_cursor_afterwards() -> None:
    dates = iter(range(60))

    def handler(_: httpx.Request) -> httpx.Response:
        date = f"Mon, 23 Nov 2026 19:00:{next(dates):02} GMT"
        return httpx.Response(200, json=[], headers={"x-wp-total": "0", "date": date})

    service = service_of(Told(handler))
    products = drain(service, "products", SINCE + timedelta(seconds=1))
    assert drain(service, "variations", SINCE) == products


def test_the_rest_of_a_long_list_is_read_by_each() -> None:
    many = [product(number, type="simple") for number in range(1, 150)]
    shop = Shop({"any": many}, {})
    service = service_of(shop)
    drain(service, "products", SINCE)
    drain(service, "variations", SINCE)
    assert [each["page"] for each in shop.asked("products") if each["status"] == "any"] == ["1", "2", "2"]


# ------------------------------------------------------------------------------------------------------ one by one


def test_fetch_asks_once_for_the_products_and_once_a_product() -> None:
    shop = Shop({"any": [product(1), product(2)]}, {1: [variation(11), variation(12)], 2: [variation(21)]})
    found = adapter(shop).replica("variations").fetch(["1-11", "2-21", "1-12"])
    assert list(found) == ["1-11", "2-21", "1-12"]
    assert all(isinstance(each, Record) for each in found.values())
    assert shop.lists() == ["products", "products/1/variations", "data/currencies/current", "products/2/variations"]


def test_fetch_tells_why_a_variation_is_not_there() -> None:
    shop = Shop({"any": [product(1)]}, {1: [variation(11, status="trash")]})
    found = adapter(shop).replica("variations").fetch(["1-11", "1-12", "9-91", "11", "1-", "x", "1-2-3"])
    assert (found["1-11"], found["1-12"], found["9-91"]) == (Gone.TRASHED, Gone.DELETED, Gone.DELETED)
    assert {found[each] for each in ("11", "1-", "x", "1-2-3")} == {Gone.HIDDEN}


def test_an_update_goes_to_the_products_route_and_keeps_the_name() -> None:
    # The answer to a write shows the SKU that is its own, which may be none.
    shop = Told(lambda _: answer(200, variation(41, sku="", regular_price="95")))
    current = Record("37-41", {}, native={"parent": "Print", "parent_sku": "P-37"})
    record = adapter(shop).replica("variations").update(current, {"price": Decimal(95)}, MARKS)
    request = shop.requests[0]
    assert (request.method, request.url.path) == ("PUT", "/wp-json/wc/v3/products/37/variations/41")
    assert set(body_of(request)) == {"regular_price", "meta_data"}
    assert (record.id, record.values["name"], record.values["sku"]) == ("37-41", "Print - A4", None)


def test_an_update_of_one_that_is_no_more_says_so() -> None:
    missing = {"code": "woocommerce_rest_product_variation_invalid_id", "message": "Invalid ID.", "data": {}}
    for status in (400, 404):
        shop = Told(lambda _, status=status: answer(status, missing))  # type: ignore[misc]
        with pytest.raises(Absent) as caught:
            adapter(shop).replica("variations").update(Record("37-41", {}), {}, MARKS)
        assert caught.value.gone is Gone.DELETED


def test_marks_go_by_the_batch_of_each_product() -> None:
    shop = Shop({"any": [product(1), product(2)]}, {})

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return shop._answer(request)
        return answer(200, {"update": [variation(each["id"]) for each in body_of(request)["update"]]})

    told = Told(handler)
    ids = [f"1-{number}" for number in range(10, 115)] + ["2-20"]
    done = dict(adapter(told).replica("variations").mark(dict.fromkeys(ids, MARKS)))
    posts = [request for request in told.requests if request.method == "POST"]
    assert [(each.url.path[len("/wp-json/wc/v3/") :], len(body_of(each)["update"])) for each in posts] == [
        ("products/1/variations/batch", 100),
        ("products/1/variations/batch", 5),
        ("products/2/variations/batch", 1),
    ]
    assert len(told.asked("products")) == 1
    assert list(done) == ids
    names = {each.values["name"] for each in done.values() if isinstance(each, Record)}
    assert names == {"Print 1 - A4", "Print 2 - A4"}


def test_variations_are_neither_made_nor_thrown_away_nor_renamed_here() -> None:
    shop = Told(lambda _: answer(200, {}))
    variations = adapter(shop).replica("variations")
    with pytest.raises(Refused):
        variations.create(Draft({"name": "A5"}, MARKS))
    with pytest.raises(Refused):
        variations.archive("37-41")
    with pytest.raises(Refused):
        variations.update(Record("37-41", {}), {"name": "A5"}, MARKS)
    assert variations.find_created(Draft({"name": "A5"}, MARKS), SINCE) is None
    assert shop.requests == []


# ----------------------------------------------------------------------------------------------------------- of orders


def test_an_orders_line_relates_to_the_variation_and_not_to_its_product() -> None:
    lines = [
        {"name": "Print - A4", "product_id": 37, "variation_id": 41, "quantity": 1},
        {"name": "Bowl", "product_id": 5, "variation_id": 0, "quantity": 1},
        {"name": "Gone", "product_id": 0, "variation_id": 0, "quantity": 1},
    ]
    order = {"id": 7, "number": "7", "status": "pending", "total": "1.00", "customer_id": 0, "line_items": lines}
    (batch,) = adapter(Told(lambda _: listed([order]))).replica("orders").read(None)
    assert batch.records[0].values["products"] == {"shop:variations:37-41", "shop:products:5"}
