"""What is asked of the state once a record finds its rows by an index: a scan would make a large sync quadratic."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from higherself_sync.core.record import Entity
from higherself_sync.state import State, Topic
from tests.engine.memory import stream

SHOP = stream("shop", only_digits=False, create=True)
LOOKUPS: dict[str, Callable[[State], object]] = {
    "page": lambda state: state.page("p"),
    "pages with a line": lambda state: state.pages_with_line(Entity.CLIENTS, "shop:customers:1"),
    "pages with a key": lambda state: state.pages_with_key(Entity.CLIENTS, "k"),
    "pages once with a key": lambda state: state.pages_once_with_key(Entity.CLIENTS, "k"),
    "pages starting": lambda state: state.pages_starting("2026-06-01T09:00:00Z"),
    "page of a line": lambda state: state.page_of_line("shop:customers:1"),
    "known pages": lambda state: state.known_pages(["p"]),
    "link": lambda state: state.link(SHOP, "1"),
    "links of a page": lambda state: state.links_of_page("p"),
    "line due": lambda state: state.line_due("p"),
    "record": lambda state: state.record(SHOP, "1"),
    "records with a marker": lambda state: state.records_with_marker(SHOP, "p"),
    "records with a key": lambda state: state.records_with_key("shop", "customers", "k"),
    "unlinked records": lambda state: state.unlinked_records(SHOP, 0, 500),
    "work": lambda state: state.work(Entity.CLIENTS, {"shop"}, "", 100),
    "problem": lambda state: state.problem(Topic(SHOP, "1", "p")),
}


class Explaining(State):
    """Keeps how each statement would be carried out."""

    steps: list[str]

    def do(self, sql: str, *args: Any) -> Any:
        self.steps = [row[3] for row in self._db.execute(f"EXPLAIN QUERY PLAN {sql}", args)]
        return super().do(sql, *args)


@pytest.mark.parametrize("name", LOOKUPS)
def test_a_lookup_goes_by_an_index(name: str) -> None:
    state = Explaining(":memory:")
    LOOKUPS[name](state)
    assert state.steps
    assert [step for step in state.steps if re.match(r"SCAN (?!json_each|\d|CONSTANT)", step)] == []
    state.close()
