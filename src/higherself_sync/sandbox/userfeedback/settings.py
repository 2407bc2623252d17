"""What a config says of the sandbox's site."""

from typing import Any

from higherself_sync.sandbox.woocommerce import dates
from higherself_sync.sandbox.wordpress import LOGINS


def settings(base_url: str) -> dict[str, Any]:
    """The `[services.NAME]` of this twin in a sandbox at `base_url` (scheme://host:port)."""
    user = next(iter(LOGINS))
    return {
        "kind": "userfeedback",
        "url": f"{base_url}/userfeedback",
        "user": user,
        "application_password": LOGINS[user],
        "timezone": dates.SITE_NAME,
    }
