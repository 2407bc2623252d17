"""The hub: six databases, found and checked against what they must hold.

API: https://developers.notion.com/reference · Limit: 180 requests a minute (600 on larger plans). Ids of databases,
data sources, columns and options are kept in the cache, so that a quiet run costs one query each.
"""

import json
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from higherself_sync.core.record import (
    Entity,
    Record,
)
from higherself_sync.errors import ConfigError, HsnError, Remade
from higherself_sync.notion import schema
from higherself_sync.notion.client import Api, Json, NotFound
from higherself_sync.notion.options import Options
from higherself_sync.notion.rows import SHARE, Rows, Table
from higherself_sync.sections import notion_id
from higherself_sync.services.base import Check


class Hub:
    """Notion as a whole. `databases`: per entity the ID or URL of a database or a data source.

    `properties`: per entity what columns are called where the config says so. `cache` is kept by the caller from run
    to run. `known`: per entity and field the values that services declare, to tell options with a comma by.
    """

    def __init__(
        self,
        api: Api,
        *,
        databases: Mapping[Entity, str],
        cache: MutableMapping[str, str],
        properties: Mapping[Entity, Mapping[str, str]] | None = None,
        known: Mapping[Entity, Mapping[str, Collection[str]]] | None = None,
    ) -> None:
        self.api = api
        self._databases = {entity: _object_id(entity, raw) for entity, raw in databases.items()}
        self._renamed, self._known, self._cache = properties or {}, known or {}, cache
        # Per entity the columns that were missing or of another type since they were last read: what they hold now is
        # what Notion made of that, and no person's edit.
        self.renewed: dict[Entity, frozenset[str]] = {}
        # Per entity the ID that the config had before, where the data source found now is another one.
        self.moved: dict[Entity, str] = {}
        self._rows: dict[str, Rows] = {}  # by the id of the data source

    @property
    def bot_id(self) -> str:
        """The id under which this integration edits pages."""
        if "notion:bot" not in self._cache:
            self._cache["notion:bot"] = self.api.me()["id"]
        return self._cache["notion:bot"]

    def replica(self, entity: Entity) -> "Rows":
        """One database. Raises ConfigError where it is not configured, missing, unshared, or does not fit."""
        table = self._cached(entity) or self._looked_up(entity)
        options = Options(entity.value, self._cache, self._known.get(entity))
        rows = Rows(self.api, entity, table, options, partial(self._distrust, entity), self._is_in_use)
        self._rows[table.source] = rows
        return rows

    def trash(self) -> Iterator[list[tuple[Entity, Record]]]:
        """Rows of the databases in use that a search shows in the trash, an answer at a time, those edited last first.

        Their values are left out. The search lags behind (reference of 2026-07: `filter.in_trash`), so they are hints.
        """
        for answer in self.api.trashed_pages():
            found = [self._trashed(page) for page in answer["results"]]
            yield [each for each in found if each is not None]

    def _trashed(self, page: Json) -> tuple[Entity, Record] | None:
        """None for a row of another database, and for the bare stubs of rows that are not shared any more."""
        rows = self._rows.get(page.get("parent", {}).get("data_source_id", ""))
        record = rows.trashed(page) if rows is not None and "properties" in page else None
        return None if rows is None or record is None else (rows.entity, record)

    def requests(self) -> int:
        return self.api.sent

    def server_time(self) -> datetime:
        return self.api.server_time()

    def close(self) -> None:
        self.api.close()

    # ---- finding the databases ----

    def _asked(self, entity: Entity) -> dict[str, Any]:
        """What a cache entry has to have been made for."""
        return {"id": self._configured(entity), "renamed": dict(self._renamed.get(entity, {}))}

    def _configured(self, entity: Entity) -> str:
        if entity not in self._databases:
            remedy = f"let {schema.INIT} find or make it, or name it there"
            raise ConfigError("no database is named", place=f"[notion.databases] {entity.value}", remedy=remedy)
        return self._databases[entity]

    def _remembered(self, entity: Entity) -> dict[str, Any]:
        entry = _entry(self._cache, entity)
        return entry if entry.get("asked") == self._asked(entity) else {}

    def _cached(self, entity: Entity) -> Table | None:
        entry = self._remembered(entity)
        return Table(entry["source"], entry["columns"]) if entry and not entry.get("broken") else None

    def _distrust(self, entity: Entity, broken: Collection[str]) -> None:
        """These columns do not fit any more: the next run looks at the database anew.

        Raises Remade where others stand in their place by now.
        """
        entry = self._remembered(entity)
        if entry:
            entry["broken"] = sorted({*entry.get("broken", ()), *broken})
            self._cache[f"notion:{entity.value}"] = json.dumps(entry)
        with suppress(HsnError):  # whoever asked says what is wrong
            source = self.api.data_source(self._rows_of(entity))
            columns = schema.match(entity, source, self._renamed.get(entity), entry.get("columns"))
            if any(columns[name] != entry["columns"][name] for name in broken):
                raise Remade(f"{schema.TITLES[entity]}: {', '.join(broken)}")

    def _rows_of(self, entity: Entity) -> str:
        return next(source for source, rows in self._rows.items() if rows.entity is entity)

    def _is_in_use(self, parent: Json) -> bool:
        """Whether that database is one of ours."""
        ids = {parent.get("data_source_id"), parent.get("database_id")}
        return not ids.isdisjoint(self._databases.values())

    def _looked_up(self, entity: Entity) -> Table:
        """Asks Notion, and remembers the answer."""
        source = data_source(self.api, entity, self._configured(entity))
        former, renamed = _entry(self._cache, entity), self._renamed.get(entity, {})
        known = known_columns(self._cache, entity, source["id"], renamed)
        if former and former["source"] != source["id"]:
            self.moved[entity] = former["asked"]["id"]
        try:
            columns = schema.match(entity, source, renamed, known, self._databases)
        except schema.Mismatch as error:
            if entity in self.moved:  # more likely the wrong database than the right one without its columns
                error.remedy = f'another was named before: {entity.value} = "{self.moved[entity]}"; or {error.remedy}'
            raise
        broken = known.keys() & former.get("broken", ())
        renewed = {*broken, *(name for name in known if columns.get(name) != known[name])}
        if renewed:
            self.renewed[entity] = frozenset(renewed)
        entry = {"asked": self._asked(entity), "source": source["id"], "columns": dict(columns)}
        self._cache[f"notion:{entity.value}"] = json.dumps(entry)
        return Table(source["id"], columns)

    # ---- health ----

    def health(self) -> Iterator[Check]:
        """The token, and each database as it is now, whatever the cache says. Raises nothing."""
        try:
            bot = self.api.me()
        except HsnError as error:
            yield _failure("notion token", error)
            return
        self._cache["notion:bot"] = bot["id"]
        yield Check("notion token", "ok", f'valid, of the integration "{bot.get("name")}"')
        found = {entity: self._tried(entity) for entity in self._databases}
        deserted = _deserted(found)
        for entity, outcome in found.items():
            yield _database_health(entity, outcome, deserted)

    def _tried(self, entity: Entity) -> Table | HsnError:
        try:
            return self._looked_up(entity)
        except HsnError as error:
            return error


