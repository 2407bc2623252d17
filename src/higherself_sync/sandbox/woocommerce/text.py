"""What the shop does to texts and amounts on the way in."""

import html
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

_CENT = Decimal("0.01")
_TAG = re.compile(r"<[^>]*>")
# An ampersand that does not start an entity is encoded when a text is saved; one that does is left alone.
_BARE_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)")


def encoded(text: str) -> str:
    """A product's name or description as saved: markup stays, a bare `&` becomes `&amp;`."""
    return _BARE_AMPERSAND.sub("&amp;", text)


def paragraphs(text: str) -> str:
    """Descriptions come back in `<p>` with a newline after each block; blank lines part them, single ones are breaks."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if block.strip()]
    return "".join(_block(block) for block in blocks)


def _block(block: str) -> str:
    if re.match(r"</?(?:p|div|ul|ol|li|h[1-6]|table|blockquote|pre|section|figure)\b", block):
        return block + "\n"
    return "<p>" + block.replace("\n", "<br />\n") + "</p>\n"


def cleaned(text: str) -> str:
    """One line of text without markup, as addresses, names of people, e-mails and SKUs are saved."""
    return re.sub(r"\s+", " ", _TAG.sub("", text)).strip()


def slug(text: str) -> str:
    """The part of a product's URL: ASCII letters, digits and dashes; other scripts percent-encoded as WordPress does."""
    plain = html.unescape(_TAG.sub("", text)).lower().replace("ß", "ss").replace("æ", "ae").replace("ø", "o")
    plain = re.sub(r"[–—]", "-", plain)
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    plain = re.sub(r"[\s/.]+", "-", plain)
    kept = "".join(c if c.isascii() else _percent(c) for c in plain if c.isalnum() or c in "-_")
    return re.sub(r"-{2,}", "-", kept).strip("-")[:200]


def _percent(character: str) -> str:
    return "".join(f"%{byte:02x}" for byte in character.encode())


def amount(value: Any) -> Decimal:
    """An amount as the shop reads it: junk is nothing."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)


def typed_price(value: str) -> str:
    """A product's price, as typed: other characters than digits, dot and minus go, so that `abc` becomes nothing."""
    kept = re.sub(r"[^0-9.\-]", "", value.replace(",", "."))
    if not re.search(r"\d", kept):
        return ""
    *whole, rest = kept.split(".")
    return f"{''.join(whole)}.{rest}" if whole else rest


def money(value: Decimal) -> str:
    """An order's amount: two decimals, half up."""
    rounded = value.quantize(_CENT, ROUND_HALF_UP)
    return f"{rounded if rounded else abs(rounded):f}"


def number(value: Decimal | float) -> int | float:
    """A JSON number the way PHP prints one: whole ones without a fraction."""
    real = float(value)
    return int(real) if real.is_integer() else real


def scalar(value: Any) -> Any:
    """A meta value as the database gives it back: scalars as strings, lists and objects as they were."""
    match value:
        case bool():
            return "1" if value else ""
        case int() | float():
            return str(number(value))
        case _:
            return value
