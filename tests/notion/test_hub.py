"""Notion as a replica, against the twin: what is read, what is written, and what a refusal becomes."""

import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from higherself_sync.core.record import Draft, Entity, Gone, Marks, Record, When
from higherself_sync.errors import (
    Absent,
    ConfigError,
    HsnError,
    Refused,
    Remade,
    Unanswered,
    Unauthorised,
    Unreachable,
)
from higherself_sync.notion.rows import Rows
from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.notion import query as twin_query
from tests.notion.ground import Ground

STAMP = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ORDER_VALUES: dict[str, Any] = {
    "order": "#37",
    "status": "processing",
    "total": Decimal("119.9"),
    "currency": "EUR",
    "placed": When(datetime(2026, 11, 23, 8, 15, tzinfo=UTC)),
    "items": "1 × Retreat\n2 × Tea",
}


def marks(line: str = "shop:orders:37") -> Marks:
    return Marks((line,), frozenset({"shop"}), synced=STAMP)


@pytest.fixture
def ground() -> Ground:
    return Ground()


@pytest.fixture
def clients(ground: Ground) -> Rows:
    return ground.hub().replica(Entity.CLIENTS)


@pytest.fixture
def orders(ground: Ground) -> Rows:
    return ground.hub().replica(Entity.ORDERS)


def client(name: str = "Ann Lee", **values: Any) -> Draft:
    return Draft({"name": name, **values}, marks("shop:customers:1"))


def records(rows: Rows, since: datetime | None = None) -> list[Record]:
    return [record for batch in rows.read(since) for record in batch.records]


def add_rows(ground: Ground, entity: Entity, count: int) -> list[str]:
    parent = {"type": "data_source_id", "data_source_id": ground.source(entity)}
    title = {Entity.CLIENTS: "Name", Entity.PRODUCTS: "Name"}[entity]
    return [
        ground.person("POST", "pages", {"parent": parent, "properties": {title: {"title": text(f"Row {index}")}}})["id"]
        for index in range(count)
    ]


def text(content: str) -> list[dict[str, Any]]:
    return [{"text": {"content": content}}]


def edit(ground: Ground, page_id: str, **properties: Any) -> None:
    ground.person("PATCH", f"pages/{page_id}", {"properties": properties})


# ------------------------------------------------------------------------------------------------------------ writing


def test_a_created_row_reads_back_as_it_was_sent(ground: Ground, orders: Rows, clients: Rows) -> None:
    ann = clients.create(client(email="Ann@example.com", phone="+49 30 1"))
    made = orders.create(Draft({**ORDER_VALUES, "client": frozenset({ann.id})}, marks()))
    assert {name: made.values[name] for name in ORDER_VALUES} == ORDER_VALUES
    assert made.values["client"] == frozenset({ann.id})
    assert (made.values["refunded"], made.values["products"], made.values["customer_note"]) == (None, frozenset(), None)
    assert made.marks == marks()
    assert (made.key, made.label, made.trashed) == ("#37", "#37", False)
    assert made.created == made.modified == STAMP
    assert made.editor == ground.hub().bot_id
    assert orders.fetch([made.id]) == {made.id: made}
    assert records(orders) == [made]


def test_an_update_writes_only_what_it_is_given(ground: Ground, clients: Rows) -> None:
    ann = clients.create(client(email="ann@example.com"))
    edit(ground, ann.id, Phone={"phone_number": "+1 555"})
    updated = clients.update(ann, {"email": "lee@example.com"}, ann.marks)
    assert (updated.values["email"], updated.values["phone"]) == ("lee@example.com", "+1 555")
    assert len(ground.transport.bodies[-1]["properties"]) == 2  # the e-mail and Last Synced


def test_what_a_person_adds_to_external_id_meanwhile_is_kept(ground: Ground, clients: Rows) -> None:
    ann = clients.create(client())
    edit(ground, ann.id, **{"External ID": {"rich_text": text("shop:customers:1\nacuity:people:x")}})
    updated = clients.update(ann, {"name": "Ann"}, ann.marks)
    assert updated.marks.lines == ("shop:customers:1", "acuity:people:x")


def test_marks_are_written_where_they_differ(clients: Rows) -> None:
    ann = clients.create(client())
    later = Marks(("shop:customers:1", "acuity:people:x"), frozenset({"shop", "acuity"}), synced=STAMP)
    assert clients.update(ann, {}, later).marks == later


