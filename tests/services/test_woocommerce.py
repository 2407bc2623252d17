"""What the adapter sends, and what it makes of the shop's answers, one rule at a time. Answers are told, not served."""

import base64
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from higherself_sync import services
from higherself_sync.core.record import Draft, Gone, Marks, Record, Value
from higherself_sync.errors import Absent, ConfigError, HsnError, Refused, Unanswered, Unauthorised, Unreachable
from higherself_sync.services.base import Service
from higherself_sync.services.woocommerce import Settings
from higherself_sync.services.woocommerce.columns import split_name
from higherself_sync.services.woocommerce.signing import repeatable
from tests.services.shop import Told, adapter, answer, body_of, listed

PAGE = "1f0a2b3c-0000-4000-8000-000000000001"
SYNCED = datetime(2026, 11, 23, 18, 0, 7, tzinfo=UTC)
MARKS = Marks(page_id=PAGE, synced=SYNCED)
META = [
    {"key": "notion_page_id", "value": PAGE},
    {"key": "notion_managed", "value": "true"},
    {"key": "notion_last_synced", "value": "2026-11-23T18:00:07Z"},
]


def product(number: int = 1, **more: Any) -> dict[str, Any]:
    stamp = "2026-11-23T17:13:10"
    made = {"name": "Cushion", "type": "simple", "status": "publish", "sku": "C-1", "regular_price": "29.90"}
    return {"id": number, **made, "date_created_gmt": stamp, "date_modified_gmt": stamp, "meta_data": [], **more}


def customer(number: int = 8, **more: Any) -> dict[str, Any]:
    made = {"email": "ana@example.com", "first_name": "Ana", "last_name": "de la Cruz", "role": "customer"}
    return {"id": number, **made, "billing": {"phone": "1"}, "date_modified_gmt": None, "meta_data": [], **more}


def order(number: int = 37, **more: Any) -> dict[str, Any]:
    made = {"number": str(number), "status": "pending", "currency": "EUR", "total": "9.90", "customer_id": 0}
    stamp = "2026-11-23T17:13:10"
    return {"id": number, **made, "billing": {}, "date_created_gmt": stamp, "date_modified_gmt": stamp, **more}


def always(response: httpx.Response) -> Told:
    return Told(lambda _: httpx.Response(response.status_code, headers=response.headers, content=response.content))


def in_turn(*responses: httpx.Response | Exception) -> Told:
    waiting: Iterator[httpx.Response | Exception] = iter(responses)

    def handler(_: httpx.Request) -> httpx.Response:
        response = next(waiting)
        if isinstance(response, Exception):
            raise response
        return response

    return Told(handler)


def refusal(status: int, code: str, message: str = "No.", **data: Any) -> httpx.Response:
    return answer(status, {"code": code, "message": message, "data": {"status": status, **data}})


def known(number: str = "8", native: dict[str, str] | None = None) -> Record:
    return Record(number, {}, native=native or {})


# ---------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("since", "asked"),
    [
        ("2026-11-23T17:13:10Z", "2026-11-23T17:13:09"),
        ("2026-11-23T17:13:10.900000Z", "2026-11-23T17:13:09"),  # a fraction must not lose what lies before it
        ("2026-11-23T18:13:10+01:00", "2026-11-23T17:13:09"),
        ("2026-01-01T00:00:00Z", "2025-12-31T23:59:59"),
    ],
)
@pytest.mark.parametrize("stream", ["products", "orders"])
def test_an_incremental_read_asks_from_a_second_before_in_plain_utc(stream: str, since: str, asked: str) -> None:
    shop = always(listed([]))
    list(adapter(shop).replica(stream).read(datetime.fromisoformat(since)))
    queries = shop.asked(stream)
    assert [query["status"] for query in queries] == ["any", "trash"]  # no list but its own has what was thrown away
    assert {(query["modified_after"], query["dates_are_gmt"]) for query in queries} == {(asked, "true")}


def test_customers_are_always_read_whole() -> None:
    shop = always(listed([customer()]))
    list(adapter(shop).replica("customers").read(SYNCED))
    (query,) = shop.asked("customers")
    assert query == {"role": "all", "orderby": "id", "order": "asc", "per_page": "100", "page": "1"}


def test_an_empty_list_still_tells_when_it_was_read() -> None:
    (batch,) = adapter(always(listed([]))).replica("orders").read(None)
    assert batch.records == ()
    assert batch.as_of == datetime(2026, 11, 23, 19, 0, tzinfo=UTC)


