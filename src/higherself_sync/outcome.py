"""What a write came to, remembered: taken, not taken, refused, unanswered, gone."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from higherself_sync.bench import Bench
from higherself_sync.core.plan import Agreed, Cause, HoldKind, Write
from higherself_sync.core.record import (
    Entity,
    Gone,
    Record,
    Side,
    Stream,
    Value,
    Values,
    empty,
    fields_of,
    natural_key,
    to_json,
)
from higherself_sync.errors import RecordError, Unanswered
from higherself_sync.report import plan_entry
from higherself_sync.state import Topic

logger = logging.getLogger(__name__)

MARK = "*mark"  # where a problem's field would stand: the back-link was refused
HIDDEN = "*hidden"  # where a problem's field would stand: the page answers 404, which proves nothing
NOT_FOUND = (
    "its Notion page cannot be found: deleted for good, or no longer shared with the integration; "
    "share it again, or keep notion to leave it so, keep service to make a new row"
)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=24)


def told(bench: Bench, topic: Topic, what: str, fields: Mapping[str, Write] | None = None) -> None:
    """One line in the log file for a change: ids, names of fields and why, and never a value."""
    if bench.dry_run:
        return
    # The id of a person found in other records is the person's e-mail address.
    ids = {"service_id": None if topic.stream.derived else topic.record_id or None, "page_id": topic.page_id or None}
    why = ", ".join(f"{name} ({each.cause.value})" for name, each in (fields or {}).items())
    extra = {"service": topic.stream.service, "stream": topic.stream.name, "ids": ids}
    logger.info("%s", f"{what}: {why}" if why else what, extra=extra)


def wrote(bench: Bench, topic: Topic, side: Side, write: Write) -> None:
    """A field was written: the log has it, and a restoration is remembered so that it is done but once."""
    bench.state.log(bench.run, bench.now(), topic, side, write.before, write.after, write.cause.value)
    if write.cause is Cause.RESTORED:
        bench.report.of(topic.stream).restored += 1
        bench.state.report_problem(
            topic, HoldKind.RESTORED, "put back once", bench.now(), service=write.after, notion=write.before,
            memory=True,
        )  # fmt: skip


def took(stream: Stream, name: str, one: Value, other: Value) -> bool:
    """Whether two values are the same to that service: equal, or equal in its own form."""
    same = stream.fields[name].same
    return one == other or (same is not None and one is not None and other is not None and same(one) == same(other))


def first_base(stream: Stream, record: Values, page: Values, sent: Values) -> dict[str, Agreed]:
    """Bases of what was sent and taken, and of what is the same on both sides. The rest is left to first contact."""
    base = {}
    for name, kind in ((name, each.kind) for name, each in fields_of(stream.entity).items() if name in stream.fields):
        left, right = record.get(name, empty(kind)), page.get(name, empty(kind))
        if left == right or (name in sent and took(stream, name, left, right)):
            base[name] = Agreed(left, right)
    return base


def silently_refused(bench: Bench, topic: Topic, record: Values, page: Values, sent: Values) -> None:
    """A create that was accepted but for some of its values: ENGINE 5."""
    for name in sent:
        left, right = record.get(name), page.get(name)
        if not isinstance(right, frozenset) and not took(topic.stream, name, left, right):
            not_taken(bench, replace(topic, field=name), left, right)


def not_taken(bench: Bench, topic: Topic, service: Value, notion: Value) -> None:
    """ENGINE 5: the base stays, both values are shown, and it is not sent again until a side changes."""
    reason = f"{topic.stream.service} did not take {topic.field} as it was sent"
    told(bench, topic, reason)
    bench.state.report_problem(
        topic, HoldKind.NOT_TAKEN, reason, bench.now(), service=service, notion=notion, tried=True
    )


def ambiguous(bench: Bench, topic: Topic, values: Values) -> None:
    """A create that got no answer and is not found: nothing is sent again until it must have become visible.

    Nor for another stream's record of the same key: it belongs to the row that may be there already.
    """
    bench.pending |= {topic.key(), _same_thing(topic, values)}
    bench.met.add(topic.key())
    reason = "a create got no answer; it is looked up again in the next run before anything is sent"
    told(bench, topic, reason)
    bench.state.report_problem(topic, HoldKind.AMBIGUOUS, reason, bench.now())


def set_aside(bench: Bench, topic: Topic, why: RecordError | str, fingerprint: str) -> None:
    """Keep a refused write out of the way, with growing waits; a changed record is tried at once."""
    reason = why if isinstance(why, str) else advice(why)
    bench.met.add(topic.key())
    now, old = bench.now(), bench.state.problem(topic)
    attempts = old.attempts if old else 0
    due = now + min(FIRST_WAIT * 2**attempts, LONGEST_WAIT)
    told(bench, topic, f"set aside, attempt {attempts + 1}: `hsn conflicts` tells why")  # the reason may quote values
    bench.state.report_problem(topic, HoldKind.SET_ASIDE, reason, now, due=due, fingerprint=fingerprint, tried=True)


def advice(error: RecordError) -> str:
    """What the other side said, and what to do about it."""
    usual = "correct it in the row or in the record: the next run tries again"
    if isinstance(error, Unanswered):
        usual = "it is tried again by itself"
    remedy = error.remedy or usual
    if error.message.endswith((".", "!", "?")):
        return f"{error.message} {remedy[0].upper()}{remedy[1:]}"
    return f"{error.message}; {remedy}"


def waits(bench: Bench, topic: Topic, fingerprint: str) -> bool:
    """Whether just this write was refused before and is not due yet."""
    old = bench.state.problem(topic)
    if old is None or old.kind is not HoldKind.SET_ASIDE or old.print != fingerprint:
        return False
    bench.met.add(topic.key())
    return old.due is not None and old.due > bench.now() and old.decision is None


def create_waits(bench: Bench, topic: Topic, values: Values) -> bool:
    return not bench.pending.isdisjoint({topic.key(), _same_thing(topic, values)}) or waits(
        bench, topic, fingerprint_of(values)
    )


def _same_thing(topic: Topic, values: Values) -> tuple[str, ...]:
    """What a record that is to become a row shares with those of other streams; a row's own is its topic alone."""
    key = natural_key(topic.stream.entity, values) if topic.record_id else None
    return (topic.stream.entity.value, key) if key is not None else topic.key()


