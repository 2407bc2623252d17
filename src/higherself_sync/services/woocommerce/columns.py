"""The field tables: for each canonical field how it is read, and how it is written where the shop lets us."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from higherself_sync.core.record import Ability, Value, email_key, number, text, when
from higherself_sync.services.woocommerce.wire import JSON, Customer, Object, Order, Product, Variation, decoded, words

W = TypeVar("W", bound=Object)


@dataclass(frozen=True, slots=True)
class Context:
    """What a value may need beside the object itself: the service's name, and the shop's currency when asked for."""

    service: str
    currency: Callable[[], str | None]

    def line(self, stream: str, record_id: object) -> str:
        return f"{self.service}:{stream}:{record_id}"


@dataclass(frozen=True, slots=True)
class Column(Generic[W]):
    """One canonical field. `write` makes the part of a body that sets it; None where only the shop may.

    `write` gets the value, and what `Record.native` held when the record was last read.
    """

    name: str
    read: Callable[[W, Context], Value]
    write: Callable[[Value, Mapping[str, str]], JSON] | None = None
    options: frozenset[str] | None = None
    mails: frozenset[str] = frozenset()
    same: Callable[[Value], Value] | None = None

    def ability(self) -> Ability:
        return Ability(self.write is not None, self.options, self.mails, self.same)


def _sets(key: str) -> Callable[[Value, Mapping[str, str]], JSON]:
    return lambda value, _: {key: value or ""}


def alike(normalise: Callable[[str], str | None]) -> Callable[[Value], Value]:
    return lambda value: normalise(value) if isinstance(value, str) else value


def _squeezed(value: str) -> str:
    return " ".join(value.split())  # WordPress cleans single-line fields like this when they are saved


def _price_of(product: Product | Variation) -> Decimal | None:
    try:
        return number(product.regular_price)
    except ValueError:
        return None  # an importer's "1,200.00": shown as empty, and locked against being overwritten


def _write_price(value: Value, _: Mapping[str, str]) -> JSON:
    return {"regular_price": format(value, "f") if isinstance(value, Decimal) else ""}  # a number is a 400


def _write_phone(value: Value, _: Mapping[str, str]) -> JSON:
    return {"billing": {"phone": value or ""}}  # the other parts of the address stay as they are


def _write_name(value: Value, native: Mapping[str, str]) -> JSON:
    first, last = split_name(str(value or ""), native.get("first_name", ""), native.get("last_name", ""))
    return {"first_name": first, "last_name": last}


def split_name(name: str, first: str, last: str) -> tuple[str, str]:
    """The two parts that the shop wants: a part that did not change stays as it was, else the last space divides."""
    if first and (name + " ").startswith(first + " "):
        return first, name[len(first) + 1 :]
    if last and name.endswith(" " + last):
        return name[: -len(last) - 1], last
    head, _, tail = name.rpartition(" ")
    return (head, tail) if head else (tail, "")


PRODUCT_STATUSES = frozenset({"publish", "draft", "private", "pending"})
VARIATION_STATUSES = frozenset({"publish", "private"})  # the shop's own check box "Enabled"
ORDER_STATUSES = frozenset({"pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed"})
# Entering any of these can make WooCommerce mail the customer (its classes `WC_Email_Customer_*_Order`): processing,
# on-hold, completed, refunded and failed by default, cancelled since 10.0 where the shop switched that mail on.
MAILING_STATUSES = ORDER_STATUSES - {"pending"}

PRODUCT_COLUMNS: tuple[Column[Product], ...] = (
    Column("name", lambda it, _: text(decoded(it.name)), _sets("name"), same=alike(lambda v: decoded(v).strip())),
    Column("type", lambda it, _: text(it.type)),
    Column("status", lambda it, _: text(it.status), _sets("status"), PRODUCT_STATUSES),
    Column("price", lambda it, _: _price_of(it), _write_price),
    Column("currency", lambda _, shop: text(shop.currency())),
    Column("sku", lambda it, _: text(it.sku), _sets("sku"), same=alike(_squeezed)),
)

VARIATION_COLUMNS: tuple[Column[Variation], ...] = (
    Column("name", lambda it, _: text(decoded(it.full_name()))),
    Column("type", lambda _, __: "variation"),
    Column("status", lambda it, _: text(it.status), _sets("status"), VARIATION_STATUSES),
    Column("price", lambda it, _: _price_of(it), _write_price),
    Column("currency", lambda _, shop: text(shop.currency())),
    Column("sku", lambda it, _: text(it.own_sku()), _sets("sku"), same=alike(_squeezed)),
)

CUSTOMER_COLUMNS: tuple[Column[Customer], ...] = (
    Column("name", lambda it, _: customer_name(it), _write_name, same=alike(_squeezed)),
    Column("email", lambda it, _: text(it.email), _sets("email"), same=alike(email_key)),
    Column("phone", lambda it, _: text(it.billing.phone), _write_phone, same=alike(_squeezed)),
    Column("address", lambda it, _: it.billing.lines()),
)

ORDER_COLUMNS: tuple[Column[Order], ...] = (
    Column("order", lambda it, _: f"#{it.number}"),
    Column("client", lambda it, shop: _client(it, shop)),
    Column("products", lambda it, shop: frozenset(_product_lines(it, shop))),
    Column("status", lambda it, _: text(it.status), _sets("status"), ORDER_STATUSES, MAILING_STATUSES),
    Column("total", lambda it, _: number(it.total)),
    Column("refunded", lambda it, _: number(sum(abs(each.total) for each in it.refunds)) if it.refunds else None),
    Column("currency", lambda it, _: text(it.currency)),
    Column("placed", lambda it, _: when(it.date_created_gmt) if it.date_created_gmt else None),
    Column("items", lambda it, _: text("\n".join(f"{number(x.quantity)} × {decoded(x.name)}" for x in it.line_items))),
    Column("customer_note", lambda it, _: text(it.customer_note), _sets("customer_note")),
)


def customer_name(customer: Customer) -> str | None:
    return text(words(customer.first_name, customer.last_name) or customer.billing.person() or customer.email)


def _client(order: Order, shop: Context) -> frozenset[str]:
    if order.customer_id:
        return frozenset({shop.line("customers", order.customer_id)})
    key = order.guest_key()
    return frozenset({shop.line("people", key)}) if key else frozenset()


def _product_lines(order: Order, shop: Context) -> Iterator[str]:
    """What was bought: the variation where there is one. The line of a product that is no more has the number 0."""
    for line in order.line_items:
        if line.product_id and line.variation_id:
            yield shop.line("variations", f"{line.product_id}-{line.variation_id}")
        elif line.product_id:
            yield shop.line("products", line.product_id)
