"""Takes in objects in the form in which the API gave them."""

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, get_args

from higherself_sync.sandbox.acuity import account, appointments, catalogue, clients, dates
from higherself_sync.sandbox.acuity.store import TABLES, Record, Store

ONE = ("me", "meta")
"""What is one object, alone or in a list."""
_TOLD = {
    "owner": re.compile(r"schedule\.php\?owner=(\d+)"),
    "ownerKey": re.compile(r"/schedule/(\w+)/pay/"),
    "sign": re.compile(r"^Price: (\D+)[\d.]+$", re.MULTILINE),
}


def load(store: Store, objects: Mapping[str, Any]) -> None:
    """Keys are the API's paths. Raises KeyError for one that is not known."""
    for name in objects:
        if name not in (*TABLES, *ONE, "clients"):
            raise KeyError(name)
    if "me" in objects:
        _take_account(store, _one(objects["me"]))
    if "meta" in objects:
        store.meta = _one(objects["meta"])
    for client in objects.get("clients", ()):
        clients.put(store, dict(client))
    for table in TABLES:
        for thing in objects.get(table, ()):
            _put(store, table, thing)
    if "me" not in objects:
        for record in objects.get("appointments", ())[:1]:
            _hear(store, record)


def _one(value: Any) -> Record:
    return dict(value[0] if isinstance(value, list) else value)


def _take_account(store: Store, me: Record) -> None:
    """Raises ValueError for a zone that there is not."""
    if "timezone" in me and dates.zone(me["timezone"]) is None:
        raise ValueError(f"{me['timezone']!r} is no time zone")
    store.me = store.me | me
    store.turn(time_format="ampm" if store.me["timeFormat"] == "ampm" else "24hour")


def _put(store: Store, table: str, thing: Mapping[str, Any]) -> None:
    """What an older or a shortened object lacks is added at its end. Raises ValueError for one without an id."""
    if not isinstance(thing.get("id"), int):
        raise ValueError(f"without an id nothing can be loaded into {table}")
    if table != "appointments":
        known = catalogue.blank(store, table) if table in catalogue.KINDS else {}
        store.put(table, {**thing, **{name: value for name, value in known.items() if name not in thing}})
        if table == "forms":
            store.note_ids("fields", (field["id"] for field in thing["fields"]))
        return
    record = store.put(table, appointments.whole_record(thing))
    store.pinned |= {record["id"]}
    store.note_ids("answers", (entry["id"] for form in record["forms"] for entry in form["values"]))


def _hear(store: Store, record: Mapping[str, Any]) -> None:
    """An appointment of another account tells of it, where `me` does not: its zone, its currency and its keys."""
    heard: Record = {name: found[1] for name, tell in _TOLD.items() if (found := tell.search(_telling(record)))}
    if "owner" in heard:
        heard |= {"owner": int(heard["owner"]), "id": int(heard["owner"])}
    currencies = {sign: code for code, sign in account.SIGNS.items()}
    if (sign := heard.pop("sign", None)) in currencies:
        heard["currency"] = currencies[sign]
    if _is_elsewhere(store, record):
        heard["timezone"] = record["calendarTimezone"]
    store.me = store.me | heard


def _telling(record: Mapping[str, Any]) -> str:
    return "\n".join(str(record.get(name)) for name in ("confirmationPage", "confirmationPagePaymentLink", "formsText"))


def _is_elsewhere(store: Store, record: Mapping[str, Any]) -> bool:
    """Its words are in the account's zone: are they not in this one, but in its calendar's?"""
    there = dates.zone(record.get("calendarTimezone"))
    start = dates.moment(record["datetime"])

    def words(where: tzinfo) -> set[str]:
        return {dates.clock(start, where, form) for form in get_args(dates.ClockForm)}

    return there is not None and record["time"] in words(there) - words(store.zone)
