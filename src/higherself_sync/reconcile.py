"""One entity's work: who is who, what is missing on which side, and what differs (ENGINE 7).

Adoptions come first and write nothing. Then each stream, in config order, gets its missing rows, so that the next
stream finds them. Then rows that a person made go to their service. Last, rows and records that differ are merged, a
page at a time, after asking both sides what moved since they were read (ENGINE 6).
"""

from collections.abc import Callable
from datetime import timedelta

from higherself_sync.bench import HUB_OVERLAP, Bench, Seat, newborn, row_of, seen_record
from higherself_sync.core.identity import from_notion, identify
from higherself_sync.core.merge import at_rest, merge
from higherself_sync.core.plan import Adopt, Cause, Conflict, Create, HoldKind, Plan, Rebase, Row, Update, Wait
from higherself_sync.core.record import Entity, Gone, Record, Side, Stream, Values, fields_of, members, to_json
from higherself_sync.execute import create_page, create_record, flush_marks, mark_due, update_page, update_record
from higherself_sync.matching import facts_of, unlinked
from higherself_sync.outcome import (
    MARK,
    create_waits,
    foreign_marker,
    record_gone,
    told,
)
from higherself_sync.related import look_for
from higherself_sync.report import plan_entry
from higherself_sync.state import Topic

BATCH = 100  # rows that are planned, asked about and written together (ENGINE 6)


def reconcile(bench: Bench, entity: Entity, quiet: timedelta, tick: Callable[[], None]) -> None:
    """Bring all streams of one entity and its database together. Raises bench.Down when a side cannot go on."""
    seats = [seat for seat in bench.seats if seat.stream.entity is entity]
    for seat in seats:
        adopt(bench, seat)
    report_copies(bench, entity)
    for seat in seats:
        create_rows(bench, seat, tick)
    create_records(bench, entity, seats, quiet)
    merge_rows(bench, entity, tick)
    for seat in seats:
        flush_marks(bench, seat)
        close_stale(bench, seat)


# ----------------------------------------------------------------------------------------------- who is who


def adopt(bench: Bench, seat: Seat) -> None:
    """Link what already belongs together; nothing is written outside the state."""
    for record in unlinked(bench, seat):
        match identify(seat.stream, record, facts_of(bench, seat, record), seat.policy):
            case Adopt() as found:
                _link(bench, seat, record, found)
            case _:
                pass


def _link(bench: Bench, seat: Seat, record: Record, found: Adopt) -> None:
    stream = seat.stream
    with bench.state.transaction():
        if found.moves is not None:
            bench.state.move_link(found.moves, stream, record.id)
        else:
            page = bench.state.page(found.page_id)
            known = page is not None and stream.line(record.id) in page.record.marks.lines
            due = mark_due(stream, record, found.page_id)
            bench.state.add_link(stream, record.id, found.page_id, mark_due=due, line_due=not known)
        bench.state.close_problems(Topic(stream, record.id))
        bench.state.close_problems(Topic(stream, page_id=found.page_id))
        foreign_marker(bench, stream, record, found.page_id)
    bench.report.of(stream).adopted += 1
    told(bench, Topic(stream, record.id, found.page_id), "linked")
    _show(bench, seat, "adopt", Side.NOTION, record.id, found.page_id)


def create_rows(bench: Bench, seat: Seat, tick: Callable[[], None]) -> None:
    """Rows for records that have none; those that cannot be told apart from others are reported and left."""
    made = 0
    for record in unlinked(bench, seat):
        topic = Topic(seat.stream, record.id)
        match identify(seat.stream, record, facts_of(bench, seat, record), seat.policy):
            case Adopt() as found:
                _link(bench, seat, record, found)
            case Wait() as wait:
                _report(bench, wait, topic)
            case Create() as create if not create_waits(bench, topic, _born(bench, seat, record)):
                create_page(bench, seat, create)
                tick()
                made += 1
                if made % BATCH == 0 and not bench.dry_run:
                    flush_marks(bench, seat)
            case Create():
                pass  # refused or unanswered before, and not due yet
            case None:
                bench.state.close_problems(topic)


