"""What the sandbox relies on in every twin."""

import copy
import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from higherself_sync.sandbox.acuity import AcuityTwin
from higherself_sync.sandbox.amelia import AmeliaTwin
from higherself_sync.sandbox.app import SERVICES
from higherself_sync.sandbox.build import make_twins
from higherself_sync.sandbox.notion import NotionTwin
from higherself_sync.sandbox.tutorlm import TutorLMTwin
from higherself_sync.sandbox.typeform import TypeformTwin
from higherself_sync.sandbox.userfeedback import UserFeedbackTwin
from higherself_sync.sandbox.wire import Request, Twin
from higherself_sync.sandbox.woocommerce import WooCommerceTwin

NOW = datetime(2026, 11, 23, 18, 0, 30, 500_000, UTC)
IN_TREE = {"type": "page_id", "page_id": NotionTwin.ROOT_PAGE}


@dataclass(frozen=True)
class Case:
    """A new twin, how to add a record to it and change it, a path that the real system has and the twin has not.

    `knob` is one turned from where it stands, `key` the name of the id.
    """

    twin: Twin
    stream: str
    data: Mapping[str, Any]
    change: Mapping[str, Any]
    unserved: str
    headers: Mapping[str, str]
    knob: Mapping[str, Any]
    key: str = "id"

    def add(self) -> Any:
        return self.twin.add(self.stream, self.data, NOW)

    def held(self) -> dict[str, list[Any]]:
        return copy.deepcopy(self.twin.dump())


def notion() -> Case:
    """Its record is a row, in a database that is there already."""
    twin = NotionTwin()
    schema: Mapping[str, Any] = {"properties": {"Name": {"title": {}}, "Price": {"number": {}}}}
    database = twin.add("databases", {"parent": IN_TREE, "initial_data_source": schema}, NOW)
    parent = {"type": "data_source_id", "data_source_id": database["data_sources"][0]["id"]}
    row = {"parent": parent, "properties": {"Name": {"title": [{"text": {"content": "Äther & 茶"}}]}}}
    change = {"properties": {"Price": {"number": 7}}}
    headers = {"authorization": "Bearer ntn_sandbox", "notion-version": "2026-03-11"}
    return Case(twin, "pages", row, change, "/v1/comments", headers, {"query_lag": 3.0})


def shop() -> Case:
    data = {"name": "Äther & 茶", "regular_price": "5"}
    headers = {"authorization": "Basic Y2tfc2FuZGJveDpjc19zYW5kYm94", "x-forwarded-proto": "https"}
    unserved = "/wp-json/wc/v3/reports"
    return Case(WooCommerceTwin(), "products", data, {"regular_price": "7"}, unserved, headers, {"storage": "posts"})


def bookings() -> Case:
    data = {"firstName": "Äther & 茶", "lastName": "Vogel", "email": "a@example.com"}
    headers = {"authorization": "Basic MTAwMDAwMDE6YWN1aXR5X3NhbmRib3g="}
    unserved, knob = "/oauth2/authorize", {"time_format": "24hour"}
    return Case(AcuityTwin(), "appointments", data, {"notes": "bring tea"}, unserved, headers, knob)


def booking_site() -> Case:
    data = {"bookingStart": "2026-12-01 10:00", "internalNotes": "Äther & 茶"}
    change = {"internalNotes": "by phone"}
    return Case(AmeliaTwin(), "appointments", data, change, "/wp-json/wp/v2", {}, {"edition": "lite"})


def surveys() -> Case:
    data = {"title": "Äther & 茶", "questions": [{"id": "q1", "type": "nps", "title": "?", "settings": {}}]}
    unserved = "/wp-json/userfeedback/v1/survey-templates"
    headers = {"authorization": "Basic c2FuZGJveDphcHBfc2FuZGJveA=="}
    return Case(UserFeedbackTwin(), "surveys", data, {"title": "Tee"}, unserved, headers, {"release": "1.8.0"})


def courses() -> Case:
    data = {"post_title": "Äther & 茶", "price": "5", "course_category": ["Wellness"]}
    unserved, knob = "/wp-json/wp/v2/posts", {"page_size": 7, "edition": "pro", "version": "2.7.6"}
    return Case(TutorLMTwin(), "courses", data, {"post_title": "Tee"}, unserved, {}, knob, "ID")


