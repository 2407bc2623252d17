"""What a config needs to reach this twin."""

from typing import Any

from higherself_sync.sandbox.acuity import account


def settings(base_url: str) -> dict[str, Any]:
    """`[services.NAME]` for the twin that answers below `base_url`; its keys as literals."""
    return {
        "kind": "acuity",
        "user_id": str(account.USER_ID),
        "api_key": account.API_KEY,
        "base_url": f"{base_url}/api/v1",
    }
