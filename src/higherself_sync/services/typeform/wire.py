"""What Typeform answers, as far as it is used: lenient in, strict out. `metadata` is not among it, on purpose."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

NEVER = datetime(1, 1, 2, tzinfo=UTC)  # what was not submitted says 0001-01-01T00:00:00Z


class _Wire(BaseModel):
    """A null is what is left out."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, raw: object) -> object:
        return {key: value for key, value in raw.items() if value is not None} if isinstance(raw, Mapping) else raw


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("a time before the first or after the last that there is") from None


def _href(raw: object) -> object:
    return raw.get("href") or "" if isinstance(raw, Mapping) else raw


Moment = Annotated[datetime, AfterValidator(_utc)]


# ------------------------------------------------------------------------------------------------------------- forms


class Choice(_Wire):
    id: str = ""
    ref: str = ""
    label: str = ""


class _Properties(_Wire):
    choices: tuple[Choice, ...] = ()
    fields: tuple["Question", ...] = ()


class Question(_Wire):
    """One that is answered by itself, or (group, contact_info, address, matrix) a frame around such."""

    id: str = ""
    ref: str = ""
    type: str = ""
    title: str = ""
    properties: _Properties = Field(default_factory=lambda: _Properties())  # each is part of the other

    def label(self, name: str) -> str:
        """What the form now calls the choice with this id or ref."""
        return next((each.label for each in self.properties.choices if name in (each.id, each.ref)), "")


class Form(_Wire):
    """`workspace` is the address of where it lies, as the account's own name for that."""

    id: str
    workspace: Annotated[str, BeforeValidator(_href)] = ""
    title: str = ""
    fields: tuple[Question, ...] = ()
    hidden: tuple[str, ...] = ()

    def questions(self) -> Iterator[Question]:
        """All that can have an answer of their own, in the form's order."""
        return _flat(self.fields)


def _flat(fields: tuple[Question, ...]) -> Iterator[Question]:
    for field in fields:
        if field.properties.fields:
            yield from _flat(field.properties.fields)
        else:
            yield field


class ListedForm(_Wire):
    """`last_updated_at` as it stands there: only whether it is another one counts."""

    id: str
    title: str = ""
    last_updated_at: str = ""


# --------------------------------------------------------------------------------------------------------- responses


class _Asked(_Wire):
    id: str = ""
    ref: str = ""
    type: str = ""


class Answer(_Wire):
    type: str = ""
    field: _Asked = _Asked()
    value: Any = None

    @model_validator(mode="before")
    @classmethod
    def _lifted(cls, raw: object) -> object:
        """The value stands under a key that is named like its type."""
        return {**raw, "value": raw.get(str(raw.get("type")))} if isinstance(raw, Mapping) else raw


class Response(_Wire):
    token: Annotated[str, Field(min_length=1)]
    response_type: str = "completed"  # older items do not say
    submitted_at: Moment = NEVER
    hidden: Mapping[str, Any] = Field(default_factory=dict)
    answers: tuple[Answer, ...] = ()

    @property
    def completed(self) -> bool:
        return self.response_type == "completed" and self.submitted_at > NEVER
