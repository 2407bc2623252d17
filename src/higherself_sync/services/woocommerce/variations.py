"""The variations of variable products. The shop lists them by product alone, so each id names its product: `37-41`.

What changed is found by the product: whatever changes a variation stamps its product too. All variations of a product
that changed are read, for its name is a part of theirs.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from higherself_sync.core.record import Batch, Draft, Gone, Marks, Record, Values
from higherself_sync.errors import Absent, Refused
from higherself_sync.services.woocommerce.answers import Shop, reason_of
from higherself_sync.services.woocommerce.kinds import PRODUCTS, VARIATIONS
from higherself_sync.services.woocommerce.listing import FirstPages, Objects, chunks, lists
from higherself_sync.services.woocommerce.markers import meta_of
from higherself_sync.services.woocommerce.wire import Parent, Product, Variation


class Variations:
    """As `record.Replica` wants them. `shared`: the first pages of the products' lists; `begin` as there."""

    def __init__(self, shop: Shop, begin: Callable[[], None], shared: FirstPages) -> None:
        self._shop, self._begin, self._shared = shop, begin, shared
        self._products = Objects(shop, PRODUCTS, PRODUCTS.name)

    # reading

    def read(self, since: datetime | None) -> Iterator[Batch]:
        self._begin()
        start: datetime | None = None
        for params in lists(PRODUCTS, since):
            for page in self._products.whole(params, partial(self._shared.get, VARIATIONS.name, params, since)):
                start = start or page.as_of
                yield Batch((), start)  # there may be no variable product, and the moment is to be known
                for product in page.items:
                    if product.is_variable():
                        yield from self._of(product.as_parent(), params["status"], start)

    def _of(self, parent: Parent, status: str, start: datetime) -> Iterator[Batch]:
        objects = self._below(parent)
        try:
            for page in objects.whole({"status": status}):
                yield Batch(tuple(map(objects.record, page.items)), start)
        except Absent:
            return  # the product went meanwhile; that its variations are not in the list proves nothing

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)  # what is no id of this shop stays so
        families = _families(ids)
        parents = self._parents(families)
        for number, numbers in families.items():
            objects = self._below(parents[number])
            for chunk in chunks(numbers):
                found |= {f"{number}-{each}": one for each, one in objects.found(chunk).items()}
        return found

    def find_created(self, draft: Draft, since: datetime) -> Record | None:  # noqa: ARG002 none is ever made here
        return None

    def covers(self, record: Record) -> bool:  # noqa: ARG002 every list is whole
        return True

    def server_time(self) -> datetime:
        return self._shop.api.door.server_time()

    # writing

    def create(self, draft: Draft) -> Record:  # noqa: ARG002 every replica's signature
        raise Refused("nothing can be made in variations", place=self._shop.place)

    def update(self, current: Record, values: Values, marks: Marks) -> Record:
        """The answer tells nothing of the product: that is as it was when the variation was last read."""
        parent, number = current.id.split("-")
        known = Parent(id=int(parent), name=current.native.get("parent", ""), sku=current.native.get("parent_sku", ""))
        objects = self._below(known)
        return objects.put(number, {**objects.body(values, current.native), "meta_data": meta_of(marks)})

    def archive(self, record_id: str) -> Record:  # noqa: ARG002 every replica's signature
        """The API has a trash for them, but the shop shows it nowhere, and its product is not stamped: no way back."""
        raise Refused("variations have no trash", place=self._shop.place)

    def restore(self, record_id: str, values: Values) -> Record:  # noqa: ARG002 every replica's signature
        raise Refused("variations have no trash", place=self._shop.place)

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        families = _families(marks)
        parents = self._parents(families)
        for parent, numbers in families.items():
            objects = self._below(parents[parent])
            for chunk in chunks(numbers):
                updates = [{"id": int(each), "meta_data": meta_of(marks[f"{parent}-{each}"])} for each in chunk]
                for number, item in objects.batch(updates).items():
                    told = reason_of(item) if isinstance(item, dict) else objects.record(item)
                    yield f"{parent}-{number}", told

    # parts of the above

    def _below(self, parent: Parent) -> Objects[Variation]:
        path = f"{PRODUCTS.name}/{parent.id}/variations"
        return Objects(self._shop, VARIATIONS, path, lambda item: item.model_copy(update={"parent": parent}))

    def _parents(self, numbers: Iterable[str]) -> dict[str, Parent]:
        """What their names are made of; of a product that is no more nothing but its number."""
        found: dict[str, Parent] = {}
        for chunk in chunks(list(numbers)):
            params = {**PRODUCTS.listing, "include": ",".join(chunk)}
            listed = {str(item.id): item for item in self._products.page(params, 1).items}
            for number in chunk:
                product = listed[number] if number in listed else self._products.look(number)
                found[number] = product.as_parent() if isinstance(product, Product) else Parent(id=int(number))
        return found


def _families(ids: Iterable[str]) -> dict[str, list[str]]:
    """The numbers of variations by those of their products; what is no id of this kind is left out."""
    found: dict[str, dict[str, None]] = {}
    for each in ids:
        if re.fullmatch(r"[1-9][0-9]*-[1-9][0-9]*", each):
            parent, number = each.split("-")
            found.setdefault(parent, {})[number] = None
    return {parent: list(numbers) for parent, numbers in found.items()}
