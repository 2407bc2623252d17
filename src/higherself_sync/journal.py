"""Intents: committed before each write, closed with its answer, settled by content when no answer came (ENGINE 1, 9).

A write without an answer is read back at once. What cannot be told then stays here, and the next run settles it
before it does anything else.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from higherself_sync.bench import Bench
from higherself_sync.core.plan import Agreed, Cause, HoldKind, Write
from higherself_sync.core.record import (
    Draft,
    Gone,
    Record,
    Replica,
    Side,
    Stream,
    Values,
    empty,
    fields_of,
    from_json,
    to_json,
)
from higherself_sync.outcome import (
    record_gone,
    told,
    took,
    wrote,
)
from higherself_sync.state import Intent, Topic, moment, stamp


def intend_create(
    bench: Bench, op: str, stream: Stream, record_id: str, page_id: str, draft: Draft, replica: Replica
) -> Intent:
    values = {name: to_json(value) for name, value in draft.values.items()}
    marks = {"lines": draft.marks.lines, "sources": sorted(draft.marks.sources), "page_id": draft.marks.page_id}
    return _commit(bench, op, stream, record_id, page_id, {"values": values, "marks": marks}, replica.server_time())


def intend_update(
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


def intend_move(bench: Bench, op: str, topic: Topic, cause: Cause) -> Intent:
    """Into a trash, or out of it: the target says itself what came of it."""
    return _commit(bench, op, topic.stream, topic.record_id, topic.page_id, {"cause": cause.value}, bench.now())


def _commit(
    bench: Bench, op: str, stream: Stream, record_id: str, page_id: str, payload: Mapping[str, Any], since: datetime
) -> Intent:
    with bench.state.transaction():
        number = bench.state.intend(op, stream.service, stream.name, record_id, page_id, payload, since)
    return Intent(number, op, stream.service, stream.name, record_id, page_id, payload, since)


def read_back(bench: Bench, intent: Intent, replica: Replica, side: Stream | None, target: str) -> set[str] | None:
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
        link = bench.state.link(stream, intent.record_id)
        if written and link is not None:
            bench.report.of(stream).count("updated", Side.NOTION if on_page else Side.SERVICE, link.id)
    topic, side = Topic(stream, intent.record_id, intent.page_id), "notion" if on_page else "the service"
    told(bench, topic, f"read back in {side} after a lost answer", {name: sent[name] for name in sorted(written)})
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
    if gone is Gone.HIDDEN:
        return
    if on_page:
        bench.state.set_trashed(intent.page_id)
    else:
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
