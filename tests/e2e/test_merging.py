"""What both sides' edits come to, stream by stream, and what a record keeps that hsn did not write."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.scene import Scene, text, title

RECORDED = Path(__file__).parent.parent / "recorded" / "woocommerce"


def some(here: Scene, stream: str, count: int) -> list[str]:
    """Ids of that many records; of orders, those whose status may be changed to anything."""
    return list(here.shop(stream))[:count]


def created(report: dict[str, Any]) -> int:
    return sum(sum(each["created"].values()) for each in report["streams"])


def marks(record: dict[str, Any]) -> dict[str, str]:
    return {each["key"]: each["value"] for each in record["meta_data"] if each["key"].startswith("notion_")}


def test_a_customers_fields_travel_both_ways(synced: Scene) -> None:
    here, (first, second) = synced, some(synced, "customers", 2)
    before = here.shop("customers")[second]["billing"]
    here.edit_shop("customers", first, first_name="Ana María", last_name="de la Cruz", email="ana.new@example.com")
    here.edit_row(
        f"shop:customers:{second}",
        Name=title("王 小明 Özdemir"),
        Email={"email": "renamed@example.com"},
        Phone={"phone_number": "+90 212 555 0100"},
    )
    assert created(here.sync()) == 0
    row, customer = here.row(f"shop:customers:{first}"), here.shop("customers")[second]
    assert (row["Name"], row["Email"]) == ("Ana María de la Cruz", "ana.new@example.com")
    assert f"{customer['first_name']} {customer['last_name']}" == "王 小明 Özdemir"
    assert customer["email"] == "renamed@example.com"
    assert customer["billing"] == before | {"phone": "+90 212 555 0100"}, "the rest of the address is untouched"
    here.at_rest()


def test_an_orders_status_and_note_travel_both_ways(synced: Scene) -> None:
    here, (first, second) = synced, some(synced, "orders", 2)
    lines = here.shop("orders")[second]["line_items"]
    here.edit_shop("orders", first, status="cancelled", customer_note="Bitte klingeln")
    here.edit_row(
        f"shop:orders:{second}",
        Status={"select": {"name": "on-hold"}},
        **{"Customer Note": text('<b>"two"</b> & ❤️\nlines')},
    )
    assert created(here.sync()) == 0
    row, order = here.row(f"shop:orders:{first}"), here.shop("orders")[second]
    assert (row["Status"], row["Customer Note"]) == ("cancelled", "Bitte klingeln")
    assert (order["status"], order["customer_note"]) == ("on-hold", '<b>"two"</b> & ❤️\nlines')
    assert order["line_items"] == lines
    here.at_rest()


def test_what_is_emptied_on_one_side_is_emptied_on_the_other(synced: Scene) -> None:
    here, (first, second) = synced, some(synced, "products", 2)
    here.edit_shop("products", first, regular_price="")
    here.edit_row(f"shop:products:{second}", Price={"number": None}, SKU={"rich_text": []})
    here.sync()
    product = here.shop("products")[second]
    assert here.row(f"shop:products:{first}")["Price"] is None
    assert (product["regular_price"], product["sku"]) == ("", "")
    here.at_rest()


def test_the_later_edit_wins_when_it_is_notions_too(synced: Scene) -> None:
    here, (product,) = synced, some(synced, "products", 1)
    here.edit_shop("products", product, regular_price="20")
    here.later(120)
    here.edit_row(f"shop:products:{product}", Price={"number": 10})
    here.sync()
    assert float(here.shop("products")[product]["regular_price"]) == 10
    assert here.row(f"shop:products:{product}")["Price"] == 10
    assert here.state("SELECT side, before, after FROM log WHERE cause = 'policy'") == [("service", '"20"', '"10"')]
    here.at_rest()


def test_a_page_that_a_person_trashed_is_not_made_again(synced: Scene) -> None:
    here, (product,) = synced, some(synced, "products", 1)
    page = here.row(f"shop:products:{product}")["id"]
    here.ground.control("PATCH", f"notion/pages/{page}", {"in_trash": True})
    here.later(600)
    here.edit_shop("products", product, regular_price="31")
    for command in (("sync", "--all"), ("sync", "--all", "--full")):
        assert created(here.sync(*command)) == 0
        here.later(600)
    here.lose_the_state()
    assert created(here.sync()) == 0
    assert f"shop:products:{product}" not in here.rows()
    assert product in here.shop("products")


def test_what_the_shop_refuses_is_set_aside_and_heals(synced: Scene) -> None:
    here, (first, second) = synced, some(synced, "products", 2)
    refusal = {"code": "product_invalid_sku", "message": "Invalid or duplicated SKU.", "data": {"status": 400}}
    here.fault("woocommerce", f".*/products/{first}", {"status": 400, "body": refusal}, method="PUT", times=None)
    for product in (first, second):
        here.edit_row(f"shop:products:{product}", Price={"number": 33})
    report = here.sync(exit_code=3)
    assert [(each["kind"], each["service_id"]) for each in report["problems"]] == [("set_aside", first)]
    assert "Invalid or duplicated SKU." in report["problems"][0]["reason"]
    assert float(here.shop("products")[second]["regular_price"]) == 33
    here.mend()
    here.later(600)
    assert here.sync()["problems"] == []
    assert float(here.shop("products")[first]["regular_price"]) == 33
    here.at_rest()


def test_only_what_a_service_owns_is_put_back_when_the_rest_of_the_row_was_edited_too(synced: Scene) -> None:
    here, (order,) = synced, some(synced, "orders", 1)
    before = here.row(f"shop:orders:{order}")
    here.edit_row(
        f"shop:orders:{order}", Total={"number": 1}, Items=text("rubbish"), **{"Customer Note": text("wanted")}
    )
    report = here.sync()
    assert sum(each["restored"] for each in report["streams"]) == 2
    after = here.row(f"shop:orders:{order}")
    assert (after["Total"], after["Items"]) == (before["Total"], before["Items"])
    assert here.shop("orders")[order]["customer_note"] == after["Customer Note"] == "wanted"
    here.at_rest()


def test_a_new_row_tells_where_it_came_to(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "8")
    here.sync()
    body = {
        "parent": {"type": "data_source_id", "data_source_id": here.sources["Products"]},
        "properties": {"Name": title("Sound bath"), "Source": {"multi_select": [{"name": "shop"}]}},
    }
    page = here.ground.control("POST", "notion/pages", body)["id"]
    here.sync()
    ((number, product),) = [each for each in here.shop("products").items() if each[1]["name"] == "Sound bath"]
    row = here.row(f"shop:products:{number}")
    assert (row["id"], row["Source"], row["Status"]) == (page, ["shop"], "draft")
    assert row["Last Synced"] is not None
    assert marks(product)["notion_page_id"] == page
    assert marks(product)["notion_managed"] == "true"


def test_foreign_markers_of_a_recorded_shop_give_way_to_ours_and_are_named_once(scene: Callable[..., Scene]) -> None:
    """INTERFACE section 3: another tool's ids, one of which is no UUID; no page of ours answers to them."""
    here = scene("--records", "0")
    lists = ("customers", "products", "orders")
    recorded = {each: json.loads((RECORDED / f"{each}_list.json").read_text(encoding="utf-8")) for each in lists}
    foreign = {
        f"shop:{stream}:{each['id']}"
        for stream in lists
        for each in recorded[stream]
        if "notion_page_id" in marks(each)
    }
    assert len(foreign) == 4
    here.ground.control("POST", "load", {"woocommerce": recorded})
    done = here.ground.hsn("-v", "sync", "--all")
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert {line: said.count(f"{line}:") for line in foreign} == dict.fromkeys(foreign, 1)
    rows = here.rows()
    for stream in lists:
        for number, thing in here.shop(stream).items():
            if f"shop:{stream}:{number}" in rows:
                assert marks(thing)["notion_page_id"] == rows[f"shop:{stream}:{number}"]["id"]
                assert marks(thing)["notion_managed"] == "true"
                assert "notion_last_synced" in marks(thing)
    here.later(600)
    done = here.ground.hsn("-v", "sync", "--all")
    assert "notion_page_id" not in done.stdout + done.stderr
    here.at_rest()


