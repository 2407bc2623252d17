"""The chapters of the demo. Each does something as a person would, lets the tool run, and checks both sides."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from higherself_sync import log
from higherself_sync.demo.services import SERVICES
from higherself_sync.demo.stage import SHOP, Wanted, staged
from higherself_sync.demo.telling import Telling, page_id_of, shown, title
from higherself_sync.state import State

STREAMS = ("products", "customers", "orders")

# ---------------------------------------------------------------------------------------------------------- chapters


def first_sync(telling: Telling) -> None:
    """The first sync.

    The databases are empty; the services are not. Every product, order, booking and answer becomes a row, and whoever
    bought, booked or answered a Client: one row a person. Each side gets a marker of the other, where it can hold one.
    """
    report = telling.sync()
    read = sum(each.read["service"] for each in report.streams)
    created = sum(each.created["notion"] for each in report.streams)
    telling.claim(read >= 600, f"{read} records were read, {created} rows made")
    pages = telling.pages()
    records = [(stream, record) for stream in STREAMS for record in telling.shop(stream)]
    matched = sum(_are_a_pair(stream, record, pages) for stream, record in records)
    telling.claim(matched == len(records), f"{matched} of {len(records)} records and their rows name each other")


def _are_a_pair(stream: str, record: dict[str, Any], pages: dict[str, dict[str, Any]]) -> bool:
    page = pages.get(page_id_of(record))
    return page is not None and f"{SHOP}:{stream}:{record['id']}" in shown(page, "External ID").splitlines()


def nothing_to_do(telling: Telling) -> None:
    """A second sync, with nothing to do.

    Ten minutes later nobody has changed anything. The run asks what is new, and writes nothing.
    """
    telling.sync()
    log = telling.stage.control("GET", "requests")["requests"]
    writes = [each for each in log if each["method"] != "GET" and not each["path"].endswith(("/query", "/search"))]
    telling.claim(not writes, f"{len(log)} requests, {len(writes)} of them writes")


def notion_to_shop(telling: Telling) -> None:
    """An edit in Notion reaches the shop.

    Somebody changes a price in the Products table.
    """
    product = telling.some_product()
    telling.edit_row(page_id_of(product), {"Price": {"number": 61.5}})
    telling.sync()
    price = telling.product(product["id"])["regular_price"]
    telling.claim(float(price) == 61.5, f"{product['name']}: {product['regular_price']} → {price} in the shop")


def shop_to_notion(telling: Telling) -> None:
    """An edit in the shop reaches Notion.

    A customer changes a phone number in the shop.
    """
    customer = telling.shop("customers")[0]
    telling.edit_shop("customers", customer["id"], {"billing": {"phone": "+49 30 5550123"}})
    telling.sync()
    phone = shown(telling.row_of(customer), "Phone")
    telling.claim(phone == "+49 30 5550123", f"{customer['first_name']}'s Phone is {phone} in Notion")


def different_fields(telling: Telling) -> None:
    """Both sides change one record, in different fields: both survive.

    The name is changed in Notion, the price in the shop.
    """
    product = telling.some_product()
    name = f"{product['name']} (new season)"
    telling.edit_row(page_id_of(product), {"Name": title(name)})
    telling.edit_shop("products", product["id"], {"regular_price": "77.70"})
    telling.sync()
    after, row = telling.product(product["id"]), telling.row_of(product)
    telling.claim(after["name"].replace("&amp;", "&") == shown(row, "Name"), f"both say: {shown(row, 'Name')}")
    telling.claim("(new season)" in after["name"], "the name of Notion is in the shop")
    telling.claim(float(after["regular_price"]) == shown(row, "Price") == 77.7, "the price of the shop is in Notion")


def same_field(telling: Telling) -> None:
    """Both sides change the same field: the policy decides, and the loser is in the log.

    A price is set to 10 in Notion and, two minutes later, to 20 in the shop. The policy is `newest`.
    """
    product = telling.some_product()
    telling.edit_row(page_id_of(product), {"Price": {"number": 10}})
    telling.later(timedelta(minutes=2))
    telling.edit_shop("products", product["id"], {"regular_price": "20"})
    telling.sync()
    sides = float(telling.product(product["id"])["regular_price"]), shown(telling.row_of(product), "Price")
    telling.claim(sides == (20.0, 20), f"both sides hold 20 (shop {sides[0]:g}, Notion {sides[1]:g})")
    lost = [row for row in _log(telling) if row["record_id"] == str(product["id"]) and '"10"' in (row["before"] or "")]
    telling.claim(bool(lost), f"the log has what lost: {_log_line(lost[0])}" if lost else "the log has what lost")


def _log(telling: Telling) -> list[dict[str, Any]]:
    with closing(State.open_readonly(telling.settings.state.path)) as state:
        return state.log_rows()


def _log_line(row: dict[str, Any]) -> str:
    values = f"{row['before']} gave way to {row['after']}"
    return f"{row['stream']} {row['record_id']}, {row['field']}: {values} ({row['cause']})"


def new_row(telling: Telling) -> None:
    """A new row in Notion becomes a product.

    Somebody adds a row to Products and chooses the shop in Source.
    """
    table = telling.row_of(telling.some_product())["parent"]
    row = telling.stage.control(
        "POST",
        "notion/pages",
        {
            "parent": {"type": "data_source_id", "data_source_id": table["data_source_id"]},
            "properties": {
                "Name": title("Weekend of Connection"),
                "Price": {"number": 145},
                "Source": {"multi_select": [{"name": SHOP}]},
            },
        },
    )
    telling.later(timedelta(minutes=2))
    telling.sync()
    made = [each for each in telling.shop("products") if each["name"] == "Weekend of Connection"]
    telling.claim(len(made) == 1, f"the shop has {len(made)} product of that name")
    for product in made:
        facts = f"{product['status']}, {product['regular_price']}"
        telling.claim((product["status"], float(product["regular_price"])) == ("draft", 145.0), f"it is a {facts}")
        marker = shown(telling.pages()[row["id"]], "External ID")
        telling.claim(marker == f"{SHOP}:products:{product['id']}", f"its row's External ID is {marker}")


CHAPTERS = (
    first_sync,
    nothing_to_do,
    notion_to_shop,
    shop_to_notion,
    different_fields,
    same_field,
    new_row,
    *SERVICES,
)


def tell(config: Path, say: Callable[[str], None], show_status: Callable[[dict[str, Any]], None]) -> int:
    """Tell all chapters, on a sandbox of their own whose config is at `config`.

    The number of claims that did not hold.
    """
    say("1. Notion and six services, made up, on this machine")
    say("  `hsn sandbox` starts the twins, and `hsn init` makes the databases under a page of that Notion.")
    with staged(Wanted(), config) as stage, log.to_file(config.with_name("hsn.log")):
        telling = Telling(stage, say)
        telling.claim(
            bool(telling.settings.notion.databases), f"databases: {', '.join(telling.settings.notion.databases)}"
        )
        for number, chapter in enumerate(CHAPTERS, start=2):
            heading, _, text = (chapter.__doc__ or "").strip().partition("\n\n")
            telling.later()
            say(f"\n{number}. {heading.rstrip('.')}")
            for line in text.splitlines():
                say(f"  {line.strip()}")
            chapter(telling)
        say("\nWhat `hsn status` says now:\n")
        with closing(State.open_readonly(telling.settings.state.path)) as state:
            show_status(state.status_json(telling.settings))
    return telling.broken
