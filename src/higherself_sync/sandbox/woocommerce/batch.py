"""The batch route: up to 100 items, nothing checked, each item's failure told in its own place (trap 12)."""

from collections.abc import Mapping
from typing import Any

from higherself_sync.sandbox.woocommerce import text
from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.resource import Resource

LIMIT = 100
VERBS = ("create", "update", "delete")


def run(resource: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
    """`{create, update, delete}`, each a list in the order of the request. Raises Refused (413), with nothing done."""
    parts = {verb: part for verb in VERBS if isinstance(part := body.get(verb), list) and part}
    if sum(map(len, parts.values())) > LIMIT:
        message = f"Unable to accept more than {LIMIT} items for this request."
        raise Refused("woocommerce_rest_request_entity_too_large", message, 413)
    return {verb: [_item(resource, verb, item) for item in part] for verb, part in parts.items()}


def _item(resource: Resource, verb: str, item: Any) -> dict[str, Any]:
    values = item if isinstance(item, Mapping) else {}
    record_id = {"create": 0, "update": values.get("id"), "delete": text.whole(item)}[verb]
    try:
        match verb:
            case "create":
                record = resource.create(values)
            case "update":
                record = resource.update(text.whole(record_id), values)
            case _:
                return _deleted(resource, text.whole(record_id))
    except Refused as refusal:
        error = {"code": refusal.code, "message": refusal.message, "data": refusal.data}
        return {"id": record_id, "error": error}
    return resource.show(record, "edit")


def _deleted(resource: Resource, record_id: int) -> dict[str, Any]:
    """Always for good: the batch knows no trash."""
    shown = resource.show(resource.found(record_id, 404), "edit")
    resource.delete(record_id, force=True)
    return shown
