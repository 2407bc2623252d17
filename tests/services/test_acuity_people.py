"""People in Acuity: told by each appointment, and once more in a list without ids whose entries are written whole."""

from typing import Any

import pytest

from higherself_sync.core.record import Gone, Marks, Record, Value
from higherself_sync.errors import Absent, Refused
from tests.services.desk import ANNA, Desk, adapter, everything, record

KEY = "anna.vogel@example.com"
EMMA = {"firstName": "Emma", "lastName": "Vogel", "email": "anna.vogel@example.com", "phone": "+49 30 23125 001"}


def person(desk: Desk, key: str = KEY) -> Record:
    return record(adapter(desk), key, "people")


def update(desk: Desk, key: str = KEY, **values: Value) -> Record:
    people = adapter(desk).replica("people")
    found = people.fetch([key])[key]
    assert isinstance(found, Record)
    answer = people.update(found, values, Marks())
    assert answer == people.fetch([key])[key], "what is said to be there is there"
    return answer


def told(desk: Desk, number: str) -> tuple[str, str]:
    shown = desk.shown(number)
    return f"{shown['firstName']} {shown['lastName']}", shown["phone"]


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.add("calendars", name="Studio", timezone="Europe/Berlin")
    desk.add("appointment-types", name="Massage", duration=60, price="80")
    return desk


# ------------------------------------------------------------------------------------------------------ where it goes


def test_a_new_number_goes_to_what_lies_ahead_and_to_the_client(desk: Desk) -> None:
    over, first, second, far = (desk.book(ANNA, days) for days in (-3, 2, 9, 300))
    canceled = desk.book(ANNA, 4, canceled=True)
    assert update(desk, phone="+49 40 66969 555").values["phone"] == "+494066969555"
    assert {told(desk, each)[1] for each in (first, second, far)} == {"+494066969555"}
    assert {told(desk, each)[1] for each in (over, canceled)} == {"+493023125001"}, "what is over stays as it was"
    assert desk.client(ANNA["email"])["phone"] == "+494066969555"


def test_a_new_name_goes_there_too(desk: Desk) -> None:
    number = desk.book(ANNA, 2)
    assert update(desk, name="Änne Vogel").values["name"] == "Änne Vogel"
    assert told(desk, number)[0] == "Änne Vogel"
    assert desk.client(ANNA["email"])["firstName"] == "Änne"
    assert len(desk.held("clients")) == 1


def test_a_client_is_written_whole_since_what_is_left_out_would_be_blank(desk: Desk) -> None:
    desk.add("clients", **ANNA, notes="prefers the back room")
    desk.book(ANNA, 2)
    update(desk, phone="1")
    (body,) = (each.body for each in desk.asked if each.path == "clients" and each.method == "PUT")
    assert set(body) == {"firstName", "lastName", "email", "phone", "notes"}
    client = desk.client(ANNA["email"])
    assert (client["email"], client["notes"]) == (ANNA["email"], "prefers the back room")


def test_somebody_with_nothing_ahead_is_changed_in_the_list_of_clients(desk: Desk) -> None:
    number = desk.book(ANNA, -3)
    assert update(desk, name="Anna Weiß", phone="1").values["name"] == "Anna Weiß"
    assert desk.client(ANNA["email"])["lastName"] == "Weiß"
    assert told(desk, number) == ("Anna Vogel", "+493023125001")


def test_what_is_there_already_is_not_written(desk: Desk) -> None:
    desk.book(ANNA, 2)
    update(desk, phone="+49 30 23125-001", name="Anna Vogel")
    assert desk.writes() == []


def test_a_number_can_be_taken_away(desk: Desk) -> None:
    number = desk.book(ANNA, 2)
    assert update(desk, phone=None).values["phone"] is None
    assert told(desk, number)[1] == ""


def test_a_blank_number_is_filled_in(desk: Desk) -> None:
    number = desk.book({**ANNA, "phone": ""}, 2)
    assert update(desk, phone="+49 30 1").values["phone"] == "+49301"
    assert told(desk, number)[1] == "+49301"


def test_the_e_mail_address_is_what_a_person_is_told_by(desk: Desk) -> None:
    desk.book(ANNA, 2)
    with pytest.raises(Refused, match="tells a person by"):
        update(desk, email="new@example.com")
    assert desk.writes() == []


# ------------------------------------------------------------------------------------------------ who is somebody else


def test_a_child_for_whom_a_parent_books_is_not_renamed(desk: Desk) -> None:
    mine, hers = desk.book(ANNA, 2), desk.book(EMMA, 3)
    update(desk, name="Anna Weiß", phone="1")
    assert (told(desk, mine), told(desk, hers)) == (("Anna Weiß", "1"), ("Emma Vogel", "1"))
    names = {f"{each['firstName']} {each['lastName']}" for each in desk.twin.dump()["clients"]}
    assert names == {"Anna Weiß", "Emma Vogel"}


