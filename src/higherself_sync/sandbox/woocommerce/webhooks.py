"""Webhooks: kept here, and told of what happens. What they then send is in `deliveries`."""

import re

from higherself_sync.sandbox.woocommerce import dates
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.resource import (
    DATED,
    PAGING,
    Resource,
    Test,
    Values,
    date_tests,
    equals,
    id_tests,
)
from higherself_sync.sandbox.woocommerce.schema import Arg, string
from higherself_sync.sandbox.woocommerce.store import Record, Store

HOOKS = {
    "coupon.created": ["woocommerce_process_shop_coupon_meta", "woocommerce_new_coupon"],
    "coupon.updated": ["woocommerce_process_shop_coupon_meta", "woocommerce_update_coupon"],
    "coupon.deleted": ["wp_trash_post"],
    "coupon.restored": ["untrashed_post"],
    "customer.created": ["user_register", "woocommerce_created_customer", "woocommerce_new_customer"],
    "customer.updated": ["profile_update", "woocommerce_update_customer"],
    "customer.deleted": ["delete_user"],
    "order.created": ["woocommerce_new_order"],
    "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "order.deleted": ["wp_trash_post", "woocommerce_trash_order"],
    "order.restored": ["untrashed_post", "woocommerce_untrash_order"],
    "product.created": [
        "woocommerce_process_product_meta",
        "woocommerce_new_product",
        "woocommerce_new_product_variation",
    ],
    "product.updated": [
        "woocommerce_process_product_meta",
        "woocommerce_update_product",
        "woocommerce_update_product_variation",
    ],
    "product.deleted": ["wp_trash_post"],
    "product.restored": ["untrashed_post"],
}
STATUSES = ("active", "paused", "disabled")
PING = 0
"""The record of a delivery that is about no record: the ping that follows a webhook's making."""

ARGS: dict[str, Arg] = {"name": string(), "topic": string(), "secret": string(), "status": string(*STATUSES)}
PARAMS: dict[str, Arg] = {
    **PAGING,
    **DATED,
    "orderby": string("date", "id", "title", default="date"),
    "status": string("all", *STATUSES, default="all"),
}
_ACTION = re.compile(r"action\.\w+")


class Webhooks(Resource):
    name = "webhooks"
    table = "webhooks"
    kind = "shop_webhook"
    args = ARGS
    params = PARAMS

    def unknown(self, status: int) -> Refused:
        code = "woocommerce_rest_shop_webhook_invalid_id"
        return Refused(code, "Invalid ID.", 404) if status == 404 else Refused(code, "ID is invalid.", 400)

    def tests(self, params: Values) -> list[Test]:
        status = params["status"]
        return [*id_tests(params), *date_tests(params), *([equals("status", status)] if status != "all" else [])]

    def face(self, record: Record) -> Record:
        """The secret is never told."""
        return {name: value for name, value in record.items() if name != "secret"}

    def args_to_create(self) -> dict[str, Arg]:
        demanded = Arg(("string",), required=True)
        return {**ARGS, "topic": demanded, "delivery_url": demanded}

    def create(self, data: Values) -> Record:
        if data.get("id"):
            raise Refused("woocommerce_rest_shop_webhook_exists", "Cannot create existing shop_webhook.")
        made = f"Webhook created on {self.visit.now:%b %d, %Y @ %I:%M %p}"
        draft: Record = {
            "id": self.store.new_id("webhooks"), "name": str(data.get("name") or made),
            "status": "active", "topic": "", "resource": "", "event": "", "hooks": [], "delivery_url": "",
            **dates.pair("date_created", self.visit.now), **dates.pair("date_modified", None),
            "secret": str(data.get("secret") or self.store.random.getrandbits(200)),
        }  # fmt: skip
        _set_topic(draft, str(data.get("topic") or ""), "Webhook topic is required and must be valid.")
        _set_url(draft, str(data.get("delivery_url") or ""))
        self.store.due[draft["id"], PING] = "ping"
        return self.store.put("webhooks", draft)

    def update(self, record_id: int, data: Values) -> Record:
        draft = dict(self.found(record_id, 400))
        if data.get("topic"):
            _set_topic(draft, str(data["topic"]), "Webhook topic must be valid.")
        if data.get("delivery_url"):
            _set_url(draft, str(data["delivery_url"]))
        if data.get("status"):
            if data["status"] not in STATUSES:
                raise Refused("woocommerce_rest_shop_webhook_invalid_status", "Webhook status must be valid.")
            draft["status"] = data["status"]
        draft |= {field: str(data[field]) for field in ("name", "secret") if data.get(field)}
        return self.store.put("webhooks", draft | dates.pair("date_modified", self.visit.now))

    def delete(self, record_id: int, force: bool) -> None:
        if not force:
            raise Refused("woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.", 501)
        super().delete(record_id, force)


def announce(store: Store, resource: str, event: str, record_id: int) -> None:
    """Something happened to a record. What is sent of it is built when it is delivered, not now (trap 14)."""
    for webhook in store.all("webhooks"):
        if webhook["topic"] == f"{resource}.{event}" and webhook["status"] == "active":
            store.due[webhook["id"], record_id] = event


def _set_topic(draft: Record, topic: str, complaint: str) -> None:
    if topic.lower() not in HOOKS and not _ACTION.fullmatch(topic):
        raise Refused("woocommerce_rest_shop_webhook_invalid_topic", complaint)
    resource, _, event = topic.partition(".")
    draft |= {"topic": topic, "resource": resource, "event": event, "hooks": HOOKS.get(topic.lower(), [event])}


def _set_url(draft: Record, url: str) -> None:
    if not url.startswith(("http://", "https://")):
        message = "Webhook delivery URL must be a valid URL starting with http:// or https://."
        raise Refused("woocommerce_rest_shop_webhook_invalid_delivery_url", message)
    draft["delivery_url"] = url
