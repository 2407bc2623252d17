"""What the last read had got to, kept from run to run.

The cache is written even where a run stores nothing of what was read. So what a read had got to counts only for a later
one that begins where that one began, or after: then its cursor was committed (ENGINE 3), and what it gave was stored.
"""

import json
from collections.abc import Mapping, MutableMapping
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


class Seen(Generic[T]):
    """By the id of a thing (a survey, a course) what was seen of it. T is what JSON gives back as it was."""

    def __init__(self, cache: MutableMapping[str, str], key: str) -> None:
        self._cache, self._key = cache, key
        self._committed: tuple[str, Mapping[str, T]] | None = None

    def before(self, since: datetime | None) -> Mapping[str, T]:
        """What a committed read had seen; nothing where everything is to be read."""
        kept: list[tuple[str, Mapping[str, T]]] = json.loads(self._cache.get(self._key, "[]"))
        committed = [each for each in kept if since is not None and datetime.fromisoformat(each[0]) <= since]
        self._committed = max(committed, key=lambda each: datetime.fromisoformat(each[0]), default=None)
        return self._committed[1] if self._committed else {}

    def keep(self, as_of: datetime, seen: Mapping[str, T]) -> None:
        """At the end of a read that began at `as_of`. Until that is committed, the one before it counts."""
        kept = [*([self._committed] if self._committed else []), (as_of.isoformat(), seen)]
        self._cache[self._key] = json.dumps(kept)
