"""Reading all sides, side by side, into the mirrors (ENGINE 3): whole or what changed, and the trash of Notion.

What fails takes its streams out of the run; what was not stored is read again by the next one.
"""

import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from higherself_sync.bench import HUB_OVERLAP, Bench, Down
from higherself_sync.cast import Cast, Progress, Request
from higherself_sync.core.record import Batch, Entity, Gone, Record, Replica, Stream, fields_of
from higherself_sync.errors import HsnError
from higherself_sync.outcome import record_gone
from higherself_sync.state import State

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Source:
    """One thing to be read whole: a database, or one stream of a service."""

    name: str
    entity: Entity
    replica: Replica
    stream: Stream | None
    people: Stream | None
    overlap: timedelta
    incremental: bool


def read_everything(bench: Bench, cast: Cast, request: Request) -> None:
    """Read all sides, side by side, and store what they said. A side that fails takes its streams out of the run."""
    sources = _sources(bench, cast)
    readers = {source.name: _reader(bench.state, source, cast, request) for source in sources}
    by_name = {source.name: source for source in sources}
    begun: dict[str, tuple[datetime, bool]] = {}
    count = 0
    for name, outcome in _side_by_side(readers, threads=cast.side_by_side):
        source = by_name[name]
        match outcome:
            case HsnError():
                _read_failed(bench, source, outcome)
            case (Batch() as batch, bool() as full):
                begun.setdefault(name, (batch.as_of, full))
                if not _is_in(bench, source):
                    continue
                if source.stream is None:  # each database by its own clock, not by that of the slowest source
                    bench.fresh_at.setdefault(source.entity, batch.as_of)
                _store(bench, source, batch)
                count += len(batch.records)
                cast.progress(Progress("reading", count))
            case None if _is_in(bench, source):
                _read_to_the_end(bench, source, begun.get(name), cast.cache)
            case None:
                pass  # not everything was stored: the next run reads it again
    _distrust_relations(bench)
    starts = [as_of for as_of, _ in begun.values()]
    bench.run_start = max(starts, default=bench.run_start)


def _is_in(bench: Bench, source: _Source) -> bool:
    """Whether it still takes part: its service, or the database that it needs, may have left the run meanwhile."""
    return source.stream is None or source.stream in [seat.stream for seat in bench.seats]


def _sources(bench: Bench, cast: Cast) -> list[_Source]:
    used = dict.fromkeys(seat.stream.entity for seat in bench.seats)
    hub = [_Source(f"notion:{each.value}", each, cast.hub[each], None, None, HUB_OVERLAP, True) for each in used]
    derived = {seat.stream.service: seat.stream for seat in bench.seats if seat.stream.derived}
    services = [
        _Source(
            f"{seat.stream.service}:{seat.stream.name}",
            seat.stream.entity,
            seat.replica,
            seat.stream,
            derived.get(seat.stream.service),
            timedelta(seconds=seat.stream.overlap),
            seat.stream.modified_since or seat.stream.window is not None,
        )
        for seat in bench.seats
        if not seat.stream.derived
    ]
    return [*hub, *services]


def _reader(state: State, source: _Source, cast: Cast, request: Request) -> Iterator[tuple[Batch, bool]]:
    cursor = state.cursor(source.name)
    due = cursor is None or cursor[1] is None or cursor[0] - cursor[1] >= cast.full_every
    whole = request.full or not source.incremental or due
    since = None if whole or cursor is None else cursor[0] - source.overlap
    return ((batch, since is None) for batch in source.replica.read(since))


_Outcome: TypeAlias = "tuple[Batch, bool] | HsnError | None"


def _side_by_side(
    readers: Mapping[str, Iterator[tuple[Batch, bool]]], *, threads: bool
) -> Iterator[tuple[str, _Outcome]]:
    """Batches as they come; None when a reader has come to its end, its error when it failed."""
    if not threads:
        for name, reader in readers.items():
            while (outcome := _next(reader)) is not None:
                yield name, outcome
                if isinstance(outcome, HsnError):
                    break
            else:
                yield name, None
        return
    with ThreadPoolExecutor(max(1, len(readers)), "read") as pool:
        waiting: dict[Future[_Outcome], str] = {pool.submit(_next, reader): name for name, reader in readers.items()}
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                name, outcome = waiting.pop(future), future.result()
                yield name, outcome
                if isinstance(outcome, tuple):
                    waiting[pool.submit(_next, readers[name])] = name


