"""Titles and answers as a person reads them."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from higherself_sync.core.record import number
from higherself_sync.services.typeform.wire import Answer, Question

_RECALL = re.compile(r",?\s*\{\{.*?\}\}", re.DOTALL)  # "Thanks, {{answer_1}}! And now…"


def squeezed(raw: str) -> str:
    return " ".join(raw.split())


def plain(title: str) -> str:
    """A question's title in one line, without recalls of other answers and without a colon of its own at its end."""
    return squeezed(_RECALL.sub("", title)).rstrip(":").rstrip()


def said(answer: Answer, question: Question) -> str:
    """An answer as a person reads it; "" for what has no words."""
    match answer.type, answer.value:
        case "choice", Mapping() as picked:
            return _choice(picked, question)
        case "choices", Mapping() as picked:
            return ", ".join(_choices(picked, question))
        case "choices", list() as picks:
            return ", ".join(_choice(each, question) for each in picks if isinstance(each, Mapping))
        case "date", str() as moment:
            return moment.partition("T")[0]  # a day, whatever time stands behind it
        case "payment", Mapping() as paid:  # never the card's digits or its owner
            return f"{paid.get('amount', '')}{'' if paid.get('success') else ' (not paid)'}"
        case "signature", Mapping():
            return "signed"
        case "multi_format", Mapping() as recorded:
            return str(recorded.get("transcript") or recorded.get("text") or "a recording")
        case _, bool() as yes:
            return "yes" if yes else "no"
        case _, str() as words:
            return words
        case _, int() | float() as figure if isfinite(figure):
            return format(number(str(figure)) or Decimal(0), "f")
        case _:
            return ""


def _choice(picked: Mapping[str, Any], question: Question) -> str:
    """By the label that it had then; what people wrote themselves stands under `other`."""
    names = (str(picked.get(key) or "") for key in ("id", "ref"))
    return str(picked.get("label") or picked.get("other") or next(filter(None, map(question.label, names)), ""))


def _list(picked: Mapping[str, Any], *names: str) -> list[Any]:
    """The first of these that is a list with anything in it."""
    return next((found for name in names if isinstance(found := picked.get(name), list) and found), [])


def _choices(picked: Mapping[str, Any], question: Question) -> Iterator[str]:
    """In the respondent's order."""
    ids, labels = (_list(picked, *names) for names in (("ids", "refs"), ("labels",)))
    yield from (str(each) for each in labels or [question.label(str(each)) for each in ids] if each)
    if picked.get("other"):
        yield str(picked["other"])
