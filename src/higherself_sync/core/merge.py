"""Three-way merge of one row with all its linked records, field by field (ENGINE 5, 8 to 11, 14, 25).

A row may have several links (one person in two services). For each field the links are folded over the page's value
in config order, each with its own base; the value that comes out is then written to whoever does not have it. So a page
gets one write however many links asked, and an edit in one service reaches the others in the same pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from higherself_sync.core.plan import (
    Agreed,
    Cause,
    Conflict,
    HoldKind,
    Party,
    Plan,
    Rebase,
    Row,
    Update,
    Wait,
    Write,
)
from higherself_sync.core.record import (
    MOST_RELATED,
    Ability,
    Kind,
    Side,
    Value,
    Values,
    email_key,
    empty,
    fields_of,
    members,
    one_number,
)

# ENGINE 11: a side modified this much after the last stamp was edited by somebody else.
STAMP_SLACK = timedelta(minutes=2)


@dataclass(slots=True)
class _Fold:
    """The page's value of one field while the links are folded over it.

    `follow` names the links whose record shall come to hold the value that comes out, and why; a link that is not in it
    keeps what it has. `waiting` says why for those that wait on a person.
    """

    name: str
    kind: Kind
    row: Row
    before: Value
    value: Value
    at: datetime | None
    cause: Cause = Cause.EDIT
    owner: Party | None = None
    follow: dict[int, Cause] = field(default_factory=dict)
    waiting: dict[int, Conflict | Wait] = field(default_factory=dict)
    settled: list[Conflict] = field(default_factory=list)

    def take(self, party: Party, value: Value, cause: Cause) -> None:
        """The record's value becomes the page's, where this run may write to Notion."""
        if party.policy.pull:
            self.value, self.owner, self.cause = value, party, cause
            self.at = party.times.get(self.name, party.record.modified)
            self.follow[party.link.id] = cause

    def give(self, party: Party, cause: Cause) -> None:
        """The page's value shall become the record's."""
        self.follow[party.link.id] = cause


def merge(row: Row) -> Plan:
    """The changes that bring a row and its records together, as this run's policies allow. Writes nothing."""
    kinds = {name: each.kind for party in row.parties for name, each in fields_of(party.stream.entity).items()}
    folds = [_fold(row, name, kind) for name, kind in kinds.items() if _parties(row, name)]
    return tuple(_changes(row, folds))


def _parties(row: Row, name: str) -> list[Party]:
    return [party for party in row.parties if name in party.stream.fields and name in party.record.values]


def _fold(row: Row, name: str, kind: Kind) -> _Fold:
    value = row.page.values.get(name, empty(kind))
    fold = _Fold(name, kind, row, value, value, row.times.get(name, row.page.modified))
    for party in _parties(row, name):
        (_fold_relation if kind is Kind.RELATION else _fold_value)(fold, party)
    return fold


# -------------------------------------------------------------------------------------------------- plain values


def _fold_value(fold: _Fold, party: Party) -> None:
    theirs = party.record.values[fold.name]
    base = party.link.base.get(fold.name)
    if _same(party, fold.name, theirs, fold.value):
        fold.give(party, Cause.EDIT)
    elif _emptied_too_often(fold, party, theirs, base):
        pass  # each side keeps what it has
    elif _drops_it(fold, party, theirs):
        fold.take(party, theirs, Cause.RESOLVED)
    elif _two_people(fold, party, theirs):
        _same_e_mail(fold, party, theirs)
    elif _not_taken(fold, party, theirs):
        reason = f"{party.link.service} did not take {fold.name} as it was sent"
        fold.waiting[party.link.id] = _wait(fold, party, HoldKind.NOT_TAKEN, reason)
    elif base is None and fold.kind is Kind.PHONE and one_number(theirs, fold.value):
        fold.give(party, Cause.FIRST_CONTACT)
    elif base is None:
        _first_contact(fold, party, theirs)
    else:
        _three_way(fold, party, theirs, base)


def _same_e_mail(fold: _Fold, party: Party, theirs: Value) -> None:
    decision = _decision(fold, party, theirs)
    if decision is not None:
        _settle(fold, party, theirs, decision, Cause.RESOLVED)
        return
    reason = "two people: another row has this e-mail; correct it on one side, or in the other row"
    fold.waiting[party.link.id] = _wait(fold, party, HoldKind.AMBIGUOUS, reason)


