"""Tutor LMS and the shop of the same site, met by the whole tool."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.scene import Scene
from tests.sandboxed import sandbox

NAME = "school"
BOTH = ("shop", NAME)


def held(here: Scene, stream: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = here.ground.control("GET", "dump")["tutorlm"][stream]
    return found


def public(here: Scene) -> dict[str, dict[str, Any]]:
    """Courses that anybody may see, by the line of External ID."""
    return {f"{NAME}:courses:{each['ID']}": each for each in held(here, "courses") if each["post_status"] == "publish"}


def line_of(review: dict[str, Any]) -> str:
    return f"{NAME}:reviews:{review['comment_post_ID']}-{review['comment_ID']}"


def control(here: Scene, method: str, path: str, **body: Any) -> dict[str, Any]:
    done: dict[str, Any] = here.ground.control(method, f"tutorlm/{path}", body)
    return done


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A shop and the courses of its own site, synced and come to rest."""
    with sandbox(tmp_path_factory.mktemp("tutorlm"), "--records", "120", services=BOTH) as ground:
        here = Scene(ground)
        here.configure(NAME, same_site="shop")
        here.sync()
        here.later(600)
        here.sync()
        yield here


@pytest.fixture
def here(synced: Scene) -> Scene:
    synced.later(600)
    synced.forget_requests()
    return synced


def test_every_course_and_review_has_a_row_and_none_is_there_twice(here: Scene) -> None:
    rows = here.rows()
    courses, reviews = public(here), {line_of(each): each for each in held(here, "reviews")}
    assert {line for line in rows if line.startswith(NAME)} == {*courses, *reviews}
    for line, course in courses.items():
        row = rows[line]
        assert (row["Name"], row["Type"], row["Status"]) == (course["post_title"], "course", "publish")
        assert row["Price"] == (float(course["price"]) if course["price"] else None)
    for line, review in reviews.items():
        row = rows[line]
        assert row["Rating"] == int(review["rating"])
        assert row["Product"] == [rows[f"{NAME}:courses:{review['comment_post_ID']}"]["id"]]


def test_a_student_is_the_customer_with_the_number_of_the_user(here: Scene) -> None:
    rows = here.rows()
    customers = {line for line in rows if line.startswith("shop:customers:")}
    found = 0
    for review in held(here, "reviews"):
        customer = f"shop:customers:{review['user_id']}"
        assert rows[line_of(review)]["Client"] == ([rows[customer]["id"]] if customer in customers else [])
        found += customer in customers
    assert found


def test_at_rest_it_costs_two_requests(here: Scene) -> None:
    here.sync()
    asked = [f"{each['method']} {each['path']}" for each in here.requests() if each["service"] == "tutorlm"]
    assert asked == ["GET /wp-json/", "GET /wp-json/tutor/v1/courses"]
    assert here.writes() == []


def test_a_new_review_arrives(here: Scene) -> None:
    course = next(iter(public(here).values()))["ID"]
    review = control(
        here,
        "POST",
        "reviews",
        comment_post_ID=course,
        comment_author="newcomer",
        rating=4,
        comment_content="Calm & clear",
    )
    report = here.sync()
    row = here.row(line_of(review))
    assert (row["Feedback"], row["Rating"], row["Source"]) == ("Calm & clear", 4, [NAME])
    assert sum(each["created"]["notion"] for each in report["streams"]) == 1
    here.at_rest()


def test_a_course_that_is_renamed_and_priced_anew(here: Scene) -> None:
    line, course = next(iter(public(here).items()))
    control(here, "PATCH", f"courses/{course['ID']}", post_title="Renamed & “quoted”", price="12.50")
    here.sync()
    row = here.row(line)
    assert (row["Name"], row["Price"]) == ("Renamed & “quoted”", 12.5)
    here.at_rest()


def test_a_deleted_course_trashes_its_row_and_an_unpublished_one_does_not(here: Scene) -> None:
    made = [control(here, "POST", "courses", post_title=f"Short-lived {n}")["ID"] for n in range(2)]
    here.sync()
    pages = [here.row(f"{NAME}:courses:{each}")["id"] for each in made]
    control(here, "PATCH", f"courses/{made[0]}", deleted=True)
    control(here, "PATCH", f"courses/{made[1]}", post_status="draft")
    here.later(600)
    here.sync("sync", "--all", "--full")
    assert [here.pages()[each]["in_trash"] for each in pages] == [True, False]
    here.at_rest()


def test_a_course_that_is_unpublished_with_many_reviews_stops_nothing(here: Scene) -> None:
    course = control(here, "POST", "courses", post_title="Much discussed")["ID"]
    for n in range(12):
        control(here, "POST", "reviews", comment_post_ID=course, comment_author=f"voice{n}", rating=1 + n % 5)
    here.sync()
    control(here, "PATCH", f"courses/{course}", post_status="draft")
    here.later(600)
    report = here.sync("sync", "--all", "--full")
    assert [each["error"] for each in report["streams"] if each["error"]] == []
    assert sum(line.startswith(f"{NAME}:reviews:{course}-") for line in here.rows()) == 12


def test_enrolments_of_the_pro_edition_are_orders_unless_the_shop_has_them(here: Scene) -> None:
    here.ground.control("POST", "knobs", {"edition": "pro"})
    free, priced = (
        control(here, "POST", "courses", post_title=f"For {price or 'free'}", price=price)["ID"]
        for price in ("", "90.00")
    )
    user = held(here, "reviews")[0]["user_id"]
    numbers = [
        control(here, "POST", "enrollments", user_id=user, course_id=str(each))["enrollment_id"]
        for each in (free, priced)
    ]
    here.later(86400)  # a site is asked once a day whether it has come to have Pro
    here.sync()
    lines = {line for line in here.rows() if line.startswith(f"{NAME}:enrolments:")}
    assert lines == {f"{NAME}:enrolments:{numbers[0]}"}
    row = here.row(f"{NAME}:enrolments:{numbers[0]}")
    assert (row["Order"], row["Status"]) == (f"Enrolment {numbers[0]}", "completed")
    here.at_rest()


def test_a_wrong_time_zone_is_told_before_anything_is_written(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "60", services=BOTH)
    here.configure(NAME, timezone="UTC")
    report = here.sync(exit_code=4)
    errors = {each["service"]: each["error"] for each in report["streams"]}
    assert errors["shop"] is None
    assert 'timezone = "Europe/Berlin"' in errors[NAME]["remedy"]
    assert {line.partition(":")[0] for line in here.rows()} == {"shop"}
    assert {each["path"] for each in here.requests() if each["service"] == "tutorlm"} == {"/wp-json/"}


def test_without_the_shop_of_the_same_site_nobody_is_guessed(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "60", services=BOTH)
    here.sync()
    rows = here.rows()
    assert {tuple(rows[line_of(each)]["Client"]) for each in held(here, "reviews")} == {()}
    before = {line: row["id"] for line, row in rows.items()}
    here.later(600)
    here.lose_the_state()
    report = here.sync()
    assert sum(each["created"]["notion"] for each in report["streams"]) == 0
    assert {line: row["id"] for line, row in here.rows().items()} == before
