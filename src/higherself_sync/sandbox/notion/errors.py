"""Notion's refusals: status, code and wording, each as it was recorded or quoted from the live service."""

import json
from collections.abc import Mapping, Sequence
from typing import Any


class ApiError(Exception):
    """An error answer. `additional` is the body's `additional_data`; `headers` go out with it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        additional: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.additional = additional
        self.headers = headers or {}

    def body(self, request_id: str) -> dict[str, Any]:
        """The error object; `additional_data` stands before `request_id`, as recorded."""
        body: dict[str, Any] = {
            "object": "error",
            "status": self.status,
            "code": self.code,
            "message": self.message,
        }
        if self.additional is not None:
            body["additional_data"] = dict(self.additional)
        return body | {"request_id": request_id}


def invalid(message: str) -> ApiError:
    """400 `validation_error` with a message that has no place in front of it."""
    return ApiError(400, "validation_error", message)


def misfit(place: str, expected: str, got: object) -> ApiError:
    """400 in Notion's grammar: `body failed validation: body.x should be EXPECTED, instead was GOT`."""
    return invalid(f"{place.split('.')[0].split('[')[0]} failed validation: {line(place, expected, got)}")


def line(place: str, expected: str, got: object) -> str:
    return f"{place} should be {expected}, instead was `{shown(got)}`."


def fix_one(lines: Sequence[str]) -> ApiError:
    """400 for a union of which no member fits."""
    return invalid("body failed validation. Fix one:\n" + "\n".join(lines))


def missing(place: str) -> ApiError:
    return misfit(place, "defined", MISSING)


def superfluous(place: str, got: object) -> ApiError:
    return misfit(place, "not present", got)


class _Missing:
    pass


MISSING = _Missing()


def shown(value: object) -> str:
    """A value as the message shows it: JSON, or `undefined`."""
    return "undefined" if value is MISSING else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def not_found(kind: str, object_id: str, integration: str, integration_id: str) -> ApiError:
    """404: gone for good, unshared, or never there; the body does not tell which."""
    message = (
        f"Could not find {kind} with ID: {object_id}. Make sure the relevant pages and databases are shared with "
        f'your integration "{integration}".'
    )
    return ApiError(404, "object_not_found", message, {"integration_id": integration_id})


def user_not_found(user_id: str, integration_id: str) -> ApiError:
    message = (
        f"Could not find user with ID: {user_id}. Make sure your integration has capabilities to read user "
        "information. With those capabilities, only members and guests in the integration's workspace are visible."
    )
    return ApiError(404, "object_not_found", message, {"integration_id": integration_id})


def archived() -> ApiError:
    return invalid("Can't edit block that is archived. You must unarchive the block before editing.")


def saved(made: str | None) -> ApiError:
    """503 after the write was done; `made` is the id of what a create made, where it is told."""
    message = (
        "The change was saved, but the response could not be built in time. Read the object again instead of "
        "repeating the write."
    )
    about: dict[str, Any] = {
        "retry_guidance": ["Read the object again instead of repeating the write."],
        "elapsed_ms": 55_012,
        "deadline_ms": 55_000,
    }
    return ApiError(503, "service_unavailable", message, about | ({"committed_resource_id": made} if made else {}))


def unserved(what: str) -> ApiError:
    """501: the real API has this, the twin does not build it, and so says so rather than invent an answer."""
    return ApiError(501, "not_implemented", f"The sandbox does not serve {what}.")
