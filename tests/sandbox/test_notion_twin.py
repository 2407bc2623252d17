"""The twin of Notion at its door: checks and their order, tokens, limits, persons, loading."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.wire import Request, Twin
from tests.sandbox.notion_desk import Desk, words


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_it_is_a_twin() -> None:
    twin: Twin = NotionTwin(seed=0)
    assert twin.name == "notion"


def test_every_answer_carries_its_request_id_twice_and_the_sandbox_clock(desk: Desk) -> None:
    for path in ("users/me", "nowhere"):
        answer = desk.raw("GET", path)
        assert json.loads(answer.body)["request_id"] == answer.headers["x-notion-request-id"]
        assert answer.headers["date"] == "Mon, 23 Nov 2026 10:00:07 GMT"
        assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_path_then_json_then_token_then_version(desk: Desk) -> None:
    desk.token = desk.version = None
    assert desk.refused("GET", "nowhere") == (400, "invalid_request_url", "Invalid request URL.")
    assert desk.refused("DELETE", "search")[1] == "invalid_request_url"
    bad = desk.raw("POST", "search", b"{")
    assert (bad.status, json.loads(bad.body)["code"]) == (400, "invalid_json")
    assert desk.refused("GET", "users/me")[2] == 'Authorization header must use the format "Bearer <token>".'
    desk.token = "ntn_other"
    assert desk.refused("GET", "users/me") == (401, "unauthorized", "API token is invalid.")
    desk.token = "ntn_sandbox"
    status, code, message = desk.refused("GET", "users/me")
    assert (status, code) == (400, "missing_version")
    assert message.endswith("Notion-Version header should be defined, instead was `undefined`.")


def test_what_is_real_but_not_built_is_refused_by_name(desk: Desk) -> None:
    assert desk.refused("GET", "comments") == (501, "not_implemented", "The sandbox does not serve GET /v1/comments.")
    desk.version = "2022-06-28"
    assert "2022-06-28" in desk.refused("GET", "users/me")[2]


def test_a_reader_may_read_and_query_but_not_write(desk: Desk) -> None:
    source = desk.database()
    desk.token = "ntn_sandbox_readonly"
    desk.query(source)
    desk.post("search", {})
    refusal = (403, "restricted_resource", "Insufficient permissions for this endpoint.")
    assert desk.refused("POST", "pages", {}) == refusal
    assert desk.refused("PATCH", f"data_sources/{source}", {}) == refusal
    assert desk.refused("DELETE", f"blocks/{desk.twin.ROOT_PAGE}") == refusal


def test_ids_are_checked_to_the_nibble_and_taken_without_dashes(desk: Desk) -> None:
    wrong = "12345678-1234-1234-1234-123456789abc"
    assert desk.refused("GET", f"pages/{wrong}")[2] == (
        f'path failed validation: path.page_id should be a valid uuid, instead was `"{wrong}"`.'
    )
    assert desk.refused("GET", f"pages/{'0' * 32}")[:2] == (404, "object_not_found")
    assert desk.get(f"pages/{desk.twin.ROOT_PAGE.replace('-', '')}")["id"] == desk.twin.ROOT_PAGE


def test_a_lost_page_does_not_tell_why(desk: Desk) -> None:
    gone = "7855b161-f63e-4683-b7c7-8ca6e97ee266"
    status, answer = desk.ask("GET", f"pages/{gone}")
    assert (status, list(answer)) == (
        404,
        ["object", "status", "code", "message", "additional_data", "request_id"],
    )
    assert answer["message"] == (
        f"Could not find page with ID: {gone}. Make sure the relevant pages and databases are shared with your "
        'integration "hsn sandbox".'
    )


def test_the_budget_is_180_requests_in_a_fixed_minute(desk: Desk) -> None:
    desk.twin.limits = True
    desk.now = datetime(2026, 11, 23, 10, 0, 11, tzinfo=UTC)
    assert [desk.ask("GET", "users/me")[0] for _ in range(181)] == [200] * 180 + [429]
    response = desk.raw("GET", "users/me")
    assert response.headers["retry-after"] == "49"
    assert json.loads(response.body)["additional_data"] == {
        "rate_limit_reason": "public_api_request_rate_limit",
        "retry_after": "49",
    }
    desk.person("GET", "users/me")
    desk.wait(49)
    desk.get("users/me")


def test_users(desk: Desk) -> None:
    me = desk.get("users/me")
    assert me["bot"]["owner"] == {"type": "workspace", "workspace": True}
    listed = desk.get("users")["results"]
    assert [user["type"] for user in listed] == ["person", "bot", "bot"]
    assert desk.get(f"users/{listed[0]['id']}")["person"] == {"email": "morgan.reyes@example.com"}
    page = desk.get("users", "page_size=1")
    assert (page["has_more"], page["next_cursor"]) == (True, listed[1]["id"])
    assert desk.refused("GET", "users", query="start_cursor=bogus")[2] == "The start_cursor provided is invalid: bogus"


def test_the_older_version_still_says_archived(desk: Desk) -> None:
    source = desk.database()
    page = desk.row(source, "Ana")
    assert "archived" not in page
    desk.version = "2025-09-03"
    for path in (f"pages/{page['id']}", f"data_sources/{source}", f"blocks/{page['id']}"):
        shown = desk.get(path)
        assert shown["archived"] is shown["in_trash"] is False
    assert desk.patch(f"pages/{page['id']}", {"archived": True})["in_trash"] is True
    desk.version = "2026-03-11"
    assert desk.refused("PATCH", f"pages/{page['id']}", {"archived": False})[2] == (
        "body failed validation: body.archived should be not present, instead was `false`."
    )


@pytest.mark.parametrize("told", [True, False])
def test_a_write_can_be_saved_and_still_be_answered_503(desk: Desk, told: bool) -> None:
    source = desk.database()
    desk.twin.knobs({"saved_503": 2, "saved_503_tells_id": told})
    status, answer = desk.ask("POST", "pages", {"parent": {"data_source_id": source}, "properties": {}})
    assert (status, answer["code"]) == (503, "service_unavailable")
    page = desk.query(source)["results"][0]["id"]
    assert answer["additional_data"].get("committed_resource_id") == (page if told else None)
    status, answer = desk.ask("PATCH", f"pages/{page}", {"properties": {"Name": {"title": words("Ana")}}})
    assert "committed_resource_id" not in answer["additional_data"]
    assert (status, desk.names(source)) == (503, ["Ana"])
    desk.row(source, "Ben")


# ---- a person ----


def test_a_person_needs_no_token_and_is_the_editor(desk: Desk) -> None:
    source = desk.database()
    page = desk.row(source, "Ana")
    me = desk.get("users/me")["id"]
    assert page["last_edited_by"] == {"object": "user", "id": me}
    desk.person("PATCH", f"pages/{page['id']}", {"properties": {"Name": {"title": words("Anna")}}})
    edited = desk.get(f"pages/{page['id']}")
    assert edited["created_by"]["id"] == me
    assert desk.get(f"users/{edited['last_edited_by']['id']}")["type"] == "person"


def test_a_duplicate_copies_everything_but_the_number(desk: Desk) -> None:
    source = desk.database(**{"External ID": {"rich_text": {}}, "No": {"unique_id": {}}})
    page = desk.row(source, "Ana", **{"External ID": {"rich_text": words("shop:customers:1")}})
    copy = desk.person("POST", f"pages/{page['id']}/duplicate")
    shown = desk.get(f"pages/{copy['id']}")["properties"]
    assert shown["External ID"]["rich_text"][0]["plain_text"] == "shop:customers:1"
    assert shown["No"]["unique_id"]["number"] == 2
    assert copy["id"] != page["id"]


def test_what_a_person_deletes_for_good_is_lost(desk: Desk) -> None:
    source = desk.database()
    page = desk.row(source, "Ana")
    desk.person("DELETE", f"pages/{page['id']}")
    assert desk.refused("GET", f"pages/{page['id']}")[0] == 404
    assert desk.names(source) == []


def test_an_unshared_database_is_lost_with_its_rows_for_the_bot_alone(desk: Desk) -> None:
    source = desk.database()
    page = desk.row(source, "Ana")
    database = desk.get(f"data_sources/{source}")["parent"]["database_id"]
    desk.person("POST", f"databases/{database}/share", {"shared": False})
    for method, path in (
        ("GET", f"databases/{database}"),
        ("GET", f"data_sources/{source}"),
        ("POST", f"data_sources/{source}/query"),
        ("GET", f"pages/{page['id']}"),
        ("GET", f"blocks/{database}"),
    ):
        assert desk.refused(method, path, {})[:2] == (404, "object_not_found")
    assert desk.get(f"blocks/{desk.twin.ROOT_PAGE}/children")["results"] == []
    desk.person("GET", f"pages/{page['id']}")
    desk.person("POST", f"databases/{database}/share", {"shared": True})
    assert desk.names(source) == ["Ana"]


# ---- the sandbox's own door ----


def test_what_was_dumped_loads_into_the_same(desk: Desk) -> None:
    clients = desk.database(Kind={"select": {"options": [{"name": "new", "color": "red"}]}})
    orders = desk.database("Orders", Client={"relation": {"data_source_id": clients, "dual_property": {}}})
    ana = desk.row(clients, "Ana", Kind={"select": {"name": "new"}})
    desk.wait(70)
    desk.row(orders, "#1", Client={"relation": [{"id": ana["id"]}]})
    desk.row(orders, "#2")
    desk.patch(f"blocks/{desk.twin.ROOT_PAGE}/children", {"children": [{"paragraph": {"rich_text": words("hello")}}]})
    desk.database("Last")
    other = NotionTwin(seed=9)
    other.load(desk.twin.dump(), desk.now)
    assert other.dump() == desk.twin.dump()
    headers = {"authorization": "Bearer ntn_sandbox", "notion-version": "2026-03-11"}
    answer = json.loads(other.answer(Request("POST", f"/v1/data_sources/{orders}/query", "", headers), desk.now).body)
    expected = desk.query(orders)
    assert answer | {"request_id": ""} == expected | {"request_id": ""}


def test_clear_takes_rows_and_leaves_columns(desk: Desk) -> None:
    source = desk.database(Kind={"select": {}})
    desk.row(source, "Ana", Kind={"select": {"name": "new"}})
    desk.twin.clear()
    assert desk.names(source) == []
    assert "Kind" in desk.columns(source)
    desk.get(f"pages/{desk.twin.ROOT_PAGE}")


def test_a_snapshot_is_the_whole_state_and_stays_as_it_was(desk: Desk) -> None:
    source = desk.database()
    desk.row(source, "Ana")
    before = desk.twin.snapshot()
    desk.row(source, "Ben")
    desk.twin.restore(before)
    assert desk.names(source) == ["Ana"]
    desk.row(source, "Cy")
    desk.twin.restore(before)
    assert desk.names(source) == ["Ana"]


def test_add_and_change_are_done_by_a_person(desk: Desk) -> None:
    source = desk.database()
    parent = {"data_source_id": source}
    page = desk.twin.add("pages", {"parent": parent, "properties": {"title": {"title": words("Ana")}}}, desk.now)
    desk.twin.change("pages", page["id"], {"icon": {"emoji": "🎨"}}, desk.now)
    assert desk.get(f"pages/{page['id']}")["icon"] == {"type": "emoji", "emoji": "🎨"}
    with pytest.raises(ValueError, match=r"Nope is not a property that exists\."):
        desk.twin.change("pages", page["id"], {"properties": {"Nope": {"number": 1}}}, desk.now)


def test_an_unknown_knob_is_refused(desk: Desk) -> None:
    with pytest.raises(KeyError, match="no such knob: colour"):
        desk.twin.knobs({"colour": 1})
    assert desk.twin.knobs({"query_lag": 5})["query_lag"] == 5


@pytest.mark.parametrize("seed", [0, 7])
def test_the_same_seed_makes_the_same_ids(seed: int) -> None:
    def ids() -> Any:
        desk = Desk(seed)
        source = desk.database(Note={"rich_text": {}})
        return source, desk.row(source, "Ana")["id"], desk.columns(source)

    assert ids() == ids()
