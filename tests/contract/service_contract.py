"""What every adapter has to keep beyond the replica contract: one suite, to be subclassed once a service.

    class TestShop(ServiceContract):
        cases = (Case("products", edits={...}, refused={...}, draft={...}), ...)

        @pytest.fixture
        def bench(self) -> Bench: ...

A bench is a service over its twin, filled with several records of each stream. What a stream declares it must do; what
it does not declare it must refuse without writing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from higherself_sync.core.record import (
    Batch,
    Draft,
    Gone,
    MarkedReplica,
    Marks,
    Record,
    Stream,
    Value,
    Values,
    fields_of,
)
from higherself_sync.errors import Refused
from higherself_sync.services.base import Service
from tests.contract.replica_contract import ReplicaContract, Side

PAGE = "1f0a2b3c-0000-4000-8000-0000000000{:02x}"


@dataclass(frozen=True)
class Case:
    """One stream under test.

    `edits`: for every writable field a new value that the service takes; none for a stream that is only read.
    `refused`: values that it refuses, by its own judgement. `draft`: what a new record is made of, with its `clients`.
    `unknown`: an id that was never given out, and what is known of it. `siblings`: what changed brings along all that
    have its parent, the part of an id before the hyphen. `born`: fields that only a new record takes.
    """

    stream: str
    edits: Values = field(default_factory=dict)
    refused: Values = field(default_factory=dict)
    draft: Values = field(default_factory=dict)
    clients: tuple[Record, ...] = ()
    unknown: str = "999999"
    unknown_is: Gone = Gone.DELETED
    siblings: bool = False
    born: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.stream


@dataclass(frozen=True)
class Bench:
    """A service over its twin. `held`: the ids that a complete read of a stream must give. `advance`: time goes on.

    `writes`: how many writes have reached the twin. `arrive`: the outside world adds a record to a stream; its id. A
    stream that is only read needs it.
    """

    service: Service
    held: Callable[[str], set[str]]
    advance: Callable[[float], None]
    writes: Callable[[], int]
    arrive: Callable[[str], str] | None = None

    def stream(self, name: str) -> Stream:
        return next(stream for stream in self.service.streams if stream.name == name)

    def replica(self, name: str) -> MarkedReplica:
        """Of a derived stream it is read as the tool reads it: in the records of the others."""
        return Found(self, name) if self.stream(name).derived else self.service.replica(name)

    def all(self, name: str) -> dict[str, Record]:
        return {record.id: record for batch in self.replica(name).read(None) for record in batch.records}

    def now(self, name: str, record_id: str) -> Record:
        found = self.replica(name).fetch([record_id])[record_id]
        assert isinstance(found, Record), found
        return found

    def writable(self, case: Case) -> Record:
        """A record of which no field is locked that others let be written."""
        return next(record for record in self.all(case.stream).values() if record.locked == case.born)

    def changed(self, case: Case, number_: int) -> Record:
        """A record that was changed just now: by us, or, in a stream that is only read, by the outside world."""
        if self.stream(case.stream).update:
            return self.replica(case.stream).update(self.writable(case), case.edits, marks(number_))
        assert self.arrive is not None, "a stream that is only read changes by what arrives"
        return self.now(case.stream, self.arrive(case.stream))


class Found:
    """The people found in other records, as the replica that writes to them tells of them afterwards."""

    def __init__(self, bench: Bench, name: str) -> None:
        self._service, self._inner = bench.service, bench.service.replica(name)

    def read(self, since: datetime | None) -> Iterator[Batch]:
        met: set[str] = set()
        start: datetime | None = None
        for stream in self._service.streams:
            for batch in () if stream.derived else self._service.replica(stream.name).read(since):
                start = start or batch.as_of
                keys = {person.id for record in batch.records for person in record.people} - met
                told = self._inner.fetch(sorted(keys)).values()
                met |= keys
                yield Batch(tuple(each for each in told if isinstance(each, Record)), start)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        return self._inner.fetch(ids)

    def create(self, draft: Draft) -> Record:
        return self._inner.create(draft)

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        return self._inner.update(current, values, marks)

    def archive(self, record_id: str) -> Record:
        return self._inner.archive(record_id)

    def restore(self, record_id: str, values: Values) -> Record:
        return self._inner.restore(record_id, values)

    def find_created(self, draft: Draft, since: datetime) -> Record | None:
        return self._inner.find_created(draft, since)

    def covers(self, record: Record) -> bool:
        return self._inner.covers(record)

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        return self._inner.mark(marks)

    def server_time(self) -> datetime:
        return self._inner.server_time()


def equal(stream: Stream, name: str, one: Value, other: Value) -> bool:
    same = stream.fields[name].same
    return one == other or (same is not None and same(one) == same(other))


def marks(number_: int, synced: datetime | None = None) -> Marks:
    return Marks(page_id=PAGE.format(number_), synced=synced or datetime(2026, 11, 23, 20, 0, 5, tzinfo=UTC))


class ServiceContract(ReplicaContract):
    cases: ClassVar[tuple[Case, ...]]

    @pytest.fixture
    def side(self, bench: Bench, case: Case) -> Side:
        """A stream as one side, for what every replica has to keep."""
        stream = bench.stream(case.stream)
        one, other = (Draft(case.draft, marks(number), case.clients) for number in (8, 10))
        return Side(
            bench.replica(case.stream), stream.entity, case.edits, (one, other) if stream.create else None, marks(2),
            stream.marker, case.unknown, case.unknown_is, bench.advance,
            lambda name, one, other: equal(stream, name, one, other), case.born,
        )  # fmt: skip

    def pytest_generate_tests(self, metafunc: Any) -> None:
        if "case" in metafunc.fixturenames:
            metafunc.parametrize("case", metafunc.cls.cases, ids=str)

    # declarations

    def test_declarations_are_whole(self, bench: Bench) -> None:
        names = {stream.name for stream in bench.service.streams}
        for stream in bench.service.streams:
            columns = fields_of(stream.entity)
            assert stream.service == bench.service.name
            assert set(stream.fields) <= set(columns)
            assert set(stream.required) <= set(stream.fields)
            assert all(ability.mails <= (ability.options or ability.mails) for ability in stream.fields.values())
            assert stream.heir is None or stream.heir in names
            assert stream.mark_batch >= 1
            # A person found in other records can be written to where the service keeps what it knows of people.
            assert not (stream.derived and (stream.create or stream.archive or stream.marker))
            assert stream.window is None or not stream.modified_since, "what changed could not be asked for"
            assert stream.update == any(ability.writable for ability in stream.fields.values())

    def test_every_stream_that_asks_has_a_case_and_a_replica(self, bench: Bench) -> None:
        own = {each.name for each in bench.service.streams if each.update or not each.derived}
        assert {case.stream for case in self.cases} == own
        for stream in bench.service.streams:
            if stream.name not in own:
                with pytest.raises(KeyError):
                    bench.service.replica(stream.name)

    # reading

    def test_a_full_read_gives_everything_there_is(self, bench: Bench, case: Case) -> None:
        assert set(bench.all(case.stream)) == bench.held(case.stream)

    def test_a_complete_read_had_to_show_what_it_gave(self, bench: Bench, case: Case) -> None:
        replica = bench.replica(case.stream)
        records = [record for batch in replica.read(None) for record in batch.records]
        assert all(replica.covers(record) for record in records)

    def test_a_record_has_the_fields_that_are_declared(self, bench: Bench, case: Case) -> None:
        for record in bench.all(case.stream).values():
            assert set(record.values) == set(bench.stream(case.stream).fields)

    def test_keys_are_given_where_declared(self, bench: Bench, case: Case) -> None:
        assert any(record.key for record in bench.all(case.stream).values()) == bench.stream(case.stream).keyed

    def test_relations_name_streams_that_exist(self, bench: Bench, case: Case) -> None:
        lines = {f"{each.service}:{each.name}": each.entity for each in bench.service.streams}
        columns = fields_of(bench.stream(case.stream).entity)
        for record in bench.all(case.stream).values():
            for name, value in record.values.items():
                for line in value if isinstance(value, frozenset) else ():
                    prefix = line.rpartition(":")[0]
                    assert lines[prefix] is columns[name].target

    def test_people_in_a_record_belong_to_a_derived_stream(self, bench: Bench, case: Case) -> None:
        derived = [stream for stream in bench.service.streams if stream.derived]
        for record in bench.all(case.stream).values():
            for person in record.people:
                assert any(set(person.values) == set(stream.fields) for stream in derived)
                assert person.id == person.key

    def test_people_are_told_of_as_they_were_found(self, bench: Bench, case: Case) -> None:
        """A record says of a person what the replica says that writes to them, else that would look like an edit."""
        writable = next((each for each in bench.service.streams if each.derived and each.update), None)
        found = {each.id: each for record in bench.all(case.stream).values() for each in record.people}
        if writable is None or not found:
            pytest.skip("there is nobody whom anybody could write to")
        assert dict(bench.service.replica(writable.name).fetch(list(found))) == found

    def test_no_more_than_what_changed_is_read(self, bench: Bench, case: Case) -> None:
        if not bench.stream(case.stream).modified_since:
            pytest.skip("this stream is always read whole")
        bench.all(case.stream)
        bench.advance(600)
        changed = bench.changed(case, 1)
        assert changed.modified is not None
        family = {each for each in bench.held(case.stream) if each.split("-")[0] == changed.id.split("-")[0]}
        for later, found in ((0, family if case.siblings else {changed.id}), (2, set())):
            since = changed.modified + timedelta(seconds=later)
            batches = bench.replica(case.stream).read(since)
            assert sorted(each.id for batch in batches for each in batch.records) == sorted(found)
            bench.advance(600)

    def test_what_lies_outside_what_was_read_had_not_to_be_shown(self, bench: Bench, case: Case) -> None:
        """ENGINE 22: what `covers` says yes to is asked for when it is not seen, and nothing else."""
        if bench.stream(case.stream).window is None:
            pytest.skip("this stream has no window")
        replica, every = bench.replica(case.stream), bench.all(case.stream)
        part = {record.id for batch in replica.read(replica.server_time()) for record in batch.records}
        assert {key for key, record in every.items() if replica.covers(record)} == part
        assert part < set(every), "the bench has to hold something that is not read every time"

    def test_a_read_that_is_given_up_has_shown_nothing(self, bench: Bench, case: Case) -> None:
        if bench.stream(case.stream).window is None:
            pytest.skip("this stream has no window")
        replica, every = bench.replica(case.stream), bench.all(case.stream)
        next(iter(replica.read(None)))
        assert not any(replica.covers(record) for record in every.values())

    def test_fetching_nothing_asks_nothing(self, bench: Bench, case: Case) -> None:
        before = bench.service.requests()
        assert dict(bench.replica(case.stream).fetch([])) == {}
        assert bench.service.requests() == before

    # writing

    def test_every_writable_field_has_an_edit_in_the_case(self, bench: Bench, case: Case) -> None:
        fields = bench.stream(case.stream).fields
        assert set(case.edits) | case.born == {name for name, ability in fields.items() if ability.writable}
        assert not set(case.edits) & case.born

    def test_what_only_a_new_record_takes_is_locked_in_every_other(self, bench: Bench, case: Case) -> None:
        assert all(case.born <= record.locked for record in bench.all(case.stream).values())
        assert not case.born or bench.stream(case.stream).create

    def test_a_value_the_service_refuses_is_refused_and_changes_nothing(self, bench: Bench, case: Case) -> None:
        record = bench.writable(case)
        with pytest.raises(Refused):
            bench.replica(case.stream).update(record, case.refused, marks(5))
        after = bench.now(case.stream, record.id)
        assert after.values == record.values
        assert after.marks == record.marks

    def test_a_field_that_is_not_writable_is_refused_without_a_write(self, bench: Bench, case: Case) -> None:
        record, fields = bench.writable(case), bench.stream(case.stream).fields
        before = bench.writes()
        for name, ability in fields.items():
            if not ability.writable or name in case.born:
                with pytest.raises(Refused):
                    bench.replica(case.stream).update(record, {name: record.values[name]}, marks(6))
        assert bench.writes() == before

    def test_marks_are_written_many_at_once(self, bench: Bench, case: Case) -> None:
        if not bench.stream(case.stream).marker:
            pytest.skip("this stream holds no marker")
        before = bench.all(case.stream)
        wanted = {key: marks(index) for index, key in enumerate(before)}
        done = dict(bench.replica(case.stream).mark({**wanted, case.unknown: marks(99)}))
        assert isinstance(done.pop(case.unknown), str)
        assert {key: one.marks for key, one in done.items() if isinstance(one, Record)} == wanted
        after = bench.all(case.stream)
        assert {key: record.marks for key, record in after.items()} == wanted
        assert {key: record.values for key, record in after.items()} == {
            key: record.values for key, record in before.items()
        }

    def test_where_no_marker_is_held_none_is_written(self, bench: Bench, case: Case) -> None:
        if bench.stream(case.stream).marker:
            pytest.skip("this stream holds markers")
        before, writes = bench.all(case.stream), bench.writes()
        done = dict(bench.replica(case.stream).mark({key: marks(index) for index, key in enumerate(before)}))
        assert set(done) == set(before)
        assert all(isinstance(each, str) for each in done.values()), "each is refused, with a reason"
        assert bench.all(case.stream) == before
        assert bench.writes() == writes

    def test_where_nothing_is_created_nothing_is(self, bench: Bench, case: Case) -> None:
        if bench.stream(case.stream).create:
            pytest.skip("records are created in this stream")
        before = bench.all(case.stream)
        with pytest.raises(Refused):
            bench.replica(case.stream).create(Draft(case.draft, marks(8), case.clients))
        assert bench.all(case.stream) == before

    def test_archiving_is_reversible_or_refused(self, bench: Bench, case: Case) -> None:
        record = bench.writable(case)
        if not bench.stream(case.stream).archive:
            before = bench.writes()
            with pytest.raises(Refused):
                bench.replica(case.stream).archive(record.id)
            assert bench.writes() == before
            return
        answer = bench.replica(case.stream).archive(record.id)
        assert answer.trashed
        assert answer.id == record.id
        assert record.id not in bench.all(case.stream)
        assert bench.replica(case.stream).fetch([record.id])[record.id] is Gone.TRASHED

    def test_what_was_thrown_away_is_told_where_that_is_declared(self, bench: Bench, case: Case) -> None:
        stream, replica = bench.stream(case.stream), bench.replica(case.stream)
        if not (stream.deletions_visible and stream.archive):
            pytest.skip("this stream shows no deletions, or cannot be made to")
        record = bench.writable(case)
        bench.advance(600)
        gone = replica.archive(record.id)
        assert gone.modified is not None
        told = {each.id: each for batch in replica.read(gone.modified) for each in batch.records}
        assert {key: (each.trashed, each.people) for key, each in told.items()} == {record.id: (True, ())}
        bench.advance(600)
        later = replica.read(gone.modified + timedelta(seconds=2))
        assert [each.id for batch in later for each in batch.records] == []

    # the service itself

    def test_a_healthy_service_says_so_and_nothing_is_changed(self, bench: Bench) -> None:
        before: Mapping[str, dict[str, Record]] = {case.stream: bench.all(case.stream) for case in self.cases}
        checks = list(bench.service.health())
        assert checks
        assert {check.status for check in checks} == {"ok"}
        assert {check.service for check in checks} == {bench.service.name}
        assert {case.stream: bench.all(case.stream) for case in self.cases} == before
