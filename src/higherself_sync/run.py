"""One run, from top to bottom: read both sides, settle what an earlier run left open, then entity by entity.

`run` puts the parts together from a config; `story` is the run itself and knows no config, no clock and no network, so
that tests can give it replicas in memory and end it anywhere.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from higherself_sync import log
from higherself_sync.bench import Bench, Down
from higherself_sync.cast import Cast, Progress, Request
from higherself_sync.core.record import ORDER_OF_WORK, Entity
from higherself_sync.departures import bring_back, carry, guard, prove_pages, prove_records, recall_missing
from higherself_sync.errors import ConfigError, HsnError, Remade, Unreachable
from higherself_sync.reading import look_into_the_trash, read_everything
from higherself_sync.reconcile import reconcile
from higherself_sync.recover import recover
from higherself_sync.report import Report, StreamReport
from higherself_sync.row_checks import report_sources
from higherself_sync.state import Problem, RunLock, State

if TYPE_CHECKING:
    from higherself_sync.config import Config
    from higherself_sync.parts import Parts

logger = logging.getLogger(__name__)

SHOW_AGAIN = timedelta(days=1)  # ENGINE 9: an open question is named on stderr once a day


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

            def once() -> None:
                with closing(assemble(config, request, cache, progress)) as parts:
                    _recorded(state, parts, request, report, cache, config.state.keep_days)

            twice_at_most(once, report)
    finally:
        lock.release()


def twice_at_most(once: Callable[[], None], report: Report) -> None:
    """Columns that were made anew are met in the middle of a run; like any run that was cut short, it goes on anew."""
    try:
        once()
    except Remade as remade:
        logger.info("begins again: columns were made anew in %s", remade)
        report.streams, report.plan, report.notices = [], [], []
    else:
        return
    try:
        once()
    except Remade as remade:
        raise ConfigError(
            f"columns are deleted and made anew while this runs: {remade}",
            place="notion",
            remedy="run again when nobody changes the databases",
        ) from remade


def _kept(config: "Config", request: Request) -> State:
    """The state as it is. A dry run makes none, and a dry rebuild begins from nothing."""
    if not request.dry_run:
        return State(config.state.path)
    return State(":memory:") if request.rebuild else State.open_readonly(config.state.path)


def _recorded(
    state: State, parts: "Parts", request: Request, report: Report, cache: dict[str, str], keep_days: int
) -> None:
    _check_accounts(state, parts.cast.accounts)
    if (error := moved_databases(state, parts.hub.moved)) is not None:
        raise error
    with state.transaction():
        for entity, fields in parts.hub.renewed.items():
            state.forget_columns(entity, fields)
        for entity in parts.hub.moved:
            state.begin_database(entity)
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


def moved_databases(state: State, moved: Mapping[Entity, str]) -> ConfigError | None:
    """An entity whose rows are linked keeps its database: another one would stay empty. `moved`: the former ids."""
    linked = {entity: state.count_linked(entity) for entity in moved}
    names = [entity.value for entity, count in linked.items() if count]
    if not names:
        return None
    former = ", ".join(f'{entity.value} = "{moved[entity]}"' for entity, count in linked.items() if count)
    return ConfigError(
        f"another database than before, whose rows are linked to {sum(linked.values())} records",
        place=f"[notion.databases] {', '.join(names)}",
        remedy=f"put back what was there: {former}; or, to fill the databases that are named now, "
        "run: hsn sync --all --rebuild",
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
    _guarded(bench, lambda: recall_missing(bench))
    _guarded(bench, lambda: recover(bench))
    for entity in ORDER_OF_WORK:
        _guarded(bench, partial(_prove, bench, entity))
    for entity in ORDER_OF_WORK:
        _guarded(bench, partial(_reconcile, bench, entity, cast, _Counter(cast, entity, report), request))
    for entity in reversed(ORDER_OF_WORK):  # deletions come last, and what relates to others before those
        _guarded(bench, partial(_carry, bench, entity, request))
    report_sources(bench, cast)
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
            bench.lose(entity, error)
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
            bench.leave(down)
        else:
            return


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
                bench.state.set_names_checked(entity, bench.run_start)
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
    what = f" {problem.column}" if problem.column else ""
    choices = "|".join(problem.choices()) if problem.kind != "set_aside" else ""
    remedy = f"; settle it: hsn resolve {problem.id} --keep {choices}" if choices else ""
    return f"{problem.service}:{problem.stream}:{about}{what}: {problem.kind.value}: {problem.reason}{remedy}"
