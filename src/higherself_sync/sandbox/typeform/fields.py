"""A form's questions: as an author sends them, and as the API then shows them."""

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.typeform import ids
from higherself_sync.sandbox.typeform.errors import missing, wrong_type
from higherself_sync.sandbox.typeform.store import Json

# What stands in a recorded question whose author had said nothing of it.
_DEFAULTS: Mapping[str, Json] = {
    "multiple_choice": {
        "randomize": False,
        "allow_multiple_selection": False,
        "allow_other_choice": False,
        "none_of_the_above": False,
        "vertical_alignment": True,
    },
    "dropdown": {"randomize": False, "alphabetical_order": False},
}
_NOTHING_TO_VALIDATE = ("group", "statement")


def complete(given: Mapping[str, Any], chance: random.Random, now: datetime, known: frozenset[str]) -> Json:
    """A question with all that the API adds; ids in `known` are kept, others are drawn."""
    kind = given["type"]
    properties = _DEFAULTS.get(kind, {}) | dict(given.get("properties") or {})
    if "choices" in properties:
        properties["choices"] = [_choice(each, chance, now, known) for each in properties["choices"]]
    if "fields" in properties:
        properties["fields"] = [complete(each, chance, now, known) for each in properties["fields"]]
    shown: Json = {
        "id": _kept(given, known) or ids.part_id(chance),
        "title": given["title"],
        "ref": given.get("ref") or ids.ulid(chance, now),
    }
    if properties:
        shown["properties"] = properties
    if kind not in _NOTHING_TO_VALIDATE:
        shown["validations"] = {"required": False} | dict(given.get("validations") or {})
    return shown | {"type": kind} | {name: given[name] for name in ("attachment", "layout") if name in given}


def _choice(given: Mapping[str, Any], chance: random.Random, now: datetime, known: frozenset[str]) -> Json:
    choice_id = _kept(given, known) or ids.part_id(chance)
    return {"id": choice_id, "ref": given.get("ref") or ids.ulid(chance, now)} | {
        name: value for name, value in given.items() if name not in ("id", "ref")
    }


def _kept(given: Mapping[str, Any], known: frozenset[str]) -> str | None:
    return given["id"] if given.get("id") in known else None


def inner(field: Mapping[str, Any]) -> list[Json]:
    """The questions within a group, a contact_info, an address, a matrix."""
    found: list[Json] = field.get("properties", {}).get("fields", [])
    return found


def questions(fields: Iterable[Json]) -> Iterator[Json]:
    """All that can have an answer of its own, in the form's order."""
    for field in fields:
        if "fields" in field.get("properties", {}):
            yield from questions(inner(field))
        elif field["type"] != "statement":
            yield field


def every_id(fields: Iterable[Json]) -> Iterator[str]:
    """Of questions, of those within them, and of choices."""
    for field in fields:
        yield field["id"]
        yield from (choice["id"] for choice in field.get("properties", {}).get("choices", []) if "id" in choice)
        yield from every_id(inner(field))


def problems(fields: Any, place: str = "/fields") -> Iterator[dict[str, str]]:
    """What the API would find wrong with the questions of a payload."""
    yield from not_objects(fields, place)
    for n, field in enumerate(fields if isinstance(fields, list) else ()):
        here = f"{place}/{n}"
        if not isinstance(field, dict):
            continue
        yield from (missing(here, name) for name in ("title", "type") if name not in field)
        yield from (
            wrong_type(f"{here}/{name}", "string")
            for name in ("title", "type")
            if name in field and not isinstance(field[name], str)
        )
        parts = {name: field.get(name) or {} for name in ("properties", "validations")}
        yield from (
            wrong_type(f"{here}/{name}", "object") for name, part in parts.items() if not isinstance(part, dict)
        )
        if isinstance(properties := parts["properties"], dict):
            yield from not_objects(properties.get("choices", []), f"{here}/properties/choices")
            yield from problems(properties.get("fields", []), f"{here}/properties/fields")


def not_objects(given: Any, place: str) -> Iterator[dict[str, str]]:
    """What is wrong with what should be a list of objects."""
    if not isinstance(given, list):
        yield wrong_type(place, "array")
        return
    yield from (wrong_type(f"{place}/{n}", "object") for n, each in enumerate(given) if not isinstance(each, dict))
