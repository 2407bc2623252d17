"""The door: what is repeated, what is not, how long it waits, and what it says when it gives up."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from higherself_sync.errors import HsnError, Unanswered, Unreachable
from higherself_sync.http import ATTEMPTS, Api, Budget, Door, open_door

DATE = "Tue, 24 Nov 2026 10:00:00 GMT"
NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Script(httpx.BaseTransport):
    """Gives the steps in order, the last one for ever, and keeps what it was sent."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.seen: list[httpx.Request] = []
        self.closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return (
            step(request)
            if callable(step)
            else httpx.Response(step.status_code, headers=step.headers, stream=Bytes(step))
        )

    def close(self) -> None:
        self.closed = True


class Bytes(httpx.SyncByteStream):
    def __init__(self, response: httpx.Response) -> None:
        self.content = response.content

    def __iter__(self) -> Iterator[bytes]:
        yield self.content


class Breaking(httpx.SyncByteStream):
    """A body that ends before it is complete, as httpcore reports it."""

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"id": '
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


def answer(status: int = 200, body: Any = None, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers={"date": DATE, **names}, json={"ok": True} if body is None else body)


def html(status: int, text: str = "<html><body>Bad gateway</body></html>") -> httpx.Response:
    return httpx.Response(status, html=text)


def truncated(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, stream=Breaking())


OK = answer()


def door_to(script: httpx.BaseTransport, clock: Clock | None = None, **options: Any) -> Door:
    clock = clock or Clock()
    settings = {"timeout": 30.0, "max_wait": 600.0, **options}
    return open_door("shop", transport=script, sleeper=clock.sleep, monotonic=clock, **settings)


def send(door: Door, method: str = "GET", path: str = "/things/7", **options: Any) -> httpx.Response:
    with door.client("https://user:pass@shop.example.com/v3") as client:
        return client.request(method, path, params={"secret": "hush"}, **options)


def anything(request: httpx.Request) -> bool:
    return True


# ------------------------------------------------------------------------------------------------ what is repeated

PASSING = [
    pytest.param(answer(500), id="500"),
    pytest.param(answer(502), id="502"),
    pytest.param(html(502), id="502-html"),
    pytest.param(answer(503), id="503"),
    pytest.param(answer(504), id="504"),
    pytest.param(answer(520), id="520-from-the-edge"),
    pytest.param(html(200), id="html-with-200"),
    pytest.param(
        httpx.Response(200, content=b" <p>notice</p>", headers={"content-type": "application/json"}), id="html"
    ),
    pytest.param(httpx.Response(200, content=b'{"id": 7, "na'), id="cut-json"),
    pytest.param(httpx.Response(200, content=b""), id="nothing-with-200"),
    pytest.param(truncated, id="truncated"),
    pytest.param(httpx.ReadError("reset"), id="read-error"),
    pytest.param(httpx.RemoteProtocolError("Server disconnected"), id="no-answer"),
    pytest.param(httpx.ReadTimeout("slow"), id="read-timeout"),
    pytest.param(httpx.WriteTimeout("slow"), id="write-timeout"),
]
UNSENT = [
    pytest.param(httpx.ConnectError("refused"), id="refused"),
    pytest.param(httpx.ConnectTimeout("slow"), id="connect-timeout"),
    pytest.param(httpx.PoolTimeout("busy"), id="pool-timeout"),
]
NOTHING_DONE = [
    *UNSENT,
    pytest.param(answer(429), id="429"),
    pytest.param(answer(529), id="529"),
    pytest.param(answer(409, {"code": "conflict_error"}), id="409"),
]


@pytest.mark.parametrize("step", [*PASSING, *NOTHING_DONE])
def test_a_passing_failure_of_a_repeatable_request_is_repeated(step: Step) -> None:
    script, clock = Script(step, OK), Clock()
    door = door_to(script, clock)
    assert send(door).json() == {"ok": True}
    assert door.sent == len(script.seen) == 2
    assert 0.25 <= sum(clock.slept) <= 0.75


@pytest.mark.parametrize("step", PASSING)
def test_a_request_that_may_have_been_acted_on_is_sent_once(step: Step) -> None:
    script = Script(step, OK)
    with pytest.raises(Unanswered) as caught:
        send(door_to(script), "POST", json={"name": "hush"})
    assert len(script.seen) == 1
    assert "POST shop.example.com/v3/things/7" in caught.value.message


