"""Times as the plugin writes and reads them: `YYYY-MM-DD HH:MM:SS` without a zone, in the site's unless it says UTC."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from higherself_sync.sandbox.amelia.answers import Failed
from higherself_sync.sandbox.woocommerce.dates import SITE

_DIGITS = "%Y-%m-%d %H:%M:%S"
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2}(?::\d{2})?))?")


def local(moment: datetime) -> str:
    return moment.astimezone(SITE).strftime(_DIGITS)


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_DIGITS)


def local_to_utc(digits: str) -> str:
    return moved(digits, SITE, UTC)


def utc_to_local(digits: str) -> str:
    return moved(digits, UTC, SITE)


def moved(digits: str, here: tzinfo, there: tzinfo) -> str:
    """Raises Failed."""
    try:
        return parse(digits).replace(tzinfo=here).astimezone(there).strftime(_DIGITS)
    except OverflowError as error:
        raise Failed(f"there is no such year: {digits}") from error


def later(digits: str, seconds: int) -> str:
    """So many seconds after a site-local time, across a change of the clocks too."""
    moment = parse(digits).replace(tzinfo=SITE).astimezone(UTC)
    return local(moment + timedelta(seconds=seconds))


def parse(text: str) -> datetime:
    """Naive. Seconds may be missing, and the whole clock; what is no date is an exception in PHP. Raises Failed."""
    try:
        if match := _DATE.fullmatch(text):
            return datetime.fromisoformat(f"{match[1]} {(match[2] or '00:00').rjust(len('00:00'), '0')}")
    except ValueError:
        pass
    cause = "The timezone could not be found in the database"
    raise Failed(f"DateTime::__construct(): Failed to parse time string ({text}) at position 0 ({text[:1]}): {cause}")


def day(text: str) -> str:
    """A day as PHP reads it: one that its month has not is that much later; empty for another form. Raises Failed."""
    match = _DAY.fullmatch(text)
    if match is None:
        return ""
    year, month, number = (int(each) for each in match.groups())
    if month > 12 or number > 31:
        place = 6 if month > 12 else 9
        where = f"({text} 00:00:00) at position {place} ({text[place]})"
        raise Failed(f"DateTime::__construct(): Failed to parse time string {where}: Unexpected character")
    first = date(max(year, 1), month or 1, 1) - timedelta(days=0 if month else 31)
    return str(first + timedelta(days=number - 1)) if year > 1 else text


def as_php(day: str | None, now: datetime) -> dict[str, Any] | None:
    """A birthday in JSON: the day at whatever time it is asked for, by a clock that WordPress sets to UTC."""
    moment = now.astimezone(UTC)
    return {"date": f"{day} {moment:%H:%M:%S}.000000", "timezone_type": 3, "timezone": "UTC"} if day else None


def zone(name: str) -> ZoneInfo:
    """Raises Failed."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Failed(f"DateTimeZone::__construct(): Unknown or bad timezone ({name})") from error


def sent(start: str, *, is_utc: bool = False, zone_name: str = "") -> str:
    """A start as a request gives it, in digits of the site: in UTC, in a named zone, or in the site's own."""
    here = UTC if is_utc else zone(zone_name) if zone_name else SITE
    return moved(start, here, SITE)
