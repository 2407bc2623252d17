"""What all kinds of record have in common: find, get, create, update, delete, and the links of an answer."""

from abc import ABC, abstractmethod
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
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

PAGING: dict[str, Arg] = {
    "context": schema.string("view", "edit", default="view"),
    "page": schema.integer(minimum=1, default=1),
    "per_page": schema.integer(minimum=1, maximum=100, default=10),
    "search": schema.string(default=""),
    "exclude": schema.IDS,
    "include": schema.IDS,
    "offset": schema.integer(),
    "order": schema.string("asc", "desc", default="desc"),
}
DATED: dict[str, Arg] = {
    "after": schema.string(form="date-time"),
    "before": schema.string(form="date-time"),
    "modified_after": schema.string(form="date-time"),
    "modified_before": schema.string(form="date-time"),
    "dates_are_gmt": schema.boolean(default=False),
    "orderby": schema.string("date", "id", "include", "title", "slug", "modified", default="date"),
}


@dataclass(frozen=True, slots=True)
class Page:
    records: list[Record]
    total: int
    pages: int


@dataclass(frozen=True, slots=True)
class Visit:
    """Whoever comes to the shop, and when: everything that a change depends on besides its values.

    `now` has whole seconds; `base` is the site's URL; `storage` is where orders live, "hpos" or "posts"; `via` is
    "rest-api", "checkout" or "admin"; `user` is the acting user's id.
    """

    now: datetime
    storage: str = "hpos"
    base: str = ""
    via: str = "rest-api"
    user: int = 1


class Resource(ABC):
    """One kind of record, during one visit. Subclasses say how it is made, changed, found and shown."""

    name: ClassVar[str]
    table: ClassVar[str]
    kind: ClassVar[str]
    """What error codes and messages call it: the post type."""
    args: ClassVar[Mapping[str, Arg]]
    params: ClassVar[Mapping[str, Arg]]
    unserved: ClassVar[frozenset[str]] = frozenset()
    """List parameters that a real shop knows and the twin does not."""
    repeated: ClassVar[tuple[str, ...]] = ()
    """Parameters that appear in paging links although nobody asked for them."""
    view_only: ClassVar[tuple[str, ...]] = ()
    """Fields that the answer to a write leaves out."""
    is_open_when_absent: ClassVar[bool] = False
    """Whether somebody without rights is told that an id is unknown, instead of that he may not ask."""

    def __init__(self, store: Store, visit: Visit) -> None:
        self.store = store
        self.visit = visit

    @property
    def path(self) -> str:
        return self.name

    # reading

    def found(self, record_id: int, status: int) -> Record:
        """Raises Refused: with 404 where it is read or deleted, with 400 where it is changed (trap 8)."""
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

    @abstractmethod
    def tests(self, params: Values) -> list[Test]: ...

    def sorted(self, records: list[Record], params: Values) -> list[Record]:
        return ordered(records, params)

    def show(self, record: Record, context: str = "view") -> dict[str, Any]:
        """The object as the API gives it; a write is answered in the context "edit"."""
        hidden = self.view_only if context == "edit" else ()
        shown = {name: value for name, value in self.face(record).items() if name not in hidden}
        rebased = {name: self.visit.base + shown[name] for name in URLS if name in shown}
        return {**shown, **rebased, "_links": self.links(record, self.visit.base + API)}

    def face(self, record: Record) -> Record:
        """The record with what is worked out anew at each reading."""
        return record

    def links(self, record: Record, api: str) -> dict[str, Any]:
        here = f"{api}/{self.path}"
        return {"self": [item_link(f"{here}/{record['id']}")], "collection": [{"href": here}]}

    # writing

    def args_to_create(self) -> Mapping[str, Arg]:
        """What a create is checked against, where that differs from a change."""
        return self.args

    def permit(self, method: str, record_id: int, data: Values) -> None:  # noqa: B027 most have nothing to check
        """What is checked before a record is touched, but not in a batch. Raises Refused."""

    @abstractmethod
    def create(self, data: Values) -> Record: ...

    def update(self, record_id: int, data: Values) -> Record:
        raise AssertionError(f"no route changes {self.name}: {record_id}, {sorted(data)}")

    def delete(self, record_id: int, force: bool) -> None:
        record = self.found(record_id, 404)
        if force:
            self.destroy(record_id)
        elif record["status"] == "trash":
            raise Refused("woocommerce_rest_already_trashed", f"The {self.kind} has already been deleted.", 410)
        else:
            self.trash(record_id)

    def destroy(self, record_id: int) -> None:
        self.store.remove(self.table, record_id)

    def trash(self, record_id: int) -> None:
        raise AssertionError(f"{self.name} have no trash: {record_id}")


def item_link(href: str, methods: Iterable[str] = METHODS) -> dict[str, Any]:
    return {"href": href, "targetHints": {"allow": list(methods)}}


def paged(records: list[Record], params: Values) -> Page:
    size = params["per_page"]
    start = params.get("offset") or (params["page"] - 1) * size
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
    """By `orderby` and `order`; "include" keeps the order in which the ids were given."""
    if params["orderby"] == "include":
        places = {record_id: n for n, record_id in enumerate(params["include"])}
        return sorted(records, key=lambda r: places.get(r["id"], len(places)))
    return sorted(records, key=SORT_KEYS[params["orderby"]], reverse=params["order"] == "desc")


def date_tests(params: Values) -> list[Test]:
    """`after` and `before` are exclusive, so that an equal second is left out (trap 1)."""
    zone = "_gmt" if params["dates_are_gmt"] else ""
    tests: list[Test] = []
    for prefix, field in (("modified_", f"date_modified{zone}"), ("", f"date_created{zone}")):
        if after := params[f"{prefix}after"]:
            tests.append(_later(field, dates.filter_digits(after)))
        if before := params[f"{prefix}before"]:
            tests.append(_earlier(field, dates.filter_digits(before)))
    return tests


def id_tests(params: Values) -> list[Test]:
    excluded = frozenset(params["exclude"])
    return [lambda record: record["id"] not in excluded] if excluded else []


def equals(field: str, value: Any) -> Test:
    return lambda record: bool(record[field] == value)


def _later(field: str, bound: str) -> Test:
    return lambda record: (record[field] or "") > bound


def _earlier(field: str, bound: str) -> Test:
    return lambda record: (record[field] or "") < bound
