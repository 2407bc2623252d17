"""A running sandbox with a config that fits it: the ground of `hsn sandbox` and of `hsn demo`."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from higherself_sync import config as configuration
from higherself_sync.errors import HsnError
from higherself_sync.sandbox.app import Sandbox
from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.server import serve
from higherself_sync.sandbox.wire import Response

SHOP = "shop"


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


@contextmanager
def staged(
    sandbox: Sandbox, config: Path, *, port: int = 0, budget: bool = False, told: Callable[[str], None] = lambda _: None
) -> Iterator[Stage]:
    """Serve the sandbox, write the config, and make the databases over HTTP; `told` hears what `init` did.

    `budget`: the config keeps to Notion's real limit. Raises OSError where the port is taken, HsnError from `init`.
    """
    with serve(sandbox, port) as url:
        configuration.write(config, settings(url, budget=budget), keep=False)
        _make_databases(config, told)
        sandbox.ready()
        yield Stage(sandbox, url, config)


def settings(url: str, *, budget: bool) -> dict[str, Any]:
    """The config of a sandbox: its keys as literals, no waiting, and every direction open."""
    notion: dict[str, Any] = {"token": "ntn_sandbox", "base_url": f"{url}/notion"}
    if not budget:
        notion["requests_per_minute"] = 0
    shop = {
        "kind": "woocommerce",
        "url": f"{url}/woocommerce",
        "consumer_key": "ck_sandbox",
        "consumer_secret": "cs_sandbox",
        "timezone": "Europe/Berlin",
        "streams": {"customers": {"create": True, "mails": True}, "orders": {"mails": True}},
    }
    return {
        "notion": notion,
        "services": {SHOP: shop},
        "sync": {"quiet": 0},
        "state": {"path": "state.sqlite3"},
        "log": {"path": "hsn.log"},
    }
