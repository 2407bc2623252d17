"""One trial of bad input: a config of its own over a shared sandbox, and what a refusal looks like from outside."""

import json
import subprocess
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sandboxed import Ground

STREAMS = ("customers", "products", "orders")
ALL = ("sync", "--all")


@dataclass(frozen=True)
class Trial:
    """`config` lies in a folder of its own, and so do its state and its log."""

    ground: Ground
    config: Path

    # ---- what is done

    def hsn(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = self.ground.hsn(*words, config=self.config)
        shown = done.stdout + done.stderr + self.log()
        assert not [secret for secret in self.secrets() if secret in shown], "a secret was shown"
        assert "Traceback" not in shown
        return done

    def change(self, old: str, new: str) -> None:
        """Replace a text of the config."""
        text = self.config.read_text()
        assert old in text, f"{old!r} is not in the config"
        self.config.write_text(text.replace(old, new))

    def person(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What a person does in Notion."""
        return self.ground.control(method, f"notion/{path}", body)

    def columns(self, entity: str, *changes: Mapping[str, Any]) -> None:
        """A person changes the columns of a database, one time after another."""
        for change in changes:
            self.person("PATCH", f"data_sources/{self.source(entity)['id']}", {"properties": change})

    def share(self, entity: str, *, shared: bool) -> None:
        self.person("POST", f"databases/{self.database(entity)}/share", {"shared": shared})

    # ---- what is there

    @property
    def state(self) -> Path:
        return self.config.with_name("state.sqlite3")

    def log(self) -> str:
        path = self.config.with_name("hsn.log")
        return path.read_text() if path.exists() else ""

    def secrets(self) -> set[str]:
        """The keys of the sandbox, and whatever stands in the config where a key belongs."""
        table = tomllib.loads(self.config.read_text()) if self.config.exists() else {}
        keys = [table.get("notion", {}).get("token")]
        for service in table.get("services", {}).values():
            keys += [service.get("consumer_key"), service.get("consumer_secret")]
        return {"ntn_sandbox", "ck_sandbox", "cs_sandbox", *(key for key in keys if isinstance(key, str))}

    def database(self, entity: str) -> str:
        found: str = tomllib.loads(self.config.read_text())["notion"]["databases"][entity]
        return found

    def source(self, entity: str) -> Any:
        wanted = self.database(entity)
        return next(each for each in self.held()["notion"]["data_sources"] if each["parent"]["database_id"] == wanted)

    def held(self) -> Any:
        """Both sides as they are."""
        dump = self.ground.control("GET", "dump")
        del dump["now"]
        return dump

    def rows(self, entity: str) -> list[Any]:
        source = self.source(entity)["id"]
        pages = self.held()["notion"]["pages"]
        return [page for page in pages if page["parent"].get("data_source_id") == source and not page["in_trash"]]

    # ---- what has to hold

    def refused(self, code: int, *words: str, command: tuple[str, ...] = ALL, json_too: bool = True) -> str:
        """It ends with that code and one clear message, and writes nothing on either side; returns what it said."""
        before = self.held()
        done = self.hsn(*command, *(["--json"] if json_too else []))
        assert done.returncode == code, done.stderr
        told = done.stderr.splitlines()
        assert [line[:14] for line in told] == [told[0][:14], "  what to do: "], done.stderr
        assert told[0].startswith("hsn: ")
        assert not [word for word in words if word not in done.stderr], done.stderr
        if json_too:
            _told_as_json(code, done)
        assert self.held() == before, "something was written"
        return done.stderr

    def mends(self, *options: str) -> None:
        """The next run is as if nothing had happened: every record has one row, which names it, and is named by it."""
        self.ground.control("POST", "clock", {"advance": 600})
        done = self.hsn(*ALL, *options)
        assert (done.returncode, done.stderr) == (0, "")
        self.is_whole()

    def is_whole(self) -> None:
        shop = self.held()["woocommerce"]
        pages = {line: row["id"] for entity in ("clients", "products", "orders") for row in self.rows(entity)
                 for line in lines(row)}  # fmt: skip
        found = Counter(line for entity in ("clients", "products", "orders") for row in self.rows(entity)
                        for line in lines(row))  # fmt: skip
        assert dict(found) == dict.fromkeys(_wanted(shop), 1)
        for stream in STREAMS:
            assert {each["id"]: _marker(each) for each in shop[stream]} == {
                each["id"]: pages[f"shop:{stream}:{each['id']}"] for each in shop[stream]
            }


def _told_as_json(code: int, done: subprocess.CompletedProcess[str]) -> None:
    """One object, in which the error has its four parts: alone when the run could not start, else at its streams."""
    body = json.loads(done.stdout)
    assert body["exit_code"] == code
    errors = [body["error"]] if "error" in body else [each["error"] for each in body["streams"] if each["error"]]
    assert errors
    for error in errors:
        assert set(error) == {"code", "message", "place", "remedy"}
        assert all(error.values()), error


def lines(row: Mapping[str, Any]) -> list[str]:
    return "".join(part["plain_text"] for part in row["properties"]["External ID"]["rich_text"]).splitlines()


def _wanted(shop: Mapping[str, list[Any]]) -> set[str]:
    registered = {each["email"].casefold() for each in shop["customers"]}
    guests = {each["billing"]["email"].casefold() for each in shop["orders"] if each["customer_id"] == 0}
    people = {f"shop:people:{email}" for email in guests - registered - {""}}
    return people | {f"shop:{stream}:{each['id']}" for stream in STREAMS for each in shop[stream]}


def _marker(thing: Mapping[str, Any]) -> str | None:
    return next((entry["value"] for entry in thing["meta_data"] if entry["key"] == "notion_page_id"), None)
