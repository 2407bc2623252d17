"""Webhooks: kept here, and told of what happens. What they would send waits until somebody asks for it."""

import base64
import copy
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.typeform import fields, ids, times
from higherself_sync.sandbox.typeform.errors import bad_payload, missing, no_form, no_webhook, wrong_type
from higherself_sync.sandbox.typeform.store import Delivery, Json, Store, Submission

_TYPES: Mapping[str, tuple[type, str]] = {
    "url": (str, "string"),
    "secret": (str, "string"),
    "enabled": (bool, "boolean"),
    "verify_ssl": (bool, "boolean"),
    "event_types": (dict, "object"),
}

_SETTINGS = ("partial_responses_to_all_integrations",)
_PICKED = ("id", "label", "ref")

_ORDER = (
    *("id", "form_id", "tag", "url", "enabled", "verify_ssl"),
    *("secret", "event_types", "created_at", "updated_at"),
)


def put(store: Store, form_id: str, tag: str, data: Any, now: datetime) -> Json:
    """Make it or change it; what is not sent stays. Raises Refused."""
    _check_form(store, form_id)
    _check(data)
    old = store.webhooks.get((form_id, tag))
    if old is None and "url" not in data:
        raise bad_payload(missing("", "url"))
    new = {"id": ids.ulid(store.random, now), "enabled": False, "verify_ssl": True, "created_at": times.micro(now)}
    made = (old or new) | {name: data[name] for name in _TYPES if name in data}
    made |= {"form_id": form_id, "tag": tag, "updated_at": times.micro(now)}
    store.webhooks[form_id, tag] = made
    return shown(made)


def get(store: Store, form_id: str, tag: str) -> Json:
    """Raises Refused (404)."""
    _check_form(store, form_id)
    if (form_id, tag) not in store.webhooks:
        raise no_webhook(tag)
    return shown(store.webhooks[form_id, tag])


def listed(store: Store, form_id: str) -> Json:
    """The newest first. Raises Refused (404)."""
    _check_form(store, form_id)
    found = [hook for key, hook in store.webhooks.items() if key[0] == form_id]
    return {"items": [shown(hook) for hook in sorted(found, key=lambda hook: str(hook["created_at"]), reverse=True)]}


def delete(store: Store, form_id: str, tag: str) -> None:
    """What a tag that is not there gets was never seen; here it is the same. Raises Refused (404) for a form."""
    _check_form(store, form_id)
    store.webhooks.pop((form_id, tag), None)


def shown(hook: Mapping[str, Any]) -> Json:
    """`secret` and `event_types` only where they were sent, as in the recordings."""
    return {name: copy.deepcopy(hook[name]) for name in _ORDER if name in hook}


def announce(store: Store, one: Submission, now: datetime) -> None:
    """A response was submitted, or a partial one saved: whoever wants to know is sent what it is now."""
    event = "form_response" if one.stage == "completed" else "form_response_partial"
    for (form_id, _), hook in store.webhooks.items():
        if form_id == one.form_id and hook["enabled"] and hook.get("event_types", {"form_response": True}).get(event):
            store.due.append(_delivery(store, hook, event, one, now))


def _check_form(store: Store, form_id: str) -> None:
    if not store.has(form_id):
        raise no_form(form_id)


def _check(data: Any) -> None:
    if not isinstance(data, dict):
        raise bad_payload(wrong_type("", "object"))
    found = [
        wrong_type(f"/{name}", told)
        for name, (wanted, told) in _TYPES.items()
        if name in data and not isinstance(data[name], wanted)
    ]
    if found:
        raise bad_payload(*found)


def _delivery(store: Store, hook: Json, event: str, one: Submission, now: datetime) -> Delivery:
    payload = {
        "event_id": ids.ulid(store.random, now),
        "event_type": event,
        "form_response": dict(_told(store, one)),
    }
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", "user-agent": "Typeform Webhooks"}
    if secret := hook.get("secret"):
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        headers["typeform-signature"] = f"sha256={base64.b64encode(digest).decode()}"
    return Delivery(hook["url"], headers, body)


def _told(store: Store, one: Submission) -> Iterator[tuple[str, Any]]:
    """A response as a webhook tells it, in the order of the documented example: no ids but the token, no metadata.

    There is no `calculated` where nothing is counted.
    """
    item = one.item
    yield "form_id", one.form_id
    yield from ((name, item[name]) for name in ("token", "submitted_at", "landed_at") if name in item)
    if item.get("variables") or item.get("calculated", {}).get("score"):
        yield "calculated", item.get("calculated", {})
    yield from ((name, item[name]) for name in ("variables", "hidden") if item.get(name))
    form = store.forms[one.form_id].body
    screens = form.get("thankyou_screens", [])
    yield "definition", _definition(form, screens)
    yield "answers", [_answer(answer) for answer in item["answers"]]
    ending = next((each for each in screens if each["ref"] == item.get("thankyou_screen_ref")), None)
    if ending:
        yield "ending", {"id": ending["id"], "ref": ending["ref"]}


def _definition(form: Json, screens: list[Json]) -> Json:
    """Of the form's settings one is told, where it has that."""
    asked = [_defined(field) for field in fields.questions(form["fields"])]
    told = {name: form["settings"][name] for name in _SETTINGS if name in form["settings"]}
    made = {"id": form["id"], "title": form["title"], "fields": asked, "endings": screens}
    return made | ({"settings": told} if told else {})


def _defined(field: Json) -> Json:
    """The choices stand beside the properties, which are empty."""
    choices = field.get("properties", {}).get("choices")
    shown = {name: field[name] for name in ("id", "ref", "title", "type")} | {"properties": {}}
    return shown | ({"choices": choices} if choices else {})


def _answer(answer: Json) -> Json:
    """A date has no time here, and of a choice the label comes before the ref."""
    match answer["type"]:
        case "date":
            return answer | {"date": answer["date"][:10]}
        case "choice" if isinstance(answer["choice"], dict):
            picked = answer["choice"]
            return answer | {"choice": {name: picked[name] for name in _PICKED if name in picked} | picked}
        case _:
            return answer
