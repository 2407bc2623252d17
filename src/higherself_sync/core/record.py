"""Records: the typed, canonical form of a Notion row or of a service's object, and what a stream declares.

Everything here is frozen. Values are canonical, so that `==` is the question "is it the same?":

* text, e-mail, phone, select: a non-empty `str` in NFC with `\\n` line ends, or None for "empty";
* number (and money): a normalised `Decimal`, or None;
* date: a `When`, minute precision, instants in UTC; a date without a time stays one; or None;
* relation: a `frozenset`, empty when there is nothing. In a record read from a *service* its members are marker
  lines (`shop:customers:48`); in a record read from *Notion* they are page ids.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias, assert_never, runtime_checkable


class Kind(StrEnum):
    """How a field is stored in Notion, and so which canonical form its values have."""

    TITLE = "title"
    TEXT = "rich_text"
    EMAIL = "email"
    PHONE = "phone_number"
    NUMBER = "number"
    DATE = "date"
    SELECT = "select"
    RELATION = "relation"


class Entity(StrEnum):
    """The six databases; the value is the key in `[notion.databases]`."""

    CLIENTS = "clients"
    PRODUCTS = "products"
    ORDERS = "orders"
    APPOINTMENTS = "appointments"
    FEEDBACK = "feedback"
    WORKFLOWS = "workflow_instances"


class Side(StrEnum):
    NOTION = "notion"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class When:
    """A date or a span. `start` and `end` are both `date`s (no time) or both UTC `datetime`s without seconds."""

    start: date | datetime
    end: date | datetime | None = None


Value: TypeAlias = str | Decimal | When | frozenset[str] | None
Values: TypeAlias = Mapping[str, Value]

NOTHING: Values = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Field:
    """One column of an entity: `name` is the key in the config, `title` the column's default name in Notion."""

    name: str
    title: str
    kind: Kind
    target: Entity | None = None  # of a relation
    mirror: str | None = None  # of a relation: the name of the column it makes in the target database


def _columns(*pairs: tuple[str, Kind]) -> tuple[Field, ...]:
    return tuple(Field(title.lower().replace(" ", "_"), title, kind) for title, kind in pairs)


def _relation(title: str, target: Entity, mirror: str) -> Field:
    return Field(title.lower(), title, Kind.RELATION, target, mirror)


# DESIGN section 1. `customer_note` is an addition: the shop's note has to live somewhere to travel both ways.
ENTITIES: Mapping[Entity, tuple[Field, ...]] = MappingProxyType(
    {
        Entity.CLIENTS: _columns(
            ("Name", Kind.TITLE), ("Email", Kind.EMAIL), ("Phone", Kind.PHONE), ("Address", Kind.TEXT)
        ),
        Entity.PRODUCTS: _columns(
            ("Name", Kind.TITLE),
            ("Type", Kind.SELECT),
            ("Status", Kind.SELECT),
            ("Price", Kind.NUMBER),
            ("Currency", Kind.SELECT),
            ("SKU", Kind.TEXT),
        ),
        Entity.ORDERS: (
            *_columns(("Order", Kind.TITLE)),
            _relation("Client", Entity.CLIENTS, "Orders"),
            _relation("Products", Entity.PRODUCTS, "Orders"),
            *_columns(
                ("Status", Kind.SELECT),
                ("Total", Kind.NUMBER),
                ("Refunded", Kind.NUMBER),
                ("Currency", Kind.SELECT),
                ("Placed", Kind.DATE),
                ("Items", Kind.TEXT),
                ("Customer Note", Kind.TEXT),
            ),
        ),
        Entity.APPOINTMENTS: (
            *_columns(("Appointment", Kind.TITLE)),
            _relation("Client", Entity.CLIENTS, "Appointments"),
            *_columns(
                ("When", Kind.DATE),
                ("Service Type", Kind.SELECT),
                ("Status", Kind.SELECT),
                ("Price", Kind.NUMBER),
                ("Paid", Kind.NUMBER),
                ("Calendar", Kind.SELECT),
                ("Notes", Kind.TEXT),
            ),
        ),
        Entity.FEEDBACK: (
            *_columns(("Feedback", Kind.TITLE)),
            _relation("Client", Entity.CLIENTS, "Feedback"),
            _relation("Product", Entity.PRODUCTS, "Feedback"),
            *_columns(
                ("Content", Kind.TEXT),
                ("Rating", Kind.NUMBER),
                ("Sentiment", Kind.SELECT),
                ("Submitted", Kind.DATE),
                ("Form", Kind.SELECT),
            ),
        ),
        Entity.WORKFLOWS: (
            *_columns(
                ("Workflow", Kind.TITLE),
                ("Current State", Kind.SELECT),
                ("Status", Kind.SELECT),
                ("History Log", Kind.TEXT),
            ),
            _relation("Client", Entity.CLIENTS, "Workflows"),
            _relation("Order", Entity.ORDERS, "Workflows"),
            _relation("Appointment", Entity.APPOINTMENTS, "Workflows"),
            _relation("Feedback", Entity.FEEDBACK, "Workflows"),
        ),
    }
)

