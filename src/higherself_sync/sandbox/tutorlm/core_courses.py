"""WordPress's own route to the same courses, `wp/v2/courses`: public, and the one with totals and `modified_after`.

Recorded: the list with `_fields`, its totals and links. Read (`WP_REST_Posts_Controller`): the rest. What was neither
recorded nor read for certain (the number of a picture, `class_list`, `_links`) is left out of the objects.
"""

import re
from collections.abc import Mapping
from typing import Any

from higherself_sync.sandbox.tutorlm import courses
from higherself_sync.sandbox.tutorlm.store import Record, Store
from higherself_sync.sandbox.woocommerce import dates, query, schema, text
from higherself_sync.sandbox.woocommerce.errors import NotServed, Refused
from higherself_sync.sandbox.wordpress import Reply

ROUTE = "/wp/v2/courses"
PARAMS: Mapping[str, schema.Arg] = {
    "context": schema.string("view", "embed", "edit", default="view"),
    "page": schema.integer(1, default=1),
    "per_page": schema.integer(1, 100, default=10),
    "after": schema.string(form="date-time"),
    "before": schema.string(form="date-time"),
    "modified_after": schema.string(form="date-time"),
    "modified_before": schema.string(form="date-time"),
    "include": schema.array(schema.integer(), default=()),
    "exclude": schema.array(schema.integer(), default=()),
    "offset": schema.integer(),
    "order": schema.string("asc", "desc", default="desc"),
    "orderby": schema.string(
        "author", "date", "id", "include", "modified", "parent", "relevance", "slug", "include_slugs", "title",
        default="date",
    ),
    "slug": schema.array(schema.string(), default=()),
}  # fmt: skip
ITEM: Mapping[str, schema.Arg] = {
    "id": schema.integer(),
    "context": schema.string("view", "embed", "edit", default="view"),
}
UNSERVED = frozenset(
    ("search", "author", "author_exclude", "search_columns", "search_semantics", "tax_relation", "course-category",
     "course-category_exclude", "course-tag", "course-tag_exclude", "format", "sticky", "_embed", "_envelope")
)  # fmt: skip
_BY = {"date": "post_date", "id": "ID", "modified": "post_modified", "slug": "post_name", "title": "post_title"}
# Each filter, the column that it is held against, and whether what is looked for lies after it. All are exclusive.
_BOUNDS = (
    ("after", "post_date", True),
    ("before", "post_date", False),
    ("modified_after", "post_modified", True),
    ("modified_before", "post_modified", False),
)


