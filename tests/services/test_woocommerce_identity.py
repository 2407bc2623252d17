"""Another shop behind the same address is noticed before anything of it is read, and at no cost."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from higherself_sync.errors import ConfigError
from tests.services.shop import Told, adapter, listed

STREAMS = ("customers", "products", "variations", "orders")


def user(number: int, registered: str = "2019-03-04T05:06:07") -> dict[str, Any]:
    return {"id": number, "email": f"{number}@example.com", "date_created": registered, "role": "customer"}


def shop(*users: Mapping[str, Any]) -> Told:
    return Told(lambda request: listed(list(users) if request.url.path.endswith("/customers") else []))


def known(*users: Mapping[str, Any]) -> dict[str, str]:
    """What is remembered after a run over a shop with these users."""
    cache: dict[str, str] = {}
    list(adapter(shop(*users), cache).replica("customers").read(None))
    return cache


SAME = known(user(1), user(2, "2020-01-01T00:00:00"))


@pytest.mark.parametrize("stream", STREAMS)
def test_another_shop_is_refused_before_anything_of_it_is_read(stream: str) -> None:
    other, cache = shop(user(1, "2023-07-08T09:10:11"), user(2, "2023-07-09T09:10:11")), dict(SAME)
    with pytest.raises(ConfigError, match="another shop") as caught:
        list(adapter(other, cache).replica(stream).read(None))
    assert caught.value.exit_code == 4
    assert "--rebuild" in caught.value.remedy
    assert cache == SAME, "what is to be expected is not unlearned by what was met"
    assert [request.url.path for request in other.requests] == ["/wp-json/wc/v3/customers"]


@pytest.mark.parametrize(
    "users",
    [
        (user(1), user(2, "2020-01-01T00:00:00")),
        (user(2, "2020-01-01T00:00:00"), user(3)),  # the first one went
        (user(1, "2024-01-01T00:00:00"), user(2, "2020-01-01T00:00:00")),  # one date was mended by hand
        (user(7), user(8)),  # nobody of then is left: it cannot be told
        (),
    ],
    ids=["same", "first gone", "one differs", "all gone", "empty"],
)
def test_what_a_shop_may_go_through_is_no_other_shop(users: tuple[Mapping[str, Any], ...]) -> None:
    for stream in STREAMS:
        list(adapter(shop(*users), dict(SAME)).replica(stream).read(None))


def test_an_empty_list_of_users_unlearns_nobody() -> None:
    cache = dict(SAME)
    list(adapter(shop(), cache).replica("customers").read(None))
    assert cache == SAME


def test_the_first_five_users_are_remembered_by_number() -> None:
    (raw,) = known(*(user(number) for number in (2, 3, 5, 8, 13, 21))).values()
    assert list(json.loads(raw)) == ["2", "3", "5", "8", "13"]
    assert "@" not in raw


@pytest.mark.parametrize("first", STREAMS)
def test_the_check_costs_no_request(first: str) -> None:
    same = shop(user(1), user(2, "2020-01-01T00:00:00"))
    service = adapter(same, dict(SAME))
    for stream in (first, *(each for each in STREAMS if each != first)):
        found = [each.id for batch in service.replica(stream).read(None) for each in batch.records]
        assert found == (["1", "2"] if stream == "customers" else [])
    assert len(same.asked("customers")) == 1


def test_a_new_service_knows_nobody_yet_and_asks_nobody() -> None:
    fresh = shop()
    list(adapter(fresh).replica("orders").read(None))
    assert fresh.asked("customers") == []


def test_the_check_is_made_again_where_the_answer_was_lost() -> None:
    answers = iter([httpx.Response(404, html="<h1>Maintenance</h1>"), listed([user(1, "2023-07-08T09:10:11")])])
    service = adapter(Told(lambda _: next(answers)), dict(SAME))
    with pytest.raises(Exception, match="no WooCommerce API"):
        list(service.replica("orders").read(None))
    with pytest.raises(ConfigError, match="another shop"):
        list(service.replica("orders").read(None))
