"""The log file: rotating JSON lines, one object a line, that a person greps and a machine reads.

Every line has `time` (UTC), `level`, `logger`, `message`, `run`, `service`, `stream` and `ids` (an object, for instance
`{"page_id": …, "service_id": …}`). Nothing above debug level holds personal data: messages name records by id. No line
holds a secret: whatever was revealed in this process is hidden on the way to the file.

    logger = logging.getLogger(__name__)
    with log.during(run):
        logger.info("updated", extra={"service": "shop", "stream": "orders", "ids": {"page_id": page}})
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from higherself_sync.errors import ConfigError
from higherself_sync.secret import redact

MAX_BYTES, KEPT_FILES = 5_000_000, 5

# One process does one run at a time (the lock sees to it), and its threads belong to it: no context variable needed.
_run: list[str] = []


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "run": _run[-1] if _run else None,
            "service": getattr(record, "service", None),
            "stream": getattr(record, "stream", None),
            "ids": getattr(record, "ids", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        # Hidden before it becomes JSON: a secret with a quote or a backslash looks different there.
        return json.dumps(_redacted(line), ensure_ascii=False)


def _redacted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _redacted(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else redact(str(value))


class OwnersFile(RotatingFileHandler):
    """Rotates, and creates each file for its owner's eyes only: at debug level it holds personal data."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).touch(mode=0o600)
        return super()._open()


@contextmanager
def during(run: str) -> Iterator[None]:
    """Every line logged inside, by any thread, is of this run."""
    _run.append(run)
    try:
        yield
    finally:
        _run.pop()


@contextmanager
def to_file(path: Path, *, debug: bool = False) -> Iterator[None]:
    """Everything the package logs goes to `path` while this lasts. Raises ConfigError where it cannot be written."""
    logger = logging.getLogger("higherself_sync")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = OwnersFile(path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8")
    except OSError as error:
        remedy = "name a file that your user may write"
        raise ConfigError(f"cannot write {path}: {error.strerror}", place="[log] path", remedy=remedy) from error
    handler.setFormatter(JsonLines())
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
        handler.close()
