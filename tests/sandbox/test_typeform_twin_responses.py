"""The responses of a form: pages, cursors, filters, the lag, and how they come to be and go."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.typeform_client import Client, Json, question

NEVER = "0001-01-01T00:00:00Z"


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def form_id(client: Client) -> str:
    return client.form(question("short_text", "name"), question("number"), hidden=["source"])


def submitted(client: Client, form_id: str, count: int) -> list[str]:
    """Tokens, the newest first."""
    return [client.submit(form_id, {"number": n})["token"] for n in range(count)][::-1]


# Pages


def test_a_page_has_25_unless_asked_for_and_at_most_1000(client: Client, form_id: str) -> None:
    tokens = submitted(client, form_id, 30)
    page = client.responses(form_id)
    assert page.tokens == tokens[:25]
    assert (page.body["total_items"], page.body["page_count"]) == (30, 2)
    assert client.responses(form_id, page_size=1000).tokens == tokens
    for wrong in ("9" * 5000, 1001, 0, -1, "ten"):
        answer = client.responses(form_id, page_size=wrong)
        assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
        assert answer.body["details"][0]["field"] == "page_size"


def test_there_is_no_page_parameter(client: Client, form_id: str) -> None:
    tokens = submitted(client, form_id, 3)
    assert client.responses(form_id, page=2, page_size=2).tokens == tokens[:2]


def test_before_is_exclusive_and_the_counts_are_of_what_is_left(client: Client, form_id: str) -> None:
    tokens = submitted(client, form_id, 5)
    seen = []
    for cursor in ({}, {"before": tokens[1]}, {"before": tokens[3]}, {"before": tokens[4]}):
        body = client.responses(form_id, page_size=2, **cursor).body
        seen.append((body["total_items"], body["page_count"], len(body["items"])))
    assert seen == [(5, 3, 2), (3, 2, 2), (1, 1, 1), (0, 0, 0)]
    assert client.walk(form_id) == tokens


def test_walking_back_while_new_ones_arrive_loses_and_doubles_nothing(client: Client, form_id: str) -> None:
    tokens = submitted(client, form_id, 7)
    found: list[str] = []
    cursor: dict[str, str] = {}
    while page := client.responses(form_id, page_size=2, **cursor).tokens:
        found += page
        cursor = {"before": page[-1]}
        client.twin.add("responses", {"form_id": form_id, "answers": {}}, client.now)  # in the same second
        client.submit(form_id)
    assert found == tokens


def test_walking_back_over_one_second_with_many_responses_loses_and_doubles_nothing(
    client: Client, form_id: str
) -> None:
    at_once = [client.twin.add("responses", {"form_id": form_id, "answers": {}}, client.now) for _ in range(7)]
    assert len({item["submitted_at"] for item in at_once}) == 1
    assert client.walk(form_id) == [item["token"] for item in at_once][::-1]


def test_a_cursor_goes_on_working_when_its_response_is_deleted(client: Client, form_id: str) -> None:
    tokens = submitted(client, form_id, 5)
    client.twin.change("responses", tokens[1], {"deleted": True}, client.now)
    assert client.responses(form_id, before=tokens[1]).tokens == tokens[2:]


def test_a_cursor_that_is_no_response_of_the_form_is_not_guessed_at(client: Client, form_id: str) -> None:
    submitted(client, form_id, 2)
    answer = client.responses(form_id, before="nobody")
    assert answer.status == 501
    assert "nobody" in answer.body["description"]


@pytest.mark.parametrize("cursor", ["before", "after"])
def test_sort_and_a_cursor_do_not_go_together(cursor: str, client: Client, form_id: str) -> None:
    (token,) = submitted(client, form_id, 1)
    answer = client.responses(form_id, sort="submitted_at,desc", **{cursor: token})
    told = {"code": "BAD_REQUEST", "description": "can't use before/after param together with sort"}
    assert (answer.status, answer.body) == (400, told)


def test_after_is_exclusive_and_its_order_is_a_knob(client: Client, form_id: str) -> None:
    tokens = submitted(client, form_id, 5)
    assert client.responses(form_id, after=tokens[3]).tokens == tokens[2::-1]
    client.twin.knobs({"after_order": "desc"})
    assert client.responses(form_id, after=tokens[3]).tokens == tokens[:3]
    assert client.responses(form_id, after=tokens[3], before=tokens[0]).tokens == tokens[1:3]


def test_sorted_by_a_time_in_either_direction(client: Client, form_id: str) -> None:
    tokens = submitted(client, form_id, 3)
    assert client.responses(form_id, sort="submitted_at,asc").tokens == tokens[::-1]
    assert client.responses(form_id, sort="landed_at,desc").tokens == tokens
    assert client.responses(form_id, sort="submitted_at").code == "VALIDATION_ERROR"
    assert client.responses(form_id, sort="q1,asc").status == 501


# Times


def test_since_and_until_are_inclusive_to_the_second_in_both_forms(client: Client, form_id: str) -> None:
    first, second, third = (client.submit(form_id) for _ in range(3))
    when = second["submitted_at"]
    assert when == "2026-11-23T17:00:02Z"
    for form in (when, when[:-1], str(int((client.now - timedelta(seconds=1)).timestamp()))):
        assert client.responses(form_id, since=form).tokens == [third["token"], second["token"]]
        assert client.responses(form_id, until=form).tokens == [second["token"], first["token"]]
        assert client.responses(form_id, since=form, until=form).tokens == [second["token"]]
    for junk in ("yesterday", "2026-11-23", "2026-13-01T00:00:00", "-5", "9" * 30):
        assert client.responses(form_id, since=junk).code == "VALIDATION_ERROR"


def test_a_new_response_is_missing_for_as_long_as_the_lag(client: Client, form_id: str) -> None:
    (token,) = submitted(client, form_id, 1)
    client.twin.knobs({"lag": 1800})
    assert client.responses(form_id).body["total_items"] == 0
    assert client.responses(form_id, included_response_ids=token).tokens == []
    client.wait(1800)
    assert client.responses(form_id).tokens == [token]


def test_what_the_lag_held_back_comes_with_the_time_at_which_it_was_submitted(client: Client, form_id: str) -> None:
    """A reader whose cursor went on to the time of its last run never sees it."""
    client.twin.knobs({"lag": 1800})
    added = client.submit(form_id)
    client.wait(60)
    run = str(int(client.now.timestamp()))
    assert client.responses(form_id).tokens == []
    client.wait(1800)
    assert client.responses(form_id, since=run).tokens == []
    assert client.responses(form_id, since=added["submitted_at"]).tokens == [added["token"]]


# Which ones


def test_a_response_is_known_by_one_string_under_three_names(client: Client, form_id: str) -> None:
    added = client.submit(form_id, {"name": "Ann"})
    assert added["token"] == added["response_id"] == added["landing_id"]
    assert client.responses(form_id).body["items"] == [added]
    expected = "landing_id token response_id response_type landed_at submitted_at metadata hidden calculated answers"
    assert list(added) == [*expected.split(), "thankyou_screen_ref"]


def of_all_types(client: Client, form_id: str) -> dict[str, str]:
    """Their tokens; the started one is the newest."""
    types = ("completed", "partial", "started")
    return {kind: client.submit(form_id, {"name": kind}, response_type=kind)["token"] for kind in types[:2]} | {
        "started": client.submit(form_id, response_type="started")["token"]
    }


def test_completed_ones_alone_are_listed_unless_other_types_are_asked_for(client: Client, form_id: str) -> None:
    tokens = of_all_types(client, form_id)
    assert client.responses(form_id).tokens == [tokens["completed"]]
    for kind, token in tokens.items():
        assert client.responses(form_id, response_type=kind).tokens == [token]
    both = client.responses(form_id, response_type="partial,completed").tokens
    assert set(both) == {tokens["partial"], tokens["completed"]}
    assert client.responses(form_id, response_type="done").code == "VALIDATION_ERROR"


def test_the_type_says_which_time_since_compares(client: Client, form_id: str) -> None:
    landed = "2026-11-23T10:00:00Z"
    completed = client.submit(form_id, landed_at=landed)
    partial = client.submit(form_id, response_type="partial", landed_at=landed)
    client.submit(form_id, response_type="started", landed_at=landed)

    def since(when: str, kind: str) -> int:
        found: int = client.responses(form_id, since=when, response_type=kind).body["total_items"]
        return found

    assert since(completed["submitted_at"], "completed") == 1
    assert since(partial["staged_at"], "partial") == 1
    assert since(landed, "started") == 1
    assert since("2026-11-23T10:00:01Z", "started") == 0
    assert since(landed, "partial,completed") == 1  # the partial one was not submitted


def test_an_unsubmitted_response_was_submitted_in_the_year_one(client: Client, form_id: str) -> None:
    tokens = of_all_types(client, form_id)
    (partial,) = client.responses(form_id, response_type="partial").body["items"]
    assert (partial["submitted_at"], partial["answers"][0]["text"]) == (NEVER, "partial")
    (started,) = client.responses(form_id, response_type="started").body["items"]
    assert (started["submitted_at"], started["answers"], started["token"]) == (NEVER, [], tokens["started"])


def test_the_old_parameter_lists_the_others_without_what_they_said(client: Client, form_id: str) -> None:
    tokens = of_all_types(client, form_id)
    assert client.responses(form_id, completed="true").tokens == [tokens["completed"]]
    answer = client.responses(form_id, completed="false")
    assert answer.tokens == [tokens["started"], tokens["partial"]]
    for item in answer.body["items"]:
        assert not {"answers", "hidden", "calculated"} & set(item)


def test_an_old_item_without_a_type_is_listed_though_it_was_not_submitted(client: Client) -> None:
    """As in the documentation's example. Whoever asks for completed ones does not get it."""
    old = {"token": "testA", "landing_id": "A", "landed_at": "2017-09-15T09:09:30Z", "submitted_at": NEVER}
    done = {"token": "testB", "landed_at": "2017-09-14T09:09:30Z", "submitted_at": "2017-09-14T09:10:30Z"}
    client.twin.load({"responses": {"Old": [done, old]}}, client.now)
    assert client.responses("Old").tokens == ["testB", "testA"]
    assert client.responses("Old", response_type="completed").tokens == ["testB"]
    assert client.responses("Old", response_type="started").tokens == ["testA"]
    assert client.walk("Old", size=1) == ["testB", "testA"]


