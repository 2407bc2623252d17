"""The sandbox: the twins behind one door, with its controls, its request log and its faults.

`Sandbox.handle` is a plain synchronous function and the whole of it; `asgi.py` puts it on a socket.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Any, TypeAlias, assert_never

from higherself_sync.sandbox.clock import Clock
from higherself_sync.sandbox.control import Controls, Seeder, Snapshot
from higherself_sync.sandbox.faults import Delay, Drop, Faults, Hold, Reply, Rule, Truncate
from higherself_sync.sandbox.request_log import RequestLog
from higherself_sync.sandbox.wire import Request, Response, Twin, json_response

SERVICES = (
    "notion",
    "woocommerce",
    "typeform",
    "acuity",
    "amelia",
    "userfeedback",
    "tutorlm",
    "openai",
    "anthropic",
)
"""Every prefix that the sandbox is meant to have, with a twin behind it or not."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection ends without a word."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """The connection ends after `size` bytes of the body; the head of the answer promised all of it."""

    response: Response
    size: int


Outcome: TypeAlias = Response | Dropped | Truncated


Pause: TypeAlias = Callable[[threading.Event, float], object]
"""(event, seconds): come back when the event is set or the time is over."""


class Sandbox:
    """Thread-safe. A request that is held or delayed keeps no other from being served."""

    def __init__(
        self,
        twins: Sequence[Twin],
        *,
        clock: Clock | None = None,
        seeder: Seeder | None = None,
        keep: Callable[[Snapshot], None] | None = None,
        pause: Pause = threading.Event.wait,
    ) -> None:
        """`keep` takes the last state when the sandbox is closed; `pause` is how a delayed answer waits."""
        self.clock = clock or Clock()
        self._twins = {twin.name: twin for twin in twins}
        self._keep, self._pause = keep, pause
        self._faults = Faults(tuple(self._twins))
        self._log = RequestLog()
        self._controls = Controls(twins, self.clock, self._faults, self._log, seeder)
        self._lock = threading.RLock()  # around the twins, the clock, the rules and the log; never held while waiting

    def handle(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        base_url: str,
        caller_gone: Callable[[], bool] = lambda: False,
    ) -> Outcome:
        """Serve one request.

        `target` is the raw path with its query, `headers` have lower-case names, `base_url` is scheme://host[:port],
        and `caller_gone` tells whether the caller has hung up meanwhile.
        """
        path, _, query = target.partition("?")
        prefix, _, rest = path.lstrip("/").partition("/")
        request = Request(method, f"/{rest}", query, headers, body, f"{base_url}/{prefix}")
        if prefix == "_sandbox":
            with self._lock:
                return self._dated(self._controls.answer(request, base_url))
        twin = self._twins.get(prefix)
        if twin is None:
            return self._dated(_nobody(prefix))
        return self._dated(self._serve(twin, request, caller_gone))

    @property
    def twins(self) -> tuple[Twin, ...]:
        return tuple(self._twins.values())

    @property
    def may_wait(self) -> bool:
        """Whether a rule is in force by which `handle` might not return soon."""
        with self._lock:
            return self._faults.may_wait

    def ready(self) -> None:
        """Everything is set up: this is the state that `reset` restores, and the request log begins here."""
        with self._lock:
            self._controls.mark()

    def seed(self, records: int, seed: int) -> None:
        """Empty the twins (Notion keeps its databases) and fill them with `records` made-up records in all."""
        with self._lock:
            self._controls.seed(records, seed)

    def load(self, service: str, objects: Mapping[str, Any]) -> None:
        """`{stream: [objects as the API gave them]}`. Raises BadControl."""
        with self._lock:
            self._controls.load(service, objects)

    def snapshot(self) -> Snapshot:
        """The clock and all that the twins hold, for `restore`."""
        with self._lock:
            return self._controls.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        with self._lock:
            self._controls.restore(snapshot)

    def release(self) -> None:
        """Let go of every request that is held; no rule stays in force."""
        with self._lock:
            self._faults.clear()

    def close(self) -> None:
        """No request will come any more: the state is kept, if it is to be."""
        if self._keep:
            self._keep(self.snapshot())

    def _serve(self, twin: Twin, request: Request, caller_gone: Callable[[], bool]) -> Outcome:
        with self._lock:
            rule = self._faults.strike(twin.name, request)
            entry = self._log.open(twin.name, request, self.clock.now(), rule.name if rule else None)
        outcome: Outcome | None = None
        try:
            outcome = self._struck(twin, request, rule, caller_gone) if rule else self._act(twin, request)
        finally:
            entry.close(_status(outcome))
        return outcome

    def _act(self, twin: Twin, request: Request) -> Response:
        with self._lock:
            return twin.answer(request, self.clock.now())

    def _struck(self, twin: Twin, request: Request, rule: Rule, caller_gone: Callable[[], bool]) -> Outcome:
        match rule.action:
            case Reply(response, commit):
                if commit:
                    self._act(twin, request)
                return response
            case Drop(moment):
                if moment == "after":
                    self._act(twin, request)
                return Dropped()
            case Hold("before"):
                # Who hung up while waiting never reached the server: a process killed here has asked for nothing.
                return self._act(twin, request) if _released(rule, caller_gone) else Dropped()
            case Hold():
                response = self._act(twin, request)
                return response if _released(rule, caller_gone) else Dropped()
            case Delay(seconds):
                response = self._act(twin, request)
                self._pause(rule.released, seconds)
                return response
            case Truncate(size):
                return Truncated(self._act(twin, request), size)
            case _ as never:
                assert_never(never)

    def _dated(self, outcome: Outcome) -> Outcome:
        match outcome:
            case Dropped():
                return outcome
            case Truncated(response):
                return replace(outcome, response=self._with_date(response))
            case Response():
                return self._with_date(outcome)
            case _ as never:
                assert_never(never)

    def _with_date(self, response: Response) -> Response:
        date = {"date": format_datetime(self.clock.now(), usegmt=True)}
        return replace(response, headers=date | dict(response.headers))


def _nobody(prefix: str) -> Response:
    if prefix in SERVICES:
        return json_response(501, {"error": f"this sandbox has no twin of {prefix}"})
    return json_response(404, {"error": f"nothing is served at /{prefix}; there are {', '.join(SERVICES)}"})


def _released(rule: Rule, caller_gone: Callable[[], bool]) -> bool:
    """Wait until the rule is cleared (True) or the caller hangs up (False)."""
    while not rule.released.wait(timeout=0.02):
        if caller_gone():
            return False
    return not caller_gone()


def _status(outcome: Outcome | None) -> int | None:
    match outcome:
        case Response(status) | Truncated(Response(status)):
            return status
        case None:  # the twin itself broke: over a socket the server answers this
            return 500
        case Dropped():
            return None
        case _ as never:
            assert_never(never)
