"""Times in Acuity's twin: three zones, loose reading, words, and the two nights on which the clocks change."""

from datetime import UTC, datetime

import pytest

from tests.sandbox.acuity_desk import Desk, Json, booking, whole_day

FAR = ("9999-12-31 23:59", "0001-01-01", "2026-12-01T10:00:00+9999")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def told(record: Json) -> tuple[str, ...]:
    return tuple(record[name] for name in ("date", "time", "endTime", "datetime"))


def test_each_time_is_in_a_zone_of_its_own(desk: Desk) -> None:
    """The business is in Berlin, the calendar in Portland, the client in Tokyo, and creation is told in Chicago."""
    desk.add("calendars", name="Portland", timezone="America/Los_Angeles")
    record = desk.add(datetime="2026-12-01T23:30:00-0800", timezone="Asia/Tokyo")
    assert told(record) == ("December 2, 2026", "8:30am", "9:20am", "2026-12-01T23:30:00-0800")
    assert (record["calendarTimezone"], record["timezone"]) == ("America/Los_Angeles", "Asia/Tokyo")
    assert (record["dateCreated"], record["datetimeCreated"]) == ("November 23, 2026", "2026-11-23T11:00:00-0600")


def test_the_day_of_creation_can_be_after_its_time(desk: Desk) -> None:
    desk.now = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    record = desk.add()
    assert (record["dateCreated"], record["datetimeCreated"]) == ("July 2, 2026", "2026-07-01T17:30:00-0500")


def test_creation_may_keep_summer_time_in_winter(desk: Desk) -> None:
    desk.twin.knobs({"created_zone": "fixed"})
    assert desk.add()["datetimeCreated"] == "2026-11-23T12:00:00-0500"


def test_a_client_without_a_zone_has_the_business_s(desk: Desk) -> None:
    desk.add("calendars", name="Portland", timezone="America/Los_Angeles")
    assert desk.add()["timezone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01T15:00:00+0100",
        "2026-12-01T15:00:00+01:00",
        "2026-12-01T14:00:00Z",
        "2026-12-01T15:00:00",
        "2026-12-01T15:00",
        "2026-12-01 15:00",
        "2026-12-01 3:00pm",
        "2026/12/1 3pm",
        "12/01/2026 15:00",
        "December 1, 2026 3:00 PM",
        "1 Dec 2026, 15:00",
        "Dec 1st, 2026 at 3pm",
        "2026-11-31T15:00",
    ],
)
def test_a_time_is_read_loosely_and_without_an_offset_it_is_the_business_s(desk: Desk, text: str) -> None:
    """The calendar is elsewhere. The last of them is a day that is not, and PHP counts on."""
    desk.add("calendars", name="Portland", timezone="America/Los_Angeles")
    record = desk.add()
    moved = desk.put(f"appointments/{record['id']}/reschedule", {"datetime": text}).body
    assert moved["datetime"] == "2026-12-01T06:00:00-0800"


@pytest.mark.parametrize("text", ["asdf", "2026-13-01 10:00", "2026-12-01 25:00", "2026-12-01 13:00pm", "junk 1, 2026"])
def test_what_is_no_time_is_refused(desk: Desk, text: str) -> None:
    record = desk.add()
    answer = desk.put(f"appointments/{record['id']}/reschedule", {"datetime": text})
    assert (answer.error, answer.body["message"]) == ((400, "invalid_datetime"), f'The datetime "{text}" is invalid.')


@pytest.mark.parametrize("text", ["next tuesday", "tomorrow 10:00", "+2 days", "@1760000000", "14:00", *FAR])
def test_what_php_would_work_out_and_the_twin_does_not_is_not_served(desk: Desk, text: str) -> None:
    record = desk.add()
    answer = desk.put(f"appointments/{record['id']}/reschedule", {"datetime": text})
    assert answer.status == 501
    assert text in answer.body["message"]


@pytest.mark.parametrize(
    ("asked", "start", "time", "end"),
    [
        # spring: at two the clock jumps to three
        ("2027-03-28 01:30", "2027-03-28T01:30:00+0100", "1:30am", "3:30am"),
        ("2027-03-28 02:30", "2027-03-28T03:30:00+0200", "3:30am", "4:30am"),
        ("2027-03-28 03:30", "2027-03-28T03:30:00+0200", "3:30am", "4:30am"),
        # autumn: the hour from two to three comes twice
        ("2026-10-25 01:30", "2026-10-25T01:30:00+0200", "1:30am", "2:30am"),
        ("2026-10-25 02:30", "2026-10-25T02:30:00+0200", "2:30am", "2:30am"),
        ("2026-10-25T02:30:00+0100", "2026-10-25T02:30:00+0100", "2:30am", "3:30am"),
        ("2026-10-25 03:30", "2026-10-25T03:30:00+0100", "3:30am", "4:30am"),
    ],
)
def test_the_nights_on_which_the_clocks_change(desk: Desk, asked: str, start: str, time: str, end: str) -> None:
    desk.now = datetime(2026, 10, 1, tzinfo=UTC)
    kind = whole_day(desk)
    record = desk.post("appointments", booking(kind, datetime=asked)).body
    assert told(record)[1:] == (time, end, start)


