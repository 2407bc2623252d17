"""What the site tells about itself, and which routes a real shop has that the twin does not serve."""

import re
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.woocommerce import dates

NAME = "The 7 Space"
CURRENCY = {"code": "EUR", "name": "Euro", "symbol": "&euro;"}
NAMESPACES = (
    "oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc-telemetry", "wccom-site/v3", "wc-analytics", "wc-admin", "wc/store",
    "wc/store/v1", "wc/private", "wp/v2", "wp-site-health/v1", "wp-block-editor/v1", "wp-abilities/v1",
)  # fmt: skip

_UNSERVED = re.compile(
    r"/wc/v3/(?:"
    r"customers/\d+/downloads|data(?:/.*)?|orders/(?:statuses|\d+/(?:notes|receipt|actions)(?:/.*)?)|payment_gateways(?:/.*)?"
    r"|products/(?:attributes|brands|custom-fields|reviews|shipping_classes|suggested-products|tags|catalog)(?:/.*)?"
    r"|products/\d+/(?:duplicate|related|variations/generate)|reports(?:/.*)?|settings(?:/.*)?|shipping(?:/.*)?"
    r"|shipping_methods(?:/.*)?|system_status(?:/.*)?|taxes(?:/.*)?|variations|layout-templates(?:/.*)?|paypal.*"
    r")?"
)


def index(base: str, now: datetime) -> dict[str, Any]:
    """The index of `/wp-json/`, without its long list of routes."""
    offset = now.astimezone(dates.SITE).utcoffset()
    hours = offset.total_seconds() / 3600 if offset else 0
    return {
        "name": NAME, "description": "", "url": base, "home": base,
        "gmt_offset": int(hours) if hours == int(hours) else hours, "timezone_string": dates.SITE_NAME,
        "page_for_posts": 0, "page_on_front": 0, "show_on_front": "posts", "namespaces": list(NAMESPACES),
        "authentication": {"application-passwords": {"endpoints": {"authorization": f"{base}/wp-admin/authorize-application.php"}}},
        "routes": {}, "site_logo": 0, "site_icon": 0, "site_icon_url": "",
        "_links": {"help": [{"href": "https://developer.wordpress.org/rest-api/"}]},
    }  # fmt: skip


def currency(base: str) -> dict[str, Any]:
    api = f"{base}/wp-json/wc/v3/data/currencies"
    return {**CURRENCY, "_links": {"self": [{"href": f"{api}/EUR"}], "collection": [{"href": api}]}}


def is_unserved(route: str) -> bool:
    """Whether a real shop has this route, below `/wp-json`."""
    if route.startswith("/wc/v3"):
        return bool(_UNSERVED.fullmatch(route + "/" if route == "/wc/v3" else route))
    return any(route == f"/{name}" or route.startswith(f"/{name}/") for name in NAMESPACES)
