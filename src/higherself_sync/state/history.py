"""Intents without an answer, runs, and the log of every change."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from higherself_sync.core.plan import HoldKind
from higherself_sync.core.record import (
    Side,
    Stream,
    Value,
    to_json,
)
from higherself_sync.state.links import Links
from higherself_sync.state.lock import RunLock, lock_holder
from higherself_sync.state.problems import Problems
from higherself_sync.state.values import (
    Intent,
    Topic,
    must,
    stamp,
)

if TYPE_CHECKING:
    from higherself_sync.config import Config


class History(Links, Problems):
    """Intents without an answer, runs, and the log of every change."""

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
        cursor = self.do(
            "INSERT INTO journal (op, service, stream, record_id, page_id, payload, since) VALUES (?,?,?,?,?,?,?)",
            op, service, stream, record_id, page_id, json.dumps(payload, ensure_ascii=False), stamp(since),
        )  # fmt: skip
        return int(cursor.lastrowid or 0)

    def close_intent(self, intent_id: int) -> None:
        self.do("DELETE FROM journal WHERE id = ?", intent_id)

    def intents(self) -> list[Intent]:
        rows = self.do("SELECT * FROM journal ORDER BY id").fetchall()
        return [
            Intent(
                row["id"], row["op"], row["service"], row["stream"], row["record_id"], row["page_id"],
                json.loads(row["payload"]), must(row["since"]),
            )
            for row in rows
        ]  # fmt: skip

    def begin_run(self, run: str, started: datetime, direction: str) -> None:
        """A run that began already may begin again."""
        self.do("INSERT OR REPLACE INTO runs VALUES (?, ?, NULL, NULL, ?)", run, stamp(started), direction)

    def end_run(self, run: str, finished: datetime, exit_code: int) -> None:
        self.do("UPDATE runs SET finished = ?, exit_code = ? WHERE id = ?", stamp(finished), exit_code, run)

    def status_json(self, config: "Config") -> dict[str, Any]:
        """What `hsn status --json` says (INTERFACE section 2), without asking anybody anything."""
        last = self.do("SELECT id, started, finished, exit_code FROM runs ORDER BY started DESC LIMIT 1").fetchone()
        run = dict(zip(("run", "started", "finished", "exit_code"), last, strict=True)) if last else None
        holder = lock_holder(RunLock(config.state.path).path)
        streams = [self._stream_status(each) for name in config.services for each in config.declared(name)]
        problems = [each.as_json() for each in self.problems()]
        return {
            "state": str(config.state.path), "last_run": run, "lock": holder, "streams": streams, "problems": problems,
        }  # fmt: skip

    def _stream_status(self, stream: Stream) -> dict[str, Any]:
        where = (stream.service, stream.name)
        ran = self.do("SELECT last_run, last_success FROM stream_runs WHERE (service, stream) = (?, ?)", *where)
        last_run, last_success = ran.fetchone() or (None, None)
        waiting = self.do("SELECT count(*) FROM links WHERE (service, stream) = (?, ?) AND dirty", *where).fetchone()
        counts = self.do(
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
            **({"window": list(stream.window)} if stream.window else {}),
        }

    def stream_ran(self, stream: Stream, at: datetime, success: bool) -> None:
        self.do(
            """INSERT INTO stream_runs VALUES (?, ?, ?, ?) ON CONFLICT (service, stream) DO UPDATE SET
               last_run = excluded.last_run, last_success = coalesce(excluded.last_success, last_success)""",
            stream.service, stream.name, stamp(at), stamp(at) if success else None,
        )  # fmt: skip

    def log(self, run: str, at: datetime, topic: Topic, side: Side, before: Value, after: Value, cause: str) -> None:
        """One field written on one side, with what was there before (ENGINE 28)."""
        self.do(
            """INSERT INTO log (run, at, service, stream, record_id, page_id, field, side, before, after, cause,
               reversible) VALUES (?,?,?,?,?,?,?,?,?,?,?,1)""",
            run, stamp(at), *topic.key(), side.value, json.dumps(to_json(before), ensure_ascii=False),
            json.dumps(to_json(after), ensure_ascii=False), cause,
        )  # fmt: skip

    def log_rows(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self.do("SELECT * FROM log ORDER BY id")]

    def prune(self, before: datetime) -> None:
        self.do("DELETE FROM log WHERE at < ?", stamp(before))
        self.do("DELETE FROM runs WHERE started < ?", stamp(before))
