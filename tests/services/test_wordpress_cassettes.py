"""UserFeedback, Tutor LMS and a free Amelia over cassettes: the recorded answers, through the whole HTTP stack."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

from higherself_sync.errors import Unauthorised, Unreachable
from higherself_sync.http import open_door
from higherself_sync.services.amelia import Settings, connect
from tests.cassettes import FOLDER, recorded
from tests.cassettes.from_recordings import TAPES, tape
from tests.services.sites import everything, opened

NOWHERE = "http://127.0.0.1:9"  # nobody listens there
THEN = datetime(2026, 11, 23, 17, 28, tzinfo=UTC)


@contextmanager
def service(kind: str, cache: dict[str, str] | None = None, **settings: Any) -> Iterator[Any]:
    made = opened(kind, None, cache, url=NOWHERE, timezone="Europe/Berlin", **settings)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("name", TAPES)
def test_a_cassette_is_what_the_recordings_make_of_it(name: str) -> None:
    assert (FOLDER / f"{name}.yaml").read_text(encoding="utf-8") == tape(name)


def test_new_responses_are_read_down_to_the_last_known() -> None:
    known = [[THEN.isoformat(), {"1": {"highest": 15, "count": 14, "trash": 0}}]]
    with (
        recorded("userfeedback/new_responses") as played,
        service("userfeedback", {"site:responses": json.dumps(known)}) as site,
    ):
        responses = site.replica("responses")
        new = everything(responses, THEN)
        asked = responses.fetch(["1-16", "1-17"])
        assert played.all_played
    assert {each: record.values["rating"] for each, record in new.items()} == {"1-17": Decimal(0), "1-16": Decimal(10)}
    assert asked == new


def test_courses_and_reviews_of_the_free_edition() -> None:
    with recorded("tutorlm/free_edition") as played, service("tutorlm", same_site="shop") as site:
        found = {each.name: everything(site.replica(each.name)) for each in site.streams}
        assert played.all_played
    assert {each: set(records) for each, records in found.items()} == {
        "courses": {"174", "175"},
        "reviews": {"174-30", "174-31"},
        "enrolments": set(),
    }
    assert found["reviews"]["174-30"].values["client"] == {"shop:customers:8"}


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("userfeedback/bad_password", "check application_password"),
        ("userfeedback/no_capability", "a shop manager has not"),
        ("tutorlm/wrong_key", "Tutor LMS > Tools > REST API"),
    ],
)
def test_a_refusal_names_its_remedy(name: str, remedy: str) -> None:
    with recorded(name), service(name.partition("/")[0]) as site, pytest.raises(Unauthorised) as caught:
        everything(site.replica(site.streams[-1].name))
    assert remedy in caught.value.remedy


def test_a_free_amelia_has_no_api_for_keys() -> None:
    settings = Settings.model_validate({"url": NOWHERE, "api_key": "made up", "timezone": "Europe/Berlin"})
    with recorded("amelia-lite/no_key_api") as played:
        site = connect("booking", settings, partial(open_door, timeout=5.0, max_wait=5.0), {})
        with pytest.raises(Unreachable, match="no API for keys there") as caught:
            everything(site.replica("services"))
        checks = {each.name: each.status for each in site.health()}
        site.close()
        assert played.all_played
    assert "an Elite licence brings the API" in caught.value.remedy
    assert checks["edition"] == "fail"


def test_what_is_not_on_a_cassette_is_no_answer() -> None:
    refused = pytest.raises(CannotOverwriteExistingCassetteException)
    with recorded("tutorlm/free_edition"), service("tutorlm") as site, refused:
        site.replica("courses").fetch(["999"])
