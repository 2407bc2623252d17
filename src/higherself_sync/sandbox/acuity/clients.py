"""The list of clients. They have no id: a booking finds its client by names and e-mail, the API by names and phone.

How a booking finds or makes its client is inferred; the list, its order and the full replacement by PUT are recorded.
"""

from collections.abc import Mapping
from typing import Any

from higherself_sync.sandbox.acuity import phones
from higherself_sync.sandbox.acuity.errors import not_found, required_attribute
from higherself_sync.sandbox.acuity.store import ClientKey, Record, Store

TOLD = ("firstName", "lastName", "email", "phone")
"""What an appointment tells of its client."""
FIELDS = (*TOLD, "notes")


def list_all(store: Store, search: str = "") -> list[Record]:
    """By last and first name; `search` is looked for in names and phone, not in the e-mail."""
    sought = search.strip().casefold()
    digits = phones.kept(sought).lstrip("+")
    found = [client for client in store.clients.values() if not sought or _matches(client, sought, digits)]
    return sorted(found, key=lambda client: (client["lastName"].casefold(), client["firstName"].casefold()))


def meet(store: Store, appointment: Record) -> None:
    """The client of an appointment is in the list; what it tells fills what was blank there."""
    told = shaped({name: appointment[name] for name in TOLD})
    first, last, email = _key(told)
    known = next((key for key in ((first, last, email), (first, last, "")) if key in store.clients), None)
    if known is None:
        put(store, told)
        return
    client = store.clients[known]
    blanks = {name: told[name] for name in ("email", "phone") if told[name] and not client[name]}
    if blanks:
        del store.clients[known]
        put(store, client | blanks)


def put(store: Store, client: Record) -> Record:
    store.clients[_key(client)] = client
    return client


def create(store: Store, body: Mapping[str, Any]) -> Record:
    """Somebody of the same names and e-mail is written anew (inferred: there is no id that could tell them apart)."""
    client = shaped(body)
    _require_names(client)
    return put(store, client)


def replace(store: Store, asked: Mapping[str, str], body: Mapping[str, Any]) -> Record:
    """All of the client is written: what the body does not give is blank afterwards."""
    key = _find(store, asked)
    client = shaped(body)
    _require_names(client)
    del store.clients[key]
    return put(store, client)


def delete(store: Store, asked: Mapping[str, str]) -> None:
    del store.clients[_find(store, asked)]


def shaped(data: Mapping[str, Any]) -> Record:
    client = {name: "" if data.get(name) is None else str(data[name]) for name in FIELDS}
    return client | {"phone": phones.shown(client["phone"])}


def _find(store: Store, asked: Mapping[str, str]) -> ClientKey:
    """By the query's `firstName`, `lastName` and, if it is there, `phone`. Raises Refused (404)."""
    names = tuple(asked.get(name, "").casefold() for name in ("firstName", "lastName"))
    for key, client in store.clients.items():
        wrong_phone = asked.get("phone") and phones.kept(asked["phone"]) != phones.kept(client["phone"])
        if key[:2] == names and not wrong_phone:
            return key
    raise not_found()


def _matches(client: Record, sought: str, digits: str) -> bool:
    names = f"{client['firstName']} {client['lastName']}".casefold()
    return sought in names or (digits.isdecimal() and digits in phones.kept(client["phone"]))


def _require_names(client: Record) -> None:
    if not client["firstName"]:
        raise required_attribute("firstName", "required_first_name")
    if not client["lastName"]:
        raise required_attribute("lastName", "required_last_name")


def _key(client: Record) -> ClientKey:
    return client["firstName"].casefold(), client["lastName"].casefold(), client["email"].casefold()
