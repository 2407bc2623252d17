"""The people who book: found, registered, changed."""

import re
from collections.abc import Iterable
from typing import Any

from higherself_sync.sandbox.amelia import dates, query
from higherself_sync.sandbox.amelia.answers import Failed, NotServed, Refused, Told, no_data, not_found
from higherself_sync.sandbox.amelia.shapes import FORMS, Values, shaped
from higherself_sync.sandbox.amelia.store import Record, Store
from higherself_sync.sandbox.amelia.visit import Ask, Visit

_GRAVATAR = "https://secure.gravatar.com/avatar/?s=96&d=mm&r=g"
_LITE_LIST = (
    "id", "status", "firstName", "lastName", "email", "phone", "countryPhoneIso", "gender", "externalId",
    "translations", "birthday", "note",
)  # fmt: skip
_WRITABLE = frozenset(FORMS["customer"]) - {"id", "type", "stripeConnect"}
_EMPTIED = ("phone", "translations", "birthday")
_NEVER_EMPTY = ("email", "phone", "note", "countryPhoneIso", "externalId", "translations")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_FORBIDDEN = "You are not allowed to perform this action!"


def listed(ask: Ask) -> Told:
    ask.needs_right("You are not allowed to read customers.")
    found = [one for one in ask.store.all("customers") if matches(one, str(ask.params.get("search") or ""))]
    found = _sorted(found, str(ask.params.get("sort") or ""))
    default = (ask.visit.items_per_page or 12) if ask.visit.is_lite else 10
    limit = query.cast(ask.params.get("limit")) or default
    page = query.paged(found, ask.params.get("page"), limit)
    counts = {"filteredCount": len(found), "totalCount": len(ask.store.tables["customers"])}
    users = [_lite_row(ask.store, one) if ask.visit.is_lite else _row(one) for one in page]
    return Told(
        "Successfully retrieved users.", {"users": users, **(counts if not ask.params.get("skipCount") else {})}
    )


def one(ask: Ask) -> Told:
    record = ask.store.get("customers", ask.id) or ask.store.get("providers", ask.id)
    if record is None:
        raise not_found(ask.visit.edition)
    ask.needs_right("You are not allowed to read user")
    if record["type"] == "customer":
        return Told("Successfully retrieved user", {"user": _told(record, ask.visit)})
    if not ask.visit.is_lite:
        raise NotServed(f"GET of the provider {ask.id}")
    unjoined: dict[str, Any] = {"weekDayList": [], "serviceList": [], "dayOffList": [], "specialDayList": []}
    return Told("Successfully retrieved user", {"user": shaped("provider", record, "lite", **unjoined)})


def created(ask: Ask) -> Told:
    ask.needs_right(_FORBIDDEN)
    ask.needs_fields(*(("type",) if ask.visit.is_lite else ()), "firstName", "lastName",
                     *(("email",) if ask.visit.is_lite else ()))  # fmt: skip
    record = register(ask.store, ask.body)
    user = {**_told(record, ask.visit), "status": ask.body.get("status") or None}
    return Told("Successfully added new user.", {"user": user})


def updated(ask: Ask) -> Told:
    """A null is nothing that was given. Some of what is not given is emptied, but for the key API's laying it over
    what is stored first; and an address that is emptied takes along what the person ever typed.
    """
    ask.needs_right(_FORBIDDEN)
    stored = ask.store.get("customers", ask.id)
    if stored is None:
        raise no_data()
    emptied = [name for name in _EMPTIED if name in ask.body or ask.visit.is_lite]
    fields = {**dict.fromkeys(emptied), **{name: value for name, value in ask.body.items() if value is not None}}
    if not fields.get("phone", stored["phone"]):
        fields |= {"phone": None, "countryPhoneIso": None}
    record = edit(ask.store, ask.id, fields)
    if ask.body.get("email") == "":
        _forget_what_was_typed(ask.store, ask.id)
    return Told("Successfully updated user", {"user": _told(record, ask.visit), "is_wp_user": False})


