"""The intake forms of an appointment: which they are, what was answered, and the text that is made of it all."""

from collections.abc import Mapping, Sequence
from typing import Any

from higherself_sync.sandbox.acuity import account, phones
from higherself_sync.sandbox.acuity.errors import Refused
from higherself_sync.sandbox.acuity.store import Record, Store, whole

_RULE = "============"


def read(given: Any, forms: Sequence[Record]) -> dict[int, str]:
    """`fields` of a body as {field id: value}; a value is text whatever was sent. Raises Refused for an unknown one."""
    known = {field["id"] for form in forms for field in form["fields"]}
    answers: dict[int, str] = {}
    for entry in given if isinstance(given, list) else []:
        asked = entry.get("id") if isinstance(entry, Mapping) else None
        number = whole(asked)
        if number is None or number not in known:
            shown = "" if asked is None else asked
            raise Refused("invalid_fields", f'The field "{shown}" does not exist on this appointment.')
        answers[number] = _text(entry.get("value"))
    return answers


def require(answers: Mapping[int, str], forms: Sequence[Record]) -> None:
    """Raises Refused where a required field has no answer. Nobody is shown a hidden form."""
    for field in (field for form in forms if not form["hidden"] for field in form["fields"]):
        if field["required"] and not answers.get(field["id"]):
            raise Refused("required_field", f'The field "{field["id"]}" is required.')


def of(appointment: Record) -> dict[int, str]:
    return {entry["fieldID"]: entry["value"] for form in appointment["forms"] or () for entry in form["values"]}


def forms_of(store: Store, forms: Sequence[Record], answers: Mapping[int, str], before: Sequence[Record]) -> list[Any]:
    """The `forms` of a record, each with all its fields; an answer that was there `before` keeps its id."""
    ids = {entry["fieldID"]: entry["id"] for form in before for entry in form["values"]}
    return [
        {
            "id": form["id"],
            "name": form["name"],
            "values": [
                {
                    "value": answers.get(field["id"], ""),
                    "name": field["name"],
                    "fieldID": field["id"],
                    "id": ids.get(field["id"]) or store.next_id("answers"),
                }
                for field in form["fields"]
            ],
        }
        for form in forms
    ]


def text(me: Record, appointment: Record) -> str:
    """`formsText`: who, what it costs unless it is free, where, and every answer."""
    lines = [
        f"Name: {appointment['firstName']} {appointment['lastName']}\n",
        f"Phone: {phones.shown(appointment['phone'])}\n",
        f"Email: {appointment['email']}\n",
    ]
    if float(appointment["price"]):
        lines.append(f"Price: {account.priced(me, appointment['price'])}\n")
    if appointment["location"]:
        lines.append(f"\nLocation\n{_RULE}\n{appointment['location'].rstrip()}\n")
    for form in appointment["forms"] or ():
        answers = "".join(f"{entry['name']}: {entry['value']}\n\n" for entry in form["values"])
        lines.append(f"\n\n{form['name']}\n{_RULE}\n{answers}")
    return "".join(lines)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_text(each) for each in value)
        case _:
            return str(value)
