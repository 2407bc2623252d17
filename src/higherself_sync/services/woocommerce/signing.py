"""How a request proves who sends it, and which requests may be sent twice."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit


def repeatable(request: Any) -> bool:
    """What may be sent twice: whatever sets a state. A POST makes something new, but for a batch without `create`."""
    if request.method != "POST":
        return True
    return request.url.path.endswith("/batch") and "create" not in json.loads(request.content or b"{}")


def basic(key: str, secret: str) -> Callable[[Any], Any]:
    token = base64.b64encode(f"{key}:{secret}".encode()).decode()

    def sign(request: Any) -> Any:
        if "/wc/" in request.url.path:
            request.headers["Authorization"] = f"Basic {token}"
        return request

    return sign


def oauth(key: str, secret: str) -> Callable[[Any], Any]:
    """OAuth 1.0a, one-legged, in the query: the only way in over plain http, where the secret must not be sent."""
    from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_QUERY, Client

    client = Client(key, secret, signature_method=SIGNATURE_HMAC_SHA256, signature_type=SIGNATURE_TYPE_QUERY)

    def sign(request: Any) -> Any:
        if "/wc/" in request.url.path:
            signed, _, _ = client.sign(str(request.url), http_method=request.method)
            request.url = request.url.copy_with(query=urlsplit(signed).query.encode())
        return request

    return sign
