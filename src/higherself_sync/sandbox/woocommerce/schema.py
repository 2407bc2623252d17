"""Arguments as WordPress checks and converts them before a route sees them: JSON-schema types with PHP's leniency.

A string must be a string, while whole numbers and booleans may be written as text. The batch route skips all of this.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from higherself_sync.sandbox.woocommerce import dates, text
from higherself_sync.sandbox.woocommerce.errors import Refused

_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]*[A-Za-z0-9]"
)


@dataclass(frozen=True, slots=True)
class Arg:
    """`types` in the order in which they are tried."""

    types: tuple[str, ...]
    enum: tuple[str, ...] = ()
    format: str = ""
    minimum: int | None = None
    maximum: int | None = None
    items: "Arg | None" = None
    properties: Mapping[str, "Arg"] | None = None
    default: Any = None
    required: bool = False
    checked: bool = True
    """False where the route converts the value without checking it first."""


_EMPTY: Mapping[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": (), "object": {}}


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    message: str
    data: Any = None


def string(*enum: str, format: str = "", default: Any = None) -> Arg:  # noqa: A002 - the schema's own word
    return Arg(("string",), enum=enum, format=format, default=default)


def integer(minimum: int | None = None, maximum: int | None = None, default: Any = None) -> Arg:
    return Arg(("integer",), minimum=minimum, maximum=maximum, default=default)


def boolean(default: Any = None) -> Arg:
    return Arg(("boolean",), default=default)


def array(items: Arg | None = None, default: Any = None) -> Arg:
    return Arg(("array",), items=items, default=default)


def record(**properties: Arg) -> Arg:
    return Arg(("object",), properties=properties)


NUMBER = Arg(("number",))
IDS = Arg(("array",), items=integer(), default=())
DATE = Arg(("null", "string"))
MIXED = Arg(("null", "object", "string", "number", "boolean", "integer", "array"))
META = array(record(id=integer(), key=string(), value=MIXED))


def is_email(value: str) -> bool:
    """As WordPress sees it: ASCII only, a dot in the domain, no two dots in a row there."""
    return bool(_EMAIL.fullmatch(value)) and len(value) >= 6 and ".." not in value.partition("@")[2]


def accept(values: Mapping[str, Any], args: Mapping[str, Arg]) -> dict[str, Any]:
    """The values converted, defaults not filled in. Raises Refused with every wrong parameter named at once."""
    missing = [name for name, arg in args.items() if arg.required and values.get(name) is None]
    if missing:
        message = f"Missing parameter(s): {', '.join(missing)}"
        raise Refused("rest_missing_callback_param", message, 400, {"params": missing})
    problems = {
        name: problem
        for name, value in values.items()
        if name in args and value is not None and (problem := check(value, args[name], name))
    }
    if problems:
        raise Refused("rest_invalid_param", f"Invalid parameter(s): {', '.join(problems)}", 400, _explained(problems))
    return {name: convert(value, args[name]) if name in args else value for name, value in values.items()}


def _explained(problems: Mapping[str, Problem]) -> dict[str, Any]:
    return {
        "params": {name: problem.message for name, problem in problems.items()},
        "details": {name: {"code": p.code, "message": p.message, "data": p.data} for name, p in problems.items()},
    }


def check(value: Any, arg: Arg, name: str) -> Problem | None:
    if not arg.checked:
        return None
    kind = _best_type(value, arg.types)
    if kind is None:
        return Problem("rest_invalid_type", f"{name} is not of type {','.join(arg.types)}.", {"param": name})
    if kind == "array":
        return _check_items(_as_list(value), arg, name)
    if kind == "object":
        return _check_properties(value, arg, name)
    return _check_scalar(value, arg, name)


def _check_items(values: list[Any], arg: Arg, name: str) -> Problem | None:
    if arg.items is None:
        return None
    found = (check(item, arg.items, f"{name}[{index}]") for index, item in enumerate(values))
    return next((problem for problem in found if problem), None)


def _check_properties(value: Any, arg: Arg, name: str) -> Problem | None:
    if not isinstance(value, Mapping) or not arg.properties:
        return None
    known = ((key, item) for key, item in value.items() if key in arg.properties)
    found = (check(item, arg.properties[key], f"{name}[{key}]") for key, item in known)
    return next((problem for problem in found if problem), None)


def _check_scalar(value: Any, arg: Arg, name: str) -> Problem | None:
    if arg.enum and str(value) not in arg.enum:
        return Problem("rest_not_in_enum", f"{name} is not {_one_of(arg.enum)}.")
    if (bounds := _bounds(value, arg, name)) is not None:
        return Problem("rest_out_of_bounds", bounds)
    if arg.format == "date-time" and dates.parse(value) is None:
        return Problem("rest_invalid_date", "Invalid date.")
    if arg.format == "email" and value is not None and not is_email(value):
        return Problem("rest_invalid_email", "Invalid email address.")
    return None


def _one_of(choices: tuple[str, ...]) -> str:
    if len(choices) == 1:
        return choices[0]
    if len(choices) == 2:
        return f"one of {choices[0]} and {choices[1]}"
    return f"one of {', '.join(choices[:-1])}, and {choices[-1]}"


def _bounds(value: Any, arg: Arg, name: str) -> str | None:
    if arg.minimum is None or float(value) >= arg.minimum and (arg.maximum is None or float(value) <= arg.maximum):
        return None
    if arg.maximum is None:
        return f"{name} must be greater than or equal to {arg.minimum}"
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
            return isinstance(value, bool) or value in (0, 1) or str(value).lower() in ("true", "false", "0", "1")
        case "integer":
            return _is_numeric(value) and float(value).is_integer()
        case "number":
            return _is_numeric(value)
        case "array":
            return isinstance(value, list | str | int | float)
        case "object":
            return isinstance(value, Mapping | list) or value == ""
        case _:
            raise AssertionError(kind)


def _is_numeric(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    return isinstance(value, str) and bool(re.fullmatch(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", value))


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [part for part in re.split(r"[\s,]+", str(value)) if part]


def convert(value: Any, arg: Arg) -> Any:
    """A valid value in its type: "5" → 5, "true" → True, "1,2" → [1, 2]; null as PHP casts it."""
    if value is None:
        return None if "null" in arg.types else _EMPTY[arg.types[0]]
    match _best_type(value, arg.types):
        case "integer":
            return int(float(value))
        case "number":
            return text.number(float(value))
        case "boolean":
            return value if isinstance(value, bool) else str(value).lower() not in ("false", "0", "")
        case "array":
            return [convert(item, arg.items) if arg.items else item for item in _as_list(value)]
        case "object" if isinstance(value, Mapping):
            known = arg.properties or {}
            return {key: convert(item, known[key]) if key in known else item for key, item in value.items()}
        case _:
            return value
