"""The paths of the API: those served, and those that are real but not built, which answer 501 by name."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from . import blocks, databases, pages, people, property_items, search
from .objects import Objects
from .store import Json

Handler = Callable[[Objects], Json]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    handler: Handler | None
    """None where the real API has the route and the twin does not."""
    writes: bool


def _route(method: str, path: str, handler: Handler | None, writes: bool | None = None) -> Route:
    pattern = re.compile("/v1/" + path.replace("ID", "([^/]+)"))
    return Route(method, pattern, handler, method != "GET" if writes is None else writes)


ROUTES = (
    _route("GET", "pages/ID", pages.retrieve),
    _route("POST", "pages", pages.create),
    _route("PATCH", "pages/ID", pages.update),
    _route("POST", "pages/ID/move", pages.move),
    _route("GET", "pages/ID/properties/ID", property_items.retrieve),
    _route("POST", "data_sources/ID/query", databases.query, writes=False),
    _route("GET", "data_sources/ID", databases.retrieve_source),
    _route("PATCH", "data_sources/ID", databases.update_source),
    _route("POST", "data_sources", databases.create_source),
    _route("GET", "databases/ID", databases.retrieve),
    _route("PATCH", "databases/ID", databases.update),
    _route("POST", "databases", databases.create),
    _route("GET", "blocks/ID/children", blocks.children),
    _route("PATCH", "blocks/ID/children", blocks.append_children),
    _route("GET", "blocks/ID", blocks.retrieve),
    _route("PATCH", "blocks/ID", blocks.update),
    _route("DELETE", "blocks/ID", blocks.delete),
    _route("POST", "search", search.search, writes=False),
    _route("GET", "users/me", people.me),
    _route("GET", "users/ID", people.retrieve),
    _route("GET", "users", people.everyone),
)

UNSERVED = tuple(
    _route(method, path, None)
    for method, path in (
        ("GET", "pages/ID/markdown"),
        ("PATCH", "pages/ID/markdown"),
        ("POST", "databases/ID/query"),
        ("GET", "data_sources/ID/templates"),
        ("POST", "blocks/meeting_notes/query"),
        ("GET", "comments"),
        ("POST", "comments"),
        ("GET", "comments/ID"),
        ("PATCH", "comments/ID"),
        ("DELETE", "comments/ID"),
        ("GET", "views"),
        ("POST", "views"),
        ("GET", "views/ID"),
        ("PATCH", "views/ID"),
        ("DELETE", "views/ID"),
        ("POST", "views/ID/queries"),
        ("GET", "custom_emojis"),
        ("GET", "file_uploads"),
        ("POST", "file_uploads"),
        ("GET", "file_uploads/ID"),
        ("POST", "file_uploads/ID/send"),
        ("POST", "file_uploads/ID/complete"),
        ("GET", "async_tasks/ID"),
        ("POST", "oauth/token"),
        ("POST", "oauth/introspect"),
        ("POST", "oauth/revoke"),
    )
)

PERSONAL = (
    _route("POST", "pages/ID/duplicate", pages.duplicate),
    _route("DELETE", "pages/ID", pages.destroy),
    _route("POST", "databases/ID/share", databases.share),
)
"""What a person does in the app and no integration can."""


def find(method: str, path: str, person: bool) -> tuple[Route, tuple[str, ...]] | None:
    """The route and the path's arguments, still percent-encoded."""
    for route in (*PERSONAL, *ROUTES) if person else (*ROUTES, *UNSERVED):
        if route.method == method and (match := route.pattern.fullmatch(path)):
            return route, match.groups()
    return None
