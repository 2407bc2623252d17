"""Times as the shop writes and reads them: whole seconds, no suffix, once in the site's zone and once in UTC.

A date filter is always turned into site-local digits first and then held against either column. With a suffix *and*
`dates_are_gmt=true` that moves it by the site's offset: trap 2 of the service's reference (seen on 9.4 and 10.5).
"""

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

SITE = ZoneInfo("Europe/Berlin")
SITE_NAME = "Europe/Berlin"

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}(?::\d{2})?)?")
_DIGITS = "%Y-%m-%dT%H:%M:%S"


def gmt(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_DIGITS)


def local(moment: datetime) -> str:
    return moment.astimezone(SITE).strftime(_DIGITS)


def pair(name: str, moment: datetime | None) -> dict[str, str | None]:
    """`{name: site-local, name_gmt: UTC}`, both None for no moment."""
    if moment is None:
        return {name: None, f"{name}_gmt": None}
    return {name: local(moment), f"{name}_gmt": gmt(moment)}


def parse(text: str) -> datetime | None:
    """A date as WordPress accepts it: date *and* time, with or without fraction and offset; None for anything else.

    Without a suffix the result is naive; a fraction is cut off.
    """
    if not _DATE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"\.\d+", "", text.upper()))
    except ValueError:
        return None


def filter_digits(text: str) -> str:
    """The digits that a date filter compares with, whatever the column; one without a suffix is site-local."""
    moment = parse(text)
    assert moment is not None, text
    return local(moment if moment.tzinfo else moment.replace(tzinfo=SITE))


def loose(text: str, zone: tzinfo) -> datetime | None:
    """A date that a record is written with: a day alone is its midnight; None for what is no date."""
    moment = parse(text) or parse(f"{text}T00:00:00")
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
