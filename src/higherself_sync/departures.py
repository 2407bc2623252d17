"""Deletions: suspects, proof, the limit, and what follows on the other side (ENGINE 21 to 24).

What is proved gone is noted on the mirror first, so a run that is killed, refused or not allowed to write loses nothing
of it: the work is every link awake of which a side is gone. It comes last, after everything else of the run.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from higherself_sync.bench import Bench, Down, Seat, absent_targets, page_marks, seen_record, sides_of
from higherself_sync.core.deletion import DELETED, Departure, emptied_too_often, follow, page_edited, record_edited
from higherself_sync.core.plan import Archive, Asleep, Cause, Conflict, Forget, HoldKind, Link
from higherself_sync.core.record import Entity, Gone, Record, Side, Stream, fields_of
from higherself_sync.errors import Absent, Refused, Unanswered, Unreachable, Unsafe
from higherself_sync.journal import intend_move
from higherself_sync.outcome import HIDDEN, page_looked_up, planned, record_gone, set_aside, told, waits
from higherself_sync.state import Intent, Topic

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)
LEFT_OUT = 10  # a listing that leaves out more records that are there, and more than a tenth of all, was no whole one
ONCE = "once"  # the fingerprint of a removal: it is always the same write


# ------------------------------------------------------------------------------------------------------ suspects


def recall_missing(bench: Bench) -> None:
    """Pages that answered 404 before: one that this run has read is found, the others are still not to be seen.

    Before a person's decision is done the page is asked for once more: it may have been shared again.
    """
    for problem in [each for each in bench.state.problems() if each.field == HIDDEN]:
        page = bench.state.page(problem.page_id)
        if page is None or page.seen == bench.run or page.record.trashed:
            with bench.state.transaction():
                bench.state.drop_problem(problem.id)
            continue
        found: Record | Gone = Gone.HIDDEN
        if problem.decision and page.entity not in bench.unreadable:
            with bench.blame(None):
                found = bench.hub[page.entity].fetch([problem.page_id])[problem.page_id]
        with bench.state.transaction():
            page_looked_up(bench, page.entity, problem.page_id, found)
            if found is not Gone.HIDDEN:
                bench.state.drop_problem(problem.id)


def prove_pages(bench: Bench, entity: Entity) -> None:
    """After a complete read of a database: what became of the rows that it did not show (ENGINE 22).

    Raises Unreachable where the read was not complete after all.
    """
    suspects, alive = bench.state.unseen_pages(entity), 0
    for page_id in suspects:
        with bench.blame(None):
            found = bench.hub[entity].fetch([page_id])[page_id]
        with bench.state.transaction():
            page_looked_up(bench, entity, page_id, found)
        alive += isinstance(found, Record)
        if alive > _unlikely(bench.state.count_pages(entity)):
            raise _left_out(f"notion {entity.value}", alive)
    with bench.state.transaction():
        bench.state.forget_unseen_pages(entity)


def prove_records(bench: Bench, seat: Seat) -> None:
    """After a complete read of a stream: what became of the linked records that it did not show (ENGINE 22)."""
    suspects = [each for each in bench.state.unseen_records(seat.stream) if _covered(bench, seat, each)]
    with bench.blame(seat.stream):
        found = seat.replica.fetch(suspects) if suspects else {}
    with bench.state.transaction():
        for record_id, record in found.items():
            if isinstance(record, Record):
                bench.state.store_record(seat.stream, record, bench.run_start)
            elif record is not Gone.HIDDEN:
                record_gone(bench, seat.stream, record_id)
        for record_id in bench.state.unseen_strangers(seat.stream):
            if _covered(bench, seat, record_id):  # whatever became of it, it matches nothing now
                bench.state.forget_record(seat.stream, record_id)
    alive = sum(isinstance(each, Record) and seat.replica.covers(each) for each in found.values())
    if alive > _unlikely(bench.state.count_links(seat.stream)):
        raise Down(seat.stream, _left_out(f"services.{seat.stream.service} {seat.stream.name}", alive))


def _unlikely(links: int) -> int:
    """More that are there and were not listed than any change made meanwhile would explain."""
    return max(LEFT_OUT, links // LEFT_OUT)


def _covered(bench: Bench, seat: Seat, record_id: str) -> bool:
    mirror = bench.state.record(seat.stream, record_id)
    return mirror is not None and seat.replica.covers(mirror.record)


def _left_out(place: str, alive: int) -> Unreachable:
    remedy = "nothing was deleted; run again, and if it stays so, look at what stands before the service"
    return Unreachable(f"the listing left out at least {alive} records that are there", place=place, remedy=remedy)


# -------------------------------------------------------------------------------------------------- what follows


def carry(bench: Bench, seat: Seat, *, force: bool) -> None:
    """Let the other side of each departed link follow, as the stream's policy and the limit allow."""
    changes = [(change, departure) for change, departure in _changes(bench, seat) if change is not None]
    archives = [change for change, _ in changes if isinstance(change, Archive)]
    refused = not force and _over_the_limit(bench, seat, archives)
    cause = Cause.FORCED if force else Cause.DELETED
    for change, departure in changes:
        match change:
            case Archive():
                if not refused:
                    _archive(bench, seat, change, cause)
            case Forget():
                _forget(bench, seat, change, departure)
            case Conflict():
                _ask(bench, seat, change)
    for page_id in bench.state.sources_due(seat.stream):
        _take_out_of_source(bench, seat, page_id)


