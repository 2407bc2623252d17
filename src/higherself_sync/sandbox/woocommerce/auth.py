"""Who is asking: REST API keys by OAuth 1.0a (plain http), or by Basic or in the query (https).

Read from `class-wc-rest-authentication.php` and held against the recorded answers: over https an unknown key is no
credential at all, while OAuth names an unknown key; a key's own rights are checked before the route is even looked up.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from higherself_sync.sandbox.wire import Request
from higherself_sync.sandbox.woocommerce import query
from higherself_sync.sandbox.woocommerce.errors import Refused

WINDOW = 15 * 60
"""How far, in seconds, a signature's time may be from the machine's, and how long its nonce is remembered."""
_REQUIRED = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
_DIGESTS = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
_HEADER_PAIR = re.compile(r'(oauth_[a-z_-]*)=(?:"([^"]*)"|([^,]*))')
_MANY = 50_000


@dataclass(frozen=True, slots=True)
class Key:
    """`user` 0 stands for nobody; `manages` is whether that user may run the shop."""

    secret: str = ""
    user: int = 0
    reads: bool = True
    writes: bool = True
    manages: bool = True


NOBODY = Key(manages=False)
KEYS = {
    "ck_sandbox": Key("cs_sandbox", user=1),
    "ck_readonly": Key("cs_readonly", user=1, writes=False),
    "ck_writeonly": Key("cs_writeonly", user=1, reads=False),
    "ck_norights": Key("cs_norights", user=2, manages=False),
}


@dataclass
class Gate:
    """Remembers used nonces: {key: {nonce: timestamp}}.

    The real shop keeps one nonce a second, so that of two requests within one second the first could be replayed; the
    twin refuses every replay, which an honest client cannot notice.
    """

    nonces: dict[str, dict[str, int]] = field(default_factory=dict)

    def admit(self, request: Request, machine_time: float) -> Key:
        """The key behind the request, or NOBODY. Raises Refused (401) for credentials that are wrong."""
        by_secret = _by_secret(request) if is_https(request) else None
        return by_secret or self._by_signature(request, machine_time)

    def _by_signature(self, request: Request, machine_time: float) -> Key:
        params = _oauth_params(request)
        missing = [name for name in _REQUIRED if not params.get(name)]
        if len(missing) == len(_REQUIRED):
            return NOBODY
        if missing:
            noun = "parameter" if len(missing) == 1 else "parameters"
            message = f"Missing OAuth {noun} {', '.join(missing)}"
            raise Refused("woocommerce_rest_authentication_missing_parameter", message, 401)
        name = str(params["oauth_consumer_key"])
        if name not in KEYS:
            raise _denied("Consumer key is invalid.")
        _check_signature(request, params, KEYS[name].secret)
        self._check_nonce(name, str(params["oauth_timestamp"]), str(params["oauth_nonce"]), machine_time)
        return KEYS[name]

    def _check_nonce(self, name: str, timestamp: str, nonce: str, machine_time: float) -> None:
        when = int(timestamp) if timestamp.isdecimal() else 0
        if abs(when - machine_time) > WINDOW:
            raise _denied("Invalid timestamp.")
        used = self.nonces.setdefault(name, {})
        if nonce in used:
            raise _denied("Invalid nonce - nonce has already been used.")
        used[nonce] = when
        if len(used) > _MANY:
            self.nonces[name] = {old: at for old, at in used.items() if at >= machine_time - WINDOW}


def check_rights(key: Key, method: str) -> None:
    """Raises Refused (401) where the key itself may not read or write. Nobody has no key to be checked."""
    if method in ("GET", "HEAD") and not key.reads:
        raise _denied("The API key provided does not have read permissions.")
    if method in ("POST", "PUT", "PATCH", "DELETE") and not key.writes:
        raise _denied("The API key provided does not have write permissions.")


def is_https(request: Request) -> bool:
    """PHP sees https where a proxy says so, as the recorded shop was set up."""
    return request.headers.get("x-forwarded-proto", "").lower() == "https" or request.base.startswith("https:")


def site_url(request: Request) -> str:
    """The site's URL as this request sees it, without a slash at the end."""
    scheme, rest = request.base.rstrip("/").split(":", 1)
    return f"{'https' if is_https(request) else scheme}:{rest}"


def logs_in(request: Request) -> bool:
    """Whether the request carries what WordPress itself, outside the shop's own routes, takes for a login."""
    return request.headers.get("authorization", "").lower().startswith("basic ")


def _denied(message: str) -> Refused:
    return Refused("woocommerce_rest_authentication_error", message, 401)


def _by_secret(request: Request) -> Key | None:
    params = query.read(request.query)
    name, secret = params.get("consumer_key"), params.get("consumer_secret")
    if not (name and secret):
        name, secret = _basic(request.headers.get("authorization", ""))
    if not (name and secret) or name not in KEYS:
        return None
    if not hmac.compare_digest(KEYS[name].secret.encode(), str(secret).encode()):
        raise _denied("Consumer secret is invalid.")
    return KEYS[name]


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(encoded.strip()).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret


def _oauth_params(request: Request) -> dict[str, Any]:
    params = query.read(request.query)
    header = request.headers.get("authorization", "").strip()
    if header.startswith("OAuth "):
        params |= {name: unquote_plus(quoted or plain) for name, quoted, plain in _HEADER_PAIR.findall(header)}
    return params


def _check_signature(request: Request, params: Mapping[str, Any], secret: str) -> None:
    given = unquote(str(params["oauth_signature"]).replace(" ", "+"))
    method = str(params["oauth_signature_method"])
    if method not in _DIGESTS:
        raise _denied("Invalid signature - signature method is invalid.")
    signed = {name: value for name, value in params.items() if name != "oauth_signature"}
    digest = hmac.new(f"{secret}&".encode(), _signature_base(request, signed).encode(), _DIGESTS[method]).digest()
    if not hmac.compare_digest(base64.b64encode(digest), given.encode()):
        raise _denied("Invalid signature - provided signature does not match.")


def _signature_base(request: Request, params: Mapping[str, Any]) -> str:
    """METHOD&URL&PARAMETERS, percent-encoded; parameters sorted by their names' bytes, lists as `name[0]`."""
    pairs = [pair for name in sorted(params, key=str.encode) for pair in query.flat({name: params[name]})]
    joined = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
    base = urlsplit(site_url(request))
    url = f"{base.scheme}://{base.netloc}{base.path}{request.path}"
    return f"{request.method.upper()}&{quote(url, safe='~')}&{quote(joined, safe='~')}"
