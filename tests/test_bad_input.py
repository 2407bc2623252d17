"""What bad input gets: a line that names the place, a remedy, the exit code of its kind, and nothing lost."""

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandboxed import Ground, sandbox

SECRETS = ("ntn_wrong", "ntn_sandbox", "cs_wrong", "ck_sandbox", "cs_sandbox")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with sandbox(tmp_path_factory.mktemp("bad"), "--records", "8") as ground:
        yield ground


def refuse(ground: Ground, config: Path, code: int, *words: str, command: tuple[str, ...] = ("sync", "--all")) -> str:
    """Run it; it must end with that code, say these words, give a remedy and show no secret."""
    done = ground.hsn(*command, config=config)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("hsn: ")
    assert "  what to do: " in done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert not [secret for secret in SECRETS if secret in done.stderr + done.stdout]
    return done.stderr


def test_a_wrong_token(ground: Ground) -> None:
    refuse(ground, ground.changed("token", ("ntn_sandbox", "ntn_wrong")), 5, "[notion] token", "integration")


def test_a_read_only_token(ground: Ground) -> None:
    config = ground.changed("readonly", ("ntn_sandbox", "ntn_sandbox_readonly"))
    refuse(ground, config, 5, "[notion] token", "read-only")


def test_a_wrong_key_of_the_shop(ground: Ground) -> None:
    refuse(ground, ground.changed("key", ("cs_sandbox", "cs_wrong")), 5, "services.shop", "401")


def test_a_read_only_key_of_the_shop(ground: Ground) -> None:
    config = ground.changed("weak", ("ck_sandbox", "ck_readonly"), ("cs_sandbox", "cs_readonly"))
    refuse(ground, config, 5, "read-only")


def test_a_wrong_address_of_the_shop(ground: Ground) -> None:
    refuse(ground, ground.changed("url", ("/woocommerce", "/nowhere")), 5, "shop")


def test_a_database_that_is_not_there(ground: Ground) -> None:
    databases = {line for line in ground.config.read_text().splitlines() if line.startswith("products = ")}
    [line] = databases
    config = ground.changed("database", (line, 'products = "0123456789abcdef0123456789abcdef"'))
    refuse(ground, config, 4, "products")


def test_a_state_that_cannot_be_written(ground: Ground) -> None:
    config = ground.changed("unwritable", ('path = "unwritable.sqlite3"', 'path = "hsn.toml/state.sqlite3"'))
    refuse(ground, config, 4, "hsn.toml")


def test_a_damaged_state_is_set_aside_on_demand_and_nothing_is_doubled(ground: Ground) -> None:
    config = ground.changed("damaged")
    assert ground.hsn("sync", "--all", config=config).returncode == 0
    pages = len(ground.control("GET", "dump")["notion"]["pages"])
    state = config.with_name("damaged.sqlite3")
    for path in config.parent.glob("damaged.sqlite3*"):
        path.unlink()
    state.write_bytes(b"this is no database, but somebody's letter. " * 100)
    refuse(ground, config, 4, str(state), "--rebuild")
    refuse(ground, config, 4, str(state), command=("status",))
    ground.control("POST", "clock", {"advance": 600})
    done = ground.hsn("sync", "--all", "--rebuild", config=config)
    assert done.returncode == 0, done.stderr
    assert len(ground.control("GET", "dump")["notion"]["pages"]) == pages
    assert [path for path in config.parent.glob("damaged.sqlite3*") if path.read_bytes().startswith(b"this is no")]


def test_a_service_name_that_is_pointed_at_another_account(ground: Ground) -> None:
    config = ground.changed("moved")
    assert ground.hsn("sync", "--all", config=config).returncode == 0
    url = f"{ground.url}/woocommerce"
    config.write_text(config.read_text().replace(url, url.replace("127.0.0.1", "localhost")))
    refuse(ground, config, 4, "[services.shop]")


def test_two_runs_at_once(ground: Ground) -> None:
    """The second says who holds the lock, and since when."""
    config = ground.changed("locked")
    lock = config.with_name("locked.sqlite3.lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write(json.dumps({"pid": os.getpid(), "since": "2026-11-23T10:00:00Z"}))
        held.flush()
        refuse(ground, config, 7, str(os.getpid()), "2026-11-23")


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
