"""`hsn init`: databases made or adopted, whatever happens in between."""

from collections import Counter
from typing import Any

import httpx
import pytest

from higherself_sync.core.record import ENTITIES, Entity
from higherself_sync.errors import ConfigError, Unauthorised, Unreachable
from higherself_sync.notion import schema
from higherself_sync.notion.init import initialise
from higherself_sync.sandbox.notion import NotionTwin
from tests.notion.ground import Ground


class Killed(BaseException):
    """The process ends here."""


def titles(ground: Ground) -> Counter[str]:
    listed = ground.person("GET", f"blocks/{NotionTwin.ROOT_PAGE}/children")["results"]
    return Counter(each["child_database"]["title"] for each in listed if each["type"] == "child_database")


def columns(ground: Ground, entity: Entity) -> dict[str, str]:
    source = ground.person("GET", f"data_sources/{ground.source(entity)}")
    return {name: each["type"] for name, each in source["properties"].items()}


ONE_OF_EACH = Counter(dict.fromkeys(schema.TITLES.values(), 1))


def test_all_six_databases_are_made_with_their_columns() -> None:
    ground = Ground()
    assert titles(ground) == ONE_OF_EACH
    for entity in Entity:
        found = columns(ground, entity)
        for field in ENTITIES[entity]:
            assert found[field.title] == field.kind.value
        assert (found["External ID"], found["Source"], found["Last Synced"]) == ("rich_text", "multi_select", "date")


def test_the_other_end_of_a_relation_has_a_readable_name() -> None:
    ground = Ground()
    assert {"Orders", "Appointments", "Feedback", "Workflows"} <= columns(ground, Entity.CLIENTS).keys()
    assert {"Orders", "Feedback"} <= columns(ground, Entity.PRODUCTS).keys()
    assert not any(name.startswith("Related to") for entity in Entity for name in columns(ground, entity))


def test_source_has_the_services_as_options() -> None:
    ground = Ground()
    source = ground.person("GET", f"data_sources/{ground.source(Entity.ORDERS)}")["properties"]["Source"]
    assert [each["name"] for each in source["multi_select"]["options"]] == ["shop"]


def test_a_second_run_changes_nothing() -> None:
    ground = Ground()
    before = dict(ground.databases)
    ground.transport.log.clear()
    ground.init(known={})
    assert ground.databases == before
    assert {line.split()[0] for line in ground.transport.log} == {"GET"}


def test_known_databases_are_not_searched_for() -> None:
    ground = Ground()
    ground.transport.log.clear()
    ground.init()
    assert not any("/children" in line for line in ground.transport.log)


def test_what_relations_lead_to_is_made_too() -> None:
    ground = Ground(prepared=False)
    ground.init(Entity.ORDERS)
    assert titles(ground) == Counter({"Clients": 1, "Products": 1, "Orders": 1})


def test_a_page_is_named_by_its_url_too() -> None:
    ground = Ground(prepared=False)
    ground.init(Entity.CLIENTS, page=f"https://app.notion.com/p/HigherSelf-{NotionTwin.ROOT_PAGE.replace('-', '')}?v=1")
    assert titles(ground) == Counter({"Clients": 1})


def test_a_database_of_a_person_is_adopted_and_given_what_it_lacks() -> None:
    ground = Ground(prepared=False)
    made = _clients_of_a_person(ground, {"Full name": {"title": {}}, "Email": {"email": {}}, "Birthday": {"date": {}}})
    ground.init()
    assert ground.databases[Entity.CLIENTS] == made
    found = columns(ground, Entity.CLIENTS)
    assert (found["Full name"], found["Birthday"], found["Phone"]) == ("title", "date", "phone_number")
    assert "Name" not in found


def _clients_of_a_person(ground: Ground, properties: dict[str, Any]) -> str:
    body = {
        "parent": {"type": "page_id", "page_id": NotionTwin.ROOT_PAGE},
        "title": [{"text": {"content": "Clients"}}],
        "initial_data_source": {"properties": properties},
    }
    return str(ground.person("POST", "databases", body)["id"])