def test_ids_are_included_and_excluded(client: Client, form_id: str) -> None:
    tokens = submitted(client, form_id, 4)
    included = client.responses(form_id, included_response_ids=f"{tokens[2]},nobody,{tokens[0]}")
    assert included.tokens == [tokens[0], tokens[2]]
    assert client.responses(form_id, excluded_response_ids=f"{tokens[0]},{tokens[3]}").tokens == tokens[1:3]


def test_a_phrase_is_looked_for_in_answers_hidden_fields_and_variables(client: Client) -> None:
    form_id = client.form(
        question("short_text", "name"), question("dropdown", labels=("Red wine", "Tea")), hidden=["source"]
    )
    said = client.submit(form_id, {"name": "I like Red Wine"})
    chosen = client.submit(form_id, {"dropdown": "Red wine"})
    came = client.submit(form_id, hidden={"source": "red wine shop"})
    counted = client.submit(form_id, variables=[{"key": "drink", "type": "text", "text": "red wine"}])
    client.submit(form_id, {"name": "wine, red", "dropdown": "Tea"})
    found = client.responses(form_id, query="red wine").tokens
    assert found == [item["token"] for item in (counted, came, chosen, said)]


def test_answers_are_chosen_by_question(client: Client, form_id: str) -> None:
    name, number = (field["id"] for field in client.get(f"/forms/{form_id}").body["fields"])
    both = client.submit(form_id, {"name": "Ann", "number": 5})["token"]
    one = client.submit(form_id, {"name": "Bea"})["token"]
    page = client.responses(form_id, fields=number).body["items"]
    assert [[answer["field"]["id"] for answer in item["answers"]] for item in page] == [[], [number]]
    assert client.responses(form_id, answered_fields=number).tokens == [both]
    assert client.responses(form_id, answered_fields=f"{number},{name}").tokens == [one, both]


