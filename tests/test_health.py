"""`hsn health`: what it finds, what it advises, and how it exits."""

import fcntl
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from higherself_sync.config import load
from higherself_sync.health import Health, examine
from higherself_sync.services.base import Check
from tests.sandboxed import Ground, sandbox, without_rights


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with sandbox(tmp_path_factory.mktemp("health"), "--records", "8") as ground:
        yield ground


def look(config: Path, *, now: datetime | None = None) -> Health:
    return examine(load(config, {}), now=lambda: now or datetime.now(UTC))


def check(health: Health, name: str) -> Check:
    [found] = [each for each in health.checks if each.name == name]
    return found


def test_before_the_first_run_it_warns_and_exits_0(ground: Ground) -> None:
    health = look(ground.changed("new"))
    assert health.exit_code == 0, health.as_json()
    assert check(health, "last success").status == "warn"
    assert check(health, "state").status == "ok"
    assert not ground.config.with_name("new.sqlite3").exists(), "looking makes nothing"


def test_a_last_success_that_is_too_old_exits_3(ground: Ground) -> None:
    config = ground.changed("old")
    assert ground.hsn("sync", "--all", config=config).returncode == 0
    assert look(config, now=datetime.now(UTC) + timedelta(hours=23)).exit_code == 0
    health = look(config, now=datetime.now(UTC) + timedelta(days=3))
    assert (health.exit_code, check(health, "last success").message) == (3, "3 days ago")


def test_keys_that_others_may_read_are_a_warning(ground: Ground) -> None:
    config = ground.changed("open")
    config.chmod(0o644)
    found = check(look(config), "config")
    assert (found.status, found.remedy) == ("warn", f"chmod 600 {config}")
    config.write_text(config.read_text().replace('"ntn_sandbox"', '"env:A"').replace('"ck_sandbox"', '"env:B"').replace(
        '"cs_sandbox"', '"env:C"'))  # fmt: skip
    assert check(look(config), "config").status == "ok", "references may be read by anybody"


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("token", "ntn_sandbox", "ntn_wrong", 5),
        ("secret", "cs_sandbox", "cs_wrong", 5),
        ("site", "/woocommerce", "/nowhere", 5),
        ("unset", '"ck_sandbox"', '"env:NOT_SET"', 4),
        ("zone", "Europe/Berlin", "Asia/Tokyo", 4),
    ],
)
def test_what_is_wrong_has_its_code_and_a_remedy(ground: Ground, name: str, old: str, new: str, code: int) -> None:
    health = look(ground.changed(name, (old, new)))
    failed = [each for each in health.checks if each.status == "fail"]
    assert health.exit_code == code
    assert failed
    assert all(each.remedy for each in failed)
    assert "cs_wrong" not in json.dumps(health.as_json())


def test_one_service_that_is_ill_hides_no_other_check(ground: Ground) -> None:
    names = {each.name for each in look(ground.changed("ill", ("cs_sandbox", "cs_wrong"))).checks}
    assert {"config", "state", "lock", "last success"} <= names


def test_a_column_that_is_missing_is_named(ground: Ground) -> None:
    config = load(ground.config, {})
    database = next(iter(config.notion.databases.values()))
    source = ground.control("GET", f"notion/databases/{database}")["data_sources"][0]["id"]
    ground.control("PATCH", f"notion/data_sources/{source}", {"properties": {"Phone": None}})
    health = look(ground.config)
    ground.control("POST", "reset")
    assert health.exit_code == 4
    assert [each for each in health.checks if each.status == "fail" and "Phone" in each.message + each.remedy]


def test_a_database_that_is_not_shared_any_more_is_named(ground: Ground) -> None:
    database = next(iter(load(ground.config, {}).notion.databases.values()))
    ground.control("POST", f"notion/databases/{database}/share", {"shared": False})
    health = look(ground.config)
    ground.control("POST", "reset")
    assert health.exit_code == 4
    assert [each for each in health.checks if each.status == "fail" and "Connections" in each.remedy]


def test_a_damaged_state_is_a_failure(ground: Ground) -> None:
    config = ground.changed("broken")
    config.with_name("broken.sqlite3").write_bytes(b"somebody's letter " * 500)
    health = look(config)
    assert health.exit_code == 4
    assert "--rebuild" in check(health, "state").remedy


@pytest.mark.parametrize("spoilt", ["state.sqlite3", "state.sqlite3.lock", "."])
def test_a_state_that_cannot_be_written_is_a_failure(ground: Ground, tmp_path: Path, spoilt: str) -> None:
    config = tmp_path / "hsn.toml"
    config.write_text(ground.config.read_text())
    (tmp_path / "logs").mkdir()
    config.write_text(config.read_text().replace('"hsn.log"', '"logs/hsn.log"'))
    config.chmod(0o600)
    assert ground.hsn("sync", "--all", config=config).returncode == 0
    mode = (tmp_path / spoilt).stat().st_mode
    (tmp_path / spoilt).chmod(mode & ~0o222)
    try:
        sync, health = (without_rights(tmp_path, *each, "--json") for each in (("sync", "--all"), ("health",)))
    finally:
        (tmp_path / spoilt).chmod(mode)
    assert (sync.returncode, health.returncode) == (4, 4), health.stdout
    failed = [each for each in json.loads(health.stdout)["checks"] if each["status"] == "fail"]
    assert failed
    assert all(str(tmp_path) in each["message"] and each["remedy"] for each in failed)


def test_a_place_where_no_state_can_be_made_is_a_failure(ground: Ground) -> None:
    config = ground.changed("below", ('"below.sqlite3"', '"below.toml/deep/state.sqlite3"'))
    found = check(look(config), "state")
    assert (found.status, found.exit_code) == ("fail", 4)
    assert "[state] path" in found.remedy


@pytest.mark.parametrize(("hours", "status"), [(1, "ok"), (10, "warn")])
def test_a_lock_that_is_held_for_long_is_a_warning(ground: Ground, hours: int, status: str) -> None:
    since = datetime.now(UTC) - timedelta(hours=hours)
    with ground.config.with_name("state.sqlite3.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write(json.dumps({"pid": 4711, "since": since.isoformat()}))
        held.flush()
        found = check(look(ground.config), "lock")
    assert found.status == status
    assert "4711" in found.message