def _three_way(fold: _Fold, party: Party, theirs: Value, base: Agreed) -> None:
    record_changed = not _same(party, fold.name, theirs, base.service)
    page_changed = fold.value != base.notion
    if record_changed and page_changed:
        _both_changed(fold, party, theirs)
    elif record_changed:
        fold.take(party, theirs, Cause.EDIT)
    elif page_changed and _service_owned(fold, party):
        _put_back(fold, party, theirs)
    else:
        fold.give(party, Cause.EDIT)


def _both_changed(fold: _Fold, party: Party, theirs: Value) -> None:
    hold = party.holds.get(fold.name)
    forced = hold is not None and hold.forced
    if _service_owned(fold, party):
        fold.take(party, theirs, Cause.RESTORED)
    elif (decision := _decision(fold, party, theirs)) is not None:
        _settle(fold, party, theirs, decision, Cause.RESOLVED)
    elif forced or party.policy.conflict == "ask":
        fold.waiting[party.link.id] = Conflict(party.link, fold.name, theirs, fold.value, None, forced)
    else:
        _settle(fold, party, theirs, _winner(fold, party), Cause.POLICY)


def _winner(fold: _Fold, party: Party) -> Side:
    """ENGINE 8: the later minute wins; a tie or an unknown time is Notion's."""
    if party.policy.conflict in ("notion", "service"):
        return Side(party.policy.conflict)
    theirs, ours = _minute(party.times.get(fold.name, party.record.modified)), _minute(fold.at)
    return Side.SERVICE if theirs is not None and ours is not None and theirs > ours else Side.NOTION


