"""The sandbox as an ASGI app: a thin Starlette one, whose server must put the connection in `scope["state"]`."""

from collections.abc import Callable
from functools import partial
from typing import assert_never, cast

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from higherself_sync.sandbox.app import Dropped, Outcome, Sandbox, Truncated
from higherself_sync.sandbox.wire import Response


def application(sandbox: Sandbox) -> ASGIApp:
    return Starlette(routes=[Mount("/", app=cast("ASGIApp", Door(sandbox)))])


class Door:
    """The ASGI side. Where a request may have to wait it does so in a thread of its own, so that it blocks nobody.

    Otherwise the event loop itself handles it: the twins serve one request at a time anyway, and going through a
    thread doubles what a small one costs.
    """

    def __init__(self, sandbox: Sandbox, threads: int = 200) -> None:
        self._sandbox = sandbox
        self._threads = threads
        self._limiter: CapacityLimiter | None = None  # belongs to the event loop, which is not there yet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            return
        self._limiter = self._limiter or CapacityLimiter(self._threads)
        handling = self._handling(scope, body)
        if self._sandbox.may_wait:
            outcome = await to_thread.run_sync(handling, limiter=self._limiter)
        else:
            outcome = handling()
        await _deliver(outcome, scope, receive, send)

    def _handling(self, scope: Scope, body: bytes) -> Callable[[], Outcome]:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        target = scope["raw_path"].decode("latin-1")
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        base_url = f"{scope['scheme']}://{headers.get('host', '127.0.0.1')}"
        gone = scope["state"]["connection"].is_closing
        return partial(self._sandbox.handle, scope["method"], target, headers, body, base_url, gone)


async def _deliver(outcome: Outcome, scope: Scope, receive: Receive, send: Send) -> None:
    connection = scope["state"]["connection"]
    match outcome:
        case Response():
            await _send_head(outcome, send)
            await send({"type": "http.response.body", "body": outcome.body})
        case Truncated(response, size):
            await _send_head(response, send)
            await send({"type": "http.response.body", "body": response.body[:size], "more_body": True})
            connection.close()
            await receive()  # the server counts an answer as broken off, not forgotten, once the connection is gone
        case Dropped():
            connection.abort()
            await receive()
        case _ as never:
            assert_never(never)


async def _send_head(response: Response, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    if response.status not in (204, 304):
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
