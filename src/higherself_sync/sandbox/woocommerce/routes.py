"""From a path and a method to what is done, with the checks in the real order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from higherself_sync.sandbox.wire import Request
from higherself_sync.sandbox.woocommerce import batch, query, rest, schema, site
from higherself_sync.sandbox.woocommerce.auth import NOBODY, Key
from higherself_sync.sandbox.woocommerce.errors import NotServed, Refused, no_route
from higherself_sync.sandbox.woocommerce.resource import API, METHODS, Page, Resource, Values, Visit
from higherself_sync.sandbox.woocommerce.schema import Arg
from higherself_sync.sandbox.woocommerce.shop import open_kind
from higherself_sync.sandbox.woocommerce.store import Store

COLLECTION = ("GET", "POST")
BATCH = ("POST", "PUT", "PATCH")
_ROUTE = re.compile(
    r"/wc/v3/(?:products/(?P<product>\d+)/(?=variations)|orders/(?P<order>\d+)/(?=refunds))?"
    r"(?P<name>products/categories|products|variations|orders|refunds|customers|coupons|webhooks)"
    r"(?:/(?:(?P<id>\d+)|(?P<batch>batch)))?"
)
_CURRENCY = "/wc/v3/data/currencies/current"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A matched route: what it is about, the methods it takes, and the id or the batch in it."""

    resource: Resource
    methods: tuple[str, ...]
    record_id: int | None
    is_batch: bool
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    key: Key


def dispatch(store: Store, request: Request, route: str, key: Key, visit: Visit) -> Reply:
    """`route` is what follows `/wp-json`. Raises Refused (404) and NotServed for what is no route here."""
    method = "GET" if request.method == "HEAD" else request.method
    if route == _CURRENCY and method == "GET":
        _permit(key, "view", "cannot list resources")
        return Reply(200, site.currency(visit.base), {"allow": "GET"})
    match = _matched(route, method)
    parent = match["product"] or match["order"]
    resource = open_kind(store, visit, match["name"], int(parent) if parent else None)
    methods = _methods(match)
    allow = {"allow": ", ".join(methods)} if key.manages else {}
    try:
        body = rest.body_params(request) if method != "GET" else {}
        record_id = int(match["id"]) if match["id"] else None
        call = Call(resource, methods, record_id, match["batch"] is not None, query.read(request.query), body, key)
        reply = _run(call, method)
    except Refused as refusal:
        return Reply(refusal.status, refusal.body(), allow)
    return Reply(reply.status, rest.trimmed(reply.body, call.query.get("_fields")), {**allow, **reply.headers})


def _matched(route: str, method: str) -> re.Match[str]:
    match = _ROUTE.fullmatch(route)
    if match is None or (match["name"] == "variations" and match["product"] is None):
        raise NotServed(f"{method} /wp-json{route}") if site.is_unserved(route) else no_route()
    if method == "OPTIONS":
        raise NotServed(f"OPTIONS /wp-json{route}")
    if method not in _methods(match):
        raise no_route()
    return match


def _methods(match: re.Match[str]) -> tuple[str, ...]:
    """The refunds of all orders are only listed, those of one order are made and deleted but not changed."""
    if match["name"] == "refunds" and (match["order"] is None or match["id"] or match["batch"]):
        if match["batch"] or (match["id"] and match["order"] is None):
            return ()
        return ("GET", "DELETE") if match["id"] else ("GET",)
    return BATCH if match["batch"] else METHODS if match["id"] else COLLECTION


def _run(call: Call, method: str) -> Reply:
    if call.is_batch:
        _permit(call.key, "batch", "are not allowed to batch manipulate this resource")
        return Reply(200, batch.run(call.resource, call.body) or [])
    if call.record_id is not None:
        return _run_item(call, method, call.record_id)
    return _list(call) if method == "GET" else _create(call)


