"""The main job over real HTTP: first sync, rest, edits in both directions, a new row, a lost state."""

from collections.abc import Callable

from tests.e2e.scene import Scene, text, title


def test_first_sync_costs_little_more_than_its_pages_and_then_it_rests(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "120")
    report = here.sync()
    made = sum(each["created"]["notion"] for each in report["streams"])
    assert made >= len(here.ground.records()["shop"]) > 40
    assert report["requests"]["notion"] <= 1.05 * made + 40
    here.later(600)
    here.sync()
    here.later(600)
    here.forget_requests()
    report = here.sync()
    paths = sorted(f"{each['service']} {each['method']} {each['path'].split('/')[-1]}" for each in here.requests())
    assert paths == [
        "notion POST query",
        "notion POST query",
        "notion POST query",
        "notion POST search",  # for rows in the trash
        "woocommerce GET customers",
        *["woocommerce GET orders"] * 2,  # what changed, and what was thrown away
        *["woocommerce GET products"] * 2,  # the same, for the variations too
    ]
    assert report["exit_code"] == 0


def test_engine_12_a_lost_state_costs_no_record_and_no_edit(scene: Callable[..., Scene]) -> None:
    """Three edits in the shop and three in Notion, on six records; then the state is deleted."""
    here = scene("--records", "30")
    here.sync()
    here.later(600)
    products, customers = (list(here.shop(stream)) for stream in ("products", "customers"))
    orders = list(here.shop("orders"))
    here.edit_shop("products", products[0], regular_price="77.70")
    here.edit_shop("customers", customers[0], billing={"phone": "+49 30 777"})
    here.edit_shop("orders", orders[0], status="on-hold")
    here.edit_row(f"shop:products:{products[1]}", Price={"number": 88.8})
    here.edit_row(f"shop:customers:{customers[1]}", Phone={"phone_number": "+49 30 888"})
    here.edit_row(f"shop:orders:{orders[1]}", **{"Customer Note": text("ring twice")})
    here.lose_the_state()
    report = here.sync()
    assert all(each["created"] == {"service": 0, "notion": 0} for each in report["streams"])
    rows = here.rows()
    assert rows[f"shop:products:{products[0]}"]["Price"] == 77.7
    assert rows[f"shop:customers:{customers[0]}"]["Phone"] == "+49 30 777"
    assert rows[f"shop:orders:{orders[0]}"]["Status"] == "on-hold"
    assert float(here.shop("products")[products[1]]["regular_price"]) == 88.8
    assert here.shop("customers")[customers[1]]["billing"]["phone"] == "+49 30 888"
    assert here.shop("orders")[orders[1]]["customer_note"] == "ring twice"
    here.at_rest()


def test_edits_on_both_sides_of_one_record(scene: Callable[..., Scene]) -> None:
    """Different fields: both survive. The same field: the later one wins, and the log has the loser."""
    here = scene("--records", "30")
    here.sync()
    here.later(600)
    first, second = list(here.shop("products"))[:2]
    here.edit_shop("products", first, regular_price="12")
    here.edit_row(f"shop:products:{first}", Name=title("Renamed"))
    here.edit_row(f"shop:products:{second}", Price={"number": 10})
    here.later(120)
    here.edit_shop("products", second, regular_price="20")
    here.sync()
    assert here.row(f"shop:products:{first}")["Price"] == 12
    assert here.shop("products")[first]["name"] == "Renamed"
    assert here.row(f"shop:products:{second}")["Price"] == 20
    assert float(here.shop("products")[second]["regular_price"]) == 20
    assert here.state("SELECT before, after, cause FROM log WHERE field = 'price' AND cause = 'policy'") == [
        ('"10"', '"20"', "policy")
    ]
    here.at_rest()


def test_engine_10_a_total_is_put_back_once(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    here.sync()
    here.later(600)
    order = next(iter(here.shop("orders")))
    total = here.row(f"shop:orders:{order}")["Total"]
    here.edit_row(f"shop:orders:{order}", Total={"number": 1})
    report = here.sync()
    assert sum(each["restored"] for each in report["streams"]) == 1
    assert here.row(f"shop:orders:{order}")["Total"] == total
    here.later(600)
    here.edit_row(f"shop:orders:{order}", Total={"number": 1})
    report = here.sync(exit_code=3)
    assert here.row(f"shop:orders:{order}")["Total"] == 1
    assert [each["kind"] for each in report["problems"]] == ["not_taken"]


def test_engine_20_a_new_row_becomes_a_product(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    here.sync()
    body = {
        "parent": {"type": "data_source_id", "data_source_id": here.sources["Products"]},
        "properties": {
            "Name": title("Weekend of Connection"),
            "Price": {"number": 145.5},
            "Source": {"multi_select": [{"name": "shop"}]},
        },
    }
    page = here.ground.control("POST", "notion/pages", body)["id"]
    report = here.sync()
    assert sum(each["created"]["service"] for each in report["streams"]) == 1
    made = [each for each in here.shop("products").values() if each["name"] == "Weekend of Connection"]
    assert [(each["status"], float(each["regular_price"])) for each in made] == [("draft", 145.5)]
    marks = {each["key"]: each["value"] for each in made[0]["meta_data"]}
    assert marks["notion_page_id"] == page
    assert here.row(f"shop:products:{made[0]['id']}")["id"] == page
    here.at_rest()
    assert len([each for each in here.shop("products").values() if each["name"] == "Weekend of Connection"]) == 1


def test_engine_25_a_persons_extra_relation_stays_and_a_trashed_target_is_no_change(
    scene: Callable[..., Scene],
) -> None:
    here = scene("--records", "30")
    here.sync()
    here.later(600)
    rows = here.rows()
    line, order = next((line, row) for line, row in rows.items() if line.startswith("shop:orders:") and row["Products"])
    extra = next(
        row["id"]
        for name, row in rows.items()
        if name.startswith("shop:products:") and row["id"] not in order["Products"]
    )
    wanted = sorted([*order["Products"], extra])
    here.edit_row(line, Products={"relation": [{"id": each} for each in wanted]})
    here.edit_shop("orders", line.rpartition(":")[2], customer_note="changed")
    here.sync()
    assert here.row(line)["Products"] == wanted
    assert here.row(line)["Customer Note"] == "changed"
    here.ground.control("PATCH", f"notion/pages/{order['Products'][0]}", {"in_trash": True})
    here.later(600)
    here.sync("sync", "--all", "--full")
    here.later(600)
    here.forget_requests()
    here.sync("sync", "--all", "--full")
    assert here.writes() == []


def test_engine_15_a_copied_row_is_named_and_left_alone(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    here.sync()
    here.later(600)
    product = next(iter(here.shop("products")))
    page = here.row(f"shop:products:{product}")["id"]
    copy = here.ground.control("POST", f"notion/pages/{page}/duplicate", {})["id"]
    report = here.sync(exit_code=3)
    assert [(each["kind"], each["page_id"]) for each in report["problems"]] == [("ambiguous", copy)]
    here.ground.control(
        "PATCH", f"notion/pages/{copy}", {"properties": {"External ID": {"rich_text": []}, "SKU": {"rich_text": []}}}
    )
    count = len(here.shop("products"))
    here.later(600)
    here.sync()
    assert len(here.shop("products")) == count + 1, "emptied, it is a row of its own, and Source names the shop"
    here.at_rest()
