"""No cassette lets anybody in anywhere, and none names a real person."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cassettes import CREDENTIALS, FOLDER, SECRET_QUERIES

CASSETTES = sorted(FOLDER.rglob("*.yaml"))
# What keys look like, the sandbox's own among them: a cassette that holds one of those would hold a real one as well.
KEYS = re.compile(
    r"\b(?:tfp|ntn|ck|cs|sk|pk|whsec|secret)[_-]\w{6,}|\b(?:Bearer|Basic) +[\w+/=.~-]{8,}|-----BEGIN [A-Z ]*PRIVATE KEY"
)
HEADERS = re.compile(
    rf"^ *({'|'.join((*CREDENTIALS, 'set-cookie', 'proxy-authorization'))}) *:", re.IGNORECASE | re.MULTILINE
)
QUERIES = re.compile(rf"[?&]({'|'.join((*SECRET_QUERIES, 'access_token', 'api_key', 'token'))})=", re.IGNORECASE)
ADDRESSES = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
NOBODYS = ("example.com", "amelia.api")  # the latter is the administrator that Amelia makes up for a key


def betrayals(text: str) -> Iterator[str]:
    for pattern in (KEYS, HEADERS, QUERIES):
        yield from (found[0] for found in pattern.finditer(text))
    for found in ADDRESSES.finditer(text):
        if found[1].lower() not in NOBODYS and not found[1].lower().endswith((".example", ".example.com", ".test")):
            yield found[0]


def test_there_are_cassettes_to_look_at() -> None:
    assert {path.parent.name for path in CASSETTES} >= {"typeform"}


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_cassette_holds_no_secret_and_no_real_person(path: Path) -> None:
    assert list(betrayals(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "      - Bearer tfp_sandbox",
        "      authorization:\n      - '*'",
        "      Set-Cookie:\n      - a=b",
        "    uri: https://shop.example.com/wp-json/wc/v3/orders?page=1&oauth_signature=abc%3D",
        '      string: \'{"token":"ntn_123456789"}\'',
        "      string: 'consumer_secret is cs_0123456789abcdef'",
        "      - Basic Y2tfc2FuZGJveDpjc19zYW5kYm94",
        '      string: \'{"email":"ana@gmail.com"}\'',
    ],
)
def test_whoever_looks_would_find_it(line: str) -> None:
    assert list(betrayals(line))
