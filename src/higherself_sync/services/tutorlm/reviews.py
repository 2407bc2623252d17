"""What students said of the courses, as `record.Replica` wants it. An id is `COURSE-REVIEW`: it says where to look."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypedDict

from higherself_sync.core.record import Batch, Gone, Record
from higherself_sync.services.tutorlm.columns import REVIEW_COLUMNS, Context, submitted, values
from higherself_sync.services.tutorlm.listing import Catalogue, deleted, reviews
from higherself_sync.services.tutorlm.wire import Review
from higherself_sync.services.wordpress.readonly import ReadOnly
from higherself_sync.services.wordpress.seen import Seen
from higherself_sync.services.wordpress.site import Site


class Reached(TypedDict):
    """What a course's ratings were, and how many reviews it showed: fewer than counted where some are not approved."""

    mark: str
    shown: int


class Reviews(ReadOnly):
    """`shop`: the WooCommerce service of the same site."""

    def __init__(self, site: Site, catalogue: Catalogue, shop: str | None) -> None:
        super().__init__(site.plugin.title, site.place)
        self._site, self._catalogue, self._shop = site, catalogue, shop
        self._seen: Seen[Reached] = Seen(site.cache, f"{site.name}:reviews")

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """All reviews of each course whose ratings, or whose number of reviews that are shown, changed."""
        self._site.zone()
        courses, start = self._catalogue.get("reviews")
        before, reached = self._seen.before(since), dict[str, Reached]()
        yield Batch((), start)  # there may be no review, and the moment is to be known
        for course in courses:
            former, ratings = before.get(course.id), course.ratings
            if ratings is not None and not ratings.rating_count:
                continue
            if ratings is not None and former == Reached(mark=ratings.mark, shown=ratings.rating_count):
                reached[course.id] = former  # all it counts was shown: no other can be without a change of its ratings
                continue
            pages = [self._records(page.reviews) for page in reviews(self._site, course.id)]
            shown = {record.id for page in pages for record in page}
            reached[course.id] = Reached(mark=ratings.mark if ratings else "", shown=len(shown))
            if reached[course.id] != former or ratings is None:
                yield from (Batch(page, start) for page in pages)
        self._seen.keep(start, reached)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        """By the lists of their courses. One that shows all it counts proves that a review is gone; an empty one, which
        an error in the database would be, too, does not. A deleted course took its reviews along."""
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)
        if courses := _by_course(ids):
            self._site.zone()
        for course, wanted in courses.items():
            listed, counted = dict[str, Record](), 0
            for page in reviews(self._site, course):
                listed |= {each.id: each for each in self._records(page.reviews)}
                counted = page.rating_count
            missing = wanted - listed.keys()
            proved = missing and ((counted and len(listed) == counted) or deleted(self._site, course))
            found |= {each: listed[each] for each in wanted - missing}
            found |= dict.fromkeys(missing, Gone.DELETED if proved else Gone.HIDDEN)
        return found

    def covers(self, record: Record) -> bool:
        """Reviews of a course that is not in the list are still there, but nobody was asked for them."""
        return self._catalogue.lists(record.id.split("-")[0])

    def server_time(self) -> datetime:
        return self._site.api.door.server_time()

    def _records(self, page: Iterable[Review]) -> tuple[Record, ...]:
        context = Context(self._site.name, self._site.zone(), self._shop)
        return tuple(_record(each, context) for each in page if each.approved)


def _record(review: Review, context: Context) -> Record:
    moment = submitted(review, context.zone)
    return Record(review.record_id, values(REVIEW_COLUMNS, review, context), modified=moment, created=moment)


def _by_course(ids: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in ids:
        if re.fullmatch(r"[1-9][0-9]*-[1-9][0-9]*", each):
            found.setdefault(each.split("-")[0], set()).add(each)
    return found
