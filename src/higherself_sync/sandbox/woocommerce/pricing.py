"""What a product costs and how the shop prints it."""

from collections.abc import Iterable
from datetime import datetime

from higherself_sync.sandbox.woocommerce import dates, text
from higherself_sync.sandbox.woocommerce.store import Record


def settle(product: Record, now: datetime) -> None:
    """Sets what follows from the regular and the sale price: `price`, `on_sale`."""
    product["on_sale"] = _is_on_sale(product, dates.gmt(now))
    product["price"] = product["sale_price"] if product["on_sale"] else product["regular_price"]


def _is_on_sale(product: Record, now: str) -> bool:
    regular, sale = product["regular_price"], product["sale_price"]
    if sale == "" or not text.amount(sale) < text.amount(regular):
        return False
    starts, ends = product["date_on_sale_from_gmt"], product["date_on_sale_to_gmt"]
    return (starts is None or starts <= now) and (ends is None or now <= ends)


def html(product: Record) -> str:
    if product["price"] == "":
        return ""
    if not product["on_sale"]:
        return _span(product["price"])
    before, after = product["regular_price"], product["price"]
    return (
        f'<del aria-hidden="true">{_span(before)}</del> '
        f'<span class="screen-reader-text">Original price was: {_plain(before)}.</span>'
        f'<ins aria-hidden="true">{_span(after)}</ins>'
        f'<span class="screen-reader-text">Current price is: {_plain(after)}.</span>'
    )


def range_html(prices: Iterable[str]) -> str:
    """Of a variable or grouped product: one price, or from–to."""
    known = sorted((price for price in prices if price != ""), key=text.amount)
    if not known:
        return ""
    low, high = known[0], known[-1]
    if text.amount(low) == text.amount(high):
        return _span(low)
    return (
        f'{_span(low, hidden=True)} <span aria-hidden="true">&ndash;</span> {_span(high, hidden=True)}'
        f'<span class="screen-reader-text">Price range: {_plain(low)} through {_plain(high)}</span>'
    )


def lowest(prices: Iterable[str]) -> str:
    return min((price for price in prices if price != ""), key=text.amount, default="")


def _plain(price: str) -> str:
    return f"&euro;{text.amount(price):,.2f}"


def _span(price: str, hidden: bool = False) -> str:
    attribute = ' aria-hidden="true"' if hidden else ""
    symbol = '<span class="woocommerce-Price-currencySymbol">&euro;</span>'
    return (
        f'<span class="woocommerce-Price-amount amount"{attribute}><bdi>{symbol}{text.amount(price):,.2f}</bdi></span>'
    )
