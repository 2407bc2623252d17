"""One person at the desk and in the shop: one row, and what is changed in one place comes to rest everywhere."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.desk_hands import Desk, opened
from tests.e2e.scene import title
from tests.e2e.shop_hands import made
from tests.sandboxed import sandbox


@pytest.fixture(scope="module")
def open_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with sandbox(tmp_path_factory.mktemp("people"), "--records", "0", services=("shop", "desk")) as ground:
        desk = opened(ground)
        desk.here.sync()
        yield desk


@pytest.fixture
def desk(open_desk: Desk) -> Iterator[Desk]:
    open_desk.here.later(600)
    open_desk.here.forget_requests()
    yield open_desk
    open_desk.here.mend()


def in_both(desk: Desk, who: str, phone: str, days: tuple[int, ...] = (5,)) -> str:
    """The number of somebody's account in the shop, who also books at the desk; both have been synced."""
    email = f"{who}@example.com"
    billing = {"phone": phone, "email": email}
    account = made(desk.here, "customers", email=email, first_name="Ida", last_name="Berg", billing=billing)
    for each in days:
        desk.book(email.title(), each, hour=sum(map(ord, who)) % 12, name="Ida Berg", phone=phone)
    desk.here.sync("sync", "--all", "--full")  # those far ahead, too
    desk.here.later(600)
    desk.here.sync()
    desk.here.later(600)
    return account


def phones(desk: Desk, who: str, account: str) -> tuple[str, set[str], str]:
    """In Notion, in the coming appointments, in the shop."""
    row = desk.here.row(f"shop:customers:{account}")
    coming = {each["phone"] for each in desk.held().values() if each["email"].lower() == f"{who}@example.com"}
    return row["Phone"], coming, desk.here.shop("customers")[account]["billing"]["phone"]


def appointment_of(desk: Desk, who: str) -> str:
    return next(number for number, each in desk.held().items() if each["email"].lower() == f"{who}@example.com")


def rests_after(desk: Desk, runs: int) -> None:
    """So many runs, after which the next one writes nothing."""
    for _ in range(runs):
        desk.here.sync()
        desk.here.later(600)
    desk.here.forget_requests()
    desk.here.sync()
    assert desk.here.writes() == []


def test_who_buys_and_books_is_one_row(desk: Desk) -> None:
    account = in_both(desk, "one", "+49 30 23125 001")
    row = desk.here.row(f"shop:customers:{account}")
    assert row["External ID"].splitlines() == [f"shop:customers:{account}", "desk:people:one@example.com"]
    assert row["Source"] == ["desk", "shop"]
    assert desk.row(appointment_of(desk, "one"))["Client"] == [row["id"]]
    assert phones(desk, "one", account) == ("+49 30 23125 001", {"+493023125001"}, "+49 30 23125 001")


def test_a_number_changed_in_acuity_reaches_the_shop_within_two_runs_and_the_third_writes_nothing(desk: Desk) -> None:
    """Acuity keeps digits, the shop what was typed: neither form makes the other look changed."""
    account = in_both(desk, "calls", "+49 30 23125 002")
    desk.edit(appointment_of(desk, "calls"), phone="+49 171 555 01 02")
    rests_after(desk, runs=2)
    assert phones(desk, "calls", account) == ("+491715550102", {"+491715550102"}, "+491715550102")


def test_a_number_changed_in_the_shop_reaches_what_lies_ahead_in_acuity(desk: Desk) -> None:
    account = in_both(desk, "buys", "(415) 555-0100", days=(3, 9, 60))
    desk.here.edit_shop("customers", account, billing={"phone": "(415) 555-0199"})
    rests_after(desk, runs=2)
    assert phones(desk, "buys", account) == ("(415) 555-0199", {"4155550199"}, "(415) 555-0199")


def test_a_number_changed_in_notion_reaches_both(desk: Desk) -> None:
    account = in_both(desk, "writes", "030 1", days=(3, 30))
    desk.here.edit_row(f"shop:customers:{account}", Phone={"phone_number": "+49 30 99"})
    rests_after(desk, runs=2)
    assert phones(desk, "writes", account) == ("+49 30 99", {"+493099"}, "+49 30 99")


def test_another_form_of_the_same_number_is_no_change_to_acuity(desk: Desk) -> None:
    account = in_both(desk, "forms", "+49 30 23125 003")
    desk.here.edit_row(f"shop:customers:{account}", Phone={"phone_number": "+49 (0)30 23125003"})
    desk.here.forget_requests()
    desk.here.sync()
    assert phones(desk, "forms", account)[2] == "+49 (0)30 23125003"
    desk.here.later(600)
    desk.here.edit_row(f"shop:customers:{account}", Phone={"phone_number": "+49(0)30-23125003"})
    desk.here.forget_requests()
    desk.here.sync()
    assert desk.asked("PUT") == []


