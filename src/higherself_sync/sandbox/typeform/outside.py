"""What happens outside the API: somebody answers a form, an author edits one, a recorded account is taken in."""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from higherself_sync.sandbox.typeform import fields, form_list, forms, ids, times, webhooks
from higherself_sync.sandbox.typeform.answers import Place, answers
from higherself_sync.sandbox.typeform.store import STAGES, Form, Json, Store

STREAMS = ("forms", "responses", "webhooks")
_TAKEN = (
    "form_id",
    "answers",
    "hidden",
    "response_type",
    "variables",
    "outcome",
    "calculated",
    "landed_at",
    "metadata",
)
_FILLING = timedelta(seconds=75)
"""How long a form takes, where it is not told when it was opened."""


def add_response(store: Store, data: Mapping[str, Any], now: datetime, dropdown: str) -> Json:
    """`{"form_id", "answers": {ref: value}, "hidden": {name: text}, "response_type"}` and what else a response has.

    Raises KeyError for a form that is not there, ValueError for what the form does not take.
    """
    if unknown := sorted(data.keys() - set(_TAKEN)):
        raise ValueError(f"a response has no {', '.join(unknown)}; it takes {', '.join(_TAKEN)}")
    form = _form(store, str(data.get("form_id", "")))
    token = ids.token(store.random)
    landed = data.get("landed_at") or times.second(now - _FILLING)
    place = Place(form.body["id"], token, dropdown)
    item: Json = {"landing_id": token, "token": token, "response_id": token}
    item |= {"response_type": "completed", "landed_at": landed, "submitted_at": times.NEVER}
    item |= {"metadata": data.get("metadata") or _browser(store, form), "hidden": {}, "calculated": {"score": 0}}
    item["answers"] = []
    return _stage(store, form, item, data, place, now)


def change_response(store: Store, token: str, data: Mapping[str, Any], now: datetime, dropdown: str) -> Json:
    """More answers to one that is not completed, `{"response_type": "completed"}` among them, or `{"deleted": true}`.

    Raises KeyError for one that is not there, ValueError for a completed one, which never changes.
    """
    old = store.found(token)
    if data.get("deleted"):
        store.remove(old)
        return copy.deepcopy(old.item)
    if old.stage == "completed":
        raise ValueError("a completed response never changes; it can only be deleted")
    if unknown := sorted(data.keys() - {"answers", "hidden", "response_type", "variables", "outcome", "calculated"}):
        raise ValueError(f"{', '.join(unknown)} of a response cannot be changed")
    form = _form(store, old.form_id)
    as_partial = {"response_type": "partial" if old.stage == "started" else old.stage}
    return _stage(
        store, form, copy.deepcopy(old.item), as_partial | dict(data), Place(old.form_id, token, dropdown), now
    )


def _stage(store: Store, form: Form, item: Json, data: Mapping[str, Any], place: Place, now: datetime) -> Json:
    """The response with what `data` adds to it, kept, and told to the webhooks."""
    stage = data.get("response_type", "completed")
    if stage not in STAGES:
        raise ValueError(f"response_type is one of {', '.join(STAGES)}, not {stage!r}")
    item |= {name: copy.deepcopy(data[name]) for name in ("calculated", "variables", "outcome") if name in data}
    item["response_type"] = stage
    if stage != "started":
        given = answers(form.body["fields"], data.get("answers") or {}, place)
        item["answers"] = _merged(form.body["fields"], item["answers"], given)
        item["hidden"] = _hidden(form, item["hidden"] | dict(data.get("hidden") or {}))
    if stage == "partial":
        item["staged_at"] = times.second(now)
    if stage == "completed":
        item["submitted_at"] = times.second(now)
        if screens := form.body.get("thankyou_screens"):
            item["thankyou_screen_ref"] = screens[0]["ref"]
    made = store.put(form.body["id"], item, now)
    if stage != "started":
        webhooks.announce(store, made, now)
    return copy.deepcopy(item)


def _merged(form_fields: Iterable[Json], old: Sequence[Json], new: Sequence[Json]) -> list[Json]:
    """New answers take the place of old ones; in the form's order, then those to questions that it no longer asks."""
    by_id = {answer["field"]["id"]: answer for answer in (*old, *new)}
    asked = [by_id.pop(field["id"]) for field in fields.questions(form_fields) if field["id"] in by_id]
    return [*asked, *by_id.values()]


