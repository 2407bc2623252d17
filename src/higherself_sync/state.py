"""What hsn remembers between runs: one SQLite file in WAL mode, and the lock that lets one run at a time use it.

`pages` and `records` mirror what was last read of each side, `links` holds who belongs to whom with the base of each
field, so the work to do is always `mirror != base`, whatever a run was able to do (ENGINE 2). `journal` holds intents
that have no answer yet; `problems` what waits for a person, and what must not be tried again.
"""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from higherself_sync.core.plan import Agreed, Hold, HoldKind, Link
from higherself_sync.core.record import (
    Entity,
    Kind,
    Marks,
    Record,
    Side,
    Stream,
    Value,
    Values,
    fields_of,
    from_json,
    to_json,
)
from higherself_sync.errors import ConfigError, Locked, UsageError

if TYPE_CHECKING:
    from higherself_sync.config import Config

Times: TypeAlias = Mapping[str, datetime | None]

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE accounts (service TEXT PRIMARY KEY, account TEXT NOT NULL);
CREATE TABLE cursors (replica TEXT PRIMARY KEY, as_of TEXT NOT NULL, swept TEXT NOT NULL);
CREATE TABLE pages (
  id TEXT PRIMARY KEY, entity TEXT NOT NULL, vals TEXT NOT NULL, times TEXT NOT NULL, modified TEXT, created TEXT,
  key TEXT, lines TEXT NOT NULL, sources TEXT NOT NULL, synced TEXT, trashed INTEGER NOT NULL, written TEXT,
  editor TEXT, label TEXT);
CREATE INDEX pages_key ON pages (entity, key) WHERE key IS NOT NULL;
CREATE TABLE page_lines (line TEXT NOT NULL, page_id TEXT NOT NULL, PRIMARY KEY (line, page_id)) WITHOUT ROWID;
CREATE INDEX page_lines_page ON page_lines (page_id);
CREATE TABLE records (
  n INTEGER PRIMARY KEY, service TEXT NOT NULL, stream TEXT NOT NULL, id TEXT NOT NULL, entity TEXT NOT NULL,
  vals TEXT NOT NULL, times TEXT NOT NULL, modified TEXT, created TEXT, key TEXT, page_id TEXT, synced TEXT,
  trashed INTEGER NOT NULL, locked TEXT NOT NULL, native TEXT NOT NULL, people TEXT NOT NULL, written TEXT, label TEXT,
  UNIQUE (service, stream, id));
CREATE INDEX records_key ON records (service, stream, key) WHERE key IS NOT NULL;
CREATE TABLE links (
  id INTEGER PRIMARY KEY, service TEXT NOT NULL, stream TEXT NOT NULL, record_id TEXT NOT NULL, page_id TEXT NOT NULL,
  entity TEXT NOT NULL, base TEXT NOT NULL, dormant INTEGER NOT NULL DEFAULT 0, dirty INTEGER NOT NULL DEFAULT 1,
  mark_due INTEGER NOT NULL, line_due INTEGER NOT NULL, UNIQUE (service, stream, record_id));
CREATE INDEX links_page ON links (page_id);
CREATE INDEX links_work ON links (entity) WHERE dirty OR line_due;
CREATE INDEX links_marks ON links (service, stream) WHERE mark_due;
CREATE TABLE problems (
  id INTEGER PRIMARY KEY, service TEXT NOT NULL, stream TEXT NOT NULL, record_id TEXT NOT NULL, page_id TEXT NOT NULL,
  field TEXT NOT NULL, memory INTEGER NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, side_service TEXT,
  side_notion TEXT, since TEXT NOT NULL, attempts INTEGER NOT NULL, due TEXT, shown TEXT, decision TEXT,
  forced INTEGER NOT NULL DEFAULT 0, print TEXT,
  UNIQUE (service, stream, record_id, page_id, field, memory));
CREATE TABLE journal (
  id INTEGER PRIMARY KEY, op TEXT NOT NULL, service TEXT NOT NULL, stream TEXT NOT NULL, record_id TEXT NOT NULL,
  page_id TEXT NOT NULL, payload TEXT NOT NULL, since TEXT NOT NULL);
CREATE TABLE runs (
  id TEXT PRIMARY KEY, started TEXT NOT NULL, finished TEXT, exit_code INTEGER, direction TEXT NOT NULL);
CREATE TABLE stream_runs (service TEXT, stream TEXT, last_run TEXT, last_success TEXT, PRIMARY KEY (service, stream));
CREATE TABLE log (
  id INTEGER PRIMARY KEY, run TEXT NOT NULL, at TEXT NOT NULL, service TEXT NOT NULL, stream TEXT NOT NULL,
  record_id TEXT, page_id TEXT, side TEXT NOT NULL, field TEXT NOT NULL, before TEXT, after TEXT, cause TEXT NOT NULL,
  reversible INTEGER NOT NULL);
