"""The field tables: for each canonical field how it is read, and where Acuity lets us write it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from higherself_sync.core.record import Ability, Value, When, email_key, number, text, when
from higherself_sync.services.acuity.markers import without_line
from higherself_sync.services.acuity.wire import Appointment, AppointmentType, Person, Wire

W = TypeVar("W", bound=Wire)

SCHEDULED, CANCELED, NO_SHOW = "scheduled", "canceled", "no-show"
STATUSES = frozenset({SCHEDULED, CANCELED, NO_SHOW})


@dataclass(frozen=True, slots=True)
class Context:
    """What a value may need beside the object itself: the service's name, and the account's currency when asked for."""

    service: str
    currency: Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Column(Generic[W]):
    """One canonical field. `writable`: the replica knows a call that sets it."""

    name: str
    read: Callable[[W, Context], Value]
    writable: bool = False
    options: frozenset[str] | None = None
    same: Callable[[Value], Value] | None = None

    def ability(self) -> Ability:
        return Ability(self.writable, self.options, same=self.same)


def alike(normalise: Callable[[str], str | None]) -> Callable[[Value], Value]:
    return lambda value: normalise(value) if isinstance(value, str) else value


def squeezed(value: str) -> str:
    return " ".join(value.split())


def chosen(name: str) -> str | None:
    """A type or a calendar as it can be chosen in Notion, where options have no commas. Names may end in a space."""
    return text(name.strip().replace(",", ";"))


def title_key(value: str) -> str:
    """What a type or a calendar is found by."""
    return squeezed(chosen(value) or "").casefold()


def digits(value: str) -> str:
    """Appointments keep the digits of a number, clients show some of them in brackets."""
    return re.sub(r"[^0-9]", "", value) or value.strip()


class Span(When):
    """A When as Acuity takes it: the end follows from the start, so that one which names no end asks for no other.

    Two that both name an end are equal only if it is the same: a session made longer is a change.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, When):
            return NotImplemented
        ends = {each for each in (self.end, other.end) if each is not None}
        return self.start == other.start and len(ends) <= 1

    def __hash__(self) -> int:
        return hash(self.start)


def spanned(value: Value) -> Value:
    return Span(value.start, value.end) if isinstance(value, When) else value


def amount(raw: str) -> Decimal | None:
    try:
        return number(raw.strip())
    except ValueError:
        return None


def status(appointment: Appointment) -> str:
    if not appointment.canceled:
        return SCHEDULED
    return NO_SHOW if appointment.no_show else CANCELED


def session(appointment: Appointment) -> str | None:
    """`TYPE, CLIENT`."""
    return text(", ".join(part for part in (squeezed(appointment.type), appointment.name()) if part))


def _notes(appointment: Appointment) -> str | None:
    own = without_line(appointment.notes)
    return text(own) if own.strip() else None


def _client(appointment: Appointment, account: Context) -> frozenset[str]:
    key = appointment.key()
    return frozenset({f"{account.service}:people:{key}"}) if key else frozenset()


APPOINTMENT_COLUMNS: tuple[Column[Appointment], ...] = (
    Column("appointment", lambda it, _: session(it)),
    Column("client", lambda it, account: _client(it, account)),
    Column("when", lambda it, _: when(it.starts, it.ends()), writable=True, same=spanned),
    Column("service_type", lambda it, _: chosen(it.type), writable=True, same=alike(title_key)),
    Column("status", lambda it, _: status(it), writable=True, options=STATUSES),
    Column("price", lambda it, _: amount(it.price)),
    Column("paid", lambda it, _: amount(it.paid)),
    Column("calendar", lambda it, _: chosen(it.calendar), writable=True, same=alike(title_key)),
    Column("notes", lambda it, _: _notes(it), writable=True, same=alike(str.strip)),
)
# What is chosen when an appointment is made, and no call changes afterwards.
BORN_WITH = frozenset({"service_type", "calendar"})

PEOPLE_COLUMNS: tuple[Column[Person], ...] = (
    Column("name", lambda it, _: text(it.name()), writable=True, same=alike(squeezed)),
    Column("email", lambda it, _: text(it.email.strip()), same=alike(email_key)),
    Column("phone", lambda it, _: text(it.phone.strip()), writable=True, same=alike(digits)),
)

TYPE_COLUMNS: tuple[Column[AppointmentType], ...] = (
    Column("name", lambda it, _: text(it.name.strip())),
    Column("type", lambda it, _: text(it.type)),
    Column("status", lambda it, _: "private" if it.private else "active"),
    Column("price", lambda it, _: amount(it.price)),
    Column("currency", lambda _, account: text(account.currency())),
)
