"""Writes, one by one, by the journal protocol: intent, write, remember (ENGINE 1, 5, 19; DESIGN, four rules).

An intent is committed before each write. After the answer one transaction stores what was read back, moves the base of
just the written fields, and closes the intent.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

from higherself_sync.bench import Bench, Down, Seat, newborn, page_marks, related_clients, seen_record
from higherself_sync.core.plan import Agreed, Cause, Create, Link, Party, Rebase, Row, Update, Write
from higherself_sync.core.record import (
    Draft,
    Entity,
    Gone,
    Marks,
    Record,
    Replica,
    Side,
    Stream,
    Value,
)
from higherself_sync.errors import Absent, RecordError, Refused, Unanswered, Unauthorised
from higherself_sync.journal import intend_create, intend_update, read_back
from higherself_sync.outcome import (
    MARK,
    ambiguous,
    fingerprint_of,
    first_base,
    foreign_marker,
    not_taken,
    page_looked_up,
    planned,
    record_gone,
    set_aside,
    silently_refused,
    told,
    took,
    waits,
    wrote,
)
from higherself_sync.related import without_lost
from higherself_sync.state import Intent, Topic

logger = logging.getLogger(__name__)


def create_page(bench: Bench, seat: Seat, change: Create) -> None:
    """A new row for a record. Refused: set aside. Unanswered: looked up by its External ID, else left to settle."""
    mirror = bench.state.record(seat.stream, change.source.id)
    assert mirror is not None
    record, _ = seen_record(bench, seat.stream, mirror)
    hub = bench.hub[seat.stream.entity]
    values = newborn(bench, seat.stream, mirror)
    draft = Draft(values, replace(change.draft.marks, synced=hub.server_time()))
    planned(bench, seat.stream, "create", Side.NOTION, record.id, None, {name: (None, v) for name, v in values.items()})
    intent = intend_create(bench, "create_page", seat.stream, record.id, "", draft, hub)
    answer = _created(bench, None, Topic(seat.stream, record.id), hub, draft, intent)
    if answer is not None:
        page_created(bench, seat, record, draft, answer, intent.id)


def page_created(bench: Bench, seat: Seat, record: Record, draft: Draft, answer: Record, intent: int) -> None:
    """Link the record to its new page; the base of each field is what was sent and what came back."""
    state, stream = bench.state, seat.stream
    with state.transaction():
        state.store_page(stream.entity, answer, bench.run_start, dict.fromkeys(draft.values))
        link = state.add_link(
            stream, record.id, answer.id, mark_due=mark_due(stream, record, answer.id), line_due=False
        )
        state.agree(link.id, first_base(stream, record.values, answer.values, draft.values))
        topic = Topic(stream, record.id, answer.id, "*")
        state.log(bench.run, bench.now(), topic, Side.NOTION, None, stream.line(record.id), Cause.CREATED.value)
        foreign_marker(bench, stream, record, answer.id)
        bench.report.of(stream).count("created", Side.NOTION, link.id)
        state.close_problems(Topic(stream, record.id))
        state.close_intent(intent)
    told(bench, topic, "created in notion")


def create_record(bench: Bench, seat: Seat, change: Create) -> None:
    """A new record for a row that a person made (ENGINE 20)."""
    stream, page = seat.stream, change.source
    marks = Marks(page_id=page.id, synced=seat.replica.server_time())
    draft = Draft(change.draft.values, marks, tuple(related_clients(bench, page, stream.entity)))
    fields = {name: (None, value) for name, value in draft.values.items()}
    planned(bench, stream, "create", Side.SERVICE, None, page.id, fields, mails=change.mails)
    intent = intend_create(bench, "create_record", stream, "", page.id, draft, seat.replica)
    answer = _created(bench, stream, Topic(stream, page_id=page.id), seat.replica, draft, intent)
    if answer is not None:
        record_created(bench, seat, page, draft, answer, intent.id)


def record_created(bench: Bench, seat: Seat, page: Record, draft: Draft, answer: Record, intent: int) -> None:
    state, stream = bench.state, seat.stream
    with state.transaction():
        state.store_record(stream, answer, bench.run_start, dict.fromkeys(draft.values))
        due = mark_due(stream, answer, page.id)
        link = state.add_link(stream, answer.id, page.id, mark_due=due, line_due=True)
        state.agree(link.id, first_base(stream, answer.values, page.values, draft.values))
        silently_refused(bench, Topic(stream, answer.id, page.id), answer.values, page.values, draft.values)
        topic = Topic(stream, answer.id, page.id, "*")
        state.log(bench.run, bench.now(), topic, Side.SERVICE, None, stream.line(answer.id), Cause.CREATED.value)
        state.close_problems(Topic(stream, page_id=page.id))
        bench.report.of(stream).count("created", Side.SERVICE, link.id)
        state.close_intent(intent)
    told(bench, topic, "created in the service")


def mark_due(stream: Stream, record: Record, page_id: str) -> bool:
    """Whether the record's back-link is still to be written: it names no page, or another one."""
    return stream.marker and record.markable and record.marks.page_id != page_id


