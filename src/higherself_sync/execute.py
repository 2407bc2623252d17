"""Writes, one by one, by the journal protocol: intent, write, remember (ENGINE 1, 5, 19; DESIGN, four rules).

An intent is committed before each write. After the answer one transaction stores what was read back, moves the base of
just the written fields, and closes the intent. A write without an answer is read back at once; what cannot be told then
stays in the journal, and the next run settles it by content before it does anything else.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from higherself_sync.core.identity import born
from higherself_sync.core.plan import Agreed, Cause, Create, HoldKind, Link, Party, Policy, Rebase, Row, Update, Write
from higherself_sync.core.record import (
    Draft,
    Entity,
    Gone,
    Kind,
    Marks,
    Record,
    Replica,
    Side,
    Stream,
    Value,
    Values,
    empty,
    fields_of,
    from_json,
    to_json,
)
from higherself_sync.errors import Absent, HsnError, RecordError, Refused, Unanswered
from higherself_sync.report import Report, plan_entry
from higherself_sync.state import Intent, Mirror, State, Topic, moment, stamp

logger = logging.getLogger(__name__)

SETTLE = timedelta(seconds=60)  # ENGINE 19: a lagging query would double what is sent again sooner
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=24)
BATCH = 100


class Down(Exception):
    """One side cannot go on: a service (`stream`), or the hub (None). The run goes on without it."""

    def __init__(self, stream: Stream | None, error: HsnError) -> None:
        super().__init__(str(error))
        self.stream, self.error = stream, error


@dataclass(frozen=True, slots=True)
class Seat:
    """A stream that takes part in this run."""

    stream: Stream
    policy: Policy
    replica: Replica  # of a derived stream: the one it is found in; never written to


@dataclass(slots=True)
class Bench:
    """Everything the run works with. `now` is the hub's server time; `run_start` the same when the run began."""

    run: str
    state: State
    hub: Mapping[Entity, Replica]
    seats: list[Seat]
    report: Report
    run_start: datetime
    dry_run: bool = False
    pending: set[tuple[str, ...]] = field(default_factory=set)
    fresh_at: dict[Entity, datetime] = field(default_factory=dict)

    def now(self) -> datetime:
        return max(each.server_time() for each in self.hub.values())

    def seat(self, service: str, stream: str) -> Seat | None:
        return next((each for each in self.seats if (each.stream.service, each.stream.name) == (service, stream)), None)

    @contextmanager
    def blame(self, stream: Stream | None) -> Iterator[None]:
        """Trouble inside is this side's: a record's own trouble passes through."""
        try:
            yield
        except RecordError:
            raise
        except HsnError as error:
            raise Down(stream, error) from error


# ------------------------------------------------------------------------------------------------- seeing a row


def seen_record(bench: Bench, stream: Stream, mirror: Mirror) -> tuple[Record, bool]:
    """The record with its relations as page ids, and whether some target has no page yet (ENGINE 25)."""
    values, pending = dict(mirror.record.values), False
    for name, each in fields_of(stream.entity).items():
        lines = values.get(name)
        if each.kind is Kind.RELATION and isinstance(lines, frozenset):
            pages = {line: page_of(bench, line) for line in lines}
            values[name] = frozenset(page for page in pages.values() if page is not None)
            pending = pending or None in pages.values()
    return replace(mirror.record, values=values), pending


def page_of(bench: Bench, line: str) -> str | None:
    """The page of the record that a marker line names. A guest who has registered is the customer of that e-mail."""
    found = bench.state.page_of_line(line)
    service, name, record_id = line.split(":", 2)
    seat = bench.seat(service, name)
    if found is None and seat is not None and seat.stream.heir is not None:
        for heir in bench.state.records_with_key(service, seat.stream.heir, record_id):
            found = found or bench.state.page_of_line(f"{service}:{seat.stream.heir}:{heir}")
    return found


def row_of(bench: Bench, page_id: str) -> Row | None:
    """The page and those of its links that take part; None when the page is not there (any more)."""
    page = bench.state.page(page_id)
    if page is None or page.record.trashed:
        return None
    parties = [party for party in (_party(bench, link) for link in bench.state.links_of_page(page_id)) if party]
    order = {id(seat.stream): place for place, seat in enumerate(bench.seats)}
    parties.sort(key=lambda party: order[id(party.stream)])
    return Row(page.record, tuple(parties), page.times, _absent(bench, page.record, parties))


