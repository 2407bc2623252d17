"""Meta data: `[{id, key, value}]`, one entry a key, written by key or by id.

Seen on 9.4 and 10.5: a key that exists is changed in place and keeps its id; null deletes; the last of a key written
twice wins; scalars come back as strings. Orders on HPOS list their entries by key, everything else by id.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from higherself_sync.sandbox.woocommerce import text

Entry = dict[str, Any]


def written(entries: Iterable[Entry], changes: Any, next_id: Callable[[], int]) -> list[Entry]:
    """The entries after a write of `changes` (a list of `{id?, key?, value?}`; anything else writes nothing)."""
    result = [dict(entry) for entry in entries]
    for change in changes if isinstance(changes, list) else []:
        if isinstance(change, Mapping):
            _write(result, change)
    kept = [entry for entry in result if entry["value"] is not None]
    return [entry | {"id": entry["id"] or next_id(), "value": text.scalar(entry["value"])} for entry in kept]


def _write(entries: list[Entry], change: Mapping[str, Any]) -> None:
    key, value, wanted = change.get("key"), change.get("value"), change.get("id")
    if wanted:
        places = [n for n, entry in enumerate(entries) if entry["id"] == int(wanted)]
    else:
        places = [n for n, entry in enumerate(entries) if entry["key"] == key]
    if not places:
        for entry in entries:
            if entry["key"] == key:
                entry["value"] = None
        entries.append({"id": 0, "key": key, "value": value})
        return
    for n in places[1:]:
        entries[n]["value"] = None
    entries[places[0]].update(key=key, value=value)


def by_id(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: int(entry["id"]))


def by_key(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (str(entry["key"]).casefold(), int(entry["id"])))
