"""The made-up appointments: as many as were asked for, the same each time, of people whom the shop knows too."""

import json
import random
from collections import Counter
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from higherself_sync.sandbox.amelia import AmeliaTwin
from higherself_sync.sandbox.people import people
from higherself_sync.sandbox.seeding import fill
from higherself_sync.sandbox.woocommerce import WooCommerceTwin
from tests.sandbox.amelia_client import START

BERLIN = ZoneInfo("Europe/Berlin")


def filled(records: int, seed: int = 0) -> dict[str, list[Any]]:
    twin = AmeliaTwin()
    twin.fill(records, seed, START)
    return twin.dump()


@pytest.mark.parametrize("records", [0, 1, 2, 3, 4, 7, 13, 30, 60, 240, 600])
def test_records_counts_services_customers_and_appointments(records: int) -> None:
    held = filled(records)
    assert sum(len(held[stream]) for stream in ("services", "customers", "appointments")) == records
    assert records or not any(held.values()), "nothing at all for none"


def test_more_than_the_calendar_has_room_for_are_made_all_the_same() -> None:
    held = filled(3200)
    assert sum(len(held[stream]) for stream in ("services", "customers", "appointments")) == 3200


def test_a_seed_makes_the_same_site_each_time() -> None:
    assert filled(120, seed=7) == filled(120, seed=7)
    assert filled(120, seed=7)["appointments"] != filled(120, seed=8)["appointments"]


def test_the_people_are_the_shop_s() -> None:
    shop, site = WooCommerceTwin(), AmeliaTwin()
    fill({"woocommerce": shop, "amelia": site}, 110, 3, START)
    known = [customer["email"] for customer in site.dump()["customers"]]
    assert known == [person.email for person in islice(people(random.Random(3)), len(known))]
    assert set(known) <= {customer["email"] for customer in shop.dump()["customers"]}


def test_there_is_every_status_and_every_oddity() -> None:
    held = filled(240)
    appointments = held["appointments"]
    bookings = [booking for one in appointments for booking in one["bookings"]]
    assert {one["status"] for one in appointments} >= {"approved", "pending", "canceled", "rejected", "no-show"}
    assert "waiting" in {one["status"] for one in bookings}
    assert any(len(one["bookings"]) > 1 for one in appointments)
    assert any(
        one["status"] == "pending" and {b["status"] for b in one["bookings"]} == {"approved"} for one in appointments
    )
    assert any(one["zoomMeeting"] and "host-key" in one["zoomMeeting"]["startUrl"] for one in appointments)
    assert {payment["status"] for one in bookings for payment in one["payments"]} == {
        "paid", "pending", "partiallyPaid", "refunded",
    }  # fmt: skip
    assert any(booking["info"] for booking in bookings)
    assert not all(booking["info"] for booking in bookings)
    assert all(json.loads(one["customFields"]) for one in bookings if one["customFields"])


def test_appointments_lie_within_sixty_days_and_are_booked_before_they_start() -> None:
    for one in filled(240)["appointments"]:
        start = datetime.fromisoformat(one["bookingStart"]).replace(tzinfo=BERLIN)
        assert abs(start - START) <= timedelta(days=60)
        for booking in one["bookings"]:
            booked = datetime.fromisoformat(booking["created"]).replace(tzinfo=BERLIN)
            assert booked < min(start, START)


def test_ids_are_in_the_order_of_booking_and_nobody_is_in_two_rooms() -> None:
    appointments = sorted(filled(240)["appointments"], key=lambda one: int(one["id"]))
    stamps = [one["bookings"][0]["created"] for one in appointments]
    assert stamps == sorted(stamps)
    starts = Counter((one["providerId"], one["bookingStart"]) for one in appointments)
    assert max(starts.values()) == 1


def test_what_was_made_up_can_be_asked_for() -> None:
    twin = AmeliaTwin()
    twin.fill(60, 0, START)
    fresh = AmeliaTwin()
    fresh.load(twin.dump(), START)
    assert fresh.dump() == twin.dump()
