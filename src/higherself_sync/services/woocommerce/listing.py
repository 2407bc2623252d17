"""Objects of one kind as the shop gives them: lists known to be whole, single ones, and records made of them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Lock
from typing import Any, Generic, TypeAlias

from pydantic import ValidationError

from higherself_sync.core.record import Gone, Record, Values
from higherself_sync.errors import Absent, Refused, Unreachable
from higherself_sync.services.woocommerce.answers import Shop
from higherself_sync.services.woocommerce.columns import Context, W
from higherself_sync.services.woocommerce.kinds import HALF_MADE, PER_PAGE, Kind
from higherself_sync.services.woocommerce.markers import marks_in
from higherself_sync.services.woocommerce.wire import JSON, Product

ATTEMPTS = 2  # at reading a list that changes meanwhile

Params: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page(Generic[W]):
    """`params`: what was asked for, so that the pages after it can be."""

    items: tuple[W, ...]
    total: int
    as_of: datetime
    params: Params


class Objects(Generic[W]):
    """Those of one kind. `path` is below `wc/v3`; `finish` gets to complete what the wire says of an object."""

    def __init__(self, shop: Shop, kind: Kind[W], path: str, finish: Callable[[W], W] = lambda item: item) -> None:
        self.shop, self.kind, self.path, self._finish = shop, kind, path, finish
        self._columns = {column.name: column for column in kind.columns}

    # reading

    def whole(self, params: Params, first: Callable[[], Page[W]] | None = None) -> Iterator[Page[W]]:
        """Every page of a list, `as_of` being the first one's. Raises Unreachable when it will not hold still.

        `first` gets the first page in some other way, and may get that of a longer list.
        """
        for attempt in range(ATTEMPTS):
            start = page = first() if first is not None and attempt == 0 else self.page(params, 1)
            seen = {item.id for item in start.items}
            yield start
            for number in count(2):
                if (number - 1) * PER_PAGE >= start.total:
                    break
                page = self.page(start.params, number)
                seen.update(item.id for item in page.items)
                yield replace(page, as_of=start.as_of)
            if len(seen) == start.total == page.total:
                return
        remedy = "run again when the shop is less busy; what was read was kept"
        raise Unreachable(f"the list of {self.kind.name} kept changing", place=self.shop.place, remedy=remedy)

    def page(self, params: Params, number: int) -> Page[W]:
        paging = {"orderby": "id", "order": "asc", "per_page": str(PER_PAGE), "page": str(number)}
        answer = self.shop.ask("GET", self.path, params={**params, **paging})
        total = answer.headers.get("x-wp-total", "")
        if not total.isdigit():
            remedy = "let X-WP-Total through whatever stands before the shop: without it no list is known to be whole"
            raise Unreachable("the list came without its total", place=self.shop.place, remedy=remedy)
        items = tuple(self.parsed(item) for item in self.several(answer.json))
        return Page(items, int(total), answer.as_of, params)

    def several(self, json: Any, key: str | None = None) -> list[JSON]:
        found = json.get(key) if key and isinstance(json, dict) else json
        if not isinstance(found, list) or not all(isinstance(item, dict) and "id" in item for item in found):
            raise Unreachable(f"that is no list of {self.kind.name}", place=self.shop.place, remedy="check url")
        return found

    def parsed(self, item: object) -> W:
        try:
            return self._finish(self.kind.model.model_validate(item))
        except ValidationError as error:
            where = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False))
            number = item.get("id") if isinstance(item, dict) else None
            remedy = "a plugin may have changed the shop's answers"
            message = f"{self.kind.name} {number}: not what WooCommerce gives ({where})"
            raise Unreachable(message, place=self.shop.place, remedy=remedy) from None

    def look(self, number: str) -> W | Gone:
        """One object as it is, in the trash or not; or that the shop never had it, or has it no more."""
        try:
            return self.parsed(self.shop.ask("GET", f"{self.path}/{number}").json)
        except Absent as error:
            return error.gone

    def found(self, numbers: Sequence[str]) -> dict[str, Record | Gone]:
        """Up to a hundred, by one list; what the list leaves out is asked for by itself, to learn why."""
        listed = {
            str(each.id): each for each in self.page({**self.kind.listing, "include": ",".join(numbers)}, 1).items
        }
        return {each: self.alive(listed[each] if each in listed else self.look(each)) for each in numbers}

    # records

    def record(self, item: W) -> Record:
        context = Context(self.shop.name, self.shop.currency)
        record = Record(
            id=self.kind.identify(item),
            values={column.name: column.read(item, context) for column in self.kind.columns},
            modified=item.date_modified_gmt,
            created=item.date_created_gmt,
            marks=marks_in(item.meta_data),
            trashed=item.status == "trash",
        )
        return self.kind.finish(record, item)

    def alive(self, item: W | Gone) -> Record | Gone:
        if isinstance(item, Gone):
            return item
        if item.status == "trash":
            return Gone.TRASHED
        return Gone.HIDDEN if item.status in HALF_MADE else self.record(item)

    # writing

    def body(self, values: Values, native: Mapping[str, str]) -> JSON:
        body: JSON = {}
        for name, value in values.items():
            write = self._columns[name].write
            if write is None:
                raise Refused(f"only the shop sets {name}", place=self.shop.place)
            if value is None and name in ("name", "email"):
                raise Refused(f"{name} cannot be empty in the shop", place=self.shop.place)
            body |= write(value, native)
        return body

    def one(self, method: str, path: str, body: JSON | None = None) -> Record:
        return self.record(self.parsed(self.shop.ask(method, path, body=body).json))

    def put(self, number: str, body: JSON) -> Record:
        """The answer of a trashed object is a success: its status tells, and what was written there does no harm."""
        record = self.one("PUT", f"{self.path}/{number}", body)
        if record.trashed:
            raise Absent(Gone.TRASHED, "it lies in the shop's trash", place=self.shop.place)
        return record

    def batch(self, updates: Sequence[JSON]) -> dict[str, W | JSON]:
        """Up to a hundred updates at once: per number the object as it now is, or the shop's error."""
        answer = self.shop.ask("POST", f"{self.path}/batch", body={"update": list(updates)})
        said = {str(item["id"]): item for item in self.several(answer.json, "update")}
        lost = {"message": "the shop left it out of its answer"}
        return {
            number: item["error"] if "error" in item else self.parsed(item)
            for number in (str(each["id"]) for each in updates)
            for item in (said.get(number, {"error": lost}),)
        }