def _changes(bench: Bench, seat: Seat) -> list[tuple[Archive | Forget | Conflict | None, Departure]]:
    found = []
    for link, page_gone, record_gone_ in bench.state.departed(seat.stream):
        departure = _departure(bench, seat, link, page_gone=page_gone, both=page_gone and record_gone_)
        found.append((follow(departure, seat.policy), departure))
    return found


def _departure(bench: Bench, seat: Seat, link: Link, *, page_gone: bool, both: bool) -> Departure:
    stream, page = seat.stream, bench.state.page(link.page_id)
    mirror = bench.state.record(stream, link.record_id)
    assert page is not None
    assert mirror is not None
    record, _ = seen_record(bench, stream, mirror)
    if page_gone:
        return Departure(link, stream, Side.NOTION, both, record_edited(link, stream, record.values))
    others = _others(bench, link)
    absent = absent_targets(bench, stream.entity, (page.record.values, *sides_of(link, record)))
    edited = page_edited(link, stream, page.record.values, record.values, absent)
    problem = bench.state.problem(Topic(stream, link.record_id, link.page_id, DELETED))
    decision = Side(problem.decision) if problem is not None and problem.decision else None
    return Departure(link, stream, Side.SERVICE, both, edited, bool(others), decision)


def _others(bench: Bench, link: Link) -> list[Link]:
    """The other links awake of the same page."""
    return [each for each in bench.state.links_of_page(link.page_id) if each.id != link.id and not each.asleep]


def _over_the_limit(bench: Bench, seat: Seat, archives: Sequence[Archive]) -> bool:
    """ENGINE 23. The stream's deletions are refused as a whole; each run says so until a person decides."""
    stream, links = seat.stream, bench.state.count_links(seat.stream)
    allowed = seat.policy.max_delete.allowed(links)
    done = bench.state.deleted_since(stream, bench.now() - DAY, Cause.DELETED.value)
    if not archives or len(archives) + done <= allowed:
        return False
    earlier = f" ({done} were carried over in the last 24 hours)" if done else ""
    bench.report.of(stream).error = Unsafe(
        f"{len(archives)} of {links} are gone on one side{earlier}, more than the {allowed} that may follow in a day",
        place=f"services.{stream.service} {stream.name}",
        remedy="look at what is gone; if that is right, run once with --force, else bring it back",
    )
    return True


def _archive(bench: Bench, seat: Seat, change: Archive, cause: Cause) -> None:
    """Put the other side into its trash, which a person can undo."""
    stream, link, state = seat.stream, change.link, bench.state
    topic = Topic(stream, link.record_id, link.page_id)
    if waits(bench, topic, ONCE):
        return
    planned(bench, stream, "archive", change.side, link.record_id, link.page_id, {})
    on_page = change.side is Side.NOTION
    intent = intend_move(bench, "archive_page" if on_page else "archive_record", topic, cause)
    try:
        with bench.blame(None if on_page else stream):
            target = (bench.hub[stream.entity], link.page_id) if on_page else (seat.replica, link.record_id)
            answer = target[0].archive(target[1])
    except Refused as error:
        with state.transaction():
            state.close_intent(intent.id)
            set_aside(bench, topic, error, ONCE)
        return
    except Unanswered as error:
        if not settle_archive(bench, seat, intent):
            with state.transaction():  # it may fail at this one every time, and must not be tried in every run
                set_aside(bench, topic, error, ONCE)
        return
    except Absent as error:
        archived(bench, seat, link, change.side, cause, intent.id, gone=error.gone)
        return
    archived(bench, seat, link, change.side, cause, intent.id, answer=answer)


