"""Which record is which row (ENGINE 12 to 16, 20), decided from facts that the state looked up, before any write.

A marker counts only if the other side does not contradict it; a natural key serves only what nothing else claims. What
cannot be told is reported and left: two rows are a nuisance, two people in one row are a harm.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from higherself_sync.core.plan import Adopt, Create, HoldKind, Link, Policy, Wait
from higherself_sync.core.record import Draft, Entity, Gone, Kind, Marks, Record, Side, Stream, Values, fields_of


@dataclass(frozen=True, slots=True)
class PageFact:
    """A page as identity sees it. `linked`: record ids of *this* stream linked to it."""

    page: Record
    linked: frozenset[str] = frozenset()

    def owners(self, stream: Stream) -> frozenset[str]:
        """The records of the stream that are linked to it, or named in its External ID."""
        prefix = stream.line("")
        return self.linked | {line.removeprefix(prefix) for line in self.page.marks.lines if line.startswith(prefix)}


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that bears on who one unlinked record is.

    `claims`: live pages whose External ID names the record. `named`: the page that the record's own marker names, or
    why it is not there, or None where it has no marker. `keyed`: live pages with its natural key. `rivals`: other
    unlinked records of the same stream with that key. `former`: the link of the derived person it used to be.
    `tombstone`: a person put its page into the trash, so it is not made again (ENGINE 12). `fellows`: other records of
    the same stream that carry the same marker. `gone`: whether all records of the stream that the one row with its key
    belongs to are proved gone (ENGINE 16), and `predecessor` the link that one of them has left behind. `decision`:
    what a person said when asked about this record: it is the row `suggested` (notion), or shall have one of its own.
    """

    claims: tuple[PageFact, ...] = ()
    named: PageFact | Gone | None = None
    keyed: tuple[PageFact, ...] = ()
    rivals: frozenset[str] = frozenset()
    former: Link | None = None
    tombstone: bool = False
    fellows: frozenset[str] = frozenset()
    gone: bool = False
    predecessor: Link | None = None
    decision: Side | None = None
    suggested: str | None = None


def identify(stream: Stream, record: Record, facts: Facts, policy: Policy) -> Adopt | Create | Wait | None:
    """What is to be done about a record without a link; None: nothing in this run.

    A question (Wait) has the row that a person may say it is, if there is just one, as its `notion`.
    """
    found = _identified(stream, record, facts, policy)
    return replace(found, notion=facts.suggested) if isinstance(found, Wait) else found


def _identified(stream: Stream, record: Record, facts: Facts, policy: Policy) -> Adopt | Create | Wait | None:
    free = [fact for fact in facts.claims if not fact.linked]
    if facts.decision is Side.SERVICE:
        return _create_page(stream, record) if policy.pull else None
    if facts.decision is Side.NOTION and facts.suggested is not None:
        return Adopt(stream, record.id, facts.suggested, "decision")
    if facts.claims:
        return _by_marker(stream, record, facts, free)
    if facts.tombstone:
        return None
    if isinstance(facts.named, Gone):
        return _unsure(stream, record, "its Notion page cannot be found: deleted for good, or no longer shared", "")
    if isinstance(facts.named, PageFact) and _does_not_contradict(stream, facts.named, record):
        return _by_its_own_marker(stream, record, facts.named.page, facts.fellows)
    if facts.former is not None:
        return Adopt(stream, record.id, facts.former.page_id, "registration", moves=facts.former.id)
    keyed = [fact for fact in facts.keyed if _could_be(stream, fact)]
    if keyed:
        return _by_key(stream, record, keyed, facts)
    if facts.rivals and stream.entity is not Entity.APPOINTMENTS:  # one person may well book an hour twice
        return _unsure(stream, record, f"{len(facts.rivals) + 1} records share one {key_name(stream)}", "")
    return _create_page(stream, record) if policy.pull else None


def _by_marker(stream: Stream, record: Record, facts: Facts, free: list[PageFact]) -> Adopt | Wait | None:
    named = facts.named.page.id if isinstance(facts.named, PageFact) else None
    if any(fact.page.id == named for fact in free):
        return Adopt(stream, record.id, str(named), "marker")
    if len(free) == 1 and len(facts.claims) == 1:
        return Adopt(stream, record.id, free[0].page.id, "marker")
    return _unsure(stream, record, "several rows carry its External ID", free[0].page.id if free else "")


def _does_not_contradict(stream: Stream, fact: PageFact, record: Record) -> bool:
    """The row that a record's marker names has no record of that stream, or just this one."""
    return fact.owners(stream) <= {record.id}


def _by_its_own_marker(stream: Stream, record: Record, page: Record, fellows: frozenset[str]) -> Adopt | Wait:
    """A row that was made in Notion, and the state lost before External ID was written: doubling it would be worse."""
    if fellows:
        return _unsure(stream, record, "several records carry the notion_page_id of one row", page.id)
    return Adopt(stream, record.id, page.id, "marker")


