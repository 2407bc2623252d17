"""Pages: create, read, change, move, one property, and what only a person can do."""

from collections.abc import Mapping
from typing import Any

from . import block_types, blocks, clock, values
from .call import V2025, mapping, picture
from .errors import ApiError, archived, invalid, misfit, missing, unserved
from .ids import decode, parse_uuid
from .objects import Objects
from .store import DataSource, Json, Page

_CREATE = ("parent", "properties", "icon", "cover", "children", "content", "markdown", "template", "position")
_UPDATE = ("properties", "icon", "cover", "is_locked", "in_trash", "is_archived", "template", "erase_content")
# Options and relations belong to their data source; what a move makes of them was never recorded.
_CARRIED = ("rich_text", "number", "date", "email", "phone_number", "url", "checkbox", "files", "people", "place")


def retrieve(world: Objects) -> Json:
    return world.show_page(world.page(world.call.uuid(0, "page_id")), _wanted(world))


def _wanted(world: Objects) -> list[str]:
    return [form for given in world.call.all("filter_properties") for form in (given, decode(given))]


def create(world: Objects) -> Json:
    call = world.call
    call.only(_CREATE)
    for key in ("markdown", "template"):
        if call.body.get(key) is not None:
            raise unserved(f"{key} in POST /v1/pages")
    parent = mapping(call.body.get("parent"), "body.parent")
    given = _parsed(call.body.get("properties"))
    content = block_types.parse_all(call.body.get("children") or [], "body.children")
    icon, cover = (picture(call.body.get(key), f"body.{key}") for key in ("icon", "cover"))
    home = _home(world, parent)
    source = world.store.sources[home["data_source_id"]] if home["type"] == "data_source_id" else None
    resolved = world.rows.resolve(source, given) if source else _bare_title(given)
    page = _new(world, home)
    page.icon, page.cover = icon, cover
    _fill(world, page, source, resolved)
    blocks.append(world, page.id, {"type": "page_id", "page_id": page.id}, content)
    return world.show_page(page, _wanted(world))


def _parsed(given: object) -> dict[str, tuple[str, Any]]:
    """Shape and limits of all properties, before anything is looked up. Raises ApiError."""
    if given is None:
        return {}
    return {
        name: values.parse(value, f"body.properties.{name}")
        for name, value in mapping(given, "body.properties").items()
    }


