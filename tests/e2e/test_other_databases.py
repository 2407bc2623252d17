"""Databases that the config did not name before: they are not left empty without a word, and may be filled anew."""

import tomllib
from collections import Counter
from collections.abc import Callable

import pytest
import tomli_w

from higherself_sync.sandbox.notion import NotionTwin
from tests.e2e.scene import Scene, plain

USED = ("clients", "products", "orders")


@pytest.fixture
def here(scene: Callable[..., Scene]) -> Scene:
    """Synced and at rest."""
    here = scene("--records", "16")
    here.sync()
    here.later(600)
    return here


def databases(here: Scene) -> dict[str, str]:
    found: dict[str, str] = tomllib.loads(here.ground.config.read_text())["notion"]["databases"]
    return found


def name(here: Scene, databases: dict[str, str]) -> None:
    table = tomllib.loads(here.ground.config.read_text())
    table["notion"]["databases"] = databases
    here.ground.config.write_text(tomli_w.dumps(table))


def name_fresh_ones(here: Scene) -> None:
    """`hsn init` under another page, and the config names what it made."""
    parent = {"type": "page_id", "page_id": NotionTwin.ROOT_PAGE}
    title = {"title": {"title": [{"text": {"content": "Another branch"}}]}}
    page = here.ground.control("POST", "notion/pages", {"parent": parent, "properties": title})["id"]
    name(here, {})
    done = here.ground.hsn("init", "--page", page, "--yes")
    assert (done.returncode, done.stderr) == (0, "")


def lines(here: Scene) -> Counter[str]:
    """Of External ID, in the rows of the databases that the config names now."""
    dump = here.ground.control("GET", "dump")["notion"]
    named = databases(here).values()
    sources = {each["id"] for each in dump["data_sources"] if each["parent"]["database_id"] in named}
    rows = [each for each in dump["pages"] if each["parent"].get("data_source_id") in sources and not each["in_trash"]]
    return Counter(line for row in rows for line in (plain(row)["External ID"] or "").splitlines())


@pytest.mark.parametrize("options", [(), ("--full",), ("--dry-run",)])
def test_engine_17_other_databases_while_rows_are_linked_are_refused(here: Scene, options: tuple[str, ...]) -> None:
    former = databases(here)
    name_fresh_ones(here)
    here.forget_requests()
    done = here.ground.hsn("sync", "--all", *options)
    assert done.returncode == 4
    told, remedy = done.stderr.splitlines()
    assert "[notion.databases] clients, products, orders: another database" in told
    assert all(f'{entity} = "{former[entity]}"' in remedy for entity in USED)
    assert "--rebuild" in remedy
    assert here.writes() == []
    health = here.ground.hsn("-q", "health")
    assert (health.returncode, "another database than before" in health.stdout) == (4, True)
    name(here, former)
    here.at_rest()


def test_one_other_database_is_refused_too(here: Scene) -> None:
    """Products in the trash, and a new one made in its place: Orders still leads to the former."""
    former = databases(here)
    here.ground.control("PATCH", f"notion/databases/{former['products']}", {"in_trash": True})
    name(here, {entity: each for entity, each in former.items() if entity != "products"})
    done = here.ground.hsn("init", "--page", NotionTwin.ROOT_PAGE, "--yes")
    assert done.returncode == 4
    assert '"Products" leads to another database' in done.stderr
    for options in ((), ("--full",)):
        done = here.ground.hsn("sync", "--all", *options)
        assert (done.returncode, "[notion.databases] products" in done.stderr) == (4, True)
    assert here.ground.hsn("health").returncode == 4


@pytest.mark.parametrize("trashed", [False, True], ids=["the former live on", "the former are in the trash"])
def test_engine_12_a_rebuild_fills_other_databases_whole(here: Scene, trashed: bool) -> None:
    """The markers name rows of the former databases, which say nothing of rows of these: no tombstone."""
    whole, former = lines(here), databases(here)
    name_fresh_ones(here)
    if trashed:
        for each in former.values():
            here.ground.control("PATCH", f"notion/databases/{each}", {"in_trash": True})
    report = here.sync("sync", "--all", "--rebuild")
    assert report["problems"] == []
    assert lines(here) == whole
    assert set(whole.values()) == {1}
    here.at_rest()
    here.lose_the_state()
    here.sync()
    assert lines(here) == whole, "the markers name the new rows"


def test_engine_24_a_row_that_was_moved_to_a_page_is_not_made_again_when_the_state_is_lost(here: Scene) -> None:
    product = next(iter(here.shop("products")))
    page = here.row(f"shop:products:{product}")["id"]
    parent = {"type": "page_id", "page_id": NotionTwin.ROOT_PAGE}
    here.ground.control("POST", f"notion/pages/{page}/move", {"parent": parent})
    here.sync("sync", "--all", "--rebuild")
    assert f"shop:products:{product}" not in lines(here)


def test_engine_12_a_row_that_was_trashed_in_these_databases_stays_so(here: Scene) -> None:
    product = next(iter(here.shop("products")))
    page = here.row(f"shop:products:{product}")["id"]
    here.ground.control("PATCH", f"notion/pages/{page}", {"in_trash": True})
    here.sync("sync", "--all", "--rebuild")
    assert f"shop:products:{product}" not in lines(here)
