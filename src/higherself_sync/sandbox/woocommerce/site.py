"""What the site tells about itself, and which routes a real shop has that the twin does not serve."""

import re
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.woocommerce import dates

NAME = "The 7 Space"
NAMESPACES = (
    "oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc-telemetry", "wccom-site/v3", "wc-analytics", "wc-admin", "wc/store",
    "wc/store/v1", "wc/private", "wp/v2", "wp-site-health/v1", "wp-block-editor/v1", "wp-abilities/v1",
)  # fmt: skip

_UNSERVED = re.compile(
    r"/wc/v3(?:"
    r"|/customers/\d+/downloads|/data(?:/.*)?|/orders/statuses|/orders/\d+/(?:notes|receipt|actions)(?:/.*)?"
    r"|/payment_gateways(?:/.*)?|/shipping(?:_methods)?(?:/.*)?|/system_status(?:/.*)?|/taxes(?:/.*)?|/variations"
    r"|/products/(?:attributes|brands|catalog|custom-fields|reviews|shipping_classes|suggested-products|tags)(?:/.*)?"
    r"|/products/\d+/(?:duplicate|related|variations/generate)|/reports(?:/.*)?|/settings(?:/.*)?"
    r"|/layout-templates(?:/.*)?|/paypal.*"
    r")"
)


def index(base: str, now: datetime) -> dict[str, Any]:
    """What `/wp-json/` tells anybody, without its list of some hundred routes."""
    offset = now.astimezone(dates.SITE).utcoffset()
    assert offset is not None
    login = {"authorization": f"{base}/wp-admin/authorize-application.php"}
    return {
        "name": NAME,
        "description": "",
        "url": base,
        "home": base,
        "gmt_offset": int(offset.total_seconds() // 3600),
        "timezone_string": dates.SITE_NAME,
        "page_for_posts": 0,
        "page_on_front": 0,
        "show_on_front": "posts",
        "namespaces": list(NAMESPACES),
        "authentication": {"application-passwords": {"endpoints": login}},
        "routes": {},
        "site_logo": 0,
        "site_icon": 0,
        "site_icon_url": "",
        "_links": {"help": [{"href": "https://developer.wordpress.org/rest-api/"}]},
    }


def currency(base: str) -> dict[str, Any]:
    api = f"{base}/wp-json/wc/v3/data/currencies"
    links = {"self": [{"href": f"{api}/EUR"}], "collection": [{"href": api}]}
    return {"code": "EUR", "name": "Euro", "symbol": "&euro;", "_links": links}


def is_unserved(route: str) -> bool:
    """Whether a real shop has this route, below `/wp-json`."""
    if route.startswith("/wc/v3"):
        return bool(_UNSERVED.fullmatch(route))
    return any(route == f"/{name}" or route.startswith(f"/{name}/") for name in NAMESPACES)
