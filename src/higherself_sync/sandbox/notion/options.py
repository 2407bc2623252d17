"""Option lists of select, multi_select and status columns."""

from typing import Any

from .errors import invalid, misfit, missing
from .ids import Ids
from .store import Json

COLOURS = ["gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"]
_MOST = 100
_LONGEST = 100
_GROUPS = (("To-do", "gray"), ("In progress", "blue"), ("Complete", "green"))
_DEFAULT_STATUS = (("Not started", "default"), ("In progress", "blue"), ("Done", "green"))


def make(ids: Ids, name: str) -> Json:
    """A new option that a page write brought along, in a colour that Notion picks."""
    return {"id": ids.uuid(), "name": name, "color": ids.choice(COLOURS), "description": None}


def check_name(name: str, place: str) -> None:
    """Raises ApiError."""
    if "," in name:
        raise invalid(f"Invalid select option, commas not allowed: {name}")
    if len(name) > _LONGEST:
        raise misfit(f"{place}.length", f"≤ `{_LONGEST}`", len(name))


def find(options: list[Json], wanted: Json) -> Json | None:
    """The option that has the wanted id, else the wanted name, ignoring case."""
    if isinstance(wanted.get("id"), str):
        found = next((one for one in options if one["id"] == wanted["id"]), None)
        if found is not None or not isinstance(wanted.get("name"), str):
            return found
    folded = wanted["name"].casefold()
    return next((one for one in options if one["name"].casefold() == folded), None)


def replaced(ids: Ids, old: list[Json], given: object, place: str) -> list[Json]:
    """The list sent takes the place of the old one; kept options are known by id or name. Raises ApiError."""
    if not isinstance(given, list):
        raise misfit(place, "an array", given)
    if len(given) > _MOST:
        raise misfit(f"{place}.length", f"≤ `{_MOST}`", len(given))
    made = [_read(ids, old, one, f"{place}[{index}]") for index, one in enumerate(given)]
    if len({one["name"].casefold() for one in made}) < len(made):
        raise invalid("Select option names must be unique, ignoring case.")
    return made


def _read(ids: Ids, old: list[Json], given: object, place: str) -> Json:
    if not isinstance(given, dict):
        raise misfit(place, "an object", given)
    if not isinstance(given.get("name", ""), str):
        raise misfit(f"{place}.name", "a string", given["name"])
    known = find(old, given) if "name" in given or isinstance(given.get("id"), str) else None
    if known is None and "name" not in given:
        raise missing(f"{place}.name")
    check_name(given.get("name") or "", f"{place}.name")
    if known is not None and given.get("color") not in (None, known["color"]):
        raise invalid(f"Cannot update color of select with name: {known['name']}")
    changes = {key: given[key] for key in ("name", "color", "description") if given.get(key) is not None}
    base = known or {"id": ids.uuid(), "name": given["name"], "color": "default", "description": None}
    return base | changes


def status(ids: Ids, config: Json, place: str) -> Json:
    """A status column's configuration: its options, or the three that Notion starts with. Raises ApiError."""
    if config.get("options"):
        options = replaced(ids, [], config["options"], f"{place}.options")
        return {"options": options, "groups": grouped(_groups(ids), options, config["options"])}
    options = [{"id": ids.uuid(), "name": name, "color": color, "description": None} for name, color in _DEFAULT_STATUS]
    groups = [group | {"option_ids": [one["id"]]} for group, one in zip(_groups(ids), options, strict=True)]
    return {"options": options, "groups": groups}


def _groups(ids: Ids) -> list[Json]:
    return [{"id": ids.uuid(), "name": name, "color": color, "option_ids": []} for name, color in _GROUPS]


def extended(ids: Ids, config: Json, given: object, place: str) -> Json:
    """A status column after an update: options are added, none is lost. Raises ApiError."""
    sent = replaced(ids, config["options"], given, place)
    known = {one["id"] for one in sent}
    options = sent + [one for one in config["options"] if one["id"] not in known]
    return {"options": options, "groups": grouped(config["groups"], options, given)}


def grouped(groups: list[Json], options: list[Json], given: Any) -> list[Json]:
    """Each option stands in the group that it names, else where it stood, else in the first. Raises ApiError."""
    wishes = {one.get("name"): str(one["group"]) for one in given if one.get("group")}
    stood = {option_id: group["name"] for group in groups for option_id in group["option_ids"]}
    placed: dict[str, list[str]] = {group["name"]: [] for group in groups}
    for option in options:
        name = wishes.get(option["name"]) or stood.get(option["id"], groups[0]["name"])
        if name not in placed:
            raise invalid(f'Status group "{name}" does not exist.')
        placed[name].append(option["id"])
    return [group | {"option_ids": placed[group["name"]]} for group in groups]