def test_the_type_of_a_column_is_never_changed() -> None:
    ground = Ground(prepared=False)
    _clients_of_a_person(ground, {"Name": {"title": {}}, "Email": {"rich_text": {}}, "Phone": {"number": {}}})
    with pytest.raises(ConfigError) as caught:
        ground.init()
    assert '"Email" is rich_text, and has to be email' in caught.value.message
    assert '"Phone" is number, and has to be phone_number' in caught.value.message
    assert columns(ground, Entity.CLIENTS)["Email"] == "rich_text"


def test_a_column_that_the_config_renames_is_looked_for_under_that_name() -> None:
    ground = Ground(prepared=False)
    _clients_of_a_person(ground, {"Name": {"title": {}}, "E-mail": {"email": {}}})
    ground.init(properties={Entity.CLIENTS: {"email": "E-mail"}})
    assert "Email" not in columns(ground, Entity.CLIENTS)


def test_a_column_that_the_state_knows_by_its_id_is_not_made_again() -> None:
    """A person renamed it since; a second one would be empty, and the edits of the first would go unseen."""
    ground = Ground()
    hub = ground.hub()
    hub.replica(Entity.PRODUCTS)
    hub.replica(Entity.ORDERS)
    for entity, changes in (
        (Entity.PRODUCTS, {"Price": {"name": "Preis"}, "SKU": None}),
        (Entity.ORDERS, {"Client": {"name": "Kundin"}}),
    ):
        ground.person("PATCH", f"data_sources/{ground.source(entity)}", {"properties": changes})
    ground.init(cache=ground.cache)
    found = columns(ground, Entity.PRODUCTS)
    assert ("Preis" in found, "Price" in found, found["SKU"]) == (True, False, "rich_text")
    assert "Client" not in columns(ground, Entity.ORDERS)
    ground.hub().replica(Entity.PRODUCTS)


@pytest.mark.parametrize(
    ("content", "taken"),
    [
        ("shop:products:7", True),
        ("mine\nshop:variations:7-8", True),
        ("see https://a.example/b", False),
        ("a:b:c", False),
    ],
)
def test_no_external_id_is_added_beside_a_renamed_one(content: str, taken: bool) -> None:
    """The rows would be taken for new ones, and made a second time."""
    ground = Ground()
    source = ground.source(Entity.PRODUCTS)
    row = {
        "Name": {"title": [{"text": {"content": "Tea"}}]},
        "External ID": {"rich_text": [{"text": {"content": content}}]},
    }
    ground.person("POST", "pages", {"parent": {"type": "data_source_id", "data_source_id": source}, "properties": row})
    ground.person("PATCH", f"data_sources/{source}", {"properties": {"External ID": {"name": "Do not touch"}}})
    if not taken:
        ground.init()
        assert columns(ground, Entity.PRODUCTS)["External ID"] == "rich_text"
        return
    with pytest.raises(ConfigError, match='"Do not touch" holds what it held') as caught:
        ground.init()
    assert 'external_id = "Do not touch" into [notion.properties.products]' in caught.value.remedy
    assert "External ID" not in columns(ground, Entity.PRODUCTS)
    ground.init(properties={Entity.PRODUCTS: {"external_id": "Do not touch"}})


def test_a_page_that_is_not_there_is_told_even_where_nothing_is_to_be_made_there() -> None:
    with pytest.raises(ConfigError, match="is missing, or not shared"):
        Ground().init(page="38c9ce7b-60a4-8101-8000-00000000000a")


def test_a_mirror_whose_name_is_taken_keeps_the_one_it_has() -> None:
    ground = Ground(prepared=False)
    _clients_of_a_person(ground, {"Name": {"title": {}}, "Orders": {"number": {}}})
    ground.init()
    found = columns(ground, Entity.CLIENTS)
    assert (found["Orders"], found["Related to Orders (Client)"]) == ("number", "relation")


