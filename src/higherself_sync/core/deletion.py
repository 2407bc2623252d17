"""What follows from one side being proved gone (ENGINE 21 to 24), decided for one link.

Nothing here proves anything: whoever calls has asked about that very page or record, and it said so itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from higherself_sync.core.plan import Archive, Conflict, Forget, Link, Policy
from higherself_sync.core.record import Entity, Side, Stream, Value, Values, empty, fields_of

DELETED = "*deleted"  # where a conflict's field would stand: one side is gone, the other was edited


@dataclass(frozen=True, slots=True)
class Departure:
    """One side of a link (`gone`) is gone.

    `other_gone`: so is the other one. `edited`: the side that is left has something that the gone one never got.
    `shared`: another live record is on the same page. `decision`: what a person chose to keep.
    """

    link: Link
    stream: Stream
    gone: Side
    other_gone: bool = False
    edited: bool = False
    shared: bool = False
    decision: Side | None = None


def follow(departure: Departure, policy: Policy) -> Archive | Forget | Conflict | None:
    """What to do about the other side; None: this run may not do it."""
    if departure.other_gone:
        return Forget(departure.link, departure.gone, "both sides are gone")
    match departure.gone:
        case Side.NOTION:
            return _after_the_page(departure, policy)
        case Side.SERVICE:
            return _after_the_record(departure, policy)
        case _:
            assert_never(departure.gone)


def _after_the_page(departure: Departure, policy: Policy) -> Archive | Forget | None:
    """A page in the trash is a tombstone. Its record follows only where that was asked for and can be undone."""
    link, stream = departure.link, departure.stream
    if policy.on_notion_delete == "keep" or not stream.archive or stream.entity is Entity.CLIENTS:
        return Forget(link, Side.NOTION, "its row is in the trash")
    if departure.edited:
        return Forget(link, Side.NOTION, "its row is in the trash, and the record was edited: it stays as it is")
    return Archive(Side.SERVICE, link) if policy.push and policy.writable else None


def _after_the_record(departure: Departure, policy: Policy) -> Archive | Forget | Conflict | None:
    link, entity = departure.link, departure.stream.entity
    if policy.on_service_delete == "keep" or entity is Entity.CLIENTS or departure.shared:
        return Forget(link, Side.SERVICE, "its record is gone")
    if departure.decision is Side.NOTION:
        return Forget(link, Side.SERVICE, "its record is gone, and the row is kept by decision")
    if departure.edited and departure.decision is None:
        return Conflict(link, DELETED, None, None, None)
    return Archive(Side.NOTION, link) if policy.pull else None


def page_edited(link: Link, stream: Stream, page: Values, record: Values, absent: frozenset[str]) -> bool:
    """Whether the page holds an edit that never reached the record."""
    kinds = {name: each.kind for name, each in fields_of(stream.entity).items()}
    for name in stream.fields:
        now, base = page.get(name, empty(kinds[name])), link.base.get(name)
        known = base.notion if base is not None else record.get(name)
        if _without(now, absent) != _without(known, absent) and (base is not None or now not in (None, frozenset())):
            return True
    return False


def record_edited(link: Link, stream: Stream, record: Values) -> bool:
    """Whether the record holds an edit that never reached the page."""
    for name, ability in stream.fields.items():
        base, same, value = link.base.get(name), ability.same, record.get(name)
        if base is None or value == base.service:
            continue
        if same is None or value is None or base.service is None or same(value) != same(base.service):
            return True
    return False


def _without(value: Value, absent: frozenset[str]) -> Value:
    return value - absent if isinstance(value, frozenset) else value


def emptied_too_often(counts: Mapping[tuple[Side, str], int], allowed: int) -> frozenset[tuple[Side, str]]:
    """ENGINE 23: the same field cleared on many pages counts like as many deletions."""
    return frozenset(each for each, count in counts.items() if count > allowed)
