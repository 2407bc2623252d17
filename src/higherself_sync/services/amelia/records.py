"""Records made of appointments: one a booking, for it is the booking that somebody comes to."""

from collections.abc import Callable
from datetime import datetime, tzinfo

from higherself_sync.core.record import Record, session_key
from higherself_sync.core.record import When as WhenValue
from higherself_sync.errors import Absent
from higherself_sync.services.amelia import notes
from higherself_sync.services.amelia.answers import Site
from higherself_sync.services.amelia.catalogue import Catalogue
from higherself_sync.services.amelia.columns import SESSION_COLUMNS, STANDING, Session
from higherself_sync.services.amelia.listing import parsed
from higherself_sync.services.amelia.wire import Appointment, Booking, Offer, Person

BORN = frozenset(column.name for column in SESSION_COLUMNS if column.born)
SHARED = frozenset({"when"})  # the hour of a group is everybody's, and one row is not to move them all


class Records:
    """`zone` is asked when it is needed: it may have to be found out."""

    def __init__(self, site: Site, zone: Callable[[], tzinfo], catalogue: Catalogue) -> None:
        self._site, self._zone, self._catalogue = site, zone, catalogue
        self._people: dict[int, Person | None] = {}

    def of(self, appointment: Appointment) -> list[Record]:
        lines = notes.lines_in(appointment.internal_notes)
        return [self._record(self._session(appointment, each), lines) for each in appointment.bookings]

    def _record(self, session: Session, lines: list[notes.Line]) -> Record:
        booking, appointment = session.booking, session.appointment
        values = {column.name: column.read(session) for column in SESSION_COLUMNS}
        stands = booking.status in STANDING
        newest = appointment.newest_of(booking.customer_id) == booking.id
        return Record(
            id=str(booking.id),
            values=values,
            # Whoever cancels and books the same hour again has two bookings; the one that stands is the session.
            key=session_key(values["when"], session.customer.email if session.customer else None) if stands else None,
            marks=notes.marks_of(lines, booking.id, booking.customer_id if newest else None),
            locked=BORN | SHARED if session.is_group() else BORN,
            markable=stands and self._lies_ahead(values["when"]),
            native={"appointment": str(appointment.id)},
            label=session.title(),
        )

    def _session(self, appointment: Appointment, booking: Booking) -> Session:
        return Session(
            appointment,
            booking,
            booking.customer or self._person(booking.customer_id),
            self._offer(appointment),
            self._calendar(appointment),
            self._site.name,
            self._zone(),
        )

    def _offer(self, appointment: Appointment) -> Offer | None:
        """Where its name is not told, or was skipped, the catalogue has it."""
        return appointment.service or self._catalogue.offer(appointment.service_id)

    def _calendar(self, appointment: Appointment) -> str | None:
        """The employee's name; of an employee who is no more, the place."""
        employee = appointment.provider or self._catalogue.employee(appointment.provider_id)
        if employee is not None and (name := employee.name()) is not None:
            return name
        place = appointment.location or self._catalogue.place(appointment.location_id)
        return place.name if place else None

    def _person(self, number: int) -> Person | None:
        """Older versions leave the customer out of one appointment alone; what was typed may be another name."""
        if number not in self._people:
            try:
                told = self._site.ask(f"/users/customers/{number}")
                self._people[number] = parsed(self._site, Person, told.part("user"), f"customer {number}")
            except Absent:
                self._people[number] = None
        return self._people[number]

    def _lies_ahead(self, when: object) -> bool:
        start = when.start if isinstance(when, WhenValue) else None
        return isinstance(start, datetime) and start > self._site.server_time()
