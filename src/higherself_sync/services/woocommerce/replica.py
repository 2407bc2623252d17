"""Products, customers and orders, as `record.Replica` wants them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Generic

from higherself_sync.core.record import Batch, Draft, Gone, Marks, Record, Values
from higherself_sync.errors import Refused
from higherself_sync.services.woocommerce.answers import Shop, reason_of
from higherself_sync.services.woocommerce.columns import W
from higherself_sync.services.woocommerce.kinds import OVERLAP, Kind
from higherself_sync.services.woocommerce.listing import Objects, Page, Params, chunks, just_before, lists, numbers_in
from higherself_sync.services.woocommerce.markers import meta_of


class Replica(Generic[W]):
    """One kind of objects that have a list of their own.

    `begin` is called before anything is read. `first` gets the first page of a list that others need too.
    """

    def __init__(
        self,
        shop: Shop,
        kind: Kind[W],
        begin: Callable[[], None],
        first: Callable[[Params, datetime | None], Page[W]] | None = None,
    ) -> None:
        self._shop, self._kind, self._begin, self._first = shop, kind, begin, first
        self._objects: Objects[W] = Objects(shop, kind, kind.name)

    # reading

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """A list that changed while it was read is begun again, so a record may come twice: the later one counts."""
        self._begin()
        start: datetime | None = None
        for params in lists(self._kind, since):
            for page in self._objects.whole(params, partial(self._first, params, since) if self._first else None):
                start = start or page.as_of
                kept = [item for item in page.items if self._kind.kept(item)]
                yield Batch(tuple(map(self._objects.record, kept)), start)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)  # what is no id of this shop stays so
        for chunk in chunks(numbers_in(ids)):
            found |= self._objects.found(chunk)
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
        for page in self._objects.whole({**self._kind.listing, **narrowed}):
            for record in map(self._objects.record, page.items):
                if record.marks.page_id is not None and record.marks.page_id == draft.marks.page_id:
                    return record
        return None

    def covers(self, record: Record) -> bool:  # noqa: ARG002 every list is whole
        return True

    def server_time(self) -> datetime:
        return self._shop.api.door.server_time()

    # writing

    def create(self, draft: Draft) -> Record:
        if not self._kind.required:
            raise Refused(f"nothing can be made in {self._kind.name}", place=self._shop.place)
        body = {**self._kind.defaults, **self._objects.body(draft.values, {}), "meta_data": meta_of(draft.marks)}
        return self._objects.one("POST", self._kind.name, body)

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        body = {**self._objects.body(values, current.native), "meta_data": meta_of(marks)}
        return self._objects.put(current.id, body)

    def archive(self, record_id: str) -> Record:
        """Into the trash, which a person can undo; never with `force`. The answer still shows the state before."""
        if not self._kind.archive:
            raise Refused(f"{self._kind.name} have no trash", place=self._shop.place)
        path = f"{self._kind.name}/{record_id}"
        try:
            self._shop.ask("DELETE", path)
        except Refused as error:
            if error.status != 410:  # "already trashed"
                raise
        return self._objects.one("GET", path)

    def restore(self, record_id: str, values: Values) -> Record:
        """Out of the trash again: into the status that it had, by which the shop takes it out."""
        if not self._kind.archive:
            raise Refused(f"{self._kind.name} have no trash", place=self._shop.place)
        status = values.get("status") or self._kind.defaults.get("status", "pending")
        return self._objects.put(record_id, {"status": status})

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        for chunk in chunks(list(marks)):
            updates = [{"id": int(each), "meta_data": meta_of(marks[each])} for each in chunk]
            for number, item in self._objects.batch(updates).items():
                yield number, reason_of(item) if isinstance(item, dict) else self._objects.record(item)
