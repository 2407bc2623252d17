"""The site's clock: which zone its times are in, and what instant they mean."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Annotated, Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator

from higherself_sync.errors import ConfigError

UNSET = "0000-00-00"  # how WordPress's database writes a date that is none


def _readable(raw: str) -> str:
    instant(raw, UTC)
    return raw


LocalTime: TypeAlias = Annotated[str, BeforeValidator(lambda raw: raw or ""), AfterValidator(_readable)]
"""A time as a site sends it; empty where there is none."""


def instant(local: str | None, zone: tzinfo) -> datetime | None:
    """`YYYY-MM-DD HH:MM:SS` of a clock in that zone as UTC; None where it is unset. Raises ValueError.

    In the night when summer time ends an hour comes twice, and what was written in it counts as written in the first.
    """
    if not local or local.startswith(UNSET):
        return None
    return datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)


def zone_of(index: Mapping[str, Any], expected: str | None, now: datetime, place: str) -> tzinfo:
    """The zone that the site's index tells. `expected`: what the config says, or else what the site said before.

    A site that was set to a bare offset tells no name: then the offset has to be that of `expected` now. One that tells
    nothing is believed to be where it is expected. Raises ConfigError where the two differ, or nobody says anything.
    """
    name, offset = str(index.get("timezone_string") or ""), _offset(index.get("gmt_offset"))
    if name:
        if expected not in (None, name):
            raise _differs(f"the site's time zone is {name}, not {expected}", f'write timezone = "{name}"', place)
        return _known(name, place)
    if offset is not None:
        if expected is None:
            return timezone(offset)
        if now.astimezone(_known(expected, place)).utcoffset() != offset:
            remedy = "leave timezone out, or choose a city under Settings > General there"
            raise _differs(f"the site's clock is not that of {expected} now, but fixed to an offset", remedy, place)
    if expected is None:
        remedy = 'write timezone = "…" as under Settings > General there'
        raise _differs("the site does not tell its time zone", remedy, place)
    return _known(expected, place)


def _offset(raw: object) -> timedelta | None:
    try:
        return timedelta(hours=float(str(raw)))
    except (ValueError, OverflowError):
        return None


def _known(name: str, place: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise _differs(f"this machine does not know the zone {name}", "install the package tzdata", place) from None


def _differs(message: str, remedy: str, place: str) -> ConfigError:
    return ConfigError(message, place=place, remedy=f"{remedy}, for its times have no zone of their own")
