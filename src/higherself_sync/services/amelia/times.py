"""Times as the plugin writes them, `YYYY-MM-DD HH:MM:SS` by the site's clock, and the instants that they are.

An hour that comes twice in the night when summer ends is written in the same digits both times. How long the session
lasts tells which one is meant, where that can be told; else it is the first, as for the plugin itself.
"""

from datetime import UTC, date, datetime, tzinfo
from itertools import product

from higherself_sync.core.record import When, when

FORM = "%Y-%m-%d %H:%M"


class Repeated(ValueError):
    """An instant in the second run of a repeated hour: its digits mean the first."""


def span(start: str, end: str, seconds: int | None, zone: tzinfo) -> When | None:
    """From when to when; `seconds` is how long it is meant to last. None for what is no time.

    A session that nobody comes to any more ends, for the plugin, when it starts: then no end is given.
    """
    first = _naive(start)
    last = _naive(end) or first
    if first is None or last is None:
        return None
    pairs = [
        (begin, finish) for begin, finish in product(_readings(first, zone), _readings(last, zone)) if finish >= begin
    ]
    meant = [pair for pair in pairs if (pair[1] - pair[0]).total_seconds() == seconds]
    begin, finish = (meant or pairs or [(_readings(first, zone)[0],) * 2])[0]
    return when(begin, finish if finish > begin else None)


def digits(moment: datetime, zone: tzinfo) -> str:
    """What to send for an instant. Raises Repeated."""
    local = moment.astimezone(zone)
    if local.fold:
        raise Repeated(f"{local:{FORM}} comes twice that night, and Amelia would take it for the first")
    return local.strftime(FORM)


def day_of(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()


def day_in(text: str) -> date | None:
    """The day of a time as the plugin writes it; None for what is none."""
    found = _naive(text)
    return found.date() if found else None


def _naive(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _readings(naive: datetime, zone: tzinfo) -> list[datetime]:
    """The instants that these digits may mean, the first one first: one but for a repeated hour.

    Digits that the clocks skip are, as in PHP, as far behind the change as they are into the gap.
    """
    both = [naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return both if both[0] < both[1] else both[:1]
