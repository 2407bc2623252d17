"""The responses as `record.Replica` wants them: read, and never written."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NoReturn

from higherself_sync.core.record import Batch, Draft, Gone, Marks, Record, Values
from higherself_sync.errors import Refused
from higherself_sync.services.typeform.account import Account, Catalogue
from higherself_sync.services.typeform.reading import FORM, Reader
from higherself_sync.services.typeform.streams import names_products
from higherself_sync.services.typeform.wire import Response

TOKEN = re.compile(r"[\w-]+")
READ_ONLY = "Typeform's responses cannot be written"


class Responses:
    """The stream `responses` or `leads`: the same, of other forms, and of a lead only the person."""

    def __init__(self, account: Account, name: str) -> None:
        self._account, self._name = account, name
        self._read: frozenset[str] = frozenset()  # the forms of the last read
        self._forms: dict[str, str] = {}  # of tokens that may be asked for: the form

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """All forms one after another, as of the time at which their list was given."""
        catalogue = self._account.catalogue(self._name)
        chosen = self._account.chosen(self._name, catalogue)
        self._read = frozenset(chosen)
        yield Batch((), catalogue.as_of)  # also where there is no form
        for form_id in chosen:
            reader = self._reader(form_id, catalogue)
            for page in self._account.walk(form_id, since):
                yield Batch(tuple(self._records(reader, page.items)), catalogue.as_of)

    def covers(self, record: Record) -> bool:
        """Not where its form is gone, or is no longer to be read: then it is missing for that reason."""
        form_id = record.native.get(FORM, "")
        self._forms[record.id] = form_id
        return form_id in self._read

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        """A token does not say of which form it is. Where `covers` was told, that form is asked, else every one."""
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)
        tokens = [each for each in found if TOKEN.fullmatch(each)]  # what is no token stays hidden
        if not tokens:
            return found
        catalogue = self._account.catalogue()
        chosen = self._account.chosen(self._name, catalogue)
        every = [*chosen, *(each for each in self._account.known() if each not in chosen)]
        left = {token: [self._forms[token]] if self._forms.get(token) else every for token in tokens}
        asked, shown = set[str](), False
        for form_id in every:
            wanted = [token for token, forms in left.items() if form_id in forms]
            items = self._account.named(form_id, wanted) if wanted else None
            if items is None or (not items and form_id not in catalogue.forms):
                continue  # a form that is gone proves nothing, even if it answers
            asked.add(form_id)
            if items and form_id in chosen:  # of another form it is there, and out of sight
                found |= {record.id: record for record in self._records(self._reader(form_id, catalogue), items)}
            shown = shown or bool(items)
            left = {token: forms for token, forms in left.items() if token not in {item.token for item in items}}
        gone = [token for token, forms in left.items() if forms and asked.issuperset(forms)]
        if gone and (shown or self._account.shows_any(every)):
            found |= dict.fromkeys(gone, Gone.DELETED)
        return found

    def server_time(self) -> datetime:
        return self._account.api.door.server_time()

    def _reader(self, form_id: str, catalogue: Catalogue) -> Reader:
        settings = self._account.settings
        form = self._account.form(form_id, catalogue)
        return Reader(self._account.name, form, settings.roles(form_id), names_products(settings))

    def _records(self, reader: Reader, items: Sequence[Response]) -> Iterator[Record]:
        for item in items:
            record = self._record(reader, item) if item.completed else None
            if record is not None:
                yield record

    def _record(self, reader: Reader, item: Response) -> Record | None:
        return reader.lead(item) if self._name == "leads" else reader.feedback(item)

    # what a read-only service is never asked for, and refuses

    def create(self, draft: Draft) -> Record:  # noqa: ARG002
        self._refuse()

    def update(self, current: Record, values: Values, marks: Marks) -> Record:  # noqa: ARG002
        self._refuse()

    def archive(self, record_id: str) -> Record:  # noqa: ARG002
        self._refuse()

    def restore(self, record_id: str, values: Values) -> Record:  # noqa: ARG002
        self._refuse()

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        return ((each, READ_ONLY) for each in marks)

    def find_created(self, draft: Draft, since: datetime) -> Record | None:  # noqa: ARG002
        return None  # nothing was

    def _refuse(self) -> NoReturn:
        raise Refused(READ_ONLY, place=self._account.place)
