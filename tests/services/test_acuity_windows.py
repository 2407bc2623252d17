"""Acuity's lists: cut in silence, by days of the business's zone, without a word of what changed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from higherself_sync.core.record import Record
from higherself_sync.errors import Unreachable
from higherself_sync.services.acuity.windows import Days, Window
from tests.services.desk import ANNA, NOOR, Asked, Desk, adapter, everything, in_the_window, practice, record

NO_OTHERS: dict[str, Any] = {"back": 0, "ahead": 6}


def crowd(desk: Desk, count: int, day: float = 1, minutes: int = 1) -> set[str]:
    """So many appointments, one after the other, from that day on."""
    return {desk.book(NOOR, day + number * minutes / 24 / 60) for number in range(count)}


# ------------------------------------------------------------------------------------------------------- whole lists


def test_a_list_that_is_full_is_asked_for_in_halves_until_none_is() -> None:
    desk = Desk()
    booked = crowd(desk, 260, day=0.5, minutes=30)
    assert set(everything(adapter(desk, **NO_OTHERS))) == booked
    counts = [int(each.query["max"]) for each in desk.asked if str(each) == "GET appointments"]
    assert set(counts) == {100}, "the documented default is the one size that is known not to be cut further"
    assert ("2026-11-23", "2026-11-29") in desk.lists()
    assert ("2026-11-23", "2026-11-26") in desk.lists()


def test_a_list_of_one_less_than_full_is_whole() -> None:
    desk = Desk()
    booked = crowd(desk, 99)
    assert set(everything(adapter(desk, **NO_OTHERS))) == booked
    assert len(desk.lists()) == 1


def test_a_day_too_full_to_be_split_is_asked_for_at_large_and_from_both_ends() -> None:
    desk = Desk()
    booked = crowd(desk, 130)
    assert set(everything(adapter(desk, **NO_OTHERS))) == booked
    assert [each.query["direction"] for each in desk.asked if each.query.get("max") == "2200"] == ["ASC", "DESC"]


def test_a_ceiling_that_nobody_has_documented_is_noticed() -> None:
    """The list would end early, and look whole: what it left out would look gone."""
    desk = Desk()
    crowd(desk, 130)
    desk.twin.knobs({"max_ceiling": 120})
    with pytest.raises(Unreachable, match="2026-11-24 has more appointments than Acuity lists at once"):
        everything(adapter(desk, **NO_OTHERS))


def test_canceled_ones_are_read_too() -> None:
    desk = practice()
    statuses = [each.values["status"] for each in everything(adapter(desk)).values()]
    assert sorted(map(str, statuses)) == ["canceled", "no-show", *["scheduled"] * 5]


# ------------------------------------------------------------------------------------------ what moves meanwhile


def move_when_asked_for(desk: Desk, number: str, days: float, first: str) -> None:
    """Somebody moves an appointment just before the list that begins on that day is made."""

    def before(asked: Asked) -> None:
        if asked.query.get("minDate") == first:
            desk.change(number, datetime=(desk.now + timedelta(days=days)).isoformat())

    desk.before = before


def test_one_that_moves_into_days_yet_to_be_read_comes_twice_and_the_later_one_counts() -> None:
    desk = Desk()
    number = desk.book(ANNA, 2)
    move_when_asked_for(desk, number, 20, first="2026-12-08")
    appointments = adapter(desk).replica("appointments")
    told = [each.values["when"] for batch in appointments.read(None) for each in batch.records]
    assert len(told) == 2
    assert told[1] == record(adapter(desk), number).values["when"]


def test_one_that_moves_into_days_already_read_is_asked_for_and_never_looks_gone() -> None:
    desk = Desk()
    number = desk.book(ANNA, 20)
    service = adapter(desk)
    before = everything(service)[number]
    move_when_asked_for(desk, number, 2, first="2026-12-08")
    assert everything(service) == {}
    appointments = service.replica("appointments")
    assert appointments.covers(before), "so the engine asks for it"
    now = record(service, number)
    assert now.values["when"] != before.values["when"]


def test_nothing_outside_the_window_had_to_be_shown() -> None:
    desk = practice()
    service = adapter(desk)
    outside = desk.book(ANNA, 91)
    inside = desk.book(ANNA, 90)
    read = everything(service)
    covers = service.replica("appointments").covers
    assert (outside in read, inside in read) == (False, True)
    assert (covers(record(service, outside)), covers(record(service, inside))) == (False, True)


def test_what_has_no_time_had_not_to_be_shown() -> None:
    service = adapter(practice())
    everything(service)
    assert not service.replica("appointments").covers(Record("1", {"when": None}))


# --------------------------------------------------------------------------------------------------------- the rota


def test_every_run_reads_the_coming_days_and_one_slice_of_the_rest() -> None:
    desk, cache = practice(), dict[str, str]()
    everything(adapter(desk, cache))
    seen = []
    for _ in range(8):
        desk.asked.clear()
        everything(adapter(desk, cache), since=desk.now)
        near, slice_ = desk.lists()
        assert near == ("2026-11-22", "2026-12-07")
        seen.append(slice_)
        assert [str(each) for each in desk.asked if str(each) != "GET appointments"] == ["GET appointment-types"]
    assert seen == [
        ("2026-12-08", "2026-12-22"), ("2026-12-23", "2027-01-06"), ("2027-01-07", "2027-01-21"),
        ("2027-01-22", "2027-02-05"), ("2027-02-06", "2027-02-20"), ("2027-02-21", "2027-02-21"),
        ("2026-10-24", "2026-11-07"), ("2026-11-08", "2026-11-21"),
    ]  # fmt: skip


def test_after_a_whole_turn_every_appointment_of_the_window_was_seen() -> None:
    desk, cache = practice(), dict[str, str]()
    seen: set[str] = set()
    for _ in range(8):
        service = adapter(desk, cache)
        part = everything(service, since=desk.now)
        covers = service.replica("appointments").covers
        for each in in_the_window(desk):
            assert covers(record(service, str(each["id"]))) == (str(each["id"]) in part)
        seen |= part.keys()
    assert seen == {str(each["id"]) for each in in_the_window(desk)}


def test_a_slice_that_could_not_be_read_comes_again() -> None:
    desk, cache = practice(), dict[str, str]()
    everything(adapter(desk, cache), since=desk.now)
    place = dict(cache)
    next(iter(adapter(desk, cache).replica("appointments").read(desk.now)))
    assert cache == place


def test_a_window_that_every_run_reads_whole_has_no_rota() -> None:
    desk, cache = practice(), dict[str, str]()
    everything(adapter(desk, cache, back=1, ahead=10), since=desk.now)
    assert desk.lists() == [("2026-11-22", "2026-12-03")]


@pytest.mark.parametrize(("back", "ahead"), [(0, 0), (0, 1), (3, 0), (30, 90), (31, 16), (400, 800)])
def test_the_parts_of_a_window_are_all_of_it_and_do_not_overlap(back: int, ahead: int) -> None:
    today = date(2026, 11, 23)
    window = Window.around(today, back, ahead, (1, 14))
    days = [today + timedelta(number) for number in range(-back - 2, ahead + 3)]
    parts = (window.always, *window.rest)
    assert [sum(day in part for part in parts) for day in days] == [0, 0, *[1] * (back + ahead + 1), 0, 0]


def test_halves_are_the_whole() -> None:
    days = Days(date(2026, 11, 23), date(2026, 11, 24))
    assert days.halves() == (Days(days.first, days.first), Days(days.last, days.last))


# ------------------------------------------------------------------------------------------------------------ zones


def test_days_are_those_of_the_business_whatever_the_clock_here_says() -> None:
    """Half past eleven at night in London is the next day in Berlin, and the server's clock counts."""
    desk = Desk()
    desk.now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    everything(adapter(desk, **NO_OTHERS))
    assert desk.lists() == [("2026-11-24", "2026-11-30")]


