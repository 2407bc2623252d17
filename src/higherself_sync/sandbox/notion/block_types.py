"""The contents of blocks: what each type accepts and how it reads back (the vendor's generated types tell both)."""

from collections.abc import Callable, Mapping
from typing import Any

from . import texts
from .call import mapping, picture
from .errors import MISSING, fix_one, line, misfit, superfluous, unserved
from .ids import parse_uuid
from .store import Json

Parsed = tuple[str, Json, list[Any]]
"""`(type, content, children)` of a written block."""

_MOST = 100
_DEEPEST = 2

Given = Mapping[str, Any]


def parse_all(given: object, place: str, depth: int = 1) -> list[Parsed]:
    """Written blocks with what is nested in them. Raises ApiError."""
    if not isinstance(given, list):
        raise misfit(place, "an array", MISSING if given is None else given)
    if len(given) > _MOST:
        raise misfit(f"{place}.length", f"≤ `{_MOST}`", len(given))
    return [_parse(mapping(one, f"{place}[{index}]"), f"{place}[{index}]", depth) for index, one in enumerate(given)]


def _parse(given: Given, place: str, depth: int) -> Parsed:
    kind = str(given.get("type") or next((key for key in given if key not in ("object", "type")), None))
    if kind not in given or kind not in _TYPES:
        if kind in _REAL:
            raise unserved(f"writing blocks of type {kind}")
        raise fix_one([line(f"{place}.{one}", "defined", MISSING) for one in _TYPES])
    inner = mapping(given[kind], f"{place}.{kind}")
    nested = inner.get("children", [])
    if nested and depth > _DEEPEST:
        raise superfluous(f"{place}.{kind}.children", nested)
    return (
        kind,
        content(kind, inner, f"{place}.{kind}"),
        parse_all(nested, f"{place}.{kind}.children", depth + 1),
    )


def content(kind: str, given: Given, place: str) -> Json:
    """The content of one block as it reads back. Raises ApiError."""
    return _TYPES[kind](given, place)


def changed(kind: str, old: Json, given: Given, place: str) -> Json:
    """A block's content after a PATCH: keys not given stay."""
    return old | {key: value for key, value in content(kind, old | dict(given), place).items() if key in given}


def _rich(given: Given, place: str) -> Json:
    return {"rich_text": texts.parse(given.get("rich_text", []), f"{place}.rich_text")}


def _coloured(given: Given, place: str) -> Json:
    return _rich(given, place) | {"color": given.get("color", "default")}


def _heading(given: Given, place: str) -> Json:
    return _rich(given, place) | {
        "is_toggleable": bool(given.get("is_toggleable")),
        "color": given.get("color", "default"),
    }


def _to_do(given: Given, place: str) -> Json:
    return _rich(given, place) | {"checked": bool(given.get("checked")), "color": given.get("color", "default")}


def _with_icon(given: Given, place: str) -> Json:
    return _rich(given, place) | {
        "icon": picture(given.get("icon"), f"{place}.icon"),
        "color": given.get("color", "default"),
    }


def _caption(given: Given, place: str) -> Json:
    return {"caption": texts.parse(given.get("caption", []), f"{place}.caption")}


def _code(given: Given, place: str) -> Json:
    return _caption(given, place) | _rich(given, place) | {"language": given.get("language", "plain text")}


def _linked(given: Given, place: str) -> Json:
    return _caption(given, place) | {"url": _address(given, place)}


def _address(given: Given, place: str) -> str:
    address = given.get("url", MISSING)
    if not isinstance(address, str):
        raise misfit(f"{place}.url", "defined" if address is MISSING else "a string", address)
    if len(address) > texts.LONGEST:
        raise misfit(f"{place}.url.length", f"≤ `{texts.LONGEST}`", len(address))
    return address


def _media(given: Given, place: str) -> Json:
    if "external" not in given:
        raise unserved("blocks with uploaded files")
    address = _address(mapping(given["external"], f"{place}.external"), f"{place}.external")
    return _caption(given, place) | {"type": "external", "external": {"url": address}}


def _file(given: Given, place: str) -> Json:
    shown = _media(given, place)
    return shown | {"name": given.get("name") or shown["external"]["url"].rpartition("/")[2]}


def _equation(given: Given, place: str) -> Json:
    expression = given.get("expression")
    if not isinstance(expression, str):
        raise misfit(f"{place}.expression", "a string", expression)
    return {"expression": expression}


def _link_to_page(given: Given, place: str) -> Json:
    for kind in ("page_id", "database_id", "comment_id"):
        if kind in given:
            return {"type": kind, kind: given[kind]}
    raise fix_one([line(f"{place}.{kind}", "defined", MISSING) for kind in ("page_id", "database_id", "comment_id")])


def _synced(given: Given, place: str) -> Json:
    if given.get("synced_from") is None:
        return {"synced_from": None}
    origin = mapping(given["synced_from"], f"{place}.synced_from")
    block_id = parse_uuid(origin.get("block_id"))
    if block_id is None:
        raise misfit(f"{place}.synced_from.block_id", "a valid uuid", origin.get("block_id", MISSING))
    return {"synced_from": {"type": "block_id", "block_id": block_id}}


def _table(given: Given, place: str) -> Json:
    if not isinstance(given.get("table_width"), int):
        raise misfit(f"{place}.table_width", "a number", given.get("table_width", MISSING))
    flags = {key: bool(given.get(key)) for key in ("has_column_header", "has_row_header")}
    return {"table_width": given["table_width"]} | flags


def _table_row(given: Given, place: str) -> Json:
    cells = given.get("cells", [])
    if not isinstance(cells, list):
        raise misfit(f"{place}.cells", "an array", cells)
    return {"cells": [texts.parse(cell, f"{place}.cells[{index}]") for index, cell in enumerate(cells)]}


def _column(given: Given, _: str) -> Json:
    return {"width_ratio": given["width_ratio"]} if "width_ratio" in given else {}


def _bare(_: Given, __: str) -> Json:
    return {}


_TYPES: Mapping[str, Callable[[Given, str], Json]] = {
    "embed": _linked,
    "bookmark": _linked,
    "image": _media,
    "video": _media,
    "pdf": _media,
    "file": _file,
    "audio": _media,
    "code": _code,
    "equation": _equation,
    "divider": _bare,
    "breadcrumb": _bare,
    "tab": _bare,
    "table_of_contents": lambda given, _: {"color": given.get("color", "default")},
    "link_to_page": _link_to_page,
    "table_row": _table_row,
    "table": _table,
    "column_list": _bare,
    "column": _column,
    "heading_1": _heading,
    "heading_2": _heading,
    "heading_3": _heading,
    "heading_4": _heading,
    "paragraph": _with_icon,
    "bulleted_list_item": _coloured,
    "numbered_list_item": _coloured,
    "quote": _coloured,
    "to_do": _to_do,
    "toggle": _coloured,
    "template": _rich,
    "callout": _with_icon,
    "synced_block": _synced,
}
_REAL = ("child_page", "child_database", "link_preview", "meeting_notes", "transcription", "unsupported")
"""Types that are read but never written."""
