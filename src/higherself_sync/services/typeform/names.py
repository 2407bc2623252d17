"""Which questions ask for the respondent's name, and for which part of it."""

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

from higherself_sync.services.typeform.wire import Question
from higherself_sync.services.typeform.words import plain

Part: TypeAlias = Literal["first", "last", "whole"]

_FIRST = frozenset({"first", "given", "forename", "firstname", "vorname"})
_LAST = frozenset({"last", "family", "surname", "lastname", "nachname", "familienname"})
_NAME = _FIRST | _LAST | {"name", "names", "fullname", "full"}
# What may stand around the word in a question, in English and German; in other languages the config names the question.
_AROUND = frozenset(
    re.findall(
        r"\w+",
        "a and are be can contact do enter field give go hello hey hi i input is it know let may me my of optional"
        " please required s shall should tell the text to type us want we what whats with you your"
        " bitte dein deine der die ihr ihre ist lautet und wie",
    )
)


def name_parts(asked: Iterable[Question]) -> dict[Part, Question]:
    """The first question for each part of a name."""
    found: dict[Part, Question] = {}
    for question in asked:
        if question.type == "short_text" and (part := name_part(question)) is not None:
            found.setdefault(part, question)
    return found


def name_part(question: Question) -> Part | None:
    """Which part of the respondent's name it asks for, by its title or else its ref; None: for something else.

    Every word has to be about a name: "Your company's name" is not.
    """
    for raw in (question.title, question.ref):
        words = frozenset(re.findall(r"[^\W_]+", plain(raw).casefold())) - _AROUND
        if not words or not words <= _NAME:
            continue
        if bool(words & _FIRST) == bool(words & _LAST):
            return "whole"
        return "first" if words & _FIRST else "last"
    return None
