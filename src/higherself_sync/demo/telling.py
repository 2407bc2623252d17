"""The demo under way: how it looks at both sides, what people do in it, and what it claims."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from higherself_sync.cast import Request
from higherself_sync.config import Config, load
from higherself_sync.demo.stage import Stage
from higherself_sync.report import Report
from higherself_sync.run import run

LATER = timedelta(minutes=10)  # between chapters: past the overlap of every cursor


@dataclass(slots=True)
class Telling:
    """The demo under way: `say` prints a line, `broken` counts the claims that did not hold."""

    stage: Stage
    say: Callable[[str], None]
    broken: int = 0
    _used: set[int] = field(default_factory=set)

    def claim(self, holds: bool, what: str) -> None:
        self.say(f"  {'✓' if holds else '✗ NOT SO:'} {what}")
        self.broken += not holds

    @property
    def settings(self) -> Config:
        return load(self.stage.config, {})

    def sync(self) -> Report:
        began = time.monotonic()
        report = run(self.settings, Request(), lambda _: None)
        requests = ", ".join(f"{name} {count}" for name, count in report.requests.items())
        self.say(f"  $ hsn sync --all    ({time.monotonic() - began:.1f} s; requests: {requests})")
        self.claim(report.exit_code == 0, f"it ends with exit code {report.exit_code}")
        return report

    def later(self, by: timedelta = LATER) -> None:
        """Time passes in the sandbox; the next chapter's request log is empty."""
        self.stage.control("POST", "clock", {"advance": by.total_seconds()})
        self.stage.control("DELETE", "requests")

    # What both sides hold

    def shop(self, stream: str) -> list[dict[str, Any]]:
        found = self.stage.control("GET", "dump")["woocommerce"][stream]
        return [each for each in found if each.get("status") != "trash"]

    def product(self, product_id: int) -> dict[str, Any]:
        return next(each for each in self.shop("products") if each["id"] == product_id)

    def held(self, service: str, stream: str) -> list[dict[str, Any]]:
        """What a twin holds."""
        found: list[dict[str, Any]] = self.stage.control("GET", "dump")[service][stream]
        return found

    def rows(self) -> dict[str, dict[str, Any]]:
        """Live rows by each line of their External ID."""
        pages = [page for page in self.pages().values() if "External ID" in page["properties"] and not page["in_trash"]]
        return {line: page for page in pages for line in shown(page, "External ID").splitlines()}

    def pages(self) -> dict[str, dict[str, Any]]:
        return {page["id"]: page for page in self.stage.control("GET", "dump")["notion"]["pages"]}

    def row_of(self, record: dict[str, Any]) -> dict[str, Any]:
        """The Notion page that the record's marker names."""
        return self.pages()[page_id_of(record)]

    def some_product(self) -> dict[str, Any]:
        """A simple one with a price that no other chapter uses."""
        found = next(
            each
            for each in self.shop("products")
            if each["type"] == "simple" and each["regular_price"] and each["id"] not in self._used
        )
        self._used.add(found["id"])
        return found

    # What people do

    def edit_row(self, page_id: str, properties: dict[str, Any]) -> None:
        self.stage.control("PATCH", f"notion/pages/{page_id}", {"properties": properties})

    def outside(self, service: str, stream: str, body: dict[str, Any]) -> dict[str, Any]:
        """Somebody books, answers or buys."""
        made: dict[str, Any] = self.stage.control("POST", f"{service}/{stream}", body)
        return made

    def edit_shop(self, stream: str, record_id: int, body: dict[str, Any]) -> None:
        self.stage.control("PATCH", f"woocommerce/{stream}/{record_id}", body)


def page_id_of(record: dict[str, Any]) -> str:
    return next((each["value"] for each in record["meta_data"] if each["key"] == "notion_page_id"), "")


def shown(page: dict[str, Any], column: str) -> Any:
    """A property of a page as a person sees it: text, number, or the chosen options."""
    value = page["properties"][column]
    match value[value["type"]]:
        case [{"plain_text": _}, *_] as parts:
            return "".join(part["plain_text"] for part in parts)
        case [{"name": _}, *_] as options:
            return [option["name"] for option in options]
        case {"name": name}:
            return name
        case [] if value["type"] in ("title", "rich_text"):
            return ""
        case plain:
            return plain


def title(text: str) -> dict[str, Any]:
    return {"title": [{"text": {"content": text}}]}
