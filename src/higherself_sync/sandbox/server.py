"""The sandbox on a port of this machine."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from higherself_sync.sandbox.app import Sandbox
from higherself_sync.sandbox.asgi import application

HOST = "127.0.0.1"
KEEP_ALIVE = 75  # seconds; uvicorn's own five would close connections under a client that pauses


class Droppable(H11Protocol):
    """Hands each request its connection in `scope["state"]`, since ASGI has no word for dropping one."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "connection": transport}


@contextmanager
def serve(sandbox: Sandbox, port: int = 0) -> Iterator[str]:
    """Serve from a thread of its own while the block runs; yields the base URL. Port 0 takes a free one.

    Afterwards the sandbox is closed. Raises OSError where the port is taken.
    """
    listener = _listener(port)
    server = uvicorn.Server(_config(sandbox))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    try:
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        sandbox.release()
        server.should_exit = True
        thread.join()
        sandbox.close()


def _listener(port: int) -> socket.socket:
    """asyncio turns Nagle's algorithm off only for sockets that name TCP; with it every answer is 40 ms late."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # a port that was just left is free again; on Windows this would let two listen
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _config(sandbox: Sandbox) -> uvicorn.Config:
    """Nothing of uvicorn's own shows: dates come from the sandbox's clock, and a twin sees the headers as they came."""
    return uvicorn.Config(
        application(sandbox),
        http=Droppable,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=5,
    )


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that SIGINT or SIGTERM sets while the block runs, instead of ending the process. Main thread only."""
    stopped = threading.Event()
    former = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
