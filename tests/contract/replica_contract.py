"""What each side of a stream has to keep, whether it is Notion, a service or a fake: one suite, to be subclassed.

    class TestHub(ReplicaContract):
        @pytest.fixture
        def side(self) -> Side: ...

A side is filled with several records. `service_contract.py` asks more of whole services.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from higherself_sync.core.record import (
    Draft,
    Entity,
    Gone,
    Kind,
    Marks,
    Record,
    Replica,
    Value,
    Values,
    empty,
    fields_of,
    number,
    text,
    when,
)
from higherself_sync.core.record import When as WhenValue
from higherself_sync.errors import Refused


@dataclass(frozen=True)
class Side:
    """`edits`: new values that this side takes; none: it is read-only, and must refuse every update.

    `drafts`: two that differ in their marks alone; None: creates nothing.

    `marks`: what an update may carry, and whether it is kept. `unknown`: an id that was never given out. `same`:
    whether a field's two values are one to this side. `advance`: time goes on, by seconds. `born`: fields that only a
    new record takes, and that every record locks.
    """

    replica: Replica
    entity: Entity
    edits: Values
    drafts: tuple[Draft, Draft] | None
    marks: Marks
    keeps_marks: bool
    unknown: str
    unknown_is: Gone
    advance: Callable[[float], None]
    same: Callable[[str, Value, Value], bool] = lambda _, one, other: one == other
    born: frozenset[str] = frozenset()

    def all(self, since: datetime | None = None) -> dict[str, Record]:
        return {record.id: record for batch in self.replica.read(since) for record in batch.records}

    def now(self, record_id: str) -> Record:
        found = self.replica.fetch([record_id])[record_id]
        assert isinstance(found, Record), found
        return found

    def writable(self) -> Record:
        """A record of which no field is locked that others let be written. On a read-only side there is none."""
        if not self.edits:
            pytest.skip("nothing is written here")
        return next(record for record in self.all().values() if record.locked == self.born)


def canonical(kind: Kind, value: Value) -> Value:
    """The value made canonical once more: what is canonical already does not change."""
    match value:
        case str():
            return text(value)
        case Decimal():
            return number(value)
        case WhenValue(start, end):
            return when(start, end)
        case frozenset():
            return value
        case None:
            return empty(kind)


class ReplicaContract:
    # reading

    def test_a_full_read_gives_each_record_once_as_of_one_time(self, side: Side) -> None:
        batches = list(side.replica.read(None))
        ids = [record.id for batch in batches for record in batch.records]
        assert len(ids) == len(set(ids)) >= 2
        assert len({batch.as_of for batch in batches}) == 1

    def test_times_are_utc(self, side: Side) -> None:
        assert next(iter(side.replica.read(None))).as_of.utcoffset() == timedelta(0)
        assert side.replica.server_time().utcoffset() == timedelta(0)
        for record in side.all().values():
            for moment in (record.modified, record.created, record.marks.synced):
                assert moment is None or moment.utcoffset() == timedelta(0)

    def test_values_are_canonical(self, side: Side) -> None:
        columns = fields_of(side.entity)
        for record in side.all().values():
            for name, value in record.values.items():
                assert value == canonical(columns[name].kind, value), (record.id, name)
                assert isinstance(value, frozenset) == (columns[name].kind is Kind.RELATION)

    def test_what_changed_at_the_very_moment_asked_for_is_read(self, side: Side) -> None:
        record = side.writable()
        side.advance(600)
        changed = side.replica.update(record, side.edits, side.marks)
        assert record.id in side.all(changed.modified)

    def test_what_is_never_written_is_read_as_of_its_own_time(self, side: Side) -> None:
        """The same where no update can make a record change: each is in a read that begins at its last change."""
        if side.edits:
            pytest.skip("records are written here")
        for record_id, record in side.all().items():
            assert record_id in side.all(record.modified or side.replica.server_time())

    def test_fetch_gives_each_id_exactly_once(self, side: Side) -> None:
        everything = side.all()
        asked = [*everything, side.unknown, "no-such-id", next(iter(everything))]
        found = side.replica.fetch(asked)
        assert set(found) == set(asked)
        assert {key: value for key, value in found.items() if isinstance(value, Record)} == everything
        assert found[side.unknown] is side.unknown_is
        assert isinstance(found["no-such-id"], Gone)

    def test_server_time_goes_on_with_the_server(self, side: Side) -> None:
        side.all()  # before the first answer it is this machine's time
        before = side.replica.server_time()
        side.advance(3600)
        batches = list(side.replica.read(None))
        assert side.replica.server_time() >= batches[0].as_of > before

    # writing

    def test_the_answer_to_an_update_is_what_is_there_afterwards(self, side: Side) -> None:
        record = side.writable()
        answer = side.replica.update(record, side.edits, side.marks)
        assert answer == side.now(record.id)
        assert {name for name, value in side.edits.items() if not side.same(name, answer.values[name], value)} == set()

    def test_an_update_writes_what_was_named_and_nothing_else(self, side: Side) -> None:
        record = side.writable()
        for name, value in side.edits.items():
            before = side.now(record.id)
            answer = side.replica.update(before, {name: value}, side.marks)
            assert {key for key in answer.values if answer.values[key] != before.values[key]} <= {name}

    def test_an_update_leaves_all_other_records_alone(self, side: Side) -> None:
        before = side.all()
        record = side.writable()
        side.replica.update(record, side.edits, side.marks)
        after = side.all()
        assert {key for key in after if after[key].values != before[key].values} == {record.id}

    def test_a_read_only_side_refuses_an_update_of_anything_or_nothing(self, side: Side) -> None:
        if side.edits:
            pytest.skip("records are written here")
        before = side.all()
        for record in before.values():
            for values in (record.values, {}):
                with pytest.raises(Refused):
                    side.replica.update(record, values, side.marks)
        assert side.all() == before

    def test_marks_ride_on_an_update_and_are_read_back(self, side: Side) -> None:
        record = side.writable()
        answer = side.replica.update(record, {}, side.marks)
        assert (answer.marks == side.marks) is side.keeps_marks
        assert answer.values == record.values

    def test_a_new_record_is_made_once_with_its_marker(self, side: Side) -> None:
        if side.drafts is None:
            pytest.skip("nothing is created here")
        before, draft = side.all(), side.drafts[0]
        made = side.replica.create(draft)
        after = side.all()
        assert set(after) - set(before) == {made.id}
        assert after[made.id] == made
        assert (made.marks == draft.marks) is side.keeps_marks
        assert {name for name, value in draft.values.items() if not side.same(name, made.values[name], value)} == set()

    def test_a_create_whose_answer_was_lost_is_found_by_its_marker(self, side: Side) -> None:
        """Where no marker is kept, by what no two records share: a draft that differs in its marks alone is then it."""
        if side.drafts is None:
            pytest.skip("nothing is created here")
        (draft, other), replica = side.drafts, side.replica
        side.all()
        since = replica.server_time()
        assert replica.find_created(draft, since) is None
        made = replica.create(draft)
        side.advance(30)
        assert replica.find_created(draft, since) == made
        assert replica.find_created(other, since) == (None if side.keeps_marks else made)
