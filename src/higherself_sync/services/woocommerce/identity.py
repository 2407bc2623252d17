"""Whether the shop behind the address is still the one that it was (ENGINE 17).

WooCommerce tells nobody an id of the site. But the list of users, which every run reads whole, begins with those who
set the site up, and when they were registered, to the second. That stays when the shop's name, address, zone or
version changes and when it is moved, and another shop has other moments. So no request is needed to ask, and the first
page of that list is had before any other read begins: nothing of another shop is ever taken in.
"""

import json
from collections.abc import Iterable, MutableMapping
from threading import Lock

from higherself_sync.errors import ConfigError
from higherself_sync.services.woocommerce.answers import Shop
from higherself_sync.services.woocommerce.kinds import CUSTOMERS
from higherself_sync.services.woocommerce.listing import Objects, Page
from higherself_sync.services.woocommerce.wire import Customer

FIRST = 5  # users who are remembered: some may go


class FirstUsers:
    """`cache` outlives the run: there is who was seen in the last one."""

    def __init__(self, shop: Shop, cache: MutableMapping[str, str]) -> None:
        self._shop, self._cache, self._lock = shop, cache, Lock()
        self._key = f"{shop.name}:first_users"
        self._left: Page[Customer] | None = None
        self._checked = False

    def check(self) -> None:
        """Once, and only where it is known whom to expect. Raises ConfigError where it is another shop."""
        with self._lock:
            if not self._checked and self._key in self._cache:
                self._left = self._ask()

    def page(self) -> Page[Customer]:
        """The first page of the list of users, for whoever reads it whole: the one that was checked, if there is."""
        with self._lock:
            page, self._left = self._left or self._ask(), None
            return page

    def _ask(self) -> Page[Customer]:
        page = Objects(self._shop, CUSTOMERS, CUSTOMERS.name).page(CUSTOMERS.listing, 1)
        seen = {str(each.id): each.date_created for each in page.items if each.date_created}
        known: dict[str, str] = json.loads(self._cache.get(self._key, "{}"))
        there = known.keys() & seen.keys()
        if there and all(known[each] != seen[each] for each in there):
            raise ConfigError(
                f"another shop answers at {self._shop.settings.url}: its first users are others than before",
                place=self._shop.place,
                remedy="put the former shop back, or give this one a name of its own under [services]; "
                "if it is the same shop, set up anew, run once with --rebuild",
            )
        if seen:
            self._cache[self._key] = json.dumps({each: seen[each] for each in _lowest(seen)})
        self._checked = True
        return page


def _lowest(numbers: Iterable[str]) -> list[str]:
    return sorted(numbers, key=int)[:FIRST]
