"""Lists of the site's objects, known to be whole: appointments by date, customers, services, payments."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from pydantic import ValidationError

from higherself_sync.errors import Unreachable
from higherself_sync.services.amelia.answers import Site, Told
from higherself_sync.services.amelia.wire import JSON, Wire

W = TypeVar("W", bound=Wire)

LIMIT = "500"  # the most that a list of appointments gives; the others are not known to have a most
ATTEMPTS = 2  # at reading a list that changes meanwhile


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind of list. `counts`: what tells how many were found, the surest first.

    Of appointments a 9.7 counts what was found in `filteredCount` and all there are in `total`; older ones have only
    `total`, and mean the former.
    """

    path: str
    items: Callable[[Told], Any]
    counts: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    items: tuple[JSON, ...]
    count: int
    as_of: datetime


def _by_day(told: Told) -> Any:
    """An object of days, each with its list; `[]` where there is none; a plain list where that was asked for."""
    found = told.part("appointments")
    return [one for day in found.values() for one in day["appointments"]] if isinstance(found, dict) else found


APPOINTMENTS = Shelf("/appointments", _by_day, ("filteredCount", "total"))
CUSTOMERS = Shelf("/users/customers", lambda told: told.part("users"), ("filteredCount", "totalCount"))
SERVICES = Shelf("/services", lambda told: told.part("services"), ("countFiltered", "countTotal"))
PAYMENTS = Shelf("/payments", lambda told: told.part("payments"), ("filteredCount", "totalCount"))


def whole(
    site: Site, shelf: Shelf, params: Mapping[str, str] | None = None, *, first: Page | None = None
) -> Iterator[Page]:
    """Every page of a list, `as_of` being the first one's; each object once, unless the list is read again.

    How long a page is the site decides: the end is where as many were seen as were found. It may count some that it
    never shows (an appointment whose employee is no more): a list that shows the same twice is whole too. Raises
    Unreachable when it will not hold still. `first`: the first page, where somebody has it already.
    """
    before: set[int] | None = None
    for _ in range(ATTEMPTS):
        seen: set[int] = set()
        counts: set[int] = set()
        start: datetime | None = None
        for number in count(1):
            page, first = first or page_of(site, shelf, number, params), None
            start = start or page.as_of
            new = tuple(item for item in page.items if item["id"] not in seen)
            yield replace(page, items=new, as_of=start)
            seen.update(item["id"] for item in new)
            counts.add(page.count)
            if not new or len(seen) == page.count:
                break
        if len(counts) == 1 and (seen == before or len(seen) in counts):
            return
        before = seen
    remedy = "run again when the site is less busy; what was read was kept"
    raise Unreachable(f"the list of {shelf.path} kept changing", place=site.place, remedy=remedy)


def page_of(site: Site, shelf: Shelf, number: int, params: Mapping[str, str] | None = None) -> Page:
    """`page` goes with every question: without it a site sends all it has."""
    told = site.ask(shelf.path, {**(params or {}), "page": str(number), "limit": LIMIT})
    items = shelf.items(told)
    counted = next((found for name in shelf.counts if (found := told.part(name)) is not None), None)
    if not _are_objects(items) or not str(counted).isdigit():
        remedy = "check url, and that Amelia is a 9.x"
        raise Unreachable(f"that is no list of {shelf.path}", place=site.place, remedy=remedy)
    return Page(tuple(items), int(str(counted)), told.as_of)


def _are_objects(items: Any) -> bool:
    return isinstance(items, Sequence) and all(isinstance(item, dict) and "id" in item for item in items)


def parsed(site: Site, model: type[W], item: object, what: str) -> W:
    """Raises Unreachable, which names where it is not what Amelia gives, and no value."""
    try:
        return model.model_validate(item)
    except ValidationError as error:
        where = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False))
        message = f"{what}: not what Amelia gives ({where})"
        raise Unreachable(message, place=site.place, remedy="hsn needs Amelia 9.x") from None
