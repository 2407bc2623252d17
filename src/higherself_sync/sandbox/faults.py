"""Faults: what a test may make go wrong between a caller and a twin.

A rule counts the requests that it matches and acts on the `nth` and those after it, `times` in all. Where several
rules are due on one request the one posted first acts; the others keep their turn for the next request.
"""

import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

from higherself_sync.sandbox.wire import Request, Response

Moment = Literal["before", "after"]
"""Whether the twin has acted: "after" means that what was asked for is done and only the answer is lost or late."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Something else is answered. With `commit` the twin acts all the same, as behind a gateway that gave up."""

    response: Response
    commit: bool


@dataclass(frozen=True, slots=True)
class Drop:
    moment: Moment


@dataclass(frozen=True, slots=True)
class Hold:
    """No answer until the rules are cleared."""

    moment: Moment


@dataclass(frozen=True, slots=True)
class Delay:
    """The twin acts at once, its answer comes `seconds` later, or when the rules are cleared."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Truncate:
    """The answer breaks off after `size` bytes of its body; its Content-Length names them all."""

    size: int


Action: TypeAlias = Reply | Drop | Hold | Delay | Truncate


class BadRule(ValueError):
    """A rule that makes no sense; the message says which part and what would."""


@dataclass(slots=True)
class Rule:
    """`spec` is the rule as it was posted, defaults filled in; `released` ends what the rule holds."""

    id: int
    spec: Mapping[str, Any]
    path: re.Pattern[str]
    action: Action
    matches: int = 0
    hits: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        """How the request log calls it: "drop after", "status 503"."""
        do = self.spec["do"]
        kind = next(kind for kind in KINDS if kind in do)
        return f"{kind} {do[kind]}"

    def fits(self, service: str, request: Request) -> bool:
        wanted = self.spec["service"], self.spec["method"]
        return (
            wanted[0] in ("*", service)
            and wanted[1] in ("*", request.method)
            and self.path.fullmatch(request.path) is not None
        )

    @property
    def due(self) -> bool:
        times = self.spec["times"]
        return self.matches >= self.spec["nth"] and (times is None or self.hits < times)


class Faults:
    """The rules in force. Not thread-safe by itself: the sandbox's lock is held by whoever calls."""

    def __init__(self, services: Sequence[str]) -> None:
        self._services = services
        self._rules: list[Rule] = []
        self._last_id = 0

    def post(self, specs: Any) -> list[int]:
        """Add all of the rules, or none of them. Raises BadRule."""
        if not isinstance(specs, list) or not specs:
            raise BadRule('expected {"rules": [{…}, …]} with at least one rule')
        rules = [parse(spec, self._services, self._last_id + 1 + n) for n, spec in enumerate(specs)]
        self._rules += rules
        self._last_id = rules[-1].id
        return [rule.id for rule in rules]

    def show(self) -> list[dict[str, Any]]:
        """Each rule as posted, with the requests that it matched so far and those (`hits`) that it acted on."""
        return [{"id": r.id, **r.spec, "matches": r.matches, "hits": r.hits} for r in self._rules]

    def clear(self) -> int:
        """Forget all rules and release what they hold. How many there were."""
        gone, self._rules = self._rules, []
        for rule in gone:
            rule.released.set()
        return len(gone)

    @property
    def may_wait(self) -> bool:
        return any(isinstance(rule.action, Hold | Delay) for rule in self._rules)

    def strike(self, service: str, request: Request) -> Rule | None:
        """The rule that acts on this request; every rule that matches counts it."""
        matching = [rule for rule in self._rules if rule.fits(service, request)]
        for rule in matching:
            rule.matches += 1
        acting = next((rule for rule in matching if rule.due), None)
        if acting:
            acting.hits += 1
        return acting


# Reading a rule

KINDS: Mapping[str, frozenset[str]] = {
    "status": frozenset({"headers", "body", "commit"}),
    "html": frozenset({"commit"}),
    "drop": frozenset(),
    "hold": frozenset(),
    "delay": frozenset(),
    "truncate": frozenset(),
}
"""What `do` may be, each with the keys allowed beside it."""

DEFAULTS: Mapping[str, Any] = {"method": "*", "path": ".*", "nth": 1, "times": 1}

