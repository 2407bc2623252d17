"""What was asked of the twins, for a test to look at afterwards."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.clock import stamp
from higherself_sync.sandbox.wire import Request


@dataclass(slots=True)
class Entry:
    """`status` and `ms` are None until the request is answered; `status` stays None where no answer was given."""

    n: int
    service: str
    method: str
    path: str
    query: str
    at: datetime
    fault: str | None
    status: int | None = None
    ms: float | None = None
    _began: float = field(default_factory=time.perf_counter)

    def close(self, status: int | None) -> None:
        self.status = status
        self.ms = round((time.perf_counter() - self._began) * 1000, 3)

    def as_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "service": self.service,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "ms": self.ms,
            "at": stamp(self.at),
            "fault": self.fault,
        }


class RequestLog:
    """Numbered from 1 since it was last cleared, in the order of arrival."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def open(self, service: str, request: Request, at: datetime, fault: str | None) -> Entry:
        n = len(self._entries) + 1
        entry = Entry(n, service, request.method, request.path, request.query, at, fault)
        self._entries.append(entry)
        return entry

    def show(self) -> list[dict[str, Any]]:
        return [entry.as_json() for entry in self._entries]

    def clear(self) -> int:
        count = len(self._entries)
        self._entries.clear()
        return count
