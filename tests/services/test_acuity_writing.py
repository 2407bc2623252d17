"""What is written to Acuity, and what it keeps of it: status, notes with the back-link in them, new appointments."""

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from higherself_sync.core.record import Draft, Marks, Record, Value, When, when
from higherself_sync.errors import Refused, Unanswered
from higherself_sync.services.acuity.columns import spanned
from higherself_sync.services.acuity.markers import with_line, without_line
from higherself_sync.services.acuity.names import parted
from tests.services.desk import LINE, MARKS, PAGE, Desk, adapter, booked, everything, practice, record

CLIENT = Record("page", {"name": "Zoë de la Cruz", "email": "zoe@example.com", "phone": "+49 30 1"})
TOMORROW = when(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))

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
