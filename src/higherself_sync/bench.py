"""What a run works with, and a row as planning wants to see it."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from higherself_sync.core.identity import born
from higherself_sync.core.plan import Link, Party, Policy, Row
from higherself_sync.core.record import (
    MOST_RELATED,
    Entity,
    Kind,
    MarkedReplica,
    Marks,
    Record,
    Replica,
    Stream,
    Values,
    fields_of,
    members,
    natural_key,
)
from higherself_sync.errors import HsnError, RecordError
from higherself_sync.report import Report
from higherself_sync.state import Mirror, State

logger = logging.getLogger(__name__)
HUB_OVERLAP = timedelta(minutes=2)  # Notion floors last_edited_time to the minute


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
    replica: MarkedReplica  # of a derived stream: the one it is found in; never written to


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
    met: set[tuple[str, ...]] = field(default_factory=set)  # problems that this run has come upon
    hidden: set[str] = field(default_factory=set)  # page ids, and lines of records, that could not be found in this run
    complete: dict[str, bool] = field(default_factory=dict)  # what was read to its end in this run, and whether whole
    unreadable: set[Entity] = field(default_factory=set)  # databases that could not be read in this run

    def now(self) -> datetime:
        return max(each.server_time() for each in self.hub.values())

    def seat(self, service: str, stream: str) -> Seat | None:
        return next((each for each in self.seats if (each.stream.service, each.stream.name) == (service, stream)), None)

    def leave(self, down: Down) -> None:
        """That service goes out of the run with all its streams; the hub with everybody's."""
        logger.error("%s", down.error.message, extra={"service": down.stream.service if down.stream else "notion"})
        leaving = [seat for seat in self.seats if down.stream is None or seat.stream.service == down.stream.service]
        self._dismiss(leaving, down.error)

    def lose(self, entity: Entity, error: HsnError) -> None:
        """That database goes out of the run, and with it the streams that need it."""
        logger.error("%s", error.message, extra={"service": "notion", "stream": entity.value})
        self.unreadable.add(entity)
        self._dismiss([seat for seat in self.seats if seat.stream.entity is entity], error)

    def _dismiss(self, leaving: list[Seat], error: HsnError) -> None:
        for seat in leaving:
            self.report.of(seat.stream).error = error
        self.seats = [seat for seat in self.seats if seat not in leaving]

    @contextmanager
    def blame(self, stream: Stream | None) -> Iterator[None]:
        """Trouble inside is this side's: a record's own trouble passes through."""
        try:
            yield
        except RecordError:
            raise
        except HsnError as error:
            raise Down(stream, error) from error


def seen_record(bench: Bench, stream: Stream, mirror: Mirror) -> tuple[Record, bool]:
    """The record with its relations as page ids, and whether some target has no page yet (ENGINE 25)."""
    values, pending = dict(mirror.record.values), False
    for name, each in fields_of(stream.entity).items():
        lines = values.get(name)
        if each.kind is Kind.RELATION and isinstance(lines, frozenset):
            pages = {line: page_of(bench, line) for line in lines}
            values[name] = frozenset(page for page in pages.values() if page is not None)
            pending = pending or any(page is None and not line.startswith("notion:") for line, page in pages.items())
    return replace(mirror.record, values=values), pending


def newborn(bench: Bench, stream: Stream, mirror: Mirror) -> Values:
    """What a row for this record is made with: not related to what is not to be seen, nor to more than Notion takes."""
    values = dict(seen_record(bench, stream, mirror)[0].values)
    absent = absent_targets(bench, stream.entity, [values])
    for name in [name for name, each in fields_of(stream.entity).items() if each.kind is Kind.RELATION]:
        targets = members(values.get(name)) - absent
        values[name] = targets if len(targets) <= MOST_RELATED else frozenset()
    return born(stream, values)


def page_of(bench: Bench, line: str) -> str | None:
    """The page of the record that a marker line names. A guest who has registered is the customer of that e-mail.

    A write that a dry run pretended came back as it was sent: with the pages themselves.
    """
    if ":" not in line:
        return line
    found = bench.state.page_of_line(line)
    service, name, record_id = line.split(":", 2)
    if service == "notion":  # a form that was sent out with the id of the row it is about
        page = bench.state.page(record_id)
        return None if page is None or page.record.trashed or page.entity.value != name else record_id
    seat = bench.seat(service, name)
    if found is None and seat is not None and seat.stream.heir is not None:
        for heir in bench.state.records_with_key(service, seat.stream.heir, record_id):
            found = found or bench.state.page_of_line(f"{service}:{seat.stream.heir}:{heir}")
    return found