def test_every_batch_carries_the_time_at_which_the_read_began() -> None:
    later = {"x-wp-total": "101", "date": "Mon, 23 Nov 2026 19:05:00 GMT"}
    second = httpx.Response(200, json=[product(101)], headers=later)
    shop = in_turn(listed([product(each) for each in range(1, 101)], 101), second)
    batches = list(adapter(shop).replica("products").read(None))
    assert [len(batch.records) for batch in batches] == [100, 1]
    assert {batch.as_of for batch in batches} == {datetime(2026, 11, 23, 19, 0, tzinfo=UTC)}


def hundred(*missing: int) -> list[Any]:
    return [product(each) for each in range(1, 102) if each not in missing][:100]


def test_a_list_that_shifted_is_read_once_more() -> None:
    # While page 1 was on its way product 1 went: 101 slid to the first page, and page 2 is empty.
    shop = in_turn(listed(hundred(), 101), listed([], 100), listed(hundred(1), 100))
    batches = list(adapter(shop).replica("products").read(None))
    assert {record.id for record in batches[-1].records} == {str(each) for each in range(2, 102)}
    assert len(shop.asked("products")) == 3


@pytest.mark.parametrize("last", [listed([product(101)], 102), listed([product(100)], 101)], ids=["grew", "doubled"])
def test_a_list_that_keeps_changing_is_never_taken_for_complete(last: httpx.Response) -> None:
    shop = in_turn(*(each for _ in range(2) for each in (listed(hundred(), 101), last)))
    with pytest.raises(Unreachable, match="kept changing"):
        list(adapter(shop).replica("products").read(None))


def test_a_list_without_its_total_is_not_taken_for_complete() -> None:
    with pytest.raises(Unreachable, match="total"):
        list(adapter(always(answer(200, []))).replica("products").read(None))


@pytest.mark.parametrize("body", [{"message": "hello"}, [1], [{"name": "no id"}]])
def test_what_is_no_list_of_objects_is_an_error_and_never_empty(body: object) -> None:
    with pytest.raises(Unreachable):
        list(adapter(always(answer(200, body, x_wp_total="1"))).replica("products").read(None))


def test_an_object_that_lacks_what_it_must_have_is_named() -> None:
    broken = order(37)
    del broken["total"]
    with pytest.raises(Unreachable, match=r"orders 37.*total"):
        list(adapter(always(listed([broken]))).replica("orders").read(None))


def test_staff_who_never_bought_are_no_clients() -> None:
    people = [
        customer(1, role="administrator"),
        customer(2, role="shop_manager", is_paying_customer=True),
        customer(3, role="subscriber"),
        customer(4, role="wholesale_buyer"),
    ]
    (batch,) = adapter(always(listed(people))).replica("customers").read(None)
    assert [record.id for record in batch.records] == ["2", "3", "4"]


def test_what_a_checkout_has_only_begun_is_no_order() -> None:
    orders = [order(1, status="checkout-draft"), order(2, status="auto-draft"), order(3)]
    shop = always(listed(orders))
    (batch,) = adapter(shop).replica("orders").read(None)
    assert [record.id for record in batch.records] == ["3"]
    assert adapter(shop).replica("orders").fetch(["1"]) == {"1": Gone.HIDDEN}


def test_a_customer_that_the_shop_never_saved_has_no_time() -> None:
    (batch,) = adapter(always(listed([customer(date_modified_gmt=None)]))).replica("customers").read(None)
    assert batch.records[0].modified is None


@pytest.mark.parametrize(
    ("account", "billing", "name"),
    [
        (("Ana", "Lopez"), ("Other", "Person"), "Ana Lopez"),
        (("Ana", ""), ("Other", "Person"), "Ana"),
        (("", ""), ("Ana", "Billing"), "Ana Billing"),
        ((" ", ""), ("", ""), "ana@example.com"),
        (("Ana ", "Lopez"), ("", ""), "Ana  Lopez"),  # white space is the user's
        (("Jose\u0301", "X"), ("", ""), "Jos\u00e9 X"),
    ],
)
def test_a_customer_is_called_by_account_then_billing_then_mail(
    account: tuple[str, str], billing: tuple[str, str], name: str
) -> None:
    item = customer(
        first_name=account[0],
        last_name=account[1],
        billing={"first_name": billing[0], "last_name": billing[1]},
    )
    (batch,) = adapter(always(listed([item]))).replica("customers").read(None)
    assert batch.records[0].values["name"] == name


@pytest.mark.parametrize(
    ("item", "price", "locked"),
    [
        (product(regular_price="24.5"), Decimal("24.5"), False),
        (product(regular_price=""), None, False),
        (product(regular_price="1,200.00"), None, True),
        (product(type="variable", regular_price=""), None, True),
        (product(type="variable-subscription", regular_price=""), None, True),
        (product(type="grouped", regular_price=""), None, True),
        (product(type="subscription", regular_price="5"), Decimal(5), False),
    ],
)
def test_a_price_that_is_not_the_products_own_is_locked(
    item: dict[str, Any], price: Decimal | None, locked: bool
) -> None:
    (batch,) = adapter(always(listed([item]))).replica("products").read(None)
    (record,) = batch.records
    assert record.values["price"] == price
    assert ("price" in record.locked) is locked


