"""What the shop holds. Records are values: a write puts a new dict in the place of the old one, never edits it.

That makes a snapshot a handful of shallow copies, however large the shop is. A record is the object as the API shows
it, without `_links`, and with its URLs relative to the site.
"""

import copy
import random
from collections.abc import Iterable, Iterator
from typing import Any

Record = dict[str, Any]

TABLES = ("products", "variations", "orders", "refunds", "customers", "categories", "tags", "coupons", "webhooks")
# Products, orders, refunds and coupons draw their ids from one sequence, on HPOS too.
SEQUENCES = {
    **dict.fromkeys(("products", "variations", "orders", "refunds", "coupons"), "posts"),
    **dict.fromkeys(("categories", "tags"), "terms"),
}
URLS = ("permalink", "payment_url")
_INDEXES = ("skus", "slugs", "emails", "usernames", "sold", "gone", "due", "last_ids")


class Store:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - order keys of a sandbox
        self.tables: dict[str, dict[int, Record]] = {name: {} for name in TABLES}
        self.last_ids: dict[str, int] = {}
        self.skus: dict[str, tuple[int, ...]] = {}
        self.slugs: dict[str, int] = {}
        self.emails: dict[str, int] = {}
        self.usernames: dict[str, int] = {}
        self.sold: dict[int, bool] = {}
        """Whether an order's lines are counted in its products' sales."""
        self.gone: dict[int, bool] = {}
        """Products deleted for good, which the lines of orders then no longer name."""
        self.due: dict[tuple[int, int], str] = {}
        """Webhook deliveries waiting: (webhook, record) → event. One record's updates are one delivery."""

    def get(self, table: str, record_id: int) -> Record | None:
        return self.tables[table].get(record_id)

    def all(self, table: str) -> Iterator[Record]:
        return iter(self.tables[table].values())

    def draft(self, table: str, record_id: int) -> Record:
        """A copy that may be edited and put back."""
        return copy.deepcopy(self.tables[table][record_id])

    def put(self, table: str, record: Record) -> Record:
        record_id = int(record["id"])
        self._forget(table, record_id)
        self.tables[table][record_id] = record
        if sku := _key(record, "sku"):
            self.skus[sku] = (*self.skus.get(sku, ()), record_id)
        if table == "products" and record["slug"]:
            self.slugs[record["slug"]] = record_id
        if table == "customers":
            self.emails[_key(record, "email")] = record_id
            self.usernames[_key(record, "username")] = record_id
        self.note_ids(SEQUENCES.get(table, table), [record_id])
        self.note_ids("meta", (entry["id"] for entry in record.get("meta_data") or ()))
        return record

    def remove(self, table: str, record_id: int) -> None:
        self._forget(table, record_id)
        del self.tables[table][record_id]

    def new_id(self, table: str) -> int:
        return self.next(SEQUENCES.get(table, table))

    def next(self, sequence: str) -> int:
        self.last_ids[sequence] = self.last_ids.get(sequence, 0) + 1
        return self.last_ids[sequence]

    def next_meta_id(self) -> int:
        return self.next("meta")

    def note_ids(self, sequence: str, ids: Iterable[int]) -> None:
        """Ids that are taken, so that the next one made is above them."""
        self.last_ids[sequence] = max((self.last_ids.get(sequence, 0), *ids))

    def clear(self) -> None:
        """Without records; the sequences go on, as in a database."""
        self.tables = {name: {} for name in TABLES}
        for name in _INDEXES:
            if name != "last_ids":
                getattr(self, name).clear()

    def snapshot(self) -> dict[str, Any]:
        """Plain values only, so that it can be kept in a file."""
        indexes = {name: dict(getattr(self, name)) for name in _INDEXES}
        tables = {name: dict(rows) for name, rows in self.tables.items()}
        return {**indexes, "tables": tables, "random": self.random.getstate()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.random.setstate(snapshot["random"])
        self.tables = {name: dict(rows) for name, rows in snapshot["tables"].items()}
        for name in _INDEXES:
            setattr(self, name, dict(snapshot[name]))

    def _forget(self, table: str, record_id: int) -> None:
        old = self.tables[table].get(record_id)
        if old is None:
            return
        if sku := _key(old, "sku"):
            self.skus[sku] = tuple(n for n in self.skus[sku] if n != record_id)
        if table == "products" and self.slugs.get(old["slug"]) == record_id:
            del self.slugs[old["slug"]]
        if table == "customers":
            self.emails.pop(_key(old, "email"), None)
            self.usernames.pop(_key(old, "username"), None)


def _key(record: Record, field: str) -> str:
    """As the shop compares SKUs and e-mails: without regard to case."""
    return str(record.get(field) or "").lower()
