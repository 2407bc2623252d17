"""How Typeform says no: `{"code", "description"}`, with `details` where a payload was checked."""

from collections.abc import Mapping, Sequence
from typing import Any

# Before any of the APIs is reached; the body is JSON all the same.
_AT_THE_DOOR = {"content-type": "text/plain; charset=utf-8"}
BAD_PAYLOAD = "The payload is invalid."


class Refused(ValueError):
    """An error answer of the API. `details` are `{"code", "description", "field", "in"}`."""

    def __init__(
        self,
        status: int,
        code: str,
        description: str,
        details: Sequence[dict[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {description}")
        self.status, self.code, self.description = status, code, description
        self.details, self.headers = list(details), dict(headers or {})

    def body(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"code": self.code, "description": self.description}
        return shown | ({"details": self.details} if self.details else {})


class NotServed(ValueError):
    """Typeform would answer this; the twin does not. Becomes a 501 that names what is missing."""


def no_credentials() -> Refused:
    text = "Authentication credentials not found on the Request Headers"
    return Refused(401, "AUTHENTICATION_FAILED", text, headers=_AT_THE_DOOR)


def bad_token() -> Refused:
    """Also what a good token gets at the wrong data centre, which does not say that it is the wrong one."""
    return Refused(403, "AUTHENTICATION_FAILED", "Authentication failed", headers=_AT_THE_DOOR)


def no_form(form_id: str) -> Refused:
    return Refused(404, "FORM_NOT_FOUND", f"Non existing form with uid {form_id}")


def no_webhook(tag: str) -> Refused:
    """Only the status is known; the body is in the form of the others."""
    return Refused(404, "WEBHOOK_NOT_FOUND", f"Non existing webhook with tag {tag}")


def sorted_cursor() -> Refused:
    return Refused(400, "BAD_REQUEST", "can't use before/after param together with sort")


def too_many(seconds: int) -> Refused:
    """No body of a 429 is known; `Retry-After` is what clients read."""
    return Refused(429, "TOO_MANY_REQUESTS", "Too many requests", headers={"retry-after": str(seconds)})


def bad_parameter(name: str, problem: str) -> Refused:
    """The form is documented (`in` = query); code and words of the detail are this twin's own."""
    detail = {"code": "INVALID_VALUE", "description": problem, "field": name, "in": "query"}
    return Refused(400, "VALIDATION_ERROR", "The parameters are invalid.", [detail])


def bad_payload(*details: dict[str, str]) -> Refused:
    return Refused(400, "VALIDATION_ERROR", BAD_PAYLOAD, details)


def wrong_type(field: str, wanted: str) -> dict[str, str]:
    """`wanted` as the API lists types: "object,null"."""
    return {"code": "WRONG_TYPE", "description": f"should be {wanted}", "field": field, "in": "body"}


def missing(place: str, name: str) -> dict[str, str]:
    told = f"should have required property '{name}'"
    return {"code": "REQUIRED_PROPERTY", "description": told, "field": f"{place}/{name}", "in": "body"}
