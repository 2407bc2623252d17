"""Webhooks: who is to be told, and what is sent. Form-encoded, signed, and only ids; nothing is sent by itself.

A static hook (account settings; here the knob `static_webhook`) says `action=scheduled`, one made through the API
`action=appointment.scheduled`. `changed` comes in addition to the others.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import urlencode, urlsplit

from higherself_sync.sandbox.acuity.account import API_KEY
from higherself_sync.sandbox.acuity.errors import Refused
from higherself_sync.sandbox.acuity.store import Due, Record, Store

Action: TypeAlias = Literal["scheduled", "rescheduled", "canceled", "changed"]
EVENTS = (*(f"appointment.{action}" for action in get_args(Action)), "order.completed")
MOST = 25
_PORTS = (None, 443, 80)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST that the account would send. The signature is over exactly these bytes."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def announce(store: Store, action: Action, record: Record) -> None:
    """Something happened to an appointment: it is told, and then that something changed."""
    for told in dict.fromkeys((action, "changed")):
        if store.settings.static_webhook:
            _queue(store, store.settings.static_webhook, told, record)
        for webhook in store.all("webhooks"):
            if webhook["event"] == f"appointment.{told}":
                _queue(store, webhook["target"], webhook["event"], record)


def deliver(store: Store) -> list[Delivery]:
    """All that is due, in the order in which it came up; nothing is due afterwards."""
    due, store.due = store.due, ()
    return [_delivery(each) for each in due]


def create(store: Store, body: Mapping[str, Any]) -> Record:
    """That these are refused with 400 is documented, the words are the sandbox's."""
    event, target = body.get("event"), body.get("target")
    if event not in EVENTS:
        raise Refused("bad_request", f"The event must be one of {', '.join(EVENTS)}.")
    if not isinstance(target, str) or not _is_reachable(target):
        raise Refused("bad_request", "The target must be a URL on port 443 or 80.")
    if len(store.tables["webhooks"]) >= MOST:
        raise Refused("bad_request", f"A maximum of {MOST} webhooks can be created.")
    number = store.next_id("webhooks")
    return store.put("webhooks", {"id": number, "event": event, "target": target, "status": "active"})


def _is_reachable(target: str) -> bool:
    try:
        parts = urlsplit(target)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port in _PORTS
    except ValueError:
        return False


def _queue(store: Store, url: str, action: str, record: Record) -> None:
    ids = ((name, str(record[name])) for name in ("id", "calendarID", "appointmentTypeID"))
    store.due = (*store.due, Due(url, (("action", action), *ids)))


def _delivery(due: Due) -> Delivery:
    body = urlencode(due.fields).encode()
    signature = base64.b64encode(hmac.new(API_KEY.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"content-type": "application/x-www-form-urlencoded", "x-acuity-signature": signature}
    return Delivery(due.url, headers, body)