def _born(bench: Bench, seat: Seat, record: Record) -> Values:
    mirror = bench.state.record(seat.stream, record.id)
    assert mirror is not None
    return newborn(bench, seat.stream, mirror)


COPY = "the row is a copy of another: delete it, or empty its External ID to make it a row of its own"


def report_copies(bench: Bench, entity: Entity) -> None:
    """ENGINE 15: Notion's "Duplicate" copies External ID too. The copy is named and left as it is."""
    for page_id, line in bench.state.copies(entity):
        service, name, _ = line.split(":", 2) if line.count(":") >= 2 else ("", "", "")
        seat, owner = bench.seat(service, name), bench.state.page_of_line(line) if service else None
        if seat is not None and owner not in (None, page_id):
            topic = Topic(seat.stream, page_id=page_id)
            bench.met.add(topic.key())
            bench.state.report_problem(topic, HoldKind.AMBIGUOUS, COPY, bench.now())


def close_stale(bench: Bench, seat: Seat) -> None:
    """What was said of a row or a record alone, and was not met again: it is linked by now, mended, or gone."""
    if not (seat.policy.pull and seat.policy.push):
        return  # one direction does not look at everything
    for problem in bench.state.problems():
        topic = Topic(seat.stream, problem.record_id, problem.page_id, problem.field)
        alone = not problem.record_id or not problem.page_id
        if (problem.service, problem.stream) == topic.key()[:2] and alone and topic.key() not in bench.met:
            bench.state.close_problem(topic)


# --------------------------------------------------------------------------------------------- rows from Notion


def create_records(bench: Bench, entity: Entity, seats: list[Seat], quiet: timedelta) -> None:
    """Records for rows that a person made and addressed to a service by `Source` (ENGINE 20)."""
    makers = {seat.stream.service: seat for seat in seats if seat.stream.create}
    streams = {name: (seat.stream, seat.policy) for name, seat in makers.items()}
    for page_id in bench.state.unlinked_pages(entity, makers):
        page = bench.state.page(page_id)
        assert page is not None
        linked = frozenset(each.service for each in bench.state.links_of_page(page_id))
        for change in from_notion(page.record, streams, bench.now(), quiet, linked):
            seat = makers[change.stream.service]
            topic = Topic(change.stream, page_id=page_id)
            if (other := _there_already(bench, change.stream, page.record)) is not None:
                _report(bench, other, topic)
            elif isinstance(change, Wait):
                _report(bench, change, topic)
            elif not create_waits(bench, topic, change.draft.values):
                create_record(bench, seat, change)


def _there_already(bench: Bench, stream: Stream, page: Record) -> Wait | None:
    """ENGINE 12: nothing is made where the service has a record with this row's marker or key."""
    found = bench.state.records_with_marker(stream, page.id)
    if stream.keyed and page.key is not None:
        found = [*found, *bench.state.records_with_key(stream.service, stream.name, page.key)]
    if not found:
        return None
    remedy = f"write {stream.line(found[0])} into External ID of the row it belongs to, or change what they share"
    return Wait(HoldKind.AMBIGUOUS, stream, f"{stream.service} has it already: {remedy}", page_id=page.id)


# ------------------------------------------------------------------------------------------------ rows that differ


def merge_rows(bench: Bench, entity: Entity, tick: Callable[[], None]) -> None:
    services = {seat.stream.service for seat in bench.seats}
    after = ""
    while pages := bench.state.work(entity, services, after, BATCH):
        after = pages[-1]
        for row, plan in _fresh_plans(bench, entity, pages):
            apply(bench, row, plan)
            tick()


