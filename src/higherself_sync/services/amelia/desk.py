"""What is done to appointments that there are: looked at, changed, marked.

Every change begins with a look at the appointment as it is now: its notes hold the lines of all its bookings beside
what people wrote, and bookings are sent whole or not at all. It ends with another: answers to writes show no payments.

Whom Amelia writes to goes by the appointment's flag `notifyParticipants`: its mails about a change, and its reminders
too (read: `NotificationLogRepository`). So what customers would be told of is sent with the flag off, and the flag is
then put back as it was. Notes are nothing that they are told of: their writes leave it alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from higherself_sync.core.record import Entity, Gone, Marks, Record, Value, Values, fields_of
from higherself_sync.core.record import When as WhenValue
from higherself_sync.errors import Absent, RecordError, Refused, Unanswered
from higherself_sync.services.amelia import notes
from higherself_sync.services.amelia.answers import Site, Told
from higherself_sync.services.amelia.columns import SESSION_COLUMNS
from higherself_sync.services.amelia.listing import parsed
from higherself_sync.services.amelia.numbers import numbers_in
from higherself_sync.services.amelia.records import Records
from higherself_sync.services.amelia.times import Repeated, digits
from higherself_sync.services.amelia.whereabouts import Spot, Whereabouts
from higherself_sync.services.amelia.wire import JSON, Appointment

TITLES = {name: field.title for name, field in fields_of(Entity.APPOINTMENTS).items()}
COLUMNS = {column.name: column for column in SESSION_COLUMNS}
TOLD_OF = frozenset({"bookingStart", "bookings"})  # what Amelia would tell the customers of


@dataclass(frozen=True, slots=True)
class Look:
    """An appointment as it is now; `raw` as the site sent it, for bookings go back as they came."""

    appointment: Appointment
    raw: JSON


class Desk:
    def __init__(self, site: Site, zone: Callable[[], tzinfo], records: Records, whereabouts: Whereabouts) -> None:
        self._site, self._zone, self._records, self._whereabouts = site, zone, records, whereabouts

    # looking

    def spot(self, booking: int) -> Spot | None:
        return self._whereabouts.of(booking)

    def records(self, appointment: Appointment) -> list[Record]:
        """A record a booking; where each is to be found is remembered."""
        self._whereabouts.note({each.id: Spot(appointment.id, each.customer_id) for each in appointment.bookings})
        return self._records.of(appointment)

    def look(self, number: int) -> dict[str, Record]:
        """The bookings of an appointment by their ids; none where it is no more."""
        try:
            return {record.id: record for record in self.records(self._look(number).appointment)}
        except Absent:
            return {}

    def _look(self, number: int) -> Look:
        raw = self._site.ask(f"/appointments/{number}").part("appointment")
        return Look(parsed(self._site, Appointment, raw, f"appointment {number}"), raw)

    # changing

    def change(self, current: Record, values: Values, marks: Marks) -> Record:
        """Raises Refused before anything is sent where it may not be, or would undo what was changed meanwhile."""
        for name in values:
            self._check_may_write(name, current)
        spot = self.spot(int(current.id))
        number = spot.appointment if spot else int(current.native["appointment"])
        try:
            return self._changed(number, current, values, marks)
        except Absent as error:  # the booking may have been moved just now, and its former appointment be gone
            raise Absent(Gone.HIDDEN, error.message, place=error.place) from error

    def _changed(self, number: int, current: Record, values: Values, marks: Marks) -> Record:
        look = self._look(number)
        now = self._of(look, current.id)
        self._check_unchanged(current, now, values)
        body = self._body(look, now, values, marks)
        if not body:
            return now
        self._send(number, {**body, "notifyParticipants": 0} if TOLD_OF & body.keys() else body)
        if TOLD_OF & body.keys() and look.appointment.notify_participants:
            self._put_back_flag(number)
        return self._of(self._look(number), current.id)

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        known = {each: spot for each in numbers_in(marks) if (spot := self.spot(int(each))) is not None}
        yield from ((each, "Amelia showed no such booking") for each in marks if each not in known)
        by_place = sorted(known, key=lambda each: known[each].appointment)
        for number, group in groupby(by_place, key=lambda each: known[each].appointment):
            wanted = {each: marks[each] for each in group}
            try:
                found = self._marked(number, wanted)
            except (Refused, Absent, Unanswered) as error:  # a plugin may fail at one of them on every attempt
                found = dict.fromkeys(wanted, error.message)
            yield from ((each, found.get(each, "it is in another appointment now")) for each in wanted)

    def _send(self, number: int, body: JSON) -> Told:
        return self._site.post(f"/appointments/{number}", body)

    def _marked(self, number: int, wanted: Mapping[str, Marks]) -> Mapping[str, Record | str]:
        """The answer tells the notes as they now are; the rest was looked at a moment ago."""
        look = self._look(number)
        there = {str(each.id) for each in look.appointment.bookings}
        own = {int(each): mark for each, mark in wanted.items() if each in there}
        text = self.noted(look.appointment, notes.plain(look.appointment.internal_notes), own)
        answer = self._send(number, {"internalNotes": text}).part("appointment")
        after = parsed(self._site, Appointment, answer, f"appointment {number}").internal_notes
        appointment = look.appointment.model_copy(update={"internal_notes": after})
        return {record.id: record for record in self.records(appointment)}

    def _of(self, look: Look, booking: str) -> Record:
        for record in self.records(look.appointment):
            if record.id == booking:
                return record
        raise Absent(Gone.HIDDEN, "it is in another appointment now, or in none", place=self._site.place)

    def _check_may_write(self, name: str, current: Record) -> None:
        if not COLUMNS[name].writable and not COLUMNS[name].born:
            raise Refused(f"only Amelia sets {TITLES[name]}", place=self._site.place)
        if COLUMNS[name].born:
            raise Refused(f"{TITLES[name]} can only be said when a session is made", place=self._site.place)
        if name in current.locked:
            message = f"{TITLES[name]} of a group session is that of everybody in it: change it in Amelia"
            raise Refused(message, place=self._site.place)

    def _check_unchanged(self, current: Record, now: Record, values: Values) -> None:
        for name in values:
            same = COLUMNS[name].same or _itself
            before, after = current.values[name], now.values[name]
            if before != after and same(before) != same(after):
                message = f"{TITLES[name]} was changed in Amelia a moment ago: both sides are looked at again"
                raise Refused(message, place=self._site.place)

    def _body(self, look: Look, now: Record, values: Values, marks: Marks) -> JSON:
        body: JSON = {}
        if "when" in values and _start(values["when"]) != _start(now.values["when"]):
            body["bookingStart"] = self.starting(values["when"])
        if "status" in values:
            if values["status"] is None:
                raise Refused("Status cannot be emptied in Amelia", place=self._site.place)
            body["bookings"] = [
                {**raw, "status": values["status"]} if str(raw["id"]) == now.id else raw for raw in look.raw["bookings"]
            ]
        wanted = values["notes"] if "notes" in values else now.values["notes"]
        own = {int(now.id): marks} if marks.page_id else {}
        text = self.noted(look.appointment, wanted, own)
        return body if text == look.appointment.internal_notes else {**body, "internalNotes": text}

    def starting(self, value: Value) -> str:
        """Raises Refused for what is no moment that can be said."""
        start = _start(value)
        if not isinstance(start, datetime):
            raise Refused("When: a session needs a day and a time of day", place=self._site.place)
        try:
            return digits(start, self._zone())
        except Repeated as error:
            raise Refused(f"When: {error}", place=self._site.place) from error

    def noted(self, appointment: Appointment, wanted: Value, own: Mapping[int, Marks]) -> str:
        """What people wrote, with the lines of all bookings that are there. Raises Refused where that is too long."""
        lines: dict[int, notes.Line] = {}
        for line in sorted(notes.lines_in(appointment.internal_notes), key=lambda each: each.kind == "booking"):
            owner = appointment.newest_of(line.number) if line.kind == "customer" else line.number
            if any(each.id == owner for each in appointment.bookings):
                lines[owner] = line
        lines |= {number: notes.Line("booking", number, marks) for number, marks in own.items()}
        text = notes.written(wanted if isinstance(wanted, str) else None, lines.values())
        if len(text.encode()) > notes.LONGEST:
            raise Refused(f"Notes: Amelia keeps {notes.LONGEST} bytes and no more", place=self._site.place)
        return text

    def _put_back_flag(self, number: int) -> None:
        try:
            self._send(number, {"notifyParticipants": 1})
        except RecordError:
            return  # what was to be changed is changed


def _itself(value: Value) -> Value:
    return value


def _start(value: Value) -> object:
    return value.start if isinstance(value, WhenValue) else None