CREATE INDEX log_at ON log (at);
"""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A page or a record as last read, with the time at which each changed field was first seen to change."""

    record: Record
    times: Mapping[str, datetime]
    entity: Entity


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that was committed to the journal and has no answer yet. `since` is the server's time then."""

    id: int
    op: str
    service: str
    stream: str
    record_id: str
    page_id: str
    payload: Mapping[str, Any]
    since: datetime


@dataclass(frozen=True, slots=True)
class Topic:
    """What a problem is about: a record, a row, or both (a link), and perhaps one field of it."""

    stream: Stream
    record_id: str = ""
    page_id: str = ""
    field: str = ""

    def key(self) -> tuple[str, str, str, str, str]:
        return self.stream.service, self.stream.name, self.record_id, self.page_id, self.field


@dataclass(frozen=True, slots=True)
class Problem:
    """What waits, and why. `print` tells a refused write from a changed one; `due` is when to try again."""

    id: int
    service: str
    stream: str
    record_id: str
    page_id: str
    field: str
    kind: HoldKind
    reason: str
    service_value: Any
    notion_value: Any
    since: datetime
    attempts: int
    due: datetime | None
    shown: datetime | None
    print: str | None
    decision: str | None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "service": self.service,
            "stream": self.stream,
            "service_id": self.record_id or None,
            "page_id": self.page_id or None,
            "kind": self.kind.value,
            "field": self.field or None,
            "reason": self.reason,
            "since": stamp(self.since),
            "attempts": self.attempts,
        }


