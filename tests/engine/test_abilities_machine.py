"""The engine against every stream as its adapter declares it: it keeps in step what it may, and touches nothing else.

One hub and one service, whose stream has the abilities of a real one. The service refuses to be written where nothing
was declared, so a single such write ends the story.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from higherself_sync.bench import Seat
from higherself_sync.cast import Cast, Request
from higherself_sync.core.plan import HoldKind, Policy
from higherself_sync.core.record import Draft, Field, Kind, Marks, Record, Stream, Value, Values, fields_of
from higherself_sync.report import Report
from higherself_sync.run import story
from higherself_sync.state import State
from tests.engine.machine import looking
from tests.engine.memory import COLUMNS, Crash, Memory, World, hub
from tests.papers import TITLES, streams

DECLARED = [each for kind in TITLES for each in streams(kind)]


def plain(stream: Stream) -> Stream:
    """The stream with the same abilities, of texts alone, and with a request of its own also where it is derived."""
    abilities = {
        name: replace(ability, options=None, mails=frozenset())
        for name, ability in stream.fields.items()
        if fields_of(stream.entity)[name].kind in (Kind.TITLE, Kind.TEXT, Kind.SELECT, Kind.EMAIL, Kind.PHONE)
    }
    required = tuple(name for name in stream.required if name in abilities)
    return replace(
        stream, fields=abilities, derived=False, heir=None, window=None, modified_since=True, overlap=2.0,
        required=required or stream.required[:0],
    )  # fmt: skip


class Bound(Memory):
    """A service that does what its stream declares, and nothing else."""

    def __init__(self, world: World, stream: Stream) -> None:
        ids = (f"{n}" for n in itertools.count(1))
        super().__init__(world, floor=timedelta(seconds=1), ids=ids, side=stream.service, entity=stream.entity)
        self.stream = stream

    def create(self, draft: Draft) -> Record:
        assert self.stream.create, "a record is made where none can be"
        return super().create(draft)

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        assert self.stream.update, "a record is written that is only read"
        wrong = [name for name in values if not self.stream.fields[name].writable]
        assert not wrong, f"written, and not writable: {wrong}"
        return super().update(current, values, marks)

    def archive(self, record_id: str) -> Record:
        assert self.stream.archive, "put into a trash that there is not"
        return super().archive(record_id)

    def mark(self, marks: Mapping[str, Marks]) -> Any:
        assert self.stream.marker, "a back-link where none can be held"
        return super().mark(marks)


class Abilities(RuleBasedStateMachine):
    declared: Stream

    def __init__(self) -> None:
        super().__init__()
        self.stream = plain(self.declared)
        self.world = World()
        self.hub, self.service = hub(self.world, self.stream.entity), Bound(self.world, self.stream)
        self.state = State(":memory:")
        self.tokens = itertools.count(100)
        self.typed: dict[tuple[str, str], dict[str, Value]] = {}  # (record, field) -> what was typed last, by side

    def teardown(self) -> None:
        try:
            self.comes_to_rest()
        finally:
            self.state.close()

    # what people do

    @property
    def names(self) -> Sequence[str]:
        return sorted(set(self.stream.fields) - {"email", "sku"})  # what they are known by stays

    def columns(self) -> Mapping[str, Field]:
        return fields_of(self.stream.entity)

    @initialize()
    def begin(self) -> None:
        for _ in range(2):
            self.add()
        self.run()

    @rule()
    def add(self) -> None:
        number = next(self.tokens)
        values: dict[str, Value] = dict.fromkeys(COLUMNS[self.stream.entity])
        for name in self.stream.fields:
            values[name] = f"p{number}@example.com" if name == "email" else f"{name} {number}"
        self.service.put(values)

    @rule(pick=st.integers(0, 20), field=st.integers(0, 20), here=st.booleans())
    def edit(self, pick: int, field: int, here: bool) -> None:
        records = [each for each in self.service.records.values() if self.page_of(each) is not None]
        if not records or not self.names:
            return
        record, name = records[pick % len(records)], self.names[field % len(self.names)]
        value = f"{name} {next(self.tokens)}"
        page = self.page_of(record)
        assert page is not None
        if here:
            self.hub.edit(page.id, name, value)
        else:
            self.service.edit(record.id, name, value)
        self.typed.setdefault((record.id, name), {})["notion" if here else "service"] = value

    @rule()
    def address_a_row_to_it(self) -> None:
        """A person makes a row for the service, whether or not it can have one."""
        number = next(self.tokens)
        values: dict[str, Value] = dict.fromkeys(COLUMNS[self.stream.entity])
        for name in self.stream.fields:
            values[name] = f"q{number}@example.com" if name == "email" else f"{name} {number}"
        self.hub.put(values, Marks(sources=frozenset({self.stream.service})))

    @rule(seconds=st.sampled_from([1, 65, 700]))
    def time_passes(self, seconds: int) -> None:
        self.world.advance(seconds)

    # runs

    @rule(fault=st.sampled_from(["crash before", "crash after", "lost before", "lost after"]), at=st.integers(1, 4))
    def sync_with_fault(self, fault: str, at: int) -> None:
        self.world.faults = {self.world.sent + at: fault}  # type: ignore[dict-item]
        self.run()

    @rule()
    def sync(self) -> None:
        self.run()

    def run(self) -> Report:
        policy = Policy(mails=True, on_notion_delete="archive" if self.stream.archive else "keep")
        seats = [Seat(self.stream, policy, self.service)]
        cast = Cast(
            seats, {self.stream.entity: self.hub}, timedelta(days=999), timedelta(0), side_by_side=False,
            names=frozenset({self.stream.service}), trash=self.hub.hints,
        )  # fmt: skip
        report = Report(f"run {next(self.tokens)}", self.world.now, "both")
        try:
            story(self.state, cast, Request(), report)
        except Crash:
            pass
        finally:
            self.world.faults = {}
        return report

    # at the end

    def page_of(self, record: Record) -> Record | None:
        line = self.stream.line(record.id)
        return next((each for each in self.hub.records.values() if line in each.marks.lines), None)

    def comes_to_rest(self) -> None:
        for _ in range(5):
            self.world.advance(90_000)
            report = self.run()
        before = self.world.writes
        self.world.advance(700)
        report = self.run()
        assert self.world.writes == before, "a run at rest wrote something"
        left = {(each.record_id, each.field) for each in report.problems if each.kind is HoldKind.NOT_TAKEN}
        lines = [line for page in self.hub.records.values() for line in page.marks.lines]
        assert len(lines) == len(set(lines)), "a record has two rows"
        for record in self.service.records.values():
            page = self.page_of(record)
            assert page is not None, "a record has no row"
            for name in self.names:
                said = self.stream.fields[name].writable or record.values[name] is not None
                if said and (record.id, name) not in left:
                    assert page.values[name] == record.values[name], (name, page, record)
                typed = self.typed.get((record.id, name), {})
                if typed and self.stream.fields[name].writable:
                    assert record.values[name] in typed.values(), f"{name} shows none of {typed}"
                elif typed:
                    assert record.values[name] == typed.get("service", record.values[name])


@pytest.mark.parametrize("declared", DECLARED, ids=lambda each: f"{each.service}:{each.name}")
def test_every_stream_comes_to_rest_and_only_what_it_declares_is_written(declared: Stream) -> None:
    machine = type("Declared", (Abilities,), {"declared": declared})
    run_state_machine_as_test(
        machine,
        settings=looking(15, 14, hunting=400),
    )
