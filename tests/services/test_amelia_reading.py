"""The traps of Amelia where it is read: times, lists, the days of the window, what is new and what is gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from higherself_sync.core.record import Gone, Record, when
from higherself_sync.errors import Absent, Refused, Unauthorised, Unreachable
from higherself_sync.services.amelia import Amelia
from higherself_sync.services.amelia.times import Repeated, digits, span
from tests.contract.service_contract import marks
from tests.services.booking_site import (
    NOW,
    Told,
    TwinTransport,
    adapter,
    answer,
    fetched,
    index,
    read,
    utc,
)

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def site() -> TwinTransport:
    transport = TwinTransport()
    transport.furnish()
    return transport


@pytest.fixture
def booking(site: TwinTransport) -> Iterator[Amelia]:
    service = adapter(site)
    yield service
    service.close()


# --------------------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("start", "end", "seconds", "expected"),
    [
        ("2026-11-30 10:00:00", "2026-11-30 11:00:00", 3600, (utc(11, 30, 9), utc(11, 30, 10))),
        ("2026-07-01 10:00", "2026-07-01 11:30", None, (utc(7, 1, 8), utc(7, 1, 9, 30))),
        # Nobody comes any more: the end is the start.
        ("2026-11-30 10:00:00", "2026-11-30 10:00:00", 3600, (utc(11, 30, 9), None)),
        # Past midnight.
        ("2026-12-31 23:30:00", "2027-01-01 00:30:00", 3600, (utc(12, 31, 22, 30), utc(12, 31, 23, 30))),
        # The night in which summer begins: 2:00 to 3:00 is skipped, and 1:30 to 3:30 is one hour.
        ("2026-03-29 01:30:00", "2026-03-29 03:30:00", 3600, (utc(3, 29, 0, 30), utc(3, 29, 1, 30))),
        # Digits that the clocks skip are read as PHP reads them.
        ("2026-03-29 02:30:00", "2026-03-29 04:30:00", 3600, (utc(3, 29, 1, 30), utc(3, 29, 2, 30))),
        # The night in which it ends: 2:00 to 3:00 comes twice. How long a session lasts tells which one is meant.
        ("2026-10-25 01:30:00", "2026-10-25 02:30:00", 3600, (utc(10, 24, 23, 30), utc(10, 25, 0, 30))),
        ("2026-10-25 01:30:00", "2026-10-25 02:30:00", 7200, (utc(10, 24, 23, 30), utc(10, 25, 1, 30))),
        ("2026-10-25 02:30:00", "2026-10-25 03:30:00", 3600, (utc(10, 25, 1, 30), utc(10, 25, 2, 30))),
        ("2026-10-25 02:30:00", "2026-10-25 03:30:00", 7200, (utc(10, 25, 0, 30), utc(10, 25, 2, 30))),
        ("2026-10-25 02:30:00", "2026-10-25 02:30:00", 3600, (utc(10, 25, 0, 30), utc(10, 25, 1, 30))),
        ("2026-10-25 02:45:00", "2026-10-25 02:15:00", 1800, (utc(10, 25, 0, 45), utc(10, 25, 1, 15))),
        # Where it cannot be told it is the first.
        ("2026-10-25 02:30:00", "2026-10-25 03:30:00", None, (utc(10, 25, 0, 30), utc(10, 25, 2, 30))),
        # An end before the start is none.
        ("2026-11-30 10:00:00", "2026-11-30 09:00:00", None, (utc(11, 30, 9), None)),
    ],
)
def test_times_of_the_sites_clock_are_instants(
    start: str, end: str, seconds: int | None, expected: tuple[datetime, datetime | None]
) -> None:
    assert span(start, end, seconds, BERLIN) == when(*expected)


@pytest.mark.parametrize("text", ["", "0000-00-00 00:00:00", "soon"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert span(text, "", None, BERLIN) is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (utc(11, 30, 9), "2026-11-30 10:00"),
        (utc(7, 1, 8), "2026-07-01 10:00"),
        (utc(3, 29, 1, 30), "2026-03-29 03:30"),
        (utc(10, 25, 0, 30), "2026-10-25 02:30"),
    ],
)
def test_an_instant_is_sent_in_the_digits_of_the_sites_clock(moment: datetime, expected: str) -> None:
    assert digits(moment, BERLIN) == expected


def test_the_second_of_two_hours_cannot_be_said_and_is_not_sent(site: TwinTransport, booking: Amelia) -> None:
    with pytest.raises(Repeated):
        digits(utc(10, 25, 1, 30), BERLIN)
    made = site.visit("2026-11-30 10:00")
    read(booking, "appointments")
    record = fetched(booking, "appointments", str(made["bookings"][0]["id"]))
    with pytest.raises(Refused, match="comes twice that night"):
        booking.replica("appointments").update(record, {"when": when(utc(10, 31, 1, 30, 2027))}, marks(1))
    assert site.writes() == 0


def test_a_day_without_a_time_is_no_session(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-30 10:00")
    (record,) = read(booking, "appointments").values()
    with pytest.raises(Refused, match="a day and a time of day"):
        booking.replica("appointments").update(record, {"when": when(utc(12, 1, 0).date())}, marks(1))
    assert site.writes() == 0


def test_stamps_of_two_clocks_in_one_answer_move_nothing(site: TwinTransport, booking: Amelia) -> None:
    """A booking's creation is the site's time, its payment's UTC; neither is taken for a time that means something."""
    site.now = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # 0:30 on December 1 at the site
    site.visit("2027-02-10 10:00")
    held = site.twin.dump()["appointments"][0]["bookings"][0]
    assert (held["created"][:10], held["payments"][0]["created"][:10]) == ("2026-12-01", "2026-11-30")
    (record,) = read(booking, "appointments").values()
    assert (record.created, record.modified) == (None, None)


