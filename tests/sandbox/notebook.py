"""A twin of nothing real: one stream of notes, enough to see what the sandbox does around a twin."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from higherself_sync.sandbox.wire import Request, Response, json_response


class Notebook:
    """GET /notes lists, POST /notes adds, /boom breaks, anything else tells what was asked."""

    def __init__(self, name: str = "woocommerce") -> None:
        self.name = name
        self.notes: dict[str, dict[str, Any]] = {}
        self.ink = "black"

    def answer(self, request: Request, now: datetime) -> Response:
        match request.method, request.path:
            case "GET", "/notes":
                return json_response(200, list(self.notes.values()))
            case "POST", "/notes":
                return json_response(201, self.add("notes", json.loads(request.body), now))
            case _, "/boom":
                raise RuntimeError("the twin is broken")
            case _:
                seen = {
                    "path": request.path,
                    "query": request.query,
                    "base": request.base,
                    "host": request.headers["host"],
                }
                return json_response(200, seen)

    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any:
        if stream != "notes":
            raise KeyError(f"stream {stream}")
        if not data.get("text"):
            raise ValueError("text is missing")
        note = {"id": str(len(self.notes) + 1), "text": data["text"], "at": now.isoformat()}
        self.notes[note["id"]] = note
        return note

    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any:
        if record_id not in self.notes:
            raise KeyError(f"{stream} {record_id}")
        self.notes[record_id] = self.notes[record_id] | dict(data)
        return self.notes[record_id]

    def load(self, objects: Mapping[str, Any], now: datetime) -> None:
        for note in objects["notes"]:
            self.notes[note["id"]] = note

    def dump(self) -> dict[str, list[Any]]:
        return {"notes": list(self.notes.values())}

    def clear(self) -> None:
        self.notes = {}

    def snapshot(self) -> Any:
        return dict(self.notes), self.ink

    def restore(self, snapshot: Any) -> None:
        notes, self.ink = snapshot
        self.notes = dict(notes)

    def knobs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        if values.keys() - {"ink"}:
            raise KeyError(str(values))
        if "ink" in values and values["ink"] not in ("black", "blue"):
            raise ValueError("black or blue")
        self.ink = values.get("ink", self.ink)
        return {"ink": self.ink}


class Room(Notebook):
    """A notebook that a person can write in by hand."""

    def person(self, request: Request, now: datetime) -> Response:
        return json_response(200, {"person": f"{request.method} {request.path}", "base": request.base})


def fill(twins: Mapping[str, Any], records: int, seed: int, now: datetime) -> None:
    for n in range(records):
        twins["woocommerce"].add("notes", {"text": f"{seed}:{n}"}, now)
