"""Databases, data sources and columns of the twin of Notion."""

import re
from urllib.parse import unquote

import pytest

from tests.sandbox.notion_desk import Desk, Json, words


@pytest.fixture
def desk() -> Desk:
    return Desk()


def change(desk: Desk, source: str, **columns: Json | None) -> Json:
    changed: Json = desk.patch(f"data_sources/{source}", {"properties": columns})["properties"]
    return changed


def test_a_database_holds_no_columns_and_counts_in_milliseconds(desk: Desk) -> None:
    source = desk.get(f"data_sources/{desk.database()}")
    database = desk.get(f"databases/{source['parent']['database_id']}")
    assert database["created_time"] == "2026-11-23T10:00:07.250+00:00"
    assert source["created_time"] == "2026-11-23T10:00:00.000Z"
    assert database["data_sources"] == [{"id": source["id"], "name": "Clients"}]
    assert not database.keys() & {"properties", "created_by", "last_edited_by", "archived"}
    assert source["database_parent"] == database["parent"]
    assert source["url"] == database["url"]


def test_a_database_without_a_title_is_called_new(desk: Desk) -> None:
    database = desk.post("databases", {"parent": {"page_id": desk.twin.ROOT_PAGE}})
    assert database["title"][0]["plain_text"] == "New database"
    assert database["data_sources"][0]["name"] == "New database"
    source = desk.get(f"data_sources/{database['data_sources'][0]['id']}")
    assert source["title"] == []
    assert list(source["properties"]) == ["Name"]


def test_editing_a_database_does_not_move_its_time(desk: Desk) -> None:
    database = desk.get(f"data_sources/{desk.database()}")["parent"]["database_id"]
    before = desk.get(f"databases/{database}")
    desk.wait(120)
    after = desk.patch(f"databases/{database}", {"title": words("People"), "description": words("who we know")})
    assert after["last_edited_time"] == before["last_edited_time"]
    source = desk.get(f"data_sources/{after['data_sources'][0]['id']}")
    assert source["description"][0]["plain_text"] == "who we know"


def test_the_children_of_a_page_name_its_databases(desk: Desk) -> None:
    first, second = desk.database(), desk.database("Orders")
    children = desk.get(f"blocks/{desk.twin.ROOT_PAGE}/children")
    assert [one["child_database"]["title"] for one in children["results"]] == ["Clients", "Orders"]
    ids = [desk.get(f"databases/{one['id']}")["data_sources"][0]["id"] for one in children["results"]]
    assert ids == [first, second]
    assert (children["object"], children["type"], children["has_more"]) == ("list", "block", False)


def test_column_ids_are_encoded_and_give_the_order_with_title_last(desk: Desk) -> None:
    columns = desk.columns(desk.database(**{f"Column {number}": {"number": {}} for number in range(40)}))
    ids = [unquote(column["id"]) for column in columns.values()]
    assert ids == [*sorted(ids[:-1], key=str.encode), "title"]
    assert all(len(one) == 4 for one in ids[:-1])
    assert any("%" in column["id"] for column in columns.values())


def test_columns_are_added_renamed_retyped_and_removed(desk: Desk) -> None:
    source = desk.database(Old={"rich_text": {}})
    row = desk.row(source, "Ana", Old={"rich_text": words("x")})
    old = desk.columns(source)["Old"]["id"]
    renamed = change(desk, source, Old={"name": "New"}, Price={"number": {"format": "euro"}})
    assert renamed["New"]["id"] == old
    assert renamed["Price"]["number"] == {"format": "euro"}
    assert desk.get(f"pages/{row['id']}")["properties"]["New"]["rich_text"][0]["plain_text"] == "x"
    filled: Json = {"properties": {"New": {"number": {}}}}
    assert desk.refused("PATCH", f"data_sources/{source}", filled)[0] == 501
    desk.patch(f"pages/{row['id']}", {"properties": {"New": {"rich_text": []}}})
    assert change(desk, source, **{old: {"number": {}}})["New"]["type"] == "number"
    assert change(desk, source, New=None).keys() == {"Name", "Price"}
    assert change(desk, source, New={"number": {}})["New"]["id"] != old
    assert change(desk, source).keys() == {"Name", "Price", "New"}


