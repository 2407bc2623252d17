"""Objects in the form in which the API gives them, in and out of the store, keeping ids and times."""

from collections.abc import Mapping
from typing import Any

from . import clock, formula
from .ids import decode
from .objects import Objects
from .store import Block, Database, DataSource, Json, Page, Property, Store, User

STREAMS = ("users", "databases", "data_sources", "pages", "blocks")
_DERIVED = ("created_time", "created_by", "last_edited_time", "last_edited_by", "button")


def dump(world: Objects) -> dict[str, list[Any]]:
    """Everything there is, pages newest first, in the form that `load` takes."""
    store = world.store
    newest = sorted(store.pages.values(), key=lambda page: page.place, reverse=True)
    return {
        "users": [user.shape for user in store.users.values()],
        "databases": [world.show_database(one) | {"in_trash": one.in_trash} for one in store.databases.values()],
        "data_sources": [world.show_source(one) | {"in_trash": one.in_trash} for one in store.sources.values()],
        "pages": [_whole_page(world, page) for page in newest],
        "blocks": [shown for holder in store.children.values() for shown in _listed(world, holder)],
    }


def _listed(world: Objects, children: list[str]) -> list[Json]:
    """Blocks in their order, pages and databases among them, in the trash or not."""
    return [world.show_block(block) for child in children if (block := world.block(child)) is not None]


def _whole_page(world: Objects, page: Page) -> Json:
    """A page with its relations uncut."""
    shown = world.show_page(page)
    source = world.store.source_of(page)
    for item in source.ordered if source else ():
        if item.type == "relation":
            all_targets = [{"id": one} for one in page.values.get(item.id) or []]
            shown["properties"][item.name] |= {"relation": all_targets, "has_more": False}
    return shown | {"in_trash": page.in_trash}


def load(store: Store, objects: Mapping[str, Any]) -> None:
    """Take objects of any of `STREAMS`; what they lean on may be there already. Raises KeyError for another stream."""
    if unknown := objects.keys() - set(STREAMS):
        raise KeyError(f"stream {', '.join(sorted(unknown))}")
    for shape in objects.get("users", ()):
        store.users[shape["id"]] = User(shape["id"], dict(shape))
    for shape in objects.get("databases", ()):
        _load_database(store, shape)
    for shape in objects.get("data_sources", ()):
        _load_source(store, shape)
    for page, properties in [_load_page(store, shape) for shape in reversed(objects.get("pages", ()))]:
        _load_values(store, page, properties)
    for shape in objects.get("blocks", ()):
        _load_block(store, shape)


def _load_database(store: Store, shape: Json) -> None:
    known = store.databases.get(shape["id"])
    database = Database(
        shape["id"],
        shape["parent"],
        clock.parse(shape["created_time"]),
        clock.parse(shape["last_edited_time"]),
        known.created_by if known else "",
        known.edited_by if known else "",
        shape["title"],
        shape["description"],
        shape.get("icon"),
        shape.get("cover"),
        shape.get("is_inline", False),
        shape.get("in_trash", False),
        shape.get("is_locked", False),
        sources=known.sources if known else [],
    )
    if known is None:
        store.adopt(database.parent, database.id)
    store.databases[database.id] = database


def _load_source(store: Store, shape: Json) -> None:
    database_id = shape["parent"]["database_id"]
    if database_id not in store.databases:
        _found_database(store, database_id, shape)
    database = store.databases[database_id]
    database.created_by = database.created_by or shape["created_by"]["id"]
    database.edited_by = database.edited_by or shape["last_edited_by"]["id"]
    known = store.sources.get(shape["id"])
    created = clock.parse(shape["created_time"])
    source = DataSource(
        shape["id"],
        database_id,
        created,
        clock.parse(shape["last_edited_time"]),
        shape["created_by"]["id"],
        shape["last_edited_by"]["id"],
        created,
        shape["title"],
        shape["description"],
        shape.get("icon"),
        shape.get("cover"),
        shape.get("in_trash", False),
        rows=known.rows if known else [],
        last_number=known.last_number if known else 0,
    )
    source.properties = {item.id: item for item in (_property(*column) for column in shape["properties"].items())}
    source.arrange()
    store.sources[source.id] = source
    if source.id not in database.sources:
        database.sources.append(source.id)


def _found_database(store: Store, database_id: str, shape: Json) -> None:
    """The container that a data source speaks of, as far as the data source tells."""
    times = (clock.parse(shape["created_time"]), clock.parse(shape["last_edited_time"]))
    texts = (shape["title"], shape["description"])
    database = Database(database_id, shape["database_parent"], *times, "", "", *texts)
    database.inline = shape.get("is_inline", False)
    store.databases[database_id] = database
    store.adopt(database.parent, database_id)


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


def _load_page(store: Store, shape: Json) -> tuple[Page, Json]:
    parent = dict(shape["parent"])
    if parent["type"] == "data_source_id":
        parent.pop("database_id", None)
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
        cover=shape.get("cover"),
        icon=shape.get("icon"),
        in_trash=shape.get("in_trash", False),
        archived=shape.get("is_archived", False),
        locked=shape.get("is_locked", False),
    )
    store.put_page(page)
    return page, shape["properties"]


def _load_values(store: Store, page: Page, properties: Json) -> None:
    source = store.source_of(page)
    for value in properties.values():
        kind, key = value["type"], decode(value["id"])
        if kind in ("formula", "rollup"):
            page.computed[key] = value[kind]
        elif kind not in _DERIVED:
            page.values[key] = _raw(kind, value[kind])
        if kind == "unique_id" and source and value[kind]["number"]:
            source.last_number = max(source.last_number, value[kind]["number"])


def _raw(kind: str, value: Any) -> Any:
    match kind:
        case "title" | "rich_text":
            return [dict(text) for text in value]
        case "select" | "status":
            return value["id"] if value else None
        case "multi_select" | "people" | "relation":
            return [one["id"] for one in value]
        case "unique_id":
            return value["number"]
        case _:
            return value


def _load_block(store: Store, shape: Json) -> None:
    """A block after its siblings. Pages and databases are loaded as such: here they only take their place."""
    if shape["type"] in ("child_page", "child_database"):
        if shape["id"] in store.pages or shape["id"] in store.databases:
            store.orphan(shape["parent"], shape["id"])
            store.adopt(shape["parent"], shape["id"])
        return
    block = Block(
        shape["id"],
        shape["parent"],
        shape["type"],
        shape[shape["type"]],
        clock.parse(shape["created_time"]),
        clock.parse(shape["last_edited_time"]),
        shape["created_by"]["id"],
        shape["last_edited_by"]["id"],
        shape.get("in_trash", False),
    )
    if block.id not in store.blocks:
        store.adopt(block.parent, block.id)
    store.blocks[block.id] = block
