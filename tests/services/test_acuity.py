"""The traps of Acuity's API, each met by the adapter: times, notes, cancellations, silent refusals, creates, errors."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from higherself_sync.core.record import Draft, Gone, Marks, Record, Value, When, when
from higherself_sync.errors import Absent, Refused, Unanswered, Unauthorised, Unreachable
from higherself_sync.services.acuity import Settings
from higherself_sync.services.acuity.columns import digits, spanned, title_key
from higherself_sync.services.acuity.markers import with_line, without_line
from higherself_sync.services.acuity.names import parted
from tests.services.desk import ANNA, KEYS, Desk, adapter, everything, practice, record

PAGE = "1f0a2b3c-0000-4000-8000-000000000001"
STAMP = datetime(2026, 11, 23, 17, 0, 5, tzinfo=UTC)
MARKS = Marks(page_id=PAGE, synced=STAMP)
LINE = f"notion_page_id={PAGE} notion_managed=true notion_last_synced=2026-11-23T17:00:05Z"
CLIENT = Record("page", {"name": "Zoë de la Cruz", "email": "zoe@example.com", "phone": "+49 30 1"})
TOMORROW = when(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


def booked(desk: Desk, **more: Any) -> str:
    """An appointment of an hour, in a practice of its own, tomorrow at ten in Berlin."""
    desk.add("calendars", name="Studio", timezone="Europe/Berlin")
    desk.add("appointment-types", name="Massage", duration=60, price="80")
    return str(desk.add(**{**ANNA, "datetime": "2026-11-24T10:00:00+0100", **more})["id"])


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
    assert {each.values["service_type"] for each in found.values()} == {"Consultation", "Mediation, two parties"}
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


def test_nobody_without_an_e_mail_becomes_a_client() -> None:
    desk = Desk()
    number = booked(desk, email="")
    found = record(adapter(desk), number)
    assert (found.people, found.values["client"], found.key) == ((), frozenset(), None)


def test_what_acuity_gives_beyond_the_fields_here_stops_nothing() -> None:
    desk = Desk()
    number = booked(desk)
    desk.twin.load({"appointments": [{**desk.shown(number), "duration": "", "price": "free", "labels": "?"}]}, desk.now)
    values = record(adapter(desk), number).values
    assert (values["when"], values["price"]) == (when(datetime(2026, 11, 24, 9, 0, tzinfo=UTC)), None)


def test_a_type_is_active_or_private_and_a_deleted_one_lies_in_the_trash() -> None:
    desk = practice()
    service = adapter(desk)
    found = everything(service, "types")
    assert {str(each.values["name"]): each.values["status"] for each in found.values()}["Retreat Intake"] == "private"
    (old,) = (number for number, each in desk.held("appointment-types").items() if not each["active"])
    assert service.replica("types").fetch([old, "1"]) == {old: Gone.TRASHED, "1": Gone.HIDDEN}


# ------------------------------------------------------------------------------------------------------ status


def update(desk: Desk, number: str, **values: Value) -> Record:
    service = adapter(desk)
    return service.replica("appointments").update(record(service, number), values, MARKS)


def test_a_status_can_be_set_to_canceled_and_to_no_show_and_between_them() -> None:
    desk = Desk()
    number = booked(desk)
    for status in ("canceled", "no-show", "canceled"):
        assert update(desk, number, status=status).values["status"] == status
        assert desk.shown(number)["noShow"] is (status == "no-show")
    bodies = [each.body for each in desk.asked if each.path.endswith("/cancel")]
    assert bodies == [{}, {"noShow": True}, {"noShow": False}]


def test_a_cancellation_cannot_be_undone_and_says_what_to_do() -> None:
    desk = Desk()
    number = booked(desk, canceled=True)
    with pytest.raises(Refused, match="make a new row"):
        update(desk, number, status="scheduled", notes="please")
    assert desk.writes() == []


def test_a_canceled_one_cannot_be_moved() -> None:
    desk = Desk()
    number = booked(desk, canceled=True)
    assert "when" in record(adapter(desk), number).locked
    with pytest.raises(Refused, match="cannot be moved"):
        update(desk, number, when=when(datetime(2026, 12, 24, 9, 0, tzinfo=UTC)))
    assert desk.writes() == []


def test_the_hour_of_a_canceled_one_may_be_booked_again() -> None:
    desk = Desk()
    number = booked(desk)
    assert record(adapter(desk), number).key == "2026-11-24T09:00:00Z anna.vogel@example.com"
    update(desk, number, status="canceled")
    assert record(adapter(desk), number).key is None


def test_nothing_but_a_status_ever_cancels() -> None:
    desk = Desk()
    number = booked(desk)
    appointments = adapter(desk).replica("appointments")
    with pytest.raises(Refused, match="cannot be undone"):
        appointments.archive(number)
    with pytest.raises(Refused):
        appointments.restore(number, {})
    assert desk.writes() == []
    (stream,) = (each for each in adapter(desk).streams if each.name == "appointments")
    assert not stream.archive, "so the config refuses on_notion_delete = archive"


def test_moved_noted_and_canceled_at_once() -> None:
    desk = Desk()
    number = booked(desk)
    moved = when(datetime(2026, 11, 30, 9, 0, tzinfo=UTC))
    after = update(desk, number, status="canceled", notes="ill", when=moved)
    assert (after.values["status"], after.values["notes"]) == ("canceled", "ill")
    assert spanned(after.values["when"]) == spanned(moved)
    assert [each.rpartition("/")[2] for each in desk.writes()] == ["reschedule", number, "cancel"]


def test_everything_is_done_by_the_owner_and_nobody_is_written_to() -> None:
    desk = Desk()
    number = booked(desk)
    update(desk, number, status="canceled", notes="ill", when=TOMORROW)
    adapter(desk).replica("appointments").create(Draft({"when": TOMORROW, "service_type": "Massage"}, MARKS, (CLIENT,)))
    queries = [each.query for each in desk.asked if each.method != "GET"]
    assert len(queries) == 3, "the reschedule to the time that it has is left out"
    assert {(query.get("admin"), query.get("noEmail")) for query in queries} == {("true", "true")}


# --------------------------------------------------------------------------------------------- what is not kept


class Deaf(Desk):
    """An account that answers with success and keeps to its notes, as it does to whoever is not its owner."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_remove_param("admin")
        return super().handle_request(request)


