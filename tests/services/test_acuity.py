"""The traps of Acuity's API, each met by the adapter: times and values, errors, limits, health, settings."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from higherself_sync.core.record import Gone, Record, Value, When, when
from higherself_sync.errors import Absent, Refused, Unanswered, Unauthorised, Unreachable
from higherself_sync.services.acuity import Settings
from higherself_sync.services.acuity.columns import digits, spanned, title_key
from tests.services.desk import KEYS, MARKS, Desk, adapter, booked, everything, practice, record

# ------------------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("start", "minutes", "begins", "ends"),
    [
        ("2026-06-15T09:30:00+0300", 50, (2026, 6, 15, 6, 30), (2026, 6, 15, 7, 20)),
        # The night in which two o'clock is three: an hour from half past one is half past three on the wall.
        ("2027-03-28T01:30:00+0100", 60, (2027, 3, 28, 0, 30), (2027, 3, 28, 1, 30)),
        # The night in which it is twice half past two.
        ("2026-10-25T02:30:00+0200", 60, (2026, 10, 25, 0, 30), (2026, 10, 25, 1, 30)),
        ("2026-10-25T02:30:00+0100", 60, (2026, 10, 25, 1, 30), (2026, 10, 25, 2, 30)),
    ],
)
def test_a_session_is_two_instants_however_the_clocks_change(
    start: str, minutes: int, begins: tuple[int, ...], ends: tuple[int, ...]
) -> None:
    desk = Desk()
    number = booked(desk, datetime=start, duration=minutes)
    wanted = When(*(datetime(*each, tzinfo=UTC) for each in (begins, ends)))  # type: ignore[arg-type, misc]
    assert record(adapter(desk), number).values["when"] == wanted


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (datetime(2026, 12, 24, 9, 15, tzinfo=UTC), "2026-12-24T10:15:00+0100"),
        (datetime(2026, 7, 1, 9, 15, tzinfo=UTC), "2026-07-01T11:15:00+0200"),
        (datetime(2027, 3, 28, 0, 59, tzinfo=UTC), "2027-03-28T01:59:00+0100"),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "2027-03-28T03:00:00+0200"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T02:30:00+0200"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02:30:00+0100"),
    ],
)
def test_a_new_time_is_sent_with_its_offset_and_arrives_as_that_moment(moment: datetime, sent: str) -> None:
    """Without an offset it would be the business's clock, which shows some times twice and others never."""
    desk = Desk()
    service, number = adapter(desk), booked(desk)
    after = service.replica("appointments").update(record(service, number), {"when": when(moment)}, MARKS)
    (body,) = (each.body for each in desk.asked if each.path.endswith("/reschedule"))
    assert body == {"datetime": sent}
    assert after.values["when"] == when(moment, moment + timedelta(hours=1))


def test_when_a_session_was_booked_is_in_american_time() -> None:
    desk = Desk()
    number = booked(desk)
    assert desk.shown(number)["datetimeCreated"] == "2026-11-23T11:00:00-0600"
    assert record(adapter(desk), number).created == desk.now


def test_a_when_without_an_end_asks_for_no_other_end() -> None:
    start, end = datetime(2026, 11, 24, 9, 0, tzinfo=UTC), datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert spanned(when(start)) == spanned(when(start, end))
    assert spanned(when(start, end)) == spanned(when(start))
    assert hash(spanned(when(start))) == hash(spanned(when(start, end)))


def test_a_session_made_longer_is_a_change() -> None:
    start = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert spanned(when(start, start + timedelta(hours=1))) != spanned(when(start, start + timedelta(hours=2)))
    assert spanned(when(start)) != spanned(when(start + timedelta(minutes=1)))
    assert spanned(when(start)) != "2026"


@pytest.mark.parametrize("wanted", [None, When(date(2026, 12, 1))], ids=["none", "a day"])
def test_a_session_needs_a_time_of_day(wanted: Value) -> None:
    desk = Desk()
    service, number = adapter(desk), booked(desk)
    before = record(service, number)
    with pytest.raises(Refused, match="a day and a time"):
        service.replica("appointments").update(before, {"when": wanted}, MARKS)
    assert record(service, number) == before


def test_another_end_alone_is_not_sent_and_is_seen_not_to_be_taken() -> None:
    desk = Desk()
    service, number = adapter(desk), booked(desk)
    before = record(service, number)
    wanted = when(datetime(2026, 11, 24, 9, 0, tzinfo=UTC), datetime(2026, 11, 24, 12, 0, tzinfo=UTC))
    after = service.replica("appointments").update(before, {"when": wanted}, MARKS)
    assert after.values == before.values
    assert "PUT" not in [each.method for each in desk.asked if each.path.endswith("reschedule")]


# ------------------------------------------------------------------------------------------------------------ values


def test_paid_is_what_was_paid_and_not_whether() -> None:
    desk = Desk()
    number = booked(desk, paid="yes", amountPaid="0.00")
    values = record(adapter(desk), number).values
    assert (str(values["price"]), str(values["paid"])) == ("80", "0")


