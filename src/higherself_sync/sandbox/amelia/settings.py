"""How a config names this twin."""

from typing import Any

from higherself_sync.sandbox.amelia.twin import KEY
from higherself_sync.sandbox.woocommerce.dates import SITE_NAME

NAME = "booking"
"""What the service is called in the sandbox's config."""


def settings(base_url: str) -> dict[str, Any]:
    """`[services.NAME]`; `base_url` is the sandbox's, scheme://host:port."""
    return {"kind": "amelia", "url": f"{base_url}/amelia", "api_key": KEY, "timezone": SITE_NAME}
