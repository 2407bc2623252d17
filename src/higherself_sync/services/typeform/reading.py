"""From a response to a row: which question plays which part in it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from higherself_sync.core.record import Marks, Record, Value, email_key, number, text, when
from higherself_sync.services.typeform.names import Part, name_parts
from higherself_sync.services.typeform.settings import Roles
from higherself_sync.services.typeform.wire import Answer, Form, Question, Response
from higherself_sync.services.typeform.words import plain, said, squeezed

TITLE = 80  # characters of a row's title
LONGEST_OPTION = 100  # characters that Notion takes as the name of an option
MARK = "notion_page_id"
FORM = "form"  # in `Record.native`: the id of the form that a response is to
RATINGS = frozenset({"rating", "opinion_scale", "nps", "number"})

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
_LINE = re.compile(r"[a-z][a-z0-9_-]*:[a-z_]+:\S+")  # an External ID line


@dataclass(frozen=True, slots=True)
class Sheet:
    """One response laid out along its form: what was asked, in the form's order, and what was answered to it.

    Questions that were asked once and are gone from the form come last, without a title.
    """

    response: Response
    asked: tuple[Question, ...]
    answers: Mapping[str, Answer]  # by the question's id

    @classmethod
    def of(cls, response: Response, form: Form) -> "Sheet":
        asked = list(form.questions())
        by_id = {each.id: each for each in asked if each.id}
        by_ref = {each.ref: each for each in reversed(asked) if each.ref}
        answers: dict[str, Answer] = {}
        for answer in response.answers:
            about = answer.field
            question = by_id.get(about.id) or by_ref.get(about.ref)
            if question is None or (question.id in answers and question.id != about.id):  # two may share a ref
                question = Question(id=about.id or about.ref, ref=about.ref, type=about.type)
                by_id[question.id] = question
                asked.append(question)
            answers.setdefault(question.id, answer)
        return cls(response, tuple(asked), answers)

    def said(self, question: Question) -> str:
        answer = self.answers.get(question.id)
        return "" if answer is None else said(answer, question).strip()


@dataclass(frozen=True, slots=True)
class Casting:
    """Which questions of a sheet play which part."""

    rating: tuple[Question, ...]
    email: tuple[Question, ...]
    phone: tuple[Question, ...]
    name: Mapping[Part, Question]
    product: tuple[Question, ...]

    @classmethod
    def of(cls, sheet: Sheet, roles: Roles) -> "Casting":
        def cast(ref: str | None, *types: str) -> tuple[Question, ...]:
            """The question with that ref, else the first of these types; whether or not it was answered."""
            fitting = (each for each in sheet.asked if (each.ref == ref if ref else each.type in types))
            return tuple(fitting)[:1]

        return cls(
            rating=cast(roles.rating, *RATINGS),
            email=cast(roles.email, "email"),
            phone=cast(roles.phone, "phone_number"),
            name=dict(zip(("whole",), cast(roles.name), strict=False)) if roles.name else name_parts(sheet.asked),
            product=cast(roles.product) if roles.product else (),
        )

    def person(self) -> tuple[Question, ...]:
        return (*self.email, *self.phone, *self.name.values())


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the responses to one form. `service` is the account's name; `products`: whether Product is read at all."""

    service: str
    form: Form
    roles: Roles
    products: bool = False

    def feedback(self, response: Response) -> Record:
        """A row of Feedback, with the person who gave it."""
        sheet = Sheet.of(response, self.form)
        casting = Casting.of(sheet, self.roles)
        people = tuple(self._people(sheet, casting))
        rating = _figure(self._told(sheet, self.roles.rating, casting.rating))
        product = _line(self._told(sheet, self.roles.product, casting.product))
        placed = [
            *(casting.rating if rating is not None else ()),
            *(casting.product if product else ()),
            *(casting.person() if people else ()),
        ]
        about = self._about(sheet, placed)
        content = self._content(sheet, about)
        values: dict[str, Value] = {
            "feedback": self._title(sheet, about, content),
            "client": frozenset(f"{self.service}:people:{person.id}" for person in people),
            "content": text(content),
            "rating": rating,
            "submitted": when(response.submitted_at),
            "form": text(squeezed(self.form.title)[:LONGEST_OPTION].strip()),
        }
        if self.products:
            values["product"] = product
        return self._record(response, values, people)

    def lead(self, response: Response) -> Record | None:
        """Only the person; None for whoever left no address, since nobody could be told from others."""
        sheet = Sheet.of(response, self.form)
        people = tuple(self._people(sheet, Casting.of(sheet, self.roles)))
        return self._record(response, people[0].values, people, key=response.token) if people else None

    def _record(
        self, response: Response, values: Mapping[str, Value], people: tuple[Record, ...], key: str | None = None
    ) -> Record:
        """It never changes, so the time at which it came is also that of its last change."""
        at, label = response.submitted_at, values.get("feedback") or values.get("name")
        return Record(
            response.token, values, at, at, key, Marks(page_id=_page_id(response)), native={FORM: self.form.id},
            people=people, label=str(label) if label else None,
        )  # fmt: skip

    def _people(self, sheet: Sheet, casting: Casting) -> Iterator[Record]:
        email = self._told(sheet, self.roles.email, casting.email)
        key = email_key(email)
        if key is None:
            return
        at = sheet.response.submitted_at
        values: Mapping[str, Value] = {
            "name": text(squeezed(self._name(sheet, casting))),
            "email": text(email),
            "phone": text(self._told(sheet, self.roles.phone, casting.phone)),
        }
        yield Record(key, values, at, at, key=key, label=str(values["name"] or values["email"]))

    def _name(self, sheet: Sheet, casting: Casting) -> str:
        """As a whole where it was asked for so, else its two parts. Nobody is called by an address."""
        parts = {part: sheet.said(question) for part, question in casting.name.items()}
        whole = parts.get("whole") or f"{parts.get('first', '')} {parts.get('last', '')}"
        return whole if whole.strip() or not self.roles.name else _hidden(sheet.response, self.roles.name)

    def _told(self, sheet: Sheet, ref: str | None, asked: Sequence[Question]) -> str:
        """What was answered; where the config names no question of the form, the hidden field of that name."""
        found = "".join(sheet.said(each) for each in asked)
        return found or (_hidden(sheet.response, ref) if ref else "")

    def _about(self, sheet: Sheet, placed: Sequence[Question]) -> list[Question]:
        """What the row is about: the one question that the config names, else all whose answers have no other place."""
        if self.roles.content:
            return [each for each in sheet.asked if each.ref == self.roles.content][:1]
        ids = {each.id for each in placed}
        return [each for each in sheet.asked if each.id not in ids]

    def _content(self, sheet: Sheet, about: Sequence[Question]) -> str:
        """Question and answer, a line each; of the one that the config names the answer alone."""
        if self.roles.content:
            return self._told(sheet, self.roles.content, about)
        lines = ((plain(each.title), sheet.said(each)) for each in about)
        return "\n".join(f"{title}: {answer}" if title else answer for title, answer in lines if answer)

    def _title(self, sheet: Sheet, about: Sequence[Question], content: str) -> str | None:
        """What somebody wrote at length, else all of it, else what the form is called."""
        long = next((said_ for each in about if each.type == "long_text" and (said_ := sheet.said(each))), "")
        return text(squeezed(long or content or self.form.title)[:TITLE].rstrip())


def _hidden(response: Response, name: str) -> str:
    value = response.hidden.get(name)
    return value.strip() if isinstance(value, str) else ""


def _page_id(response: Response) -> str | None:
    """The row that a link to the form named (`#notion_page_id=…`); whatever is no UUID is somebody else's."""
    return _uuid(_hidden(response, MARK))


def _uuid(raw: str) -> str | None:
    """As Notion writes it, whether or not it came with dashes."""
    return str(UUID(raw)) if _UUID.fullmatch(raw) else None


def _figure(raw: str) -> Decimal | None:
    try:
        return number(raw)
    except ValueError:
        return None  # the config names a question that is answered in words


def _line(raw: str) -> frozenset[str]:
    """A product is named as External ID names it (`shop:products:37`), or by the id of its row."""
    page = _uuid(raw)
    if page is not None:
        return frozenset({f"notion:products:{page}"})
    return frozenset({raw}) if _LINE.fullmatch(raw) else frozenset()
