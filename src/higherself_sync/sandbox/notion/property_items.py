"""One property of a page by itself: where a page cuts relations and people short, this gives them all."""

from typing import Any

from .call import listing
from .errors import invalid, misfit
from .ids import decode, encode, parse_uuid
from .objects import Objects
from .query import number, page_size
from .schema import find
from .store import Json, Page, Property

_LISTS = ("title", "rich_text", "relation", "people")
_API = "https://api.notion.com/v1"


def retrieve(world: Objects) -> Json:
    """A value, or a list of items for types that hold several."""
    page = world.page(world.call.uuid(0, "page_id"))
    source = world.store.source_of(page)
    wanted = decode(world.call.args[1])
    title = Property("title", "title", "title")
    item = find(source, world.call.args[1]) if source else title if wanted == "title" else None
    if item is None:
        raise invalid(f"Could not find property with name or id: {wanted}")
    if item.type == "rollup":
        return _rollup(world, page, item)
    full = world.rows.full(page, item, world.call.now)
    if item.type not in _LISTS:
        return {"object": "property_item", "type": item.type, "id": encode(item.id), item.type: full}
    return _list(world, page, item, _items(item, full), {})


def _items(item: Property, full: list[Any]) -> list[Json]:
    """Each element of a value as a property item."""
    elements = [{"id": one} for one in full] if item.type == "relation" else full
    return [_item(item, one) for one in elements]


def _item(item: Property, value: Any) -> Json:
    return {"object": "property_item", "type": item.type, "id": encode(item.id), item.type: value}


def _rollup(world: Objects, page: Page, item: Property) -> Json:
    """What was rolled up, flattened, where the rollup shows it; else the related pages beside the result."""
    value = world.rows.full(page, item, world.call.now)
    rolled = world.rows.rolled(page, item)
    if rolled is None:
        return _list(world, page, item, [], value)
    relation, column, related = rolled
    if item.config["function"] != "show_original":
        return _list(world, page, item, _items(relation, [one.id for one in related]), value)
    flat: list[Json] = []
    for one in related:
        shown = world.rows.full(one, column, world.call.now)
        flat += _items(column, shown) if column.type in _LISTS else [_item(column, shown)]
    return _list(world, page, item, flat, value | {"array": []})


def _list(world: Objects, page: Page, item: Property, items: list[Json], aggregate: Json) -> Json:
    size = page_size(number(world.call.one("page_size")), "query.page_size")
    start = _offset(world.call.one("start_cursor"))
    more = start + size < len(items)
    cursor = f"{world.store.ids.uuid()[:-8]}{start + size:08x}" if more else None
    if more and item.type == "rollup":
        aggregate = {"type": "incomplete", "incomplete": {}, "function": item.config["function"]}
    next_url = f"{_API}/pages/{page.id}/properties/{encode(item.id)}?start_cursor={cursor}" if more else None
    about = {"id": encode(item.id), "next_url": next_url, "type": item.type, item.type: aggregate}
    return listing("property_item", items[start : start + size], cursor) | {"property_item": about}


def _offset(cursor: str | None) -> int:
    """How many items were given before: the tail of a cursor, which looks like any id."""
    if cursor is None:
        return 0
    parsed = parse_uuid(cursor)
    if parsed is None:
        raise misfit("query.start_cursor", "a valid uuid or `undefined`", cursor)
    return int(parsed[-8:], 16)
