"""Made-up data of The 7 Space, a gallery and wellness centre: massages, sound baths, guided tours.

`records` counts services, customers and appointments. Who works there, where, and what the booking form asks come on
top. The people are the first ones of the crowd that the shop's customers come from, so that they know each other.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from higherself_sync.sandbox.amelia import customers, dates, desk
from higherself_sync.sandbox.amelia.store import Record, Store
from higherself_sync.sandbox.amelia.visit import Visit
from higherself_sync.sandbox.people import Person, people
from higherself_sync.sandbox.woocommerce.dates import SITE

DAYS = 60
"""Appointments are from so many days before now to so many after."""

# (name, minutes, price, least and most persons)
SERVICES: tuple[tuple[str, int, float, int, int], ...] = (
    ("Therapeutic Massage 60", 60, 120, 1, 1),
    ("Sound Bath 🔔", 90, 35, 3, 12),
    ("Guided Tour “Seven Spaces”", 60, 15, 2, 10),
    ("Therapeutic Massage 90", 90, 165, 1, 1),
    ("Craniosacral Session", 75, 95.5, 1, 1),
    ("Größe & Coaching", 90, 90.5, 1, 1),
    ("Lomi Lomi für zwei", 120, 210, 1, 2),
    ("Tea Ceremony 茶の湯", 60, 55, 1, 6),
    ("Consultation (online)", 45, 0, 1, 1),
    ("Wellness Day", 120, 185, 1, 1),
)
_STAFF = (("Petra", "Trainer"), ("Ömer", "Aydın"), ("Siobhán", "O’Neil"))
_HOURS = (9, 11, 13, 15, 17)
SLOTS = (2 * DAYS - 1) * len(_HOURS) * len(_STAFF)
# Of appointments by staff or by the calendar; a group's bookings may each have another.
_AHEAD = ("approved",) * 7 + ("pending",) * 3 + ("canceled", "canceled", "rejected")
_PAST = ("approved",) * 8 + ("no-show",) * 2 + ("canceled", "canceled", "rejected", "pending")
_NOTES = ("", "", "", "Prefers the quiet room.", "Allergic to lavender 🌿", "Migrated from the paper diary\nsee page 7",
          "شاي بلا سكر", "Bringt eine Begleitung mit <b>bitte</b> zwei Stühle")  # fmt: skip
_ANSWERS = ("", "Knee, left", "First visit", "初めてです")
_PAYMENTS: tuple[Mapping[str, Any], ...] = (
    {},
    {},
    {"gateway": "stripe", "status": "paid", "transactionId": "pi_made_up"},
    {"gateway": "wc", "gatewayTitle": "Direct bank transfer", "status": "paid", "wcOrderId": 330},
    {"gateway": "payPal", "status": "partiallyPaid", "amount": 10},
    {"gateway": "onSite", "status": "paid", "amount": 20},
    {"gateway": "stripe", "status": "refunded", "transactionId": "pi_made_up"},
)


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of each make `records`: at most as many services as there are, and three eighths of the rest people."""

    services: int
    customers: int
    appointments: int

    @classmethod
    def of(cls, records: int) -> "Shares":
        services = min(len(SERVICES), -(-records // 12))
        guests = -(-(records - services) * 3 // 8)
        return cls(services, guests, records - services - guests)


@dataclass(frozen=True, slots=True)
class House:
    """What the made-up site has to book, and who may."""

    services: Sequence[Record]
    staff: Sequence[Record]
    location: Record
    guests: Sequence[Record]


def fill(store: Store, records: int, seed: int, visit: Visit) -> None:
    """The store is empty. The same seed makes the same, people and all."""
    if not records:
        return
    shares, chance = Shares.of(records), random.Random(seed)  # noqa: S311 - made-up data, no secret
    crowd = islice(people(random.Random(seed)), shares.customers)  # noqa: S311
    house = _furnished(store, shares.services, [_register(store, person, chance) for person in crowd])
    made = sorted(_moments(chance, shares.appointments, visit.now), key=lambda moment: moment[1])
    for n, (start, when) in enumerate(made):
        now = Visit(when.replace(microsecond=0), visit.edition, visit.items_per_page)
        desk.book(store, _wish(house, chance, n, start, visit.now), now)


def _furnished(store: Store, count: int, guests: Sequence[Record]) -> House:
    location = desk.put(store, "locations", {"address": "Kastanienallee 12, 10435 Berlin"})
    for position, name in enumerate(("Wellness", "Gallery"), 1):
        desk.put(store, "categories", {"name": name, "position": position})
    services = [
        desk.put(store, "services", {
            "name": name, "duration": minutes * 60, "price": price, "minCapacity": least, "maxCapacity": most,
            "bringingAnyone": most > 1, "categoryId": _category(store, name),
        })
        for name, minutes, price, least, most in SERVICES[:count]
    ]  # fmt: skip
    given = [{"id": one["id"], "name": one["name"]} for one in services]
    staff = [
        desk.put(store, "providers", {
            "firstName": first, "lastName": last, "email": f"staff{n}@example.com", "serviceList": given,
            "locationId": location["id"],
        })
        for n, (first, last) in enumerate(_STAFF, 1)
    ]  # fmt: skip
    desk.put(store, "fields", {"label": "Anything that we should know?", "type": "text", "allServices": True})
    return House(services, staff, location, guests)


def _category(store: Store, name: str) -> int:
    is_gallery = "Tour" in name or "Tea" in name
    return [int(one["id"]) for one in store.all("categories")][int(is_gallery)]


def _register(store: Store, person: Person, chance: random.Random) -> Record:
    """One in eight has told no number."""
    phone = person.phone if chance.random() > 1 / 8 else None
    names = {"firstName": person.first_name, "lastName": person.last_name, "email": person.email}
    country = person.country.lower() if phone else None
    return customers.register(store, {**names, "phone": phone, "countryPhoneIso": country, "gender": None})


def _moments(chance: random.Random, count: int, now: datetime) -> Iterator[tuple[int, datetime]]:
    """(slot, when it was booked), each slot once."""
    slots = chance.sample(range(SLOTS), min(count, SLOTS)) + list(range(SLOTS, count))
    for slot in slots:
        before = timedelta(seconds=chance.randint(3600, 40 * 86400))
        yield slot, min(_start_of(slot, now), now) - before


def _start_of(slot: int, now: datetime) -> datetime:
    """A slot is a day, an hour and one of the staff, so that nobody is in two rooms while there are enough."""
    turn, place = divmod(slot, SLOTS)
    day, hour = divmod(place // len(_STAFF), len(_HOURS))
    date = (now + timedelta(days=day - DAYS + 1)).astimezone(SITE).date()
    return datetime(date.year, date.month, date.day, _HOURS[hour], 7 * turn % 60, tzinfo=SITE)


def _wish(house: House, chance: random.Random, n: int, slot: int, now: datetime) -> dict[str, Any]:
    start = _start_of(slot, now)
    service = house.services[n % len(house.services)]
    is_group = service["maxCapacity"] > 2
    count = min(chance.randint(1, 5) if is_group else 1, len(house.guests), service["maxCapacity"])
    words = _AHEAD if start > now else _PAST
    word = words[n % len(words)]
    guests = chance.sample(house.guests, count)
    return {
        "bookingStart": dates.local(start),
        "serviceId": service["id"],
        "providerId": house.staff[slot % len(_STAFF)]["id"],
        "locationId": None if "online" in service["name"] else house.location["id"],
        "internalNotes": chance.choice(_NOTES),
        "payment": chance.choice(_PAYMENTS),
        "bookings": [_booking(guest, service, chance, word, place) for place, guest in enumerate(guests)],
        **(_meeting(chance) if "online" in service["name"] else {}),
    }


def _booking(guest: Record, service: Record, chance: random.Random, word: str, place: int) -> dict[str, Any]:
    """In a group the fourth waits, and somebody brings a friend. Every third was entered by staff, who type nothing."""
    answer = {"label": "Anything that we should know?", "type": "text", "value": chance.choice(_ANSWERS)}
    by_staff = chance.random() < 1 / 3
    return {
        "customerId": guest["id"],
        "status": "waiting" if place == 3 else word,
        "persons": chance.choice((1, 1, 1, 2)) if service["maxCapacity"] > 1 else 1,
        "duration": service["duration"] if chance.random() > 1 / 4 else None,
        "customFields": None if by_staff else {"1": answer},
        **({"info": None} if by_staff else {}),
    }


def _meeting(chance: random.Random) -> dict[str, Any]:
    """Addresses as other systems give them. Whoever has the host's key may open the room: it must go nowhere."""
    number = chance.randint(10**10, 10**11 - 1)
    return {
        "zoomMeeting": {
            "id": number,
            "startUrl": f"https://zoom.example/s/{number}?zak=host-key-{number}",
            "joinUrl": f"https://zoom.example/j/{number}?pwd=guest-key-{number}",
        },
        "googleMeetUrl": f"https://meet.example/{number}?authuser=host-key-{number}",
    }
