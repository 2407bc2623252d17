"""What happens outside the API: an instructor makes and edits courses, students review them and enrol."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox import wordpress
from higherself_sync.sandbox.tutorlm.courses import INFO, UNRATED, term_name
from higherself_sync.sandbox.tutorlm.loading import blank
from higherself_sync.sandbox.tutorlm.store import TAXONOMIES, Record, Store
from higherself_sync.sandbox.woocommerce import text

KEYS = {"courses": "ID", "reviews": "comment_ID", "enrollments": "enrollment_id"}
"""The streams, and the name of the id in each."""
COURSE = (
    "post_title", "post_content", "post_excerpt", "post_status", "post_author", "post_name", "price",
    "additional_info", *TAXONOMIES,
)  # fmt: skip
"""What may be said of a course; categories and tags by their names."""
REVIEW = ("rating", "comment_content", "comment_status")
STATUSES = {
    "courses": ("publish", "draft", "pending", "private", "trash"),
    "reviews": ("approved", "hold", "trash"),
    "enrollments": ("pending", "completed", "on-hold", "cancel"),
}
TRASHED = "__trashed"


def add(store: Store, stream: str, data: Mapping[str, Any], now: datetime) -> Record:
    """Raises KeyError for an unknown stream or course, ValueError for what nobody can enter."""
    makers: Mapping[str, Callable[[Store, Mapping[str, Any], datetime], Record]] = {
        "courses": _make_course,
        "reviews": _review,
        "enrollments": _enrol,
    }
    return makers[stream](store, data, now)


def change(store: Store, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Record:
    """`{"deleted": true}` deletes for good, whatever else is said; the record as it then is, a deleted one as it was.

    Editing a course gives it a new date, editing a review does not. Raises KeyError for what is not there.
    """
    if stream not in KEYS or int(record_id) not in store.tables[stream]:
        raise KeyError(f"{stream}/{record_id}")
    number = int(record_id)
    if data.get("deleted") is True:
        return store.remove_course(number) if stream == "courses" else store.tables[stream].pop(number)
    record = store.tables[stream][number]
    match stream:
        case "courses":
            return _edit_course(store, record, data, now)
        case "reviews":
            _know(data, (*REVIEW, KEYS[stream]), stream)
            return store.put(stream, number, record | _checked_review(record | dict(data)))
        case _:
            _know(data, ("status", KEYS[stream]), stream)
            return store.put(stream, number, record | {"status": _status(stream, data.get("status"))})


def _know(data: Mapping[str, Any], known: tuple[str, ...], stream: str) -> None:
    if unknown := sorted(data.keys() - set(known)):
        raise ValueError(f"nobody can enter {', '.join(unknown)} in {stream}")


def _status(stream: str, value: Any) -> str:
    if value not in STATUSES[stream]:
        raise ValueError(f"the status of {stream} is one of {', '.join(STATUSES[stream])}")
    return str(value)


def _make_course(store: Store, data: Mapping[str, Any], now: datetime) -> Record:
    title = str(data.get("post_title") or "")
    if not title:
        raise ValueError("a course needs a post_title")
    number = store.new_id("courses")
    name = _free_name(store, str(data.get("post_name") or title), number)
    info = {**INFO, "course_level": ["intermediate"], "disable_qa": False}
    record = blank(now) | {"ID": number, "post_name": name, "guid": f"/courses/{name}/", "additional_info": info}
    return _edit_course(store, record, {"price": "", **data, "post_name": name}, now)


def _edit_course(store: Store, record: Record, data: Mapping[str, Any], now: datetime) -> Record:
    _check_course(store, data)
    status = _status("courses", data.get("post_status", record["post_status"]))
    changes = {name: value for name, value in data.items() if name in COURSE and name not in TAXONOMIES}
    priced = {"course_price_type": ["paid" if data["price"] else "free"]} if "price" in data else {}
    changes["additional_info"] = record["additional_info"] | priced | data.get("additional_info", {})
    changes |= {"post_author": str(data.get("post_author", record["post_author"])), "post_status": status}
    # What is thrown away leaves its name to others, and takes it up again if it comes back.
    name = str(changes.get("post_name", record["post_name"])).removesuffix(TRASHED)
    changes["post_name"] = name + (TRASHED if status == "trash" else "")
    changes |= {kind: [_term(store, kind, each) for each in data[kind]] for kind in TAXONOMIES if kind in data}
    times = {"post_modified": wordpress.local(now), "post_modified_gmt": wordpress.gmt(now)}
    changed = store.put("courses", record["ID"], record | changes | times)
    _count_terms(store)
    return changed


def _check_course(store: Store, data: Mapping[str, Any]) -> None:
    _know(data, (*COURSE, "ID"), "courses")
    if not isinstance(data.get("additional_info", {}), Mapping):
        raise ValueError("additional_info is an object")
    for kind in TAXONOMIES:
        names = data.get(kind, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError(f"{kind} is a list of names")
    if "post_author" in data and int(data["post_author"]) not in store.tables["users"]:
        raise KeyError(f"users/{data['post_author']}")


def _free_name(store: Store, title: str, number: int) -> str:
    """The course's part of its URL. WordPress writes ß as a single s."""
    taken = {course["post_name"] for course in store.tables["courses"].values()}
    wanted = text.slug(title.replace("ß", "s")) or str(number)
    numbered = [wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))]
    return next(name for name in numbered if name not in taken)


