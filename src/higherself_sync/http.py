"""The HTTP door: every request to the outside goes through one layer that keeps the budget and repeats what may be.

What is repeated, and how (the only retry layer there is):

* 429 and 529: always, after the Retry-After, and everybody who shares the budget waits with it;
* Notion's 409 `conflict_error`: always, for it means that nothing was saved;
* other 5xx, an answer with status 2xx that is not JSON, a lost connection, a time-out: if `repeatable` says so. If
  not, or if it is a write and no attempt was answered, it may have been acted on: `errors.Unanswered` leaves it to the
  journal, so that one object at which a server always fails does not stop the others;
* a connection that never came about: always, for nothing was sent.

Every other answer, 4xx and redirects included, is handed back untouched. Adapters see none of httpx: they get an `Api`.
"""

import json as jsonlib
import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

import httpx

from higherself_sync.errors import Unanswered, Unreachable

logger = logging.getLogger(__name__)

Request: TypeAlias = httpx.Request
Response: TypeAlias = httpx.Response
Transport: TypeAlias = httpx.BaseTransport

ATTEMPTS = 5  # of a request that fails
THROTTLED = 20  # answers "too many requests" to one request: a Retry-After of 0 must not loop for ever
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds between attempts, where the server names no time
LEAST_WAIT = 0.001  # a wait below what the clock resolves would spin
BLOCKED = "public_api_request_blocked"  # Notion's reason for a 429 that no waiting cures


# --------------------------------------------------------------------------------------------------------- the budget