# The three columns of every database that are the tool's own (ENGINE 18): never compared, only rendered.
EXTERNAL_ID, SOURCE, LAST_SYNCED = "External ID", "Source", "Last Synced"

# The order of work: what others relate to comes first.
MOST_RELATED = 100  # rows that Notion takes in one relation, which cannot be added to: developers.notion.com, 2026-07
ORDER_OF_WORK = (Entity.CLIENTS, Entity.PRODUCTS, Entity.ORDERS, Entity.APPOINTMENTS, Entity.FEEDBACK)


def fields_of(entity: Entity) -> Mapping[str, Field]:
    return {each.name: each for each in ENTITIES[entity]}


# ---------------------------------------------------------------------------------------------- canonical values


def text(raw: str | None) -> str | None:
    """NFC, `\\n` line ends, the empty string is None. White space is the user's and stays."""
    if not raw:
        return None
    return unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")) or None


def number(raw: Decimal | str | int | None) -> Decimal | None:
    """A Decimal without trailing zeros or exponent; "" and None are None. Raises ValueError for anything else."""
    if raw is None or raw == "":
        return None
    try:
        value = Decimal(raw)
    except ArithmeticError as error:
        raise ValueError(f"not a number: {raw!r}") from error
    if not value.is_finite():
        raise ValueError(f"not a finite number: {raw!r}")
    value = value.normalize()
    # Not by quantize, which refuses integers of more than 28 digits, and a person may well type 1e40 into a column.
    return Decimal(format(value, "f")) if value == value.to_integral_value() else value


def instant(raw: datetime) -> datetime:
    """UTC, floored to the minute: nothing finer survives in Notion. Raises ValueError for a naive time."""
    if raw.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return raw.astimezone(UTC).replace(second=0, microsecond=0)


def when(start: date | datetime, end: date | datetime | None = None) -> When:
    def moment(raw: date | datetime) -> date | datetime:
        return instant(raw) if isinstance(raw, datetime) else raw

    return When(moment(start), None if end is None else moment(end))


def email_key(raw: str | None) -> str | None:
    """The natural key of a person (ENGINE 13): trimmed, NFC, casefolded; `+tag` is kept."""
    return unicodedata.normalize("NFC", raw.strip()).casefold() or None if raw else None


def one_number(one: Value, other: Value) -> bool:
    """Whether two texts are the same telephone number, each in the way that somebody writes it."""
    return isinstance(one, str) and isinstance(other, str) and _digits(one) == _digits(other) != ""


def _digits(raw: str) -> str:
    return "".join(str(unicodedata.decimal(each)) for each in raw if each.isdecimal())


