"""Orders whose client or product has no row any more, or too many of them: the row comes all the same (ENGINE 25)."""

from collections.abc import Callable

import pytest

from tests.e2e.scene import Scene
from tests.e2e.shop_hands import made, rest

SYNC = ("sync", "--all")


def buyer(here: Scene) -> tuple[str, str, str]:
    """A customer's id and the page of its row, and a product's id."""
    customer, product = next(iter(here.shop("customers"))), next(iter(here.shop("products")))
    return customer, here.row(f"shop:customers:{customer}")["id"], product


def ordered(here: Scene, customer: str, *products: str) -> str:
    goods = [{"product_id": int(each), "quantity": 1} for each in products]
    email = here.shop("customers")[customer]["email"]
    body = {"customer_id": int(customer), "billing": {"email": email}, "line_items": goods}
    return str(rest(here, "POST", "orders", body)[1]["id"])


def purge(here: Scene, page: str) -> None:
    here.ground.control("DELETE", f"notion/pages/{page}")


def move_out(here: Scene, page: str) -> None:
    elsewhere = next(each["id"] for each in here.pages().values() if each["parent"]["type"] == "workspace")
    here.ground.control("POST", f"notion/pages/{page}/move", {"parent": {"type": "page_id", "page_id": elsewhere}})


def trash(here: Scene, page: str) -> None:
    here.ground.control("PATCH", f"notion/pages/{page}", {"in_trash": True})


def trash_and_purge(here: Scene, page: str) -> None:
    trash(here, page)
    here.later(600)
    here.sync()
    purge(here, page)


@pytest.mark.parametrize("leave", [purge, move_out, trash, trash_and_purge])
def test_engine_25_a_new_order_of_somebody_whose_row_is_gone_has_a_row(
    synced: Scene, leave: Callable[[Scene, str], None]
) -> None:
    customer, page, product = buyer(synced)
    leave(synced, page)
    synced.later(600)
    order = ordered(synced, customer, product)
    synced.later(600)
    code = 3 if leave is purge else 0  # a page that answers 404 is asked about
    synced.sync(*SYNC, exit_code=code)
    row = synced.row(f"shop:orders:{order}")
    assert row["Client"] == []
    assert row["Products"] == [synced.row(f"shop:products:{product}")["id"]]
    synced.later(600)
    synced.forget_requests()
    synced.sync(*SYNC, exit_code=code)
    assert synced.writes() == []


def test_engine_25_who_is_back_gets_their_orders(synced: Scene) -> None:
    customer, page, product = buyer(synced)
    trash(synced, page)
    synced.later(600)
    synced.sync()
    order = ordered(synced, customer, product)
    synced.later(600)
    synced.sync()
    synced.ground.control("PATCH", f"notion/pages/{page}", {"in_trash": False})
    synced.later(600)
    synced.sync()
    synced.later(600)
    synced.sync()
    assert synced.row(f"shop:orders:{order}")["Client"] == [page]
    synced.at_rest()


def test_a_row_that_cannot_be_found_is_not_written_in_every_run(synced: Scene) -> None:
    customer, page, _ = buyer(synced)
    purge(synced, page)
    synced.later(600)
    synced.edit_shop("customers", customer, first_name="Changed")
    first = synced.sync(*SYNC, exit_code=3)
    assert [(each["kind"], each["page_id"]) for each in first["problems"]] == [("ambiguous", page)]
    for _ in range(3):
        synced.later(600)
        synced.forget_requests()
        synced.sync(*SYNC, exit_code=3)
        assert synced.writes() == []
        assert not [each for each in synced.requests() if page in each["path"]]


def many(here: Scene, count: int) -> list[str]:
    return [made(here, "products", name=f"Bead {number}", regular_price="1") for number in range(count)]


def test_an_order_of_more_products_than_notion_relates_has_a_row_and_goes_on(synced: Scene) -> None:
    """Notion takes no more than a hundred related rows in one request, and has no way to add to them."""
    customer, _, product = buyer(synced)
    beads = many(synced, 101)
    grown = ordered(synced, customer, product)
    synced.sync()
    synced.later(600)
    order = ordered(synced, customer, *beads)
    goods = [{"product_id": int(each), "quantity": 1} for each in beads]
    rest(synced, "PUT", f"orders/{grown}", {"status": "on-hold", "line_items": goods})
    report = synced.sync(*SYNC, exit_code=3)
    assert {(each["kind"], each["field"]) for each in report["problems"]} == {("set_aside", "products")}
    assert all("100" in each["reason"] for each in report["problems"])
    assert synced.row(f"shop:orders:{order}")["Products"] == []
    assert synced.row(f"shop:orders:{order}")["Items"].count("Bead") == 101
    assert synced.row(f"shop:orders:{grown}")["Status"] == "on-hold"
    assert len(synced.row(f"shop:orders:{grown}")["Products"]) == 1
    synced.later(600)
    synced.forget_requests()
    synced.sync(*SYNC, exit_code=3)
    assert synced.writes() == []
