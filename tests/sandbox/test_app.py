"""The door, the log and the controls; each test runs in process and over a socket."""

from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import START, Bench


def log(bench: Bench) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = bench.client.get("/_sandbox/requests").json()["requests"]
    return entries


def write(bench: Bench, text: str = "a note") -> httpx.Response:
    return bench.client.post("/woocommerce/notes", json={"text": text})


# Routing


def test_a_twin_sees_its_own_path_the_raw_query_and_where_it_is_reached(bench: Bench) -> None:
    seen = bench.client.get("/woocommerce/wp-json/a%3Bb?include%5B%5D=1&x=%20y").json()
    assert seen["path"] == "/wp-json/a%3Bb"
    assert seen["query"] == "include%5B%5D=1&x=%20y"
    assert seen["base"] == str(bench.client.base_url).rstrip("/") + "/woocommerce"
    assert seen["host"] == bench.client.base_url.netloc.decode()


def test_the_root_of_a_service_is_a_path_too(bench: Bench) -> None:
    assert bench.client.get("/woocommerce").json()["path"] == "/"
    assert bench.client.get("/woocommerce/").json()["path"] == "/"


def test_a_service_that_has_no_twin_answers_501_by_name(bench: Bench) -> None:
    answer = bench.client.get("/acuity/api/v1/me")
    assert (answer.status_code, answer.json()) == (501, {"error": "this sandbox has no twin of acuity"})


def test_an_unknown_prefix_is_not_found(bench: Bench) -> None:
    answer = bench.client.get("/shopify/x")
    assert answer.status_code == 404
    assert "woocommerce" in answer.json()["error"]


def test_head_has_no_body(bench: Bench) -> None:
    answer = bench.client.head("/woocommerce/anything")
    assert (answer.status_code, answer.content) == (200, b"")


def test_every_answer_is_dated_by_the_sandbox_clock_and_by_nothing_else(bench: Bench) -> None:
    bench.client.post("/_sandbox/clock", json={"now": "2031-05-06T07:08:09.9Z"})
    for path in ("/woocommerce/notes", "/_sandbox/requests", "/acuity/x", "/nowhere"):
        dates = bench.client.get(path).headers.get_list("date")
        assert dates == ["Tue, 06 May 2031 07:08:09 GMT"], path
    assert "server" not in bench.client.get("/woocommerce/notes").headers


# The request log


def test_the_log_tells_what_was_asked_of_whom(bench: Bench) -> None:
    write(bench)
    bench.client.get("/notion/v1/users?page_size=2")
    first, second = log(bench)
    assert {key: first[key] for key in first if key != "ms"} == {
        "n": 1,
        "service": "woocommerce",
        "method": "POST",
        "path": "/notes",
        "query": "",
        "status": 201,
        "at": "2026-11-23T18:00:00.123Z",
        "fault": None,
    }
    assert first["ms"] >= 0
    assert (second["n"], second["service"], second["path"]) == (2, "notion", "/v1/users")
    assert second["query"] == "page_size=2"


def test_the_log_is_cleared_and_counts_from_one_again(bench: Bench) -> None:
    write(bench)
    assert bench.client.delete("/_sandbox/requests").json() == {"cleared": 1}
    assert log(bench) == []
    write(bench)
    assert [entry["n"] for entry in log(bench)] == [1]


def test_neither_controls_nor_persons_are_logged(bench: Bench) -> None:
    bench.client.get("/_sandbox/dump")
    bench.client.post("/_sandbox/woocommerce/notes", json={"text": "from outside"})
    bench.client.get("/_sandbox/notion/pages/1")
    assert log(bench) == []


