"""`hsn sandbox`, and from another process everything that is promised to work against it."""

import json
import os
import pty
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from higherself_sync.config import load
from tests.sandboxed import HSN, SHOP, Ground, sandbox

COUNTS = {"read", "created", "updated", "archived", "adopted", "restored", "unchanged", "conflicts", "set_aside"}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A small sandbox that has been synced once."""
    with sandbox(tmp_path_factory.mktemp("sandbox"), "--records", "60", services=None) as ground:
        assert ground.control("GET", "requests") == {"requests": []}, "the request log starts empty"
        done = ground.hsn("sync", "--all")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), "in cron, all well is no word"
        yield ground


def test_the_config_it_writes_is_ready_to_use(ground: Ground) -> None:
    loaded = load(ground.config, {})
    assert stat.S_IMODE(ground.config.stat().st_mode) == 0o600
    assert (loaded.sync.quiet, loaded.notion.requests_per_minute) == (0, 0)
    assert loaded.state.path == ground.config.parent / "state.sqlite3"
    assert loaded.log.path == ground.config.parent / "hsn.log"
    assert all(secret.literal for secret in loaded.secrets())


def test_every_record_got_its_row(ground: Ground) -> None:
    dump, records = ground.control("GET", "dump"), ground.records()
    assert all(records.values()), "each service has its share"
    sold = [each for stream in SHOP for each in dump["woocommerce"][stream]]
    named = {meta["value"] for each in sold for meta in each["meta_data"] if meta["key"] == "notion_page_id"}
    assert len(named) == len(sold) == len(records["shop"])
    in_databases = [each for each in dump["notion"]["pages"] if "External ID" in each["properties"]]
    pages = {page["id"]: page["properties"]["External ID"]["rich_text"] for page in in_databases}
    assert named <= pages.keys()
    lines = {line for texts in pages.values() for text in texts for line in text["plain_text"].splitlines()}
    assert set().union(*records.values()) <= lines


@pytest.mark.parametrize("command", ["sync", "pull", "push"])
def test_json_is_one_object_of_the_documented_form(ground: Ground, command: str) -> None:
    done = ground.hsn(command, "--all", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    body = json.loads(done.stdout)
    assert set(body) == {"run", "started", "finished", "exit_code", "streams", "requests", "problems", "notices"}
    assert body["started"].endswith("Z")
    assert set(body["requests"]) == {"notion", *load(ground.config, {}).services}
    for stream in body["streams"]:
        assert set(stream) == COUNTS | {"service", "stream", "entity", "error"}
        assert sum(stream["created"].values()) + sum(stream["updated"].values()) == 0


def test_a_dry_run_shows_the_plan_and_writes_nothing(ground: Ground) -> None:
    product = ground.control("GET", "dump")["woocommerce"]["products"][0]
    ground.control("PATCH", f"woocommerce/products/{product['id']}", {"regular_price": "123.45"})
    ground.control("POST", "clock", {"advance": 60})
    ground.control("DELETE", "requests")
    body = json.loads(ground.hsn("sync", "--all", "--dry-run", "--json").stdout)
    [change] = [each for each in body["plan"] if each["action"] == "update"]
    assert (change["service"], change["stream"], change["side"]) == ("shop", "products", "notion")
    assert change["service_id"] == str(product["id"])
    assert change["fields"]["price"][1] == "123.45"
    assert set(body["cost"]) == {"notion", *load(ground.config, {}).services}
    assert sum(sum(stream["updated"].values()) for stream in body["streams"]) == 0
    text = ground.hsn("sync", "--all", "--dry-run").stdout
    assert "→ 123.45" in text
    methods = {
        (each["method"], each["path"].rpartition("/")[2]) for each in ground.control("GET", "requests")["requests"]
    }
    assert {method for method, last in methods if last not in ("query", "search")} <= {"GET"}


def test_verbose_says_what_was_done_in_plain_text(ground: Ground) -> None:
    done = subprocess.run(
        [HSN, "-v", "--config", ground.config, "sync", "shop"], capture_output=True, text=True, env={}, timeout=60
    )
    assert done.returncode == 0
    assert "shop:orders" in done.stdout
    assert "\x1b" not in done.stdout


def test_status_and_health_have_the_documented_form(ground: Ground) -> None:
    status = json.loads(ground.hsn("status", "--json").stdout)
    assert set(status) == {"state", "last_run", "lock", "streams"}
    assert set(status["last_run"]) == {"run", "started", "finished", "exit_code"}
    keys = {
        "service",
        "stream",
        "entity",
        "last_run",
        "last_success",
        "linked",
        "waiting",
        "set_aside",
        "conflicts",
        "cursor",
    }
    assert all(set(stream) - {"window"} == keys for stream in status["streams"])
    assert all(stream["linked"] for stream in status["streams"] if stream["stream"] in SHOP)
    done = ground.hsn("health", "--json")
    health = json.loads(done.stdout)
    assert (done.returncode, health["ok"], health["exit_code"]) == (0, True, 0), done.stdout
    assert all(set(check) == {"name", "service", "status", "message", "remedy"} for check in health["checks"])
    assert {"config", "state", "lock", "last success"} <= {check["name"] for check in health["checks"]}


def test_quiet_health_prints_nothing_when_all_is_well(ground: Ground) -> None:
    done = ground.hsn("-q", "health")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def on_a_terminal(*words: str | Path) -> tuple[int, str]:
    """Run a command whose stdout and stderr are a terminal; its exit code and what it showed."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(words, stdout=theirs, stderr=theirs, env={"TERM": "xterm", "COLUMNS": "80"}) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux's way to say that the other end was closed
                break
            if not part:
                break
            shown += part
    os.close(ours)
    return process.returncode, shown.decode()


