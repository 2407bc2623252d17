"""Somebody else's Notion library, in the mode in which an unknown or missing key is an error, is served by the twin."""

import importlib.metadata
import importlib.util
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import notion_client
import pytest

from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.wire import Request

if importlib.util.find_spec("ultimate_notion") is None:  # looked for, not imported: how it is imported matters below
    pytest.skip("ultimate-notion is not installed: a guest, not a dependency", allow_module_level=True)


class TwinTransport(httpx.BaseTransport):
    """Each request a second later than the one before."""

    def __init__(self, twin: NotionTwin) -> None:
        self._twin = twin
        self._now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._now += timedelta(seconds=1)
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = self._twin.answer(Request(request.method, path, query, headers, request.read()), self._now)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)


@pytest.fixture(scope="module")
def uno() -> Any:
    """The library believes that it is a development version, and so forbids keys that it does not know."""
    real = importlib.metadata.version
    patch = pytest.MonkeyPatch()
    patch.setattr(
        importlib.metadata, "version", lambda name: real(name) + ".dev0" if name == "ultimate-notion" else real(name)
    )
    import ultimate_notion  # noqa: PLC0415
    from ultimate_notion.obj_api import core  # noqa: PLC0415

    patch.undo()
    assert core.GenericObject.model_config["extra"] == "forbid"
    return ultimate_notion


@pytest.fixture
def twin() -> NotionTwin:
    twin = NotionTwin(seed=3)
    twin.knobs({"search_lag": 0.0, "api_formula_filters": True})
    return twin


@pytest.fixture
def notion(uno: Any, twin: NotionTwin, tmp_path: Any) -> Iterator[Any]:
    path = tmp_path / "config.toml"
    path.write_text('[ultimate_notion]\ntoken = "ntn_sandbox"\n')
    from ultimate_notion.config import Config, UNOCfg  # noqa: PLC0415

    client = notion_client.Client(
        auth="ntn_sandbox",
        client=httpx.Client(transport=TwinTransport(twin)),
        notion_version="2026-03-11",
        retry=False,
        logger=logging.getLogger("ultimate"),
    )
    config = Config(ultimate_notion=UNOCfg(token="ntn_sandbox", cfg_path=path))
    with uno.Session(config, client=client) as session:
        yield session


def test_users(notion: Any) -> None:
    me = notion.whoami()
    assert me.is_bot
    assert {user.name for user in notion.all_users()} >= {"Morgan Reyes", me.name}


def test_a_page_is_made_changed_trashed_and_restored(uno: Any, notion: Any, twin: NotionTwin) -> None:
    root = notion.get_page(twin.ROOT_PAGE)
    page = notion.create_page(parent=root, title="Evening class")
    page.icon = "🎨"
    page.title = "Morning class"
    page.append([uno.Paragraph("Bring paper."), uno.Heading1("Plan"), uno.ToDoItem("Unlock the door")])
    assert page.reload().title == "Morning class"
    assert [type(child).__name__ for child in page.children] == ["Paragraph", "Heading1", "ToDoItem"]
    assert page.delete().is_deleted
    assert not page.restore().is_deleted
    assert [one.title for one in notion.search_page("Morning class")] == ["Morning class"]


def test_a_schema_with_every_type_that_the_api_can_make(uno: Any, notion: Any, twin: NotionTwin) -> None:
    root = notion.get_page(twin.ROOT_PAGE)
    options = [uno.Option("Open", color=uno.Color.RED), uno.Option("Done", color=uno.Color.GREEN)]

    class Client(uno.Schema, db_title="Clients"):
        name = uno.PropType.Title("Name")
        orders = uno.PropType.Relation("Orders")

    class Order(uno.Schema, db_title="Orders"):
        """What was bought"""

        name = uno.PropType.Title("Order")
        note = uno.PropType.Text("Note")
        total = uno.PropType.Number("Total", format=uno.NumberFormat.DOLLAR)
        state = uno.PropType.Select("State", options=options)
        tags = uno.PropType.MultiSelect("Tags", options=options)
        placed = uno.PropType.Date("Placed")
        paid = uno.PropType.Checkbox("Paid")
        email = uno.PropType.Email("Email")
        phone = uno.PropType.Phone("Phone")
        link = uno.PropType.URL("Link")
        people = uno.PropType.Person("People")
        files = uno.PropType.Files("Files")
        number = uno.PropType.ID("Number", prefix="ORD")
        made = uno.PropType.CreatedTime("Made")
        maker = uno.PropType.CreatedBy("Maker")
        edited = uno.PropType.LastEditedTime("Edited")
        editor = uno.PropType.LastEditedBy("Editor")
        double = uno.PropType.Formula("Double", formula='prop("Total") * 2')
        client = uno.PropType.Relation("Client", schema=Client, two_way_prop=Client.orders)

    clients = notion.create_ds(root, schema=Client)
    orders = notion.create_ds(root, schema=Order)
    assert orders.description == "What was bought"
    ana = clients.create_page(name="Ana")
    row = orders.create_page(
        name="#1",
        note="by hand",
        total=12.5,
        state="Open",
        tags=["Open", "Done"],
        placed=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        paid=True,
        email="ana@example.com",
        phone="+49 30 1",
        link="https://example.com",
        client=[ana],
    )
    assert row.props.total == 12.5
    assert row.props.number == "ORD-1"
    assert row.props.double == 25
    assert [one.title for one in ana.reload().props.orders] == ["#1"]
    assert [one.title for one in orders.get_all_pages()] == ["#1"]
    found = orders.query.filter((uno.prop("Total") > 12) & (uno.prop("State") == "Open")).execute()
    assert [one.title for one in found] == ["#1"]


def test_columns_are_added_renamed_and_removed(uno: Any, notion: Any, twin: NotionTwin) -> None:
    root = notion.get_page(twin.ROOT_PAGE)
    source = notion.create_ds(root, title="Rooms")
    source.schema["Seats"] = uno.PropType.Number()
    source.schema["Seats"].name = "Chairs"
    assert {prop.name for prop in source.reload().schema.get_props()} == {"Name", "Chairs"}
    del source.schema["Chairs"]
    assert {prop.name for prop in source.reload().schema.get_props()} == {"Name"}
    source.title = "Halls"
    assert source.reload().title == "Halls"
    database = notion.get_db(source.database_id)
    database.description = "Where we meet"
    assert database.reload().description == "Where we meet"
    assert source.delete().is_deleted
    assert not source.restore().is_deleted
