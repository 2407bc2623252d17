"""One run, from top to bottom: read both sides, settle what an earlier run left open, then entity by entity.

`run` puts the parts together from a config; `story` is the run itself and knows no config, no clock and no network, so
that tests can give it replicas in memory and end it anywhere.
"""

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from higherself_sync import log
from higherself_sync.bench import Bench, Down, Seat
from higherself_sync.core.record import ORDER_OF_WORK, Batch, Entity, Gone, Record, Replica, Stream, fields_of
from higherself_sync.departures import bring_back, carry, guard, prove_pages, prove_records
from higherself_sync.errors import ConfigError, HsnError, Unreachable
from higherself_sync.outcome import record_gone
from higherself_sync.reconcile import HUB_OVERLAP, reconcile
from higherself_sync.recover import recover
from higherself_sync.report import Report, StreamReport
from higherself_sync.state import Problem, RunLock, State

if TYPE_CHECKING:
    from higherself_sync.config import Config
    from higherself_sync.parts import Parts

logger = logging.getLogger(__name__)

Direction: TypeAlias = Literal["both", "pull", "push"]
SHOW_AGAIN = timedelta(days=1)  # ENGINE 9: an open question is named on stderr once a day


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. `services` empty: all of them."""

    direction: Direction = "both"
    services: tuple[str, ...] = ()
    dry_run: bool = False
    full: bool = False
    rebuild: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: records read while `total` is None, then rows and records worked through."""

    stage: str
    done: int
    total: int | None = None


@dataclass(slots=True)
class Cast:
    """Who takes part in a story: the streams with their policies and replicas in config order, and the databases.

    `names`: every service of the config, taking part or not. `accounts`: per service name the account it stands for.
    `trash`: rows that may lie in the trash, the last ones first: hints, an answer at a time. `cache`: what adapters
    keep from run to run; it is stored together with what was read, so that a run that is killed does not forget it.
    """

    seats: list[Seat]
    hub: Mapping[Entity, Replica]
    full_every: timedelta = timedelta(hours=24)
    quiet: timedelta = timedelta(minutes=2)
    side_by_side: bool = True
    progress: Callable[[Progress], None] = lambda _: None
    names: frozenset[str] = field(default_factory=frozenset)
    accounts: Mapping[str, str] = field(default_factory=dict)
    trash: Callable[[], Iterator[Sequence[tuple[Entity, Record]]]] = lambda: iter(())
    cache: Mapping[str, str] = field(default_factory=dict)


# ----------------------------------------------------------------------------------------------------- from a config


def run(config: "Config", request: Request, progress: Callable[[Progress], None]) -> Report:
    """Do one run. Raises ConfigError, Locked or Unreachable when it cannot start; everything else is in the report."""
    report = Report(secrets.token_hex(6), datetime.now(UTC), request.direction, request.dry_run)
    with log.during(report.run):
        try:
            _locked(config, request, progress, report)
        except HsnError as error:
            logger.error("the run cannot go on: %s: %s", error.place, error.message)
            raise
    return report


def _locked(config: "Config", request: Request, progress: Callable[[Progress], None], report: Report) -> None:
    from higherself_sync.parts import assemble

    lock = RunLock(config.state.path)
    lock.acquire(report.started)
    try:
        if request.rebuild and not request.dry_run:
            State.set_aside(config.state.path, report.started)
        with closing(_kept(config, request)) as kept:
            state = kept.copy() if request.dry_run else kept
            cache = state.load_cache()
            with closing(assemble(config, request, cache, progress)) as parts:
                _recorded(state, parts, request, report, cache, config.state.keep_days)
    finally:
        lock.release()


def _kept(config: "Config", request: Request) -> State:
    """The state as it is. A dry run makes none, and a dry rebuild begins from nothing."""
    if not request.dry_run:
        return State(config.state.path)
    return State(":memory:") if request.rebuild else State.open_readonly(config.state.path)


def _recorded(
    state: State, parts: "Parts", request: Request, report: Report, cache: dict[str, str], keep_days: int
) -> None:
    _check_accounts(state, parts.cast.accounts)
    with state.transaction():
        for entity, fields in parts.hub.renewed.items():
            state.forget_columns(entity, fields)
    state.begin_run(report.run, report.started, request.direction)
    try:
        story(state, parts.cast, request, report)
    finally:
        with state.transaction():
            state.save_cache(cache)
        report.requests, report.cost = parts.requests(), parts.cost()
    report.finished = datetime.now(UTC)
    with state.transaction():
        for each in report.streams:
            state.stream_ran(each.stream, report.finished, each.error is None)
        state.end_run(report.run, report.finished, report.exit_code)
        state.prune(report.finished - timedelta(days=keep_days))


