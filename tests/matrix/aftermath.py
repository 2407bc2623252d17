"""What has to follow when something went wrong in a run: one more run makes it good, and then there is nothing left."""

import subprocess
from collections.abc import Iterator

from tests.matrix.outcome import Plain, differences, outcome
from tests.matrix.stage import G, Stage

SOON, LATER = 120, 600  # seconds to the run after the trouble, and between those that have nothing to do
RESTS = 2  # so many runs have nothing to do: what is remembered of a trashed relation is settled by the second


def usual_outcome(stage: Stage[G]) -> Plain:
    """After a run without trouble has just ended: what the whole sequence leads to, seen to be at rest."""
    wrong = [*aftermath(stage)]
    found = outcome(stage.here, stage.known)
    wrong += [*_rests(stage), *differences(found, outcome(stage.here, stage.known))]
    assert not wrong, f"{stage.scenario.name} does not come to rest by itself: {wrong}"
    assert not found["doubled"]
    return found


def wrong_after(stage: Stage[G], usual: Plain, *, late: bool = False) -> Iterator[str]:
    """What is not as it has to be after the trouble that was; nothing, if all is well.

    `late`: one of several services was away while the others met their people for the first time. How a number is
    written that two of them have is settled by who came first, so then only the rows are compared, by their markers.
    """
    yield from aftermath(stage)
    found = outcome(stage.here, stage.known)
    yield from differences(_rows(usual), _rows(found)) if late else differences(usual, found)


def _rows(found: Plain) -> Plain:
    return {"notion": dict.fromkeys(found["notion"]), "doubled": found["doubled"]}


def aftermath(stage: Stage[G]) -> Iterator[str]:
    """One more run does what was left to do, and others find nothing left."""
    stage.here.later(SOON)
    yield from ends(stage.ground.hsn(*stage.scenario.words), stage.scenario.exit_code)
    for _ in range(RESTS):
        yield from _rests(stage)


def _rests(stage: Stage[G]) -> Iterator[str]:
    stage.here.later(LATER)
    stage.here.forget_requests()
    yield from ends(stage.ground.hsn(*stage.scenario.words), stage.scenario.exit_code)
    yield from (f"a later run still sent {each}" for each in stage.here.writes())


def ends(done: "subprocess.CompletedProcess[str]", expected: int) -> Iterator[str]:
    """Whether a run ended with that code."""
    if done.returncode != expected:
        yield f"a run ended with {done.returncode}, not {expected}: {done.stderr}"
