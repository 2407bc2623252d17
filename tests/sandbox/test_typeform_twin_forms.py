"""Forms: listed, shown, made, overwritten, patched and edited."""

import re
from typing import Any

import pytest

from higherself_sync.sandbox.wire import Request
from tests.sandbox.typeform_client import Client, question


@pytest.fixture
def client() -> Client:
    return Client()


def test_times_in_the_list_have_microseconds_and_in_a_form_an_offset(client: Client) -> None:
    form_id = client.form()
    (item,) = client.get("/forms").body["items"]
    assert item["created_at"] == "2026-11-23T17:00:00.250000Z"
    form = client.get(f"/forms/{form_id}").body
    assert (form["created_at"], form["last_updated_at"]) == ("2026-11-23T17:00:00+00:00",) * 2


def test_a_form_that_is_not_there_is_a_404_that_names_it(client: Client) -> None:
    for path in ("/forms/nope", "/forms/nope/responses", "/forms/nope/webhooks"):
        answer = client.get(path)
        told = {"code": "FORM_NOT_FOUND", "description": "Non existing form with uid nope"}
        assert (answer.status, answer.body) == (404, told)


def test_a_deleted_form_is_gone_with_its_responses(client: Client) -> None:
    form_id = client.form(question("short_text"))
    client.submit(form_id)
    answer = client.call("DELETE", f"/forms/{form_id}")
    assert (answer.status, answer.body, answer.headers) == (204, None, {})
    assert client.get(f"/forms/{form_id}").code == "FORM_NOT_FOUND"
    assert client.responses(form_id).status == 404
    assert client.call("DELETE", f"/forms/{form_id}").status == 404
    assert client.twin.dump() == {"forms": [], "responses": []}


def test_forms_are_paged_from_one_on_the_newest_first(client: Client) -> None:
    made = []
    for _ in range(12):
        made.append(client.form())
        client.wait()
    first, second = client.get("/forms").body, client.get("/forms", page=2).body
    assert (first["total_items"], first["page_count"]) == (12, 2)
    assert [each["id"] for each in first["items"] + second["items"]] == made[::-1]
    assert client.get("/forms", page=3).body["items"] == []
    assert len(client.get("/forms", page_size=200).body["items"]) == 12
    for wrong in ({"page": 0}, {"page_size": 201}, {"page_size": "x"}, {"sort_by": "title"}, {"order_by": "up"}):
        assert client.get("/forms", **wrong).code == "VALIDATION_ERROR"


def test_forms_are_searched_and_sorted(client: Client) -> None:
    old = client.form(title="Über uns")
    client.wait()
    new = client.form(title="After your retreat", settings={"is_public": False})
    client.wait()
    client.call("PATCH", f"/forms/{old}", body=[{"op": "replace", "path": "/title", "value": "Über alles"}])

    def found(**query: str) -> list[str]:
        return [form["id"] for form in client.get("/forms", **query).body["items"]]

    assert found() == [new, old]
    assert found(sort_by="last_updated_at") == [old, new]
    assert found(sort_by="created_at", order_by="asc") == [old, new]
    assert found(search="ÜBER") == [old]
    assert found(is_public="false") == [new]
    assert found(workspace_id="hsnBox") == [new, old]
    assert found(workspace_id="other") == []


def test_a_form_is_refused_with_everything_that_is_wrong_with_it(client: Client) -> None:
    answer = client.call("POST", "/forms", body={"theme": "x", "fields": [{"title": "?"}, 7]})
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.body["description"] == "The payload is invalid."
    assert answer.body["details"] == [
        {
            "code": "REQUIRED_PROPERTY",
            "description": "should have required property 'title'",
            "field": "/title",
            "in": "body",
        },
        {"code": "WRONG_TYPE", "description": "should be object,null", "field": "/theme", "in": "body"},
        {"code": "WRONG_TYPE", "description": "should be object", "field": "/fields/1", "in": "body"},
        {
            "code": "REQUIRED_PROPERTY",
            "description": "should have required property 'type'",
            "field": "/fields/0/type",
            "in": "body",
        },
    ]


@pytest.mark.parametrize("junk", [None, 7, "x", [], {}, [7], {"x": 7}, True])
@pytest.mark.parametrize(
    "name", ["title", "settings", "workspace", "theme", "hidden", "logic", "welcome_screens", "thankyou_screens",
             "fields", "properties", "choices", "inner", "validations"],
)  # fmt: skip
def test_whatever_is_sent_as_a_form_is_taken_or_refused(name: str, junk: Any, client: Client) -> None:
    """And what was taken can be shown."""
    field: dict[str, Any] = question("group")
    body: dict[str, Any] = {"title": "x", "fields": [field]}
    match name:
        case "choices" | "inner":
            field["properties"] = {"fields" if name == "inner" else name: junk}
        case "properties" | "validations":
            field[name] = junk
        case _:
            body[name] = junk
    answer = client.call("POST", "/forms", body=body)
    assert answer.status in (200, 400)
    for form in client.get("/forms").body["items"]:
        assert client.get(f"/forms/{form['id']}").status == 200


