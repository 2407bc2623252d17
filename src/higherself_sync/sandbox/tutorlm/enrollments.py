"""Enrolments as Tutor LMS Pro documents them: the routes and the names of their arguments, and nothing was ever seen.

Documented: `GET` and `POST /enrollments` (`user_id`, `course_id`), `PUT /enrollments/completed` (`enrollment_id`,
`status`); ids are numbers, success is 200. An answer holds these names alone, in the envelope of the free edition. What
Pro says to a wrong id is not known, so it is not said here either.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.tutorlm import outside
from higherself_sync.sandbox.tutorlm.courses import envelope
from higherself_sync.sandbox.tutorlm.store import Record, Store
from higherself_sync.sandbox.woocommerce import text
from higherself_sync.sandbox.woocommerce.errors import NotServed

ROUTES = {"/enrollments": ("GET", "POST"), "/enrollments/completed": ("PUT",)}
"""Below `tutor/v1`."""


def act(store: Store, method: str, params: Mapping[str, Any], now: datetime) -> Record:
    """Raises NotServed where nobody knows what the answer would be."""
    try:
        match method:
            case "GET":
                return envelope("success", "Enrollments retrieved successfully", _found(store, params))
            case "POST":
                data = {name: params.get(name) for name in ("user_id", "course_id")}
                return envelope("success", "Enrollment created", outside.add(store, "enrollments", data, now))
            case _:
                number, status = str(params.get("enrollment_id")), {"status": params.get("status")}
                changed = outside.change(store, "enrollments", number, status, now)
                return envelope("success", "Enrollment updated", changed)
    except (KeyError, ValueError) as error:
        raise NotServed(f"{method} of enrollments for {error.args[0]}") from error


def _found(store: Store, params: Mapping[str, Any]) -> list[Record]:
    wanted = {name: text.whole(params[name]) for name in ("user_id", "course_id") if name in params}
    rows = (row for _, row in sorted(store.tables["enrollments"].items()))
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]
