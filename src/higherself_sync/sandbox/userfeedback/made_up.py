"""Made-up surveys of The Connection Practice and The 7 Space, and what people answered: the same for the same seed.

People are the first of `people(random.Random(seed))`, so that those who answer also buy and book elsewhere.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Protocol

from higherself_sync.sandbox.people import Person, people

FEW = 25
"""One survey for so many records, and no more than there are below."""


class Filled(Protocol):
    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any: ...
    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any: ...


def _question(number: int, kind: str, title: str, *options: str, required: bool = False) -> dict[str, Any]:
    return {
        "id": f"q{number}",
        "type": kind,
        "title": title,
        "settings": {"required": required},
        "config": {"options": list(options)} if options else {},
        "logic": {"enabled": False},
    }


WORKSHOP = (
    _question(1, "nps", "How likely are you to recommend The Connection Practice?", required=True),
    _question(2, "radio-button", "Which workshop was it?", "Foundations", "Empathy for Teams", "Breath & Voice"),
    _question(3, "long-text", "What can we improve?"),
    _question(4, "email", "Your e-mail, if we may answer"),
)
RETREAT = (
    _question(1, "star-rating", "How was your retreat?", required=True),
    _question(2, "checkbox", "What did you like?", "Silence", "Food & tea", "The group", "Größe der Zimmer"),
    _question(3, "text", "Your name"),
    _question(4, "long-text", "Anything else?"),
    _question(5, "email", "Your e-mail"),
)
GALLERY = (
    _question(1, "star-rating", "How do you like the exhibition “Seven Spaces”?"),
    _question(2, "text", "Which work stays with you?"),
    _question(3, "email", "Shall we write to you about the next one?"),
)
CONSULTING = (
    _question(1, "nps", "Would you work with us again?"),
    _question(2, "radio-button", "Who are you?", "A school", "A company", "A family"),
    _question(3, "long-text", "What has changed since?"),
)
SURVEYS: tuple[tuple[str, Sequence[dict[str, Any]], str], ...] = (
    ("Workshop feedback", WORKSHOP, "publish"),
    ("After your retreat", RETREAT, "publish"),
    ("The 7 Space: exhibition", GALLERY, "publish"),
    ("Consulting, half a year later 🌱", CONSULTING, "publish"),
    ("Wellness day “Größe” (not yet)", RETREAT, "draft"),
)
PAGES = (
    None,
    {"id": 2, "name": "Sample Page", "url": "/sample-page/"},
    {"id": 31, "name": "Retreats & silence", "url": "/retreats/"},
)
COMMENTS = (
    "More evening courses please",
    "Zu teuer – “schade” 🙁",
    "The best two days of this year.\nThank you!",
    "Too <b>loud</b> in the hall & too warm",
    "もっと静かな部屋がいいです 🙇",
    "شكراً جزيلاً على كل شيء",
    "It was good",
    "Nothing, really. See you in May ❤️",
    "I waited twenty minutes; nobody told us why.",
    "",
)
WORKS = ("Stille", "Été, A3", "Linocut No. 7", "the bowl with O’Hara glaze", "潮")
BROWSERS = (
    {"user_browser": "Chrome 120.0", "user_os": "Windows 10", "user_device": "Desktop"},
    {"user_browser": "Safari 17.1", "user_os": "iOS 17.1", "user_device": "Phone"},
    {"user_browser": "Firefox 121.0", "user_os": "Ubuntu", "user_device": "Desktop"},
)


def fill(twin: Filled, records: int, seed: int, now: datetime) -> None:
    """`records` surveys and responses in all; some responses end up in the trash."""
    chance = random.Random(f"userfeedback {seed}")  # noqa: S311 - made-up data, no secret
    number = min(len(SURVEYS), -(-records // FEW))
    answers = records - number
    crowd = list(islice(people(random.Random(seed)), max(1, answers // 2)))  # noqa: S311
    made = []
    for days, (title, questions, status) in zip(range(365, 0, -2), SURVEYS[:number], strict=False):
        survey = {"title": title, "questions": list(questions), "status": status}
        made.append(twin.add("surveys", survey, now - timedelta(days=days)))
    open_ones = [survey for survey in made if survey["status"] == "publish"]
    moments = sorted(now - timedelta(seconds=chance.randint(60, 350 * 86400)) for _ in range(answers))
    for n, moment in enumerate(moments):
        survey, person = chance.choice(open_ones), chance.choice(crowd)
        response = {**_filled_in(survey, person, chance), "survey_id": survey["id"]}
        added = twin.add("responses", response, moment)
        if n % 20 == 13:
            twin.change("responses", added["id"], {"status": "trash"}, moment)


def _filled_in(survey: Mapping[str, Any], person: Person, chance: random.Random) -> dict[str, Any]:
    answers = [
        {"question_id": question["id"], "value": _value(question, person, chance)}
        for question in survey["questions"]
        if question["id"] == "q1" or chance.random() < 3 / 4
    ]
    return {"answers": answers, "page_submitted": chance.choice(PAGES), **chance.choice(BROWSERS)}


def _value(question: Mapping[str, Any], person: Person, chance: random.Random) -> Any:
    """An address is sometimes typed in capitals; a rating sometimes arrives as text."""
    match question["type"]:
        case "nps":
            return chance.choice((0, 3, 6, 7, 8, 9, 9, 10, 10, "10"))
        case "star-rating":
            return chance.choice((1, 3, 4, 4, 5, 5, 5, "5"))
        case "radio-button":
            return chance.choice(question["config"]["options"])
        case "checkbox":
            return chance.sample(question["config"]["options"], chance.choice((1, 1, 2, 3)))
        case "email":
            return person.email if chance.random() < 7 / 8 else person.email.upper()
        case "text" if "name" in question["title"]:
            return f"{person.first_name} {person.last_name}".strip()
        case "text":
            return chance.choice(WORKS)
        case _:
            return chance.choice(COMMENTS)
