"""What each stream can do, as data, and the records that are made of Acuity's objects."""

from collections.abc import Iterable
from datetime import UTC, datetime

from higherself_sync.core.record import Entity, Record, Stream, Values, session_key, text
from higherself_sync.services.acuity.columns import (
    APPOINTMENT_COLUMNS,
    BORN_WITH,
    PEOPLE_COLUMNS,
    TYPE_COLUMNS,
    Column,
    Context,
    W,
)
from higherself_sync.services.acuity.markers import marks_in
from higherself_sync.services.acuity.settings import Settings
from higherself_sync.services.acuity.wire import Appointment, AppointmentType, Person

APPOINTMENTS, PEOPLE, TYPES = "appointments", "people", "types"
REQUIRED = ("when", "service_type", "client")


def streams(name: str, settings: Settings) -> tuple[Stream, ...]:
    """What an account called `name` offers, in the order of work."""
    people = Stream(
        service=name,
        name=PEOPLE,
        entity=Entity.CLIENTS,
        fields={column.name: column.ability() for column in PEOPLE_COLUMNS},
        update=True,
        keyed=True,
        derived=True,
    )
    types = Stream(
        service=name,
        name=TYPES,
        entity=Entity.PRODUCTS,
        fields={column.name: column.ability() for column in TYPE_COLUMNS},
    )
    appointments = Stream(
        service=name,
        name=APPOINTMENTS,
        entity=Entity.APPOINTMENTS,
        fields={column.name: column.ability() for column in APPOINTMENT_COLUMNS},
        create=True,
        update=True,
        marker=True,
        keyed=True,
        required=REQUIRED,
        window=(settings.back, settings.ahead),
    )
    return people, types, appointments


def appointment_record(item: Appointment, account: Context, marker_field: int | None, now: datetime) -> Record:
    """`now` decides what lies ahead: only such a one is worth a write of its own for its back-link.

    The hour of a canceled one may be booked anew by the same person: its key must not claim that one's row.
    """
    values = _values(APPOINTMENT_COLUMNS, item, account)
    ahead, person = item.starts > now, person_record(item)
    return Record(
        id=str(item.id),
        values=values,
        created=item.created.astimezone(UTC) if item.created else None,
        key=None if item.canceled else session_key(values["when"], item.key()),
        marks=marks_in(item, marker_field),
        locked=BORN_WITH | {"when"} if item.canceled else BORN_WITH,
        markable=ahead and not item.canceled,
        native={"notes": item.notes, "field": "yes" if item.answered(marker_field) is not None else ""},
        people=() if person is None else (person,),
        label=text(str(values["appointment"] or item.id)),
    )


def person_record(person: Person) -> Record | None:
    """Who comes, as one record tells it; None without an e-mail, by which people are told apart (ENGINE 14)."""
    key = person.key()
    if key is None:
        return None
    values = _values(PEOPLE_COLUMNS, person, Context("", lambda: None))
    native = {"first_name": text(person.first_name) or "", "last_name": text(person.last_name) or ""}
    return Record(key, values, key=key, native=native, label=text(person.name()) or key)


def type_record(item: AppointmentType, account: Context) -> Record:
    return Record(str(item.id), _values(TYPE_COLUMNS, item, account), label=text(item.name.strip()))


def _values(columns: Iterable[Column[W]], item: W, account: Context) -> Values:
    return {column.name: column.read(item, account) for column in columns}
