"""What a config says of the sandbox's site."""

from typing import Any

from higherself_sync.sandbox.tutorlm.twin import KEY
from higherself_sync.sandbox.woocommerce import dates


def settings(base_url: str) -> dict[str, Any]:
    """The `[services.NAME]` of this twin in a sandbox at `base_url` (scheme://host:port)."""
    api_key, api_secret = KEY
    return {
        "kind": "tutorlm",
        "url": f"{base_url}/tutorlm",
        "api_key": api_key,
        "api_secret": api_secret,
        "timezone": dates.SITE_NAME,
    }
