"""What goes wrong between a caller and a twin, on purpose; each test runs in process and over a socket."""

import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from higherself_sync.sandbox.app import Dropped
from tests.sandbox.conftest import Bench
from tests.sandbox.test_app import log, write


def post(bench: Bench, *rules: dict[str, Any]) -> list[int]:
    answer = bench.client.post(
        "/_sandbox/faults", json={"rules": [{"service": "woocommerce", **rule} for rule in rules]}
    )
    assert answer.status_code == 201, answer.text
    ids: list[int] = answer.json()["ids"]
    return ids


def hits(bench: Bench) -> list[tuple[int, int]]:
    return [(rule["matches"], rule["hits"]) for rule in bench.client.get("/_sandbox/faults").json()["rules"]]


def notes(bench: Bench) -> list[str]:
    return [note["text"] for note in bench.shop.notes.values()]


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "waited five seconds for it"
        time.sleep(0.01)


# Which requests


def test_a_rule_acts_on_the_nth_match_since_it_was_posted(bench: Bench) -> None:
    write(bench)
    post(bench, {"nth": 2, "do": {"status": 503}})
    assert [write(bench).status_code for _ in range(4)] == [201, 503, 201, 201]
    assert hits(bench) == [(4, 1)]


def test_times_says_how_often_and_null_means_for_ever(bench: Bench) -> None:
    post(bench, {"times": 2, "do": {"status": 503}})
    assert [write(bench).status_code for _ in range(4)] == [503, 503, 201, 201]
    post(bench, {"nth": 2, "times": None, "do": {"status": 500}})
    assert [write(bench).status_code for _ in range(4)] == [201, 500, 500, 500]


@pytest.mark.parametrize(
    ("rule", "struck"),
    [
        ({"path": "/notes"}, True),
        ({"path": "/not"}, False),  # the whole path must match
        ({"path": "/n.*s"}, True),
        ({"path": "/woocommerce/notes"}, False),
        ({"path": r"/notes\?page=1"}, False),  # the query is no part of it
        ({"method": "POST"}, True),
        ({"method": "post"}, True),
        ({"method": "GET"}, False),
        ({"service": "notion"}, False),
        ({"service": "*"}, True),
    ],
)
def test_a_rule_chooses_by_service_method_and_path(bench: Bench, rule: dict[str, Any], struck: bool) -> None:
    post(bench, rule | {"do": {"status": 418}})
    answer = bench.client.post("/woocommerce/notes?page=1", json={"text": "a"})
    assert answer.status_code == (418 if struck else 201)


def test_of_two_rules_due_at_once_the_first_acts_and_the_other_waits_its_turn(bench: Bench) -> None:
    post(bench, {"do": {"status": 500}}, {"do": {"status": 503}})
    assert [write(bench).status_code for _ in range(3)] == [500, 503, 201]


def test_clearing_the_rules_ends_them(bench: Bench) -> None:
    first = post(bench, {"times": None, "do": {"status": 500}})
    assert bench.client.delete("/_sandbox/faults").json() == {"cleared": 1}
    assert write(bench).status_code == 201
    assert post(bench, {"do": {"status": 500}}) != first


def test_persons_and_controls_meet_no_faults(bench: Bench) -> None:
    post(bench, {"service": "*", "times": None, "do": {"status": 500}})
    assert bench.client.get("/_sandbox/notion/pages/1").status_code == 200
    assert bench.client.post("/_sandbox/woocommerce/notes", json={"text": "x"}).status_code == 201


# What happens


def test_a_status_with_headers_and_a_json_body(bench: Bench) -> None:
    do = {"status": 429, "headers": {"Retry-After": 3}, "body": {"code": "rate_limited"}}
    post(bench, {"do": do})
    answer = write(bench)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()) == (429, "3", {"code": "rate_limited"})
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["date"] == "Mon, 23 Nov 2026 18:00:00 GMT"
    assert notes(bench) == []
    assert [(entry["status"], entry["fault"]) for entry in log(bench)] == [(429, "status 429")]


def test_a_status_that_http_libraries_have_no_name_for(bench: Bench) -> None:
    post(bench, {"do": {"status": 529, "body": "overloaded"}})
    answer = write(bench)
    assert (answer.status_code, answer.text) == (529, "overloaded")


def test_a_status_after_the_twin_has_acted(bench: Bench) -> None:
    post(bench, {"do": {"status": 503, "commit": True}})
    assert write(bench).status_code == 503
    assert notes(bench) == ["a note"]


@pytest.mark.parametrize(("commit", "kept"), [(False, []), (True, ["a note"])])
def test_a_gateway_answers_in_html(bench: Bench, commit: bool, kept: list[str]) -> None:
    post(bench, {"do": {"html": 502, "commit": commit}})
    answer = write(bench)
    assert answer.status_code == 502
    assert answer.headers["content-type"] == "text/html"
    assert "<h1>502 Bad Gateway</h1>" in answer.text
    assert notes(bench) == kept


@pytest.mark.parametrize(("moment", "kept"), [("before", []), ("after", ["a note"])])
def test_a_dropped_connection_gives_no_answer_at_all(bench: Bench, moment: str, kept: list[str]) -> None:
    bench.client.get("/woocommerce/notes")  # so that the dropped one is a connection in use
    post(bench, {"do": {"drop": moment}})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        write(bench)
    assert notes(bench) == kept
    assert [(entry["status"], entry["fault"]) for entry in log(bench)] == [(200, None), (None, f"drop {moment}")]
    assert write(bench).status_code == 201


