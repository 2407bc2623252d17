"""Whole conversations with a site, replayed from cassettes: what is asked, in which order, and what comes of it.

The cassettes were recorded against the sandbox's twin, not against a real site; they hold no key, and nobody in them is
real. A request that differs from the recorded one in method, path, query or body finds no answer. To record them anew:
`python -m tests.services.test_amelia_cassettes`.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import vcr
from vcr.errors import CannotOverwriteExistingCassetteException

from higherself_sync.core.record import Draft, Gone, Values, when
from higherself_sync.errors import Refused, Unauthorised, Unreachable
from higherself_sync.http import open_door
from higherself_sync.sandbox.app import Sandbox
from higherself_sync.sandbox.build import build_sandbox
from higherself_sync.sandbox.server import serve
from higherself_sync.services.amelia import Amelia, Settings, connect
from tests.contract.service_contract import marks
from tests.services.booking_site import KEY, NOW, TwinTransport, client, fetched, read, utc

CASSETTES = Path(__file__).parent.parent / "cassettes" / "amelia"
SILENT = "http://127.0.0.1:9"  # nobody answers there: a replay that asks anybody fails

Conversation = Callable[[Amelia], Any]


def first_look(service: Amelia) -> Any:
    """A complete read of all three streams, and a run after it."""
    streams = ("customers", "services", "appointments")
    whole = {stream: sorted(read(service, stream)) for stream in streams}
    return whole, sorted(read(service, "appointments", NOW))


def changes(service: Amelia) -> Any:
    """Marks, then notes, time and status of one session, and the status of one in a group."""
    records = read(service, "appointments")
    replica = service.replica("appointments")
    marked = sorted(dict(replica.mark({each: marks(int(each)) for each in records})))
    values: Values = {"when": when(utc(12, 2, 9)), "status": "pending", "notes": "Knee, left 🌿"}
    moved = replica.update(records["1"], values, marks(1))
    canceled = replica.update(fetched(service, "appointments", "3"), {"status": "canceled"}, marks(3))
    return marked, dict(moved.values), canceled.values["status"]


def new_sessions(service: Amelia) -> Any:
    """One of somebody whom the site knows, one of somebody new, and one at an hour that is taken."""
    replica, somebody = service.replica("appointments"), client("Noor van den Berg", "noor@example.com")
    given: Values = {"when": when(utc(12, 4, 9)), "service_type": "Massage, 60 min"}
    one = replica.create(Draft(given, marks(8), (client("Anna Lindner", "anna@example.com"),)))
    other = replica.create(Draft({**given, "when": when(utc(12, 4, 12))}, marks(9), (somebody,)))
    with pytest.raises(Refused) as refused:
        replica.create(Draft(given, marks(10), (somebody,)))
    return one.values["client"], other.values["appointment"], refused.value.message


def gone(service: Amelia) -> Any:
    """A customer and a service that there never were, and a booking that was never shown."""
    streams = ("customers", "services", "appointments")
    return [service.replica(stream).fetch(["999999"])["999999"] for stream in streams]


def no_api(service: Amelia) -> Any:
    with pytest.raises(Unreachable) as caught:
        read(service, "appointments")
    return caught.value.message.partition(":")[0], [(check.name, check.status) for check in service.health()]


def no_key(service: Amelia) -> Any:
    with pytest.raises(Unauthorised) as caught:
        read(service, "customers")
    return caught.value.message


HEALTH = [("site", "ok"), ("edition", "fail"), ("zone", "ok")]
CONVERSATIONS: Mapping[str, tuple[Conversation, Mapping[str, Any], Any]] = {
    "first_look": (
        first_look,
        {},
        ({"customers": ["3", "4", "5"], "services": ["1", "2"], "appointments": ["1", "2", "3", "4"]}, ["1", "2", "3"]),
    ),
    "changes": (
        changes,
        {},
        (
            ["1", "2", "3", "4"],
            {
                "appointment": "Massage, 60 min, Anna Lindner",
                "client": frozenset({"booking:customers:3"}),
                "when": when(utc(12, 2, 9), utc(12, 2, 10)),
                "service_type": "Massage, 60 min",
                "status": "pending",
                "price": 60,
                "paid": 0,
                "calendar": "Petra Trainer",
                "notes": "Knee, left 🌿",
            },
            "canceled",
        ),
    ),
    "new_sessions": (
        new_sessions,
        {},
        (
            frozenset({"booking:customers:3"}),
            "Massage, 60 min, Noor van den Berg",
            "HTTP 409: Time slot is unavailable",
        ),
    ),
    "gone": (gone, {}, [Gone.DELETED, Gone.DELETED, Gone.HIDDEN]),
    "free_edition": (no_api, {"edition": "lite"}, ("no API for keys there", HEALTH)),
    "plugin_off": (no_api, {"plugin": "off"}, ("Amelia is not active there", HEALTH)),
    "api_off": (no_key, {"api": "off"}, "HTTP 403: API is not enabled. Please enable API in the features page."),
}
"""Per cassette what is said, how the site is set, and what comes of it."""


@contextmanager
def talking(name: str, url: str, mode: str) -> Iterator[tuple[Amelia, Any]]:
    """The adapter with a cassette in its door."""
    recorder = vcr.VCR(
        cassette_library_dir=str(CASSETTES),
        record_mode=mode,
        match_on=["method", "path", "query", "body"],
        filter_headers=["amelia", "host"],
        before_record_request=_of_no_port,
        before_record_response=_without_tokens,
        decode_compressed_response=True,
    )
    door = partial(open_door, timeout=5.0, max_wait=5.0, sleeper=lambda _: None)
    settings = Settings.model_validate({"url": f"{url}/amelia", "api_key": KEY, "timezone": "Europe/Berlin"})
    with recorder.use_cassette(f"{name}.yaml") as cassette:
        service = connect("booking", settings, door, {})
        yield service, cassette
        service.close()


def _of_no_port(request: Any) -> Any:
    request.uri = re.sub(r"^http://[^/]+", "http://studio.test", request.uri)
    return request


def _without_tokens(response: dict[str, Any]) -> dict[str, Any]:
    """Made up or not: whoever reads a cassette is to find no token in it."""
    try:
        body = json.loads(response["body"]["string"])
    except ValueError:
        return response
    text = json.dumps(_silenced(body), ensure_ascii=False)
    return {**response, "body": {"string": text.encode()}}


def _silenced(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: None if key == "token" else _silenced(each) for key, each in value.items()}
    return [_silenced(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_recorded_conversation_goes_as_it_went(name: str) -> None:
    say, _, expected = CONVERSATIONS[name]
    with talking(name, SILENT, "none") as (service, cassette):
        assert say(service) == expected
        assert cassette.all_played
        assert service.requests() == cassette.play_count


def test_every_cassette_is_replayed_and_holds_no_key() -> None:
    assert {path.stem for path in CASSETTES.glob("*.yaml")} == set(CONVERSATIONS)
    for path in CASSETTES.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert KEY not in text
        assert '"token": null' in text or '"token"' not in text


def test_a_request_that_was_not_recorded_finds_no_answer() -> None:
    with talking("gone", SILENT, "none") as (service, _), pytest.raises(CannotOverwriteExistingCassetteException):
        service.replica("customers").fetch(["5"])


# ----------------------------------------------------------------------------------------------------------- recording


def furnished(sandbox: Sandbox, knobs: Mapping[str, Any]) -> None:
    """The site of the contract's tests, at that moment."""
    site = TwinTransport()
    site.furnish()
    site.visit("2026-11-30 10:00", internalNotes="Prefers the quiet room")
    site.tour("2026-12-05 11:00", 3, 4)
    site.visit("2027-01-20 09:00", 5)
    snapshot = sandbox.snapshot()
    twins = {**snapshot["twins"], "amelia": site.twin.snapshot()}
    sandbox.restore({**snapshot, "twins": twins})
    sandbox.clock.set(NOW)
    sandbox.clock.freeze(True)
    sandbox.handle("POST", "/_sandbox/knobs", {"content-type": "application/json"}, json.dumps(knobs).encode(), "")


def record() -> None:
    """Write all cassettes anew."""
    for name, (say, knobs, expected) in CONVERSATIONS.items():
        (CASSETTES / f"{name}.yaml").unlink(missing_ok=True)
        sandbox = build_sandbox(records=0)
        furnished(sandbox, knobs)
        with serve(sandbox) as url, talking(name, url, "all") as (service, _):
            said = say(service)
        logging.getLogger(__name__).warning("%s: %s", name, "as expected" if said == expected else said)


if __name__ == "__main__":
    record()
