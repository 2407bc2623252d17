"""A sandbox and `hsn` in one process: transport, sleeper and clock are handed in, so nothing is sent and nobody waits.

Time passes all the same. Each request takes a third of a second of the sandbox's clock, and who sleeps moves it on.
"""

import io
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from higherself_sync import config as configuration
from higherself_sync import http, reading, setup
from higherself_sync.cli import app
from higherself_sync.demo.stage import settings
from higherself_sync.notion import client
from higherself_sync.sandbox.app import Sandbox
from higherself_sync.sandbox.build import build_sandbox
from higherself_sync.sandbox.clock import Clock
from higherself_sync.sandbox.notion import NotionTwin
from tests.inprocess import SandboxTransport
from tests.matrix.scenarios import Scenario
from tests.matrix.stage import Stage, prepared
from tests.matrix.turns import take_turns
from tests.sandboxed import Ground

URL = "http://127.0.0.1:8099"  # of nobody: every request stays in this process
TAKES = 1 / 3  # seconds that a request takes


class Wire(httpx.BaseTransport):
    """The only way from `hsn` to the sandbox. `meddle` may do something else with a request than pass it on."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self._inner = sandbox, SandboxTransport(sandbox)
        self.meddle: Callable[[httpx.Request], httpx.Response] = self.pass_on

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._sandbox.clock.advance(TAKES)
        return self.meddle(request)

    def pass_on(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(request)


@dataclass(frozen=True)
class Indoors(Ground):
    """As `Ground`, but nothing leaves this process."""

    sandbox: Sandbox = field(kw_only=True)
    wire: Wire = field(kw_only=True)

    def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        transport = SandboxTransport(self.sandbox)
        answer = transport.handle_request(httpx.Request(method, f"{self.url}/{path}", json=body, headers=headers))
        return answer.status_code, answer.json()

    def hsn(self, *arguments: str, config: Path | None = None) -> subprocess.CompletedProcess[str]:
        words = ["--config", str(config or self.config), *arguments]
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            app(words, prog_name="hsn")
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), out.getvalue(), err.getvalue())


def _door_to(wire: Wire, clock: Clock) -> Callable[..., http.Door]:
    """As `http.open_door`, with what is to be handed in."""
    real = http.open_door
    handed_in = {"transport": wire, "sleeper": clock.advance, "monotonic": lambda: clock.now().timestamp()}
    return lambda name, **options: real(name, **{**options, **handed_in})


@contextmanager
def indoors(scenario: Scenario, folder: Path) -> Iterator[Stage[Indoors]]:
    """The scenario on a sandbox in this process. While the block runs no door leads anywhere else."""
    sandbox = build_sandbox(records=0)
    wire, path = Wire(sandbox), folder / "hsn.toml"
    sandbox.clock.freeze(True)
    with pytest.MonkeyPatch.context() as patch:
        opened = _door_to(wire, sandbox.clock)
        for module in (http, client):
            patch.setattr(module, "open_door", opened)
        take_turns(reading, patch.setattr)
        table = settings(sandbox, URL, budget=False)
        chosen = {name: each for name, each in table["services"].items() if name in scenario.services}
        configuration.write(path, {**table, "services": chosen})
        setup.initialise(path, NotionTwin.ROOT_PAGE, environ={})
        yield prepared(Indoors(URL, path, sandbox=sandbox, wire=wire), scenario)
