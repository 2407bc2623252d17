"""From a path and a method to what is done, with the checks in the real order."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from higherself_sync.sandbox.wire import Request
from higherself_sync.sandbox.woocommerce import batch, query, schema, site
from higherself_sync.sandbox.woocommerce.auth import NOBODY, Key
from higherself_sync.sandbox.woocommerce.errors import NotServed, Refused, no_route
from higherself_sync.sandbox.woocommerce.resource import API, Page, Resource, Values, Visit
from higherself_sync.sandbox.woocommerce.schema import Arg
from higherself_sync.sandbox.woocommerce.shop import Shop

COLLECTION, ITEM, BATCH = ("GET", "POST"), ("GET", "POST", "PUT", "PATCH", "DELETE"), ("POST", "PUT", "PATCH")
_ROUTE = re.compile(
    r"/wc/v3/(?:products/(?P<product>\d+)/(?=variations)|orders/(?P<order>\d+)/(?=refunds))?"
    r"(?P<name>products/categories|products|variations|orders|refunds|customers|coupons|webhooks)(?:/(?P<rest>\d+|batch))?"
)
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A matched route: what it is about, and in which of its three forms."""

    resource: Resource
    form: tuple[str, ...]
    record_id: int
    base_path: str


def dispatch(shop: Shop, request: Request, route: str, key: Key, visit: Visit) -> Reply:
    method = "GET" if request.method == "HEAD" else request.method
    if route == "/wc/v3/data/currencies/current" and method == "GET":
        return _currency(key, visit)
    call = _call(shop, route, method)
    allow = {"allow": ", ".join(call.form)} if key.manages else {}
    try:
        reply = _run(call, request, method, key, visit)
    except Refused as refusal:
        return Reply(refusal.status, refusal.body(), allow)
    return Reply(reply.status, _trimmed(reply.body, request), {**allow, **reply.headers})


def _call(shop: Shop, route: str, method: str) -> Call:
    """Raises Refused (404) for what no shop has, NotServed for what only the real one has."""
    match = _ROUTE.fullmatch(route)
    if match is None or (match["name"] == "variations") != (match["product"] is not None):
        if site.is_unserved(route):
            raise NotServed(f"{method} /wp-json{route}")
        raise no_route()
    resource = _resource(shop, match)
    rest = match["rest"]
    form = COLLECTION if rest is None else BATCH if rest == "batch" else ITEM
    if match["name"] == "refunds":
        form = ("GET",) if match["order"] is None else ("GET", "DELETE") if rest else COLLECTION
        if rest == "batch" or (rest and match["order"] is None):
            raise no_route()
    if method == "OPTIONS":
        raise NotServed(f"OPTIONS /wp-json{route}")
    if method not in form:
        raise no_route()
    path = "/wp-json" + (route.rsplit("/", 1)[0] if rest else route)
    return Call(resource, form, int(rest) if rest and rest != "batch" else 0, path)


def _resource(shop: Shop, match: re.Match[str]) -> Resource:
    match match["name"]:
        case "products/categories":
            return shop.categories
        case "variations":
            return shop.variations.of(int(match["product"]))
        case "refunds":
            return shop.refunds.of(int(match["order"] or 0))
        case name:
            found: Resource = getattr(shop, name)
            return found


def _currency(key: Key, visit: Visit) -> Reply:
    _permit(key, "view", "list resources")
    return Reply(200, site.currency(visit.base), {"allow": "GET"})


def _run(call: Call, request: Request, method: str, key: Key, visit: Visit) -> Reply:
    asked = query.read(request.query)
    body = _body(request) if method != "GET" else {}
    resource = call.resource
    if call.form == BATCH:
        _permit(key, "batch", "are not allowed to batch manipulate this resource")
        return Reply(200, batch.run(resource, body, visit) or [])
    if call.record_id:
        return _run_item(call, method, asked, body, key, visit)
    if method == "GET":
        return _run_list(call, asked, key, visit)
    data = schema.accept({**asked, **body}, resource.create_args())
    _permit(key, "create", "are not allowed to create resources")
    record = resource.create(data, visit)
    location = f"{visit.base}{call.base_path}/{record['id']}"
    return Reply(201, resource.show(record, visit, "edit"), {"location": location})


