"""One database as a replica (core/record.py): rows as records.

Limits: 100 rows a page, 10,000 rows a query, 25 related rows shown on a page. Traps that shape this file:

* `last_edited_time` is floored to the minute, and filters compare whole minutes: callers read with an overlap.
* A row in the trash, archived or moved away merely leaves the query; only a GET of it tells which. 404 proves nothing.
* A capped query ends like a complete one, but says `request_status: incomplete`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NoReturn
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
from higherself_sync.errors import Absent, HsnError, Refused, Unreachable
from higherself_sync.notion import properties, schema
from higherself_sync.notion.client import Api, Json, NotFound, Trashed
from higherself_sync.notion.options import Options

SPLITTERS = "eaionrst0123456789"  # letters and digits that about half of all titles have, or that tell numbers apart
SHARE = "in Notion, open the database and add the integration under ••• > Connections, or correct the ID in the config"


@dataclass(frozen=True, slots=True)
class Table:
    """A database that was found and fits: the id of its data source, and of each column."""

    source: str
    columns: schema.Columns


class Rows:
    """The replica of one database."""

    def __init__(
        self,
        api: Api,
        entity: Entity,
        table: Table,
        options: Options,
        distrust: Callable[[Collection[str]], None] = lambda _: None,
        in_use: Callable[[Json], bool] = lambda _: True,
    ) -> None:
        """`distrust` is told of columns that no longer fit, before that is raised.

        `in_use`: whether a page's parent is a database of ours.
        """
        self._distrust, self._in_use = distrust, in_use
        self._api, self.entity, self._table, self._options = api, entity, table, options
        self._fields, self._columns = fields_of(entity), schema.columns(entity)
        self._place = f"notion {schema.TITLES[entity]}"

    def server_time(self) -> datetime:
        return self._api.server_time()

    # ---- reading ----

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """In order of creation, which no edit changes, so that no row slips across the border of two pages."""
        edited = None if since is None else _timestamp("last_edited_time", _utc(since))
        reading, created = _Reading(), ""
        while True:
            yield from self._batches(reading, edited, _timestamp("created_time", created))
            if reading.complete:
                return
            if reading.last == created:
                minute = (_timestamp("created_time", created), _timestamp("created_time", created, "on_or_before"))
                yield from self._crowd(reading, (edited, *minute), SPLITTERS)
                created = _minute_after(created)
            else:
                created = reading.last  # a query gives 10,000 rows: go on from the last, whose minute is read again

    def _crowd(self, reading: "_Reading", filters: Sequence[Json | None], splitters: str) -> Iterator[Batch]:
        """More rows of a minute than a query gives: those whose title has a letter, those without, until it does."""
        for batch in self._batches(reading, *filters):
            yield batch
            if not reading.complete:  # each answer says so
                break
        else:
            return
        if not splitters:
            remedy = "spread these rows over several databases: Notion gives no way to read them all"
            message = f"more rows were created in the minute {reading.last} than a query gives"
            raise Unreachable(message, place=self._place, remedy=remedy)
        for how in ("contains", "does_not_contain"):  # the latter has the empty ones too
            part = {"property": "title", "rich_text": {how: splitters[0]}}
            yield from self._crowd(reading, (*filters, part), splitters[1:])

    def _batches(self, reading: "_Reading", *filters: Json | None) -> Iterator[Batch]:
        reading.complete = True
        for answer in self._answers(*filters):
            reading.as_of = reading.as_of or self._api.server_time()
            pages = [each for each in answer["results"] if each["object"] == "page"]
            fresh = [each for each in pages if each["id"] not in reading.seen]
            reading.seen.update(each["id"] for each in fresh)
            reading.last = max((each["created_time"] for each in pages), default=reading.last)
            reading.complete = reading.complete and answer.get("request_status", {}).get("type") != "incomplete"
            yield Batch(tuple(self._record(each) for each in fresh), reading.as_of)

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
        source = page["parent"].get("data_source_id")
        if source is not None and not self._in_use(page["parent"]):
            return Gone.MOVED
        if page["in_trash"] or page.get("is_archived") or source != self._table.source:
            return Gone.TRASHED  # so counts a page that was moved to another place (ENGINE 24)
        return self._record(page)

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


@dataclass(slots=True)
class _Reading:
    """How far a read has come. `last`: the latest time of creation met; `complete`: of the query it is at."""

    seen: set[str] = field(default_factory=set)
    as_of: datetime | None = None
    last: str = ""
    complete: bool = True


def _timestamp(name: str, moment: str, how: str = "on_or_after") -> Json | None:
    return {"timestamp": name, name: {how: moment}} if moment else None


def _minute_after(moment: str) -> str:
    return _utc(_read_utc(moment) + timedelta(minutes=1))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _read_utc(raw: str) -> datetime:
    return datetime.fromisoformat(raw).astimezone(UTC)