# Coming, changing, going


def test_a_deletion_is_done_a_moment_later_and_unknown_ids_are_passed_over(client: Client, form_id: str) -> None:
    tokens = submitted(client, form_id, 3)
    query = f"included_response_ids={tokens[0]},nobody,{tokens[1]}"
    answer = client.call("DELETE", f"/forms/{form_id}/responses", query)
    assert (answer.status, answer.body, answer.headers) == (200, None, {})
    assert client.responses(form_id).tokens == tokens
    client.wait(1)
    page = client.responses(form_id)
    assert (page.tokens, page.body["total_items"]) == ([tokens[2]], 1)
    assert client.responses(form_id, included_response_ids=tokens[0]).tokens == []


@pytest.mark.parametrize("old", [True, False])
def test_a_deletion_names_the_responses_by_an_older_name_too_or_in_its_body(
    old: bool, client: Client, form_id: str
) -> None:
    tokens = submitted(client, form_id, 2)
    query, body = (f"included_tokens={tokens[0]}", None) if old else ("", {"included_response_ids": tokens[:1]})
    assert client.call("DELETE", f"/forms/{form_id}/responses", query, body).status == 200
    client.wait()
    assert client.responses(form_id).tokens == tokens[1:]


def test_a_deletion_of_nothing_or_of_too_many_is_refused(client: Client, form_id: str) -> None:
    path = f"/forms/{form_id}/responses"
    assert client.call("DELETE", path).status == 400
    many = ",".join(f"t{n}" for n in range(1001))
    assert client.call("DELETE", path, f"included_response_ids={many}").status == 400


