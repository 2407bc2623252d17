"""The batch route: up to 100 items, nothing checked, each item's failure told in its own place (trap 12)."""

from collections.abc import Mapping
from typing import Any

from higherself_sync.sandbox.woocommerce.errors import Refused
from higherself_sync.sandbox.woocommerce.resource import Resource, Visit

LIMIT = 100


def run(resource: Resource, body: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
    """`{create, update, delete}`, each a list in the order of the request. Raises Refused (413), with nothing done."""
    parts = {name: part for name in ("create", "update", "delete") if isinstance(part := body.get(name), list) and part}
    if sum(map(len, parts.values())) > LIMIT:
        message = f"Unable to accept more than {LIMIT} items for this request."
        raise Refused("woocommerce_rest_request_entity_too_large", message, 413)
    return {name: [_item(resource, name, item, visit) for item in part] for name, part in parts.items()}


def _item(resource: Resource, verb: str, item: Any, visit: Visit) -> dict[str, Any]:
    record_id = 0 if verb == "create" else item if verb == "delete" else item.get("id")
    try:
        match verb:
            case "create":
                record = resource.create(item, visit)
            case "update":
                record = resource.update(_number(record_id), item, visit)
            case _:
                record = resource.delete(_number(record_id), True, visit)
    except Refused as refusal:
        error = {"code": refusal.code, "message": refusal.message, "data": refusal.data}
        return {"id": record_id, "error": error}
    return resource.show(record, visit, "edit")


def _number(value: Any) -> int:
    return int(value) if str(value).isdigit() else 0
