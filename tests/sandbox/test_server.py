"""The sandbox as `hsn sandbox` runs it: built, served, stopped, and taken up again."""

import asyncio
import json
import logging
import os
import pickle
import shutil
import signal
import socket
import threading
import time
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import notion_client
import pytest
import woocommerce

from higherself_sync.sandbox import server
from higherself_sync.sandbox.app import Sandbox
from higherself_sync.sandbox.build import SAVED, BadData, build_sandbox
from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.server import Droppable, serve, stop_signals
from higherself_sync.sandbox.shop_folder import BadFolder
from tests.inprocess import SandboxTransport
from tests.sandbox.notebook import Notebook

SHOP = Path(__file__).parents[1] / "recorded" / "woocommerce-shop"


def dump(sandbox: Sandbox) -> dict[str, Any]:
    with httpx.Client(transport=SandboxTransport(sandbox), base_url="http://sandbox.test") as client:
        held: dict[str, Any] = client.get("/_sandbox/dump").json()
        return held


def shop_of(sandbox: Sandbox) -> dict[str, list[Any]]:
    held: dict[str, list[Any]] = dump(sandbox)["woocommerce"]
    return held


def small_folder(folder: Path) -> Path:
    for name in ("customers", "products", "orders"):
        (folder / f"{name}.json").write_text("[]")
    return folder


# On a port


def test_a_taken_port_is_an_error_at_once() -> None:
    with serve(Sandbox([])) as base_url:
        port = int(base_url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), serve(Sandbox([]), port):
            pass


def test_a_port_is_free_again_after_the_sandbox_has_gone() -> None:
    with serve(Sandbox([Notebook()])) as base_url:
        httpx.get(f"{base_url}/woocommerce/notes")
    with serve(Sandbox([Notebook()]), int(base_url.rpartition(":")[2])) as again:
        assert again == base_url


def test_it_listens_on_this_machine_alone() -> None:
    with serve(Sandbox([])) as base_url:
        assert base_url.startswith("http://127.0.0.1:")


def test_answers_do_not_wait_for_the_callers_acknowledgement(monkeypatch: pytest.MonkeyPatch) -> None:
    """With Nagle's algorithm on, each answer to a caller that delays its ACKs takes 40 ms."""
    undelayed = []

    class Watched(Droppable):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            undelayed.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(server, "Droppable", Watched)
    with serve(Sandbox([Notebook()])) as base_url:
        httpx.get(f"{base_url}/woocommerce/notes")
    assert undelayed == [1]


@pytest.mark.parametrize("do", [{"hold": "before"}, {"hold": "after"}, {"delay": 60}])
def test_the_sandbox_stops_though_a_request_is_kept_waiting(do: dict[str, Any]) -> None:
    sandbox = Sandbox([Notebook()])
    outcomes: Queue[str] = Queue()

    def ask(base_url: str) -> None:
        try:
            httpx.get(f"{base_url}/woocommerce/notes", timeout=30)
        except httpx.TimeoutException:
            outcomes.put("kept waiting")
        except httpx.HTTPError:
            outcomes.put("cut off")
        else:
            outcomes.put("answered")

    with serve(sandbox) as base_url:
        rule = {"service": "woocommerce", "do": do}
        httpx.post(f"{base_url}/_sandbox/faults", json={"rules": [rule]})
        threading.Thread(target=ask, args=(base_url,), daemon=True).start()
        while not httpx.get(f"{base_url}/_sandbox/requests").json()["requests"]:
            time.sleep(0.01)
    assert outcomes.get(timeout=60) in ("answered", "cut off")  # released: sooner than the caller's own time-out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_for_the_end_while_somebody_listens_for_it(number: signal.Signals) -> None:
    former = signal.getsignal(number)
    with stop_signals() as stopped:
        assert not stopped.is_set()
        os.kill(os.getpid(), number)
        assert stopped.wait(5)
    assert signal.getsignal(number) is former


