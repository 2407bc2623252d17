"""Bookings from end to end: the tool as a process, the site and Notion over sockets."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.e2e.scene import text
from tests.e2e.studio import BERLIN, CIRCLE, MASSAGE, Studio, at, line, option, person, related, source, studio

NIA, TOM = person("Nia", "Okoro", "nia@example.com"), person("Tom", "Hale", "tom@example.com")


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A small shop and a studio, synced and at rest."""
    with studio(tmp_path_factory.mktemp("studio"), "--records", "24") as here:
        here.sync()
        here.later(600)
        here.sync()
        yield here


@pytest.fixture
def here(synced: Studio) -> Iterator[Studio]:
    """Ten minutes after whatever was done last, with nothing broken and nothing logged."""
    synced.later(600)
    synced.forget_requests()
    yield synced
    synced.mend()
    synced.ground.control("POST", "knobs", {"edition": "elite", "api": "on", "plugin": "on", "refusals": 409})


# ---------------------------------------------------------------------------------------------------- the first sync


def test_every_booking_of_the_window_has_a_row_with_what_the_site_says(here: Studio) -> None:
    rows, appointments = here.rows(), here.held("appointments")
    first, last = here.today(-30)[:10], here.today(90)[:10]
    seen = 0
    for one in appointments.values():
        inside = first <= one["bookingStart"][:10] <= last
        for booking in one["bookings"]:
            assert (line(booking["id"]) in rows) is inside, one["bookingStart"]
            if not inside:
                continue
            row, customer = rows[line(booking["id"])], booking["customer"]
            name = " ".join(filter(None, (customer["firstName"], customer["lastName"])))
            assert row["Appointment"] == f"{one['service']['name']}, {name}"
            assert row["Status"] == booking["status"]
            assert row["Price"] == booking["price"] * booking["persons"]
            assert row["Client"] == [rows[f"space:customers:{customer['id']}"]["id"]]
            seen += 1
    assert seen >= 5


def test_what_lies_ahead_knows_its_row_and_what_is_over_was_left_alone(here: Studio) -> None:
    now = here.today(0, "00:00")
    for one in here.held("appointments").values():
        for booking in one["bookings"]:
            stands = booking["status"] in ("approved", "pending", "waiting")
            marked = f"[hsn booking={booking['id']} notion_page_id=" in one["internalNotes"]
            inside = one["bookingStart"] <= here.today(90, "24:00")
            assert marked is (stands and inside and one["bookingStart"] > now), one


def test_services_are_products(here: Studio) -> None:
    rows = here.rows()
    for number, each in here.held("services").items():
        row = rows[f"space:services:{number}"]
        assert (row["Name"], row["Type"], row["Status"]) == (each["name"], "service", "visible")
        assert row["Price"] == each["price"]


def test_whoever_also_buys_in_the_shop_is_one_row(here: Studio) -> None:
    shop = {each["email"].lower(): number for number, each in here.shop("customers").items()}
    both = [each for each in here.held("customers").values() if (each["email"] or "").lower() in shop]
    assert both, "the made-up people know each other"
    rows = here.rows()
    for each in both:
        ours, theirs = rows[f"space:customers:{each['id']}"], rows[f"shop:customers:{shop[each['email'].lower()]}"]
        assert ours["id"] == theirs["id"]
        assert set(ours["Source"]) >= {"shop", "space"}


# ----------------------------------------------------------------------------------------------------------- at rest


def test_at_rest_six_requests_and_no_write(here: Studio) -> None:
    here.at_rest()
    paths = sorted(each.partition("&")[0] for each in here.calls())
    assert paths == ["/appointments", "/appointments", "/payments", "/services", "/users/customers", "/wp-json/"]


def test_the_rest_of_the_window_is_read_in_turn(here: Studio) -> None:
    asked = set()
    for _ in range(10):
        here.later(600)
        here.forget_requests()
        here.sync()
        asked |= {each.partition("dates=")[2].partition("&")[0] for each in here.calls() if "/appointments" in each}
    first, last = (min(each.split(",")[0] for each in asked), max(each.split(",")[1] for each in asked))
    assert (first, last) == (here.today(-30)[:10], here.today(90)[:10])


