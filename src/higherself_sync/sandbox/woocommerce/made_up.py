"""A made-up shop: realistic, deterministic by seed, and made through the front door.

`records` counts products, customers and orders together. From `GUESTS_FROM` records on some orders are guests', whose
people are in no customer list. A smaller shop has no other people than its customers, which is easier to count on.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from higherself_sync.sandbox.people import Person, people
from higherself_sync.sandbox.wire import Twin
from higherself_sync.sandbox.woocommerce.catalogue import products

GUESTS_FROM = 60
"""With fewer records than this every order belongs to a customer."""

STATUSES = ("completed",) * 9 + ("processing",) * 5 + ("on-hold", "pending", "cancelled", "failed")
PAYMENTS = (("bacs", "Direct bank transfer"), ("cod", "Cash on delivery"), ("stripe", "Credit card"))
NOTES = (
    "Please ring twice 🔔🔔",
    "Allergic to nuts & sesame.",
    'It is a gift: "für Oma" ❤️',
    "No <b>plastic</b>, please",
    "初めてです。よろしくお願いします 🙇",
    "الرجاء الاتصال قبل التسليم",
    "Third floor, no lift.\nThe bell says O’Neil.",
    "Wheelchair access? 👩🏽‍🦽",
)
REASONS = ("could not come", "kindness", "one place too many")


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of each make `records`: about an eighth products, three eighths customers, the rest orders."""

    products: int
    customers: int
    orders: int

    @classmethod
    def of(cls, records: int) -> "Shares":
        goods = -(-records // 8)
        customers = -(-(records - goods) * 3 // 7)
        return cls(goods, customers, records - goods - customers)


def fill_shop(shop: Twin, records: int, seed: int, now: datetime) -> None:
    shares, chance = Shares.of(records), random.Random(seed)  # noqa: S311 - made-up data, no secret
    crowd = people(random.Random(seed))  # noqa: S311 - the same people in every service
    goods = [
        shop.add("products", body, when)
        for body, when in zip(products(chance), _moments(chance, shares.products, now, 900, 720), strict=False)
    ]
    customers = [
        _register(shop, person, chance, when)
        for person, when in zip(crowd, _moments(chance, shares.customers, now, 720, 545), strict=False)
    ]
    sold = [product["id"] for product in goods if product["status"] == "publish"]
    guests = _guests(list(islice(crowd, shares.orders)), customers) if records >= GUESTS_FROM else []
    for n, when in enumerate(_moments(chance, shares.orders, now, 540, 1)):
        is_guest = bool(guests) and n % 10 == 4
        buyer = guests[n // 10] if is_guest else chance.choice(customers)
        order = shop.add("orders", _order(buyer, sold, chance), when)
        if order["status"] == "completed" and n % 6 == 2:
            _give_back(shop, order, chance, min(when + timedelta(days=3), now))


def _moments(chance: random.Random, count: int, now: datetime, first: int, last: int) -> list[datetime]:
    """`count` times in order, from `first` to `last` days before now."""
    return sorted(now - timedelta(seconds=chance.randint(last * 86400, first * 86400)) for _ in range(count))


@dataclass(frozen=True, slots=True)
class Buyer:
    """`customer_id` is 0 for a guest."""

    customer_id: int
    billing: dict[str, str]


def _register(shop: Twin, person: Person, chance: random.Random, when: datetime) -> Buyer:
    """One in eight has an account and has never told an address."""
    billing = person.address() if chance.random() > 1 / 8 else {}
    names = {"first_name": person.first_name, "last_name": person.last_name}
    customer = shop.add("customers", {"email": person.email, **names, "billing": billing}, when)
    return Buyer(customer["id"], person.address())


def _guests(strangers: Sequence[Person], customers: Sequence[Buyer]) -> list[Buyer]:
    """Strangers; the second is the first again, in capitals; the third is a customer who did not log in."""
    guests = [Buyer(0, person.address()) for person in strangers]
    for n, known in ((1, guests[0]), (2, customers[0])):
        email = known.billing["email"]
        guests[n] = Buyer(0, known.billing | {"email": email.title() if n == 1 else email.upper()})
    return guests


def _order(buyer: Buyer, sold: Sequence[int], chance: random.Random) -> dict[str, Any]:
    method, title = chance.choice(PAYMENTS)
    wanted = chance.sample(sold, min(len(sold), chance.choice((1, 1, 1, 2, 3))))
    return {
        "status": chance.choice(STATUSES),
        "customer_id": buyer.customer_id,
        "billing": buyer.billing,
        "payment_method": method,
        "payment_method_title": title,
        "customer_note": chance.choice(NOTES) if chance.random() < 1 / 3 else "",
        "line_items": [{"product_id": product, "quantity": chance.choice((1, 1, 1, 2))} for product in wanted],
    }


def _give_back(shop: Twin, order: Mapping[str, Any], chance: random.Random, when: datetime) -> None:
    """A tenth of the price, or all of it, which makes the order `refunded`."""
    total = Decimal(order["total"])
    amount = (total / 10).quantize(Decimal("0.01")) if chance.random() < 2 / 3 else total
    if amount:
        refund = {"parent_id": order["id"], "amount": str(amount), "reason": chance.choice(REASONS)}
        shop.add("refunds", refund, when)