def test_a_caller_that_hangs_up_in_the_middle_of_its_body_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with serve(Sandbox([Notebook()])) as base_url:
        with socket.create_connection(("127.0.0.1", int(base_url.rpartition(":")[2]))) as caller:
            caller.sendall(b"POST /woocommerce/notes HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
        assert httpx.get(f"{base_url}/_sandbox/requests").json() == {"requests": []}
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


# The vendors' own clients


def test_notion_client_drives_the_twin_unchanged() -> None:
    with serve(build_sandbox(records=0)) as base_url:
        logger = logging.getLogger("test")  # its default one gets a handler more with each client
        client = notion_client.Client(
            auth="ntn_sandbox", base_url=f"{base_url}/notion", notion_version="2026-03-11", logger=logger
        )
        page: Any = client.pages.retrieve(NotionTwin.ROOT_PAGE)
        client.close()
    assert page["id"] == NotionTwin.ROOT_PAGE


@pytest.mark.parametrize("key", ["ck_sandbox", "ck_readonly"])
def test_the_shops_own_client_drives_the_twin_unchanged(key: str) -> None:
    """Over plain http it signs each request, with every query key sent twice."""
    with serve(build_sandbox(records=30)) as base_url:
        client = woocommerce.API(f"{base_url}/woocommerce", key, key.replace("ck_", "cs_"), version="wc/v3")
        answer = client.get("orders", params={"per_page": 5, "orderby": "id"})
        refused = client.put("orders/1", {"status": "completed"})
    assert (answer.status_code, len(answer.json())) == (200, 5)
    assert refused.status_code == {"ck_sandbox": 400, "ck_readonly": 401}[key]


# Real limits


@pytest.mark.parametrize(("limits", "last"), [("off", 200), ("real", 429)])
def test_notions_limits_are_real_only_where_they_are_asked_for(limits: Any, last: int) -> None:
    sandbox = build_sandbox(records=0, limits=limits)
    sandbox.clock.freeze(True)
    headers = {"authorization": "Bearer ntn_sandbox", "notion-version": "2026-03-11"}
    with httpx.Client(transport=SandboxTransport(sandbox), base_url="http://x", headers=headers) as client:
        answers = [client.get("/notion/v1/users/me").status_code for _ in range(200)]
    assert answers[-1] == last


# --data


def test_a_closed_sandbox_is_taken_up_where_it_was(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    with serve(build_sandbox(records=30, data=data)) as base_url:
        person = f"{base_url}/_sandbox/woocommerce/customers"
        httpx.post(person, json={"email": "kept@example.com"}).raise_for_status()
        parent = {"type": "page_id", "page_id": NotionTwin.ROOT_PAGE}
        httpx.post(f"{base_url}/_sandbox/notion/pages", json={"parent": parent, "properties": {}}).raise_for_status()
        httpx.post(f"{base_url}/_sandbox/clock", json={"now": "2031-01-01T00:00:00Z", "freeze": True})
        left = httpx.get(f"{base_url}/_sandbox/dump").json()
    again = build_sandbox(records=99, seed=5, data=data)
    assert dump(again) == left
    assert left["now"] == "2031-01-01T00:00:00.000Z"
    assert "kept@example.com" in [customer["email"] for customer in left["woocommerce"]["customers"]]


@pytest.mark.parametrize("content", [b"", b"text", pickle.dumps({"clock": 1}), pickle.dumps(None)])
def test_data_that_is_no_sandboxs_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / SAVED).write_bytes(content)
    with pytest.raises(BadData, match=SAVED):
        build_sandbox(data=tmp_path)
    assert (tmp_path / SAVED).read_bytes() == content


def test_without_data_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with serve(build_sandbox(records=3)):
        pass
    assert list(tmp_path.iterdir()) == []


# --load


def test_a_recorded_shop_is_loaded_whole() -> None:
    shop = shop_of(build_sandbox(load=SHOP))
    for stream, files in {
        "customers": ["customers"],
        "products": ["products", "products_trash"],
        "orders": ["orders", "orders_trash"],
        "variations": ["variations_of_289"],
    }.items():
        recorded = [thing for name in files for thing in json.loads((SHOP / f"{name}.json").read_text())]
        assert {thing["id"] for thing in shop[stream]} == {thing["id"] for thing in recorded}, stream
    refunds = json.loads((SHOP / "refunds_by_order.json").read_text())
    assert len(shop["refunds"]) == sum(map(len, refunds.values()))


@pytest.mark.parametrize("missing", ["customers", "products", "orders"])
def test_a_folder_that_lacks_a_list_is_told(tmp_path: Path, missing: str) -> None:
    folder = small_folder(tmp_path)
    (folder / f"{missing}.json").unlink()
    with pytest.raises(BadFolder, match=rf"{folder} lacks {missing}\.json"):
        build_sandbox(load=folder)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("orders.json", "{", "orders.json is no JSON"),
        ("orders.json", "{}", "orders.json holds no list"),
        ("refunds_by_order.json", "[]", "refunds_by_order.json holds no object"),
        ("orders.json", '[{"number": "5"}]', "no object with an id"),
        ("orders.json", "[5]", "no object with an id"),
        ("orders.json", '[{"id": 5}]', "does not hold what a shop's API gave"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_told(tmp_path: Path, name: str, content: str, why: str) -> None:
    (small_folder(tmp_path) / name).write_text(content)
    with pytest.raises(BadFolder, match=why):
        build_sandbox(load=tmp_path)


@pytest.mark.parametrize(("changed", "ahead"), [("2020-01-01T00:00:00", False), ("2120-01-01T00:00:00", True)])
def test_a_shop_from_the_future_takes_the_clock_along(tmp_path: Path, changed: str, ahead: bool) -> None:
    product = json.loads((SHOP / "products.json").read_text())[0] | {"date_modified_gmt": changed}
    (small_folder(tmp_path) / "products.json").write_text(json.dumps([product]))
    now = build_sandbox(load=tmp_path).clock.now()
    assert (now.year == 2120) == ahead


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadFolder, match="is no folder"):
        build_sandbox(load=tmp_path / "nowhere")


def test_a_folder_needs_neither_trash_nor_refunds_nor_variations(tmp_path: Path) -> None:
    folder = small_folder(tmp_path)
    shutil.copy(SHOP / "products.json", folder)
    (folder / "notes.json").write_text("not mine")
    shop = shop_of(build_sandbox(load=folder))
    assert (len(shop["products"]), shop["orders"]) == (26, [])
