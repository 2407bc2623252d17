"""Queries, filters, sorts, paging and search of the twin of Notion."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.notion_desk import Desk, Json, name_of, words

MISMATCH = "The property type in the database does not match the property type of the filter provided: "


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def source(desk: Desk) -> str:
    return desk.database(
        Note={"rich_text": {}},
        Price={"number": {}},
        Kind={"select": {"options": [{"name": "new", "color": "red"}, {"name": "old", "color": "blue"}]}},
        Tags={"multi_select": {}},
        When={"date": {}},
        Paid={"checkbox": {}},
        Email={"email": {}},
        Who={"people": {}},
    )


def fill(desk: Desk, source: str) -> None:
    """`full` was written first; `bare` has nothing but its name."""
    desk.row(
        source,
        "full",
        Note={"rich_text": words("John Doe")},
        Price={"number": 5},
        Kind={"select": {"name": "new"}},
        Tags={"multi_select": [{"name": "a"}, {"name": "b"}]},
        When={"date": {"start": "2026-11-23T10:05:00Z"}},
        Paid={"checkbox": True},
        Email={"email": "john.doe@example.com"},
    )
    desk.row(source, "bare")


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"property": "Note", "rich_text": {"equals": "john doe"}}, ["full"]),
        ({"property": "Note", "rich_text": {"does_not_equal": "John Doe"}}, ["bare"]),
        ({"property": "Note", "rich_text": {"contains": "N D"}}, ["full"]),
        ({"property": "Note", "rich_text": {"does_not_contain": "Doe"}}, ["bare"]),
        ({"property": "Email", "rich_text": {"starts_with": "John"}}, ["full"]),
        ({"property": "Email", "email": {"ends_with": ".COM"}}, ["full"]),
        ({"property": "Note", "rich_text": {"is_empty": True}}, ["bare"]),
        ({"property": "title", "title": {"equals": "bare"}}, ["bare"]),
        ({"property": "Price", "number": {"greater_than_or_equal_to": 5}}, ["full"]),
        ({"property": "Price", "number": {"does_not_equal": 5}}, ["bare"]),
        ({"property": "Price", "number": {"less_than": 9}}, ["full"]),
        ({"property": "Kind", "select": {"equals": "new"}}, ["full"]),
        ({"property": "Kind", "select": {"equals": ["new", "old"]}}, ["full"]),
        ({"property": "Kind", "select": {"does_not_equal": "new"}}, ["bare"]),
        ({"property": "Tags", "multi_select": {"contains": "b"}}, ["full"]),
        ({"property": "Tags", "multi_select": {"does_not_contain": "b"}}, ["bare"]),
        ({"property": "Paid", "checkbox": {"equals": False}}, ["bare"]),
        ({"property": "Who", "people": {"is_empty": True}}, ["bare", "full"]),
        ({"property": "When", "date": {"equals": "2026-11-23"}}, ["full"]),
        ({"property": "When", "date": {"is_not_empty": True}}, ["full"]),
        ({"and": [{"property": "Paid", "checkbox": {"equals": True}}]}, ["full"]),
        (
            {
                "or": [
                    {"property": "Price", "number": {"equals": 5}},
                    {"property": "Price", "number": {"is_empty": True}},
                ]
            },
            ["bare", "full"],
        ),
    ],
)
def test_filters(desk: Desk, source: str, condition: Json, found: list[str]) -> None:
    fill(desk, source)
    assert desk.names(source, filter=condition) == found


@pytest.mark.parametrize(
    ("word", "hit"),
    [("equals", True), ("before", False), ("after", False), ("on_or_before", True), ("on_or_after", True)],
)
def test_times_are_compared_to_the_minute(desk: Desk, source: str, word: str, hit: bool) -> None:
    fill(desk, source)
    within = "2026-11-23T11:05:15.377824+01:00"
    assert (desk.names(source, filter={"property": "When", "date": {word: within}}) == ["full"]) is hit


def test_last_edited_on_or_after_gives_the_whole_minute(desk: Desk, source: str) -> None:
    desk.row(source, "early")
    desk.wait(60)
    desk.row(source, "late")

    def since(moment: str) -> list[str]:
        return desk.names(source, filter={"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": moment}})

    assert since("2026-11-23T10:00:59.999999Z") == ["late", "early"]
    assert since("2026-11-23T10:01:59Z") == ["late"]
    assert since("2026-11-23T10:02:00Z") == []


@pytest.mark.parametrize(
    ("word", "days"),
    [
        ("past_week", [0, -1, -7]),
        ("next_week", [0, 1, 7]),
        ("this_week", [0, 1]),
        ("past_month", [0, -1, -7, -31]),
        ("next_month", [0, 1, 7]),
    ],
)
def test_windows_take_in_both_their_end_days(desk: Desk, source: str, word: str, days: list[int]) -> None:
    for day in (0, 1, -1, 7, -7, 8, -8, -31, -32):
        moment = datetime.fromtimestamp(desk.now.timestamp() + day * 86_400, UTC)
        desk.row(source, str(day), When={"date": {"start": moment.isoformat()}})
    found = {int(name) for name in desk.names(source, filter={"property": "When", "date": {word: {}}})}
    near = {day for day in found if day in (0, 1, -1, 7, -7, -31)}
    assert near == set(days)
    assert -32 not in found


def test_rows_come_newest_first_even_within_a_minute(desk: Desk, source: str) -> None:
    for name in "abc":
        desk.row(source, name)
    assert desk.names(source) == ["c", "b", "a"]


def test_sorts_weigh_from_the_left_and_put_the_empty_last(desk: Desk, source: str) -> None:
    for name, price in (("a", 2), ("b", None), ("c", 1), ("d", 2)):
        desk.row(source, name, Price={"number": price})

    def ordered(*sorts: Json) -> str:
        return "".join(desk.names(source, sorts=list(sorts)))

    by_price: Json = {"property": "Price", "direction": "ascending"}
    name_down: Json = {"property": "Name", "direction": "descending"}
    assert ordered(by_price, name_down) == "cdab"
    assert ordered(by_price | {"direction": "descending"}, {"property": "Name"}) == "adcb"
    assert ordered({"timestamp": "created_time", "direction": "ascending"}) in ("abcd", "dcba")
    desk.twin.knobs({"empties_last": False})
    assert ordered(by_price, name_down) == "bcda"


def test_options_sort_in_the_order_of_the_schema(desk: Desk, source: str) -> None:
    for kind in ("old", "new"):
        desk.row(source, kind, Kind={"select": {"name": kind}})
    assert desk.names(source, sorts=[{"property": "Kind", "direction": "ascending"}]) == ["new", "old"]


def test_every_type_of_column_can_be_sorted_by(desk: Desk) -> None:
    source = desk.database(
        By={"created_by": {}},
        Up={"people": {}},
        Files={"files": {}},
        Half={"formula": {"expression": 'length(prop("Name")) / 2'}},
    )
    desk.patch(f"data_sources/{source}", {"properties": {"To": {"relation": {"data_source_id": source}}}})
    config = {"relation_property_name": "To", "rollup_property_name": "Name", "function": "show_original"}
    desk.patch(f"data_sources/{source}", {"properties": {"Names": {"rollup": config}}})
    first = desk.row(source, "long")["id"]
    for name in ("b", "c"):
        desk.row(source, name, To={"relation": [{"id": first}]})
    for column in desk.columns(source):
        assert len(desk.names(source, sorts=[{"property": column, "direction": "descending"}])) == 3
    assert desk.names(source, sorts=[{"property": "Half", "direction": "descending"}])[0] == "long"


def pages(desk: Desk, source: str, size: int, **body: Any) -> list[list[str]]:
    """Every page of a query, with what a person does between them."""
    found: list[list[str]] = []
    cursor: Json = {}
    while True:
        answer = desk.query(source, page_size=size, **cursor, **body)
        found.append([name_of(page) for page in answer["results"]])
        if not answer["has_more"]:
            return found
        cursor = {"start_cursor": answer["next_cursor"]}


@pytest.mark.parametrize("sorts", [{}, {"sorts": [{"property": "Name", "direction": "descending"}]}])
def test_paging_gives_every_row_once(desk: Desk, source: str, sorts: Json) -> None:
    for number in range(7):
        desk.row(source, str(number))
    assert pages(desk, source, 3, **sorts) == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


def test_the_cursor_names_the_first_row_of_the_next_page(desk: Desk, source: str) -> None:
    first = desk.row(source, "a")
    desk.row(source, "b")
    answer = desk.query(source, page_size=1)
    assert answer["next_cursor"].startswith("s:")
    assert answer["next_cursor"].endswith(":" + first["id"])


def test_paging_goes_on_where_its_row_was_trashed_or_is_gone(desk: Desk, source: str) -> None:
    made = [desk.row(source, str(number)) for number in range(5)]
    cursor = desk.query(source, page_size=2)["next_cursor"]
    desk.patch(f"pages/{made[2]['id']}", {"in_trash": True})
    assert desk.names(source, page_size=2, start_cursor=cursor) == ["1", "0"]
    desk.person("DELETE", f"pages/{made[2]['id']}")
    assert desk.names(source, page_size=2, start_cursor=cursor) == ["1", "0"]


def test_a_query_ends_at_ten_thousand_results_and_says_so(desk: Desk, source: str) -> None:
    page = desk.row(source, "0")
    shapes = [
        page | {"id": f"00000000-0000-4000-8000-{number:012d}", "created_time": page["created_time"]}
        for number in range(10_050)
    ]
    desk.twin.load({"pages": shapes}, desk.now)
    answer = desk.query(source)
    assert answer["request_status"] == {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
    count, cursor = len(answer["results"]), answer["next_cursor"]
    while cursor:
        answer = desk.query(source, start_cursor=cursor)
        count, cursor = count + len(answer["results"]), answer["next_cursor"]
    assert (count, answer["has_more"]) == (10_000, False)
    small = desk.query(source, filter={"property": "Name", "title": {"equals": "1"}})
    assert "request_status" not in small


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"page_size": 101},
            "body failed validation: body.page_size should be ≤ `100` or `undefined`, instead was `101`.",
        ),
        (
            {"page_size": "ten"},
            'body failed validation: body.page_size should be a number or `undefined`, instead was `"ten"`.',
        ),
        ({"start_cursor": "bogus"}, "The start_cursor provided is invalid: bogus"),
        ({"filter": {"property": "Nope", "number": {}}}, "Could not find property with name or id: Nope"),
        ({"sorts": [{"property": "Nope"}]}, "Could not find sort property with name or id: Nope"),
        (
            {"filter": {"property": "Price", "rich_text": {"equals": "5"}}},
            f"{MISMATCH}database property number does not match filter rich_text",
        ),
    ],
)
def test_what_is_refused(desk: Desk, source: str, body: Json, message: str) -> None:
    assert desk.refused("POST", f"data_sources/{source}/query", body) == (400, "validation_error", message)


def test_filters_nest_two_levels(desk: Desk, source: str) -> None:
    leaf: Json = {"property": "Price", "number": {"is_empty": True}}
    desk.query(source, filter={"and": [{"or": [leaf]}]})
    deep: Json = {"filter": {"and": [{"or": [{"and": [leaf]}]}]}}
    assert desk.refused("POST", f"data_sources/{source}/query", deep)[0] == 400


def test_a_query_narrows_its_properties_and_knows_both_spellings_of_the_key(desk: Desk, source: str) -> None:
    desk.row(source, "Ana")
    encoded = desk.columns(source)["Price"]["id"]
    for query in (f"filter_properties={encoded}", "filter_properties[]=Price"):
        answer = desk.post(f"data_sources/{source}/query", {}, query)
        assert list(answer["results"][0]["properties"]) == ["Price"]


def test_a_lagging_query_misses_a_new_row(desk: Desk, source: str) -> None:
    desk.twin.knobs({"query_lag": 5})
    desk.row(source, "Ana")
    assert desk.names(source) == []
    desk.wait(5)
    assert desk.names(source) == ["Ana"]


# ---- search ----


def search(desk: Desk, **body: Any) -> list[str]:
    return [one["object"] for one in desk.post("search", body)["results"]]


def test_search_lags_while_a_page_can_be_got_by_id(desk: Desk, source: str) -> None:
    desk.wait(60)
    page = desk.row(source, "Evening class")
    assert search(desk, query="evening", filter={"property": "object", "value": "page"}) == []
    desk.get(f"pages/{page['id']}")
    desk.wait(10)
    assert search(desk, query="evening", filter={"property": "object", "value": "page"}) == ["page"]


def test_search_still_finds_a_trashed_data_source_and_pages_in_the_trash_when_asked(desk: Desk, source: str) -> None:
    page = desk.row(source, "Evening class")
    desk.patch(f"pages/{page['id']}", {"in_trash": True})
    desk.patch(f"data_sources/{source}", {"in_trash": True})
    desk.wait(60)
    assert search(desk, filter={"property": "object", "value": "data_source"}) == ["data_source"]
    assert search(desk, filter={"property": "object", "value": "page", "in_trash": True}) == ["page"]
    assert search(desk, query="evening") == []