def _party(bench: Bench, link: Link) -> Party | None:
    seat = bench.seat(link.service, link.stream)
    mirror = bench.state.record(seat.stream, link.record_id) if seat else None
    if seat is None or mirror is None or mirror.record.trashed or link.dormant:
        return None
    record, _ = seen_record(bench, seat.stream, mirror)
    holds = bench.state.holds(seat.stream, link)
    return Party(link, seat.stream, record, seat.policy, mirror.times, holds)


def _absent(bench: Bench, page: Record, parties: Iterable[Party]) -> frozenset[str]:
    targets = {target for record in (page, *(each.record for each in parties)) for target in _related(record)}
    known = bench.state.known_pages(targets)
    return frozenset(target for target in targets if known.get(target, False))


def _related(record: Record) -> Iterator[str]:
    for value in record.values.values():
        if isinstance(value, frozenset):
            yield from value


def page_marks(bench: Bench, page: Record, entity: Entity) -> Marks:
    """External ID, Source and Last Synced from all links, what is unknown kept (ENGINE 18)."""
    links = [link for link in bench.state.links_of_page(page.id) if not link.dormant]
    lines = dict.fromkeys([*page.marks.lines, *(f"{each.service}:{each.stream}:{each.record_id}" for each in links)])
    moved = {line for line in lines if _superseded(bench, line, page.id)}
    sources = page.marks.sources | {each.service for each in links}
    return Marks(tuple(each for each in lines if each not in moved), sources, None, bench.hub[entity].server_time())


def _superseded(bench: Bench, line: str, page_id: str) -> bool:
    """A guest's line once the link has moved to the customer: the customer's line stands for both."""
    service, _, rest = line.partition(":")
    name, _, record_id = rest.partition(":")
    seat = bench.seat(service, name)
    return (
        seat is not None
        and seat.stream.derived
        and bench.state.link(seat.stream, record_id) is None
        and page_of(bench, line) == page_id
    )


# ------------------------------------------------------------------------------------------------------- creates


def create_page(bench: Bench, seat: Seat, change: Create) -> None:
    """A new row for a record. Refused: set aside. Unanswered: looked up by its External ID, else left to settle."""
    mirror = bench.state.record(seat.stream, change.source.id)
    assert mirror is not None
    record, _ = seen_record(bench, seat.stream, mirror)
    hub = bench.hub[seat.stream.entity]
    values = born(seat.stream, record.values)
    draft = Draft(values, replace(change.draft.marks, synced=hub.server_time()))
    _planned(
        bench, seat.stream, "create", Side.NOTION, record.id, None, {name: (None, v) for name, v in values.items()}
    )
    intent = _intend(bench, "create_page", seat.stream, record.id, "", draft, hub)
    answer = _created(bench, None, Topic(seat.stream, record.id), hub, draft, intent)
    if answer is not None:
        page_created(bench, seat, record, draft, answer, intent.id)
        bench.report.of(seat.stream).created["notion"] += 1


def page_created(bench: Bench, seat: Seat, record: Record, draft: Draft, answer: Record, intent: int) -> None:
    """Link the record to its new page; the base of each field is what was sent and what came back."""
    state, stream = bench.state, seat.stream
    with state.transaction():
        state.store_page(stream.entity, answer, bench.run_start, dict.fromkeys(draft.values))
        link = state.add_link(
            stream, record.id, answer.id, mark_due=_mark_due(stream, record, answer.id), line_due=False
        )
        state.agree(link.id, _first_base(stream, record.values, answer.values, draft.values))
        topic = Topic(stream, record.id, answer.id, "*")
        state.log(bench.run, bench.now(), topic, Side.NOTION, None, stream.line(record.id), Cause.CREATED.value)
        state.close_problems(Topic(stream, record.id))
        state.close_intent(intent)


