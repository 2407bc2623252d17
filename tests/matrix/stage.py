"""A prepared scenario that can be gone back to: the sandbox by its mark and reset, the state by a copy of its file."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from tests.e2e.scene import Scene
from tests.matrix.launcher import Death
from tests.matrix.outcome import Known
from tests.matrix.scenarios import Scenario
from tests.sandboxed import Ground, sandbox

ROOT = Path(__file__).resolve().parents[2]
STATE = "state.sqlite3"


@dataclass(frozen=True)
class Forked(Ground):
    """A sandbox on which `hsn` runs as a forked child of the launcher: a process of its own, without its start-up."""

    launcher: "subprocess.Popen[str]" = field(kw_only=True)

    def launch(self, words: Sequence[str], death: Death | None = None) -> dict[str, Any]:
        """What became of `hsn WORDS`: see launcher.py."""
        job = {"words": ["--config", str(self.config), *words], "die": death}
        assert self.launcher.stdin is not None
        assert self.launcher.stdout is not None
        self.launcher.stdin.write(json.dumps(job) + "\n")
        self.launcher.stdin.flush()
        told = self.launcher.stdout.readline()
        assert told, f"the launcher has ended with {self.launcher.wait(timeout=20)}: what it said is on stderr"
        result: dict[str, Any] = json.loads(told)
        return result

    def hsn(self, *arguments: str, config: Path | None = None) -> subprocess.CompletedProcess[str]:
        assert config is None
        told = self.launch(arguments)
        return subprocess.CompletedProcess(arguments, told["status"], told["out"], told["err"])


G = TypeVar("G", bound=Ground)


@dataclass(frozen=True)
class Stage(Generic[G]):
    """Both sides as `scenario.prepare` left them, whenever `again` is called. `here` is the scene on `ground`."""

    ground: G
    here: Scene
    scenario: Scenario
    known: Known
    files: dict[str, bytes]

    def again(self) -> None:
        folder = self.ground.config.parent
        self.ground.control("POST", "reset")
        for each in (*folder.glob(f"{STATE}*"), *folder.glob("hsn.log*")):
            each.unlink()
        for name, content in self.files.items():
            folder.joinpath(name).write_bytes(content)


def prepared(ground: G, scenario: Scenario) -> Stage[G]:
    """The clock stands still, at the same time of the day whenever this runs; only the matrix moves it on."""
    here, config = Scene(ground), ground.config
    config.write_text(config.read_text() + scenario.settings)
    morning = datetime.now(UTC).replace(hour=9, minute=0, second=20, microsecond=0)
    ground.control("POST", "clock", {"now": morning.isoformat(), "freeze": True})
    scenario.prepare(here)
    ground.control("POST", "mark")
    files = {each.name: each.read_bytes() for each in config.parent.glob(f"{STATE}*") if each.suffix != ".lock"}
    return Stage(ground, here, scenario, Known.at(here), files)


@contextmanager
def forked(scenario: Scenario, folder: Path) -> Iterator[Stage[Forked]]:
    """The scenario on a sandbox of its own, over real HTTP."""
    command = [sys.executable, "-m", "tests.matrix.launcher"]
    environ = {"HOME": str(folder), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
    with (
        sandbox(folder, "--records", "0", services=scenario.services) as ground,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environ
        ) as launcher,
    ):
        try:
            yield prepared(Forked(ground.url, ground.config, launcher=launcher), scenario)
        finally:
            assert launcher.stdin is not None
            launcher.stdin.close()
            launcher.wait(timeout=20)
