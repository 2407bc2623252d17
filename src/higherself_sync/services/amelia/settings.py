"""`[services.NAME]` of a site that takes bookings."""

from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from higherself_sync.secret import Secret

HERE = ("localhost", "127.0.0.1", "::1")


def _site_root(raw: str) -> str:
    """The site's root, whatever part of an address below it was pasted. Raises ValueError."""
    root = raw.strip().partition("/wp-admin")[0].partition("/wp-json")[0].rstrip("/")
    parts = urlsplit(root)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise ValueError("must be the site's web address, as https://studio.example.com")
    if parts.scheme == "http" and parts.hostname not in HERE:
        raise ValueError("https is needed: over http the key could be read on the way")
    return root


def _zone_name(raw: str | None) -> str | None:
    try:
        return raw if raw is None else ZoneInfo(raw).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be the name of a time zone, as Europe/Berlin") from error


class Settings(BaseModel):
    """`timezone`: the site's, for its times have none; left out it is what the site's own index says.

    `back`, `ahead`: the window, in days. `always`: so many days ahead are read in every run, the rest of the window in
    turn. `provider`: who gives a session made in Notion where the row does not say (name, e-mail or id).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    kind: Literal["amelia"] = "amelia"
    url: Annotated[str, AfterValidator(_site_root)]
    api_key: Secret
    timezone: Annotated[str | None, AfterValidator(_zone_name)] = None
    back: Annotated[int, Field(ge=0, le=3650)] = 30
    ahead: Annotated[int, Field(ge=1, le=3650)] = 90
    always: Annotated[int, Field(ge=0, le=3650)] = 14
    provider: str | None = None
