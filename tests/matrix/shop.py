"""The shop of the matrices: thirty records, made by hand, so that other made-up data changes nothing here."""

from typing import Any

from tests.e2e.scene import Scene
from tests.e2e.shop_hands import made

PEOPLE = (
    ("Ana María", "de la Cruz", "ana@example.com"),
    ("Björn", "Åkesson", "bjorn@example.com"),
    ("Chidi", "Okafor", "chidi@example.com"),
    ("Dilek", "Öztürk", "dilek@example.com"),
    ("Emre", "Yıldız", "emre@example.com"),
    ("Fatima", "Zahra", "fatima@example.com"),
    ("刘", "伟", "wei@example.com"),
    ("Ḥanan", "Q'asim", "hanan@example.com"),
)
GOODS = (
    {"name": "Retreat & Rest", "sku": "RETREAT", "regular_price": "340.00"},
    {"name": "Sound bath", "sku": "BATH", "regular_price": "35.5"},
    {"name": "Print, framed; signed", "sku": "PRINT", "regular_price": "120"},
    {"name": "A talk without a number", "regular_price": "15"},
    {"name": "Consulting", "sku": "CONSULT", "regular_price": "99.90"},
)
GUEST, OTHER_GUEST = "guest@example.com", "other.guest@example.com"


def open_shop(here: Scene) -> None:
    """8 customers, 5 products, one more with 2 variations, 12 orders of which 2 are guests': 28, and 2 people."""
    customers = [made(here, "customers", first_name=first, last_name=last, email=mail) for first, last, mail in PEOPLE]
    products = [made(here, "products", **each) for each in GOODS]
    shirt = made(here, "products", name="Shirt", type="variable", attributes=[_sizes()])
    for size, price in (("S", "20"), ("L", "22")):
        attributes = [{"name": "Size", "option": size}]
        made(here, "variations", parent_id=int(shirt), sku=f"SHIRT-{size}", regular_price=price, attributes=attributes)
    for place, number in enumerate(customers + customers[:2]):
        status = ("processing", "on-hold", "completed", "pending")[place % 4]
        made(here, "orders", customer_id=int(number), status=status, line_items=_lines(products[place % len(products)]))
    for mail in (GUEST, OTHER_GUEST):
        guest_order(here, mail, products[0])


def guest_order(here: Scene, mail: str, product: str, phone: str = "+49 30 1") -> str:
    billing = {"first_name": "Ida", "last_name": "Berg", "email": mail, "phone": phone}
    return made(here, "orders", billing=billing, line_items=_lines(product))


def _sizes() -> dict[str, Any]:
    return {"name": "Size", "options": ["S", "L"], "variation": True, "visible": True}


def _lines(product: str) -> list[dict[str, Any]]:
    return [{"product_id": int(product), "quantity": 1}]


def product(here: Scene, name: str) -> str:
    """The number of a product by its name."""
    (found,) = (number for number, each in here.shop("products").items() if each["name"] == name)
    return found


def customer(here: Scene, mail: str) -> str:
    (found,) = (number for number, each in here.shop("customers").items() if each["email"] == mail)
    return found


def orders_of(here: Scene, mail: str) -> list[str]:
    """The numbers of a customer's orders, or a guest's, the oldest first."""
    known = {number for number, each in here.shop("customers").items() if each["email"] == mail}
    return [
        number
        for number, each in sorted(here.shop("orders").items(), key=lambda item: int(item[0]))
        if str(each["customer_id"]) in known or (not each["customer_id"] and each["billing"]["email"] == mail)
    ]