def test_names_that_end_in_a_space_do_not_here() -> None:
    desk = practice()
    found = everything(adapter(desk))
    assert {each.values["service_type"] for each in found.values()} == {"Consultation", "Mediation; two parties"}
    assert {each.values["calendar"] for each in found.values()} == {"Studio Berlin", "Portland"}
    assert {each.values["name"] for each in everything(adapter(desk), "types").values()} == {
        "Consultation", "Mediation, two parties", "Retreat Intake"
    }  # fmt: skip


def test_a_chosen_name_is_known_in_small_letters_and_with_the_semicolon_that_stands_for_its_comma() -> None:
    assert title_key("mediation;  two parties") == title_key("Mediation, two parties ")


@pytest.mark.parametrize(
    ("one", "other"), [("(415) 555-0100", "4155550100"), ("+49 30 23125 001", "+493023125001"), ("ask ", "ask")]
)
def test_a_number_is_known_by_its_digits(one: str, other: str) -> None:
    assert digits(one) == digits(other)


def test_links_that_let_anybody_cancel_or_pay_never_come_in() -> None:
    desk = Desk()
    number = booked(desk, certificate="FREE-HOUR")
    shown = desk.shown(number)
    assert "schedule.php" in shown["confirmationPage"]
    found = repr(record(adapter(desk), number))
    for secret in (shown["confirmationPage"], shown["confirmationPagePaymentLink"], "FREE-HOUR", shown["formsText"]):
        assert secret not in found


@pytest.mark.parametrize("email", ["", "none"])
def test_nobody_without_an_e_mail_becomes_a_client(email: str) -> None:
    desk = Desk()
    number = booked(desk, email=email)
    found = record(adapter(desk), number)
    assert (found.people, found.values["client"], found.key) == ((), frozenset(), None)


def test_what_acuity_gives_beyond_the_fields_here_stops_nothing() -> None:
    desk = Desk()
    number = booked(desk)
    desk.twin.load({"appointments": [{**desk.shown(number), "duration": "", "price": "free", "labels": "?"}]}, desk.now)
    values = record(adapter(desk), number).values
    assert (values["when"], values["price"]) == (when(datetime(2026, 11, 24, 9, 0, tzinfo=UTC)), None)


def test_a_length_that_no_session_has_is_none() -> None:
    desk = Desk()
    number = booked(desk)
    desk.twin.load({"appointments": [{**desk.shown(number), "duration": "9" * 12}]}, desk.now)
    assert record(adapter(desk), number).values["when"] == when(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59+0000", "0001-01-01T00:00:00+1400", "2026-11-24T10:00:00"])
def test_a_time_that_nobody_could_tell_is_said_to_be_none(moment: str) -> None:
    told = Told(200, json={"id": 7, "datetime": moment})
    with pytest.raises(Unreachable, match="Appointment 7"):
        adapter(told, timezone="Europe/Berlin").replica("appointments").fetch(["7"])


def test_a_type_is_active_or_private_and_a_deleted_one_lies_in_the_trash() -> None:
    desk = practice()
    service = adapter(desk)
    found = everything(service, "types")
    assert {str(each.values["name"]): each.values["status"] for each in found.values()}["Retreat Intake"] == "private"
    (old,) = (number for number, each in desk.held("appointment-types").items() if not each["active"])
    assert service.replica("types").fetch([old, "1"]) == {old: Gone.TRASHED, "1": Gone.HIDDEN}


# ------------------------------------------------------------------------------------------------- errors and limits


def test_an_unknown_id_is_gone_and_what_is_no_id_is_not_asked_for() -> None:
    desk = Desk()
    appointments = adapter(desk).replica("appointments")
    assert appointments.fetch(["12", "abc", "²"]) == {"12": Gone.DELETED, "abc": Gone.HIDDEN, "²": Gone.HIDDEN}
    assert len(desk.asked) == 1
    with pytest.raises(Absent):
        appointments.update(Record("12", {"status": "scheduled"}, native={"notes": ""}), {"notes": "x"}, MARKS)
    assert dict(appointments.mark({"12": MARKS})) == {"12": "Acuity has none such"}


class Told(httpx.BaseTransport):
    """Answers everything alike."""

    def __init__(self, status: int, **content: Any) -> None:
        self.status, self.content = status, content

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, **self.content)


NOT_FOUND = {"status_code": 404, "error": "not_found", "message": "Not Found. Did you mean `/appointments`?"}


@pytest.mark.parametrize(
    ("transport", "error", "says"),
    [
        (Told(401, json={"error": "unauthorized", "message": "Unauthorized"}), Unauthorised, "user_id and api_key"),
        (Told(403, json={"error": "forbidden", "message": "Forbidden"}), Unauthorised, "plan"),
        (Told(404, json=NOT_FOUND), Unreachable, "base_url"),
        (Told(404, html="<h1>Not here</h1>"), Unreachable, "base_url"),
        (Told(405, json={"error": "method_not_allowed"}), Unreachable, "base_url"),
        (Told(302, headers={"location": "https://elsewhere.example"}), Unreachable, "base_url"),
        (Told(200, json={"appointments": []}), Unreachable, "base_url"),
        (Told(200, json=[{"id": 1}]), Unreachable, "changed its API"),
        (Told(400, json={"error": "bad_request", "message": "max"}), Unreachable, "status page"),
        (Told(503, json={}), Unreachable, "outage"),
    ],
)
def test_a_failed_read_is_never_an_empty_one(transport: Told, error: type[Unreachable], says: str) -> None:
    for stream in ("appointments", "types"):
        with pytest.raises(error) as caught:
            list(adapter(transport, timezone="Europe/Berlin").replica(stream).read(None))
        assert says in caught.value.remedy
        assert "acuity_sandbox" not in str(caught.value.as_json())


