"""The sites that the tests of the WordPress twins start from."""

from higherself_sync.sandbox.tutorlm import TutorLMTwin
from higherself_sync.sandbox.userfeedback import UserFeedbackTwin
from tests.sandbox.wordpress_client import Client, basic

ADMIN = basic("sandbox", "app_sandbox")
KEY = basic("key_sandbox", "secret_sandbox")
QUESTIONS = [
    {"id": "q1", "type": "nps", "title": "Would you come again?", "settings": {"required": True}, "config": {}},
    {"id": "q2", "type": "checkbox", "title": "Why?", "settings": {}, "config": {"options": ["Price", "Größe"]}},
    {"id": "q3", "type": "text", "title": "Your name", "settings": {}, "config": {}},
    {"id": "q4", "type": "email", "title": "E-mail", "settings": {}, "config": {}},
]


def feedback_site() -> Client[UserFeedbackTwin]:
    """Survey 1 is published and has twelve responses, survey 2 is published and has one, survey 3 is a draft."""
    client = Client(UserFeedbackTwin(), "userfeedback/v1", ADMIN)
    for title, status in (("Retreat", "publish"), ("Gallery", "publish"), ("Later", "draft")):
        client.add("surveys", title=title, questions=QUESTIONS, status=status)
        client.wait(60)
    for n in range(12):
        client.add("responses", survey_id="1", answers=[{"question_id": "q1", "value": n % 11}])
        client.wait(60)
    client.add("responses", survey_id="2", answers=[{"question_id": "q1", "value": 5}])
    return client


def course_site() -> Client[TutorLMTwin]:
    """Five courses, made a minute apart, one of them a draft; the third has three reviews."""
    client = Client(TutorLMTwin(), "tutor/v1", KEY)
    courses: tuple[tuple[str, str, str, str], ...] = (
        ("Zen & tea", "", "Wellness", "tea"),
        ("breathing", "99.90", "Wellness", "breath"),
        ("Ärger, and what is below it", "45", "Connection Practice", "empathy"),
        ("Later", "10", "Connection Practice", "tea"),
        ("Connection", "149.00", "Connection Practice", "empathy"),
    )
    for title, price, category, tag in courses:
        status = "draft" if title == "Later" else "publish"
        terms = {"course_category": [category], "course_tag": [tag]}
        client.add("courses", post_title=title, price=price, post_status=status, **terms)
        client.wait(60)
    for login, rating in (("anna", 5), ("bruno", 4), ("cleo", 4)):
        client.add("reviews", comment_post_ID=3, comment_author=login, rating=rating, comment_content="Hm – “gut”")
        client.wait(60)
    return client