@pytest.mark.parametrize("size", [0, 5])
def test_a_truncated_answer_breaks_off_under_a_full_content_length(bench: Bench, size: int) -> None:
    post(bench, {"do": {"truncate": size}})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        write(bench)
    assert notes(bench) == ["a note"]
    assert [(entry["status"], entry["fault"]) for entry in log(bench)] == [(201, f"truncate {size}")]


def test_a_delayed_answer_comes_late_and_the_twin_has_acted_at_once(bench: Bench) -> None:
    post(bench, {"do": {"delay": 2.5}})
    answer = write(bench)
    assert answer.json()["at"] == "2026-11-23T18:00:00.123456+00:00"
    assert answer.headers["date"] == "Mon, 23 Nov 2026 18:00:02 GMT"


@pytest.mark.parametrize(("moment", "meanwhile"), [("before", []), ("after", ["a note"])])
def test_a_held_request_waits_for_its_release_and_blocks_nobody(
    bench: Bench, moment: str, meanwhile: list[str]
) -> None:
    post(bench, {"method": "POST", "do": {"hold": moment}})
    answers: list[int] = []
    caller = threading.Thread(target=lambda: answers.append(write(bench).status_code))
    caller.start()
    eventually(lambda: len(log(bench)) == 1 and notes(bench) == meanwhile)
    assert [(entry["status"], entry["ms"], entry["fault"]) for entry in log(bench)] == [(None, None, f"hold {moment}")]
    assert bench.client.get("/woocommerce/notes").status_code == 200
    assert (notes(bench), answers) == (meanwhile, [])
    bench.client.delete("/_sandbox/faults")
    caller.join(timeout=5)
    assert (notes(bench), answers) == (["a note"], [201])
    assert log(bench)[0]["status"] == 201


@pytest.mark.parametrize(("moment", "kept"), [("before", []), ("after", ["a note"])])
def test_a_caller_killed_while_held_before_has_asked_for_nothing(bench: Bench, moment: str, kept: list[str]) -> None:
    post(bench, {"method": "POST", "do": {"hold": moment}})
    ask_and_hang_up(bench)
    eventually(lambda: log(bench)[0]["ms"] is not None)
    bench.client.delete("/_sandbox/faults")
    assert notes(bench) == kept
    assert log(bench)[0]["status"] is None


def ask_and_hang_up(bench: Bench) -> None:
    if not bench.over_socket:
        gone = bench.sandbox.handle("POST", "/woocommerce/notes", {}, b'{"text": "a note"}', "http://x", lambda: True)
        assert gone == Dropped()
        return
    with httpx.Client(base_url=bench.client.base_url, timeout=0.2) as impatient, pytest.raises(httpx.ReadTimeout):
        impatient.post("/woocommerce/notes", json={"text": "a note"})


def test_many_held_requests_leave_room_for_others(bench: Bench) -> None:
    post(bench, {"method": "POST", "times": None, "do": {"hold": "before"}})
    callers = [threading.Thread(target=write, args=(bench, str(n))) for n in range(45)]
    for caller in callers:
        caller.start()
    eventually(lambda: len(log(bench)) == len(callers))
    assert bench.client.get("/woocommerce/notes").json() == []
    bench.client.delete("/_sandbox/faults")
    for caller in callers:
        caller.join(timeout=5)
    assert sorted(notes(bench)) == sorted(str(n) for n in range(45))


# Rules that make no sense


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"service": "typeform", "do": {"status": 500}}, "service"),
        ({"do": {}}, "exactly one"),
        ({}, "exactly one"),
        ({"do": {"status": 500, "drop": "after"}}, "exactly one"),
        ({"do": {"status": 99}}, "status"),
        ({"do": {"status": "500"}}, "status"),
        ({"do": {"status": 500, "comit": True}}, "comit"),
        ({"do": {"status": 500, "commit": 1}}, "commit"),
        ({"do": {"status": 500, "headers": ["a"]}}, "headers"),
        ({"do": {"html": 502, "body": "x"}}, "body"),
        ({"do": {"drop": "later"}}, "before"),
        ({"do": {"hold": True}}, "before"),
        ({"do": {"delay": -1}}, "delay"),
        ({"do": {"delay": "2"}}, "delay"),
        ({"do": {"truncate": 1.5}}, "truncate"),
        ({"do": {"status": 500}, "path": "("}, "regular expression"),
        ({"do": {"status": 500}, "path": 5}, "regular expression"),
        ({"do": {"status": 500}, "nth": 0}, "nth"),
        ({"do": {"status": 500}, "nth": True}, "nth"),
        ({"do": {"status": 500}, "times": 0}, "times"),
        ({"do": {"status": 500}, "method": None}, "method"),
        ({"do": {"status": 500}, "pth": "/x"}, "pth"),
    ],
)
def test_a_bad_rule_is_refused_with_the_others_of_its_post(bench: Bench, rule: dict[str, Any], why: str) -> None:
    good = {"service": "woocommerce", "do": {"status": 500}}
    answer = bench.client.post("/_sandbox/faults", json={"rules": [good, {"service": "woocommerce"} | rule]})
    assert answer.status_code == 400
    assert why in answer.json()["error"]
    assert bench.client.get("/_sandbox/faults").json() == {"rules": []}


@pytest.mark.parametrize("body", [{}, {"rules": {}}, {"rules": []}, {"rules": ["x"]}, {"rule": []}])
def test_a_post_without_rules_is_refused(bench: Bench, body: Any) -> None:
    assert bench.client.post("/_sandbox/faults", json=body).status_code == 400
