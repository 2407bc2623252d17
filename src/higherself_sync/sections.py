"""The sections of the config: what each key may hold, and what it is when it is left out.

docs/configuration.md and config.example.toml are held against these models by a test.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from higherself_sync.core.plan import Limit
from higherself_sync.core.record import EXTERNAL_ID, LAST_SYNCED, SOURCE, Entity
from higherself_sync.secret import Origin, Secret

APP = "hsn"
# The columns of the tool's own, which the user may rename like any other.
OWN_COLUMNS = tuple(title.lower().replace(" ", "_") for title in (EXTERNAL_ID, SOURCE, LAST_SYNCED))

Policy: TypeAlias = Literal["newest", "notion", "service", "ask"]


# ---------------------------------------------------------------------------------------------------- kinds of value

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _seconds(raw: object) -> float:
    if type(raw) is int and raw == 0:
        return 0.0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", raw.strip()) if isinstance(raw, str) else None
    if found is None:
        raise ValueError('must be a duration: "90s", "10m", "24h", "2d", or 0')
    return float(found[1]) * _UNITS[found[2]]


def _limit(raw: object) -> Limit:
    if isinstance(raw, Limit):
        return raw
    if type(raw) is int and raw >= 0:
        return Limit(number=raw)
    found = re.fullmatch(r"(\d{1,3})\s*%", raw.strip()) if isinstance(raw, str) else None
    if found is None or int(found[1]) > 100:
        raise ValueError('must be a share of the stream\'s links, as "10%", or a whole number')
    return Limit(share=int(found[1]) / 100)


def _path(raw: object, info: ValidationInfo) -> Path:
    if not isinstance(raw, str | Path) or not str(raw):
        raise ValueError("must be a path")
    folder = info.context.folder if isinstance(info.context, Origin) else Path()
    return Path(folder, Path(raw).expanduser())


def safe_address(raw: str) -> str:
    """A token must not travel in the clear, except to a sandbox on this machine."""
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise ValueError("must be a web address")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("https is needed: over http the token could be read on the way")
    return raw.rstrip("/")


def notion_id(raw: str) -> str:
    """The id in an ID or URL of a Notion page, database or data source, as a UUID with dashes. Raises ValueError."""
    last = urlsplit(raw.strip()).path.rstrip("/").rpartition("/")[2]
    found = re.search(r"([0-9a-f]{32})$", last.replace("-", "").lower())
    if found is None:
        raise ValueError("is neither the ID nor the URL of something in Notion")
    digits = found[1]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


Duration = Annotated[float, BeforeValidator(_seconds)]
Location = Annotated[Path, BeforeValidator(_path)]
NotionId = Annotated[str, AfterValidator(notion_id)]
Column = Annotated[str, Field(min_length=1)]
EntityKey = Annotated[Entity, Field(strict=False)]  # strict mode would want the enum member, which TOML has not


# ------------------------------------------------------------------------------------------------------- the sections


class Section(BaseModel):
    """One table of the config. Strict: `"180"` is no number. `hide_input_in_errors`: no value in a message, ever."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Notion(Section):
    token: Secret
    base_url: Annotated[str, AfterValidator(safe_address)] = "https://api.notion.com"
    version: str = "2026-03-11"
    requests_per_minute: Annotated[int, Field(ge=0)] = 180
    databases: Mapping[EntityKey, NotionId] = Field(default_factory=dict)
    properties: Mapping[EntityKey, Mapping[str, Column]] = Field(default_factory=dict)


class Sync(Section):
    """Durations are seconds."""

    conflict: Policy = "newest"
    first_contact: Literal["ask", "notion", "service"] = "ask"
    max_delete: Annotated[Limit, BeforeValidator(_limit)] = Limit(share=0.1)
    full_every: Duration = 86400.0
    quiet: Duration = 120.0
    max_wait: Duration = 600.0


class Http(Section):
    """`timeout` in seconds, for the connection and for each answer."""

    timeout: Annotated[Duration, Field(gt=0)] = 30.0


class Enrich(Section):
    provider: Literal["offline", "openai", "anthropic"] = "offline"
    model: str | None = None


class State(Section):
    path: Location = Field(default_factory=lambda: platformdirs.user_state_path(APP) / "state.sqlite3")
    keep_days: Annotated[int, Field(ge=1)] = 365


class Log(Section):
    path: Location = Field(default_factory=lambda: platformdirs.user_log_path(APP) / "hsn.log")


class StreamSettings(Section):
    """How one stream is kept in step. What is left out comes from the service, `[sync]`, the stream."""

    direction: Literal["both", "pull", "push"] = "both"
    conflict: Policy = "newest"
    on_notion_delete: Literal["keep", "archive"] = "keep"
    on_service_delete: Literal["trash", "keep"] = "trash"
    mails: bool = False
    create: bool = False


SECTIONS: Mapping[str, type[Section]] = {
    "notion": Notion,
    "sync": Sync,
    "http": Http,
    "enrich": Enrich,
    "state": State,
    "log": Log,
}
