"""The twin against what was recorded from Typeform, and what its documentation shows: status, headers, body.

The recordings stay where they are; without them these tests are skipped.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from higherself_sync.sandbox.typeform import ids
from tests.sandbox.typeform_client import Answer, Client, Json

RECORDED = Path(__file__).parents[2].parent / "shared" / "recorded" / "typeform"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"there are no recordings at {RECORDED}")
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))


def exchange(name: str) -> Json:
    read: Json = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return read


def body(name: str) -> Any:
    return exchange(name)["response"]["body"]


def typed(value: Any) -> str:
    """The same in which 1 and "1" and True differ, and so does the order of an object's keys."""
    return json.dumps(value)


@pytest.fixture
def account() -> Client:
    """All that the recordings tell of: whole forms, forms in a list, responses by form."""
    client = Client()
    listed = body("forms_list")["items"]
    whole = [body(name) for name in NAMES if name.startswith("form_") and name != "form_create"]
    answers = {exchange(name)["request"]["path"].split("/")[2]: body(name)["items"]
               for name in NAMES if name.startswith("responses_")}  # fmt: skip
    client.twin.load({"forms": [*whole, *listed], "responses": answers}, client.now)
    return client


def asked(name: str, client: Client) -> Answer:
    request = exchange(name)["request"]
    query = "&".join(f"{key}={value}" for key, value in request.get("query", {}).items())
    return client.call(request["method"], request["path"], query, request.get("body"))


def assert_same_head(name: str, answer: Answer) -> None:
    recorded = exchange(name)["response"]
    assert answer.status == recorded["status"]
    told = recorded.get("headers", {})
    assert answer.headers.get("content-type", "") == told.get("content-type", answer.headers.get("content-type", ""))


AS_IT_IS = ("form_get", "form_get_multiple_choice", "form_all_question_types", "responses_empty", "error_404_form")


@pytest.mark.parametrize("name", AS_IT_IS)
def test_the_answer_is_the_recorded_one_to_the_order_of_its_keys(name: str, account: Client) -> None:
    answer = asked(name, account)
    assert_same_head(name, answer)
    assert typed(answer.body) == typed(body(name))


def test_a_list_of_forms_is_the_recorded_one(account: Client) -> None:
    """The account that was recorded held no others; those of other recordings are taken away first."""
    for other in ("VWO7mLtl", "hu2FodCY"):
        account.twin.change("forms", other, {"deleted": True}, account.now)
    answer = asked("forms_list", account)
    assert_same_head("forms_list", answer)
    assert typed(answer.body) == typed(body("forms_list"))


LISTS = sorted(name for name in NAMES if name.startswith("responses_list_"))


@pytest.mark.parametrize("name", LISTS)
def test_a_page_of_responses_is_the_recorded_one(name: str, account: Client) -> None:
    """The items to the order of their keys; that of the envelope was added by whoever kept these recordings."""
    answer = asked(name, account)
    assert_same_head(name, answer)
    assert typed(answer.body["items"]) == typed(body(name)["items"])
    assert answer.body == body(name)


def test_without_a_header_the_answer_is_the_recorded_one(account: Client) -> None:
    account.headers = {}
    answer = asked("error_401_no_header", account)
    assert_same_head("error_401_no_header", answer)
    assert typed(answer.body) == typed(body("error_401_no_header"))


def drawn(value: Any, **patterns: str) -> Any:
    """Without what nobody could foresee, after its form was checked: `patterns` are of keys at any depth."""
    if isinstance(value, list):
        return [drawn(each, **patterns) for each in value]
    if not isinstance(value, dict):
        return value
    for key, pattern in patterns.items():
        assert re.fullmatch(pattern, value.get(key, "")) or key not in value, value[key]
    return {key: "drawn" if key in patterns else drawn(each, **patterns) for key, each in value.items()}


def test_a_created_form_is_shown_as_the_recorded_one_was(account: Client) -> None:
    """The ids are drawn by lot, and they stand in the addresses; the workspace is the account's own."""
    answer = asked("form_create", account)
    assert_same_head("form_create", answer)
    patterns = {"id": r"\w{8}|\w{12}|DefaultTyScreen"}
    patterns |= dict.fromkeys(("display", "responses"), r"https://(form|api)\.typeform\.com/(to|forms)/\w{8}.*")
    shown, recorded = (drawn(each, **patterns) for each in (answer.body, body("form_create")))
    for each in (shown, recorded):
        assert re.fullmatch(r"https://api\.typeform\.com/workspaces/\w{6}", each["workspace"].pop("href"))
    assert typed(shown) == typed(recorded)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def lived(name: str, client: Client) -> Answer:
    """A webhook made and changed when the recorded one was; the last answer."""
    recorded = body(name)
    for clock in dict.fromkeys((recorded["created_at"], recorded["updated_at"])):
        client.now = moment(clock)
        answer = asked(name, client)
    return answer


def undrawn(hook: Json) -> Json:
    """The id tells when the webhook was made; the rest of it is chance."""
    assert hook["id"][:10] == ids.ulid(Client().twin._store.random, moment(hook["created_at"]))[:10]
    return hook | {"id": hook["id"][:10]}


def test_a_webhook_is_shown_as_the_recorded_one_was(account: Client) -> None:
    answer = lived("webhook_put", account)
    assert_same_head("webhook_put", answer)
    assert typed(undrawn(answer.body)) == typed(undrawn(body("webhook_put")))


