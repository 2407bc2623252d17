"""A Typeform account and a shop, over real HTTP: answers become rows of Feedback, and whoever gave them a Client."""

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
import tomli_w

from tests.e2e.scene import Scene, title

BOTH = ("shop", "forms")
RETREAT, VISIT, CONTACT = "RetreatF", "SpaceVis", "GetTouch"


@pytest.fixture
def here(scene: Callable[..., Scene]) -> Scene:
    """A shop and forms that have come to rest."""
    made = scene("--records", "80", services=BOTH)
    made.sync()
    made.later(4000)
    return made


def responses(here: Scene) -> dict[str, dict[str, Any]]:
    """All that Typeform holds, by External ID line."""
    return {
        f"forms:responses:{each['token']}": each for each in here.ground.control("GET", "dump")["typeform"]["responses"]
    }


def answer(here: Scene, form_id: str, answers: dict[str, Any], **more: Any) -> str:
    """Somebody answers; the External ID line of the response."""
    body = {"form_id": form_id, "answers": answers, **more}
    return f"forms:responses:{here.ground.control('POST', 'typeform/responses', body)['token']}"


def take_back(here: Scene, line: str) -> None:
    here.ground.control("PATCH", f"typeform/responses/{line.rpartition(':')[2]}", {"deleted": True})


def configure(here: Scene, **settings: Any) -> None:
    """Change `[services.forms]`."""
    table = tomllib.loads(here.ground.config.read_text())
    table["services"]["forms"] |= settings
    here.ground.config.write_text(tomli_w.dumps(table))


def made(report: dict[str, Any], stream: str) -> int:
    found = [each for each in report["streams"] if (each["service"], each["stream"]) == ("forms", stream)]
    return sum(each["created"]["notion"] for each in found)


# --------------------------------------------------------------------------------------------------------- the main job


def test_every_response_gets_its_row_and_a_rest_run_writes_nothing(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "80", services=BOTH)
    report = here.sync()
    held, rows = responses(here), here.rows()
    assert made(report, "responses") == len(held) > 5
    assert held.keys() <= rows.keys()
    forms = {"RetreatF": "After your retreat", "SpaceVis": "Your visit to The 7 Space", "GetTouch": "Get in touch"}
    for line, response in held.items():
        given = {each["field"]["ref"]: each[each["type"]] for each in response["answers"]}
        row, email = rows[line], given.get("email") or given.get("contact_email")
        assert row["Form"] == forms[response["form_id"]]
        assert row["Submitted"] == f"{response['submitted_at'][:16]}:00.000+00:00"
        assert row["Rating"] == given.get("rating")
        words = given.get("comment") or given.get("message")
        assert row["Feedback"] == " ".join((words or row["Content"]).split())[:80].rstrip()
        assert (words or "") in row["Content"]
        client = rows.get(f"forms:people:{email.casefold()}") if email else None
        assert row["Client"] == ([client["id"]] if client else [])
    here.at_rest()


def test_what_a_rest_run_costs(here: Scene) -> None:
    here.sync()
    here.later(4000)
    here.forget_requests()
    report = here.sync()
    asked = sorted(f"{each['service']} {each['method']} {each['path'].split('/')[-1]}" for each in here.requests())
    assert asked == [
        *[*["notion POST query"] * 4, "notion POST search"],
        *["typeform GET forms", *["typeform GET responses"] * 3],
        *["woocommerce GET customers", *["woocommerce GET orders"] * 2, *["woocommerce GET products"] * 2],
    ]
    assert report["requests"]["forms"] == 4
    assert here.writes() == []


def test_a_new_answer_arrives(here: Scene) -> None:
    contact = {"contact_first_name": "Noor", "contact_last_name": "van den Berg", "contact_email": "Noor@Example.com"}
    line = answer(here, RETREAT, {"rating": 4, "comment": "Good.\nVery good!", "contact": contact})
    report = here.sync()
    assert (made(report, "responses"), made(report, "people")) == (1, 1)
    row, client = here.row(line), here.row("forms:people:noor@example.com")
    assert (row["Feedback"], row["Rating"], row["Client"]) == ("Good. Very good!", 4, [client["id"]])
    assert row["Content"] == "What do you take home with you?: Good.\nVery good!"
    assert (client["Name"], client["Email"], client["Phone"]) == ("Noor van den Berg", "Noor@Example.com", None)
    assert client["Feedback"] == [row["id"]]
    here.at_rest()


def test_an_answer_that_shows_late_is_not_missed(here: Scene) -> None:
    here.ground.control("POST", "knobs", {"lag": 1800})
    line = answer(here, VISIT, {"rating": 5})
    here.later(1500)
    assert made(here.sync(), "responses") == 0
    here.later(1500)
    assert made(here.sync(), "responses") == 1
    assert here.row(line)["Rating"] == 5