@pytest.mark.parametrize("content", [b"\xff", b"[", b"", b"7", b"[7]", b"null"])
@pytest.mark.parametrize(("method", "part"), [("PUT", ""), ("PATCH", ""), ("PUT", "/webhooks/x")])
def test_what_is_no_payload_is_refused(method: str, part: str, content: bytes, client: Client) -> None:
    form_id = client.form()
    request = Request(method, f"/forms/{form_id}{part}", headers=client.headers, body=content)
    assert client.twin.answer(request, client.now).status == 400
    assert client.call("DELETE", f"/forms/{form_id}/responses", body=7).status == 400


def test_a_form_may_be_created_as_documented(client: Client) -> None:
    assert client.call("POST", "/forms", body={"title": "x"}).status == 200
    client.twin.knobs({"form_created": 201})
    assert client.call("POST", "/forms", body={"title": "x"}).status == 201


def test_a_form_that_is_overwritten_keeps_the_ids_that_come_back_and_loses_the_rest(client: Client) -> None:
    form_id = client.form(question("short_text"), question("dropdown", labels=("a", "b")), hidden=["source"])
    before = client.get(f"/forms/{form_id}").body
    kept = before["fields"][1]
    client.wait(60)
    new = {"title": "New", "fields": [kept | {"title": "Which?"}, question("email")]}
    answer = client.call("PUT", f"/forms/{form_id}", body=new)
    assert answer.status == 200
    after = client.get(f"/forms/{form_id}").body
    assert after["fields"][0] == kept | {"title": "Which?"}
    assert after["fields"][1]["id"] not in {field["id"] for field in before["fields"]}
    assert "hidden" not in after
    assert after["created_at"] == before["created_at"]
    assert after["last_updated_at"] == "2026-11-23T17:01:00+00:00"
    assert after["_links"] == before["_links"]


def test_a_patch_is_a_list_and_is_answered_with_nothing(client: Client) -> None:
    form_id = client.form()
    refused = client.call("PATCH", f"/forms/{form_id}", body={"title": "x"})
    assert refused.body["details"][0]["description"] == "should be array"
    operations = [
        {"op": "replace", "path": "/title", "value": "Patched"},
        {"op": "add", "path": "/settings/is_public", "value": False},
    ]
    answer = client.call("PATCH", f"/forms/{form_id}", body=operations)
    assert (answer.status, answer.body) == (204, None)
    form = client.get(f"/forms/{form_id}").body
    assert (form["title"], form["settings"]["is_public"]) == ("Patched", False)
    unknown = client.call("PATCH", f"/forms/{form_id}", body=[{"op": "replace", "path": "/fields/0", "value": {}}])
    assert unknown.status == 501
    assert "/fields/0" in unknown.body["description"]


def test_questions_get_ids_and_refs_of_their_own_and_keep_the_authors_ref(client: Client) -> None:
    form_id = client.form(
        question("multiple_choice", "mine", labels=("a", "b")), {"type": "long_text", "title": "No ref"}
    )
    first, second = client.get(f"/forms/{form_id}").body["fields"]
    assert first["ref"] == "mine"
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", second["ref"])
    assert all(re.fullmatch(r"\w{12}", each["id"]) for each in (first, second, *first["properties"]["choices"]))
    assert list(first) == ["id", "title", "ref", "properties", "validations", "type"]


def test_a_form_that_only_a_list_told_of_is_listed_but_not_shown(client: Client) -> None:
    client.form()
    listed = client.get("/forms").body["items"]
    other = Client()
    other.twin.load({"forms": listed}, other.now)
    assert other.get("/forms").body["items"] == listed
    assert other.get(f"/forms/{listed[0]['id']}").status == 501


@pytest.mark.parametrize("first", ["forms", "list"])
def test_a_form_is_loaded_whole_and_from_a_list_in_either_order(first: str, client: Client) -> None:
    form_id = client.form(question("nps"))
    whole, listed = client.twin.dump()["forms"], client.get("/forms").body["items"]
    other = Client()
    for forms in (whole, listed) if first == "forms" else (listed, whole):
        other.twin.load({"forms": forms}, other.now)
    assert other.get("/forms").body["items"] == listed
    assert other.get(f"/forms/{form_id}").body == whole[0]


def test_what_an_author_edits_keeps_the_ids_of_what_stays(client: Client) -> None:
    form_id = client.form(question("dropdown", labels=("a", "b")), settings={"is_public": False})
    before = client.get(f"/forms/{form_id}").body
    fields = [before["fields"][0], question("email")]
    after = client.twin.change("forms", form_id, {"fields": fields, "settings": {"language": "de"}}, client.now)
    assert after == client.get(f"/forms/{form_id}").body
    assert after["fields"][0] == before["fields"][0]
    assert (after["settings"]["language"], after["settings"]["is_public"]) == ("de", False)
    client.twin.change("forms", form_id, {"deleted": True}, client.now)
    assert client.get(f"/forms/{form_id}").status == 404
