"""Which days are looked at: all of the window at a sweep, else the coming ones and, in turn, a part of the rest.

Amelia does not tell what changed. So the coming days are compared in every run, the days beyond them and the past ones
a piece a run, and what was booked meanwhile is told by the list of payments.
"""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from datetime import date, timedelta

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
    """`cache` outlives the run: there is where the next piece begins."""

    def __init__(self, settings: Settings, cache: MutableMapping[str, str], key: str) -> None:
        self._settings, self._cache, self._key = settings, cache, key

    def window(self, today: date) -> Days:
        return Days(today - self._settings.back * DAY, today + self._settings.ahead * DAY)

    def always(self, today: date) -> Days:
        """Yesterday too: what was is entered the day after."""
        window = self.window(today)
        return Days(max(today - DAY, window.first), min(today + self._settings.always * DAY, window.last))

    def piece(self, today: date) -> Days | None:
        """The part of the rest whose turn it is; None where all is read always."""
        rest = list(self._rest(today))
        if not rest:
            return None
        place = self._place()
        part = next((each for each in rest if place is not None and place <= each.last), rest[0])
        first = place if place is not None and place in part else part.first
        return Days(first, min(part.last, first + (max(LEAST, self._settings.always) - 1) * DAY))

    def done(self, piece: Days) -> None:
        self._cache[self._key] = (piece.last + DAY).isoformat()

    def _rest(self, today: date) -> Iterator[Days]:
        window, always = self.window(today), self.always(today)
        for part in (Days(window.first, always.first - DAY), Days(always.last + DAY, window.last)):
            if part:
                yield part

    def _place(self) -> date | None:
        try:
            return date.fromisoformat(self._cache.get(self._key, ""))
        except ValueError:
            return None