def listed(store: Store, given: Mapping[str, Any], base: str) -> Reply:
    """Raises Refused (400) for wrong arguments, and for a page past the last, unless there is none at all."""
    if unserved := sorted(UNSERVED & given.keys()):
        raise NotServed(f"the parameter {', '.join(unserved)} of {ROUTE[1:]}")
    accepted = schema.accept(given, PARAMS)
    params = {name: arg.default for name, arg in PARAMS.items()} | accepted
    _check_statuses(given.get("status"))
    _check_context(params["context"], "Sorry, you are not allowed to edit posts in this post type.")
    _check_order(params)
    found = _found(store, params)
    size, page = params["per_page"], params["page"]
    pages = -(-len(found) // size)
    if page > max(pages, 1) and found:
        message = "The page number requested is larger than the number of pages available."
        raise Refused("rest_post_invalid_page_number", message, 400)
    start = (page - 1) * size if params["offset"] is None else params["offset"]
    shown = [show(course, base) for course in found[start : start + size]]
    totals = {"x-wp-total": str(len(found)), "x-wp-totalpages": str(pages)}
    return Reply(200, shown, totals | _links(f"{base}/wp-json{ROUTE}", given, page, pages))


def item(store: Store, given: Mapping[str, Any], base: str) -> Reply:
    """Drafts are there, but for nobody who is not logged in. Raises Refused."""
    params = {"context": "view", **schema.accept(given, ITEM)}
    course = store.tables["courses"].get(params["id"])
    if course is None:
        raise Refused("rest_post_invalid_id", "Invalid post ID.", 404)
    _check_context(params["context"], "Sorry, you are not allowed to edit this post.")
    if course["post_status"] != "publish":
        raise Refused("rest_forbidden", "Sorry, you are not allowed to do that.", 401)
    shown = show(course, base)
    return Reply(200, shown, {"link": f'<{shown["link"]}>; rel="alternate"; type=text/html'})


def _check_statuses(given: Any) -> None:
    """Nobody who is not logged in may ask for another than the default, whether there is such a status or not."""
    wanted = given if isinstance(given, list) else re.split(r"[\s,]+", str(given or ""))
    if any(str(status).lower() not in ("", "publish") for status in wanted):
        why = {"code": "rest_forbidden_status", "message": "Status is forbidden.", "data": {"status": 401}}
        data = {"status": 400, "params": {"status": why["message"]}, "details": {"status": why}}
        raise Refused("rest_invalid_param", "Invalid parameter(s): status", 400, data)


def _check_context(context: str, message: str) -> None:
    if context == "edit":
        raise Refused("rest_forbidden_context", message, 401)
    if context != "view":
        raise NotServed(f"context={context} of {ROUTE[1:]}")


def _check_order(params: Mapping[str, Any]) -> None:
    match params["orderby"]:
        case "relevance":
            message = "You need to define a search term to order by relevance."
            raise Refused("rest_no_search_term_defined", message, 400)
        case "include" if not params["include"]:
            message = "You need to define an include parameter to order by include."
            raise Refused("rest_orderby_include_missing_include", message, 400)
        case other if other not in (*_BY, "include"):
            raise NotServed(f"orderby={other} of {ROUTE[1:]}")
        case _:
            return


def _found(store: Store, params: Mapping[str, Any]) -> list[Record]:
    rows = [course for course in store.tables["courses"].values() if course["post_status"] == "publish"]
    if params["include"]:
        rows = [course for course in rows if course["ID"] in params["include"]]
    if params["slug"]:
        rows = [course for course in rows if course["post_name"] in params["slug"]]
    rows = [course for course in rows if course["ID"] not in params["exclude"]]
    for name, column, is_after in _BOUNDS:
        if params[name] is not None:
            bound = dates.filter_digits(params[name]).replace("T", " ")
            rows = [course for course in rows if (course[column] > bound if is_after else course[column] < bound)]
    if params["orderby"] == "include":  # whatever the order
        return sorted(rows, key=lambda course: params["include"].index(course["ID"]))
    return courses.ordered(rows, _BY[params["orderby"]], params["order"])


def _links(here: str, given: Mapping[str, Any], page: int, pages: int) -> dict[str, str]:
    places = {"prev": min(page - 1, pages) if page > 1 else None, "next": page + 1 if page < pages else None}
    links = [
        f'<{here}?{query.write({**given, "page": place})}>; rel="{rel}"'
        for rel, place in places.items()
        if place is not None
    ]
    return {"link": ", ".join(links)} if links else {}


def show(course: Record, base: str) -> Record:
    """Times have a `T`; titles are dressed up and have entities."""
    return {
        "id": course["ID"],
        "date": course["post_date"].replace(" ", "T"),
        "date_gmt": course["post_date_gmt"].replace(" ", "T"),
        "guid": {"rendered": f"{base}{course['guid']}"},
        "modified": course["post_modified"].replace(" ", "T"),
        "modified_gmt": course["post_modified_gmt"].replace(" ", "T"),
        "slug": course["post_name"],
        "status": course["post_status"],
        "type": course["post_type"],
        "link": f"{base}/courses/{course['post_name']}/",
        "title": {"rendered": dressed(course["post_title"])},
        "content": {"rendered": text.paragraphs(dressed(course["post_content"])), "protected": False},
        "excerpt": {"rendered": text.paragraphs(dressed(course["post_excerpt"])), "protected": False},
        "author": int(course["post_author"]),
        **({} if course["thumbnail_url"] else {"featured_media": 0}),
        "template": "",
        "course-category": list(course["course_category"]),
        "course-tag": list(course["course_tag"]),
    }


_DRESS = (
    (re.compile(r"&(?!(?:[A-Za-z]\w{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)"), "&#038;"),
    (re.compile(r"\.\.\."), "&#8230;"),
    (re.compile(r"---"), "&#8212;"),
    (re.compile(r"--|(?<= )-(?= )"), "&#8211;"),
    (re.compile(r'(?:(?<=[\s(\[{-])|^)"(?=\S)'), "&#8220;"),
    (re.compile(r'"'), "&#8221;"),
    (re.compile(r"(?:(?<=[\s(\[{-])|^)'(?=\S)"), "&#8216;"),
    (re.compile(r"'"), "&#8217;"),
)


def dressed(words: str) -> str:
    """The commonest of what `wptexturize` does, outside of tags: quotes and dashes become entities, and so does `&`."""
    parts = re.split(r"(<[^>]*>)", words)
    for place in range(0, len(parts), 2):
        for pattern, entity in _DRESS:
            parts[place] = pattern.sub(entity, parts[place])
    return "".join(parts)
