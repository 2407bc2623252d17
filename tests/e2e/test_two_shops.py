"""Two shops in one hub: only Clients are shared, and an account has one name (ENGINE 13, 17, 21)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.scene import Scene
from tests.e2e.shop_hands import made, rest
from tests.sandboxed import sandbox


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[tuple[Scene, Scene]]:
    """The first has a hub and a shop, and knows the second one's shop under the name `space`."""
    (tmp_path / "other").mkdir()
    with (
        sandbox(tmp_path, "--records", "10") as one,
        sandbox(tmp_path / "other", "--records", "10", "--seed", "4") as two,
    ):
        table = one.config.read_text()
        shop = table[table.index("[services.shop]") : table.index("[sync]")]
        space = shop.replace("services.shop", "services.space").replace(one.url, two.url)
        one.config.write_text(table.replace("[sync]", f"{space}\n[sync]"))
        yield Scene(one), Scene(two)


def account(there: Scene, person: dict[str, Any]) -> dict[str, Any]:
    """The same person opens an account there."""
    known = {name: person[name] for name in ("email", "first_name", "last_name", "billing")}
    status, made_ = rest(there, "POST", "customers", known)
    assert status == 201
    return dict(made_)


def test_engine_13_who_buys_in_both_is_one_row_and_everything_else_is_two(shops: tuple[Scene, Scene]) -> None:
    here, there = shops
    kim = here.shop("customers")[next(iter(here.shop("customers")))]
    billing = {name: kim[name] for name in ("first_name", "last_name")} | {"email": kim["email"].upper()}
    made(there, "orders", billing=billing)
    here.sync()
    rows = here.rows()
    for stream in ("products", "orders"):
        assert len([line for line in rows if f":{stream}:" in line]) == len(here.shop(stream)) + len(there.shop(stream))
    shared = rows[f"shop:customers:{kim['id']}"]
    assert shared["External ID"].splitlines() == [f"shop:customers:{kim['id']}", f"space:people:{kim['email'].lower()}"]
    assert shared["Source"] == ["shop", "space"]
    here.at_rest()


def test_engine_4_an_edit_in_one_shop_reaches_the_other_through_notion(shops: tuple[Scene, Scene]) -> None:
    here, there = shops
    kim = here.shop("customers")[next(iter(here.shop("customers")))]
    twin = account(there, kim)
    here.sync()
    here.later(600)
    rest(there, "PUT", f"customers/{twin['id']}", {"billing": {"phone": "+49 30 4711"}})
    here.sync()
    assert here.shop("customers")[str(kim["id"])]["billing"]["phone"] == "+49 30 4711"
    assert here.row(f"space:customers:{twin['id']}")["Phone"] == "+49 30 4711"
    here.at_rest()


def test_engine_21_a_shared_row_stays_when_one_shop_deletes_its_customer(shops: tuple[Scene, Scene]) -> None:
    here, there = shops
    kim = here.shop("customers")[next(iter(here.shop("customers")))]
    twin = account(there, kim)
    here.sync()
    here.later(600)
    rest(there, "DELETE", f"customers/{twin['id']}?force=true")
    here.sync(exit_code=0)
    assert here.row(f"shop:customers:{kim['id']}")["Source"] == ["shop"]
    here.at_rest()


def test_engine_17_one_shop_under_two_names_is_refused(shops: tuple[Scene, Scene]) -> None:
    here, there = shops
    here.sync()
    table = here.ground.config.read_text()
    here.ground.config.write_text(table.replace("[services.space", "[services.gallery"))
    done = here.ground.hsn("sync", "--all")
    assert done.returncode == 4
    assert "has been synced under the name space" in done.stderr
    here.ground.config.write_text(table.replace(there.ground.url, here.ground.url))
    assert here.ground.hsn("sync", "--all").returncode == 4
