"""What a run did, counted, and its JSON form (INTERFACE section 2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from higherself_sync.core.record import Side, Stream
from higherself_sync.errors import HsnError
from higherself_sync.state import Problem, stamp

# The gravest wins, in this order (INTERFACE section 1).
GRAVITY = (1, 2, 4, 7, 6, 5, 3, 0)


def gravest(codes: Iterable[int]) -> int:
    return min(codes, key=GRAVITY.index, default=0)


def _both_sides() -> dict[str, int]:
    return {Side.SERVICE.value: 0, Side.NOTION.value: 0}


@dataclass(slots=True)
class StreamReport:
    """The counts of one stream: what was done, on which side."""

    stream: Stream
    read: dict[str, int] = field(default_factory=_both_sides)
    created: dict[str, int] = field(default_factory=_both_sides)
    updated: dict[str, int] = field(default_factory=_both_sides)
    archived: dict[str, int] = field(default_factory=_both_sides)
    adopted: int = 0
    restored: int = 0
    unchanged: int = 0
    conflicts: int = 0
    set_aside: int = 0
    error: HsnError | None = None
    touched: set[int] = field(default_factory=set)  # links of which a side was written

    def count(self, what: Literal["created", "updated"], side: Side, link_id: int) -> None:
        """One page or one record was written, for that link."""
        counts = self.created if what == "created" else self.updated
        counts[side.value] += 1
        self.touched.add(link_id)

    def archive(self, side: Side, link_id: int) -> None:
        """One page or one record was put into its trash."""
        self.archived[side.value] += 1
        self.touched.add(link_id)

    def pretended(self) -> None:
        """A dry run has done nothing: its changes are in the plan, and what was counted on the way is not so."""
        self.created, self.updated, self.archived = _both_sides(), _both_sides(), _both_sides()
        self.adopted = self.restored = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "service": self.stream.service,
            "stream": self.stream.name,
            "entity": self.stream.entity.value,
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "archived": self.archived,
            "adopted": self.adopted,
            "restored": self.restored,
            "unchanged": self.unchanged,
            "conflicts": self.conflicts,
            "set_aside": self.set_aside,
            "error": self.error.as_json() if self.error else None,
        }


@dataclass(slots=True)
class Report:
    """One run. `news` are lines for stderr: problems that are new, changed, or a day old since last shown."""

    run: str
    started: datetime
    direction: str
    dry_run: bool = False
    finished: datetime | None = None
    streams: list[StreamReport] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    news: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    plan: list[dict[str, Any]] = field(default_factory=list)
    cost: dict[str, int] = field(default_factory=dict)

    def of(self, stream: Stream) -> StreamReport:
        return next(each for each in self.streams if each.stream is stream)

    @property
    def exit_code(self) -> int:
        codes = [each.error.exit_code for each in self.streams if each.error is not None]
        return gravest([*codes, 3 if self.problems else 0])

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "run": self.run,
            "started": stamp(self.started),
            "finished": stamp(self.finished),
            "exit_code": self.exit_code,
            "streams": [each.as_json() for each in self.streams],
            "requests": self.requests,
            "problems": [each.as_json() for each in self.problems],
            "notices": self.notices,
        }
        if self.dry_run:
            body |= {"plan": self.plan, "cost": self.cost}
        return body


def plan_entry(
    stream: Stream, action: str, side: Side, record_id: str | None, page_id: str | None,
    fields: Mapping[str, tuple[Any, Any]], **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """One line of a dry run's plan."""
    return {
        "service": stream.service,
        "stream": stream.name,
        "action": action,
        "side": side.value,
        "service_id": record_id,
        "page_id": page_id,
        "fields": {name: list(pair) for name, pair in fields.items()},
        **more,
    }
