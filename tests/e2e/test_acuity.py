"""An Acuity account and Notion kept in step, end to end; people who also buy in the shop among them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.desk_hands import Desk, date, opened, related, select, sources
from tests.e2e.scene import Scene, text, title
from tests.e2e.test_kill import kill_when_held
from tests.sandboxed import sandbox


@pytest.fixture(scope="module")
def open_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An empty shop and a desk with a few bookings, synced and at rest."""
    with sandbox(tmp_path_factory.mktemp("acuity"), "--records", "0", services=("shop", "desk")) as ground:
        desk = opened(ground)
        desk.book("first@example.com", -20)
        desk.book("first@example.com", 5, notes="Back room")
        desk.book("second@example.com", 40)
        desk.here.sync()
        desk.here.later(60)
        desk.here.sync()
        yield desk


@pytest.fixture
def desk(open_desk: Desk) -> Iterator[Desk]:
    """Ten minutes after whatever was done last, with nothing broken and nothing logged."""
    open_desk.here.later(600)
    open_desk.here.forget_requests()
    yield open_desk
    open_desk.here.mend()


# ------------------------------------------------------------------------------------------------------------- rest


def test_a_run_with_nothing_to_do_costs_three_requests_and_writes_nothing(desk: Desk) -> None:
    """The types, the coming days, and one slice of the rest of the window: as docs/services/acuity.md says."""
    report = desk.here.sync()
    assert report["requests"]["desk"] == 3
    assert desk.asked() == ["appointment-types", "appointments", "appointments"]
    assert desk.here.writes() == []


def test_every_appointment_has_a_row_with_its_client_and_every_type_is_a_product(desk: Desk) -> None:
    number = desk.book("whole@example.com", 6, name="Mary Jo Berg", phone="+49 30 5", paid="yes", amountPaid="45.00")
    desk.here.sync()
    row, shown = desk.row(number), desk.held()[number]
    person = desk.person("whole@example.com")
    assert row | {"Workflows": [], "id": "", "Last Synced": ""} == {
        "id": "", "External ID": f"desk:appointments:{number}", "Source": ["desk"], "Last Synced": "", "Workflows": [],
        "Appointment": "Consultation, Mary Jo Berg", "Client": [person["id"]], "Service Type": "Consultation",
        "When": shown["datetime"].replace("T11:00:00+0100", "T10:00:00.000+00:00"), "Status": "scheduled",
        "Price": 45, "Paid": 45, "Calendar": "Studio Berlin", "Notes": "",
    }  # fmt: skip
    assert (person["Name"], person["Email"], person["Phone"]) == ("Mary Jo Berg", "whole@example.com", "+49305")
    products = {row["Name"]: row for line, row in desk.here.rows().items() if line.startswith("desk:types:")}
    assert set(products) == {"Consultation", "Mediation, two parties"}
    consultation = products["Consultation"]
    assert [consultation[name] for name in ("Type", "Status", "Price", "Currency")] == ["service", "active", 45, "EUR"]
    desk.here.at_rest()


# ------------------------------------------------------------------------------------------------ from Acuity to Notion


def test_a_booking_a_move_and_a_cancellation_in_acuity_reach_notion(desk: Desk) -> None:
    number = desk.book("travels@example.com", 7)
    desk.here.sync()
    assert desk.row(number)["Status"] == "scheduled"
    desk.here.later(600)
    moved = desk.at(8, 14)
    desk.edit(number, datetime=moved, notes="asked for the afternoon")
    desk.here.sync()
    row = desk.row(number)
    assert (row["When"], row["Notes"]) == (moved.replace("+0000", ".000+00:00"), "asked for the afternoon")
    desk.here.later(600)
    desk.edit(number, canceled=True)
    desk.here.sync()
    assert desk.row(number)["Status"] == "canceled"
    desk.here.at_rest()


def test_a_canceled_one_and_a_no_show_show(desk: Desk) -> None:
    canceled = desk.book("canceled@example.com", 9, canceled=True)
    missed = desk.book("missed@example.com", -1, canceled=True, noShow=True)
    desk.here.sync()
    assert (desk.row(canceled)["Status"], desk.row(missed)["Status"]) == ("canceled", "no-show")
    desk.here.at_rest()


def test_a_session_made_longer_in_acuity_is_longer_in_notion(desk: Desk) -> None:
    number = desk.book("longer@example.com", 6, hour=15)
    desk.here.sync()
    desk.here.later(600)
    desk.edit(number, duration=90)
    desk.here.sync()
    (page,) = (each for each in desk.here.pages().values() if each["id"] == desk.row(number)["id"])
    when = page["properties"]["When"]["date"]
    assert (when["start"][11:16], when["end"][11:16]) == ("15:00", "16:30")
    desk.here.at_rest()


