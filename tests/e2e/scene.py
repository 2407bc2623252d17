"""What end-to-end tests see of both sides: rows of Notion and objects of the shop, in plain values."""

import json
import re
import sqlite3
import subprocess
import tomllib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import tomli_w

from tests.sandboxed import HSN, Ground

READS = re.compile(r"GET .*|POST .*/(query|search)")


@dataclass(frozen=True)
class Scene:
    """A sandbox, and hsn run against it."""

    ground: Ground

    def configure(self, service: str, **settings: Any) -> None:
        """Change `[services.SERVICE]`."""
        table = tomllib.loads(self.ground.config.read_text())
        table["services"][service] |= settings
        self.ground.config.write_text(tomli_w.dumps(table))

    # ---- runs

    def sync(self, *words: str, exit_code: int = 0) -> dict[str, Any]:
        """Run `hsn WORDS --json` (by default `sync --all`); its report."""
        done = self.ground.hsn(*(words or ("sync", "--all")), "--json")
        assert done.returncode == exit_code, (done.returncode, done.stdout[-2000:], done.stderr)
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """A run (`sync --all WORDS`) that goes on while the test does something."""
        command = [str(HSN), "--config", str(self.ground.config), "sync", "--all", *words]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def later(self, seconds: int) -> None:
        self.ground.control("POST", "clock", {"advance": seconds})

    def requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ground.control("GET", "requests")["requests"]
        return found

    def forget_requests(self) -> None:
        self.ground.control("DELETE", "requests")

    def writes(self) -> list[str]:
        """Requests of hsn that could have changed something, since the log was cleared."""
        said = [f"{each['method']} {each['path']}" for each in self.requests()]
        return [each for each in said if not READS.fullmatch(each)]

    def fault(self, service: str, path: str, do: Mapping[str, Any], **more: Any) -> None:
        rule = {"service": service, "path": path, "do": do, **more}
        self.ground.control("POST", "faults", {"rules": [rule]})

    def mend(self) -> None:
        self.ground.control("DELETE", "faults")

    def at_rest(self) -> None:
        """Ten minutes later nothing is written, twice."""
        for _ in range(2):
            self.later(600)
            self.forget_requests()
            self.sync()
        assert self.writes() == []

    # ---- the shop

    def shop(self, stream: str) -> dict[str, dict[str, Any]]:
        found = self.ground.control("GET", "dump")["woocommerce"][stream]
        return {str(each["id"]): each for each in found}

    def edit_shop(self, stream: str, record_id: str, **fields: Any) -> None:
        self.ground.control("PATCH", f"woocommerce/{stream}/{record_id}", fields)

    # ---- Notion

    @cached_property
    def sources(self) -> dict[str, str]:
        """Data source id by the database's title."""
        found = self.ground.control("GET", "dump")["notion"]["data_sources"]
        return {"".join(each["plain_text"] for each in one["title"]): one["id"] for one in found}

    def pages(self) -> dict[str, dict[str, Any]]:
        return {each["id"]: each for each in self.ground.control("GET", "dump")["notion"]["pages"]}

    def rows(self) -> dict[str, dict[str, Any]]:
        """Live rows by the lines of their External ID, as plain values with the page's own id under `id`."""
        found = {}
        for page in self.pages().values():
            row = plain(page)
            for line in (row.get("External ID") or "").splitlines() if not page["in_trash"] else ():
                assert line not in found, f"two rows carry {line}"
                found[line] = row
        return found

    def row(self, line: str) -> dict[str, Any]:
        return self.rows()[line]

    def edit_row(self, line: str, **properties: Any) -> None:
        page = self.row(line)["id"]
        self.ground.control("PATCH", f"notion/pages/{page}", {"properties": properties})

    # ---- the state

    def state(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.ground.config.with_name("state.sqlite3"))) as db:
            return db.execute(sql).fetchall()

    def lose_the_state(self) -> None:
        for each in self.ground.config.parent.glob("state.sqlite3*"):
            each.unlink()


def plain(page: Mapping[str, Any]) -> dict[str, Any]:
    """A page's properties as a person reads them; relations as sorted page ids."""
    return {"id": page["id"], **{name: _value(each) for name, each in page["properties"].items()}}


def _value(each: Mapping[str, Any]) -> Any:
    value = each[each["type"]]
    match each["type"]:
        case "title" | "rich_text":
            return "".join(part["plain_text"] for part in value)
        case "select":
            return value["name"] if value else None
        case "multi_select":
            return sorted(part["name"] for part in value)
        case "relation":
            return sorted(part["id"] for part in value)
        case "date":
            return value["start"] if value else None
        case _:
            return value


def text(value: str) -> dict[str, Any]:
    return {"rich_text": [{"text": {"content": value}}]}


def title(value: str) -> dict[str, Any]:
    return {"title": [{"text": {"content": value}}]}