def create_record(bench: Bench, seat: Seat, change: Create) -> None:
    """A new record for a row that a person made (ENGINE 20)."""
    stream, page = seat.stream, change.source
    draft = Draft(change.draft.values, Marks(page_id=page.id, synced=seat.replica.server_time()))
    fields = {name: (None, value) for name, value in draft.values.items()}
    _planned(bench, stream, "create", Side.SERVICE, None, page.id, fields, mails=change.mails)
    intent = _intend(bench, "create_record", stream, "", page.id, draft, seat.replica)
    answer = _created(bench, stream, Topic(stream, page_id=page.id), seat.replica, draft, intent)
    if answer is not None:
        record_created(bench, seat, page, draft, answer, intent.id)
        bench.report.of(stream).created["service"] += 1


def record_created(bench: Bench, seat: Seat, page: Record, draft: Draft, answer: Record, intent: int) -> None:
    state, stream = bench.state, seat.stream
    with state.transaction():
        state.store_record(stream, answer, bench.run_start, dict.fromkeys(draft.values))
        mark_due = _mark_due(stream, answer, page.id)
        link = state.add_link(stream, answer.id, page.id, mark_due=mark_due, line_due=True)
        state.agree(link.id, _first_base(stream, answer.values, page.values, draft.values))
        _refuse_silently(bench, Topic(stream, answer.id, page.id), answer.values, page.values, draft.values)
        topic = Topic(stream, answer.id, page.id, "*")
        state.log(bench.run, bench.now(), topic, Side.SERVICE, None, stream.line(answer.id), Cause.CREATED.value)
        state.close_problems(Topic(stream, page_id=page.id))
        state.close_intent(intent)


def _mark_due(stream: Stream, record: Record, page_id: str) -> bool:
    return stream.marker and record.marks.page_id != page_id


def _first_base(stream: Stream, record: Values, page: Values, sent: Values) -> dict[str, Agreed]:
    """Bases of what was sent and taken, and of what is the same on both sides. The rest is left to first contact."""
    base = {}
    for name, kind in ((name, each.kind) for name, each in fields_of(stream.entity).items() if name in stream.fields):
        left, right = record.get(name, empty(kind)), page.get(name, empty(kind))
        if left == right or (name in sent and took(stream, name, left, right)):
            base[name] = Agreed(left, right)
    return base


def took(stream: Stream, name: str, one: Value, other: Value) -> bool:
    """Whether two values are the same to that service: equal, or equal in its own form."""
    same = stream.fields[name].same
    return one == other or (same is not None and one is not None and other is not None and same(one) == same(other))


def _refuse_silently(bench: Bench, topic: Topic, record: Values, page: Values, sent: Values) -> None:
    """A create that was accepted but for some of its values: ENGINE 5."""
    for name in sent:
        left, right = record.get(name), page.get(name)
        if not isinstance(right, frozenset) and not took(topic.stream, name, left, right):
            not_taken(bench, replace(topic, field=name), left, right)


def _created(
    bench: Bench, side: Stream | None, topic: Topic, replica: Replica, draft: Draft, intent: Intent
) -> Record | None:
    """The answer to a create; None when it was refused or has to settle first."""
    try:
        with bench.blame(side):
            return replica.create(draft)
    except Refused as error:
        with bench.state.transaction():
            bench.state.close_intent(intent.id)
            set_aside(bench, topic, error.message, _print(draft.values))
    except (Unanswered, Absent):
        with bench.blame(side):
            found = replica.find_created(draft, intent.since)
        if found is not None:
            return found
        ambiguous(bench, topic)
    return None


def ambiguous(bench: Bench, topic: Topic) -> None:
    """A create that got no answer and is not found: nothing is sent again until it must have become visible."""
    bench.pending.add(topic.key())
    reason = "a create got no answer; it is looked up again in the next run before anything is sent"
    bench.state.report_problem(topic, HoldKind.AMBIGUOUS, reason, bench.now())


def set_aside(bench: Bench, topic: Topic, reason: str, fingerprint: str) -> None:
    """Keep a refused write out of the way, with growing waits; a changed record is tried at once."""
    now, old = bench.now(), bench.state.problem(topic)
    attempts = old.attempts if old else 0
    due = now + min(FIRST_WAIT * 2**attempts, LONGEST_WAIT)
    bench.state.report_problem(topic, HoldKind.SET_ASIDE, reason, now, due=due, fingerprint=fingerprint)


