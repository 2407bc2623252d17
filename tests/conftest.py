"""What holds for every test: the network is this machine alone, and Hypothesis finds today what it found yesterday."""

import ipaddress
import os
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# `HYPOTHESIS_PROFILE=explore pytest …` looks for new examples; without it a red test is red for everyone.
SLOW_IS_FINE = (HealthCheck.too_slow,)
settings.register_profile("same", derandomize=True, deadline=None, database=None, suppress_health_check=SLOW_IS_FINE)
settings.register_profile("explore", deadline=None, max_examples=2000, suppress_health_check=SLOW_IS_FINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def _is_here(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = address[0]
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Any:
    """A connection to anywhere else fails at once, and says why."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, real: Any = real) -> Any:
            if not _is_here(address):
                raise AssertionError(f"a test wanted to connect to {address!r}: the network is this machine alone")
            return real(self, address)

        patch.setattr(socket.socket, name, guarded)
    yield
    patch.undo()
