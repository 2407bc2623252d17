"""The sandbox's clock: the machine's, until a test moves or stops it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def machine_time() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Times are UTC with microseconds. `machine` is handed in so that a test needs no real time at all."""

    def __init__(self, machine: Callable[[], datetime] = machine_time) -> None:
        self._machine = machine
        self._ahead = timedelta()
        self._frozen_at: datetime | None = None

    def now(self) -> datetime:
        return self._frozen_at or self._machine() + self._ahead

    def set(self, now: datetime) -> None:
        """Go on from `now`, or stand still there if the clock is frozen."""
        self._ahead = now - self._machine()
        if self._frozen_at:
            self._frozen_at = now

    def advance(self, seconds: float) -> None:
        self.set(self.now() + timedelta(seconds=seconds))

    def freeze(self, frozen: bool) -> None:
        now = self.now()
        self._frozen_at = None
        self.set(now)
        self._frozen_at = now if frozen else None

    def snapshot(self) -> tuple[timedelta, datetime | None]:
        """How far ahead of the machine, and where it stands still, if it does."""
        return self._ahead, self._frozen_at

    def restore(self, snapshot: tuple[timedelta, datetime | None]) -> None:
        self._ahead, self._frozen_at = snapshot


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
