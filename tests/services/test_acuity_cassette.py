"""The adapter over a cassette: what went over the wire between it and the twin, on a clock that stood still.

`python -m tests.services.test_acuity_cassette` records it anew. Nothing of it comes from a real account.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

from higherself_sync.core.record import Draft, Gone, Record, When, when
from higherself_sync.http import open_door
from higherself_sync.sandbox.acuity import AcuityTwin
from higherself_sync.sandbox.build import build_sandbox
from higherself_sync.sandbox.server import serve
from higherself_sync.services.acuity import Acuity, Settings, connect
from tests.cassettes import recorded, recording
from tests.contract.service_contract import marks
from tests.services.desk import ANNA, KEYS, MARY, everything

CASSETTE = "acuity/account"
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:9/acuity/api/v1"  # nobody listens there
KEY = "anna.vogel@example.com"
CLIENT = Record("page", {"name": "Zoë de la Cruz", "email": "zoe@example.com", "phone": "+49 30 4711"})
MARKS = marks(1)
FIRST, SECOND, MADE = "1700000001", "1700000002", "1700000003"  # as the twin counts


@contextmanager
def account(base_url: str) -> Iterator[Acuity]:
    door = partial(open_door, timeout=5.0, max_wait=5.0, sleeper=lambda _: None)
    settings = {**KEYS, "base_url": base_url, "requests_per_second": 0, "back": 7, "ahead": 30, "always": [1, 7]}
    service = connect("desk", Settings.model_validate(settings), door, {})
    try:
        yield service
    finally:
        service.close()


@dataclass(frozen=True)
class Seen:
    """What came of everything that `worked` does, in its order."""

    checks: Sequence[str]
    types: dict[str, Record]
    before: dict[str, Record]
    part: dict[str, Record]
    marked: Record | str
    moved: Record
    canceled: Record
    person: Record
    made: Record
    found: Record | None
    gone: Record | Gone


def worked(service: Acuity) -> Seen:
    """Looks at everything and at a part, links, moves, cancels, changes a person's number, books, and looks for it."""
    appointments, people = service.replica("appointments"), service.replica("people")
    checks = [each.status for each in service.health()]
    types, before = everything(service, "types"), everything(service)
    part = everything(service, since=NOW)
    ((_, marked),) = appointments.mark({FIRST: MARKS})
    current = appointments.fetch([FIRST, SECOND])
    first, second = current[FIRST], current[SECOND]
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    later = when(datetime(2026, 11, 26, 9, 30, tzinfo=UTC))
    moved = appointments.update(first, {"when": later, "notes": "asked for the morning"}, MARKS)
    canceled = appointments.update(second, {"status": "canceled"}, marks(2))
    anna = people.fetch([KEY])[KEY]
    assert isinstance(anna, Record)
    person = people.update(anna, {"phone": "+49 40 66969 555"}, MARKS)
    wanted = Draft({"when": later, "service_type": "Mediation; two parties"}, marks(3), (CLIENT,))
    made = appointments.create(wanted)
    found = appointments.find_created(wanted, NOW)
    gone = appointments.fetch(["1"])["1"]
    return Seen(checks, types, before, part, marked, moved, canceled, person, made, found, gone)


def test_the_cassette_is_played_as_it_was_meant() -> None:
    with recorded(CASSETTE) as tape, account(NOWHERE) as service:
        seen = worked(service)
        assert tape.all_played
    assert seen.checks == ["ok", "ok"]
    assert {str(each.values["name"]): each.values["price"] for each in seen.types.values()} == {
        "Consultation": Decimal(45), "Mediation, two parties": Decimal(280)
    }  # fmt: skip
    assert seen.before[FIRST].values == {
        "appointment": "Consultation, Anna Vogel", "client": frozenset({f"desk:people:{KEY}"}),
        "when": When(datetime(2026, 11, 25, 9, 0, tzinfo=UTC), datetime(2026, 11, 25, 9, 50, tzinfo=UTC)),
        "service_type": "Consultation", "status": "scheduled", "price": Decimal(45), "paid": Decimal(0),
        "calendar": "Studio", "notes": "Back room",
    }  # fmt: skip
    assert (set(seen.before), set(seen.part)) == ({FIRST, SECOND}, {FIRST})
    assert isinstance(seen.marked, Record)
    assert (seen.marked.marks, seen.marked.values) == (MARKS, seen.before[FIRST].values)
    assert (seen.moved.values["notes"], seen.moved.marks) == ("asked for the morning", MARKS)
    assert seen.moved.values["when"] == when(
        datetime(2026, 11, 26, 9, 30, tzinfo=UTC), datetime(2026, 11, 26, 10, 20, tzinfo=UTC)
    )
    assert seen.canceled.values["status"] == "canceled"
    assert seen.person.values["phone"] == "+494066969555"
    assert (seen.made.id, seen.made.values["appointment"]) == (MADE, "Mediation, two parties, Zoë de la Cruz")
    assert seen.found == seen.made
    assert seen.gone is Gone.DELETED


def test_what_is_not_on_it_is_no_answer() -> None:
    refused = pytest.raises(CannotOverwriteExistingCassetteException)
    with recorded(CASSETTE), account(NOWHERE) as service, refused:
        service.replica("appointments").fetch(["2"])


# --------------------------------------------------------------------------------------------------------- recording


def record() -> None:
    """Two sessions in a small practice, and everything that `worked` asks and does."""
    sandbox = build_sandbox(records=0)
    (twin,) = [each for each in sandbox.twins if isinstance(each, AcuityTwin)]
    sandbox.clock.freeze(True)
    sandbox.clock.set(NOW)
    _furnish(twin)
    with serve(sandbox) as url, recording(CASSETTE), account(f"{url}/acuity/api/v1") as service:
        worked(service)


def _furnish(twin: AcuityTwin) -> None:
    def add(stream: str, **data: Any) -> int:
        number: int = twin.add(stream, data, NOW)["id"]
        return number

    studio = add("calendars", name="Studio", timezone="Europe/Berlin")
    talk = add("appointment-types", name="Consultation ", duration=50, price="45.00", calendarIDs=[studio])
    add("appointment-types", name="Mediation, two parties", duration=120, price="280.00", calendarIDs=[studio])
    start, far = "2026-11-25T10:00:00+0100", "2026-12-18T18:00:00+0100"
    ids = (
        add("appointments", **ANNA, datetime=start, appointmentTypeID=talk, notes="Back room"),
        add("appointments", **MARY, datetime=far, appointmentTypeID=talk),
    )
    assert [str(each) for each in ids] == [FIRST, SECOND], "the twin counts differently now: correct the ids"


if __name__ == "__main__":
    record()
