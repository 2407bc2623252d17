"""What can be booked, as rows of Products: only read, for the API asks for a service whole and documents no less."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from higherself_sync.core.record import Batch, Gone, Record
from higherself_sync.errors import Absent
from higherself_sync.services.amelia.answers import Site
from higherself_sync.services.amelia.columns import SERVICE_COLUMNS
from higherself_sync.services.amelia.identity import FirstCustomers
from higherself_sync.services.amelia.listing import SERVICES, parsed, whole
from higherself_sync.services.amelia.numbers import numbers_in
from higherself_sync.services.amelia.wire import Offer
from higherself_sync.services.amelia.zone import Zone
from higherself_sync.services.wordpress.readonly import ReadOnly


class Offers(ReadOnly):
    def __init__(self, site: Site, zone: Zone, identity: FirstCustomers) -> None:
        super().__init__("what can be booked", site.place)
        self._site, self._zone, self._identity = site, zone, identity

    def read(self, since: datetime | None) -> Iterator[Batch]:  # noqa: ARG002 nothing tells what changed
        self._zone()  # what is wrong with the site is said before anything is taken in
        self._identity.check()
        for page in whole(self._site, SERVICES):
            yield Batch(tuple(self._record(item) for item in page.items), page.as_of)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)
        return found | {each: self._look(each) for each in numbers_in(ids)}

    def covers(self, record: Record) -> bool:  # noqa: ARG002 the list is whole
        return True

    def server_time(self) -> datetime:
        return self._site.server_time()

    def _record(self, raw: object) -> Record:
        offer = parsed(self._site, Offer, raw, "a service")
        values = {column.name: column.read(offer) for column in SERVICE_COLUMNS}
        return Record(str(offer.id), values, label=offer.name)

    def _look(self, record_id: str) -> Record | Gone:
        try:
            return self._record(self._site.ask(f"/services/{record_id}").part("service"))
        except Absent as error:
            return error.gone
