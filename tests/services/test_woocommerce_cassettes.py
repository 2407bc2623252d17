"""WooCommerce over cassettes: the recorded answers, through the whole HTTP stack, signing included."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest

from higherself_sync.core.record import Gone, Marks, Record
from higherself_sync.errors import Unauthorised, Unreachable
from higherself_sync.services.woocommerce import WooCommerce
from tests.cassettes import recorded
from tests.services.shop import adapter
from tests.services.sites import everything

NOWHERE = "http://127.0.0.1:9"  # nobody listens there
MARKS = Marks(page_id="1f0a2b3c-0000-4000-8000-0000000000dd")


@contextmanager
def playing(name: str) -> Iterator[WooCommerce]:
    """The adapter over the cassette, all of which must have been asked for in the end."""
    with recorded(f"woocommerce/{name}") as played:
        yield adapter(httpx.HTTPTransport(), url=NOWHERE)
        assert played.all_played


def test_orders_are_read_with_their_people() -> None:
    with playing("orders") as shop:
        found = everything(shop.replica("orders"))
    assert {each: record.values["status"] for each, record in found.items()} == {
        "37": "pending",
        "38": "processing",
        "39": "completed",
    }
    assert found["37"].values["client"] == {"shop:customers:8"}


def test_what_changed_is_asked_for_and_so_is_the_trash() -> None:
    with playing("nothing_new") as shop:
        assert everything(shop.replica("products"), datetime(2030, 1, 1, tzinfo=UTC)) == {}


def test_an_order_is_written_thrown_away_and_gone() -> None:
    with playing("an_order_to_its_end") as shop:
        orders = shop.replica("orders")
        written = orders.update(Record("170", {}), {"status": "completed"}, MARKS)
        archived = orders.archive("170")
        assert orders.fetch(["170"]) == {"170": Gone.DELETED}
    assert (written.values["status"], written.marks.page_id, written.trashed) == ("completed", MARKS.page_id, False)
    assert archived.trashed


def test_of_many_marks_each_has_its_own_answer() -> None:
    with playing("marks") as shop:
        said = dict(shop.replica("orders").mark({"37": MARKS, "999999": MARKS}))
    assert said["999999"] == "Invalid ID."
    assert isinstance(said["37"], Record)


@pytest.mark.parametrize(
    ("name", "refusal", "remedy"),
    [
        ("wrong_secret", Unauthorised, "check consumer_key, consumer_secret"),
        ("unknown_key", Unauthorised, "the shop does not know it"),
        ("user_without_capability", Unauthorised, "an administrator or a shop manager"),
        ("unknown_route", Unreachable, "check url"),
    ],
)
def test_a_refusal_names_its_remedy(name: str, refusal: type[Unauthorised | Unreachable], remedy: str) -> None:
    with playing(name) as shop, pytest.raises(refusal) as caught:
        everything(shop.replica("orders"))
    assert remedy in caught.value.remedy


def test_a_key_that_may_only_read() -> None:
    with playing("read_only_key") as shop, pytest.raises(Unauthorised) as caught:
        shop.replica("orders").update(Record("170", {}), {"status": "completed"}, MARKS)
    assert "give it Read/Write" in caught.value.remedy
