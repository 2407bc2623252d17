"""Courses in `tutor/v1`: the list with its odd paging, one course's details, its ratings, its author.

Read: `REST_Course`, `REST_Rating`, `REST_Author` and `Utils::get_course_rating`, `get_course_reviews` of Tutor LMS;
`WP_Query` and `WP_Tax_Query` for what happens to the arguments.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from higherself_sync.sandbox import php
from higherself_sync.sandbox.tutorlm.store import TAXONOMIES, Record, Store
from higherself_sync.sandbox.woocommerce.errors import NotServed
from higherself_sync.sandbox.woocommerce.rest import Crash, Thing

INFO: Mapping[str, Any] = {
    "course_settings": [], "course_price_type": [], "course_duration": [], "course_level": [], "course_benefits": [],
    "course_requirements": [], "course_target_audience": [], "course_material_includes": [], "video": [],
    "disable_qa": True,
}  # fmt: skip
"""What an id without a course has."""
UNRATED: Mapping[str, Any] = {
    "rating_count": 0,
    "rating_sum": 0,
    "rating_avg": 0,
    "count_by_value": dict.fromkeys("54321", 0),
}
# WP_Query's names of columns, with or without `post_`; any other is quietly the date.
_COLUMNS = {"ID": "ID", "menu_order": "menu_order", "comment_count": "comment_count"} | {
    prefix + short: column
    for short, column in {
        "name": "post_name",
        "author": "post_author",
        "date": "post_date",
        "title": "post_title",
        "modified": "post_modified",
        "parent": "post_parent",
        "type": "post_type",
    }.items()
    for prefix in ("", "post_")
}


def envelope(code: str, message: str, data: Any = ()) -> Record:
    """Success or not, HTTP says 200; without data, `data` is a list."""
    return {"code": code, "message": message, "data": data or []}


def listed(store: Store, params: Mapping[str, Any], page_size: int, base: str) -> Record:
    """Published courses, `page_size` a page whatever `per_page` says. Past the end the totals vanish."""
    for name in ("categories", "tags"):
        if not isinstance(params.get(name, ""), str):
            raise Crash("explode() of what is no text")
    found = [course for course in store.tables["courses"].values() if course["post_status"] == "publish"]
    if "categories" in params or "tags" in params:
        terms = {name: _named(store, name, params.get(key)) for key, name in _FILTERS.items()}
        found = [course for course in found if any(terms[name] & set(course[name]) for name in terms)]
    order, orderby, paged = (_words(params.get(name)) for name in ("order", "orderby", "paged"))
    found = ordered(found, orderby or "title", order or "ASC")
    start = (max(1, abs(php.whole(paged))) - 1) * page_size
    if not found[start : start + page_size]:
        return envelope("not_found", "Course not found")
    posts = [shown(store, course, base) for course in found[start : start + page_size]]
    data = {"posts": posts, "total_course": len(found), "total_page": -(-len(found) // page_size)}
    return envelope("success", "Course retrieved successfully", data)


_FILTERS = {"categories": "course_category", "tags": "course_tag"}


def _named(store: Store, kind: str, names: str | None) -> set[int]:
    """The terms of these names, and what is below them. `db` is always among the names: a slip of Tutor's."""
    if names is None:
        return set()
    wanted = {sortable(term_name(name)) for name in [*names.split(","), "db"]}
    terms = {n: term for n, term in store.tables["terms"].items() if term["taxonomy"] == TAXONOMIES[kind]}
    found = {n for n, term in terms.items() if sortable(term["name"]) in wanted}
    while below := {n for n, term in terms.items() if term["parent"] in found} - found:
        found |= below
    return found


def term_name(typed: str) -> str:
    """A name as WordPress keeps and looks it up: with `&` as an entity."""
    return re.sub(r"&(?!(?:[A-Za-z]\w*|#\d+);)", "&amp;", typed.strip())


