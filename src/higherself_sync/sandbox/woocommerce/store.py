"""What the shop holds. A record is the object as the API shows it, without `_links`, its URLs relative to the site."""

from typing import ClassVar

from higherself_sync.sandbox.tables import Record, Tables

__all__ = ["URLS", "Record", "Store"]

URLS = ("permalink", "payment_url")


class Store(Tables):
    TABLES = ("products", "variations", "orders", "refunds", "customers", "categories", "tags", "coupons", "webhooks")
    # Products, orders, refunds and coupons draw their ids from one sequence, on HPOS too.
    SEQUENCES: ClassVar = {
        **dict.fromkeys(("products", "variations", "orders", "refunds", "coupons"), "posts"),
        **dict.fromkeys(("categories", "tags"), "terms"),
    }
    INDEXES = ("skus", "slugs", "emails", "usernames", "sold", "gone", "due")

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
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

    def next_meta_id(self) -> int:
        return self.next("meta")

    def _enter(self, table: str, record_id: int, record: Record) -> None:
        if sku := _key(record, "sku"):
            self.skus[sku] = (*self.skus.get(sku, ()), record_id)
        if table == "products" and record["slug"]:
            self.slugs[record["slug"]] = record_id
        if table == "customers":
            self.emails[_key(record, "email")] = record_id
            self.usernames[_key(record, "username")] = record_id
        self.note_ids("meta", (entry["id"] for entry in record.get("meta_data") or ()))

    def _leave(self, table: str, record_id: int, record: Record) -> None:
        if sku := _key(record, "sku"):
            self.skus[sku] = tuple(n for n in self.skus[sku] if n != record_id)
        if table == "products" and self.slugs.get(record["slug"]) == record_id:
            del self.slugs[record["slug"]]
        if table == "customers":
            self.emails.pop(_key(record, "email"), None)
            self.usernames.pop(_key(record, "username"), None)


def _key(record: Record, field: str) -> str:
    """As the shop compares SKUs and e-mails: without regard to case."""
    return str(record.get(field) or "").lower()