@pytest.mark.parametrize(
    ("name", "value"),
    [("name", None), ("email", None), ("address", None), ("address", "Zoë 😀" * 900), ("address", "a\nb")],
)
def test_texts_are_cleared_and_long_ones_written(clients: Rows, name: str, value: str | None) -> None:
    ann = clients.create(client(email="ann@example.com", address="Here 1"))
    assert clients.update(ann, {name: value}, ann.marks).values[name] == value


def test_dates_without_time_and_spans(ground: Ground) -> None:
    sessions = ground.hub().replica(Entity.APPOINTMENTS)
    days = When(date(2026, 12, 1), date(2026, 12, 3))
    hour = When(datetime(2026, 7, 1, 8, tzinfo=UTC), datetime(2026, 7, 1, 9, tzinfo=UTC))
    made = sessions.create(Draft({"appointment": "Retreat, Ann", "when": days}, Marks()))
    assert made.values["when"] == days
    assert sessions.update(made, {"when": hour}, Marks()).values["when"] == hour
    assert sessions.update(made, {"when": None}, Marks()).values["when"] is None
    assert made.key is None


@pytest.mark.parametrize(
    ("entity", "values", "key"),
    [
        (Entity.CLIENTS, {"name": "A", "email": " Ann@Example.COM"}, "ann@example.com"),
        (Entity.PRODUCTS, {"name": "Tea", "sku": "WOO-Tea "}, "woo-tea"),
        (Entity.PRODUCTS, {"name": "Tea"}, None),
        (Entity.ORDERS, {"order": "#12"}, "#12"),
        (Entity.FEEDBACK, {"feedback": "Good"}, None),
        (Entity.WORKFLOWS, {"workflow": "Welcome"}, None),
    ],
)
def test_natural_keys(ground: Ground, entity: Entity, values: dict[str, Any], key: str | None) -> None:
    assert ground.hub().replica(entity).create(Draft(values, Marks())).key == key


def test_a_row_goes_to_the_trash(ground: Ground, clients: Rows) -> None:
    ann = clients.create(client())
    assert clients.archive(ann.id).trashed
    assert records(clients) == []
    assert ground.person("GET", f"pages/{ann.id}")["in_trash"] is True


# ------------------------------------------------------------------------------------------------------------ reading


def test_a_full_read_gives_every_row_once(ground: Ground, clients: Rows) -> None:
    ids = add_rows(ground, Entity.CLIENTS, 230)
    ground.transport.log.clear()
    assert sorted(record.id for record in records(clients)) == sorted(ids)
    assert len(ground.transport.log) == 3


def test_rows_made_while_reading_disturb_no_page(ground: Ground, clients: Rows) -> None:
    ids = add_rows(ground, Entity.CLIENTS, 150)
    reading = clients.read(None)
    first = next(reading)
    ground.advance(60)
    edit(ground, ids[0], Name={"title": text("Edited")})
    added = add_rows(ground, Entity.CLIENTS, 1)
    rest = [record.id for batch in reading for record in batch.records]
    assert sorted([record.id for record in first.records] + rest) == sorted([*ids, *added])


def test_the_time_of_a_read_is_the_servers_at_its_first_answer(ground: Ground, clients: Rows) -> None:
    add_rows(ground, Entity.CLIENTS, 120)
    reading = clients.read(None)
    began = ground.now
    first = next(reading)
    ground.advance(300)
    assert {first.as_of, *(batch.as_of for batch in reading)} == {began}
    assert clients.server_time() == began + timedelta(seconds=300)


def test_an_empty_read_still_tells_its_time(ground: Ground, clients: Rows) -> None:
    assert [batch.as_of for batch in clients.read(None)] == [ground.now]


def test_an_incremental_read_gives_what_was_edited_from_that_minute_on(ground: Ground, clients: Rows) -> None:
    ids = add_rows(ground, Entity.CLIENTS, 3)
    ground.advance(600)
    edit(ground, ids[1], Email={"email": "b@example.com"})
    assert [record.id for record in records(clients, ground.now)] == [ids[1]]
    assert {record.id for record in records(clients, ground.now - timedelta(seconds=600))} == set(ids)
    ground.advance(60)
    assert records(clients, ground.now) == []


def test_past_the_cap_it_goes_on_from_the_last_row(ground: Ground, clients: Rows, monkeypatch: Any) -> None:
    monkeypatch.setattr(twin_query, "CAP", 120)
    ids = []
    for _ in range(5):
        ids += add_rows(ground, Entity.CLIENTS, 65)
        ground.advance(60)
    assert sorted(record.id for record in records(clients)) == sorted(ids)
    assert sorted(record.id for record in records(clients, STAMP)) == sorted(ids)


