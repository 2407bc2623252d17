"""Made-up data of The Connection Practice and The 7 Space, made through the front door, the same for the same seed.

`records` counts what can be booked and what was: types and appointments. The people are the first ones that the seed
gives, as in the other services, so that some of them are customers of the shop as well.
"""

import random
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from higherself_sync.sandbox.acuity import dates, screen
from higherself_sync.sandbox.acuity.store import Record, Store
from higherself_sync.sandbox.people import Person, people

DAYS = 60
"""Appointments lie within so many days before and after now."""
CALENDARS: tuple[dict[str, Any], ...] = (
    {"name": "The 7 Space, Berlin", "timezone": "Europe/Berlin", "location": "Kastanienallee 12, Berlin",
     "email": "studio@example.com, desk@example.com"},
    {"name": "The Connection Practice, Portland", "timezone": "America/Los_Angeles"},
)  # fmt: skip
# (name, minutes, price, category, what is special about it)
TYPES: tuple[tuple[str, int, str, str, dict[str, Any]], ...] = (
    ("Consultation ", 50, "45.00", "", {}),  # ends in a space, as the recorded one does
    ("Therapeutic Massage 60 min", 60, "120.00", "Massage", {}),
    ("Retreat Intake Call", 30, "0.00", "Retreats", {"private": True}),
    ("Couples’ Consultation", 90, "160.00", "Consulting", {}),
    ("Lomi Lomi Massage", 90, "130.00", "Massage", {"paddingAfter": 15}),
    ("Reiki & Sound Bath", 75, "75.00", "", {}),
    ("Mediation, two parties", 120, "280.00", "Consulting", {}),
    ("Craniosacral Session", 60, "95.50", "", {}),
    ("Yoga privé – débutants", 60, "100.00", "Yoga", {}),
    ("Tea Ceremony 茶の湯", 45, "55.00", "", {}),
    ("Guided Meditation (old)", 30, "60.00", "", {"active": False}),
)
LABELS = (
    {"name": "Confirmed", "color": "yellow"},
    {"name": "Checked In", "color": "green"},
    {"name": "Completed", "color": "pink"},
)
NOTION_PAGE = "Notion page"
"""The text field that nobody sees or fills, for whoever keeps the account in step with Notion."""
FORM: Mapping[str, Any] = {
    "name": "Intake", "description": "Two minutes before we meet.",
    "fields": [
        {"name": "Is this your first visit?", "type": "yesno"},
        {"name": "What brings you here?", "type": "textbox", "lines": 4},
        {"name": "Languages", "type": "checkboxlist", "options": ["English", "Deutsch", "Français", "日本語"]},
        {"name": NOTION_PAGE, "type": "textbox"},
    ],
}  # fmt: skip
WISHES = ("Back pain", "A quiet hour", "Wir streiten zu oft.", "Curious: “what is it?” 🌿", "心を落ち着けたい", "")
NOTES = ("Prefers the room at the back.", "Brings her dog.\nIt is a calm one.", "Allergic to lavender & sesame")
LANGUAGES = ("English", "Deutsch", "English, Deutsch", "Français", "日本語, English")
ZONES = {
    "DE": "Europe/Berlin", "US": "America/Los_Angeles", "FR": "Europe/Paris", "GB": "Europe/London",
    "PL": "Europe/Warsaw", "SE": "Europe/Stockholm", "TR": "Europe/Istanbul", "VN": "Asia/Ho_Chi_Minh",
    "UA": "Europe/Kyiv", "GR": "Europe/Athens", "EG": "Africa/Cairo", "IL": "Asia/Jerusalem", "IN": "Asia/Kolkata",
    "TH": "Asia/Bangkok", "CN": "Asia/Shanghai", "JP": "Asia/Tokyo", "KR": "Asia/Seoul", "BR": "America/Sao_Paulo",
    "ID": "Asia/Jakarta", "AU": "Australia/Sydney",
}  # fmt: skip
_STATES = {"HI": "Pacific/Honolulu", "WA": "Australia/Perth"}


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of each make `records`: a type for ten, the rest appointments, a client for every two of them.

    Beside those there are what a practice has besides, and in a large one a type that was deleted.
    """

    calendars: int
    types: int
    labels: int
    forms: int
    blocks: int
    clients: int
    appointments: int
    deleted: int

    @classmethod
    def of(cls, records: int) -> "Shares":
        calendars = min(records, 2 if records >= 8 else 1)
        types = min(len(TYPES) - 1, max(1, records // 10), records)
        labels, forms, blocks = len(LABELS) * (records >= 16), int(records >= 8), int(records >= 24)
        appointments = records - types
        return cls(calendars, types, labels, forms, blocks, -(-appointments // 2), appointments, int(records >= 100))


@dataclass
class Diary:
    """The hours that are taken, by calendar."""

    taken: set[tuple[int, datetime]] = field(default_factory=set)

    def hour(self, calendar: Record, day: date, chance: random.Random) -> datetime | None:
        """A full hour of that day of which the next is free as well; None if there was none to be found."""
        where = dates.zone(calendar["timezone"])
        for _ in range(20):
            start = datetime.combine(day, time(chance.randint(9, 17)), where)
            hours = {(calendar["id"], start), (calendar["id"], start + timedelta(hours=1))}
            if not hours & self.taken:
                self.taken |= hours
                return start
        return None


def fill(store: Store, records: int, seed: int, now: datetime) -> None:
    shares, chance = Shares.of(records), random.Random(f"acuity {seed}")  # noqa: S311 - made-up data, no secret
    calendars = [screen.add(store, "calendars", calendar, now) for calendar in CALENDARS[: shares.calendars]]
    types = [_type(store, *kind, now) for kind in (*TYPES[: shares.types], *TYPES[len(TYPES) - shares.deleted :])]
    labels = [screen.add(store, "labels", label, now) for label in LABELS[: shares.labels]]
    forms = [screen.add(store, "forms", FORM, now) for _ in range(shares.forms)]
    crowd = list(islice(people(random.Random(seed)), shares.clients))  # noqa: S311 - the shop's people too
    choice = Choice(types, labels, forms, chance)
    for n, visit in enumerate(_visits(shares.appointments, calendars, chance, now)):
        loud = n >= len(crowd) and n % 25 == 24
        _book(store, crowd[n % len(crowd)], visit, choice, loud=loud, now=now)
    for calendar in calendars[: shares.blocks]:
        _block(store, calendar, now)


@dataclass(frozen=True, slots=True)
class Choice:
    types: Sequence[Record]
    labels: Sequence[Record]
    forms: Sequence[Record]
    chance: random.Random


def _type(
    store: Store, name: str, minutes: int, price: str, category: str, special: Mapping[str, Any], now: datetime
) -> Record:
    kind = {"name": name, "duration": minutes, "price": price, "category": category, **special}
    return screen.add(store, "appointment-types", kind, now)


@dataclass(frozen=True, slots=True)
class Visit:
    booked: datetime
    start: datetime
    calendar: Record


def _visits(count: int, calendars: Sequence[Record], chance: random.Random, now: datetime) -> list[Visit]:
    """In the order in which they were booked. Where the diary is full two lie on one hour, as when the owner books."""
    diary, found = Diary(), []
    for n in range(count):
        calendar = calendars[n % len(calendars)]
        where = dates.zone(calendar["timezone"])
        day = now.astimezone(where).date() + timedelta(days=chance.randint(1 - DAYS, DAYS - 1))
        start = diary.hour(calendar, day, chance) or datetime.combine(day, time(18), where)
        booked = min(start, now) - timedelta(minutes=chance.randint(60, 60 * 24 * 30))
        found.append(Visit(booked, start, calendar))
    return sorted(found, key=lambda visit: visit.booked)


def _book(store: Store, person: Person, visit: Visit, choice: Choice, *, loud: bool, now: datetime) -> None:
    """Who is `loud` writes the e-mail in capitals, when coming again."""
    chance = choice.chance
    kind = chance.choice([kind for kind in choice.types if kind["active"]])
    asked = {
        **_told(person), "datetime": dates.stamp(visit.start, store.zone), "calendarID": visit.calendar["id"],
        "appointmentTypeID": kind["id"], "timezone": _STATES.get(person.state) or ZONES[person.country],
        "fields": _answers(choice), **_afterwards(kind, choice, visit.start < now),
    }  # fmt: skip
    if loud:
        asked["email"] = person.email.upper()
    screen.add(store, "appointments", asked, visit.booked)


def _told(person: Person) -> dict[str, Any]:
    return {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "phone": "".join(str(unicodedata.decimal(each, each)) for each in person.phone),
    }


def _answers(choice: Choice) -> list[dict[str, Any]]:
    """Two in three fill the form in; nobody fills in the page."""
    if not choice.forms or choice.chance.random() < 1 / 3:
        return []
    first, wish, languages, _ = choice.forms[0]["fields"]
    said = (choice.chance.choice(("yes", "no")), choice.chance.choice(WISHES), choice.chance.choice(LANGUAGES))
    return [{"id": each["id"], "value": value} for each, value in zip((first, wish, languages), said, strict=True)]


def _afterwards(kind: Record, choice: Choice, is_past: bool) -> dict[str, Any]:
    """What has become of it: one in eight was canceled, and some of those did not come at all."""
    chance, happened = choice.chance, dict[str, Any]()
    if chance.random() < 1 / 8:
        happened["canceled"] = True
        if is_past and chance.random() < 1 / 2:
            happened["noShow"] = True
    elif is_past and chance.random() < 4 / 5:
        # "yes" with nothing paid was recorded: the two do not follow from each other
        happened |= {"paid": "yes", "amountPaid": kind["price"] if chance.random() < 9 / 10 else "0.00"}
    if chance.random() < 1 / 5:
        happened["notes"] = chance.choice(NOTES)
    if choice.labels and chance.random() < 1 / 4:
        happened["labels"] = [chance.choice(choice.labels)] if chance.random() < 4 / 5 else []
    return happened


def _block(store: Store, calendar: Record, now: datetime) -> None:
    """A free day in a week from now."""
    day = (now + timedelta(days=7)).date()
    block = {"start": f"{day} 00:00", "end": f"{day} 23:59", "calendarID": calendar["id"], "notes": "Closed"}
    screen.add(store, "blocks", block, now)