GATEWAY_PAGE = """<html>
<head><title>{status} {phrase}</title></head>
<body>
<center><h1>{status} {phrase}</h1></center>
<hr><center>nginx</center>
</body>
</html>
"""
PHRASES = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


def parse(spec: Any, services: Sequence[str], rule_id: int) -> Rule:
    """Raises BadRule, naming the part that is wrong."""
    if not isinstance(spec, Mapping):
        raise BadRule(f"a rule is an object, not {json.dumps(spec)}")
    _only(spec, {"service", "do", *DEFAULTS}, "a rule")
    whole = {"service": None, **DEFAULTS, **spec}
    if whole["service"] not in ("*", *services):
        raise BadRule(f'"service" must be one of {", ".join(services)} or "*", not {json.dumps(whole["service"])}')
    if not isinstance(whole["method"], str):
        raise BadRule('"method" must be text such as "POST", or "*"')
    whole["method"] = whole["method"].upper()
    _count(whole["nth"], "nth")
    if whole["times"] is not None:
        _count(whole["times"], "times")
    return Rule(rule_id, whole, _pattern(whole["path"]), _action(whole.get("do")))


def _only(given: Mapping[str, Any], allowed: set[str], what: str) -> None:
    if unknown := sorted(given.keys() - allowed):
        raise BadRule(f"{what} has no {', '.join(map(json.dumps, unknown))}; it takes {', '.join(sorted(allowed))}")


def _count(value: Any, name: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadRule(f'"{name}" must be a whole number from 1 on{" or null" if name == "times" else ""}')


def _pattern(path: Any) -> re.Pattern[str]:
    try:
        return re.compile(path)
    except (re.error, TypeError) as error:
        raise BadRule(f'"path" is no regular expression: {error}') from error


def _action(do: Any) -> Action:
    kinds = [kind for kind in KINDS if isinstance(do, Mapping) and kind in do]
    if len(kinds) != 1:
        raise BadRule(f'"do" must have exactly one of {", ".join(KINDS)}')
    kind = kinds[0]
    _only(do, {kind, *KINDS[kind]}, f'"do" with {kind}')
    match kind:
        case "status" | "html":
            return _reply(do, kind)
        case "drop":
            return Drop(_moment(do, kind))
        case "hold":
            return Hold(_moment(do, kind))
        case "delay":
            return Delay(_number(do, kind))
        case _:
            return Truncate(_whole(do, kind))


def _moment(do: Mapping[str, Any], kind: str) -> Moment:
    if do[kind] not in ("before", "after"):
        raise BadRule(f'"{kind}" must be "before" or "after" the twin acts')
    return cast("Moment", do[kind])


def _number(do: Mapping[str, Any], kind: str) -> float:
    value = do[kind]
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e6:
        raise BadRule(f'"{kind}" must be a number of seconds from 0 on')
    return float(value)


def _whole(do: Mapping[str, Any], kind: str) -> int:
    value = do[kind]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadRule(f'"{kind}" must be a whole number of bytes from 0 on')
    return value


def _reply(do: Mapping[str, Any], kind: str) -> Reply:
    status, commit, headers = do[kind], do.get("commit", False), do.get("headers") or {}
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise BadRule(f'"{kind}" must be an HTTP status from 200 to 599')
    if not isinstance(commit, bool):
        raise BadRule('"commit" must be true or false')
    if not isinstance(headers, Mapping):
        raise BadRule('"headers" must be an object of texts')
    given = {str(name).lower(): str(value) for name, value in headers.items()}
    if kind == "html":
        page = GATEWAY_PAGE.format(status=status, phrase=PHRASES.get(status, "Error"))
        return Reply(Response(status, page.encode(), {"content-type": "text/html"}), commit)
    body, content_type = _body(do.get("body"))
    return Reply(Response(status, body, content_type | given), commit)


def _body(body: Any) -> tuple[bytes, dict[str, str]]:
    """Text goes out as it is, anything else as JSON."""
    if body is None:
        return b"", {}
    if isinstance(body, str):
        return body.encode(), {"content-type": "text/plain; charset=utf-8"}
    return json.dumps(body, ensure_ascii=False).encode(), {"content-type": "application/json; charset=utf-8"}