def _hidden(form: Form, given: Mapping[str, Any]) -> Json:
    """All that the form declares, "" where the link to it had none."""
    declared = form.body.get("hidden", [])
    for name, value in given.items():
        if name not in declared or not isinstance(value, str):
            raise ValueError(f"hidden {name!r} is not declared by the form, or is no text")
    return {name: given.get(name, "") for name in declared}


def _form(store: Store, form_id: str) -> Form:
    if form_id not in store.forms or not store.forms[form_id].is_whole:
        raise KeyError(f"forms/{form_id}")
    return store.forms[form_id]


def _browser(store: Store, form: Form) -> Json:
    return {
        "user_agent": "Mozilla/5.0 (made up)",
        "platform": "other",
        "referer": form.body["_links"]["display"],
        "network_id": f"{store.random.getrandbits(40):010x}",
        "browser": "default",
    }


# A recorded account


def load(store: Store, objects: Mapping[str, Any], now: datetime) -> None:
    """`{"forms": […], "responses": […], "webhooks": […]}` as the API gave them, the newest first; `me` is one object.

    Responses are `{form_id: […]}`, or a list with a `form_id` in each, as webhooks have by themselves. Raises KeyError
    for another stream, ValueError for an object that lacks what it is known by.
    """
    if unknown := sorted(objects.keys() - {*STREAMS, "me"}):
        raise KeyError(f"{', '.join(unknown)}; there are {', '.join(STREAMS)} and me")
    if "me" in objects:
        told = objects["me"]
        store.me = dict(told[0] if isinstance(told, list) else told)
    for body in objects.get("forms", ()):
        _load_form(store, body, now)
    responses = objects.get("responses", ())
    for form_id in responses if isinstance(responses, Mapping) else ():
        store.responses.setdefault(form_id, {})  # an empty list is the list of a form that is there
    for form_id, item in reversed([*_by_form(responses)]):
        store.put(form_id, copy.deepcopy(dict(item)))
    for hook in objects.get("webhooks", ()):
        store.webhooks[hook["form_id"], hook["tag"]] = copy.deepcopy(dict(hook))


def _by_form(given: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(given, Mapping):
        for form_id, items in given.items():
            yield from ((form_id, item) for item in items)
        return
    for item in given:
        if "form_id" not in item:
            raise ValueError("a response in a list needs its form_id")
        yield item["form_id"], {name: value for name, value in item.items() if name != "form_id"}


def _load_form(store: Store, body: Mapping[str, Any], now: datetime) -> None:
    """One from a list tells the fraction of its times, but no questions: it never takes the place of a whole one."""
    if missing := [name for name in ("id", "title", "settings") if name not in body]:
        raise ValueError(f"a form has {', '.join(missing)}")
    old, is_whole = store.forms.get(body["id"]), "fields" in body
    created, updated = (times.read(body[name]) if name in body else now for name in ("created_at", "last_updated_at"))
    if old:
        created, updated = _finer(old.created, created), _finer(old.updated, updated)
    kept = old.body if old and old.is_whole and not is_whole else copy.deepcopy(dict(body))
    store.forms[body["id"]] = Form(kept, created, updated, is_whole or bool(old and old.is_whole))


def _finer(one: datetime, other: datetime) -> datetime:
    """Of two that differ by no more than a fraction the one that has it; else the second."""
    same = one.replace(microsecond=0) == other.replace(microsecond=0)
    return max(one, other) if same else other


def dump(store: Store) -> dict[str, list[Any]]:
    """All that is held, as the API shows it, each response with its `form_id`; `load` takes it in again."""
    newest_first = sorted(store.all(), key=lambda one: one.order, reverse=True)
    return {
        "forms": [forms.shown(form) if form.is_whole else form_list.listed(form) for form in store.forms.values()],
        "responses": [{"form_id": one.form_id, **copy.deepcopy(one.item)} for one in newest_first],
    }


def remove_form(store: Store, form_id: str) -> Json:
    """By its author, with all that hangs on it. Raises KeyError."""
    if form_id not in store.forms:
        raise KeyError(f"forms/{form_id}")
    body = copy.deepcopy(store.forms[form_id].body)
    store.forget(form_id)
    return body
