"""Another site behind the same address is noticed before anything of it is read, and at no cost."""

import json
from typing import Any

import httpx
import pytest

from higherself_sync.errors import ConfigError
from tests.services.booking_site import NOW, Told, adapter, answer, index

STREAMS = ("customers", "services", "appointments")


def person(number: int, name: str = "", email: str = "") -> dict[str, Any]:
    first = name or f"Person {number}"
    return {"id": number, "firstName": first, "lastName": "", "email": email or f"{number}@example.com"}


def site(*people: dict[str, Any]) -> Told:
    def told(request: httpx.Request) -> httpx.Response:
        if "wp-json" in request.url.path:
            return index()
        call = request.url.params["call"]
        users = list(people) if call.endswith("/users/customers") else []
        counts = {"filteredCount": len(users), "countFiltered": 0}
        return answer(200, {"data": {"users": users, "services": [], "appointments": [], "payments": [], **counts}})

    return Told(told)


def known(*people: dict[str, Any]) -> dict[str, str]:
    """What is remembered after a run over a site with these customers."""
    cache: dict[str, str] = {}
    list(adapter(site(*people), cache).replica("customers").read(None))
    return cache


def lists(transport: Told) -> list[str]:
    asked = (request.url.params.get("call") for request in transport.requests)
    return [call.rpartition("/")[2] for call in asked if call]


SAME = known(person(2), person(3), person(5))
OTHERS = tuple(person(number, f"Other {number}", f"other{number}@example.com") for number in (2, 3, 5))


@pytest.mark.parametrize("stream", STREAMS)
def test_another_site_is_refused_before_anything_of_it_is_read(stream: str) -> None:
    other, cache = site(*OTHERS), dict(SAME)
    with pytest.raises(ConfigError, match="another site") as caught:
        list(adapter(other, cache).replica(stream).read(None))
    assert caught.value.exit_code == 4
    assert "--rebuild" in caught.value.remedy
    assert cache["booking:first_customers"] == SAME["booking:first_customers"], "who is to be expected is not unlearned"
    assert lists(other) == ["customers"]


@pytest.mark.parametrize(
    "people",
    [
        (person(2), person(3), person(5)),
        (person(2, email="new@example.com"), person(3, "Married"), person(5, "Once More", "else@example.com")),
        (*OTHERS[:2], person(5, email="new@example.com")),
        (*OTHERS[:2], person(7)),  # too few are left to tell
        (person(7), person(8)),
        (),
    ],
    ids=["same", "each changed in part", "one is known by name", "one went", "all went", "empty"],
)
def test_what_a_site_may_go_through_is_no_other_site(people: tuple[dict[str, Any], ...]) -> None:
    for stream in STREAMS:
        list(adapter(site(*people), dict(SAME)).replica(stream).read(None))


def test_two_customers_who_both_change_are_no_other_site() -> None:
    list(adapter(site(*OTHERS[:2]), known(person(2), person(3))).replica("customers").read(None))


def test_an_empty_list_unlearns_nobody() -> None:
    cache = dict(SAME)
    list(adapter(site(), cache).replica("customers").read(None))
    assert cache["booking:first_customers"] == SAME["booking:first_customers"]


def test_the_first_five_are_remembered_by_number_and_by_nothing_that_tells_who_they_are() -> None:
    raw = known(*(person(number) for number in (2, 3, 5, 8, 13, 21)))["booking:first_customers"]
    assert list(json.loads(raw)) == ["2", "3", "5", "8", "13"]
    assert "@" not in raw
    assert "person" not in raw.lower()


@pytest.mark.parametrize("first", STREAMS)
def test_the_check_costs_no_request(first: str) -> None:
    same = site(person(2), person(3), person(5))
    service = adapter(same, dict(SAME))
    for stream in (first, *(each for each in STREAMS if each != first)):
        found = [each.id for batch in service.replica(stream).read(NOW) for each in batch.records]
        assert found == (["2", "3", "5"] if stream == "customers" else [])
    assert lists(same).count("customers") == 1


def test_a_new_service_knows_nobody_yet_and_asks_nobody() -> None:
    fresh = site()
    list(adapter(fresh).replica("services").read(None))
    assert "customers" not in lists(fresh)
