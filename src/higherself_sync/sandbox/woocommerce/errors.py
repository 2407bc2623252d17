"""How the shop says no. Codes, messages and statuses are the ones a WooCommerce 10.5 was recorded or read to give."""

from collections.abc import Mapping
from typing import Any


class Refused(ValueError):
    """An error answer of the REST API: `{code, message, data: {status, …}}`."""

    def __init__(self, code: str, message: str, status: int = 400, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.data: dict[str, Any] = {"status": status, **(data or {})}

    def body(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "data": self.data}


class NotServed(Exception):
    """A real shop would answer this; the twin does not. Becomes a 501 that names what is missing."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def no_route() -> Refused:
    return Refused("rest_no_route", "No route was found matching the URL and request method.", 404)