# ------------------------------------------------------------------------------------------------------ Notion → site


def test_notes_time_and_status_reach_the_site_in_one_request(here: Studio) -> None:
    number, row = here.visit(4)
    here.sync()
    before = here.booked(number)
    here.later(600)
    here.forget_requests()
    new = here.today(5, "16:30")
    here.edit_row(row, Notes=text("Bring 🌿\nand a towel"), When=at(new), Status=option("pending"))
    here.sync()
    after = here.booked(number)
    assert after["bookingStart"] == f"{new}:00"
    assert after["bookings"][0]["status"] == "pending"
    assert after["internalNotes"].startswith("Bring 🌿\nand a towel\n[hsn booking=")
    assert [each.partition("&")[0] for each in here.calls("POST")] == [f"/appointments/{number}"] * 2
    same = ("id", "customerId", "persons", "price", "payments", "customFields", "info")
    assert [{key: each[key] for key in same if key != "payments"} for each in after["bookings"]] == [
        {key: each[key] for key in same if key != "payments"} for each in before["bookings"]
    ]
    assert after["notifyParticipants"] == before["notifyParticipants"] == "1", "reminders go by it"
    here.at_rest()


def test_a_new_end_alone_is_not_taken_and_said_so(here: Studio) -> None:
    number, row = here.visit(6)
    here.sync()
    here.later(600)
    start = here.today(6, "10:00").replace(" ", "T")
    end = here.today(6, "13:00").replace(" ", "T")
    here.edit_row(row, When={"date": {"start": start, "end": end, "time_zone": "Europe/Berlin"}})
    report = here.sync(exit_code=3)
    assert [(each["kind"], each["stream"]) for each in report["problems"]] == [("not_taken", "appointments")]
    here.later(600)
    problem = report["problems"][0]["id"]
    assert here.ground.hsn("resolve", str(problem), "--keep", "service").returncode == 0
    here.sync()
    assert here.booked(number)["bookingEnd"] == f"{here.today(6, '11:00')}:00"
    here.at_rest()


def test_a_status_that_amelia_does_not_know_is_set_aside(here: Studio) -> None:
    number, row = here.visit(7)
    here.sync()
    here.later(600)
    here.edit_row(row, Status=option("maybe"))
    report = here.sync(exit_code=3)
    assert "takes none but: approved" in report["problems"][0]["reason"]
    here.edit_row(row, Status=option("approved"))
    here.later(600)
    here.sync()
    assert here.booked(number)["status"] == "approved"


def test_a_taken_hour_is_set_aside_in_amelias_words(here: Studio) -> None:
    here.visit(8, "11:00")
    number, row = here.visit(8, "14:00")
    here.sync()
    here.later(600)
    here.edit_row(row, When=at(here.today(8, "11:00")))
    report = here.sync(exit_code=3)
    assert "Time slot is unavailable" in report["problems"][0]["reason"]
    assert here.booked(number)["bookingStart"].endswith("14:00:00")
    here.edit_row(row, When=at(here.today(8, "14:00")))
    here.later(600)
    here.sync()


def test_a_client_is_renamed_in_amelia_and_nothing_else_of_the_person_is_lost(here: Studio) -> None:
    made = here.add("customers", **person("Una", "Karr", "una@example.com"), birthday="1990-05-17", note="VIP",
                    phone="+49 30 23125 777", countryPhoneIso="de")  # fmt: skip
    here.sync()
    here.later(600)
    here.edit_row(f"space:customers:{made['id']}", Name={"title": [{"text": {"content": "Una van der Karr"}}]})
    here.sync()
    after = here.held("customers")[made["id"]]
    assert (after["firstName"], after["lastName"]) == ("Una", "van der Karr")
    assert {**after, "lastName": "Karr"} == made
    here.at_rest()


# ------------------------------------------------------------------------------------------------------ site → Notion


def test_a_booking_and_its_cancelling_reach_notion(here: Studio) -> None:
    number, row = here.visit(9, internalNotes="by phone")
    here.sync()
    assert (here.row(row)["Status"], here.row(row)["Notes"]) == ("approved", "by phone")
    assert here.row(row)["Source"] == ["space"]
    here.later(600)
    here.staff(number, status="canceled")
    here.sync()
    assert here.row(row)["Status"] == "canceled"
    here.at_rest()


