"""Who belongs to whom, with the base of each field."""

import json
from collections.abc import Collection, Iterable, Mapping

from higherself_sync.core.plan import Agreed, Asleep, Link
from higherself_sync.core.record import (
    Entity,
    Stream,
    to_json,
)
from higherself_sync.state.database import Database
from higherself_sync.state.values import (
    link_of,
)


class Links(Database):
    """Who belongs to whom, with the base of each field."""

    def link(self, stream: Stream, record_id: str) -> Link | None:
        sql = "SELECT * FROM links WHERE service = ? AND stream = ? AND record_id = ?"
        row = self.do(sql, stream.service, stream.name, record_id).fetchone()
        return link_of(row) if row else None

    def links_of_page(self, page_id: str) -> list[Link]:
        return [link_of(row) for row in self.do("SELECT * FROM links WHERE page_id = ? ORDER BY id", page_id)]

    def page_of_line(self, line: str) -> str | None:
        """The page that a marker line's record is linked to. A guest's line also finds the customer of that e-mail."""
        service, stream, record_id = line.split(":", 2)
        sql = "SELECT page_id FROM links WHERE service = ? AND stream = ? AND record_id = ?"
        row = self.do(sql, service, stream, record_id).fetchone()
        return row[0] if row else None

    def add_link(self, stream: Stream, record_id: str, page_id: str, *, mark_due: bool, line_due: bool) -> Link:
        self.do(
            """INSERT INTO links (service, stream, record_id, page_id, entity, base, mark_due, line_due)
               VALUES (?, ?, ?, ?, ?, '{}', ?, ?)""",
            stream.service, stream.name, record_id, page_id, stream.entity.value, mark_due, line_due,
        )  # fmt: skip
        link = self.link(stream, record_id)
        assert link is not None
        return link

    def move_link(self, link_id: int, stream: Stream, record_id: str) -> None:
        """The link now belongs to another record of the same page; the base stays (ENGINE 14, 16)."""
        sql = """UPDATE links SET stream = ?, record_id = ?, asleep = '', followed = 0, dirty = 1, mark_due = ?,
                 line_due = 1 WHERE id = ?"""
        self.do(sql, stream.name, record_id, stream.marker, link_id)

    def agree(self, link_id: int, fields: Mapping[str, Agreed]) -> None:
        """The base advances, for just these fields (ENGINE 1)."""
        row = self.do("SELECT base FROM links WHERE id = ?", link_id).fetchone()
        base = json.loads(row[0])
        base.update({name: [to_json(both.service), to_json(both.notion)] for name, both in fields.items()})
        self.do("UPDATE links SET base = ? WHERE id = ?", json.dumps(base, ensure_ascii=False), link_id)

    def forget_columns(self, entity: Entity, fields: Collection[str]) -> None:
        """What a column that was made anew holds is nobody's edit: it has no base, and all its rows are read again."""
        own = not {"external_id", "source", "last_synced"}.isdisjoint(fields)
        rows = self.do("SELECT id, base FROM links WHERE entity = ?", entity.value).fetchall()
        for number, raw in rows:
            base = {name: both for name, both in json.loads(raw).items() if name not in fields}
            sql = "UPDATE links SET base = ?, dirty = asleep = '', line_due = line_due OR ? WHERE id = ?"
            self.do(sql, json.dumps(base, ensure_ascii=False), own, number)
        self.forget_cursor(f"notion:{entity.value}")

    def rest(self, link_id: int) -> None:
        """The link has nothing left to do until one of its sides is seen to change."""
        self.do("UPDATE links SET dirty = 0 WHERE id = ?", link_id)

    def sleep(self, link_id: int, gone: Asleep, *, followed: bool = False, line_due: bool = False) -> None:
        """One side is gone: the link keeps its base and waits for that side to come back (ENGINE 24)."""
        sql = "UPDATE links SET asleep = ?, followed = ?, dirty = 0, line_due = ? WHERE id = ?"
        self.do(sql, gone, followed, line_due, link_id)

    def unlink(self, link_id: int) -> None:
        """As if they had never met: the record holds no marker either, until it is read again."""
        self.do(
            """UPDATE records SET page_id = NULL WHERE (service, stream, id) =
               (SELECT service, stream, record_id FROM links WHERE id = ?)""",
            link_id,
        )
        self.do(
            """DELETE FROM pages WHERE id = (SELECT page_id FROM links WHERE id = ?1)
               AND NOT EXISTS (SELECT 1 FROM links WHERE page_id = pages.id AND id != ?1)""",
            link_id,
        )
        self.do("DELETE FROM links WHERE id = ?", link_id)

    def link_by_id(self, link_id: int) -> Link | None:
        row = self.do("SELECT * FROM links WHERE id = ?", link_id).fetchone()
        return link_of(row) if row else None

    def work(self, entity: Entity, services: Iterable[str], after: str, count: int) -> list[str]:
        """The next pages of that entity, in the order of their ids, with something to do for one of these services."""
        sql = """SELECT DISTINCT page_id FROM links WHERE entity = ? AND (dirty OR line_due) AND asleep = ''
                 AND page_id > ? AND service IN (SELECT value FROM json_each(?)) ORDER BY page_id LIMIT ?"""
        return [row[0] for row in self.do(sql, entity.value, after, json.dumps(sorted(services)), count)]

    def lines_written(self, page_id: str) -> None:
        self.do("UPDATE links SET line_due = 0 WHERE page_id = ?", page_id)

    def lines_taken_out(self, entity: Entity) -> list[Link]:
        """Links awake whose line somebody took out of External ID since it was last written."""
        sql = "SELECT * FROM links WHERE entity = ? AND line_due = 2 AND asleep = '' ORDER BY id"
        return [link_of(row) for row in self.do(sql, entity.value)]

    def set_line_due(self, link_id: int, *, due: bool) -> None:
        self.do("UPDATE links SET line_due = ? WHERE id = ?", due, link_id)

    def line_due(self, page_id: str) -> bool:
        return self.do("SELECT 1 FROM links WHERE page_id = ? AND line_due", page_id).fetchone() is not None

    def marks_due(self, stream: Stream) -> list[tuple[str, str]]:
        """(record id, page id) of links whose back-link in the service is still to be written."""
        sql = "SELECT record_id, page_id FROM links WHERE service = ? AND stream = ? AND mark_due AND asleep = ''"
        return [(row[0], row[1]) for row in self.do(sql, stream.service, stream.name)]

    def mark_written(self, stream: Stream, record_id: str) -> None:
        sql = "UPDATE links SET mark_due = 0 WHERE service = ? AND stream = ? AND record_id = ?"
        self.do(sql, stream.service, stream.name, record_id)

    def count_links(self, stream: Stream) -> int:
        sql = "SELECT count(*) FROM links WHERE service = ? AND stream = ? AND asleep = ''"
        return int(self.do(sql, stream.service, stream.name).fetchone()[0])

    def count_linked(self, entity: Entity) -> int:
        """Records that have a row in that database, or had one."""
        return int(self.do("SELECT count(*) FROM links WHERE entity = ?", entity.value).fetchone()[0])

    def count_pages(self, entity: Entity) -> int:
        """Pages with a link awake."""
        sql = "SELECT count(DISTINCT page_id) FROM links WHERE entity = ? AND asleep = ''"
        return int(self.do(sql, entity.value).fetchone()[0])

    def known_pages(self, page_ids: Iterable[str]) -> dict[str, bool]:
        """Which of these pages are known, and whether each is in the trash."""
        found = {}
        for page_id in page_ids:
            row = self.do("SELECT trashed FROM pages WHERE id = ?", page_id).fetchone()
            if row is not None:
                found[page_id] = bool(row[0])
        return found