def _by_key(stream: Stream, record: Record, keyed: list[PageFact], facts: Facts) -> Adopt | Wait:
    page = keyed[0].page
    if len(keyed) == 1 and facts.gone and not facts.rivals:
        moves = facts.predecessor.id if facts.predecessor is not None else None
        return Adopt(stream, record.id, page.id, "recreation", moves=moves)
    if len(keyed) > 1 or facts.rivals:
        return _unsure(stream, record, f"several rows or records share one {key_name(stream)}", page.id)
    if keyed[0].owners(stream):
        return _unsure(stream, record, f"its {key_name(stream)} belongs to the row of another record", page.id)
    if stream.entity is Entity.CLIENTS and not share_a_word(_title(stream, record), _title(stream, page)):
        return _unsure(stream, record, "the row with its e-mail has a wholly different name", page.id)
    return Adopt(stream, record.id, page.id, "key")


def _could_be(stream: Stream, fact: PageFact) -> bool:
    """Only Clients are shared between services: another service's order with the same number is another order."""
    if stream.entity is Entity.APPOINTMENTS:  # several sessions may begin at once: only a row that is nobody's
        return not fact.page.marks.lines and not fact.linked
    return stream.entity is Entity.CLIENTS or bool(fact.owners(stream)) or not fact.page.marks.lines


def _create_page(stream: Stream, record: Record) -> Create:
    marks = Marks(lines=(stream.line(record.id),), sources=frozenset({stream.service}))
    return Create(Side.NOTION, stream, record, Draft(record.values, marks))


def from_notion(
    page: Record,
    streams: Mapping[str, tuple[Stream, Policy]],
    now: datetime,
    quiet: timedelta,
    linked: frozenset[str] = frozenset(),
) -> list[Create | Wait]:
    """Rows that a person made for a service: `Source` names it, and no record of it was ever linked (ENGINE 20).

    `streams`: per service name the stream that new rows of this entity go to. `linked`: services that the row is linked
    to already, whether or not External ID says so yet.
    """
    found: list[Create | Wait] = []
    for service in sorted((page.marks.sources & streams.keys()) - linked):
        stream, policy = streams[service]
        if any(line.startswith(f"{service}:") for line in page.marks.lines):
            continue
        if not policy.push or (page.modified is not None and page.modified + quiet > now):
            continue
        found.append(_create_record(stream, policy, page))
    return found


def _create_record(stream: Stream, policy: Policy, page: Record) -> Create | Wait:
    place = f"services.{stream.service}.streams.{stream.name}"
    if not policy.create:
        return _row_waits(stream, page, f"to let hsn make {stream.name} there, set create = true in [{place}]")
    missing = [name for name in stream.required if page.values.get(name) in (None, frozenset())]
    if missing:
        titles = ", ".join(fields_of(stream.entity)[name].title for name in missing)
        return _row_waits(stream, page, f"{stream.service} needs: {titles}; fill it in")
    values = {name: value for name, value in page.values.items() if _sent(stream, name) and value is not None}
    for name, value in values.items():
        options = stream.fields[name].options
        if options is not None and value not in options:
            title = fields_of(stream.entity)[name].title
            return _row_waits(stream, page, f"{title}: {stream.service} takes none but {', '.join(sorted(options))}")
    if stream.create_mails and not policy.mails:
        return _row_waits(stream, page, f"this makes {stream.service} mail the person; set mails = true in [{place}]")
    return Create(Side.SERVICE, stream, page, Draft(values, Marks(page_id=page.id)), stream.create_mails)


def _sent(stream: Stream, name: str) -> bool:
    return name in stream.fields and stream.fields[name].writable


def _row_waits(stream: Stream, page: Record, reason: str) -> Wait:
    return Wait(HoldKind.SET_ASIDE, stream, reason, page_id=page.id)


def _unsure(stream: Stream, record: Record, reason: str, page_id: str) -> Wait:
    remedy = f"write {stream.line(record.id)} into External ID of the row it belongs to"
    return Wait(HoldKind.AMBIGUOUS, stream, f"{reason}; {remedy}", record_id=record.id, page_id=page_id or None)


def share_a_word(one: str | None, other: str | None) -> bool:
    """Whether two names have a word in common, ignoring case; an empty name contradicts nobody."""
    first, second = (set(re.findall(r"\w+", (name or "").casefold())) for name in (one, other))
    return not first or not second or bool(first & second)


def _title(stream: Stream, record: Record) -> str | None:
    title = next(each.name for each in fields_of(stream.entity).values() if each.kind is Kind.TITLE)
    value = record.values.get(title)
    return value if isinstance(value, str) else None


def key_name(stream: Stream) -> str:
    """What records of the stream and rows are told by, in a person's words."""
    names = {Entity.CLIENTS: "e-mail", Entity.PRODUCTS: "SKU", Entity.ORDERS: "order number"}
    return names.get(stream.entity, "start and e-mail")


def born(stream: Stream, values: Values) -> Values:
    """The values a new page gets: what the stream maps and is not empty."""
    return {name: value for name, value in values.items() if name in stream.fields and value not in (None, frozenset())}
