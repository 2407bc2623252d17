"""What the webhooks send, built at the moment of delivery and not when it happened (trap 14)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.orders import VERSION
from higherself_sync.sandbox.woocommerce.resource import Visit
from higherself_sync.sandbox.woocommerce.shop import open_kind
from higherself_sync.sandbox.woocommerce.store import Record, Store
from higherself_sync.sandbox.woocommerce.webhooks import PING

AGENT = f"WooCommerce/{VERSION} Hookshot (WordPress/6.9.4)"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST that the shop would send. A signature is over exactly these bytes."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def encoded(body: Any) -> bytes:
    """JSON as PHP writes it: ASCII only, slashes escaped."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def deliver(store: Store, visit: Visit) -> list[Delivery]:
    """All that is due, in the order in which it came up; nothing is due afterwards."""
    due = [(store.get("webhooks", webhook_id), record_id) for webhook_id, record_id in store.due]
    store.due.clear()
    return [_delivery(store, visit, webhook, record_id) for webhook, record_id in due if webhook]


def _delivery(store: Store, visit: Visit, webhook: Record, record_id: int) -> Delivery:
    if record_id == PING:
        headers = {"user-agent": AGENT, "content-type": "application/x-www-form-urlencoded"}
        return Delivery(webhook["delivery_url"], headers, f"webhook_id={webhook['id']}".encode())
    body = encoded(_payload(store, visit, webhook, record_id))
    signature = hmac.new(webhook["secret"].encode(), body, hashlib.sha256).digest()
    headers = {
        "user-agent": AGENT,
        "content-type": "application/json",
        "x-wc-webhook-source": f"{visit.base}/",
        "x-wc-webhook-topic": webhook["topic"],
        "x-wc-webhook-resource": webhook["resource"],
        "x-wc-webhook-event": webhook["event"],
        "x-wc-webhook-signature": base64.b64encode(signature).decode(),
        "x-wc-webhook-id": str(webhook["id"]),
        "x-wc-webhook-delivery-id": f"{store.random.getrandbits(128):032x}",
    }
    return Delivery(webhook["delivery_url"], headers, body)


def _payload(store: Store, visit: Visit, webhook: Record, record_id: int) -> dict[str, Any]:
    """What a GET of the record answers now, which is an error where it is gone by now."""
    if webhook["event"] == "deleted":
        return {"id": record_id}
    resource = open_kind(store, visit, f"{webhook['resource']}s")
    try:
        return resource.show(resource.found(record_id, 404))
    except Refused as refusal:
        return refusal.body()
