"""The kinds of trouble that one request can meet, and what a run that met it has to end with."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal, TypeAlias

import httpx

from higherself_sync.sandbox.app import Sandbox

Pass: TypeAlias = Callable[[httpx.Request], httpx.Response]
Strike: TypeAlias = Callable[[httpx.Request, Pass, Sandbox], httpx.Response]


@dataclass(frozen=True)
class Asked:
    """One request of the undisturbed run, and the status of its answer.

    `hint`: it looks for rows in the trash, and a run goes on without that. `again`: that side is asked again later.
    """

    method: str
    path: str
    status: int = 0
    hint: bool = False
    again: bool = True

    @classmethod
    def of(cls, request: httpx.Request) -> "Asked":
        return cls(request.method, request.url.path + request.url.params.get("call", ""))  # Amelia has one address

    @property
    def side(self) -> str:
        return self.path.split("/")[1]

    @property
    def creates(self) -> bool:
        """A request that makes something new, which must not be sent twice blindly."""
        return self.method == "POST" and not re.search(r"/(query|search|batch|\d+)$", self.path)

    @property
    def writes_a_page(self) -> bool:
        return self.side == "notion" and self.method in ("POST", "PATCH") and "/v1/pages" in self.path


@dataclass(frozen=True)
class Kind:
    """`strike` answers in the server's stead. `ends`: what becomes of the run, by what was asked.

    "usual": it was repeated, or read back. "unknown": so it is with all but creates, which wait for the next run (3).
    "garbled": half of an error proves nothing, so that side leaves the run (5); half of anything else is repeated.
    "down": that side leaves the run (5). `lasting`: every later request to that side is refused until the run ends.
    """

    name: str
    strike: Strike
    ends: Literal["usual", "unknown", "garbled", "down"] = "usual"
    where: Callable[[Asked], bool] = lambda _: True
    lasting: bool = False

    def exit_code(self, asked: Asked, usual: int) -> int:
        match self.ends:
            case "usual":
                return usual
            case "unknown":
                return 3 if asked.creates else usual
            case "garbled":
                return 5 if asked.status >= 400 else usual
            case "down":
                return usual if asked.hint and not (self.lasting and asked.again) else 5


# ------------------------------------------------------------------------------------------------------ without answer


def _raises(error: Callable[[str], Exception], *, acts: bool) -> Strike:
    def strike(request: httpx.Request, pass_on: Pass, sandbox: Sandbox) -> httpx.Response:
        if acts:
            pass_on(request)
        raise error("made to fail")

    return strike


# ------------------------------------------------------------------------------------------------------ other answers


def _answers(make: Callable[[httpx.Request, datetime], httpx.Response], *, acts: bool = False) -> Strike:
    def strike(request: httpx.Request, pass_on: Pass, sandbox: Sandbox) -> httpx.Response:
        if acts:
            pass_on(request)
        answer = make(request, sandbox.clock.now())
        answer.headers.setdefault("date", format_datetime(sandbox.clock.now(), usegmt=True))
        return answer

    return strike


def _page(status: int) -> Callable[[httpx.Request, datetime], httpx.Response]:
    return lambda request, now: httpx.Response(status, html=f"<html><h1>{status}</h1><hr>nginx</html>")


def _error(
    status: int, code: str, reason: str | None = None, wait: Callable[[datetime], str] | None = None
) -> Callable[[httpx.Request, datetime], httpx.Response]:
    """Notion's error object; from anybody else a gateway's page with the same status and headers."""

    def make(request: httpx.Request, now: datetime) -> httpx.Response:
        headers = {"retry-after": wait(now)} if wait else {}
        if Asked.of(request).side != "notion":
            return httpx.Response(status, html="<html>slow down</html>", headers=headers)
        body: dict[str, Any] = {"object": "error", "status": status, "code": code, "message": "made to fail"}
        if reason:
            body["additional_data"] = {"rate_limit_reason": reason}
        return httpx.Response(status, json=body, headers=headers)

    return make


def _cut(request: httpx.Request, pass_on: Pass, sandbox: Sandbox) -> httpx.Response:
    """A proxy that gives half of the body and says that this is all."""
    answer = pass_on(request)
    body = answer.read()
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return httpx.Response(answer.status_code, content=body[: len(body) // 2], headers=headers)


def _saved(tells_id: bool) -> Strike:
    def strike(request: httpx.Request, pass_on: Pass, sandbox: Sandbox) -> httpx.Response:
        knobs: Mapping[str, Any] = {"saved_503": 1, "saved_503_tells_id": tells_id}
        path = "/_sandbox/knobs"
        turned = sandbox.handle("POST", path, {}, json.dumps(knobs).encode(), "")
        assert getattr(turned, "status", 0) == 200, turned
        return pass_on(request)

    return strike


def _seconds(now: datetime) -> str:
    return "30"


def _date(now: datetime) -> str:
    return format_datetime(now + timedelta(seconds=30), usegmt=True)


def _at_notion(asked: Asked) -> bool:
    return asked.side == "notion"


def _page_write(asked: Asked) -> bool:
    return asked.writes_a_page


RATE = "public_api_request_rate_limit"
BLOCKED = "public_api_request_blocked"

KINDS = {
    each.name: each
    for each in (
        Kind("refused", _raises(httpx.ConnectError, acts=False)),
        Kind("dropped", _raises(httpx.RemoteProtocolError, acts=False), "unknown"),
        Kind("lost", _raises(httpx.RemoteProtocolError, acts=True)),
        Kind("timeout", _raises(httpx.ReadTimeout, acts=False), "unknown"),
        Kind("late", _raises(httpx.ReadTimeout, acts=True)),
        Kind("cut", _cut, "garbled"),
        Kind("saved-with-id", _saved(tells_id=True), where=_page_write),
        Kind("saved", _saved(tells_id=False), where=_page_write),
        Kind("429-seconds", _answers(_error(429, "rate_limited", RATE, _seconds))),
        Kind("429-date", _answers(_error(429, "rate_limited", RATE, _date))),
        Kind("429-blocked", _answers(_error(429, "rate_limited", BLOCKED)), "down", _at_notion),
        Kind("409", _answers(_error(409, "conflict_error")), where=_at_notion),
        Kind("502", _answers(_page(502)), "unknown"),
        Kind("502-acted", _answers(_page(502), acts=True)),
        Kind("504", _answers(_page(504)), "unknown"),
        Kind("504-acted", _answers(_page(504), acts=True)),
        Kind("529", _answers(_error(529, "service_overload", None, _seconds))),
        Kind("down", _raises(httpx.ConnectError, acts=False), "down", lasting=True),
        Kind("down-acted", _raises(httpx.RemoteProtocolError, acts=True), "down", lasting=True),
    )
}