def questionnaires() -> Case:
    """Its record is a form: a response has a token where others have an id."""
    data = {"title": "Äther & 茶", "fields": [{"type": "short_text", "title": "Who?", "ref": "name"}]}
    headers = {"authorization": "Bearer tfp_sandbox"}
    return Case(TypeformTwin(), "forms", data, {"title": "Anew"}, "/workspaces", headers, {"lag": 3.0})


CASES = {
    "acuity": bookings,
    "amelia": booking_site,
    "notion": notion,
    "tutorlm": courses,
    "typeform": questionnaires,
    "userfeedback": surveys,
    "woocommerce": shop,
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]()


def test_every_twin_has_a_case() -> None:
    assert {twin.name for twin in make_twins()} == set(CASES)


def test_its_name_is_a_prefix_of_the_interface(case: Case) -> None:
    assert case.twin.name in SERVICES


def test_what_the_outside_world_adds_and_changes_is_held(case: Case) -> None:
    added = case.add()
    assert added[case.key] in [record[case.key] for record in case.held()[case.stream]]
    changed = case.twin.change(case.stream, str(added[case.key]), case.change, NOW + timedelta(minutes=5))
    assert changed[case.key] == added[case.key]
    assert changed != added
    assert json.dumps(case.change)[1:-1].split(":")[-1].strip(' }"') in json.dumps(case.held())


def test_what_one_twin_shows_another_takes_in_as_it_is(case: Case) -> None:
    case.add()
    fresh = type(case.twin)()
    fresh.load(case.held(), NOW)
    assert fresh.dump() == case.held()


def test_what_is_shown_is_json(case: Case) -> None:
    case.add()
    assert json.loads(json.dumps(case.held())) == case.held()


def test_what_is_shown_is_no_handle_on_what_is_held(case: Case) -> None:
    case.add()[case.key] = "stolen"
    for record in case.twin.dump()[case.stream]:
        record[case.key] = "stolen"
    assert "stolen" not in json.dumps(case.held())


def test_clearing_forgets_records(case: Case) -> None:
    before = case.held()
    case.add()
    case.twin.clear()
    assert case.held() == before


def test_ids_of_cleared_records_are_not_given_again(case: Case) -> None:
    first = case.add()
    case.twin.clear()
    assert case.add()[case.key] != first[case.key]


def test_a_snapshot_can_be_restored_again_and_again(case: Case) -> None:
    kept = case.add()
    state, snapshot = case.held(), case.twin.snapshot()
    for _ in range(2):
        case.twin.change(case.stream, str(kept[case.key]), case.change, NOW + timedelta(minutes=5))
        case.add()
        assert case.held() != state
        case.twin.restore(snapshot)
        assert case.held() == state


def test_a_snapshot_outlives_the_process(case: Case) -> None:
    case.add()
    fresh = type(case.twin)()
    fresh.restore(pickle.loads(pickle.dumps(case.twin.snapshot())))
    assert fresh.dump() == case.held()


def test_knobs_are_shown_and_belong_to_the_snapshot(case: Case) -> None:
    knobs, snapshot = dict(case.twin.knobs({})), case.twin.snapshot()
    assert knobs
    assert case.twin.knobs(case.knob) == {**knobs, **case.knob} != knobs
    case.twin.restore(snapshot)
    assert case.twin.knobs({}) == knobs


def test_an_unknown_knob_is_an_error(case: Case) -> None:
    with pytest.raises(KeyError):
        case.twin.knobs({"no such": 1})


def test_bad_requests_of_the_sandbox_are_errors_that_it_knows(case: Case) -> None:
    with pytest.raises((KeyError, ValueError)):
        case.twin.add("dreams", case.data, NOW)
    with pytest.raises((KeyError, ValueError)):
        case.twin.change(case.stream, "987654", case.change, NOW)


def test_a_stream_that_it_has_not_is_not_loaded_in_silence(case: Case) -> None:
    with pytest.raises((KeyError, ValueError)):
        case.twin.load({"dreams": [{"id": 1}]}, NOW)


def test_what_is_not_served_says_501_and_its_name(case: Case) -> None:
    answer = case.twin.answer(Request("GET", case.unserved, headers=case.headers), NOW)
    assert answer.status == 501
    assert case.unserved.rpartition("/")[2] in answer.body.decode()


def test_header_names_are_in_lower_case(case: Case) -> None:
    """The sandbox puts its own `date` among them."""
    answer = case.twin.answer(Request("GET", case.unserved, headers=case.headers), NOW)
    assert all(name == name.lower() for name in answer.headers)
