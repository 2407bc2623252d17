"""The account and its webhooks: who is let in, how often, and what the twin is to the sandbox."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from higherself_sync.sandbox.build import make_twins
from higherself_sync.sandbox.typeform import TypeformTwin
from tests.sandbox.typeform_client import START, Client, question

DENIED = {"code": "AUTHENTICATION_FAILED", "description": "Authentication failed"}


@pytest.fixture
def client() -> Client:
    return Client()


# Who is let in


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_compared_whatever_its_case(scheme: str, client: Client) -> None:
    client.headers = {"authorization": f"{scheme} tfp_sandbox"}
    answer = client.get("/me")
    assert answer.status == 200
    assert {"alias", "email", "language"} <= set(answer.body)


@pytest.mark.parametrize("path", ["/me", "/forms", "/forms/nope", "/workspaces"])
def test_no_header_is_a_401_and_a_bad_token_a_403_before_anything_is_looked_at(path: str, client: Client) -> None:
    client.headers = {}
    answer = client.get(path)
    text = "Authentication credentials not found on the Request Headers"
    assert (answer.status, answer.body) == (401, {"code": "AUTHENTICATION_FAILED", "description": text})
    client.headers = {"authorization": "Bearer tfp_sandbox2"}
    answer = client.get(path)
    assert (answer.status, answer.body) == (403, DENIED)


def test_who_is_not_let_in_is_told_in_json_that_is_not_called_so(client: Client) -> None:
    """Programs that parse a body by its type were seen to get text here, of both refusals."""
    for headers in ({}, {"authorization": "Bearer tfp_sandbox2"}):
        client.headers = headers
        for path in ("/me", "/forms/nope/responses"):
            assert client.get(path).headers["content-type"].startswith("text/plain")


def test_another_account_can_be_loaded(client: Client) -> None:
    me = {"user_id": "01ABC", "email": "ana@example.com", "alias": "Ana", "language": "pt"}
    client.twin.load({"me": me}, client.now)
    kept = client.twin.snapshot()
    assert (client.get("/me").body, list(client.get("/me").body)) == (me, list(me))
    client.twin.load({"me": {"alias": "Rui"}}, client.now)
    client.twin.restore(kept)
    client.twin.clear()
    assert client.get("/me").body == me, "an account without forms is still that account"


def test_the_wrong_data_centre_looks_like_a_bad_token(client: Client) -> None:
    form_id = client.form(question("short_text"))
    client.twin.knobs({"data_centre": "elsewhere"})
    for path in ("/me", "/forms", f"/forms/{form_id}/responses"):
        assert (client.get(path).status, client.get(path).body) == (403, DENIED)
    client.twin.knobs({"data_centre": "here"})
    assert client.get("/me").status == 200


def test_a_sibling_data_centre_shows_the_forms_and_none_of_their_responses(client: Client) -> None:
    form_id = client.form(question("short_text"))
    client.submit(form_id)
    client.twin.knobs({"data_centre": "sibling"})
    assert client.get("/forms").body["total_items"] == 1
    assert client.responses(form_id).body == {"items": [], "total_items": 0, "page_count": 0}


# The limit


def test_with_limits_a_third_request_within_a_second_is_told_to_wait() -> None:
    (twin,) = [twin for twin in make_twins(limits="real") if isinstance(twin, TypeformTwin)]
    client = Client(twin)
    assert [client.get(path).status for path in ("/me", "/forms")] == [200, 200]
    refused = client.get("/me")
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    client.wait(float(refused.headers["retry-after"]))
    assert client.get("/me").status == 200


def test_one_request_each_half_second_is_never_refused() -> None:
    client = Client()
    client.twin.limits = True
    for _ in range(10):
        assert client.get("/me").status == 200
        client.wait(0.5)


def test_without_limits_nothing_is_refused(client: Client) -> None:
    assert {client.get("/me").status for _ in range(50)} == {200}


# Webhooks


def hook(client: Client, form_id: str, **more: Any) -> dict[str, Any]:
    body = {"url": "https://example.com/hook", "enabled": True, **more}
    made: dict[str, Any] = client.call("PUT", f"/forms/{form_id}/webhooks/hsn", body=body).body
    return made


def test_a_webhook_that_is_put_again_is_the_same_one_changed(client: Client) -> None:
    form_id = client.form()
    first = hook(client, form_id)
    client.wait()
    second = hook(client, form_id, enabled=False)
    assert second == first | {"enabled": False, "updated_at": "2026-11-23T17:00:01.250000Z"}
    assert client.get(f"/forms/{form_id}/webhooks/hsn").body == second
    assert client.get(f"/forms/{form_id}/webhooks").body == {"items": [second]}
    assert client.call("PUT", f"/forms/{form_id}/webhooks/x", body={"enabled": 1}).code == "VALIDATION_ERROR"


def test_a_delivery_is_signed_over_its_bytes_with_the_secret(client: Client) -> None:
    form_id = client.form(question("long_text"))
    hook(client, form_id, secret="s3cr3t")
    client.submit(form_id, {"long_text": "Zoë"})
    (delivery,) = client.twin.deliveries()
    digest = base64.b64encode(hmac.new(b"s3cr3t", delivery.body, hashlib.sha256).digest()).decode()
    assert delivery.headers["typeform-signature"] == f"sha256={digest}"
    assert "Zoë".encode() in delivery.body
    assert client.twin.deliveries() == []


def test_without_a_secret_there_is_no_signature_and_while_disabled_no_delivery(client: Client) -> None:
    form_id = client.form()
    hook(client, form_id)
    client.submit(form_id)
    (delivery,) = client.twin.deliveries()
    assert delivery.headers == {"content-type": "application/json", "user-agent": "Typeform Webhooks"}
    hook(client, form_id, enabled=False)
    client.submit(form_id)
    assert client.twin.deliveries() == []


def test_a_delivery_tells_the_day_of_a_date_and_nothing_of_the_browser(client: Client) -> None:
    form_id = client.form(question("date"))
    hook(client, form_id)
    added = client.submit(form_id, {"date": "2005-10-15"})
    assert added["answers"][0]["date"] == "2005-10-15T00:00:00Z"
    (delivery,) = client.twin.deliveries()
    told = json.loads(delivery.body)["form_response"]
    assert told["answers"][0]["date"] == "2005-10-15"
    assert told["token"] == added["token"]
    assert not {"response_id", "landing_id", "metadata"} & set(told)


def test_a_delivery_defines_the_questions_with_their_choices_and_says_what_was_chosen(client: Client) -> None:
    """As deliveries of 2025 did, of forms that count nothing: without `calculated`, and with one setting."""
    form_id = client.form(question("short_text"), question("dropdown", labels=["A", "B"]))
    hook(client, form_id)
    client.submit(form_id, {"dropdown": "B"})
    (delivery,) = client.twin.deliveries()
    told = json.loads(delivery.body)["form_response"]
    assert list(told) == ["form_id", "token", "submitted_at", "landed_at", "definition", "answers", "ending"]
    assert list(told["definition"]) == ["id", "title", "fields", "endings", "settings"]
    assert told["definition"]["settings"] == {"partial_responses_to_all_integrations": True}
    text, dropdown = told["definition"]["fields"]
    assert (text["properties"], dropdown["properties"], "choices" in text) == ({}, {}, False)
    assert [choice["label"] for choice in dropdown["choices"]] == ["A", "B"]
    assert list(told["answers"][0]["choice"]) == ["id", "label", "ref"]
    assert told["answers"][0]["choice"].items() == dropdown["choices"][1].items()


def test_a_score_is_told_where_there_is_one(client: Client) -> None:
    form_id = client.form()
    hook(client, form_id)
    client.submit(form_id, calculated={"score": 3})
    (delivery,) = client.twin.deliveries()
    assert json.loads(delivery.body)["form_response"]["calculated"] == {"score": 3}


def test_partial_responses_are_delivered_to_whoever_asked_for_them(client: Client) -> None:
    form_id = client.form(question("short_text"))
    hook(client, form_id)
    client.submit(form_id, response_type="partial")
    assert client.twin.deliveries() == []
    hook(client, form_id, event_types={"form_response_partial": True})
    client.submit(form_id, response_type="partial")
    (delivery,) = client.twin.deliveries()
    assert json.loads(delivery.body)["event_type"] == "form_response_partial"


# The twin as the sandbox has it


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/workspaces"), ("GET", "/forms/x/messages"), ("POST", "/me"), ("POST", "/forms/x/responses"),
     ("GET", "/forms/x/responses/y"), ("PATCH", "/forms/x/webhooks/y"), ("OPTIONS", "/forms")],
)  # fmt: skip
def test_what_is_not_served_says_so(method: str, path: str, client: Client) -> None:
    answer = client.call(method, path)
    assert answer.status == 501
    assert f"{method} {path}" in answer.body["description"]


@pytest.mark.parametrize(
    "wrong",
    [{"data_centre": "there"}, {"lag": -1}, {"lag": True}, {"lag": "1"}, {"dropdown": None}, {"after_order": "up"},
     {"form_created": 204}],
)  # fmt: skip
def test_a_knob_takes_only_what_it_knows(wrong: dict[str, Any], client: Client) -> None:
    before = client.twin.knobs({})
    with pytest.raises(ValueError, match=next(iter(wrong))):
        client.twin.knobs(wrong)
    assert client.twin.knobs({}) == before


def test_a_snapshot_keeps_what_is_on_its_way(client: Client) -> None:
    form_id = client.form(question("short_text"))
    hook(client, form_id)
    token = client.submit(form_id)["token"]
    client.call("DELETE", f"/forms/{form_id}/responses", f"included_response_ids={token}")
    snapshot = client.twin.snapshot()
    client.twin.clear()
    assert client.twin.deliveries() == []
    client.twin.restore(snapshot)
    assert client.responses(form_id).tokens == [token]
    client.now = START + timedelta(minutes=1)
    assert client.responses(form_id).tokens == []
    assert len(client.twin.deliveries()) == 1
