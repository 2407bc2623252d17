"""The forms in which Typeform writes a time, and those in which it reads one.

A list of forms has microseconds and `Z`, one form has `+00:00` and no fraction, a response has seconds and `Z`. The
answer to a date question has midnight in a response and no time in a webhook.
"""

import re
from datetime import UTC, date, datetime

NEVER = "0001-01-01T00:00:00Z"
"""What stands for the time of submission of a response that was not submitted."""

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")


def micro(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def offset(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def second(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def read(text: str) -> datetime:
    """Any of them. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def bound(text: str) -> datetime:
    """`since` and `until`: seconds since 1970 or ISO 8601 to the second, in UTC unless it says. Raises ValueError."""
    if text.isascii() and text.isdigit():
        try:
            return datetime.fromtimestamp(int(text), UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(f"{text} is no time") from error
    if not _ISO.fullmatch(text):
        raise ValueError(f"{text} is neither a timestamp nor ISO 8601")
    return read(text)


def answered(day: str) -> str:
    """The answer to a date question, as responses show it. Raises ValueError for what is no `YYYY-MM-DD`."""
    return f"{date.fromisoformat(day).isoformat()}T00:00:00Z"
