"""From nothing to a sandbox with all its twins, filled and ready to be served."""

import pickle
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from higherself_sync.sandbox import shop_folder
from higherself_sync.sandbox.app import Sandbox
from higherself_sync.sandbox.control import Snapshot
from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.seeding import fill
from higherself_sync.sandbox.shop_folder import BadFolder
from higherself_sync.sandbox.woocommerce import WooCommerceTwin

RECORDS = 240
"""What `hsn sandbox` and `hsn demo` have unless they are told otherwise."""

SAVED = "sandbox.pickle"


class BadData(ValueError):
    """The folder of `--data` cannot be used; the message names the file."""


def build_sandbox(
    *,
    records: int = RECORDS,
    seed: int = 0,
    limits: Literal["real", "off"] = "off",
    data: Path | None = None,
    load: Path | None = None,
) -> Sandbox:
    """A sandbox with `records` made-up records in all, or with the shop in the folder `load` instead.

    What a sandbox with the same folder `data` held when it was closed goes before both. With real `limits` Notion
    counts requests as the live one does. Raises BadFolder and BadData.
    """
    notion, shop = NotionTwin(seed), WooCommerceTwin(seed)
    notion.limits = limits == "real"
    sandbox = Sandbox([notion, shop], seeder=fill, keep=partial(save, data) if data else None)
    if data and (data / SAVED).exists():
        _resume(sandbox, data / SAVED)
    elif load:
        _open_shop(shop, load)
    else:
        sandbox.seed(records, seed)
    sandbox.ready()
    return sandbox


def save(data: Path, snapshot: Snapshot) -> None:
    """Keep a snapshot in the folder `data` for the next sandbox. A crash while writing leaves the former one."""
    data.mkdir(parents=True, exist_ok=True)
    unfinished = data / f"{SAVED}.new"
    unfinished.write_bytes(pickle.dumps(snapshot))
    unfinished.replace(data / SAVED)


def _resume(sandbox: Sandbox, saved: Path) -> None:
    try:
        sandbox.restore(pickle.loads(saved.read_bytes()))  # noqa: S301 - written by `save`, on this machine
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, LookupError, TypeError, ValueError) as error:
        raise BadData(f"{saved} was not written by this version of the sandbox ({error}); move it away") from error


def _open_shop(shop: WooCommerceTwin, folder: Path) -> None:
    try:
        shop.load(shop_folder.read(folder), datetime.now(UTC))
    except (LookupError, TypeError) as error:
        raise BadFolder(f"{folder} does not hold what a shop's API gave: {error!r}") from error
