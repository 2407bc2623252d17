"""Ids as Typeform draws them."""

import random
import string
from datetime import datetime

_LETTERS = string.ascii_letters + string.digits
_TOKEN = string.ascii_lowercase + string.digits
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def form_id(chance: random.Random) -> str:
    return _drawn(chance, _LETTERS, 8)


def part_id(chance: random.Random) -> str:
    """Of a question, a choice or a screen."""
    return _drawn(chance, _LETTERS, 12)


def token(chance: random.Random) -> str:
    """Of a response: its `token`, its `response_id` and its `landing_id` at once."""
    return _drawn(chance, _TOKEN, 32)


def ulid(chance: random.Random, now: datetime) -> str:
    """Ten characters of time in milliseconds, sixteen of chance: webhooks, events, and refs that nobody chose."""
    milliseconds = int(now.timestamp() * 1000)
    time = "".join(_BASE32[milliseconds >> shift & 31] for shift in range(45, -5, -5))
    return time + _drawn(chance, _BASE32, 16)


def _drawn(chance: random.Random, letters: str, length: int) -> str:
    return "".join(chance.choices(letters, k=length))