# ------------------------------------------------------------------------------------------------------------- reading


def test_a_site_that_listens_to_no_limit_is_read_to_the_end(site: TwinTransport) -> None:
    """Older ones give as many a page as their own setting says."""
    for day in range(1, 8):
        site.visit(f"2026-12-0{day} 10:00")

    def told(request: httpx.Request) -> httpx.Response:
        text = str(request.url).replace("limit=500", "limit=3")
        return site.handle_request(httpx.Request(request.method, text, headers=request.headers))

    assert len(read(adapter(Told(told)), "appointments")) == 7


def paged(*pages: tuple[list[int], int]) -> Told:
    """Lists of services, one after the other whatever is asked: their numbers, and how many are said to be found."""
    left = list(pages)

    def told(request: httpx.Request) -> httpx.Response:
        if "wp-json" in request.url.path:
            return index()
        numbers, count = left.pop(0)
        services = [{"id": number, "name": str(number)} for number in numbers]
        return answer(200, {"data": {"services": services, "countFiltered": str(count)}})

    return Told(told)


def test_a_list_that_shifts_is_read_again(site: TwinTransport) -> None:
    told = paged(([1, 2], 4), ([2, 3], 4), ([], 4), ([1, 2], 4), ([3, 4], 4))
    ids = [each.id for batch in adapter(told).replica("services").read(None) for each in batch.records]
    assert ids == ["1", "2", "3", "1", "2", "3", "4"], "each once a pass"


def test_what_is_counted_and_never_shown_does_not_keep_a_list_from_being_whole() -> None:
    """An appointment is counted without a booking, or with a customer, service or employee who is no more."""
    told = paged(([1, 2], 4), ([3], 4), ([], 4), ([1, 2], 4), ([3], 4), ([], 4))
    ids = [each.id for batch in adapter(told).replica("services").read(None) for each in batch.records]
    assert ids == ["1", "2", "3", "1", "2", "3"]


def test_a_count_that_is_too_small_ends_no_list() -> None:
    told = paged(([1, 2], 1), ([3], 1), ([], 1), ([1, 2], 1), ([3], 1), ([], 1))
    ids = [each.id for batch in adapter(told).replica("services").read(None) for each in batch.records]
    assert ids == ["1", "2", "3", "1", "2", "3"]


def test_a_list_that_never_holds_still_is_no_complete_read() -> None:
    with pytest.raises(Unreachable, match="kept changing"):
        read(adapter(paged(([1, 2], 3), ([], 3), ([1, 3], 3), ([], 3))), "services")


@pytest.mark.parametrize("body", [{"data": []}, {"data": {"services": None}}, {"data": {"services": [1]}}, {}, []])
def test_what_is_no_list_is_not_an_empty_one(body: object) -> None:
    told = Told(lambda request: index() if "wp-json" in request.url.path else answer(200, body))
    with pytest.raises(Unreachable):
        read(adapter(told), "services")


