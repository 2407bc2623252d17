"""The lock that lets one run at a time use a state."""

import fcntl
import json
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from higherself_sync.errors import ConfigError, Locked
from higherself_sync.state.values import stamp


class RunLock:
    """`flock` on a file beside the state: it frees itself when the process dies, which a PID file does not."""

    def __init__(self, state: Path) -> None:
        self.path = state.with_name(state.name + ".lock")
        self._file: Any = None

    def acquire(self, since: datetime) -> None:
        """Raises Locked with the holder's pid and since when."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+")
        except OSError as error:
            raise _unwritable(self.path, error) from error
        if not self._taken():
            holder = lock_holder(self.path) or {"pid": "?", "since": "?"}
            self._file.close()
            raise Locked(
                f"another run holds the lock: pid {holder['pid']}, since {holder['since']}",
                place=str(self.path),
                remedy="wait for it to end; the next cron run goes on from where it is",
            )
        self._file.truncate(0)
        self._file.write(json.dumps({"pid": os.getpid(), "since": stamp(since)}))
        self._file.flush()

    def _taken(self) -> bool:
        """Whoever only looks (`hsn status`) holds it for an instant; a run holds it for longer than these tries."""
        for _ in range(5):
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.02)
            else:
                return True
        return False

    def release(self) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None


def lock_holder(lock: Path) -> dict[str, Any] | None:
    """Who holds the lock now (`pid`, `since`), or None when it is free."""
    try:
        with lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                raw = file.read()
                return json.loads(raw) if raw else {"pid": None, "since": None}
    except OSError:
        return None  # not there yet, or not ours to read
    return None


def _unwritable(path: Path, error: Exception) -> ConfigError:
    return ConfigError(
        f"cannot be written: {error}", place=str(path), remedy="give this user write access there, or set [state] path"
    )