class Budget:
    """How much may be sent: per 60 seconds, per second, and at once (0: no limit). Shared by threads.

    A request counts from its start until a whole window after its end. The server counts it somewhere in between, so
    no window of the server's, wherever it begins, ever holds more than the limit.
    """

    def __init__(
        self,
        per_minute: int = 0,
        per_second: int = 0,
        parallel: int = 0,
        *,
        sleeper: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._windows = [(limit, span) for limit, span in ((per_minute, 60.0), (per_second, 1.0)) if limit]
        self._parallel, self._sleeper, self._monotonic = parallel, sleeper, monotonic
        self._changed = threading.Condition()
        self._running = 0
        self._ended: deque[float] = deque(maxlen=max((limit for limit, _ in self._windows), default=1))
        self._paused_until = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for room, and hold it while the request runs."""
        self._enter()
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._ended.append(self._monotonic())
                self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Nobody sends anything for that long."""
        with self._changed:
            self._paused_until = max(self._paused_until, self._monotonic() + seconds)

    def _enter(self) -> None:
        while True:
            with self._changed:
                wait = self._wait()
                if wait is None:
                    self._changed.wait()  # until a running request ends; only that tells when its window does
                    continue
                if wait <= 0:
                    self._running += 1
                    return
            self._sleeper(max(wait, LEAST_WAIT))

    def _wait(self) -> float | None:
        """Seconds until there may be room; None: not before a running request has ended."""
        now = self._monotonic()
        wait = self._paused_until - now
        if self._parallel and self._running >= self._parallel:
            return None
        for limit, span in self._windows:
            recent = [ended for ended in self._ended if ended + span > now]
            surplus = self._running + len(recent) - limit  # so many of the recent have to fall out first, and one more
            if surplus >= len(recent) and surplus >= 0:
                return None
            if surplus >= 0:
                wait = max(wait, recent[surplus] + span - now)
        return wait


# ----------------------------------------------------------------------------------------------------------- the door


@dataclass(frozen=True, slots=True)
class Setback:
    """Why one attempt settled nothing. `wait`: the seconds that the server asked for."""

    seen: str
    remedy: str = "try again later; if it stays, see whether the service reports an outage"
    lost: bool = True  # the request may have been acted on
    throttled: bool = False  # everyone who shares the budget has to wait
    hopeless: bool = False
    wait: float | None = None
    response: Response | None = None


def safe(request: Request) -> bool:
    """The default of `reading` and of `repeatable`: whatever only reads."""
    return request.method == "GET"


class Door(httpx.BaseTransport):
    """An httpx transport over another one, with budget and retry. Usable from several threads.

    `reading(request)`: does it change nothing? `repeatable(request)`: may it be sent again after a lost answer?
    `sign(request)` is called anew for each attempt, with a copy that it may change, or return another.
    `rescue(request, response)` may name a request whose answer is the answer: for a 5xx that says that the change was
    made. `final(response)`: a 5xx that means what it says.
    `max_wait`: the longest time, in seconds, that one request waits on the server's word.

    Raises `Unreachable` and `Unanswered` from within httpx's `send`; neither names a query, a header or a body.
    """

    def __init__(
        self,
        name: str,
        budget: Budget,
        *,
        timeout: float,
        max_wait: float,
        reading: Callable[[Request], bool] = safe,
        repeatable: Callable[[Request], bool] = safe,
        sign: Callable[[Request], Request | None] | None = None,
        rescue: Callable[[Request, Response], Request | None] | None = None,
        final: Callable[[Response], bool] | None = None,
        transport: Transport | None = None,
        sleeper: Callable[[float], None] = time.sleep,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self.sent = 0
        self._budget, self._max_wait, self._reading, self._repeatable = budget, max_wait, reading, repeatable
        self._timeout = httpx.Timeout(timeout).as_dict()
        self._sign, self._rescue, self._final = sign, rescue, final
        self._inner = transport or httpx.HTTPTransport()
        self._sleeper, self._rng = sleeper, rng
        self._date: datetime | None = None
        self._lock = threading.Lock()

    def client(self, base_url: str, **options: Any) -> httpx.Client:
        """Redirects are answers: following one could carry the credentials to another host."""
        return httpx.Client(transport=self, base_url=base_url, follow_redirects=False, **options)

    def server_time(self) -> datetime:
        """The latest `Date` that the server sent (UTC); before the first, this machine's time."""
        return self._date or datetime.now(UTC)

    def close(self) -> None:
        self._inner.close()

    def handle_request(self, request: Request) -> Response:
        request.read()
        failed = throttled = 0
        waited = 0.0
        while True:
            outcome = self._attempt(request)
            if isinstance(outcome, Response):
                return outcome
            rescued = self._rescued(request, outcome)
            if rescued is not None:
                return rescued
            if outcome.lost and not self._repeatable(request):
                raise self._unanswered(request, outcome.seen)
            failed, throttled = failed + (not outcome.throttled), throttled + outcome.throttled
            if outcome.hopeless or failed >= ATTEMPTS or throttled >= THROTTLED:
                if outcome.lost and not self._reading(request):
                    raise self._unanswered(request, f"{outcome.seen} ({failed + throttled} attempts)")
                raise self._unreachable(request, outcome.seen, outcome.remedy, failed + throttled)
            wait = self._backoff(failed + throttled) if outcome.wait is None else outcome.wait
            waited += outcome.wait or 0.0
            if waited > self._max_wait:
                raise self._too_long(request, outcome.seen, wait)
            logger.info("%s; again in %.1f s", outcome.seen, wait, extra={"service": self.name})
            if outcome.throttled:
                self._budget.pause(wait)  # the next attempt queues behind it like everybody else
            else:
                self._sleeper(wait)

    def _attempt(self, request: Request) -> Response | Setback:
        with self._budget.turn():
            # Signed only now: a nonce and its timestamp would grow stale while waiting for room.
            signed = self._signed(request)
            with self._lock:
                self.sent += 1
            try:
                response = self._whole(self._inner.handle_request(signed))
            except httpx.RequestError as error:
                return _fault(error)
        logger.debug("%s %s: %d", request.method, request.url.path, response.status_code, extra={"service": self.name})
        return self._setback(response) or response

    def _signed(self, request: Request) -> Request:
        copy = Request(
            request.method,
            request.url,
            headers=request.headers,
            content=request.content or None,
            extensions={**request.extensions, "timeout": self._timeout},
        )
        return (self._sign(copy) if self._sign else None) or copy

    def _whole(self, response: Response) -> Response:
        """The answer with its body read to the end, so that one which breaks off is noticed here, and decoded."""
        try:
            body = response.read()
        finally:
            response.close()
        date = _http_date(response.headers.get("date"))
        with self._lock:
            self._date = date or self._date
        framing = ("content-encoding", "content-length", "transfer-encoding")
        headers = [(key, value) for key, value in response.headers.multi_items() if key.lower() not in framing]
        return Response(response.status_code, headers=headers, content=body)

    def _setback(self, response: Response) -> Setback | None:
        status, seen = response.status_code, f"HTTP {response.status_code}"
        if status in (429, 529):
            if _reason(response) == BLOCKED:
                remedy = "waiting does not help: ask the service's support why this connection is blocked"
                return Setback(f"{seen}, {BLOCKED}", remedy, lost=False, hopeless=True)
            return Setback(seen, lost=False, throttled=True, wait=self._retry_after(response))
        if status == 409 and _error(response).get("code") == "conflict_error":
            return Setback(f"{seen} conflict_error", lost=False)
        if status < 300 and not _is_json(response):
            what = "a web page" if _is_html(response) else "a broken answer"
            return Setback(
                f"{seen} with {what} instead of JSON", "check the address, and what stands before the service"
            )
        if status < 500 or status == 501 or (self._final is not None and self._final(response)):
            return None
        return Setback(seen, wait=self._retry_after(response), response=response)

    def _retry_after(self, response: Response) -> float | None:
        """Seconds, fractions included; an HTTP date is measured against the answer's own Date, not this machine's."""
        raw = response.headers.get("retry-after", "").strip()
        try:
            return min(max(0.0, float(raw)), timedelta.max.total_seconds())
        except ValueError:
            until = _http_date(raw)
        now = _http_date(response.headers.get("date")) or datetime.now(UTC)
        return None if until is None else max(0.0, (until - now).total_seconds())

    def _backoff(self, attempt: int) -> float:
        growing: float = FIRST_WAIT * 2 ** (attempt - 1)
        return min(growing, LONGEST_WAIT) * (0.5 + self._rng())

    def _rescued(self, request: Request, setback: Setback) -> Response | None:
        if self._rescue is None or setback.response is None:
            return None
        follow = self._rescue(request, setback.response)
        if follow is None:
            return None
        try:
            response = self.handle_request(follow)
        except Unreachable as error:
            raise self._unanswered(request, f"{setback.seen}, then {error.message}") from error
        if not response.is_success:
            raise self._unanswered(request, f"{setback.seen}, then HTTP {response.status_code}")
        return response

    def _unanswered(self, request: Request, seen: str) -> Unanswered:
        message = f"{self.name}: {seen}; it is not known whether {_place(request)} was carried out"
        return Unanswered(message, place=self.name, remedy="nothing: it is looked up before it is tried again")

    def _unreachable(self, request: Request, seen: str, remedy: str, attempts: int) -> Unreachable:
        times = "" if attempts == 1 else f" ({attempts} attempts)"
        message = f"{self.name}: {_place(request)}: {seen}{times}"
        return Unreachable(message, place=self.name, remedy=remedy, seen=f"{seen}{times}")

    def _too_long(self, request: Request, seen: str, wait: float) -> Unreachable:
        try:
            until = f"until {self.server_time() + timedelta(seconds=wait):%Y-%m-%d %H:%M:%S} UTC"
        except OverflowError:
            until = "practically for ever"
        remedy = "run again after that, or allow longer waits with [sync] max_wait"
        asked = f"{seen}, asks to wait {until}"
        return Unreachable(f"{self.name}: {_place(request)}: {asked}", place=self.name, remedy=remedy, seen=asked)


def _fault(error: httpx.RequestError) -> Setback:
    """A failure without an answer. Only a failure to connect is quoted: other messages may hold what was sent."""
    match error:
        case httpx.ProxyError() | httpx.ConnectError():
            seen = f"no connection: {error}" if str(error) else "no connection"
            return Setback(seen, "check the address, the network and the certificate", lost=False)
        case httpx.TimeoutException():
            unsent = isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout)
            seen = "no connection in time" if unsent else "no answer in time"
            return Setback(seen, "try again later, or raise [http] timeout", lost=not unsent)
        case httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
            remedy = "check the address and the credentials for stray characters"
            return Setback("this request cannot be sent", remedy, lost=False, hopeless=True)
        case httpx.DecodingError() | httpx.RemoteProtocolError():
            return Setback("the answer broke off")
        case _:
            return Setback("the connection was lost")


def _place(request: Request) -> str:
    return f"{request.method} {request.url.host}{request.url.path}"


def _http_date(raw: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(raw or "")
    except ValueError:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def _is_json(response: Response) -> bool:
    """By the content: Amelia and careless hosts call JSON text/html, and proxies call web pages JSON."""
    if response.status_code == 204:
        return True
    try:
        jsonlib.loads(response.content)
    except ValueError:
        return False
    return True


def _is_html(response: Response) -> bool:
    return "html" in response.headers.get("content-type", "") or response.content.lstrip().startswith(b"<")


def _error(response: Response) -> Mapping[str, Any]:
    """The JSON object of an error answer, empty where there is none."""
    try:
        body = jsonlib.loads(response.content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _reason(response: Response) -> object:
    details = _error(response).get("additional_data")
    return details.get("rate_limit_reason") if isinstance(details, dict) else None


def open_door(
    name: str,
    *,
    timeout: float,
    max_wait: float,
    per_minute: int = 0,
    per_second: int = 0,
    parallel: int = 0,
    reading: Callable[[Request], bool] = safe,
    repeatable: Callable[[Request], bool] = safe,
    sign: Callable[[Request], Request | None] | None = None,
    rescue: Callable[[Request, Response], Request | None] | None = None,
    final: Callable[[Response], bool] | None = None,
    transport: Transport | None = None,
    sleeper: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Door:
    """A door with a budget of its own."""
    budget = Budget(per_minute, per_second, parallel, sleeper=sleeper, monotonic=monotonic)
    return Door(
        name,
        budget,
        timeout=timeout,
        max_wait=max_wait,
        reading=reading,
        repeatable=repeatable,
        sign=sign,
        rescue=rescue,
        final=final,
        transport=transport,
        sleeper=sleeper,
    )


# ---------------------------------------------------------------------------------------------- what adapters are given


@dataclass(frozen=True, slots=True)
class Answer:
    """`json` is parsed for every 2xx with a body; of another status it is None where the body is no JSON.

    `headers` have lower-case names. `as_of` is the server's `Date` (UTC), else this machine's time.
    """

    status: int
    headers: Mapping[str, str]
    json: Any
    as_of: datetime


class Api:
    """One service's HTTP interface: requests in, answers out, of any status that the door does not deal with."""

    def __init__(self, door: Door, base_url: str, headers: Mapping[str, str] | None = None) -> None:
        self.door = door
        self._client = door.client(base_url, headers=dict(headers or {}))

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`path` is relative to the base URL. Raises Unreachable, Unanswered."""
        response = self._client.request(method, path, params=params, json=json, headers=headers)
        try:
            body = jsonlib.loads(response.content) if response.content else None
        except ValueError:
            body = None
        as_of = _http_date(response.headers.get("date")) or datetime.now(UTC)
        return Answer(response.status_code, dict(response.headers), body, as_of)

    def close(self) -> None:
        self._client.close()
