"""Canonical values and the JSON of Notion's page properties, each from the other. Pure: no I/O, no client.

Properties are addressed by id, never by name, so that renaming a column changes nothing. Notion gives ids
percent-encoded; they are written as given and compared decoded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias, assert_never
from urllib.parse import unquote

from higherself_sync.core.record import MOST_RELATED, Field, Kind, Marks, Value, When, instant, number, text, when
from higherself_sync.errors import ConfigError, Refused

Json: TypeAlias = Mapping[str, Any]

# Limits of one request (Notion's page "Request limits"). Its unit of length is not documented: UTF-16 is the smallest.
LONGEST_TEXT, MOST_TEXTS = 2000, 100
# A page shows no more mentions than this in one text, and no more targets in one relation, than this; the rest has to
# be fetched from the property itself.
SHOWN_AT_MOST = 25


# ------------------------------------------------------------------------------------------------------------ writing


def write(field: Field, value: Value, option: Json | None = None) -> dict[str, Any]:
    """The property as a request wants it, empty where `value` is. `option`: how a select's value is named there.

    Raises Refused for what Notion is known to refuse.
    """
    match field.kind:
        case Kind.TITLE | Kind.TEXT:
            return {field.kind.value: rich_text(value if isinstance(value, str) else "", field.title)}
        case Kind.EMAIL | Kind.PHONE:
            return {field.kind.value: value or None}
        case Kind.NUMBER:
            return {"number": _json_number(value) if isinstance(value, Decimal) else None}
        case Kind.DATE:
            return {"date": _json_date(value) if isinstance(value, When) else None}
        case Kind.SELECT:
            return {"select": None if value is None else dict(option or {"name": comma_free(str(value))})}
        case Kind.RELATION:
            return {"relation": _json_relation(value if isinstance(value, frozenset) else frozenset(), field.title)}
        case _:
            assert_never(field.kind)


def rich_text(raw: str, column: str) -> list[dict[str, Any]]:
    """The text in pieces that Notion takes. Raises Refused where there would be too many of them."""
    pieces = list(_pieces(raw))
    if len(pieces) > MOST_TEXTS:
        longest = LONGEST_TEXT * MOST_TEXTS
        raise Refused(f"{column} is longer than the {longest} characters that Notion takes", remedy="shorten it")
    return [{"text": {"content": piece}} for piece in pieces]


def _pieces(raw: str) -> Iterator[str]:
    start = size = 0
    for index, character in enumerate(raw):
        units = 2 if character > "\uffff" else 1
        if size + units > LONGEST_TEXT:
            yield raw[start:index]
            start, size = index, 0
        size += units
    if start < len(raw):
        yield raw[start:]


def _json_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _json_date(value: When) -> dict[str, Any]:
    return {"start": _moment(value.start), "end": None if value.end is None else _moment(value.end)}


def _moment(part: date | datetime) -> str:
    return part.strftime("%Y-%m-%dT%H:%M:%S.000+00:00") if isinstance(part, datetime) else part.isoformat()


def _json_relation(targets: frozenset[str], column: str) -> list[dict[str, str]]:
    if len(targets) > MOST_RELATED:
        raise Refused(f"{column} relates to {len(targets)} rows, and Notion takes {MOST_RELATED} in one request")
    return [{"id": target} for target in sorted(targets)]


def comma_free(value: str) -> str:
    """A value as an option may be named: Notion refuses commas in the names of options."""
    return value.replace(",", ";")


def write_marks(marks: Marks, before: Marks = Marks()) -> dict[str, dict[str, Any]]:  # noqa: B008 frozen
    """The tool's own three columns by field name, as far as they differ from `before`.

    What does not differ stays out, so that a person's edit of it made meanwhile is not undone.
    """
    written: dict[str, dict[str, Any]] = {}
    if marks.lines != before.lines:
        written["external_id"] = {"rich_text": rich_text("\n".join(marks.lines), "External ID")}
    if marks.sources != before.sources:
        written["source"] = {"multi_select": [{"name": comma_free(name)} for name in sorted(marks.sources)]}
    if marks.synced is not None:
        written["last_synced"] = {"date": {"start": _moment(instant(marks.synced))}}
    return written


# ------------------------------------------------------------------------------------------------------------ reading


@dataclass(frozen=True, slots=True)
class Cells:
    """A page's properties, found by id. `place` names the database in errors."""

    by_id: Mapping[str, Json]
    place: str

    @classmethod
    def of(cls, page: Json, place: str) -> "Cells":
        return cls({unquote(cell["id"]): cell for cell in page["properties"].values()}, place)

    def fits(self, property_id: str, kind: str) -> bool:
        cell = self.by_id.get(unquote(property_id))
        return cell is not None and cell["type"] == kind

    def get(self, property_id: str, kind: str, column: str) -> Json:
        """Raises ConfigError where the column is gone or of another type: that must never look like an empty value."""
        cell = self.by_id.get(unquote(property_id))
        found = None if cell is None else cell["type"]
        if cell is None or found != kind:
            what = "is no longer there" if found is None else f"has become {found}, and has to be {kind}"
            remedy = "undo that in Notion, or run `hsn health` to see what the columns have to be"
            raise ConfigError(f'the column "{column}" {what}', place=self.place, remedy=remedy)
        return cell


def read(kind: Kind, cell: Json) -> Value:
    """The canonical value of a property, but for a select: its option needs `options.Options`. Raises ValueError."""
    raw = cell[kind.value]
    match kind:
        case Kind.TITLE | Kind.TEXT:
            return text(plain_text(raw))
        case Kind.EMAIL | Kind.PHONE:
            return text(raw)
        case Kind.SELECT:
            return None if raw is None else text(raw["name"])
        case Kind.NUMBER:
            return None if raw is None else number(str(raw))
        case Kind.DATE:
            return None if raw is None else when(_read_moment(raw["start"]), _read_moment(raw["end"]))
        case Kind.RELATION:
            return frozenset(each["id"] for each in raw)
        case _:
            assert_never(kind)


def plain_text(pieces: Iterable[Json]) -> str:
    return "".join(piece["plain_text"] for piece in pieces)


def cut_short(kind: Kind, cell: Json) -> bool:
    """Whether the page shows only the beginning of this value."""
    if kind is Kind.RELATION:
        return bool(cell.get("has_more"))
    if kind in (Kind.TITLE, Kind.TEXT):
        mentions = [piece for piece in cell[kind.value] if piece["type"] == "mention"]
        return len(mentions) >= SHOWN_AT_MOST
    return False


def _read_moment(raw: str | None) -> Any:
    """A date, or an instant; None stays None. A time without offset, which Notion was never seen to give, is UTC."""
    if raw is None:
        return None
    if "T" not in raw:
        return date.fromisoformat(raw)
    moment = datetime.fromisoformat(raw)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def read_marks(external_id: Json, source: Sequence[str], last_synced: Json) -> Marks:
    """The tool's own columns; `source` are the names already."""
    lines = (line.strip() for line in plain_text(external_id["rich_text"]).splitlines())
    stamp = last_synced["date"]
    synced = None if stamp is None else _read_moment(stamp["start"])
    if isinstance(synced, date) and not isinstance(synced, datetime):
        synced = datetime(synced.year, synced.month, synced.day, tzinfo=UTC)
    return Marks(
        tuple(dict.fromkeys(line for line in lines if line)),
        frozenset(source),
        synced=None if synced is None else synced.astimezone(UTC),
    )
