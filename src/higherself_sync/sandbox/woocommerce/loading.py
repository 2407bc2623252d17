"""Takes in a whole shop in the form in which the API gave it."""

from collections.abc import Iterator, Mapping
from typing import Any

from higherself_sync.sandbox.woocommerce.store import URLS, Record, Store

_TABLES = {
    "customers": "customers",
    "products": "products",
    "products_trash": "products",
    "variations": "variations",
    "orders": "orders",
    "orders_trash": "orders",
    "refunds": "refunds",
    "categories": "categories",
    "coupons": "coupons",
}
_LINES = ("line_items", "shipping_lines", "fee_lines", "coupon_lines", "tax_lines")
_SOLD = ("processing", "completed", "on-hold", "refunded")


def load(store: Store, objects: Mapping[str, Any]) -> None:
    """Keys as in a recorded shop's folder. Raises KeyError for one that is not known."""
    placed = [placed for name, value in objects.items() for placed in _placed(name, value)]
    for table, thing in placed:
        record = store.put(table, _taken(table, thing))
        _note_ids(store, record)
        if table == "orders":
            store.sold[record["id"]] = record["status"] in _SOLD
        if table == "products":
            _note_categories(store, record)


def _placed(name: str, value: Any) -> Iterator[tuple[str, Record]]:
    if name == "refunds_by_order":
        for order_id, refunds in value.items():
            yield from (("refunds", {"id": refund["id"], "parent_id": int(order_id), **refund}) for refund in refunds)
    elif name.startswith("variations_of_"):
        yield from (("variations", thing) for thing in value)
    else:
        table = _TABLES[name]
        yield from ((table, thing) for thing in value)


def _taken(table: str, thing: Mapping[str, Any]) -> Record:
    """Without links, and with URLs relative to the site they came from. Of a refund's change the API tells nothing."""
    record = {name: value for name, value in thing.items() if name != "_links"}
    links = thing.get("_links", {}).get("self") or [{"href": ""}]
    origin = str(links[0]["href"]).partition("/wp-json/")[0]
    record |= {name: str(record[name]).removeprefix(origin) for name in URLS if name in record}
    if table == "refunds":
        record |= {f"date_modified{zone}": record[f"date_created{zone}"] for zone in ("", "_gmt")}
    return record


def _note_ids(store: Store, record: Record) -> None:
    """So that what is made later gets higher ids."""
    lines = [line for kind in _LINES for line in record.get(kind) or ()]
    store.note_ids("items", (line["id"] for line in lines))
    store.note_ids("itemmeta", (entry["id"] for line in lines for entry in line["meta_data"]))


def _note_categories(store: Store, product: Record) -> None:
    """A category is known from the products in it; what they do not tell of it has its default."""
    rest = {"parent": 0, "description": "", "display": "default", "image": None, "menu_order": 0, "count": 0}
    for term in product["categories"]:
        if store.get("categories", term["id"]) is None:
            store.put("categories", {**term, **rest})
