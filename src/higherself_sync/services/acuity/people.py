"""Who books, as `record.Replica` wants them. Acuity has no record of a person that could be told by an id.

What it knows of somebody stands in each appointment, and once more in the list of clients, where names and phone tell
who is meant. So a change goes to all that lies ahead, and to the client; what is over stays as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from higherself_sync.core.record import Batch, Draft, Gone, Marks, Record, Values
from higherself_sync.errors import Absent, Refused
from higherself_sync.services.acuity.answers import Account
from higherself_sync.services.acuity.columns import PEOPLE_COLUMNS, digits, squeezed
from higherself_sync.services.acuity.kinds import person_record
from higherself_sync.services.acuity.names import parted
from higherself_sync.services.acuity.spellings import Spellings
from higherself_sync.services.acuity.windows import FULL, Lists, Params
from higherself_sync.services.acuity.wire import JSON, Appointment, Client, Person

WRITABLE = {column.name for column in PEOPLE_COLUMNS if column.writable}


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to change, and what it was: a place that says something else is somebody else's, or was just edited.

    Parents book for their children by one e-mail, and an appointment may be changed while this runs.
    """

    before: Values
    values: Values
    place: str

    def of(self, person: Person) -> JSON:
        """The part of a body that changes what this place says; empty where nothing of it is to change."""
        body: JSON = {}
        if "name" in self.values and person.name() == squeezed(_text(self.before, "name")):
            first, last = parted(_text(self.values, "name"), person.first_name, person.last_name, self.place)
            body |= {"firstName": first, "lastName": last}
        if "phone" in self.values and digits(person.phone) in ("", digits(_text(self.before, "phone"))):
            body["phone"] = _text(self.values, "phone")
        return body