@pytest.mark.parametrize("step", NOTHING_DONE)
def test_a_request_that_did_nothing_is_repeated_even_if_it_creates(step: Step) -> None:
    script = Script(step, OK)
    assert send(door_to(script), "POST", json={"name": "A"}).json() == {"ok": True}
    assert [request.content for request in script.seen] == [b'{"name":"A"}'] * 2


@pytest.mark.parametrize("step", [*PASSING, *UNSENT])
def test_attempts_end_with_growing_waits_and_a_clear_word(step: Step) -> None:
    script, clock = Script(step), Clock()
    with pytest.raises(Unreachable) as caught:
        send(door_to(script, clock))
    assert len(script.seen) == ATTEMPTS
    assert len(clock.slept) == ATTEMPTS - 1
    for attempt, wait in enumerate(clock.slept):
        assert 0.25 * 2**attempt <= wait <= 0.75 * 2**attempt
    error = caught.value
    assert "GET shop.example.com/v3/things/7" in error.message
    assert f"({ATTEMPTS} attempts)" in error.message
    assert error.place == "shop"
    assert error.remedy


def test_no_message_shows_query_credentials_or_body() -> None:
    for step in (httpx.LocalProtocolError("Illegal header value b'Bearer hush'"), httpx.ReadError("hush"), answer(500)):
        for method in ("GET", "POST"):
            with pytest.raises(HsnError) as caught:
                send(door_to(Script(step)), method)
            shown = json.dumps(caught.value.as_json())
            assert not any(secret in shown for secret in ("hush", "user", "pass@"))


def test_what_cannot_be_sent_at_all_is_not_repeated() -> None:
    script = Script(httpx.UnsupportedProtocol("ftp"))
    with pytest.raises(Unreachable, match="cannot be sent"):
        send(door_to(script))
    assert len(script.seen) == 1


@pytest.mark.parametrize(
    "given",
    [answer(status) for status in (400, 401, 403, 404, 409, 418)] + [html(404), html(403, "")],
    ids=lambda each: str(each.status_code),
)
def test_4xx_is_handed_back_untouched(given: httpx.Response) -> None:
    script = Script(given)
    response = send(door_to(script), "POST")
    assert (response.status_code, response.content) == (given.status_code, given.content)
    assert len(script.seen) == 1


def test_a_redirect_is_an_answer() -> None:
    script = Script(httpx.Response(301, headers={"location": "https://elsewhere.example.com/"}))
    response = send(door_to(script))
    assert (response.status_code, response.headers["location"]) == (301, "https://elsewhere.example.com/")
    assert len(script.seen) == 1


def test_501_is_an_answer() -> None:
    assert send(door_to(Script(answer(501)))).status_code == 501


def test_204_needs_no_body() -> None:
    assert send(door_to(Script(httpx.Response(204))), "DELETE").status_code == 204


def test_json_is_told_by_its_content_not_by_its_name() -> None:
    """Amelia sends JSON as text/html."""
    script = Script(httpx.Response(200, content=b'{"data": []}', headers={"content-type": "text/html"}))
    assert send(door_to(script)).json() == {"data": []}


def test_a_500_that_means_what_it_says_passes() -> None:
    script = Script(answer(500, {"message": "Invalid key 7."}))
    door = door_to(script, final=lambda response: "message" in response.json())
    assert send(door).status_code == 500
    assert len(script.seen) == 1


def test_repeatable_is_asked_about_each_request() -> None:
    def queries(request: httpx.Request) -> bool:
        return request.url.path.endswith("/query")

    script = Script(answer(503), OK)
    assert send(door_to(script, repeatable=queries), "POST", "/query").is_success
    with pytest.raises(Unanswered):
        send(door_to(Script(answer(503), OK), repeatable=queries), "POST", "/pages")


def test_a_compressed_body_is_handed_on_decoded() -> None:
    body = gzip.compress(b'{"name": "Zo\xc3\xab"}')
    inner = httpx.MockTransport(lambda request: httpx.Response(200, content=body, headers={"content-encoding": "gzip"}))
    assert send(door_to(inner)).json() == {"name": "Zoë"}


