"""Whether the site behind the address is still the one that it was (ENGINE 17).

Amelia tells nobody an id of the site, nor when its first things were made. But the list of customers, which every run
reads whole, begins with the first who ever booked, and a number stays with its person: one may marry or take another
address, while on another site all of the first numbers are somebody else. So no request is needed to ask, and the first
page of that list is had before any other read begins: nothing of another site is ever taken in.
"""

import json
from collections.abc import MutableMapping
from hashlib import sha256
from threading import Lock

from higherself_sync.core.record import email_key
from higherself_sync.errors import ConfigError
from higherself_sync.services.amelia.answers import Site
from higherself_sync.services.amelia.listing import CUSTOMERS, Page, page_of, parsed
from higherself_sync.services.amelia.wire import Person

FIRST = 5  # customers who are remembered: some may go
FEWEST = 3  # of them that have to be there and somebody else: fewer may all have been corrected


class FirstCustomers:
    """`cache` outlives the run: there is who was seen in the last one, as marks that tell nobody who it was."""

    def __init__(self, site: Site, cache: MutableMapping[str, str]) -> None:
        self._site, self._cache, self._lock = site, cache, Lock()
        self._key = f"{site.name}:first_customers"
        self._left: Page | None = None
        self._checked = False

    def check(self) -> None:
        """Once, and only where it is known whom to expect. Raises ConfigError where it is another site."""
        with self._lock:
            if not self._checked and self._key in self._cache:
                self._left = self._ask()

    def page(self) -> Page:
        """The first page of the list of customers, for whoever reads it whole: the one that was checked, if any."""
        with self._lock:
            page, self._left = self._left or self._ask(), None
            return page

    def _ask(self) -> Page:
        page = page_of(self._site, CUSTOMERS, 1)
        people = (parsed(self._site, Person, item, f"customer {item['id']}") for item in page.items)
        seen = {str(each.id): _marks(each) for each in people}
        known: dict[str, list[str]] = json.loads(self._cache.get(self._key, "{}"))
        there = known.keys() & seen.keys()
        if len(there) >= FEWEST and not any(set(known[each]) & set(seen[each]) for each in there):
            raise ConfigError(
                f"another site answers at {self._site.settings.url}: its first customers are others than before",
                place=self._site.place,
                remedy="put the former site back, or give this one a name of its own under [services]; "
                "if it is the same site, set up anew, run once with --rebuild",
            )
        if seen:
            self._cache[self._key] = json.dumps({each: seen[each] for each in sorted(seen, key=int)[:FIRST]})
        self._checked = True
        return page


def _marks(person: Person) -> list[str]:
    """Of the address and of the name, so far as there are any."""
    told = (email_key(person.email), (person.name() or "").casefold())
    return [sha256(each.encode()).hexdigest()[:16] for each in told if each]