def test_what_is_ignored_in_silence_is_not_said_to_be_written() -> None:
    desk = Deaf()
    number = booked(desk, notes="as it was")
    after = update(desk, number, notes="something else")
    assert after.values["notes"] == "as it was"
    assert after.marks == Marks()


def test_a_back_link_that_is_not_kept_is_reported() -> None:
    desk = Deaf()
    number = booked(desk)
    assert dict(adapter(desk).replica("appointments").mark({number: MARKS})) == {
        number: "Acuity did not keep the back-link"
    }


# ------------------------------------------------------------------------------------------------------- the marker


@pytest.mark.parametrize("notes", ["", "one line", "two\nlines\n", "\n\n  indented", "ends in a space "])
def test_the_line_goes_in_and_comes_out_again(notes: str) -> None:
    assert without_line(with_line(notes, MARKS)) == notes
    assert with_line(notes, MARKS).endswith(LINE)
    assert with_line(with_line(notes, MARKS), MARKS) == with_line(notes, MARKS)


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r"])
def test_what_staff_write_around_the_line_is_theirs(breaks: str) -> None:
    desk = Desk()
    number = booked(desk, notes=breaks.join(["before", LINE, "after"]))
    found = record(adapter(desk), number)
    assert (found.values["notes"], found.marks) == ("before\nafter", MARKS)


def test_notes_that_are_only_the_line_are_empty() -> None:
    desk = Desk()
    number = booked(desk, notes=f"\n{LINE}\n")
    assert record(adapter(desk), number).values["notes"] is None


@pytest.mark.parametrize(
    ("line", "marks"),
    [
        ("notion_page_id=abc", Marks(page_id="abc")),
        (f"notion_page_id={PAGE} notion_managed=true notion_last_synced=yesterday", Marks(page_id=PAGE)),
        (f"notion_page_id={PAGE} notion_managed=true notion_last_synced=2026-11-23T17:00:05", Marks(page_id=PAGE)),
        (f"see notion_page_id={PAGE}", Marks()),
        ("notion_page_id=", Marks()),
    ],
)
def test_a_line_counts_as_far_as_it_can_be_read(line: str, marks: Marks) -> None:
    desk = Desk()
    assert record(adapter(desk), booked(desk, notes=line)).marks == marks


