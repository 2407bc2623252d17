"""What a new appointment is made of: a row's values in the terms of Acuity's catalogue."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from higherself_sync.core.record import Draft, Value, When
from higherself_sync.errors import Refused
from higherself_sync.services.acuity.answers import Account
from higherself_sync.services.acuity.appointment_types import Catalogue
from higherself_sync.services.acuity.columns import SCHEDULED, title_key
from higherself_sync.services.acuity.names import parted
from higherself_sync.services.acuity.wire import JSON, AppointmentType, Calendar

Named = TypeVar("Named", AppointmentType, Calendar)


class Bookings:
    """Every method may raise Refused, with words that tell what to change in the row."""

    def __init__(self, account: Account, catalogue: Catalogue) -> None:
        self._account, self._catalogue = account, catalogue
        self._calendars: tuple[Calendar, ...] | None = None

    def body(self, draft: Draft) -> JSON:
        values, place = draft.values, self._account.place
        if values.get("status") not in (None, SCHEDULED):
            raise Refused("a new appointment is scheduled: it cannot begin as anything else", place=place)
        kind = self._named(self._catalogue.types(), values.get("service_type"), "an appointment type")
        return {
            "datetime": self.moment(values.get("when")),
            "appointmentTypeID": kind.id,
            "calendarID": self._calendar(kind, values.get("calendar")),
            **self._person(draft),
        }

    def moment(self, value: Value) -> str:
        """With an offset: without one it would be the business's, and twice a year that is no certain moment."""
        if not isinstance(value, When) or not isinstance(value.start, datetime):
            raise Refused("When needs a day and a time", place=self._account.place)
        return value.start.astimezone(self._account.zone()).strftime("%Y-%m-%dT%H:%M:%S%z")

    def _calendar(self, kind: AppointmentType, wanted: Value) -> int:
        """An owner's booking has to name one; by default it is the first that offers the type."""
        if wanted is not None:
            return self._named(self._known_calendars(), wanted, "a calendar").id
        if not kind.calendar_ids:
            raise Refused("no calendar offers this type: choose one in Calendar", place=self._account.place)
        return kind.calendar_ids[0]

    def _known_calendars(self) -> tuple[Calendar, ...]:
        if self._calendars is None:
            self._calendars = self._account.listed(self._account.ask("GET", "calendars"), Calendar)
        return self._calendars

    def _person(self, draft: Draft) -> JSON:
        place = self._account.place
        if len(draft.people) != 1:
            found = f"{len(draft.people)} rows of Clients that are there"
            raise Refused(f"an appointment has one Client, and this row is related to {found}", place=place)
        told = {name: str(draft.people[0].values.get(name) or "") for name in ("name", "email", "phone")}
        first, last = parted(told["name"], "", "", place)
        return {"firstName": first, "lastName": last, "email": told["email"], "phone": told["phone"]}

    def _named(self, known: Sequence[Named], wanted: Value, what: str) -> Named:
        found, place = (
            [each for each in known if title_key(each.name) == title_key(str(wanted or ""))],
            self._account.place,
        )
        if len(found) == 1:
            return found[0]
        if not found:
            there = ", ".join(each.name.strip() for each in known)
            raise Refused(f"{wanted} is not the name of {what}; there are: {there}", place=place)
        raise Refused(f"{len(found)} have the name {wanted}: make their names differ in Acuity", place=place)