def stamp(moment: datetime | None) -> str | None:
    """UTC with `Z`, to the microsecond where there is one."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(raw: str | None) -> datetime | None:
    return None if raw is None else datetime.fromisoformat(raw)


def _must(raw: str) -> datetime:
    return datetime.fromisoformat(raw)


def encode(values: Values) -> str:
    return json.dumps({name: to_json(value) for name, value in values.items()}, ensure_ascii=False, sort_keys=True)


def decode(entity: Entity, raw: str) -> dict[str, Value]:
    kinds = {name: each.kind for name, each in fields_of(entity).items()}
    return {name: from_json(kinds[name], value) for name, value in json.loads(raw).items() if name in kinds}


# ------------------------------------------------------------------------------------------------------ the lock


class RunLock:
    """`flock` on a file beside the state: it frees itself when the process dies, which a PID file does not."""

    def __init__(self, state: Path) -> None:
        self.path = state.with_name(state.name + ".lock")
        self._file: Any = None

    def acquire(self, since: datetime) -> None:
        """Raises Locked with the holder's pid and since when."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+")
        except OSError as error:
            raise _unwritable(self.path, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = lock_holder(self.path) or {"pid": "?", "since": "?"}
            self._file.close()
            raise Locked(
                f"another run holds the lock: pid {holder['pid']}, since {holder['since']}",
                place=str(self.path),
                remedy="wait for it to end; the next cron run goes on from where it is",
            ) from None
        self._file.truncate(0)
        self._file.write(json.dumps({"pid": os.getpid(), "since": stamp(since)}))
        self._file.flush()

    def release(self) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None


def lock_holder(lock: Path) -> dict[str, Any] | None:
    """Who holds the lock now (`pid`, `since`), or None when it is free."""
    try:
        with lock.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                raw = file.read()
                return json.loads(raw) if raw else {"pid": None, "since": None}
    except FileNotFoundError:
        return None
    return None


def _unwritable(path: Path, error: Exception) -> ConfigError:
    return ConfigError(
        f"cannot be written: {error}", place=str(path), remedy="give this user write access there, or set [state] path"
    )


def _damaged(path: Path, error: Exception) -> ConfigError:
    return ConfigError(
        f"the state file cannot be used: {error}",
        place=str(path),
        remedy="free disk space or restore the file's permissions; if it is damaged, run: hsn sync --all --rebuild",
    )


# ----------------------------------------------------------------------------------------------------- the state


class State:
    """All reading and writing of the file. Use it from one thread. `:memory:` is a state that is forgotten."""

    def __init__(self, path: Path | str) -> None:
        """Raises ConfigError when the file cannot be made, read or understood."""
        self.path = Path(path)
        self._depth = 0
        try:
            if str(path) != ":memory:":
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(str(path), isolation_level=None)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._prepare()
        except (sqlite3.DatabaseError, OSError) as error:
            raise _damaged(self.path, error) from error

    def _prepare(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        elif version != SCHEMA_VERSION:
            raise sqlite3.DatabaseError(f"it is of version {version}, this program knows {SCHEMA_VERSION}")

    def close(self) -> None:
        self._db.close()

    @classmethod
    def open_readonly(cls, path: Path) -> "State":
        """To look at. A state that is not there yet is an empty one, and none is made. Raises ConfigError."""
        return cls(path) if path.exists() else cls(":memory:")

    def check(self) -> None:
        """Read the whole file, and see that it may be written. Raises ConfigError where it is damaged."""
        found = self._do("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise _damaged(self.path, sqlite3.DatabaseError(found))
        with self.transaction():
            pass

    def died(self) -> None:
        """What a process that died here leaves behind: nothing of an unfinished transaction."""
        self._depth = 0
        if self._db.in_transaction:
            self._db.rollback()

    @staticmethod
    def set_aside(path: Path, at: datetime) -> None:
        """Keep a damaged file under another name, so that a new one can be built from the markers."""
        for each in (path, *(path.with_name(path.name + tail) for tail in ("-wal", "-shm"))):
            if each.exists():
                each.rename(each.with_name(f"{each.name}.set-aside-{at:%Y%m%dT%H%M%SZ}"))

    def copy(self) -> "State":
        """A copy in memory, for a dry run: whatever happens to it, nothing was touched."""
        twin = State(":memory:")
        self._db.backup(twin._db)
        return twin

    def _do(self, sql: str, *args: Any) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, args)
        except sqlite3.IntegrityError:
            raise
        except sqlite3.DatabaseError as error:
            raise _damaged(self.path, error) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested, the outermost one commits."""
        if self._depth == 0:
            self._do("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._db.rollback()
            raise
        self._depth -= 1
        if self._depth == 0:
            self._do("COMMIT")

    # ------------------------------------------------------------------------------- accounts, caches, cursors

    def fresh(self) -> bool:
        """Whether nothing was ever read into it: the first run, or the state was lost."""
        return self._do("SELECT 1 FROM cursors LIMIT 1").fetchone() is None

    def account(self, service: str) -> str | None:
        row = self._do("SELECT account FROM accounts WHERE service = ?", service).fetchone()
        return row[0] if row else None

    def set_account(self, service: str, account: str) -> None:
        self._do("INSERT OR REPLACE INTO accounts VALUES (?, ?)", service, account)

    def load_cache(self) -> dict[str, str]:
        return dict(self._do("SELECT key, value FROM meta").fetchall())

    def save_cache(self, cache: Mapping[str, str]) -> None:
        for key, value in cache.items():
            self._do("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    def cursor(self, replica: str) -> tuple[datetime, datetime] | None:
        """(read up to, last complete sweep), both in the server's time."""
        row = self._do("SELECT as_of, swept FROM cursors WHERE replica = ?", replica).fetchone()
        return (_must(row[0]), _must(row[1])) if row else None

    def set_cursor(self, replica: str, as_of: datetime, swept: datetime) -> None:
        self._do("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)", replica, stamp(as_of), stamp(swept))

    # ----------------------------------------------------------------------------------------------- the mirrors

    def store_page(self, entity: Entity, page: Record, run: datetime, own: Times | None = None) -> None:
        """Remember a page as it was read or answered. `own`: what our write set, with the times of the edits behind it."""
        old = self.page(page.id)
        times = _times(old, page, run, self._written("pages", page.id), own)
        written = stamp(page.modified or run) if own is not None else self._written_raw("pages", page.id)
        self._do(
            "INSERT OR REPLACE INTO pages VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            page.id, entity.value, encode(page.values), _dump_times(times), stamp(page.modified), stamp(page.created),
            page.key, json.dumps(page.marks.lines), json.dumps(sorted(page.marks.sources)), stamp(page.marks.synced),
            page.trashed, written, page.editor, page.label,
        )  # fmt: skip
        if old is None or old.record.marks.lines != page.marks.lines:
            self._do("DELETE FROM page_lines WHERE page_id = ?", page.id)
            for line in dict.fromkeys(page.marks.lines):
                self._do("INSERT INTO page_lines VALUES (?, ?)", line, page.id)
        if old is None or old.record.values != page.values or old.record.trashed != page.trashed:
            self._do("UPDATE links SET dirty = 1 WHERE page_id = ?", page.id)
        if old is not None and old.record.trashed and not page.trashed:
            self.revive(page.id)

    def page(self, page_id: str) -> Mirror | None:
        row = self._do("SELECT * FROM pages WHERE id = ?", page_id).fetchone()
        return _page(row) if row else None

    def pages_with_line(self, entity: Entity, line: str) -> list[Mirror]:
        sql = "SELECT p.* FROM page_lines l JOIN pages p ON p.id = l.page_id WHERE l.line = ? AND p.entity = ?"
        return [_page(row) for row in self._do(sql, line, entity.value)]

    def pages_with_key(self, entity: Entity, key: str) -> list[Mirror]:
        sql = "SELECT * FROM pages WHERE entity = ? AND key = ? AND NOT trashed"
        return [_page(row) for row in self._do(sql, entity.value, key)]

    def unlinked_pages(self, entity: Entity) -> list[str]:
        """Live pages that no record was ever linked to and that name a service in Source."""
        sql = """SELECT id FROM pages p WHERE entity = ? AND NOT trashed AND sources != '[]'
                 AND NOT EXISTS (SELECT 1 FROM links WHERE page_id = p.id) ORDER BY created, id"""
        return [row[0] for row in self._do(sql, entity.value)]

    def set_trashed(self, page_id: str) -> None:
        with self.transaction():
            self._do("UPDATE pages SET trashed = 1 WHERE id = ?", page_id)
            self._do("UPDATE links SET dormant = 1, dirty = 0, line_due = 0, mark_due = 0 WHERE page_id = ?", page_id)

    def revive(self, page_id: str) -> None:
        """A page that a person took out of the trash goes on from its base (ENGINE 24)."""
        self._do("UPDATE links SET dormant = 0, dirty = 1 WHERE page_id = ? AND dormant", page_id)

    def unknown_lines(self, known: Iterable[str]) -> list[str]:
        """Service names in External ID that the config does not know (ENGINE 17)."""
        names = {row[0].partition(":")[0] for row in self._do("SELECT line FROM page_lines")}
        return sorted(names - set(known))

    def store_record(self, stream: Stream, record: Record, run: datetime, own: Times | None = None) -> None:
        old = self.record(stream, record.id)
        where = (stream.service, stream.name, record.id)
        times = _times(old, record, run, self._written("records", *where), own)
        written = stamp(record.modified or run) if own is not None else self._written_raw("records", *where)
        people = json.dumps([[each.id, json.loads(encode(each.values))] for each in record.people], ensure_ascii=False)
        self._do(
            """INSERT INTO records (service, stream, id, entity, vals, times, modified, created, key, page_id, synced,
                 trashed, locked, native, people, written, label) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
               ON CONFLICT (service, stream, id) DO UPDATE SET vals = excluded.vals, times = excluded.times,
                 modified = excluded.modified, key = excluded.key, page_id = excluded.page_id,
                 synced = excluded.synced, trashed = excluded.trashed, locked = excluded.locked,
                 native = excluded.native, people = excluded.people, written = excluded.written,
                 label = excluded.label""",
            *where, stream.entity.value, encode(record.values), _dump_times(times), stamp(record.modified),
            stamp(record.created), record.key, record.marks.page_id, stamp(record.marks.synced), record.trashed,
            json.dumps(sorted(record.locked)), json.dumps(record.native, ensure_ascii=False), people, written,
            record.label,
        )  # fmt: skip
        if old is None or (old.record.values, old.record.locked) != (record.values, record.locked):
            self._do("UPDATE links SET dirty = 1 WHERE service = ? AND stream = ? AND record_id = ?", *where)
        if old is not None and old.record.trashed and not record.trashed:
            self._do("UPDATE links SET dormant = 0 WHERE service = ? AND stream = ? AND record_id = ?", *where)

    def store_person(
        self, stream: Stream, person: Record, source: Record, former: Values | None, run: datetime
    ) -> None:
        """A person found in `source` (ENGINE 14): first sight fills what is empty, later only that source's own edits.

        `former`: what the same source said of that person when it was last read.
        """
        known = self.record(stream, person.id)
        if known is None:
            merged = dict(person.values)
        elif former is None:
            merged = {name: known.record.values.get(name) or value for name, value in person.values.items()}
        else:
            edits = {name: value for name, value in person.values.items() if value != former.get(name)}
            merged = {**known.record.values, **edits}
        modified = source.modified if known is None or merged != known.record.values else known.record.modified
        self.store_record(stream, replace(person, values=merged, modified=modified), run)

    def people_of(self, stream: Stream, record_id: str, entity: Entity) -> dict[str, Values]:
        """What a record said of the people in it when it was last read, by e-mail key."""
        sql = "SELECT people FROM records WHERE service = ? AND stream = ? AND id = ?"
        row = self._do(sql, stream.service, stream.name, record_id).fetchone()
        pairs = json.loads(row[0]) if row else []
        return {key: decode(entity, json.dumps(values)) for key, values in pairs}

    def record(self, stream: Stream, record_id: str) -> Mirror | None:
        sql = "SELECT * FROM records WHERE service = ? AND stream = ? AND id = ?"
        row = self._do(sql, stream.service, stream.name, record_id).fetchone()
        return _record(row) if row else None

    def unlinked_records(self, stream: Stream, after: int, count: int) -> list[tuple[int, Record]]:
        """The next live records without a link, in the order in which they were first read; with their place."""
        sql = """SELECT * FROM records r WHERE service = ? AND stream = ? AND n > ? AND NOT trashed AND NOT EXISTS
                 (SELECT 1 FROM links l WHERE l.service = r.service AND l.stream = r.stream AND l.record_id = r.id)
                 ORDER BY n LIMIT ?"""
        rows = self._do(sql, stream.service, stream.name, after, count).fetchall()
        return [(row["n"], _record(row).record) for row in rows]

    def records_with_key(self, service: str, stream: str, key: str) -> list[str]:
        sql = "SELECT id FROM records WHERE service = ? AND stream = ? AND key = ? AND NOT trashed"
        return [row[0] for row in self._do(sql, service, stream, key)]

    def _written(self, table: str, *where: str) -> datetime | None:
        return moment(self._written_raw(table, *where))

    def _written_raw(self, table: str, *where: str) -> str | None:
        sql = {
            "pages": "SELECT written FROM pages WHERE id = ?",
            "records": "SELECT written FROM records WHERE service = ? AND stream = ? AND id = ?",
        }[table]
        row = self._do(sql, *where).fetchone()
        return row[0] if row else None

    # ------------------------------------------------------------------------------------------------- the links

    def link(self, stream: Stream, record_id: str) -> Link | None:
        sql = "SELECT * FROM links WHERE service = ? AND stream = ? AND record_id = ?"
        row = self._do(sql, stream.service, stream.name, record_id).fetchone()
        return _link(row) if row else None

    def links_of_page(self, page_id: str) -> list[Link]:
        return [_link(row) for row in self._do("SELECT * FROM links WHERE page_id = ? ORDER BY id", page_id)]

    def page_of_line(self, line: str) -> str | None:
        """The page that a marker line's record is linked to. A guest's line also finds the customer of that e-mail."""
        service, stream, record_id = line.split(":", 2)
        sql = "SELECT page_id FROM links WHERE service = ? AND stream = ? AND record_id = ?"
        row = self._do(sql, service, stream, record_id).fetchone()
        return row[0] if row else None

    def add_link(self, stream: Stream, record_id: str, page_id: str, *, mark_due: bool, line_due: bool) -> Link:
        self._do(
            """INSERT INTO links (service, stream, record_id, page_id, entity, base, mark_due, line_due)
               VALUES (?, ?, ?, ?, ?, '{}', ?, ?)""",
            stream.service, stream.name, record_id, page_id, stream.entity.value, mark_due, line_due,
        )  # fmt: skip
        link = self.link(stream, record_id)
        assert link is not None
        return link

    def move_link(self, link_id: int, stream: Stream, record_id: str) -> None:
        """The link now belongs to another record of the same page; the base stays (ENGINE 14, 16)."""
        sql = "UPDATE links SET stream = ?, record_id = ?, dirty = 1, mark_due = ?, line_due = 1 WHERE id = ?"
        self._do(sql, stream.name, record_id, stream.marker, link_id)

    def agree(self, link_id: int, fields: Mapping[str, Agreed]) -> None:
        """The base advances, for just these fields (ENGINE 1)."""
        row = self._do("SELECT base FROM links WHERE id = ?", link_id).fetchone()
        base = json.loads(row[0])
        base.update({name: [to_json(both.service), to_json(both.notion)] for name, both in fields.items()})
        self._do("UPDATE links SET base = ? WHERE id = ?", json.dumps(base, ensure_ascii=False), link_id)

    def rest(self, link_id: int) -> None:
        """The link has nothing left to do until one of its sides is seen to change."""
        self._do("UPDATE links SET dirty = 0 WHERE id = ?", link_id)

    def sleep(self, link_id: int) -> None:
        """The record is gone or the page is in the trash: the link keeps its base and waits (ENGINE 24)."""
        self._do("UPDATE links SET dormant = 1, dirty = 0, mark_due = 0, line_due = 0 WHERE id = ?", link_id)

    def link_by_id(self, link_id: int) -> Link | None:
        row = self._do("SELECT * FROM links WHERE id = ?", link_id).fetchone()
        return _link(row) if row else None

    def work(self, entity: Entity, services: Iterable[str]) -> list[str]:
        """Pages of that entity with something to do for one of these services, in a stable order."""
        marks = json.dumps(sorted(services))
        sql = """SELECT DISTINCT page_id FROM links WHERE entity = ? AND (dirty OR line_due) AND NOT dormant
                 AND service IN (SELECT value FROM json_each(?)) ORDER BY id"""
        return [row[0] for row in self._do(sql, entity.value, marks)]

    def lines_written(self, page_id: str) -> None:
        self._do("UPDATE links SET line_due = 0 WHERE page_id = ?", page_id)

    def line_due(self, page_id: str) -> bool:
        return self._do("SELECT 1 FROM links WHERE page_id = ? AND line_due", page_id).fetchone() is not None

    def marks_due(self, stream: Stream) -> list[tuple[str, str]]:
        """(record id, page id) of links whose back-link in the service is still to be written."""
        sql = "SELECT record_id, page_id FROM links WHERE service = ? AND stream = ? AND mark_due AND NOT dormant"
        return [(row[0], row[1]) for row in self._do(sql, stream.service, stream.name)]

    def mark_written(self, stream: Stream, record_id: str) -> None:
        sql = "UPDATE links SET mark_due = 0 WHERE service = ? AND stream = ? AND record_id = ?"
        self._do(sql, stream.service, stream.name, record_id)

    def count_links(self, stream: Stream) -> int:
        sql = "SELECT count(*) FROM links WHERE service = ? AND stream = ? AND NOT dormant"
        return int(self._do(sql, stream.service, stream.name).fetchone()[0])

    def known_pages(self, page_ids: Iterable[str]) -> dict[str, bool]:
        """Which of these pages are known, and whether each is in the trash."""
        found = {}
        for page_id in page_ids:
            row = self._do("SELECT trashed FROM pages WHERE id = ?", page_id).fetchone()
            if row is not None:
                found[page_id] = bool(row[0])
        return found

    # ----------------------------------------------------------------------------------------------- the journal

    def intend(
        self,
        op: str,
        service: str,
        stream: str,
        record_id: str,
        page_id: str,
        payload: Mapping[str, Any],
        since: datetime,
    ) -> int:
        """Commit what is about to be sent. The number closes it."""
        cursor = self._do(
            "INSERT INTO journal (op, service, stream, record_id, page_id, payload, since) VALUES (?,?,?,?,?,?,?)",
            op, service, stream, record_id, page_id, json.dumps(payload, ensure_ascii=False), stamp(since),
        )  # fmt: skip
        return int(cursor.lastrowid or 0)

    def close_intent(self, intent_id: int) -> None:
        self._do("DELETE FROM journal WHERE id = ?", intent_id)

    def intents(self) -> list[Intent]:
        rows = self._do("SELECT * FROM journal ORDER BY id").fetchall()
        return [
            Intent(
                row["id"], row["op"], row["service"], row["stream"], row["record_id"], row["page_id"],
                json.loads(row["payload"]), _must(row["since"]),
            )
            for row in rows
        ]  # fmt: skip

    # ---------------------------------------------------------------------------------------------- the problems

    def report_problem(
        self, topic: Topic, kind: HoldKind, reason: str, now: datetime, *, service: Value = None, notion: Value = None,
        due: datetime | None = None, forced: bool = False, fingerprint: str | None = None, memory: bool = False,
    ) -> None:  # fmt: skip
        """Open a problem or bring it up to date; its age stays, and it is shown again only when its values changed.

        A problem with a `fingerprint` is one more refused attempt.
        """
        values = (json.dumps(to_json(service), ensure_ascii=False), json.dumps(to_json(notion), ensure_ascii=False))
        old = self._do(
            "SELECT * FROM problems WHERE (service, stream, record_id, page_id, field, memory) = (?, ?, ?, ?, ?, ?)",
            *topic.key(),
            memory,
        ).fetchone()
        attempt = int(fingerprint is not None)
        if old is None:
            self._do(
                """INSERT INTO problems (service, stream, record_id, page_id, field, memory, kind, reason, side_service,
                   side_notion, since, attempts, due, forced, print) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)""",
                *topic.key(), memory, kind.value, reason, *values, stamp(now), attempt, stamp(due), forced, fingerprint,
            )  # fmt: skip
            return
        same = (old["kind"], old["side_service"], old["side_notion"]) == (kind.value, *values)
        self._do(
            """UPDATE problems SET kind=?, reason=?, side_service=?, side_notion=?, attempts=?, due=?, forced=?,
               print=?, shown=?, decision=? WHERE id=?""",
            kind.value, reason, *values, old["attempts"] + attempt, stamp(due), forced, fingerprint,
            old["shown"] if same else None, old["decision"] if same else None, old["id"],
        )  # fmt: skip

    def close_problems(self, topic: Topic, keep: Iterable[str] = ()) -> None:
        """What was not met again is settled, whatever its field. `keep`: fields that still wait. Memories stay."""
        self._do(
            """DELETE FROM problems WHERE (service, stream, record_id, page_id) = (?, ?, ?, ?) AND NOT memory
               AND field NOT IN (SELECT value FROM json_each(?))""",
            *topic.key()[:4],
            json.dumps(sorted(keep)),
        )

    def close_problem(self, topic: Topic) -> None:
        """Just this one is settled."""
        sql = "DELETE FROM problems WHERE (service, stream, record_id, page_id, field) = (?, ?, ?, ?, ?) AND NOT memory"
        self._do(sql, *topic.key())

    def holds(self, stream: Stream, link: Link) -> dict[str, Hold]:
        """What waits on single fields of one link; an open question hides the memory of a restoration."""
        rows = self._do(
            """SELECT * FROM problems WHERE service=? AND stream=? AND record_id=? AND page_id=? AND field != ''
               ORDER BY memory DESC""",
            stream.service, stream.name, link.record_id, link.page_id,
        )  # fmt: skip
        kinds = {name: each.kind for name, each in fields_of(stream.entity).items()}
        return {row["field"]: _hold(kinds[row["field"]], row) for row in rows}

    def problem(self, topic: Topic) -> Problem | None:
        sql = """SELECT * FROM problems
                 WHERE (service, stream, record_id, page_id, field) = (?, ?, ?, ?, ?) AND NOT memory"""
        row = self._do(sql, *topic.key()).fetchone()
        return _problem(row) if row else None

    def problems(self) -> list[Problem]:
        return [_problem(row) for row in self._do("SELECT * FROM problems WHERE NOT memory ORDER BY id")]

    def shown(self, problem_id: int, now: datetime) -> None:
        self._do("UPDATE problems SET shown = ? WHERE id = ?", stamp(now), problem_id)

    def conflicts(self) -> list[dict[str, Any]]:
        """What waits for a person, with both values, as `hsn conflicts --json` shows it."""
        return [
            {**each.as_json(), "service_value": each.service_value, "notion_value": each.notion_value,
             "decision": each.decision}
            for each in self.problems()
        ]  # fmt: skip

    def resolve(self, problem_id: int, keep: Side) -> None:
        """Keep a person's choice for the next run. Raises UsageError where there is nothing to choose."""
        if not self.decide(problem_id, keep):
            raise UsageError(
                f"{problem_id} is no open conflict", place="command line", remedy="see the numbers: hsn conflicts"
            )

    def decide(self, problem_id: int, keep: Side) -> bool:
        """Keep a person's choice for the next run; False when there is no such open conflict."""
        sql = "UPDATE problems SET decision = ? WHERE id = ? AND kind = 'conflict' AND NOT memory"
        return self._do(sql, keep.value, problem_id).rowcount == 1

    # --------------------------------------------------------------------------------------------- runs and log

    def begin_run(self, run: str, started: datetime, direction: str) -> None:
        self._do("INSERT INTO runs VALUES (?, ?, NULL, NULL, ?)", run, stamp(started), direction)

    def end_run(self, run: str, finished: datetime, exit_code: int) -> None:
        self._do("UPDATE runs SET finished = ?, exit_code = ? WHERE id = ?", stamp(finished), exit_code, run)

    def status_json(self, config: "Config") -> dict[str, Any]:
        """What `hsn status --json` says (INTERFACE section 2), without asking anybody anything."""
        last = self._do("SELECT id, started, finished, exit_code FROM runs ORDER BY started DESC LIMIT 1").fetchone()
        run = dict(zip(("run", "started", "finished", "exit_code"), last, strict=True)) if last else None
        holder = lock_holder(RunLock(config.state.path).path)
        streams = [self._stream_status(each) for name in config.services for each in config.declared(name)]
        return {"state": str(config.state.path), "last_run": run, "lock": holder, "streams": streams}

    def _stream_status(self, stream: Stream) -> dict[str, Any]:
        where = (stream.service, stream.name)
        ran = self._do("SELECT last_run, last_success FROM stream_runs WHERE (service, stream) = (?, ?)", *where)
        last_run, last_success = ran.fetchone() or (None, None)
        waiting = self._do("SELECT count(*) FROM links WHERE (service, stream) = (?, ?) AND dirty", *where).fetchone()
        counts = self._do(
            "SELECT kind, count(*) FROM problems WHERE (service, stream) = (?, ?) AND NOT memory GROUP BY kind", *where
        )
        problems = dict(counts.fetchall())
        cursor = self.cursor(f"{stream.service}:{stream.name}")
        return {
            "service": stream.service,
            "stream": stream.name,
            "entity": stream.entity.value,
            "last_run": last_run,
            "last_success": last_success,
            "linked": self.count_links(stream),
            "waiting": waiting[0],
            "set_aside": sum(count for kind, count in problems.items() if kind != HoldKind.CONFLICT),
            "conflicts": problems.get(HoldKind.CONFLICT, 0),
            "cursor": stamp(cursor[0]) if cursor else None,
        }

    def stream_ran(self, stream: Stream, at: datetime, success: bool) -> None:
        self._do(
            """INSERT INTO stream_runs VALUES (?, ?, ?, ?) ON CONFLICT (service, stream) DO UPDATE SET
               last_run = excluded.last_run, last_success = coalesce(excluded.last_success, last_success)""",
            stream.service, stream.name, stamp(at), stamp(at) if success else None,
        )  # fmt: skip

    def log(
        self, run: str, at: datetime, link: Link, side: Side, field: str, before: Value, after: Value, cause: str,
        reversible: bool = True,
    ) -> None:  # fmt: skip
        self._do(
            """INSERT INTO log (run, at, service, stream, record_id, page_id, side, field, before, after, cause,
               reversible) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)""",
            run, stamp(at), link.service, link.stream, link.record_id, link.page_id, side.value, field,
            json.dumps(to_json(before), ensure_ascii=False), json.dumps(to_json(after), ensure_ascii=False), cause,
            reversible,
        )  # fmt: skip

    def log_rows(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self._do("SELECT * FROM log ORDER BY id")]

    def prune(self, before: datetime) -> None:
        self._do("DELETE FROM log WHERE at < ?", stamp(before))
        self._do("DELETE FROM runs WHERE started < ?", stamp(before))


# -------------------------------------------------------------------------------------------------- rows to values


def _times(
    old: Mirror | None, new: Record, run: datetime, written: datetime | None, own: Times | None
) -> dict[str, datetime]:
    """ENGINE 8: a change's time is the side's own if it is later than our last write there, else the run that saw it."""
    if old is None:
        return {}
    times = dict(old.times)
    trusted = new.modified is not None and own is None and (written is None or new.modified > written)
    for name, value in new.values.items():
        if own is not None and name in own:
            at = own[name]
            times.pop(name, None)
            if at is not None:
                times[name] = at
        elif value != old.record.values.get(name):
            times[name] = new.modified if trusted and new.modified is not None else run
    return times


def _dump_times(times: Mapping[str, datetime]) -> str:
    return json.dumps({name: stamp(at) for name, at in times.items()})


def _load_times(raw: str) -> dict[str, datetime]:
    return {name: _must(at) for name, at in json.loads(raw).items()}


def _page(row: sqlite3.Row) -> Mirror:
    entity = Entity(row["entity"])
    marks = Marks(tuple(json.loads(row["lines"])), frozenset(json.loads(row["sources"])), None, moment(row["synced"]))
    record = Record(
        row["id"], decode(entity, row["vals"]), moment(row["modified"]), moment(row["created"]), row["key"], marks,
        bool(row["trashed"]), editor=row["editor"], label=row["label"],
    )  # fmt: skip
    return Mirror(record, _load_times(row["times"]), entity)


def _record(row: sqlite3.Row) -> Mirror:
    entity = Entity(row["entity"])
    record = Record(
        row["id"], decode(entity, row["vals"]), moment(row["modified"]), moment(row["created"]), row["key"],
        Marks(page_id=row["page_id"], synced=moment(row["synced"])), bool(row["trashed"]),
        frozenset(json.loads(row["locked"])), json.loads(row["native"]), label=row["label"],
    )  # fmt: skip
    return Mirror(record, _load_times(row["times"]), entity)


def _link(row: sqlite3.Row) -> Link:
    kinds: dict[str, Kind] = {name: each.kind for name, each in fields_of(Entity(row["entity"])).items()}
    base = {
        name: Agreed(from_json(kinds[name], pair[0]), from_json(kinds[name], pair[1]))
        for name, pair in json.loads(row["base"]).items()
        if name in kinds
    }
    return Link(row["id"], row["service"], row["stream"], row["record_id"], row["page_id"], base, bool(row["dormant"]))


def _hold(kind: Kind, row: sqlite3.Row) -> Hold:
    pair = [from_json(kind, json.loads(row[side])) for side in ("side_service", "side_notion")]
    decision = Side(row["decision"]) if row["decision"] else None
    return Hold(HoldKind(row["kind"]), pair[0], pair[1], decision, bool(row["forced"]))


def _problem(row: sqlite3.Row) -> Problem:
    return Problem(
        row["id"], row["service"], row["stream"], row["record_id"], row["page_id"], row["field"],
        HoldKind(row["kind"]), row["reason"], json.loads(row["side_service"] or "null"),
        json.loads(row["side_notion"] or "null"), _must(row["since"]), row["attempts"], moment(row["due"]),
        moment(row["shown"]), row["print"], row["decision"],
    )  # fmt: skip
