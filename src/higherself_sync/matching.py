"""What is known of a record that has no row yet, gathered for `core.identity` to judge (ENGINE 11 to 16)."""

from collections.abc import Iterator
from uuid import UUID

from higherself_sync.bench import Bench, Seat, related_clients
from higherself_sync.core.identity import Facts, PageFact
from higherself_sync.core.plan import Link
from higherself_sync.core.record import Entity, Gone, Record, Side, Stream
from higherself_sync.outcome import record_gone
from higherself_sync.state import Topic


def unlinked(bench: Bench, seat: Seat) -> Iterator[Record]:
    """Records without a row of their own, a guest who has registered left out."""
    after = 0
    while found := bench.state.unlinked_records(seat.stream, after, 500):
        for _, record in found:
            if not _is_heir(bench, seat, record):
                yield record
        after = found[-1][0]


def _is_heir(bench: Bench, seat: Seat, record: Record) -> bool:
    """A guest who is a registered customer too is that customer: no record of its own (ENGINE 14)."""
    stream = seat.stream
    return stream.heir is not None and bool(bench.state.records_with_key(stream.service, stream.heir, record.id))


def facts_of(bench: Bench, seat: Seat, record: Record) -> Facts:
    """Asks a side only where the mirrors cannot tell. Raises bench.Down."""
    stream, state = seat.stream, bench.state
    claims = [each.record for each in state.pages_with_line(stream.entity, stream.line(record.id))]
    named = _named(bench, seat, record)
    if named is Gone.TRASHED or (claims and all(each.trashed for each in claims)):
        return Facts(tombstone=True)
    key = record.key if stream.keyed or stream.derived else None
    keyed = [_fact(bench, seat, each) for each in _with_key(bench, stream, key)] if key else []
    if key and not keyed:  # an alias speaks only for rows that this stream says nothing of
        former = [_fact(bench, seat, each.record) for each in state.pages_once_with_key(stream.entity, key)]
        keyed = [each for each in former if not each.linked]
    asked, suggested = state.problem(Topic(stream, record.id)), _suggested(keyed, claims)
    rivals = set(state.records_with_key(stream.service, stream.name, key)) if key else set()
    unlinked = frozenset(each for each in rivals - {record.id} if state.link(stream, each) is None)
    return Facts(
        tuple(_fact(bench, seat, each) for each in claims if not each.trashed),
        named,
        tuple(keyed),
        unlinked,
        _former(bench, seat, key),
        fellows=frozenset(_fellows(bench, seat, record)),
        decision=Side(asked.decision) if asked is not None and asked.decision else None,
        suggested=suggested.id if suggested is not None else None,
        gone=len(keyed) == 1 and _all_gone(bench, seat, keyed[0].owners(stream)),
        predecessor=next((link for fact in keyed for link in _links(bench, seat, fact.linked)), None),
    )


def _with_key(bench: Bench, stream: Stream, key: str) -> list[Record]:
    """Live rows with that natural key; a session's has the e-mail of its Client in it (ENGINE 13)."""
    if stream.entity is not Entity.APPOINTMENTS:
        return [each.record for each in bench.state.pages_with_key(stream.entity, key)]
    start, _, person = key.partition(" ")
    pages = [each.record for each in bench.state.pages_starting(start)]
    return [page for page in pages if person in [each.key for each in related_clients(bench, page, stream.entity)]]


def _suggested(keyed: list[PageFact], claims: list[Record]) -> Record | None:
    """The one live row that a person may say is this record's."""
    candidates = {each.id: each for each in (*claims, *(fact.page for fact in keyed)) if not each.trashed}
    return next(iter(candidates.values())) if len(candidates) == 1 else None


def _all_gone(bench: Bench, seat: Seat, owners: frozenset[str]) -> bool:
    """ENGINE 16: the records that have this key's row already; those not known to be there are asked for."""
    if not owners or seat.stream.derived:
        return False
    known = {each: bench.state.record(seat.stream, each) for each in owners}
    if any(mirror is not None and not mirror.record.trashed and mirror.seen == bench.run for mirror in known.values()):
        return False
    with bench.blame(seat.stream):
        found = seat.replica.fetch(sorted(owners))
    for record_id, record in found.items():
        if record in (Gone.TRASHED, Gone.DELETED):
            record_gone(bench, seat.stream, record_id)
    return all(record in (Gone.TRASHED, Gone.DELETED) for record in found.values())


def _links(bench: Bench, seat: Seat, record_ids: frozenset[str]) -> list[Link]:
    found = [bench.state.link(seat.stream, each) for each in sorted(record_ids)]
    return [each for each in found if each is not None]


def _fellows(bench: Bench, seat: Seat, record: Record) -> list[str]:
    marker = record.marks.page_id
    found = bench.state.records_with_marker(seat.stream, marker) if marker is not None else []
    return [each for each in found if each != record.id]


def _fact(bench: Bench, seat: Seat, page: Record) -> PageFact:
    links = bench.state.links_of_page(page.id)
    mine = {each.record_id for each in links if (each.service, each.stream) == (seat.stream.service, seat.stream.name)}
    return PageFact(page, frozenset(mine))


def _former(bench: Bench, seat: Seat, key: str | None) -> Link | None:
    """The link of the guest that a newly registered customer used to be."""
    for other in bench.seats:
        if key and other.stream.service == seat.stream.service and other.stream.heir == seat.stream.name:
            return bench.state.link(other.stream, key)
    return None


def _named(bench: Bench, seat: Seat, record: Record) -> PageFact | Gone | None:
    """The page that a record's own marker names. A marker that hsn never stamped is foreign (INTERFACE section 3)."""
    page_id = record.marks.page_id
    if page_id is None:
        return None
    try:
        page_id = str(UUID(page_id))
    except ValueError:
        return None
    known = bench.state.page(page_id)
    if known is None and record.marks.synced is not None:
        with bench.blame(None):
            found = bench.hub[seat.stream.entity].fetch([page_id])[page_id]
        if found is Gone.MOVED:
            return None  # the config names other databases than it did: that says nothing of a row of these (ENGINE 12)
        if isinstance(found, Gone):
            if found is Gone.TRASHED:
                bench.state.store_page(seat.stream.entity, Record(page_id, {}, trashed=True), bench.run_start)
            return found
        bench.state.store_page(seat.stream.entity, found, bench.run_start)
        return _fact(bench, seat, found)
    if known is None or known.entity is not seat.stream.entity:
        return None  # of a form that was sent out with the id of a client, say
    fact = _fact(bench, seat, known.record)
    if not known.record.trashed:
        return fact
    # A tombstone is that of one record; whatever was copied from it carries its marker too (ENGINE 15).
    return Gone.TRASHED if fact.owners(seat.stream) <= {record.id} else None
