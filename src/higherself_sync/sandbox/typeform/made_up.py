"""Made-up forms of The Connection Practice and The 7 Space, and a year of answers. No person in them is real."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from higherself_sync.sandbox.people import Person, people
from higherself_sync.sandbox.typeform import forms, outside, times
from higherself_sync.sandbox.typeform.store import Json, Store
from higherself_sync.sandbox.typeform.voices import CROSS, GLAD, MIXED, QUESTION, QUESTIONS, VOICES

RETREAT, VISIT, CONTACT = "RetreatF", "SpaceVis", "GetTouch"
"""The ids of the forms, the same in every sandbox, so that a config can name them."""

DAYS = 365
MOODS = (GLAD, GLAD, GLAD, GLAD, MIXED, MIXED, CROSS)
RETREATS = ("Silent Retreat in the Uckermark", "Heart & Mind Retreat, Azores", "Couples’ Retreat “Coming Home”")
LIKED = ("The massage", "The gallery", "The tea ceremony", "The garden")
WANTED = ("A retreat", "A workshop", "Consulting for a team", "A massage", "An art print")
MANY, OTHERS = {"allow_multiple_selection": True}, {"allow_other_choice": True}
HEARD = ("A friend", "Instagram", "A search engine", "The gallery")


def _question(kind: str, ref: str, title: str, **properties: Any) -> Json:
    choices = [{"label": label} for label in properties.pop("labels", ())]
    properties |= {"choices": choices} if choices else {}
    return {"type": kind, "ref": ref, "title": title} | ({"properties": properties} if properties else {})


def _person(ref: str) -> Json:
    """First name, last name, phone and e-mail in one, which are answered one by one."""
    within = [
        _question("short_text", f"{ref}_first_name", "First name"),
        _question("short_text", f"{ref}_last_name", "Last name"),
        _question("phone_number", f"{ref}_phone", "Phone number"),
        _question("email", f"{ref}_email", "Email"),
    ]
    return _question("contact_info", ref, "Who are you?", fields=within)


FORMS: Mapping[str, Json] = {
    RETREAT: {
        "title": "After your retreat",
        "hidden": ["order", "utm_source"],
        "fields": [
            _question("dropdown", "which_retreat", "Which retreat were you at?", labels=RETREATS),
            _question("date", "when", "When did it begin?", separator="/", structure="MMDDYYYY"),
            _question("rating", "rating", "How was it?", shape="star", steps=5),
            _question("nps", "nps", "How likely is it that you tell a friend of us?", start_at_one=False, steps=11),
            _question("long_text", "comment", "What do you take home with you?"),
            _question("yes_no", "may_quote", "May we quote you?"),
            _person("contact"),
            _question("legal", "terms", "We keep your answers for two years."),
        ],
    },
    VISIT: {
        "title": "Your visit to The 7 Space",
        "fields": [
            _question("opinion_scale", "rating", "How did you feel when you left?", start_at_one=True, steps=5),
            _question("picture_choice", "liked", "What did you like?", labels=LIKED, **MANY),
            _question("ranking", "ranking", "What should there be more of?", labels=LIKED[:3]),
            _question("long_text", "comment", "And what else?"),
            _question("email", "email", "If you want an answer: your e-mail address"),
        ],
    },
    CONTACT: {
        "title": "Get in touch",
        "hidden": ["utm_source", "utm_campaign"],
        "fields": [
            _question("short_text", "name", "What is your name?"),
            _question("email", "email", "Your e-mail address?"),
            _question("phone_number", "phone", "Your phone number?"),
            _question("multiple_choice", "interest", "What are you interested in?", labels=WANTED, **MANY, **OTHERS),
            _question("dropdown", "heard", "How did you hear of us?", labels=HEARD),
            _question("long_text", "message", "What can we do for you?"),
        ],
    },
}


def fill(store: Store, records: int, seed: int, now: datetime) -> None:
    """The forms, and `records` completed responses to them by people of whom some come more than once."""
    if not records:
        return
    chance = random.Random(seed)  # noqa: S311 - made-up data, no secret
    opened = now - timedelta(days=DAYS + 1)
    for form_id, body in FORMS.items():
        forms.make(store, body, opened, form_id)
    crowd = list(islice(people(random.Random(seed)), -(-records * 2 // 3)))  # noqa: S311 - likewise
    moments = sorted(now - timedelta(seconds=chance.randint(60, DAYS * 86400)) for _ in range(records))
    for n, when in enumerate(moments):
        # Everybody comes once before anybody comes again.
        person = crowd[n] if n < len(crowd) else chance.choice(crowd)
        form_id = chance.choice((RETREAT, RETREAT, VISIT, CONTACT))
        answers, hidden = _WRITERS[form_id](person, chance, when)
        landed = times.second(when - timedelta(seconds=chance.randint(40, 1500)))
        given = {"form_id": form_id, "answers": answers, "hidden": hidden, "landed_at": landed}
        outside.add_response(store, given, when, "choice")


_Written = tuple[dict[str, Any], dict[str, str]]


def _after_retreat(person: Person, chance: random.Random, when: datetime) -> _Written:
    mood = chance.choice(MOODS)
    began = (when - timedelta(days=chance.randint(3, 20))).date()
    answers: dict[str, Any] = {
        "which_retreat": chance.choice(RETREATS),
        "when": began.isoformat(),
        "rating": _marks(chance, mood, 5),
        "nps": _marks(chance, mood, 10),
        "may_quote": chance.random() < 1 / 2,
        "terms": True,
        "contact": _named("contact", person, chance),
    }
    if chance.random() < 3 / 4:
        answers["comment"] = VOICES[person.country][mood]
    return answers, {"utm_source": chance.choice(("newsletter", "", "ig"))}


def _after_visit(person: Person, chance: random.Random, when: datetime) -> _Written:  # noqa: ARG001 - as all writers
    """One in three gives no address: that is nobody's."""
    mood = chance.choice(MOODS)
    answers: dict[str, Any] = {
        "rating": _marks(chance, mood, 5),
        "liked": chance.sample(LIKED, chance.randint(1, 3)),
        "ranking": chance.sample(LIKED[:3], 3),
        "comment": VOICES[person.country][mood],
    }
    if chance.random() < 2 / 3:
        answers["email"] = _typed(person.email, chance)
    return answers, {}


