"""The service contract on the Typeform twin: two forms of feedback, and one whose answers are leads."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from higherself_sync.errors import Refused
from higherself_sync.sandbox.typeform.made_up import CONTACT
from higherself_sync.services.base import Service
from higherself_sync.services.typeform import Typeform
from tests.contract.service_contract import Bench, Case, ServiceContract
from tests.services.typeform_account import TwinTransport, adapter

NEVER_GIVEN = "0000000000000000000000000000dead"


@pytest.fixture
def twin() -> TwinTransport:
    transport = TwinTransport()
    transport.twin.fill(14, 0, transport.now)
    return transport


@pytest.fixture
def forms(twin: TwinTransport) -> Iterator[Typeform]:
    service = adapter(twin, leads=[CONTACT])
    yield service
    service.close()


class TestTypeform(ServiceContract):
    cases = (Case("responses", unknown=NEVER_GIVEN), Case("leads", unknown=NEVER_GIVEN))

    @pytest.fixture
    def bench(self, twin: TwinTransport, forms: Typeform) -> Bench:
        def held(stream: str) -> set[str]:
            found = [
                each for each in twin.twin.dump()["responses"] if (each["form_id"] == CONTACT) == (stream == "leads")
            ]
            return {each["token"] for each in found}

        def advance(seconds: float) -> None:
            twin.now += timedelta(seconds=seconds)

        def arrive(stream: str) -> str:
            email = {"email": "ana@example.com"}
            return twin.answer(CONTACT, email) if stream == "leads" else twin.answer("SpaceVis", {"rating": 4, **email})

        return Bench(
            forms, held, advance, lambda: sum(each.method != "GET" for each in twin.requests), arrive=arrive
        )  # fmt: skip


def test_it_is_a_service(forms: Typeform) -> None:
    service: Service = forms
    assert service.kind == "typeform"


def test_nothing_is_taken_out_of_a_trash_that_it_has_not(forms: Typeform) -> None:
    for stream in ("responses", "leads"):
        with pytest.raises(Refused):
            forms.replica(stream).restore(NEVER_GIVEN, {})


def test_nothing_was_created_so_nothing_is_found(forms: Typeform, twin: TwinTransport) -> None:
    from higherself_sync.core.record import Draft, Marks

    assert forms.replica("responses").find_created(Draft({}, Marks()), twin.now) is None
