"""Rows whose related rows cannot be read, or lie in the trash: what looks empty then is no change (ENGINE 25)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.scene import Scene
from tests.e2e.shop_hands import rest
from tests.matrix.indoors import Indoors, indoors
from tests.matrix.scenarios import FULL, SYNC, Scenario, settled, trash_row
from tests.matrix.shop import orders_of, product
from tests.matrix.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage[Indoors]]:
    with indoors(Scenario("settled", settled), tmp_path) as stage:
        yield stage


def unreadable(stage: Stage[Indoors], database: str) -> Callable[[httpx.Request], httpx.Response]:
    """A wire over which that database cannot be queried."""
    path = f"/notion/v1/data_sources/{stage.here.sources[database]}/query"

    def meddle(request: httpx.Request) -> httpx.Response:
        if request.url.path == path:
            raise httpx.ConnectError("made to fail")
        return stage.ground.wire.pass_on(request)

    return meddle


def one_run_without(stage: Stage[Indoors], database: str) -> None:
    stage.ground.wire.meddle = unreadable(stage, database)
    stage.here.sync(*SYNC, exit_code=5)
    stage.ground.wire.meddle = stage.ground.wire.pass_on
    stage.here.later(600)


def related(here: Scene, order: str) -> list[str]:
    found: list[str] = here.row(f"shop:orders:{order}")["Products"]
    return found


def test_engine_25_what_a_service_took_away_while_the_related_rows_could_not_be_read_goes_later(
    stage: Stage[Indoors],
) -> None:
    here = stage.here
    order = orders_of(here, "ana@example.com")[0]
    (line,) = here.shop("orders")[order]["line_items"]
    assert related(here, order)
    here.edit_shop("orders", order, line_items=[{"id": line["id"], "quantity": 0}], customer_note="changed my mind")
    one_run_without(stage, "Products")
    assert here.row(f"shop:orders:{order}")["Customer Note"] == "changed my mind"
    assert related(here, order), "nobody can tell what these rows are"
    here.sync(*SYNC)
    assert related(here, order) == []
    here.later(600)
    here.forget_requests()
    here.sync(*SYNC)
    assert here.writes() == []


def test_engine_25_a_related_row_in_the_trash_is_no_edit_that_keeps_a_row(stage: Stage[Indoors]) -> None:
    """The record is deleted for good; its row must follow, though one of the related rows does not show any more."""
    here = stage.here
    order = orders_of(here, "ana@example.com")[0]
    trash_row(here, f"shop:products:{product(here, 'Retreat &amp; Rest')}")
    page = here.row(f"shop:orders:{order}")["id"]
    status, _ = rest(here, "DELETE", f"orders/{order}?force=true")
    assert status == 200
    here.sync(*FULL)
    assert here.pages()[page]["in_trash"]


def test_engine_25_a_database_that_cannot_be_read_makes_no_edit_that_keeps_a_row(stage: Stage[Indoors]) -> None:
    """Unshared, its rows are gone from the relations that a query shows."""
    here = stage.here
    order = orders_of(here, "ana@example.com")[0]
    page = here.row(f"shop:orders:{order}")["id"]
    status, _ = rest(here, "DELETE", f"orders/{order}?force=true")
    assert status == 200
    databases = here.ground.control("GET", "dump")["notion"]["databases"]
    (products,) = (each["id"] for each in databases if each["title"][0]["plain_text"] == "Products")
    here.edit_row(f"shop:orders:{order}", **{"Customer Note": {"rich_text": []}})  # so that the row is read again
    here.ground.control("POST", f"notion/databases/{products}/share", {"shared": False})
    report = here.sync(*FULL, exit_code=5)
    assert report["problems"] == []
    here.ground.control("POST", f"notion/databases/{products}/share", {"shared": True})
    here.later(600)
    here.sync(*FULL)
    assert here.pages()[page]["in_trash"]
