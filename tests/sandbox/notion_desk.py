"""A desk with the twin of Notion on it: requests in short form, and a clock that moves when told."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.wire import Request, Response

START = datetime(2026, 11, 23, 10, 0, 7, 250_000, UTC)
Json = dict[str, Any]


def words(content: str) -> list[Json]:
    return [{"text": {"content": content}}]


class Desk:
    def __init__(self, seed: int = 0) -> None:
        self.twin = NotionTwin(seed)
        self.now = START
        self.token: str | None = "ntn_sandbox"
        self.version: str | None = "2026-03-11"

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def raw(self, method: str, path: str, body: bytes = b"", query: str = "") -> Response:
        headers = {"authorization": f"Bearer {self.token}", "notion-version": self.version}
        sent = {name: value for name, value in headers.items() if value and value != "Bearer None"}
        return self.twin.answer(Request(method, f"/v1/{path}", query, sent, body), self.now)

    def ask(self, method: str, path: str, body: Any = None, query: str = "") -> tuple[int, Json]:
        content = b"" if body is None else json.dumps(body).encode()
        response = self.raw(method, path, content, query)
        return response.status, json.loads(response.body)

    def get(self, path: str, query: str = "") -> Json:
        return self._fine(self.ask("GET", path, query=query))

    def post(self, path: str, body: Json, query: str = "") -> Json:
        return self._fine(self.ask("POST", path, body, query))

    def patch(self, path: str, body: Json) -> Json:
        return self._fine(self.ask("PATCH", path, body))

    def person(self, method: str, path: str, body: Any = None) -> Json:
        content = b"" if body is None else json.dumps(body).encode()
        response = self.twin.person(Request(method, f"/v1/{path}", body=content), self.now)
        return self._fine((response.status, json.loads(response.body)))

    def refused(self, method: str, path: str, body: Any = None, query: str = "") -> tuple[int, str, str]:
        status, answer = self.ask(method, path, body, query)
        assert answer["object"] == "error", answer
        assert answer["status"] == status
        return status, answer["code"], answer["message"]

    def _fine(self, answer: tuple[int, Json]) -> Json:
        assert answer[0] == 200, answer
        return answer[1]

    # ---- what most tests need ----

    def database(self, title: str = "Clients", /, **columns: Json) -> str:
        """A database under the root page; the id of its data source."""
        database = self.post(
            "databases",
            {
                "parent": {"type": "page_id", "page_id": self.twin.ROOT_PAGE},
                "title": words(title),
                "initial_data_source": {"properties": {"Name": {"title": {}}, **columns}},
            },
        )
        return str(database["data_sources"][0]["id"])

    def row(self, source: str, name: str = "", /, **properties: Json) -> Json:
        title = {"Name": {"title": words(name)}} if name else {}
        parent = {"type": "data_source_id", "data_source_id": source}
        return self.post("pages", {"parent": parent, "properties": title | properties})

    def columns(self, source: str) -> Json:
        columns: Json = self.get(f"data_sources/{source}")["properties"]
        return columns

    def query(self, source: str, /, **body: Any) -> Json:
        return self.post(f"data_sources/{source}/query", body)

    def names(self, source: str, /, **body: Any) -> list[str]:
        return [name_of(page) for page in self.query(source, **body)["results"]]


def name_of(page: Json) -> str:
    return "".join(text["plain_text"] for text in page["properties"]["Name"]["title"])