def test_a_type_that_is_deleted_takes_its_product_along(desk: Desk) -> None:
    kind = desk.here.ground.control("POST", "acuity/appointment-types", {"name": "Trial", "duration": 10})["id"]
    desk.here.sync()
    row = desk.here.row(f"desk:types:{kind}")
    assert row["Name"] == "Trial"
    desk.here.later(600)
    desk.here.ground.control("PATCH", f"acuity/appointment-types/{kind}", {"active": False})
    desk.here.sync()
    assert desk.here.pages()[row["id"]]["in_trash"]
    desk.here.at_rest()


# ------------------------------------------------------------------------------------------------ from Notion to Acuity


def test_notes_and_a_new_time_written_in_notion_reach_acuity(desk: Desk) -> None:
    number = desk.book("moves@example.com", 7, hour=12, notes="as booked")
    desk.here.sync()
    desk.here.later(600)
    moved = desk.at(9, 16)
    desk.edit_row(number, Notes=text("as asked\nin two lines"), When=date(moved))
    desk.here.sync()
    shown = desk.held()[number]
    assert (shown["datetime"][:16], desk.notes(number)) == (moved[:11] + "17:00", "as asked\nin two lines")
    assert f"notion_page_id={desk.row(number)['id']} notion_managed=true" in shown["notes"]
    desk.here.at_rest()


def test_an_end_that_does_not_fit_is_said_not_to_be_taken_and_the_start_is(desk: Desk) -> None:
    number = desk.book("short@example.com", 7, hour=11)
    desk.here.sync()
    desk.here.later(600)
    start = desk.at(8, 11)
    desk.edit_row(number, When=date(start, desk.at(8, 15)))
    report = desk.here.sync(exit_code=3)
    assert [(each["kind"], each["reason"]) for each in report["problems"]] == [
        ("not_taken", "desk did not take when as it was sent")
    ]
    assert desk.held()[number]["datetime"][:13] == f"{start[:11]}12"
    desk.here.later(600)
    desk.edit_row(number, When=date(start))
    desk.here.sync()
    desk.here.at_rest()


def test_a_status_of_canceled_cancels_and_mails_nobody(desk: Desk) -> None:
    number = desk.book("ill@example.com", 7, hour=13)
    desk.here.sync()
    desk.here.later(600)
    desk.here.forget_requests()
    desk.edit_row(number, Status=select("canceled"))
    desk.here.sync()
    assert desk.held()[number]["canceled"]
    (query,) = (each["query"] for each in desk.here.requests() if each["path"].endswith("/cancel"))
    assert "noEmail=true" in query
    desk.here.at_rest()


def test_a_cancellation_is_not_undone_and_says_so_until_the_row_gives_way(desk: Desk) -> None:
    number = desk.book("sorry@example.com", 7, hour=14, canceled=True)
    desk.here.sync()
    desk.here.later(600)
    desk.edit_row(number, Status=select("scheduled"))
    report = desk.here.sync(exit_code=3)
    (problem,) = report["problems"]
    assert problem["kind"] == "set_aside"
    assert "cannot be opened again" in problem["reason"]
    assert desk.held()[number]["canceled"]
    desk.here.later(600)
    desk.edit_row(number, Status=select("canceled"))
    desk.here.sync()
    desk.here.at_rest()


def test_what_only_acuity_sets_is_put_back_once(desk: Desk) -> None:
    number = desk.book("fixed@example.com", 7, hour=8)
    desk.here.sync()
    desk.here.later(600)
    desk.edit_row(number, **{"Service Type": select("Haircut"), "Price": {"number": 1}, "Calendar": select("Paris")})
    desk.here.sync()
    row = desk.row(number)
    assert (row["Service Type"], row["Price"], row["Calendar"]) == ("Consultation", 45, "Studio Berlin")
    desk.here.at_rest()


def test_a_row_that_is_trashed_cancels_nothing_and_is_not_made_again(desk: Desk) -> None:
    number = desk.book("trashed@example.com", 7, hour=9)
    desk.here.sync()
    desk.here.later(600)
    page = desk.row(number)["id"]
    desk.here.ground.control("PATCH", f"notion/pages/{page}", {"in_trash": True})
    desk.here.sync("sync", "--all", "--full")
    assert not desk.held()[number]["canceled"]
    assert desk.here.pages()[page]["in_trash"]
    assert f"desk:appointments:{number}" not in desk.here.rows()
    desk.here.at_rest()


