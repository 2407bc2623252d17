"""What every adapter offers, and where the adapters are found."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from higherself_sync.core.record import MarkedReplica, Stream


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `hsn health`."""

    name: str
    status: Literal["ok", "warn", "fail"]
    message: str
    remedy: str = ""
    service: str | None = None
    exit_code: int = 0  # of a failure


@dataclass(frozen=True, slots=True)
class SameSite:
    """Of a field of `Settings` that names another service: one of `kind`, whose `url` is of the same site as its own.

    Written into the field's type as `Annotated[…, SameSite("woocommerce")]`; the config holds the name to it.
    """

    kind: str


class Service(Protocol):
    """One configured account of an external system.

    `account` names it for rule 17: kind, URL and account identity, as one text without secrets.
    """

    name: str
    kind: str
    account: str
    streams: tuple[Stream, ...]

    def replica(self, stream: str) -> MarkedReplica:
        """The replica of one of `streams`; of a derived one only where it can be written to (`update`)."""
        ...

    def health(self) -> Iterator[Check]:
        """The cheapest calls that prove URL, credentials, rights and edition. Raises nothing: a failure is a Check."""
        ...

    def requests(self) -> int:
        """How many requests have been sent to it in this process."""
        ...

    def close(self) -> None: ...
