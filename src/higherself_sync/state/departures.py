"""What is gone on one side: who was not shown by a complete read, and which links sleep, wake or have to follow."""

import json
from datetime import datetime

from higherself_sync.core.plan import Link
from higherself_sync.core.record import Entity, Record, Stream, Value
from higherself_sync.state.database import Database
from higherself_sync.state.values import link_of, stamp

EMPTY: tuple[Value, ...] = (None, frozenset())
_BOTH = """links l JOIN pages p ON p.id = l.page_id
           JOIN records r ON (r.service, r.stream, r.id) = (l.service, l.stream, l.record_id)"""


class Departures(Database):
    """What is gone on one side: who was not shown by a complete read, and which links sleep, wake or have to follow."""

    def unseen_pages(self, entity: Entity) -> list[str]:
        """Pages with a link awake that this run has not seen: after a complete read they are suspects (ENGINE 22)."""
        sql = """SELECT DISTINCT p.id FROM links l JOIN pages p ON p.id = l.page_id
                 WHERE l.entity = ? AND l.asleep = '' AND NOT p.trashed AND p.seen IS NOT ? ORDER BY p.id"""
        return [row[0] for row in self.do(sql, entity.value, self.run)]

    def unseen_records(self, stream: Stream) -> list[str]:
        """Linked records that this run has not seen, as `unseen_pages`."""
        sql = f"""SELECT r.id FROM {_BOTH} WHERE (l.service, l.stream) = (?, ?) AND l.asleep = '' AND NOT r.trashed
                  AND r.seen IS NOT ? ORDER BY r.n"""  # noqa: S608 - a constant
        return [row[0] for row in self.do(sql, stream.service, stream.name, self.run)]

    def forget_unseen_pages(self, entity: Entity) -> None:
        """Rows without a link that a complete read did not show match nothing any more, whatever became of them.

        One for which a create is under way stays: its intent needs it.
        """
        sql = """DELETE FROM pages WHERE entity = ? AND NOT trashed AND seen IS NOT ?
                 AND NOT EXISTS (SELECT 1 FROM links WHERE page_id = pages.id)
                 AND NOT EXISTS (SELECT 1 FROM journal WHERE page_id = pages.id)"""
        self.do(sql, entity.value, self.run)
        self.do("DELETE FROM page_lines WHERE NOT EXISTS (SELECT 1 FROM pages WHERE id = page_id)")

    def unseen_strangers(self, stream: Stream) -> list[str]:
        """Records without a link that this run has not seen, and for which nothing is under way."""
        sql = """SELECT id FROM records WHERE (service, stream) = (?, ?) AND NOT trashed AND seen IS NOT ?
                 AND NOT EXISTS (SELECT 1 FROM links l WHERE
                 (l.service, l.stream, l.record_id) = (records.service, records.stream, records.id))
                 AND NOT EXISTS (SELECT 1 FROM journal j WHERE
                 (j.service, j.stream, j.record_id) = (records.service, records.stream, records.id))"""
        return [row[0] for row in self.do(sql, stream.service, stream.name, self.run)]

    def forget_record(self, stream: Stream, record_id: str) -> None:
        self.do("DELETE FROM records WHERE (service, stream, id) = (?, ?, ?)", stream.service, stream.name, record_id)

    def departed(self, stream: Stream) -> list[tuple[Link, bool, bool]]:
        """Links awake of which a side is proved gone, with: is the page, is the record."""
        sql = f"""SELECT l.*, p.trashed AS page_gone, r.trashed AS record_gone FROM {_BOTH}
                  WHERE (l.service, l.stream) = (?, ?) AND l.asleep = '' AND (p.trashed OR r.trashed)
                  ORDER BY l.id"""  # noqa: S608 - a constant
        rows = self.do(sql, stream.service, stream.name)
        return [(link_of(row), bool(row["page_gone"]), bool(row["record_gone"])) for row in rows]

    def returned(self, stream: Stream) -> list[Link]:
        """Links asleep whose first side is back, and whose other side hsn had put into its trash: that one is due."""
        sql = f"""SELECT l.* FROM {_BOTH} WHERE (l.service, l.stream) = (?, ?) AND l.followed
                  AND ((l.asleep = 'page' AND NOT p.trashed) OR (l.asleep = 'record' AND NOT r.trashed))
                  ORDER BY l.id"""  # noqa: S608 - a constant
        return [link_of(row) for row in self.do(sql, stream.service, stream.name)]

    def sources_due(self, stream: Stream) -> list[str]:
        """Live pages that still name this service in Source though its record is gone (ENGINE 20)."""
        sql = """SELECT DISTINCT p.id FROM links l JOIN pages p ON p.id = l.page_id
                 WHERE (l.service, l.stream) = (?, ?) AND l.asleep = 'record' AND l.line_due AND NOT p.trashed"""
        return [row[0] for row in self.do(sql, stream.service, stream.name)]

    def belongs_elsewhere(self, page_id: str, entity: Entity) -> bool:
        """Whether the page is linked as a row of another database."""
        sql = "SELECT 1 FROM links WHERE page_id = ? AND entity != ?"
        return self.do(sql, page_id, entity.value).fetchone() is not None

    def forget_emptied(self, page: Record) -> None:
        """What a page lost while it was away is nobody's edit: Notion drops values of a row that is moved. No base."""
        for number, raw in self.do("SELECT id, base FROM links WHERE page_id = ?", page.id).fetchall():
            base = {name: both for name, both in json.loads(raw).items() if page.values.get(name) not in EMPTY}
            self.do("UPDATE links SET base = ? WHERE id = ?", json.dumps(base, ensure_ascii=False), number)

    def wake(self, condition: str, *args: str) -> None:
        """A page or a record is there (again): its links wake, or sleep for another reason than before (ENGINE 24)."""
        sql = f"""SELECT l.*, p.trashed AS page_gone, r.trashed AS record_gone, p.sources FROM {_BOTH}
                  WHERE l.asleep != '' AND {condition}"""  # noqa: S608 - a constant
        for row in self.do(sql, *args).fetchall():
            match bool(row["page_gone"]), bool(row["record_gone"]):
                case False, False:
                    awake = "UPDATE links SET asleep = '', followed = 0, dirty = 1, line_due = ? WHERE id = ?"
                    self.do(awake, row["service"] not in json.loads(row["sources"]), row["id"])
                case False, True if not (row["asleep"] == "page" and row["followed"]):
                    self.do("UPDATE links SET asleep = 'record', followed = 0 WHERE id = ?", row["id"])
                case True, False if not (row["asleep"] == "record" and row["followed"]):
                    self.do("UPDATE links SET asleep = 'page', followed = 0 WHERE id = ?", row["id"])
                case _:
                    pass  # both are gone, or the other side is due to come back too

    def deleted_since(self, stream: Stream, since: datetime, cause: str) -> int:
        """How many pages and records were put into their trash for this stream."""
        sql = "SELECT count(*) FROM log WHERE (service, stream) = (?, ?) AND cause = ? AND at >= ?"
        return int(self.do(sql, stream.service, stream.name, cause, stamp(since)).fetchone()[0])

    def cleared_since(self, stream: Stream, name: str, side: str, since: datetime) -> int:
        """On how many pages or records a field was emptied."""
        sql = """SELECT count(*) FROM log WHERE (service, stream, field, side) = (?, ?, ?, ?) AND at >= ?
                 AND after IN ('null', '[]') AND before NOT IN ('null', '[]')"""
        return int(self.do(sql, stream.service, stream.name, name, side, stamp(since)).fetchone()[0])

    def emptied(self, stream: Stream, name: str, side: str) -> int:
        """In how many links awake a field is empty on that side and was not when last agreed: a clearing to carry."""
        vals, place = ("p.vals", 1) if side == "notion" else ("r.vals", 0)
        sql = f"""SELECT count(*) FROM {_BOTH} WHERE (l.service, l.stream) = (?, ?) AND l.dirty AND l.asleep = ''
                  AND json_extract({vals}, ?) IS NULL AND json_extract(l.base, ?) IS NOT NULL"""  # noqa: S608
        found = self.do(sql, stream.service, stream.name, f"$.{name}", f"$.{name}[{place}]")
        return int(found.fetchone()[0])
