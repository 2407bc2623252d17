"""The service contract, and the traps of a real shop, on the WooCommerce twin filled with the recorded shop."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from urllib.parse import urlsplit

import httpx
import pytest

from higherself_sync.core.record import Draft, Gone, Record
from higherself_sync.errors import Absent, Refused, Unauthorised
from higherself_sync.sandbox.wire import Request
from higherself_sync.sandbox.woocommerce import WooCommerceTwin
from higherself_sync.services.woocommerce import WooCommerce
from tests.contract.service_contract import Bench, Case, ServiceContract, marks
from tests.services.shop import KEYS, RECORDED, adapter, load


class TwinTransport(httpx.BaseTransport):
    """The twin in place of the network, with a clock that moves only when told."""

    def __init__(self) -> None:
        self.twin = WooCommerceTwin()
        self.now = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
        self.requests: list[Request] = []
        self.lose = 0  # so many answers to writes are lost after the twin acted

    def fill(self) -> None:
        folder = RECORDED / "woocommerce-shop"
        self.twin.load({path.stem: load(folder.name, path.stem) for path in folder.glob("*.json")}, self.now)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        headers = {name.lower(): value for name, value in request.headers.items()}
        if url.scheme == "https":
            headers["x-forwarded-proto"] = "https"
        base = f"http://{url.netloc.decode()}"
        seen = Request(request.method, url.path, url.query.decode(), headers, request.read(), base)
        self.requests.append(seen)
        answer = self.twin.answer(seen, self.now)
        if request.method != "GET" and self.lose:
            self.lose -= 1
            raise httpx.ReadError("the connection was lost")
        date = format_datetime(self.now, usegmt=True)
        return httpx.Response(answer.status, headers={**answer.headers, "date": date}, content=answer.body)

    def writes(self) -> int:
        return sum(request.method != "GET" for request in self.requests)


@pytest.fixture
def twin() -> TwinTransport:
    transport = TwinTransport()
    transport.fill()
    return transport


@pytest.fixture
def shop(twin: TwinTransport) -> Iterator[WooCommerce]:
    service = adapter(twin)
    yield service
    service.close()


class TestWooCommerce(ServiceContract):
    cases = (
        Case(
            "products",
            edits={"name": 'Gong & "Bath"', "status": "pending", "price": Decimal("12.5"), "sku": "GONG-1"},
            refused={"sku": "s9-SKU-002"},  # another product's
            draft={"name": "Singing bowl & cushion", "price": Decimal("89.9"), "sku": "BOWL-1"},
        ),
        Case(
            "variations",
            edits={"status": "private", "price": Decimal("99.5"), "sku": "PRINT-A4"},
            refused={"sku": "s9-VAR-A2"},  # another variation's
            draft={"name": "Art print - A5"},
            unknown="289-999999",
            siblings=True,
        ),
        Case(
            "customers",
            edits={"name": "Zoë de la Cruz", "email": "zoe+shop@example.com", "phone": "+49 30 123456"},
            refused={"email": "s9.client1@example.com"},  # another customer's
            draft={"name": "Noor van den Berg", "email": "noor@example.com", "phone": "0171/5551"},
        ),
        Case(
            "orders",
            edits={"status": "completed", "customer_note": "Bitte klingeln <b>2x</b> & warten 🙏"},
            refused={"status": "bogus"},
            draft={"status": "pending"},
        ),
    )

    @pytest.fixture(params=["hpos", "posts"])
    def bench(self, request: pytest.FixtureRequest, twin: TwinTransport, shop: WooCommerce) -> Bench:
        twin.twin.knobs({"storage": request.param})

        def held(stream: str) -> set[str]:
            live = [item for item in twin.twin.dump()[stream] if item.get("status") != "trash"]
            return {f"{item['parent_id']}-{item['id']}" if stream == "variations" else str(item["id"]) for item in live}

        def advance(seconds: float) -> None:
            twin.now += timedelta(seconds=seconds)

        return Bench(shop, held, advance, twin.writes)


# ------------------------------------------------------------------------------- what only a shop that answers can show


def record(service: WooCommerce, stream: str, record_id: str) -> Record:
    found = service.replica(stream).fetch([record_id])[record_id]
    assert isinstance(found, Record)
    return found


def test_oauth_over_plain_http_is_accepted_for_every_kind_of_request(twin: TwinTransport) -> None:
    shop = adapter(twin, url="http://127.0.0.1:8080")
    orders = shop.replica("orders")
    assert sum(len(batch.records) for batch in orders.read(None)) == 57
    assert [batch.records for batch in orders.read(datetime(2026, 11, 23, 19, 0, tzinfo=UTC))] == [(), ()]
    customers = shop.replica("customers")
    draft = Draft({"email": "a+b@example.com", "name": "A B"}, marks(1))
    assert customers.create(draft).id == getattr(customers.find_created(draft, twin.now), "id", None)
    assert orders.update(record(shop, "orders", "295"), {"customer_note": "a & b"}, marks(2)).marks == marks(2)
    assert all("cs_sandbox" not in request.query for request in twin.requests)


def test_basic_over_plain_http_is_never_tried(twin: TwinTransport) -> None:
    shop = adapter(twin, url="http://127.0.0.1:8080")
    list(shop.replica("orders").read(None))
    assert all("authorization" not in request.headers for request in twin.requests)


@pytest.mark.parametrize("url", ["https://shop.test", "http://shop.test"])
@pytest.mark.parametrize(
    ("keys", "remedy"),
    [
        ({"consumer_key": "ck_nobody"}, "consumer_key"),
        ({"consumer_secret": "cs_wrong"}, "consumer_secret"),
    ],
)
def test_a_wrong_key_and_a_wrong_secret_are_told_apart(
    twin: TwinTransport, url: str, keys: dict[str, str], remedy: str
) -> None:
    with pytest.raises(Unauthorised) as caught:
        list(adapter(twin, None, url, **keys).replica("orders").read(None))
    # Over http the shop signs both alike with one code; its message, in its own language, tells which.
    assert remedy in caught.value.remedy
    assert url.startswith("http:") or f"check {remedy}" in caught.value.remedy
    assert "cs_wrong" not in str(caught.value.as_json())


@pytest.mark.parametrize("url", ["https://shop.test", "http://shop.test"])
def test_a_read_only_key_reads_and_is_told_when_it_writes(twin: TwinTransport, url: str) -> None:
    shop = adapter(twin, url=url, consumer_key="ck_readonly", consumer_secret="cs_readonly")
    order = record(shop, "orders", "295")
    with pytest.raises(Unauthorised) as caught:
        shop.replica("orders").update(order, {"status": "completed"}, marks(1))
    assert "read-only" in caught.value.remedy
    assert [(check.name, check.status) for check in shop.health()] == [
        ("site", "ok"),
        ("read", "ok"),
        ("write", "fail"),
    ]


def test_two_edits_in_one_second_are_both_seen(twin: TwinTransport, shop: WooCommerce) -> None:
    """Trap 1: with the first one's time as the cursor the shop itself would leave the second out."""
    orders = shop.replica("orders")
    twin.now += timedelta(seconds=60)
    first = orders.update(record(shop, "orders", "295"), {"customer_note": "one"}, marks(1))
    orders.update(record(shop, "orders", "296"), {"customer_note": "two"}, marks(2))
    assert first.modified is not None
    assert {each.id for batch in orders.read(first.modified) for each in batch.records} == {"295", "296"}


