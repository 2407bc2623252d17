"""Notion and the shop at their worst: whatever a request meets, nothing is doubled and nothing is lost."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.e2e.scene import Scene, title
from tests.e2e.test_kill import markers_name_their_rows

NOTION_429: dict[str, Any] = {
    "status": 429,
    "headers": {"Retry-After": "1"},
    "body": {
        "object": "error",
        "status": 429,
        "code": "rate_limited",
        "message": "You have been rate limited. Please try again later.",
        "additional_data": {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": "1"},
    },
}
NOTION_409 = {
    "status": 409,
    "body": {"object": "error", "status": 409, "code": "conflict_error", "message": "Conflict occurred while saving."},
}
CREATES = {"service": "notion", "path": "/v1/pages", "method": "POST"}
MARKS = {"service": "woocommerce", "path": ".*/batch", "method": "POST"}
READS = {"service": "woocommerce", "path": ".*/orders", "method": "GET"}
QUERIES = {"service": "notion", "path": ".*/query", "method": "POST"}


def faulty(here: Scene, where: Mapping[str, Any], do: Mapping[str, Any], nth: int = 1) -> None:
    here.ground.control("POST", "faults", {"rules": [{**where, "nth": nth, "times": 1, "do": do}]})


@pytest.mark.parametrize(
    ("where", "do", "nth", "codes"),
    [
        (CREATES, NOTION_429, 3, {0}),
        (CREATES, NOTION_409, 3, {0}),
        (CREATES, {"drop": "after"}, 3, {0}),
        (CREATES, {"drop": "before"}, 3, {3}),
        (CREATES, {"html": 502, "commit": True}, 3, {0}),
        (CREATES, {"html": 502, "commit": False}, 3, {3}),
        (CREATES, {"truncate": 40}, 3, {0}),
        (CREATES, {"status": 504, "body": "", "commit": True}, 3, {0}),
        (CREATES, {"status": 504, "body": "", "commit": False}, 3, {3}),
        (QUERIES, {"truncate": 40}, 1, {0}),
        (QUERIES, {"status": 529, "headers": {"Retry-After": "1"}, "body": {"code": "service_overload"}}, 1, {0}),
        (QUERIES, {"drop": "before"}, 2, {0}),
        (MARKS, {"drop": "after"}, 1, {0}),
        (MARKS, {"html": 503, "commit": False}, 1, {0}),
        (READS, {"html": 502, "commit": False}, 1, {0}),
        (READS, {"truncate": 100}, 1, {0}),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else None,
)
def test_a_first_sync_that_meets_a_fault(
    scene: Callable[..., Scene], where: Mapping[str, Any], do: Mapping[str, Any], nth: int, codes: set[int]
) -> None:
    here = scene("--records", "30")
    faulty(here, where, do, nth)
    done = here.ground.hsn("sync", "--all")
    assert done.returncode in codes, done.stderr
    here.later(120)
    here.sync()
    assert markers_name_their_rows(here) == 30
    assert len(here.rows()) == 30
    here.at_rest()


def test_a_date_to_wait_for_is_told_from_the_servers_clock(scene: Callable[..., Scene]) -> None:
    """Which here is a day ahead of this machine's: to wait until then by that would be to wait for a day."""
    here = scene("--records", "30")
    here.later(86_400)
    until = datetime.fromisoformat(here.ground.control("GET", "clock")["now"]) + timedelta(seconds=3)
    told = {"Retry-After": format_datetime(until.astimezone(UTC), usegmt=True)}
    faulty(here, CREATES, {**NOTION_429, "headers": told}, 3)
    here.sync()
    assert len(here.rows()) == 30
    here.at_rest()