def test_a_booking_far_ahead_is_found_by_its_payment(here: Studio) -> None:
    """It lies beyond what every run reads, and its turn need not have come."""
    _, row = here.visit(60, "12:00")
    here.forget_requests()
    here.sync()
    assert here.row(row)["Status"] == "approved"
    looks = [each for each in here.calls("GET") if each.startswith("/appointments/")]
    assert len(looks) == 2, "once to find it, and once more before the back-link goes into its notes"
    here.at_rest()


def test_what_a_guest_pays_is_seen(here: Studio) -> None:
    number, row = here.visit(10, payment={"gateway": "stripe", "status": "paid"})
    here.sync()
    price = here.booked(number)["bookings"][0]["price"]
    assert (here.row(row)["Price"], here.row(row)["Paid"]) == (price, price)


# ------------------------------------------------------------------------------------------------------------- groups


def test_a_group_is_a_row_a_booking_and_each_has_its_own_status(here: Studio) -> None:
    number, (nia, tom) = here.tour(11, NIA, TOM)
    here.sync()
    rows = here.rows()
    assert rows[nia]["When"] == rows[tom]["When"]
    assert rows[nia]["Client"] != rows[tom]["Client"]
    here.later(600)
    here.edit_row(nia, Status=option("canceled"))
    here.sync()
    words = {line(each["id"]): each["status"] for each in here.booked(number)["bookings"]}
    assert words == {nia: "canceled", tom: "approved"}
    assert here.booked(number)["internalNotes"].count("notion_page_id=") == 2
    here.at_rest()


def test_the_hour_of_a_group_is_not_moved_by_one_of_its_rows(here: Studio) -> None:
    number, (nia, _) = here.tour(12, NIA, TOM)
    here.sync()
    start = here.row(nia)["When"]
    here.later(600)
    here.edit_row(nia, When=at(here.today(13, "15:00")))
    here.sync()
    assert here.row(nia)["When"] == start
    assert here.booked(number)["bookingStart"].startswith(here.today(12, "15:00"))


def test_the_notes_of_a_group_are_one_text(here: Studio) -> None:
    number, (nia, tom) = here.tour(13, NIA, TOM, hour="17:00")
    here.sync()
    here.later(600)
    here.edit_row(nia, Notes=text("Meet at the door"))
    here.sync()
    here.later(600)
    here.sync()
    assert here.row(tom)["Notes"] == "Meet at the door"
    assert here.booked(number)["internalNotes"].startswith("Meet at the door\n[hsn")
    here.at_rest()


def test_two_rows_of_a_group_that_say_different_things_lose_neither(here: Studio) -> None:
    """The first is written; the second would undo it, waits, and is then a change on both sides."""
    _, (nia, tom) = here.tour(14, NIA, TOM, hour="19:00")
    here.sync()
    here.later(600)
    here.edit_row(nia, Notes=text("one"))
    here.edit_row(tom, Notes=text("two"))
    report = here.sync(exit_code=3)
    assert "was changed in Amelia a moment ago" in report["problems"][0]["reason"]
    here.later(1200)
    here.sync()
    here.later(1200)
    here.sync()
    rows = here.rows()
    assert rows[nia]["Notes"] == rows[tom]["Notes"]
    before = here.state("SELECT before FROM log WHERE field = 'notes' AND stream = 'appointments'")
    assert {'"one"', '"two"'} & {each for (each,) in before}, "what lost is in the log"
    here.at_rest()


# ---------------------------------------------------------------------------------------------------- new from Notion


def appointment_row(here: Studio, client: str, start: str, **more: object) -> str:
    given = {
        "When": at(start),
        "Service Type": option(MASSAGE.replace(",", ";")),
        "Client": related(client),
        "Source": source("space"),
    }
    return here.row_made("Appointments", **given, **more)


