"""The fault matrix: at every request of a scenario in turn, every kind of trouble that fits it.

The run that meets it ends as documented, one more run makes everything as if nothing had happened, and the next ones
write nothing. Nothing is made twice on the way.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import httpx

from tests.matrix.aftermath import ends, usual_outcome, wrong_after
from tests.matrix.indoors import Indoors, indoors
from tests.matrix.kinds import KINDS, Asked, Kind
from tests.matrix.outcome import Plain
from tests.matrix.scenarios import SCENARIOS, Scenario
from tests.matrix.stage import Stage

MARKER = re.compile(r"[a-z]+:[a-z]+:\S+")  # of a record, in External ID
Theatre: TypeAlias = Stage[Indoors]


class Meddler:
    """Sees every request from when it is put in the way, and strikes the `nth` of them."""

    def __init__(self, ground: Indoors, kind: Kind | None = None, nth: int = 0) -> None:
        self._ground, self._kind, self._nth = ground, kind, nth
        self.asked: list[Asked] = []
        self.made: Counter[str] = Counter()
        self._down: str | None = None
        ground.wire.meddle = self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = Asked.of(request)
        self.asked.append(asked)
        if asked.side == self._down:
            raise httpx.ConnectError("down")
        if self._kind is not None and len(self.asked) == self._nth:
            self._down = asked.side if self._kind.lasting else None
            return self._kind.strike(request, self._passed, self._ground.sandbox)
        answer = self._passed(request)
        self.asked[-1] = replace(asked, status=answer.status_code)
        return answer

    def mend(self) -> None:
        """Nothing goes wrong any more; what is made is still counted."""
        self._kind, self._down = None, None

    def _passed(self, request: httpx.Request) -> httpx.Response:
        answer = self._ground.wire.pass_on(request)
        if Asked.of(request).creates and answer.status_code != 400:
            self.made[_key(request)] += 1
        return answer


def _key(request: httpx.Request) -> str:
    """What a create makes, by the marker that it carries: the text of External ID, or the id of the page."""
    body = json.loads(request.read())
    metas = [each["value"] for each in body.get("meta_data", ()) if each["key"] == "notion_page_id"]
    texts = [
        part["text"]["content"] for each in body.get("properties", {}).values() for part in each.get("rich_text", ())
    ]
    (marker,) = [*metas, *filter(MARKER.fullmatch, texts)]
    return f"{Asked.of(request).path} {marker}"


@dataclass(frozen=True)
class Result:
    """Of one kind in one scenario: how many requests it fits, how many were struck, and what was wrong then."""

    scenario: str
    kind: str
    fitting: int
    cases: int
    seconds: float
    failures: dict[str, list[str]]

    def __str__(self) -> str:
        tried = "" if self.cases == self.fitting else f", {self.cases} tried"
        return (
            f"{self.scenario}, {self.kind}: {self.fitting} requests{tried}, "
            f"{len(self.failures)} failed ({self.seconds:.0f} s)"
        )


def fault(scenarios: Sequence[str], kinds: Sequence[str], *, every: int = 1, processes: int = 2) -> Iterator[Result]:
    """The matrix of these scenarios and kinds, by their names, in `processes` of its own: all of it is computing."""
    parts = [(name, kinds[start : start + 7], every) for name in scenarios for start in range(0, len(kinds), 7)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for part in pool.map(_part, *zip(*parts, strict=True)):
            yield from part


def _part(scenario: str, kinds: Sequence[str], every: int) -> list[Result]:
    return list(faults(SCENARIOS[scenario], [KINDS[each] for each in kinds], every=every))


def faults(scenario: Scenario, kinds: Sequence[Kind], *, every: int = 1) -> Iterator[Result]:
    """Strike each `every`-th of the requests that a kind fits; the kinds begin at different ones."""
    with TemporaryDirectory(prefix="hsn-matrix-") as folder, indoors(scenario, Path(folder)) as stage:
        stage.again()
        watch = Meddler(stage.ground)
        done = stage.ground.hsn(*scenario.words)
        assert done.returncode == scenario.exit_code, done.stderr
        asked = list(_in_their_place(watch.asked))
        usual = usual_outcome(stage)
        for kind in kinds:
            begun = time.monotonic()
            fitting = [(nth, each) for nth, each in enumerate(asked, 1) if kind.where(each)]
            struck = fitting[min(_first(kind, every), max(0, len(fitting) - 1)) :: every]
            found = {
                f"{kind.name} at request {nth} ({each.method} {each.path})": _trouble(stage, usual, kind, nth, each)
                for nth, each in struck
            }
            failures = {said: wrong for said, wrong in found.items() if wrong}
            seconds = time.monotonic() - begun
            yield Result(scenario.name, kind.name, len(fitting), len(struck), seconds, failures)


def _first(kind: Kind, every: int) -> int:
    return list(KINDS).index(kind.name) * 5 % every


def _in_their_place(asked: Sequence[Asked]) -> Iterator[Asked]:
    """Each with whether it looks into the trash (a search, and the pages asked for next), and what comes later."""
    hint = False
    for place, each in enumerate(asked):
        hint = each.path.endswith("/v1/search") or (hint and each.method == "GET" and each.side == "notion")
        again = any(later.side == each.side for later in asked[place + 1 :])
        yield replace(each, hint=hint, again=again)


def _trouble(stage: Theatre, usual: Plain, kind: Kind, nth: int, asked: Asked) -> list[str]:
    stage.again()
    meddler = Meddler(stage.ground, kind, nth)
    done = stage.ground.hsn(*stage.scenario.words)
    struck = meddler.asked[nth - 1]
    meddler.mend()
    wrong = [] if (struck.method, struck.path) == (asked.method, asked.path) else [f"it struck {struck}"]
    wrong += ends(done, kind.exit_code(asked, stage.scenario.exit_code))
    wrong += wrong_after(stage, usual, late=kind.lasting and len(stage.scenario.services) > 1)
    return [*wrong, *(f"made {count} times: {key}" for key, count in meddler.made.items() if count > 1)]
