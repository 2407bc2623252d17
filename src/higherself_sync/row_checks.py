"""What is wrong with rows as they stand: told, and left to a person, but for a marker line that somebody took out.

External ID and Source are hsn's own columns (ENGINE 18), and yet people type into them: to say whose a row is (ENGINE
13), to have a record made (ENGINE 20), or by mistake.
"""

from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches
from itertools import combinations

from higherself_sync.bench import Bench, Seat
from higherself_sync.cast import Cast
from higherself_sync.core.plan import HoldKind, Link
from higherself_sync.core.record import Entity, Stream
from higherself_sync.state import Topic

# Where a problem's field would stand:
LINES = "*lines"  # a marker line was taken out of External ID
TWO_ROWS = "*two rows"  # they have one e-mail
SOURCE = "*source "  # and the name in Source that nobody answers to

COPY = "the row is a copy of another: delete it, or empty its External ID to make it a row of its own"


# --------------------------------------------------------------------------------------------------- External ID


def report_copies(bench: Bench, entity: Entity) -> None:
    """ENGINE 15: Notion's "Duplicate" copies External ID too. The copy is named and left as it is."""
    for page_id, line in bench.state.copies(entity):
        seat, owner = _owner(bench, line)
        if seat is not None and owner not in (None, page_id):
            _tell(bench, Topic(seat.stream, page_id=page_id), HoldKind.AMBIGUOUS, COPY)


def report_strange_lines(bench: Bench, entity: Entity) -> None:
    """A line in a linked row, of a record that is another row's: whoever loses the state would meet it."""
    found: dict[tuple[str, str, str], tuple[Topic, list[str]]] = {}
    for page_id, line in bench.state.strange_lines(entity):
        seat, owner = _owner(bench, line)
        page = bench.state.page(owner) if owner not in (None, page_id) else None
        if seat is not None and page is not None and not page.record.trashed:
            topic = Topic(seat.stream, page_id=page_id)
            found.setdefault((seat.stream.service, seat.stream.name, page_id), (topic, []))[1].append(line)
    for topic, lines in found.values():
        reason = f"its External ID names {', '.join(lines)} too, which is another row's: take that line out"
        _tell(bench, topic, HoldKind.AMBIGUOUS, reason)


def _owner(bench: Bench, line: str) -> tuple[Seat | None, str | None]:
    """The stream that a marker line names, and the page that its record is linked to."""
    if line.count(":") < 2:
        return None, None
    service, name, _ = line.split(":", 2)
    return bench.seat(service, name), bench.state.page_of_line(line)


def put_lines_back(bench: Bench, entity: Entity) -> None:
    """Whose line was taken out of External ID gets it again, once: then it is left out and told, for no war's sake."""
    for problem in bench.state.problems():
        seat = bench.seat(problem.service, problem.stream)
        if problem.field == LINES and seat is not None and seat.stream.entity is entity:
            _close_if_there(bench, Topic(seat.stream, problem.record_id, problem.page_id, LINES))
    for link in bench.state.lines_taken_out(entity):
        seat = bench.seat(link.service, link.stream)
        if seat is None:
            continue
        topic = Topic(seat.stream, link.record_id, link.page_id, LINES)
        again = bench.state.remembers(topic)
        with bench.state.transaction():
            bench.state.set_line_due(link.id, due=not again)
            if again:
                line = seat.stream.line(link.record_id)
                reason = (
                    f"{line} was taken out of External ID again: write it back, without it a lost state doubles this"
                )
                _tell(bench, topic, HoldKind.SET_ASIDE, reason)
            else:
                bench.state.report_problem(topic, HoldKind.RESTORED, "put back once", bench.now(), memory=True)


def _close_if_there(bench: Bench, topic: Topic) -> None:
    page, link = bench.state.page(topic.page_id), bench.state.link(topic.stream, topic.record_id)
    linked = link is not None and link.page_id == topic.page_id and not link.asleep
    if page is None or not linked or topic.stream.line(topic.record_id) in page.record.marks.lines:
        bench.state.close_problem(topic)


# --------------------------------------------------------------------------------------------- one e-mail, two rows


