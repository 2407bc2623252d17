"""`[services.NAME]` of a shop."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

from higherself_sync.secret import Secret


def _site_root(raw: str) -> str:
    """The site's root, whatever part of its REST address was pasted. Raises ValueError."""
    parts = urlsplit(raw.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise ValueError("must be the shop's web address, as https://shop.example.com")
    return raw.strip().partition("/wp-json")[0].rstrip("/")


class Settings(BaseModel):
    """`currency`: only for shops that do not tell theirs; `timezone` is only checked."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    kind: Literal["woocommerce"] = "woocommerce"
    url: Annotated[str, AfterValidator(_site_root)]
    consumer_key: Secret
    consumer_secret: Secret
    currency: str | None = None
    timezone: str | None = None