def related_clients(bench: Bench, page: Record, entity: Entity) -> Iterator[Record]:
    """The Clients rows that a row is related to."""
    for name, each in fields_of(entity).items():
        if each.target is Entity.CLIENTS:
            for target in sorted(members(page.values.get(name))):
                client = bench.state.page(target)
                if client is not None and not client.record.trashed:
                    yield client.record


def row_of(bench: Bench, page_id: str) -> Row | None:
    """The page and those of its links that take part; None when the page is not there (any more)."""
    page = bench.state.page(page_id)
    if page is None or page.record.trashed or page_id in bench.hidden:
        return None
    parties = [party for party in (_party(bench, link) for link in bench.state.links_of_page(page_id)) if party]
    order = {id(seat.stream): place for place, seat in enumerate(bench.seats)}
    parties.sort(key=lambda party: order[id(party.stream)])
    sides = [page.record.values, *(side for party in parties for side in sides_of(party.link, party.record))]
    absent = absent_targets(bench, page.entity, sides)
    return Row(page.record, tuple(parties), page.times, absent, _taken(bench, page, parties))


def _party(bench: Bench, link: Link) -> Party | None:
    seat = bench.seat(link.service, link.stream)
    mirror = bench.state.record(seat.stream, link.record_id) if seat else None
    if seat is not None and seat.stream.line(link.record_id) in bench.hidden:
        return None
    if seat is None or mirror is None or mirror.record.trashed or link.asleep:
        return None
    record, _ = seen_record(bench, seat.stream, mirror)
    holds = bench.state.holds(seat.stream, link)
    return Party(link, seat.stream, record, seat.policy, mirror.times, holds)


def _taken(bench: Bench, page: Mirror, parties: Iterable[Party]) -> frozenset[str]:
    """E-mail keys in this row or its records that another row has: two people (ENGINE 13)."""
    if page.entity is not Entity.CLIENTS:
        return frozenset()
    found = {natural_key(page.entity, each.values) for each in (page.record, *(party.record for party in parties))}
    owners = {key: bench.state.pages_with_key(page.entity, key) for key in found if key is not None}
    return frozenset(key for key, pages in owners.items() if any(each.record.id != page.record.id for each in pages))


def absent_targets(bench: Bench, entity: Entity, sides: Iterable[Values]) -> frozenset[str]:
    """Of the rows that these values relate to those not to be seen: gone, or they or their database cannot be read."""
    kinds = {name: each.target for name, each in fields_of(entity).items() if each.kind is Kind.RELATION}
    related = {(target, database) for side in sides for name, database in kinds.items()
               for target in members(side.get(name))}  # fmt: skip
    hidden = {target for target, database in related if database in bench.unreadable or target in bench.hidden}
    known = bench.state.known_pages({target for target, _ in related})
    return frozenset({target for target, gone in known.items() if gone} | hidden)


def sides_of(link: Link, record: Record) -> Iterator[Values]:
    """What a record holds, and what was last agreed on with it."""
    yield record.values
    yield {name: both.service for name, both in link.base.items()}
    yield {name: both.notion for name, both in link.base.items()}


def page_marks(bench: Bench, page: Record, entity: Entity) -> Marks:
    """External ID, Source and Last Synced from all links, what is unknown kept (ENGINE 18)."""
    every = bench.state.links_of_page(page.id)
    links = [link for link in every if not link.asleep]
    alive, gone = {each.service for each in links}, {each.service for each in every if each.asleep == "record"}
    lines = dict.fromkeys([*page.marks.lines, *(f"{each.service}:{each.stream}:{each.record_id}" for each in links)])
    moved = {line for line in lines if _superseded(bench, line, page.id)}
    sources = (page.marks.sources - gone) | alive
    return Marks(tuple(each for each in lines if each not in moved), sources, None, bench.hub[entity].server_time())


def _superseded(bench: Bench, line: str, page_id: str) -> bool:
    """The line of a record whose link has moved on: from a guest to the customer, or to a record made anew."""
    service, _, rest = line.partition(":")
    name, _, record_id = rest.partition(":")
    seat = bench.seat(service, name)
    if seat is None or bench.state.link(seat.stream, record_id) is not None:
        return False
    if seat.stream.derived:
        return page_of(bench, line) == page_id
    old, links = bench.state.record(seat.stream, record_id), bench.state.links_of_page(page_id)
    successor = any((each.service, each.stream) == (service, name) for each in links)
    return old is not None and old.record.trashed and successor
