"""What waits for another run, for time, or for a person: it is told once, and settled as the message says."""

import fcntl
import json
import os
from collections.abc import Iterator

import pytest

from tests.sandboxed import Ground, sandbox


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with sandbox(tmp_path_factory.mktemp("waits"), "--records", "8") as ground:
        yield ground


def test_two_runs_at_once(ground: Ground) -> None:
    """The second says who holds the lock, and since when."""
    config = ground.changed("locked")
    lock = config.with_name("locked.sqlite3.lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write(json.dumps({"pid": os.getpid(), "since": "2026-11-23T10:00:00Z"}))
        held.flush()
        done = ground.hsn("sync", "--all", config=config)
    assert done.returncode == 7
    assert done.stderr.startswith("hsn: ")
    assert "  what to do: " in done.stderr
    assert str(os.getpid()) in done.stderr
    assert "2026-11-23" in done.stderr


def test_a_record_that_notion_refuses_is_set_aside_and_the_others_go_through(ground: Ground) -> None:
    ground.control("POST", "reset")
    config = ground.changed("refused")
    refusal = {"object": "error", "status": 400, "code": "validation_error", "message": "body failed validation"}
    rule = {
        "service": "notion",
        "method": "POST",
        "path": "/v1/pages",
        "nth": 3,
        "do": {"status": 400, "body": refusal},
    }
    ground.control("POST", "faults", {"rules": [{**rule, "times": 1}]})
    done = ground.hsn("sync", "--all", "--json", config=config)
    body = json.loads(done.stdout)
    assert done.returncode == body["exit_code"] == 3
    [problem] = body["problems"]
    assert set(problem) >= {"id", "service", "stream", "service_id", "page_id", "kind", "reason", "since", "attempts"}
    assert (problem["kind"], problem["attempts"]) == ("set_aside", 1)
    assert "body failed validation" in problem["reason"]
    assert len([line for line in done.stderr.splitlines() if line.startswith("hsn: ")]) == 1
    assert sum(stream["created"]["notion"] for stream in body["streams"]) == len(ground.records()["shop"]) - 1 > 3

    [shown] = json.loads(ground.hsn("conflicts", "--json", config=config).stdout)["conflicts"]
    assert shown["reason"] == problem["reason"]
    assert "body failed validation" in ground.hsn("conflicts", config=config).stdout
    quiet = ground.hsn("sync", "--all", config=config)
    assert (quiet.returncode, quiet.stderr) == (3, ""), "told once, and still open"
    ground.control("POST", "clock", {"advance": 3600})
    assert ground.hsn("sync", "--all", config=config).returncode == 0, "it is tried again by itself"


def test_a_conflict_that_waits_is_settled_by_hand(ground: Ground) -> None:
    ground.control("POST", "reset")
    config = ground.changed("asked", ("quiet = 0", 'quiet = 0\nconflict = "ask"'))
    assert ground.hsn("sync", "--all", config=config).returncode == 0
    ground.control("POST", "clock", {"advance": 600})
    product = ground.control("GET", "dump")["woocommerce"]["products"][0]
    page = next(each["value"] for each in product["meta_data"] if each["key"] == "notion_page_id")
    ground.control("PATCH", f"woocommerce/products/{product['id']}", {"regular_price": "71"})
    ground.control("PATCH", f"notion/pages/{page}", {"properties": {"Price": {"number": 72}}})
    done = ground.hsn("sync", "--all", config=config)
    assert done.returncode == 3
    assert "price" in done.stderr
    shown = ground.hsn("conflicts", config=config).stdout
    assert "71" in shown
    assert "72" in shown
    [conflict] = json.loads(ground.hsn("conflicts", "--json", config=config).stdout)["conflicts"]
    assert ground.hsn("resolve", str(conflict["id"]), "--keep", "notion", config=config).returncode == 0
    assert ground.hsn("sync", "--all", config=config).returncode == 0
    after = ground.control("GET", "dump")["woocommerce"]["products"]
    assert [each["regular_price"] for each in after if each["id"] == product["id"]] == ["72"]


def test_a_copied_row_is_told_without_a_choice_and_again_when_emptying_its_external_id_was_not_enough(
    ground: Ground,
) -> None:
    ground.control("POST", "reset")
    config = ground.changed("copied")
    assert ground.hsn("sync", "--all", config=config).returncode == 0
    ground.control("POST", "clock", {"advance": 600})
    product = next(each for each in ground.control("GET", "dump")["woocommerce"]["products"] if each["sku"])
    page = next(each["value"] for each in product["meta_data"] if each["key"] == "notion_page_id")
    copy = ground.control("POST", f"notion/pages/{page}/duplicate", {})["id"]
    told = ground.hsn("sync", "--all", config=config).stderr
    assert "the row is a copy of another: delete it, or empty its External ID" in told
    assert "hsn resolve" not in told
    [problem] = json.loads(ground.hsn("conflicts", "--json", config=config).stdout)["conflicts"]
    refused = ground.hsn("resolve", str(problem["id"]), "--keep", "service", config=config)
    assert refused.returncode == 2
    assert "there is nothing to choose: the row is a copy of another" in refused.stderr
    ground.control("PATCH", f"notion/pages/{copy}", {"properties": {"External ID": {"rich_text": []}}})
    ground.control("POST", "clock", {"advance": 600})
    told = ground.hsn("sync", "--all", config=config).stderr
    assert f"shop:products:{product['id']} has this SKU; that is another row's: give this one another SKU" in told
    other = {"SKU": {"rich_text": [{"text": {"content": "another"}}]}}
    ground.control("PATCH", f"notion/pages/{copy}", {"properties": other})
    ground.control("POST", "clock", {"advance": 600})
    assert ground.hsn("sync", "--all", config=config).returncode == 0
    made = [each["sku"] for each in ground.control("GET", "dump")["woocommerce"]["products"]]
    assert (made.count(product["sku"]), made.count("another")) == (1, 1)