def waits(bench: Bench, topic: Topic, fingerprint: str) -> bool:
    """Whether just this write was refused before and is not due yet."""
    old = bench.state.problem(topic)
    if old is None or old.kind is not HoldKind.SET_ASIDE or old.print != fingerprint:
        return False
    return old.due is not None and old.due > bench.now()


def _print(values: Values) -> str:
    body = json.dumps({name: to_json(value) for name, value in values.items()}, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def create_waits(bench: Bench, topic: Topic, values: Values) -> bool:
    return topic.key() in bench.pending or waits(bench, topic, _print(values))


# ------------------------------------------------------------------------------------------------------- updates


def update_page(bench: Bench, row: Row, update: Update | None, rebases: Mapping[int, Rebase]) -> set[str] | None:
    """Write a page's fields; the fields that were written. None: the page is not there any more.

    With no update only External ID is written, where a link is new to the page.
    """
    state, entity = bench.state, row.parties[0].stream.entity
    fields = update.fields if update is not None else {}
    stream = _stream_of(row, update.link) if update is not None else row.parties[0].stream
    topic = Topic(stream, (update.link if update else row.parties[0].link).record_id, row.page.id)
    after = {name: write.after for name, write in fields.items()}
    if waits(bench, topic, _print(after)):
        return set()
    if update is not None:
        pairs = {name: (write.before, write.after) for name, write in fields.items()}
        _planned(bench, stream, "update", Side.NOTION, topic.record_id, row.page.id, pairs)
    hub, agreements = bench.hub[entity], _agreements(fields, rebases)
    intent = _intend_update(bench, "update_page", topic, fields, agreements, hub)
    try:
        with bench.blame(None):
            answer = hub.update(row.page, after, page_marks(bench, row.page, entity))
    except Refused as error:
        with state.transaction():
            state.close_intent(intent.id)
            set_aside(bench, topic, error.message, _print(after))
        return set()
    except Unanswered:
        return _read_back(bench, intent, hub, None, row.page.id)
    except Absent as error:
        return _page_absent(bench, stream, row.page.id, intent, error)
    with state.transaction():
        state.store_page(entity, answer, bench.run_start, {name: write.at for name, write in fields.items()})
        state.lines_written(row.page.id)
        taken = {name for name in fields if answer.values.get(name, after[name]) == after[name]}
        for link_id, values in agreements.items():
            pairs_ = {name: Agreed(value, answer.values[name]) for name, value in values.items() if name in taken}
            state.agree(link_id, pairs_)
        for party in row.parties:
            for name in fields.keys() - taken:
                topic = Topic(party.stream, party.link.record_id, row.page.id, name)
                not_taken(bench, topic, party.record.values.get(name), answer.values.get(name))
        for name in taken:
            wrote(bench, replace(topic, field=name), Side.NOTION, fields[name])
        state.close_problem(topic)
        state.close_intent(intent.id)
    if update is not None:
        bench.report.of(stream).updated["notion"] += 1
    return taken


def wrote(bench: Bench, topic: Topic, side: Side, write: Write) -> None:
    """A field was written: the log has it, and a restoration is remembered so that it is done but once."""
    bench.state.log(bench.run, bench.now(), topic, side, write.before, write.after, write.cause.value)
    if write.cause is Cause.RESTORED:
        bench.report.of(topic.stream).restored += 1
        bench.state.report_problem(
            topic, HoldKind.RESTORED, "put back once", bench.now(), service=write.after, notion=write.before,
            memory=True,
        )  # fmt: skip


def _stream_of(row: Row, link: Link) -> Stream:
    return next(party.stream for party in row.parties if party.link.id == link.id)


def _agreements(fields: Mapping[str, Write], rebases: Mapping[int, Rebase]) -> dict[int, dict[str, Value]]:
    """Per link, the record's value of each field that the page is about to agree on."""
    return {
        link_id: {name: both.service for name, both in rebase.fields.items() if name in fields}
        for link_id, rebase in rebases.items()
        if any(name in fields for name in rebase.fields)
    }


def _page_absent(bench: Bench, stream: Stream, page_id: str, intent: Intent, error: Absent) -> set[str] | None:
    """ENGINE 24: a page in the trash stays there; one that cannot be found is reported, nothing follows from it."""
    with bench.state.transaction():
        bench.state.close_intent(intent.id)
        if error.gone is Gone.HIDDEN:
            reason = "its Notion page cannot be found: deleted for good, or no longer shared with the integration"
            topic = Topic(stream, intent.record_id, page_id)
            bench.state.report_problem(topic, HoldKind.AMBIGUOUS, reason, bench.now())
        else:
            bench.state.set_trashed(page_id)
    return None


def update_record(bench: Bench, seat: Seat, party: Party, update: Update) -> None:
    """Write a record's fields; each is agreed with the page's value as planned."""
    state, stream, link = bench.state, seat.stream, party.link
    topic = Topic(stream, link.record_id, link.page_id)
    after = {name: write.after for name, write in update.fields.items()}
    if waits(bench, topic, _print(after)):
        return
    pairs = {name: (write.before, write.after) for name, write in update.fields.items()}
    _planned(bench, stream, "update", Side.SERVICE, link.record_id, link.page_id, pairs, mails=update.mails)
    intent = _intend_update(bench, "update_record", topic, update.fields, {link.id: after}, seat.replica)
    try:
        with bench.blame(stream):
            marks = Marks(page_id=link.page_id, synced=seat.replica.server_time())
            answer = seat.replica.update(party.record, after, marks)
    except Refused as error:
        with state.transaction():
            state.close_intent(intent.id)
            set_aside(bench, topic, error.message, _print(after))
        return
    except Unanswered:
        _read_back(bench, intent, seat.replica, stream, link.record_id)
        return
    except Absent:
        with state.transaction():
            state.close_intent(intent.id)
            record_gone(bench, stream, link.record_id)
        return
    with state.transaction():
        _record_written(bench, party, update, answer)
        state.mark_written(stream, link.record_id)
        state.close_problem(topic)
        state.close_intent(intent.id)
    bench.report.of(stream).updated["service"] += 1


def _record_written(bench: Bench, party: Party, update: Update, answer: Record) -> None:
    state, link = bench.state, party.link
    state.store_record(party.stream, answer, bench.run_start, {name: each.at for name, each in update.fields.items()})
    for name, write in update.fields.items():
        topic, now = Topic(party.stream, link.record_id, link.page_id, name), answer.values.get(name)
        if took(party.stream, name, now, write.after):
            state.agree(link.id, {name: Agreed(now, write.after)})
            wrote(bench, topic, Side.SERVICE, write)
        else:
            not_taken(bench, topic, now, write.after)


def not_taken(bench: Bench, topic: Topic, service: Value, notion: Value) -> None:
    """ENGINE 5: the base stays, both values are shown, and it is not sent again until a side changes."""
    reason = f"{topic.stream.service} did not take {topic.field} as it was sent"
    bench.state.report_problem(topic, HoldKind.NOT_TAKEN, reason, bench.now(), service=service, notion=notion)


def record_gone(bench: Bench, stream: Stream, record_id: str) -> None:
    """The record says that it is in the trash, or the service that it never was: its link sleeps."""
    mirror = bench.state.record(stream, record_id)
    link = bench.state.link(stream, record_id)
    if mirror is not None:
        bench.state.store_record(stream, replace(mirror.record, trashed=True), bench.run_start)
    if link is not None:
        bench.state.sleep(link.id)


# ------------------------------------------------------------------------------------------------------- markers


def flush_marks(bench: Bench, seat: Seat) -> None:
    """Write the back-links that are due, in the service's own batches (ENGINE 19)."""
    stream = seat.stream
    due = [
        (record_id, page_id)
        for record_id, page_id in bench.state.marks_due(stream)
        if not waits(bench, Topic(stream, record_id, page_id), "mark")
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
            _marked(bench, seat.stream, record_id, part[record_id], outcome)


def _marked(bench: Bench, stream: Stream, record_id: str, page_id: str, outcome: Record | str) -> None:
    with bench.state.transaction():
        if isinstance(outcome, Record):
            bench.state.store_record(stream, outcome, bench.run_start, {})
            bench.state.mark_written(stream, record_id)
            bench.state.close_problem(Topic(stream, record_id, page_id))
        else:
            set_aside(bench, Topic(stream, record_id, page_id), outcome, "mark")


# ------------------------------------------------------------------------------------------------ the journal


def _intend(
    bench: Bench, op: str, stream: Stream, record_id: str, page_id: str, draft: Draft, replica: Replica
) -> Intent:
    values = {name: to_json(value) for name, value in draft.values.items()}
    marks = {"lines": draft.marks.lines, "sources": sorted(draft.marks.sources), "page_id": draft.marks.page_id}
    return _commit(bench, op, stream, record_id, page_id, {"values": values, "marks": marks}, replica.server_time())


def _intend_update(
    bench: Bench, op: str, topic: Topic, fields: Mapping[str, Write], agreements: Mapping[int, Values], replica: Replica
) -> Intent:
    payload = {
        "fields": {
            name: [to_json(each.before), to_json(each.after), each.cause.value, stamp(each.at)]
            for name, each in fields.items()
        },
        "agree": {
            str(link_id): {name: to_json(value) for name, value in values.items()}
            for link_id, values in agreements.items()
        },
    }
    return _commit(bench, op, topic.stream, topic.record_id, topic.page_id, payload, replica.server_time())


def _commit(
    bench: Bench, op: str, stream: Stream, record_id: str, page_id: str, payload: Mapping[str, Any], since: datetime
) -> Intent:
    with bench.state.transaction():
        number = bench.state.intend(op, stream.service, stream.name, record_id, page_id, payload, since)
    return Intent(number, op, stream.service, stream.name, record_id, page_id, payload, since)


def _read_back(bench: Bench, intent: Intent, replica: Replica, side: Stream | None, target: str) -> set[str] | None:
    """After an unanswered update: what the target holds now decides."""
    with bench.blame(side):
        found = replica.fetch([target])[target]
    return settle_update(bench, intent, found)


def settle_update(bench: Bench, intent: Intent, found: Record | Gone) -> set[str] | None:
    """An update that got no answer, settled by content: taken, not taken, or a question for a person.

    Returns the fields that turned out to be written; None when the target is not there.
    """
    seat = bench.seat(intent.service, intent.stream)
    assert seat is not None
    stream, on_page = seat.stream, intent.op == "update_page"
    with bench.state.transaction():
        bench.state.close_intent(intent.id)
        if isinstance(found, Gone):
            _target_gone(bench, stream, intent, found, on_page=on_page)
            return None
        sent = _sent(stream, intent)
        written = _found_written(stream, intent, sent, found)
        own = {name: sent[name].at for name in written}
        if on_page:
            bench.state.store_page(stream.entity, found, bench.run_start, own)
        else:
            bench.state.store_record(stream, found, bench.run_start, own)
        for name in written:
            topic = Topic(stream, intent.record_id, intent.page_id, name)
            wrote(bench, topic, Side.NOTION if on_page else Side.SERVICE, sent[name])
        _settle_bases(bench, stream, intent, sent, written, found.values)
    return written


def _settle_bases(
    bench: Bench, stream: Stream, intent: Intent, sent: Mapping[str, Write], written: set[str], found: Values
) -> None:
    for link_id, values in intent.payload["agree"].items():
        for name, raw in values.items():
            kind = fields_of(stream.entity)[name].kind
            value, now = from_json(kind, raw), found.get(name, empty(kind))
            both = Agreed(value, now) if intent.op == "update_page" else Agreed(now, value)
            if name in written:
                bench.state.agree(int(link_id), {name: both})
            elif now != sent[name].before:
                _ask(bench, int(link_id), name, both)


def _sent(stream: Stream, intent: Intent) -> dict[str, Write]:
    """The writes of an intent, as they were planned."""
    kinds = {name: each.kind for name, each in fields_of(stream.entity).items()}
    return {
        name: Write(from_json(kinds[name], before), from_json(kinds[name], after), Cause(cause), moment(at))
        for name, (before, after, cause, at) in intent.payload["fields"].items()
    }


def _found_written(stream: Stream, intent: Intent, sent: Mapping[str, Write], found: Record) -> set[str]:
    """The fields that hold what was sent, in the service's own form perhaps."""
    return {
        name
        for name, write in sent.items()
        if found.values.get(name) == write.after
        or (intent.op == "update_record" and took(stream, name, found.values.get(name), write.after))
    }


def _target_gone(bench: Bench, stream: Stream, intent: Intent, gone: Gone, *, on_page: bool) -> None:
    """A page in the trash is trash; one that only cannot be found proves nothing (ENGINE 22)."""
    if on_page and gone is not Gone.HIDDEN:
        bench.state.set_trashed(intent.page_id)
    elif not on_page:
        record_gone(bench, stream, intent.record_id)


def _ask(bench: Bench, link_id: int, name: str, both: Agreed) -> None:
    """Neither the old nor the intended value is there: somebody edited it in between. No policy may guess."""
    link = bench.state.link_by_id(link_id)
    seat = bench.seat(link.service, link.stream) if link else None
    if link is None or seat is None or isinstance(both.notion, frozenset):
        return
    topic = Topic(seat.stream, link.record_id, link.page_id, name)
    reason = "edited while a write was under way"
    bench.state.report_problem(
        topic, HoldKind.CONFLICT, reason, bench.now(), service=both.service, notion=both.notion, forced=True
    )


def recover(bench: Bench) -> None:
    """Settle what an earlier run left in the journal, before anything else is done."""
    for intent in bench.state.intents():
        seat = bench.seat(intent.service, intent.stream)
        if seat is None:
            continue  # that service does not take part in this run
        hub = bench.hub[seat.stream.entity]
        match intent.op:
            case "update_page":
                _read_back(bench, intent, hub, None, intent.page_id)
            case "update_record":
                _read_back(bench, intent, seat.replica, seat.stream, intent.record_id)
            case "create_page":
                _recover_create(bench, seat, intent, hub, None)
            case _:
                _recover_create(bench, seat, intent, seat.replica, seat.stream)


def _recover_create(bench: Bench, seat: Seat, intent: Intent, replica: Replica, side: Stream | None) -> None:
    stream = seat.stream
    draft = _draft(stream, intent)
    with bench.blame(side):
        found = replica.find_created(draft, intent.since)
    topic = Topic(stream, intent.record_id) if side is None else Topic(stream, page_id=intent.page_id)
    if found is None and replica.server_time() - intent.since < SETTLE:
        ambiguous(bench, topic)
    elif found is None:
        with bench.state.transaction():
            bench.state.close_intent(intent.id)
            bench.state.close_problems(topic)
    else:
        _adopt_created(bench, seat, intent, draft, found, side)


def _adopt_created(bench: Bench, seat: Seat, intent: Intent, draft: Draft, found: Record, side: Stream | None) -> None:
    """It was made after all: its base is what was sent, so whatever was edited since travels."""
    sent = replace(found, values={**found.values, **draft.values})
    with bench.state.transaction():
        if side is None:
            mirror = bench.state.record(seat.stream, intent.record_id)
            assert mirror is not None
            record, _ = seen_record(bench, seat.stream, mirror)
            as_sent = replace(record, values={**record.values, **draft.values})
            page_created(bench, seat, as_sent, draft, sent, intent.id)
            bench.state.store_page(seat.stream.entity, found, bench.run_start)
        else:
            page = bench.state.page(intent.page_id)
            assert page is not None
            as_sent = replace(page.record, values={**page.record.values, **draft.values})
            record_created(bench, seat, as_sent, draft, sent, intent.id)
            bench.state.store_record(seat.stream, found, bench.run_start)


def _draft(stream: Stream, intent: Intent) -> Draft:
    kinds = {name: each.kind for name, each in fields_of(stream.entity).items()}
    values = {name: from_json(kinds[name], raw) for name, raw in intent.payload["values"].items()}
    marks = intent.payload["marks"]
    return Draft(values, Marks(tuple(marks["lines"]), frozenset(marks["sources"]), marks["page_id"]))


def _planned(
    bench: Bench, stream: Stream, action: str, side: Side, record_id: str | None, page_id: str | None,
    fields: Mapping[str, tuple[Value, Value]], **more: Any,
) -> None:  # fmt: skip
    if bench.dry_run:
        shown = {name: (to_json(before), to_json(after)) for name, (before, after) in fields.items()}
        extra = {key: value for key, value in more.items() if value}
        bench.report.plan.append(plan_entry(stream, action, side, record_id, page_id, shown, **extra))
