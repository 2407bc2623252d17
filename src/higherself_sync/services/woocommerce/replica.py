"""One kind of the shop's objects, as `record.Replica` wants it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Generic

from pydantic import ValidationError

from higherself_sync.core.record import Batch, Draft, Gone, Marks, Record, Values
from higherself_sync.errors import Absent, Refused, Unanswered, Unauthorised, Unreachable
from higherself_sync.services.woocommerce.answers import Shop, reason_of
from higherself_sync.services.woocommerce.columns import Context, W
from higherself_sync.services.woocommerce.kinds import HALF_MADE, OVERLAP, PER_PAGE, Kind
from higherself_sync.services.woocommerce.markers import marks_in, meta_of
from higherself_sync.services.woocommerce.wire import JSON

ATTEMPTS = 2  # at reading a list that changes meanwhile


@dataclass(frozen=True, slots=True)
class Page(Generic[W]):
    items: tuple[W, ...]
    total: int
    as_of: datetime


class Replica(Generic[W]):
    """One kind of the shop's objects, as `record.Replica` wants it."""

    def __init__(self, shop: Shop, kind: Kind[W]) -> None:
        self._shop, self._kind = shop, kind
        self._columns = {column.name: column for column in kind.columns}

    # reading

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """A list that changed while it was read is begun again, so a record may come twice: the later one counts."""
        params = dict(self._kind.listing)
        if since is not None and self._kind.dated:
            params |= {"modified_after": just_before(since), "dates_are_gmt": "true"}
        for page in self._whole(params):
            yield Batch(tuple(self._record(item) for item in page.items if self._kind.kept(item)), page.as_of)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)  # what is no id of this shop stays so
        numbers = [each for each in found if re.fullmatch(r"[1-9][0-9]*", each)]
        for chunk in chunks(numbers):
            page = self._page({**self._kind.listing, "include": ",".join(chunk)}, 1)
            listed = {str(item.id): self._alive(item) for item in page.items}
            found |= {each: listed[each] if each in listed else self._look(each) for each in chunk}
        return found

    def find_created(self, draft: Draft, since: datetime) -> Record | None:
        """By SKU or e-mail, else among those made since. A SKU with a comma would be read as a list of SKUs."""
        sku, email = draft.values.get("sku"), draft.values.get("email")
        if self._kind.name == "customers":
            narrowed = {"email": str(email)}
        elif isinstance(sku, str) and "," not in sku:
            narrowed = {"sku": sku}
        else:
            narrowed = {"after": just_before(since - timedelta(seconds=OVERLAP)), "dates_are_gmt": "true"}
        for page in self._whole({**self._kind.listing, **narrowed}):
            for record in map(self._record, page.items):
                if record.marks.page_id is not None and record.marks.page_id == draft.marks.page_id:
                    return record
        return None

    def server_time(self) -> datetime:
        return self._shop.api.door.server_time()

    # writing

    def create(self, draft: Draft) -> Record:
        if not self._kind.required:
            raise Refused(f"nothing can be made in {self._kind.name}", place=self._shop.place)
        body = {**self._kind.defaults, **self._body(draft.values, {}), "meta_data": meta_of(draft.marks)}
        return self._one("POST", self._kind.name, body)

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        """The answer of a trashed object is a success: its status tells, and what was written there does no harm.

        A plugin may fail at one object on every attempt (500): that is for reading back, and no reason to stop the
        stream. Where the whole shop is down, reading back says so.
        """
        body = {**self._body(values, current.native), "meta_data": meta_of(marks)}
        try:
            record = self._one("PUT", self._path(current.id), body)
        except Unauthorised:
            raise
        except Unreachable as error:
            raise Unanswered(error.message, place=error.place, remedy=error.remedy) from error
        if record.trashed:
            raise Absent(Gone.TRASHED, "it lies in the shop's trash", place=self._shop.place)
        return record

    def archive(self, record_id: str) -> Record:
        """Into the trash, which a person can undo; never with `force`. The answer still shows the state before."""
        if not self._kind.archive:
            raise Refused(f"{self._kind.name} have no trash", place=self._shop.place)
        try:
            self._shop.ask("DELETE", self._path(record_id))
        except Refused as error:
            if error.status != 410:  # "already trashed"
                raise
        return self._one("GET", self._path(record_id))

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        for chunk in chunks(list(marks)):
            items = [{"id": int(each), "meta_data": meta_of(marks[each])} for each in chunk]
            answer = self._shop.ask("POST", f"{self._kind.name}/batch", body={"update": items})
            said = {str(item["id"]): item for item in self._objects(answer.json, "update")}
            for each in chunk:
                item = said.get(each, {"error": {"message": "the shop left it out of its answer"}})
                yield each, reason_of(item["error"]) if "error" in item else self._record(self._parsed(item))

    # parts of the above

    def _whole(self, params: Mapping[str, str]) -> Iterator[Page[W]]:
        """Every page of a list, `as_of` being the first one's. Raises Unreachable when it will not hold still."""
        for _ in range(ATTEMPTS):
            first = page = self._page(params, 1)
            seen = {item.id for item in first.items}
            yield first
            for number_ in count(2):
                if (number_ - 1) * PER_PAGE >= first.total:
                    break
                page = self._page(params, number_)
                seen.update(item.id for item in page.items)
                yield replace(page, as_of=first.as_of)
            if len(seen) == first.total == page.total:
                return
        remedy = "run again when the shop is less busy; what was read was kept"
        raise Unreachable(f"the list of {self._kind.name} kept changing", place=self._shop.place, remedy=remedy)

    def _page(self, params: Mapping[str, str], page: int) -> Page[W]:
        paging = {"orderby": "id", "order": "asc", "per_page": str(PER_PAGE), "page": str(page)}
        answer = self._shop.ask("GET", self._kind.name, params={**params, **paging})
        total = answer.headers.get("x-wp-total", "")
        if not total.isdigit():
            remedy = "let X-WP-Total through whatever stands before the shop: without it no list is known to be whole"
            raise Unreachable("the list came without its total", place=self._shop.place, remedy=remedy)
        items = tuple(self._parsed(item) for item in self._objects(answer.json))
        return Page(items, int(total), answer.as_of)

    def _objects(self, json_: Any, key: str | None = None) -> list[JSON]:
        found = json_.get(key) if key and isinstance(json_, dict) else json_
        if not isinstance(found, list) or not all(isinstance(item, dict) and "id" in item for item in found):
            raise Unreachable(f"that is no list of {self._kind.name}", place=self._shop.place, remedy="check url")
        return found

    def _parsed(self, item: object) -> W:
        try:
            return self._kind.model.model_validate(item)
        except ValidationError as error:
            where = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False))
            number_ = item.get("id") if isinstance(item, dict) else None
            remedy = "a plugin may have changed the shop's answers"
            message = f"{self._kind.name} {number_}: not what WooCommerce gives ({where})"
            raise Unreachable(message, place=self._shop.place, remedy=remedy) from None

    def _record(self, item: W) -> Record:
        context = Context(self._shop.name, self._shop.currency)
        record = Record(
            id=str(item.id),
            values={column.name: column.read(item, context) for column in self._kind.columns},
            modified=item.date_modified_gmt,
            created=item.date_created_gmt,
            marks=marks_in(item.meta_data),
            trashed=item.status == "trash",
        )
        return self._kind.finish(record, item)

    def _one(self, method: str, path: str, body: JSON | None = None) -> Record:
        return self._record(self._parsed(self._shop.ask(method, path, body=body).json))

    def _look(self, record_id: str) -> Record | Gone:
        try:
            answer = self._shop.ask("GET", self._path(record_id))
        except Absent as error:
            return error.gone
        return self._alive(self._parsed(answer.json))

    def _alive(self, item: W) -> Record | Gone:
        if item.status == "trash":
            return Gone.TRASHED
        return Gone.HIDDEN if item.status in HALF_MADE else self._record(item)

    def _path(self, record_id: str) -> str:
        return f"{self._kind.name}/{record_id}"

    def _body(self, values: Values, native: Mapping[str, str]) -> JSON:
        body: JSON = {}
        for name, value in values.items():
            write = self._columns[name].write
            if write is None:
                raise Refused(f"only the shop sets {name}", place=self._shop.place)
            if value is None and name in ("name", "email"):
                raise Refused(f"{name} cannot be empty in the shop", place=self._shop.place)
            body |= write(value, native)
        return body


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + PER_PAGE] for start in range(0, len(ids), PER_PAGE))


def just_before(moment: datetime) -> str:
    """The filter value that still lets `moment` itself through: the filters are exclusive, in whole seconds."""
    second = moment.astimezone(UTC).replace(microsecond=0) - timedelta(seconds=1)
    return second.strftime("%Y-%m-%dT%H:%M:%S")
