"""What is about to be done when something goes wrong: each scenario prepares both sides for one run of `hsn`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.scene import Scene, text, title
from tests.e2e.shop_hands import made, rest
from tests.matrix.shop import GUEST, OTHER_GUEST, customer, guest_order, open_shop, orders_of, product

EVERYBODY = ("shop", "desk", "booking", "forms", "feedback", "school")
SYNC = ("sync", "shop")
FULL = ("sync", "shop", "--full")


@dataclass(frozen=True)
class Scenario:
    """`prepare` leaves the sandbox and the state as the run `words` is to find them; `settings` go into the config.

    `exit_code`: what that run ends with when nothing goes wrong.
    """

    name: str
    prepare: Callable[[Scene], None]
    words: tuple[str, ...] = SYNC
    settings: str = ""
    exit_code: int = 0
    services: tuple[str, ...] = ("shop",)


def a_few_of_everybody(here: Scene) -> None:
    """Forty records of all six services, by people who are in several of them."""
    here.ground.control("POST", "seed", {"records": 40, "seed": 1})


def settled(here: Scene) -> None:
    """Everything was synced once and has come to rest."""
    open_shop(here)
    for _ in range(2):
        here.sync(*SYNC)
        here.later(600)


# ----------------------------------------------------------------------------------------------------- edits


def edits_on_both_sides(here: Scene) -> None:
    """To the shop and from it; both at once, in different fields and in the same; a status; what only the shop sets."""
    settled(here)
    retreat, bath, print_ = (
        product(here, each) for each in ("Retreat &amp; Rest", "Sound bath", "Print, framed; signed")
    )
    talk, consulting = product(here, "A talk without a number"), product(here, "Consulting")
    ana, bjorn = customer(here, "ana@example.com"), customer(here, "bjorn@example.com")
    _edit_orders(here)
    here.edit_shop("products", retreat, regular_price="350.00")
    here.edit_row(f"shop:products:{retreat}", Name=title("Retreat & Quiet"))
    here.edit_row(f"shop:products:{bath}", Price={"number": 40})
    here.edit_shop("products", print_, regular_price="130")
    here.edit_row(f"shop:products:{talk}", Price={"number": 12.5}, SKU=text("TALK"))
    here.edit_row(f"shop:products:{consulting}", Price={"number": None})
    here.edit_shop("customers", ana, billing={"phone": "+34 600 1"}, email="ana.new@example.com")
    here.edit_row(f"shop:customers:{bjorn}", Name=title("Björn von Åkesson"), Phone={"phone_number": "+46 8 1"})
    here.later(120)
    here.edit_shop("products", bath, regular_price="45")
    here.edit_row(f"shop:products:{print_}", Price={"number": 140})
    here.later(30)


def _edit_orders(here: Scene) -> None:
    first, second = orders_of(here, "ana@example.com")
    third, fourth = orders_of(here, "bjorn@example.com")
    here.edit_shop("orders", first, status="completed")
    here.edit_row(f"shop:orders:{second}", Status={"select": {"name": "cancelled"}})
    here.edit_row(f"shop:orders:{third}", Total={"number": 1}, **{"Customer Note": text("ring <twice> & wait")})
    here.edit_shop("orders", fourth, customer_note="Bitte klingeln")
    (guests,) = orders_of(here, GUEST)
    here.edit_shop("orders", guests, billing={"phone": "+49 30 2"})
    (fifth,) = orders_of(here, "dilek@example.com")
    (line,) = here.shop("orders")[fifth]["line_items"]
    other = {"product_id": int(product(here, "Sound bath")), "quantity": 2}
    here.edit_shop("orders", fifth, line_items=[{"id": line["id"], "quantity": 0}, other])
    row = here.row(f"shop:variations:{_variation(here, 'SHIRT-S')}")["id"]
    here.ground.control("PATCH", f"notion/pages/{row}", {"properties": {"Price": {"number": 21}}})


def _variation(here: Scene, sku: str) -> str:
    parent = product(here, "Shirt")
    (found,) = (number for number, each in here.shop("variations").items() if each["sku"] == sku)
    return f"{parent}-{found}"


# --------------------------------------------------------------------------------------------------- new things


def new_on_both_sides(here: Scene) -> None:
    """Rows addressed to the shop: a product with a SKU, one without, a customer; and an order of somebody new there."""
    settled(here)
    new_row(here, "Products", Name=title("Weekend"), SKU=text("WEEKEND"), Price={"number": 145.5})
    new_row(here, "Products", Name=title("Evening"), Price={"number": 20})
    new_row(here, "Clients", Name=title("Gita Rao"), Email={"email": "gita@example.com"})
    here.later(60)
    number = made(here, "products", name="Candle", sku="CANDLE", regular_price="9")
    lines = [{"product_id": int(number), "quantity": 2}]
    buyer = made(here, "customers", first_name="Hugo", last_name="Ba", email="hugo@example.com")
    made(here, "orders", customer_id=int(buyer), line_items=lines)
    guest_order(here, "third.guest@example.com", number)
    here.later(200)


def new_row(here: Scene, database: str, **properties: Mapping[str, Any]) -> str:
    """A row that a person makes and addresses to the shop."""
    body = {
        "parent": {"type": "data_source_id", "data_source_id": here.sources[database]},
        "properties": {**properties, "Source": {"multi_select": [{"name": "shop"}]}},
    }
    page: str = here.ground.control("POST", "notion/pages", body)["id"]
    return page


# ----------------------------------------------------------------------------------------------------- deletions

ARCHIVES = '\n[services.shop.streams.products]\non_notion_delete = "archive"\n'


def deletions(here: Scene) -> None:
    """Trashed and deleted for good in the shop; trashed in Notion, where the record follows and where it stays."""
    settled(here)
    trash_in_the_shop(here, "products", product(here, "Sound bath"))
    trash_in_the_shop(here, "orders", orders_of(here, "ana@example.com")[0])
    for path in (
        f"products/{product(here, 'Consulting')}",
        f"orders/{orders_of(here, 'bjorn@example.com')[0]}",
        f"customers/{customer(here, 'hanan@example.com')}",
    ):
        status, _ = rest(here, "DELETE", f"{path}?force=true")
        assert status == 200
    trash_row(here, f"shop:products:{product(here, 'Print, framed; signed')}")
    trash_row(here, f"shop:orders:{orders_of(here, 'chidi@example.com')[0]}")
    here.later(600)


def trash_in_the_shop(here: Scene, stream: str, number: str) -> None:
    here.edit_shop(stream, number, status="trash")


def trash_row(here: Scene, line: str) -> str:
    page: str = here.row(line)["id"]
    here.ground.control("PATCH", f"notion/pages/{page}", {"in_trash": True})
    return page


def returns(here: Scene) -> None:
    """What was carried over comes back: a record and a row out of the trash."""
    settled(here)
    bath, print_ = product(here, "Sound bath"), product(here, "Print, framed; signed")
    order = orders_of(here, "ana@example.com")[0]
    trash_in_the_shop(here, "products", bath)
    trash_in_the_shop(here, "orders", order)
    page = trash_row(here, f"shop:products:{print_}")
    here.later(60)
    for _ in range(2):
        here.sync(*FULL)
        here.later(600)
    assert here.shop("products")[print_]["status"] == "trash"
    here.edit_shop("products", bath, status="publish", regular_price="36")
    here.edit_shop("orders", order, status="completed")
    here.ground.control("PATCH", f"notion/pages/{page}", {"in_trash": False})
    here.later(60)


# ------------------------------------------------------------------------------------------------------- adoption


def adoption(here: Scene) -> None:
    """Rows and records that belong together, by row's marker, record's marker or key alone, and nobody remembers it."""
    settled(here)
    unmark_record(here, "products", product(here, "Retreat &amp; Rest"))
    unmark_record(here, "customers", customer(here, "ana@example.com"))
    for line in (
        f"shop:products:{product(here, 'Sound bath')}",
        f"shop:orders:{orders_of(here, 'ana@example.com')[0]}",
    ):
        here.edit_row(line, **{"External ID": text("")})
    for stream, number in (
        ("products", product(here, "Print, framed; signed")),
        ("customers", customer(here, "bjorn@example.com")),
        ("orders", orders_of(here, "bjorn@example.com")[0]),
    ):
        unmark_record(here, stream, number)
        here.edit_row(f"shop:{stream}:{number}", **{"External ID": text("")})
    here.edit_row(f"shop:customers:{customer(here, 'chidi@example.com')}", Name=title("Chidi"))
    trash_row(here, f"shop:products:{product(here, 'A talk without a number')}")
    here.later(600)
    here.edit_shop("products", product(here, "Consulting"), regular_price="101")
    here.edit_row(f"shop:customers:{customer(here, 'dilek@example.com')}", Phone={"phone_number": "+90 212 1"})
    made(here, "products", name="Candle", sku="CANDLE", regular_price="9")
    new_row(here, "Products", Name=title("Weekend"), SKU=text("WEEKEND"), Price={"number": 145.5})
    guest_order(here, OTHER_GUEST, product(here, "Sound bath"))
    here.later(600)
    here.lose_the_state()


def unmark_record(here: Scene, stream: str, number: str) -> None:
    """Somebody restored it from somewhere, or cleaned its meta data."""
    metas = here.shop(stream)[number]["meta_data"]
    gone = [{"id": each["id"], "key": each["key"], "value": None} for each in metas if each["key"].startswith("notion")]
    here.edit_shop(stream, number, meta_data=gone)


SCENARIOS = {
    each.name: each
    for each in (
        Scenario("first", open_shop),
        Scenario("edits", edits_on_both_sides),
        Scenario("new", new_on_both_sides),
        Scenario("deletions", deletions, FULL, ARCHIVES),
        Scenario("returns", returns, SYNC, ARCHIVES),
        Scenario("adoption", adoption),
        Scenario("everybody", a_few_of_everybody, ("sync", "--all"), services=EVERYBODY),
    )
}
