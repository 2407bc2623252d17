"""What the state hands out, and how rows of the file become it."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias, assert_never

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

Times: TypeAlias = Mapping[str, datetime | None]


@dataclass(frozen=True, slots=True)
class Mirror:
    """A page or a record as last read, with the time at which each changed field was first seen to change."""

    record: Record
    times: Mapping[str, datetime]
    entity: Entity
    seen: str | None = None  # the run that last saw it


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

    @property
    def column(self) -> str | None:
        """The field that it is about; None for the whole record, and where a word of hsn's own stands for one."""
        return None if self.field.startswith("*") else self.field or None

    def choices(self) -> tuple[Side, ...]:
        """What a person may say to keep; nothing where only a correction helps."""
        both, related = (Side.NOTION, Side.SERVICE), isinstance(self.notion_value, list)
        match self.kind:
            case HoldKind.CONFLICT:
                return both
            case HoldKind.NOT_TAKEN:  # what relates is only put back: the row alone cannot know less than the record
                return (Side.SERVICE,) if related else both
            case HoldKind.SET_ASIDE if self.attempts:
                return both
            case HoldKind.SET_ASIDE:  # never sent, so there is nothing to try
                return (Side.SERVICE,) if self.column and not related else ()
            case HoldKind.AMBIGUOUS if self.field:
                return both
            case HoldKind.AMBIGUOUS if self.record_id and not self.page_id:  # which row is it? `notion_value` was found
                return both if self.notion_value else (Side.SERVICE,)
            case HoldKind.AMBIGUOUS | HoldKind.RESTORED:
                return ()
            case _:
                assert_never(self.kind)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "service": self.service,
            "stream": self.stream,
            "service_id": self.record_id or None,
            "page_id": self.page_id or None,
            "kind": self.kind.value,
            "field": self.column,
            "reason": self.reason,
            "since": stamp(self.since),
            "attempts": self.attempts,
        }


def stamp(moment: datetime | None) -> str | None:
    """UTC with `Z`, to the microsecond where there is one."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(raw: str | None) -> datetime | None:
    return None if raw is None else datetime.fromisoformat(raw)


def must(raw: str) -> datetime:
    return datetime.fromisoformat(raw)


def encode(values: Values) -> str:
    return json.dumps({name: to_json(value) for name, value in values.items()}, ensure_ascii=False, sort_keys=True)


def decode(entity: Entity, raw: str) -> dict[str, Value]:
    kinds = {name: each.kind for name, each in fields_of(entity).items()}
    return {name: from_json(kinds[name], value) for name, value in json.loads(raw).items() if name in kinds}


def times_of(
    old: Mirror | None, new: Record, run: datetime, written: datetime | None, own: Times | None
) -> dict[str, datetime]:
    """ENGINE 8: a change's time is the side's own if later than our last write there, else the run that saw it."""
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


def dump_times(times: Mapping[str, datetime]) -> str:
    return json.dumps({name: stamp(at) for name, at in times.items()})


def load_times(raw: str) -> dict[str, datetime]:
    return {name: must(at) for name, at in json.loads(raw).items()}


def page_of(row: sqlite3.Row) -> Mirror:
    entity = Entity(row["entity"])
    marks = Marks(tuple(json.loads(row["lines"])), frozenset(json.loads(row["sources"])), None, moment(row["synced"]))
    record = Record(
        row["id"], decode(entity, row["vals"]), moment(row["modified"]), moment(row["created"]), row["key"], marks,
        bool(row["trashed"]), editor=row["editor"], label=row["label"],
    )  # fmt: skip
    return Mirror(record, load_times(row["times"]), entity, row["seen"])


def record_of(row: sqlite3.Row) -> Mirror:
    entity = Entity(row["entity"])
    record = Record(
        row["id"], decode(entity, row["vals"]), moment(row["modified"]), moment(row["created"]), row["key"],
        Marks(page_id=row["page_id"], synced=moment(row["synced"])), bool(row["trashed"]),
        frozenset(json.loads(row["locked"])), bool(row["markable"]), json.loads(row["native"]), label=row["label"],
    )  # fmt: skip
    return Mirror(record, load_times(row["times"]), entity, row["seen"])


def link_of(row: sqlite3.Row) -> Link:
    kinds: dict[str, Kind] = {name: each.kind for name, each in fields_of(Entity(row["entity"])).items()}
    base = {
        name: Agreed(from_json(kinds[name], pair[0]), from_json(kinds[name], pair[1]))
        for name, pair in json.loads(row["base"]).items()
        if name in kinds
    }
    return Link(row["id"], row["service"], row["stream"], row["record_id"], row["page_id"], base, row["asleep"],
                bool(row["followed"]))  # fmt: skip


def hold_of(kind: Kind, row: sqlite3.Row) -> Hold:
    pair = [from_json(kind, json.loads(row[side])) for side in ("side_service", "side_notion")]
    decision = Side(row["decision"]) if row["decision"] else None
    return Hold(HoldKind(row["kind"]), pair[0], pair[1], decision, bool(row["forced"]))


def problem_of(row: sqlite3.Row) -> Problem:
    return Problem(
        row["id"], row["service"], row["stream"], row["record_id"], row["page_id"], row["field"],
        HoldKind(row["kind"]), row["reason"], json.loads(row["side_service"] or "null"),
        json.loads(row["side_notion"] or "null"), must(row["since"]), row["attempts"], moment(row["due"]),
        moment(row["shown"]), row["print"], row["decision"],
    )  # fmt: skip