@pytest.mark.parametrize("crowd", [120, 121, 180, 500])
def test_a_minute_with_more_rows_than_a_query_gives_is_read_in_parts(
    ground: Ground, clients: Rows, monkeypatch: Any, crowd: int
) -> None:
    monkeypatch.setattr(twin_query, "CAP", 120)
    ids = []
    for count in (30, crowd, 50):
        ids += add_rows(ground, Entity.CLIENTS, count)
        ground.advance(60)
    assert sorted(record.id for record in records(clients)) == sorted(ids)
    assert sorted(record.id for record in records(clients, STAMP)) == sorted(ids)


def test_rows_of_a_minute_that_nothing_tells_apart_are_an_error_not_an_end(
    ground: Ground, clients: Rows, monkeypatch: Any
) -> None:
    monkeypatch.setattr(twin_query, "CAP", 50)
    for _ in range(101):
        clients.create(client())
    with pytest.raises(Unreachable, match=r"in the minute 2026-11-24T10:00:00.000Z"):
        records(clients)


def test_relations_past_25_are_read_whole(ground: Ground, clients: Rows) -> None:
    products = add_rows(ground, Entity.PRODUCTS, 30)
    orders = ground.hub().replica(Entity.ORDERS)
    made = orders.create(Draft({"order": "#1", "products": frozenset(products)}, Marks()))
    assert made.values["products"] == frozenset(products)
    assert [record.values["products"] for record in records(orders)] == [frozenset(products)]


def test_who_edited_last_is_known_by_id(ground: Ground, clients: Rows) -> None:
    ann = clients.create(client())
    edit(ground, ann.id, Phone={"phone_number": "1"})
    found = records(clients)[0]
    assert found.editor not in (None, ground.hub().bot_id)


# ----------------------------------------------------------------------------------------------------------- fetching


def _trash(ground: Ground, page_id: str) -> None:
    ground.person("PATCH", f"pages/{page_id}", {"in_trash": True})


def _archive(ground: Ground, page_id: str) -> None:
    ground.person("PATCH", f"pages/{page_id}", {"is_archived": True})


def _move_to_a_page(ground: Ground, page_id: str) -> None:
    parent = {"type": "page_id", "page_id": NotionTwin.ROOT_PAGE}
    ground.person("POST", f"pages/{page_id}/move", {"parent": parent})


def _move_to_products(ground: Ground, page_id: str) -> None:
    parent = {"type": "data_source_id", "data_source_id": ground.source(Entity.PRODUCTS)}
    ground.person("POST", f"pages/{page_id}/move", {"parent": parent})


def _move_to_a_strangers_database(ground: Ground, page_id: str) -> None:
    parent = {"type": "page_id", "page_id": NotionTwin.ROOT_PAGE}
    made = ground.person(
        "POST", "databases", {"parent": parent, "initial_data_source": {"properties": {"Name": {"title": {}}}}}
    )
    parent = {"type": "data_source_id", "data_source_id": made["data_sources"][0]["id"]}
    ground.person("POST", f"pages/{page_id}/move", {"parent": parent})


def _delete(ground: Ground, page_id: str) -> None:
    ground.person("DELETE", f"pages/{page_id}")


def _unshare(ground: Ground, page_id: str) -> None:
    ground.person("POST", f"databases/{ground.databases[Entity.CLIENTS]}/share", {"shared": False})


LEAVING: list[tuple[Callable[[Ground, str], None], Gone]] = [
    (_trash, Gone.TRASHED),
    (_archive, Gone.TRASHED),
    (_move_to_a_page, Gone.TRASHED),
    (_move_to_products, Gone.TRASHED),
    (_move_to_a_strangers_database, Gone.MOVED),
    (_delete, Gone.HIDDEN),
    (_unshare, Gone.HIDDEN),
]


@pytest.mark.parametrize(("leave", "gone"), LEAVING)
def test_why_a_row_left(ground: Ground, clients: Rows, leave: Callable[[Ground, str], None], gone: Gone) -> None:
    ann = clients.create(client())
    leave(ground, ann.id)
    assert clients.fetch([ann.id, ann.id]) == {ann.id: gone}


@pytest.mark.parametrize("wrong", ["n/a", "../users/me", "12345678-1234-1234-1234-123456789abc", "0" * 32])
def test_what_is_no_page_of_ours_is_hidden(clients: Rows, wrong: str) -> None:
    assert clients.fetch([wrong]) == {wrong: Gone.HIDDEN}