def _bare_title(given: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, (kind, value) in given.items():
        if kind != "title":
            raise invalid(f"{name} is not a property that exists.")
        values["title"] = value
    return values


def _home(world: Objects, parent: Mapping[str, Any]) -> Json:
    """The parent of a new page, found and fit to hold it. Raises ApiError."""
    kinds = ("data_source_id", "database_id", "page_id", "workspace")
    kind = parent.get("type") or next((one for one in kinds if one in parent), None)
    if kind not in kinds:
        raise misfit("body.parent.type", '`"page_id"`, `"database_id"`, `"data_source_id"`, or `"workspace"`', kind)
    if kind == "workspace":
        return _workspace(world)
    holder = parse_uuid(parent.get(kind))
    if kind not in parent:
        raise missing(f"body.parent.{kind}")
    if holder is None:
        raise misfit(f"body.parent.{kind}", "a valid uuid", parent.get(kind))
    home = {"type": kind, kind: holder}
    match kind:
        case "page_id":
            world.page(holder)
        case "database_id":
            home = _only_source(world, holder)
        case _:
            world.source(holder)
    if world.store.holder_trashed(home):
        raise archived()
    return home


def _workspace(world: Objects) -> Json:
    """Only a person has a workspace of his own to put a page into."""
    if not world.call.caller.sees_all:
        raise invalid(
            "Internal integrations aren't owned by a single user, so creating workspace-level private pages is not "
            "supported."
        )
    return {"type": "workspace", "workspace": True}


def _only_source(world: Objects, database_id: str) -> Json:
    sources = [one for one in world.database(database_id).sources if not world.store.sources[one].in_trash]
    if len(sources) != 1:
        message = "Databases with multiple data sources are not supported in this API version."
        about = {
            "error_type": "multiple_data_sources_for_database",
            "database_id": database_id,
            "child_data_source_ids": sources,
            "minimum_api_version": V2025,
        }
        raise ApiError(400, "validation_error", message, about)
    return {"type": "data_source_id", "data_source_id": sources[0]}


def _new(world: Objects, home: Json) -> Page:
    call, store = world.call, world.store
    minute = clock.floor(call.now)
    user = call.caller.user
    page = Page(store.ids.page(), home, minute, minute, call.now, user, user, store.next_order())
    store.put_page(page)
    return page


def _fill(world: Objects, page: Page, source: DataSource | None, resolved: Mapping[str, Any]) -> None:
    if source is None:
        page.values.update(resolved)
        return
    touched = world.rows.write(page, source, world.rows.defaults(source) | dict(resolved))
    _bump(world, touched)


def _bump(world: Objects, touched: set[str]) -> None:
    """Whether the mirrored side of a relation counts as edited is not settled: a knob."""
    if world.knobs["relation_bump"]:
        for page_id in touched:
            _stamp(world, world.store.pages[page_id])


def _stamp(world: Objects, page: Page) -> None:
    page.edited = clock.floor(world.call.now)
    page.edited_by = world.call.caller.user


def update(world: Objects) -> Json:
    call = world.call
    page_id = call.uuid(0, "page_id")
    call.only((*_UPDATE, "archived") if call.old else _UPDATE)
    if call.body.get("template") is not None:
        raise unserved("template in PATCH /v1/pages")
    given = _parsed(call.body.get("properties"))
    trash, archive, lock = call.trash(), call.boolean("is_archived"), call.boolean("is_locked")
    shape = {key: picture(call.body[key], f"body.{key}") for key in ("icon", "cover") if key in call.body}
    page = world.page(page_id)
    source = world.store.source_of(page)
    _check_editable(world, page, trash)
    resolved = world.rows.resolve(source, given) if source else _bare_title(given)
    page.icon, page.cover = shape.get("icon", page.icon), shape.get("cover", page.cover)
    page.in_trash = page.in_trash if trash is None else trash
    page.archived = page.archived if archive is None else archive
    page.locked = page.locked if lock is None else lock
    if call.body.get("erase_content"):
        blocks.erase(world, page.id)
    if source:
        _bump(world, world.rows.write(page, source, resolved))
    else:
        page.values.update(resolved)
    if call.body:
        _stamp(world, page)
    return world.show_page(page, _wanted(world))


def _check_editable(world: Objects, page: Page, trash: bool | None) -> None:
    if world.store.holder_trashed(page.parent) or (page.in_trash and trash is None):
        raise archived()
    if page.in_trash and trash is False and page.parent["type"] == "workspace":
        raise invalid("Unarchiving workspace level pages not supported.")


def move(world: Objects) -> Json:
    """A page under another parent keeps its id; into another data source, values go with columns of the same name."""
    call = world.call
    page_id = call.uuid(0, "page_id")
    call.only(("parent", "position"))
    parent = mapping(call.body.get("parent"), "body.parent")
    page = world.page(page_id)
    _check_editable(world, page, None)
    home = _home(world, parent)
    if world.store.inside(home, page.id):
        raise invalid("A page cannot be moved into itself.")
    before = world.store.source_of(page)
    carried = _carried(world, page, before, home)
    if before is not None and carried is not None:
        relations = (item.id for item in before.properties.values() if item.type == "relation")
        world.rows.write(page, before, {key: [] for key in relations})
    world.store.detach(page)
    page.parent = home
    world.store.put_page(page)
    if carried is not None:
        page.values, page.folded, page.computed = carried, {}, {}
    _stamp(world, page)
    return world.show_page(page)


def _carried(world: Objects, page: Page, before: DataSource | None, home: Json) -> dict[str, Any] | None:
    """The values of a page in its new home; None where they stay as they are."""
    if home == page.parent:
        return None
    carried: dict[str, Any] = {"title": page.values.get("title", [])}
    if home["type"] != "data_source_id":
        return carried
    after = world.store.sources[home["data_source_id"]]
    carried = world.rows.defaults(after) | carried
    for item in before.properties.values() if before else ():
        other = after.named(item.name)
        if other is not None and other.type == item.type and item.type in _CARRIED and item.id in page.values:
            carried[other.id] = page.values[item.id]
    return carried


def duplicate(world: Objects) -> Json:
    """A person's "Duplicate": every property is copied, the number is new."""
    page = world.page(world.call.uuid(0, "page_id"))
    source = world.store.source_of(page)
    copy = _new(world, page.parent)
    copy.icon, copy.cover = page.icon, page.cover
    _fill(world, copy, source, _copied(page, source))
    return world.show_page(copy)


def _copied(page: Page, source: DataSource | None) -> dict[str, Any]:
    if source is None:
        return dict(page.values)
    return {
        key: list(value) if isinstance(value, list) else value
        for key, value in page.values.items()
        if key in source.properties and source.properties[key].type != "unique_id"
    }


def destroy(world: Objects) -> Json:
    """A person empties the trash: gone for good."""
    page = world.page(world.call.uuid(0, "page_id"))
    shown = world.show_page(page) | {"in_trash": True}
    world.store.drop_page(page)
    return shown