def test_a_wrong_route_is_no_proof_that_an_appointment_is_gone() -> None:
    with pytest.raises(Unreachable):
        adapter(Told(404, json=NOT_FOUND)).replica("appointments").fetch(["12"])


def test_a_server_that_fails_at_one_appointment_leaves_it_to_be_read_back() -> None:
    desk = Desk()
    number = booked(desk)

    class Failing(Desk):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(500, json={}) if request.method == "PUT" else desk.handle_request(request)

    service = adapter(Failing())
    with pytest.raises(Unanswered):
        service.replica("appointments").update(record(service, number), {"notes": "x"}, MARKS)


def test_no_more_than_ten_requests_a_second_are_sent() -> None:
    """The twin refuses the eleventh within a second; its clock goes on only while the budget waits."""
    desk = Desk()
    number = booked(desk)
    desk.twin.limits = True
    service = adapter(desk)
    door = service._account.api.door
    slept, wait = [0.0], door._budget._sleeper

    def sleep(seconds: float) -> None:
        slept[0] += seconds
        desk.now += timedelta(seconds=seconds)
        wait(seconds)

    door._budget._sleeper = sleep
    statuses = {isinstance(record(service, number), Record) for _ in range(35)}
    assert (statuses, len(desk.asked)) == ({True}, 35), "none was refused and sent again"
    assert slept[0] >= 3


# ------------------------------------------------------------------------------------------------------------- health


def checks(desk: httpx.BaseTransport, **more: Any) -> dict[str, tuple[str, int]]:
    return {each.name: (each.status, each.exit_code) for each in adapter(desk, **more).health()}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, {"account": ("ok", 0), "zone": ("ok", 0)}),
        ({"timezone": "Europe/Berlin"}, {"account": ("ok", 0), "zone": ("ok", 0)}),
        ({"timezone": "Europe/Paris"}, {"account": ("ok", 0), "zone": ("fail", 4)}),
        ({"api_key": "wrong"}, {"account": ("fail", 5)}),
        ({"user_id": "7"}, {"account": ("fail", 5)}),
        ({"marker_field": 999}, {"account": ("ok", 0), "zone": ("ok", 0), "marker_field": ("fail", 4)}),
    ],
)
def test_health_proves_what_it_can_with_one_request(more: dict[str, Any], found: dict[str, tuple[str, int]]) -> None:
    desk = Desk()
    assert checks(desk, **more) == found
    assert len(desk.asked) == 1 + ("marker_field" in more)


def test_a_plan_that_should_not_answer_is_a_warning() -> None:
    desk = Desk()
    desk.twin.load({"me": {"planCapabilities": {"can_use_api": False}}}, desk.now)
    assert checks(desk)["plan"] == ("warn", 0)


# ----------------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "key",
    [
        {"user_id": "abc"}, {"user_id": 12}, {"base_url": "http://acuityscheduling.com/api/v1"},
        {"base_url": "ftp://x"}, {"base_url": "https://me:secret@acuity.test"}, {"back": -1}, {"ahead": "90"},
        {"always": [1]}, {"always": 3}, {"always": [1, -2]}, {"requests_per_second": 11},
        {"marker_field": 0}, {"timezone": "Berlin"}, {"zone": "x"},
    ],
)  # fmt: skip
def test_a_wrong_key_of_the_config_is_refused_and_no_value_is_shown(key: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({**KEYS, **key})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/acuity/api/v1/", "https://acuity.test/api/v1"])
def test_the_clear_is_for_this_machine_alone(url: str) -> None:
    assert Settings.model_validate({**KEYS, "base_url": url}).base_url == url.rstrip("/")


def test_what_is_left_out_of_the_config() -> None:
    settings = Settings.model_validate(KEYS)
    assert (settings.back, settings.ahead, settings.always) == (30, 90, (1, 14))
    assert settings.base_url == "https://acuityscheduling.com/api/v1"
    assert adapter(Desk()).account == "acuity 10000001"


def test_it_is_opened_with_the_documented_limits() -> None:
    opened: dict[str, Any] = {}

    def door(name: str, **options: Any) -> Any:
        opened.update(options)
        raise LookupError(name)

    from higherself_sync.services.acuity import connect

    connector: Callable[..., Any] = connect
    with pytest.raises(LookupError):
        connector("desk", Settings.model_validate(KEYS), door, {})
    assert (opened["per_second"], opened["parallel"]) == (10, 20)
