"""Notion's endpoints, as far as they are used, through notion-client over the HTTP door; its refusals as our errors.

API: https://developers.notion.com/reference · notion-client runs with its own retries off: they repeat too little, cut
Retry-After at a minute and know no shared budget. It is never entered as a context manager, which would replace the
httpx client, and with it the door. It logs to a logger of its own, or it would add a handler with every client built.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from notion_client import Client
from notion_client.errors import HTTPResponseError

from higherself_sync.core.record import Gone
from higherself_sync.errors import Absent, HsnError, Refused, Unauthorised, Unreachable
from higherself_sync.http import Request, Response, Transport, open_door

Json: TypeAlias = dict[str, Any]

PAGE_SIZE = 100  # Notion's largest
LONGEST_REASON = 300
_silent = logging.getLogger("higherself_sync.notion.sdk")


class NotFound(Unreachable):
    """404: gone for good, or not shared with the integration. Notion does not tell which."""

    code = "not_found"


class Trashed(Absent):
    """A write met something in the trash."""

    def __init__(self, message: str) -> None:
        super().__init__(Gone.TRASHED, message, place="notion")


class Api:
    """One connection to Notion. Every method raises Unreachable, NotFound, Unauthorised, and where it writes Refused,
    Unanswered and Trashed.
    """

    def __init__(
        self,
        token: str,
        *,
        base_url: str = "https://api.notion.com",
        version: str = "2026-03-11",
        requests_per_minute: int = 180,
        timeout: float = 30.0,
        max_wait: float = 600.0,
        transport: Transport | None = None,
        sleeper: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._door = open_door(
            "notion",
            timeout=timeout,
            max_wait=max_wait,
            per_minute=requests_per_minute,
            reading=reading,
            repeatable=repeatable,
            rescue=committed,
            transport=transport,
            sleeper=sleeper,
            monotonic=monotonic,
        )
        self._client = Client(
            auth=token,
            client=self._door.client(base_url),
            base_url=base_url,
            notion_version=version,
            retry=False,
            timeout_ms=int(timeout * 1000),
            logger=_silent,
            log_level=logging.CRITICAL,
        )

    @property
    def sent(self) -> int:
        return self._door.sent

    def server_time(self) -> datetime:
        return self._door.server_time()

    def close(self) -> None:
        self._client.close()

    # ---- reading ----

    def me(self) -> Json:
        return self._read(self._client.users.me)

    def database(self, database_id: str) -> Json:
        return self._object(self._client.databases.retrieve, database_id)

    def data_source(self, source_id: str) -> Json:
        return self._object(self._client.data_sources.retrieve, source_id)

    def page(self, page_id: str) -> Json:
        return self._object(self._client.pages.retrieve, page_id)

    def query(self, source_id: str, body: Mapping[str, Any]) -> Iterator[Json]:
        """Each answer of one query, in order; past 10,000 results they say so in `request_status`."""
        return self._pages(lambda **cursor: self._client.data_sources.query(source_id, **{**body, **cursor}))

    def property_items(self, page_id: str, property_id: str) -> Iterator[Json]:
        """Every item of a property that a page shows only in part. `property_id` as Notion gave it: encoded."""
        endpoint = self._client.pages.properties
        for answer in self._pages(lambda **cursor: endpoint.retrieve(page_id, property_id, **cursor)):
            yield from answer["results"]

    def children(self, block_id: str) -> Iterator[Json]:
        for answer in self._pages(lambda **cursor: self._client.blocks.children.list(block_id, **cursor)):
            yield from answer["results"]

    # ---- writing ----

    def create_page(self, source_id: str, properties: Mapping[str, Any]) -> Json:
        parent = {"type": "data_source_id", "data_source_id": source_id}
        return self._write(self._client.pages.create, parent=parent, properties=properties)

    def update_page(self, page_id: str, properties: Mapping[str, Any]) -> Json:
        return self._write(self._client.pages.update, page_id, properties=properties)

    def trash_page(self, page_id: str, *, trash: bool = True) -> Json:
        """Into the trash, or out of it."""
        return self._write(self._client.pages.update, page_id, in_trash=trash)

    def trashed_pages(self) -> Iterator[Json]:
        """Each answer of a search for pages in the trash, those edited last first. It lags: a hint, and no proof."""
        body = {
            "filter": {"property": "object", "value": "page", "in_trash": True},
            "sort": {"timestamp": "last_edited_time", "direction": "descending"},
        }
        return self._pages(lambda **cursor: self._client.search(**{**body, **cursor}))

    def create_database(self, page_id: str, title: str, properties: Mapping[str, Any]) -> Json:
        return self._write(
            self._client.databases.create,
            parent={"type": "page_id", "page_id": page_id},
            title=[{"type": "text", "text": {"content": title}}],
            initial_data_source={"properties": properties},
        )

    def update_columns(self, source_id: str, properties: Mapping[str, Any]) -> Json:
        """Never repeated blindly: adding a two-way relation twice makes two columns in its target."""
        return self._write(self._client.data_sources.update, source_id, properties=properties)

    # ---- both ----

    def _pages(self, call: Callable[..., Any]) -> Iterator[Json]:
        cursor: dict[str, str] = {}
        while True:
            answer = self._read(call, page_size=PAGE_SIZE, **cursor)
            yield answer
            if not answer["has_more"]:
                return
            if answer["next_cursor"] == cursor.get("start_cursor"):
                raise Unreachable("notion: a listing that leads back to itself", place="notion", remedy="try again")
            cursor = {"start_cursor": answer["next_cursor"]}

    def _object(self, retrieve: Callable[[str], Any], object_id: str) -> Json:
        """NotFound also for what Notion takes for no id at all: it looks into the version digits of a UUID."""
        try:
            answer: Json = retrieve(object_id)
        except HTTPResponseError as error:
            if _code(error) == "validation_error":
                raise NotFound(f"notion: {_reason(error)}", place="notion") from None
            raise _reading_error(error) from None
        return answer

    def _read(self, call: Callable[..., Any], *args: Any, **options: Any) -> Json:
        try:
            answer: Json = call(*args, **options)
        except HTTPResponseError as error:
            raise _reading_error(error) from None  # the cause's text would repeat the whole answer in a traceback
        return answer

    def _write(self, call: Callable[..., Any], *args: Any, **options: Any) -> Json:
        try:
            answer: Json = call(*args, **options)
        except HTTPResponseError as error:
            raise _writing_error(error) from None
        return answer


# ---------------------------------------------------------------------------------------------------- what is repeated


def reading(request: Request) -> bool:
    """Queries are posted."""
    return request.method == "GET" or (request.method == "POST" and request.url.path.endswith(("/query", "/search")))


def repeatable(request: Request) -> bool:
    """Reads, and writes that leave the same behind however often they are made: not a create."""
    same = request.method == "DELETE" or (request.method == "PATCH" and "/pages/" in request.url.path)
    return same or reading(request)


def committed(request: Request, response: Response) -> Request | None:
    """A create that was saved though the answer could not be built: what it made is the answer."""
    made = re.search(r"/v1/(pages|databases)$", request.url.path)
    details = _body(response.text).get("additional_data")
    made_id = details.get("committed_resource_id") if isinstance(details, dict) else None
    if made is None or request.method != "POST" or not isinstance(made_id, str):
        return None
    headers = {name: value for name, value in request.headers.items() if not name.startswith("content-")}
    return Request("GET", request.url.copy_with(path=f"{request.url.path}/{made_id}"), headers=headers)


# ------------------------------------------------------------------------------------------------------------ refusals


def _reading_error(error: HTTPResponseError) -> HsnError:
    if error.status == 400:
        return Unreachable(f"notion: {_reason(error)}", place="notion", remedy="run `hsn health` to see what changed")
    return _common_error(error)


def _writing_error(error: HTTPResponseError) -> HsnError:
    """By code and status; the message, of which Notion promises nothing, only tells what is in the trash."""
    reason, code = _reason(error), _code(error)
    if error.status == 413 or code == "validation_error":
        archived = "is archived" in reason or "is in the trash" in reason
        return Trashed(reason) if archived else Refused(f"Notion: {reason}", status=error.status, place="notion")
    return _common_error(error)


def _common_error(error: HTTPResponseError) -> HsnError:
    reason, code = _reason(error), _code(error)
    match error.status:
        case 401:
            remedy = "check [notion] token: copy it anew from the integration's page, notion.so/profile/integrations"
            return Unauthorised(f"notion refuses the token: {reason}", place="[notion] token", remedy=remedy)
        case 403 if code == "restricted_resource":
            remedy = (
                "the token may read but not do this (a read-only token): on the integration's page, "
                'give it "Read content", "Update content" and "Insert content"'
            )
            return Unauthorised(f"notion forbids it: {reason}", place="[notion] token", remedy=remedy)
        case 404 if code == "object_not_found":
            remedy = "in Notion, open it and add the integration under ••• > Connections"
            return NotFound(f"notion: {reason}", place="notion", remedy=remedy)
        case _:
            remedy = "check [notion] base_url and version; if they are right, try again later"
            return Unreachable(f"notion: HTTP {error.status}: {reason}", place="notion", remedy=remedy)


def _body(raw: str) -> Mapping[str, Any]:
    """The error object, empty where the answer is none. notion-client knows some codes only as raw text."""
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _code(error: HTTPResponseError) -> str:
    return str(_body(error.body).get("code", ""))


def _reason(error: HTTPResponseError) -> str:
    message = str(_body(error.body).get("message") or "an answer that is not Notion's")
    return message if len(message) <= LONGEST_REASON else f"{message[:LONGEST_REASON]}…"
