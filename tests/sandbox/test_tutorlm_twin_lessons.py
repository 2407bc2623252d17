"""One course and what is below it, trap 18 of the reference among it; the editions."""

from typing import Any

import pytest

from higherself_sync.sandbox.tutorlm import TutorLMTwin, serialized
from tests.sandbox.wordpress_client import SITE, Client, typed
from tests.sandbox.wordpress_sites import course_site

QUESTION = {
    "question_id": "4",
    "question_title": "Ist Größe alles?",
    "question_description": "",
    "question_type": "true_false",
    "question_mark": "2.00",
    "question_settings": 'a:3:{s:13:"question_type";s:10:"true_false";s:15:"answer_required";b:1;s:4:"Maß";i:2;}',
    "question_answers": [
        {
            "answer_id": "7",
            "belongs_question_id": "4",
            "belongs_question_type": "true_false",
            "answer_title": "True",
            "is_correct": "0",
            "image_id": "0",
            "answer_two_gap_match": "true",
            "answer_view_format": "",
            "answer_settings": None,
            "answer_order": "1",
        }
    ],
}
QUIZ = {"ID": "40", "post_title": "Quiz", "post_content": "", "post_name": "quiz", "quiz_settings": []}

Site = Client[TutorLMTwin]


@pytest.fixture
def site() -> Site:
    return course_site()


# One course


def test_an_unknown_course_has_details_and_they_are_empty(site: Site) -> None:
    answer = site.get("courses/99")
    assert (answer.status, answer.code) == (200, "course_detail")
    data = dict(answer.body["data"])
    assert data.pop("disable_qa") is True
    assert set(map(str, data.values())) == {"[]"}
    assert answer.body["message"] == site.get("courses/3").body["message"]


def test_the_key_sees_a_drafts_details(site: Site) -> None:
    assert site.get("courses/4").body["data"]["course_price_type"] == ["paid"]


def test_reviews_come_newest_id_first_by_limit_and_offset(site: Site) -> None:
    def logins(**query: Any) -> list[str]:
        reviews = site.get("course-rating/3", **query).body["data"]["reviews"]
        return [review["comment_author"] for review in reviews]

    assert logins() == ["cleo", "bruno", "anna"]
    assert logins(limit=1, offset=1) == ["bruno"]
    assert logins(limit=0) == logins(limit="all") == logins()
    assert logins(limit=-1) == logins(offset=-1) == logins(offset=3) == []
    for n in range(10):
        site.add("reviews", comment_post_ID=3, comment_author=f"student{n}", rating=1)
    assert len(logins()) == 10
    assert len(logins(limit=500)) == 13


def test_ratings_are_text_but_numbers_where_there_are_none(site: Site) -> None:
    rated = site.get("course-rating/3").body["data"]
    assert typed({name: rated[name] for name in list(rated)[:4]}) == typed(
        {
            "rating_count": "3",
            "rating_sum": "13",
            "rating_avg": "4.33",
            "count_by_value": {"5": "1", "4": "2", "3": 0, "2": 0, "1": 0},
        }
    )
    for course in (1, 99):
        empty = site.get(f"course-rating/{course}")
        assert (empty.status, empty.code) == (200, "success")
        assert (empty.body["data"]["rating_count"], empty.body["data"]["reviews"]) == (0, [])


def test_the_older_version_tells_local_times_alone(site: Site) -> None:
    newer = site.get("course-rating/3").body["data"]["reviews"][0]
    assert (newer["comment_date"], newer["comment_date_gmt"]) == ("2026-11-23 18:07:00", "2026-11-23 17:07:00")
    site.twin.knobs({"version": "2.7.6"})
    older = site.get("course-rating/3").body["data"]["reviews"][0]
    assert older == {name: value for name, value in newer.items() if name != "comment_date_gmt"}


def test_a_review_can_be_edited_held_back_and_deleted(site: Site) -> None:
    site.change("reviews", 1, rating="1", comment_content="On second thought")
    edited = site.get("course-rating/3").body["data"]["reviews"][2]
    assert (edited["rating"], edited["comment_content"], edited["comment_date"]) == (
        "1",
        "On second thought",
        "2026-11-23 18:05:00",
    )
    site.change("reviews", 1, comment_status="hold")
    assert len(site.get("course-rating/3").body["data"]["reviews"]) == 2
    assert site.change("reviews", 1, deleted=True)["comment_ID"] == "1"
    assert site.get("course-rating/3").body["data"]["rating_sum"] == "8"


def test_any_user_can_be_asked_for_with_address_and_login(site: Site) -> None:
    assert site.get("author-information/1").body["data"]["courses"] == ["1", "2", "3", "4", "5"]
    student = site.get("author-information/2").body["data"]
    assert (student["user_login"], student["user_email"], student["courses"]) == ("anna", "anna@example.com", [])
    unknown = site.get("author-information/99")
    assert (unknown.status, unknown.code, unknown.body["data"]) == (200, "invalid_id", [])


def test_one_student_is_one_user(site: Site) -> None:
    again = site.add("reviews", comment_post_ID=1, comment_author="Anna", rating=2, display_name="Somebody")
    assert (again["user_id"], again["display_name"]) == ("2", "anna")


