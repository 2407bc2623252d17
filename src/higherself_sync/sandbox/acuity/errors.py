"""How the account says no. Codes and messages are those of the vendor's pages "API Errors", "POST /appointments",
"PUT /appointments/:id/cancel" and "…/reschedule"; what no page words is marked where it is raised.
"""

from typing import Any


class Refused(ValueError):
    """An error answer: `{status_code, message, error}`. Clients branch on `error`, many share the status 400."""

    def __init__(self, error: str, message: str, status: int = 400) -> None:
        super().__init__(f"{error}: {message}")
        self.error, self.message, self.status = error, message, status

    def body(self) -> dict[str, Any]:
        return {"status_code": self.status, "message": self.message, "error": self.error}


class NotServed(ValueError):
    """A real account would answer this, or nobody knows what it would; becomes a 501 that names it."""


def unauthorized() -> Refused:
    return Refused("unauthorized", "Unauthorized", 401)


def not_found(suggestion: str | None = None) -> Refused:
    """`suggestion` is the route that was probably meant."""
    return Refused("not_found", f"Not Found. Did you mean `{suggestion}`?" if suggestion else "Not Found", 404)


def method_not_allowed() -> Refused:
    return Refused("method_not_allowed", "Method Not Allowed", 405)


def no_object() -> Refused:
    return Refused("bad_request", "Expected a JSON object.")


def too_many_requests() -> Refused:
    message = "Rate limit reached. Limit 10req/s and 20 concurrent connections."
    return Refused("too_many_requests", message, 429)


def required_attribute(name: str, error: str) -> Refused:
    return Refused(error, f'Attribute "{name}" is required.')


def required_parameter(name: str, error: str) -> Refused:
    return Refused(error, f'The parameter "{name}" is required.')


def unknown_type(asked: object) -> Refused:
    return Refused("invalid_appointment_type", f'The appointment type "{asked}" does not exist.')


def unknown_calendar(asked: object) -> Refused:
    return Refused("invalid_calendar", f'The calendar "{asked}" does not exist.')


def not_available(asked: str) -> Refused:
    return Refused("not_available", f'The time "{asked}" is not an available time slot.')