def test_a_webhook_with_a_secret_echoes_it_as_in_2023(account: Client) -> None:
    """Then the keys were in the order of the alphabet, so their order is not compared."""
    account.twin.load({"responses": {"NclFXN1d": []}}, account.now)  # of that form no more is known than that it was
    answer = lived("webhook_put_with_secret", account)
    assert_same_head("webhook_put_with_secret", answer)
    assert undrawn(answer.body) == undrawn(body("webhook_put_with_secret"))


def test_a_list_of_webhooks_is_the_recorded_one(account: Client) -> None:
    account.twin.load({"webhooks": body("webhooks_list")["items"]}, account.now)
    answer = asked("webhooks_list", account)
    assert_same_head("webhooks_list", answer)
    assert typed(answer.body) == typed(body("webhooks_list"))


def test_a_deleted_webhook_is_answered_as_recorded_and_gone(account: Client) -> None:
    path = exchange("webhook_delete")["request"]["path"]
    account.call("PUT", path, body={"url": "https://example.com", "enabled": True})
    answer = asked("webhook_delete", account)
    assert (answer.status, answer.body) == (exchange("webhook_delete")["response"]["status"], None)
    assert account.get(path).status == 404


# A delivery

DELIVERY = "webhook_form_response"


def delivered(client: Client) -> Json:
    """The documented respondent, on a form with the documented questions."""
    told = exchange(DELIVERY)["request"]["body"]["form_response"]
    definition = told["definition"]
    form = body("form_get") | {"id": told["form_id"], "title": definition["title"], "hidden": list(told["hidden"])}
    form["thankyou_screens"] = definition["endings"]
    form["settings"] = {
        "is_public": True,
        "is_trial": False,
    }  # the documented delivery is older than what tells of more
    form["fields"] = [_asked(field, told["answers"]) for field in definition["fields"]]
    client.now = moment(told["submitted_at"])
    client.twin.load({"forms": [form]}, client.now)
    client.call("PUT", f"/forms/{told['form_id']}/webhooks/x", body={"url": "https://example.com", "enabled": True})
    answers = {each["field"]["id"]: _given(each) for each in told["answers"]}
    given = {name: told[name] for name in ("form_id", "hidden", "landed_at", "calculated", "variables")}
    client.twin.add("responses", given | {"answers": answers}, client.now)
    (delivery,) = client.twin.deliveries()
    sent: Json = json.loads(delivery.body)
    return sent


def _asked(field: Json, answers: Iterable[Json]) -> Json:
    """The question as a form has it: with the choices of which the delivery names those that were made."""
    answer = next(each for each in answers if each["field"]["id"] == field["id"])
    labels = answer.get("choices", {}).get("labels") or [answer.get("choice", {}).get("label")]
    properties = {
        "allow_multiple_selection": field.get("allow_multiple_selections", False),
        "choices": [{"label": label} for label in labels if label],
    }
    return {name: field[name] for name in ("id", "ref", "title", "type")} | {"properties": properties}


def _given(answer: Json) -> Any:
    value = answer[answer["type"]]
    readers: dict[str, Callable[[Any], Any]] = {"choice": lambda v: v["label"], "choices": lambda v: v["labels"]}
    return readers.get(answer["type"], lambda v: v)(value)


def test_a_delivery_is_the_documented_one(account: Client) -> None:
    """But for the token and the event's id, which are drawn, and two things of which the documented delivery has an
    old form and a new one side by side: a question's definition, and the ref of an answer's question."""
    sent, told = delivered(account), exchange(DELIVERY)["request"]["body"]
    assert list(sent) == list(told)
    assert sent["event_type"] == told["event_type"]
    response, documented = sent["form_response"], told["form_response"]
    assert list(response) == list(documented)
    own = ("token", "definition", "answers")
    assert typed({k: v for k, v in response.items() if k not in own}) == typed(
        {k: v for k, v in documented.items() if k not in own}
    )
    defined, example = response["definition"], documented["definition"]
    assert {k: v for k, v in defined.items() if k != "fields"} == {k: v for k, v in example.items() if k != "fields"}
    assert typed(defined["fields"][-1]) == typed(example["fields"][-1])  # the new form
    kept = ("id", "title", "type", "ref")
    assert [{k: f[k] for k in kept} for f in defined["fields"]] == [{k: f[k] for k in kept} for f in example["fields"]]


def test_the_answers_of_a_delivery_are_the_documented_ones(account: Client) -> None:
    """In the form's order. The last names its question's ref, as all do here; those before leave it out."""
    sent = delivered(account)["form_response"]["answers"]
    documented = exchange(DELIVERY)["request"]["body"]["form_response"]["answers"]
    assert all(answer["field"].pop("ref") for answer in sent)
    for answer in documented:
        answer["field"].pop("ref", None)
    assert typed(sent) == typed(documented)


def test_every_recording_is_held_against_the_twin() -> None:
    elsewhere = ("form_create", "forms_list", "error_401_no_header", "webhooks_list", "webhook_delete", DELIVERY)
    hooks = ("webhook_put", "webhook_put_with_secret")
    assert sorted({*AS_IT_IS, *LISTS, *elsewhere, *hooks}) == NAMES
    assert len(NAMES) == 17
