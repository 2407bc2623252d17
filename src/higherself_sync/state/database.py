"""The SQLite file in WAL mode: its tables, its transactions, its cursors."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from higherself_sync.core.record import Entity
from higherself_sync.errors import ConfigError
from higherself_sync.state.values import (
    moment,
    must,
    stamp,
)

SCHEMA_VERSION = 2
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE accounts (service TEXT PRIMARY KEY, account TEXT NOT NULL);
CREATE TABLE cursors (replica TEXT PRIMARY KEY, as_of TEXT NOT NULL, swept TEXT);
CREATE TABLE pages (
  id TEXT PRIMARY KEY, entity TEXT NOT NULL, vals TEXT NOT NULL, times TEXT NOT NULL, modified TEXT, created TEXT,
  key TEXT, lines TEXT NOT NULL, sources TEXT NOT NULL, synced TEXT, trashed INTEGER NOT NULL, written TEXT,
  editor TEXT, label TEXT, seen TEXT);
CREATE INDEX pages_key ON pages (entity, key) WHERE key IS NOT NULL;
CREATE INDEX pages_when ON pages (json_extract(vals, '$.when')) WHERE entity = 'appointments';
CREATE TABLE aliases (
  entity TEXT NOT NULL, key TEXT NOT NULL, page_id TEXT NOT NULL, PRIMARY KEY (entity, key, page_id)) WITHOUT ROWID;
CREATE TABLE page_lines (line TEXT NOT NULL, page_id TEXT NOT NULL, PRIMARY KEY (line, page_id)) WITHOUT ROWID;
CREATE INDEX page_lines_page ON page_lines (page_id);
CREATE TABLE records (
  n INTEGER PRIMARY KEY, service TEXT NOT NULL, stream TEXT NOT NULL, id TEXT NOT NULL, entity TEXT NOT NULL,
  vals TEXT NOT NULL, times TEXT NOT NULL, modified TEXT, created TEXT, key TEXT, page_id TEXT, synced TEXT,
  trashed INTEGER NOT NULL, locked TEXT NOT NULL, markable INTEGER NOT NULL,
  native TEXT NOT NULL, people TEXT NOT NULL, written TEXT, label TEXT,
  seen TEXT,
  UNIQUE (service, stream, id));
CREATE INDEX records_marker ON records (service, stream, page_id) WHERE page_id IS NOT NULL;
CREATE INDEX records_key ON records (service, stream, key) WHERE key IS NOT NULL;
CREATE TABLE links (
  id INTEGER PRIMARY KEY, service TEXT NOT NULL, stream TEXT NOT NULL, record_id TEXT NOT NULL, page_id TEXT NOT NULL,
  entity TEXT NOT NULL, base TEXT NOT NULL, asleep TEXT NOT NULL DEFAULT '', followed INTEGER NOT NULL DEFAULT 0,
  dirty INTEGER NOT NULL DEFAULT 1, mark_due INTEGER NOT NULL, line_due INTEGER NOT NULL,
  UNIQUE (service, stream, record_id));
CREATE INDEX links_page ON links (page_id);
CREATE INDEX links_work ON links (entity, page_id) WHERE dirty OR line_due;
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


def _damaged(path: Path, error: Exception) -> ConfigError:
    return ConfigError(
        f"the state file cannot be used: {error}",
        place=str(path),
        remedy="free disk space or restore the file's permissions; if it is damaged, run: hsn sync --all --rebuild",
    )


def _to_look_at(path: Path) -> str:
    """The address of a file in a place where nothing can be written: SQLite must not want to keep its log there.

    One that a killed run left there is read with the file.
    """
    log = path.with_name(f"{path.name}-wal")
    return f"{path.absolute().as_uri()}?{'mode=ro' if log.exists() else 'immutable=1'}"


class Database:
    """The file itself: opening, transactions, and what is kept about accounts and reads."""

    def __init__(self, path: Path | str, *, writable: bool = True) -> None:
        """Raises ConfigError when the file cannot be made, read or understood."""
        self.path = Path(path)
        self.run = ""  # what is read is stamped with it: what a complete read of this run did not show is a suspect
        self._depth = 0
        try:
            if str(path) != ":memory:":
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                str(path) if writable else _to_look_at(self.path), isolation_level=None, uri=not writable
            )
            self._db.row_factory = sqlite3.Row
            if writable:
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
    def open_readonly(cls, path: Path) -> Self:
        """To look at. A state that is not there yet is an empty one, and none is made. Raises ConfigError."""
        try:
            if not path.exists() or path.stat().st_size == 0:
                return cls(":memory:")
        except OSError as error:
            raise _damaged(path, error) from error
        return cls(path, writable=os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))

    def check(self) -> None:
        """Read the whole file, and see that it may be written. Raises ConfigError where it is damaged."""
        found = self.do("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise _damaged(self.path, sqlite3.DatabaseError(found))
        with self.transaction():  # one that writes nothing would begin in a read-only file too
            self.do(f"PRAGMA user_version = {SCHEMA_VERSION}")

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

    def copy(self) -> Self:
        """A copy in memory, for a dry run: whatever happens to it, nothing was touched."""
        twin = type(self)(":memory:")
        twin.fill(self._db)
        return twin

    def fill(self, source: sqlite3.Connection) -> None:
        source.backup(self._db)

    def do(self, sql: str, *args: Any) -> sqlite3.Cursor:
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
            self.do("BEGIN IMMEDIATE")
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
            self.do("COMMIT")

    # ------------------------------------------------------------------------------- accounts, caches, cursors

    def names_checked(self, entity: Entity) -> bool:
        """Whether the database was once read whole and named no unknown service: not so on a first run."""
        return self.do("SELECT 1 FROM meta WHERE key = ?", f"names:{entity.value}").fetchone() is not None

    def set_names_checked(self, entity: Entity, at: datetime) -> None:
        self.do("INSERT OR REPLACE INTO meta VALUES (?, ?)", f"names:{entity.value}", stamp(at))

    def begun(self, entity: Entity) -> datetime | None:
        """When that was, in the hub's time: hsn keeps the database since. An earlier hsn did not write it down."""
        row = self.do("SELECT value FROM meta WHERE key = ?", f"names:{entity.value}").fetchone()
        return must(row[0]) if row and row[0] != "checked" else None

    def begin_database(self, entity: Entity) -> None:
        """It is another one than before: it is read whole, and its rows may name services that the former's did not."""
        self.forget_cursor(f"notion:{entity.value}")
        self.do("DELETE FROM meta WHERE key = ?", f"names:{entity.value}")

    def account(self, service: str) -> str | None:
        row = self.do("SELECT account FROM accounts WHERE service = ?", service).fetchone()
        return row[0] if row else None

    def service_of(self, account: str) -> str | None:
        """The name under which an account was synced."""
        row = self.do("SELECT service FROM accounts WHERE account = ?", account).fetchone()
        return row[0] if row else None

    def set_account(self, service: str, account: str) -> None:
        self.do("INSERT OR REPLACE INTO accounts VALUES (?, ?)", service, account)

    def load_cache(self) -> dict[str, str]:
        return dict(self.do("SELECT key, value FROM meta").fetchall())

    def save_cache(self, cache: Mapping[str, str]) -> None:
        """What is as it was is not written again: a run stores the cache with each thing that it has read."""
        sql = """INSERT INTO meta VALUES (?, ?) ON CONFLICT (key)
                 DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value"""
        for key, value in cache.items():
            self.do(sql, key, value)

    def cursor(self, replica: str) -> tuple[datetime, datetime | None] | None:
        """(read up to, last complete sweep), both in the server's time."""
        row = self.do("SELECT as_of, swept FROM cursors WHERE replica = ?", replica).fetchone()
        return (must(row[0]), moment(row[1])) if row else None

    def set_cursor(self, replica: str, as_of: datetime) -> None:
        sql = "INSERT INTO cursors VALUES (?, ?, NULL) ON CONFLICT (replica) DO UPDATE SET as_of = excluded.as_of"
        self.do(sql, replica, stamp(as_of))

    def swept(self, replica: str) -> None:
        """It was read whole up to its cursor, and what was missing from that was asked for."""
        self.do("UPDATE cursors SET swept = as_of WHERE replica = ?", replica)

    def forget_cursor(self, replica: str) -> None:
        """The next read is a whole one."""
        self.do("DELETE FROM cursors WHERE replica = ?", replica)
