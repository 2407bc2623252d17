"""One shop as a service, and how it is opened."""

from collections.abc import Callable, Iterator, MutableMapping
from functools import partial
from typing import TYPE_CHECKING

from higherself_sync.errors import Absent, ConfigError, HsnError, Unauthorised, Unreachable
from higherself_sync.services.base import Check
from higherself_sync.services.woocommerce.answers import API, Shop
from higherself_sync.services.woocommerce.identity import FirstUsers
from higherself_sync.services.woocommerce.kinds import CUSTOMERS, ORDERS, PRODUCTS, streams
from higherself_sync.services.woocommerce.listing import FirstPages, Objects
from higherself_sync.services.woocommerce.replica import Replica
from higherself_sync.services.woocommerce.settings import Settings
from higherself_sync.services.woocommerce.signing import basic, oauth, repeatable
from higherself_sync.services.woocommerce.variations import Variations
from higherself_sync.services.woocommerce.wire import Customer, Order, Product

if TYPE_CHECKING:
    from higherself_sync.http import Api, Door

NO_ORDER = 2**31 - 1


class WooCommerce:
    """One shop. `api` is its own: `close` closes it."""

    kind = "woocommerce"

    def __init__(self, name: str, settings: Settings, api: "Api", cache: MutableMapping[str, str]) -> None:
        self.name, self._settings = name, settings
        self.account = f"{self.kind} {settings.url}"
        self.streams = streams(name, settings)
        self._shop = Shop(name, settings, api, cache)
        self._shared = FirstPages(Objects(self._shop, PRODUCTS, PRODUCTS.name))
        self._users = FirstUsers(self._shop, cache)

    def replica(self, stream: str) -> Replica[Product] | Replica[Customer] | Replica[Order] | Variations:
        match stream:
            case "products":
                return Replica(self._shop, PRODUCTS, self._users.check, partial(self._shared.get, stream))
            case "variations":
                return Variations(self._shop, self._users.check, self._shared)
            case "customers":
                return Replica(self._shop, CUSTOMERS, self._users.check, lambda *_: self._users.page())
            case "orders":
                return Replica(self._shop, ORDERS, self._users.check)
            case _:
                raise KeyError(stream)

    def requests(self) -> int:
        return self._shop.api.door.sent

    def close(self) -> None:
        self._shop.api.close()

    def health(self) -> Iterator[Check]:
        """Three requests: the public index, a list of one order, and a write to an order that cannot exist."""
        proofs = {"site": self._site, "read": self._may_read, "write": self._may_write}
        for name, prove in proofs.items():
            try:
                prove()
            except HsnError as error:
                yield Check(name, "fail", error.message, error.remedy, self.name, error.exit_code)
                if isinstance(error, Unauthorised):
                    return  # a key that may not even read is refused a write as well, which tells nothing
            else:
                yield Check(name, "ok", f"{self._settings.url}: {_PROVED[name]}", service=self.name)

    def _may_read(self) -> None:
        self._shop.ask("GET", "orders", params={"per_page": "1"})

    def _site(self) -> None:
        answer = self._shop.api.request("GET", "/")
        index = answer.json if answer.status == 200 and isinstance(answer.json, dict) else None
        if index is None:
            raise self._shop.failure(answer, "GET")
        place, remedy = self._shop.place, "install and activate WooCommerce there, or correct url"
        if "namespaces" in index and API.strip("/") not in index["namespaces"]:
            raise Unreachable("a WordPress site without WooCommerce", place=place, remedy=remedy)
        zone = index.get("timezone_string")
        if self._settings.timezone and zone and zone != self._settings.timezone:
            raise ConfigError(f"the site's zone is {zone}", place=place, remedy=f'write timezone = "{zone}"')

    def _may_write(self) -> None:
        """A read-only key is refused before the shop looks for the order, which no shop is old enough to have."""
        try:
            self._shop.ask("PUT", f"orders/{NO_ORDER}", body={})
        except Absent:
            return


_PROVED = {"site": "answers", "read": "the key may read orders", "write": "the key may write"}


def connect(
    name: str, settings: Settings, open_door: "Callable[..., Door]", cache: MutableMapping[str, str]
) -> WooCommerce:
    """The shop behind a door of its own. `cache` outlives the run. Raises ConfigError when a secret cannot be had."""
    from higherself_sync.http import Api

    key, secret = settings.consumer_key.reveal(), settings.consumer_secret.reveal()
    sign = basic(key, secret) if settings.url.startswith("https:") else oauth(key, secret)
    door = open_door(name, repeatable=repeatable, sign=sign)
    return WooCommerce(name, settings, Api(door, f"{settings.url}/wp-json"), cache)
