"""The twin against everything that was recorded from a real UserFeedback Lite 1.2.0: status, headers, body.

Nothing is forgiven: types, key order and values are the recorded ones.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from higherself_sync.sandbox.userfeedback import UserFeedbackTwin
from tests.sandbox.wordpress_client import Client, basic, differences, sample, typed

INDEX: dict[str, Any] = sample("userfeedback", "index")
CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "error_no_credentials": {},
    "error_bad_password": basic("sandbox", "wrong wrong wrong"),
    "error_no_capability": basic("manager", "app_manager"),
}
RECORDED_AT = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)


def responses() -> list[dict[str, Any]]:
    """All sixteen: those that were listed, the others as far as the sums tell of them.

    The sums show fifteen; one more (4 or 5, the other was deleted) answered nothing.
    """
    listed = [
        *sample("userfeedback", "responses_page1")["items"],
        *sample("userfeedback", "responses_last_page")["items"],
    ]
    known = {response["id"]: response for response in listed}
    for question in sample("userfeedback", "survey_results")["question_stats"]:
        for answer in question["answers"]:
            response = {"id": answer["response_id"], "survey_id": "1", "submitted_at": answer["date"], "answers": []}
            kept = known.setdefault(answer["response_id"], response)
            if kept not in listed:
                kept["answers"].append({"question_id": question["id"], "value": answer["value"]})
    silent = {"id": "4", "survey_id": "1", "answers": [], "submitted_at": "2026-11-23 18:28:00"}
    return [*known.values(), silent]


@pytest.fixture
def site() -> Client[UserFeedbackTwin]:
    twin = UserFeedbackTwin()
    twin.load({"surveys": sample("userfeedback", "surveys_no_page"), "responses": responses()}, RECORDED_AT)
    return Client(twin, "userfeedback/v1", basic("sandbox", "app_sandbox"), RECORDED_AT)


@pytest.mark.parametrize("name", INDEX)
def test_the_twin_answers_as_the_real_plugin_did(name: str, site: Client[UserFeedbackTwin]) -> None:
    request = INDEX[name]["request"]
    site.headers = CREDENTIALS.get(name, site.headers)
    answer = site.call(request["method"], request["path"], urlencode(request["query"]), request["body"])
    assert differences(answer, INDEX[name], sample("userfeedback", name)) == []


def test_every_sample_is_compared() -> None:
    assert len(INDEX) == 10


def test_what_was_loaded_is_shown_and_leads_to_this_site(site: Client[UserFeedbackTwin]) -> None:
    dumped = site.twin.dump()
    assert typed(dumped["surveys"]) == typed(sample("userfeedback", "surveys_no_page")[::-1])
    assert dumped["responses"][0]["page_submitted"]["url"] == "/sample-page/"
    fresh = UserFeedbackTwin()
    fresh.load(dumped, RECORDED_AT)
    assert fresh.dump() == dumped


def test_what_is_made_after_loading_gets_higher_ids(site: Client[UserFeedbackTwin]) -> None:
    assert site.add("responses", survey_id="1", answers=[])["id"] == "18"
    assert site.add("surveys", title="Next")["id"] == "3"


def test_json_is_written_as_php_writes_it(site: Client[UserFeedbackTwin]) -> None:
    raw = site.get("surveys/2").raw + site.get("surveys/1/responses", page="2").raw
    assert b"\\u00fcmlaut" in raw
    assert b"\\/sample-page\\/" in raw
