"""What can be booked, with whom and where: asked for once a run, and only by whoever needs it.

A list of appointments names service and employee itself. One appointment alone may name neither, a place is named
nowhere, and whoever books has to say all of it in numbers.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from higherself_sync.errors import Refused
from higherself_sync.services.amelia.answers import Site
from higherself_sync.services.amelia.listing import SERVICES, W, parsed, whole
from higherself_sync.services.amelia.wire import Offer, Person, Place

TYPES = "employees,locations,entitiesRelations"


@dataclass(frozen=True, slots=True)
class House:
    """`gives`: per service the employees who give it, by number."""

    staff: Mapping[int, Person]
    places: Mapping[int, Place]
    gives: Mapping[int, list[int]]


class Catalogue:
    def __init__(self, site: Site) -> None:
        self._site = site

    def offer(self, number: int | None) -> Offer | None:
        return self._offers.get(number or 0)

    def employee(self, number: int | None) -> Person | None:
        return self._house.staff.get(number or 0)

    def place(self, number: int | None) -> Place | None:
        return self._house.places.get(number or 0)

    def offer_called(self, name: str) -> Offer:
        """Raises Refused, naming those that there are."""
        offers = self._offers.values()
        found = [each for each in offers if alike(each.name) == alike(name)]
        visible = [each for each in found if each.status != "disabled"] or found
        if len(visible) != 1:
            names = ", ".join(sorted(each.name for each in offers))
            message = f"Service Type: Amelia has {len(visible)} services called {name}; it knows: {names}"
            raise Refused(message, place=self._site.place)
        return visible[0]

    def giver(self, offer: Offer, wanted: str | None, usual: str | None) -> Person:
        """Who is to give it: the one wanted, else the usual one who does, else the first who does. Raises Refused."""
        giving = [self._house.staff[each] for each in self._house.gives.get(offer.id, [])]
        named = [each for each in giving if wanted is not None and _is_called(each, wanted)]
        if wanted is not None and len(named) != 1:
            names = ", ".join(each.name() or str(each.id) for each in giving)
            message = (
                f"Calendar: {len(named)} of those who give {offer.name} are called {wanted}; it is given by: {names}"
            )
            raise Refused(message, place=self._site.place)
        chosen = [*named, *(each for each in giving if usual is not None and _is_called(each, usual)), *giving]
        if not chosen:
            raise Refused(f"nobody gives {offer.name} in Amelia", place=self._site.place)
        return chosen[0]

    @cached_property
    def _offers(self) -> Mapping[int, Offer]:
        items = (item for page in whole(self._site, SERVICES) for item in page.items)
        return {each.id: each for each in self._all(Offer, items)}

    @cached_property
    def _house(self) -> House:
        told = self._site.ask("/entities", {"types": TYPES})
        employees, places = told.part("employees") or [], told.part("locations") or []
        return House(
            {each.id: each for each in self._all(Person, employees)},
            {each.id: each for each in self._all(Place, places)},
            _givers(told.part("entitiesRelations"), {str(each["id"]) for each in employees}),
        )

    def _all(self, model: type[W], items: Iterable[object]) -> list[W]:
        return [parsed(self._site, model, item, model.__name__.lower()) for item in items]


def alike(name: str) -> str:
    """As an option of a column has it, which can hold no comma."""
    return " ".join(name.replace(",", ";").split()).casefold()


def _is_called(person: Person, wanted: str) -> bool:
    names = (person.name() or "", person.email, str(person.id))
    return alike(wanted) in [alike(each) for each in names]


def _givers(relations: Any, employees: Collection[str]) -> dict[int, list[int]]:
    """From the table of who gives what where, `{employee: {service: [places]}}`; `[]` where it is empty."""
    found: dict[int, list[int]] = {}
    for employee, services in sorted(dict(relations or {}).items(), key=lambda pair: int(pair[0])):
        for service in services if employee in employees else ():
            found.setdefault(int(service), []).append(int(employee))
    return found
