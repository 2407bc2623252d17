"""What WordPress itself does with a request to any route: reads the arguments in its body, and heeds `_fields`.

Read from WordPress 6.9 (`WP_REST_Request`, `rest_filter_response_fields`).
"""

import json
import re
from typing import Any

from higherself_sync.sandbox.wire import Request
from higherself_sync.sandbox.woocommerce import query
from higherself_sync.sandbox.woocommerce.errors import Refused

_FORM = "application/x-www-form-urlencoded"


def body_params(request: Request) -> dict[str, Any]:
    """JSON or a form's. Raises Refused (400) for what claims to be JSON and is not.

    A body that says of nothing what it is counts as a form, but in a POST: there PHP itself would have to read it.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not request.body:
        return {}
    if kind != "application/json" and not kind.endswith("+json"):
        is_form = kind == _FORM or (not kind and request.method != "POST")
        return query.read(request.body.decode("utf-8", "replace")) if is_form else {}
    try:
        value = json.loads(request.body)
    except ValueError as error:
        details = {"status": 400, "json_error_code": 4, "json_error_message": "Syntax error"}
        raise Refused("rest_invalid_json", "Invalid JSON body passed.", 400, details) from error
    return value if isinstance(value, dict) else {}


def trimmed(body: Any, wanted: Any) -> Any:
    """Only the fields that are named, `a.b` for a part of one; of a list each item. With none of them PHP has `[]`."""
    names = wanted if isinstance(wanted, list) else re.split(r"[\s,]+", str(wanted or ""))
    paths = [str(name).strip().split(".") for name in names if str(name).strip()]
    if not paths or body is None:
        return body
    return [_picked(item, paths) or [] for item in body] if isinstance(body, list) else _picked(body, paths) or []


def _picked(value: Any, paths: list[list[str]]) -> Any:
    if not isinstance(value, dict):
        return value
    picked: dict[str, Any] = {}
    for name, item in value.items():
        below = [path[1:] for path in paths if path[0] == name]
        if below:
            picked[name] = item if [] in below else _picked(item, below)
    return picked