def ordered(courses: Iterable[Record], orderby: str, order: str) -> list[Record]:
    """As WP_Query does it; equals are in the order of their ids."""
    names = orderby.split(" ")
    if served := sorted({"rand", "price", "none"} & set(names)):
        raise NotServed(f"orderby={served[0]}")
    columns = [_COLUMNS[name] for name in names if name in _COLUMNS] or ["post_date"]
    rows = sorted(courses, key=lambda course: int(course["ID"]))
    rows.sort(key=lambda course: [sortable(course[column]) for column in columns])
    return rows if order.upper() == "ASC" else rows[::-1]


def sortable(value: Any) -> Any:
    """As the database's collation sees text: neither case nor accents matter."""
    if not isinstance(value, str):
        return value
    plain = unicodedata.normalize("NFKD", value.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def shown(store: Store, course: Record, base: str) -> Record:
    terms = store.tables["terms"]
    author = store.tables["users"].get(int(course["post_author"]))
    return course | {
        "post_author": shown_user(author, base) if author else course["post_author"],
        "guid": f"{base}{course['guid']}",
        "thumbnail_url": f"{base}{course['thumbnail_url']}" if course["thumbnail_url"] else False,
        "ratings": rated(store, course["ID"]),
        **{
            kind: sorted((terms[n] for n in course[kind]), key=lambda term: str(sortable(term["name"])))
            for kind in TAXONOMIES
        },
    }


def shown_user(user: Record, base: str) -> Record:
    """`/` stands for the site's own URL, which the first administrator has."""
    return user | ({"user_url": base or "/"} if user["user_url"] == "/" else {})


def detail(store: Store, course_id: int) -> Record:
    """Whether there is such a course cannot be seen here; what nobody knows has empty lists."""
    course = store.tables["courses"].get(course_id)
    info = course["additional_info"] if course else dict(INFO)
    return envelope("course_detail", "Course detail retrieved successfully", info)


def rated(store: Store, course_id: int) -> Record:
    """Counts are text, but numbers where there is nothing. All reviews count (read), approved or not.

    A course that was loaded without its reviews keeps the ratings it came with.
    """
    stars = [review["rating"] for review in store.reviews_of(course_id)]
    if not stars:
        course = store.tables["courses"].get(course_id)
        return dict(course["ratings"] if course else UNRATED)
    total = sum(int(star) for star in stars)
    return {
        "rating_count": str(len(stars)),
        "rating_sum": str(total),
        "rating_avg": f"{total / len(stars):.2f}",
        "count_by_value": {star: str(stars.count(star)) if star in stars else 0 for star in "54321"},
    }


def rating(store: Store, course_id: int, params: Mapping[str, Any], *, with_gmt: bool) -> Record:
    """`limit` (10) and `offset`, the newest id first; a negative one is an error in the database, and so no reviews."""
    limit, offset = (php.whole(_words(params.get(name))) for name in ("limit", "offset"))
    limit = limit or 10
    approved = [review for review in store.reviews_of(course_id) if review["comment_status"] == "approved"]
    page: Sequence[Record] = approved[offset : offset + limit] if limit > 0 and offset >= 0 else []
    reviews = [shown_review(review, with_gmt=with_gmt) for review in page]
    data = Thing({**rated(store, course_id), "reviews": reviews})
    return envelope("success", "Course rating retrieved successfully", data)


def shown_review(review: Record, *, with_gmt: bool) -> Record:
    return {name: value for name, value in review.items() if with_gmt or name != "comment_date_gmt"}


def _words(value: Any) -> str:
    """An argument as `sanitize_text_field` lets it through: of a list nothing is left."""
    return "" if value is None or isinstance(value, list | dict) else str(value).strip()


def author(store: Store, user_id: int, base: str) -> Record:
    """Any user can be asked for, and is shown with e-mail and login."""
    user = store.tables["users"].get(user_id)
    if user is None:
        return envelope("invalid_id", "Author not found")
    data = Thing(shown_user(user, base) | {"courses": taught(store, user["ID"])})
    return envelope("success", "Author details retrieved successfully", data)


def taught(store: Store, user_id: str) -> list[str]:
    """The ids as text, drafts too."""
    courses = sorted(store.tables["courses"].items())
    return [str(number) for number, course in courses if course["post_author"] == user_id]
