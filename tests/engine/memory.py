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
    email_key,
)
from higherself_sync.errors import Refused, Unanswered

Fault = Literal["crash before", "crash after", "lost before", "lost after", "refuse"]


NO_MARKS = Marks()


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

    def __init__(self, world: World, *, floor: timedelta, ids: Iterator[str], side: str) -> None:
        self.world, self.floor, self.ids, self.side = world, floor, ids, side
        self.records: dict[str, Record] = {}
        self.normalise: Mapping[str, Callable[[Value], Value]] = {}

    # -------------------------------------------------------------------------------------- what a person does

    def put(self, values: Values, marks: Marks = NO_MARKS) -> Record:
        made = Record(next(self.ids), dict(values), self._stamp(), self.world.now, marks=marks, editor="person")
        return self._keep(made)

    def edit(self, record_id: str, name: str, value: Value) -> None:
        old = self.records[record_id]
        self._keep(replace(old, values={**old.values, name: value}, modified=self._stamp(), editor="person"))

    def touch(self, record_id: str) -> None:
        self._keep(replace(self.records[record_id], modified=self._stamp()))

    def _keep(self, record: Record) -> Record:
        email = record.values.get("email")
        kept = replace(record, key=email_key(email) if isinstance(email, str) else None)
        self.records[record.id] = kept
        return kept

    def _stamp(self) -> datetime:
        since = self.world.now - datetime(2026, 1, 1, tzinfo=UTC)
        return datetime(2026, 1, 1, tzinfo=UTC) + (since // self.floor) * self.floor

    # -------------------------------------------------------------------------------------- what the engine does

    def read(self, since: datetime | None) -> Iterator[Batch]:
        as_of = self.server_time()
        self.world.request(lambda: None, write=False)
        found = [each for each in self.records.values() if self._newer(each, since)]
        yield Batch(tuple(found[:2]), as_of)
        for start in range(2, len(found), 2):
            self.world.request(lambda: None, write=False)
            yield Batch(tuple(self.records[each.id] for each in found[start : start + 2]), as_of)

    def _newer(self, record: Record, since: datetime | None) -> bool:
        if since is None or record.modified is None:
            return True
        return record.modified >= since.replace(second=0, microsecond=0)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        self.world.request(lambda: None, write=False)
        return {each: self.records.get(each, Gone.DELETED) for each in ids}

    def create(self, draft: Draft) -> Record:
        made = self.world.request(lambda: self._create(draft), write=True)
        assert made is not None
        return made

    def _create(self, draft: Draft) -> Record:
        values = {name: self.taken(name, value) for name, value in draft.values.items()}
        complete = {name: values.get(name) for name in ("name", "email", "phone", "address")}
        made = self._keep(replace(self.put(complete, draft.marks), editor="bot"))
        for name, value in draft.values.items():
            self.world.overwritten(self.side, made.id, name, value)
        return made

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        made = self.world.request(lambda: self._update(current.id, values, marks), write=True)
        assert made is not None
        return made

    def _update(self, record_id: str, values: Values, marks: Marks) -> Record:
        old = self.records[record_id]
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
        raise AssertionError("nothing is archived in these tests")

    def find_created(self, draft: Draft, since: datetime) -> Record | None:
        self.world.request(lambda: None, write=False)
        for record in self.records.values():
            if draft.marks.lines and draft.marks.lines[0] in record.marks.lines:
                return record
            if not draft.marks.lines and record.marks.page_id == draft.marks.page_id:
                return record
        return None

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        self.world.request(lambda: None, write=True)
        for record_id, each in marks.items():
            old = self.records[record_id]
            yield record_id, self._keep(replace(old, marks=each, modified=self._stamp()))

    def server_time(self) -> datetime:
        return self.world.now


def digits(value: Value) -> Value:
    """What a service that keeps only digits makes of a phone number."""
    return "".join(each for each in value if each.isdigit()) or None if isinstance(value, str) else value


def hub(world: World) -> Memory:
    ids = (str(UUID(int=0x1000 + n)) for n in itertools.count())
    return Memory(world, floor=timedelta(minutes=1), ids=ids, side="notion")


def service(world: World, name: str, *, only_digits: bool) -> Memory:
    made = Memory(world, floor=timedelta(seconds=1), ids=(f"{n}" for n in itertools.count(1)), side=name)
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
