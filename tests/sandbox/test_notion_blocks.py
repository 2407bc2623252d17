"""Blocks of the twin of Notion."""

from typing import Any

import pytest

from tests.sandbox.notion_desk import Desk, Json, words


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def page(desk: Desk) -> str:
    return str(desk.post("pages", {"parent": {"page_id": desk.twin.ROOT_PAGE}, "properties": {}})["id"])


def paragraph(text: str, **more: Any) -> Json:
    return {"paragraph": {"rich_text": words(text), **more}}


def texts(desk: Desk, holder: str) -> list[str]:
    blocks = desk.get(f"blocks/{holder}/children")["results"]
    return [block["paragraph"]["rich_text"][0]["plain_text"] for block in blocks]


def test_children_are_appended_listed_and_paged(desk: Desk, page: str) -> None:
    body = {"children": [paragraph("a"), paragraph("b"), paragraph("c")]}
    made = desk.patch(f"blocks/{page}/children", body)
    assert [one["type"] for one in made["results"]] == ["paragraph"] * 3
    assert texts(desk, page) == ["a", "b", "c"]
    first = desk.get(f"blocks/{page}/children", "page_size=2")
    assert first["next_cursor"] == made["results"][2]["id"]
    rest = desk.get(f"blocks/{page}/children", f"start_cursor={first['next_cursor']}")
    assert [one["id"] for one in rest["results"]] == [made["results"][2]["id"]]


def test_a_block_put_between_comes_back_with_what_follows(desk: Desk, page: str) -> None:
    made = desk.patch(f"blocks/{page}/children", {"children": [paragraph("a"), paragraph("c")]})["results"]
    position = {"type": "after_block", "after_block": {"id": made[0]["id"]}}
    answer = desk.patch(f"blocks/{page}/children", {"children": [paragraph("b")], "position": position})
    assert [one["paragraph"]["rich_text"][0]["plain_text"] for one in answer["results"]] == ["b", "c"]
    assert texts(desk, page) == ["a", "b", "c"]
    desk.version = "2025-09-03"
    desk.patch(f"blocks/{page}/children", {"children": [paragraph("d")], "after": made[1]["id"]})
    assert texts(desk, page) == ["a", "b", "c", "d"]


def test_a_block_is_changed_trashed_and_restored(desk: Desk, page: str) -> None:
    block = desk.patch(f"blocks/{page}/children", {"children": [{"to_do": {"rich_text": words("a")}}]})["results"][0]
    changed = desk.patch(f"blocks/{block['id']}", {"to_do": {"checked": True}})
    assert (changed["to_do"]["checked"], changed["to_do"]["rich_text"][0]["plain_text"]) == (True, "a")
    assert desk.ask("DELETE", f"blocks/{block['id']}")[1]["in_trash"] is True
    assert desk.get(f"blocks/{page}/children")["results"] == []
    assert desk.refused("PATCH", f"blocks/{block['id']}", {"to_do": {"checked": False}})[0] == 400
    assert desk.patch(f"blocks/{block['id']}", {"in_trash": False})["in_trash"] is False


def test_blocks_nest_two_deep_in_one_request(desk: Desk, page: str) -> None:
    body = {"children": [paragraph("a", children=[paragraph("b", children=[paragraph("c")])])]}
    outer = desk.patch(f"blocks/{page}/children", body)["results"][0]
    assert outer["has_children"] is True
    inner = desk.get(f"blocks/{outer['id']}/children")["results"][0]
    assert inner["parent"] == {"type": "block_id", "block_id": outer["id"]}
    assert texts(desk, inner["id"]) == ["c"]
    deep = paragraph("a", children=[paragraph("b", children=[paragraph("c", children=[paragraph("d")])])])
    assert desk.refused("PATCH", f"blocks/{page}/children", {"children": [deep]})[0] == 400


def test_a_page_is_created_with_content_and_is_a_block(desk: Desk, page: str) -> None:
    body = {"parent": {"page_id": page}, "properties": {"title": words("Sub")}, "children": [paragraph("x")]}
    child = desk.post("pages", body)["id"]
    assert texts(desk, child) == ["x"]
    block = desk.get(f"blocks/{child}")
    assert (block["type"], block["child_page"], block["has_children"]) == ("child_page", {"title": "Sub"}, True)
    assert desk.get(f"blocks/{page}")["has_children"] is True
    desk.ask("DELETE", f"blocks/{child}")
    assert desk.get(f"blocks/{page}")["has_children"] is False


@pytest.mark.parametrize(
    ("given", "status", "words_of_it"),
    [
        ([paragraph("x")] * 101, 400, "body.children.length should be ≤ `100`, instead was `101`."),
        ([paragraph("x" * 2001)], 400, "text.content.length should be ≤ `2000`, instead was `2001`."),
        ([{"child_page": {"title": "x"}}], 501, "writing blocks of type child_page"),
        (None, 400, "body.children should be an array, instead was `undefined`."),
    ],
)
def test_what_is_refused(desk: Desk, page: str, given: Any, status: int, words_of_it: str) -> None:
    found, _, message = desk.refused("PATCH", f"blocks/{page}/children", {"children": given})
    assert found == status
    assert words_of_it in message


def test_every_type_reads_back_whole(desk: Desk, page: str) -> None:
    link = {"external": {"url": "https://example.com/a.png"}}
    given: list[Json] = [
        {"heading_1": {"rich_text": words("h")}},
        {"code": {"rich_text": words("1 + 1"), "language": "python"}},
        {"image": link},
        {"file": link},
        {"bookmark": {"url": "https://example.com"}},
        {"equation": {"expression": "x"}},
        {"callout": {"rich_text": words("c"), "icon": {"emoji": "⭐"}}},
        {"divider": {}},
    ]
    blocks = desk.patch(f"blocks/{page}/children", {"children": given})["results"]
    keys = [sorted(block[block["type"]]) for block in blocks]
    assert keys == [
        ["color", "is_toggleable", "rich_text"],
        ["caption", "language", "rich_text"],
        ["caption", "external", "type"],
        ["caption", "external", "name", "type"],
        ["caption", "url"],
        ["expression"],
        ["color", "icon", "rich_text"],
        [],
    ]
    assert blocks[6]["callout"]["icon"] == {"type": "emoji", "emoji": "⭐"}
