"""What the shop does to texts and amounts on the way in."""

import html
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

_CENT = Decimal("0.01")
_TAG = re.compile(r"<[^>]*>")
_PIECE = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->|[<>]|[^<>]+", re.DOTALL)
_TAG_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_FORBIDDEN = frozenset(
    ("script", "style", "iframe", "form", "input", "select", "option", "textarea", "object", "embed")
)
# An ampersand that does not start an entity is encoded when a text is saved; one that does is left alone.
_BARE_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)")
_BLOCK = re.compile(r"</?(?:p|div|ul|ol|li|h[1-6]|table|blockquote|pre|section|figure)\b")


def encoded(text: str) -> str:
    """A product's name or description as saved: harmless markup stays, a bare `&`, `<` or `>` becomes an entity.

    A backslash is lost, a double one becomes one: WordPress unslashes what was never slashed.
    """
    return "".join(_kept(piece) for piece in _PIECE.findall(re.sub(r"\\(.?)", r"\1", text, flags=re.DOTALL)))


def _kept(piece: str) -> str:
    if piece in ("<", ">"):
        return {"<": "&lt;", ">": "&gt;"}[piece]
    if tag := _TAG_NAME.match(piece):
        return "" if tag[1].lower() in _FORBIDDEN else piece
    return _BARE_AMPERSAND.sub("&amp;", piece)


def paragraphs(text: str) -> str:
    """Descriptions come back in `<p>`, with a newline after each; a blank line parts them, a single one is a break."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if block.strip()]
    return "".join(_paragraph(block) for block in blocks)


def _paragraph(block: str) -> str:
    return f"{block}\n" if _BLOCK.match(block) else "<p>" + block.replace("\n", "<br />\n") + "</p>\n"


def cleaned(text: str) -> str:
    """One line of text without markup, as people's names and SKUs are saved."""
    return re.sub(r"\s+", " ", _TAG.sub("", text)).strip()


def slug(text: str) -> str:
    """The part of a product's URL: ASCII letters, digits, dashes; other scripts percent-encoded as WordPress does."""
    plain = html.unescape(_TAG.sub("", text)).lower().replace("ß", "ss").replace("æ", "ae").replace("ø", "o")
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    plain = re.sub(r"[\s/.–—]+", "-", plain)
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


def typed_price(value: Any) -> str:
    """A product's price, as typed; characters other than digits, dot and minus go, so that `abc` is nothing.

    The shop's decimal sign is the dot: a comma goes too.
    """
    kept = re.sub(r"[^0-9.\-]", "", str(scalar(value)))
    whole, dot, rest = kept.rpartition(".")
    return whole.replace(".", "") + dot + rest if any(c.isdigit() for c in kept) else ""


def money(value: Decimal) -> str:
    """An order's amount: two decimals, half up, no negative zero."""
    return f"{value.quantize(_CENT, ROUND_HALF_UP) + 0:f}"


def number(value: Decimal | float) -> int | float:
    """A JSON number the way PHP prints one: whole ones without a fraction."""
    real = float(value)
    return int(real) if real.is_integer() else real


def whole(value: Any) -> int:
    """A number of something as PHP casts it: the digits in front, else 0; never negative."""
    match = re.match(r"\s*-?(\d+)", str(int(value) if isinstance(value, bool | float) else value))
    return int(match[1]) if match else 0


def truth(value: Any) -> bool:
    """A yes or no as the shop's own setters read it."""
    return value is True or str(value).lower() in ("yes", "true", "1")


def scalar(value: Any) -> Any:
    """A meta value as the database gives it back: scalars as strings, lists and objects as they were."""
    match value:
        case bool():
            return "1" if value else ""
        case int() | float():
            return str(number(value))
        case _:
            return value