def _create(call: Call) -> Reply:
    resource = call.resource
    data = schema.accept({**call.query, **call.body}, resource.args_to_create())
    _permit(call.key, "create", "are not allowed to create resources")
    record = resource.create(data)
    location = f"{resource.visit.base}{API}/{resource.path}/{record['id']}"
    return Reply(201, resource.show(record, "edit"), {"location": location})


def _run_item(call: Call, method: str, path_id: int) -> Reply:
    """An `id` in the body or the query wins over the one in the path (trap 7)."""
    resource = call.resource
    args: dict[str, Arg] = {"id": schema.integer(), "context": schema.string("view", "edit")}
    if method not in ("GET", "DELETE"):
        args |= resource.args
    args["force"] = schema.boolean()
    data = schema.accept({"id": path_id, **call.query, **call.body}, args)
    record_id = int(data["id"])
    _permit_item(call, method, record_id)
    resource.permit(method, record_id, data)
    match method:
        case "GET":
            shown = resource.show(resource.found(record_id, 404), data.get("context") or "view")
            return Reply(200, _with_meta_keys(shown, data))
        case "DELETE":
            shown = resource.show(resource.found(record_id, 404), "edit")
            resource.delete(record_id, bool(data.get("force", resource.name == "refunds")))
            return Reply(200, shown)
        case _:
            return Reply(200, resource.show(resource.update(record_id, data), "edit"))


def _permit_item(call: Call, method: str, record_id: int) -> None:
    if call.key.manages:
        return
    if call.resource.is_open_when_absent:
        call.resource.found(record_id, 404 if method in ("GET", "DELETE") else 400)
    match method:
        case "GET":
            _permit(call.key, "view", "cannot view this resource")
        case "DELETE":
            _permit(call.key, "delete", "are not allowed to delete this resource")
        case _:
            _permit(call.key, "edit", "are not allowed to edit this resource")


def _permit(key: Key, verb: str, deed: str) -> None:
    """Nobody is a 401, somebody without the right a 403 (trap 9)."""
    if not key.manages:
        raise Refused(f"woocommerce_rest_cannot_{verb}", f"Sorry, you {deed}.", 401 if key is NOBODY else 403)


def _list(call: Call) -> Reply:
    resource = call.resource
    if missing := sorted(resource.unserved & call.query.keys()):
        raise NotServed(f"the parameter {', '.join(missing)} of {resource.path}")
    given = schema.accept(call.query, resource.params)
    _permit(call.key, "view", "cannot list resources")
    params = {name: arg.default for name, arg in resource.params.items()} | given
    page = resource.search(params)
    shown = [_with_meta_keys(resource.show(record, params["context"]), params) for record in page.records]
    return Reply(200, shown, _paging(resource, page, given, params))


def _with_meta_keys(shown: dict[str, Any], params: Values) -> dict[str, Any]:
    """`include_meta` and `exclude_meta` say which keys are shown; the first wins."""
    include, exclude = ([v] if isinstance(v := params.get(f"{x}_meta"), str) else v for x in ("include", "exclude"))
    if include:
        return shown | {"meta_data": [entry for entry in shown["meta_data"] if entry["key"] in include]}
    if exclude:
        return shown | {"meta_data": [entry for entry in shown["meta_data"] if entry["key"] not in exclude]}
    return shown


def _paging(resource: Resource, page: Page, given: Values, params: Values) -> dict[str, str]:
    """The links repeat the query as it was understood, with what the resource puts into it while answering."""
    added = [name for name in resource.repeated if page.records or name == "status"]
    repeated = {name: value for name, value in given.items() if name != "status" or name not in added}
    repeated |= {name: params[name] for name in added}
    number, here = params["page"], f"{resource.visit.base}{API}/{resource.path}"
    places = {"prev": min(number - 1, page.pages) if number > 1 else None}
    places["next"] = number + 1 if page.pages > number else None
    links = [
        f'<{here}?{query.write(repeated | {"page": place})}>; rel="{rel}"'
        for rel, place in places.items()
        if place is not None
    ]
    totals = {"x-wp-total": str(page.total), "x-wp-totalpages": str(page.pages)}
    return totals | ({"link": ", ".join(links)} if links else {})
