"""Formulas and rollups of the twin of Notion."""

from typing import Any

import pytest

from tests.sandbox.notion_desk import Desk, Json, words


@pytest.fixture
def desk() -> Desk:
    return Desk()


COLUMNS: Json = {
    "Text": {"rich_text": {}},
    "Number": {"number": {}},
    "Kind": {"select": {}},
    "Tags": {"multi_select": {}},
    "When": {"date": {}},
    "Paid": {"checkbox": {}},
}
FILLED: Json = {
    "Text": {"rich_text": words("abc")},
    "Number": {"number": 4},
    "Kind": {"select": {"name": "new"}},
    "Tags": {"multi_select": [{"name": "Done"}, {"name": "Open"}]},
    "When": {"date": {"start": "2026-01-31T10:30:00Z"}},
    "Paid": {"checkbox": True},
}


def worked_out(desk: Desk, expression: str, row: Json) -> tuple[str, Any]:
    """`(type, value)` of a formula in one row."""
    source = desk.database(**COLUMNS, F={"formula": {"expression": expression}})
    value = desk.row(source, "Ana", **row)["properties"]["F"]["formula"]
    return value["type"], value[value["type"]]


def date(start: str) -> Json:
    return {"start": start, "end": None, "time_zone": None}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('prop("Name")', ("string", "Ana")),
        ('prop("Name") + "!"', ("string", "Ana!")),
        ('prop("Number") * 2 + 1', ("number", 9)),
        ('(prop("Number") - 1) % 2', ("number", 1)),
        ('-prop("Number")', ("number", -4)),
        ('prop("Number") / 8', ("number", 0.5)),
        ('format(prop("Number"))', ("string", "4")),
        ('prop("Kind") == "new"', ("boolean", True)),
        ('if(prop("Paid"), "yes", "no")', ("string", "yes")),
        ('prop("Paid") ? 1 : 2', ("number", 1)),
        ('if(or(empty(prop("Text")), prop("Number") >= 4), "big", "small")', ("string", "big")),
        ('and(prop("Paid"), prop("Number") < 4)', ("boolean", False)),
        ('not prop("Paid") or prop("Number") != 4', ("boolean", False)),
        ('prop("Tags").includes("Done")', ("boolean", True)),
        ('prop("Tags").length()', ("number", 2)),
        ('length(prop("Text"))', ("number", 3)),
        ('prop("When")', ("date", date("2026-01-31T10:30:00.000+00:00"))),
        ('dateAdd(prop("When"), 1, "months")', ("date", date("2026-02-28T10:30:00.000+00:00"))),
        ('dateSubtract(prop("When"), 30, "minutes")', ("date", date("2026-01-31T10:00:00.000+00:00"))),
        ('hour(prop("When")) * 100 + minute(prop("When"))', ("number", 1030)),
        ('dateBetween(now(), prop("When"), "days")', ("number", 295)),
        ('dateBetween(prop("When"), now(), "months")', ("number", -9)),
        ('now() > prop("When")', ("boolean", True)),
        ("now()", ("date", date("2026-11-23T10:00:00.000+00:00"))),
    ],
)
def test_formulas(desk: Desk, expression: str, value: tuple[str, Any]) -> None:
    assert worked_out(desk, expression, FILLED) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('empty(prop("Text"))', ("boolean", True)),
        ('prop("When")', ("date", None)),
        ('dateAdd(prop("When"), 1, "days")', ("date", None)),
        ('if(empty(prop("When")), "", "x")', ("string", "")),
        ('prop("When") > now()', ("boolean", False)),
        ('prop("Paid")', ("boolean", False)),
        ('prop("Tags").length()', ("number", 0)),
    ],
)
def test_formulas_over_an_empty_row(desk: Desk, expression: str, value: tuple[str, Any]) -> None:
    assert worked_out(desk, expression, {}) == value


