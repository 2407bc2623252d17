"""The log file of real runs: every change is in it, by ids and names of fields; no person is, and no secret."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandboxed import Ground, sandbox

SECRETS = ("ntn_sandbox", "ck_sandbox", "cs_sandbox", "oauth_", "Bearer ", "Basic ")
PERSONAL = ("email", "phone", "address_1", "address_2", "postcode", "customer_note")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with sandbox(tmp_path_factory.mktemp("log"), "--records", "39") as ground:
        yield ground


@pytest.fixture(scope="module")
def text(ground: Ground) -> str:
    """What is in the log after a first sync, edits on both sides, and a write that was refused with a person's name."""
    assert ground.hsn("-vv", "sync", "--all").returncode == 0
    ground.control("POST", "clock", {"advance": 600})
    shop = ground.control("GET", "dump")["woocommerce"]
    first, second = [customer for customer in shop["customers"] if page_of(customer)][:2]
    note = {"rich_text": [{"text": {"content": "please ring twice at the red door"}}]}
    edit(ground, page_of(shop["orders"][0]), {"Customer Note": note})
    edit(ground, page_of(first), {"Phone": {"phone_number": "+49 30 5550123"}})
    edit(ground, page_of(second), {"Phone": {"phone_number": "+49 30 5550456"}})
    ground.control("PATCH", f"woocommerce/customers/{first['id']}", {"first_name": "Theodora"})
    refusal = {"code": "registration-error", "message": f"{second['email']} is not allowed", "data": {"status": 400}}
    rule = {"service": "woocommerce", "method": "PUT", "path": f".*/customers/{second['id']}", "times": None,
            "do": {"status": 400, "body": refusal}}  # fmt: skip
    ground.control("POST", "faults", {"rules": [rule]})
    done = ground.hsn("-vv", "sync", "--all")
    assert (done.returncode, second["email"] in done.stderr) == (3, True), "who looks at the terminal is told"
    ground.control("DELETE", "faults")
    wrong = ground.changed("wrong", ("ntn_sandbox", "ntn_wrong_0451"))
    assert ground.hsn("-vv", "sync", "--all", config=wrong).returncode == 5
    return ground.config.with_name("hsn.log").read_text()


@pytest.fixture(scope="module")
def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def edit(ground: Ground, page: str, properties: dict[str, Any]) -> None:
    ground.control("PATCH", f"notion/pages/{page}", {"properties": properties})


def page_of(thing: dict[str, Any]) -> str:
    return next((str(each["value"]) for each in thing["meta_data"] if each["key"] == "notion_page_id"), "")


def persons(ground: Ground) -> set[str]:
    """Everything the shop knows of people, as it would stand in a text."""
    shop = ground.control("GET", "dump")["woocommerce"]
    found = {"Theodora", "ring twice", "5550123", "5550456"}
    for thing in (*shop["customers"], *shop["orders"]):
        for part in (thing, thing["billing"], thing["shipping"]):
            found |= {str(part[name]) for name in PERSONAL if part.get(name)}
            if part.get("first_name") and part.get("last_name"):
                found |= {part["last_name"], f"{part['first_name']} {part['last_name']}"}
    return {each for each in found if len(each) > 3}


def test_nothing_above_debug_level_tells_of_a_person(ground: Ground, lines: list[dict[str, Any]]) -> None:
    shown = [json.dumps(line, ensure_ascii=False) for line in lines if line["level"] != "debug"]
    known = persons(ground)
    assert len(known) > 50
    assert {(word, line) for line in shown for word in known if word in line} == set()


def test_no_secret_at_any_level(text: str) -> None:
    assert [secret for secret in (*SECRETS, "ntn_wrong") if secret in text] == []
    assert '"level": "debug"' in text


def test_every_line_of_a_run_names_it(lines: list[dict[str, Any]]) -> None:
    runs = {line["run"] for line in lines}
    assert None not in runs
    assert len(runs) == 3


def test_every_change_has_its_line(ground: Ground, lines: list[dict[str, Any]]) -> None:
    changes = [line for line in lines if line["ids"]]
    assert all(line["service"] == "shop" and line["stream"] and line["ids"]["page_id"] for line in changes)
    made = {line["ids"]["page_id"] for line in changes if line["message"] == "created in notion"}
    pages = ground.control("GET", "dump")["notion"]["pages"]
    assert made == {page["id"] for page in pages if page["parent"]["type"] == "data_source_id"}
    said = {(line["stream"], line["message"]) for line in changes}
    assert ("customers", "updated in the service: phone (edit)") in said
    assert ("customers", "updated in notion: name (edit)") in said
    assert ("orders", "updated in the service: customer_note (edit)") in said
    assert ("customers", "set aside, attempt 1: `hsn conflicts` tells why") in said


def test_a_run_begins_and_ends_with_its_counts(lines: list[dict[str, Any]]) -> None:
    runs = dict.fromkeys(line["run"] for line in lines)
    told = [[line["message"] for line in lines if line["run"] == run and line["level"] != "debug"] for run in runs]
    assert [(each[0], each[-1]) for each in told[:2]] == [
        ("begins: both", "ends: exit code 0"),
        ("begins: both", "ends: exit code 3"),
    ]
    assert told[2] == ["the run cannot go on: [notion] token: notion refuses the token: API token is invalid."]
    counted = {line["stream"] for line in lines if "read {" in line["message"]}
    assert counted == {"customers", "people", "products", "variations", "orders"}


def test_without_vv_the_file_has_no_debug_lines(ground: Ground, tmp_path: Path) -> None:
    config = tmp_path / "hsn.toml"
    config.write_text(ground.config.read_text())
    ground.hsn("sync", "--all", config=config)
    levels = [json.loads(line)["level"] for line in (tmp_path / "hsn.log").read_text().splitlines()]
    assert levels
    assert "debug" not in levels
