"""The crash matrix: `hsn` under SIGKILL at every request and every commit of a scenario, before and after it is done.

After each kill the sandbox's clock goes on two minutes, and runs like the killed one follow. The first must end as if
nothing had happened, those after it write nothing, and in the end everything is as after a run that nobody disturbed.
"""

import queue
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from tests.matrix.aftermath import SOON, usual_outcome, wrong_after
from tests.matrix.launcher import Death
from tests.matrix.outcome import Plain
from tests.matrix.scenarios import Scenario
from tests.matrix.stage import Forked, Stage, forked

KILLED = -9

Theatre: TypeAlias = Stage[Forked]


@dataclass(frozen=True)
class Undisturbed:
    """What the scenario comes by when nothing happens (`points`, in order), and what it leads to."""

    points: tuple[str, ...]
    outcome: Plain

    def deaths(self) -> list[Death]:
        """Both sides of every point, in order."""
        counts: dict[str, int] = {}
        found = []
        for point in self.points:
            kind = point.partition(" ")[0]
            counts[kind] = counts.get(kind, 0) + 1
            found += [Death(kind, counts[kind], "before"), Death(kind, counts[kind], "after")]
        return found

    def of(self, kind: str) -> list[str]:
        return [point for point in self.points if point.partition(" ")[0] == kind]

    def said(self, death: Death) -> str:
        """A death as a person wants to read it."""
        what = self.of(death.kind)[death.nth - 1]
        return f"killed {death.side} {death.kind} {death.nth} ({what.partition(' ')[2]})"


@dataclass(frozen=True)
class Result:
    """Of one scenario: how many points there are, how many kills were tried, and what was wrong after which."""

    scenario: str
    requests: int
    commits: int
    kills: int
    seconds: float
    failures: dict[str, list[str]]

    def __str__(self) -> str:
        whole = 2 * (self.requests + self.commits)
        size = f"{self.requests} requests x 2 + {self.commits} commits x 2 = {whole} kills"
        tried = "" if self.kills == whole else f", {self.kills} tried"
        return f"{self.scenario}: {size}{tried}, {len(self.failures)} failed ({self.seconds:.0f} s)"


def crash(scenario: Scenario, *, every: int = 1, twice: bool = False, side_by_side: int = 2) -> Result:
    """Kill at each `every`-th of a scenario's points; an odd number meets both sides of them.

    `twice`: the run after that is killed too, somewhere, while it makes good what the first one left.
    It is done `side_by_side` on so many sandboxes: one run and its sandbox take turns, so they keep one core busy.
    """
    assert every % 2, "an even step would only ever kill before"
    begun = time.monotonic()
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(TemporaryDirectory(prefix="hsn-matrix-"))) for _ in range(side_by_side)]
        pool = stack.enter_context(ThreadPoolExecutor(side_by_side))
        stages = list(pool.map(lambda folder: stack.enter_context(forked(scenario, folder)), folders))
        measured = dict(zip(map(id, stages), pool.map(undisturbed, stages), strict=True))
        free: queue.SimpleQueue[Theatre] = queue.SimpleQueue()
        for stage in stages:
            free.put(stage)

        def tried(death: Death, again: Death | None) -> list[str]:
            stage = free.get()
            try:
                return trouble(stage, measured[id(stage)], death, again)
            finally:
                free.put(stage)

        usual = measured[id(stages[0])]
        assert all(each.points == usual.points for each in measured.values()), "it is not the same twice"
        deaths = usual.deaths()[::every]
        seconds = [_somewhere(place) if twice else None for place in range(len(deaths))]
        found = dict(zip(map(usual.said, deaths), pool.map(tried, deaths, seconds), strict=True))
    failures = {said: wrong for said, wrong in found.items() if wrong}
    requests, commits = len(usual.of("request")), len(usual.of("commit"))
    return Result(scenario.name, requests, commits, len(deaths), time.monotonic() - begun, failures)


def undisturbed(stage: Theatre) -> Undisturbed:
    """Measured, and seen to come to rest."""
    stage.again()
    told = stage.ground.launch(stage.scenario.words)
    assert told["status"] == stage.scenario.exit_code, told["err"]
    return Undisturbed(tuple(told["points"]), usual_outcome(stage))


def _somewhere(place: int) -> Death:
    """In the run that makes good what a kill left: how much that is nobody knows before, and it may be over by then."""
    return Death("request" if place % 3 == 0 else "commit", 1 + place * 7 % 41, "before" if place % 2 else "after")


def trouble(stage: Theatre, usual: Undisturbed, death: Death, again: Death | None = None) -> list[str]:
    """What is wrong after that kill, or after both: nothing, if all is well."""
    stage.again()
    told = stage.ground.launch(stage.scenario.words, death)
    if told["status"] != KILLED:
        return [f"it was not killed, and ended with {told['status']}: {told['err']}"]
    if again is not None:
        stage.here.later(SOON)
        told = stage.ground.launch(stage.scenario.words, again)
        if told["status"] not in (KILLED, stage.scenario.exit_code):
            return [f"the run after it ended with {told['status']}: {told['err']}"]
    return list(wrong_after(stage, usual.outcome))
