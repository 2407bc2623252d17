"""Ids as Notion makes them, drawn from a seeded generator so that a run can be repeated."""

import random
import re
from urllib.parse import quote, unquote

# Property ids are four printable characters, many of which need percent-encoding; `%` itself was never seen.
_PROPERTY = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:;<=>?@[\\]^_`{|}~"
# Ids of pages and added data sources share their head within a workspace and carry version nibble 8.
_WORKSPACE_HEAD = "38c9ce7b-60a4-81"
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[1-8][0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}")
_ZERO = "0" * 32


class Ids:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 ids need to repeat, not to be secret

    def uuid(self) -> str:
        """A random (version 4) UUID, as databases, options and requests have."""
        number = self._random.getrandbits(128)
        number = number & ~(0xF << 76) | (4 << 76)
        number = number & ~(0x3 << 62) | (0x2 << 62)
        return dashed(f"{number:032x}")

    def page(self) -> str:
        text = f"{self._random.getrandbits(72):018x}"
        return f"{_WORKSPACE_HEAD}{text[:2]}-{'89ab'[int(text[2], 16) % 4]}{text[3:6]}-{text[6:]}"

    def property(self, taken: set[str]) -> str:
        """A new property id, not percent-encoded."""
        while True:
            made = "".join(self._random.choices(_PROPERTY, k=4))
            if made not in taken:
                return made

    def choice(self, items: list[str]) -> str:
        return self._random.choice(items)


def dashed(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def parse_uuid(text: object) -> str | None:
    """The dashed lower-case form, or None. Version and variant nibbles are checked; all zeros pass (seen)."""
    if not isinstance(text, str):
        return None
    lowered = text.lower()
    bare = lowered.replace("-", "")
    if bare == _ZERO or _UUID.fullmatch(lowered):
        return dashed(bare)
    return None


def encode(property_id: str) -> str:
    """A property id as answers give it."""
    return quote(property_id, safe="-_.~")


def decode(property_id: str) -> str:
    return unquote(property_id)