def _term(store: Store, kind: str, name: str) -> int:
    """The id of the term of that name, which is made if it is new."""
    slug, name = text.slug(name.replace("ß", "s")), term_name(name)
    for number, term in store.tables["terms"].items():
        if (term["taxonomy"], term["name"].lower()) == (TAXONOMIES[kind], name.lower()):
            return number
    number = store.new_id("terms")
    term = {
        "term_id": number, "name": name, "slug": slug, "term_group": 0,
        "term_taxonomy_id": number, "taxonomy": TAXONOMIES[kind], "description": "", "parent": 0, "count": 0,
        "filter": "raw",
    }  # fmt: skip
    store.put("terms", number, term)
    return number


def _count_terms(store: Store) -> None:
    """How many published courses have each."""
    published = [course for course in store.tables["courses"].values() if course["post_status"] == "publish"]
    for number, term in store.tables["terms"].items():
        count = sum(number in (*course["course_category"], *course["course_tag"]) for course in published)
        if count != term["count"]:
            store.put("terms", number, term | {"count": count})


def _course(store: Store, number: Any) -> int:
    if int(number) not in store.tables["courses"]:
        raise KeyError(f"courses/{number}")
    return int(number)


def _review(store: Store, data: Mapping[str, Any], now: datetime) -> Record:
    """By a user who is named (`comment_author` is the login), and made if there is no such user."""
    known = (*REVIEW, "comment_post_ID", "comment_author", "display_name", "user_email")
    _know(data, known, "reviews")
    login = str(data.get("comment_author") or "")
    if not login:
        raise ValueError("a review needs a comment_author")
    course = _course(store, data.get("comment_post_ID") or 0)
    user = _user(store, login, data, now)
    number = store.new_id("reviews")
    record = {
        "comment_ID": str(number), "comment_post_ID": str(course), "comment_author": login,
        "comment_author_email": "", "comment_date": wordpress.local(now), "comment_date_gmt": wordpress.gmt(now),
        "comment_content": "", "comment_status": "approved", "user_id": user["ID"], "rating": "",
        "display_name": user["display_name"],
    }  # fmt: skip
    return store.put("reviews", number, record | _checked_review(record | dict(data)))


def _checked_review(data: Mapping[str, Any]) -> Record:
    if str(data["rating"]) not in UNRATED["count_by_value"]:
        raise ValueError("rating is a number of stars from 1 to 5")
    return {
        "rating": str(data["rating"]),
        "comment_content": str(data["comment_content"]),
        "comment_status": _status("reviews", data["comment_status"]),
    }


def _user(store: Store, login: str, data: Mapping[str, Any], now: datetime) -> Record:
    for user in store.tables["users"].values():
        if user["user_login"].lower() == login.lower():
            return user
    number = store.new_id("users")
    user = {
        "ID": str(number), "user_login": login, "user_nicename": text.slug(login),
        "user_email": str(data.get("user_email") or f"{text.slug(login)}@example.com"), "user_url": "",
        "user_registered": wordpress.gmt(now), "user_status": "0",
        "display_name": str(data.get("display_name") or login),
    }  # fmt: skip
    return store.put("users", number, user)


def _enrol(store: Store, data: Mapping[str, Any], now: datetime) -> Record:  # noqa: ARG001 - no date is documented
    """The documented names and nothing else: what an enrolment looks like was never seen."""
    _know(data, ("user_id", "course_id", "status"), "enrollments")
    course = _course(store, data.get("course_id") or 0)
    if int(data.get("user_id") or 0) not in store.tables["users"]:
        raise KeyError(f"users/{data.get('user_id')}")
    number = store.new_id("enrollments")
    status = _status("enrollments", data.get("status", "completed"))
    record = {"enrollment_id": number, "user_id": int(data["user_id"]), "course_id": course, "status": status}
    return store.put("enrollments", number, record)