def test_a_body_that_does_not_decode_is_a_failure() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, headers={"content-encoding": "gzip"}, stream=Bytes(httpx.Response(200, text="plain"))
        )

    assert send(door_to(Script(broken, OK))).is_success


def test_the_timeout_is_the_doors_own() -> None:
    script = Script(OK)
    send(door_to(script, timeout=7.5))
    assert script.seen[0].extensions["timeout"]["read"] == 7.5


def test_closing_the_client_closes_the_inner_transport() -> None:
    script = Script(OK)
    send(door_to(script))
    assert script.closed


# ------------------------------------------------------------------------------------------------------- Retry-After


@pytest.mark.parametrize("status", [429, 529, 503])
@pytest.mark.parametrize(
    ("given", "waited"),
    [
        ("49", 49.0),
        ("1.5", 1.5),
        ("Tue, 24 Nov 2026 10:01:30 GMT", 90.0),  # measured against the answer's Date, not this machine's
        ("0", 0.0),
        ("-5", 0.0),
        ("nan", 0.0),
        ("Tue, 24 Nov 2026 09:00:00 GMT", 0.0),
    ],
)
def test_retry_after(status: int, given: str, waited: float) -> None:
    clock = Clock()

    def sleep(seconds: float) -> None:
        if seconds:
            clock.sleep(seconds)

    door = open_door(
        "shop",
        timeout=1,
        max_wait=600,
        transport=Script(answer(status, retry_after=given), OK),
        sleeper=sleep,
        monotonic=clock,
    )
    assert send(door).is_success
    assert sum(clock.slept) == pytest.approx(waited)


@pytest.mark.parametrize("given", ["", "soon", "Tue, 99 Nov"])
def test_an_unreadable_retry_after_is_as_good_as_none(given: str) -> None:
    clock = Clock()
    assert send(door_to(Script(answer(429, retry_after=given), OK), clock)).is_success
    assert 0.25 <= sum(clock.slept) <= 0.75


@pytest.mark.parametrize(
    ("given", "until"),
    [
        ("631", "until 2026-11-24 10:10:31 UTC"),
        ("Tue, 24 Nov 2026 11:00:00 GMT", "until 2026-11-24 11:00:00 UTC"),
        ("inf", "practically for ever"),
    ],
)
def test_a_wait_beyond_the_longest_says_until_when(given: str, until: str) -> None:
    script, clock = Script(answer(429, retry_after=given), OK), Clock()
    with pytest.raises(Unreachable, match=until) as caught:
        send(door_to(script, clock), "POST")
    assert (len(script.seen), clock.slept) == (1, [])
    assert "max_wait" in caught.value.remedy


def test_the_longest_wait_holds_for_all_waits_of_a_request_together() -> None:
    script, clock = Script(answer(503, retry_after="250")), Clock()
    with pytest.raises(Unreachable, match="asks to wait"):
        send(door_to(script, clock))
    assert clock.slept == [250.0, 250.0]


def test_the_longest_wait_is_about_the_servers_word_alone() -> None:
    clock = Clock()
    assert send(door_to(Script(answer(503), OK), clock, max_wait=0.0)).is_success
    assert len(clock.slept) == 1


def test_too_many_requests_for_ever_comes_to_an_end() -> None:
    script = Script(answer(429, retry_after="0"))
    with pytest.raises(Unreachable, match="429"):
        send(door_to(script), "POST")
    assert len(script.seen) == 20


def test_a_blocked_connection_is_not_asked_again() -> None:
    body = {"code": "rate_limited", "additional_data": {"rate_limit_reason": "public_api_request_blocked"}}
    script = Script(answer(429, body, retry_after="1"), OK)
    with pytest.raises(Unreachable, match="public_api_request_blocked") as caught:
        send(door_to(script))
    assert len(script.seen) == 1
    assert "support" in caught.value.remedy


def test_other_reasons_of_a_429_are_waited_out() -> None:
    body = {"code": "rate_limited", "additional_data": {"rate_limit_reason": "public_api_request_rate_limit"}}
    assert send(door_to(Script(answer(429, body, retry_after="1"), OK))).is_success


# ------------------------------------------------------------------------------------------------ signing, rescuing


