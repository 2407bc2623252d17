"""Made-up courses of The Connection Practice and The 7 Space, and what students said of them: the same for one seed.

People are the first of `people(random.Random(seed))`, so that those who learn also buy and answer elsewhere.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any, Protocol

from higherself_sync.sandbox.people import Person, people


class Filled(Protocol):
    def add(self, stream: str, data: Mapping[str, Any], now: datetime) -> Any: ...
    def change(self, stream: str, record_id: str, data: Mapping[str, Any], now: datetime) -> Any: ...


# (title, price or "", categories, tags, what is special about it)
CATALOGUE: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...], Mapping[str, Any]], ...] = (
    ("Breathing Basics", "", ("Wellness",), ("breath",), {}),
    ("The Connection Practice: Foundations online", "149.00", ("Connection Practice",), ("empathy",), {}),
    ("Empathy & Insight – six evenings", "89.90", ("Connection Practice", "Kurse"), ("empathy", "groups"), {}),
    ("Kundalini für Anfänger – “Größe” 日本", "99.90", ("Kurse", "Wellness"), ("yoga",), {}),
    ("Drawing what you feel", "45", ("The 7 Space",), ("art",), {}),
    ("Mediation for school teams", "320.00", ("Connection Practice",), ("schools",), {"post_status": "draft"}),
    ("Tea & silence 茶の湯", "24.5", ("The 7 Space", "Wellness"), ("tea",), {}),
    ('How to hang a picture "straight"', "", ("The 7 Space",), ("art",), {}),
    ("Nonviolent communication, level 1", "210.00", ("Connection Practice",), ("empathy",), {}),
    ("Sound bath at home 🌿", "15.00", ("Wellness",), ("sound",), {}),
)
COMMENTS = (
    "Lovely course — danke!",
    "Not for me",
    "I came back to lesson 2 every morning 🧘🏽",
    "Zu schnell, aber schön.",
    "とても良かったです",
    "الدرس الثالث رائع",
    "Good & <em>clear</em>.\nMore of it, please.",
    "Five stars for O’Neil",
    "",
)
STARS = (5, 5, 5, 4, 4, 3, 2, 1)


def fill(twin: Filled, records: int, seed: int, now: datetime) -> None:
    """`records` courses and reviews in all, about an eighth of them courses; a course is reviewed after it was made."""
    chance = random.Random(f"tutorlm {seed}")  # noqa: S311 - made-up data, no secret
    number = -(-records // 8)
    reviews = records - number
    crowd = list(islice(people(random.Random(seed)), max(1, reviews // 2)))  # noqa: S311
    taught = sorted(now - timedelta(seconds=chance.randint(300 * 86400, 364 * 86400)) for _ in range(number))
    made = [twin.add("courses", course, when) for course, when in zip(_courses(), taught, strict=False)]
    public = [course["ID"] for course in made if course["post_status"] == "publish"]
    moments = sorted(now - timedelta(seconds=chance.randint(60, 299 * 86400)) for _ in range(reviews))
    for when in moments:
        twin.add("reviews", _review(chance.choice(crowd), chance.choice(public), chance), when)


def _courses() -> Iterator[dict[str, Any]]:
    """The catalogue, then its later editions."""
    for edition in count(1):
        for title, price, categories, tags, special in CATALOGUE:
            name = title if edition == 1 else f"{title} #{edition}"
            yield {
                "post_title": name,
                "post_content": f"<p>{name}, in small steps.</p>",
                "post_excerpt": "For body & mind.",
                "price": price,
                "course_category": list(categories),
                "course_tag": list(tags),
                **special,
            }


def _review(person: Person, course: int, chance: random.Random) -> dict[str, Any]:
    name = f"{person.first_name} {person.last_name}".strip()
    return {
        "comment_post_ID": course,
        "comment_author": person.email.partition("@")[0],
        "user_email": person.email,
        "display_name": name,
        "rating": chance.choice(STARS),
        "comment_content": chance.choice(COMMENTS),
    }