def test_a_site_east_of_utc_loses_no_hour(twin: TwinTransport, shop: WooCommerce) -> None:
    """Trap 2: the twin's site zone is Europe/Berlin, where a value with `Z` would be moved by an hour."""
    orders = shop.replica("orders")
    twin.now += timedelta(minutes=30)
    orders.update(record(shop, "orders", "295"), {"customer_note": "one"}, marks(1))
    found = [each.id for batch in orders.read(twin.now - timedelta(minutes=1)) for each in batch.records]
    assert found == ["295"]


def test_a_trashed_order_is_in_no_list_and_yet_told_from_a_deleted_one(twin: TwinTransport, shop: WooCommerce) -> None:
    """Traps 5 and 8."""
    orders = shop.replica("orders")
    assert orders.fetch(["303", "777777"]) == {"303": Gone.TRASHED, "777777": Gone.DELETED}
    trashed = Record("303", {})
    with pytest.raises(Absent) as caught:
        orders.update(trashed, {"customer_note": "hello"}, marks(1))
    assert caught.value.gone is Gone.TRASHED
    with pytest.raises(Absent) as caught:
        orders.update(Record("777777", {}), {"customer_note": "hello"}, marks(1))
    assert caught.value.gone is Gone.DELETED


def test_a_lost_create_makes_one_product(twin: TwinTransport, shop: WooCommerce) -> None:
    """Trap 11: the shop knows no idempotency, and would make a second one."""
    products = shop.replica("products")
    draft = Draft({"name": "Bell"}, marks(1))
    twin.lose = 1
    since = twin.now
    with pytest.raises(Exception, match="not known whether"):
        products.create(draft)
    twin.now += timedelta(seconds=5)
    found = products.find_created(draft, since)
    assert found is not None
    names = [item["name"] for item in twin.twin.dump()["products"]]
    assert names.count("Bell") == 1


