"""The back-link to the page: one line of an appointment's notes, or the answer to one field of an intake form.

    notion_page_id=1f0a2b3c-… notion_managed=true notion_last_synced=2026-11-23T20:00:05Z

Staff read and edit the notes, so whatever stands around that line is theirs and stays as it is.
"""

import re
from datetime import UTC, datetime

from higherself_sync.core.record import Marks
from higherself_sync.services.acuity.wire import Appointment

_LINE = re.compile(r"\s*notion_page_id=(\S+)(?:\s+notion_managed=\S+)?(?:\s+notion_last_synced=(\S+))?\s*")


def marks_in(appointment: Appointment, marker_field: int | None) -> Marks:
    """The field counts before the notes: there may be a line that was written before the field was named."""
    for place in (appointment.answered(marker_field) or "", appointment.notes):
        for line in _lines(place):
            if found := _LINE.fullmatch(line):
                return Marks(page_id=found[1], synced=_stamp(found[2]))
    return Marks()


def line_of(marks: Marks) -> str:
    stamp = marks.synced.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if marks.synced else None
    managed = f"notion_page_id={marks.page_id} notion_managed=true"
    return f"{managed} notion_last_synced={stamp}" if stamp else managed


def without_line(notes: str) -> str:
    """What people wrote."""
    return "\n".join(line for line in _lines(notes) if not _LINE.fullmatch(line))


def with_line(notes: str, marks: Marks) -> str:
    """The notes with the line at their end, in place of any former one."""
    own = without_line(notes)
    if marks.page_id is None:
        return own
    return f"{own}\n{line_of(marks)}" if own else line_of(marks)


def _lines(notes: str) -> list[str]:
    return notes.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _stamp(raw: str | None) -> datetime | None:
    try:
        stamp = datetime.fromisoformat(raw or "")
    except ValueError:
        return None  # somebody else's
    return stamp.astimezone(UTC) if stamp.tzinfo else None
