"""The made-up data: as much as was asked for, the same each time, and as odd as real people are."""

import random
import re
import unicodedata
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from higherself_sync.sandbox.build import build_sandbox, make_twins
from higherself_sync.sandbox.people import PLACES, people
from higherself_sync.sandbox.seeding import EVERYBODY_FROM, Fillable, fill
from higherself_sync.sandbox.woocommerce import WooCommerceTwin
from higherself_sync.sandbox.woocommerce.catalogue import CATALOGUE, products
from tests.sandbox.notebook import Notebook

NOW = datetime(2026, 11, 23, 18, 0, 30, 500_000, UTC)


def shop(records: int, seed: int = 0) -> dict[str, list[Any]]:
    twin = WooCommerceTwin()
    fill({"woocommerce": twin}, records, seed, NOW)
    return twin.dump()


def strangers(held: dict[str, list[Any]]) -> set[str]:
    """The people of guests' orders who have no account."""
    accounts = {customer["email"].lower() for customer in held["customers"]}
    buyers = {order["billing"]["email"].lower() for order in held["orders"] if order["customer_id"] == 0}
    return buyers - accounts


@pytest.mark.parametrize("records", [0, 1, 2, 3, 4, 7, 8, 9, 30, 59, 60, 240, 600])
def test_records_counts_all_of_them_together(records: int) -> None:
    held = shop(records)
    assert len(held["products"]) + len(held["customers"]) + len(held["orders"]) == records


def test_a_seed_makes_the_same_shop_each_time() -> None:
    assert shop(120, seed=7) == shop(120, seed=7)
    assert shop(120, seed=7)["customers"] != shop(120, seed=8)["customers"]


def test_a_small_shop_has_no_people_but_its_customers() -> None:
    assert {order["customer_id"] == 0 for order in shop(59)["orders"]} == {False}


def test_guests_come_twice_in_other_letters_and_customers_forget_to_log_in() -> None:
    held = shop(240)
    guests = [order["billing"]["email"] for order in held["orders"] if order["customer_id"] == 0]
    assert len(guests) == 12
    assert len({email.lower() for email in guests}) == len(set(guests)) - 1
    assert len(strangers(held)) == 10


class Counted(Notebook):
    """A twin that only notes how many records it was to make."""

    def __init__(self, name: str, share: int) -> None:
        super().__init__(name)
        self.share, self.made = share, 0

    def fill(self, records: int, seed: int, now: datetime) -> None:
        self.made = records


@pytest.mark.parametrize("records", [0, 1, 24, 39, 40, 241, 600])
def test_every_twin_gets_its_share_and_together_they_have_all(records: int) -> None:
    twins = [Counted("forms", 10), Counted("shop", 40), Counted("desk", 15)]
    fill({each.name: each for each in twins}, records, 0, NOW)
    counts = {each.name: each.made for each in twins}
    assert sum(counts.values()) == records
    if records < EVERYBODY_FROM:
        assert counts["shop"] == records, "a small sandbox is the shop's alone"
    else:
        assert all(abs(each.made - records * each.share / 65) < 2 for each in twins)


def test_each_twin_makes_what_it_is_asked_for() -> None:
    for twin in make_twins():
        if isinstance(twin, Fillable):
            fill({twin.name: twin}, 50, 0, NOW)
            assert sum(len(each) for each in twin.dump().values()) >= 50


def test_people_who_answer_forms_are_people_whom_the_shop_knows() -> None:
    held = {twin.name: twin.dump() for twin in build_sandbox(records=600).twins}
    shop, forms = held["woocommerce"], held["typeform"]
    known = {each["email"].lower() for each in shop["customers"]} | strangers(shop)
    answers = [each for response in forms["responses"] for each in response["answers"]]
    written = {each["email"] for each in answers if each["type"] == "email"}
    assert len(written) > 20
    assert len({each.lower() for each in written} & known) > 20
    assert any(each != each.lower() for each in written), "some write their address in other letters"


def test_people_who_answer_surveys_or_take_courses_are_people_whom_the_shop_knows() -> None:
    held = {twin.name: twin.dump() for twin in build_sandbox(records=240).twins}
    known = {each["email"].lower() for each in held["woocommerce"]["customers"]} | strangers(held["woocommerce"])
    given = [each["value"] for one in held["userfeedback"]["responses"] for each in one["answers"]]
    written = {str(each).lower() for each in given if "@" in str(each)}
    students = {each["user_email"].lower() for each in held["tutorlm"]["authors"]} - {"admin@example.com"}
    assert len(written & known) > 5
    assert len(students & known) > 5


def test_no_two_accounts_share_an_address_or_what_it_is_matched_by() -> None:
    keys = [person.email.casefold() for person in islice(people(random.Random(3)), 3000)]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z.+0-9-]+@example\.com", key) for key in keys)


def test_names_are_written_in_many_scripts() -> None:
    names = "".join(name for place in PLACES for name, _ in (*place.given, *place.family))
    scripts = {unicodedata.name(letter).split()[0] for letter in names if letter.isalpha()}
    assert scripts >= {
        *(
            "LATIN",
            "CYRILLIC",
            "GREEK",
            "ARABIC",
            "HEBREW",
            "DEVANAGARI",
            "THAI",
            "CJK",
            "HIRAGANA",
            "KATAKANA",
            "HANGUL",
        )
    }
    assert names != unicodedata.normalize("NFC", names), "one name is typed letter by accent"


def test_every_order_is_paid_for_something_on_sale_and_says_by_whom() -> None:
    held = shop(240)
    public = {product["id"] for product in held["products"] if product["status"] == "publish"}
    accounts = {customer["id"] for customer in held["customers"]}
    for order in held["orders"]:
        assert {line["product_id"] for line in order["line_items"]} <= public
        assert order["customer_id"] in accounts | {0}
        assert order["billing"]["email"]
        assert float(order["total"]) > 0


def test_orders_come_in_every_status_with_refunds_and_notes() -> None:
    held = shop(240)
    statuses = {order["status"] for order in held["orders"]}
    assert statuses == {"completed", "processing", "on-hold", "pending", "cancelled", "failed", "refunded"}
    assert {bool(order["refunds"]) for order in held["orders"] if order["status"] == "completed"} == {True, False}
    notes = "".join(order["customer_note"] for order in held["orders"])
    assert all(part in notes for part in ("🔔", "<b>", "\n", "&", "🙇"))


def test_products_are_odd_enough() -> None:
    held = shop(240)["products"]
    assert len(held) == len(CATALOGUE)
    assert {product["status"] for product in held} == {"publish", "draft", "private"}
    assert {product["on_sale"] for product in held} == {True, False}
    assert {bool(product["sku"]) for product in held} == {True, False}
    assert any("&amp;" in product["name"] for product in held)
    assert any('"' in product["name"] for product in held)


def test_a_catalogue_without_end_repeats_no_sku() -> None:
    skus = [product.get("sku") for product in islice(products(random.Random(0)), 500)]
    named = [sku for sku in skus if sku]
    assert len(set(named)) == len(named)


def test_everything_happened_before_now_and_in_its_order() -> None:
    held = shop(240)
    assert max(order["date_modified_gmt"] for order in held["orders"]) <= "2026-11-23T18:00:30"
    assert max(p["date_created_gmt"] for p in held["products"]) < min(o["date_created_gmt"] for o in held["orders"])
    created = [order["date_created_gmt"] for order in held["orders"]]
    assert created == sorted(created)
