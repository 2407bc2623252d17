"""What was last read of each side, and when each field was first seen to change."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from higherself_sync.core.record import (
    Entity,
    Record,
    Stream,
    Values,
)
from higherself_sync.state.departures import Departures
from higherself_sync.state.values import (
    Mirror,
    Times,
    decode,
    dump_times,
    encode,
    moment,
    page_of,
    record_of,
    stamp,
    times_of,
)


class Mirrors(Departures):
    """What was last read of each side, and when each field was first seen to change."""

    def store_page(self, entity: Entity, page: Record, run: datetime, own: Times | None = None) -> None:
        """Remember a page as it was read or answered. `own`: what our write set, with the edits' times.

        A row that turns up in another database while it is linked was moved: it counts as trashed (ENGINE 24).
        """
        old = self.page(page.id)
        if old is not None and old.entity is not entity and self.belongs_elsewhere(page.id, entity):
            self.set_trashed(page.id)
            return
        times = times_of(old, page, run, self._written("pages", page.id), own)
        written = stamp(page.modified or run) if own is not None else self._written_raw("pages", page.id)
        self.do(
            "INSERT OR REPLACE INTO pages VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            page.id, entity.value, encode(page.values), dump_times(times), stamp(page.modified), stamp(page.created),
            page.key, json.dumps(page.marks.lines), json.dumps(sorted(page.marks.sources)), stamp(page.marks.synced),
            page.trashed, written, page.editor, page.label, self.run,
        )  # fmt: skip
        if old is None or old.record.marks.lines != page.marks.lines:
            self.do("DELETE FROM page_lines WHERE page_id = ?", page.id)
            for line in dict.fromkeys(page.marks.lines):
                self.do("INSERT INTO page_lines VALUES (?, ?)", line, page.id)
        if old is None or old.record.values != page.values or old.record.trashed != page.trashed:
            self.do("UPDATE links SET dirty = 1 WHERE page_id = ?", page.id)
        if old is not None and old.record.key is not None and old.record.key != page.key:
            self.do("INSERT OR IGNORE INTO aliases VALUES (?, ?, ?)", entity.value, old.record.key, page.id)
        if old is not None and old.record.trashed and not page.trashed:
            self.wake("l.page_id = ?", page.id)
            self.forget_emptied(page)
        if old is not None and old.record.marks.lines != page.marks.lines:
            self.line_taken_out(page.id)

    def page(self, page_id: str) -> Mirror | None:
        row = self.do("SELECT * FROM pages WHERE id = ?", page_id).fetchone()
        return page_of(row) if row else None

    def pages_with_line(self, entity: Entity, line: str) -> list[Mirror]:
        sql = "SELECT p.* FROM page_lines l JOIN pages p ON p.id = l.page_id WHERE l.line = ? AND p.entity = ?"
        return [page_of(row) for row in self.do(sql, line, entity.value)]

    def pages_with_key(self, entity: Entity, key: str) -> list[Mirror]:
        sql = "SELECT * FROM pages WHERE entity = ? AND key = ? AND NOT trashed"
        return [page_of(row) for row in self.do(sql, entity.value, key)]

    def pages_starting(self, start: str) -> list[Mirror]:
        """Live appointments that begin then (as `to_json` writes it: the end follows a slash, which comes before 0)."""
        sql = """SELECT * FROM pages WHERE entity = 'appointments' AND NOT trashed
                 AND json_extract(vals, '$.when') >= ?1 AND json_extract(vals, '$.when') < ?1 || '0'"""
        return [page_of(row) for row in self.do(sql, start)]

    def pages_once_with_key(self, entity: Entity, key: str) -> list[Mirror]:
        """Live pages that had this key formerly, and have another one now: an alias (ENGINE 13)."""
        sql = """SELECT p.* FROM aliases a JOIN pages p ON p.id = a.page_id
                 WHERE a.entity = ? AND a.key = ? AND p.key IS NOT a.key AND NOT p.trashed"""
        return [page_of(row) for row in self.do(sql, entity.value, key)]

    def unlinked_pages(self, entity: Entity, services: Iterable[str]) -> list[str]:
        """Live pages whose Source names one of these services, and that no record of it was ever linked to."""
        sql = """SELECT DISTINCT p.id FROM pages p, json_each(p.sources) s
                 WHERE p.entity = ? AND NOT p.trashed AND s.value IN (SELECT value FROM json_each(?))
                 AND NOT EXISTS (SELECT 1 FROM links l WHERE l.page_id = p.id AND l.service = s.value)
                 ORDER BY p.created, p.id"""
        return [row[0] for row in self.do(sql, entity.value, json.dumps(sorted(services)))]

    def copies(self, entity: Entity) -> list[tuple[str, str]]:
        """(page id, External ID line) of live pages without a link, whose line belongs to a record of another page."""
        sql = """SELECT l.page_id, l.line FROM page_lines l JOIN pages p ON p.id = l.page_id
                 WHERE p.entity = ? AND NOT p.trashed AND NOT EXISTS (SELECT 1 FROM links WHERE page_id = p.id)"""
        return [(row[0], row[1]) for row in self.do(sql, entity.value)]

    def strange_lines(self, entity: Entity) -> list[tuple[str, str]]:
        """(page id, External ID line) of linked live pages, where another page carries that line too."""
        sql = """SELECT l.page_id, l.line FROM page_lines l JOIN pages p ON p.id = l.page_id
                 WHERE l.line IN (SELECT line FROM page_lines GROUP BY line HAVING count(*) > 1)
                 AND p.entity = ? AND NOT p.trashed AND EXISTS (SELECT 1 FROM links WHERE page_id = p.id)
                 ORDER BY l.page_id, l.line"""
        return [(row[0], row[1]) for row in self.do(sql, entity.value)]

    def pages_sharing_a_key(self, entity: Entity) -> list[list[str]]:
        """Linked live pages that have one natural key."""
        sql = """SELECT json_group_array(id) FROM pages WHERE entity = ? AND key IS NOT NULL AND NOT trashed
                 AND EXISTS (SELECT 1 FROM links WHERE page_id = pages.id AND asleep = '')
                 GROUP BY key HAVING count(*) > 1"""
        return [json.loads(row[0]) for row in self.do(sql, entity.value)]

    def unanswered_sources(self, entity: Entity, makers: Iterable[str]) -> list[tuple[str, str]]:
        """(page id, name) of live pages with a name in Source, none of `makers`, that no record explains."""
        sql = """SELECT p.id, s.value FROM pages p, json_each(p.sources) s
                 WHERE p.entity = ? AND NOT p.trashed AND s.value NOT IN (SELECT value FROM json_each(?))
                 AND NOT EXISTS (SELECT 1 FROM links l WHERE l.page_id = p.id AND l.service = s.value)
                 AND NOT EXISTS (SELECT 1 FROM page_lines x WHERE x.page_id = p.id
                                 AND substr(x.line, 1, length(s.value) + 1) = s.value || ':')
                 ORDER BY p.created, p.id, s.value"""
        return [(row[0], row[1]) for row in self.do(sql, entity.value, json.dumps(sorted(makers)))]

    def set_trashed(self, page_id: str) -> None:
        """It is proved to be in the trash. What follows for its links is `departures.py`'s."""
        self.do("UPDATE pages SET trashed = 1, seen = ? WHERE id = ?", self.run, page_id)

    def unknown_lines(self, known: Iterable[str]) -> list[str]:
        """Service names in External ID that the config does not know (ENGINE 17)."""
        names = {row[0].partition(":")[0] for row in self.do("SELECT line FROM page_lines")}
        return sorted(names - set(known))

    def store_record(self, stream: Stream, record: Record, run: datetime, own: Times | None = None) -> None:
        """Remember a record as it was read or answered; what it said of the people in it is `store_people`'s."""
        old = self.record(stream, record.id)
        where = (stream.service, stream.name, record.id)
        times = times_of(old, record, run, self._written("records", *where), own)
        written = stamp(record.modified or run) if own is not None else self._written_raw("records", *where)
        self.do(
            """INSERT INTO records (service, stream, id, entity, vals, times, modified, created, key, page_id, synced,
                 trashed, locked, markable, native, people, written, label, seen)
                 VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
               ON CONFLICT (service, stream, id) DO UPDATE SET vals = excluded.vals, times = excluded.times,
                 modified = excluded.modified, key = excluded.key, page_id = excluded.page_id,
                 synced = excluded.synced, trashed = excluded.trashed, locked = excluded.locked,
                 markable = excluded.markable, native = excluded.native, written = excluded.written,
                 label = excluded.label, seen = excluded.seen""",
            *where, stream.entity.value, encode(record.values), dump_times(times), stamp(record.modified),
            stamp(record.created), record.key, record.marks.page_id, stamp(record.marks.synced), record.trashed,
            json.dumps(sorted(record.locked)), record.markable,
            json.dumps(record.native, ensure_ascii=False), "[]", written, record.label, self.run,
        )  # fmt: skip
        if old is None or (old.record.values, old.record.locked) != (record.values, record.locked):
            self.do("UPDATE links SET dirty = 1 WHERE service = ? AND stream = ? AND record_id = ?", *where)
        if old is not None and old.record.trashed and not record.trashed:
            self.wake("(l.service, l.stream, l.record_id) = (?, ?, ?)", *where)

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

    def store_people(self, stream: Stream, record: Record) -> None:
        """Once each person in it was stored: what this record said of them, to tell its next edit by."""
        people = json.dumps([[each.id, json.loads(encode(each.values))] for each in record.people], ensure_ascii=False)
        sql = "UPDATE records SET people = ? WHERE (service, stream, id) = (?, ?, ?)"
        self.do(sql, people, stream.service, stream.name, record.id)

    def people_of(self, stream: Stream, record_id: str, entity: Entity) -> dict[str, Values]:
        """What a record said of the people in it when it was last read, by e-mail key."""
        sql = "SELECT people FROM records WHERE service = ? AND stream = ? AND id = ?"
        row = self.do(sql, stream.service, stream.name, record_id).fetchone()
        pairs = json.loads(row[0]) if row else []
        return {key: decode(entity, json.dumps(values)) for key, values in pairs}

    def record(self, stream: Stream, record_id: str) -> Mirror | None:
        sql = "SELECT * FROM records WHERE service = ? AND stream = ? AND id = ?"
        row = self.do(sql, stream.service, stream.name, record_id).fetchone()
        return record_of(row) if row else None

    def unlinked_records(self, stream: Stream, after: int, count: int) -> list[tuple[int, Record]]:
        """The next live records without a link, in the order in which they were first read; with their place."""
        sql = """SELECT * FROM records r WHERE service = ? AND stream = ? AND n > ? AND NOT trashed AND NOT EXISTS
                 (SELECT 1 FROM links l WHERE l.service = r.service AND l.stream = r.stream AND l.record_id = r.id)
                 ORDER BY n LIMIT ?"""
        rows = self.do(sql, stream.service, stream.name, after, count).fetchall()
        return [(row["n"], record_of(row).record) for row in rows]

    def records_with_key(self, service: str, stream: str, key: str) -> list[str]:
        sql = "SELECT id FROM records WHERE service = ? AND stream = ? AND key = ? AND NOT trashed"
        return [row[0] for row in self.do(sql, service, stream, key)]

    def records_with_marker(self, stream: Stream, page_id: str) -> list[str]:
        """Records whose own back-link names that page."""
        sql = "SELECT id FROM records WHERE (service, stream, page_id) = (?, ?, ?) AND NOT trashed"
        return [row[0] for row in self.do(sql, stream.service, stream.name, page_id)]

    def _written(self, table: str, *where: str) -> datetime | None:
        return moment(self._written_raw(table, *where))

    def _written_raw(self, table: str, *where: str) -> str | None:
        sql = {
            "pages": "SELECT written FROM pages WHERE id = ?",
            "records": "SELECT written FROM records WHERE service = ? AND stream = ? AND id = ?",
        }[table]
        row = self.do(sql, *where).fetchone()
        return row[0] if row else None
