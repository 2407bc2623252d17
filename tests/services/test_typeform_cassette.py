"""The adapter over a cassette: what went over the wire between it and the twin, on a clock that stood still.

`python -m tests.services.test_typeform_cassette` records it anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

from higherself_sync.core.record import Gone, Record, when
from higherself_sync.http import open_door
from higherself_sync.sandbox.build import build_sandbox
from higherself_sync.sandbox.server import serve
from higherself_sync.sandbox.typeform import TypeformTwin
from higherself_sync.services.typeform import Settings, Typeform, connect
from tests.cassettes import recorded, recording
from tests.services.typeform_account import question, records

CASSETTE = "typeform/account"
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
SINCE = NOW - timedelta(hours=1)
LEADS = "gIRHYH7L"  # the id that the twin draws for the second form
NOWHERE = "http://127.0.0.1:9/typeform"  # nobody listens there
FEEDBACK = (
    question("rating", "stars", "How was it?", steps=5),
    question("long_text", "words", "What do you take home, {{field:name}}?"),
    question("short_text", "name", "Your name"),
    question("email", "email", "Your address"),
)
CONTACT = (question("email", "email", "Your address"), question("long_text", "message", "What can we do for you?"))


@contextmanager
def account(base_url: str) -> Iterator[Typeform]:
    door = partial(open_door, timeout=5.0, max_wait=5.0, sleeper=lambda _: None)
    settings = {"token": "tfp_sandbox", "base_url": base_url, "requests_per_second": 0, "leads": [LEADS]}
    service = connect("forms", Settings.model_validate(settings), door, {})
    try:
        yield service
    finally:
        service.close()


Seen = tuple[list[str], dict[str, Record], dict[str, Record], dict[str, Record], dict[str, Record | Gone]]


def looked(service: Typeform) -> Seen:
    """Health; all responses; the leads; what came since; what became of two of them and of one that never was."""
    checks = [str(check.status) for check in service.health()]
    everything, leads = records(service), records(service, "leads")
    since = records(service, since=SINCE)
    asked = [*everything, "0000000000000000000000000000dead"]
    return checks, everything, leads, since, dict(service.replica("responses").fetch(asked))


def test_the_cassette_reads_as_it_was_meant() -> None:
    with recorded(CASSETTE) as tape, account(NOWHERE) as service:
        checks, everything, leads, since, fetched = looked(service)
        assert tape.all_played
    assert checks == ["ok"] * 3
    newest, oldest = everything.values()
    assert newest.values == {
        "feedback": "Très beau lieu & très calme.",
        "client": {"forms:people:zoe@example.com"},
        "content": "What do you take home?: Très beau lieu & très calme.",
        "rating": Decimal(4),
        "submitted": when(NOW - timedelta(minutes=10)),
        "form": "After your retreat",
    }
    assert newest.people[0].values == {"name": "Zoé Lefèvre", "email": "Zoe@Example.com", "phone": None}
    assert (oldest.values["feedback"], oldest.values["rating"]) == ("After your retreat", Decimal(2))
    assert oldest.values["client"] == frozenset()
    assert [lead.people[0].id for lead in leads.values()] == ["noor@example.com"]
    assert list(since) == [newest.id]
    assert list(fetched.values()) == [newest, oldest, Gone.DELETED]


def test_what_is_not_on_it_is_no_answer() -> None:
    refused = pytest.raises(CannotOverwriteExistingCassetteException)
    with recorded(CASSETTE), account(NOWHERE) as service, refused:
        records(service, since=SINCE - timedelta(hours=1))


# --------------------------------------------------------------------------------------------------------- recording


def record() -> None:
    """Two answers to a form, one to another, and everything that `looked` asks."""
    sandbox = build_sandbox(records=0)
    (twin,) = [each for each in sandbox.twins if isinstance(each, TypeformTwin)]
    sandbox.clock.freeze(True)
    sandbox.clock.set(NOW)
    long_ago, today = NOW - timedelta(days=2), NOW - timedelta(minutes=10)
    feedback = twin.add("forms", {"title": "After your retreat", "fields": list(FEEDBACK)}, long_ago)["id"]
    contact = twin.add("forms", {"title": "Get in touch", "fields": list(CONTACT)}, long_ago)["id"]
    assert contact == LEADS, "the twin draws other ids now: correct LEADS"
    twin.add("responses", {"form_id": feedback, "answers": {"stars": 2}}, long_ago)
    words = {"stars": 4, "words": "Très beau lieu & très calme.", "name": "Zoé Lefèvre", "email": "Zoe@Example.com"}
    twin.add("responses", {"form_id": feedback, "answers": words}, today)
    twin.add("responses", {"form_id": contact, "answers": {"email": "noor@example.com"}}, today)
    with serve(sandbox) as url, recording(CASSETTE), account(f"{url}/typeform") as service:
        looked(service)


if __name__ == "__main__":
    record()
