"""Times as Notion writes and reads them: stamps floored to the minute, dates kept as text with an offset."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def floor(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def stamp(moment: datetime) -> str:
    """How pages, blocks and data sources write a time: the minute, in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:00.000Z")


def fine_stamp(moment: datetime) -> str:
    """How databases write one: milliseconds and an offset."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+00:00"


def is_day(text: str) -> bool:
    return _DAY.fullmatch(text) is not None


def parse(text: str) -> datetime:
    """An instant; UTC where no offset is given, midnight where no time is. Raises ValueError."""
    if is_day(text):
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    if len(text) < 16 or text[10] not in "T ":
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def stored(text: str, zone: str | None) -> str:
    """A written date as it reads back: seconds are lost, the zone becomes the offset in force. Raises ValueError."""
    if is_day(text):
        date.fromisoformat(text)
        return text
    moment = parse(text)
    if zone is not None:
        place = ZoneInfo(zone)
        offset_given = datetime.fromisoformat(text).tzinfo is not None
        moment = moment.astimezone(place) if offset_given else moment.replace(tzinfo=place)
    return offset_stamp(moment)


def offset_stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:00.000") + _offset(moment)


def _offset(moment: datetime) -> str:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{abs(seconds) // 3600:02d}:{abs(seconds) % 3600 // 60:02d}"


def is_zone(name: object) -> bool:
    try:
        return isinstance(name, str) and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the last for names that no file system takes
        return False


def months_later(at: datetime, months: int) -> datetime:
    """The same day of the month, or its last day."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))