def archived(
    bench: Bench, seat: Seat, link: Link, side: Side, cause: Cause, intent: int, *, answer: Record | None = None,
    gone: Gone = Gone.TRASHED,
) -> None:  # fmt: skip
    """It lies in the trash by our hand, so it comes back when its other side does; what was gone already does not."""
    state, stream = bench.state, seat.stream
    topic = Topic(stream, link.record_id, link.page_id, "*")
    with state.transaction():
        if side is Side.NOTION:
            if answer is not None:
                page = state.page(link.page_id)
                kept = answer if page is None else replace(page.record, trashed=True, modified=answer.modified)
                state.store_page(stream.entity, kept, bench.run_start, {})
            elif gone is not Gone.HIDDEN:
                state.set_trashed(link.page_id)
        else:
            record_gone(bench, stream, link.record_id)
        if answer is not None or gone is not Gone.HIDDEN:
            state.sleep(link.id, "record" if side is Side.NOTION else "page", followed=answer is not None)
        if answer is not None:
            state.log(bench.run, bench.now(), topic, side, stream.line(link.record_id), None, cause.value)
            bench.report.of(stream).archive(side, link.id)
        state.close_problems(replace(topic, field=""))
        state.close_intent(intent)
    told(bench, replace(topic, field=""), f"put into the trash of {'notion' if side is Side.NOTION else 'the service'}")


def settle_archive(bench: Bench, seat: Seat, intent: Intent) -> bool:
    """A way into the trash that got no answer: what lies there now went by it, what does not is looked at anew."""
    found = _as_it_is(bench, seat, intent)
    link = bench.state.link(seat.stream, intent.record_id)
    if found is Gone.TRASHED and link is not None and not link.asleep:
        on_page = intent.op == "archive_page"
        answer = Record(link.page_id if on_page else link.record_id, {}, trashed=True)
        cause = Cause(intent.payload.get("cause", Cause.DELETED))  # an earlier hsn did not write it down
        archived(bench, seat, link, Side.NOTION if on_page else Side.SERVICE, cause, intent.id, answer=answer)
        return True
    with bench.state.transaction():
        bench.state.close_intent(intent.id)
    return False


def _as_it_is(bench: Bench, seat: Seat, intent: Intent) -> Record | Gone:
    """What was moved into a trash, or out of it."""
    if intent.op.endswith("_page"):
        with bench.blame(None):
            return bench.hub[seat.stream.entity].fetch([intent.page_id])[intent.page_id]
    with bench.blame(seat.stream):
        return seat.replica.fetch([intent.record_id])[intent.record_id]


def _forget(bench: Bench, seat: Seat, change: Forget, departure: Departure) -> None:
    stream, link, state = seat.stream, change.link, bench.state
    topic = Topic(stream, link.record_id, link.page_id, "*")
    page = state.page(link.page_id)
    names = page is not None and not page.record.trashed and stream.service in page.record.marks.sources
    others = _others(bench, link)
    names = names and stream.service not in {each.service for each in others}
    planned(bench, stream, "forget", change.gone, link.record_id, link.page_id, {})
    with state.transaction():
        gone: Asleep = "page" if change.gone is Side.NOTION else "record"
        state.sleep(link.id, gone, line_due=gone == "record" and names)
        if departure.edited:
            state.log(bench.run, bench.now(), topic, change.gone, stream.line(link.record_id), None, change.reason)
        state.close_problems(replace(topic, field=""))
    told(bench, replace(topic, field=""), f"left as it is: {change.reason}")


def _ask(bench: Bench, seat: Seat, change: Conflict) -> None:
    topic = Topic(seat.stream, change.link.record_id, change.link.page_id, DELETED)
    reason = "its record is gone, and the row was edited since: keep notion keeps the row, keep service trashes it"
    bench.met.add(topic.key())
    bench.report.of(seat.stream).conflicts += 1
    bench.state.report_problem(topic, HoldKind.CONFLICT, reason, bench.now())
    planned(bench, seat.stream, "conflict", Side.NOTION, change.link.record_id, change.link.page_id, {})


def _take_out_of_source(bench: Bench, seat: Seat, page_id: str) -> None:
    """ENGINE 20: a record that is gone takes its name out of Source, once; a person may put it back."""
    entity, page = seat.stream.entity, bench.state.page(page_id)
    assert page is not None
    topic = Topic(seat.stream, page_id=page_id)
    if waits(bench, topic, ONCE):
        return
    try:
        with bench.blame(None):
            answer = bench.hub[entity].update(page.record, {}, page_marks(bench, page.record, entity))
    except (Refused, Unanswered) as error:  # still due
        with bench.state.transaction():
            set_aside(bench, topic, error, ONCE)
    except Absent as error:
        with bench.state.transaction():
            if error.gone is not Gone.HIDDEN:
                bench.state.set_trashed(page_id)
            bench.state.lines_written(page_id)
    else:
        with bench.state.transaction():
            bench.state.store_page(entity, answer, bench.run_start, {})
            bench.state.lines_written(page_id)
            bench.state.close_problem(topic)


