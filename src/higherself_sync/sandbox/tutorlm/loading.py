"""Takes in what the API gave: courses, reviews, authors, and the lists that are below a course, a topic or a quiz."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox import wordpress
from higherself_sync.sandbox.tutorlm.courses import INFO, UNRATED
from higherself_sync.sandbox.tutorlm.store import TAXONOMIES, Record, Store, check_list
from higherself_sync.sandbox.wordpress import off_site

STREAMS = ("courses", "reviews", "enrollments", "authors")


def blank(now: datetime) -> Record:
    """A course's columns, in the order in which they are shown."""
    times = {"post_date": wordpress.local(now), "post_date_gmt": wordpress.gmt(now)}
    changed = {"post_modified": wordpress.local(now), "post_modified_gmt": wordpress.gmt(now)}
    return {
        "ID": 0, "post_author": "1", **times, "post_content": "", "post_title": "", "post_excerpt": "",
        "post_status": "publish", "comment_status": "closed", "ping_status": "closed", "post_password": "",
        "post_name": "", "to_ping": "", "pinged": "", **changed, "post_content_filtered": "", "post_parent": 0,
        "guid": "", "menu_order": 0, "post_type": "courses", "post_mime_type": "", "comment_count": "0",
        "thumbnail_url": False, "additional_info": dict(INFO), "ratings": dict(UNRATED), "course_category": [],
        "course_tag": [], "price": "",
    }  # fmt: skip


def load(store: Store, objects: Mapping[str, Any], now: datetime) -> None:
    """Courses, reviews, enrollments, authors, and lists such as `topics_of_174`. Raises KeyError for anything else."""
    for stream in objects.keys() - set(STREAMS):
        check_list(stream)
    for stream, things in objects.items():
        match stream:
            case "courses":
                for thing in things:
                    _take_course(store, thing, now)
            case "reviews":
                for thing in things:
                    store.put("reviews", int(thing["comment_ID"]), dict(thing))
            case "enrollments":
                for thing in things:
                    store.put("enrollments", int(thing["enrollment_id"]), dict(thing))
            case "authors":
                for thing in things:
                    _take_user(store, thing)
            case _:
                store.put_list(stream, [_off_site(thing) for thing in things])
                store.note_ids("posts", _post_ids(things))


def _take_course(store: Store, thing: Mapping[str, Any], now: datetime) -> None:
    author = thing.get("post_author", "1")
    record = blank(now) | dict(thing)
    if isinstance(author, Mapping):
        _take_user(store, author, str(thing["guid"]))
        author = author["ID"]
    record |= {"post_author": str(author), "guid": off_site(record["guid"])}
    record["thumbnail_url"] = off_site(record["thumbnail_url"]) if record["thumbnail_url"] else False
    for kind in TAXONOMIES:
        for term in record[kind]:
            store.put("terms", term["term_id"], dict(term))
        record[kind] = [term["term_id"] for term in record[kind]]
    store.put("courses", int(record["ID"]), record)


def _take_user(store: Store, thing: Mapping[str, Any], url_there: str = "") -> None:
    """Whose URL is that of the site where `url_there` is has this site's here."""
    origin = url_there.removesuffix(off_site(url_there))
    user = {name: value for name, value in thing.items() if name != "courses"}
    is_own = origin and user["user_url"] == origin
    store.put("users", int(user["ID"]), user | ({"user_url": "/"} if is_own else {}))


def _off_site(thing: Mapping[str, Any]) -> Record:
    posts = {"contents": [post | {"guid": off_site(post["guid"])} for post in thing.get("contents", ())]}
    return dict(thing) | (posts if "contents" in thing else {})


def _post_ids(things: Any) -> Iterator[int]:
    for thing in things:
        yield from (int(thing[name]) for name in ("ID", "id") if name in thing)
        yield from _post_ids(thing.get("contents", ()))
