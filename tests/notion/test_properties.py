"""Canonical values to Notion's JSON and back."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from higherself_sync.core.record import Field, Kind, Marks, Value, When, number, text, when
from higherself_sync.errors import ConfigError, Refused
from higherself_sync.notion import properties
from higherself_sync.notion.properties import Cells

PAGE_A, PAGE_B = "38c9ce7b-60a4-8101-8000-000000000001", "38c9ce7b-60a4-8101-8000-000000000002"
MORNING = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def column(kind: Kind) -> Field:
    return Field("it", "It", kind)


def as_read(kind: Kind, written: dict[str, Any]) -> dict[str, Any]:
    """What Notion gives back for what was sent (reference: property values, write and read)."""
    raw = written[kind.value]
    match kind:
        case Kind.TITLE | Kind.TEXT:
            raw = [{"type": "text", "plain_text": each["text"]["content"]} for each in raw]
        case Kind.SELECT if raw is not None:
            raw = {"id": "o1", "color": "default", **raw}
        case Kind.DATE if raw is not None:
            raw = {"time_zone": None, **raw}
        case _:
            pass
    return {"id": "a%3Bb", "type": kind.value, kind.value: raw}


WRITTEN: list[tuple[Kind, Value, Any]] = [
    (Kind.TITLE, "Zoë", [{"text": {"content": "Zoë"}}]),
    (Kind.TITLE, None, []),
    (Kind.TEXT, "a\nb", [{"text": {"content": "a\nb"}}]),
    (Kind.TEXT, None, []),
    (Kind.EMAIL, "ann@example.com", "ann@example.com"),
    (Kind.EMAIL, None, None),
    (Kind.PHONE, "+49 30 1234", "+49 30 1234"),
    (Kind.PHONE, None, None),
    (Kind.NUMBER, Decimal("19.99"), 19.99),
    (Kind.NUMBER, Decimal(25), 25),
    (Kind.NUMBER, Decimal(0), 0),
    (Kind.NUMBER, None, None),
    (Kind.DATE, When(date(2026, 11, 24)), {"start": "2026-11-24", "end": None}),
    (
        Kind.DATE,
        When(MORNING, MORNING + timedelta(hours=1)),
        {"start": "2026-11-24T09:30:00.000+00:00", "end": "2026-11-24T10:30:00.000+00:00"},
    ),
    (Kind.DATE, None, None),
    (Kind.SELECT, "completed", {"name": "completed"}),
    (Kind.SELECT, "Yoga, beginners", {"name": "Yoga; beginners"}),
    (Kind.SELECT, None, None),
    (Kind.RELATION, frozenset({PAGE_B, PAGE_A}), [{"id": PAGE_A}, {"id": PAGE_B}]),
    (Kind.RELATION, frozenset(), []),
]


@pytest.mark.parametrize(("kind", "value", "expected"), WRITTEN)
def test_writing(kind: Kind, value: Value, expected: Any) -> None:
    assert properties.write(column(kind), value) == {kind.value: expected}


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, value, _ in WRITTEN if value != "Yoga, beginners"])
def test_what_was_written_reads_back_the_same(kind: Kind, value: Value) -> None:
    assert properties.read(kind, as_read(kind, properties.write(column(kind), value))) == value


def test_a_select_is_written_by_the_option_that_is_given() -> None:
    assert properties.write(column(Kind.SELECT), "done", {"id": "o7"}) == {"select": {"id": "o7"}}


LONG_TEXTS = st.lists(st.sampled_from(["a", "é", "😀", "漢", "\n", " "]), min_size=0, max_size=30).map(
    lambda parts: "".join(part * 300 for part in parts)
)


@given(LONG_TEXTS)
def test_texts_are_cut_to_pieces_that_notion_takes(raw: str) -> None:
    pieces = [piece["text"]["content"] for piece in properties.rich_text(raw, "It")]
    assert "".join(pieces) == raw
    assert all(0 < len(piece.encode("utf-16-le")) // 2 <= 2000 for piece in pieces)
    assert len(pieces) <= len(raw.encode("utf-16-le")) // 2 // 1999 + 1


def test_a_text_of_100_pieces_is_written_and_one_longer_is_refused() -> None:
    assert len(properties.rich_text("a" * 200_000, "Notes")) == 100
    with pytest.raises(Refused, match="Notes is longer than the 200000 characters"):
        properties.rich_text("a" * 200_001, "Notes")


def test_more_than_100_relations_are_refused() -> None:
    targets = frozenset(f"38c9ce7b-60a4-8101-8000-{index:012x}" for index in range(101))
    with pytest.raises(Refused, match="It relates to 101 rows"):
        properties.write(column(Kind.RELATION), targets)


CANONICAL = {
    Kind.TEXT: st.text(st.characters(codec="utf-8"), max_size=5000).map(text),
    Kind.EMAIL: st.emails().map(text),
    Kind.PHONE: st.text(st.characters(codec="utf-8"), max_size=50).map(text),
    Kind.NUMBER: st.none() | st.decimals(-(10**9), 10**9, places=2).map(number),
    Kind.DATE: st.none()
    | st.dates().map(when)
    | st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 2)).map(when),  # noqa: DTZ001 hypothesis' way
    Kind.RELATION: st.frozensets(st.uuids().map(str), max_size=100),
}


@given(st.sampled_from(list(CANONICAL)).flatmap(lambda kind: st.tuples(st.just(kind), CANONICAL[kind])))
def test_every_canonical_value_survives_the_way_there_and_back(case: tuple[Kind, Value]) -> None:
    kind, value = case
    assert properties.read(kind, as_read(kind, properties.write(column(kind), value))) == value


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (Kind.TEXT, [{"type": "text", "plain_text": "one "}, {"type": "mention", "plain_text": "@Ann"}], "one @Ann"),
        (Kind.TEXT, [{"type": "text", "plain_text": "a\r\nb"}], "a\nb"),
        (Kind.TEXT, [{"type": "text", "plain_text": "e\u0301"}], "é"),
        (Kind.NUMBER, 19.90, Decimal("19.9")),
        (Kind.NUMBER, 1e21, Decimal(1000000000000000000000)),
        (Kind.NUMBER, 1e40, Decimal(10**40)),
        (Kind.EMAIL, "", None),
        (
            Kind.DATE,
            {"start": "2026-07-01T10:00:00.000+01:00", "end": None, "time_zone": None},
            When(datetime(2026, 7, 1, 9, 0, tzinfo=UTC)),
        ),
        (
            Kind.DATE,
            {"start": "2026-07-01", "end": "2026-07-03", "time_zone": None},
            When(date(2026, 7, 1), date(2026, 7, 3)),
        ),
    ],
)
def test_reading(kind: Kind, raw: Any, value: Value) -> None:
    assert properties.read(kind, {"type": kind.value, kind.value: raw}) == value


# -------------------------------------------------------------------------------------------------------- the columns


def page(**cells: dict[str, Any]) -> dict[str, Any]:
    return {"properties": cells}


def test_a_property_is_found_by_its_id_whatever_it_is_called_and_however_the_id_is_encoded() -> None:
    cells = Cells.of(page(Renamed={"id": "a%3Bb", "type": "email", "email": "ann@example.com"}), "Clients")
    assert cells.get("a;b", "email", "Email")["email"] == "ann@example.com"
    assert cells.get("a%3Bb", "email", "Email")["email"] == "ann@example.com"


def test_a_column_that_is_gone_is_not_an_empty_value() -> None:
    with pytest.raises(ConfigError, match='the column "Email" is no longer there') as caught:
        Cells.of(page(), "Clients").get("a%3Bb", "email", "Email")
    assert caught.value.place == "Clients"


def test_a_column_of_another_type_is_not_an_empty_value() -> None:
    cells = Cells.of(page(Email={"id": "a%3Bb", "type": "rich_text", "rich_text": []}), "Clients")
    with pytest.raises(ConfigError, match='"Email" has become rich_text, and has to be email'):
        cells.get("a%3Bb", "email", "Email")


@pytest.mark.parametrize(
    ("kind", "cell", "cut"),
    [
        (Kind.RELATION, {"relation": [], "has_more": True}, True),
        (Kind.RELATION, {"relation": [], "has_more": False}, False),
        (Kind.TEXT, {"rich_text": [{"type": "mention", "plain_text": "@"}] * 25}, True),
        (Kind.TEXT, {"rich_text": [{"type": "text", "plain_text": "a"}] * 99}, False),
        (Kind.NUMBER, {"number": 3}, False),
    ],
)
def test_what_a_page_shows_only_in_part(kind: Kind, cell: dict[str, Any], cut: bool) -> None:
    assert properties.cut_short(kind, cell) is cut


# ---------------------------------------------------------------------------------------------------------- the marks

MARKS = Marks(("shop:orders:37", "acuity:people:a"), frozenset({"shop", "acuity"}), synced=MORNING)


def test_marks_are_written_one_line_each_and_read_back() -> None:
    written = properties.write_marks(MARKS)
    assert written["external_id"] == {"rich_text": [{"text": {"content": "shop:orders:37\nacuity:people:a"}}]}
    assert written["source"] == {"multi_select": [{"name": "acuity"}, {"name": "shop"}]}
    lines = as_read(Kind.TEXT, written["external_id"])
    names = [each["name"] for each in written["source"]["multi_select"]]
    assert properties.read_marks(lines, names, written["last_synced"]) == MARKS


def test_only_marks_that_differ_are_written() -> None:
    assert properties.write_marks(MARKS, MARKS).keys() == {"last_synced"}
    assert properties.write_marks(Marks(), Marks()) == {}
    assert properties.write_marks(Marks(), MARKS) == {
        "external_id": {"rich_text": []},
        "source": {"multi_select": []},
    }


@pytest.mark.parametrize(
    ("stamp", "synced"),
    [
        (None, None),
        ({"start": "2026-11-24"}, datetime(2026, 11, 24, tzinfo=UTC)),
        ({"start": "2026-11-24T10:30:00.000+01:00"}, MORNING),
    ],
)
def test_last_synced_in_every_form_a_person_may_leave_it(stamp: Any, synced: datetime | None) -> None:
    found = properties.read_marks({"rich_text": []}, [], {"date": stamp})
    assert found == Marks(synced=synced)
    assert found.synced is None or found.synced.utcoffset() == UTC.utcoffset(None)


def test_a_person_may_leave_blank_lines_and_spaces_in_external_id() -> None:
    raw = [{"type": "text", "plain_text": " shop:orders:1 \n\n shop:orders:2\nshop:orders:1"}]
    assert properties.read_marks({"rich_text": raw}, [], {"date": None}).lines == ("shop:orders:1", "shop:orders:2")