def test_writing_the_notes_keeps_the_back_link_and_the_other_way_round() -> None:
    desk = Desk()
    number = booked(desk, notes="allergic to lavender")
    update(desk, number)
    assert desk.shown(number)["notes"] == f"allergic to lavender\n{LINE}"
    after = update(desk, number, notes="no more")
    assert (after.values["notes"], after.marks) == ("no more", MARKS)
    assert update(desk, number, notes=None).values["notes"] is None
    assert desk.shown(number)["notes"] == LINE


def test_what_was_written_into_the_notes_since_they_were_read_survives_the_back_link() -> None:
    desk = Desk()
    number = booked(desk, notes="as read")
    appointments = adapter(desk).replica("appointments")
    list(appointments.read(None))
    desk.change(number, notes="written meanwhile")
    (done,) = dict(appointments.mark({number: MARKS})).values()
    assert isinstance(done, Record)
    assert (done.values["notes"], done.marks) == ("written meanwhile", MARKS)


def test_a_record_of_which_nothing_is_known_is_looked_at_before_its_notes_are_written() -> None:
    desk = Desk()
    number = booked(desk, notes="keep this")
    after = adapter(desk).replica("appointments").update(Record(number, {"status": "scheduled"}), {}, MARKS)
    assert (after.values["notes"], after.marks) == ("keep this", MARKS)


def test_only_what_lies_ahead_is_worth_a_write_of_its_own() -> None:
    desk = practice()
    ahead = {key for key, each in everything(adapter(desk)).items() if each.markable}
    assert ahead == {
        key for key, each in desk.held("appointments").items()
        if not each["canceled"] and desk.now < datetime.fromisoformat(each["datetime"]) < desk.now + timedelta(days=90)
    }  # fmt: skip


def with_a_field(desk: Desk) -> int:
    form = desk.add("forms", name="Notion", hidden=True, fields=[{"name": "Page", "type": "textbox"}])
    number: int = form["fields"][0]["id"]
    return number


def test_a_field_of_a_form_holds_the_back_link_and_the_notes_stay_as_they_are() -> None:
    desk = Desk()
    number = booked(desk, notes="mine")
    field = with_a_field(desk)
    desk.change(number, fields=[])
    service = adapter(desk, marker_field=field)
    after = service.replica("appointments").update(record(service, number), {}, MARKS)
    assert after.marks == MARKS
    assert desk.shown(number)["notes"] == "mine"
    (body,) = (each.body for each in desk.asked if each.method == "PUT")
    assert body == {"fields": [{"id": field, "value": LINE}]}


def test_where_the_form_is_missing_the_back_link_goes_into_the_notes() -> None:
    desk = Desk()
    number = booked(desk, notes="mine")
    service = adapter(desk, marker_field=999)
    after = service.replica("appointments").update(record(service, number), {}, MARKS)
    assert (after.values["notes"], after.marks) == ("mine", MARKS)
    assert desk.shown(number)["notes"] == f"mine\n{LINE}"


def test_forms_are_listed_only_where_a_back_link_may_be_in_one() -> None:
    desk = practice()
    everything(adapter(desk))
    assert {each.query.get("excludeForms") for each in desk.asked if str(each) == "GET appointments"} == {"true"}
    desk.asked.clear()
    everything(adapter(desk, marker_field=999))
    assert {each.query.get("excludeForms") for each in desk.asked if str(each) == "GET appointments"} == {None}


# ------------------------------------------------------------------------------------------------------- creating


def draft(*clients: Record, **values: Value) -> Draft:
    return Draft({"when": TOMORROW, "service_type": "Consultation", **values}, MARKS, clients)


def test_a_row_becomes_an_appointment_on_the_first_calendar_of_its_type() -> None:
    desk = practice()
    made = adapter(desk).replica("appointments").create(draft(CLIENT, notes="first time"))
    shown = desk.shown(made.id)
    assert (shown["firstName"], shown["lastName"], shown["email"]) == ("Zoë de la", "Cruz", "zoe@example.com")
    assert (shown["calendar"], shown["datetime"]) == ("Studio Berlin ", "2026-11-24T10:00:00+0100")
    assert shown["notes"] == f"first time\n{LINE}"
    assert (made.marks, made.values["notes"]) == (MARKS, "first time")