@pytest.mark.parametrize(("leave", "gone"), [each for each in LEAVING if each[0] in (_trash, _delete, _unshare)])
def test_a_write_to_a_row_that_left_says_why(
    ground: Ground, clients: Rows, leave: Callable[[Ground, str], None], gone: Gone
) -> None:
    ann = clients.create(client())
    leave(ground, ann.id)
    with pytest.raises(Absent) as caught:
        clients.update(ann, {"email": "b@example.com"}, ann.marks)
    assert caught.value.gone is gone


def test_a_row_that_is_already_gone_cannot_be_trashed(ground: Ground, clients: Rows) -> None:
    ann = clients.create(client())
    _delete(ground, ann.id)
    with pytest.raises(Absent):
        clients.archive(ann.id)


# ----------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("values", [{"email": f"{'a' * 200}@example.com"}, {"address": "a" * 200_001}])
def test_a_record_that_notion_refuses(clients: Rows, values: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        clients.create(client(**values))
    assert caught.value.message
    ann = clients.create(client())
    with pytest.raises(Refused):
        clients.update(ann, values, ann.marks)


def test_a_refusal_is_quoted_but_not_at_any_length(clients: Rows) -> None:
    with pytest.raises(Refused, match="should be ≤ `200`") as caught:
        clients.create(client(email="a" * 201))
    assert caught.value.status == 400

    with pytest.raises(Refused) as caught:
        clients.create(client(phone="1" * 5000))
    assert len(caught.value.message) < 350


def test_a_relation_to_a_row_that_is_none_is_refused_not_absent(ground: Ground, orders: Rows) -> None:
    made = orders.create(Draft({"order": "#1"}, Marks()))
    stranger = frozenset({"38c9ce7b-60a4-8101-8000-00000000000a"})
    with pytest.raises(Refused):
        orders.create(Draft({"order": "#2", "client": stranger}, Marks()))
    with pytest.raises(Refused):
        orders.update(made, {"client": stranger}, Marks())


def _answering(status: int, code: str, message: str = "No.") -> Callable[[httpx.Request], httpx.Response]:
    body = {"object": "error", "status": status, "code": code, "message": message}
    return lambda request: httpx.Response(status, json=body)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "validation_error", Refused),
        (413, "payload_too_large", Refused),
        (400, "invalid_request_url", Unreachable),
        (400, "missing_version", Unreachable),
        (401, "unauthorized", Unauthorised),
        (403, "restricted_resource", Unauthorised),
        (501, "not_implemented", Unreachable),
    ],
)
def test_what_a_write_is_answered_with(
    ground: Ground, clients: Rows, status: int, code: str, kind: type[HsnError]
) -> None:
    ann = clients.create(client())
    ground.transport.before = _answering(status, code)
    with pytest.raises(HsnError) as caught:
        clients.update(ann, {"name": "B"}, ann.marks)
    assert type(caught.value) is kind
    assert "No." in caught.value.message


def test_a_web_page_with_403_is_not_called_a_wrong_token(ground: Ground, clients: Rows) -> None:
    ground.transport.before = lambda request: httpx.Response(403, html="<html>blocked</html>")
    with pytest.raises(Unreachable) as caught:
        records(clients)
    assert type(caught.value) is Unreachable


def test_a_relation_of_a_create_answered_404_sets_that_record_aside(ground: Ground, clients: Rows) -> None:
    def missing(request: httpx.Request) -> httpx.Response | None:
        return _answering(404, "object_not_found")(request) if request.method == "POST" else None

    ground.transport.before = missing
    with pytest.raises(Refused):
        clients.create(client())


def test_a_database_that_is_no_longer_shared_ends_this_side(ground: Ground, clients: Rows) -> None:
    _unshare(ground, "")
    for act in (lambda: records(clients), lambda: clients.create(client())):
        with pytest.raises(Unreachable, match="no longer shared") as caught:
            act()
        assert "Connections" in caught.value.remedy
        assert caught.value.exit_code == 5


# ------------------------------------------------------------------------------------------------------ lost answers


