"""The service contract on Acuity's twin: appointments by windows, people found in them, and read-only types."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from higherself_sync.core.record import Gone, Record, email_key, when
from higherself_sync.services.acuity import Acuity
from tests.contract.service_contract import Bench, Case, ServiceContract
from tests.services.desk import Desk, adapter, in_the_window, practice

CLIENT = Record("1f0a2b3c-0000-4000-8000-00000000c0de", {"name": "Zoë de la Cruz", "email": "zoe+desk@example.com"})


@pytest.fixture
def desk() -> Desk:
    return practice()


@pytest.fixture
def acuity(desk: Desk) -> Iterator[Acuity]:
    service = adapter(desk)
    yield service
    service.close()


class TestAcuity(ServiceContract):
    cases = (
        Case(
            "appointments",
            edits={
                "notes": "Bitte klingeln <b>2x</b> & warten 🙏\nzweite Zeile",
                "when": when(datetime(2026, 12, 24, 9, 15, tzinfo=UTC), datetime(2026, 12, 24, 10, 5, tzinfo=UTC)),
                "status": "canceled",
            },
            refused={"status": "completed"},
            draft={
                "when": when(datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
                "service_type": "consultation",
                "notes": "Erstes Gespräch",
            },
            clients=(CLIENT,),
            born=frozenset({"service_type", "calendar"}),
        ),
        Case(
            "people",
            edits={"name": "Anna Maria Vogel", "phone": "+49 30 23125 999"},
            refused={"name": "Anna"},  # Acuity wants two parts
            unknown="nobody@example.com",
            unknown_is=Gone.HIDDEN,
        ),
        Case("types", edits={}, unknown_is=Gone.HIDDEN),
    )

    @pytest.fixture(params=["notes", "field"])
    def bench(self, request: pytest.FixtureRequest, desk: Desk, acuity: Acuity) -> Bench:
        """Both places of the back-link: a line of the notes, and a field of an intake form."""
        service = acuity
        if request.param == "field":
            form = desk.add("forms", name="Notion", hidden=True, fields=[{"name": "Page", "type": "textbox"}])
            for number in desk.held("appointments"):
                desk.change(number, fields=[])  # they are shown the new form
            service = adapter(desk, marker_field=form["fields"][0]["id"])

        def held(stream: str) -> set[str]:
            booked = in_the_window(desk)
            match stream:
                case "appointments":
                    return {str(each["id"]) for each in booked}
                case "people":
                    return {str(email_key(each["email"])) for each in booked}
                case _:
                    return {number for number, each in desk.held("appointment-types").items() if each["active"]}

        def advance(seconds: float) -> None:
            desk.now += timedelta(seconds=seconds)

        return Bench(service, held, advance, lambda: len(desk.writes()))
