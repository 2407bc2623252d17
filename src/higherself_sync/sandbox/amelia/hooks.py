"""What the site sends when something happens to an appointment (read: `WebHookApplicationService`).

A webhook is a setting of the paid edition: `{"url", "action", "type"}`. It is built and sent at once, inside the
request that caused it, without a signature and without another try. Every list in it is an object.
"""

import json
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from higherself_sync.sandbox.amelia import faces
from higherself_sync.sandbox.amelia.diary import Act
from higherself_sync.sandbox.amelia.store import Record, Store
from higherself_sync.sandbox.amelia.visit import Visit
from higherself_sync.sandbox.woocommerce.deliveries import Delivery, encoded

Action: TypeAlias = Literal["bookingAdded", "bookingTimeUpdated", "bookingStatusUpdated", "bookingCanceled"]
_CANCEL = "/wp-admin/admin-ajax.php?action=wpamelia_api&call=/bookings/cancel/{id}&token={token}&type=appointment"


def tell(store: Store, visit: Visit, action: Action, act: Act, booking_ids: Iterable[int] | None = None) -> None:
    """Put what there is to send into the queue; `booking_ids` are those concerned, the act's own unless given."""
    urls = [hook["url"] for hook in store.all("webhooks") if (hook["action"], hook["type"]) == (action, "appointment")]
    if not urls or visit.is_lite:
        return
    appointment = faces.hooked(store, act.after, visit)
    concerned = set(act.touched if booking_ids is None else booking_ids)
    appointment["bookings"] = [_opened(booking) for booking in appointment["bookings"]]
    bookings = [booking for booking in appointment["bookings"] if booking["id"] in concerned]
    for url in urls:
        store.due[store.next("due")] = {"url": url, "body": {"appointment": appointment, "bookings": bookings}}


def tell_of_change(store: Store, visit: Visit, act: Act) -> None:
    """Of an edit: a new time, a new status, a new booking. Notes alone are nobody's business."""
    every = [booking["id"] for booking in act.after["bookings"]]
    if act.is_moved:
        tell(store, visit, "bookingTimeUpdated", act, every)
    if act.touched or act.is_status_changed:
        tell(store, visit, "bookingStatusUpdated", act)


def deliver(store: Store, base: str) -> list[Delivery]:
    """All that is due; nothing is due afterwards. `base` is the site's URL."""
    due, store.due = store.due, {}
    return [_delivery(each, base) for each in due.values()]


def forced(value: Any) -> Any:
    """PHP's JSON_FORCE_OBJECT."""
    match value:
        case list():
            return {str(n): forced(item) for n, item in enumerate(value)}
        case dict():
            return {name: forced(item) for name, item in value.items()}
        case _:
            return value


def _delivery(due: Record, base: str) -> Delivery:
    body = json.loads(json.dumps(due["body"]))
    for booking in (*body["appointment"]["bookings"], *body["bookings"]):
        booking["cancelUrl"] = base + booking["cancelUrl"] if booking["cancelUrl"] else ""
    return Delivery(due["url"], {"content-type": "application/json"}, encoded(forced(body)))


def _opened(booking: Record) -> Record:
    """With its JSON texts decoded, the answers in their place and what the customer typed beside it."""
    answers, typed = (faces.decoded(booking[name]) for name in ("customFields", "info"))
    opened = {**booking, "customFields": booking["customFields"] if answers is None else answers}
    cancel = _CANCEL.format(**booking) if booking["token"] else ""
    return {**opened, "cancelUrl": cancel, "customerPanelUrl": "", "infoArray": typed}
