"""Blocked-off times of a calendar."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.acuity import dates, listing
from higherself_sync.sandbox.acuity.errors import Refused, not_found, required_parameter, unknown_calendar
from higherself_sync.sandbox.acuity.store import Record, Store


def page(store: Store, asked: Mapping[str, str]) -> list[Record]:
    """The latest first (recorded)."""
    first, last = listing.day_of(store, asked, "minDate"), listing.day_of(store, asked, "maxDate")
    calendar = store.get("calendars", asked["calendarID"]) if asked.get("calendarID") else None
    found = [
        block
        for block in store.all("blocks")
        if (not asked.get("calendarID") or (calendar and block["calendarID"] == calendar["id"]))
        and listing.between(first, None, _day(store, block["end"]))
        and listing.between(None, last, _day(store, block["start"]))
    ]
    found.sort(key=lambda block: (dates.moment(block["start"]), block["id"]), reverse=True)
    return found[: listing.most(store, asked)]


def found(store: Store, block_id: int) -> Record:
    block = store.get("blocks", block_id)
    if block is None:
        raise not_found()
    return block


def create(store: Store, body: Mapping[str, Any]) -> Record:
    """That a time is missing or wrong is refused in the words of appointments; no page tells."""
    calendar = store.get("calendars", body.get("calendarID"))
    if calendar is None:
        raise unknown_calendar(body.get("calendarID") or "")
    start, end = _time(store, body, "start"), _time(store, body, "end")
    where = dates.zone(calendar["timezone"]) or store.zone
    number = store.next_id("blocks")
    return store.put("blocks", {
        "id": number, "calendarID": calendar["id"], "serviceGroupID": calendar["id"],
        "calendarTimezone": calendar["timezone"], "start": dates.stamp(start, where), "end": dates.stamp(end, where),
        "notes": str(body.get("notes") or ""), "managed": False, "recurring": None, "until": None,
        "description": _description(store, start, end, calendar["timezone"]),
    })  # fmt: skip


def delete(store: Store, block_id: int) -> None:
    del store.tables["blocks"][found(store, block_id)["id"]]


def _time(store: Store, body: Mapping[str, Any], name: str) -> datetime:
    text = str(body.get(name) or "")
    if not text:
        raise required_parameter(name, f"required_{name}")
    moment = dates.read(text, store.zone)
    if moment is None:
        raise Refused("invalid_datetime", f'The datetime "{text}" is invalid.')
    return moment


def _description(store: Store, start: datetime, end: datetime, zone: str) -> str:
    """The day is named once, or twice where it is not the same (the latter inferred)."""
    where, form = dates.zone(zone) or store.zone, store.settings.time_format
    day = f"%A, {store.me['dateFormat']}"
    first, last = (dates.words(moment, where, day) for moment in (start, end))
    until = dates.clock(end, where, form)
    return f"{first} {dates.clock(start, where, form)} - {until if first == last else f'{last} {until}'}"


def _day(store: Store, text: str) -> Any:
    return dates.moment(text).astimezone(store.zone).date()
