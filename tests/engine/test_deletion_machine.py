"""Deletions against a world that trashes, destroys, restores, edits, fails and dies (ENGINE 12, 16, 20 to 24).

The world itself is the witness. Whenever the tool puts something into a trash, it is asked at that very moment whether
the other side is really gone, whether an edit would be lost with it, and how many others went in the last 24 hours.
At the end nothing is doubled, what a person trashed lies in the trash, and what is on both sides is equal.
"""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from higherself_sync.bench import Seat
from higherself_sync.cast import Cast, Request
from higherself_sync.core.plan import HoldKind, Limit, Policy
from higherself_sync.core.record import Entity, MarkedReplica, Marks, Record, Replica, Side
from higherself_sync.parts import DryReplica
from higherself_sync.report import Report
from higherself_sync.run import story
from higherself_sync.state import State
from tests.engine.machine import looking
from tests.engine.memory import Crash, Memory, World, goods, hub, service

FIELDS = ("name", "status")
MOST = 2  # deletions that may follow in a day
DAY = timedelta(hours=24)
Where = Literal["notion", "shop"]
SIDES: tuple[Where, ...] = ("notion", "shop")


@dataclass
class Thing:
    """One product and what people did to it last. `sku` names it for good."""

    sku: str
    last: dict[str, str] = field(default_factory=lambda: {"notion": "", "shop": ""})  # trash, restore, destroy
    deleted: bool = False  # a person deleted its record at some time
    typed: set[object] = field(default_factory=set)  # what people typed into the row
    reached: set[object] = field(default_factory=set)  # what its record ever held
    kept: bool = False  # a person wanted the row kept, or brought back what the tool had trashed
    restored: bool = False  # a person brought it back: perhaps before any run saw that it was gone


class DyingState(State):
    """A state whose process may die at a commit."""

    dies_in: int | None = None

    def do(self, sql: str, *args: Any) -> Any:
        if sql == "COMMIT" and self.dies_in is not None:
            self.dies_in -= 1
            if self.dies_in <= 0:
                raise Crash
        return super().do(sql, *args)


