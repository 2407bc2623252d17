"""The service contract, on Amelia's twin."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from higherself_sync.core.record import Gone, when
from higherself_sync.services.amelia import Amelia
from tests.contract.service_contract import Bench, Case, ServiceContract
from tests.services.booking_site import TwinTransport, adapter, client


@pytest.fixture
def site() -> TwinTransport:
    """Single sessions before groups, past ones and such that lie ahead; and somebody who never came."""
    transport = TwinTransport()
    transport.furnish()
    transport.visit("2026-11-30 10:00", internalNotes="Prefers the quiet room.\n\nKnee & <left>")
    transport.visit("2026-11-20 15:00", 4, payment={"gateway": "stripe", "status": "paid"})
    transport.tour("2026-12-05 11:00", 3, 4, 5)
    transport.visit("2027-02-01 09:00", 5, status="canceled")
    return transport


@pytest.fixture
def booking(site: TwinTransport) -> Iterator[Amelia]:
    service = adapter(site)
    yield service
    service.close()


def hour(day: int, hour_: int) -> datetime:
    return datetime(2026, 12, day, hour_, 0, tzinfo=UTC)


class TestAmelia(ServiceContract):
    cases = (
        Case(
            "customers",
            edits={"name": "Zoë van den Berg", "email": "zoe+other@example.com", "phone": "+49 30 123456"},
            refused={"email": "suparman@example.com"},  # another customer's
            draft={"name": "Noor van den Berg", "email": "noor@example.com", "phone": "0171/5551"},
        ),
        Case("services"),
        Case(
            "appointments",
            edits={"when": when(hour(3, 9), hour(3, 10)), "status": "pending", "notes": "Brings 🌿\nand a friend"},
            refused={"status": "bogus"},
            draft={"when": when(hour(4, 14)), "service_type": "Massage; 60 min", "notes": "From Notion"},
            clients=(client("Anna Lindner", "anna@example.com"),),
            unknown_is=Gone.HIDDEN,  # the API finds no booking by its number, and this one was never shown
            born=frozenset({"service_type", "calendar"}),
        ),
    )

    @pytest.fixture
    def bench(self, site: TwinTransport, booking: Amelia) -> Bench:
        def held(stream: str) -> set[str]:
            items = site.twin.dump()[stream]
            if stream == "appointments":
                items = [each for one in items for each in one["bookings"]]
            return {str(item["id"]) for item in items}

        def advance(seconds: float) -> None:
            site.now += timedelta(seconds=seconds)

        return Bench(booking, held, advance, site.writes)
