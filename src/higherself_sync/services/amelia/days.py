"""Which days are looked at: all of the window at a sweep, else the coming ones and, in turn, a part of the rest.

Amelia does not tell what changed. So the coming days are compared in every run, the days beyond them and the past ones
a piece a run, and what was booked meanwhile is told by the list of payments. A piece whose read was not stored has its
turn again: the next run asks with the time of the last read that was.
"""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from higherself_sync.services.amelia.settings import Settings

DAY = timedelta(days=1)
LEAST = 7  # days of the rest that a run looks at


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __bool__(self) -> bool:
        return self.first <= self.last

    def __str__(self) -> str:
        return f"{self.first},{self.last}"


class Calendar:
    """`cache` outlives the run: `FIRST NEXT TIME`, where the last piece began, where the next does, and its time."""

    def __init__(self, settings: Settings, cache: MutableMapping[str, str], key: str) -> None:
        self._settings, self._cache, self._key = settings, cache, key

    def window(self, today: date) -> Days:
        return Days(today - self._settings.back * DAY, today + self._settings.ahead * DAY)

    def always(self, today: date) -> Days:
        """Yesterday too: what was is entered the day after."""
        window = self.window(today)
        return Days(max(today - DAY, window.first), min(today + self._settings.always * DAY, window.last))

    def piece(self, today: date, since: datetime) -> Days | None:
        """The part of the rest whose turn it is; None where all is read always."""
        rest = list(self._rest(today))
        if not rest:
            return None
        place = self._place(since)
        part = next((each for each in rest if place is not None and place <= each.last), rest[0])
        first = place if place is not None and place in part else part.first
        return Days(first, min(part.last, first + (max(LEAST, self._settings.always) - 1) * DAY))

    def done(self, piece: Days, as_of: datetime) -> None:
        self._cache[self._key] = f"{piece.first} {piece.last + DAY} {as_of.isoformat()}"

    def _rest(self, today: date) -> Iterator[Days]:
        window, always = self.window(today), self.always(today)
        for part in (Days(window.first, always.first - DAY), Days(always.last + DAY, window.last)):
            if part:
                yield part

    def _place(self, since: datetime) -> date | None:
        match self._cache.get(self._key, "").split():
            case [first, following, as_of]:
                return date.fromisoformat(following if datetime.fromisoformat(as_of) <= since else first)
            case _:
                return None
