"""Refunds, guests who register, and variations, as a shop of either storage has them."""

from typing import Any

import pytest

from tests.e2e.scene import Scene, text
from tests.e2e.shop_hands import asked, full_reads, made, order, rest, some_line

# ---------------------------------------------------------------------------------------------------------- refunds


def refunded(row: dict[str, Any]) -> tuple[Any, str]:
    return row["Refunded"], row["Status"]


def test_refunds_are_added_up_and_a_full_one_changes_the_status(here: Scene, storage: str) -> None:
    """A refund stamps its order on both storages, so incremental reads see it."""
    bought = order(here, f"refund@{storage}.example", line_items=some_line(here), status="completed")
    here.sync()
    line = f"shop:orders:{bought}"
    total = here.row(line)["Total"]
    for amount in ("1.00", "0.50"):
        here.later(60)
        assert rest(here, "POST", f"orders/{bought}/refunds", {"amount": amount, "api_refund": False})[0] == 201
        here.sync()
    assert refunded(here.row(line)) == (1.5, "completed")
    here.later(60)
    left = {"amount": f"{total - 1.5:.2f}", "api_refund": False}
    assert rest(here, "POST", f"orders/{bought}/refunds", left)[0] == 201
    here.sync()
    row = here.row(line)
    assert (*refunded(row), row["Total"]) == (total, "refunded", total)
    assert full_reads(here, "orders") == []
    here.at_rest()


# ----------------------------------------------------------------------------------------------------------- people


@pytest.mark.parametrize("registers_as", ["same case", "other case"])
def test_a_guest_who_registers_keeps_the_row(here: Scene, storage: str, registers_as: str) -> None:
    mail = f"guest.{registers_as.split()[0]}@{storage}.example"
    first = order(here, mail.upper())
    here.sync()
    row = here.row(f"shop:people:{mail}")
    here.later(60)
    address = mail if registers_as == "same case" else mail.title()
    account = made(here, "customers", email=address, first_name="Ida", last_name="Berg")
    here.sync()
    rows = here.rows()
    assert rows[f"shop:customers:{account}"]["id"] == row["id"]
    assert f"shop:people:{mail}" not in rows, "the account's line stands for both"
    assert rows[f"shop:orders:{first}"]["Client"] == [row["id"]]
    here.at_rest()


def test_what_an_accounts_owner_buys_without_logging_in_is_theirs(here: Scene, storage: str) -> None:
    account = made(here, "customers", email=f"owner@{storage}.example", first_name="Ida", last_name="Berg")
    here.sync()
    here.later(60)
    bought = order(here, f"Owner@{storage.upper()}.example", customer_id=0)
    here.sync()
    rows = here.rows()
    assert rows[f"shop:orders:{bought}"]["Client"] == [rows[f"shop:customers:{account}"]["id"]]
    assert not any(line.startswith("shop:people:owner@") for line in rows)
    here.at_rest()


def test_a_guests_later_name_renames_nobody(here: Scene, storage: str) -> None:
    mail = f"renamed@{storage}.example"
    order(here, mail)
    here.sync()
    here.later(60)
    made(here, "orders", billing={"first_name": "Somebody", "last_name": "Else", "email": mail})
    here.sync()
    assert here.row(f"shop:people:{mail}")["Name"] == "Ida Berg"


# ------------------------------------------------------------------------------------------------------- variations


def variable(here: Scene, name: str) -> tuple[str, str, str]:
    """A variable product in two sizes: its number and theirs."""
    size = {"name": "Size", "variation": True, "visible": True, "options": ["A4", "A3"]}
    parent = made(here, "products", name=name, type="variable", attributes=[size])
    small, large = (
        made(
            here,
            "variations",
            parent_id=int(parent),
            regular_price=price,
            attributes=[{"name": "Size", "option": option}],
        )
        for option, price in (("A4", "90"), ("A3", "140.50"))
    )
    return parent, small, large


def test_variations_are_rows_that_travel_both_ways(here: Scene, storage: str) -> None:
    parent, small, large = variable(here, "Print & frame")
    bought = order(here, f"var@{storage}.example", line_items=[{"product_id": int(parent), "variation_id": int(large)}])
    here.sync()
    lines = f"shop:variations:{parent}-{small}", f"shop:variations:{parent}-{large}"
    rows = here.rows()
    assert [(rows[line]["Name"], rows[line]["Type"], rows[line]["Price"]) for line in lines] == [
        ("Print & frame - A4", "variation", 90),
        ("Print & frame - A3", "variation", 140.5),
    ]
    assert rows[f"shop:orders:{bought}"]["Products"] == [rows[lines[1]]["id"]]

    here.later(60)
    here.edit_row(lines[0], Price={"number": 95}, SKU=text(f"A4-{parent}"))
    here.edit_shop("variations", large, regular_price="150")
    here.edit_shop("products", parent, name="Poster")
    here.sync()
    rows, shown = here.rows(), here.shop("variations")[small]
    assert (shown["regular_price"], shown["sku"]) == ("95", f"A4-{parent}")
    assert (rows[lines[1]]["Name"], rows[lines[1]]["Price"]) == ("Poster - A3", 150)
    here.at_rest()
    assert len(asked(here, "products")) == 2
    assert [each["path"] for each in here.requests() if "variations" in each["path"]] == []


def test_a_product_in_the_trash_takes_its_variations_along(here: Scene) -> None:
    parent, small, large = variable(here, "Going")
    here.sync()
    lines = [f"shop:products:{parent}", f"shop:variations:{parent}-{small}", f"shop:variations:{parent}-{large}"]
    pages = [here.row(line)["id"] for line in lines]
    here.later(600)
    here.edit_shop("products", parent, status="trash")
    here.sync()
    assert [here.pages()[page]["in_trash"] for page in pages] == [True, True, True]
    here.at_rest()


def test_a_variation_that_was_deleted_is_found_by_a_full_read(here: Scene) -> None:
    parent, small, large = variable(here, "Fewer")
    here.sync()
    pages = [here.row(f"shop:variations:{parent}-{each}")["id"] for each in (small, large)]
    here.later(600)
    assert rest(here, "DELETE", f"products/{parent}/variations/{small}?force=true")[0] == 200
    here.sync()
    here.sync("sync", "--all", "--full")
    assert [here.pages()[page]["in_trash"] for page in pages] == [True, False]
    here.at_rest()


# --------------------------------------------------------------------------------------------------- another shop


def test_another_shop_behind_the_same_address_is_left_alone(here: Scene) -> None:
    """Its users are others: nothing of it is read, and nothing is written, until a person says what is to be."""
    before, shop = here.pages(), here.ground.control("GET", "dump")["woocommerce"]
    others = [{**each, "date_created": "2001-01-01T01:01:01"} for each in shop["customers"]]
    orders = [{**each, "status": "cancelled"} for each in shop["orders"]]
    here.ground.control("POST", "load", {"woocommerce": {"customers": others, "orders": orders}})
    here.later(60)
    here.forget_requests()
    report = here.sync(exit_code=4)
    assert {each["error"]["message"].partition(" at ")[0] for each in report["streams"]} == {"another shop answers"}
    assert (here.writes(), here.pages()) == ([], before)
    back = {name: shop[name] for name in ("customers", "orders")}
    here.ground.control("POST", "load", {"woocommerce": back})
    here.later(60)
    here.sync()
    assert here.pages() == before
