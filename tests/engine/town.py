"""A hub, two services that share its people, and one state: the ground of stories told in memory."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from higherself_sync.bench import Seat
from higherself_sync.cast import Cast, Direction, Request
from higherself_sync.core.plan import ConflictPolicy, Policy
from higherself_sync.core.record import Entity, Marks, Record, Value, Values
from higherself_sync.report import Report
from higherself_sync.run import story
from higherself_sync.state import State
from tests.engine.memory import World, hub, service, stream

NAMES = ("shop", "desk")
PERSON: Values = {"name": "Kim", "email": "kim@example.com", "phone": "1", "address": None}


class Town:
    """Nobody lives in it yet."""

    def __init__(self, conflict: ConflictPolicy = "newest") -> None:
        self.world = World()
        self.hub, self.conflict = hub(self.world), conflict
        self.services = {name: service(self.world, name, only_digits=False) for name in NAMES}
        self.streams = {name: stream(name, only_digits=False, create=True) for name in NAMES}
        self.state = State(":memory:")
        self.runs = 0

    def run(self, direction: Direction = "both", *, later: int = 700, full: bool = False) -> Report:
        self.world.advance(later)
        self.runs += 1
        policy = Policy(conflict=self.conflict, pull=direction != "push", push=direction != "pull", mails=True)
        seats = [Seat(self.streams[name], policy, self.services[name]) for name in NAMES]
        databases, never = {Entity.CLIENTS: self.hub}, timedelta(days=999)
        cast = Cast(seats, databases, never, timedelta(0), side_by_side=False, names=frozenset(NAMES))
        report = Report(f"run {self.runs}", self.world.now, direction)
        story(self.state, cast, Request(direction, full=full), report)
        return report

    def person(self, side: str = "shop", **values: Value) -> Record:
        return self.services[side].put({**PERSON, **values})

    def page(self) -> Record:
        (page,) = self.hub.records.values()
        return page

    def pages(self, email: str) -> list[Record]:
        return [each for each in self.hub.records.values() if each.values["email"] == email]

    def shown(self, name: str) -> list[Value]:
        """A field on the page, in the shop and (where she is known) at the desk."""
        sides = [self.hub, *self.services.values()]
        return [next(iter(each.records.values())).values[name] for each in sides if each.records]

    def kinds(self) -> list[str]:
        return [each.kind.value for each in self.state.problems()]

    def remark(self, page: Record, **marks: Any) -> None:
        """Somebody types into External ID or Source."""
        changed = {name: getattr(page.marks, name) for name in Marks.__slots__} | marks
        self.hub.records[page.id] = Record(**{**fields(page), "marks": Marks(**changed)})
        self.hub.touch(page.id)


def fields(record: Record) -> Mapping[str, Any]:
    return {name: getattr(record, name) for name in Record.__slots__}


def met(conflict: ConflictPolicy = "newest") -> Town:
    """One person in the shop, synced and at rest."""
    town = Town(conflict)
    town.person()
    town.run()
    town.run()
    return town
