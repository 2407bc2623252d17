"""Text as PHP and MySQL take it for a number, and what they hold to be equal."""

import re
from typing import Any

_NUMBER = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_LARGEST = 2**63 - 1


def numeric(value: Any) -> float | None:
    """The number that a value is in full, None for other text."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return value
    match = _NUMBER.match(value) if isinstance(value, str) else None
    return float(match[1]) if match and not value[match.end() :].strip(" \t\n\r\v\f") else None


def leading(value: Any) -> float | None:
    """The number that text begins with, None where it begins with none."""
    match = _NUMBER.match(str(value))
    return float(match[1]) if match else None


def whole(value: Any) -> int:
    """`(int)` of an argument: what stands in front, else 0; of a list 1."""
    if isinstance(value, list | dict):
        return 1
    number = leading(value) or 0
    return int(max(-_LARGEST, min(_LARGEST, number)))


def is_falsy(value: Any) -> bool:
    return value in (None, "", "0", [], {})


def same(left: Any, right: Any) -> bool:
    """`==` in PHP 8, of texts and numbers."""
    numbers = numeric(left), numeric(right)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return str(left) == str(right)