def test_two_databases_of_one_name_are_a_question_for_a_person() -> None:
    ground = Ground(prepared=False)
    ids = [_clients_of_a_person(ground, {"Name": {"title": {}}}) for _ in range(2)]
    with pytest.raises(ConfigError, match="2 databases called Clients") as caught:
        ground.init()
    assert all(each in caught.value.message for each in ids)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("nonsense", "neither the ID nor the URL"),
        ("38c9ce7b-60a4-8101-8000-00000000000a", "is missing, or not shared"),
    ],
)
def test_a_wrong_page(page: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        Ground(prepared=False).init(page=page)
    assert caught.value.remedy


def test_a_known_database_that_is_gone() -> None:
    ground = Ground()
    ground.person("POST", f"databases/{ground.databases[Entity.CLIENTS]}/share", {"shared": False})
    with pytest.raises(ConfigError, match=r"Clients: .* is missing, or not shared") as caught:
        ground.init()
    assert "clients" in caught.value.place


def test_a_token_that_may_only_read() -> None:
    ground = Ground(prepared=False)
    with pytest.raises(Unauthorised, match="forbids") as caught:
        initialise(ground.api("ntn_sandbox_readonly"), NotionTwin.ROOT_PAGE, tuple(Entity), (), {}, lambda *_: None)
    assert "read-only" in caught.value.remedy


# --------------------------------------------------------------------------------------- whatever happens in between


def _requests_of_a_whole_run() -> int:
    return len(Ground().transport.log)


@pytest.mark.parametrize("acted", [False, True], ids=["before-notion-acts", "after-notion-acted"])
def test_a_kill_at_any_request_is_gone_on_from(acted: bool) -> None:
    for at in range(_requests_of_a_whole_run()):
        ground = Ground(prepared=False)

        def kill(request: httpx.Request, *_: Any, ground: Ground = ground, at: int = at) -> None:
            if len(ground.transport.log) == at + 1:
                raise Killed

        def kill_after(
            request: httpx.Request, response: httpx.Response, ground: Ground = ground, at: int = at
        ) -> httpx.Response:
            if len(ground.transport.log) == at + 1:
                raise Killed
            return response

        if acted:
            ground.transport.after = kill_after
        else:
            ground.transport.before = kill
        with pytest.raises(Killed):
            ground.init()
        ground.init()
        assert titles(ground) == ONE_OF_EACH
        for entity in Entity:
            assert not any(name.startswith("Related to") for name in columns(ground, entity))


@pytest.mark.parametrize("acted", [False, True], ids=["before-notion-acts", "after-notion-acted"])
def test_a_lost_answer_at_any_request_makes_nothing_twice(acted: bool) -> None:
    for at in range(_requests_of_a_whole_run()):
        ground = Ground(prepared=False)

        def lose(request: httpx.Request, *answer: Any, ground: Ground = ground, at: int = at) -> Any:
            if len(ground.transport.log) == at + 1:
                raise httpx.ReadTimeout("lost")
            return answer[0] if answer else None

        if acted:
            ground.transport.after = lose
        else:
            ground.transport.before = lose
        ground.init()
        assert titles(ground) == ONE_OF_EACH
        for entity in Entity:
            assert not any(name.startswith("Related to") for name in columns(ground, entity))


@pytest.mark.parametrize("acted", [False, True], ids=["before-notion-acts", "after-notion-acted"])
def test_a_relation_added_to_an_adopted_database_gets_one_mirror(acted: bool) -> None:
    ground = Ground()
    ground.person("PATCH", f"data_sources/{ground.source(Entity.ORDERS)}", {"properties": {"Client": None}})
    ground.person("PATCH", f"data_sources/{ground.source(Entity.CLIENTS)}", {"properties": {"Orders": None}})
    lost: list[httpx.Request] = []

    def lose(request: httpx.Request, *answer: Any) -> Any:
        if request.method == "PATCH" and b"dual_property" in request.content and not lost:
            lost.append(request)
            raise httpx.ReadTimeout("lost")
        return answer[0] if answer else None

    if acted:
        ground.transport.after = lose
    else:
        ground.transport.before = lose
    ground.init()
    found = columns(ground, Entity.CLIENTS)
    assert [name for name in found if "Orders" in name] == ["Orders"]
    assert len(lost) == 1


def test_a_creation_whose_answer_never_comes_is_given_up_with_the_databases_so_far_saved() -> None:
    ground = Ground(prepared=False)

    def refuse(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and b"Orders" in request.content:
            raise httpx.ReadTimeout("lost")
        return None

    ground.transport.before = refuse
    with pytest.raises(Unreachable, match="Orders: Notion did not say"):
        ground.init()
    assert ground.databases.keys() == {Entity.CLIENTS, Entity.PRODUCTS}
