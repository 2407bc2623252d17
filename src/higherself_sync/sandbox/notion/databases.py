"""Databases and their data sources: create, read, change, move, query."""

from collections.abc import Mapping
from typing import Any

from . import clock, texts
from .call import listing, mapping, picture
from .errors import ApiError, archived, invalid, misfit, missing
from .filters import Filters
from .ids import decode, parse_uuid
from .objects import Objects
from .query import INCOMPLETE, LARGEST_PAGE, Query, page_size, parse_cursor
from .store import Database, DataSource, Json

_CREATE = ("parent", "title", "description", "is_inline", "initial_data_source", "icon", "cover")
_UPDATE = ("title", "description", "icon", "cover", "is_inline", "is_locked", "in_trash", "parent")
_CREATE_SOURCE = ("parent", "properties", "title", "icon")
_UPDATE_SOURCE = ("title", "description", "icon", "properties", "in_trash", "parent")
_QUERY = ("filter", "sorts", "page_size", "start_cursor", "result_type", "is_archived", "in_trash")


def retrieve(world: Objects) -> Json:
    return world.show_database(world.database(world.call.uuid(0, "database_id")))


def create(world: Objects) -> Json:
    """A database and its first data source, which takes the database's title."""
    call, store = world.call, world.store
    call.only(_CREATE)
    parent = _parent(world, mapping(call.body.get("parent"), "body.parent"))
    title, description = _texts(world, "title"), _texts(world, "description")
    first = mapping(call.body.get("initial_data_source") or {}, "body.initial_data_source")
    user = call.caller.user
    database = Database(store.ids.uuid(), parent, call.now, call.now, user, user, title or [], description or [])
    database.inline = bool(call.boolean("is_inline"))
    database.icon = picture(call.body.get("icon"), "body.icon")
    database.cover = picture(call.body.get("cover"), "body.cover")
    source = _new_source(world, store.ids.uuid(), database, title or [])
    source.description = description or []
    store.databases[database.id] = database
    place = "body.initial_data_source.properties"
    try:
        world.schema.create(source, mapping(first.get("properties") or {}, place), place)
    except ApiError:
        del store.databases[database.id]
        raise
    _keep(world, database, source)
    store.adopt(parent, database.id)
    return world.show_database(database)


def _keep(world: Objects, database: Database, source: DataSource) -> None:
    database.sources.append(source.id)
    world.store.sources[source.id] = source


def _new_source(world: Objects, source_id: str, database: Database, title: list[texts.RichText]) -> DataSource:
    call = world.call
    minute, user = clock.floor(call.now), call.caller.user
    return DataSource(source_id, database.id, minute, minute, user, user, call.now, title)


def _parent(world: Objects, given: Mapping[str, Any]) -> Json:
    if given.get("type") == "workspace" or "workspace" in given:
        return {"type": "workspace", "workspace": True}
    if "page_id" not in given:
        raise missing("body.parent.page_id")
    page_id = parse_uuid(given["page_id"])
    if page_id is None:
        raise misfit("body.parent.page_id", "a valid uuid", given["page_id"])
    if world.store.trashed(world.page(page_id)):
        raise archived()
    return {"type": "page_id", "page_id": page_id}


def _texts(world: Objects, key: str) -> list[texts.RichText] | None:
    given = world.call.body.get(key)
    return None if given is None else texts.parse(given, f"body.{key}")


def update(world: Objects) -> Json:
    """Its own `last_edited_time` does not move with any of this (recorded)."""
    call, store = world.call, world.store
    database_id = call.uuid(0, "database_id")
    call.only((*_UPDATE, "archived") if call.old else _UPDATE)
    title, description = _texts(world, "title"), _texts(world, "description")
    trash, inline, lock = call.trash(), call.boolean("is_inline"), call.boolean("is_locked")
    shape = {key: picture(call.body[key], f"body.{key}") for key in ("icon", "cover") if key in call.body}
    database = world.database(database_id)
    if database.in_trash and trash is None:
        raise archived()
    parent = None if call.body.get("parent") is None else _parent(world, mapping(call.body["parent"], "body.parent"))
    if parent is not None and store.inside(parent, database.id):
        raise invalid("A database cannot be moved into itself.")
    first = store.sources[database.sources[0]] if database.sources else None
    if title is not None:
        database.title = title
    if description is not None:
        database.description = description
    if first is not None and len(database.sources) == 1:
        first.title = database.title if title is not None else first.title
    if first is not None and description is not None:
        first.description = description
    database.icon, database.cover = shape.get("icon", database.icon), shape.get("cover", database.cover)
    database.in_trash = database.in_trash if trash is None else trash
    database.inline = database.inline if inline is None else inline
    database.locked = database.locked if lock is None else lock
    database.touched = clock.floor(call.now)
    if parent is not None:
        store.orphan(database.parent, database.id)
        database.parent = parent
        store.adopt(database.parent, database.id)
    return world.show_database(database)


