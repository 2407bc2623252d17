"""What is deleted on one side, met by the whole tool (ENGINE 20 to 24)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.scene import Scene, plain, text, title
from tests.e2e.shop_hands import rest


def destroy(here: Scene, stream: str, record_id: str) -> None:
    rest(here, "DELETE", f"{stream}/{record_id}?force=true")


def in_trash(here: Scene, page_id: str) -> bool:
    return bool(here.pages()[page_id]["in_trash"])


def trash_row(here: Scene, page_id: str, *, trash: bool = True) -> None:
    here.ground.control("PATCH", f"notion/pages/{page_id}", {"in_trash": trash})


def move(here: Scene, page_id: str, database: str) -> None:
    parent = {"type": "data_source_id", "data_source_id": here.sources[database]}
    here.ground.control("POST", f"notion/pages/{page_id}/move", {"parent": parent})


def counts(report: dict[str, Any], stream: str) -> dict[str, Any]:
    return next(each for each in report["streams"] if each["stream"] == stream)


# ------------------------------------------------------------------------------------------ gone in the shop


def test_engine_22_a_trashed_product_takes_its_row_along_in_the_next_run(synced: Scene) -> None:
    product = next(iter(synced.shop("products")))
    page = synced.row(f"shop:products:{product}")["id"]
    rest(synced, "DELETE", f"products/{product}")
    report = synced.sync()
    assert in_trash(synced, page)
    assert counts(report, "products")["archived"] == {"service": 0, "notion": 1}
    assert [row[0] for row in synced.state("SELECT cause FROM log WHERE after = 'null' AND field = '*'")] == ["deleted"]
    synced.at_rest()


def test_engine_24_a_product_that_returns_gets_its_row_back(synced: Scene) -> None:
    product = next(iter(synced.shop("products")))
    page = synced.row(f"shop:products:{product}")["id"]
    rest(synced, "DELETE", f"products/{product}")
    synced.sync()
    synced.later(600)
    rest(synced, "PUT", f"products/{product}", {"status": "publish", "regular_price": "77.10"})
    synced.sync()
    assert not in_trash(synced, page)
    synced.later(600)
    synced.sync()
    assert synced.row(f"shop:products:{product}")["Price"] == 77.1
    synced.at_rest()


def test_engine_22_one_that_is_destroyed_is_found_by_a_full_read(synced: Scene) -> None:
    order = next(iter(synced.shop("orders")))
    page = synced.row(f"shop:orders:{order}")["id"]
    destroy(synced, "orders", order)
    synced.sync()
    assert not in_trash(synced, page), "nothing tells of it before the next sweep"
    synced.sync("sync", "--all", "--full")
    assert in_trash(synced, page)
    synced.at_rest()


def test_engine_21_a_dry_run_shows_what_would_be_trashed_and_does_nothing(synced: Scene) -> None:
    product = next(iter(synced.shop("products")))
    page = synced.row(f"shop:products:{product}")["id"]
    rest(synced, "DELETE", f"products/{product}")
    report = synced.sync("sync", "--all", "--dry-run")
    assert [(each["action"], each["page_id"]) for each in report["plan"]] == [("archive", page)]
    assert not in_trash(synced, page)


def test_engine_21_of_a_customer_only_the_link_goes_and_source_says_so(synced: Scene) -> None:
    customer = next(iter(synced.shop("customers")))
    row = synced.row(f"shop:customers:{customer}")
    destroy(synced, "customers", customer)
    synced.sync()
    after = plain(synced.pages()[row["id"]])
    assert not in_trash(synced, row["id"])
    assert (after["Source"], after["Name"]) == ([], row["Name"])
    synced.at_rest()
    synced.ground.control(
        "PATCH", f"notion/pages/{row['id']}", {"properties": {"Source": {"multi_select": [{"name": "shop"}]}}}
    )
    synced.later(600)
    synced.sync()
    assert customer not in synced.shop("customers")
    assert row["Email"] not in [each["email"] for each in synced.shop("customers").values()], "it is never made again"


def test_engine_24_a_row_that_was_edited_is_kept_and_a_person_is_asked(synced: Scene) -> None:
    first, second = list(synced.shop("products"))[:2]
    pages = [synced.row(f"shop:products:{each}")["id"] for each in (first, second)]
    for product in (first, second):
        synced.edit_row(f"shop:products:{product}", Name=title("Only here"))
        rest(synced, "DELETE", f"products/{product}")
    report = synced.sync(exit_code=3)
    assert not any(in_trash(synced, each) for each in pages)
    asked = {each["service_id"]: each for each in report["problems"]}
    assert {each["kind"] for each in asked.values()} == {"conflict"}
    synced.ground.hsn("resolve", str(asked[first]["id"]), "--keep", "notion")
    synced.ground.hsn("resolve", str(asked[second]["id"]), "--keep", "service")
    synced.sync()
    assert [in_trash(synced, each) for each in pages] == [False, True]
    synced.at_rest()


# ------------------------------------------------------------------------------------------- gone in Notion


def test_engine_21_a_row_in_the_trash_is_a_tombstone(synced: Scene) -> None:
    product = next(iter(synced.shop("products")))
    page = synced.row(f"shop:products:{product}")["id"]
    trash_row(synced, page)
    synced.sync()
    synced.later(600)
    synced.edit_shop("products", product, regular_price="3.10")
    synced.sync("sync", "--all", "--full")
    assert in_trash(synced, page)
    assert synced.shop("products")[product]["status"] != "trash"
    assert f"shop:products:{product}" not in synced.rows()
    synced.lose_the_state()
    synced.sync(exit_code=0)
    assert f"shop:products:{product}" not in synced.rows(), "not even when the state is lost (ENGINE 12)"


def test_engine_24_a_row_that_is_restored_goes_on_from_its_base(synced: Scene) -> None:
    product = next(iter(synced.shop("products")))
    page = synced.row(f"shop:products:{product}")["id"]
    trash_row(synced, page)
    synced.sync()
    synced.edit_shop("products", product, regular_price="3.10")
    synced.later(600)
    trash_row(synced, page, trash=False)
    synced.edit_row(f"shop:products:{product}", Name=title("Back again"))
    synced.sync()
    assert synced.row(f"shop:products:{product}")["Price"] == 3.1
    assert synced.shop("products")[product]["name"] == "Back again"
    synced.at_rest()


def test_engine_21_where_it_was_asked_for_the_product_follows_and_comes_back(synced: Scene) -> None:
    product = next(iter(synced.shop("products")))
    status = synced.shop("products")[product]["status"]
    page = synced.row(f"shop:products:{product}")["id"]
    text_ = synced.ground.config.read_text()
    synced.ground.config.write_text(text_ + '\n[services.shop.streams.products]\non_notion_delete = "archive"\n')
    trash_row(synced, page)
    synced.sync()
    assert synced.shop("products")[product]["status"] == "trash"
    synced.at_rest()
    trash_row(synced, page, trash=False)
    synced.sync()
    assert synced.shop("products")[product]["status"] == status
    synced.at_rest()
    assert not in_trash(synced, page)


def test_engine_24_a_row_that_was_moved_away_counts_as_trashed(synced: Scene) -> None:
    product = next(iter(synced.shop("products")))
    page = synced.row(f"shop:products:{product}")["id"]
    elsewhere = next(each["id"] for each in synced.pages().values() if each["parent"]["type"] == "workspace")
    synced.ground.control("POST", f"notion/pages/{page}/move", {"parent": {"type": "page_id", "page_id": elsewhere}})
    synced.sync("sync", "--all", "--full")
    synced.at_rest()
    assert f"shop:products:{product}" not in [line for line, row in synced.rows().items() if row["id"] != page]


@pytest.mark.parametrize("elsewhere", ["Feedback", "Appointments"])
def test_engine_24_a_row_moved_to_another_of_the_databases_and_back_empties_nothing(
    synced: Scene, elsewhere: str
) -> None:
    """Whatever Notion loses of its values on the way is no edit."""
    order, product = next(iter(synced.shop("orders"))), next(iter(synced.shop("products")))
    synced.edit_shop("orders", order, customer_note="please ring twice")
    synced.sync()
    synced.later(600)
    lines = {"Orders": f"shop:orders:{order}", "Products": f"shop:products:{product}"}
    pages = {name: synced.row(line)["id"] for name, line in lines.items()}
    before = {name: synced.row(line) for name, line in lines.items()}
    shop = synced.shop("orders")[order], synced.shop("products")[product]
    for page in pages.values():
        move(synced, page, elsewhere)
    synced.later(600)
    synced.forget_requests()
    synced.sync()
    synced.later(600)
    synced.sync("sync", "--all", "--full")
    assert synced.writes() == []
    for name, page in pages.items():
        move(synced, page, name)
    synced.later(600)
    synced.sync()
    assert (synced.shop("orders")[order], synced.shop("products")[product]) == shop
    synced.sync("sync", "--all", "--full")
    for name, line in lines.items():
        assert {**synced.row(line), "Last Synced": None} == {**before[name], "Last Synced": None}
    synced.at_rest()


def test_engine_22_a_page_that_is_gone_for_good_is_reported_and_a_person_decides(synced: Scene) -> None:
    product = next(iter(synced.shop("products")))
    page = synced.row(f"shop:products:{product}")["id"]
    synced.ground.control("DELETE", f"notion/pages/{page}")
    report = synced.sync("sync", "--all", "--full", exit_code=3)
    assert synced.shop("products")[product]["status"] != "trash"
    (problem,) = report["problems"]
    assert (problem["kind"], problem["page_id"]) == ("ambiguous", page)
    assert synced.ground.hsn("resolve", str(problem["id"]), "--keep", "service").returncode == 0
    synced.sync()
    assert synced.row(f"shop:products:{product}")["id"] != page
    synced.at_rest()


def test_engine_22_a_page_that_is_gone_for_good_may_stay_so(synced: Scene) -> None:
    product = next(iter(synced.shop("products")))
    synced.ground.control("DELETE", f"notion/pages/{synced.row(f'shop:products:{product}')['id']}")
    (problem,) = synced.sync("sync", "--all", "--full", exit_code=3)["problems"]
    assert synced.ground.hsn("resolve", str(problem["id"]), "--keep", "notion").returncode == 0
    synced.sync()
    synced.edit_shop("products", product, regular_price="3")
    synced.later(600)
    synced.sync("sync", "--all", "--full")
    assert f"shop:products:{product}" not in synced.rows()
    assert synced.shop("products")[product]["status"] == "publish"
    synced.at_rest()


# ----------------------------------------------------------------------------------------------- the limit


def test_engine_23_too_many_at_once_are_refused_and_the_rest_is_done(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "160")
    here.sync()
    here.later(600)
    products = list(here.shop("products"))
    pages = {each: here.row(f"shop:products:{each}")["id"] for each in products}
    for product in products[:6]:
        rest(here, "DELETE", f"products/{product}")
    here.edit_shop("products", products[7], regular_price="9.90")
    report = here.sync(exit_code=6)
    assert not any(in_trash(here, pages[each]) for each in products)
    error = counts(report, "products")["error"]
    assert error["code"] == "unsafe"
    assert "--force" in error["remedy"]
    assert here.row(f"shop:products:{products[7]}")["Price"] == 9.9, "the rest was done"
    here.later(600)
    here.sync(exit_code=6)
    here.sync("sync", "--all", "--force")
    assert [in_trash(here, pages[each]) for each in products[:8]] == [True] * 6 + [False] * 2
    here.at_rest()


def test_engine_23_a_column_emptied_at_once_counts_alike(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "160")
    here.sync()
    here.later(600)
    lines = [line for line, row in here.rows().items() if line.startswith("shop:orders:") and row["Customer Note"]]
    assert len(lines) >= 6
    notes = {line: here.shop("orders")[line.rpartition(":")[2]]["customer_note"] for line in lines}
    for line in lines:
        here.edit_row(line, **{"Customer Note": text("")})
    report = here.sync(exit_code=6)
    assert "Customer Note" in counts(report, "orders")["error"]["message"]
    kept = {line: here.shop("orders")[line.rpartition(":")[2]]["customer_note"] for line in lines}
    assert kept == notes
    here.sync("sync", "--all", "--force")
    assert {here.shop("orders")[line.rpartition(":")[2]]["customer_note"] for line in lines} == {""}
    here.at_rest()


# ------------------------------------------------------------------------------- what is no deletion at all


def test_engine_22_an_empty_listing_with_every_sign_of_success_deletes_nothing(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "260")
    here.sync()
    here.later(600)
    empty = {"status": 200, "headers": {"X-WP-Total": "0", "X-WP-TotalPages": "0"}, "body": []}
    here.fault("woocommerce", "/wp-json/wc/v3/products", empty, method="GET", times=1)
    report = here.sync("sync", "--all", "--full", exit_code=5)
    assert "left out" in counts(report, "products")["error"]["message"]
    here.mend()
    here.sync("sync", "--all", "--full")
    assert sum(each["in_trash"] for each in here.pages().values()) == 0
    here.at_rest()


def test_engine_22_a_database_that_is_not_shared_any_more_deletes_nothing(synced: Scene) -> None:
    databases = synced.ground.control("GET", "dump")["notion"]["databases"]
    products = next(each["id"] for each in databases if each["title"][0]["plain_text"] == "Products")
    synced.ground.control("POST", f"notion/databases/{products}/share", {"shared": False})
    synced.sync("sync", "--all", "--full", exit_code=5)
    assert "trash" not in {each["status"] for each in synced.shop("products").values()}
    synced.ground.control("POST", f"notion/databases/{products}/share", {"shared": True})
    synced.at_rest()


def test_engine_17_another_shop_behind_the_same_address_changes_nothing(synced: Scene) -> None:
    before = synced.pages()
    shop = synced.ground.control("GET", "dump")["woocommerce"]
    others = [{**each, "date_created": "2020-01-01T00:00:00", "date_created_gmt": "2020-01-01T00:00:00",
               "meta_data": [], "first_name": "Other"} for each in shop["customers"]]  # fmt: skip
    synced.ground.control("POST", "load", {"woocommerce": {"customers": others}})
    report = synced.ground.hsn("sync", "--all", "--json")
    assert report.returncode == 4, report.stdout
    assert "another shop" in report.stdout
    assert synced.pages() == before