def test_only_the_ampersand_is_decoded() -> None:
    item = product(name="A &amp; B &quot;C&quot; <b>D</b> &amp;amp;")
    (batch,) = adapter(always(listed([item]))).replica("products").read(None)
    assert batch.records[0].values["name"] == "A & B &quot;C&quot; <b>D</b> &amp;"


def test_an_order_names_its_products_once_and_skips_those_that_are_gone() -> None:
    lines = [
        {"name": "A", "product_id": 5, "quantity": 1},
        {"name": "A", "product_id": 5, "quantity": 2},
        {"name": "Gone", "product_id": 0, "quantity": 1},
        {"name": "By weight", "product_id": 6, "quantity": 0.5},
    ]
    (batch,) = adapter(always(listed([order(line_items=lines)]))).replica("orders").read(None)
    values = batch.records[0].values
    assert values["products"] == {"shop:products:5", "shop:products:6"}
    assert values["items"] == "1 × A\n2 × A\n1 × Gone\n0.5 × By weight"


@pytest.mark.parametrize(
    ("refunds", "refunded"),
    [([], None), ([{"total": "-5.00"}, {"total": "-0.50"}], Decimal("5.5")), ([{"total": "0.00"}], Decimal(0))],
)
def test_refunds_are_added_up(refunds: list[Any], refunded: Decimal | None) -> None:
    (batch,) = adapter(always(listed([order(refunds=refunds)]))).replica("orders").read(None)
    assert batch.records[0].values["refunded"] == refunded


@pytest.mark.parametrize(
    ("customer_id", "mail", "client", "people"),
    [
        (8, "ana@example.com", {"shop:customers:8"}, []),
        (0, " Ana@Example.com", {"shop:people:ana@example.com"}, ["ana@example.com"]),
        (0, "", set(), []),
    ],
)
def test_an_order_belongs_to_an_account_else_to_an_e_mail_else_to_nobody(
    customer_id: int, mail: str, client: set[str], people: list[str]
) -> None:
    item = order(customer_id=customer_id, billing={"email": mail, "first_name": "Ana"})
    (batch,) = adapter(always(listed([item]))).replica("orders").read(None)
    (record,) = batch.records
    assert record.values["client"] == client
    assert [person.id for person in record.people] == people


# --------------------------------------------------------------------------------------------------------- currency


def test_the_shops_currency_is_asked_once_and_remembered() -> None:
    cache: dict[str, str] = {}
    shop = always(listed([product()]))
    (batch,) = adapter(shop, cache).replica("products").read(None)
    list(adapter(shop, cache).replica("products").read(None))
    assert batch.records[0].values["currency"] == "EUR"
    assert len(shop.asked("data/currencies/current")) == 1


def test_orders_and_customers_need_no_currency_of_the_shop() -> None:
    shop = always(listed([]))
    for stream in ("orders", "customers", "products"):
        list(adapter(shop).replica(stream).read(None))
    assert shop.asked("data/currencies/current") == []


def test_a_currency_in_the_config_wins() -> None:
    shop = always(listed([product()]))
    (batch,) = adapter(shop, currency="PLN").replica("products").read(None)
    assert batch.records[0].values["currency"] == "PLN"
    assert shop.asked("data/currencies/current") == []


