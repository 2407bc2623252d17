"""Rows of the twin of Notion: what is written, what reads back, what is refused and in which words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.notion_desk import Desk, Json, words


@pytest.fixture
def desk() -> Desk:
    return Desk()


FAILED = "body failed validation: body.properties."
EVERY_TYPE: Json = {
    "Text": {"rich_text": {}},
    "Number": {"number": {}},
    "Select": {"select": {"options": [{"name": "Red", "color": "red"}]}},
    "Many": {"multi_select": {}},
    "Status": {"status": {}},
    "Date": {"date": {}},
    "Done": {"checkbox": {}},
    "Email": {"email": {}},
    "Phone": {"phone_number": {}},
    "Url": {"url": {}},
    "People": {"people": {}},
    "Files": {"files": {}},
    "No": {"unique_id": {"prefix": "ab"}},
}


@pytest.fixture
def source(desk: Desk) -> str:
    return desk.database(**EVERY_TYPE)


def written(desk: Desk, source: str, name: str, value: Any) -> Any:
    """The value of a property as it reads back from a new row."""
    kind = next(iter(EVERY_TYPE[name]))
    page = desk.row(source, "x", **{name: {kind: value}})
    return desk.get(f"pages/{page['id']}")["properties"][name][kind]


def refusal(desk: Desk, source: str, name: str, value: Any) -> str:
    body = {"parent": {"data_source_id": source}, "properties": {name: value}}
    status, code, message = desk.refused("POST", "pages", body)
    assert (status, code) == (400, "validation_error")
    assert desk.names(source) == []
    return message


def test_a_new_row_is_empty_but_for_its_number_and_status(desk: Desk, source: str) -> None:
    properties = desk.row(source)["properties"]
    values = {name: item[item["type"]] for name, item in properties.items()}
    assert values.pop("No") == {"prefix": "AB", "number": 1}
    assert values.pop("Status")["name"] == "Not started"
    assert values.pop("Done") is False
    lists = {"Name", "Text", "Many", "People", "Files"}
    assert {name for name, value in values.items() if value == []} == lists
    assert {name for name, value in values.items() if value is None} == values.keys() - lists


def test_times_are_floored_to_the_minute(desk: Desk, source: str) -> None:
    page = desk.row(source, "Ana")
    assert page["created_time"] == page["last_edited_time"] == "2026-11-23T10:00:00.000Z"
    desk.wait(60)
    edited = desk.patch(f"pages/{page['id']}", {"properties": {"Number": {"number": 1}}})
    assert (edited["created_time"], edited["last_edited_time"]) == (
        "2026-11-23T10:00:00.000Z",
        "2026-11-23T10:01:00.000Z",
    )


def test_text_reads_back_with_everything_filled_in(desk: Desk, source: str) -> None:
    given = [{"text": {"content": "a", "link": {"url": "https://example.com"}}, "annotations": {"bold": True}}]
    assert written(desk, source, "Text", given) == [
        {
            "type": "text",
            "text": {"content": "a", "link": {"url": "https://example.com"}},
            "annotations": {
                "bold": True,
                "italic": False,
                "strikethrough": False,
                "underline": False,
                "code": False,
                "color": "default",
            },
            "plain_text": "a",
            "href": "https://example.com",
        }
    ]


def test_runs_that_look_alike_come_back_as_one(desk: Desk, source: str) -> None:
    assert [text["plain_text"] for text in written(desk, source, "Text", words("a") + words("b"))] == ["ab"]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"start": "2026-03-01"}, ("2026-03-01", None)),
        ({"start": "2026-06-27T16:57:28.51Z"}, ("2026-06-27T16:57:00.000+00:00", None)),
        ({"start": "2026-06-27T10:00:00", "time_zone": "Europe/London"}, ("2026-06-27T10:00:00.000+01:00", None)),
        ({"start": "2026-01-27T10:00", "time_zone": "Europe/London"}, ("2026-01-27T10:00:00.000+00:00", None)),
        (
            {"start": "2026-06-27T10:00:00-07:00", "end": "2026-06-27T11:30:59-07:00"},
            ("2026-06-27T10:00:00.000-07:00", "2026-06-27T11:30:00.000-07:00"),
        ),
    ],
)
def test_dates_keep_the_offset_and_lose_zone_and_seconds(
    desk: Desk, source: str, given: Json, read: tuple[str, str | None]
) -> None:
    assert written(desk, source, "Date", given) == {"start": read[0], "end": read[1], "time_zone": None}


def test_an_unknown_option_is_made_on_write_and_stays(desk: Desk, source: str) -> None:
    made = written(desk, source, "Select", {"name": "Blue"})
    assert written(desk, source, "Select", {"name": "BLUE"}) == made
    assert written(desk, source, "Select", {"id": made["id"]}) == made
    options = desk.columns(source)["Select"]["select"]["options"]
    assert [option["name"] for option in options] == ["Red", "Blue"]


def test_another_colour_than_the_schema_has_is_refused(desk: Desk, source: str) -> None:
    message = refusal(desk, source, "Select", {"select": {"name": "Red", "color": "blue"}})
    assert message == "Select option color doesn't match existing"
    assert written(desk, source, "Select", {"name": "Red", "color": "red"})["color"] == "red"
    desk.twin.knobs({"option_colour": "ignore"})
    assert written(desk, source, "Select", {"name": "Red", "color": "blue"})["color"] == "red"


def test_an_unknown_status_is_refused_and_null_is_the_default(desk: Desk, source: str) -> None:
    page = desk.row(source, "Ana", Status={"status": {"name": "Done"}})
    assert page["properties"]["Status"]["status"]["name"] == "Done"
    emptied = desk.patch(f"pages/{page['id']}", {"properties": {"Status": {"status": None}}})
    assert emptied["properties"]["Status"]["status"]["name"] == "Not started"
    status = {"properties": {"Status": {"status": {"name": "Gone"}}}}
    assert desk.refused("PATCH", f"pages/{page['id']}", status)[2] == (
        'Invalid status option. Status option "Gone" does not exist".'
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "Text",
            {"rich_text": words("x" * 2001)},
            f"{FAILED}Text.rich_text[0].text.content.length should be ≤ `2000`, instead was `2001`.",
        ),
        (
            "Text",
            {"rich_text": words("x") * 101},
            f"{FAILED}Text.rich_text.length should be ≤ `100`, instead was `101`.",
        ),
        (
            "Many",
            {"multi_select": [{"name": str(number)} for number in range(101)]},
            f"{FAILED}Many.multi_select.length should be ≤ `100`, instead was `101`.",
        ),
        (
            "Number",
            {"number": "5"},
            f'{FAILED}Number.number should be a number or `null`, instead was `"5"`.',
        ),
        (
            "Date",
            {"date": {"start": "2022/01/02"}},
            f'{FAILED}Date.date.start should be a valid ISO 8601 date string, instead was `"2022/01/02"`.',
        ),
        (
            "People",
            {"people": [{"object": "user", "id": "8a4f2d60-91c7-4e3b-b5d8-06c1e7a92f20", "name": "Morgan"}]},
            f'{FAILED}People.people[0].object should be `"group"` or `undefined`, instead was `"user"`.',
        ),
        ("Select", {"select": {"name": "a, b"}}, "Invalid select option, commas not allowed: a, b"),
        ("Number", {"rich_text": []}, "Number is expected to be number."),
        ("Nope", {"number": 1}, "Nope is not a property that exists."),
    ],
)
def test_what_is_refused_says_where_and_changes_nothing(
    desk: Desk, source: str, name: str, value: Json, message: str
) -> None:
    assert refusal(desk, source, name, value) == message


def test_a_value_of_a_read_only_type_names_every_type_that_can_be_written(desk: Desk, source: str) -> None:
    message = refusal(desk, source, "No", {"unique_id": {"number": 5}})
    lines = message.splitlines()
    assert lines[0] == "body failed validation. Fix one:"
    assert "body.properties.No.number should be defined, instead was `undefined`." in lines


def test_text_is_measured_in_utf16_units(desk: Desk, source: str) -> None:
    desk.row(source, "x", Text={"rich_text": words("🎨" * 1000)})
    body = {"parent": {"data_source_id": source}, "properties": {"Text": {"rich_text": words("🎨" * 1001)}}}
    assert desk.refused("POST", "pages", body)[2].endswith("instead was `2002`.")


def test_shape_is_checked_before_anything_is_looked_up(desk: Desk) -> None:
    lost = "7855b161-f63e-4683-b7c7-8ca6e97ee266"
    bad = {"parent": {"data_source_id": lost}, "properties": {"Name": {"title": words("x" * 2001)}}}
    assert desk.refused("POST", "pages", bad)[0] == 400
    good = {"parent": {"data_source_id": lost}, "properties": {"Nope": {"title": []}}}
    status, _, message = desk.refused("POST", "pages", good)
    assert (status, message[:52]) == (404, "Could not find data_source with ID: 7855b161-f63e-46")


def test_an_unknown_key_in_the_body_is_refused(desk: Desk, source: str) -> None:
    page = desk.row(source, "Ana")
    assert desk.refused("PATCH", f"pages/{page['id']}", {"position": {"type": "page_start"}})[2] == (
        'body failed validation: body.position should be not present, instead was `{"type":"page_start"}`.'
    )


def test_properties_may_be_named_by_id(desk: Desk, source: str) -> None:
    number = desk.columns(source)["Number"]["id"]
    given: Json = {number: {"number": 3}, "title": {"title": words("Ana")}}
    page = desk.row(source, **given)
    assert page["properties"]["Number"]["number"] == 3
    assert page["properties"]["Name"]["title"][0]["plain_text"] == "Ana"
    narrowed = desk.get(f"pages/{page['id']}", f"filter_properties={number}&filter_properties=title")
    assert narrowed["properties"].keys() == {"Number", "Name"}


def test_a_page_in_the_trash_is_read_but_not_edited(desk: Desk, source: str) -> None:
    page = desk.row(source, "Ana")
    path = f"pages/{page['id']}"
    assert desk.patch(path, {"in_trash": True})["in_trash"] is True
    assert desk.names(source) == []
    assert desk.get(path)["in_trash"] is True
    assert desk.refused("PATCH", path, {"properties": {}}) == (
        400,
        "validation_error",
        "Can't edit block that is archived. You must unarchive the block before editing.",
    )
    assert desk.patch(path, {"in_trash": False})["properties"]["Name"]["title"][0]["plain_text"] == "Ana"
    assert desk.names(source) == ["Ana"]


def test_an_archived_page_leaves_the_query_without_being_in_the_trash(desk: Desk, source: str) -> None:
    page = desk.row(source, "Ana")
    archived = desk.patch(f"pages/{page['id']}", {"is_archived": True})
    assert (archived["is_archived"], archived["in_trash"]) == (True, False)
    assert desk.names(source) == []
    assert desk.names(source, is_archived=True) == ["Ana"]


def test_rows_of_a_trashed_database_are_in_the_trash(desk: Desk, source: str) -> None:
    page = desk.row(source, "Ana")
    database = desk.get(f"data_sources/{source}")["parent"]["database_id"]
    assert desk.ask("DELETE", f"blocks/{database}")[1]["child_database"] == {"title": "Clients"}
    assert desk.get(f"pages/{page['id']}")["in_trash"] is True
    assert desk.refused("POST", f"data_sources/{source}/query", {})[0] == 404
    assert desk.patch(f"blocks/{database}", {"in_trash": False})["in_trash"] is False
    assert desk.get(f"pages/{page['id']}")["in_trash"] is False


# ---- relations ----


def related(desk: Desk) -> tuple[str, str]:
    clients = desk.database()
    orders = desk.database("Orders", Client={"relation": {"data_source_id": clients, "dual_property": {}}})
    return clients, orders


def targets(desk: Desk, page: str, name: str) -> list[str]:
    return [one["id"] for one in desk.get(f"pages/{page}")["properties"][name]["relation"]]


def test_one_side_of_a_relation_fills_the_other(desk: Desk) -> None:
    clients, orders = related(desk)
    ana, ben = desk.row(clients, "Ana")["id"], desk.row(clients, "Ben")["id"]
    order = desk.row(orders, "#1", Client={"relation": [{"id": ana}]})["id"]
    mirror = "Related to Orders (Client)"
    assert targets(desk, ana, mirror) == [order]
    desk.patch(f"pages/{order}", {"properties": {"Client": {"relation": [{"id": ben}]}}})
    assert (targets(desk, ana, mirror), targets(desk, ben, mirror)) == ([], [order])
    desk.patch(f"pages/{ana}", {"properties": {mirror: {"relation": [{"id": order}]}}})
    assert targets(desk, order, "Client") == [ben, ana]


@pytest.mark.parametrize(("bump", "edited"), [(False, "2026-11-23T10:00:00.000Z"), (True, "2026-11-23T10:01:00.000Z")])
def test_whether_the_mirrored_page_counts_as_edited_is_a_knob(desk: Desk, bump: bool, edited: str) -> None:
    desk.twin.knobs({"relation_bump": bump})
    clients, orders = related(desk)
    ana = desk.row(clients, "Ana")["id"]
    desk.wait(60)
    desk.row(orders, "#1", Client={"relation": [{"id": ana}]})
    assert desk.get(f"pages/{ana}")["last_edited_time"] == edited


def test_a_row_shows_25_relations_and_the_endpoint_all(desk: Desk) -> None:
    clients, orders = related(desk)
    ids = [{"id": desk.row(clients, str(number))["id"]} for number in range(30)]
    order = desk.row(orders, "#1", Client={"relation": ids})
    shown = order["properties"]["Client"]
    assert (shown["relation"], shown["has_more"]) == (ids[:25], True)
    item = desk.get(f"pages/{order['id']}/properties/{shown['id']}")
    assert [one["relation"] for one in item["results"]] == ids
    first = desk.get(f"pages/{order['id']}/properties/{shown['id']}", "page_size=20")
    rest = desk.get(f"pages/{order['id']}/properties/{shown['id']}", f"start_cursor={first['next_cursor']}")
    assert [one["relation"] for one in (*first["results"], *rest["results"])] == ids


def test_a_target_in_the_trash_hides_until_it_is_restored(desk: Desk) -> None:
    clients, orders = related(desk)
    ana = desk.row(clients, "Ana")["id"]
    order = desk.row(orders, "#1", Client={"relation": [{"id": ana}]})["id"]
    desk.patch(f"pages/{ana}", {"in_trash": True})
    assert targets(desk, order, "Client") == []
    desk.twin.knobs({"trashed_in_relations": True})
    assert targets(desk, order, "Client") == [ana]
    desk.patch(f"pages/{ana}", {"in_trash": False})
    assert targets(desk, order, "Client") == [ana]


def test_a_relation_to_an_unshared_database_reads_as_empty(desk: Desk) -> None:
    clients, orders = related(desk)
    ana = desk.row(clients, "Ana")["id"]
    order = desk.row(orders, "#1", Client={"relation": [{"id": ana}]})["id"]
    database = desk.get(f"data_sources/{clients}")["parent"]["database_id"]
    desk.person("POST", f"databases/{database}/share", {"shared": False})
    assert targets(desk, order, "Client") == []
    shown = desk.person("GET", f"pages/{order}")["properties"]["Client"]["relation"]
    assert shown == [{"id": ana}]


def test_a_relation_to_a_lost_page_is_a_404(desk: Desk) -> None:
    _, orders = related(desk)
    body = {
        "parent": {"data_source_id": orders},
        "properties": {"Client": {"relation": [{"id": "7855b161-f63e-4683-b7c7-8ca6e97ee266"}]}},
    }
    assert desk.refused("POST", "pages", body)[:2] == (404, "object_not_found")
    assert desk.names(orders) == []


def test_a_row_moves_to_another_data_source_and_keeps_its_id(desk: Desk) -> None:
    first, second = desk.database(Email={"email": {}}), desk.database("Leads", Email={"email": {}})
    page = desk.row(first, "Ana", Email={"email": "ana@example.com"})
    moved = desk.post(f"pages/{page['id']}/move", {"parent": {"data_source_id": second}})
    assert (moved["id"], moved["parent"]["data_source_id"]) == (page["id"], second)
    assert moved["properties"]["Email"]["email"] == "ana@example.com"
    assert (desk.names(first), desk.names(second)) == ([], ["Ana"])


def test_a_row_that_moves_away_leaves_its_relations(desk: Desk) -> None:
    clients, orders = related(desk)
    ana = desk.row(clients, "Ana")["id"]
    order = desk.row(orders, "#1", Client={"relation": [{"id": ana}]})["id"]
    desk.post(f"pages/{order}/move", {"parent": {"data_source_id": orders}})
    assert targets(desk, order, "Client") == [ana]
    desk.post(f"pages/{order}/move", {"parent": {"page_id": desk.twin.ROOT_PAGE}})
    assert targets(desk, ana, "Related to Orders (Client)") == []


def test_pages_under_pages_have_a_title_alone(desk: Desk) -> None:
    body = {"parent": {"page_id": desk.twin.ROOT_PAGE}, "properties": {"title": words("Notes & plans: 2026")}}
    page = desk.post("pages", body)
    assert list(page["properties"]) == ["title"]
    assert page["url"] == f"https://app.notion.com/p/Notes-plans-2026-{page['id'].replace('-', '')}"
    assert page["parent"] == {"type": "page_id", "page_id": desk.twin.ROOT_PAGE}


def test_created_and_edited_columns_show_whole_users(desk: Desk) -> None:
    source = desk.database(By={"created_by": {}}, At={"created_time": {}}, Last={"last_edited_time": {}})
    desk.now = datetime(2026, 1, 2, 3, 4, 59, tzinfo=UTC)
    properties = desk.row(source, "Ana")["properties"]
    assert properties["By"]["created_by"]["name"] == "hsn sandbox"
    assert properties["By"]["created_by"]["bot"] == {}
    assert properties["At"]["created_time"] == properties["Last"]["last_edited_time"] == "2026-01-02T03:04:00.000Z"
