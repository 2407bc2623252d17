"""Blocks: children of pages, and the trash of pages and databases by their block."""

from collections.abc import Mapping
from typing import Any

from . import clock, texts
from .call import listing, mapping
from .errors import MISSING, archived, fix_one, line, misfit, unserved
from .objects import Objects
from .query import page_size
from .store import Block, Database, Json, Page

_TEXTUAL = (
    "paragraph",
    "heading_1",
    "heading_2",
    "heading_3",
    "bulleted_list_item",
    "numbered_list_item",
    "to_do",
    "toggle",
    "quote",
    "callout",
    "code",
)
_BARE = ("divider", "breadcrumb")
_MOST = 100

Parsed = tuple[str, Json, list[Any]]


def retrieve(world: Objects) -> Json:
    return world.show_block(_find(world))


def _find(world: Objects) -> Page | Database | Block:
    block_id = world.call.uuid(0, "block_id")
    store, sees_all = world.store, world.call.caller.sees_all
    block = store.pages.get(block_id) or store.databases.get(block_id) or store.blocks.get(block_id)
    if isinstance(block, Page) and not (sees_all or store.shared(block)):
        block = None
    if isinstance(block, Database) and not (sees_all or block.shared):
        block = None
    if block is None:
        raise world.lost("block", block_id)
    return block


def delete(world: Objects) -> Json:
    block = _find(world)
    if not isinstance(block, Block) and world.store.holder_trashed(block.parent):
        raise archived()
    _trash(world, block, True)
    return world.show_block(block)


def _trash(world: Objects, block: Page | Database | Block, trash: bool) -> None:
    block.in_trash = trash
    if isinstance(block, Database):
        block.touched = clock.floor(world.call.now)
    else:
        block.edited = clock.floor(world.call.now)
    block.edited_by = world.call.caller.user


def update(world: Objects) -> Json:
    block = _find(world)
    trash = world.call.trash()
    if block.in_trash and trash is not False:
        raise archived()
    if isinstance(block, Block) and block.type in world.call.body:
        changed = _content(block.type, world.call.body[block.type], f"body.{block.type}")
        block.content = block.content | {key: changed[key] for key in world.call.body[block.type] if key in changed}
    if trash is not None:
        _trash(world, block, trash)
    elif isinstance(block, Block):
        _trash(world, block, block.in_trash)
    return world.show_block(block)


def children(world: Objects) -> Json:
    call = world.call
    block = _find(world)
    listed = [one for child in world.store.children.get(block.id, []) if (one := _seen(world, child)) is not None]
    size = page_size(_number(call.one("page_size")), "query.page_size")
    cursor = call.one("start_cursor")
    start = next((index for index, one in enumerate(listed) if one.id == cursor), None) if cursor else 0
    if start is None:
        raise misfit("query.start_cursor", "a valid uuid or `undefined`", cursor)
    follower = listed[start + size].id if start + size < len(listed) else None
    return listing("block", [world.show_block(one) for one in listed[start : start + size]], follower)


def _number(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isdigit() else text


def _seen(world: Objects, child: str) -> Page | Database | Block | None:
    store = world.store
    block = store.pages.get(child) or store.databases.get(child) or store.blocks.get(child)
    if block is None or block.in_trash:
        return None
    if isinstance(block, Database) and not (block.shared or world.call.caller.sees_all):
        return None
    return block


def append_children(world: Objects) -> Json:
    call = world.call
    block = _find(world)
    call.only(("children", "after", "position") if call.old else ("children", "position"))
    for key in ("after", "position"):
        if call.body.get(key) is not None:
            raise unserved(f"{key} in PATCH /v1/blocks/ID/children")
    content = parse(call.body.get("children"), "body.children")
    if block.in_trash:
        raise archived()
    kind = "page_id" if isinstance(block, Page) else "block_id"
    made = append(world, block.id, {"type": kind, kind: block.id}, content)
    return listing("block", [world.show_block(one) for one in made], None)


def parse(given: object, place: str) -> list[Parsed]:
    """`(type, content, children)` of each written block. Raises ApiError."""
    if not isinstance(given, list):
        raise misfit(place, "an array", MISSING if given is None else given)
    if len(given) > _MOST:
        raise misfit(f"{place}.length", f"≤ `{_MOST}`", len(given))
    return [_parse_one(mapping(one, f"{place}[{index}]"), f"{place}[{index}]") for index, one in enumerate(given)]


def _parse_one(given: Mapping[str, Any], place: str) -> Parsed:
    kind = given.get("type") or next((key for key in given if key not in ("object", "type")), None)
    if kind not in given:
        raise fix_one([line(f"{place}.{one}", "defined", MISSING) for one in (*_TEXTUAL, *_BARE)])
    if kind not in (*_TEXTUAL, *_BARE):
        raise unserved(f"blocks of type {kind}")
    content = mapping(given[kind], f"{place}.{kind}")
    return (
        str(kind),
        _content(str(kind), content, f"{place}.{kind}"),
        parse(content.get("children", []), f"{place}.{kind}.children"),
    )


def _content(kind: str, given: Mapping[str, Any], place: str) -> Json:
    if kind in _BARE:
        return {}
    content: Json = {"rich_text": texts.parse(given.get("rich_text", []), f"{place}.rich_text")}
    if kind == "to_do":
        content["checked"] = bool(given.get("checked", False))
    if kind == "code":
        return content | {"caption": texts.parse(given.get("caption", []), place), "language": given.get("language")}
    if kind.startswith("heading"):
        content["is_toggleable"] = bool(given.get("is_toggleable", False))
    if kind in ("paragraph", "callout"):
        content["icon"] = given.get("icon")
    return content | {"color": given.get("color", "default")}


def append(world: Objects, holder: str, parent: Json, content: list[Parsed]) -> list[Block]:
    """Put new blocks at the end of what `holder` has."""
    user, minute = world.call.caller.user, clock.floor(world.call.now)
    made: list[Block] = []
    for kind, shape, nested in content:
        block = Block(world.store.ids.page(), parent, kind, shape, minute, minute, user, user)
        world.store.blocks[block.id] = block
        world.store.children.setdefault(holder, []).append(block.id)
        append(world, block.id, {"type": "block_id", "block_id": block.id}, nested)
        made.append(block)
    return made


def erase(world: Objects, page_id: str) -> None:
    """Trash a page's own blocks; pages and databases under it stay."""
    for child in world.store.children.get(page_id, []):
        if child in world.store.blocks:
            world.store.blocks[child].in_trash = True
