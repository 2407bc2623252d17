"""What `[services.NAME]` of every WordPress site has: an address and a time zone."""

import re
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

HERE = ("localhost", "127.0.0.1", "::1")


def _site_root(raw: str) -> str:
    """The site's root, whatever part of its REST address was pasted. Raises ValueError."""
    parts = urlsplit(raw.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise ValueError("must be the site's web address, as https://www.example.com")
    if parts.scheme == "http" and parts.hostname not in HERE:
        raise ValueError("https is needed: over http the credentials could be read on the way")
    return re.split(r"/wp-(?:json|admin)\b", raw.strip())[0].rstrip("/")


def _zone_name(raw: str) -> str:
    try:
        ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be the name of a time zone, as Europe/Berlin") from None
    return raw


Address: TypeAlias = Annotated[str, AfterValidator(_site_root)]
ZoneName: TypeAlias = Annotated[str, AfterValidator(_zone_name)]
