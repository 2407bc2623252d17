"""Telephone numbers: digits in an appointment, `(123) 555-0101` in the list of clients and in the text of the forms."""

import re

_TEN = re.compile(r"(\d{3})(\d{3})(\d{4})", re.ASCII)


def kept(typed: str) -> str:
    """The digits, after a plus if there was one. What has no digits that the account knows stays as it was typed."""
    digits = re.sub(r"\D", "", typed, flags=re.ASCII)
    if not digits:
        return typed.strip()
    return f"+{digits}" if typed.strip().startswith("+") else digits


def shown(typed: str) -> str:
    """Ten digits are written as an American number, wherever they are from; others are shown as they are kept."""
    number = kept(typed)
    return _TEN.sub(r"(\1) \2-\3", number) if _TEN.fullmatch(number) else number
