"""The sandbox without a socket: an httpx transport for tests that want thousands of requests a second."""

from typing import assert_never

import httpx

from higherself_sync.sandbox.app import Dropped, Sandbox, Truncated
from higherself_sync.sandbox.wire import Response


class SandboxTransport(httpx.BaseTransport):
    """A dropped or truncated answer is the error that httpx raises for it over a real connection.

    A held request blocks its thread. For `delay`, hand the sandbox a sleeper that does not.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        base_url = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
        target = request.url.raw_path.decode("ascii")
        outcome = self._sandbox.handle(request.method, target, headers, request.read(), base_url)
        match outcome:
            case Response():
                return _received(outcome, request)
            case Truncated():
                message = f"peer closed connection without sending complete message body ({outcome.size} bytes came)"
                raise httpx.RemoteProtocolError(message, request=request)
            case Dropped():
                raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
            case _ as never:
                assert_never(never)


def _received(response: Response, request: httpx.Request) -> httpx.Response:
    body = b"" if request.method == "HEAD" else response.body
    return httpx.Response(response.status, headers=dict(response.headers), content=body, request=request)
