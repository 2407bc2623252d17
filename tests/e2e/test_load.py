"""A real shop, as it was recorded, comes to the right rows: against a table that was written by hand."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.scene import Scene

RECORDED = Path(__file__).parent.parent / "recorded"
EXPECTED = tomllib.loads((RECORDED / "expected_rows.toml").read_text(encoding="utf-8"))
COLUMNS = {"sku": "SKU", "customer_note": "Customer Note"}


def test_every_object_of_a_recorded_shop_is_the_row_that_a_person_expects(scene: Callable[..., Scene]) -> None:
    here = scene("--load", str(RECORDED / "woocommerce-shop"))
    here.sync()
    rows = here.rows()
    emails = {row["id"]: row["Email"] for row in rows.values() if "Email" in row}
    products = {row["id"]: line.rpartition(":")[2] for line, row in rows.items() if "SKU" in row}
    wrong = {
        (line, name): (shown, wanted)
        for line, fields in _expected().items()
        for name, wanted in fields.items()
        if (shown := _shown(rows[line], name, emails, products)) != _wanted(name, wanted, products)
    }
    assert wrong == {}
    assert len(_expected()) >= 50
    for stream, ids in EXPECTED["absent"].items():
        assert not [each for each in ids if f"shop:{stream}:{each}" in rows]


def test_every_record_has_just_one_row(scene: Callable[..., Scene]) -> None:
    here = scene("--load", str(RECORDED / "woocommerce-shop"))
    here.sync()
    rows = here.rows()
    for stream in ("products", "variations", "customers", "orders"):
        live = {f"shop:{stream}:{number(one)}" for one in here.shop(stream).values() if one.get("status") != "trash"}
        assert live == {line for line in rows if line.startswith(f"shop:{stream}:")}
    guests = {
        one["billing"]["email"].casefold()
        for one in here.shop("orders").values()
        if one["customer_id"] == 0 and one["status"] != "trash"
    }
    assert {f"shop:people:{each}" for each in guests} == {line for line in rows if line.startswith("shop:people:")}
    here.at_rest()


def number(one: dict[str, Any]) -> str:
    """The record's id: a variation's has its product's before it."""
    return f"{one['parent_id']}-{one['id']}" if one.get("type") == "variation" else str(one["id"])


def _expected() -> dict[str, dict[str, Any]]:
    tables = [(stream, EXPECTED[stream]) for stream in ("products", "variations", "customers", "orders")]
    found = {f"shop:{stream}:{record}": fields for stream, table in tables for record, fields in table.items()}
    return found | {f"shop:people:{key}": fields for key, fields in EXPECTED["people"].items()}


def _shown(row: dict[str, Any], name: str, emails: dict[str, Any], products: dict[str, str]) -> Any:
    value = row[COLUMNS.get(name, name.capitalize())]
    match name:
        case "client":
            return [emails[each] for each in value]
        case "products":
            return sorted(products[each] for each in value)
        case _:
            return value or (0 if value == 0 and value is not None else "")


def _wanted(name: str, wanted: Any, products: dict[str, str]) -> Any:
    match name:
        case "client":
            return [wanted] if wanted else []
        case "products":
            return sorted(str(each) for each in wanted if str(each) in products.values())
        case "price" | "total" | "refunded":
            return float(wanted) if wanted != "" else ""
        case "placed":
            return wanted.replace("Z", ":00.000+00:00") if len(wanted) == 17 else wanted
        case _:
            return wanted
