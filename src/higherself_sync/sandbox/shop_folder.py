"""`--load FOLDER`: a whole shop as its list answers, one file a list."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NEEDED = ("customers", "products", "orders")
_LISTS = re.compile(r"customers|products|products_trash|orders|orders_trash|variations_of_\d+")


class BadFolder(ValueError):
    """The folder or a file in it is not what was promised; the message names it."""


def read(folder: Path) -> dict[str, Any]:
    """`{file's stem: its content}` for the shop's twin to load. Other files are left alone. Raises BadFolder."""
    if not folder.is_dir():
        raise BadFolder(f"{folder} is no folder")
    if missing := [f"{name}.json" for name in NEEDED if not (folder / f"{name}.json").is_file()]:
        raise BadFolder(f"{folder} lacks {', '.join(missing)}")
    lists = {path.stem: _list(path) for path in sorted(folder.glob("*.json")) if _LISTS.fullmatch(path.stem)}
    refunds = folder / "refunds_by_order.json"
    return lists | ({refunds.stem: _object(refunds)} if refunds.is_file() else {})


def last_change(lists: Mapping[str, Any]) -> datetime | None:
    """The latest `date_modified_gmt` of all; None where nothing has one."""
    things = [thing for content in lists.values() if isinstance(content, list) for thing in content]
    stamps = [stamp for thing in things if (stamp := thing.get("date_modified_gmt"))]
    return datetime.fromisoformat(max(stamps)).replace(tzinfo=UTC) if stamps else None


def _list(path: Path) -> list[Any]:
    content = _content(path)
    if not isinstance(content, list):
        raise BadFolder(f"{path} holds no list")
    if not all(isinstance(thing, dict) and "id" in thing for thing in content):
        raise BadFolder(f"{path} holds something that is no object with an id")
    return content


def _object(path: Path) -> dict[str, Any]:
    content = _content(path)
    if not isinstance(content, dict):
        raise BadFolder(f"{path} holds no object")
    return content


def _content(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadFolder(f"{path} is no JSON: {error}") from error
