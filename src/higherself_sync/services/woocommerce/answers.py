"""The shop behind the HTTP door: sends, and turns what is no success into the error that it means."""

import html
import re
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from higherself_sync.core.record import Gone
from higherself_sync.errors import Absent, ConfigError, HsnError, Refused, Unauthorised, Unreachable
from higherself_sync.services.woocommerce.settings import Settings
from higherself_sync.services.woocommerce.wire import JSON

if TYPE_CHECKING:  # the config loads this package for its Settings, and must not pull in an HTTP client
    from higherself_sync.http import Answer, Api

API = "/wc/v3"
UNKNOWN_ID = re.compile(r"woocommerce_rest_(product_|product_variation_|shop_order_)?invalid_id|wc_user_invalid_id")

E_MAIL = "correct the e-mail: it has to be an address, and not that of another account: the next run tries again"
E_MAIL_CODES = frozenset(
    {"woocommerce_rest_customer_invalid_email", "registration-error-email-exists", "registration-error-invalid-email"}
)


class Shop:
    """The shop behind the HTTP door: sends, and turns what is no success into the error that it means."""

    def __init__(self, name: str, settings: Settings, api: "Api", cache: MutableMapping[str, str]) -> None:
        self.name, self.settings, self.api, self._cache = name, settings, api, cache
        self.place = f"services.{name}"

    def ask(self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: object = None) -> "Answer":
        """`path` is below `wc/v3`. The answer, whose status is 2xx.

        Raises Unreachable, Unauthorised, ConfigError; of one object also Absent and Refused; after a write Unanswered.
        """
        answer = self.api.request(method, f"{API}/{path}", params=params, json=body)
        if answer.status >= 300:
            raise self.failure(answer, method)
        return answer

    def currency(self) -> str | None:
        """The config's, else the shop's own, asked once; none where this key may not ask."""
        key = f"{self.name}:currency"
        if self.settings.currency:
            return self.settings.currency
        if key not in self._cache:
            answer = self.api.request("GET", f"{API}/data/currencies/current")
            if answer.status >= 300 and answer.status not in (401, 403, 404):
                raise self.failure(answer, "GET")
            told = answer.json if answer.status < 300 and isinstance(answer.json, dict) else {}
            self._cache[key] = str(told.get("code", ""))
        return self._cache[key] or None

    def failure(self, answer: "Answer", method: str) -> HsnError:
        code, reason = _error(answer)
        writing = method != "GET"
        match answer.status:
            case 301 | 302 | 307 | 308:
                return self._redirected(answer.headers.get("location", ""))
            case _ if UNKNOWN_ID.fullmatch(code):
                return Absent(Gone.DELETED, f"the shop knows no such id: {reason}", place=self.place)
            case 403 if code == "woocommerce_rest_cannot_edit":
                # One user whom this key may not touch (an administrator), not a key without rights.
                return Refused(f"the key's user may not edit this: {reason}", status=403, place=self.place)
            case 401 | 403:
                return self._unauthorised(answer.status, code, reason, writing)
            case 404:
                remedy = "check url, that WooCommerce is active there, and that its permalinks are not the plain ones"
                return Unreachable(f"no WooCommerce API there ({reason})", place=self.place, remedy=remedy)
            case _ if writing:
                return Refused(reason, status=answer.status, place=self.place, remedy=_remedy(code, answer))
            case _:
                return Unreachable(f"HTTP {answer.status}: {reason}", place=self.place, remedy="see the shop's own log")

    def _redirected(self, target: str) -> HsnError:
        parts = urlsplit(target)
        if self.settings.url.startswith("http:") and parts.scheme == "https":
            remedy = f'write url = "https://{parts.netloc}…" in [{self.place}]'
            return ConfigError(
                "https is needed: the shop redirects every request there", place=self.place, remedy=remedy
            )
        remedy = f"write the address that the shop really has ({parts.scheme}://{parts.netloc}) as its url"
        return Unreachable("the shop redirects to another address", place=self.place, remedy=remedy)

    def _unauthorised(self, status: int, code: str, reason: str, writing: bool) -> Unauthorised:
        """What can be told apart: the message may be in any language, so only status, code and method are read."""
        secure = self.settings.url.startswith("https:")
        match code:
            case _ if status == 403:
                remedy = "make the API key for an administrator or a shop manager"
            case "woocommerce_rest_authentication_error" if writing:
                remedy = "the key is read-only: in WooCommerce > Settings > Advanced > REST API give it Read/Write"
            case "woocommerce_rest_authentication_error" if secure:
                remedy = "check consumer_secret; a write-only key is refused like this too"
            case "woocommerce_rest_authentication_error":
                remedy = (
                    "check consumer_key, consumer_secret and this machine's clock; a write-only key looks like this too"
                )
            case _:
                hidden = "; if it is right, the web server hides https or the Authorization header from WordPress"
                remedy = f"check consumer_key: the shop does not know it{hidden if secure else ''}"
        return Unauthorised(f"HTTP {status}: {reason}", place=self.place, remedy=remedy)


def _remedy(code: str, answer: "Answer") -> str:
    """By the code, since the message may be in any language; nothing where it says enough itself."""
    match code:
        case "product_invalid_sku":
            return "give it a SKU that no other product has, none in the shop's trash either: the next run tries again"
        case "rest_invalid_param" if "email" in _params(answer.json):
            return E_MAIL
        case _ if code in E_MAIL_CODES:
            return E_MAIL
        case _:
            return ""


def _params(body: object) -> Mapping[str, object]:
    """What an answer says of single parameters."""
    data = body.get("data") if isinstance(body, dict) else None
    params = data.get("params") if isinstance(data, dict) else None
    return params if isinstance(params, dict) else {}


def _error(answer: "Answer") -> tuple[str, str]:
    """The error's code, and its text without entities and tags; a web page has neither."""
    if not isinstance(answer.json, dict):
        return "", f"HTTP {answer.status} without JSON"
    return str(answer.json.get("code", "")), reason_of(answer.json)


def reason_of(error: JSON) -> str:
    details = [str(each) for each in _params(error).values()]
    plain = re.sub(r"<[^>]*>", "", html.unescape("; ".join([str(error.get("message", "")), *details])))
    return plain[:300]