def report_two_rows(bench: Bench, entity: Entity) -> None:
    """ENGINE 13: rows that came to have one e-mail are two people until somebody says more. Nothing is done."""
    groups = bench.state.pages_sharing_a_key(entity) if entity is Entity.CLIENTS else []
    asked = {each.page_id for each in bench.state.problems() if each.column == "email"} if groups else set()
    for pages in groups:
        links = [each for page_id in pages for each in bench.state.links_of_page(page_id) if not each.asleep]
        newest = max(links, key=lambda each: each.id)
        seat = bench.seat(newest.service, newest.stream)
        if seat is None or not asked.isdisjoint(pages) or not _could_be_one(links) or _were_told_apart(bench, links):
            continue
        topic = Topic(seat.stream, newest.record_id, field=TWO_ROWS)
        problem = bench.state.problem(topic)
        if problem is not None and problem.decision:
            told_apart(bench, topic)
            bench.state.close_problem(topic)
            continue
        reason = (
            f"two people: the rows {' and '.join(sorted(pages))} have one e-mail; correct it, or put the row into the "
            "trash that is too many; --keep either, and they stay two"
        )
        _tell(bench, topic, HoldKind.AMBIGUOUS, reason)


def _could_be_one(links: Collection[Link]) -> bool:
    """Two rows of which no stream has a record each. Of others somebody has said already that they are two."""
    streams: dict[str, set[tuple[str, str]]] = {}
    for each in links:
        streams.setdefault(each.page_id, set()).add((each.service, each.stream))
    return any(one.isdisjoint(other) for one, other in combinations(streams.values(), 2))


def told_apart(bench: Bench, topic: Topic) -> None:
    """A person has said that this record's row is one of its own, though another has its e-mail."""
    topic = replace(topic, page_id="", field=TWO_ROWS)
    bench.state.report_problem(topic, HoldKind.RESTORED, "told apart", bench.now(), memory=True)


def _were_told_apart(bench: Bench, links: Collection[Link]) -> bool:
    seats = [(bench.seat(each.service, each.stream), each.record_id) for each in links]
    return any(seat and bench.state.remembers(Topic(seat.stream, one, field=TWO_ROWS)) for seat, one in seats)


# --------------------------------------------------------------------------------------------------- Source


def report_sources(bench: Bench, cast: Cast) -> None:
    """ENGINE 20: a name in Source that makes nothing out of such a row is told, as long as it stands there.

    A word that is nothing like a service's name is told only in rows made since hsn keeps the database: a business may
    have had its own words there.
    """
    running = {seat.stream.service for seat in cast.seats}
    for entity in Entity:
        makers = {s.stream.service for s in cast.seats if s.stream.entity is entity and _makes(s)}
        absent = cast.names - running  # what those make is not known in this run
        for page_id, name in bench.state.unanswered_sources(entity, makers | absent):
            told = _source_of(bench, cast, entity, page_id, name)
            if told is not None:
                _tell(bench, Topic(told[0], page_id=page_id, field=f"{SOURCE}{name}"), HoldKind.SET_ASIDE, told[1])
    streams = {(seat.stream.service, seat.stream.name): seat.stream for seat in cast.seats}
    for problem in bench.state.problems():
        stream = streams.get((problem.service, problem.stream))
        if problem.field.startswith(SOURCE) and stream is not None:
            topic = Topic(stream, problem.record_id, problem.page_id, problem.field)
            if topic.key() not in bench.met:
                bench.state.close_problem(topic)


def _makes(seat: Seat) -> bool:
    return seat.stream.create and seat.policy.writable


def _source_of(bench: Bench, cast: Cast, entity: Entity, page_id: str, name: str) -> tuple[Stream, str] | None:
    """Whose problem that name in Source is, and what to do about it; None: nobody's, or not yet."""
    page = bench.state.page(page_id)
    if page is None or (page.record.modified is not None and page.record.modified + cast.quiet > bench.now()):
        return None
    names = sorted(cast.names or {seat.stream.service for seat in cast.seats})
    if name in names:
        reason = f"Source names {name}, and no {entity.value} are made there out of rows: take it out of Source"
        return _stream_for(cast, entity, name), reason
    near = get_close_matches(name.casefold(), names, n=1)
    begun = bench.state.begun(entity)
    since = begun is not None and page.record.created is not None and page.record.created >= begun
    if not near and not since:
        return None
    remedy = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(names)}"
    known = near[0] if near and any(seat.stream.service == near[0] for seat in cast.seats) else ""
    return _stream_for(cast, entity, known), f"Source names `{name}`, which is no service: correct it; {remedy}"


def _stream_for(cast: Cast, entity: Entity, service: str) -> Stream:
    """Under which stream it is told: that service's, if it is known which, and of this database, if there is one."""
    mine = [seat.stream for seat in cast.seats if service in ("", seat.stream.service)]
    return next((each for each in mine if each.entity is entity), mine[0])


def _tell(bench: Bench, topic: Topic, kind: HoldKind, reason: str) -> None:
    bench.met.add(topic.key())
    bench.state.report_problem(topic, kind, reason, bench.now())
