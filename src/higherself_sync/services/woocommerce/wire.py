"""What the shop sends, as far as it is used: lenient in, strict out."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict

from higherself_sync.core.record import email_key, text

JSON: TypeAlias = dict[str, Any]


def _utc(raw: object) -> object:
    return datetime.fromisoformat(str(raw)).replace(tzinfo=UTC) if raw else None  # unset ones are null


Text = Annotated[str, BeforeValidator(lambda raw: "" if raw is None or raw is False else raw)]
Moment = Annotated[datetime | None, BeforeValidator(_utc)]


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class Meta(Wire):
    key: str
    value: Any = None


class Address(Wire):
    first_name: Text = ""
    last_name: Text = ""
    address_1: Text = ""
    address_2: Text = ""
    city: Text = ""
    postcode: Text = ""
    state: Text = ""
    country: Text = ""
    email: Text = ""
    phone: Text = ""

    def person(self) -> str:
        return words(self.first_name, self.last_name)

    def lines(self) -> str | None:
        town = words(self.postcode, self.city)
        parts = (self.address_1, self.address_2, town, self.state, self.country)
        return text(", ".join(part.strip() for part in parts if part.strip()))


class Object(Wire):
    """What all objects have in common."""

    id: int
    date_created_gmt: Moment = None
    date_modified_gmt: Moment = None  # null for users that WooCommerce never saved
    meta_data: tuple[Meta, ...] = ()
    status: Text = ""


class Product(Object):
    name: Text
    type: Text
    sku: Text = ""
    regular_price: Text = ""

    def is_variable(self) -> bool:
        return self.type.startswith("variable")  # plugins have more of them, as `variable-subscription`

    def as_parent(self) -> "Parent":
        return Parent(id=self.id, name=self.name, sku=self.sku)


class Parent(Wire):
    """What a variation takes from its product. `id` alone is known of one that is no more."""

    id: int = 0
    name: Text = ""
    sku: Text = ""


class Attribute(Wire):
    option: Text = ""


class Variation(Object):
    """`parent` is not on the wire: whoever reads a variation puts its product there."""

    name: Text = ""  # its options, as "A2, Red"; older shops do not tell it
    sku: Text = ""
    regular_price: Text = ""
    attributes: tuple[Attribute, ...] = ()
    parent: Parent = Parent()

    def full_name(self) -> str:
        """As WooCommerce puts it into an order's line. An option left to the buyer has no place in it."""
        own = self.name or ", ".join(each.option for each in self.attributes if each.option)
        return " - ".join(part for part in (self.parent.name, own) if part)

    def own_sku(self) -> str:
        """One without a SKU shows its product's, but only when it is read, not in the answer to a write."""
        return "" if self.sku.casefold() == self.parent.sku.casefold() else self.sku


class Customer(Object):
    email: Text
    date_created: Text = ""  # as the site's clock showed it: the zone is not to matter
    first_name: Text = ""
    last_name: Text = ""
    role: Text = ""
    is_paying_customer: bool = False
    billing: Address = Address()


class Line(Wire):
    name: Text
    product_id: int | None = None  # 0 where the product is no more
    variation_id: int | None = None
    quantity: Decimal = Decimal(0)


class Refund(Wire):
    total: Decimal


class Order(Object):
    number: Text
    currency: Text = ""
    total: Decimal
    customer_id: int
    customer_note: Text = ""
    billing: Address = Address()
    line_items: tuple[Line, ...] = ()
    refunds: tuple[Refund, ...] = ()

    def guest_key(self) -> str | None:
        """Who bought without an account; None where an account did, or where nobody can be told."""
        return None if self.customer_id else email_key(self.billing.email)


def words(*parts: str) -> str:
    return " ".join(part for part in parts if part.strip())


def decoded(name: str) -> str:
    """Only `&` is encoded in names."""
    return name.replace("&amp;", "&")
