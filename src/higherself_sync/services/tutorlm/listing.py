"""Lists as the site gives them, known to be whole: all courses, read once a run for whoever needs them, and reviews."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count
from threading import Lock
from typing import Any

from higherself_sync.errors import Unreachable
from higherself_sync.services.tutorlm.wire import Course, CoursePage, Envelope, ReviewPage
from higherself_sync.services.wordpress.identity import check_identity
from higherself_sync.services.wordpress.site import Site

LIMIT = 100  # reviews a page
ATTEMPTS = 2  # at reading a list that changes meanwhile
FRESH = timedelta(minutes=1)  # how old the list of courses may be for a second reader


def told(site: Site, path: str, params: Mapping[str, str], what: str) -> tuple[Any, datetime]:
    """The `data` of an answer, None where it says "not found" with a 200; and the site's time."""
    answer = site.ask(path, params)
    envelope = site.parsed(Envelope, answer.json, what)
    match envelope.code:
        case "success":
            return envelope.data, answer.as_of
        case "not_found":
            return None, answer.as_of
        case _:
            remedy = "see whether a new version of Tutor LMS answers in another way"
            raise Unreachable(f"{what}: not what Tutor LMS gives (code)", place=site.place, remedy=remedy)


class Catalogue:
    """All published courses. The streams read side by side; each of them takes a list that was read once.

    What is shared is a moment old at most, and its time goes with it as the reader's next cursor: nothing is lost.
    """

    def __init__(self, site: Site) -> None:
        self._site, self._lock = site, Lock()
        self._taken: set[str] = set()
        self._courses: tuple[Course, ...] = ()
        self._ids: frozenset[str] = frozenset()
        self._as_of: datetime | None = None

    def get(self, reader: str) -> tuple[tuple[Course, ...], datetime]:
        """All courses, and the site's time when reading them began. Raises ConfigError where it is another site."""
        with self._lock:
            old = self._as_of is None or self._site.api.door.server_time() - self._as_of > FRESH
            if old or reader in self._taken:
                self._courses, self._as_of = self._whole()
                self._taken, self._ids = set(), frozenset(each.id for each in self._courses)
            self._taken.add(reader)
            assert self._as_of is not None
            return self._courses, self._as_of

    def lists(self, course: str) -> bool:
        """Whether the last list had that course."""
        return course in self._ids

    def _whole(self) -> tuple[tuple[Course, ...], datetime]:
        for _ in range(ATTEMPTS):
            first, as_of = self.page(1)
            last, courses = first, {each.id: each for each in first.posts}
            for number in range(2, first.total_page + 1):
                last, _ = self.page(number)
                courses |= {each.id: each for each in last.posts}
            if len(courses) == first.total_course == last.total_course:
                self._check_identity(courses)
                return tuple(courses.values()), as_of
        remedy = "run again when the site is less busy"
        raise Unreachable("the list of courses kept changing", place=self._site.place, remedy=remedy)

    def page(self, number: int) -> tuple[CoursePage, datetime]:
        """Raises Unreachable for one that is made for strangers, which Tutor shows from 4.2 on where it sees no key."""
        params = {"orderby": "ID", "order": "ASC", "paged": str(number)}
        data, as_of = told(self._site, "courses", params, "courses")
        return self._site.parsed(CoursePage, {} if data is None else data, "courses"), as_of

    def _check_identity(self, courses: Mapping[str, Course]) -> None:
        made = {each.id: each.post_date_gmt for each in courses.values() if each.created}
        key, url = f"{self._site.name}:courses", self._site.url
        check_identity(made, self._site.cache, key, what="courses", url=url, place=self._site.place)


def reviews(site: Site, course: str) -> Iterator[ReviewPage]:
    """Pages from the newest review of a course down; some may come twice, while new ones push them down.

    Where some went meanwhile, others may have slipped past: then the count shrank, and the list is begun again.
    """
    for _ in range(ATTEMPTS):
        last = 0
        for offset in count(0, LIMIT):
            params = {"limit": str(LIMIT), "offset": str(offset)}
            data, _ = told(site, f"course-rating/{course}", params, f"reviews of course {course}")
            page = site.parsed(ReviewPage, {} if data is None else data, f"reviews of course {course}")
            if page.rating_count < last:
                break
            last = page.rating_count
            yield page
            if len(page.reviews) < LIMIT:
                return
    remedy = "run again when fewer reviews are being deleted; what was read was kept"
    raise Unreachable(f"the reviews of course {course} kept changing", place=site.place, remedy=remedy)


def deleted(site: Site, course: str) -> bool:
    """Whether WordPress says that there is no such course; to a draft, and to what is closed, it says otherwise."""
    answer = site.look(f"wp/v2/courses/{course}", {"_fields": "id"})
    code = answer.json.get("code") if isinstance(answer.json, dict) else None
    return answer.status == 404 and code == "rest_post_invalid_id"
