"""The appointment types: read-only, and asked for first in every run, since the answer tells what day it is there."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from threading import Lock

from higherself_sync.core.record import Batch, Draft, Gone, Marks, Record, Values
from higherself_sync.errors import Refused
from higherself_sync.services.acuity.answers import Account
from higherself_sync.services.acuity.kinds import type_record
from higherself_sync.services.acuity.wire import AppointmentType


class Catalogue:
    """The list of types, which two readers need: asked for once, by whoever of them comes first.

    Reads run side by side. Whoever comes second takes the list that the first one left, and asks anew after that.
    """

    def __init__(self, account: Account) -> None:
        self._account, self._lock = account, Lock()
        self._left: tuple[str, tuple[AppointmentType, ...], datetime] | None = None
        self._latest: tuple[AppointmentType, ...] | None = None

    def read(self, reader: str) -> tuple[tuple[AppointmentType, ...], datetime]:
        """The types there are, and the server's time of that answer."""
        with self._lock:
            left, self._left = self._left, None
            if left is None or left[0] == reader:
                left = self._left = (reader, *self._ask())
            return left[1:]

    def types(self) -> tuple[AppointmentType, ...]:
        """As they were last read in this run."""
        return self._latest if self._latest is not None else self._ask()[0]

    def every(self) -> tuple[AppointmentType, ...]:
        """Those that were deleted too."""
        answer = self._account.ask("GET", "appointment-types", params={"includeDeleted": "true"})
        return self._account.listed(answer, AppointmentType)

    def _ask(self) -> tuple[tuple[AppointmentType, ...], datetime]:
        answer = self._account.ask("GET", "appointment-types")
        self._latest = tuple(each for each in self._account.listed(answer, AppointmentType) if each.active)
        return self._latest, answer.as_of


class Types:
    """As `record.Replica` wants them. The API cannot change a type."""

    def __init__(self, account: Account, catalogue: Catalogue) -> None:
        self._account, self._catalogue = account, catalogue

    # reading

    def read(self, since: datetime | None) -> Iterator[Batch]:  # noqa: ARG002 the list is always whole
        types, as_of = self._catalogue.read("types")
        yield Batch(tuple(self._record(each) for each in types), as_of)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        """What is deleted stays in the longer list and says so. An id that is in neither list proves nothing."""
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)
        for item in self._catalogue.every() if found else ():
            if str(item.id) in found:
                found[str(item.id)] = self._record(item) if item.active else Gone.TRASHED
        return found

    def find_created(self, draft: Draft, since: datetime) -> Record | None:  # noqa: ARG002 none is ever made here
        return None

    def covers(self, record: Record) -> bool:  # noqa: ARG002 the list is whole
        return True

    def server_time(self) -> datetime:
        return self._account.now()

    # writing

    def create(self, draft: Draft) -> Record:  # noqa: ARG002 every replica's signature
        raise self._refused()

    def update(self, current: Record, values: Values, marks: Marks) -> Record:  # noqa: ARG002
        raise self._refused()

    def archive(self, record_id: str) -> Record:  # noqa: ARG002
        raise self._refused()

    def restore(self, record_id: str, values: Values) -> Record:  # noqa: ARG002
        raise self._refused()

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        return ((number, "a type has no place for a back-link") for number in marks)

    # parts of the above

    def _record(self, item: AppointmentType) -> Record:
        return type_record(item, self._account.context)

    def _refused(self) -> Refused:
        return Refused("appointment types are made and changed in Acuity alone", place=self._account.place)
