"""The back-link to the page, as the shop holds it: three entries of an object's meta data."""

from collections.abc import Iterable
from datetime import UTC, datetime

from higherself_sync.core.record import Marks
from higherself_sync.services.woocommerce.wire import JSON, Meta


def marks_in(meta: Iterable[Meta]) -> Marks:
    found = {each.key: each.value for each in meta}
    page_id = found.get("notion_page_id")
    return Marks(page_id=str(page_id) if page_id else None, synced=_stamp(found.get("notion_last_synced")))


def _stamp(raw: object) -> datetime | None:
    try:
        stamp = datetime.fromisoformat(str(raw))
    except ValueError:
        return None  # somebody else's
    return stamp.astimezone(UTC) if stamp.tzinfo else None


def meta_of(marks: Marks) -> list[JSON]:
    """Written by key: an entry that is there is changed in place. Scalars come back as text, so text is sent."""
    stamp = marks.synced.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if marks.synced else None
    entries = {"notion_page_id": marks.page_id, "notion_managed": "true", "notion_last_synced": stamp}
    return [{"key": key, "value": value} for key, value in entries.items() if value is not None]
