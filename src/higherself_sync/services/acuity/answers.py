"""The account behind the HTTP door: sends, and turns what is no success into the error that it means."""

import json
import re
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime, tzinfo
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from higherself_sync.core.record import Gone
from higherself_sync.errors import Absent, HsnError, Refused, Unauthorised, Unreachable
from higherself_sync.services.acuity.columns import Context
from higherself_sync.services.acuity.settings import Settings
from higherself_sync.services.acuity.wire import JSON, Me, Wire

if TYPE_CHECKING:  # the config loads this package for its Settings, and must not pull in an HTTP client
    from higherself_sync.http import Answer, Api

W = TypeVar("W", bound=Wire)

ONE = re.compile(r"appointments/\d+(/\w+)?|clients")  # what is asked for one thing, which may not be there
WRITE = {
    "admin": "true",
    "noEmail": "true",
}  # nobody is ever written to; the owner's calls are held to no client's rule


class Account:
    """`cache` outlives the run: there is what `/me` told, and how far the rota has come."""

    def __init__(self, name: str, settings: Settings, api: "Api", cache: MutableMapping[str, str]) -> None:
        self.name, self.settings, self.api, self.cache = name, settings, api, cache
        self.place = f"services.{name}"
        self.context = Context(name, lambda: self.me().currency or None)
        self._told: Me | None = None
        self._asked = False
        self._lock = Lock()

    def ask(self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: object = None) -> "Answer":
        """`path` is below the base URL. The answer, whose status is 2xx.

        Raises Unreachable and Unauthorised; of one object also Absent and Refused; after a write Unanswered.
        """
        answer = self.api.request(method, f"/{path}", params=params, json=body)
        if answer.status >= 300:
            raise self.failure(answer, method, path)
        return answer

    def put(self, path: str, body: JSON, params: Mapping[str, str] = WRITE) -> "Answer":
        """As `ask`."""
        return self.ask("PUT", path, params=params, body=body)

    def listed(self, answer: "Answer", model: type[W]) -> tuple[W, ...]:
        """A bare array of objects. Raises Unreachable for anything else: a failed read is never an empty one."""
        if not isinstance(answer.json, list):
            remedy = "check base_url: it should end in /api/v1"
            raise Unreachable(f"that is no list of {model.__name__}s", place=self.place, remedy=remedy)
        return tuple(self.parsed(item, model) for item in answer.json)

    def parsed(self, item: object, model: type[W]) -> W:
        try:
            return model.model_validate(item)
        except ValidationError as error:
            where = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False))
            number = item.get("id") if isinstance(item, dict) else None
            message = f"{model.__name__} {number}: not what Acuity gives ({where})"
            raise Unreachable(message, place=self.place, remedy="see whether Acuity has changed its API") from None

    # the account itself

    def me(self, *, anew: bool = False) -> Me:
        """What the account says of itself; asked at most once a run, and remembered from run to run unless `anew`."""
        key = f"{self.name}:me"
        with self._lock:
            told = self._told or (Me.model_validate_json(self.cache[key]) if key in self.cache else None)
            if told is None or (anew and not self._asked):
                told, self._asked = self.ask_me(), True
                self.cache[key] = json.dumps({"timezone": told.timezone, "currency": told.currency})
            self._told = told
            return told

    def ask_me(self) -> Me:
        return self.parsed(self.ask("GET", "me").json, Me)

    def zone(self) -> tzinfo:
        """The business's zone, in which `minDate` and `maxDate` are days."""
        name = self.settings.timezone or self.me().timezone
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            remedy = f'write timezone = "…" in [{self.place}]'
            raise Unreachable(f"its time zone {name!r} is not known here", place=self.place, remedy=remedy) from None

    def now(self) -> datetime:
        return self.api.door.server_time().astimezone(UTC)

    # errors

    def failure(self, answer: "Answer", method: str, path: str) -> HsnError:
        """By the error's code rather than by the status, which many share."""
        code, reason = _error(answer.json, answer.status)
        match answer.status:
            case 401:
                remedy = "check user_id and api_key: Acuity shows both under Integrations > API > View credentials"
                return Unauthorised(f"HTTP 401: {reason}", place=self.place, remedy=remedy)
            case 403:
                remedy = "its plan may have no API, or the key is of a user who may not see this: use the main admin's"
                return Unauthorised(f"HTTP 403: {reason}", place=self.place, remedy=remedy)
            case 404 if code == "not_found" and ONE.fullmatch(path) and "Did you mean" not in reason:
                return Absent(Gone.DELETED, "Acuity has none such", place=self.place)
            case status if status < 400 or status in (404, 405):
                remedy = f"check base_url in [{self.place}]: it should end in /api/v1"
                return Unreachable(f"no Acuity API there (HTTP {status})", place=self.place, remedy=remedy)
            case status if method != "GET":
                return Refused(reason, status=status, place=self.place)
            case status:
                return Unreachable(f"HTTP {status}: {reason}", place=self.place, remedy="see Acuity's status page")


def _error(body: Any, status: int) -> tuple[str, str]:
    """The error's code and text; of what is not Acuity's own there is neither."""
    if not isinstance(body, dict):
        return "", f"HTTP {status} without JSON"
    return str(body.get("error", "")), str(body.get("message", ""))[:300]
