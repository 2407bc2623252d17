"""The query as PHP reads it, and what all lists do with it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from higherself_sync.sandbox.amelia.shapes import Values

_T = TypeVar("_T")
_LISTS = frozenset(("customers", "categories", "services", "packages", "employees", "providers", "locations", "ids",
                    "events", "dates", "types", "fields", "statuses"))  # fmt: skip
"""Parameters that may be given as `a,b`; all may be given as `name[]=a&name[]=b`."""
_INDEXED = re.compile(r"(\w+)\[\w*\]")


def read(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for name, value in pairs:
        if match := _INDEXED.fullmatch(name):
            before = params.get(match[1])
            params[match[1]] = [*(before if isinstance(before, list) else []), value]
        else:
            params[name] = value.split(",") if name in _LISTS and value else value
    return params


def whole(value: Any) -> int:
    """As PHP casts: what does not begin with a number is 0."""
    found = re.match(r"\s*(\d+)", str(value or ""))
    return int(found[1]) if found else 0


def filled(value: Any) -> bool:
    """PHP's `!empty`: "false" is something."""
    return value not in (None, "", "0", [], False)


def is_true(value: Any) -> bool:
    """PHP's FILTER_VALIDATE_BOOLEAN."""
    return str(value or "").lower() in ("1", "true", "on", "yes")


def ids(params: Mapping[str, Any], name: str) -> frozenset[int]:
    value = params.get(name)
    return frozenset(whole(each) for each in (value if isinstance(value, list) else [value])) if value else frozenset()


def paged(found: Sequence[_T], page: int, size: int) -> Sequence[_T]:
    """Without a page there is no limit (read: `AbstractRepository::getLimit`)."""
    return found[(page - 1) * size : page * size] if page > 0 and size > 0 else found


def has_words(record: Values, names: Iterable[str], words: str) -> bool:
    """Whether every word is somewhere in these fields."""
    text = " ".join(str(record.get(name) or "") for name in names).lower()
    return all(word in text for word in words.lower().split())


def full_name(record: Values) -> str:
    return f"{record['firstName']} {record['lastName']}"
