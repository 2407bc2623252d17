"""The log file: one JSON object a line, with the run's ids and without any secret."""

import json
import logging
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from higherself_sync import log
from higherself_sync.errors import ConfigError
from higherself_sync.secret import Secret

logger = logging.getLogger("higherself_sync.test")

Lines = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    """Log something, and see what is in the file."""

    def write(act: Callable[[], None], *, debug: bool = False) -> list[dict[str, Any]]:
        with log.to_file(tmp_path / "logs" / "hsn.log", debug=debug):
            act()
        return [json.loads(line) for line in (tmp_path / "logs" / "hsn.log").read_text().splitlines()]

    return write


def test_a_line_has_the_run_the_stream_and_the_ids(lines: Lines) -> None:
    def act() -> None:
        with log.during("r1"):
            logger.info("updated %d", 3, extra={"service": "shop", "stream": "orders", "ids": {"page_id": "p"}})
            thread = threading.Thread(target=logger.info, args=("from a thread",))
            thread.start()
            thread.join()
        logger.info("after")

    first, second, third = lines(act)
    assert set(first) == {"time", "level", "logger", "message", "run", "service", "stream", "ids"}
    assert first["message"] == "updated 3"
    assert (first["run"], first["service"], first["stream"], first["ids"]) == ("r1", "shop", "orders", {"page_id": "p"})
    assert (second["run"], second["stream"], second["ids"]) == ("r1", None, {})
    assert third["run"] is None
    assert first["time"].endswith("Z")


def test_no_secret_reaches_the_file(lines: Lines) -> None:
    """Not in a message, not in an id, not in a traceback, not in a form that JSON would write otherwise."""
    key = Secret('ck_"quoted"\\key').reveal()

    def act() -> None:
        logger.info("key %s", key, extra={"ids": {"a": [key]}})
        try:
            raise ValueError(key)
        except ValueError:
            logger.exception("failed")

    assert "quoted" not in json.dumps(lines(act))


def test_debug_lines_are_kept_on_demand(lines: Lines) -> None:
    assert lines(lambda: logger.debug("Ada")) == []
    assert [line["message"] for line in lines(lambda: logger.debug("Ada"), debug=True)] == ["Ada"]


def test_the_file_is_its_owners_and_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_BYTES", 2000)
    with log.to_file(tmp_path / "hsn.log"):
        for number in range(200):
            logger.info("line %d", number)
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["hsn.log", *(f"hsn.log.{n}" for n in range(1, log.KEPT_FILES + 1))]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    before = logging.getLogger("higherself_sync").handlers[:]
    with log.to_file(tmp_path / "hsn.log"):
        pass
    assert logging.getLogger("higherself_sync").handlers == before


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot write") as caught, log.to_file(tmp_path / "file" / "hsn.log"):
        pass
    assert caught.value.place == "[log] path"