def test_the_zone_is_asked_for_once_and_looked_at_again_where_everything_is_read() -> None:
    desk, cache = Desk(), dict[str, str]()
    everything(adapter(desk, cache, **NO_OTHERS), since=desk.now)
    everything(adapter(desk, cache, **NO_OTHERS), since=desk.now)
    assert sum(str(each) == "GET me" for each in desk.asked) == 1
    desk.twin.load({"me": {"timezone": "Pacific/Auckland"}}, desk.now)
    desk.asked.clear()
    everything(adapter(desk, cache, **NO_OTHERS))
    everything(adapter(desk, cache, **NO_OTHERS), since=desk.now)
    assert desk.lists() == [("2026-11-24", "2026-11-30")] * 2
    assert sum(str(each) == "GET me" for each in desk.asked) == 1


def test_the_zone_of_the_config_goes_before_that_of_the_account() -> None:
    desk = Desk()
    everything(adapter(desk, timezone="Pacific/Auckland", **NO_OTHERS), since=desk.now)
    assert desk.lists() == [("2026-11-24", "2026-11-30")]
    assert "GET me" not in map(str, desk.asked)


def test_an_account_whose_zone_nobody_knows_is_told_how_to_be_helped() -> None:
    desk, cache = Desk(), {"desk:me": '{"timezone": "Mars/Olympus", "currency": "EUR"}'}
    with pytest.raises(Unreachable) as caught:
        everything(adapter(desk, cache, **NO_OTHERS), since=desk.now)
    assert "timezone" in caught.value.remedy


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("2026-10-24T21:59:00+0000", date(2026, 10, 24)),  # a minute to midnight, in summer time
        ("2026-10-24T22:00:00+0000", date(2026, 10, 25)),
        ("2026-10-25T22:59:00+0000", date(2026, 10, 25)),  # a day of 25 hours
        ("2026-10-25T23:00:00+0000", date(2026, 10, 26)),
        ("2027-03-28T21:59:00+0000", date(2027, 3, 28)),  # a day of 23 hours
        ("2027-03-28T22:00:00+0000", date(2027, 3, 29)),
    ],
)
def test_an_appointment_belongs_to_the_day_on_which_acuity_lists_it(start: str, day: date) -> None:
    desk = Desk()
    number = desk.book(ANNA, 0, datetime=start)
    desk.now = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
    service = adapter(desk, back=0, ahead=0)
    assert list(everything(service)) == [number]
    assert service.replica("appointments").covers(record(service, number))
    desk.now += timedelta(days=1)
    assert everything(service) == {}
    assert not service.replica("appointments").covers(record(service, number))
