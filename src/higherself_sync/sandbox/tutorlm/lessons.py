"""What is below a course: topics, lessons, quizzes, their questions and attempts, announcements.

Read: `REST_Topic`, `REST_Lesson`, `REST_Quiz`, `REST_Course_Announcement`, `REST_Course::course_contents`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from higherself_sync.sandbox import php
from higherself_sync.sandbox.tutorlm import serialized
from higherself_sync.sandbox.tutorlm.courses import envelope
from higherself_sync.sandbox.tutorlm.store import Record, Store
from higherself_sync.sandbox.woocommerce.errors import NotServed
from higherself_sync.sandbox.woocommerce.rest import Thing

SHORT_ANSWER = ("answer_id", "answer_title", "is_correct")

Answer = Callable[[Store, int, str], Record]


def topics(store: Store, params: Mapping[str, Any]) -> Record:
    """A code of its own for all that it says."""
    if "course_id" not in params:
        return envelope("get_topic", "course_id is required")
    found = store.listed("topics", php.whole(params["course_id"]))
    message = "Topic retrieved successfully" if found else "Topic not found for given course ID"
    return envelope("get_topic", message, found)


def lessons(store: Store, params: Mapping[str, Any]) -> Record:
    """Raises NotServed for what is no number: WordPress then asks for the lessons of any topic."""
    if "topic_id" not in params:
        return envelope("not_found", "topic_id is required")
    if php.numeric(params["topic_id"]) is None:
        raise NotServed(f"topic_id={params['topic_id']} of lessons")
    found = store.listed("lessons", php.whole(params["topic_id"]))
    return _list(found, "Lesson retrieved successfully", "Lesson not found for the given topic ID")


def quizzes(store: Store, params: Mapping[str, Any]) -> Record:
    found = store.listed("quizzes", php.whole(params.get("topic_id") or 0))
    return _list(found, "Quiz retrieved successfully", "Quiz not found for given ID")


def quiz(store: Store, quiz_id: int) -> Record:
    """One quiz with its questions, whose settings are PHP's notation as text here."""
    quizzes = (each for name, things in store.lists.items() if name.startswith("quizzes_of_") for each in things)
    found = next((each for each in quizzes if int(each["ID"]) == quiz_id), None)
    if found is None:
        return envelope("not_found", "Quiz not found for given ID")
    data = Thing(found | {"quiz_questions": store.listed("questions", quiz_id)})
    return envelope("success", "Quiz retrieved successfully", data)


def questions(store: Store, quiz_id: int) -> Record:
    """The same questions with their settings as an object, and less of each answer."""
    found = [
        question
        | {
            "question_settings": serialized.read(question["question_settings"]),
            "question_answers": [
                {name: answer[name] for name in SHORT_ANSWER} for answer in question["question_answers"]
            ],
        }
        for question in store.listed("questions", quiz_id)
    ]
    return _list(found, "Question retrieved successfully", "Question not found for given ID")


def attempts(store: Store, quiz_id: int) -> Record:
    """No attempt has an id, and each holds the answers of all of them (trap 18)."""
    found = store.listed("attempts", quiz_id)
    return _list(found, "Quiz attempts retrieved successfully", "Quiz attempts not found for given ID")


def announcements(store: Store, course_id: int) -> Record:
    found = store.listed("announcements", course_id)
    return _list(found, "Announcement retrieved successfully", "Announcement not found for given ID")


def contents(store: Store, course_id: int, base: str) -> Record:
    found = [
        topic | {"contents": [post | {"guid": f"{base}{post['guid']}"} for post in topic["contents"]]}
        for topic in store.listed("contents", course_id)
    ]
    missing = "Contents for this course with the given course id not found"
    return _list(found, "Course contents retrieved successfully", missing)


def _list(found: list[Record], message: str, missing: str) -> Record:
    return envelope("success", message, found) if found else envelope("not_found", missing)