def _check_accounts(state: State, accounts: Mapping[str, str]) -> None:
    """ENGINE 17: a service name stands for one account, and an account has one name. Anything else doubles records."""
    for name, account in accounts.items():
        known, former = state.account(name), state.service_of(account)
        if known is not None and known != account:
            raise ConfigError(
                f"the name stands for {known}, and the config now says {account}",
                place=f"[services.{name}]",
                remedy="give the other account a name of its own, or put the old address back; "
                "if the same shop has moved, run once with --rebuild",
            )
        if former not in (None, name):
            raise ConfigError(
                f"{account} has been synced under the name {former}",
                place=f"[services.{name}]",
                remedy=f"name it as before ([services.{former}]); renaming it would double its records",
            )


# ------------------------------------------------------------------------------------------------------- the story


def story(state: State, cast: Cast, request: Request, report: Report) -> None:
    """Read, settle, reconcile, report. What one side cannot do is in the report; the others are done."""
    report.streams = [StreamReport(seat.stream) for seat in cast.seats]
    logger.info("begins: %s%s", request.direction, ", a dry run" if request.dry_run else "")
    bench = Bench(report.run, state, cast.hub, list(cast.seats), report, report.started, request.dry_run)
    state.run = report.run
    if request.direction == "push":
        report.notices += [f"{name}: nothing to push, what it holds is read-only" for name in _read_only(cast)]
    read_everything(bench, cast, request)
    look_into_the_trash(bench, cast)
    _check_names(bench, cast)
    _guarded(bench, lambda: recover(bench))
    for entity in ORDER_OF_WORK:
        _guarded(bench, partial(_prove, bench, entity))
    for entity in ORDER_OF_WORK:
        _guarded(bench, partial(_reconcile, bench, entity, cast, _Counter(cast, entity, report), request))
    for entity in reversed(ORDER_OF_WORK):  # deletions come last, and what relates to others before those
        _guarded(bench, partial(_carry, bench, entity, request))
    _conclude(bench, cast)


def _read_only(cast: Cast) -> list[str]:
    """Services to which nothing can be written."""
    writable = {seat.stream.service for seat in cast.seats if seat.stream.update or seat.stream.create}
    return sorted({seat.stream.service for seat in cast.seats} - writable)


def _prove(bench: Bench, entity: Entity) -> None:
    """What complete reads did not show is asked for; only then the sweep is done, and counts as one."""
    if bench.complete.pop(name := f"notion:{entity.value}", False):
        try:
            prove_pages(bench, entity)
        except Unreachable as error:
            _database_failed(bench, entity, error)
            return
        bench.state.swept(name)
    for seat in [each for each in bench.seats if each.stream.entity is entity and not each.stream.derived]:
        full = bench.complete.pop(name := f"{seat.stream.service}:{seat.stream.name}", None)
        if full or (full is not None and seat.stream.window is not None):
            prove_records(bench, seat)
        if full:
            bench.state.swept(name)


def _reconcile(bench: Bench, entity: Entity, cast: Cast, tick: "_Counter", request: Request) -> None:
    seats = [seat for seat in bench.seats if seat.stream.entity is entity]
    for seat in seats:
        bring_back(bench, seat)
        if not request.force:
            bench.seats[bench.seats.index(seat)] = guard(bench, seat)
    if seats:
        reconcile(bench, entity, cast.quiet, tick)


def _carry(bench: Bench, entity: Entity, request: Request) -> None:
    for seat in [each for each in bench.seats if each.stream.entity is entity]:
        carry(bench, seat, force=request.force)


def _guarded(bench: Bench, work: Callable[[], None]) -> None:
    """Do it; a side that fails leaves the run with all its streams, and the rest is done again without it."""
    while bench.seats:
        try:
            work()
        except Down as down:
            _leave(bench, down)
        else:
            return


def _leave(bench: Bench, down: Down) -> None:
    logger.error("%s", down.error.message, extra={"service": down.stream.service if down.stream else "notion"})
    leaving = [seat for seat in bench.seats if down.stream is None or seat.stream.service == down.stream.service]
    for seat in leaving:
        bench.report.of(seat.stream).error = down.error
    bench.seats = [seat for seat in bench.seats if seat not in leaving]


