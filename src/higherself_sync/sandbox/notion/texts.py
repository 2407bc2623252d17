"""Rich text: what is accepted on write, and how it reads back."""

from collections.abc import Iterable, Mapping
from typing import Any

from .errors import misfit, missing, superfluous
from .ids import parse_uuid

RichText = dict[str, Any]
LONGEST = 2000
MOST = 100

_PLAIN: dict[str, Any] = {
    "bold": False,
    "italic": False,
    "strikethrough": False,
    "underline": False,
    "code": False,
    "color": "default",
}


def plain(texts: Iterable[Mapping[str, Any]]) -> str:
    """What a person reads."""
    return "".join(text["plain_text"] for text in texts)


def units(content: str) -> int:
    """Length in UTF-16 units, the stricter of the two readings that the reference leaves open."""
    return len(content) + sum(ord(character) > 0xFFFF for character in content)


def words(content: str) -> list[RichText]:
    """Unformatted rich text, as it reads back."""
    return [_text(content, None, _PLAIN)] if content else []


def parse(value: object, place: str) -> list[RichText]:
    """Written rich text in the form in which it reads back. Raises ApiError naming the place."""
    if not isinstance(value, list):
        raise misfit(place, "an array", value)
    if len(value) > MOST:
        raise misfit(f"{place}.length", f"≤ `{MOST}`", len(value))
    parsed = [_parse_one(item, f"{place}[{index}]") for index, item in enumerate(value)]
    return _merged([item for item in parsed if item["plain_text"]])


def _parse_one(item: object, place: str) -> RichText:
    if not isinstance(item, dict):
        raise misfit(place, "an object", item)
    annotations = _PLAIN | _known_annotations(item.get("annotations"), f"{place}.annotations")
    match item.get("type", next((kind for kind in ("text", "mention", "equation") if kind in item), "text")):
        case "text":
            return _parse_text(item, place, annotations)
        case "mention":
            return _parse_mention(item, place, annotations)
        case "equation":
            return _parse_equation(item, place, annotations)
        case other:
            raise misfit(f"{place}.type", '`"text"`, `"mention"`, `"equation"`, or `undefined`', other)


def _known_annotations(value: object, place: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise misfit(place, "an object or `undefined`", value)
    for key in value:
        if key not in _PLAIN:
            raise superfluous(f"{place}.{key}", value[key])
    return value


def _parse_text(item: Mapping[str, Any], place: str, annotations: dict[str, Any]) -> RichText:
    if "text" not in item:
        raise missing(f"{place}.text")
    content = item["text"].get("content") if isinstance(item["text"], dict) else None
    if not isinstance(content, str):
        raise misfit(f"{place}.text.content", "a string", content)
    if (length := units(content)) > LONGEST:
        raise misfit(f"{place}.text.content.length", f"≤ `{LONGEST}`", length)
    link = item["text"].get("link")
    if link is not None and (not isinstance(link, dict) or not isinstance(link.get("url"), str)):
        raise misfit(f"{place}.text.link", "an object or `null`", link)
    if link is not None and len(link["url"]) > LONGEST:
        raise misfit(f"{place}.text.link.url.length", f"≤ `{LONGEST}`", len(link["url"]))
    return _text(content, link["url"] if link else None, annotations)


def _text(content: str, url: str | None, annotations: Mapping[str, Any]) -> RichText:
    return {
        "type": "text",
        "text": {"content": content, "link": {"url": url} if url else None},
        "annotations": dict(annotations),
        "plain_text": content,
        "href": url,
    }


def _parse_mention(item: Mapping[str, Any], place: str, annotations: dict[str, Any]) -> RichText:
    mention = item.get("mention")
    if not isinstance(mention, dict):
        raise misfit(f"{place}.mention", "an object", mention)
    kind = str(mention.get("type") or next(iter(mention), ""))
    target = mention.get(kind)
    if not isinstance(target, dict):
        raise misfit(f"{place}.mention.{kind}", "an object", target)
    if kind in ("user", "page", "database") and parse_uuid(target.get("id")) is None:
        raise misfit(f"{place}.mention.{kind}.id", "a valid uuid", target.get("id"))
    if kind in ("user", "page", "database"):
        target = {"object": "user", "id": parse_uuid(target.get("id"))} if kind == "user" else {"id": target.get("id")}
    shown = str(item.get("plain_text") or target.get("start") or "@")
    return {
        "type": "mention",
        "mention": {"type": kind, kind: target},
        "annotations": annotations,
        "plain_text": shown,
        "href": None,
    }


def _parse_equation(item: Mapping[str, Any], place: str, annotations: dict[str, Any]) -> RichText:
    equation = item.get("equation")
    expression = equation.get("expression") if isinstance(equation, dict) else None
    if not isinstance(expression, str):
        raise misfit(f"{place}.equation.expression", "a string", expression)
    if len(expression) > 1000:
        raise misfit(f"{place}.equation.expression.length", "≤ `1000`", len(expression))
    return {
        "type": "equation",
        "equation": {"expression": expression},
        "annotations": annotations,
        "plain_text": expression,
        "href": None,
    }


def _merged(texts: list[RichText]) -> list[RichText]:
    """Neighbouring runs that look the same come back as one."""
    merged: list[RichText] = []
    for text in texts:
        last = merged[-1] if merged else None
        if last and last["type"] == text["type"] == "text" and _same_look(last, text):
            merged[-1] = _text(last["plain_text"] + text["plain_text"], text["href"], text["annotations"])
        else:
            merged.append(text)
    return merged


def _same_look(one: RichText, other: RichText) -> bool:
    return bool(one["annotations"] == other["annotations"] and one["href"] == other["href"])