# What is below a course


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("topics?course_id=3", "get_topic"),
        ("topics", "get_topic"),
        ("lessons?topic_id=9", "not_found"),
        ("lessons", "not_found"),
        ("quizzes?topic_id=9", "not_found"),
        ("quizzes", "not_found"),
        ("quizzes/9", "not_found"),
        ("quiz-question-answer/9", "not_found"),
        ("quiz-attempt-details/9", "not_found"),
        ("course-announcement/3", "not_found"),
        ("course-contents/3", "not_found"),
    ],
)
def test_not_found_is_a_200_whose_data_is_a_list(path: str, code: str, site: Site) -> None:
    answer = site.call("GET", *path.split("?"))
    assert (answer.status, answer.code, answer.body["data"]) == (200, code, [])
    assert answer.body["message"]


def test_a_questions_settings_are_text_in_one_place_and_an_object_in_the_other(site: Site) -> None:
    site.twin.load({"quizzes_of_30": [QUIZ], "questions_of_40": [QUESTION]}, site.now)
    quiz = site.get("quizzes/40").body["data"]
    assert typed(quiz) == typed({**QUIZ, "quiz_questions": [QUESTION]})
    (question,) = site.get("quiz-question-answer/40").body["data"]
    assert question["question_settings"] == {"question_type": "true_false", "answer_required": True, "Maß": 2}
    assert question["question_answers"] == [{"answer_id": "7", "answer_title": "True", "is_correct": "0"}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a:0:{}", []),
        ('a:2:{i:0;s:1:"x";i:1;d:0.5;}', ["x", 0.5]),
        ("a:1:{i:1;N;}", {"1": None}),
        ('a:1:{s:1:"a";a:1:{i:0;b:0;}}', {"a": [False]}),
        ('s:5:"a"b;c";', 'a"b;c'),
        ("plain", "plain"),
        ("", ""),
        ('s:9:"short";', 's:9:"short";'),
        ("i:5;i:6;", "i:5;i:6;"),
    ],
)
def test_phps_notation_is_read_where_it_is_one(text: str, value: Any) -> None:
    assert serialized.read(text) == value


def test_attempts_have_no_id_and_each_holds_the_answers_of_all(site: Site) -> None:
    """Held against the recording, where two students took one quiz; here it is what an adapter has to live with."""
    answers = [{"question_title": "Q", "given_answer": [], "question_mark": "2.00"}] * 2
    attempts = [{"user_id": user, "attempts_answer": answers} for user in ("8", "9")]
    site.twin.load({"attempts_of_40": attempts}, site.now)
    shown = site.get("quiz-attempt-details/40").body["data"]
    assert [attempt["user_id"] for attempt in shown] == ["8", "9"]
    assert shown[0]["attempts_answer"] == shown[1]["attempts_answer"]
    assert not any("attempt_id" in attempt for attempt in shown)


def test_contents_lead_to_this_site(site: Site) -> None:
    post = {"ID": 31, "guid": "http://elsewhere.example/courses/x/lessons/y/"}
    topic = {"id": 30, "title": "", "summary": "", "contents": [post]}
    site.twin.load({"contents_of_3": [topic]}, site.now)
    assert site.get("course-contents/3").body["data"][0]["contents"][0]["guid"] == f"{SITE}/courses/x/lessons/y/"
    assert site.add("courses", post_title="Next")["ID"] == 32


# Editions


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "enrollments"),
        ("POST", "enrollments"),
        ("POST", "courses"),
        ("DELETE", "courses/3"),
        ("GET", "courses/abc"),
        ("GET", "students"),
    ],
)
def test_the_free_edition_has_no_enrolments_and_no_writes(method: str, path: str, site: Site) -> None:
    answer = site.call(method, path)
    assert (answer.status, answer.code) == (404, "rest_no_route")
    assert "allow" not in answer.headers


def test_pro_has_enrolments_as_documented(site: Site) -> None:
    site.twin.knobs({"edition": "pro"})
    site.add("enrollments", user_id=2, course_id=3)
    made = site.call("POST", "enrollments", body={"user_id": 3, "course_id": 3})
    number = made.body["data"]["enrollment_id"]
    assert made.status == 200
    site.call("PUT", "enrollments/completed", body={"enrollment_id": number, "status": "cancel"})
    listed = site.get("enrollments", course_id=3)
    assert listed.headers["allow"] == "GET, POST"
    assert [(row["user_id"], row["course_id"], row["status"]) for row in listed.body["data"]] == [
        (2, 3, "completed"),
        (3, 3, "cancel"),
    ]
    assert [row["user_id"] for row in site.get("enrollments", user_id=3).body["data"]] == [3]
    assert site.get("enrollments", course_id=1).body["data"] == []
    site.headers = {}
    assert site.get("enrollments").status == 401


def test_what_pro_says_to_a_wrong_id_is_not_made_up(site: Site) -> None:
    site.twin.knobs({"edition": "pro"})
    assert site.call("POST", "enrollments", body={"user_id": 2, "course_id": 99}).status == 501
    assert site.call("POST", "enrollments", body={"user_id": 77, "course_id": 3}).status == 501
    assert site.call("PUT", "enrollments/completed", body={"enrollment_id": 99, "status": "cancel"}).status == 501


def test_enrolments_are_added_and_changed_from_outside_in_either_edition(site: Site) -> None:
    made = site.add("enrollments", user_id=2, course_id=3)
    assert site.change("enrollments", made["enrollment_id"], status="cancel")["status"] == "cancel"
    assert [row["status"] for row in site.twin.dump()["enrollments"]] == ["cancel"]
    site.change("enrollments", made["enrollment_id"], deleted=True)
    assert site.twin.dump()["enrollments"] == []
