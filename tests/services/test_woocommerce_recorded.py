"""The adapter reads what a real shop gave, value by value, as a person wrote down beforehand."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from higherself_sync.core.record import ENTITIES, Entity, Field, Gone, Kind, Marks, Record, Value, number, when
from tests.services.shop import RECORDED, RecordedShop, adapter, load, small_shop, whole_shop

EXPECTED = tomllib.loads((RECORDED / "expected_rows.toml").read_text(encoding="utf-8"))
ENTITY = {
    **dict.fromkeys(("products", "variations"), Entity.PRODUCTS),
    **dict.fromkeys(("customers", "people"), Entity.CLIENTS),
    "orders": Entity.ORDERS,
}


@dataclass(frozen=True)
class Shop:
    """Everything that one complete read gives: records by id, and the guests as their first order told of them."""

    products: Mapping[str, Record]
    variations: Mapping[str, Record]
    customers: Mapping[str, Record]
    orders: Mapping[str, Record]
    people: Mapping[str, Record]


def read(shop: RecordedShop) -> Shop:
    service = adapter(shop)
    found: dict[str, dict[str, Record]] = {}
    for stream in ("products", "variations", "customers", "orders"):
        batches = list(service.replica(stream).read(None))
        found[stream] = {record.id: record for batch in batches for record in batch.records}
    people: dict[str, Record] = {}
    for order in found["orders"].values():
        for person in order.people:
            people.setdefault(person.id, person)
    return Shop(found["products"], found["variations"], found["customers"], found["orders"], people)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return read(whole_shop())


def canonical(each: Field, raw: Any, shop: Shop) -> Value:
    """A value of the table in the form in which the adapter must give it."""
    match each.kind:
        case Kind.RELATION if each.name == "client":
            return frozenset(
                {f"shop:customers:{record.id}" for record in shop.customers.values() if record.values["email"] == raw}
                | {f"shop:people:{record.id}" for record in shop.people.values() if record.values["email"] == raw}
            )
        case Kind.RELATION:
            return frozenset(f"shop:{'variations' if '-' in str(each) else 'products'}:{each}" for each in raw)
        case Kind.NUMBER:
            return number(raw)
        case Kind.DATE:
            return when(datetime.fromisoformat(raw))
        case _:
            return raw or None


ROWS = [(stream, key, row) for stream in ENTITY for key, row in EXPECTED[stream].items()]


@pytest.mark.parametrize(("stream", "key", "row"), ROWS, ids=[f"{stream}-{key}" for stream, key, _ in ROWS])
def test_a_recorded_object_becomes_the_row_written_by_hand(
    shop: Shop, stream: str, key: str, row: dict[str, Any]
) -> None:
    record: Record = getattr(shop, stream)[key]
    fields = ENTITIES[ENTITY[stream]]
    assert set(row) == {each.name for each in fields}
    for each in fields:
        assert record.values[each.name] == canonical(each, row[each.name], shop), each.name


def test_the_table_is_large_and_varied_enough() -> None:
    assert len(EXPECTED["products"]) >= 10
    assert len(EXPECTED["variations"]) == 3
    assert len(EXPECTED["customers"]) >= 10
    assert len(EXPECTED["orders"]) >= 12
    assert len(EXPECTED["people"]) >= 3


def test_the_whole_shop_is_read_and_nothing_of_its_trash(shop: Shop) -> None:
    counts = (len(shop.customers), len(shop.products), len(shop.variations), len(shop.orders), len(shop.people))
    assert counts == (30, 26, 3, 57, 3)
    assert not {str(each) for each in EXPECTED["absent"]["products"]} & set(shop.products)
    assert not {str(each) for each in EXPECTED["absent"]["orders"]} & set(shop.orders)


def test_every_client_of_an_order_is_a_record_that_was_read(shop: Shop) -> None:
    known = {f"shop:customers:{each}" for each in shop.customers} | {f"shop:people:{each}" for each in shop.people}
    for order in shop.orders.values():
        client = order.values["client"]
        assert isinstance(client, frozenset)
        assert len(client) == 1
        assert client <= known, order.id


def test_a_registered_buyer_is_not_found_as_a_guest_too(shop: Shop) -> None:
    registered = [each for each in load("woocommerce-shop", "orders") if each["customer_id"]]
    assert len(registered) == 42
    assert all(not shop.orders[str(each["id"])].people for each in registered)


def test_prices_that_are_made_of_others_are_locked(shop: Shop) -> None:
    locked = {record.id for record in shop.products.values() if "price" in record.locked}
    assert locked == {"289", "294"}  # variable and grouped


def test_natural_keys_are_those_of_the_hub(shop: Shop) -> None:
    assert shop.customers["48"].key == "s9.client0+studio@example.com"
    assert shop.people["s9.guest0@example.com"].key == "s9.guest0@example.com"
    assert (shop.products["266"].key, shop.products["265"].key) == ("s9-sku-001", None)
    assert shop.orders["295"].key == "#295"


def test_both_parts_of_a_name_are_kept(shop: Shop) -> None:
    assert shop.customers["56"].native == {"first_name": "Ana", "last_name": "de la Cruz"}
    assert shop.customers["58"].native == {"first_name": "María del Carmen", "last_name": "Okafor"}


def test_modified_is_the_utc_stamp_and_not_the_site_local_one(shop: Shop) -> None:
    assert shop.orders["299"].modified == datetime.fromisoformat("2026-11-23T18:44:42Z")
    assert shop.orders["299"].created == datetime.fromisoformat("2026-11-23T18:44:41Z")


def test_an_unmarked_shop_has_no_marks_whatever_else_is_in_its_meta_data(shop: Shop) -> None:
    everything = (
        record for each in (shop.products, shop.variations, shop.customers, shop.orders) for record in each.values()
    )
    assert all(record.marks.page_id is None and record.marks.synced is None for record in everything)


def test_fetch_tells_each_id_once_and_why_it_is_not_there() -> None:
    orders = adapter(whole_shop()).replica("orders")
    found = orders.fetch(["295", "303", "999999", "abc", "295", "007"])
    assert list(found) == ["295", "303", "999999", "abc", "007"]
    assert isinstance(found["295"], Record)
    assert (found["303"], found["999999"]) == (Gone.TRASHED, Gone.DELETED)
    assert (found["abc"], found["007"]) == (Gone.HIDDEN, Gone.HIDDEN)


def test_fetch_asks_by_the_hundred() -> None:
    shop = whole_shop()
    adapter(shop).replica("customers").fetch([str(number) for number in range(48, 78)])
    assert len(shop.asked("customers")) == 1
    assert shop.asked("customers")[0]["role"] == "all"


# ----------------------------------------------------------------------------- markers that others wrote (INTERFACE 3)


def test_a_foreign_marker_is_handed_on_as_found_with_no_stamp_beside_it() -> None:
    small = read(small_shop())
    assert small.customers["9"].marks.page_id == "pg-1"  # no UUID: whoever wrote it, it was not hsn
    assert small.orders["38"].marks.page_id == "1f0a2b3c-0000-4000-8000-0000000000aa"
    assert small.products["27"].marks.page_id == "1f0a2b3c-0000-4000-8000-000000000001"
    everything = (*small.customers.values(), *small.orders.values(), *small.products.values())
    assert all(record.marks.synced is None for record in everything)


def test_an_order_without_marker_has_none() -> None:
    small = read(small_shop())
    assert small.orders["39"].marks.page_id is None


@pytest.mark.parametrize("stamp", ["2026-11-23T18:00:00Z", "yes", "", "2026-11-23T18:00:00", 5, None, ["x"]])
def test_a_stamp_counts_only_if_it_is_an_instant(stamp: object) -> None:
    item = load("woocommerce", "product_simple")
    meta = [{"id": 1, "key": "notion_last_synced", "value": stamp}, {"id": 2, "key": "notion_page_id", "value": ""}]
    shop = RecordedShop({"products": [{**item, "meta_data": meta}]})
    (batch,) = adapter(shop).replica("products").read(None)
    expected = datetime.fromisoformat("2026-11-23T18:00:00Z") if stamp == "2026-11-23T18:00:00Z" else None
    assert batch.records[0].marks == Marks(synced=expected)