def test_the_config_refuses_to_let_a_deletion_cancel_anything(desk: Desk) -> None:
    streams = '\n[services.desk.streams.appointments]\non_notion_delete = "archive"\n'
    config = desk.here.ground.config.with_name("archive.toml")
    config.write_text(desk.here.ground.config.read_text() + streams)
    done = desk.here.ground.hsn("status", config=config)
    assert done.returncode == 4
    assert "nothing can be archived" in done.stderr


# -------------------------------------------------------------------------------------------- rows that become sessions


def a_client(desk: Desk, email: str, name: str = "Noor van den Berg") -> str:
    return desk.make_row("Clients", Name=title(name), Email={"email": email}, Phone={"phone_number": "+49 30 77"})


def a_session(desk: Desk, client: str, hour: int, **more: Any) -> str:
    properties = {
        "Appointment": title("to be booked"), "Client": related(client), "When": date(desk.at(10, hour)),
        "Service Type": select("Mediation; two parties"), "Source": sources("desk"), **more,
    }  # fmt: skip
    return desk.make_row("Appointments", **properties)


def of(desk: Desk, email: str) -> list[dict[str, Any]]:
    return [each for each in desk.held().values() if each["email"] == email]


def test_a_row_becomes_an_appointment_once(desk: Desk) -> None:
    row = a_session(desk, a_client(desk, "noor@example.com"), 10, Notes=text("by phone"))
    desk.here.sync()
    (made,) = of(desk, "noor@example.com")
    assert (made["type"], made["firstName"], made["phone"]) == ("Mediation, two parties", "Noor van den", "+493077")
    assert desk.notes(str(made["id"])) == "by phone"
    shown = desk.row(str(made["id"]))
    assert shown["id"] == row
    desk.here.later(600)
    desk.here.sync()
    shown = desk.row(str(made["id"]))
    assert (shown["Appointment"], shown["Price"]) == ("Mediation, two parties, Noor van den Berg", 280)
    assert desk.person("noor@example.com")["id"] == shown["Client"][0]
    desk.here.at_rest()
    assert len(of(desk, "noor@example.com")) == 1


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_row_becomes_an_appointment_once_when_the_answer_is_lost(desk: Desk, side: str) -> None:
    email = f"lost-{side}@example.com"
    row = a_session(desk, a_client(desk, email), 12 if side == "before" else 14)
    desk.here.fault("acuity", "/api/v1/appointments", {"drop": side}, method="POST")
    desk.here.sync(exit_code=3 if side == "before" else 0)
    desk.here.mend()
    desk.here.later(120)
    desk.here.sync()
    (made,) = of(desk, email)
    assert desk.row(str(made["id"]))["id"] == row
    desk.here.at_rest()
    assert len(of(desk, email)) == 1


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_row_becomes_an_appointment_once_when_the_run_is_killed(desk: Desk, side: str) -> None:
    email = f"killed-{side}@example.com"
    row = a_session(desk, a_client(desk, email), 8 if side == "before" else 9)
    desk.here.fault("acuity", "/api/v1/appointments", {"hold": side}, method="POST")
    kill_when_held(desk.here)
    desk.here.later(120)
    desk.here.sync()
    (made,) = of(desk, email)
    assert desk.row(str(made["id"]))["id"] == row
    desk.here.at_rest()
    assert len(of(desk, email)) == 1


def test_a_dry_run_plans_a_booking_and_books_nothing(desk: Desk) -> None:
    row = a_session(desk, a_client(desk, "dry@example.com"), 20)
    report = desk.here.sync("sync", "--all", "--dry-run")
    (plan,) = (each for each in report["plan"] if each["page_id"] == row)
    assert (plan["action"], plan["side"]) == ("create", "service")
    assert plan["fields"]["service_type"] == [None, "Mediation; two parties"]
    assert of(desk, "dry@example.com") == []
    assert desk.here.writes() == []
    desk.here.sync()
    assert len(of(desk, "dry@example.com")) == 1


def test_a_row_without_what_acuity_needs_waits_and_says_so(desk: Desk) -> None:
    client = a_client(desk, "cher@example.com", name="Cher")
    a_session(desk, client, 16)
    report = desk.here.sync(exit_code=3)
    assert "'Cher' is one word" in report["problems"][0]["reason"]
    desk.here.later(60)
    desk.here.ground.control("PATCH", f"notion/pages/{client}", {"properties": {"Name": title("Cher Sarkisian")}})
    desk.here.later(3600)
    desk.here.sync()
    assert len(of(desk, "cher@example.com")) == 1
    desk.here.at_rest()


def test_engine_13_a_row_that_somebody_made_for_a_booking_is_that_bookings(desk: Desk) -> None:
    """By its start and its Client's e-mail: it has no Source, so nothing is made of it."""
    client = a_client(desk, "hand@example.com", name="Hand Made")
    row = a_session(desk, client, 18, Source=sources())
    desk.here.sync()
    number = desk.book("hand@example.com", 10, hour=18, name="Hand Made")
    desk.here.later(600)
    desk.here.sync()
    assert desk.row(number)["id"] == row
    assert desk.person("hand@example.com")["id"] == client