def test_a_row_becomes_an_appointment_once(here: Studio) -> None:
    client = here.row(f"space:customers:{min(here.held('customers'))}")["id"]
    before = set(here.held("appointments"))
    page = appointment_row(here, client, here.today(15, "09:00"), Notes=text("From Notion"))
    here.later(600)
    report = here.sync()
    (new,) = set(here.held("appointments")) - before
    made = here.booked(new)
    (booking,) = made["bookings"]
    assert made["bookingStart"] == f"{here.today(15, '09:00')}:00"
    assert (made["notifyParticipants"], booking["status"]) == ("0", "approved")
    assert f"notion_page_id={page}" in made["internalNotes"]
    row = here.row(line(booking["id"]))
    assert (row["id"], row["Notes"], row["Status"]) == (page, "From Notion", "approved")
    assert row["Appointment"].startswith(made["service"]["name"])
    assert report["problems"] == []
    here.at_rest()
    assert set(here.held("appointments")) - before == {new}


def test_a_row_becomes_one_appointment_though_the_answer_was_lost(here: Studio) -> None:
    client = here.row(f"space:customers:{min(here.held('customers'))}")["id"]
    before = set(here.held("appointments"))
    page = appointment_row(here, client, here.today(16, "09:00"))
    here.later(600)
    here.fault("amelia", "/wp-admin/admin-ajax.php", {"drop": "after"}, method="POST", times=1)
    here.sync()
    here.mend()
    (new,) = set(here.held("appointments")) - before
    assert here.row(line(here.booked(new)["bookings"][0]["id"]))["id"] == page
    here.at_rest()
    assert set(here.held("appointments")) - before == {new}


def test_somebody_whom_amelia_does_not_know_is_registered_along(here: Studio) -> None:
    client = here.row_made(
        "Clients",
        Name={"title": [{"text": {"content": "Noor van den Berg"}}]},
        Email={"email": "Noor@Example.com"},
    )
    before = set(here.held("customers"))
    appointment_row(here, client, here.today(17, "09:00"))
    here.later(600)
    here.sync()
    (new,) = set(here.held("customers")) - before
    customer = here.held("customers")[new]
    assert (customer["firstName"], customer["lastName"], customer["email"]) == (
        "Noor van den",
        "Berg",
        "Noor@Example.com",
    )
    here.later(600)
    here.sync()
    assert here.row(f"space:customers:{new}")["id"] == client
    here.at_rest()


def test_a_row_that_lacks_something_says_what(here: Studio) -> None:
    page = here.row_made("Appointments", When=at(here.today(18)), Source=source("space"))
    here.later(600)
    report = here.sync(exit_code=3)
    assert [each["reason"] for each in report["problems"] if each["page_id"] == page] == [
        "space needs: Service Type, Client; fill it in"
    ]
    here.ground.control("PATCH", f"notion/pages/{page}", {"in_trash": True})
    here.later(600)
    here.sync()


def test_a_row_joins_a_group_that_has_room(here: Studio) -> None:
    number, (nia, _) = here.tour(19, NIA, TOM)
    here.sync()
    client = here.row(f"space:customers:{min(here.held('customers'))}")["id"]
    given = {"When": at(here.today(19, "15:00")), "Service Type": option(CIRCLE), "Client": related(client)}
    page = here.row_made("Appointments", **given, Source=source("space"))
    here.later(600)
    here.sync()
    bookings = [line(each["id"]) for each in here.booked(number)["bookings"]]
    assert len(bookings) == 3
    assert here.row(bookings[-1])["id"] == page
    assert here.row(nia)["Notes"] == ""
    here.at_rest()


# ---------------------------------------------------------------------------------------------------------- deletions


def test_a_deleted_appointment_trashes_its_row_and_only_by_proof(here: Studio) -> None:
    number, row = here.visit(2, "08:00")
    far, far_row = here.visit(70, "08:00")
    here.sync()
    page, far_page = here.row(row)["id"], here.row(far_row)["id"]
    here.later(600)
    for each in (number, far):
        here.ground.control("PATCH", f"amelia/appointments/{each}", {"deleted": True})
    here.forget_requests()
    here.sync()
    assert here.page(page)["in_trash"]
    asked = [each for each in here.calls("GET") if each.startswith(f"/appointments/{number}") or "customerId" in each]
    assert len(asked) == 2, "the appointment, and then all those of its customer"
    here.later(600)
    here.sync("sync", "--all", "--full")
    assert here.page(far_page)["in_trash"]
    here.at_rest()


