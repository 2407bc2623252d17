"""The hub: each of the six databases as a replica (core/record.py), rows as records.

API: https://developers.notion.com/reference · Limits: 180 requests a minute (600 on larger plans), 100 rows a page,
10,000 rows a query, 25 related rows shown on a page. Traps that shape this file:

* `last_edited_time` is floored to the minute, and filters compare whole minutes: callers read with an overlap.
* A row in the trash, archived or moved away merely leaves the query; only a GET of it tells which. 404 proves nothing.
* A capped query ends like a complete one, but says `request_status: incomplete`.
* Ids of databases, data sources, columns and options are kept in the cache, so that a quiet run costs one query each.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

from higherself_sync.core.record import (
    Batch,
    Draft,
    Entity,
    Gone,
    Kind,
    Marks,
    Record,
    Value,
    Values,
    fields_of,
    natural_key,
)
from higherself_sync.errors import Absent, ConfigError, HsnError, Refused, Unreachable
from higherself_sync.notion import properties, schema
from higherself_sync.notion.client import Api, Json, NotFound, Trashed
from higherself_sync.notion.options import Options
from higherself_sync.sections import notion_id
from higherself_sync.services.base import Check

SHARE = "in Notion, open the database and add the integration under ••• > Connections, or correct the ID in the config"


@dataclass(frozen=True, slots=True)
class Table:
    """A database that was found and fits: the id of its data source, and of each column."""

    source: str
    columns: schema.Columns


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
        rows = Rows(self.api, entity, table, options, lambda broken: self._distrust(entity, broken))
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
            remedy = "run `hsn init`, or name the database there"
            raise ConfigError("no database is named", place=f"[notion.databases] {entity.value}", remedy=remedy)
        return self._databases[entity]

    def _remembered(self, entity: Entity) -> dict[str, Any]:
        entry: dict[str, Any] = json.loads(self._cache.get(f"notion:{entity.value}", "{}"))
        return entry if entry.get("asked") == self._asked(entity) else {}

    def _cached(self, entity: Entity) -> Table | None:
        entry = self._remembered(entity)
        return Table(entry["source"], entry["columns"]) if entry and not entry.get("broken") else None

    def _distrust(self, entity: Entity, broken: Collection[str]) -> None:
        """These columns do not fit any more: the next run looks at the database anew."""
        entry = self._remembered(entity)
        if entry:
            entry["broken"] = sorted({*entry.get("broken", ()), *broken})
            self._cache[f"notion:{entity.value}"] = json.dumps(entry)

    def _looked_up(self, entity: Entity) -> Table:
        """Asks Notion, and remembers the answer."""
        source = data_source(self.api, entity, self._configured(entity))
        remembered = self._remembered(entity)
        known = remembered.get("columns", {})
        columns = schema.match(entity, source, self._renamed.get(entity), known, self._databases)
        renewed = {*remembered.get("broken", ()), *(name for name in known if columns.get(name) != known[name])}
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
        for entity in self._databases:
            yield self._database_health(entity)

    def _database_health(self, entity: Entity) -> Check:
        name = f"notion {entity.value}"
        try:
            table = self._looked_up(entity)
        except HsnError as error:
            return _failure(name, error)
        return Check(name, "ok", f"{schema.TITLES[entity]}: found, with all {len(table.columns)} columns")


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


# --------------------------------------------------------------------------------------------------------- one database


class Rows:
    """The replica of one database."""

    def __init__(
        self,
        api: Api,
        entity: Entity,
        table: Table,
        options: Options,
        distrust: Callable[[Collection[str]], None] = lambda _: None,
    ) -> None:
        """`distrust` is told of columns that no longer fit, before that is raised."""
        self._distrust = distrust
        self._api, self.entity, self._table, self._options = api, entity, table, options
        self._fields, self._columns = fields_of(entity), schema.columns(entity)
        self._place = f"notion {schema.TITLES[entity]}"

    def server_time(self) -> datetime:
        return self._api.server_time()

    # ---- reading ----

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """In order of creation, which no edit changes, so that no row slips across the border of two pages."""
        edited = None if since is None else _timestamp("last_edited_time", _utc(since))
        seen: set[str] = set()
        created, as_of = "", None
        while True:
            last, complete = created, True
            for answer in self._answers(edited, _timestamp("created_time", created) if created else None):
                as_of = as_of or self._api.server_time()
                pages = [each for each in answer["results"] if each["object"] == "page"]
                fresh = [each for each in pages if each["id"] not in seen]
                seen.update(each["id"] for each in fresh)
                last = max((each["created_time"] for each in pages), default=last)
                complete = complete and answer.get("request_status", {}).get("type") != "incomplete"
                yield Batch(tuple(self._record(each) for each in fresh), as_of)
            if complete:
                return
            if last == created:
                remedy = "spread these rows over several databases: Notion gives no way to read them all"
                message = f"{self._place}: more rows were created in the minute {last} than a query gives"
                raise Unreachable(message, place=self._place, remedy=remedy)
            created = last  # Notion gives 10,000 rows a query: go on from the last, whose minute is read again

    def _answers(self, *filters: Json | None) -> Iterator[Json]:
        body: Json = {"sorts": [{"timestamp": "created_time", "direction": "ascending"}]}
        wanted = [each for each in filters if each is not None]
        if wanted:
            body["filter"] = wanted[0] if len(wanted) == 1 else {"and": wanted}
        try:
            yield from self._api.query(self._table.source, body)
        except NotFound as error:
            raise self._not_shared(error) from error

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        return {each: self._fetch(each) for each in dict.fromkeys(ids)}

    def _fetch(self, page_id: str) -> Record | Gone:
        try:
            page = self._api.page(str(UUID(page_id)))
        except (ValueError, NotFound):
            return Gone.HIDDEN  # no id of Notion's at all, gone for good, or not shared: none of it is proof
        if page["in_trash"] or page.get("is_archived") or not self._is_ours(page):
            return Gone.TRASHED
        return self._record(page)

    def _is_ours(self, page: Json) -> bool:
        """A page moved to another place counts as trashed (ENGINE 24)."""
        return bool(page["parent"].get("data_source_id") == self._table.source)

    def find_created(self, draft: Draft, since: datetime) -> Record | None:  # noqa: ARG002 the marker says enough
        if not draft.marks.lines:
            return None
        line = draft.marks.lines[0]
        wanted = {"property": self._table.columns["external_id"], "rich_text": {"contains": line}}
        for answer in self._answers(wanted):
            for page in answer["results"]:
                record = self._record(page)
                if line in record.marks.lines:  # `contains` also finds longer ids, and ignores case
                    return record
        return None

    # ---- writing ----

    def create(self, draft: Draft) -> Record:
        cells = self._cells(draft.values, properties.write_marks(draft.marks))
        try:
            page = self._with_known_options(cells, lambda each: self._api.create_page(self._table.source, each))
        except (NotFound, Trashed) as error:
            self._source_or_row(error)
        return self._written(page, draft.values)

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        cells = self._cells(values, properties.write_marks(marks, current.marks))
        try:
            page = self._with_known_options(cells, lambda each: self._api.update_page(current.id, each))
        except (NotFound, Trashed) as error:
            self._gone_or_refused(current.id, error)
        return self._written(page, values)

    def archive(self, record_id: str) -> Record:
        try:
            return self._record(self._api.trash_page(record_id))
        except (NotFound, Trashed) as error:
            self._gone_or_refused(record_id, error)

    def restore(self, record_id: str, values: Values) -> Record:  # noqa: ARG002 a page keeps its values in the trash
        try:
            return self._record(self._api.trash_page(record_id, trash=False))
        except (NotFound, Trashed) as error:
            self._gone_or_refused(record_id, error)

    def _cells(self, values: Values, marks: Mapping[str, Json]) -> dict[str, Json]:
        """By field name, as a request wants them."""
        written = {}
        for name, value in values.items():
            field = self._fields[name]
            chosen = field.kind is Kind.SELECT and isinstance(value, str)
            option = self._options.option(name, str(value)) if chosen else None
            written[name] = properties.write(field, value, option)
        return written | dict(marks)

    def _with_known_options(self, cells: Mapping[str, Json], send: Callable[[Json], Json]) -> Json:
        """Send; an option that a person deleted meanwhile is made anew, by its name."""
        try:
            return send(self._by_id(cells))
        except Refused:
            deleted = self._deleted_options(cells)
            if not deleted:
                raise
        renewed = dict(cells)
        for name, option_id in deleted.items():
            value = self._options.forget(name, option_id)
            renewed[name] = properties.write(self._fields[name], value, self._options.option(name, value))
        return send(self._by_id(renewed))

    def _deleted_options(self, cells: Mapping[str, Json]) -> dict[str, str]:
        """By field, the options that were named by an id which the database does not know any more."""
        named = {name: cell["select"]["id"] for name, cell in cells.items() if "id" in (cell.get("select") or {})}
        if not named:
            return {}
        now = {each["id"]: each for each in self._api.data_source(self._table.source)["properties"].values()}
        options = {name: now.get(self._table.columns[name], {}).get("select", {}).get("options", []) for name in named}
        return {
            name: option_id
            for name, option_id in named.items()
            if option_id not in [each["id"] for each in options[name]]
        }

    def _by_id(self, cells: Mapping[str, Json]) -> Json:
        return {self._table.columns[name]: cell for name, cell in cells.items()}

    def _written(self, page: Json, sent: Values) -> Record:
        cells = properties.Cells.of(page, self._place)
        for name, value in sent.items():
            if self._fields[name].kind is Kind.SELECT and isinstance(value, str):
                self._options.wrote(name, value, self._cell(cells, name)["select"])
        return self._record(page)

    def _source_or_row(self, error: HsnError) -> NoReturn:
        """A create met something missing: the database, or only a row that the new one relates to."""
        try:
            source = self._api.data_source(self._table.source)
        except NotFound as gone:
            raise self._not_shared(gone) from gone
        if source.get("in_trash"):
            raise Unreachable(f"{self._place} is in the trash", place=self._place, remedy="restore it in Notion")
        raise Refused(error.message, place=self._place) from error

    def _gone_or_refused(self, page_id: str, error: HsnError) -> NoReturn:
        """A write met something missing: the page itself, or only a row that it relates to."""
        found = self._fetch(page_id)
        if isinstance(found, Gone):
            raise Absent(found, error.message, place=self._place) from error
        raise Refused(error.message, place=self._place) from error

    def _not_shared(self, error: NotFound) -> Unreachable:
        message = f"{self._place}: the database is gone, or no longer shared with the integration"
        return Unreachable(message, place=self._place, remedy=f"{SHARE} ({error.message})")

    # ---- records ----

    def _record(self, page: Json) -> Record:
        cells = properties.Cells.of(page, self._place)
        broken = [each.name for each in self._columns if not cells.fits(self._table.columns[each.name], each.type)]
        if broken:
            self._distrust(broken)  # and the first of them is raised below
        values = {name: self._value(page["id"], cells, name) for name in self._fields}
        title = next(values[name] for name, field in self._fields.items() if field.kind is Kind.TITLE)
        return Record(
            page["id"],
            values,
            modified=_read_utc(page["last_edited_time"]),
            created=_read_utc(page["created_time"]),
            key=natural_key(self.entity, values),
            marks=self._marks(cells),
            trashed=bool(page["in_trash"] or page.get("is_archived")),
            editor=page["last_edited_by"]["id"],
            label=str(title) if title else None,
        )

    def trashed(self, page: Json) -> Record | None:
        """A row in the trash with its marks alone; None where even those cannot be read, as in a stale search hit."""
        cells = properties.Cells.of(page, self._place)
        own = [each for each in self._columns if each.name in ("external_id", "source", "last_synced")]
        if not all(cells.fits(self._table.columns[each.name], each.type) for each in own):
            return None
        return Record(page["id"], {}, marks=self._marks(cells), trashed=True)

    def _cell(self, cells: properties.Cells, name: str) -> properties.Json:
        field = self._fields[name]
        return cells.get(self._table.columns[name], field.kind.value, field.title)

    def _value(self, page_id: str, cells: properties.Cells, name: str) -> Value:
        kind, cell = self._fields[name].kind, self._cell(cells, name)
        if kind is Kind.SELECT:
            return self._options.value(name, cell["select"])
        if properties.cut_short(kind, cell):
            items = self._api.property_items(page_id, self._table.columns[name])
            cell = {kind.value: [item[kind.value] for item in items]}
        return properties.read(kind, cell)

    def _marks(self, cells: properties.Cells) -> Marks:
        columns = self._table.columns
        source = cells.get(columns["source"], "multi_select", "Source")["multi_select"]
        names = [name for option in source if (name := self._options.value("source", option)) is not None]
        return properties.read_marks(
            cells.get(columns["external_id"], "rich_text", "External ID"),
            names,
            cells.get(columns["last_synced"], "date", "Last Synced"),
        )


def _timestamp(name: str, on_or_after: str) -> Json:
    return {"timestamp": name, name: {"on_or_after": on_or_after}}


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _read_utc(raw: str) -> datetime:
    return datetime.fromisoformat(raw).astimezone(UTC)