# ------------------------------------------------------------------------------------------------------ coming back


def bring_back(bench: Bench, seat: Seat) -> None:
    """ENGINE 24: a record that returns gets its page back, and a page its record, where hsn had put it away."""
    for link in bench.state.returned(seat.stream):
        on_page = link.asleep == "record"
        if seat.policy.pull if on_page else seat.policy.push:
            _restore(bench, seat, link, on_page=on_page)


def _restore(bench: Bench, seat: Seat, link: Link, *, on_page: bool) -> None:
    stream, topic = seat.stream, Topic(seat.stream, link.record_id, link.page_id)
    side = Side.NOTION if on_page else Side.SERVICE
    if waits(bench, topic, ONCE):
        return
    if not on_page and not seat.policy.mails and _mails(link, stream):
        place = f"services.{stream.service}.streams.{stream.name}"
        set_aside(
            bench, topic, f"bringing it back may mail the customer; to allow that, set mails = true in [{place}]", ONCE
        )
        return
    planned(bench, stream, "update", side, link.record_id, link.page_id, {})
    base = {name: both.service for name, both in link.base.items()}
    intent = intend_move(bench, "restore_page" if on_page else "restore_record", topic, Cause.RETURNED)
    try:
        with bench.blame(None if on_page else stream):
            if on_page:
                answer = bench.hub[stream.entity].restore(link.page_id, {})
            else:
                answer = seat.replica.restore(link.record_id, base)
    except Refused as error:
        with bench.state.transaction():
            bench.state.close_intent(intent.id)
            set_aside(bench, topic, error, ONCE)
        return
    except Unanswered as error:
        if not settle_restore(bench, seat, intent):
            with bench.state.transaction():
                set_aside(bench, topic, error, ONCE)
        return
    except Absent:
        with bench.state.transaction():
            bench.state.close_intent(intent.id)
            bench.state.sleep(link.id, "page" if on_page else "record")
        return
    _came_back(bench, seat, link, side, answer, intent.id)


def settle_restore(bench: Bench, seat: Seat, intent: Intent) -> bool:
    """A way out of the trash that got no answer: what is there now came by it, what is not is done again."""
    found = _as_it_is(bench, seat, intent)
    link = bench.state.link(seat.stream, intent.record_id)
    if isinstance(found, Record) and link is not None:
        side = Side.NOTION if intent.op == "restore_page" else Side.SERVICE
        _came_back(bench, seat, link, side, found, intent.id)
        return True
    with bench.state.transaction():
        bench.state.close_intent(intent.id)
    return False


def _came_back(bench: Bench, seat: Seat, link: Link, side: Side, answer: Record, intent: int) -> None:
    stream, topic = seat.stream, Topic(seat.stream, link.record_id, link.page_id)
    with bench.state.transaction():
        if side is Side.NOTION:
            bench.state.store_page(stream.entity, answer, bench.run_start, {})
        else:
            bench.state.store_record(stream, answer, bench.run_start, {})
        line = stream.line(link.record_id)
        about = replace(topic, field="*")
        bench.state.log(bench.run, bench.now(), about, side, None, line, Cause.RETURNED.value)
        bench.state.close_problem(topic)
        bench.report.of(stream).count("updated", side, link.id)
        bench.state.close_intent(intent)
    told(bench, topic, "taken out of the trash again")


def _mails(link: Link, stream: Stream) -> bool:
    """Whether a value that the record had makes the service write to a person when it is set again."""
    return any(both.service in stream.fields[name].mails for name, both in link.base.items() if name in stream.fields)


# ------------------------------------------------------------------------------------------- fields emptied at once


def guard(bench: Bench, seat: Seat) -> Seat:
    """ENGINE 23: a field that was emptied on very many pages, or records, is not emptied on the other side."""
    stream = seat.stream
    allowed = seat.policy.max_delete.allowed(bench.state.count_links(stream))
    since, counts = bench.now() - DAY, {}
    for name in stream.fields:
        for side, other in ((Side.NOTION, Side.SERVICE), (Side.SERVICE, Side.NOTION)):
            if count := bench.state.emptied(stream, name, side.value):
                counts[side, name] = count + bench.state.cleared_since(stream, name, other.value, since)
    kept = emptied_too_often(counts, allowed)
    if kept:
        titles = fields_of(stream.entity)
        which = ", ".join(f"{titles[name].title} in {side.value} ({counts[side, name]})" for side, name in sorted(kept))
        bench.report.of(stream).error = Unsafe(
            f"emptied at once, which was not carried over: {which} (at most {allowed} in a day)",
            place=f"services.{stream.service} {stream.name}",
            remedy="if that is right, run once with --force, else fill them in again",
        )
    return replace(seat, policy=replace(seat.policy, kept=kept))
