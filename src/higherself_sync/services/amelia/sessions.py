"""Appointments, a record a booking, as `record.Replica` wants them: read by days, found by booking."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from itertools import groupby

from higherself_sync.core.record import Batch, Draft, Gone, Marks, Record, Values
from higherself_sync.core.record import When as WhenValue
from higherself_sync.errors import Refused
from higherself_sync.services.amelia.answers import Site
from higherself_sync.services.amelia.booking import Bookings
from higherself_sync.services.amelia.days import DAY, Calendar, Days
from higherself_sync.services.amelia.desk import Desk
from higherself_sync.services.amelia.identity import FirstCustomers
from higherself_sync.services.amelia.listing import APPOINTMENTS, PAYMENTS, parsed, whole
from higherself_sync.services.amelia.news import News
from higherself_sync.services.amelia.numbers import numbers_in
from higherself_sync.services.amelia.times import day_in, day_of
from higherself_sync.services.amelia.wire import Appointment, PaymentRow

LOOKS = 10  # appointments that are asked for one by one; more of them are listed
EVER = Days(date(2000, 1, 1), date(2099, 12, 31))


class Sessions:
    def __init__(
        self,
        site: Site,
        zone: Callable[[], tzinfo],
        identity: FirstCustomers,
        calendar: Calendar,
        news: News,
        desk: Desk,
        bookings: Bookings,
    ) -> None:
        self._site, self._zone, self._identity = site, zone, identity
        self._desk, self._bookings = desk, bookings
        self._calendar, self._news = calendar, news
        self._shown: list[Days] = []

    # reading

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """The window (None), or the coming days, a piece of the rest, and what was booked for the others since then.

        A list that changed while it was read is begun again, so a record may come twice: the later one counts.
        """
        self._zone()  # before anything is taken in; and from its answer the site's own date is known
        self._identity.check()
        self._shown = []
        today = day_of(self._site.server_time(), self._zone())
        if since is None:
            yield from self._listed(self._calendar.window(today), None)
            return
        start = None
        for days in filter(None, (self._calendar.always(today), piece := self._calendar.piece(today, since))):
            for batch in self._listed(days, start):
                start = start or batch.as_of
                yield batch
        assert start is not None
        if piece is not None:
            self._calendar.done(piece, start)
        yield from self._booked_since(since, today, start)

    def covers(self, record: Record) -> bool:
        """Whether it begins, as it was last seen, on a day that was read to its end."""
        when = record.values.get("when")
        if not isinstance(when, WhenValue) or not isinstance(when.start, datetime):
            return False
        return any(day_of(when.start, self._zone()) in days for days in self._shown)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)  # what was never seen here stays so
        known = [(spot.appointment, each) for each in numbers_in(ids) if (spot := self._desk.spot(int(each)))]
        for number, group in groupby(sorted(known), key=lambda pair: pair[0]):
            there = self._desk.look(number)
            found |= {each: there.get(each) or self._elsewhere(each) for _, each in group}
        return found

    def find_created(self, draft: Draft, since: datetime) -> Record | None:  # noqa: ARG002 the day is a narrower net
        """Among those of its day, by its marker."""
        when = draft.values.get("when")
        if not isinstance(when, WhenValue) or not isinstance(when.start, datetime):
            return None
        day = day_of(when.start, self._zone())
        records = (record for batch in self._list(Days(day, day), None) for record in batch.records)
        page_id = draft.marks.page_id
        return next((each for each in records if page_id is not None and each.marks.page_id == page_id), None)

    def server_time(self) -> datetime:
        return self._site.server_time()

    # writing

    def create(self, draft: Draft) -> Record:
        return self._bookings.make(draft)

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        return self._desk.change(current, values, marks)

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        return self._desk.mark(marks)

    def archive(self, record_id: str) -> Record:  # noqa: ARG002 every replica's signature
        raise Refused("Amelia has no trash: what is deleted there is gone", place=self._site.place)

    def restore(self, record_id: str, values: Values) -> Record:  # noqa: ARG002 every replica's signature
        raise Refused("Amelia has no trash: what is deleted there is gone", place=self._site.place)

    # parts of the above

    def _listed(self, days: Days, start: datetime | None) -> Iterator[Batch]:
        """All that begins on these days, which then count as shown."""
        yield from self._list(days, start)
        self._shown.append(days)

    def _list(self, days: Days, start: datetime | None, **more: str) -> Iterator[Batch]:
        for page in whole(self._site, APPOINTMENTS, {"dates": str(days), **more}):
            records = [
                record
                for item in page.items
                for record in self._desk.records(parsed(self._site, Appointment, item, f"appointment {item['id']}"))
            ]
            yield Batch(tuple(records), start or page.as_of)

    def _booked_since(self, since: datetime, today: date, start: datetime) -> Iterator[Batch]:
        """Each booking has a payment, with the day on which it was made; which clock that day is by is not certain."""
        days, unsure = Days(day_of(since, self._zone()) - DAY, today + DAY), self._news.unsure(since)
        wanted: dict[int, date] = {}
        for page in whole(self._site, PAYMENTS, {"dates": str(days)}):
            for item in page.items:
                row = parsed(self._site, PaymentRow, item, f"payment {item['id']}")
                day, booking = day_in(row.booking_start), row.customer_booking_id
                known = booking is None or (self._desk.spot(booking) is not None and booking not in unsure)
                if row.appointment_id and day in self._calendar.window(today) and not known:
                    assert day is not None
                    wanted[row.appointment_id] = day
        for batch in self._looked_at(wanted, start):
            self._news.tell(start, (int(record.id) for record in batch.records))
            yield batch

    def _looked_at(self, wanted: Mapping[int, date], start: datetime) -> Iterator[Batch]:
        if len(wanted) > LOOKS:
            yield from self._listed(Days(min(wanted.values()), max(wanted.values())), start)
            return
        for number in wanted:
            yield Batch(tuple(self._desk.look(number).values()), start)

    def _elsewhere(self, record_id: str) -> Record | Gone:
        """A booking that is not in its appointment any more was moved into another, or it is no more.

        Its customer's appointments tell: the whole list of them, whenever they are.
        """
        spot = self._desk.spot(int(record_id))
        assert spot is not None
        for batch in self._list(EVER, None, customerId=str(spot.customer)):
            for record in batch.records:
                if record.id == record_id:
                    return record
        return Gone.DELETED
