"""Who is enrolled in which course, as `record.Replica` wants it: Tutor LMS Pro alone has them, and its answers were
never seen. What has the documented names is taken, and nothing follows from what is not there."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from higherself_sync.core.record import Batch, Gone, Record
from higherself_sync.services.tutorlm.columns import ENROLMENT_COLUMNS, Context, values
from higherself_sync.services.tutorlm.listing import Catalogue
from higherself_sync.services.tutorlm.wire import Enrolment
from higherself_sync.services.wordpress.readonly import ReadOnly
from higherself_sync.services.wordpress.site import Site

ASK_AGAIN = timedelta(hours=24)  # whether a site has come to have Pro
ROUTE = "enrollments"


class Edition(StrEnum):
    FREE = "free"
    PRO = "pro"
    UNCLEAR = "unclear"  # it has the route, and answers in a form that nobody here has seen


class Enrolments(ReadOnly):
    """`shop`: the WooCommerce service of the same site."""

    def __init__(self, site: Site, catalogue: Catalogue, shop: str | None) -> None:
        super().__init__(site.plugin.title, site.place)
        self._site, self._catalogue, self._shop = site, catalogue, shop

    def read(self, since: datetime | None) -> Iterator[Batch]:  # noqa: ARG002 there is no filter: it is always read whole
        self._site.zone()
        if self._known_to_be_free():
            yield Batch((), self.server_time())
            return
        edition, found = enrolments(self._site)
        self._remember(free=edition is Edition.FREE)
        yield Batch(tuple(map(self._record, self._own(found))), self.server_time())

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        """What is not in the list may be on a page that nobody knows to ask for."""
        if not ids:
            return {}
        listed = {each.id: self._record(each) for each in self._own(enrolments(self._site)[1])}
        return {each: listed.get(each, Gone.HIDDEN) for each in ids}

    def covers(self, record: Record) -> bool:  # noqa: ARG002 what the list leaves out is asked for, and proves nothing
        return True

    def server_time(self) -> datetime:
        return self._site.api.door.server_time()

    def _own(self, found: Iterable[Enrolment]) -> list[Enrolment]:
        """Those that are no order of the shop's: where it sells the courses, those in courses without a price."""
        if self._shop is None:
            return list(found)
        priced = {each.id for each in self._catalogue.get("enrolments")[0] if each.price.strip()}
        return [each for each in found if each.course not in priced]

    def _record(self, enrolment: Enrolment) -> Record:
        context = Context(self._site.name, shop=self._shop)
        return Record(enrolment.id, values(ENROLMENT_COLUMNS, enrolment, context))

    def _known_to_be_free(self) -> bool:
        at = json.loads(self._site.cache.get(self._key, "null"))
        return at is not None and self.server_time() - datetime.fromisoformat(at) < ASK_AGAIN

    def _remember(self, *, free: bool) -> None:
        self._site.cache[self._key] = json.dumps(self.server_time().isoformat() if free else None)

    @property
    def _key(self) -> str:
        return f"{self._site.name}:free"


def enrolments(site: Site) -> tuple[Edition, list[Enrolment]]:
    """The edition, and what can be understood of its answer. A refusal is unclear, too: the key works elsewhere."""
    answer = site.look(f"{site.plugin.namespace}/{ROUTE}")
    said = answer.json if isinstance(answer.json, dict) else {}
    if answer.status == 404 and said.get("code") == "rest_no_route":
        return Edition.FREE, []
    items = said.get("data")
    if answer.status != 200 or not isinstance(items, list):
        return Edition.UNCLEAR, []
    found = list(_understood(items))
    return Edition.PRO if len(found) == len(items) else Edition.UNCLEAR, found


def _understood(items: list[Any]) -> Iterator[Enrolment]:
    for each in items:
        try:
            yield Enrolment.model_validate(each)
        except ValidationError:
            continue