def test_a_buyer_who_answers_is_one_client_with_orders_and_feedback(here: Scene) -> None:
    orders = [each for each in here.shop("orders").values() if each["customer_id"]]
    customer = here.shop("customers")[str(orders[0]["customer_id"])]
    line = answer(here, VISIT, {"rating": 5, "email": customer["email"].upper()})
    here.sync()
    row = here.row(f"shop:customers:{customer['id']}")
    assert f"forms:people:{customer['email'].casefold()}" in row["External ID"].splitlines()
    assert row["Source"] == ["forms", "shop"]
    assert here.row(line)["id"] in row["Feedback"]
    assert here.row(f"shop:orders:{orders[0]['id']}")["id"] in row["Orders"]
    names = [
        each for each in here.rows().values() if (each.get("Email") or "").casefold() == customer["email"].casefold()
    ]
    assert {each["id"] for each in names} == {row["id"]}
    assert row["Email"] == customer["email"], "what the shop says stays"
    here.at_rest()


def test_what_staff_writes_into_a_row_is_put_back_or_left(here: Scene) -> None:
    """Typeform's fields are its own; the rest of the row is Notion's."""
    line = next(line for line, row in here.rows().items() if line.startswith("forms:responses:") and row["Content"])
    before = here.row(line)
    here.edit_row(line, Content={"rich_text": []}, Sentiment={"select": {"name": "glad"}})
    report = here.sync()
    assert sum(each["restored"] for each in report["streams"]) == 1
    assert {**here.row(line), "Last Synced": ""} == {**before, "Sentiment": "glad", "Last Synced": ""}
    here.at_rest()


def test_a_lost_state_doubles_no_row(here: Scene) -> None:
    rows = len(here.rows())
    here.lose_the_state()
    report = here.sync()
    assert all(each["created"] == {"service": 0, "notion": 0} for each in report["streams"])
    assert len(here.rows()) == rows
    here.at_rest()


# ------------------------------------------------------------------------------------------------------------ deletions


def test_a_deleted_response_trashes_its_row_after_a_full_read(here: Scene) -> None:
    rows = {line: row for line, row in here.rows().items() if line.startswith("forms:responses:")}
    line = next(iter(rows))
    take_back(here, line)
    here.sync()
    assert line in here.rows(), "an incremental read does not show that anything is gone"
    report = here.sync("sync", "--all", "--full")
    (stream,) = [each for each in report["streams"] if each["stream"] == "responses"]
    assert stream["archived"] == {"service": 0, "notion": 1}
    assert rows.keys() - here.rows().keys() == {line}
    assert here.pages()[rows[line]["id"]]["in_trash"]
    here.at_rest()


def test_a_deleted_form_takes_no_row_along_and_hides_no_other_deletion(here: Scene) -> None:
    rows, held = here.rows().keys(), responses(here)
    here.ground.control("PATCH", f"typeform/forms/{VISIT}", {"deleted": True})
    line = next(line for line, each in held.items() if each["form_id"] == RETREAT)
    take_back(here, line)
    here.sync("sync", "--all", "--full")
    assert rows - here.rows().keys() == {line}
    here.at_rest()


def test_at_a_sibling_data_centre_nothing_is_deleted(here: Scene) -> None:
    rows = here.rows().keys()
    here.ground.control("POST", "knobs", {"data_centre": "sibling"})
    here.sync("sync", "--all", "--full")
    assert here.rows().keys() == rows


def test_engine_17_another_account_behind_the_token_is_refused(here: Scene) -> None:
    rows = here.rows().keys()
    for form_id in (RETREAT, VISIT, CONTACT):
        here.ground.control("PATCH", f"typeform/forms/{form_id}", {"deleted": True})
    question = {"type": "short_text", "ref": "say", "title": "What do you say?"}
    workspace = {"href": "https://api.typeform.com/workspaces/theirs"}
    theirs = {"title": "Theirs", "fields": [question], "workspace": workspace}
    form_id = here.ground.control("POST", "typeform/forms", theirs)["id"]
    answer(here, form_id, {"say": "Hello"})
    report = here.sync(exit_code=4)
    errors = {each["error"]["message"] for each in report["streams"] if each["service"] == "forms" and each["error"]}
    assert [message.partition(":")[0] for message in errors] == ["another account answers"]
    assert here.rows().keys() == rows


def test_a_token_that_is_refused_stops_this_service_alone(here: Scene) -> None:
    here.ground.control("POST", "knobs", {"data_centre": "elsewhere"})
    here.edit_shop("products", "1", regular_price="77.70")
    report = here.sync(exit_code=5)
    assert {each["service"] for each in report["streams"] if each["error"]} == {"forms"}
    assert here.row("shop:products:1")["Price"] == 77.7
    assert here.ground.hsn("health", "forms").returncode == 5


# ------------------------------------------------------------------------------------------------------- what is chosen