class FirstPages:
    """First pages of the products' lists, which two streams need: asked for once, by whoever of them comes first.

    Reads run side by side. A page is taken by the other reader once. What is shared is a moment old at most, and its
    `as_of` goes with it as the reader's next cursor: whoever takes it late sees nothing too late and loses nothing.
    """

    def __init__(self, objects: Objects[Product]) -> None:
        self._objects, self._lock = objects, Lock()
        self._left: dict[str, tuple[str, datetime | None, Page[Product]]] = {}

    def get(self, reader: str, params: Params, since: datetime | None) -> Page[Product]:
        """A page of what changed from earlier on holds all that one from later on (`since`) would."""
        with self._lock:
            owner, left_since, left = self._left.pop(params["status"], (reader, None, None))
            if left is not None and owner != reader and _covers(left_since, since):
                return left
            page = self._objects.page(params, 1)
            if left is not None and owner != reader:
                page = replace(page, as_of=min(page.as_of, left.as_of))  # one cursor for both, from now on
            self._left[params["status"]] = (reader, since, page)
            return page


def _covers(one: datetime | None, other: datetime | None) -> bool:
    return one == other or (one is not None and other is not None and one < other)


def lists(kind: Kind[Any], since: datetime | None) -> Iterator[Params]:
    """What a read has to ask for: everything; or what changed, and then what was thrown away, which no list has."""
    if since is None or not kind.dated:
        yield kind.listing
        return
    changed = {"modified_after": just_before(since), "dates_are_gmt": "true"}
    yield {**kind.listing, **changed}
    if kind.trash:
        yield {**kind.listing, **changed, "status": "trash"}


def numbers_in(ids: Sequence[str]) -> list[str]:
    return [each for each in dict.fromkeys(ids) if re.fullmatch(r"[1-9][0-9]*", each)]


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + PER_PAGE] for start in range(0, len(ids), PER_PAGE))


def just_before(moment: datetime) -> str:
    """The filter value that still lets `moment` itself through: the filters are exclusive, in whole seconds."""
    second = moment.astimezone(UTC).replace(microsecond=0) - timedelta(seconds=1)
    return second.strftime("%Y-%m-%dT%H:%M:%S")
