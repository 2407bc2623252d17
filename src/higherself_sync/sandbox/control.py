"""The sandbox's own door, `/_sandbox/…`: what a test, or a person, does that no API offers."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias, runtime_checkable

from higherself_sync.sandbox.clock import Clock, stamp
from higherself_sync.sandbox.faults import BadRule, Faults
from higherself_sync.sandbox.request_log import RequestLog
from higherself_sync.sandbox.wire import Request, Response, Twin, json_response

Seeder = Callable[[Mapping[str, Twin], int, int, datetime], None]
"""(twins by name, records in all, seed, now): fills empty twins with made-up data."""

Snapshot: TypeAlias = Mapping[str, Any]
"""`{"clock": …, "twins": {name: …}}`; it can be pickled."""


@runtime_checkable
class Inhabited(Protocol):
    """A twin whose API a person at the screen can be said to use too: no limits, and more rights than a token has."""

    def person(self, request: Request, now: datetime) -> Response: ...


class BadControl(Exception):
    """What was asked of the sandbox cannot be done."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Controls:
    """Not thread-safe by itself: the sandbox's lock is held while it answers."""

    def __init__(
        self, twins: Sequence[Twin], clock: Clock, faults: Faults, log: RequestLog, seeder: Seeder | None
    ) -> None:
        self._twins = {twin.name: twin for twin in twins}
        self._clock, self._faults, self._log, self._seeder = clock, faults, log, seeder
        self.mark()

    # The state as a whole

    def mark(self) -> None:
        """Remember this state as the one that `reset` goes back to, and begin the request log anew."""
        self._start = self.snapshot()
        self._log.clear()

    def snapshot(self) -> Snapshot:
        """Everything that outlives a request: the clock, and what each twin holds."""
        return {"clock": self._clock.snapshot(), "twins": {name: twin.snapshot() for name, twin in self._twins.items()}}

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to `snapshot`; what is held is released, and the rules and the request log are emptied."""
        self._faults.clear()
        self._log.clear()
        self._clock.restore(snapshot["clock"])
        for name, state in snapshot["twins"].items():
            self._twins[name].restore(state)

    def seed(self, records: int, seed: int) -> None:
        """Empty the twins (Notion keeps its databases) and fill them with `records` made-up records in all."""
        if self._seeder is None:
            raise BadControl("this sandbox was built without made-up data", 501)
        for twin in self._twins.values():
            twin.clear()
        self._seeder(self._twins, records, seed, self._clock.now())

    def load(self, service: str, objects: Any) -> None:
        """Put `{stream: [objects as the API gave them]}` into one twin. Raises BadControl."""
        if service not in self._twins:
            raise BadControl(f"there is no twin of {service} to load into")
        if not isinstance(objects, Mapping) or not all(_are_objects(things) for things in objects.values()):
            raise BadControl(f'"{service}" must be an object of streams, each a list of objects')
        try:
            self._twins[service].load(objects, self._clock.now())
        except (LookupError, ValueError) as error:
            raise BadControl(f"{service} cannot be loaded: {_told(error)}") from error

    # Requests

    def answer(self, request: Request, base: str) -> Response:
        """`request.path` is what follows `/_sandbox`; `base` is scheme://host[:port]. Mistakes get 400, 404 or 405."""
        parts = request.path.strip("/").split("/")
        try:
            if isinstance(twin := self._twins.get(parts[0]), Inhabited):
                return twin.person(_as_person(request, parts, base), self._clock.now())
            if twin:
                return self._from_outside(request, twin, parts[1:])
            return self._steer(request, "/".join(parts))
        except BadControl as refusal:
            return json_response(refusal.status, {"error": str(refusal)})
        except BadRule as refusal:
            return json_response(400, {"error": str(refusal)})

    def _steer(self, request: Request, name: str) -> Response:
        match request.method, name:
            case "GET", "requests":
                return json_response(200, {"requests": self._log.show()})
            case "DELETE", "requests":
                return json_response(200, {"cleared": self._log.clear()})
            case "GET", "faults":
                return json_response(200, {"rules": self._faults.show()})
            case "POST", "faults":
                return json_response(201, {"ids": self._faults.post(_values(request, "rules").get("rules"))})
            case "DELETE", "faults":
                return json_response(200, {"cleared": self._faults.clear()})
            case "GET" | "POST", "clock":
                self._move_clock(_values(request, "now", "advance", "freeze") if request.method == "POST" else {})
                return json_response(200, self._now())
            case "POST", "load":
                for service, objects in _values(request).items():
                    self.load(service, objects)
                return json_response(200, self._now())
            case "POST", "seed":
                values = _values(request, "records", "seed")
                self.seed(_whole(values, "records", 0), _whole(values, "seed", 0))
                return json_response(200, self._now())
            case "POST", "mark":
                self.mark()
                return json_response(200, self._now())
            case "POST", "reset":
                self.restore(self._start)
                return json_response(200, self._now())
            case "GET", "dump":
                return json_response(200, self._now() | {name: twin.dump() for name, twin in self._twins.items()})
            case "GET" | "POST", "knobs":
                return json_response(200, self._turn(_values(request) if request.method == "POST" else {}))
            case _, "requests" | "faults" | "clock" | "load" | "seed" | "mark" | "reset" | "dump" | "knobs":
                raise BadControl(f"/_sandbox/{name} does not take {request.method}", 405)
            case _:
                raise BadControl(f"there is no control and no service called {name.split('/')[0]!r}", 404)

    def _now(self) -> dict[str, Any]:
        return {"now": stamp(self._clock.now())}

    def _move_clock(self, values: Mapping[str, Any]) -> None:
        moment, seconds, frozen = values.get("now"), values.get("advance"), values.get("freeze")
        if frozen is not None and not isinstance(frozen, bool):
            raise BadControl('"freeze" must be true or false')
        if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
            raise BadControl('"advance" must be a number of seconds')
        before = self._clock.snapshot()
        try:
            if moment is not None:
                self._clock.set(_moment(moment))
            if seconds is not None:
                self._clock.advance(seconds)
        except (OverflowError, ValueError) as error:
            self._clock.restore(before)
            raise BadControl(f"the clock cannot be put there: {error}") from error
        if frozen is not None:
            self._clock.freeze(frozen)

    def _turn(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Set each knob on every twin that has it and knows the value; all knobs, by service.

        A service's name takes an object of knobs for that twin alone.
        """
        for name, value in values.items():
            if name in self._twins and isinstance(value, Mapping):
                for knob, wanted in value.items():
                    self._turn_one(knob, wanted, [self._twins[name]])
            else:
                self._turn_one(name, value, list(self._twins.values()))
        return {name: twin.knobs({}) for name, twin in self._twins.items()}

    def _turn_one(self, knob: str, value: Any, twins: Sequence[Twin]) -> None:
        owners, refusals = [twin for twin in twins if knob in twin.knobs({})], []
        if not owners:
            known = sorted({name for twin in twins for name in twin.knobs({})})
            raise BadControl(f"no twin has the knob {knob}; there are {', '.join(known)}")
        for twin in owners:
            try:
                twin.knobs({knob: value})
            except ValueError as error:
                refusals.append(error)
        if len(refusals) == len(owners):
            raise BadControl(f'"{knob}" cannot be set: {refusals[0]}') from refusals[0]

    def _from_outside(self, request: Request, twin: Twin, parts: Sequence[str]) -> Response:
        try:
            match request.method, parts:
                case "POST", [stream]:
                    return json_response(201, twin.add(stream, _values(request), self._clock.now()))
                case "PATCH", [stream, record_id]:
                    return json_response(200, twin.change(stream, record_id, _values(request), self._clock.now()))
                case _:
                    raise BadControl("expected POST SERVICE/STREAM or PATCH SERVICE/STREAM/ID", 405)
        except KeyError as error:
            raise BadControl(f"{twin.name} has no {_told(error)}", 404) from error
        except ValueError as error:
            raise BadControl(f"{twin.name} does not take it: {error}") from error


def _as_person(request: Request, parts: Sequence[str], base: str) -> Request:
    """`/_sandbox/notion/REST` is `/notion/v1/REST`, done by a person."""
    service, *rest = parts
    path = "/v1/" + "/".join(rest)
    return Request(request.method, path, request.query, request.headers, request.body, f"{base}/{service}")


def _are_objects(things: Any) -> bool:
    """Some recordings are objects of lists, such as refunds by order; the twin knows them."""
    return isinstance(things, Mapping) or (
        isinstance(things, list) and all(isinstance(thing, Mapping) for thing in things)
    )


def _told(error: Exception) -> str:
    """KeyError puts its message in quotes."""
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def _values(request: Request, *allowed: str) -> dict[str, Any]:
    """The body's JSON object; only `allowed` keys, if any are named."""
    try:
        values = json.loads(request.body or b"{}")
    except ValueError as error:
        raise BadControl(f"the body is no JSON: {error}") from error
    if not isinstance(values, dict):
        raise BadControl("the body must be a JSON object")
    if allowed and (unknown := sorted(values.keys() - set(allowed))):
        raise BadControl(f"unknown: {', '.join(unknown)}; this takes {', '.join(allowed)}")
    return values


def _whole(values: Mapping[str, Any], name: str, default: int) -> int:
    value = values.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadControl(f'"{name}" must be a whole number from 0 on')
    return value


def _moment(text: Any) -> datetime:
    """Raises ValueError, and OverflowError for times that no clock shows."""
    if not isinstance(text, str):
        raise ValueError('"now" must be a time such as "2026-11-23T18:44:25Z"')
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
