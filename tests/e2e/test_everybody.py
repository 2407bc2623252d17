"""All services together: one person in all of them is one row, and what changes in one reaches the others."""

from collections.abc import Callable

from tests.e2e.scene import Scene
from tests.e2e.shop_hands import made

MAIL = "kim.berg@example.com"
ALL = ("shop", "desk", "booking", "forms", "feedback", "school")


def test_a_purchase_two_bookings_two_answers_and_a_course_are_one_client(scene: Callable[..., Scene]) -> None:
    here = scene("--records", "60", services=ALL)
    config = here.ground.config.read_text()
    here.ground.config.write_text(config.replace('kind = "tutorlm"', 'kind = "tutorlm"\nsame_site = "shop"'))
    here.sync("sync", "shop", "school")
    customer = made(here, "customers", email=MAIL, first_name="Kim", last_name="Berg")
    product = next(each for each in here.shop("products").values() if each["status"] == "publish")
    line = {"product_id": product["id"], "quantity": 1}
    made(here, "orders", customer_id=int(customer), line_items=[line], billing={"email": MAIL})
    who = {"firstName": "Kim", "lastName": "Berg", "email": MAIL}
    here.ground.control("POST", "acuity/appointments", who)
    here.ground.control("POST", "amelia/appointments", {"customer": who})
    contact = {"contact_first_name": "Kim", "contact_last_name": "Berg", "contact_email": MAIL.title()}
    here.ground.control(
        "POST", "typeform/responses", {"form_id": "RetreatF", "answers": {"rating": 5, "contact": contact}}
    )
    survey = [{"question_id": "q1", "value": 9}, {"question_id": "q4", "value": MAIL.upper()}]
    here.ground.control("POST", "userfeedback/responses", {"survey_id": "1", "answers": survey})
    review(here, int(customer))
    here.sync()
    clients = [row for row in here.rows().values() if str(row.get("Email") or "").lower() == MAIL]
    assert len({row["id"] for row in clients}) == 1
    kim = clients[0]
    related = {column: len(kim[column]) for column in ("Orders", "Appointments", "Feedback")}
    assert related == {"Orders": 1, "Appointments": 2, "Feedback": 3}
    assert kim["Source"] == ["booking", "desk", "feedback", "forms", "shop"]
    here.at_rest()


def review(here: Scene, user: int) -> None:
    """A student of the school, who is that customer of the shop of the same site, reviews a course."""
    course = here.ground.control("GET", "dump")["tutorlm"]["courses"][0]
    given = {"comment_post_ID": course["ID"], "comment_author": "kim", "rating": "4", "comment_content": "Slow."}
    shown = here.ground.control("POST", "tutorlm/reviews", given)
    here.ground.control("POST", "load", {"tutorlm": {"reviews": [{**shown, "user_id": str(user)}]}})
