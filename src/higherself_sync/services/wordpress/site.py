"""One WordPress site behind the HTTP door: asks, and turns what is no success into the error that it means."""

import base64
import html
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import tzinfo
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from higherself_sync.errors import ConfigError, HsnError, Unauthorised, Unreachable
from higherself_sync.services.base import Check
from higherself_sync.services.wordpress.clock import zone_of

if TYPE_CHECKING:  # the config loads adapters for their Settings, and must not pull in an HTTP client
    from higherself_sync.http import Answer, Api

W = TypeVar("W", bound=BaseModel)

INDEX = {"_fields": "timezone_string,gmt_offset,namespaces"}  # without, it lists some hundred routes


class Wire(BaseModel):
    """What a site sends, as far as it is used: lenient in, strict out."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


@dataclass(frozen=True, slots=True)
class Plugin:
    """`namespace`: its routes below `wp-json`. `absent`: what to do where there are none. `refusals`: what to do about
    a 401 or 403, by status and code (`401 incorrect_password`), else by status (`403`)."""

    title: str
    namespace: str
    absent: str
    refusals: Mapping[str, str]


class Site:
    """`timezone`: what the config says of it. `cache` outlives the run."""

    def __init__(
        self, name: str, plugin: Plugin, url: str, timezone: str | None, api: "Api", cache: MutableMapping[str, str]
    ) -> None:
        self.name, self.plugin, self.url, self.api, self.cache = name, plugin, url, api, cache
        self.place = f"services.{name}"
        self._timezone, self._lock = timezone, Lock()
        self._zone: tzinfo | None = None

    # asking

    def ask(self, path: str, params: Mapping[str, str] | None = None) -> "Answer":
        """`path` is below the plugin's namespace. The answer, whose status is 200. Raises what `failure` makes."""
        answer = self.look(f"{self.plugin.namespace}/{path}", params)
        if answer.status != 200:
            raise self.failure(answer)
        return answer

    def look(self, path: str, params: Mapping[str, str] | None = None) -> "Answer":
        """`path` is below `wp-json`. The answer, of whatever status."""
        return self.api.request("GET", f"/{path}", params=params)

    def parsed(self, model: type[W], raw: object, what: str) -> W:
        """Raises Unreachable where it is not what the plugin gives; the message holds no value."""
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            where = ", ".join(".".join(map(str, each["loc"])) or "all of it" for each in error.errors())
            remedy = "another plugin may have changed its answers, or a new version has"
            message = f"{what}: not what {self.plugin.title} gives ({where})"
            raise Unreachable(message, place=self.place, remedy=remedy) from None

    # the index

    def zone(self) -> tzinfo:
        """The site's time zone, asked once a run. Raises ConfigError where the site's is another than expected."""
        with self._lock:
            if self._zone is None:
                self._zone = self._checked(self.index())
            return self._zone

    def index(self) -> Mapping[str, Any]:
        """What the site tells anybody of itself; nothing where its index is closed to strangers."""
        answer = self.look("", INDEX)
        if answer.status not in (200, 401, 403):
            raise self.failure(answer)
        return answer.json if answer.status == 200 and isinstance(answer.json, dict) else {}

    def _checked(self, index: Mapping[str, Any]) -> tzinfo:
        """A site that once said where it is must not move by itself: older times would be read anew, and wrongly."""
        key = f"{self.name}:timezone"
        zone = zone_of(index, self._timezone or self.cache.get(key), self.api.door.server_time(), self.place)
        if name := index.get("timezone_string"):
            self.cache[key] = str(name)
        return zone

    # what goes wrong

    def failure(self, answer: "Answer") -> HsnError:
        code, reason = _error(answer)
        match answer.status:
            case 301 | 302 | 307 | 308:
                return self._redirected(answer.headers.get("location", ""))
            case 401 | 403 as status:
                refusals = self.plugin.refusals
                remedy = refusals.get(f"{status} {code}") or refusals[str(status)]
                return Unauthorised(f"HTTP {status}: {reason}", place=self.place, remedy=remedy)
            case 404 if code == "rest_no_route":
                return Unreachable(f"no {self.plugin.title} there", place=self.place, remedy=self.plugin.absent)
            case 404:
                remedy = "check url, and that the site's permalinks are not the plain ones"
                return Unreachable(f"no WordPress API there ({reason})", place=self.place, remedy=remedy)
            case status:
                return Unreachable(f"HTTP {status}: {reason}", place=self.place, remedy="see the site's own log")

    def _redirected(self, target: str) -> HsnError:
        parts = urlsplit(target)
        root = f"{parts.scheme}://{parts.netloc}"
        if self.url.startswith("http:") and parts.scheme == "https":
            message = "https is needed: the site redirects every request there"
            return ConfigError(message, place=self.place, remedy=f'write url = "{root}…"')
        remedy = f"write the address that the site really has ({root}) as its url"
        return Unreachable("the site redirects to another address", place=self.place, remedy=remedy)

    # health

    def healthy(self, proofs: Mapping[str, Callable[[], str | Check]]) -> Iterator[Check]:
        """A check for each proof: what it says where it holds, its own check, or the error where it does not hold."""
        for name, prove in {"site": self._site, **proofs}.items():
            try:
                said = prove()
            except HsnError as error:
                yield Check(name, "fail", error.message, error.remedy, self.name, error.exit_code)
            else:
                yield Check(name, "ok", f"{self.url}: {said}", service=self.name) if isinstance(said, str) else said

    def _site(self) -> str:
        index = self.index()
        if "namespaces" in index and self.plugin.namespace not in index["namespaces"]:
            message = f"a WordPress site without {self.plugin.title}"
            raise Unreachable(message, place=self.place, remedy=self.plugin.absent)
        return f"answers; its times are those of {self._checked(index)}"


def _error(answer: "Answer") -> tuple[str, str]:
    """The error's code, and its text without entities and tags; a web page has neither."""
    if not isinstance(answer.json, dict):
        return "", "no JSON"
    plain = re.sub(r"<[^>]*>", "", html.unescape(str(answer.json.get("message", ""))))
    return str(answer.json.get("code", "")), plain[:300]


def basic(user: str, password: str, namespace: str) -> Callable[[Any], Any]:
    """Signs the plugin's own requests, and no other."""
    token = base64.b64encode(f"{user}:{password}".encode()).decode()

    def sign(request: Any) -> Any:
        if f"/wp-json/{namespace}/" in request.url.path:
            request.headers["Authorization"] = f"Basic {token}"
        return request

    return sign
