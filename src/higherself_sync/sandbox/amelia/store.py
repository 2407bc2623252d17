"""What the booking site holds.

An appointment holds its bookings and they their payments, as the plugin's own collections do. Its times are
site-local; a payment's `created` is UTC. Customers and providers are rows of one table and draw from one sequence.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import ClassVar

from higherself_sync.sandbox.tables import Record, Tables

__all__ = ["Record", "Store"]


class Store(Tables):
    """Of payments the table has only those whose booking is not known: they were loaded without it."""

    TABLES = (
        "customers", "providers", "services", "categories", "locations", "fields", "appointments", "payments",
        "webhooks",
    )  # fmt: skip
    SEQUENCES: ClassVar = {"customers": "users", "providers": "users"}
    INDEXES = ("bookings", "paid", "emails", "days", "due")

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.bookings: dict[int, int] = {}
        """Booking → appointment."""
        self.paid: dict[int, int] = {}
        """Payment → appointment."""
        self.emails: dict[str, int] = {}
        self.days: dict[str, tuple[int, ...]] = {}
        """Site-local day → the appointments that start on it."""
        self.due: dict[int, Record] = {}
        """What webhooks have to send, in turn: built when it happened, unlike the shop's."""

    def around(self, digits: str) -> Iterable[Record]:
        """The appointments that start on the day of a site-local time, or on a day beside it."""
        day = date.fromisoformat(digits[:10])
        days = (str(day + timedelta(days=n)) for n in (-1, 0, 1))
        return (self.tables["appointments"][n] for day_name in days for n in self.days.get(day_name, ()))

    def _enter(self, table: str, record_id: int, record: Record) -> None:
        if table == "customers" and record["email"]:
            self.emails[str(record["email"]).lower()] = record_id
        if table == "appointments":
            day = record["bookingStart"][:10]
            self.days[day] = (*self.days.get(day, ()), record_id)
            for booking in record["bookings"]:
                self.bookings[booking["id"]] = record_id
                self.note_ids("bookings", [booking["id"]])
                self.paid |= {payment["id"]: record_id for payment in booking["payments"]}
                self.note_ids("payments", (payment["id"] for payment in booking["payments"]))

    def _leave(self, table: str, record_id: int, record: Record) -> None:
        if table == "customers" and self.emails.get(str(record["email"] or "").lower()) == record_id:
            del self.emails[str(record["email"]).lower()]
        if table == "appointments":
            day = record["bookingStart"][:10]
            self.days[day] = tuple(n for n in self.days[day] if n != record_id)
            for booking in record["bookings"]:
                self.bookings.pop(booking["id"], None)
                for payment in booking["payments"]:
                    self.paid.pop(payment["id"], None)
