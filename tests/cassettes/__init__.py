"""Cassettes: real HTTP as it went over the wire, replayed without a network. One folder a service.

A request finds its answer by method, path, query and body, so that two queries with different filters are never taken
for each other; host and port may differ. Whatever lets somebody in is left out when a cassette is recorded, and
`tests/test_cassettes.py` looks for it all the same.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import vcr

FOLDER = Path(__file__).parent
CREDENTIALS = ("authorization", "cookie", "x-api-key", "x-wp-nonce")
SECRET_QUERIES = (
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_version",
    "consumer_key",
    "consumer_secret",
)


def recorded(name: str) -> AbstractContextManager[Any]:
    """Answers from the cassette `SERVICE/NAME`; a request that is not on it is an error."""
    return _cassette(name, "none")


def recording(name: str) -> AbstractContextManager[Any]:
    """Asks for real, and writes the cassette anew."""
    (FOLDER / f"{name}.yaml").unlink(missing_ok=True)
    return _cassette(name, "once")


def _cassette(name: str, mode: str) -> AbstractContextManager[Any]:
    tape = vcr.VCR(
        match_on=("method", "path", "query", "body"),
        filter_headers=CREDENTIALS,
        filter_query_parameters=SECRET_QUERIES,
        before_record_response=_without_cookies,
        decode_compressed_response=True,
    )
    used: AbstractContextManager[Any] = tape.use_cassette(str(FOLDER / f"{name}.yaml"), record_mode=mode)
    return used


def _without_cookies(response: dict[str, Any]) -> dict[str, Any]:
    headers = {key: value for key, value in response["headers"].items() if key.lower() not in ("set-cookie", "server")}
    return {**response, "headers": headers}
