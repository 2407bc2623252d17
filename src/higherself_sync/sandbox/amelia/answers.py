"""What the plugin says, and how it says no: refused acts are one thing, whatever else goes wrong another.

A refused act ("Time slot is unavailable") has the form of a success, under 409 or 500 as the site is set. Everything
else is an exception inside the plugin, which comes out as `{"message"}` alone, 500 where it is nobody's fault in
particular (read: `Controller`, `AmeliaErrorHandler`; recorded for both editions).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from higherself_sync.sandbox.wire import Response
from higherself_sync.sandbox.woocommerce.deliveries import encoded

Edition: TypeAlias = Literal["elite", "lite"]

JSON = "application/json;charset=utf-8"
_EXCEPTION: Mapping[Edition, str] = {"elite": "application/json", "lite": "text/html;charset=UTF-8"}
# The frameworks' own default, with a blank.
_BARE = "text/html; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Told:
    """A success: `{"message", "data"}`. PHP writes an empty object as `[]`, and so must `data` be given."""

    message: str
    data: Any


class Refused(ValueError):
    """The plugin will not do it: 409 or 500, as the site is set; `always` is 409 on every site."""

    def __init__(self, message: str | None, data: Any, *, always: bool = False) -> None:
        super().__init__(message or str(data))
        self.message, self.data, self.always = message, data, always


class Failed(ValueError):
    """An exception inside the plugin, or a route that there is not."""

    def __init__(self, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.message, self.status = message, status


class NotServed(ValueError):
    """A real site would answer this; the twin does not. Becomes a 501 that names what is missing."""


def taken() -> Refused:
    return Refused("Time slot is unavailable", {"timeSlotUnavailable": True})


def unknown(number: int) -> Failed:
    """What a look into a collection says of an appointment that is not there."""
    return Failed(f"Invalid key {number}.")


def not_found(edition: Edition) -> Failed:
    """What a look into a table says of a customer or a payment that is not there; the key API says it its own way."""
    return no_data() if edition == "lite" else Failed("Record not found.")


def no_data() -> Failed:
    return Failed("Data not found in AmeliaBooking\\Infrastructure\\Repository\\AbstractRepository")


def success(told: Told) -> Response:
    return _json(200, {"message": told.message, "data": told.data}, JSON)


def refusal(refused: Refused, status: int) -> Response:
    return _json(409 if refused.always else status, {"message": refused.message, "data": refused.data}, JSON)


def failure(failed: Failed, edition: Edition) -> Response:
    if edition == "lite" and (failed.status in (404, 405) or not failed.message):
        return bare(failed.status)
    return _json(failed.status, {"message": failed.message}, _EXCEPTION[edition])


def not_served(missing: NotServed) -> Response:
    body = {"code": "sandbox_not_served", "message": f"The sandbox's booking site does not serve {missing}."}
    return _json(501, body, "application/json")


def bare(status: int, body: bytes = b"") -> Response:
    return Response(status, body, {"content-type": _BARE})


def _json(status: int, body: Any, content_type: str) -> Response:
    return Response(status, encoded(body), {"content-type": content_type})
