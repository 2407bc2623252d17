"""Killed from outside while a request is held, before or after the server acted: one more run, and all is well.

Every request and every commit is the crash matrix's (test_crash_matrix.py), where the process kills itself.
"""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Literal

import pytest

from tests.e2e.scene import Scene

# A first sync of 30 records is about 41 requests, the last of which write back-links.
POINTS: list[tuple[int, Literal["before", "after"]]] = [(20, "after"), (33, "before")]


def held(scene: Scene) -> bool:
    """Whether a request is waiting in the sandbox."""
    return any(each["status"] is None for each in scene.requests())


def run_that_is_held(scene: Scene, *words: str) -> "subprocess.Popen[str]":
    """Start a run, and wait until the fault holds one of its requests."""
    run = scene.start(*words)
    deadline = time.monotonic() + 30
    while not held(scene):
        assert run.poll() is None, f"the run ended before it was held: {run.communicate()}"
        assert time.monotonic() < deadline, "no request was ever held"
        time.sleep(0.02)
    return run


def kill_when_held(scene: Scene) -> None:
    """Start a run, wait until the fault holds one of its requests, and kill it there."""
    run = run_that_is_held(scene)
    run.kill()
    run.communicate()
    scene.mend()


def markers_name_their_rows(scene: Scene) -> int:
    """How many live records there are, each of which and its row name each other."""
    rows, count = scene.rows(), 0
    for stream in ("products", "customers", "orders"):
        for record_id, record in scene.shop(stream).items():
            marks = {each["key"]: each["value"] for each in record["meta_data"]}
            assert marks.get("notion_page_id") == rows[f"shop:{stream}:{record_id}"]["id"]
            count += 1
    return count


@pytest.mark.parametrize(("nth", "side"), POINTS, ids=[f"{nth} {side}" for nth, side in POINTS])
def test_killed_in_a_first_sync(scene: Callable[..., Scene], nth: int, side: str) -> None:
    here = scene("--records", "30")
    here.fault("*", ".*", {"hold": side}, nth=nth)
    kill_when_held(here)
    here.later(120)
    here.sync()
    in_databases = [page for page in here.pages().values() if page["parent"]["type"] == "data_source_id"]
    assert len(in_databases) == 30
    assert here.state("SELECT count(*) FROM links") == [(30,)]
    assert markers_name_their_rows(here) == 30
    here.forget_requests()
    here.sync()
    assert here.writes() == []


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("write", [r"/v1/pages/.*", r"/wp-json/wc/v3/\w+/\d+"], ids=["notion", "shop"])
def test_killed_while_edits_travel(scene: Callable[..., Scene], write: str, side: str) -> None:
    here = scene("--records", "30")
    here.sync()
    here.later(600)
    first, second = list(here.shop("products"))[:2]
    here.edit_shop("products", first, regular_price="12.30")
    here.edit_row(f"shop:products:{second}", Price={"number": 45.6})
    here.fault("*", write, {"hold": side}, method="PATCH" if "v1" in write else "PUT")
    kill_when_held(here)
    here.later(120)
    here.sync()
    rows, shop = here.rows(), here.shop("products")
    prices = {
        each: (rows[f"shop:products:{each}"]["Price"], float(shop[each]["regular_price"])) for each in (first, second)
    }
    assert prices == {first: (12.3, 12.3), second: (45.6, 45.6)}
    here.at_rest()


def test_two_at_once_one_steps_back(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    here.fault("notion", ".*", {"hold": "before"})
    run = here.start()
    while not held(here):
        time.sleep(0.02)
    other = here.ground.hsn("sync", "--all")
    assert other.returncode == 7
    assert f"pid {run.pid}" in other.stderr
    here.mend()
    run.communicate(timeout=60)
    assert run.returncode == 0


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["", "json"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_says_so_and_the_next_goes_on(
    scene: Callable[..., Scene], number: int, code: int, words: tuple[str, ...]
) -> None:
    here = scene("--records", "8")
    here.fault("notion", "/v1/pages", {"hold": "after"}, method="POST", nth=2)
    run = run_that_is_held(here, *words)
    run.send_signal(number)
    out, said = run.communicate(timeout=60)
    assert run.returncode == (code if number == signal.SIGINT else -number), "a shell makes 143 of the latter"
    assert said == "hsn: stopped; nothing is lost, the next run goes on from here\n"
    body = json.loads(out) if words else None
    assert (body["exit_code"], body["error"]["code"]) == (code, "stopped") if body else out == ""
    here.mend()
    here.later(120)
    here.sync()
    markers_name_their_rows(here)
