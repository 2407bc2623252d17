"""One request, parsed: who asks, for what, at which version of the API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .errors import misfit, missing, superfluous, unserved
from .ids import parse_uuid
from .store import Json

# An icon of Notion's own, given by its address, reads back by name and colour (recorded).
_OWN_ICON = re.compile(r"https://www\.notion\.so/icons/(.+)_([a-z]+)\.svg")
_PICTURES = ("emoji", "external", "custom_emoji", "icon")
V2025 = "2025-09-03"
V2026 = "2026-03-11"


@dataclass(frozen=True, slots=True)
class Caller:
    """`user` edits; `sees_all` also what is not shared (a person)."""

    user: str
    sees_all: bool
    may_write: bool


@dataclass(frozen=True, slots=True)
class Call:
    caller: Caller
    version: str
    now: datetime
    args: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    body: Json

    @property
    def old(self) -> bool:
        return self.version == V2025

    def uuid(self, index: int, name: str) -> str:
        """A path argument as a dashed id. Raises ApiError."""
        found = parse_uuid(self.args[index])
        if found is None:
            raise misfit(f"path.{name}", "a valid uuid", self.args[index])
        return found

    def all(self, key: str) -> list[str]:
        """Every value of a repeated query key, with or without `[]`."""
        return [value for name, value in self.query if name in (key, f"{key}[]")]

    def one(self, key: str) -> str | None:
        found = self.all(key)
        return found[-1] if found else None

    def only(self, allowed: tuple[str, ...]) -> None:
        """Raises ApiError for a body key that the endpoint does not know."""
        for key, value in self.body.items():
            if key not in allowed:
                raise superfluous(f"body.{key}", value)

    def boolean(self, key: str) -> bool | None:
        value = self.body.get(key)
        if value is not None and not isinstance(value, bool):
            raise misfit(f"body.{key}", "a boolean or `undefined`", value)
        return value

    def trash(self) -> bool | None:
        """`in_trash`, or on the older version its alias `archived`."""
        wanted = self.boolean("in_trash")
        return self.boolean("archived") if wanted is None and self.old else wanted


def mapping(value: object, place: str) -> Mapping[str, Any]:
    if value is None:
        raise missing(place)
    if not isinstance(value, dict):
        raise misfit(place, "an object", value)
    return value


def picture(value: object, place: str) -> Json | None:
    """An icon or a cover as it reads back. Raises ApiError."""
    if value is None:
        return None
    shape = mapping(value, place)
    kind = shape.get("type") or next((one for one in _PICTURES if one in shape), "emoji")
    if kind == "file_upload":
        raise unserved("uploaded icons and covers")
    if kind not in _PICTURES:
        raise misfit(f"{place}.type", ", ".join(f'`"{one}"`' for one in _PICTURES), kind)
    if kind not in shape:
        raise missing(f"{place}.{kind}")
    if kind == "emoji":
        return {"type": kind, kind: text(shape[kind], f"{place}.{kind}")}
    inner = mapping(shape[kind], f"{place}.{kind}")
    if kind == "external" and (own := _OWN_ICON.fullmatch(text(inner.get("url"), f"{place}.{kind}.url"))):
        return {"type": "icon", "icon": {"name": own[1], "color": own[2]}}
    return {"type": kind, kind: inner}


def text(value: object, place: str) -> str:
    """Raises ApiError for what is no string."""
    if not isinstance(value, str):
        raise misfit(place, "a string", value)
    return value


def listing(kind: str, results: list[Json], cursor: str | None) -> Json:
    """The envelope of every list."""
    return {
        "object": "list",
        "results": results,
        "next_cursor": cursor,
        "has_more": cursor is not None,
        "type": kind,
        kind: {},
    }
