"""Canonical values: what is the same is equal, and what is read back is what was stored."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from higherself_sync.core.record import (
    Entity,
    Kind,
    Value,
    email_key,
    from_json,
    natural_key,
    number,
    session_key,
    text,
    to_json,
    when,
)

BERLIN = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("raw", "canonical"), [("12.50", "12.5"), ("12.5", "12.5"), ("1200", "1200"), ("0.0", "0"), ("1e3", "1000")]
)
def test_engine_27_money_is_decimal_from_text(raw: str, canonical: str) -> None:
    assert number(raw) == Decimal(canonical)
    assert to_json(number(raw)) == canonical


@pytest.mark.parametrize("raw", ["1,200.00", "abc", "NaN", "Infinity"])
def test_engine_27_what_is_no_number_is_an_error_and_never_nothing(raw: str) -> None:
    with pytest.raises(ValueError, match="number"):
        number(raw)


def test_engine_27_times_are_instants_to_the_minute_and_a_date_stays_one() -> None:
    assert when(datetime(2026, 6, 1, 11, 30, 59, tzinfo=BERLIN)) == when(datetime(2026, 6, 1, 9, 30, tzinfo=UTC))
    assert when(date(2026, 6, 1)) != when(datetime(2026, 6, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="zone"):
        when(datetime(2026, 6, 1))  # noqa: DTZ001 - what is refused


def test_engine_27_text_is_nfc_with_one_kind_of_line_end() -> None:
    assert text("Zoe\u0308\r\nb") == "Zo\u00eb\nb"
    assert text("") is text(None) is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.NUMBER, Decimal("12.5")),
        (Kind.DATE, when(date(2026, 6, 1))),
        (Kind.DATE, when(datetime(2026, 6, 1, 9, tzinfo=UTC), datetime(2026, 6, 1, 10, tzinfo=UTC))),
        (Kind.RELATION, frozenset({"b", "a"})),
        (Kind.TEXT, "x"),
        (Kind.SELECT, None),
    ],
)
def test_what_is_stored_is_read_back(kind: Kind, value: Value) -> None:
    assert from_json(kind, to_json(value)) == value


def test_engine_13_natural_keys() -> None:
    assert email_key(" Kim+Tag@Example.COM ") == "kim+tag@example.com"
    assert natural_key(Entity.PRODUCTS, {"sku": "AB-1"}) == natural_key(Entity.PRODUCTS, {"sku": "ab-1"})
    assert natural_key(Entity.ORDERS, {"order": "#37"}) == "#37"
    start = when(datetime(2026, 6, 1, 9, tzinfo=UTC), datetime(2026, 6, 1, 10, tzinfo=UTC))
    assert session_key(start, "Kim@example.com") == "2026-06-01T09:00:00Z kim@example.com"
    assert session_key(start, None) is session_key(None, "kim@example.com") is None