def test_a_row_in_the_trash_deletes_and_cancels_nothing(here: Studio) -> None:
    number, row = here.visit(20, "08:00")
    here.sync()
    before = here.booked(number)
    here.later(600)
    here.ground.control("PATCH", f"notion/pages/{here.row(row)['id']}", {"in_trash": True})
    here.sync()
    here.at_rest()
    assert here.booked(number) == before
    assert row not in here.rows()


def test_archiving_cannot_be_asked_for(here: Studio) -> None:
    more = '\n[services.space.streams.appointments]\non_notion_delete = "archive"\n'
    path = here.ground.config.with_name("archive.toml")
    path.write_text(here.ground.config.read_text() + more)
    done = here.ground.hsn("sync", "--all", config=path)
    assert (done.returncode, "nothing can be archived in this stream" in done.stderr) == (4, True)


# ------------------------------------------------------------------------------------------- losing everything at once


def test_without_its_state_nothing_is_doubled(here: Studio) -> None:
    pages = {page: each["in_trash"] for page, each in here.pages().items()}
    here.lose_the_state()
    here.later(600)
    here.sync()
    assert {page: each["in_trash"] for page, each in here.pages().items()} == pages
    here.at_rest()


# --------------------------------------------------------------------------------------------- what the site may be


def test_a_wrong_zone_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with studio(tmp_path, "--records", "12", timezone="Europe/London") as here:
        here.forget_requests()
        report = here.sync(exit_code=4)
        errors = {each["service"]: each["error"] for each in report["streams"]}
        assert errors["space"]["message"] == "the site's time zone is Europe/Berlin, not Europe/London"
        assert 'write timezone = "Europe/Berlin"' in errors["space"]["remedy"]
        assert here.calls("POST") == []
        assert not any(each.startswith("space:") for each in here.rows())
        health = here.ground.hsn("health", "space")
        assert (health.returncode, "the site's time zone is Europe/Berlin" in health.stdout) == (4, True)


@pytest.mark.parametrize(
    ("knob", "message", "remedy"),
    [
        ({"edition": "lite"}, "no API for keys there: the free edition has none", "Elite licence"),
        ({"api": "off"}, "API is not enabled", "switch the feature API on"),
        ({"plugin": "off"}, "Amelia is not active there", "activate the plugin"),
    ],
)
def test_each_edition_is_told_apart(here: Studio, knob: dict[str, str], message: str, remedy: str) -> None:
    here.ground.control("POST", "knobs", knob)
    before = here.pages()
    report = here.sync(exit_code=5)
    (error, *_) = [each["error"] for each in report["streams"] if each["service"] == "space"]
    assert message in error["message"]
    assert remedy in error["remedy"]
    assert here.pages() == before
    health = here.ground.hsn("health", "space")
    assert (health.returncode, message in health.stdout) == (5, True)


def test_a_wrong_key_is_told(here: Studio) -> None:
    path = here.ground.changed("wrong", ("amelia_sandbox", "wrong-key-1234"))
    done = here.ground.hsn("health", "space", config=path)
    assert done.returncode == 5
    assert "it may have expired" in done.stdout
    assert "wrong-key-1234" not in done.stdout + done.stderr


# ------------------------------------------------------------------------------------------------------------- privacy


def test_the_log_names_nobody_and_no_key(here: Studio) -> None:
    """Of all that was done in this file. Meeting addresses hold the host's key."""
    here.visit(25, zoomMeeting={"id": 1, "startUrl": "https://zoom.example/s/1?zak=host-key-1"})
    here.sync()
    log = here.ground.config.with_name("hsn.log").read_text()
    assert len(log.splitlines()) > 200
    for secret in ("amelia_sandbox", "wrong-key-1234", "host-key-1", "ida@example.com", "Okoro", "+49 30 23125 777"):
        assert secret not in log, secret
    assert "host-key-1" not in str(here.pages())


def test_all_of_this_took_less_than_a_day(here: Studio) -> None:
    now = datetime.fromisoformat(here.ground.control("GET", "clock")["now"]).astimezone(BERLIN)
    assert now.date() == here.day, "the times in this file count on it"
