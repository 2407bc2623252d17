"""Forms: made, overwritten, patched, edited and shown."""

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.typeform import fields, ids, times
from higherself_sync.sandbox.typeform.errors import NotServed, bad_payload, missing, wrong_type
from higherself_sync.sandbox.typeform.store import Form, Json, Store

API = "https://api.typeform.com"
"""Addresses in answers name the real hosts, as ids do: nothing is to be fetched from them."""

WORKSPACE = {"href": f"{API}/workspaces/hsnBox"}
THEME = {"href": f"{API}/themes/qHWOQ7"}
"""Typeform's default theme, in every recorded account."""

SETTINGS: Json = {
    "language": "en",
    "progress_bar": "proportion",
    "meta": {"allow_indexing": False},
    "hide_navigation": False,
    "is_public": True,
    "is_trial": False,
    "show_progress_bar": True,
    "show_typeform_branding": True,
    "are_uploads_public": False,
    "show_time_to_complete": True,
    "show_number_of_submissions": False,
    "show_cookie_consent": False,
    "show_question_number": True,
    "hide_required_indicator": False,
    "show_key_hint_on_choices": True,
    "autosave_progress": True,
    "free_form_navigation": False,
    "use_lead_qualification": False,
    "pro_subdomain_enabled": False,
    "email_consent_notifications_config": {"send_email_copy": True},
    "auto_translate": True,
    "partial_responses_to_all_integrations": True,
}
DEFAULT_ENDING: Json = {
    "id": "DefaultTyScreen",
    "ref": "default_tys",
    "title": "Thanks for completing this typeform\nNow *create your own* — it's free, easy, & beautiful",
    "type": "thankyou_screen",
    "properties": {
        "show_button": True,
        "share_icons": False,
        "button_mode": "default_redirect",
        "button_text": "Create a *typeform*",
    },
    "attachment": {"type": "image", "href": "https://public-assets.typeform.com/public/admin/2dpnUBBkz2VN.gif"},
}
DATES = ("created_at", "last_updated_at", "published_at")
_TYPES: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "title": (str, "string"),
    "settings": (dict, "object"),
    "workspace": (dict, "object"),
    "theme": ((dict, type(None)), "object,null"),
    "hidden": (list, "array"),
    "variables": (dict, "object"),
    "logic": (list, "array"),
}
_SCREENS = ("welcome_screens", "thankyou_screens")
# The paths that the documentation lists; of these no form does without the first.
_NEEDED = ("/title", "/theme", "/workspace", "/settings/is_public", "/settings/meta")
_PATCHED = (
    *_NEEDED,
    *("/settings/facebook_pixel", "/settings/google_analytics"),
    *("/settings/google_tag_manager", "/settings/enrichment_in_renderer"),
)


def check(data: Any) -> None:
    """Raises Refused with everything that is wrong with a form sent by its author."""
    if not isinstance(data, dict):
        raise bad_payload(wrong_type("", "object"))
    found = [] if "title" in data else [missing("", "title")]
    found += [
        wrong_type(f"/{name}", told)
        for name, (wanted, told) in _TYPES.items()
        if name in data and not isinstance(data[name], wanted)
    ]
    found += [wrong for name in _SCREENS for wrong in fields.not_objects(data.get(name, []), f"/{name}")]
    if found := [*found, *fields.problems(data.get("fields", []))]:
        raise bad_payload(*found)


def make(store: Store, data: Any, now: datetime, form_id: str = "") -> Form:
    """A new form, from the body of its POST. Raises Refused."""
    check(data)
    form_id = form_id or ids.form_id(store.random)
    dates = {"created_at": times.offset(now), "last_updated_at": times.offset(now)}
    body = _body(store, form_id, data, now, frozenset(), WORKSPACE)
    links = body.pop("_links")
    return _kept(store, Form(body | dates | {"_links": links}, now, now))