def test_each_attempt_is_signed_anew() -> None:
    nonces = iter(("first", "second", "third"))

    def sign(request: httpx.Request) -> None:
        assert "x-nonce" not in request.headers
        request.headers["x-nonce"] = next(nonces)

    script = Script(answer(503), httpx.ReadTimeout("slow"), OK)
    send(door_to(script, sign=sign))
    assert [request.headers["x-nonce"] for request in script.seen] == ["first", "second", "third"]


def test_signing_may_return_another_request() -> None:
    def sign(request: httpx.Request) -> httpx.Request:
        return httpx.Request(
            request.method, request.url.copy_merge_params({"oauth_nonce": "n"}), content=request.content
        )

    script = Script(OK)
    send(door_to(script, sign=sign), "PUT", json={"a": 1})
    assert script.seen[0].url.params["oauth_nonce"] == "n"
    assert script.seen[0].content == b'{"a":1}'


def committed(request: httpx.Request, response: httpx.Response) -> httpx.Request | None:
    made = response.json().get("additional_data", {}).get("committed_resource_id")
    return httpx.Request("GET", request.url.join(f"/v1/pages/{made}")) if made else None


SAVED = answer(503, {"code": "service_unavailable", "additional_data": {"committed_resource_id": "p1"}})


def test_a_saved_change_without_an_answer_is_read_back() -> None:
    script = Script(SAVED, answer(503, {}), answer(200, {"id": "p1"}))
    response = send(door_to(script, rescue=committed), "POST")
    assert response.json() == {"id": "p1"}
    assert [(each.method, each.url.path) for each in script.seen] == [
        ("POST", "/v3/things/7"),
        ("GET", "/v1/pages/p1"),
        ("GET", "/v1/pages/p1"),
    ]


@pytest.mark.parametrize("step", [answer(404), answer(504), httpx.ConnectError("refused")])
def test_a_saved_change_that_cannot_be_read_back_is_unanswered(step: Step) -> None:
    script = Script(SAVED, step)
    with pytest.raises(Unanswered):
        send(door_to(script, rescue=committed), "POST")
    assert [each.method for each in script.seen].count("POST") == 1


def test_a_503_that_names_no_resource_is_not_rescued() -> None:
    with pytest.raises(Unanswered):
        send(door_to(Script(answer(503, {}), OK), rescue=committed), "POST")


# --------------------------------------------------------------------------------------------------------- the budget


class Busy(httpx.BaseTransport):
    """Takes `latency` seconds an answer, and notes when it was asked."""

    def __init__(self, clock: Clock, latency: float) -> None:
        self.clock, self.latency = clock, latency
        self.times: list[float] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.clock.now += self.latency / 2
        self.times.append(self.clock.now)
        self.clock.now += self.latency / 2
        return answer()


@pytest.mark.parametrize(
    ("budget", "limit", "span", "latency"),
    [
        ({"per_minute": 180}, 180, 60.0, 0.2),
        ({"per_minute": 180}, 180, 60.0, 0.0),
        ({"per_minute": 7}, 7, 60.0, 2.5),
        ({"per_second": 10}, 10, 1.0, 0.02),
        ({"per_minute": 60, "per_second": 2}, 2, 1.0, 0.0),
        ({"per_minute": 60, "per_second": 2}, 60, 60.0, 0.0),
    ],
)
def test_the_budget_is_never_passed_in_any_window_and_used_when_there_is_work(
    budget: dict[str, int], limit: int, span: float, latency: float
) -> None:
    clock = Clock()
    busy = Busy(clock, latency)
    api = Api(door_to(busy, clock, **budget), "https://shop.example.com")
    for _ in range(limit * 4 + 1):
        api.request("GET", "/")
    for index, first in enumerate(busy.times[:-limit]):
        assert busy.times[index + limit] - first >= span
    if limit / span == min(each / wide for each, wide in _limits(budget)):  # the narrower of two is the one used up
        assert (busy.times[-1] - busy.times[0]) / 4 <= span / 0.95


def _limits(budget: dict[str, int]) -> list[tuple[int, float]]:
    return [(limit, {"per_minute": 60.0, "per_second": 1.0}[name]) for name, limit in budget.items()]


def test_no_budget_means_no_wait() -> None:
    clock = Clock()
    api = Api(door_to(Script(OK), clock), "https://shop.example.com")
    for _ in range(500):
        api.request("GET", "/")
    assert clock.slept == []


