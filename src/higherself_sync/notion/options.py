"""Which option of a select stands for which value (ENGINE 26).

An option is known by its id: what it was called when first seen is its value for good, so a person may rename it. A
comma, which Notion refuses in an option's name, becomes a semicolon; values that would then be told apart by nothing,
or only by upper and lower case, which Notion takes for the same, get numbered names.
"""

from collections.abc import Collection, Mapping, MutableMapping
from typing import Any

from higherself_sync.core.record import text
from higherself_sync.notion.properties import comma_free


class Options:
    """The options of one database. `memory` is kept from run to run; `known`: per field the values services have."""

    def __init__(
        self, entity: str, memory: MutableMapping[str, str], known: Mapping[str, Collection[str]] | None = None
    ) -> None:
        self._prefix = f"option:{entity}:"
        self._memory, self._known = memory, known or {}
        self._values: dict[str, dict[str, str]] = {}  # per field: option id -> value
        for key, value in memory.items():
            if key.startswith(self._prefix):
                field, _, option_id = key.removeprefix(self._prefix).partition(":")
                self._values.setdefault(field, {})[option_id] = value

    def value(self, field: str, option: Mapping[str, Any] | None) -> str | None:
        """The value that an option stands for; a new option is remembered."""
        if option is None:
            return None
        found = self._values.get(field, {}).get(option["id"])
        return found or self._learn(field, option["id"], self._named(field, text(option["name"]) or option["name"]))

    def option(self, field: str, value: str) -> dict[str, str]:
        """How a request names a value's option: by id where one is known, else by a name that no other value has."""
        for option_id, each in list(self._values.get(field, {}).items()):  # other threads may add
            if each == value:
                return {"id": option_id}
        return {"name": self._free_name(field, value)}

    def wrote(self, field: str, value: str, option: Mapping[str, Any] | None) -> None:
        """An answer shows which option came of a value that was sent."""
        if option is not None and option["id"] not in self._values.get(field, {}):
            self._learn(field, option["id"], value)

    def forget(self, field: str, option_id: str) -> str:
        """Drop an option that Notion does not know any more; the value it stood for."""
        self._memory.pop(f"{self._prefix}{field}:{option_id}", None)
        return self._values[field].pop(option_id)

    def _learn(self, field: str, option_id: str, value: str) -> str:
        self._values.setdefault(field, {})[option_id] = value
        self._memory[f"{self._prefix}{field}:{option_id}"] = value
        return value

    def _named(self, field: str, name: str) -> str:
        """The one known value that has this name as an option, else the name itself."""
        fitting = [each for each in self._known.get(field, ()) if _key(each) == _key(name)]
        return fitting[0] if len(fitting) == 1 else name

    def _free_name(self, field: str, value: str) -> str:
        alike = sum(_key(each) == _key(value) for each in list(self._values.get(field, {}).values()))
        return f"{comma_free(value)} ({alike + 1})" if alike else comma_free(value)


def _key(name: str) -> str:
    return comma_free(name).casefold()
