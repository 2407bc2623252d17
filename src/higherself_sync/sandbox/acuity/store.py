"""What the account holds. Records are values: a write puts a new dict in the place of the old one, never edits it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal, TypeAlias

from higherself_sync.sandbox.acuity import account, dates

Record: TypeAlias = dict[str, Any]
"""An object as the API shows it; of an appointment, the fuller form that a call for it alone gives."""

FIRST_IDS = {
    "appointments": 1_700_000_000, "appointment-types": 94_000_000, "calendars": 14_000_000, "forms": 2_300_000,
    "fields": 11_000_000, "answers": 3_360_000_000, "labels": 24_000_000, "blocks": 9_990_000_000, "webhooks": 0,
}  # fmt: skip
"""Below the first id of each kind; they are as large as real ones, some too large for 32 bits."""
LONGEST_NUMBER = 18
"""Digits of an id or a count; more is none that there is."""
TABLES = ("calendars", "appointment-types", "forms", "labels", "blocks", "appointments", "webhooks")

ClientKey: TypeAlias = tuple[str, str, str]
"""First name, last name and e-mail in small letters: clients have no id."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the account's owner decides, and what is not known of the real one. Hours may have fractions."""

    time_format: dates.ClockForm = "ampm"
    created_zone: Literal["daylight", "fixed"] = "daylight"
    max_ceiling: int | None = None
    min_hours_in_advance: float = 0
    max_days_in_advance: float | None = None
    clients_may_cancel: bool = True
    clients_may_reschedule: bool = True
    close_hours: float = 0
    static_webhook: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A webhook's delivery that is waiting: where it goes, and its fields in their order."""

    url: str
    fields: tuple[tuple[str, str], ...]


class Store:
    def __init__(self) -> None:
        self.tables: dict[str, dict[int, Record]] = {name: {} for name in TABLES}
        self.clients: dict[ClientKey, Record] = {}
        self.last_ids = dict(FIRST_IDS)
        self.me: Record = account.new()
        self.meta: Record = {"hooks": ["127.0.0.1/32"]}
        self.settings = Settings()
        self.pinned: frozenset[int] = frozenset()
        """Appointments that were loaded: whether their clients may cancel is what was loaded, until they change."""
        self.due: tuple[Due, ...] = ()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        """The time of the last visit, by which `dump` tells what lies in the past."""

    @property
    def zone(self) -> tzinfo:
        """The business's."""
        return dates.zone(self.me["timezone"]) or UTC

    def get(self, table: str, record_id: object) -> Record | None:
        number = whole(record_id)
        return None if number is None else self.tables[table].get(number)

    def all(self, table: str) -> list[Record]:
        return list(self.tables[table].values())

    def put(self, table: str, record: Record) -> Record:
        self.tables[table][record["id"]] = record
        self.note_ids(table, [record["id"]])
        return record

    def next_id(self, sequence: str) -> int:
        self.last_ids[sequence] += 1
        return self.last_ids[sequence]

    def note_ids(self, sequence: str, ids: Iterable[int]) -> None:
        """Ids that are taken, so that the next one made is above them."""
        self.last_ids[sequence] = max((self.last_ids[sequence], *ids))

    def turn(self, **settings: Any) -> None:
        self.settings = replace(self.settings, **settings)

    def clear(self) -> None:
        """Without records; the account, its settings and the sequences go on."""
        self.tables = {name: {} for name in TABLES}
        self.clients, self.pinned, self.due = {}, frozenset(), ()

    def snapshot(self) -> dict[str, Any]:
        """Plain values only, so that it can be kept in a file."""
        return {
            "tables": {name: dict(rows) for name, rows in self.tables.items()},
            "clients": dict(self.clients),
            "last_ids": dict(self.last_ids),
            "me": self.me, "meta": self.meta, "settings": asdict(self.settings), "pinned": self.pinned,
            "due": [(due.url, due.fields) for due in self.due], "now": self.now,
        }  # fmt: skip

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.tables = {name: dict(rows) for name, rows in snapshot["tables"].items()}
        self.clients, self.last_ids = dict(snapshot["clients"]), dict(snapshot["last_ids"])
        self.me, self.meta, self.pinned = snapshot["me"], snapshot["meta"], snapshot["pinned"]
        self.settings = Settings(**snapshot["settings"])
        self.due, self.now = tuple(Due(*due) for due in snapshot["due"]), snapshot["now"]


def whole(value: object) -> int | None:
    """An id, as a number or as its digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if not isinstance(value, str) or not (value.isascii() and value.isdecimal()):
        return None
    return int(value) if len(value) <= LONGEST_NUMBER else None