def test_a_lost_batch_of_marks_is_simply_sent_again(twin: TwinTransport, shop: WooCommerce) -> None:
    twin.lose = 1
    done = dict(shop.replica("products").mark({"265": marks(1), "266": marks(2)}))
    assert {key: getattr(each, "marks", None) for key, each in done.items()} == {"265": marks(1), "266": marks(2)}


def test_marking_again_changes_the_entries_in_place(twin: TwinTransport, shop: WooCommerce) -> None:
    products = shop.replica("products")
    for number in (1, 2):
        list(products.mark({"265": marks(number)}))
    (item,) = (each for each in twin.twin.dump()["products"] if each["id"] == 265)
    keys = [entry["key"] for entry in item["meta_data"]]
    assert sorted(keys) == ["notion_last_synced", "notion_managed", "notion_page_id"]
    assert {entry["key"]: entry["value"] for entry in item["meta_data"]}["notion_managed"] == "true"


def test_a_sku_of_another_product_is_refused_in_the_shops_words(shop: WooCommerce) -> None:
    with pytest.raises(Refused) as caught:
        shop.replica("products").update(record(shop, "products", "265"), {"sku": "s9-SKU-001"}, marks(1))
    assert caught.value.status == 400
    assert "&" not in caught.value.message


def test_an_ampersand_goes_there_and_back(shop: WooCommerce) -> None:
    written = shop.replica("products").update(record(shop, "products", "265"), {"name": "Tea & Talk"}, marks(1))
    assert written.values["name"] == "Tea & Talk"


def test_editing_one_part_of_an_address_keeps_the_others(shop: WooCommerce) -> None:
    before = record(shop, "customers", "49")
    after = shop.replica("customers").update(before, {"phone": "1"}, marks(1))
    assert after.values == {**before.values, "phone": "1"}


def test_a_person_who_registers_is_a_customer_and_older_orders_stay_a_guests(shop: WooCommerce) -> None:
    made = shop.replica("customers").create(Draft({"email": "s9.guest0@example.com", "name": "O’Neil 王"}, marks(1)))
    assert made.key == "s9.guest0@example.com"
    assert record(shop, "orders", "295").values["client"] == {"shop:people:s9.guest0@example.com"}


def test_the_shops_own_currency_is_read(twin: TwinTransport) -> None:
    cache: dict[str, str] = {}
    assert record(adapter(twin, cache), "products", "265").values["currency"] == "EUR"
    assert cache == {"shop:currency": "EUR"}
    assert record(adapter(twin, cache), "products", "265").values["currency"] == "EUR"
    asked = [request for request in twin.requests if urlsplit(request.path).path.endswith("currencies/current")]
    assert len(asked) == 1


def test_an_order_that_was_only_begun_is_left_out(twin: TwinTransport, shop: WooCommerce) -> None:
    """Trap 11: a refused checkout leaves one behind, and it is listed."""
    twin.twin.change("orders", "295", {"status": "checkout-draft"}, twin.now)
    ids = {each.id for batch in shop.replica("orders").read(None) for each in batch.records}
    assert len(ids) == 56
    assert "295" not in ids


def test_keys_of_the_sandbox_are_those_of_the_interface() -> None:
    assert KEYS == {"consumer_key": "ck_sandbox", "consumer_secret": "cs_sandbox"}
