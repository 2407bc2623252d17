"""Whatever a body holds, the twin of Notion answers: with a refusal in Notion's form, or by doing it whole."""

import copy
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.sandbox.notion_desk import Desk, Json, words
from tests.sandbox.test_notion_rows import EVERY_TYPE

ODD: list[Any] = [
    None,
    True,
    0,
    -1.5,
    10**30,
    "",
    "x",
    "x" * 2100,
    "a,b",
    "2026-01-01",
    [],
    {},
    [1],
    [None],
    [{}],
    {"id": "x"},
    {"type": ["a"]},
    {"name": None},
    {"start": 5},
]

Asked = tuple[str, str, Json]


def good_requests(desk: Desk) -> list[Asked]:
    """Writes and queries that touch every part of a body."""
    root = desk.twin.ROOT_PAGE
    source = desk.database(**EVERY_TYPE)
    other = desk.database("Other", Rel={"relation": {"data_source_id": source, "dual_property": {}}})
    row = desk.row(source, "a")["id"]
    linked = desk.row(other, "o", Rel={"relation": [{"id": row}]})["id"]
    database = desk.get(f"data_sources/{source}")["parent"]["database_id"]
    block = desk.patch(f"blocks/{root}/children", {"children": [{"paragraph": {"rich_text": words("x")}}]})["results"][
        0
    ]
    mention = {"type": "mention", "mention": {"type": "user", "user": {"id": row}}}
    values: Json = {
        "Name": {"title": [*words("a"), mention, {"equation": {"expression": "x"}}]},
        "Number": {"number": 1},
        "Select": {"select": {"name": "Red", "color": "red"}},
        "Many": {"multi_select": [{"name": "q"}]},
        "Status": {"status": {"name": "Done"}},
        "Date": {"date": {"start": "2026-01-01", "end": "2026-01-02", "time_zone": None}},
        "Files": {"files": [{"name": "x", "external": {"url": "u"}}]},
        "People": {"people": [{"id": "8a4f2d60-91c7-4e3b-b5d8-06c1e7a92f20"}]},
    }
    children = [
        {"paragraph": {"rich_text": words("x"), "children": [{"to_do": {"rich_text": [], "checked": True}}]}},
        {"table": {"table_width": 1, "children": [{"table_row": {"cells": [words("x")]}}]}},
        {"synced_block": {"synced_from": {"block_id": row}}},
        {"image": {"external": {"url": "x"}, "caption": words("x")}},
    ]
    columns: Json = {
        "N": {"title": {}},
        "S": {"select": {"options": [{"name": "a", "color": "red"}]}},
        "T": {"status": {"options": [{"name": "a", "group": "To-do"}]}},
        "R": {"relation": {"data_source_id": source, "type": "dual_property", "dual_property": {}}},
        "Q": {"rollup": {"relation_property_name": "R", "rollup_property_name": "Name", "function": "count"}},
        "F": {"formula": {"expression": 'prop("N")'}},
    }
    either = [
        {"property": "Select", "select": {"equals": ["Red"]}},
        {"timestamp": "created_time", "created_time": {"on_or_after": "2020-01-01"}},
    ]
    all_of = [
        {"property": "Name", "title": {"contains": "x"}},
        {"or": either},
        {"property": "Date", "date": {"past_week": {}}},
    ]
    sorts = [{"property": "Name", "direction": "ascending"}, {"timestamp": "last_edited_time"}]
    position = {"type": "after_block", "after_block": {"id": block["id"]}}
    home = {"type": "data_source_id", "data_source_id": source}
    renamed = {"Rel": {"name": "Rel"}, "New": {"select": {"options": [{"name": "z"}]}}}
    return [
        ("POST", "pages", {"parent": home, "icon": {"emoji": "x"}, "properties": values, "children": children}),
        ("PATCH", f"pages/{linked}", {"properties": {"Rel": {"relation": [{"id": row}]}}, "in_trash": False}),
        ("POST", f"pages/{linked}/move", {"parent": {"data_source_id": other}}),
        ("POST", "databases", {"parent": {"page_id": root}, "initial_data_source": {"properties": columns}}),
        ("PATCH", f"data_sources/{other}", {"properties": renamed, "parent": {"database_id": database}}),
        ("PATCH", f"databases/{database}", {"title": words("t"), "parent": {"page_id": root}}),
        ("POST", f"data_sources/{source}/query", {"filter": {"and": all_of}, "sorts": sorts, "page_size": 10}),
        ("POST", "search", {"query": "x", "filter": {"property": "object", "value": "page"}, "page_size": 5}),
        ("PATCH", f"blocks/{block['id']}", {"paragraph": {"rich_text": words("z"), "icon": None}}),
        ("PATCH", f"blocks/{root}/children", {"children": [{"divider": {}}], "position": position}),
    ]


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything within a body."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*at, key)
        yield from places(one, (*at, key))


def spoilt(body: Json, chance: random.Random) -> Json:
    """The body with one place gone or odd."""
    body = copy.deepcopy(body)
    *above, last = chance.choice(list(places(body)))
    holder: Any = body
    for key in above:
        holder = holder[key]
    if chance.random() < 0.2:
        del holder[last]
    else:
        holder[last] = copy.deepcopy(chance.choice(ODD))
    return body


def test_no_body_breaks_the_twin_and_a_refused_one_changes_nothing() -> None:
    desk, chance, statuses = Desk(), random.Random(7), Counter[int]()
    requests = good_requests(desk)
    for method, path, body in requests:
        before = desk.twin.snapshot()
        assert desk.ask(method, path, body)[0] == 200
        desk.twin.restore(before)
    for _ in range(1500):
        method, path, body = chance.choice(requests)
        contents = desk.twin.dump()
        before = desk.twin.snapshot()
        status, _ = desk.ask(method, path, spoilt(body, chance))
        statuses[status] += 1
        if status == 200:
            desk.twin.restore(before)
        else:
            assert desk.twin.dump() == contents
    assert statuses.keys() <= {200, 400, 404, 501}
    assert statuses[400] > 800
