"""A running sandbox with a config that fits it: the ground of `hsn sandbox` and of `hsn demo`."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from higherself_sync import config as configuration
from higherself_sync.errors import HsnError, UsageError
from higherself_sync.sandbox.app import Sandbox
from higherself_sync.sandbox.build import RECORDS, SAVED, BadData, build_sandbox, services
from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.server import serve
from higherself_sync.sandbox.shop_folder import BadFolder
from higherself_sync.sandbox.wire import Response
from higherself_sync.sandbox.woocommerce import WooCommerceTwin
from higherself_sync.setup import initialise
from higherself_sync.state import State

SHOP, STATE = WooCommerceTwin.service, "state.sqlite3"


@dataclass(frozen=True, slots=True)
class Stage:
    """`url` is scheme://host:port; `config` the file that makes `hsn` work against it."""

    sandbox: Sandbox
    url: str
    config: Path

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One of the sandbox's controls, `/_sandbox/PATH`: what people and time do. Raises HsnError when refused."""
        content = b"" if body is None else json.dumps(body).encode()
        answer = self.sandbox.handle(
            method, f"/_sandbox/{path}", {"content-type": "application/json"}, content, self.url
        )
        assert isinstance(answer, Response)  # faults are for twins
        if answer.status >= 300:
            raise HsnError(f"the sandbox refuses {method} {path}: {answer.body.decode()}", place=self.url)
        return json.loads(answer.body)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of sandbox. `load`: a folder of a shop's answers instead of made-up records; `data`: what is kept."""

    records: int = RECORDS
    seed: int = 0
    limits: Literal["real", "off"] = "off"
    data: Path | None = None
    load: Path | None = None


@contextmanager
def staged(wanted: Wanted, config: Path, *, port: int = 0) -> Iterator[Stage]:
    """Fill a sandbox, serve it, write a config for it, and make the databases over HTTP.

    A state that an earlier sandbox left beside the config is set aside, unless this one goes on from that one's data.
    Raises UsageError for a port, folder or data that cannot be used, and whatever `init` raises.
    """
    resumed = wanted.data is not None and (wanted.data / SAVED).exists()
    sandbox = _built(wanted)
    with ExitStack() as stack:
        try:
            url = stack.enter_context(serve(sandbox, port))
        except OSError as error:
            raise UsageError(f"port {port}: {error.strerror}", place="--port", remedy="name another, or 0") from error
        configuration.write(config, settings(sandbox, url, budget=wanted.limits == "real"))
        if not resumed:
            State.set_aside(config.with_name(STATE), datetime.now(UTC))
        initialise(config, NotionTwin.ROOT_PAGE, environ={})
        sandbox.ready()
        yield Stage(sandbox, url, config)


def _built(wanted: Wanted) -> Sandbox:
    try:
        if wanted.data is not None:
            wanted.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{wanted.data} cannot be made: {error.strerror}"
        raise UsageError(message, place="--data", remedy="name a folder that your user may write") from error
    try:
        return build_sandbox(
            records=wanted.records,
            seed=wanted.seed,
            limits=wanted.limits,
            data=wanted.data,
            load=wanted.load,
        )
    except BadFolder as error:
        remedy = "name a folder with the lists that a shop's API gave (docs/commands.md)"
        raise UsageError(str(error), place="--load", remedy=remedy) from error
    except BadData as error:
        raise UsageError(str(error), place="--data", remedy="name another folder, or move that file away") from error


def settings(sandbox: Sandbox, url: str, *, budget: bool) -> dict[str, Any]:
    """The config of a sandbox: its keys as literals, no waiting, and every direction open."""
    notion: dict[str, Any] = {"token": "ntn_sandbox", "base_url": f"{url}/notion"}
    if not budget:
        notion["requests_per_minute"] = 0
    return {
        "notion": notion,
        "services": services(sandbox, url, budget=budget),
        "sync": {"quiet": 0},
        "state": {"path": STATE},
        "log": {"path": "hsn.log"},
    }
