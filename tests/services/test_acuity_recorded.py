"""The adapter reads what a real account gave, value by value, and asks as was recorded to work.

The recordings are not part of the project: without `../shared/recorded/acuity` beside it nothing of this is tried.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from higherself_sync.core.record import Draft, Gone, Marks, Record, Value, Values, When
from higherself_sync.errors import Refused, Unauthorised, Unreachable
from higherself_sync.services.acuity import Acuity
from tests.services.desk import adapter, everything, record

RECORDED = Path(__file__).parents[2].parent / "shared" / "recorded" / "acuity"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not beside the project")

DATE = "Mon, 15 Jun 2026 14:45:00 GMT"
JANE = frozenset({"desk:people:jane.mctest@example.com"})
USER = frozenset({"desk:people:test.user@example.com"})
EXAMPLE = (
    "Give me a little click and drag to reschedule, or click to view details.\n"
    "(Psst, this is an example appointment, you can cancel it to remove this.)"
)


def sample(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: Mapping[str, str]
    body: Any


class Recording(httpx.BaseTransport):
    """Answers each method and path with what was recorded for it, whatever was asked besides."""

    def __init__(self, *names: str) -> None:
        exchanges = [sample(name) for name in ("me", "appointment_types_list", "calendars_list", *names)]
        self._answers = {(each["request"]["method"], each["request"]["path"]): each["response"] for each in exchanges}
        self.seen: list[Seen] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        content = request.read()
        self.seen.append(Seen(request.method, path, dict(request.url.params), json.loads(content) if content else None))
        answer = self._answers[request.method, path]
        return httpx.Response(answer["status"], json=answer["body"], headers={"date": DATE})

    def sent(self, method: str) -> Seen:
        (found,) = (each for each in self.seen if each.method == method)
        return found


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def row(
    client: frozenset[str],
    who: str,
    start: datetime,
    end: datetime,
    notes: str | None = None,
    status: str = "scheduled",
) -> dict[str, Value]:
    """What all recorded appointments have in common: one type, one calendar, nothing paid."""
    return {
        "appointment": f"Consultation, {who}", "client": client, "when": When(start, end),
        "service_type": "Consultation", "status": "scheduled", "price": Decimal(45), "paid": Decimal(0),
        "calendar": "Nango API", "notes": notes,
    }  # fmt: skip


NOTED = row(JANE, "Jane McTest", utc(2026, 6, 15, 6, 30), utc(2026, 6, 15, 7, 20), EXAMPLE)
AT_TEN = (utc(2026, 6, 30, 7, 0), utc(2026, 6, 30, 7, 50))
LISTED: Mapping[str, Values] = {
    "1722118367": row(USER, "Test User", utc(2026, 7, 15, 7, 0), utc(2026, 7, 15, 7, 50)),
    "1722118542": row(
        frozenset({"desk:people:temp.test@example.com"}), "Temp Test", utc(2026, 6, 30, 11, 0), utc(2026, 6, 30, 11, 50)
    ),
    "1722119203": row(USER, "Test User", *AT_TEN),
    "1722119498": row(USER, "Test User", *AT_TEN),
    "1722119556": row(USER, "Test User", *AT_TEN),
    "1722092210": NOTED,
}


@pytest.fixture
def listed() -> Iterator[Acuity]:
    service = adapter(Recording("appointments_list"))
    yield service
    service.close()


def test_the_recorded_list_becomes_the_rows_written_by_hand(listed: Acuity) -> None:
    assert {key: each.values for key, each in everything(listed, "appointments").items()} == LISTED


def test_what_several_lists_show_alike_is_read_once(listed: Acuity) -> None:
    """Whatever days are asked for, this recording answers with all that it has."""
    ids = [each.id for batch in listed.replica("appointments").read(None) for each in batch.records]
    assert sorted(ids) == sorted(LISTED)


def test_what_is_known_of_each_beside_its_values(listed: Acuity) -> None:
    found = everything(listed, "appointments")
    assert {each.created for each in found.values()} == {
        utc(2026, 6, 15, 14, 40, 23), utc(2026, 6, 15, 14, 40, 35), utc(2026, 6, 15, 14, 41, 33),
        utc(2026, 6, 15, 14, 42), utc(2026, 6, 15, 14, 42, 6), utc(2026, 6, 15, 13, 59, 20),
    }  # fmt: skip
    assert {each.modified for each in found.values()} == {None}
    assert {each.marks for each in found.values()} == {Marks()}
    assert {key for key, each in found.items() if not each.markable} == {"1722092210"}, "it began in the morning"
    assert found["1722118367"].key == "2026-07-15T07:00:00Z test.user@example.com"


def test_the_people_of_the_recorded_list(listed: Acuity) -> None:
    people = [each.people[0].values for each in everything(listed, "appointments").values()]
    assert {"name": "Jane McTest", "email": "jane.mctest@example.com", "phone": "1235550101"} in people
    assert {"name": "Temp Test", "email": "temp.test@example.com", "phone": None} in people
    assert len(people) == 6


def test_the_day_as_it_was_recorded_is_asked_for_and_read() -> None:
    transport = Recording("appointments_day_2026-06-15")
    service = adapter(transport, back=0, ahead=0)
    noted = {**NOTED, "notes": "Updated via Nango action"}
    assert {key: each.values for key, each in everything(service, "appointments").items()} == {"1722092210": noted}
    (asked,) = (each for each in transport.seen if each.path == "/appointments")
    recorded = sample("appointments_day_2026-06-15")["request"]["query"]
    assert asked.query == {**recorded, "excludeForms": "true"}


def test_a_day_without_appointments_is_an_empty_list() -> None:
    assert everything(adapter(Recording("appointments_day_empty")), "appointments") == {}


def test_a_single_appointment_says_the_same_as_the_list(listed: Acuity) -> None:
    alone = record(adapter(Recording("appointment_get")), "1722092210")
    assert alone == everything(listed, "appointments")["1722092210"]


def test_the_documented_example_with_forms_and_labels_and_without_much_else() -> None:
    found = record(adapter(Recording("appointment_docs_example_forms_labels"), marker_field=2), "54321")
    assert found.values == {
        "appointment": "Regular Visit, Bob McTest", "client": frozenset({"desk:people:bob.mctest@example.com"}),
        "when": When(utc(2013, 7, 2, 17, 15), utc(2013, 7, 2, 18, 15)), "service_type": "Regular Visit",
        "status": "scheduled", "price": Decimal(10), "paid": Decimal(0), "calendar": "My Calendar", "notes": "Notes",
    }  # fmt: skip
    assert (found.created, found.native["field"]) == (None, "yes")


def test_a_create_is_sent_as_it_was_recorded_to_work() -> None:
    transport = Recording("appointment_create")
    wanted: Values = {"when": When(AT_TEN[0]), "service_type": "Consultation", "calendar": "Nango API"}
    client = Record("page", {"name": "Test User", "email": "test.user@example.com", "phone": "(123) 555-9999"})
    made = adapter(transport).replica("appointments").create(Draft(wanted, Marks(), (client,)))
    recorded, sent = sample("appointment_create")["request"], transport.sent("POST")
    assert (sent.query, sent.body) == (recorded["query"], {**recorded["body"], "notes": ""})
    assert (made.id, made.values) == ("1722119556", LISTED["1722119556"])


def test_notes_are_written_as_it_was_recorded_to_work() -> None:
    transport = Recording("appointment_put_notes_admin", "appointment_get")
    service = adapter(transport)
    service.replica("appointments").update(
        record(service, "1722092210"), {"notes": "Updated via Nango action"}, Marks()
    )
    recorded, sent = sample("appointment_put_notes_admin")["request"], transport.sent("PUT")
    assert (sent.query, sent.body) == ({**recorded["query"], "noEmail": "true"}, recorded["body"])


def test_a_cancellation_is_sent_and_read_as_recorded() -> None:
    transport = Recording("appointment_cancel")
    gone = {**sample("appointment_cancel")["response"]}
    transport._answers["GET", "/appointments/1722118401"] = gone
    values = row(USER, "Test User", utc(2026, 7, 15, 7, 0), utc(2026, 7, 15, 7, 50))
    before = Record("1722118401", values, native={"notes": ""})
    after = adapter(transport).replica("appointments").update(before, {"status": "canceled"}, Marks())
    assert transport.sent("PUT").body == sample("appointment_cancel")["request"]["body"]
    assert after.values == {**values, "status": "canceled"}
    assert (after.key, after.markable) == (None, False)
    assert after.locked == {"when", "service_type", "calendar"}


def test_a_reschedule_is_sent_and_read_as_recorded() -> None:
    transport = Recording("appointment_reschedule")
    transport._answers["GET", "/appointments/1722118542"] = sample("appointment_reschedule")["response"]
    wanted = LISTED["1722118542"]
    before = Record("1722118542", {**wanted, "when": When(utc(2026, 7, 1, 7, 0))}, native={"notes": ""})
    after = adapter(transport).replica("appointments").update(before, {"when": wanted["when"]}, Marks())
    assert transport.sent("PUT").body == sample("appointment_reschedule")["request"]["body"]
    assert after.values == wanted


def test_the_types_become_products_in_the_accounts_currency() -> None:
    (found,) = everything(adapter(Recording()), "types").values()
    assert found.values == {
        "name": "Consultation", "type": "service", "status": "active", "price": Decimal(45), "currency": "USD"
    }  # fmt: skip


def test_somebody_with_nothing_ahead_is_told_of_by_the_list_of_clients() -> None:
    people = adapter(Recording("clients_list", "appointments_day_empty")).replica("people")
    found = people.fetch(["jane.mctest@example.com", "temp.test@example.com", "nobody@example.com"])
    told = {key: each.values if isinstance(each, Record) else each for key, each in found.items()}
    assert told == {
        "jane.mctest@example.com": {
            "name": "Jane McTest", "email": "jane.mctest@example.com", "phone": "(123) 555-0101"
        },
        "temp.test@example.com": {"name": "Temp Test", "email": "temp.test@example.com", "phone": None},
        "nobody@example.com": Gone.HIDDEN,
    }  # fmt: skip


def test_a_number_that_a_partial_put_has_blanked_in_the_list_is_taken_from_an_appointment() -> None:
    people = adapter(Recording("clients_list", "appointments_list")).replica("people")
    found = people.fetch(["test.user@example.com"])["test.user@example.com"]
    assert isinstance(found, Record)
    assert found.values["phone"] == "1235559999", "of the next appointment; in the list of clients it is blank"


def test_the_account_is_healthy_and_its_plan_is_looked_at() -> None:
    checks = {each.name: each for each in adapter(Recording()).health()}
    assert {name: each.status for name, each in checks.items()} == {"account": "ok", "plan": "warn", "zone": "ok"}
    assert "Premium" in checks["account"].message
    assert "Indian/Mayotte" in checks["zone"].message


@pytest.mark.parametrize(("name", "status"), [("forms_list_field_types", "ok"), ("forms_empty", "fail")])
def test_the_field_that_is_to_hold_back_links_is_looked_for(name: str, status: str) -> None:
    checks = {each.name: each for each in adapter(Recording(name), marker_field=10113708).health()}
    assert checks["marker_field"].status == status


def test_a_wrong_key() -> None:
    with pytest.raises(Unauthorised, match="401: Unauthorized"):
        everything(adapter(Recording("error_401")), "appointments")


def test_too_many_requests() -> None:
    with pytest.raises(Unreachable, match="429"):
        everything(adapter(Recording("error_429")), "appointments")


def test_a_refused_create_says_why() -> None:
    client = Record("page", {"name": "Test User"})
    draft = Draft({"when": When(utc(2026, 6, 30, 7, 0)), "service_type": "Consultation"}, Marks(), (client,))
    with pytest.raises(Refused) as caught:
        adapter(Recording("error_400_required_first_name")).replica("appointments").create(draft)
    assert (caught.value.message, caught.value.status) == ('Attribute "firstName" is required.', 400)


USED = {
    *("appointments_list", "appointments_day_2026-06-15", "appointments_day_empty", "appointment_get"),
    *("appointment_create", "appointment_put_notes_admin", "appointment_cancel", "appointment_reschedule"),
    *("appointment_docs_example_forms_labels", "appointment_types_list", "clients_list", "calendars_list", "me"),
    *("forms_list_field_types", "forms_empty", "error_401", "error_429", "error_400_required_first_name"),
}
NOT_MAPPED = {"appointment_payments_empty", "blocks_list", "labels_list", "meta", "webhook_static_scheduled"}


def test_every_sample_is_read_or_known_to_have_no_mapped_field() -> None:
    assert {path.stem for path in RECORDED.glob("*.json")} == USED | NOT_MAPPED
