"""The query as PHP reads it, and what all lists do with it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from higherself_sync.sandbox.amelia.answers import Failed
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


def cast(value: Any) -> int:
    """As PHP casts: what does not begin with a number is 0."""
    found = re.match(r"\s*([+-]?\d+)", str(value or ""))
    return int(found[1]) if found else 0


def whole(value: Any) -> int:
    """The same of an id or a count, of which none is below 0."""
    return max(0, cast(value))


def filled(value: Any) -> bool:
    """PHP's `!empty`: "false" is something."""
    return value not in (None, "", "0", [], False)


def is_true(value: Any) -> bool:
    """PHP's FILTER_VALIDATE_BOOLEAN."""
    return str(value or "").lower() in ("1", "true", "on", "yes")


def ids(params: Mapping[str, Any], name: str) -> frozenset[int]:
    value = params.get(name)
    return frozenset(whole(each) for each in (value if isinstance(value, list) else [value])) if value else frozenset()


def paged(found: Sequence[_T], page: Any, size: int) -> Sequence[_T]:
    """Without a page there is no limit (read: `AbstractRepository::getLimit`). Raises Failed, as the database does."""
    number = cast(page)
    if number and size and (number < 0 or size < 0):
        raise Failed(f"You have an error in your SQL syntax near '{(number - 1) * size}, {size}'")
    return found[(number - 1) * size : number * size] if number and size else found


def has_words(record: Values, names: Iterable[str], words: str) -> bool:
    """Whether every word is somewhere in these fields."""
    text = " ".join(str(record.get(name) or "") for name in names).lower()
    return all(word in text for word in words.lower().split())


def full_name(record: Values) -> str:
    return f"{record['firstName']} {record['lastName']}"