def test_an_edit_made_in_acuity_meanwhile_is_left_for_the_next_read(desk: Desk) -> None:
    first, second = desk.book(ANNA, 2), desk.book(ANNA, 3)
    people = adapter(desk).replica("people")
    found = people.fetch([KEY])[KEY]
    assert isinstance(found, Record)
    desk.change(second, phone="222")
    answer = people.update(found, {"phone": "111"}, Marks())
    assert answer.values["phone"] == "111"
    assert (told(desk, first)[1], told(desk, second)[1]) == ("111", "222")


def test_two_clients_that_acuity_could_take_for_each_other_are_both_left_alone(desk: Desk) -> None:
    """They have no id: names and phone pick one, and a blank phone picks whoever comes first."""
    for email in (ANNA["email"], "other@example.com"):
        desk.add("clients", firstName="Anna", lastName="Vogel", email=email)
    number = desk.book({**ANNA, "phone": ""}, 2)
    before = [each["email"] for each in desk.twin.dump()["clients"]]
    update(desk, name="Anna Weiß")
    assert told(desk, number)[0] == "Anna Weiß"
    assert [str(each) for each in desk.asked if each.method == "PUT"] == [f"PUT appointments/{number}"]
    assert set(before) <= {each["email"] for each in desk.twin.dump()["clients"]}


def test_a_client_who_went_meanwhile_stops_nothing(desk: Desk) -> None:
    number = desk.book(ANNA, 2)

    def before(asked: Any) -> None:
        if str(asked) == "PUT clients":
            desk.twin._store.clients.clear()

    desk.before = before
    assert update(desk, phone="1").values["phone"] == "1"
    assert told(desk, number)[1] == "1"


def test_a_change_that_has_nowhere_to_go_is_refused(desk: Desk) -> None:
    desk.book(ANNA, -3)
    found = person(desk)
    desk.twin._store.clients.clear()
    with pytest.raises(Refused, match="nowhere to write it"):
        adapter(desk).replica("people").update(found, {"phone": "1"}, Marks())


def test_somebody_of_whom_nothing_is_left_is_absent(desk: Desk) -> None:
    people = adapter(desk).replica("people")
    assert people.fetch(["nobody@example.com"]) == {"nobody@example.com": Gone.HIDDEN}
    with pytest.raises(Absent):
        people.update(Record("nobody@example.com", {}), {}, Marks())


# ----------------------------------------------------------------------------------------------------- how it is found


def test_one_address_in_several_spellings_is_one_person(desk: Desk) -> None:
    """Acuity's filters compare letter by letter: each spelling that was seen is asked for."""
    small, loud = desk.book({**ANNA, "email": KEY}, 2), desk.book({**ANNA, "email": KEY.upper()}, 3)
    service = adapter(desk)
    everything(service)
    found = record(service, KEY, "people")
    service.replica("people").update(found, {"phone": "1"}, Marks())
    assert {told(desk, each)[1] for each in (small, loud)} == {"1"}


def test_a_spelling_that_only_the_list_of_clients_has_is_asked_for_too(desk: Desk) -> None:
    number = desk.book({**ANNA, "email": KEY.title()}, 2)
    assert person(desk).values["email"] == KEY.title()
    update(desk, phone="1")
    assert told(desk, number)[1] == "1"


def test_the_next_appointment_speaks_and_a_blank_is_filled_from_a_later_one(desk: Desk) -> None:
    desk.book({**ANNA, "phone": "3"}, 9)
    desk.book({**ANNA, "phone": "2"}, 5)
    desk.book({**ANNA, "phone": ""}, 2)
    assert person(desk).values["phone"] == "2"


def test_an_update_that_was_cut_short_is_seen_to_be_unfinished(desk: Desk) -> None:
    """The next appointment, by which the person is told, is written last."""
    for days in (2, 5, 9):
        desk.book(ANNA, days)
    update(desk, phone="1")
    order = [each.path.rpartition("/")[2] for each in desk.asked if each.method == "PUT"]
    assert order == ["clients", *sorted(desk.held("appointments"), reverse=True)]


def test_nobody_is_made_put_away_or_marked(desk: Desk) -> None:
    people = adapter(desk).replica("people")
    with pytest.raises(Refused):
        people.restore(KEY, {})
    assert dict(people.mark({KEY: Marks(page_id="x")})) == {KEY: "a person has no place for a back-link"}
    assert list(people.read(None)) == []
    assert desk.writes() == []
