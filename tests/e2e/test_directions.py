"""`pull`, `push` and `--dry-run`: each writes just what it says, and what it leaves over is done by the next sync."""

from collections.abc import Callable

from tests.e2e.scene import Scene, text


def edited_on_both_sides(here: Scene) -> tuple[str, str]:
    here.sync()
    here.later(600)
    first, second = list(here.shop("products"))[:2]
    here.edit_shop("products", first, regular_price="12.30")
    here.edit_row(f"shop:products:{second}", Price={"number": 45.6})
    here.forget_requests()
    return first, second


def prices(here: Scene, product: str) -> tuple[float, float]:
    return here.row(f"shop:products:{product}")["Price"], float(here.shop("products")[product]["regular_price"])


def test_a_pull_writes_nothing_to_the_shop(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    first, second = edited_on_both_sides(here)
    here.sync("pull", "--all")
    assert not [each for each in here.writes() if "wp-json" in each]
    assert prices(here, first) == (12.3, 12.3)
    assert prices(here, second)[1] != 45.6
    here.sync()
    assert prices(here, second) == (45.6, 45.6)
    here.at_rest()


def test_a_push_writes_nothing_to_notion(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    first, second = edited_on_both_sides(here)
    here.sync("push", "--all")
    assert not [each for each in here.writes() if "/v1/" in each]
    assert prices(here, second) == (45.6, 45.6)
    assert prices(here, first)[0] != 12.3
    here.sync()
    assert prices(here, first) == (12.3, 12.3)
    here.at_rest()


def test_a_first_pull_writes_markers_and_no_more_to_the_shop(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    here.sync("pull", "--all")
    assert {each.rpartition("/")[2] for each in here.writes() if "wp-json" in each} == {"batch"}
    assert len(here.rows()) == 30
    here.at_rest()


def test_a_dry_run_writes_nothing_and_tells_what_the_run_then_does(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    first, second = edited_on_both_sides(here)
    before = here.state("SELECT id, base, dirty FROM links") + here.state("SELECT * FROM cursors")
    told = here.sync("sync", "--all", "--dry-run")
    assert here.writes() == []
    assert here.state("SELECT id, base, dirty FROM links") + here.state("SELECT * FROM cursors") == before
    assert {(each["action"], each["side"], each["service_id"]) for each in told["plan"]} == {
        ("update", "notion", first),
        ("update", "service", second),
    }
    assert all(sum(each["updated"].values()) == 0 for each in told["streams"])
    here.forget_requests()
    did = here.sync()
    assert sum(sum(each["updated"].values()) for each in did["streams"]) == 2
    assert abs(told["cost"]["notion"] - did["requests"]["notion"]) <= 2
    assert abs(told["cost"]["shop"] - did["requests"]["shop"]) <= 2


def test_a_dry_run_plans_an_edit_of_a_row_that_relates_to_others(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "30")
    here.sync()
    here.later(600)
    line = next(line for line, row in here.rows().items() if line.startswith("shop:orders:") and row["Client"])
    here.edit_row(line, **{"Customer Note": text("Ring twice")})
    here.later(600)
    here.forget_requests()
    told = here.sync("sync", "--all", "--dry-run")
    [planned] = told["plan"]
    assert (planned["action"], planned["side"], list(planned["fields"])) == ("update", "service", ["customer_note"])
    assert here.writes() == []


def test_a_dry_first_run_plans_every_row_with_its_relations(scene: Callable[..., Scene]) -> None:
    """Orders are planned with the rows that their clients and products are about to get."""
    here = scene("--records", "30")
    told = here.sync("sync", "--all", "--dry-run")
    assert [each["action"] for each in told["plan"]] == ["create"] * 30
    orders = [each for each in told["plan"] if each["stream"] == "orders"]
    assert all(each["fields"]["client"][1] for each in orders)
    assert here.writes() == []
    here.forget_requests()
    did = here.sync()
    assert abs(told["cost"]["notion"] - did["requests"]["notion"]) <= 2
    assert abs(told["cost"]["shop"] - did["requests"]["shop"]) <= 2