def _created(
    bench: Bench, side: Stream | None, topic: Topic, replica: Replica, draft: Draft, intent: Intent
) -> Record | None:
    """The answer to a create; None when it was refused or has to settle first."""
    try:
        with bench.blame(side):
            return replica.create(draft)
    except Refused as error:
        rest = without_lost(bench, topic.stream.entity, draft.values) if side is None else None
        if rest is not None:
            return _created(bench, side, topic, replica, replace(draft, values=rest), intent)
        with bench.state.transaction():
            bench.state.close_intent(intent.id)
            set_aside(bench, topic, error, fingerprint_of(draft.values))
    except Down as down:
        if isinstance(down.error, Unauthorised):  # a definite answer: there is nothing to look up
            with bench.state.transaction():
                bench.state.close_intent(intent.id)
        raise
    except (Unanswered, Absent):
        with bench.blame(side):
            found = replica.find_created(draft, intent.since)
        if found is not None:
            return found
        ambiguous(bench, topic, draft.values)
    return None


def update_page(bench: Bench, row: Row, update: Update | None, rebases: Mapping[int, Rebase]) -> set[str] | None:
    """Write a page's fields; the fields that were written. None: the page is not there any more.

    With no update only External ID is written, where a link is new to the page.
    """
    state, entity = bench.state, row.parties[0].stream.entity
    fields = update.fields if update is not None else {}
    stream = _stream_of(row, update.link) if update is not None else row.parties[0].stream
    topic = Topic(stream, (update.link if update else row.parties[0].link).record_id, row.page.id)
    after = {name: write.after for name, write in fields.items()}
    if waits(bench, topic, fingerprint_of(after)):
        return set()
    if update is not None:
        pairs = {name: (write.before, write.after) for name, write in fields.items()}
        planned(bench, stream, "update", Side.NOTION, topic.record_id, row.page.id, pairs)
    hub, agreements = bench.hub[entity], _agreements(fields, rebases)
    intent = intend_update(bench, "update_page", topic, fields, agreements, hub)
    try:
        with bench.blame(None):
            answer = hub.update(row.page, after, page_marks(bench, row.page, entity))
    except Refused as error:
        rest = without_lost(bench, entity, after)
        with state.transaction():
            state.close_intent(intent.id)
            if rest is None:
                set_aside(bench, topic, error, fingerprint_of(after))
        if rest is None or update is None:
            return set()
        fewer = {name: replace(write, after=rest[name]) for name, write in fields.items() if rest[name] != write.before}
        return update_page(bench, row, replace(update, fields=fewer), rebases) if fewer else set()
    except Unanswered as error:
        written = read_back(bench, intent, hub, None, row.page.id)
        if written == set():
            with state.transaction():  # it may fail at this page every time, and must not be tried in every run
                set_aside(bench, topic, error, fingerprint_of(after))
        return written
    except Absent as error:
        return _page_absent(bench, entity, row.page.id, intent, error)
    with state.transaction():
        state.store_page(entity, answer, bench.run_start, {name: write.at for name, write in fields.items()})
        state.lines_written(row.page.id)
        taken = {name for name in fields if answer.values.get(name, after[name]) == after[name]}
        for link_id, values in agreements.items():
            pairs_ = {name: Agreed(value, answer.values[name]) for name, value in values.items() if name in taken}
            state.agree(link_id, pairs_)
        for party in row.parties:
            for name in fields.keys() - taken:
                about = Topic(party.stream, party.link.record_id, row.page.id, name)
                not_taken(bench, about, party.record.values.get(name), answer.values.get(name))
        for name in taken:
            wrote(bench, replace(topic, field=name), Side.NOTION, fields[name])
        state.close_problem(topic)
        state.close_intent(intent.id)
    if update is not None:
        bench.report.of(stream).count("updated", Side.NOTION, update.link.id)
    told(bench, topic, "updated in notion", {name: fields[name] for name in fields if name in taken})
    return taken


def _stream_of(row: Row, link: Link) -> Stream:
    return next(party.stream for party in row.parties if party.link.id == link.id)


def _agreements(fields: Mapping[str, Write], rebases: Mapping[int, Rebase]) -> dict[int, dict[str, Value]]:
    """Per link, the record's value of each field that the page is about to agree on."""
    return {
        link_id: {name: both.service for name, both in rebase.fields.items() if name in fields}
        for link_id, rebase in rebases.items()
        if any(name in fields for name in rebase.fields)
    }


