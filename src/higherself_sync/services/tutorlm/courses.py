"""The courses of a site, as `record.Replica` wants them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from higherself_sync.core.record import Batch, Gone, Record
from higherself_sync.services.tutorlm.columns import COURSE_COLUMNS, Context, values
from higherself_sync.services.tutorlm.listing import Catalogue, deleted
from higherself_sync.services.tutorlm.wire import Course
from higherself_sync.services.wordpress.readonly import ReadOnly
from higherself_sync.services.wordpress.site import Site


class Courses(ReadOnly):
    def __init__(self, site: Site, catalogue: Catalogue) -> None:
        super().__init__(site.plugin.title, site.place)
        self._site, self._catalogue, self._context = site, catalogue, Context(site.name)

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """Times have whole seconds: one that changed in the very second asked for is read."""
        self._site.zone()
        courses, start = self._catalogue.get("courses")
        bound = since.replace(microsecond=0) if since else None
        changed = [each for each in courses if bound is None or each.modified is None or each.modified >= bound]
        yield Batch(tuple(map(self._record, changed)), start)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        """By the list, for no route tells one course's title or price. What it leaves out is asked of WordPress."""
        if not ids:
            return {}
        self._site.zone()
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)
        listed = {each.id: self._record(each) for each in self._catalogue.get("courses")[0]}
        for each in found:
            if each in listed:
                found[each] = listed[each]
            elif re.fullmatch(r"[1-9][0-9]*", each) and deleted(self._site, each):
                found[each] = Gone.DELETED
        return found

    def covers(self, record: Record) -> bool:  # noqa: ARG002 the list is whole
        return True

    def server_time(self) -> datetime:
        return self._site.api.door.server_time()

    def _record(self, course: Course) -> Record:
        return Record(
            id=course.id,
            values=values(COURSE_COLUMNS, course, self._context),
            modified=course.modified,
            created=course.created,
            label=course.title,
        )