def _run_item(call: Call, method: str, asked: Values, body: Values, key: Key, visit: Visit) -> Reply:
    """An `id` in the body or the query wins over the one in the path (trap 7)."""
    resource = call.resource
    args: Mapping[str, Arg] = {"id": schema.integer()}
    if method == "DELETE":
        args = {**args, "force": schema.boolean()}
    elif method != "GET":
        args = {**args, **resource.args}
    data = schema.accept({"id": call.record_id, **asked, **body}, args)
    record_id = int(data["id"] or 0)
    if not key.manages:
        _refuse_item(resource, method, record_id, key)
    match method:
        case "GET":
            return Reply(200, resource.show(resource.get(record_id), visit, str(asked.get("context", "view"))))
        case "DELETE":
            shown = resource.show(resource.get(record_id), visit, "edit")
            resource.delete(record_id, bool(data.get("force")), visit)
            return Reply(200, shown)
        case _:
            return Reply(200, resource.show(resource.update(record_id, data, visit), visit, "edit"))


def _refuse_item(resource: Resource, method: str, record_id: int, key: Key) -> None:
    if resource.hidden_when_absent:
        resource.found(record_id, 404 if method in ("GET", "DELETE") else 400)
    words = {
        "GET": ("view", "cannot view this resource"),
        "DELETE": ("delete", "are not allowed to delete this resource"),
    }
    _permit(key, *words.get(method, ("edit", "are not allowed to edit this resource")))


def _permit(key: Key, verb: str, deed: str) -> None:
    if key.manages:
        return
    message = deed if deed.startswith(("are ", "cannot ")) else f"cannot {deed}"
    raise Refused(f"woocommerce_rest_cannot_{verb}", f"Sorry, you {message}.", 401 if key is NOBODY else 403)


def _run_list(call: Call, asked: dict[str, Any], key: Key, visit: Visit) -> Reply:
    resource = call.resource
    if missing := sorted(resource.unserved & asked.keys()):
        raise NotServed(f"the parameter {', '.join(missing)} of {call.base_path}")
    given = schema.accept(asked, resource.params)
    _permit(key, "view", "list resources")
    params = {name: arg.default for name, arg in resource.params.items()} | given
    page = resource.search(params)
    shown = [resource.show(record, visit, params["context"]) for record in page.records]
    return Reply(200, shown, _paging(call, page, given, params, visit))


def _paging(call: Call, page: Page, given: Mapping[str, Any], params: Values, visit: Visit) -> dict[str, str]:
    """The links repeat the query as it was understood, and what the resource puts into it while answering."""
    own = ("status", "dp", "context")
    added = [name for name in own if name in call.resource.repeats and (page.records or name == "status")]
    repeated = {name: value for name, value in given.items() if name != "status" or "status" not in added}
    repeated |= {name: params[name] for name in added}
    here = f"{visit.base}{call.base_path}"
    number = params["page"]
    links = []
    if number > 1:
        links.append(f'<{here}?{query.write(repeated | {"page": min(number - 1, page.pages)})}>; rel="prev"')
    if page.pages > number:
        links.append(f'<{here}?{query.write(repeated | {"page": number + 1})}>; rel="next"')
    totals = {"x-wp-total": str(page.total), "x-wp-totalpages": str(page.pages)}
    return totals | ({"link": ", ".join(links)} if links else {})


def _body(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not request.body:
        return {}
    if kind == "application/json" or kind.endswith("+json"):
        try:
            value = json.loads(request.body)
        except ValueError as error:
            details = {"json_error_code": 4, "json_error_message": "Syntax error"}
            raise Refused("rest_invalid_json", "Invalid JSON body passed.", 400, details) from error
        return value if isinstance(value, dict) else {}
    return query.read(request.body.decode("utf-8", "replace")) if kind in ("", _FORM) else {}


def _trimmed(body: Any, request: Request) -> Any:
    """`_fields`: only the fields named, `a.b` for a part of one."""
    wanted = query.read(request.query).get("_fields")
    names = wanted if isinstance(wanted, list) else [part.strip() for part in str(wanted or "").split(",")]
    paths = [name.split(".") for name in names if name]
    if not paths:
        return body
    return [_picked(item, paths) for item in body] if isinstance(body, list) else _picked(body, paths)


def _picked(value: Any, paths: list[list[str]]) -> Any:
    if not isinstance(value, dict):
        return value
    picked: dict[str, Any] = {}
    for name, item in value.items():
        below = [path[1:] for path in paths if path[0] == name]
        if below:
            picked[name] = item if [] in below else _picked(item, below)
    return picked