def _page_absent(bench: Bench, entity: Entity, page_id: str, intent: Intent, error: Absent) -> set[str] | None:
    """ENGINE 24: a page in the trash stays there; one that cannot be found is reported, nothing follows from it."""
    with bench.state.transaction():
        bench.state.close_intent(intent.id)
        page_looked_up(bench, entity, page_id, error.gone)
    return None


def update_record(bench: Bench, seat: Seat, party: Party, update: Update) -> None:
    """Write a record's fields; each is agreed with the page's value as planned."""
    state, stream, link = bench.state, seat.stream, party.link
    topic = Topic(stream, link.record_id, link.page_id)
    after = {name: write.after for name, write in update.fields.items()}
    if waits(bench, topic, fingerprint_of(after)):
        return
    pairs = {name: (write.before, write.after) for name, write in update.fields.items()}
    planned(bench, stream, "update", Side.SERVICE, link.record_id, link.page_id, pairs, mails=update.mails)
    intent = intend_update(bench, "update_record", topic, update.fields, {link.id: after}, seat.replica)
    try:
        with bench.blame(stream):
            marks = Marks(page_id=link.page_id, synced=seat.replica.server_time())
            answer = seat.replica.update(party.record, after, marks)
    except Refused as error:
        with state.transaction():
            state.close_intent(intent.id)
            set_aside(bench, topic, error, fingerprint_of(after))
        return
    except Unanswered as error:
        if read_back(bench, intent, seat.replica, stream, link.record_id) == set():
            with state.transaction():  # it may fail at this record every time, and must not be tried in every run
                set_aside(bench, topic, error, fingerprint_of(after))
        return
    except Absent as error:
        with state.transaction():
            state.close_intent(intent.id)
            if error.gone is not Gone.HIDDEN:
                record_gone(bench, stream, link.record_id)
        return
    with state.transaction():
        _record_written(bench, party, update, answer)
        state.mark_written(stream, link.record_id)
        state.close_problem(topic)
        state.close_intent(intent.id)
    bench.report.of(stream).count("updated", Side.SERVICE, link.id)


def _record_written(bench: Bench, party: Party, update: Update, answer: Record) -> None:
    state, link = bench.state, party.link
    state.store_record(party.stream, answer, bench.run_start, {name: each.at for name, each in update.fields.items()})
    taken = {name: write for name, write in update.fields.items()
             if took(party.stream, name, answer.values.get(name), write.after)}  # fmt: skip
    told(bench, Topic(party.stream, link.record_id, link.page_id), "updated in the service", taken)
    for name, write in update.fields.items():
        topic, now = Topic(party.stream, link.record_id, link.page_id, name), answer.values.get(name)
        if name in taken:
            state.agree(link.id, {name: Agreed(now, write.after)})
            wrote(bench, topic, Side.SERVICE, write)
        else:
            not_taken(bench, topic, now, write.after)


def flush_marks(bench: Bench, seat: Seat) -> None:
    """Write the back-links that are due, in the service's own batches (ENGINE 19)."""
    stream = seat.stream
    due = [
        (record_id, page_id)
        for record_id, page_id in bench.state.marks_due(stream)
        if not waits(bench, Topic(stream, record_id, page_id, MARK), "mark")
    ]
    for start in range(0, len(due), stream.mark_batch):
        try:
            _mark_batch(bench, seat, dict(due[start : start + stream.mark_batch]))
        except RecordError as error:
            logger.warning("back-links stay due: %s", error.message, extra={"service": stream.service})
            return  # idempotent: the next run writes them again


def _mark_batch(bench: Bench, seat: Seat, part: Mapping[str, str]) -> None:
    synced = seat.replica.server_time()
    marks = {record_id: Marks(page_id=page_id, synced=synced) for record_id, page_id in part.items()}
    with bench.blame(seat.stream):
        for record_id, outcome in seat.replica.mark(marks):
            if isinstance(outcome, Record):
                told(bench, Topic(seat.stream, record_id, part[record_id]), "back-link written")
            _marked(bench, seat.stream, record_id, part[record_id], outcome)


def _marked(bench: Bench, stream: Stream, record_id: str, page_id: str, outcome: Record | str) -> None:
    with bench.state.transaction():
        if isinstance(outcome, Record):
            bench.state.store_record(stream, outcome, bench.run_start, {})
            bench.state.mark_written(stream, record_id)
            bench.state.close_problem(Topic(stream, record_id, page_id, MARK))
        else:
            set_aside(bench, Topic(stream, record_id, page_id, MARK), outcome, "mark")
