"""Runs the real `hsn` again and again in forked children, each of which may be told where to kill itself.

    python -m tests.matrix.launcher

Everything is imported once; then each line on stdin is a job `{"words": [...], "die": null | ["request", 3, "after"]}`,
and each line on stdout what became of it: `{"status": exit code or -9, "out", "err", "points": ["request", ...]}`.
`points` lists what a child that was left alone came by, in order: every request and every commit, where it might have
been killed. A child is killed by its own SIGKILL, so nothing of it runs any further, no `finally`, no `atexit`.

Two things are wrapped, from here and by subclass: the transport that really sends (httpx's), and SQLite's connection.
One is replaced: the threads that read both sides side by side take turns (turns.py), so that the n-th point is the same
in every run of the same scene.
"""

import contextlib
import gc
import json
import os
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import IO, Any, Literal, NamedTuple, TypeAlias

import httpx

from higherself_sync import reading
from higherself_sync.__main__ import main as hsn
from tests.matrix.turns import take_turns

# What is imported late by those who use it, and is here paid for once.
LATE = ("httpcore", "oauthlib.oauth1", *(f"higherself_sync.{each}" for each in ("cli", "cli.render", "parts")))
LATE += ("higherself_sync.notion.hub", "higherself_sync.services.woocommerce.service")
TLS = httpx.create_ssl_context()  # its certificates take longer to read than a quiet run, and all is plain http here

ESCAPED = 70  # no exit code of hsn's: something got past its one way out
Side: TypeAlias = Literal["before", "after"]


class Death(NamedTuple):
    """`kind` is "request" or "commit"; `nth` counts those of that kind from 1; before it is done or after."""

    kind: str
    nth: int
    side: Side


class Life:
    """What this process came by so far, and where it ends."""

    def __init__(self, death: Death | None) -> None:
        self.death, self.points = death, list[str]()
        self._counts: dict[str, int] = {}

    def come_to(self, kind: str, name: str) -> int:
        """A point is reached; its number among those of its kind."""
        self.points.append(f"{kind} {name}")
        self._counts[kind] = nth = self._counts.get(kind, 0) + 1
        self.maybe_end(kind, nth, "before")
        return nth

    def maybe_end(self, kind: str, nth: int, side: Side) -> None:
        if self.death == (kind, nth, side):
            os.kill(os.getpid(), signal.SIGKILL)


# ------------------------------------------------------------------------------------------------- what is wrapped


def mortal_transport(life: Life) -> type[httpx.HTTPTransport]:
    class MortalTransport(httpx.HTTPTransport):
        """Dies before it sends a request, or when the whole answer is there and nobody has seen it."""

        def __init__(self) -> None:
            super().__init__(verify=TLS)

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            nth = life.come_to("request", f"{request.method} {request.url.path}")
            response = super().handle_request(request)
            if life.death == ("request", nth, "after"):
                response.read()
                life.maybe_end("request", nth, "after")
            return response

    return MortalTransport


def mortal_connection(life: Life) -> type[sqlite3.Connection]:
    class MortalConnection(sqlite3.Connection):
        """Dies before or after what makes a change lasting: COMMIT, or a writing statement outside a transaction."""

        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            words = sql.split(None, 1)
            lasting = words[0] == "COMMIT" or (words[0] in WRITING and not self.in_transaction)
            return self._pass(" ".join(sql.split()[:3]) if lasting else None, partial(super().execute, sql, *args))

        def executescript(self, sql: str) -> sqlite3.Cursor:
            return self._pass("script", partial(super().executescript, sql))

        def _pass(self, name: str | None, do: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
            if name is None:
                return do()
            nth = life.come_to("commit", name)
            done = do()
            life.maybe_end("commit", nth, "after")
            return done

    return MortalConnection


WRITING = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "VACUUM"})


# ------------------------------------------------------------------------------------------------------- a child


def live(words: list[str], death: Death | None, points: IO[bytes]) -> None:
    """Be `hsn WORDS` in this process, to the end."""
    life = Life(death)
    real, connection = sqlite3.connect, mortal_connection(life)
    sqlite3.connect = partial(real, factory=connection)  # type: ignore[assignment]
    httpx.HTTPTransport = mortal_transport(life)  # type: ignore[misc]
    take_turns(reading)
    sys.argv = ["hsn", *words]
    code = ESCAPED
    try:
        hsn()
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:  # whatever happens, this child must not go on as its parent
        if code == ESCAPED:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        points.write(json.dumps(life.points).encode())
        points.flush()
        os._exit(code)


def launched(words: list[str], death: Death | None) -> dict[str, Any]:
    """A child that lives so, and what became of it."""
    with contextlib.ExitStack() as stack:
        out, err, points = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            live(words, death, points)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        for file in (out, err, points):
            file.seek(0)
        came_by = json.loads(points.read() or b"[]")
        return {"status": status, "out": out.read().decode(), "err": err.read().decode(), "points": came_by}


def main() -> None:
    os.environ.pop("HSN_CONFIG", None)
    for name in LATE:
        import_module(name)
    gc.freeze()  # what is there now is shared with every child
    for line in sys.stdin:
        job = json.loads(line)
        death = Death(*job["die"]) if job["die"] else None
        sys.stdout.write(json.dumps(launched(job["words"], death)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
