"""What an earlier run left in the journal, settled before anything else is done."""

from dataclasses import replace
from datetime import timedelta

from higherself_sync.bench import Bench, Seat, seen_record
from higherself_sync.core.record import (
    Draft,
    Marks,
    Record,
    Replica,
    Stream,
    fields_of,
    from_json,
)
from higherself_sync.departures import settle_archive, settle_restore
from higherself_sync.execute import page_created, record_created
from higherself_sync.journal import read_back
from higherself_sync.outcome import (
    ambiguous,
)
from higherself_sync.state import Intent, Topic

SETTLE = timedelta(seconds=60)  # ENGINE 19: a lagging query would double what is sent again sooner


def recover(bench: Bench) -> None:
    """Settle what an earlier run left in the journal, before anything else is done."""
    for intent in bench.state.intents():
        seat = bench.seat(intent.service, intent.stream)
        if seat is None:
            continue  # that service does not take part in this run
        hub = bench.hub[seat.stream.entity]
        match intent.op:
            case "update_page":
                read_back(bench, intent, hub, None, intent.page_id)
            case "update_record":
                read_back(bench, intent, seat.replica, seat.stream, intent.record_id)
            case "archive_page" | "archive_record":
                settle_archive(bench, seat, intent)
            case "restore_page" | "restore_record":
                settle_restore(bench, seat, intent)
            case "create_page":
                _recover_create(bench, seat, intent, hub, None)
            case _:
                _recover_create(bench, seat, intent, seat.replica, seat.stream)


def _recover_create(bench: Bench, seat: Seat, intent: Intent, replica: Replica, side: Stream | None) -> None:
    stream = seat.stream
    if _linked_meanwhile(bench, stream, intent):
        with bench.state.transaction():
            bench.state.close_intent(intent.id)
            bench.state.close_problems(_topic(stream, intent))
        return
    draft = _draft(stream, intent)
    with bench.blame(side):
        found = replica.find_created(draft, intent.since)
    topic = _topic(stream, intent)
    if found is None and replica.server_time() - intent.since < SETTLE:
        ambiguous(bench, topic, draft.values)
    elif found is None:
        with bench.state.transaction():
            bench.state.close_intent(intent.id)
            bench.state.close_problems(topic)
    else:
        _adopt_created(bench, seat, intent, draft, found, side)


def _topic(stream: Stream, intent: Intent) -> Topic:
    return Topic(stream, intent.record_id) if intent.op == "create_page" else Topic(stream, page_id=intent.page_id)


def _linked_meanwhile(bench: Bench, stream: Stream, intent: Intent) -> bool:
    """Whether the two sides found each other in another way since: by their key, or by a person's hand."""
    if intent.op == "create_page":
        return bench.state.link(stream, intent.record_id) is not None
    links = bench.state.links_of_page(intent.page_id)
    return any((each.service, each.stream) == (stream.service, stream.name) for each in links)


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
