"""Blocks: children of pages, and the trash of pages and databases by their block."""

from collections.abc import Mapping
from typing import Any

from . import clock
from .block_types import Parsed, changed, parse_all
from .call import listing, mapping
from .errors import archived, invalid, misfit
from .ids import parse_uuid
from .objects import Objects
from .query import LARGEST_PAGE, number, page_size
from .store import Block, Database, Json, Page

_ABOUT = ("type", "in_trash", "archived")


def retrieve(world: Objects) -> Json:
    return world.show_block(_find(world))


def _find(world: Objects) -> Page | Database | Block:
    block_id = world.call.uuid(0, "block_id")
    block = world.block(block_id)
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
    call = world.call
    block = _find(world)
    trash = call.trash()
    content = _changed(block, call.body)
    if block.in_trash and trash is not False:
        raise archived()
    if isinstance(block, Block) and content is not None:
        block.content = content
    if call.body:
        _trash(world, block, block.in_trash if trash is None else trash)
    return world.show_block(block)


def _changed(block: Page | Database | Block, body: Mapping[str, Any]) -> Json | None:
    """The new content that a PATCH asks for, if any. Raises ApiError."""
    kinds = [key for key in body if key not in _ABOUT]
    if not kinds:
        return None
    if not isinstance(block, Block) or kinds != [block.type]:
        raise invalid("The block type cannot be changed: the body must name the type that the block has.")
    place = f"body.{block.type}"
    return changed(block.type, block.content, mapping(body[block.type], place), place)


def children(world: Objects) -> Json:
    call = world.call
    block = _find(world)
    listed = world.children(block)
    size = page_size(number(call.one("page_size")), "query.page_size")
    cursor = call.one("start_cursor")
    start = next((index for index, one in enumerate(listed) if one.id == cursor), None) if cursor else 0
    if start is None:
        raise misfit("query.start_cursor", "a valid uuid or `undefined`", cursor)
    follower = listed[start + size].id if start + size < len(listed) else None
    return listing("block", [world.show_block(one) for one in listed[start : start + size]], follower)


def append_children(world: Objects) -> Json:
    call = world.call
    block = _find(world)
    call.only(("children", "after") if call.old else ("children", "position"))
    content = parse_all(call.body.get("children"), "body.children")
    if block.in_trash:
        raise archived()
    kind = "page_id" if isinstance(block, Page) else "block_id"
    index = _index(world, block.id)
    made = append(world, block.id, {"type": kind, kind: block.id}, content, index)
    # blocks put between others come back with all that follow them: a library in the field counts on it
    shown = made if index is None or not made else _from(world.children(block), made[0].id)
    return listing("block", [world.show_block(one) for one in shown[:LARGEST_PAGE]], None)


def _from(listed: list[Any], first: str) -> list[Any]:
    return listed[next(index for index, one in enumerate(listed) if one.id == first) :]


def _index(world: Objects, holder: str) -> int | None:
    """Where among its siblings a new block goes; None for the end."""
    body = world.call.body
    position = mapping(body.get("position") or {}, "body.position")
    if position.get("type") == "start":
        return 0
    named = mapping(position.get("after_block") or {}, "body.position.after_block")
    after = body.get("after") or named.get("id")
    if after is None:
        return None
    siblings = world.store.children.get(holder, [])
    if parse_uuid(after) not in siblings:
        raise invalid(f"The block to append after is not a child of the parent: {after}")
    return siblings.index(str(parse_uuid(after))) + 1


def append(world: Objects, holder: str, parent: Json, content: list[Parsed], index: int | None = None) -> list[Block]:
    """Put new blocks under `holder`, at `index` or at the end."""
    user, minute = world.call.caller.user, clock.floor(world.call.now)
    siblings = world.store.children.setdefault(holder, [])
    made: list[Block] = []
    for kind, shape, nested in content:
        block = Block(world.store.ids.page(), parent, kind, shape, minute, minute, user, user)
        world.store.blocks[block.id] = block
        siblings.insert(len(siblings) if index is None else index + len(made), block.id)
        append(world, block.id, {"type": "block_id", "block_id": block.id}, nested)
        made.append(block)
    return made


def erase(world: Objects, page_id: str) -> None:
    """Trash a page's own blocks; pages and databases under it stay."""
    for child in world.store.children.get(page_id, []):
        if child in world.store.blocks:
            world.store.blocks[child].in_trash = True
