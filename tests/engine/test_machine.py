"""The engine against a world that edits, fails and dies: whatever happens, it comes to rest and no edit is lost.

Every edit writes a unique token, and the model keeps for each token which tokens its author saw before (its past).
The tool may settle two edits that did not know of each other either way; it may never bring a value back over an edit
that was made on top of it. That, and "all sides equal, nothing doubled, nothing left to write", is checked
after every story.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from higherself_sync.bench import Seat
from higherself_sync.cast import Cast, Request
from higherself_sync.core.plan import HoldKind, Policy
from higherself_sync.core.record import Entity, Marks, Side, Value
from higherself_sync.report import Report
from higherself_sync.run import story
from higherself_sync.state import Problem, State
from tests.engine.machine import looking
from tests.engine.memory import Crash, Memory, World, digits, hub, service, stream

SERVICES = ("shop", "desk")
FIELDS = ("name", "phone")
SIDES = ("notion", *SERVICES)


class DyingState(State):
    """A state whose process may die just before, or just after, a commit."""

    dies_in: int | None = None
    dies_after = False

    def do(self, sql: str, *args: Any) -> Any:
        if sql != "COMMIT" or self.dies_in is None:
            return super().do(sql, *args)
        self.dies_in -= 1
        if self.dies_in > 0:
            return super().do(sql, *args)
        if self.dies_after:
            super().do(sql, *args)
        raise Crash


@dataclass
class Edit:
    """A token somewhere in the history of one person's field; `past`: all edits its author could have seen."""

    about: tuple[str, str]
    text: str
    past: frozenset[int]


@dataclass
class Model:
    """Per (person, field): all edits, and which of them each side shows now."""

    edits: dict[int, Edit] = field(default_factory=dict)
    shows: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (side, person, field) -> edit
    numbers: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)

    def edited(self, side: str, person: str, name: str, text: str) -> None:
        now = self.shows.get((side, person, name))
        past = self.edits[now].past | {now} if now is not None else frozenset()
        number = self.numbers()
        self.edits[number] = Edit((person, name), text, past)
        self.shows[side, person, name] = number

    def written(self, side: str, person: str, name: str, value: Value) -> None:
        """The tool wrote a value: the newest edit of that text that some other side shows, or ever showed."""
        of_field = {n for (_, who, what), n in self.shows.items() if (who, what) == (person, name)}
        family = of_field | {past for n in of_field for past in self.edits[n].past}
        same = [n for n in family if digits(self.edits[n].text) == digits(value)]
        if same:
            self.shows[side, person, name] = max(same)

    def lost(self, person: str, name: str, shown: Value) -> list[str]:
        """Last edits of a field that gave way to a value which their authors knew and had replaced."""
        family = {n: each for n, each in self.edits.items() if each.about == (person, name)}
        winners = [n for n, each in family.items() if digits(each.text) == shown]
        last = [n for n in family if not any(n in each.past for each in family.values())]
        return [family[n].text for n in last if n not in winners and all(each in family[n].past for each in winners)]


