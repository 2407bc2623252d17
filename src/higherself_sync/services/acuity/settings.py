"""`[services.NAME]` of an Acuity account."""

from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from higherself_sync.secret import Secret


def _address(raw: str) -> str:
    """The key travels with every request: not in the clear, except to a sandbox on this machine. Raises ValueError."""
    parts = urlsplit(raw.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise ValueError("must be the API's web address, as https://acuityscheduling.com/api/v1")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("https is needed: over http the API key could be read on the way")
    return raw.strip().rstrip("/")


def _zone(raw: str) -> str:
    try:
        ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('must be the name of a time zone, as "Europe/Berlin"') from None
    return raw


def _pair(raw: object) -> object:
    return tuple(raw) if isinstance(raw, list) else raw  # TOML has no tuples


Days = Annotated[int, Field(ge=0, le=3650)]


class Settings(BaseModel):
    """`back` and `ahead`: the window in days around today; `always`: the part of it that every run reads.

    `marker_field`: the id of an intake form's field that holds the back-links, instead of the notes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    kind: Literal["acuity"] = "acuity"
    user_id: Annotated[str, Field(pattern=r"^[0-9]+$")]
    api_key: Secret
    base_url: Annotated[str, AfterValidator(_address)] = "https://acuityscheduling.com/api/v1"
    back: Days = 30
    ahead: Days = 90
    always: Annotated[tuple[Days, Days], BeforeValidator(_pair)] = (1, 14)
    marker_field: Annotated[int, Field(gt=0)] | None = None
    timezone: Annotated[str, AfterValidator(_zone)] | None = None
