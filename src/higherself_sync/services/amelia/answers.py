"""The site behind the HTTP door: sends, and turns what is no success into the error that it means.

The API's path is a value of the query, and older versions cut that query into pieces undecoded: its slashes stay as
they are. "No" has the form of a success, `{"message", "data"}`, under 409 or, where the site was upgraded from an older
version, 500; any other trouble is `{"message"}` alone, mostly 500 too. So the status says little.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from higherself_sync.core.record import Gone
from higherself_sync.errors import Absent, ConfigError, HsnError, Refused, Unauthorised, Unreachable
from higherself_sync.services.amelia.settings import Settings
from higherself_sync.services.amelia.wire import JSON

if TYPE_CHECKING:  # the config loads this package for its Settings, and must not pull in an HTTP client
    from higherself_sync.http import Answer, Api

AJAX = "/wp-admin/admin-ajax.php"
CALL = f"{AJAX}?action=wpamelia_api&call=/api/v1"
NOT_THERE = re.compile(r"Invalid key \d+\.?|Record not found\.?|Data not found in .*")
SETS_A_STATE = re.compile(r"&call=/api/v1/(appointments|users/customers)/\d+$")
FREE = (
    "the free edition has none, and no licence below Elite: there only people who log in can work with the bookings, "
    "so nothing of them can be synced"
)


class NoKeyApi(Unreachable):
    """There is no such API at this site: another edition, the plugin not active, or no such site."""


@dataclass(frozen=True, slots=True)
class Told:
    """The `data` of a success; `[]` where it is empty."""

    data: Any
    as_of: datetime

    def part(self, name: str) -> Any:
        return self.data.get(name) if isinstance(self.data, dict) else None


class Site:
    """The site behind the HTTP door."""

    def __init__(self, name: str, settings: Settings, api: "Api") -> None:
        self.name, self.settings, self.api = name, settings, api
        self.place = f"services.{name}"

    def ask(self, path: str, params: Mapping[str, str] | None = None) -> Told:
        """GET; `path` is below the API's root. Raises Unreachable, Unauthorised, ConfigError; of one object Absent."""
        return self._told("GET", path, params, None)

    def post(self, path: str, body: JSON) -> Told:
        """Raises also Refused and Unanswered."""
        return self._told("POST", path, None, body)

    def server_time(self) -> datetime:
        return self.api.door.server_time()

    def _told(self, method: str, path: str, params: Mapping[str, str] | None, body: JSON | None) -> Told:
        query = "".join(f"&{name}={quote(value, safe=',:')}" for name, value in (params or {}).items())
        answer = self.api.request(method, f"{CALL}{path}{query}", json=body)
        if answer.status >= 300 or not isinstance(answer.json, dict):
            raise self._failure(answer, method)
        return Told(answer.json.get("data"), answer.as_of)

    def _failure(self, answer: "Answer", method: str) -> HsnError:
        said = answer.json if isinstance(answer.json, dict) else {}
        reason = self._reason(answer, said)
        match answer.status:
            case 301 | 302 | 303 | 307 | 308:
                return self.redirected(answer.headers.get("location", ""))
            case _ if NOT_THERE.fullmatch(str(said.get("message"))):
                return Absent(Gone.DELETED, f"Amelia knows no such id: {reason}", place=self.place)
            case 401 | 403 if said:
                return self._unauthorised(answer.status, reason)
            case _ if not said and (answer.json == 0 or answer.status == 404):
                return self._no_api(answer)
            case _ if not said:
                remedy = "see what stands before the site: a firewall, a page for maintenance"
                return Unreachable(f"HTTP {answer.status} without JSON", place=self.place, remedy=remedy)
            case 404 | 405 | 501 if method == "GET":
                return Unreachable(reason, place=self.place, remedy="update Amelia: hsn needs a 9.x")
            case _ if isinstance(said.get("data"), dict) and said["data"].get("reauthorize"):
                return self._unauthorised(answer.status, reason)
            case _ if method == "POST":
                return Refused(reason, status=answer.status, place=self.place)
            case _:
                return Unreachable(reason, place=self.place, remedy="see the site's own log")

    def _reason(self, answer: "Answer", said: JSON) -> str:
        """In the plugin's words, else the names of what it holds against it, as `timeSlotUnavailable`."""
        data = said.get("data")
        told = [name for name, value in data.items() if value is True] if isinstance(data, dict) else []
        plain = re.sub(r"<[^>]*>", "", str(said.get("message") or ", ".join(told)))
        return f"HTTP {answer.status}: {plain[:300]}" if plain else f"HTTP {answer.status}"

    def _unauthorised(self, status: int, reason: str) -> Unauthorised:
        """Told apart by the plugin's own words, which it does not translate."""
        match reason:
            case _ if "not enabled" in reason:
                remedy = "switch the feature API on in Amelia, under Features & Integrations"
            case _ if "Missing" in reason:
                remedy = "let the header Amelia through whatever stands before the site"
            case _ if "Invalid" in reason:
                remedy = "check api_key: it may have expired; make another in Amelia, under Settings > API Keys"
            case _:
                remedy = f"check api_key (HTTP {status})"
        return Unauthorised(reason, place=self.place, remedy=remedy)

    def _no_api(self, answer: "Answer") -> NoKeyApi:
        if answer.json == 0:
            message = "Amelia is not active there: WordPress knows no such action"
            return NoKeyApi(message, place=self.place, remedy="activate the plugin and its licence, or correct url")
        remedy = "an Elite licence brings the API; if there is one, check url"
        return NoKeyApi(f"no API for keys there: {FREE}", place=self.place, remedy=remedy)

    def redirected(self, target: str) -> HsnError:
        parts = urlsplit(target)
        remedy = f"write the address that the site really has ({parts.scheme}://{parts.netloc}…) as url"
        return ConfigError("the site redirects to another address", place=self.place, remedy=remedy)


def repeatable(request: Any) -> bool:
    """What may be sent twice: whatever reads, and what sets one object to a state."""
    return request.method == "GET" or bool(SETS_A_STATE.search(str(request.url)))


def final(response: Any) -> bool:
    """A 5xx that is Amelia's own "no": asked again, it would say the same. WordPress's own errors have a `code`."""
    try:
        said = json.loads(response.content)
    except ValueError:
        return False
    return isinstance(said, dict) and "message" in said and "code" not in said


def signed(key: str) -> Callable[[Any], Any]:
    """The key goes to the API alone, and not to whatever else of the site is asked."""

    def sign(request: Any) -> Any:
        if request.url.path.endswith(AJAX):
            request.headers["Amelia"] = key
        return request

    return sign
