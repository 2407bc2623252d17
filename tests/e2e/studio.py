"""A studio that takes bookings with Amelia and sells through the shop: what people do there and in Notion."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import tomli_w

from higherself_sync.sandbox.amelia import AmeliaTwin
from tests.e2e.scene import Scene
from tests.sandboxed import sandbox

MASSAGE, CIRCLE = "Massage, 60 min", "Circle"
BERLIN = ZoneInfo("Europe/Berlin")  # the site's
WRITES = re.compile(r"POST /v1/pages|PATCH .*|PUT .*|DELETE .*|POST /wp-.*")


@dataclass(frozen=True)
class Studio(Scene):
    """The service is called `space`; its window is the default, thirty days back and ninety ahead."""

    def writes(self) -> list[str]:
        said = [f"{each['method']} {each['path']}" for each in self.requests()]
        return [each for each in said if WRITES.fullmatch(each)]

    def calls(self, method: str = "") -> list[str]:
        """What was asked of the site since the log was cleared: below the API's root, or another path of the site."""
        mine = [each for each in self.requests() if each["service"] == "amelia" and each["method"].startswith(method)]
        return [each["query"].partition("&call=/api/v1")[2] or each["path"] for each in mine]

    @cached_property
    def day(self) -> date:
        """The day on which the tests began, by the site's clock; it stays the same though the clock goes on."""
        return datetime.fromisoformat(self.ground.control("GET", "clock")["now"]).astimezone(BERLIN).date()

    def today(self, days: int = 0, hour: str = "10:00") -> str:
        """A time of the site's clock, so many days from that day."""
        return f"{self.day + timedelta(days=days)} {hour}"

    def begin_early(self) -> None:
        """At six in the morning: what the tests let pass is less than a day."""
        now = datetime.fromisoformat(self.ground.control("GET", "clock")["now"]).astimezone(BERLIN)
        morning = (now + timedelta(days=1)).replace(hour=6, minute=0, second=0, microsecond=0)
        self.ground.control("POST", "clock", {"now": morning.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})

    # ---- at the site

    def furnish(self) -> None:
        """A massage and a circle, of Ines; and sessions of both, past and to come, one of them with a shop's buyer."""
        names = {MASSAGE: {"price": 80}, CIRCLE: {"price": 15, "maxCapacity": 9, "duration": 5400}}
        given = [self.add("services", name=name, **more) for name, more in names.items()]
        self.add("providers", firstName="Ines", lastName="Halt", email="ines@example.com", serviceList=given)
        buyer = next(iter(self.shop("customers").values()))
        self.visit(3, customer=person(buyer["first_name"], buyer["last_name"], buyer["email"].upper()))
        self.visit(-3, status="no-show")
        self.visit(-20, payment={"gateway": "stripe", "status": "paid"})
        self.visit(40, status="canceled")
        self.visit(100)
        self.visit(-40)
        self.tour(5, person("Ida", "Berg", "ida@example.com"), person("Lea", "Roth", "lea@example.com"))

    def _number(self, stream: str, key: str, value: str) -> int:
        return next(number for number, each in self.held(stream).items() if each[key] == value)

    @cached_property
    def massage(self) -> int:
        return self._number("services", "name", MASSAGE)

    @cached_property
    def circle(self) -> int:
        return self._number("services", "name", CIRCLE)

    @cached_property
    def ines(self) -> int:
        return self._number("providers", "email", "ines@example.com")

    def held(self, stream: str) -> dict[int, dict[str, Any]]:
        found = self.ground.control("GET", "dump")["amelia"][stream]
        return {each["id"]: each for each in found}

    def booked(self, appointment: int) -> dict[str, Any]:
        return self.held("appointments")[appointment]

    def add(self, stream: str, **fields: Any) -> dict[str, Any]:
        added: dict[str, Any] = self.ground.control("POST", f"amelia/{stream}", fields)
        return added

    def staff(self, appointment: int, **fields: Any) -> None:
        """Somebody of the staff, at the plugin's screen."""
        self.ground.control("PATCH", f"amelia/appointments/{appointment}", fields)

    def visit(self, days: int = 3, hour: str = "10:00", **fields: Any) -> tuple[int, str]:
        """A guest books: the appointment's number, and the line of the booking."""
        given = {"bookingStart": self.today(days, hour), "serviceId": self.massage, "providerId": self.ines}
        made = self.add("appointments", **{**given, "customer": person("Ida", "Berg", "ida@example.com"), **fields})
        return made["id"], line(made["bookings"][-1]["id"])

    def tour(self, days: int, *people: Mapping[str, str], hour: str = "15:00") -> tuple[int, list[str]]:
        """A group session: the appointment's number, and a line for each of its bookings."""
        bookings = [{"customer": person} for person in people]
        given = {"bookingStart": self.today(days, hour), "serviceId": self.circle, "providerId": self.ines}
        made = self.add("appointments", **given, bookings=bookings)
        return made["id"], [line(each["id"]) for each in made["bookings"]]

    # ---- in Notion

    def row_made(self, entity: str, **properties: Any) -> str:
        parent = {"type": "data_source_id", "data_source_id": self.sources[entity]}
        made = self.ground.control("POST", "notion/pages", {"parent": parent, "properties": properties})
        return str(made["id"])

    def page(self, page_id: str) -> dict[str, Any]:
        return self.pages()[page_id]


def line(booking: int) -> str:
    return f"space:appointments:{booking}"


def person(first: str, last: str, email: str) -> dict[str, str]:
    return {"firstName": first, "lastName": last, "email": email}


def option(name: str) -> dict[str, Any]:
    return {"select": {"name": name}}


def at(start: str) -> dict[str, Any]:
    """A time of Berlin's clock, without an end."""
    return {"date": {"start": start.replace(" ", "T"), "time_zone": "Europe/Berlin"}}


def source(*names: str) -> dict[str, Any]:
    return {"multi_select": [{"name": name} for name in names]}


def related(*pages: str) -> dict[str, Any]:
    return {"relation": [{"id": page} for page in pages]}


def written(path: Path, url: str, **more: Any) -> None:
    """The sandbox's config with the site as `space`, whatever else it calls that one."""
    table = tomllib.loads(path.read_text())
    table["services"] = {name: each for name, each in table["services"].items() if each["kind"] == "woocommerce"}
    table["services"]["space"] = {**AmeliaTwin.settings(f"{url}/amelia", budget=False), **more}
    path.write_text(tomli_w.dumps(table))


@contextmanager
def studio(folder: Path, *options: str, **more: Any) -> Iterator[Studio]:
    with sandbox(folder, *options) as ground:
        written(ground.config, ground.url, **more)
        here = Studio(ground)
        here.begin_early()
        here.furnish()
        yield here