def fingerprint_of(values: Values) -> str:
    body = json.dumps({name: to_json(value) for name, value in values.items()}, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def record_gone(bench: Bench, stream: Stream, record_id: str) -> None:
    """The record says that it is in the trash, or the service that there is none: what follows is `departures.py`'s."""
    mirror = bench.state.record(stream, record_id)
    if mirror is not None:
        bench.state.store_record(stream, replace(mirror.record, trashed=True), bench.run_start)


def cannot_be_found(bench: Bench, page_id: str) -> None:
    """A page answers 404. What a person chose is done; else it is asked, and nothing is written to it (ENGINE 22)."""
    bench.hidden.add(page_id)
    for link in bench.state.links_of_page(page_id):
        seat = bench.seat(link.service, link.stream)
        if seat is None or link.asleep:
            continue
        topic = Topic(seat.stream, link.record_id, page_id, HIDDEN)
        asked = bench.state.problem(topic)
        match asked.decision if asked is not None else None:
            case Side.NOTION:
                bench.state.set_trashed(page_id)
                bench.state.sleep(link.id, "page")
                bench.state.close_problem(topic)
            case Side.SERVICE:
                bench.state.unlink(link.id)
                bench.state.close_problem(topic)
            case _:
                bench.met.add(topic.key())
                bench.state.report_problem(topic, HoldKind.AMBIGUOUS, NOT_FOUND, bench.now())


def page_looked_up(bench: Bench, entity: Entity, page_id: str, found: Record | Gone) -> None:
    """Remember what a question for just this page came to. Only where it says so itself it is in the trash."""
    match found:
        case Record():
            bench.state.store_page(entity, found, bench.run_start)
        case Gone.HIDDEN:
            cannot_be_found(bench, page_id)
        case Gone.TRASHED | Gone.DELETED | Gone.MOVED:
            bench.state.set_trashed(page_id)


def foreign_marker(bench: Bench, stream: Stream, record: Record, page_id: str) -> None:
    """Say once that a back-link which hsn never wrote gives way to ours (INTERFACE section 3)."""
    if stream.marker and record.marks.page_id is not None and record.marks.page_id != page_id:
        bench.report.notices.append(
            f"{stream.line(record.id)}: its notion_page_id {record.marks.page_id} is not hsn's, or is that of the "
            "record it was copied from; it is replaced by that of its own row"
        )


def planned(
    bench: Bench, stream: Stream, action: str, side: Side, record_id: str | None, page_id: str | None,
    fields: Mapping[str, tuple[Value, Value]], **more: Any,
) -> None:  # fmt: skip
    if bench.dry_run:
        shown = {name: (to_json(before), to_json(after)) for name, (before, after) in fields.items()}
        extra = {key: value for key, value in more.items() if value}
        bench.report.plan.append(plan_entry(stream, action, side, record_id, page_id, shown, **extra))