def _next(reader: Iterator[tuple[Batch, bool]]) -> _Outcome:
    try:
        return next(reader, None)
    except HsnError as error:
        return error


def _read_failed(bench: Bench, source: _Source, error: HsnError) -> None:
    """A service that cannot be read leaves the run; a database takes along the streams that need it."""
    if source.stream is not None:
        bench.leave(Down(source.stream, error))
        return
    bench.lose(source.entity, error)


def _store(bench: Bench, source: _Source, batch: Batch) -> None:
    side = "notion" if source.stream is None else "service"
    for each in bench.report.streams:
        if each.stream is source.stream or (source.stream is None and each.stream.entity is source.entity):
            each.read[side] += len(batch.records)
    with bench.state.transaction():
        for record in batch.records:
            if source.stream is None:
                bench.state.store_page(source.entity, record, batch.as_of)
            else:
                _store_record(bench, source, source.stream, record, batch.as_of)


def _store_record(bench: Bench, source: _Source, stream: Stream, record: Record, as_of: datetime) -> None:
    if record.trashed:
        record_gone(bench, stream, record.id)  # with the values it had: what it says of itself there is of no account
        return
    former = bench.state.people_of(stream, record.id, Entity.CLIENTS) if source.people is not None else {}
    bench.state.store_record(stream, record, as_of)
    if source.people is not None:
        for person in record.people:
            bench.state.store_person(source.people, person, record, former.get(person.id), as_of)
        bench.state.store_people(stream, record)


def _read_to_the_end(
    bench: Bench, source: _Source, begun: tuple[datetime, bool] | None, cache: Mapping[str, str]
) -> None:
    """ENGINE 3: the cursor is the server's time at the start of the read, committed once everything is stored."""
    if begun is None:
        return
    as_of, full = begun
    with bench.state.transaction():
        bench.state.set_cursor(source.name, as_of)
        bench.state.save_cache(dict(cache))  # a copy: other readers are still adding to it
    bench.complete[source.name] = full


def look_into_the_trash(bench: Bench, cast: Cast) -> None:
    """A row that a person trashed leaves the query; a search shows it sooner than the next sweep (ENGINE 29).

    It lags, so it proves nothing of a row that is known: that one is asked. On a new state it also tells of rows whose
    records hold no marker themselves (ENGINE 12); then all of it is gone through.
    """
    new = {entity for entity in cast.hub if not bench.state.names_checked(entity)}
    try:
        for answer in cast.trash():
            news = [_trashed(bench, cast, entity, page, new) for entity, page in answer]
            if not new and not any(news):
                return
    except HsnError as error:
        logger.warning("the trash was not looked into: %s", error.message, extra={"service": "notion"})


def _trashed(bench: Bench, cast: Cast, entity: Entity, page: Record, new: set[Entity]) -> bool:
    """Whether this was news."""
    known = bench.state.page(page.id)
    if known is None and (entity in new or _is_of_nobody(bench, page)):
        bench.state.store_page(entity, page, bench.run_start)
        return True
    if known is None or known.record.trashed or entity in bench.unreadable:
        return False
    if cast.hub[entity].fetch([page.id])[page.id] in (Gone.TRASHED, Gone.MOVED):
        bench.state.set_trashed(page.id)
        return True
    return False


def _is_of_nobody(bench: Bench, page: Record) -> bool:
    """It names a record that has no row: made by a run that died, perhaps, and trashed before it was ever read."""
    lines = [line for line in page.marks.lines if line.count(":") >= 2]
    return any(bench.state.page_of_line(line) is None for line in lines)


def _distrust_relations(bench: Bench) -> None:
    """Relations to rows that cannot be read look empty (ENGINE 25): those rows are read whole again in the next run."""
    for entity in bench.hub:
        if any(each.target in bench.unreadable for each in fields_of(entity).values()):
            with bench.state.transaction():
                bench.state.forget_cursor(f"notion:{entity.value}")