@pytest.mark.parametrize("later", ["desk", "shop"])
def test_changed_in_both_at_once_it_comes_to_rest_on_one(desk: Desk, later: str) -> None:
    account = in_both(desk, f"both-{later}", "030 1")
    number = appointment_of(desk, f"both-{later}")

    def at_the_desk() -> None:
        desk.edit(number, phone="+49 171 1")

    def in_the_shop() -> None:
        desk.here.edit_shop("customers", account, billing={"phone": "+49 172 2"})

    acts = (in_the_shop, at_the_desk) if later == "desk" else (at_the_desk, in_the_shop)
    for act in acts:
        act()
        desk.here.later(60)
    rests_after(desk, runs=3)
    notion, coming, shop = phones(desk, f"both-{later}", account)
    assert notion == shop
    assert {"".join(filter(str.isdigit, each)) for each in coming} == {"".join(filter(str.isdigit, shop))}


def test_a_new_name_in_notion_reaches_the_appointments_and_their_titles(desk: Desk) -> None:
    account = in_both(desk, "renamed", "030 1", days=(2, 7))
    desk.here.edit_row(f"shop:customers:{account}", Name=title("Ida Berg-Lund"))
    rests_after(desk, runs=2)
    mine = {number: each for number, each in desk.held().items() if each["email"].lower() == "renamed@example.com"}
    assert {(each["firstName"], each["lastName"]) for each in mine.values()} == {("Ida", "Berg-Lund")}
    assert {desk.row(number)["Appointment"] for number in mine} == {"Consultation, Ida Berg-Lund"}
    assert desk.here.shop("customers")[account]["last_name"] == "Berg-Lund"


def test_a_new_booking_with_an_old_number_changes_nobody(desk: Desk) -> None:
    account = in_both(desk, "books", "+49 30 1")
    desk.book("books@example.com", 12, name="Ida Berg", phone="+49 30 000")
    rests_after(desk, runs=1)
    assert phones(desk, "books", account) == ("+49 30 1", {"+49301", "+4930000"}, "+49 30 1")


def test_an_update_whose_answer_is_lost_arrives_once(desk: Desk) -> None:
    account = in_both(desk, "lost", "030 1", days=(2, 7))
    desk.here.fault("acuity", r"/api/v1/appointments/\d+", {"drop": "after"}, method="PUT")
    desk.here.edit_row(f"shop:customers:{account}", Phone={"phone_number": "030 2"})
    rests_after(desk, runs=2)
    assert phones(desk, "lost", account) == ("030 2", {"0302"}, "030 2")


def test_a_person_in_an_account_of_another_spelling_is_the_same(desk: Desk) -> None:
    account = in_both(desk, "spelt", "030 1")
    held: dict[str, Any] = desk.held()[appointment_of(desk, "spelt")]
    assert held["email"] == "Spelt@Example.Com"
    assert "desk:people:spelt@example.com" in desk.here.row(f"shop:customers:{account}")["External ID"]


def test_engine_14_a_child_who_is_booked_for_by_the_same_address_renames_nobody(desk: Desk) -> None:
    account = in_both(desk, "parent", "030 1", days=(9,))
    desk.book("parent@example.com", 3, hour=20, name="Emma Berg", phone="030 1")
    desk.here.sync()
    desk.here.later(600)
    desk.here.edit_row(f"shop:customers:{account}", Phone={"phone_number": "030 2"})
    rests_after(desk, runs=2)
    assert desk.here.row(f"shop:customers:{account}")["Name"] == "Ida Berg"


def test_engine_13_a_row_taken_out_of_the_trash_after_its_person_got_another_is_two_people(desk: Desk) -> None:
    account = made(desk.here, "customers", email="gia@example.com", first_name="Gia", last_name="Roth")
    rests_after(desk, 1)
    first = desk.here.row(f"shop:customers:{account}")["id"]
    desk.here.ground.control("PATCH", f"notion/pages/{first}", {"in_trash": True})
    rests_after(desk, 1)
    desk.book("gia@example.com", 6, hour=9, name="Gia Roth", phone="+49 30 5550199")
    desk.here.sync()
    second = desk.here.row("desk:people:gia@example.com")["id"]
    desk.here.later(600)
    desk.here.ground.control("PATCH", f"notion/pages/{first}", {"in_trash": False})
    (problem,) = desk.here.sync(exit_code=3)["problems"]
    assert (problem["kind"], "two people" in problem["reason"]) == ("ambiguous", True)
    assert all(each in problem["reason"] for each in (first, second))
    desk.here.later(600)
    desk.here.forget_requests()
    desk.here.sync(exit_code=3)
    assert desk.here.writes() == []
    assert desk.here.ground.hsn("resolve", str(problem["id"]), "--keep", "notion").returncode == 0
    desk.here.later(600)
    assert desk.here.sync()["problems"] == []