def test_text_stays_when_its_column_becomes_another_kind_of_text(desk: Desk) -> None:
    source = desk.database(Post={"email": {}})
    row = desk.row(source, "Ana", Post={"email": "ana@example.com"})
    change(desk, source, Post={"rich_text": {}})
    shown = desk.get(f"pages/{row['id']}")["properties"]["Post"]
    assert shown["rich_text"][0]["plain_text"] == "ana@example.com"
    change(desk, source, Post={"url": {}})
    assert desk.get(f"pages/{row['id']}")["properties"]["Post"]["url"] == "ana@example.com"


def test_the_title_can_be_renamed_but_not_removed_or_retyped(desk: Desk) -> None:
    source = desk.database()
    assert change(desk, source, Name={"name": "Client"})["Client"]["id"] == "title"
    assert desk.refused("PATCH", f"data_sources/{source}", {"properties": {"Client": None}})[0] == 400
    assert desk.refused("PATCH", f"data_sources/{source}", {"properties": {"Client": {"number": {}}}})[0] == 400


def test_an_option_list_replaces_the_old_one(desk: Desk) -> None:
    source = desk.database(Kind={"select": {"options": [{"name": "a", "color": "red"}, {"name": "b"}]}})
    page = desk.row(source, "Ana", Kind={"select": {"name": "b"}})
    before = {one["name"]: one for one in desk.columns(source)["Kind"]["select"]["options"]}
    options = change(desk, source, Kind={"select": {"options": [{"name": "c"}, {"name": "a"}]}})["Kind"]["select"][
        "options"
    ]
    assert [one["name"] for one in options] == ["c", "a"]
    assert options[1] == before["a"]
    assert options[0]["id"] not in {one["id"] for one in before.values()}
    assert desk.get(f"pages/{page['id']}")["properties"]["Kind"]["select"] is None


def test_the_colour_of_an_option_cannot_be_changed(desk: Desk) -> None:
    source = desk.database(Kind={"select": {"options": [{"name": "a", "color": "red"}]}})
    body = {"properties": {"Kind": {"select": {"options": [{"name": "a", "color": "blue"}]}}}}
    assert desk.refused("PATCH", f"data_sources/{source}", body)[2] == "Cannot update color of select with name: a"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([{"name": "a,b"}], "Invalid select option, commas not allowed: a,b"),
        ([{"name": "a"}, {"name": "A"}], "Select option names must be unique, ignoring case."),
    ],
)
def test_option_names_have_no_comma_and_are_unique(desk: Desk, options: list[Json], message: str) -> None:
    body = {
        "parent": {"page_id": desk.twin.ROOT_PAGE},
        "initial_data_source": {"properties": {"Kind": {"select": {"options": options}}}},
    }
    assert desk.refused("POST", "databases", body)[2] == message
    assert desk.twin.dump()["databases"] == desk.twin.dump()["data_sources"] == []


def test_a_status_column_has_three_groups(desk: Desk) -> None:
    config = desk.columns(desk.database(Status={"status": {}}))["Status"]["status"]
    ids = {one["id"]: one["name"] for one in config["options"]}
    groups = {group["name"]: [ids[one] for one in group["option_ids"]] for group in config["groups"]}
    assert groups == {"To-do": ["Not started"], "In progress": ["In progress"], "Complete": ["Done"]}


def test_a_mirror_is_named_after_both_and_can_be_renamed(desk: Desk) -> None:
    clients = desk.database()
    orders = desk.database("Orders", Client={"relation": {"data_source_id": clients, "dual_property": {}}})
    relation = desk.columns(orders)["Client"]["relation"]
    assert relation["dual_property"]["synced_property_name"] == "Related to Orders (Client)"
    change(desk, clients, **{"Related to Orders (Client)": {"name": "Orders"}})
    relation = desk.columns(orders)["Client"]["relation"]
    mirror = desk.columns(clients)["Orders"]
    assert relation["dual_property"] == {"synced_property_name": "Orders", "synced_property_id": mirror["id"]}
    assert mirror["relation"]["dual_property"]["synced_property_name"] == "Client"