def test_a_day_stays_a_day_until_hours_are_added(desk: Desk) -> None:
    row = {"When": {"date": {"start": "2026-01-31"}}}
    assert worked_out(desk, 'dateAdd(prop("When"), 1, "days")', row) == ("date", date("2026-02-01"))
    later = worked_out(desk, 'dateAdd(prop("When"), 1, "hours")', row)
    assert later == ("date", date("2026-01-31T01:00:00.000+00:00"))


def test_a_formula_reads_another_and_survives_a_rename(desk: Desk) -> None:
    source = desk.database(Number={"number": {}}, Twice={"formula": {"expression": 'prop("Number") * 2'}})
    row = desk.row(source, "Ana", Number={"number": 2})
    four = {"Four": {"formula": {"expression": 'prop("Twice") * 2'}}, "Number": {"name": "Count"}}
    expression = desk.patch(f"data_sources/{source}", {"properties": four})["properties"]["Twice"]["formula"]
    assert expression["expression"].startswith("{{notion:block_property:")
    assert desk.get(f"pages/{row['id']}")["properties"]["Four"]["formula"]["number"] == 8


@pytest.mark.parametrize(
    ("expression", "status"),
    [
        ('prop("Nope")', 400),
        ('prop("Name") +', 400),
        ('style(prop("Name"), "b")', 501),
    ],
)
def test_what_cannot_be_worked_out_is_refused_when_it_is_written(desk: Desk, expression: str, status: int) -> None:
    body = {"properties": {"F": {"formula": {"expression": expression}}}}
    assert desk.refused("PATCH", f"data_sources/{desk.database()}", body)[0] == status


def test_a_formula_may_not_lean_on_itself(desk: Desk) -> None:
    source = desk.database(A={"formula": {"expression": "1"}}, B={"formula": {"expression": "2"}})
    desk.patch(f"data_sources/{source}", {"properties": {"B": {"formula": {"expression": 'prop("A")'}}}})
    circle = {"properties": {"A": {"formula": {"expression": 'prop("B")'}}}}
    assert desk.refused("PATCH", f"data_sources/{source}", circle)[0] == 400


def test_formulas_made_through_the_api_cannot_be_filtered_on(desk: Desk) -> None:
    source = desk.database(F={"formula": {"expression": "1"}})
    body = {"filter": {"property": "F", "formula": {"number": {"equals": 1}}}}
    message = desk.refused("POST", f"data_sources/{source}/query", body)[2]
    assert message == "Unable to filter based on a formula of unknown type"
    desk.twin.knobs({"api_formula_filters": True})
    desk.row(source, "Ana")
    assert desk.names(source, **body) == ["Ana"]


# ---- rollups ----


def rolled(desk: Desk, function: str, column: str, *rows: Json) -> Json:
    """A rollup over the rows given."""
    orders = desk.database("Orders", Total={"number": {}}, At={"date": {}}, Paid={"checkbox": {}})
    ids = [{"id": desk.row(orders, str(number), **row)["id"]} for number, row in enumerate(rows)]
    config = {"relation_property_name": "Orders", "rollup_property_name": column, "function": function}
    clients = desk.database(
        Orders={"relation": {"data_source_id": orders, "single_property": {}}}, Roll={"rollup": config}
    )
    page = desk.row(clients, "Ana", Orders={"relation": ids})
    shown: Json = page["properties"]["Roll"]["rollup"]
    assert shown.pop("function") == function
    return shown


TWO = (
    {"Total": {"number": 5}, "At": {"date": {"start": "2026-02-01"}}, "Paid": {"checkbox": True}},
    {"Total": {"number": 7.5}, "At": {"date": {"start": "2026-01-01T10:00:00Z"}}},
)


@pytest.mark.parametrize(
    ("function", "column", "value"),
    [
        ("count", "Total", 2),
        ("sum", "Total", 12.5),
        ("min", "Total", 5),
        ("max", "Total", 7.5),
        ("average", "Total", 6.25),
        ("checked", "Paid", 1),
        ("not_empty", "At", 2),
    ],
)
def test_rollups_to_a_number(desk: Desk, function: str, column: str, value: float) -> None:
    assert rolled(desk, function, column, *TWO) == {"type": "number", "number": value}


