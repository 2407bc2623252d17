"""What `hsn health` looks at, as data: everything that a run needs, and whether the last complete one is recent."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from higherself_sync.config import Config
from higherself_sync.errors import ConfigError, HsnError
from higherself_sync.parts import open_hub, open_service
from higherself_sync.report import gravest
from higherself_sync.run import moved_databases
from higherself_sync.services.base import Check
from higherself_sync.state import RunLock, State, lock_holder, moment

TOO_OLD = timedelta(hours=24)  # for a last success, where `full_every` is 0
WRITE_ACCESS = "give this user write access there, or set [state] path"
LONG_RUN = timedelta(hours=6)  # a first sync of tens of thousands of rows is slow; longer than this is worth a look


@dataclass(frozen=True, slots=True)
class Health:
    checks: tuple[Check, ...]

    @property
    def exit_code(self) -> int:
        """The gravest of the failures; warnings are no failures."""
        return gravest(check.exit_code for check in self.checks if check.status == "fail")

    def as_json(self) -> dict[str, Any]:
        checks = [
            {"name": each.name, "service": each.service, "status": each.status, "message": each.message,
             "remedy": each.remedy}
            for each in self.checks
        ]  # fmt: skip
        return {"ok": self.exit_code == 0, "exit_code": self.exit_code, "checks": checks}


def examine(
    config: Config, services: Sequence[str] = (), now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Health:
    """Look at everything, or at what concerns `services` alone. Raises nothing: what fails is a failed check."""
    names = services or tuple(config.services)
    checks = [_config_file(config), *_notion(config)]
    for name in names:
        checks += _service(config, name)
    checks += [_state(config), _lock(config, now())]
    checks += [_last_success(config, name, now()) for name in names]
    return Health(tuple(checks))


def _failure(name: str, error: HsnError, service: str | None = None) -> Check:
    return Check(name, "fail", error.told(), error.remedy, service, error.exit_code)


def _config_file(config: Config) -> Check:
    if not config.found:
        return Check("config", "ok", f"the environment alone ({config.path} is not there)")
    others = stat.S_IMODE(config.path.stat().st_mode) & 0o077
    if others and any(secret.literal for secret in config.secrets()):
        message = f"{config.path} holds keys, and others than its owner may read or write it"
        return Check("config", "warn", message, f"chmod 600 {config.path}")
    return Check("config", "ok", str(config.path))


def _notion(config: Config) -> Iterator[Check]:
    try:
        with closing(State.open_readonly(config.state.path)) as state:
            cache = state.load_cache()  # knows renamed columns by their ids
            with closing(open_hub(config, cache)) as hub:
                yield from hub.health()
                if (error := moved_databases(state, hub.moved)) is not None:
                    yield _failure("notion databases", error)
    except HsnError as error:
        yield _failure("notion", error)


def _service(config: Config, name: str) -> Iterator[Check]:
    try:
        with closing(open_service(config, name, {})) as service:
            yield from service.health()
    except HsnError as error:
        yield _failure("credentials", error, name)


def _state(config: Config) -> Check:
    path = config.state.path
    try:
        if not path.exists():
            return _place_for_state(path)
        with closing(State(path)) as state:
            state.check()
    except HsnError as error:
        return _failure("state", error)
    except OSError as error:
        return _failure("state", ConfigError(f"cannot be read: {error.strerror}", place=str(path), remedy=WRITE_ACCESS))
    return Check("state", "ok", str(path))


def _place_for_state(path: Path) -> Check:
    """Whether the first run can make the file, and the folders that lead to it."""
    there = next(each for each in path.parents if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        message = f"cannot be made: {there} cannot be written to"
        return _failure("state", ConfigError(message, place=str(path), remedy=WRITE_ACCESS))
    return Check("state", "ok", f"{path} is not there yet; the first run makes it")


def _lock(config: Config, now: datetime) -> Check:
    path = RunLock(config.state.path).path
    holder = lock_holder(path)
    if path.exists() and not os.access(path, os.W_OK):
        return _failure("lock", ConfigError("cannot be written", place=str(path), remedy=WRITE_ACCESS))
    if holder is None:
        return Check("lock", "ok", "free")
    since = moment(holder["since"])
    message = f"held by pid {holder['pid']} since {holder['since']}"
    if since is not None and now - since > LONG_RUN:
        return Check(
            "lock", "warn", message, f"see whether it still works (hsn.log); else stop it: kill {holder['pid']}"
        )
    return Check("lock", "ok", message)


def _last_success(config: Config, name: str, now: datetime) -> Check:
    """The oldest of the service's streams counts: complete means all of them."""
    limit = timedelta(seconds=config.sync.full_every) or TOO_OLD
    remedy = f"hsn sync {name}, and see that cron runs"
    try:
        ages = [now - at if (at := moment(each["last_success"])) else None for each in _streams(config, name)]
    except HsnError as error:
        return _failure("last success", error, name)
    known = [age for age in ages if age is not None]
    if len(known) < len(ages) or not known:
        return Check("last success", "warn", "not every stream has been synced yet", remedy, name)
    message = f"{_spoken(max(known))} ago"
    if max(known) > limit:
        return Check("last success", "fail", message, remedy, name, exit_code=3)
    return Check("last success", "ok", message, service=name)


def _streams(config: Config, name: str) -> list[Mapping[str, Any]]:
    with closing(State.open_readonly(config.state.path)) as state:
        return [each for each in state.status_json(config)["streams"] if each["service"] == name]


def _spoken(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
