"""What all kinds of record have in common: list, get, create, update, delete, and the links of an answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from higherself_sync.sandbox.woocommerce import dates, schema
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.schema import Arg
from higherself_sync.sandbox.woocommerce.store import URLS, Record, Store

Values = Mapping[str, Any]
Test = Callable[[Record], bool]
API = "/wp-json/wc/v3"
READ_WRITE = ("GET", "POST", "PUT", "PATCH", "DELETE")

PAGING: dict[str, Arg] = {
    "context": schema.string("view", "edit", default="view"),
    "page": schema.integer(minimum=1, default=1),
    "per_page": schema.integer(minimum=1, maximum=100, default=10),
    "search": schema.string(),
    "exclude": schema.IDS,
    "include": schema.IDS,
    "offset": schema.integer(),
    "order": schema.string("asc", "desc", default="desc"),
}
DATED: dict[str, Arg] = {
    "after": schema.string(format="date-time"),
    "before": schema.string(format="date-time"),
    "modified_after": schema.string(format="date-time"),
    "modified_before": schema.string(format="date-time"),
    "dates_are_gmt": schema.boolean(default=False),
    "orderby": schema.string("date", "id", "include", "title", "slug", "modified", default="date"),
}


@dataclass(frozen=True, slots=True)
class Page:
    records: list[Record]
    total: int
    pages: int


@dataclass(slots=True)
class Settings:
    """The knobs. `storage` is where orders live: "hpos" or the old "posts"."""

    storage: str = "hpos"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request's circumstances: the sandbox's time in whole seconds, the site's URL, and who acts.

    `via` is what an order remembers of its origin; `user` is the acting user's id.
    """

    now: datetime
    base: str = ""
    via: str = "rest-api"
    user: int = 1


class Resource:
    """One kind of record. Subclasses say how it is made, changed, found and shown."""

    name: ClassVar[str]
    table: ClassVar[str]
    kind: ClassVar[str]
    """The post type that error codes and messages name."""
    args: ClassVar[Mapping[str, Arg]]
    params: ClassVar[Mapping[str, Arg]]
    unserved: ClassVar[frozenset[str]] = frozenset()
    """List parameters that a real shop knows and the twin does not."""
    repeats: ClassVar[frozenset[str]] = frozenset()
    """Parameters that appear in paging links although nobody asked for them."""
    hidden_when_absent: ClassVar[bool] = False
    """Whether an unknown id is refused before the caller's rights are known to be missing."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings

    # reading

    def get(self, record_id: int) -> Record:
        return self.found(record_id, 404)

    def found(self, record_id: int, status: int) -> Record:
        record = self.store.get(self.table, record_id)
        if record is None:
            raise self.unknown(status)
        return record

    def unknown(self, status: int) -> Refused:
        return Refused(f"woocommerce_rest_{self.kind}_invalid_id", "Invalid ID.", status)

    def search(self, params: Values) -> Page:
        tests = self.tests(params)
        records = [record for record in self.candidates(params) if all(test(record) for test in tests)]
        return paged(self.sorted(records, params), params)

    def candidates(self, params: Values) -> Iterable[Record]:
        if params["include"]:
            return [record for n in params["include"] if (record := self.store.get(self.table, n))]
        return self.store.all(self.table)

    def tests(self, params: Values) -> list[Test]:
        raise NotImplementedError

    def sorted(self, records: list[Record], params: Values) -> list[Record]:
        return ordered(records, params)

    def show(self, record: Record, visit: Visit, context: str = "view") -> dict[str, Any]:
        """The object as the API gives it; every write is answered in the context "edit"."""
        rebased = {name: visit.base + record[name] for name in URLS if name in record}
        return {**record, **rebased, "_links": self.links(record, visit.base + API)}

    def links(self, record: Record, api: str) -> dict[str, Any]:
        here = f"{api}/{self.name}"
        return {"self": [item_link(f"{here}/{record['id']}")], "collection": [{"href": here}]}

    # writing

    def create_args(self) -> Mapping[str, Arg]:
        """What a create is checked against where it differs from a change."""
        return self.args

    def create(self, data: Values, visit: Visit) -> Record:
        raise NotImplementedError

    def update(self, record_id: int, data: Values, visit: Visit) -> Record:
        raise NotImplementedError

    def delete(self, record_id: int, force: bool, visit: Visit) -> Record:
        """The record as it was before it went to the trash, or for good."""
        record = self.found(record_id, 404)
        if force:
            self.destroy(record_id)
        elif record["status"] == "trash":
            raise Refused("woocommerce_rest_already_trashed", f"The {self.kind} has already been deleted.", 410)
        else:
            self.trash(record_id, visit)
        return record

    def destroy(self, record_id: int) -> None:
        self.store.remove(self.table, record_id)

    def trash(self, record_id: int, visit: Visit) -> None:
        raise NotImplementedError


def item_link(href: str, methods: Iterable[str] = READ_WRITE) -> dict[str, Any]:
    return {"href": href, "targetHints": {"allow": list(methods)}}


def paged(records: list[Record], params: Values) -> Page:
    size = params["per_page"]
    start = params["offset"] if params.get("offset") else (params["page"] - 1) * size
    return Page(records[start : start + size], len(records), -(-len(records) // size))


SORT_KEYS: dict[str, Callable[[Record], Any]] = {
    "date": lambda r: (r["date_created_gmt"] or "", r["id"]),
    "modified": lambda r: (r["date_modified_gmt"] or "", r["id"]),
    "id": lambda r: r["id"],
    "title": lambda r: (str(r.get("name", "")).casefold(), r["id"]),
    "slug": lambda r: (str(r.get("slug", "")), r["id"]),
    "popularity": lambda r: (r["total_sales"], r["id"]),
    "rating": lambda r: (float(r["average_rating"]), r["id"]),
    "price": lambda r: (float(r["price"] or 0), r["id"]),
    "menu_order": lambda r: (r["menu_order"], str(r["name"]).casefold()),
}


def ordered(records: list[Record], params: Values) -> list[Record]:
    """By `orderby` and `order`; `include` keeps the order in which the ids were given."""
    if params["orderby"] == "include":
        places = {record_id: n for n, record_id in enumerate(params["include"])}
        return sorted(records, key=lambda r: places.get(r["id"], len(places)))
    return sorted(records, key=SORT_KEYS[params["orderby"]], reverse=params["order"] == "desc")


def date_tests(params: Values) -> list[Test]:
    """`after` and `before` are exclusive, so that an equal second is left out (trap 1)."""
    suffix = "_gmt" if params["dates_are_gmt"] else ""
    tests: list[Test] = []
    for prefix, field in (("modified_", "date_modified"), ("", "date_created")):
        if after := params.get(f"{prefix}after"):
            tests.append(_later(field + suffix, dates.filter_digits(after)))
        if before := params.get(f"{prefix}before"):
            tests.append(_earlier(field + suffix, dates.filter_digits(before)))
    return tests


def id_tests(params: Values) -> list[Test]:
    excluded = frozenset(params["exclude"])
    return [lambda record: record["id"] not in excluded] if excluded else []


def _later(column: str, bound: str) -> Test:
    return lambda record: (record[column] or "") > bound


def _earlier(column: str, bound: str) -> Test:
    return lambda record: (record[column] or "") < bound