def share(world: Objects) -> Json:
    """A person gives or takes the integration's access."""
    database = world.database(world.call.uuid(0, "database_id"))
    shared = world.call.boolean("shared")
    if shared is None:
        raise missing("body.shared")
    database.shared = shared
    return world.show_database(database) | {"shared": shared}


# ---- data sources ----


def retrieve_source(world: Objects) -> Json:
    return world.show_source(world.source(world.call.uuid(0, "data_source_id")))


def create_source(world: Objects) -> Json:
    call, store = world.call, world.store
    call.only(_CREATE_SOURCE)
    title = _texts(world, "title")
    columns = mapping(call.body.get("properties"), "body.properties")
    database = _home(world, call.body.get("parent"))
    if store.database_trashed(database):
        raise archived()
    source = _new_source(world, store.ids.page(), database, title or [])
    source.icon = picture(call.body.get("icon"), "body.icon")
    world.schema.create(source, columns, "body.properties")
    _keep(world, database, source)
    return world.show_source(source)


def update_source(world: Objects) -> Json:
    call, store = world.call, world.store
    source_id = call.uuid(0, "data_source_id")
    call.only((*_UPDATE_SOURCE, "archived") if call.old else _UPDATE_SOURCE)
    title, description, trash = _texts(world, "title"), _texts(world, "description"), call.trash()
    shape = {"icon": picture(call.body["icon"], "body.icon")} if "icon" in call.body else {}
    source = world.source(source_id)
    if source.in_trash and trash is None:
        raise archived()
    home = _home(world, call.body["parent"]) if call.body.get("parent") is not None else None
    if call.body.get("properties") is not None:
        world.schema.update(source, mapping(call.body["properties"], "body.properties"), "body.properties")
    if home is not None:
        store.databases[source.database].sources.remove(source.id)
        home.sources.append(source.id)
        source.database = home.id
    source.title = source.title if title is None else title
    source.description = source.description if description is None else description
    source.icon = shape.get("icon", source.icon)
    source.in_trash = source.in_trash if trash is None else trash
    source.edited, source.edited_by = clock.floor(call.now), call.caller.user
    database = store.databases[source.database]
    if title is not None and len(database.sources) == 1:
        database.title = title
    return world.show_source(source)


def _home(world: Objects, parent: object) -> Database:
    """The database that a data source is to be in. Raises ApiError."""
    given = mapping(parent, "body.parent")
    database_id = parse_uuid(given.get("database_id"))
    if database_id is None:
        raise misfit("body.parent.database_id", "a valid uuid", given.get("database_id"))
    return world.database(database_id)


def _page_size(world: Objects) -> int:
    given = world.call.body.get("page_size")
    if world.knobs["page_size_over"] == "clamp" and isinstance(given, int):
        given = min(given, LARGEST_PAGE)
    return page_size(given, "body.page_size")


def query(world: Objects) -> Json:
    call = world.call
    source_id = call.uuid(0, "data_source_id")
    call.only(_QUERY)
    size = _page_size(world)
    cursor = parse_cursor(call.body.get("start_cursor"))
    archived_only = bool(call.boolean("is_archived"))
    source = world.source(source_id)
    if world.store.source_trashed(source) and world.knobs["trashed_source_query"] == "lost":
        raise world.lost("data_source", source_id)
    given = call.body.get("filter")
    filters = Filters(source, world.rows, call.now, call.caller.user, world.knobs["api_formula_filters"])
    test = None if given is None else filters.build(given)
    reading = Query(world.store, source, world.rows, call.now, world.knobs)
    found = reading.run(test, call.body.get("sorts"), cursor, size, archived_only)
    only = [form for one in call.all("filter_properties") for form in (one, decode(one))]
    shown = [world.show_page(page, only) for page in found.pages]
    answer = listing("page_or_data_source", shown, found.next.text(world.store.ids) if found.next else None)
    return answer | {"request_status": INCOMPLETE} if found.capped else answer
