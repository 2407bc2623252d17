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


class Crash(Exception):
    """PHP dies of the request: a 500 with a page for people instead of JSON."""


class Thing(dict[str, Any]):
    """What is an object in PHP, where other bodies are arrays: JSON shows no difference, and `_fields` stumbles."""


def body_params(request: Request) -> dict[str, Any]:
    """JSON of any request, a form's of one that writes. Raises Refused (400) for what claims to be JSON and is not.

    A body that says of nothing what it is counts as a form, but in a POST: there PHP itself would have to read it.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not request.body:
        return {}
    if kind != "application/json" and not kind.endswith("+json"):
        unread = ("GET", "HEAD") if kind == _FORM else ("GET", "HEAD", "POST")
        is_form = kind in ("", _FORM) and request.method not in unread
        return query.read(request.body.decode("utf-8", "replace")) if is_form else {}
    try:
        value = json.loads(request.body)
    except ValueError as error:
        details = {"status": 400, "json_error_code": 4, "json_error_message": "Syntax error"}
        raise Refused("rest_invalid_json", "Invalid JSON body passed.", 400, details) from error
    return value if isinstance(value, dict) else {}


def trimmed(body: Any, wanted: Any) -> Any:
    """`_fields`, which every route knows: only what is named, `a.b` for a part of it; a list's items are trimmed.

    Read: `rest_filter_response_fields`. Raises Crash for what is no array: the objects of a plugin that shows its own.
    """
    names = wanted if isinstance(wanted, list) else re.split(r"[\s,]+", str(wanted or ""))
    paths = [str(name).strip().split(".") for name in names if str(name).strip()]
    if not paths or body is None:
        return body
    return [_picked(item, paths) for item in body] if isinstance(body, list) else _picked(body, paths)


def _picked(value: Any, paths: list[list[str]]) -> Any:
    """Of an array; where nothing is left of one, JSON shows an empty list. Inside, a list has none of the names."""
    if isinstance(value, Thing) or not isinstance(value, dict | list):
        raise Crash("array_intersect_key() of what is no array")
    picked: dict[str, Any] = {}
    for name, item in value.items() if isinstance(value, dict) else ():
        below = [path[1:] for path in paths if path[0] == name]
        if below:
            is_whole = [] in below or isinstance(item, Thing) or not isinstance(item, dict | list)
            picked[name] = item if is_whole else _picked(item, below)
    return picked or []
