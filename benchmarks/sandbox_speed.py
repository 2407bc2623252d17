"""How many small requests a second the sandbox answers: one caller, one request after another.

    python benchmarks/sandbox_speed.py [SECONDS]

Wanted, on two cores: 1,000 in process and 400 over a socket for every twin, so that a benchmark of the tool never
measures the sandbox. Over a socket the caller is a process of its own, with the least that can be called a client.
"""

import http.client
import multiprocessing
import sys
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection

from higherself_sync.sandbox.app import Sandbox
from higherself_sync.sandbox.build import build_sandbox
from higherself_sync.sandbox.server import serve

WANTED = {"in process": 1000, "over a socket": 400}
NOTION = {"authorization": "Bearer ntn_sandbox", "notion-version": "2026-03-11"}
SHOP = {"authorization": "Basic Y2tfc2FuZGJveDpjc19zYW5kYm94", "x-forwarded-proto": "https"}
AMELIA = {"amelia": "amelia_sandbox"}
SMALL: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "notion": ("/notion/v1/users/me", NOTION),
    "woocommerce": ("/woocommerce/wp-json/wc/v3/orders?per_page=1&orderby=id", SHOP),
    "typeform": ("/typeform/me", {"authorization": "Bearer tfp_sandbox"}),
    "acuity": ("/acuity/api/v1/calendars", {"authorization": "Basic MTAwMDAwMDE6YWN1aXR5X3NhbmRib3g="}),
    "amelia": ("/amelia/wp-admin/admin-ajax.php?action=wpamelia_api&call=/api/v1/services", AMELIA),
    "userfeedback": ("/userfeedback/wp-json/", {}),
    "tutorlm": ("/tutorlm/wp-json/", {}),
}


def rate(call: Callable[[], int], seconds: float) -> float:
    end, count, began = time.perf_counter() + seconds, 0, time.perf_counter()
    while time.perf_counter() < end:
        assert call() == 200
        count += 1
    return count / (time.perf_counter() - began)


def in_process(sandbox: Sandbox, path: str, headers: Mapping[str, str], seconds: float) -> float:
    def call() -> int:
        return sandbox.handle("GET", path, headers, b"", "http://127.0.0.1").status  # type: ignore[union-attr]

    return rate(call, seconds)


def over_socket(base_url: str, path: str, headers: Mapping[str, str], seconds: float) -> float:
    ours, theirs = multiprocessing.Pipe()
    caller = multiprocessing.get_context("spawn").Process(
        target=_caller, args=(theirs, base_url, path, headers, seconds)
    )
    caller.start()
    found: float = ours.recv()
    caller.join()
    return found


def _caller(pipe: Connection, base_url: str, path: str, headers: Mapping[str, str], seconds: float) -> None:
    connection = http.client.HTTPConnection(base_url.removeprefix("http://"))

    def call() -> int:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        return answer.status

    pipe.send(rate(call, seconds))


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    slow = 0
    sandbox = build_sandbox(records=240)
    with serve(sandbox) as base_url:
        for name, (path, headers) in SMALL.items():
            found = {
                "in process": in_process(sandbox, path, headers, seconds),
                "over a socket": over_socket(base_url, path, headers, seconds),
            }
            for where, figure in found.items():
                slow += figure < WANTED[where]
                print(f"{name:12} {where:14} {figure:7.0f}/s, {figure / WANTED[where]:5.1f} times what is wanted")
    return min(slow, 1)


if __name__ == "__main__":
    sys.exit(main())
