"""Somebody else's Notion library, in the mode in which an unknown or missing key is an error, is served by the twin."""

import importlib
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
    library = importlib.import_module("ultimate_notion")
    core = importlib.import_module("ultimate_notion.obj_api.core")
    patch.undo()
    assert core.GenericObject.model_config["extra"] == "forbid"
    return library


@pytest.fixture
def twin() -> NotionTwin:
    twin = NotionTwin(seed=3)
    twin.knobs({"search_lag": 0.0, "api_formula_filters": True})
    return twin


@pytest.fixture
def notion(uno: Any, twin: NotionTwin, tmp_path: Any) -> Iterator[Any]:
    path = tmp_path / "config.toml"
    path.write_text('[ultimate_notion]\ntoken = "ntn_sandbox"\n')
    settings = importlib.import_module("ultimate_notion.config")
    client = notion_client.Client(
        auth="ntn_sandbox",
        client=httpx.Client(transport=TwinTransport(twin)),
        notion_version="2026-03-11",
        retry=False,
        logger=logging.getLogger("ultimate"),
    )
    config = settings.Config(ultimate_notion=settings.UNOCfg(token="ntn_sandbox", cfg_path=path))
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


def test_relations_to_itself_with_rollups(uno: Any, notion: Any, twin: NotionTwin) -> None:
    class Task(uno.Schema, db_title="Tasks"):
        name = uno.PropType.Title("Task")
        hours = uno.PropType.Number("Hours")
        after = uno.PropType.Relation("After", schema=uno.SelfRef)
        total = uno.PropType.Rollup("Total", relation=after, rollup=hours, calculate=uno.AggFunc.SUM)
        names = uno.PropType.Rollup("Names", relation=after, rollup=name, calculate=uno.AggFunc.SHOW_ORIGINAL)

    tasks = notion.create_ds(notion.get_page(twin.ROOT_PAGE), schema=Task)
    first = tasks.create_page(name="paint", hours=3)
    second = tasks.create_page(name="dry", hours=4, after=[first])
    third = tasks.create_page(name="hang", after=[first, second])
    assert (third.props.total, third.props.names) == (7, ["paint", "dry"])
    assert (first.props.total, first.props.names) == (0, [])
    assert [one.title for one in tasks.query.filter(uno.prop("Total") > 3).execute()] == ["hang"]


def test_a_two_way_relation_is_renamed_on_both_sides(uno: Any, notion: Any, twin: NotionTwin) -> None:
    root = notion.get_page(twin.ROOT_PAGE)

    class Room(uno.Schema, db_title="Rooms"):
        name = uno.PropType.Title("Room")
        lessons = uno.PropType.Relation("Lessons")

    class Lesson(uno.Schema, db_title="Lessons"):
        name = uno.PropType.Title("Lesson")
        room = uno.PropType.Relation("Room", schema=Room, two_way_prop=Room.lessons)

    rooms, lessons = notion.create_ds(root, schema=Room), notion.create_ds(root, schema=Lesson)
    hall = rooms.create_page(name="Hall")
    lessons.create_page(name="Choir", room=[hall])
    Lesson.room.two_way_prop = "Taught here"
    notion.cache.clear()
    again = notion.get_page(hall.id)
    assert [one.title for one in again.props["Taught here"]] == ["Choir"]


def test_options_prefixes_and_formats_are_updated(uno: Any, notion: Any, twin: NotionTwin) -> None:
    class Item(uno.Schema, db_title="Items"):
        name = uno.PropType.Title("Name")
        kind = uno.PropType.Select("Kind", options=[uno.Option("a"), uno.Option("b", color=uno.Color.RED)])
        number = uno.PropType.ID("Number", prefix="abc")
        price = uno.PropType.Number("Price", format=uno.NumberFormat.EURO)

    items = notion.create_ds(notion.get_page(twin.ROOT_PAGE), schema=Item)
    Item.kind.options = [uno.Option("a"), uno.Option("c", color=uno.Color.BLUE)]
    Item.number.prefix = "xyz"
    Item.price.format = uno.NumberFormat.DOLLAR
    assert [option.name for option in items.reload().schema.kind.options] == ["a", "c"]
    assert items.create_page(name="one").props.number == "XYZ-1"


def test_more_rows_than_a_page_and_more_relations_than_a_row_shows(uno: Any, notion: Any, twin: NotionTwin) -> None:
    class Row(uno.Schema, db_title="Rows"):
        name = uno.PropType.Title("Name")
        others = uno.PropType.Relation("Others", schema=uno.SelfRef)

    rows = notion.create_ds(notion.get_page(twin.ROOT_PAGE), schema=Row)
    made = [rows.create_page(name=str(number)) for number in range(110)]
    assert len(rows.get_all_pages()) == 110
    assert len(rows.create_page(name="hub", others=made[:30]).reload().props.others) == 30


def test_blocks_of_every_kind(uno: Any, notion: Any, twin: NotionTwin) -> None:
    page = notion.create_page(notion.get_page(twin.ROOT_PAGE), title="Blocks")
    picture = uno.url("https://example.com/a.png")
    blocks = [
        uno.Heading2("Plan", toggleable=True),
        uno.Quote("quiet"),
        uno.Callout("mind the step"),
        uno.Code("print(1)", language=uno.CodeLang.PYTHON),
        uno.BulletedItem("one"),
        uno.NumberedItem("first"),
        uno.ToggleItem("more"),
        uno.Divider(),
        uno.TableOfContents(),
        uno.Breadcrumb(),
        uno.Equation("E=mc^2"),
        uno.Bookmark("https://example.com"),
        uno.Embed("https://example.com"),
        uno.Image(picture),
        uno.Video(picture),
        uno.PDF(picture),
        uno.File(picture, name="a.png"),
    ]
    page.append(blocks)
    page.append(uno.Table(2, 2))
    page.children[0].insert_after(uno.Paragraph("between"))
    kinds = [type(child).__name__ for child in page.reload().children]
    assert kinds == ["Heading2", "Paragraph", *(type(block).__name__ for block in blocks[1:]), "Table"]


def test_a_data_source_is_added_to_a_database(uno: Any, notion: Any, twin: NotionTwin) -> None:
    database = notion.create_db(notion.get_page(twin.ROOT_PAGE), title="Two")
    database.create_ds(title="Second")
    assert [source.title for source in database.reload().data_sources] == ["Two", "Second"]
    assert database.delete().is_deleted
    assert not database.restore().is_deleted


def test_mentions_and_formatting_read_back(uno: Any, notion: Any, twin: NotionTwin) -> None:
    root = notion.get_page(twin.ROOT_PAGE)
    page = notion.create_page(root, title=uno.text("Hello ", bold=True) + uno.mention(root) + uno.math("x"))
    assert page.title == page.reload().title
