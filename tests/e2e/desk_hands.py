"""A desk at Acuity beside the shop, and its hands: clients who book, and staff who edit at the screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.e2e.scene import Scene
from tests.sandboxed import Ground

TYPES: tuple[Mapping[str, Any], ...] = (
    {"name": "Consultation ", "duration": 50, "price": "45.00"},
    {"name": "Mediation, two parties", "duration": 120, "price": "280.00"},
)


@dataclass(frozen=True)
class Desk:
    """`here`: a sandbox of which the config names the shop, and Acuity's account as `desk`."""

    here: Scene

    def now(self) -> datetime:
        return datetime.fromisoformat(self.here.ground.control("POST", "clock", {})["now"])

    def at(self, days: int, hour: int = 10) -> str:
        """A full hour, UTC, so many days from today."""
        day = (self.now() + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
        return day.strftime("%Y-%m-%dT%H:%M:%S+0000")

    # at the screen

    def book(self, email: str, days: int, hour: int = 10, name: str = "Anna Vogel", **more: Any) -> str:
        """The id of an appointment that a client makes."""
        first, _, last = name.rpartition(" ")
        who = {"firstName": first, "lastName": last, "email": email, "datetime": self.at(days, hour)}
        return str(self.here.ground.control("POST", "acuity/appointments", {**who, **more})["id"])

    def edit(self, number: str, **fields: Any) -> None:
        self.here.ground.control("PATCH", f"acuity/appointments/{number}", fields)

    def held(self, stream: str = "appointments") -> dict[str, dict[str, Any]]:
        found = self.here.ground.control("GET", "dump")["acuity"][stream]
        return {str(each["id"]): each for each in found}

    def notes(self, number: str) -> str:
        """What staff wrote there."""
        lines = self.held()[number]["notes"].split("\n")
        return "\n".join(line for line in lines if not line.startswith("notion_page_id="))

    # in Notion

    def row(self, number: str) -> dict[str, Any]:
        return self.here.row(f"desk:appointments:{number}")

    def edit_row(self, number: str, **properties: Any) -> None:
        self.here.edit_row(f"desk:appointments:{number}", **properties)

    def person(self, email: str) -> dict[str, Any]:
        return self.here.row(f"desk:people:{email.lower()}")

    def make_row(self, database: str, **properties: Any) -> str:
        """The id of a row that a person makes."""
        parent = {"type": "data_source_id", "data_source_id": self.here.sources[database]}
        made = self.here.ground.control("POST", "notion/pages", {"parent": parent, "properties": properties})
        return str(made["id"])

    # what was asked

    def asked(self, method: str = "GET") -> list[str]:
        """Paths below the API's that were asked for at Acuity, in their order."""
        found = [each for each in self.here.requests() if each["service"] == "acuity" and each["method"] == method]
        return [each["path"].removeprefix("/api/v1/") for each in found]


def opened(ground: Ground) -> Desk:
    """The desk in an empty sandbox: a calendar, and two types to book there."""
    ground.control("POST", "acuity/calendars", {"name": "Studio Berlin", "timezone": "Europe/Berlin"})
    for kind in TYPES:
        ground.control("POST", "acuity/appointment-types", kind)
    return Desk(Scene(ground))


def date(start: str, end: str | None = None) -> dict[str, Any]:
    return {"date": {"start": start, "end": end}}


def select(name: str) -> dict[str, Any]:
    return {"select": {"name": name}}


def related(*pages: str) -> dict[str, Any]:
    return {"relation": [{"id": page} for page in pages]}


def sources(*names: str) -> dict[str, Any]:
    return {"multi_select": [{"name": name} for name in names]}
