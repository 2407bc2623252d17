"""Databases that hold rows already, and a shop that is full: who is matched, who waits, and what a dry run shows."""

from collections.abc import Callable
from typing import Any

from tests.e2e.scene import Scene, text, title
from tests.e2e.shop_hands import made


def row(here: Scene, database: str, **properties: Any) -> str:
    parent = {"type": "data_source_id", "data_source_id": here.sources[database]}
    return str(here.ground.control("POST", "notion/pages", {"parent": parent, "properties": properties})["id"])


def test_engine_11_rows_that_are_there_already_are_matched_and_a_dry_run_shows_it(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "0")
    bowl = made(here, "products", name="Bowl", sku="BOWL-1", regular_price="12.00")
    kim = made(here, "customers", email="Kim@example.com", first_name="Kim", last_name="Berg")
    eve = made(here, "customers", email="eve@example.com", first_name="Eve", last_name="Stone")
    vase = made(here, "products", name="Vase", sku="VASE-1", regular_price="30")
    bowl_row = row(here, "Products", Name=title("Bowl"), SKU=text("BOWL-1"), Price={"number": 15})
    kim_row = row(
        here, "Clients", Name=title("Kim B."), Email={"email": "kim@example.com"}, Phone={"phone_number": "+49 1"}
    )
    row(here, "Clients", Name=title("Another Name"), Email={"email": "eve@example.com"})
    for _ in range(2):
        row(here, "Products", Name=title("Vase"), SKU=text("VASE-1"))
    here.forget_requests()

    plan = here.sync("sync", "--all", "--dry-run", exit_code=3)["plan"]
    adopted = {(each["service_id"], each["page_id"]) for each in plan if each["action"] == "adopt"}
    assert adopted == {(bowl, bowl_row), (kim, kim_row)}
    asked = {each["stream"]: each["fields"] for each in plan if each["action"] == "conflict"}
    assert asked == {"products": {"price": ["12", "15"]}, "customers": {"name": ["Kim Berg", "Kim B."]}}
    assert here.writes() == []

    report = here.sync(exit_code=3)
    waiting = {(each["kind"], each["stream"], each["service_id"]) for each in report["problems"]}
    conflicts = {("conflict", "products", bowl), ("conflict", "customers", kim)}
    unsure = {("ambiguous", "products", vase), ("ambiguous", "customers", eve)}
    assert waiting == conflicts | unsure, "two rows of one SKU, and a name that fits nobody"
    assert here.shop("customers")[kim]["billing"]["phone"] == "+49 1", "what was empty is filled"
    assert here.rows()[f"shop:products:{bowl}"]["id"] == bowl_row

    told = here.ground.hsn("status", "shop").stdout
    assert "shop:customers:2: ambiguous since" in told
    assert "wholly different name" in told
    first = here.ground.hsn("sync", "--all")
    assert (first.returncode, first.stderr) == (3, ""), "each was shown once, when it was new"
    for problem in report["problems"]:
        here.ground.hsn("resolve", str(problem["id"]), "--keep", "service")
    here.sync()
    rows = here.rows()
    assert rows[f"shop:products:{bowl}"]["Price"] == 12
    assert rows[f"shop:customers:{kim}"]["Name"] == "Kim Berg"
    assert rows[f"shop:customers:{eve}"]["Name"] == "Eve Stone", "a row of her own, as a person has said"
    here.at_rest()


def test_engine_25_an_order_of_thirty_products_is_related_to_all_of_them(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "0")
    products = [made(here, "products", name=f"Card {n}", regular_price="1", status="publish") for n in range(30)]
    buyer = {"email": "kim@example.com", "first_name": "Kim", "last_name": "Berg"}
    order = made(
        here, "orders", billing=buyer, line_items=[{"product_id": int(each), "quantity": 1} for each in products]
    )
    here.sync()
    here.at_rest()
    here.edit_shop("orders", order, customer_note="ring twice")
    here.sync()
    here.at_rest()
    page = here.row(f"shop:orders:{order}")
    assert page["Customer Note"] == "ring twice"
    assert len(page["Products"]) == 30, "a page shows the tool but 25 of them"
