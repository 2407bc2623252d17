"""Setting the databases up under a Notion page. Whatever is there already is adopted, so it can be run again any time.

It may be killed between any two requests: databases are found by listing the page's children, and each step looks at
what is there before it changes anything. The only thing changed in an adopted database is that columns are added.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from higherself_sync.core.record import ORDER_OF_WORK, Entity
from higherself_sync.errors import ConfigError, Unanswered, Unreachable
from higherself_sync.notion import schema
from higherself_sync.notion.client import Api, Json, NotFound
from higherself_sync.notion.hub import data_source, known_columns
from higherself_sync.sections import notion_id

CREATION_ORDER = (*ORDER_OF_WORK, Entity.WORKFLOWS)  # what a relation leads to comes before the relation
MARKER = re.compile(r"([a-z][a-z0-9_-]{0,30}):[a-z_]+:\S+")  # a line of External ID, and in it the service's name
ROUNDS = 3  # of looking again after a change whose answer was lost


def initialise(
    api: Api,
    page: str,
    entities: Sequence[Entity],
    source_options: Sequence[str],
    known: Mapping[Entity, str],
    save: Callable[[Entity, str], None],
    properties: Mapping[Entity, Mapping[str, str]] | None = None,
    cache: Mapping[str, str] | None = None,
) -> Mapping[Entity, str]:
    """Database ids by entity, of `entities` and of what they relate to. `page`: ID or URL of the page they go under.

    `known`: databases of an earlier run, by ID or URL. `save` is called for every other one, as soon as it exists.
    `properties`: what columns are called where the config says so. `cache`: what runs remember, of columns too.
    Raises ConfigError for a page or database that is missing, unshared, or cannot be made to fit.
    """
    setup = _Setup(api, _page_id(page), source_options, properties or {}, cache or {})
    setup.see_the_page()
    databases: dict[Entity, str] = {}
    for entity in _with_targets(entities):
        if entity in known:
            databases[entity] = notion_id(known[entity])
        else:
            databases[entity] = setup.adopted_or_created(entity)
            save(entity, databases[entity])
        setup.fit(entity, databases[entity])
    return databases


def _page_id(raw: str) -> str:
    try:
        return notion_id(raw)
    except ValueError as error:
        raise ConfigError(str(error), place="--page", remedy="copy the link of the page from Notion") from None


def _with_targets(entities: Sequence[Entity]) -> Iterator[Entity]:
    wanted = set(entities)
    for entity in reversed(CREATION_ORDER):
        if entity in wanted:
            wanted.update(each.target for each in schema.columns(entity) if each.target is not None)
    return (entity for entity in CREATION_ORDER if entity in wanted)


class _Setup:
    """One run of it. `sources`: the data sources found or made so far."""

    def __init__(
        self,
        api: Api,
        page: str,
        source_options: Sequence[str],
        renamed: Mapping[Entity, Mapping[str, str]],
        cache: Mapping[str, str],
    ) -> None:
        self._api, self._page, self._source_options = api, page, source_options
        self._renamed, self._cache = renamed, cache
        self._sources: dict[Entity, str] = {}

    def see_the_page(self) -> None:
        try:
            self._api.page(self._page)
        except NotFound as error:
            raise self._no_page() from error

    def _no_page(self) -> ConfigError:
        remedy = "in Notion, open the page and add the integration under ••• > Connections"
        message = f"the page {self._page} is missing, or not shared with the integration"
        return ConfigError(message, place="--page", remedy=remedy)

    # ---- databases ----

    def adopted_or_created(self, entity: Entity) -> str:
        for _ in range(ROUNDS):
            found = self._under_the_page(entity)
            if found is not None:
                return found
            columns = {each.title: self._definition(each) for each in self._columns(entity)}
            with suppress(Unanswered):  # it may exist then: look again
                return str(self._api.create_database(self._page, schema.TITLES[entity], columns)["id"])
        raise _given_up(entity)

    def _under_the_page(self, entity: Entity) -> str | None:
        title = schema.TITLES[entity]
        try:
            found = [each["id"] for each in self._api.children(self._page) if _is_database(each, title)]
        except NotFound as error:
            raise self._no_page() from error
        if len(found) > 1:
            message = f"there are {len(found)} databases called {title} under the page: {', '.join(found)}"
            remedy = f"rename or delete all but one, or write the right one's ID to [notion.databases] {entity.value}"
            raise ConfigError(message, place="--page", remedy=remedy)
        return found[0] if found else None

    # ---- columns ----

    def _columns(self, entity: Entity) -> tuple[schema.Column, ...]:
        return schema.columns(entity, self._renamed.get(entity))

    def fit(self, entity: Entity, database_id: str) -> None:
        """Add the columns that are missing, and give mirrors their names."""
        source = data_source(self._api, entity, database_id)
        self._sources[entity] = source["id"]
        known = known_columns(self._cache, entity, source["id"], self._renamed.get(entity, {}))
        for _ in range(ROUNDS):
            missing = [each for each in self._columns(entity) if schema.find(each, source, known) is None]
            if not missing:
                schema.match(entity, source, self._renamed.get(entity), known, self._sources)
                return self._name_mirrors(entity, source, known)
            if any(each.name == "external_id" for each in missing):
                self._see_that_no_lines_stand_elsewhere(entity, source)
            with suppress(Unanswered):  # what came of it is read either way
                self._api.update_columns(source["id"], {each.title: self._definition(each) for each in missing})
            source = self._api.data_source(source["id"])
        raise _given_up(entity)

    def _definition(self, column: schema.Column) -> dict[str, Any]:
        return schema.definition(column, self._sources, self._source_options)

    def _see_that_no_lines_stand_elsewhere(self, entity: Entity, source: Json) -> None:
        """A renamed External ID of which no state tells: with an empty one beside it, its rows would be made anew."""
        texts = {name: each["id"] for name, each in source["properties"].items() if each["type"] == "rich_text"}
        anything = {"or": [{"property": each, "rich_text": {"contains": ":"}} for each in texts.values()]}
        for answer in self._api.query(source["id"], {"filter": anything}) if texts else ():
            for row in answer["results"]:
                for name in texts:
                    if self._holds_a_line(row["properties"].get(name, {})):
                        raise _renamed_marker(entity, name)

    def _holds_a_line(self, cell: Mapping[str, Any]) -> bool:
        lines = "".join(part["plain_text"] for part in cell.get("rich_text", ())).splitlines()
        found = [each[1] for line in lines if (each := MARKER.fullmatch(line))]
        return any(name in self._source_options or not self._source_options for name in found)

    def _name_mirrors(self, entity: Entity, source: Json, known: schema.Columns) -> None:
        """A two-way relation calls its other end "Related to Orders (Client)"; a person wants to read "Orders".

        A name that is taken there already is left alone, and so is one that a person gave.
        """
        for column in self._columns(entity):
            if column.target is None or column.mirror is None:
                continue
            found = schema.find(column, source, known) or {}
            mirror = found["relation"].get("dual_property") or {}
            if not mirror.get("synced_property_name", "").startswith("Related to "):
                continue
            target = self._sources[column.target]
            if column.mirror not in self._api.data_source(target)["properties"]:
                self._rename(target, mirror["synced_property_id"], column.mirror)

    def _rename(self, source_id: str, property_id: str, name: str) -> None:
        """By id, so that doing it twice does no harm."""
        try:
            self._api.update_columns(source_id, {property_id: {"name": name}})
        except Unanswered:
            self._api.update_columns(source_id, {property_id: {"name": name}})


def _is_database(block: Json, title: str) -> bool:
    return block["type"] == "child_database" and block["child_database"]["title"] == title and not block["in_trash"]


def _renamed_marker(entity: Entity, name: str) -> ConfigError:
    message = f'{schema.TITLES[entity]}: "External ID" is missing, and "{name}" holds what it held'
    remedy = f'rename it back, or write external_id = "{name}" into [notion.properties.{entity.value}]'
    return ConfigError(message, place=f"[notion.databases] {entity.value}", remedy=remedy)


def _given_up(entity: Entity) -> Unreachable:
    message = f"{schema.TITLES[entity]}: Notion did not say whether it was set up"
    return Unreachable(message, place="notion", remedy="run `hsn init` again: it goes on where it was")
