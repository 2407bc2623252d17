"""What can be booked and where: types, calendars, forms, labels; made by the account's owner at the screen alone."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from higherself_sync.sandbox.acuity import account, dates
from higherself_sync.sandbox.acuity.store import Record, Store, whole

Data: TypeAlias = Mapping[str, Any]

KINDS = ("appointment-types", "calendars", "forms", "labels")
FIELD_TYPES = ("textbox", "dropdown", "checkbox", "checkboxlist", "yesno", "address", "file")


def add(store: Store, kind: str, data: Data) -> Record:
    """Raises ValueError for a key or a value that such an object does not have."""
    record = blank(store, kind)
    _refuse_strangers(kind, record, data)
    return _put(store, kind, _checked(store, kind, record | dict(data)))


def change(store: Store, kind: str, record_id: str, data: Data) -> Record:
    """Raises KeyError for what is not there. Appointments keep the names and prices they were booked with."""
    record = store.get(kind, record_id)
    if record is None:
        raise KeyError(f"{kind}/{record_id}")
    _refuse_strangers(kind, blank(store, kind) | record, data)
    return _put(store, kind, _checked(store, kind, record | dict(data) | {"id": record["id"]}))


def attached(store: Store, kind: Record) -> list[Record]:
    """The forms of an appointment type: it names them, or they name it."""
    named = kind.get("formIDs") or []
    return [form for form in store.all("forms") if form["id"] in named or kind["id"] in form["appointmentTypeIDs"]]


def offering(store: Store, kind: Record) -> list[Record]:
    """The calendars on which a type can be booked."""
    return [calendar for calendar in store.all("calendars") if calendar["id"] in kind["calendarIDs"]]


def furnish(store: Store) -> None:
    """What a new account comes with, in an account that has nothing to book."""
    if not store.tables["calendars"]:
        add(store, "calendars", {"name": "The 7 Space"})
    if not store.tables["appointment-types"]:
        add(store, "appointment-types", {"name": "Consultation", "duration": 50, "price": "45.00"})


def blank(store: Store, kind: str) -> Record:
    """An object of that kind with nothing in it yet; offered everywhere, and a form is attached to every type."""
    match kind:
        case "appointment-types":
            everywhere = [calendar["id"] for calendar in store.all("calendars")]
            return {
                "id": None, "name": "", "active": True, "description": "", "duration": 60, "price": "0.00",
                "category": "", "color": "#ED7087", "private": False, "type": "service", "image": "",
                "classSize": None, "paddingAfter": 0, "paddingBefore": 0, "calendarIDs": everywhere, "addonIDs": [],
                "formIDs": [], "schedulingUrl": None,
            }  # fmt: skip
        case "calendars":
            return {
                "id": None, "name": "", "email": "", "replyTo": store.me["email"], "description": "", "location": "",
                "timezone": store.me["timezone"], "thumbnail": False, "image": False, "isValid": True,
            }  # fmt: skip
        case "forms":
            everything = [each["id"] for each in store.all("appointment-types")]
            blank = {"id": None, "name": "", "description": "", "hidden": False}
            return {**blank, "appointmentTypeIDs": everything, "fields": []}
        case "labels":
            return {"id": None, "name": "", "color": "green"}
        case _:
            raise KeyError(kind)


def _refuse_strangers(kind: str, record: Record, data: Data) -> None:
    if unknown := sorted(data.keys() - record.keys()):
        raise ValueError(f"{kind} have no {', '.join(unknown)}")


def _checked(store: Store, kind: str, record: Record) -> Record:
    if kind == "calendars" and dates.zone(record["timezone"]) is None:
        raise ValueError(f"{record['timezone']!r} is no time zone")
    if kind == "appointment-types":
        if whole(record["duration"]) is None:
            raise ValueError("a duration is a whole number of minutes")
        return record | {"price": account.money(record["price"])}
    if kind == "forms":
        return record | {"fields": [_field(store, field) for field in record["fields"]]}
    return record


def _field(store: Store, data: Data) -> Record:
    """Only a textbox says how many lines it has."""
    kind = data.get("type", "textbox")
    if kind not in FIELD_TYPES:
        raise ValueError(f"a field is one of {', '.join(FIELD_TYPES)}, not {kind!r}")
    number = data.get("id") or store.next_id("fields")
    store.note_ids("fields", [number])
    head = {"id": number, "name": data.get("name", ""), "required": data.get("required", False), "type": kind}
    lines = {"lines": data.get("lines", 1)} if kind == "textbox" else {}
    return {**head, **lines, "options": data.get("options")}


def _put(store: Store, kind: str, record: Record) -> Record:
    number = record["id"] or store.next_id(kind)
    record = record | {"id": number}
    if kind == "appointment-types" and record["schedulingUrl"] is None:
        page = account.scheduling_page(store.me["owner"])
        record["schedulingUrl"] = f"{page}&appointmentType={number}"
    if kind == "forms":
        _tie(store, record)
    return store.put(kind, record)


def _tie(store: Store, form: Record) -> None:
    """Each type names the forms that name it, and no others of them."""
    for kind in store.all("appointment-types"):
        others = [number for number in kind["formIDs"] if number != form["id"]]
        mine = [form["id"]] if kind["id"] in form["appointmentTypeIDs"] else []
        store.put("appointment-types", kind | {"formIDs": sorted(others + mine)})