# -------------------------------------------------------------------------------------------------------- the window


def test_what_leaves_the_window_never_looks_deleted(desk: Desk) -> None:
    """A month later it is out of sight, and stays as it was; so does what staff move far ahead."""
    past, far = desk.book("past@example.com", 1, hour=7), desk.book("far@example.com", 2, hour=7)
    desk.here.sync()
    desk.here.later(600)
    desk.edit(far, datetime=desk.at(200, 7))
    desk.here.sync()
    assert desk.row(far)["When"].startswith(desk.at(200, 7)[:16])
    desk.here.later(40 * 86400)
    for words in (("sync", "--all"), ("sync", "--all", "--full")):
        desk.here.sync(*words)
        assert {desk.row(each)["Status"] for each in (past, far)} == {"scheduled"}
    assert desk.here.state("SELECT count(*) FROM links WHERE stream = 'appointments' AND asleep != ''") == [(1,)]
    desk.here.later(600)
    desk.edit_row(past, Notes=text("looked up later"))
    desk.here.sync()
    assert desk.notes(past) == "looked up later", "what a person writes there still arrives"
    desk.here.at_rest()


def test_a_back_link_is_written_to_what_lies_ahead_and_rides_on_other_writes_elsewhere(desk: Desk) -> None:
    over, ahead = desk.book("over@example.com", -5), desk.book("ahead@example.com", 5, hour=17)
    desk.here.sync("sync", "--all", "--full")
    held = desk.held()
    assert held[over]["notes"] == ""
    assert held[ahead]["notes"].startswith(f"notion_page_id={desk.row(ahead)['id']}")
    desk.here.later(600)
    desk.edit_row(over, Notes=text("went well"))
    desk.here.sync()
    assert f"went well\nnotion_page_id={desk.row(over)['id']}" in desk.held()[over]["notes"]


@pytest.mark.parametrize("do", [{"html": 502}, {"truncate": 100}, {"status": 401, "body": {"error": "unauthorized"}}])
def test_acuity_down_is_named_and_nothing_follows_from_it(desk: Desk, do: dict[str, Any]) -> None:
    rows = desk.here.rows().keys()
    desk.here.fault("acuity", "/api/v1/appointments", do, times=None)
    report = desk.here.sync("sync", "--all", "--full", exit_code=5)
    errors = {each["service"]: each["error"] for each in report["streams"]}
    assert errors["shop"] is None
    assert errors["desk"]["remedy"]
    assert desk.here.rows().keys() == rows
    desk.here.mend()
    desk.here.sync("sync", "--all", "--full")


def test_a_lost_state_doubles_nothing(desk: Desk) -> None:
    before, numbers = desk.here.rows(), set(desk.held())
    desk.here.lose_the_state()
    desk.here.later(600)
    desk.here.sync()
    assert {line: row["id"] for line, row in desk.here.rows().items()} == {
        line: row["id"] for line, row in before.items()
    }
    assert set(desk.held()) == numbers
    desk.here.at_rest()


# ------------------------------------------------------------------------------------------------------------ privacy


def test_no_link_that_lets_anybody_cancel_or_pay_reaches_notion_or_a_log(desk: Desk) -> None:
    number = desk.book("private@example.com", 5, hour=19, certificate="FREE-HOUR")
    desk.here.sync()
    folder = desk.here.ground.config.parent
    written = [str(desk.here.ground.control("GET", "dump")["notion"]), (folder / "hsn.log").read_text()]
    written += [path.read_bytes().decode("latin-1") for path in folder.glob("state.sqlite3*")]
    shown = desk.held()[number]
    assert shown["confirmationPage"].startswith("https://")
    for where in written:
        for secret in ("schedule.php", "/pay/", "FREE-HOUR", "acuity_sandbox"):
            assert secret not in where


# ---------------------------------------------------------------------------------------------------- not as it should


def test_engine_13_an_hour_booked_again_by_the_same_person_is_a_row_of_its_own(scene: Callable[..., Scene]) -> None:
    desk = opened(scene("--records", "0", services=("shop", "desk")).ground)
    canceled = desk.book("again@example.com", 9, hour=15)
    desk.here.sync()
    desk.here.later(600)
    desk.edit(canceled, canceled=True)
    again = desk.book("again@example.com", 9, hour=15)
    desk.here.sync()
    assert (desk.row(canceled)["Status"], desk.row(again)["Status"]) == ("canceled", "scheduled")
