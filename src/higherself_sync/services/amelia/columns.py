"""The field tables: for each canonical field how it is read, and whether the site lets it be written.

How a session is written does not go field by field: `sessions` makes one request of all that is to be changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Generic, TypeVar

from higherself_sync.core.record import Ability, Value, email_key, number, text
from higherself_sync.core.record import When as WhenValue
from higherself_sync.services.amelia import notes
from higherself_sync.services.amelia.catalogue import alike
from higherself_sync.services.amelia.times import span
from higherself_sync.services.amelia.wire import Appointment, Booking, Offer, Person

T = TypeVar("T")

STATUSES = frozenset({"approved", "pending", "canceled", "rejected", "no-show"})  # "waiting" is the plugin's to give
STANDING = frozenset({"approved", "pending", "waiting"})
PAID = frozenset({"paid", "partiallyPaid"})  # of the latter the amount is what was paid


@dataclass(frozen=True, slots=True)
class Session:
    """One booking within its appointment, and what is not in every answer: who came, what for, with whom, where."""

    appointment: Appointment
    booking: Booking
    customer: Person | None
    offer: Offer | None
    calendar: str | None
    service: str  # the name of the configured account
    zone: tzinfo

    def title(self) -> str:
        parts = (self.offer.name if self.offer else None, self.who())
        return text(", ".join(part for part in parts if part)) or f"#{self.booking.id}"

    def who(self) -> str | None:
        return (self.customer.name() if self.customer else None) or self.booking.typed_name()

    def when(self) -> WhenValue | None:
        seconds = self.booking.duration or (self.offer.duration if self.offer else None)
        return span(self.appointment.booking_start, self.appointment.booking_end, seconds, self.zone)

    def is_group(self) -> bool:
        return len(self.appointment.bookings) > 1


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One canonical field. `born`: it is said when a record is made, and never again."""

    name: str
    read: Callable[[T], Value]
    writable: bool = False
    born: bool = False
    options: frozenset[str] | None = None
    same: Callable[[Value], Value] | None = None

    def ability(self) -> Ability:
        return Ability(self.writable or self.born, self.options, same=self.same)


class _Time(WhenValue):
    """A time as the site sees it: the end follows from start and service, so whoever gives none says nothing of it."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Time):
            return NotImplemented
        return self.start == other.start and (self.end == other.end or None in (self.end, other.end))

    __hash__ = None  # type: ignore[assignment]  # values that are equal like this share no hash


def _same_time(value: Value) -> Value:
    return _Time(value.start, value.end) if isinstance(value, WhenValue) else value


def normalised(normalise: Callable[[str], str | None]) -> Callable[[Value], Value]:
    return lambda value: normalise(value) if isinstance(value, str) else value


def _squeezed(value: str) -> str:
    return " ".join(value.split())


SESSION_COLUMNS: tuple[Column[Session], ...] = (
    Column("appointment", lambda it: it.title()),
    Column("client", lambda it: frozenset({f"{it.service}:customers:{it.booking.customer_id}"})),
    Column("when", lambda it: it.when(), writable=True, same=_same_time),
    Column("service_type", lambda it: text(it.offer.name) if it.offer else None, born=True, same=normalised(alike)),
    Column("status", lambda it: text(it.booking.status), writable=True, options=STATUSES),
    Column("price", lambda it: number(it.booking.total())),
    Column("paid", lambda it: number(sum((x.amount for x in it.booking.payments if x.status in PAID), start=0))),
    Column("calendar", lambda it: text(it.calendar), born=True, same=normalised(alike)),
    Column(
        "notes",
        lambda it: notes.plain(it.appointment.internal_notes),
        writable=True,
        same=normalised(notes.without_tags),
    ),
)

CUSTOMER_COLUMNS: tuple[Column[Person], ...] = (
    Column("name", lambda it: it.name(), writable=True, same=normalised(_squeezed)),
    Column("email", lambda it: text(it.email.strip()), writable=True, same=normalised(email_key)),
    Column("phone", lambda it: text(it.phone), writable=True, same=normalised(_squeezed)),
)

SERVICE_COLUMNS: tuple[Column[Offer], ...] = (
    Column("name", lambda it: text(it.name)),
    Column("type", lambda _: "service"),
    Column("status", lambda it: text(it.status)),
    Column("price", lambda it: number(it.price)),
)
