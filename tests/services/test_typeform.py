"""What the adapter asks of Typeform, and what it makes of the answers: a test for each trap of its docstring."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from higherself_sync.core.record import Gone, Record
from higherself_sync.errors import ConfigError, HsnError, Unauthorised, Unreachable
from higherself_sync.http import open_door
from higherself_sync.services.typeform import Settings, connect, streams
from tests.services.shop import Told, answer
from tests.services.typeform_account import START, Json, TwinTransport, adapter, question, records

STARS, WORDS = question("rating", "stars", "How was it?"), question("long_text", "words", "And in words?")
WHO = question("email", "email", "Your address?")


@pytest.fixture
def account() -> TwinTransport:
    return TwinTransport()


def tokens(account: TwinTransport, form_id: str, count: int) -> list[str]:
    return [account.answer(form_id, {"words": f"number {number}"}) for number in range(count)]


# ------------------------------------------------------------------------------------------------- told answers


def item(token: str, **more: Any) -> Json:
    stamp = "2026-11-20T09:01:00Z"
    return {"token": token, "response_type": "completed", "submitted_at": stamp, "answers": [], **more}


def page(*items: Json, total: int | None = None) -> httpx.Response:
    return answer(200, {"items": list(items), "total_items": len(items) if total is None else total, "page_count": 1})


def of_one_form(*pages: httpx.Response, again: bool = False) -> Told:
    """An account with one form, whose pages of responses are told one after another."""
    waiting = list(pages)

    def handler(request: httpx.Request) -> httpx.Response:
        match request.url.path.strip("/").split("/"):
            case ["forms"]:
                return page({"id": "F1", "title": "A form", "last_updated_at": "x"})
            case ["forms", "F1"]:
                return answer(200, {"id": "F1", "title": "A form", "fields": []})
            case ["forms", "F1", "responses"]:
                told = waiting[0] if again else waiting.pop(0)
                return httpx.Response(told.status_code, headers=told.headers, content=told.content)
            case other:
                raise AssertionError(other)

    return Told(handler)


def queries(told: Told) -> list[dict[str, str]]:
    return [dict(each.url.params) for each in told.requests if each.url.path.endswith("/responses")]


# ------------------------------------------------------------------------------------------------------------ paging


def test_all_pages_are_walked_from_the_newest_back_with_before_alone(account: TwinTransport) -> None:
    form = account.form("A form", WORDS)
    given = tokens(account, form, 7)
    account.cut = 3
    found = records(adapter(account))
    assert list(found) == list(reversed(given))
    asked = account.asked(f"/forms/{form}/responses")
    assert asked == [
        {"page_size": "1000"},
        {"page_size": "1000", "before": given[4]},
        {"page_size": "1000", "before": given[1]},
    ]


def test_every_form_is_read_to_its_end(account: TwinTransport) -> None:
    given = {token for title in ("One", "Two", "Three") for token in tokens(account, account.form(title, WORDS), 3)}
    account.cut = 2
    assert set(records(adapter(account))) == given


def test_what_is_asked_is_what_came_since_to_the_second_in_utc(account: TwinTransport) -> None:
    form = account.form("A form", WORDS)
    since = datetime.fromisoformat("2026-11-23T21:00:07.900000+01:00")
    list(adapter(account).replica("responses").read(since))
    assert account.asked(f"/forms/{form}/responses") == [{"page_size": "1000", "since": "2026-11-23T20:00:07Z"}]


def test_what_came_in_the_very_second_asked_for_is_read(account: TwinTransport) -> None:
    form = account.form("A form", WORDS)
    given = tokens(account, form, 3)
    assert set(records(adapter(account), since=START + timedelta(seconds=2))) == set(given[1:])


def test_a_response_that_shows_late_is_read_by_the_next_run(account: TwinTransport) -> None:
    """For half an hour lists may be without it; then it has an older time than what was read meanwhile."""
    form = account.form("A form", WORDS)
    account.twin.knobs({"lag": 1800.0})
    service = adapter(account)
    late = account.answer(form)
    account.now += timedelta(minutes=25)
    (_, batch) = service.replica("responses").read(None)
    assert batch.records == ()
    cursor, stream = batch.as_of, next(each for each in service.streams if each.name == "responses")
    account.now += timedelta(minutes=10)
    assert set(records(service, since=cursor - timedelta(seconds=stream.overlap))) == {late}
    assert not records(service, since=cursor), "without the overlap it would be lost"


def test_items_that_come_twice_are_one_record() -> None:
    told = of_one_form(
        page(item("t5"), item("t4"), item("t4"), total=5), page(item("t4"), item("t3"), item("t2"), total=3),
        page(item("t2"), item("t1"), total=1),
    )  # fmt: skip
    batches = list(adapter(told).replica("responses").read(None))
    assert [[each.id for each in batch.records] for batch in batches] == [[], ["t5", "t4"], ["t3", "t2"], ["t1"]]
    assert [each.get("before") for each in queries(told)] == [None, "t4", "t2"]


def test_a_page_is_the_last_only_if_nothing_older_is_left() -> None:
    """A short page is none: a repeated item filled it, or the service gives fewer than were asked for."""
    told = of_one_form(page(item("t2"), item("t2"), total=2), page(item("t1"), total=1))
    assert set(records(adapter(told))) == {"t2", "t1"}


def test_a_walk_may_end_on_an_empty_page() -> None:
    """What was left has been deleted meanwhile."""
    told = of_one_form(page(item("t2"), total=2), page(total=0))
    assert set(records(adapter(told))) == {"t2"}


def test_a_total_that_grows_while_it_is_read_is_normal() -> None:
    """An older response has become visible, as they may up to half an hour after they came."""
    told = of_one_form(page(item("t3"), total=2), page(item("t2"), total=2), page(item("t1"), total=1))
    assert set(records(adapter(told))) == {"t3", "t2", "t1"}


@pytest.mark.parametrize(
    "last", [page(total=3), page(item("t2"), total=3), page(item("t2"), total=0)], ids=["empty", "again", "nothing new"]
)
def test_a_walk_that_breaks_off_is_an_error_and_never_the_end(last: httpx.Response) -> None:
    told = of_one_form(page(item("t2"), total=4), last)
    with pytest.raises(Unreachable, match="broke off"):
        list(adapter(told).replica("responses").read(None))


@pytest.mark.parametrize(
    "body",
    [
        {"items": [item("t1")]},
        {"items": [item("t1")], "total_items": "1"},
        {"items": [item("t1")], "total_items": True},
        {"total_items": 0},
        {"items": {}, "total_items": 0},
        [],
    ],
)
def test_what_is_no_list_with_its_total_is_an_error_and_never_empty(body: object) -> None:
    with pytest.raises(Unreachable, match="no list"):
        list(adapter(of_one_form(answer(200, body))).replica("responses").read(None))


@pytest.mark.parametrize(
    "broken",
    [
        {"token": ""},
        {"token": None},
        {"submitted_at": "yesterday"},
        {"submitted_at": "0001-01-01T00:00:00+1400"},
        {"answers": [{"type": ["text"], "text": "private words"}]},
    ],
)
def test_an_item_that_lacks_what_it_must_have_is_named_without_its_words(broken: Json) -> None:
    said = {"type": "text", "text": "private words", "field": {"id": "q"}}
    with pytest.raises(Unreachable) as caught:
        list(adapter(of_one_form(page(item("t1", answers=[said]) | broken))).replica("responses").read(None))
    assert next(iter(broken)) in caught.value.message
    assert "private" not in str(caught.value.as_json())
    assert "yesterday" not in str(caught.value.as_json())


def test_every_batch_is_as_of_the_list_of_forms(account: TwinTransport) -> None:
    """Whoever answers while the second form is read has come after that time."""
    for title in ("One", "Two"):
        account.answer(account.form(title, WORDS))
    begun = account.now
    batches = []
    for batch in adapter(account).replica("responses").read(None):
        batches.append(batch)
        account.now += timedelta(seconds=30)
    assert [len(batch.records) for batch in batches] == [0, 1, 1]
    assert {batch.as_of for batch in batches} == {begun}


@pytest.mark.parametrize("kind", ["partial", "started"])
def test_what_was_not_completed_is_left_out_and_no_proof_of_anything(account: TwinTransport, kind: str) -> None:
    form = account.form("A form", WORDS)
    begun, done = account.answer(form, {"words": "half"}, response_type=kind), account.answer(form)
    service = adapter(account)
    assert set(records(service)) == {done}
    never = item("t1", submitted_at="0001-01-01T00:00:00Z")
    told = of_one_form(page(never, item("t2", response_type=kind)), again=True)
    assert records(adapter(told)) == {}
    assert adapter(told).replica("responses").fetch(["t1", "t2"]) == {"t1": Gone.HIDDEN, "t2": Gone.HIDDEN}
    account.twin.change("responses", begun, {"response_type": "completed"}, account.now)
    assert set(records(service)) == {begun, done}


# ------------------------------------------------------------------------------------------------------------- forms


def test_a_rest_run_costs_a_list_of_forms_and_a_page_a_form(account: TwinTransport) -> None:
    cache: dict[str, str] = {}
    forms = [account.form(title, WORDS) for title in ("One", "Two", "Three")]
    for form in forms:
        account.answer(form)
    records(adapter(account, cache))
    account.requests.clear()
    records(adapter(account, cache), since=account.now)
    assert sorted(account.paths()) == sorted(["/forms", *(f"/forms/{form}/responses" for form in forms)])


def test_a_changed_form_is_asked_for_again(account: TwinTransport) -> None:
    cache: dict[str, str] = {}
    form = account.form("A form", WORDS)
    account.answer(form, {"words": "Lovely"})
    records(adapter(account, cache))
    account.now += timedelta(minutes=1)
    account.twin.change("forms", form, {"title": "Another title"}, account.now)
    (record,) = records(adapter(account, cache)).values()
    assert record.values["form"] == "Another title"
    assert account.paths().count(f"/forms/{form}") == 2


def test_a_form_that_another_version_remembered_is_asked_for_again(account: TwinTransport) -> None:
    form = account.form("A form", WORDS)
    account.answer(form, {"words": "Lovely"})
    for old in ("{}", "nonsense", '{"stamp": 1}'):
        (record,) = records(adapter(account, {f"forms:form:{form}": old})).values()
        assert record.values["content"] == "And in words?: Lovely"


def test_the_forms_to_be_read_can_be_named(account: TwinTransport) -> None:
    one, two, three = (account.form(title, WORDS) for title in ("One", "Two", "Three"))
    given = {form: account.answer(form, {"words": "Hello"}) for form in (one, two, three)}
    assert set(records(adapter(account, forms=[one, three]))) == {given[one], given[three]}
    assert set(records(adapter(account, leads=[two]))) == {given[one], given[three]}
    assert records(adapter(account, forms=[])) == {}


def test_a_form_that_no_list_shows_is_asked_for_by_its_name(account: TwinTransport) -> None:
    """It may belong to a workspace that was shared."""
    form = account.form("A form", WORDS)
    token = account.answer(form)

    def handler(request: httpx.Request) -> httpx.Response:
        return page() if request.url.path == "/forms" else account.handle_request(request)

    told = Told(handler)
    assert set(records(adapter(told, forms=[form]))) == {token}
    assert [each.url.path for each in told.requests].count(f"/forms/{form}") == 1


@pytest.mark.parametrize("key", ["forms", "leads"])
def test_a_form_that_does_not_exist_is_named(account: TwinTransport, key: str) -> None:
    account.form("A form", WORDS)
    named: dict[str, Any] = {key: ["Nowhere1"]}
    with pytest.raises(ConfigError) as caught:
        records(adapter(account, **named))
    assert "Nowhere1" in caught.value.message
    assert key in caught.value.remedy


def test_one_list_of_forms_serves_both_streams(account: TwinTransport) -> None:
    feedback, contact = account.form("Feedback", WORDS), account.form("Contact", WHO)
    account.answer(contact, {"email": "ana@example.com"})
    service = adapter(account, leads=[contact])
    assert len(records(service, "leads")) == 1
    assert records(service) == {}
    assert account.paths().count("/forms") == 1
    records(service)
    assert account.paths().count("/forms") == 2, "the next read looks anew"
    assert account.paths().count(f"/forms/{feedback}/responses") == 2


def many_forms(count: int, total: Callable[[int], int]) -> Told:
    """A list in pages of 200, whose total on the page with that number is told by `total`."""

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/forms":
            return page() if request.url.path.endswith("/responses") else answer(200, {"id": "F", "title": "A form"})
        number, size = int(request.url.params["page"]), int(request.url.params["page_size"])
        assert size == 200
        listed = [{"id": f"F{each}", "last_updated_at": "x"} for each in range(count)]
        return page(*listed[(number - 1) * size : number * size], total=total(number))

    return Told(handler)


def test_a_long_list_of_forms_is_read_to_its_end() -> None:
    told = many_forms(401, lambda _: 401)
    assert len(list(adapter(told).replica("responses").read(None))) == 1 + 401
    assert [each.url.params["page"] for each in told.requests if each.url.path == "/forms"] == ["1", "2", "3"]


@pytest.mark.parametrize("total", [lambda _: 402, lambda number: 400 + number], ids=["one missing", "grew"])
def test_a_list_of_forms_that_keeps_changing_is_never_taken_for_complete(total: Callable[[int], int]) -> None:
    told = many_forms(401, total)
    with pytest.raises(Unreachable, match="kept changing"):
        list(adapter(told).replica("responses").read(None))
    assert [each.url.params["page"] for each in told.requests] == ["1", "2", "3"] * 2


def test_an_account_without_forms_is_empty(account: TwinTransport) -> None:
    (batch,) = adapter(account).replica("responses").read(None)
    assert (batch.records, batch.as_of) == ((), START)


def test_a_list_of_forms_that_has_become_empty_is_not_believed(account: TwinTransport) -> None:
    """A wrong data centre, or a token that lost its workspace: it must not look as if all were deleted."""
    cache: dict[str, str] = {}
    form = account.form("A form", WORDS)
    account.answer(form)
    records(adapter(account, cache))
    account.twin.change("forms", form, {"deleted": True}, account.now)
    with pytest.raises(Unreachable, match="no form any more"):
        records(adapter(account, cache))
    with pytest.raises(Unreachable, match="no form any more"):
        adapter(account, cache).replica("responses").fetch(["t1"])


# ------------------------------------------------------------------------------------------------- what became of one


def test_a_deleted_response_is_proved_gone_by_a_question_for_it(account: TwinTransport) -> None:
    forms = [account.form(title, WORDS) for title in ("One", "Two")]
    kept, gone = account.answer(forms[0]), account.answer(forms[1])
    cache: dict[str, str] = {}
    assert set(records(adapter(account, cache))) == {kept, gone}
    account.twin.change("responses", gone, {"deleted": True}, account.now)
    account.requests.clear()
    found = adapter(account, cache).replica("responses").fetch([gone, kept])
    assert found[gone] is Gone.DELETED
    assert isinstance(found[kept], Record)
    assert len(account.requests) == 1 + len(forms)
    asked = [each for form in forms for each in account.asked(f"/forms/{form}/responses")]
    assert [set(each) for each in asked] == [{"page_size", "included_response_ids"}] * 2


def test_of_a_record_that_was_read_just_its_own_form_is_asked(account: TwinTransport) -> None:
    """Also after another form was deleted, which would have left its responses without a proof."""
    forms = [account.form(title, WORDS) for title in ("One", "Two", "Three")]
    given = [account.answer(form) for form in forms for _ in range(2)]
    cache: dict[str, str] = {}
    before = records(adapter(account, cache))
    account.twin.change("responses", given[0], {"deleted": True}, account.now)
    account.twin.change("forms", forms[2], {"deleted": True}, account.now)
    replica = adapter(account, cache).replica("responses")
    seen = {each.id for batch in replica.read(None) for each in batch.records}
    suspects = [each for each in before.values() if each.id not in seen and replica.covers(each)]
    assert [each.id for each in suspects] == [given[0]], "whose form is gone is not missing"
    account.requests.clear()
    assert replica.fetch([given[0]]) == {given[0]: Gone.DELETED}
    assert account.paths()[0] == f"/forms/{forms[0]}/responses"
    assert "included_response_ids" in account.requests[0].url.params
    assert not [each for each in account.requests[1:] if "included_response_ids" in each.url.params]


def test_a_record_of_a_form_that_nobody_can_be_asked_for_is_only_out_of_sight(account: TwinTransport) -> None:
    account.answer(account.form("A form", WORDS))
    replica = adapter(account).replica("responses")
    stranger = Record("t1", {}, native={"form": "Nowhere1"})
    assert not replica.covers(stranger)
    assert replica.fetch(["t1"]) == {"t1": Gone.HIDDEN}


def test_a_response_of_a_form_that_is_no_longer_read_is_not_missing(account: TwinTransport) -> None:
    one, two = account.form("One", WORDS), account.form("Two", WORDS)
    given = {form: account.answer(form) for form in (one, two)}
    before = records(adapter(account))
    replica = adapter(account, forms=[one]).replica("responses")
    list(replica.read(None))
    assert {each.id for each in before.values() if replica.covers(each)} == {given[one]}


def test_a_response_of_a_form_that_is_gone_is_only_out_of_sight(account: TwinTransport) -> None:
    """Where nobody says of which form a token was, none counts as deleted from then on."""
    one, two = account.form("One", WORDS), account.form("Two", WORDS)
    given = {form: account.answer(form) for form in (one, two)}
    cache: dict[str, str] = {}
    records(adapter(account, cache))
    account.twin.change("forms", two, {"deleted": True}, account.now)
    service = adapter(account, cache)
    assert set(records(service)) == {given[one]}
    assert service.replica("responses").fetch([given[two], "t1"]) == {given[two]: Gone.HIDDEN, "t1": Gone.HIDDEN}


@pytest.mark.parametrize(
    "told", [answer(404, {"code": "NOT_FOUND", "description": "none such"}), page()], ids=["another code", "nothing"]
)
def test_however_a_form_that_is_gone_answers_it_proves_nothing(account: TwinTransport, told: httpx.Response) -> None:
    """How the Responses API speaks of one, nobody has told."""
    one, two = account.form("One", WORDS), account.form("Two", WORDS)
    given = {form: account.answer(form) for form in (one, two)}
    cache: dict[str, str] = {}
    before = records(adapter(account, cache))
    account.twin.change("forms", two, {"deleted": True}, account.now)

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path != f"/forms/{two}/responses":
            return account.handle_request(request)
        return httpx.Response(told.status_code, headers=told.headers, content=told.content)

    replica = adapter(Told(handler), cache).replica("responses")
    list(replica.read(None))
    assert [replica.covers(each) for each in before.values()] == [key == given[one] for key in before]
    assert replica.fetch([given[two]]) == {given[two]: Gone.HIDDEN}


def test_a_response_of_a_form_that_is_no_longer_read_is_only_out_of_sight(account: TwinTransport) -> None:
    one, two = account.form("One", WORDS), account.form("Two", WORDS)
    given, gone = {form: account.answer(form) for form in (one, two)}, account.answer(two)
    cache: dict[str, str] = {}
    records(adapter(account, cache))
    account.twin.change("responses", gone, {"deleted": True}, account.now)
    found = adapter(account, cache, forms=[one]).replica("responses").fetch([given[two], gone])
    assert found == {given[two]: Gone.HIDDEN, gone: Gone.DELETED}


def test_at_a_sibling_data_centre_nothing_counts_as_deleted(account: TwinTransport) -> None:
    """It has the forms, and shows not one response to them."""
    given = account.answer(account.form("A form", WORDS))
    cache: dict[str, str] = {}
    records(adapter(account, cache))
    account.twin.knobs({"data_centre": "sibling"})
    assert adapter(account, cache).replica("responses").fetch([given]) == {given: Gone.HIDDEN}


def test_the_last_response_of_all_is_not_taken_for_deleted(account: TwinTransport) -> None:
    """It cannot be told from a sibling data centre."""
    form = account.form("A form", WORDS)
    given = account.answer(form)
    account.twin.change("responses", given, {"deleted": True}, account.now)
    assert adapter(account).replica("responses").fetch([given]) == {given: Gone.HIDDEN}
    account.answer(account.form("Another form", WORDS))
    assert adapter(account).replica("responses").fetch([given]) == {given: Gone.DELETED}


def test_tokens_are_asked_for_by_the_hundred(account: TwinTransport) -> None:
    form = account.form("A form", WORDS)
    given = tokens(account, form, 230)
    found = adapter(account).replica("responses").fetch(given)
    assert all(isinstance(each, Record) for each in found.values())
    asked = [each["included_response_ids"].split(",") for each in account.asked(f"/forms/{form}/responses")]
    assert [len(each) for each in asked] == [100, 100, 30]
    assert max(len(str(each.url)) for each in account.requests) < 8000, "what stands between takes no longer address"


def test_what_is_no_token_is_never_sent(account: TwinTransport) -> None:
    account.answer(account.form("A form", WORDS))
    odd = ["a,b", "../me", "", "a b", "ä%"]
    assert adapter(account).replica("responses").fetch(odd) == dict.fromkeys(odd, Gone.HIDDEN)
    assert account.requests == []


def test_no_more_forms_are_asked_than_it_takes(account: TwinTransport) -> None:
    account.answer(account.form("Older", WORDS))
    newest = account.answer(account.form("Newer", WORDS))
    assert isinstance(adapter(account).replica("responses").fetch([newest])[newest], Record)
    assert sum(path.endswith("/responses") for path in account.paths()) == 1


def test_an_answer_that_withholds_some_of_those_asked_for_proves_nothing() -> None:
    with pytest.raises(Unreachable, match="1 came"):
        adapter(of_one_form(page(item("t1"), total=2))).replica("responses").fetch(["t1", "t2"])


# ------------------------------------------------------------------------------------------------------------- leads


def test_a_lead_gives_its_person_and_no_feedback(account: TwinTransport) -> None:
    contact = account.form("Contact", WHO, WORDS)
    known = account.answer(contact, {"email": "Ana@Example.com", "words": "Hello"})
    account.answer(contact, {"words": "I rather stay unknown"})
    service = adapter(account, leads=[contact])
    assert records(service) == {}
    found = records(service, "leads")
    assert {token: [each.id for each in lead.people] for token, lead in found.items()} == {known: ["ana@example.com"]}


def test_without_lead_forms_there_is_no_stream_of_leads(account: TwinTransport) -> None:
    assert [each.name for each in adapter(account).streams] == ["people", "responses"]
    assert [each.name for each in adapter(account, leads=["Contact1"]).streams] == ["people", "leads", "responses"]
    with pytest.raises(KeyError):
        adapter(account).replica("leads")


def test_product_is_declared_where_the_config_names_it(account: TwinTransport) -> None:
    of_products = adapter(account, fields={"F1": {"product": "what"}})
    assert "product" in next(each for each in of_products.streams if each.name == "responses").fields
    assert "product" not in next(each for each in adapter(account).streams if each.name == "responses").fields


# ------------------------------------------------------------------------------------------------------------ health


def looked(transport: httpx.BaseTransport, **settings: Any) -> list[tuple[str, str]]:
    return [(check.name, check.status) for check in adapter(transport, **settings).health()]


def failure(transport: httpx.BaseTransport, **settings: Any) -> tuple[str, str, int]:
    (check,) = [check for check in adapter(transport, **settings).health() if check.status == "fail"]
    return check.message, check.remedy, check.exit_code


def test_a_good_account_costs_three_requests(account: TwinTransport) -> None:
    form = account.form("A form", WORDS)
    account.answer(form)
    assert looked(account) == [("token", "ok"), ("forms", "ok"), ("responses", "ok")]
    assert account.paths() == ["/me", "/forms", f"/forms/{form}/responses"]
    checks = list(adapter(account).health())
    assert form in next(check.message for check in checks if check.name == "forms"), "so that the config can name it"
    assert "morgan.reyes" not in repr(checks), "whose account it is, is nobody's business"


def test_a_token_that_nobody_knows(account: TwinTransport) -> None:
    message, remedy, code = failure(account, token="tfp_wrong")
    assert (message, code) == ("no data centre of Typeform knows the token", 5)
    assert "responses:read" in remedy
    assert [each.url.host for each in account.requests] == [
        "api.typeform.com",
        "api.eu.typeform.com",
        "api.typeform.eu",
    ]
    assert "tfp_wrong" not in message + remedy


@pytest.mark.parametrize("home", ["https://api.eu.typeform.com", "https://api.typeform.eu"])
def test_a_token_of_another_data_centre_is_told_from_a_wrong_one(account: TwinTransport, home: str) -> None:
    account.home = home
    message, remedy, code = failure(account)
    assert (message, code) == (f"the token belongs to {home}", 4)
    assert f'base_url = "{home}"' in remedy
    assert looked(account, base_url=home)[0] == ("token", "ok")


def test_a_token_is_shown_to_no_other_host_than_the_configs_own(account: TwinTransport) -> None:
    account.home = "https://api.eu.typeform.com"
    with pytest.raises(Unauthorised) as caught:
        records(adapter(account))
    assert "hsn health" in caught.value.remedy
    assert {each.url.host for each in account.requests} == {"api.typeform.com"}, "only health asks around"
    account.requests.clear()
    _, remedy, code = failure(account, base_url="https://proxy.example.com")
    assert ("check token" in remedy, code) == (True, 5)
    assert {each.url.host for each in account.requests} == {"proxy.example.com"}


def test_a_data_centre_that_cannot_be_asked_hides_no_other(account: TwinTransport) -> None:
    account.home = "https://api.typeform.eu"

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.eu.typeform.com":
            raise httpx.ConnectError("no route")
        return account.handle_request(request)

    assert failure(Told(handler))[0] == "the token belongs to https://api.typeform.eu"


def test_an_account_without_forms_is_a_warning(account: TwinTransport) -> None:
    assert looked(account) == [("token", "ok"), ("forms", "warn"), ("responses", "ok")]


def test_forms_without_any_response_are_a_warning(account: TwinTransport) -> None:
    account.answer(account.form("A form", WORDS))
    account.twin.knobs({"data_centre": "sibling"})
    assert looked(account)[-1] == ("responses", "warn")


@pytest.mark.parametrize("key", ["forms", "leads"])
def test_a_configured_form_that_does_not_exist_fails(account: TwinTransport, key: str) -> None:
    account.form("A form", WORDS)
    message, _, code = failure(account, **{key: ["Nowhere1"]})
    assert (message, code) == ("there is no form Nowhere1", 4)


def test_refs_that_no_question_has_are_a_warning(account: TwinTransport) -> None:
    form = account.form("A form", STARS, hidden=["product"])
    fields = {form: {"rating": "stars", "content": "wrods", "product": "product"}, "Nowhere1": {"rating": "stars"}}
    warnings = [check for check in adapter(account, fields=fields).health() if check.name == "fields"]
    assert [check.status for check in warnings] == ["warn", "warn"]
    assert "wrods" in warnings[0].message
    assert "stars" not in warnings[0].message
    assert "product, stars" in warnings[0].remedy
    assert "Nowhere1" in warnings[1].message


def test_health_ends_with_the_first_failure() -> None:
    told = Told(lambda _: answer(403, {"code": "FORBIDDEN", "description": "no scope"}))
    assert looked(told) == [("token", "fail")]


# ------------------------------------------------------------------------------------------------------------ errors


def refused(status: int, body: Any, **headers: str) -> HsnError:
    with pytest.raises(HsnError) as caught:
        records(adapter(Told(lambda _: answer(status, body, **headers))))
    assert caught.value.place == "services.forms"
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "kind", "remedy"),
    [
        (401, {"code": "AUTHENTICATION_FAILED", "description": "not found"}, Unauthorised, "Authorization header"),
        (403, {"code": "AUTHENTICATION_FAILED", "description": "Authentication failed"}, Unauthorised, "data centre"),
        (403, {"code": "AUTHENTICATION_ERROR", "description": "varies"}, Unauthorised, "data centre"),
        (403, {"code": "INVALID_AUTHORIZATION", "description": "varies"}, Unauthorised, "data centre"),
        (403, {"code": "FORBIDDEN", "description": "no scope"}, Unauthorised, "forms:read"),
        (404, {"message": "nothing here"}, Unreachable, "base_url"),
        (404, {"code": "FORM_NOT_FOUND", "description": "Non existing form"}, Unreachable, "run again"),
        (400, {"code": "VALIDATION_ERROR", "description": "wrong"}, Unreachable, "run again"),
        (499, {}, Unreachable, "run again"),
        (302, {}, Unreachable, "base_url"),
    ],
)
def test_each_refusal_says_what_to_do(status: int, body: Json, kind: type[HsnError], remedy: str) -> None:
    error = refused(status, body)
    assert isinstance(error, kind)
    assert remedy in error.remedy
    assert "tfp_sandbox" not in str(error.as_json())


def test_the_token_travels_in_the_header_and_nowhere_else(account: TwinTransport) -> None:
    account.answer(account.form("A form", WORDS))
    records(adapter(account))
    assert {each.headers["authorization"] for each in account.requests} == {"Bearer tfp_sandbox"}
    assert not [each for each in account.requests if "tfp_sandbox" in str(each.url)]
    assert {each.method for each in account.requests} == {"GET"}


def test_no_second_sees_more_than_two_requests(account: TwinTransport) -> None:
    """On a clock of its own: whoever waits moves it on."""
    for number in range(4):
        account.answer(account.form(f"Form {number}", WORDS))
    clock, sent = [0.0], []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(clock[0])
        return account.handle_request(request)

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    door = partial(open_door, timeout=5.0, max_wait=5.0, transport=Told(handler), sleeper=sleep,
                   monotonic=lambda: clock[0])  # fmt: skip
    records(connect("forms", Settings.model_validate({"token": "tfp_sandbox"}), door, {}))
    assert len(sent) == 9
    assert all(later - earlier >= 1 for earlier, later in zip(sent, sent[2:], strict=False))


def test_too_many_requests_are_waited_out(account: TwinTransport) -> None:
    """The sandbox's clock stands still here, so it moves on when the door waits."""
    account.twin.limits = True
    for number in range(3):
        account.answer(account.form(f"Form {number}", WORDS))

    def sleep(seconds: float) -> None:
        account.now += timedelta(seconds=seconds)

    door = partial(open_door, timeout=5.0, max_wait=60.0, transport=account, sleeper=sleep, monotonic=lambda: (
        account.now - START).total_seconds())  # fmt: skip
    settings = Settings.model_validate({"token": "tfp_sandbox", "requests_per_second": 0})
    assert len(records(connect("forms", settings, door, {}))) == 3


