"""The plan: what a run would change, as data. The closed union of changes, and what planning needs to know.

`merge.py` decides field by field for records that are linked, `identity.py` decides which record is which row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from higherself_sync.core.record import Draft, Record, Side, Stream, Value

ConflictPolicy: TypeAlias = Literal["newest", "notion", "service", "ask"]
FirstContact: TypeAlias = Literal["ask", "notion", "service"]
Direction: TypeAlias = Literal["both", "pull", "push"]
Asleep: TypeAlias = Literal["", "page", "record"]


class Cause(StrEnum):
    """Why a field is written; the log's word for it (ENGINE 28)."""

    CREATED = "created"
    EDIT = "edit"
    POLICY = "policy"
    RESTORED = "restored"
    FAN_OUT = "fan-out"
    FIRST_CONTACT = "first contact"
    RESOLVED = "resolved"
    DELETED = "deleted"
    FORCED = "deleted by force"
    RETURNED = "returned"


class HoldKind(StrEnum):
    """Why a field, or a whole record, waits."""

    CONFLICT = "conflict"  # a person has to choose
    NOT_TAKEN = "not_taken"  # written, and the other side kept something else
    SET_ASIDE = "set_aside"  # refused, or cannot be written as it is
    AMBIGUOUS = "ambiguous"  # which record is which cannot be told
    RESTORED = "restored"  # memory only: this edit was put back once already


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both sides of a field were when they last agreed, each in its own form."""

    service: Value
    notion: Value


@dataclass(frozen=True, slots=True)
class Hold:
    """What is remembered of a waiting field: the pair of values it waits on, and a person's decision.

    `forced`: an unanswered write left neither the old nor the intended value; no policy may guess (ENGINE 9).
    """

    kind: HoldKind
    service: Value
    notion: Value
    decision: Side | None = None
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """How many deletions of one stream may happen in a day: a share (0 to 1) of its links, or a number."""

    share: float | None = None
    number: int | None = None

    def allowed(self, links: int) -> int:
        """ENGINE 23: a share lets at least five through, or a small shop could delete nothing."""
        return self.number if self.number is not None else max(5, int(links * (self.share or 0)))


@dataclass(frozen=True, slots=True)
class Policy:
    """How one stream is to be treated in this run; the config's and the command's wishes combined.

    `pull`/`push`: whether this run may write to Notion / to the service. `writable`: whether the stream's own settings
    let it ever write to the service. `mails`: writes that make the service send mail to a person are wanted.
    `on_notion_delete`, `on_service_delete`: what follows when that side is gone (ENGINE 21), for at most `max_delete`
    of the stream's links in a day (ENGINE 23). `kept`: fields that were emptied on that side of too many links at once,
    which is not carried over.
    """

    conflict: ConflictPolicy = "newest"
    first_contact: FirstContact = "ask"
    pull: bool = True
    push: bool = True
    writable: bool = True
    mails: bool = False
    create: bool = True
    on_notion_delete: Literal["keep", "archive"] = "keep"
    on_service_delete: Literal["trash", "keep"] = "trash"
    max_delete: Limit = Limit(share=0.1)
    kept: frozenset[tuple[Side, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Link:
    """A service record and a page that are the same thing, and the base of each field.

    `asleep` says which side is gone: the page, which a person put into the trash, or the record. `followed`: the other
    side was then put into its trash by hsn, and comes back with the first. A link asleep keeps its base (ENGINE 24).
    """

    id: int
    service: str
    stream: str
    record_id: str
    page_id: str
    base: Mapping[str, Agreed]
    asleep: Asleep = ""
    followed: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """One link of a row as planning sees it. The record's relations are page ids here, unresolved ones left out.

    `times`: when each field was last seen to change in the service (ENGINE 8).
    """

    link: Link
    stream: Stream
    record: Record
    policy: Policy
    times: Mapping[str, datetime] = field(default_factory=dict)
    holds: Mapping[str, Hold] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A page and all its links that take part in this run, in config order.

    `absent`: page ids known to be trashed or unreachable: as relation targets they are no change, and nothing is
    agreed on them (ENGINE 25). `taken`: e-mail keys that another row has (ENGINE 13).
    """

    page: Record
    parties: tuple[Party, ...]
    times: Mapping[str, datetime] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()


# ------------------------------------------------------------------------------------------------------- changes


@dataclass(frozen=True, slots=True)
class Write:
    """One field's way from `before` to `after`; `at` is the time of the edit that caused it."""

    before: Value
    after: Value
    cause: Cause
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Create:
    """A new page for a record (side notion), or a new record for a page (side service)."""

    side: Side
    stream: Stream
    source: Record
    draft: Draft
    mails: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """Fields of one page (`link` names whose service caused it) or of one record."""

    side: Side
    link: Link
    fields: Mapping[str, Write]
    mails: bool = False


@dataclass(frozen=True, slots=True)
class Archive:
    """Reversible removal of one side (`side`) after the other is proved gone."""

    side: Side
    link: Link


@dataclass(frozen=True, slots=True)
class Adopt:
    """An existing page and an existing record are one: link them, or re-point the link `moves` (ENGINE 14, 16)."""

    stream: Stream
    record_id: str
    page_id: str
    by: Literal["marker", "key", "registration", "recreation", "decision"]
    moves: int | None = None


@dataclass(frozen=True, slots=True)
class Rebase:
    """Both sides agree: remember it. Nothing is written outside the state."""

    link: Link
    fields: Mapping[str, Agreed]


@dataclass(frozen=True, slots=True)
class Forget:
    """One side is gone and the other stays as it is: the link sleeps. `gone` tells which side went."""

    link: Link
    gone: Side
    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed one field: settled by `winner`, or waiting (None)."""

    link: Link
    field: str
    service: Value
    notion: Value
    winner: Side | None
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """A field or a record that cannot go on as it is, and why: kept, shown, not retried until something changes."""

    kind: HoldKind
    stream: Stream
    reason: str
    link: Link | None = None
    field: str | None = None
    record_id: str | None = None
    page_id: str | None = None
    service: Value = None
    notion: Value = None


Change: TypeAlias = Create | Update | Archive | Adopt | Rebase | Forget | Conflict | Wait
Plan: TypeAlias = tuple[Change, ...]