def test_a_completed_response_never_changes(client: Client, form_id: str) -> None:
    added = client.submit(form_id, {"name": "Ann"})
    with pytest.raises(ValueError, match="never changes"):
        client.twin.change("responses", added["token"], {"answers": {"name": "Bea"}}, client.now)
    assert client.responses(form_id).body["items"] == [added]


def test_a_partial_response_changes_until_it_is_completed(client: Client, form_id: str) -> None:
    first = client.submit(form_id, {"name": "A"}, response_type="partial", hidden={"source": "ig"})
    client.wait()
    change: Json = {"answers": {"name": "Ann", "number": 5}}
    second = client.twin.change("responses", first["token"], change, client.now)
    assert second["staged_at"] > first["staged_at"]
    assert [answer[answer["type"]] for answer in second["answers"]] == ["Ann", 5]
    client.wait()
    third = client.twin.change("responses", first["token"], {"response_type": "completed"}, client.now)
    assert client.responses(form_id).body["items"] == [third]
    kept: tuple[Any, ...] = (first["token"], first["landed_at"], second["answers"], {"source": "ig"})
    assert (third["token"], third["landed_at"], third["answers"], third["hidden"]) == kept
    assert third["submitted_at"] == "2026-11-23T17:00:03Z"
    with pytest.raises(ValueError, match="never changes"):
        client.twin.change("responses", first["token"], change, client.now)


def test_a_partial_response_keeps_its_answer_to_a_question_that_is_no_longer_asked(
    client: Client, form_id: str
) -> None:
    token = client.submit(form_id, {"name": "Ann", "number": 5}, response_type="partial")["token"]
    fields = client.get(f"/forms/{form_id}").body["fields"]
    client.twin.change("forms", form_id, {"fields": fields[1:]}, client.now)
    done = client.twin.change("responses", token, {"answers": {"number": 6}}, client.now)
    assert [answer[answer["type"]] for answer in done["answers"]] == [6, "Ann"]


def test_a_response_that_is_deleted_in_the_app_is_gone_at_once(client: Client, form_id: str) -> None:
    tokens = submitted(client, form_id, 2)
    client.twin.change("responses", tokens[0], {"deleted": True}, client.now)
    assert client.responses(form_id).tokens == tokens[1:]
    with pytest.raises(KeyError):
        client.twin.change("responses", tokens[0], {"deleted": True}, client.now)


def test_a_hidden_field_that_the_link_had_not_is_empty_and_all_are_text(client: Client, form_id: str) -> None:
    assert client.submit(form_id)["hidden"] == {"source": ""}
    assert client.submit(form_id, hidden={"source": "ig"})["hidden"] == {"source": "ig"}
    for wrong in ({"source": 5}, {"other": "x"}):
        with pytest.raises(ValueError, match="hidden"):
            client.submit(form_id, hidden=wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"answers": {"nobody": 1}}, {"response_type": "done"}, {"submitted_at": "now"}, {"landed_at": "soon"}],
)  # fmt: skip
def test_what_a_form_cannot_have_been_answered_with_is_refused(wrong: Json, client: Client, form_id: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        client.twin.add("responses", {"form_id": form_id, **wrong}, client.now)
    assert client.responses(form_id, response_type="started,partial,completed").tokens == []


def test_what_was_loaded_in_a_list_names_its_form(client: Client, form_id: str) -> None:
    submitted(client, form_id, 3)
    dumped = client.twin.dump()
    other = Client()
    other.twin.load(dumped, other.now)
    assert other.twin.dump() == dumped
    assert other.responses(form_id).body == client.responses(form_id).body
    with pytest.raises(ValueError, match="form_id"):
        other.twin.load({"responses": [{"token": "x", "landed_at": NEVER}]}, other.now)
    with pytest.raises(ValueError, match="token"):
        other.twin.load({"responses": {form_id: [{"landed_at": NEVER}]}}, other.now)