def _fresh_plans(bench: Bench, entity: Entity, pages: list[str]) -> list[tuple[Row, Plan]]:
    """Plans that write only to what was asked, since it was read, whether it moved (ENGINE 6).

    What moved is planned again, and that plan may write to yet another side; a row that does not come to rest in three
    rounds is left for the next run.
    """
    asked: set[tuple[str, str, str]] = set()
    for _ in range(3):
        plans = [(row, merge(row)) for row in (row_of(bench, page_id) for page_id in pages) if row is not None]
        unasked = {_target(each): each for _, plan in plans for each in plan if isinstance(each, Update)}
        unasked = {target: each for target, each in unasked.items() if target not in asked}
        if not unasked:
            return plans
        _refresh(bench, entity, list(unasked.values()))
        asked |= unasked.keys()
    return [(row, plan) for row, plan in plans if all(_target(u) in asked for u in plan if isinstance(u, Update))]


def _target(update: Update) -> tuple[str, str, str]:
    """What an update writes to. One question covers all pages of a database."""
    if update.side is Side.NOTION:
        restores = any(each.cause is Cause.RESTORED for each in update.fields.values())
        return ("notion", "", update.link.page_id if restores else "")
    return (update.link.service, update.link.stream, update.link.record_id)


def _refresh(bench: Bench, entity: Entity, updates: list[Update]) -> None:
    """Ask what moved, of just the sides that are about to be written."""
    pages = [each for each in updates if each.side is Side.NOTION]
    if pages:
        _refresh_pages(bench, entity)
        _lost_targets(bench, pages)
    for seat in bench.seats:
        ids = [each.link.record_id for each in updates if each.side is Side.SERVICE and _is_of(each, seat)]
        if ids:
            _refresh_records(bench, seat, ids)


def _lost_targets(bench: Bench, updates: list[Update]) -> None:
    """Before related rows are put back: are they still there? One in the trash was not taken away by anybody."""
    lost: dict[Entity, set[str]] = {}
    for update in updates:
        for name, write in update.fields.items():
            target = fields_of(_entity_of(bench, update))[name].target
            if target is not None and target in bench.hub and write.cause is Cause.RESTORED:
                lost.setdefault(target, set()).update(members(write.after) - members(write.before))
    for entity, page_ids in lost.items():
        look_for(bench, entity, page_ids)


def _entity_of(bench: Bench, update: Update) -> Entity:
    return next(seat.stream.entity for seat in bench.seats if _is_of(update, seat))


def _is_of(update: Update, seat: Seat) -> bool:
    return (update.link.service, update.link.stream) == (seat.stream.service, seat.stream.name)


def _refresh_pages(bench: Bench, entity: Entity) -> None:
    hub = bench.hub[entity]
    since = bench.fresh_at.get(entity, bench.run_start)
    with bench.blame(None):
        for batch in hub.read(since - HUB_OVERLAP):
            bench.fresh_at[entity] = max(bench.fresh_at.get(entity, batch.as_of), batch.as_of)
            with bench.state.transaction():
                for page in batch.records:
                    bench.state.store_page(entity, page, batch.as_of)


def _refresh_records(bench: Bench, seat: Seat, ids: list[str]) -> None:
    if seat.stream.derived:
        return  # what its sources said was merged as they were read; asked again it would be whoever comes first
    with bench.blame(seat.stream):
        found = seat.replica.fetch(ids)
    with bench.state.transaction():
        for record_id, record in found.items():
            if isinstance(record, Record):
                bench.state.store_record(seat.stream, record, seat.replica.server_time())
            elif record is Gone.HIDDEN:
                bench.hidden.add(seat.stream.line(record_id))
            else:
                record_gone(bench, seat.stream, record_id)