def _after_writes(ground: Ground, answer: Callable[[Any], httpx.Response]) -> None:
    def after(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/pages"):
            return answer(response.json())
        return response

    ground.transport.after = after


def _saved(details: dict[str, Any]) -> httpx.Response:
    body = {"object": "error", "status": 503, "code": "service_unavailable", "message": "The change was saved, but …"}
    return httpx.Response(503, json={**body, "additional_data": details})


def test_a_saved_create_that_names_its_page_is_a_success(ground: Ground, clients: Rows) -> None:
    _after_writes(ground, lambda page: _saved({"committed_resource_id": page["id"]}))
    ann = clients.create(client())
    assert [record.id for record in records(clients)] == [ann.id]


def test_a_saved_create_that_names_no_page_is_looked_up(ground: Ground, clients: Rows) -> None:
    _after_writes(ground, lambda page: _saved({"retry_guidance": []}))
    draft = client()
    with pytest.raises(Unanswered):
        clients.create(draft)
    found = clients.find_created(draft, ground.now)
    assert found is not None
    assert [found] == records(clients)


def test_a_create_that_was_not_acted_on_is_not_found(ground: Ground, clients: Rows) -> None:
    assert clients.find_created(client(), ground.now) is None
    assert clients.find_created(Draft({"name": "A"}, Marks()), ground.now) is None


def test_a_created_row_is_found_by_its_whole_line(ground: Ground, clients: Rows) -> None:
    for line in ("shop:customers:11", "SHOP:CUSTOMERS:1", "xshop:customers:1"):
        clients.create(Draft({"name": line}, marks(line)))
    assert clients.find_created(client(), ground.now) is None
    made = clients.create(client())
    assert clients.find_created(client(), ground.now) == made


@pytest.mark.parametrize(
    "broken",
    [
        _answering(503, "service_unavailable"),
        _answering(409, "conflict_error"),
        _answering(529, "service_overload"),
        _answering(504, "gateway_timeout"),
        lambda request: httpx.Response(502, html="<html></html>"),
    ],
)
def test_queries_gets_and_patches_are_repeated(ground: Ground, clients: Rows, broken: Any) -> None:
    ann = clients.create(client())
    acts: list[Callable[[], object]] = [
        lambda: records(clients),
        lambda: clients.fetch([ann.id]),
        lambda: clients.update(ann, {"name": "B"}, ann.marks),
    ]
    for act in acts:
        answers = iter([broken])
        ground.transport.before = lambda request, answers=answers: next(answers, lambda _: None)(request)  # type: ignore[misc]
        ground.slept.clear()
        act()
        assert next(answers, None) is None


@pytest.mark.parametrize("status", [500, 503, 504])
def test_a_page_that_fails_at_every_write_is_one_unanswered_write(ground: Ground, clients: Rows, status: int) -> None:
    """And no reason to take the hub for down: others are still written."""
    ann, bob = clients.create(client()), clients.create(client("shop:customers:2"))
    failing = _answering(status, "internal_server_error")
    ground.transport.before = lambda request: (
        failing(request) if request.method == "PATCH" and ann.id in request.url.path else None
    )
    with pytest.raises(Unanswered, match=f"HTTP {status}"):
        clients.update(ann, {"name": "B"}, ann.marks)
    with pytest.raises(Unanswered, match=f"HTTP {status}"):
        clients.archive(ann.id)
    assert clients.update(bob, {"name": "B"}, bob.marks).values["name"] == "B"


def test_a_token_that_may_not_write_any_more_is_no_unanswered_write(ground: Ground, clients: Rows) -> None:
    ann = clients.create(client())
    ground.transport.before = _answering(403, "restricted_resource")
    with pytest.raises(Unauthorised):
        clients.update(ann, {"name": "B"}, ann.marks)


# --------------------------------------------------------------------------------------------------- columns, options


def test_a_renamed_column_breaks_nothing(ground: Ground, clients: Rows) -> None:
    ground.person("PATCH", f"data_sources/{ground.source(Entity.CLIENTS)}", {"properties": {"Email": {"name": "Post"}}})
    ann = ground.hub().replica(Entity.CLIENTS).create(client(email="ann@example.com"))
    assert ann.values["email"] == "ann@example.com"
    assert ground.person("GET", f"pages/{ann.id}")["properties"]["Post"]["email"] == "ann@example.com"


@pytest.mark.parametrize("change", [None, {"rich_text": {}}])
def test_a_column_that_goes_away_is_never_read_as_empty(ground: Ground, clients: Rows, change: Any) -> None:
    clients.create(client(email="ann@example.com"))
    ground.person("PATCH", f"data_sources/{ground.source(Entity.CLIENTS)}", {"properties": {"Email": change}})
    with pytest.raises(ConfigError, match='the column "Email"'):
        records(clients)


def test_a_renamed_option_is_no_change(ground: Ground, orders: Rows) -> None:
    made = orders.create(Draft(ORDER_VALUES, marks()))
    _rename_option(ground, Entity.ORDERS, "Status", "processing", "In Arbeit")
    again = ground.hub().replica(Entity.ORDERS)
    assert records(again)[0].values["status"] == "processing"
    other = again.create(Draft({"order": "#38", "status": "processing"}, Marks()))
    assert other.values["status"] == "processing"
    shown = ground.person("GET", f"pages/{other.id}")["properties"]["Status"]["select"]["name"]
    assert (shown, made.values["status"]) == ("In Arbeit", "processing")


def _rename_option(ground: Ground, entity: Entity, column: str, old: str, new: str) -> None:
    path = f"data_sources/{ground.source(entity)}"
    options = ground.person("GET", path)["properties"][column]["select"]["options"]
    changed = [{**each, "name": new} if each["name"] == old else each for each in options]
    ground.person("PATCH", path, {"properties": {column: {"select": {"options": changed}}}})


def test_a_deleted_option_is_made_anew(ground: Ground, orders: Rows) -> None:
    orders.create(Draft(ORDER_VALUES, marks()))
    path = f"data_sources/{ground.source(Entity.ORDERS)}"
    ground.person("PATCH", path, {"properties": {"Status": {"select": {"options": []}}}})
    other = orders.create(Draft({"order": "#38", "status": "processing"}, Marks()))
    assert other.values["status"] == "processing"
    assert {record.key: record.values["status"] for record in records(orders)} == {"#37": None, "#38": "processing"}


def test_another_refusal_forgets_no_option(ground: Ground) -> None:
    sessions = ground.hub().replica(Entity.APPOINTMENTS)
    sessions.create(Draft({"appointment": "A", "status": "booked"}, Marks()))
    before = dict(ground.cache)
    with pytest.raises(Refused):
        sessions.create(Draft({"appointment": "B", "status": "booked", "calendar": "c" * 101}, Marks()))
    assert ground.cache == before


def test_an_option_with_a_comma(ground: Ground) -> None:
    sessions = ground.hub().replica(Entity.APPOINTMENTS)
    values = {"appointment": "A", "service_type": "Yoga, beginners"}
    made = sessions.create(Draft(values, Marks()))
    assert made.values["service_type"] == "Yoga, beginners"
    assert records(ground.hub().replica(Entity.APPOINTMENTS)) == [made]
    shown = ground.person("GET", f"pages/{made.id}")["properties"]["Service Type"]["select"]["name"]
    assert shown == "Yoga; beginners"


def test_an_option_with_a_comma_after_the_state_was_lost(ground: Ground) -> None:
    made = ground.hub().replica(Entity.APPOINTMENTS).create(
        Draft({"appointment": "A", "service_type": "Yoga, beginners"}, Marks())
    )  # fmt: skip
    known = {Entity.APPOINTMENTS: {"service_type": {"Yoga, beginners"}}}
    assert records(ground.hub(cache={}, known=known).replica(Entity.APPOINTMENTS)) == [made]


# ------------------------------------------------------------------------------------------------ finding the databases


def test_a_quiet_run_costs_one_query_a_database(ground: Ground) -> None:
    for entity in Entity:
        ground.hub().replica(entity)
    ground.hub().bot_id  # noqa: B018 asked for once, then cached
    ground.transport.log.clear()
    hub = ground.hub()
    for entity in Entity:
        records(hub.replica(entity))
    assert hub.bot_id
    assert len(ground.transport.log) == len(Entity) == hub.requests()


def test_another_database_or_another_column_name_asks_anew(ground: Ground) -> None:
    ground.hub().replica(Entity.CLIENTS)
    with pytest.raises(ConfigError, match='"E-mail" is missing'):
        ground.hub(cache={}, properties={Entity.CLIENTS: {"email": "E-mail"}}).replica(Entity.CLIENTS)
    with pytest.raises(ConfigError, match="is missing"):
        ground.hub(databases={Entity.CLIENTS: ground.databases[Entity.PRODUCTS]}).replica(Entity.CLIENTS)


@pytest.mark.parametrize(
    "form",
    [
        "{id}",
        "{hex}",
        "https://www.notion.so/Clients-{hex}",
        "https://www.notion.so/workspace/{hex}?v=0123456789abcdef0123456789abcdef",
        "https://app.notion.com/p/Clients-{hex}",
    ],
)
def test_a_database_is_named_in_many_forms(ground: Ground, form: str) -> None:
    raw = form.format(id=ground.databases[Entity.CLIENTS], hex=ground.databases[Entity.CLIENTS].replace("-", ""))
    assert records(ground.hub(databases={Entity.CLIENTS: raw}).replica(Entity.CLIENTS)) == []


def test_a_data_source_is_named_directly(ground: Ground) -> None:
    hub = ground.hub(databases={Entity.CLIENTS: ground.source(Entity.CLIENTS)})
    assert records(hub.replica(Entity.CLIENTS)) == []


def test_several_data_sources_are_listed(ground: Ground) -> None:
    parent = {"type": "database_id", "database_id": ground.databases[Entity.CLIENTS]}
    body = {"parent": parent, "title": text("Old clients"), "properties": {"Name": {"title": {}}}}
    added = ground.person("POST", "data_sources", body)["id"]
    with pytest.raises(ConfigError) as caught:
        ground.hub(cache={}).replica(Entity.CLIENTS)
    assert f"Old clients = {added}" in caught.value.message
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("databases", "message"),
    [
        ({}, "no database is named"),
        ({Entity.CLIENTS: "38c9ce7b-60a4-8101-8000-00000000000a"}, "is missing, or not shared"),
        ({Entity.CLIENTS: "clients"}, "neither the ID nor the URL"),
    ],
)
def test_a_database_that_cannot_be_found(ground: Ground, databases: dict[Entity, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        ground.hub(databases=databases, cache={}).replica(Entity.CLIENTS)
    assert caught.value.place == "[notion.databases] clients"
    assert caught.value.remedy


def test_a_database_in_the_trash(ground: Ground) -> None:
    ground.person("PATCH", f"databases/{ground.databases[Entity.CLIENTS]}", {"in_trash": True})
    with pytest.raises(ConfigError):
        ground.hub(cache={}).replica(Entity.CLIENTS)


def test_everything_that_does_not_fit_is_listed_at_once(ground: Ground) -> None:
    changes: dict[str, Any] = {"Email": None, "Phone": {"rich_text": {}}, "Source": {"select": {}}}
    ground.person("PATCH", f"data_sources/{ground.source(Entity.CLIENTS)}", {"properties": changes})
    with pytest.raises(ConfigError) as caught:
        ground.hub(cache={}).replica(Entity.CLIENTS)
    assert '"Email" is missing (it has to be email)' in caught.value.message
    assert '"Phone" is rich_text, and has to be phone_number' in caught.value.message
    assert '"Source" is select, and has to be multi_select' in caught.value.message
    assert "[notion.properties.clients]" in caught.value.remedy


def test_a_relation_that_leads_elsewhere_does_not_fit(ground: Ground) -> None:
    path, products = f"data_sources/{ground.source(Entity.ORDERS)}", ground.source(Entity.PRODUCTS)
    ground.person("PATCH", path, {"properties": {"Client": None}})
    wrong = {"relation": {"data_source_id": products, "single_property": {}}}
    ground.person("PATCH", path, {"properties": {"Client": wrong}})
    with pytest.raises(ConfigError, match=r'Orders: "Client" leads to another database than Clients$'):
        ground.hub(cache={}).replica(Entity.ORDERS)


# ------------------------------------------------------------------------------------------------------------- health


def test_health_when_all_is_well(ground: Ground) -> None:
    checks = list(ground.hub().health())
    assert [check.name for check in checks] == ["notion token", *(f"notion {entity.value}" for entity in Entity)]
    assert {check.status for check in checks} == {"ok"}


def test_health_asks_notion_and_not_the_cache(ground: Ground) -> None:
    ground.hub().replica(Entity.CLIENTS)
    ground.person("PATCH", f"data_sources/{ground.source(Entity.CLIENTS)}", {"properties": {"Phone": None}})
    ground.person("POST", f"databases/{ground.databases[Entity.ORDERS]}/share", {"shared": False})
    failed = {check.name: check for check in ground.hub().health() if check.status == "fail"}
    assert '"Phone" is missing' in failed["notion clients"].message
    assert "not shared" in failed["notion orders"].message
    assert {check.exit_code for check in failed.values()} == {4}
    assert all(check.remedy for check in failed.values())


def test_health_knows_a_renamed_column_by_its_id(ground: Ground) -> None:
    ground.hub().replica(Entity.CLIENTS)
    ground.person("PATCH", f"data_sources/{ground.source(Entity.CLIENTS)}", {"properties": {"Email": {"name": "Post"}}})
    assert {check.status for check in ground.hub().health()} == {"ok"}


def test_health_says_once_that_a_database_is_not_the_one_that_others_relate_to(ground: Ground) -> None:
    right = ground.databases.pop(Entity.CLIENTS)
    ground.person("PATCH", f"databases/{right}", {"title": text("Old clients")})
    ground.init(Entity.CLIENTS)
    checks = {check.name: check for check in ground.hub().health()}
    failed = [name for name, check in checks.items() if check.status == "fail"]
    assert failed == ["notion clients"]
    message = checks["notion clients"].message
    assert message == (
        "Clients: the relations of Orders, Appointments, Feedback, Active Workflow Instances lead to another database"
    )
    assert "[notion.databases] clients" in checks["notion clients"].remedy
    assert checks["notion products"].status == "ok"


def test_the_remedy_fits_what_is_wrong(ground: Ground) -> None:
    def remedy(changes: dict[str, Any]) -> str:
        ground.person("PATCH", f"data_sources/{ground.source(Entity.CLIENTS)}", {"properties": changes})
        with pytest.raises(ConfigError) as caught:
            ground.hub(cache={}).replica(Entity.CLIENTS)
        return caught.value.remedy

    retyped = remedy({"Phone": {"rich_text": {}}})
    assert '"Phone" the right type again' in retyped
    assert "hsn init" not in retyped, "it would add a second, empty one"
    assert "`hsn init --page PAGE`" in remedy({"Phone": {"phone_number": {}}, "Email": None})


def test_columns_made_anew_are_told_from_columns_that_are_gone(ground: Ground) -> None:
    """Whoever reads begins again, and knows then what they hold for nobody's edit."""
    path = f"data_sources/{ground.source(Entity.CLIENTS)}"
    add_rows(ground, Entity.CLIENTS, 1)
    clients = ground.hub().replica(Entity.CLIENTS)
    ground.person("PATCH", path, {"properties": {"Phone": None}})
    with pytest.raises(ConfigError, match='"Phone" is no longer there'):
        records(clients)
    ground.person("PATCH", path, {"properties": {"Phone": {"phone_number": {}}}})
    with pytest.raises(Remade, match="Clients: phone"):
        records(clients)
    hub = ground.hub()
    assert len(records(hub.replica(Entity.CLIENTS))) == 1
    assert hub.renewed == {Entity.CLIENTS: frozenset({"phone"})}


def test_another_database_than_before_is_noticed(ground: Ground) -> None:
    former = ground.databases[Entity.CLIENTS]
    ground.hub().replica(Entity.CLIENTS)
    by_source = ground.hub(databases={Entity.CLIENTS: ground.source(Entity.CLIENTS)})
    by_source.replica(Entity.CLIENTS)
    assert by_source.moved == {}, "the same one, named in another way"
    with pytest.raises(ConfigError) as caught:
        ground.hub(databases={Entity.CLIENTS: ground.databases[Entity.PRODUCTS]}).replica(Entity.CLIENTS)
    assert f'another was named before: clients = "{ground.source(Entity.CLIENTS)}"' in caught.value.remedy
    del ground.databases[Entity.CLIENTS]
    ground.person("PATCH", f"databases/{former}", {"title": text("Old clients")})
    ground.init(Entity.CLIENTS)
    hub = ground.hub()
    hub.replica(Entity.CLIENTS)
    assert list(hub.moved) == [Entity.CLIENTS]


def test_health_with_a_wrong_token(ground: Ground) -> None:
    (check,) = ground.hub("ntn_wrong").health()
    assert (check.status, check.exit_code) == ("fail", 5)
    assert "API token is invalid" in check.message
    assert "ntn_wrong" not in f"{check.message}{check.remedy}"


# ------------------------------------------------------------------------------------------------------------ tokens


def test_a_wrong_token(ground: Ground) -> None:
    with pytest.raises(Unauthorised, match="API token is invalid") as caught:
        ground.hub("ntn_wrong", cache={}).replica(Entity.CLIENTS)
    assert "token" in caught.value.remedy


def test_a_token_that_may_only_read(ground: Ground) -> None:
    rows = ground.hub("ntn_sandbox_readonly").replica(Entity.CLIENTS)
    assert records(rows) == []
    with pytest.raises(Unauthorised) as caught:
        rows.create(client())
    assert "read-only" in caught.value.remedy


# ------------------------------------------------------------------------------------------------------- the library


def test_clients_add_no_log_handlers(ground: Ground) -> None:
    for _ in range(3):
        ground.hub()
    assert logging.getLogger("notion_client").handlers == []
    assert logging.getLogger("higherself_sync.notion.sdk").handlers == []


@pytest.mark.parametrize("module", ["properties", "schema", "options"])
def test_the_pure_parts_need_no_library(module: str) -> None:
    program = (
        f"import sys, higherself_sync.notion.{module}\n"
        "sys.exit(', '.join({'httpx', 'notion_client', 'pydantic'} & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