def test_on_a_terminal_tables_have_lines(ground: Ground) -> None:
    code, shown = on_a_terminal(HSN, "--config", ground.config, "status")
    assert code == 0
    assert "───" in shown
    assert re.search(r"shop:orders +\d\d \w{3} \d\d:\d\d", shown), "a line a stream, in 80 columns"


def test_on_a_terminal_a_run_tells_what_it_did(ground: Ground) -> None:
    code, shown = on_a_terminal(HSN, "--config", ground.config, "sync", "--all")
    assert code == 0
    assert "shop:orders" in shown


def test_a_port_that_is_taken_is_a_clear_error(ground: Ground, tmp_path: Path) -> None:
    port = ground.url.rpartition(":")[2]
    done = subprocess.run(
        [HSN, "sandbox", "--port", port, "--write-config", tmp_path / "x.toml"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_it_holds_is_kept_with_data(tmp_path: Path) -> None:
    options = ("--records", "5", "--data", str(tmp_path / "data"))
    with sandbox(tmp_path, *options) as ground:
        assert ground.hsn("sync", "--all").returncode == 0
        before = ground.control("GET", "dump")["woocommerce"]
        port = ground.url.rpartition(":")[2]
    with sandbox(tmp_path, *options, "--port", port) as ground:
        assert ground.control("GET", "dump")["woocommerce"] == before
        done = ground.hsn("sync", "--all", "--json")
        assert done.returncode == 0, done.stderr
        assert sum(stream["created"]["notion"] for stream in json.loads(done.stdout)["streams"]) == 0


def test_a_new_sandbox_is_not_confused_by_the_state_of_an_old_one(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        with sandbox(tmp_path, "--records", "5", "--seed", seed) as ground:
            done, held = ground.hsn("sync", "--all", "--json"), ground.records()["shop"]
            assert done.returncode == 0, done.stderr
            assert sum(stream["created"]["notion"] for stream in json.loads(done.stdout)["streams"]) == len(held) > 0


def test_data_where_no_folder_can_be_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        done = subprocess.run([HSN, "sandbox", "--data", place], capture_output=True, text=True, timeout=60)
        assert done.returncode == 2
        assert f"hsn: --data: {place} cannot be made" in done.stderr