def test_an_object_of_another_form_stops_the_stream_and_shows_no_value() -> None:
    body = {"data": {"services": [{"id": 7, "name": "x", "price": "secret-price"}], "countFiltered": 1}}
    told = Told(lambda request: index() if "wp-json" in request.url.path else answer(200, body))
    with pytest.raises(Unreachable) as caught:
        read(adapter(told), "services")
    assert "(price)" in caught.value.message
    assert "secret-price" not in str(caught.value.as_json())


def test_in_every_run_the_coming_days_and_a_piece_of_the_rest(site: TwinTransport) -> None:
    cache: dict[str, str] = {}
    seen = []
    for _ in range(12):
        service = adapter(site, cache)
        site.requests.clear()
        read(service, "appointments", site.now)
        dates = [each.partition("dates=")[2].partition("&")[0] for each in site.asked("/appointments")]
        assert dates[0] == "2026-11-22,2026-12-07"
        seen.append(dates[1])
    assert seen[:3] == ["2026-10-24,2026-11-06", "2026-11-07,2026-11-20", "2026-11-21,2026-11-21"]
    assert seen[3:9] == [
        "2026-12-08,2026-12-21",
        "2026-12-22,2027-01-04",
        "2027-01-05,2027-01-18",
        "2027-01-19,2027-02-01",
        "2027-02-02,2027-02-15",
        "2027-02-16,2027-02-21",
    ]
    assert seen[9:] == seen[:3], "and begun again"


def test_a_piece_whose_read_was_not_stored_has_its_turn_again(site: TwinTransport) -> None:
    cache: dict[str, str] = {}
    pieces = []
    for minute, since in ((1, 0), (2, 0), (3, 2), (4, 3)):
        site.now = NOW + timedelta(minutes=minute)
        site.requests.clear()
        read(adapter(site, cache), "appointments", NOW + timedelta(minutes=since))
        pieces.append(site.asked("/appointments")[1].partition("dates=")[2][:10])
    assert pieces == ["2026-10-24", "2026-10-24", "2026-11-07", "2026-11-21"]


def test_where_everything_is_read_always_nothing_is_left_for_a_turn(site: TwinTransport) -> None:
    read(adapter(site, back=1, ahead=10, always=10), "appointments", NOW)
    assert [each.partition("&page")[0] for each in site.asked()] == [
        "/appointments&dates=2026-11-22,2026-12-03",
        "/payments&dates=2026-11-22,2026-11-24",
    ]


def test_what_was_read_is_what_it_covers(site: TwinTransport, booking: Amelia) -> None:
    starts = ("2026-10-24 00:00", "2026-11-06 23:59", "2026-11-07 00:00", "2026-11-22 00:00", "2026-12-07 23:30",
              "2026-12-08 00:00", "2027-02-21 23:00")  # fmt: skip
    for start in starts:
        site.visit(start)
    replica = booking.replica("appointments")
    records = read(booking, "appointments")
    assert all(map(replica.covers, records.values())), "a sweep covers the window"
    read(booking, "appointments", NOW)
    covered = {record.values["when"] for record in records.values() if replica.covers(record)}
    assert covered == {
        records[each].values["when"] for each in records if records[each].native["appointment"] in "1245"
    }
    outside = replace(next(iter(records.values())), values={"when": when(utc(10, 23, 20))})
    assert not replica.covers(outside)
    assert not adapter(site).replica("appointments").covers(outside), "nothing was read yet"


