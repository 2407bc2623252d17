"""What the booking site holds. Records are values: a write puts a new dict in the place of the old one.

An appointment holds its bookings and they their payments, as the plugin's own collections do. Its times are
site-local; a payment's `created` is UTC. Customers and providers are rows of one table and draw from one sequence.
"""

import copy
import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]

TABLES = (
    "customers", "providers", "services", "categories", "locations", "fields", "appointments", "payments", "webhooks",
)  # fmt: skip
"""`payments` are only those whose booking is not known: they were loaded without it."""
SEQUENCES = {"customers": "users", "providers": "users"}
_INDEXES = ("last_ids", "bookings", "paid", "emails", "days")


class Store:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - tokens of a sandbox
        self.tables: dict[str, dict[int, Record]] = {name: {} for name in TABLES}
        self.last_ids: dict[str, int] = {}
        self.bookings: dict[int, int] = {}
        """Booking → appointment."""
        self.paid: dict[int, int] = {}
        """Payment → appointment."""
        self.emails: dict[str, int] = {}
        self.days: dict[str, tuple[int, ...]] = {}
        """Site-local day → the appointments that start on it."""
        self.due: list[Record] = []
        """What webhooks have to send: built when it happened, unlike the shop's."""

    def get(self, table: str, record_id: int | None) -> Record | None:
        return self.tables[table].get(record_id or 0)

    def all(self, table: str) -> Iterator[Record]:
        return iter(self.tables[table].values())

    def draft(self, table: str, record_id: int) -> Record:
        """A copy that may be edited and put back."""
        return copy.deepcopy(self.tables[table][record_id])

    def put(self, table: str, record: Record) -> Record:
        record_id = int(record["id"])
        self._forget(table, record_id)
        self.tables[table][record_id] = record
        self.note(SEQUENCES.get(table, table), record_id)
        if table == "customers" and record["email"]:
            self.emails[str(record["email"]).lower()] = record_id
        if table == "appointments":
            day = record["bookingStart"][:10]
            self.days[day] = (*self.days.get(day, ()), record_id)
            for booking in record["bookings"]:
                self.bookings[booking["id"]] = record_id
                self.note("bookings", booking["id"])
                self.paid |= {payment["id"]: record_id for payment in booking["payments"]}
                self.note("payments", *(payment["id"] for payment in booking["payments"]))
        return record

    def remove(self, table: str, record_id: int) -> None:
        self._forget(table, record_id)
        del self.tables[table][record_id]

    def next(self, table: str) -> int:
        sequence = SEQUENCES.get(table, table)
        self.last_ids[sequence] = self.last_ids.get(sequence, 0) + 1
        return self.last_ids[sequence]

    def note(self, sequence: str, *ids: int) -> None:
        """Ids that are taken, so that the next one made is above them."""
        self.last_ids[sequence] = max((self.last_ids.get(sequence, 0), *ids))

    def around(self, digits: str) -> Iterable[Record]:
        """The appointments that start on the day of a site-local time, or on a day beside it."""
        day = date.fromisoformat(digits[:10])
        days = (str(day + timedelta(days=n)) for n in (-1, 0, 1))
        return (self.tables["appointments"][n] for day_name in days for n in self.days.get(day_name, ()))

    def clear(self) -> None:
        """Without records; the sequences go on, as in a database."""
        self.tables = {name: {} for name in TABLES}
        self.due.clear()
        for name in _INDEXES:
            if name != "last_ids":
                getattr(self, name).clear()

    def snapshot(self) -> dict[str, Any]:
        """Plain values only, so that it can be kept in a file."""
        indexes = {name: dict(getattr(self, name)) for name in _INDEXES}
        tables = {name: dict(rows) for name, rows in self.tables.items()}
        return {**indexes, "tables": tables, "due": list(self.due), "random": self.random.getstate()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.random.setstate(snapshot["random"])
        self.tables = {name: dict(rows) for name, rows in snapshot["tables"].items()}
        self.due = list(snapshot["due"])
        for name in _INDEXES:
            setattr(self, name, dict(snapshot[name]))

    def _forget(self, table: str, record_id: int) -> None:
        old = self.tables[table].get(record_id)
        if old is None:
            return
        if table == "customers" and self.emails.get(str(old["email"] or "").lower()) == record_id:
            del self.emails[str(old["email"]).lower()]
        if table == "appointments":
            day = old["bookingStart"][:10]
            self.days[day] = tuple(n for n in self.days[day] if n != record_id)
            for booking in old["bookings"]:
                self.bookings.pop(booking["id"], None)
                for payment in booking["payments"]:
                    self.paid.pop(payment["id"], None)
