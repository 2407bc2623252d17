"""The parameters of a query, read strictly: what is wrong is a 400 and never passed over."""

from collections.abc import Mapping
from datetime import datetime

from higherself_sync.sandbox.typeform import times
from higherself_sync.sandbox.typeform.errors import bad_parameter
from higherself_sync.sandbox.wire import Request

LONGEST_NUMBER = 18  # digits


class Parameters:
    """A parameter that is empty counts as not given. Every method raises Refused (400)."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = {name: value for name, value in given.items() if value}

    @classmethod
    def of(cls, request: Request) -> "Parameters":
        return cls(dict(request.pairs()))

    def get(self, name: str) -> str | None:
        return self._given.get(name)

    def whole(self, name: str, default: int, most: int | None) -> int:
        """From 1 on."""
        text = self._given.get(name)
        if text is None:
            return default
        is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
        if not is_number or int(text) < 1 or (most is not None and int(text) > most):
            limit = "should be at least 1" if most is None else f"should be between 1 and {most}"
            raise bad_parameter(name, limit)
        return int(text)

    def one_of(self, name: str, *values: str) -> str:
        """The first is the default."""
        text = self._given.get(name, values[0])
        if text not in values:
            raise bad_parameter(name, f"should be one of {', '.join(values)}")
        return text

    def listed(self, name: str) -> tuple[str, ...]:
        """Comma-separated."""
        return tuple(part.strip() for part in self._given.get(name, "").split(",") if part.strip())

    def moment(self, name: str) -> datetime | None:
        text = self._given.get(name)
        try:
            return None if text is None else times.bound(text)
        except ValueError as error:
            raise bad_parameter(name, "should be a timestamp in seconds or ISO 8601 in UTC") from error
