"""Cassettes: real HTTP, replayed without a network. One folder a service.

A request finds its answer by method, path, query and body, so that two queries with different filters are never taken
for each other; host and port may differ.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import vcr

FOLDER = Path(__file__).parent


def recorded(name: str) -> AbstractContextManager[Any]:
    """Answers from the cassette `SERVICE/NAME`; a request that is not on it is an error."""
    tape = vcr.VCR(match_on=("method", "path", "query", "body"))
    used: AbstractContextManager[Any] = tape.use_cassette(str(FOLDER / f"{name}.yaml"), record_mode="none")
    return used
