"""What waits for a person, and what must not be tried again."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from higherself_sync.core.plan import Hold, HoldKind, Link
from higherself_sync.core.record import (
    Side,
    Stream,
    Value,
    fields_of,
    to_json,
)
from higherself_sync.errors import UsageError
from higherself_sync.state.database import Database
from higherself_sync.state.values import (
    Problem,
    Topic,
    hold_of,
    problem_of,
    stamp,
)


class Problems(Database):
    """What waits for a person, and what must not be tried again."""

    def report_problem(
        self, topic: Topic, kind: HoldKind, reason: str, now: datetime, *, service: Value = None, notion: Value = None,
        due: datetime | None = None, forced: bool = False, fingerprint: str | None = None, memory: bool = False,
        tried: bool = False,
    ) -> None:  # fmt: skip
        """Open a problem or bring it up to date; its age stays, and it is shown again only when its values changed.

        A problem with a `fingerprint` is one more refused attempt. `tried`: what a person had decided was done, and
        did not help.
        """
        values = (json.dumps(to_json(service), ensure_ascii=False), json.dumps(to_json(notion), ensure_ascii=False))
        old = self.do(
            "SELECT * FROM problems WHERE (service, stream, record_id, page_id, field, memory) = (?, ?, ?, ?, ?, ?)",
            *topic.key(),
            memory,
        ).fetchone()
        attempt = int(fingerprint is not None)
        if old is None:
            self.do(
                """INSERT INTO problems (service, stream, record_id, page_id, field, memory, kind, reason, side_service,
                   side_notion, since, attempts, due, forced, print) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)""",
                *topic.key(), memory, kind.value, reason, *values, stamp(now), attempt, stamp(due), forced, fingerprint,
            )  # fmt: skip
            return
        same = (old["kind"], old["side_service"], old["side_notion"]) == (kind.value, *values)
        self.do(
            """UPDATE problems SET kind=?, reason=?, side_service=?, side_notion=?, attempts=?, due=?, forced=?,
               print=?, shown=?, decision=? WHERE id=?""",
            kind.value, reason, *values, old["attempts"] + attempt, stamp(due), forced, fingerprint,
            old["shown"] if same else None, old["decision"] if same and not tried else None, old["id"],
        )  # fmt: skip

    def close_problems(self, topic: Topic, keep: Iterable[str] = ()) -> None:
        """What was not met again is settled, whatever its field. `keep`: fields that still wait. Memories stay."""
        self.do(
            """DELETE FROM problems WHERE (service, stream, record_id, page_id) = (?, ?, ?, ?) AND NOT memory
               AND field NOT IN (SELECT value FROM json_each(?))""",
            *topic.key()[:4],
            json.dumps(sorted(keep)),
        )

    def close_problem(self, topic: Topic) -> None:
        """Just this one is settled."""
        sql = "DELETE FROM problems WHERE (service, stream, record_id, page_id, field) = (?, ?, ?, ?, ?) AND NOT memory"
        self.do(sql, *topic.key())

    def drop_problem(self, problem_id: int) -> None:
        self.do("DELETE FROM problems WHERE id = ?", problem_id)

    def holds(self, stream: Stream, link: Link) -> dict[str, Hold]:
        """What waits on single fields of one link; an open question hides the memory of a restoration."""
        rows = self.do(
            """SELECT * FROM problems WHERE (service, stream, record_id, page_id) = (?, ?, ?, ?)
               AND field != '' AND field NOT LIKE '*%' ORDER BY memory DESC""",
            stream.service, stream.name, link.record_id, link.page_id,
        )  # fmt: skip
        kinds = {name: each.kind for name, each in fields_of(stream.entity).items()}
        return {row["field"]: hold_of(kinds[row["field"]], row) for row in rows}

    def problem(self, topic: Topic) -> Problem | None:
        sql = """SELECT * FROM problems
                 WHERE (service, stream, record_id, page_id, field) = (?, ?, ?, ?, ?) AND NOT memory"""
        row = self.do(sql, *topic.key()).fetchone()
        return problem_of(row) if row else None

    def problems(self) -> list[Problem]:
        return [problem_of(row) for row in self.do("SELECT * FROM problems WHERE NOT memory ORDER BY id")]

    def shown(self, problem_id: int, now: datetime) -> None:
        self.do("UPDATE problems SET shown = ? WHERE id = ?", stamp(now), problem_id)

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
                f"nothing with the number {problem_id} waits", place="command line", remedy="see: hsn conflicts"
            )

    def decide(self, problem_id: int, keep: Side) -> bool:
        """Keep a person's choice for the next run; False when nothing with that number waits."""
        sql = "UPDATE problems SET decision = ? WHERE id = ? AND NOT memory"
        return self.do(sql, keep.value, problem_id).rowcount == 1
