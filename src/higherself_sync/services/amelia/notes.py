"""The back-links to pages, as the site holds them: marked lines in an appointment's internal notes.

Those notes are the one text of an appointment that only staff sees. An appointment can have several bookings, each
with a page of its own, so each has its own line. A booking has no number before it is made: until the next write its
line names the customer instead, and is that of the customer's newest booking there.

Tags are taken out of notes by the plugin, and long ones refused by the database (65,535 bytes).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from higherself_sync.core.record import Marks, text

LONGEST = 65_535  # bytes
_LINE = re.compile(
    r"\[hsn (booking|customer)=(\d+) notion_page_id=(\S+) notion_managed=true(?: notion_last_synced=(\S+))?\]"
)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Line:
    """Of a booking, or (new) of a customer's newest one. Each pair of `kind` and `number` once a text."""

    kind: str
    number: int
    marks: Marks

    def __str__(self) -> str:
        stamp = f" notion_last_synced={_stamp(self.marks.synced)}" if self.marks.synced else ""
        return f"[hsn {self.kind}={self.number} notion_page_id={self.marks.page_id} notion_managed=true{stamp}]"


def plain(notes: str) -> str | None:
    """What people wrote: canonical text, or None."""
    kept = [line for line in _lines(notes) if not _LINE.fullmatch(line.strip())]
    return text("\n".join(kept).strip("\n"))


def lines_in(notes: str) -> list[Line]:
    found = (_LINE.fullmatch(line.strip()) for line in _lines(notes))
    return [Line(each[1], int(each[2]), Marks(page_id=each[3], synced=_moment(each[4]))) for each in found if each]


def marks_of(lines: Sequence[Line], booking: int, newest_of: int | None) -> Marks:
    """A booking's own. `newest_of`: the customer whose newest booking there it is."""
    wanted = (("booking", booking), ("customer", newest_of))
    return next((line.marks for key in wanted for line in lines if (line.kind, line.number) == key), Marks())


def written(wanted: str | None, lines: Iterable[Line]) -> str:
    """What people wrote, and the lines below it."""
    return "\n".join([*([wanted] if wanted else []), *map(str, lines)])


def without_tags(notes: str) -> str:
    """As the plugin keeps a text."""
    return _TAG.sub("", notes).strip()


def _lines(notes: str) -> list[str]:
    return notes.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(raw: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(raw or "")
    except ValueError:
        return None  # somebody else's
    return found.astimezone(UTC) if found.tzinfo else None
