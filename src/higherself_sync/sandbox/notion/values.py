"""Property values: the shapes accepted on write, checked before anything is looked up."""

from collections.abc import Callable, Mapping
from typing import Any

from . import clock, texts
from .errors import MISSING, fix_one, line, misfit
from .ids import parse_uuid
from .store import Json

WRITABLE = (
    "title",
    "rich_text",
    "number",
    "url",
    "select",
    "multi_select",
    "people",
    "email",
    "phone_number",
    "date",
    "checkbox",
    "relation",
    "files",
    "status",
    "place",
)
_LONGEST = {"url": 2000, "email": 200, "phone_number": 200}
_MOST = 100


def kind_of(value: object, place: str) -> str:
    """The type that a written value claims. A bare array is a title. Raises ApiError."""
    if isinstance(value, list):
        return "title"
    if not isinstance(value, dict):
        raise misfit(place, "an object", value)
    kinds = [kind for kind in WRITABLE if kind in value]
    if not kinds:
        named = value.get("type")
        wanted = [named] if named in WRITABLE else WRITABLE
        raise fix_one([line(f"{place}.{kind}", "defined", MISSING) for kind in wanted])
    return kinds[0]


def parse(value: object, place: str) -> tuple[str, Any]:
    """`(type, checked value)` of one written property. Raises ApiError with Notion's wording."""
    kind = kind_of(value, place)
    if isinstance(value, list):
        return kind, texts.parse(value, place)
    assert isinstance(value, dict)
    return kind, _PARSERS[kind](value[kind], f"{place}.{kind}")


def _number(value: object, place: str) -> float | int | None:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise misfit(place, "a number or `null`", value)


def _checkbox(value: object, place: str) -> bool:
    if isinstance(value, bool):
        return value
    raise misfit(place, "a boolean", value)


def _line_of_text(value: object, place: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise misfit(place, "a string or `null`", value)
    longest = _LONGEST[place.rpartition(".")[2]]
    if value is not None and len(value) > longest:
        raise misfit(f"{place}.length", f"≤ `{longest}`", len(value))
    return value


def _option(value: object, place: str) -> Json | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise misfit(place, "an object or `null`", value)
    if not isinstance(value.get("id"), str) and not isinstance(value.get("name"), str):
        raise fix_one([line(f"{place}.{key}", "defined", MISSING) for key in ("id", "name")])
    if isinstance(value.get("name"), str) and len(value["name"]) > 100:
        raise misfit(f"{place}.name.length", "≤ `100`", len(value["name"]))
    return value


def _options(value: object, place: str) -> list[Json]:
    return [_present(_option(item, f"{place}[{index}]"), place) for index, item in enumerate(_array(value, place))]


def _present(value: Json | None, place: str) -> Json:
    if value is None:
        raise misfit(place, "an object", None)
    return value


def _array(value: object, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise misfit(place, "an array", value)
    if len(value) > _MOST:
        raise misfit(f"{place}.length", f"≤ `{_MOST}`", len(value))
    return value


def _ids(value: object, place: str) -> list[str]:
    found: list[str] = []
    for index, item in enumerate(_array(value, place)):
        item_id = parse_uuid(item.get("id")) if isinstance(item, dict) else None
        if item_id is None:
            raise misfit(
                f"{place}[{index}].id", "a valid uuid", item.get("id", MISSING) if isinstance(item, dict) else item
            )
        found.append(item_id)
    return found


def _people(value: object, place: str) -> list[str]:
    """Ids. A full user object that was read is refused, as the live service does (seen)."""
    for index, item in enumerate(_array(value, place)):
        if isinstance(item, dict) and item.get("object") == "user" and len(item) > 2:
            raise misfit(f"{place}[{index}].object", '`"group"` or `undefined`', "user")
    return _ids(value, place)


def _date(value: object, place: str) -> Json | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise misfit(place, "an object or `null`", value)
    zone = value.get("time_zone")
    if zone is not None and not clock.is_zone(zone):
        raise misfit(f"{place}.time_zone", "a valid time zone or `null`", zone)
    start = _instant(value.get("start", MISSING), f"{place}.start", zone)
    end = None if value.get("end") is None else _instant(value["end"], f"{place}.end", zone)
    if end is not None and clock.parse(end) < clock.parse(start):
        raise misfit(f"{place}.end", "on or after `start`", value["end"])
    return {"start": start, "end": end, "time_zone": None}


def _instant(value: object, place: str, zone: str | None) -> str:
    if not isinstance(value, str):
        raise misfit(place, "defined" if value is MISSING else "a string", value)
    try:
        return clock.stored(value, zone)
    except ValueError:
        raise misfit(place, "a valid ISO 8601 date string", value) from None


def _files(value: object, place: str) -> list[Json]:
    return [_file(item, f"{place}[{index}]") for index, item in enumerate(_array(value, place))]


def _file(item: object, place: str) -> Json:
    if not isinstance(item, dict):
        raise misfit(place, "an object", item)
    kinds = ("external", "file", "file_upload")
    kind = str(item.get("type") or next((key for key in kinds if key in item), "external"))
    if kind not in item:
        raise misfit(f"{place}.{kind}", "defined", MISSING)
    url = item[kind].get("url") if isinstance(item[kind], dict) else None
    if kind == "external" and not isinstance(url, str):
        raise misfit(f"{place}.external.url", "a string", url)
    if isinstance(url, str) and len(url) > 2000:
        raise misfit(f"{place}.{kind}.url.length", "≤ `2000`", len(url))
    return {"name": item.get("name") or url, "type": kind, kind: item[kind]}


def _place(value: object, place: str) -> Json | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise misfit(place, "an object or `null`", value)
    for key in ("lat", "lon"):
        if not isinstance(value.get(key), int | float):
            raise misfit(f"{place}.{key}", "a number", value.get(key, MISSING))
    return {key: value.get(key) for key in ("lat", "lon", "name", "address", "aws_place_id", "google_place_id")}


_PARSERS: Mapping[str, Callable[[object, str], Any]] = {
    "title": texts.parse,
    "rich_text": texts.parse,
    "number": _number,
    "url": _line_of_text,
    "select": _option,
    "multi_select": _options,
    "people": _people,
    "email": _line_of_text,
    "phone_number": _line_of_text,
    "date": _date,
    "checkbox": _checkbox,
    "relation": _ids,
    "files": _files,
    "status": _option,
    "place": _place,
}
