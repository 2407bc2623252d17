"""A hub and services in memory, like the real ones where it matters to the engine, with every request a place to fail.
 They satisfy the same protocol as the real replicas, so the engine cannot tell them apart.

Times: the hub floors `modified` to the minute as Notion does, services to the second; both read the world's clock.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from higherself_sync.core.record import (
    Ability,
    Batch,
    Draft,
    Entity,
    Gone,
    Marks,
    Record,
    Stream,
    Value,
    Values,
    fields_of,
    natural_key,
)
from higherself_sync.errors import Absent, Refused, Unanswered, Unreachable

Fault = Literal["crash before", "crash after", "lost before", "lost after", "refuse"]


NO_MARKS = Marks()
LAG = timedelta(seconds=20)  # before a query shows what was just made


class Crash(BaseException):
    """The process died here."""


@dataclass(slots=True)
class World:
    """The clock, the request counter, and what is to happen at which request.

    `faults` maps the number of a write to what befalls it, `deaths` that of a request; `during` maps the number of a
    request to an edit that a person makes just before it is acted on.
    """

    now: datetime = datetime(2026, 6, 1, 9, 0, 0, tzinfo=UTC)
    requests: int = 0
    writes: int = 0
    sent: int = 0
    faults: dict[int, Fault] = field(default_factory=dict)
    deaths: dict[int, Fault] = field(default_factory=dict)
    during: dict[int, Callable[[], None]] = field(default_factory=dict)
    overwritten: Callable[[str, str, str, Value], None] = lambda *_: None
    archiving: Callable[[str, Record], None] = lambda *_: None
    restoring: Callable[[str, Record], None] = lambda *_: None

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def request(self, act: Callable[[], Record | None], *, write: bool) -> Record | None:
        """One request: perhaps an edit first, perhaps a fault before or after the server has acted."""
        self.requests += 1
        self.advance(0.4)
        if (edit := self.during.pop(self.requests, None)) is not None:
            edit()
        self.sent += write
        fault = self.deaths.pop(self.requests, None) or (self.faults.pop(self.sent, None) if write else None)
        if fault == "crash before":
            raise Crash
        if fault == "refuse":
            raise Refused("not today")
        if fault == "lost before":
            raise Unanswered("no answer")
        answer = act()
        self.writes += write
        if fault == "crash after":
            raise Crash
        if fault == "lost after":
            raise Unanswered("no answer")
        return answer


class Memory:
    """One replica: a dict of records. `normalise` is what the side does to a value it is given."""

    def __init__(
        self, world: World, *, floor: timedelta, ids: Iterator[str], side: str, entity: Entity = Entity.CLIENTS
    ) -> None:
        self.world, self.floor, self.ids, self.side, self.entity = world, floor, ids, side, entity
        self.records: dict[str, Record] = {}
        self.normalise: Mapping[str, Callable[[Value], Value]] = {}
        self.tells_trash = False  # an incremental read shows what was trashed
        self.short = False  # a listing that comes back empty, with every sign of success
        self.unshared = False  # every page answers 404

    # -------------------------------------------------------------------------------------- what a person does

    def put(self, values: Values, marks: Marks = NO_MARKS) -> Record:
        made = Record(next(self.ids), dict(values), self._stamp(), self.world.now, marks=marks, editor="person")
        return self._keep(made)

    def edit(self, record_id: str, name: str, value: Value) -> None:
        old = self.records[record_id]
        self._keep(replace(old, values={**old.values, name: value}, modified=self._stamp(), editor="person"))

    def touch(self, record_id: str) -> None:
        self._keep(replace(self.records[record_id], modified=self._stamp()))

    def trash(self, record_id: str) -> None:
        self._keep(replace(self.records[record_id], trashed=True, modified=self._stamp()))

    def untrash(self, record_id: str) -> None:
        self._keep(replace(self.records[record_id], trashed=False, modified=self._stamp()))

    def destroy(self, record_id: str) -> None:
        """For good: it leaves no trace."""
        del self.records[record_id]

    def hints(self) -> Iterator[list[tuple[Entity, Record]]]:
        """What a search for rows in the trash gives."""
        self.world.request(lambda: None, write=False)
        yield [(self.entity, Record(each.id, {}, marks=each.marks, trashed=True))
               for each in self.records.values() if each.trashed]  # fmt: skip

    def _keep(self, record: Record) -> Record:
        kept = replace(record, key=natural_key(self.entity, record.values))
        self.records[record.id] = kept
        return kept

    def _stamp(self) -> datetime:
        since = self.world.now - datetime(2026, 1, 1, tzinfo=UTC)
        return datetime(2026, 1, 1, tzinfo=UTC) + (since // self.floor) * self.floor

    # -------------------------------------------------------------------------------------- what the engine does

    def read(self, since: datetime | None) -> Iterator[Batch]:
        as_of = self.server_time()
        self.world.request(lambda: None, write=False)
        if self.unshared:
            raise Unreachable("gone, or no longer shared")
        found = [each for each in self.records.values() if self._newer(each, since) and self._listed(each, since)]
        yield Batch(tuple(found[:2]), as_of)
        for start in range(2, len(found), 2):
            self.world.request(lambda: None, write=False)
            alive = [self.records[each.id] for each in found[start : start + 2] if each.id in self.records]
            yield Batch(tuple(each for each in alive if self._listed(each, since)), as_of)

    def _listed(self, record: Record, since: datetime | None) -> bool:
        return not self.short and (not record.trashed or (self.tells_trash and since is not None))

    def _newer(self, record: Record, since: datetime | None) -> bool:
        if since is None or record.modified is None:
            return True
        return record.modified >= since.replace(second=0, microsecond=0)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        self.world.request(lambda: None, write=False)
        return {each: self._found(each) for each in ids}

    def _found(self, record_id: str) -> Record | Gone:
        record = self.records.get(record_id)
        if record is None or self.unshared:
            return Gone.HIDDEN if self.side == "notion" else Gone.DELETED
        return Gone.TRASHED if record.trashed else record

    def _alive(self, record_id: str) -> Record:
        found = self._found(record_id)
        if isinstance(found, Gone):
            raise Absent(found, "it is not there")
        return found

    def create(self, draft: Draft) -> Record:
        made = self.world.request(lambda: self._create(draft), write=True)
        assert made is not None
        return made

    def _create(self, draft: Draft) -> Record:
        values = {name: self.taken(name, value) for name, value in draft.values.items()}
        complete = {name: values.get(name) for name in COLUMNS[self.entity]}
        made = self._keep(replace(self.put(complete, draft.marks), editor="bot"))
        for name, value in draft.values.items():
            self.world.overwritten(self.side, made.id, name, value)
        return made

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        made = self.world.request(lambda: self._update(current.id, values, marks), write=True)
        assert made is not None
        return made

    def _update(self, record_id: str, values: Values, marks: Marks) -> Record:
        old = self._alive(record_id)
        taken = {name: self.taken(name, value, old.values.get(name)) for name, value in values.items()}
        for name, value in taken.items():
            self.world.overwritten(self.side, record_id, name, value)
        merged = replace(marks, page_id=marks.page_id or old.marks.page_id)
        return self._keep(
            replace(old, values={**old.values, **taken}, modified=self._stamp(), marks=merged, editor="bot")
        )

    def taken(self, name: str, value: Value, old: Value = None) -> Value:
        """What this side makes of a value. One that says `refuse me` is silently left out, as some services do."""
        if isinstance(value, str) and "refuse-me" in value and self.side != "notion":
            return old
        return self.normalise[name](value) if name in self.normalise else value

    def archive(self, record_id: str) -> Record:
        made = self.world.request(lambda: self._archive(record_id), write=True)
        assert made is not None
        return made

    def _archive(self, record_id: str) -> Record:
        self.world.archiving(self.side, self._alive(record_id))
        self.trash(record_id)
        return self.records[record_id]

    def restore(self, record_id: str, values: Values) -> Record:
        made = self.world.request(lambda: self._restore(record_id), write=True)
        assert made is not None
        return made

    def _restore(self, record_id: str) -> Record:
        if record_id not in self.records:
            raise Absent(Gone.HIDDEN if self.side == "notion" else Gone.DELETED, "it is not there")
        self.world.restoring(self.side, self.records[record_id])
        self.untrash(record_id)
        return self.records[record_id]

    def find_created(self, draft: Draft, since: datetime) -> Record | None:
        self.world.request(lambda: None, write=False)
        for record in self.records.values():
            if record.trashed or self.world.now - (record.created or self.world.now) < LAG:
                continue
            if draft.marks.lines and draft.marks.lines[0] in record.marks.lines:
                return record
            if not draft.marks.lines and record.marks.page_id == draft.marks.page_id:
                return record
        return None

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        self.world.request(lambda: None, write=True)
        for record_id, each in marks.items():
            old = self.records.get(record_id)
            if old is None or old.trashed:
                yield record_id, "no such record"
                continue
            yield record_id, self._keep(replace(old, marks=each, modified=self._stamp()))

    def covers(self, record: Record) -> bool:
        return True

    def server_time(self) -> datetime:
        return self.world.now


def digits(value: Value) -> Value:
    """What a service that keeps only digits makes of a phone number."""
    return "".join(each for each in value if each.isdigit()) or None if isinstance(value, str) else value


COLUMNS = {entity: tuple(fields_of(entity)) for entity in Entity}


def hub(world: World, entity: Entity = Entity.CLIENTS) -> Memory:
    ids = (str(UUID(int=0x1000 + n)) for n in itertools.count())
    return Memory(world, floor=timedelta(minutes=1), ids=ids, side="notion", entity=entity)


def service(world: World, name: str, *, only_digits: bool = False, entity: Entity = Entity.CLIENTS) -> Memory:
    ids = (f"{n}" for n in itertools.count(1))
    made = Memory(world, floor=timedelta(seconds=1), ids=ids, side=name, entity=entity)
    if only_digits:
        made.normalise = {"phone": digits}
    return made


def stream(name: str, *, only_digits: bool, create: bool) -> Stream:
    """A stream of people; `address` is the service's own."""
    abilities = {
        "name": Ability(writable=True),
        "email": Ability(writable=True),
        "phone": Ability(writable=True, same=digits if only_digits else None),
        "address": Ability(),
    }
    return Stream(
        name, "customers", Entity.CLIENTS, abilities, create=create, update=True, marker=True, modified_since=True,
        keyed=True, required=("name",), overlap=2.0, mark_batch=3,
    )  # fmt: skip


def goods(name: str) -> Stream:
    """A stream of products with a trash; `type` is the service's own."""
    abilities = {
        "name": Ability(writable=True),
        "status": Ability(writable=True),
        "sku": Ability(writable=True),
        "type": Ability(),
    }
    return Stream(
        name, "products", Entity.PRODUCTS, abilities, create=True, update=True, archive=True, marker=True,
        modified_since=True, deletions_visible=True, keyed=True, required=("name",), overlap=2.0, mark_batch=3,
    )  # fmt: skip