def _get_in_touch(person: Person, chance: random.Random, when: datetime) -> _Written:  # noqa: ARG001 - likewise
    wanted = chance.sample(WANTED, chance.choice((1, 1, 2)))
    if chance.random() < 1 / 6:
        wanted.append("A gift for my mother")
    answers: dict[str, Any] = {
        "name": f"{person.first_name} {person.last_name}".strip(),
        "email": _typed(person.email, chance),
        "interest": wanted,
        "message": QUESTIONS.get(person.country, QUESTION),
    }
    if chance.random() < 2 / 3:
        answers["heard"] = chance.choice(HEARD)
    answers |= {"phone": phone} if (phone := _phone(person)) else {}
    return answers, {"utm_source": chance.choice(("ig", "google", "")), "utm_campaign": "spring"}


_WRITERS: Mapping[str, Callable[[Person, random.Random, datetime], _Written]] = {
    RETREAT: _after_retreat,
    VISIT: _after_visit,
    CONTACT: _get_in_touch,
}


def _named(ref: str, person: Person, chance: random.Random) -> dict[str, str]:
    given = {"first_name": person.first_name, "last_name": person.last_name}
    given |= {"email": _typed(person.email, chance), "phone": _phone(person)}
    return {f"{ref}_{name}": value for name, value in given.items() if value}


def _marks(chance: random.Random, mood: int, most: int) -> int:
    """So many of `most` as goes with what is written."""
    lowest: Sequence[float] = {GLAD: (0.8, 1), MIXED: (0.5, 0.7), CROSS: (0.2, 0.4)}[mood]
    return chance.randint(round(lowest[0] * most), round(lowest[1] * most))


def _typed(email: str, chance: random.Random) -> str:
    """Some write their own address with capitals."""
    return email.title() if chance.random() < 1 / 8 else email


def _phone(person: Person) -> str:
    """As the form has it, with the country's code; without one the form would not take it, and it is left out."""
    digits = re.sub(r"\D", "", person.phone)
    if person.phone.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{digits}" if person.phone.startswith("+") else ""