def test_another_calendar_may_be_named() -> None:
    desk = practice()
    made = adapter(desk).replica("appointments").create(draft(CLIENT, calendar="portland"))
    assert desk.shown(made.id)["calendar"] == "Portland"


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (draft(CLIENT, service_type="Haircut"), "Haircut is not the name of an appointment type; there are: Consult"),
        (draft(CLIENT, service_type="Old"), "Old is not the name"),
        (draft(CLIENT, calendar="Paris"), "Paris is not the name of a calendar; there are: Studio Berlin, Portland"),
        (draft(CLIENT, when=When(date(2026, 12, 1))), "a day and a time"),
        (draft(CLIENT, status="canceled"), "cannot begin as anything else"),
        (draft(), "0 rows of Clients"),
        (draft(CLIENT, CLIENT), "2 rows of Clients"),
        (draft(Record("page", {"name": "Cher", "email": "c@example.com"})), "'Cher' is one word"),
        (draft(Record("page", {"name": None, "email": "c@example.com"})), "the name is empty"),
    ],
)
def test_a_row_that_cannot_be_booked_says_why_and_nothing_is_sent(wanted: Draft, reason: str) -> None:
    desk = practice()
    with pytest.raises(Refused, match=reason):
        adapter(desk).replica("appointments").create(wanted)
    assert desk.writes() == []


def test_two_types_of_one_name_are_not_chosen_between() -> None:
    desk = practice()
    desk.add("appointment-types", name="consultation", duration=10, price="1")
    with pytest.raises(Refused, match="2 have the name Consultation"):
        adapter(desk).replica("appointments").create(draft(CLIENT))


def test_a_type_that_no_calendar_offers_needs_one_to_be_chosen() -> None:
    desk = practice()
    desk.add("appointment-types", name="Walk", duration=10, price="1", calendarIDs=[])
    with pytest.raises(Refused, match="choose one in Calendar"):
        adapter(desk).replica("appointments").create(draft(CLIENT, service_type="Walk"))
    made = adapter(desk).replica("appointments").create(draft(CLIENT, service_type="Walk", calendar="Portland"))
    assert made.values["service_type"] == "Walk"


def test_a_create_whose_answer_was_lost_is_not_sent_again_but_found() -> None:
    desk = practice()
    appointments, before = adapter(desk).replica("appointments"), len(desk.held("appointments"))
    desk.lose = 1
    with pytest.raises(Unanswered):
        appointments.create(draft(CLIENT))
    assert len(desk.held("appointments")) == before + 1
    nobody = Draft({"when": TOMORROW}, MARKS)  # the next run knows no more of it than this
    for wanted in (draft(CLIENT), nobody):
        found = appointments.find_created(wanted, desk.now)
        assert found is not None
        assert found.marks == MARKS
    assert appointments.find_created(Draft({}, MARKS), desk.now) is None


def test_a_lost_create_that_somebody_has_moved_meanwhile_is_found_by_its_person() -> None:
    desk = practice()
    appointments = adapter(desk).replica("appointments")
    made = appointments.create(draft(CLIENT))
    desk.change(made.id, datetime="2027-05-01T10:00:00+0200", canceled=True)
    found = appointments.find_created(draft(CLIENT), desk.now)
    assert found is not None
    assert found.id == made.id
    assert appointments.find_created(Draft({"when": TOMORROW}, MARKS), desk.now) is None


def test_a_write_that_sets_a_state_is_simply_sent_again() -> None:
    desk = Desk()
    number = booked(desk)
    desk.lose = 1
    assert update(desk, number, status="canceled").values["status"] == "canceled"


@pytest.mark.parametrize(
    ("name", "first", "last", "parts"),
    [
        ("Zoë de la Cruz", "", "", ("Zoë de la", "Cruz")),
        ("Zoë de la Cruz", "Zoë", "Berg", ("Zoë", "de la Cruz")),
        ("Ana de la Cruz", "Zoë", "de la Cruz", ("Ana", "de la Cruz")),
        ("  Ana   Cruz ", "", "", ("Ana", "Cruz")),
    ],
)
def test_a_name_is_parted_where_it_was(name: str, first: str, last: str, parts: tuple[str, str]) -> None:
    assert parted(name, first, last, "") == parts


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
