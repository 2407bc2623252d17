"""What the site keeps: courses, users, terms, reviews, enrolments. Records are values; a change puts a new dict there.

A course is the object as the list of courses shows it, but that its author and its terms are ids, and its URLs are
paths. What is below a course is kept as the lists in which the API gives it, each under the name of its parent:
`topics_of_174`. Nothing but a person in the course builder changes those, so the twin only takes them in.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from higherself_sync.sandbox.wordpress import highest

Record = dict[str, Any]

TABLES = ("courses", "users", "terms", "reviews", "enrollments")
# Courses, topics, lessons, quizzes and enrolments are all posts.
SEQUENCES = {"courses": "posts", "enrollments": "posts", "users": "users", "terms": "terms", "reviews": "comments"}
LISTS = ("topics", "contents", "announcements", "lessons", "quizzes", "questions", "attempts")
"""By the course's id: topics, contents, announcements; by the topic's: lessons, quizzes; by the quiz's: the others."""
TAXONOMIES = {"course_category": "course-category", "course_tag": "course-tag"}
ADMIN = {
    "ID": "1", "user_login": "admin", "user_nicename": "admin", "user_email": "admin@example.com", "user_url": "/",
    "user_registered": "2024-01-08 09:00:00", "user_status": "0", "display_name": "admin",
}  # fmt: skip

_LIST = re.compile(rf"(?:{'|'.join(LISTS)})_of_\d+")


def check_list(name: str) -> None:
    """Raises KeyError for a name that stands for no list."""
    if not _LIST.fullmatch(name):
        raise KeyError(name)


class Store:
    def __init__(self) -> None:
        self.tables: dict[str, dict[int, Record]] = {name: {} for name in TABLES}
        self.lists: dict[str, list[Record]] = {}
        self.last_ids = dict.fromkeys(SEQUENCES.values(), 0)
        self.furnish()

    def furnish(self) -> None:
        """What a site has from the first day."""
        self.put("users", 1, ADMIN)

    def put(self, table: str, number: int, record: Record) -> Record:
        self.tables[table][number] = record
        self.note_ids(SEQUENCES[table], [number])
        return record

    def new_id(self, table: str) -> int:
        return self.last_ids[SEQUENCES[table]] + 1

    def note_ids(self, sequence: str, ids: Iterable[int]) -> None:
        self.last_ids[sequence] = highest(ids, self.last_ids[sequence])

    def put_list(self, name: str, things: Iterable[Mapping[str, Any]]) -> None:
        self.lists[name] = [dict(thing) for thing in things]

    def listed(self, kind: str, parent: int) -> list[Record]:
        return self.lists.get(f"{kind}_of_{parent}", [])

    def reviews_of(self, course_id: int) -> list[Record]:
        """The newest id first."""
        reviews = sorted(self.tables["reviews"].items(), reverse=True)
        return [review for _, review in reviews if review["comment_post_ID"] == str(course_id)]

    def remove_course(self, course_id: int) -> Record:
        """Its reviews go with it, and so do the lists below it."""
        for review in self.reviews_of(course_id):
            del self.tables["reviews"][int(review["comment_ID"])]
        for kind in LISTS[:3]:
            self.lists.pop(f"{kind}_of_{course_id}", None)
        return self.tables["courses"].pop(course_id)

    def clear(self) -> None:
        """Without records; the next id is above all that were ever given."""
        self.tables = {name: {} for name in TABLES}
        self.lists = {}
        self.furnish()

    def snapshot(self) -> Any:
        return {name: dict(rows) for name, rows in self.tables.items()}, dict(self.lists), dict(self.last_ids)

    def restore(self, snapshot: Any) -> None:
        tables, lists, last_ids = snapshot
        self.tables = {name: dict(rows) for name, rows in tables.items()}
        self.lists, self.last_ids = dict(lists), dict(last_ids)
