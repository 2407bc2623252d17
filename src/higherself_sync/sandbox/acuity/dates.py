"""Times as the account writes and reads them: `2026-06-15T09:30:00+0300`, and words such as "June 15, 2026"."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from higherself_sync.sandbox.acuity.errors import NotServed

ClockForm: TypeAlias = Literal["ampm", "padded", "24hour"]
"""9:30am, or with a space in front of it, or 09:30."""
CENTRAL: tzinfo = ZoneInfo("America/Chicago")
YEARS = range(1000, 9000)
SUMMER_ALL_YEAR: tzinfo = timezone(timedelta(hours=-5))

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<word>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAYS = (
    r"(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})",
    r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})",
    rf"{_MONTH} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})",
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH},? (?P<y>\d{{4}})",
)
_CLOCK = r"(?:(?:T|,? (?:at )?)(?P<hour>\d{1,2})(?:(?::(?P<minute>\d{2}))(?::(?P<second>\d{2})(?:\.\d+)?)?)?)"
_HALF, _OFFSET = r" ?(?P<half>[ap]m)?", r" ?(?P<offset>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?"
_FORMS = tuple(re.compile(rf"{day}(?:{_CLOCK}{_HALF}{_OFFSET})?", re.IGNORECASE) for day in _DAYS)
# Words of PHP's parser that the twin does not work out; anything else that it cannot read is no time at all.
_RELATIVE = re.compile(
    r"\b(?:now|today|tomorrow|yesterday|noon|midnight|next|last|first|ago|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:second|minute|hour|day|week|month|year)s?)\b|^@\d+$|^[\d:]+ ?(?:[ap]m)?$",
    re.IGNORECASE,
)


def zone(name: object) -> ZoneInfo | None:
    """None for what is no zone's name."""
    if not isinstance(name, str) or not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def stamp(moment: datetime, where: tzinfo) -> str:
    """The offset has no colon."""
    return moment.astimezone(where).strftime("%Y-%m-%dT%H:%M:%S%z")


def moment(text: str) -> datetime:
    """What `stamp` wrote, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def clock(moment: datetime, where: tzinfo, form: ClockForm) -> str:
    local = moment.astimezone(where)
    if form == "24hour":
        return f"{local:%H:%M}"
    twelve = f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"
    return twelve.rjust(7) if form == "padded" else twelve


def words(moment: datetime, where: tzinfo, form: str = "%B %e, %Y") -> str:
    """`form` is the account's `dateFormat`; its `%e` is the day without a nought or a space before it."""
    local = moment.astimezone(where)
    return local.strftime(form.replace("%e", str(local.day)))


def read(text: str, where: tzinfo) -> datetime | None:
    """A time as PHP's parser reads it, in UTC: without an offset it is `where`'s, without a time it is midnight.

    As there, 31 February is 3 March, an hour that a change of clocks skips is the one after it, and of an hour that
    comes twice it is the first. None for what is no time; raises NotServed for words such as "next Tuesday", and for
    years and offsets that Python has not.
    """
    found = next((match for form in _FORMS if (match := form.fullmatch(text.strip()))), None)
    if found is None:
        if _RELATIVE.search(text.strip()):
            raise NotServed(f'a time such as "{text}"')
        return None
    local, offset = _local(found), found["offset"]
    if local is None:
        return None
    ahead = _offset(offset) if offset else where
    if local.year not in YEARS or ahead is None:
        raise NotServed(f'a time such as "{text}"')
    return local.replace(tzinfo=ahead).astimezone(UTC)


def _local(found: re.Match[str]) -> datetime | None:
    parts = found.groupdict()
    month = _MONTHS.index(parts["word"][:3].lower()) + 1 if parts.get("word") else int(parts["m"])
    day, hour, minute, second = (int(parts[name] or 0) for name in ("d", "hour", "minute", "second"))
    if parts["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
    elif parts["hour"] and not parts["minute"]:
        return None
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour <= 24 and minute < 60 and second < 60 and int(parts["y"])):
        return None
    first = datetime.combine(date(int(parts["y"]), month, 1), time.min)
    return first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)


def _offset(text: str) -> tzinfo | None:
    """None for a day or more."""
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if ahead >= timedelta(days=1):
        return None
    return timezone(-ahead if text[0] == "-" else ahead)