def test_a_dual_relation_made_single_leaves_its_mirror(desk: Desk) -> None:
    clients = desk.database()
    orders = desk.database("Orders", Client={"relation": {"data_source_id": clients, "dual_property": {}}})
    ana = desk.row(clients, "Ana")
    order = desk.row(orders, "#1", Client={"relation": [{"id": ana["id"]}]})
    changed = change(desk, orders, Client={"relation": {"data_source_id": clients, "single_property": {}}})
    assert changed["Client"]["relation"]["type"] == "single_property"
    mirror = desk.columns(clients)["Related to Orders (Client)"]["relation"]
    assert mirror["type"] == "single_property"
    kept = desk.get(f"pages/{order['id']}")["properties"]["Client"]["relation"]
    assert kept == [{"id": ana["id"]}]
    assert "Related to Orders (Client)" not in change(desk, clients, **{"Related to Orders (Client)": None})


def test_a_relation_to_itself(desk: Desk) -> None:
    source = desk.database()
    relation = change(desk, source, Parent={"relation": {"data_source_id": source, "single_property": {}}})["Parent"]
    assert relation["relation"]["data_source_id"] == source


def test_a_second_data_source_is_added_trashed_restored_and_moved(desk: Desk) -> None:
    first = desk.get(f"data_sources/{desk.database()}")["parent"]["database_id"]
    other = desk.get(f"data_sources/{desk.database('Other')}")["parent"]["database_id"]
    body = {"parent": {"database_id": first}, "properties": {"Name": {"title": {}}}, "title": words("Leads")}
    leads = desk.post("data_sources", body)

    def listed(database: str) -> list[str]:
        return [one["name"] for one in desk.get(f"databases/{database}")["data_sources"]]

    assert listed(first) == ["Clients", "Leads"]
    assert desk.patch(f"data_sources/{leads['id']}", {"in_trash": True})["in_trash"] is True
    assert listed(first) == ["Clients"]
    desk.patch(f"data_sources/{leads['id']}", {"in_trash": False})
    moved = desk.patch(f"data_sources/{leads['id']}", {"parent": {"database_id": other}})
    assert moved["parent"] == {"type": "database_id", "database_id": other}
    assert (listed(first), listed(other)) == (["Clients"], ["Other", "Leads"])


def test_a_page_cannot_go_into_a_database_with_several_sources(desk: Desk) -> None:
    database = desk.get(f"data_sources/{desk.database()}")["parent"]["database_id"]
    page = desk.post("pages", {"parent": {"database_id": database}, "properties": {}})
    assert page["parent"]["type"] == "data_source_id"
    desk.post("data_sources", {"parent": {"database_id": database}, "properties": {"Name": {"title": {}}}})
    assert desk.refused("POST", "pages", {"parent": {"database_id": database}})[0] == 400


def test_a_relation_to_nowhere_is_lost(desk: Desk) -> None:
    body = {"properties": {"Up": {"relation": {"data_source_id": "7855b161-f63e-4683-b7c7-8ca6e97ee266"}}}}
    status, code, message = desk.refused("PATCH", f"data_sources/{desk.database()}", body)
    assert (status, code) == (404, "object_not_found")
    assert re.match("Could not find data_source with ID: 7855b161", message)


def test_a_refused_change_changes_nothing(desk: Desk) -> None:
    clients = desk.database(Note={"rich_text": {}})
    ana = desk.row(clients, "Ana", Note={"rich_text": words("x")})
    before = desk.columns(clients)
    orders = desk.database("Orders")
    body: Json = {
        "properties": {
            "Client": {"relation": {"data_source_id": clients, "dual_property": {}}},
            "Name": {"name": "Order"},
            "Bad": {"select": {"options": [{"name": "a,b"}]}},
        }
    }
    assert desk.refused("PATCH", f"data_sources/{orders}", body)[0] == 400
    assert desk.columns(orders).keys() == {"Name"}
    body = {"properties": {"Note": None, "Bad": {"select": {"options": [{"name": "a,b"}]}}}}
    assert desk.refused("PATCH", f"data_sources/{clients}", body)[0] == 400
    assert desk.columns(clients) == before
    assert desk.get(f"pages/{ana['id']}")["properties"]["Note"]["rich_text"][0]["plain_text"] == "x"