def overwrite(store: Store, form_id: str, data: Any, now: datetime) -> Form:
    """PUT: what is not sent is gone, but the workspace. Questions that come with their id keep it. Raises Refused."""
    old = store.forms.get(form_id) or store.form(form_id)
    check(data)
    known = frozenset(fields.every_id(old.body.get("fields", [])))
    body = _body(store, form_id, data, now, known, old.body.get("workspace", WORKSPACE))
    links = body.pop("_links")
    dates = {"created_at": times.offset(old.created), "last_updated_at": times.offset(now)}
    return _kept(store, Form(body | dates | {"_links": links}, old.created, now))


def patch(store: Store, form_id: str, operations: Any, now: datetime) -> None:
    """A list of `{"op", "path", "value"}`. Raises Refused, and NotServed for a path that the documentation has not."""
    form = store.forms.get(form_id) or store.form(form_id)
    if not isinstance(operations, list):
        raise bad_payload(wrong_type("", "array"))
    body = copy.deepcopy(form.body)
    for n, operation in enumerate(operations):
        if not isinstance(operation, dict):
            raise bad_payload(wrong_type(f"/{n}", "object"))
        path, op = operation.get("path"), operation.get("op")
        if path not in _PATCHED or op not in ("add", "remove", "replace") or (op == "remove" and path in _NEEDED):
            raise NotServed(f"the patch {op} {path}")
        *above, name = path.strip("/").split("/")
        if not above and op != "remove":
            check({"title": "", name: operation.get("value")})
        target = body[above[0]] if above else body
        if op == "remove":
            target.pop(name, None)
        else:
            target[name] = operation.get("value")
    _kept(store, form.changed(body, now))


def edit(store: Store, form_id: str, data: Mapping[str, Any], now: datetime) -> Form:
    """By its author in the builder: what is given is changed, the rest stays. Raises Refused and KeyError."""
    if form_id not in store.forms:
        raise KeyError(f"forms/{form_id}")
    form = store.forms[form_id]
    given = {name: copy.deepcopy(value) for name, value in data.items() if name not in ("id", *DATES)}
    check({"title": "", **given})
    if "settings" in given:
        given["settings"] = form.body["settings"] | given["settings"]
    if "fields" in given:
        known = frozenset(fields.every_id(form.body.get("fields", [])))
        given["fields"] = [fields.complete(each, store.random, now, known) for each in given["fields"]]
    return _kept(store, form.changed(form.body | given, now))


def shown(form: Form) -> Json:
    """As `GET /forms/{id}` gives it."""
    return copy.deepcopy(form.body)


def written(form: Form) -> Json:
    """As a write answers: without the dates."""
    return {name: value for name, value in shown(form).items() if name not in DATES}


def _body(
    store: Store, form_id: str, data: Json, now: datetime, known: frozenset[str], workspace: Mapping[str, Any]
) -> Json:
    """In the order of the recordings; where `hidden` and `variables` stand was never seen."""
    data = copy.deepcopy(data)
    endings = [_screen(store, each, now) | {"type": "thankyou_screen"} for each in data.get("thankyou_screens", [])]
    if all(ending["ref"] != DEFAULT_ENDING["ref"] for ending in endings):
        endings.append(copy.deepcopy(DEFAULT_ENDING))
    body: Json = {
        "id": form_id,
        "type": data.get("type", "quiz"),
        "title": data["title"],
        "workspace": data.get("workspace") or dict(workspace),
        "theme": data.get("theme") or dict(THEME),
        "settings": copy.deepcopy(SETTINGS) | data.get("settings", {}),
        "thankyou_screens": endings,
    }
    if data.get("welcome_screens"):
        body["welcome_screens"] = [_screen(store, each, now) for each in data["welcome_screens"]]
    body["fields"] = [fields.complete(each, store.random, now, known) for each in data.get("fields", [])]
    body |= {name: data[name] for name in ("hidden", "logic", "variables") if data.get(name)}
    display = f"https://form.typeform.com/to/{form_id}"
    return body | {"_links": {"display": display, "responses": f"{API}/forms/{form_id}/responses"}}


def _screen(store: Store, given: Mapping[str, Any], now: datetime) -> Json:
    named = {"id": ids.part_id(store.random), "ref": ids.ulid(store.random, now), "title": ""}
    return named | dict(given)


def _kept(store: Store, form: Form) -> Form:
    store.forms[form.body["id"]] = form
    return form