def test_a_read_that_breaks_off_covers_only_what_came_to_its_end(site: TwinTransport) -> None:
    site.visit("2026-11-30 10:00")
    site.visit("2026-11-01 10:00")
    calls = 0

    def told(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += "call=/api/v1/appointments" in str(request.url)
        return answer(403, {"message": "Invalid API key."}) if calls > 2 else site.handle_request(request)

    service = adapter(Told(told))
    records = read(service, "appointments")
    with pytest.raises(Unauthorised):
        read(service, "appointments", NOW)
    assert {key for key, record in records.items() if service.replica("appointments").covers(record)} == {"1"}


# ------------------------------------------------------------------------------------------- what was booked meanwhile


def test_a_new_booking_far_ahead_is_found_by_its_payment_and_asked_for_once(site: TwinTransport) -> None:
    cache: dict[str, str] = {}
    read(adapter(site, cache), "appointments")
    made = site.visit("2027-01-30 10:00")
    for found in ({str(made["bookings"][0]["id"])}, set()):
        site.requests.clear()
        assert set(read(adapter(site, cache), "appointments", NOW)) == found
        assert len(site.asked(f"/appointments/{made['id']}")) == len(found)


def test_a_new_booking_is_told_again_until_a_read_that_told_it_was_stored(site: TwinTransport) -> None:
    """The engine asks with the time of the last read that it stored."""
    cache: dict[str, str] = {}
    read(adapter(site, cache), "appointments")
    stored = site.now
    site.visit("2027-01-30 10:00")
    for minutes, since, found in ((5, stored, 1), (10, stored, 1), (15, stored + timedelta(minutes=10), 0)):
        site.now = NOW + timedelta(minutes=minutes)
        assert len(read(adapter(site, cache), "appointments", since)) == found


def test_a_booking_beyond_the_window_is_left_alone(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2027-06-30 10:00")
    assert read(booking, "appointments", NOW) == {}
    assert site.asked("/appointments/") == []


@pytest.mark.parametrize("clock", [utc(11, 30, 23), utc(12, 1, 0)], ids=["midnight there", "midnight in UTC"])
def test_no_booking_slips_through_at_midnight_by_whichever_clock(site: TwinTransport, clock: datetime) -> None:
    cache: dict[str, str] = {}
    site.now = clock - timedelta(minutes=20)
    read(adapter(site, cache), "appointments")
    since = site.now
    site.visit("2027-02-20 10:00")
    site.now = clock + timedelta(minutes=20)
    assert len(read(adapter(site, cache), "appointments", since)) == 1


def test_many_new_bookings_are_listed_instead(site: TwinTransport, booking: Amelia) -> None:
    read(booking, "appointments")
    for day in range(1, 13):
        site.visit(f"2027-01-{day:02} 10:00")
    site.requests.clear()
    found = read(booking, "appointments", NOW)
    assert len(found) == 12
    assert site.asked("/appointments/") == []
    assert site.asked()[-1] == "/appointments&dates=2027-01-01,2027-01-12&page=1&limit=500"
    assert all(map(booking.replica("appointments").covers, found.values()))


def test_a_payment_whose_appointment_went_meanwhile_is_no_trouble(site: TwinTransport, booking: Amelia) -> None:
    rows = {"data": {"payments": [{"id": 1, "appointmentId": 77, "customerBookingId": 78,
                                   "bookingStart": "2027-01-20 10:00:00"}], "filteredCount": 1}}  # fmt: skip

    def told(request: httpx.Request) -> httpx.Response:
        return answer(200, rows) if "/payments" in str(request.url) else site.handle_request(request)

    assert read(adapter(Told(told)), "appointments", NOW) == {}


# ------------------------------------------------------------------------------------------------ what a booking costs


@pytest.mark.parametrize(
    ("payment", "paid"),
    [
        ({}, "0"),
        ({"gateway": "stripe", "status": "paid"}, "30"),
        ({"gateway": "payPal", "status": "partiallyPaid", "amount": 10.5}, "10.5"),
        ({"gateway": "stripe", "status": "refunded"}, "0"),
        ({"gateway": "onSite", "status": "pending"}, "0"),
    ],
)
def test_price_is_that_of_all_who_come_and_paid_what_was_received(
    site: TwinTransport, booking: Amelia, payment: dict[str, Any], paid: str
) -> None:
    bookings = [{"customerId": 3, "persons": 2}]
    site.add("appointments", bookingStart="2026-11-30 10:00", serviceId=2, bookings=bookings, payment=payment)
    (record,) = read(booking, "appointments").values()
    assert (record.values["price"], record.values["paid"]) == (Decimal(30), Decimal(paid))


def test_a_price_for_the_whole_party_is_not_multiplied(site: TwinTransport) -> None:
    booked = {"id": 1, "customerId": 3, "customer": {"id": 3}, "status": "approved", "price": 99.9, "persons": 4,
              "aggregatedPrice": False}  # fmt: skip
    one = {"id": 1, "bookings": [booked], "bookingStart": "2026-11-30 10:00:00", "bookingEnd": "2026-11-30 11:00:00",
           "service": {"id": 1, "name": "Party"}, "provider": {"id": 1, "firstName": "Ines"}}  # fmt: skip
    body = {"data": {"appointments": [one], "total": 1}}
    told = Told(lambda request: index() if "wp-json" in request.url.path else answer(200, body))
    (record,) = read(adapter(told), "appointments").values()
    assert record.values["price"] == Decimal("99.9")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((utc(12, 1, 9), utc(12, 1, 10)), (utc(12, 1, 9), None), True),
        ((utc(12, 1, 9), utc(12, 1, 10)), (utc(12, 1, 9), utc(12, 1, 11)), False),
        ((utc(12, 1, 9), utc(12, 1, 10)), (utc(12, 1, 8), utc(12, 1, 10)), False),
    ],
)
def test_a_time_without_an_end_is_one_with_whatever_end_the_site_gives_it(
    booking: Amelia, one: tuple[datetime, datetime], other: tuple[datetime, datetime | None], same: bool
) -> None:
    """So a row that says only when a session starts agrees with it, and a session that grows longer is still seen."""
    appointments = next(stream for stream in booking.streams if stream.name == "appointments")
    normaliser = appointments.fields["when"].same
    assert normaliser is not None
    assert (normaliser(when(*one)) == normaliser(when(*other))) is same


