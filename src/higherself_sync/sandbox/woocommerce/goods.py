"""What products and variations have in common when they are written: SKU, prices, stock, size, the trash."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, meta, text
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.store import Record, Store

Values = Mapping[str, Any]
SALE_DATES = ("date_on_sale_from", "date_on_sale_to")


def plain(value: Any) -> Any:
    return value


def copy_fields(draft: Record, data: Values, casts: Mapping[str, Callable[[Any], Any]]) -> None:
    """Fields that are taken as they come, each through its setter's cast: a batch brings them unchecked."""
    for field, cast in casts.items():
        if data.get(field) is not None:
            draft[field] = cast(data[field])


def write_sku(store: Store, draft: Record, data: Values) -> None:
    """Raises Refused for a SKU that another product outside the trash has, in whatever letter case."""
    if data.get("sku") is None:
        return
    sku = text.cleaned(str(data["sku"]))
    taken = [n for n in store.skus.get(sku.lower(), ()) if n != draft["id"] and not _is_trashed(store, n)]
    if sku and taken:
        details = {"status": 400, "resource_id": taken[0], "unique_sku": _free_sku(store, sku)}
        raise Refused("product_invalid_sku", "Invalid or duplicated SKU.", 400, details)
    draft["sku"] = sku


def _is_trashed(store: Store, product_id: int) -> bool:
    record = store.get("products", product_id) or store.get("variations", product_id)
    return record is None or record["status"] == "trash"


def _free_sku(store: Store, sku: str) -> str:
    return next(free for n in count(1) if not store.skus.get((free := f"{sku}-{n}").lower()))


def by_sku(store: Store, sku: str) -> int:
    """The id of the product or variation with that SKU, 0 if there is none outside the trash."""
    return next((n for n in store.skus.get(sku.lower(), ()) if not _is_trashed(store, n)), 0)


def write_prices(draft: Record, data: Values) -> None:
    if draft["type"] in ("variable", "grouped"):
        draft |= {"regular_price": "", "sale_price": ""}
        return
    copy_fields(draft, data, dict.fromkeys(("regular_price", "sale_price"), text.typed_price))
    for field in SALE_DATES:
        if data.get(field) is not None:
            draft |= dates.pair(field, dates.loose(str(data[field]), dates.SITE))
        if data.get(f"{field}_gmt") is not None:
            draft |= dates.pair(field, dates.loose(str(data[f"{field}_gmt"]), UTC))


def write_stock(draft: Record, data: Values) -> None:
    copy_fields(draft, data, {"stock_status": str, "manage_stock": text.truth, "backorders": str})
    if draft["type"] in ("grouped", "external"):
        draft |= {"manage_stock": False, "backorders": "no"}
    if not draft["manage_stock"]:
        draft |= {"stock_quantity": None, "low_stock_amount": None}
        return
    if data.get("stock_quantity") is not None:
        draft["stock_quantity"] = int(data["stock_quantity"])
    elif data.get("inventory_delta") is not None:
        draft["stock_quantity"] = (draft["stock_quantity"] or 0) + int(data["inventory_delta"])
    if "low_stock_amount" in data:
        draft["low_stock_amount"] = data["low_stock_amount"]


def settle_stock(draft: Record) -> None:
    """Where the stock is counted, its status follows from the number."""
    draft["backorders_allowed"] = draft["backorders"] in ("yes", "notify")
    if draft["manage_stock"]:
        out = "onbackorder" if draft["backorders_allowed"] else "outofstock"
        draft["stock_status"] = "instock" if (draft["stock_quantity"] or 0) > 0 else out
    draft["backordered"] = draft["stock_status"] == "onbackorder"


def write_dimensions(draft: Record, data: Values) -> None:
    if isinstance(given := data.get("dimensions"), Mapping):
        draft["dimensions"] = {side: str(given.get(side, size)) for side, size in draft["dimensions"].items()}


def write_meta(store: Store, draft: Record, changes: Any) -> None:
    draft["meta_data"] = meta.by_id(meta.written(draft["meta_data"], changes, store.next_meta_id))


def put_in_trash(store: Store, draft: Record, now: datetime) -> None:
    """With the notes that WordPress keeps of it."""
    notes = {"_wp_trash_meta_status": draft["status"], "_wp_trash_meta_time": str(int(now.timestamp()))}
    write_meta(store, draft, [{"key": key, "value": value} for key, value in notes.items()])
    draft["status"] = "trash"
    lay_aside_slug(store, draft)


def lay_aside_slug(store: Store, draft: Record) -> None:
    """What goes to the trash leaves its slug to others, and remembers it."""
    if slug := draft.get("slug"):
        write_meta(store, draft, [{"key": "_wp_desired_post_slug", "value": slug}])
        draft["slug"] = f"{slug}__trashed"


def take_back_slug(draft: Record) -> None:
    """What comes back takes its slug again; of the trash's notes the other two stay."""
    wanted = [entry["value"] for entry in draft["meta_data"] if entry["key"] == "_wp_desired_post_slug"]
    if wanted:
        draft["slug"] = wanted[0]
        draft["meta_data"] = [entry for entry in draft["meta_data"] if entry["key"] != "_wp_desired_post_slug"]
