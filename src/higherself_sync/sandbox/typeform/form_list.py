"""`GET /forms`: the account's forms in short."""

from collections.abc import Iterator

from higherself_sync.sandbox.typeform import times
from higherself_sync.sandbox.typeform.errors import bad_parameter
from higherself_sync.sandbox.typeform.forms import API, shown
from higherself_sync.sandbox.typeform.parameters import Parameters
from higherself_sync.sandbox.typeform.store import Form, Json, Store


def page(store: Store, given: Parameters) -> Json:
    """The list, newest first unless it is asked for otherwise. Raises Refused."""
    number, size = given.whole("page", 1, None), given.whole("page_size", 10, 200)
    orders = {"sort_by": ("created_at", "last_updated_at"), "order_by": ("desc", "asc")}
    chosen = {name: given.one_of(name, *values) for name, values in orders.items()}
    found = sorted(
        _searched(store, given),
        key=lambda form: form.created if chosen["sort_by"] == "created_at" else form.updated,
        reverse=chosen["order_by"] == "desc",
    )
    start = (number - 1) * size
    items = [listed(form) for form in found[start : start + size]]
    return {"total_items": len(found), "page_count": -(-len(found) // size), "items": items}


def _searched(store: Store, given: Parameters) -> Iterator[Form]:
    title, workspace, public = given.get("search"), given.get("workspace_id"), given.get("is_public")
    if public not in (None, "true", "false"):
        raise bad_parameter("is_public", "should be true or false")
    for form in store.forms.values():
        place = form.body.get("workspace", {}).get("href", "")
        if (
            (title is None or title.casefold() in form.body["title"].casefold())
            and (workspace is None or place.endswith(f"/{workspace}"))
            and (public is None or form.body["settings"]["is_public"] is (public == "true"))
        ):
            yield form


def listed(form: Form) -> Json:
    """As `GET /forms` gives it."""
    body = shown(form)
    form_id, settings = body["id"], body["settings"]
    return {
        "id": form_id,
        "type": body["type"],
        "title": body["title"],
        "last_updated_at": times.micro(form.updated),
        "created_at": times.micro(form.created),
        "settings": {name: settings[name] for name in ("is_public", "is_trial")},
        "self": {"href": f"{API}/forms/{form_id}"},
        "theme": body["theme"],
        "_links": {"display": body["_links"]["display"], "responses": f"{API}/forms/{form_id}/responses"},
    }
