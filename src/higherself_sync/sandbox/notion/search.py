"""Search: late, by title, and fuzzy, as the live one was seen to be."""

from datetime import timedelta

from .call import listing
from .errors import invalid, misfit
from .ids import parse_uuid
from .objects import Objects
from .query import page_size
from .store import DataSource, Json, Page
from .texts import plain

_BODY = ("query", "filter", "sort", "page_size", "start_cursor")

Hit = Page | DataSource


def search(world: Objects) -> Json:
    call = world.call
    call.only(_BODY)
    size = page_size(call.body.get("page_size"), "body.page_size")
    kind, trash = _filter(call.body.get("filter"))
    words = str(call.body.get("query") or "").casefold().split()
    hits = [hit for hit in _all(world, kind, trash) if not words or _score(hit, words)]
    hits.sort(key=lambda hit: hit.edited, reverse=_downwards(call.body.get("sort")))
    if words and not call.body.get("sort"):
        hits.sort(key=lambda hit: -_score(hit, words))
    start = _start(hits, call.body.get("start_cursor"))
    follower = hits[start + size].id if start + size < len(hits) else None
    shown = [
        world.show_page(hit) if isinstance(hit, Page) else world.show_source(hit) for hit in hits[start : start + size]
    ]
    return listing("page_or_data_source", shown, follower)


def _filter(given: object) -> tuple[str | None, bool | None]:
    """`(object kind, in_trash)`, each None where it was not asked for."""
    if given is None:
        return None, None
    if not isinstance(given, dict):
        raise misfit("body.filter", "an object or `undefined`", given)
    kind = given.get("value") if "property" in given or "value" in given else None
    if kind not in (None, "page", "data_source"):
        raise misfit("body.filter.value", '`"page"` or `"data_source"`', kind)
    return kind, given.get("in_trash")


def _downwards(given: object) -> bool:
    return not (isinstance(given, dict) and given.get("direction") == "ascending")


def _all(world: Objects, kind: str | None, trash: bool | None) -> list[Hit]:
    """What the index holds. Trashed data sources are in it unless asked otherwise (recorded); trashed pages are not."""
    store = world.store
    indexed = world.call.now - timedelta(seconds=world.knobs["search_lag"])
    hits: list[Hit] = []
    if kind != "data_source":
        for page in store.pages.values():
            visible = world.call.caller.sees_all or store.shared(page)
            if visible and page.born <= indexed and store.trashed(page) is bool(trash):
                hits.append(page)
    if kind != "page":
        for source in store.sources.values():
            visible = world.call.caller.sees_all or store.databases[source.database].shared
            if visible and source.born <= indexed and trash in (None, store.source_trashed(source)):
                hits.append(source)
    return hits


def _score(hit: Hit, words: list[str]) -> int:
    """How many of the asked words the title has: one is enough to be found."""
    title = plain(hit.title if isinstance(hit, DataSource) else hit.values.get("title") or []).casefold()
    return sum(word in title for word in words)


def _start(hits: list[Hit], cursor: object) -> int:
    if cursor is None:
        return 0
    wanted = parse_uuid(cursor)
    found = next((index for index, hit in enumerate(hits) if hit.id == wanted), None)
    if found is None:
        raise invalid(f"The start_cursor provided is invalid: {cursor}")
    return found
