"""Appointments, as `record.Replica` wants them: read by windows, written by the call that each field has."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from higherself_sync.core.record import Batch, Draft, Gone, Marks, Record, Values, When
from higherself_sync.errors import Absent, Refused, Unanswered
from higherself_sync.services.acuity.answers import WRITE, Account
from higherself_sync.services.acuity.appointment_types import Catalogue
from higherself_sync.services.acuity.bookings import Bookings
from higherself_sync.services.acuity.columns import APPOINTMENT_COLUMNS, BORN_WITH, NO_SHOW, SCHEDULED
from higherself_sync.services.acuity.kinds import APPOINTMENTS, appointment_record
from higherself_sync.services.acuity.markers import line_of, with_line, without_line
from higherself_sync.services.acuity.spellings import Spellings
from higherself_sync.services.acuity.windows import SLICES_A_RUN, Days, Lists, Window
from higherself_sync.services.acuity.wire import JSON, Appointment

if TYPE_CHECKING:
    from higherself_sync.http import Answer

WRITABLE = {column.name for column in APPOINTMENT_COLUMNS if column.writable} - BORN_WITH


class Appointments:
    """One account's. `covers` answers for the last read that came to its end."""

    def __init__(self, account: Account, catalogue: Catalogue, lists: Lists, spellings: Spellings) -> None:
        self._account, self._catalogue, self._lists, self._spellings = account, catalogue, lists, spellings
        self._bookings = Bookings(account, catalogue)
        self._covered: tuple[Days, ...] = ()

    # reading

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """The whole window, or the days that are read every time and the next slice of the rest.

        One that was moved while this was read may come twice: the later one counts.
        """
        self._covered = ()
        _, start = self._catalogue.read(APPOINTMENTS)
        if since is None:
            self._account.me(anew=True)  # its zone and its currency may be others by now
        spans, place = self._spans(since, start)
        seen: dict[str, Record] = {}
        for span in spans:
            for items in self._lists.whole(span):
                records = {record.id: record for record in map(self._record, items)}
                news = tuple(each for number, each in records.items() if seen.get(number) != each)
                seen |= records
                yield Batch(news, start)
        self._covered = spans
        if since is not None:
            self._account.cache[self._rota] = str(place)

    @property
    def _rota(self) -> str:
        return f"{self._account.name}:rota"

    def _spans(self, since: datetime | None, start: datetime) -> tuple[tuple[Days, ...], int]:
        """The days to be read, and with which slice the next run has to go on."""
        settings = self._account.settings
        window = Window.around(self._lists.day_of(start), settings.back, settings.ahead, settings.always)
        if since is None or not window.rest:
            return (window.always, *window.rest), 0
        count, place = len(window.rest), int(self._account.cache.get(self._rota, "0"))
        turn = [window.rest[(place + step) % count] for step in range(min(SLICES_A_RUN, count))]
        return (window.always, *turn), (place + len(turn)) % count

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)  # what is no id of Acuity's stays so
        for number in [each for each in found if each.isascii() and each.isdecimal()]:
            try:
                found[number] = self._look(number)
            except Absent as error:
                found[number] = error.gone
        return found

    def find_created(self, draft: Draft, since: datetime) -> Record | None:  # noqa: ARG002 the marker tells it
        """By its marker, among those of that day, and, where it was moved since, those of that person."""
        when = draft.values.get("when")
        if isinstance(when, When) and isinstance(when.start, datetime):
            day = self._lists.day_of(when.start)
            for items in self._lists.whole(Days(day, day)):
                if found := self._marked(items, draft.marks):
                    return found
        for email in {str(each.values.get("email") or "").strip() for each in draft.people} - {""}:
            params = {"email": email, "showall": "true", "direction": "DESC", "max": "100"}
            if found := self._marked(self._lists.some(params), draft.marks):
                return found
        return None

    def covers(self, record: Record) -> bool:
        when = record.values.get("when")
        if not isinstance(when, When) or not isinstance(when.start, datetime):
            return False
        day = self._lists.day_of(when.start)
        return any(day in span for span in self._covered)

    def server_time(self) -> datetime:
        return self._account.now()

    # writing

    def create(self, draft: Draft) -> Record:
        """Booked by the owner, so no client's rule holds, and nobody is written to."""
        body = {**self._bookings.body(draft), "notes": with_line(str(draft.values.get("notes") or ""), draft.marks)}
        return self._told(self._account.ask("POST", "appointments", params=WRITE, body=body))

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        """What may be refused comes first. Whatever Acuity ignores in silence is seen by looking afterwards."""
        for name in values:
            if name not in WRITABLE:
                raise Refused(f"{name} cannot be changed in Acuity", place=self._account.place)
        current = current if "notes" in current.native else self._look(current.id)
        move, ending = self._move(current, values), self._ending(current, values)
        path = f"appointments/{current.id}"
        if move is not None:
            self._account.put(f"{path}/reschedule", move)
        if body := self._body(current, values, marks):
            self._account.put(path, body)
        if ending is not None:
            self._account.put(f"{path}/cancel", ending)
        return self._look(current.id)

    def archive(self, record_id: str) -> Record:  # noqa: ARG002 every replica's signature
        raise Refused("Acuity has no trash, and a cancellation cannot be undone", place=self._account.place)

    def restore(self, record_id: str, values: Values) -> Record:  # noqa: ARG002 every replica's signature
        raise Refused("Acuity has no trash", place=self._account.place)

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        """Each is looked at first: staff may have written into its notes since it was read."""
        for number, each in marks.items():
            try:
                record = self._look(number)
                answer = self._told(self._account.put(f"appointments/{number}", self._body(record, {}, each)))
            except (Absent, Refused, Unanswered) as error:  # it may fail at one of them on every attempt
                yield number, error.message
            else:
                kept = answer.marks.page_id == each.page_id
                yield number, answer if kept else "Acuity did not keep the back-link"

    # parts of the above

    def _look(self, number: str) -> Record:
        return self._told(self._account.ask("GET", f"appointments/{number}"))

    def _told(self, answer: "Answer") -> Record:
        return self._record(self._account.parsed(answer.json, Appointment))

    def _record(self, item: Appointment) -> Record:
        self._spellings.note(item)
        settings = self._account.settings
        return appointment_record(item, self._account.context, settings.marker_field, self._account.now())

    def _marked(self, items: Sequence[Appointment], marks: Marks) -> Record | None:
        records = (self._record(item) for item in items)
        return next((each for each in records if marks.page_id and each.marks.page_id == marks.page_id), None)

    def _move(self, current: Record, values: Values) -> JSON | None:
        """The body of a reschedule, which keeps the calendar; None where it begins when it did."""
        wanted, now = values.get("when"), current.values.get("when")
        if "when" not in values or (isinstance(wanted, When) and isinstance(now, When) and wanted.start == now.start):
            return None
        if current.values.get("status") != SCHEDULED:
            raise Refused("a canceled appointment cannot be moved in Acuity", place=self._account.place)
        return {"datetime": self._bookings.moment(wanted)}

    def _ending(self, current: Record, values: Values) -> JSON | None:
        """The body of a cancellation, which cannot be undone: only a person's edit of Status leads here."""
        if "status" not in values or values["status"] == current.values.get("status"):
            return None
        match values["status"]:
            case "canceled" if current.values.get("status") == SCHEDULED:
                return {}
            case "canceled" | "no-show" as status:
                return {"noShow": status == NO_SHOW}
            case "scheduled":
                reason = "a canceled appointment cannot be opened again in Acuity: make a new row for a new one"
                raise Refused(reason, place=self._account.place)
            case _:
                raise Refused("Status: Acuity knows scheduled, canceled and no-show", place=self._account.place)

    def _body(self, current: Record, values: Values, marks: Marks) -> JSON:
        """Notes and back-link. The notes are written whole, so what they held besides goes back into them."""
        notes = str(values["notes"] or "") if "notes" in values else without_line(current.native.get("notes", ""))
        if current.native.get("field"):
            own = {"notes": notes} if "notes" in values else {}
            field = {"id": self._account.settings.marker_field, "value": line_of(marks)}
            return {**own, "fields": [field]} if marks.page_id else own
        return {"notes": with_line(notes, marks)} if "notes" in values or marks.page_id else {}