def test_a_connection_that_notion_has_blocked_is_not_tried_again(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    body = {**NOTION_429["body"], "additional_data": {"rate_limit_reason": "public_api_request_blocked"}}
    rule = {**CREATES, "nth": 3, "times": None, "do": {**NOTION_429, "body": body}}
    here.ground.control("POST", "faults", {"rules": [rule]})
    done = here.ground.hsn("sync", "--all")
    assert done.returncode == 5, done.stderr
    assert "blocked" in done.stderr
    assert [each["hits"] for each in here.ground.control("GET", "faults")["rules"]] == [1]
    here.mend()
    here.later(120)
    here.sync()
    assert len(here.rows()) == markers_name_their_rows(here) == 30
    here.at_rest()


@pytest.mark.parametrize("where", [CREATES, MARKS, READS], ids=["a page's create", "back-links", "a list"])
def test_an_answer_that_comes_too_late(scene: Callable[..., Scene], where: Mapping[str, Any]) -> None:
    """What was asked for is done by then."""
    here = scene("--records", "30")
    config = here.ground.config
    config.write_text(config.read_text() + '\n[http]\ntimeout = "2s"\n')
    faulty(here, where, {"delay": 20})
    here.sync()
    assert len(here.rows()) == markers_name_their_rows(here) == 30
    here.mend()
    here.at_rest()


@pytest.mark.parametrize("told", [True, False], ids=["with the id", "without the id"])
def test_notion_saved_it_and_says_503(scene: Callable[..., Scene], told: bool) -> None:
    """Its own way to say that a write was saved and the answer was not built in time."""
    here = scene("--records", "30")
    here.ground.control("POST", "knobs", {"saved_503": 3, "saved_503_tells_id": told})
    here.sync()
    assert len(here.rows()) == 30
    here.at_rest()


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_product_whose_create_got_no_answer(scene: Callable[..., Scene], drop: str) -> None:
    here = scene("--records", "30")
    here.sync()
    properties = {"Name": title("Weekend"), "Source": {"multi_select": [{"name": "shop"}]}}
    parent = {"type": "data_source_id", "data_source_id": here.sources["Products"]}
    here.ground.control("POST", "notion/pages", {"parent": parent, "properties": properties})
    faulty(here, {"service": "woocommerce", "path": ".*/products", "method": "POST"}, {"drop": drop})
    assert here.ground.hsn("sync", "--all").returncode == (0 if drop == "after" else 3)
    here.later(120)
    here.sync()
    assert len([each for each in here.shop("products").values() if each["name"] == "Weekend"]) == 1
    here.at_rest()


def test_a_refused_record_is_set_aside_and_the_others_go_through(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    refusal = {"object": "error", "status": 400, "code": "validation_error", "message": "body failed validation: no."}
    faulty(here, CREATES, {"status": 400, "body": refusal}, 5)
    report = here.sync(exit_code=3)
    assert [(each["kind"], each["attempts"]) for each in report["problems"]] == [("set_aside", 1)]
    assert "no." in report["problems"][0]["reason"]
    assert len(here.rows()) == 29
    here.forget_requests()
    report = here.sync(exit_code=3)
    assert here.writes() == [], "it is not due yet"
    here.later(600)
    assert here.sync()["problems"] == []
    assert len(here.rows()) == 30


@pytest.mark.parametrize(
    ("service", "streams"), [("woocommerce", {"customers", "products", "orders", "people"}), ("notion", None)]
)
def test_a_side_that_is_down_is_named_and_nothing_follows(
    scene: Callable[..., Scene], service: str, streams: set[str] | None
) -> None:
    here = scene("--records", "30")
    here.sync()
    here.ground.control(
        "POST",
        "faults",
        {"rules": [{"service": service, "path": ".*", "times": None, "do": {"html": 503, "commit": False}}]},
    )
    done = here.ground.hsn("sync", "--all")
    assert done.returncode == 5
    assert "hsn: " in done.stderr
    assert "  what to do: " in done.stderr or "remedy" in done.stderr or "→" in done.stderr, done.stderr
    here.mend()
    here.at_rest()
    assert len(here.rows()) == 30


def test_one_database_that_was_unshared_stops_its_streams_only(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    here.sync()
    here.later(600)
    customer = next(iter(here.shop("customers")))
    here.edit_shop("customers", customer, billing={"phone": "+49 30 4711"})
    databases = here.ground.control("GET", "dump")["notion"]["databases"]
    products = next(each["id"] for each in databases if each["title"][0]["plain_text"] == "Products")
    here.ground.control("POST", f"notion/databases/{products}/share", {"shared": False})
    report = here.sync(exit_code=5)
    failed = {each["stream"] for each in report["streams"] if each["error"]}
    assert failed == {"products", "variations"}
    assert here.row(f"shop:customers:{customer}")["Phone"] == "+49 30 4711"
    here.ground.control("POST", f"notion/databases/{products}/share", {"shared": True})
    here.at_rest()