def test_no_more_run_at_once_than_allowed() -> None:
    running, most, lock = 0, 0, threading.Lock()
    gate = threading.Semaphore(0)

    def slow(request: httpx.Request) -> httpx.Response:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.acquire(timeout=10)
        with lock:
            running -= 1
        return answer()

    door = open_door("shop", timeout=1, max_wait=1, parallel=3, transport=httpx.MockTransport(slow))
    threads = [threading.Thread(target=send, args=(door,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for _ in threads:
        gate.release()
    for thread in threads:
        thread.join(10)
    assert (door.sent, most) == (12, 3)


def test_all_workers_wait_when_one_is_throttled() -> None:
    clock, lock = Clock(), threading.Lock()
    times: list[float] = []

    def limited(request: httpx.Request) -> httpx.Response:
        with lock:
            times.append(clock.now)
            return answer(429, retry_after="30") if len(times) == 1 else answer()

    door = door_to(httpx.MockTransport(limited), clock)
    threads = [threading.Thread(target=send, args=(door,)) for _ in range(8)]
    threads[0].start()
    while not clock.slept and threads[0].is_alive():  # the pause is on before the first worker sleeps
        pass
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(times) == 9
    assert all(time >= times[0] + 30 for time in times[1:])


def test_a_pause_holds_for_everyone_who_shares_the_budget() -> None:
    clock = Clock()
    budget = Budget(sleeper=clock.sleep, monotonic=clock)
    busy = Busy(clock, 0.0)
    doors = [
        Door(
            "a",
            budget,
            timeout=1,
            max_wait=60,
            transport=Script(answer(429, retry_after="30"), OK),
            sleeper=clock.sleep,
        ),
        Door("b", budget, timeout=1, max_wait=60, transport=busy, sleeper=clock.sleep),
    ]
    budget.pause(30)
    send(doors[1])
    assert busy.times == [1030.0]
    send(doors[0])
    send(doors[1])
    assert busy.times == [1030.0, 1060.0]


def test_waiting_workers_notice_a_pause_that_begins_meanwhile() -> None:
    clock = Clock()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.slept) == 1:
            budget.pause(90)

    budget = Budget(per_minute=1, sleeper=sleep, monotonic=clock)
    for _ in range(2):
        with budget.turn():
            entered = clock.now
    assert entered >= 1150


# ----------------------------------------------------------------------------------------------- server time, and Api


def test_server_time_is_the_latest_date_received() -> None:
    door = door_to(Script(answer(), answer(200, date="Tue, 24 Nov 2026 10:05:00 GMT"), httpx.Response(200, json={})))
    assert abs((door.server_time() - datetime.now(UTC)).total_seconds()) < 5
    send(door)
    assert door.server_time() == NOON
    send(door)
    send(door)
    assert door.server_time() == NOON.replace(minute=5)


def test_an_api_gives_plain_answers() -> None:
    script = Script(answer(200, [{"id": 7}], **{"X-WP-Total": "1"}))
    api = Api(door_to(script), "https://shop.example.com/wp-json/wc/v3/", {"User-Agent": "hsn"})
    found = api.request("GET", "/orders", params={"after": "2026-11-24T10:00:00", "q": "a b&c"}, headers={"X-One": "1"})
    assert (found.status, found.json, found.as_of) == (200, [{"id": 7}], NOON)
    assert found.headers["x-wp-total"] == "1"
    (request,) = script.seen
    assert request.url.path == "/wp-json/wc/v3/orders"
    assert dict(request.url.params) == {"after": "2026-11-24T10:00:00", "q": "a b&c"}
    assert (request.headers["user-agent"], request.headers["x-one"]) == ("hsn", "1")


def test_an_api_sends_json() -> None:
    script = Script(answer(201))
    api = Api(door_to(script), "https://shop.example.com")
    assert api.request("POST", "orders", json={"name": "Zoë"}).status == 201
    assert json.loads(script.seen[0].content) == {"name": "Zoë"}


@pytest.mark.parametrize("given", [html(404), httpx.Response(403), httpx.Response(301, text="Moved")])
def test_an_answer_that_is_no_json_says_none(given: httpx.Response) -> None:
    found = Api(door_to(Script(given)), "https://shop.example.com").request("GET", "/")
    assert (found.status, found.json) == (given.status_code, None)