def test_rollups_to_a_date(desk: Desk) -> None:
    earliest = rolled(desk, "earliest_date", "At", *TWO)
    assert earliest == {"type": "date", "date": date("2026-01-01T10:00:00.000+00:00")}
    assert rolled(desk, "latest_date", "At", *TWO) == {"type": "date", "date": date("2026-02-01")}


def test_a_rollup_that_shows_the_values(desk: Desk) -> None:
    shown = rolled(desk, "show_original", "Total", *TWO)
    assert shown == {"type": "array", "array": [{"type": "number", "number": 5}, {"type": "number", "number": 7.5}]}


@pytest.mark.parametrize(
    ("function", "empty"),
    [
        ("count", {"type": "number", "number": 0}),
        ("max", {"type": "number", "number": None}),
        ("earliest_date", {"type": "date", "date": None}),
        ("show_original", {"type": "array", "array": []}),
    ],
)
def test_rollups_over_nothing(desk: Desk, function: str, empty: Json) -> None:
    assert rolled(desk, function, "Total") == empty


def test_a_rollup_that_is_not_built_is_refused_by_name(desk: Desk) -> None:
    source = desk.database()
    desk.patch(
        f"data_sources/{source}",
        {"properties": {"Up": {"relation": {"data_source_id": source, "single_property": {}}}}},
    )
    config = {"relation_property_name": "Up", "rollup_property_name": "Name", "function": "percent_empty"}
    body = {"properties": {"Roll": {"rollup": config}}}
    message = desk.refused("PATCH", f"data_sources/{source}", body)[2]
    assert message == "The sandbox does not serve the rollup function percent_empty."


def test_a_rollup_changes_with_its_rows(desk: Desk) -> None:
    orders = desk.database("Orders", Total={"number": {}})
    config = {"relation_property_name": "Orders", "rollup_property_name": "Total", "function": "sum"}
    clients = desk.database(
        Orders={"relation": {"data_source_id": orders, "single_property": {}}}, Roll={"rollup": config}
    )
    order = desk.row(orders, "#1", Total={"number": 5})["id"]
    ana = desk.row(clients, "Ana", Orders={"relation": [{"id": order}]})["id"]
    desk.patch(f"pages/{order}", {"properties": {"Total": {"number": 9}}})
    rollup = desk.get(f"pages/{ana}")["properties"]["Roll"]
    assert rollup["rollup"]["number"] == 9
    item = desk.get(f"pages/{ana}/properties/{rollup['id']}")
    assert item["property_item"]["rollup"] == {"type": "number", "number": 9, "function": "sum"}
    assert [one["relation"] for one in item["results"]] == [{"id": order}]
    changed = desk.patch(f"data_sources/{clients}", {"properties": {"Roll": {"rollup": {"function": "max"}}}})
    assert changed["properties"]["Roll"]["rollup"]["rollup_property_name"] == "Total"
    found = desk.names(clients, filter={"property": "Roll", "rollup": {"number": {"greater_than": 8}}})
    assert found == ["Ana"]


def test_the_endpoint_flattens_what_a_rollup_shows(desk: Desk) -> None:
    orders = desk.database("Orders")
    config = {"relation_property_name": "Orders", "rollup_property_name": "Name", "function": "show_original"}
    clients = desk.database(
        Orders={"relation": {"data_source_id": orders, "single_property": {}}}, Roll={"rollup": config}
    )
    ids = [{"id": desk.row(orders, f"#{number}")["id"]} for number in range(3)]
    page = desk.row(clients, "Ana", Orders={"relation": ids})
    path = f"pages/{page['id']}/properties/{page['properties']['Roll']['id']}"
    item = desk.get(path)
    assert [one["title"]["plain_text"] for one in item["results"]] == ["#0", "#1", "#2"]
    assert item["property_item"]["rollup"] == {"type": "array", "array": [], "function": "show_original"}
    first = desk.get(path, "page_size=2")
    assert first["property_item"]["rollup"]["type"] == "incomplete"
    assert first["property_item"]["next_url"].endswith(f"?start_cursor={first['next_cursor']}")