def _minute(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(second=0, microsecond=0)


def _settle(fold: _Fold, party: Party, theirs: Value, winner: Side, cause: Cause) -> None:
    """Where the winner's way is closed in this run, both values stay as they are until it is open.

    A question that a person was asked, or has answered, stays with them.
    """
    if not (party.policy.pull if winner is Side.SERVICE else party.policy.push):
        hold = party.holds.get(fold.name)
        if hold is not None and hold.kind is HoldKind.CONFLICT:
            fold.waiting[party.link.id] = Conflict(party.link, fold.name, theirs, fold.value, None, hold.forced)
        return
    fold.settled.append(Conflict(party.link, fold.name, theirs, fold.value, winner))
    if winner is Side.SERVICE:
        fold.take(party, theirs, cause)
    else:
        fold.give(party, cause)


def _first_contact(fold: _Fold, party: Party, theirs: Value) -> None:
    """ENGINE 11 and 14: nobody remembers what the sides last agreed on."""
    if fold.value is None:
        fold.take(party, theirs, Cause.FIRST_CONTACT)
    elif theirs is None or party.stream.derived or _still_as_the_page_was(fold, party, theirs):
        fold.give(party, Cause.FIRST_CONTACT)
    elif not _writable(fold, party):
        fold.take(party, theirs, Cause.FIRST_CONTACT)
    elif (decision := _decision(fold, party, theirs)) is not None:
        _settle(fold, party, theirs, decision, Cause.RESOLVED)
    elif (edited := _edited_since_stamp(fold, party)) is not None:
        _settle(fold, party, theirs, edited, Cause.FIRST_CONTACT)
    elif party.policy.first_contact == "ask":
        fold.waiting[party.link.id] = Conflict(party.link, fold.name, theirs, fold.value, None)
    else:
        _settle(fold, party, theirs, Side(party.policy.first_contact), Cause.FIRST_CONTACT)


def _still_as_the_page_was(fold: _Fold, party: Party, theirs: Value) -> bool:
    """Another link has just brought an edit; this one holds what the page held before, and so has nothing to say."""
    return fold.owner is not None and _same(party, fold.name, theirs, fold.before)


def _edited_since_stamp(fold: _Fold, party: Party) -> Side | None:
    """The one side that was modified later than the last stamp; None for both, neither or unknown (ENGINE 11)."""
    page, record = fold.row.page, party.record
    other = fold.at if fold.owner is not None else page.modified
    stamps = [each for each in (page.marks.synced, record.marks.synced) if each is not None]
    if not stamps or other is None or record.modified is None:
        return None
    latest = max(stamps) + STAMP_SLACK
    match (record.modified > latest, other > latest):
        case (True, False):
            return Side.SERVICE
        case (False, True):
            return Side.NOTION
        case _:
            return None


def _put_back(fold: _Fold, party: Party, theirs: Value) -> None:
    """ENGINE 10: a service-owned field edited in Notion is put back once, unless another service says the same."""
    others = [other for other in _parties(fold.row, fold.name) if other is not party]
    if any(_same(other, fold.name, other.record.values[fold.name], fold.value) for other in others):
        fold.give(party, Cause.FAN_OUT)
    elif _restored_before(fold, party):
        reason = f"{fold.name} belongs to {party.link.service}: it was put back once and then changed again"
        fold.waiting[party.link.id] = _wait(fold, party, HoldKind.NOT_TAKEN, reason)
    else:
        fold.take(party, theirs, Cause.RESTORED)


# ----------------------------------------------------------------------------------------------------- relations


TOO_MANY = "{} related rows, and Notion takes no more than 100; relate them by hand there, all else goes on without"


def _fold_relation(fold: _Fold, party: Party) -> None:
    """Set by set, three-way per element: what a person added stays, what a person took away is put back once."""
    absent = fold.row.absent
    theirs, page = members(party.record.values[fold.name]) - absent, members(fold.value)
    base = party.link.base.get(fold.name)
    removed = (members(base.service) - absent - theirs) if base else frozenset()
    lost = (theirs & members(base.notion)) - page if base else frozenset()
    merged = (page - removed) | theirs
    if merged == page:
        fold.give(party, Cause.EDIT)
    elif len(merged) > MOST_RELATED:
        fold.waiting[party.link.id] = _wait(fold, party, HoldKind.SET_ASIDE, TOO_MANY.format(len(merged)))
    elif lost and _restored_before(fold, party):
        reason = f"{fold.name} belongs to {party.link.service}: a link was put back once and then taken away again"
        fold.waiting[party.link.id] = _wait(fold, party, HoldKind.NOT_TAKEN, reason)
    else:
        fold.take(party, merged, Cause.RESTORED if lost else Cause.EDIT if base else Cause.FIRST_CONTACT)


# --------------------------------------------------------------------------------------------- what comes of it


def _changes(row: Row, folds: list[_Fold]) -> Iterator[Conflict | Rebase | Update | Wait]:
    for fold in folds:
        yield from fold.settled
        yield from fold.waiting.values()
    written = {fold.name: fold for fold in folds if fold.owner is not None and fold.value != fold.before}
    owner = next((fold.owner for fold in written.values()), None)
    if owner is not None:
        fields = {name: Write(fold.before, fold.value, fold.cause, fold.at) for name, fold in written.items()}
        yield Update(Side.NOTION, owner.link, fields)
    for party in row.parties:
        yield from _for_party(party, [fold for fold in folds if party.link.id in fold.follow])


def _for_party(party: Party, folds: list[_Fold]) -> Iterator[Rebase | Update | Wait]:
    agreed: dict[str, Agreed] = {}
    pushed: dict[str, Write] = {}
    for fold in folds:
        match _part(party, fold):
            case Agreed() as both:
                agreed[fold.name] = both
            case Write() as write:
                pushed[fold.name] = write
            case Wait() as wait:
                yield wait
            case None:
                pass
    if agreed:
        yield Rebase(party.link, agreed)
    if pushed:
        mails = any(write.after in party.stream.fields[name].mails for name, write in pushed.items())
        yield Update(Side.SERVICE, party.link, pushed, mails)


def _part(party: Party, fold: _Fold) -> Agreed | Write | Wait | None:
    """What one link has to do so that its record goes with the folded value: nothing, remember, write, or wait."""
    theirs, base = party.record.values[fold.name], party.link.base.get(fold.name)
    both = _agreed_on(fold, theirs, base)
    if base == both:
        return None
    if fold.kind is Kind.RELATION or _same(party, fold.name, theirs, fold.value):
        return both
    if base is None and fold.kind is Kind.PHONE and one_number(theirs, fold.value):
        return both  # ENGINE 11: nobody edited it, two people wrote it in two ways
    if base is not None and fold.value == base.notion and _same(party, fold.name, theirs, base.service):
        return None  # at rest: a service that keeps its own form of the value
    if not _writable(fold, party):
        return both  # another service's value stands; this one cannot be told
    return _push(party, fold, theirs) if party.policy.push else None


def _agreed_on(fold: _Fold, theirs: Value, base: Agreed | None) -> Agreed:
    """Both values; of related rows that are not to be seen now it is remembered what was agreed on them before."""
    if fold.kind is not Kind.RELATION:
        return Agreed(theirs, fold.value)
    before, absent = base or Agreed(frozenset(), frozenset()), fold.row.absent
    return Agreed(
        members(theirs) - absent | members(before.service) & absent,
        members(fold.value) - absent | members(before.notion) & absent,
    )


def _push(party: Party, fold: _Fold, theirs: Value) -> Write | Wait:
    refusal = _refusal(party.stream.fields[fold.name], fold.value, party)
    if refusal is not None:
        return _wait(fold, party, HoldKind.SET_ASIDE, refusal)
    fanned_out = fold.owner is not None and fold.owner is not party
    return Write(theirs, fold.value, Cause.FAN_OUT if fanned_out else fold.follow[party.link.id], fold.at)


def _refusal(ability: Ability, value: Value, party: Party) -> str | None:
    """Why a value cannot be sent, in words that name the remedy; None when it can."""
    service = party.link.service
    if ability.options is not None and value not in ability.options:
        return f"{service} takes none but: {', '.join(sorted(ability.options))}; choose one of them"
    if value in ability.mails and not party.policy.mails:
        place = f"services.{service}.streams.{party.link.stream}"
        return f"this makes {service} mail the customer; to allow that, set mails = true in [{place}]"
    return None


# ------------------------------------------------------------------------------------------------------ questions


def _same(party: Party, name: str, one: Value, other: Value) -> bool:
    if one == other:
        return True
    normaliser = party.stream.fields[name].same
    return normaliser is not None and one is not None and other is not None and normaliser(one) == normaliser(other)


def _writable(fold: _Fold, party: Party) -> bool:
    return party.policy.writable and party.stream.fields[fold.name].writable and fold.name not in party.record.locked


def _service_owned(fold: _Fold, party: Party) -> bool:
    return not party.stream.derived and not _writable(fold, party)


def _not_taken(fold: _Fold, party: Party, theirs: Value) -> bool:
    """It was written and not taken, neither side has moved since, and nobody said to try once more (ENGINE 5)."""
    hold = party.holds.get(fold.name)
    if hold is None or hold.kind is not HoldKind.NOT_TAKEN or hold.decision is not None:
        return False
    return (hold.service, hold.notion) == (theirs, fold.value)


def _drops_it(fold: _Fold, party: Party, theirs: Value) -> bool:
    """A person gave up what the service refuses or does not take: its own value shall stand."""
    hold = party.holds.get(fold.name)
    refused = hold is not None and hold.kind in (HoldKind.NOT_TAKEN, HoldKind.SET_ASIDE)
    return refused and party.policy.pull and _decision(fold, party, theirs) is Side.SERVICE


def _two_people(fold: _Fold, party: Party, theirs: Value) -> bool:
    """ENGINE 13: an e-mail that is another row's is not carried over, in either direction."""
    if fold.name != "email" or party.stream.derived:
        return False
    return any(isinstance(each, str) and email_key(each) in fold.row.taken for each in (theirs, fold.value))


def _emptied_too_often(fold: _Fold, party: Party, theirs: Value, base: Agreed | None) -> bool:
    """ENGINE 23: the same field cleared on very many pages or records counts like as many deletions."""
    if base is None or not party.policy.kept:
        return False
    on_page = fold.value is None and base.notion is not None and (Side.NOTION, fold.name) in party.policy.kept
    in_record = theirs is None and base.service is not None and (Side.SERVICE, fold.name) in party.policy.kept
    return on_page or in_record


def _restored_before(fold: _Fold, party: Party) -> bool:
    hold = party.holds.get(fold.name)
    return hold is not None and hold.kind is HoldKind.RESTORED and hold.notion == fold.value


def _decision(fold: _Fold, party: Party, theirs: Value) -> Side | None:
    """What a person chose, as long as the values are those the person was shown."""
    hold = party.holds.get(fold.name)
    return hold.decision if hold is not None and (hold.service, hold.notion) == (theirs, fold.value) else None


def _wait(fold: _Fold, party: Party, kind: HoldKind, reason: str) -> Wait:
    return Wait(
        kind,
        party.stream,
        reason,
        link=party.link,
        field=fold.name,
        record_id=party.link.record_id,
        page_id=party.link.page_id,
        service=party.record.values[fold.name],
        notion=fold.value,
    )


def at_rest(party: Party, page: Values) -> bool:
    """Whether a link has nothing left to do: each field is, on both sides, what was last agreed on."""
    for name in party.stream.fields:
        if name not in party.record.values:
            continue
        base = party.link.base.get(name)
        if base is None or not _same(party, name, party.record.values[name], base.service):
            return False
        if page.get(name, base.notion) != base.notion:
            return False
    return True
