"""What happens outside the API: visitors answer a survey, the administrator makes, changes, trashes and deletes.

Read: `UserFeedback_Frontend::save_survey_response` and its validation, `UserFeedback_DB::create`.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox import php, wordpress
from higherself_sync.sandbox.userfeedback.lists import STATUSES
from higherself_sync.sandbox.userfeedback.results import CHOICES
from higherself_sync.sandbox.userfeedback.store import SURVEY, Record, Store
from higherself_sync.sandbox.woocommerce.schema import is_email

BROWSER = {"user_browser": "Chrome 120.0", "user_os": "Windows 10", "user_device": "Desktop"}
LONGEST = 400
"""Bytes of one answer."""

_SCRIPT = re.compile(r"<(script|style)[^>]*?>.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_OCTET = re.compile(r"%[a-fA-F0-9]{2}")


def add(store: Store, stream: str, data: Mapping[str, Any], now: datetime) -> Record:
    """Raises KeyError for an unknown stream or survey, ValueError for what the plugin does not take."""
    match stream:
        case "surveys":
            return _make_survey(store, data, now)
        case "responses":
            return _answer(store, data, now)
        case _:
            raise KeyError(stream)


def change(store: Store, stream: str, record_id: str, data: Mapping[str, Any]) -> Record:
    """`{"status": "trash"}` throws away, `{"deleted": true}` deletes for good; a response knows no other change.

    Gives back the record, a deleted one as it was. Raises KeyError for what is not there, ValueError for the rest.
    """
    table = store.table(stream)
    number = int(record_id) if record_id.isdecimal() else 0
    if number not in table:
        raise KeyError(f"{stream}/{record_id}")
    record = table[number]
    if data.get("deleted") is True:
        store.remove(stream, number)
        return record
    changes = {name: value for name, value in data.items() if name not in ("id", "deleted")}
    known = ("status",) if stream == "responses" else tuple(SURVEY)
    if unknown := sorted(changes.keys() - set(known)):
        raise ValueError(f"nobody can change {', '.join(unknown)} of {stream}")
    if changes.get("status", record["status"]) not in STATUSES:
        raise ValueError(f"status is one of {', '.join(STATUSES)}")
    changes = {name: _stored(name, value) for name, value in changes.items()}
    _objects(changes.get("questions"), "id")
    return store.put(stream, record | changes)


def _make_survey(store: Store, data: Mapping[str, Any], now: datetime) -> Record:
    if unknown := sorted(data.keys() - set(SURVEY)):
        raise ValueError(f"a survey has no {', '.join(unknown)}")
    given = {name: _stored(name, value) for name, value in data.items() if name != "id"}
    _objects(given.get("questions"), "id")
    title = given.get("title") or f"Survey #{len(store.surveys) + 1}"
    return store.insert("surveys", {**given, "title": title, "created_at": wordpress.local(now)})


def _stored(column: str, value: Any) -> Any:
    """PHP reads an empty JSON object as an empty list and writes it so; only a column of its own keeps its braces."""
    if column in ("settings", "notifications") and value == {}:
        return {}
    return _without_braces(value)


def _without_braces(value: Any) -> Any:
    match value:
        case dict():
            return {name: _without_braces(item) for name, item in value.items()} or []
        case list():
            return [_without_braces(item) for item in value]
        case _:
            return value


def _answer(store: Store, data: Mapping[str, Any], now: datetime) -> Record:
    survey = store.surveys.get(int(str(data.get("survey_id") or 0)))
    if survey is None:
        raise KeyError(f"surveys/{data.get('survey_id')}")
    if survey["status"] != "publish":
        raise ValueError("Survey is not available at the moment.")
    questions = {question["id"]: question for question in survey["questions"] or ()}
    answers = _objects(data.get("answers"), "question_id")
    for answer in answers:
        _check(answer.get("value"), questions.get(answer["question_id"], {}))
    return store.insert(
        "responses",
        {
            **BROWSER,
            **{name: data[name] for name in ("page_submitted", "user_ip", *BROWSER) if name in data},
            "survey_id": survey["id"],
            "answers": [_cleaned(answer) for answer in answers],
            "submitted_at": wordpress.local(now),
        },
    )


def _objects(value: Any, key: str) -> list[Record]:
    """A list of objects that each have `key`; nothing is an empty one."""
    things = value or []
    if not isinstance(things, list) or not all(isinstance(thing, dict) and key in thing for thing in things):
        raise ValueError(f"expected a list of objects with {key}")
    return things


def _check(value: Any, question: Mapping[str, Any]) -> None:
    """Numbers of stars and of NPS are not checked in lite."""
    kind = question.get("type")
    if isinstance(value, list):
        if kind != "checkbox":
            raise ValueError(f"Question [{question.get('id')}] can't take an array as value.")
        for item in value:
            _check(item, question)
        return
    if value is None:
        return
    if len(str(value).encode()) > LONGEST:
        raise ValueError("Value exceeds 400 characters.")
    config = question.get("config")
    options = config.get("options", ()) if isinstance(config, Mapping) else ()
    if kind in CHOICES and not any(php.same(value, option) for option in options):
        raise ValueError(f'Value "{value}" is not allowed')
    if kind == "email" and not is_email(str(value)):
        raise ValueError("The provided email is not valid")


def _cleaned(answer: Mapping[str, Any]) -> Record:
    """Values keep the type that the browser sent, but for fractions; what is chosen from a list becomes text."""
    kept = {"question_id": answer["question_id"], "value": _cleaned_value(answer.get("value"))}
    if extra := answer.get("extra"):
        kept["extra"] = {name: cleaned(str(value)) for name, value in extra.items()}
    return kept


def _cleaned_value(value: Any) -> Any:
    match value:
        case str():
            return cleaned(value)
        case bool():
            return None
        case int() | float():
            return int(value)
        case [_, *_]:
            return [cleaned(str(item)) for item in value]
        case _:
            return None


def cleaned(text: str) -> str:
    """One line without markup, as `sanitize_text_field` leaves it."""
    plain = _TAG.sub("", _SCRIPT.sub("", text)).replace("<", "&lt;")
    plain = re.sub(r"[\r\n\t ]+", " ", plain).strip()
    while _OCTET.search(plain):
        plain = re.sub(r" +", " ", _OCTET.sub("", plain)).strip()
    return plain
