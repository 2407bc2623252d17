"""Customers, and what can be booked: both lists are read whole each time, for nothing tells what changed in them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from higherself_sync.core.record import (
    Batch,
    Draft,
    Entity,
    Gone,
    Marks,
    Record,
    Values,
    email_key,
    fields_of,
    natural_key,
)
from higherself_sync.errors import Absent, Refused, Unreachable
from higherself_sync.services.amelia.answers import Site
from higherself_sync.services.amelia.columns import CUSTOMER_COLUMNS
from higherself_sync.services.amelia.identity import FirstCustomers
from higherself_sync.services.amelia.listing import CUSTOMERS, parsed, whole
from higherself_sync.services.amelia.numbers import numbers_in
from higherself_sync.services.amelia.wire import JSON, Person
from higherself_sync.services.amelia.zone import Zone

TITLES = {name: field.title for name, field in fields_of(Entity.CLIENTS).items()}
EMAIL = frozenset({"email"})


class Customers:
    """They have no trash and hold no marker; the e-mail address, which no two of them share, finds one again."""

    def __init__(self, site: Site, zone: Zone, identity: FirstCustomers) -> None:
        self._site, self._zone, self._identity = site, zone, identity

    # reading

    def read(self, since: datetime | None) -> Iterator[Batch]:  # noqa: ARG002 nothing tells what changed
        self._zone()  # what is wrong with the site is said before anything is taken in
        for page in whole(self._site, CUSTOMERS, first=self._identity.page()):
            yield Batch(tuple(self._record(item) for item in page.items), page.as_of)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)
        return found | {each: self._look(each) for each in numbers_in(ids)}

    def find_created(self, draft: Draft, since: datetime) -> Record | None:  # noqa: ARG002 there is but one of that address
        return self._with_email(draft.values.get("email"))

    def covers(self, record: Record) -> bool:  # noqa: ARG002 the list is whole
        return True

    def server_time(self) -> datetime:
        return self._site.server_time()

    # writing

    def create(self, draft: Draft) -> Record:
        """No mail: that would come with a WordPress account, which is not asked for (`externalId`)."""
        email, phone = draft.values.get("email"), draft.values.get("phone")
        first, last = split_name(str(draft.values.get("name") or email or ""), "", "")
        names = {"type": "customer", "firstName": first, "lastName": last, "externalId": None}
        try:
            told = self._site.post("/users/customers", {**names, "email": email, "phone": phone})
        except Absent as error:
            raise Refused(error.message, place=error.place) from error
        return self._again(str((told.part("user") or {}).get("id")))

    def update(self, current: Record, values: Values, marks: Marks) -> Record:  # noqa: ARG002 they hold no marker
        """What an update leaves out is emptied by the plugin, some of it: so that goes along as it is."""
        for name, value in values.items():
            self._check_may_write(name, value, current)
        if not values:
            return self._again(current.id)
        raw = self._raw(current.id)
        person = parsed(self._site, Person, raw, f"customer {current.id}")
        wanted = {**self._record(raw).values, **values}
        first, last = split_name(str(wanted["name"]), person.first_name, person.last_name)
        kept = {"birthday": _day(raw.get("birthday")), "translations": raw.get("translations")}
        country = raw.get("countryPhoneIso") if wanted["phone"] else None
        # An empty address makes the plugin wipe what the person ever typed: where there is none, none is sent.
        address = {"email": wanted["email"]} if wanted["email"] else {}
        body = {"firstName": first, "lastName": last, "phone": wanted["phone"], "countryPhoneIso": country}
        self._site.post(f"/users/customers/{current.id}", {**body, **address, **kept})
        return self._again(current.id)

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        yield from ((each, "customers hold no marker") for each in marks)

    def archive(self, record_id: str) -> Record:  # noqa: ARG002 every replica's signature
        raise Refused("Amelia has no trash: what is deleted there is gone", place=self._site.place)

    def restore(self, record_id: str, values: Values) -> Record:  # noqa: ARG002 every replica's signature
        raise Refused("Amelia has no trash: what is deleted there is gone", place=self._site.place)

    def known_or_new(self, person: Record) -> int:
        """The number of the customer with that row's address, made where there is none."""
        known = self._with_email(person.values.get("email"))
        return int((known or self.create(Draft(person.values, Marks()))).id)

    # parts of the above

    def _record(self, raw: JSON) -> Record:
        person = parsed(self._site, Person, raw, f"customer {raw.get('id')}")
        values = {column.name: column.read(person) for column in CUSTOMER_COLUMNS}
        return Record(
            id=str(person.id),
            values=values,
            key=natural_key(Entity.CLIENTS, values),
            # A change of it would reach the WordPress account too, and WordPress mails the old address.
            locked=EMAIL if person.external_id else frozenset(),
            native={"first_name": person.first_name, "last_name": person.last_name},
            label=person.name(),
        )

    def _raw(self, record_id: str) -> JSON:
        raw: Any = self._site.ask(f"/users/customers/{record_id}").part("user")
        if not isinstance(raw, dict):
            raise Unreachable(f"customer {record_id}: not what Amelia gives", place=self._site.place)
        return raw

    def _look(self, record_id: str) -> Record | Gone:
        """Employees are numbered along with customers: one of those is no customer, and no proof of anything."""
        try:
            raw = self._raw(record_id)
        except Absent as error:
            return error.gone
        return self._record(raw) if raw.get("type", "customer") == "customer" else Gone.HIDDEN

    def _again(self, record_id: str) -> Record:
        found = self._look(record_id)
        if isinstance(found, Gone):
            raise Absent(found, "Amelia knows no such customer", place=self._site.place)
        return found

    def _with_email(self, email: object) -> Record | None:
        wanted = email_key(email) if isinstance(email, str) else None
        if wanted is None:
            return None
        for page in whole(self._site, CUSTOMERS, {"search": str(email).strip()}):
            for record in map(self._record, page.items):
                if record.key == wanted:
                    return record
        return None

    def _check_may_write(self, name: str, value: object, current: Record) -> None:
        if name in current.locked:
            message = f"{TITLES[name]}: this customer has a WordPress account; change it there or in Amelia"
            raise Refused(message, place=self._site.place)
        if name not in TITLES or not any(column.name == name and column.writable for column in CUSTOMER_COLUMNS):
            raise Refused(f"Amelia has no {TITLES.get(name, name)} of customers", place=self._site.place)
        if value is None and name in ("name", "email"):
            raise Refused(f"{TITLES[name]} cannot be emptied in Amelia", place=self._site.place)


def split_name(name: str, first: str, last: str) -> tuple[str, str]:
    """The two parts that the site wants: one that still stands at its end stays, else the last space divides."""
    if first and (name + " ").startswith(first + " "):
        return first, name[len(first) + 1 :]
    if last and name.endswith(" " + last):
        return name[: -len(last) - 1], last
    head, _, tail = name.rpartition(" ")
    return (head, tail) if head else (tail, "")


def _day(raw: object) -> str | None:
    """A birthday, which comes as a day or as PHP's own form of a time."""
    text = raw.get("date") if isinstance(raw, dict) else raw
    return str(text)[:10] if text else None
