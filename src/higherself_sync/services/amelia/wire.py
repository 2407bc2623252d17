"""What the site sends, as far as it is used: lenient in, strict out.

Meeting addresses, tokens and answers to questions are left where they are: what is not read here gets nowhere.
"""

import json
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

from higherself_sync.core.record import text

JSON: TypeAlias = dict[str, Any]

# Lists of customers have "" for every null; numbers come as numbers or as text.
Text = Annotated[str, BeforeValidator(lambda raw: "" if raw is None or raw is False else raw)]
Whole = Annotated[int | None, BeforeValidator(lambda raw: None if raw in (None, "", 0, "0") else raw)]
Amount = Annotated[Decimal, BeforeValidator(lambda raw: 0 if raw in (None, "") else str(raw))]
Flag = Annotated[bool, BeforeValidator(lambda raw: raw not in (None, "", 0, "0", False, "false"))]
# Answers to writes do not know it, and a new booking has it.
ByPerson = Annotated[bool, BeforeValidator(lambda raw: raw not in (0, "0", False))]


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True, alias_generator=to_camel)


class Person(Wire):
    """A customer or an employee. `external_id`: the WordPress account, where there is one."""

    id: int
    first_name: Text = ""
    last_name: Text = ""
    email: Text = ""
    phone: Text = ""
    type: Text = ""
    external_id: Whole = None
    location_id: Whole = None

    def name(self) -> str | None:
        return text(words(self.first_name, self.last_name) or self.email)


class Offer(Wire):
    """A service. Within an appointment alone its duration is not told."""

    id: int
    name: Text = ""
    status: Text = ""
    price: Amount = Decimal(0)
    duration: Whole = None


class Place(Wire):
    id: int
    name: Text = ""


class Payment(Wire):
    amount: Amount = Decimal(0)
    status: Text = ""


class Booking(Wire):
    id: int
    customer_id: int
    customer: Person | None = None
    status: Text = ""
    price: Amount = Decimal(0)
    persons: Annotated[int, BeforeValidator(lambda raw: raw or 1)] = 1
    aggregated_price: ByPerson = True
    duration: Whole = None
    info: Text = ""  # JSON within a text: what the customer typed
    payments: tuple[Payment, ...] = ()

    def total(self) -> Decimal:
        """Without extras, coupons and taxes."""
        return self.price * self.persons if self.aggregated_price else self.price

    def typed_name(self) -> str | None:
        """The name that was typed into the booking form, where one was."""
        try:
            typed = json.loads(self.info or "{}")
        except ValueError:
            return None
        if not isinstance(typed, dict):
            return None
        return text(words(str(typed.get("firstName") or ""), str(typed.get("lastName") or "")))


class Appointment(Wire):
    id: int
    bookings: tuple[Booking, ...] = ()
    notify_participants: Flag = False
    internal_notes: Text = ""
    service_id: Whole = None
    provider_id: Whole = None
    location_id: Whole = None
    service: Offer | None = None
    provider: Person | None = None
    location: Place | None = None
    booking_start: Text = ""
    booking_end: Text = ""

    def newest_of(self, customer: int) -> int:
        """0 for somebody who has no booking here."""
        return max((each.id for each in self.bookings if each.customer_id == customer), default=0)


class PaymentRow(Wire):
    """A row of the list of payments. Those of packages and events have no appointment."""

    id: int
    appointment_id: Whole = None
    customer_booking_id: Whole = None
    booking_start: Text = ""


def words(*parts: str) -> str:
    return " ".join(part.strip() for part in parts if part.strip())