class Poor(Told):
    """A shop that lists one product, and answers a question for its currency by a refusal."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(lambda _: listed([product()]))
        self.refusal = refusal(status, code)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/data/currencies/current"):
            return self.refusal
        return super().handle_request(request)


def test_a_key_that_may_not_ask_for_the_currency_leaves_it_empty() -> None:
    (batch,) = adapter(Poor(403, "woocommerce_rest_cannot_view")).replica("products").read(None)
    assert batch.records[0].values["currency"] is None


def test_a_currency_that_could_not_be_read_is_no_empty_one() -> None:
    cache: dict[str, str] = {}
    with pytest.raises(Unreachable):
        list(adapter(Poor(400, "rest_invalid_param"), cache).replica("products").read(None))
    assert cache == {}


# ---------------------------------------------------------------------------------------------------------- writing


@pytest.mark.parametrize(
    ("stream", "values", "body"),
    [
        ("products", {"name": "A & B"}, {"name": "A & B"}),
        ("products", {"price": Decimal(1200)}, {"regular_price": "1200"}),
        ("products", {"price": Decimal("0.5")}, {"regular_price": "0.5"}),
        ("products", {"price": None}, {"regular_price": ""}),
        ("products", {"status": "draft", "sku": None}, {"status": "draft", "sku": ""}),
        ("customers", {"phone": "+49 30 1"}, {"billing": {"phone": "+49 30 1"}}),
        ("customers", {"phone": None, "email": "b@example.com"}, {"billing": {"phone": ""}, "email": "b@example.com"}),
        ("orders", {"status": "completed"}, {"status": "completed"}),
        ("orders", {"customer_note": None}, {"customer_note": ""}),
        ("orders", {}, {}),
    ],
)
def test_an_update_sends_what_was_named_and_the_marks_and_no_id(
    stream: str, values: dict[str, Value], body: dict[str, Any]
) -> None:
    items = {"products": product(8), "customers": customer(8), "orders": order(8)}
    shop = always(answer(200, items[stream]))
    adapter(shop).replica(stream).update(known("8"), values, MARKS)
    request = shop.requests[0]
    assert (request.method, request.url.path) == ("PUT", f"/wp-json/wc/v3/{stream}/8")
    assert body_of(request) == {**body, "meta_data": META}


@pytest.mark.parametrize(
    ("name", "first", "last", "parts"),
    [
        ("Ana de la Torre", "Ana", "de la Cruz", ("Ana", "de la Torre")),
        ("María José de la Cruz", "Ana", "de la Cruz", ("María José", "de la Cruz")),
        ("María del Carmen Gruber", "María del Carmen", "Okafor", ("María del Carmen", "Gruber")),
        ("Anabel de la Cruz", "Ana", "de la Cruz", ("Anabel", "de la Cruz")),
        ("Ana", "Ana", "de la Cruz", ("Ana", "")),
        ("Jo Ann Smith", "", "", ("Jo Ann", "Smith")),
        ("Cher", "", "", ("Cher", "")),
        ("王 明", "Élodie", "王", ("王", "明")),
        ("Ana  Lopez", "Ana", "X", ("Ana", " Lopez")),
    ],
)
def test_a_part_of_a_name_that_did_not_change_is_never_split_again(
    name: str, first: str, last: str, parts: tuple[str, str]
) -> None:
    assert split_name(name, first, last) == parts
    shop = always(answer(200, customer(8)))
    native = {"first_name": first, "last_name": last}
    adapter(shop).replica("customers").update(known("8", native), {"name": name}, Marks())
    assert body_of(shop.requests[0])["first_name"] == parts[0]
    assert body_of(shop.requests[0])["last_name"] == parts[1]


@pytest.mark.parametrize(
    ("stream", "values"),
    [
        ("products", {"name": None}),
        ("customers", {"email": None}),
        ("customers", {"name": None}),
        ("customers", {"address": "Somewhere"}),
        ("products", {"currency": "EUR"}),
        ("orders", {"total": Decimal(1)}),
    ],
)
def test_what_the_shop_cannot_be_told_is_refused_before_anything_is_sent(stream: str, values: dict[str, Value]) -> None:
    shop = always(answer(200, {}))
    with pytest.raises(Refused):
        adapter(shop).replica(stream).update(known(), values, MARKS)
    assert shop.requests == []


def test_an_update_of_a_trashed_object_says_so() -> None:
    shop = always(answer(200, product(8, status="trash")))
    with pytest.raises(Absent) as caught:
        adapter(shop).replica("products").update(known("8"), {"name": "X"}, MARKS)
    assert caught.value.gone is Gone.TRASHED


@pytest.mark.parametrize(
    ("stream", "status", "code"),
    [
        ("products", 400, "woocommerce_rest_product_invalid_id"),
        ("orders", 400, "woocommerce_rest_shop_order_invalid_id"),
        ("customers", 400, "woocommerce_rest_invalid_id"),
        ("customers", 404, "wc_user_invalid_id"),
    ],
)
def test_an_unknown_id_is_told_by_its_code_whatever_the_status(stream: str, status: int, code: str) -> None:
    with pytest.raises(Absent) as caught:
        adapter(always(refusal(status, code))).replica(stream).update(known(), {}, MARKS)
    assert caught.value.gone is Gone.DELETED


def test_a_new_product_is_a_simple_draft_that_carries_its_marker() -> None:
    shop = always(answer(201, product(9)))
    values: dict[str, Value] = {"name": "Bell", "price": Decimal("12.50"), "sku": "B-1"}
    record = adapter(shop).replica("products").create(Draft(values, MARKS))
    made = {"type": "simple", "status": "draft", "name": "Bell", "regular_price": "12.50", "sku": "B-1"}
    assert body_of(shop.requests[0]) == {**made, "meta_data": META}
    assert (shop.requests[0].method, shop.requests[0].url.path) == ("POST", "/wp-json/wc/v3/products")
    assert record.id == "9"


def test_a_new_product_has_the_status_that_was_chosen() -> None:
    shop = always(answer(201, product(9)))
    adapter(shop).replica("products").create(Draft({"name": "Bell", "status": "publish"}, MARKS))
    assert body_of(shop.requests[0])["status"] == "publish"


def test_orders_are_never_made() -> None:
    shop = always(answer(201, order()))
    with pytest.raises(Refused):
        adapter(shop).replica("orders").create(Draft({"status": "pending"}, MARKS))
    assert shop.requests == []


@pytest.mark.parametrize(
    ("stream", "values", "asked"),
    [
        ("products", {"name": "Bell", "sku": "B-1"}, {"sku": "B-1", "status": "any"}),
        ("products", {"name": "Bell"}, {"after": "2026-11-23T18:00:04", "dates_are_gmt": "true", "status": "any"}),
        ("products", {"sku": "B,1"}, {"after": "2026-11-23T18:00:04", "dates_are_gmt": "true", "status": "any"}),
        ("customers", {"email": "a+b@example.com"}, {"email": "a+b@example.com", "role": "all"}),
    ],
)
def test_a_lost_create_is_looked_up_by_its_marker(stream: str, values: dict[str, Value], asked: dict[str, str]) -> None:
    make: Callable[..., dict[str, Any]] = product if stream == "products" else customer
    items = [make(1), make(2, meta_data=[{"id": 1, "key": "notion_page_id", "value": PAGE}]), make(3)]
    shop = always(listed(items))
    found = adapter(shop).replica(stream).find_created(Draft(values, MARKS), SYNCED)
    assert found is not None
    assert found.id == "2"
    assert asked.items() <= shop.asked(stream)[0].items()
    assert adapter(shop).replica(stream).find_created(Draft(values, Marks(page_id="other")), SYNCED) is None


def test_marks_go_by_the_hundred_through_the_batch_route() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return answer(200, {"update": [product(each["id"]) for each in body_of(request)["update"]]})

    shop = Told(handler)
    done = list(adapter(shop).replica("products").mark({str(each): MARKS for each in range(1, 252)}))
    posts = [request for request in shop.requests if request.method == "POST"]
    assert [len(body_of(request)["update"]) for request in posts] == [100, 100, 51]
    assert {request.url.path for request in posts} == {"/wp-json/wc/v3/products/batch"}
    assert set(body_of(posts[0])) == {"update"}
    assert body_of(posts[0])["update"][0] == {"id": 1, "meta_data": META}
    assert [each for each, _ in done] == [str(each) for each in range(1, 252)]
    assert all(isinstance(record, Record) for _, record in done)


def test_a_mark_that_failed_is_told_with_the_shops_reason() -> None:
    error = {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid &quot;ID&quot;.", "data": {}}
    shop = always(answer(200, {"update": [order(1), {"id": 2, "error": error}]}))
    done = dict(adapter(shop).replica("orders").mark({"1": MARKS, "2": MARKS, "3": MARKS}))
    assert isinstance(done["1"], Record)
    assert done["2"] == 'Invalid "ID".'
    assert isinstance(done["3"], str)


def test_archiving_only_ever_moves_to_the_trash() -> None:
    shop = in_turn(answer(200, order(37)), answer(200, order(37, status="trash")))
    record = adapter(shop).replica("orders").archive("37")
    assert record.trashed
    assert [(each.method, str(each.url)) for each in shop.requests] == [
        ("DELETE", "https://shop.test/wp-json/wc/v3/orders/37"),
        ("GET", "https://shop.test/wp-json/wc/v3/orders/37"),
    ]


def test_archiving_twice_is_no_error() -> None:
    shop = in_turn(refusal(410, "woocommerce_rest_already_trashed"), answer(200, order(37, status="trash")))
    assert adapter(shop).replica("orders").archive("37").trashed


def test_customers_cannot_be_archived() -> None:
    shop = always(answer(200, {}))
    with pytest.raises(Refused):
        adapter(shop).replica("customers").archive("8")
    assert shop.requests == []


# --------------------------------------------------------------------------------------------- what may be sent twice


@pytest.mark.parametrize("lost", [httpx.ReadError("gone"), httpx.Response(502, html="<h1>Bad gateway</h1>")])
def test_a_create_whose_answer_is_lost_is_never_sent_again(lost: httpx.Response | Exception) -> None:
    shop = in_turn(lost, answer(201, product(9)))
    with pytest.raises(Unanswered):
        adapter(shop).replica("products").create(Draft({"name": "Bell"}, MARKS))
    assert len(shop.requests) == 1


def test_an_object_at_which_the_shop_always_fails_is_left_to_reading_back() -> None:
    shop = always(httpx.Response(500, html="<h1>Fatal error</h1>"))
    with pytest.raises(Unanswered):
        adapter(shop).replica("products").update(known(), {"name": "X"}, MARKS)
    with pytest.raises(Unreachable):
        adapter(shop).replica("products").fetch(["8"])


def test_updates_and_batches_of_marks_are_repeated_after_a_lost_answer() -> None:
    shop = in_turn(httpx.ReadError("gone"), answer(200, product(8)))
    assert adapter(shop).replica("products").update(known("8"), {"name": "Cushion"}, MARKS).id == "8"
    shop = in_turn(httpx.ReadError("gone"), answer(200, {"update": [product(8)]}))
    assert len(list(adapter(shop).replica("products").mark({"8": MARKS}))) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "repeated"),
    [
        ("POST", "orders", {"status": "pending"}, False),
        ("POST", "products/batch", {"update": [{"id": 1}]}, True),
        ("POST", "products/batch", {"update": [{"id": 1}], "create": [{"name": "A"}]}, False),
        ("PUT", "orders/1", {"status": "pending"}, True),
        ("DELETE", "orders/1", None, True),  # into the trash: the second time it says that it is there
    ],
)
def test_what_would_make_a_second_object_is_not_repeated(method: str, path: str, body: Any, repeated: bool) -> None:
    request = httpx.Request(method, f"https://shop.test/wp-json/wc/v3/{path}", json=body)
    assert repeatable(request) is repeated


@pytest.mark.parametrize(
    ("stream", "code", "gone"),
    [
        ("products", "woocommerce_rest_product_invalid_id", Gone.DELETED),
        ("orders", "woocommerce_rest_shop_order_invalid_id", Gone.DELETED),
        ("customers", "wc_user_invalid_id", Gone.DELETED),  # 10.5
        ("customers", "woocommerce_rest_invalid_id", Gone.DELETED),  # 9.4
    ],
)
def test_only_the_shops_own_code_proves_that_something_was_deleted(stream: str, code: str, gone: Gone) -> None:
    shop = in_turn(listed([]), refusal(404, code))
    assert adapter(shop).replica(stream).fetch(["8"]) == {"8": gone}
    for other in ("rest_no_route", "woocommerce_rest_cannot_view", ""):
        with pytest.raises(Unreachable):
            adapter(in_turn(listed([]), refusal(404, other))).replica(stream).fetch(["8"])


def test_out_of_the_trash_it_has_the_status_that_it_had() -> None:
    shop = always(answer(200, order(37, status="completed")))
    assert adapter(shop).replica("orders").restore("37", {"status": "completed", "order": "#37"}).id == "37"
    assert (shop.requests[0].method, body_of(shop.requests[0])) == ("PUT", {"status": "completed"})
    shop = always(answer(200, product(8, status="draft")))
    adapter(shop).replica("products").restore("8", {})
    assert body_of(shop.requests[0]) == {"status": "draft"}
    for stream in ("customers", "variations"):
        with pytest.raises(Refused):
            adapter(shop).replica(stream).restore("8", {})


# ----------------------------------------------------------------------------------------------------- what is refused

CASES: list[tuple[str, httpx.Response, type[HsnError], str]] = [
    ("GET", refusal(401, "woocommerce_rest_authentication_error"), Unauthorised, "consumer_secret"),
    ("PUT", refusal(401, "woocommerce_rest_authentication_error"), Unauthorised, "read-only"),
    ("GET", refusal(401, "woocommerce_rest_cannot_view"), Unauthorised, "consumer_key"),
    ("GET", refusal(403, "woocommerce_rest_cannot_view"), Unauthorised, "shop manager"),
    ("PUT", refusal(403, "woocommerce_rest_cannot_edit"), Refused, ""),
    ("GET", refusal(404, "rest_no_route"), Unreachable, "check url"),
    ("GET", httpx.Response(404, html="<h1>Not found</h1>"), Unreachable, "check url"),
    ("PUT", refusal(404, "rest_no_route"), Unreachable, "check url"),
    ("GET", refusal(400, "rest_invalid_param"), Unreachable, ""),
    ("PUT", refusal(400, "product_invalid_sku"), Refused, "give it a SKU"),
    ("PUT", refusal(400, "woocommerce_rest_customer_invalid_email"), Refused, "correct the e-mail"),
    ("POST", refusal(400, "registration-error-email-exists"), Refused, "not that of another account"),
    (
        "PUT",
        refusal(400, "rest_invalid_param", params={"email": "Invalid email address."}),
        Refused,
        "correct the e-mail",
    ),
    ("PUT", refusal(400, "rest_invalid_param", params={"status": "not one of …"}), Refused, ""),
    ("PUT", refusal(501, "woocommerce_rest_trash_not_supported"), Refused, ""),
]


@pytest.mark.parametrize(("method", "response", "kind", "remedy"), CASES)
def test_a_refusal_is_told_apart_and_names_place_and_remedy(
    method: str, response: httpx.Response, kind: type[HsnError], remedy: str
) -> None:
    products = adapter(always(response)).replica("products")

    def ask() -> None:
        if method == "GET":
            list(products.read(None))
        else:
            products.update(known(), {"name": "X"}, MARKS)

    with pytest.raises(HsnError) as caught:
        ask()
    assert type(caught.value) is kind
    assert caught.value.place == "services.shop"
    assert remedy in caught.value.remedy


def test_a_refusal_is_told_in_the_shops_words_without_entities_and_tags() -> None:
    message = "The SKU (<strong>C&amp;A &quot;1&quot;</strong>) is taken"
    with pytest.raises(Refused) as caught:
        adapter(always(refusal(400, "product_invalid_sku", message))).replica("products").create(
            Draft({"name": "X"}, MARKS)
        )
    assert caught.value.message == 'The SKU (C&A "1") is taken'
    assert caught.value.status == 400


def test_a_refused_parameter_is_told_with_the_reason() -> None:
    body = refusal(
        400, "rest_invalid_param", "Invalid parameter(s): status", params={"status": "status is not one of…"}
    )
    with pytest.raises(Refused, match="not one of"):
        adapter(always(body)).replica("orders").update(known(), {"status": "pending"}, MARKS)


def test_a_redirect_to_https_is_a_matter_of_the_config() -> None:
    moved = httpx.Response(301, headers={"location": "https://shop.test/wp-json/wc/v3/orders"})
    with pytest.raises(ConfigError, match="https is needed") as caught:
        list(adapter(always(moved), url="http://shop.test").replica("orders").read(None))
    assert caught.value.exit_code == 4
    assert "https://shop.test" in caught.value.remedy


def test_another_redirect_names_where_the_shop_is() -> None:
    moved = httpx.Response(301, headers={"location": "https://www.shop.test/wp-json/wc/v3/orders"})
    with pytest.raises(Unreachable) as caught:
        list(adapter(always(moved)).replica("orders").read(None))
    assert "https://www.shop.test" in caught.value.remedy


def test_fetch_takes_no_web_page_for_a_proof() -> None:
    shop = in_turn(listed([]), httpx.Response(404, html="<h1>Not found</h1>"))
    with pytest.raises(Unreachable):
        adapter(shop).replica("orders").fetch(["37"])


# ------------------------------------------------------------------------------------------------------- credentials


def test_over_https_the_key_goes_in_a_header_and_only_to_wc_routes() -> None:
    shop = always(listed([]))
    service = adapter(shop, url="https://shop.test")
    list(service.replica("orders").read(None))
    list(service.health())
    expected = "Basic " + base64.b64encode(b"ck_sandbox:cs_sandbox").decode()
    for request in shop.requests:
        assert request.headers.get("authorization") == (expected if "/wc/" in request.url.path else None)
        assert "oauth" not in str(request.url)
    assert "/wp-json/" in {request.url.path for request in shop.requests}


def test_over_http_each_request_is_signed_anew_and_the_secret_stays_here() -> None:
    shop = in_turn(httpx.ReadError("gone"), listed([]))
    list(adapter(shop, url="http://shop.test").replica("orders").read(None))
    queries = [dict(parse_qsl(urlsplit(str(request.url)).query)) for request in shop.requests]
    assert len({query["oauth_nonce"] for query in queries}) == 2
    for query, request in zip(queries, shop.requests, strict=True):
        assert query["oauth_consumer_key"] == "ck_sandbox"
        assert query["oauth_signature_method"] == "HMAC-SHA256"
        assert query["status"] == "any"
        assert "authorization" not in request.headers
        assert "cs_sandbox" not in str(request.url)


def test_over_http_the_public_index_is_asked_without_a_key() -> None:
    shop = always(answer(200, {"name": "Shop", "namespaces": ["wc/v3"]}))
    next(iter(adapter(shop, url="http://shop.test").health()))
    assert str(shop.requests[0].url) == "http://shop.test/wp-json/"


# ------------------------------------------------------------------------------------------------------------ health


def healthy(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/wp-json/":
        return answer(200, {"name": "Shop", "timezone_string": "Europe/Berlin", "namespaces": ["wc/v3"]})
    if request.method == "PUT":
        return refusal(400, "woocommerce_rest_shop_order_invalid_id")
    return listed([order()])


def test_health_proves_site_reading_and_writing_in_three_requests() -> None:
    shop = Told(healthy)
    checks = list(adapter(shop, timezone="Europe/Berlin").health())
    assert [(check.name, check.status) for check in checks] == [("site", "ok"), ("read", "ok"), ("write", "ok")]
    assert all(check.service == "shop" for check in checks)
    assert len(shop.requests) == 3


def test_health_finds_a_read_only_key_without_writing_anything() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return refusal(401, "woocommerce_rest_authentication_error")
        return healthy(request)

    checks = {check.name: check for check in adapter(Told(handler)).health()}
    assert (checks["read"].status, checks["write"].status) == ("ok", "fail")
    assert checks["write"].exit_code == 5
    assert "Read/Write" in checks["write"].remedy


def test_health_says_nothing_of_writing_where_the_key_is_refused_altogether() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        refused = refusal(401, "woocommerce_rest_authentication_error")
        return refused if request.url.path.rpartition("/wc/v3/")[1] else healthy(request)

    checks = list(adapter(Told(handler)).health())
    assert [(check.name, check.status) for check in checks] == [("site", "ok"), ("read", "fail")]
    assert "Read/Write" not in checks[-1].remedy


@pytest.mark.parametrize(
    ("index", "exit_code"),
    [
        (answer(200, {"name": "Blog", "namespaces": ["wp/v2"]}), 5),
        (httpx.Response(404, html="<h1>No</h1>"), 5),
        (answer(200, {"timezone_string": "Europe/Berlin"}), 4),
        (httpx.Response(301, headers={"location": "https://shop.test/wp-json/"}), 4),
    ],
    ids=["no shop", "no site", "another zone", "needs https"],
)
def test_health_tells_what_is_wrong_with_the_address(index: httpx.Response, exit_code: int) -> None:
    check = next(iter(adapter(always(index), url="http://shop.test", timezone="Europe/Paris").health()))
    assert (check.name, check.status, check.exit_code) == ("site", "fail", exit_code)
    assert check.remedy


def test_health_of_a_shop_that_is_down_is_checks_and_no_error() -> None:
    checks = list(adapter(always(httpx.Response(500, html="<h1>Fatal error</h1>"))).health())
    assert [check.status for check in checks] == ["fail", "fail", "fail"]


# --------------------------------------------------------------------------------------------- settings and registry


@pytest.mark.parametrize(
    ("written", "root"),
    [
        ("https://shop.test", "https://shop.test"),
        ("https://shop.test/", "https://shop.test"),
        ("https://shop.test/store/", "https://shop.test/store"),
        ("https://shop.test/wp-json/wc/v3/", "https://shop.test"),
    ],
)
def test_a_shop_is_known_by_its_root_however_it_is_written(written: str, root: str) -> None:
    settings = Settings.model_validate({"url": written, "consumer_key": "a", "consumer_secret": "b"})
    assert settings.url == root


@pytest.mark.parametrize(
    "change", [{"url": "shop.test"}, {"url": 5}, {"url": "https://me:pw@shop.test"}, {"consumer_kee": "x"}]
)
def test_wrong_settings_are_refused_without_showing_a_value(change: dict[str, Any]) -> None:
    table = {"url": "https://shop.test", "consumer_key": "ck_secret", "consumer_secret": "cs_secret", **change}
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(table)
    assert "secret" not in str(caught.value).replace("consumer_secret", "")


def test_the_account_has_no_secret_in_it() -> None:
    assert adapter(always(listed([]))).account == "woocommerce https://shop.test"


def test_the_adapter_is_a_service() -> None:
    service: Service = adapter(always(listed([])))
    assert [each.name for each in service.streams] == ["customers", "people", "products", "variations", "orders"]
    with pytest.raises(KeyError):
        service.replica("people")


def test_requests_are_counted() -> None:
    service = adapter(always(listed([])))
    list(service.replica("orders").read(None))
    assert service.requests() == 1
    service.close()


def test_server_time_is_the_shops() -> None:
    service = adapter(always(listed([])))
    list(service.replica("orders").read(None))
    assert service.replica("orders").server_time() == datetime(2026, 11, 23, 19, 0, tzinfo=UTC)


def test_statuses_that_mail_the_customer_are_declared() -> None:
    (orders,) = (each for each in adapter(always(listed([]))).streams if each.name == "orders")
    status = orders.fields["status"]
    assert status.options is not None
    assert status.options - status.mails == {"pending"}


def test_the_overlap_of_a_stream_with_a_filter_is_two_seconds() -> None:
    overlaps = {each.name: each.overlap for each in adapter(always(listed([]))).streams}
    assert overlaps == {
        "customers": 0.0,
        "people": 0.0,
        "products": 2.0,
        "variations": 2.0,
        "orders": 2.0,
    }
    assert timedelta(seconds=overlaps["orders"]) >= timedelta(seconds=1)


def test_the_registry_lists_this_adapter_and_imports_nothing_for_it() -> None:
    assert "woocommerce" in services.KINDS
    assert "base" not in services.KINDS
    with pytest.raises(KeyError):
        services.load("nope")
    script = """
import sys
from higherself_sync import services
assert "higherself_sync.services.woocommerce" not in sys.modules
services.load("woocommerce").Settings
heavy = {"httpx", "notion_client", "rich", "oauthlib"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", script], check=True)
