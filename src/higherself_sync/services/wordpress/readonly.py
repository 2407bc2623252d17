"""The half of a replica that writes, where nothing can be written."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Never

from higherself_sync.core.record import Draft, Marks, Record, Values
from higherself_sync.errors import Refused


class ReadOnly:
    """Refuses every write, and sends nothing. `what`: the plugin; `place`: the service, as errors name it."""

    def __init__(self, what: str, place: str) -> None:
        self._what, self._place = what, place

    def create(self, draft: Draft) -> Record:  # noqa: ARG002 every replica's signature
        self._refuse()

    def update(self, current: Record, values: Values, marks: Marks) -> Record:  # noqa: ARG002 likewise
        self._refuse()

    def archive(self, record_id: str) -> Record:  # noqa: ARG002 likewise
        self._refuse()

    def restore(self, record_id: str, values: Values) -> Record:  # noqa: ARG002 likewise
        self._refuse()

    def find_created(self, draft: Draft, since: datetime) -> Record | None:  # noqa: ARG002 none is ever made here
        return None

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        return ((record_id, self._reason()) for record_id in marks)

    def _refuse(self) -> Never:
        raise Refused(self._reason(), place=self._place)

    def _reason(self) -> str:
        return f"{self._what} is only read: nothing can be written there"