class Deletions(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.hub, self.shop = hub(self.world, Entity.PRODUCTS), service(self.world, "shop", entity=Entity.PRODUCTS)
        self.stream = goods("shop")
        self.state = DyingState(":memory:")
        self.things: dict[str, Thing] = {}
        self.tokens = itertools.count(100)
        self.archived: list[tuple[datetime, str]] = []
        self.forced = self.forgot = self.knows = False
        self.world.archiving, self.world.restoring = self._archiving, self._restoring
        self.world.overwritten = self._written

    def teardown(self) -> None:
        try:
            self.comes_to_rest()
        finally:
            self.state.close()

    # ------------------------------------------------------------------------------------------------ people

    @initialize(
        notion=st.sampled_from(["keep", "archive", "archive"]),
        shop=st.sampled_from(["trash", "trash", "keep"]),
        tells=st.booleans(),
    )
    def choose(self, notion: Literal["keep", "archive"], shop: Literal["trash", "keep"], tells: bool) -> None:
        self.policy = Policy(mails=True, on_notion_delete=notion, on_service_delete=shop, max_delete=Limit(number=MOST))
        self.shop.tells_trash = tells
        for _ in range(4):
            self.add("shop")
        self.run()

    def side(self, where: str) -> Memory:
        return self.hub if where == "notion" else self.shop

    @rule(where=st.sampled_from(SIDES))
    def add(self, where: Where) -> None:
        self._add(where, Marks(sources=frozenset({"shop"})) if where == "notion" else Marks())

    @rule()
    def add_with_a_foreign_marker(self) -> None:
        """Some plugin, or a shop that was synced by another program, left one behind."""
        self._add("shop", Marks(page_id=str(UUID(int=0xF0 + next(self.tokens)))))

    @rule(number=st.integers(0, 9))
    def duplicate(self, number: int) -> None:
        """ "Duplicate product" copies what is in the metadata too."""
        if picked := self.pick("shop", number, trashed=False):
            self._add("shop", picked[1].marks)

    def _add(self, where: Where, marks: Marks) -> None:
        sku = f"S{next(self.tokens)}"
        self.things[sku] = Thing(sku)
        self.side(where).put({"name": f"Bowl {sku}", "type": None, "status": None, "sku": sku}, marks)

    def pick(self, where: str, number: int, *, trashed: bool) -> tuple[Thing, Record] | None:
        found = [each for each in self.side(where).records.values() if each.trashed is trashed]
        if not found:
            return None
        record = found[number % len(found)]
        return self.things[str(record.values["sku"])], record

    @rule(where=st.sampled_from(SIDES), number=st.integers(0, 9), name=st.sampled_from(FIELDS))
    def edit(self, where: Where, number: int, name: str) -> None:
        if picked := self.pick(where, number, trashed=False):
            self._edit(where, picked[0], picked[1].id, name)

    def _edit(self, where: Where, thing: Thing, record_id: str, name: str) -> None:
        value = f"{name} {next(self.tokens)}"
        (thing.typed if where == "notion" else thing.reached).add(value)
        self.side(where).edit(record_id, name, value)

    def _written(self, where: str, record_id: str, name: str, value: object) -> None:
        if where == "shop":
            self.things[str(self.shop.records[record_id].values["sku"])].reached.add(value)

    @rule(where=st.sampled_from(SIDES), number=st.integers(0, 9))
    def trash(self, where: Where, number: int) -> None:
        if picked := self.pick(where, number, trashed=False):
            thing, record = picked
            of_another = where == "notion" and thing.deleted and not self._counterparts(where, record)
            thing.last[where], thing.kept = "" if of_another else "trash", False
            thing.deleted = thing.deleted or where == "shop"
            self.side(where).trash(record.id)

    @rule(number=st.integers(0, 9), name=st.sampled_from(FIELDS))
    def trash_and_edit(self, number: int, name: str) -> None:
        """The generator's aim: one side goes while the other one is edited."""
        if picked := self.pick("shop", number, trashed=False):
            thing, record = picked
            pages = [each for each in self.hub.records.values() if each.values["sku"] == thing.sku and not each.trashed]
            thing.last["shop"], thing.deleted, thing.kept = "trash", True, False
            self.shop.trash(record.id)
            for page in pages:
                self._edit("notion", thing, page.id, name)

    @rule(number=st.integers(0, 9), again=st.booleans())
    def destroy(self, number: int, again: bool) -> None:
        """Deleted for good in the shop; perhaps made anew with the same SKU."""
        if picked := self.pick("shop", number, trashed=False):
            thing, record = picked
            known = bool(self._counterparts("shop", record))  # else the tool may not have heard yet that it was made
            thing.last["shop"], thing.deleted, thing.kept = "destroy" if known else "", True, False
            self.shop.destroy(record.id)
            if again:
                thing.last = {"notion": "", "shop": ""}  # another product, which may well have a row
                self.shop.put({**record.values, "name": f"Bowl again {next(self.tokens)}"})

    @rule(where=st.sampled_from(SIDES), number=st.integers(0, 9))
    def restore(self, where: Where, number: int) -> None:
        if picked := self.pick(where, number, trashed=True):
            thing, record = picked
            thing.kept = thing.kept or (where == "notion" and thing.last[where] == "archived")
            thing.last[where], thing.restored = "restore", True
            self.side(where).untrash(record.id)

    @rule(seconds=st.sampled_from([1, 65, 700, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.world.advance(seconds)

    # -------------------------------------------------------------------------------------------------- runs

    @rule(direction=st.sampled_from(["both", "both", "pull", "push"]), full=st.booleans())
    def sync(self, direction: str, full: bool) -> None:
        self.run(direction, full=full)

    @rule()
    def force(self) -> None:
        self.run(force=True, full=True)

    @rule(
        fault=st.sampled_from(["crash before", "crash after", "lost before", "lost after", "refuse"]),
        at=st.integers(1, 4),
    )
    def sync_with_fault(self, fault: str, at: int) -> None:
        self.world.faults = {self.world.sent + at: fault}  # type: ignore[dict-item]
        self.run(full=True)

    @rule(commit=st.integers(1, 20))
    def sync_dying_at_a_commit(self, commit: int) -> None:
        self.state.dies_in = commit
        self.run(full=True)

    @rule(where=st.sampled_from(SIDES))
    def sync_with_a_listing_that_shows_nothing(self, where: Where) -> None:
        if where == "notion" and not self.knows:
            return  # without a state nobody can tell it from a new database
        self.side(where).short = True
        self.run(full=True)
        self.side(where).short = False

    @rule()
    def sync_while_the_rows_are_not_shared(self) -> None:
        self.hub.unshared = True
        self.run(full=True)
        self.hub.unshared = False

    @rule()
    def lose_the_state(self) -> None:
        self.world.advance(700)
        self.forgot, self.knows = True, False
        self.state.close()
        self.state = DyingState(":memory:")

    @rule(full=st.booleans())
    def pretend(self, full: bool) -> None:
        """A dry run ends with a plan, whatever there is, and writes nothing."""
        before, report = self.world.writes, Report(f"run {next(self.tokens)}", self.world.now, "both")
        state = self.state.copy()
        shop, hub = (DryReplica(each, Entity.PRODUCTS) for each in (self.shop, self.hub))
        story(state, self.cast("both", shop, hub), Request(full=full, dry_run=True), report)
        state.close()
        assert self.world.writes == before

    def cast(self, direction: str, shop: MarkedReplica, hub: Replica) -> Cast:
        policy = Policy(
            mails=True,
            pull=direction != "push",
            push=direction != "pull",
            on_notion_delete=self.policy.on_notion_delete,
            on_service_delete=self.policy.on_service_delete,
            max_delete=self.policy.max_delete,
        )
        return Cast(
            [Seat(self.stream, policy, shop)], {Entity.PRODUCTS: hub}, timedelta(days=3650), timedelta(0),
            side_by_side=False, names=frozenset({"shop"}), trash=self.hub.hints,
        )  # fmt: skip

    def run(self, direction: str = "both", *, full: bool = False, force: bool = False) -> Report:
        report = Report(f"run {next(self.tokens)}", self.world.now, direction)
        self.forced = force
        try:
            cast = self.cast(direction, self.shop, self.hub)
            story(self.state, cast, Request(direction, full=full, force=force), report)  # type: ignore[arg-type]
            self.knows = self.knows or not any(each.error for each in report.streams)
        except Crash:
            self.state.died()
        finally:
            self.state.dies_in, self.forced = None, False
            self.world.faults, self.world.deaths = {}, {}
        return report

    # ----------------------------------------------------------------------------------------------- witnesses

    def _archiving(self, where: str, record: Record) -> None:
        """The tool is about to trash this: it must be able to know that the other side is gone."""
        thing = self.things[str(record.values["sku"])]
        other = [each for each in self._counterparts(where, record) if not each.trashed]
        assert not other, f"{thing.sku} is trashed in {where}, and the other side is there"
        if where == "notion":
            assert self.policy.on_service_delete == "trash"
            assert thing.deleted, f"{thing.sku}: its record was never deleted by anybody"
            lost = [name for name in FIELDS if record.values[name] in thing.typed - thing.reached]
            assert not lost, f"{thing.sku} is trashed in Notion, and with it an edit of {lost}"
            assert not thing.kept, f"{thing.sku}: a person brought the row back"
        else:
            assert self.policy.on_notion_delete == "archive"
        thing.last[where] = "archived"
        recent = [at for at, kind in self.archived if kind == "by limit" and self.world.now - at < DAY]
        if not self.forced:
            assert len(recent) < MOST, "more than the limit in a day"
        self.archived.append((self.world.now, "forced" if self.forced else "by limit"))

    def _counterparts(self, where: str, record: Record) -> list[Record]:
        """What the markers of either side say."""
        if where == "notion":
            lines = {f"shop:products:{each.id}": each for each in self.shop.records.values()}
            return [each for line, each in lines.items() if line in record.marks.lines]
        line = f"shop:products:{record.id}"
        return [each for each in self.hub.records.values() if line in each.marks.lines]

    def _restoring(self, where: str, record: Record) -> None:
        thing = self.things[str(record.values["sku"])]
        assert thing.last[where] != "trash", f"{thing.sku}: a person trashed it in {where}, and the tool brings it back"

    # ----------------------------------------------------------------------------------------------- at the end

    def comes_to_rest(self) -> None:
        for _ in range(5):
            self.world.advance(100_000)
            self.run(full=True)
            for problem in self.state.problems():
                if problem.kind is HoldKind.CONFLICT:
                    page = self.hub.records.get(problem.page_id)
                    self.state.decide(problem.id, Side.NOTION)
                    if page is not None:
                        self.things[str(page.values["sku"])].kept = True
        self.world.advance(100_000)
        self.run(force=True, full=True)
        self.world.advance(700)
        self.run(full=True)
        self.world.advance(700)
        before = self.world.writes
        self.run()
        assert self.world.writes == before, "a run at rest wrote something"
        for thing in self.things.values():
            self.is_right(thing)

    def is_right(self, thing: Thing) -> None:
        pages, records = (self.alive(where, thing) for where in SIDES)
        if thing.deleted and thing.restored:
            pages = pages[-1:]  # the row of a product that was made anew, after a person brought back the old one's
        assert len(pages) <= 1, f"{thing.sku} has {len(pages)} rows"
        assert len(records) <= 1, f"{thing.sku} is {len(records)} times in the shop"
        if thing.last["notion"] == "trash":
            assert not pages, f"{thing.sku}: a person trashed the row, and there is one"
        if thing.last["shop"] in ("trash", "destroy"):
            assert not records, f"{thing.sku}: a person deleted the product, and it is there"
        if pages and records:
            assert [pages[0].values[name] for name in FIELDS] == [records[0].values[name] for name in FIELDS], thing
        elif pages and not self.forgot and self.policy.on_service_delete == "trash":
            never = (
                not any(each.values["sku"] == thing.sku for each in self.shop.records.values()) and not thing.deleted
            )
            assert thing.kept or thing.restored or never, (
                f"{thing.sku}: its product is gone, and the row did not follow"
            )
        elif records:
            wanted = thing.last["notion"] == "trash" or (self.forgot and thing.last["notion"] == "archived")
            assert wanted, f"{thing.sku}: in the shop, without a row"

    def alive(self, where: str, thing: Thing) -> list[Record]:
        return [
            each for each in self.side(where).records.values() if each.values["sku"] == thing.sku and not each.trashed
        ]


TestDeletions = Deletions.TestCase
TestDeletions.settings = looking(150, 16)
