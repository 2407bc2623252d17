"""Which appointment each booking is in, and whose it is: the API finds no booking by its number.

Bookings keep their number when they are moved into another appointment, so what is kept here is where to look first.
It outlives the run, as text in the cache: a thousand numbers an entry, each `BOOKING:APPOINTMENT:CUSTOMER`.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

SHARE = 1000


@dataclass(frozen=True, slots=True)
class Spot:
    appointment: int
    customer: int


class Whereabouts:
    def __init__(self, cache: MutableMapping[str, str], key: str) -> None:
        self._cache, self._key = cache, key
        self._read: dict[int, dict[int, Spot]] = {}

    def of(self, booking: int) -> Spot | None:
        """None for one that was never seen."""
        return self._part(booking // SHARE).get(booking)

    def note(self, spots: Mapping[int, Spot]) -> None:
        changed = {booking: spot for booking, spot in spots.items() if self.of(booking) != spot}
        for booking, spot in changed.items():
            self._part(booking // SHARE)[booking] = spot
        for number in {booking // SHARE for booking in changed}:
            entries = sorted(self._part(number).items())
            text = " ".join(f"{booking}:{spot.appointment}:{spot.customer}" for booking, spot in entries)
            self._cache[f"{self._key}:{number}"] = text

    def _part(self, number: int) -> dict[int, Spot]:
        if number not in self._read:
            entries = (entry.split(":") for entry in self._cache.get(f"{self._key}:{number}", "").split())
            self._read[number] = {int(booking): Spot(int(a), int(c)) for booking, a, c in entries}
        return self._read[number]
