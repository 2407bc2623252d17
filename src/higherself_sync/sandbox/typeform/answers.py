"""What a respondent gave, as the API shows it: `{"field": {id, type, ref}, "type": T, T: value}` for each answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from higherself_sync.sandbox.typeform import fields, times
from higherself_sync.sandbox.typeform.store import Json


@dataclass(frozen=True, slots=True)
class Place:
    """Where answers are given; `dropdown` is the type of a dropdown's answer, "choice" or "text"."""

    form_id: str
    token: str
    dropdown: str


def answers(form_fields: Sequence[Json], given: Mapping[str, Any], place: Place) -> list[Json]:
    """In the form's order; what was skipped is missing.

    A question is named by its ref or its id, and where questions share a ref the first of them is meant. Questions
    within a group (contact_info, address, matrix) are named like others, or in an object of their own under the group's
    name; either way their answers stand among the others. Raises ValueError for what the form would not take.
    """
    left = dict(given)
    found = list(_found(form_fields, left, place))
    if left:
        raise ValueError(f"the form {place.form_id} has no question {', '.join(map(repr, left))}")
    return found


def _found(form_fields: Sequence[Json], left: dict[str, Any], place: Place) -> Iterator[Json]:
    """Takes out of `left` what it used."""
    for field in form_fields:
        key = next((name for name in (field["id"], field["ref"]) if name in left), None)
        value = None if key is None else left.pop(key)
        within = fields.inner(field)
        if within and isinstance(value, Mapping):
            yield from answers(within, value, place)
        elif within and value is None:
            yield from _found(within, left, place)
        elif value is not None:
            kind, shown = _value(field, value, place)
            named = {name: field[name] for name in ("id", "type", "ref")}
            yield {"field": named, "type": kind, kind: shown}


def _value(field: Json, value: Any, place: Place) -> tuple[str, Any]:
    """The type of the answer and what stands under it."""
    kind = field["type"]
    match kind:
        case "short_text" | "long_text":
            return "text", _of(field, value, str)
        case "email" | "phone_number":
            return kind, _of(field, value, str)
        case "website" | "calendly":
            return "url", _of(field, value, str)
        case "number" | "rating" | "opinion_scale" | "nps":
            return "number", _of(field, value, int, float)
        case "yes_no" | "legal":
            return "boolean", _of(field, value, bool)
        case "date":
            return "date", times.answered(_of(field, value, str))
        case "dropdown" if place.dropdown == "text":
            return "text", _pick(field, value)["label"]
        case "dropdown":
            return "choice", _pick(field, value)
        case "multiple_choice" | "picture_choice":
            if field.get("properties", {}).get("allow_multiple_selection"):
                return "choices", _picks(field, value)
            return "choice", _pick(field, value)
        case "ranking":
            return "choices", _picks(field, value)
        case "checkbox":
            return "choices", [_pick(field, each, "id", "label", "ref") for each in _of(field, value, list)]
        case "file_upload":
            path = f"forms/{place.form_id}/responses/{place.token}/fields/{field['id']}/files"
            return "file_url", f"https://api.typeform.com/{path}/{_of(field, value, str)}"
        case "payment" | "signature" | "multi_format":
            return kind, dict(_of(field, value, dict))
        case _:
            raise ValueError(f"{field['ref']!r} is a {kind}, which has no answer that is known")


def _of(field: Json, value: Any, *wanted: type) -> Any:
    """True is a whole number to Python, but not to a form."""
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        raise ValueError(f"{field['ref']!r} is a {field['type']} and takes no {value!r}")
    return value


def _pick(field: Json, value: Any, *order: str) -> Json:
    """A choice by its label, ref or id; where people may write their own, any other text, or `{"other": text}`."""
    properties = field.get("properties", {})
    for choice in properties.get("choices", []):
        if value in (choice.get("label"), choice.get("ref"), choice.get("id")):
            return {name: choice[name] for name in order or ("id", "ref", "label") if name in choice}
    written = value.get("other") if isinstance(value, Mapping) else value
    if properties.get("allow_other_choice") and isinstance(written, str):
        return {"other": written}
    raise ValueError(f"{field['ref']!r} has no choice {value!r}")


def _picks(field: Json, value: Any) -> Json:
    """In the respondent's order, and what was written last."""
    picked = [_pick(field, each) for each in _of(field, value, list)]
    shown: Json = {f"{name}s": [pick[name] for pick in picked if name in pick] for name in ("id", "ref", "label")}
    others = [pick["other"] for pick in picked if "other" in pick]
    return {name: found for name, found in shown.items() if found} | ({"other": others[-1]} if others else {})
