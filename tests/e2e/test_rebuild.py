"""When the state is lost at the worst moment, and what a dry run and a push leave untouched."""

import hashlib
from collections.abc import Callable

import pytest

from tests.e2e.scene import Scene, title
from tests.e2e.test_kill import kill_when_held, markers_name_their_rows

OWN = {"External ID", "Source", "Last Synced"}


def new_row(here: Scene, name: str) -> str:
    """A person makes a row that is addressed to the shop; its page id."""
    properties = {"Name": title(name), "Price": {"number": 5}, "Source": {"multi_select": [{"name": "shop"}]}}
    parent = {"type": "data_source_id", "data_source_id": here.sources["Products"]}
    page: str = here.ground.control("POST", "notion/pages", {"parent": parent, "properties": properties})["id"]
    return page


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(
    ("service", "path"),
    [("notion", "/v1/pages"), ("woocommerce", ".*/products"), ("woocommerce", ".*/batch")],
    ids=["a page's create", "a product's create", "back-links"],
)
def test_engine_12_killed_and_the_state_is_lost_too(
    scene: Callable[..., Scene], service: str, path: str, side: str
) -> None:
    """Nothing but the markers tells what was already made."""
    here = scene("--records", "16")
    here.sync()
    here.later(600)
    new_row(here, "Made in Notion")
    here.ground.control("POST", "woocommerce/products", {"name": "Made in the shop", "regular_price": "9"})
    here.fault(service, path, {"hold": side}, method="POST")
    kill_when_held(here)
    here.later(120)
    here.lose_the_state()
    here.sync()
    assert len(here.rows()) == markers_name_their_rows(here) == 18
    names = [each["name"] for each in here.shop("products").values()]
    assert (names.count("Made in Notion"), names.count("Made in the shop")) == (1, 1)
    here.at_rest()


def test_a_dry_run_exits_as_the_run_would_and_leaves_the_state_as_it_is(scene: Callable[..., Scene]) -> None:
    """Both sides were edited and nobody remembers what they agreed on: that waits for a person, in the dry run too."""
    here = scene("--records", "16")
    here.sync()
    here.later(600)
    product = next(iter(here.shop("products")))
    here.edit_shop("products", product, regular_price="11")
    here.edit_row(f"shop:products:{product}", Price={"number": 22})
    here.lose_the_state()
    here.sync("sync", "--all", exit_code=3)
    here.later(600)
    state = here.ground.config.with_name("state.sqlite3")
    before = hashlib.sha256(state.read_bytes()).hexdigest()
    here.forget_requests()
    told = here.sync("sync", "--all", "--dry-run", exit_code=3)
    assert here.writes() == []
    assert hashlib.sha256(state.read_bytes()).hexdigest() == before
    did = here.sync("sync", "--all", exit_code=3)
    assert [each["kind"] for each in told["problems"]] == [each["kind"] for each in did["problems"]] == ["conflict"]
    assert (here.row(f"shop:products:{product}")["Price"], here.shop("products")[product]["regular_price"]) == (
        22, "11"
    )  # fmt: skip


def test_a_push_writes_only_its_own_three_columns_to_notion(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "16")
    here.sync()
    here.later(600)
    product, other = list(here.shop("products"))[:2]
    here.edit_shop("products", product, regular_price="11")
    here.edit_row(f"shop:products:{other}", Price={"number": 22})
    page = new_row(here, "Made in Notion")
    before = here.pages()
    here.sync("push", "--all")
    after = here.pages()
    changed = {
        (number, name)
        for number, one in after.items()
        for name, value in one["properties"].items()
        if value != before[number]["properties"][name]
    }
    assert {number for number, _ in changed} <= {page, here.row(f"shop:products:{other}")["id"]}
    assert {name for _, name in changed} <= OWN
    assert (page, "External ID") in changed
    assert float(here.shop("products")[other]["regular_price"]) == 22
    here.sync()
    assert here.row(f"shop:products:{product}")["Price"] == 11
    here.at_rest()