# --------------------------------------------------------------------------------------------------- what is not there


def test_what_was_never_seen_is_no_proof_and_costs_nothing(site: TwinTransport, booking: Amelia) -> None:
    found = booking.replica("appointments").fetch(["5", "no-such", "007", "-1"])
    assert set(found.values()) == {Gone.HIDDEN}
    assert site.requests == []


def test_a_deleted_booking_is_proved_by_its_appointment_and_its_customers_list(
    site: TwinTransport, booking: Amelia
) -> None:
    one = site.visit("2026-11-30 10:00")
    read(booking, "appointments")
    site.change("appointments", one["id"], deleted=True)
    site.requests.clear()
    assert booking.replica("appointments").fetch(["1"]) == {"1": Gone.DELETED}
    assert site.asked() == [
        "/appointments/1",
        "/appointments&dates=2000-01-01,2099-12-31&customerId=3&page=1&limit=500",
    ]


def test_one_booking_of_a_group_that_is_gone_leaves_the_others(site: TwinTransport, booking: Amelia) -> None:
    site.tour("2026-11-30 10:00", 3, 4)
    read(booking, "appointments")
    site.change("customers", 4, deleted=True)  # and with the person the booking
    found = booking.replica("appointments").fetch(["1", "2"])
    assert isinstance(found["1"], Record)
    assert found["2"] is Gone.DELETED


def test_a_booking_that_was_moved_into_another_appointment_is_the_same(site: TwinTransport) -> None:
    """It keeps its number (`bookings/reassign`), and its former appointment may be gone: that alone proves nothing."""
    cache: dict[str, str] = {}
    site.visit("2026-11-30 10:00")
    read(adapter(site, cache), "appointments")
    (held,) = site.twin.dump()["appointments"]
    site.twin.clear()
    site.furnish()
    site.twin.load({"appointments": [{**held, "id": 9, "bookingStart": "2027-03-30 10:00:00"}]}, site.now)
    record = fetched(adapter(site, cache), "appointments", "1")
    assert (record.id, record.native["appointment"]) == ("1", "9")
    service = adapter(site, cache)
    after = service.replica("appointments").update(record, {"notes": "moved"}, marks(1))
    assert after.values["notes"] == "moved"


def test_a_write_to_a_booking_that_has_just_left_its_appointment_proves_nothing(
    site: TwinTransport, booking: Amelia
) -> None:
    one = site.visit("2026-11-30 10:00")
    (record,) = read(booking, "appointments").values()
    site.change("appointments", one["id"], deleted=True)
    with pytest.raises(Absent) as caught:
        booking.replica("appointments").update(record, {"notes": "x"}, marks(1))
    assert caught.value.gone is Gone.HIDDEN


def test_an_employee_is_no_customer_and_a_deleted_customer_is_proved_gone(booking: Amelia, site: TwinTransport) -> None:
    site.change("customers", 5, deleted=True)
    assert booking.replica("customers").fetch(["5"]) == {"5": Gone.DELETED}
    user = {"data": {"user": {"id": 1, "firstName": "Petra", "type": "provider"}}}
    assert adapter(Told(lambda _: answer(200, user))).replica("customers").fetch(["1"]) == {"1": Gone.HIDDEN}