def _check_names(bench: Bench, cast: Cast) -> None:
    """ENGINE 17: rows that name a service which the config does not know must not be made a second time.

    It is asked of each database once: when a state is new, or was lost. Later a service may well leave the config.
    Only then a name stands for its account: an address that gave nothing, or a wrong name, may be corrected.
    """
    new = [entity for entity in cast.hub if not bench.state.names_checked(entity)]
    unknown = bench.state.unknown_lines(cast.names or {seat.stream.service for seat in cast.seats}) if new else []
    if unknown:
        raise ConfigError(
            f"rows in Notion carry the External ID of {', '.join(unknown)}, which the config does not name",
            place="[services]",
            remedy=f"name the service as before ([services.{unknown[0]}]); renaming it would double its records",
        )
    with bench.state.transaction():
        for entity in new:
            if entity not in bench.unreadable:
                bench.state.set_names_checked(entity)
        for name in {seat.stream.service for seat in bench.seats if not bench.unreadable} & cast.accounts.keys():
            bench.state.set_account(name, cast.accounts[name])


class _Counter:
    """Tells the terminal how many rows of one entity are done."""

    def __init__(self, cast: Cast, entity: Entity, report: Report) -> None:
        self.cast, self.entity, self.done = cast, entity, 0
        self.total = max(
            (sum(each.read.values()) for each in report.streams if each.stream.entity is entity), default=0
        )

    def __call__(self) -> None:
        self.done += 1
        self.cast.progress(Progress(self.entity.value, self.done, max(self.total, self.done)))


def _conclude(bench: Bench, cast: Cast) -> None:
    state, report = bench.state, bench.report
    report.problems = [each for each in state.problems() if _takes_part(each, cast)]
    with state.transaction():
        for problem in report.problems:
            if problem.shown is None or bench.now() - problem.shown >= SHOW_AGAIN:
                report.news.append(_headline(problem))
                state.shown(problem.id, bench.now())
    for each in report.streams:
        mine = [p for p in report.problems if (p.service, p.stream) == (each.stream.service, each.stream.name)]
        each.set_aside = sum(p.kind.value == "set_aside" for p in mine)
        each.unchanged = max(0, state.count_links(each.stream) - len(each.touched))
        if bench.dry_run:
            each.pretended()
        counts = {name: getattr(each, name) for name in ("read", "created", "updated", "archived", "set_aside")}
        extra = {"service": each.stream.service, "stream": each.stream.name}
        logger.info("%s", ", ".join(f"{name} {count}" for name, count in counts.items()), extra=extra)
    logger.info("ends: exit code %d", report.exit_code)


def _takes_part(problem: Problem, cast: Cast) -> bool:
    """Whether a problem belongs to a stream of this run."""
    return any((s.stream.service, s.stream.name) == (problem.service, problem.stream) for s in cast.seats)


def _headline(problem: Problem) -> str:
    about = problem.record_id or f"row {problem.page_id}"
    what = f" {problem.field}" if problem.field else ""
    remedy = f"; settle it: hsn resolve {problem.id} --keep notion|service" if problem.kind != "set_aside" else ""
    return f"{problem.service}:{problem.stream}:{about}{what}: {problem.kind.value}: {problem.reason}{remedy}"


# --------------------------------------------------------------------------------------------------------- reading


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
        _leave(bench, Down(source.stream, error))
        return
    _database_failed(bench, source.entity, error)


def _database_failed(bench: Bench, entity: Entity, error: HsnError) -> None:
    logger.error("%s", error.message, extra={"service": "notion", "stream": entity.value})
    bench.unreadable.add(entity)
    for seat in [seat for seat in bench.seats if seat.stream.entity is entity]:
        bench.report.of(seat.stream).error = error
        bench.seats.remove(seat)


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
    if known is None and entity in new:
        bench.state.store_page(entity, page, bench.run_start)
        return True
    if known is None or known.record.trashed or entity in bench.unreadable:
        return False
    if cast.hub[entity].fetch([page.id])[page.id] is Gone.TRASHED:
        bench.state.set_trashed(page.id)
        return True
    return False


def _distrust_relations(bench: Bench) -> None:
    """Relations to rows that cannot be read look empty (ENGINE 25): those rows are read whole again in the next run."""
    for entity in bench.hub:
        if any(each.target in bench.unreadable for each in fields_of(entity).values()):
            with bench.state.transaction():
                bench.state.forget_cursor(f"notion:{entity.value}")