class Machine(RuleBasedStateMachine):
    """Steps: people edit, revert, touch and add on any side; runs of any kind, with faults; time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.world, self.model = World(), Model()
        self.hub = hub(self.world)
        self.services = {name: service(self.world, name, only_digits=name == "desk") for name in SERVICES}
        self.streams = {name: stream(name, only_digits=name == "desk", create=True) for name in SERVICES}
        self.state = DyingState(":memory:")
        self.tokens = itertools.count(100)
        self.runs = 0
        self.old_log: list[dict[str, Any]] = []
        self.world.overwritten = self._overwritten

    def teardown(self) -> None:
        try:
            if self.runs:
                self.comes_to_rest()
        finally:
            self.state.close()

    # ------------------------------------------------------------------------------------------------ people

    @initialize(policy=st.sampled_from(["newest", "notion", "service", "ask"]))
    def choose(self, policy: str) -> None:
        self.policy = policy
        self.add("shop")
        self.run("both", (), None)

    def sides(self) -> dict[str, Memory]:
        return {"notion": self.hub, **self.services}

    def person(self, record_email: Value) -> str:
        return str(record_email)

    def token(self, name: str, word: str = "") -> str:
        number = next(self.tokens)
        return f"Kim {word}{number}" if name == "name" else f"+49 30 {number}"

    def people(self, side: str) -> list[str]:
        return sorted(str(each.values["email"]) for each in self.sides()[side].records.values())

    def record_id(self, side: str, person: str) -> str:
        return next(each.id for each in self.sides()[side].records.values() if each.values["email"] == person)

    @rule(side=st.sampled_from(SIDES))
    def add(self, side: str) -> None:
        """A new person on one side; a row made in Notion is addressed to a service."""
        person = f"p{next(self.tokens)}@example.com"
        self._add(side, person)

    @rule(side=st.sampled_from(SERVICES), pick=st.integers(0, 50))
    def add_known(self, side: str, pick: int) -> None:
        """Somebody whom another service knows already."""
        missing = sorted(set(self.people("notion")) - set(self.people(side)))
        if missing:
            self._add(side, missing[pick % len(missing)], bare=True)

    @rule()
    def add_to_both(self) -> None:
        """Somebody new to everybody, met by two services before anybody syncs."""
        person = f"p{next(self.tokens)}@example.com"
        self._add("shop", person)
        self._add("desk", person, bare=True)

    def _add(self, side: str, person: str, *, bare: bool = False) -> None:
        values: dict[str, Value] = dict.fromkeys(("name", "email", "phone", "address"))
        values["email"] = person
        for name in () if bare else FIELDS:
            text = self.token(name)
            values[name] = self.sides()[side].taken(name, text)
            self.model.edited(side, person, name, text)
        marks = Marks(sources=frozenset({"shop"})) if side == "notion" else Marks()
        self.sides()[side].put(values, marks)

    @rule(side=st.sampled_from(SIDES), pick=st.integers(0, 50), name=st.sampled_from(FIELDS))
    def edit(self, side: str, pick: int, name: str) -> None:
        self._edit(side, pick, name)

    def _edit(self, side: str, pick: int, name: str, text: str | None = None) -> None:
        people = self.people(side)
        if people:
            person = people[pick % len(people)]
            text = text or self.token(name)
            self.sides()[side].edit(self.record_id(side, person), name, self.sides()[side].taken(name, text))
            self.model.edited(side, person, name, text)

    @rule(pick=st.integers(0, 50), names=st.tuples(*[st.sampled_from(FIELDS)] * 3), apart=st.booleans())
    def edit_everywhere(self, pick: int, names: tuple[str, ...], apart: bool) -> None:
        """The generator's main aim: one person edited on several sides before anybody syncs."""
        people = sorted(set.intersection(*(set(self.people(side)) for side in ("notion", "shop"))))
        if not people:
            return
        person = people[pick % len(people)]
        for side, name in zip(SIDES, names, strict=True):
            if person in self.people(side):
                self._edit(side, self.people(side).index(person), name)
                self.world.advance(70 if apart else 0)

    @rule(side=st.sampled_from(SIDES), pick=st.integers(0, 50), name=st.sampled_from(FIELDS))
    def revert(self, side: str, pick: int, name: str) -> None:
        """Back to what it was before the last edit that this side saw."""
        people = self.people(side)
        if not people:
            return
        person = people[pick % len(people)]
        now = self.model.shows.get((side, person, name))
        former = max(self.model.edits[now].past, default=None) if now is not None else None
        if former is not None:
            self._edit(side, pick, name, self.model.edits[former].text)

    @rule(side=st.sampled_from(SIDES), pick=st.integers(0, 50))
    def touch(self, side: str, pick: int) -> None:
        records = list(self.sides()[side].records)
        if records:
            self.sides()[side].touch(records[pick % len(records)])

    @rule(pick=st.integers(0, 50))
    def not_taken(self, pick: int) -> None:
        """A name that services silently leave out."""
        people = self.people("notion")
        if people:
            self._edit("notion", pick, "name", f"Kim refuse-me {next(self.tokens)}")

    @rule(seconds=st.sampled_from([1, 20, 65, 130, 700]))
    def time_passes(self, seconds: int) -> None:
        self.world.advance(seconds)

    # -------------------------------------------------------------------------------------------------- runs

    @rule(
        direction=st.sampled_from(["both", "both", "both", "pull", "push"]),
        only=st.sampled_from([(), (), ("shop",), ("desk",)]),
    )
    def sync(self, direction: str, only: tuple[str, ...]) -> None:
        self.run(direction, only, None)

    @rule(
        fault=st.sampled_from(["crash before", "crash after", "lost before", "lost after", "refuse"]),
        at=st.integers(1, 5),
        later=st.integers(1, 14),
        edit=st.tuples(st.sampled_from(SIDES), st.integers(0, 50), st.sampled_from(FIELDS)) | st.none(),
    )
    def sync_with_fault(self, fault: str, at: int, later: int, edit: tuple[str, int, str] | None) -> None:
        self.world.faults = {self.world.sent + at: fault}  # type: ignore[dict-item]
        if edit is not None:
            self.world.during = {self.world.requests + later: lambda: self._edit(*edit)}
        self.run("both", (), None)

    @rule(at=st.integers(1, 14), fault=st.sampled_from(["crash before", "crash after"]))
    def sync_dying_at_a_request(self, at: int, fault: str) -> None:
        self.world.deaths = {self.world.requests + at: fault}  # type: ignore[dict-item]
        self.run("both", (), None)

    @rule(at=st.integers(1, 14), edit=st.tuples(st.sampled_from(SIDES), st.integers(0, 50), st.sampled_from(FIELDS)))
    def sync_while_edited(self, at: int, edit: tuple[str, int, str]) -> None:
        self.world.during = {self.world.requests + at: lambda: self._edit(*edit)}
        self.run("both", (), None)

    @rule(quiet=st.booleans())
    def lose_the_state(self, quiet: bool) -> None:
        """Somebody deletes the file; with it go the base, the journal and what waited."""
        if quiet:
            self.world.advance(700)
        self.old_log += self.state.log_rows()
        for intent in self.state.intents():  # the write may have been made, and its log row goes with the file
            befores = [before for before, *_ in intent.payload.get("fields", {}).values()]
            self.old_log += [{"cause": "first contact", "before": json.dumps(each)} for each in befores]
        self.state.close()
        self.state = DyingState(":memory:")

    @rule(commit=st.integers(1, 25), after=st.booleans())
    def sync_dying_at_a_commit(self, commit: int, after: bool) -> None:
        self.state.dies_after = after
        self.run("both", (), commit)

    def run(self, direction: str, only: tuple[str, ...], dies_in: int | None) -> Report:
        self.runs += 1
        policy = Policy(
            conflict=self.policy,  # type: ignore[arg-type]
            pull=direction != "push",
            push=direction != "pull",
            mails=True,
        )
        names = [name for name in SERVICES if not only or name in only]
        seats = [Seat(self.streams[name], policy, self.services[name]) for name in names]
        cast = Cast(
            seats, {Entity.CLIENTS: self.hub}, timedelta(days=3650), timedelta(0), side_by_side=False,
            names=frozenset(SERVICES),
        )  # fmt: skip
        report = Report("run", self.world.now, direction)
        self.state.dies_in = dies_in
        try:
            story(self.state, cast, Request(direction), report)  # type: ignore[arg-type]
        except Crash:
            self.state.died()
        finally:
            self.state.dies_in = None
            self.world.faults, self.world.deaths, self.world.during = {}, {}, {}
        return report

    def _overwritten(self, side: str, record_id: str, name: str, value: Value) -> None:
        if name in FIELDS:
            self.model.written(side, str(self.sides()[side].records[record_id].values["email"]), name, value)

    # -------------------------------------------------------------------------------------------- at the end

    def comes_to_rest(self) -> None:
        for _ in range(6):
            self.world.advance(90_000)
            self.run("both", (), None)
            for problem in self.state.problems():
                if problem.kind.value == "conflict":
                    assert self.state.decide(problem.id, self._wise(problem))
        self.world.advance(700)
        before = self.world.writes
        report = self.run("both", (), None)
        assert self.world.writes == before, "a run at rest wrote something"
        assert not [each for each in report.problems if each.kind is not HoldKind.NOT_TAKEN], report.problems
        waiting = {(each.page_id, each.field) for each in report.problems}
        self.nothing_doubled()
        for page in self.hub.records.values():
            for name in FIELDS:
                if (page.id, name) not in waiting:
                    self.equal_everywhere(str(page.values["email"]), name)

    def _wise(self, problem: Problem) -> Side:
        """A person keeps the value that was made in knowledge of the other one."""
        person = str(self.hub.records[problem.page_id].values["email"])
        mine, theirs = (self.model.shows.get((each, person, problem.field)) for each in ("notion", problem.service))
        knows = theirs is not None and mine is not None and mine in self.model.edits[theirs].past
        return Side.SERVICE if knows else Side.NOTION

    def nothing_doubled(self) -> None:
        for side in SIDES:
            assert len(self.people(side)) == len(set(self.people(side))), f"doubled in {side}: {self.people(side)}"
        everybody = set().union(*(self.people(side) for side in SERVICES))
        assert everybody <= set(self.people("notion")), "somebody has no row"

    def equal_everywhere(self, person: str, name: str) -> None:
        shown = {
            side: digits(self.sides()[side].records[self.record_id(side, person)].values[name])
            for side in SIDES
            if person in self.people(side)
        }
        assert len(set(shown.values())) == 1, f"{person} {name}: {shown}"
        lost = [
            each
            for each in self.model.lost(person, name, digits(shown["notion"]))
            if digits(each) not in self._yielded()
        ]
        assert not lost, f"{person} {name}: shows {shown}, lost {lost}"

    def _yielded(self) -> set[Value]:
        """ENGINE 11: without a base, an edit within two minutes of the last stamp yields to a later one."""
        rows = [each for each in self.old_log + self.state.log_rows() if each["cause"] == "first contact"]
        return {digits(json.loads(each["before"])) for each in rows}


TestMachine = Machine.TestCase
TestMachine.settings = looking(150, 20)


def test_a_model_that_loses_an_edit_says_so() -> None:
    """The oracle can fail: an edit made on top of a value is lost when that value is shown again."""
    model = Model()
    model.edited("shop", "p", "phone", "+1 1")
    model.written("notion", "p", "phone", "+1 1")
    model.edited("notion", "p", "phone", "+1 2")
    assert model.lost("p", "phone", "12") == []
    assert model.lost("p", "phone", "11") == ["+1 2"]


def test_two_edits_that_did_not_know_of_each_other_may_be_settled_either_way() -> None:
    model = Model()
    model.edited("shop", "p", "phone", "+1 1")
    model.written("notion", "p", "phone", "+1 1")
    model.edited("notion", "p", "phone", "+1 2")
    model.edited("shop", "p", "phone", "+1 3")
    assert model.lost("p", "phone", "12") == model.lost("p", "phone", "13") == []
    assert model.lost("p", "phone", "11") == ["+1 2", "+1 3"]


if __name__ == "__main__":
    pytest.main([__file__])