def apply(bench: Bench, row: Row, plan: Plan) -> None:
    """One row's plan: the page first, then each record; what stays behind is reported and remembered."""
    _report_waits(bench, row, plan)
    rebases = {change.link.id: change for change in plan if isinstance(change, Rebase)}
    update = next((each for each in plan if isinstance(each, Update) and each.side is Side.NOTION), None)
    failed: set[str] = set()
    if update is not None or (row.parties and bench.state.line_due(row.page.id)):
        written = update_page(bench, row, update, rebases)
        if written is None:
            return
        failed = set(update.fields) - written if update is not None else set()
    _agree(bench, rebases, set(update.fields) if update is not None else set())
    for change in plan:
        if isinstance(change, Update) and change.side is Side.SERVICE:
            _push(bench, row, change, failed)
    _rest(bench, row)


def _agree(bench: Bench, rebases: dict[int, Rebase], written: set[str]) -> None:
    with bench.state.transaction():
        for link_id, rebase in rebases.items():
            bench.state.agree(link_id, {name: both for name, both in rebase.fields.items() if name not in written})


def _push(bench: Bench, row: Row, update: Update, failed: set[str]) -> None:
    fields = {name: write for name, write in update.fields.items() if name not in failed}
    seat = bench.seat(update.link.service, update.link.stream)
    party = next(each for each in row.parties if each.link.id == update.link.id)
    if fields and seat is not None:
        update_record(bench, seat, party, Update(update.side, update.link, fields, update.mails))


def _rest(bench: Bench, row: Row) -> None:
    now = row_of(bench, row.page.id)
    with bench.state.transaction():
        for party in now.parties if now is not None else ():
            mirror = bench.state.record(party.stream, party.link.record_id)
            pending = mirror is None or seen_record(bench, party.stream, mirror)[1]
            if now is not None and not pending and at_rest(party, now.page.values):
                bench.state.rest(party.link.id)


# ------------------------------------------------------------------------------------------------------ problems


def _report_waits(bench: Bench, row: Row, plan: Plan) -> None:
    waiting: dict[int, set[str]] = {party.link.id: set() for party in row.parties}
    for change in plan:
        match change:
            case Conflict(link, name):
                _report_conflict(bench, row, change)
                if change.winner is None:
                    waiting[link.id].add(name)
            case Wait(link=link, field=name) if link is not None and name is not None:
                _report(bench, change, Topic(change.stream, link.record_id, link.page_id, name))
                waiting[link.id].add(name)
            case _:
                pass
    writes = {change.link.id for change in plan if isinstance(change, Update)}
    for party in row.parties:
        tried = party.link.id in writes or bench.state.line_due(row.page.id)
        keep = waiting[party.link.id] | {MARK} | ({""} if tried else set())
        bench.state.close_problems(Topic(party.stream, party.link.record_id, party.link.page_id), keep)


def _report_conflict(bench: Bench, row: Row, change: Conflict) -> None:
    stream = next(party.stream for party in row.parties if party.link.id == change.link.id)
    bench.report.of(stream).conflicts += 1
    if change.winner is None:
        question = Wait(
            HoldKind.CONFLICT, stream, f"{change.field} was changed on both sides", change.link, change.field,
            service=change.service, notion=change.notion,
        )  # fmt: skip
        topic = Topic(stream, change.link.record_id, change.link.page_id, change.field)
        _report(bench, question, topic, forced=change.forced)
    if bench.dry_run:
        pair = (to_json(change.service), to_json(change.notion))
        winner = change.winner.value if change.winner else None
        side = change.winner or Side.NOTION
        entry = plan_entry(
            stream, "conflict", side, change.link.record_id, change.link.page_id, {change.field: pair}, winner=winner
        )
        bench.report.plan.append(entry)


def _report(bench: Bench, wait: Wait, topic: Topic, *, forced: bool = False) -> None:
    bench.met.add(topic.key())
    bench.state.report_problem(
        topic, wait.kind, wait.reason, bench.now(), service=wait.service, notion=wait.notion, forced=forced
    )


def _show(bench: Bench, seat: Seat, action: str, side: Side, record_id: str, page_id: str) -> None:
    if bench.dry_run:
        bench.report.plan.append(plan_entry(seat.stream, action, side, record_id, page_id, {}))
