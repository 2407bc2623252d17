"""Bookings that were told beyond the days that every run reads: told again until a run that told them was stored.

A run may end between reading and storing, and these bookings are looked for but once. The next run's `since` is the
time of the last read that was stored: what was told later than that has to be told again.
"""

import json
from collections.abc import Iterable, MutableMapping
from datetime import datetime


class News:
    """`cache` outlives the run: `{time of the read: bookings}`."""

    def __init__(self, cache: MutableMapping[str, str], key: str) -> None:
        self._cache, self._key = cache, key

    def unsure(self, since: datetime) -> set[int]:
        """What was told by reads that were not stored; of the others nothing is kept."""
        kept = {at: each for at, each in self._told().items() if datetime.fromisoformat(at) > since}
        self._cache[self._key] = json.dumps(kept)
        return {number for each in kept.values() for number in each}

    def tell(self, as_of: datetime, bookings: Iterable[int]) -> None:
        told = self._told()
        told[as_of.isoformat()] = sorted({*told.get(as_of.isoformat(), ()), *bookings})
        self._cache[self._key] = json.dumps(told)

    def _told(self) -> dict[str, list[int]]:
        told: dict[str, list[int]] = json.loads(self._cache.get(self._key, "{}"))
        return told