def test_a_twin_that_breaks_is_an_error_and_never_an_answer(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    if bench.over_socket:
        assert bench.client.get("/woocommerce/boom", headers={"connection": "close"}).status_code == 500
    else:
        with pytest.raises(RuntimeError, match="the twin is broken"):
            bench.client.get("/woocommerce/boom")
    assert [entry["status"] for entry in log(bench)] == [500]
    assert bench.over_socket == ("the twin is broken" in caplog.text)


# The clock


def test_the_clock_is_set_and_goes_on_from_there(bench: Bench) -> None:
    assert bench.client.post("/_sandbox/clock", json={"now": "2030-01-01T00:00:00Z"}).json() == {
        "now": "2030-01-01T00:00:00.000Z"
    }
    bench.machine.sleep(5)
    assert bench.client.get("/_sandbox/clock").json() == {"now": "2030-01-01T00:00:05.000Z"}


def test_the_clock_advances(bench: Bench) -> None:
    assert bench.client.post("/_sandbox/clock", json={"advance": 600}).json()["now"] == "2026-11-23T18:10:00.123Z"
    assert write(bench).json()["at"] == "2026-11-23T18:10:00.123456+00:00"


def test_a_frozen_clock_stands_until_it_is_moved_or_let_go(bench: Bench) -> None:
    bench.client.post("/_sandbox/clock", json={"freeze": True})
    bench.machine.sleep(60)
    assert bench.sandbox.clock.now() == START
    bench.client.post("/_sandbox/clock", json={"advance": 1})
    assert bench.client.get("/_sandbox/clock").json()["now"] == "2026-11-23T18:00:01.123Z"
    assert bench.client.post("/_sandbox/clock", json={"freeze": False}).json()["now"] == "2026-11-23T18:00:01.123Z"
    bench.machine.sleep(1)
    assert bench.client.get("/_sandbox/clock").json()["now"] == "2026-11-23T18:00:02.123Z"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"advance": "600"}, "advance"),
        ({"advance": 1e300}, "clock"),
        ({"now": "2030-01-01T00:00:00Z", "advance": 1e300}, "clock"),
        ({"now": "0001-01-01T00:00:00+23:59"}, "clock"),
        ({"advance": True}, "advance"),
        ({"now": "yesterday"}, "yesterday"),
        ({"now": 5}, "now"),
        ({"freeze": 1}, "freeze"),
        ({"forward": 1}, "forward"),
    ],
)
def test_a_clock_that_makes_no_sense_is_refused_and_not_moved(bench: Bench, body: dict[str, Any], why: str) -> None:
    answer = bench.client.post("/_sandbox/clock", json=body)
    assert answer.status_code == 400
    assert why in answer.json()["error"]
    assert bench.sandbox.clock.now() == START


# Persons and the outside world


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_person_uses_the_same_paths_as_the_api(bench: Bench, method: str) -> None:
    seen = bench.client.request(method, "/_sandbox/notion/pages/7/duplicate").json()
    assert seen["person"] == f"{method} /v1/pages/7/duplicate"
    assert seen["base"].endswith("/notion")


def test_the_outside_world_adds_and_changes_records(bench: Bench) -> None:
    added = bench.client.post("/_sandbox/woocommerce/notes", json={"text": "a booking"})
    assert added.status_code == 201
    changed = bench.client.patch(f"/_sandbox/woocommerce/notes/{added.json()['id']}", json={"text": "moved"})
    assert (changed.status_code, changed.json()["text"]) == (200, "moved")
    assert bench.shop.notes["1"]["text"] == "moved"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/_sandbox/woocommerce/dreams", {"text": "x"}, 404),
        ("PATCH", "/_sandbox/woocommerce/notes/99", {"text": "x"}, 404),
        ("POST", "/_sandbox/woocommerce/notes", {}, 400),
        ("DELETE", "/_sandbox/woocommerce/notes/1", {}, 405),
        ("POST", "/_sandbox/acuity/appointments", {}, 404),
        ("POST", "/_sandbox/dump", {}, 405),
        ("GET", "/_sandbox/nothing", {}, 404),
        ("POST", "/_sandbox/load", {"acuity": {}}, 400),
        ("POST", "/_sandbox/load", {"woocommerce": []}, 400),
        ("POST", "/_sandbox/load", {"woocommerce": {"notes": [5]}}, 400),
        ("POST", "/_sandbox/load", {"woocommerce": {"notes": 5}}, 400),
        ("POST", "/_sandbox/load", {"woocommerce": {"dreams": []}}, 400),
        ("POST", "/_sandbox/seed", {"records": -1}, 400),
        ("POST", "/_sandbox/seed", {"count": 1}, 400),
        ("POST", "/_sandbox/knobs", {"paper": "thin"}, 400),
        ("POST", "/_sandbox/knobs", {"ink": "red"}, 400),
    ],
)
def test_mistakes_are_told(bench: Bench, method: str, path: str, body: Any, status: int) -> None:
    answer = bench.client.request(method, path, json=body)
    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"'])