def register(store: Store, data: Values) -> Record:
    """Raises Refused where the address is known."""
    _check_email(store, data.get("email"), 0)
    given = {name: value for name, value in data.items() if name in _WRITABLE and value is not None}
    made = {**FORMS["customer"], "status": "visible", **given, "id": store.new_id("customers")}
    return store.put("customers", _without_empty(made))


def edit(store: Store, customer_id: int, data: Values) -> Record:
    """Raises Refused where the address is somebody else's."""
    old = store.tables["customers"][customer_id]
    _check_email(store, data.get("email"), customer_id)
    given = {name: value for name, value in data.items() if name in _WRITABLE}
    return store.put("customers", _without_empty({**old, **given}))


def new_or_known(store: Store, person: Values) -> Record:
    """Whoever books is known by the address, else by the telephone number; what is typed changes nothing then."""
    email, phone = str(person.get("email") or "").lower(), person.get("phone")
    if known := store.get("customers", store.emails.get(email)):
        return known
    if phone and (same := [one for one in store.all("customers") if one["phone"] == phone]):
        return same[0]
    if not person.get("firstName") or person.get("lastName") is None:
        raise NotServed("a booking by nobody")
    return register(store, person)


def alone(record: Record, visit: Visit) -> dict[str, Any]:
    return shaped("customer", record, visit.edition)


def _told(record: Record, visit: Visit) -> dict[str, Any]:
    return {**alone(record, visit), "birthday": dates.as_php(record["birthday"], visit.now)}


def _without_empty(person: Record) -> Record:
    """As the plugin makes one: nothing for what is empty, and no blanks around names (read: `UserFactory`)."""
    names = {name: str(person[name] or "").strip() for name in ("firstName", "lastName")}
    born = person["birthday"]
    gender = str(person["gender"] or "").lower() or None
    return {
        **person,
        **{name: person[name] or None for name in _NEVER_EMPTY},
        **names,
        "gender": gender,
        "birthday": (str(born["date"])[:10] if isinstance(born, dict) else born) or None,
    }


def _forget_what_was_typed(store: Store, customer_id: int) -> None:
    for appointment in list(store.all("appointments")):
        draft = store.draft("appointments", appointment["id"])
        for booking in draft["bookings"]:
            if booking["customerId"] == customer_id:
                booking["info"] = None
        store.put("appointments", draft)


def matches(record: Record, words: str) -> bool:
    """Every word somewhere in the name, address, number, note or id."""
    return query.has_words(record, ("firstName", "lastName", "email", "phone", "note", "id"), words)


def _row(record: Record) -> dict[str, Any]:
    return _without_null({**shaped("customer", record, "elite"), "wpUserPhotoUrl": ""})


def _lite_row(store: Store, record: Record) -> dict[str, Any]:
    """With what the bookings count up to: whole numbers, but a sum is a text."""
    mine = [
        (appointment["bookingStart"], booking["status"])
        for appointment in store.all("appointments")
        for booking in appointment["bookings"]
        if booking["customerId"] == record["id"]
    ]
    counts = {
        "lastAppointment": max((start for start, _ in mine), default=None),
        "totalAppointments": len(mine),
        "countPendingAppointments": str(sum(word == "pending" for _, word in mine)),
        "countAppointmentBookings": len(mine),
        "countEventBookings": 0,
        "wpName": "",
        "wpUserPhotoUrl": _GRAVATAR,
    }
    return _without_null({**{name: record[name] for name in _LITE_LIST}, **counts})


def _without_null(row: Record) -> Record:
    return {name: "" if value is None else value for name, value in row.items()}


def _sorted(found: Iterable[Record], sort: str) -> list[Record]:
    if sort.lstrip("-") not in ("", "customer"):
        raise NotServed(f"customers sorted by {sort}")
    if not sort:
        return sorted(found, key=lambda one: int(one["id"]))
    return sorted(found, key=lambda one: query.full_name(one).casefold(), reverse=sort.startswith("-"))


def _check_email(store: Store, email: Any, own: int) -> None:
    if email and not _ADDRESS.fullmatch(str(email)):
        raise Failed(f"Email '{email}' is not a valid email")
    if store.emails.get(str(email or "").lower(), own) != own:
        raise Refused("Email already exist.", "This email is already in use.", always=True)
