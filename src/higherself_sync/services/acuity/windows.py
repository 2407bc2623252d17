"""Lists of appointments by days, known to be whole, and the order in which the window is gone through.

Acuity has no modified-since filter, no offset and no total, and cuts a list at `max` in silence. So days are asked for:
a list that is full says nothing of what it left out, and is asked for again in two halves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from higherself_sync.errors import Unreachable
from higherself_sync.services.acuity.answers import Account
from higherself_sync.services.acuity.wire import Appointment

FULL = 100  # the documented default of `max`: the one size that is known not to be cut further
CROWDED = 2200  # of a day with more than that; public clients were seen to ask for so many
SLICE = 15  # days of the window's rest that are read at a time
SLICES_A_RUN = 1

Params: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last, both included, in the business's zone."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def halves(self) -> tuple["Days", "Days"]:
        middle = self.first + (self.last - self.first) // 2
        return Days(self.first, middle), Days(middle + timedelta(days=1), self.last)

    def slices(self) -> Iterator["Days"]:
        start = self.first
        while start <= self.last:
            end = min(start + timedelta(days=SLICE - 1), self.last)
            yield Days(start, end)
            start = end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The window around one day: what is read every time, and the rest in slices, those that lie ahead first."""

    always: Days
    rest: tuple[Days, ...]

    @classmethod
    def around(cls, today: date, back: int, ahead: int, always: tuple[int, int]) -> "Window":
        near = Days(today - timedelta(min(always[0], back)), today + timedelta(min(always[1], ahead)))
        coming = Days(near.last + timedelta(days=1), today + timedelta(ahead))
        past = Days(today - timedelta(back), near.first - timedelta(days=1))
        return cls(near, (*coming.slices(), *past.slices()))


class Lists:
    """Lists of one account's appointments, canceled ones too."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def whole(self, days: Days) -> Iterator[tuple[Appointment, ...]]:
        """All that begin on these days, a list at a time; one that moves meanwhile may come twice, or not at all.

        Raises Unreachable for a day that cannot be seen whole.
        """
        items = self._between(days, FULL)
        if len(items) < FULL:
            yield items
        elif days.first < days.last:
            for half in days.halves():
                yield from self.whole(half)
        else:
            yield self._crowded(days)

    def some(self, params: Params) -> tuple[Appointment, ...]:
        """One list as it comes, which may be cut."""
        # Without intake forms a list is faster, but then a marker in one of them would not be seen.
        light = {} if self._account.settings.marker_field else {"excludeForms": "true"}
        answer = self._account.ask("GET", "appointments", params={**params, **light})
        return self._account.listed(answer, Appointment)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self._account.zone()).date()

    def _between(self, days: Days, most: int, direction: str = "ASC") -> tuple[Appointment, ...]:
        span = {"minDate": days.first.isoformat(), "maxDate": days.last.isoformat()}
        return self.some({**span, "max": str(most), "showall": "true", "direction": direction})

    def _crowded(self, day: Days) -> tuple[Appointment, ...]:
        """A day too full to be split. Whether Acuity lists as many as it is asked for nobody has documented: a list
        that ends where it begins when it is turned round was not cut."""
        items, turned = self._between(day, CROWDED), self._between(day, CROWDED, "DESC")
        if len(items) < CROWDED and {each.id for each in items} == {each.id for each in turned}:
            return items
        place, remedy = self._account.place, "nothing was deleted; ask for that day by hand in Acuity"
        raise Unreachable(f"{day.first} has more appointments than Acuity lists at once", place=place, remedy=remedy)