def natural_key(entity: Entity, values: Values) -> str | None:
    """What names a thing outside any system (ENGINE 13), from its values: both sides must compute it with this.

    E-mail of a person, SKU of a product (ignoring case), number of an order as its title has it (`#37`).
    """
    match entity:
        case Entity.CLIENTS | Entity.PRODUCTS:
            raw = values.get("email" if entity is Entity.CLIENTS else "sku")
            return email_key(raw) if isinstance(raw, str) else None
        case Entity.ORDERS:
            raw = values.get("order")
            return raw.strip() or None if isinstance(raw, str) else None
        case Entity.APPOINTMENTS | Entity.FEEDBACK | Entity.WORKFLOWS:
            return None  # a session's key has its person's e-mail, which the row alone does not hold: `session_key`
        case _:
            assert_never(entity)


def session_key(start: Value, email: str | None) -> str | None:
    """The natural key of an appointment (ENGINE 13): when it begins, and the e-mail key of who comes."""
    person = email_key(email)
    return f"{_moment_text(start.start)} {person}" if isinstance(start, When) and person else None


def empty(kind: Kind) -> Value:
    return frozenset() if kind is Kind.RELATION else None


def members(value: Value) -> frozenset[str]:
    """What a relation holds; nothing for any other value."""
    return value if isinstance(value, frozenset) else frozenset()


def to_json(value: Value) -> Any:
    """A canonical value as JSON for the state and for `--json`: money is a string, times end in Z, sets are sorted."""
    match value:
        case None | str():
            return value
        case Decimal():
            return format(value, "f")
        case When(start, end):
            parts = [_moment_text(part) for part in (start, end) if part is not None]
            return "/".join(parts)
        case frozenset():
            return sorted(value)
        case _:
            assert_never(value)


def from_json(kind: Kind, raw: Any) -> Value:
    """The inverse of `to_json` for a field of that kind."""
    if kind is Kind.RELATION:
        return frozenset(raw or ())
    if raw is None:
        return None
    match kind:
        case Kind.NUMBER:
            return number(raw)
        case Kind.DATE:
            start, _, end = raw.partition("/")
            return When(_moment(start), _moment(end) if end else None)
        case _:
            return str(raw)


def _moment_text(part: date | datetime) -> str:
    return part.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(part, datetime) else part.isoformat()


def _moment(raw: str) -> date | datetime:
    return datetime.fromisoformat(raw) if "T" in raw else date.fromisoformat(raw)


# ------------------------------------------------------------------------------------------------------- records


