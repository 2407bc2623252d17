"""From nothing to a sandbox with all its twins, filled and ready to be served."""

import pickle
import pkgutil
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from higherself_sync.sandbox import shop_folder
from higherself_sync.sandbox.app import Sandbox
from higherself_sync.sandbox.control import BadControl, Snapshot
from higherself_sync.sandbox.seeding import fill
from higherself_sync.sandbox.shop_folder import BadFolder
from higherself_sync.sandbox.wire import Twin

RECORDS = 640
"""What `hsn sandbox` and `hsn demo` have unless they are told otherwise."""

SAVED = "sandbox.pickle"
"""The file in the folder of `--data`."""

SHOP = "woocommerce"
"""The twin that `--load` fills."""

Limits: TypeAlias = Literal["real", "off"]


@runtime_checkable
class Limited(Protocol):
    """A twin that can refuse whoever asks too much."""

    limits: bool


@runtime_checkable
class Configured(Protocol):
    """A twin of a service that a config can name.

    `service` is its name there; `settings` its table in `[services]` for a twin at `url`, with the twin's keys as
    literals, and with no waiting unless `budget` says that requests are counted.
    """

    service: str
    share: int

    def settings(self, url: str, *, budget: bool) -> dict[str, Any]: ...


class BadData(ValueError):
    """The folder of `--data` cannot be used; the message names the file."""


def build_sandbox(
    *,
    records: int = RECORDS,
    seed: int = 0,
    limits: Limits = "off",
    data: Path | None = None,
    load: Path | None = None,
) -> Sandbox:
    """A sandbox with `records` made-up records in all, or with the shop in the folder `load` instead.

    What a sandbox with the same folder `data` held when it was closed goes before both. With real `limits` the twins
    count requests as the live systems do. Raises BadFolder and BadData.
    """
    built = Sandbox(make_twins(seed, limits), seeder=fill, keep=partial(save, data) if data else None)
    if data and (data / SAVED).exists():
        _resume(built, data / SAVED)
    elif load:
        _open_shop(built, load)
    else:
        built.seed(records, seed)
    built.ready()
    return built


def make_twins(seed: int = 0, limits: Limits = "off") -> list[Twin]:
    """One of each, found by listing this package: a twin is a subpackage that exports its class and nothing else."""
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if module.ispkg]
    packages = [import_module(f"{__package__}.{name}") for name in names]
    twins: list[Twin] = [getattr(package, *package.__all__)(seed) for package in packages]
    for twin in twins:
        if isinstance(twin, Limited):
            twin.limits = limits == "real"
    return twins


def services(sandbox: Sandbox, url: str, *, budget: bool) -> dict[str, dict[str, Any]]:
    """What `[services]` has to say of the twins that are served below `url`.

    The largest comes first: who keeps customers goes before those who only mention them.
    """
    found = [twin for twin in sandbox.twins if isinstance(twin, Configured)]
    found.sort(key=lambda twin: -twin.share)
    return {twin.service: twin.settings(f"{url}/{twin.name}", budget=budget) for twin in found}


def save(data: Path, snapshot: Snapshot) -> None:
    """Keep a snapshot in the folder `data` for the next sandbox. A crash while writing leaves the former one."""
    data.mkdir(parents=True, exist_ok=True)
    unfinished = data / f"{SAVED}.new"
    unfinished.write_bytes(pickle.dumps(snapshot))
    unfinished.replace(data / SAVED)


def _resume(built: Sandbox, saved: Path) -> None:
    try:
        built.restore(pickle.loads(saved.read_bytes()))  # noqa: S301 - written by `save`, on this machine
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, LookupError, TypeError, ValueError) as error:
        raise BadData(f"{saved} was not written by this version of the sandbox ({error}); move it away") from error


def _open_shop(built: Sandbox, folder: Path) -> None:
    lists = shop_folder.read(folder)
    try:
        built.load(SHOP, lists)
    except BadControl as error:
        raise BadFolder(f"{folder} does not hold what a shop's API gave: {error}") from error
    # What lies in the future would look changed at every run.
    if (last := shop_folder.last_change(lists)) and last >= built.clock.now():
        built.clock.set(last + timedelta(minutes=1))
