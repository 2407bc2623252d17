"""How a request proves who sends it, and which requests may be sent twice."""

import base64
from collections.abc import Callable
from typing import Any


def repeatable(request: Any) -> bool:
    """What may be sent twice: whatever reads or sets a state. A second cancellation changes nothing; a POST books."""
    return bool(request.method != "POST")


def basic(user_id: str, key: str) -> Callable[[Any], Any]:
    token = base64.b64encode(f"{user_id}:{key}".encode()).decode()

    def sign(request: Any) -> Any:
        request.headers["Authorization"] = f"Basic {token}"
        return request

    return sign
