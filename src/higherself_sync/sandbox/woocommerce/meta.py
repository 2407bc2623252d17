"""Meta data: `[{id, key, value}]`, one entry a key, written by key or by id.

Seen on 9.4 and 10.5: a key that exists is changed in place and keeps its id; null deletes; the last of a key written
twice wins; scalars come back as strings. Orders on HPOS list their entries by key, everything else by id.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from higherself_sync.sandbox.woocommerce import text

Entry = dict[str, Any]


def written(entries: Iterable[Entry], changes: Any, next_id: Callable[[], int]) -> list[Entry]:
    """The entries after `changes`, a list of `{id?, key?, value?}`; anything else changes nothing."""
    result = [dict(entry) for entry in entries]
    for change in changes if isinstance(changes, list) else []:
        if isinstance(change, Mapping):
            _write(result, change)
    kept = [entry for entry in result if entry["value"] is not None]
    return [entry | {"id": entry["id"] or next_id(), "value": text.scalar(entry["value"])} for entry in kept]


def _write(entries: list[Entry], change: Mapping[str, Any]) -> None:
    key, value, wanted = change.get("key"), change.get("value"), text.whole(change.get("id"))
    same_key = [entry for entry in entries if entry["key"] == key]
    places = [entry for entry in entries if entry["id"] == wanted] if wanted else same_key
    for entry in places[1:] if places else same_key:
        entry["value"] = None
    if places:
        places[0].update(key=key, value=value)
    else:
        entries.append({"id": 0, "key": key, "value": value})


def by_id(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: int(entry["id"]))


def by_key(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (str(entry["key"]).casefold(), int(entry["id"])))