def test_the_hour_that_comes_twice_can_be_booked_twice(desk: Desk) -> None:
    desk.now = datetime(2026, 10, 1, tzinfo=UTC)
    kind = whole_day(desk)
    first, second = "2026-10-25T02:00:00+0200", "2026-10-25T02:00:00+0100"
    ids = [desk.post("appointments", booking(kind, datetime=start)).body["id"] for start in (second, first)]
    assert desk.post("appointments", booking(kind, datetime="2026-10-25 02:15")).status == 400
    assert desk.get("appointments", direction="ASC").ids == [ids[1], ids[0]]
    assert desk.get("appointments", minDate="2026-10-25", maxDate="2026-10-25", max=1).ids == [ids[0]]


def test_a_day_has_the_hours_that_its_zone_gives_it(desk: Desk) -> None:
    """23 in spring: the last minute and the first of the next day."""
    desk.add(datetime="2027-03-28T23:59")
    first = desk.add(datetime="2027-03-29T00:00")["id"]
    assert desk.get("appointments", minDate="2027-03-29", maxDate="2027-03-29").ids == [first]


def test_the_account_writes_the_time_in_its_own_form(desk: Desk) -> None:
    record = desk.add(datetime="2026-12-01T09:05")
    for form, time, end in (
        ("padded", " 9:05am", " 9:55am"),
        ("24hour", "09:05", "09:55"),
        ("ampm", "9:05am", "9:55am"),
    ):
        desk.twin.knobs({"time_format": form})
        shown = desk.shown(record)
        assert (shown["time"], shown["endTime"]) == (time, end)
    assert desk.add(datetime="2026-12-02T12:00")["time"] == "12:00pm"
    assert desk.add(datetime="2026-12-03T00:10")["time"] == "12:10am"


def test_rescheduling_moves_the_time_and_nothing_else(desk: Desk) -> None:
    record = desk.add(datetime="2026-12-01T09:00", notes="tea")
    moved = desk.put(f"appointments/{record['id']}/reschedule", {"datetime": "2026-12-03 14:00"}).body
    assert {name for name in record if moved[name] != record[name]} == {"date", "time", "endTime", "datetime"}
    overlapping = desk.put(f"appointments/{record['id']}/reschedule", {"datetime": "2026-12-03 14:30"})
    assert overlapping.body["time"] == "2:30pm", "it does not stand in its own way"


def test_rescheduling_to_another_calendar_or_to_any(desk: Desk) -> None:
    studio = desk.add("calendars", name="Studio")
    portland = desk.add("calendars", name="Portland", timezone="America/Los_Angeles", location="4407 Mission St")
    record = desk.add(datetime="2026-12-01T09:00", calendarID=studio["id"])
    path = f"appointments/{record['id']}/reschedule"
    moved = desk.put(
        path, {"datetime": "2026-12-01T18:00", "calendarID": portland["id"], "timezone": "Asia/Tokyo"}
    ).body
    told_of = ("calendar", "calendarTimezone", "datetime", "timezone", "location")
    assert [moved[name] for name in told_of] == [
        "Portland", "America/Los_Angeles", "2026-12-01T09:00:00-0800", "Asia/Tokyo", "4407 Mission St",
    ]  # fmt: skip
    desk.add(datetime="2026-12-02T10:00", calendarID=studio["id"])
    any_calendar = desk.put(path, {"datetime": "2026-12-02T10:00", "calendarID": None}).body
    assert any_calendar["calendar"] == "Portland"
    assert desk.put(path, {"datetime": "2026-12-02T10:00", "calendarID": studio["id"]}).error == (400, "not_available")
    assert desk.put(path, {"datetime": "2026-12-02T10:00", "calendarID": 7}).error == (400, "invalid_calendar")
    assert desk.put(path, {}).error == (400, "required_datetime")
    assert desk.put(path, {"datetime": "2026-12-02", "timezone": "x"}).error == (400, "invalid_timezone")
