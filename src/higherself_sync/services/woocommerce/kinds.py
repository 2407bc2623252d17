"""The kinds of objects that become records: what each stream can do, as data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic

from higherself_sync.core.record import Ability, Entity, Record, Stream, Values, email_key, natural_key, text
from higherself_sync.services.woocommerce.columns import (
    CUSTOMER_COLUMNS,
    ORDER_COLUMNS,
    PRODUCT_COLUMNS,
    VARIATION_COLUMNS,
    Column,
    W,
    alike,
    customer_name,
)
from higherself_sync.services.woocommerce.settings import Settings
from higherself_sync.services.woocommerce.wire import Customer, Order, Product, Variation

PER_PAGE = 100  # the most that a list or a batch takes
OVERLAP = 2.0  # seconds a cursor is set back: whole seconds, and an exclusive filter


@dataclass(frozen=True, slots=True)
class Kind(Generic[W]):
    """One kind of the shop's objects: where it is, how it is read, and what a new one is sent with.

    `trash`: a list of what was thrown away and when, so that one read tells it.
    """

    name: str
    entity: Entity
    model: type[W]
    columns: tuple[Column[W], ...]
    listing: Mapping[str, str]  # what its list needs to hold everything
    finish: Callable[[Record, W], Record]
    kept: Callable[[W], bool] = lambda _: True
    dated: bool = True  # its list takes date filters
    defaults: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()  # what a new one needs; none: no new ones
    create_mails: bool = False
    archive: bool = True
    trash: bool = False
    identify: Callable[[W], str] = lambda item: str(item.id)

    def stream(self, service: str) -> Stream:
        return Stream(
            service=service,
            name=self.name,
            entity=self.entity,
            fields={column.name: column.ability() for column in self.columns},
            create=bool(self.required),
            create_mails=self.create_mails,
            update=True,
            archive=self.archive,
            marker=True,
            modified_since=self.dated,
            deletions_visible=self.trash,
            keyed=True,
            required=self.required,
            overlap=OVERLAP if self.dated else 0.0,
            mark_batch=PER_PAGE,
        )


STAFF = frozenset({"administrator", "editor", "author", "contributor", "shop_manager"})
HALF_MADE = frozenset({"checkout-draft", "auto-draft"})  # what a checkout or an admin screen has only begun

PRICE = frozenset({"price"})


def _finish_product(record: Record, product: Product) -> Record:
    # A variable or grouped product's price is made of others' prices; one that was not understood must stay.
    own = product.type != "grouped" and not product.is_variable()
    locked = _unreadable(record, product) if own else PRICE
    return replace(record, key=natural_key(Entity.PRODUCTS, record.values), locked=locked, label=product.name)


def _finish_variation(record: Record, variation: Variation) -> Record:
    native = {"parent": variation.parent.name, "parent_sku": variation.parent.sku}
    key, name = natural_key(Entity.PRODUCTS, record.values), variation.full_name()
    return replace(record, key=key, native=native, locked=_unreadable(record, variation), label=name)


def _unreadable(record: Record, product: Product | Variation) -> frozenset[str]:
    return PRICE if record.values["price"] is None and product.regular_price else frozenset()


def _finish_customer(record: Record, customer: Customer) -> Record:
    native = {"first_name": text(customer.first_name) or "", "last_name": text(customer.last_name) or ""}
    key = natural_key(Entity.CLIENTS, record.values)
    return replace(record, key=key, native=native, label=customer_name(customer))


def _finish_order(record: Record, order: Order) -> Record:
    key = natural_key(Entity.ORDERS, record.values)
    # Whoever is named on what was thrown away, or never bought, is not to become a row by that alone.
    people = () if order.status == "trash" or order.status in HALF_MADE else tuple(_people(order))
    return replace(record, key=key, label=f"#{order.number}", people=people)


def _people(order: Order) -> Iterator[Record]:
    """The guest who placed it. Billing without an e-mail is nobody who could be told from others."""
    key, billing = order.guest_key(), order.billing
    if key is None:
        return
    values: Values = {
        "name": text(billing.person() or billing.email),
        "email": text(billing.email.strip()),
        "phone": text(billing.phone),
        "address": billing.lines(),
    }
    yield Record(key, values, order.date_modified_gmt, order.date_created_gmt, key=key, label=str(values["name"]))


PRODUCTS = Kind(
    "products",
    Entity.PRODUCTS,
    Product,
    PRODUCT_COLUMNS,
    {"status": "any"},
    _finish_product,
    defaults={"type": "simple", "status": "draft"},
    required=("name",),
    trash=True,
)
# Trashing a product trashes its variations, and that is told; one that is deleted by itself leaves no trace.
VARIATIONS = Kind(
    "variations",
    Entity.PRODUCTS,
    Variation,
    VARIATION_COLUMNS,
    {"status": "any"},
    _finish_variation,
    archive=False,
    identify=lambda it: f"{it.parent.id}-{it.id}",
)
CUSTOMERS = Kind(
    "customers",
    Entity.CLIENTS,
    Customer,
    CUSTOMER_COLUMNS,
    {"role": "all"},
    _finish_customer,
    kept=lambda it: it.role not in STAFF or it.is_paying_customer,
    dated=False,
    required=("email",),
    create_mails=True,  # the account's welcome mail, with a link to set a password
    archive=False,
)
ORDERS = Kind(
    "orders",
    Entity.ORDERS,
    Order,
    ORDER_COLUMNS,
    {"status": "any"},
    _finish_order,
    kept=lambda it: it.status not in HALF_MADE,
    trash=True,
)


def streams(name: str, settings: Settings) -> tuple[Stream, ...]:  # noqa: ARG001 every adapter's signature
    """What a shop called `name` offers, in the order of work."""
    text_only = ("name", "phone", "address")
    people = Stream(
        service=name,
        name="people",
        entity=Entity.CLIENTS,
        fields={"email": Ability(same=alike(email_key)), **dict.fromkeys(text_only, Ability())},
        keyed=True,
        derived=True,
        heir="customers",
    )
    return CUSTOMERS.stream(name), people, *(each.stream(name) for each in (PRODUCTS, VARIATIONS, ORDERS))