def test_a_body_that_is_no_object_is_told(bench: Bench, body: bytes) -> None:
    answer = bench.client.post("/_sandbox/clock", content=body)
    assert answer.status_code == 400
    assert "JSON" in answer.json()["error"]


# The state as a whole


def test_load_takes_objects_as_the_api_gave_them(bench: Bench) -> None:
    note = {"id": "77", "text": "from a recording", "at": "2020-01-01T00:00:00+00:00"}
    assert bench.client.post("/_sandbox/load", json={"woocommerce": {"notes": [note]}}).status_code == 200
    assert bench.client.get("/woocommerce/notes").json() == [note]


def test_dump_shows_all_that_is_held(bench: Bench) -> None:
    write(bench)
    dump = bench.client.get("/_sandbox/dump").json()
    assert dump["now"] == "2026-11-23T18:00:00.123Z"
    assert dump["notion"] == {"notes": []}
    assert [note["text"] for note in dump["woocommerce"]["notes"]] == ["a note"]


def test_seed_empties_and_fills_again(bench: Bench) -> None:
    write(bench)
    assert bench.client.post("/_sandbox/seed", json={"records": 2, "seed": 9}).status_code == 200
    assert [note["text"] for note in bench.client.get("/woocommerce/notes").json()] == ["9:0", "9:1"]


def test_reset_goes_back_to_the_state_that_was_ready_again_and_again(bench: Bench) -> None:
    write(bench, "kept")
    bench.client.post("/_sandbox/knobs", json={"ink": "blue"})
    bench.sandbox.ready()
    assert log(bench) == []
    for _ in range(2):
        write(bench, "gone")
        bench.client.patch("/_sandbox/woocommerce/notes/1", json={"text": "changed"})
        bench.client.post("/_sandbox/knobs", json={"ink": "black"})
        bench.client.post("/_sandbox/clock", json={"advance": 86400})
        rule = {"service": "woocommerce", "nth": 99, "do": {"status": 500}}
        bench.client.post("/_sandbox/faults", json={"rules": [rule]})
        assert bench.client.post("/_sandbox/reset").json() == {"now": "2026-11-23T18:00:00.123Z"}
        assert [note["text"] for note in bench.client.get("/woocommerce/notes").json()] == ["kept"]
        assert bench.client.get("/_sandbox/knobs").json()["woocommerce"] == {"ink": "blue"}
        assert bench.client.get("/_sandbox/faults").json() == {"rules": []}
        assert len(log(bench)) == 1


def test_reset_goes_back_to_a_later_mark(bench: Bench) -> None:
    write(bench, "kept")
    bench.client.post("/_sandbox/clock", json={"advance": 60})
    assert bench.client.post("/_sandbox/mark").json() == {"now": "2026-11-23T18:01:00.123Z"}
    assert log(bench) == []
    write(bench, "gone")
    assert bench.client.post("/_sandbox/reset").json() == {"now": "2026-11-23T18:01:00.123Z"}
    assert [note["text"] for note in bench.client.get("/woocommerce/notes").json()] == ["kept"]
    assert bench.client.get("/_sandbox/mark").status_code == 405


def test_knobs_are_turned_where_they_are_and_shown_by_service(bench: Bench) -> None:
    assert bench.client.post("/_sandbox/knobs", json={"ink": "blue"}).json() == {
        "notion": {"ink": "blue"},
        "woocommerce": {"ink": "blue"},
    }


def test_the_date_header_can_be_parsed(bench: Bench) -> None:
    date = bench.client.get("/woocommerce/notes").headers["date"]
    assert parsedate_to_datetime(date) == START.replace(microsecond=0)
