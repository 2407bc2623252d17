"""The traps of Amelia where it is written to: changes, the marks in the notes, new sessions, customers."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from higherself_sync.core.record import Draft, Marks, Record, Values, when
from higherself_sync.errors import Refused, Unanswered
from higherself_sync.services.amelia import Amelia, notes
from tests.contract.service_contract import PAGE, marks
from tests.services.booking_site import (
    NOW,
    Told,
    TwinTransport,
    adapter,
    answer,
    client,
    fetched,
    read,
    utc,
)

ANNA = client("Anna Lindner", "anna@example.com")


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


# ------------------------------------------------------------------------------------------------------------ changing


def changed(site: TwinTransport, service: Amelia, key: str, values: Values, number: int = 1) -> dict[str, Any]:
    """What the site got to see of an update."""
    record = read(service, "appointments")[key]
    site.requests.clear()
    service.replica("appointments").update(record, values, marks(number))
    return dict(site.bodies()[0])


def test_time_status_notes_and_the_marker_are_one_request(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-30 10:00", internalNotes="before")
    values: Values = {"when": when(utc(12, 1, 9)), "status": "pending", "notes": "after"}
    body = changed(site, booking, "1", values)
    assert set(body) == {"bookingStart", "bookings", "internalNotes", "notifyParticipants"}
    assert (body["bookingStart"], body["notifyParticipants"]) == ("2026-12-01 10:00", 0)
    assert body["internalNotes"] == (
        f"after\n[hsn booking=1 notion_page_id={PAGE.format(1)} notion_managed=true "
        "notion_last_synced=2026-11-23T20:00:05Z]"
    )


def test_bookings_go_back_whole_or_not_at_all(site: TwinTransport, booking: Amelia) -> None:
    site.tour("2026-11-30 10:00", 3, 4)
    before = site.one(1)["bookings"]
    body = changed(site, booking, "2", {"status": "canceled"})
    assert [each["id"] for each in body["bookings"]] == [1, 2]
    assert [each["status"] for each in body["bookings"]] == ["approved", "canceled"]
    assert all(set(each) == set(before[0]) for each in body["bookings"])
    after = site.one(1)["bookings"]
    assert [{**each, "status": "approved"} for each in after] == before
    assert "bookings" not in changed(site, booking, "1", {"notes": "x"})


@pytest.mark.parametrize("flag", [0, 1])
def test_nobody_is_told_of_a_change_and_reminders_stay_as_they_were(
    site: TwinTransport, booking: Amelia, flag: int
) -> None:
    site.visit("2026-11-30 10:00", notifyParticipants=flag)
    changed(site, booking, "1", {"status": "pending"})
    assert [body.get("notifyParticipants") for body in site.bodies()] == [0, 1][: 1 + flag]
    assert site.one(1)["notifyParticipants"] == str(flag)


def test_a_change_of_notes_leaves_the_flag_alone(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-30 10:00", notifyParticipants=1)
    assert set(changed(site, booking, "1", {"notes": "x"})) == {"internalNotes"}


def test_what_was_paid_is_still_known_after_a_write(site: TwinTransport, booking: Amelia) -> None:
    """The answer to a write shows no payments."""
    site.visit("2026-11-30 10:00", payment={"gateway": "stripe", "status": "paid"})
    (record,) = read(booking, "appointments").values()
    after = booking.replica("appointments").update(record, {"notes": "x"}, marks(1))
    assert after.values["paid"] == record.values["paid"] == 60


@pytest.mark.parametrize(
    ("name", "ours", "theirs"),
    [
        ("notes", "ours", {"internalNotes": "theirs"}),
        ("status", "pending", {"status": "no-show"}),
        ("when", when(utc(12, 1, 9)), {"bookingStart": "2026-12-02 10:00"}),
    ],
)
def test_what_was_changed_there_a_moment_ago_is_not_undone(
    site: TwinTransport, booking: Amelia, name: str, ours: Any, theirs: dict[str, Any]
) -> None:
    site.visit("2026-11-30 10:00")
    (record,) = read(booking, "appointments").values()
    site.change("appointments", 1, **theirs)
    before = site.one(1)
    with pytest.raises(Refused, match="was changed in Amelia a moment ago"):
        booking.replica("appointments").update(record, {name: ours}, marks(1))
    assert (site.one(1), site.writes()) == (before, 0)


def test_a_note_of_the_staff_survives_a_change_of_something_else(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-30 10:00")
    (record,) = read(booking, "appointments").values()
    site.change("appointments", 1, internalNotes="by phone, just now")
    after = booking.replica("appointments").update(record, {"status": "pending"}, marks(1))
    assert after.values["notes"] == "by phone, just now"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"when": when(utc(12, 1, 9))}, "that of everybody in it"),
        ({"service_type": "Guided Tour"}, "can only be said when a session is made"),
        ({"calendar": "Ömer Aydın"}, "can only be said when a session is made"),
        ({"price": None}, "only Amelia sets Price"),
        ({"status": None}, "Status cannot be emptied"),
        ({"notes": "é" * 33_000}, "65535 bytes"),
    ],
)
def test_what_may_not_be_is_refused_before_it_is_sent(
    site: TwinTransport, booking: Amelia, values: Values, words: str
) -> None:
    site.tour("2026-11-30 10:00", 3, 4)
    record = read(booking, "appointments")["1"]
    with pytest.raises(Refused, match=words):
        booking.replica("appointments").update(record, values, marks(1))
    assert site.writes() == 0


def test_the_same_start_with_another_end_is_nothing_to_send(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-30 10:00")
    (record,) = read(booking, "appointments").values()
    values: Values = {"when": when(utc(11, 30, 9), utc(11, 30, 12))}
    after = booking.replica("appointments").update(record, values, Marks())
    assert (after, site.writes()) == (record, 0)


# -------------------------------------------------------------------------------------------------- marks in the notes


def line(booking: int, number: int) -> str:
    return (
        f"[hsn booking={booking} notion_page_id={PAGE.format(number)} notion_managed=true "
        "notion_last_synced=2026-11-23T20:00:05Z]"
    )


def test_what_people_wrote_is_told_apart_from_the_marks() -> None:
    text = f"\r\nKnee, left\r\n\r\n{line(1, 1)}\nsecond visit\n{line(2, 2)}\n\n[hsn is a tool]\n"
    assert notes.plain(text) == "Knee, left\n\nsecond visit\n\n[hsn is a tool]"
    assert [(each.number, each.marks.page_id) for each in notes.lines_in(text)] == [
        (1, PAGE.format(1)),
        (2, PAGE.format(2)),
    ]
    assert notes.plain(line(1, 1)) is None


@pytest.mark.parametrize("stamp", ["", " notion_last_synced=soon", " notion_last_synced=2026-11-23T20:00:05"])
def test_a_mark_whose_stamp_is_no_instant_has_none(stamp: str) -> None:
    (found,) = notes.lines_in(f"[hsn booking=1 notion_page_id=pg-1 notion_managed=true{stamp}]")
    assert found.marks == Marks(page_id="pg-1")


def test_each_booking_of_a_group_has_its_own_mark_in_one_request(site: TwinTransport, booking: Amelia) -> None:
    site.tour("2026-11-30 10:00", 3, 4, internalNotes="Meet at the door")
    site.visit("2026-11-30 14:00")
    read(booking, "appointments")
    site.requests.clear()
    wanted = {each: marks(int(each)) for each in ("1", "2", "3")}
    done = dict(booking.replica("appointments").mark(wanted))
    assert {key: one.marks for key, one in done.items() if isinstance(one, Record)} == wanted
    assert [len(site.asked("/appointments/1")), len(site.asked("/appointments/2"))] == [2, 2]
    assert site.one(1)["internalNotes"] == f"Meet at the door\n{line(1, 1)}\n{line(2, 2)}"


def test_marks_of_bookings_that_are_not_there_go_and_those_of_others_stay(site: TwinTransport, booking: Amelia) -> None:
    """As of an appointment that staff has duplicated, notes and all."""
    site.tour("2026-11-30 10:00", 3, 4, internalNotes=f"copied\n{line(1, 1)}\n{line(99, 9)}")
    records = read(booking, "appointments")
    assert [record.marks.page_id for record in records.values()] == [PAGE.format(1), None]
    dict(booking.replica("appointments").mark({"2": marks(2)}))
    assert site.one(1)["internalNotes"] == f"copied\n{line(1, 1)}\n{line(2, 2)}"


def test_marking_again_changes_the_line_in_place(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-30 10:00", internalNotes="x")
    read(booking, "appointments")
    for number in (1, 2):
        dict(booking.replica("appointments").mark({"1": marks(number)}))
    assert site.one(1)["internalNotes"] == f"x\n{line(1, 2)}"


def test_only_what_lies_ahead_and_stands_is_worth_a_mark_of_its_own(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-23 20:59")
    site.visit("2026-11-23 21:01")
    site.visit("2026-11-30 10:00", status="canceled")
    records = read(booking, "appointments")
    assert [records[each].markable for each in ("1", "2", "3")] == [False, True, False]


def test_who_canceled_and_booked_again_is_one_session_by_its_key(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-30 10:00", status="canceled")
    site.visit("2026-11-30 10:00")
    keys = [record.key for record in read(booking, "appointments").values()]
    assert sorted(keys, key=str) == ["2026-11-30T09:00:00Z anna@example.com", None]


# -------------------------------------------------------------------------------------------------------- new sessions


def draft(people: tuple[Record, ...] = (ANNA,), number: int = 1, **values: Any) -> Draft:
    given = {"when": when(utc(12, 1, 9)), "service_type": "Massage, 60 min", **values}
    return Draft({name: each for name, each in given.items() if each is not None}, marks(number), people)


def test_a_new_session_is_sent_with_all_it_needs_and_nobody_is_told(site: TwinTransport, booking: Amelia) -> None:
    made = booking.replica("appointments").create(draft(notes="From Notion"))
    (body,) = site.bodies()
    assert body == {
        "bookings": [
            {"customerId": 3, "status": "approved", "persons": 1, "extras": [], "customFields": None}
        ],
        "bookingStart": "2026-12-01 10:00",
        "serviceId": 1,
        "providerId": 1,
        "locationId": 1,
        "internalNotes": f"From Notion\n{line(3, 1).replace('booking', 'customer')}",
        "notifyParticipants": 0,
        "recurring": [],
    }  # fmt: skip
    assert (made.marks, made.values["notes"]) == (marks(1), "From Notion")
    assert made.values["when"] == when(utc(12, 1, 9), utc(12, 1, 10))


def test_the_line_of_a_new_session_becomes_that_of_its_booking(site: TwinTransport, booking: Amelia) -> None:
    made = booking.replica("appointments").create(draft())
    booking.replica("appointments").update(made, {"notes": "x"}, marks(1))
    assert site.one(1)["internalNotes"] == f"x\n{line(1, 1)}"


@pytest.mark.parametrize(
    ("calendar", "config", "provider"),
    [(None, {}, 1), ("Ömer Aydın", {}, 2), (None, {"provider": "oemer@example.com"}, 2), (None, {"provider": "2"}, 2),
     ("petra trainer", {"provider": "2"}, 1), (None, {"provider": "Nobody"}, 1)],
)  # fmt: skip
def test_who_gives_it_is_said_by_the_row_or_the_config_or_is_the_first(
    site: TwinTransport, calendar: str | None, config: dict[str, Any], provider: int
) -> None:
    adapter(site, **config).replica("appointments").create(draft(calendar=calendar))
    assert site.one(1)["providerId"] == provider


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (draft(service_type="Reiki"), "0 services called Reiki; it knows: Guided Tour, Massage, 60 min"),
        (draft(calendar="Lea"), "called Lea; it is given by: Petra Trainer, Ömer Aydın"),
        (draft(service_type="Guided Tour", calendar="Ömer Aydın"), "it is given by: Petra Trainer$"),
        (draft(when=when(utc(12, 1, 0).date())), "a day and a time of day"),
        (draft(()), "one row is one booking"),
        (draft((ANNA, ANNA)), "one row is one booking"),
        (draft((client("Nobody", None),)), "needs an Email"),
        (draft((client("Gone", None, "booking:customers:999"),)), r"Entity missing \(customer\)"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_made(
    site: TwinTransport, booking: Amelia, wanted: Draft, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        booking.replica("appointments").create(wanted)
    assert site.twin.dump()["appointments"] == []


def test_two_services_of_one_name_are_not_guessed_between(site: TwinTransport, booking: Amelia) -> None:
    site.add("services", name="Massage; 60 MIN")
    with pytest.raises(Refused, match="2 services called"):
        booking.replica("appointments").create(draft())


def test_a_taken_hour_is_refused(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-12-01 10:30", 4)
    with pytest.raises(Refused, match="Time slot is unavailable"):
        booking.replica("appointments").create(draft())


def test_a_canceled_appointment_that_comes_back_to_life_brings_a_new_booking(
    site: TwinTransport, booking: Amelia
) -> None:
    """The create is answered with an appointment that there was."""
    old = site.visit("2026-12-01 10:00", 3, status="canceled", internalNotes="the first try")
    read(booking, "appointments")
    made = booking.replica("appointments").create(draft())
    assert made.native["appointment"] == str(old["id"])
    assert made.id != str(old["bookings"][0]["id"])
    assert (made.marks, made.values["notes"], made.values["status"]) == (marks(1), "the first try", "approved")
    assert fetched(booking, "appointments", "1").marks == Marks(), "the canceled booking is somebody else's row"


def test_a_group_with_room_is_joined(site: TwinTransport, booking: Amelia) -> None:
    site.tour("2026-12-01 10:00", 4, 5, internalNotes=f"Meet at the door\n{line(1, 7)}")
    read(booking, "appointments")
    made = booking.replica("appointments").create(draft(service_type="Guided Tour"))
    assert (made.id, made.marks) == ("3", marks(1))
    assert made.values["notes"] == "Meet at the door"
    assert fetched(booking, "appointments", "1").marks.page_id == PAGE.format(7)


def test_whoever_is_in_the_group_already_is_refused(site: TwinTransport, booking: Amelia) -> None:
    site.tour("2026-12-01 10:00", 3, 4)
    read(booking, "appointments")
    with pytest.raises(Refused, match="already booked"):
        booking.replica("appointments").create(draft(service_type="Guided Tour"))


def test_an_answer_that_holds_only_what_was_known_is_no_new_session(site: TwinTransport, booking: Amelia) -> None:
    site.visit("2026-11-30 10:00")
    read(booking, "appointments")
    known = site.one(1)

    def told(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return answer(200, {"data": {"appointment": known}})
        return site.handle_request(request)

    service = adapter(Told(told))
    read(service, "appointments")
    with pytest.raises(Refused, match="no new booking is in it"):
        service.replica("appointments").create(draft())


def test_a_create_is_never_sent_twice_and_found_again(site: TwinTransport, booking: Amelia) -> None:
    site.lose = 1
    replica = booking.replica("appointments")
    with pytest.raises(Unanswered):
        replica.create(draft())
    assert site.writes() == 1
    found = replica.find_created(Draft(draft().values, marks(1)), NOW)  # as the journal has it: without people
    assert found is not None
    assert found.marks == marks(1)
    assert replica.find_created(Draft(draft().values, marks(2)), NOW) is None
    assert replica.find_created(Draft({}, marks(1)), NOW) is None


def test_somebody_new_is_registered_once_though_the_answer_was_lost(site: TwinTransport, booking: Amelia) -> None:
    noor = client("Noor van den Berg", "noor@example.com")
    site.lose = 1
    with pytest.raises(Unanswered):
        booking.replica("appointments").create(draft((noor,)))
    made = booking.replica("appointments").create(draft((noor,)))
    people = [each for each in site.twin.dump()["customers"] if each["email"] == "noor@example.com"]
    assert [(each["firstName"], each["lastName"]) for each in people] == [("Noor van den", "Berg")]
    assert made.values["client"] == {f"booking:customers:{people[0]['id']}"}


def test_an_address_that_only_contains_the_one_looked_for_is_another(site: TwinTransport, booking: Amelia) -> None:
    """The site searches for words anywhere."""
    person = client("Ann", "nna@example.com")
    booking.replica("appointments").create(draft((person,)))
    assert [each["email"] for each in site.twin.dump()["customers"]][-1] == "nna@example.com"


def test_a_client_that_amelia_knows_is_known_by_its_line(site: TwinTransport, booking: Amelia) -> None:
    """Whatever the address is by now."""
    person = client("Anna Lindner", "other@example.com", "shop:customers:7", "booking:customers:3")
    made = booking.replica("appointments").create(draft((person,)))
    assert made.values["client"] == {"booking:customers:3"}
    assert len(site.twin.dump()["customers"]) == 3


# ----------------------------------------------------------------------------------------------------------- customers


def customer(service: Amelia, number: str = "3") -> Record:
    return fetched(service, "customers", number)


def test_a_change_of_a_name_empties_nothing(site: TwinTransport, booking: Amelia) -> None:
    """The plugin empties telephone, birthday and translations where they are left out; an older API passes it on."""
    more = {"birthday": "1990-05-17", "translations": '{"defaultLanguage":"en_US"}', "note": "VIP", "gender": "female",
            "countryPhoneIso": "de"}  # fmt: skip
    before = site.change("customers", 3, **more)
    after = booking.replica("customers").update(customer(booking), {"name": "Anna Weiß"}, marks(1))
    assert after.values["name"] == "Anna Weiß"
    sent = site.bodies()[0]
    assert (sent["birthday"], sent["translations"]) == (more["birthday"], more["translations"])
    assert sent["phone"] == before["phone"]
    held = next(each for each in site.twin.dump()["customers"] if each["id"] == 3)
    assert held == {**before, "lastName": "Weiß"}


def test_a_change_of_somebody_without_an_address_leaves_what_was_typed(site: TwinTransport, booking: Amelia) -> None:
    """An empty address would make the plugin wipe it from all bookings of that person."""
    site.change("customers", 3, email=None)
    typed = site.add("appointments", customerId=3)["bookings"][0]["info"]
    booking.replica("customers").update(customer(booking), {"name": "Anna Weiß"}, marks(1))
    assert site.one(1)["bookings"][0]["info"] == typed is not None
    assert "email" not in site.bodies()[0]


def test_a_birthday_in_phps_own_form_goes_back_as_a_day(site: TwinTransport) -> None:
    moment = {"date": "1990-05-17 00:00:00.000000", "timezone_type": 3, "timezone": "Europe/Berlin"}
    user = {"id": 3, "firstName": "Anna", "lastName": "L", "email": "a@example.com", "birthday": moment}

    def told(request: httpx.Request) -> httpx.Response:
        return answer(200, {"data": {"user": user}})

    transport = Told(told)
    service = adapter(transport)
    service.replica("customers").update(customer(service), {"phone": "1"}, marks(1))
    (post,) = [request for request in transport.requests if request.method == "POST"]
    assert b'"birthday":"1990-05-17"' in post.content.replace(b": ", b":")


def test_without_a_number_there_is_no_country_of_it(site: TwinTransport, booking: Amelia) -> None:
    site.change("customers", 3, countryPhoneIso="de")
    after = booking.replica("customers").update(customer(booking), {"phone": None}, marks(1))
    assert after.values["phone"] is None
    assert (site.bodies()[0]["phone"], site.bodies()[0]["countryPhoneIso"]) == (None, None)
    held = next(each for each in site.twin.dump()["customers"] if each["id"] == 3)
    assert (held["phone"], held["countryPhoneIso"]) == (None, None)


def test_the_address_of_a_wordpress_account_is_not_changed_from_here(site: TwinTransport, booking: Amelia) -> None:
    """WordPress mails the old address when it changes."""
    site.change("customers", 3, externalId=8)
    record = customer(booking)
    assert record.locked == {"email"}
    assert read(booking, "customers")["3"] == record
    with pytest.raises(Refused, match="has a WordPress account"):
        booking.replica("customers").update(record, {"email": "new@example.com"}, marks(1))
    assert site.writes() == 0


@pytest.mark.parametrize("values", [{"email": None}, {"name": None}, {"address": "x"}])
def test_what_a_customer_needs_or_has_not_is_refused_unsent(
    site: TwinTransport, booking: Amelia, values: Values
) -> None:
    with pytest.raises(Refused):
        booking.replica("customers").update(customer(booking), values, marks(1))
    assert site.writes() == 0


def test_a_new_customer_gets_no_account_and_so_no_mail(site: TwinTransport, booking: Amelia) -> None:
    made = booking.replica("customers").create(Draft({"name": "Suparman", "email": "s@example.com"}, marks(1)))
    assert site.bodies() == [
        {"type": "customer", "firstName": "Suparman", "lastName": "", "externalId": None, "email": "s@example.com",
         "phone": None}
    ]  # fmt: skip
    assert made.key == "s@example.com"
