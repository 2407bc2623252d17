"""What a twin holds: tables of records by their ids, and what finds a record by something else than its id.

Records are values: a write puts a new dict in the place of the old one, never edits it. That makes a snapshot a handful
of shallow copies, however much there is.
"""

import copy
import random
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, TypeAlias

Record: TypeAlias = dict[str, Any]


class Tables(ABC):
    """A twin's own names its tables, the sequences that several of them draw their ids from, and its indexes.

    An index is an attribute, a dict. It is kept by `_enter` and `_leave`, or by whoever writes into it.
    """

    TABLES: ClassVar[tuple[str, ...]]
    SEQUENCES: ClassVar[Mapping[str, str]]
    INDEXES: ClassVar[tuple[str, ...]]

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - keys and tokens of a sandbox
        self.tables: dict[str, dict[int, Record]] = {name: {} for name in self.TABLES}
        self.last_ids: dict[str, int] = {}

    @abstractmethod
    def _enter(self, table: str, record_id: int, record: Record) -> None:
        """A record that is now in its table."""

    @abstractmethod
    def _leave(self, table: str, record_id: int, record: Record) -> None:
        """A record that will not be in its table as it is."""

    def get(self, table: str, record_id: int | None) -> Record | None:
        return self.tables[table].get(record_id or 0)

    def all(self, table: str) -> Iterator[Record]:
        return iter(self.tables[table].values())

    def draft(self, table: str, record_id: int) -> Record:
        """A copy that may be edited and put back."""
        return copy.deepcopy(self.tables[table][record_id])

    def put(self, table: str, record: Record) -> Record:
        record_id = int(record["id"])
        if old := self.get(table, record_id):
            self._leave(table, record_id, old)
        self.tables[table][record_id] = record
        self.note_ids(self.SEQUENCES.get(table, table), [record_id])
        self._enter(table, record_id, record)
        return record

    def remove(self, table: str, record_id: int) -> None:
        self._leave(table, record_id, self.tables[table].pop(record_id))

    def new_id(self, table: str) -> int:
        return self.next(self.SEQUENCES.get(table, table))

    def next(self, sequence: str) -> int:
        self.last_ids[sequence] = self.last_ids.get(sequence, 0) + 1
        return self.last_ids[sequence]

    def note_ids(self, sequence: str, ids: Iterable[int]) -> None:
        """Ids that are taken, so that the next one made is above them."""
        self.last_ids[sequence] = max((self.last_ids.get(sequence, 0), *ids))

    def clear(self) -> None:
        """Without records; the sequences go on, as in a database."""
        self.tables = {name: {} for name in self.TABLES}
        for name in self.INDEXES:
            getattr(self, name).clear()

    def snapshot(self) -> dict[str, Any]:
        """Plain values only, so that it can be kept in a file."""
        kept = {name: dict(getattr(self, name)) for name in (*self.INDEXES, "last_ids")}
        tables = {name: dict(rows) for name, rows in self.tables.items()}
        return {**kept, "tables": tables, "random": self.random.getstate()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.random.setstate(snapshot["random"])
        self.tables = {name: dict(rows) for name, rows in snapshot["tables"].items()}
        for name in (*self.INDEXES, "last_ids"):
            setattr(self, name, dict(snapshot[name]))
