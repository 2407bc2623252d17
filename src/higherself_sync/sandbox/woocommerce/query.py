"""A query string as PHP reads and WordPress writes it: a repeated key's last value wins, `name[]` makes a list."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote_plus

_KEY = re.compile(r"([^\[]+)((?:\[[^\]]*\])*)")
_INDEX = re.compile(r"\[([^\]]*)\]")


def read(raw: str) -> dict[str, Any]:
    """`a=1&b[]=2&b[]=3&c[x]=4` → `{"a": "1", "b": ["2", "3"], "c": {"x": "4"}}`, in order of first appearance."""
    tree: dict[str, Any] = {}
    for key, value in parse_qsl(raw, keep_blank_values=True):
        if match := _KEY.fullmatch(key):
            _put(tree, [match[1], *_INDEX.findall(match[2])], value)
        elif key:
            tree[key] = value
    return {key: _listed(value) for key, value in tree.items()}


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        name = step or str(len(tree))
        below = tree.get(name)
        if not isinstance(below, dict):
            below = {}
            tree[name] = below
        tree = below
    tree[path[-1] or str(len(tree))] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if list(value) == [str(n) for n in range(len(value))]:
        return [_listed(item) for item in value.values()]
    return {key: _listed(item) for key, item in value.items()}


def flat(values: Mapping[str, Any] | Sequence[Any], prefix: str = "") -> list[tuple[str, str]]:
    """The tree as pairs again: `b[0]`, `c[x]`."""
    items = values.items() if isinstance(values, Mapping) else enumerate(values)
    pairs: list[tuple[str, str]] = []
    for key, value in items:
        name = f"{prefix}[{key}]" if prefix else str(key)
        if isinstance(value, Mapping | list | tuple):
            pairs += flat(value, name)
        else:
            pairs.append((name, str(value)))
    return pairs


def write(values: Mapping[str, Any]) -> str:
    """The query of a paging link: lists as `%5B0%5D`, true as 1; what is false or unset is left out."""
    kept = {
        key: 1 if value is True else value for key, value in values.items() if value is not None and value is not False
    }
    return "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in flat(kept))
