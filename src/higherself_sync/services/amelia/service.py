"""One site as a service, and how it is opened."""

from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING

from higherself_sync.errors import HsnError
from higherself_sync.services.amelia.answers import NoKeyApi, Site, final, repeatable, signed
from higherself_sync.services.amelia.booking import Bookings
from higherself_sync.services.amelia.catalogue import Catalogue
from higherself_sync.services.amelia.customers import Customers
from higherself_sync.services.amelia.days import Calendar
from higherself_sync.services.amelia.desk import Desk
from higherself_sync.services.amelia.identity import FirstCustomers
from higherself_sync.services.amelia.kinds import streams
from higherself_sync.services.amelia.news import News
from higherself_sync.services.amelia.offers import Offers
from higherself_sync.services.amelia.records import Records
from higherself_sync.services.amelia.sessions import Sessions
from higherself_sync.services.amelia.settings import Settings
from higherself_sync.services.amelia.whereabouts import Whereabouts
from higherself_sync.services.amelia.zone import Zone
from higherself_sync.services.base import Check

if TYPE_CHECKING:
    from higherself_sync.http import Api, Door

ONE = {"page": "1", "limit": "1"}


class Amelia:
    """One site. `api` is its own: `close` closes it."""

    kind = "amelia"

    def __init__(self, name: str, settings: Settings, api: "Api", cache: MutableMapping[str, str]) -> None:
        self.name, self._settings = name, settings
        self.account = f"{self.kind} {settings.url}"
        self.streams = streams(name, settings)
        self._site = Site(name, settings, api)
        self._zone, identity = Zone(self._site, cache), FirstCustomers(self._site, cache)
        catalogue, calendar = Catalogue(self._site), Calendar(settings, cache, f"{name}:rota")
        records, places = Records(self._site, self._zone, catalogue), Whereabouts(cache, f"{name}:bookings")
        desk = Desk(self._site, self._zone, records, places)
        customers = Customers(self._site, self._zone, identity)
        bookings = Bookings(self._site, desk, catalogue, customers)
        news = News(cache, f"{name}:news")
        sessions = Sessions(self._site, self._zone, identity, calendar, news, desk, bookings)
        self._replicas: dict[str, Customers | Offers | Sessions] = {
            "customers": customers,
            "services": Offers(self._site, self._zone, identity),
            "appointments": sessions,
        }

    def replica(self, stream: str) -> Customers | Offers | Sessions:
        """Always the same one: what the last read has shown is remembered there."""
        return self._replicas[stream]

    def requests(self) -> int:
        return self._site.api.door.sent

    def close(self) -> None:
        self._site.api.close()

    def health(self) -> Iterator[Check]:
        """Two requests: WordPress's own index, and a list of one service."""
        yield self._index()
        yield from self._api()
        yield self._time()

    def _index(self) -> Check:
        try:
            answers = bool(self._zone.index())
        except HsnError as error:
            return self._failed("site", error)
        if answers:
            return Check("site", "ok", f"{self._settings.url}: WordPress answers", service=self.name)
        message = f"{self._settings.url}: WordPress's index does not answer"
        return Check("site", "warn", message, "if that is not meant to be so, let /wp-json/ through", self.name)

    def _api(self) -> Iterator[Check]:
        """A key may do all that there is: it acts for an administrator."""
        try:
            self._site.ask("/services", ONE)
        except NoKeyApi as error:
            yield self._failed("edition", error)
        except HsnError as error:
            yield self._failed("key", error)
        else:
            yield Check("edition", "ok", "the API of an Elite licence answers", service=self.name)
            yield Check("key", "ok", "the key may read and write", service=self.name)

    def _time(self) -> Check:
        try:
            zone = self._zone()
            checked = self._zone.told()
        except HsnError as error:
            return self._failed("zone", error)
        if checked:
            return Check("zone", "ok", f"its times are those of {zone}", service=self.name)
        message = f"its times are taken for those of {zone}, as the config says; the site does not tell"
        return Check("zone", "warn", message, "see that WordPress has that zone under Settings > General", self.name)

    def _failed(self, name: str, error: HsnError) -> Check:
        return Check(name, "fail", error.message, error.remedy, self.name, error.exit_code)


def connect(name: str, settings: Settings, open_door: "Callable[..., Door]", cache: MutableMapping[str, str]) -> Amelia:
    """The site behind a door of its own. `cache` outlives the run. Raises ConfigError when the key cannot be had."""
    from higherself_sync.http import Api

    door = open_door(name, repeatable=repeatable, sign=signed(settings.api_key.reveal()), final=final)
    return Amelia(name, settings, Api(door, settings.url), cache)