def _deserted(found: Mapping[Entity, Table | HsnError]) -> dict[Entity, list[str]]:
    """Databases that fit, but to which the relations of several others do not lead: it is the ID that is wrong."""
    titles: dict[Entity, list[str]] = {}
    for entity, outcome in found.items():
        misfits = outcome.misfits if isinstance(outcome, schema.Mismatch) else ()
        for target in {each.column.target for each in misfits if each.astray and each.column.target}:
            titles.setdefault(target, []).append(schema.TITLES[entity])
    return {target: each for target, each in titles.items() if len(each) > 1 and isinstance(found.get(target), Table)}


def _database_health(entity: Entity, outcome: Table | HsnError, deserted: Mapping[Entity, Collection[str]]) -> Check:
    name, title = f"notion {entity.value}", schema.TITLES[entity]
    if entity in deserted:
        message = f"{title}: the relations of {', '.join(deserted[entity])} lead to another database"
        remedy = f"see whether [notion.databases] {entity.value} is the right one; if so, let them lead there"
        return Check(name, "fail", message, remedy, exit_code=ConfigError.exit_code)
    if isinstance(outcome, schema.Mismatch):
        own = [each for each in outcome.misfits if not (each.astray and each.column.target in deserted)]
        if not own:
            return Check(name, "warn", f"{title}: see those that it relates to")
        outcome = schema.Mismatch(entity, own)
    if isinstance(outcome, HsnError):
        return _failure(name, outcome)
    return Check(name, "ok", f"{title}: found, with all {len(outcome.columns)} columns")


def _entry(cache: Mapping[str, str], entity: Entity) -> dict[str, Any]:
    """What is remembered of a database, whichever it was; empty at first."""
    entry: dict[str, Any] = json.loads(cache.get(f"notion:{entity.value}", "{}"))
    return entry


def known_columns(cache: Mapping[str, str], entity: Entity, source: str, renamed: Mapping[str, str]) -> schema.Columns:
    """The ids of that data source's columns as they were last found, where the config calls them as it did then."""
    entry = _entry(cache, entity)
    if entry.get("source") != source:
        return {}
    then = entry["asked"]["renamed"]
    return {name: each for name, each in entry["columns"].items() if then.get(name) == renamed.get(name)}


def _object_id(entity: Entity, raw: str) -> str:
    try:
        return notion_id(raw)
    except ValueError as error:
        remedy = "copy the link of the database from Notion"
        raise ConfigError(str(error), place=f"[notion.databases] {entity.value}", remedy=remedy) from None


def data_source(api: Api, entity: Entity, configured: str) -> Json:
    """What the ID of a database or of a data source leads to. Raises ConfigError where that is not one data source."""
    place, title = f"[notion.databases] {entity.value}", schema.TITLES[entity]
    try:
        source = api.data_source(_only_source(api.database(configured), place, title))
    except NotFound:
        try:
            source = api.data_source(configured)
        except NotFound as error:
            message = f"{title}: {configured} is missing, or not shared with the integration"
            raise ConfigError(message, place=place, remedy=SHARE) from error
    if source.get("in_trash"):
        raise ConfigError(f"{title} is in the trash", place=place, remedy="restore it in Notion")
    return source


def _only_source(database: Json, place: str, title: str) -> str:
    sources = database["data_sources"]
    if database.get("in_trash"):
        raise ConfigError(f"{title} is in the trash", place=place, remedy="restore it in Notion")
    if len(sources) != 1:
        listed = ", ".join(f"{each['name']} = {each['id']}" for each in sources) or "none that is shared"
        remedy = "write the ID of the right data source there, instead of the database's"
        raise ConfigError(f"{title} has {len(sources)} data sources: {listed}", place=place, remedy=remedy)
    return str(sources[0]["id"])


def _failure(name: str, error: HsnError) -> Check:
    return Check(name, "fail", error.message, error.remedy, exit_code=error.exit_code)