class People:
    """One account's. The id of a person is the e-mail key."""

    def __init__(self, account: Account, lists: Lists, spellings: Spellings) -> None:
        self._account, self._lists, self._spellings = account, lists, spellings

    # reading

    def read(self, since: datetime | None) -> Iterator[Batch]:  # noqa: ARG002 they are found in appointments
        return iter(())

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        """As what lies ahead tells of them, else the list of clients, else what is over. Absence proves nothing."""
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)
        clients = self._clients() if found else ()
        for key in found:
            told: Sequence[Person] = self._coming(key) or (*_of(clients, key), *self._past(key))
            found[key] = _merged(told) or Gone.HIDDEN
        return found

    def find_created(self, draft: Draft, since: datetime) -> Record | None:  # noqa: ARG002 none is ever made here
        return None

    def covers(self, record: Record) -> bool:  # noqa: ARG002 no list is theirs, and none is ever missing in one
        return True

    def server_time(self) -> datetime:
        return self._account.now()

    # writing

    def create(self, draft: Draft) -> Record:  # noqa: ARG002 every replica's signature
        raise Refused("a person comes into Acuity by an appointment", place=self._account.place)

    def update(self, current: Record, values: Values, marks: Marks) -> Record:  # noqa: ARG002 there is no place for marks
        for name in values:
            if name not in WRITABLE:
                raise Refused(f"{name} is what Acuity tells a person by", place=self._account.place)
        if not values:
            return self._again(current)
        edit, clients = Edit(current.values, values, self._account.place), self._clients()
        written: list[Person] = [each for each in _of(clients, current.id) if self._write_client(edit, each, clients)]
        coming = self._coming(current.id)
        # The next one last: `fetch` goes by it, so that whatever cuts this short is seen to be unfinished.
        ahead = [each for each in reversed(coming) if self._write(f"appointments/{each.id}", edit.of(each), each)]
        if not written and not ahead:
            reason = "no coming appointment, and no client, says of this person what it said before"
            raise Refused(f"{reason}: there is nowhere to write it", place=self._account.place)
        return self._afterwards(current, values, ahead[-1]) if ahead else self._again(current)

    def archive(self, record_id: str) -> Record:  # noqa: ARG002 every replica's signature
        raise Refused("people are never put away", place=self._account.place)

    def restore(self, record_id: str, values: Values) -> Record:  # noqa: ARG002 every replica's signature
        raise Refused("people are never put away", place=self._account.place)

    def mark(self, marks: Mapping[str, Marks]) -> Iterator[tuple[str, Record | str]]:
        return ((key, "a person has no place for a back-link") for key in marks)

    # parts of the above

    def _coming(self, key: str) -> list[Appointment]:
        """The next one first. A list leaves canceled ones out."""
        now, params = self._account.now(), {"minDate": self._today(), "direction": "ASC"}
        return [each for each in self._by_email(key, params) if each.starts > now and not each.canceled]

    def _past(self, key: str) -> list[Appointment]:
        """The latest first, canceled ones too."""
        return self._by_email(key, {"maxDate": self._today(), "direction": "DESC", "showall": "true"})

    def _by_email(self, key: str, params: Params) -> list[Appointment]:
        lists = (self._lists.some({**params, "email": each, "max": str(FULL)}) for each in self._spellings.of(key))
        found = {each.id: each for items in lists for each in items if each.key() == key}
        return sorted(found.values(), key=lambda each: each.starts, reverse=params["direction"] == "DESC")

    def _today(self) -> str:
        return self._lists.day_of(self._account.now()).isoformat()

    def _clients(self) -> tuple[Client, ...]:
        """All of them: a search does not look into e-mail addresses."""
        clients = self._account.listed(self._account.ask("GET", "clients"), Client)
        for each in clients:
            self._spellings.note(each)
        return clients

    def _write(self, path: str, body: JSON, there: Person) -> bool:
        """Whether what was to change there is as wanted now."""
        if _differs(body, there):
            self._account.put(path, body)
        return bool(body)

    def _write_client(self, edit: Edit, client: Client, clients: Sequence[Client]) -> bool:
        """With every field, since what a body leaves out is blank afterwards. Names and phone have to tell whom."""
        body = edit.of(client)
        if _differs(body, client) and not any(_alike(client, each) for each in clients if each is not client):
            asked = {"firstName": client.first_name, "lastName": client.last_name, "phone": client.phone}
            try:
                self._account.put("clients", {**_whole(client), **body}, {k: v for k, v in asked.items() if v})
            except Absent:
                return False  # renamed by a request whose answer was lost, or taken out meanwhile
        return bool(body)

    def _afterwards(self, current: Record, values: Values, written: Appointment) -> Record:
        """What that appointment says now of what was written; the rest is as it was."""
        now = self._account.parsed(self._account.ask("GET", f"appointments/{written.id}").json, Appointment)
        first, last = (now.first_name, now.last_name) if "name" in values else _parts(current)
        email, phone = (_text(current.values, name) for name in ("email", "phone"))
        told = Person(firstName=first, lastName=last, email=email, phone=now.phone if "phone" in values else phone)
        return person_record(told) or current

    def _again(self, current: Record) -> Record:
        found = self.fetch([current.id])[current.id]
        if isinstance(found, Gone):
            raise Absent(found, "nobody in Acuity has that e-mail address any more", place=self._account.place)
        return found


def _of(clients: Sequence[Client], key: str) -> list[Client]:
    return [each for each in clients if each.key() == key]


def _merged(told: Sequence[Person]) -> Record | None:
    """What is blank in one place may stand in the next."""
    if not told:
        return None
    named = next((each for each in told if each.name()), told[0])
    phone = next((each.phone for each in told if each.phone.strip()), "")
    return person_record(Person(firstName=named.first_name, lastName=named.last_name, email=told[0].email, phone=phone))


def _parts(record: Record) -> tuple[str, str]:
    return record.native.get("first_name", ""), record.native.get("last_name", "")


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _whole(client: Client) -> JSON:
    return client.model_dump(by_alias=True)


def _differs(body: JSON, there: Person) -> bool:
    """Whether a body would change anything; a number of the same digits is the same number."""
    told = {"firstName": there.first_name, "lastName": there.last_name, "phone": digits(there.phone)}
    return any(told[name] != (digits(value) if name == "phone" else value) for name, value in body.items())


def _alike(one: Client, other: Client) -> bool:
    """Whether Acuity could take the one for the other: by its names, and by its phone if it has one."""
    names = (one.first_name.casefold(), one.last_name.casefold())
    if names != (other.first_name.casefold(), other.last_name.casefold()):
        return False
    return not one.phone or digits(one.phone) == digits(other.phone)
