"""How the shop says no. Codes, messages and statuses are the ones a WooCommerce 10.5 was recorded or read to give."""

from typing import Any


class Refused(ValueError):
    """An error answer of the REST API: `{code, message, data: {status, …}}`.

    `data` takes the place of `{"status": status}` where the shop says something else there.
    """

    def __init__(self, code: str, message: str, status: int = 400, data: Any = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.data: Any = {"status": status} if data is None else data

    def body(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "data": self.data}

    def with_data(self, **more: Any) -> "Refused":
        """The same refusal, saying more."""
        return Refused(self.code, self.message, self.status, {**self.data, **more})


class NotServed(ValueError):
    """A real shop would answer this; the twin does not. Becomes a 501 that names what is missing."""


def no_route() -> Refused:
    return Refused("rest_no_route", "No route was found matching the URL and request method.", 404)


def crash(code: str, message: str, number: int) -> Refused:
    """A refusal whose data is a bare number, which WordPress turns into a 500 (read: the refund routes do this)."""
    return Refused(code, message, 500, number)