def test_engine_18_external_ids_that_were_emptied_are_there_again_before_the_state_is_lost(synced: Scene) -> None:
    here, before = synced, synced.rows()
    for line in before:
        here.edit_row(line, **{"External ID": text("")})
    here.sync()
    assert here.rows().keys() == before.keys()
    here.at_rest()
    here.lose_the_state()
    assert created(here.sync()) == 0


def test_engine_18_a_line_of_another_row_is_named(synced: Scene) -> None:
    here, (first, second) = synced, some(synced, "products", 2)
    mine, other = f"shop:products:{first}", f"shop:products:{second}"
    page = here.row(mine)["id"]
    here.edit_row(mine, **{"External ID": text(other)})
    report = here.sync(exit_code=3)
    here.later(600)
    report = here.sync(exit_code=3)
    assert [(each["page_id"], other in each["reason"]) for each in report["problems"]] == [(page, True)]
    found = here.pages()[page]["properties"]["External ID"]["rich_text"]
    assert set("".join(each["plain_text"] for each in found).splitlines()) == {mine, other}
    here.ground.control("PATCH", f"notion/pages/{page}", {"properties": {"External ID": text(mine)}})
    here.later(600)
    assert here.sync()["problems"] == []


def test_engine_20_names_in_source_that_make_nothing_are_told_until_they_are_corrected(synced: Scene) -> None:
    here = synced
    named = [{"name": name} for name in ("shop", "shopp")]
    parent = {"type": "data_source_id", "data_source_id": here.sources["Products"]}
    properties = {"Name": title("New"), "Source": {"multi_select": named}}
    page = here.ground.control("POST", "notion/pages", {"parent": parent, "properties": properties})["id"]
    parent = {"type": "data_source_id", "data_source_id": here.sources["Orders"]}
    properties = {"Order": title("#900"), "Source": {"multi_select": named[:1]}}
    bought = here.ground.control("POST", "notion/pages", {"parent": parent, "properties": properties})["id"]
    report = here.sync(exit_code=3)
    assert created(report) == 1, "the product is made all the same"
    assert {each["page_id"]: each["reason"] for each in report["problems"]} == {
        page: "Source names `shopp`, which is no service: correct it; did you mean `shop`?",
        bought: "Source names shop, and no orders are made there out of rows: take it out of Source",
    }
    assert here.ground.hsn("sync", "--all").stderr == "", "it was told once"
    for each, right in ((page, named[:1]), (bought, [])):
        here.ground.control("PATCH", f"notion/pages/{each}", {"properties": {"Source": {"multi_select": right}}})
    here.later(600)
    assert here.sync()["problems"] == []
