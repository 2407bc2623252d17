"""The same sandbox twice: called directly, and over a real socket."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from higherself_sync.sandbox.app import Sandbox
from higherself_sync.sandbox.clock import Clock
from higherself_sync.sandbox.server import serve
from tests.inprocess import SandboxTransport
from tests.sandbox.notebook import Notebook, Room, fill

START = datetime(2026, 11, 23, 18, 0, 0, 123456, UTC)


class Machine:
    """A machine whose time moves only when told."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def pause(self, until: threading.Event, seconds: float) -> None:
        self.sleep(seconds)


@dataclass(frozen=True)
class Bench:
    """A sandbox of two notebooks (`notion` has persons, `woocommerce` has not) and a client that reaches it."""

    client: httpx.Client
    shop: Notebook
    machine: Machine
    sandbox: Sandbox
    over_socket: bool


@pytest.fixture(scope="session", params=["in process", "over a socket"])
def standing(request: pytest.FixtureRequest) -> Iterator[Bench]:
    machine, shop = Machine(), Notebook()
    sandbox = Sandbox([Room("notion"), shop], clock=Clock(machine), seeder=fill, pause=machine.pause)
    if request.param == "in process":
        with httpx.Client(transport=SandboxTransport(sandbox), base_url="http://sandbox.test") as client:
            yield Bench(client, shop, machine, sandbox, over_socket=False)
        return
    with serve(sandbox) as base_url, httpx.Client(base_url=base_url, timeout=10) as client:
        yield Bench(client, shop, machine, sandbox, over_socket=True)


@pytest.fixture
def bench(standing: Bench) -> Iterator[Bench]:
    """As new: a server takes a quarter of a second to stop, too long to have one a test."""
    new = standing.sandbox.snapshot()
    yield standing
    standing.machine.time = START
    standing.sandbox.restore(new)
    standing.sandbox.ready()