def test_leads_become_clients_and_no_feedback(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "80", services=BOTH)
    configure(here, leads=[CONTACT])
    both = {"email": "noor@example.com", "name": "Noor van den Berg"}
    answer(here, CONTACT, {**both, "phone": "+31201234567", "message": "Is there a place left?"})
    answer(here, CONTACT, {**both, "message": "And a quiet room?"})
    here.sync()
    held, rows = responses(here), here.rows()
    feedback = {line for line, each in held.items() if each["form_id"] != CONTACT}
    assert feedback
    assert {line for line in rows if line.startswith(("forms:responses:", "forms:leads:"))} == feedback
    client = rows["forms:people:noor@example.com"]
    assert (client["Name"], client["Phone"], client["Feedback"]) == ("Noor van den Berg", "+31201234567", [])
    here.at_rest()
    here.later(600)
    here.forget_requests()
    here.sync("sync", "--all", "--full")
    assert here.writes() == []


def test_a_later_lead_fills_what_is_empty_and_renames_nobody(here: Scene) -> None:
    configure(here, leads=[CONTACT])
    answer(here, CONTACT, {"email": "noor@example.com", "name": "Noor van den Berg"})
    here.sync("sync", "--all", "--full")
    here.later(600)
    answer(here, CONTACT, {"email": "noor@example.com", "name": "N.", "phone": "+31201234567"})
    here.sync()
    client = here.row("forms:people:noor@example.com")
    assert (client["Name"], client["Phone"]) == ("Noor van den Berg", "+31201234567")
    here.at_rest()


def test_a_form_that_is_no_longer_read_keeps_its_rows(here: Scene) -> None:
    rows = here.rows().keys()
    configure(here, forms=[RETREAT])
    here.sync("sync", "--all", "--full")
    assert here.rows().keys() == rows


def test_a_form_that_does_not_exist_is_named(here: Scene) -> None:
    configure(here, forms=[RETREAT, "Nowhere1"])
    report = here.sync(exit_code=4)
    assert {each["error"]["message"] for each in report["streams"] if each["error"]} == {"there is no form Nowhere1"}
    assert "Nowhere1" in here.ground.hsn("health", "forms").stdout


# ------------------------------------------------------------------------------------------- a link that names its row


@pytest.fixture
def survey(here: Scene) -> str:
    """A form whose link may carry the row that the answer belongs to."""
    fields = [{"type": "long_text", "ref": "words", "title": "Words"}]
    body = {"title": "One question", "hidden": ["notion_page_id"], "fields": fields}
    return str(here.ground.control("POST", "typeform/forms", body)["id"])


def feedback_row(here: Scene, name: str) -> str:
    parent = {"type": "data_source_id", "data_source_id": here.sources["Feedback"]}
    body = {"parent": parent, "properties": {"Feedback": title(name)}}
    return str(here.ground.control("POST", "notion/pages", body)["id"])


def test_an_answer_goes_into_the_row_that_its_link_named(here: Scene, survey: str) -> None:
    page = feedback_row(here, "Asked Noor how it was")
    line = answer(here, survey, {"words": "Lovely"}, hidden={"notion_page_id": page})
    report = here.sync()
    assert made(report, "responses") == 0
    row = here.row(line)
    assert (row["id"], row["Feedback"], row["Content"]) == (page, "Lovely", "Words: Lovely")
    here.at_rest()
    second = answer(here, survey, {"words": "Once more"}, hidden={"notion_page_id": page})
    here.sync()
    assert here.row(second)["id"] != page, "a row belongs to one response"
    assert here.row(line)["Content"] == "Words: Lovely"


def test_a_link_that_names_nothing_known_makes_a_row_of_its_own(here: Scene, survey: str) -> None:
    unknown = "1f0a2b3c-0000-4000-8000-000000000001"
    lines = [answer(here, survey, {"words": each}, hidden={"notion_page_id": each}) for each in (unknown, "pg-1", "")]
    here.sync()
    assert all(line in here.rows() for line in lines)


def test_a_link_that_names_a_row_of_another_database_makes_a_row_of_its_own(here: Scene, survey: str) -> None:
    """Anybody can write anything behind the `#` of a link."""
    client = next(row["id"] for line, row in here.rows().items() if line.startswith("shop:customers:"))
    line = answer(here, survey, {"words": "Hello"}, hidden={"notion_page_id": client})
    here.sync()
    assert here.row(line)["id"] != client


# ------------------------------------------------------------------------------------------------------------- privacy


def test_nothing_of_a_respondents_machine_is_kept_anywhere(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "80", services=BOTH)
    metadata = {"user_agent": "Nosy/1.0", "network_id": "9f8e7d6c5b", "referer": "https://ref.example"}
    answer(here, VISIT, {"rating": 5, "email": "noor@example.com"}, metadata=metadata)
    for words in (("-vv", "sync", "--all"), ("sync", "--all", "--full")):
        done = here.ground.hsn(*words)
        assert done.returncode == 0, done.stderr
        here.later(600)
    kept = b"".join(path.read_bytes() for path in here.ground.config.parent.iterdir() if path.is_file())
    shown = str(here.rows())
    assert "noor@example.com" in shown
    for each in metadata.values():
        assert each.encode() not in kept
        assert each not in shown
