"""Formulas: stored with column ids in place of names, so that a renamed column changes nothing."""

import json
import re
from collections.abc import Mapping

from .errors import invalid
from .ids import decode, encode
from .store import Property

_PROP = re.compile(r"prop\(\s*(\"(?:[^\"\\]|\\.)*\")\s*\)")
_REFERENCE = re.compile(r"\{\{notion:block_property:([^:}]+):[^}]*\}\}")
_STORED = re.compile(r"\{\{([^}]*)\}\}")


def stored(expression: str, properties: Mapping[str, Property]) -> str:
    """A written expression with each reference as `{{encoded id}}`. Raises ApiError for a column that is not there."""
    names = {item.name: item.id for item in properties.values()}

    def by_id(match: re.Match[str]) -> str:
        name = json.loads(match[1])
        if name not in names:
            raise invalid(f'Type error with formula: Undefined property "{name}"')
        return "{{" + encode(names[name]) + "}}"

    return _REFERENCE.sub(lambda match: "{{" + encode(decode(match[1])) + "}}", _PROP.sub(by_id, expression))


def shown(expression: str, source_id: str, workspace_id: str) -> str:
    """How an expression reads back."""
    return _STORED.sub(
        lambda match: f"{{{{notion:block_property:{match[1]}:{source_id}:{workspace_id}}}}}", expression
    )
