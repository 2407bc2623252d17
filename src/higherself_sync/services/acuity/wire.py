"""What Acuity sends, as far as it is used: lenient in, strict out.

What is not named here never gets any further: the links by which anybody may cancel or pay, certificates, and the text
made of all answers.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from higherself_sync.core.record import email_key

JSON: TypeAlias = dict[str, Any]
YEARS = range(1900, 9000)  # in any zone, and with a session's length added, still a time that can be told
LONGEST = 6  # digits of a length in minutes


def _instant(raw: object) -> object:
    """The offset has no colon (`+0300`). Raises ValueError for a time without one: nobody could tell when it is."""
    moment = datetime.fromisoformat(str(raw)) if raw else None
    if moment is not None and (moment.tzinfo is None or moment.year not in YEARS):
        raise ValueError("a time without an offset, or of no year of ours")
    return moment


def _minutes(raw: object) -> int:
    """A string in appointments, a number in types; 0 for what is neither."""
    text = str(raw)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else 0


def _several(raw: object) -> object:
    return () if raw is None else raw


Text = Annotated[str, BeforeValidator(lambda raw: "" if raw is None or raw is False else raw)]
Flag = Annotated[bool, BeforeValidator(bool)]
Moment = Annotated[datetime, BeforeValidator(_instant)]


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class Person(Wire):
    """Who comes: in an appointment, and alone in the list of clients, where there is no id."""

    first_name: Text = Field("", alias="firstName")
    last_name: Text = Field("", alias="lastName")
    email: Text = ""
    phone: Text = ""

    def name(self) -> str:
        return " ".join(f"{self.first_name} {self.last_name}".split())

    def key(self) -> str | None:
        """None for what staff type where there is no address: it would make one person of many."""
        return email_key(self.email) if "@" in self.email else None


class Client(Person):
    notes: Text = ""


class Answer(Wire):
    field_id: int = Field(0, alias="fieldID")
    value: Text = ""


class Form(Wire):
    values: Annotated[tuple[Answer, ...], BeforeValidator(_several)] = ()


class Appointment(Person):
    """Only what lists and single answers both have."""

    id: int
    starts: Moment = Field(alias="datetime")
    created: Annotated[datetime | None, BeforeValidator(_instant)] = Field(None, alias="datetimeCreated")
    minutes: Annotated[int, BeforeValidator(_minutes)] = Field(0, alias="duration")
    type: Text = ""
    calendar: Text = ""
    price: Text = ""
    paid: Text = Field("", alias="amountPaid")
    notes: Text = ""
    canceled: Flag = False
    no_show: Flag = Field(False, alias="noShow")  # there only when it is canceled
    forms: Annotated[tuple[Form, ...], BeforeValidator(_several)] = ()

    def ends(self) -> datetime | None:
        """Its length is time that passes, whatever the clocks do: the offset is that of the start, and stays."""
        return self.starts + timedelta(minutes=self.minutes) if self.minutes else None

    def answered(self, field_id: int | None) -> str | None:
        """The answer to a field of an intake form; None where its forms have no such field."""
        found = [each.value for form in self.forms for each in form.values if each.field_id == field_id]
        return found[0] if found else None


class AppointmentType(Wire):
    id: int
    name: Text = ""
    active: bool = True
    private: bool = False
    type: Text = ""
    price: Text = ""
    calendar_ids: Annotated[tuple[int, ...], BeforeValidator(_several)] = Field((), alias="calendarIDs")


class Calendar(Wire):
    id: int
    name: Text = ""


class FormField(Wire):
    id: int


class IntakeForm(Wire):
    fields: tuple[FormField, ...] = ()


class Capabilities(Wire):
    can_use_api: bool = True


class Me(Wire):
    timezone: Text = ""
    currency: Text = ""
    plan: Text = ""
    capabilities: Annotated[Capabilities, BeforeValidator(lambda raw: raw or {})] = Field(
        Capabilities(), alias="planCapabilities"
    )