@dataclass(frozen=True, slots=True)
class Marks:
    """What ties a record to its other side.

    On a page: `lines` (External ID, one `service:stream:id` each), `sources` (Source). In a service record:
    `page_id` (`notion_page_id`, as found: perhaps foreign). On both: `synced`, the last-synced stamp, UTC.
    """

    lines: tuple[str, ...] = ()
    sources: frozenset[str] = frozenset()
    page_id: str | None = None
    synced: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A Notion row or a service's object at one moment.

    `values` holds the mapped fields only. `modified` is the side's own time (UTC; Notion floors it to the minute), None
    where the side has none. `native` keeps as text what the adapter needs to write well later (both parts of a name).
    `locked` names fields that this very record does not let be written (a variable product's price). `markable` is
    False where its back-link is not worth a write of its own (a session that is over): it then rides on others only.
    `people` are persons found inside this record (ENGINE 14), whose id is their e-mail key. `key` is the natural key.
    """

    id: str
    values: Values
    modified: datetime | None = None
    created: datetime | None = None
    key: str | None = None
    marks: Marks = Marks()
    trashed: bool = False
    locked: frozenset[str] = frozenset()
    markable: bool = True
    native: Mapping[str, str] = field(default_factory=dict)
    people: tuple["Record", ...] = ()
    editor: str | None = None
    label: str | None = None  # what a person would call it, for messages: never a secret, never logged above debug


@dataclass(frozen=True, slots=True)
class Batch:
    """One answer's worth of a read. `as_of` is the server's own time when the whole read began (ENGINE 3)."""

    records: tuple[Record, ...]
    as_of: datetime


class Gone(StrEnum):
    """Why a record that was asked for by id is not there."""

    TRASHED = "trashed"  # it says so itself: proof
    DELETED = "deleted"  # the service's own not-found code: proof
    MOVED = "moved"  # a row of a database that is none of ours: proof that it is no row of these
    HIDDEN = "hidden"  # a 404 that may mean deleted or unshared: no proof


# ------------------------------------------------------------------------------------------- what a stream declares


@dataclass(frozen=True, slots=True)
class Ability:
    """What a service lets us do with one field.

    `options`: the only values that may be written (None: any). `mails`: values whose writing makes the service send
    mail to a person. `same`: the declared normaliser; two values with equal results are equal to that service.
    """

    writable: bool = False
    options: frozenset[str] | None = None
    mails: frozenset[str] = frozenset()
    same: Callable[[Value], Value] | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of record of a service, reconciled with one entity: what it can do, as data.

    `keyed`: `Record.key` of this stream finds rows of the hub (e-mail, SKU, number). `derived`: people found in other
    records' `people`; such a stream has no request of its own. `heir`: the stream that a derived person moves to when
    the same key appears there (guests who register). `window`: only records within so many days back and ahead are
    read, and compared by content; what changed can then not be asked for.
    """

    service: str
    name: str
    entity: Entity
    fields: Mapping[str, Ability]
    create: bool = False
    create_mails: bool = False
    update: bool = False
    archive: bool = False
    marker: bool = False
    modified_since: bool = False
    deletions_visible: bool = False
    keyed: bool = False
    derived: bool = False
    heir: str | None = None
    required: tuple[str, ...] = ()
    window: tuple[int, int] | None = None
    overlap: float = 0.0  # seconds a cursor is set back
    mark_batch: int = 1

    def line(self, record_id: str) -> str:
        """The marker of one of this stream's records, as External ID holds it."""
        return f"{self.service}:{self.name}:{record_id}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be made: its values (relations as the target side names them) and the marks it is born with.

    `people`: for a service, the Clients rows that the row to be copied is related to; who books must have a name.
    """

    values: Values
    marks: Marks
    people: tuple[Record, ...] = ()


# ------------------------------------------------------------------------------------------------------- replicas


class Replica(Protocol):
    """One side of one stream: a Notion database, or one kind of record of a service. Both pass the same contract.

    Every method may raise `errors.Unreachable` or `errors.Unauthorised` (this side cannot go on). Writes may raise
    `errors.Refused` (this record was refused, nothing written), `errors.Unanswered` (it may or may not have been
    written) and `errors.Absent` (it is not there any more; carries a `Gone`).
    """

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """All records (None), or those modified at or after `since`: the caller has already subtracted the overlap.

        Must raise rather than end early: whoever exhausts the iterator has the complete answer. Of a stream with a
        window it is all that lies in it, or, where `since` is given, in the part that is read every time.
        """
        ...

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        """Each id exactly once: the record as it is now, or why it is not there."""
        ...

    def create(self, draft: Draft) -> Record:
        """Make it, once; the answer as read back."""
        ...

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        """Write just `values`, letting `marks` ride along; the answer as read back. `current` was last read."""
        ...

    def archive(self, record_id: str) -> Record:
        """Reversible removal only."""
        ...

    def restore(self, record_id: str, values: Values) -> Record:
        """Out of the trash again, as before; `values` are those it had when both sides last agreed."""
        ...

    def find_created(self, draft: Draft, since: datetime) -> Record | None:
        """After an unanswered create begun at `since` (server time): the record with its marker, if it is there."""
        ...

    def server_time(self) -> datetime:
        """The server's latest `Date` (UTC). Stamps, settling and quiet times are counted in it, never in local time."""
        ...


@runtime_checkable
class MarkedReplica(Replica, Protocol):
    """The service's side of a stream: its records hold a back-link to their page, which is written afterwards."""

    def covers(self, record: Record) -> bool:
        """Whether the last complete read had to show this record, as it was last seen: outside a window nothing is
        ever missing (ENGINE 22)."""
        ...

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        """Write back-links, many at once: per id the record as it now is, or the reason of a refusal."""
        ...
