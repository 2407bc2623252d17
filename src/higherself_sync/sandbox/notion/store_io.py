"""Objects in the form in which the API gives them, in and out of the store, keeping ids and times."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from . import clock, formula, texts
from .ids import decode
from .objects import Objects
from .store import Database, DataSource, Json, Page, Property, Store, User

_COMPUTED = ("formula", "rollup")
_DERIVED = ("created_time", "created_by", "last_edited_time", "last_edited_by", "button")


def dump(world: Objects) -> dict[str, list[Any]]:
    """Everything but the users that every workspace starts with; rows newest first."""
    store = world.store
    newest = sorted(store.pages.values(), key=lambda page: page.place, reverse=True)
    return {
        "users": [user.shape for user in store.users.values()],
        "databases": [world.show_database(one) for one in store.databases.values()],
        "data_sources": [world.show_source(one) for one in store.sources.values()],
        "pages": [_whole_page(world, page) for page in newest],
    }


def _whole_page(world: Objects, page: Page) -> Json:
    """A page with its relations uncut."""
    shown = world.show_page(page)
    source = world.store.source_of(page)
    for item in source.ordered if source else ():
        if item.type == "relation":
            all_targets = [{"id": one} for one in page.values.get(item.id) or []]
            shown["properties"][item.name] |= {"relation": all_targets, "has_more": False}
    return shown | {"in_trash": page.in_trash}


def load(store: Store, objects: Mapping[str, Any], now: datetime) -> None:
    """Take users, databases, data sources and pages, in any mixture; what they lean on may be loaded already."""
    if unknown := objects.keys() - {"users", "databases", "data_sources", "pages"}:
        raise KeyError(f"stream {', '.join(sorted(unknown))}")
    for shape in objects.get("users", ()):
        store.users[shape["id"]] = User(shape["id"], dict(shape))
    for shape in objects.get("databases", ()):
        _load_database(store, shape)
    for shape in objects.get("data_sources", ()):
        load_source(store, shape)
    loaded = [_page(store, shape) for shape in reversed(objects.get("pages", ()))]
    for page in loaded:
        _values(store, *page)
    _ = now


def _load_database(store: Store, shape: Json) -> None:
    user = shape.get("created_by", {}).get("id", "")
    known = store.databases.get(shape["id"])
    database = Database(
        shape["id"],
        shape["parent"],
        clock.parse(shape["created_time"]),
        clock.parse(shape["last_edited_time"]),
        known.created_by if known else user,
        known.edited_by if known else user,
        shape["title"],
        shape["description"],
        shape["icon"],
        shape["cover"],
        shape["is_inline"],
        shape["in_trash"],
        shape["is_locked"],
        sources=known.sources if known else [],
    )
    if known is None:
        store.adopt(database.parent, database.id)
    store.databases[database.id] = database


def load_source(store: Store, shape: Json) -> None:
    database_id = shape["parent"]["database_id"]
    created, edited = clock.parse(shape["created_time"]), clock.parse(shape["last_edited_time"])
    made_by, edited_by = shape["created_by"]["id"], shape["last_edited_by"]["id"]
    if database_id not in store.databases:
        parent = shape["database_parent"]
        database = Database(
            database_id, parent, created, edited, made_by, edited_by, shape["title"], shape["description"]
        )
        database.inline = shape["is_inline"]
        store.databases[database_id] = database
        store.adopt(parent, database_id)
    known = store.sources.get(shape["id"])
    source = DataSource(
        shape["id"],
        database_id,
        created,
        edited,
        made_by,
        edited_by,
        created,
        shape["title"],
        shape["description"],
        shape["icon"],
        shape["cover"],
        shape["in_trash"],
        rows=known.rows if known else [],
        last_number=known.last_number if known else 0,
    )
    for name, column in shape["properties"].items():
        item = _property(name, column)
        source.properties[item.id] = item
    source.arrange()
    store.sources[source.id] = source
    if source.id not in store.databases[database_id].sources:
        store.databases[database_id].sources.append(source.id)


def _property(name: str, column: Json) -> Property:
    config = column[column["type"]]
    match column["type"]:
        case "formula":
            config = {"expression": formula.stored(config["expression"], {})}
        case "relation":
            config = _relation(config)
        case "rollup":
            config = {
                "function": config["function"],
                "relation": config["relation_property_id"],
                "target": config["rollup_property_id"],
                "as_loaded": config,
            }
        case "select" | "multi_select" | "status":
            config = {key: [dict(one) for one in value] for key, value in config.items()}
        case _:
            config = dict(config)
    return Property(decode(column["id"]), name, column["type"], config, column.get("description"))


def _relation(config: Json) -> Json:
    kind = config["type"]
    read: Json = {"data_source_id": config["data_source_id"], "type": kind, "as_loaded": config}
    if kind == "dual_property":
        read["synced"] = decode(config["dual_property"]["synced_property_id"])
    return read


def _page(store: Store, shape: Json) -> tuple[Page, Json]:
    parent = {
        key: value
        for key, value in shape["parent"].items()
        if key != "database_id" or "data_source_id" not in shape["parent"]
    }
    known = store.pages.get(shape["id"])
    if known is not None:
        store.detach(known)
    created = clock.parse(shape["created_time"])
    page = Page(
        shape["id"],
        parent,
        created,
        clock.parse(shape["last_edited_time"]),
        created,
        shape["created_by"]["id"],
        shape["last_edited_by"]["id"],
        known.order if known else store.next_order(),
        cover=shape["cover"],
        icon=shape["icon"],
        in_trash=shape["in_trash"],
        archived=shape.get("is_archived", False),
        locked=shape.get("is_locked", False),
    )
    store.put_page(page)
    return page, shape["properties"]


def _values(store: Store, page: Page, properties: Json) -> None:
    source = store.source_of(page)
    for value in properties.values():
        kind, key = value["type"], decode(value["id"])
        if kind in _COMPUTED:
            page.computed[key] = value[kind]
        elif kind not in _DERIVED:
            page.values[key] = _raw(kind, value[kind])
        if kind == "unique_id" and source and value[kind]["number"]:
            source.last_number = max(source.last_number, value[kind]["number"])


def _raw(kind: str, value: Any) -> Any:
    match kind:
        case "title" | "rich_text":
            return texts.loaded(value)
        case "select" | "status":
            return value["id"] if value else None
        case "multi_select" | "people" | "relation":
            return [one["id"] for one in value]
        case "unique_id":
            return value["number"]
        case _:
            return value
