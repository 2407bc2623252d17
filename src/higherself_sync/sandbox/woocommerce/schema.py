"""Arguments as WordPress checks and converts them before a route sees them: JSON-schema types with PHP's leniency.

A string must be a string, while whole numbers and booleans may be written as text. The batch route skips all of this.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, text
from higherself_sync.sandbox.woocommerce.errors import Refused

_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]+")
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")


@dataclass(frozen=True, slots=True)
class Arg:
    """`types` are tried in their order; "ids" is a list of ids that is converted without being checked."""

    types: tuple[str, ...]
    enum: tuple[str, ...] = ()
    format: str = ""
    minimum: int | None = None
    maximum: int | None = None
    items: "Arg | None" = None
    properties: Mapping[str, "Arg"] | None = None
    default: Any = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    message: str
    data: Any = None


def string(*enum: str, form: str = "", default: Any = None) -> Arg:
    return Arg(("string",), enum=enum, format=form, default=default)


def integer(minimum: int | None = None, maximum: int | None = None, default: Any = None) -> Arg:
    return Arg(("integer",), minimum=minimum, maximum=maximum, default=default)


def boolean(default: Any = None) -> Arg:
    return Arg(("boolean",), default=default)


def array(items: Arg | None = None, default: Any = None) -> Arg:
    return Arg(("array",), items=items, default=default)


def record(**properties: Arg) -> Arg:
    return Arg(("object",), properties=properties)


NUMBER = Arg(("number",))
IDS = Arg(("ids",), default=())
DATE = Arg(("null", "string"))
MIXED = Arg(("null", "object", "string", "number", "boolean", "integer", "array"))
META = array(record(id=integer(), key=string(), value=MIXED))

_CAST_NULL: Mapping[str, Any] = {
    "string": "", "integer": 0, "number": 0, "boolean": False, "array": (), "object": {}, "ids": (),
}  # fmt: skip


def is_email(value: str) -> bool:
    """As WordPress sees it: ASCII only, a dot in the domain, no two dots in a row there."""
    return bool(_EMAIL.fullmatch(value)) and len(value) >= 6 and ".." not in value.partition("@")[2]


def accept(values: Mapping[str, Any], args: Mapping[str, Arg]) -> dict[str, Any]:
    """The values converted, defaults not filled in. Raises Refused with every wrong parameter named at once."""
    if missing := [name for name, arg in args.items() if arg.required and values.get(name) is None]:
        message = f"Missing parameter(s): {', '.join(missing)}"
        raise Refused("rest_missing_callback_param", message, 400, {"status": 400, "params": missing})
    known = [(name, value) for name, value in values.items() if name in args and value is not None]
    if problems := {name: found for name, value in known if (found := check(value, args[name], name))}:
        raise Refused("rest_invalid_param", f"Invalid parameter(s): {', '.join(problems)}", 400, _told(problems))
    return {name: convert(value, args[name]) if name in args else value for name, value in values.items()}


def _told(problems: Mapping[str, Problem]) -> dict[str, Any]:
    return {
        "status": 400,
        "params": {name: problem.message for name, problem in problems.items()},
        "details": {name: {"code": p.code, "message": p.message, "data": p.data} for name, p in problems.items()},
    }


def check(value: Any, arg: Arg, name: str) -> Problem | None:
    match _best_type(value, arg.types):
        case None:
            return Problem("rest_invalid_type", f"{name} is not of type {','.join(arg.types)}.", {"param": name})
        case "array":
            items = enumerate(_as_list(value)) if arg.items else ()
            return _first(check(item, arg.items, f"{name}[{n}]") for n, item in items if arg.items)
        case "object":
            return _check_properties(value, arg.properties or {}, name)
        case "ids":
            return None
        case _:
            return _check_scalar(value, arg, name)


def _first(problems: Any) -> Problem | None:
    return next((problem for problem in problems if problem), None)


def _check_properties(value: Any, properties: Mapping[str, Arg], name: str) -> Problem | None:
    items = value.items() if isinstance(value, Mapping) else ()
    return _first(check(item, properties[key], f"{name}[{key}]") for key, item in items if key in properties)


def _check_scalar(value: Any, arg: Arg, name: str) -> Problem | None:
    if arg.enum and str(value) not in arg.enum:
        return Problem("rest_not_in_enum", f"{name} is not {_one_of(arg.enum)}.")
    if out := _out_of_bounds(value, arg, name):
        return Problem("rest_out_of_bounds", out)
    if arg.format == "date-time" and dates.parse(value) is None:
        return Problem("rest_invalid_date", "Invalid date.")
    if arg.format == "email" and value is not None and not is_email(value):
        return Problem("rest_invalid_email", "Invalid email address.")
    return None


def _one_of(choices: tuple[str, ...]) -> str:
    match choices:
        case (only,):
            return only
        case (first, second):
            return f"one of {first} and {second}"
        case (*others, last):
            return f"one of {', '.join(others)}, and {last}"
        case _:
            raise AssertionError(choices)


def _out_of_bounds(value: Any, arg: Arg, name: str) -> str | None:
    if arg.minimum is None:
        return None
    if arg.maximum is None:
        too_small = float(value) < arg.minimum
        return f"{name} must be greater than or equal to {arg.minimum}" if too_small else None
    if arg.minimum <= float(value) <= arg.maximum:
        return None
    return f"{name} must be between {arg.minimum} (inclusive) and {arg.maximum} (inclusive)"


def _best_type(value: Any, types: tuple[str, ...]) -> str | None:
    """The first type that the value fits; an empty text is a text before it is an empty list."""
    if value == "" and "string" in types:
        return "string"
    return next((kind for kind in types if _fits(value, kind)), None)


def _fits(value: Any, kind: str) -> bool:
    match kind:
        case "null":
            return value is None
        case "string":
            return isinstance(value, str)
        case "boolean":
            return str(value).lower() in ("true", "false", "0", "1")
        case "integer":
            return _is_numeric(value) and float(value).is_integer()
        case "number":
            return _is_numeric(value)
        case "array":
            return isinstance(value, list | str | int | float)
        case "object":
            return isinstance(value, Mapping | list) or value == ""
        case "ids":
            return True
        case _:
            raise AssertionError(kind)


def _is_numeric(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_NUMBER.fullmatch(value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [part for part in re.split(r"[\s,]+", str(value)) if part]


def convert(value: Any, arg: Arg) -> Any:
    """A valid value in its type: "5" → 5, "true" → True, "1,2" → [1, 2]; null as PHP casts it."""
    if value is None:
        return None if "null" in arg.types else _CAST_NULL[arg.types[0]]
    match _best_type(value, arg.types):
        case "integer":
            return int(float(value))
        case "number":
            return text.number(float(value))
        case "boolean":
            return str(value).lower() not in ("false", "0")
        case "array":
            return [convert(item, arg.items) if arg.items else item for item in _as_list(value)]
        case "ids":
            return list(dict.fromkeys(text.whole(item) for item in _as_list(value)))
        case "object" if isinstance(value, Mapping):
            known = arg.properties or {}
            return {key: convert(item, known[key]) if key in known else item for key, item in value.items()}
        case _:
            return value