# ------------------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": ""},
        {"base_url": "http://api.typeform.com"},
        {"base_url": "https://me:secret@api.typeform.com"},
        {"base_url": "api.typeform.com"},
        {"forms": "SL7F7h3f"},
        {"forms": ["https://form.typeform.com/to/SL7F7h3f"]},
        {"leads": [""]},
        {"forms": ["SL7F7h3f"], "leads": ["SL7F7h3f"]},
        {"fields": {"SL7F7h3f": {"ratting": "stars"}}},
        {"fields": {"SL7F7h3f": {"rating": ""}}},
        {"fields": {"SL7F7h3f": "stars"}},
        {"requests_per_second": -1},
        {"requests_per_second": "2"},
        {"api_key": "tfp_misplaced"},
    ],
)
def test_wrong_settings_are_refused_and_not_shown(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"token": "tfp_sandbox", **wrong})
    assert not any(secret in str(caught.value) for secret in ("tfp_", "me:secret"))


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8099/typeform/", "http://localhost/typeform", "https://x.example"]
)
def test_an_address_may_be_the_sandboxs(address: str) -> None:
    settings = Settings.model_validate({"token": "t", "base_url": address})
    assert settings.base_url == address.rstrip("/")


def test_an_account_is_its_address_and_a_word_where_two_live_there(account: TwinTransport) -> None:
    assert adapter(account).account == "typeform https://api.typeform.com"
    assert adapter(account, account="The 7 Space").account == "typeform https://api.typeform.com The 7 Space"
    assert adapter(account, token="tfp_renewed").account == adapter(account).account


def test_the_settings_show_no_token() -> None:
    assert "tfp_sandbox" not in repr(Settings.model_validate({"token": "tfp_sandbox"}))


def test_streams_are_told_without_a_request() -> None:
    settings = Settings.model_validate({"token": "env:NOT_SET"})
    assert {stream.entity.value for stream in streams("forms", settings)} == {"clients", "feedback"}


def test_looking_at_the_settings_imports_no_http_client() -> None:
    probe = "import sys, higherself_sync.services.typeform as t; print('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
