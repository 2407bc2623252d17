"""The field table: what a row of Feedback gets from a response, and who is found in it. Nothing can be written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from higherself_sync.core.record import Ability, Entity, Record, Stream, Value, email_key, number, text, when
from higherself_sync.services.userfeedback.settings import Settings
from higherself_sync.services.userfeedback.wire import Given, Question, Response
from higherself_sync.services.wordpress.clock import instant
from higherself_sync.services.wordpress.words import headline, typed

RATINGS = frozenset({"nps", "star-rating"})  # 0 to 10, and 1 to 5
LONGEST_OPTION = 100  # of a select in Notion
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")  # the plugin checks a cleaned copy and stores what was typed


@dataclass(frozen=True, slots=True)
class Context:
    """What a value needs beside the response: the service's name, the site's zone, the survey's title and questions."""

    service: str
    zone: tzinfo
    form: str
    questions: Mapping[str, Question]

    def asked(self, given: Given) -> Question:
        return self.questions.get(given.question_id) or Question(id=given.question_id, title=given.question_id)

    def told(self, response: Response, *kinds: str) -> list[str]:
        """The answers to questions of these kinds that are not empty, in the survey's order."""
        order = {each: place for place, each in enumerate(self.questions)}
        given = sorted(response.answers, key=lambda each: order.get(each.question_id, len(order)))
        return [words for each in given if self.asked(each).type in kinds and (words := said(each))]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    read: Callable[[Response, Context], Value]


def said(given: Given) -> str:
    """An answer in one line, with what was typed beside it."""
    extra = given.extra.values() if isinstance(given.extra, Mapping) else ()
    more = [_words(each) for each in extra if _words(each)]
    return " ".join(part for part in (_words(given.value), *(f"({each})" for each in more)) if part)


def _words(value: object) -> str:
    match value:
        case None:
            return ""
        case list():
            return ", ".join(filter(None, map(_words, value)))
        case dict():
            return _words(list(value.values()))
        case _:
            return typed(str(value)).strip()


def address(response: Response, context: Context) -> str | None:
    """The first e-mail address that was left."""
    found = context.told(response, "email")
    return next((each for each in found if ADDRESS.fullmatch(each)), None)


def _content(response: Response, context: Context) -> str | None:
    """Question and answer, a line each. The address is left out: it is the Client's, and no part of what was said."""
    left_out = address(response, context)
    lines = []
    for given in response.answers:
        question, words = context.asked(given), said(given)
        if words and not (question.type == "email" and words == left_out):
            lines.append(f"{typed(question.title).strip()}: {words}")
    return text("\n".join(lines))


def _headline(response: Response, context: Context) -> str | None:
    long = context.told(response, "long-text")
    return headline(long[0] if long else _content(response, context)) or headline(context.form)


def _rating(response: Response, context: Context) -> Decimal | None:
    for words in context.told(response, *RATINGS):
        try:
            return number(words)
        except ValueError:
            continue
    return None


def _client(response: Response, context: Context) -> frozenset[str]:
    key = email_key(address(response, context))
    return frozenset({f"{context.service}:people:{key}"}) if key else frozenset()


def submitted(response: Response, context: Context) -> datetime | None:
    return instant(response.submitted_at, context.zone)


def _submitted(response: Response, context: Context) -> Value:
    moment = submitted(response, context)
    return when(moment) if moment else None


COLUMNS: tuple[Column, ...] = (
    Column("feedback", _headline),
    Column("client", _client),
    Column("content", _content),
    Column("rating", _rating),
    Column("submitted", _submitted),
    Column("form", lambda _, context: text(context.form[:LONGEST_OPTION].strip())),
)


def record_of(response: Response, context: Context) -> Record:
    moment = submitted(response, context)
    return Record(
        id=response.record_id,
        values={column.name: column.read(response, context) for column in COLUMNS},
        modified=moment,  # nobody edits a response
        created=moment,
        people=_people(response, context, moment),
    )


def _people(response: Response, context: Context, moment: datetime | None) -> tuple[Record, ...]:
    """Who left an address. A name is not known: a question for it is text like any other."""
    left = address(response, context)
    key = email_key(left)
    return (Record(key, {"email": text(left)}, moment, moment, key=key, label=left),) if key else ()


def _same_address(value: Value) -> Value:
    return email_key(value) if isinstance(value, str) else value


def streams(name: str, settings: Settings) -> tuple[Stream, ...]:  # noqa: ARG001 every adapter's signature
    """What a site called `name` offers, in the order of work."""
    people = Stream(
        service=name,
        name="people",
        entity=Entity.CLIENTS,
        fields={"email": Ability(same=_same_address)},
        keyed=True,
        derived=True,
    )
    responses = Stream(
        service=name,
        name="responses",
        entity=Entity.FEEDBACK,
        fields={column.name: Ability() for column in COLUMNS},
        modified_since=True,
        deletions_visible=True,
    )
    return people, responses
